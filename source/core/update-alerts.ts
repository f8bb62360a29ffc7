/**
What follows from the alert sources: when the alert opens the incident or doubts that it is over, what its timeline is told, and the silence in
Alertmanager while it is worked on. It hides when an alert that fires is news, and that a source which went silent proves nothing.
*/

import type {SilenceEvent} from './alert-sources.ts';
import {alertNow, alertViews, matchersOf, matcherText, withoutRequest, type AlertNow, type AlertView} from './alerts.ts';
import type {Incident} from './incident.ts';
import type {Json} from './ports.ts';
import {alertOutageOf, outageOf, type Outage} from './situation.ts';
import type {Effect, State} from './state.ts';
import {flash, markRecorded, mayRecord, record, withEffect, withView, type Step} from './step.ts';
import type {Overlay} from './view.ts';

/** What the configured sources say now. */
export const alertNowOf = (state: State): AlertNow =>
	alertNow(alertViews(state.situation.alerts, state.settings.alerts, {nowMs: state.nowMs, openAfterMs: state.settings.openAfterMs}));

const dismissedForMs = 30 * 60_000;

/** A person ended the incident while this very alert was firing: it opens no other one, and is no suspicion. */
export const isAlertDismissed = (state: State): boolean => {
	const endedAtMs = state.lastEnded?.endedAtMs ?? null;
	const start = alertOutageOf(state.situation);
	if (endedAtMs === null || start === null) {
		return false;
	}

	// Seen to be down by a console that was opened after the end: for a while it is taken for the one that was dismissed.
	return start.sinceMs <= endedAtMs || (start.atLeast && state.openedAtMs > endedAtMs && state.nowMs - endedAtMs < dismissedForMs);
};

/** Prometheus evaluates the rule and says that it is over: what Alertmanager still has is only late. */
const isLate = ({views}: AlertNow): boolean => views.some(({source, state, trouble}) => source === 'prometheus' && state === 'clear' && trouble === null);

/** The alert speaks of an outage that nobody has dismissed and nobody has silenced on purpose. */
const speaks = (state: State, now: AlertNow): boolean => (now.state === 'firing' || now.state === 'pending') && !now.isOver && !now.silenced && !isLate(now) && !isAlertDismissed(state);

/** The outage as far as anything tells of one: our own pings, else the alert alone. */
export const suspicionOf = (state: State): Outage | null => {
	const seen = outageOf(state.situation);
	return seen ?? (hasSources(state) && speaks(state, alertNowOf(state)) ? alertOutageOf(state.situation) : null);
};

const hasSources = ({settings: {alerts}}: State): boolean => alerts.prometheus !== null || alerts.alertmanager !== null;

/** The alert fires: that opens the incident, whatever our own pings say. */
export const opensByAlert = (state: State): boolean => {
	if (!hasSources(state)) {
		return false;
	}

	const now = alertNowOf(state);
	// Prometheus may know the true start: its first answer is waited for.
	return now.state === 'firing' && speaks(state, now) && now.views.every(({trouble}) => trouble !== 'not-asked');
};

/** The alert says that it is over, with data; silence is not that. */
export const isAlertClear = (state: State): boolean => alertNowOf(state).state === 'clear';

/** From green checks on Prometheus needs a scrape and an evaluation to see it too. */
const lagMs = 180_000;

/** Our checks are green, and the alert goes on or fires anew: customers may be hurt where we do not look. */
export const alertDoubts = (state: State, incident: Incident): boolean => {
	const now = hasSources(state) ? alertNowOf(state) : null;
	const start = alertOutageOf(state.situation);
	const mitigatedAtMs = incident.mitigatedAtMs ?? state.nowMs;
	return now?.state === 'firing' && !now.isOver && !isLate(now) && (state.nowMs - mitigatedAtMs > lagMs || (start !== null && !start.atLeast && start.sinceMs > mitigatedAtMs));
};

/** What speaks against resolving now; null: nothing. */
export type ResolveDoubt = 'failing' | 'alert' | 'alert-unknown' | 'open' | 'watching';

export const resolveDoubt = (state: State): ResolveDoubt | null => {
	const {incident} = state;
	if (outageOf(state.situation) !== null) {
		return 'failing';
	}

	const now = alertNowOf(state);
	if (now.state === 'firing' || now.state === 'pending') {
		return 'alert';
	}

	if (now.state === 'unknown') {
		return 'alert-unknown';
	}

	return incident?.state === 'mitigated' ? (watchLeftMs(state, incident) > 0 ? 'watching' : null) : 'open';
};

