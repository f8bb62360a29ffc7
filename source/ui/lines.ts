/**
Lines of styled text of a known width: what panes are drawn with, before they become terminal codes. It hides clipping and filling
across spans, the frame around a pane, and the codes.

Invariants: a span's width is that of its text; `fitLine`, `edges` and `framed` answer with exactly the width asked for.
*/

import {clip, takeColumns, widthOf} from '../core/text.ts';
import {codeOf, toAscii, type Theme, type Tone} from './theme.ts';

export type Span = {readonly text: string; readonly width: number; readonly tone: Tone};
export type Line = readonly Span[];

/** A piece of safe text in a tone. */
export const span = (text: string, tone: Tone = 'plain'): Span => ({text, width: widthOf(text), tone});

/** A glyph one column wide, several times. */
export const repeat = (glyph: string, count: number, tone: Tone = 'plain'): Span => ({text: glyph.repeat(Math.max(0, count)), width: Math.max(0, count), tone});

export const space = (count: number): Span => repeat(' ', count);

export const lineWidth = (line: Line): number => {
	let width = 0;
	for (const part of line) {
		width += part.width;
	}

	return width;
};

/** The line cut to `columns`, the cut marked. */
export const clipLine = (line: Line, columns: number): Line => {
	if (lineWidth(line) <= columns) {
		return line;
	}

	const kept: Span[] = [];
	let room = columns;
	for (const part of line) {
		if (part.width >= room) {
			// Something follows or the part itself is too wide: the mark stands at the cut.
			const text = part.width > room ? clip(part.text, room) : clip(`${part.text}  `, room);
			kept.push(span(text, part.tone));
			break;
		}

		kept.push(part);
		room -= part.width;
	}

	return kept;
};

/** Exactly `columns` wide: cut with a mark, or filled with spaces. */
export const fitLine = (line: Line, columns: number): Line => {
	const width = lineWidth(line);
	if (width === columns) {
		return line;
	}

	const clipped = width > columns ? clipLine(line, columns) : line;
	const rest = columns - (width > columns ? lineWidth(clipped) : width);
	return rest > 0 ? [...clipped, space(rest)] : clipped;
};

/** `left` at the start and `right` at the end of `columns`; the left gives way first. */
export const edges = (left: Line, right: Line, columns: number): Line => {
	const rightWidth = lineWidth(right);
	if (rightWidth >= columns) {
		return fitLine(right, columns);
	}

	const gap = rightWidth === 0 || lineWidth(left) === 0 ? 0 : 1;
	const room = columns - rightWidth - gap;
	return [...fitLine(left, room), ...(gap === 0 ? [] : [space(gap)]), ...right];
};

/** A cell of a table: the text cut or filled to `columns`. */
export const cell = (text: string, columns: number, tone: Tone = 'plain', align: 'start' | 'end' = 'start'): Span => {
	const clipped = clip(text, columns);
	const fill = ' '.repeat(Math.max(0, columns - widthOf(clipped)));
	return {text: align === 'start' ? clipped + fill : fill + clipped, width: Math.max(0, columns), tone};
};

/** The line broken into rows of at most `columns`, at words where it can be; a word that is wider is cut through. */
export const wrapLine = (line: Line, columns: number): readonly Line[] => {
	const most = Math.max(4, columns);
	const rows: Span[][] = [[]];
	let room = most;
	for (const part of line) {
		let rest = part.text;
		if (widthOf(rest) > room && room < most && rest.trim() !== '') {
			rows.push([]);
			room = most;
		}

		while (rest !== '') {
			const piece = widthOf(rest) > room ? takeColumns(rest, room).text : rest;
			if (!(rows.at(-1)!.length === 0 && rows.length > 1 && piece.trim() === '')) {
				rows.at(-1)!.push(span(piece, part.tone));
				room -= widthOf(piece);
			}

			rest = rest.slice(piece.length);
			if (rest !== '') {
				rows.push([]);
				room = most;
			}
		}
	}

	return rows;
};

/** The part of a line right of `column`: what a horizontal offset shows. */
export const dropColumns = (line: Line, column: number): Line => {
	let skip = column;
	const kept: Span[] = [];
	for (const part of line) {
		if (skip >= part.width) {
			skip -= part.width;
		} else if (skip > 0) {
			kept.push(span(takeColumns(part.text, skip).rest, part.tone));
			skip = 0;
		} else {
			kept.push(part);
		}
	}

	return kept;
};

