/** Waiting for a condition instead of for luck: asks again until it holds or a generous deadline is over. */
import {setTimeout as sleep} from 'node:timers/promises';

/**
Asks `condition` every `everyMs` until it answers with something truthy, and gives that back.
Throws after `deadlineMs` with what `describe` says, or with the last error of the condition.
*/
export const until = async <Value>(
	condition: () => Value | Promise<Value>,
	options: {readonly deadlineMs?: number; readonly everyMs?: number; readonly describe?: () => string} = {},
): Promise<NonNullable<Value>> => {
	const deadlineMs = options.deadlineMs ?? 20_000;
	const endsAtMs = performance.now() + deadlineMs;
	let lastError: unknown;
	for (;;) {
		try {
			const value = await condition();
			if (value) {
				return value;
			}

			lastError = undefined;
		} catch (error) {
			lastError = error;
		}

		if (performance.now() > endsAtMs) {
			throw new Error(`waited ${deadlineMs} ms in vain${options.describe ? `: ${options.describe()}` : ''}`, {cause: lastError});
		}

		await sleep(options.everyMs ?? 25);
	}
};
