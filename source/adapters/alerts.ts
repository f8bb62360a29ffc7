/**
The alert sources as a port: Prometheus and Alertmanager over HTTP. Loaded only where one is configured. It hides where a token comes from: it is read
anew for each look, since such files are rotated, and is in no value that leaves this file.
*/

import {readFile} from 'node:fs/promises';
import type {AlertsPort, AlertSettings, SecretPlace} from '../core/alert-sources.ts';
import type {Clock, Outcome} from '../core/ports.ts';
import {makeSafe} from '../core/text.ts';
import {endSilence, putSilence, readAlertmanager} from './alerts/alertmanager.ts';
import {createJsonClient} from './alerts/http.ts';
import {readPrometheus} from './alerts/prometheus.ts';

export type AlertsPortOptions = {
	readonly settings: AlertSettings;
	readonly clock: Clock;
	readonly userAgent: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** For one request; default 5 s. */
	readonly deadlineMs?: number;
};

const tokenLimit = 16_384;
const fileDeadlineMs = 2000;

const notConfigured: Outcome<never> = {ok: false, failure: {code: 'unsupported', detail: makeSafe('')}};

/** Makes the port. What is not configured fails as `unsupported`. */
export const createAlertsPort = (options: AlertsPortOptions): AlertsPort => {
	const {settings: {prometheus, alertmanager}, clock, userAgent, environment, deadlineMs = 5000} = options;
	const client = createJsonClient({clock, userAgent, deadlineMs});
	const withToken = async <T>(place: SecretPlace | null, then: (token: string | null) => Promise<Outcome<T>>): Promise<Outcome<T>> => {
		const token = place === null ? null : await readToken(place, environment, clock);
		return token === null || token.ok ? then(token === null ? null : token.value) : token;
	};

	return {
		prometheus: async rule => prometheus === null ? notConfigured : withToken(prometheus.token, async token => readPrometheus(client, prometheus, token, rule, clock)),
		alertmanager: async matchers => alertmanager === null ? notConfigured : withToken(alertmanager.token, async token => readAlertmanager(client, alertmanager, token, matchers, clock)),
		silence: async request => alertmanager === null ? notConfigured : withToken(alertmanager.token, async token => putSilence(client, alertmanager, token, request, clock)),
		lift: async id => alertmanager === null ? notConfigured : withToken(alertmanager.token, async token => endSilence(client, alertmanager, token, id)),
	};
};

const usable = /^[\u0021-\u007E]+$/;

const readToken = async (place: SecretPlace, environment: AlertsPortOptions['environment'], clock: Clock): Promise<Outcome<string>> => {
	const named = 'env' in place ? {variable: place.env} : {path: place.file};
	const text = 'env' in place ? environment[place.env] ?? null : await readWithin(place.file, clock);
	const token = text?.trim() ?? '';
	// A header takes no line break, and what is not printable is no token.
	return usable.test(token) && token.length <= tokenLimit ? {ok: true, value: token} : {ok: false, failure: {code: 'denied', detail: makeSafe(''), params: {...named, token: 1}}};
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
