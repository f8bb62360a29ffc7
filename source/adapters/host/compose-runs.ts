/**
Whether somebody is changing the project with Compose right now, from /proc: what a deploy takes down and brings up again is no outage. Only
processes whose name is Compose's are looked at closely.
Invariants: nothing is forked; a command line that may not be read does not count; of the words only the verb and what follows are told.
*/

import {readFile, readlink} from 'node:fs/promises';
import {join} from 'node:path';
import type {Clock, ComposeRun, Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {failureOf} from './failure.ts';
import {ticksPerSecond} from './figures.ts';
import {readAll, type ProcessFigures} from './processes.ts';

const verbs: ReadonlySet<string> = new Set(['up', 'down', 'restart', 'start', 'stop', 'build', 'create', 'rm', 'pull', 'kill']);
const tooLongMs = 30 * 60_000;

/** See `HostPort.composeRuns`. Runs elsewhere (another directory) are none of this project's. */
export const readComposeRuns = async ({clock, procDirectory, directory}: {readonly clock: Clock; readonly procDirectory: string; readonly directory: string}): Promise<Outcome<readonly ComposeRun[]>> => {
	try {
		const candidates = (await readAll(clock, procDirectory)).filter(({name}) => name.startsWith('docker-compose') || name === 'docker');
		if (candidates.length === 0) {
			return {ok: true, value: []};
		}

		const bootAtMs = clock.nowMs() - (Number((await readFile(join(procDirectory, 'uptime'), 'utf8')).split(' ')[0]) * 1000);
		const runs = await Promise.all(candidates.map(async figures => runOf(join(procDirectory, String(figures.pid)), figures, directory, bootAtMs)));
		return {ok: true, value: runs.filter(run => run !== null).filter(run => clock.nowMs() - run.startedAtMs < tooLongMs)};
	} catch (error) {
		return failureOf(error);
	}
};

const runOf = async (path: string, {pid, name, startTicks}: ProcessFigures, directory: string, bootAtMs: number): Promise<ComposeRun | null> => {
	try {
		const words = (await readFile(join(path, 'cmdline'), 'utf8')).split('\0').filter(word => word !== '');
		const from = name === 'docker' ? words.indexOf('compose') : words.findIndex(word => /docker-compose$/.test(word));
		const verbAt = from < 0 ? -1 : words.findIndex((word, index) => index > from && verbs.has(word));
		if (verbAt < 0) {
			return null;
		}

		const place = await readlink(join(path, 'cwd'));
		const isHere = place === directory || place.startsWith(`${directory}/`) || words.slice(from, verbAt).some(word => word.startsWith(directory));
		return isHere ? {pid, verb: words[verbAt]!, words: makeSafe(words.slice(verbAt).join(' ').slice(0, 120)), startedAtMs: bootAtMs + (startTicks / ticksPerSecond * 1000)} : null;
	} catch {
		// It has ended since, or is another user's: it does not count.
		return null;
	}
};
