/**
What the alert sources mean: whether the alert fires, since when, and what is not known. It hides how rule, series and targets of Prometheus and the
alerts of Alertmanager become one word, and the rule that no data is never "well".

An alert source proves that something is wrong, and when it began; that all is well it proves only where it has data and says so.
*/

import type {AlertSettings, AlertsEvent, AlertsSituation, Matcher, PrometheusReading, RuleAlert} from './alert-sources.ts';
import type {Failure} from './ports.ts';
import {emptyText, type SafeText} from './text.ts';

/** `clear`: asked, and with data. `none`: Alertmanager has no such alert, which proves nothing. */
export type AlertState = 'firing' | 'pending' | 'clear' | 'none' | 'unknown';

/** Why it is not known, or, beside another state, what is wrong with the source. */
export type AlertTrouble = 'not-asked' | 'no-answer' | 'no-data' | 'no-rule' | 'rule-fails';

export type AlertSource = 'prometheus' | 'alertmanager';

export type AlertView = {
	readonly source: AlertSource;
	readonly state: AlertState;
	readonly trouble: AlertTrouble | null;
	/** What it was when it was last known; the same as `state` while that is known. */
	readonly last: AlertState | null;
	/** Since when: for Prometheus the alert's true start, for Alertmanager the instant at which it fired. */
	readonly sinceMs: number | null;
	/** When it began to fire, as far as the source tells: then it paged. */
	readonly firedAtMs: number | null;
	/** Fires on although its condition is over (`keep_firing_for`). */
	readonly isOver: boolean;
	readonly silenced: boolean;
	readonly inhibited: boolean;
	/** What Prometheus could not do with the target, in its words. */
	readonly targetError: SafeText;
	/** The rule's, or the source's own. */
	readonly error: SafeText;
	readonly down: number;
	readonly series: number;
	readonly atMs: number | null;
	/** How far its clock is ahead of ours. */
	readonly skewMs: number;
	readonly failure: Failure | null;
};

/** An answer counts for so long when the next one does not come: two polls and a little. */
const goodForMs = 40_000;

// ─── facts ───────────────────────────────────────────────────────────────────

/** What is known after one more answer. */
export const learnAlerts = (before: AlertsSituation, event: AlertsEvent, redactText: Redact): AlertsSituation => {
	switch (event.type) {
		case 'alerts/prometheusRead': {
			const {reading} = event;
			const isDown = reading.series.ok && reading.series.value.some(({up}) => !up);
			// Without an answer nothing is known of it; what was down then may be down still.
			const downSinceMs = isDown ? before.prometheus.downSinceMs ?? reading.atMs : (reading.series.ok && reading.series.value.length > 0 ? null : before.prometheus.downSinceMs);
			return {...before, prometheus: {reading: redacted(reading, redactText), failure: null, downSinceMs}};
		}

		case 'alerts/prometheusUnread': {
			return {...before, prometheus: {...before.prometheus, failure: cleanFailure(event.failure, redactText)}};
		}

		case 'alerts/alertmanagerRead': {
			return {...before, alertmanager: {reading: event.reading, failure: null}};
		}

		case 'alerts/alertmanagerUnread': {
			return {...before, alertmanager: {...before.alertmanager, failure: cleanFailure(event.failure, redactText)}};
		}
	}
};

/** A scrape URL in an error may hold a password, and what a server says of a failure anything. */
const redacted = ({rule, series, targets, ...rest}: PrometheusReading, redactText: Redact): PrometheusReading => ({
	...rest,
	series: series.ok ? series : {ok: false, failure: cleanFailure(series.failure, redactText)},
	rule: rule.ok ? {ok: true, value: rule.value === null ? null : {...rule.value, lastError: redactText(rule.value.lastError)}} : {ok: false, failure: cleanFailure(rule.failure, redactText)},
	targets: targets.ok ? {ok: true, value: targets.value.map(target => ({...target, lastError: redactText(target.lastError)}))} : {ok: false, failure: cleanFailure(targets.failure, redactText)},
});

type Redact = (text: SafeText) => SafeText;

