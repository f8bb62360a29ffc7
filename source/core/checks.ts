/**
The read-only checks of the runbook: what each is, what it needs, and what its answer means in codes. A check looks once, when asked, and never
changes anything; the words are in messages/checks.ts.
*/

import {isNearLimit} from './entering.ts';
import type {Listener, NetworkMember, ProcessDetail, SystemLogLine, VariablePresence} from './inspection.ts';
import type {ContainerFacts, Failure} from './ports.ts';
import type {Situation} from './situation.ts';
import type {Settings} from './settings.ts';
import type {SafeText} from './text.ts';

export const checkIds = ['who-listens', 'processes', 'system-log', 'environment', 'database', 'proxy-config', 'network', 'reach-api', 'health-script'] as const;
export type CheckId = typeof checkIds[number];
export type CheckCommand = `check-${CheckId}`;

/** A row of an answer. `tone` says what it means; `cells` are names and figures, already safe. */
export type CheckTone = 'plain' | 'good' | 'warn' | 'bad' | 'dim';
export type CheckMark = 'oom' | 'io-error';

export type CheckFacts =
	| {readonly kind: 'listeners'; readonly listeners: readonly Listener[]}
	| {readonly kind: 'processes'; readonly processes: readonly ProcessDetail[]}
	| {readonly kind: 'system-log'; readonly kernel: readonly SystemLogLine[]; readonly kernelFailure: Failure | null; readonly unit: readonly SafeText[]; readonly unitTrouble: 'no-systemd' | 'denied' | 'failed' | null}
	| {
		readonly kind: 'environment';
		readonly file: readonly VariablePresence[];
		readonly fileFailure: Failure | null;
		/** What the compose file needs and neither `.env` nor a default gives. */
		readonly missing: readonly string[];
		/** What containers have by these names and `.env` lacks: it came from somewhere else, and `up` would blank it. */
		readonly elsewhere: readonly {readonly service: string; readonly names: readonly string[]}[];
		readonly needsFailure: Failure | null;
	}
	| {readonly kind: 'network'; readonly name: string; readonly members: readonly NetworkMember[]}
	| {readonly kind: 'output'; readonly service: string; readonly exitCode: number | null; readonly lines: readonly SafeText[]; readonly durationMs: number; readonly timedOut: boolean};

/** Why a check was not asked at all. */
export type CheckBlock = 'no-container' | 'not-running' | 'paused' | 'near-limit' | 'no-project' | 'no-directory' | 'changes-something' | 'two-run';

export type CheckState = {
	readonly state: 'running' | 'answered' | 'failed' | 'blocked';
	readonly askedAtMs: number;
	readonly answeredAtMs: number | null;
	readonly facts: CheckFacts | null;
	readonly failure: Failure | null;
	readonly block: {readonly code: CheckBlock; readonly service: string; readonly words: string} | null;
};

export type Checks = Readonly<Partial<Record<CheckId, CheckState>>>;

/** What an answer says, for the head of the view. */
export type CheckReading = {readonly tone: 'good' | 'warn' | 'bad' | 'unknown'; readonly code: CheckReadingCode; readonly params: Readonly<Record<string, string | number>>};

export type CheckReadingCode =
	| 'port-ours' | 'port-stranger' | 'port-nobody' | 'port-only-local' | 'port-hidden' | 'port-none'
	| 'workers' | 'master-only' | 'no-processes'
	| 'log-quiet' | 'log-oom' | 'log-io' | 'log-denied'
	| 'environment-complete' | 'environment-missing' | 'environment-elsewhere' | 'environment-unreadable'
	| 'database-accepts' | 'database-refuses' | 'tool-missing' | 'tool-broke'
	| 'proxy-good' | 'proxy-bad' | 'proxy-needs-api'
	| 'network-whole' | 'network-lacks'
	| 'api-reached' | 'api-not-reached'
	| 'script-good' | 'script-bad' | 'timed-out';

const ownContainers = (situation: Situation, service: string): readonly ContainerFacts[] =>
	(situation.containers.value ?? []).filter(container => container.service === service && !container.oneOff);

