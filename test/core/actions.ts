import test from 'ava';
import {actionById, cardAction, compareHashes, hasHiddenCharacters, locksConflict, resolveAction, unsetVariables, type Action} from '../../source/core/actions.ts';
import {blankVariables, filledVariables} from '../../source/core/compose-config.ts';
import {respell, scriptOf, shownScript, stepIn, stepsOf} from '../../source/core/action-words.ts';
import {composeFor, isAnswered, keepTools} from '../../source/core/compose-tools.ts';
import type {ComposeTools, SilentTool} from '../../source/core/ports.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import {makeSafe} from '../../source/core/text.ts';
import {opened, project, stack} from '../helpers/facts.ts';

const v1: ComposeTools = {v1: '1.29.2', v2: null};
const v2: ComposeTools = {v1: null, v2: {version: '2.26.1', words: ['docker', 'compose']}};
const both: ComposeTools = {v1: '1.29.2', v2: v2.v2};

const resolved = (id: string, tools: ComposeTools | null, composeVersion: string | null = '1.29.2', containers = stack()) => {
	const console = opened(undefined, containers).send({type: 'project/found', facts: {...project, composeVersion}, candidates: []});
	return resolveAction(actionById(id)!, {situation: console.state.situation, settings: defaultSettings, tools, drift: {state: 'known', services: []}, readOnly: false, running: []});
};

for (const [made, tools, script, risk, code] of [
	['1.29.2', v1, 'docker-compose up -d api', 'change', undefined],
	['1.29.2', both, 'docker-compose up -d api', 'change', undefined],
	['1.29.2', v2, 'docker compose up -d api', 'destructive', 'other-compose'],
	['2.26.1', v2, 'docker compose up -d api', 'change', undefined],
	['2.26.1', both, 'docker compose up -d api', 'change', undefined],
	['2.26.1', v1, 'docker-compose up -d api', 'destructive', 'other-compose'],
	[null, both, 'docker compose up -d api', 'change', undefined],
] as const) {
	test(`a stack made by compose ${made ?? 'nothing yet'} with v1 ${tools.v1 === null ? 'absent' : 'there'} and v2 ${tools.v2 === null ? 'absent' : 'there'} is started by "${script}", ${risk}`, t => {
		const action = resolved('start-api', tools, made);
		t.is(action.script, script);
		t.is(action.risk, risk);
		t.is(action.troubles.find(trouble => trouble.code === 'other-compose')?.code, code);
	});
}

const silent = (tool: SilentTool['tool']): SilentTool => ({tool, failure: {code: 'timed-out', detail: makeSafe('')}});
const [ownSilent, pluginSilent] = [silent('docker-compose'), silent('docker compose')];
const v2Alone = {version: '2.20.0', words: ['docker-compose']};

for (const [made, tools, words, awaited] of [
	['1.29.2', {...v1, silent: [pluginSilent]}, 'docker-compose', null],
	['1.29.2', {...v2, silent: [ownSilent]}, null, 'docker-compose'],
	['1.29.2', {v1: null, v2: null, silent: [pluginSilent]}, null, 'docker compose'],
	['1.29.2', {v1: null, v2: v2Alone, silent: [pluginSilent]}, 'docker-compose', null],
	['2.26.1', {...v1, silent: [pluginSilent]}, null, 'docker compose'],
	['2.26.1', {...v2, silent: [ownSilent]}, 'docker compose', null],
	['2.26.1', {v1: null, v2: null, silent: [ownSilent]}, null, 'docker-compose'],
	[null, {...v1, silent: [pluginSilent]}, null, 'docker compose'],
] as const) {
	test(`for a stack made by compose ${made ?? 'nothing yet'}, with ${tools.silent.map(({tool}) => tool).join()} silent and ${JSON.stringify({v1: tools.v1, v2: tools.v2?.words})}, ${words ?? 'nothing'} is called`, t => {
		const choice = composeFor(tools, made);
		t.deepEqual([choice.words?.join(' ') ?? null, choice.silent?.tool ?? null], [words, awaited]);
		const start = resolved('start-api', tools, made);
		t.deepEqual(start.troubles.filter(({code}) => code === 'compose-silent'), awaited === null ? [] : [{code: 'compose-silent', blocks: true, params: {tool: awaited, code: 'timed-out', detail: ''}}]);
		t.false(start.troubles.some(({code}) => code === 'no-compose'));
	});
}

