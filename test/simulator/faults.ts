/** Cause and effect in the simulated server: each fault as the console's ports see it. */
import test from 'ava';
import type {ContainerEvent, ContainerFacts, Failure, PingAnswer, RawLogLine} from '../../source/core/ports.ts';
import {createSimulator, type Simulator} from '../../source/simulator/simulator.ts';
import {pingTarget, valueOf} from '../helpers/contract-world.ts';
import {createFakeClock, type FakeClock} from '../helpers/fake-clock.ts';

type World = {readonly clock: FakeClock; readonly simulator: Simulator; readonly events: ContainerEvent[]; readonly failures: Failure[]};

const makeWorld = async (scenario: 'healthy' | 'api-down' = 'healthy', seed = 3): Promise<World> => {
	const clock = createFakeClock();
	const simulator = createSimulator({clock, seed, scenario, userAgent: 'mdc-console/test'});
	const events: ContainerEvent[] = [];
	const failures: Failure[] = [];
	simulator.containers.watch(simulator.project, event => {
		events.push(event);
	}, failure => {
		failures.push(failure);
	});
	await clock.settle();
	return {clock, simulator, events, failures};
};

const wait = async <Value>({clock}: World, promise: Promise<Value>, ms = 4000): Promise<Value> => {
	await clock.advance(ms);
	return promise;
};

const facts = async (world: World, service: string): Promise<ContainerFacts | undefined> =>
	valueOf(await world.simulator.containers.containers(world.simulator.project)).find(container => container.service === service);

const ping = async (world: World, port: 5001 | 8080 = 5001): Promise<PingAnswer> => wait(world, world.simulator.health.ping(pingTarget(), `http://localhost:${port}/api/health`));

const log = async (world: World, service: string, tail = 200): Promise<readonly RawLogLine[]> => {
	const lines: RawLogLine[] = [];
	const {id} = (await facts(world, service))!;
	world.simulator.logs.follow({containerId: id, tty: false, tail, sinceMs: null, after: null, follow: false}, batch => {
		lines.push(...batch);
	}, () => {/* the end is not what is looked at here */});
	await world.clock.advance(2);
	return lines;
};

const compose = async (world: World, words: string, ms = 4000): Promise<{readonly output: string; readonly exitCode: number | null}> => {
	const {simulator, clock} = world;
	const id = `run-${clock.monotonicMs()}`;
	valueOf(await simulator.commands.start({id, project: simulator.project, action: 'test', lock: id, script: `docker-compose ${words}`, directory: simulator.directory, environment: {}, deadlineMs: 60_000, hardLimitMs: 600_000, actor: 'maria'}));
	let output = '';
	let exitCode: number | null = null;
	simulator.commands.follow(id, piece => {
		output += piece.rawText;
	}, outcome => {
		exitCode = outcome?.exitCode ?? null;
	});
	await clock.advance(ms);
	return {output, exitCode};
};

