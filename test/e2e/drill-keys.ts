/** Every key of the table, pressed in the built program: it does what the help says. One console, many keys; each leaves the screen as it found it. */

import type {ExecutionContext} from 'ava';
import {defaultKeys} from '../../source/core/keys.ts';
import {needs} from '../helpers/needs.ts';
import {openDrill} from '../helpers/drill-screen.ts';
import type {Terminal} from '../helpers/terminal.ts';

const inTerminal = needs('pty');

/** The rows of the log pane, without the frame. */
const logOf = (screen: string): readonly string[] => {
	const rows = screen.split('\n');
	const top = rows.findIndex(row => /[╭├]▸? ?─? ?Log ·/.test(row) || row.includes(' Log · '));
	return rows.slice(top, -1);
};

const titleOf = (screen: string): string => logOf(screen)[0] ?? '';
const footerOf = (screen: string): string => screen.split('\n').at(-1) ?? '';

/** Esc alone: what follows within 20 ms would be an Alt combination to any terminal program. */
const escape = async (terminal: Terminal, until: (screen: string) => boolean): Promise<void> => {
	await terminal.press('escape');
	await terminal.until(until);
};

/** A one-line input: its key, its text in one chunk as a fast typist or a slow line sends it, and Enter. */
const answer = async (terminal: Terminal, key: string, text: string): Promise<void> => {
	await terminal.press(key);
	await terminal.until(screen => footerOf(screen).includes('Enter takes it'));
	for (const character of text) {
		await terminal.press(character);
	}

	await terminal.until(screen => footerOf(screen).includes(text));
	await terminal.press('enter');
};

const opened = async (t: ExecutionContext): Promise<Terminal> => {
	const terminal = await openDrill(t, {env: {USER: 'ana'}});
	await terminal.until(/api is stopped[\s\S]* nginx [│┃] .*refused/);
	return terminal;
};

/** The same, when the incident has opened by itself. */
const openedIncident = async (t: ExecutionContext): Promise<Terminal> => {
	const terminal = await opened(t);
	await terminal.until('CRITICAL');
	return terminal;
};

inTerminal('the help names every key of the table, scrolls nowhere it should not, and q closes it', async t => {
	const terminal = await opened(t);
	await terminal.press('?');
	const names: Readonly<Record<string, string>> = {escape: 'Esc', 'ctrl-c': 'Ctrl-C', tab: 'Tab', 'shift-tab': 'Shift-Tab', enter: 'Enter', up: '↑', down: '↓', left: '←', right: '→', 'page-up': 'PgUp', 'page-down': 'PgDn', 'ctrl-u': 'Ctrl-U', 'ctrl-d': 'Ctrl-D', home: 'Home', end: 'End'};
	const lacking = (screen: string): readonly string[] => defaultKeys.flatMap(({keys}) => keys)
		.filter(key => !screen.includes(` ${names[key] ?? key} `));
	await terminal.until(screen => screen.includes('▸ Help') && lacking(screen).length === 0).catch(() => t.deepEqual(lacking(terminal.screen()), []));

	await terminal.press('q');
	await terminal.until(screen => !screen.includes('▸ Help'));
	t.true(terminal.alternateScreen());
});

inTerminal('the palette finds by typing, with accents and without, and Enter runs what is selected', async t => {
	const terminal = await opened(t);
	await terminal.press(':');
	await terminal.until('▸ Commands');
	await terminal.press('ç', 'ã', 'o');
	await terminal.until(screen => footerOf(screen).includes('ção'));
	await terminal.press('ctrl-u', 'h', 'e', 'l', 'p');
	await terminal.until(screen => footerOf(screen).includes('help') && /›help +\?/.test(screen));
	await terminal.press('enter');
	await terminal.until('▸ Help');
	await escape(terminal, screen => !screen.includes('▸ Help'));

	// An action from the palette opens its card, as its key does; Enter runs nothing.
	await terminal.press(':');
	await terminal.until('▸ Commands');
	for (const character of 'restart nginx') {
		await terminal.press(character);
	}

	await terminal.until(/›.*nginx/);
	await terminal.press('enter');
	await terminal.until(/runs +docker-compose restart nginx/);
	await terminal.press('enter');
	await escape(terminal, screen => !/runs +docker-compose/.test(screen));
	t.regex(terminal.screen(), /nginx +up 3 d/);
});

