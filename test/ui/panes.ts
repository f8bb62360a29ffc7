import test from 'ava';
import fc from 'fast-check';
import type {Incident} from '../../source/core/incident.ts';
import {layoutOf} from '../../source/core/screen.ts';
import {codePointWidth, makeSafe, widthOf} from '../../source/core/text.ts';
import type {Language} from '../../source/messages/language.ts';
import {partOrder} from '../../source/ui/draw.ts';
import {lineWidth, toAnsi} from '../../source/ui/lines.ts';
import {themeFor} from '../../source/ui/theme.ts';
import {composeScreen, drawingFor} from '../fixtures/compose-screen.ts';
import {apiStopped, container, healthy, incidentOpen, running, states, type World} from '../fixtures/screen-states.ts';

const names = Object.keys(states);
const worlds = new Map<string, World>();
/** Making a state takes hundreds of events: one for each name and language serves all sizes. */
const worldOf = (name: string, language: 'en' | 'pt-BR'): World => {
	const key = `${name}/${language}`;
	const world = worlds.get(key) ?? states[name]!({language});
	worlds.set(key, world);
	return world;
};

const keySets: ReadonlyArray<readonly string[]> = [[], ['tab'], ['tab', 'tab'], ['tab', 'tab', 'tab'], ['shift-tab'], ['shift-tab', 'w'], ['shift-tab', 'up', 'right'], ['z'], ['tab', 'tab', 'z'], ['?'], [':'], ['i'], ['e'], ['enter'], ['tab', 'enter'], ['tab', 'tab', 'tab', 'enter'], ['U'], ['W'], ['/', 'x'], ['m'], ['ctrl-c'], ['escape']];

test('for any size, state, language and overlay each part fills exactly its rectangle and stays on the screen', t => {
	fc.assert(fc.property(
		fc.integer({min: 20, max: 200}), fc.integer({min: 8, max: 60}), fc.constantFrom(...names), fc.constantFrom<'en' | 'pt-BR'>('en', 'pt-BR'), fc.constantFrom(...keySets),
		(columns, rows, name, language, keys) => {
			const state = worldOf(name, language).resize(columns, rows).press('escape', 'escape').press(...keys).state();
			const drawing = drawingFor(language);
			for (const id of partOrder) {
				const part = drawing.part(state, id);
				if (part === null) {
					continue;
				}

				const {left, top, width, height} = part.rectangle;
				const where = `${id} of ${name} ${language} at ${columns}x${rows} after ${keys.join(' ')}`;
				if (part.lines.length !== height || left < 0 || top < 0 || left + width > columns || top + height > rows) {
					throw new Error(`${where}: ${part.lines.length} lines in ${JSON.stringify(part.rectangle)}`);
				}

				for (const line of part.lines) {
					const text = line.map(span => span.text).join('');
					if (lineWidth(line) !== width || widthOf(text) !== width) {
						throw new Error(`${where}: ${lineWidth(line)}/${widthOf(text)} columns instead of ${width}: ${text}`);
					}
				}
			}

			// Nothing is left from one case to the next but the panes' focus.
			worldOf(name, language).press('escape', 'escape');
			return composeScreen(state, language).length === rows;
		},
	), {numRuns: 400});
	t.pass();
});

test('the parts below an overlay tile the screen: every cell belongs to exactly one', t => {
	for (const [columns, rows] of [[60, 15], [80, 24], [100, 30], [120, 40], [200, 60], [83, 27], [61, 50]] as const) {
		for (const name of names) {
			const state = worldOf(name, 'en').resize(columns, rows).state();
			const covered = Array.from({length: rows}, () => new Uint8Array(columns));
			const layout = layoutOf(state);
			for (const rectangle of [layout.header, layout.footer, ...(layout.banner === null ? [] : [layout.banner]), ...Object.values(layout.panes)]) {
				for (let row = rectangle.top; row < rectangle.top + rectangle.height; row++) {
					for (let column = rectangle.left; column < rectangle.left + rectangle.width; column++) {
						covered[row]![column]!++;
					}
				}
			}

			t.true(covered.every(row => row.every(count => count === 1)), `${name} at ${columns}x${rows}`);
		}
	}
});

