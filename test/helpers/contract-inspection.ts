/** The contract of InspectionPort: what the read-only checks ask. */
import {answerOf, factsOf, inWorld, valueOf, waitUntil, type MakeWorld, type Register} from './contract-world.ts';

export const testInspectionContract = (register: Register, name: string, makeWorld: MakeWorld): void => {
	const test = inWorld(register, name, makeWorld);

	test('the api\'s port is seen inside its container, with who listens and since when', async (t, world) => {
		const api = await factsOf(world, 'api');
		const port = api.ports[0]!.containerPort;
		const listener = await waitUntil(world, 'the api to listen', async () =>
			valueOf(await answerOf(world, world.inspection.listeners([{service: 'api', pid: api.pid}]))).find(one => one.service === 'api' && one.port === port) ?? null);
		t.is(listener.owner?.containerId, api.id);
		t.true(listener.owner!.sinceMs! > 0);
	});

	test('the processes of a container have their first one, of which the others descend', async (t, world) => {
		const api = await factsOf(world, 'api');
		const processes = valueOf(await answerOf(world, world.inspection.processesOf([api.id])));
		t.true(processes.some(({pid}) => pid === api.pid));
		t.true(processes.every(({containerId, memoryBytes, startedAtMs, cpuCores}) => containerId === api.id && memoryBytes >= 0 && startedAtMs > 0 && cpuCores >= 0));
		t.deepEqual(valueOf(await answerOf(world, world.inspection.processesOf([]))), []);
	});

	test('a container\'s variables are told by name and value, those of one that is gone are not found', async (t, world) => {
		const api = await factsOf(world, 'api');
		t.true(valueOf(await answerOf(world, world.inspection.environment(api.id))).every(({name: variable}) => /^\w+$/.test(variable)));
		const gone = await answerOf(world, world.inspection.environment('0'.repeat(64)));
		t.is(gone.ok ? null : gone.failure.code, 'not-found');
	});

	test('the network knows who is attached, and who has left', async (t, world) => {
		const network = (await factsOf(world, 'api')).networks[0]!.name;
		const members = async () => valueOf(await answerOf(world, world.inspection.network(network)));
		const api = (await members()).find(({aliases}) => aliases.includes('api'))!;
		t.regex(api.address, /^\d+\.\d+\.\d+\.\d+$/);
		await world.stopService('api');
		await waitUntil(world, 'the api to leave the network', async () => !(await members()).some(({aliases}) => aliases.includes('api')));
		await world.startService('api');
		const none = await answerOf(world, world.inspection.network('no-such-network'));
		t.is(none.ok ? null : none.failure.code, 'not-found');
	});

	test('files that are not there are not found', async (t, world) => {
		const script = await answerOf(world, world.inspection.projectFile(world.directory, 'scripts/none.sh'));
		t.is(script.ok ? null : script.failure.code, 'not-found');
		const environment = await answerOf(world, world.inspection.environmentFile(`${world.directory}/none`));
		t.is(environment.ok ? null : environment.failure.code, 'not-found');
		t.true((await answerOf(world, world.inspection.neededVariables(world.directory, []))).ok);
	});
};
