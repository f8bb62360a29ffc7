/** The rules of cards beyond `y`: questions, lists to choose from, looks, reads, what is kept before something goes, verdicts by exit code. */

import test from 'ava';
import {cardAction, type Action} from '../../source/core/actions.ts';
import type {GitFacts, RunRequest} from '../../source/core/ports.ts';
import type {Effect} from '../../source/core/state.ts';
import {resolvedNow} from '../../source/core/update-runs.ts';
import {makeSafe} from '../../source/core/text.ts';
import {drive, newState, opened, startMs} from '../helpers/facts.ts';

const effectsOf = <T extends Effect['type']>(effects: readonly Effect[], type: T): readonly Extract<Effect, {type: T}>[] => effects.filter((effect): effect is Extract<Effect, {type: T}> => effect.type === type);

const ready = (...parameters: Parameters<typeof opened>) => opened(...parameters).send({type: 'tools/found', tools: {v1: '1.29.2', v2: null}});

type Driven = ReturnType<typeof ready>;

/** As after a runbook was read that has these cards. */
const withCards = ({state}: Driven, ...cards: readonly Action[]): Driven => drive({...state, cards});

/** Lets the open card be painted and the moment pass that `y` waits for. */
const painted = (console: Driven, action: string): Driven => {
	console.send({type: 'card/painted', action, atMs: console.state.nowMs}, {type: 'clock/ticked', nowMs: console.state.nowMs + 1000});
	return console;
};

const git: GitFacts = {
	head: 'a'.repeat(40), branch: 'main', shallow: false, dirtyCount: 0, dirty: [], submodules: false, foreign: false,
	commits: ['a', 'b', 'c'].map(letter => ({hash: letter.repeat(40), subject: makeSafe(letter), author: makeSafe('Ana'), atMs: startMs, files: 1, migrations: []})),
};

const card = cardAction({
	id: 'runbook-2-a', title: 'Check out', script: 'git checkout "$COMMIT"\ndocker-compose exec api true', risk: 'change', service: 'api',
	questions: [{name: 'COMMIT', label: 'the commit before', initial: null, pattern: '[0-9a-f]{7,40}'}],
});

test('a card that needs an answer asks for it, refuses a wrong one, and runs with it in the environment only', t => {
	const console = withCards(ready(), card).send({type: 'card/asked', action: card.id, values: {}});
	painted(console, card.id).press('y');
	t.is(console.state.view.prompt?.purpose, 'card-value');
	console.press('x', 'enter');
	t.is(console.state.view.flash?.code, 'value-refused');
	t.is(console.state.view.prompt?.text, 'x');
	console.press('ctrl-u', ...'abc1234', 'enter');
	t.is(console.state.view.prompt, null);
	// The card is another one now: it must be painted before `y` counts.
	console.press('y');
	t.is(effectsOf(console.effects, 'run/claim').length, 0);
	painted(console, card.id).press('y');
	const [claim] = effectsOf(console.effects, 'run/claim');
	t.like(claim!.request, {action: card.id, title: 'Check out', lock: 'mestres-do-cafe/api', verification: {by: 'exit'}});
	t.is(claim!.request.environment['COMMIT'], 'abc1234');
	t.false(claim!.request.script.includes('abc1234'));
	t.true(claim!.request.script.includes('docker-compose exec -T api true'));
	const confirmed = console.state.pending.find(draft => draft.type === 'action/confirmed')!;
	t.like(confirmed.data, {title: 'Check out', values: {COMMIT: 'abc1234'}, original: card.original.replace('\n', '⏎')});
});

test('Enter on a card still runs nothing, and Esc in its prompt leaves the card', t => {
	const console = withCards(ready(), card).send({type: 'card/asked', action: card.id, values: {COMMIT: 'abc1234'}});
	painted(console, card.id).press('enter');
	console.press('v', 'escape');
	t.is(console.state.view.overlay?.kind, 'card');
	console.press('escape');
	t.is(console.state.view.overlay, null);
	t.is(effectsOf(console.effects, 'run/claim').length, 0);
});

test('a card that is gone from the runbook opens nothing', t => {
	const console = ready().send({type: 'card/asked', action: 'runbook-9-z', values: {}});
	t.is(console.state.view.overlay, null);
});

