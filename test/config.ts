import {chmod, chown, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {execFile} from 'node:child_process';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {createClock} from '../source/adapters/clock.ts';
import {configurationPlaces, loadConfiguration} from '../source/config.ts';
import type {ConfigurationRequest, ConfigurationResult} from '../source/config.ts';
import {defaultSettings} from '../source/core/settings.ts';
import {configurationProblemLines} from '../source/messages/config.ts';

const run = promisify(execFile);
const uid = process.getuid!();

// Files can only be given to others by root.
const asRoot = uid === 0 ? test : test.skip;

const temporary = async (t: ExecutionContext): Promise<string> => {
	const directory = await mkdtemp(join(tmpdir(), 'mdc-config-'));
	t.teardown(async () => rm(directory, {recursive: true, force: true}));
	return directory;
};

const request = (directory: string, more: Partial<ConfigurationRequest> = {}): ConfigurationRequest => ({
	clock: createClock(), explicitPath: null, projectDirectory: join(directory, 'project'), environment: {XDG_CONFIG_HOME: join(directory, 'xdg'), HOME: join(directory, 'home')},
	etcDirectory: join(directory, 'etc'), allowedOwners: [uid], ...more,
});

const put = async (path: string, content: string | Uint8Array, mode = 0o644): Promise<string> => {
	await mkdir(join(path, '..'), {recursive: true, mode: 0o755});
	await writeFile(path, content);
	await chmod(path, mode);
	return path;
};

const codes = (result: ConfigurationResult): readonly string[] => result.problems.map(problem => problem.code);

test('without a file the settings are the defaults, and neither yaml nor zod is loaded', async t => {
	const directory = await temporary(t);
	const result = await loadConfiguration(request(directory));
	t.deepEqual(result, {ok: true, settings: defaultSettings, path: null, problems: [], hidden: []});

	const script = `
		const {registerHooks} = await import('node:module');
		const seen = [];
		registerHooks({resolve: (specifier, context, next) => { seen.push(specifier); return next(specifier, context); }});
		const {loadConfiguration} = await import(${JSON.stringify(new URL('../source/config.ts', import.meta.url).href)});
		const {createClock} = await import(${JSON.stringify(new URL('../source/adapters/clock.ts', import.meta.url).href)});
		await loadConfiguration({...${JSON.stringify(request(directory))}, clock: createClock()});
		console.log(JSON.stringify(seen.filter(name => /zod|yaml|schema|parse/.test(name))));`;
	const {stdout} = await run(process.execPath, ['--input-type=module', '-e', script]);
	t.is(stdout.trim(), '[]');
});

test('the project directory comes before the XDG directory, and that before /etc', async t => {
	const directory = await temporary(t);
	const places = configurationPlaces(request(directory));
	t.deepEqual(places, ['project', 'xdg/mdc-console', 'etc'].map(place => join(directory, place, 'mdc-console.yaml')));
	for (const [index, place] of [...places.entries()].toReversed()) {
		await put(place, `project: from-${index}\n`);
		const result = await loadConfiguration(request(directory));
		t.is(result.path, place);
		t.is(result.ok && result.settings.project, `from-${index}`);
	}
});

test('a relative XDG_CONFIG_HOME is ignored in favour of ~/.config', t => {
	const places = configurationPlaces({explicitPath: null, projectDirectory: null, environment: {XDG_CONFIG_HOME: 'x', HOME: '/home/ana'}});
	t.deepEqual(places, ['/home/ana/.config/mdc-console/mdc-console.yaml', '/etc/mdc-console/mdc-console.yaml']);
});

test('--config must exist, and is the only place looked at', async t => {
	const directory = await temporary(t);
	await put(join(directory, 'project/mdc-console.yaml'), 'project: other\n');
	const missing = await loadConfiguration(request(directory, {explicitPath: join(directory, 'none.yaml')}));
	t.deepEqual(codes(missing), ['missing']);
	const path = await put(join(directory, 'mine.yaml'), 'project: mine\n');
	const found = await loadConfiguration(request(directory, {explicitPath: path}));
	t.is(found.ok && found.settings.project, 'mine');
});

test('a file that others can write is refused, in both languages with the command that mends it', async t => {
	const directory = await temporary(t);
	const path = await put(join(directory, 'mdc-console.yaml'), 'project: mine\n', 0o646);
	const result = await loadConfiguration(request(directory, {explicitPath: path}));
	t.deepEqual(codes(result), ['writable-by-others']);
	t.true(configurationProblemLines('en', result.problems)[1]!.includes(`(mode 0646). chmod go-w ${path}`));
	t.true(configurationProblemLines('pt-BR', result.problems)[1]!.includes('outros além de você'));
});

asRoot('a group that can write counts as others, unless all its members are trusted (needs root)', async t => {
	const directory = await temporary(t);
	const path = await put(join(directory, 'mdc-console.yaml'), 'project: mine\n', 0o664);
	const {gid} = await lstat(path);
	t.is(gid, 0);
	t.true((await loadConfiguration(request(directory, {explicitPath: path}))).ok, 'group 0 is root\'s own');
	await chown(path, 4242, 4242);
	const passwd = await put(join(directory, 'passwd'), 'root:x:0:0::/root:/bin/sh\nana:x:4242:4242::/home/ana:/bin/sh\nbia:x:4243:4243::/home/bia:/bin/sh\n');
	const group = await put(join(directory, 'group'), 'ana:x:4242:\n');
	const asked = request(directory, {explicitPath: path, allowedOwners: [4242], accountFiles: {passwd, group}});
	t.true((await loadConfiguration(asked)).ok, 'the user\'s private group');
	await put(group, 'ana:x:4242:bia\n');
	t.deepEqual(codes(await loadConfiguration(asked)), ['writable-by-others']);
	await put(group, '');
	t.deepEqual(codes(await loadConfiguration(asked)), ['writable-by-others'], 'a group that nobody knows');
});

test('a directory that others can write is refused, a sticky one is not', async t => {
	const directory = await temporary(t);
	const path = await put(join(directory, 'open/mdc-console.yaml'), 'project: mine\n');
	await chmod(join(directory, 'open'), 0o777);
	const result = await loadConfiguration(request(directory, {explicitPath: path}));
	t.deepEqual(codes(result), ['directory-writable-by-others']);
	t.is(result.problems[0]!.params?.['place'], join(directory, 'open'));
	await chmod(join(directory, 'open'), 0o1777);
	t.true((await loadConfiguration(request(directory, {explicitPath: path}))).ok);
});

test('the target of a link is what is judged, with its directories', async t => {
	const directory = await temporary(t);
	const target = await put(join(directory, 'elsewhere/real.yaml'), 'project: mine\n', 0o666);
	await mkdir(join(directory, 'project'));
	await symlink(target, join(directory, 'project/mdc-console.yaml'));
	t.deepEqual(codes(await loadConfiguration(request(directory))), ['writable-by-others']);
	await chmod(target, 0o644);
	t.true((await loadConfiguration(request(directory))).ok);
	await chmod(join(directory, 'elsewhere'), 0o777);
	t.deepEqual(codes(await loadConfiguration(request(directory))), ['directory-writable-by-others']);
});

asRoot('a file of another owner is refused unless that is the project directory\'s owner (needs root)', async t => {
	const directory = await temporary(t);
	const path = await put(join(directory, 'project/mdc-console.yaml'), 'project: mine\n');
	await chown(path, 4242, 4242);
	t.deepEqual(codes(await loadConfiguration(request(directory))), ['owner']);
	await chown(join(directory, 'project'), 4242, 4242);
	t.true((await loadConfiguration(request(directory))).ok);
});

asRoot('a place that may not be entered is passed over and named; a file that may not be read is a problem (needs root)', async t => {
	const directory = await temporary(t);
	await chmod(directory, 0o755);
	await put(join(directory, 'project/mdc-console.yaml'), 'project: closed\n');
	await put(join(directory, 'etc/mdc-console.yaml'), 'project: open\n');
	await chmod(join(directory, 'project'), 0o700);
	const asStranger = async (): Promise<ConfigurationResult> => {
		// Imported first, since the stranger may not be able to read this checkout.
		const script = `
			const {loadConfiguration} = await import(${JSON.stringify(new URL('../source/config.ts', import.meta.url).href)});
			await import(${JSON.stringify(new URL('../source/config/parse.ts', import.meta.url).href)});
			const {createClock} = await import(${JSON.stringify(new URL('../source/adapters/clock.ts', import.meta.url).href)});
			process.setgroups([]); process.setgid(4242); process.setuid(4242);
			console.log(JSON.stringify(await loadConfiguration({...${JSON.stringify(request(directory, {allowedOwners: [4242]}))}, clock: createClock()})));`;
		return JSON.parse((await run(process.execPath, ['--input-type=module', '-e', script])).stdout) as ConfigurationResult;
	};

	const passed = await asStranger();
	t.like(passed, {ok: true, path: join(directory, 'etc/mdc-console.yaml'), hidden: [join(directory, 'project/mdc-console.yaml')]});
	await chmod(join(directory, 'etc/mdc-console.yaml'), 0o600);
	t.deepEqual(codes(await asStranger()), ['unreadable']);
});

test('what is no text is refused: directory, pipe, binary, too large, not UTF-8', async t => {
	const directory = await temporary(t);
	const load = async (path: string) => loadConfiguration(request(directory, {explicitPath: path}));
	t.deepEqual(codes(await load(directory)), ['not-a-file']);
	await run('mkfifo', ['-m', '0600', join(directory, 'pipe')]);
	t.deepEqual(codes(await load(join(directory, 'pipe'))), ['not-a-file']);
	t.deepEqual(codes(await load(await put(join(directory, 'binary'), new Uint8Array([0x7F, 0x45, 0, 1])))), ['binary']);
	t.deepEqual(codes(await load(await put(join(directory, 'large'), 'x'.repeat(1_048_577)))), ['too-large']);
	const latin = await load(await put(join(directory, 'latin'), Buffer.from('project: a\nalert: {name: "caf\u00E9"}\n', 'latin1')));
	t.like(latin.problems[0], {code: 'not-utf8', line: 2, column: 19});
});

test('an empty file, only comments, or a byte order mark are all fine', async t => {
	const directory = await temporary(t);
	for (const [name, content] of Object.entries({empty: '', comments: '# nothing\n', spaces: '\n\n  \n', separator: '---\n'})) {
		const result = await loadConfiguration(request(directory, {explicitPath: await put(join(directory, name), content)}));
		t.true(result.ok && result.path !== null, name);
		t.deepEqual(result.ok && result.settings, defaultSettings);
	}

	const marked = await loadConfiguration(request(directory, {explicitPath: await put(join(directory, 'bom'), '\uFEFFproject: mine\n')}));
	t.is(marked.ok && marked.settings.project, 'mine');
});

test('the JSON Schema in the repository is the one that the program checks by', async t => {
	const {configurationJsonSchema} = await import('../source/config/schema.ts');
	const stored: unknown = JSON.parse(await readFile(new URL('../mdc-console.schema.json', import.meta.url), 'utf8'));
	t.deepEqual(stored, structuredClone(configurationJsonSchema()) as unknown, 'run: node build/schema.js');
});
