/** The containers port against a fake engine: what odd engines answer, and what becomes of it. */

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmod, mkdtemp, rm} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {Clock, ContainerEvent, Failure, Outcome} from '../../source/core/ports.ts';
import {createDockerPorts, type DockerPorts} from '../../source/adapters/docker/ports.ts';
import {eventually, fakeContainer, frame, hang, json, machineClock, reset, serve, text, truncated, withFakeEngine} from '../helpers/fake-engine.ts';

const codeOf = (outcome: Outcome<unknown>): string => outcome.ok ? 'ok' : outcome.failure.code;

/** A clock whose timers run twenty times as fast, for deadlines of seconds. */
const hasty: Clock = {...machineClock, after: (delayMs, run) => machineClock.after(delayMs / 20, run)};

const portsOf = (dockerHost: string | null, socketPaths: readonly string[] = []): DockerPorts =>
	createDockerPorts({dockerHost, socketPaths, clock: machineClock, userAgent: 'mdc-console/test'});

const valueOf = <T>(outcome: Outcome<T>): T => {
	if (!outcome.ok) {
		throw new Error(`${outcome.failure.code}: ${outcome.failure.detail}`);
	}

	return outcome.value;
};

const withDirectory = async (run: (directory: string) => Promise<void>): Promise<void> => {
	const directory = await mkdtemp(join(tmpdir(), 'mdc-sock-'));
	try {
		await run(directory);
	} finally {
		await rm(directory, {recursive: true});
	}
};

test('the engine tells who it is', async t => {
	await withFakeEngine(async ({ports, socketPath}) => {
		t.deepEqual(valueOf(await ports.containers.engine()), {
			version: '26.1.0', apiVersion: '1.45', host: `unix://${socketPath}`, cgroupVersion: 2, cgroupDriver: 'systemd', rootDirectory: '/var/lib/docker', hostName: 'production-server',
		});
	});
});

test('requests carry no API version, so that neither an old nor a new engine refuses them', async t => {
	await withFakeEngine(async ({ports, requests}) => {
		await ports.containers.engine();
		await ports.containers.projects();
		t.true(requests.every(request => !/^\/v\d/.test(request)));
	});
});

test('an engine below the floor is too old, with both versions', async t => {
	await withFakeEngine(async engine => {
		engine.route('/version', json({Version: '1.9.1', ApiVersion: '1.21'}));
		const outcome = await engine.ports.containers.engine();
		t.like(outcome, {ok: false, failure: {code: 'engine-too-old', params: {apiVersion: '1.21', floor: '1.24'}}});
		engine.route('/containers/json', json([], 200, {'api-version': '1.9'}));
		t.is(codeOf(await engine.ports.containers.projects()), 'engine-too-old');
	});
});

test('a missing socket and a refusing one are told apart, with their path', async t => {
	await withDirectory(async directory => {
		const missing = join(directory, 'missing.sock');
		t.like(await portsOf(`unix://${missing}`).containers.engine(), {ok: false, failure: {code: 'engine-missing', params: {socket: missing}}});
		t.like(await portsOf(null, [missing]).containers.projects(), {ok: false, failure: {code: 'engine-missing', params: {socket: missing}}});

		// A socket file whose server was killed refuses.
		const refusing = join(directory, 'refusing.sock');
		const child = spawn(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(refusing)}, () => process.kill(process.pid, 'SIGKILL'))`]);
		await once(child, 'exit');
		t.like(await portsOf(null, [missing, refusing]).containers.engine(), {ok: false, failure: {code: 'engine-not-running', params: {socket: refusing}}});
		let ended: Failure | null | undefined;
		portsOf(`unix://${refusing}`).logs.follow({containerId: 'x', tty: false, tail: 1, sinceMs: null, after: null, follow: true}, () => undefined, failure => {
			ended = failure;
		});
		t.is((await eventually(() => ended)).code, 'engine-not-running');
	});
});

test.serial('a socket that denies is told as denied', async t => {
	if (process.getuid?.() !== 0) {
		await withDirectory(async directory => {
			const socket = join(directory, 'docker.sock');
			const server = createServer().listen(socket);
			await once(server, 'listening');
			await chmod(socket, 0o000);
			t.like(await portsOf(null, [socket]).containers.engine(), {ok: false, failure: {code: 'engine-denied', params: {socket}}});
			server.close();
		});
		return;
	}

	await withFakeEngine(async ({socketPath}) => {
		// For root nothing is denied, so the process becomes nobody for the moment of connecting.
		process.seteuid!(65_534);
		const outcome = await portsOf(`unix://${socketPath}`).containers.projects().finally(() => {
			process.seteuid!(0);
		});
		t.like(outcome, {ok: false, failure: {code: 'engine-denied', params: {socket: socketPath}}});
	});
});

