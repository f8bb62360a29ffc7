/** A deadline for an answer that may never come. */
import test from 'ava';
import {inTime} from '../../source/core/in-time.ts';

const clock = () => {
	const waiting = new Set<() => void>();
	return {
		waiting,
		after(_delayMs: number, run: () => void) {
			waiting.add(run);
			return () => {
				waiting.delete(run);
			};
		},
	};
};

test('an answer in time is the answer, and no timer outlives it', async t => {
	const world = clock();
	t.is(await inTime(world, 1000, Promise.resolve('here'), 'late'), 'here');
	t.is(world.waiting.size, 0);
});

test('an answer that does not come is told as late, and what is thrown in time is thrown; no timer outlives either', async t => {
	const world = clock();
	const asked = inTime(world, 1000, new Promise<string>(() => {}), null);
	for (const run of world.waiting) {
		run();
	}

	t.is(await asked, null);
	await t.throwsAsync(inTime(world, 1000, Promise.reject(new Error('no such disk')), null), {message: 'no such disk'});
	t.is(world.waiting.size, 0);
});
