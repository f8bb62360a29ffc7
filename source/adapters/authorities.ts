/**
The team's own certificate authorities: a file of PEM certificates (`tls.ca`) whose signatures count beside those that Node and the system know. Read with the
first question for it and kept; a file that could not be read is tried again, so that one that was put right works without a restart.
*/

import {open} from 'node:fs/promises';
import type {AuthoritiesPort, Clock, FailureCode, Outcome} from '../core/ports.ts';
import {makeSafe} from '../core/text.ts';

const longestBytes = 1_048_576;
const deadlineMs = 2000;
const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** `file` is asked each time: the configuration is read after the ports are made. */
export const createAuthorities = ({file, clock}: {readonly file: () => string | null; readonly clock: Clock}): AuthoritiesPort => {
	let known: readonly string[] = [];
	let reading: Promise<Outcome<readonly string[]>> | null = null;
	return {
		known: () => known,
		async read() {
			const path = file();
			if (path === null || known.length > 0) {
				return {ok: true, value: known};
			}

			reading ??= readWithin(path, clock);
			const answer = await reading;
			reading = null;
			known = answer.ok ? answer.value : known;
			return answer;
		},
	};
};

const failed = (code: FailureCode, path: string, detail: string): Outcome<never> => ({ok: false, failure: {code, detail: makeSafe(detail), params: {path, authorities: 1}}});

const codes: Readonly<Record<string, FailureCode>> = {ENOENT: 'not-found', ENOTDIR: 'not-found', EACCES: 'denied', EPERM: 'denied'};

const readWithin = async (path: string, clock: Clock): Promise<Outcome<readonly string[]>> => {
	let stop = (): void => undefined;
	const late = new Promise<Outcome<never>>(resolve => {
		stop = clock.after(deadlineMs, () => {
			resolve(failed('timed-out', path, ''));
		});
	});
	const answer = await Promise.race([readCertificates(path), late]);
	stop();
	return answer;
};

const readCertificates = async (path: string): Promise<Outcome<readonly string[]>> => {
	try {
		const text = await readBounded(path);
		const certificates = text?.match(certificatePattern) ?? [];
		const {X509Certificate} = await import('node:crypto');
		const usable = certificates.every(certificate => isCertificate(X509Certificate, certificate));
		return certificates.length > 0 && usable ? {ok: true, value: certificates} : failed('malformed', path, '');
	} catch (error) {
		const {code = '', message} = error as NodeJS.ErrnoException;
		return Object.hasOwn(codes, code) ? failed(codes[code]!, path, '') : failed('failed', path, message);
	}
};

/** Null where there is more of it than certificates need. */
const readBounded = async (path: string): Promise<string | null> => {
	const handle = await open(path, 'r');
	try {
		const {size} = await handle.stat();
		return size > longestBytes ? null : await handle.readFile('latin1');
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
