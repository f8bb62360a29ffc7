/** What holds for the whole simulated server: the same seed gives the same world, floods stay bounded, the journal keeps its rules. */
import test from 'ava';
import type {JournalDraft, RawLogLine} from '../../source/core/ports.ts';
import {parseScript} from '../../source/simulator/shell.ts';
import {createSimulator, type Simulator} from '../../source/simulator/simulator.ts';
import {valueOf} from '../helpers/contract-world.ts';
import {createFakeClock, type FakeClock} from '../helpers/fake-clock.ts';

const idOf = async (simulator: Simulator, service: string): Promise<string> =>
	valueOf(await simulator.containers.containers(simulator.project)).find(container => container.service === service)!.id;

const read = async (clock: FakeClock, simulator: Simulator, service: string, tail: number): Promise<readonly RawLogLine[]> => {
	const lines: RawLogLine[] = [];
	simulator.logs.follow({containerId: await idOf(simulator, service), tty: false, tail, sinceMs: null, after: null, follow: false}, batch => {
		lines.push(...batch);
	}, () => {/* read to the end below */});
	await clock.advance(1);
	return lines;
};

const play = async (seed: number): Promise<string> => {
	const clock = createFakeClock();
	const simulator = createSimulator({clock, seed});
	const story: unknown[] = [];
	simulator.containers.watch(simulator.project, event => {
		story.push(event);
	}, () => {/* the engine stays */});
	await clock.advance(1000);
	simulator.heal('api-stopped');
	await clock.advance(120_000);
	simulator.break({kind: 'api-oom-killed'});
	await clock.advance(60_000);
	for (const service of ['api', 'db', 'nginx', 'redis']) {
		story.push(await read(clock, simulator, service, 100));
	}

	story.push(await simulator.host.read(), await simulator.host.processes(), await simulator.containers.containers(simulator.project));
	return JSON.stringify(story);
};

test('the same seed and the same deeds give the same world, another seed another one', async t => {
	const first = await play(11);
	t.is(await play(11), first);
	t.not(await play(12), first);
});

test('a flood is handed over in bounded batches, and what was left out is counted', async t => {
	const clock = createFakeClock();
	const simulator = createSimulator({clock, seed: 5, scenario: 'healthy'});
	const batches: {readonly at: number; readonly lines: number; readonly skipped: number}[] = [];
	const stop = simulator.logs.follow({containerId: await idOf(simulator, 'api'), tty: false, tail: 0, sinceMs: null, after: null, follow: true}, (lines, skipped) => {
		batches.push({at: clock.monotonicMs(), lines: lines.length, skipped});
	}, () => {/* it goes on */});
	await clock.settle();
	simulator.break({kind: 'log-flood', service: 'api', linesPerSecond: 50_000});
	await clock.advance(2000);
	stop();
	const total = batches.reduce((sum, batch) => sum + batch.lines + batch.skipped, 0);
	t.true(Math.abs(total - 100_000) < 10_000, String(total));
	t.true(batches.length <= 17);
	t.true(batches.every(batch => batch.lines <= 625));
	const tail = await read(clock, simulator, 'api', 500);
	t.is(tail.length, 500);
	t.is(new Set(tail.map(line => line.stamp)).size, 500);
});

test('hostile lines come through raw, and a megabyte is cut at 16 kB with the rest counted', async t => {
	const clock = createFakeClock();
	const simulator = createSimulator({clock, seed: 5, scenario: 'healthy'});
	simulator.break({kind: 'hostile-log', service: 'redis'});
	await clock.advance(5);
	const lines = await read(clock, simulator, 'redis', 20);
	t.true(lines.some(line => line.rawText.includes('\u001B]52;c;')));
	const long = lines.find(line => line.cutBytes > 0)!;
	t.is(long.rawText.length, 16 * 1024);
	t.is(long.rawText.length + long.cutBytes, (1024 * 1024) + 5);
});

test('a step of the wall clock moves later stamps and nothing else', async t => {
	const clock = createFakeClock();
	const simulator = createSimulator({clock, seed: 5, scenario: 'healthy'});
	const before = await read(clock, simulator, 'nginx', 20);
	clock.jump(3_600_000);
	await clock.advance(60_000);
	const after = await read(clock, simulator, 'nginx', 400);
	const texts = after.map(line => line.stamp);
	t.true(before.every(line => texts.includes(line.stamp)));
	const later = after.filter(line => line.atMs > before.at(-1)!.atMs);
	t.true(later.length > 3 && later.length < 200);
	t.true(clock.nowMs() - later.at(-1)!.atMs < 30_000);
});

