/**
Whom the senders trust. fetch takes no authorities of its own: what Node trusts by default is widened, once, by the system's (where a team's own usually are, as
for curl) and by those of the configuration. Only before the first message, and only where something is configured to be sent.
*/

import {getCACertificates, setDefaultCACertificates} from 'node:tls';
import type {AuthoritiesPort} from '../../core/ports.ts';
import {makeSafe, type SafeText} from '../../core/text.ts';

let trusted: readonly string[] | null = null;

/** Null when all that is configured is trusted, else why not. */
export const trustAuthorities = async (authorities: AuthoritiesPort | null): Promise<SafeText | null> => {
	const own = await authorities?.read() ?? {ok: true as const, value: []};
	if (!own.ok) {
		const {code, detail, params = {}} = own.failure;
		return makeSafe(`tls.ca ${String(params['path'] ?? '')}: ${detail === '' ? code : detail}`);
	}

	if (trusted === null || own.value.some(certificate => !trusted!.includes(certificate))) {
		trusted = [...own.value];
		setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...own.value])]);
	}

	return null;
};
