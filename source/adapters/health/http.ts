/**
One GET over a connection of its own: node:http without an agent to share sockets and without a proxy, redirects not followed. Invariants:
at most 64 kB of a body are read; a wrong status stays the verdict whatever its body does afterwards; a body that stalls or breaks
off fails the ping even where nobody looks into it, as it would fail a client.
*/

import {Agent as PlainAgent, type IncomingMessage, type RequestOptions, request as requestPlain} from 'node:http';
import {Agent as TlsAgent, request as requestTls} from 'node:https';
import {isIP} from 'node:net';
import {createSecureContext, getCACertificates, type SecureContext, type TLSSocket} from 'node:tls';
import type {PingTarget} from '../../core/ports.ts';
import {failed, lookupFor, overdueAt, parseAddress, passed, type Phase, type Probe, type ProbeInput, type Running, type Verdict, verdictOfError} from './probe.ts';

const bodyLimitBytes = 64 * 1024;

// What OpenSSL says when it knows no root for a certificate.
const unknownRoot = /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/;

/** Makes the http and https ping. `own`: authorities beside Node's and the system's. `address` is the URL, or `host:port` to connect to in place of the URL's own. */
export const createHttpProbe = (own: () => readonly string[]): Probe => {
	// Node trusts its own roots, curl and browsers the system's: a team's own authority is there. Reading those takes 70 ms, so only on need.
	let systemTrust: SecureContext | null = null;
	let trustedOwn: readonly string[] | null = null;
	return (input, settle) => {
		const plan = planOf(input);
		if (plan === null) {
			settle(failed('failed', input.target.address));
			return {overdue: () => failed('failed', input.target.address), destroy() {}};
		}

		const refusals: Error[] = [];
		let isTrustedAnew = false;
		const connectTo = (host: string): Running => startRequest(plan, host, input, systemTrust, settle, (error, phase) => {
			if (phase === 'connect') {
				refusals.push(error);
				const next = plan.hosts[refusals.length];
				if (next === undefined) {
					return new AggregateError(refusals);
				}

				attempt.destroy();
				attempt = connectTo(next);
				return null;
			}

			// Own ones may have been read since.
			if (phase !== 'tls' || !unknownRoot.test(error.code ?? '') || isTrustedAnew || (systemTrust !== null && trustedOwn === own())) {
				return error;
			}

			isTrustedAnew = true;
			trustedOwn = own();
			systemTrust = createSecureContext({ca: [...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...own()])]});
			attempt.destroy();
			attempt = connectTo(host);
			return null;
		});
		let attempt = connectTo(plan.hosts[0]);
		return {
			overdue: () => attempt.overdue(),
			destroy() {
				attempt.destroy();
			},
		};
	};
};

/** `hosts`: where to connect, one after the other until one does not refuse. */
type Plan = {readonly url: URL; readonly hosts: readonly [string, ...string[]]; readonly options: RequestOptions & {readonly servername?: string}};

/** `failing` is asked what an error is in the end; null when it has taken the ping over. */
const startRequest = ({url, options}: Plan, hostname: string, input: ProbeInput, trust: SecureContext | null, settle: (verdict: Verdict) => void, failing: (error: NodeJS.ErrnoException, phase: Phase) => Error | null): Running => {
	const secure = url.protocol === 'https:';
	let phase: Phase = 'connect';
	let known: Verdict | null = null;
	let over = false;
	let certificateEndsAtMs: number | null = null;
	const agent = secure ? new TlsAgent({keepAlive: false}) : new PlainAgent({keepAlive: false});
	const request = (secure ? requestTls : requestPlain)(url, {
		...options,
		hostname,
		...(secure && trust !== null ? {secureContext: trust} : {}),
		agent,
		lookup: lookupFor(input.names, entered => {
			phase = entered;
		}),
	});
	request.on('socket', socket => {
		socket.on('connect', () => {
			phase = secure ? 'tls' : 'answer';
		});
		(socket as TLSSocket).on('secureConnect', () => {
			phase = 'answer';
			certificateEndsAtMs = endOf(socket as TLSSocket);
		});
	});
	request.on('error', (error: NodeJS.ErrnoException) => {
		const inTheEnd = over ? null : failing(error, phase);
		if (inTheEnd !== null) {
			settle(known ?? verdictOfError(inTheEnd, phase));
		}
	});
	request.on('response', response => {
		phase = 'body';
		const verdict = judgeStatus(response, input.target);
		known = verdict.ok ? null : verdict;
		readBody(response, verdict, input.target, judged => {
			settle(secure ? {...judged, certificateEndsAtMs} : judged);
		});
	});
	request.on('upgrade', (response, socket) => {
		socket.destroy();
		settle(judgeStatus(response, input.target));
	});
	request.end();
	return {
		overdue: () => known ?? overdueAt(phase, hostname),
		destroy() {
			over = true;
			request.destroy();
			agent.destroy();
		},
	};
};

