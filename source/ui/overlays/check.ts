/** A read-only check: what its answer means in one sentence, then what was seen; its age, and why it was not asked when it was not. */

import {markOf, publishedPort, readingOf, type CheckFacts, type CheckState} from '../../core/checks.ts';
import type {Listener} from '../../core/inspection.ts';
import type {Rectangle} from '../../core/layout.ts';
import type {State} from '../../core/state.ts';
import {compareNames, makeSafe} from '../../core/text.ts';
import type {Overlay} from '../../core/view.ts';
import {checkSentence, checkWords, type CheckWords} from '../../messages/checks.ts';
import {failureSentence} from '../../messages/failures.ts';
import {cell, fitLine, space, span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {drawBox, heading, paragraph, rowWidth, type Drawn} from './box.ts';

const glyphs = {good: '●', warn: '▲', bad: '✖', unknown: '?'} as const;
const tones = {good: 'good', warn: 'warn', bad: 'bad', unknown: 'dim'} as const satisfies Readonly<Record<string, Tone>>;

/** Draws a check over the body. */
export const drawCheck = (state: State, overlay: Extract<Overlay, {kind: 'check'}>, body: Rectangle, pen: Pen): Drawn => {
	const say = checkWords(pen.language);
	const check = state.checks[overlay.id];
	const width = rowWidth(body);
	const title = say.titles[overlay.id].replace(/^[^:]*: /, '');
	const age = check?.answeredAtMs === null || check === undefined ? '' : say.lastAnswer(pen.format.ago(Math.max(0, state.nowMs - check.answeredAtMs)));
	return drawBox({
		title: [span(title, 'strong')],
		facts: [span(check?.state === 'running' ? say.running : age, 'dim')],
		scroll: overlay.scroll,
		head: headOf(state, overlay.id, check, width, pen, say),
		rows: check?.facts === null || check === undefined ? [] : factRows(check.facts, state, width, pen, say),
		foot: [[], [span(say.readsOnly, 'dim')]],
	}, body, pen);
};

const headOf = (state: State, id: Extract<Overlay, {kind: 'check'}>['id'], check: CheckState | undefined, width: number, pen: Pen, say: CheckWords): readonly Line[] => {
	const lines: Line[] = [];
	if (check?.block !== null && check?.block !== undefined) {
		lines.push(...paragraph(`▲ ${makeSafe(say.blocks[check.block.code](check.block.service, check.block.words))}`, width, 'warn'));
	}

	if (check?.failure !== null && check?.failure !== undefined) {
		const {title, remedy} = failureSentence(pen.language, check.failure);
		lines.push(...paragraph(`✖ ${title}`, width, 'bad'), ...(check.failure.detail === '' ? [] : paragraph(check.failure.detail, width, 'dim')), ...(remedy === '' ? [] : paragraph(remedy, width, 'dim')));
	}

	if (check?.facts !== null && check?.facts !== undefined) {
		const reading = readingOf(id, check.facts, state.situation, state.settings);
		// An answer from before is dim: it is not what holds now.
		lines.push(...paragraph(`${glyphs[reading.tone]} ${checkSentence(pen.language, reading.code, reading.params)}`, width, check.state === 'answered' ? tones[reading.tone] : 'dim'), []);
	} else if (lines.length === 0) {
		lines.push([span(check === undefined ? say.neverAsked : say.running, 'dim')]);
	}

	return lines;
};

const factRows = (facts: CheckFacts, state: State, width: number, pen: Pen, say: CheckWords): readonly Line[] => {
	const {format} = pen;
	switch (facts.kind) {
		case 'listeners': {
			const [port, where, process, since] = say.columnsPort;
			const row = (cells: readonly string[], tone: Tone): Line => fitLine([cell(cells[0]!, 6, tone, 'end'), space(2), cell(cells[1]!, Math.min(28, Math.floor(width / 3)), tone), space(2), cell(cells[2]!, Math.max(10, Math.min(34, width - 50)), tone), space(2), span(cells[3]!, 'dim')], width);
			// The port that the alert is about comes first.
			const wanted = publishedPort(state.situation, state.settings);
			const rank = (listener: Listener): number => listener.service === null && listener.port === wanted ? 0 : (listener.service === state.settings.alert.service ? 1 : (listener.service === null ? 3 : 2));
			return [row([port, where, process, since], 'dim'), ...facts.listeners.toSorted((a, b) => rank(a) - rank(b) || a.port - b.port).map(listener => row([
				String(listener.port),
				`${listener.service ?? say.host} ${listener.address}`,
				listener.owner === null ? say.hiddenOwner : `${listener.owner.name} (${listener.owner.pid})`,
				listener.owner?.sinceMs === null || listener.owner === null ? '' : format.moment(listener.owner.sinceMs, state.nowMs),
			], rank(listener) === 0 ? 'strong' : 'plain'))];
		}

		case 'processes': {
			const [pid, process, age, cpu, memory] = say.columnsProcess;
			const row = (cells: readonly string[], tone: Tone): Line => fitLine([cell(cells[0]!, 8, tone, 'end'), space(2), cell(cells[1]!, Math.max(12, Math.min(36, width - 46)), tone), space(2), cell(cells[2]!, 8, tone, 'end'), space(2), cell(cells[3]!, 6, tone, 'end'), space(2), cell(cells[4]!, 10, tone, 'end')], width);
			const serviceOf = (id: string | null): string => (state.situation.containers.value ?? []).find(container => container.id === id)?.service ?? '';
			return [row([pid, process, age, cpu, memory], 'dim'), ...facts.processes.toSorted((a, b) => compareNames(serviceOf(a.containerId), serviceOf(b.containerId)) || a.pid - b.pid).map(one => {
				const isWorker = facts.processes.some(other => other.pid === one.parentPid);
				return row([String(one.pid), `${serviceOf(one.containerId)} ${isWorker ? '└ ' : ''}${one.name}`, format.span(state.nowMs - one.startedAtMs), format.percent(one.cpuCores), format.bytes(one.memoryBytes)], 'plain');
			})];
		}

		case 'system-log': {
			return systemLogRows(facts, state, width, pen, say);
		}

		case 'environment': {
			return environmentRows(facts, width, say);
		}

		case 'network': {
			return [heading(`${say.attached} · ${facts.name}`), ...facts.members.map(member => fitLine([cell(member.name, Math.min(40, Math.floor(width / 2))), space(2), cell(member.address, 16), space(2), span(member.aliases.join(' '), 'dim')], width))];
		}

		case 'output': {
			return [[span(say.exit(facts.exitCode ?? '–', format.seconds(facts.durationMs)), 'dim')], ...(facts.lines.every(line => line.trim() === '') ? [[span(say.notKept, 'dim')] as Line] : facts.lines.flatMap(line => paragraph(line, width)))];
		}
	}
};

const systemLogRows = (facts: Extract<CheckFacts, {kind: 'system-log'}>, state: State, width: number, pen: Pen, say: CheckWords): readonly Line[] => {
	const row = (time: string, text: string): readonly Line[] => {
		const mark = markOf(text);
		return paragraph(`${time}${time === '' ? '' : ' '}${mark === null ? '' : `[${say.marks[mark]}] `}${text}`, width, mark === null ? 'plain' : 'bad');
	};

	const unit = facts.unitTrouble === null ? (facts.unit.length === 0 ? [[span(say.nothing, 'dim')] as Line] : facts.unit.toReversed().flatMap(line => row('', line))) : paragraph(say.unitTroubles[facts.unitTrouble], width, 'dim');
	const kernel = facts.kernelFailure === null ? (facts.kernel.length === 0 ? [[span(say.nothing, 'dim')] as Line] : facts.kernel.toReversed().flatMap(line => row(pen.format.moment(line.atMs, state.nowMs), line.text))) : paragraph(say.kernelDenied, width, 'dim');
	// The newest first: that is what the page's `| tail` wants to see.
	return [heading(say.kernel), ...kernel, [], heading(say.unit), ...unit];
};

const environmentRows = (facts: Extract<CheckFacts, {kind: 'environment'}>, width: number, say: CheckWords): readonly Line[] => {
	const nameWidth = Math.min(40, Math.max(12, ...facts.file.map(({name}) => name.length)));
	return [
		...facts.elsewhere.flatMap(({service, names}) => paragraph(`▲ ${say.elsewhere(service, names.join(', '))}`, width, 'warn')),
		heading(say.inFile),
		...facts.file.map(({name, length, value}) => fitLine([cell(makeSafe(name), nameWidth), space(2), value === null || length === 0 ? span(length === 0 ? say.emptyValue : say.characters(length), length === 0 ? 'warn' : 'dim') : span(makeSafe(value), 'plain')], width)),
	];
};
