/**
The words of bash: quotes, escapes and expansions. What an expansion runs (`$(…)`, backquotes, process substitutions) is read as commands by the
subclass (shell-reader.ts), on the same text, so that a parenthesis is matched as bash would match it.
*/

/** A word after quote removal. */
export type Word = {
	readonly text: string;
	/** Holds an expansion: what bash will see is not known. The expansion stands in `text` as it was written. */
	readonly dynamic: boolean;
	/** An expansion outside quotes: it may become several words, options among them. */
	readonly splits: boolean;
	/** Quoted or escaped somewhere, so it is no reserved word and no operator. */
	readonly quoted: boolean;
};

export type Redirection = {readonly operator: string; readonly target: Word};

/** One command with its own redirections. `input`: the here-document or here-string that it reads. */
export type Command = {
	readonly assignments: readonly {readonly name: string; readonly value: Word}[];
	readonly words: readonly Word[];
	readonly redirections: readonly Redirection[];
	readonly input: Word | null;
	readonly source: string;
};

export type Reading = {
	readonly commands: readonly Command[];
	/** Functions that the text defines; their bodies are among the commands. */
	readonly functions: ReadonlySet<string>;
	/** Pieces of text that could not be read. */
	readonly unreadable: readonly string[];
};

/** How deep substitutions and groups may nest; text that goes deeper is told as unreadable. */
export const deepest = 24;

const blanks = ' \t';
/** Characters that mean nothing to bash inside a word. */
const ordinary = /[\w./:=@,+%-]+/y;
const metacharacters = ' \t\n;&|()<>';

/** What is found while reading, shared by all readers of one script. */
export type Findings = {readonly commands: Command[]; readonly functions: Set<string>; readonly unreadable: string[]};

export abstract class ShellWords {
	protected at = 0;
	protected readonly script: string;
	protected readonly reading: Findings;
	protected depth: number;

	constructor(script: string, reading: Findings, depth: number) {
		this.script = script;
		this.reading = reading;
		this.depth = depth;
	}

	/** Reads commands up to the closing parenthesis and consumes it. */
	protected abstract readSubstitution(): void;

	/** Reads another text as commands: what stands between backquotes. */
	protected abstract readInner(script: string): void;

	/** Reads another text as if in double quotes. */
	protected abstract readInnerQuoted(script: string): Word;

	/** One word; nothing is consumed where none begins. */
	protected readWord(): Word {
		let text = '';
		let dynamic = false;
		let splits = false;
		let quoted = false;
		while (this.at < this.script.length) {
			const character = this.script[this.at]!;
			if ((character === '<' || character === '>') && this.script[this.at + 1] === '(') {
				const from = this.at;
				this.at += 2;
				this.readSubstitution();
				text += this.script.slice(from, this.at);
				dynamic = true;
				continue;
			}

			if (metacharacters.includes(character)) {
				break;
			}

			if (character === '\\') {
				const next = this.script[this.at + 1];
				text += next === '\n' || next === undefined ? '' : next;
				quoted = true;
				this.at += 2;
				continue;
			}

			if (character === '\'') {
				const end = this.script.indexOf('\'', this.at + 1);
				if (end < 0) {
					this.giveUp();
					break;
				}

				text += this.script.slice(this.at + 1, end);
				quoted = true;
				this.at = end + 1;
				continue;
			}

			if (character === '$' && this.script[this.at + 1] === '\'') {
				text += this.#readAnsiQuoted();
				quoted = true;
				continue;
			}

			if (character === '"' || (character === '$' && this.script[this.at + 1] === '"')) {
				this.at += character === '"' ? 1 : 2;
				const inner = this.readQuoted('"');
				text += inner.text;
				dynamic ||= inner.dynamic;
				quoted = true;
				continue;
			}

			const expansion = this.readExpansion(character);
			if (expansion !== null) {
				text += expansion;
				dynamic = true;
				splits = true;
				continue;
			}

			// What most words are made of is taken in one go.
			ordinary.lastIndex = this.at;
			const run = ordinary.exec(this.script)?.[0] ?? character;
			text += run;
			this.at += run.length;
		}

		return {text, dynamic, splits, quoted};
	}

	/** Text in double quotes (or a whole here-document): only expansions and a few escapes count. */
	protected readQuoted(close: '"' | null): Word {
		let text = '';
		let dynamic = false;
		while (this.at < this.script.length) {
			const character = this.script[this.at]!;
			if (character === close) {
				this.at++;
				return {text, dynamic, splits: false, quoted: true};
			}

			if (character === '\\') {
				const next = this.script[this.at + 1] ?? '';
				text += '$`"\\'.includes(next) ? next : (next === '\n' ? '' : `\\${next}`);
				this.at += 2;
				continue;
			}

			const expansion = this.readExpansion(character);
			if (expansion === null) {
				text += character;
				this.at++;
			} else {
				text += expansion;
				dynamic = true;
			}
		}

		if (close !== null) {
			this.giveUp();
		}

		return {text, dynamic, splits: false, quoted: true};
	}

