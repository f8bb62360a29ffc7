import {spawnSync} from 'node:child_process';
import {chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createCommandsPort, type Commands, type CommandsOptions} from '../../source/adapters/commands.ts';
import {findComposeTools, versionInScript} from '../../source/adapters/commands/compose-tools.ts';
import {readStatus} from '../../source/adapters/commands/process.ts';
import {makeSafe} from '../../source/core/text.ts';
import type {CheckAnswer, Clock, ComposeTools, FailureCode, Outcome} from '../../source/core/ports.ts';
import {leftOutMark} from '../../build/abilities.js';
import {until} from '../helpers/until.ts';

const clock: Clock = {nowMs: () => Date.now(), monotonicMs: () => performance.now(), after: () => () => {/* not used here */}};
const systemPath = '/usr/local/bin:/usr/bin:/bin';

const port = (changes: Partial<CommandsOptions> = {}): Commands => createCommandsPort({
	clock, runtimeDirectories: [], dockerHost: () => 'unix:///run/elsewhere.sock', basePath: systemPath, home: '/root', user: 'tester', ...changes,
});

const temporary = async (t: ExecutionContext): Promise<string> => {
	const directory = await mkdtemp(join(tmpdir(), 'mdc-check-'));
	t.teardown(async () => rm(directory, {recursive: true, force: true}));
	return directory;
};

const valueOf = <T>(outcome: Outcome<T>): T => {
	if (!outcome.ok) {
		throw new Error(`${outcome.failure.code}: ${outcome.failure.detail}`);
	}

	return outcome.value;
};

const shell = async (script: string, deadlineMs = 10_000): Promise<CheckAnswer> => valueOf(await port().check(['bash', '-c', script], {deadlineMs}));

const isRunning = async (pid: number): Promise<boolean> => {
	const status = await readStatus(pid);
	return status !== null && status.state !== 'Z';
};

test('a read answers with exit code and both streams apart', async t => {
	const answer = await shell('echo out; printf "err\\e[31m red\\n" >&2; exit 3');
	t.like(answer, {exitCode: 3, stdout: 'out\n', stderr: 'err red', timedOut: false});
	t.true(answer.durationMs >= 0 && answer.durationMs < 10_000);
});

test('a read gets the clean environment, an empty standard input, and the words as they stand', async t => {
	process.env['DOCKER_CONTEXT'] = 'elsewhere';
	const answer = await shell('cat; echo "$DOCKER_HOST|${DOCKER_CONTEXT-none}|$PAGER|$HOME"');
	t.is(answer.stdout, 'unix:///run/elsewhere.sock|none|cat|/root\n');
	const odd = '$(touch pwned) `x` "\'';
	t.is(valueOf(await port().check(['printf', '%s', odd], {deadlineMs: 5000})).stdout, odd);
	const directory = await temporary(t);
	t.is(valueOf(await port().check(['pwd'], {deadlineMs: 5000, directory, environment: {X: '1'}})).stdout, `${directory}\n`);
});

test('a program that is not there, and an empty command, are failures', async t => {
	t.like(await port().check(['mdc-no-such-program'], {deadlineMs: 1000}), {ok: false, failure: {code: 'not-found'}});
	t.like(await port().check([], {deadlineMs: 1000}), {ok: false, failure: {code: 'malformed'}});
	t.like(await port().check(['true'], {deadlineMs: 1000, directory: '/no/such/place'}), {ok: false});
});

test('a program that the host cannot start is a failure', async t => {
	// Longer than the kernel takes one word: Node throws, as it does where no memory is left.
	t.like(await port().check(['true', 'x'.repeat(200_000)], {deadlineMs: 1000}), {ok: false, failure: {code: 'failed'}});
	t.is((await shell('echo there')).stdout, 'there\n');
});

test('a read is ended at its deadline, also when it ignores TERM', async t => {
	const began = performance.now();
	const answer = await shell('trap "" TERM; echo begun; sleep 30; echo never', 300);
	t.like(answer, {exitCode: null, stdout: 'begun\n', timedOut: true});
	t.true(performance.now() - began < 5000);
});

