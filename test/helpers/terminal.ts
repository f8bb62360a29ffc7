/**
A real terminal for a program under test: a pseudo terminal with an emulator (xterm) as its screen. What the emulator answers
(cursor position, device attributes) goes back to the program, as a real one does.

Invariants: the environment is clean (no CI, own HOME and XDG directories, UTF-8, no NO_COLOR or TMUX of the caller); `close` ends the
program and removes its directories, whatever happened.
*/
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import xterm from '@xterm/headless';

export type TerminalOptions = {
	readonly columns?: number;
	readonly rows?: number;
	/** Added to the clean environment; undefined removes a variable. */
	readonly env?: Readonly<Record<string, string | undefined>>;
	readonly directory?: string;
};

export type TerminalCell = {readonly text: string; readonly bold: boolean; readonly dim: boolean; readonly inverse: boolean; readonly foreground: number | null; readonly background: number | null};

export type Terminal = {
	readonly pid: number;
	/** Own HOME of the program, removed by `close`. */
	readonly home: string;
	/** Sends keys one after the other, each as a chunk of its own, so that no program takes them for a paste. Names: see `keys`. */
	press(...pressed: readonly string[]): Promise<void>;
	/** Sends a text as it is, in one chunk. */
	write(text: string): void;
	/** Sends a text as a bracketed paste. */
	paste(text: string): void;
	resize(columns: number, rows: number): void;
	/** Waits until the screen's text satisfies, as a whole frame; gives it back. Throws with the screen when it never does. */
	until(condition: string | RegExp | ((screen: string) => boolean), deadlineMs?: number): Promise<string>;
	/** Waits until nothing has arrived for `quietMs`. */
	settled(quietMs?: number, deadlineMs?: number): Promise<string>;
	/** The rows of the screen, without trailing spaces, joined by line breaks. */
	screen(): string;
	/** The same as cells, with their style. */
	cells(): readonly (readonly TerminalCell[])[];
	/** Everything received so far, as it came. */
	received(): string;
	/** Bytes received so far. */
	bytes(): number;
	bells(): number;
	/** Titles and clipboard writes that the program asked for, as raw OSC payloads. */
	oscs(): readonly string[];
	cursor(): {readonly column: number; readonly row: number};
	alternateScreen(): boolean;
	/** Stops reading the master: the program's writes fill the line. */
	pause(): void;
	resume(): void;
	kill(signal?: NodeJS.Signals): void;
	readonly exited: Promise<{readonly exitCode: number; readonly signal: number}>;
	close(): Promise<void>;
};

/** Key names and what a terminal sends for them; other names are sent as they are. */
export const keys: Readonly<Record<string, string>> = {
	enter: '\r', escape: '\u001B', tab: '\t', 'shift-tab': '\u001B[Z', backspace: '\u007F', space: ' ',
	up: '\u001B[A', down: '\u001B[B', right: '\u001B[C', left: '\u001B[D', home: '\u001B[H', end: '\u001B[F',
	'page-up': '\u001B[5~', 'page-down': '\u001B[6~',
	'ctrl-c': '\u0003', 'ctrl-d': '\u0004', 'ctrl-u': '\u0015', 'ctrl-z': '\u001A', 'ctrl-l': '\u000C',
};

const pause = async (ms: number): Promise<void> => new Promise(resolve => {
	setTimeout(resolve, ms);
});

/** The environment of a program that a person has just logged in to start. */
export const cleanEnvironment = (home: string, added: TerminalOptions['env'] = {}): Record<string, string> => {
	const directories = {XDG_CONFIG_HOME: '.config', XDG_STATE_HOME: '.local/state', XDG_DATA_HOME: '.local/share', XDG_CACHE_HOME: '.cache', XDG_RUNTIME_DIR: '.run'};
	const own: Record<string, string | undefined> = {
		PATH: process.env['PATH'], HOME: home, USER: process.env['USER'] ?? 'tester', SHELL: '/bin/sh', TERM: 'xterm-256color', LANG: 'C.UTF-8', TZ: 'UTC',
		DOCKER_HOST: process.env['DOCKER_HOST'],
	};
	for (const [name, directory] of Object.entries(directories)) {
		own[name] = path.join(home, directory);
		mkdirSync(own[name], {recursive: true, mode: 0o700});
	}

	return Object.fromEntries(Object.entries({...own, ...added}).filter((entry): entry is [string, string] => entry[1] !== undefined));
};

