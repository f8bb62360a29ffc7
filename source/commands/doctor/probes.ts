/**
The questions to the real machine behind doctor's checks. Hides how each is asked so that a dead mount, a deaf port or a missing
program is an answer and never a wait: every question has a deadline of its own.
*/

import {execFile} from 'node:child_process';
import {constants} from 'node:fs';
import {access, readFile, stat} from 'node:fs/promises';
import {connect} from 'node:net';
import {delimiter, dirname, isAbsolute, join} from 'node:path';
import {promisify} from 'node:util';
import type {DoctorProbes, PathAnswer, PortAnswer, StateFacts, TerminalFacts} from './findings.ts';

export type DoctorProbesOptions = {
	readonly user: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly output: {readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number; getColorDepth?(environment?: object): number};
	readonly sharedStateDirectory: string;
	readonly ownStateDirectory: string;
	/** As the commands adapter answers them. */
	readonly runtime: DoctorProbes['runtime'];
	readonly survivesLogout: DoctorProbes['survivesLogout'];
	/** For a question to the disk or the network; default 2 s. */
	readonly deadlineMs?: number;
};

/** The probes of the real machine. Nothing is asked before the first call. */
export const createDoctorProbes = (options: DoctorProbesOptions): DoctorProbes => {
	const {user, environment, deadlineMs = 2000, runtime, survivesLogout} = options;
	return {
		user, runtime, survivesLogout,
		isRoot: process.getuid?.() === 0,
		findProgram: async name => findProgram(name, environment['PATH'] ?? '', deadlineMs),
		look: async (path, kind) => look(path, kind, deadlineMs),
		connect: async (host, port) => ask(host, port, deadlineMs),
		terminal: () => terminalFacts(options),
		state: async () => stateFacts(options, deadlineMs),
		isClockSynchronised: async () => isClockSynchronised(deadlineMs),
	};
};

const within = async <Answer>(question: Promise<Answer>, deadlineMs: number, otherwise: Answer): Promise<Answer> => {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<Answer>(resolve => {
		timer = setTimeout(() => {
			resolve(otherwise);
		}, deadlineMs);
	});
	try {
		return await Promise.race([question, late]);
	} finally {
		clearTimeout(timer);
	}
};

const can = async (path: string, mode: number, deadlineMs: number): Promise<boolean> => within(
	// "No" is what an error says here; the caller goes on to ask for the reason where it matters.
	access(path, mode).then(() => true, () => false),
	deadlineMs,
	false,
);

const findProgram = async (name: string, searchPath: string, deadlineMs: number): Promise<string | null> => {
	const candidates = searchPath.split(delimiter).filter(directory => isAbsolute(directory)).map(directory => join(directory, name));
	const usable = await Promise.all(candidates.map(async path => await can(path, constants.X_OK, deadlineMs) && await look(path, 'file', deadlineMs) === 'right'));
	return candidates[usable.indexOf(true)] ?? null;
};

const look = async (path: string, kind: 'directory' | 'file', deadlineMs: number): Promise<PathAnswer> => within((async (): Promise<PathAnswer> => {
	try {
		const facts = await stat(path);
		if (kind === 'directory' ? !facts.isDirectory() : !facts.isFile()) {
			return 'wrong';
		}

		await access(path, kind === 'directory' ? constants.R_OK | constants.X_OK : constants.R_OK);
		return 'right';
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : null;
		return code === 'EACCES' || code === 'EPERM' ? 'denied' : 'missing';
	}
})(), deadlineMs, 'silent');

// The engine's own proxy accepts for a dead container and closes at once: only a connection that stays open is an answer.
const stayMs = 300;

const ask = async (host: string, port: number, deadlineMs: number): Promise<PortAnswer> => new Promise(resolve => {
	const socket = connect({host, port});
	let timer = setTimeout(() => {
		end('silent');
	}, deadlineMs);
	const end = (answer: PortAnswer): void => {
		clearTimeout(timer);
		socket.destroy();
		resolve(answer);
	};

	socket.once('connect', () => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			end('answers');
		}, stayMs);
	});
	socket.once('data', () => {
		end('answers');
	});
	socket.once('end', () => {
		end('closes');
	});
	socket.once('error', error => {
		const code = 'code' in error ? error.code : null;
		end(code === 'ECONNREFUSED' ? 'refused' : code === 'ECONNRESET' || code === 'EPIPE' ? 'closes' : 'silent');
	});
});

const terminalFacts = ({environment, output}: DoctorProbesOptions): TerminalFacts => {
	const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find(value => value !== undefined && value !== '') ?? '';
	const {NO_COLOR: noColour} = environment;
	return {
		isTerminal: output.isTTY === true,
		term: environment['TERM'] ?? '',
		columns: output.columns ?? 0,
		rows: output.rows ?? 0,
		colours: noColour !== undefined && noColour !== '' ? 2 : 2 ** (output.getColorDepth?.(environment) ?? 1),
		locale,
		isUtf8: /utf-?8/i.test(locale),
	};
};

const stateFacts = async ({sharedStateDirectory: shared, ownStateDirectory: own}: DoctorProbesOptions, deadlineMs: number): Promise<StateFacts> => {
	const use = constants.R_OK | constants.W_OK | constants.X_OK;
	const answer = await look(shared, 'directory', deadlineMs);
	return {
		shared: {path: shared, exists: answer !== 'missing', silent: answer === 'silent', writable: await can(shared, use, deadlineMs), group: await within(groupOf(shared), deadlineMs, '')},
		own: {path: own, writable: await can(await nearestExisting(own, deadlineMs), use, deadlineMs)},
	};
};

/** What is not there yet can be made when the nearest directory above it can be written. */
const nearestExisting = async (path: string, deadlineMs: number): Promise<string> =>
	path === dirname(path) || await look(path, 'directory', deadlineMs) !== 'missing' ? path : nearestExisting(dirname(path), deadlineMs);

const groupOf = async (path: string): Promise<string> => {
	try {
		const [{gid}, groups] = await Promise.all([stat(path), readFile('/etc/group', 'utf8')]);
		return groups.split('\n').map(line => line.split(':')).find(fields => fields[2] === String(gid))?.[0] ?? '';
	} catch {
		// Only the remedy names the group; without one it names the usual.
		return '';
	}
};

const isClockSynchronised = async (deadlineMs: number): Promise<boolean | null> => {
	try {
		const {stdout} = await promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {timeout: deadlineMs, encoding: 'utf8'});
		return stdout.trim() === 'yes' ? true : stdout.trim() === 'no' ? false : null;
	} catch {
		// Without systemd nobody can be asked without root: the answer is that it cannot be told.
		return null;
	}
};
