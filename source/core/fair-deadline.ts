/** A deadline for what others do, fair to them when it is this program that was held up: a starved console would see outages that are none. */

import type {Clock, Stop} from './ports.ts';

const fairLateMs = 50;

/**
Runs `run` after `delayMs`. When the timer itself fires late, because the host starved this program, the answer may already lie there
unread: it gets as long again as we were late, once.
*/
export const afterFairly = (clock: Clock, delayMs: number, run: () => void): Stop => {
	const dueMs = clock.monotonicMs() + delayMs;
	let stop = clock.after(delayMs, () => {
		const lateMs = clock.monotonicMs() - dueMs;
		if (lateMs < fairLateMs) {
			run();
		} else {
			stop = clock.after(Math.min(lateMs, delayMs), run);
		}
	});
	return () => {
		stop();
	};
};

/** A clock of which every timer is fair. */
export const fairly = (clock: Clock): Pick<Clock, 'after'> => ({after: (delayMs, run) => afterFairly(clock, delayMs, run)});
