/**
What users install: the packed package, put into an empty prefix without a network, and the single executable. Both must start
without anything of this checkout beside them.
*/
import {execFile} from 'node:child_process';
import {chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, mkdirSync, cpSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {needs} from './helpers/needs.ts';
import {openTerminal} from './helpers/terminal.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const description = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {readonly version: string; readonly dependencies?: unknown; readonly devDependencies: Readonly<Record<string, string>>};

type Answer = {readonly exitCode: number; readonly stdout: string; readonly stderr: string};

const run = async (command: string, parameters: readonly string[], options: {readonly directory?: string; readonly env?: NodeJS.ProcessEnv} = {}): Promise<Answer> => new Promise(resolve => {
	execFile(command, [...parameters], {cwd: options.directory, env: options.env, timeout: 120_000, maxBuffer: 64 * 1024 * 1024}, (error, stdout, stderr) => {
		resolve({exitCode: error ? (typeof error.code === 'number' ? error.code : 125) : 0, stdout, stderr});
	});
});

const temporary = (t: ExecutionContext): string => {
	const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'mdc-packaging-')));
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	return directory;
};

/** Only Node and the system's own programs on the path, a home of its own, no network for npm. */
const bareEnvironment = (directory: string): NodeJS.ProcessEnv => ({
	PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, HOME: directory, LANG: 'C.UTF-8', TERM: 'dumb', npm_config_offline: 'true', npm_config_cache: path.join(directory, 'cache'),
	npm_config_update_notifier: 'false',
});

const outsideText = (text: string): void => {
	if (/\u001B/.test(text)) {
		throw new Error(`escape codes without a terminal: ${JSON.stringify(text.slice(0, 300))}`);
	}
};

const startsAndHelps = async (t: ExecutionContext, program: string, directory: string): Promise<void> => {
	const env = bareEnvironment(directory);
	const version = await run(program, ['--version'], {directory, env});
	t.deepEqual(version, {exitCode: 0, stdout: `${description.version}\n`, stderr: ''});
	const help = await run(program, ['--help'], {directory, env});
	t.is(help.exitCode, 0, help.stderr);
	t.regex(help.stdout, /mdc-console/);
	t.regex(help.stdout, /status/);
	outsideText(help.stdout);
};

test.serial('the packed package installs globally without a network and runs', async t => {
	t.timeout(180_000);
	const directory = temporary(t);
	const env = bareEnvironment(directory);
	// The built program is packed as it is: packing must not build over what other tests run.
	const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', directory], {directory: root, env});
	t.is(packed.exitCode, 0, packed.stderr);
	const tarball = readdirSync(directory).find(name => name.endsWith('.tgz'))!;
	const prefix = path.join(directory, 'prefix');
	const installed = await run('npm', ['install', '--global', '--prefix', prefix, '--offline', '--no-audit', '--no-fund', path.join(directory, tarball)], {directory, env});
	t.is(installed.exitCode, 0, installed.stderr);

	const home = path.join(prefix, 'lib/node_modules/mdc-console');
	t.false(existsSync(path.join(home, 'node_modules')), 'the package needs no other');
	t.deepEqual(readdirSync(home).filter(name => !['LICENSE', 'README.md', 'bin', 'dist', 'mdc-console.schema.json', 'mdc-console-drill.schema.json', 'package.json'].includes(name)), []);
	t.false(existsSync(path.join(home, 'dist/single')), 'the single executable is no part of the package');
	const notices = readFileSync(path.join(home, 'dist/LICENSES.txt'), 'utf8');
	for (const name of ['ink', 'react', 'dockerode', 'yoga-layout']) {
		t.regex(notices, new RegExp(`^${name} \\d`, 'm'));
	}

	await startsAndHelps(t, path.join(prefix, 'bin/mdc-console'), directory);
});

test('the package asks for no other package at run time, and every version is exact', t => {
	t.is(description.dependencies, undefined);
	t.deepEqual(Object.entries(description.devDependencies).filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)), []);
});

test.serial('the single executable runs where there is no Node', async t => {
	t.timeout(240_000);
	const directory = temporary(t);
	const built = await run(process.execPath, ['-e', `
		const {buildSingle} = await import(${JSON.stringify(path.join(root, 'build/single.js'))});
		await buildSingle({outputDirectory: ${JSON.stringify(path.join(directory, 'single'))}});
	`, '--input-type=module'], {directory: root, env: process.env});
	t.is(built.exitCode, 0, built.stderr);
	const empty = path.join(directory, 'empty');
	mkdirSync(empty);
	const program = path.join(directory, 'single/mdc-console');
	const env = {PATH: empty, HOME: directory, LANG: 'C.UTF-8'};
	t.deepEqual(await run(program, ['--version'], {directory, env}), {exitCode: 0, stdout: `${description.version}\n`, stderr: ''});
	const help = await run(program, ['--help'], {directory, env});
	t.is(help.exitCode, 0);
	t.is(help.stderr, '');
});

