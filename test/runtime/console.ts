import test from 'ava';
import type {Actor} from '../../source/core/ports.ts';
import {bannersOf, escalationNow, standing} from '../../source/core/screen.ts';
import {healthOf} from '../../source/core/situation.ts';
import {composeScreen} from '../fixtures/compose-screen.ts';
import {drillConsole} from '../helpers/drill-console.ts';

const bia: Actor = {name: 'bia', user: 'bia', sudoUser: null, host: 'production-server', tty: 'pts/1', from: null};

test('within a second of opening the console knows containers, pings, host, and why it is down', async t => {
	const {clock, open, broken} = drillConsole();
	const {store} = open();
	await clock.advance(1000);
	const {situation} = store.state();
	t.is(situation.containers.value?.length, 4);
	t.deepEqual(situation.pings.map(ping => ping.last?.ok), [false, false, true, true]);
	t.not(situation.host.reading.value, null);
	t.deepEqual(broken, []);
	await clock.advance(3000);
	t.is(store.state().findings[0]?.code, 'service-stopped');
	t.is(store.state().incident?.outage.source, 'container');
});

test('starting the api brings health back, says so with the seconds, and the incident is mitigated', async t => {
	const {clock, open} = drillConsole();
	const console = open();
	await clock.advance(4000);
	await console.act('U', 'start-api');
	await clock.advance(15_000);
	const [run] = console.store.state().runs;
	t.is(run?.verdict, 'recovered');
	t.is(healthOf(console.store.state().situation), 'healthy');
	t.is(console.store.state().incident?.state, 'mitigated');
	t.true(console.store.state().runBook.tail(run!.id, 20).lines.some(line => line.includes('Starting mestres-do-cafe_api_1')));
});

test('a start that breaks is refused, recorded as that, and not the end of the console', async t => {
	const {clock, simulator, broken, open} = drillConsole();
	const console = open();
	await clock.advance(4000);
	simulator.commands.start = async () => {
		throw new Error('spawn ENOMEM');
	};

	await console.act('U', 'start-api');
	await clock.advance(2000);
	t.like(console.store.state().runs[0], {phase: 'refused', refusal: {code: 'failed', detail: 'Error: spawn ENOMEM'}});
	t.regex(composeScreen(console.store.state()).join('\n'), /Not started \(failed\)\.[\s\S]*Error: spawn ENOMEM/);
	const entries = console.store.state().incident?.timeline.filter(({type}) => type.startsWith('action/')) ?? [];
	t.deepEqual(entries.map(({type}) => type), ['action/confirmed', 'action/refused']);
	t.is(entries[1]?.data['detail'], 'Error: spawn ENOMEM');
	t.deepEqual(broken, []);
});

test('a console that is closed while the command runs leaves it running, and the next one finds, verifies and records it', async t => {
	const {clock, open} = drillConsole();
	const first = open();
	await clock.advance(4000);
	await first.act('U', 'start-api');
	await clock.advance(200);
	t.is(first.store.state().runs[0]?.phase, 'running');
	const incident = first.store.state().incident?.id;
	await first.stop();
	await clock.advance(5000);
	const second = open();
	await clock.advance(15_000);
	t.is(second.store.state().incident?.id, incident);
	t.is(second.store.state().runs[0]?.verdict, 'recovered');
	const types = second.store.state().incident?.timeline.map(({type}) => type) ?? [];
	for (const type of ['action/confirmed', 'action/started', 'action/ended', 'action/verified']) {
		t.is(types.filter(other => other === type).length, 1, type);
	}
});

test('two consoles see one incident, and cannot run on the same target twice', async t => {
	const {clock, simulator, open} = drillConsole();
	const ana = open();
	const other = open(bia, simulator.secondJournal(bia));
	await clock.advance(6000);
	t.is(other.store.state().incident?.id, ana.store.state().incident?.id);
	other.press('U');
	await clock.advance(1500);
	other.store.dispatch({type: 'card/painted', action: 'start-api', atMs: clock.nowMs()});
	await ana.act('U', 'start-api');
	other.press('y');
	await clock.advance(25_000);
	t.is(ana.store.state().runs.filter(run => run.verdict === 'recovered').length, 1);
	const timeline = other.store.state().incident?.timeline ?? [];
	t.is(timeline.filter(({type}) => type === 'action/started').length, 1);
	t.is(timeline.filter(({type}) => type === 'incident/opened').length, 1);
	t.is(timeline.filter(({type}) => type === 'action/verified').length, 1);
});

test('ten minutes after the outage began the escalation is due, with one bell in each console', async t => {
	const {clock, said, open} = drillConsole();
	const {store} = open();
	await clock.advance(240_000);
	t.false(escalationNow(store.state())?.due);
	await clock.advance(240_000);
	t.true(escalationNow(store.state())?.due);
	t.is(bannersOf(store.state())[0]?.code, 'escalation-due');
	t.deepEqual(said, ['bell']);
});

for (const kind of ['engine-gone', 'engine-hung', 'engine-denied'] as const) {
	test(`${kind}: a banner, the last facts stay with their age, pings go on, and it comes back by itself`, async t => {
		const {clock, simulator, open} = drillConsole({scenario: 'healthy'});
		const {store} = open();
		await clock.advance(10_000);
		simulator.break({kind});
		await clock.advance(40_000);
		t.is(store.state().situation.engine.state, 'down');
		t.is(bannersOf(store.state())[0]?.code, 'engine-down');
		t.is(store.state().situation.containers.value?.length, 4);
		t.true(clock.nowMs() - (store.state().situation.pings[0]?.last?.atMs ?? 0) < 6000);
		simulator.heal(kind);
		await clock.advance(10_000);
		t.is(store.state().situation.engine.state, 'up');
		t.deepEqual(bannersOf(store.state()), []);
	});
}

test('a container recreated while it is followed loses and doubles no line', async t => {
	const {clock, simulator, open} = drillConsole({scenario: 'healthy'});
	const {store} = open();
	await clock.advance(8000);
	simulator.break({kind: 'api-missing'});
	await clock.advance(5000);
	simulator.heal('api-missing');
	await clock.advance(20_000);
	const {logBook} = store.state();
	const lines = logBook.before(null, {services: new Set(['api']), sinceMs: null, filterIn: null, filterOut: null, showHealth: true}, 5000);
	const keys = lines.filter(({kind}) => kind === 'line').map(line => `${line.containerId} ${line.atMs} ${line.text}`);
	t.is(new Set(keys).size, keys.length);
	t.true(new Set(lines.map(line => line.containerId)).size >= 2);
	t.true(lines.some(({kind}) => kind === 'began'));
});

test('a flood is bounded and its skips are shown', async t => {
	const {clock, simulator, open} = drillConsole({scenario: 'healthy'});
	const {store} = open();
	await clock.advance(3000);
	simulator.break({kind: 'log-flood', service: 'api', linesPerSecond: 50_000});
	await clock.advance(5000);
	const totals = store.state().logBook.totals(new Set(['api']));
	t.true(totals.held <= 5000);
	t.true(totals.skipped > 100_000);
});

test('the clock stepping back neither ends the incident nor moves its start', async t => {
	const {clock, open} = drillConsole();
	const {store} = open();
	await clock.advance(5000);
	const before = store.state().incident?.outage.sinceMs;
	clock.jump(-3_600_000);
	await clock.advance(5000);
	t.is(store.state().incident?.outage.sinceMs, before);
	t.is(standing(store.state()), 'outage');
});
