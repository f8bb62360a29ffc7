/**
One action from claim to verdict, as far as it needs the world: claiming the target, following the output, noticing the end, finding runs that
another console started or that went on after a line was cut. The rules (who may, what counts as recovered) are core's.
*/

import {compareHashes, unsetVariables} from '../core/actions.ts';
import {blankVariables, filledVariables} from '../core/compose-config.ts';
import {isAnswered} from '../core/compose-tools.ts';
import type {CancelHow, Clock, CommandsPort, Outcome, RunRecord, RunRequest, Stop} from '../core/ports.ts';
import type {Effect} from '../core/state.ts';
import {makeSafe} from '../core/text.ts';
import type {Store} from './store.ts';

export type Runs = {
	claim(request: RunRequest): void;
	/** Runs a read in-process: bounded, nothing left behind. */
	read(request: RunRequest): void;
	cancel(id: string, how: CancelHow): void;
	discard(id: string): void;
	compare(effect: Extract<Effect, {type: 'compose/compare'}>): void;
	/** Another project is on the screen: whatever ran for the one before goes on, unfollowed; it is found again when that one comes back. */
	switched(): void;
	/** Looks for runs of the project that this console does not know yet. */
	find(): Promise<boolean>;
	findTools(): Promise<boolean>;
	stop(): void;
};

const printedEveryMs = 100;
const compareDeadlineMs = 15_000;

