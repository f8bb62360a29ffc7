/** The drill's own time: caught up in the order in which things are due, hurried, and never going back. */
import test from 'ava';
import {createDrillClock} from '../../source/simulator/drill-clock.ts';
import {createFakeClock} from '../helpers/fake-clock.ts';

test('what is due is run in order, also what a timer sets anew on the way, and nothing beyond the end', t => {
	const clock = createDrillClock({base: createFakeClock(), startMs: 1000});
	const said: string[] = [];
	clock.after(300, () => said.push(`c ${clock.nowMs()}`));
	clock.after(100, () => {
		said.push(`a ${clock.nowMs()}`);
		clock.after(100, () => said.push(`b ${clock.nowMs()}`));
	});
	clock.after(301, () => said.push('late'));
	clock.after(50, () => said.push('never'))();
	clock.catchUp(300);
	t.deepEqual(said, ['a 1100', 'b 1200', 'c 1300']);
	t.is(clock.nowMs(), 1300);
});

test('at N times the pace timers come N times as soon, and a change of pace loses no time', async t => {
	const base = createFakeClock();
	const clock = createDrillClock({base, startMs: 0});
	const said: number[] = [];
	clock.after(10_000, () => said.push(clock.nowMs()));
	await base.advance(5000);
	t.is(clock.nowMs(), 0, 'it stands until it is run');
	clock.run(1);
	await base.advance(2000);
	t.is(clock.nowMs(), 2000);
	clock.run(10);
	await base.advance(799);
	t.deepEqual(said, []);
	await base.advance(2);
	t.is(said.length, 1);
	t.true(Math.abs(said[0]! - 10_000) < 20);
	await base.advance(1000);
	t.true(Math.abs(clock.nowMs() - 20_010) < 20);
});
