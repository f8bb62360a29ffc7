/** The contract of ContainersPort, MetricsPort and FilesPort. */
import type {ContainerEvent, Failure} from '../../source/core/ports.ts';
import {answerOf, factsOf, inWorld, valueOf, waitUntil, type ContractWorld, type MakeWorld, type Register} from './contract-world.ts';

type Watched = {readonly events: ContainerEvent[]; readonly failures: Failure[]; stop(): void};

const watch = (world: ContractWorld): Watched => {
	const events: ContainerEvent[] = [];
	const failures: Failure[] = [];
	const stop = world.containers.watch(world.project, event => {
		events.push(event);
	}, failure => {
		failures.push(failure);
	});
	return {events, failures, stop};
};

export const testContainersContract = (register: Register, name: string, makeWorld: MakeWorld): void => {
	const test = inWorld(register, name, makeWorld);

	test('the engine says who it is', async (t, world) => {
		const engine = valueOf(await answerOf(world, world.containers.engine()));
		t.regex(engine.version, /^\d+\./);
		t.regex(engine.apiVersion, /^1\.\d+$/);
		t.regex(engine.host, /^(?:unix|tcp):\/\//);
	});

	test('the project is known by its labels, with its directory and files', async (t, world) => {
		const projects = valueOf(await answerOf(world, world.containers.projects()));
		const project = projects.find(one => one.name === world.project)!;
		t.is(project.directory, world.directory);
		t.deepEqual(project.configFiles, [`${world.directory}/docker-compose.yml`]);
		t.deepEqual([...project.services].sort(), ['api', 'db', 'nginx', 'redis']);
		t.is(project.containerCount, 4);
		t.is(project.runningCount, 4);
		t.regex(project.composeVersion ?? '', /^\d+\.\d+/);
	});

	test('an image is there or it is not', async (t, world) => {
		const api = valueOf(await answerOf(world, world.containers.containers(world.project))).find(({service}) => service === 'api')!;
		t.true(valueOf(await answerOf(world, world.containers.hasImage(api.image))));
		t.false(valueOf(await answerOf(world, world.containers.hasImage('mdc-nowhere/nothing:1'))));
	});

	test('backups of a directory that has none are none', async (t, world) => {
		const files = await answerOf(world, world.files.backups(`${world.directory}/nowhere`, ''));
		t.deepEqual(files.ok ? files.value.files : files.failure.code, files.ok ? [] : 'not-found' as never);
	});

	test('containers are listed by service, with what list and inspect tell', async (t, world) => {
		const containers = valueOf(await answerOf(world, world.containers.containers(world.project)));
		t.deepEqual(containers.map(container => container.service), ['api', 'db', 'nginx', 'redis']);
		for (const container of containers) {
			t.regex(container.id, /^[\da-f]{64}$/);
			t.regex(container.imageId, /^sha256:[\da-f]{64}$/);
			t.is(container.project, world.project);
			t.is(container.directory, world.directory);
			t.is(container.number, 1);
			t.is(container.state, 'running');
			t.is(container.exitCode, 0);
			t.true(container.pid > 0);
			t.true(container.startedAtMs !== null && container.createdAtMs !== null && container.startedAtMs >= container.createdAtMs);
			t.is(container.networks.length, 1);
			t.regex(container.networks[0]!.address, /^\d+\.\d+\.\d+\.\d+$/);
			t.true(container.networks[0]!.aliases.includes(container.service));
			t.regex(container.configHash ?? '', /^[\da-f]{64}$/);
			t.false(container.tty);
			t.true((container.memoryLimitBytes ?? 0) > 0);
			t.deepEqual(valueOf(await answerOf(world, world.containers.inspect(container.id))).id, container.id);
		}

		const api = containers[0]!;
		t.true(api.ports.some(port => port.containerPort === 5001 && port.hostPort !== null && port.protocol === 'tcp'));
		t.not(api.healthCommand, '');
	});

	test('what is not there is empty or not found, never an exception', async (t, world) => {
		t.deepEqual(valueOf(await answerOf(world, world.containers.containers('no-such-project'))), []);
		const unknown = await answerOf(world, world.containers.inspect('f'.repeat(64)));
		t.is(unknown.ok ? null : unknown.failure.code, 'not-found');
	});

	test('a stop and a start are told in order, with the exit code that inspect tells too', async (t, world) => {
		const before = await factsOf(world, 'api');
		const watched = watch(world);
		await world.elapse(200);
		await world.stopService('api');
		const died = await waitUntil(world, 'the death', () => watched.events.find(event => event.kind === 'died' && event.service === 'api') ?? null);
		await waitUntil(world, 'the stop', () => watched.events.some(event => event.kind === 'stopped'));
		const stopped = await factsOf(world, 'api');
		t.is(stopped.state, 'exited');
		t.is(stopped.id, before.id);
		t.is(died.exitCode, stopped.exitCode);
		t.is(stopped.pid, 0);
		t.is(stopped.networks[0]?.address ?? '', '');
		const published = (ports: typeof before.ports): unknown => ports.filter(port => port.hostPort !== null).map(port => [port.containerPort, port.hostPort]);
		t.deepEqual(published(stopped.ports), published(before.ports), 'the ports that it would publish stay known');
		t.true(stopped.finishedAtMs !== null && Math.abs(stopped.finishedAtMs - died.atMs) < 2000);

		await world.startService('api');
		await waitUntil(world, 'the start', () => watched.events.some(event => event.kind === 'started' && event.service === 'api'));
		const started = await factsOf(world, 'api');
		t.is(started.state, 'running');
		t.is(started.id, before.id);
		t.true((started.startedAtMs ?? 0) >= (stopped.finishedAtMs ?? 0));
		t.is(started.restarts, 0);

		const kinds = watched.events.filter(event => event.service === 'api').map(event => event.kind).filter(kind => ['killed', 'died', 'stopped', 'started'].includes(kind));
		t.deepEqual([kinds.indexOf('died') < kinds.indexOf('stopped'), kinds.indexOf('killed') < kinds.indexOf('died'), kinds.at(-1)], [true, true, 'started']);
		t.true(watched.events.every((event, index) => index === 0 || event.atMs >= watched.events[index - 1]!.atMs));
		t.deepEqual(watched.failures, []);
		watched.stop();
	});

	test('after its end a watch tells nothing', async (t, world) => {
		const watched = watch(world);
		await world.elapse(100);
		watched.stop();
		watched.stop();
		// A health check of the test before may have been told in between.
		const before = [...watched.events];
		await world.stopService('redis');
		await world.startService('redis');
		await world.elapse(300);
		t.deepEqual(watched.events, before);
		t.deepEqual(watched.failures, []);
	});

	test('a command inside a container answers with its exit code and output, and a stopped container refuses', async (t, world) => {
		const {id} = await factsOf(world, 'redis');
		const echoed = valueOf(await answerOf(world, world.containers.execute(id, ['echo', 'inside'], 5000)));
		t.is(echoed.exitCode, 0);
		t.is(String(echoed.output), 'inside');
		t.is(valueOf(await answerOf(world, world.containers.execute(id, ['redis-cli', 'ping'], 5000))).output as string, 'PONG');
		await world.stopService('redis');
		const refused = await answerOf(world, world.containers.execute(id, ['echo', 'inside'], 5000));
		t.false(refused.ok);
		await world.startService('redis');
	});

	test('counters of a running container only grow, and a stopped one has none', async (t, world) => {
		const api = await factsOf(world, 'api');
		const first = valueOf(await answerOf(world, world.metrics.read(api)));
		await world.elapse(300);
		const second = valueOf(await answerOf(world, world.metrics.read(api)));
		t.true(second.cpuSeconds >= first.cpuSeconds);
		t.true(second.atMs > first.atMs);
		t.true(first.memoryBytes > 0 && first.memoryBytes <= (first.memoryLimitBytes ?? Infinity));
		t.is(first.memoryLimitBytes, api.memoryLimitBytes);
		await world.stopService('api');
		t.false((await answerOf(world, world.metrics.read(api))).ok);
		await world.startService('api');
	});

	test('the compose file says what should run', async (t, world) => {
		const facts = valueOf(await answerOf(world, world.files.composeFiles(world.directory, [])));
		t.deepEqual(facts.services.map(service => service.name).sort(), ['api', 'db', 'nginx', 'redis']);
		t.deepEqual([...facts.services.find(service => service.name === 'api')!.dependsOn].sort(), ['db', 'redis']);
		const named = valueOf(await answerOf(world, world.files.composeFiles(world.directory, [`${world.directory}/docker-compose.yml`])));
		t.deepEqual(named.services, facts.services);
		const missing = await answerOf(world, world.files.composeFiles('/no/such/directory', []));
		t.is(missing.ok ? null : missing.failure.code, 'not-found');
	});
};
