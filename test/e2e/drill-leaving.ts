/** Every way out of the built program, and of the way aside: keys, signals, Ctrl-Z under a shell with job control. The terminal is as it was found. */

import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';
import {launcher, openDrill} from '../helpers/drill-screen.ts';
import {needs} from '../helpers/needs.ts';
import {openTerminal, type Terminal} from '../helpers/terminal.ts';
import {until} from '../helpers/until.ts';

const inTerminal = needs('pty');

const leftLine = 'mdc-console: The drill is over; nothing real was touched.';

/** The modes that were set last: what the shell would now have to live with. */
const isRestored = async (t: ExecutionContext, terminal: Terminal): Promise<void> => {
	await terminal.until(leftLine);
	const received = terminal.received();
	const last = (on: string, off: string): boolean => received.lastIndexOf(off) > received.lastIndexOf(on);
	t.false(terminal.alternateScreen());
	t.true(last('\u001B[?25l', '\u001B[?25h'), 'the cursor is shown');
	t.true(last('\u001B[?2004h', '\u001B[?2004l'), 'bracketed paste is off');
	t.is(terminal.screen().split('\n').filter(row => row !== '').join('\n'), leftLine);
};

inTerminal('q leaves from the main screen with one line on the normal screen, and exits 0', async t => {
	const terminal = await openDrill(t);
	await terminal.press('q');
	t.is((await terminal.exited).exitCode, 0);
	await isRestored(t, terminal);
});

inTerminal('q goes back before it leaves: an overlay, an enlarged pane, then out', async t => {
	const terminal = await openDrill(t);
	await terminal.press('z', '?');
	await terminal.until('▸ Help');
	await terminal.press('q');
	await terminal.until(screen => !screen.includes('▸ Help') && !screen.includes('Health'));
	await terminal.press('q');
	await terminal.until('Health');
	await terminal.press('q');
	t.is((await terminal.exited).exitCode, 0);
});

inTerminal('Ctrl-C asks; any other key stays, y or a second Ctrl-C leaves', async t => {
	const terminal = await openDrill(t);
	await terminal.press('ctrl-c');
	await terminal.until('Quit?');
	await terminal.press('n');
	await terminal.until(screen => !screen.includes('Quit?'));
	await terminal.press('ctrl-c');
	await terminal.until('Quit?');
	await terminal.press('enter');
	await terminal.until(screen => !screen.includes('Quit?'));
	await terminal.press('ctrl-c');
	await terminal.until('Quit?');
	await terminal.press('ctrl-c');
	t.is((await terminal.exited).exitCode, 0);
	await isRestored(t, terminal);
});

inTerminal('Esc never leaves', async t => {
	const terminal = await openDrill(t);
	for (let count = 0; count < 5; count++) {
		await terminal.press('escape');
		// Alone: what follows within 20 ms would be an Alt combination.
		await sleep(80);
	}

	await terminal.press('?');
	await terminal.until('▸ Help');
	t.pass();
});

for (const [signal, code] of [['SIGTERM', 143], ['SIGINT', 130]] as const) {
	inTerminal(`${signal} restores the terminal and exits ${code}`, async t => {
		const terminal = await openDrill(t);
		terminal.kill(signal);
		t.is((await terminal.exited).exitCode, code);
		await isRestored(t, terminal);
	});
}

inTerminal('SIGHUP leaves at once with 129, also when the terminal is stalled', async t => {
	const terminal = await openDrill(t);
	terminal.pause();
	terminal.kill('SIGHUP');
	t.is((await terminal.exited).exitCode, 129);
});

/** Processes of a session, as the kernel lists them: state letter and process group. */
const stateOf = (pid: number): string => {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
};

const childrenOf = (pid: number): readonly number[] =>
	readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(text => text.trim() !== '').map(Number);