test('the host\'s counters never go back and its parts fit together', async t => {
	const clock = createFakeClock();
	const simulator = createSimulator({clock, seed: 8, scenario: 'healthy'});
	let last = valueOf(await simulator.host.read());
	for (const step of ['none', 'missing', 'heal', 'none', 'none']) {
		if (step === 'missing') {
			simulator.break({kind: 'api-missing'});
		} else if (step === 'heal') {
			simulator.heal();
		}

		await clock.advance(5000);
		const next = valueOf(await simulator.host.read());
		const busy = next.cpuBusySeconds - last.cpuBusySeconds;
		const idle = next.cpuIdleSeconds - last.cpuIdleSeconds;
		t.true(busy >= 0 && idle > 0, `${step}: ${busy} ${idle}`);
		t.true(busy + idle <= 20.01 && busy < 4, `${step}: ${busy} ${idle}`);
		t.true(next.memoryAvailableBytes < next.memoryTotalBytes);
		last = next;
	}

	const containers = valueOf(await simulator.containers.containers(simulator.project));
	const ids = new Set(containers.map(container => container.id));
	const {byMemory} = valueOf(await simulator.host.processes());
	t.is(byMemory.length, 5);
	t.true(byMemory.some(process => process.containerId !== null && ids.has(process.containerId)));
});

const draft = (type: string, incident: string | null, onceKey?: string): JournalDraft => ({atMs: 1, monotonicMs: 1, incident, type, data: {}, ...(onceKey === undefined ? {} : {onceKey})});

test('the journal writes a key once and keeps one incident open, for all its consoles', async t => {
	const clock = createFakeClock();
	const simulator = createSimulator({clock, seed: 1});
	const {journal} = simulator;
	t.false((await journal.append([draft('note', null)])).ok);
	valueOf(await journal.open(simulator.project));
	const second = simulator.secondJournal({...simulator.identity, name: 'maria'});
	t.deepEqual(valueOf(await second.open(simulator.project)).entries, []);

	t.is(valueOf(await journal.append([draft('incident/opened', 'i1', 'k1'), draft('run/ended', 'i1', 'r1'), draft('run/ended', 'i1', 'r1')])).length, 2);
	t.is(valueOf(await second.append([draft('incident/opened', 'i2'), draft('note', 'i1')])).length, 1);
	t.deepEqual(valueOf(await journal.since(1)).map(entry => [entry.type, entry.actor.name]), [['run/ended', 'deploy'], ['note', 'maria']]);
	t.is(valueOf(await second.append([draft('incident/resolved', 'i1'), draft('incident/opened', 'i2')])).length, 2);
	t.deepEqual(valueOf(await journal.open(simulator.project)).entries.map(entry => entry.sequence), [1, 2, 3, 4, 5]);

	t.deepEqual(valueOf(await journal.lease()), {mine: true, holder: 'deploy (production-server)'});
	t.deepEqual(valueOf(await second.lease()), {mine: false, holder: 'deploy (production-server)'});
	await clock.advance(31_000);
	t.deepEqual(valueOf(await second.lease()), {mine: true, holder: 'maria (production-server)'});
	t.false(valueOf(await journal.lease()).mine);
});

test('after close nothing is told any more', async t => {
	const clock = createFakeClock();
	const simulator = createSimulator({clock, seed: 1});
	let told = 0;
	simulator.containers.watch(simulator.project, () => {
		told++;
	}, () => {/* not asked for */});
	simulator.logs.follow({containerId: await idOf(simulator, 'nginx'), tty: false, tail: 0, sinceMs: null, after: null, follow: true}, () => {
		told++;
	}, () => {/* not asked for */});
	await clock.settle();
	t.true(clock.pending() > 0);
	told = 0;
	simulator.heal();
	simulator.close();
	await clock.advance(60_000);
	t.is(told, 0);
	t.is(clock.pending(), 0);
});

test('the shell reads quotes, variables, comments and conditions', t => {
	t.deepEqual(parseScript('# why\ncd "/opt/a b" && echo \'$HOME\' "$NAME-${NAME}" \\\n  last # said\nfalse || true; exit 3', {NAME: 'x'}), [
		{words: ['cd', '/opt/a b'], when: 'always'},
		{words: ['echo', '$HOME', 'x-x', 'last'], when: 'after-success'},
		{words: ['false'], when: 'always'},
		{words: ['true'], when: 'after-failure'},
		{words: ['exit', '3'], when: 'always'},
	]);
	t.deepEqual(parseScript('echo a#b; echo ""', {}), [{words: ['echo', 'a#b'], when: 'always'}, {words: ['echo', ''], when: 'always'}]);
});
