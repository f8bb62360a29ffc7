import test from 'ava';
import type {AlertSettings, AlertmanagerReading, PrometheusReading} from '../../source/core/alert-sources.ts';
import {replay} from '../../source/core/incident.ts';
import {emptyText, ownText} from '../../source/core/text.ts';
import type {JournalEntry} from '../../source/core/ports.ts';
import {settingsWith} from '../../source/core/runbook-state.ts';
import {standing} from '../../source/core/screen.ts';
import {defaultSettings, type Settings} from '../../source/core/settings.ts';
import type {Effect, Event, PendingDraft} from '../../source/core/state.ts';
import {createFormatter} from '../../source/messages/format.ts';
import {timelineSentence} from '../../source/messages/timeline.ts';
import {ana, bad, good, newState, opened, stack, startMs} from '../helpers/facts.ts';

const sources: AlertSettings = {
	prometheus: {url: 'http://p:9090', query: 'up{job="api"}', rule: null, login: null},
	alertmanager: {url: 'http://a:9093', matchers: [], silence: 'ask', silenceMs: 1_800_000, login: null},
};
const allGood = (_name: string, atMs: number) => good(atMs);
const apiDown = (name: string, atMs: number) => name === 'api' ? bad(atMs) : (name === 'nginx' ? bad(atMs, 'status') : good(atMs));
const draftsOf = (effects: readonly Effect[]): readonly PendingDraft[] => effects.flatMap(effect => effect.type === 'journal/append' ? effect.drafts : []);
const named = (effects: readonly Effect[], type: string): readonly PendingDraft[] => draftsOf(effects).filter(draft => draft.type === type);
const silenceEffects = (effects: readonly Effect[]) => effects.filter(effect => effect.type === 'silence/put' || effect.type === 'silence/lift');

const prometheus = (atMs: number, activeAtMs: number | null, changes: {readonly state?: 'pending' | 'firing'; readonly empty?: boolean; readonly error?: string} = {}): Event => {
	const isDown = activeAtMs !== null;
	const reading: PrometheusReading = {
		atMs,
		skewMs: 0,
		series: {ok: true, value: changes.empty === true ? [] : [{instance: ownText('api:5001'), up: !isDown}]},
		rule: {ok: true, value: {forMs: 60_000, lastError: emptyText, alerts: isDown ? [{state: changes.state ?? 'firing', activeAtMs, keepFiringSinceMs: null}] : []}},
		targets: {ok: true, value: [{instance: ownText('api:5001'), health: isDown ? 'down' : 'up', lastError: ownText(isDown ? changes.error ?? 'connection refused' : '')}]},
	};
	return {type: 'alerts/prometheusRead', reading};
};
const alertmanager = (atMs: number, alerts: AlertmanagerReading['alerts']): Event => ({type: 'alerts/alertmanagerRead', reading: {atMs, skewMs: 0, alerts}});
const fired = {startsAtMs: startMs - 60_000, isSuppressed: false, silencedBy: [], inhibitedBy: []};
const silencedByOther = {...fired, isSuppressed: true, silencedBy: [ownText('planned')]};

/** A console whose Alertmanager has answered once: it knows of no alert. */
const console_ = (changes: Parameters<typeof newState>[0] = {}, containers = stack()) =>
	opened(newState({...changes, settings: {alerts: sources, ...changes.settings}}), containers).send(alertmanager(startMs, []));

test('the alert opens the incident with its own start, although everything answers here, and says what Prometheus could not do', t => {
	const console = console_().until(startMs + 4000, allGood).send(prometheus(startMs + 4000, startMs - 120_000, {error: 'lookup api: no such host'}));
	t.like(console.state.incident, {openedBy: 'alert', outage: {sinceMs: startMs - 120_000, source: 'alert', atLeast: false}, openedAtMs: startMs + 4000});
	t.is(standing(console.state), 'outage');
	console.until(startMs + 6000, allGood);
	t.like(console.state.findings[0], {code: 'nothing-wrong-here', params: {alert: 'APIDown'}});
	t.deepEqual(console.state.findings[0]?.evidence.map(({code}) => code), ['target-error', 'alert-says', 'all-answer']);
	t.is(console.state.findings[0]?.confirm[0], 'dns');
	t.like(named(console.effects, 'alert/fired')[0], {data: {source: 'prometheus', activeAtMs: startMs - 120_000, targetError: 'lookup api: no such host'}});
});

