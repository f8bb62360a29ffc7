import test from 'ava';
import {actionById, compareHashes, hasHiddenCharacters, resolveAction} from '../../source/core/actions.ts';
import type {ComposeTools} from '../../source/core/ports.ts';
import {defaultSettings} from '../../source/core/settings.ts';
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
});

test('hidden characters in a command are seen', t => {
	for (const hidden of ['\u001B', '\u202E', '\u200B', '\u0007', '\r']) {
		t.true(hasHiddenCharacters(`docker-compose up${hidden} -d api`));
	}

	t.false(hasHiddenCharacters('docker-compose up -d api\n'));
});