test('what a tool said before holds on while it is silent, and no longer', t => {
	t.deepEqual(keepTools(v1, {v1: null, v2: null, silent: [ownSilent]}), {...v1, silent: [ownSilent]});
	t.deepEqual(keepTools(both, {...v1, silent: [pluginSilent]}), {...both, silent: [pluginSilent]});
	t.deepEqual(keepTools({v1: null, v2: v2Alone}, {v1: null, v2: null, silent: [ownSilent]}), {v1: null, v2: v2Alone, silent: [ownSilent]});
	t.deepEqual(keepTools({v1: null, v2: v2Alone}, {v1: null, v2: null, silent: [pluginSilent]}).v2, null);
	t.deepEqual(keepTools(both, {v1: null, v2: null}), {v1: null, v2: null});
	t.deepEqual(keepTools(null, {v1: null, v2: null, silent: [ownSilent]}).v1, null);
	t.deepEqual([null, v1, {...v1, silent: []}, {...v1, silent: [pluginSilent]}].map(tools => isAnswered(tools)), [false, true, true, false]);
});

test('restarting by the other generation recreates nothing and stays a change', t => {
	t.is(resolved('restart-api', v2).risk, 'change');
});

test('without compose, engine, project or directory the card is blocked with the reason', t => {
	t.true(resolved('start-api', {v1: null, v2: null}).troubles.some(({code, blocks}) => code === 'no-compose' && blocks));
	t.true(resolved('start-api', null).troubles.some(({code, blocks}) => code === 'still-looking' && blocks));
});

test('restarting a service that has no container is blocked, starting it is not', t => {
	const gone = stack().filter(({service}) => service !== 'api');
	t.true(resolved('restart-api', v1, '1.29.2', gone).troubles.some(({code, blocks}) => code === 'nothing-to-restart' && blocks));
	t.false(resolved('start-api', v1, '1.29.2', gone).troubles.some(({blocks}) => blocks));
});

test('a paused api is warned of, since up does nothing for it', t => {
	t.true(resolved('start-api', v1, '1.29.2', stack({api: {state: 'paused'}})).troubles.some(({code}) => code === 'paused-not-healed'));
});

test('the environment names project and files as the labels tell them', t => {
	t.deepEqual(resolved('start-api', v1).environment, {COMPOSE_PROJECT_NAME: 'mestres-do-cafe', COMPOSE_FILE: '/opt/mestres-do-cafe/docker-compose.yml'});
});

test('hashes that differ name what up would recreate, among the service and what it depends on', t => {
	const {situation} = opened().state;
	t.deepEqual(compareHashes('api hash-api\ndb other\nnginx other\nredis hash-redis\n', 'api', situation), ['db']);
	t.deepEqual(compareHashes('api other\n', 'api', situation), ['api']);
	t.deepEqual(compareHashes('', 'api', situation), []);
	t.deepEqual(compareHashes('api other\ndb other\n', 'api', situation, true), ['api']);
	t.deepEqual(compareHashes('api hash-api\ndb other\n', 'api', situation, true), []);
	t.deepEqual(compareHashes('api hash-api\ndb other\n', null, situation), ['db']);
});

test('hidden characters in a command are seen', t => {
	for (const hidden of ['\u001B', '\u202E', '\u200B', '\u0007', '\r']) {
		t.true(hasHiddenCharacters(`docker-compose up${hidden} -d api`));
	}

	t.false(hasHiddenCharacters('docker-compose up -d api\n'));
});

const v1Words = ['docker-compose'];
const v2Words = ['docker', 'compose'];

