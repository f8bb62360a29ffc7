/** The logs port: lines out of frames, chunks and TTY streams; resuming; floods. Against a fake engine on a real socket. */

import type {ServerResponse} from 'node:http';
import test from 'ava';
import type {Failure, LogRequest, RawLogLine} from '../../source/core/ports.ts';
import {createLogGate} from '../../source/adapters/docker/log-gate.ts';
import {createLineReader} from '../../source/adapters/docker/log-lines.ts';
import {compareStamps, createStampClock, sinceOfStamp} from '../../source/adapters/docker/stamp.ts';
import {eventually, frame, json, machineClock, withFakeEngine, type Answer, type FakeEngine} from '../helpers/fake-engine.ts';

const stampAt = (nanoseconds: number): string => `2026-01-01T00:00:00.${String(nanoseconds).padStart(9, '0')}Z`;
const logPath = '/containers/abc/logs';
const asked: LogRequest = {containerId: 'abc', tty: false, tail: 200, sinceMs: null, after: null, follow: true};

type Followed = {readonly lines: RawLogLine[]; readonly batches: {readonly atMs: number; readonly lines: number; readonly skipped: number}[]; readonly ended: (Failure | null)[]; stop(): void};

const follow = (engine: FakeEngine, request: Partial<LogRequest> = {}): Followed => {
	const followed: Followed = {lines: [], batches: [], ended: [], stop: () => undefined};
	followed.stop = engine.ports.logs.follow({...asked, ...request}, (lines, skipped) => {
		followed.lines.push(...lines);
		followed.batches.push({atMs: performance.now(), lines: lines.length, skipped});
	}, failure => followed.ended.push(failure));
	return followed;
};

/** Answers with these bytes, cut into pieces of `size`, each an HTTP chunk and a write of its own. */
const pieces = (content: Buffer, size: number): Answer => async (_request, response) => {
	response.writeHead(200);
	for (let at = 0; at < content.length; at += size) {
		await write(response, content.subarray(at, at + size));
	}

	response.end();
};

const write = async (response: ServerResponse, bytes: Buffer): Promise<void> => new Promise(resolve => {
	response.write(bytes, () => {
		resolve();
	});
});

const readAll = async (answer: Answer, request: Partial<LogRequest> = {}): Promise<Followed> => withFakeEngine(async engine => {
	engine.route(logPath, answer);
	const followed = follow(engine, request);
	await eventually(() => followed.ended.length > 0);
	return followed;
});

const sample = Buffer.concat([
	frame(1, `${stampAt(1)} café ☕\r\n`),
	frame(2, `${stampAt(2)} second, on stderr\n`),
	frame(1, `${stampAt(3)} \n`),
	frame(1, Buffer.concat([Buffer.from(`${stampAt(4)} broken `), Buffer.from([0xC3, 0xFF]), Buffer.from(' bytes\n')])),
	frame(1, `${stampAt(5)} two lines\n${stampAt(6)} in one frame\n`),
	frame(0, `${stampAt(7)} of stdin\n`),
	frame(1, ''),
	frame(1, `${stampAt(8)} no line break`),
]);
const sampleLines = [
	['out', 'café ☕'], ['err', 'second, on stderr'], ['out', ''], ['out', 'broken \uFFFD\uFFFD bytes'], ['out', 'two lines'], ['out', 'in one frame'], ['out', 'of stdin'], ['out', 'no line break'],
];

for (const size of [1, 3, 7, 64, 100_000]) {
	test(`lines are the same in pieces of ${size} bytes`, async t => {
		const {lines, ended} = await readAll(pieces(sample, size));
		t.deepEqual(lines.map(({stream, rawText}) => [stream, rawText]), sampleLines);
		t.deepEqual(lines.map(({stamp}) => stamp), [1, 2, 3, 4, 5, 6, 7, 8].map(stampAt));
		t.is(lines[0]?.atMs, Date.parse('2026-01-01T00:00:00.000Z'));
		t.deepEqual(ended, [null]);
	});
}

test('a container with a TTY sends bare lines', async t => {
	const content = Buffer.from(`${stampAt(1)} first ☕\r\n${stampAt(2)} \u001B[31msecond\u001B[0m\r\n${stampAt(3)} \r\n`);
	for (const size of [1, 5, 10_000]) {
		const {lines} = await readAll(pieces(content, size), {tty: true});
		t.deepEqual(lines.map(({stamp, stream, rawText}) => [stamp, stream, rawText]), [[stampAt(1), 'out', 'first ☕'], [stampAt(2), 'out', '\u001B[31msecond\u001B[0m'], [stampAt(3), 'out', '']]);
	}
});

