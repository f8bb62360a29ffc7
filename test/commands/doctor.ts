import {chmod, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import type {AddressInfo, Server} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {createDoctorProbes, runDoctor} from '../../source/commands/doctor.ts';
import type {DoctorInput, DoctorProbes} from '../../source/commands/doctor.ts';
import {parseText} from '../../source/config.ts';
import type {Clock, ContainerFacts, FailureCode, Outcome, ProjectFacts, PublishedPort} from '../../source/core/ports.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import {emptyText, ownText} from '../../source/core/text.ts';
import {failureSentence} from '../../source/messages/failures.ts';
import {plainDefinition} from '../helpers/facts.ts';
import {checkAlerts} from '../../source/commands/doctor/alert-checks.ts';
import {checkBackups} from '../../source/commands/doctor/backup-checks.ts';
import {checkHealthChecks} from '../../source/commands/doctor/engine-checks.ts';
import {createSimulator, simulatedAlerts} from '../../source/simulator/simulator.ts';
import {createFakeClock} from '../helpers/fake-clock.ts';
import {realClock} from '../helpers/real-clock.ts';
import {starvedClock} from '../helpers/starved-clock.ts';

const right = <Value>(value: Value): Outcome<Value> => ({ok: true, value});
const wrong = (code: FailureCode, params: Readonly<Record<string, string | number>> = {}, detail = ''): Outcome<never> => ({ok: false, failure: {code, params, detail: ownText(detail)}});

const port = (hostPort: number, hostAddress = '0.0.0.0'): PublishedPort => ({containerPort: 80, hostPort, hostAddress, protocol: 'tcp'});

const container = (service: string, ports: readonly PublishedPort[], state: ContainerFacts['state'] = 'running'): ContainerFacts => ({
	id: service, name: service, project: 'shop', service, number: 1, oneOff: false, image: 'x', imageId: 'x', state, health: 'none', healthOutput: emptyText, healthAtMs: null,
	healthFailingStreak: 0, healthCommand: ownText('curl -fsS http://localhost/health'), createdAtMs: null, startedAtMs: null, finishedAtMs: null, exitCode: 0, oomKilled: false, error: emptyText, restarts: 0, pid: 1,
	tty: false, logDriver: 'json-file', ports, networks: [], memoryLimitBytes: null, cpuLimitCores: null, composeVersion: '1.29.2', configHash: null, directory: null, configFiles: [], ...plainDefinition,
});

const project: ProjectFacts = {name: 'shop', directory: '/opt/shop', configFiles: ['/opt/shop/docker-compose.yml'], composeVersion: '1.29.2', services: ['api', 'db'], containerCount: 2, runningCount: 2};

const probes: DoctorProbes = {
	user: 'ana',
	isRoot: false,
	findProgram: async name => `/usr/bin/${name}`,
	look: async () => 'right',
	connect: async () => 'answers',
	terminal: () => ({isTerminal: true, term: 'xterm-256color', columns: 120, rows: 40, colours: 256, locale: 'pt_BR.UTF-8', isUtf8: true}),
	state: async () => ({shared: {path: '/var/lib/mdc-console', exists: true, silent: false, writable: true, group: 'docker'}, own: {path: '/home/ana/.local/state/mdc-console', writable: true}}),
	runtime: async () => right({path: '/run/mdc-console', shared: true, memoryBacked: true}),
	survivesLogout: async () => right({survives: true, remedy: null, removesFiles: false}),
	isClockSynchronised: async () => true,
};

const disk = {mount: '/', device: '/dev/sda1', type: 'ext4', totalBytes: 100 * 2 ** 30, availableBytes: 60 * 2 ** 30, usedBytes: 40 * 2 ** 30, inodes: 1000, inodesFree: 900, readOnly: false};

const healthy: Omit<DoctorInput, 'out'> = {
	language: 'en', json: false, ascii: false, colour: false, probes, settings: defaultSettings,
	clock: {
		after(delayMs, run) {
			const timer = setTimeout(run, delayMs);
			return () => {
				clearTimeout(timer);
			};
		},
	},
	containers: {
		engine: async () => right({version: '20.10.24', apiVersion: '1.41', host: 'unix:///var/run/docker.sock', cgroupVersion: 1, cgroupDriver: 'cgroupfs', rootDirectory: '/var/lib/docker', hostName: 'shop'}),
		projects: async () => right([project]),
		containers: async () => right([container('api', [port(5001), port(5001, '::')]), container('db', [])]),
	},
	composeTools: async () => ({v1: '1.29.2', v2: null}),
	files: {composeFiles: async () => right({name: null, services: [{name: 'api', image: null, dependsOn: [], replicas: 1, profiles: []}, {name: 'db', image: null, dependsOn: [], replicas: 1, profiles: []}]})},
	host: {disks: async () => right({atMs: 0, disks: [disk], silent: []})},
	configuration: {ok: true, settings: defaultSettings, path: '/etc/mdc-console/mdc-console.yaml', problems: [], hidden: []},
};

const consult = async (changes: Partial<DoctorInput> = {}): Promise<{readonly exitCode: number; readonly lines: readonly string[]; readonly text: string}> => {
	const lines: string[] = [];
	const exitCode = await runDoctor({...healthy, out: line => {
		lines.push(line);
	}, ...changes});
	return {exitCode, lines, text: lines.join('\n')};
};

const withProbes = (changes: Partial<DoctorProbes>): Partial<DoctorInput> => ({probes: {...probes, ...changes}});

test('on a server where nothing is missing every line is ticked and the exit code is 0', async t => {
	const {exitCode, lines} = await consult();
	t.is(exitCode, 0);
	t.snapshot(lines);
	t.true(lines.slice(0, -2).every(line => line.startsWith('✔')));
	const portuguese = await consult({language: 'pt-BR', ascii: true});
	t.snapshot(portuguese.lines, 'pt-BR, ASCII marks');
});

test('each way in which the engine does not answer has its remedy, leaves the rest checked, and exits with 2', async t => {
	for (const [code, params, remedy] of [
		['engine-missing', {socket: '/var/run/docker.sock'}, /systemctl start docker/],
		['engine-not-running', {socket: '/var/run/docker.sock'}, /systemctl start docker.*journalctl -u docker -n 50/],
		['engine-denied', {socket: '/var/run/docker.sock'}, /sudo usermod -aG docker ana, then log in again/],
		['engine-hung', {host: 'unix:///x', deadlineMs: 3000}, /within 3 s/],
		['engine-too-old', {apiVersion: '1.24', floor: '1.40'}, /API 1\.24, and at least 1\.40/],
		['engine-unsupported-host', {host: 'ssh://ana@shop', scheme: 'ssh'}, /export DOCKER_HOST=unix/],
	] as const) {
		const {exitCode, text, lines} = await consult({containers: {...healthy.containers, engine: async () => wrong(code, params)}});
		t.is(exitCode, 2, code);
		t.regex(text, remedy, code);
		t.true(lines.some(line => line.startsWith('✔ Disk')));
		t.is(lines.at(-1), 'Cannot tell: the engine does not answer.');
	}
});

test('what is missing is marked, says its remedy and makes the exit code 1', async t => {
	const cases: ReadonlyArray<readonly [RegExp, Partial<DoctorInput>]> = [
		[/✖ Project .*no Compose project/, {containers: {...healthy.containers, projects: async () => right([])}}],
		[/✖ Project .*other is configured.*here are: shop/, {settings: {...defaultSettings, project: 'other'}}],
		[/✖ Compose .*made by Compose 1\.29\.2, and only docker compose 2\.26\.1[^]*recreates containers.*docker-compose/, {composeTools: async () => ({v1: null, v2: {version: '2.26.1', words: ['docker', 'compose']}})}],
		[/✖ Compose .*docker compose is here and did not answer[^]*docker compose version/, {composeTools: async () => ({v1: null, v2: null, silent: [{tool: 'docker compose', failure: {code: 'timed-out', detail: emptyText}}]})}],
		[/✖ Compose .*neither/, {composeTools: async () => ({v1: null, v2: null})}],
		[/✖ Directory .*\/opt\/shop does not exist/, withProbes({look: async () => 'missing'})],
		[/✖ Directory .*ls -ld \/opt\/shop|may not be read/, withProbes({look: async () => 'denied'})],
		[/✖ Directory .*does not answer/, withProbes({look: async () => 'silent'})],
		[/✖ Compose file .*docker-compose\.yml: Not found[^]*docker-compose config -q/, {files: {composeFiles: async () => wrong('not-found', {path: '/opt/shop/docker-compose.yml'})}}],
		[/✖ Ports .*api refuses connections at 127\.0\.0\.1:5001/, withProbes({connect: async () => 'refused'})],
		[/✖ Ports .*nothing behind it answers/, withProbes({connect: async () => 'closes'})],
		[/✖ Programs|✖ Tools .*missing: setsid, flock\n.*apt install util-linux$/m, withProbes({findProgram: async name => name === 'setsid' || name === 'flock' ? null : name})],
		[/✖ State .*may not be written[^]*usermod -aG docker/, withProbes({state: async () => ({shared: {path: '/var/lib/mdc-console', exists: true, silent: false, writable: false, group: 'docker'}, own: {path: '/x', writable: true}})})],
		[/✖ Running changes .*can be written[^]*\/run\/a: not writable[^]*tmpfiles\.d/, withProbes({runtime: async () => wrong('denied', {path: '/run/a'}, '/run/a: not writable; /dev/shm/b: is a symbolic link')})],
		[/✖ Disk .*\/ 95% used, 5\.0 GiB free[^]*No prune/, {host: {disks: async () => right({atMs: 0, disks: [{...disk, usedBytes: 95 * 2 ** 30, availableBytes: 5 * 2 ** 30}], silent: []})}}],
		[/✖ .*98% of its inodes/, {host: {disks: async () => right({atMs: 0, disks: [{...disk, inodesFree: 20}], silent: []})}}],
		[/✖ Disk .*\/mnt\/nfs does not answer/, {host: {disks: async () => right({atMs: 0, disks: [], silent: ['/mnt/nfs']})}}],
		[/✖ Runbook .*\/opt\/shop\/x\.md cannot be used/, {settings: {...defaultSettings, runbook: '/opt/shop/x.md'}, ...withProbes({look: async (_path, kind) => kind === 'file' ? 'missing' : 'right'})}],
	];
	for (const [expected, changes] of cases) {
		const {exitCode, text} = await consult(changes);
		t.regex(text, expected);
		t.is(exitCode, 1, String(expected));
		t.regex(text, /things? (?:is|are) missing\.$/);
	}
});

test('what could be better is a warning with its remedy and leaves the exit code 0', async t => {
	const cases: ReadonlyArray<readonly [RegExp, Partial<DoctorInput>]> = [
		[/! Project .*several: shop, store[^]*--project NAME/, {containers: {...healthy.containers, projects: async () => right([project, {...project, name: 'store'}])}}],
		[/! .*not here: curl/, withProbes({findProgram: async name => name === 'curl' ? null : name})],
		[/! Terminal .*not a terminal/, withProbes({terminal: () => ({...probes.terminal(), isTerminal: false})})],
		[/! Terminal .*TERM is not set[^]*! .*60×20 is small[^]*! .*not UTF-8/, withProbes({terminal: () => ({isTerminal: true, term: '', columns: 60, rows: 20, colours: 2, locale: 'C', isUtf8: false})})],
		[/! State .*yours alone[^]*sudo mdc-console init --state/, withProbes({state: async () => ({shared: {path: '/var/lib/mdc-console', exists: false, silent: false, writable: false, group: ''}, own: {path: '/x', writable: true}})})],
		[/! Running changes .*yours alone/, withProbes({runtime: async () => right({path: '/dev/shm/m', shared: false, memoryBacked: true})})],
		[/! Logout .*KillUserProcesses[^]*enable-linger ana/, withProbes({survivesLogout: async () => right({survives: false, remedy: 'linger', removesFiles: false})})],
		[/! Clock .*not synchronised[^]*set-ntp true/, withProbes({isClockSynchronised: async () => false})],
		[/\? Clock .*cannot tell/, withProbes({isClockSynchronised: async () => null})],
		[/! Configuration .*cannot tell whether there is \/root\/app/, {configuration: {...healthy.configuration, hidden: ['/root/app/mdc-console.yaml']} as DoctorInput['configuration']}],
	];
	for (const [expected, changes] of cases) {
		const {exitCode, text} = await consult(changes);
		t.regex(text, expected);
		t.is(exitCode, 0, String(expected));
	}
});

test('the problems of the configuration stand below its line, each with its place', async t => {
	const parsed = await parseText('projekt: x\nlanguage: de\n', '/opt/shop/mdc-console.yaml');
	const configuration = {ok: false, path: '/opt/shop/mdc-console.yaml', problems: parsed.ok ? [] : parsed.problems, hidden: []} as const;
	const {exitCode, text} = await consult({configuration});
	t.is(exitCode, 1);
	t.regex(text, /✖ Configuration .*2 problems\n +\/opt\/shop\/mdc-console\.yaml:1:1: unknown key "projekt"[^\n]*\n +\/opt\/shop\/mdc-console\.yaml:2:11: /);
});

test('a check that never ends is told as such, and the others go on', async t => {
	const {exitCode, text} = await consult({...withProbes({isClockSynchronised: async () => new Promise(() => undefined)}), deadlineMs: 100});
	t.is(exitCode, 0);
	t.regex(text, /\? Clock .*no answer within 0\.1 s/);
	const hung = await consult({containers: {...healthy.containers, projects: async () => new Promise(() => undefined)}, deadlineMs: 100});
	t.is(hung.exitCode, 2);
});

test('--json gives every check with its code, so that a machine need not read sentences', async t => {
	const {exitCode, lines} = await consult({json: true, composeTools: async () => ({v1: null, v2: null})});
	t.is(exitCode, 1);
	t.is(lines.length, 1);
	const told = JSON.parse(lines[0]!) as {schemaVersion: number; complete: boolean; missing: number; checks: ReadonlyArray<Record<string, unknown>>};
	t.like(told, {schemaVersion: 1, complete: false, missing: 1});
	t.like(told.checks.find(({area}) => area === 'compose'), {status: 'bad', code: 'compose-missing', remedy: 'Install one: sudo apt install docker-compose'});
	t.like(told.checks[0], {area: 'engine', status: 'ok', code: 'engine-answers', params: {version: '20.10.24', apiVersion: '1.41', host: 'unix:///var/run/docker.sock'}, remedy: null});
});

test('nothing that the outside says reaches the terminal as a control sequence', async t => {
	const hostile = {...project, name: 'sh\u001B]0;x\u0007op', directory: '/opt/\u001B[2Jshop'};
	const {text} = await consult({containers: {...healthy.containers, projects: async () => right([hostile])}});
	t.false(text.includes('\u001B'));
});

const temporary = async (t: ExecutionContext): Promise<string> => {
	const directory = await mkdtemp(join(tmpdir(), 'mdc-doctor-'));
	t.teardown(async () => rm(directory, {recursive: true, force: true}));
	return directory;
};

const real = (directory: string, environment: Readonly<Record<string, string>> = {}, clock: Clock = realClock) => createDoctorProbes({
	clock, user: 'ana', environment, output: {}, sharedStateDirectory: join(directory, 'shared'), ownStateDirectory: join(directory, 'own/state/mdc'),
	runtime: probes.runtime, survivesLogout: probes.survivesLogout, deadlineMs: 500,
});

const listen = async (t: ExecutionContext, server: Server): Promise<number> => {
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => {
		server.close();
	});
	return (server.address() as AddressInfo).port;
};