test('hosts that cannot be spoken to are told so', async t => {
	t.like(await portsOf('ssh://deploy@server').containers.engine(), {ok: false, failure: {code: 'engine-unsupported-host', params: {scheme: 'ssh'}}});
	t.is(codeOf(await portsOf('npipe:////./pipe/docker_engine').containers.projects()), 'engine-unsupported-host');
	t.is(codeOf(await portsOf('tcp://:not a host').containers.projects()), 'engine-unsupported-host');
	t.is(codeOf(await portsOf('tcp://127.0.0.1:1').containers.projects()), 'engine-not-running');
	t.is(codeOf(await portsOf('tcp://127.0.0.1:2376').containers.projects()), 'denied');
});

test('a hung engine ends every call at its deadline, and the request with it', async t => {
	await withFakeEngine(async engine => {
		engine.route('/', hang);
		engine.route('/version', hang);
		engine.route('/info', hang);
		engine.route('/containers/json', hang);
		let closed = 0;
		engine.route('/containers/json', request => {
			request.socket.on('close', () => {
				closed++;
			});
		});
		const {containers, logs} = engine.ports;
		t.like(await containers.engine(), {ok: false, failure: {code: 'engine-hung', params: {deadlineMs: 3000}}});
		t.is(codeOf(await containers.projects()), 'engine-hung');
		t.true(await eventually(() => closed === 1));
		t.is(codeOf(await containers.execute('x', ['true'], 500)), 'engine-hung');
		const failures: (Failure | null)[] = [];
		containers.watch('shop', () => undefined, failure => failures.push(failure));
		logs.follow({containerId: 'x', tty: false, tail: 1, sinceMs: null, after: null, follow: true}, () => undefined, failure => failures.push(failure));
		await eventually(() => failures.length === 2);
		t.deepEqual(failures.map(failure => failure?.code), ['engine-hung', 'engine-hung']);
	}, hasty);
});

test('resets, errors, cut off and malformed answers are values', async t => {
	await withFakeEngine(async engine => {
		const {containers} = engine.ports;
		engine.route('/containers/json', reset);
		t.is(codeOf(await containers.projects()), 'failed');
		engine.route('/containers/json', json({message: 'database is \u001B[31mlocked'}, 500));
		t.like(await containers.projects(), {ok: false, failure: {code: 'failed', detail: 'database is locked', params: {status: 500}}});
		engine.route('/containers/json', truncated('[{"Id":'));
		t.is(codeOf(await containers.projects()), 'malformed');
		engine.route('/containers/json', text('[{"Id":'));
		t.is(codeOf(await containers.projects()), 'malformed');
		engine.route('/containers/json', text('{"not": "a list"}'));
		t.is(codeOf(await containers.projects()), 'malformed');
		engine.route('/containers/json', text('', 403));
		t.is(codeOf(await containers.projects()), 'denied');
		engine.route('/containers/json', (_request, response) => {
			response.writeHead(301, {location: 'http://127.0.0.1:1/elsewhere'});
			response.end('{}');
		});
		t.is(codeOf(await containers.projects()), 'failed');
		engine.route('/containers/json', json([null, 7, {Labels: {'com.docker.compose.project': 'odd'}}, {Labels: {'com.docker.compose.project': ''}}]));
		t.is(valueOf(await containers.projects())[0]?.name, 'odd');
		t.is(codeOf(await containers.inspect('nobody')), 'not-found');
	});
});

test('a kept connection that the engine has closed costs no failure', async t => {
	await withFakeEngine(async engine => {
		let answers = 0;
		engine.route('/containers/json', (request, response, url) => {
			answers++;
			// The second request comes over the kept connection, which breaks under it.
			return answers === 2 ? reset(request, response, url) : json([])(request, response, url);
		});
		t.is(codeOf(await engine.ports.containers.projects()), 'ok');
		t.is(codeOf(await engine.ports.containers.projects()), 'ok');
		t.is(answers, 3);
	});
});

test('projects are read out of labels, of Compose v1 and v2', async t => {
	await withFakeEngine(async engine => {
		const v2 = {'com.docker.compose.project': 'blog', 'com.docker.compose.version': '2.26.1', 'com.docker.compose.project.working_dir': '/srv/blog', 'com.docker.compose.project.config_files': '/srv/blog/compose.yaml,/srv/blog/compose.override.yaml', 'com.docker.compose.service': 'web', 'com.docker.compose.oneoff': 'False'};
		serve(engine, [
			fakeContainer(1, {labels: {'com.docker.compose.project.config_files': 'docker-compose.yml,override.yml'}}),
			fakeContainer(2, {labels: {'com.docker.compose.oneoff': 'True', 'com.docker.compose.service': 's01'}}),
			fakeContainer(3, {labels: v2}),
		]);
		t.deepEqual(valueOf(await engine.ports.containers.projects()), [
			{name: 'blog', directory: '/srv/blog', configFiles: ['/srv/blog/compose.yaml', '/srv/blog/compose.override.yaml'], composeVersion: '2.26.1', services: ['web'], containerCount: 1, runningCount: 1},
			{name: 'shop', directory: '/srv/shop', configFiles: ['/srv/shop/docker-compose.yml', '/srv/shop/override.yml'], composeVersion: '1.29.2', services: ['s01'], containerCount: 2, runningCount: 2},
		]);
	});
});