test('green pings are no recovery of an incident that the alert opened against them: its own word is, and silence is not', t => {
	const console = console_().until(startMs + 4000, allGood).send(prometheus(startMs + 4000, startMs - 120_000)).until(startMs + 30_000, allGood);
	t.is(console.state.incident?.state, 'open');
	console.send(prometheus(startMs + 30_000, null, {empty: true})).until(startMs + 40_000, allGood);
	t.is(console.state.incident?.state, 'open', 'no data closes nothing');
	console.send({type: 'alerts/prometheusUnread', failure: {code: 'refused', detail: emptyText}}).until(startMs + 120_000, allGood);
	t.is(console.state.incident?.state, 'open', 'nor does a source that is gone');
	t.is(named(console.effects, 'alert/unknown').filter(({data}) => data['source'] === 'prometheus').length, 1);
	console.send(prometheus(startMs + 120_000, null)).send(alertmanager(startMs + 120_000, [])).until(startMs + 122_000, allGood);
	t.like(console.state.incident, {state: 'mitigated', mitigatedBy: 'alert'});
	t.is(named(console.effects, 'alert/cleared').filter(({data}) => data['source'] === 'prometheus').length, 1);
});

test('of what failed and has just turned green the alert comes late: a console that opens then does not say that nothing is wrong', t => {
	const entry: JournalEntry = {sequence: 1, atMs: startMs - 60_000, monotonicMs: 0, bootId: 'b', actor: ana, incident: 'INC-20260118-030305', type: 'incident/opened', data: {by: 'condition', alert: 'APIDown', severity: 'CRITICAL', sinceMs: startMs - 120_000, source: 'ping', atLeast: false}};
	const console = console_().send({type: 'journal/opened', place: {path: '/x', kind: 'shared', failure: null}, entries: [entry]}).send(prometheus(startMs, startMs - 120_000));
	for (let atMs = startMs + 1000; atMs <= startMs + 80_000; atMs += 1000) {
		console.until(atMs, allGood).send(prometheus(atMs, startMs - 120_000));
		t.deepEqual(console.state.findings, []);
	}

	t.is(console.state.incident?.state, 'mitigated');
	console.until(startMs + 120_000, allGood).send(prometheus(startMs + 120_000, startMs - 120_000)).until(startMs + 122_000, allGood);
	t.is(console.state.findings[0]?.code, 'nothing-wrong-here', 'an alert that goes on is no lag');
});

test('pending is a suspicion and opens nothing; firing does', t => {
	const console = console_().until(startMs + 4000, allGood).send(prometheus(startMs + 4000, startMs + 2000, {state: 'pending'}));
	t.is(console.state.incident, null);
	t.is(standing(console.state), 'suspected');
	t.is(console.state.suspectedSinceMs, startMs + 2000);
	t.is(standing(console.send(prometheus(startMs + 19_000, null)).state), 'healthy');
	t.is(console.send(prometheus(startMs + 34_000, startMs + 2000)).state.incident?.openedBy, 'alert');
});

test('before both have answered nothing is opened, and what Alertmanager has late opens nothing', t => {
	const console = opened(newState({settings: {alerts: sources}}), stack()).until(startMs + 4000, allGood).send(alertmanager(startMs + 4000, [fired]));
	t.is(console.state.incident, null, 'Prometheus may know the true start');
	t.like(console.send(prometheus(startMs + 4500, startMs - 120_000)).state.incident?.outage, {sinceMs: startMs - 120_000, atLeast: false});
	const late = console_().until(startMs + 4000, allGood).send(prometheus(startMs + 4000, null), alertmanager(startMs + 4000, [fired])).until(startMs + 8000, allGood);
	t.is(late.state.incident, null);
	const alone = opened(newState({settings: {alerts: {...sources, prometheus: null}}}), stack()).until(startMs + 4000, allGood).send(alertmanager(startMs + 4000, [fired]));
	t.like(alone.state.incident?.outage, {sinceMs: startMs - 60_000, source: 'alert', atLeast: true});
	const mute = console_().until(startMs + 4000, allGood).send({type: 'alerts/prometheusUnread', failure: {code: 'timed-out', detail: emptyText}}, alertmanager(startMs + 4000, [fired]));
	t.is(mute.state.incident?.openedBy, 'alert', 'one that does not answer holds nobody up');
});

