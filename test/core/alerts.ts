import test from 'ava';
import fc from 'fast-check';
import {nothingAsked, type AlertmanagerReading, type AlertsEvent, type AlertSettings, type ManagedAlert, type PrometheusReading, type RuleAlert} from '../../source/core/alert-sources.ts';
import {alertNow, alertStart, alertViews, fitsSelector, isNaming, learnAlerts, matchersOf, matcherText, parseMatcher, queryOfCondition, selectorOf, targetErrorKind, withoutComparison, type AlertView} from '../../source/core/alerts.ts';
import type {Failure} from '../../source/core/ports.ts';
import {emptyText, ownText} from '../../source/core/text.ts';
import {startMs} from '../helpers/facts.ts';

const prometheus = {url: 'http://p:9090', query: 'up{job="api"}', rule: null, login: null};
const alertmanager = {url: 'http://a:9093', matchers: [], silence: 'ask', silenceMs: 1_800_000, login: null} as const;
const both: AlertSettings = {prometheus, alertmanager};
const failure = (code: Failure['code']): {readonly ok: false; readonly failure: Failure} => ({ok: false, failure: {code, detail: ownText('their words')}});
const alert = (state: RuleAlert['state'], activeAtMs: number, keepFiringSinceMs: number | null = null): RuleAlert => ({state, activeAtMs, keepFiringSinceMs});

/** What Prometheus said: the series up or down, the alerts of its rule. */
const reading = (up: readonly boolean[], alerts: readonly RuleAlert[], changes: Partial<PrometheusReading> = {}): PrometheusReading => ({
	atMs: startMs,
	skewMs: 0,
	series: {ok: true, value: up.map((value, index) => ({instance: ownText(`api:${index}`), up: value}))},
	rule: {ok: true, value: {forMs: 60_000, lastError: emptyText, alerts}},
	targets: {ok: true, value: []},
	...changes,
});
const noRule = {rule: {ok: true, value: null}} as const;
const managed = (...alerts: ReadonlyArray<Partial<ManagedAlert>>): AlertmanagerReading => ({atMs: startMs, skewMs: 0, alerts: alerts.map(changes => ({startsAtMs: startMs - 30_000, isSuppressed: false, silencedBy: [], inhibitedBy: [], ...changes}))});

const read = (events: readonly AlertsEvent[], nowMs = startMs, settings: AlertSettings = {prometheus, alertmanager: null}): readonly AlertView[] =>
	alertViews(events.reduce((before, event) => learnAlerts(before, event, text => text), nothingAsked), settings, {nowMs, openAfterMs: 60_000});
const asked = (of: PrometheusReading): AlertsEvent => ({type: 'alerts/prometheusRead', reading: of});

type Row = readonly [what: string, reading: PrometheusReading, state: AlertView['state'], trouble: AlertView['trouble'], sinceMs: number | null];

const table: readonly Row[] = [
	['up, no alert', reading([true], []), 'clear', null, null],
	['down, no alert yet: the rule has not been evaluated', reading([false], []), 'pending', null, startMs],
	['pending: since its true start', reading([false], [alert('pending', startMs - 20_000)]), 'pending', null, startMs - 20_000],
	['firing: since its true start', reading([false], [alert('firing', startMs - 300_000)]), 'firing', null, startMs - 300_000],
	['of several the earliest that fires', reading([false, false], [alert('firing', startMs - 100_000), alert('firing', startMs - 90_000), alert('pending', startMs - 500_000)]), 'firing', null, startMs - 100_000],
	['one of two down', reading([true, false], []), 'pending', null, startMs],
	['no such series is not "up"', reading([], []), 'unknown', 'no-data', null],
	['no series, and an absent() rule fires', reading([], [alert('firing', startMs - 1000)]), 'firing', null, startMs - 1000],
	['no such rule, and up: said, since nobody would be paged', reading([true], [], noRule), 'clear', 'no-rule', null],
	['no such rule, and down', reading([false], [], noRule), 'pending', 'no-rule', startMs],
	['no such rule and no data', reading([], [], noRule), 'unknown', 'no-data', null],
	['a rule that cannot be evaluated', reading([true], [], {rule: {ok: true, value: {forMs: 0, lastError: ownText('vector cannot contain metrics with the same labelset'), alerts: []}}}), 'clear', 'rule-fails', null],
	['another server that speaks the query alone', reading([true], [], {rule: failure('not-found'), targets: failure('not-found')}), 'clear', null, null],
	['the query failed, the rule says firing', reading([], [alert('firing', startMs - 1000)], {series: failure('failed')}), 'firing', null, startMs - 1000],
	['the query failed, and the rule says nothing', reading([], [], {series: failure('failed')}), 'unknown', 'no-answer', null],
];

