import test from 'ava';
import type {AlertsPort} from '../../source/core/alert-sources.ts';
import {standing} from '../../source/core/screen.ts';
import {alertNowOf} from '../../source/core/update-alerts.ts';
import {simulatedAlerts} from '../../source/simulator/simulator.ts';
import {drillConsole} from '../helpers/drill-console.ts';

/** The port with the questions counted, and what may be put before an answer. */
const counted = (port: AlertsPort, hold: () => Promise<void> = async () => undefined): {readonly port: AlertsPort; readonly asked: {prometheus: number; alertmanager: number; open: number; most: number}} => {
	const asked = {prometheus: 0, alertmanager: 0, open: 0, most: 0};
	return {asked, port: {
		...port,
		async prometheus(question) {
			asked.prometheus++;
			asked.open++;
			asked.most = Math.max(asked.most, asked.open);
			await hold();
			asked.open--;
			return port.prometheus(question);
		},
		async alertmanager(matchers) {
			asked.alertmanager++;
			return port.alertmanager(matchers);
		},
	}};
};

test('without a configured source nothing is asked', async t => {
	const {clock, simulator, open} = drillConsole({scenario: 'healthy'});
	const {port, asked} = counted(simulator.alerts);
	Object.assign(simulator, {alerts: port});
	open();
	await clock.advance(60_000);
	t.deepEqual([asked.prometheus, asked.alertmanager], [0, 0]);
});

test('each source is asked every 15 s while nothing happens, never twice at a time, and at once when something does', async t => {
	const {clock, simulator, open} = drillConsole({scenario: 'healthy', alerts: true});
	const {port, asked} = counted(simulator.alerts);
	Object.assign(simulator, {alerts: port});
	const {store} = open();
	await clock.advance(61_000);
	t.deepEqual([asked.prometheus, asked.alertmanager], [5, 5]);
	t.is(alertNowOf(store.state()).state, 'clear');
	simulator.break({kind: 'api-stopped'});
	await clock.advance(4000);
	t.true(asked.prometheus > 5, 'the first failure is looked at');
	t.is(asked.most, 1);
});

test('a source that hangs is asked once, and the console goes on', async t => {
	const {clock, simulator, open} = drillConsole({alerts: true});
	const {port, asked} = counted(simulator.alerts, async () => new Promise(() => undefined));
	Object.assign(simulator, {alerts: port});
	const {store} = open();
	await clock.advance(70_000);
	t.is(asked.prometheus, 1);
	t.is(store.state().incident?.openedBy, 'condition');
	t.is(alertNowOf(store.state()).views[0]?.state, 'unknown');
});

test('the drill\'s alert opens the incident with the outage\'s start, is silenced by y, and the silence is lifted with the incident', async t => {
	const {clock, simulator, open} = drillConsole({alerts: true});
	const console = open();
	const state = () => console.store.state();
	await clock.advance(1500);
	t.like(state().incident, {openedBy: 'alert', outage: {source: 'container'}});
	console.press('a');
	await clock.advance(400);
	t.is(state().view.overlay?.kind, 'silence');
	console.press('y');
	await clock.advance(1000);
	t.is(state().incident?.silence?.by, simulator.identity.name);
	const suppressed = async () => {
		const answer = simulator.alerts.alertmanager([]);
		await clock.advance(100);
		const outcome = await answer;
		return outcome.ok ? outcome.value.alerts.map(({isSuppressed}) => isSuppressed) : null;
	};

	t.deepEqual(await suppressed(), [true]);
	await console.act('U', 'start-api');
	await clock.advance(40_000);
	t.is(state().incident?.state, 'mitigated');
	t.is(standing(state()), 'watching');
	await clock.advance(300_000);
	const id = state().incident?.id;
	console.press('escape', 'i', 'x');
	await clock.advance(1000);
	t.is(state().incident, null);
	t.is(state().lastEnded?.silence, null);
	const types = state().lastEnded?.timeline.map(({type}) => type) ?? [];
	t.deepEqual(['alert/fired', 'silence/created', 'alert/cleared', 'incident/resolved', 'silence/lifted'].map(type => types.includes(type)), [true, true, true, true, true]);
	// What fails later is another one, and its alert is heard.
	simulator.break({kind: 'api-stopped'});
	await clock.advance(100_000);
	t.not(state().incident?.id ?? id, id);
	t.deepEqual(await suppressed(), [false]);
});

test('a second console, opened in the middle, has silence and alert from the journal and tells nothing twice', async t => {
	const {clock, simulator, open} = drillConsole({alerts: true});
	const first = open();
	await clock.advance(1500);
	first.press('a');
	await clock.advance(400);
	first.press('y');
	await clock.advance(3000);
	const other = {...simulator.identity, name: 'bia'};
	const second = open(other, simulator.secondJournal(other));
	await clock.advance(20_000);
	t.is(second.store.state().incident?.silence?.by, simulator.identity.name);
	await first.stop();
	await clock.advance(60_000);
	t.is(second.store.state().journal.recording, true);
	const types = second.store.state().incident?.timeline.map(({type}) => type) ?? [];
	t.is(types.filter(type => type === 'alert/fired').length, 2, 'one of each source');
	t.is(simulatedAlerts.alertmanager?.silence, 'ask');
});
