/**
Resources: memory of a container and of the host, disks, CPU, file descriptors, processes, the clock. What is only on its way there is a
warning, never dressed up as the outage.
*/

import type {ContainerFacts, DiskReading} from '../ports.ts';
import {fullInMs} from '../situation.ts';
import {restartOf} from './actions-for.ts';
import {crashesOf} from './start.ts';
import {pingEvidence, type Scene, type Service} from './scene.ts';
import {isByHand} from './stopped.ts';
import {evidence, found, type Evidence, type Finding} from './types.ts';

const lately = 10 * 60_000;
const page3 = {scenario: 3, outside: null} as const;

/** Killed by the kernel at its limit: its first process (the container dies) or one of its workers (it lives on, and fails). */
export const outOfMemory = (scene: Scene, service: Service): Finding | null => {
	const {main} = service;
	if (main === null) {
		return null;
	}

	const origin = {kind: 'container', id: main.id} as const;
	const kills = scene.oomKillsOf(main).filter(kill => scene.nowMs - kill.atMs < lately && kill.atMs >= (main.createdAtMs ?? 0));
	const lastDeath = scene.situation.deaths.findLast(death => death.id === main.id);
	// The engine marks a container for its whole life once anything in it was killed: one that ended by itself or was asked to did not die of that.
	const diedOfIt = (main.oomKilled && !(main.state === 'exited' && isByHand(main.exitCode)) && (main.state !== 'running' || (crashesOf(scene, service).length > 0 && !service.answers)))
		|| (lastDeath !== undefined && lastDeath.exitCode === 137 && scene.nowMs - lastDeath.atMs < lately && kills.some(kill => Math.abs(kill.atMs - lastDeath.atMs) < 5000) && !service.answers);
	const clue = scene.clue(service, 'out-of-memory');
	const failing = service.failing.slice(0, 1).map(ping => pingEvidence(ping));
	if (diedOfIt || (main.state !== 'running' && main.exitCode !== 0 && clue !== null)) {
		return found('out-of-memory', {
			...page3, service: service.name, confidence: main.oomKilled || kills.length > 0 ? 'certain' : 'likely', sinceMs: kills[0]?.atMs ?? main.finishedAtMs,
			evidence: [evidence('oom-killed', {service: service.name, exitCode: main.exitCode, restarts: main.restarts, limitBytes: main.memoryLimitBytes ?? 0}, kills.at(-1)?.atMs ?? main.finishedAtMs, origin), ...(clue === null ? [] : [clue.evidence]), ...memoryEvidence(scene, main), ...failing],
			actions: [...restartOf(service), `start-${service.name}`], confirm: ['kernel-log'], params: {limitBytes: main.memoryLimitBytes ?? 0},
		});
	}

	return workerKilled(scene, service, main, kills);
};

const workerKilled = (scene: Scene, service: Service, main: ContainerFacts, kills: readonly {readonly atMs: number; readonly process: string}[]): Finding | null => {
	const clue = scene.clue(service, 'worker-killed');
	const counted = scene.situation.use[main.id]?.reading.oomKills ?? 0;
	if (main.state !== 'running' || (kills.length === 0 && (clue === null || counted === 0))) {
		return null;
	}

	// Of this life: what killed the one before is over.
	const last = kills.findLast(kill => kill.atMs >= (main.startedAtMs ?? 0));
	const isNow = (last !== undefined && scene.nowMs - last.atMs < 5 * 60_000) || (clue?.atMs != null && scene.nowMs - clue.atMs < 5 * 60_000);
	return !isNow ? null : found('worker-out-of-memory', {
		...page3, service: service.name, weight: service.failing.length > 0 ? 'outage' : 'warning', confidence: 'certain', sinceMs: kills[0]?.atMs ?? clue?.atMs ?? null,
		evidence: [
			evidence('worker-oom', {service: service.name, process: last?.process ?? '', count: Math.max(kills.length, counted)}, last?.atMs ?? clue?.atMs ?? null, {kind: 'container', id: main.id}),
			...(clue === null ? [] : [clue.evidence]), ...memoryEvidence(scene, main), ...service.failing.slice(0, 1).map(ping => pingEvidence(ping)),
		],
		actions: restartOf(service), confirm: ['kernel-log'],
	});
};

const memoryEvidence = (scene: Scene, container: ContainerFacts): readonly Evidence[] => {
	const use = scene.situation.use[container.id];
	return use === undefined || container.memoryLimitBytes === null || container.state !== 'running' ? [] : [evidence('container-memory', {service: container.service, usedBytes: use.reading.memoryBytes, limitBytes: container.memoryLimitBytes}, use.reading.atMs, {kind: 'container', id: container.id})];
};

