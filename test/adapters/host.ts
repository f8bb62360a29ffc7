import {execFile, spawn, spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {chmod, mkdir, mkdtemp, readFile, rm, statfs, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {monitorEventLoopDelay} from 'node:perf_hooks';
import {promisify} from 'node:util';
import test, {type ExecutionContext} from 'ava';
import {createHostPort} from '../../source/adapters/host.ts';
import type {Clock, Outcome} from '../../source/core/ports.ts';
import {realClock as clock} from '../helpers/real-clock.ts';

const valueOf = <T>(outcome: Outcome<T>): T => {
	if (!outcome.ok) {
		throw new Error(`${outcome.failure.code}: ${outcome.failure.detail}`);
	}

	return outcome.value;
};

const tree = async (t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> => {
	const directory = await mkdtemp(join(tmpdir(), 'mdc-host-'));
	t.teardown(async () => rm(directory, {recursive: true, force: true}));
	for (const [path, text] of Object.entries(files)) {
		await mkdir(dirname(join(directory, path)), {recursive: true});
		await writeFile(join(directory, path), text);
	}

	return directory;
};

const id = 'c0ffee'.repeat(10) + 'abcd';
const processText = (pid: number, name: string, ticks: number, pages: number, started = 1): string =>
	`${pid} (${name}) S 1 1 1 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${started} 1000 ${pages} 0\n`;
const mountText = (...mounts: readonly (readonly [mount: string, type: string])[]): string =>
	mounts.map(([mount, type], index) => `3${index} 1 8:${index} / ${mount} rw - ${type} /dev/x${index} rw`).join('\n');
const space = {bsize: 4096, blocks: 1000, bfree: 400, bavail: 300, files: 50, ffree: 20};

test.serial('this host answers with figures that make sense', async t => {
	const port = createHostPort({clock});
	const [identity, before, disks] = await Promise.all([port.identity(), port.read(), port.disks()]);
	t.regex(valueOf(identity).bootId, /^[\da-f-]{36}$/);
	t.true(valueOf(identity).cores >= 1);
	t.true(valueOf(identity).bootAtMs < Date.now());
	t.true(valueOf(before).memoryTotalBytes > valueOf(before).memoryAvailableBytes);
	t.true(valueOf(before).cpuBusySeconds > 0);
	const [root] = valueOf(disks).disks;
	t.is(root?.mount, '/');
	const real = await statfs('/');
	t.is(root?.totalBytes, real.blocks * real.bsize);
	t.is(new Set(valueOf(disks).disks.map(({device}) => device)).size, valueOf(disks).disks.length);
});

test.serial('identity is read from files, and its absence is empty and not an error', async t => {
	const directory = await tree(t, {
		'proc/stat': 'cpu  1 2 3 4\ncpu0 1 2 3 4\ncpu1 1 2 3 4\nbtime 1700000000\n',
		'proc/sys/kernel/hostname': 'shop-1\n',
		'proc/sys/kernel/osrelease': '6.1.0\u001B[2J\n',
		'sys/class/dmi/id/sys_vendor': 'QEMU\n',
		'sys/class/dmi/id/product_name': 'Standard PC\n',
		'usr/lib/os-release': 'PRETTY_NAME="Debian 12"\n',
	});
	const places = {clock, procDirectory: join(directory, 'proc'), sysDirectory: join(directory, 'sys'), rootDirectory: directory};
	t.deepEqual(valueOf(await createHostPort(places).identity()), {
		hostName: 'shop-1', system: 'Debian 12', kernel: '6.1.0', cores: 2, bootAtMs: 1_700_000_000_000, bootId: '', virtual: 'KVM',
	});
	await writeFile(join(directory, '.dockerenv'), '');
	t.is(valueOf(await createHostPort(places).identity()).virtual, 'docker');
});

test.serial('a /proc that is missing or nonsense is a failure with a code, and the next call tries again', async t => {
	const directory = await tree(t, {'stat': 'nonsense', 'loadavg': '1 2 3 1/1 1', 'meminfo': 'MemTotal: 1 kB\n'});
	const port = createHostPort({clock, procDirectory: directory});
	const malformed = await port.read();
	t.is(malformed.ok ? null : malformed.failure.code, 'malformed');
	await writeFile(join(directory, 'stat'), 'cpu  1 2 3 4\ncpu0 1 2 3 4\nbtime 7\n');
	t.is(valueOf(await port.read()).cpuIdleSeconds, 0.04);
	t.is(valueOf(await port.identity()).bootAtMs, 7000);

	const missing = createHostPort({clock, procDirectory: join(directory, 'none'), kernelLog: join(directory, 'none')});
	for (const answer of [await missing.read(), await missing.identity(), await missing.disks(), await missing.processes(), await missing.kernelKills()]) {
		t.is(answer.ok ? null : answer.failure.code, 'not-found');
	}
});

test.serial('memory from the library, once it is loaded, is what was read before', async t => {
	const due: (() => void)[] = [];
	const held: Clock = {
		...clock,
		after(delayMs, run) {
			if (delayMs === 1500) {
				due.push(run);
				return () => {};
			}

			return clock.after(delayMs, run);
		},
	};
	const port = createHostPort({clock: held});
	const own = valueOf(await port.read());
	t.is(due.length, 1);
	due[0]!();
	// The import is a file read away; the figures agree before and after it.
	await import('systeminformation/lib/memory.js');
	const fromLibrary = valueOf(await port.read());
	t.is(fromLibrary.memoryTotalBytes, own.memoryTotalBytes);
	t.is(fromLibrary.swapTotalBytes, own.swapTotalBytes);
	t.true(Math.abs(fromLibrary.memoryAvailableBytes - own.memoryAvailableBytes) < own.memoryTotalBytes * 0.2);
	t.is(due.length, 1);
});

test.serial('disks are told in bytes and inodes', async t => {
	const directory = await tree(t, {'self/mountinfo': mountText(['/', 'ext4'], ['/data', 'xfs'], ['/proc', 'proc'])});
	const port = createHostPort({clock, procDirectory: directory, statfs: async () => space});
	const {disks, silent} = valueOf(await port.disks());
	t.deepEqual(silent, []);
	t.deepEqual(disks.map(({mount}) => mount as string), ['/', '/data']);
	t.deepEqual(disks[0], {
		mount: '/', device: '/dev/x0', type: 'ext4', totalBytes: 4_096_000, availableBytes: 1_228_800, usedBytes: 2_457_600, inodes: 50, inodesFree: 20, readOnly: false,
	});
});

test.serial('a frozen local mount is told as silent within its deadline, asked once, and seen again when it returns', async t => {
	const directory = await tree(t, {'self/mountinfo': mountText(['/', 'ext4'], ['/frozen', 'ext4'])});
	const asked: string[] = [];
	let thaw = (): void => {};
	const frozen = new Promise<void>(resolve => {
		thaw = resolve;
	});
	const port = createHostPort({
		clock, procDirectory: directory, async statfs(path) {
			asked.push(path);
			if (path === '/frozen') {
				await frozen;
			}

			return space;
		},
	});
	const startedMs = performance.now();
	const first = valueOf(await port.disks());
	t.true(performance.now() - startedMs < 1500);
	t.deepEqual(first.silent, ['/frozen']);
	t.deepEqual(first.disks.map(({mount}) => mount as string), ['/']);

	const againMs = performance.now();
	const second = valueOf(await port.disks());
	t.true(performance.now() - againMs < 300, 'a mount known to hang costs no second wait');
	t.deepEqual(second.silent, ['/frozen']);
	t.is(asked.filter(path => path === '/frozen').length, 1);

	thaw();
	await frozen;
	t.deepEqual(valueOf(await port.disks()).silent, []);
});

test.serial('when two local mounts hang, the others are asked in a child and no third thread is risked', async t => {
	const directory = await tree(t, {'self/mountinfo': mountText(['/', 'ext4'], ['/a', 'ext4'], ['/b', 'ext4'], ['/tmp', 'ext4'])});
	let running = 0;
	let most = 0;
	const port = createHostPort({
		clock, procDirectory: directory, async statfs(path) {
			running++;
			most = Math.max(most, running);
			if (path === '/a' || path === '/b') {
				await new Promise(() => {});
			}

			running--;
			return space;
		},
	});
	for (let round = 0; round < 3; round++) {
		const {silent, disks} = valueOf(await port.disks());
		t.deepEqual(silent, ['/a', '/b']);
		t.deepEqual(disks.map(({mount}) => mount as string), ['/', '/tmp']);
	}

	t.is(most, 2);
});

test.serial('a network mount is asked in a child, at most once a minute', async t => {
	const directory = await tree(t, {
		'self/mountinfo': mountText(['/', 'ext4'], [tmpdir(), 'nfs4']),
		'stat': '#!/bin/sh\necho asked >> "$(dirname "$0")/asked"\nexec stat "$@"\n',
	});
	await chmod(join(directory, 'stat'), 0o755);
	let nowMs = 0;
	let local = 0;
	const port = createHostPort({
		clock: {...clock, monotonicMs: () => nowMs}, procDirectory: directory, statCommand: [join(directory, 'stat')], async statfs() {
			local++;
			return space;
		},
	});
	const asked = async (): Promise<number> => (await readFile(join(directory, 'asked'), 'utf8')).trim().split('\n').length;
	const {disks} = valueOf(await port.disks());
	const real = await statfs(tmpdir());
	t.is(disks.find(({type}) => type === 'nfs4')?.totalBytes, real.blocks * real.bsize);
	t.is(local, 1, 'only the local one went to the thread pool');

	nowMs = 59_000;
	t.is(valueOf(await port.disks()).disks.length, 2);
	t.is(await asked(), 1);
	nowMs = 61_000;
	t.is(valueOf(await port.disks()).disks.length, 2);
	t.is(await asked(), 2);
});

test.serial('a dead network mount is silent, its child is killed, and no second child is started beside one that lives', async t => {
	const directory = await tree(t, {
		'self/mountinfo': mountText(['/', 'ext4'], ['/mnt/dead', 'nfs4']),
		'stat': '#!/bin/sh\necho $$ >> "$(dirname "$0")/pids"\nexec sleep 60\n',
	});
	await chmod(join(directory, 'stat'), 0o755);
	const port = createHostPort({clock, procDirectory: directory, statCommand: [join(directory, 'stat')], statfs: async () => space});
	const first = valueOf(await port.disks());
	t.deepEqual(first.silent, ['/mnt/dead']);
	t.deepEqual(first.disks.map(({mount}) => mount as string), ['/']);
	t.deepEqual(valueOf(await port.disks()).silent, ['/mnt/dead']);

	const pids = (await readFile(join(directory, 'pids'), 'utf8')).trim().split('\n');
	t.is(pids.length, 1);
	const isAlive = (): boolean => existsSync(`/proc/${pids[0]}`);
	const startedMs = performance.now();
	while (isAlive() && performance.now() - startedMs < 5000) {
		await new Promise(resolve => {
			setTimeout(resolve, 20);
		});
	}

	t.false(isAlive());
});

test.serial('a mount that really hangs (a FUSE server that never answers) holds neither the caller nor the end of the program', async t => {
	const directory = await tree(t, {'mount/x': ''});
	// In a mount namespace of its own, so that nobody else on this machine runs into it; fd 3 keeps the mount, and dies with the child.
	const mount = `exec 3<>/dev/fuse && mount -i -t fuse.sshfs -o fd=3,rootmode=40000,user_id=0,group_id=0 nobody@nowhere:/ ${directory}/mount`;
	const possible = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'sh', '-c', mount], {timeout: 10_000}).status === 0;
	if (!possible) {
		t.log('left out: needs root, unshare and /dev/fuse');
		t.pass();
		return;
	}

	const script = `import {createHostPort} from ${JSON.stringify(new URL('../../source/adapters/host.ts', import.meta.url).href)};
		const clock = {nowMs: Date.now, monotonicMs: () => performance.now(), after: (ms, run) => { const timer = setTimeout(run, ms); return () => clearTimeout(timer); }};
		const port = createHostPort({clock});
		const rounds = [];
		for (let round = 0; round < 2; round++) {
			const startedMs = performance.now();
			const answer = await port.disks();
			rounds.push({silent: answer.value.silent, root: answer.value.disks[0].mount, tookMs: performance.now() - startedMs});
		}
		console.log(JSON.stringify(rounds));`;
	const startedMs = performance.now();
	const {stdout} = await promisify(execFile)('unshare', ['-m', 'sh', '-c', `${mount} && exec "$0" "$@"`, process.execPath, '--import=tsx', '--input-type=module', '-e', script], {cwd: process.cwd()});
	const rounds = JSON.parse(stdout) as readonly {readonly silent: readonly string[]; readonly root: string; readonly tookMs: number}[];
	for (const {silent, root, tookMs} of rounds) {
		t.true(silent.includes(join(directory, 'mount')), stdout);
		t.is(root, '/');
		t.true(tookMs < 2000, stdout);
	}

	t.true(performance.now() - startedMs < 8000);
});

test.serial('a stat program that is missing makes the mount silent, not the call fail', async t => {
	const directory = await tree(t, {'self/mountinfo': mountText(['/mnt/nas', 'nfs4'])});
	const port = createHostPort({clock, procDirectory: directory, statCommand: [join(directory, 'no-such')]});
	t.deepEqual(valueOf(await port.disks()).silent, ['/mnt/nas']);
});

test.serial('a stat program that the host cannot start makes the mount silent, and nothing else of the reading fails', async t => {
	// Longer than the kernel takes one word: Node throws, as it does where no memory is left.
	const directory = await tree(t, {'self/mountinfo': mountText(['/', 'ext4'], [`/mnt/${'x'.repeat(200_000)}`, 'nfs4'])});
	const {disks, silent} = valueOf(await createHostPort({clock, procDirectory: directory}).disks());
	t.deepEqual([disks.map(({mount}) => mount), silent.length], [['/'], 1]);
});

test.serial('the busiest processes since the reading before, with their container', async t => {
	const directory = await tree(t, {
		'1/stat': processText(1, 'init', 5000, 10),
		'20/stat': processText(20, 'gunicorn', 100, 5000),
		'20/cgroup': `4:memory:/docker/${id}\n`,
		'30/stat': processText(30, 'reused', 900, 20),
		'40/stat': 'broken',
		'sys/x': '',
	});
	let nowMs = 0;
	const port = createHostPort({clock: {...clock, monotonicMs: () => nowMs}, procDirectory: directory});
	const first = valueOf(await port.processes());
	t.is(first.count, 3);
	t.true(first.byCpu.every(({cpuCores}) => cpuCores === null));
	t.deepEqual(first.byMemory.map(({pid}) => pid), [20, 30, 1]);
	t.is(first.byMemory[0]?.memoryBytes, 5000 * 4096);
	t.is(first.byMemory[0]?.containerId, id);

	nowMs = 2000;
	await writeFile(join(directory, '20/stat'), processText(20, 'gunicorn', 400, 5000));
	await writeFile(join(directory, '30/stat'), processText(30, 'new one', 50, 20, 2));
	const second = valueOf(await port.processes());
	t.deepEqual(second.byCpu.map(({pid, cpuCores}) => [pid, cpuCores]), [[20, 1.5], [30, 0.25], [1, 0]]);
});

test.serial('a spinning process is found among three hundred, and the loop is never held for long', async t => {
	const children = Array.from({length: 250}, () => spawn('sleep', ['60'], {stdio: 'ignore'}));
	const busy = spawn(process.execPath, ['-e', 'for(;;);'], {stdio: 'ignore'});
	t.teardown(() => {
		for (const child of [...children, busy]) {
			child.kill('SIGKILL');
		}
	});
	const port = createHostPort({clock});
	await port.processes();
	const delay = monitorEventLoopDelay({resolution: 1});
	const startedMs = performance.now();
	while (performance.now() - startedMs < 700) {
		await new Promise(resolve => {
			setTimeout(resolve, 50);
		});
	}

	delay.enable();
	const cpuBefore = process.cpuUsage();
	const {count, byCpu} = valueOf(await port.processes());
	const cpu = process.cpuUsage(cpuBefore);
	// The histogram takes its sample on the next timer.
	await new Promise(resolve => {
		setTimeout(resolve, 20);
	});
	delay.disable();
	t.true(count >= 250);
	const found = byCpu.find(({pid}) => pid === busy.pid);
	t.true((found?.cpuCores ?? 0) > 0.1, `${found?.cpuCores}`);
	t.is(found?.name as string, 'node', 'Node\'s own processes are not all called MainThread');
	t.log(`${count} processes: ${((cpu.user + cpu.system) / 1000).toFixed(1)} ms CPU, loop held ${(delay.max / 1e6).toFixed(1)} ms at most`);
});

test.serial('a kernel log that may not be read is told as denied', async t => {
	const unprivileged = process.getuid?.() === 0 ? null : await createHostPort({clock}).kernelKills();
	if (unprivileged === null) {
		const script = `import {createHostPort} from ${JSON.stringify(new URL('../../source/adapters/host.ts', import.meta.url).href)};
			process.setuid(65534);
			const answer = await createHostPort({clock: {nowMs: Date.now, monotonicMs: () => performance.now(), after: () => () => {}}}).kernelKills();
			console.log(answer.ok ? 'ok' : answer.failure.code);`;
		const {stdout} = await promisify(execFile)(process.execPath, ['--import=tsx', '--input-type=module', '-e', script]);
		t.is(stdout.trim(), 'denied');
		return;
	}

	t.true(unprivileged.ok || unprivileged.failure.code === 'denied');
});

test.serial('a real kill by the kernel in a memory cgroup is told with pid, name and instant', async t => {
	const cgroup = `/sys/fs/cgroup/memory/${id}`;
	if (process.getuid?.() !== 0 || !existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes')) {
		t.log('left out: needs root and a memory cgroup of version 1');
		t.pass();
		return;
	}

	await mkdir(cgroup, {recursive: true});
	t.teardown(() => {
		spawnSync('rmdir', [cgroup]);
	});
	await writeFile(join(cgroup, 'memory.limit_in_bytes'), String(8 * 1024 * 1024));
	const port = createHostPort({clock});
	const known = valueOf(await port.kernelKills()).length;
	const startedMs = Date.now();
	const victim = spawn('sh', ['-c', `echo $$ > ${cgroup}/cgroup.procs; exec tail /dev/zero`], {stdio: 'ignore'});
	await new Promise(resolve => {
		victim.on('exit', resolve);
	});
	let kills = valueOf(await port.kernelKills());
	while (!kills.some(({pid}) => pid === victim.pid) && Date.now() - startedMs < 10_000) {
		await new Promise(resolve => {
			setTimeout(resolve, 20);
		});
		kills = valueOf(await port.kernelKills());
	}

	const kill = kills.find(({pid}) => pid === victim.pid);
	t.true(kills.length > known);
	t.is(kill?.name as string, 'tail');
	t.is(kill?.containerId, id);
	t.true(kill?.byLimit);
	t.true(Math.abs(kill!.atMs - startedMs) < 5000, `${kill!.atMs - startedMs} ms off`);
	t.deepEqual(valueOf(await port.kernelKills()), kills, 'reading again gives the same kills at the same instants');
});

test.serial('nothing is forked and the library loads without a fork', async t => {
	if (spawnSync('strace', ['-V']).error !== undefined) {
		t.log('left out: strace is not here');
		t.pass();
		return;
	}

	const directory = await tree(t, {});
	const script = `import {createHostPort} from ${JSON.stringify(new URL('../../source/adapters/host.ts', import.meta.url).href)};
		const due = [];
		const port = createHostPort({clock: {nowMs: Date.now, monotonicMs: () => performance.now(), after: (ms, run) => { if (ms === 1500) due.push(run); return () => {}; }}});
		await port.read(); due[0](); await import('systeminformation/lib/memory.js');
		for (let i = 0; i < 3; i++) { await port.read(); await port.identity(); await port.processes(); await port.kernelKills(); }
		console.log('done');`;
	const trace = join(directory, 'trace');
	const {stdout} = await promisify(execFile)('strace', ['-f', '-qq', '-e', 'trace=execve', '-o', trace, process.execPath, '--import=tsx', '--input-type=module', '-e', script], {cwd: process.cwd()});
	t.is(stdout.trim(), 'done');
	const programs = (await readFile(trace, 'utf8')).split('\n').filter(line => line.includes('execve(') && !line.includes('ENOENT') && !line.includes('esbuild'));
	t.is(programs.length, 1, programs.join('\n'));
});