for (const [script, words, spelled] of [
	['docker-compose up -d api', v2Words, 'docker compose up -d api'],
	['docker compose up -d api', v1Words, 'docker-compose up -d api'],
	['cd /opt/x && docker-compose down redis', v2Words, 'cd /opt/x && docker compose down redis'],
	['sudo docker-compose ps', v2Words, 'sudo docker compose ps'],
	['FOO=1 docker-compose ps; docker-compose ps', v2Words, 'FOO=1 docker compose ps; docker compose ps'],
	['(docker compose ps) | grep api', v1Words, '(docker-compose ps) | grep api'],
	['echo docker-compose.yml; cat docker-compose.yml', v2Words, 'echo docker-compose.yml; cat docker-compose.yml'],
	['git log --grep docker-compose -1', v2Words, 'git log --grep docker-compose -1'],
	['docker-compose exec api flask db upgrade', v1Words, 'docker-compose exec -T api flask db upgrade'],
	['docker-compose exec -T api true', v1Words, 'docker-compose exec -T api true'],
	['docker-compose -f a.yml exec -u root api true', v1Words, 'docker-compose -f a.yml exec -T -u root api true'],
	['docker-compose exec -u root -T api true', v1Words, 'docker-compose exec -u root -T api true'],
	['docker-compose run --rm api true', v2Words, 'docker compose run -T --rm api true'],
	['if docker-compose ps; then docker-compose up -d; fi', v2Words, 'if docker compose ps; then docker compose up -d; fi'],
] as const) {
	test(`"${script}" is spelled "${spelled}" for ${words.join(' ')}`, t => {
		t.is(respell(script, words), spelled);
	});
}

test('the commands of a script are its steps; lines that belong together are one', t => {
	t.deepEqual(stepsOf('# why\ngit checkout x\n\n  docker-compose up -d\n'), ['git checkout x', 'docker-compose up -d']);
	for (const script of ['for x in a b\ndo echo $x\ndone', 'cat <<EOF\nx\nEOF', 'a \\\n  b', 'echo "one\ntwo"', 'true &&\nfalse', 'f() {\necho\n}']) {
		t.deepEqual(stepsOf(script), [script], script);
	}
});