/** The count where it reaches the limit. One below a small limit is where many stay for good: it counts only when the next one was refused. */
const processesEvidence = (scene: Scene, {id, service, state, pidsLimit}: ContainerFacts, isRefused: boolean): readonly Evidence[] => {
	const reading = scene.situation.use[id]?.reading;
	if (state !== 'running' || pidsLimit === null || pidsLimit <= 0 || reading === undefined || reading.processes === null) {
		return [];
	}

	const isReached = reading.processes >= pidsLimit * 0.98 || (isRefused && reading.processes >= pidsLimit - 1);
	return isReached ? [evidence('processes-limit', {service, count: reading.processes, limit: pidsLimit}, reading.atMs, {kind: 'container', id})] : [];
};

/** Limits of a running container that are reached, or nearly: memory, processes, CPU. Warnings unless its pings fail. */
export const limits = (scene: Scene, service: Service): readonly Finding[] => {
	const {main} = service;
	const use = main === null || main.state !== 'running' ? undefined : scene.situation.use[main.id];
	const exhausted = service.failing.length > 0 && main?.state === 'running' ? scene.clue(service, 'too-many-files', 'too-many-processes') : null;
	const isRefused = exhausted?.kind === 'too-many-processes';
	const ofCount = main === null ? [] : processesEvidence(scene, main, isRefused);
	const ofLog = exhausted === null ? [] : [found(exhausted.kind === 'too-many-files' ? 'files-exhausted' : 'processes-exhausted', {...page3, service: service.name, confidence: 'certain', actions: restartOf(service), evidence: [exhausted.evidence, ...(isRefused ? ofCount : []), ...service.failing.slice(0, 1).map(ping => pingEvidence(ping))]})];
	if (main === null || use === undefined) {
		return ofLog;
	}

	const origin = {kind: 'container', id: main.id} as const;
	const base = {...page3, service: service.name, weight: service.failing.length > 0 ? 'outage' as const : 'warning' as const, actions: restartOf(service)};
	const findings: Finding[] = [...ofLog];
	const limit = main.memoryLimitBytes;
	if (limit !== null && use.reading.memoryBytes / limit >= scene.settings.thresholds.memory.critical) {
		findings.push(found('memory-near-limit', {...base, weight: 'warning', evidence: memoryEvidence(scene, main)}));
	}

	// Whose log says so has its finding already.
	if (!isRefused && ofCount.length > 0) {
		findings.push(found('processes-exhausted', {...base, confidence: 'certain', evidence: ofCount}));
	}

	if (use.throttledShare !== null && use.throttledShare > 0.6 && (service.pings.some(ping => isSlow(ping.last, scene)) || (main.health === 'unhealthy' && isOverdue(main)))) {
		findings.push(found('cpu-throttled', {...base, evidence: [evidence('cpu-throttled', {service: service.name, share: use.throttledShare, cores: main.cpuLimitCores ?? 0}, use.reading.atMs, origin), ...service.failing.slice(0, 1).map(ping => pingEvidence(ping))], actions: ['scale-api', ...restartOf(service)]}));
	}

	return findings;
};

/** The engine's health check did not end in time: whoever it asked may just be slow. */
export const isOverdue = ({healthOutput}: ContainerFacts): boolean => /exceeded timeout|timed? ?out/i.test(healthOutput);

const isSlow = (answer: {readonly ok: boolean; readonly latencyMs: number; readonly reason: string | null} | null, scene: Scene): boolean =>
	answer !== null && (answer.reason === 'timed-out' || answer.latencyMs > scene.settings.thresholds.pingSlowMs);

/** Disks: full, without inodes, read-only, or on their way. A disk that holds nothing of the project's is only worth a warning. */
export const disks = (scene: Scene): readonly Finding[] => (scene.situation.host.disks.value?.disks ?? []).flatMap(disk => ofDisk(disk, scene));

const sharesOf = (disk: DiskReading): {readonly used: number; readonly inodes: number} => ({
	used: disk.usedBytes / Math.max(1, disk.usedBytes + disk.availableBytes),
	inodes: disk.inodes === 0 ? 0 : 1 - (disk.inodesFree / disk.inodes),
});

/** The mount on which a path lies: the longest with which it begins. */
const mountOf = (path: string, scene: Scene): string => (scene.situation.host.disks.value?.disks ?? []).map(({mount}) => mount)
	.filter(mount => path === mount || path.startsWith(mount === '/' ? '/' : `${mount}/`)).toSorted((a, b) => b.length - a.length)[0] ?? '';

/** The services whose data lies on a disk. */
export const servicesOn = (disk: DiskReading, scene: Scene): readonly string[] =>
	[...new Set(scene.services.flatMap(service => service.containers.some(container => container.mounts.some(({source, writable}) => writable && mountOf(source, scene) === disk.mount)) ? [service.name] : []))];

