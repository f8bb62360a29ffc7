/** The read-only checks of the built program on a real stack, reached by name from the palette as an engineer would. */
import {writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {needs} from '../helpers/needs.ts';
import {openRealConsole} from '../helpers/real-console.ts';
import {openStack} from '../helpers/real-engine.ts';
import type {Terminal} from '../helpers/terminal.ts';
import {until} from '../helpers/until.ts';

const ask = async (terminal: Terminal, name: string, answer: RegExp): Promise<string> => {
	await terminal.press(':');
	await terminal.until('check:');
	for (const character of name) {
		await terminal.press(character);
	}

	await terminal.press('enter');
	await until(() => answer.test(terminal.screen()), {deadlineMs: 30_000, describe: () => `no ${String(answer)} of ${name}:\n${terminal.screen()}`});
	const screen = terminal.screen();
	await terminal.press('escape');
	await until(() => !/A check only looks/.test(terminal.screen()), {describe: () => terminal.screen()});
	return screen;
};

needs('engine', 'compose', 'busybox')('every check answers on a real stack, a stranger on the api\'s port is named, and no secret shows', async t => {
	const secret = 'moka-prensa-7f3kq';
	const stack = await openStack({env: {SECRET_KEY: secret}});
	t.teardown(stack.close);
	await stack.waitHealthy();
	mkdirSync(path.join(stack.directory, 'scripts'), {recursive: true});
	writeFileSync(path.join(stack.directory, 'scripts/health-check.sh'), `#!/bin/bash\ncat .env\necho all is well\n`);
	const terminal = await openRealConsole(t, stack);
	await until(() => /api\s+.*(?:up|healthy)/.test(terminal.screen()), {deadlineMs: 20_000, describe: () => terminal.screen()});

	t.regex(await ask(terminal, 'who listens', /holds port|Somebody listens/), /api holds port \d+, as it should|only be seen by root/);
	t.regex(await ask(terminal, 'check: processes', /api has/), /api has/);
	await ask(terminal, 'system log', /Kernel/);
	const environment = await ask(terminal, 'variables of', /In \.env/);
	t.regex(environment, /SECRET_KEY\s+17 characters/);
	await ask(terminal, 'Docker network', /All who should be on the network are: 4/);
	t.regex(await ask(terminal, 'from nginx', /nginx (?:reaches|does not reach) api|no program/), /nginx reaches api/);
	await ask(terminal, 'SELECT 1', /db answers a query/);
	const script = await ask(terminal, 'health-check', /The script says that all is well/);
	t.regex(script, /all is well/);
	t.false([environment, script, terminal.screen()].join('\n').includes(secret));

	await stack.stop('api');
	const port = Number(new URL(stack.apiUrl).port);
	const stranger = createServer().listen(port, '127.0.0.1');
	t.teardown(() => stranger.close());
	await until(() => /api\s+exited/.test(terminal.screen()), {deadlineMs: 20_000, describe: () => terminal.screen()});
	await terminal.press(':');
	await terminal.press(...'who listens');
	await terminal.press('enter');
	await until(() => /answered/.test(terminal.screen()), {describe: () => terminal.screen()});
	// Enter asks again: the answer from before is not taken for the present.
	await terminal.press('enter');
	await until(() => /A stranger holds port|may only be seen by root/.test(terminal.screen()), {deadlineMs: 20_000, describe: () => terminal.screen()});
	t.regex(terminal.screen(), new RegExp(`A stranger holds port ${port}: .*pid ${process.pid}|only be seen by root`));
});
