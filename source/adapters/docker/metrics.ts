/**
Counters of containers: out of cgroup files where the engine is on this machine, else by the engine's one-shot `stats`, with care.

Why with care: `docker stats` costs the engine 15–20 % of a CPU for 14 containers. So one call at a time over all containers, each container at
most every five seconds; a read in between answers with the reading before, whose `atMs` tells its age (compare it before making
a rate), or with `busy` when there is none. Once any container was read from its files, the engine is here and `stats` is asked only for containers whose files deny themselves.
*/

import type {ContainerReading, Failure, MetricsPort, Outcome} from '../../core/ports.ts';
import {createCgroupReader, type CgroupReader} from './cgroup.ts';
import type {EngineClient} from './client.ts';
import {failure} from './failures.ts';
import {numberOf, recordOf, type JsonRecord} from './json.ts';

export type MetricsOptions = {readonly client: EngineClient; readonly readCgroup?: CgroupReader};

const fileDeadlineMs = 2000;
const callDeadlineMs = 5000;
const statsIntervalMs = 5000;

type Container = {readonly id: string; readonly pid: number};

/** The metrics port over one engine client, which stays the caller's to close. `readCgroup` is replaced by tests. */
export const createMetricsPort = ({client, readCgroup = createCgroupReader()}: MetricsOptions): MetricsPort => {
	const {clock} = client;
	const stats = createCarefulStats(client);
	const reading = new Set<string>();
	let filesWork = false;

	const fromFiles = async (container: Container): Promise<Awaited<ReturnType<CgroupReader>> | 'silent'> => {
		reading.add(container.id);
		const answer = readCgroup(container).finally(() => {
			reading.delete(container.id);
		});
		let cancel: (() => void) | null = null;
		const silent = new Promise<'silent'>(resolve => {
			cancel = clock.after(fileDeadlineMs, () => {
				resolve('silent');
			});
		});
		const first = await Promise.race([answer, silent]);
		(cancel as (() => void) | null)?.();
		return first;
	};

	return {
		async read(container) {
			if (container.pid <= 0) {
				return {ok: false, failure: failure('not-found', 'the container does not run')};
			}

			const endpoint = await client.endpoint();
			if (endpoint.ok && endpoint.value.kind === 'tcp' && !filesWork) {
				return stats(container.id);
			}

			// Files that did not answer the last time are not asked again meanwhile: each such read holds a thread.
			if (reading.has(container.id)) {
				return {ok: false, failure: failure('busy', 'a read is still under way', {holder: 'cgroup'})};
			}

			const answer = await fromFiles(container);
			if (answer === 'silent') {
				return {ok: false, failure: failure('timed-out', `no answer within ${fileDeadlineMs} ms`, {deadlineMs: fileDeadlineMs})};
			}

			if (answer.kind === 'read') {
				filesWork = true;
				return {ok: true, value: {atMs: clock.nowMs(), ...answer.reading, source: 'cgroup'}};
			}

			if (filesWork && (answer.kind === 'gone' || answer.kind === 'foreign')) {
				return {ok: false, failure: failure('not-found', answer.detail)};
			}

			return stats(container.id);
		},
	};
};

type Remembered = {readonly value: ContainerReading; readonly askedMonotonicMs: number};