test('an engine that says it sends frames is believed', async t => {
	const {lines} = await readAll((_request, response) => {
		response.writeHead(200, {'content-type': 'application/vnd.docker.multiplexed-stream'});
		response.end(sample);
	}, {tty: true});
	t.is(lines.length, 8);
});

const longLine = (bytes: number, stamp: string): readonly string[] => Array.from({length: Math.ceil(bytes / 16_384)}, (_, index) => `${stamp} ${'x'.repeat(Math.min(16_384, bytes - index * 16_384))}`);

test('a line of a megabyte, which the engine cuts into stamped messages, is one line again', async t => {
	const messages = longLine(1_000_000, stampAt(1));
	const whole = Buffer.concat([...messages.map((message, index) => frame(1, index === messages.length - 1 ? `${message}\n` : message)), frame(2, `${stampAt(2)} after\n`)]);
	for (const size of [1000, 65_536]) {
		const {lines} = await readAll(pieces(whole, size));
		t.deepEqual(lines.map(({stamp, rawText, cutBytes}) => [stamp, rawText.length, cutBytes]), [[stampAt(1), 16_384, 983_616], [stampAt(2), 5, 0]]);
	}

	const {lines} = await readAll(pieces(Buffer.from(`${messages.join('')}\r\n${stampAt(2)} after\r\n`), 30_000), {tty: true});
	t.deepEqual(lines.map(({stamp, rawText, cutBytes}) => [stamp, rawText.length, cutBytes]), [[stampAt(1), 16_384, 983_616], [stampAt(2), 5, 0]]);
});

test('streams that interleave within a long line stay apart, and a frame above 64 kB is read', async t => {
	const [first = '', second = ''] = longLine(20_000, stampAt(1));
	const {lines} = await readAll(pieces(Buffer.concat([frame(1, first), frame(2, `${stampAt(2)} error\n`), frame(1, `${second}\n`), frame(1, `${stampAt(3)} ${'é'.repeat(100_000)}\n${stampAt(4)} last\n`)]), 9000));
	t.deepEqual(lines.map(({stream, rawText, cutBytes}) => [stream, rawText.length, cutBytes]), [['err', 5, 0], ['out', 16_384, 3616], ['out', 8192, 183_616], ['out', 4, 0]]);
});

test('a cut never goes through a character', async t => {
	const {lines} = await readAll(pieces(frame(1, `${stampAt(1)} a${'☕'.repeat(6000)}\n`), 100_000));
	t.false(lines[0]?.rawText.includes('\uFFFD'));
	t.is(Buffer.byteLength(lines[0]!.rawText) + lines[0]!.cutBytes, 18_001);
});

test('the request asks for what is wanted', async t => {
	await withFakeEngine(async engine => {
		engine.route(logPath, pieces(sample, 1000));
		for (const request of [{tail: 200}, {tail: Number.POSITIVE_INFINITY, sinceMs: 1_700_000_000_123, follow: false}]) {
			const {ended} = follow(engine, request);
			await eventually(() => ended.length > 0);
		}

		const [first, second] = engine.requests.map(url => Object.fromEntries(new URL(url, 'http://docker').searchParams));
		t.deepEqual(first, {stdout: '1', stderr: '1', timestamps: '1', follow: '1', tail: '200'});
		t.deepEqual(second, {stdout: '1', stderr: '1', timestamps: '1', follow: '0', tail: 'all', since: '1700000000.123'});
	});
});

/** A log that answers `tail` and `since` as the engine does. */
const logOf = (stamps: readonly string[]): Answer => (_request, response, url) => {
	const tail = url.searchParams.get('tail');
	const since = url.searchParams.get('since');
	const within = stamps.map((stamp, index) => ({stamp, index})).filter(({stamp}) => since === null || Number(sinceOfStamp(stamp)!.slice(-9)) >= Number(since.slice(-9)));
	response.writeHead(200);
	response.end(Buffer.concat(within.slice(tail === 'all' ? 0 : -Number(tail)).map(({stamp, index}) => frame(1, `${stamp} line ${index}\n`))));
};

test('a resumed stream neither loses nor doubles a line, also of those with the same stamp', async t => {
	const stamps = [1, 2, 2, 2, 3, 4].map(stampAt);
	const near = await readAll(logOf(stamps), {after: {stamp: stampAt(2), count: 2}});
	t.deepEqual(near.lines.map(({rawText}) => rawText), ['line 3', 'line 4', 'line 5']);
	t.deepEqual(near.ended, [null]);
});

test('a resume point beyond the first tail is reached by a second request', async t => {
	await withFakeEngine(async engine => {
		engine.route(logPath, logOf(Array.from({length: 3000}, (_, index) => stampAt(index * 10))));
		const followed = follow(engine, {after: {stamp: stampAt(15_000), count: 1}});
		await eventually(() => followed.ended.length > 0);
		t.is(followed.lines.length, 1499);
		t.is(followed.lines[0]?.rawText, 'line 1501');
		t.is(engine.requests.length, 2);
		t.is(new URL(engine.requests[1]!, 'http://docker').searchParams.get('since'), `${Date.parse('2026-01-01T00:00:00Z') / 1000}.000015000`);
	});
});

