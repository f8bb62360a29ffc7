/**
How the engine's refusals and the socket's errors become `Failure` values. Invariant: every failure names the host that was asked
(`params.host`), and for a unix socket its path (`params.socket`), since the remedy starts there.
*/

import type {Failure, FailureCode} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {recordOf, textOf} from './json.ts';

export type Asked = {readonly host: string; readonly socketPath: string | null};

const detailLimit = 500;

export const failure = (code: FailureCode, detail: string, params: Readonly<Record<string, string | number>> = {}): Failure =>
	({code, detail: makeSafe(detail.trim().slice(0, detailLimit)), params});

const paramsOf = (asked: Asked): Record<string, string | number> =>
	asked.socketPath === null ? {host: asked.host} : {host: asked.host, socket: asked.socketPath};

const codeOfError: Readonly<Record<string, FailureCode>> = {
	ENOENT: 'engine-missing',
	ENOTSOCK: 'engine-not-running',
	ECONNREFUSED: 'engine-not-running',
	EACCES: 'engine-denied',
	EPERM: 'engine-denied',
	// A unix socket whose queue of waiting connections is full: nobody accepts any more.
	EAGAIN: 'engine-hung',
	ETIMEDOUT: 'unreachable',
	EHOSTUNREACH: 'unreachable',
	ENETUNREACH: 'unreachable',
	EHOSTDOWN: 'unreachable',
	ENOTFOUND: 'unreachable',
	EAI_AGAIN: 'unreachable',
};

/** An error of the connection (`ENOENT`, `ECONNREFUSED`, `ECONNRESET`…). Resets and the like stay `failed`: the next `engine()` tells more. */
export const failureOfError = (error: unknown, asked: Asked): Failure => {
	const {code: rawCode, message} = recordOf(error) as {code?: unknown; message?: unknown};
	const code = textOf(rawCode);
	const detail = textOf(message) || (error instanceof Error ? error.message : String(error));
	return failure(codeOfError[code] ?? 'failed', detail, code === '' ? paramsOf(asked) : {...paramsOf(asked), error: code});
};

/** Connected, but no whole answer within `deadlineMs`. */
export const failureOfSilence = (asked: Asked, deadlineMs: number): Failure =>
	failure('engine-hung', `no answer within ${deadlineMs} ms`, {...paramsOf(asked), deadlineMs});

const codeOfStatus: Readonly<Record<number, FailureCode>> = {
	401: 'denied',
	403: 'denied',
	404: 'not-found',
	501: 'unsupported',
};

/** An answer with a status of 300 and above; the engine's words stand in `message` of its JSON body. */
export const failureOfStatus = (status: number, body: Buffer, asked: Asked): Failure => {
	const message = messageOf(body);
	const code = /configured logging driver does not support reading/.test(message) ? 'unsupported' : codeOfStatus[status] ?? 'failed';
	return failure(code, message === '' ? `status ${status}` : message, {...paramsOf(asked), status});
};

const messageOf = (body: Buffer): string => {
	const text = body.toString('utf8', 0, 4096);
	try {
		return textOf(recordOf(JSON.parse(text))['message']) || text;
	} catch {
		// Not JSON: a proxy's words, shown as they are.
		return text;
	}
};

/** The engine speaks `apiVersion`, which is below `floor`. */
export const failureOfVersion = (apiVersion: string, floor: string, asked: Asked): Failure =>
	failure('engine-too-old', `API ${apiVersion}`, {...paramsOf(asked), apiVersion, floor});

/** An answer that is not what it should be. */
export const failureOfShape = (detail: string, asked: Asked): Failure => failure('malformed', detail, paramsOf(asked));
