/** The machine's clock behind the port. Its timers never keep the process alive by themselves. */

import {performance} from 'node:perf_hooks';
import type {Clock} from '../core/ports.ts';

export const createClock = (): Clock => ({
	nowMs: () => Date.now(),
	monotonicMs: () => performance.now(),
	after(delayMs, run) {
		// A host that held us up makes what was still to wait negative: Node would warn of that, over the screen.
		const timer = setTimeout(run, Math.max(0, delayMs));
		timer.unref();
		return () => {
			clearTimeout(timer);
		};
	},
});
