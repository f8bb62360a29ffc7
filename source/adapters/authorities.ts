/**
The team's own certificate authorities: a file of PEM certificates (`tls.ca`) whose signatures count beside those that Node and the system know. Read with the
first question for it and kept; a file that could not be read is tried again, so that one that was put right works without a restart. The disk may be frozen:
there is one read at a time, which holds one thread, and nobody waits longer than two seconds from when it began.
*/

import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import {inTime} from '../core/in-time.ts';
import type {AuthoritiesPort, Clock, FailureCode, Outcome} from '../core/ports.ts';
import {makeSafe} from '../core/text.ts';

const longestBytes = 1_048_576;
const deadlineMs = 2000;
const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

type Reading = {readonly answer: Promise<Outcome<readonly string[]>>; readonly sinceMs: number};

export type AuthoritiesOptions = {
	/** Asked each time: the configuration is read after the ports are made. */
	readonly file: () => string | null;
	readonly clock: Clock;
	/** The text of a file; null where it holds no certificates for sure. */
	readonly textOf?: (path: string) => Promise<string | null>;
};

/** Reads nothing before the first question. */
export const createAuthorities = ({file, clock, textOf = readBounded}: AuthoritiesOptions): AuthoritiesPort => {
	let known: readonly string[] = [];
	let reading: Reading | null = null;
	const begin = (path: string): Reading => ({sinceMs: clock.monotonicMs(), answer: (async () => {
		const answer = await readCertificates(path, textOf);
		known = answer.ok ? answer.value : known;
		reading = null;
		return answer;
	})()});
	return {
		known: () => known,
		async read() {
			const path = file();
			if (path === null || known.length > 0) {
				return {ok: true, value: known};
			}

			reading ??= begin(path);
			return within(reading.answer, path, clock, deadlineMs - (clock.monotonicMs() - reading.sinceMs));
		},
	};
};

const failed = (code: FailureCode, path: string, detail: string): Outcome<never> => ({ok: false, failure: {code, detail: makeSafe(detail), params: {path, authorities: 1}}});

const codes: Readonly<Record<string, FailureCode>> = {ENOENT: 'not-found', ENOTDIR: 'not-found', EACCES: 'denied', EPERM: 'denied'};

const within = async (work: Promise<Outcome<readonly string[]>>, path: string, clock: Clock, leftMs: number): Promise<Outcome<readonly string[]>> =>
	leftMs <= 0 ? failed('timed-out', path, '') : inTime(clock, leftMs, work, failed('timed-out', path, ''));

const readCertificates = async (path: string, textOf: NonNullable<AuthoritiesOptions['textOf']>): Promise<Outcome<readonly string[]>> => {
	try {
		const text = await textOf(path);
		const certificates = text?.match(certificatePattern) ?? [];
		const {X509Certificate} = await import('node:crypto');
		const usable = certificates.every(certificate => isCertificate(X509Certificate, certificate));
		return certificates.length > 0 && usable ? {ok: true, value: certificates} : failed('malformed', path, '');
	} catch (error) {
		const {code = '', message} = error as NodeJS.ErrnoException;
		return Object.hasOwn(codes, code) ? failed(codes[code]!, path, '') : failed('failed', path, message);
	}
};

/** Null where it is no file, or there is more of it than certificates need. Opened without waiting, so that a FIFO of that name cannot hold us. */
const readBounded = async (path: string): Promise<string | null> => {
	const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
	try {
		const facts = await handle.stat();
		return !facts.isFile() || facts.size > longestBytes ? null : await handle.readFile('latin1');
	} finally {
		await handle.close();
	}
};

const isCertificate = (parser: typeof import('node:crypto').X509Certificate, text: string): boolean => {
	try {
		return new parser(text).fingerprint256 !== '';
	} catch {
		// What stands between the marks is no certificate.
		return false;
	}
};
