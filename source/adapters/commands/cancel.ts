/**
Ends a run on request. The supervisor does it (TERM to everything of the run, KILL after the grace time) and records it as cancelled; where
the supervisor is gone but the script lives on, its session is ended from here, and the run stays lost.
*/

import {constants} from 'node:fs';
import {open, writeFile} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {emptyText} from '../../core/text.ts';
import {fileFailure} from './places.ts';
import {listStatuses, readBootId} from './process.ts';
import {livingScript, readRun} from './run-files.ts';
import type {CancelHow, Outcome, RunRequest} from '../../core/ports.ts';

/** `after-step`: the script itself looks for the wish between two steps. Answers when the wish was handed over, not when the run ended. `not-found` when it does not run any more. */
export const cancelRun = async (directory: string, graceMs: number, how: CancelHow): Promise<Outcome<null>> => {
	const bootId = await readBootId();
	const run = await readRun(directory, bootId);
	if (run?.state === 'orphaned') {
		return how === 'now' ? cancelOrphan(directory, run.request, graceMs, bootId) : stopOrphan(directory);
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

/** What the supervisor would do: the script looks for this file between two steps. */
const stopOrphan = async (directory: string): Promise<Outcome<null>> => {
	try {
		await writeFile(`${directory}/own/stop`, '', {mode: 0o600});
		return {ok: true, value: null};
	} catch (error) {
		return {ok: false, failure: fileFailure(error, `${directory}/own/stop`)};
	}
};

const cancelOrphan = async (directory: string, request: RunRequest, graceMs: number, bootId: string): Promise<Outcome<null>> => {
	const script = await livingScript(directory, request, bootId);
	if (script === null) {
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
