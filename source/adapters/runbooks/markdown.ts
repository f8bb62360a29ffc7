/**
Markdown to blocks with their lines. Hides the parser: markdown-it, since a page of 200 kB takes it 30 ms where the parser that keeps every position
takes 450 (measured); the positions that are needed (lines of blocks, columns of a fence) are found in the text itself.

Hostile input is bounded before it is parsed: lines of a length that no person writes are cut, and quotes and lists nested beyond reason are text.
*/

import MarkdownIt, {type Token} from 'markdown-it';
import {makeSafe} from '../../core/text.ts';
import type {Block, DocumentTrouble, Inline, InlineStyle, ListItem, MarkdownDocument} from '../../core/runbook/document.ts';
import {splitFrontMatter} from './front-matter.ts';

const lineLimit = 4000;
const nestingLimit = 20;
const markers = /^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))){13,}/;

/** The document that a text is. Never throws; the time that it takes grows with the text's length. */
export const parseMarkdown = (text: string): MarkdownDocument => {
	const troubles: DocumentTrouble[] = [];
	const {frontMatter, lines, trouble} = splitFrontMatter(text.split('\n'));
	if (trouble !== null) {
		troubles.push(trouble);
	}

	const bounded = lines.map((line, index) => boundedLine(line, index + 1, troubles));
	const parser = new MarkdownIt({html: true, linkify: false, typographer: false, maxNesting: nestingLimit});
	const reader = new BlockReader(parser.parse(bounded.join('\n'), {}), bounded);
	return {blocks: reader.blocks(null), frontMatter, troubles, lineCount: lines.length};
};

const boundedLine = (line: string, number: number, troubles: DocumentTrouble[]): string => {
	if (line.length > lineLimit) {
		troubles.push({code: 'line-too-long', line: number, column: lineLimit + 1});
		return boundedLine(line.slice(0, lineLimit), number, troubles);
	}

	const deep = markers.exec(line);
	if (deep !== null) {
		troubles.push({code: 'too-deep', line: number, column: 1});
		return `\\${line.trimStart().slice(deep[0].trimStart().length - 1)}`;
	}

	return line;
};

/** Walks the parser's flat list of opening and closing tokens. */
class BlockReader {
	readonly tokens: readonly Token[];
	readonly lines: readonly string[];
	#at = 0;

	constructor(tokens: readonly Token[], lines: readonly string[]) {
		this.tokens = tokens;
		this.lines = lines;
	}