const cleanFailure = (failure: Failure, redactText: Redact): Failure => ({...failure, detail: redactText(failure.detail)});

/** The wall clock was set: what this console saw moves along. An alert's own start is of another clock. */
export const shiftAlerts = ({prometheus, alertmanager}: AlertsSituation, byMs: number): AlertsSituation => ({
	prometheus: {
		...prometheus,
		reading: prometheus.reading === null ? null : {...prometheus.reading, atMs: prometheus.reading.atMs + byMs},
		downSinceMs: prometheus.downSinceMs === null ? null : prometheus.downSinceMs + byMs,
	},
	alertmanager: {...alertmanager, reading: alertmanager.reading === null ? null : {...alertmanager.reading, atMs: alertmanager.reading.atMs + byMs}},
});

// ─── questions ───────────────────────────────────────────────────────────────

const blank = (source: AlertSource): AlertView => ({
	source, state: 'unknown', trouble: 'not-asked', last: null, sinceMs: null, firedAtMs: null, isOver: false, silenced: false, inhibited: false, targetError: emptyText, error: emptyText, down: 0, series: 0, atMs: null, skewMs: 0, failure: null,
});

export type AlertTimes = {readonly nowMs: number; /** How long a series must be down before that counts as fired, where no rule says so. */ readonly openAfterMs: number};

/** What each configured source says, Prometheus first. */
export const alertViews = (alerts: AlertsSituation, settings: AlertSettings, times: AlertTimes): readonly AlertView[] => [
	...(settings.prometheus === null ? [] : [aged(prometheusView(alerts, times), alerts.prometheus.failure, times.nowMs)]),
	...(settings.alertmanager === null ? [] : [aged(alertmanagerView(alerts), alerts.alertmanager.failure, times.nowMs)]),
];

/** An answer that is too old is no answer; what it was is kept. */
const aged = (view: AlertView, failure: Failure | null, nowMs: number): AlertView => {
	if (view.atMs === null) {
		return failure === null ? view : {...view, trouble: 'no-answer', error: failure.detail, failure};
	}

	// A clock that was set back makes ages negative: far off is not fresh.
	return Math.abs(nowMs - view.atMs) <= goodForMs ? {...view, failure: view.failure ?? failure} : {...view, state: 'unknown', trouble: 'no-answer', error: failure?.detail ?? view.error, failure: failure ?? view.failure};
};

const prometheusView = ({prometheus}: AlertsSituation, {nowMs, openAfterMs}: AlertTimes): AlertView => {
	const {reading, downSinceMs} = prometheus;
	if (reading === null) {
		return blank('prometheus');
	}

	const {series, rule, targets, atMs} = reading;
	const values = series.ok ? series.value : [];
	const down = values.filter(({up}) => !up).length;
	const broken = targets.ok ? targets.value.find(({health, lastError}) => health === 'down' && lastError !== '') : undefined;
	const ofRule = rule.ok ? rule.value : null;
	const told = stateOfRule(ofRule?.alerts ?? []);
	const base: AlertView = {...blank('prometheus'), atMs, skewMs: reading.skewMs, down, series: values.length, targetError: broken?.lastError ?? emptyText, error: ofRule?.lastError ?? emptyText, trouble: troubleOf(reading), failure: series.ok ? (rule.ok ? null : rule.failure) : series.failure};
	const known = (state: AlertState, changes: Partial<AlertView> = {}): AlertView => ({...base, state, last: state, ...changes});
	if (told !== null) {
		return known(told.state, {sinceMs: told.sinceMs, firedAtMs: told.state === 'firing' ? told.sinceMs + (ofRule?.forMs ?? 0) : null, isOver: told.isOver});
	}

	if (!series.ok || values.length === 0) {
		return {...base, state: 'unknown', trouble: series.ok ? 'no-data' : 'no-answer', error: series.ok ? base.error : series.failure.detail, last: null};
	}

	if (down === 0) {
		return known('clear');
	}

	// No rule tells: down for as long as the alert's own condition wants counts as fired.
	const hasFired = ofRule === null && downSinceMs !== null && nowMs - downSinceMs >= openAfterMs;
	return known(hasFired ? 'firing' : 'pending', {sinceMs: downSinceMs});
};

