import {chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {initState, runInit} from '../../source/commands/init.ts';
import type {InitInput} from '../../source/commands/init.ts';
import {suggestPings} from '../../source/commands/init/suggest-pings.ts';
import {renderConfiguration} from '../../source/commands/init/render.ts';
import {createClock} from '../../source/adapters/clock.ts';
import {loadConfiguration, parseText} from '../../source/config.ts';
import type {ContainerFacts, Outcome, ProjectFacts, PublishedPort} from '../../source/core/ports.ts';
import {defaultPings, defaultSettings} from '../../source/core/settings.ts';
import {emptyText, ownText} from '../../source/core/text.ts';
import {plainDefinition} from '../helpers/facts.ts';

const uid = process.getuid!();

const temporary = async (t: ExecutionContext): Promise<string> => {
	const directory = await mkdtemp(join(tmpdir(), 'mdc-init-'));
	t.teardown(async () => rm(directory, {recursive: true, force: true}));
	return directory;
};

const port = (containerPort: number, hostPort: number | null, hostAddress: string | null = '0.0.0.0'): PublishedPort => ({containerPort, hostPort, hostAddress, protocol: 'tcp'});

const container = (service: string, image: string, ports: readonly PublishedPort[] = [], health = ''): ContainerFacts => ({
	id: service, name: `shop_${service}_1`, project: 'shop', service, number: 1, oneOff: false, image, imageId: 'sha256:1', state: 'running', health: 'none',
	healthOutput: emptyText, healthAtMs: null, healthFailingStreak: 0, healthCommand: ownText(health), createdAtMs: null, startedAtMs: null, finishedAtMs: null,
	exitCode: 0, oomKilled: false, error: emptyText, restarts: 0, pid: 1, tty: false, logDriver: 'json-file', ports, networks: [], memoryLimitBytes: null,
	cpuLimitCores: null, composeVersion: '1.29.2', configHash: null, directory: null, configFiles: [], ...plainDefinition,
});

const runbookStack = [
	container('api', 'shop_api', [port(5001, 5001), port(5001, 5001, '::')], 'curl -fsS -m 4 http://localhost:5001/api/health'),
	container('db', 'mdc-postgres:15', [port(5432, null, null)]),
	container('nginx', 'mdc-nginx:1.22', [port(80, 8080)], 'curl -fsS http://localhost/nginx-health'),
	container('redis', 'mdc-redis:7'),
];

const project = (directory: string | null, name = 'shop'): ProjectFacts =>
	({name, directory, configFiles: [], composeVersion: '1.29.2', services: [], containerCount: 4, runningCount: 4});

type Talk = {readonly input: InitInput; readonly said: string[]; readonly complained: string[]};

const talk = (projects: readonly ProjectFacts[], more: Partial<InitInput> = {}, containers: readonly ContainerFacts[] = runbookStack): Talk => {
	const said: string[] = [];
	const complained: string[] = [];
	return {
		said, complained,
		input: {
			settings: {project: null, directory: null}, language: 'en', path: null, force: false, timeZone: 'America/Sao_Paulo', schemaPath: null, uid,
			containers: {
				projects: async () => ({ok: true, value: projects}),
				containers: async () => ({ok: true, value: containers}),
			},
			files: {composeFiles: async () => ({ok: false, failure: {code: 'not-found', detail: emptyText, params: {path: '/nowhere'}}})},
			out(line) {
				said.push(line);
			},
			err(line) {
				complained.push(line);
			},
			...more,
		},
	};
};

test('the file written from a running project loads without a problem and pings what runs', async t => {
	const directory = await temporary(t);
	for (const language of ['en', 'pt-BR'] as const) {
		const {input, said, complained} = talk([project(directory)], {language, force: true, schemaPath: '/usr/lib/node_modules/mdc-console/mdc-console.schema.json'});
		t.is(await runInit(input), 0);
		t.deepEqual(complained, []);
		t.is(said.length, 1);
		const path = join(directory, 'mdc-console.yaml');
		t.is((await stat(path)).mode & 0o7777, 0o644);
		t.snapshot((await readFile(path, 'utf8')).replaceAll(directory, '/opt/shop'), language);
		const loaded = await loadConfiguration({clock: createClock(), explicitPath: path, projectDirectory: directory, environment: {}, allowedOwners: [uid]});
		t.true(loaded.ok);
		t.like(loaded.ok && loaded.settings, {project: 'shop', directory});
		t.deepEqual(loaded.ok && loaded.settings.pings.map(({name, kind, address, via, decisive}) => [name, kind, address, via, decisive]), [
			['api', 'http', 'http://localhost:5001/api/health', 'address', true],
			['nginx', 'http', 'http://localhost:8080/api/health', 'address', true],
			['db', 'postgres', 'db:5432', 'container', false],
			['redis', 'redis', 'redis:6379', 'container', false],
		].toSorted(([left], [right]) => String(left).localeCompare(String(right))));
		t.deepEqual(await readdir(directory), ['mdc-console.yaml'], 'no temporary file is left');
	}
});

test('with every # before a key removed, the file says the defaults and still loads', async t => {
	for (const pings of [[], suggestPings(runbookStack, defaultPings)]) {
		const text = renderConfiguration('pt-BR', {project: null, directory: null, services: ['api'], pings, timeZone: null, schemaPath: null});
		const open = text.replaceAll(/^#(?! \S)/gm, '');
		t.true(open.includes('\nthresholds:\n'));
		const result = await parseText(open, '/opt/my-project/mdc-console.yaml');
		t.true(result.ok, JSON.stringify(!result.ok && result.problems));
		const {project: _project, directory: _directory, runbook: _runbook, timeZone: _zone, keys: _keys, pings: read, said: _said, ...rest} = (result as {settings: typeof defaultSettings}).settings;
		const {project: _1, directory: _2, runbook: _3, timeZone: _4, keys: _5, pings: _6, said: _7, ...usual} = defaultSettings;
		t.deepEqual(rest, usual);
		if (pings.length === 0) {
			t.deepEqual(read, defaultPings);
		}
	}
});

test('an existing file is left as it is without --force, and replaced whole with it', async t => {
	const directory = await temporary(t);
	const path = join(directory, 'mdc-console.yaml');
	await writeFile(path, 'mine\n');
	const first = talk([project(directory)]);
	t.is(await runInit(first.input), 1);
	t.regex(first.complained[0]!, /already exists.*--force/);
	t.is(await readFile(path, 'utf8'), 'mine\n');
	t.deepEqual(await readdir(directory), ['mdc-console.yaml']);
	t.is(await runInit(talk([project(directory)], {force: true}).input), 0);
	t.regex(await readFile(path, 'utf8'), /^project: shop$/m);
});

test('with --force a link stays and the file behind it is replaced', async t => {
	const directory = await temporary(t);
	await writeFile(join(directory, 'real.yaml'), 'mine\n');
	await symlink('real.yaml', join(directory, 'mdc-console.yaml'));
	t.is(await runInit(talk([project(directory)], {force: true}).input), 0);
	t.true((await lstat(join(directory, 'mdc-console.yaml'))).isSymbolicLink());
	t.regex(await readFile(join(directory, 'real.yaml'), 'utf8'), /^project: shop$/m);
});

test('a file that the console would refuse is said at once', async t => {
	const directory = await temporary(t);
	await chmod(directory, 0o777);
	const {input, complained} = talk([project(directory)]);
	t.is(await runInit(input), 0);
	t.regex(complained.join('\n'), /will refuse[^]*others than you[^]*chmod go-w/);
});

test('a missing directory, several projects, an unknown one and a silent engine each have their sentence and exit code', async t => {
	const gone = talk([project('/nowhere/at/all')]);
	t.is(await runInit(gone.input), 1);
	t.regex(gone.complained[0]!, /\/nowhere\/at\/all does not exist/);
	const several = talk([project('/a', 'a'), project('/b', 'b')]);
	t.is(await runInit(several.input), 64);
	t.regex(several.complained[0]!, /a, b.*--project/);
	const unknown = talk([project('/a', 'a')], {settings: {project: 'x', directory: null}});
	t.is(await runInit(unknown.input), 1);
	const failure: Outcome<never> = {ok: false, failure: {code: 'engine-denied', detail: emptyText, params: {socket: '/run/d.sock', group: 'docker', user: 'ana'}}};
	const denied = talk([], {containers: {projects: async () => failure, containers: async () => failure}});
	t.is(await runInit(denied.input), 2);
	t.regex(denied.complained[0]!, /\/run\/d\.sock.*usermod -aG docker ana/);
});

test('without a project the file is printed with the defaults, or asks where to go', async t => {
	const nowhere = talk([]);
	t.is(await runInit(nowhere.input), 64);
	const printed = talk([], {path: '-'});
	t.is(await runInit(printed.input), 0);
	t.is(printed.said.length, 1);
	const result = await parseText(printed.said[0]!, '/x/mdc-console.yaml');
	t.deepEqual(result.ok && result.settings, defaultSettings);
});

test('with no container left the services come from the compose file', async t => {
	const directory = await temporary(t);
	const {input, complained} = talk([], {
		settings: {project: null, directory},
		files: {composeFiles: async () => ({ok: true, value: {name: 'shop', services: [{name: 'store', image: 'postgres:16', dependsOn: [], replicas: 1, profiles: []}, {name: 'api', image: null, dependsOn: [], replicas: 1, profiles: []}, {name: 'worker', image: null, dependsOn: [], replicas: 1, profiles: []}]}})},
	});
	t.is(await runInit(input), 0);
	t.is(complained.length, 1);
	const loaded = await loadConfiguration({clock: createClock(), explicitPath: join(directory, 'mdc-console.yaml'), projectDirectory: directory, environment: {}, allowedOwners: [uid]});
	t.deepEqual(loaded.ok && loaded.settings.pings.map(({name, kind, via}) => [name, kind, via]), [['store', 'postgres', 'container'], ['api', 'http', 'published']]);
	t.regex(await readFile(join(directory, 'mdc-console.yaml'), 'utf8'), /# Without a ping.*: worker$/m);
});

test('pings follow image, ports and health check; a guessed path is never decisive', t => {
	const brief = (...services: readonly ContainerFacts[]) => suggestPings(services, defaultPings).map(({name, kind, address, via, decisive}) => `${name} ${kind} ${address} ${via}${decisive ? ' decisive' : ''}`);
	t.deepEqual(brief(container('shop', 'shop', [port(8000, 8000)])), ['shop http http://localhost:8000/ address']);
	t.deepEqual(brief(container('shop', 'shop', [port(7777, 7000, '10.0.0.5')], 'wget -q http://127.0.0.1:7777/up || exit 1')), ['shop http http://10.0.0.5:7000/up address decisive']);
	t.deepEqual(brief(container('shop', 'shop', [port(8000, 49_153)])), ['shop http http://localhost:8000/ published']);
	t.deepEqual(brief(container('shop', 'shop', [port(8000, null)], 'curl http://localhost:8000/health')), ['shop http http://shop:8000/health container decisive']);
	t.deepEqual(brief(container('metrics', 'prom/postgres-exporter:1', [port(9187, 9187)])), ['metrics tcp localhost:9187 address']);
	t.deepEqual(brief(container('cache', 'valkey/valkey:8@sha256:abc')), ['cache redis cache:6379 container']);
	t.deepEqual(brief(container('mq', 'rabbitmq', [port(5672, 5672), port(15_672, 15_672, '::1')])), ['mq-5672 tcp localhost:5672 address', 'mq-15672 tcp [::1]:15672 address']);
	t.deepEqual(brief(container('worker', 'shop')), []);
});

test('services whose names YAML would take for something else are quoted', async t => {
	const directory = await temporary(t);
	const {input} = talk([project(directory)], {}, ['true', 'null', '1e3', '0x10'].map(name => container(name, 'postgres')));
	t.is(await runInit(input), 0);
	const loaded = await loadConfiguration({clock: createClock(), explicitPath: join(directory, 'mdc-console.yaml'), projectDirectory: directory, environment: {}, allowedOwners: [uid]});
	t.deepEqual(loaded.ok && loaded.settings.pings.map(({service}) => service), ['0x10', '1e3', 'null', 'true']);
});

const stateTalk = () => {
	const lines: string[] = [];
	const say = (line: string): void => {
		lines.push(line);
	};

	return {lines, base: {group: 'daemon', language: 'en' as const, uid, out: say, err: say}};
};

test('without root, init --state says the command to run and makes nothing', async t => {
	const directory = join(await temporary(t), 'state');
	const {lines, base} = stateTalk();
	t.is(await initState({...base, directory, uid: 1000}), 1);
	t.regex(lines[0]!, /sudo mdc-console init --state/);
	await t.throwsAsync(lstat(directory));
});

const asRoot = uid === 0 ? test : test.skip;

asRoot('init --state makes 2770 root:group, does nothing the second time, and repairs what was changed (needs root)', async t => {
	const directory = join(await temporary(t), 'state');
	const {lines, base} = stateTalk();
	t.is(await initState({...base, directory}), 0);
	const made = await stat(directory);
	t.is(made.mode & 0o7777, 0o2770);
	t.is(made.uid, 0);
	t.not(made.gid, 0);
	t.is(await initState({...base, directory}), 0);
	await chmod(directory, 0o777);
	await chown(directory, 4242, 4242);
	t.is(await initState({...base, directory}), 0);
	t.like(await stat(directory), {uid: 0, gid: made.gid});
	t.is((await stat(directory)).mode & 0o7777, 0o2770);
	t.regex(lines.join('\n'), /^Made: [^]*already as it should be[^]*Repaired: .* was 0777, 4242:4242/);
});

asRoot('init --state makes the place of running changes too, and has it made at every boot (needs root)', async t => {
	const base = await temporary(t);
	const {lines, base: input} = stateTalk();
	await mkdir(join(base, 'tmpfiles.d'));
	t.is(await initState({...input, directory: join(base, 'state'), runtimeDirectory: join(base, 'run'), tmpfilesDirectory: join(base, 'tmpfiles.d')}), 0, lines.join('\n'));
	t.is((await stat(join(base, 'run'))).mode & 0o7777, 0o2770);
	t.is((await readFile(join(base, 'tmpfiles.d', 'mdc-console.conf'), 'utf8')).split('\n')[1], `d ${join(base, 'run')} 2770 root daemon -`);
	t.is(await initState({...input, directory: join(base, 'state'), runtimeDirectory: join(base, 'run'), tmpfilesDirectory: join(base, 'absent')}), 0);
});

asRoot('init --state refuses a link, a file, a stranger\'s full directory and an unknown group (needs root)', async t => {
	const base = await temporary(t);
	const {lines, base: input} = stateTalk();
	await mkdir(join(base, 'real'));
	await symlink(join(base, 'real'), join(base, 'link'));
	t.is(await initState({...input, directory: join(base, 'link')}), 1);
	t.regex(lines.at(-1)!, /symbolic link/);
	t.is((await stat(join(base, 'real'))).mode & 0o7777, 0o755);
	await writeFile(join(base, 'file'), '');
	t.is(await initState({...input, directory: join(base, 'file')}), 1);
	t.regex(lines.at(-1)!, /not a directory/);
	await writeFile(join(base, 'real/journal.db'), '');
	await chown(join(base, 'real'), 4242, 4242);
	t.is(await initState({...input, directory: join(base, 'real')}), 1);
	t.regex(lines.at(-1)!, /uid 4242 and is not empty/);
	t.is(await initState({...input, directory: join(base, 'new'), group: 'no-such-group-here'}), 1);
	t.regex(lines.at(-1)!, /no group no-such-group-here/);
	t.is(await initState({...input, directory: join(base, 'a/b/c')}), 1);
});
