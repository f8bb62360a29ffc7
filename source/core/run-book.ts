/**
The run book: what each run printed, bounded, safe to show and without secrets; mutable, with a revision, and kept out of the reducer like the log
book. It hides partial lines over chunk borders, carriage returns of progress displays (the last state of a line counts, as on a terminal)
the bounds (5,000 lines a run, 20 runs), and that the end of an unfinished line may be the beginning of a secret: it is shown when the word is whole.
*/

import {stepIn} from './action-words.ts';
import {LineRedactor} from './redaction.ts';
import {Secrets} from './secrets.ts';
import {makeSafe, ownText, type SafeText} from './text.ts';

const linesKept = 5000;
const lineLength = 4096;
const cutMargin = 1024;
const runsKept = 20;

/** The step of a script that was announced last. */
export type RunStep = {readonly number: number; readonly count: number; readonly text: string};

type Output = {step: RunStep | null; lines: SafeText[]; dropped: number; open: string; skippedBytes: number; readonly redactor: LineRedactor};

// Sequences that move the cursor up or erase lines rewrite earlier output; compose v1 uses them for its progress. They end a line here.
// eslint-disable-next-line no-control-regex
const cursorMoves = /\u001B\[\d*[ABEFGJK]/g;

export class RunBook {
	revision = 0;
	readonly #outputs = new Map<string, Output>();
	readonly #secrets: Secrets;

	constructor(secrets = new Secrets()) {
		this.#secrets = secrets;
	}

	/** Adds a piece of output; `skippedBytes` lie between it and what came before. */
	append(id: string, rawText: string, skippedBytes: number): void {
		const output = this.#output(id);
		let text = rawText;
		if (skippedBytes > 0) {
			// What lies on both sides of the gap are pieces of words, perhaps of a secret.
			output.open = output.open.replace(/\S+$/, '…');
			text = text.replace(/^\S+/, '…');
			this.#close(output);
			output.lines.push(ownText(`… ${skippedBytes} B …`));
			output.skippedBytes += skippedBytes;
		}

		const pieces = (output.open + text.replace(cursorMoves, '')).split('\n');
		const open = pieces.pop() ?? '';
		output.open = open.length > 4 * lineLength ? open.slice(-4 * lineLength).replace(/^\S{0,1024}/, '') : open;
		for (const piece of pieces) {
			this.#push(output, piece);
		}

		this.revision++;
	}

	/** What it printed is about to come again, from the beginning. */
	forget(id: string): void {
		if (this.#outputs.delete(id)) {
			this.revision++;
		}
	}

	/** The last `count` lines, the unfinished one included, oldest first; `above` lines lie before them. */
	tail(id: string, count: number, scrolledUp = 0): {readonly lines: readonly SafeText[]; readonly above: number; readonly below: number} {
		const output = this.#outputs.get(id);
		if (output === undefined) {
			return {lines: [], above: 0, below: 0};
		}

		const unfinished = this.#unfinished(output);
		const all = unfinished === '' ? output.lines : [...output.lines, unfinished];
		const end = Math.max(Math.min(count, all.length), all.length - scrolledUp);
		const start = Math.max(0, end - count);
		return {lines: all.slice(start, end), above: start + output.dropped, below: all.length - end};
	}

	/** The step that runs now, or at which it stopped; null where the script has only one. */
	stepOf(id: string): RunStep | null {
		return this.#outputs.get(id)?.step ?? null;
	}

	/**
	Did it end where it asked something of a terminal? It has none: standard input is closed. Some take that for a no and end well, right after their question;
	bash's own `read` asks without a word then.
	*/
	wantedInput(id: string, script: string, hasFailed: boolean): boolean {
		const {lines} = this.tail(id, hasFailed ? 3 : 1);
		return lines.some(line => wantsInput.test(line)) || (hasFailed && /(?:^|[\n;&(]|\b(?:if|then|do|else)\b)\s*read\b(?![^\n;]*<)/.test(script));
	}

	#output(id: string): Output {
		const existing = this.#outputs.get(id);
		if (existing !== undefined) {
			return existing;
		}

		const output: Output = {step: null, lines: [], dropped: 0, open: '', skippedBytes: 0, redactor: new LineRedactor(this.#secrets.redact)};
		this.#outputs.set(id, output);
		const oldest = this.#outputs.keys().next().value;
		if (this.#outputs.size > runsKept && oldest !== undefined) {
			this.#outputs.delete(oldest);
		}

		return output;
	}

	/** The line that is still being written, without a word at its end that may become a secret. */
	#unfinished(output: Output): SafeText {
		const state = lastState(output.open);
		const text = state.slice(0, state.length - this.#secrets.heldBack(state));
		return text.trim() === '' ? ownText('') : cut(this.#secrets.redact(makeSafe(text)));
	}

	#close(output: Output): void {
		if (output.open !== '') {
			this.#push(output, output.open);
			output.open = '';
		}
	}

	#push(output: Output, raw: string): void {
		const line = cut(output.redactor.next(lastState(raw).slice(0, lineLength + cutMargin)));
		output.lines.push(line);
		output.step = stepIn(line) ?? output.step;
		if (output.lines.length > linesKept) {
			const surplus = output.lines.length - linesKept;
			output.lines.splice(0, surplus);
			output.dropped += surplus;
		}
	}
}

// A question with its answers, a prompt for a secret, and what programs say that found no terminal or nothing to read.
const wantsInput = /(?:[[(](?:y(?:es)?\/no?|s(?:im)?\/n(?:[aã]o)?)[)\]]|\b(?:password|passphrase|senha)\b[^:]{0,40}:|\b(?:continue|proceed|are you sure|continuar|tem certeza)\b[^?]{0,60}\?)[\s:?>]*$|\bEOFError\b|EOF when reading a line|input device is not a TTY|inappropriate ioctl for device|must be (?:run from|connected to) a terminal/i;

/** A line as a terminal would leave it after its carriage returns. */
const lastState = (raw: string): string => raw.replace(/\r+$/, '').split('\r').findLast(state => state.trim() !== '') ?? '';

const cut = (line: SafeText): SafeText => line.length > lineLength ? ownText(`${line.slice(0, lineLength)}…`) : line;
