/**
What all kinds of ping share: the verdict, the connection, and what a socket's error means. Invariants: `settle` counts once, so
whatever comes after a verdict is ignored; name look-ups of one host are joined, since each holds a pool thread for as long as
the name servers are silent (30 s and more).
*/

import {lookup as lookUpName, type LookupAddress} from 'node:dns';
import {connect, isIP, type LookupFunction, type Socket} from 'node:net';
import type {PingAnswer, PingReason, PingTarget} from '../../core/ports.ts';
import {clip, emptyText, makeSafe, type SafeText} from '../../core/text.ts';

export type Verdict = Pick<PingAnswer, 'ok' | 'reason' | 'detail' | 'status' | 'certificateEndsAtMs'>;

/** How far a ping got; told as the detail of `timed-out`. */
export type Phase = 'lookup' | 'connect' | 'tls' | 'answer' | 'body';

export type ProbeInput = {
	readonly target: PingTarget;
	/** A URL for http, else `host:port`. */
	readonly address: string;
	readonly userAgent: string;
	readonly names: NameLookup;
};

/** A ping under way. `overdue` says what is known when its time is up; `destroy` frees everything that it holds. */
export type Running = {
	overdue(): Verdict;
	destroy(): void;
};

export type Probe = (input: ProbeInput, settle: (verdict: Verdict) => void) => Running;

export const passed = (status: number | null = null): Verdict => ({ok: true, reason: null, detail: emptyText, status});

/** A failed verdict; `detail` may be outside text and is cut to a line's length. */
export const failed = (reason: PingReason, detail = '', status: number | null = null): Verdict => ({ok: false, reason, detail: excerpt(detail), status});

/** Time was up: without a name there is no address, and that is a DNS trouble. */
export const overdueAt = (phase: Phase, host: string): Verdict => phase === 'lookup' ? failed('dns', host) : failed('timed-out', phase);

const excerptColumns = 240;
const excerpt = (text: string): SafeText => clip(makeSafe(text.slice(0, 2000).replaceAll(/\s+/g, ' ').trim()), excerptColumns);

// ─── names ───────────────────────────────────────────────────────────────────

export type NameLookup = (host: string) => Promise<readonly LookupAddress[]>;

/** Looks names up, one call in flight for each. `localhost` needs none, so those pings never depend on a free thread. */
export const createNameLookup = (): NameLookup => {
	const pending = new Map<string, Promise<readonly LookupAddress[]>>();
	return async host => {
		if (/^(?:.+\.)?localhost\.?$/i.test(host)) {
			return [{address: '127.0.0.1', family: 4}, {address: '::1', family: 6}];
		}

		const known = pending.get(host);
		if (known !== undefined) {
			return known;
		}

		const answer = new Promise<readonly LookupAddress[]>((resolve, reject) => {
			lookUpName(host, {all: true}, (error, addresses) => {
				pending.delete(host);
				if (error) {
					reject(error);
				} else {
					resolve(addresses);
				}
			});
		});
		pending.set(host, answer);
		return answer;
	};
};

/** The look-up as node:net wants it; tells the phase. */
export const lookupFor = (names: NameLookup, entered: (phase: Phase) => void): LookupFunction => (host, {all}, callback) => {
	entered('lookup');
	names(host).then(addresses => {
		entered('connect');
		const [first] = addresses;
		if (all === true) {
			callback(null, [...addresses]);
		} else {
			callback(null, first?.address ?? '', first?.family);
		}
	}, (error: unknown) => {
		callback(error as NodeJS.ErrnoException, '');
	});
};

// ─── connections ─────────────────────────────────────────────────────────────

/** `host:port`, `[v6]:port`; null when it is neither. */
export const parseAddress = (address: string): {readonly host: string; readonly port: number} | null => {
	const parts = /^(?:\[([^\]]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(address);
	const host = parts?.[1] ?? parts?.[2];
	const port = Number(parts?.[3]);
	return host === undefined || port < 1 || port > 65_535 || (parts?.[1] !== undefined && isIP(host) !== 6) ? null : {host, port};
};

/** Connects and hands the socket to `connected`; every error and early end becomes a verdict. The basis of tcp, postgres and redis. */
export const startConnection = (input: ProbeInput, settle: (verdict: Verdict) => void, connected: (socket: Socket) => void): Running => {
	const parsed = parseAddress(input.address);
	if (parsed === null) {
		settle(failed('no-address', input.address));
		return {overdue: () => failed('no-address', input.address), destroy() {}};
	}

	let phase: Phase = 'connect';
	const socket = connect({
		...parsed, lookup: lookupFor(input.names, entered => {
			phase = entered;
		}),
	});
	socket.on('connect', () => {
		phase = 'answer';
		connected(socket);
	});
	socket.on('error', error => {
		settle(verdictOfError(error, phase));
	});
	socket.on('end', () => {
		settle(failed('closed'));
	});
	socket.on('close', () => {
		settle(failed('closed'));
	});
	return {
		overdue: () => overdueAt(phase, parsed.host),
		destroy() {
			socket.destroy();
		},
	};
};

const reasons: Readonly<Record<string, PingReason>> = {
	ECONNREFUSED: 'refused',
	ECONNRESET: 'reset',
	EPIPE: 'reset',
	ECONNABORTED: 'reset',
	ETIMEDOUT: 'timed-out',
	EHOSTUNREACH: 'unreachable',
	ENETUNREACH: 'unreachable',
	ENETDOWN: 'unreachable',
	EHOSTDOWN: 'unreachable',
	EADDRNOTAVAIL: 'unreachable',
	EACCES: 'unreachable',
	EPERM: 'unreachable',
	ENOTFOUND: 'dns',
	EAI_AGAIN: 'dns',
};

/**
What an error of a socket, a TLS handshake or Node's HTTP parser means. A name with several addresses gives an AggregateError:
one address that refuses says more than another that this host cannot reach.
*/
export const verdictOfError = (error: unknown, phase: Phase): Verdict => {
	const single = mostTelling(error);
	const {code = '', message = String(error), syscall} = single;
	const reason = reasons[code];
	if (code === 'ECONNRESET' && syscall === undefined) {
		// Not a reset: Node's own code for a peer that ended the connection in the middle.
		return failed('closed', phase === 'body' ? 'body' : '');
	}

	if (reason !== undefined) {
		return failed(reason, reason === 'dns' ? code : reason === 'timed-out' ? phase : '');
	}

	if (phase === 'tls') {
		// The library's reason is the shorter one, except for a certificate of another host; Node's advice on its own flags helps nobody here.
		const words = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? message : (single as {reason?: string}).reason ?? message;
		return failed('tls', words.replace(/; if the root CA is installed locally.*$/, ''));
	}

	switch (code) {
		case 'HPE_HEADER_OVERFLOW':
			return failed('too-large', message);
		case 'HPE_INVALID_EOF_STATE':
			return failed('closed');
		default:
			return code.startsWith('HPE_') ? failed('protocol', (single as {reason?: string}).reason ?? message) : failed(code.startsWith('EAI_') ? 'dns' : 'failed', code || message);
	}
};

const mostTelling = (error: unknown): NodeJS.ErrnoException => {
	if (!(error instanceof AggregateError) || error.errors.length === 0) {
		return error as NodeJS.ErrnoException;
	}

	const errors = error.errors as readonly NodeJS.ErrnoException[];
	return ['ECONNREFUSED', 'ETIMEDOUT', 'ECONNRESET'].map(code => errors.find(one => one.code === code)).find(one => one !== undefined) ?? errors[0]!;
};
