/** The runbook's keys without a terminal: pages, cards, panes, the reader, and what a page changes in the console. */

import test from 'ava';
import {parseRunbookText} from '../../source/adapters/runbooks.ts';
import type {Json, JournalEntry} from '../../source/core/ports.ts';
import {matchLines} from '../../source/core/diagnosis/matcher.ts';
import {settingsMatcher} from '../../source/core/diagnosis/scene.ts';
import {answerOf, answersToHint} from '../../source/core/runbook/conditions.ts';
import {pageById, pagesOf} from '../../source/core/runbook/pages.ts';
import {readerRows} from '../../source/core/runbook/reader-rows.ts';
import {chooseRunbook, runbookOf, scenarioIn, settingsWith} from '../../source/core/runbook-state.ts';
import {matchCommands, paletteNames} from '../../source/core/palette.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import type {Effect} from '../../source/core/state.ts';
import {update} from '../../source/core/update.ts';
import {onPageKey, openRunbookCard, readerSize} from '../../source/core/update-runbook.ts';
import {pages, runbookRead} from '../fixtures/runbook-pages.ts';
import {apiStopped, createWorld, healthy, incidentOpen, type World} from '../fixtures/screen-states.ts';
import {realClock} from '../helpers/real-clock.ts';

const opened = (world: World = apiStopped()): World => world.send(runbookRead(pages.original));
const overlayOf = (world: World) => world.state().view.overlay;

/** Presses a key and answers with what it asked of the outside. */
const effectsOf = (world: World, key: string): readonly Effect[] => update(world.state(), {type: 'key/pressed', key, alone: true, atMs: world.nowMs()}).effects;

test('before the page is read a digit says so, and after that it opens its scenario', t => {
	const world = apiStopped().press('1');
	t.is(world.state().view.flash?.code, 'runbook-reading');
	opened(world).press('1');
	t.like(overlayOf(world), {kind: 'page', page: '1', cursor: 0});
	world.press('3');
	t.like(overlayOf(world), {kind: 'page', page: '3'});
	world.press('0');
	t.like(overlayOf(world), {kind: 'page', page: '0'});
	world.press('9');
	t.like(world.state().view.flash, {code: 'scenario-none', params: {scenario: 9}});
	world.press('escape');
	t.is(overlayOf(world), null);
});

test('a letter opens its card, Enter the selected one; y on a page runs nothing', t => {
	const world = opened().press('1', 'b');
	t.like(overlayOf(world), {kind: 'card', action: 'start-api'});
	world.press('escape', '1', 'j', 'enter');
	t.like(overlayOf(world), {kind: 'card', action: 'start-api'});
	world.press('escape', '1');
	t.deepEqual(effectsOf(world, 'y'), []);
	world.press('y');
	t.like(overlayOf(world), {kind: 'page', page: '1'});
	t.is(world.state().runs.length, 0);
});

test('an action\'s own key works on a page too', t => {
	t.like(overlayOf(opened().press('4', 'W')), {kind: 'card', action: 'restart-nginx'});
});

test('what the console shows live is a pane: the log at its service, the host, the containers, the ping', t => {
	const world = opened().press('1', 'a');
	t.is(overlayOf(world), null);
	t.like(world.state().view, {focus: 'log', enlarged: true});
	t.like(world.state().view.log, {service: 'api', follow: true});
	// All of the log: more than the streams hold at first.
	const deep = opened().press('2');
	t.deepEqual(effectsOf(deep, 'a'), [{type: 'log/deepen'}]);
	t.is(opened().press('3', 'a').state().view.focus, 'host');
	const nginx = opened().press('4', 'a').state().view;
	t.like(nginx, {focus: 'containers', containerCursor: 2});
	const health = opened().press('1', 'e').state().view;
	t.like(health, {focus: 'health', pingCursor: 0, overlay: null});
});

test('every letter that a page shows opens its card, and moves nowhere', t => {
	const state = opened().state();
	for (const page of pagesOf(runbookOf(state)!)) {
		const overlay = {kind: 'page', page: page.id, cursor: 0} as const;
		const step = {state: {...state, view: {...state.view, overlay}}, effects: []};
		for (const {card, letter} of page.cards.filter(one => one.letter !== null)) {
			t.deepEqual(onPageKey(step, overlay, letter!)?.state.view, openRunbookCard(step, card).state.view, `${letter} on page ${page.id}`);
		}
	}
});

test('a point that asks two things is answered for both, what holds first', t => {
	const {state} = opened();
	const world = state();
	const pings = world.situation.pings.map(ping => ping.target.kind === 'postgres' && ping.last !== null ? {...ping, last: {...ping.last, ok: false}} : ping);
	const answers = answersToHint({...world, situation: {...world.situation, database: {...world.situation.database, value: null}, pings}}, 'Problemas de conexão com banco/redis?');
	t.deepEqual(answers.map(({holds}) => holds), [true, false]);
});

