/** When a flood is looked at instead of read, and what is told of the lines in between. */
import test from 'ava';
import {createLeaps, type ResumePoint} from '../../source/adapters/docker/log-leaps.ts';
import type {RawLogLine} from '../../source/core/ports.ts';
import {createFakeClock} from '../helpers/fake-clock.ts';

/** A stamp so many microseconds after a quarter past three. */
const stampAt = (microseconds: number): string =>
	`${new Date(Date.UTC(2026, 10, 23, 6, 15, Math.floor(microseconds / 1e6))).toISOString().slice(0, 19)}.${String(microseconds % 1e6).padStart(6, '0')}000Z`;
const line = (microseconds: number): RawLogLine => ({stamp: stampAt(microseconds), atMs: microseconds / 1000, stream: 'out', rawText: String(microseconds), cutBytes: 0});
const linesFrom = (microseconds: number, count: number): readonly RawLogLine[] => Array.from({length: count}, (_, index) => line(microseconds + index * 20));

const world = () => {
	const clock = createFakeClock();
	const told: Array<{readonly lines: number; readonly skipped: number; readonly isEstimate: boolean}> = [];
	const did: string[] = [];
	let answer: ((lines: readonly RawLogLine[]) => void) | null = null;
	const leaps = createLeaps({
		clock,
		leave: () => void did.push('leave'),
		look(after: ResumePoint, count, looked) {
			did.push(`look ${count} after ${after.stamp}/${after.count}`);
			answer = looked;
		},
		follow: after => void did.push(`follow after ${after.stamp}/${after.count}`),
		deliver: (lines, skipped, isEstimate) => void told.push({lines: lines.length, skipped, isEstimate}),
	});
	return {
		clock, told, did, leaps,
		looked(lines: readonly RawLogLine[]) {
			answer!(lines);
		},
		/** A stream that brings so much for so long, told eight times a second. */
		async flood(linesPerSecond: number, forMs: number) {
			for (let passedMs = 0; passedMs < forMs; passedMs += 125) {
				leaps.flooding(linesPerSecond);
				await clock.advance(125);
			}

			leaps.flooding(linesPerSecond);
		},
	};
};

test('a flood of three seconds is no longer followed but looked at, from the last line that was seen', async t => {
	const {did, leaps, flood} = world();
	leaps.passed([line(100), line(200), line(200)], 0);
	await flood(50_000, 2800);
	t.deepEqual(did, []);
	await flood(50_000, 300);
	t.deepEqual(did, ['leave', `look 200 after ${stampAt(200)}/2`]);
});

test('what can be read is followed, however long it lasts, and so is what comes in bursts', async t => {
	const {did, leaps, flood} = world();
	leaps.passed([line(100)], 0);
	await flood(9000, 20_000);
	for (let round = 0; round < 5; round++) {
		await flood(50_000, 2000);
		await flood(3000, 250);
	}

	t.deepEqual(did, []);
});

test('without stamps there is no point to leap from', async t => {
	const {did, leaps, flood} = world();
	await flood(50_000, 5000);
	leaps.passed([{...line(1), stamp: ''}], 0);
	await flood(50_000, 5000);
	t.deepEqual(did, []);
});

test('lines in between are told by the measured rate, and exactly where the newest reach back', async t => {
	const {clock, did, told, leaps, flood, looked} = world();
	leaps.passed([line(0)], 0);
	await flood(50_000, 3000);
	// 200 lines of 4 ms, a second after the last one that was seen: 50,000 in between, and 150 of the 200 are not shown.
	looked(linesFrom(1_000_000, 200));
	t.deepEqual(told, [{lines: 50, skipped: 50_150, isEstimate: true}]);
	await clock.advance(249);
	t.is(did.length, 2);
	await clock.advance(1);
	t.is(did.at(-1), `look 200 after ${stampAt(1_000_000 + 199 * 20)}/1`);
	looked(linesFrom(1_100_000, 150));
	t.deepEqual(told.at(-1), {lines: 50, skipped: 100, isEstimate: false});
	t.is(did.at(-1), `follow after ${stampAt(1_100_000 + 149 * 20)}/1`, 'the flood is over');
});

test('every minute it is followed for a moment: what is no flood any more goes on, a flood is measured again', async t => {
	const {clock, did, told, leaps, flood, looked} = world();
	leaps.passed([line(0)], 0);
	await flood(50_000, 3000);
	for (let at = 1; !did.at(-1)!.startsWith('follow'); at++) {
		looked(linesFrom(at * 270_000, 200));
		await clock.advance(250);
	}

	t.is(did.filter(what => what.startsWith('look')).length, 241);
	// It was torn: a thousand lines back are not enough.
	const last = 241 * 270_000 + 199 * 20;
	leaps.torn();
	t.deepEqual(leaps.passed([], 40), {skipped: 40, isEstimate: false});
	t.deepEqual(leaps.passed([line(last + 100_000)], 7), {skipped: 5007, isEstimate: true});
	t.deepEqual(leaps.passed([line(last + 100_020)], 0), {skipped: 0, isEstimate: false});
	await flood(30_000, 1000);
	t.is(did.at(-2), 'leave');
	looked(linesFrom(last + 1_100_020, 200));
	t.deepEqual(told.at(-1), {lines: 50, skipped: 40_150, isEstimate: true}, 'half of 50,000 and 30,000');
});

test('lines that lie apart again for a second are followed again', async t => {
	const {clock, did, leaps, flood, looked} = world();
	const apart = (microseconds: number): readonly RawLogLine[] => Array.from({length: 200}, (_, index) => line(microseconds + index * 400));
	leaps.passed([line(0)], 0);
	await flood(50_000, 3000);
	for (const lines of [apart(1_000_000), apart(1_300_000), linesFrom(1_600_000, 200), apart(1_900_000), apart(2_200_000), apart(2_500_000)]) {
		looked(lines);
		await clock.advance(250);
	}

	t.true(did.at(-1)!.startsWith('look'), 'three times is no second');
	looked(apart(2_800_000));
	t.true(did.at(-1)!.startsWith('follow'));
});

test('nothing is looked at any more once it was stopped', async t => {
	const {clock, did, leaps, flood, looked} = world();
	leaps.passed([line(0)], 0);
	await flood(50_000, 3000);
	looked(linesFrom(1_000_000, 200));
	leaps.stop();
	await clock.advance(60_000);
	t.is(did.length, 2);
	t.is(clock.pending(), 0);
});