test('no child is left behind: not in the background, not in another group, not in another session', async t => {
	const began = performance.now();
	const {stdout, exitCode, timedOut} = await shell('sleep 71 & echo $!; timeout 72 sleep 72 & echo $!; setsid sleep 73 & echo $!; sleep 0.1');
	t.is(exitCode, 0);
	t.false(timedOut);
	t.true(performance.now() - began < 5000);
	const pids = stdout.trim().split('\n').map(Number);
	t.is(pids.length, 3);
	for (const pid of pids) {
		await until(async () => !await isRunning(pid), {deadlineMs: 3000});
	}

	t.pass();
});

test('children of a read that passed its deadline go with it', async t => {
	const directory = await temporary(t);
	const answer = valueOf(await port().check(['bash', '-c', '(trap "" TERM; sleep 74) & echo $! > a; setsid sleep 75 & echo $! > b; wait'], {directory, deadlineMs: 500}));
	t.true(answer.timedOut);
	for (const name of ['a', 'b']) {
		const pid = Number(await readFile(join(directory, name), 'utf8'));
		await until(async () => !await isRunning(pid), {deadlineMs: 3000});
	}

	t.pass();
});

test('output is kept up to 1 MB and the writer is ended', async t => {
	const answer = await shell('yes 0123456789');
	t.is(answer.stdout.length, 1_048_576);
	t.is(answer.exitCode, null);
	t.false(answer.timedOut);
});

/** A PATH with `docker` and `docker-compose` made of shell scripts that count how often they are run. */
const tools = async (t: ExecutionContext, files: Readonly<Record<string, string>>, composeDeadlineMs = 10_000): Promise<{readonly directory: string; readonly find: () => Promise<ComposeTools>; readonly calls: () => Promise<string>}> => {
	const directory = await temporary(t);
	await mkdir(join(directory, 'bin'));
	await mkdir(join(directory, 'plugins'));
	for (const [name, text] of Object.entries(files)) {
		await writeFile(join(directory, name), text.replaceAll('DIRECTORY', directory));
		await chmod(join(directory, name), 0o755);
	}

	for (const name of ['bash', 'grep']) {
		await symlink(`/usr/bin/${name}`, join(directory, 'bin', name));
	}

	const made = port({basePath: join(directory, 'bin'), home: join(directory, 'home'), pluginDirectories: [join(directory, 'plugins')], composeDeadlineMs});
	return {
		directory,
		find: async () => made.composeTools(),
		calls: async () => readFile(join(directory, 'calls'), 'utf8').catch(() => ''),
	};
};

const answering = (answer: string): string => `#!/usr/bin/bash\necho "$0 $*" >> DIRECTORY/calls\n${answer}\n`;
const pythonScript = '#!/usr/bin/python3\n# EASY-INSTALL-ENTRY-SCRIPT: \'docker-compose==1.29.2\',\'console_scripts\',\'docker-compose\'\nimport re\n';

test('docker-compose v1 is known by its script, without being run', async t => {
	const {find, calls} = await tools(t, {'bin/docker-compose': pythonScript, 'bin/docker': answering('exit 1')});
	t.deepEqual(await find(), {v1: '1.29.2', v2: null, silent: []});
	t.is(await calls(), '');
});

test('a script or program that does not tell is asked: once by all who want to know at the same time, and anew by who asks later', async t => {
	const {directory, find, calls} = await tools(t, {'bin/docker-compose': answering('echo 1.25.0')});
	const asked = async (): Promise<number> => (await calls()).split('\n').filter(line => line.endsWith('docker-compose version --short')).length;
	t.deepEqual(await Promise.all([find(), find()]), [{v1: '1.25.0', v2: null, silent: []}, {v1: '1.25.0', v2: null, silent: []}]);
	t.is(await asked(), 1);
	// Updated while the console runs.
	await writeFile(join(directory, 'bin/docker-compose'), answering('echo 2.20.0').replaceAll('DIRECTORY', directory));
	t.deepEqual(await find(), {v1: null, v2: {version: '2.20.0', words: ['docker-compose']}, silent: []});
	t.is(await asked(), 2);
});

const hangingOnce = (answer: string): string => answering(`if [ ! -e DIRECTORY/asked ]; then : > DIRECTORY/asked; exec /usr/bin/sleep 60; fi\n${answer}`);