const createCarefulStats = (client: EngineClient): ((id: string) => Promise<Outcome<ContainerReading>>) => {
	const {clock} = client;
	const before = new Map<string, Remembered>();
	const failedAt = new Map<string, {readonly failure: Failure; readonly askedMonotonicMs: number}>();
	const waiting = new Set<string>();
	let last: Promise<unknown> = Promise.resolve();
	let hostMemoryBytes: number | null = null;

	const ask = async (id: string, queuedMs: number): Promise<Outcome<ContainerReading>> => {
		// Behind a slow engine the queue empties itself: who has waited for too long is not asked for any more.
		if (clock.monotonicMs() - queuedMs > callDeadlineMs) {
			return {ok: false, failure: failure('busy', 'other containers are being read', {holder: 'stats'})};
		}

		if (hostMemoryBytes === null) {
			const info = await client.json({path: '/info', deadline: client.deadline(callDeadlineMs)});
			hostMemoryBytes = info.ok ? numberOf(recordOf(info.value)['MemTotal'], Number.POSITIVE_INFINITY) : null;
		}

		const askedMonotonicMs = clock.monotonicMs();
		const answer = await client.json({
			path: `/containers/${encodeURIComponent(id)}/stats`,
			query: {'stream': 'false', 'one-shot': 'true'},
			deadline: client.deadline(callDeadlineMs),
		});
		const outcome: Outcome<ContainerReading> = answer.ok ? readingOfStats(recordOf(answer.value), hostMemoryBytes, clock.nowMs()) : answer;
		before.delete(id);
		failedAt.delete(id);
		if (outcome.ok) {
			before.set(id, {value: outcome.value, askedMonotonicMs});
		} else {
			failedAt.set(id, {failure: outcome.failure, askedMonotonicMs});
		}

		return outcome;
	};

	const forgetOld = (): void => {
		for (const map of [before, failedAt]) {
			for (const [id, {askedMonotonicMs}] of map) {
				if (clock.monotonicMs() - askedMonotonicMs > 60_000) {
					map.delete(id);
				}
			}
		}
	};

	return async id => {
		const remembered = before.get(id);
		const failed = failedAt.get(id);
		const askedMonotonicMs = remembered?.askedMonotonicMs ?? failed?.askedMonotonicMs ?? Number.NEGATIVE_INFINITY;
		if (waiting.has(id) || clock.monotonicMs() - askedMonotonicMs < statsIntervalMs) {
			return remembered === undefined
				? {ok: false, failure: failed?.failure ?? failure('busy', 'a read is under way', {holder: 'stats'})}
				: {ok: true, value: remembered.value};
		}

		forgetOld();
		waiting.add(id);
		const queuedMs = clock.monotonicMs();
		const turn = last.then(async () => ask(id, queuedMs));
		last = turn;
		try {
			return await turn;
		} finally {
			waiting.delete(id);
		}
	};
};

/**
One answer of `/containers/<id>/stats`. Its records are empty for a container that has just stopped, and for every container where the
engine cannot read the kernel's figures itself (seen on 20.10 under a 6.18 kernel): that is `unsupported`, never zero.
*/
const readingOfStats = (stats: JsonRecord, hostMemoryBytes: number | null, atMs: number): Outcome<ContainerReading> => {
	const cpu = recordOf(stats['cpu_stats']);
	const memory = recordOf(stats['memory_stats']);
	const cpuNanoseconds = recordOf(cpu['cpu_usage'])['total_usage'];
	const usage = memory['usage'];
	if (typeof cpuNanoseconds !== 'number' || typeof usage !== 'number') {
		return {ok: false, failure: failure('unsupported', 'the engine has no figures for this container')};
	}

	const details = recordOf(memory['stats']);
	const inactive = numberOf(details['total_inactive_file'], numberOf(details['inactive_file']));
	const limit = numberOf(memory['limit'], Number.POSITIVE_INFINITY);
	const networks = Object.entries(recordOf(stats['networks'])).filter(([name]) => name !== 'lo').map(([, counters]) => recordOf(counters));
	const throttled = recordOf(cpu['throttling_data'])['throttled_time'];
	const processes = recordOf(stats['pids_stats'])['current'];
	return {
		ok: true,
		value: {
			atMs,
			cpuSeconds: cpuNanoseconds / 1e9,
			throttledSeconds: typeof throttled === 'number' ? throttled / 1e9 : null,
			memoryBytes: Math.max(0, usage - inactive),
			// The engine tells the host's memory for a container without a limit.
			memoryLimitBytes: limit >= (hostMemoryBytes ?? Number.POSITIVE_INFINITY) || limit >= 2 ** 60 ? null : limit,
			receivedBytes: stats['networks'] === undefined ? null : networks.reduce((sum, counters) => sum + numberOf(counters['rx_bytes']), 0),
			sentBytes: stats['networks'] === undefined ? null : networks.reduce((sum, counters) => sum + numberOf(counters['tx_bytes']), 0),
			oomKills: null,
			processes: typeof processes === 'number' ? processes : null,
			source: 'engine',
		},
	};
};