test('in ASCII mode nothing but ASCII is sent, and no column moves', t => {
	for (const name of names) {
		for (const language of ['en', 'pt-BR'] as const) {
			const state = worldOf(name, language).resize(100, 30).state();
			const drawing = drawingFor(language);
			for (const id of partOrder) {
				for (const line of drawing.part(state, id)?.lines ?? []) {
					const ascii = toAnsi(line, {unicode: false, colour: false}).replaceAll(/\u001B\[[\d;]*m/g, '');
					t.regex(ascii, /^[ -~]*$/);
					t.is(ascii.length, lineWidth(line));
				}
			}
		}
	}
});

test('without colour no colour code is sent', t => {
	for (const name of names) {
		const state = worldOf(name, 'en').resize(100, 30).state();
		const drawing = drawingFor('en');
		const codes = partOrder.flatMap(id => drawing.part(state, id)?.lines ?? []).flatMap(line => [...toAnsi(line, {unicode: true, colour: false}).matchAll(/\u001B\[([\d;]*)m/g)].map(match => match[1]!));
		t.deepEqual([...new Set(codes)].filter(code => !['0', '1', '2', '7', '1;7'].includes(code)), [], name);
	}
});

test('state is told without colour: what is wrong has another mark than what is well', t => {
	const rows = composeScreen(incidentOpen({columns: 100, rows: 30}).state());
	t.regex(rows.find(row => row.includes('exited 137'))!, /✖ api/);
	t.regex(rows.find(row => row.includes('│ ● db'))!, /● db/);
	t.true(rows[1]!.startsWith('╭▸ Containers'));
	t.true(rows[1]!.includes('╭─ Health'));
});

test('exit codes have meanings in both languages', t => {
	const shown = (exitCode: number, language: 'en' | 'pt-BR', oomKilled = false): string => {
		const world = healthy({language, columns: 120, rows: 40});
		world.send({type: 'containers/listed', atMs: world.nowMs(), containers: [container('api', {state: 'exited', exitCode, oomKilled, finishedAtMs: world.nowMs() - 240_000, health: 'none'})]});
		return composeScreen(world.state(), language)[2]!;
	};

	t.regex(shown(137, 'en'), /exited 137 · killed · 4 min ago/);
	t.regex(shown(139, 'en'), /exited 139 · segfault/);
	t.regex(shown(143, 'en'), /exited 143 · terminated/);
	t.regex(shown(126, 'en'), /exited 126 · not executable/);
	t.regex(shown(127, 'pt-BR'), /saiu com 127 · comando não encontrado · há 4 min/);
	t.regex(shown(137, 'en', true), /OOM killed \(137\)/);
	t.regex(shown(150, 'en'), /exited 150 · signal 22/);
});

test('a container log full of escape sequences moves nothing', t => {
	const world = healthy({columns: 100, rows: 30});
	const hostile = ['\u001B[2J\u001B[H\u001B]0;owned\u0007\u001B]52;c;cm0gLXJm\u0007visible', 'a\u202Eevil\u2066b\u009B31mred\u0000\u0008\u007F', '\t\tтекст 日本語 \u{1F600}\u200D\u{1F525} é́́́', 'x'.repeat(9000)];
	world.state().logBook.append('api', 'api0123456789abcdef', hostile.map((rawText, index) => ({stamp: `2026-01-18T06:12:5${index}Z`, atMs: world.nowMs() + index, stream: 'err', rawText, cutBytes: index === 3 ? 1_048_576 : 0})), 12_345);
	for (const keys of [[], ['shift-tab', 'w']]) {
		const state = world.press(...keys).state();
		const part = drawingFor('en').part(state, 'log')!;
		for (const line of part.lines) {
			t.is(lineWidth(line), 100);
			const ansi = toAnsi(line, {unicode: true, colour: true}).replaceAll(/\u001B\[[\d;]*m/g, '');
			// eslint-disable-next-line no-control-regex
			t.notRegex(ansi, /[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u200B-\u200F]/);
			t.is([...ansi].reduce((sum, character) => sum + codePointWidth(character.codePointAt(0)!), 0), 100);
		}
	}

	const text = composeScreen(world.press('w').state()).join('\n');
	t.regex(text, /visible/);
	t.regex(text, /[^~]12,345 lines skipped/);
	world.state().logBook.append('api', 'api0123456789abcdef', [], 1000, true);
	t.regex(composeScreen(world.press('w').state()).join('\n'), /~13,345 lines skipped/);
});

test('secrets in a log line are not shown', t => {
	const world = healthy({columns: 120, rows: 40});
	world.state().logBook.append('api', 'api0123456789abcdef', [{stamp: 's', atMs: world.nowMs(), stream: 'out', rawText: 'DATABASE_URL=postgres://mestres:hunter2@db/cafe Authorization: Bearer abcdefghijklmnop', cutBytes: 0}], 0);
	const text = composeScreen(world.state()).join('\n');
	t.notRegex(text, /hunter2|abcdefghijklmnop/);
});

test('the footer shows no key that the table does not have', t => {
	const state = incidentOpen({columns: 200, rows: 60}).state();
	const remapped = {...state, bindings: state.bindings.map(binding => binding.command === 'action-start-api' ? {...binding, keys: ['Z']} : binding.command === 'escalate' ? {...binding, keys: []} : binding)};
	const footer = composeScreen(remapped).at(-1)!;
	t.regex(footer, /Z start api/);
	t.notRegex(footer, /U start api|escalate/);
});

test('a healthy screen is the same a second later but for the minute', t => {
	const world = healthy({columns: 120, rows: 40});
	const before = composeScreen(world.state()).join('\n');
	world.pass(1);
	t.is(composeScreen(world.state()).join('\n'), before);
});

test('beside an open incident it is not said that nothing is wrong, nor how to open one', t => {
	const state = healthy({columns: 120, rows: 40}).state();
	t.regex(composeScreen(state).join('\n'), /Nothing is wrong here\.[\s\S]*Open the incident by hand/);
	const {incident} = incidentOpen({columns: 120, rows: 40}).state();
	const text = composeScreen({...state, incident}).join('\n');
	t.regex(text, /● Everything answers here now\./);
	t.notRegex(text, /Nothing is wrong|Open the incident by hand/);
});

test('a drill and a locked console say so all the time, at every size', t => {
	for (const [columns, rows] of [[60, 15], [80, 24], [120, 40]] as const) {
		const header = composeScreen(healthy({columns, rows, drill: true, readOnly: true}).state())[0]!;
		t.regex(header, / DRILL {2} ?READ-ONLY /);
	}
});

test('the down clock says when it counts only from what was seen, and the incident says where it comes from', t => {
	const world = incidentOpen({columns: 100, rows: 30});
	const {incident} = world.state();
	const atLeast = {...world.state(), incident: {...incident!, outage: {...incident!.outage, source: 'ping' as const, atLeast: true}}};
	t.regex(composeScreen(atLeast)[0]!, /down ≥ 07:41 $/);
	const opened = {...atLeast, view: {...atLeast.view, overlay: {kind: 'incident' as const, scroll: 0}}};
	t.regex(composeScreen(opened).join('\n'), /began +03:12:45 +first failed ping · at the latest/);
});

test('a card that loses data asks for the name, and says that it was typed', t => {
	const world = states['destructiveCard']!({columns: 100, rows: 30});
	t.regex(composeScreen(world.state()).join('\n'), /DESTRUCTIVE/);
	world.pass(1).press('y');
	t.regex(composeScreen(world.state()).at(-1)!, /type api to confirm: /);
	world.press('a', 'p', 'i', 'enter');
	t.regex(composeScreen(world.state()).join('\n'), /api was typed\. Now y runs it\./);
});

test('a blocked card shows why, and no key that would run it', t => {
	const screen = composeScreen(incidentOpen({columns: 100, rows: 30, readOnly: true}).press('U').state());
	t.regex(screen.join('\n'), /It cannot run now:\s+│[\s\S]*✖ This console is read-only\./);
	t.notRegex(screen.at(-1)!, /y runs it/);
});

test('a placeholder number is warned of and not shown as callable', t => {
	const world = incidentOpen({columns: 100, rows: 30}).press('e');
	const {settings} = world.state();
	const state = {...world.state(), settings: {...settings, escalation: {...settings.escalation, contacts: [{role: 'On-Call', name: '', reach: '+1-XXX-XXX-XXXX'}]}}};
	t.regex(composeScreen(state).join('\n'), /On-Call {2}\+1-XXX-XXX-XXXX +▲ a placeholder, no number/);
	const chosen = {...state, view: {...state.view, overlay: {kind: 'escalation' as const, cursor: 1}}};
	t.regex(composeScreen(chosen).join('\n'), /▲ a placeholder: nobody can be called there/);
});

test('why no timer of the system waits stands below the list, whole on a narrow screen, and that it is tried again', t => {
	const world = incidentOpen({columns: 80, rows: 24}).press('e');
	const told = (timer: Omit<NonNullable<Incident['timer']>, 'name' | 'atMs'>, afterMs: number, language: Language = 'en') => {
		const state = world.state();
		const timed = {...state, incident: {...state.incident!, timer: {name: '', atMs: state.nowMs + afterMs, ...timer}}};
		return composeScreen(timed, language).map(row => row.replaceAll('│', ' ').trim()).join(' ').replaceAll(/\s+/g, ' ');
	};

	const linger = {code: 'no-linger', detail: 'sudo loginctl enable-linger ana'};
	t.regex(told(linger, 60_000), /With no console open nobody is paged: this user's timers end with the last session \(mend it with: sudo loginctl enable-linger ana\)\. It is tried again every minute\./);
	t.regex(told(linger, 60_000, 'pt-BR'), /Sem console aberto ninguém é acionado: os timers deste usuário acabam com a última sessão \(corrija com: sudo loginctl enable-linger ana\)\. Nova tentativa a cada minuto\./);
	t.regex(told({code: 'failed', detail: 'No medium found'}, 60_000), /systemd refused the timer \(No medium found\)/);
	t.regex(told({code: 'of-a-newer-console', detail: ''}, 60_000), /systemd refused the timer\./);
	const past = told({code: 'unsupported', detail: ''}, -1);
	t.regex(past, /no systemd runs here\./);
	t.notRegex(past, /tried again/);
});

test('the log says what it hides: the filter, the lines below, the column', t => {
	const world = healthy({columns: 120, rows: 40}).press('&', 'c', 'a', 'r', 't', 'enter');
	t.regex(composeScreen(world.state()).join('\n'), /Log · all · following · only cart/);
	world.press('escape', 'shift-tab', 'up', 'up', 'right');
	const text = composeScreen(world.state()).join('\n');
	t.regex(text, /stopped here · from column 21/);
	t.regex(text, /↓ 2 newer/);
});

test('what a run prints and how its check goes is seen, and the verdict tells the seconds', t => {
	t.regex(composeScreen(states['verifying']!({columns: 100, rows: 30}).state()).join('\n'), /● ● ○ 2 of 3 good answers \(api\)/);
	t.regex(composeScreen(states['recovered']!({columns: 100, rows: 30}).state()).join('\n'), /✔ RECOVERED in \d\.\d s/);
	t.regex(composeScreen(states['notRecovered']!({columns: 100, rows: 30}).state()).join('\n'), /✖ NOT RECOVERED[\s\S]*R restart api/);
});

test('the theme follows locale, terminal and NO_COLOR', t => {
	t.deepEqual(themeFor({LANG: 'pt_BR.UTF-8', TERM: 'xterm-256color'}), {unicode: true, colour: true});
	t.deepEqual(themeFor({LC_ALL: 'C', LANG: 'pt_BR.UTF-8', TERM: 'screen'}), {unicode: false, colour: true});
	t.deepEqual(themeFor({LANG: 'C.utf8', TERM: 'xterm', NO_COLOR: '1'}), {unicode: true, colour: false});
	t.deepEqual(themeFor({LANG: 'en_US.UTF-8', TERM: 'linux'}), {unicode: false, colour: true});
	t.deepEqual(themeFor({LANG: 'en_US.UTF-8', TERM: 'dumb'}), {unicode: false, colour: false});
});

test('a job that is done and an optional service that is not there look settled, others without a container look missing', t => {
	const world = healthy({});
	const state = world.state();
	const containers = (state.situation.containers.value ?? []).map(each => each.service === 'redis' ? container('redis', {state: 'exited', health: 'none', exitCode: 0, pid: 0}) : each).filter(each => each.service !== 'nginx');
	const composeFile = {value: {name: null, services: ['api', 'db', 'nginx', 'redis'].map(name => ({name, image: null, dependsOn: [], replicas: 1, profiles: []}))}, atMs: 0, failure: null};
	const shown = (services: typeof state.settings.services): string => composeScreen({
		...state,
		settings: {...state.settings, services},
		situation: {...state.situation, containers: {...state.situation.containers, value: containers}, project: {...state.situation.project, composeFile}},
	}, 'en').join('\n');
	t.regex(shown({}), /○ redis .*exited 0/);
	t.regex(shown({}), /✖ nginx .*missing/);
	const settled = shown({redis: {expected: 'once', logs: 'follow'}, nginx: {expected: 'optional', logs: 'follow'}});
	t.regex(settled, /✔ redis .*exited 0/);
	t.regex(settled, /○ nginx .*missing/);
});

test('until the journal is read nothing says when an incident would open: it may be open already', t => {
	const world = apiStopped({language: 'en'}).resize(120, 40);
	const state = world.state();
	t.regex(composeScreen(state)[0]!, /opens in/);
	const header = composeScreen({...state, journal: {...state.journal, state: 'opening'}})[0]!;
	t.regex(header, /SUSPECTED .*down/);
	t.notRegex(header, /opens in/);
});

test('what is in memory only for another project is said on a line that 80 columns hold', t => {
	for (const [language, words] of [['en', /2 entries of mestres-do-cafe in memory only: tried again on going back \(p\)\./], ['pt-BR', /2 entradas de mestres-do-cafe só na memória: nova tentativa ao voltar \(p\)\./]] as const) {
		const world = healthy({language, columns: 80, rows: 24}).press('m', 'a', 'enter');
		world.send({type: 'project/found', facts: {...world.state().situation.project.facts!, name: makeSafe('outra-loja')}, candidates: []}).pass(5);
		t.regex(composeScreen(world.state(), language)[1]!, words);
	}
});

test('a run whose supervisor was killed says so, and that C ends it', t => {
	for (const [language, words] of [['en', 'Its supervisor was killed.'], ['pt-BR', 'O supervisor foi morto.']] as const) {
		const world = running({language, columns: 80, rows: 24});
		world.send({type: 'run/orphaned', id: world.state().runs[0]!.id});
		t.true(composeScreen(world.state(), language).some(row => row.includes(words)));
	}
});
