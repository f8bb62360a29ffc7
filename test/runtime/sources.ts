import test from 'ava';
import {defaultSettings} from '../../source/core/settings.ts';
import {servicesOf} from '../../source/core/situation.ts';
import {update} from '../../source/core/update.ts';
import {createSources, createTurns} from '../../source/runtime/sources.ts';
import {createStore} from '../../source/runtime/store.ts';
import {createSimulator} from '../../source/simulator/simulator.ts';
import {createFakeClock} from '../helpers/fake-clock.ts';
import {newState} from '../helpers/facts.ts';

test('a configured stack without a container is missing for good: its compose file is read, and later looks do not forget it in between', async t => {
	const clock = createFakeClock();
	const simulator = createSimulator({clock, seed: 1, scenario: 'healthy'});
	const states: string[] = [];
	const store = createStore({
		initial: newState({settings: {...defaultSettings, directory: simulator.directory}}), update, perform() {}, clock, canPaint: () => true,
		observed(event) {
			if (event.type === 'project/undecided' || event.type === 'project/found') {
				states.push(event.type);
			}
		},
	});
	let reads = 0;
	const sources = createSources({
		store, clock, wantedProject: null, hasten() {},
		ports: {
			...simulator,
			containers: {...simulator.containers, projects: async () => ({ok: true, value: []}), containers: async () => ({ok: true, value: []})},
			files: {...simulator.files, async composeFiles(directory, files) {
				reads++;
				return simulator.files.composeFiles(directory, files);
			}},
		},
	});
	const engine = sources.list.find(({name}) => name === 'engine')!;
	for (let look = 0; look < 5; look++) {
		await Promise.all([engine.look(), clock.advance(1000)]);
	}

	t.deepEqual(servicesOf(store.state().situation).map(({missing}) => missing), [true, true, true, true]);
	t.deepEqual(states, ['project/undecided', 'project/found', 'project/found', 'project/found', 'project/found', 'project/found']);
	t.true(reads <= 2, String(reads));
	sources.stop();
	simulator.close();
});

test('pings of a kind take turns: the second begins when the first is answered, and one that hangs holds it up for 50 ms only', async t => {
	const clock = createFakeClock();
	const takeTurn = createTurns(clock);
	const openedMs = clock.monotonicMs();
	const began: string[] = [];
	const ping = (name: string, takesMs: number) => async (): Promise<string> => {
		began.push(`${name} ${clock.monotonicMs() - openedMs}`);
		return new Promise(resolve => {
			clock.after(takesMs, () => {
				resolve(name);
			});
		});
	};

	const answers = Promise.all([takeTurn('http', ping('api', 5)), takeTurn('http', ping('nginx', 3000)), takeTurn('http', ping('page', 5)), takeTurn('redis', ping('redis', 5))]);
	await clock.advance(4000);
	t.deepEqual(await answers, ['api', 'nginx', 'page', 'redis']);
	t.deepEqual(began, ['api 0', 'redis 0', 'nginx 5', 'page 50']);

	const alone = takeTurn('http', ping('api', 5));
	await clock.advance(100);
	await alone;
	t.is(began.at(-1), 'api 4000');
});

test('a ping that throws gives its turn to the next', async t => {
	const takeTurn = createTurns(createFakeClock());
	const thrown = takeTurn('http', async () => {
		throw new Error('ours');
	});
	const next = takeTurn('http', async () => 'answered');
	await t.throwsAsync(thrown, {message: 'ours'});
	t.is(await next, 'answered');
});