inTerminal('Tab and Shift-Tab walk through the panes, z enlarges, Enter opens what is selected', async t => {
	const terminal = await opened(t);
	const focused = (name: string) => (screen: string): boolean => screen.includes(`▸ ${name}`);
	for (const name of ['Health', 'Host', 'Diagnosis', 'Log', 'Containers']) {
		await terminal.press('tab');
		await terminal.until(focused(name));
	}

	await terminal.press('shift-tab');
	await terminal.until(focused('Log'));
	await terminal.press('z');
	await terminal.until(screen => focused('Log')(screen) && !screen.includes('Containers ·'));
	await terminal.press('z');
	await terminal.until('Containers ·');
	await terminal.press('tab', 'j', 'j');
	await terminal.until(/›. nginx/);
	await terminal.press('enter');
	await terminal.until(screen => /image +nginx/.test(screen) && screen.includes('it said'));
	await escape(terminal, screen => !screen.includes('it said'));
	await terminal.press('tab', 'enter');
	await terminal.until(/every 2(\.0)? s, deadline 3(\.0)? s/);
	await escape(terminal, screen => !/deadline 3/.test(screen));
	t.pass();
});

inTerminal('l shows the log of the selected service alone, and of all again', async t => {
	const terminal = await opened(t);
	await terminal.press('j');
	await terminal.until(/›. db/);
	await terminal.press('l');
	const db = await terminal.until(screen => titleOf(screen).includes('db'));
	t.notRegex(logOf(db).slice(1).join('\n'), /nginx +[│┃]/);
	await terminal.press('j');
	await terminal.until(screen => titleOf(screen).includes('nginx'));
	await terminal.press('l');
	await terminal.until(screen => titleOf(screen).includes('all'));
});

inTerminal('/ n N search, & and &! filter, Esc clears, and a key that finds nothing says so', async t => {
	const terminal = await opened(t);
	await answer(terminal, '/', 'refused');
	const found = await terminal.until(screen => titleOf(screen).includes('/refused'));
	const hit = (screen: string): string => logOf(screen).find(row => row.includes('›')) ?? '';
	t.regex(hit(found), /refused/);
	const rowOf = (screen: string): number => logOf(screen).findIndex(row => row.includes('›'));
	await terminal.press('N');
	const older = await terminal.until(screen => rowOf(screen) !== rowOf(found) || hit(screen) !== hit(found));
	t.regex(hit(older), /refused/);
	await terminal.press('n');
	await terminal.until(screen => hit(screen) === hit(found));
	await escape(terminal, screen => !titleOf(screen).includes('/refused'));

	const lines = (screen: string): readonly string[] => logOf(screen).slice(1, -1);
	await answer(terminal, '&', 'refused');
	await terminal.until(screen => titleOf(screen).includes('only refused') && lines(screen).every(row => /refused|^│ +│$/.test(row)));
	await answer(terminal, '&', '!29#29');
	await terminal.until(screen => titleOf(screen).includes('without 29#29') && lines(screen).every(row => !row.includes('29#29')));
	await answer(terminal, '&', '');
	await terminal.until(screen => !/only refused|without 29/.test(titleOf(screen)) && lines(screen).some(row => row.includes('29#29')));
	await answer(terminal, '&', '!refused');
	await terminal.until(screen => titleOf(screen).includes('without refused') && lines(screen).every(row => !row.includes('refused')));
	await escape(terminal, screen => !titleOf(screen).includes('without'));
	await answer(terminal, '/', 'there is no such line');
	await terminal.until(/No .*line matches/);
	await escape(terminal, screen => !titleOf(screen).includes('/there'));
});

