/**
Whom the senders trust. fetch takes no authorities of its own: what Node trusts by default is widened, once, by the system's (where a team's own usually are, as
for curl) and by those of the configuration. Only before the first message, and only where something is configured to be sent.
*/

import {getCACertificates, setDefaultCACertificates} from 'node:tls';
import type {AuthoritiesPort} from '../../core/ports.ts';
import {makeSafe, type SafeText} from '../../core/text.ts';

let trusted: readonly string[] | null = null;

/** Answers with why the team's own could not be read, else with null. The others are trusted all the same, for a page to a service that everybody trusts: it waits two seconds for a frozen disk, once, and no later one waits. */
export const trustAuthorities = async (authorities: AuthoritiesPort | null): Promise<SafeText | null> => {
	const own = await authorities?.read() ?? {ok: true as const, value: []};
	const certificates = own.ok ? own.value : [];
	if (trusted === null || certificates.some(certificate => !trusted!.includes(certificate))) {
		trusted = [...certificates];
		setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...certificates])]);
	}

	if (own.ok) {
		return null;
	}

	const {code, detail, params = {}} = own.failure;
	return makeSafe(`tls.ca ${String(params['path'] ?? '')}: ${detail === '' ? code : detail}`);
};
