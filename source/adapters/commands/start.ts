/**
Starts a change under its supervisor, and knows for certain whether it started.

The supervisor is the leader of a session of its own, with nothing of ours open, so neither the end of the console nor of its terminal
reaches it. Console and supervisor settle the start by one rename (see run-files.ts): a console that gives up waiting can be sure
that the script will not run after all.
*/

import {spawn, type ChildProcess} from 'node:child_process';
import {readFile, rename} from 'node:fs/promises';
import {dirname} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {goesOn} from '../../core/run-verdict.ts';
import {makeSafe, ownText} from '../../core/text.ts';
import {startChild} from '../children.ts';
import {childEnvironment, type EnvironmentBase} from './environment.ts';
import {fileFailure, findPlace} from './places.ts';
import {isAlive, readBootId} from './process.ts';
import {isRunId, listRuns, lockFile, readLock, readRun, readStarted, removeRun, runDirectory, siblingPrefix, wholeTarget, writeRun, type Holder} from './run-files.ts';
import {supervisorExit} from './supervisor.ts';
import type {Clock, Failure, Outcome, RunRecord, RunRequest} from '../../core/ports.ts';

export type StartOptions = EnvironmentBase & {
	readonly clock: Clock;
	readonly runtimeDirectories: readonly string[];
	/** Between TERM and KILL, of a cancel and of the hard limit. */
	readonly graceMs: number;
	/** Words before `bash` that keep the run alive over a logout; empty where none are needed. */
	readonly launcher: () => Promise<readonly string[]>;
};

/** A sick host may take seconds for three forks; beyond this the start is taken back. */
const startDeadlineMs = 15_000;

/** See CommandsPort.start. Failures: `busy` (holder, action, sinceMs), `malformed` (id or script), `not-found` (directory, bash), `denied`, `no-space`, `unsupported` (tool), `timed-out`, `failed` (the host has no process to give). */
export const startRun = async (options: StartOptions, request: RunRequest): Promise<Outcome<RunRecord>> => {
	if (!isRunId(request.id) || request.script.includes('\0') || request.directory.includes('\0')) {
		return failed({code: 'malformed', detail: ownText('run id or script')});
	}

	const place = await findPlace(options.runtimeDirectories);
	if (!place.ok) {
		return place;
	}

	const directory = runDirectory(place.value.path, request.id);
	const lock = lockFile(place.value.path, request.lock);
	try {
		await writeRun(directory, request, childEnvironment(options, request.environment), options.clock.nowMs());
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
			return failed({code: 'failed', detail: ownText('a run of this id is already there'), params: {path: directory}});
		}

		await removeRun(directory);
		return failed(fileFailure(error, directory));
	}

	const failure = await launch(options, request, directory, lock);
	if (failure) {
		const missing = failure.code === 'unsupported' ? await missingTool(directory) : null;
		await removeRun(directory);
		return failed(missing === null ? failure : {...failure, params: {tool: missing}});
	}

	const started = await readStarted(directory);
	return {ok: true, value: {request, state: 'running', startedAtMs: started?.startedAtMs ?? options.clock.nowMs(), outcome: null}};
};

const failed = (failure: Failure): {readonly ok: false; readonly failure: Failure} => ({ok: false, failure});

/** Null when the script runs. */
const launch = async (options: StartOptions, request: RunRequest, directory: string, lock: string): Promise<Failure | null> => {
	const seconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));
	const words = [
		...await options.launcher(), 'bash', `${directory}/own/supervisor`, directory, lock, request.directory, request.id, seconds(request.hardLimitMs), seconds(options.graceMs),
		...projectLocks(request.lock, lock),
	];
	const started = await startChild(() => spawn(words[0]!, words.slice(1), {
		cwd: '/', detached: true, stdio: 'ignore',
		// The script's own environment is made from a file. `systemd-run --user` finds its bus below XDG_RUNTIME_DIR, whose place logind fixes.
		env: {PATH: options.basePath, XDG_RUNTIME_DIR: `/run/user/${process.getuid?.() ?? 0}`},
	}));
	if (!started.ok) {
		return {code: started.error.code === 'ENOENT' ? 'not-found' : 'failed', detail: makeSafe(started.error.message), params: {tool: words[0]!}};
	}

	started.child.unref();
	const exit = exitOf(started.child);
	const deadline = Date.now() + startDeadlineMs;
	for (;;) {
		if (await readStarted(directory)) {
			return null;
		}

		const ended = await Promise.race([exit, delay(Date.now() < deadline - startDeadlineMs + 200 ? 5 : 50, null)]);
		if (ended !== null) {
			return await readStarted(directory) ? null : explain(ended, lock, request);
		}

		if (Date.now() > deadline) {
			return takeBack(directory);
		}
	}
};

