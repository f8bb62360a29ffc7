/** The debrief as a function of the drill's journal: times, escalation, attempts, evidence, what was not used, and the drills before. */

import test from 'ava';
import {compareDebriefs, debriefOf, type Debrief, type DebriefSource} from '../../source/core/debrief.ts';
import type {DrillScenario} from '../../source/core/drill.ts';
import type {Actor, Json, JournalEntry} from '../../source/core/ports.ts';
import {makeSafe} from '../../source/core/text.ts';
import {debriefDocument, debriefMarkdown, debriefSummary, type DebriefDocument} from '../../source/messages/debrief.ts';
import {createFormatter} from '../../source/messages/format.ts';

const debriefLines = ({title, verdict, sections}: DebriefDocument): readonly string[] => [title, verdict.text, ...sections.flatMap(({heading, rows}) => [heading, ...rows.map(({label, text}) => `${label} ${text}`)])];

const both = (text: string) => ({en: text, 'pt-BR': `${text} (pt)`});
const scenario: DrillScenario = {
	name: 'one', title: both('One'), briefing: both('Paged.'), page: 3, difficulty: 'hard', events: [{atMs: -180_000, type: 'deploy', deploy: {subject: 's', author: 'a', files: ['f'], migration: 'none'}}],
	expects: {finding: 'out-of-memory', service: 'api'}, ideal: [{action: 'rollback-commit', withinMs: 180_000}], wrong: [{action: 'restart-api', why: both('It leaks again.')}], cause: both('A leak.'), lesson: both('Go back.'), questions: [both('Who reads the memory graph?')],
};
const openedAtMs = 1_000_000;
const actor: Actor = {name: makeSafe('ana'), user: 'ana', sudoUser: null, host: 'h', tty: null, from: null};

const journal = (...rows: ReadonlyArray<readonly [seconds: number, type: string, data?: {readonly [key: string]: Json}]>): readonly JournalEntry[] => rows.map(([seconds, type, data = {}], index) =>
	({sequence: index + 1, atMs: openedAtMs + (seconds * 1000), monotonicMs: 0, bootId: '', actor, incident: 'INC-1', type, data}));

const whole = journal(
	[2, 'finding/raised', {code: 'answers-unhealthy', service: 'api', params: {status: 503}}],
	[5, 'incident/opened', {sinceMs: openedAtMs - 180_000, source: 'container', atLeast: false, alert: 'APIDown', severity: 'CRITICAL', by: 'condition'}],
	[10, 'finding/raised', {code: 'out-of-memory', service: 'api', params: {limitBytes: 268_435_456}}],
	[15, 'incident/acknowledged'],
	[20, 'action/confirmed', {run: 'r1', action: 'restart-api'}],
	[90, 'action/verified', {run: 'r1', action: 'restart-api', verdict: 'not-recovered', seconds: null}],
	[100, 'action/confirmed', {run: 'r2', action: 'rollback-commit'}],
	[140, 'action/verified', {run: 'r2', action: 'rollback-commit', verdict: 'recovered', seconds: 31.5}],
	[138, 'incident/mitigated'],
	[150, 'incident/resolved', {reason: ''}],
);

const of = (entries: readonly JournalEntry[], more: Partial<DebriefSource> = {}): Debrief =>
	debriefOf({scenario, seed: 7, speed: 1, observed: false, operator: 'ana', entries, openedAtMs, nowMs: openedAtMs + 400_000, keys: 12, looked: [{kind: 'card', atMs: openedAtMs + 19_000}, {kind: 'run', atMs: openedAtMs + 20_000}, {kind: 'finding', atMs: openedAtMs + 12_000}], escalateAfterMs: 600_000, ...more});

test('times count from the outage, actions and evidence from the console\'s opening', t => {
	const debrief = of(whole);
	t.is(debrief.outcome, 'resolved');
	t.deepEqual(debrief.times, {detectMs: 185_000, acknowledgeMs: 195_000, mitigateMs: 318_000, resolveMs: 330_000});
	t.is(debrief.downMs, 318_000);
	t.is(debrief.rightFindingMs, 10_000);
	t.is(debrief.firstActionMs, 20_000);
	t.is(debrief.healthyMs, 138_000);
	t.deepEqual(debrief.findings.map(({code, isRight}) => [code, isRight]), [['answers-unhealthy', false], ['out-of-memory', true]]);
	t.deepEqual(debrief.attempts.map(({action, kind, verdict, seconds}) => [action, kind, verdict, seconds]), [['restart-api', 'wrong', 'not-recovered', null], ['rollback-commit', 'ideal', 'recovered', 31.5]]);
	t.deepEqual(debrief.ideal, [{action: 'rollback-commit', withinMs: 180_000, tookMs: 100_000}]);
	t.deepEqual(debrief.unused, ['changes-unread', 'runbook-unread', 'no-note']);
});

test('a step of the path that had to be taken again was a detour the first time', t => {
	const twice = of([...whole.slice(0, 4), ...journal(
		[30, 'action/confirmed', {run: 'r0', action: 'rollback-commit'}],
		[90, 'action/verified', {run: 'r0', action: 'rollback-commit', verdict: 'not-recovered', seconds: null}],
	), ...whole.slice(6)].map((entry, index) => ({...entry, sequence: index + 1})));
	t.deepEqual(twice.attempts.map(({action, kind}) => [action, kind]), [['rollback-commit', 'other'], ['rollback-commit', 'ideal']]);
	t.is(twice.detours, 1);
	t.is(twice.ideal[0]?.tookMs, 100_000);
	t.true(twice.questions.some(({code}) => code === 'taken-again'));
});