inTerminal('a search that is no regular expression is taken as text, and breaks nothing', async t => {
	const terminal = await opened(t);
	await answer(terminal, '/', '(111:');
	const found = await terminal.until(screen => titleOf(screen).includes('/(111:'));
	t.regex(logOf(found).find(row => row.includes('›')) ?? '', /\(111:/);
});

inTerminal(', and . jump between error lines; g G f s w t change what the log shows', async t => {
	const terminal = await opened(t);
	await terminal.press(',');
	const at = await terminal.until(screen => /stopped/.test(titleOf(screen)) && logOf(screen).some(row => row.includes('›')));
	t.regex(logOf(at).find(row => row.includes('›')) ?? '', /error|502/);
	await terminal.press('.');
	await terminal.until(screen => logOf(screen).find(row => row.includes('›')) !== logOf(at).find(row => row.includes('›')) || /No .*error/.test(footerOf(screen)));

	await terminal.press('f');
	await terminal.until(screen => titleOf(screen).includes('following'));
	await terminal.press('f');
	await terminal.until(screen => titleOf(screen).includes('stopped'));
	await terminal.press('f');
	await terminal.until(screen => titleOf(screen).includes('following'));

	// The log pane has the focus: g and G move there.
	await terminal.press('shift-tab');
	await terminal.until('▸ Log');
	await terminal.press('g');
	const top = await terminal.until(screen => titleOf(screen).includes('stopped'));
	await terminal.press('page-down');
	await terminal.until(screen => logOf(screen)[1] !== logOf(top)[1]);
	await terminal.press('G');
	await terminal.until(screen => titleOf(screen).includes('following'));

	for (const span of ['last 1 h', 'last 5 min']) {
		await terminal.press('s');
		await terminal.until(screen => titleOf(screen).includes(span));
	}

	await terminal.press('s');
	await terminal.until(screen => !titleOf(screen).includes('last'));
	await terminal.press('w');
	await terminal.until(screen => /wrapped/.test(titleOf(screen)) || logOf(screen).some(row => /^│ {15,}\S/.test(row)));
	await terminal.press('w', 't');
	await terminal.until(screen => logOf(screen).slice(1, -1).every(row => !/^│.\d\d:\d\d:\d\d /.test(row)));
	await terminal.press('t');
	await terminal.until(screen => logOf(screen).slice(1, -1).some(row => /^│.\d\d:\d\d:\d\d /.test(row)));
});

inTerminal('c copies the shown lines, and on a card the command, by OSC 52', async t => {
	const terminal = await opened(t);
	const copied = (): readonly string[] => terminal.oscs().filter(osc => osc.startsWith('52;c;')).map(osc => Buffer.from(osc.slice(5), 'base64').toString('utf8'));
	await terminal.press('c');
	await terminal.until(/Copied: \d/);
	t.regex(copied()[0] ?? '', /HTTP\/1\.1/);
	t.notRegex(copied()[0] ?? '', /\u001B/);
	await terminal.press('R');
	await terminal.until(/runs +docker-compose restart api/);
	await terminal.press('c');
	await terminal.until(() => copied().length === 2);
	t.is(copied()[1], 'docker-compose restart api');
});

inTerminal('i a m e p and the digits: the incident and its people', async t => {
	const terminal = await openedIncident(t);
	await terminal.press('a');
	await terminal.until('Acknowledged by ana');
	await terminal.until(/ack ana/);
	await answer(terminal, 'm', 'liguei para o João às 3h');
	await terminal.until(/Noted/);
	await terminal.press('i');
	const card = await terminal.until('Timeline');
	t.regex(card, /liguei para o João às 3h/);
	t.regex(card, /ana/);
	t.notRegex(card, /deploy/);
	await terminal.press('e');
	const contacts = await terminal.until('João Silva');
	t.regex(contacts, /\+55 11 99999-9999/);
	await escape(terminal, screen => !screen.includes('João Silva'));
	await terminal.press('p');
	await terminal.until(/only project/);
	await terminal.press('1');
	await terminal.until(/▸ Scenario 1 · Container stopped[\s\S]*Start the api .*U/);
	await terminal.press('0');
	await terminal.until(/▸ Rollback[\s\S]*K/);
});

inTerminal('an incident is cancelled and resolved only with a reason, and opened by key', async t => {
	const terminal = await openedIncident(t);
	await terminal.press('i');
	await terminal.until('Timeline');
	await terminal.press('x', 'enter');
	await terminal.until('Timeline');
	// An empty reason ends nothing.
	await terminal.until(screen => screen.includes('Timeline') && screen.includes('CRITICAL'));
	await answer(terminal, 'c', 'planned work');
	// In a drill the debrief follows the incident's end.
	await terminal.until('Drill debrief: The api is down');
	await terminal.press('escape');
	await terminal.until(screen => !screen.includes('Timeline') && screen.includes('SUSPECTED') && !screen.includes('opens in'));

	// The same failure does not open the next one by itself, however long it lasts: the pings go on failing meanwhile.
	const failures = (screen: string): number => Number(/×(\d+) *│/.exec(screen)?.[1] ?? 0);
	const before = failures(terminal.screen());
	const later = await terminal.until(screen => failures(screen) >= before + 3);
	t.regex(later, /SUSPECTED/);
	await terminal.press('i');
	await terminal.until(/o +opens? /);
	await terminal.press('o');
	await terminal.until('CRITICAL');
});

inTerminal('a multi-line paste into a prompt is one line of text and submits nothing', async t => {
	const terminal = await openedIncident(t);
	await terminal.press('m');
	await terminal.until(screen => footerOf(screen).includes('note'));
	terminal.paste('first line\r\nsecond\u0007 line\r\n');
	await terminal.until(screen => footerOf(screen).includes('first line second'));
	t.notRegex(terminal.screen(), /Noted/);
	await terminal.press('enter');
	await terminal.until(/Noted/);
	t.pass();
});
