/** `status` on the simulated server: one look, the exit code, the documented JSON, and lines for a person. */

import test from 'ava';
import {createClock} from '../../source/adapters/clock.ts';
import {exitCodeOf, lookOnce, statusDocument} from '../../source/commands/status.ts';
import {statusLines} from '../../source/commands/print-status.ts';
import {defaultSettings, type Settings} from '../../source/core/settings.ts';
import type {State} from '../../source/core/state.ts';
import {initialState} from '../../source/core/update.ts';
import {bad, good, opened, stack, startMs} from '../helpers/facts.ts';
import {createSimulator, type Simulator, type Scenario} from '../../source/simulator/simulator.ts';

const look = async (scenario: Scenario, before: (simulator: Simulator) => void = () => undefined, deadlineMs = 6000, settings: Partial<Settings> = {}): Promise<State> => {
	const clock = createClock();
	const simulator = createSimulator({clock, seed: 7, scenario, userAgent: 'mdc-console/0'});
	before(simulator);
	try {
		return await lookOnce({
			initial: initialState({
				nowMs: clock.nowMs(), version: '0', consoleId: 'status', settings: {...defaultSettings, directory: simulator.directory, ...settings}, actor: simulator.identity, askActor: false,
				readOnly: true, drill: false, userAgent: 'mdc-console/0', size: {columns: 100, rows: 40}, commandNames: {},
			}),
			ports: simulator, journal: simulator.journal, clock, project: null, deadlineMs,
		});
	} finally {
		simulator.close();
	}
};

const linesOf = (state: State, language: 'en' | 'pt-BR' = 'en'): string => statusLines(state, language, 'UTC', {unicode: true, colour: false}).join('\n');

test('all well is 0, and says so in both forms', async t => {
	const state = await look('healthy');
	t.is(exitCodeOf(state), 0);
	const document = statusDocument(state);
	t.is(document.healthy, true);
	t.deepEqual(document.containers.map(container => container['service']).toSorted(), ['api', 'db', 'nginx', 'redis']);
	t.true(document.pings.every(ping => ping.ok));
	t.deepEqual(document.findings, []);
	t.regex(linesOf(state), /mestres-do-cafe is healthy/);
});

test('backups are looked at beside the rest: an old one is told, and a place that hangs is not waited for', async t => {
	const backups = {directory: '/mnt/backups', warnAfterMs: 3_600_000};
	const listing = async (answer: Promise<void>) => {
		const asked: string[] = [];
		const state = await look('healthy', simulator => {
			Object.assign(simulator.files, {async backups(directory: string) {
				asked.push(directory);
				await answer;
				return {ok: true, value: {files: [], isPartial: false}};
			}});
		}, 60_000, {backups});
		t.true(asked.includes('/mnt/backups'));
		return state;
	};

	t.deepEqual((await listing(Promise.resolve())).findings.map(({code}) => code), ['backup-old']);
	// Waited for, it would end with its 60 seconds.
	const beganMs = performance.now();
	t.deepEqual((await listing(new Promise(() => undefined))).findings, []);
	t.true(performance.now() - beganMs < 40_000);
});

test('the api down is 1 with the finding, its evidence and the failing pings', async t => {
	const state = await look('api-down');
	t.is(exitCodeOf(state), 1);
	const document = statusDocument(state);
	t.is(document.healthy, false);
	t.is(document.findings[0]?.code, 'service-stopped');
	const api = document.containers.find(container => container['service'] === 'api');
	t.is(api?.['state'], 'exited');
	t.is(api?.['exitCode'], 0);
	t.is(typeof api?.['since'], 'string');
	t.deepEqual(document.pings.filter(ping => ping.ok === false).map(ping => ping.name), ['api', 'nginx']);
	t.regex(linesOf(state), /mestres-do-cafe is not healthy/);
	t.regex(linesOf(state), /- api is stopped \(Scenario 1\)\n/);
	t.regex(linesOf(state), /→ Start api: mdc-console run start-api\n/);
	t.regex(linesOf(state), /because: api is stopped/);
	t.regex(linesOf(state, 'pt-BR'), /não está saudável/);
});

test('an incident that is green again is not told as still down: what it was, since when it is green, and that nobody has resolved it', t => {
	const stopped = {api: {state: 'exited', health: 'unhealthy', exitCode: 0, finishedAtMs: startMs - 200_000, pid: 0}} as const;
	const console = opened(undefined, stack(stopped)).until(startMs + 3000, (name, atMs) => name === 'api' || name === 'nginx' ? bad(atMs) : good(atMs));
	t.regex(linesOf(console.state), /\nIncident INC-\d+-\d+: down 3 min 2\d s, since \d\d:\d\d\n/);
	t.regex(linesOf(console.until(startMs + 10_000, (_, atMs) => good(atMs)).state), /\nIncident INC-\d+-\d+: was down 3 min 2\d s, from \d\d:\d\d; green since \d\d:\d\d, not resolved yet\n/);
	t.regex(linesOf(console.state, 'pt-BR'), /ficou fora do ar por 3 min 2\d s, a partir de .* ainda não resolvido\n/);
});

test('the JSON keeps the documented names', async t => {
	const document = statusDocument(await look('api-down'));
	for (const field of ['schemaVersion', 'healthy', 'project', 'engine', 'containers', 'pings', 'host', 'findings', 'incident']) {
		t.true(field in document, field);
	}

	for (const field of ['service', 'state', 'health', 'exitCode', 'oomKilled', 'restarts', 'since']) {
		t.true(document.containers.every(container => field in container), field);
	}

	for (const field of ['name', 'ok', 'reason', 'latencyMs', 'at']) {
		t.true(document.pings.every(ping => field in ping), field);
	}

	t.deepEqual(JSON.parse(JSON.stringify(document)), document as unknown);
});

test('looking records nothing in the journal', async t => {
	const clock = createClock();
	const simulator = createSimulator({clock, seed: 7});
	const opened = await simulator.secondJournal(simulator.identity).open(simulator.project);
	simulator.close();
	t.true(opened.ok && opened.value.entries.length === 0);
	const state = await look('api-down');
	t.is(state.incident, null);
});

test('a look ends at its deadline, and what did not answer is not healthy', async t => {
	const startedAtMs = performance.now();
	const state = await look('healthy', simulator => {
		simulator.break({kind: 'engine-hung'});
	}, 1500);
	t.true(performance.now() - startedAtMs < 5000);
	t.is(exitCodeOf(state), 2);
	t.is(statusDocument(state).healthy, null);
});