test('no data and no answer are said and open nothing', t => {
	const console = console_().until(startMs + 4000, allGood).send(prometheus(startMs + 4000, null, {empty: true})).until(startMs + 90_000, allGood);
	t.is(console.state.incident, null);
	t.is(standing(console.state), 'healthy');
	const blind = console_().until(startMs + 4000, allGood).send(prometheus(startMs + 4000, null, {empty: true})).until(startMs + 8000, allGood);
	t.like(blind.state.findings[0], {code: 'alert-blind', weight: 'warning', params: {trouble: 'no-data'}});
});

test('an alert that somebody silenced on purpose opens nothing by itself; our own condition still does', t => {
	const console = console_().until(startMs + 4000, allGood).send(alertmanager(startMs + 4000, [silencedByOther]), prometheus(startMs + 4000, startMs - 120_000)).until(startMs + 8000, allGood);
	t.is(console.state.incident, null);
	t.is(standing(console.state), 'healthy');
	console.until(startMs + 80_000, apiDown);
	t.is(console.state.incident?.openedBy, 'condition');
});

test('a console opened late takes the outage\'s start from the alert, and corrects one that was only "at least since"', t => {
	const early = console_().send(prometheus(startMs, startMs - 900_000, {state: 'pending'})).until(startMs + 70_000, apiDown);
	t.like(early.state.incident?.outage, {sinceMs: startMs - 900_000, source: 'alert', atLeast: false});
	const late = console_().until(startMs + 70_000, apiDown);
	t.like(late.state.incident?.outage, {source: 'ping', atLeast: true});
	late.send(prometheus(startMs + 70_000, startMs - 900_000));
	t.like(late.state.incident?.outage, {sinceMs: startMs - 900_000, source: 'alert', atLeast: false});
	// What was proven by a death stays.
	const stopped = {api: {state: 'exited', health: 'unhealthy', exitCode: 0, finishedAtMs: startMs - 200_000, pid: 0}} as const;
	const proven = console_({}, stack(stopped)).until(startMs + 3000, apiDown).send(prometheus(startMs + 3000, startMs - 195_000));
	t.like(proven.state.incident?.outage, {sinceMs: startMs - 200_000, source: 'container'});
});

test('an alert from before the last proof of health is not this outage\'s start', t => {
	const console = console_().until(startMs + 4000, allGood).send(alertmanager(startMs + 4000, [silencedByOther]), prometheus(startMs + 4000, startMs - 900_000)).until(startMs + 70_000, apiDown);
	t.like(console.state.incident?.outage, {source: 'ping', atLeast: false, sinceMs: startMs + 5000});
});

test('it was detected when the alert fired, which may be long before a console was there to open it; another outage\'s alert detected nothing of this one', t => {
	const withAlert = (firedAtMs: number) => console_().until(startMs + 70_000, apiDown).state.pending.map((draft, index): JournalEntry => ({...draft, sequence: index + 1, monotonicMs: 0, bootId: '', actor: ana}))
		.concat([{sequence: 1000, atMs: startMs + 71_000, monotonicMs: 0, bootId: '', actor: ana, incident: null, type: 'alert/fired', data: {source: 'alertmanager', firedAtMs}}])
		.map((entry, _index, entries) => ({...entry, incident: entries.find(({type}) => type === 'incident/opened')?.incident ?? null}));
	const opened = replay(withAlert(startMs + 3_600_000)).current!;
	t.deepEqual(opened.detected, {atMs: opened.openedAtMs, by: 'condition'});
	t.deepEqual(replay(withAlert(opened.outage.sinceMs + 10_000)).current?.detected, {atMs: opened.outage.sinceMs + 10_000, by: 'alert'});
	t.deepEqual(replay(withAlert(opened.outage.sinceMs - 10_000)).current?.detected, opened.detected);
	// Prometheus tells it by when the condition began and how long the rule waits.
	const waited = console_().send(prometheus(startMs, startMs - 300_000)).until(startMs + 3000, apiDown).state.incident!;
	t.is(waited.detected.by, 'alert');
	t.true(waited.detected.atMs < waited.openedAtMs, 'the alert was there before the console');
});