const troubleOf = ({rule}: PrometheusReading): AlertTrouble | null =>
	!rule.ok ? null : (rule.value === null ? 'no-rule' : (rule.value.lastError === '' ? null : 'rule-fails'));

const stateOfRule = (alerts: readonly RuleAlert[]): {readonly state: 'firing' | 'pending'; readonly sinceMs: number; readonly isOver: boolean} | null => {
	const firing = alerts.filter(({state}) => state === 'firing');
	const counting = firing.length > 0 ? firing : alerts;
	const lasting = counting.filter(({keepFiringSinceMs}) => keepFiringSinceMs === null);
	const of = lasting.length > 0 ? lasting : counting;
	return of.length === 0 ? null : {state: firing.length > 0 ? 'firing' : 'pending', sinceMs: Math.min(...of.map(({activeAtMs}) => activeAtMs)), isOver: lasting.length === 0};
};

const alertmanagerView = ({alertmanager}: AlertsSituation): AlertView => {
	const {reading} = alertmanager;
	if (reading === null) {
		return blank('alertmanager');
	}

	const {alerts, atMs} = reading;
	const base: AlertView = {...blank('alertmanager'), atMs, skewMs: reading.skewMs, trouble: null, series: alerts.length};
	if (alerts.length === 0) {
		return {...base, state: 'none', last: 'none'};
	}

	// One that reaches people is enough.
	const silenced = alerts.every(({isSuppressed, inhibitedBy}) => isSuppressed && inhibitedBy.length === 0);
	const inhibited = alerts.every(({isSuppressed}) => isSuppressed) && !silenced;
	const firedAtMs = Math.min(...alerts.map(({startsAtMs}) => startsAtMs));
	return {...base, state: 'firing', last: 'firing', sinceMs: firedAtMs, firedAtMs, silenced, inhibited};
};

export type AlertNow = {
	readonly views: readonly AlertView[];
	/** Of all sources together: what is worst is told, and what is not known is not well. Null: none is configured. */
	readonly state: AlertState | null;
	/** A source that does not answer now said so last. */
	readonly lastFiring: boolean;
	readonly isOver: boolean;
	/** By somebody in Alertmanager: people know, and are not paged. */
	readonly silenced: boolean;
	readonly targetError: SafeText;
};

const worstFirst: readonly AlertState[] = ['firing', 'pending', 'unknown', 'clear', 'none'];

/** What the sources say together. */
export const alertNow = (views: readonly AlertView[]): AlertNow => {
	const firing = views.filter(({state}) => state === 'firing');
	return {
		views,
		state: worstFirst.find(state => views.some(view => view.state === state)) ?? null,
		lastFiring: views.some(({last}) => last === 'firing'),
		isOver: firing.length > 0 && firing.every(({source, isOver}) => isOver || source === 'alertmanager') && firing.some(({isOver}) => isOver),
		silenced: firing.some(({silenced}) => silenced),
		targetError: views.find(({targetError}) => targetError !== '')?.targetError ?? emptyText,
	};
};

/** When the alert's condition began, by what the sources said last; `atLeast`: it may have been earlier. Null where none says that it holds. */
export const alertStart = ({prometheus, alertmanager}: AlertsSituation): {readonly sinceMs: number; readonly atLeast: boolean} | null => {
	const rule = prometheus.reading?.rule;
	const told = rule?.ok === true && rule.value !== null ? stateOfRule(rule.value.alerts) : null;
	if (told !== null && !told.isOver) {
		return {sinceMs: told.sinceMs, atLeast: false};
	}

	if (prometheus.downSinceMs !== null) {
		return {sinceMs: prometheus.downSinceMs, atLeast: true};
	}

	const alerts = told === null ? alertmanager.reading?.alerts ?? [] : [];
	return alerts.length === 0 ? null : {sinceMs: Math.min(...alerts.map(({startsAtMs}) => startsAtMs)), atLeast: true};
};

