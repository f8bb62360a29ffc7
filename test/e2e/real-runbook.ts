/** The original page on a real engine, with no attribute added: its scenarios are resolved from their pages, its checks answer, its text is kept with the incident. */

import {fileURLToPath} from 'node:url';
import test from 'ava';
import {configure, openRealConsole, readJournals} from '../helpers/real-console.ts';
import {needs} from '../helpers/needs.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';
import type {Terminal} from '../helpers/terminal.ts';

const real = needs('engine', 'compose', 'busybox', 'pty');
const original = fileURLToPath(new URL('../fixtures/runbooks/api-down.md', import.meta.url));
let shared: Promise<Stack> | null = null;

const healthyStack = async (): Promise<Stack> => {
	shared ??= openStack();
	const stack = await shared;
	configure(stack, `verify: {deadline: 20s, slow: 10s}\nincident: {open-after: 3s, watch: 10s}\nrunbook: ${original}\n`);
	await stack.compose('up', '-d', '--no-build');
	await stack.waitHealthy();
	return stack;
};

test.after.always('the stack is taken down', async () => {
	const stack = await shared?.catch(() => null);
	await stack?.close();
});

/** A page may still be on its way from the disk when its digit is pressed. */
const openPage = async (terminal: Terminal, digit: string, title: RegExp): Promise<void> => {
	for (let turn = 0; turn < 30; turn++) {
		await terminal.press(digit);
		if (await terminal.until(title, 1500).then(() => true, () => false)) {
			return;
		}
	}

	await terminal.until(title, 1500);
};

/** `y`, alone and a while after the card stands still. */
const confirmOpen = async (terminal: Terminal): Promise<void> => {
	await terminal.until(/ y +runs it/, 30_000);
	await new Promise(resolve => {
		setTimeout(resolve, 900);
	});
	await terminal.press('y');
};

real('scenario 1 of the page as it stands: why it stopped, the start, recovered; the text lies with the incident', async t => {
	const stack = await healthyStack();
	await stack.stop('api');
	const terminal = await openRealConsole(t, stack);
	await terminal.until(/[✖○] api(?: |\s)+exited/, 20_000);
	await terminal.until(/CRITICAL/, 30_000);
	await openPage(terminal, '1', /▸ Scenario 1 · Container Parado/);
	await terminal.press('a');
	await terminal.until(/▸ Log · api/, 20_000);
	await openPage(terminal, '1', /▸ Scenario 1 · Container Parado/);
	await terminal.press('b');
	await terminal.until(/runs +docker-compose up -d api/, 20_000);
	await confirmOpen(terminal);
	await terminal.until(/RECOVERED/, 60_000);
	const frozen = readJournals(terminal.home).filter(entry => entry.type === 'runbook/frozen');
	t.is(frozen.length, 1);
	t.true((frozen[0]!.data['lines'] as readonly string[]).includes('### Cenário 1: Container Parado'));
});

real('the page\'s checks answer on the real stack, and scenario 4 restarts nginx', async t => {
	const stack = await healthyStack();
	const terminal = await openRealConsole(t, stack);
	await terminal.until(/● api\s+up/, 20_000);
	await openPage(terminal, '2', /▸ Scenario 2 · Erro de Inicialização/);
	await terminal.press('b');
	await terminal.until(/\.env/, 20_000);
	await terminal.press('escape');
	await openPage(terminal, '4', /▸ Scenario 4 · Problema de Rede/);
	await terminal.press('f');
	await terminal.until(/runs +docker-compose restart nginx/, 20_000);
	await confirmOpen(terminal);
	await terminal.until(/RECOVERED/, 60_000);
	t.pass();
});