test('resolving while the alert fires or is not known asks for a reason, which goes into the record with what spoke against it', t => {
	const recovered = () => console_().until(startMs + 4000, apiDown).send(prometheus(startMs + 4000, startMs - 120_000)).until(startMs + 12_000, allGood);
	const console = recovered();
	t.is(console.state.incident?.state, 'mitigated', 'our own checks turned green since');
	console.press('i', 'x');
	t.is(console.state.view.prompt?.purpose, 'resolve-reason');
	console.press('k', 'enter');
	t.like(named(console.effects, 'incident/resolved')[0], {data: {reason: 'k', against: 'alert'}});
	t.like(console.state.lastEnded, {state: 'resolved', endedBy: 'ana', endReason: 'k'});
	// The alert that was dismissed opens no other one, in this console and in the next.
	console.send(prometheus(startMs + 30_000, startMs - 120_000)).until(startMs + 60_000, allGood);
	t.is(console.state.incident, null);
	t.is(standing(console.state), 'healthy');
	t.is(console.send(prometheus(startMs + 60_000, startMs + 45_000)).state.incident?.outage.sinceMs, startMs + 45_000, 'one that fires anew does');

	const silent = recovered().until(startMs + 320_000, allGood).press('i', 'x', 'k', 'enter');
	t.is(named(silent.effects, 'incident/resolved')[0]?.data['against'], 'alert-unknown');
	const clear = recovered().send(prometheus(startMs + 13_000, null), alertmanager(startMs + 13_000, [])).until(startMs + 320_000, allGood).send(prometheus(startMs + 320_000, null), alertmanager(startMs + 320_000, [])).press('i', 'x');
	t.is(clear.state.incident, null, 'nothing speaks against it any more');
	t.is(named(clear.effects, 'incident/resolved')[0]?.data['against'], undefined);
});

test('an alert that fires anew, or on for minutes, after the checks turned green reopens the incident', t => {
	const mitigated = () => console_().until(startMs + 4000, apiDown).send(prometheus(startMs + 4000, startMs - 120_000)).until(startMs + 12_000, allGood);
	const anew = mitigated().send(prometheus(startMs + 20_000, null), prometheus(startMs + 40_000, startMs + 38_000)).until(startMs + 41_000, allGood);
	t.is(anew.state.incident?.state, 'open');
	t.is(named(anew.effects, 'incident/reopened')[0]?.data['by'], 'alert');
	t.is(named(anew.effects, 'incident/opened').length, 1);
	anew.until(startMs + 50_000, allGood);
	t.is(anew.state.incident?.state, 'open', 'and the pings, green all the while, do not close it again');

	const on = mitigated();
	for (let atMs = startMs + 15_000; atMs <= startMs + 210_000; atMs += 15_000) {
		on.send(prometheus(atMs, startMs - 120_000)).until(atMs, allGood);
		t.is(on.state.incident?.state, atMs <= startMs + 180_000 ? 'mitigated' : 'open', String(atMs - startMs));
	}

	t.is(named(on.effects, 'alert/fired').length, 1, 'that it goes on firing is no news');
});

test('who acknowledges is asked for a silence; y makes it, it is extended while somebody works, and lifted at the end', t => {
	const console = console_().until(startMs + 4000, apiDown).send(prometheus(startMs + 4000, startMs - 120_000), alertmanager(startMs + 4000, [fired])).press('a');
	t.like(console.state.view.overlay, {kind: 'silence', what: 'create'});
	t.deepEqual(silenceEffects(console.effects), []);
	console.press('enter').press('y');
	t.deepEqual(silenceEffects(console.effects), [], 'neither Enter nor a y in the same moment');
	console.send({type: 'key/pressed', key: 'y', alone: true, atMs: startMs + 4400});
	const {id = ''} = console.state.incident ?? {};
	t.like(silenceEffects(console.effects)[0], {type: 'silence/put', request: {incident: id, matchers: [{name: 'alertname', value: 'APIDown'}], endsAtMs: startMs + 1_804_000, createdBy: 'ana', id: null}});
	const stored = (endsAtMs: number, extended: boolean): Event => ({type: 'silence/stored', incident: id, silence: {id: ownText('s-1'), endsAtMs}, matchers: [], extended});
	console.send(stored(startMs + 1_804_000, false));
	t.like(console.state.incident?.silence, {id: 's-1', untilMs: startMs + 1_804_000, by: 'ana'});
	console.until(startMs + 1_540_000, apiDown);
	t.is(silenceEffects(console.effects).length, 2, 'once, not at every tick');
	t.like(silenceEffects(console.effects)[1], {type: 'silence/put', request: {id: 's-1', createdBy: 'ana'}});
	console.send(stored(startMs + 3_300_000, true)).press('i', 'x', 'k', 'enter');
	t.deepEqual(silenceEffects(console.last), [{type: 'silence/lift', incident: id, id: 's-1'}]);
	// That failed: tried again until it is gone, or has ended by itself.
	console.send({type: 'silence/refused', incident: id, what: 'lift', failure: {code: 'timed-out', detail: emptyText}}).until(startMs + 1_580_000, apiDown);
	t.is(silenceEffects(console.effects).filter(({type}) => type === 'silence/lift').length, 2);
	console.send({type: 'silence/expired', incident: id, id: 's-1'});
	t.is(console.state.lastEnded?.silence, null);
	t.deepEqual(['silence/created', 'silence/extended', 'silence/failed', 'silence/lifted'].map(type => named(console.effects, type).length), [1, 1, 1, 1]);
	console.until(startMs + 1_640_000, apiDown);
	t.is(silenceEffects(console.effects).filter(({type}) => type === 'silence/lift').length, 2);
});