// ─── names and matchers ──────────────────────────────────────────────────────

/** What an error of a scrape points to, for the next check. */
export type TargetErrorKind = 'refused' | 'timed-out' | 'dns' | 'status' | 'path' | 'tls' | 'other';

/** Prometheus' own words (Go's, for the network), sorted. */
export const targetErrorKind = (error: string): TargetErrorKind => {
	const kinds: ReadonlyArray<readonly [TargetErrorKind, RegExp]> = [
		['dns', /no such host|server misbehaving|lookup /i],
		['tls', /x509|certificate|tls:/i],
		['refused', /connection refused|connection reset|EOF|no route to host|network is unreachable/i],
		['timed-out', /deadline exceeded|timeout|timed out/i],
		['status', /HTTP status 5\d\d/i],
		['path', /HTTP status [34]\d\d|unsupported Content-Type|invalid (?:metric|character)|expected (?:a valid|label|value|equal|timestamp)|parse|"INVALID"/i],
	];
	return kinds.find(([, pattern]) => pattern.test(error))?.[0] ?? 'other';
};

/** The error without the request that it begins with: the address is known, why it failed is what tells. */
export const withoutRequest = (error: SafeText): SafeText => error.replace(/^Get "[^"]*": /, '') as SafeText;

/** The matchers that count: the configured ones, or the alert's name. */
export const matchersOf = (settings: AlertSettings, alert: string): readonly Matcher[] =>
	settings.alertmanager === null || settings.alertmanager.matchers.length === 0 ? [{name: 'alertname', value: alert, isRegex: false, isEqual: true}] : settings.alertmanager.matchers;

/** As a person writes one, and as Alertmanager takes it in a filter. */
export const matcherText = ({name, value, isRegex, isEqual}: Matcher): string => `${name}${isEqual ? (isRegex ? '=~' : '=') : (isRegex ? '!~' : '!=')}"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

const matcherPattern = /^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))\s*$/;

/** Reads `name="value"` and its kin; null when it is none. */
export const parseMatcher = (text: string): Matcher | null => {
	const match = matcherPattern.exec(text);
	if (match === null) {
		return null;
	}

	const [, name = '', operator = '=', quoted, bare] = match;
	return {name, value: quoted === undefined ? bare ?? '' : quoted.replaceAll(/\\(.)/g, '$1'), isRegex: operator.endsWith('~'), isEqual: operator.startsWith('=')};
};

/** Does a matcher name something by itself? A silence made of none that does would silence everything. */
export const isNaming = ({value, isRegex, isEqual}: Matcher): boolean => isEqual && !isRegex && value !== '';

/** The query behind a runbook's condition: only where that asks whether something is up, since a 0 of any other figure says nothing of the kind. */
export const queryOfCondition = (condition: string): string | null => {
	const plain = withoutComparison(condition);
	return plain !== null && /^up(?:\{[^{}]*\})?$/.test(plain) && /(?:==\s*0|<\s*1)\s*$/.test(condition) ? plain : null;
};

/** The labels that a query's selector fixes: `up{job="api"}` → job is api. */
export const selectorOf = (query: string): Readonly<Record<string, string>> => {
	const inside = /\{([^{}]*)\}/.exec(query)?.[1] ?? '';
	return Object.fromEntries([...inside.matchAll(/([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value.replaceAll(/\\(.)/g, '$1')]));
};

/** Is something with these labels what the selector means? A label that is not there speaks neither for nor against. */
export const fitsSelector = (labels: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>>): boolean =>
	Object.entries(selector).every(([name, value]) => !Object.hasOwn(labels, name) || labels[name] === value);

/** A query that compares filters what it should tell; the plain one is what is meant. Null when it does not compare. */
export const withoutComparison = (query: string): string | null => {
	const match = /^(.*[^\s=!<>])\s*(?:==|!=|<=|>=|<|>)\s*(?:bool\s+)?[+-]?[\d.]+\s*$/s.exec(query);
	return match === null ? null : match[1]!.trim();
};