/** A launcher of its own with a program of one line, so that nothing of the real one is needed. */
const miniature = (t: ExecutionContext, program: string | null): string => {
	const directory = temporary(t);
	mkdirSync(path.join(directory, 'bin'));
	cpSync(path.join(root, 'bin/mdc-console.js'), path.join(directory, 'bin/mdc-console.js'));
	writeFileSync(path.join(directory, 'package.json'), '{"type": "module"}');
	if (program !== null) {
		mkdirSync(path.join(directory, 'dist'));
		writeFileSync(path.join(directory, 'dist/cli.js'), program);
	}

	return path.join(directory, 'bin/mdc-console.js');
};

test('the launcher sets production mode before the program and passes its exit code on', async t => {
	const launcher = miniature(t, 'console.log(process.env.NODE_ENV, process.argv.slice(2).join()); process.exitCode = 3;');
	t.deepEqual(await run(process.execPath, [launcher, 'a', '--b'], {env: {NODE_ENV: 'development'}}), {exitCode: 3, stdout: 'production a,--b\n', stderr: ''});
});

test('started by the shell, through a link, it is Node that runs, and no child inherits what was meant for it', async t => {
	const launcher = miniature(t, 'console.log(process.argv.slice(2).join(), process.env.MALLOC_TRIM_THRESHOLD_ ?? process.env.MALLOC_ARENA_MAX ?? "clean");');
	const link = path.join(path.dirname(launcher), 'mdc');
	symlinkSync(launcher, link);
	t.deepEqual(await run(link, ['a', 'b c'], {env: {PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`}}), {exitCode: 0, stdout: 'a,b c clean\n', stderr: ''});
});

test('the compiled program is kept in a cache of one\'s own, and not where others could put theirs', async t => {
	const launcher = miniature(t, 'console.log("ran");');
	const home = temporary(t);
	const cache = path.join(home, '.cache/mdc-console');
	chmodSync(home, 0o777);
	t.is((await run(process.execPath, [launcher], {env: {HOME: home}})).stdout, 'ran\n');
	t.false(existsSync(cache));
	chmodSync(home, 0o755);
	t.is((await run(process.execPath, [launcher], {env: {HOME: home}})).stdout, 'ran\n');
	t.true(readdirSync(cache).length > 0);
	chmodSync(cache, 0o777);
	const before = readdirSync(path.join(cache, readdirSync(cache)[0]!)).length;
	writeFileSync(path.join(path.dirname(launcher), '../dist/cli.js'), 'console.log("ran again");');
	t.is((await run(process.execPath, [launcher], {env: {HOME: home}})).stdout, 'ran again\n');
	t.is(readdirSync(path.join(cache, readdirSync(cache)[0]!)).length, before);
});

test('without a built program the launcher says how to build it, in the reader\'s language', async t => {
	const launcher = miniature(t, null);
	t.deepEqual(await run(process.execPath, [launcher], {env: {}}), {exitCode: 69, stdout: '', stderr: 'mdc-console: the program is not built yet: run `npm run build` first.\n'});
	const portuguese = await run(process.execPath, [launcher], {env: {LANG: 'pt_BR.UTF-8'}});
	t.regex(portuguese.stderr, /ainda não foi compilado/);
});

/** Pretends to be an older Node: a module that is loaded before the launcher. */
const older = (directory: string): readonly string[] => {
	const file = path.join(directory, 'older.mjs');
	writeFileSync(file, 'if (!process.env.HANDED_OVER) { process.env.HANDED_OVER = "1"; Object.defineProperty(process.versions, "node", {value: "20.1.0"}); Object.defineProperty(process, "version", {value: "v20.1.0"}); }');
	return ['--import', file];
};

test('on an older Node without another beside it the launcher says what it needs', async t => {
	const launcher = miniature(t, 'console.log("ran")');
	const answer = await run(process.execPath, [...older(path.dirname(launcher)), launcher], {env: {}});
	t.is(answer.exitCode, 69);
	t.is(answer.stdout, '');
	t.is(answer.stderr, 'mdc-console: needs Node 24 or newer, and this is v20.1.0; install it, or use the single executable.\n');
});

needs('pty')('on an older Node the launcher hands over to the development Node: terminal, signals and exit code are the program\'s', async t => {
	const launcher = miniature(t, `
		process.on('SIGTERM', () => { console.log('terminated'); process.exit(7); });
		setInterval(() => {}, 1000);
		console.log('major', process.versions.node.split('.')[0], process.stdout.isTTY, process.argv.slice(2).join());
	`);
	const bin = path.join(path.dirname(launcher), '../node_modules/node/bin');
	mkdirSync(bin, {recursive: true});
	symlinkSync(process.execPath, path.join(bin, 'node'));
	const terminal = await openTerminal(process.execPath, [...older(path.dirname(launcher)), launcher, 'drill'], {columns: 80, rows: 10});
	t.teardown(terminal.close);
	await terminal.until(`major ${process.versions.node.split('.')[0]} true drill`);
	terminal.kill('SIGTERM');
	t.is((await terminal.exited).exitCode, 7);
	await terminal.until('terminated');
});
