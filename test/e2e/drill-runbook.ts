/** The runbook in the built program: a digit, a letter, a card, `y`, recovered; the reader; and the original page brought along by --runbook. */

import {execFileSync, spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {needs} from '../helpers/needs.ts';
import {launcher, openDrill} from '../helpers/drill-screen.ts';
import type {Terminal} from '../helpers/terminal.ts';

const inTerminal = needs('pty');
const original = fileURLToPath(new URL('../fixtures/runbooks/api-down.md', import.meta.url));

/** Right after the start the page may still be on its way from the disk; the console says so, and the key is pressed again. */
const openByKey = async (terminal: Terminal, key: string, shown: RegExp): Promise<void> => {
	for (let turn = 0; turn < 40; turn++) {
		await terminal.press(key);
		const isShown = await terminal.until(shown, 1000).then(() => true, () => false);
		if (isShown) {
			return;
		}
	}

	await terminal.until(shown, 1000);
};

inTerminal('digit, letter, y: the scenario is resolved from its page', async t => {
	const terminal = await openDrill(t, {env: {USER: 'ana'}, parameters: ['--runbook', original]});
	await terminal.until(/api is stopped/);
	await openByKey(terminal, '1', /▸ Scenario 1 · Container Parado[\s\S]*›a {2}Verificar por que parou/);
	await terminal.press('b');
	await terminal.until(/runs +docker-compose up -d api[\s\S]* y /);
	await new Promise(resolve => {
		setTimeout(resolve, 800);
	});
	await terminal.press('y');
	await terminal.until(/RECOVERED/, 60_000);
	t.pass();
});

inTerminal('the reader shows the whole page, searches it, and opens a card', async t => {
	const terminal = await openDrill(t, {env: {USER: 'ana'}, parameters: ['--runbook', original, '--language', 'pt-BR']});
	await openByKey(terminal, 'r', /▸ Runbook: API Down[\s\S]*há \d+ meses · versão 1\.0\.0[\s\S]*6 problemas/);
	await terminal.press('/');
	for (const character of 'contatos') {
		await terminal.press(character);
	}

	await terminal.press('enter');
	await terminal.until('PagerDuty +1-XXX-XXX-XXXX');
	await terminal.press('g', 'tab', 'tab', 'enter');
	await terminal.until(screen => !screen.includes('▸ Runbook'));
	t.true(terminal.alternateScreen());
});

test('the command line lists, shows and checks, with exit codes', t => {
	const run = (...parameters: readonly string[]) => spawnSync(process.execPath, [launcher, 'runbook', ...parameters], {encoding: 'utf8', env: {PATH: process.env['PATH'], LANG: 'C.UTF-8'}});
	const checked = run('check', original);
	t.is(checked.status, 1);
	t.regex(checked.stdout, /api-down\.md:129:1: warning: “down redis” restarts nothing.*docker-compose restart redis/);
	t.is(run('check', '/nowhere/none.md').status, 2);
	t.is(run('check', '--json', original).status, 1);
	t.is((JSON.parse(run('check', '--json', original).stdout) as ReadonlyArray<{problems: readonly unknown[]}>)[0]?.problems.length, 6);
	t.regex(run('show', '--language', 'pt-BR', original).stdout, /\[3] Cenário 3 · Falta de Recursos/);
	t.regex(run('list', fileURLToPath(new URL('../../source/runbooks', import.meta.url))).stdout, /api-down\.en\.md: Runbook: API down · APIDown · \d+ cards · in use/);
	t.is(run('check', '--nothing').status, 64);
	t.is(execFileSync(process.execPath, [launcher, 'runbook', 'show', '--json', original], {encoding: 'utf8', maxBuffer: 1e7}).includes('"rollback-commit"'), true);
});
