/**
The terminal in other hands for a while: stopped by Ctrl-Z, or with a shell in it. Hides how the screen is put away and painted again, and what must not reach
the console meanwhile.
*/

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {startChild} from '../adapters/children.ts';
import type {Terminal} from '../adapters/terminal.ts';
import type {Clock} from '../core/ports.ts';
import {makeSafe} from '../core/text.ts';
import type {ShellClosed, ShellPlace} from '../core/update-shell.ts';
import {cli} from '../messages/cli.ts';
import type {Language} from '../messages/language.ts';

export type Pauses = {
	readonly pause: () => void;
	/** Resolves when the shell has ended and the screen is back. */
	readonly shell: (place: ShellPlace, language: Language) => Promise<ShellClosed>;
	readonly stop: () => void;
};

const drainWithinMs = 1000;
/** A signal reaches its listener a little after the process was woken. */
const wakeMs = 50;

/**
Ctrl-Z gives the terminal back and stops the whole foreground job as the shell knows it (npm and the launcher too); without a shell to do that the
kernel ignores it. When continued, by whomever, the terminal is taken again at the size that it has then, and painted whole.
*/
export const createPauses = ({terminal, suspend, clock, engineHost}: {
	readonly terminal: Terminal;
	readonly suspend: (meanwhile: () => Promise<void>) => Promise<void>;
	readonly clock: Clock;
	/** The engine that is on the screen, as `DOCKER_HOST` names it. */
	readonly engineHost: () => string | null;
}): Pauses => {
	const wait = async (ms: number): Promise<void> => new Promise(resolve => {
		clock.after(ms, resolve);
	});

	const drained = async (): Promise<void> => {
		for (let waitedMs = 0; !terminal.isDrained() && waitedMs < drainWithinMs; waitedMs += 10) {
			await wait(10);
		}
	};

	const lend = async (meanwhile: () => void | Promise<void>): Promise<void> => suspend(async () => {
		await drained();
		await meanwhile();
		await wait(wakeMs);
		// The size may have changed while somebody else had the terminal: this makes Node ask for it.
		process.kill(process.pid, 'SIGWINCH');
	});

	let isInShell = false;
	const continued = (): void => {
		if (!isInShell) {
			void lend(() => undefined);
		}
	};

	process.on('SIGCONT', continued);
	return {
		pause() {
			void lend(() => {
				process.kill(0, 'SIGTSTP');
			});
		},
		async shell(place, language) {
			const startedMs = clock.monotonicMs();
			let ended: {readonly exitCode: number | null; readonly detail: string} = {exitCode: null, detail: ''};
			await lend(async () => {
				isInShell = true;
				stopReading();
				await wait(0);
				process.stdout.write(`${place.kind === 'container' ? cli[language].shellIn(makeSafe(place.service)) : cli[language].shellOnHost}\n`);
				ended = await runShell(place, engineHost());
				isInShell = false;
			});
			// Ink has its listener back by now; nobody has asked for input again yet.
			process.stdin.read(0);
			return {type: 'shell/closed', place, spanMs: clock.monotonicMs() - startedMs, ...ended};
		},
		stop() {
			process.off('SIGCONT', continued);
		},
	};
};

/**
Ink lets go of the keys and leaves the read of the terminal that is under way. A shell with job control makes this process one of the background, where that
read fails, and the console took it for a lost line (one in three times); without job control it swallows the shell's first key. Node stops reading on
`pause`, which a stream that is read by `readable` never tells by itself.
*/
const stopReading = (): void => {
	process.stdin.pause();
	process.stdin.emit('pause');
};

const ignored = (): void => undefined;

/** bash where the image has it. */
const insideScript = 'command -v bash >/dev/null 2>&1 && exec bash || exec sh';

const runShell = async (place: ShellPlace, host: string | null): Promise<{readonly exitCode: number | null; readonly detail: string}> => {
	const {NODE_ENV: _ours, DOCKER_CONTEXT: _other, ...environment} = process.env;
	const [file, parameters] = place.kind === 'container'
		? ['docker', ['exec', '-it', place.id, 'sh', '-c', insideScript]] as const
		: [environment['SHELL'] || '/bin/sh', []] as const;
	// Ctrl-C and Ctrl-\ belong to whoever types in the shell: they end what runs there, not this console behind it.
	const ours = process.listeners('SIGINT');
	process.removeAllListeners('SIGINT');
	process.on('SIGINT', ignored).on('SIGQUIT', ignored);
	try {
		const started = await startChild(() => spawn(file, parameters, {
			stdio: 'inherit',
			env: {...environment, ...(place.kind === 'container' && host !== null ? {DOCKER_HOST: host} : {})},
			...(place.kind === 'host' && place.directory !== null ? {cwd: place.directory} : {}),
		}));
		if (!started.ok) {
			return {exitCode: null, detail: makeSafe(started.error.message)};
		}

		const [code] = await once(started.child, 'exit') as [number | null];
		return {exitCode: code, detail: ''};
	} finally {
		process.off('SIGINT', ignored).off('SIGQUIT', ignored);
		for (const listener of ours) {
			process.on('SIGINT', listener as NodeJS.SignalsListener);
		}
	}
};
