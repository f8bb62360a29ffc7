/**
What the configuration says, with every default filled in. The shape that the whole program reads; where it comes from
(file, flags, environment) is the business of `config.ts`.
*/

import {noAlertSources, type AlertSettings} from './alert-sources.ts';
import type {KeyMap} from './keys.ts';
import type {TemplateName} from './message-texts.ts';
import type {ChannelKind, ChannelSettings} from './messengers.ts';
import type {PingTarget} from './ports.ts';

export type LanguageChoice = 'auto' | 'en' | 'pt-BR';

export type Thresholds = {
	/** Shares from 0 to 1; `warn` colours, `critical` is a finding. */
	readonly cpu: {readonly warn: number; readonly critical: number};
	readonly memory: {readonly warn: number; readonly critical: number};
	readonly disk: {readonly warn: number; readonly critical: number};
	readonly pingSlowMs: number;
};

/** What is special about a service; one that is not named is `{expected: 'running', logs: 'follow'}`. */
export type ServiceSettings = {
	/** `once`: a job that ends with 0, and then it is well. `optional`: whether it runs or not is nobody's concern. */
	readonly expected: 'running' | 'once' | 'optional';
	/** `on-request`: followed only while it is selected or in trouble, so that a chatty service does not drown the merged log. */
	readonly logs: 'follow' | 'on-request';
};

export type EscalationSettings = {
	/** From the start of the outage. The runbook says ten minutes. */
	readonly afterMs: number;
	readonly contacts: readonly {readonly role: string; readonly name: string; readonly reach: string}[];
	/** The first level's: the runbook's own, in its words. */
	readonly steps: readonly string[];
	/** The prompt is announced from here on. */
	readonly warnMs: number;
	/** How often the prompt comes again while something of it is open. */
	readonly repeat: {readonly everyMs: number; readonly most: number};
	/** Beyond the first. */
	readonly levels: readonly {readonly afterMs: number; readonly steps: readonly string[]}[];
	/** Customers hear again after so long. */
	readonly updateEveryMs: number;
	/** A message that nobody could send for so long is not sent any more. */
	readonly expireMs: number;
	/** Sent by a timer of the system when no console is open. */
	readonly unattended: readonly ChannelKind[];
	/** Of the messages; `auto` is the console's. */
	readonly language: LanguageChoice;
	readonly templates: Readonly<Partial<Record<TemplateName, string>>>;
	readonly channels: readonly ChannelSettings[];
};

/** What is usual where neither the configuration nor the runbook says. */
export const usualEscalation = {
	warnMs: 480_000, repeat: {everyMs: 300_000, most: 3}, levels: [], updateEveryMs: 1_200_000, expireMs: 1_800_000, unattended: [], language: 'auto', templates: {}, channels: [],
} as const satisfies Partial<EscalationSettings>;

/** What the configuration itself says; the rest may come from the runbook. */
export type SaidKey = 'escalation.after' | 'escalation.contacts' | 'escalation.steps' | 'incident.open-after' | 'alert.name' | 'alert.severity' | 'alert.team' | 'alert.service' | 'alerts.prometheus.query';

export type Settings = {
	/** Null: the only one running, or asked for. */
	readonly project: string | null;
	/** Used when no container of the project is there to tell; null without configuration. */
	readonly directory: string | null;
	readonly pings: readonly PingTarget[];
	/** By service name; see `serviceSettings`. */
	readonly services: Readonly<Record<string, ServiceSettings>>;
	readonly thresholds: Thresholds;
	readonly escalation: EscalationSettings;
	/** How long the health condition must hold before the incident opens by itself. The runbook says one minute. */
	readonly openAfterMs: number;
	/** How long everything must stay green before *resolve* is offered. */
	readonly watchMs: number;
	/** After the end of an action's command, how long its check may take; and what the runbook itself expects. */
	readonly verifyDeadlineMs: number;
	readonly verifySlowMs: number;
	readonly language: LanguageChoice;
	/** IANA name; null is the machine's own. */
	readonly timeZone: string | null;
	readonly keys: KeyMap;
	/** The team's own runbook, or a directory of them; null is the shipped one. */
	readonly runbook: string | null;
	/** A directory of the team's own drill scenarios; null is none. */
	readonly drills: string | null;
	readonly said: readonly SaidKey[];
	readonly alert: {readonly name: string; readonly severity: string; readonly team: string; readonly service: string};
	/** Where alerts come from beside our own pings. */
	readonly alerts: AlertSettings;
	/** A file of certificate authorities of the team's own (`tls.ca`). */
	readonly authorities: string | null;
	/** To choose from when an incident turns out to be worse, or less; worst first. */
	readonly severities: readonly string[];
	/** Where the team's backups land, and how old the newest may be; null: only what this console made itself counts. */
	readonly backups: {readonly directory: string; readonly warnAfterMs: number} | null;
	/** The team's own log signatures and what they mean. */
	readonly signatures: readonly CustomSignature[];
};

/** A line that the team knows: where it stands in `service`'s log (any, when null), the finding says `finding`. */
export type CustomSignature = {
	readonly id: string;
	readonly pattern: string;
	readonly service: string | null;
	readonly finding: string;
	/** Of the runbook, or null. */
	readonly scenario: number | null;
	readonly actions: readonly string[];
};

