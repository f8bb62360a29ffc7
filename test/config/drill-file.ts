/** Scenario files: what is wrong is told with its place and the likely right word; what ships is right, in both languages, and known to the library. */

import {readdirSync, readFileSync} from 'node:fs';
import test from 'ava';
import {parseDrill} from '../../source/config/drill-file.ts';
import {drillJsonSchema} from '../../source/config/drill-schema.ts';
import {actionById} from '../../source/core/actions.ts';
import {allDrills, findDrill, shippedDrills} from '../../source/commands/drill/library.ts';
import {configurationProblemSentence} from '../../source/messages/config.ts';
import {readScenario, shippedNames} from '../helpers/scenario-console.ts';

const right = `
title: Our outage of March
briefing: {en: "You were paged.", pt-BR: "O plantão tocou."}
page: 3
difficulty: medium
events:
  - {ago: 4m, fault: api-leak, grows: 40s, until: [old-code]}
  - {at: 90s, heal: api-leak}
expects: {finding: out-of-memory, service: api}
ideal:
  - {action: restart-api, within: 2m}
cause: It leaked.
lesson: Watch the memory.
`;

const problemsOf = (text: string): readonly string[] => {
	const parsed = parseDrill(text, '/drills/march.yaml', 'march');
	return parsed.ok ? [] : parsed.problems.map(problem => configurationProblemSentence('en', problem));
};

test('a team\'s own file becomes a scenario, one text standing for both languages', t => {
	const parsed = parseDrill(right, '/drills/march.yaml', 'march');
	t.true(parsed.ok);
	if (parsed.ok) {
		t.like(parsed.scenario, {name: 'march', title: {en: 'Our outage of March', 'pt-BR': 'Our outage of March'}, page: 3, wrong: []});
		t.deepEqual(parsed.scenario.events, [
			{atMs: -240_000, type: 'fault', fault: {kind: 'api-leak', growsMs: 40_000, until: ['old-code']}},
			{atMs: 90_000, type: 'heal', kind: 'api-leak'},
		]);
		t.deepEqual(parsed.scenario.ideal, [{action: 'restart-api', withinMs: 120_000}]);
	}
});

test('every problem is told at its place, with what was expected and the nearest word', t => {
	const text = right
		.replace('page: 3', 'page: rolback')
		.replace('fault: api-leak, grows: 40s', 'fault: api-leek, grows: 40s')
		.replace('difficulty: medium', 'dificulty: medium')
		.replace('within: 2m', 'within: 2');
	const problems = problemsOf(text);
	t.true(problems.some(one => /march\.yaml:\d+:\d+.*unknown key "dificulty".*Did you mean difficulty\?/.test(one)), problems.join('\n'));
	t.true(problems.some(one => /march\.yaml:7:\d+.*"events\[0\]\.fault".*Did you mean api-leak\?/.test(one)), problems.join('\n'));
	t.true(problems.some(one => /"page".*got rolback/.test(one)), problems.join('\n'));
	t.true(problems.some(one => /"ideal\[0\]\.within".*duration.*Did you mean 2s\?/.test(one)), problems.join('\n'));
});

test('an event is one thing at one time, with the parameters of its fault only', t => {
	const event = (text: string): readonly string[] => problemsOf(right.replace('{ago: 4m, fault: api-leak, grows: 40s, until: [old-code]}', text));
	t.regex(event('{ago: 4m}')[0]!, /events\[0\]" says nothing that happens: add one of fault, heal, deploy, edit/);
	t.regex(event('{ago: 4m, fault: api-stopped, heal: api-leak}')[0]!, /several \(fault, heal\)/);
	t.regex(event('{ago: 4m, at: 2m, fault: api-stopped}')[0]!, /not both/);
	t.regex(event('{ago: 4m, fault: api-stopped, grows: 40s}')[0]!, /unknown key "events\[0\]\.grows".*known here: ago, at, fault, heal, deploy, edit/);
	t.regex(event('{ago: 4m, fault: log-flood}').join(' '), /"events\[0\]\.service" is missing.*"events\[0\]\.lines-per-second" is missing/);
	t.regex(problemsOf('')[0]!, /"title" is missing/);
	t.regex(problemsOf('title: [')[0]!, /march\.yaml:1:\d+.*not valid YAML/);
});

test('the library knows every file that ships, and each is whole in both languages', async t => {
	t.deepEqual([...shippedDrills].toSorted(), shippedNames);
	t.true(shippedNames.length >= 24);
	for (const name of shippedNames) {
		const scenario = readScenario(name);
		for (const text of [scenario.title, scenario.briefing, scenario.cause, scenario.lesson, ...scenario.wrong.map(({why}) => why)]) {
			t.true(text.en.length > 5 && text['pt-BR'].length > 5, name);
			t.not(text.en, text['pt-BR'], name);
			t.notRegex(`${text.en}${text['pt-BR']}`, /\p{Cc}/u, name);
		}

		for (const {action} of [...scenario.ideal, ...scenario.wrong]) {
			t.truthy(actionById(action), `${name}: ${action}`);
		}

		t.false(scenario.wrong.some(({action}) => scenario.ideal.some(step => step.action === action) && scenario.ideal.length === 1), `${name}: what is ideal is not wrong`);
	}

	const pages = new Set(shippedNames.map(name => readScenario(name).page));
	t.deepEqual([1, 2, 3, 4, 'rollback', 'dependency'].filter(page => !pages.has(page as never)), []);
	t.is((await allDrills(null)).scenarios.length, shippedNames.length);
});

test('a name is looked for among the team\'s files first; an unknown one has a nearest', async t => {
	t.like(await findDrill('api-stoped', null), {kind: 'unknown', nearest: 'api-stopped'});
	t.like(await findDrill('constructor', null), {kind: 'unknown'});
	t.like(await findDrill('./none.yaml', null), {kind: 'refused'});
	t.like(await findDrill('disk-full', '/no/such/directory'), {kind: 'found', file: null});
	const shipped = new URL('../../source/drills/', import.meta.url).pathname;
	t.like(await findDrill('disk-full', shipped), {kind: 'found', file: `${shipped}disk-full.yaml`});
	t.is(readdirSync(shipped).length, shippedNames.length);
});

test('the JSON Schema in the repository is the one that scenario files are checked by', t => {
	const stored: unknown = JSON.parse(readFileSync(new URL('../../mdc-console-drill.schema.json', import.meta.url), 'utf8'));
	t.deepEqual(stored, structuredClone(drillJsonSchema()) as unknown, 'run: node build/schema.js');
});
