/** When the files of a run go: they are what every console that watches it reads its end from. */

import test from 'ava';
import type {CommandsPort} from '../../source/core/ports.ts';
import type {State} from '../../source/core/state.ts';
import {createRuns} from '../../source/runtime/run.ts';
import type {Store} from '../../source/runtime/store.ts';
import {createFakeClock} from '../helpers/fake-clock.ts';

test('the files of an own run go with its verdict, those of somebody else\'s only after that console has had the time to read them', async t => {
	const clock = createFakeClock();
	const discarded: string[] = [];
	const commands = {async discard(id: string) {
		discarded.push(id);
		return {ok: true, value: null};
	}} as unknown as CommandsPort;
	const store = {state: () => ({runs: [{id: 'ours', own: true}, {id: 'theirs', own: false}]}) as unknown as State, dispatch() {/* nobody listens */}} as unknown as Store;
	const runs = createRuns({store, commands, clock});
	runs.discard('ours');
	runs.discard('theirs');
	t.deepEqual(discarded, ['ours']);
	await clock.advance(2500);
	t.deepEqual(discarded, ['ours']);
	await clock.advance(1000);
	t.deepEqual(discarded, ['ours', 'theirs']);
	runs.discard('left');
	runs.stop();
	await clock.advance(20_000);
	t.deepEqual(discarded, ['ours', 'theirs'], 'a console that has left removes nothing: the next one finds them');
});