test('a tool that hangs is neither absent nor kept so: the next call asks it again', async t => {
	const own = await tools(t, {'bin/docker-compose': hangingOnce('echo 1.25.0')}, 1500);
	t.like(await own.find(), {v1: null, v2: null, silent: [{tool: 'docker-compose', failure: {code: 'timed-out'}}]});
	t.deepEqual(await own.find(), {v1: '1.25.0', v2: null, silent: []});
	const plugin = await tools(t, {'bin/docker': hangingOnce('echo 2.26.1'), 'plugins/docker-compose': '', 'bin/docker-compose': pythonScript}, 1500);
	t.like(await plugin.find(), {v1: '1.29.2', v2: null, silent: [{tool: 'docker compose', failure: {code: 'timed-out'}}]});
	t.deepEqual(await plugin.find(), {v1: '1.29.2', v2: {version: '2.26.1', words: ['docker', 'compose']}, silent: []});
});

test('a tool that could not be started just now, or was killed, is silent; one that is gone, not ours or broken is absent', async t => {
	const {directory} = await tools(t, {'bin/docker-compose': answering('echo 2.20.0')});
	const found = async (answer: Outcome<CheckAnswer>) => findComposeTools({basePath: join(directory, 'bin'), home: directory, pluginDirectories: [], check: async () => answer});
	const failed = (code: FailureCode): Outcome<CheckAnswer> => ({ok: false, failure: {code, detail: makeSafe('spawn EAGAIN')}});
	const ended = (exitCode: number | null): Outcome<CheckAnswer> => ({ok: true, value: {exitCode, stdout: '', stderr: makeSafe(''), timedOut: false, durationMs: 1}});
	for (const [answer, code] of [[failed('failed'), 'failed'], [ended(null), 'failed'], [failed('not-found'), null], [failed('denied'), null], [ended(1), null], [ended(0), null]] as const) {
		const {v1, v2, silent} = await found(answer);
		t.deepEqual([v1, v2], [null, null]);
		t.deepEqual((silent ?? []).map(({tool, failure}) => [tool, failure.code]), code === null ? [] : [['docker-compose', code]]);
	}
});

test('the plugin is asked through docker; docker-compose that is v2 is its stand-in', async t => {
	const both = await tools(t, {'bin/docker': answering('[ "$1 $2 $3" = "compose version --short" ] && echo v2.26.1-4'), 'plugins/docker-compose': '', 'bin/docker-compose': pythonScript});
	t.deepEqual(await both.find(), {v1: '1.29.2', v2: {version: '2.26.1-4', words: ['docker', 'compose']}, silent: []});
	const standalone = await tools(t, {'bin/docker-compose': answering('echo 2.20.0')});
	t.deepEqual(await standalone.find(), {v1: null, v2: {version: '2.20.0', words: ['docker-compose']}, silent: []});
});

test('without a plugin docker is not run; a tool that answers with a failure counts as absent', async t => {
	const none = await tools(t, {'bin/docker': answering('echo 2.0.0')});
	t.deepEqual(await none.find(), {v1: null, v2: null, silent: []});
	t.is(await none.calls(), '');
	const broken = await tools(t, {'bin/docker-compose': answering('echo broken >&2; exit 1')});
	t.deepEqual(await broken.find(), {v1: null, v2: null, silent: []});
});

test('only a python script\'s own version line counts', t => {
	t.is(versionInScript(pythonScript), '1.29.2');
	t.is(versionInScript('#!/bin/sh\n# docker-compose==1.29.2\n'), null);
	t.is(versionInScript('#!/usr/bin/python3\nimport re\n'), null);
	t.is(versionInScript('\u007FELF docker-compose==1.29.2'), null);
});

// The real plugin, where `test/helpers/compose-v2.sh DIRECTORY` has put it and MDC_COMPOSE_V2 names that directory.
const real = process.env['MDC_COMPOSE_V2'];
(real ? test : test.skip)(`the real plugin answers through docker${real ? '' : `${leftOutMark}MDC_COMPOSE_V2 names no directory with the plugin`}`, async t => {
	const home = await temporary(t);
	await symlink(real!, join(home, '.docker'));
	t.is(spawnSync('test', ['-x', join(home, '.docker/cli-plugins/docker-compose')]).status, 0);
	const found = await port({home}).composeTools();
	t.regex(found.v2!.version, /^2\./);
	t.deepEqual(found.v2!.words, ['docker', 'compose']);
});
