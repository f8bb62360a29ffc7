/**
The frame of an overlay: where it lies over the body, what of it is in sight, and rows that stay at its foot whatever is scrolled. Hides the
arithmetic; an overlay says its title, its rows and its foot.
*/

import type {Rectangle} from '../../core/layout.ts';
import {wrap} from '../../core/text.ts';
import {cell, framed, space, span, type Line, type Span} from '../lines.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';

export type Drawn = {readonly rectangle: Rectangle; readonly lines: readonly Line[]; /** All of it is in sight. */ readonly whole: boolean};

export type OverlayContent = {
	readonly title: Line;
	readonly facts?: Line;
	readonly rows: readonly (Line | {readonly line: Line; readonly mark: Span})[];
	/** Always in sight, above the rows. */
	readonly head?: readonly Line[];
	/** Always in sight, below the rows. */
	readonly foot?: readonly Line[];
	readonly scroll: number;
	/** `end`: the scroll counts back from the last row, as for output that comes. */
	readonly anchor?: 'start' | 'end';
	readonly border?: Tone;
	/** Fills the body's height, so that growing content does not move the frame. */
	readonly tall?: boolean;
};

const leastMargin = 12;

/** Columns that an overlay takes of a body: a box where the panes beside it can still be read, else all; slivers of panes only disturb. */
export const overlayWidth = (body: Rectangle, most = 112): number => body.width - most < 2 * leastMargin ? body.width : most;

/** Columns left for an overlay's rows. */
export const rowWidth = (body: Rectangle, most?: number): number => overlayWidth(body, most) - 4;

/** Draws an overlay centred over the body; what does not fit is scrolled and said at the lower border. */
export const drawBox = (content: OverlayContent, body: Rectangle, pen: Pen, most?: number): Drawn => {
	const width = overlayWidth(body, most);
	const head = content.head ?? [];
	const foot = content.foot ?? [];
	const tallest = Math.max(3, body.height - (body.height >= 24 && content.tall !== true ? 2 : 0));
	const height = content.tall === true ? tallest : Math.min(tallest, content.rows.length + head.length + foot.length + 2);
	const room = Math.max(1, height - 2 - head.length - foot.length);
	const over = Math.max(0, content.rows.length - room);
	const start = content.anchor === 'end' ? Math.max(0, over - content.scroll) : Math.min(content.scroll, over);
	const shown = content.rows.slice(start, start + room).map(row => 'line' in row ? row : {line: row});
	const filled = [...shown, ...Array.from({length: Math.max(0, room - shown.length)}, () => ({line: [] as Line}))];
	const rows = [...head.map(line => ({line})), ...filled, ...foot.map(line => ({line}))];
	return {
		rectangle: {left: body.left + Math.floor((body.width - width) / 2), top: body.top + Math.floor((body.height - height) / 2), width, height},
		lines: framed({
			width, height, focused: true, title: content.title, rows,
			...(content.facts === undefined ? {} : {facts: content.facts}),
			...(content.border === undefined ? {} : {border: content.border}),
			note: over > 0 ? [span(pen.say.of(String(start + shown.length), String(content.rows.length)), 'dim')] : [],
		}),
		whole: over === 0,
	};
};

const labelWidth = 11;

/** Columns that a label takes of its row. */
export const labelColumns = labelWidth;

/** A labelled value over as many rows as it needs. */
export const labelled = (label: string, value: string, width: number, tone: Tone = 'plain'): readonly Line[] =>
	wrap(value, Math.max(10, width - labelWidth)).map((text, index): Line => [cell(index === 0 ? label : '', labelWidth - 1, 'dim'), space(1), span(text, tone)]);

/** A labelled line that is styled already. */
export const labelledLine = (label: string, line: Line): Line => [cell(label, labelWidth - 1, 'dim'), space(1), ...line];

/** A paragraph, wrapped. */
export const paragraph = (text: string, width: number, tone: Tone = 'plain', indent = 0): readonly Line[] =>
	wrap(text, Math.max(10, width - indent)).map((piece): Line => [space(indent), span(piece, tone)]);

export const heading = (text: string): Line => [span(text, 'strong')];
