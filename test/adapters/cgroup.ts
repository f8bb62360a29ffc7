/** Container counters out of cgroup files, on trees of both versions and drivers; and the careful fallback to the engine's stats. */

import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createCgroupReader, type CgroupAnswer, type CgroupReader} from '../../source/adapters/docker/cgroup.ts';
import {createDockerPorts} from '../../source/adapters/docker/ports.ts';
import type {Clock} from '../../source/core/ports.ts';
import {json, hang, machineClock, withFakeEngine, type FakeEngine} from '../helpers/fake-engine.ts';

const id = 'c0ffee'.padEnd(64, '0');
const pid = 4242;

const withTree = async <T>(files: Readonly<Record<string, string>>, run: (root: string) => Promise<T>): Promise<T> => {
	const root = await mkdtemp(join(tmpdir(), 'mdc-cgroup-'));
	try {
		await plant(root, files);
		return await run(root);
	} finally {
		await rm(root, {recursive: true, force: true});
	}
};

const plant = async (root: string, files: Readonly<Record<string, string>>): Promise<void> => {
	for (const [path, content] of Object.entries(files)) {
		await mkdir(dirname(join(root, path)), {recursive: true});
		await writeFile(join(root, path), content);
	}
};

const read = async (files: Readonly<Record<string, string>>): Promise<CgroupAnswer> => withTree(files, async root => createCgroupReader(root)({id, pid}));

const network = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    9000     100    0    0    0     0          0         0     9000     100    0    0    0     0       0          0
  eth0:    1500      10    0    0    0     0          0         0     2500      20    0    0    0     0       0          0
  eth1:     100       1    0    0    0     0          0         0       10       1    0    0    0     0       0          0
`;

const version2Mounts = '31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
const version2Files = (directory: string): Readonly<Record<string, string>> => ({
	[`${directory}/cpu.stat`]: 'usage_usec 12500000\nuser_usec 10000000\nsystem_usec 2500000\nnr_periods 10\nnr_throttled 3\nthrottled_usec 750000\n',
	[`${directory}/memory.current`]: '104857600\n',
	[`${directory}/memory.stat`]: 'anon 4096\nfile 50331648\ninactive_anon 1\ninactive_file 41943040\nactive_file 8388608\n',
	[`${directory}/memory.max`]: '268435456\n',
	[`${directory}/memory.events`]: 'low 0\nhigh 0\nmax 31\noom 4\noom_kill 3\noom_group_kill 0\n',
	[`${directory}/pids.current`]: '17\n',
});
const systemdPath = `/system.slice/docker-${id}.scope`;
const version2Tree = {
	'/proc/self/mountinfo': version2Mounts,
	[`/proc/${pid}/cgroup`]: `0::${systemdPath}\n`,
	[`/proc/${pid}/net/dev`]: network,
	...version2Files(`/sys/fs/cgroup${systemdPath}`),
};
const version2Reading = {
	cpuSeconds: 12.5, throttledSeconds: 0.75, memoryBytes: 62_914_560, memoryLimitBytes: 268_435_456, oomKills: 3, processes: 17, receivedBytes: 1600, sentBytes: 2510,
};

const version1Mounts = ['cpu,cpuacct', 'memory', 'pids'].map((controllers, index) => `${40 + index} 31 0:${30 + index} / /sys/fs/cgroup/${controllers} rw - cgroup cgroup rw,${controllers}\n`).join('') + '50 31 0:50 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n';
const version1Files = (path: string, limit = '9223372036854771712'): Readonly<Record<string, string>> => ({
	[`/sys/fs/cgroup/cpu,cpuacct${path}/cpuacct.usage`]: '12500000000\n',
	[`/sys/fs/cgroup/cpu,cpuacct${path}/cpu.stat`]: 'nr_periods 10\nnr_throttled 3\nthrottled_time 750000000\n',
	[`/sys/fs/cgroup/memory${path}/memory.usage_in_bytes`]: '104857600\n',
	[`/sys/fs/cgroup/memory${path}/memory.stat`]: `inactive_file 1\nhierarchical_memory_limit ${limit}\ntotal_cache 50331648\ntotal_inactive_file 41943040\n`,
	[`/sys/fs/cgroup/memory${path}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
	[`/sys/fs/cgroup/pids${path}/pids.current`]: '17\n',
});
const version1Tree = (path: string, limit?: string): Readonly<Record<string, string>> => ({
	'/proc/self/mountinfo': version1Mounts,
	[`/proc/${pid}/cgroup`]: `9:name=systemd:${path}\n8:pids:${path}\n4:memory:${path}\n2:cpu,cpuacct:${path}\n0::${path}\n`,
	[`/proc/${pid}/net/dev`]: network,
	...version1Files(path, limit),
});

const expectReading = (t: ExecutionContext, answer: CgroupAnswer, reading: object): void => {
	t.deepEqual(answer, {kind: 'read', reading} as CgroupAnswer);
};

