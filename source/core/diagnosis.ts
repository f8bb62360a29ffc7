/**
From the situation to findings: which scenario of the runbook this is, the service at fault, the evidence with its age and the actions,
best first. Pure; a finding speaks in codes, `messages` has the words. A consequence is not told as a cause: nginx's 502 is no finding of
its own while the api behind it is down.
*/

import type {ActionId} from './actions.ts';
import type {ContainerFacts, DiskReading} from './ports.ts';
import {fullInMs, healthOf, isAsExpected, servicesOf, type PingSituation, type ServiceSituation, type Situation} from './situation.ts';
import type {Settings} from './settings.ts';

export type EvidenceCode =
	| 'engine-does-not-answer' | 'no-container' | 'exited' | 'killed' | 'oom-killed' | 'paused' | 'created-not-started' | 'dead' | 'start-refused'
	| 'restarted-often' | 'unhealthy' | 'ping-fails' | 'ping-good' | 'disk-nearly-full' | 'inodes-nearly-gone' | 'memory-nearly-full'
	| 'container-memory-near-limit' | 'sessions-refused';

export type Evidence = {
	readonly code: EvidenceCode;
	readonly params: Readonly<Record<string, string | number>>;
	/** When it was true; null where it holds now. */
	readonly atMs: number | null;
};

export type FindingCode =
	| 'engine-down' | 'service-missing' | 'service-stopped' | 'service-paused' | 'start-refused' | 'crash-loop' | 'out-of-memory' | 'disk-full' | 'host-memory'
	| 'proxy-cannot-reach' | 'service-unhealthy' | 'ping-fails' | 'database-refuses';

export type Finding = {
	readonly code: FindingCode;
	/** Of the runbook, 1 to 4; null where it has none. */
	readonly scenario: number | null;
	readonly service: string | null;
	/** `outage`: this is why it is down. `warning`: not the outage, but not well. */
	readonly weight: 'outage' | 'warning';
	readonly evidence: readonly Evidence[];
	readonly actions: readonly ActionId[];
};

const evidence = (code: EvidenceCode, params: Evidence['params'] = {}, atMs: number | null = null): Evidence => ({code, params, atMs});

/** The findings, most likely cause first. */
export const diagnose = (situation: Situation, settings: Settings, nowMs: number): readonly Finding[] => {
	if (situation.engine.state === 'down') {
		return [{code: 'engine-down', scenario: null, service: null, weight: 'outage', evidence: [evidence('engine-does-not-answer', {}, situation.engine.sinceMs)], actions: []}, ...resources(situation, settings)];
	}

	const services = servicesOf(situation).filter(service => !isAsExpected(service, settings));
	const found = services.flatMap(service => ofService(service, situation, settings, nowMs));
	const proxy = found.some(finding => finding.service === settings.alert.service && finding.weight === 'outage') ? [] : ofProxy(situation, settings);
	const explained = new Set([...found, ...proxy].map(finding => finding.service));
	const bare = situation.pings.filter(ping => isFailing(ping) && !explained.has(ping.target.service) && !isConsequence(ping, found)).map(ping => pingFinding(ping, settings));
	return rank([...found, ...proxy, ...bare, ...resources(situation, settings)], situation, settings);
};

const isFailing = (ping: PingSituation): boolean => ping.last !== null && !ping.last.ok && ping.streak >= 2;

/** A proxy's failing ping follows from a service behind it that is down. */
const isConsequence = (ping: PingSituation, found: readonly Finding[]): boolean =>
	(ping.last?.reason === 'status' || ping.last?.reason === 'timed-out') && found.some(finding => finding.weight === 'outage' && finding.service !== ping.target.service);

const actionsFor = (service: string | null, verb: 'start' | 'restart'): readonly ActionId[] => {
	if (service === 'api') {
		return verb === 'start' ? ['start-api', 'restart-api'] : ['restart-api', 'start-api'];
	}

	return service === 'nginx' ? ['restart-nginx'] : [];
};

const recentMs = 15 * 60_000;

