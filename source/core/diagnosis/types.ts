/**
What the diagnosis speaks in: findings, their evidence, what a rule may want to know more of. Codes and parameters only; `messages` has the
words.
*/

import type {SafeText} from '../text.ts';

export type Params = Readonly<Record<string, string | number>>;

export type EvidenceCode =
	| 'engine-does-not-answer' | 'host-booted' | 'no-container' | 'exited' | 'killed' | 'oom-killed' | 'worker-oom' | 'paused' | 'created-not-started' | 'dead' | 'start-refused'
	| 'restarted-often' | 'unhealthy' | 'ping-fails' | 'ping-good' | 'ping-slow' | 'log-line' | 'says' | 'disk-nearly-full' | 'inodes-nearly-gone' | 'disk-read-only' | 'disk-holds'
	| 'memory-nearly-full' | 'swap-used' | 'container-memory' | 'memory-climbs' | 'cpu-busy' | 'cpu-throttled' | 'processes-limit' | 'sessions-refused' | 'sessions-accepted'
	| 'runs' | 'runs-healthy' | 'processes-stopped' | 'processes-wait' | 'processes-alive' | 'answers-inside' | 'silent-inside' | 'no-network' | 'not-on-network' | 'no-alias'
	| 'upstream-address' | 'upstream-port' | 'config-test-fails' | 'config-test-good' | 'lookup-fails' | 'lookup-finds' | 'cache-memory' | 'certificate-ends'
	| 'changed-commit' | 'changed-image' | 'changed-container' | 'changed-file' | 'no-change' | 'actions-failed' | 'not-running' | 'all-answer'
	| 'variable-unset' | 'expected-by-action' | 'health-check-lacks-program' | 'command-is' | 'port-holder' | 'alert-says' | 'target-error' | 'alert-blind'
	| 'clock-skew' | 'listens-at' | 'nobody-knocks' | 'image-gone' | 'lock-held' | 'lock-query' | 'sessions-by' | 'backup-newest' | 'backup-empty' | 'backup-unread' | 'backup-none';

/** Where a piece of evidence was seen: Enter on it opens that. */
export type Origin =
	| {readonly kind: 'log'; readonly containerId: string; readonly service: string; readonly atMs: number; readonly line: SafeText}
	| {readonly kind: 'container'; readonly id: string}
	| {readonly kind: 'ping'; readonly name: string}
	| {readonly kind: 'changes'};

export type Evidence = {
	readonly code: EvidenceCode;
	readonly params: Params;
	/** When it was true; null where it holds now. */
	readonly atMs: number | null;
	readonly origin: Origin | null;
};

export type FindingCode =
	// stopped
	| 'service-missing' | 'service-stopped' | 'service-killed' | 'service-crashed' | 'service-paused' | 'created-not-started' | 'service-dead' | 'image-missing' | 'port-taken' | 'start-refused'
	// fails at start
	| 'missing-variable' | 'database-auth' | 'database-missing' | 'database-unreachable' | 'cache-unreachable' | 'data-broken' | 'migration-pending' | 'migration-broken' | 'dependency-error' | 'syntax-error'
	| 'bad-command' | 'command-ends' | 'permission-denied' | 'bad-health-check' | 'crash-loop'
	// resources
	| 'out-of-memory' | 'worker-out-of-memory' | 'memory-near-limit' | 'host-memory' | 'disk-full' | 'inodes-gone' | 'disk-read-only' | 'cpu-saturated' | 'cpu-throttled'
	| 'files-exhausted' | 'processes-exhausted' | 'clock-off'
	// network and proxy
	| 'proxy-config-invalid' | 'proxy-wrong-port' | 'proxy-wrong-address' | 'upstream-unresolved' | 'stale-upstream' | 'proxy-cannot-reach' | 'proxy-answers-itself' | 'proxy-connections' | 'proxy-timeout' | 'detached-from-network' | 'alias-missing'
	| 'port-unreachable' | 'packets-dropped' | 'certificate-bad' | 'not-listening'
	// dependencies
	| 'database-refuses' | 'database-new' | 'database-locked' | 'database-connections' | 'database-starting' | 'cache-full' | 'dependency-refuses'
	// hangs
	| 'service-hangs' | 'workers-stopped' | 'answers-500' | 'answers-unhealthy' | 'service-unhealthy' | 'service-slow'
	// deploy, engine, about to break, the rest
	| 'bad-deploy' | 'engine-down' | 'host-rebooted' | 'memory-leak' | 'disk-filling' | 'certificate-soon' | 'restarts-adding-up' | 'latency-drifting'
	| 'alert-blind' | 'backup-old'
	| 'nothing-wrong-here' | 'cannot-tell' | 'consequence' | 'custom';

