/** What changed in the last day, newest first: the question before "which scenario". */

import type {Change} from '../../core/diagnosis.ts';
import type {Rectangle} from '../../core/layout.ts';
import type {State} from '../../core/state.ts';
import {changeSentence} from '../../messages/changes.ts';
import {cell, span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {drawBox, paragraph, rowWidth, type Drawn} from './box.ts';

const toneOf = (change: Change): Tone => change.kind === 'reboot' || change.kind === 'engine' ? 'warn' : (change.kind === 'action' ? 'dim' : 'plain');

/** Draws the list, the start of the outage among it. */
export const drawChanges = (state: State, scroll: number, body: Rectangle, pen: Pen): Drawn => {
	const width = rowWidth(body, 96);
	const outageMs = state.suspectedSinceMs ?? state.incident?.outage.sinceMs ?? null;
	const {deploys} = state.situation;
	const rows: Line[] = [];
	let isMarked = outageMs === null;
	for (const change of state.changes) {
		if (!isMarked && outageMs !== null && change.atMs < outageMs) {
			isMarked = true;
			rows.push([cell(pen.format.moment(outageMs, state.nowMs), 13, 'bad'), span(pen.sayDiagnosis.outageBegan, 'badStrong')]);
		}

		const age = pen.format.ago(state.nowMs - change.atMs);
		rows.push([cell(pen.format.moment(change.atMs, state.nowMs), 13, 'dim'), cell(changeSentence(pen.language, change), Math.max(10, width - 13 - age.length - 1), toneOf(change)), span(` ${age}`, 'dim')]);
	}

	return drawBox({
		title: [span(pen.sayDiagnosis.changesTitle, 'strong')],
		scroll,
		rows: [
			...rows,
			...(rows.length > 0 ? [] : [[span(deploys.atMs === null ? pen.sayDiagnosis.changesLooking : pen.sayDiagnosis.changesNone, 'dim')] as Line]),
			...(deploys.value !== null && deploys.value.commits.length === 0 ? [[] as Line, ...paragraph(pen.sayDiagnosis.changesNoGit, width, 'dim')] : []),
		],
	}, body, pen, 96);
};