const ofService = (service: ServiceSituation, situation: Situation, settings: Settings, nowMs: number): readonly Finding[] => {
	const pings = situation.pings.filter(ping => ping.target.service === service.name);
	const failing = pings.filter(ping => isFailing(ping)).map(ping => pingEvidence(ping));
	if (service.missing) {
		return situation.containers.value === null
			? []
			: [{code: 'service-missing', scenario: 1, service: service.name, weight: 'outage', evidence: [evidence('no-container', {service: service.name}), ...failing], actions: actionsFor(service.name, 'start')}];
	}

	const weight = failing.length > 0 || pings.length === 0 ? 'outage' : 'warning';
	const findings = service.containers.flatMap(container => ofContainer(container, situation, settings, nowMs)).map(finding => ({...finding, evidence: [...finding.evidence, ...failing]}));
	const isPartlyUp = service.containers.some(container => container.state === 'running' && container.health !== 'unhealthy');
	return findings.slice(0, 1).map(finding => ({...finding, weight: isPartlyUp && failing.length === 0 ? 'warning' : finding.weight === 'warning' ? 'warning' : weight}));
};

const ofContainer = (container: ContainerFacts, situation: Situation, settings: Settings, nowMs: number): readonly Finding[] => {
	const {service, state, exitCode, finishedAtMs, restarts} = container;
	const base = {service, weight: 'outage' as const};
	const deaths = situation.deaths.filter(death => death.service === service && death.atMs > nowMs - recentMs);
	const limit = container.memoryLimitBytes;
	const oomKills = situation.use[container.id]?.reading.oomKills ?? 0;
	if ((container.oomKilled && state !== 'running') || (oomKills > 0 && deaths.length >= 2)) {
		return [{...base, code: 'out-of-memory', scenario: 3, evidence: [evidence('oom-killed', {service, exitCode, restarts, limitBytes: limit ?? 0}, finishedAtMs)], actions: actionsFor(service, 'restart')}];
	}

	if (state === 'restarting' || (restarts > 0 && deaths.length >= 2)) {
		return [{...base, code: 'crash-loop', scenario: 2, evidence: [evidence('restarted-often', {service, restarts, exitCode}, finishedAtMs)], actions: actionsFor(service, 'start')}];
	}

	if (container.error !== '' && state !== 'running') {
		return [{...base, code: 'start-refused', scenario: 1, evidence: [evidence('start-refused', {service, detail: container.error}, finishedAtMs)], actions: actionsFor(service, 'start')}];
	}

	if (state === 'paused') {
		return [{...base, code: 'service-paused', scenario: 1, evidence: [evidence('paused', {service})], actions: actionsFor(service, 'restart')}];
	}

	if (state === 'exited' || state === 'created' || state === 'dead' || state === 'removing') {
		const code = state === 'exited' ? (exitCode === 137 ? 'killed' : 'exited') : (state === 'created' ? 'created-not-started' : 'dead');
		const isCrash = state === 'exited' && exitCode !== 0 && exitCode !== 143 && exitCode !== 137;
		return [{...base, code: isCrash ? 'crash-loop' : 'service-stopped', scenario: isCrash ? 2 : 1, evidence: [evidence(code, {service, exitCode}, finishedAtMs)], actions: actionsFor(service, 'start')}];
	}

	const use = situation.use[container.id];
	if (container.health === 'unhealthy') {
		return [{...base, code: 'service-unhealthy', scenario: null, evidence: [evidence('unhealthy', {service, detail: container.healthOutput.slice(0, 200), streak: container.healthFailingStreak}, container.healthAtMs)], actions: actionsFor(service, 'restart')}];
	}

	if (use !== undefined && limit !== null && use.reading.memoryBytes / limit >= settings.thresholds.memory.critical) {
		return [{...base, code: 'out-of-memory', weight: 'warning', scenario: 3, evidence: [evidence('container-memory-near-limit', {service, usedBytes: use.reading.memoryBytes, limitBytes: limit}, use.reading.atMs)], actions: actionsFor(service, 'restart')}];
	}

	return [];
};

const pingEvidence = (ping: PingSituation): Evidence =>
	evidence('ping-fails', {name: ping.target.name, reason: ping.last?.reason ?? 'failed', status: ping.last?.status ?? 0, detail: ping.last?.detail ?? ''}, ping.firstBadAtMs);

/** Scenario 4: the proxy fails while the service behind it answers by itself. */
const ofProxy = (situation: Situation, settings: Settings): readonly Finding[] => {
	const behind = situation.pings.filter(ping => ping.target.service === settings.alert.service && ping.target.decisive);
	const isBehindGood = behind.length > 0 && behind.every(ping => ping.last?.ok === true);
	return situation.pings
		.filter(ping => isFailing(ping) && ping.target.decisive && ping.target.service !== null && ping.target.service !== settings.alert.service && isBehindGood)
		.map(ping => ({
			code: 'proxy-cannot-reach',
			scenario: 4,
			service: ping.target.service,
			weight: 'outage',
			evidence: [pingEvidence(ping), ...behind.map(good => evidence('ping-good', {name: good.target.name, latencyMs: good.last?.latencyMs ?? 0}, good.last?.atMs ?? null))],
			actions: actionsFor(ping.target.service, 'restart'),
		}));
};

