/**
What follows for the incident from any event: suspected, opened when the condition has held, mitigated, reopened, the escalation prompt, and
the facts that its timeline needs. One console at a time records facts (the one with the lease); each records its own intents.
*/

import {escalationNow, isDismissed} from './screen.ts';
import {healthOf, outageOf, type Outage, type PingSituation} from './situation.ts';
import type {Event, State} from './state.ts';
import {followMetrics} from './metrics-sample.ts';
import {closeSettled} from './update-duties.ts';
import {flash, markRecorded, mayRecord, record, withEffect, withState, type Step} from './step.ts';

const pad = (value: number): string => String(value).padStart(2, '0');

/** `INC-20260118-031204`: readable aloud on the phone, unique since a project has one open incident at a time. */
export const incidentId = (atMs: number): string => {
	const at = new Date(atMs);
	return `INC-${at.getUTCFullYear()}${pad(at.getUTCMonth() + 1)}${pad(at.getUTCDate())}-${pad(at.getUTCHours())}${pad(at.getUTCMinutes())}${pad(at.getUTCSeconds())}`;
};

/** Opens the incident, by the condition or by key, with what is known of the outage. */
export const openIncident = (step: Step, by: 'condition' | 'key'): Step => {
	const {state} = step;
	const outage: Outage = outageOf(state.situation) ?? {sinceMs: state.nowMs, source: 'ping', atLeast: true};
	const failing = state.situation.pings.filter(ping => ping.last !== null && !ping.last.ok);
	return record(step, {
		type: 'incident/opened',
		incident: incidentId(state.nowMs),
		data: {
			by,
			alert: state.settings.alert.name,
			severity: state.settings.alert.severity,
			sinceMs: outage.sinceMs,
			source: outage.source,
			atLeast: outage.atLeast,
			pings: failing.map(ping => ({name: ping.target.name, reason: ping.last?.reason ?? 'failed', status: ping.last?.status ?? null})),
			findings: state.findings.slice(0, 5).map(finding => ({code: finding.code, service: finding.service, scenario: finding.scenario})),
		},
	});
};

/** Facts are recorded by one console; without a working journal each keeps its own. */
export const isRecorder = (state: State): boolean => state.journal.state === 'failed' || (state.journal.state === 'ready' && state.journal.recording);

export const followIncident = (step: Step, event: Event): Step => {
	if (step.state.journal.state === 'opening') {
		return step;
	}

	const followed = promptEscalation(recordFacts(moveIncident(step), event));
	const closed = isRecorder(followed.state) ? closeSettled(followed) : followed;
	return event.type === 'clock/ticked' ? followMetrics(closed, isRecorder(closed.state)) : closed;
};

const decisiveOf = (state: State): readonly PingSituation[] => state.situation.pings.filter(ping => ping.target.decisive);

const moveIncident = (step: Step): Step => {
	const health = healthOf(step.state.situation);
	const outage = outageOf(step.state.situation);
	const suspectedSinceMs = outage?.sinceMs ?? null;
	const next = suspectedSinceMs === step.state.suspectedSinceMs ? step : withState(step, {suspectedSinceMs});
	const {state} = next;
	if (!isRecorder(state)) {
		return next;
	}

	const decisive = decisiveOf(state);
	const isFailing = decisive.some(ping => ping.last?.ok === false && ping.streak >= 2);
	if (state.incident === null) {
		return isFailing && outage !== null && !isDismissed(state) && state.nowMs - outage.sinceMs >= state.settings.openAfterMs ? openIncident(next, 'condition') : next;
	}

	if (state.incident.state === 'open' && health === 'healthy' && decisive.every(ping => ping.streak >= 3)) {
		const recoveredAtMs = Math.max(...decisive.map(ping => ping.sinceMs ?? state.nowMs));
		// Opened by a person while all pings were green: she knows better than they do, and ends it herself.
		const hasRecovered = state.incident.openedBy === 'condition' || recoveredAtMs > state.incident.openedAtMs;
		return hasRecovered ? record(next, {type: 'incident/mitigated', atMs: Math.max(state.incident.openedAtMs, recoveredAtMs), data: {}}) : next;
	}

	if (state.incident.state !== 'mitigated' || !isFailing) {
		return next;
	}

	// Falling back within the watching window is the same incident; what fails days later is another one, with its own clock.
	return state.nowMs - (state.incident.mitigatedAtMs ?? state.nowMs) <= state.settings.watchMs
		? record(next, {type: 'incident/reopened', data: {}})
		: record(next, {type: 'incident/resolved', atMs: (state.incident.mitigatedAtMs ?? state.nowMs) + state.settings.watchMs, data: {by: 'watch', reason: ''}});
};