/** A shell with job control, as a person has it. */
const openShell = async (t: ExecutionContext): Promise<Terminal> => {
	const terminal = await openTerminal('bash', ['--norc', '--noprofile', '-i'], {env: {PS1: 'shell> ', SHELL: '/bin/bash'}});
	t.teardown(terminal.close);
	await terminal.until('shell>');
	return terminal;
};

const startInShell = async (terminal: Terminal): Promise<number> => {
	terminal.write(`'${process.execPath}' '${launcher}' drill --seed 7\r`);
	await terminal.until('CRITICAL', 40_000);
	// The incident may be open on the first frame already: the keys are read once a key is answered.
	await terminal.press('?');
	await terminal.until('▸ Help');
	await terminal.press('escape');
	await terminal.until(screen => !screen.includes('▸ Help'));
	return childrenOf(terminal.pid)[0]!;
};

inTerminal('Ctrl-Z gives the terminal back to the shell, and fg repaints at the size that the terminal has then', async t => {
	const terminal = await openShell(t);
	const pid = await startInShell(terminal);
	await terminal.press('?');
	await terminal.until('▸ Help');
	for (let round = 0; round < 2; round++) {
		await terminal.press('ctrl-z');
		await terminal.until(screen => /Stopped/.test(screen) && !terminal.alternateScreen() && stateOf(pid) === 'T');

		// The shell's line is a line again: echo and line editing work.
		terminal.write('echo "it is $((40 + 2))"\r');
		await terminal.until('it is 42');
		terminal.resize(100 + round, 30);
		terminal.write('fg\r');
		await terminal.until(screen => terminal.alternateScreen() && screen.includes('▸ Help') && screen.split('\n')[0]!.includes('CRITICAL'));
	}

	// Keys are keys again, and the whole screen is there.
	await terminal.press('q');
	await terminal.until(screen => !screen.includes('▸ Help') && screen.includes('Containers') && screen.includes('Diagnosis'));
	await terminal.press('q');
	await terminal.until(screen => screen.includes(leftLine) && !terminal.alternateScreen());
	t.pass();
});

inTerminal('stopped and continued by others, it takes the terminal again and repaints', async t => {
	const terminal = await openShell(t);
	const pid = await startInShell(terminal);
	process.kill(pid, 'SIGSTOP');
	await terminal.until(screen => /Stopped/.test(screen));
	terminal.write('fg\r');
	await terminal.until(screen => terminal.alternateScreen() && screen.includes('Containers') && !screen.includes('Stopped'));
	await terminal.press('?');
	await terminal.until('▸ Help');
	t.pass();
});

inTerminal('Ctrl-Z where no shell could continue it changes nothing', async t => {
	const terminal = await openDrill(t);
	await terminal.press('ctrl-z');
	await until(() => terminal.received().split('\u001B[?1049h').length >= 3, {describe: () => terminal.screen()});
	await terminal.until(screen => terminal.alternateScreen() && screen.includes('Containers'));
	await terminal.press('?');
	await terminal.until('▸ Help');
	t.not(stateOf(terminal.pid), 'T');
});

inTerminal('a bug of ours gives the terminal back, says what happened and where to report it, and exits with 70', async t => {
	const faulty = 'data:text/javascript,setTimeout(()=>{throw new Error("a bug for this test")},4000)';
	const terminal = await openTerminal(process.execPath, ['--import', faulty, launcher, 'drill', '--seed', '7'], {columns: 100, rows: 30, env: {LANG: 'en_US.UTF-8'}});
	t.teardown(terminal.close);
	t.is((await terminal.exited).exitCode, 70);
	await terminal.until('a bug for this test');
	t.false(terminal.alternateScreen());
	const received = terminal.received();
	t.true(received.lastIndexOf('\u001B[?25h') > received.lastIndexOf('\u001B[?25l'), 'the cursor is shown');
	t.true(received.lastIndexOf('\u001B[?2004l') > received.lastIndexOf('\u001B[?2004h'), 'bracketed paste is off');
	t.regex(terminal.screen(), /0\.1\.0/);
});
