/** What the runner makes of AVA's own report: the counts must be right, or a red suite could look green. */
import test from 'ava';
import {readTap} from '../../build/tap.js';

test('results are counted, failures keep their details, and what was left out keeps its reason', t => {
	const report = readTap([
		'TAP version 13',
		'ok 1 - passes',
		'ok 2 - real engine — left out: no Docker engine answers here # SKIP',
		'not ok 3 - later # TODO',
		'not ok 4 - fails',
		'#   a log line',
		'  ---',
		'    name: AssertionError',
		'    message: \'\'',
		'  ...',
		'not ok 5 - test/a.ts exited with a non-zero exit code: 1',
		'',
		'1..5',
		'# tests 4',
		'# pass 1',
		'# fail 2',
	].join('\n'));
	t.deepEqual(report, {
		passed: 1,
		leftOut: [
			{title: 'real engine', reason: 'no Docker engine answers here'},
			{title: 'later', reason: 'not written yet'},
		],
		failures: [{title: 'fails', details: '#   a log line\n  name: AssertionError'}],
	});
});

test('a file that only crashed is one failure', t => {
	t.deepEqual(readTap('TAP version 13\nnot ok 1 - test/a.ts exited due to SIGKILL\n').failures.map(({title}) => title), ['test/a.ts exited due to SIGKILL']);
});

test('a title with a number sign is no directive', t => {
	t.is(readTap('ok 1 - issue # 12 is shown').passed, 1);
});
