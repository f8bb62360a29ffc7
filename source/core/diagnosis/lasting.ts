/**
Findings over time, so that none flickers: a condition must hold for a moment before it is told, what a deploy or a restart passes through is not
told at all, what an action of ours causes is marked as expected, and a finding that is over goes with a reason.
*/

import type {Run} from '../run-verdict.ts';
import {healthOf, type Situation} from '../situation.ts';
import {evidence, keyOf, type Finding, type FindingCode} from './types.ts';

export type ClearReason = 'recovered' | 'replaced' | 'gone';

type Raised = {readonly finding: Finding; readonly raisedAtMs: number; readonly trueAtMs: number};

export type Lasting = {
	readonly raised: Readonly<Record<string, Raised>>;
	/** Since when a condition holds that is not told yet. */
	readonly pending: Readonly<Record<string, number>>;
};

export const nothingLasting: Lasting = {raised: {}, pending: {}};

export type Settled = {
	readonly lasting: Lasting;
	readonly shown: readonly Finding[];
	readonly raised: readonly Finding[];
	readonly cleared: readonly {readonly finding: Finding; readonly reason: ClearReason; readonly heldMs: number}[];
};

/** States that a restart or a recreate passes through, and for how long at most when nobody is told that it is one. */
const passing: Readonly<Partial<Record<FindingCode, number>>> = {
	'service-stopped': 2500, 'service-killed': 2500, 'service-crashed': 1500, 'crash-loop': 1500, 'command-ends': 1500, 'service-missing': 3000, 'image-missing': 3000, 'created-not-started': 5000, 'service-dead': 5000, 'service-paused': 1000, 'detached-from-network': 2500,
	'not-listening': 1500, 'cannot-tell': 2500, consequence: 0, 'answers-unhealthy': 1500, 'answers-500': 1000, 'service-hangs': 1000, 'port-unreachable': 1500, 'proxy-cannot-reach': 1500, 'proxy-answers-itself': 1500, 'proxy-timeout': 1500,
	'dependency-refuses': 1500, 'database-unreachable': 1500, 'cache-unreachable': 1500, 'database-starting': 2500, 'service-unhealthy': 1000, 'alias-missing': 2500, 'stale-upstream': 1000, 'upstream-unresolved': 1000,
	'worker-out-of-memory': 1000, 'host-memory': 5000, 'memory-near-limit': 4000, 'cpu-throttled': 4000, 'cpu-saturated': 4000, 'service-slow': 2000,
};

/** Not told while Compose is at work: it takes down what it brings up again. What dies by itself is told all the same. */
const underDeploy: ReadonlySet<FindingCode> = new Set([
	'service-stopped', 'service-killed', 'service-missing', 'image-missing', 'created-not-started', 'service-dead', 'not-listening', 'cannot-tell', 'consequence', 'answers-unhealthy', 'service-hangs', 'port-unreachable',
	'proxy-cannot-reach', 'proxy-answers-itself', 'proxy-timeout', 'stale-upstream', 'upstream-unresolved', 'dependency-refuses', 'database-unreachable', 'cache-unreachable', 'database-starting', 'detached-from-network', 'database-refuses',
]);

/** Told by a figure that moves: it has to hold while somebody looks. */
const ofReadings: ReadonlySet<FindingCode> = new Set(['host-memory', 'memory-near-limit', 'cpu-throttled', 'cpu-saturated', 'service-slow', 'latency-drifting']);

/** Of a key of `Lasting`: is it about a figure, which no page of the runbook waits for? */
export const isOfReadings = (key: string): boolean => ofReadings.has(key.slice(0, key.indexOf('/')) as FindingCode);

const spaceHeldMs = 2500;

/** A deploy that takes longer than this for one thing is stuck, and that is to be told. */
const deployAtMostMs = 3 * 60_000;

/** How long a finding whose condition is over stays, so that a value at the edge of a limit does not blink. */
const lingerMs = (finding: Finding): number => finding.scenario === 3 && finding.weight === 'warning' ? 10_000 : (finding.code === 'crash-loop' || finding.code === 'bad-deploy' || finding.code === 'out-of-memory' ? 6000 : 2000);

export type Around = {
	readonly situation: Situation;
	readonly nowMs: number;
	readonly runs: readonly Run[];
};

/** The findings to show, out of what the rules say now and what was shown before. */
export const settle = (before: Lasting, candidates: readonly Finding[], around: Around): Settled => {
	const {nowMs, situation} = around;
	const pending: Record<string, number> = {};
	const shown: Finding[] = [];
	const raisedNow: Finding[] = [];
	const raised: Record<string, Raised> = {};
	for (const candidate of candidates) {
		const key = keyOf(candidate);
		const known = before.raised[key];
		const finding = withExpectation(candidate, around);
		if (known === undefined && !isHeld(finding, before.pending[key] ?? nowMs, around)) {
			pending[key] = before.pending[key] ?? nowMs;
			continue;
		}

		shown.push(finding);
		raised[key] = {finding, raisedAtMs: known?.raisedAtMs ?? nowMs, trueAtMs: nowMs};
		if (known === undefined) {
			raisedNow.push(finding);
		}
	}

	const cleared: Array<Settled['cleared'][number]> = [];
	const isHealthy = healthOf(situation) === 'healthy';
	for (const [key, old] of Object.entries(before.raised)) {
		if (raised[key] !== undefined) {
			continue;
		}

		const isReplaced = shown.some(finding => finding.service === old.finding.service && (finding.weight === old.finding.weight || finding.weight === 'outage'));
		const isOver = old.finding.weight === 'outage' && isHealthy;
		if (!isReplaced && !isOver && nowMs - old.trueAtMs < lingerMs(old.finding)) {
			raised[key] = old;
			shown.push(old.finding);
		} else {
			cleared.push({finding: old.finding, reason: isReplaced ? 'replaced' : (isHealthy ? 'recovered' : 'gone'), heldMs: nowMs - old.raisedAtMs});
		}
	}

	return {lasting: {raised, pending}, shown: orphansAdopted(shown), raised: raisedNow, cleared};
};