/** What is left of the watching window; resolving is offered when it is over. */
export const watchLeftMs = ({nowMs, settings}: State, incident: Incident): number => Math.max(0, (incident.mitigatedAtMs ?? nowMs) + settings.watchMs - nowMs);

// ─── the timeline ────────────────────────────────────────────────────────────

type Told = 'alert/fired' | 'alert/cleared' | 'alert/unknown';

const tellingOf = (view: AlertView): Told | null => {
	switch (view.state) {
		case 'firing': {
			return 'alert/fired';
		}

		case 'clear':
		case 'none': {
			return 'alert/cleared';
		}

		case 'unknown': {
			return view.trouble === 'not-asked' ? null : 'alert/unknown';
		}

		case 'pending': {
			return null;
		}
	}
};

const tellAgainMs = 20_000;

/** What a source says becomes part of the incident's record when it is news to it, whichever console it was that heard it. */
export const recordAlerts = (step: Step): Step => {
	let next = step;
	for (const view of hasSources(step.state) ? alertNowOf(step.state).views : []) {
		const {incident} = next.state;
		const type = tellingOf(view);
		const kind = `alert/${view.source}`;
		if (incident === null || type === null || !isNews(incident, view, type) || (type !== 'alert/fired' && !mayRecord(next.state, kind, tellAgainMs))) {
			continue;
		}

		next = markRecorded(record(next, {
			type,
			data: {source: view.source, ...(type === 'alert/fired' ? firedData(view) : {trouble: view.trouble, detail: view.error.slice(0, 200)})},
		}), kind);
	}

	return next;
};

const firedData = (view: AlertView): {readonly [key: string]: Json} => ({
	// Only Prometheus knows when the condition began; Alertmanager's is the instant at which it fired.
	...(view.source === 'prometheus' && view.trouble !== 'no-rule' ? {activeAtMs: view.sinceMs, ...(view.firedAtMs === null ? {} : {firedAtMs: view.firedAtMs})} : {firedAtMs: view.sinceMs}),
	targetError: withoutRequest(view.targetError).slice(0, 200), silenced: view.silenced, inhibited: view.inhibited,
});

const isNews = (incident: Incident, view: AlertView, type: Told): boolean => {
	const before = incident.timeline.findLast(item => item.type.startsWith('alert/') && item.data['source'] === view.source);
	if (before === undefined) {
		// That a source says nothing of an outage is news; that it knows of none, while none was told, is not.
		return type === 'alert/fired' || type === 'alert/unknown';
	}

	const since = before.data['activeAtMs'] ?? before.data['firedAtMs'];
	return before.type !== type || (type === 'alert/fired' && typeof since === 'number' && view.sinceMs !== null && Math.abs(since - view.sinceMs) > sameStartMs);
};

/** The other clock is known to a second or so: the same start is told a little otherwise from look to look. */
const sameStartMs = 5000;

// ─── silences ────────────────────────────────────────────────────────────────

/** A silence may be made or extended here, and if not why not. */
export const silenceTrouble = (state: State): 'no-alertmanager' | 'no-incident' | 'read-only' | null =>
	state.settings.alerts.alertmanager === null ? 'no-alertmanager' : (state.incident === null ? 'no-incident' : (state.readOnly ? 'read-only' : null));

/** To who acknowledges the silence is proposed, where the alert fires and pages go on. */
export const proposeSilence = (step: Step): Step => {
	const {state} = step;
	const view = alertNowOf(state).views.find(({source}) => source === 'alertmanager');
	const isWanted = state.settings.alerts.alertmanager?.silence === 'ask' && silenceTrouble(state) === null && state.incident?.silence === null && view?.state === 'firing' && !view.silenced;
	return isWanted ? openSilence(step) : step;
};

/** The overlay that asks: make one, or extend the one that there is. */
export const openSilence = (step: Step): Step => {
	const trouble = silenceTrouble(step.state);
	return trouble === null
		? withView(step, {overlay: {kind: 'silence', what: step.state.incident?.silence === null ? 'create' : 'extend', askedAtMs: step.state.view.keyAtMs, scroll: 0}})
		: flash(step, trouble, {}, 'warning');
};

const confirmAfterMs = 300;