test('a card is verified by its exit code: done, or failed', t => {
	for (const [exitCode, verdict] of [[0, 'done'], [1, 'failed']] as const) {
		const console = withCards(ready(), card).send({type: 'card/asked', action: card.id, values: {COMMIT: 'abc1234'}});
		painted(console, card.id).press('y');
		const {request} = effectsOf(console.effects, 'run/claim')[0]!;
		console.send(
			{type: 'action/claimed', own: true, record: {request, state: 'running', startedAtMs: console.state.nowMs, outcome: null}},
			{type: 'run/ended', id: request.id, outcome: {exitCode, signal: null, cancelled: false, timedOut: false, startedAtMs: console.state.nowMs, endedAtMs: console.state.nowMs + 10, leftRunning: []}},
		);
		t.is(console.state.runs.at(-1)?.verdict, verdict);
		t.is(console.state.pending.find(draft => draft.type === 'action/verified')?.data['verdict'], verdict);
	}
});

test('a read runs without a claim, also in a locked console, and is journalled as a look', t => {
	const read = cardAction({id: 'look', title: 'Look', script: 'df -h', risk: 'read', service: null});
	const locked = withCards(opened(newState({readOnly: true})), read).send({type: 'card/asked', action: 'look', values: {}});
	painted(locked, 'look').press('y');
	const [effect] = effectsOf(locked.effects, 'run/read');
	t.is(effect?.request.script, 'df -h\n');
	t.is(effectsOf(locked.effects, 'run/claim').length, 0);
	locked.send({type: 'run/ended', id: effect!.request.id, outcome: {exitCode: 0, signal: null, cancelled: false, timedOut: false, startedAtMs: startMs, endedAtMs: startMs + 5, leftRunning: []}});
	t.like(locked.state.runs.at(-1), {phase: 'done', verdict: null, exitCode: 0});
	t.deepEqual(locked.state.pending.map(({type}) => type).filter(type => type.startsWith('action/')), ['action/read']);
});

test('K asks git, lists commits, and Enter shows the plan without running anything', t => {
	const console = ready().press('K');
	t.is(console.state.view.overlay?.kind, 'choice');
	t.deepEqual(effectsOf(console.last, 'git/look').map(({directory}) => directory), ['/opt/mestres-do-cafe']);
	console.send({type: 'git/looked', directory: '/opt/mestres-do-cafe', facts: git}).press('j', 'j', 'j', 'k', 'y', 'enter');
	t.like(console.state.view.overlay, {kind: 'card', action: 'rollback-commit', values: {COMMIT: 'b'.repeat(40)}});
	t.is(effectsOf(console.effects, 'run/claim').length, 0);
	console.send({type: 'compose/compared', action: 'rollback-commit', services: []});
	painted(console, 'rollback-commit').press('y');
	t.is(console.state.view.prompt?.purpose, 'confirm-target');
	console.press(...'mestres-do-cafe', 'enter');
	painted(console, 'rollback-commit').press('y');
	const [claim] = effectsOf(console.effects, 'run/claim');
	t.like(claim!.request, {lock: 'mestres-do-cafe/*', verification: {by: 'pings', service: null, strict: true}});
	t.like(console.state.pending.find(draft => draft.type === 'state/before')?.data, {action: 'rollback-commit', commit: git.head, branch: 'main'});
	const kept = console.state.pending.filter(draft => draft.type === 'container/kept');
	t.deepEqual(kept.map(({data}) => data['service']).toSorted(), ['api', 'db', 'nginx', 'redis']);
	t.false(JSON.stringify(kept).includes('environment'));
});

test('a git that failed is told in the list and runs nothing', t => {
	const console = ready().press('K').send({type: 'git/notLooked', directory: '/opt/mestres-do-cafe', failure: {code: 'not-found', detail: makeSafe(''), params: {tool: 'git'}}}).press('enter');
	t.is(console.state.view.overlay?.kind, 'choice');
	t.true(resolvedNow(console.state, 'rollback-commit').troubles.some(({code, blocks}) => code === 'git-failed' && blocks));
});

