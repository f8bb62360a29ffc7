/**
Reads bash text into its simple commands, flat: what stands in pipelines, lists, groups, loops, functions and substitutions all counts, since
each of it may run. It hides here-documents and reserved words; words are read by shell-words.ts.

Invariants: never throws and always ends; text that it cannot read whole is told as a trouble, never guessed at.
*/

import {deepest, ShellWords, type Command, type Reading, type Redirection, type Word} from './shell-words.ts';

const skippedWords = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', '{', 'time', 'coproc']);
const closingWords = new Set(['fi', 'done', '}']);

type Open = {
	assignments: {name: string; value: Word}[];
	words: Word[];
	redirections: Redirection[];
	input: {word: Word} | null;
	from: number;
	/** A compound command has just ended here: redirections and operators may follow. */
	closed: boolean;
};

type HereDocument = {readonly delimiter: string; readonly literal: boolean; readonly stripsTabs: boolean; readonly holder: {word: Word}};

/** Reads a whole script. */
export const readShell = (script: string): Reading => {
	const reading = {commands: [] as Command[], functions: new Set<string>(), unreadable: [] as string[]};
	new ShellReader(script.replaceAll('\r\n', '\n'), reading, 0).readList('end');
	return reading;
};

class ShellReader extends ShellWords {
	#documents: HereDocument[] = [];

	protected readSubstitution(): void {
		this.readList(')');
	}

	protected readInner(script: string): void {
		new ShellReader(script, this.reading, this.depth).readList('end');
	}

	protected readInnerQuoted(script: string): Word {
		if (this.depth >= deepest) {
			this.reading.unreadable.push(script.slice(0, 40));
			return {text: script, dynamic: true, splits: false, quoted: true};
		}

		return new ShellReader(script, this.reading, this.depth + 1).readQuoted(null);
	}

	/** Reads commands up to the end of the text, the closing parenthesis, or the end of a branch of `case`. */
	readList(stop: 'end' | ')' | 'case'): void {
		if (this.depth >= deepest) {
			this.giveUp();
			return;
		}

		this.depth++;
		let open = this.#begin();
		for (;;) {
			this.skipBlanks();
			const character = this.script[this.at];
			if (character === undefined) {
				this.#finish(open);
				this.#takeDocuments();
				if (stop !== 'end') {
					this.giveUp();
				}

				break;
			}

			if (character === ')') {
				this.#finish(open);
				if (stop === ')') {
					this.at++;
					break;
				}

				this.giveUp();
				break;
			}

			if (this.script.startsWith(';;', this.at) || this.script.startsWith(';&', this.at)) {
				this.#finish(open);
				this.at += this.script.startsWith(';;&', this.at) ? 3 : 2;
				if (stop === 'case') {
					break;
				}

				this.giveUp();
				break;
			}

			if (stop === 'case' && isEmpty(open) && /^esac(?![^\s;&|()<>])/.test(this.script.slice(this.at, this.at + 5))) {
				break;
			}

			open = this.#readPiece(open, character);
		}

		this.depth--;
	}

	#readPiece(open: Open, character: string): Open {
		if (character === '\n') {
			this.#finish(open);
			this.at++;
			this.#takeDocuments();
			return this.#begin();
		}

		if (character === '#') {
			while (this.at < this.script.length && this.script[this.at] !== '\n') {
				this.at++;
			}

			return open;
		}

		const redirection = /[\d{<>&]/.test(character) ? /^(?:\d+|\{\w+\})?(?:<<<|<<-?|<>|<&|>>|>&|>\||<|>)|^&>>?/.exec(this.script.slice(this.at, this.at + 40))?.[0] : undefined;
		// `<(…)` and `>(…)` are words.
		if (redirection !== undefined && !(/^[<>]$/.test(redirection) && this.script[this.at + 1] === '(')) {
			this.#readRedirection(open, redirection);
			return open;
		}

		if (character === ';' || character === '&' || character === '|') {
			this.#finish(open);
			const operator = /^(?:&&|\|\||\|&|.)/.exec(this.script.slice(this.at, this.at + 2))![0];
			this.at += operator.length;
			return this.#begin();
		}

		return character === '(' ? this.#readParenthesis(open) : this.#readCommandWord(open);
	}

	#readParenthesis(open: Open): Open {
		if (open.words.length === 1 && /^\(\s*\)/.test(this.script.slice(this.at, this.at + 20))) {
			this.reading.functions.add(open.words[0]!.text);
			this.at = this.script.indexOf(')', this.at) + 1;
			return this.#begin();
		}

		if (!isEmpty(open)) {
			this.giveUp();
			return open;
		}

		if (this.script.startsWith('((', this.at) && this.readArithmetic(2)) {
			return {...this.#begin(), closed: true};
		}

		this.at++;
		this.readList(')');
		return {...this.#begin(), closed: true};
	}

	#readCommandWord(open: Open): Open {
		const from = this.at;
		const word = this.readWord();
		if (this.at === from) {
			this.giveUp();
			return open;
		}

		if (!isEmpty(open)) {
			return this.#addWord(open, word);
		}

		if (!word.quoted && !word.dynamic) {
			if (skippedWords.has(word.text)) {
				return this.#begin();
			}

			if (closingWords.has(word.text)) {
				return {...this.#begin(), closed: true};
			}

			switch (word.text) {
				case 'for':
				case 'select': {
					return this.#readLoopHead();
				}

				case 'case': {
					return this.#readCase();
				}

				case 'function': {
					this.skipBlanks();
					this.reading.functions.add(this.readWord().text);
					this.at += /^\s*\(\s*\)/.exec(this.script.slice(this.at, this.at + 20))?.[0].length ?? 0;
					return this.#begin();
				}

				case '[[': {
					return this.#readCondition();
				}

				// No default
			}
		}

		return this.#addWord(open, word);
	}

	#addWord(open: Open, word: Word): Open {
		const assignment = open.words.length === 0 ? /^([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=/.exec(word.text) : null;
		if (assignment === null) {
			open.words.push(word);
			return open;
		}

		if (this.script[this.at] === '(' && word.text.endsWith('=')) {
			this.at++;
			this.#readArray();
		}

		open.assignments.push({name: assignment[1]!, value: {...word, text: word.text.slice(assignment[0].length)}});
		return open;
	}

	#readArray(): void {
		for (;;) {
			this.skipSpace();
			const character = this.script[this.at];
			if (character === ')') {
				this.at++;
				return;
			}

			const from = this.at;
			this.readWord();
			if (this.at === from) {
				this.giveUp();
				return;
			}
		}
	}

	#readLoopHead(): Open {
		this.skipBlanks();
		if (this.script.startsWith('((', this.at)) {
			if (!this.readArithmetic(2)) {
				this.giveUp();
			}

			return this.#begin();
		}

		while (this.at < this.script.length && !'\n;'.includes(this.script[this.at]!)) {
			const from = this.at;
			this.readWord();
			this.skipBlanks();
			if (this.at === from) {
				this.giveUp();
			}
		}

		return this.#begin();
	}

	#readCase(): Open {
		this.skipBlanks();
		this.readWord();
		this.skipSpace();
		if (this.readWord().text !== 'in') {
			this.giveUp();
			return this.#begin();
		}

		for (;;) {
			this.skipSpace();
			if (/^esac(?![^\s;&|()<>])/.test(this.script.slice(this.at, this.at + 5))) {
				this.at += 4;
				return {...this.#begin(), closed: true};
			}

			this.at += this.script[this.at] === '(' ? 1 : 0;
			while (this.at < this.script.length && this.script[this.at] !== ')') {
				const from = this.at;
				this.readWord();
				this.skipBlanks();
				this.at += this.script[this.at] === '|' ? 1 : 0;
				if (this.at === from) {
					this.giveUp();
				}
			}

			if (this.at >= this.script.length) {
				this.giveUp();
				return this.#begin();
			}

			this.at++;
			this.readList('case');
		}
	}

	/** `[[ … ]]`: `<`, `>`, `&&`, `||` and parentheses compare and group here. */
	#readCondition(): Open {
		while (this.at < this.script.length) {
			this.skipSpace();
			if (/^\]\](?![^\s;&|()<>])/.test(this.script.slice(this.at, this.at + 3))) {
				this.at += 2;
				return {...this.#begin(), closed: true};
			}

			const from = this.at;
			const word = this.readWord();
			// A quoted subscript is evaluated all the same: `[[ 'a[$(rm x)]' -eq 0 ]]` runs it.
			if (word.quoted && /\[.*(?:\$\(|`)/.test(word.text)) {
				this.reading.unreadable.push(word.text);
			}

			this.at += this.at === from ? 1 : 0;
		}

		this.giveUp();
		return this.#begin();
	}

	#readRedirection(open: Open, written: string): void {
		this.at += written.length;
		const operator = written.replace(/^(?:\d+|\{\w+\})/, '');
		this.skipBlanks();
		const from = this.at;
		// A target that is a process substitution is a command of its own; what is written goes to it.
		const target = this.readWord();
		if (this.at === from) {
			this.giveUp();
			return;
		}

		if (operator === '<<' || operator === '<<-') {
			const holder = {word: {text: '', dynamic: false, splits: false, quoted: true}};
			open.input = holder;
			this.#documents.push({delimiter: target.text, literal: target.quoted, stripsTabs: operator === '<<-', holder});
		} else if (operator === '<<<') {
			open.input = {word: target};
		} else {
			open.redirections.push({operator, target});
		}
	}

	/** The bodies of here-documents begin on the line after. */
	#takeDocuments(): void {
		const documents = this.#documents;
		this.#documents = [];
		for (const {delimiter, literal, stripsTabs, holder} of documents) {
			const lines: string[] = [];
			let isClosed = false;
			while (this.at < this.script.length) {
				const end = this.script.indexOf('\n', this.at);
				const line = this.script.slice(this.at, end < 0 ? undefined : end);
				this.at = end < 0 ? this.script.length : end + 1;
				if ((stripsTabs ? line.replace(/^\t+/, '') : line) === delimiter) {
					isClosed = true;
					break;
				}

				lines.push(line);
			}

			if (!isClosed) {
				this.giveUp();
			}

			const text = lines.join('\n');
			holder.word = literal ? {text, dynamic: false, splits: false, quoted: true} : this.readInnerQuoted(text);
		}
	}

	#begin(): Open {
		return {assignments: [], words: [], redirections: [], input: null, from: this.at, closed: false};
	}

	#finish(open: Open): void {
		if (isEmpty(open) && !open.closed) {
			return;
		}

		const {assignments, words, redirections} = open;
		const source = this.script.slice(open.from, this.at).trim();
		if (open.closed && words.length > 0) {
			this.reading.unreadable.push(source);
		}

		const input = open.input;
		// A here-document's text is known only when its lines were read: the holder is looked into at the end.
		this.reading.commands.push({assignments, words, redirections, source, get input() {
			return input?.word ?? null;
		}});
	}
}

const isEmpty = (open: Open): boolean => open.words.length === 0 && open.assignments.length === 0 && open.redirections.length === 0 && open.input === null;
