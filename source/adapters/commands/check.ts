/**
Reads: commands that change nothing, run by the console itself. Bounded in time and in output, standard input closed, in the clean
environment, and with nothing left behind: what the command started is killed with it, also what went into a group or session of its own.
*/

import {randomUUID} from 'node:crypto';
import {makeSafe} from '../../core/text.ts';
import {runProgram} from '../children.ts';
import {childEnvironment, type EnvironmentBase} from './environment.ts';
import {fileFailure} from './places.ts';
import {listStatuses, readStatus, type ProcessStatus} from './process.ts';
import {runMark} from './supervisor.ts';
import type {CheckAnswer, CommandsPort, Outcome} from '../../core/ports.ts';

/** Characters kept of each stream; a command that writes more is killed, and its exit code is then null. */
const outputLimit = 1_048_576;
/** Between TERM and KILL of a read that is past its deadline. */
const graceMs = 500;

type CheckOptions = Parameters<CommandsPort['check']>[1];

/** See CommandsPort.check. A command that ran is an answer, whatever its exit code; `not-found` and `denied` when it could not be run. */
export const runCheck = async (base: EnvironmentBase, command: readonly string[], options: CheckOptions): Promise<Outcome<CheckAnswer>> => {
	const {execa} = await import('execa');
	const [file, ...words] = command;
	if (file === undefined || command.some(word => word.includes('\0'))) {
		return {ok: false, failure: {code: 'malformed', detail: makeSafe(command.join(' '))}};
	}

	const mark = `check-${randomUUID()}`;
	const child = execa(file, words, {
		env: {...childEnvironment(base, options.environment), [runMark]: mark},
		extendEnv: false,
		cwd: options.directory ?? '/',
		stdin: 'ignore',
		reject: false,
		timeout: options.deadlineMs,
		...(options.signal === undefined ? {} : {cancelSignal: options.signal}),
		maxBuffer: outputLimit,
		stripFinalNewline: false,
		killDescendants: true,
		forceKillAfterDelay: graceMs,
	});
	const {pid} = child;
	const leader = pid === undefined ? null : readStatus(pid);
	// What still runs after the command itself has ended would hold the pipes open: it goes at once.
	let swept: Promise<void> | null = null;
	child.nodeChildProcess.once('exit', () => {
		killGroup(pid);
		swept = sweep(pid, leader, mark);
	});
	// Something that became another user's cannot be killed; then its end of the pipe is not waited for.
	const last = setTimeout(() => {
		child.nodeChildProcess.stdout?.destroy();
		child.nodeChildProcess.stderr?.destroy();
	}, options.deadlineMs + graceMs + 1000);
	const result = await child;
	clearTimeout(last);
	if (pid === undefined) {
		return {ok: false, failure: fileFailure(Object.assign(new Error(result.originalMessage ?? ''), {code: result.code}), file)};
	}

	await swept;
	return {
		ok: true,
		value: {
			// How a writer takes the end of its reader says nothing about the command.
			exitCode: result.isMaxBuffer ? null : result.exitCode ?? null,
			stdout: result.stdout,
			stderr: makeSafe(result.stderr.trimEnd()),
			timedOut: result.timedOut,
			durationMs: Math.round(result.durationMs),
		},
	};
};

const killGroup = (pid: number | undefined): void => {
	if (pid === undefined) {
		return;
	}

	try {
		process.kill(-pid, 'SIGKILL');
	} catch {
		// Nobody of the group is left, which is what is wanted.
	}
};

/** Kills what of the command is still alive: members of its session, and younger processes of ours that carry its mark. */
const sweep = async (session: number | undefined, started: Promise<ProcessStatus | null> | null, mark: string): Promise<void> => {
	const leader = await started;
	const statuses = (await listStatuses()).filter(status => status.state !== 'Z');
	const young = leader ? statuses.filter(status => status.session !== session && status.startTicks >= leader.startTicks) : [];
	const marked = await findMarked(young.map(({pid}) => pid), mark);
	for (const pid of [...statuses.filter(({session: own}) => own === session).map(status => status.pid), ...marked]) {
		try {
			process.kill(pid, 'SIGKILL');
		} catch {
			// Ended by itself, or changed its user: not ours to kill then.
		}
	}
};

/**
Which of these processes carry the mark in their environment. Reading an environment can hang for good on a process that hangs in the
kernel, so a child does it that can be killed, never a thread of ours.
*/
const findMarked = async (pids: readonly number[], mark: string): Promise<readonly number[]> => {
	if (pids.length === 0) {
		return [];
	}

	const files = pids.slice(0, 2000).map(pid => `/proc/${pid}/environ`);
	// Exit 1 and 2 are usual: no match, or a process that is gone or not ours to read.
	const {stdout} = await runProgram('grep', ['-lszxF', '-e', `${runMark}=${mark}`, ...files], {timeout: 500, killSignal: 'SIGKILL'});
	return [...stdout.matchAll(/^\/proc\/(\d+)\/environ$/gm)].map(([, pid]) => Number(pid));
};