test('a stream that breaks is no natural end; what came before it is handed over first', async t => {
	const {lines, ended} = await readAll(async (request, response) => {
		response.writeHead(200);
		await write(response, Buffer.concat([sample.subarray(0, sample.indexOf(stampAt(8)) - 8), frame(1, `${stampAt(9)} half a l`)]));
		request.socket.destroy();
	});
	t.deepEqual(lines.map(({stream, rawText}) => [stream, rawText]), sampleLines.slice(0, -1));
	t.is(ended.length, 1);
	t.is(ended[0]?.code, 'failed');
});

test('refusals have their reason', async t => {
	const codes = await Promise.all([
		readAll(json({message: 'No such container: abc'}, 404)),
		readAll(json({message: 'configured logging driver does not support reading'}, 500)),
		readAll((_request, response) => {
			response.end(Buffer.from('this is not a multiplexed stream'));
		}),
		readAll((_request, response) => {
			response.end(Buffer.concat([sample, frame(3, 'Error grabbing logs: unexpected EOF')]));
		}),
		readAll((request, response) => {
			response.socket?.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n');
			request.resume();
		}),
		readAll(request => {
			request.socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n');
		}),
	]);
	t.deepEqual(codes.map(({ended}) => ended[0]?.code), ['not-found', 'unsupported', 'malformed', 'failed', 'malformed', 'malformed']);
	t.is(codes[3]?.lines.length, 7);
	t.is(codes[3]?.ended[0]?.detail, 'Error grabbing logs: unexpected EOF' as never);
});

test.serial('the first lines come at once, then at most eight batches a second', async t => {
	await withFakeEngine(async engine => {
		engine.route(logPath, (_request, response) => {
			response.writeHead(200);
			let count = 0;
			const timer = setInterval(() => {
				response.write(frame(1, `${stampAt(++count)} line ${count}\n`));
			}, 5);
			response.on('close', () => {
				clearInterval(timer);
			});
		});
		const openedAtMs = performance.now();
		const followed = follow(engine);
		await eventually(() => followed.batches.length > 8);
		followed.stop();
		const {length} = followed.lines;
		t.true(followed.batches[0]!.atMs - openedAtMs < 250);
		t.true(followed.batches[8]!.atMs - followed.batches[0]!.atMs > 950);
		t.deepEqual(followed.lines.map(({rawText}) => rawText), Array.from({length}, (_, index) => `line ${index + 1}`));
		t.deepEqual(followed.ended, []);
	});
});

const floodFrames = (from: number, count: number): Buffer => Buffer.concat(Array.from({length: count}, (_, index) =>
	frame(1, `${new Date().toISOString().slice(0, 23)}000000Z ${from + index} GET /api/products 200 12 ms user=123456 ${'-'.repeat(60)}\n`)));

test('a flood is counted: every line is handed over or told as skipped, and the newest are there', async t => {
	const total = 100_000;
	const {lines, batches, ended} = await readAll(async (_request, response) => {
		response.writeHead(200);
		for (let from = 0; from < total; from += 2500) {
			await write(response, floodFrames(from, 2500));
			await new Promise(resolve => {
				setTimeout(resolve, 50);
			});
		}

		response.end();
	});
	const skipped = batches.reduce((sum, batch) => sum + batch.skipped, 0);
	t.is(lines.length + skipped, total);
	t.true(lines.length < 30_000, `${lines.length} were parsed`);
	const numbers = lines.map(({rawText}) => Number(rawText.split(' ')[0]));
	t.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
	t.is(numbers.at(-1), total - 1);
	t.deepEqual(ended, [null]);
	// Each gap is told in the batch before whose lines it lies.
	let next = 0;
	let taken = 0;
	for (const batch of batches.filter(({lines: count}) => count > 0)) {
		t.true(numbers[taken]! === next + batch.skipped);
		taken += batch.lines;
		next = numbers[taken - 1]! + 1;
	}
});

