/** The machine's clock behind the port. Its timers never keep the process alive by themselves. */

import {performance} from 'node:perf_hooks';
import type {Clock} from '../core/ports.ts';

export const createClock = (): Clock => ({
	nowMs: () => Date.now(),
	monotonicMs: () => performance.now(),
	after(delayMs, run) {
		const timer = setTimeout(run, delayMs);
		timer.unref();
		return () => {
			clearTimeout(timer);
		};
	},
});
