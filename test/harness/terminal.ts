/** The terminal helper itself: what a program draws is seen, keys arrive, a closed line and a line that nobody reads behave like real ones. */
import {existsSync} from 'node:fs';
import {cleanEnvironment, openTerminal} from '../helpers/terminal.ts';
import type {TerminalOptions} from '../helpers/terminal.ts';
import {needs} from '../helpers/needs.ts';
import {until} from '../helpers/until.ts';

const test = needs('pty');
const shell = async (script: string, options: TerminalOptions = {}) => openTerminal('/bin/sh', ['-c', script], {columns: 60, rows: 12, ...options});

test('what a program draws is on the screen, and keys reach it', async t => {
	const terminal = await shell('stty -echo; printf "\\033[?1049h\\033[3;5Hready \\a\\033]52;c;eA==\\007"; read line; printf "\\033[1mgot %s" "$line"; read end');
	t.teardown(terminal.close);
	await terminal.until('ready');
	t.true(terminal.alternateScreen());
	t.is(terminal.bells(), 1);
	t.deepEqual(terminal.oscs(), ['52;c;eA==']);
	t.true(terminal.screen().split('\n')[2]?.startsWith('    ready'));
	await terminal.press('h', 'i', 'enter');
	await terminal.until(/got hi/);
	const cell = terminal.cells().flat().find(one => one.text === 'g');
	t.true(cell?.bold);
	await terminal.press('enter');
	t.deepEqual(await terminal.exited, {exitCode: 0, signal: 0});
});

test('the size and the clean environment are the program\'s own', async t => {
	const terminal = await shell('stty size; echo "CI=$CI HOME=$HOME TERM=$TERM LANG=$LANG"; trap "stty size; exit" WINCH; while :; do sleep 0.05; done', {columns: 90});
	t.teardown(terminal.close);
	await terminal.until(`CI= HOME=${terminal.home} TERM=xterm-256color LANG=C.UTF-8`);
	t.regex(terminal.screen(), /12 90/);
	terminal.resize(70, 20);
	await terminal.until('20 70');
});

test('a line that nobody reads fills up, and goes on when it is read again', async t => {
	const terminal = await shell('i=0; while [ $i -lt 20000 ]; do echo "line $i ........................................"; i=$((i+1)); done; echo done; read end');
	t.teardown(terminal.close);
	await terminal.until('line');
	terminal.pause();
	await until(async () => {
		const before = terminal.bytes();
		await new Promise(resolve => {
			setTimeout(resolve, 100);
		});
		return terminal.bytes() === before;
	});
	t.false(terminal.screen().includes('done'));
	terminal.resume();
	await terminal.until('done');
});

test('waiting in vain tells what was on the screen instead, and closing ends the program', async t => {
	const terminal = await shell('trap "" HUP; echo this is what it shows; while :; do sleep 0.1; done');
	const error = await t.throwsAsync(terminal.until('never', 300));
	t.regex(error?.message ?? '', /this is what it shows/);
	await terminal.close();
	t.throws(() => process.kill(terminal.pid, 0), {code: 'ESRCH'});
	t.false(existsSync(terminal.home));
	t.truthy(cleanEnvironment);
});
