/**
The pretend supervisor: one runner per target, output kept until it is discarded, cancel and hard limit end a run for good.
Runs end also when nobody follows them; a second follower sees everything from the beginning.
*/

import type {CheckAnswer, CommandsPort, Failure, Outcome, RunOutcome, RunOutput, RunRecord, RunRequest} from '../core/ports.ts';
import {locksConflict} from '../core/action-words.ts';
import {makeSafe} from '../core/text.ts';
import {runScript, runWords, type Shell} from './interpreter.ts';
import {composeVersion, directory} from './stack.ts';
import type {World} from './world.ts';

type Run = {
	readonly request: RunRequest;
	readonly startedAtMs: number;
	output: string;
	outcome: RunOutcome | null;
	stopAsked?: boolean;
	readonly followers: Set<{readonly advanced: (output: RunOutput) => void; readonly ended: (outcome: RunOutcome | null) => void}>;
};

const cancelMs = 40;
const idPattern = /^[\w.-]{1,128}$/;

const fail = (code: Failure['code'], params: Failure['params'] = {}, detail = ''): {readonly ok: false; readonly failure: Failure} =>
	({ok: false, failure: {code, detail: makeSafe(detail), params: params ?? {}}});

export const createCommandsPort = (world: World): CommandsPort => {
	const runs = new Map<string, Run>();

	const recordOf = (run: Run): RunRecord => ({request: run.request, state: run.outcome === null ? 'running' : 'ended', startedAtMs: run.startedAtMs, outcome: run.outcome});

	const say = (run: Run, text: string): void => {
		if (run.outcome === null) {
			run.output += text;
			for (const {advanced} of [...run.followers]) {
				advanced({rawText: text, skippedBytes: 0});
			}
		}
	};

	const end = (run: Run, how: Partial<RunOutcome>): void => {
		if (run.outcome === null) {
			run.outcome = {exitCode: null, signal: null, cancelled: false, timedOut: false, startedAtMs: run.startedAtMs, endedAtMs: world.clock.nowMs(), leftRunning: [], ...how};
			for (const {ended} of [...run.followers]) {
				ended(run.outcome);
			}

			run.followers.clear();
		}
	};

	const execute = async (run: Run): Promise<void> => {
		const shell: Shell = {
			world,
			environment: run.request.environment,
			directory: run.request.directory,
			isStopAsked: () => run.stopAsked === true,
			out: text => {
				say(run, text);
			},
			err: text => {
				say(run, text);
			},
			sleep: async delayMs => new Promise(resolve => {
				void world.sleep(delayMs).then(() => {
					// A killed run goes no further.
					if (run.outcome === null) {
						resolve();
					}
				});
			}),
		};
		const exitCode = await runScript(shell, run.request.script);
		end(run, {exitCode});
	};

	return {
		async start(request) {
			const holder = [...runs.values()].find(run => run.outcome === null && (run.request.id === request.id || (run.request.project === request.project && locksConflict(run.request.lock, request.lock))));
			if (holder !== undefined) {
				const {actor, action, id} = holder.request;
				return fail('busy', {holder: actor, action, id, sinceMs: holder.startedAtMs}, `${actor}: ${action}`);
			}

			if (!idPattern.test(request.id) || runs.has(request.id) || request.script.trim() === '') {
				return fail('malformed', {id: request.id});
			}

			if (request.directory !== directory && !request.directory.startsWith(`${directory}/`) && !['/', '/tmp', '/opt', '/root'].includes(request.directory)) {
				return fail('not-found', {path: request.directory});
			}

			const run: Run = {request, startedAtMs: world.clock.nowMs(), output: '', outcome: null, followers: new Set()};
			runs.set(request.id, run);
			void world.sleep(request.hardLimitMs).then(() => {
				end(run, {signal: 'SIGKILL', timedOut: true});
			});
			void world.sleep(1).then(async () => execute(run));
			return {ok: true, value: recordOf(run)};
		},
		follow(id, advanced, ended) {
			const follower = {advanced, ended};
			let open = true;
			void Promise.resolve().then(() => {
				const run = runs.get(id);
				if (!open) {
					return;
				}

				if (run !== undefined && run.output !== '') {
					advanced({rawText: run.output, skippedBytes: 0});
				}

				if (run === undefined || run.outcome !== null) {
					ended(run?.outcome ?? null);
				} else {
					run.followers.add(follower);
				}
			});
			return () => {
				open = false;
				for (const run of runs.values()) {
					run.followers.delete(follower);
				}
			};
		},
		async runs(project) {
			return {ok: true, value: [...runs.values()].filter(run => run.request.project === project).map(run => recordOf(run))};
		},
		async cancel(id, how = 'now') {
			const run = runs.get(id);
			if (run === undefined || run.outcome !== null) {
				return fail('not-found', {id});
			}

			if (how === 'after-step') {
				run.stopAsked = true;
				return {ok: true, value: null};
			}

			void world.sleep(cancelMs).then(() => {
				end(run, {signal: 'SIGTERM', cancelled: true});
			});
			return {ok: true, value: null};
		},
		async discard(id) {
			const run = runs.get(id);
			if (run !== undefined && run.outcome === null) {
				return fail('busy', {holder: run.request.actor, action: run.request.action, id, sinceMs: run.startedAtMs});
			}

			return runs.delete(id) ? {ok: true, value: null} : fail('not-found', {id});
		},
		check: async (command, options) => check(world, command, options),
		async composeTools() {
			return {v1: composeVersion, v2: null};
		},
	};
};

const check = async (world: World, command: readonly string[], options: Parameters<CommandsPort['check']>[1]): Promise<Outcome<CheckAnswer>> => {
	const startedMs = world.clock.monotonicMs();
	const limit = {over: false};
	let stdout = '';
	let stderr = '';
	const shell: Shell = {
		world,
		environment: options.environment ?? {},
		directory: options.directory ?? directory,
		out(text) {
			stdout += text;
		},
		err(text) {
			stderr += text;
		},
		sleep: async delayMs => new Promise(resolve => {
			void world.sleep(delayMs).then(() => {
				if (!limit.over) {
					resolve();
				}
			});
		}),
	};
	const exitCode = await Promise.race([
		runWords(shell, command),
		world.sleep(options.deadlineMs).then(() => null),
	]);
	limit.over = true;
	if (exitCode === 127 && stderr.endsWith('command not found in the drill\n')) {
		return fail('not-found', {command: command[0] ?? ''}, stderr.trim());
	}

	return {
		ok: true,
		value: {exitCode, stdout, stderr: makeSafe(stderr.trimEnd()), timedOut: exitCode === null, durationMs: world.clock.monotonicMs() - startedMs},
	};
};