/** Images, containers and their logs lie on it. */
const isOfEngine = (disk: DiskReading, scene: Scene): boolean => {
	const root = scene.situation.engine.facts?.rootDirectory ?? '';
	return root !== '' && mountOf(root, scene) === disk.mount;
};

const fullShare = 0.985;

const ofDisk = (disk: DiskReading, scene: Scene): readonly Finding[] => {
	const readAtMs = scene.situation.host.disks.atMs;
	if (disk.totalBytes === 0) {
		return [];
	}

	const holders = servicesOn(disk, scene);
	const holds = holders.length === 0 ? [] : [evidence('disk-holds', {mount: disk.mount, services: holders.join(', ')}, null)];
	if (disk.readOnly) {
		return holders.length === 0 ? [] : [found('disk-read-only', {...page3, confidence: 'certain', params: {mount: disk.mount}, evidence: [evidence('disk-read-only', {mount: disk.mount}, readAtMs), ...holds], confirm: ['kernel-log']})];
	}

	const {used, inodes} = sharesOf(disk);
	const isOurs = holders.length > 0 || disk.mount === '/' || isOfEngine(disk, scene);
	const {critical} = scene.settings.thresholds.disk;
	const leftMs = fullInMs(disk, scene.situation.host.diskHistory[disk.mount] ?? []);
	const told = scene.services.map(service => scene.clue(service, 'no-space')).filter(clue => clue !== null);
	if (inodes >= critical) {
		return [found('inodes-gone', {...page3, weight: inodes >= 0.995 && isOurs ? 'outage' : 'warning', confidence: 'certain', params: {mount: disk.mount}, evidence: [evidence('inodes-nearly-gone', {mount: disk.mount, share: inodes}, readAtMs), ...holds, ...told.slice(0, 1).map(clue => clue.evidence)], actions: ['delete-logs', 'prune'], confirm: ['df']})];
	}

	const nearly = evidence('disk-nearly-full', {mount: disk.mount, share: used, availableBytes: disk.availableBytes, fullInMs: leftMs ?? 0}, readAtMs);
	if (used < critical) {
		return leftMs !== null && leftMs < 30 * 60_000 && used > 0.5 ? [found('disk-filling', {...page3, weight: 'warning', params: {mount: disk.mount, fullInMs: leftMs}, evidence: [nearly, ...holds], actions: ['delete-logs', 'prune'], confirm: ['df']})] : [];
	}

	const isOut = isOurs && (used >= fullShare || (told.length > 0 && used >= 0.9));
	return [found('disk-full', {
		...page3, weight: isOut ? 'outage' : 'warning', confidence: told.length > 0 ? 'certain' : 'likely', params: {mount: disk.mount}, evidence: [nearly, ...holds, ...told.slice(0, 2).map(clue => clue.evidence)],
		actions: ['delete-logs', 'prune'], confirm: ['df'],
	})];
};

/** What the whole host lacks: memory, swap, CPU. */
export const hostShort = (scene: Scene): readonly Finding[] => {
	const {host} = scene.situation;
	const reading = host.reading.value;
	const findings: Finding[] = [];
	if (reading === null || reading.memoryTotalBytes === 0) {
		return findings;
	}

	const {memory, cpu} = scene.settings.thresholds;
	const share = 1 - (reading.memoryAvailableBytes / reading.memoryTotalBytes);
	const kills = (host.kernelKills.value ?? []).filter(kill => !kill.byLimit && scene.nowMs - kill.atMs < lately);
	if (share >= memory.critical || kills.length > 0) {
		const swap = reading.swapTotalBytes > 0 ? [evidence('swap-used', {usedBytes: reading.swapUsedBytes, totalBytes: reading.swapTotalBytes}, host.reading.atMs)] : [];
		const killed = kills.slice(-1).map(kill => evidence('worker-oom', {service: 'host', process: String(kill.name), count: kills.length}, kill.atMs));
		findings.push(found('host-memory', {...page3, weight: 'warning', confidence: kills.length > 0 ? 'certain' : 'likely', evidence: [evidence('memory-nearly-full', {share}, host.reading.atMs), ...killed, ...swap], actions: ['restart-redis', 'restart-api'], confirm: ['top', 'kernel-log']}));
	}

	const recent = host.cpuHistory.slice(-5);
	const busy = recent.length >= 5 && recent.every(value => value >= cpu.critical);
	if (busy && scene.services.some(service => service.pings.some(ping => isSlow(ping.last, scene)))) {
		const top = host.processes.value?.byCpu[0];
		findings.push(found('cpu-saturated', {...page3, weight: 'warning', evidence: [evidence('cpu-busy', {share: recent.at(-1) ?? 0, process: top === undefined ? '' : String(top.name)}, host.reading.atMs)], confirm: ['top']}));
	}

	return findings;
};