test('looks are asked once for a card, anew for other values, and answers of old values are dropped', t => {
	const console = ready().press('L');
	const first = effectsOf(console.effects, 'preview/look');
	t.is(first.length, 1);
	console.send({type: 'clock/ticked', nowMs: console.state.nowMs + 1000});
	t.is(effectsOf(console.effects, 'preview/look').length, 1);
	console.press('v', 'enter', 'v', 'enter', 'v', 'ctrl-u', '9', 'enter');
	const second = effectsOf(console.effects, 'preview/look').at(-1)!;
	t.true(second.looks[0]!.command.includes('+9'));
	console.send({type: 'preview/answered', action: 'delete-logs', key: first[0]!.key, answers: {files: {ok: true, text: '1\t1\t/var/log/a.log\n'}}});
	t.true(resolvedNow(console.state, 'delete-logs').troubles.some(({code}) => code === 'looking'));
	console.send({type: 'preview/answered', action: 'delete-logs', key: second.key, answers: {files: {ok: true, text: '1\t1\t/var/log/a.log\n'}, locked: {ok: true, text: ''}, sudo: {ok: false, detail: ''}}});
	t.is(resolvedNow(console.state, 'delete-logs').preview?.count, 1);
	console.press('escape');
	console.send({type: 'clock/ticked', nowMs: console.state.nowMs + 1000});
	t.is(effectsOf(console.effects, 'preview/stop').length, 0, 'nothing was being looked up');
});

test('a run of the whole project found running makes every other change of the project wait', t => {
	const request: RunRequest = {
		id: 'other', project: 'mestres-do-cafe', action: 'runbook-4-b', title: 'Their card', lock: 'mestres-do-cafe/*', script: 'set -e\necho \'== [1/2] a\'\na\necho \'== [2/2] b\'\nb\n', directory: '/opt', environment: {},
		verification: {by: 'exit'}, deadlineMs: 1000, hardLimitMs: 2000, actor: 'bia',
	};
	const console = ready().send({type: 'action/claimed', own: false, record: {request, state: 'running', startedAtMs: startMs, outcome: null}});
	t.like(console.state.runs.at(-1), {title: 'Their card', script: 'a\nb', service: '', verification: {by: 'exit'}});
	t.true(resolvedNow(console.state, 'restart-api').troubles.some(({code, params}) => code === 'already-running' && params['actor'] === 'bia'));
	console.send({type: 'run/ended', id: 'other', outcome: {exitCode: 2, signal: null, cancelled: false, timedOut: false, startedAtMs: startMs, endedAtMs: startMs + 5, leftRunning: []}});
	t.is(console.state.runs.at(-1)?.verdict, 'failed');
});

test('a card becomes the output of the same action when somebody else is found doing it', t => {
	const request: RunRequest = {id: 'other', project: 'mestres-do-cafe', action: 'restart-api', lock: 'mestres-do-cafe/api', script: 'set -e\ndocker-compose restart api\n', directory: '/opt', environment: {}, deadlineMs: 1000, hardLimitMs: 2000, actor: 'bia'};
	const console = ready().press('R').send({type: 'action/claimed', own: false, record: {request, state: 'running', startedAtMs: startMs, outcome: null}});
	t.like(console.state.view.overlay, {kind: 'run', id: 'other'});
	// Another card stays: it says itself what stands against it.
	const other = ready().press('U').send({type: 'action/claimed', own: false, record: {request, state: 'running', startedAtMs: startMs, outcome: null}});
	t.like(other.state.view.overlay, {kind: 'card', action: 'start-api'});
});

test('a run whose supervisor is gone while its command goes on is running, blocks its target, and C ends it; only its end is an end', t => {
	const request: RunRequest = {id: 'left', project: 'mestres-do-cafe', action: 'restart-api', lock: 'mestres-do-cafe/api', script: 'set -e\ndocker-compose restart api\n', directory: '/opt', environment: {}, deadlineMs: 1000, hardLimitMs: 2000, actor: 'bia'};
	const found = ready().press('R').send({type: 'action/claimed', own: false, record: {request, state: 'orphaned', startedAtMs: startMs, outcome: null}});
	t.like(found.state.view.overlay, {kind: 'run', id: 'left'});
	t.like(found.state.runs.at(-1), {phase: 'running', orphaned: true});
	t.true(resolvedNow(found.state, 'start-api').troubles.some(({code}) => code === 'already-running'));
	found.press('C').send({type: 'clock/ticked', nowMs: found.state.nowMs + 400});
	found.press('y');
	t.deepEqual(effectsOf(found.effects, 'run/cancel'), [{type: 'run/cancel', id: 'left', how: 'now'}]);
	found.send({type: 'run/ended', id: 'left', outcome: null});
	t.like(found.state.runs.at(-1), {phase: 'verifying', orphaned: false, lost: true});
	// It was followed already when its supervisor was killed.
	const followed = ready().send({type: 'action/claimed', own: true, record: {request, state: 'running', startedAtMs: startMs, outcome: null}}, {type: 'run/orphaned', id: 'left'});
	t.like(followed.state.runs.at(-1), {phase: 'running', orphaned: true});
	followed.send({type: 'run/ended', id: 'left', outcome: null}, {type: 'run/orphaned', id: 'left'});
	t.false(followed.state.runs.at(-1)?.orphaned);
});

