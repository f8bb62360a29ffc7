/** The main job on the built program in a real terminal: see what is wrong, one key, `y`, and the proof that it worked. */

import {setTimeout as sleep} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';
import {needs} from '../helpers/needs.ts';
import {openDrill, startDrill} from '../helpers/drill-screen.ts';
import type {Terminal} from '../helpers/terminal.ts';

const inTerminal = needs('pty');

/** The card's rule itself: `y` counts 300 ms after the card was painted, so a person waits a moment. */
const afterReading = async (): Promise<void> => sleep(600);

const card = /runs +docker-compose up -d api/;

const openCard = async (terminal: Terminal): Promise<void> => {
	await terminal.press('U');
	// Until then Compose is being asked what it would recreate.
	await terminal.until(/y +runs it/);
	await afterReading();
};

const closed = async (terminal: Terminal): Promise<void> => {
	await terminal.until(screen => !card.test(screen));
};

/** Nothing of the card's command ran: the api is still down, and the journal's timeline knows of no command. */
const nothingRan = async (t: ExecutionContext, terminal: Terminal): Promise<void> => {
	await terminal.press('i');
	const timeline = await terminal.until('Timeline');
	t.notRegex(timeline, /confirmed|started by|start api ran/i);
	await terminal.press('escape');
	const screen = await terminal.until(text => !text.includes('Timeline'));
	t.regex(screen, /api +exited 0/);
};

inTerminal('the first frames show what is broken, why, since when, the host and the clock', async t => {
	const terminal = await startDrill(t);
	const started = performance.now();
	const first = await terminal.until('Containers', 30_000);
	t.log(`first frame after ${Math.round(performance.now() - started)} ms`);
	t.regex(first, /DRILL/);
	const facts = [
		/APIDown/, /api +exited 0 · clean exit · 3 min ago/, /db +up 3 d · healthy/, /api +refused since/, /nginx +status 502 since/, /mem .*of 7\.8 GiB/, /\/ +.*GiB free/,
		/api is stopped +Scenario 1 \[1\]/, /→ U start api/, /down 0[34]:\d\d/,
	];
	await terminal.until(screen => facts.every(fact => fact.test(screen)), 30_000).catch(() => t.deepEqual(facts.filter(fact => !fact.test(terminal.screen())), []));
	await terminal.until(/CRITICAL .*escalate in 0[56]:\d\d/);
	t.true(terminal.alternateScreen());
});

inTerminal('U, a moment, y: the api comes back, the console proves it with the seconds, and the timeline tells it', async t => {
	const terminal = await openDrill(t, {env: {USER: 'ana'}});
	await openCard(terminal);
	const shown = terminal.screen();
	t.regex(shown, /\/opt\/mestres-do-cafe/);
	await terminal.press('y');
	const screen = await terminal.until(/RECOVERED in \d+([.,]\d)? s/, 60_000);
	t.regex(screen, /ended, exit 0/);
	t.regex(screen, /by ana/);
	await terminal.press('escape');
	const after = await terminal.until('MITIGATED');
	t.regex(after, /api +up/);
	await terminal.press('i');
	const timeline = await terminal.until('Timeline');
	t.regex(timeline, /mitigated +\d\d:\d\d:\d\d/);
	for (const told of [/ana/, /Ping api fails: refused/, /recovered/i]) {
		t.regex(timeline, told);
	}

	// The first entry is the last row, below the clocks and the alert sources.
	await terminal.press('G');
	await terminal.until('Incident opened: APIDown');
});

inTerminal('Enter and Esc never run a card', async t => {
	const terminal = await openDrill(t);
	await openCard(terminal);
	await terminal.press('enter');
	await afterReading();
	t.regex(terminal.screen(), card);
	await terminal.press('escape');
	await closed(terminal);
	await nothingRan(t, terminal);
});

inTerminal('y runs nothing in a paste, in a chunk with other keys, or right behind the key that opened the card', async t => {
	const terminal = await openDrill(t);
	await openCard(terminal);
	terminal.paste('y');
	await terminal.until(/paste/i);
	terminal.write('yy');
	await afterReading();
	t.regex(terminal.screen(), card);
	terminal.write('jy');
	await afterReading();
	t.regex(terminal.screen(), card);
	await terminal.press('escape');
	await closed(terminal);

	// Both in one chunk, and two chunks as fast as they can be sent.
	terminal.write('Uy');
	await terminal.until(card);
	await afterReading();
	t.regex(terminal.screen(), card);
	await terminal.press('escape');
	await closed(terminal);
	await terminal.press('U', 'y');
	await terminal.until(card);
	await afterReading();
	t.regex(terminal.screen(), card);
	await terminal.press('escape');
	await closed(terminal);
	await nothingRan(t, terminal);
});

inTerminal('y and upper case mean nothing on the main screen without a card', async t => {
	const terminal = await openDrill(t);
	await terminal.press('y', 'enter', 'y');
	await afterReading();
	t.regex(terminal.screen(), /api +exited 0/);
});

inTerminal('a card that is opened at the first frame becomes ready by itself', async t => {
	const terminal = await startDrill(t);
	await terminal.until('Containers', 30_000);
	await terminal.press('U');
	await terminal.until(/y +runs it/);
	t.regex(terminal.screen(), card);
});

inTerminal('--read-only shows the card and refuses y', async t => {
	const terminal = await openDrill(t, {parameters: ['--read-only']});
	t.regex(terminal.screen(), /READ-ONLY/);
	await terminal.press('U');
	await terminal.until(card);
	await afterReading();
	await terminal.press('y');
	await afterReading();
	t.regex(terminal.screen(), card);
	await terminal.press('escape');
	await closed(terminal);
	t.regex(terminal.screen(), /api +exited 0/);
});

inTerminal('leaving with q while a command runs says that it goes on', async t => {
	const terminal = await openDrill(t);
	await openCard(terminal);
	await terminal.press('y');
	await terminal.until(screen => !/y +runs it/.test(screen));
	await terminal.press('ctrl-c');
	await terminal.until(/Quit\?[\s\S]*y +quit/);
	await terminal.press('y');
	const {exitCode} = await terminal.exited;
	t.is(exitCode, 0);
	await terminal.until(/The drill is over/);
	t.false(terminal.alternateScreen());
});