test('a port answers only when the connection stays open or speaks: a proxy that accepts and closes does not count', async t => {
	const {connect} = real(await temporary(t));
	const sockets: Array<{destroy(): void}> = [];
	t.teardown(() => {
		for (const socket of sockets) {
			socket.destroy();
		}
	});
	const quiet = await listen(t, createServer(socket => {
		sockets.push(socket.on('error', () => undefined));
	}));
	const greeting = await listen(t, createServer(socket => socket.end('hello')));
	const closing = await listen(t, createServer(socket => socket.destroy()));
	const resetting = await listen(t, createServer(socket => socket.resetAndDestroy()));
	const server = createServer();
	const gone = await listen(t, server);
	await new Promise(resolve => {
		server.close(resolve);
	});
	t.deepEqual(
		await Promise.all([quiet, greeting, closing, resetting, gone].map(async number => connect('127.0.0.1', number))),
		['answers', 'answers', 'closes', 'closes', 'refused'],
	);
});

test('paths are right, missing, of the wrong kind; a program counts only when it is an executable file', async t => {
	const directory = await temporary(t);
	const {look, findProgram} = real(directory, {PATH: `relative:${join(directory, 'empty')}:${join(directory, 'bin')}`});
	await mkdir(join(directory, 'bin/folder'), {recursive: true});
	await writeFile(join(directory, 'bin/tool'), '#!/bin/sh\n');
	t.is(await look(directory, 'directory'), 'right');
	t.is(await look(join(directory, 'bin/tool'), 'directory'), 'wrong');
	t.is(await look(join(directory, 'none'), 'file'), 'missing');
	t.is(await findProgram('tool'), null);
	await chmod(join(directory, 'bin/tool'), 0o755);
	await symlink('tool', join(directory, 'bin/linked'));
	t.is(await findProgram('tool'), join(directory, 'bin/tool'));
	t.is(await findProgram('linked'), join(directory, 'bin/linked'));
	t.is(await findProgram('folder'), null);
});

