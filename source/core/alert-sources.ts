/**
The alert sources as types: what is configured of Prometheus and Alertmanager, what each said when it was asked, and the port that asks. What it
means is in alerts.ts.

Nothing here runs. As for every port: an expected failure is a value, every call ends by itself, text from outside is safe.
*/

import type {Failure, Outcome} from './ports.ts';
import type {SafeText} from './text.ts';

// ─── configured ──────────────────────────────────────────────────────────────

/** Where a secret is to be found; never the secret itself. */
export type SecretPlace = {readonly env: string} | {readonly file: string};

/** How a source is asked in: by nobody in particular, with a bearer token, or with a user's password. */
export type SourceLogin = {readonly kind: 'token'; readonly secret: SecretPlace} | {readonly kind: 'password'; readonly user: string; readonly secret: SecretPlace} | null;

export type PrometheusSettings = {
	readonly url: string;
	/** Plain, without a comparison: what filters cannot tell "up" from "no such series". */
	readonly query: string;
	/** The alerting rule; null is the alert's own name. */
	readonly rule: string | null;
	readonly login: SourceLogin;
};

/** As Alertmanager has them: `name="value"`, `!=`, `=~`, `!~`. */
export type Matcher = {readonly name: string; readonly value: string; readonly isRegex: boolean; readonly isEqual: boolean};

export type AlertmanagerSettings = {
	readonly url: string;
	/** Which alerts are meant, and what a silence silences; empty is the alert's own name. */
	readonly matchers: readonly Matcher[];
	/** Whether a silence is proposed to who acknowledges. */
	readonly silence: 'ask' | 'never';
	readonly silenceMs: number;
	readonly login: SourceLogin;
};

export type AlertSettings = {readonly prometheus: PrometheusSettings | null; readonly alertmanager: AlertmanagerSettings | null};

export const noAlertSources: AlertSettings = {prometheus: null, alertmanager: null};

// ─── read ────────────────────────────────────────────────────────────────────

/** One series of the query. */
export type UpSeries = {readonly instance: SafeText; readonly up: boolean};

export type RuleAlert = {
	readonly state: 'pending' | 'firing';
	/** When the expression became true. */
	readonly activeAtMs: number;
	/** The condition is over, and the rule keeps the alert firing for a while. */
	readonly keepFiringSinceMs: number | null;
};

export type RuleReading = {
	readonly forMs: number;
	/** Why it cannot be evaluated; empty when it can. */
	readonly lastError: SafeText;
	readonly alerts: readonly RuleAlert[];
};

export type TargetReading = {readonly instance: SafeText; readonly health: 'up' | 'down' | 'unknown'; readonly lastError: SafeText};

/** Three answers that may fail apart: another server that speaks the query alone has neither rules nor targets. */
export type PrometheusReading = {
	readonly atMs: number;
	/** How far its clock is ahead of ours; its instants here are of ours already. 0 where that cannot be told or hardly matters. */
	readonly skewMs: number;
	readonly series: Outcome<readonly UpSeries[]>;
	/** Null: there is no such rule. */
	readonly rule: Outcome<RuleReading | null>;
	readonly targets: Outcome<readonly TargetReading[]>;
};

export type ManagedAlert = {
	/** When it fired: about the rule's `for` after its true start. */
	readonly startsAtMs: number;
	readonly isSuppressed: boolean;
	readonly silencedBy: readonly SafeText[];
	readonly inhibitedBy: readonly SafeText[];
};

export type AlertmanagerReading = {readonly atMs: number; readonly skewMs: number; readonly alerts: readonly ManagedAlert[]};

// ─── the port ────────────────────────────────────────────────────────────────

export type SilenceRequest = {
	readonly incident: string;
	readonly matchers: readonly Matcher[];
	readonly endsAtMs: number;
	readonly createdBy: string;
	/** The one to be extended; null makes one, or takes the incident's own that is there already. */
	readonly id: string | null;
};

export type Silence = {readonly id: SafeText; readonly endsAtMs: number};

export type AlertsPort = {
	/** Asks the query as it stands, and for the alerting rule of that name. Fails as a whole when nothing was answered. */
	prometheus(question: {readonly query: string; readonly rule: string}): Promise<Outcome<PrometheusReading>>;
	alertmanager(matchers: readonly Matcher[]): Promise<Outcome<AlertmanagerReading>>;
	/** Makes a silence, or moves the end of one. Asked twice for an incident it is still one. */
	silence(request: SilenceRequest): Promise<Outcome<Silence>>;
	/** Ends it now; one that is over already is no failure. */
	lift(id: string): Promise<Outcome<null>>;
};

// ─── known ───────────────────────────────────────────────────────────────────

/** The last answer stays; a failure stands beside it. */
export type AlertsSituation = {
	readonly prometheus: {
		readonly reading: PrometheusReading | null;
		readonly failure: Failure | null;
		/** Since when this console sees a series that is down; null while none is. */
		readonly downSinceMs: number | null;
	};
	readonly alertmanager: {readonly reading: AlertmanagerReading | null; readonly failure: Failure | null};
};

export const nothingAsked: AlertsSituation = {prometheus: {reading: null, failure: null, downSinceMs: null}, alertmanager: {reading: null, failure: null}};

export type AlertsEvent =
	| {readonly type: 'alerts/prometheusRead'; readonly reading: PrometheusReading}
	| {readonly type: 'alerts/prometheusUnread'; readonly failure: Failure}
	| {readonly type: 'alerts/alertmanagerRead'; readonly reading: AlertmanagerReading}
	| {readonly type: 'alerts/alertmanagerUnread'; readonly failure: Failure};

/** What came of a silence that this console asked for. */
export type SilenceEvent =
	| {readonly type: 'silence/stored'; readonly incident: string; readonly silence: Silence; readonly matchers: readonly Matcher[]; readonly extended: boolean}
	| {readonly type: 'silence/expired'; readonly incident: string; readonly id: string}
	| {readonly type: 'silence/refused'; readonly incident: string; readonly what: 'create' | 'extend' | 'lift'; readonly failure: Failure};

export type SilenceEffect =
	| {readonly type: 'silence/put'; readonly request: SilenceRequest}
	| {readonly type: 'silence/lift'; readonly incident: string; readonly id: string};
