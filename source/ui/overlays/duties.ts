/** What the runbook asks for after the incident, as a list to be worked off: done or waived by whom and when, and what helps with the selected one. */

import {dutyCommand, openDuties, type Duty} from '../../core/duties.ts';
import type {Rectangle} from '../../core/layout.ts';
import type {State} from '../../core/state.ts';
import {wrap} from '../../core/text.ts';
import {dutiesNow, dutyIncident, runbookToName} from '../../core/update-duties.ts';
import {windowStart} from '../../core/view.ts';
import {dutyText, dutyWords} from '../../messages/duties.ts';
import {span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {drawBox, paragraph, rowWidth, type Drawn} from './box.ts';

const widest = 92;

/** Draws the list over the body. */
export const drawDuties = (state: State, cursor: number, body: Rectangle, pen: Pen): Drawn => {
	const say = dutyWords[pen.language];
	const width = rowWidth(body, widest);
	const incident = dutyIncident(state);
	const duties = dutiesNow(state);
	const left = openDuties(duties).length;
	const blocks = duties.map((duty, index) => dutyRows(duty, index === cursor, incident?.id ?? '', state, width, pen));
	// The selected one stays in sight, whole.
	const first = windowStart(cursor, blocks.length, Math.max(1, Math.floor((body.height - 4) / 2)));
	const closed = incident?.closedAtMs ?? null;
	return drawBox({
		title: [span(say.title, 'strong'), ...(incident === null ? [] : [span(` ${say.of(incident.id)}`, 'dim')])],
		facts: [span(closed === null ? (left === 0 ? say.none : say.left(left)) : say.closed(pen.format.moment(closed, state.nowMs)), left === 0 ? 'goodStrong' : 'warnStrong')],
		scroll: blocks.slice(0, first).reduce((sum, rows) => sum + rows.length, 0),
		rows: blocks.flat(),
		foot: state.incident === null ? [] : paragraph(say.stillOpen, width, 'dim'),
	}, body, pen, widest);
};

const markOf = ({required, mark}: Duty): readonly [sign: string, tone: Tone] =>
	mark !== null ? (mark.state === 'done' ? ['✔', 'good'] : ['–', 'dim']) : (required ? ['○', 'warn'] : ['–', 'dim']);

const dutyRows = (duty: Duty, isSelected: boolean, incident: string, state: State, width: number, pen: Pen): readonly Line[] => {
	const say = dutyWords[pen.language];
	const {mark, required, kind} = duty;
	const [sign, tone] = markOf(duty);
	const command = dutyCommand(kind, incident, runbookToName(state));
	const how = mark === null
		? (required ? null : say.notRequired)
		: `${mark.state === 'done' ? say.done : say.waived} · ${say.by(mark.by, pen.format.moment(mark.atMs, state.nowMs))}${mark.note === '' ? '' : ` · ${mark.note}`}`;
	const words = wrap(dutyText(pen.language, duty), Math.max(20, width - 6));
	return [
		...words.map((text, index): Line => [
			span(index === 0 && isSelected ? '▸ ' : '  ', 'accentStrong'), span(index === 0 ? `${sign} ` : '  ', tone),
			span(text, isSelected ? 'strong' : (mark === null && required ? 'plain' : 'dim')),
		]),
		...(how === null ? [] : paragraph(how, width, mark?.state === 'done' ? 'good' : 'dim', 4)),
		...(isSelected && mark?.state !== 'done' && command !== null ? paragraph(command, width, 'dim', 4) : []),
	];
};