for (const [what, of, state, trouble, sinceMs] of table) {
	test(`Prometheus: ${what}`, t => {
		const [view] = read([asked(of)]);
		t.deepEqual([view?.state, view?.trouble, view?.sinceMs], [state, trouble, sinceMs]);
	});
}

test('what was not asked, does not answer, or answered too long ago is unknown, and what it was last is kept', t => {
	t.like(read([])[0], {state: 'unknown', trouble: 'not-asked', last: null});
	const unread: AlertsEvent = {type: 'alerts/prometheusUnread', failure: {code: 'refused', detail: emptyText}};
	t.like(read([unread])[0], {state: 'unknown', trouble: 'no-answer', last: null});
	const firing = asked(reading([false], [alert('firing', startMs - 1000)]));
	t.like(read([firing, unread], startMs + 20_000)[0], {state: 'firing', failure: {code: 'refused'}}, 'one look that failed is not silence');
	t.like(read([firing, unread], startMs + 41_000)[0], {state: 'unknown', trouble: 'no-answer', last: 'firing', failure: {code: 'refused'}});
	t.like(read([firing], startMs - 3_600_000)[0], {state: 'unknown', last: 'firing'}, 'nor is an answer of the future an answer');
});

test('without a rule a series that stays down fires after the time that the alert wants, counted from when it was seen', t => {
	const later = (afterMs: number): AlertsEvent => asked(reading([false], [], {...noRule, atMs: startMs + afterMs}));
	const down = [asked(reading([true], [], noRule)), later(15_000), later(30_000), later(60_000)];
	t.like(read(down, startMs + 74_000)[0], {state: 'pending', sinceMs: startMs + 15_000});
	t.like(read([...down, later(75_000)], startMs + 75_000)[0], {state: 'firing', sinceMs: startMs + 15_000});
	t.like(read([...down, asked(reading([true], [], {...noRule, atMs: startMs + 80_000})), later(90_000)], startMs + 90_000)[0], {state: 'pending', sinceMs: startMs + 90_000}, 'up in between begins anew');
	t.like(read([...down, asked(reading([], [], {...noRule, atMs: startMs + 65_000})), later(75_000)], startMs + 75_000)[0], {state: 'firing'}, 'no data in between proves nothing');
});

test('Alertmanager: no alert is no proof of health; silenced and inhibited alerts still fire', t => {
	const of = (answer: AlertmanagerReading) => read([{type: 'alerts/alertmanagerRead', reading: answer}], startMs, {prometheus: null, alertmanager})[0];
	t.like(of(managed()), {state: 'none', sinceMs: null});
	t.like(of(managed({})), {state: 'firing', sinceMs: startMs - 30_000, silenced: false, inhibited: false});
	t.like(of(managed({isSuppressed: true, silencedBy: [ownText('s1')]})), {state: 'firing', silenced: true, inhibited: false});
	t.like(of(managed({isSuppressed: true, inhibitedBy: [ownText('i1')]})), {state: 'firing', silenced: false, inhibited: true});
	t.like(of(managed({isSuppressed: true, silencedBy: [ownText('s1')]}, {})), {state: 'firing', silenced: false}, 'one that reaches people is enough');
});

test('together the worst is told, and what is not known is not well', t => {
	const now = (prometheusReading: PrometheusReading | null, answer: AlertmanagerReading | null) => alertNow(read([
		...(prometheusReading === null ? [] : [asked(prometheusReading)]), ...(answer === null ? [] : [{type: 'alerts/alertmanagerRead' as const, reading: answer}]),
	], startMs, both));
	t.is(alertNow([]).state, null);
	t.is(now(reading([true], []), managed()).state, 'clear');
	t.is(now(reading([], []), managed()).state, 'unknown');
	t.is(now(null, managed()).state, 'unknown');
	t.is(now(reading([true], []), managed({})).state, 'firing', 'Alertmanager lags behind');
	t.like(now(reading([false], [alert('firing', startMs)]), managed({isSuppressed: true, silencedBy: [ownText('x')]})), {state: 'firing', silenced: true});
	t.true(now(reading([true], [alert('firing', startMs - 90_000, startMs - 1000)]), managed()).isOver);
	t.false(now(reading([false], [alert('firing', startMs - 90_000)]), managed({})).isOver);
});

