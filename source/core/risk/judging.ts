/**
What the tables of programs are made of: a judge looks at a program's words and says what it does beyond reading. It hides how options may be
spelled (`--out` for `--output`, `-no` for `-n -o`), and that an expansion may turn into an option.
*/

import type {Word} from './shell-words.ts';

export type Risk = 'read' | 'change' | 'destructive';

export type ReasonCode =
	| 'deletes' | 'overwrites' | 'takes-down' | 'rewrites-checkout' | 'kills' | 'formats' | 'drops-data' | 'runs-text' | 'replaces-program'
	| 'unknown-program' | 'unknown-words' | 'unreadable' | 'hidden-characters'
	| 'changes' | 'starts' | 'writes' | 'sends';

/** What a command does beyond reading. `words` is the text that says so, filled in with the whole command where a judge leaves it out. */
export type Mark = {readonly code: ReasonCode; readonly risk: Exclude<Risk, 'read'>; readonly words?: string};

export type Marks = readonly Mark[];

/** One program with its words, and how to judge what it would run in turn. */
export type Call = {
	readonly name: string;
	readonly args: readonly Word[];
	/** The text of a here-document or here-string. */
	readonly input: Word | null;
	/** Judges a command that stands in words of this one. */
	command(words: readonly Word[]): Marks;
	/** Judges a text that a shell would run. */
	shell(text: Word): Marks;
	/** Judges a script file by its own text, when that is known. */
	file(path: Word): Marks;
};

export type Judge = (call: Call) => Marks;

export const destructive = (code: ReasonCode, words?: string): Marks => [{code, risk: 'destructive', ...(words === undefined ? {} : {words})}];
export const change = (code: ReasonCode = 'changes'): Marks => [{code, risk: 'change'}];
export const nothing: Marks = [];

export const reads: Judge = () => nothing;
export const changes: Judge = () => change();
export const deletes: Judge = () => destructive('deletes');
export const unknown: Judge = () => destructive('unknown-words');

/** True when an expansion may make an option of this word, or several words. */
export const mayBeOption = (word: Word): boolean => word.splits || (word.dynamic && word.text.startsWith('-'));

/** Does a word spell one of the options? Long ones also when cut short, short ones also in a bundle, both with a value attached. */
export const spells = (word: Word, options: readonly string[]): boolean => {
	if (word.text.startsWith('--')) {
		const name = word.text.split('=')[0]!;
		return name.length > 2 && options.some(option => option.startsWith(name) && option.startsWith('--'));
	}

	return /^-./.test(word.text) && options.some(option => (/^-[^-]$/.test(option) ? word.text.includes(option[1]!, 1) : word.text === option));
};

/** Reads, unless one of the options is there, or may be in an expansion. */
export const readsBut = (options: readonly string[], marks: Marks): Judge => ({args}) => {
	const end = args.findIndex(word => word.text === '--');
	const looked = end < 0 ? args : args.slice(0, end);
	if (looked.some(word => spells(word, options))) {
		return marks;
	}

	return looked.some(word => mayBeOption(word)) ? destructive('unknown-words') : nothing;
};

/** A change, unless one of the options is there, or may be in an expansion. */
export const changesBut = (options: readonly string[], marks: Marks, code: ReasonCode = 'changes'): Judge => ({args}) => {
	if (args.some(word => spells(word, options))) {
		return marks;
	}

	return args.some(word => mayBeOption(word)) ? destructive('unknown-words') : change(code);
};

/** Reads when each option is known to; `valued` ones take the next word. What else stands there decides by `rest`. */
export const known = (flags: readonly string[], valued: readonly string[], rest: (operands: readonly Word[], call: Call) => Marks = () => nothing): Judge => call => {
	const split = splitOptions(call.args, flags, valued);
	return split === null ? destructive('unknown-words') : rest(split.rest, call);
};

/**
Takes options off the front until the first operand. Null when one is not known. Short flags may be bundled, values may be attached.
*/
export const splitOptions = (words: readonly Word[], flags: readonly string[], valued: readonly string[]): {readonly options: readonly Word[]; readonly rest: readonly Word[]} | null => {
	let at = 0;
	while (at < words.length) {
		const word = words[at]!;
		const {text} = word;
		if (mayBeOption(word)) {
			return null;
		}

		if (text === '--') {
			return {options: words.slice(0, at), rest: words.slice(at + 1)};
		}

		if (!/^-./.test(text)) {
			break;
		}

		const taken = wordsTaken(text, flags, valued);
		if (taken === 0 || (taken === 2 && words[at + 1]?.splits)) {
			return null;
		}

		at += taken;
	}

	return {options: words.slice(0, at), rest: words.slice(at)};
};

/** How many words an option is: two when its value is the next one, none when it is not known. */
const wordsTaken = (text: string, flags: readonly string[], valued: readonly string[]): 0 | 1 | 2 => {
	const [name = ''] = text.split('=');
	if (flags.includes(text)) {
		return 1;
	}

	if (valued.includes(text)) {
		return 2;
	}

	if (text.startsWith('--')) {
		return text.includes('=') && (valued.includes(name) || flags.includes(name)) ? 1 : 0;
	}

	// `-it`, `-n5`, `-itu root`: single letters, of which the last may have a value, attached or not.
	for (const [index, letter] of [...text.slice(1)].entries()) {
		if (valued.includes(`-${letter}`)) {
			return index === text.length - 2 ? 2 : 1;
		}

		if (!flags.includes(`-${letter}`)) {
			return 0;
		}
	}

	return 1;
};

/** The operands and options apart, wherever they stand; what looks like an option is one. */
export const operandsOf = (words: readonly Word[], valued: readonly string[] = []): readonly Word[] =>
	words.filter((word, index) => !/^-./.test(word.text) && !(index > 0 && valued.includes(words[index - 1]!.text)));

/** By the first operand, the subcommand. Options before it are `flags` and `valued`; a subcommand that is not in the table is destructive. */
export const bySubcommand = (table: Readonly<Record<string, Judge>>, flags: readonly string[] = [], valued: readonly string[] = [], bare: Judge = reads): Judge => call => {
	const split = splitOptions(call.args, flags, valued);
	if (split === null) {
		return destructive('unknown-words');
	}

	const [subcommand, ...args] = split.rest;
	if (subcommand === undefined) {
		return bare({...call, args: []});
	}

	const judge = subcommand.dynamic ? undefined : (Object.hasOwn(table, subcommand.text) ? table[subcommand.text] : undefined);
	return judge === undefined ? destructive('unknown-words') : judge({...call, name: `${call.name} ${subcommand.text}`, args});
};

/** The same judge for several names. */
export const each = (names: string, judge: Judge): Readonly<Record<string, Judge>> => Object.fromEntries(names.split(' ').map(name => [name, judge]));