test('version 2, systemd driver', async t => {
	expectReading(t, await read(version2Tree), version2Reading);
});

test('version 2, cgroupfs driver, without limit, on a kernel without some of the files', async t => {
	const directory = `/sys/fs/cgroup/docker/${id}`;
	const tree = {...version2Tree, [`/proc/${pid}/cgroup`]: `0::/docker/${id}\n`, ...version2Files(directory), [`${directory}/memory.max`]: 'max\n', [`${directory}/cpu.stat`]: 'usage_usec 12500000\n'};
	const {[`${directory}/memory.events`]: _events, ...older} = tree as Record<string, string>;
	expectReading(t, await read(older), {...version2Reading, memoryLimitBytes: null, throttledSeconds: null, oomKills: null});
});

test('version 1, cgroupfs driver, controllers mounted together; without a limit', async t => {
	expectReading(t, await read(version1Tree(`/docker/${id}`)), {...version2Reading, memoryLimitBytes: null});
});

test('version 1, systemd driver, with a limit', async t => {
	expectReading(t, await read(version1Tree(systemdPath, '268435456')), version2Reading);
});

test('version 1 by the usual places when the mounts cannot be read', async t => {
	const path = `/docker/${id}`;
	const {'/proc/self/mountinfo': _mounts, ...tree} = version1Tree(path) as Record<string, string>;
	const renamed = Object.fromEntries(Object.entries(tree).map(([name, content]) => [name.replace('/cpu,cpuacct/', name.endsWith('cpuacct.usage') ? '/cpuacct/' : '/cpu/'), content]));
	expectReading(t, await read(renamed), {...version2Reading, memoryLimitBytes: null});
});

test('processes in a cgroup below the container are counted with the whole container', async t => {
	expectReading(t, await read({...version2Tree, [`/proc/${pid}/cgroup`]: `0::${systemdPath}/init.scope\n`}), version2Reading);
});

test('a console inside of a container sees only a part of the hierarchy', async t => {
	const tree = {
		'/proc/self/mountinfo': `31 23 0:28 /docker/outer /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n`,
		[`/proc/${pid}/cgroup`]: `0::/docker/outer/docker/${id}\n`,
		[`/proc/${pid}/net/dev`]: network,
		...version2Files(`/sys/fs/cgroup/docker/${id}`),
	};
	expectReading(t, await read(tree), version2Reading);
});

test('a pid that went to another process is not trusted', async t => {
	await withTree(version2Tree, async root => {
		const reader = createCgroupReader(root);
		t.is((await reader({id, pid})).kind, 'read');
		await plant(root, {[`/proc/${pid}/cgroup`]: '0::/user.slice/user-1000.slice/session-3.scope\n'});
		t.is((await reader({id, pid})).kind, 'foreign');
		await plant(root, {[`/proc/${pid}/cgroup`]: `0::/system.slice/docker-${'d'.repeat(64)}.scope\n`});
		t.is((await reader({id, pid})).kind, 'foreign');
	});
});

test('what is gone, and what is not a number, is told', async t => {
	t.is((await read({'/proc/self/mountinfo': version2Mounts})).kind, 'gone');
	t.is((await read({'/proc/self/mountinfo': version2Mounts, [`/proc/${pid}/cgroup`]: `0::${systemdPath}\n`})).kind, 'gone');
	t.is((await read({...version2Tree, [`/sys/fs/cgroup${systemdPath}/memory.current`]: 'nonsense\n'})).kind, 'unreadable');
	t.is((await createCgroupReader('/nonexistent')({id: '../../etc', pid})).kind, 'gone');
});

// Root is denied nothing.
const testAsUser = process.getuid?.() === 0 ? test.skip : test;

testAsUser('a file that denies itself is told as denied (left out for root, who is denied nothing)', async t => {
	await withTree(version2Tree, async root => {
		await chmod(join(root, `/sys/fs/cgroup${systemdPath}/memory.current`), 0o000);
		t.is((await createCgroupReader(root)({id, pid})).kind, 'denied');
	});
});

test('a long list of interfaces is read whole', async t => {
	const many = network + Array.from({length: 400}, (_, index) => `  veth${index}: 1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n`).join('');
	expectReading(t, await read({...version2Tree, [`/proc/${pid}/net/dev`]: many}), {...version2Reading, receivedBytes: 2000, sentBytes: 3310});
});

// ─── the port, with its fallback ─────────────────────────────────────────────

const stats = {
	cpu_stats: {cpu_usage: {total_usage: 12_500_000_000}, throttling_data: {throttled_time: 750_000_000}},
	memory_stats: {usage: 104_857_600, limit: 8e9, stats: {inactive_file: 41_943_040}},
	pids_stats: {current: 17},
	networks: {eth0: {rx_bytes: 1500, tx_bytes: 2500}, eth1: {rx_bytes: 100, tx_bytes: 10}},
};

