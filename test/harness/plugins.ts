/** What the bundler changes in packages, and in how Node's own modules are loaded, must not change what they answer. */
import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {build} from 'esbuild';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {askForBuiltins} from '../../build/bundle.js';
import {withKeptFrames} from '../../build/ink-output.js';
import {plainCharacters, withPlainTexts, withPlainTokens} from '../../build/plugins.js';

test('every character with the short way to a width is one cell wide for string-width, alone and beside any other', t => {
	const plain = new RegExp(`^[${plainCharacters}]$`);
	const characters = Array.from({length: 0x1_00_00}, (_, code) => String.fromCharCode(code)).filter(character => plain.test(character));
	t.true(characters.length > 1000);
	t.deepEqual(characters.filter(character => stringWidth(character) !== 1), []);
	// One string of all of them, and one backwards: neighbours that made one grapheme would be missing.
	t.is(stringWidth(characters.join('')), characters.length);
	t.is(stringWidth(characters.toReversed().join('')), characters.length);
});

// ─── Node's modules ──────────────────────────────────────────────────────────

test('a module of Node that is asked for late is the one that an import gives: called, made, inherited from, and with what hangs on its functions', async t => {
	const imported = `
		import whole,{execFile,execFileSync as runNow,ChildProcess}from"node:child_process";import*as all from"node:child_process";
		import{createHash}from"node:crypto";import{Agent}from"node:https";import{promisify}from"node:util";
		class Own extends Agent {own() { return this.protocol; }}
		export const answers = {
			called: runNow("/bin/echo", ["well"], {encoding: "utf8"}), hashed: createHash("sha256").update("x").digest("hex").slice(0, 8),
			promised: (await promisify(execFile)("/bin/echo", ["well"])).stdout, isOne: whole.spawn("/bin/true") instanceof ChildProcess, isNone: ({}) instanceof ChildProcess,
			made: new ChildProcess() instanceof ChildProcess, inherited: new Own().own(), isOwn: new Own() instanceof Own && new Own() instanceof Agent, same: all.execFile === whole.execFile,
		};`.replaceAll(/\n\t*/g, '');
	const load = async (text: string): Promise<unknown> => (await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`) as {readonly answers: unknown}).answers;
	const asked = askForBuiltins(imported);
	t.notRegex(asked, /import[^;]*from/);
	const answers = await load(asked);
	t.deepEqual(answers, await load(imported));
	t.deepEqual(answers, {called: 'well\n', hashed: '2d711642', promised: 'well\n', isOne: true, isNone: false, made: true, inherited: 'https:', isOwn: true, same: true});
});

// ─── Ink's frames ────────────────────────────────────────────────────────────

type Clip = {readonly x1?: number | undefined; readonly x2?: number | undefined; readonly y1?: number | undefined; readonly y2?: number | undefined};
type Operation =
	| {readonly kind: 'write'; readonly x: number; readonly y: number; readonly text: string; readonly transformer: number}
	| {readonly kind: 'clip'; readonly clip: Clip}
	| {readonly kind: 'unclip'};
type Frame = {readonly width: number; readonly height: number; readonly operations: readonly Operation[]};

/** What is used of Ink's Output. */
type Output = {
	write(x: number, y: number, text: string, options: {readonly transformers: ReadonlyArray<(line: string, index: number) => string>}): void;
	clip(clip: Clip): void;
	unclip(): void;
	get(): {readonly output: string; readonly height: number};
};
type OutputClass = new (size: {readonly width: number; readonly height: number}) => Output;

type Change = (text: string, file: string) => string;
const asItIs: Change = text => text;

/** What one of Ink's files exports, with or without what the bundler changes in it and in the tokens under it, and nothing else of the bundle. */
const loadOfInk = async <Export>(name: string, changed: Change, tokens: Change): Promise<Export> => {
	const file = fileURLToPath(new URL(`../../node_modules/ink/build/${name}`, import.meta.url));
	const built = await build({
		stdin: {contents: changed(await readFile(file, 'utf8'), file), resolveDir: fileURLToPath(new URL('../../node_modules/ink/build', import.meta.url))},
		bundle: true, format: 'esm', platform: 'node', write: false, logLevel: 'silent',
		plugins: [{
			name: 'tokens',
			setup({onLoad}) {
				onLoad({filter: /ansi-tokenize[/\\]build[/\\]tokenize\.js$/}, async found => ({contents: tokens(await readFile(found.path, 'utf8'), found.path), loader: 'js'}));
			},
		}],
	});
	return (await import(`data:text/javascript;base64,${Buffer.from(built.outputFiles[0]!.contents).toString('base64')}`) as {readonly default: Export}).default;
};

const transformers: ReadonlyArray<ReadonlyArray<(line: string, index: number) => string>> = [
	[],
	[line => `\u001B[32m${line}\u001B[39m`],
	[(line, index) => index % 2 === 1 ? line.toUpperCase() : line],
];

const draw = (output: OutputClass, {width, height, operations}: Frame): {readonly output: string; readonly height: number} => {
	const frame = new output({width, height});
	for (const operation of operations) {
		if (operation.kind === 'write') {
			frame.write(operation.x, operation.y, operation.text, {transformers: transformers[operation.transformer]!});
		} else if (operation.kind === 'clip') {
			frame.clip(operation.clip);
		} else {
			frame.unclip();
		}
	}

	return frame.get();
};

const textArbitrary = fc.array(fc.constantFrom(
	'a', 'b ', '│', '日本', '👍', 'é', 'e\u0301', '\u200B', '   ', 'word', '▁▂▃', '\n', '\n\n', '\r\n',
	'\u001B[31m', '\u001B[39m', '\u001B[1m', '\u001B[22m', '\u001B[0m', '\u001B[7m', '\u001B[27m', '\u001B[38;5;120m', '\u001B]8;;http://x\u0007', '\u001B]8;;\u0007', '\u001B]0;t\n\u0007',
), {maxLength: 14}).map(pieces => pieces.join(''));
const bound = fc.option(fc.integer({min: -2, max: 14}), {nil: undefined});
const operationArbitrary: fc.Arbitrary<Operation> = fc.oneof(
	{weight: 6, arbitrary: fc.record({kind: fc.constant('write' as const), x: fc.integer({min: -3, max: 14}), y: fc.integer({min: -2, max: 6}), text: textArbitrary, transformer: fc.nat(2)})},
	{weight: 1, arbitrary: fc.record({kind: fc.constant('clip' as const), clip: fc.record({x1: bound, x2: bound, y1: bound, y2: bound})})},
	{weight: 1, arbitrary: fc.record({kind: fc.constant('unclip' as const)})},
);
const frameArbitrary: fc.Arbitrary<Frame> = fc.record({width: fc.constantFrom(10, 10, 10, 13), height: fc.constantFrom(5, 5, 7), operations: fc.array(operationArbitrary, {maxLength: 8})});

test('frames with kept rows are those of Ink itself, whatever was drawn before', async t => {
	const [theirs, ours] = await Promise.all([loadOfInk<OutputClass>('output.js', asItIs, asItIs), loadOfInk<OutputClass>('output.js', withKeptFrames, withPlainTokens)]);
	// From one frame to the next some of what is written changes and the rest stands, as on a screen.
	fc.assert(fc.property(frameArbitrary, fc.array(fc.tuple(fc.nat(7), operationArbitrary), {maxLength: 5}), (first, changes) => {
		let frame = first;
		t.deepEqual(draw(ours, frame), draw(theirs, frame));
		for (const [at, operation] of changes) {
			frame = {...frame, operations: frame.operations.map((before, index) => index === at ? operation : before)};
			t.deepEqual(draw(ours, frame), draw(theirs, frame));
		}
	}), {numRuns: 2000});
});

test('every character with the short way to a token is a cell of its own for Ink, between any others', async t => {
	const [theirs, ours] = await Promise.all([loadOfInk<OutputClass>('output.js', asItIs, asItIs), loadOfInk<OutputClass>('output.js', asItIs, withPlainTokens)]);
	const plain = new RegExp(`^[${plainCharacters}]$`);
	const characters = Array.from({length: 0x1_00_00}, (_, code) => String.fromCharCode(code)).filter(character => plain.test(character));
	for (const text of [characters.join(''), characters.toReversed().join(''), characters.map((character, index) => `\u001B[${31 + index % 6};${index % 2 + 1}m${character}\u001B[0m`).join('')]) {
		const frame: Frame = {width: 10_000, height: 1, operations: [{kind: 'write', x: 0, y: 0, text, transformer: 0}]};
		t.is(draw(ours, frame).output, draw(theirs, frame).output);
	}
});

test('what Ink takes out of texts it takes out of them with the short way too', async t => {
	type Sanitize = (text: string) => string;
	const [theirs, ours] = await Promise.all([loadOfInk<Sanitize>('sanitize-ansi.js', asItIs, asItIs), loadOfInk<Sanitize>('sanitize-ansi.js', withPlainTexts, asItIs)]);
	const pieces = fc.constantFrom('a', 'bc ', '│', 'é', 'e\u0301', '\t', '\n', '\u0007', '\u009B31m', '\u001B[31m', '\u001B[m', '\u001B[0;1;38;5;9m', '\u001B[4:3m', '\u001B[2J', '\u001B]8;;http://x\u0007', '\u001B', '👍', '\u00AD');
	fc.assert(fc.property(fc.array(pieces, {maxLength: 10}), parts => {
		t.is(ours(parts.join('')), theirs(parts.join('')));
	}), {numRuns: 3000});
});

test('an Ink whose output.js reads otherwise is refused, not half changed', t => {
	t.throws(() => withKeptFrames('export default class Output {}', 'output.js'), {message: /no longer has/});
});
