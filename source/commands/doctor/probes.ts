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
import {afterFairly, fairly} from '../../core/fair-deadline.ts';
import {inTime} from '../../core/in-time.ts';
import type {Clock} from '../../core/ports.ts';
import type {DoctorProbes, PathAnswer, PortAnswer, StateFacts, TerminalFacts} from './findings.ts';

export type DoctorProbesOptions = {
	readonly clock: Clock;
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
	const {clock, user, environment, deadlineMs = 2000, runtime, survivesLogout} = options;
	const patience: Patience = {clock, deadlineMs};
	return {
		user, runtime, survivesLogout,
		isRoot: process.getuid?.() === 0,
		findProgram: async name => findProgram(name, environment['PATH'] ?? '', patience),
		look: async (path, kind) => look(path, kind, patience),
		connect: async (host, port) => ask(host, port, patience),
		terminal: () => terminalFacts(options),
		state: async () => stateFacts(options, patience),
		isClockSynchronised: async () => isClockSynchronised(deadlineMs),
	};
};

/** How long one question is waited for. */
type Patience = {readonly clock: Clock; readonly deadlineMs: number};

const within = async <Answer>(question: Promise<Answer>, {clock, deadlineMs}: Patience, otherwise: Answer): Promise<Answer> => inTime(fairly(clock), deadlineMs, question, otherwise);

const can = async (path: string, mode: number, patience: Patience): Promise<boolean> => within(
	// "No" is what an error says here; the caller goes on to ask for the reason where it matters.
	access(path, mode).then(() => true, () => false),
	patience,
	false,
);

const findProgram = async (name: string, searchPath: string, patience: Patience): Promise<string | null> => {
	const candidates = searchPath.split(delimiter).filter(directory => isAbsolute(directory)).map(directory => join(directory, name));
	const usable = await Promise.all(candidates.map(async path => await can(path, constants.X_OK, patience) && await look(path, 'file', patience) === 'right'));
	return candidates[usable.indexOf(true)] ?? null;
};

const look = async (path: string, kind: 'directory' | 'file', patience: Patience): Promise<PathAnswer> => within((async (): Promise<PathAnswer> => {
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
})(), patience, 'silent');

// The engine's own proxy accepts for a dead container and closes at once: only a connection that stays open is an answer.
const stayMs = 300;

const ask = async (host: string, port: number, {clock, deadlineMs}: Patience): Promise<PortAnswer> => new Promise(resolve => {
	const socket = connect({host, port});
	let stop = afterFairly(clock, deadlineMs, () => {
		end('silent');
	});
	const end = (answer: PortAnswer): void => {
		stop();
		socket.destroy();
		resolve(answer);
	};

	socket.once('connect', () => {
		stop();
		stop = afterFairly(clock, stayMs, () => {
			end('answers');
		});
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

const stateFacts = async ({sharedStateDirectory: shared, ownStateDirectory: own}: DoctorProbesOptions, patience: Patience): Promise<StateFacts> => {
	const use = constants.R_OK | constants.W_OK | constants.X_OK;
	const answer = await look(shared, 'directory', patience);
	return {
		shared: {path: shared, exists: answer !== 'missing', silent: answer === 'silent', writable: await can(shared, use, patience), group: await within(groupOf(shared), patience, '')},
		own: {path: own, writable: await can(await nearestExisting(own, patience), use, patience)},
	};
};

/** What is not there yet can be made when the nearest directory above it can be written. */
const nearestExisting = async (path: string, patience: Patience): Promise<string> =>
	path === dirname(path) || await look(path, 'directory', patience) !== 'missing' ? path : nearestExisting(dirname(path), patience);

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
