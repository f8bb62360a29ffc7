/**
The drill's own time: it can begin in the past and be brought up to the present at top speed, run N times as fast as the machine's clock, and be played again.
What happened before the console opens is lived through by the same world, not made up.

Invariant: timers run in the order in which they are due, whether time is caught up or runs; the clock never goes back.
*/

import type {Clock, Stop} from '../core/ports.ts';

export type DrillClock = Clock & {
	/** Runs everything that is due in the next `ms` now, one after the other. For what needs no promise to settle between two timers. */
	catchUp(ms: number): void;
	/** The same where promises have to settle: `settle` is awaited after each timer. */
	play(ms: number, settle: () => Promise<void>): Promise<void>;
	/** From here on time goes by itself, so many of its seconds in one of the base's. */
	run(speed: number): void;
	/** Since the clock was made. */
	elapsedMs(): number;
};

type Timer = {readonly due: number; readonly order: number; readonly run: () => void};

/** A clock that stands still at `startMs` until it is played or run. */
export const createDrillClock = ({base, startMs}: {readonly base: Clock; readonly startMs: number}): DrillClock => {
	let speed = 1;
	const timers = new Set<Timer>();
	let count = 0;
	/** Where the clock stood when it was last set going, and on the base since when. */
	let stoodMs = 0;
	let runningSince: number | null = null;
	let waiting: {readonly due: number; readonly stop: Stop} | null = null;
	let highest = 0;

	const elapsed = (): number => {
		highest = Math.max(highest, runningSince === null ? stoodMs : stoodMs + ((base.monotonicMs() - runningSince) * speed));
		return highest;
	};

	const next = (): Timer | null => {
		let first: Timer | null = null;
		for (const timer of timers) {
			if (first === null || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) {
				first = timer;
			}
		}

		return first;
	};

	const wait = (): void => {
		const first = runningSince === null ? null : next();
		if (first === null || (waiting !== null && waiting.due <= first.due)) {
			return;
		}

		waiting?.stop();
		waiting = {due: first.due, stop: base.after(Math.max(0, (first.due - elapsed()) / speed), wake)};
	};

	const wake = (): void => {
		waiting = null;
		// Only what was due at this moment: what a timer sets anew waits for its own turn of the event loop.
		const now = elapsed();
		for (let timer = next(); timer !== null && timer.due <= now + 0.5; timer = next()) {
			timers.delete(timer);
			highest = Math.max(highest, timer.due);
			timer.run();
		}

		wait();
	};

	return {
		nowMs: () => startMs + elapsed(),
		monotonicMs: () => elapsed(),
		elapsedMs: elapsed,
		after(delayMs, run) {
			const timer: Timer = {due: elapsed() + Math.max(0, delayMs), order: count++, run};
			timers.add(timer);
			wait();
			return () => {
				timers.delete(timer);
			};
		},
		catchUp(ms) {
			const end = stoodMs + ms;
			for (let timer = next(); timer !== null && timer.due <= end; timer = next()) {
				timers.delete(timer);
				stoodMs = Math.max(stoodMs, timer.due);
				timer.run();
			}

			stoodMs = end;
		},
		async play(ms, settle) {
			const end = stoodMs + ms;
			await settle();
			for (let timer = next(); timer !== null && timer.due <= end; timer = next()) {
				timers.delete(timer);
				stoodMs = Math.max(stoodMs, timer.due);
				timer.run();
				await settle();
			}

			stoodMs = end;
			await settle();
		},
		run(wanted) {
			stoodMs = elapsed();
			runningSince = base.monotonicMs();
			speed = wanted;
			waiting?.stop();
			waiting = null;
			wait();
		},
	};
};