test('the start of an outage: the rule\'s, else since a series was seen down, else since it fired; none where it is over', t => {
	const start = (...events: readonly AlertsEvent[]) => alertStart(events.reduce((before, event) => learnAlerts(before, event, text => text), nothingAsked));
	t.is(start(), null);
	t.deepEqual(start(asked(reading([false], [alert('firing', startMs - 300_000)]))), {sinceMs: startMs - 300_000, atLeast: false});
	t.deepEqual(start(asked(reading([false], []))), {sinceMs: startMs, atLeast: true});
	t.deepEqual(start({type: 'alerts/alertmanagerRead', reading: managed({})}), {sinceMs: startMs - 30_000, atLeast: true});
	t.is(start(asked(reading([true], [alert('firing', startMs - 300_000, startMs - 5000)]))), null);
	t.is(start(asked(reading([true], []))), null);
});

test('what a scrape\'s error points to', t => {
	for (const [error, kind] of [
		['Get "http://api:5001/metrics": dial tcp 172.18.0.4:5001: connect: connection refused', 'refused'],
		['Get "http://api:5001/metrics": dial tcp: lookup api on 127.0.0.11:53: no such host', 'dns'],
		['Get "http://api:5001/metrics": context deadline exceeded (Client.Timeout exceeded while awaiting headers)', 'timed-out'],
		['server returned HTTP status 404 NOT FOUND', 'path'], ['server returned HTTP status 503 Service Unavailable', 'status'],
		['expected equal, got "<" ("INVALID") while parsing: "<"', 'path'],
		['Get "https://api/metrics": x509: certificate has expired or is not yet valid', 'tls'],
		['Get "http://api:5001/metrics": EOF', 'refused'],
		['label_limit exceeded', 'other'],
	] as const) {
		t.is(targetErrorKind(error), kind, error);
	}
});

test('matchers are read and written as Alertmanager has them, and one must name something', t => {
	for (const [text, parsed] of [
		['alertname="APIDown"', {name: 'alertname', value: 'APIDown', isRegex: false, isEqual: true}],
		[' job = api ', {name: 'job', value: 'api', isRegex: false, isEqual: true}],
		['env!="test"', {name: 'env', value: 'test', isRegex: false, isEqual: false}],
		['instance=~"api-.*"', {name: 'instance', value: 'api-.*', isRegex: true, isEqual: true}],
		['team!~"a|b"', {name: 'team', value: 'a|b', isRegex: true, isEqual: false}],
		[String.raw`x="say \"hi\""`, {name: 'x', value: 'say "hi"', isRegex: false, isEqual: true}],
	] as const) {
		t.deepEqual(parseMatcher(text), parsed, text);
		t.deepEqual(parseMatcher(matcherText(parsed)), parsed, text);
	}

	for (const text of ['', 'alertname', '="x"', '1a="x"', 'a="x" b', 'a==b"', 'a="x']) {
		t.is(parseMatcher(text), null, text);
	}

	t.deepEqual(['a="x"', 'a=""', 'a!="x"', 'a=~".*"'].map(text => isNaming(parseMatcher(text)!)), [true, false, false, false]);
	t.deepEqual(matchersOf(both, 'ShopDown').map(matcher => matcherText(matcher)), ['alertname="ShopDown"']);
	fc.assert(fc.property(fc.string(), value => {
		t.is(parseMatcher(matcherText({name: 'a', value, isRegex: false, isEqual: true}))?.value ?? value, value);
	}));
});

test('which of the targets and alerts are meant, and the plain query behind one that compares', t => {
	t.deepEqual(selectorOf('up{job="api", env!="test", instance=~"a.*", zone="b"}'), {job: 'api', zone: 'b'});
	t.deepEqual(selectorOf('min(up{job="api"})'), {job: 'api'});
	t.deepEqual(selectorOf('up'), {});
	t.true(fitsSelector({job: 'api', instance: 'x'}, {job: 'api'}));
	t.false(fitsSelector({job: 'db'}, {job: 'api'}));
	t.true(fitsSelector({alertname: 'APIDown'}, {job: 'api'}), 'a rule may drop the label');
	for (const [condition, query] of [['up{job="api"} == 0', 'up{job="api"}'], ['up{job="api"} < 1', 'up{job="api"}'], ['up == 0', 'up'], ['up{job="api"} == 1', null], ['rate(errors[5m]) > 0', null], ['', null]] as const) {
		t.is(queryOfCondition(condition), query, condition);
	}

	for (const [query, plain] of [['up{job="api"} == 0', 'up{job="api"}'], ['up{job="api"}==bool 0', 'up{job="api"}'], ['up{job="api"} < 1', 'up{job="api"}'], ['sum(up{job="api"}) != 2.5', 'sum(up{job="api"})'], ['up{job="api"}', null], ['up{job=~"api|b0"}', null], ['up{job="api"} offset 5m', null]] as const) {
		t.is(withoutComparison(query), plain, query);
	}
});
