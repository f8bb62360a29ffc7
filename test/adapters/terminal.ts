import {Buffer} from 'node:buffer';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {PassThrough, Writable} from 'node:stream';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {spawn} from '@lydell/node-pty';
import type {IPty} from '@lydell/node-pty';
import xterm from '@xterm/headless';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {createTerminal} from '../../source/adapters/terminal.ts';
import type {Terminal} from '../../source/adapters/terminal.ts';
import type {Clock} from '../../source/core/ports.ts';
import {ownText} from '../../source/core/text.ts';

const program = fileURLToPath(new URL('../fixtures/terminal-program.ts', import.meta.url));

// ─── a fake clock and an output that takes bytes only when the test says so ──

type ManualClock = Clock & {advance(spanMs: number): void};

const manualClock = (): ManualClock => {
	let now = 0;
	let timers: {readonly atMs: number; readonly run: () => void}[] = [];
	return {
		nowMs: () => 1_000_000 + now,
		monotonicMs: () => now,
		after(delayMs, run) {
			const timer = {atMs: now + delayMs, run};
			timers.push(timer);
			return () => {
				timers = timers.filter(each => each !== timer);
			};
		},
		advance(spanMs) {
			now += spanMs;
			const due = timers.filter(timer => timer.atMs <= now);
			timers = timers.filter(timer => timer.atMs > now);
			for (const timer of due) {
				timer.run();
			}
		},
	};
};

type Output = Writable & {columns: number; rows: number; taken: string[]; takeNext(): void; automatic: boolean};

const fakeOutput = (): Output => {
	const waiting: (() => void)[] = [];
	const output: Output = Object.assign(new Writable({
		decodeStrings: false,
		write(chunk: string, _encoding, done) {
			output.taken.push(chunk);
			if (output.automatic) {
				done();
			} else {
				waiting.push(done);
			}
		},
	}), {
		columns: 100,
		rows: 30,
		taken: [] as string[],
		automatic: true,
		takeNext() {
			waiting.shift()?.();
		},
	});
	return output;
};

const overFake = (environment: {readonly TERM?: string; readonly TMUX?: string; readonly STY?: string} = {}): {readonly terminal: Terminal; readonly output: Output; readonly clock: ManualClock} => {
	const output = fakeOutput();
	const clock = manualClock();
	return {terminal: createTerminal({stdout: output, stdin: new PassThrough(), environment, clock}), output, clock};
};

const settle = async (): Promise<void> => delay(1);

test('the writes of one turn go out as one piece, in order', async t => {
	const {terminal, output} = overFake();
	terminal.stdout.write('a');
	terminal.stdout.write('b');
	terminal.stdout.write('c');
	t.false(terminal.isDrained());
	await settle();
	t.deepEqual(output.taken, ['abc']);
	t.true(terminal.isDrained());
});

test('one write is under way at most, and what comes meanwhile follows whole', async t => {
	const {terminal, output} = overFake();
	output.automatic = false;
	const drained: number[] = [];
	terminal.onDrained(() => {
		drained.push(output.taken.length);
	});
	terminal.stdout.write('first');
	await settle();
	for (const each of ['second ', 'third ', 'fourth']) {
		terminal.stdout.write(each);
		await settle();
	}

	t.deepEqual(output.taken, ['first']);
	t.deepEqual(drained, []);
	output.takeNext();
	await settle();
	t.deepEqual(output.taken, ['first', 'second third fourth']);
	t.false(terminal.isDrained());
	output.takeNext();
	await settle();
	t.true(terminal.isDrained());
	t.deepEqual(drained, [2]);
});

test('an empty write with a callback is a barrier behind everything before it', async t => {
	const {terminal, output} = overFake();
	output.automatic = false;
	let passed = false;
	terminal.stdout.write('frame');
	await settle();
	terminal.stdout.write('', () => {
		passed = true;
	});
	await settle();
	t.false(passed);
	output.takeNext();
	await settle();
	output.takeNext();
	await settle();
	t.true(passed);
});

