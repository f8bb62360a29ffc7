/**
Runs and does not serve: no answer in time while the process lives, 500, an unhealthy answer that names its reason, a health check that fails
while the service answers, slowness beyond what is usual.
*/

import {afterEdit, afterError, restartOf} from './actions-for.ts';
import {packetsDropped} from './network.ts';
import {answerOf} from './probes.ts';
import {isOverdue} from './resources.ts';
import {isStarting, pingEvidence, type Clue, type Scene, type Service} from './scene.ts';
import type {SignatureKind} from './matcher.ts';
import {behindOf} from './network.ts';
import type {PingSituation} from '../situation.ts';
import {evidence, found, type ConfirmCode, type Evidence, type Finding, type FindingCode} from './types.ts';

const origin = (service: Service) => service.main === null ? null : {kind: 'container' as const, id: service.main.id};

/** Its processes are stopped: that is proven by a look at them, one silent ping is enough. */
export const processesStopped = (scene: Scene, service: Service): Finding | null => {
	const {main} = service;
	const ping = service.pings.find(({last}) => last?.ok === false);
	const tree = answerOf(scene, main, 'processes', '');
	const stopped = Number(tree?.facts['stopped'] ?? 0);
	return main === null || tree === null || ping === undefined || stopped === 0 || main.state !== 'running' ? null : found('workers-stopped', {
		service: service.name, sinceMs: ping.firstBadAtMs, actions: restartOf(service), confidence: 'certain',
		evidence: [pingEvidence(ping), evidence('processes-stopped', {service: service.name, count: stopped, all: Number(tree.facts['count'] ?? 0)}, tree.atMs), evidence('runs', {service: service.name}, main.startedAtMs, origin(service))],
	});
};

/** A running service whose ping gets an answer that is no good, or none. */
export const doesNotServe = (scene: Scene, service: Service): Finding | null => {
	const {main} = service;
	const ping = service.failing[0];
	if (main === null || main.state !== 'running' || ping === undefined || isStarting(main, scene.nowMs)) {
		return null;
	}

	if (hasDependencyJustFailed(scene, service)) {
		return null;
	}

	switch (ping.last?.reason) {
		case 'timed-out': {
			return namedReason(scene, service, ping) ?? packetsDropped(scene, service, ping) ?? hangs(scene, service, ping);
		}

		case 'status':
		case 'body':
		case 'redirected': {
			return answersBadly(scene, service, ping);
		}

		default: {
			return null;
		}
	}
};

const oneAnswerMs = 4000;

/** What it needs failed for the first time a moment ago: the next answer tells whose fault this is. */
export const hasDependencyJustFailed = (scene: Scene, service: Service): boolean => [...scene.needs(service.name)]
	.some(name => scene.service(name)?.pings.some(({last, streak}) => last?.ok === false && streak < 2 && scene.nowMs - last.atMs < oneAnswerMs) === true);

const hangs = (scene: Scene, service: Service, ping: PingSituation): Finding => {
	const main = service.main!;
	const tree = answerOf(scene, main, 'processes', '');
	const facts = tree?.facts ?? {};
	const waiting = Number(facts['waiting'] ?? 0);
	const runs = evidence('runs', {service: service.name}, main.startedAtMs, origin(service));
	const base = {service: service.name, sinceMs: ping.firstBadAtMs, actions: restartOf(service)};
	const clue = scene.clue(service, 'worker-timeout', 'pool-exhausted', 'lock-wait');
	const use = scene.situation.use[main.id];
	const cpu = use?.cpuCores ?? null;
	const state = waiting > 0
		? [evidence('processes-wait', {service: service.name, count: waiting}, tree?.atMs ?? null)]
		: (tree === null ? [] : [evidence('processes-alive', {service: service.name, count: Number(facts['count'] ?? 0), cpu: cpu === null ? -1 : Math.round(cpu * 100)}, tree.atMs)]);
	return found('service-hangs', {...base, confidence: tree === null ? 'possible' : 'likely', evidence: [pingEvidence(ping), ...state, ...(clue === null ? [] : [clue.evidence]), runs], confirm: ['read-log', 'top']});
};

