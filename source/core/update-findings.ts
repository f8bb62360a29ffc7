/**
What follows for the diagnosis from any event: the rules run again when something was learnt, at once where it matters; what they found is settled
over time, recorded when it is raised and cleared, and the deeper looks that they want go out as effects.
*/

import {actionById} from './actions.ts';
import {nothingBeside, diagnoseWhole, type Beside, type ProbeWant} from './diagnosis.ts';
import type {Remembered} from './diagnosis/changes.ts';
import {settle} from './diagnosis/lasting.ts';
import {isDiagnosis, keyOf, probeKey, type Finding} from './diagnosis/types.ts';
import type {JournalEntry} from './ports.ts';
import {runbookOf, scenarioIn} from './runbook-state.ts';
import {isSame} from './same.ts';
import {healthOf, learn, resolvePing} from './situation.ts';
import type {Effect, Event, State} from './state.ts';
import {markRecorded, mayRecord, record, withEffect, withState, type Step} from './step.ts';
import {greenAgainSince, isRecorder} from './update-incident.ts';
import {askDrift} from './update-runs.ts';

/** How long news may wait: while something is found or about to be, and on a screen where all is well. */
const findingsEveryMs = 500;
const calmEveryMs = 2000;

/** Of the answers of a ping those count at once that may turn something; that it goes on as it was can wait for its turn. */
const turnsWithin = 3;
const isTurning = ({situation}: State, name: string): boolean => situation.pings.some(ping => ping.target.name === name && ping.streak <= turnsWithin);

/** A death, an out-of-memory kill, a ping that turned, a telling line: at once. The rest waits its time, and only when something was learnt. */
const isUrgent = (state: State, event: Event): boolean =>
	(event.type === 'ping/answered' && isTurning(state, event.name)) || event.type === 'container/happened' || event.type === 'containers/listed' || event.type === 'engine/lost' || event.type === 'engine/reached' || event.type === 'log/matched' || event.type === 'diagnosis/probed' || event.type === 'screen/drawn' || event.type === 'alerts/prometheusRead';

const firstLookMs = 1000;

/**
Half of the first facts tell half a story: judged once they are all there, or after a second. The first judgement takes some 40 ms while nothing of the
rules has run yet, and the first frame is not held up by it.
*/
const isFirstLook = ({awaitsFrame, situation, findingsRevision, nowMs, openedAtMs}: State): boolean =>
	awaitsFrame || (findingsRevision === -1 && nowMs - openedAtMs < firstLookMs && situation.engine.state !== 'down'
		&& (situation.containers.value === null || situation.pings.some(({target, last}) => target.decisive && last === null)));

export const followFindings = (step: Step, event: Event): Step => {
	const {state} = step;
	if (isFirstLook(state)) {
		return step;
	}

	const isWaiting = Object.keys(state.lasting.pending).length > 0 || Object.keys(state.lasting.raised).length > 0;
	const everyMs = isWaiting || state.findings.length > 0 ? findingsEveryMs : calmEveryMs;
	const isNews = state.situation.revision !== state.findingsRevision || (isWaiting && event.type === 'clock/ticked');
	if (!isNews || (!isUrgent(state, event) && state.nowMs - state.findingsAtMs < everyMs)) {
		return step;
	}

	const {findings, wants, changes} = diagnoseWhole(state.situation, state.settings, state.nowMs, besideOf(state));
	const runbook = runbookOf(state);
	// The number on the screen is the one of the page that its digit opens.
	const numbered = findings.map(finding => ({...finding, scenario: scenarioIn(runbook, finding.scenario)}));
	const settled = settle(state.lasting, numbered, {situation: state.situation, nowMs: state.nowMs, runs: state.runs});
	const next = withState(step, {
		findings: isSame(settled.shown, state.findings) ? state.findings : settled.shown, lasting: settled.lasting, changes: isSame(changes, state.changes) ? state.changes : changes,
		findingsRevision: state.situation.revision, findingsAtMs: state.nowMs,
	});
	return prepareCard(askFurther(recordTurns(next, settled), wants, event));
};

/** What this console did and was told, beyond the situation. */
export const besideOf = (state: State): Beside => {
	const sinceMs = state.incident?.outage.sinceMs ?? state.suspectedSinceMs;
	const failed = sinceMs === null ? [] : state.runs.filter(run => run.verdict === 'not-recovered' && (run.endedAtMs ?? 0) >= sinceMs);
	return {
		...nothingBeside,
		failedActions: failed.map(({action}) => action),
		failedAtMs: failed.at(-1)?.verdictAtMs ?? null,
		isDoubted: state.incident !== null && state.incident.state === 'open' && state.incident.openedBy === 'key',
		greenAgainSinceMs: greenAgainSince(state),
		remembered: [...state.remembered, ...state.runs.flatMap((run): readonly Remembered[] => run.startedAtMs === null ? [] : [{atMs: run.startedAtMs, kind: 'action', service: run.service, params: {action: run.action, actor: run.actor}}])],
	};
};

const rememberedAtMost = 60;

