/** Charts as text: their size, their shape, and that the library under them leaves the process alone. */
import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import fc from 'fast-check';
import {createChartsPort} from '../../source/adapters/charts.ts';
import {asciiOf, axisLabel, scaled, spread} from '../../source/adapters/charts/plot.ts';
import {widthOf} from '../../source/core/text.ts';

const charts = createChartsPort();
const percent = {min: 0, max: 100};
const wave = Array.from({length: 60}, (_, index) => 50 + (50 * Math.sin(index / 6)));

test('a rising line goes from the lower left to the upper right corner', async t => {
	const rows = await charts.draw([{title: 'cpu', values: [0, 100]}], {width: 40, height: 10}, percent, false);
	t.regex(rows[0]!, /^100│ +[⠁-⣿]+ *$/);
	t.regex(rows[8]!, /│[⠁-⣿]/);
	t.regex(rows[9]!, /^ {2}0└─+$/);
	t.deepEqual(rows.map(row => widthOf(row)), Array.from({length: 10}, () => 40));
});

test('what is not known is a gap, not a zero and not a guess', async t => {
	const values = Array.from({length: 60}, (_, index) => index >= 20 && index < 40 ? null : 50);
	const rows = await charts.draw([{title: 'memory', values}], {width: 64, height: 8}, percent, false);
	const plot = rows.slice(0, -1).map(row => row.slice(4));
	const middle = Math.floor(plot[0]!.length / 2);
	t.true(plot.every(row => row[middle] === ' '));
	t.true(plot.some(row => row[2] !== ' '));
	t.true(plot.some(row => row.at(-2) !== ' '));
});

test('with nothing known only the axes are drawn', async t => {
	for (const values of [[], [null, null], [Number.NaN]]) {
		const rows = await charts.draw([{title: 'x', values}], {width: 30, height: 5}, percent, true);
		t.regex(rows.join('\n'), /^[\d |+\-\n]+$/);
		t.is(rows.length, 5);
	}
});

test('a spike survives when there are more readings than dots', async t => {
	const values = Array.from({length: 5000}, (_, index) => index === 2500 ? 100 : 0);
	const rows = await charts.draw([{title: 'x', values}], {width: 40, height: 8}, percent, false);
	t.regex(rows[0]!.slice(4), /[⠁-⣿]/);
});

test('several series share one picture', async t => {
	const rows = await charts.draw([{title: 'a', values: [0, 0]}, {title: 'b', values: [100, 100]}], {width: 40, height: 8}, percent, false);
	t.regex(rows[0]!.slice(4), /[⠁-⣿]{30}/);
	t.regex(rows[6]!.slice(4), /[⠁-⣿]{30}/);
});

test('the ASCII form has no other character than ASCII', async t => {
	const rows = await charts.draw([{title: 'x', values: wave}], {width: 60, height: 9}, percent, true);
	t.regex(rows.join(''), /^[ -~]+$/);
	t.is(asciiOf('⠁'), '\'');
	t.is(asciiOf('⣀'), '.');
	t.is(asciiOf('⡇'), '|');
	t.is(asciiOf('│'), '│');
});

test('every size from nothing to large gives exactly that many rows and columns', async t => {
	await fc.assert(fc.asyncProperty(
		fc.integer({min: 0, max: 120}),
		fc.integer({min: 0, max: 30}),
		fc.array(fc.oneof(fc.constant(null), fc.double()), {maxLength: 300}),
		fc.tuple(fc.double({min: -1e12, max: 1e12, noNaN: true}), fc.double({min: -1e12, max: 1e12, noNaN: true})),
		fc.boolean(),
		async (width, height, values, [min, max], ascii) => {
			const rows = await charts.draw([{title: 'x', values}], {width, height}, {min, max}, ascii);
			t.is(rows.length, width === 0 ? 0 : height);
			t.true(rows.every(row => widthOf(row) === width));
		},
	), {numRuns: 200});
});

test('readings spread over the dots keep their ends, and a single one stands at the right', t => {
	t.deepEqual(spread([0, 10], 5), [0, 2.5, 5, 7.5, 10]);
	t.deepEqual(spread([7], 3), [null, null, 7]);
	t.deepEqual(spread([1, 2, 3, 9, 5, 6], 3), [2, 9, 6]);
	t.deepEqual(scaled([null, 1, null, 3, null], {min: 0, max: 4}), [250, 250, 500, 750, 750]);
	t.deepEqual(scaled([-9, 9], {min: 0, max: 2}), [0, 1000]);
});

test('axis labels are short', t => {
	t.deepEqual([0, 0.25, 80, 1500, 12e9, 100].map(value => axisLabel(value)), ['0', '0.25', '80', '1.5k', '12G', '100']);
});

test('the library leaves no listener on the process, no output and no child, and memory stays flat over 2,000 draws', async t => {
	const repository = fileURLToPath(new URL('../..', import.meta.url));
	const {stdout, stderr} = await promisify(execFile)(process.execPath, ['--expose-gc', '--import=tsx', path.join(repository, 'test/fixtures/charts-process.ts')], {
		cwd: repository,
		// Inside tmux the library would run `tmux -V`; a path without tmux and the fixture's own check show that it does not.
		env: {...process.env, TMUX: '/tmp/none,1,0', TERM: 'dumb'},
		timeout: 60_000,
	});
	t.is(stderr, '');
	const answer = JSON.parse(stdout) as {listenersBefore: unknown; listenersAfter: unknown; growthBytes: number; drawMs: number; tmux: string; children: number};
	t.deepEqual(answer.listenersAfter, answer.listenersBefore);
	t.true(answer.growthBytes < 2_000_000, `heap grew by ${answer.growthBytes} bytes`);
	t.true(answer.drawMs < 10, `${answer.drawMs} ms a draw`);
	t.is(answer.tmux, '/tmp/none,1,0');
	t.is(answer.children, 0);
});
