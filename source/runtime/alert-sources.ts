/**
Asks the alert sources, where some are configured: every 15 s, at once when the incident changes its state, and never twice at a time. Carries out
what is to be done about a silence, and brings back what came of it.
*/

import type {AlertsPort, SilenceEffect} from '../core/alert-sources.ts';
import {matchersOf} from '../core/alerts.ts';
import type {State} from '../core/state.ts';
import type {Store} from './store.ts';
import type {Source} from './watch.ts';

export type AlertSources = {
	readonly list: readonly Source[];
	perform(effect: SilenceEffect): void;
	/** Looks at once when the incident is another one than before, or stands otherwise. */
	follow(hasten: (name: string) => void): void;
};

const everyMs = 15_000;
// After the first frame: what it takes to ask is loaded with the first look.
const firstAfterMs = 600;

const stageOf = ({incident, suspectedSinceMs}: State): string => incident === null ? (suspectedSinceMs === null ? '' : 'suspected') : `${incident.id} ${incident.state} ${incident.silence?.untilMs ?? 0}`;

/** Without a port there is nothing to ask, and no timer. */
export const createAlertSources = ({store, alerts}: {readonly store: Store; readonly alerts: AlertsPort | null}): AlertSources => {
	const {settings} = store.state();
	let stage = stageOf(store.state());
	if (alerts === null) {
		return {list: [], perform() {}, follow() {}};
	}

	// The runbook may name the alert and its condition, and it is read after the start.
	const alertName = (): string => store.state().settings.alert.name;
	const prometheus: Source = {
		name: 'alerts:prometheus', intervalMs: () => everyMs, firstAfterMs,
		async look() {
			const {query = '', rule = null} = store.state().settings.alerts.prometheus ?? {};
			const outcome = await alerts.prometheus({query, rule: rule ?? alertName()});
			store.dispatch(outcome.ok ? {type: 'alerts/prometheusRead', reading: outcome.value} : {type: 'alerts/prometheusUnread', failure: outcome.failure});
			return outcome.ok;
		},
	};
	const alertmanager: Source = {
		name: 'alerts:alertmanager', intervalMs: () => everyMs, firstAfterMs,
		async look() {
			const outcome = await alerts.alertmanager(matchersOf(settings.alerts, alertName()));
			store.dispatch(outcome.ok ? {type: 'alerts/alertmanagerRead', reading: outcome.value} : {type: 'alerts/alertmanagerUnread', failure: outcome.failure});
			return outcome.ok;
		},
	};

	const perform = async (effect: SilenceEffect): Promise<void> => {
		if (effect.type === 'silence/lift') {
			const {incident, id} = effect;
			const outcome = await alerts.lift(id);
			store.dispatch(outcome.ok ? {type: 'silence/expired', incident, id} : {type: 'silence/refused', incident, what: 'lift', failure: outcome.failure});
			return;
		}

		const {request} = effect;
		const outcome = await alerts.silence(request);
		store.dispatch(outcome.ok
			? {type: 'silence/stored', incident: request.incident, silence: outcome.value, matchers: request.matchers, extended: request.id !== null}
			: {type: 'silence/refused', incident: request.incident, what: request.id === null ? 'create' : 'extend', failure: outcome.failure});
	};

	const list = [...(settings.alerts.prometheus === null ? [] : [prometheus]), ...(settings.alerts.alertmanager === null ? [] : [alertmanager])];
	return {
		list,
		perform(effect) {
			void perform(effect);
		},
		follow(hasten) {
			const now = stageOf(store.state());
			if (now !== stage) {
				stage = now;
				for (const {name} of list) {
					hasten(name);
				}
			}
		},
	};
};