test('the drill begins three minutes late: the api was stopped, its log says how, nginx answers 502', async t => {
	const world = await makeWorld('api-down');
	const api = (await facts(world, 'api'))!;
	t.like(api, {state: 'exited', exitCode: 0, oomKilled: false, pid: 0, restarts: 0});
	const minutes = (world.clock.nowMs() - api.finishedAtMs!) / 60_000;
	t.true(minutes > 2.8 && minutes < 3.2, String(minutes));
	const lines = await log(world, 'api', 50);
	t.deepEqual(lines.slice(-4).map(line => line.rawText.split('] ').at(-1)), ['Handling signal: term', 'Worker exiting (pid: 8)', 'Worker exiting (pid: 7)', 'Shutting down: Master']);
	t.true(lines.slice(0, -4).some(line => line.rawText.includes('" 200 ')));
	t.like(await ping(world), {ok: false, reason: 'refused'});
	t.like(await ping(world, 8080), {ok: false, reason: 'status', status: 502});
	const nginx = (await log(world, 'nginx', 30)).map(line => line.rawText).join('\n');
	t.regex(nginx, /connect\(\) failed \(111: Connection refused\) while connecting to upstream/);
	t.regex(nginx, /" 502 \d+ /);
	for (const service of ['db', 'redis', 'nginx']) {
		t.like(await facts(world, service), {state: 'running', health: 'healthy'});
	}
});

test('up -d api says what Compose 1.29 says, takes a second or two, and health is back seconds later', async t => {
	const world = await makeWorld('api-down');
	const started = world.clock.nowMs();
	const {output, exitCode} = await compose(world, 'up -d api', 2000);
	t.is(exitCode, 0);
	t.is(output, 'mestres-do-cafe_db_1 is up-to-date\nmestres-do-cafe_redis_1 is up-to-date\nStarting mestres-do-cafe_api_1 ... \r\nStarting mestres-do-cafe_api_1 ... done\r\n');
	const api = (await facts(world, 'api'))!;
	t.true(api.startedAtMs! - started < 2000);
	t.is(api.health, 'starting');
	const seconds: number[] = [];
	while (seconds.length === 0) {
		if ((await wait(world, world.simulator.health.ping(pingTarget(), 'http://localhost:5001/api/health'), 200)).ok) {
			seconds.push((world.clock.nowMs() - api.startedAtMs!) / 1000);
		}
	}

	t.true(seconds[0]! > 2 && seconds[0]! < 4.5, String(seconds[0]));
	await world.clock.advance(31_000);
	t.is((await facts(world, 'api'))!.health, 'healthy');
	t.deepEqual(world.events.filter(event => event.service === 'api').map(event => event.kind), ['started', 'health']);
	const text = (await log(world, 'api')).map(line => line.rawText).join('\n');
	t.regex(text, /Listening at: http:\/\/0\.0\.0\.0:5001 \(1\)/);
	t.regex(text, /"GET \/api\/health HTTP\/1\.1" 200 \d+ "-" "mdc-console\/test"/);
	t.regex(text, /127\.0\.0\.1 .*"GET \/api\/health HTTP\/1\.1" 200 \d+ "-" "curl\//);
});

test('restarting nginx while the api is away makes nginx refuse to start until the api is back', async t => {
	const world = await makeWorld('api-down');
	t.is((await compose(world, 'restart nginx')).exitCode, 0);
	const nginx = (await facts(world, 'nginx'))!;
	t.true(nginx.restarts > 0);
	t.regex((await log(world, 'nginx')).map(line => line.rawText).join('\n'), /host not found in upstream "api:5001"/);
	await compose(world, 'up -d api');
	await world.clock.advance(60_000);
	t.true((await ping(world, 8080)).ok);
});

test('a crash loop counts restarts up, with the exit code in the events', async t => {
	const world = await makeWorld();
	world.simulator.break({kind: 'api-crash-loop'});
	await world.clock.advance(20_000);
	const api = (await facts(world, 'api'))!;
	t.true(api.restarts >= 3, String(api.restarts));
	const deaths = world.events.filter(event => event.kind === 'died').map(event => event.exitCode);
	t.deepEqual([...new Set(deaths.slice(1))], [1]);
	t.regex((await log(world, 'api')).map(line => line.rawText).join('\n'), /ConfigError: variável de ambiente obrigatória ausente: SECRET_KEY/);
	await compose(world, 'restart api', 10_000);
	t.false((await ping(world)).ok);
	world.simulator.heal('api-crash-loop');
	await world.clock.advance(10_000);
	t.true((await ping(world)).ok);
});

test('an out-of-memory kill is in the events, the state, the kernel log and the memory before it', async t => {
	const world = await makeWorld();
	world.simulator.break({kind: 'api-oom-killed'});
	await world.clock.advance(14_500);
	const api = (await facts(world, 'api'))!;
	const reading = valueOf(await world.simulator.metrics.read(api));
	t.true(reading.memoryBytes > reading.memoryLimitBytes! * 0.9);
	await world.clock.advance(30_000);
	t.true(world.events.filter(event => event.kind === 'oom').length >= 2);
	t.true(world.events.filter(event => event.kind === 'died').every(event => event.exitCode === 137));
	t.true(valueOf(await world.simulator.host.kernelKills()).every(kill => kill.byLimit && kill.containerId === api.id));
	world.simulator.heal();
	const stays = await makeWorld();
	stays.simulator.break({kind: 'api-oom-killed', stays: true});
	await stays.clock.advance(5000);
	t.like(await facts(stays, 'api'), {state: 'exited', exitCode: 137, oomKilled: true});
});

test('a hanging api times out and becomes unhealthy, and a restart cures it', async t => {
	const world = await makeWorld();
	world.simulator.break({kind: 'api-hangs'});
	t.like(await ping(world), {ok: false, reason: 'timed-out', latencyMs: 3000});
	await world.clock.advance(100_000);
	t.like(await facts(world, 'api'), {state: 'running', health: 'unhealthy', healthFailingStreak: 3});
	t.regex((await facts(world, 'api'))!.healthOutput, /curl: \(28\)/);
	t.regex((await log(world, 'api')).map(line => line.rawText).join('\n'), /WORKER TIMEOUT/);
	t.regex((await log(world, 'nginx')).map(line => line.rawText).join('\n'), /upstream timed out \(110/);
	await compose(world, 'restart api', 12_000);
	t.true((await ping(world)).ok);
});

test('errors, a missing database and a missing cache have their own status and words', async t => {
	const world = await makeWorld();
	world.simulator.break({kind: 'api-500'});
	t.like(await ping(world), {ok: false, reason: 'status', status: 500});
	world.simulator.heal('api-500');
	t.true((await ping(world)).ok);

	world.simulator.break({kind: 'db-stopped'});
	const answer = await ping(world);
	t.like(answer, {ok: false, status: 503});
	t.regex(answer.detail, /could not translate host name/);
	t.regex((await log(world, 'api')).map(line => line.rawText).join('\n'), /health check falhou: \{'database': 'error: could not translate host name "db"/);
	await compose(world, 'restart api', 10_000);
	t.regex((await log(world, 'api')).map(line => line.rawText).join('\n'), /conexão com o banco falhou \(3\/3\)/);
	world.simulator.heal('db-stopped');
	await world.clock.advance(30_000);
	t.true((await ping(world)).ok);

	world.simulator.break({kind: 'redis-stopped'});
	t.like(await ping(world), {ok: false, status: 503});
	world.simulator.heal();
	await world.clock.advance(2000);
	t.true((await ping(world)).ok);
});

test('with a wrong upstream port nginx answers 502 while the api is well, whatever is restarted', async t => {
	const world = await makeWorld();
	world.simulator.break({kind: 'nginx-wrong-port'});
	t.true((await ping(world)).ok);
	t.like(await ping(world, 8080), {status: 502});
	t.is((await compose(world, 'restart nginx')).exitCode, 0);
	t.like(await ping(world, 8080), {status: 502});
	t.regex((await log(world, 'nginx', 20)).map(line => line.rawText).join('\n'), /upstream: "http:\/\/172\.18\.0\.4:5000\//);
	world.simulator.heal();
	t.true((await ping(world, 8080)).ok);
});

test('a paused api answers nobody, up -d does nothing for it and restart heals', async t => {
	const world = await makeWorld();
	world.simulator.break({kind: 'api-paused'});
	t.like(await facts(world, 'api'), {state: 'paused'});
	t.like(await ping(world), {reason: 'timed-out'});
	t.regex((await compose(world, 'up -d api')).output, /api_1 is up-to-date/);
	t.is((await facts(world, 'api'))!.state, 'paused');
	await compose(world, 'restart api', 8000);
	t.true((await ping(world)).ok);
});

test('a removed api is missing, and up -d makes a new container', async t => {
	const world = await makeWorld();
	const before = (await facts(world, 'api'))!;
	world.simulator.break({kind: 'api-missing'});
	t.is(await facts(world, 'api'), undefined);
	t.regex((await compose(world, 'restart api')).output, /ERROR: No containers to restart/);
	t.regex((await compose(world, 'up -d api')).output, /Creating mestres-do-cafe_api_1 \.\.\. done/);
	t.not((await facts(world, 'api'))!.id, before.id);
	t.true(world.events.some(event => event.kind === 'removed' && event.id === before.id));
	t.true(world.events.some(event => event.kind === 'created'));
	await world.clock.advance(4000);
	t.true((await ping(world)).ok);
});

test('without the engine calls fail and the streams end, while the pings go on', async t => {
	const world = await makeWorld();
	const {id} = (await facts(world, 'nginx'))!;
	const ends: (Failure | null)[] = [];
	world.simulator.logs.follow({containerId: id, tty: false, tail: 1, sinceMs: null, after: null, follow: true}, () => {/* only the end is looked at */}, failure => {
		ends.push(failure);
	});
	await world.clock.settle();
	world.simulator.break({kind: 'engine-gone'});
	await world.clock.settle();
	t.deepEqual(world.failures.map(failure => failure.code), ['engine-not-running']);
	t.deepEqual(ends.map(failure => failure?.code), ['engine-not-running']);
	const engine = await world.simulator.containers.engine();
	t.is(engine.ok ? null : engine.failure.code, 'engine-not-running');
	t.true((await ping(world)).ok);
	const {output, exitCode} = await compose(world, 'restart api');
	t.is(exitCode, 1);
	t.regex(output, /Couldn't connect to Docker daemon/);
	world.simulator.heal('engine-gone');
	t.true((await world.simulator.containers.engine()).ok);
});

test('a hung engine answers nobody within its deadline, and tells its events when it is back', async t => {
	const world = await makeWorld();
	world.simulator.break({kind: 'engine-hung'});
	const engine = await wait(world, world.simulator.containers.engine());
	t.is(engine.ok ? null : engine.failure.code, 'engine-hung');
	world.simulator.break({kind: 'db-stopped'});
	await world.clock.advance(1000);
	t.deepEqual(world.events, []);
	t.deepEqual(world.failures, []);
	world.simulator.heal('engine-hung');
	await world.clock.settle();
	t.deepEqual(world.events.map(event => event.kind), ['killed', 'died', 'stopped']);
});

test('a filling disk is seen coming, and what follows when it is full', async t => {
	const world = await makeWorld();
	const available = async (): Promise<number> => valueOf(await world.simulator.host.disks()).disks[0]!.availableBytes;
	const before = await available();
	world.simulator.break({kind: 'disk-filling'});
	await world.clock.advance(300_000);
	const half = await available();
	t.true(half < before * 0.55 && half > before * 0.45);
	await world.clock.advance(310_000);
	t.is(await available(), 0);
	t.like(await ping(world), {ok: false, status: 503});
	t.regex((await log(world, 'db')).map(line => line.rawText).join('\n'), /No space left on device/);
	world.simulator.heal();
	t.true((await ping(world)).ok);
});

test('what the drill does not have is said, not pretended', async t => {
	const world = await makeWorld();
	t.deepEqual(await compose(world, 'top'), {output: 'bash: docker-compose top: command not found in the drill\n', exitCode: 127});
	t.deepEqual(await compose(world, 'ps | grep api'), {output: 'bash: docker-compose ps | grep api: command not found in the drill\n', exitCode: 127});
	t.deepEqual(await compose(world, 'restart no-such'), {output: 'ERROR: No such service: no-such\n', exitCode: 1});
	t.regex((await compose(world, 'ps')).output, /mestres-do-cafe_api_1 .* Up \(healthy\) +0\.0\.0\.0:5001->5001\/tcp/);
});