test('waiting and going where she is already are answered in a sentence', t => {
	t.like(opened().press('1', 'd').state().view.flash, {code: 'runbook-waits', params: {seconds: 30}});
	t.is(opened().press('1', 'left', 'a').state().view.flash?.code, 'runbook-here');
});

test('what a check of the console asks of the same container is that check', t => {
	for (const [page, letter, check] of [['4', 'b', 'proxy-config'], ['4', 'd', 'network'], ['4', 'e', 'reach-api'], ['2', 'b', 'environment'], ['2', 'd', 'database']] as const) {
		t.like(overlayOf(opened().press(page, letter)), {kind: 'check', id: check});
	}

	const diagnosis = opened().press('1', 'left');
	t.like(overlayOf(diagnosis.press('f')), {kind: 'check', id: 'who-listens'});
	t.like(overlayOf(opened().press('1', 'left', 'left', 'a')), {kind: 'check', id: 'health-script'});
});

test('a command that no shipped action equals is a card of its own, with its questions and its risk', t => {
	const world = opened();
	const id = runbookOf(world.state())!.cards.find(({check}) => check?.check === 'nginx-config')!.id;
	t.like(world.state().cards.find(card => card.id === id), {risk: 'read', kind: 'card', verification: {by: 'none'}});
	// Names only, whatever the page writes.
	t.is(world.state().cards.find(({original}) => original.includes('.env'))?.original, 'cut -d= -f1 .env');
});

test('the arrows walk through the pages, diagnosis and quick commands too', t => {
	const world = opened().press('1', 'left');
	t.like(overlayOf(world), {kind: 'page', page: 'diagnosis'});
	world.press('left');
	t.like(overlayOf(world), {kind: 'page', page: 'quick'});
	world.press('right', 'right', 'right');
	t.like(overlayOf(world), {kind: 'page', page: '2'});
});

test('a card\'s own key opens it, where nothing else has it', async t => {
	const runbook = await parseRunbookText('# x\n\n## Cenário 1: y\n\n```bash {key=H risk=change}\ndocker compose stop worker\n```\n', 'x.md');
	const world = apiStopped().send(runbookRead(runbook)).press('H');
	t.like(overlayOf(world), {kind: 'card', action: runbook.cards[0]!.id});
});

test('conditions are answered from what is seen, and not beyond it', t => {
	const {state} = opened();
	t.like(answerOf(state(), 'low-memory'), {holds: false, fact: {code: 'memory'}});
	t.like(answerOf(state(), 'disk-full'), {holds: false, fact: {code: 'disk', mount: '/'}});
	t.like(answerOf(state(), 'no-answer'), {holds: true, fact: {code: 'pings-fail', names: ['api', 'nginx']}});
	t.like(answerOf(state(), 'container-stopped'), {holds: true, fact: {code: 'service', state: 'exited'}});
	// Nothing answers, and the log names nothing: that proves nothing.
	t.is(answerOf(state(), 'migrations').holds, null);
	t.is(answerOf(state(), 'dependencies').holds, null);
	t.like(answerOf(state(), 'container-paused'), {holds: false, fact: {code: 'service', state: 'exited'}});
	t.like(answerOf(healthy().state(), 'container-paused'), {holds: false});

	t.is(answerOf(createWorld().state(), 'disk-full').holds, null);
	t.like(answerOf(healthy().state(), 'container-stopped'), {holds: false});
});

test('a good ping says nothing of migrations and dependencies; a line of the last minutes in the log does', t => {
	const world = healthy();
	const said = (line: string, atMs = world.nowMs()) => {
		const {situation} = world.state();
		const [api] = situation.containers.value!.filter(({service}) => service === 'api');
		const matches = matchLines(settingsMatcher(defaultSettings), {containerId: api!.id, service: 'api'}, [{atMs, rawText: line}]);
		return {...world.state(), situation: {...situation, matches: Object.fromEntries(matches.map(match => [match.signature, match]))}};
	};

	const table = 'psycopg2.errors.UndefinedTable: relation "niveis_fidelidade" does not exist';
	const module = 'ModuleNotFoundError: No module named \'flask_cors\'';
	for (const [kind, line] of [['migrations', table], ['migrations', 'alembic.util.exc.CommandError: Can\'t locate revision identified by \'ae1027\''], ['dependencies', module]] as const) {
		t.deepEqual(answerOf(world.state(), kind), {holds: null, fact: null});
		t.deepEqual(answerOf(said(line), kind), {holds: true, fact: {code: 'finding', found: true}});
		t.is(answerOf(said(line, world.nowMs() - 600_000), kind).holds, null);
		t.is(answerOf({...said(line), situation: {...said(line).situation, containers: {...world.state().situation.containers, value: []}}}, kind).holds, null);
	}

	t.is(answerOf(said(table), 'dependencies').holds, null);
	t.is(answerOf(said(module), 'migrations').holds, null);
});

