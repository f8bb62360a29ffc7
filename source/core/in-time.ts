/** A deadline for an answer that may never come, as from a dead mount or an engine that hangs. It hides that the timer must be ended whatever becomes of the answer. */

import type {Clock} from './ports.ts';

/**
What `work` comes to, or `late` when it has not after `deadlineMs`. What `work` throws in time is thrown; it is not ended, only no longer waited for.
With `fairly(clock)` for the clock a starved machine is no silent one.
*/
export const inTime = async <Value, Late = Value>(clock: Pick<Clock, 'after'>, deadlineMs: number, work: Promise<Value>, late: Late): Promise<Value | Late> => {
	let stop = (): void => undefined;
	const deadline = new Promise<Late>(resolve => {
		stop = clock.after(deadlineMs, () => {
			resolve(late);
		});
	});
	try {
		return await Promise.race([work, deadline]);
	} finally {
		stop();
	}
};
