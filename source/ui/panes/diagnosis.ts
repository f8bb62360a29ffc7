/**
The diagnosis pane: the likeliest finding as a sentence with its scenario, evidence with ages and the keys that act; the others below in a line
each. Nothing found says what was looked at; what is not known is said.
*/

import type {Finding} from '../../core/diagnosis.ts';
import {healthOf, servicesOf} from '../../core/situation.ts';
import type {State} from '../../core/state.ts';
import {widthOf, wrap} from '../../core/text.ts';
import {changeSentence} from '../../messages/changes.ts';
import {confirmSentence, evidenceSentence} from '../../messages/evidence.ts';
import {findingSentence} from '../../messages/finding-words.ts';
import {failureSentence} from '../../messages/failures.ts';
import {clipLine, edges, framed, insideOf, lineWidth, space, span, type Line, type Span} from '../lines.ts';
import type {PaneSize, Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {actionHint, joinHints, keyFor, paletteHint} from './key-hints.ts';

type Row = {readonly line: Line; readonly mark?: Span};

/** Draws the pane: exactly the size asked for. */
export const drawDiagnosis = (state: State, size: PaneSize, pen: Pen): readonly Line[] => {
	const inside = insideOf(size);
	const focused = state.view.focus === 'diagnosis';
	const rows = state.findings.length === 0 ? quietRows(state, inside, pen) : findingRows(state, inside, focused, pen);
	return framed({
		...size,
		focused,
		title: [span(pen.say.diagnosis, focused ? 'strong' : 'plain')],
		note: state.findings.length > 1 ? [span(pen.say.of(String(Math.min(state.view.findingCursor, state.findings.length - 1) + 1), String(state.findings.length)), 'dim')] : [],
		rows: rows.slice(0, inside.height),
	});
};

const toneOfFinding = (finding: Finding): Tone => finding.weight === 'outage' ? 'badStrong' : 'warnStrong';

/** The name of a finding's page: a scenario of the runbook, the rollback, or what lies outside both; empty where there is none. */
export const pageName = (finding: Finding, pen: Pen): {readonly short: string; readonly long: string; readonly digit: string} => {
	const say = pen.sayDiagnosis;
	const {scenario, outside} = finding;
	if (scenario !== null) {
		const name = {1: say.scenario1, 2: say.scenario2, 3: say.scenario3, 4: say.scenario4}[scenario] ?? '';
		return {short: say.scenario(scenario), long: name === '' ? say.scenario(scenario) : `${say.scenario(scenario)} · ${name}`, digit: say.opens(scenario)};
	}

	const short = outside === null || outside === 'none' ? '' : say[outside];
	return {short, long: short, digit: outside === 'rollback' ? say.opens(0) : ''};
};

/** The scenario at the row's end, as much of it as the sentence leaves room for. */
const scenarioTag = (finding: Finding, room: number, pen: Pen): Line => {
	const {short, long, digit} = pageName(finding, pen);
	const key: Line = digit === '' ? [] : [span(digit, 'key')];
	const variants: readonly Line[] = [[span(`${long} `, 'dim'), ...key], [span(`${short} `, 'dim'), ...key], key];
	return short === '' ? [] : variants.find(line => lineWidth(line) <= room) ?? [];
};

const toneOfWeight = (finding: Finding): Tone => finding.expectedBy !== null ? 'dim' : (finding.weight === 'outage' ? 'bad' : 'warn');

/** The sentence of a finding with its scenario at the end: a whole row. */
export const headingOf = (finding: Finding, width: number, pen: Pen): Line => {
	const sentence: Line = [span(`${finding.weight === 'outage' ? '✖' : '▲'} `, toneOfWeight(finding)), span(findingSentence(pen.language, finding, pen.format), finding.expectedBy === null ? toneOfFinding(finding) : 'plain')];
	// The digit to press stays in sight; a long sentence gives way to it.
	const tag = scenarioTag(finding, Math.max(3, width - lineWidth(sentence) - 2), pen);
	return edges(clipLine(sentence, width - lineWidth(tag) - (tag.length === 0 ? 0 : 1)), tag, width);
};

/** A finding's evidence, each with its age at the row's end. */
export const evidenceRows = (finding: Finding, state: State, width: number, pen: Pen): readonly Line[] => finding.evidence.map(item => {
	const said: Line = [span('  '), span(evidenceSentence(pen.language, item, pen.format))];
	const time = item.atMs === null ? '' : pen.format.moment(item.atMs, state.nowMs);
	const full = time === '' ? '' : pen.say.since(time);
	return edges(said, full === '' ? [] : [span(lineWidth(said) + widthOf(full) + 1 <= width ? full : time, 'dim')], width);
});

/** The keys that act on a finding; without one the step that helps, or that there is none. */
export const actionRow = (finding: Finding, state: State, width: number, pen: Pen): Line => {
	const keyed = joinHints(finding.actions.map(id => actionHint(state, id, pen)), width - 4, 3);
	// A database that stopped has no key of its own, and is started by name.
	const hints = keyed.length > 0 ? keyed : joinHints(finding.actions.map(id => paletteHint(state, id, pen)), width - 4, 3);
	if (hints.length > 0) {
		return [span('  → ', 'accent'), ...hints];
	}

	// What is certain and no key cures has a next step all the same.
	const [step] = finding.confirm;
	return step === undefined || finding.confidence !== 'certain' ? [span('  '), span(pen.sayDiagnosis.noAction, 'dim')] : clipLine([span('  → ', 'accent'), span(confirmSentence[pen.language][step])], width);
};

const findingRows = (state: State, inside: PaneSize, focused: boolean, pen: Pen): readonly Row[] => {
	const {findings, view} = state;
	const cursor = focused ? Math.min(view.findingCursor, findings.length - 1) : 0;
	const chosen = findings[cursor]!;
	const others = findings.map((finding, index) => ({finding, index})).filter(({index}) => index !== cursor);
	const {width, height} = inside;
	const remedy = chosen.code === 'engine-down' ? remedyRows(state, width, pen) : [];
	const evidence = remedy.length > 0 ? remedy : [...evidenceRows(chosen, state, width, pen), ...nextCheckRows(chosen, width, pen)];
	const changed = changedRow(state, width, pen);
	// The keys stand right after the evidence; evidence gives way to them, and the others to the evidence.
	const actionCount = remedy.length > 0 ? 0 : 1;
	const hasChanged = changed !== null && height >= 5;
	const shownEvidence = evidence.slice(0, Math.max(1, height - 1 - actionCount - (hasChanged ? 1 : 0) - (height >= 7 ? Math.min(1, others.length) : 0)));
	const rest = Math.max(0, height - 1 - shownEvidence.length - actionCount - (hasChanged ? 1 : 0));
	const mark = focused ? span('›', 'accentStrong') : space(1);
	return [
		{line: headingOf(chosen, width, pen), mark},
		...shownEvidence.map((line): Row => ({line})),
		...(actionCount === 0 ? [] : [{line: actionRow(chosen, state, width, pen)}]),
		...others.slice(0, rest).map(({finding}): Row => ({line: otherRow(finding, width, pen)})),
		...(hasChanged ? [{line: changed}] : []),
	];
};

/** Another finding in a line: what follows from the first says so, and is no alarm of its own. */
const otherRow = (finding: Finding, width: number, pen: Pen): Line => {
	const say = pen.sayDiagnosis;
	const lead = finding.expectedBy !== null ? say.expected : (finding.causedBy === null ? say.also : say.follows);
	return edges([span(`  ${lead}: `, 'dim'), span(findingSentence(pen.language, finding, pen.format), finding.causedBy === null ? toneOfWeight(finding) : 'dim')], finding.causedBy === null ? scenarioTag(finding, 3, pen) : [], width);
};

/** What is not certain names the next check. */
const nextCheckRows = (finding: Finding, width: number, pen: Pen): readonly Line[] => {
	const [first] = finding.confirm;
	return first === undefined || finding.confidence === 'certain' ? [] : [clipLine([span(`  ${pen.sayDiagnosis.nextCheck}: `, 'dim'), span(confirmSentence[pen.language][first])], width)];
};

const changesShownForMs = 6 * 3_600_000;

/** The last thing that changed, as the pane's last row; null when nothing did lately. */
const changedRow = (state: State, width: number, pen: Pen): Line | null => {
	const change = state.changes.find(other => other.kind !== 'action');
	if (change === undefined || state.nowMs - change.atMs > changesShownForMs) {
		return null;
	}

	const key = keyFor(state, 'changes', pen);
	return edges(
		[span(`  ${pen.sayDiagnosis.whatChanged}: `, 'dim'), span(changeSentence(pen.language, change))],
		[span(`${pen.format.time(change.atMs)} (${pen.format.ago(state.nowMs - change.atMs)}) `, 'dim'), ...(key === '' ? [] : [span(key, 'key')])], width,
	);
};

/** What to do about the engine stands here in full; the banner has room for its title only. */
const remedyRows = (state: State, width: number, pen: Pen): readonly Line[] => {
	const {failure} = state.situation.engine;
	return failure === null ? [] : wrap(failureSentence(pen.language, failure).remedy, width - 4).map((text, index): Line => [span(index === 0 ? '  → ' : '    ', 'accent'), span(text)]);
};

const quietRows = (state: State, inside: PaneSize, pen: Pen): readonly Row[] => {
	const say = pen.sayDiagnosis;
	const health = healthOf(state.situation);
	// While an incident is open, that nothing is wrong would be a verdict on it.
	const isOpen = state.incident?.state === 'open';
	const heading: Line = health === 'healthy'
		? [span('● ', 'good'), span(isOpen ? say.allAnswer : say.nothing, 'strong')]
		: (health === 'unhealthy' ? [span('▲ ', 'warn'), span(say.stillFailing, 'warnStrong')] : [span('◐ ', 'dim'), span(say.looking, 'dim')]);
	const checked = checkedWords(state, pen);
	const unknown = unknownWords(state, pen);
	const lines: readonly Line[] = [
		heading,
		...state.situation.composeRuns.runs.slice(0, 1).map((run): Line => clipLine([space(2), span(say.deployUnderWay(run.words), 'warn')], inside.width)),
		...(checked.length === 0 ? [] : listed(say.checked, checked, inside.width)),
		...(unknown.length === 0 ? [] : listed(say.unknown, unknown, inside.width)),
		...(health === 'healthy' && !isOpen && inside.height >= 6 ? [[] as Line, ...wrap(say.stillAlerting, inside.width).map((text): Line => [span(text, 'dim')])] : []),
	];
	return lines.map(line => ({line}));
};

/** A heading and items, broken between items where the row ends. */
const listed = (heading: string, items: readonly string[], width: number): readonly Line[] => {
	const rows: string[] = [heading];
	for (const [index, item] of items.entries()) {
		const last = rows.at(-1)!;
		const joined = `${last}${index === 0 ? ' ' : ' · '}${item}`;
		if (widthOf(joined) <= width - 2) {
			rows[rows.length - 1] = joined;
		} else {
			rows.push(item);
		}
	}

	return rows.map((text): Line => [space(2), span(text, 'dim')]);
};

const checkedWords = (state: State, pen: Pen): readonly string[] => {
	const say = pen.sayDiagnosis;
	const {situation} = state;
	const answered = situation.pings.filter(ping => ping.last !== null);
	const services = situation.containers.value === null ? [] : servicesOf(situation);
	const disks = situation.host.disks.value?.disks ?? [];
	const fullest = Math.max(0, ...disks.map(disk => disk.usedBytes / Math.max(1, disk.usedBytes + disk.availableBytes)));
	const memory = situation.host.reading.value;
	return [
		...(answered.length === 0 ? [] : [say.pingsGood(String(answered.filter(ping => ping.last?.ok === true).length), String(situation.pings.length))]),
		...(services.length === 0 ? [] : [say.containersGood(String(services.filter(service => service.containers.some(container => container.state === 'running')).length), String(services.length))]),
		...(disks.length === 0 ? [] : [say.disksGood(pen.format.percent(fullest))]),
		...(memory === null ? [] : [say.memoryGood(pen.format.percent(1 - (memory.memoryAvailableBytes / Math.max(1, memory.memoryTotalBytes))))]),
	];
};

const unknownWords = (state: State, pen: Pen): readonly string[] => {
	const say = pen.sayDiagnosis;
	const {situation} = state;
	const {host} = situation;
	return [
		...(situation.containers.value === null ? [say.unknownContainers] : []),
		...(situation.pings.some(ping => ping.last === null) ? [say.unknownPings] : []),
		...(host.reading.value === null ? [say.unknownHost] : []),
		...(host.disks.value === null ? [say.unknownDisks] : []),
		...(situation.project.composeFile.value === null && situation.project.composeFile.failure !== null ? [say.unknownCompose] : []),
		...(host.kernelKills.value === null && host.kernelKills.failure !== null ? [say.unknownKills] : []),
	];
};
