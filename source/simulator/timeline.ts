/**
What held when: the stack's conditions over the whole life of the pretend server, and the mapping from the world's time to the
wall clock. Log lines of any moment are made from this record, so the same moment always reads the same, however late it is asked for.

World time is counted on the monotonic clock and starts equal to the wall clock; a step of the wall clock is kept as an offset
from that moment on, as a real host's stamps would show it.
*/

import type {Clock} from '../core/ports.ts';
import type {ServiceName} from './stack.ts';

/** How a program in a container answers. `reachable` is false while the container does not run. */
export type AppCondition = 'absent' | 'starting' | 'ready' | 'hanging' | 'failing' | 'paused';

export type Conditions = {
	readonly apps: Readonly<Record<ServiceName, AppCondition>>;
	readonly startedAt: Readonly<Record<ServiceName, number>>;
	/** Where nginx looks for the api. */
	readonly nginxUpstream: 'right' | 'wrong-port' | 'stale';
	readonly diskFull: boolean;
	/** What a query, or a command to the cache, gets although the program runs; null when it is served. */
	readonly databaseError: string | null;
	readonly cacheError: string | null;
	/** So much longer every answer of the api takes. */
	readonly apiDelayMs: number;
	/** The api's own health check cannot run in its container. */
	readonly isCheckBroken: boolean;
};

export type Timeline = {
	/** World time, whole milliseconds; never goes back. */
	now(): number;
	/** The wall clock's instant of a moment in world time. */
	toWall(at: number): number;
	/** The earliest world time that can have had this wall clock instant. */
	fromWall(wallMs: number): number;
	conditionsAt(at: number): Conditions;
	record(at: number, conditions: Conditions): void;
};

// Real clocks drift apart by less than this between two looks; more is a step.
const stepMs = 250;

const lastAtOrBefore = <T extends {readonly from: number}>(entries: readonly T[], at: number): T => {
	let low = 0;
	let high = entries.length - 1;
	while (low < high) {
		const middle = Math.ceil((low + high) / 2);
		if (entries[middle]!.from <= at) {
			low = middle;
		} else {
			high = middle - 1;
		}
	}

	return entries[low]!;
};

export const createTimeline = (clock: Clock, first: Conditions): Timeline => {
	const originMs = Math.floor(clock.nowMs());
	const originMonotonicMs = clock.monotonicMs();
	const offsets: {readonly from: number; readonly offsetMs: number}[] = [{from: Number.NEGATIVE_INFINITY, offsetMs: 0}];
	const record: {readonly from: number; readonly conditions: Conditions}[] = [{from: Number.NEGATIVE_INFINITY, conditions: first}];

	const now = (): number => {
		const at = originMs + Math.floor(clock.monotonicMs() - originMonotonicMs);
		const offsetMs = Math.round(clock.nowMs() - at);
		if (Math.abs(offsetMs - offsets.at(-1)!.offsetMs) > stepMs) {
			offsets.push({from: at, offsetMs});
		}

		return at;
	};

	return {
		now,
		toWall: at => at + lastAtOrBefore(offsets, at).offsetMs,
		fromWall: wallMs => Math.min(...offsets.map(entry => wallMs - entry.offsetMs)),
		conditionsAt: at => lastAtOrBefore(record, at).conditions,
		record(at, conditions) {
			if (record.at(-1)!.from === at) {
				record.pop();
			}

			record.push({from: at, conditions});
		},
	};
};
