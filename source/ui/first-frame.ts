/**
The first frame, drawn without Ink: the same parts, written where they belong. Loading React, Ink and its layout takes longer than everything that
the first look needs (110 of 290 ms of CPU, measured), so it comes after; Ink's own first frame then paints the same rows over these.
*/

import type {State} from '../core/state.ts';
import type {Language} from '../messages/language.ts';
import {createDrawing, partOrder} from './draw.ts';
import {createPen} from './pen.ts';
import type {Theme} from './theme.ts';

const beginTogether = '\u001B[?2026h';
const endTogether = '\u001B[?2026l';
const alternateScreen = '\u001B[?1049h\u001B[?25l\u001B[2J';

/** Enters the alternate screen and draws the whole screen once, as one piece for the terminal. */
export const firstFrame = (state: State, options: {readonly language: Language; readonly timeZone: string | null; readonly theme: Theme}): string => {
	const drawing = createDrawing(createPen(options.language, options.timeZone, options.theme), null);
	const rows = partOrder.flatMap(id => {
		const part = drawing.text(state, id);
		return part === null ? [] : part.text.split('\n').map((row, index) => `\u001B[${part.rectangle.top + index + 1};${part.rectangle.left + 1}H${row}`);
	});
	return `${beginTogether}${alternateScreen}${rows.join('')}\u001B[H${endTogether}`;
};
