/**
The alert sources as a port: Prometheus and Alertmanager over HTTP. Loaded only where one is configured. It hides where a secret comes from: it is read
anew for each look, since such files are rotated, and is in no value that leaves this folder.
*/

import {readFile} from 'node:fs/promises';
import type {AlertsPort, AlertSettings, SecretPlace, SourceLogin} from '../core/alert-sources.ts';
import type {AuthoritiesPort, Clock, Outcome} from '../core/ports.ts';
import {makeSafe} from '../core/text.ts';
import {endSilence, putSilence, readAlertmanager} from './alerts/alertmanager.ts';
import {createJsonClient, type Login} from './alerts/http.ts';
import {readPrometheus} from './alerts/prometheus.ts';

export type AlertsPortOptions = {
	readonly settings: AlertSettings;
	readonly clock: Clock;
	readonly authorities?: AuthoritiesPort;
	readonly userAgent: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** For one request; default 5 s. */
	readonly deadlineMs?: number;
};

const secretLimit = 16_384;
const fileDeadlineMs = 2000;

const notConfigured: Outcome<never> = {ok: false, failure: {code: 'unsupported', detail: makeSafe('')}};

/** Makes the port. What is not configured fails as `unsupported`. */
export const createAlertsPort = (options: AlertsPortOptions): AlertsPort => {
	const {settings: {prometheus, alertmanager}, clock, authorities, userAgent, environment, deadlineMs = 5000} = options;
	const client = createJsonClient({clock, userAgent, deadlineMs, authorities});
	const withLogin = async <T>(login: SourceLogin, then: (login: Login | null) => Promise<Outcome<T>>): Promise<Outcome<T>> => {
		const secret = login === null ? null : await readSecret(login.secret, environment, clock);
		return secret === null || secret.ok ? then(login === null || secret === null ? null : loginWith(login, secret.value)) : secret;
	};

	return {
		prometheus: async question => prometheus === null ? notConfigured : withLogin(prometheus.login, async login => readPrometheus(client, prometheus.url, login, question, clock)),
		alertmanager: async matchers => alertmanager === null ? notConfigured : withLogin(alertmanager.login, async login => readAlertmanager(client, alertmanager, login, matchers, clock)),
		silence: async request => alertmanager === null ? notConfigured : withLogin(alertmanager.login, async login => putSilence(client, alertmanager, login, request, clock)),
		lift: async id => alertmanager === null ? notConfigured : withLogin(alertmanager.login, async login => endSilence(client, alertmanager, login, id)),
	};
};

const loginWith = (login: NonNullable<SourceLogin>, secret: string): Login => {
	const encoded = login.kind === 'token' ? secret : Buffer.from(`${login.user}:${secret}`, 'utf8').toString('base64');
	return {header: `${login.kind === 'token' ? 'Bearer' : 'Basic'} ${encoded}`, secrets: [secret, encoded]};
};

const usable = /^[\u0021-\u007E]+$/;

const readSecret = async (place: SecretPlace, environment: AlertsPortOptions['environment'], clock: Clock): Promise<Outcome<string>> => {
	const named = 'env' in place ? {variable: place.env} : {path: place.file};
	const text = 'env' in place ? environment[place.env] ?? null : await readWithin(place.file, clock);
	const secret = text?.trim() ?? '';
	// A header takes no line break, and what is not printable is no token.
	return usable.test(secret) && secret.length <= secretLimit ? {ok: true, value: secret} : {ok: false, failure: {code: 'denied', detail: makeSafe(''), params: {...named, token: 1}}};
};

/** Null: not there, not readable, or the disk does not answer. */
const readWithin = async (path: string, clock: Clock): Promise<string | null> => new Promise(resolve => {
	const aborter = new AbortController();
	const stop = clock.after(fileDeadlineMs, () => {
		aborter.abort();
		resolve(null);
	});
	readFile(path, {encoding: 'utf8', signal: aborter.signal}).then(text => {
		stop();
		resolve(text);
	}, () => {
		// Why it cannot be read is told by its path: the failure names it.
		stop();
		resolve(null);
	});
});