const oldImage = `sha256:${'2'.repeat(64)}`;
const withHistory = ({state}: Driven): Driven => drive({...state, history: {...state.history, images: [{service: 'api', name: 'mdc-api', id: oldImage, atMs: 0}], before: {run: 'r', action: 'rollback-commit', atMs: startMs, branch: 'main', commit: git.head, images: [{service: 'api', name: 'mdc-api', id: oldImage, atMs: startMs}]}}});

/** The card of Z, or that of I with the image chosen. */
const wayBackCard = (action: 'rollback-back' | 'rollback-image'): Driven => {
	const console = withHistory(ready()).press(action === 'rollback-back' ? 'Z' : 'I');
	if (action === 'rollback-image') {
		const {key} = effectsOf(console.effects, 'preview/look')[0]!;
		console.send({type: 'preview/answered', action, key, answers: {images: {ok: true, text: `${oldImage}\t<none>\t<none>\t1MB\t2026-01-10 00:00:00 +0000 UTC\n`}}}).press('enter');
	}

	return console;
};

for (const [action, alone, service] of [['rollback-back', false, null], ['rollback-image', true, 'api']] as const) {
	test(`${action} asks compose what it would recreate before y counts; then one y runs it`, t => {
		const console = wayBackCard(action);
		t.like(effectsOf(console.effects, 'compose/compare'), [{action, alone, service}]);
		painted(console, action).press('y');
		t.is(console.state.view.flash?.code, 'blocked');
		console.send({type: 'compose/compared', action, services: ['api']}).press('y');
		t.is(effectsOf(console.effects, 'run/claim').length, 0, 'the card says more now, and is not painted yet');
		painted(console, action).press('y');
		t.is(effectsOf(console.effects, 'run/claim').length, 1);
	});

	test(`${action} is stopped by a blank, and asks for its target where another service would be recreated`, t => {
		const console = wayBackCard(action).send({type: 'compose/compared', action, services: ['api'], unset: ['SECRET_KEY'], blanked: ['SECRET_KEY']});
		painted(console, action).press('y');
		t.like(console.state.view.flash, {code: 'blocked', params: {trouble: 'variables-blanked'}});
		console.send({type: 'compose/compared', action, services: ['api', 'db']});
		painted(console, action).press('y');
		t.is(console.state.view.prompt?.purpose, 'confirm-target');
		t.is(effectsOf(console.effects, 'run/claim').length, 0);
	});
}

test('a card is blocked while compose is silent, says so, and goes on when it has answered', t => {
	const silent = {tool: 'docker-compose', failure: {code: 'timed-out', detail: makeSafe('')}} as const;
	const console = drive({...opened().state, tools: null}).send({type: 'tools/found', tools: {v1: null, v2: null, silent: [silent]}}).press('U');
	painted(console, 'start-api').press('y');
	t.like(console.state.view.flash, {code: 'blocked', params: {trouble: 'compose-silent', tool: 'docker-compose'}});
	t.is(effectsOf(console.effects, 'compose/compare').length, 0);
	console.send({type: 'tools/found', tools: {v1: '1.29.2', v2: null}});
	t.is(effectsOf(console.effects, 'compose/compare').length, 1);
	t.like(console.state.view.overlay, {kind: 'card', paintedAtMs: null});
	console.send({type: 'compose/compared', action: 'start-api', services: []});
	// An hour later it is silent: what it is, is known.
	painted(console, 'start-api').send({type: 'tools/found', tools: {v1: null, v2: null, silent: [silent]}}).press('y');
	t.is(effectsOf(console.effects, 'run/claim').length, 1);
});

test('compose is asked of more containers than there are, and not of fewer', t => {
	const asked = (replicas: string) => effectsOf(ready().send({type: 'card/asked', action: 'scale-api', values: {REPLICAS: replicas}}).effects, 'compose/compare');
	t.like(asked('2'), [{action: 'scale-api', alone: true, service: 'api'}]);
	t.deepEqual(asked('1'), []);
});
