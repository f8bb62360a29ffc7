/** The machine's clock, as the program has it, but with timers that keep the test alive: in some a deadline is all that is left to wait for. */
import type {Clock} from '../../source/core/ports.ts';

export const realClock: Clock = {
	nowMs: () => Date.now(),
	monotonicMs: () => performance.now(),
	after(delayMs, run) {
		const timer = setTimeout(run, delayMs);
		return () => {
			clearTimeout(timer);
		};
	},
};