type Reading = {readonly kind: SignatureKind; readonly code: FindingCode; readonly scenario: number; readonly actions: (service: Service) => readonly string[]; readonly confirm?: readonly ConfirmCode[]};

/** What the answer, or the log beside it, may name as the reason. */
const readings: readonly Reading[] = [
	{kind: 'no-space', code: 'disk-full', scenario: 3, actions: () => ['delete-logs', 'prune'], confirm: ['df']},
	{kind: 'read-only', code: 'disk-read-only', scenario: 3, actions: restartOf, confirm: ['kernel-log', 'df']},
	{kind: 'migration-broken', code: 'migration-broken', scenario: 2, actions: () => ['rollback-commit', 'migrate'], confirm: ['alembic-current']},
	{kind: 'migration-pending', code: 'migration-pending', scenario: 2, actions: () => ['migrate', 'rollback-commit'], confirm: ['alembic-current']},
	{kind: 'missing-variable', code: 'missing-variable', scenario: 2, actions: afterEdit, confirm: ['compare-env']},
	{kind: 'permission', code: 'permission-denied', scenario: 2, actions: restartOf, confirm: ['read-log']},
	{kind: 'database-auth', code: 'database-auth', scenario: 2, actions: afterEdit, confirm: ['select-1', 'compare-env']},
	{kind: 'database-missing', code: 'database-missing', scenario: 2, actions: afterEdit, confirm: ['select-1', 'compare-env']},
	{kind: 'database-unreachable', code: 'database-unreachable', scenario: 2, actions: restartOf, confirm: ['select-1', 'inspect-network']},
	{kind: 'cache-auth', code: 'cache-unreachable', scenario: 2, actions: afterEdit, confirm: ['compare-env']},
	{kind: 'cache-unreachable', code: 'cache-unreachable', scenario: 2, actions: restartOf, confirm: ['redis-info', 'inspect-network']},
];

/** Silence that a program explains while it waits, and seldom: connecting in vain takes up to two minutes. The others answer at once, with an error. */
const saidSeldom: ReadonlySet<SignatureKind> = new Set(['database-unreachable', 'cache-unreachable']);

/** A line in the log explains an answer only if it came with it. */
const isWithIt = (scene: Scene, clue: Clue, ping: PingSituation): boolean => {
	if (clue.atMs === null) {
		return true;
	}

	// Who has never seen it good does not know when it began.
	const leadMs = ping.lastGoodAtMs !== null ? 5000 : (ping.last?.reason === 'timed-out' && !saidSeldom.has(clue.kind) ? 15_000 : 60_000);
	return clue.atMs >= (ping.firstBadAtMs ?? 0) - leadMs && scene.nowMs - clue.atMs < 60_000;
};

/** The reason that the service itself gives, in its answer or in its log beside it. */
const namedReason = (scene: Scene, service: Service, ping: PingSituation): Finding | null => {
	for (const reading of readings) {
		const clue = scene.clue(service, reading.kind);
		if (clue !== null && isWithIt(scene, clue, ping)) {
			return found(reading.code, {
				service: service.name, sinceMs: ping.firstBadAtMs, scenario: reading.scenario, outside: null, confidence: 'certain', params: clue.params,
				evidence: [pingEvidence(ping), ...(clue.evidence.code === 'says' ? [] : [clue.evidence]), evidence('runs', {service: service.name}, service.main?.startedAtMs ?? null, origin(service))],
				actions: reading.actions(service), confirm: reading.confirm ?? [],
			});
		}
	}

	return null;
};

const answersBadly = (scene: Scene, service: Service, ping: PingSituation): Finding => {
	const main = service.main!;
	const runs = evidence('runs', {service: service.name}, main.startedAtMs, origin(service));
	const base = {service: service.name, sinceMs: ping.firstBadAtMs};
	const named = namedReason(scene, service, ping);
	if (named !== null) {
		return named;
	}

	const error = scene.clue(service, 'app-error', 'pool-exhausted', 'lock-wait');
	const line: readonly Evidence[] = error === null || !isWithIt(scene, error, ping) ? [] : [error.evidence];
	const is500 = ping.last?.status === 500;
	return found(is500 ? 'answers-500' : 'answers-unhealthy', {
		...base, confidence: line.length > 0 ? 'likely' : 'possible', params: {status: ping.last?.status ?? 0}, evidence: [pingEvidence(ping), ...line, runs],
		actions: is500 ? afterError(service, scene) : restartOf(service), confirm: ['read-log', 'git-log'],
	});
};