	/** `$name`, `${…}`, `$(…)`, `$((…))`, backquotes: consumed and given back as written; commands in it are read. Null when none begins here. */
	protected readExpansion(character: string): string | null {
		const from = this.at;
		if (character === '`') {
			const end = /(?:[^\\`]|\\[^])*`/y;
			end.lastIndex = from + 1;
			const body = end.exec(this.script)?.[0];
			if (body === undefined) {
				this.giveUp();
				return '';
			}

			this.at = from + 1 + body.length;
			this.readInner(body.slice(0, -1).replaceAll(/\\([$`\\])/g, '$1'));
			return this.script.slice(from, this.at);
		}

		if (character !== '$') {
			return null;
		}

		const next = this.script[from + 1] ?? '';
		if (next === '(') {
			if (this.script[from + 2] !== '(' || !this.readArithmetic(3)) {
				this.at = from + 2;
				this.readSubstitution();
			}
		} else if (next === '{') {
			this.at = from + 2;
			this.#readBraces(from);
		} else if (/[\w@*#?$!-]/.test(next)) {
			this.at = from + 1 + (/^(?:[A-Za-z_]\w*|.)/.exec(this.script.slice(from + 1, from + 200))?.[0].length ?? 1);
		} else {
			return null;
		}

		return this.script.slice(from, this.at);
	}

	#readBraces(from: number): void {
		while (this.at < this.script.length) {
			const character = this.script[this.at]!;
			if (character === '}') {
				this.at++;
				// `${x@P}` expands its value as a prompt, which may run commands; `${!x}` reads a name that is not known.
				if (/@P\}$/.test(this.script.slice(from, this.at))) {
					this.reading.unreadable.push(this.script.slice(from, this.at));
				}

				return;
			}

			if (character === '\'') {
				const end = this.script.indexOf('\'', this.at + 1);
				this.at = end < 0 ? this.at + 1 : end + 1;
			} else if (character === '\\') {
				this.at += 2;
			} else if (character === '"') {
				this.at++;
				this.readQuoted('"');
			} else if (this.depth >= deepest) {
				this.giveUp();
			} else {
				this.depth++;
				const isPlain = this.readExpansion(character) === null;
				this.at += isPlain ? 1 : 0;
				this.depth--;
			}
		}

		this.giveUp();
	}

	/** `((…))` from here, `opening` characters long at its start. False, with nothing consumed, when it is two nested parentheses of commands. */
	protected readArithmetic(opening: number): boolean {
		const from = this.at;
		let level = 2;
		let at = from + opening;
		while (at < this.script.length && level > 0) {
			const character = this.script[at]!;
			level += character === '(' ? 1 : (character === ')' ? -1 : 0);
			if (level === 1 && this.script[at + 1] !== ')') {
				return false;
			}

			at++;
		}

		const body = this.script.slice(from + opening, at - 2);
		// Two words beside each other are no arithmetic: commands in two parentheses, as far as anybody can tell.
		if (level > 0 || /[\w\]})]\s+(?:[\w${[]|[-./][\w/])/.test(body) || !/^[\w\s$+\-*/%<>=!&|^~?:,()[\]{}#"@`]*$/.test(body)) {
			return false;
		}

		this.at = at;
		this.readInnerQuoted(body);
		return true;
	}

	#readAnsiQuoted(): string {
		const match = /^\$'((?:[^\\']|\\[^])*)'/.exec(this.script.slice(this.at));
		if (match === null) {
			this.giveUp();
			return '';
		}

		this.at += match[0].length;
		return match[1]!.replaceAll(/\\(?:x([\dA-Fa-f]{1,2})|u([\dA-Fa-f]{1,4})|U([\dA-Fa-f]{1,8})|([0-7]{1,3})|c([^])|([^]))/g,
			(_, hex: string | undefined, short: string | undefined, long: string | undefined, octal: string | undefined, control: string | undefined, other: string | undefined) => {
				const digits = hex ?? short ?? long;
				if (digits !== undefined || octal !== undefined) {
					const code = digits === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(digits, 16);
					return code <= 0x10_FF_FF ? String.fromCodePoint(code) : '\uFFFD';
				}

				return control === undefined ? ({n: '\n', t: '\t', r: '\r'}[other!] ?? other!) : '\uFFFD';
			});
	}

	/** What follows cannot be read: it is told, and nothing more of this text is looked at. */
	protected giveUp(): void {
		this.reading.unreadable.push(this.script.slice(Math.max(0, this.at - 20), this.at + 20).trim());
		this.at = this.script.length;
	}

	protected skipBlanks(): void {
		for (;;) {
			if (blanks.includes(this.script[this.at] ?? '\n')) {
				this.at++;
			} else if (this.script.startsWith('\\\n', this.at)) {
				this.at += 2;
			} else {
				return;
			}
		}
	}

	protected skipSpace(): void {
		this.skipBlanks();
		while (this.script[this.at] === '\n' || this.script[this.at] === '#') {
			if (this.script[this.at] === '#') {
				const end = this.script.indexOf('\n', this.at);
				this.at = end < 0 ? this.script.length : end;
			} else {
				this.at++;
			}

			this.skipBlanks();
		}
	}
}