/** Where the runbook has no numbered scenario for it. */
export type OutsideScenario = 'rollback' | 'dependency' | 'engine' | 'none';

export type Confidence = 'certain' | 'likely' | 'possible';

/** What would confirm a finding, or the next check when it cannot be told. */
export type ConfirmCode =
	| 'read-log' | 'select-1' | 'nginx-t' | 'curl-inside' | 'inspect-network' | 'kernel-log' | 'compare-env' | 'git-log' | 'df' | 'top' | 'redis-info' | 'postgres-activity' | 'who-holds-port'
	| 'alembic-current' | 'run-health-command' | 'prometheus-target' | 'dns' | 'firewall' | 'probe-path' | 'journal-docker' | 'openssl' | 'images' | 'connect-network'
	| 'backup-job' | 'end-session' | 'clock' | 'compare-volumes';

export type Finding = {
	readonly code: FindingCode;
	/** Of the runbook, 1 to 4; null where it has none, and `outside` says what it is then. */
	readonly scenario: number | null;
	readonly outside: OutsideScenario | null;
	readonly service: string | null;
	/** `outage`: this is why it is down. `warning`: not the outage, but not well. */
	readonly weight: 'outage' | 'warning';
	readonly confidence: Confidence;
	/** Fills the sentence: the variable, the port, the mount. */
	readonly params: Params;
	readonly evidence: readonly Evidence[];
	readonly against: readonly Evidence[];
	readonly confirm: readonly ConfirmCode[];
	/** Best first. Ids that this console has no action for are kept: they are not offered as keys. */
	readonly actions: readonly string[];
	/** The finding of which this one is a consequence. */
	readonly causedBy: {readonly code: FindingCode; readonly service: string | null} | null;
	/** Since when its condition holds, as far as a fact tells. */
	readonly sinceMs: number | null;
	/** The action that explains it: it runs, and this was to be expected. */
	readonly expectedBy: string | null;
};

export const evidence = (code: EvidenceCode, params: Params = {}, atMs: number | null = null, origin: Origin | null = null): Evidence => ({code, params, atMs, origin});

/** A finding with what a rule leaves out filled in. */
export const found = (code: FindingCode, parts: Partial<Finding> & Pick<Finding, 'evidence'>): Finding => ({
	code, scenario: null, outside: parts.scenario === undefined || parts.scenario === null ? 'none' : null, service: null, weight: 'outage', confidence: 'likely', params: {}, against: [], confirm: [],
	actions: [], causedBy: null, sinceMs: null, expectedBy: null, ...parts,
});

/** Says what is wrong. That nothing is wrong here helps whoever looks now, and is no diagnosis of an incident. */
export const isDiagnosis = ({code}: {readonly code: FindingCode}): boolean => code !== 'nothing-wrong-here';

/** Tells findings apart over time. */
export const keyOf = (finding: {readonly code: FindingCode; readonly service: string | null; readonly params?: Params}): string =>
	`${finding.code}/${finding.service ?? String(finding.params?.['mount'] ?? finding.params?.['name'] ?? '')}`;

// ─── deeper looks ────────────────────────────────────────────────────────────

/** A look deeper than the panes take: asked for by a rule, once, bounded, never a change. */
export type ProbeKind = 'processes' | 'proxy-config' | 'proxy-lookup' | 'inside' | 'cache-info' | 'database' | 'sessions' | 'port-holder' | 'image';

export type ProbeWant = {
	readonly kind: ProbeKind;
	/** Empty where there is no container to look at. */
	readonly containerId: string;
	/** Together with the container's start it is the key of the answer: a new start is a new question. */
	readonly startedAtMs: number;
	/** A name to look up, an address to ask; empty where the container says it all. */
	readonly target: string;
};

export type ProbeAnswer = {
	readonly atMs: number;
	readonly state: 'asked' | 'known' | 'failed';
	readonly facts: Params;
};

export const probeKey = (want: ProbeWant): string => `${want.kind} ${want.containerId} ${want.startedAtMs} ${want.target}`;