const lacksProgram = /executable file not found|not found in \$PATH|: not found|no such file or directory/i;

/** The engine calls it unhealthy, and it answers: then the check is wrong. Without a ping of our own nobody else can tell. */
export const unhealthy = (service: Service): Finding | null => {
	const {main} = service;
	if (main === null || main.state !== 'running' || main.health !== 'unhealthy') {
		return null;
	}

	const shown = evidence('unhealthy', {service: service.name, detail: main.healthOutput.slice(0, 200), streak: main.healthFailingStreak}, main.healthAtMs, origin(service));
	const base = {service: service.name, sinceMs: main.healthAtMs};
	if (service.answers && service.pings.every(ping => ping.streak >= 2)) {
		const why = lacksProgram.test(main.healthOutput) ? [evidence('health-check-lacks-program', {command: main.healthCommand.slice(0, 120)}, null, origin(service))] : [];
		return found('bad-health-check', {...base, scenario: 2, outside: null, weight: 'warning', confidence: why.length > 0 ? 'certain' : (isOverdue(main) ? 'possible' : 'likely'), evidence: [shown, ...why, ...service.pings.slice(0, 1).map(ping => pingEvidence(ping))], actions: [`start-${service.name}`], confirm: isOverdue(main) ? ['top', 'run-health-command'] : ['run-health-command'], params: {command: main.healthCommand.slice(0, 120), overdue: isOverdue(main) ? 1 : 0}});
	}

	return service.pings.length > 0 && service.failing.length === 0 ? null : found('service-unhealthy', {...base, evidence: [shown, ...service.failing.slice(0, 1).map(ping => pingEvidence(ping))], actions: restartOf(service), confirm: ['read-log', 'run-health-command']});
};

/** A proxy before it gives up waiting, though it answers: a second witness that it is too slow, beside its own slow answer. */
const isGivenUpOn = (scene: Scene, service: Service): boolean => scene.byRole('proxy').some(proxy => behindOf(scene, proxy)?.name === service.name && proxy.failing.some(({last}) => last?.reason === 'timed-out' || last?.status === 504));

/** Answers, and far more slowly than the limit: for some time, or so slowly that the proxy before it gives up, which makes it the outage. */
export const slow = (scene: Scene, service: Service): Finding | null => {
	const limitMs = scene.settings.thresholds.pingSlowMs;
	const isOutage = isGivenUpOn(scene, service);
	const ping = service.pings.find(({last}) => isOutage && last?.ok === true && last.latencyMs > limitMs)
		?? service.pings.find(({last, history}) => last?.ok === true && history.length >= 5 && history.slice(-5).filter(point => point.ok && point.latencyMs > limitMs).length >= 4);
	// A proxy is as slow as what it asks.
	const isSlowBehind = service.role === 'proxy' && scene.byRole('alert').some(other => other.pings.some(({last}) => last?.ok === true && last.latencyMs > limitMs));
	if (ping === undefined || isSlowBehind || service.main?.state !== 'running' || isStarting(service.main, scene.nowMs)) {
		return null;
	}

	const usual = ping.history.slice(0, -5).filter(point => point.ok).map(point => point.latencyMs).toSorted((a, b) => a - b);
	const use = scene.situation.use[service.main.id];
	const throttled = use?.throttledShare ?? null;
	return found('service-slow', {
		service: service.name, weight: isOutage ? 'outage' : 'warning', evidence: [
			evidence('ping-slow', {name: ping.target.name, latencyMs: ping.last!.latencyMs, usualMs: usual[Math.floor(usual.length / 2)] ?? 0}, ping.last!.atMs, {kind: 'ping', name: ping.target.name}),
			...(throttled !== null && throttled > 0.2 ? [evidence('cpu-throttled', {service: service.name, share: throttled, cores: service.main.cpuLimitCores ?? 0}, use!.reading.atMs, origin(service))] : []),
		],
		actions: [`scale-${service.name}`, ...restartOf(service)], confirm: ['top', 'postgres-activity'],
	});
};