test('a container is inspected into whole facts', async t => {
	await withFakeEngine(async engine => {
		serve(engine, [fakeContainer(1, {
			state: {Status: 'running', Health: {Status: 'unhealthy', FailingStreak: 7, Log: [{Output: 'old', End: '2026-01-01T00:00:00Z'}, {Output: `\u001B]0;title\u0007refused ${'x'.repeat(5000)}`, End: '2026-01-01T00:01:00.25Z'}]}},
			config: {Healthcheck: {Test: ['CMD-SHELL', 'curl -f http://localhost:5001/api/health']}, Tty: true},
			labels: {'com.docker.compose.oneoff': 'true', 'com.docker.compose.container-number': '3'},
			whole: {
				RestartCount: 6,
				HostConfig: {LogConfig: {Type: 'local'}, Memory: 268_435_456, NanoCpus: 1_500_000_000},
				NetworkSettings: {
					Ports: {'5001/tcp': [{HostIp: '0.0.0.0', HostPort: '5001'}, {HostIp: '::', HostPort: '5001'}], '80/tcp': null},
					Networks: {shop_default: {IPAddress: '172.18.0.3', Aliases: ['api']}},
				},
			},
		})]);
		const facts = valueOf(await engine.ports.containers.containers('shop'))[0]!;
		t.like(facts, {
			name: 'shop_1', project: 'shop', service: 's01', number: 3, oneOff: true, state: 'running', health: 'unhealthy', healthFailingStreak: 7, tty: true, logDriver: 'local', restarts: 6, pid: 4001,
			healthCommand: 'curl -f http://localhost:5001/api/health', memoryLimitBytes: 268_435_456, cpuLimitCores: 1.5, finishedAtMs: null,
			startedAtMs: Date.parse('2026-01-01T00:00:01.123Z'), healthAtMs: Date.parse('2026-01-01T00:01:00.250Z'),
		});
		t.deepEqual(facts.ports, [
			{containerPort: 80, protocol: 'tcp', hostAddress: null, hostPort: null},
			{containerPort: 5001, protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 5001},
			{containerPort: 5001, protocol: 'tcp', hostAddress: '::', hostPort: 5001},
		]);
		t.deepEqual(facts.networks, [{name: 'shop_default', address: '172.18.0.3', aliases: ['api']}]);
		t.true(facts.healthOutput.startsWith('refused xxx'));
		t.true(facts.healthOutput.length <= 2048);
	});
});

test('sixty containers come in order, six inspects at a time over few connections, without those that vanished', async t => {
	await withFakeEngine(async engine => {
		const all = Array.from({length: 60}, (_, index) => fakeContainer(59 - index));
		serve(engine, all);
		let now = 0;
		let most = 0;
		// The first ones are answered when six are under way, so that the count does not hang on how busy the machine is.
		const six = Promise.withResolvers<void>();
		for (const {id, inspected} of all) {
			engine.route(`/containers/${id}/json`, (request, response, url) => {
				most = Math.max(most, ++now);
				if (now === 6) {
					six.resolve();
				}

				void six.promise.then(() => {
					setTimeout(() => {
						now--;
						json(inspected)(request, response, url);
					}, 2);
				});
			});
		}

		engine.route(`/containers/${all[5]!.id}/json`, json({message: 'No such container'}, 404));
		const facts = valueOf(await engine.ports.containers.containers('shop'));
		t.is(facts.length, 59);
		t.deepEqual(facts.map(({service}) => service), facts.map(({service}) => service).toSorted());
		t.is(most, 6);
		t.true(engine.connections() <= 10, `${engine.connections()} connections`);
	});
});

