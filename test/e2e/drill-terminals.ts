/** Bad terminals: of any size, resized without end, stalled, pasted into. The built program keeps to the rows that there are. */

import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {fullClears, openDrill, startDrill} from '../helpers/drill-screen.ts';
import {needs} from '../helpers/needs.ts';
import type {Terminal} from '../helpers/terminal.ts';

const inTerminal = needs('pty');

/** What was received since a mark, in characters. */
const since = (terminal: Terminal, mark: number): string => terminal.received().slice(mark);

/** The highest row that a cursor address or the frame's own line feeds could reach: the emulator would have scrolled. */
const isWhole = (screen: string, rows: number): boolean => {
	const lines = screen.split('\n');
	return lines.length === rows && /APIDown|SUSPECTED|CRITICAL/.test(lines[0]!) && /\S/.test(lines.at(-1)!);
};

for (const [columns, rows] of [[60, 15], [80, 24], [100, 30], [120, 40], [200, 60]] as const) {
	inTerminal(`at ${columns}×${rows} the header is the first row and the footer the last, and nothing is cleared`, async t => {
		const terminal = await openDrill(t, {columns, rows});
		const mark = terminal.received().length;
		for (const [key, title] of [['?', '▸ Help'], ['i', '▸ Incident'], ['U', '▸ Start api']] as const) {
			await terminal.press(key);
			await terminal.until(screen => screen.includes(title) && isWhole(screen, rows));
			await terminal.press('escape');
			await terminal.until(screen => !screen.includes(title));
		}

		await terminal.until(screen => isWhole(screen, rows));
		t.is(fullClears(since(terminal, mark)), 0);
	});
}

inTerminal('shrunk to 10×3 it is one sentence, keys change nothing, and growing again shows everything', async t => {
	const terminal = await openDrill(t, {columns: 100, rows: 30});
	terminal.resize(10, 3);
	await terminal.until(screen => /^DRILL\s*\nToo small/.test(screen) && !/[│╭╰]/.test(screen));
	await terminal.press('?', 'U', 'z', 'tab', 'y');
	await terminal.settled(300, 5000).catch(() => '');
	terminal.resize(100, 30);
	const back = await terminal.until(screen => isWhole(screen, 30) && screen.includes('▸ Containers'));
	t.notRegex(back, /▸ Help|Start api ─/);
	terminal.resize(59, 15);
	await terminal.until(/60×15 is needed/);
	terminal.resize(60, 15);
	await terminal.until(screen => isWhole(screen, 15));
	terminal.resize(1, 1);
	await sleep(200);
	terminal.resize(120, 40);
	await terminal.until(screen => isWhole(screen, 40) && screen.includes('▸ Containers'));
});

inTerminal('a card that a shrunk terminal hides is not run by y, nor a note taken by Enter; once it is seen again it can be', async t => {
	const terminal = await openDrill(t, {columns: 100, rows: 30});
	const tooSmall = async (): Promise<void> => {
		terminal.resize(20, 5);
		await terminal.until(/needed/);
	};

	await terminal.press('U');
	await terminal.until(/y +runs it/);
	await sleep(500);
	await tooSmall();
	await terminal.press('y');
	await sleep(100);
	terminal.resize(100, 30);
	await terminal.until(/y +runs it/);
	await terminal.press('escape');
	await terminal.until(screen => !screen.includes('▸ Start api'));
	await terminal.press('m');
	await terminal.until('note');
	await tooSmall();
	await terminal.press('x', 'enter');
	await sleep(100);
	terminal.resize(100, 30);
	await terminal.until(/Enter takes it/);
	await terminal.press('escape');
	await terminal.until(screen => !screen.includes('Enter takes it'));
	await terminal.press('U');
	await terminal.until(/y +runs it/);
	await tooSmall();
	terminal.resize(100, 30);
	await terminal.until(/y +runs it/);
	await sleep(1000);
	await terminal.press('y');
	await terminal.until(/RECOVERED/, 60_000);
	t.pass();
});

