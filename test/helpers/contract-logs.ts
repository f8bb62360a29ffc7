/** The contract of LogsPort: nothing lost, nothing twice, in order. */
import type {Failure, LogRequest, RawLogLine} from '../../source/core/ports.ts';
import {answerOf, factsOf, inWorld, pingTarget, waitUntil, type ContractWorld, type MakeWorld, type Register} from './contract-world.ts';

type Followed = {readonly lines: RawLogLine[]; batches: number; skipped: number; ends: readonly (Failure | null)[]; stop(): void};

const follow = (world: ContractWorld, containerId: string, request: Partial<LogRequest>): Followed => {
	const followed: Followed = {lines: [], batches: 0, skipped: 0, ends: [], stop: () => {
		stop();
	}};
	const stop = world.logs.follow({containerId, tty: false, tail: Infinity, sinceMs: null, after: null, follow: false, ...request}, (lines, skipped) => {
		followed.lines.push(...lines);
		followed.batches++;
		followed.skipped += skipped;
	}, failure => {
		followed.ends = [...followed.ends, failure];
	});
	return followed;
};

const readAll = async (world: ContractWorld, containerId: string, request: Partial<LogRequest>): Promise<Followed> => {
	const followed = follow(world, containerId, request);
	await waitUntil(world, 'the end of the log', () => followed.ends.length > 0);
	return followed;
};

const keyOf = (line: RawLogLine): string => `${line.stamp} ${line.stream} ${line.rawText}`;
const keysOf = (lines: readonly RawLogLine[]): readonly string[] => lines.map(line => keyOf(line));

/** The resume key of what was handed over up to and including `index`. */
const resumeAfter = (lines: readonly RawLogLine[], index: number): NonNullable<LogRequest['after']> => {
	const {stamp} = lines[index]!;
	return {stamp, count: lines.slice(0, index + 1).filter(line => line.stamp === stamp).length};
};

const ask = async (world: ContractWorld, mark: string): Promise<void> => {
	await answerOf(world, world.health.ping(pingTarget({}), `${world.apiUrl}?mark=${mark}`));
};

export const testLogsContract = (register: Register, name: string, makeWorld: MakeWorld): void => {
	const test = inWorld(register, name, makeWorld);

	test('the last lines come in order, and the end is told once', async (t, world) => {
		const {id} = await factsOf(world, 'api');
		for (const mark of ['a', 'b', 'c', 'd']) {
			await ask(world, mark);
		}

		await world.elapse(300);
		const last = await readAll(world, id, {tail: 3});
		t.is(last.lines.length, 3);
		t.deepEqual(last.ends, [null]);
		const stamps = last.lines.map(line => line.stamp);
		t.deepEqual(stamps, [...stamps].sort());
		for (const line of last.lines) {
			t.regex(line.stamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z$/);
			t.true(Math.abs(line.atMs - Date.parse(`${line.stamp.slice(0, 23)}Z`)) <= 1);
			t.false(line.rawText.endsWith('\n'));
			t.is(line.cutBytes, 0);
		}
	});

	test('only lines since the instant that was asked for come', async (t, world) => {
		const {id} = await factsOf(world, 'api');
		await ask(world, 'before');
		await world.elapse(1100);
		await ask(world, 'middle');
		await world.elapse(200);
		const all = (await readAll(world, id, {})).lines;
		const since = all.find(line => line.rawText.includes('mark=middle'))!.atMs;
		const lines = (await readAll(world, id, {sinceMs: since})).lines;
		t.true(lines.length > 0 && lines.every(line => line.atMs >= since));
		t.true(lines.some(line => line.rawText.includes('mark=middle')));
		t.false(lines.some(line => line.rawText.includes('mark=before')));
	});

	test('a resumed stream begins right after what was handed over', async (t, world) => {
		const {id} = await factsOf(world, 'api');
		for (const mark of ['a', 'b', 'c', 'd', 'e', 'f']) {
			await ask(world, mark);
		}

		await world.elapse(300);
		const all = (await readAll(world, id, {tail: 8})).lines;
		for (const index of [0, 3, all.length - 1]) {
			const rest = (await readAll(world, id, {after: resumeAfter(all, index)})).lines;
			t.deepEqual(keysOf(rest).slice(0, all.length - index - 1), keysOf(all.slice(index + 1)));
		}
	});

	test('a following stream hands over new lines once, at most eight batches a second', async (t, world) => {
		const {id} = await factsOf(world, 'api');
		const followed = follow(world, id, {tail: 0, follow: true});
		await world.elapse(300);
		for (let count = 0; count < 10; count++) {
			await ask(world, `n${count}.`);
			await world.elapse(50);
		}

		await waitUntil(world, 'the last line', () => followed.lines.some(line => line.rawText.includes('mark=n9.')));
		for (let count = 0; count < 10; count++) {
			t.is(followed.lines.filter(line => line.rawText.includes(`mark=n${count}.`)).length, 1);
		}

		t.deepEqual(followed.ends, []);
		t.is(followed.skipped, 0);
		followed.stop();
		const {length} = followed.lines;
		await ask(world, 'after-stop');
		await world.elapse(500);
		t.is(followed.lines.length, length);
		t.deepEqual(followed.ends, []);
	});

	test('over a stop and a start no line is lost and none comes twice', async (t, world) => {
		const {id} = await factsOf(world, 'api');
		const first = follow(world, id, {tail: 20, follow: true});
		await ask(world, 'first-life');
		await world.stopService('api');
		await waitUntil(world, 'the end with the container', () => first.ends.length > 0);
		t.deepEqual(first.ends, [null]);
		await world.startService('api');
		const second = follow(world, id, {after: resumeAfter(first.lines, first.lines.length - 1), follow: true});
		await waitUntil(world, 'health', async () => (await answerOf(world, world.health.ping(pingTarget(), world.apiUrl))).ok);
		await ask(world, 'second-life');
		await waitUntil(world, 'the line of the second life', () => second.lines.some(line => line.rawText.includes('mark=second-life')));
		second.stop();

		const handed = keysOf([...first.lines, ...second.lines]);
		t.is(new Set(handed).size, handed.length);
		const whole = keysOf((await readAll(world, id, {})).lines);
		const from = whole.indexOf(handed[0]!);
		t.deepEqual(handed, whole.slice(from, from + handed.length));
		t.true(handed.some(line => line.includes('mark=first-life')));
	});

	test('the log of a stopped container can be read, and one of an unknown container not', async (t, world) => {
		const {id} = await factsOf(world, 'api');
		await world.stopService('api');
		const stopped = await readAll(world, id, {tail: 5, follow: true});
		t.true(stopped.lines.length > 0);
		t.deepEqual(stopped.ends, [null]);
		await world.startService('api');
		const unknown = await readAll(world, 'f'.repeat(64), {});
		t.is(unknown.ends[0]?.code, 'not-found');
	});
};
