import test from 'ava';
import {containerIdIn, parseBootAtMs, parseCores, parseCpu, parseLoad, parseMemory, parsePageBytes, parseSystemName} from '../../source/adapters/host/figures.ts';
import {createKillRecognizer, parseKernelRecord} from '../../source/adapters/host/kernel-log.ts';
import {chooseMounts} from '../../source/adapters/host/mounts.ts';
import {parseProcess} from '../../source/adapters/host/processes.ts';

const id = 'c0ffee'.repeat(10) + 'abcd';
const otherId = 'facade'.repeat(10) + '0123';

test('CPU time is split into spans that do not overlap: guest time is not counted twice', t => {
	t.deepEqual(parseCpu('cpu  100 20 30 4000 50 6 4 7 60 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nbtime 1700000000\n'), {busySeconds: 1.6, idleSeconds: 40, stolenSeconds: 0.07, waitSeconds: 0.5});
	t.deepEqual(parseCpu('cpu 100 0 0 100\n'), {busySeconds: 1, idleSeconds: 1, stolenSeconds: 0, waitSeconds: 0});
	t.is(parseCpu('intr 12\n'), null);
	t.is(parseCores('cpu  1 2\ncpu0 1 2\ncpu1 1 2\ncpu10 3 4\nintr 5\n'), 3);
	t.is(parseBootAtMs('cpu 1\nbtime 1700000000\n'), 1_700_000_000_000);
	t.is(parseBootAtMs('cpu 1\n'), null);
});

test('load and memory are read, also from a kernel without MemAvailable', t => {
	t.deepEqual(parseLoad('0.50 1.25 2.00 3/812 4711\n'), [0.5, 1.25, 2]);
	t.is(parseLoad(''), null);
	t.is(parseLoad('a b c'), null);
	t.deepEqual(parseMemory('MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 600 kB\nSwapTotal: 50 kB\nSwapFree: 20 kB\nHugePages_Total: 0\n'), {
		totalBytes: 1_024_000, availableBytes: 614_400, swapTotalBytes: 51_200, swapUsedBytes: 30_720,
	});
	t.is(parseMemory('MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 10 kB\nCached: 40 kB\n')?.availableBytes, 153_600);
	t.is(parseMemory('nonsense'), null);
});

test('a system is named as its os-release names it, however it is quoted', t => {
	t.is(parseSystemName('NAME=x\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'), 'Debian GNU/Linux 12 (bookworm)');
	t.is(parseSystemName('PRETTY_NAME=\'A "quoted" one\'\n'), 'A "quoted" one');
	t.is(parseSystemName('PRETTY_NAME=Alpine\n'), 'Alpine');
	t.is(parseSystemName('NAME=x\n'), null);
});

test('the page size comes from the auxiliary vector', t => {
	const words = new BigUint64Array([16n, 0xFFn, 6n, 65_536n, 0n, 0n]);
	t.is(parsePageBytes(new Uint8Array(words.buffer)), 65_536);
	t.is(parsePageBytes(new Uint8Array(0)), 4096);
});

test('a container is found in cgroup paths of both versions and both drivers; longer digits are no container', t => {
	t.is(containerIdIn(`12:memory:/docker/${id}\n`), id);
	t.is(containerIdIn(`0::/system.slice/docker-${id}.scope\n`), id);
	t.is(containerIdIn(`0::/docker/${id}/docker/${otherId}\n`), id);
	t.is(containerIdIn('0::/user.slice\n'), null);
	t.is(containerIdIn(`0::/${id}ff\n`), null);
});

test('a process name may hold brackets and spaces', t => {
	const fields = 'S 1 2 3 4 5 6 7 8 9 10 30 12 0 0 20 0 1 0 777 123456 42 18446744073709551615';
	t.deepEqual(parseProcess(`4711 (a) S (b ) c) ${fields}\n`), {pid: 4711, parentPid: 1, name: 'a) S (b ) c', cpuTicks: 42, startTicks: 777, residentPages: 42});
	t.is(parseProcess(''), null);
	t.is(parseProcess('12 (x) S 1 2'), null);
});

const mountLine = (number: string, root: string, mount: string, type: string, device: string, options = 'rw,relatime', superOptions = 'rw'): string =>
	`36 27 ${number} ${root} ${mount} ${options} shared:1 - ${type} ${device} ${superOptions}`;