test('the reader opens at the section that the diagnosis points to, scrolls, searches without accents and opens cards', t => {
	const world = opened().press('r');
	const rows = readerRows(pages.original, readerSize(world.state()).width);
	const overlay = () => {
		const now = overlayOf(world);
		return now?.kind === 'reader' ? now : t.fail();
	};

	const textAt = (row: number): string => rows[row]!.spans.map(({text}) => text).join('');
	t.regex(textAt((overlayOf(world) as {scroll: number}).scroll), /Cenário 1/);
	world.press('/', ...'REVISAO'.split(''), 'enter');
	t.is(world.state().view.flash?.code, 'no-match');
	world.press('/', ...'variaveis'.split(''), 'enter');
	t.regex(textAt((overlayOf(world) as {hit: number}).hit), /Variáveis/);
	world.press('g');
	t.is((overlayOf(world) as {scroll: number}).scroll, 0);
	world.press('G');
	t.is((overlayOf(world) as {scroll: number}).scroll, rows.length - readerSize(world.state()).rows);
	t.not(overlay(), undefined);
	world.press('r', 'escape', 'r', 'tab', 'enter');
	t.like(overlayOf(world), {kind: 'card', action: 'start-api'});
});

test('the palette finds every card by name, accents aside', t => {
	const world = opened();
	const names = paletteNames(world.state());
	for (const card of pages.original.cards.filter(({kind}) => kind !== 'hint')) {
		t.is(names[`card:${card.id}`], card.title);
	}

	t.is(matchCommands(names, 'verificar configuracao')[0], 'card:scenario-4/verificar-configuracao');
	world.press(':', ...'versao anterior'.split(''), 'enter');
	t.like(overlayOf(world), {kind: 'choice'});
});

test('the page fills the settings that the configuration left to it, and no others', async t => {
	const runbook = await parseRunbookText('---\nalert: ShopDown\nseverity: major\nteam: Shop\nservice: web\nduration: 30s\nescalate-after: 5m\ncontacts: [{role: Lead, name: Ana, reach: "+1 212 555 0100"}]\n---\n# x\n\n## Escalation\n\n1. Lead\n', 'x.md');
	t.like(settingsWith(defaultSettings, runbook.facts), {openAfterMs: 30_000, alert: {name: 'ShopDown', severity: 'major', team: 'Shop', service: 'web'}, escalation: {afterMs: 300_000, contacts: [{role: 'Lead', name: 'Ana', reach: '+1 212 555 0100'}], steps: ['Lead']}});
	const said = settingsWith({...defaultSettings, said: ['escalation.after', 'alert.name', 'escalation.contacts', 'incident.open-after']}, runbook.facts);
	t.is(said.escalation.afterMs, 600_000);
	t.is(said.openAfterMs, 60_000);
	t.deepEqual(said.escalation.contacts, defaultSettings.escalation.contacts);
	t.like(said.alert, {name: 'APIDown', severity: 'major'});
});

test('of several pages the alert\'s name picks one, and o switches', async t => {
	const other = await parseRunbookText('# Disk\n\n- **Alert**: DiskFull\n\n## Fix\n\n`df -h`\n', 'disk.md');
	t.is(chooseRunbook([other, pages.original], 'APIDown'), 1);
	t.is(chooseRunbook([other, pages.original], 'disk-full'), 0);
	t.is(chooseRunbook([pages.original], 'Nothing'), 0);
	const world = apiStopped().send(runbookRead(other, pages.original));
	t.is(runbookOf(world.state())?.title as string, 'Runbook: API Down');
	world.press('1', 'o');
	t.is(runbookOf(world.state())?.title as string, 'Disk');
	t.like(overlayOf(world), {kind: 'page', page: '1'});
	t.is(apiStopped().send(runbookRead(pages.original)).press('r', 'o').state().view.flash?.code, 'runbook-only-one');
});

const frozenOf = (world: World) => world.state().pending.filter(({type}) => type === 'runbook/frozen');

test('the text is kept in the journal once when an incident opens, line by line; of the shipped page only which it was', t => {
	const world = opened();
	t.is(frozenOf(world).length, 0);
	world.pass(30, () => []);
	const open = incidentOpen().send(runbookRead(pages.original)).pass(3);
	t.is(frozenOf(open).length, 1);
	const {data, onceKey} = frozenOf(open)[0]!;
	t.is(onceKey, `runbook:${open.state().incident!.id}`);
	t.is(data['path'], 'docs/api-down.md');
	t.is((data['lines'] as readonly string[]).length, pages.original.rawText.split('\n').length);
	const shipped = incidentOpen().send(runbookRead(pages.en)).pass(1);
	t.deepEqual(frozenOf(shipped)[0]!.data['lines'], []);
});

