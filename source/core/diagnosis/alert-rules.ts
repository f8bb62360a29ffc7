/**
What the alert sources add to the findings: the alert says down while everything answers here, with what Prometheus itself could not do; and an alert
that could not page anybody, which is to be known before the night when it should.
*/

import {alertNow, alertViews, targetErrorKind, withoutRequest, type AlertNow, type TargetErrorKind} from '../alerts.ts';
import type {Scene} from './scene.ts';
import {evidence, found, type ConfirmCode, type Evidence, type Finding} from './types.ts';

const alertOf = ({situation, settings, nowMs}: Scene): AlertNow => alertNow(alertViews(situation.alerts, settings.alerts, {nowMs, openAfterMs: settings.openAfterMs}));

const usualChecks: readonly ConfirmCode[] = ['prometheus-target', 'dns', 'firewall', 'probe-path'];

/** What Prometheus' own words point to comes first. */
const firstCheck: Readonly<Record<TargetErrorKind, readonly ConfirmCode[]>> = {
	refused: ['firewall', 'probe-path'], 'timed-out': ['firewall'], dns: ['dns'], status: ['probe-path'], path: ['probe-path'], tls: ['openssl'], other: [],
};

/** From green pings on a scrape and an evaluation pass before the alert can know. */
const lagMs = 90_000;

const hasJustRecovered = ({situation, nowMs}: Scene): boolean => situation.pings.some(({target, history, sinceMs}) => target.decisive && history.some(({ok}) => !ok) && nowMs - (sinceMs ?? nowMs) < lagMs);

/** Everything answers here, and somebody says that it does not: a person, or the alert. What has just turned green again is no riddle. */
export const nothingWrong = (scene: Scene, {isDoubted, greenAgainSinceMs}: {readonly isDoubted: boolean; readonly greenAgainSinceMs: number | null}): Finding | null => {
	if (greenAgainSinceMs !== null && scene.nowMs - greenAgainSinceMs < lagMs) {
		return null;
	}

	const now = alertOf(scene);
	const alerts = (now.state === 'firing' || now.state === 'pending') && !now.isOver && !hasJustRecovered(scene);
	if (scene.health !== 'healthy' || (!isDoubted && !alerts)) {
		return null;
	}

	const kind = now.targetError === '' ? 'other' : targetErrorKind(now.targetError);
	const said: readonly Evidence[] = alerts ? now.views.filter(({state}) => state === 'firing' || state === 'pending').map(view => evidence('alert-says', {source: view.source, name: scene.settings.alert.name, state: view.state}, view.sinceMs)) : [];
	return found('nothing-wrong-here', {
		weight: 'warning', confidence: 'likely', service: null,
		params: alerts ? {alert: scene.settings.alert.name} : {},
		evidence: [
			...(now.targetError === '' ? [] : [evidence('target-error', {detail: withoutRequest(now.targetError).replace(/^dial tcp(?: [^ ]+)?: /, ''), kind})]),
			...said.slice(0, 1),
			evidence('all-answer', {count: scene.situation.pings.filter(ping => ping.last?.ok === true).length}),
		],
		confirm: [...new Set([...(now.targetError === '' ? [] : firstCheck[kind]), ...usualChecks])],
	});
};

/** An alert that has no data, no rule, or a rule that cannot be evaluated pages nobody. */
export const blindAlert = (scene: Scene): readonly Finding[] => {
	const {prometheus} = scene.settings.alerts;
	const view = alertOf(scene).views.find(({source}) => source === 'prometheus');
	if (prometheus === null || view === undefined || (view.trouble !== 'no-data' && view.trouble !== 'no-rule' && view.trouble !== 'rule-fails')) {
		return [];
	}

	const params = {trouble: view.trouble, query: prometheus.query, rule: prometheus.rule ?? scene.settings.alert.name, detail: view.error};
	return [found('alert-blind', {weight: 'warning', confidence: 'certain', service: null, params, evidence: [evidence('alert-blind', params, view.atMs)], confirm: ['prometheus-target']})];
};
