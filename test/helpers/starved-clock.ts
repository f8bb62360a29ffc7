/** The clock of a program that the host starved: every timer fires at once and a second too late, before anything that was asked could be read. What is set from within a late timer waits in truth. */

import type {Clock} from '../../source/core/ports.ts';
import {realClock} from './real-clock.ts';

export const starvedClock = (): Clock => {
	let monotonicMs = 0;
	let isFiring = false;
	return {
		nowMs: () => Date.now(),
		monotonicMs: () => monotonicMs,
		after(delayMs, run) {
			if (isFiring) {
				return realClock.after(delayMs, run);
			}

			let isStopped = false;
			queueMicrotask(() => {
				if (!isStopped) {
					monotonicMs += delayMs + 1000;
					isFiring = true;
					run();
					isFiring = false;
				}
			});
			return () => {
				isStopped = true;
			};
		},
	};
};