test('a process with kept connections ends by itself once the ports are closed', async t => {
	await withFakeEngine(async engine => {
		const {socketPath} = engine;
		engine.route('/events', (_request, response) => {
			response.write(eventJson('start'));
		});
		const script = `
			import {createDockerPorts} from ${JSON.stringify(new URL('../../source/adapters/docker/ports.ts', import.meta.url).href)};
			const clock = {nowMs: Date.now, monotonicMs: () => performance.now(), after: (ms, run) => { const timer = setTimeout(run, ms); return () => clearTimeout(timer); }};
			const ports = createDockerPorts({dockerHost: ${JSON.stringify(`unix://${socketPath}`)}, clock, userAgent: 'test'});
			await ports.containers.engine();
			ports.containers.watch('shop', () => undefined, () => console.log('told after close'));
			await ports.containers.projects();
			ports.close();
			console.log((await ports.containers.projects()).failure?.code);
			process.on('exit', () => console.log('over'));
		`;
		const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '-e', script], {stdio: ['ignore', 'pipe', 'inherit']});
		let output = '';
		child.stdout.on('data', (chunk: Buffer) => {
			output += chunk.toString();
		});
		const [code] = await once(child, 'exit') as [number];
		t.is(code, 0);
		t.is(output, 'cancelled\nover\n');
	});
});

const eventJson = (action: string, attributes: Readonly<Record<string, string>> = {}): string => `${JSON.stringify({
	Type: 'container', Action: action, Actor: {ID: 'abc', Attributes: {'com.docker.compose.service': 'api', 'com.docker.compose.oneoff': 'False', ...attributes}}, time: 1_700_000_000, timeNano: 1_700_000_000_123_456_789,
})}\n`;

test('events arrive in any pieces, garbage between them is passed over, the end is told once', async t => {
	await withFakeEngine(async engine => {
		const events: ContainerEvent[] = [];
		const failures: Failure[] = [];
		let query: URLSearchParams | null = null;
		engine.route('/events', async (request, response, url) => {
			query = url.searchParams;
			response.writeHead(200);
			const whole = Buffer.from(eventJson('die', {exitCode: '137', name: 'café'}) + 'garbage\n\n{"half": \n' + eventJson('health_status: unhealthy') + eventJson('exec_create: sh') + eventJson('constructor') + eventJson('start') + eventJson('oom'));
			for (let at = 0; at < whole.length; at += 97) {
				response.write(whole.subarray(at, at + 97));
				await new Promise(resolve => {
					setTimeout(resolve, 1);
				});
			}

			// An event without line break is told at once.
			response.write(eventJson('destroy').trimEnd());
			await eventually(() => events.length === 5);
			request.socket.destroy();
		});
		engine.ports.containers.watch('shop', event => events.push(event), failure => failures.push(failure));
		await eventually(() => failures.length > 0);
		t.deepEqual(events.map(({kind, exitCode, health}) => [kind, exitCode, health]), [['died', 137, null], ['health', null, 'unhealthy'], ['started', null, null], ['oom', null, null], ['removed', null, null]]);
		t.is(events[0]?.atMs, 1_700_000_000_123);
		t.is(events[0]?.service, 'api');
		t.is(failures.length, 1);
		const filters = JSON.parse(query!.get('filters') ?? '{}') as {type: string[]; label: string[]; event: string[]};
		t.deepEqual(filters.label, ['com.docker.compose.project=shop']);
		t.false(filters.event.some(name => name.startsWith('exec')));
	});
});

test('after Stop nothing is told any more', async t => {
	await withFakeEngine(async engine => {
		let told = 0;
		let closed = false;
		engine.route('/events', (request, response) => {
			response.write(eventJson('start'));
			request.socket.on('close', () => {
				closed = true;
			});
		});
		const stop = engine.ports.containers.watch('shop', () => {
			told++;
			stop();
		}, () => {
			told += 100;
		});
		await eventually(() => closed);
		stop();
		t.is(told, 1);
	});
});

test('a command inside: output of both streams, bounded, and the exit code', async t => {
	await withFakeEngine(async engine => {
		engine.route('/containers/abc/exec', json({Id: 'e1'}, 201));
		engine.route('/exec/e1/start', (_request, response) => {
			response.writeHead(200, {'content-type': 'application/vnd.docker.raw-stream'});
			response.write(frame(1, 'accepting \u001B[31mconnections\n').subarray(0, 5));
			response.write(frame(1, 'accepting \u001B[31mconnections\n').subarray(5));
			response.end(frame(2, 'x'.repeat(100_000)));
		});
		let asked = 0;
		engine.route('/exec/e1/json', (request, response, url) => json(++asked === 1 ? {Running: true, ExitCode: null} : {Running: false, ExitCode: 3})(request, response, url));
		const answer = valueOf(await engine.ports.containers.execute('abc', ['pg_isready'], 2000));
		t.is(answer.exitCode, 3);
		t.true(answer.output.startsWith('accepting connections⏎xxx'));
		t.true(answer.output.length <= 65_536);

		engine.route('/exec/e1/start', (_request, response) => {
			response.write(frame(1, 'beginning'));
		});
		t.is(codeOf(await engine.ports.containers.execute('abc', ['sleep', '100'], 1500)), 'timed-out');
		engine.route('/containers/abc/exec', json({message: 'Container abc is paused, unpause the container before exec'}, 409));
		t.like(await engine.ports.containers.execute('abc', ['true'], 2000), {ok: false, failure: {code: 'failed', params: {status: 409}}});
	});
});
