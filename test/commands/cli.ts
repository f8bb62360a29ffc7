/** The built program without a terminal: exit codes, refusals, the launcher on another Node. Nothing hangs and nothing prints an escape code. */

import {spawn} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import type {ExecutionContext} from 'ava';

const root = fileURLToPath(new URL('../..', import.meta.url));
const {version} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {readonly version: string};

type Ran = {readonly code: number | null; readonly stdout: string; readonly stderr: string};

const temporary = (t: ExecutionContext): string => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-cli-'));
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	return directory;
};

type RunOptions = {readonly env?: Readonly<Record<string, string>>; readonly node?: string; readonly launcher?: string; readonly closeInput?: boolean};

/** Runs it with pipes, in an empty home and without an engine unless told otherwise. */
const run = async (t: ExecutionContext, parameters: readonly string[], options: RunOptions = {}): Promise<Ran> => {
	const home = temporary(t);
	const child = spawn(options.node ?? process.execPath, [options.launcher ?? path.join(root, 'bin/mdc-console.js'), ...parameters], {
		cwd: home,
		env: {PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color', DOCKER_HOST: `unix://${home}/none.sock`, ...options.env},
		stdio: ['pipe', 'pipe', 'pipe'],
	});
	let stdout = '';
	let stderr = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	if (options.closeInput === true) {
		child.stdin.end();
	}

	t.teardown(() => {
		child.kill('SIGKILL');
	});
	const code = await new Promise<number | null>(resolve => {
		child.on('close', resolve);
	});
	t.notRegex(stdout + stderr, /[\u001B\u009B]/, 'no escape codes into a pipe');
	return {code, stdout, stderr};
};

test('without a terminal the console and the drill say what to do instead, and exit 64', async t => {
	for (const parameters of [[], ['drill'], ['--read-only'], ['drill', '--seed', '3']]) {
		for (const closeInput of [true, false]) {
			const {code, stdout, stderr} = await run(t, parameters, {closeInput});
			t.is(code, 64);
			t.is(stdout, '');
			t.regex(stderr, /needs a terminal.*mdc-console status/);
		}
	}

	t.regex((await run(t, ['drill'], {env: {LANG: 'pt_BR.UTF-8'}})).stderr, /precisa de um terminal/);
});

test('--version and --help answer at once with 0', async t => {
	const told = await run(t, ['--version']);
	t.deepEqual(told, {code: 0, stdout: `${version}\n`, stderr: ''});
	const help = await run(t, ['--help']);
	t.is(help.code, 0);
	for (const word of ['drill', 'status', 'doctor', 'init', '--read-only', '--language', '64', '78']) {
		t.true(help.stdout.includes(word), word);
	}

	t.regex((await run(t, ['--help', '--language', 'pt-BR'])).stdout, /Console de incidentes/);
	t.is((await run(t, ['status', '--help'])).code, 0);
});

test('wrong usage is 64, names what is wrong, and points to the help', async t => {
	for (const [parameters, told] of [
		[['--nope'], /no option --nope/],
		[['status', '--nope'], /no option --nope/],
		[['nope'], /called nope/],
		[['status', 'extra', 'more'], /called extra, more/],
		[['--language', 'xx'], /xx does not fit --language/],
		[['drill', '--seed', 'x'], /x does not fit --seed/],
		[['status', '--config'], /--config <file> needs a value/],
		[['--language', 'pt-BR', '--nope'], /não existe a opção --nope/],
	] as const) {
		const {code, stdout, stderr} = await run(t, parameters);
		t.is(code, 64, parameters.join(' '));
		t.is(stdout, '');
		t.regex(stderr, told);
		t.regex(stderr, /mdc-console --help/);
	}
});

test('an argument full of control sequences reaches no terminal as such', async t => {
	const {code, stderr} = await run(t, ['--\u001B]0;title\u0007\u009B31m']);
	t.is(code, 64);
	t.regex(stderr, /no option --/);
});

test('status without an engine cannot tell: 2, with the remedy; its JSON says the same', async t => {
	const lines = await run(t, ['status']);
	t.is(lines.code, 2);
	t.regex(lines.stdout, /Cannot tell/);
	t.regex(lines.stdout, /none\.sock does not exist.*DOCKER_HOST/);
	const json = await run(t, ['status', '--json']);
	t.is(json.code, 2);
	const document = JSON.parse(json.stdout) as {readonly schemaVersion: number; readonly healthy: boolean | null; readonly engine: {readonly state: string}};
	t.is(document.schemaVersion, 1);
	t.is(document.healthy, null);
	t.is(document.engine.state, 'down');
});

test('a reader that closes early is no error of ours', async t => {
	const home = temporary(t);
	const child = spawn('sh', ['-c', `'${process.execPath}' '${path.join(root, 'bin/mdc-console.js')}' --help | true; '${process.execPath}' '${path.join(root, 'bin/mdc-console.js')}' status --json | head -1`], {
		env: {PATH: process.env['PATH'], HOME: home, XDG_STATE_HOME: home, LANG: 'C.UTF-8', DOCKER_HOST: `unix://${home}/none.sock`}, stdio: ['ignore', 'pipe', 'pipe'],
	});
	let stderr = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	t.is(await new Promise(resolve => {
		child.on('close', resolve);
	}), 0);
	t.is(stderr, '');
});

test('doctor without an engine says what is missing with its remedy, and exits 1 or 2', async t => {
	const {code, stdout} = await run(t, ['doctor']);
	t.true(code === 1 || code === 2, String(code));
	t.regex(stdout, /Engine +.*none\.sock does not exist/);
	t.regex(stdout, /DOCKER_HOST/);
	t.regex(stdout, /Terminal +.*not a terminal/);
	const document = JSON.parse((await run(t, ['doctor', '--json'])).stdout) as unknown;
	t.truthy(document);
});

test('a configuration that is wrong in five places is refused with 78, and all five are told with file, line and column', async t => {
	const file = path.join(temporary(t), 'mdc-console.yaml');
	writeFileSync(file, [
		'project: 12',
		'languge: en',
		'time-zone: Mars/Olympus',
		'incident:',
		'  open-after: soon',
		'pings:',
		'  - name: api',
		'    http: not a url',
		'',
	].join('\n'), {mode: 0o600});
	for (const parameters of [['status', '--config', file], ['status', '--json', '--config', file]]) {
		const {code, stdout, stderr} = await run(t, parameters);
		t.is(code, 78);
		t.is(stdout, '');
		for (const line of [1, 2, 3, 5, 8]) {
			t.regex(stderr, new RegExp(`mdc-console\\.yaml:${line}:\\d+`), `line ${line} of\n${stderr}`);
		}
	}

	t.is((await run(t, ['status', '--config', `${file}.none`])).code, 78);
});

const oldNode = '/usr/bin/node';
const majorOf = (): number => existsSync(oldNode) ? Number(/v(\d+)/.exec(readNodeVersion())?.[1] ?? 99) : 99;
const readNodeVersion = (): string => {
	try {
		return String(process.getBuiltinModule('node:child_process').execFileSync(oldNode, ['--version'], {encoding: 'utf8'}));
	} catch {
		// A file that is no working Node: the test is left out.
		return 'v99';
	}
};

const onOldNode = majorOf() < 24 ? test : test.skip;

/** The launcher alone, as a copy without what npm installs. */
const copied = (t: ExecutionContext): string => {
	const directory = temporary(t);
	cpSync(path.join(root, 'bin'), path.join(directory, 'bin'), {recursive: true});
	cpSync(path.join(root, 'package.json'), path.join(directory, 'package.json'));
	return directory;
};

onOldNode(`on a Node that is too old one sentence says what is needed, and it exits 69${majorOf() < 24 ? '' : ' — left out: no older Node in /usr/bin'}`, async t => {
	const launcher = path.join(copied(t), 'bin/mdc-console.js');
	const {code, stdout, stderr} = await run(t, ['drill'], {node: oldNode, launcher});
	t.is(code, 69);
	t.is(stdout, '');
	t.is(stderr.trim().split('\n').length, 1);
	t.regex(stderr, /needs Node 24/);
	t.regex((await run(t, [], {node: oldNode, launcher, env: {LANG: 'pt_BR.UTF-8'}})).stderr, /precisa do Node 24/);
});

onOldNode(`on a Node that is too old it hands over to the checkout's own${majorOf() < 24 ? '' : ' — left out: no older Node in /usr/bin'}`, async t => {
	const directory = copied(t);
	mkdirSync(path.join(directory, 'node_modules/node/bin'), {recursive: true});
	symlinkSync(process.execPath, path.join(directory, 'node_modules/node/bin/node'));
	symlinkSync(path.join(root, 'dist'), path.join(directory, 'dist'));
	const launcher = path.join(directory, 'bin/mdc-console.js');
	t.deepEqual(await run(t, ['--version'], {node: oldNode, launcher}), {code: 0, stdout: `${version}\n`, stderr: ''});
	t.is((await run(t, ['--nope'], {node: oldNode, launcher})).code, 64);
});

test('without a build the launcher says how to make one', async t => {
	const launcher = path.join(copied(t), 'bin/mdc-console.js');
	const {code, stderr} = await run(t, [], {launcher});
	t.is(code, 69);
	t.regex(stderr, /npm run build/);
});
