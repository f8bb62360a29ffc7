/**
The outbox on its way: what a person approved is claimed in the journal, sent once the journal has granted the claim, and its answer recorded. What
another console left lying is taken over; what may have gone out already is not sent twice but asked about. Nothing here decides that something is to be
sent: that is a person's `y` (update-escalation.ts), or the timer that the configuration asked for.
*/

import {escalationOf} from './escalation.ts';
import {isOpenItem, itemsOf} from './escalation-items.ts';
import type {Incident} from './incident.ts';
import type {Envelope, MessagePurpose} from './messengers.ts';
import {answerEntry, claimKey, nextStep, type Message} from './outbox.ts';
import type {ClaimWait, Event, State} from './state.ts';
import {flash, markRecorded, mayRecord, record, withEffect, withState, type Step} from './step.ts';
import {isRecorder} from './update-incident.ts';

/** A claim that a slow disk does not grant for so long is taken as granted: a page that does not go out is worse than one that comes twice. */
const grantPatienceMs = 5000;
/** Between two tries to arm the system's timer. */
const timerAgainMs = 60_000;

/** The incidents that messages are still sent for: the one now, the last one, and those before whose end was not told to everybody yet. */
export const tellingIncidents = ({incident, lastEnded, stored}: State): readonly Incident[] =>
	[incident, lastEnded, ...stored.ended.filter(({id}) => id !== lastEnded?.id)].filter(other => other !== null);

const waitKey = (incident: string, message: string): string => `${incident} ${message}`;

/** What follows for the outbox from what is known now. */
export const followOutbox = (step: Step): Step => {
	if (step.state.journal.state === 'opening' || step.state.readOnly || !step.state.canSend) {
		return step;
	}

	const moved = tellingIncidents(step.state).reduce((next, incident) => followMessages(next, incident), step);
	return followTimer(sendGranted(moved));
};

const followMessages = (step: Step, incident: Incident): Step => {
	let next = step;
	for (const message of Object.values(incident.outbox)) {
		next = followMessage(next, incident, message);
	}

	return next;
};

const whileItLasts: ReadonlySet<MessagePurpose> = new Set(['escalate', 'acknowledge', 'update', 'mitigate']);

/** Nobody is called for what is over. */
const isMoot = (incident: Incident, message: Message): boolean => incident.endedAtMs !== null && whileItLasts.has(message.purpose) && (message.state === 'approved' || (message.state === 'failed' && message.retryAtMs !== null));

const followMessage = (step: Step, incident: Incident, message: Message): Step => {
	const {state} = step;
	const isOurs = message.console === state.consoleId;
	// What this console is sending just now it does not take over from itself.
	const isUnderWay = message.state === 'claimed' && state.claims[waitKey(incident.id, message.id)]?.attempt === message.attempt;
	if (isUnderWay || (!isOurs && !isRecorder(state))) {
		return step;
	}

	const todo = isMoot(incident, message) ? {kind: 'expire'} as const : nextStep(message, state.nowMs, isOurs);
	switch (todo?.kind) {
		case undefined: {
			return step;
		}

		case 'claim': {
			return claimMessage(step, incident.id, message);
		}

		case 'expire': {
			return record(step, {type: 'message/expired', incident: incident.id, data: {message: message.id, channel: message.channel, purpose: message.purpose}, onceKey: `message/expired/${incident.id}/${message.id}/${message.attempt}/${message.approvedAtMs}`});
		}

		case 'doubt': {
			return record(step, {type: 'message/unknown', incident: incident.id, data: {message: message.id, channel: message.channel, purpose: message.purpose, attempt: message.attempt, words: ''}, onceKey: `message/unknown/${incident.id}/${message.id}/${message.attempt}`});
		}
	}
};

/** Asks the journal for the next attempt of a message. */
export const claimMessage = (step: Step, incident: string, message: Message): Step => {
	const {consoleId, nowMs, claims} = step.state;
	const attempt = message.attempt + 1;
	const wait: ClaimWait = {incident, message: message.id, attempt, sinceMs: nowMs, isSent: false};
	return record(withState(step, {claims: {...claims, [waitKey(incident, message.id)]: wait}}), {
		type: 'message/claimed', incident, data: {message: message.id, channel: message.channel, purpose: message.purpose, attempt, console: consoleId}, onceKey: claimKey(incident, message.id, attempt),
	});
};