/** A consequence whose cause is not told yet stands for nothing. */
const orphansAdopted = (shown: readonly Finding[]): readonly Finding[] =>
	shown.filter(finding => finding.code !== 'consequence' || shown.some(other => other.code === finding.causedBy?.code && other.service === finding.causedBy.service));

/** What a deeper look may yet name; so long it is waited for, the first time that it is asked. */
const mayBeNamed: ReadonlySet<FindingCode> = new Set(['service-hangs', 'not-listening', 'proxy-cannot-reach', 'dependency-refuses', 'service-missing', 'image-missing', 'cannot-tell']);
const answerWithinMs = 3000;

/** No event tells that a container lost its network: they are looked at anew after a second bad ping. */
const seenWithinMs = 4000;

const isAwaiting = (finding: Finding, {probes, containers}: Situation, nowMs: number): boolean => {
	const isUnseen = finding.sinceMs !== null && (containers.atMs ?? 0) < finding.sinceMs && nowMs - finding.sinceMs < seenWithinMs;
	const isAsked = Object.values(probes).some(({state, atMs, facts}) => state === 'asked' && Object.keys(facts).length === 0 && nowMs - atMs < answerWithinMs);
	return mayBeNamed.has(finding.code) && (isUnseen || isAsked);
};

const stopWithinMs = 12_000;

/** It was sent a signal a moment ago and has not ended yet: it closes its doors before it goes. */
const isBeingStopped = ({service}: Finding, {happenings}: Situation, nowMs: number): boolean => {
	const killed = service === null ? undefined : happenings.findLast(event => event.service === service && event.kind === 'killed');
	return killed !== undefined && nowMs - killed.atMs < stopWithinMs && !happenings.some(event => event.id === killed.id && event.atMs >= killed.atMs && (event.kind === 'died' || event.kind === 'started'));
};

const isHeld = (finding: Finding, seenSinceMs: number, {situation, nowMs}: Around): boolean => {
	if (finding.expectedBy !== null) {
		return true;
	}

	const wasSeenToCome = finding.service !== null && situation.happenings.some(event => event.service === finding.service && nowMs - event.atMs < 15_000);
	// Nothing was seen to happen: it was so before this console came.
	const sinceMs = finding.sinceMs ?? (wasSeenToCome || ofReadings.has(finding.code) ? seenSinceMs : -Infinity);
	const deploy = situation.composeRuns.runs.find(run => underDeploy.has(finding.code) && sinceMs >= run.startedAtMs - 2000);
	if (deploy !== undefined && finding.sinceMs !== null && nowMs - finding.sinceMs < deployAtMostMs) {
		return false;
	}

	if (isAwaiting(finding, situation, nowMs)) {
		return false;
	}

	if (underDeploy.has(finding.code) && isBeingStopped(finding, situation, nowMs)) {
		return false;
	}

	// What just came to life again may have a moment before what it did meanwhile counts.
	const lastEventAtMs = finding.service === null || !underDeploy.has(finding.code) ? -Infinity : situation.happenings.findLast(event => event.service === finding.service && (event.kind === 'created' || event.kind === 'started' || event.kind === 'removed'))?.atMs ?? -Infinity;
	// A program says that it finds no space: which disk that is, and whether it lacks room or inodes, comes with the next look at them.
	const heldMs = finding.code === 'disk-full' && finding.service !== null ? spaceHeldMs : passing[finding.code] ?? 0;
	// Of what came before our eyes the moment begins when it was seen: a busy engine tells late, and what follows comes as late.
	return nowMs - Math.max(wasSeenToCome ? seenSinceMs : -Infinity, sinceMs, lastEventAtMs) >= heldMs;
};

/** What began while an action of ours was at work on it is to be expected. */
const withExpectation = (finding: Finding, {runs, nowMs}: Around): Finding => {
	const run = runs.find(({phase, startedAtMs, confirmedAtMs, service, action}) => (phase === 'claiming' || phase === 'running' || phase === 'verifying')
		&& (finding.sinceMs ?? nowMs) >= (startedAtMs ?? confirmedAtMs) - 1000
		&& (service === finding.service || finding.code === 'consequence' || finding.causedBy?.service === service || /rollback|rebuild/.test(action)));
	return run === undefined || !underDeploy.has(finding.code)
		? finding
		: {...finding, expectedBy: run.action, weight: 'warning', evidence: [...finding.evidence, evidence('expected-by-action', {action: run.action}, run.startedAtMs)]};
};