test('a stalled line tells since when, on the clock of now even after the clock was set', async t => {
	const {terminal, output, clock} = overFake();
	output.automatic = false;
	t.is(terminal.stalledSinceMs(), null);
	terminal.stdout.write('frame');
	await settle();
	clock.advance(3000);
	t.is(terminal.stalledSinceMs(), 1_000_000);
	output.takeNext();
	await settle();
	t.is(terminal.stalledSinceMs(), null);
});

test('bell is one byte; a stalled line keeps one bell, not many', async t => {
	const {terminal, output} = overFake();
	terminal.bell();
	await settle();
	t.deepEqual(output.taken, ['\u0007']);
	output.automatic = false;
	terminal.stdout.write('frame');
	await settle();
	terminal.bell();
	terminal.bell();
	terminal.bell();
	await settle();
	output.takeNext();
	await settle();
	t.deepEqual(output.taken, ['\u0007', 'frame', '\u0007']);
});

const copied = async (environment: {readonly TERM?: string; readonly TMUX?: string; readonly STY?: string}, text: string): Promise<string> => {
	const {terminal, output} = overFake(environment);
	terminal.copy(ownText(text));
	await settle();
	return output.taken.join('');
};

test('copy sends OSC 52, byte for byte', async t => {
	t.is(await copied({TERM: 'xterm-256color'}, 'olá'), '\u001B]52;c;b2zDoQ==\u0007');
});

test('copy in tmux goes through its passthrough with doubled escapes', async t => {
	const expected = '\u001BPtmux;\u001B\u001B]52;c;b2zDoQ==\u0007\u001B\\';
	t.is(await copied({TERM: 'screen-256color', TMUX: '/tmp/tmux-0/default,1,0'}, 'olá'), expected);
	t.is(await copied({TERM: 'tmux-256color'}, 'olá'), expected);
});

test('copy in screen is cut into strings that screen takes', async t => {
	const text = 'x'.repeat(120);
	const encoded = Buffer.from(text).toString('base64');
	const expected = `\u001BP\u001B]52;c;${encoded.slice(0, 76)}\u001B\\\u001BP${encoded.slice(76, 152)}\u001B\\\u001BP${encoded.slice(152)}\u0007\u001B\\`;
	t.is(await copied({TERM: 'xterm', STY: '1234.pts-0'}, text), expected);
	t.is(await copied({TERM: 'screen'}, text), expected);
	t.is(await copied({TERM: 'screen'}, ''), '\u001BP\u001B]52;c;\u0007\u001B\\');
});

test('copy refuses what terminals would drop, and writes nothing then', async t => {
	const {terminal, output} = overFake();
	t.true(terminal.copy(ownText('x'.repeat(56_244))));
	await settle();
	output.taken.length = 0;
	t.false(terminal.copy(ownText('x'.repeat(56_247))));
	await settle();
	t.deepEqual(output.taken, []);
});

test('fifty resizes a second are told at most ten times a second, and the last one always', async t => {
	const {terminal, output, clock} = overFake();
	const told: number[] = [];
	let forInk = 0;
	terminal.stdout.on('resize', () => {
		forInk++;
	});
	terminal.onResized(({columns}) => {
		told.push(columns);
	});
	for (let step = 1; step <= 50; step++) {
		output.columns = 100 + step;
		output.emit('resize');
		clock.advance(20);
	}

	clock.advance(100);
	t.true(told.length <= 11, `${told.length}`);
	t.is(told.at(-1), 150);
	t.is(forInk, told.length);
	t.deepEqual([terminal.stdout.columns, terminal.stdout.rows], [150, 30]);
	await settle();
});

test('a size with a zero falls back to the last known one', t => {
	const {terminal, output} = overFake();
	output.columns = 0;
	output.emit('resize');
	t.deepEqual(terminal.size(), {columns: 100, rows: 30});
	t.is(terminal.stdout.columns, 100);
});

test('a resize on a stalled line waits until the line takes bytes again', async t => {
	const {terminal, output} = overFake();
	const told: number[] = [];
	terminal.onResized(({rows}) => {
		told.push(rows);
	});
	output.automatic = false;
	terminal.stdout.write('frame');
	await settle();
	for (const rows of [20, 15, 12]) {
		output.rows = rows;
		output.emit('resize');
	}

	t.deepEqual(told, []);
	output.takeNext();
	await settle();
	t.deepEqual(told, [12]);
});

