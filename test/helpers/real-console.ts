/** The built program on a real stack, in a terminal of its own with a home of its own: what an engineer gets who has just logged in. */
import {existsSync, readdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {fileURLToPath} from 'node:url';
import {execFile} from 'node:child_process';
import type {ExecutionContext} from 'ava';
import {openTerminal, type Terminal, type TerminalOptions} from './terminal.ts';
import type {CommandAnswer, Stack} from './real-engine.ts';
import {until} from './until.ts';

export const launcher = fileURLToPath(new URL('../../bin/mdc-console.js', import.meta.url));

export type RealConsoleOptions = TerminalOptions & {readonly parameters?: readonly string[]};

/** Opens the console on a stack; its end belongs to the test. */
export const openRealConsole = async (t: ExecutionContext, stack: Pick<Stack, 'project'>, options: RealConsoleOptions = {}): Promise<Terminal> => {
	const terminal = await openTerminal(process.execPath, [launcher, '--project', stack.project, '--as', 'ana', ...(options.parameters ?? [])], options);
	t.teardown(terminal.close);
	return terminal;
};

/** Opens an action's card, waits until Compose has said what it would recreate and the card takes `y`, and presses it. */
export const confirm = async (terminal: Terminal, key: string): Promise<void> => {
	await terminal.press(key);
	await until(async () => {
		const screen = terminal.screen();
		// The output begins with the command.
		if (/│ \$ docker/.test(screen)) {
			return true;
		}

		// The card counts `y` only a moment after it was painted, and not while Compose is still asked.
		if (/\by\b.*runs it/.test(screen) && !/Asking Compose|Still looking/.test(screen)) {
			await terminal.press('y');
		}

		return false;
	}, {everyMs: 400, deadlineMs: 30_000, describe: () => `the card never ran:\n${terminal.screen()}`});
};

/** A configuration in the project's own directory. */
export const configure = (stack: Pick<Stack, 'directory'>, text: string): void => {
	writeFileSync(path.join(stack.directory, 'mdc-console.yaml'), text, {mode: 0o644});
};

/** Runs a command of the program that ends by itself. */
export const runProgram = async (parameters: readonly string[], environment: Readonly<Record<string, string | undefined>> = {}, deadlineMs = 30_000): Promise<CommandAnswer> => new Promise(resolve => {
	execFile(process.execPath, [launcher, ...parameters], {env: {...process.env, LANG: 'C.UTF-8', ...environment}, timeout: deadlineMs}, (error, stdout, stderr) => {
		resolve({exitCode: error ? (typeof error.code === 'number' ? error.code : 125) : 0, stdout, stderr});
	});
});

export type JournalRow = {readonly type: string; readonly atMs: number; readonly incident: string | null; readonly data: Readonly<Record<string, unknown>>; readonly actor: string};

/** Everything in the journals below a directory, oldest first. */
export const readJournals = (directory: string): readonly JournalRow[] => filesBelow(directory).filter(file => /\.(?:db|sqlite)$/.test(file)).flatMap(file => {
	const database = new DatabaseSync(file, {readOnly: true, timeout: 2000});
	try {
		return database.prepare('SELECT type, at_ms, incident, data, actor FROM events ORDER BY sequence').all().map(row => ({
			type: String(row['type']), atMs: Number(row['at_ms']), incident: row['incident'] === null ? null : String(row['incident']),
			data: JSON.parse(String(row['data'])) as JournalRow['data'], actor: (JSON.parse(String(row['actor'])) as {name: string}).name,
		}));
	} finally {
		database.close();
	}
});

const filesBelow = (directory: string): readonly string[] => existsSync(directory)
	? readdirSync(directory, {recursive: true, encoding: 'utf8'}).map(name => path.join(directory, name))
	: [];

/** The state directory that consoles of several terminals share in a test. */
export const stateOf = (terminal: Terminal): string => path.join(terminal.home, '.local/state');
