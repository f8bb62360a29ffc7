import test from 'ava';
import {compilePattern, everything, levelOf, LogBook} from '../../source/core/log-book.ts';
import type {RawLogLine} from '../../source/core/ports.ts';

const line = (atMs: number, rawText: string, changes: Partial<RawLogLine> = {}): RawLogLine => ({stamp: `s${atMs}`, atMs, stream: 'out', rawText, cutBytes: 0, ...changes});
const textsOf = (lines: ReadonlyArray<{readonly text: string}>): readonly string[] => lines.map(({text}) => text);
const newBook = () => new LogBook('mdc-console/1');

test('services are merged by time, whatever order they came in', t => {
	const book = newBook();
	book.append('api', 'a', [line(1, 'one'), line(4, 'four')], 0);
	book.append('db', 'b', [line(2, 'two'), line(3, 'three')], 0);
	t.deepEqual(textsOf(book.before(null, everything, 10)), ['one', 'two', 'three', 'four']);
	t.deepEqual(textsOf(book.before(null, {...everything, services: new Set(['db'])}, 10)), ['two', 'three']);
});

test('a window anchored at a line does not move while new lines come', t => {
	const book = newBook();
	book.append('api', 'a', [1, 2, 3, 4, 5].map(at => line(at, String(at))), 0);
	const anchor = book.before(null, everything, 1)[0]!;
	book.append('api', 'a', [line(6, '6')], 0);
	book.append('db', 'b', [line(3.5, 'between')], 0);
	t.deepEqual(textsOf(book.before(anchor, everything, 2)), ['4', '5']);
	t.deepEqual(textsOf(book.after(anchor, everything, 5)), ['6']);
});

test('the bounds hold in lines and in bytes, and the newest stay', t => {
	const book = newBook();
	for (let batch = 0; batch < 30; batch++) {
		book.append('api', 'a', Array.from({length: 500}, (_, index) => line((batch * 500) + index, `line ${(batch * 500) + index}`)), 0);
	}

	t.is(book.totals(null).held, 5000);
	t.is(book.before(null, everything, 1)[0]?.text as string, 'line 14999');
	book.append('db', 'b', Array.from({length: 3000}, (_, index) => line(index, 'x'.repeat(10_000))), 0);
	t.true(book.totals(new Set(['db'])).held < 1100);
});

test('a long line is cut with the number of bytes that went', t => {
	const book = newBook();
	book.append('api', 'a', [line(1, 'x'.repeat(16_384), {cutBytes: 1_000_000})], 0);
	const [cut] = book.before(null, everything, 1);
	t.is(cut?.text.length, 4096);
	t.is(cut?.cutBytes, 1_000_000 + 16_384 - 4096);
});

test('a flood leaves a mark where lines were skipped', t => {
	const book = newBook();
	book.append('api', 'a', [line(1, 'before')], 0);
	book.append('api', 'a', [line(2, 'after')], 45_000);
	t.deepEqual(book.before(null, everything, 3).map(({kind, count}) => [kind, count]), [['line', 1], ['skipped', 45_000], ['line', 1]]);
	t.like(book.totals(null), {skipped: 45_000, isEstimate: false});
	book.append('api', 'a', [line(3, 'later')], 5000, true);
	t.like(book.totals(null), {skipped: 50_000, isEstimate: true}, 'one estimate makes the sum one');
	t.true(book.before(null, everything, 2)[0]!.isEstimate);
});

test('our pings and Docker\'s own health checks are folded and counted, other requests are not', t => {
	const book = newBook();
	book.setHealthPaths(['/api/health']);
	book.append('api', 'a', [
		line(1, '172.18.0.1 "GET /api/health HTTP/1.1" 200 "-" "mdc-console/1"'),
		line(2, '127.0.0.1 "GET /api/health HTTP/1.1" 200 "-" "curl/7.88.1"'),
		line(3, '10.0.0.9 "GET /api/products HTTP/1.1" 200 "-" "Mozilla/5.0"'),
		line(4, '10.0.0.9 "GET /api/healthy-food HTTP/1.1" 200 "-" "curl/7.88.1"'),
	], 0);
	t.is(book.totals(null).health, 2);
	t.is(book.before(null, {...everything, showHealth: false}, 10).length, 2);
});

test('the resume point is the last stamp and how many lines bore it', t => {
	const book = newBook();
	t.is(book.resumePoint('a'), null);
	book.append('api', 'a', [line(1, 'x', {stamp: 'A'}), line(2, 'y', {stamp: 'B'}), line(2, 'z', {stamp: 'B'})], 0);
	t.deepEqual(book.resumePoint('a'), {stamp: 'B', count: 2});
});

test('a recreated container\'s old lines stay, and the new one\'s begin with a mark', t => {
	const book = newBook();
	book.append('api', 'old', [line(1, 'traceback')], 0);
	book.retire('old');
	book.append('api', 'new', [line(2, 'booting')], 0);
	t.deepEqual(book.before(null, everything, 5).map(({kind, text}) => `${kind} ${text}`), ['line traceback', 'began ', 'line booting']);
});

test('filters keep and hide, and a search finds in both directions', t => {
	const book = newBook();
	book.append('api', 'a', ['GET /', 'ERROR db', 'GET /x', 'ERROR redis', 'GET /y'].map((text, index) => line(index, text)), 0);
	t.deepEqual(textsOf(book.before(null, {...everything, filterIn: /ERROR/}, 9)), ['ERROR db', 'ERROR redis']);
	t.deepEqual(textsOf(book.before(null, {...everything, filterOut: /GET/}, 9)), ['ERROR db', 'ERROR redis']);
	const older = book.find(null, 'older', everything, ({text}) => text.startsWith('ERROR'));
	t.is(older?.text as string, 'ERROR redis');
	t.is(book.find(older, 'older', everything, ({text}) => text.startsWith('ERROR'))?.text as string, 'ERROR db');
	t.is(book.find(older, 'newer', everything, ({text}) => text.startsWith('ERROR')), null);
});

for (const [text, level] of [
	['[2026-01-18 03:04:05 +0000] [7] [ERROR] Worker (pid:17) was sent SIGKILL! Perhaps out of memory?', 'error'],
	['Traceback (most recent call last):', 'error'],
	['sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection refused', 'error'],
	['2026-01-18 03:04:05.123 UTC [55] FATAL:  password authentication failed for user "mestres_user"', 'error'],
	['2026/01/18 03:04:05 [error] 29#29: *1 connect() failed (111: Connection refused) while connecting to upstream', 'error'],
	['10.0.0.9 - - [18/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 502 150', 'error'],
	['10.0.0.9 - - [18/Jan/2026:03:04:05 +0000] "GET /x HTTP/1.1" 404 150', 'warning'],
	['1:M 18 Jan 2026 03:04:05.000 # WARNING overcommit_memory is set to 0!', 'warning'],
	['10.0.0.9 - - [18/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 502', 'info'],
	['[2026-01-18 03:04:05 +0000] [7] [INFO] Booting worker with pid: 7', 'info'],
	['2026-01-18 03:04:05 ERRO:  relação "pedidos" não existe', 'error'],
] as const) {
	test(`a line's level: ${text.slice(0, 60)} is ${level}`, t => {
		t.is(levelOf(text), level);
	});
}

test('a pattern is a regular expression, smart about case, and a half-typed one is searched as text', t => {
	t.true(compilePattern('erro.*db')!.test('ERROR in DB'));
	t.false(compilePattern('ERROR')!.test('error'));
	t.true(compilePattern('[error')!.test('x [error] y'));
	t.is(compilePattern(''), null);
});
