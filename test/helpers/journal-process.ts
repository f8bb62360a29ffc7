/** A console that only journals, in a process of its own (`test/fixtures/journal-writer.ts`), which ends with the test. */
import {spawn, type ChildProcess} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import type {World} from './journal-world.ts';

const writer = fileURLToPath(new URL('../fixtures/journal-writer.ts', import.meta.url));

export type WriterProcess = {
	readonly process: ChildProcess;
	readonly ended: Promise<number | null>;
	/** The lines printed so far. */
	readonly lines: () => readonly string[];
	readonly complaints: () => string;
};

/** Starts one with a task as the fixture's head describes it; `as` are the words of a program that becomes another user first. */
export const startWriter = (t: ExecutionContext, {directories}: Pick<World, 'directories'>, task: object, as: readonly string[] = []): WriterProcess => {
	const [program, ...parameters] = [...as, process.execPath, '--import=tsx', writer, JSON.stringify({directories, project: 'shop', name: 'ana', count: 0, shared: 0, stay: false, ...task})];
	// Another user must not look for anything in this one's home.
	const environment = as.length === 0 ? process.env : {...process.env, HOME: '/nonexistent'};
	const child = spawn(program!, parameters, {stdio: ['ignore', 'pipe', 'pipe'], env: environment});
	let printed = '';
	let complaints = '';
	child.stdout.setEncoding('utf8').on('data', text => {
		printed += String(text);
	});
	child.stderr.setEncoding('utf8').on('data', text => {
		complaints += String(text);
	});
	const ended = new Promise<number | null>(resolve => {
		child.on('close', resolve);
	});
	t.teardown(async () => {
		child.kill('SIGKILL');
		await ended;
	});
	return {process: child, ended, lines: () => printed.split('\n').slice(0, -1), complaints: () => complaints};
};