test('a flood that lasts is looked at instead of read: live, in order, nothing twice, and followed again when it is over', async t => {
	const linesPerSecond = 20_000;
	await withFakeEngine(async engine => {
		const startedMs = performance.now();
		const asksForNewest: string[] = [];
		let endsAtMs = Number.POSITIVE_INFINITY;
		/** How many lines were written by now: 20,000 a second until the flood ends, then one every 50 ms. */
		const written = (): number => {
			const nowMs = performance.now();
			return Math.floor((Math.min(nowMs, endsAtMs) - startedMs) / 1000 * linesPerSecond) + Math.max(0, Math.floor((nowMs - endsAtMs) / 50));
		};

		const originMs = Date.now();
		const lines = (from: number, to: number): Buffer => Buffer.concat(Array.from({length: Math.max(0, to - from)}, (_, index) => {
			const number = from + index;
			const microseconds = number * 1e6 / linesPerSecond;
			const at = new Date(originMs + Math.floor(microseconds / 1000)).toISOString().slice(0, 23);
			return frame(1, `${at}${String(microseconds % 1000).padStart(3, '0')}000Z ${number} ${'-'.repeat(60)}\n`);
		}));
		engine.route(logPath, async (_request, response, url) => {
			response.writeHead(200);
			let next = Math.max(0, written() - Number(url.searchParams.get('tail')));
			if (url.searchParams.get('follow') === '0') {
				asksForNewest.push(url.searchParams.get('tail')!);
				response.end(lines(next, written()));
				return;
			}

			const timer = setInterval(() => {
				const until = written();
				response.write(lines(next, until));
				next = until;
			}, 20);
			response.on('close', () => {
				clearInterval(timer);
			});
		});
		const numbers: number[] = [];
		let skipped = 0;
		let estimated = 0;
		const stop = engine.ports.logs.follow(asked, (batch, dropped, isEstimate) => {
			numbers.push(...batch.map(({rawText}) => Number(rawText.split(' ')[0])));
			skipped += dropped;
			estimated += isEstimate === true ? dropped : 0;
		}, () => undefined);
		await eventually(() => asksForNewest.length > 4);
		t.true(written() - numbers.at(-1)! < linesPerSecond, 'what is shown is less than a second old');
		t.true(estimated > 0);
		endsAtMs = performance.now();
		const asks = asksForNewest.length;
		const before = written();
		await eventually(() => (numbers.at(-1) ?? 0) > before + 10);
		stop();
		t.true(asksForNewest.length <= asks + 3, 'followed again, no longer looked at');
		t.deepEqual(numbers, [...new Set(numbers)].toSorted((a, b) => a - b));
		const ratio = (numbers.length + skipped) / (numbers.at(-1)! - numbers[0]!);
		t.true(ratio > 0.7 && ratio < 1.3, `told of ${ratio} of the lines`);
	});
});

test('history above the flood limit opens with its newest lines, without a hole', async t => {
	const {lines, batches} = await readAll((_request, response) => {
		response.end(Buffer.concat(Array.from({length: 20_000}, (_, index) => frame(1, `${stampAt(index)} ${index}\n`))));
	});
	const numbers = lines.map(({rawText}) => Number(rawText));
	t.deepEqual(numbers.slice(-5000), Array.from({length: 5000}, (_, index) => 15_000 + index));
	t.is(lines.length + batches.reduce((sum, batch) => sum + batch.skipped, 0), 20_000);
});

test.serial('counting goes above 300,000 lines a second', t => {
	const chunk = floodFrames(0, 500);
	// The best of three, since other tests run beside this one.
	const rates = [1, 2, 3].map(() => {
		let seen = 0;
		const gate = createLogGate({clock: machineClock, deliver: (lines, skipped) => void (seen += lines.length + skipped), wanted: () => true});
		const reader = createLineReader(false, gate.line);
		const startedMs = performance.now();
		for (let round = 0; round < 200; round++) {
			reader.feed(chunk, 0, chunk.length);
		}

		reader.end();
		gate.end();
		t.is(seen, 100_000);
		return 100_000 / (performance.now() - startedMs) * 1000;
	});
	t.log(`${Math.round(Math.max(...rates))} lines/s`);
	t.true(Math.max(...rates) > 300_000);
});

test('stamps are compared by nanoseconds, whatever their notation', t => {
	t.true(compareStamps(stampAt(1), stampAt(2)) < 0);
	t.is(compareStamps('2026-01-01T00:00:00.5Z', '2026-01-01T02:00:00.500000000+02:00'), 0);
	t.true(compareStamps('2026-01-01T00:00:00.500000001Z', '2026-01-01T02:00:00.5+02:00') > 0);
	t.is(sinceOfStamp('2026-01-01T02:00:00.25+02:00'), `${Date.parse('2026-01-01T00:00:00Z') / 1000}.250000000`);
	const instantOf = createStampClock();
	t.is(instantOf('2026-01-01T00:00:00.123456789Z'), Date.parse('2026-01-01T00:00:00.123Z'));
	t.is(instantOf('2026-01-01T00:00:00.987000000Z'), Date.parse('2026-01-01T00:00:00.987Z'));
	t.is(instantOf('2026-01-01T00:00:01.000000000Z'), Date.parse('2026-01-01T00:00:01Z'));
	t.is(instantOf('no stamp'), null);
});
