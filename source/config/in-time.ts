/** A deadline for what the configuration asks of a disk: a dead mount never answers, and a starved machine is no silent disk. */

import {afterFairly} from '../core/fair-deadline.ts';
import type {Clock} from '../core/ports.ts';

/** What `work` comes to, or `late` when it has not after `deadlineMs`. What `work` throws in time is thrown; it is not ended, only no longer waited for. */
export const inTime = async <Value>(clock: Clock, deadlineMs: number, work: Promise<Value>, late: Value): Promise<Value> => {
	let stop = (): void => undefined;
	const deadline = new Promise<Value>(resolve => {
		stop = afterFairly(clock, deadlineMs, () => {
			resolve(late);
		});
	});
	try {
		return await Promise.race([work, deadline]);
	} finally {
		stop();
	}
};
