/** The contract of HostPort: what the panes and the rules ask of the machine. */
import {answerOf, factsOf, inWorld, valueOf, type MakeWorld, type Register} from './contract-world.ts';

export const testHostContract = (register: Register, name: string, makeWorld: MakeWorld): void => {
	const test = inWorld(register, name, makeWorld);

	test('the machine says who it is, and began before now', async (t, {host, ...world}) => {
		const identity = valueOf(await answerOf({host, ...world}, host.identity()));
		t.true(identity.hostName !== '' && identity.kernel !== '' && identity.bootId !== '' && identity.cores >= 1);
		const reading = valueOf(await answerOf({host, ...world}, host.read()));
		t.true(identity.bootAtMs < reading.atMs);
	});

	test('counters only grow, and memory that is free is not more than there is', async (t, world) => {
		const first = valueOf(await answerOf(world, world.host.read()));
		await world.elapse(1200);
		const second = valueOf(await answerOf(world, world.host.read()));
		t.true(second.atMs > first.atMs);
		t.true(second.cpuBusySeconds >= first.cpuBusySeconds && second.cpuIdleSeconds >= first.cpuIdleSeconds && second.cpuStolenSeconds >= first.cpuStolenSeconds && second.cpuWaitSeconds >= first.cpuWaitSeconds);
		t.true(second.cpuBusySeconds + second.cpuIdleSeconds > first.cpuBusySeconds + first.cpuIdleSeconds);
		t.true(second.memoryTotalBytes > 0 && second.memoryAvailableBytes > 0 && second.memoryAvailableBytes <= second.memoryTotalBytes && second.swapUsedBytes <= second.swapTotalBytes);
		t.true(second.load.every(load => load >= 0));
	});

	test('the root disk is told, with what is used and what may still be written', async (t, world) => {
		const {disks} = valueOf(await answerOf(world, world.host.disks()));
		t.true(disks.some(({mount}) => mount === '/'));
		for (const {mount, totalBytes, usedBytes, availableBytes, inodes, inodesFree} of disks) {
			t.true(totalBytes > 0 && usedBytes >= 0 && availableBytes >= 0 && usedBytes + availableBytes <= totalBytes * 1.001 && inodesFree <= inodes, mount);
		}
	});

	test('the busiest processes come busiest first, at most five of each', async (t, world) => {
		valueOf(await answerOf(world, world.host.processes()));
		await world.elapse(1200);
		const {byCpu, byMemory, count} = valueOf(await answerOf(world, world.host.processes()));
		t.true(count >= byMemory.length && byMemory.length >= 1 && byMemory.length <= 5 && byCpu.length <= 5);
		t.deepEqual(byMemory.map(({memoryBytes}) => memoryBytes), byMemory.map(({memoryBytes}) => memoryBytes).toSorted((a, b) => b - a));
		t.deepEqual(byCpu.map(({cpuCores}) => cpuCores ?? 0), byCpu.map(({cpuCores}) => cpuCores ?? 0).toSorted((a, b) => b - a));
		t.true([...byCpu, ...byMemory].every(({pid, name: process}) => pid > 0 && process !== ''));
	});

	test('the kernel\'s kills are told oldest first, or why they may not be read', async (t, world) => {
		const kills = await answerOf(world, world.host.kernelKills());
		t.true(kills.ok ? kills.value.every(({atMs}, index) => index === 0 || atMs >= kills.value[index - 1]!.atMs) : kills.failure.code === 'denied' || kills.failure.code === 'not-found');
	});

	test('a container\'s processes are its own, and of one that is gone there are none', async (t, world) => {
		const api = await factsOf(world, 'api');
		const tree = valueOf(await answerOf(world, world.host.processTree(api.pid)));
		t.true(tree.count >= 1 && tree.stopped === 0);
		const gone = await answerOf(world, world.host.processTree(0x3F_FF_FF));
		t.true(!gone.ok || gone.value.count === 0);
	});

	test('a port that nobody listens on has no holder, the api\'s has one', async (t, world) => {
		t.is(valueOf(await answerOf(world, world.host.portHolder(9))), null);
		const port = (await factsOf(world, 'api')).ports[0]!.hostPort!;
		t.true((valueOf(await answerOf(world, world.host.portHolder(port)))?.pid ?? -1) >= 0);
	});

	test('while nobody runs Compose in the directory there is no run of it', async (t, world) => {
		t.deepEqual(valueOf(await answerOf(world, world.host.composeRuns(`${world.directory}/nowhere`))), []);
		t.deepEqual(valueOf(await answerOf(world, world.host.composeRuns(world.directory))), []);
	});
};
