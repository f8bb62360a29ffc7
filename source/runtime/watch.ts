/**
Runs sources for ever: each at its own interval, never overlapping itself, slower after failures, at once when hastened. It hides timers; a
source says only how to look once and whether that went well.
*/

import type {Clock, Stop} from '../core/ports.ts';

export type Source = {
	readonly name: string;
	/** Asked anew before each wait, so that a verification may look more often. */
	readonly intervalMs: () => number;
	/** Waits this long before the first look. */
	readonly firstAfterMs?: number;
	/** Looks once. False: it failed, and the next look waits longer (doubling up to `slowestMs`). */
	readonly look: () => Promise<boolean>;
	/** No back-off beyond this; default: no back-off at all. */
	readonly slowestMs?: number;
};

export type Watch = {
	/** Looks now, or right after the look in flight. */
	hasten(name: string): void;
	stop(): void;
};

export const createWatch = (clock: Clock, sources: readonly Source[], broke: (name: string, error: unknown) => void): Watch => {
	let isStopped = false;
	const loops = new Map<string, {hasten: () => void; cancel: () => void}>();

	const loop = (source: Source): void => {
		let timer: Stop | null = null;
		let isLooking = false;
		let isHastened = false;
		let failures = 0;

		const waitMs = (): number => {
			const intervalMs = source.intervalMs();
			return source.slowestMs === undefined || failures === 0 ? intervalMs : Math.min(Math.max(intervalMs, source.slowestMs), intervalMs * 2 ** Math.min(failures, 10));
		};

		const look = async (): Promise<void> => {
			timer = null;
			isLooking = true;
			const beganMs = clock.monotonicMs();
			try {
				failures = await source.look() ? 0 : failures + 1;
			} catch (error) {
				// A look answers with values; what it throws is our bug, and `broke` says what follows; where the program goes on, so does the looking, as after any failure.
				failures++;
				broke(source.name, error);
			}

			isLooking = false;
			if (!isStopped) {
				// Counted from the look's beginning: a ping of three seconds does not stretch its interval.
				plan(isHastened ? 0 : Math.max(0, waitMs() - (clock.monotonicMs() - beganMs)));
				isHastened = false;
			}
		};

		const plan = (delayMs: number): void => {
			timer?.();
			timer = clock.after(delayMs, () => {
				void look();
			});
		};

		loops.set(source.name, {
			hasten() {
				if (isLooking) {
					isHastened = true;
				} else if (!isStopped) {
					plan(0);
				}
			},
			cancel() {
				timer?.();
			},
		});
		plan(source.firstAfterMs ?? 0);
	};

	for (const source of sources) {
		loop(source);
	}

	return {
		hasten(name) {
			loops.get(name)?.hasten();
		},
		stop() {
			isStopped = true;
			for (const {cancel} of loops.values()) {
				cancel();
			}
		},
	};
};