test('a state directory that is not there yet counts as writable when it can be made', async t => {
	const directory = await temporary(t);
	const facts = await real(directory).state();
	t.like(facts, {shared: {exists: false, writable: false}, own: {writable: true}});
	await mkdir(join(directory, 'shared'));
	t.like(await real(directory).state(), {shared: {exists: true, writable: true, silent: false}});
});

test('a program that was starved does not take the disk and the ports for silent', async t => {
	const directory = await temporary(t);
	const port = await listen(t, createServer(socket => {
		socket.end();
	}));
	const {look, connect} = real(directory, {}, starvedClock());
	t.is(await look(directory, 'directory'), 'right');
	t.is(await connect('127.0.0.1', port), 'closes');
});

test('the terminal is told from the environment, LC_ALL first', t => {
	const facts = (environment: Readonly<Record<string, string>>) => createDoctorProbes({
		clock: realClock, user: 'ana', environment, sharedStateDirectory: '/x', ownStateDirectory: '/y', runtime: probes.runtime, survivesLogout: probes.survivesLogout,
		output: {isTTY: true, columns: 80, rows: 24, getColorDepth: () => 8},
	}).terminal();
	t.deepEqual(facts({TERM: 'xterm', LC_ALL: 'C', LANG: 'pt_BR.UTF-8'}), {isTerminal: true, term: 'xterm', columns: 80, rows: 24, colours: 256, locale: 'C', isUtf8: false});
	t.like(facts({LC_ALL: '', LANG: 'C.utf8', NO_COLOR: '1'}), {isUtf8: true, colours: 2});
});