const entry = (sequence: number, type: string, incident: string | null, data: Readonly<Record<string, Json>>): JournalEntry =>
	({sequence, atMs: sequence * 1000, monotonicMs: 0, bootId: 'b', actor: createWorld().state().actor, incident, type, data});

test('a console opened again during the incident goes on with the page that it opened with', t => {
	const lines = ['# Old', '', '## Fix', '', '```bash', 'docker compose restart api', '```'];
	const entries = [
		entry(1, 'incident/opened', 'INC-1', {by: 'condition', alert: 'APIDown', severity: 'CRITICAL', sinceMs: 1000, source: 'ping', atLeast: false, pings: [], findings: []}),
		entry(2, 'runbook/frozen', 'INC-1', {path: 'docs/api-down.md', title: 'Old', version: null, lines}),
	];
	const world = createWorld().send(runbookRead(pages.original));
	const {state, effects} = update(world.state(), {type: 'journal/opened', place: {path: '/j', kind: 'shared', failure: null}, entries});
	t.deepEqual(effects.filter(({type}) => type === 'runbook/thaw'), [{type: 'runbook/thaw', path: 'docs/api-down.md', text: lines.join('\n')}]);
	t.is(state.runbook.frozenFor, 'INC-1');
	// What was read from the file later does not take its place.
	const thawed = update(state, {type: 'runbook/read', runbooks: [pages.en], frozen: true}).state;
	t.is(runbookOf(update(thawed, runbookRead(pages.original)).state), pages.en);
	// The team's other pages are a key away all the same, whichever was there first.
	t.deepEqual(thawed.runbook.runbooks, [pages.en, pages.original]);
	t.deepEqual(update({...thawed, runbook: {...thawed.runbook, runbooks: [pages.en]}}, runbookRead(pages.original)).state.runbook.runbooks, [pages.en, pages.original]);
	// The very same text is taken as it stands in the file.
	const same = [entries[0]!, entry(2, 'runbook/frozen', 'INC-1', {path: 'docs/api-down.md', title: 'x', version: null, lines: frozenOf(incidentOpen().send(runbookRead(pages.original)).pass(1))[0]!.data['lines']!})];
	t.deepEqual(update(world.state(), {type: 'journal/opened', place: {path: '/j', kind: 'shared', failure: null}, entries: same}).effects.filter(({type}) => type === 'runbook/thaw'), []);
});

test('a page that could not be read is said, and the shipped one stands in', async t => {
	const {readRunbooks} = await import('../../source/adapters/runbooks.ts');
	const world = apiStopped().send(runbookRead(...await readRunbooks('/nowhere/none.md', {clock: realClock}), pages.en));
	t.like(world.state().view.flash, {code: 'runbook-unread', params: {path: '/nowhere/none.md'}});
	t.is(runbookOf(world.state()), pages.en);
});

test('an answer to a question never becomes a variable that means something', async t => {
	const runbook = await parseRunbookText('# x\n\n## Rollback\n\n```bash\ncp <path> <home> <ld preload> <compose-file> <tag>\n```\n', 'x.md');
	t.deepEqual(runbook.cards[0]?.placeholders.map(({variable}) => variable), ['VALUE_PATH', 'VALUE_HOME', 'VALUE_LD_PRELOAD', 'VALUE_COMPOSE_FILE', 'TAG']);
});

test('a finding points to the scenario that the page has for it, whatever its number', async t => {
	const other = await parseRunbookText('# Shop\n\n## Fix\n\n### Certificate expired\n\n`docker ps`\n\n### Network trouble\n\n`docker ps`\n\n### Api stopped\n\n`docker ps`\n', 'shop.md');
	t.deepEqual([1, 2, 3, 4].map(scenario => scenarioIn(other, scenario)), [3, null, null, 2]);
	t.deepEqual([1, 2, 3, 4].map(scenario => scenarioIn(pages.original, scenario)), [1, 2, 3, 4]);
	t.deepEqual([1, 2, 3, 4, null].map(scenario => scenarioIn(pages.en, scenario)), [1, 2, 3, 4, null]);
	const world = healthy().send(runbookRead(other));
	world.send({type: 'containers/listed', atMs: world.nowMs(), containers: apiStopped().state().situation.containers.value!}).pass(8);
	t.is(world.state().findings[0]?.scenario, 3);
});

test('every page fits its cards to their sections', t => {
	t.is(pageById(pages.original, 'diagnosis')?.sections.length, 3);
	t.is(pageById(pages.original, 'nowhere'), null);
});