test('a terminal that breaks is told once as gone, and later writes are dropped without an error', async t => {
	const output = Object.assign(new Writable({
		write(_chunk, _encoding, done) {
			done(Object.assign(new Error('write EIO'), {code: 'EIO'}));
		},
	}), {columns: 80, rows: 24});
	const terminal = createTerminal({stdout: output, stdin: new PassThrough(), environment: {}, clock: manualClock()});
	let told = 0;
	terminal.onGone(() => {
		told++;
	});
	terminal.stdout.write('frame');
	await settle();
	t.true(terminal.isGone());
	let called = false;
	terminal.stdout.write('after', () => {
		called = true;
	});
	terminal.bell();
	await settle();
	t.true(called);
	t.is(told, 1);
	t.true(terminal.isDrained());
	terminal.restore();
});

test('after leaving, what Ink still writes is dropped and its callbacks are called', async t => {
	const {terminal, output} = overFake();
	output.automatic = false;
	let called = 0;
	terminal.stdout.write('stuck', () => {
		called++;
	});
	await settle();
	terminal.stdout.write('waiting', () => {
		called++;
	});
	terminal.restore(ownText('all is well'));
	terminal.restore(ownText('again'));
	terminal.stdout.write('late', () => {
		called++;
	});
	output.takeNext();
	await settle();
	await settle();
	t.is(called, 3);
	t.deepEqual(output.taken, ['stuck', 'all is well\n']);
});

// ─── a real pseudo-terminal ─────────────────────────────────────────────────

type Facts = Readonly<Record<string, number | boolean>>;

type Run = {
	readonly pty: IPty;
	readonly screen: InstanceType<typeof xterm.Terminal>;
	readonly exited: Promise<{exitCode: number; signal?: number | undefined}>;
	facts(): Facts;
	until(holds: (facts: Facts) => boolean, what: string): Promise<Facts>;
	received(): string;
};

const startProgram = (t: ExecutionContext, mode: string): Run => {
	const directory = mkdtempSync(path.join(os.tmpdir(), 'terminal-'));
	const factsPath = path.join(directory, 'facts.json');
	const {CI: _ci, ...environment} = process.env;
	const pty = spawn(process.execPath, ['--import=tsx', program, factsPath, mode], {cols: 100, rows: 30, env: environment as Record<string, string>});
	const screen = new xterm.Terminal({cols: 100, rows: 30, allowProposedApi: true});
	let received = '';
	pty.onData(data => {
		received += data;
		screen.write(data);
	});
	const exited = new Promise<{exitCode: number; signal?: number | undefined}>(resolve => {
		pty.onExit(resolve);
	});
	let ended = false;
	void exited.then(() => {
		ended = true;
	});
	t.teardown(() => {
		if (!ended) {
			// Forgives a process that is gone and whose end was not told yet.
			pty.kill('SIGKILL');
		}

		rmSync(directory, {recursive: true, force: true});
	});
	const facts = (): Facts => {
		try {
			return JSON.parse(readFileSync(factsPath, 'utf8')) as Facts;
		} catch {
			// Not written yet, or half written: the next look sees it.
			return {};
		}
	};

	return {
		pty,
		screen,
		exited,
		facts,
		received: () => received,
		async until(holds, what) {
			const deadline = Date.now() + 15_000;
			for (;;) {
				const now = facts();
				if (holds(now)) {
					return now;
				}

				if (Date.now() > deadline) {
					throw new Error(`never came: ${what}; last: ${JSON.stringify(now)}`);
				}

				await delay(20);
			}
		},
	};
};

const rowsOf = async (run: Run): Promise<readonly string[]> => {
	await new Promise<void>(resolve => {
		run.screen.write('', resolve);
	});
	const buffer = run.screen.buffer.active;
	return Array.from({length: run.screen.rows}, (_, row) => buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? '');
};