test('every failure has a title, a reason and a remedy in both languages, with and without parameters', t => {
	const codes = ['engine-missing', 'engine-not-running', 'engine-denied', 'engine-hung', 'engine-too-old', 'engine-unsupported-host', 'not-found', 'denied', 'timed-out', 'refused', 'unreachable',
		'malformed', 'unsupported', 'busy', 'cancelled', 'no-space', 'read-only', 'failed'] as const satisfies readonly FailureCode[];
	const params = {socket: '/s', host: 'h', path: '/p', version: 2, apiVersion: '1.1', floor: '1.4', supported: 1, scheme: 'ssh', deadlineMs: 1500, holder: 'bia', action: 'restart', tool: 'flock', group: 'dk', user: 'ana', status: 500, error: 'E', waiting: 3};
	for (const language of ['en', 'pt-BR'] as const) {
		for (const code of codes) {
			for (const failure of [{code}, {code, params}]) {
				const words = Object.values(failureSentence(language, failure));
				t.is(words.length, 3);
				t.true(words.every(text => text.length > 3 && !/undefined|NaN|null|object/.test(text)), `${code}: ${words.join(' | ')}`);
			}
		}
	}
});

test('a service without a health check, or with one that only proves that its process lives, is named', t => {
	const checked = (healthCommand: string): ContainerFacts => ({...container('api', []), healthCommand: ownText(healthCommand)});
	t.deepEqual(checkHealthChecks([checked('')]).map(({status, code}) => [status, code]), [['warn', 'health-check-none']]);
	for (const weak of ['pgrep gunicorn', 'true', 'exit 0', 'sh -c "kill -0 1"', 'test -f /tmp/ready']) {
		t.deepEqual(checkHealthChecks([checked(weak)]).map(({code}) => code), ['health-check-shallow'], weak);
	}

	for (const right of ['curl -fsS http://localhost:5001/api/health', 'redis-cli ping', 'pg_isready -q', 'wget -q -O - http://127.0.0.1/']) {
		t.deepEqual(checkHealthChecks([checked(right)]).map(({code}) => code), ['health-checks-right'], right);
	}
});