const findMessage = (incidents: readonly (Incident | null)[], wait: Pick<ClaimWait, 'incident' | 'message'>): {readonly incident: Incident; readonly message: Message} | null => {
	const incident = incidents.find(other => other?.id === wait.incident) ?? undefined;
	return incident !== undefined && Object.hasOwn(incident.outbox, wait.message) ? {incident, message: incident.outbox[wait.message]!} : null;
};

const sendGranted = (step: Step): Step => Object.entries(step.state.claims).reduce((next, [key, wait]) => wait.isSent ? next : sendOne(next, key, wait), step);

const sendOne = (step: Step, key: string, wait: ClaimWait): Step => {
	const {state} = step;
	const {stored, consoleId, nowMs, journal} = state;
	const kept = findMessage([stored.current, ...stored.ended], wait)?.message;
	const isGranted = kept?.attempt === wait.attempt && kept.claim?.console === consoleId;
	// The journal has another's claim for this attempt, or what was asked for makes no sense any more.
	const isLost = kept !== undefined && !isGranted && (kept.attempt > wait.attempt || (kept.attempt === wait.attempt && (kept.claim === null || kept.claim.console !== consoleId)));
	const isDiskGone = journal.state === 'failed' || nowMs - wait.sinceMs >= grantPatienceMs;
	const found = findMessage(tellingIncidents(state), wait);
	if (isLost || found === null) {
		return withState(step, {claims: without(state.claims, key)});
	}

	return isGranted || isDiskGone
		? withEffect(withState(step, {claims: {...state.claims, [key]: {...wait, isSent: true}}}), {type: 'message/send', incident: wait.incident, message: wait.message, attempt: wait.attempt, envelope: envelopeOf(state, found.incident, found.message)})
		: step;
};

const without = (claims: State['claims'], key: string): State['claims'] => Object.fromEntries(Object.entries(claims).filter(([other]) => other !== key));

/** What the service called the first message of the incident. */
const referenceOf = (incident: Incident, {channel, id, reference}: Message): string | null => reference ?? Object.values(incident.outbox)
	.filter(other => other.channel === channel && other.id !== id && other.reference !== null && other.purpose !== 'issue')
	.toSorted((a, b) => a.atMs - b.atMs)[0]?.reference ?? null;

/** A message as it goes out: the text that the journal has, and nothing else. */
export const envelopeOf = (state: State, incident: Incident, message: Message): Envelope => ({
	id: `${incident.id}/${message.id}`,
	channel: message.channel ?? 'command',
	purpose: message.purpose,
	subject: message.subject,
	body: message.lines.join('\n'),
	state: message.publicState,
	incident: {
		id: incident.id, alert: incident.alert, severity: incident.severity, service: state.settings.alert.service, project: state.situation.project.facts?.name ?? state.settings.project ?? '',
		host: state.situation.host.identity.value?.hostName ?? state.situation.engine.facts?.hostName ?? state.actor.host, beganAtMs: incident.outage.sinceMs,
	},
	reference: referenceOf(incident, message),
	origin: state.actor.host,
	atMs: message.approvedAtMs,
});

// ─── answers ─────────────────────────────────────────────────────────────────

type MessageEvent = Extract<Event, {type: 'message/answered' | `timer/${string}`}>;

export const onMessageEvent = (step: Step, event: MessageEvent): Step => {
	switch (event.type) {
		case 'message/answered': {
			return onAnswer(step, event);
		}

		case 'timer/armed': {
			return record(step, {type: 'escalation/armed', incident: event.incident, data: {name: event.name, atMs: event.atMs}});
		}

		case 'timer/refused': {
			return onRefusedTimer(step, event);
		}
	}
};

