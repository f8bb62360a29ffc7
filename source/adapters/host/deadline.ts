/** Deadlines of the host's readings, fair to what is read when it is this program that was held up. */

import type {Clock, Stop} from '../../core/ports.ts';

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
