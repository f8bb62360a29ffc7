/**
One request to an alert source: JSON in, JSON out, over a connection of its own. node:http and not fetch: with NODE_USE_ENV_PROXY in the environment fetch
goes through the proxy and cannot be told not to. Invariants: it ends within its deadline, reads at most 4 MiB, follows no redirect, and no token is in
anything that it answers.
*/

import {Agent as PlainAgent, request as requestPlain, type IncomingMessage} from 'node:http';
import {Agent as TlsAgent, request as requestTls} from 'node:https';
import {createSecureContext, getCACertificates, type SecureContext} from 'node:tls';
import {afterFairly} from '../../core/fair-deadline.ts';
import type {AuthoritiesPort, Clock, Failure, FailureCode, Outcome} from '../../core/ports.ts';
import {clip, emptyText, makeSafe} from '../../core/text.ts';

export type JsonRequest = {
	readonly url: URL;
	readonly method?: 'GET' | 'POST' | 'DELETE';
	readonly body?: unknown;
	readonly login: Login | null;
};

/** What goes into the header, and what of it must never be shown. */
export type Login = {readonly header: string; readonly secrets: readonly string[]};

/** `skewMs`: how far the other clock is ahead of ours, by its own date; 0 when it is too little to matter or not told. */
export type JsonAnswer = {readonly value: unknown; readonly skewMs: number};

export type JsonClient = (request: JsonRequest) => Promise<Outcome<JsonAnswer>>;

// The date of an answer has whole seconds, and an answer may be slow: less is no difference.
const skewFromMs = 5000;

const limitBytes = 4 * 1024 * 1024;
const shownCharacters = 200;

type Answer = {readonly status: number; readonly text: string; readonly location: string; readonly date: string};

const failureCodes: Readonly<Record<string, FailureCode>> = {
	ECONNREFUSED: 'refused', ECONNRESET: 'failed', EPIPE: 'failed', ETIMEDOUT: 'timed-out',
	ENOTFOUND: 'unreachable', EAI_AGAIN: 'unreachable', EHOSTUNREACH: 'unreachable', ENETUNREACH: 'unreachable', EHOSTDOWN: 'unreachable',
};

const failed = (code: FailureCode, detail: string, params: NonNullable<Failure['params']>): Outcome<never> => ({ok: false, failure: {code, detail: clip(makeSafe(detail.replaceAll(/\s+/g, ' ')), shownCharacters), params}});

/** Makes the client; `deadlineMs` is for one request as a whole. */
export const createJsonClient = ({clock, userAgent, deadlineMs, authorities}: {readonly clock: Clock; readonly userAgent: string; readonly deadlineMs: number; readonly authorities: AuthoritiesPort | undefined}): JsonClient => {
	// Node trusts its own roots, curl and browsers the system's. Reading those takes 70 ms: once, and only for https.
	let trust: {readonly context: SecureContext; readonly isWhole: boolean} | null = null;
	const trusted = async (): Promise<{readonly context: SecureContext; readonly untrusted: Outcome<never> | null}> => {
		// A file that cannot be read is tried again with the next question; what everybody trusts needs none, and stays made.
		const own = trust?.isWhole === true ? null : await authorities?.read() ?? null;
		const untrusted = own?.ok === false ? own : null;
		if (trust === null || (!trust.isWhole && untrusted === null)) {
			trust = {context: createSecureContext({ca: [...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...own?.ok === true ? own.value : []])]}), isWhole: untrusted === null};
		}

		return {context: trust.context, untrusted};
	};

	return async input => {
		const {url, login} = input;
		const params = {host: url.host};
		// What the other side says may repeat what it was sent.
		const clean = (text: string): string => (login?.secrets ?? []).reduce((rest, secret) => rest.replaceAll(secret, '•••'), text);
		const {context, untrusted} = url.protocol === 'https:' ? await trusted() : {context: null, untrusted: null};
		const outcome = await exchange(input, userAgent, context, clock, deadlineMs);
		if (!outcome.ok && outcome.code === 'failed' && untrusted !== null) {
			return untrusted;
		}

		if (!outcome.ok) {
			return failed(outcome.code, clean(outcome.detail), {...params, ...(outcome.code === 'timed-out' ? {deadlineMs} : {})});
		}

		const {status, text, location, date} = outcome.answer;
		const aheadMs = Date.parse(date) - clock.nowMs();
		const skewMs = Math.abs(aheadMs) >= skewFromMs ? aheadMs : 0;
		if (status >= 300 && status <= 399) {
			return failed('unsupported', clean(location), {...params, status, redirect: 1});
		}

		const isGood = status >= 200 && status <= 299;
		if (isGood && text.trim() === '') {
			return {ok: true, value: {value: null, skewMs}};
		}

		let value: unknown;
		try {
			value = JSON.parse(text);
		} catch {
			// That it is no JSON is the answer; what it is instead is shown.
			return isGood ? failed('malformed', clean(text.trim()), {...params, status}) : failed(codeOfStatus(status), clean(isPage(text) ? '' : text.trim()), {...params, status});
		}

		return isGood ? {ok: true, value: {value, skewMs}} : failed(codeOfStatus(status), clean(saidIn(value) ?? ''), {...params, status});
	};
};

