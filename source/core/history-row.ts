/**
One row for the incident history of a runbook, spliced into its Markdown by lines. Hides how the table is found, which of its columns says what, whether
it grows at the top or at the end, and how its dates are written.

Invariant: what comes back is the old text with one line added and nothing else changed, byte for byte.
*/

export type HistoryCells = {
	/** `2026-01-18`. */
	readonly date: string;
	readonly duration: string;
	readonly cause: string;
	readonly action: string;
};

export type HistoryProblem = 'no-heading' | 'no-table' | 'unknown-columns' | 'already-there';

export type HistoryTable = {
	/** The language of the heading, in which the row is best written. */
	readonly language: 'en' | 'pt-BR';
	/** Positions of the columns; null where the table has none such. */
	readonly columns: {readonly date: number | null; readonly duration: number | null; readonly cause: number | null; readonly action: number | null; readonly count: number};
	/** Lines, from 0: the one that says the columns' alignment, and the rows that follow it. */
	readonly delimiterLine: number;
	readonly rows: ReadonlyArray<readonly string[]>;
};

export type Splice = {
	readonly text: string;
	/** From 1, of the new line. */
	readonly line: number;
	readonly row: string;
};

type Line = {readonly text: string; readonly end: string};

const linesOf = (text: string): readonly Line[] => [...text.matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g)]
	.filter(([whole], index, all) => whole !== '' || index < all.length - 1)
	.map(([, line, end]) => ({text: line!, end: end!}));

const portuguese = /hist[oó]rico/i;
const english = /\b(?:incident history|history of incidents|incident log|past incidents|history)\b/i;
const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const fence = /^ {0,3}(`{3,}|~{3,})/;
const delimiter = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

/** The cells of a row; an escaped bar is part of its cell. */
const cellsOf = (line: string): readonly string[] => line.trim().replace(/^\|/, '').replace(/(?<!\\)\|$/, '').split(/(?<!\\)\|/).map(cell => cell.trim());

/** Lines that are neither in a fence nor in a comment, by their number. */
const plainLines = (lines: readonly Line[]): readonly boolean[] => {
	let open: string | null = null;
	let isComment = false;
	return lines.map(({text}) => {
		const mark = fence.exec(text)?.[1];
		if (open === null && !isComment && mark === undefined) {
			isComment = text.includes('<!--') && !text.slice(text.lastIndexOf('<!--')).includes('-->');
			return !isComment;
		}

		if (isComment) {
			isComment = !text.includes('-->');
			return false;
		}

		if (open === null) {
			open = mark!;
		} else if (mark !== undefined && mark[0] === open[0] && mark.length >= open.length && text.trim() === mark) {
			open = null;
		}

		return false;
	});
};

const columnOf = (head: readonly string[], pattern: RegExp): number | null => {
	const index = head.findIndex(cell => pattern.test(cell.replaceAll(/[*_`]/g, '').trim()));
	return index < 0 ? null : index;
};

/** Finds the history's table, or says what is missing. */
export const findHistory = (text: string): {readonly ok: true; readonly table: HistoryTable} | {readonly ok: false; readonly code: Exclude<HistoryProblem, 'already-there'>} => {
	const lines = linesOf(text);
	const plain = plainLines(lines);
	const headings = lines.flatMap(({text: line}, index) => {
		const found = plain[index] === true ? heading.exec(line) : null;
		return found === null ? [] : [{index, level: found[1]!.length, title: found[2]!}];
	});
	const at = headings.findIndex(({title}) => portuguese.test(title) || english.test(title));
	if (at < 0) {
		return {ok: false, code: 'no-heading'};
	}

	const {index: from, level, title} = headings[at]!;
	const to = headings.slice(at + 1).find(next => next.level <= level)?.index ?? lines.length;
	const delimiterLine = lines.findIndex(({text: line}, index) => index > from + 1 && index < to && plain[index] === true && line.includes('-') && line.includes('|') && delimiter.test(line) && lines[index - 1]!.text.includes('|'));
	if (delimiterLine < 0) {
		return {ok: false, code: 'no-table'};
	}

	const head = cellsOf(lines[delimiterLine - 1]!.text);
	const columns = {
		date: columnOf(head, /^(?:data|date|quando|when|dia|day)\b/i),
		duration: columnOf(head, /^(?:dura|downtime|tempo fora)/i),
		cause: columnOf(head, /caus|motivo|reason/i),
		action: columnOf(head, /^(?:aç|ac|corre|resolu|fix|solu)/i),
		count: head.length,
	};
	if (columns.date === null || columns.duration === null) {
		return {ok: false, code: 'unknown-columns'};
	}

	const rest = lines.slice(delimiterLine + 1, to);
	const end = rest.findIndex(({text: line}) => !line.includes('|'));
	const rows = (end < 0 ? rest : rest.slice(0, end)).map(({text: line}) => cellsOf(line));
	return {ok: true, table: {language: portuguese.test(title) ? 'pt-BR' : 'en', columns, delimiterLine, rows}};
};

/** A cell that is one cell, whatever stands in it. */
const cell = (text: string): string => text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/[\\|<>`]/g, String.raw`\$&`).trim();

const isoDate = /^(\d{4})-(\d\d)-(\d\d)/;
const dottedDate = /^(\d\d)([/.])(\d\d)\2(\d{4})/;

/** As the rows that are there write theirs. */
const dateLike = (date: string, sample: string | undefined): string => {
	const parts = isoDate.exec(date);
	const separator = dottedDate.exec(sample ?? '')?.[2];
	return parts === null || separator === undefined ? date : [parts[3], parts[2], parts[1]].join(separator);
};

const sortable = (date: string): string => {
	const dotted = dottedDate.exec(date);
	return dotted === null ? date : `${dotted[4]}-${dotted[3]}-${dotted[1]}`;
};

/** The text with the row in it: where the newest is at the end, at the end; else at the top. */
export const spliceHistory = (text: string, cells: HistoryCells): {readonly ok: true; readonly splice: Splice} | {readonly ok: false; readonly code: HistoryProblem} => {
	const found = findHistory(text);
	if (!found.ok) {
		return found;
	}

	const {columns, delimiterLine, rows} = found.table;
	const dates = rows.map(row => row[columns.date!] ?? '');
	const date = dateLike(cells.date, dates.find(other => other !== ''));
	const written = Array.from({length: columns.count}, (_, index) => {
		const value = index === columns.date ? date : (index === columns.duration ? cells.duration : (index === columns.cause ? cells.cause : (index === columns.action ? cells.action : '')));
		return cell(value);
	});
	if (rows.some(row => row[columns.date!] === cell(date) && row[columns.duration!] === cell(cells.duration))) {
		return {ok: false, code: 'already-there'};
	}

	const grows = rows.length > 1 && sortable(dates[0]!) < sortable(dates.at(-1)!);
	const lines = linesOf(text);
	const after = grows ? delimiterLine + rows.length : delimiterLine;
	const before = lines.slice(0, after + 1);
	// A file may end with the table and without a line break: then the break comes before the row, and none after it.
	const last = before.at(-1)!;
	const lineBreak = lines.find(({end}) => end !== '')?.end ?? '\n';
	const row = `${/^ */.exec(lines[delimiterLine]!.text)?.[0] ?? ''}| ${written.join(' | ')} |`;
	const head = before.map(({text: line, end}) => line + end).join('');
	const added = last.end === '' ? `${lineBreak}${row}` : `${row}${last.end}`;
	return {ok: true, splice: {text: head + added + text.slice(head.length), line: after + 2, row}};
};
