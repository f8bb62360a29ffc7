/** The other Compose generation, on a real engine: v2 where v2 made the stack, and what v1's stack costs where only v2 is left. */
import {execFileSync} from 'node:child_process';
import {chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {confirm, openRealConsole} from '../helpers/real-console.ts';
import {needs} from '../helpers/needs.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';

const real = needs('engine', 'compose', 'busybox', 'pty');
const cache = path.join(tmpdir(), 'mdc-compose-v2');
const work = mkdtempSync(path.join(tmpdir(), 'mdc-v2-'));
let shared: Promise<Stack> | null = null;
let plugin: string | null = null;
let whyNot = '';

test.before('the v2 plugin', t => {
	t.timeout(120_000);
	try {
		plugin = execFileSync(fileURLToPath(new URL('../helpers/compose-v2.sh', import.meta.url)), [cache], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 100_000}).trim();
	} catch (error) {
		whyNot = `Compose v2 cannot be had here: ${String((error as {stderr?: unknown}).stderr ?? error).slice(0, 300)}`;
	}
});

test.after.always('the stack is taken down', async () => {
	const stack = await shared?.catch(() => null);
	await stack?.close();
	rmSync(work, {recursive: true, force: true});
});

/** PATH with docker but without docker-compose, and a HOME whose docker has the plugin. */
const onlyV2 = (home: string): Readonly<Record<string, string>> => {
	const bin = path.join(work, 'bin');
	mkdirSync(bin, {recursive: true});
	for (const name of ['docker', 'bash', 'sh', 'flock', 'setsid', 'mkfifo', 'mv', 'rm', 'cat', 'env', 'sleep', 'timeout', 'date', 'head', 'tail', 'kill', 'ps', 'id', 'stat', 'mkdir', 'chmod', 'sync', 'dd', 'tr', 'cut', 'ls', 'busybox', 'stty', 'readlink', 'touch']) {
		try {
			symlinkSync(execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], {encoding: 'utf8'}).trim(), path.join(bin, name));
		} catch {
			// Already there from the test before, or not on this machine.
		}
	}

	mkdirSync(path.join(home, '.docker/cli-plugins'), {recursive: true});
	cpSync(plugin!, path.join(home, '.docker/cli-plugins/docker-compose'));
	chmodSync(path.join(home, '.docker/cli-plugins/docker-compose'), 0o755);
	return {HOME: home, PATH: bin};
};

const v1Stack = async (): Promise<Stack> => {
	shared ??= openStack({generation: 'v1'});
	return shared;
};

const leftOut = (t: ExecutionContext): boolean => {
	if (plugin === null) {
		t.log(`left out: ${whyNot}`);
		t.pass();
	}

	return plugin === null;
};

real('a stack of v1 where only v2 is left: the card is destructive, names what it would recreate, and wants the target typed', async t => {
	if (leftOut(t)) {
		return;
	}

	const stack = await v1Stack();
	await stack.stop('api');
	const before = await stack.containerId('db');
	const home = path.join(work, 'home1');
	const terminal = await openRealConsole(t, stack, {env: onlyV2(home)});
	await terminal.until(/api\s+exited 0/, 15_000);
	await terminal.press('U');
	const card = await terminal.until(/asks you to type api/, 30_000);
	t.regex(card, /docker compose up -d api/);
	t.regex(card, /DESTRUCTIVE/);
	t.regex(card, /made by Compose 1\.29/);
	t.regex(card, /\bdb\b/);
	await terminal.settled(500);
	await terminal.press('y');
	await terminal.until(/type api to confirm/, 5000);
	await terminal.press('d', 'b', 'enter');
	t.is(await stack.inspect('api', '{{.State.Running}}'), 'false');
	t.is(await stack.containerId('db'), before);
	await terminal.press('escape');
});

real('a stack that v2 made: the card says docker compose, and U and y bring the api back with it', async t => {
	if (leftOut(t)) {
		return;
	}

	const stack = await v1Stack();
	const home = path.join(work, 'home2');
	const environment = onlyV2(home);
	// The same files, made anew by v2; images are there.
	await stack.compose('down', '-t', '1');
	const images = ['api', 'nginx', 'db', 'redis'].map(service => `  ${service}: {image: ${stack.project}_${service}}`).join('\n');
	writeFileSync(path.join(stack.directory, 'docker-compose.override.yml'), `version: '3.8'\nservices:\n${images}\n`);
	t.true(readFileSync(path.join(stack.directory, 'docker-compose.yml'), 'utf8').includes('services:'));
	execFileSync('docker', ['compose', 'up', '-d', '--no-build'], {cwd: stack.directory, env: {...process.env, ...environment, PATH: process.env['PATH'], HOME: home}, stdio: 'ignore', timeout: 60_000});
	await stack.waitHealthy();
	await stack.docker('stop', '-t', '2', await stack.containerId('api'));
	const terminal = await openRealConsole(t, stack, {env: environment});
	await terminal.until(/api\s+exited 0/, 15_000);
	await confirm(terminal, 'U');
	const verdict = await terminal.until(/RECOVERED in/, 30_000);
	t.regex(verdict, /docker compose up -d api/);
});
