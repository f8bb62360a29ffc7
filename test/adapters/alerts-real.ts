import process from 'node:process';
import {createClock} from '../../source/adapters/clock.ts';
import {createAlertsPort} from '../../source/adapters/alerts.ts';
import type {AlertmanagerReading, AlertSettings, AlertsPort, Matcher, PrometheusReading} from '../../source/core/alert-sources.ts';
import type {Outcome} from '../../source/core/ports.ts';
import {startAlertServers, type AlertServers} from '../helpers/alert-servers.ts';
import {needs} from '../helpers/needs.ts';
import {until} from '../helpers/until.ts';

const withServers = needs('prometheus', 'alertmanager');
const clock = createClock();
const matchers: readonly Matcher[] = [{name: 'alertname', value: 'APIDown', isRegex: false, isEqual: true}];

const settingsOf = (servers: AlertServers): AlertSettings => ({
	prometheus: {url: servers.prometheusUrl, query: 'up', rule: null, login: null},
	alertmanager: {url: servers.alertmanagerUrl, matchers: [], silence: 'ask', silenceMs: 1_800_000, login: null},
});
const portOf = (servers: AlertServers): AlertsPort => createAlertsPort({settings: settingsOf(servers), clock, userAgent: 'mdc-console/0', environment: process.env});

const valueOf = <T>(outcome: Outcome<T>): T => {
	if (!outcome.ok) {
		throw new Error(`${outcome.failure.code}: ${outcome.failure.detail}`);
	}

	return outcome.value;
};

const readingWhen = async (port: AlertsPort, holds: (reading: PrometheusReading) => boolean, query = 'up{job="api"}'): Promise<PrometheusReading> => until(async () => {
	const reading = valueOf(await port.prometheus({query, rule: 'APIDown'}));
	return holds(reading) ? reading : null;
}, {everyMs: 100, deadlineMs: 40_000});

const alertsWhen = async (port: AlertsPort, holds: (reading: AlertmanagerReading) => boolean): Promise<AlertmanagerReading> => until(async () => {
	const reading = valueOf(await port.alertmanager(matchers));
	return holds(reading) ? reading : null;
}, {everyMs: 100, deadlineMs: 40_000});

withServers('Prometheus tells series, rule, true start and the target\'s last error; Alertmanager takes one silence per incident, moves its end and lifts it', async t => {
	const servers = await startAlertServers(t);
	const port = portOf(servers);
	const well = await readingWhen(port, ({series}) => series.ok && series.value.length === 1);
	t.true(well.series.ok && well.series.value[0]?.up);
	t.true(well.rule.ok && well.rule.value?.alerts.length === 0 && well.rule.value.forMs === 2000);
	t.deepEqual(valueOf(await port.alertmanager(matchers)).alerts, []);

	const downFromMs = Date.now();
	servers.down(true);
	const pending = await readingWhen(port, ({rule}) => rule.ok && rule.value?.alerts[0] !== undefined);
	const firing = await readingWhen(port, ({rule}) => rule.ok && rule.value?.alerts[0]?.state === 'firing');
	const [alert] = valueOf(firing.rule)!.alerts;
	// The start is when the condition became true, not when it fired.
	t.is(valueOf(pending.rule)!.alerts[0]?.activeAtMs, alert?.activeAtMs);
	t.true(alert!.activeAtMs >= downFromMs - 1000 && Date.now() - alert!.activeAtMs >= 1900, `${alert!.activeAtMs - downFromMs}`);
	t.deepEqual(valueOf(firing.series).map(({up}) => up), [false]);
	t.regex(valueOf(firing.targets)[0]?.lastError ?? '', /HTTP status 503/);
	t.is(valueOf(firing.targets).length, 1, 'the other job is none of ours');

	const fired = await alertsWhen(port, ({alerts}) => alerts.length === 1);
	t.true(fired.alerts[0]!.startsAtMs >= alert!.activeAtMs);
	const made = valueOf(await port.silence({incident: 'INC-1', matchers, endsAtMs: Date.now() + 600_000, createdBy: 'ana', id: null}));
	const again = valueOf(await port.silence({incident: 'INC-1', matchers, endsAtMs: Date.now() + 900_000, createdBy: 'ana', id: null}));
	t.is(again.id, made.id, 'an answer that never came does not make a second one');
	const extended = valueOf(await port.silence({incident: 'INC-1', matchers, endsAtMs: Date.now() + 1_800_000, createdBy: 'ana', id: made.id}));
	t.is(extended.id, made.id);
	const silenced = await alertsWhen(port, ({alerts}) => alerts[0]?.isSuppressed === true);
	t.deepEqual(silenced.alerts[0]?.silencedBy.map(String), [String(made.id)]);
	const kept = await servers.json(`${servers.alertmanagerUrl}/api/v2/silences`) as ReadonlyArray<{readonly comment: string; readonly createdBy: string; readonly status: {readonly state: string}}>;
	t.deepEqual(kept.map(({comment, createdBy, status}) => [comment, createdBy, status.state]), [['INC-1 · ana · mdc-console', 'ana', 'active']]);
	t.deepEqual(await port.lift(made.id), {ok: true, value: null});
	t.deepEqual(await port.lift(made.id), {ok: true, value: null}, 'over already is what was wanted');
	t.deepEqual(await port.lift('00000000-0000-0000-0000-000000000000'), {ok: true, value: null});
	await alertsWhen(port, ({alerts}) => alerts[0]?.isSuppressed === false);

	servers.down(false);
	await readingWhen(port, ({series, rule}) => series.ok && series.value[0]?.up === true && rule.ok && rule.value?.alerts.length === 0);
	await alertsWhen(port, ({alerts}) => alerts.length === 0);
	await servers.stopPrometheus();
	const gone = await port.prometheus({query: 'up{job=\"api\"}', rule: 'APIDown'});
	t.is(gone.ok ? '' : gone.failure.code, 'refused');
});

withServers('no such series is an empty answer and no such rule is null: neither is "up"', async t => {
	const servers = await startAlertServers(t, {rule: null});
	const reading = await readingWhen(portOf(servers), ({series}) => series.ok, 'up{job="nobody"}');
	t.deepEqual(valueOf(reading.series), []);
	t.is(valueOf(reading.rule), null);
	t.deepEqual(valueOf(reading.targets), []);
	const wrong = await portOf(servers).prometheus({query: 'up{', rule: 'APIDown'});
	t.true(wrong.ok && !wrong.value.series.ok && /parse error|unexpected/.test(wrong.value.series.failure.detail));
});
