/** The screen on a real terminal: what Ink sends is what was drawn, and what is typed arrives as it was typed. */

import path from 'node:path';
import test from 'ava';
import {composeScreen} from '../fixtures/compose-screen.ts';
import {states} from '../fixtures/screen-states.ts';
import {openTerminal, type Terminal, type TerminalOptions} from '../helpers/terminal.ts';

const root = path.join(import.meta.dirname, '..', '..');

const show = async (words: readonly string[], options: TerminalOptions = {}): Promise<Terminal> =>
	openTerminal(process.execPath, ['--import=tsx', path.join('test', 'fixtures', 'show-screen.ts'), ...words], {...options, directory: root, env: {NODE_ENV: 'production', ...options.env}});

const passed = async (ms: number): Promise<void> => new Promise(resolve => {
	setTimeout(resolve, ms);
});

type Told = {readonly frames: number; readonly events: ReadonlyArray<{readonly type: string; readonly key?: string; readonly alone?: boolean; readonly text?: string; readonly atMs?: number}>};

/** Leaves with Esc and q, in one chunk as a slow line would bring them, and gives what the screen told. */
const leave = async (terminal: Terminal): Promise<Told> => {
	terminal.write('\u001B\u001Bq');
	await terminal.exited;
	const printed = /told: (\{.*\})/.exec(terminal.received().replaceAll(/[\r\n]/g, ''))?.[1];
	return JSON.parse(printed ?? '{"frames":0,"events":[]}') as Told;
};

const trimmed = (rows: readonly string[]): string => rows.map(row => row.trimEnd()).join('\n').trimEnd();

for (const [name, columns, rows, language] of [['incidentOpen', 120, 40, 'en'], ['sixty', 80, 24, 'pt-BR'], ['card', 100, 30, 'en'], ['engineDown', 200, 60, 'en']] as const) {
	test(`${name} at ${columns}x${rows} stands on the terminal exactly as it was drawn`, async t => {
		const terminal = await show([name, language], {columns, rows});
		t.teardown(async () => terminal.close());
		const expected = trimmed(composeScreen(states[name]!({language, columns, rows}).state(), language));
		const screen = await terminal.until(text => trimmed(text.split('\n')) === expected).catch(() => terminal.screen());
		t.is(trimmed(screen.split('\n')), expected);
		t.true(terminal.alternateScreen());
	});
}

test('an unchanged screen sends nothing, and a key repaints only what it changes', async t => {
	const terminal = await show(['healthy', 'en'], {columns: 120, rows: 40});
	t.teardown(async () => terminal.close());
	await terminal.until('? help');
	await terminal.settled(400);
	const before = terminal.bytes();
	await passed(600);
	t.is(terminal.bytes(), before);
	await terminal.press('j');
	await terminal.settled(200);
	// Two rows of the list; each resends what stands right of the change.
	t.true(terminal.bytes() - before < 1500, String(terminal.bytes() - before));
});

test('keys of one chunk arrive as several keys that are not alone, a single one is alone, a paste is text', async t => {
	const terminal = await show(['card', 'en'], {columns: 100, rows: 30});
	t.teardown(async () => terminal.close());
	await terminal.until('runs it');
	terminal.write('1y');
	await terminal.until('Not run');
	terminal.paste('y');
	await terminal.until('A paste presses no keys');
	terminal.write('\u001B]11;rgb:0000/0000/0000\u0007\u001B[<0;12;7M\u001B[I');
	await passed(200);
	await terminal.press('m');
	await terminal.until('note:');
	const {events} = await leave(terminal);
	const keys = events.filter(event => event.type === 'key/pressed').map(event => `${event.key ?? ''}${event.alone === true ? '!' : ''}`);
	t.deepEqual(keys.slice(0, 3), ['1', 'y', 'm!']);
	t.deepEqual(events.filter(event => event.type === 'text/pasted').map(event => event.text), ['y']);
	t.false(terminal.screen().includes('asking for the target'));
});

test('a card is told as painted once, after it was written', async t => {
	const terminal = await show(['incidentOpen', 'en'], {columns: 100, rows: 30});
	t.teardown(async () => terminal.close());
	await terminal.until('? help');
	await terminal.press('U');
	await terminal.until('runs it');
	await passed(200);
	const {events} = await leave(terminal);
	const painted = events.filter(event => event.type === 'card/painted');
	t.is(painted.length, 1);
	const pressed = events.find(event => event.type === 'key/pressed' && event.key === 'U')!;
	t.true(painted[0]!.atMs! >= pressed.atMs!);
});

test('fifty resizes a second, down to 10x3 and back, leave a right screen and never a row too many', async t => {
	const terminal = await show(['incidentOpen', 'en'], {columns: 120, rows: 40});
	t.teardown(async () => terminal.close());
	await terminal.until('? help');
	for (let index = 0; index < 50; index++) {
		terminal.resize(10 + ((index * 37) % 170), 3 + ((index * 13) % 55));
		await passed(20);
	}

	terminal.resize(10, 3);
	await terminal.until('Too small');
	terminal.resize(100, 30);
	const expected = trimmed(composeScreen(states['incidentOpen']!({columns: 100, rows: 30}).state()));
	const screen = await terminal.until(text => trimmed(text.split('\n')) === expected).catch(() => terminal.screen());
	t.is(trimmed(screen.split('\n')), expected);
});

test('the enlarged host pane shows charts, loaded then and not before', async t => {
	const terminal = await show(['healthy', 'en'], {columns: 120, rows: 40});
	t.teardown(async () => terminal.close());
	await terminal.until('? help');
	await terminal.press('tab', 'tab', 'z');
	const screen = await terminal.until(text => text.includes('CPU, %') && /[\u2801-\u28FF]/.test(text), 15_000);
	t.regex(screen, /Memory, %/);
	await terminal.press('z');
	await terminal.until('Diagnosis');
	await leave(terminal);
	t.false(terminal.alternateScreen());
});