/** The service behind which the api stands: named nginx, or made of its image. */
export const proxyService = (situation: Situation): string | null => {
	const containers = (situation.containers.value ?? []).filter(container => !container.oneOff);
	return containers.find(({service}) => service === 'nginx')?.service ?? containers.find(({image}) => /(?:^|\/)nginx(?:[:@-]|$)/.test(image))?.service ?? null;
};

export const databaseService = (situation: Situation): string | null => situation.pings.find(({target}) => target.kind === 'postgres')?.target.service ?? null;

/** The container into which a check goes, if it goes into one. */
export const checkTarget = (id: CheckId, situation: Situation): string | null => {
	switch (id) {
		case 'database': {
			return databaseService(situation) ?? 'db';
		}

		case 'proxy-config':
		case 'reach-api': {
			return proxyService(situation) ?? 'nginx';
		}

		default: {
			return null;
		}
	}
};

/** May this check be asked now? */
export const blockOf = (id: CheckId, situation: Situation): NonNullable<CheckState['block']> | null => {
	const blocked = (code: CheckBlock, service = ''): NonNullable<CheckState['block']> => ({code, service, words: ''});
	const service = checkTarget(id, situation);
	if (service === null) {
		return situation.project.facts === null && id !== 'system-log' && id !== 'who-listens' ? blocked('no-project') : null;
	}

	const containers = ownContainers(situation, service);
	const running = containers.find(({state}) => state === 'running');
	if (running === undefined) {
		return blocked(containers.length === 0 ? 'no-container' : (containers.some(({state}) => state === 'paused') ? 'paused' : 'not-running'), service);
	}

	return isNearLimit(running, situation) ? blocked('near-limit', service) : null;
};

const kernelOom = /\b(?:Out of memory|oom-kill|Killed process|invoked oom-killer|Memory cgroup out of memory)\b/i;
const inputOutput = /\b(?:I\/O error|EXT4-fs error|XFS.*(?:error|shutdown)|blk_update_request|Buffer I\/O|critical (?:medium|target) error|Remounting filesystem read-only|No space left|nvme.*timeout|ata\d+.*(?:failed|error))\b/i;

/** What of a line of the system log is worth a mark. */
export const markOf = (text: string): CheckMark | null => kernelOom.test(text) ? 'oom' : (inputOutput.test(text) ? 'io-error' : null);

/** The newest of a log's lines, and before them those that are marked: a busy bridge writes a kill out of any number of newest lines. */
export const keptLines = <Entry extends {readonly text: string}>(lines: readonly Entry[], count: number): readonly Entry[] =>
	lines.filter((line, index) => index >= lines.length - count || markOf(line.text) !== null).slice(-2 * count);

/** What an answer means, in a code and its parameters. */
export const readingOf = (id: CheckId, facts: CheckFacts, situation: Situation, settings: Settings): CheckReading => {
	const says = (tone: CheckReading['tone'], code: CheckReadingCode, params: CheckReading['params'] = {}): CheckReading => ({tone, code, params});
	switch (facts.kind) {
		case 'listeners': {
			return portReading(facts.listeners, situation, settings, says);
		}

		case 'processes': {
			const own = ownContainers(situation, settings.alert.service).map(container => container.id);
			const processes = facts.processes.filter(process => process.containerId !== null && own.includes(process.containerId));
			const workers = processes.filter(process => processes.some(other => other.pid === process.parentPid));
			const service = settings.alert.service;
			return processes.length === 0 ? says('bad', 'no-processes', {service}) : (workers.length === 0 ? says('warn', 'master-only', {service, count: processes.length}) : says('good', 'workers', {service, count: workers.length}));
		}

		case 'system-log': {
			const marks = [...facts.kernel.map(({text}) => markOf(text)), ...facts.unit.map(text => markOf(text))];
			const io = marks.filter(mark => mark === 'io-error').length;
			const oom = marks.filter(mark => mark === 'oom').length;
			return io > 0 ? says('bad', 'log-io', {count: io}) : (oom > 0 ? says('bad', 'log-oom', {count: oom}) : (facts.kernelFailure === null ? says('good', 'log-quiet') : says('unknown', 'log-denied')));
		}

		case 'environment': {
			if (facts.missing.length > 0) {
				return says('bad', 'environment-missing', {names: facts.missing.join(', ')});
			}

			const elsewhere = facts.elsewhere.flatMap(({names}) => names);
			return elsewhere.length > 0
				? says('warn', 'environment-elsewhere', {names: [...new Set(elsewhere)].join(', ')})
				: (facts.fileFailure === null && facts.needsFailure === null ? says('good', 'environment-complete', {count: facts.file.length}) : says('unknown', 'environment-unreadable'));
		}

		case 'network': {
			const expected = (situation.containers.value ?? []).filter(container => !container.oneOff && container.networks.some(({name}) => name === facts.name));
			const lacking = [...new Set(expected.filter(container => !facts.members.some(member => member.name === container.name)).map(({service}) => service))];
			return lacking.length === 0 ? says('good', 'network-whole', {count: facts.members.length}) : says('bad', 'network-lacks', {services: lacking.join(', ')});
		}

		case 'output': {
			return outputReading(id, facts, situation, settings, says);
		}
	}
};

