/** A whole drill on the built program in a real terminal: from the briefing to the debrief and its report, cut off and resumed, watched, toured, warned of. */

import {mkdirSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';
import {openJournalFile} from '../../source/adapters/journal/database.ts';
import {ana} from '../fixtures/incident-entries.ts';
import {launcher} from '../helpers/drill-screen.ts';
import {needs} from '../helpers/needs.ts';
import {openTerminal, type Terminal, type TerminalOptions} from '../helpers/terminal.ts';

const inTerminal = needs('pty');

const start = async (t: ExecutionContext, parameters: readonly string[], options: TerminalOptions = {}): Promise<Terminal> => {
	const terminal = await openTerminal(process.execPath, [launcher, 'drill', ...parameters], {...options, env: {USER: 'ana', ...options.env}});
	t.teardown(terminal.close);
	return terminal;
};

const solve = async (terminal: Terminal): Promise<void> => {
	await terminal.press('U');
	await terminal.until(/y +runs it/);
	// `y` counts 300 ms after the card was painted.
	await sleep(600);
	await terminal.press('y');
	await terminal.until(/RECOVERED/, 60_000);
};

inTerminal('the first drill: briefing, key, y, recovered, the incident ended, the debrief on the screen, on the normal screen and kept', async t => {
	const terminal = await start(t, ['--seed', '7']);
	const first = await terminal.until(/Drill · The api is down[\s\S]*You were paged/, 30_000);
	t.regex(first, /DRILL +The api is down/);
	t.regex(first, /First time here\? t shows you around/);
	// What the briefing speaks of stands beside it.
	await terminal.until(/api is stopped +Scenario 1 \[1\][\s\S]*→ U start api[\s\S]*You were paged/);
	await solve(terminal);
	await terminal.until(screen => screen.includes('in a drill Esc, i and x end it now') && screen.includes('MITIGATED'), 60_000);
	await terminal.press('escape');
	await terminal.until(screen => !screen.includes('RECOVERED'));
	await terminal.press('i');
	await terminal.until('Timeline');
	await terminal.press('x');
	const debrief = await terminal.until('Drill debrief: The api is down');
	t.regex(debrief, /Resolved the shortest good way\./);
	t.regex(debrief, /Start api: brought health back in/);
	t.regex(debrief, /q quit +Esc back to the screen/);
	await terminal.press('q');
	t.is((await terminal.exited).exitCode, 0);
	await terminal.until('mdc-console drill report');
	t.regex(terminal.screen(), /Next \(easy\): mdc-console drill api-removed/);
	t.false(terminal.alternateScreen());
	t.regex(terminal.screen(), /The drill is over[\s\S]*Drill debrief: The api is down\. Resolved the shortest good way\.[\s\S]*To take home: Exit code 0 is not a crash/);
	const kept = readFileSync(path.join(terminal.home, '.local/state/mdc-console/drills'), 'utf8').trim().split('\n').map(line => JSON.parse(line) as {readonly outcome: string; readonly operator: string});
	t.deepEqual(kept.map(({outcome, operator}) => [outcome, operator]), [['resolved', 'ana']]);
});

inTerminal('killed in the middle, the next drill offers to resume it, and it is there with what was done', async t => {
	const terminal = await start(t, ['missing-module', '--seed', '7', '--language', 'pt-BR']);
	await terminal.until(/Simulado · Falta um módulo/, 30_000);
	await terminal.press('z');
	await terminal.until(screen => !screen.includes('Saúde'));
	// It is written beside the screen, never before it.
	await sleep(1500);
	terminal.kill('SIGKILL');
	await terminal.exited;
	const again = await start(t, ['--language', 'pt-BR'], {env: {HOME: terminal.home, XDG_STATE_HOME: path.join(terminal.home, '.local/state')}});
	await again.until(/O simulado missing-module foi interrompido/);
	again.write('r\r');
	await again.until(/^ SIMULADO +CRITICAL/m, 30_000);
	await again.until(screen => screen.includes('Containers') && !screen.includes('Saúde'));
	t.true(again.alternateScreen());
});

inTerminal('beside a drill that goes on a second one begins at once and leaves the first alone; what is then killed is offered', async t => {
	const first = await start(t, ['missing-module', '--seed', '7']);
	await first.until(/Drill · A module is missing/, 30_000);
	await first.press('z');
	await first.until(screen => !screen.includes('Health'));
	const env = {HOME: first.home, XDG_STATE_HOME: path.join(first.home, '.local/state')};
	const second = await start(t, ['api-stopped', '--seed', '7'], {env});
	await second.until(/DRILL +The api is down/, 30_000);
	await second.press('q');
	t.is((await second.exited).exitCode, 0);
	// It is written beside the screen, never before it.
	await sleep(1500);
	first.kill('SIGKILL');
	await first.exited;
	const third = await start(t, ['api-stopped', '--seed', '7'], {env});
	await third.until(/The drill missing-module was interrupted/);
	third.write('r\r');
	await third.until(screen => /^ DRILL +CRITICAL/m.test(screen) && screen.includes('restarting') && screen.includes('Containers') && !screen.includes('Health'), 30_000);
	t.true(third.alternateScreen());
});

inTerminal('a line that is lost takes no moment of the drill with it', async t => {
	const terminal = await start(t, ['missing-module', '--seed', '7']);
	await terminal.until(/Drill · A module is missing/, 30_000);
	await sleep(2600);
	terminal.kill('SIGHUP');
	await terminal.exited;
	const state = path.join(terminal.home, '.local/state/mdc-console');
	const noted = readFileSync(path.join(state, readdirSync(state).find(name => name.startsWith('drill-open'))!), 'utf8').trim().split('\n').map(line => (JSON.parse(line) as {readonly afterMs?: number}).afterMs ?? 0);
	const beats = noted.slice(-3);
	t.true(beats.at(-1)! > beats.at(-2)!, 'its last moment stands after the last beat');
	t.true(beats.at(-1)! - beats.at(-2)! < 2000 && beats.at(-1)! > 2500, JSON.stringify(noted));
});

inTerminal('watched, it solves itself by the diagnosis\' first action, at sixty times the pace, and shows the keys', async t => {
	const terminal = await start(t, ['nginx-stopped', '--seed', '7', '--observe', '--speed', '60']);
	await terminal.until(/×60 by itself/, 30_000);
	const debrief = await terminal.until('Drill debrief: Well inside, dark outside', 60_000);
	// The keys that it pressed last: with a slow machine under sixty times the pace a reason is typed among them.
	t.regex(debrief, /×60 by itself +\S/);
	t.regex(debrief, /Resolved the shortest good way/);
	await terminal.press('q');
	t.is((await terminal.exited).exitCode, 0);
	t.regex(await terminal.until('Well inside, dark outside. Resolved'), /To take home/);
});

inTerminal('the tour goes round the screen and ends with Esc, in Portuguese and at 80×24', async t => {
	const terminal = await start(t, ['tour', '--language', 'pt-BR'], {columns: 80, rows: 24});
	await terminal.until(/Tour · Um minuto pela tela/, 30_000);
	for (const title of ['A primeira linha', 'Containers', 'Saúde', 'Host', 'Diagnóstico']) {
		await terminal.press('enter');
		await terminal.until(`Tour · ${title}`);
	}

	await terminal.press('escape');
	await terminal.until(screen => !screen.includes('Tour ·'));
	t.true(terminal.alternateScreen());
});

inTerminal('while a real incident is open a drill warns first, and begins only after a yes', async t => {
	const terminal = await start(t, ['list']);
	await terminal.exited;
	const state = path.join(terminal.home, '.local/state');
	mkdirSync(path.join(state, 'mdc-console'), {recursive: true, mode: 0o700});
	const journal = openJournalFile(path.join(state, 'mdc-console/mestres-do-cafe.sqlite'), {readOnly: false, fileMode: 0o600});
	journal.append([{atMs: Date.now() - 60_000, monotonicMs: 0, incident: 'INC-20261126-010203', type: 'incident/opened', data: {sinceMs: Date.now() - 120_000, source: 'ping', atLeast: false, alert: 'APIDown', severity: 'CRITICAL', by: 'condition'}, actor: ana, onceKey: 'k1'}]);
	journal.close();
	const env = {HOME: terminal.home, XDG_STATE_HOME: state, MDC_CONSOLE_MEMORY: path.join(terminal.home, 'memory')};
	const refused = await start(t, [], {env});
	await refused.until(/A real incident is open: INC-20261126-010203 \(mestres-do-cafe\), for 2 min/);
	refused.write('n\r');
	t.is((await refused.exited).exitCode, 0);
	const sure = await start(t, [], {env});
	await sure.until(/A real incident is open/);
	sure.write('y\r');
	await sure.until(/DRILL +The api is down/, 30_000);
	t.true(sure.alternateScreen());
});