type Hands = {readonly clock: Clock; advance(byMs: number): void};

const createHands = (): Hands => {
	let shiftMs = 0;
	return {
		clock: {...machineClock, monotonicMs: () => performance.now() + shiftMs},
		advance(byMs) {
			shiftMs += byMs;
		},
	};
};

/** Ports that look for cgroups under a root where there are none. */
const metricsOf = (engine: FakeEngine, clock: Clock, root = '/nonexistent') =>
	createDockerPorts({dockerHost: `unix://${engine.socketPath}`, clock, userAgent: 'mdc-console/test', fileSystemRoot: root});

test('without files the engine is asked, in the same terms', async t => {
	await withFakeEngine(async engine => {
		const ports = metricsOf(engine, machineClock);
		engine.route(`/containers/${id}/stats`, json(stats));
		const outcome = await ports.metrics.read({id, pid});
		t.like(outcome, {ok: true, value: {...version2Reading, memoryLimitBytes: null, oomKills: null, source: 'engine'}});
		t.true(engine.requests.some(request => request.endsWith('/stats?stream=false&one-shot=true')));
		ports.close();
	});
});

test('the engine is asked for one container at a time, and for each at most every five seconds', async t => {
	const {clock, advance} = createHands();
	await withFakeEngine(async engine => {
		const ports = metricsOf(engine, clock);
		let now = 0;
		let most = 0;
		const ids = Array.from({length: 8}, (_, index) => index.toString(16).repeat(64));
		for (const each of ids) {
			engine.route(`/containers/${each}/stats`, (request, response, url) => {
				most = Math.max(most, ++now);
				setTimeout(() => {
					now--;
					json(stats)(request, response, url);
				}, 5);
			});
		}

		const asked = (): number => engine.requests.filter(request => request.includes('/stats')).length;
		const first = await Promise.all(ids.map(async each => ports.metrics.read({id: each, pid})));
		t.true(first.every(({ok}) => ok));
		t.is(most, 1);
		t.is(asked(), 8);
		const again = await ports.metrics.read({id: ids[0]!, pid});
		t.deepEqual(again, first[0]);
		t.is(asked(), 8);
		advance(5001);
		t.true((await ports.metrics.read({id: ids[0]!, pid})).ok);
		t.is(asked(), 9);
		ports.close();
	});
});

test('while a first reading is under way the answer is busy, and empty figures are never zero', async t => {
	await withFakeEngine(async engine => {
		const ports = metricsOf(engine, machineClock);
		engine.route(`/containers/${id}/stats`, hang);
		const first = ports.metrics.read({id, pid});
		await new Promise(resolve => {
			setTimeout(resolve, 50);
		});
		t.like(await ports.metrics.read({id, pid}), {ok: false, failure: {code: 'busy'}});
		ports.close();
		t.like(await first, {ok: false, failure: {code: 'cancelled'}});
		const others = metricsOf(engine, machineClock);
		engine.route(`/containers/${id}/stats`, json({cpu_stats: {}, memory_stats: {}}));
		t.like(await others.metrics.read({id, pid}), {ok: false, failure: {code: 'unsupported'}});
		t.like(await others.metrics.read({id, pid: 0}), {ok: false, failure: {code: 'not-found'}});
		others.close();
	});
});

test('an engine whose files can be read is never asked, not even for a container that died', async t => {
	await withTree(version2Tree, async root => {
		await withFakeEngine(async engine => {
			const ports = metricsOf(engine, machineClock, root);
			t.like(await ports.metrics.read({id, pid}), {ok: true, value: {...version2Reading, source: 'cgroup'}});
			t.like(await ports.metrics.read({id: 'f'.repeat(64), pid: 1}), {ok: false, failure: {code: 'not-found'}});
			t.like(await ports.metrics.read({id: 'f'.repeat(64), pid}), {ok: false, failure: {code: 'not-found'}});
			t.deepEqual(engine.requests, []);
			ports.close();
		});
	});
});

test('files that do not answer end the read at its deadline, and are not asked again meanwhile', async t => {
	const {createEngineClient} = await import('../../source/adapters/docker/client.ts');
	const {createMetricsPort} = await import('../../source/adapters/docker/metrics.ts');
	const hasty: Clock = {...machineClock, after: (delayMs, run) => machineClock.after(delayMs / 40, run)};
	let asked = 0;
	const frozen: CgroupReader = async () => {
		asked++;
		return new Promise(() => undefined);
	};
	const client = createEngineClient({dockerHost: 'unix:///nonexistent.sock', socketPaths: [], certPath: null, tlsVerify: false, clock: hasty, userAgent: 'test'});
	const metrics = createMetricsPort({client, readCgroup: frozen});
	t.like(await metrics.read({id, pid}), {ok: false, failure: {code: 'timed-out'}});
	t.like(await metrics.read({id, pid}), {ok: false, failure: {code: 'busy'}});
	t.is(asked, 1);
	client.close();
});
