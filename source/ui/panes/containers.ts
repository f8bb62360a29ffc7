/**
The containers pane: one row for each container and for each service that has none. Columns appear with the width: state and CPU first, then
memory, its limit, image, ports, network.
*/

import type {ContainerFacts} from '../../core/ports.ts';
import {containerRows, type ContainerRow} from '../../core/screen.ts';
import {serviceSettings} from '../../core/settings.ts';
import {isAsExpected, servicesOf, staleForMs, type ContainerUse} from '../../core/situation.ts';
import type {State} from '../../core/state.ts';
import {widthOf} from '../../core/text.ts';
import {windowStart} from '../../core/view.ts';
import {cell, edges, fittingWords, framed, insideOf, lineWidth, space, span, type Line} from '../lines.ts';
import type {PaneSize, Pen} from '../pen.ts';
import {stateWords} from './container-words.ts';
import {mean, toneOf} from '../meters.ts';

const listIntervalMs = 15_000;
/** CPU is shown as the mean of the last readings, in whole per cent: a healthy stack's figures stand still. */
const cpuReadings = 5;

type Columns = {readonly name: number; readonly cpu: number; readonly memory: number; readonly limit: boolean; readonly image: number; readonly ports: number; readonly network: number};

const columnsFor = (width: number, names: readonly string[]): Columns => {
	const name = Math.max(4, Math.min(width < 50 ? 10 : 18, ...[Math.max(...names.map(text => widthOf(text)), 4)]));
	return {
		name,
		cpu: width >= 36 ? 5 : 0,
		memory: width >= 52 ? 14 : (width >= 36 ? 8 : 0),
		limit: width >= 52,
		image: width >= 96 ? 24 : 0,
		ports: width >= 112 ? 14 : 0,
		network: width >= 150 ? 20 : 0,
	};
};

/** Draws the pane: exactly the size asked for. */
export const drawContainers = (state: State, size: PaneSize, pen: Pen): readonly Line[] => {
	const {say, format} = pen;
	const {situation, view} = state;
	const rows = containerRows(state);
	const inside = insideOf(size);
	const focused = view.focus === 'containers';
	const start = windowStart(view.containerCursor, rows.length, inside.height);
	const byId = new Map((situation.containers.value ?? []).map(container => [container.id, container]));
	const columns = columnsFor(inside.width, rows.map(row => nameOf(row, byId.get(row.containerId ?? ''), pen)));
	const staleMs = situation.containers.value === null ? null : staleForMs(situation.containers.atMs, listIntervalMs, state.nowMs);
	const project = situation.project.facts?.name;
	return framed({
		...size,
		focused,
		title: [span(say.containers, focused ? 'strong' : 'plain'), ...(project === undefined || inside.width < (staleMs === null ? 34 : 44) ? [] : [span(` · ${project}`, 'dim')])],
		facts: staleMs === null ? [] : [span(say.old(format.span(staleMs, 10)), 'warn')],
		note: rows.length > inside.height ? [span(say.of(String(view.containerCursor + 1), String(rows.length)), 'dim')] : [],
		rows: rows.length === 0
			? [{line: [span(situation.project.state === 'ambiguous' ? say.containersUndecided : (situation.containers.value === null ? say.containersUnknown : say.noContainers), 'dim')]}]
			: rows.slice(start, start + inside.height).map((row, index) => ({
				line: drawRow(row, byId.get(row.containerId ?? ''), state, columns, inside.width, focused && start + index === view.containerCursor, pen),
				mark: focused && start + index === view.containerCursor ? span('›', 'accentStrong') : space(1),
			})),
	});
};

const nameOf = (row: ContainerRow, container: ContainerFacts | undefined, pen: Pen): string =>
	container === undefined ? row.service : (container.oneOff ? `${row.service} (${pen.say.oneOff})` : (row.indexed ? `${row.service}.${container.number}` : row.service));

const drawRow = (row: ContainerRow, container: ContainerFacts | undefined, state: State, columns: Columns, width: number, selected: boolean, pen: Pen): Line => {
	const name = nameOf(row, container, pen);
	const nameTone = selected ? 'strong' : 'plain';
	const rests = restsAsExpected(row.service, state);
	if (container === undefined) {
		return [span(rests ? '○ ' : '✖ ', rests ? 'dim' : 'bad'), cell(name, columns.name, nameTone), space(2), span(pen.say.missing, rests ? 'dim' : 'bad')];
	}

	const said = stateWords(container, state.nowMs, pen, isMissed(container, state));
	const {words, running} = said;
	const {glyph, tone} = rests && !running && !container.oneOff ? {glyph: serviceSettings(state.settings, row.service).expected === 'once' ? '✔' : '○', tone: 'dim' as const} : said;
	// What does not run uses nothing: its words take the whole row, and the pane's right edge stays quiet.
	const end = running ? figures(container, state.situation.use[container.id], state, columns, pen) : [];
	const room = width - columns.name - 4 - (end.length === 0 ? 0 : lineWidth(end) + 1);
	return edges([span(`${glyph} `, tone), cell(name, columns.name, nameTone), space(2), ...fittingWords(words, room, tone === 'good' ? 'plain' : tone)], end, width);
};

const restsAsExpected = (name: string, state: State): boolean =>
	Object.hasOwn(state.settings.services, name) && servicesOf(state.situation).some(service => service.name === name && isAsExpected(service, state.settings));

/** An image without its registry: name and tag tell images of one project apart. */
const imageName = (image: string): string => image.split('/').at(-1) ?? image;

/** A clean exit is no harm for a job, and the outage for a service that should answer. */
export const isMissed = (container: ContainerFacts, state: State): boolean =>
	!container.oneOff && state.situation.pings.some(ping => ping.target.service === container.service && ping.last?.ok === false);

const figures = (container: ContainerFacts, use: ContainerUse | undefined, state: State, columns: Columns, pen: Pen): Line => {
	const {format} = pen;
	const history = use?.cpuHistory.slice(-cpuReadings) ?? [];
	const cores = history.length === 0 ? null : mean(history);
	const limit = container.memoryLimitBytes ?? use?.reading.memoryLimitBytes ?? null;
	const used = use?.reading.memoryBytes ?? null;
	const share = used === null || limit === null || limit === 0 ? 0 : used / limit;
	const memory = used === null ? '' : (columns.limit && limit !== null ? format.bytesPair(used, limit) : format.bytes(used));
	const cpuShare = cores === null || container.cpuLimitCores === null ? 0 : cores / container.cpuLimitCores;
	const ports = container.ports.filter(port => port.hostPort !== null).map(port => `${port.hostPort ?? ''}→${port.containerPort}`);
	const rate = (bytes: number | null): string => bytes === null ? '' : `${format.bytes(bytes)}/s`;
	return [
		...(columns.image === 0 ? [] : [cell(imageName(container.image), columns.image, 'dim'), space(2)]),
		...(columns.ports === 0 ? [] : [cell([...new Set(ports)].join(' '), columns.ports, 'dim'), space(2)]),
		...(columns.network === 0 ? [] : [cell(use === undefined ? '' : `↓${rate(use.receivedPerSecond)} ↑${rate(use.sentPerSecond)}`, columns.network, 'dim', 'end'), space(1)]),
		...(columns.cpu === 0 ? [] : [cell(cores === null ? '' : `${Math.round(cores * 100)}%`, columns.cpu, toneOf(cpuShare, state.settings.thresholds.cpu), 'end')]),
		...(columns.memory === 0 ? [] : [space(1), cell(memory, columns.memory, toneOf(share, state.settings.thresholds.memory), 'end')]),
	];
};
