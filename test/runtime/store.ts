import test from 'ava';
import type {Event} from '../../source/core/state.ts';
import {update} from '../../source/core/update.ts';
import {createStore} from '../../source/runtime/store.ts';
import {createWatch} from '../../source/runtime/watch.ts';
import {createFakeClock} from '../helpers/fake-clock.ts';
import {good, newState, startMs} from '../helpers/facts.ts';

const newStore = (canPaint = () => true) => {
	const clock = createFakeClock(startMs);
	let told = 0;
	const performed: string[] = [];
	const store = createStore({initial: newState(), update, perform(effect) {
		performed.push(effect.type);
	}, clock, canPaint});
	store.subscribe(() => {
		told++;
	});
	return {clock, store, performed, told: () => told};
};

const fact = (atMs: number): Event => ({type: 'ping/answered', name: 'api', answer: good(atMs)});
const key: Event = {type: 'key/pressed', key: 'tab', alone: true, atMs: startMs};

test('facts are told at most eight times a second while busy', async t => {
	const {clock, store, told} = newStore();
	for (let ms = 0; ms < 1000; ms += 10) {
		await clock.advance(10);
		store.dispatch(fact(startMs + ms));
	}

	await clock.advance(200);
	t.true(told() <= 10 && told() >= 7, String(told()));
});

test('when nobody pressed a key for a while facts are told once a second', async t => {
	const {clock, store, told} = newStore();
	store.dispatch({type: 'clock/ticked', nowMs: startMs + 60_000});
	await clock.advance(10_000);
	const before = told();
	for (let ms = 0; ms < 5000; ms += 100) {
		await clock.advance(100);
		store.dispatch(fact(startMs + 60_000 + ms));
	}

	t.true(told() - before <= 6, String(told() - before));
});

test('a key is told at once', t => {
	const {store, told} = newStore();
	store.dispatch(fact(startMs));
	const before = told();
	store.dispatch(key);
	store.dispatch(key);
	t.is(told() - before, 2);
});

test('while the terminal has not taken the last frame nothing is told, the state goes on, and one telling follows', async t => {
	let drained = false;
	const {clock, store, told} = newStore(() => drained);
	for (let ms = 0; ms < 5000; ms += 100) {
		store.dispatch(key);
		await clock.advance(100);
	}

	t.is(told(), 0);
	t.is(store.state().view.keyRevision, 50);
	drained = true;
	store.drained();
	t.is(told(), 1);
});

test('effects are carried out in order, and events from an effect wait their turn', t => {
	const clock = createFakeClock(startMs);
	const seen: string[] = [];
	const store = createStore({
		initial: newState(), clock, canPaint: () => true,
		update(state, event) {
			seen.push(event.type);
			return {state, effects: event.type === 'clock/ticked' ? [{type: 'pings/hasten'}, {type: 'terminal/bell'}] : []};
		},
		perform(effect) {
			seen.push(effect.type);
			if (effect.type === 'pings/hasten') {
				store.dispatch(key);
			}
		},
	});
	store.dispatch({type: 'clock/ticked', nowMs: 1});
	t.deepEqual(seen, ['clock/ticked', 'pings/hasten', 'terminal/bell', 'key/pressed']);
});

test('a source never overlaps itself, and is hastened once after the look in flight', async t => {
	const clock = createFakeClock(startMs);
	let inFlight = 0;
	let most = 0;
	let looks = 0;
	const watch = createWatch(clock, [{name: 'slow', intervalMs: () => 100, async look() {
		looks++;
		inFlight++;
		most = Math.max(most, inFlight);
		await new Promise<void>(resolve => {
			clock.after(350, resolve);
		});
		inFlight--;
		return true;
	}}], () => undefined);
	await clock.advance(10);
	watch.hasten('slow');
	watch.hasten('slow');
	await clock.advance(2000);
	watch.stop();
	const before = looks;
	await clock.advance(2000);
	t.is(most, 1);
	t.true(looks === before && before >= 5 && before <= 7, String(before));
});

test('a failing source is asked ever more rarely, and at its pace again once it works', async t => {
	const clock = createFakeClock(startMs);
	const looks: number[] = [];
	let works = false;
	const watch = createWatch(clock, [{name: 'x', intervalMs: () => 1000, slowestMs: 8000, async look() {
		looks.push(clock.nowMs() - startMs);
		return works;
	}}], () => undefined);
	await clock.advance(31_000);
	t.deepEqual(looks, [0, 2000, 6000, 14_000, 22_000, 30_000]);
	works = true;
	await clock.advance(10_000);
	t.deepEqual(looks.slice(-3), [39_000, 40_000, 41_000]);
	watch.stop();
});

test('a bug in a source is told and does not end the others', async t => {
	const clock = createFakeClock(startMs);
	const broke: string[] = [];
	let others = 0;
	const watch = createWatch(clock, [
		{name: 'bad', intervalMs: () => 1000, async look() {
			throw new Error('bug');
		}},
		{name: 'good', intervalMs: () => 1000, async look() {
			others++;
			return true;
		}},
	], name => broke.push(name));
	await clock.advance(3500);
	watch.stop();
	t.true(others >= 4);
	t.true(broke.length >= 3);
});
