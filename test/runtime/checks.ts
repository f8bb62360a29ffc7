import test from 'ava';
import {checkIds, readingOf, type CheckId, type CheckReadingCode} from '../../source/core/checks.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import {makeSafe} from '../../source/core/text.ts';
import {drillConsole} from '../helpers/drill-console.ts';

const answers = async (scenario: 'healthy' | 'api-down', id: CheckId, script?: string) => {
	const drill = drillConsole({scenario});
	if (script !== undefined) {
		Object.assign(drill.simulator, {inspection: {...drill.simulator.inspection, projectFile: async () => ({ok: true, value: script})}});
	}

	const console = drill.open();
	await drill.clock.advance(5000);
	const {state} = console.store;
	// Through the same door as the palette: the command that the name stands for.
	const before = state();
	console.store.dispatch({type: 'key/pressed', key: ':', alone: true, atMs: before.nowMs});
	console.store.dispatch({type: 'text/pasted', text: `check: ${names[id]}`, atMs: before.nowMs});
	console.store.dispatch({type: 'key/pressed', key: 'enter', alone: true, atMs: before.nowMs});
	await drill.clock.advance(8000);
	const check = state().checks[id];
	const reading = check?.facts === null || check === undefined ? null : readingOf(id, check.facts, state().situation, defaultSettings);
	await console.stop();
	return {check, reading, broken: drill.broken, state: state()};
};

const names: Readonly<Record<CheckId, string>> = {
	'who-listens': 'who listens', processes: 'processes', 'system-log': 'system log', environment: 'variables', database: 'database', 'proxy-config': 'nginx configuration', network: 'Docker network', 'reach-api': 'from nginx', 'health-script': 'health-check',
};

const expected: Readonly<Record<'healthy' | 'api-down', Readonly<Record<CheckId, CheckReadingCode>>>> = {
	healthy: {'who-listens': 'port-ours', processes: 'workers', 'system-log': 'log-quiet', environment: 'environment-complete', database: 'database-accepts', 'proxy-config': 'proxy-good', network: 'network-whole', 'reach-api': 'api-reached', 'health-script': 'script-good'},
	'api-down': {'who-listens': 'port-nobody', processes: 'no-processes', 'system-log': 'log-quiet', environment: 'environment-complete', database: 'database-accepts', 'proxy-config': 'proxy-needs-api', network: 'network-lacks', 'reach-api': 'api-not-reached', 'health-script': 'script-bad'},
};

for (const scenario of ['healthy', 'api-down'] as const) {
	for (const id of checkIds) {
		test(`${scenario}: ${id} says ${expected[scenario][id]}`, async t => {
			const {check, reading, broken} = await answers(scenario, id);
			t.deepEqual(broken, []);
			t.is(check?.state, 'answered', JSON.stringify(check));
			t.is(reading?.code, expected[scenario][id]);
		});
	}
}

test('a health script that does more than look is not run, and its words say why', async t => {
	const {check} = await answers('healthy', 'health-script', '#!/bin/bash\ndocker-compose ps\ndocker system prune -f\n');
	t.is(check?.state, 'blocked');
	t.deepEqual(check?.block, {code: 'changes-something', service: '', words: 'docker system prune -f'});
	// What cannot be told from the text is the team's own word for it.
	t.is((await answers('healthy', 'health-script', '#!/bin/bash\ncheck() { "$@"; }\ncheck docker-compose ps\n')).check?.state, 'answered');
});

test('the values of .env and the containers are learnt, and stand nowhere in the state', async t => {
	const drill = drillConsole({scenario: 'healthy'});
	const console = drill.open();
	await drill.clock.advance(5000);
	const state = console.store.state();
	t.false(state.secrets.redact(makeSafe('it was torra-media-2025 and drill-moka-prensa-francesa')).includes('torra'));
	t.false(JSON.stringify({...state, logBook: null, runBook: null}).includes('torra-media'));
	t.true(state.secrets.redact(makeSafe('user mestres_user on mestres_cafe')).includes('mestres_user on mestres_cafe'));
	await console.stop();
});
