/**
A clock that a test owns. Time stands still until `advance`; timers run in the order in which they are due, and promises that a timer
settles are settled before the next one runs. `jump` steps the wall clock alone, as `ntpdate` or a resumed machine would.
*/

import type {Clock} from '../../source/core/ports.ts';

export type FakeClock = Clock & {
	/** Lets `ms` pass. Timers made on the way run too when they are due before the end. */
	advance(ms: number): Promise<void>;
	/** Steps the wall clock by `ms` (may be negative); monotonic time and timers do not notice. */
	jump(ms: number): void;
	/** Lets promises settle without any time passing. */
	settle(): Promise<void>;
	/** Timers that wait. */
	pending(): number;
};

type Timer = {readonly due: number; readonly order: number; readonly run: () => void};

/** Monday, 03:12:00 in São Paulo, unless told otherwise. */
export const defaultStartMs = Date.UTC(2026, 10, 23, 6, 12, 0);

/** `setImmediate` runs after all promise callbacks that are ready, also those that these make. */
const settle = async (): Promise<void> => new Promise(resolve => {
	setImmediate(resolve);
});

export const createFakeClock = (startMs = defaultStartMs): FakeClock => {
	const timers = new Set<Timer>();
	let elapsedMs = 0;
	let steppedMs = 0;
	let count = 0;

	const nextDueBy = (endMs: number): Timer | null => {
		let next: Timer | null = null;
		for (const timer of timers) {
			if (timer.due <= endMs && (next === null || timer.due < next.due || (timer.due === next.due && timer.order < next.order))) {
				next = timer;
			}
		}

		return next;
	};

	return {
		nowMs: () => startMs + steppedMs + elapsedMs,
		monotonicMs: () => 1000 + elapsedMs,
		after(delayMs, run) {
			const timer: Timer = {due: elapsedMs + Math.max(0, delayMs), order: count++, run};
			timers.add(timer);
			return () => {
				timers.delete(timer);
			};
		},
		async advance(ms) {
			const endMs = elapsedMs + ms;
			await settle();
			for (let timer = nextDueBy(endMs); timer !== null; timer = nextDueBy(endMs)) {
				timers.delete(timer);
				elapsedMs = Math.max(elapsedMs, timer.due);
				timer.run();
				await settle();
			}

			elapsedMs = endMs;
			await settle();
		},
		jump(ms) {
			steppedMs += ms;
		},
		settle,
		pending: () => timers.size,
	};
};