const codeOfStatus = (status: number): FailureCode => status === 401 || status === 403 ? 'denied' : (status === 404 ? 'not-found' : 'failed');

const isPage = (text: string): boolean => /^\s*</.test(text);

/** What Prometheus (`error`) and Alertmanager (a text, or `message`) say of themselves. */
const saidIn = (value: unknown): string | null => {
	if (typeof value === 'string') {
		return value;
	}

	const {error, message} = (typeof value === 'object' && value !== null ? value : {}) as {readonly error?: unknown; readonly message?: unknown};
	return typeof error === 'string' ? error : (typeof message === 'string' ? message : null);
};

type Exchange = {readonly ok: true; readonly answer: Answer} | {readonly ok: false; readonly code: FailureCode; readonly detail: string};

const exchange = async ({url, method = 'GET', body, login}: JsonRequest, userAgent: string, trust: SecureContext | null, clock: Clock, deadlineMs: number): Promise<Exchange> => new Promise(resolve => {
	const payload = body === undefined ? null : JSON.stringify(body);
	const agent = trust === null ? new PlainAgent({keepAlive: false}) : new TlsAgent({keepAlive: false});
	const headers = {
		'User-Agent': userAgent, 'Accept': 'application/json', 'Accept-Encoding': 'identity', 'Connection': 'close',
		...(login === null ? {} : {Authorization: login.header}),
		...(payload === null ? {} : {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload)}),
	};
	let isOver = false;
	const end = (outcome: Exchange): void => {
		if (isOver) {
			return;
		}

		isOver = true;
		stopDeadline();
		request.destroy();
		agent.destroy();
		resolve(outcome);
	};

	const failedWith = (error: NodeJS.ErrnoException): void => {
		end({ok: false, code: failureCodes[error.code ?? ''] ?? 'failed', detail: error.message});
	};

	const request = (trust === null ? requestPlain : requestTls)(url, {method, headers, agent, ...(trust === null ? {} : {secureContext: trust})});
	const stopDeadline = afterFairly(clock, deadlineMs, () => {
		end({ok: false, code: 'timed-out', detail: ''});
	});
	request.on('error', failedWith);
	request.on('response', response => {
		collect(response, end, failedWith);
	});
	request.end(payload ?? undefined);
});

const collect = (response: IncomingMessage, end: (outcome: Exchange) => void, failedWith: (error: NodeJS.ErrnoException) => void): void => {
	const chunks: Buffer[] = [];
	let bytes = 0;
	response.on('error', failedWith);
	response.on('data', (chunk: Buffer) => {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > limitBytes) {
			end({ok: false, code: 'malformed', detail: `> ${limitBytes / 1024 / 1024} MiB`});
		}
	});
	response.on('end', () => {
		end({ok: true, answer: {status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), location: response.headers.location ?? emptyText, date: response.headers.date ?? emptyText}});
	});
};

/** An address below a base, which may itself have a path (`https://host/prometheus/`). */
export const below = (base: string, path: string, query: ReadonlyArray<readonly [string, string]> = []): URL => {
	const url = new URL(base);
	url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`;
	url.search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString();
	url.hash = '';
	return url;
};
