/**
One request to a service, by the platform's own fetch. It hides deadlines, redirects (never followed: an address that moves is told, and a secret goes nowhere
else), bounded answers, `Retry-After`, and the difference that decides everything: did it surely not go out, or may it have?

A proxy is used only where `NODE_USE_ENV_PROXY=1` says so to Node itself.
*/

import type {RefusalCode} from '../../core/messengers.ts';
import {clip, makeSafe, type SafeText} from '../../core/text.ts';

const answerLimitBytes = 64 * 1024;
const wordsLongest = 200;

export type Request = {
	readonly method: 'GET' | 'POST' | 'PATCH';
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: string;
	readonly deadlineMs: number;
	/** What must not come back in an answer's words. */
	readonly secrets: readonly string[];
};

export type Answer =
	/** `json` is undefined where the answer is none. */
	| {readonly kind: 'answered'; readonly status: number; readonly rawText: string; readonly json: unknown; readonly words: SafeText; readonly retryAfterMs: number | null}
	/** It did not get as far as the service. */
	| {readonly kind: 'unsent'; readonly code: RefusalCode; readonly words: SafeText; readonly isTemporary: boolean}
	/** It may have. */
	| {readonly kind: 'unknown'; readonly words: SafeText};

/** Before a connection stood nothing can have gone out. */
const unsentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_INVALID_ARG']);
const isCertificate = (code: string): boolean => /CERT|SELF_SIGNED|UNABLE_TO|SSL|TLS/.test(code);

/** Text of a service, safe to show, without our own secrets, on one line and short. */
export const wordsOf = (rawText: string, secrets: readonly string[]): SafeText => {
	const scrubbed = secrets.filter(secret => secret.length >= 4).reduce((text, secret) => text.replaceAll(secret, '***'), rawText.slice(0, 4000));
	return clip(makeSafe(scrubbed.replaceAll(/\s+/g, ' ').trim()), wordsLongest);
};

export const send = async (request: Request): Promise<Answer> => {
	const {method, url, headers, body, deadlineMs, secrets} = request;
	const signal = AbortSignal.timeout(deadlineMs);
	try {
		const response = await fetch(url, {method, headers, redirect: 'manual', signal, ...(body === undefined ? {} : {body})});
		const rawText = await readBounded(response);
		if (response.status >= 300 && response.status < 400) {
			return {kind: 'unsent', code: 'redirected', words: wordsOf(`${response.status} ${response.headers.get('location') ?? ''}`, secrets), isTemporary: false};
		}

		return {kind: 'answered', status: response.status, rawText, json: parsed(rawText), words: wordsOf(rawText, secrets), retryAfterMs: retryAfterOf(response.headers.get('retry-after'), response.headers.get('date'))};
	} catch (error) {
		return failureOf(error, signal.aborted, deadlineMs, secrets);
	}
};

const failureOf = (error: unknown, isLate: boolean, deadlineMs: number, secrets: readonly string[]): Answer => {
	const {code, message} = causeOf(error);
	if (!isLate && unsentCodes.has(code)) {
		return {kind: 'unsent', code: 'no-connection', words: wordsOf(message, secrets), isTemporary: true};
	}

	if (!isLate && (isCertificate(code) || code === 'ERR_INVALID_URL')) {
		return {kind: 'unsent', code: 'no-connection', words: wordsOf(message, secrets), isTemporary: false};
	}

	return {kind: 'unknown', words: isLate ? wordsOf(`no answer within ${deadlineMs / 1000} s`, []) : wordsOf(message, secrets)};
};

/** What lies under "fetch failed"; of several addresses tried, the first. */
const causeOf = (error: unknown): {readonly code: string; readonly message: string} => {
	let current = error;
	for (let depth = 0; depth < 5; depth++) {
		const {cause, errors} = (typeof current === 'object' && current !== null ? current : {}) as {readonly cause?: unknown; readonly errors?: readonly unknown[]};
		const next = cause ?? errors?.[0];
		if (next === undefined) {
			break;
		}

		current = next;
	}

	const {code, message} = (typeof current === 'object' && current !== null ? current : {}) as {readonly code?: unknown; readonly message?: unknown};
	return {code: typeof code === 'string' ? code : '', message: typeof message === 'string' && message !== '' ? message : String(current)};
};

const readBounded = async (response: Response): Promise<string> => {
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of response.body ?? []) {
		chunks.push(chunk as Uint8Array);
		bytes += (chunk as Uint8Array).byteLength;
		if (bytes > answerLimitBytes) {
			break;
		}
	}

	return Buffer.concat(chunks).subarray(0, answerLimitBytes).toString('utf8');
};

const parsed = (rawText: string): unknown => {
	try {
		return JSON.parse(rawText);
	} catch {
		// That it is no JSON is what the caller judges by.
		return undefined;
	}
};

const longestWaitMs = 3_600_000;

/** Seconds, or a date counted from the service's own clock where it tells it. */
export const retryAfterOf = (value: string | null, date: string | null): number | null => {
	if (value === null) {
		return null;
	}

	const ms = /^\d{1,9}$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - (Number.isNaN(Date.parse(date ?? '')) ? Date.now() : Date.parse(date ?? ''));
	return Number.isNaN(ms) ? null : Math.max(0, Math.min(longestWaitMs, ms));
};