/** The first refusal is news, and one for another reason; that it was tried again in vain is not. */
const onRefusedTimer = (step: Step, {incident, atMs, failure: {code, detail}}: Extract<MessageEvent, {type: 'timer/refused'}>): Step => {
	const {incident: now, secrets} = step.state;
	const known = now?.id === incident ? now.timer : null;
	const isKnown = known !== null && known.name === '' && known.atMs === atMs && known.code === code && known.detail === secrets.redact(detail);
	return isKnown ? step : record(step, {type: 'escalation/notArmed', incident, data: {name: '', atMs, code, detail}});
};

const onAnswer = (step: Step, {incident, message: id, attempt, delivery, share}: Extract<MessageEvent, {type: 'message/answered'}>): Step => {
	const {state} = step;
	const found = findMessage(tellingIncidents(state), {incident, message: id});
	const freed = withState(step, {claims: without(state.claims, waitKey(incident, id))});
	if (found === null) {
		return freed;
	}

	// Another console took it over meanwhile: what it failed with here is no news, that it went out is.
	const entry = answerEntry({...found.message, attempt}, delivery, state.nowMs, share);
	if (found.message.attempt !== attempt && entry.type !== 'message/sent') {
		return freed;
	}

	const told = record(freed, {type: entry.type, incident: found.incident.id, data: entry.data});
	const params = {channel: found.message.channel ?? ''};
	if (entry.type === 'message/sent') {
		return flash(told, 'message-sent', params);
	}

	const {retryAtMs} = entry.data;
	return typeof retryAtMs === 'number'
		? flash(told, 'message-again', {...params, seconds: Math.round((retryAtMs - state.nowMs) / 1000)}, 'warning')
		: flash(told, entry.type === 'message/failed' ? 'message-failed' : 'message-unknown', params, 'warning');
};

// ─── the system's timer ──────────────────────────────────────────────────────

/** Armed for the deadline as it stands, by the console that records, for what the configuration names; let go when somebody has taken it or it is over. */
const followTimer = (step: Step): Step => {
	const {state} = step;
	const {incident, lastEnded, settings} = state;
	if (settings.escalation.unattended.length === 0 || !isRecorder(state) || state.drill) {
		return step;
	}

	const over = incident ?? lastEnded;
	const wantedAtMs = wantedTimerMs(state);
	if (wantedAtMs === null) {
		return over !== null && over.timer !== null && over.timer.name !== '' ? disarm(step, over.id, over.timer.name) : step;
	}

	const key = `timer/${wantedAtMs}`;
	// What was refused is tried again for as long as its instant is to come: the machine was busy, or the user lingers by now.
	const isArmed = incident?.timer?.atMs === wantedAtMs && incident.timer.name !== '';
	if (incident === null || isArmed || wantedAtMs <= state.nowMs || !mayRecord(state, key, timerAgainMs)) {
		return step;
	}

	const old = incident.timer !== null && incident.timer.name !== '' ? withEffect(step, {type: 'timer/disarm', name: incident.timer.name}) : step;
	return withEffect(markRecorded(old, key), {type: 'timer/arm', incident: incident.id, project: state.situation.project.facts?.name ?? settings.project ?? '', atMs: wantedAtMs});
};

const disarm = (step: Step, incident: string, name: string): Step => withEffect(record(step, {type: 'escalation/disarmed', incident, data: {name}}), {type: 'timer/disarm', name});

const wantedTimerMs = ({incident, settings, nowMs}: State): number | null => {
	const escalation = escalationOf(incident, settings.escalation, nowMs);
	if (incident === null || escalation === null || incident.acknowledgedAtMs !== null || unattendedItems(incident, settings).length === 0) {
		return null;
	}

	const atMs = escalation.snoozedUntilMs ?? escalation.dueAtMs;
	// What is overdue is prompted by the console that is open; a timer that waits already stays.
	return atMs > nowMs ? atMs : incident.timer?.atMs ?? null;
};

/** What the timer would send: of the first level, nothing that anybody has dealt with. */
export const unattendedItems = (incident: Incident, settings: State['settings']): ReturnType<typeof itemsOf> =>
	itemsOf(incident, settings.escalation).filter(item => item.level === 1 && item.isConfigured && isOpenItem(item) && item.message === null && (settings.escalation.unattended as readonly string[]).includes(item.kind));