/** The pings of the runbook's stack. Those of db and redis speak to the containers' own addresses. */
export const defaultPings: readonly PingTarget[] = [
	{name: 'api', kind: 'http', address: 'http://localhost:5001/api/health', service: 'api', via: 'published', intervalMs: 2000, deadlineMs: 3000, expectedStatus: [], expectedField: null, decisive: true},
	{name: 'nginx', kind: 'http', address: 'http://localhost:80/api/health', service: 'nginx', via: 'published', intervalMs: 2000, deadlineMs: 3000, expectedStatus: [], expectedField: null, decisive: true},
	{name: 'db', kind: 'postgres', address: 'db:5432', service: 'db', via: 'container', intervalMs: 2000, deadlineMs: 3000, expectedStatus: [], expectedField: null, decisive: false},
	{name: 'redis', kind: 'redis', address: 'redis:6379', service: 'redis', via: 'container', intervalMs: 2000, deadlineMs: 3000, expectedStatus: [], expectedField: null, decisive: false},
];

const usualService: ServiceSettings = {expected: 'running', logs: 'follow'};

/** What the configuration says of a service, or what is usual. */
export const serviceSettings = (settings: Settings, service: string): ServiceSettings =>
	Object.hasOwn(settings.services, service) ? settings.services[service]! : usualService;

/** Until a runbook was read. What a runbook says too (alert, escalation) is the shipped one's; a test holds them equal. */
export const defaultSettings: Settings = {
	project: null,
	directory: null,
	pings: defaultPings,
	services: {},
	thresholds: {
		cpu: {warn: 0.8, critical: 0.95},
		memory: {warn: 0.8, critical: 0.92},
		disk: {warn: 0.8, critical: 0.92},
		pingSlowMs: 1000,
	},
	escalation: {
		afterMs: 600_000,
		contacts: [
			{role: 'Tech Lead', name: 'João Silva', reach: '+55 11 99999-9999'},
			{role: 'DevOps', name: 'Maria Santos', reach: '+55 11 88888-8888'},
			{role: 'On-Call', name: '', reach: 'PagerDuty'},
		],
		steps: ['Tech Lead', 'On-Call', 'Slack #incidents', 'status.mestres-do-cafe.com'],
		...usualEscalation,
	},
	openAfterMs: 60_000,
	watchMs: 300_000,
	verifyDeadlineMs: 60_000,
	verifySlowMs: 30_000,
	language: 'auto',
	timeZone: null,
	keys: {},
	runbook: null,
	drills: null,
	said: [],
	alert: {name: 'APIDown', severity: 'CRITICAL', team: 'Backend', service: 'api'},
	alerts: noAlertSources,
	authorities: null,
	severities: ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'],
	backups: null,
	signatures: [],
};

/** What is wrong in, or with, a configuration file. The sentences live in `messages/config.ts`. */
export type ConfigurationProblemCode =
	// with the file itself
	| 'missing' | 'unreadable' | 'not-a-file' | 'too-large' | 'binary' | 'not-utf8' | 'timed-out'
	| 'owner' | 'writable-by-others' | 'directory-owner' | 'directory-writable-by-others'
	// with its YAML
	| 'syntax' | 'duplicate-key' | 'too-many-aliases'
	// with one entry
	| 'unknown-key' | 'missing-key' | 'wrong-value'
	// with how entries go together
	| 'duplicate-ping' | 'ping-kind-missing' | 'ping-kind-several' | 'ping-needs-service' | 'only-for-http'
	| 'unknown-time-zone' | 'warn-above-critical' | 'slow-above-deadline'
	| 'key-clash' | 'key-needs-upper-case' | 'key-needs-lower-case' | 'key-reserved'
	| 'secret-literal' | 'secret-in-address'
	| 'unknown-field' | 'slack-needs-one' | 'unattended-not-configured' | 'unattended-needs-file' | 'warn-after-prompt'
	| 'query-compares' | 'matchers-too-wide' | 'login-unclear'
	// of a drill's scenario
	| 'event-says-nothing' | 'event-says-several' | 'event-two-times';

export type ExpectedKind =
	| 'mapping' | 'list' | 'text' | 'yes-or-no' | 'duration' | 'share' | 'one-of' | 'url' | 'host-and-port' | 'path' | 'status' | 'scalar' | 'key' | 'secret'
	| 'project-name' | 'time-zone' | 'matcher';

/** What would have been right: `options` for `one-of`, `least` and `most` where there is a range. */
export type Expectation = {
	readonly kind: ExpectedKind;
	readonly options?: readonly string[];
	readonly least?: string;
	readonly most?: string;
};

/** One located problem. `line` and `column` count from 1; both are 0 when the problem is the file as a whole. */
export type ConfigurationProblem = {
	readonly file: string;
	readonly line: number;
	readonly column: number;
	readonly code: ConfigurationProblemCode;
	/** Dotted, list positions in brackets: `pings[1].interval`. Empty for the document. */
	readonly path: string;
	readonly expected: Expectation | null;
	/** What stands there, safe and short; empty where it may be a secret. */
	readonly got: string;
	readonly suggestion?: string;
	/** Fills the sentence: the other command of a clash, the directory's path, the mode. */
	readonly params?: Readonly<Record<string, string | number>>;
};