test('only real file systems are chosen, each device once under its shortest mount point', t => {
	const chosen = chooseMounts([
		mountLine('0:21', '/', '/proc', 'proc', 'proc'),
		mountLine('8:17', '/', '/data/disk', 'xfs', '/dev/sdb1'),
		mountLine('8:17', '/sub', '/d', 'xfs', '/dev/sdb1'),
		mountLine('8:17', '/', '/mnt/again/disk', 'xfs', '/dev/sdb1'),
		mountLine('8:1', '/', '/', 'ext4', '/dev/sda1'),
		mountLine('8:1', '/var/lib/docker', '/var/lib/docker', 'ext4', '/dev/sda1'),
		mountLine('7:3', '/', '/snap/core/1', 'squashfs', '/dev/loop3'),
		mountLine('7:4', '/', '/srv/shop/data', 'ext4', '/dev/loop4'),
		mountLine('0:50', '/', '/var/lib/docker/overlay2/abc/merged', 'overlay', 'overlay'),
		mountLine('0:51', '/', '/run', 'tmpfs', 'tmpfs'),
		mountLine('8:2', '/', '/boot/efi', 'vfat', '/dev/sda2'),
		mountLine('0:60', '/', '/mnt/nas', 'nfs4', 'nas:/export'),
		mountLine('0:61', '/', '/home/ana/remote', 'fuse.sshfs', 'ana@x:/'),
		mountLine('0:62', '/', '/var/lib/lxcfs', 'fuse.lxcfs', 'lxcfs'),
		mountLine('0:63', '/', '/misc', 'autofs', 'systemd-1'),
		'garbage',
		'',
	].join('\n'));
	t.deepEqual(chosen.map(({mount, remote}) => [mount, remote]), [
		['/', false], ['/boot/efi', false], ['/data/disk', false], ['/home/ana/remote', true], ['/mnt/nas', true], ['/srv/shop/data', false],
	]);
});

test('an escaped mount point, a hidden mount and a read-only one are told as they are', t => {
	const chosen = chooseMounts([
		mountLine('8:5', '/', '/mnt/old\\040disk', 'ext4', '/dev/sde1'),
		mountLine('8:6', '/', '/mnt/old\\040disk', 'ext4', '/dev/sdf1', 'rw', 'ro,errors=remount-ro'),
	].join('\n'));
	t.deepEqual(chosen, [{mount: '/mnt/old disk', device: '/dev/sdf1', type: 'ext4', readOnly: true, remote: false}]);
});

test('inside a container the overlay root is the disk, and the files that the engine mounts are not', t => {
	const chosen = chooseMounts([
		mountLine('0:70', '/', '/', 'overlay', 'overlay'),
		mountLine('8:1', '/var/lib/docker/containers/x/hosts', '/etc/hosts', 'ext4', '/dev/sda1'),
	].join('\n'));
	t.deepEqual(chosen.map(({mount}) => mount), ['/']);
});

const killsOf = (...messages: readonly string[]) => {
	const recognize = createKillRecognizer();
	return messages.map((message, index) => recognize({microseconds: 1_000_000 + index, message})).filter(kill => kill !== null);
};

test('a kill by a container\'s limit names the container', t => {
	t.deepEqual(killsOf(
		`oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=${id},mems_allowed=0,oom_memcg=/docker/${otherId},task_memcg=/docker/${id},task=gunicorn,pid=17,uid=1000`,
		'Memory cgroup out of memory: Killed process 17 (gunicorn) total-vm:100kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:1kB oom_score_adj:0',
		'oom_reaper: reaped process 17 (gunicorn), now anon-rss:0kB',
	), [{pid: 17, name: 'gunicorn' as never, containerId: id, byLimit: true}]);
});

test('a kill for want of memory on the host is not by a limit, and its victim\'s container is still named', t => {
	t.deepEqual(killsOf(
		`oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/system.slice/docker-${id}.scope,task=java,pid=99,uid=0`,
		'Out of memory: Killed process 99 (java (main) x) total-vm:100kB, anon-rss:1kB',
	), [{pid: 99, name: 'java (main) x' as never, containerId: id, byLimit: false}]);
});

test('older kernels and group kills are understood; an old announcement does not stain a later kill', t => {
	t.deepEqual(killsOf(
		`Task in /docker/${id} killed as a result of limit of /docker/${id}`,
		'Memory cgroup out of memory: Kill process 5 (ruby) score 1001 or sacrifice child',
		'Killed process 5 (ruby) total-vm:12kB, anon-rss:1kB',
	), [{pid: 5, name: 'ruby' as never, containerId: id, byLimit: true}]);
	t.is(killsOf(`Tasks in /docker/${id} are going to be killed due to memory.oom.group set`, 'Memory cgroup out of memory: Killed process 6 (a) total-vm:1kB', 'Memory cgroup out of memory: Killed process 7 (b) total-vm:1kB').length, 2);

	const recognize = createKillRecognizer();
	recognize({microseconds: 0, message: `Task in /docker/${id} killed as a result of limit of /docker/${id}`});
	t.deepEqual(recognize({microseconds: 60_000_000, message: 'Out of memory: Killed process 8 (x) total-vm:1kB'}), {pid: 8, name: 'x' as never, containerId: null, byLimit: false});
});

test('only the kernel\'s own records count, not what a program wrote into its log', t => {
	t.deepEqual(parseKernelRecord('6,339,5140900,-;Killed process 1 (x) total-vm:1kB\n SUBSYSTEM=acpi\n'), {microseconds: 5_140_900, message: 'Killed process 1 (x) total-vm:1kB'});
	t.is(parseKernelRecord('12,339,5140900,-;Killed process 1 (x) total-vm:1kB\n'), null);
	t.is(parseKernelRecord(''), null);
});
