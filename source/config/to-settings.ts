/** From the checked file to `Settings`: fills in the defaults, and hides the rules for what a ping leaves out. */

import {homedir} from 'node:os';
import {dirname, resolve} from 'node:path';
import type {AlertmanagerSettings, PrometheusSettings, SecretPlace, SourceLogin} from '../core/alert-sources.ts';
import type {KeyMap} from '../core/keys.ts';
import type {PingTarget} from '../core/ports.ts';
import {defaultSettings} from '../core/settings.ts';
import type {SaidKey, Settings} from '../core/settings.ts';
import {escalationToSettings} from './escalation-settings.ts';
import type {ConfigurationInput} from './schema.ts';

/** `file` is where relative paths count from; `~/` is the user's home. */
export const configurationToSettings = (input: ConfigurationInput, file: string): Settings => {
	const {thresholds, escalation, incident, verify, alert, alerts} = input;
	const usual = defaultSettings;
	const place = (path: string | undefined): string | null =>
		path === undefined ? null : path.startsWith('~/') ? resolve(homedir(), path.slice(2)) : resolve(dirname(file), path);
	return {
		project: input.project ?? usual.project,
		directory: place(input.directory) ?? usual.directory,
		pings: input.pings?.map(ping => toPing(ping)) ?? usual.pings,
		services: Object.fromEntries(Object.entries(input.services ?? {}).map(([name, service]) => [name, {expected: service.expected ?? 'running', logs: service.logs ?? 'follow'}])),
		thresholds: {
			cpu: {...usual.thresholds.cpu, ...given(thresholds?.cpu)},
			memory: {...usual.thresholds.memory, ...given(thresholds?.memory)},
			disk: {...usual.thresholds.disk, ...given(thresholds?.disk)},
			pingSlowMs: thresholds?.['ping-slow'] ?? usual.thresholds.pingSlowMs,
		},
		escalation: escalationToSettings(escalation, place),
		openAfterMs: incident?.['open-after'] ?? usual.openAfterMs,
		watchMs: incident?.watch ?? usual.watchMs,
		verifyDeadlineMs: verify?.deadline ?? usual.verifyDeadlineMs,
		verifySlowMs: verify?.slow ?? usual.verifySlowMs,
		language: input.language ?? usual.language,
		timeZone: input['time-zone'] ?? usual.timeZone,
		keys: given(input.keys) as KeyMap,
		runbook: place(input.runbook) ?? usual.runbook,
		drills: place(input.drills) ?? usual.drills,
		said: saidIn(input),
		alert: {...usual.alert, ...given(alert)},
		alerts: {prometheus: toPrometheus(alerts?.prometheus, place), alertmanager: toAlertmanager(alerts?.alertmanager, place)},
		backups: input.backups === undefined ? usual.backups : {directory: place(input.backups.directory)!, warnAfterMs: input.backups['warn-after'] ?? usualBackupAgeMs},
		authorities: place(input.tls?.ca) ?? usual.authorities,
		severities: incident?.severities ?? usual.severities,
		signatures: input.signatures?.map(({id, pattern, service, finding, scenario, actions}) => ({id, pattern, service: service ?? null, finding, scenario: scenario ?? null, actions: actions ?? []})) ?? usual.signatures,
	};
};

/** A nightly backup, and two hours for a slow night. */
const usualBackupAgeMs = 26 * 3_600_000;

/** Which of the entries that a runbook may fill are there. */
const saidIn = ({escalation, incident, alert, alerts}: ConfigurationInput): readonly SaidKey[] => {
	const entries: ReadonlyArray<readonly [SaidKey, unknown]> = [
		['escalation.after', escalation?.after], ['escalation.contacts', escalation?.contacts], ['escalation.steps', escalation?.steps], ['incident.open-after', incident?.['open-after']],
		['alert.name', alert?.name], ['alert.severity', alert?.severity], ['alert.team', alert?.team], ['alert.service', alert?.service], ['alerts.prometheus.query', alerts?.prometheus?.query],
	];
	return entries.filter(([, value]) => value !== undefined).map(([key]) => key);
};

/** Only what is there: an absent entry must not overwrite a default. */
const given = <Value extends object>(value: Value | undefined): {[Key in keyof Value]?: Exclude<Value[Key], undefined>} =>
	Object.fromEntries(Object.entries(value ?? {}).filter(([, inner]) => inner !== undefined)) as {[Key in keyof Value]?: Exclude<Value[Key], undefined>};

type Place = (path: string | undefined) => string | null;
type AlertsInput = NonNullable<ConfigurationInput['alerts']>;

type LoginInput = {readonly token?: SecretPlace | undefined; readonly user?: string | undefined; readonly password?: SecretPlace | undefined};

const toLogin = ({token, user, password}: LoginInput, place: Place): SourceLogin => {
	const placed = (secret: SecretPlace): SecretPlace => 'file' in secret ? {file: place(secret.file)!} : secret;
	return token === undefined
		? (password === undefined ? null : {kind: 'password', user: user ?? '', secret: placed(password)})
		: {kind: 'token', secret: placed(token)};
};

const toPrometheus = (input: AlertsInput['prometheus'], place: Place): PrometheusSettings | null => input === undefined ? null : {
	url: input.url, query: input.query ?? 'up{job="api"}', rule: input.rule ?? null, login: toLogin(input, place),
};

const toAlertmanager = (input: AlertsInput['alertmanager'], place: Place): AlertmanagerSettings | null => input === undefined ? null : {
	url: input.url, matchers: input.matchers ?? [], silence: input.silence ?? 'ask', silenceMs: input.duration ?? 1_800_000, login: toLogin(input, place),
};

type PingInput = NonNullable<ConfigurationInput['pings']>[number];

const toPing = (ping: PingInput): PingTarget => {
	const kind = ping.http !== undefined ? 'http' : ping.tcp !== undefined ? 'tcp' : ping.postgres !== undefined ? 'postgres' : 'redis';
	const address = ping[kind] ?? '';
	const service = ping.service ?? null;
	return {
		name: ping.name,
		kind,
		address,
		service,
		via: ping.via ?? (service !== null && hostPart(kind, address) === service.toLowerCase() ? 'container' : 'address'),
		intervalMs: ping.interval ?? 2000,
		deadlineMs: ping.deadline ?? 3000,
		expectedStatus: ping.status ?? [],
		expectedField: ping.field ?? null,
		decisive: ping.decisive ?? kind === 'http',
	};
};

const hostPart = (kind: PingTarget['kind'], address: string): string =>
	(kind === 'http' ? new URL(address).hostname : address.replace(/:\d+$/, '')).toLowerCase();
