/** Whether the configured alert sources answer, and whether the alert could page anybody: data, rule, reachable Alertmanager. */

import type {AlertsPort} from '../../core/alert-sources.ts';
import {matchersOf, matcherText} from '../../core/alerts.ts';
import type {Settings} from '../../core/settings.ts';
import {alertFailure} from '../../messages/alerts.ts';
import type {Language} from '../../messages/language.ts';
import {finding, type DoctorFinding} from './findings.ts';

/** Nothing where none is configured. */
export const checkAlerts = async (alerts: AlertsPort | null, settings: Pick<Settings, 'alerts' | 'alert'>, language: Language): Promise<readonly DoctorFinding[]> =>
	alerts === null ? [] : (await Promise.all([checkPrometheus(alerts, settings, language), checkAlertmanager(alerts, settings, language)])).flat();

const checkPrometheus = async (alerts: AlertsPort, {alerts: {prometheus}, alert}: Pick<Settings, 'alerts' | 'alert'>, language: Language): Promise<readonly DoctorFinding[]> => {
	if (prometheus === null) {
		return [];
	}

	const rule = prometheus.rule ?? alert.name;
	const {url, query} = prometheus;
	const answer = await alerts.prometheus({query, rule});
	if (!answer.ok) {
		return [finding('alerts', 'bad', 'alerts-failed', {source: 'Prometheus', url, why: alertFailure(language, answer.failure)})];
	}

	const {series, rule: told} = answer.value;
	const troubles = [
		...(series.ok ? (series.value.length === 0 ? [finding('alerts', 'warn', 'alerts-no-data', {query})] : []) : [finding('alerts', 'bad', 'alerts-failed', {source: 'Prometheus', url, why: alertFailure(language, series.failure)})]),
		...(told.ok ? (told.value === null ? [finding('alerts', 'warn', 'alerts-no-rule', {rule})] : (told.value.lastError === '' ? [] : [finding('alerts', 'warn', 'alerts-rule-fails', {rule, detail: told.value.lastError})])) : [finding('alerts', 'warn', 'alerts-failed', {source: 'Prometheus', url, why: alertFailure(language, told.failure)})]),
	];
	return troubles.length > 0 ? troubles : [finding('alerts', 'ok', 'alerts-prometheus', {url, query, rule})];
};

const checkAlertmanager = async (alerts: AlertsPort, settings: Pick<Settings, 'alerts' | 'alert'>, language: Language): Promise<readonly DoctorFinding[]> => {
	const {alertmanager} = settings.alerts;
	if (alertmanager === null) {
		return [];
	}

	const matchers = matchersOf(settings.alerts, settings.alert.name);
	const answer = await alerts.alertmanager(matchers);
	return [answer.ok
		? finding('alerts', 'ok', 'alerts-alertmanager', {url: alertmanager.url, matchers: matchers.map(matcher => matcherText(matcher)).join(', ')})
		: finding('alerts', 'bad', 'alerts-failed', {source: 'Alertmanager', url: alertmanager.url, why: alertFailure(language, answer.failure)})];
};