test('each of several steps is announced, and what bash got is shown without the announcements', t => {
	const steps = ['git checkout "$COMMIT"', "echo 'it''s'"];
	const script = scriptOf(steps);
	t.regex(script, /^set -e\n/);
	t.is(shownScript(script), steps.join('\n'));
	t.regex(script, /\ntest -e "\$MDC_CONSOLE_STOP" && exit 125\necho '== \[2\/2\] /);
	t.deepEqual(stepIn('== [2/3] docker-compose up -d'), {number: 2, count: 3, text: 'docker-compose up -d'});
	t.is(stepIn('[2/3] x'), null);
	t.is(scriptOf(['one']), 'set -e\none\n');
});

test('a project-wide lock conflicts with every lock of the project, and with no other', t => {
	t.true(locksConflict('shop/*', 'shop/api') && locksConflict('shop/api', 'shop/*') && locksConflict('shop/*', 'shop/*') && locksConflict('shop/api', 'shop/api'));
	t.false(locksConflict('shop/*', 'shop2/api') || locksConflict('shop/db', 'shop/api') || locksConflict('shop/*', 'sho/*'));
});

const cardOf = (changes: Partial<Parameters<typeof cardAction>[0]> = {}): Action =>
	cardAction({id: 'card-1', title: 'A card', script: 'docker-compose exec api flask shell\ngit checkout "$COMMIT"', risk: 'change', service: null, ...changes});

const resolvedCard = (card: Action, values: Readonly<Record<string, string>> = {}, readOnly = false) => {
	const console = opened();
	return resolveAction(card, {situation: console.state.situation, settings: defaultSettings, tools: v1, drift: {state: 'unknown'}, readOnly, running: [], values});
};

test('a card is resolved to its steps, respelled, with its own title, lock and verification', t => {
	const card = resolvedCard(cardOf());
	t.deepEqual(card.steps, ['docker-compose exec -T api flask shell', 'git checkout "$COMMIT"']);
	t.true(card.respelled);
	t.is(card.lock, 'mestres-do-cafe/*');
	t.deepEqual(card.action.verification, {by: 'exit'});
	t.is(resolvedCard(cardOf({service: 'api'})).lock, 'mestres-do-cafe/api');
});

test('a value goes into the environment and never into the text, whatever it contains', t => {
	const question = {name: 'COMMIT', label: 'commit', initial: null, pattern: null};
	const missing = resolvedCard(cardOf({questions: [question]}));
	t.true(missing.troubles.some(({code, blocks}) => code === 'variable-missing' && blocks));
	for (const value of ['"; rm -rf /; "', '$(touch /tmp/x)', 'a\nb', '`id`', String.raw`\'x`]) {
		const card = resolvedCard(cardOf({questions: [question]}), {COMMIT: value, PATH: '/evil'});
		t.is(card.environment['COMMIT'], value);
		t.false('PATH' in card.environment);
		t.is(card.script, missing.script);
		t.false(card.troubles.some(({blocks}) => blocks), value);
	}

	const strict = cardOf({questions: [{...question, pattern: '[0-9a-f]{7,40}'}]});
	t.true(resolvedCard(strict, {COMMIT: 'abc1234\nx'}).troubles.some(({code}) => code === 'variable-refused'));
	t.false(resolvedCard(strict, {COMMIT: 'abc1234'}).troubles.some(({blocks}) => blocks));
});

test('a read runs in a read-only console, and asks for no verification', t => {
	const read = cardOf({risk: 'read', script: 'df -h'});
	t.false(resolvedCard(read, {}, true).troubles.some(({blocks}) => blocks));
	t.true(resolvedCard(cardOf(), {}, true).troubles.some(({code}) => code === 'read-only'));
	t.deepEqual(read.verification, {by: 'none'});
});

test('any service of the project can be started and restarted, and nothing else by that name', t => {
	t.is(actionById('restart-worker')!.original, 'docker-compose restart worker');
	for (const id of ['restart-', 'restart-a b', 'restart-$(id)', 'restart--x', 'stop-api']) {
		t.is(actionById(id), null, id);
	}

	t.true(resolved('restart-nothing', v1).troubles.some(({code}) => code === 'unknown-service'));
});

test('the variables that compose found unset are read from both generations\' warnings', t => {
	t.deepEqual(unsetVariables('The SECRET_KEY variable is not set. Defaulting to a blank string.\nWARNING: The A variable is not set.'), ['A', 'SECRET_KEY']);
	t.deepEqual(unsetVariables(String.raw`time="x" level=warning msg="The \"SECRET_KEY\" variable is not set. Defaulting to a blank string."`), ['SECRET_KEY']);
});

test('a container made with a value that is set nowhere now is not recreated with a blank; what was blank before may be so again', t => {
	const console = opened();
	const start = (services: readonly string[], blanked: readonly string[] | null) => resolveAction(actionById('start-api')!, {situation: console.state.situation, settings: defaultSettings, tools: v1, drift: {state: 'known', services, unset: ['SECRET_KEY'], blanked}, readOnly: false, running: []}).troubles;
	t.true(start(['api'], ['SECRET_KEY']).some(({code, blocks}) => code === 'variables-blanked' && blocks));
	t.false(start(['api'], []).some(({blocks}) => blocks));
	t.true(start(['api'], null).some(({code, blocks}) => code === 'variables-unset' && !blocks));
	t.deepEqual(start([], []).map(({code}) => code), []);
});

test('blank variables of a service are read from what either Compose writes', t => {
	const config = `services:
  api:
    build:
      context: /opt
    environment:
      A: ''
      B: ""
      C: null
      D: value
      E: '0'
      F:
    image: x
  db:
    environment:
      G: ''
x-other:
  api:
    environment:
      H: ''
`;
	t.deepEqual(blankVariables(config, 'api'), ['A', 'B', 'C', 'F']);
	t.deepEqual(blankVariables(config, 'db'), ['G']);
	t.deepEqual(blankVariables('', 'api'), []);
	t.deepEqual([...filledVariables('PATH=/bin\nEMPTY=\nSECRET=a=b\nodd line\n')], ['PATH', 'SECRET']);
});
