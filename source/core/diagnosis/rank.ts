/**
Which finding comes first, and why: an outage before a warning, a cause before its consequences, the deeper dependency before what needs it, what
is proven before what is guessed. Also what speaks against the other scenarios: "why this, why not that".
*/

import type {Scene} from './scene.ts';
import {evidence, type Evidence, type Finding, type FindingCode} from './types.ts';

/** Findings that say what a service does, not what broke it: with a cause at hand they are its consequences. */
const soft: ReadonlySet<FindingCode> = new Set([
	'answers-500', 'answers-unhealthy', 'service-unhealthy', 'service-hangs', 'database-unreachable', 'cache-unreachable', 'proxy-cannot-reach', 'proxy-timeout', 'upstream-unresolved', 'not-listening',
	'crash-loop', 'cannot-tell', 'consequence', 'service-slow', 'dependency-refuses', 'database-starting', 'database-refuses', 'disk-full', 'disk-read-only', 'created-not-started', 'database-connections', 'service-missing', 'port-unreachable', 'bad-health-check',
]);

const causedBy = (finding: Finding): Finding['causedBy'] => ({code: finding.code, service: finding.service});

/** A database that will not open a session because its disk is full, an api that is unhealthy because the database is gone, a proxy's 502. */
const causeOf = (finding: Finding, all: readonly Finding[], scene: Scene): Finding | null => {
	if (finding.code === 'engine-down' || finding.weight === 'warning') {
		return null;
	}

	const outages = all.filter(other => other !== finding && other.weight === 'outage' && other.expectedBy === null);
	const disk = outages.find(other => (other.code === 'disk-full' || other.code === 'inodes-gone' || other.code === 'disk-read-only') && other.service === null);
	if (disk !== undefined && finding.service !== null && (soft.has(finding.code) || finding.evidence.some(item => /no space|read-only/i.test(String(item.params['line'] ?? item.params['text'] ?? item.params['detail'] ?? ''))))) {
		return disk;
	}

	// Tables that are missing in a database that was made anew are no migration.
	const renewed = outages.find(other => other.code === 'database-new');
	if (renewed !== undefined && finding.service !== null && finding.code === 'migration-pending' && scene.needs(finding.service).has(renewed.service ?? '')) {
		return renewed;
	}

	if (!soft.has(finding.code) || finding.service === null) {
		return null;
	}

	const needs = scene.needs(finding.service);
	const deeper = outages.filter(other => other.service !== null && needs.has(other.service));
	// The deepest: what it needs is no finding itself.
	const cause = deeper.find(other => !deeper.some(further => further !== other && further.service !== null && scene.needs(other.service!).has(further.service))) ?? null;
	return cause !== null && finding.code === 'service-missing' && cause.code !== 'created-not-started' && cause.code !== 'start-refused' && cause.code !== 'image-missing' ? null : cause;
};

const codeWeight: Readonly<Partial<Record<FindingCode, number>>> = {
	'engine-down': 400, 'disk-full': 200, 'inodes-gone': 200, 'disk-read-only': 190, 'custom': 30, 'nothing-wrong-here': -50, 'host-memory': 5, 'cannot-tell': -100, 'consequence': -200,
};

const confidenceWeight = {certain: 30, likely: 20, possible: 5} as const;

const scoreOf = (finding: Finding, scene: Scene): number => {
	const service = scene.service(finding.service);
	const alert = scene.settings.alert.service;
	const isNeeded = finding.service !== null && scene.needs(alert).has(finding.service);
	return (finding.weight === 'outage' ? 1000 : 0)
		+ (finding.causedBy === null ? 300 : 0)
		+ (finding.expectedBy === null ? 150 : 0)
		+ (codeWeight[finding.code] ?? 0)
		+ (isNeeded ? 80 : (finding.service === alert ? 70 : (service?.role === 'proxy' ? 60 : 0)))
		+ confidenceWeight[finding.confidence];
};

/** The findings in order, each consequence with its cause named. */
export const rank = (findings: readonly Finding[], scene: Scene): readonly Finding[] => {
	const decisive = scene.situation.pings.some(ping => ping.target.decisive);
	const weighed = findings.map((finding): Finding => scene.health === 'healthy' && decisive && finding.service !== null && finding.weight === 'outage' ? {...finding, weight: 'warning'} : finding);
	const linked = weighed.map((finding): Finding => {
		const cause = finding.causedBy === null ? causeOf(finding, weighed, scene) : null;
		return cause === null ? finding : {...finding, causedBy: causedBy(cause)};
	});
	return linked.toSorted((a, b) => scoreOf(b, scene) - scoreOf(a, scene));
};

/** What speaks against the other pages of the runbook; shown with the first finding. */
export const whyNot = (scene: Scene, finding: Finding): readonly Evidence[] => {
	const service = scene.service(scene.settings.alert.service);
	const main = service?.main ?? null;
	const rows: Evidence[] = [];
	if (finding.scenario !== 1 && main?.state === 'running') {
		rows.push(evidence(main.health === 'healthy' ? 'runs-healthy' : 'runs', {service: main.service, scenario: 1}, main.startedAtMs, {kind: 'container', id: main.id}));
	}

	const use = main === null ? undefined : scene.situation.use[main.id];
	if (finding.scenario !== 3) {
		const fullest = (scene.situation.host.disks.value?.disks ?? []).toSorted((a, b) => b.usedBytes / (b.usedBytes + b.availableBytes + 1) - a.usedBytes / (a.usedBytes + a.availableBytes + 1))[0];
		const share = fullest === undefined ? 0 : fullest.usedBytes / Math.max(1, fullest.usedBytes + fullest.availableBytes);
		if (use !== undefined && main?.memoryLimitBytes != null && use.reading.memoryBytes / main.memoryLimitBytes < 0.8) {
			rows.push(evidence('container-memory', {service: main.service, usedBytes: use.reading.memoryBytes, limitBytes: main.memoryLimitBytes, scenario: 3}, use.reading.atMs));
		} else if (fullest !== undefined && share < scene.settings.thresholds.disk.warn) {
			rows.push(evidence('disk-nearly-full', {mount: fullest.mount, share, availableBytes: fullest.availableBytes, fullInMs: 0, scenario: 3}, scene.situation.host.disks.atMs));
		}
	}

	const proxyGood = scene.byRole('proxy').flatMap(proxy => proxy.pings).find(ping => ping.last?.ok === true);
	if (finding.scenario !== 4 && (proxyGood !== undefined || service?.answers === false)) {
		const ping = proxyGood ?? service?.failing[0];
		if (ping?.last != null) {
			rows.push(evidence(ping.last.ok ? 'ping-good' : 'ping-fails', {name: ping.target.name, latencyMs: ping.last.latencyMs, reason: ping.last.reason ?? '', status: ping.last.status ?? 0, detail: '', scenario: 4}, ping.last.ok ? ping.last.atMs : ping.firstBadAtMs, {kind: 'ping', name: ping.target.name}));
		}
	}

	if (finding.outside !== 'rollback' && scene.situation.deploys.value !== null) {
		const commit = scene.changes.find(change => change.kind === 'commit');
		rows.push(commit === undefined ? evidence('no-change', {hours: 24, scenario: 0}) : evidence('changed-commit', {...commit.params, kind: 'commit', beforeMs: Math.max(0, (finding.sinceMs ?? scene.nowMs) - commit.atMs), scenario: 0}, commit.atMs, {kind: 'changes'}));
	}

	return rows;
};
