/**
The runbook's whole text as rows of a given width: headings, lists, tables, code, emphasis. Pure, and remembered for the last width, since both `update`
(scrolling, searching) and the screen ask for the same rows.
*/

import {makeSafe, takeColumns, widthOf, type SafeText} from '../text.ts';
import {linesOf, plainOf, type Block, type Inline} from './document.ts';
import type {Runbook} from './model.ts';

export type ReaderStyle = 'plain' | 'strong' | 'emphasis' | 'code' | 'link' | 'struck' | 'title' | 'heading' | 'mark' | 'frame';
export type ReaderSpan = {readonly text: SafeText; readonly style: ReaderStyle};
export type ReaderRow = {
	readonly spans: readonly ReaderSpan[];
	/** The line of the file; rows of one block share it. */
	readonly line: number;
	/** The card that this command belongs to, on its first row. */
	readonly card: string | null;
};

type Context = {readonly width: number; readonly cards: ReadonlyMap<number, string>};

let remembered: {readonly runbook: Runbook; readonly width: number; readonly rows: readonly ReaderRow[]} | null = null;

/** The rows of a runbook at a width. */
export const readerRows = (runbook: Runbook, width: number): readonly ReaderRow[] => {
	if (remembered?.runbook !== runbook || remembered.width !== width) {
		const cards = new Map(runbook.cards.filter(card => card.kind !== 'hint').toReversed().map(card => [card.line, card.id]));
		remembered = {runbook, width, rows: blocksRows(runbook.blocks, {width: Math.max(20, width), cards})};
	}

	return remembered.rows;
};

const span = (text: string, style: ReaderStyle = 'plain'): ReaderSpan => ({text: makeSafe(text), style});
const blank = (line: number): ReaderRow => ({spans: [], line, card: null});

const blocksRows = (blocks: readonly Block[], context: Context): readonly ReaderRow[] => blocks.filter(block => block.kind !== 'comment').flatMap((block, index) => [
	...(index === 0 ? [] : [blank(lineOf(block))]),
	...blockRows(block, context),
]);

const lineOf = (block: Block): number => block.line;

const blockRows = (block: Block, context: Context): readonly ReaderRow[] => {
	switch (block.kind) {
		case 'heading': {
			const mark = block.level === 1 ? '' : `${'#'.repeat(block.level - 1)} `;
			return wrapped([span(mark, 'mark'), ...block.inlines.filter(({style}) => style !== 'break').map(({text}) => ({text, style: block.level === 1 ? 'title' : 'heading'} as const))], context.width, block.line);
		}

		case 'paragraph': {
			return paragraphRows(block.inlines, context.width, block.line);
		}

		case 'code': {
			return codeRows(block, context);
		}

		case 'list': {
			return block.items.flatMap((item, index) => {
				const bullet = item.checked === null ? (block.ordered ? `${block.start + index}. ` : '• ') : (item.checked ? '[x] ' : '[ ] ');
				const inner = Math.max(16, context.width - bullet.length - 2);
				const rows = blocksRows(item.blocks, {...context, width: inner}).filter(row => row.spans.length > 0);
				return rows.length === 0 ? [{spans: [span(`  ${bullet}`, 'mark')], line: block.line, card: null}] : rows.map((row, at) => ({...row, spans: [span(at === 0 ? `  ${bullet}` : ' '.repeat(bullet.length + 2), 'mark'), ...row.spans]}));
			});
		}

		case 'table': {
			return tableRows(block, context.width);
		}

		case 'quote': {
			return blocksRows(block.blocks, {...context, width: Math.max(16, context.width - 2)}).map(row => ({...row, spans: [span('│ ', 'frame'), ...row.spans]}));
		}

		case 'rule': {
			return [{spans: [span('─'.repeat(context.width), 'frame')], line: block.line, card: null}];
		}

		case 'html': {
			return block.text.split('⏎').flatMap(text => wrapped([span(text, 'mark')], context.width, block.line));
		}

		case 'comment': {
			return [];
		}
	}
};

/** Lines as the author broke them are one paragraph, but a line that begins with a bold label is one of its own. */
const paragraphRows = (inlines: readonly Inline[], width: number, line: number): readonly ReaderRow[] => {
	const groups: Inline[][] = [];
	for (const own of linesOf(inlines)) {
		if (groups.length === 0 || own[0]?.style === 'strong') {
			groups.push([...own]);
		} else {
			groups.at(-1)!.push({text: makeSafe(' '), style: 'plain'}, ...own);
		}
	}

	return groups.flatMap((group, index) => wrapped(group.map(({text, style}) => ({text, style: style === 'break' ? 'plain' : style})), width, line + index));
};

