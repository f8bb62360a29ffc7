/**
How dangerous a bash text is, by reading it: `read` only when every command in it is known to read, `destructive` when one deletes, overwrites, takes
down, rewrites the checkout, kills or formats, or when it is not known what one does; `change` otherwise. It sees through quoting, pipelines, lists,
substitutions, here-documents and programs that run others. Nothing is run and nothing is looked up outside the text.

In doubt the answer is the worse one: a false `destructive` costs a typed name, a false `read` may cost a database.
*/

import {redirectsProgram} from './risk/assignments.ts';
import {change, destructive, type Call, type Marks, type ReasonCode, type Risk} from './risk/judging.ts';
import {judgeOf} from './risk/programs.ts';
import {readShell} from './risk/shell-reader.ts';
import type {Command, Redirection, Word} from './risk/shell-words.ts';

export type {ReasonCode, Risk} from './risk/judging.ts';

/** Why a text is no mere look: what it would do, and the words of it that say so. The words are outside text, not yet safe to show. */
export type RiskReason = {readonly code: ReasonCode; readonly risk: Exclude<Risk, 'read'>; readonly words: string};

export type RiskVerdict = {readonly risk: Risk; readonly reasons: readonly RiskReason[]};

export type RiskOptions = {
	/** Scripts whose text is known, by the path as the command spells it (`./scripts/health-check.sh`): they are classed by their own commands. */
	readonly scripts?: Readonly<Record<string, string>>;
};

const longest = 64 * 1024;
const deepest = 24;
const reasonsKept = 20;
const wordsShown = 120;

/** What only shows as something else than it is: control, bidirectional and invisible characters. */
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u;
// eslint-disable-next-line no-control-regex
const plainAscii = /^[\t\n\u0020-\u007E]*$/;

/** Classes a bash text. Pure; never throws; always ends. */
export const riskOf = (script: string, options: RiskOptions = {}): RiskVerdict => {
	const marks = judgeText(script, {scripts: options.scripts ?? {}, depth: 0, running: new Set()});
	const reasons = marks.map(({code, risk, words}): RiskReason => ({code, risk, words: clipped(words ?? script)}));
	const distinct = reasons.filter((reason, index) => reasons.findIndex(other => other.code === reason.code && other.words === reason.words) === index);
	const risk = distinct.some(reason => reason.risk === 'destructive') ? 'destructive' : (distinct.length > 0 ? 'change' : 'read');
	// The worst stand first: they are what a card shows when there is room for one.
	return {risk, reasons: distinct.toSorted((a, b) => Number(b.risk === 'destructive') - Number(a.risk === 'destructive')).slice(0, reasonsKept)};
};

const clipped = (words: string): string => {
	const line = words.trim().replaceAll(/\s+/g, ' ');
	return line.length > wordsShown ? `${line.slice(0, wordsShown - 1)}…` : line;
};

type World = {readonly scripts: Readonly<Record<string, string>>; readonly depth: number; readonly running: ReadonlySet<string>};

const judgeText = (script: string, world: World): Marks => {
	if (world.depth >= deepest || script.length > longest) {
		return destructive('unreadable', script.slice(0, wordsShown));
	}

	const reading = readShell(script);
	const marks: Marks[] = [
		!plainAscii.test(script) && (hidden.test(script.replaceAll(/[\n\t\r]/g, '')) || /\r(?!\n)/.test(script)) ? destructive('hidden-characters', script.slice(0, wordsShown)) : [],
		...reading.unreadable.map(words => destructive('unreadable', words)),
	];
	for (const command of reading.commands) {
		marks.push(judgeCommand(command, reading.functions, {...world, depth: world.depth + 1}).map(mark => mark.words === undefined ? {...mark, words: command.source} : mark));
	}

	return marks.flat();
};

const judgeCommand = (command: Command, functions: ReadonlySet<string>, world: World): Marks => [
	...command.assignments.flatMap(({name, value}) => redirectsProgram(name, value.dynamic ? '$' : value.text) ? destructive('replaces-program') : []),
	...command.redirections.flatMap(redirection => judgeRedirection(redirection)),
	...(command.words.length === 0 ? [] : judgeWords(command.words, command.input, functions, world)),
];

const harmlessTarget = /^\/dev\/(?:null|stdout|stderr|tty|fd\/\d+)$/;

const judgeRedirection = ({operator, target}: Redirection): Marks => {
	if (operator === '<' || operator === '<&') {
		return [];
	}

	if (!target.dynamic && (harmlessTarget.test(target.text) || (operator === '>&' && /^(?:\d+|-|\d+-)$/.test(target.text)))) {
		return [];
	}

	return operator.endsWith('>>') && !target.dynamic && !target.text.startsWith('/dev/') ? change('writes') : destructive('overwrites');
};

const programPlaces = /^(?:\/usr\/local|\/usr)?\/s?bin\//;

const judgeWords = (words: readonly Word[], input: Word | null, functions: ReadonlySet<string>, world: World): Marks => {
	const [program, ...args] = words;
	if (program === undefined || program.dynamic || world.depth >= deepest) {
		return destructive('unknown-program');
	}

	const deeper = {...world, depth: world.depth + 1};
	const judge = judgeOf(program.text.replace(programPlaces, ''));
	const call: Call = {
		name: program.text,
		args,
		input,
		command: inner => judgeWords(inner, input, noFunctions, deeper),
		shell: text => text.dynamic ? destructive('runs-text') : judgeText(text.text, deeper),
		file: path => judgeFile(path, deeper),
	};
	if (judge !== null) {
		// A declaration sets variables like an assignment does.
		const declared = /^(?:export|declare|typeset|readonly|local)$/.test(program.text) ? args.flatMap(word => declares(word)) : [];
		return [...declared, ...judge(call)];
	}

	if (functions.has(program.text)) {
		return [];
	}

	return program.text.includes('/') ? judgeFile(program, deeper) : destructive('unknown-program');
};

const noFunctions: ReadonlySet<string> = new Set();

/** `export NAME=value`: the value is not split, whatever it expands to; another word that is an expansion may be any assignment. */
const declares = (word: Word): Marks => {
	const assignment = /^([A-Za-z_]\w*)\+?=/.exec(word.text);
	if (assignment === null) {
		return word.splits ? destructive('replaces-program') : [];
	}

	return redirectsProgram(assignment[1]!, word.dynamic ? '$' : word.text.slice(assignment[0].length)) ? destructive('replaces-program') : [];
};

/** A script file: by its own text when that is known and is a shell's; a script that calls itself is looked at once. */
const judgeFile = (path: Word, world: World): Marks => {
	const text = path.dynamic || !Object.hasOwn(world.scripts, path.text) ? undefined : world.scripts[path.text];
	if (text === undefined || (text.startsWith('#!') && !/^#!\s*(?:\/usr)?\/bin\/(?:env\s+)?(?:ba|da|a|z|k)?sh\b/.test(text))) {
		return destructive('unknown-program', path.text);
	}

	return world.running.has(path.text) ? [] : judgeText(text, {...world, running: new Set([...world.running, path.text])});
};