/** The end of the certificate that the server showed; null when it cannot be told. */
const endOf = (socket: TLSSocket): number | null => {
	const endsAtMs = Date.parse(socket.getPeerCertificate().valid_to ?? '');
	return Number.isNaN(endsAtMs) ? null : endsAtMs;
};

const planOf = ({target, address, userAgent}: ProbeInput): Plan | null => {
	const elsewhere = parseAddress(address);
	const url = URL.parse(elsewhere === null && address !== '' ? address : target.address);
	if (url === null || !['http:', 'https:'].includes(url.protocol)) {
		return null;
	}

	const name = url.hostname.replaceAll(/^\[|\]$/g, '');
	return {
		url,
		// `localhost` is spelled out here: Node tells a name from an address by an expression for IPv6 that takes 7 ms to compile, on the way to the first frame.
		hosts: elsewhere === null ? (name === 'localhost' ? ['127.0.0.1', '::1'] : [name]) : [elsewhere.host],
		options: {
			method: 'GET', headers: {'Host': url.host, 'User-Agent': userAgent, 'Accept': '*/*', 'Accept-Encoding': 'identity', 'Connection': 'close', 'Cache-Control': 'no-cache'},
			...(elsewhere === null ? {} : {port: elsewhere.port}),
			// Only TLS asks for a server's name, and never by an address.
			servername: url.protocol === 'https:' && isIP(name) === 0 ? name : '',
		},
	};
};

/** 200–299 is right unless the target says which are; a redirect that is not expected is told with where it leads. */
const judgeStatus = ({statusCode: status = 0, statusMessage = '', headers}: IncomingMessage, {expectedStatus}: PingTarget): Verdict => {
	if (expectedStatus.length === 0 ? status >= 200 && status <= 299 : expectedStatus.includes(status)) {
		return passed(status);
	}

	return status >= 300 && status <= 399 && headers.location !== undefined
		? failed('redirected', headers.location, status)
		: failed('status', `${status} ${statusMessage}`, status);
};

const readBody = (response: IncomingMessage, verdict: Verdict, target: PingTarget, settle: (verdict: Verdict) => void): void => {
	const chunks: Buffer[] = [];
	let bytes = 0;
	const ended = (whole: boolean): void => {
		settle(judgeBody(Buffer.concat(chunks).subarray(0, bodyLimitBytes).toString('utf8'), whole, response, verdict, target));
	};

	response.on('data', (chunk: Buffer) => {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > bodyLimitBytes) {
			ended(false);
		}
	});
	response.on('end', () => {
		ended(true);
	});
	response.on('error', error => {
		settle(verdict.ok ? verdictOfError(error, 'body') : verdict);
	});
};

const judgeBody = (body: string, whole: boolean, {headers, statusCode = 0}: IncomingMessage, verdict: Verdict, {expectedField}: PingTarget): Verdict => {
	if (!verdict.ok) {
		// What a health endpoint says of itself is worth showing; a proxy's error page is not.
		const isPage = /html/i.test(headers['content-type'] ?? '') || /^\s*</.test(body);
		return verdict.reason !== 'status' || isPage || body.trim() === '' ? verdict : failed('status', `${verdict.detail}: ${body}`, statusCode);
	}

	if (expectedField === null) {
		return verdict;
	}

	if (!whole) {
		return failed('too-large', `> ${bodyLimitBytes / 1024} kB`, statusCode);
	}

	let parsed: unknown;
	try {
		parsed = JSON.parse(body);
	} catch {
		// That it is no JSON is the finding; what it is instead is shown.
		return failed('body', body.trim() === '' ? '(empty)' : body, statusCode);
	}

	const seen = fieldAt(parsed, expectedField.path);
	const text = typeof seen === 'string' ? seen : JSON.stringify(seen);
	return text === expectedField.equals ? verdict : failed('body', `${expectedField.path}: ${text ?? '—'}`, statusCode);
};

/** The value at a dotted path (`checks.database.status`, `items.0.name`); undefined where there is none. Own fields only. */
const fieldAt = (value: unknown, path: string): unknown => {
	let current = value;
	for (const name of path.split('.')) {
		if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) {
			return undefined;
		}

		current = (current as Record<string, unknown>)[name];
	}

	return current;
};
