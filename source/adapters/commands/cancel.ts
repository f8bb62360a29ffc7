/**
Ends a run on request. The supervisor does it (TERM to everything of the run, KILL after the grace time) and records it as cancelled; where
the supervisor is gone but the script lives on, its session is ended from here, and the run stays lost.
*/

import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {emptyText} from '../../core/text.ts';
import {fileFailure} from './places.ts';
import {isAlive, listStatuses, readBootId} from './process.ts';
import {readLock, readRun} from './run-files.ts';
import type {CancelHow, Outcome} from '../../core/ports.ts';

/** `after-step`: the script itself looks for the wish between two steps. Answers when the wish was handed over, not when the run ended. `not-found` when it does not run any more. */
export const cancelRun = async (directory: string, lock: string, graceMs: number, how: CancelHow): Promise<Outcome<null>> => {
	const bootId = await readBootId();
	const run = await readRun(directory, bootId);
	if (run?.state === 'lost' && how === 'now') {
		return cancelOrphan(directory, lock, graceMs, bootId);
	}

	if (run?.state !== 'running') {
		return {ok: false, failure: {code: 'not-found', detail: emptyText, params: {path: directory}}};
	}

	try {
		const control = await open(`${directory}/control`, constants.O_WRONLY | constants.O_NONBLOCK);
		try {
			await control.write(how === 'now' ? 'cancel\n' : 'stop\n');
		} finally {
			await control.close();
		}

		return {ok: true, value: null};
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code;
		// No FIFO, or nobody reads it: the run has just ended.
		return code === 'ENXIO' || code === 'ENOENT'
			? {ok: false, failure: {code: 'not-found', detail: emptyText, params: {path: directory}}}
			: {ok: false, failure: fileFailure(error, `${directory}/control`)};
	}
};

const cancelOrphan = async (directory: string, lock: string, graceMs: number, bootId: string): Promise<Outcome<null>> => {
	const script = (await readLock(lock))?.script;
	if (!script || !await isAlive(script, bootId)) {
		return {ok: false, failure: {code: 'not-found', detail: emptyText, params: {path: directory}}};
	}

	try {
		await signalSession(script.pid, 'SIGTERM');
		void killLater(script.pid, graceMs);
		return {ok: true, value: null};
	} catch (error) {
		return {ok: false, failure: fileFailure(error, directory)};
	}
};

const signalSession = async (session: number, signal: NodeJS.Signals): Promise<void> => {
	for (const {pid} of (await listStatuses()).filter(status => status.session === session && status.state !== 'Z')) {
		try {
			process.kill(pid, signal);
		} catch (error) {
			// It may have ended since it was listed; only a refusal matters.
			if ((error as NodeJS.ErrnoException).code === 'EPERM') {
				throw error;
			}
		}
	}
};

const killLater = async (session: number, graceMs: number): Promise<void> => {
	await delay(graceMs, undefined, {ref: false});
	try {
		await signalSession(session, 'SIGKILL');
	} catch {
		// Refused now though TERM was allowed: the run shows as still alive, which is the truth.
	}
};