/** Starts a program in a terminal of its own. The caller must `close` it, best in `t.teardown`. */
export const openTerminal = async (command: string, parameters: readonly string[], options: TerminalOptions = {}): Promise<Terminal> => {
	// Imported late: where its binary part is missing, the file's other tests can still run.
	const {spawn} = await import('@lydell/node-pty');
	const size = {cols: options.columns ?? 120, rows: options.rows ?? 40};
	const home = mkdtempSync(path.join(tmpdir(), 'mdc-terminal-'));
	const emulator = new xterm.Terminal({...size, allowProposedApi: true, scrollback: 5000});
	// A drill warns of a real incident that is open on this machine, and another test may have one in the memory that all share.
	const apart = parameters.includes('drill') ? {MDC_CONSOLE_MEMORY: path.join(home, 'memory')} : {};
	const child = spawn(command, [...parameters], {
		...size, name: options.env?.['TERM'] ?? 'xterm-256color', cwd: options.directory ?? home, env: cleanEnvironment(home, {...apart, ...options.env}), encoding: null,
	});

	const chunks: Buffer[] = [];
	const oscs: string[] = [];
	let bytes = 0;
	let bells = 0;
	let lastDataAtMs = performance.now();
	let ended: {readonly exitCode: number; readonly signal: number} | null = null;
	const waiting = new Set<() => void>();
	const wake = (): void => {
		for (const one of waiting) {
			one();
		}
	};

	child.onData(data => {
		const chunk = typeof data === 'string' ? Buffer.from(data) : data as Buffer;
		bytes += chunk.length;
		chunks.push(chunk);
		lastDataAtMs = performance.now();
		emulator.write(chunk, wake);
	});
	emulator.onData(answer => {
		if (!ended) {
			child.write(answer);
		}
	});
	emulator.onBell(() => {
		bells++;
	});
	// Between the marks of a synchronized update the screen is half a frame, which no person ever sees.
	let isInFrame = false;
	for (const final of ['h', 'l']) {
		emulator.parser.registerCsiHandler({prefix: '?', final}, parameters => {
			isInFrame = parameters.includes(2026) ? final === 'h' : isInFrame;
			return false;
		});
	}

	for (const kind of [0, 2, 52]) {
		emulator.parser.registerOscHandler(kind, payload => {
			oscs.push(`${kind};${payload}`);
			return false;
		});
	}

	const exited = new Promise<{readonly exitCode: number; readonly signal: number}>(resolve => {
		child.onExit(({exitCode, signal}) => {
			ended = {exitCode, signal: signal ?? 0};
			emulator.write('', wake);
			resolve(ended);
		});
	});

	const rowsOf = <Row>(read: (row: number) => Row): Row[] => Array.from({length: emulator.rows}, (_, row) => read(emulator.buffer.active.viewportY + row));
	// A line that was wider before a resize keeps its old cells beyond the edge for a while: nobody sees those.
	const screen = (): string => rowsOf(row => emulator.buffer.active.getLine(row)?.translateToString(true, 0, emulator.cols) ?? '').join('\n');
	const frame = (): string => `${'─'.repeat(emulator.cols)}\n${screen()}\n${'─'.repeat(emulator.cols)}`;

	const waitFor = async (holds: () => boolean, deadlineMs: number, what: string): Promise<string> => {
		const endsAtMs = performance.now() + deadlineMs;
		while (!holds()) {
			if (performance.now() > endsAtMs || ended) {
				// What arrived last may still be on its way through the emulator.
				await new Promise<void>(resolve => {
					emulator.write('', resolve);
				});
				if (holds()) {
					break;
				}

				const state = ended ? `it ended with exit code ${ended.exitCode}, signal ${ended.signal}` : `waited ${deadlineMs} ms`;
				throw new Error(`${what}: ${state}. The screen (${emulator.cols}×${emulator.rows}):\n${frame()}`);
			}

			await new Promise<void>(resolve => {
				const go = (): void => {
					clearTimeout(timer);
					waiting.delete(go);
					resolve();
				};

				const timer = setTimeout(go, 50);
				waiting.add(go);
			});
		}

		return screen();
	};

	const signalled = (signal: NodeJS.Signals): void => {
		if (!ended) {
			child.kill(signal);
		}
	};

	return {
		pid: child.pid,
		home,
		exited,
		async press(...pressed) {
			for (const key of pressed) {
				child.write(keys[key] ?? key);
				await pause(15);
			}
		},
		write(text) {
			child.write(text);
		},
		paste(text) {
			child.write(`\u001B[200~${text}\u001B[201~`);
		},
		resize(columns, rows) {
			emulator.resize(columns, rows);
			if (!ended) {
				child.resize(columns, rows);
			}
		},
		until: async (condition, deadlineMs = 20_000) => waitFor(
			() => !isInFrame && (typeof condition === 'string' ? screen().includes(condition) : (condition instanceof RegExp ? condition.test(screen()) : condition(screen()))),
			deadlineMs,
			`The screen never showed ${typeof condition === 'function' ? 'what was asked for' : String(condition)}`,
		),
		settled: async (quietMs = 300, deadlineMs = 20_000) => waitFor(() => performance.now() - lastDataAtMs >= quietMs, deadlineMs, `The screen was never quiet for ${quietMs} ms`),
		screen,
		cells: () => rowsOf(row => cellsOf(emulator, row)),
		received: () => Buffer.concat(chunks).toString('utf8'),
		bytes: () => bytes,
		bells: () => bells,
		oscs: () => oscs,
		cursor: () => ({column: emulator.buffer.active.cursorX, row: emulator.buffer.active.cursorY}),
		alternateScreen: () => emulator.buffer.active.type === 'alternate',
		pause() {
			child.pause();
		},
		resume() {
			child.resume();
		},
		kill: (signal = 'SIGTERM') => {
			signalled(signal);
		},
		async close() {
			child.resume();
			signalled('SIGHUP');
			const inTime = await Promise.race([exited.then(() => true), pause(3000).then(() => false)]);
			if (!inTime) {
				signalled('SIGKILL');
				await exited;
			}

			emulator.dispose();
			rmSync(home, {recursive: true, force: true, maxRetries: 5, retryDelay: 50});
		},
	};
};

const cellsOf = (emulator: xterm.Terminal, row: number): readonly TerminalCell[] => {
	const line = emulator.buffer.active.getLine(row);
	return Array.from({length: emulator.cols}, (_, column) => {
		const cell = line?.getCell(column);
		return {
			text: cell?.getChars() ?? '',
			bold: Boolean(cell?.isBold()),
			dim: Boolean(cell?.isDim()),
			inverse: Boolean(cell?.isInverse()),
			foreground: cell && !cell.isFgDefault() ? cell.getFgColor() : null,
			background: cell && !cell.isBgDefault() ? cell.getBgColor() : null,
		};
	});
};
