/** Turns what node:fs throws into a failure of the ports. */

import type {Failure, FailureCode, Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';

const codes: Readonly<Record<string, FailureCode>> = {
	EACCES: 'denied',
	EPERM: 'denied',
	ENOENT: 'not-found',
	ENOTDIR: 'not-found',
};

/** A failed outcome with the system's own words. */
export const failureOf = (error: unknown): Outcome<never> & {readonly ok: false} => ({ok: false, failure: toFailure(error)});

const toFailure = (error: unknown): Failure => {
	const {code, message} = error as NodeJS.ErrnoException;
	return {code: codes[code ?? ''] ?? 'failed', detail: makeSafe(message ?? String(error))};
};

/** A failed outcome for a text that is not what the kernel writes. */
export const malformed = (path: string): Outcome<never> & {readonly ok: false} => ({ok: false, failure: {code: 'malformed', detail: makeSafe(path)}});
