/** Escalation: when it is due, whom to call, in which order. A placeholder number is never shown as one that could be called. */

import {isPlaceholderNumber} from '../../core/escalation.ts';
import type {Rectangle} from '../../core/layout.ts';
import {escalationNow} from '../../core/screen.ts';
import type {State} from '../../core/state.ts';
import {makeSafe, widthOf} from '../../core/text.ts';
import {cell, space, span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import {drawBox, heading, paragraph, rowWidth, type Drawn} from './box.ts';

/** Draws the escalation over the body. */
export const drawEscalation = (state: State, scroll: number, body: Rectangle, pen: Pen): Drawn => {
	const say = pen.sayIncident;
	const {format} = pen;
	const width = rowWidth(body, 96);
	const escalation = escalationNow(state);
	const {contacts, steps, afterMs} = state.settings.escalation;
	const due: Line = escalation === null
		? [span(say.notDue, 'dim')]
		: (escalation.due ? [span('▲ ', 'bad'), span(say.dueNow(format.stopwatch(-escalation.remainingMs)), 'badStrong')] : [span(say.dueIn(format.stopwatch(escalation.remainingMs + 999), format.time(escalation.dueAtMs)), 'strong')]);
	const roleWidth = Math.max(4, ...contacts.map(contact => widthOf(makeSafe(contact.role))));
	const nameWidth = Math.max(4, ...contacts.map(contact => widthOf(makeSafe(contact.name))));
	return drawBox({
		title: [span(say.escalation, 'strong')],
		scroll,
		rows: [
			due,
			...paragraph(say.rule(format.span(afterMs)), width, 'dim'),
			[],
			heading(say.contacts),
			...contacts.flatMap((contact): readonly Line[] => {
				const bad = isPlaceholderNumber(contact.reach);
				const row: Line = [space(2), cell(makeSafe(contact.role), roleWidth, 'dim'), space(2), cell(makeSafe(contact.name), nameWidth), space(2), span(makeSafe(contact.reach), bad ? 'dim' : 'strong')];
				return bad ? [row, ...paragraph(`▲ ${say.placeholder}`, width, 'warn', 4)] : [row];
			}),
			[],
			heading(say.steps),
			...steps.map((step, index): Line => [span(`  ${index + 1}. `, 'dim'), span(makeSafe(step))]),
			[],
			...paragraph(say.callNote, width, 'dim'),
		],
	}, body, pen, 96);
};