test('alert sources: well, mute, without a rule, and not at all where none is configured', async t => {
	const clock = createFakeClock();
	const {alerts} = createSimulator({clock, seed: 7, scenario: 'healthy'});
	const check = async (port: typeof alerts | null, settings = simulatedAlerts): Promise<readonly string[]> => {
		const found = checkAlerts(port, {alerts: settings, alert: defaultSettings.alert}, 'en');
		await clock.advance(1000);
		return (await found).map(({status, code}) => `${status} ${code}`);
	};

	t.deepEqual(await check(null), []);
	t.deepEqual(await check(alerts), ['ok alerts-prometheus', 'ok alerts-alertmanager']);
	t.deepEqual(await check(alerts, {...simulatedAlerts, alertmanager: null}), ['ok alerts-prometheus']);
	t.deepEqual(await check({...alerts, prometheus: async () => wrong('timed-out', {host: 'p', deadlineMs: 5000}), alertmanager: async () => wrong('denied', {status: 401})}), ['bad alerts-failed', 'bad alerts-failed']);
	const reading = {atMs: 0, skewMs: 0, series: right([]), targets: right([])};
	t.deepEqual(await check({...alerts, prometheus: async () => right({...reading, rule: right(null)})}, {...simulatedAlerts, alertmanager: null}), ['warn alerts-no-data', 'warn alerts-no-rule']);
	t.deepEqual(await check({...alerts, prometheus: async () => right({...reading, series: right([{instance: emptyText, up: true}]), rule: right({forMs: 0, lastError: ownText('many-to-many'), alerts: []})})}, {...simulatedAlerts, alertmanager: null}), ['warn alerts-rule-fails']);
});