/** The first of several ways to say something that fits; the last one cut when none does. */
export const firstFitting = (variants: readonly Line[], columns: number): Line =>
	variants.find(line => lineWidth(line) <= columns) ?? clipLine(variants.at(-1) ?? [], columns);

/** As many of the words as fit, joined; the first one always, cut if it must be. */
export const fittingWords = (words: readonly string[], columns: number, tone: Tone, separator = ' · '): Line =>
	firstFitting(words.map((_word, index) => [span(words.slice(0, words.length - index).join(separator), tone)]), columns);

export type Frame = {
	readonly width: number;
	readonly height: number;
	readonly title: Line;
	/** Right in the top border: facts about the whole pane; numbers that change belong here. */
	readonly facts?: Line;
	/** Right in the bottom border, such as `7 of 60`. */
	readonly note?: Line;
	readonly focused: boolean;
	readonly border?: Tone;
	/** Rows of the inside; a mark stands in the column between border and text. */
	readonly rows: readonly {readonly line: Line; readonly mark?: Span}[];
};

/** How much of a frame's size is left for its rows. */
export const insideOf = (size: {readonly width: number; readonly height: number}): {readonly width: number; readonly height: number} =>
	({width: Math.max(0, size.width - 4), height: Math.max(0, size.height - 2)});

/** A pane with its border: exactly `height` lines of exactly `width` columns. Focus shows in the title's mark and weight, not by colour alone. */
export const framed = (frame: Frame): readonly Line[] => {
	const {width, height, focused} = frame;
	if (height <= 0 || width < 4) {
		return Array.from({length: Math.max(0, height)}, () => [space(width)]);
	}

	const tone: Tone = frame.border ?? (focused ? 'accent' : 'dim');
	const top = topBorder(frame, tone);
	const bottom = bottomBorder(frame, tone);
	const side = span('│', tone);
	const inside = width - 4;
	const lines: Line[] = [top];
	for (let index = 0; index < height - 2; index++) {
		const row = frame.rows[index];
		lines.push(row === undefined
			? [side, space(width - 2), side]
			: [side, row.mark ?? space(1), ...fitLine(row.line, inside), space(1), side]);
	}

	return height === 1 ? [top] : [...lines, bottom];
};

const leastTitle = 16;

const topBorder = (frame: Frame, tone: Tone): Line => {
	const {width, focused} = frame;
	const room = width - 6;
	// The facts win over the title's end, as long as the title can still be read.
	const wanted = frame.facts ?? [];
	const facts = lineWidth(wanted) === 0 || lineWidth(wanted) + Math.min(lineWidth(frame.title), leastTitle) + 4 > room ? [] : wanted;
	const factsWidth = facts.length === 0 ? 0 : lineWidth(facts) + 3;
	const title = clipLine(frame.title, Math.max(0, room - factsWidth));
	const fill = width - 5 - lineWidth(title) - factsWidth;
	return [
		span('╭', tone), focused ? span('▸', 'accentStrong') : span('─', tone), space(1), ...title, space(1), repeat('─', fill, tone),
		...(facts.length === 0 ? [] : [space(1), ...facts, space(1), span('─', tone)]), span('╮', tone),
	];
};

const bottomBorder = ({width, note}: Frame, tone: Tone): Line => {
	const shown = note === undefined || lineWidth(note) + 6 > width ? [] : note;
	return shown.length === 0
		? [span('╰', tone), repeat('─', width - 2, tone), span('╯', tone)]
		: [span('╰', tone), repeat('─', width - 5 - lineWidth(shown), tone), space(1), ...shown, space(1), span('─', tone), span('╯', tone)];
};

/** The line as the terminal takes it; neighbours of one tone share their codes. */
export const toAnsi = (line: Line, theme: Theme): string => {
	let out = '';
	let tone: Tone = 'plain';
	for (const part of line) {
		if (part.width === 0 && part.text === '') {
			continue;
		}

		if (part.tone !== tone && !(part.text.trim() === '' && codeOf(tone, theme) === '')) {
			if (codeOf(tone, theme) !== '') {
				out += '\u001B[0m';
			}

			const code = codeOf(part.tone, theme);
			out += code === '' ? '' : `\u001B[${code}m`;
			tone = part.tone;
		}

		out += theme.unicode ? part.text : toAscii(part.text);
	}

	return codeOf(tone, theme) === '' ? out : `${out}\u001B[0m`;
};
