/**
From the situation to findings: which scenario of the runbook this is, the service at fault, the evidence with its age and the actions, best
first. Pure; a finding speaks in codes, `messages` has the words. The rules lie in `diagnosis/`, a group in a file; here they meet: of a service
the first rule that holds is told, a consequence names its cause, and what cannot be told is said so with the next check.
*/

import {blindAlert, nothingWrong} from './diagnosis/alert-rules.ts';
import type {Remembered} from './diagnosis/changes.ts';
import {changesOf} from './diagnosis/changes.ts';
import {clockOff} from './diagnosis/clock.ts';
import {ownRules} from './diagnosis/custom.ts';
import {cache, database, silentDependency} from './diagnosis/dependencies.ts';
import {withDeploy, withRollbackDue} from './diagnosis/deploy.ts';
import {doesNotServe, hasDependencyJustFailed, processesStopped, slow, unhealthy} from './diagnosis/hangs.ts';
import {certificates, detached, isGatewayTrouble, portTrouble, proxyFails} from './diagnosis/network.ts';
import {probesToStart} from './diagnosis/probes.ts';
import {rank, whyNot} from './diagnosis/rank.ts';
import {disks, hostShort, limits, outOfMemory} from './diagnosis/resources.ts';
import {createScene, isStarting, pingEvidence, type Change, type Scene, type Service} from './diagnosis/scene.ts';
import {aboutToBreak} from './diagnosis/soon.ts';
import {failsAtStart, isCrashing} from './diagnosis/start.ts';
import {stopped} from './diagnosis/stopped.ts';
import {evidence, found, type Finding, type ProbeWant} from './diagnosis/types.ts';
import type {Settings} from './settings.ts';
import {isAsExpected, type Situation} from './situation.ts';

export type {Confidence, ConfirmCode, Evidence, EvidenceCode, Finding, FindingCode, Origin, OutsideScenario, ProbeKind, ProbeWant} from './diagnosis/types.ts';
export type {Change} from './diagnosis/scene.ts';

/** What is known beyond the situation: what the console itself did. */
export type Beside = {
	/** Names of actions whose check did not come good since the outage began. */
	readonly failedActions: readonly string[];
	readonly failedAtMs: number | null;
	/** The incident was opened by a person, against green pings. */
	readonly isDoubted: boolean;
	/** Since when all answers again after the incident, whose state says so or is about to. */
	readonly greenAgainSinceMs: number | null;
	readonly remembered: readonly Remembered[];
};

export const nothingBeside: Beside = {failedActions: [], failedAtMs: null, isDoubted: false, greenAgainSinceMs: null, remembered: []};

export type Diagnosis = {
	readonly findings: readonly Finding[];
	/** Looks that would tell more. */
	readonly wants: readonly ProbeWant[];
	readonly changes: readonly Change[];
};

/** The findings, most likely cause first. */
export const diagnose = (situation: Situation, settings: Settings, nowMs: number, beside: Beside = nothingBeside): readonly Finding[] => diagnoseWhole(situation, settings, nowMs, beside).findings;

/** The findings, what changed, and what a deeper look would tell. */
export const diagnoseWhole = (situation: Situation, settings: Settings, nowMs: number, beside: Beside = nothingBeside): Diagnosis => {
	const changes = changesOf(situation, nowMs, beside.remembered);
	const scene = createScene(situation, settings, nowMs, changes);
	if (situation.engine.state === 'down') {
		return {findings: [engineDown(scene), ...hostFindings(scene)], wants: [], changes};
	}

	const ofServices = scene.services.filter(service => !isAsExpected(service, settings)).flatMap(service => ofService(scene, service));
	const own = ownRules(scene);
	const all = [...ofServices.filter(finding => !own.some(rule => rule.service === finding.service && finding.confidence === 'possible')), ...own, ...certificates(scene), ...hostFindings(scene), ...aboutToBreak(scene), ...blindAlert(scene)];
	const deployed = all.map(finding => withDeploy(scene, finding));
	const ranked = rank([...deployed, ...unexplained(scene, deployed)], scene);
	const findings = ranked.map((finding, index) => {
		const due = finding.causedBy === null ? withRollbackDue(finding, beside.failedActions, beside.failedAtMs) : finding;
		return index === 0 && finding.weight === 'outage' ? {...due, against: whyNot(scene, finding)} : due;
	});
	const innocent = findings.some(({weight}) => weight === 'outage') ? null : nothingWrong(scene, {isDoubted: beside.isDoubted && findings.every(({code}) => explainsNothing.has(code)), greenAgainSinceMs: beside.greenAgainSinceMs});
	return {findings: innocent === null ? findings : [innocent, ...findings], wants: probesToStart(scene), changes};
};

/** Worth knowing, and no reason for what a person sees who says that something is down. */
const explainsNothing: ReadonlySet<string> = new Set(['alert-blind', 'backup-old', 'clock-off', 'certificate-soon']);

const engineDown = (scene: Scene): Finding => found('engine-down', {
	outside: 'engine', scenario: null, confidence: 'certain', evidence: [evidence('engine-does-not-answer', {}, scene.situation.engine.sinceMs)], confirm: ['journal-docker', 'df'], sinceMs: scene.situation.engine.sinceMs,
});

const bootedLatelyMs = 15 * 60_000;

const hostFindings = (scene: Scene): readonly Finding[] => {
	const bootAtMs = scene.situation.host.identity.value?.bootAtMs ?? null;
	const booted = bootAtMs !== null && scene.nowMs - bootAtMs < bootedLatelyMs
		? [found('host-rebooted', {outside: 'engine', scenario: null, weight: 'warning', confidence: 'certain', evidence: [evidence('host-booted', {}, bootAtMs)], confirm: ['kernel-log'], sinceMs: bootAtMs})]
		: [];
	return [...disks(scene), ...hostShort(scene), ...clockOff(scene), ...booted];
};

