/**
What follows for the incident from any event: suspected, opened when the condition has held or the alert fires, mitigated, reopened, the escalation
prompt, and the facts that its timeline needs. One console at a time records facts (the one with the lease); each records its own intents.
*/

import {isDiagnosis} from './diagnosis/types.ts';
import type {Incident} from './incident.ts';
import {remindersOf, type Reminder} from './reminders.ts';
import {escalationNow, isDismissed} from './screen.ts';
import {alertOutageOf, healthOf, outageOf, type Outage, type PingSituation} from './situation.ts';
import type {Event, State} from './state.ts';
import {followMetrics} from './metrics-sample.ts';
import {flash, markRecorded, mayRecord, record, ringOnce, withState, withView, type Step} from './step.ts';
import {closeSettled} from './update-duties.ts';
import {alertDoubts, followSilence, isAlertClear, liftSilence, opensByAlert, recordAlerts, resolveDoubt, suspicionOf} from './update-alerts.ts';

const pad = (value: number): string => String(value).padStart(2, '0');

/** `INC-20260118-031204`: readable aloud on the phone, unique since a project has one open incident at a time. */
export const incidentId = (atMs: number): string => {
	const at = new Date(atMs);
	return `INC-${at.getUTCFullYear()}${pad(at.getUTCMonth() + 1)}${pad(at.getUTCDate())}-${pad(at.getUTCHours())}${pad(at.getUTCMinutes())}${pad(at.getUTCSeconds())}`;
};

/** Opens the incident, by the condition, by an alert or by key, with what is known of the outage. */
export const openIncident = (step: Step, by: Incident['openedBy']): Step => {
	const {state} = step;
	const outage: Outage = suspicionOf(state) ?? {sinceMs: state.nowMs, source: 'ping', atLeast: true};
	// Another machine's clock may be a little ahead: no outage begins after it was seen.
	const sinceMs = Math.min(outage.sinceMs, state.nowMs);
	const failing = state.situation.pings.filter(ping => ping.last !== null && !ping.last.ok);
	return record(step, {
		type: 'incident/opened',
		incident: incidentId(state.nowMs),
		data: {
			by,
			alert: state.settings.alert.name,
			severity: state.settings.alert.severity,
			sinceMs,
			source: outage.source,
			atLeast: outage.atLeast,
			pings: failing.map(ping => ({name: ping.target.name, reason: ping.last?.reason ?? 'failed', status: ping.last?.status ?? null})),
			findings: state.findings.filter(finding => isDiagnosis(finding)).slice(0, 5).map(finding => ({code: finding.code, service: finding.service, scenario: finding.scenario})),
		},
	});
};

/** Facts are recorded by one console; without a working journal each keeps its own. */
export const isRecorder = (state: State): boolean => state.journal.state === 'failed' || (state.journal.state === 'ready' && state.journal.recording);

export const followIncident = (step: Step, event: Event): Step => {
	if (step.state.journal.state === 'opening') {
		return step;
	}

	const moved = recordFacts(moveIncident(step), event);
	const followed = promptEscalation(isRecorder(moved.state) ? followSilence(recordAlerts(moved)) : moved);
	const closed = isRecorder(followed.state) ? closeSettled(followed) : followed;
	return event.type === 'clock/ticked' ? followMetrics(closed, isRecorder(closed.state)) : closed;
};

const decisiveOf = (state: State): readonly PingSituation[] => state.situation.pings.filter(ping => ping.target.decisive);

const moveIncident = (step: Step): Step => {
	const outage = outageOf(step.state.situation);
	const suspectedSinceMs = suspicionOf(step.state)?.sinceMs ?? null;
	const next = suspectedSinceMs === step.state.suspectedSinceMs ? step : withState(step, {suspectedSinceMs});
	const {state} = next;
	if (!isRecorder(state)) {
		return next;
	}

	const decisive = decisiveOf(state);
	const isFailing = decisive.some(ping => ping.last?.ok === false && ping.streak >= 2);
	if (state.incident === null) {
		const isHeld = isFailing && outage !== null && !isDismissed(state) && state.nowMs - outage.sinceMs >= state.settings.openAfterMs;
		return isHeld ? openIncident(next, 'condition') : (opensByAlert(state) ? openIncident(next, 'alert') : next);
	}

	return state.incident.state === 'open' ? mitigate(next, state.incident, decisive) : (state.incident.state === 'mitigated' ? watch(next, state.incident, isFailing) : next);
};

/** So many good answers in a row, of each decisive check, are a recovery. */
const goodAnswers = 3;

const greenSinceMs = (state: State, decisive: readonly PingSituation[]): number => Math.max(...decisive.map(ping => ping.sinceMs ?? state.nowMs));

/** Since when all answers again after the incident, where that mitigated it or is about to; null where it does not, as with one that was opened while all was green. */
export const greenAgainSince = (state: State): number | null => {
	const {incident} = state;
	const decisive = decisiveOf(state);
	// An alert that says down while all answers goes on saying so, and that is told.
	if (incident === null || incident.doubted?.by === 'alert' || healthOf(state.situation) !== 'healthy') {
		return null;
	}

	const sinceMs = greenSinceMs(state, decisive);
	const isUndecided = incident.doubted === null || (sinceMs > incident.doubted.atMs && decisive.some(ping => ping.streak <= goodAnswers));
	return incident.state === 'mitigated' ? incident.mitigatedAtMs : (isUndecided ? sinceMs : null);
};

