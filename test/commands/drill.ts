/** `mdc-console drill` without a screen: the list, what is refused and how, the report, and the warning's question whether a real incident is open. */

import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {readOwnIdentity} from '../../source/adapters/commands/process.ts';
import {openRealIncident} from '../../source/commands/drill/real-incident.ts';
import {createDrillRecords, type OpenDrill} from '../../source/commands/drill/records.ts';
import {debriefOf} from '../../source/core/debrief.ts';
import {incidentHome} from '../helpers/incident-home.ts';
import {readScenario, shippedNames} from '../helpers/scenario-console.ts';

test('the list stands in the order of the runbook, in both languages and for machines', async t => {
	const home = incidentHome(t);
	const {code, stdout} = await home.run(['drill', 'list']);
	t.is(code, 0);
	const rows = stdout.split('\n');
	t.regex(rows[0]!, /^page +difficulty +name +scenario$/);
	t.is(rows.length, shippedNames.length + 4);
	t.true(stdout.indexOf('Scenario 1') < stdout.indexOf('Scenario 4') && stdout.indexOf('Scenario 4') < stdout.indexOf('Rollback'));
	t.regex((await home.run(['drill', 'list', '--language', 'pt-BR'])).stdout, /Cenário 1 +fácil +api-stopped +A api está fora do ar/);
	const listed = JSON.parse((await home.run(['drill', 'list', '--json'])).stdout) as ReadonlyArray<{readonly name: string; readonly title: {readonly 'pt-BR': string}}>;
	t.deepEqual(listed.map(({name}) => name).toSorted(), shippedNames);
	t.is(listed.find(({name}) => name === 'api-stopped')?.title['pt-BR'], 'A api está fora do ar');
});

test('an unknown scenario suggests the nearest, a wrong file is located, a wrong speed is refused', async t => {
	const home = incidentHome(t);
	const unknown = await home.run(['drill', 'api-stoped']);
	t.is(unknown.code, 64);
	t.regex(unknown.stderr, /no drill called api-stoped\. Did you mean api-stopped\?/);
	t.regex((await home.run(['drill', 'disco', '--language', 'pt-BR'])).stderr, /não existe simulado chamado disco/);
	const file = path.join(home.directory, 'ours.yaml');
	writeFileSync(file, 'title: Ours\nbriefing: Paged.\npage: 3\ndifficulty: easy\nevents:\n  - {ago: 3m, fault: api-stoped}\nexpects: {finding: service-stopped, service: api}\nideal: []\ncause: c\nlesson: l\n');
	const wrong = await home.run(['drill', file]);
	t.is(wrong.code, 78);
	t.regex(wrong.stderr, /One problem with the scenario .*ours\.yaml:\n +\S*ours\.yaml:6:\d+: "events\[0\]\.fault".*Did you mean api-stopped\?/);
	t.is((await home.run(['drill', './none.yaml'])).code, 78);
	t.regex((await home.run(['drill', './none.yaml'])).stderr, /does not exist/);
	for (const speed of ['0', '61', '1.5', 'x']) {
		t.is((await home.run(['drill', '--speed', speed])).code, 64, speed);
	}

	t.regex((await home.run(['drill', 'api-stopped'])).stderr, /needs a terminal/);
	t.is((await home.run(['drill', 'a', 'b', 'c'])).code, 64);
});

test('a team\'s directory of scenarios is listed with the shipped ones, and what is wrong in it is told beside them', async t => {
	const home = incidentHome(t);
	mkdirSync(path.join(home.directory, 'drills'));
	writeFileSync(path.join(home.directory, 'drills/march.yaml'), 'title: Ours of March\nbriefing: Paged.\npage: 3\ndifficulty: hard\nevents:\n  - {ago: 3m, fault: api-stopped}\nexpects: {finding: service-stopped, service: api}\nideal: []\ncause: c\nlesson: l\n');
	const configuration = path.join(home.directory, 'mdc-console.yaml');
	writeFileSync(configuration, 'drills: drills\n');
	const {code, stdout} = await home.run(['drill', 'list', '--config', configuration]);
	t.is(code, 0);
	t.regex(stdout, /Scenario 3 +hard +march +Ours of March/);
	writeFileSync(path.join(home.directory, 'drills/broken.yaml'), 'title: x\n');
	const broken = await home.run(['drill', 'list', '--config', configuration]);
	t.is(broken.code, 78);
	t.regex(broken.stdout, /march/);
	t.regex(broken.stderr, /broken\.yaml:1:1: "briefing" is missing/);
});

