/**
Keeps one log stream for each container that should be followed, and fills the log book. It hides who is followed (up to 12 services all; beyond
that the selected and the unhealthy ones, the others once with 200 lines), resuming after a restart or a broken connection without a lost or doubled line,
and telling the store at most eight times a second.
*/

import {matchLines, type LogMatch} from '../core/diagnosis/matcher.ts';
import {settingsMatcher} from '../core/diagnosis/scene.ts';
import type {Clock, ContainerFacts, LogsPort, RawLogLine, Stop} from '../core/ports.ts';
import {serviceSettings} from '../core/settings.ts';
import type {State} from '../core/state.ts';
import type {Store} from './store.ts';

const allFollowedUpTo = 12;
const firstTail = 200;
const onceTail = 200;
const deepTail = 5000;
const toldEveryMs = 125;
const historyMs = 1500;
const matchesAtOnce = 500;
const retryMs = [500, 1000, 2000, 5000, 10_000] as const;

type Stream = {
	stop: Stop;
	/** `once`: read without following. `ended`: at its natural end, waiting for the container to start again. */
	state: 'following' | 'once' | 'ended' | 'retrying';
	startedAtMs: number | null;
	failures: number;
};

/** Which containers are followed, and which are only read once. */
export const chooseStreams = (state: State): ReadonlyMap<string, {readonly container: ContainerFacts; readonly follow: boolean}> => {
	const containers = (state.situation.containers.value ?? []).filter(container => container.logDriver !== 'none');
	const services = new Set(containers.map(container => container.service));
	const isWanted = (service: string): boolean => services.size <= allFollowedUpTo && serviceSettings(state.settings, service).logs === 'follow';
	const failing = new Set(state.situation.pings.filter(ping => ping.last?.ok === false).map(ping => ping.target.service));
	return new Map(containers.map(container => {
		const isInteresting = container.service === state.view.log.service || failing.has(container.service) || container.state !== 'running' || container.health === 'unhealthy' || container.oneOff;
		return [container.id, {container, follow: isWanted(container.service) || isInteresting}];
	}));
};

export type LogStreams = {
	/** Starts and stops streams to match the state; called after anything that may change who is followed. */
	reconcile(): void;
	/** Reads everything again from further back. */
	deepen(): void;
	stop(): void;
};

export const createLogStreams = (options: {readonly store: Store; readonly logs: LogsPort; readonly clock: Clock}): LogStreams => {
	const {store, logs, clock} = options;
	const streams = new Map<string, Stream>();
	let isStopped = false;
	let tail = firstTail;
	let telling: Stop | null = null;
	const recent: Array<{atMs: number; lines: number}> = [];
	let chosenKey: unknown = null;
	let visibleTold = 0;
	const openedMs = clock.monotonicMs();

	const rateNow = (): number => {
		const nowMs = clock.monotonicMs();
		while (recent[0] !== undefined && nowMs - recent[0].atMs > 5000) {
			recent.shift();
		}

		return recent.reduce((sum, {lines}) => sum + lines, 0) / 5;
	};

	const tell = (): void => {
		telling ??= clock.after(toldEveryMs, () => {
			telling = null;
			tellMatches();
			const {logBook} = store.state();
			const {visible} = logBook.totals(null);
			store.dispatch({type: 'log/advanced', revision: logBook.revision, linesPerSecond: rateNow(), isVisible: visible !== visibleTold});
			visibleTold = visible;
			// The rate falls back to zero although no line comes to say so.
			if (recent.length > 0 && telling === null) {
				telling = clock.after(2000, () => {
					telling = null;
					tell();
				});
			}
		});
	};

	/** Telling lines go to the store in one event with the next news of the log, not line by line. */
	let matched: LogMatch[] = [];
	const match = (container: ContainerFacts, lines: readonly RawLogLine[]): void => {
		matched.push(...matchLines(settingsMatcher(store.state().settings), {containerId: container.id, service: container.service}, lines));
		matched = matched.slice(-matchesAtOnce);
	};

	const tellMatches = (): void => {
		if (matched.length > 0) {
			const matches = matched;
			matched = [];
			store.dispatch({type: 'log/matched', matches});
		}
	};

	const advanced = (container: ContainerFacts, ...[lines, skipped, isEstimate = false]: Parameters<Parameters<LogsPort['follow']>[1]>): void => {
		const {logBook} = store.state();
		const before = logBook.totals(null).visible;
		logBook.append(container.service, container.id, lines, skipped, isEstimate);
		match(container, lines);
		const atMs = clock.monotonicMs();
		const counted = logBook.totals(null).visible - before;
		// The history that comes on opening is no rate.
		if (counted > 0 && atMs - openedMs > historyMs) {
			recent.push({atMs, lines: counted});
			if (recent.length > 200) {
				recent.splice(0, 100);
			}
		}

		tell();
	};

	const open = (container: ContainerFacts, follow: boolean, failures: number): void => {
		const after = store.state().logBook.resumePoint(container.id);
		const stream: Stream = {stop: () => {}, state: follow ? 'following' : 'once', startedAtMs: container.startedAtMs, failures};
		streams.set(container.id, stream);
		stream.stop = logs.follow(
			{containerId: container.id, tty: container.tty, tail: after === null ? (follow ? tail : onceTail) : Infinity, sinceMs: null, after, follow},
			(...batch) => {
				stream.failures = 0;
				advanced(container, ...batch);
			},
			failure => {
				if (isStopped || streams.get(container.id) !== stream) {
					return;
				}

				if (failure === null || failure.code === 'not-found') {
					stream.state = stream.state === 'once' ? 'once' : 'ended';
					return;
				}

				stream.state = 'retrying';
				store.dispatch({type: 'log/broken', failure});
				stream.stop = clock.after(retryMs[Math.min(stream.failures, retryMs.length - 1)]!, () => {
					streams.delete(container.id);
					store.dispatch({type: 'log/broken', failure: null});
					open(container, follow, stream.failures + 1);
				});
			},
		);
	};

	const reconcile = (): void => {
		const state = store.state();
		const key = [state.situation.containers.value, state.view.log.service, state.situation.pings.map(ping => ping.last?.ok ?? true).join()];
		if (isStopped || (Array.isArray(chosenKey) && key.every((part, index) => part === (chosenKey as unknown[])[index]))) {
			return;
		}

		chosenKey = key;
		const wanted = chooseStreams(state);
		for (const [id, stream] of streams) {
			if (!wanted.has(id)) {
				stream.stop();
				streams.delete(id);
				state.logBook.retire(id);
			}
		}

		for (const [id, {container, follow}] of wanted) {
			const stream = streams.get(id);
			const hasStartedAgain = stream?.state === 'ended' && container.state === 'running' && container.startedAtMs !== stream.startedAtMs;
			const isAlive = container.state === 'running' || container.state === 'restarting' || container.state === 'paused';
			const isPromoted = stream?.state === 'once' && follow && isAlive;
			if (stream === undefined || hasStartedAgain || isPromoted) {
				stream?.stop();
				open(container, follow && isAlive, 0);
			}
		}
	};

	return {
		reconcile,
		deepen() {
			if (tail === deepTail) {
				return;
			}

			tail = deepTail;
			for (const [id, stream] of streams) {
				stream.stop();
				store.state().logBook.forget(id);
			}

			streams.clear();
			chosenKey = null;
			reconcile();
		},
		stop() {
			isStopped = true;
			telling?.();
			for (const {stop} of streams.values()) {
				stop();
			}

			streams.clear();
		},
	};
};