test('no silence is proposed where none is wanted, needed or allowed', t => {
	const acknowledged = (changes: Parameters<typeof newState>[0], alerts: AlertmanagerReading['alerts']) =>
		console_(changes).until(startMs + 4000, apiDown).send(prometheus(startMs + 4000, startMs - 120_000), alertmanager(startMs + 4000, alerts)).until(startMs + 70_000, apiDown).send(alertmanager(startMs + 70_000, alerts)).press('a').state;
	t.is(acknowledged({}, [fired]).view.overlay?.kind, 'silence');
	t.is(acknowledged({}, []).view.overlay, null, 'nothing fires there');
	t.is(acknowledged({}, [silencedByOther]).view.overlay, null, 'silenced already');
	t.is(acknowledged({readOnly: true}, [fired]).view.overlay, null);
	t.is(acknowledged({settings: {alerts: {...sources, alertmanager: {...sources.alertmanager!, silence: 'never'}}}}, [fired]).view.overlay, null);
	const asked = console_({settings: {alerts: {prometheus: sources.prometheus, alertmanager: null}}}).until(startMs + 4000, apiDown).send(prometheus(startMs + 4000, startMs - 120_000)).press('i', 's');
	t.is(asked.state.view.flash?.code, 'no-alertmanager');
});

test('a silence nobody works under any more is left to end by itself', t => {
	const console = console_().until(startMs + 4000, apiDown).send(prometheus(startMs + 4000, startMs - 120_000), alertmanager(startMs + 4000, [fired]));
	const {id = ''} = console.state.incident ?? {};
	console.send({type: 'silence/stored', incident: id, silence: {id: ownText('s-1'), endsAtMs: startMs + 1_804_000}, matchers: [], extended: false}).until(startMs + 1_900_000, apiDown);
	t.deepEqual(silenceEffects(console.effects), [], 'not acknowledged: not extended');
});

test('a start that is told a second otherwise from look to look is the same one, and none begins after it was seen', t => {
	const console = console_().until(startMs + 4000, allGood);
	for (let look = 0; look < 6; look++) {
		console.send(prometheus(startMs + 4000 + look, startMs - 120_000 + ((look % 2) * 1100)));
	}

	t.is(named(console.effects, 'alert/fired').length, 1);
	const ahead = console_().until(startMs + 4000, allGood).send(prometheus(startMs + 4000, startMs + 7000));
	t.is(ahead.state.incident?.outage.sinceMs, startMs + 4000);
});

test('what a source says of a failure loses its secrets before it is shown or stored', t => {
	const console = console_().send({type: 'alerts/alertmanagerUnread', failure: {code: 'failed', detail: ownText('postgres://ana:hunter2secret@db/x')}}).until(startMs + 70_000, apiDown);
	t.false(JSON.stringify(console.state.situation.alerts).includes('hunter2secret'));
	t.false(JSON.stringify(draftsOf(console.effects)).includes('hunter2secret'));
});

test('severity is changed by key, and who changed it from what to what is recorded', t => {
	const console = console_().until(startMs + 70_000, apiDown).press('i', 'v');
	t.is(console.state.view.overlay?.kind, 'severity');
	console.press('down', 'enter');
	t.like(named(console.effects, 'incident/severityChanged')[0], {data: {from: 'CRITICAL', to: 'HIGH'}});
	t.is(console.state.incident?.severity, 'HIGH');
	t.is(console.press('v', '2').state.incident?.severity, 'HIGH');
	t.is(named(console.effects, 'incident/severityChanged').length, 1, 'the same again is no change');
});