test('what goes unattended needs systemd to run, not only its program to lie there', async t => {
	const escalation = {...defaultSettings.escalation, unattended: ['pagerduty'] as const, channels: [{kind: 'pagerduty', routingKey: {file: '/etc/key'}, url: 'https://events.pagerduty.com', dedupKey: null}] as const};
	const settings = {...defaultSettings, escalation};
	t.regex((await consult({settings})).text, /unattended: pagerduty, by a timer of systemd/);
	const without = await consult({settings, probes: {...probes, look: async path => path === '/run/systemd/system' ? 'missing' : 'right'}});
	t.is(without.exitCode, 1);
	t.regex(without.text, /no systemd runs here/);
	// A user's own timers end with her last session, which is just when nobody looks.
	const leaving: typeof probes.look = async path => path.startsWith('/var/lib/systemd/linger/') ? 'missing' : 'right';
	const unlingering = await consult({settings, probes: {...probes, look: leaving}});
	t.is(unlingering.exitCode, 1);
	t.regex(unlingering.text, /the timers of ana end with the last session[\s\S]*sudo loginctl enable-linger ana/);
	t.regex((await consult({settings, probes: {...probes, look: leaving, user: 'root', isRoot: true}})).text, /unattended: pagerduty, by a timer of systemd/);
});

test('doctor judges backups as the diagnosis does: a mark beside a dump is none, an empty dump is named, and what was not looked at whole is not judged', async t => {
	const nowMs = 1_768_704_300_000;
	const file = (name: string, hoursAgo: number, bytes = 5000) => ({name: ownText(name), bytes, atMs: nowMs - (hoursAgo * 3_600_000)});
	const of = async (files: ReadonlyArray<ReturnType<typeof file>>, isPartial = false) =>
		checkBackups({backups: async () => right({files, isPartial})}, {backups: {directory: '/b', warnAfterMs: 26 * 3_600_000}}, nowMs);
	t.like((await of([file('b.sql.gz.md5', 1, 40), file('a.sql.gz', 30)]))[0], {status: 'warn', code: 'backups-old', params: {name: 'a.sql.gz', hours: 30}});
	t.like((await of([file('b.sql.gz', 1, 20), file('a.sql.gz', 20)]))[0], {status: 'warn', code: 'backups-empty', params: {name: 'b.sql.gz', bytes: 20}});
	t.like((await of([file('SUCCESS', 1, 0)]))[0], {status: 'warn', code: 'backups-none'});
	t.like((await of([file('a.sql.gz', 30)], true))[0], {status: 'unknown', code: 'backups-partial'});
	t.like((await of([file('a.sql.gz', 20)], true))[0], {status: 'ok', code: 'backups-right'});
});

test('the team\'s own authorities are counted, or the file is named with what is wrong with it', async t => {
	const settings = {...defaultSettings, authorities: '/etc/ssl/ca.pem'};
	const of = (answer: Outcome<readonly string[]>) => ({settings, authorities: {known: () => [], read: async () => answer}});
	t.regex((await consult(of(right(['a', 'b'])))).text, /\/etc\/ssl\/ca\.pem: 2 certificate authorities of your own/);
	const broken = await consult(of(wrong('malformed')));
	t.is(broken.exitCode, 1);
	t.regex(broken.text, /\/etc\/ssl\/ca\.pem \(tls\.ca\) holds no certificates that can be read: it is not made of PEM certificates/);
	t.regex((await consult(of(wrong('timed-out')))).text, /can be read: its disk does not answer/);
	t.regex((await consult(of(wrong('failed', {}, 'EIO: i/o error')))).text, /can be read: EIO: i\/o error/);
	t.notRegex((await consult()).text, /certificate/);
});
