import test from 'ava';
import {defaultSettings} from '../../source/core/settings.ts';
import {servicesOf} from '../../source/core/situation.ts';
import {update} from '../../source/core/update.ts';
import {createSources} from '../../source/runtime/sources.ts';
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