test('the report is the last debrief, or that of a scenario, as Markdown and JSON; a torn line does not hide the others', async t => {
	const home = incidentHome(t);
	const none = await home.run(['drill', 'report']);
	t.is(none.code, 1);
	t.regex(none.stderr, /No drill has been finished here yet/);
	const records = createDrillRecords(home.state);
	for (const name of ['api-stopped', 'disk-full']) {
		t.is(await records.keep(debriefOf({scenario: readScenario(name), seed: 7, speed: 1, observed: false, operator: 'ana', entries: [], openedAtMs: 0, nowMs: 1000, keys: 3, looked: [], escalateAfterMs: 600_000})), null);
	}

	writeFileSync(path.join(home.state, 'drills'), '{"version":1,"scen', {flag: 'a'});
	t.regex((await home.run(['drill', 'report'])).stdout, /^# Drill debrief: No space left\n/);
	t.regex((await home.run(['drill', 'report', 'last', '--language', 'pt-BR'])).stdout, /^# Análise do simulado: Sem espaço\n/);
	t.is((JSON.parse((await home.run(['drill', 'report', 'api-stopped', '--json'])).stdout) as {readonly scenario: {readonly name: string}}).scenario.name, 'api-stopped');
	t.is((await home.run(['drill', 'report', 'redis-full'])).code, 1);
	t.is((await home.run(['incidents'])).stdout.includes('disk-full'), false, 'drills are no incidents');
});

test('a real incident that is open is found, a closed one and no journal at all are not', async t => {
	const home = incidentHome(t);
	const environment = {HOME: home.directory, XDG_STATE_HOME: home.directory, MDC_CONSOLE_MEMORY: path.join(home.directory, 'memory')};
	t.is(await openRealIncident(environment, 60_000), null);
	const opened = {atMs: Date.now() - 60_000, monotonicMs: 0, incident: 'INC-20261126-010203', type: 'incident/opened', data: {sinceMs: Date.now() - 120_000, source: 'ping', atLeast: false, alert: 'APIDown', severity: 'CRITICAL', by: 'condition'}};
	home.journal('mestres-do-cafe', [opened]);
	t.like(await openRealIncident(environment, 60_000), {id: 'INC-20261126-010203', project: 'mestres-do-cafe'});
	home.journal('mestres-do-cafe', [{...opened, type: 'incident/resolved', data: {reason: ''}}]);
	t.is(await openRealIncident(environment, 60_000), null);
});

const openDrill = (name: string, openedAtMs: number): OpenDrill => ({version: '0.1.0', scenario: readScenario(name), seed: 7, speed: 1, observed: false, openedAtMs, operator: 'ana', size: {columns: 80, rows: 24}});

test('a drill is interrupted when its process is gone, also where its pid was given away or the machine was started anew; not while it goes on', async t => {
	const {state} = incidentHome(t);
	const me = await readOwnIdentity();
	const startedBefore = {...me, startTicks: me.startTicks - 1};
	const ofAnotherBoot = {...me, bootId: '0f0f0f0f-0000-4000-8000-000000000000'};
	for (const [identity, name, openedAtMs] of [[me, 'api-stopped', 9000], [startedBefore, 'disk-full', 1000], [ofAnotherBoot, 'redis-full', 2000]] as const) {
		const records = createDrillRecords(state, async () => identity);
		records.begin(openDrill(name, openedAtMs));
		records.note({afterMs: openedAtMs, event: null});
		await records.noted();
	}

	writeFileSync(path.join(state, 'drill-open'), `${JSON.stringify(openDrill('missing-module', 500))}\n`);
	const found = await createDrillRecords(state).interrupted();
	t.deepEqual(found.map(({drill, steps}) => [drill.scenario.name, steps.at(-1)?.afterMs ?? null]), [['redis-full', 2000], ['disk-full', 1000], ['missing-module', null]]);
});

test('what is resumed belongs to the console that took it first, what is dropped is that one alone, and the memory of a drill that goes on is nobody else\'s', async t => {
	const {state} = incidentHome(t);
	const me = await readOwnIdentity();
	for (const [startTicks, name] of [[me.startTicks, 'api-stopped'], [1, 'disk-full'], [2, 'redis-full']] as const) {
		const records = createDrillRecords(state, async () => ({...me, startTicks}));
		records.begin(openDrill(name, startTicks));
		await records.noted();
	}

	// Two consoles beside the one that goes on; neither process is there in truth, which only their names have to tell.
	const [second, third] = [3, 4].map(startTicks => createDrillRecords(state, async () => ({...me, startTicks})));
	const [full, disk] = await second!.interrupted();
	t.deepEqual([full, disk].map(one => one?.drill.scenario.name), ['redis-full', 'disk-full']);
	t.true(await second!.adopt(full!));
	t.false(await third!.adopt(full!));
	await third!.forget(full!);
	await third!.forget(disk!);
	third!.begin(openDrill('missing-module', 4));
	await third!.noted();
	second!.note({afterMs: 60, event: null});
	await second!.noted();
	const left = await createDrillRecords(state, async () => ({...me, startTicks: 5})).interrupted();
	t.deepEqual(left.map(({drill, steps}) => [drill.scenario.name, steps.length]), [['missing-module', 0], ['redis-full', 1]]);
	await second!.drop();
	await third!.drop();
	t.deepEqual(readdirSync(state), [`drill-open.${me.pid}.${me.startTicks}.${me.bootId}`]);
});

test('a memory without a beginning is nobody\'s to resume, and goes', async t => {
	const {state} = incidentHome(t);
	mkdirSync(state, {recursive: true});
	writeFileSync(path.join(state, 'drill-open.1.1.0f0f0f0f'), '{"afterMs":3,"event":null}\n');
	t.deepEqual(await createDrillRecords(state).interrupted(), []);
	t.deepEqual(readdirSync(state), []);
});