export const createRuns = (options: {readonly store: Store; readonly commands: CommandsPort; readonly clock: Clock}): Runs => {
	const {store, commands, clock} = options;
	const following = new Map<string, Stop>();
	/** Ended, and told so: not begun again where their files cannot be removed. */
	const over = new Set<string>();
	/** Started here, whichever project is on the screen by now. */
	const ownIds = new Set<string>();
	/** Rises when the project changes. */
	let turn = 0;
	let isStopped = false;
	let telling: Stop | null = null;

	const printed = (id: string): void => {
		telling ??= clock.after(printedEveryMs, () => {
			telling = null;
			store.dispatch({type: 'run/printed', id});
		});
	};

	const follow = (record: RunRecord, own: boolean): void => {
		const {id} = record.request;
		if (following.has(id) || over.has(id)) {
			return;
		}

		following.set(id, () => {});
		// Its output comes from the beginning, also where some of it was read before.
		store.state().runBook.forget(id);
		store.dispatch({type: 'action/claimed', record, own});
		following.set(id, commands.follow(
			id,
			({rawText, skippedBytes}) => {
				store.state().runBook.append(id, rawText, skippedBytes);
				printed(id);
			},
			outcome => {
				following.delete(id);
				over.add(id);
				store.dispatch({type: 'run/printed', id});
				store.dispatch({type: 'run/ended', id, outcome});
			},
		));
	};

	const claim = async (request: RunRequest): Promise<void> => {
		const asked = turn;
		ownIds.add(request.id);
		// Whatever keeps it from starting is told and recorded as that: never the end of the console, nor a confirmed change that nothing is known of.
		const outcome = await commands.start(request).catch((error: unknown): Outcome<RunRecord> => ({ok: false, failure: {code: 'failed', detail: makeSafe(String(error))}}));
		if (asked !== turn) {
			// It runs or it does not, but not in the project that is on the screen: that one's own look finds it.
			await find();
			return;
		}

		if (outcome.ok) {
			follow(outcome.value, true);
			return;
		}

		const {code, params, detail} = outcome.failure;
		store.dispatch({type: 'action/refused', id: request.id, code, holder: String(params?.['holder'] ?? ''), detail});
		// Whoever holds the target is worth watching at once.
		await find();
	};

	const readings = new Map<string, AbortController>();

	const read = async (request: RunRequest): Promise<void> => {
		const {id, script, directory, environment, deadlineMs} = request;
		const startedAtMs = clock.nowMs();
		const abort = new AbortController();
		readings.set(id, abort);
		const answer = await commands.check(['bash', '-c', script], {directory, environment, deadlineMs, signal: abort.signal});
		readings.delete(id);
		const {runBook} = store.state();
		if (answer.ok) {
			runBook.append(id, answer.value.stdout + (answer.value.stderr === '' ? '' : `\n${answer.value.stderr}\n`), 0);
		} else {
			runBook.append(id, `${answer.failure.detail}\n`, 0);
		}

		store.dispatch({type: 'run/printed', id});
		store.dispatch({type: 'run/ended', id, outcome: {
			exitCode: answer.ok ? answer.value.exitCode : 127, signal: null, cancelled: abort.signal.aborted, timedOut: answer.ok && answer.value.timedOut, startedAtMs, endedAtMs: clock.nowMs(), leftRunning: [],
		}});
	};

	const find = async (): Promise<boolean> => {
		const project = store.state().situation.project.facts?.name;
		if (project === undefined) {
			return true;
		}

		const asked = turn;
		const runs = await commands.runs(project);
		if (!runs.ok || asked !== turn) {
			return runs.ok;
		}

		for (const record of runs.value) {
			const known = store.state().runs.find(run => run.id === record.request.id);
			if (known === undefined || known.phase === 'running') {
				follow(record, known?.own ?? ownIds.has(record.request.id));
			}

			if (record.state === 'orphaned' && known?.phase === 'running' && !known.orphaned) {
				store.dispatch({type: 'run/orphaned', id: record.request.id});
			}
		}

		return true;
	};

	const compare = async ({action, service, alone, words, directory, environment}: Extract<Effect, {type: 'compose/compare'}>): Promise<void> => {
		const answer = await commands.check([...words, 'config', '--hash', '*'], {directory, environment, deadlineMs: compareDeadlineMs});
		if (store.state().situation.project.facts?.name !== environment['COMPOSE_PROJECT_NAME']) {
			// Another project is on the screen by now.
			return;
		}

		if (!answer.ok) {
			store.dispatch({type: 'compose/notCompared', action, detail: answer.failure.detail});
		} else if (answer.value.exitCode === 0) {
			const services = compareHashes(answer.value.stdout, service, store.state().situation, alone);
			store.dispatch({type: 'compose/compared', action, services, ...await comparedVariables(services, unsetVariables(answer.value.stderr), words, directory, environment)});
		} else {
			store.dispatch({type: 'compose/notCompared', action, detail: answer.value.timedOut ? '' : answer.value.stderr.slice(0, 300)});
		}
	};

	/** Which variables of the containers that would be recreated have a value now and would be blank then; null when that could not be found out. */
	const comparedVariables = async (services: readonly string[], unset: readonly string[], words: readonly string[], directory: string, environment: Readonly<Record<string, string>>): Promise<{readonly unset: readonly string[]; readonly blanked: readonly string[] | null}> => {
		if (services.length === 0) {
			return {unset, blanked: []};
		}

		const config = await commands.check([...words, 'config'], {directory, environment, deadlineMs: compareDeadlineMs});
		if (!config.ok || config.value.exitCode !== 0) {
			return {unset, blanked: null};
		}

		const blanked = new Set<string>();
		for (const service of services) {
			const container = (store.state().situation.containers.value ?? []).find(other => other.service === service && !other.oneOff);
			const blank = blankVariables(config.value.stdout, service);
			if (container === undefined || blank.length === 0) {
				continue;
			}

			// Values are compared with nothing and go nowhere: only whether there is one counts.
			const inspected = await commands.check(['docker', 'inspect', '--format', '{{range .Config.Env}}{{println .}}{{end}}', container.id], {deadlineMs: compareDeadlineMs});
			if (!inspected.ok || inspected.value.exitCode !== 0) {
				return {unset, blanked: null};
			}

			const filled = filledVariables(inspected.value.stdout);
			for (const name of blank.filter(other => filled.has(other))) {
				blanked.add(name);
			}
		}

		return {unset, blanked: [...blanked]};
	};

	return {
		claim(request) {
			void claim(request);
		},
		read(request) {
			void read(request);
		},
		cancel(id, how) {
			const reading = readings.get(id);
			if (reading !== undefined) {
				reading.abort();
				return;
			}

			void commands.cancel(id, how).then(outcome => {
				if (!outcome.ok) {
					store.dispatch({type: 'run/notCancelled', id, detail: outcome.failure.detail});
				}
			});
		},
		discard(id) {
			following.get(id)?.();
			following.delete(id);
			over.add(id);
			void commands.discard(id);
		},
		compare(effect) {
			void compare(effect);
		},
		switched() {
			turn++;
			for (const stop of following.values()) {
				stop();
			}

			following.clear();
			over.clear();
		},
		find: async () => isStopped || find(),
		async findTools() {
			const tools = await commands.composeTools();
			store.dispatch({type: 'tools/found', tools});
			return isAnswered(tools);
		},
		stop() {
			isStopped = true;
			telling?.();
			for (const reading of readings.values()) {
				reading.abort();
			}

			for (const stop of following.values()) {
				stop();
			}
		},
	};
};
