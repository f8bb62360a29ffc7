/** What stands behind a row: a container, a ping. All that is known of it, each fact labelled. */

import type {ContainerFacts} from '../../core/ports.ts';
import type {Rectangle} from '../../core/layout.ts';
import type {PingSituation} from '../../core/situation.ts';
import type {State} from '../../core/state.ts';
import {span, type Line} from '../lines.ts';
import {pingline} from '../meters.ts';
import {stateWords} from '../panes/container-words.ts';
import {isMissed} from '../panes/containers.ts';
import {pingWords} from '../panes/ping-words.ts';
import type {Pen} from '../pen.ts';
import {drawBox, labelled, labelledLine, rowWidth, type Drawn} from './box.ts';

/** Draws a container's facts. */
export const drawContainer = (state: State, id: string, scroll: number, body: Rectangle, pen: Pen): Drawn => {
	const {say} = pen;
	const width = rowWidth(body);
	const container = state.situation.containers.value?.find(other => other.id === id);
	if (container === undefined) {
		return drawBox({title: [span(say.containers, 'strong')], rows: [[span(say.gone, 'dim')]], scroll: 0}, body, pen);
	}

	const {glyph, tone, words} = stateWords(container, state.nowMs, pen, isMissed(container, state));
	return drawBox({
		title: [span(container.name === '' ? container.service : container.name, 'strong')],
		facts: [span(container.id.slice(0, 12), 'dim')],
		scroll,
		rows: [
			labelledLine(say.state, [span(`${glyph} `, tone), span(words.join(' · '), tone === 'good' ? 'plain' : tone)]),
			...containerRows(container, state, width, pen),
		],
	}, body, pen);
};

const containerRows = (container: ContainerFacts, state: State, width: number, pen: Pen): readonly Line[] => {
	const {say, format} = pen;
	const at = (atMs: number | null): string => atMs === null ? '' : format.moment(atMs, state.nowMs);
	const use = state.situation.use[container.id];
	const limit = container.memoryLimitBytes;
	const row = (label: string, value: string): readonly Line[] => value === '' ? [] : labelled(label, value, width);
	const ports = container.ports.map(port => port.hostPort === null ? `${port.containerPort}/${port.protocol}` : `${port.hostAddress === null || port.hostAddress === '' ? '' : `${port.hostAddress}:`}${port.hostPort}→${port.containerPort}/${port.protocol}`);
	const deaths = state.situation.deaths.filter(death => death.service === container.service).slice(-5).map(death => `${format.clock(death.atMs)}${death.exitCode === null ? '' : ` (${death.exitCode})`}`);
	return [
		...(container.error === '' ? [] : labelled(say.error, state.secrets.redact(container.error), width, 'bad')),
		...row(say.startedAt, at(container.startedAtMs)),
		...row(say.finishedAt, container.state === 'running' ? '' : at(container.finishedAtMs)),
		...row(say.restarts, container.restarts === 0 && deaths.length === 0 ? '' : `${container.restarts}${deaths.length === 0 ? '' : `  (${deaths.join(', ')})`}`),
		...row(say.image, container.image),
		...row(say.ports, ports.length === 0 ? say.portsNone : ports.join('  ')),
		...row(say.network, container.networks.map(network => `${network.name}${network.address === '' ? '' : ` ${network.address}`}`).join('  ')),
		...row(say.limits, [limit === null ? say.noLimit : format.bytes(limit), ...(container.cpuLimitCores === null ? [] : [say.cores(format.decimal(container.cpuLimitCores, 1))])].join(' · ')),
		...row(say.memory, use === undefined ? '' : (limit === null ? format.bytes(use.reading.memoryBytes) : format.bytesPair(use.reading.memoryBytes, limit))),
		...row(say.cpu, use?.cpuCores == null ? '' : `${Math.round(use.cpuCores * 100)}%`),
		...row(say.processes, use?.reading.processes == null ? '' : String(use.reading.processes)),
		...row(say.directory, container.directory ?? ''),
		...row(say.compose, container.composeVersion ?? ''),
		...(container.healthCommand === '' ? [] : labelled(say.healthCheck, state.secrets.redact(container.healthCommand), width)),
		...(container.healthOutput === '' ? [] : labelled(say.lastOutput, state.secrets.redact(container.healthOutput), width, container.health === 'unhealthy' ? 'bad' : 'dim')),
	];
};

/** Draws a ping's target, last answer and history. */
export const drawPing = (state: State, name: string, scroll: number, body: Rectangle, pen: Pen): Drawn => {
	const {say} = pen;
	const width = rowWidth(body, 96);
	const ping = state.situation.pings.find(other => other.target.name === name);
	return drawBox({
		title: [span(name, 'strong')],
		scroll,
		rows: ping === undefined ? [[span(say.noPings, 'dim')]] : pingRows(ping, state, width, pen),
	}, body, pen, 96);
};

/** A configured span: whole seconds as such, less in milliseconds. */
const spanOf = (spanMs: number, pen: Pen): string => spanMs % 1000 === 0 ? pen.format.span(spanMs) : pen.format.latency(spanMs);

const pingRows = (ping: PingSituation, state: State, width: number, pen: Pen): readonly Line[] => {
	const {say, format} = pen;
	const {target, last} = ping;
	const {glyph, tone, words, since} = pingWords(ping, state.nowMs, pen);
	const good = ping.history.filter(point => point.ok).map(point => point.latencyMs).toSorted((a, b) => a - b);
	const failures = ping.history.length - good.length;
	const database = target.kind === 'postgres' ? state.situation.database.value : null;
	return [
		labelledLine(say.state, [span(`${glyph} `, tone), span([words, since].filter(text => text !== '').join(' '), tone === 'good' ? 'plain' : tone), ...(last === null ? [] : [span(`  ${format.latency(last.latencyMs)}`, 'dim')])]),
		...(last === null || last.detail === '' ? [] : labelled(say.pingDetail, state.secrets.redact(last.detail), width)),
		...labelled(say.pingTarget, `${target.kind} ${target.address}`, width),
		...labelled(say.pingKind, `${say.pingEvery(spanOf(target.intervalMs, pen), spanOf(target.deadlineMs, pen))} · ${target.decisive ? say.pingDecisive : say.pingWarns}`, width),
		...labelled(say.pingLastGood.split(' ')[0]!, `${say.pingLastGood}: ${ping.lastGoodAtMs === null ? say.pingNever : format.moment(ping.lastGoodAtMs, state.nowMs)}`, width),
		...(database === null ? [] : labelled(say.database, `${database.accepts ? say.databaseAccepts : say.databaseRefuses}${database.detail === '' ? '' : ` (${database.detail})`}`, width, database.accepts ? 'plain' : 'bad')),
		[],
		[...pingline(ping.history, Math.min(width, 100))],
		...(good.length === 0 ? [] : [[span(say.pingFastest(format.latency(good[0]!), format.latency(good[Math.floor(good.length / 2)]!), format.latency(good.at(-1)!)), 'dim')] as Line]),
		...(failures === 0 ? [] : [[span(say.failures(String(failures), String(ping.history.length)), 'bad')] as Line]),
	];
};
