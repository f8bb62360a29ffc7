/**
A fence taken apart: a piece per comment with the commands under it up to the next comment. Hides what of a shell script is one command though it
spans lines: continuations, open quotes, here-documents, loops and blocks; a `#` inside one of these begins no piece.
*/

import {meaningOf, type Meaning} from './commands.ts';
import {readQuotes, type Inside} from './quotes.ts';

export type Command = {readonly text: string; readonly meaning: Meaning; readonly rawLines: readonly string[]; /** From 0, in the fence. */ readonly line: number};

export type Piece = {
	/** The comment's lines, without `#`. Empty where the fence begins without one. */
	readonly comments: readonly string[];
	readonly commands: readonly Command[];
	/** From 0, in the fence. */
	readonly line: number;
};

const shells = new Set(['', 'bash', 'sh', 'shell', 'zsh', 'ksh', 'console', 'terminal', 'shell-session', 'shellsession', 'sh-session', 'bash-session']);

/** The language word of an info string. */
export const languageOfInfo = (info: string): string => /^[^\s{]*/.exec(info.trim())![0].toLowerCase().replace(/^[.{]+/, '');

export const isShell = (info: string): boolean => shells.has(languageOfInfo(info));

const commentLine = /^\s*#(?!!)\s?(.*)$/;
const opens = /(?:^|[;&|]|\b(?:then|do|else)\b)\s*(?:if|for|while|until|case|select)\b|(?:^|[\s;)])\{\s*$|\b\w+\s*\(\)\s*\{/g;
const closes = /(?:^|[;&\s])(?:fi|done|esac)(?=$|[\s;&|)>])|^\s*\}/g;

/** Without one of these no block begins or ends on a line. */
const mayOpen = /\b(?:if|for|while|until|case|select)\b|\{/;

/** In a transcript only the lines behind a prompt are commands; the rest is what they printed. */
const isTranscript = (lines: readonly string[]): boolean => lines.some(line => /^\s*\$\s+\S/.test(line));

/** The commands of a script with the lines that belong together. */
class Reader {
	readonly pieces: Piece[] = [];
	#comments: string[] = [];
	#commands: Command[] = [];
	#line = 0;
	#isEmptySince = false;

	comment(text: string, line: number): void {
		// A blank line between two comments ends the first: it was a remark of its own.
		if (this.#commands.length > 0 || (this.#comments.length > 0 && this.#isEmptySince)) {
			this.end();
		}

		if (this.#comments.length === 0) {
			this.#line = line;
		}

		this.#isEmptySince = false;
		this.#comments.push(text);
	}

	command(command: Command): void {
		if (this.#comments.length === 0 && this.#commands.length === 0) {
			this.#line = command.line;
		}

		this.#commands.push(command);
	}

	blank(): void {
		this.#isEmptySince = true;
	}

	end(): void {
		if (this.#comments.length > 0 || this.#commands.length > 0) {
			this.pieces.push({comments: this.#comments, commands: this.#commands, line: this.#line});
		}

		this.#comments = [];
		this.#commands = [];
		this.#isEmptySince = false;
	}
}

/** What commands mean that were met before in the same page. */
export type KnownMeanings = Map<string, Meaning>;

/** The pieces of a fence, in order. */
export const piecesOf = (rawLines: readonly string[], known: KnownMeanings): readonly Piece[] => {
	const reader = new Reader();
	const transcript = isTranscript(rawLines);
	const ahead = {left: aheadLimit};
	for (let index = 0; index < rawLines.length; index++) {
		const line = rawLines[index]!;
		const comment = commentLine.exec(line);
		if (line.trim() === '') {
			reader.blank();
		} else if (comment !== null) {
			reader.comment(comment[1]!.trim(), index);
		} else if (/^\s*#!/.test(line) || (transcript && !/^\s*\$\s+/.test(line))) {
			// Which shell, or what a command printed: neither is run.
		} else {
			const end = endOfCommand(rawLines, index, ahead);
			const own = rawLines.slice(index, end + 1).map((text, at) => at === 0 ? text.replace(/^\s*\$\s+/, '') : text);
			const text = own.join('\n').trim();
			const meaning = known.get(text) ?? meaningOf(text);
			known.set(text, meaning);
			reader.command({text, meaning, rawLines: own, line: index});
			index = end;
		}
	}

	reader.end();
	return reader.pieces;
};

/** Nobody writes a longer one into a page; an open quote must not make the rest of it one command. */
const longestCommand = 200;
/** Lines that are looked at ahead in a fence, all commands together: a thousand loops without an end must not take a thousand times as long. */
const aheadLimit = 20_000;

/** The last line of the command that begins on `start`. */
const endOfCommand = (lines: readonly string[], start: number, ahead: {left: number}): number => {
	let quote: Inside = '';
	let depth = 0;
	const last = Math.min(lines.length, start + 1 + Math.min(longestCommand, ahead.left));
	for (let index = start; index < last; index++) {
		ahead.left -= index > start ? 1 : 0;
		const line = lines[index]!;
		const here = quote === '' ? /<<-?\s*(["']?)([A-Za-z_]\w*)\1/.exec(line) : null;
		if (here !== null) {
			const end = lines.slice(index, last).findIndex((other, at) => at > 0 && other.trim() === here[2]);
			// Without its end it is taken for what it looks like.
			index += Math.max(0, end);
		}

		const after: Inside = readQuotes(line, quote).end;
		quote = after === '#' ? '' : after;
		if (quote === '' && here === null && (depth > 0 || mayOpen.test(line))) {
			const bare = line.replaceAll(/"(?:\\.|[^"\\])*"|'[^']*'/g, '');
			depth = Math.max(0, depth + [...bare.matchAll(opens)].length - [...bare.matchAll(closes)].length);
		}

		const continues = /(?:^|[^\\])(?:\\\\)*\\$/.test(line) || /(?:\|\||&&|\|)\s*$/.test(line);
		if (quote === '' && depth === 0 && !(continues && here === null)) {
			return index;
		}
	}

	// Never closed: the first line alone, rather than the rest of the fence in one.
	return quote !== '' || depth > 0 ? start : last - 1;
};