/** Green checks mitigate. Where somebody who knew better said it was down while they were green, they must have turned green since; of an alert its own word counts too. */
const mitigate = (step: Step, incident: Incident, decisive: readonly PingSituation[]): Step => {
	const {state} = step;
	if (healthOf(state.situation) !== 'healthy' || !decisive.every(ping => ping.streak >= goodAnswers)) {
		return step;
	}

	const recoveredAtMs = greenSinceMs(state, decisive);
	const {doubted, openedAtMs} = incident;
	if (doubted === null || recoveredAtMs > doubted.atMs) {
		return record(step, {type: 'incident/mitigated', atMs: Math.max(openedAtMs, recoveredAtMs), data: {}});
	}

	return doubted.by === 'alert' && isAlertClear(state) ? record(step, {type: 'incident/mitigated', data: {by: 'alert'}}) : step;
};

/** Falling back within the watching window is the same incident; what fails days later is another one, with its own clock. */
const watch = (step: Step, incident: Incident, isFailing: boolean): Step => {
	const {state} = step;
	const isDoubted = !isFailing && alertDoubts(state, incident);
	if (!isFailing && !isDoubted) {
		return step;
	}

	const watchedUntilMs = (incident.mitigatedAtMs ?? state.nowMs) + state.settings.watchMs;
	const isLater = isFailing ? state.nowMs > watchedUntilMs : (alertOutageOf(state.situation)?.sinceMs ?? 0) > watchedUntilMs;
	return isLater
		? liftSilence(record(step, {type: 'incident/resolved', atMs: watchedUntilMs, data: {by: 'watch', reason: ''}}), incident)
		: record(step, {type: 'incident/reopened', data: isDoubted ? {by: 'alert'} : {}});
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
	const reminded = remindersOf(state.incident, state.lastEnded, escalation, state.settings.escalation, state.nowMs)
		.reduce((next, reminder) => remind(next, reminder), step);
	if (state.incident === null || escalation === null || !escalation.due) {
		return reminded;
	}

	const prompted = escalation.prompted || !isRecorder(state) ? reminded : record(reminded, {type: 'escalation/prompted', data: {dueAtMs: escalation.dueAtMs}});
	return ringOnce(prompted, `escalation/${state.incident.id}/${escalation.level}/${state.incident.snoozedUntilMs ?? 0}/${escalation.prompts}`);
};

/** Once each. That nobody has taken the incident stands in the header already: it does not ring, and is said in the footer where nothing else is. */
const remind = (step: Step, reminder: Reminder): Step => {
	if (reminder.bell === null || step.state.rung.includes(reminder.bell)) {
		return step;
	}

	if (reminder.code !== 'not-acknowledged') {
		return ringOnce(step, reminder.bell);
	}

	const said = withState(step, {rung: [...step.state.rung, reminder.bell]});
	return step.state.view.flash === null ? flash(said, 'nobody-acknowledged', {minutes: Math.floor(reminder.forMs / 60_000)}, 'warning') : said;
};

/** Ends the incident by key: resolved, or cancelled as a false alarm. */
export const endIncident = (step: Step, how: 'resolved' | 'cancelled', reason: string): Step => {
	if (step.state.incident === null) {
		return flash(step, 'no-incident', {}, 'warning');
	}

	const {incident} = step.state;
	// What spoke against it goes along, so that nobody has to guess later why it fell back.
	const against = how === 'resolved' ? resolveDoubt(step.state) : null;
	const ended = record(step, {type: `incident/${how}`, data: {reason, ...(against === null ? {} : {against})}});
	return flash(liftSilence(ended, incident), how === 'resolved' ? 'incident-resolved' : 'incident-cancelled');
};

/** What the severity may be changed to: the usual ones, and the one that it has. */
export const severityChoices = ({settings, incident}: State): readonly string[] => [...new Set([...settings.severities, ...(incident === null || incident.severity === '' ? [] : [incident.severity])])];

export const openSeverity = (step: Step, incident: Incident): Step =>
	withView(step, {overlay: {kind: 'severity', cursor: Math.max(0, severityChoices(step.state).indexOf(incident.severity))}});

/** A digit or Enter takes one; `by` moves the cursor. */
export const onSeverityKey = (step: Step, cursor: number, key: string, by: number): Step => {
	const choices = severityChoices(step.state);
	const chosen = choices[key === 'enter' ? cursor : (/^[1-9]$/.test(key) ? Number(key) - 1 : -1)];
	return chosen === undefined
		? withView(step, {overlay: {kind: 'severity', cursor: Math.max(0, Math.min(choices.length - 1, cursor + by))}})
		: changeSeverity(withView(step, {overlay: {kind: 'incident', scroll: 0}}), chosen);
};

/** How bad it is, when that turns out otherwise than the runbook's alert says: who changed it from what to what is recorded. */
const changeSeverity = (step: Step, to: string): Step => {
	const {incident} = step.state;
	if (incident === null) {
		return flash(step, 'no-incident', {}, 'warning');
	}

	return incident.severity === to ? step : flash(record(step, {type: 'incident/severityChanged', data: {from: incident.severity, to}}), 'severity-changed', {severity: to});
};
