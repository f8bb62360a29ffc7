/**
A Markdown document as the runbook is read from it: blocks with the lines that they began on. Parsing Markdown is an adapter's business; which parser it
is, nobody here knows.
*/

import type {Json} from '../ports.ts';
import type {SafeText} from '../text.ts';

export type InlineStyle = 'plain' | 'strong' | 'emphasis' | 'code' | 'link' | 'struck' | 'break';

/** A run of text of one style. `break` is a line end inside a paragraph, with an empty text. */
export type Inline = {readonly text: SafeText; readonly style: InlineStyle};

export type ListItem = {readonly checked: boolean | null; readonly blocks: readonly Block[]};

/** Lines count from 1. */
export type Block =
	| {readonly kind: 'heading'; readonly level: number; readonly inlines: readonly Inline[]; readonly line: number}
	| {readonly kind: 'paragraph'; readonly inlines: readonly Inline[]; readonly line: number}
	| {
		readonly kind: 'code';
		/** What follows the opening fence, whole: `bash {id=start-api}`. Empty for an indented block. */
		readonly info: string;
		/** The column of the info string, from 1. */
		readonly infoColumn: number;
		/** As they stand in the file: these are commands, and what is hidden in them must be found. */
		readonly rawLines: readonly string[];
		/** Of the fence. */
		readonly line: number;
		/** Of the first line inside. */
		readonly firstLine: number;
		readonly column: number;
		readonly fenced: boolean;
		/** False when the file ended before the fence did. */
		readonly closed: boolean;
	}
	| {readonly kind: 'list'; readonly ordered: boolean; readonly start: number; readonly items: readonly ListItem[]; readonly line: number}
	| {readonly kind: 'table'; readonly head: readonly (readonly Inline[])[]; readonly rows: readonly (readonly (readonly Inline[])[])[]; readonly line: number}
	| {readonly kind: 'quote'; readonly blocks: readonly Block[]; readonly line: number}
	/** An HTML comment that stands alone, without its marks. */
	| {readonly kind: 'comment'; readonly text: string; readonly line: number; readonly column: number}
	| {readonly kind: 'html'; readonly text: SafeText; readonly line: number}
	| {readonly kind: 'rule'; readonly line: number};

/** What was found wrong while the text was taken apart. */
export type DocumentTrouble = {readonly code: 'front-matter'; readonly detail: SafeText; readonly line: number; readonly column: number} | {readonly code: 'too-deep' | 'line-too-long'; readonly line: number; readonly column: number};

export type MarkdownDocument = {
	readonly blocks: readonly Block[];
	/** The values of the front matter, and where its keys stand; null without one. */
	readonly frontMatter: {readonly data: {readonly [key: string]: Json}; readonly lines: Readonly<Record<string, number>>} | null;
	readonly troubles: readonly DocumentTrouble[];
	readonly lineCount: number;
};

/** The text of a run of inlines; a line end is a space. */
export const plainOf = (inlines: readonly Inline[]): string => inlines.length === 1 ? inlines[0]!.text.trim() : joined(inlines).trim();

const joined = (inlines: readonly Inline[]): string => {
	let text = '';
	for (const inline of inlines) {
		text += inline.style === 'break' ? ' ' : inline.text;
	}

	return text;
};

/** The inlines cut at their line ends. */
export const linesOf = (inlines: readonly Inline[]): readonly (readonly Inline[])[] => {
	if (!inlines.some(({style}) => style === 'break')) {
		return [inlines];
	}

	const lines: Inline[][] = [[]];
	for (const inline of inlines) {
		if (inline.style === 'break') {
			lines.push([]);
		} else {
			lines.at(-1)!.push(inline);
		}
	}

	return lines;
};

/** Every line of text in a block and what it holds, lists and quotes included, in reading order. */
export const textLinesOf = (block: Block): readonly (readonly Inline[])[] => {
	switch (block.kind) {
		case 'heading':
		case 'paragraph': {
			return linesOf(block.inlines);
		}

		case 'list': {
			return block.items.flatMap(item => item.blocks.flatMap(inner => textLinesOf(inner)));
		}

		case 'quote': {
			return block.blocks.flatMap(inner => textLinesOf(inner));
		}

		default: {
			return [];
		}
	}
};
