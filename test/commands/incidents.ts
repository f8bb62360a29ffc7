/** `mdc-console incidents` as its user runs it: the list, one incident, exit codes, and journals that cannot be read. */

import {readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import test from 'ava';
import {outageDrafts, outageId} from '../fixtures/incident-entries.ts';
import {golden, incidentHome} from '../helpers/incident-home.ts';

const dayMs = 86_400_000;

test('without a journal there is no incident, and that is well', async t => {
	const home = incidentHome(t);
	t.deepEqual(await home.run(['incidents']), {code: 0, stdout: 'No incident is recorded here.\n', stderr: ''});
	t.deepEqual(await home.run(['incidents'], {LANG: 'pt_BR.UTF-8'}), {code: 0, stdout: 'Nenhum incidente registrado aqui.\n', stderr: ''});
	t.like(await home.run(['incidents', 'show', 'last']), {code: 1, stdout: ''});
	t.like(JSON.parse((await home.run(['incidents', '--json'])).stdout), {schemaVersion: 1, incidents: [], unreadable: []});
});

test('the list is the newest first, filtered, and with the project where there are several', async t => {
	const home = incidentHome(t);
	home.journal('mestres-do-cafe', [...outageDrafts(), ...outageDrafts('INC-20260119-061204', dayMs).slice(0, 4)]);
	const one = await home.run(['incidents']);
	t.is(one.code, 0);
	t.deepEqual(one.stdout.trimEnd().split('\n').map(line => line.split(/ {2,}/)[0]), ['id', 'INC-20260119-061204', outageId]);
	t.notRegex(one.stdout, /mestres/);
	t.regex(one.stdout, /INC-20260118-061204 {2}2026-01-18 03:11 {2}20 min 13 s +resolved +2 +CRITICAL +5 open +api is stopped/);
	home.journal('blog', outageDrafts('INC-20260120-061204', 2 * dayMs));
	t.regex((await home.run(['incidents'])).stdout, /INC-20260120-061204 {2}blog/);
	t.is((await home.run(['incidents', '--project', 'blog'])).stdout.split('\n').length, 3);
	t.is((await home.run(['incidents', '--state', 'open'])).stdout.split('\n').length, 3);
	t.is((await home.run(['incidents', '--state', 'cancelled'])).stdout, 'No incident fits.\n');
	t.is((await home.run(['incidents', '--state', 'resolved', '--since', '1d'])).stdout, 'No incident fits.\n');
	const {incidents} = JSON.parse((await home.run(['incidents', '--json'])).stdout) as {readonly incidents: ReadonlyArray<Readonly<Record<string, unknown>>>};
	t.like(incidents[2], {id: outageId, project: 'mestres-do-cafe', state: 'resolved', downSeconds: 913, durationSeconds: 1213, actionsCount: 2, postMortemRequired: true, dutiesOpen: 5, closedAt: null, lead: 'ana', acknowledged: {at: '2026-01-18T06:12:39.000Z', actor: 'ana'}});
});

test('one incident: its five times with their sources, actions and timeline, in both languages and in ASCII', async t => {
	const home = incidentHome(t);
	home.journal('mestres-do-cafe', outageDrafts());
	const before = readdirSync(home.state).map(name => [name, statSync(path.join(home.state, name)).mtimeMs]);
	const en = await home.run(['incidents', 'show', '20260118']);
	t.is(en.code, 0);
	golden(t, 'show-en.txt', en.stdout);
	golden(t, 'show-pt.txt', (await home.run(['incidents', 'show', outageId], {LANG: 'pt_BR.UTF-8'})).stdout);
	// eslint-disable-next-line no-control-regex
	t.regex((await home.run(['incidents', 'show', 'last', '--ascii', '--language', 'pt-BR'])).stdout, /^[\u0000-\u007F]+$/);
	t.deepEqual(readdirSync(home.state).map(name => [name, statSync(path.join(home.state, name)).mtimeMs]), before);
	const document = JSON.parse((await home.run(['incidents', 'show', 'last', '--json'])).stdout) as {readonly incident: Readonly<Record<string, unknown>>};
	t.like(document.incident, {id: outageId, outages: [{from: '2026-01-18T06:11:04.000Z', to: '2026-01-18T06:26:17.000Z'}], responders: ['ana', 'bruno']});
	t.is((document.incident['timeline'] as readonly unknown[]).length, 20);
});

test('an id that names none or several is wrong usage, and says what to do', async t => {
	const home = incidentHome(t);
	home.journal('shop', [...outageDrafts(), ...outageDrafts('INC-20260119-061204', dayMs)]);
	t.like(await home.run(['incidents', 'show', 'INC-1999']), {code: 64, stderr: 'There is no incident called INC-1999. See them all: mdc-console incidents\n'});
	const several = await home.run(['incidents', 'show', 'INC-2026']);
	t.is(several.code, 64);
	t.regex(several.stderr, /INC-20260119-061204 \(shop\), INC-20260118-061204 \(shop\)/);
	t.like(await home.run(['incidents', 'show']), {code: 64, stderr: 'mdc-console: the argument id is missing.\nTry: mdc-console --help\n'});
	t.is((await home.run(['incidents', 'shwo', 'x'])).code, 64);
	t.is((await home.run(['incidents', '--since', '30'])).code, 64);
	t.is((await home.run(['incidents', 'show', '\u001B[31mx'])).code, 64);
});

test('a journal that cannot be read is a sentence, the rest is told, and the exit code says that it is not all', async t => {
	const home = incidentHome(t);
	home.journal('shop', outageDrafts());
	writeFileSync(path.join(home.state, 'broken.sqlite'), 'no database');
	const {code, stdout, stderr} = await home.run(['incidents']);
	t.is(code, 2);
	t.regex(stdout, /INC-20260118-061204/);
	t.regex(stderr, /^The journal .*broken\.sqlite is damaged .*What it holds is missing here\.\n$/);
	t.regex((await home.run(['incidents'], {LANG: 'pt_BR.UTF-8'})).stderr, /^O diário .* está danificado/);
	t.is((await home.run(['incidents', 'show', 'INC-1999'])).code, 2);
	t.is((await home.run(['incidents', '--project', 'shop'])).code, 0);
	const {unreadable} = JSON.parse((await home.run(['incidents', '--json'])).stdout) as {readonly unreadable: readonly unknown[]};
	t.is(unreadable.length, 1);
});

const historyOf = (lineBreak: string): string => ['# API Down', '', '## Histórico de Incidentes', '', '| Data | Duração | Causa Raiz | Ação Tomada |', '|------|---------|------------|-------------|', '| 2025-01-15 | 5min | OOM Killer | Memória |', '', '## Prevenção', ''].join(lineBreak);

test('the history row is shown as a diff, written only with --write, and only once', async t => {
	const home = incidentHome(t);
	home.journal('mestres-do-cafe', [...outageDrafts(), ...outageDrafts('INC-20260119-061204', dayMs).slice(0, 4)]);
	const file = path.join(home.directory, 'api-down.md');
	writeFileSync(file, historyOf('\n'));
	const shown = await home.run(['incidents', 'history-row', outageId, '--runbook', file]);
	t.is(shown.code, 0);
	t.regex(shown.stdout, /^--- .*api-down\.md\n\+\+\+ .*\n@@ -4,6 \+4,7 @@\n/);
	t.regex(shown.stdout, /\n\+\| 2026-01-18 \| 15min \| api está parado \(a confirmar\) \| Iniciar api \|\n/);
	t.regex(shown.stdout, /Nothing was written/);
	t.is(readFileSync(file, 'utf8'), historyOf('\n'));
	t.is((await home.run(['incidents', 'history-row', outageId, '--runbook', file, '--write', '--cause', 'Vazamento | de memória'])).code, 0);
	const row = String.raw`| 2026-01-18 | 15min | Vazamento \| de memória | Iniciar api |`;
	t.is(readFileSync(file, 'utf8'), historyOf('\n').replace('-|\n', `-|\n${row}\n`));
	const again = await home.run(['incidents', 'history-row', outageId, '--runbook', file, '--write']);
	t.is(again.code, 0);
	t.regex(again.stdout, /already: nothing to do/);
	t.like(await home.run(['incidents', 'history-row', 'last', '--runbook', file]), {code: 1, stdout: ''});
	t.regex((await home.run(['incidents', 'history-row', outageId, '--runbook', path.join(home.directory, 'none.md')])).stderr, /none\.md is not there\./);
	writeFileSync(file, '# nothing\n');
	t.regex((await home.run(['incidents', 'history-row', outageId, '--runbook', file, '--write'], {LANG: 'pt_BR.UTF-8'})).stderr, /não tem um título para o histórico/);
	t.like(await home.run(['incidents', 'history-row', outageId]), {code: 64, stderr: 'Which runbook? Name it with --runbook FILE, or in the configuration (runbook:).\n'});
});

test('the figures come as lines, in ASCII and as JSON; a wrong SLA or number of months is wrong usage', async t => {
	const home = incidentHome(t);
	t.is((await home.run(['incidents', 'stats'])).code, 0);
	home.journal('mestres-do-cafe', [...outageDrafts(), ...outageDrafts('INC-20260119-061204', dayMs)]);
	const {code, stdout} = await home.run(['incidents', 'stats', '--months', '120']);
	t.is(code, 0);
	t.regex(stdout, /2026-01 +2 +30 min 26 s +99\.931 % +█+░+│\n/);
	// eslint-disable-next-line no-control-regex
	t.regex((await home.run(['incidents', 'stats', '--ascii', '--language', 'pt-BR', '--sla', '99,99%'])).stdout, /^[\u0000-\u007F]+$/);
	const document = JSON.parse((await home.run(['incidents', 'stats', '--months', '120', '--json'])).stdout) as {readonly projects: ReadonlyArray<Readonly<Record<string, unknown>>>};
	t.like(document.projects[0], {project: 'mestres-do-cafe', incidents: 2, acknowledge: {count: 2, meanSeconds: 35, medianSeconds: 35}, resolve: {count: 2, meanSeconds: 1213, medianSeconds: 1213}});
	for (const parameters of [['--sla', '101'], ['--sla', 'x'], ['--sla', '0'], ['--months', '0'], ['--months', '121'], ['--months', 'x']]) {
		t.is((await home.run(['incidents', 'stats', ...parameters])).code, 64, parameters.join(' '));
	}
});

test('verify says whether the journal is as it was written, and where it is not; export gives it line by line without secrets', async t => {
	const home = incidentHome(t);
	t.is((await home.run(['incidents', 'verify'])).code, 2);
	const file = home.journal('mestres-do-cafe', outageDrafts());
	const whole = await home.run(['incidents', 'verify']);
	t.is(whole.code, 0, whole.stdout);
	const head = /head (\d+:[\da-f]{16})/.exec(whole.stdout)![1]!;
	t.regex(whole.stdout, /^intact {3}.*mestres-do-cafe\.sqlite: 20 entries/);
	home.journal('mestres-do-cafe', outageDrafts('INC-20260119-061204', dayMs));
	const later = await home.run(['incidents', 'verify', '--head', head]);
	t.is(later.code, 0);
	t.regex(later.stdout, /The noted entry is in the chain/);
	const exported = (await home.run(['incidents', 'export', '--incident', outageId])).stdout.trimEnd().split('\n').map(line => JSON.parse(line) as Readonly<Record<string, unknown>>);
	t.is(exported.length, 20);
	t.like(exported[0], {project: 'mestres-do-cafe', sequence: 1, at: '2026-01-18T06:12:04.000Z', incident: outageId, type: 'incident/opened', actor: {name: 'ana', host: 'production-server'}});
	t.notRegex(JSON.stringify(exported), /hunter2/);
	t.is((await home.run(['incidents', 'export'])).stdout.trimEnd().split('\n').length, 40);
	t.is((await home.run(['incidents', 'export', '--incident', 'INC-1999'])).code, 64);
	const stranger = new DatabaseSync(file);
	stranger.exec('DROP TRIGGER events_are_not_changed; UPDATE events SET data = \'{}\' WHERE sequence = 6');
	stranger.close();
	const broken = await home.run(['incidents', 'verify'], {LANG: 'pt_BR.UTF-8'});
	t.is(broken.code, 1);
	t.regex(broken.stdout, /^QUEBRADO .*\n {2}O registro 6 não é o que foi escrito/);
	t.like(JSON.parse((await home.run(['incidents', 'verify', '--json'])).stdout), {journals: [{state: 'broken', entries: 40, head: null, firstBroken: {kind: 'changed', sequence: 6, count: 1}}]});
	t.is((await home.run(['incidents', 'verify', '--head', head])).code, 1);
	writeFileSync(path.join(home.state, 'half.sqlite'), readFileSync(file).subarray(0, 9000));
	const half = await home.run(['incidents', 'verify', '--project', 'half']);
	t.is(half.code, 2);
	t.regex(half.stdout, /^UNKNOWN {2}The journal .*half\.sqlite is damaged/);
});