test('everything stands in one order, the time is told by what it went into, and what happened gives the questions', t => {
	const debrief = of(whole);
	t.deepEqual(debrief.moments.map(({code, sinceOpenMs}) => [code, sinceOpenMs / 1000]), [
		['outage', -180], ['came', 0], ['finding', 2], ['opened', 5], ['finding', 10], ['looked', 12], ['acknowledged', 15], ['attempt', 20], ['attempt', 100], ['mitigated', 138], ['resolved', 150],
	]);
	t.deepEqual(debrief.phases, [
		{code: 'before', forMs: 180_000}, {code: 'searching', forMs: 10_000}, {code: 'deciding', forMs: 10_000}, {code: 'detours', forMs: 80_000}, {code: 'curing', forMs: 38_000}, {code: 'watching', forMs: 12_000},
	]);
	t.deepEqual(debrief.questions.map(({code}) => code), ['wrong-action', 'longest', 'runbook']);
	const blind = of([...whole.slice(0, 2), whole[4]!, ...whole.slice(2, 4), ...whole.slice(5)].map((entry, index) => ({...entry, atMs: entry.type === 'action/confirmed' && entry.data['run'] === 'r1' ? openedAtMs + 3000 : entry.atMs, sequence: index + 1})));
	t.true(blind.questions.some(({code}) => code === 'misled'), 'it was acted upon what stood there first');
	const left = of(whole.slice(0, 6), {nowMs: openedAtMs + 1_000_000});
	t.deepEqual(left.questions.map(({code}) => code).slice(0, 3), ['wrong-action', 'left-down', 'missed-escalation']);
	t.is(left.phases.at(-1)?.code, 'down');
	t.deepEqual(of([]).phases, []);
});

test('an escalation is not due, in time, late or missed', t => {
	t.is(of(whole).escalation, 'not-due');
	const long = journal([5, 'incident/opened', {sinceMs: openedAtMs - 180_000, atLeast: false, by: 'condition'}]);
	t.is(of(long).escalation, 'not-due', 'the ten minutes are not over');
	t.is(of(long, {nowMs: openedAtMs + 900_000}).escalation, 'missed');
	const told = (seconds: number) => of([...long, ...journal([seconds, 'note/added', {text: 'ligado para o Tech Lead'}]).map(entry => ({...entry, sequence: 9}))], {nowMs: openedAtMs + 1_900_000}).escalation;
	t.is(told(440), 'in-time');
	t.is(told(900), 'late');
});

test('left while it is down, never opened, cancelled: each has its outcome', t => {
	t.is(of(whole.slice(0, 6)).outcome, 'down');
	t.is(of(whole.slice(0, 9)).outcome, 'watching');
	t.is(of([]).outcome, 'nothing');
	t.deepEqual(of([]).times, {detectMs: null, acknowledgeMs: null, mitigateMs: null, resolveMs: null});
	const cancelled = of([...whole.slice(0, 3), ...journal([30, 'incident/cancelled', {reason: 'false alarm'}]).map(entry => ({...entry, sequence: 20}))]);
	t.is(cancelled.outcome, 'cancelled');
	t.is(cancelled.downMs, null);
});

test('against the drills of the same scenario before, those that solved themselves aside', t => {
	const debrief = of(whole);
	t.deepEqual(compareDebriefs(debrief, []), {count: 0, bestMs: null, meanKeys: null, last: []});
	const earlier = [{...debrief, healthyMs: 60_000, keys: 8}, {...debrief, healthyMs: 90_000, keys: 10}, {...debrief, observed: true, healthyMs: 1000}, {...debrief, scenario: {...debrief.scenario, name: 'other'}, healthyMs: 2000}];
	const one = {atMs: openedAtMs, operator: 'ana', detours: 1};
	t.deepEqual(compareDebriefs(debrief, earlier), {count: 2, bestMs: 60_000, meanKeys: 9, last: [{...one, healthyMs: 90_000, keys: 10}, {...one, healthyMs: 60_000, keys: 8}]});
});

test('in both languages it says what was wrong and why, and Markdown cannot be broken out of', t => {
	const debrief = of(whole, {operator: 'ana|*x*\u001B[31m'});
	for (const [language, why, end] of [['en', 'It leaks again.', 'Resolved, after one action that did not belong here.'], ['pt-BR', 'It leaks again. (pt)', 'Resolvido, depois de uma ação que não cabia aqui.']] as const) {
		const document = debriefDocument(language, debrief, compareDebriefs(debrief, []), createFormatter(language, 'UTC'));
		const lines = debriefLines(document).join('\n');
		t.true(lines.includes(why));
		t.true(lines.includes(end));
		t.false(lines.includes('\u001B'));
		t.true(debriefSummary(language, debrief, createFormatter(language, 'UTC')).length <= 5);
		t.true(debriefMarkdown(document).includes(String.raw`ana\|\*x\*`));
	}

	t.regex(debriefLines(debriefDocument('en', of(journal(), {scenario: {...scenario, ideal: []}}), compareDebriefs(debrief, []), createFormatter('en', 'UTC'))).join('\n'), /nothing to change, and nothing was changed/);
});