/** See supervisorText: the project's own lock file, and the beginning of the lock files within the project. */
const projectLocks = (target: string, lock: string): readonly [string, string] => {
	const whole = wholeTarget(target);
	return [whole === null ? '' : lockFile(dirname(lock), whole), target.endsWith('/*') ? siblingPrefix(target) : ''];
};

type Exit = {readonly code: number | null};

const exitOf = async (child: ChildProcess): Promise<Exit> => new Promise(resolve => {
	child.once('exit', code => {
		resolve({code});
	});
});

const takeBack = async (directory: string): Promise<Failure | null> => {
	try {
		await rename(`${directory}/prepared`, `${directory}/withdrawn`);
		return {code: 'timed-out', detail: ownText('the supervisor did not come up'), params: {deadlineMs: startDeadlineMs}};
	} catch {
		// The supervisor was first: the script runs.
		return null;
	}
};

const explain = async (exit: Exit, lock: string, request: RunRequest): Promise<Failure> => {
	switch (exit.code) {
		case supervisorExit.busy: {
			return busyFailure(lock, request);
		}

		case supervisorExit.lockDenied: {
			return {code: 'denied', detail: makeSafe(lock), params: {path: lock}};
		}

		case supervisorExit.toolMissing: {
			return {code: 'unsupported', detail: ownText('a tool that runs need is missing')};
		}

		default: {
			return {code: 'failed', detail: makeSafe(`the supervisor ended with ${exit.code ?? 'a signal'}`)};
		}
	}
};

/** Who holds a lock, or another one of the project that this one cannot go beside. The winner of a race writes its name a moment after it took the lock: it is waited for, shortly. */
const busyFailure = async (lock: string, request: RunRequest): Promise<Failure> => {
	const bootId = await readBootId();
	const [whole] = projectLocks(request.lock, lock);
	for (let round = 0; round < 25; round++) {
		const holder = await holderOf(lock, bootId) ?? (whole === '' ? await siblingHolder(dirname(lock), request, bootId) : await holderOf(whole, bootId));
		if (holder !== null) {
			const {actor, action, id, sinceMs} = holder;
			return {code: 'busy', detail: makeSafe(`${actor}: ${action}`), params: {holder: actor, action, id, sinceMs}};
		}

		await delay(20);
	}

	return {code: 'busy', detail: ownText(''), params: {holder: '', action: '', id: '', sinceMs: 0}};
};

const holderOf = async (lock: string, bootId: string): Promise<Holder | null> => {
	const facts = await readLock(lock);
	const identities = [facts?.supervisor ?? null, facts?.script ?? null].filter(identity => identity !== null);
	const alive = await Promise.all(identities.map(async identity => isAlive(identity, bootId)));
	return alive.includes(true) ? facts?.holder ?? null : null;
};

/** What of the project goes on, for a change of the whole of it. */
const siblingHolder = async (place: string, {project, id}: RunRequest, bootId: string): Promise<Holder | null> => {
	for (const other of await listRuns(place)) {
		const run = other === id ? null : await readRun(runDirectory(place, other), bootId);
		if (run !== null && goesOn(run) && run.request.project === project) {
			return {id: other, action: run.request.action, actor: run.request.actor, sinceMs: run.startedAtMs};
		}
	}

	return null;
};

const missingTool = async (directory: string): Promise<string> => {
	try {
		return makeSafe((await readFile(`${directory}/own/missing`, 'utf8')).trim());
	} catch {
		// The exit code already says that one is missing.
		return '';
	}
};