for (const mode of ['plain', 'ink']) {
	test(`with a terminal that nobody reads the program goes on, its memory stays, and the screen is right afterwards (${mode})`, async t => {
		const run = startProgram(t, mode);
		await run.until(facts => Number(facts['frames']) > 5, 'first frames');
		run.pty.pause();
		const stalled = await run.until(facts => facts['stalled'] === true, 'a stall');
		const later = await run.until(facts => Number(facts['ticks']) > Number(stalled['ticks']) + 75, 'ticks during the stall');
		t.is(later['frames'], stalled['frames']);
		t.true(Number(later['waiting']) < 20_000);
		run.pty.resume();
		await run.until(facts => Number(facts['frames']) > Number(later['frames']) + 5, 'frames after the stall');
		run.pty.pause();
		await run.until(facts => facts['stalled'] === true, 'a last frame that stands still');
		const last = Number(run.facts()['frames']);
		run.pty.resume();
		await run.until(facts => Number(facts['frames']) > last, 'frames again');
		const rows = await rowsOf(run);
		const shown = /^frame (\d+) row 0/.exec(rows[0] ?? '')?.[1];
		t.truthy(shown, rows[0]);
		// A row of one frame may be newer than the next when the picture is taken between two chunks; none may be garbled.
		for (const [row, text] of rows.slice(0, 29).entries()) {
			t.regex(text, new RegExp(`^frame \\d+ row ${row} (\\d)\\1*$`));
		}

		run.pty.write('q');
		const {exitCode} = await run.exited;
		t.is(exitCode, 0);
	});
}

for (const mode of ['plain', 'ink']) {
	test(`leaving a stalled terminal is over in a moment, and the process ends while nobody reads (${mode})`, async t => {
		const run = startProgram(t, mode);
		await run.until(facts => Number(facts['frames']) > 2, 'first frames');
		run.pty.pause();
		await run.until(facts => facts['stalled'] === true, 'a stall');
		run.pty.write('q');
		const facts = await run.until(each => each['left'] === true, 'the program leaving');
		t.true(Number(facts['restoreMs']) < 1000, String(facts['restoreMs']));
		const state = async (): Promise<string> => readFile(`/proc/${run.pty.pid}/stat`, 'utf8').then(stat => stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '', () => 'ended');
		for (const deadline = Date.now() + 5000; Date.now() < deadline && !['Z', 'ended'].includes(await state());) {
			await delay(20);
		}

		t.true(['Z', 'ended'].includes(await state()));
		run.pty.resume();
		t.is((await run.exited).exitCode, 0);
	});
}

test('leaving restores the screen, the cursor, the colours and pasting, and shows the last line', async t => {
	const run = startProgram(t, 'ink');
	await run.until(facts => Number(facts['frames']) > 2, 'first frames');
	run.pty.write('q');
	await run.exited;
	const rows = await rowsOf(run);
	t.is(run.screen.buffer.active.type, 'normal');
	t.true(rows.some(row => row.startsWith('left after frame')), rows.join('\n'));
	t.true(run.received().includes('\u001B[?2026l\u001B[0m\u001B[?2004l\u001B[?1049l\u001B[?25h'));
	t.false(run.received().split('\u001B[?1049l').at(-1)!.includes('frame 1 row'));
});

test('what was still on its way when the program left does not follow onto the normal screen', async t => {
	const run = startProgram(t, 'flood');
	run.pty.pause();
	await run.until(facts => facts['left'] === true, 'the program leaving');
	run.pty.resume();
	t.is((await run.exited).exitCode, 0);
	t.false((run.received().split('\u001B[?1049l')[1] ?? '').includes('flood'));
});

test('a terminal whose other end is closed is gone, and the program goes on without it', async t => {
	const run = startProgram(t, 'plain');
	await run.until(facts => Number(facts['frames']) > 2, 'first frames');
	(run.pty as IPty & {destroy(): void}).destroy();
	const facts = await run.until(each => each['survived'] === true, 'survival');
	t.is(facts['gone'], true);
});

test('a real storm of resizes is told seldom and ends at the last size', async t => {
	const run = startProgram(t, 'plain');
	await run.until(facts => Number(facts['frames']) > 2, 'first frames');
	for (let step = 0; step < 50; step++) {
		run.pty.resize(60 + step, 20 + (step % 10));
		await delay(20);
	}

	run.pty.resize(10, 3);
	const facts = await run.until(each => each['columns'] === 10 && each['rows'] === 3, 'the last size');
	t.true(Number(facts['resizes']) <= 16, String(facts['resizes']));
	t.true(Number(facts['resizes']) >= 3);
});