/** Of one service: the first rule that holds is the finding; limits that are near go beside it as warnings. */
const ofService = (scene: Scene, service: Service): readonly Finding[] => {
	const first = outOfMemory(scene, service) ?? stopped(scene, service) ?? failsAtStart(scene, service) ?? running(scene, service);
	const warnings = limits(scene, service).filter(finding => finding.code !== first?.code);
	const isHardPressed = first !== null && ((soften.has(first.code) && warnings.some(({weight}) => weight === 'outage')) || ((first.code === 'service-slow' || first.code === 'bad-health-check') && warnings.some(({code}) => code === 'cpu-throttled')));
	return [...(first === null || isHardPressed ? [] : [weigh(scene, service, first)]), ...warnings];
};

/** What a limit that is reached explains better. */
const soften: ReadonlySet<string> = new Set(['service-hangs', 'answers-500', 'answers-unhealthy']);

const ofItsRole = (scene: Scene, service: Service): Finding | null => {
	switch (service.role) {
		case 'database': {
			return database(scene, service);
		}

		case 'cache': {
			return cache(scene, service);
		}

		case 'proxy': {
			return proxyFails(scene, service);
		}

		default: {
			return null;
		}
	}
};

/** Runs: does it serve? */
const running = (scene: Scene, service: Service): Finding | null => {
	const ofRole = processesStopped(scene, service) ?? ofItsRole(scene, service);
	const ofNetwork = ofRole ?? detached(scene, service);
	if (ofNetwork !== null) {
		return ofNetwork;
	}

	const isDependency = service.role === 'database' || service.role === 'cache';
	// What a proxy says of what lies behind it is judged with that, or not at all.
	const isProxyOfTrouble = service.role === 'proxy' && scene.byRole('alert').length > 0 && service.failing.every(ping => isGatewayTrouble(ping));
	return (isDependency ? silentDependency(scene, service) : null) ?? (isProxyOfTrouble ? null : doesNotServe(scene, service) ?? portTrouble(scene, service)) ?? unhealthy(service) ?? slow(scene, service);
};

/** A port that accepts and a PING that is answered prove nothing about these. */
const despiteAnswers: ReadonlySet<string> = new Set(['database-refuses', 'database-new', 'database-locked', 'database-connections', 'database-starting', 'cache-full', 'dependency-refuses', 'worker-out-of-memory', 'workers-stopped', 'alias-missing', 'service-slow']);

/** Partly up with nothing failing is a warning; so is what nobody who is hurt depends on. */
const weigh = (scene: Scene, service: Service, finding: Finding): Finding => {
	if (finding.weight === 'warning') {
		return finding;
	}

	const isPartlyUp = service.containers.some(container => container.state === 'running' && container.health !== 'unhealthy' && container.id !== service.main?.id);
	const alert = scene.settings.alert.service;
	const isInvolved = service.name === alert || service.role === 'proxy' || scene.needs(alert).has(service.name) || service.failing.some(ping => ping.target.decisive) || scene.byRole('alert').length === 0;
	// A ping that speaks for it and is good is better than any inference.
	const answers = service.answers && service.pings.some(ping => ping.streak >= 2) && !despiteAnswers.has(finding.code);
	return (isPartlyUp && service.failing.length === 0) || !isInvolved || answers ? {...finding, weight: 'warning'} : finding;
};

/** Failing pings that no finding of their own service explains: a consequence of another's, or honestly unknown. */
const unexplained = (scene: Scene, findings: readonly Finding[]): readonly Finding[] => scene.situation.pings.flatMap((ping): readonly Finding[] => {
	const service = scene.service(ping.target.service);
	if (ping.last === null || ping.last.ok || ping.streak < 2 || findings.some(finding => finding.service === ping.target.service && finding.weight === 'outage')) {
		return [];
	}

	const base = {service: ping.target.service, sinceMs: ping.firstBadAtMs, params: {name: ping.target.name}, weight: ping.target.decisive ? 'outage' as const : 'warning' as const};
	if (service !== null) {
		const needs = scene.needs(service.name);
		const cause = findings.find(finding => finding.weight === 'outage' && finding.service !== null && needs.has(finding.service)) ?? findings.find(finding => finding.weight === 'outage' && finding.service === null);
		if (cause !== undefined) {
			return [found('consequence', {...base, evidence: [pingEvidence(ping)], causedBy: {code: cause.code, service: cause.service}, outside: 'none'})];
		}

		// What it needs has just failed for the first time: one answer more tells which of the two it is.
		if (hasDependencyJustFailed(scene, service)) {
			return [];
		}

		if (isExcused(scene, service)) {
			return [];
		}
	}

	return [found('cannot-tell', {
		...base, confidence: 'possible', evidence: [pingEvidence(ping), ...(service?.main?.state === 'running' ? [evidence('runs', {service: service.name}, service.main.startedAtMs, {kind: 'container', id: service.main.id})] : [])],
		actions: ping.target.service === scene.settings.alert.service ? [`restart-${scene.settings.alert.service}`] : [], confirm: ['read-log', 'curl-inside', 'firewall'],
	})];
});

/** It, or what it needs, is just starting: no finding unless it dies. */
const isExcused = (scene: Scene, service: Service): boolean => [service, ...[...scene.needs(service.name)].map(name => scene.service(name))]
	.some(other => other?.main != null && isStarting(other.main, scene.nowMs) && !isCrashing(scene, other, other.main));