type Says = (tone: CheckReading['tone'], code: CheckReadingCode, params?: CheckReading['params']) => CheckReading;

/** The port of the alert's service on this host: the published one, else where its ping goes. */
export const publishedPort = (situation: Situation, settings: Settings): number | null => {
	const {service} = settings.alert;
	const published = ownContainers(situation, service).flatMap(container => container.ports.map(port => port.hostPort)).find(port => port !== null);
	const address = situation.pings.find(({target}) => target.service === service)?.target.address ?? '';
	const written = Number(/:(\d+)/.exec(address.replace(/^\w+:\/\//, ''))?.[1]);
	return published ?? (Number.isInteger(written) ? written : null);
};

const portReading = (listeners: readonly Listener[], situation: Situation, settings: Settings, says: Says): CheckReading => {
	const {service} = settings.alert;
	const port = publishedPort(situation, settings);
	if (port === null) {
		return says('unknown', 'port-none', {service});
	}

	const onHost = listeners.find(listener => listener.service === null && listener.port === port);
	const containers = ownContainers(situation, service);
	const inside = listeners.filter(listener => listener.service === service);
	const innerPort = containers.flatMap(({ports}) => ports).find(({hostPort}) => hostPort === port)?.containerPort;
	const inner = inside.find(listener => listener.port === innerPort);
	if (onHost === undefined) {
		return says('bad', 'port-nobody', {port, service});
	}

	if (onHost.owner === null) {
		return says('unknown', 'port-hidden', {port});
	}

	const isDocker = /^docker-proxy|^rootlesskit|^dockerd|^slirp4netns/.test(onHost.owner.name);
	const isOwn = containers.some(container => container.id === onHost.owner?.containerId);
	if (!isDocker && !isOwn) {
		return says('bad', 'port-stranger', {port, name: onHost.owner.name, pid: onHost.owner.pid});
	}

	if (inner !== undefined && /^127\.|^::1$/.test(inner.address)) {
		return says('bad', 'port-only-local', {port: inner.port, service});
	}

	return containers.some(({state}) => state === 'running') && inside.length > 0 && innerPort !== undefined && inner === undefined
		? says('bad', 'port-nobody', {port: innerPort, service})
		: says('good', 'port-ours', {port, service});
};

const outputReading = (id: CheckId, facts: Extract<CheckFacts, {kind: 'output'}>, situation: Situation, settings: Settings, says: Says): CheckReading => {
	const {exitCode, service} = facts;
	if (facts.timedOut) {
		return says('bad', 'timed-out', {seconds: Math.round(facts.durationMs / 1000)});
	}

	if (exitCode !== null && exitCode > 128) {
		return says('unknown', 'tool-broke', {code: exitCode});
	}

	if (exitCode === 126 || exitCode === 127) {
		return says('unknown', 'tool-missing', {service});
	}

	const ok = exitCode === 0;
	switch (id) {
		case 'database': {
			return says(ok ? 'good' : 'bad', ok ? 'database-accepts' : 'database-refuses', {service});
		}

		case 'proxy-config': {
			// With the api absent nginx cannot resolve its name, and a perfectly good configuration fails its test.
			const isApiGone = !ownContainers(situation, settings.alert.service).some(({state}) => state === 'running');
			return ok ? says('good', 'proxy-good', {service}) : (isApiGone && facts.lines.some(line => line.includes('host not found in upstream')) ? says('warn', 'proxy-needs-api', {service, api: settings.alert.service}) : says('bad', 'proxy-bad', {service}));
		}

		case 'reach-api': {
			return says(ok ? 'good' : 'bad', ok ? 'api-reached' : 'api-not-reached', {service, api: settings.alert.service});
		}

		default: {
			return says(ok ? 'good' : 'bad', ok ? 'script-good' : 'script-bad', {code: exitCode ?? -1});
		}
	}
};

const commandPatterns: readonly (readonly [RegExp, CheckId])[] = [
	[/^(?:sudo\s+(?:-n\s+)?)?(?:netstat|ss|lsof)\b(?=.*(?:-\w*[lti]|:\d+))/, 'who-listens'],
	[/^(?:ps\b.*\|\s*grep\s+\S*(?:gunicorn|uwsgi|python|node|uvicorn)|pgrep\b)|^docker(?:-compose|\s+compose)?\s+top\b/, 'processes'],
	[/^(?:sudo\s+(?:-n\s+)?)?(?:dmesg\b|journalctl\b(?=.*(?:docker|-k\b|--dmesg))|systemctl\s+status\s+docker)/, 'system-log'],
	[/^(?:cat|grep|less|head|tail)\b.*\.env\b/, 'environment'],
	[/\bpsql\b.*\bselect\s+1\b|\bpg_isready\b/i, 'database'],
	[/\bnginx\s+-[tT]\b/, 'proxy-config'],
	[/^docker\s+network\s+(?:inspect|ls)\b/, 'network'],
	[/^docker(?:-compose|\s+compose)?\s+exec\b.*\bnginx\b.*\b(?:curl|wget)\b/, 'reach-api'],
	[/^(?:bash\s+|sh\s+)?\S*health[-_]?check\.sh\b/, 'health-script'],
];

/** The check that answers what a command line of a runbook asks; null when none does. Nothing that does more than read is taken for one: the caller classes it. */
export const checkFor = (commandLine: string): CheckId | null => {
	const line = commandLine.trim().replace(/^\$\s+/, '').replaceAll(/\s+/g, ' ');
	// More than one command is no question that a single check answers.
	return /[;&`\n]|\$\(|>\s*[^&\s/]/.test(line.replaceAll(/"[^"]*"|'[^']*'/g, '""')) ? null : commandPatterns.find(([pattern]) => pattern.test(line))?.[1] ?? null;
};

const harmless = /^(?:LANG|LC_\w+|TZ|PORT|HOST|FLASK_ENV|FLASK_DEBUG|FLASK_APP|NODE_ENV|RAILS_ENV|APP_ENV|ENV|ENVIRONMENT|DEBUG|LOG_LEVEL|LOGLEVEL|WORKERS|WEB_CONCURRENCY|THREADS|TIMEOUT|GUNICORN_\w*(?:WORKERS|THREADS|TIMEOUT)|POSTGRES_DB|POSTGRES_HOST|POSTGRES_PORT|DB_HOST|DB_PORT|DB_NAME|REDIS_HOST|REDIS_PORT|PYTHONUNBUFFERED|COMPOSE_PROJECT_NAME)$/;

/** What of a variable may be shown: its name and length, the value only of a known-harmless few that hold one plain word. */
export const presenceOf = ({name, value}: {readonly name: string; readonly value: string}): VariablePresence =>
	({name, length: value.length, value: harmless.test(name) && /^[\w./:+-]{0,40}$/.test(value) ? value : null});
