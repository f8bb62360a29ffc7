/**
A finding whole: the evidence with its ages, what speaks against the other scenarios, what would confirm it, the actions. The selected piece of
evidence is marked; Enter opens where it was seen.
*/

import type {Evidence, Finding} from '../../core/diagnosis.ts';
import type {Rectangle} from '../../core/layout.ts';
import type {State} from '../../core/state.ts';
import {wrap} from '../../core/text.ts';
import type {Overlay} from '../../core/view.ts';
import {windowStart} from '../../core/view.ts';
import {confirmSentence, evidenceSentence} from '../../messages/evidence.ts';
import {findingSentence} from '../../messages/finding-words.ts';
import {cell, edges, space, span, type Line, type Span} from '../lines.ts';
import {headingOf} from '../panes/diagnosis.ts';
import {actionHint, paletteHint} from '../panes/key-hints.ts';
import type {Pen} from '../pen.ts';
import {drawBox, heading, paragraph, rowWidth, type Drawn} from './box.ts';

type Row = Line | {readonly line: Line; readonly mark: Span};

const widest = 104;

/** Draws a finding with all that is known of it. */
export const drawFinding = (state: State, overlay: Extract<Overlay, {kind: 'finding'}>, body: Rectangle, pen: Pen): Drawn => {
	const width = rowWidth(body, widest);
	const say = pen.sayDiagnosis;
	const finding = state.findings[Math.min(overlay.index, state.findings.length - 1)];
	if (finding === undefined) {
		return drawBox({title: [span(pen.say.diagnosis, 'strong')], rows: [[span(say.nothing, 'dim')]], scroll: 0}, body, pen, widest);
	}

	const cursor = Math.min(overlay.cursor, finding.evidence.length + finding.against.length - 1);
	const rows: Row[] = [];
	let markedRow = 0;
	const add = (items: readonly Evidence[], from: number, lead: (item: Evidence) => string): void => {
		for (const [index, item] of items.entries()) {
			const isMarked = from + index === cursor;
			markedRow = isMarked ? rows.length : markedRow;
			rows.push(...evidenceRows(item, lead(item), isMarked, state, width, pen));
		}
	};

	rows.push(heading(say.evidence));
	add(finding.evidence, 0, () => '');
	if (finding.against.length > 0) {
		rows.push([], heading(say.against));
		add(finding.against, finding.evidence.length, item => `${say.notScenario(item.params['scenario'] === 0 ? say.rollback : say.scenario(Number(item.params['scenario'] ?? 0)))} `);
	}

	rows.push(...confirmRows(finding, width, pen), ...actionRows(finding, state, width, pen));
	const room = Math.max(3, body.height - (body.height >= 24 ? 2 : 0) - 2 - 2);
	return drawBox({
		title: [span(pen.say.diagnosis, 'strong')],
		facts: [span(say[finding.confidence], 'dim')],
		head: [headingOf(finding, width, pen), causeRow(finding, state, width, pen)],
		scroll: windowStart(markedRow, rows.length, room),
		rows,
	}, body, pen, widest);
};

/** Of what it is a consequence, or by what it was to be expected; else empty. */
const causeRow = (finding: Finding, state: State, width: number, pen: Pen): Line => {
	const say = pen.sayDiagnosis;
	const cause = state.findings.find(other => other.code === finding.causedBy?.code && other.service === finding.causedBy.service);
	if (finding.expectedBy !== null) {
		return [space(2), span(say.expectedBy(finding.expectedBy), 'dim')];
	}

	return cause === undefined ? [] : [space(2), cell(say.becauseOf(findingSentence(pen.language, cause, pen.format)), width - 2, 'warn')];
};

const evidenceRows = (item: Evidence, lead: string, isMarked: boolean, state: State, width: number, pen: Pen): readonly Row[] => {
	const time = item.atMs === null ? '' : `${pen.format.clock(item.atMs)} (${pen.format.ago(state.nowMs - item.atMs)})`;
	const lines = wrap(`${lead}${evidenceSentence(pen.language, item, pen.format)}`, Math.max(20, width - 2 - (time === '' ? 0 : time.length + 1)));
	const mark = isMarked ? span('›', 'accentStrong') : space(1);
	return lines.slice(0, 4).map((text, index): Row => ({
		mark: index === 0 ? mark : space(1),
		line: edges([space(index === 0 ? 1 : 3), span(text, item.origin === null ? 'plain' : (isMarked ? 'strong' : 'plain'))], index === 0 ? [span(time, 'dim')] : [], width),
	}));
};

const confirmRows = (finding: Finding, width: number, pen: Pen): readonly Line[] => finding.confirm.length === 0 ? [] : [
	[], heading(finding.confidence === 'possible' ? pen.sayDiagnosis.nextCheck : pen.sayDiagnosis.confirmWith), ...finding.confirm.flatMap(code => paragraph(confirmSentence[pen.language][code], width, 'plain', 2)),
];

/** Every action by name, with its key where this console has one. */
const actionRows = (finding: Finding, state: State, width: number, pen: Pen): readonly Line[] => {
	const say = pen.sayDiagnosis;
	if (finding.actions.length === 0) {
		return [[], heading(say.actions), ...paragraph(say.noAction, width, 'dim', 2)];
	}

	return [[], heading(say.actions), ...finding.actions.map((id): Line => {
		const hint = [actionHint(state, id, pen), paletteHint(state, id, pen)].find(line => line.length > 0) ?? [];
		return hint.length === 0 ? [space(2), span(`${id}`, 'dim'), span(`  ${say.noKey}`, 'dim')] : [space(2), ...hint];
	})];
};