/** What the journal says of changes that the engine has long forgotten. */
export const recallChanges = (entries: readonly JournalEntry[], nowMs: number): readonly Remembered[] => entries.flatMap((entry): readonly Remembered[] => {
	const service = typeof entry.data['service'] === 'string' ? entry.data['service'] : null;
	if (nowMs - entry.atMs > 24 * 3_600_000) {
		return [];
	}

	switch (entry.type) {
		case 'engine/reached': {
			return [{atMs: entry.atMs, kind: 'engine', service: null, params: {}}];
		}

		case 'container/created': {
			return [{atMs: entry.atMs, kind: 'container', service, params: {service: service ?? ''}}];
		}

		case 'action/confirmed': {
			return [{atMs: entry.atMs, kind: 'action', service: null, params: {action: String(entry.data['action'] ?? ''), actor: entry.actor.name}}];
		}

		default: {
			return [];
		}
	}
}).slice(-rememberedAtMost);

/** Consequences, and what an action explains, are no part of the record; nor is that nothing is wrong. */
const isRecorded = (finding: Finding): boolean => isDiagnosis(finding) && finding.code !== 'consequence' && finding.expectedBy === null;

/** Raised and cleared are transitions: recorded, by the console that records. */
const recordTurns = (step: Step, {raised, cleared}: Pick<ReturnType<typeof settle>, 'raised' | 'cleared'>): Step => {
	if (!isRecorder(step.state)) {
		return step;
	}

	let next = step;
	for (const finding of raised) {
		const kind = `finding/raised/${keyOf(finding)}`;
		if (isRecorded(finding) && mayRecord(next.state, kind, 10_000)) {
			next = markRecorded(record(next, {type: 'finding/raised', data: {code: finding.code, service: finding.service, scenario: finding.scenario ?? finding.outside, weight: finding.weight, confidence: finding.confidence, params: {...finding.params}}}), kind);
		}
	}

	for (const {finding, reason, heldMs} of cleared) {
		const kind = `finding/cleared/${keyOf(finding)}`;
		if (isRecorded(finding) && mayRecord(next.state, kind, 10_000)) {
			next = markRecorded(record(next, {type: 'finding/cleared', data: {code: finding.code, service: finding.service, reason, heldMs, params: {...finding.params}}}), kind);
		}
	}

	return next;
};

const lookedAgainForMs = 12_000;

/** Not running, and only since a moment: it may be that somebody tried to start it. */
const mayStandRefused = ({lasting, nowMs}: State): boolean => {
	const isOfStart = (key: string): boolean => key.startsWith('created-not-started/') || key.startsWith('service-stopped/');
	return Object.keys(lasting.pending).some(key => isOfStart(key)) || Object.entries(lasting.raised).some(([key, {raisedAtMs}]) => isOfStart(key) && nowMs - raisedAtMs < lookedAgainForMs);
};

/** Deeper looks go out once each; a service that stops answering has its containers looked at anew, since no event tells of a lost network. */
const askFurther = (step: Step, wants: readonly ProbeWant[], event: Event): Step => {
	let next = step;
	for (const want of wants) {
		const effect = probeEffect(next.state, want);
		next = effect === null ? next : withEffect(withState(next, {situation: learn(next.state.situation, {type: 'diagnosis/probed', key: probeKey(want), answer: {atMs: next.state.nowMs, state: 'asked', facts: next.state.situation.probes[probeKey(want)]?.facts ?? {}}})}), effect);
	}

	// A start that the engine refused comes with no event: only a look tells why.
	const isStuck = event.type === 'clock/ticked' && mayStandRefused(next.state) && mayRecord(next.state, 'look/created', 2000);
	if (isStuck) {
		next = withEffect(markRecorded(next, 'look/created'), {type: 'containers/refresh'});
	}

	const isOutOfSpace = event.type === 'log/matched' && event.matches.some(({kind}) => kind === 'no-space' || kind === 'read-only');
	if (isOutOfSpace && mayRecord(next.state, 'look/disks', 5000)) {
		next = withEffect(markRecorded(next, 'look/disks'), {type: 'disks/refresh'});
	}

	const ping = event.type === 'ping/answered' ? next.state.situation.pings.find(other => other.target.name === event.name) : undefined;
	return ping?.last?.ok === false && ping.streak === 2 && mayRecord(next.state, 'look/containers', 4000) ? withEffect(markRecorded(next, 'look/containers'), {type: 'containers/refresh'}) : next;
};

/** The look with all that the runtime needs; null where there is nothing to ask. */
const probeEffect = (state: State, want: ProbeWant): Extract<Effect, {type: 'diagnosis/probe'}> | null => {
	if (want.containerId === '') {
		return {type: 'diagnosis/probe', want, pid: 0, target: null, address: ''};
	}

	const container = state.situation.containers.value?.find(({id}) => id === want.containerId);
	if (container === undefined) {
		return null;
	}

	const ping = want.kind === 'inside' ? state.situation.pings.find(({target}) => target.name === want.target)?.target : undefined;
	const target = want.kind === 'cache-info' ? state.situation.pings.find(other => other.target.kind === 'redis' && other.target.service === container.service)?.target : ping;
	const resolved = target === undefined ? null : resolvePing({...target, via: 'container'}, [container]);
	return {type: 'diagnosis/probe', want, pid: container.pid, target: target ?? null, address: resolved !== null && 'address' in resolved ? resolved.address : ''};
};

/** While the api is down its start card is the likeliest next key: compose is asked ahead of time what it would recreate. */
const prepareCard = (step: Step): Step => {
	const first = step.state.findings[0]?.actions[0];
	const action = first === undefined ? null : actionById(first);
	return healthOf(step.state.situation) === 'unhealthy' && action?.kind === 'start' && step.state.drift.action === null ? askDrift(step, action.id, false) : step;
};