/** A ping that nothing else explains. Of a service that has no container nobody may say that it runs. */
const pingFinding = (ping: PingSituation, settings: Settings): Finding => ping.last?.reason === 'not-running' && ping.target.service !== null ? {
	code: 'service-missing',
	scenario: 1,
	service: ping.target.service,
	weight: ping.target.decisive ? 'outage' : 'warning',
	evidence: [evidence('no-container', {service: ping.target.service}), pingEvidence(ping)],
	actions: actionsFor(ping.target.service, 'start'),
} : ({
	code: 'ping-fails',
	scenario: null,
	service: ping.target.service,
	weight: ping.target.decisive ? 'outage' : 'warning',
	evidence: [pingEvidence(ping)],
	actions: ping.target.service === settings.alert.service ? actionsFor(ping.target.service, 'restart') : [],
});

const resources = (situation: Situation, settings: Settings): readonly Finding[] => {
	const {host, database} = situation;
	const findings: Finding[] = [];
	for (const disk of host.disks.value?.disks ?? []) {
		findings.push(...ofDisk(disk, situation, settings));
	}

	const reading = host.reading.value;
	const memoryShare = reading === null || reading.memoryTotalBytes === 0 ? 0 : 1 - (reading.memoryAvailableBytes / reading.memoryTotalBytes);
	if (memoryShare >= settings.thresholds.memory.critical) {
		findings.push({code: 'host-memory', scenario: 3, service: null, weight: 'warning', evidence: [evidence('memory-nearly-full', {share: memoryShare}, host.reading.atMs)], actions: []});
	}

	if (database.value?.accepts === false) {
		findings.push({code: 'database-refuses', scenario: 2, service: 'db', weight: 'outage', evidence: [evidence('sessions-refused', {detail: database.value.detail}, database.atMs)], actions: []});
	}

	return findings;
};

const ofDisk = (disk: DiskReading, situation: Situation, settings: Settings): readonly Finding[] => {
	if (disk.readOnly || disk.totalBytes === 0) {
		return [];
	}

	const share = disk.usedBytes / Math.max(1, disk.usedBytes + disk.availableBytes);
	const inodeShare = disk.inodes === 0 ? 0 : 1 - (disk.inodesFree / disk.inodes);
	const {critical} = settings.thresholds.disk;
	if (share < critical && inodeShare < critical) {
		return [];
	}

	const isInodes = share < critical;
	const fullAfterMs = fullInMs(disk, situation.host.diskHistory[disk.mount] ?? []);
	return [{
		code: 'disk-full',
		scenario: 3,
		service: null,
		weight: share >= 0.995 || inodeShare >= 0.995 ? 'outage' : 'warning',
		evidence: [evidence(isInodes ? 'inodes-nearly-gone' : 'disk-nearly-full', {mount: disk.mount, share: isInodes ? inodeShare : share, availableBytes: disk.availableBytes, fullInMs: fullAfterMs ?? 0}, situation.host.disks.atMs)],
		actions: [],
	}];
};

/** Outages before warnings; a dependency that is down before what depends on it; the alerting service before others. */
const rank = (findings: readonly Finding[], situation: Situation, settings: Settings): readonly Finding[] => {
	const isHealthy = healthOf(situation) === 'healthy';
	const declared = situation.project.composeFile.value?.services ?? [];
	const dependencies = new Set(declared.find(service => service.name === settings.alert.service)?.dependsOn ?? ['db', 'redis']);
	const score = (finding: Finding): number =>
		(finding.weight === 'outage' && !isHealthy ? 100 : 0)
		+ (finding.code === 'engine-down' ? 50 : 0)
		+ (finding.service !== null && dependencies.has(finding.service) ? 20 : 0)
		+ (finding.code === 'disk-full' ? 15 : 0)
		+ (finding.service === settings.alert.service ? 10 : 0);
	return findings
		.map(finding => isHealthy && finding.weight === 'outage' && finding.service !== null && situation.pings.some(ping => ping.target.decisive) ? {...finding, weight: 'warning' as const} : finding)
		.toSorted((a, b) => score(b) - score(a));
};