const recordFacts = (step: Step, event: Event): Step => {
	if (!isRecorder(step.state)) {
		return step;
	}

	switch (event.type) {
		case 'ping/answered': {
			return recordPing(step, event.name);
		}

		case 'container/happened': {
			const {kind, service, exitCode, atMs, oneOff} = event.event;
			const isTelling = kind === 'died' || kind === 'oom' || kind === 'started' || kind === 'created' || kind === 'removed' || kind === 'paused' || kind === 'unpaused';
			const key = `container/${kind}/${service}`;
			return oneOff || !isTelling || !mayRecord(step.state, key)
				? step
				: markRecorded(record(step, {type: `container/${kind}`, atMs, data: {service, exitCode}}), key);
		}

		case 'engine/lost':
		case 'engine/reached': {
			const before = step.state.recordedAtMs['engine/lost'] ?? -Infinity;
			const wasLost = before > (step.state.recordedAtMs['engine/reached'] ?? -Infinity);
			if (event.type === 'engine/lost') {
				return wasLost ? step : markRecorded(record(step, {type: 'engine/lost', data: {code: event.failure.code}}), 'engine/lost');
			}

			return wasLost ? markRecorded(record(step, {type: 'engine/reached', data: {}}), 'engine/reached') : step;
		}

		default: {
			return step;
		}
	}
};

/** The second bad answer is recorded (one alone may be a hiccup), with the instant of the first; the third good one after a bad one too. */
const recordPing = (step: Step, name: string): Step => {
	const ping = step.state.situation.pings.find(other => other.target.name === name);
	if (ping === undefined || ping.last === null) {
		return step;
	}

	if (!ping.last.ok && ping.streak === 2) {
		return record(step, {type: 'ping/failed', atMs: ping.firstBadAtMs ?? ping.last.atMs, data: {name, reason: ping.last.reason ?? 'failed', status: ping.last.status, detail: ping.last.detail.slice(0, 200)}});
	}

	return ping.last.ok && ping.streak === 3 && ping.history.at(-4)?.ok === false
		? record(step, {type: 'ping/recovered', atMs: ping.sinceMs ?? ping.last.atMs, data: {name, latencyMs: ping.last.latencyMs}})
		: step;
};

const promptEscalation = (step: Step): Step => {
	const {state} = step;
	const escalation = escalationNow(state);
	if (state.incident === null || escalation === null || !escalation.due) {
		return step;
	}

	const prompted = escalation.prompted || !isRecorder(state) ? step : record(step, {type: 'escalation/prompted', data: {dueAtMs: escalation.dueAtMs}});
	return state.bellFor === state.incident.id ? prompted : withEffect(withState(prompted, {bellFor: state.incident.id}), {type: 'terminal/bell'});
};

/** Ends the incident by key: resolved, or cancelled as a false alarm. */
export const endIncident = (step: Step, how: 'resolved' | 'cancelled', reason: string): Step => {
	if (step.state.incident === null) {
		return flash(step, 'no-incident', {}, 'warning');
	}

	return flash(record(step, {type: `incident/${how}`, data: {reason}}), how === 'resolved' ? 'incident-resolved' : 'incident-cancelled');
};