/** `y` does what the overlay asks, `u` asks whether to lift instead. Null: not one of its keys. */
export const onSilenceKey = (step: Step, overlay: Extract<Overlay, {kind: 'silence'}>, press: {readonly key: string; readonly alone: boolean; readonly atMs: number}): Step | null => {
	const {incident} = step.state;
	if (press.key === 'u' && incident?.silence != null) {
		return withView(step, {overlay: {...overlay, what: 'lift', askedAtMs: press.atMs}});
	}

	if (press.key !== 'y') {
		return null;
	}

	if (!press.alone || press.atMs - overlay.askedAtMs < confirmAfterMs) {
		return flash(step, 'not-yet', {}, 'warning');
	}

	const closed = withView(step, {overlay: null});
	const trouble = silenceTrouble(step.state);
	if (trouble !== null || incident === null) {
		return flash(closed, trouble ?? 'no-incident', {}, 'warning');
	}

	if (overlay.what === 'lift') {
		return incident.silence === null ? closed : flash(withEffect(closed, {type: 'silence/lift', incident: incident.id, id: incident.silence.id}), 'silence-asked');
	}

	return flash(withEffect(closed, putEffect(step.state, incident)), 'silence-asked');
};

/** Until when a silence would last that is made or extended now. */
export const silenceEndMs = ({nowMs, settings}: State): number => nowMs + (settings.alerts.alertmanager?.silenceMs ?? 0);

const putEffect = (state: State, incident: Incident): Effect => ({
	type: 'silence/put',
	request: {
		incident: incident.id,
		matchers: matchersOf(state.settings.alerts, state.settings.alert.name),
		endsAtMs: silenceEndMs(state),
		createdBy: incident.silence?.by ?? state.actor.name,
		id: incident.silence?.id ?? null,
	},
});

/** What came of it is recorded by the console that asked, also when the incident is over by then. */
export const onSilenceEvent = (step: Step, event: SilenceEvent): Step => {
	const {incident} = event;
	switch (event.type) {
		case 'silence/stored': {
			const {id, endsAtMs} = event.silence;
			const recorded = record(step, {type: event.extended ? 'silence/extended' : 'silence/created', incident, data: {id, endsAtMs, matchers: event.matchers.map(matcher => matcherText(matcher)).join(', ')}});
			return flash(recorded, 'silenced', {minutes: Math.max(1, Math.round((endsAtMs - step.state.nowMs) / 60_000))});
		}

		case 'silence/expired': {
			return flash(record(step, {type: 'silence/lifted', incident, data: {id: event.id}}), 'silence-lifted');
		}

		case 'silence/refused': {
			const {code, detail} = event.failure;
			return flash(record(step, {type: 'silence/failed', incident, data: {what: event.what, code, detail: detail.slice(0, 200)}}), 'silence-failed', {what: event.what, detail}, 'warning');
		}
	}
};

/** Ends the incident's silence, if it has one that lasts: it is over, and the next alert must be heard. */
export const liftSilence = (step: Step, incident: Incident | null): Step => {
	const silence = incident?.silence ?? null;
	return incident === null || silence === null || silence.untilMs <= step.state.nowMs || step.state.readOnly
		? step
		: withEffect(markRecorded(step, 'silence/lift'), {type: 'silence/lift', incident: incident.id, id: silence.id});
};

const liftAgainMs = 30_000;
const extendAgainMs = 60_000;
/** What is worked on for longer than this is worth a page again, and a person who extends it. */
const extendForMs = 4 * 3_600_000;

/** By the console that records: a silence is extended while somebody works on the incident, and lifted when it is over, also where that failed before. */
export const followSilence = (step: Step): Step => {
	const {state} = step;
	const {alertmanager} = state.settings.alerts;
	if (alertmanager === null || state.readOnly) {
		return step;
	}

	const {incident, lastEnded, nowMs} = state;
	if (incident === null) {
		return lastEnded?.silence != null && mayRecord(state, 'silence/lift', liftAgainMs) ? liftSilence(step, lastEnded) : step;
	}

	const {silence} = incident;
	const isEnding = silence !== null && silence.untilMs > nowMs && silence.untilMs - nowMs < Math.min(300_000, alertmanager.silenceMs / 3);
	const mayExtend = isEnding && incident.state === 'open' && incident.acknowledgedAtMs !== null && nowMs - silence.sinceMs < extendForMs;
	return mayExtend && mayRecord(state, 'silence/extend', extendAgainMs) ? withEffect(markRecorded(step, 'silence/extend'), putEffect(state, incident)) : step;
};