inTerminal('resized fifty times a second it lives, and is right at the last size', async t => {
	const terminal = await openDrill(t);
	for (let step = 0; step < 100; step++) {
		terminal.resize(60 + ((step * 37) % 141), 15 + ((step * 17) % 46));
		await sleep(20);
	}

	terminal.resize(110, 33);
	const screen = await terminal.until(text => isWhole(text, 33) && text.includes('▸ Containers') && text.includes('Log ·'));
	// The frames reach the right edge, and none goes beyond.
	t.true(screen.split('\n').slice(1, -1).every(row => row.length <= 110));
	t.regex(screen.split('\n')[1]!, /╮$/);
	await terminal.press('?');
	await terminal.until('▸ Help');
});

inTerminal('a paste of 10 kB presses nothing', async t => {
	const terminal = await openDrill(t);
	await terminal.until('CRITICAL');
	const text = 'Uy\rRy\ndocker-compose down -v; q\u0003\u001B[A:quit\r '.repeat(260);
	t.true(text.length >= 10_000);
	terminal.paste(text);
	await terminal.until(/paste/i);

	// The same from a terminal without bracketed paste, without its line ends: one long chunk.
	terminal.write('docker ps --all --format json and then Uyyy q q q '.repeat(200));
	await terminal.settled(200, 5000).catch(() => '');
	await terminal.press('i');
	const timeline = await terminal.until(/Incident opened: APIDown/);
	t.notRegex(timeline, /▸ Start api|▸ Restart|Quit\?|confirmed/i);
	t.regex(timeline, /api +exited 0/);
});

const residentBytes = (pid: number): number => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

inTerminal('a terminal that nobody reads for five seconds stops the painting, not the program', async t => {
	const terminal = await openDrill(t, {columns: 200, rows: 60});
	await terminal.until('CRITICAL');
	const before = residentBytes(terminal.pid);
	terminal.pause();
	// Far more than a line holds: every key repaints.
	for (let count = 0; count < 40; count++) {
		await terminal.press('z', '?');
		await sleep(60);
		await terminal.press('q');
	}

	const grown = residentBytes(terminal.pid) - before;
	t.log(`resident memory grew by ${(grown / 1_048_576).toFixed(1)} MiB`);
	t.true(grown < 60 * 1_048_576, `${grown}`);
	await terminal.press('i');
	terminal.resume();
	const screen = await terminal.until(text => text.includes('Timeline') && isWhole(text, 60), 30_000);
	t.regex(screen, /CRITICAL/);

	// The clock went on: what is shown now is now.
	const clock = (text: string): number => {
		const [, minutes, seconds] = /down (\d\d):(\d\d)/.exec(text.split('\n')[0]!) ?? [];
		return Number(minutes) * 60 + Number(seconds);
	};

	const at = clock(screen);
	await terminal.until(text => clock(text) > at);
});

inTerminal('once all is well the idle screen sends little', async t => {
	const terminal = await openDrill(t);
	await terminal.press('U');
	await terminal.until(/y +runs it/);
	await sleep(500);
	await terminal.press('y');
	await terminal.until(/RECOVERED/, 60_000);
	await terminal.press('escape');
	await terminal.until('MITIGATED');
	// Following the log of a service that says little: what remains is the screen's own.
	await terminal.press('j', 'j', 'j', 'l');
	await terminal.until(/Log · redis/);
	const before = terminal.bytes();
	const mark = terminal.received().length;
	await sleep(5000);
	const perSecond = (terminal.bytes() - before) / 5;
	t.log(`${Math.round(perSecond)} bytes a second, an incident being watched`);
	t.true(perSecond < 2500, `${perSecond}`);
	t.is(fullClears(since(terminal, mark)), 0);
});

inTerminal('the launcher leaves no process behind', async t => {
	const terminal = await startDrill(t);
	await terminal.until('Containers', 30_000);
	const children = readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8').trim();
	t.is(children, '', 'nothing is forked');
	await terminal.press('q');
	t.is((await terminal.exited).exitCode, 0);
});