test('the clock is set back an hour: what was seen moves along, the alert\'s own start does not', t => {
	const console = console_().until(startMs + 4000, allGood).send({type: 'clock/ticked', nowMs: startMs + 4000, monotonicMs: 4000}, prometheus(startMs + 4000, null), {type: 'clock/ticked', nowMs: startMs + 5000, monotonicMs: 5000});
	console.send({type: 'clock/ticked', nowMs: startMs + 6000 - 3_600_000, monotonicMs: 6000});
	t.is(console.state.situation.alerts.prometheus.reading?.atMs, startMs + 4000 - 3_600_000);
	t.is(named(console.effects, 'clock/stepped').length, 1);
	t.is(standing(console.state), 'healthy');
	console.send(prometheus(startMs + 7000 - 3_600_000, startMs - 3_700_000), alertmanager(startMs + 7000 - 3_600_000, []));
	t.like(console.state.incident?.outage, {sinceMs: startMs - 3_700_000, source: 'alert'});
});

test('every entry of alerts, silences and the life of an incident has words in both languages', t => {
	for (const language of ['en', 'pt-BR'] as const) {
		const format = createFormatter(language, 'UTC');
		for (const [type, data] of [
			['incident/closed', {}], ['incident/severityChanged', {from: 'CRITICAL', to: 'HIGH'}], ['alert/fired', {source: 'prometheus', activeAtMs: startMs, targetError: 'refused', silenced: true}], ['alert/fired', {source: 'alertmanager', firedAtMs: startMs}],
			['alert/cleared', {source: 'prometheus'}], ['alert/unknown', {source: 'prometheus', trouble: 'no-data', detail: ''}], ['silence/created', {endsAtMs: startMs, matchers: 'a="b"'}], ['silence/extended', {endsAtMs: startMs}], ['silence/lifted', {}],
			['silence/failed', {what: 'lift', detail: 'refused'}], ['incident/resolved', {reason: 'r', against: 'alert'}], ['incident/reopened', {by: 'alert'}], ['incident/mitigated', {by: 'alert'}],
		] as const) {
			const said = timelineSentence(language, {type, data}, format);
			t.notRegex(said, /\/|undefined|NaN|\[object/, `${language} ${type}: ${said}`);
		}

		// From a newer or a damaged journal nothing is made up.
		for (const type of ['alert/fired', 'alert/unknown', 'silence/created', 'silence/failed', 'incident/severityChanged']) {
			t.notRegex(timelineSentence(language, {type, data: {}}, format), /undefined|NaN|\[object/);
		}
	}
});

const entry = (sequence: number, type: string, data: JournalEntry['data'] = {}, atMs = startMs + sequence * 1000): JournalEntry => ({sequence, atMs, monotonicMs: 0, bootId: '', actor: ana, incident: 'INC-1', type, data});

test('closed follows resolved and nothing else, and what comes later changes no clock', t => {
	const life = [entry(1, 'incident/opened', {by: 'alert', severity: 'CRITICAL'}), entry(2, 'incident/mitigated'), entry(3, 'incident/closed'), entry(4, 'incident/resolved', {reason: 'r'}), entry(5, 'incident/acknowledged'), entry(6, 'incident/severityChanged', {to: 'LOW'}), entry(7, 'incident/closed'), entry(8, 'incident/cancelled')];
	const [ended] = replay(life).ended;
	t.like(ended, {state: 'closed', closedAtMs: startMs + 7000, endedAtMs: startMs + 4000, endReason: 'r', acknowledgedAtMs: null, severity: 'CRITICAL'});
	t.is(replay(life).current, null);
	t.is(replay([life[0]!, entry(2, 'incident/cancelled'), entry(3, 'incident/closed')]).ended[0]?.state, 'cancelled');
	t.is(ended?.timeline.length, 8, 'all of it is told');
});

test('the runbook\'s condition is the query, where the configuration has none', t => {
	const prometheusOf = (said: Settings['said'], expression: string | null) => settingsWith({...defaultSettings, alerts: sources, said}, {
		alert: null, severity: null, expression, durationMs: null, team: null, service: null, impact: [], contacts: [], escalateAfterMs: null, escalationSteps: [], duties: [], history: {head: [], rows: []}, updated: null, version: null, owner: null,
	} as never).alerts.prometheus?.query;
	t.is(prometheusOf([], 'up{job="shop"} == 0'), 'up{job="shop"}');
	t.is(prometheusOf(['alerts.prometheus.query'], 'up{job="shop"} == 0'), 'up{job="api"}');
	t.is(prometheusOf([], null), 'up{job="api"}');
	t.is(prometheusOf([], 'rate(errors[5m]) > 1'), 'up{job="api"}');
});