const codeRows = (block: Extract<Block, {kind: 'code'}>, {width, cards}: Context): readonly ReaderRow[] => block.rawLines.flatMap((raw, index) => {
	const line = block.firstLine + index;
	const text = makeSafe(raw);
	const style: ReaderStyle = /^\s*#(?!!)/.test(raw) ? 'emphasis' : 'code';
	return piecesOf(text, width - 2).map((piece, at) => ({spans: [span('▏ ', 'frame'), {text: piece, style}], line, card: at === 0 ? cards.get(line) ?? null : null}));
});

const piecesOf = (text: SafeText, width: number): readonly SafeText[] => {
	const pieces: SafeText[] = [];
	let rest = text;
	do {
		const taken = takeColumns(rest, Math.max(8, width));
		pieces.push(taken.text);
		rest = taken.rest;
	} while (rest !== '');

	return pieces;
};

const tableRows = (block: Extract<Block, {kind: 'table'}>, width: number): readonly ReaderRow[] => {
	const rows = [block.head, ...block.rows].map(row => row.map(cell => makeSafe(plainOf(cell))));
	const count = Math.max(1, block.head.length);
	const natural = Array.from({length: count}, (_unused, column) => Math.max(3, ...rows.map(row => widthOf(row[column] ?? makeSafe('')))));
	const room = width - ((count - 1) * 3);
	const total = natural.reduce((sum, one) => sum + one, 0);
	// Too wide: what is above its fair share gives way.
	const fair = Math.max(4, Math.floor(room / count));
	const spare = natural.filter(one => one <= fair).reduce((sum, one) => sum + fair - one, 0);
	const large = natural.filter(one => one > fair).length;
	const widths = total <= room ? natural : natural.map(one => one <= fair ? one : Math.max(4, fair + Math.floor(spare / Math.max(1, large))));
	const lines = rows.flatMap((row, index) => {
		const cells = widths.map((own, column) => wrapped([span(row[column] ?? '', index === 0 ? 'strong' : 'plain')], own, 0));
		const height = Math.max(1, ...cells.map(cell => cell.length));
		return Array.from({length: height}, (_unused, at): ReaderRow => ({
			line: index === 0 ? block.line : block.line + 1 + index, card: null,
			spans: widths.flatMap((own, column): readonly ReaderSpan[] => {
				const spans = cells[column]?.[at]?.spans ?? [];
				const taken = spans.reduce((sum, {text}) => sum + widthOf(text), 0);
				return [...(column === 0 ? [] : [span(' │ ', 'frame')]), ...spans, span(' '.repeat(Math.max(0, own - taken)))];
			}),
		}));
	});
	const headHeight = Math.max(1, ...widths.map((own, column) => wrapped([span(rows[0]?.[column] ?? '')], own, 0).length));
	return [...lines.slice(0, headHeight), {spans: [span('─'.repeat(Math.min(width, widths.reduce((sum, own) => sum + own, (count - 1) * 3))), 'frame')], line: block.line + 1, card: null}, ...lines.slice(headHeight)];
};

/** Spans broken at spaces into rows of at most `width` columns; a word that is longer is cut. */
const wrapped = (spans: readonly ReaderSpan[], width: number, line: number): readonly ReaderRow[] => {
	const rows: ReaderSpan[][] = [[]];
	let used = 0;
	const push = (text: SafeText, style: ReaderStyle): void => {
		const last = rows.at(-1)!.at(-1);
		if (last?.style === style) {
			rows.at(-1)![rows.at(-1)!.length - 1] = {text: makeSafe(last.text + text), style};
		} else {
			rows.at(-1)!.push({text, style});
		}

		used += widthOf(text);
	};

	for (const {text, style} of spans) {
		for (const word of text.split(/(?<=\s)(?=\S)/u)) {
			const trimmed = widthOf(makeSafe(word.trimEnd()));
			if (used > 0 && used + trimmed > width) {
				rows.push([]);
				used = 0;
			}

			for (const piece of trimmed > width ? piecesOf(makeSafe(word), width) : [makeSafe(word)]) {
				if (used > 0 && used + widthOf(piece) > width && trimmed > width) {
					rows.push([]);
					used = 0;
				}

				const room = width - used;
				push(widthOf(piece) > room ? takeColumns(piece, Math.max(0, room)).text : piece, style);
			}
		}
	}

	return rows.map(own => ({spans: own.filter(({text}) => text !== ''), line, card: null}));
};