	/** The blocks up to the closing token, or to the end. */
	blocks(end: string | null): readonly Block[] {
		const blocks: Block[] = [];
		while (this.#at < this.tokens.length) {
			const token = this.tokens[this.#at++]!;
			if (token.type === end) {
				break;
			}

			const block = this.#block(token);
			if (block !== null) {
				blocks.push(block);
			}
		}

		return blocks;
	}

	#block(token: Token): Block | null {
		const line = (token.map?.[0] ?? 0) + 1;
		switch (token.type) {
			case 'heading_open': {
				return {kind: 'heading', level: Number(token.tag.slice(1)), inlines: this.#inlines('heading_close'), line};
			}

			case 'paragraph_open': {
				return {kind: 'paragraph', inlines: this.#inlines('paragraph_close'), line};
			}

			case 'fence':
			case 'code_block': {
				return this.#code(token, line);
			}

			case 'bullet_list_open':
			case 'ordered_list_open': {
				return {kind: 'list', ordered: token.type === 'ordered_list_open', start: Number(token.attrGet('start') ?? 1), items: this.#items(token.type.replace('open', 'close')), line};
			}

			case 'blockquote_open': {
				return {kind: 'quote', blocks: this.blocks('blockquote_close'), line};
			}

			case 'table_open': {
				return this.#table(line);
			}

			case 'hr': {
				return {kind: 'rule', line};
			}

			case 'html_block': {
				const comment = /^\s*<!--([^]*?)-->\s*$/.exec(token.content);
				const column = Math.max(0, (this.lines[line - 1] ?? '').indexOf('<!--')) + 5;
				return comment === null ? {kind: 'html', text: makeSafe(token.content.trim()), line} : {kind: 'comment', text: comment[1]!, line, column};
			}

			default: {
				return null;
			}
		}
	}

	#code(token: Token, line: number): Block {
		const own = this.lines[line - 1] ?? '';
		const rawLines = token.content === '' ? [] : token.content.replace(/\n$/, '').split('\n');
		const isFenced = token.type === 'fence';
		const span = (token.map?.[1] ?? line) - (token.map?.[0] ?? line - 1);
		const infoColumn = own.indexOf(token.markup) + token.markup.length + 1 + (/^\s*/.exec(token.info)?.[0].length ?? 0);
		return {
			kind: 'code', info: token.info.trim(), infoColumn, rawLines, line, firstLine: isFenced ? line + 1 : line, fenced: isFenced,
			column: isFenced ? Math.max(0, own.indexOf(token.markup)) + 1 : own.length - own.trimStart().length + 1,
			// An open one ends with the text, and takes one line less than its content and two fences.
			closed: !isFenced || span >= rawLines.length + 2,
		};
	}

	#items(end: string): readonly ListItem[] {
		const items: ListItem[] = [];
		while (this.#at < this.tokens.length) {
			const token = this.tokens[this.#at++]!;
			if (token.type === end) {
				break;
			}

			if (token.type === 'list_item_open') {
				items.push(withTask(this.blocks('list_item_close')));
			}
		}

		return items;
	}

	#table(line: number): Block {
		const rows: Inline[][][] = [];
		let head = 0;
		while (this.#at < this.tokens.length) {
			const token = this.tokens[this.#at++]!;
			if (token.type === 'table_close') {
				break;
			}

			if (token.type === 'tr_open') {
				rows.push([]);
			} else if (token.type === 'thead_close') {
				head = rows.length;
			} else if (token.type === 'inline') {
				rows.at(-1)?.push([...inlinesOf(token)]);
			}
		}

		return {kind: 'table', head: rows[head - 1] ?? [], rows: rows.slice(head), line};
	}

	#inlines(end: string): readonly Inline[] {
		const inlines: Inline[] = [];
		while (this.#at < this.tokens.length) {
			const token = this.tokens[this.#at++]!;
			if (token.type === end) {
				break;
			}

			if (token.type === 'inline') {
				inlines.push(...inlinesOf(token));
			}
		}

		return inlines;
	}
}

/** `[x] done` as a checked item. */
const withTask = (blocks: readonly Block[]): ListItem => {
	const [first, ...rest] = blocks;
	const mark = first?.kind === 'paragraph' ? /^\[([ xX])\]\s+/.exec(first.inlines[0]?.text ?? '') : null;
	if (first?.kind !== 'paragraph' || mark === null) {
		return {checked: null, blocks};
	}

	const [inline, ...inlines] = first.inlines;
	return {checked: mark[1] !== ' ', blocks: [{...first, inlines: [{...inline!, text: makeSafe(inline!.text.slice(mark[0].length))}, ...inlines]}, ...rest]};
};

const styles: Readonly<Record<string, InlineStyle>> = {strong: 'strong', em: 'emphasis', link: 'link', s: 'struck'};

const inlinesOf = (token: Token): readonly Inline[] => {
	const out: Inline[] = [];
	const open: Array<{readonly style: InlineStyle; readonly href: string; readonly at: number}> = [];
	for (const child of token.children ?? []) {
		const style = child.nesting === 0 ? undefined : styles[child.type.replace(/_(?:open|close)$/, '')];
		if (style !== undefined && child.nesting === 1) {
			open.push({style, href: style === 'link' ? String(child.attrGet('href') ?? '') : '', at: out.length});
		} else if (style !== undefined && child.nesting === -1) {
			const closed = open.pop();
			// Where a link leads cannot be seen in a terminal: it is said.
			if (closed?.style === 'link' && closed.href !== '' && !out.slice(closed.at).some(({text}) => text === closed.href || `mailto:${text}` === closed.href)) {
				out.push({text: makeSafe(` (${closed.href})`), style: 'link'});
			}
		} else if (child.type === 'softbreak' || child.type === 'hardbreak') {
			out.push({text: makeSafe(''), style: 'break'});
		} else if (child.type === 'code_inline') {
			out.push({text: makeSafe(child.content), style: 'code'});
		} else if (child.content !== '' && !(child.type === 'html_inline' && child.content.startsWith('<!--'))) {
			out.push({text: makeSafe(child.content), style: open.at(-1)?.style ?? 'plain'});
		}
	}

	return out;
};
