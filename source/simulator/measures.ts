/**
What the pretend server's counters say: containers' CPU, memory and network, and the host that carries them. Everything is a function of
the world's time and state, and the host's numbers are the sum of its parts, so that a busy container is seen in all of them.
*/

import type {HostPort, MetricsPort, ProcessReading} from '../core/ports.ts';
import {makeSafe, ownText} from '../core/text.ts';
import {hexDigits, share} from './random.ts';
import {hostName} from './stack.ts';
import {visitsPerSecond} from './traffic.ts';
import type {SimulatedContainer, World} from './world.ts';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;
const cores = 4;
const memoryTotalBytes = 7.76 * gibibyte;
const otherBytes = 1.62 * gibibyte;
const otherCores = 0.11;

/** Whole CPU seconds since the container's creation: even work plus slow waves, never going back. */
export const cpuSeconds = (world: World, container: SimulatedContainer): number => {
	const {at, seconds, cores: usual} = container.cpu;
	const now = world.timeline.now();
	const wave = (period: number): number => {
		const phase = share(world.seed, container.service, period) * Math.PI * 2;
		return period / 1000 * (Math.cos((at / period) + phase) - Math.cos((now / period) + phase));
	};

	return seconds + (usual * (Math.max(0, now - at) / 1000)) + (container.state === 'running' ? usual * 0.35 * (wave(7000) + wave(23_000)) : 0);
};

/** Memory without file cache; climbs to the limit before an out-of-memory kill. */
export const memoryBytes = (world: World, container: SimulatedContainer): number => {
	if (container.pid === 0) {
		return 0;
	}

	const {usualBytes, memoryLimitBytes} = container.plan;
	const now = world.timeline.now();
	const wave = 1 + (0.018 * Math.sin((now / 41_000) + (share(world.seed, container.service) * 6)));
	const grown = usualBytes * (container.app === 'starting' ? 0.45 : 1) * wave;
	return Math.round(container.leak === null ? grown : Math.min(memoryLimitBytes, grown + ((memoryLimitBytes - grown) * (now - container.leak.since) / container.leak.lastsMs)));
};

const networkBytes = (world: World, container: SimulatedContainer): readonly [number, number] => {
	const seconds = Math.max(0, (world.timeline.now() - container.startedAt) / 1000);
	const visits = seconds * visitsPerSecond(container.startedAt);
	const each: Readonly<Record<SimulatedContainer['service'], readonly [number, number]>> = {api: [2100, 2600], db: [420, 1900], redis: [160, 210], nginx: [2900, 3300]};
	const [received, sent] = each[container.service];
	return [Math.round(visits * received), Math.round(visits * sent)];
};

export const createMetricsPort = (world: World): MetricsPort => ({
	async read({id}) {
		const container = world.byId(id);
		if (container === null || container.pid === 0) {
			return {ok: false, failure: {code: 'not-found', detail: makeSafe(`no control group of ${id.slice(0, 12)}`)}};
		}

		const [receivedBytes, sentBytes] = networkBytes(world, container);
		return {
			ok: true,
			value: {
				atMs: world.clock.nowMs(),
				cpuSeconds: cpuSeconds(world, container),
				throttledSeconds: container.plan.cpuLimitCores === null ? 0 : cpuSeconds(world, container) * 0.004,
				memoryBytes: memoryBytes(world, container),
				memoryLimitBytes: container.plan.memoryLimitBytes,
				receivedBytes,
				sentBytes,
				oomKills: container.oomKills,
				processes: container.plan.processes.length,
				source: 'cgroup',
			},
		};
	},
});

const daemons: ReadonlyArray<{readonly pid: number; readonly name: string; readonly cores: number; readonly bytes: number}> = [
	{pid: 1, name: 'systemd', cores: 0.001, bytes: 12 * mebibyte},
	{pid: 412, name: 'systemd-journald', cores: 0.004, bytes: 58 * mebibyte},
	{pid: 688, name: 'containerd', cores: 0.011, bytes: 47 * mebibyte},
	{pid: 731, name: 'dockerd', cores: 0.024, bytes: 96 * mebibyte},
	{pid: 702, name: 'sshd', cores: 0, bytes: 8 * mebibyte},
	{pid: 915, name: 'node_exporter', cores: 0.006, bytes: 21 * mebibyte},
];

/** What the engine publishes is held by a process of its own on the host. */
const proxyPid = 900;

export const createHostPort = (world: World): HostPort => {
	const now = (): number => world.clock.nowMs();
	const containersCores = (): number => world.containers().reduce((sum, container) => sum + (container.pid === 0 ? 0 : container.cpu.cores), 0);
	let removedSeconds = 0;
	let lastBusy = 0;

	/** All containers' CPU since the simulation began; a removed container does not take its seconds with it. */
	const containersSeconds = (): number => {
		const seconds = world.containers().reduce((sum, container) => sum + cpuSeconds(world, container), 0);
		removedSeconds = Math.max(removedSeconds, lastBusy - seconds);
		lastBusy = seconds + removedSeconds;
		return lastBusy;
	};

	return {
		async identity() {
			return {
				ok: true,
				value: {hostName, system: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0-28-amd64', cores, bootAtMs: world.timeline.toWall(world.bootAt), bootId: bootIdOf(world.seed), virtual: 'kvm'},
			};
		},
		async read() {
			const at = world.timeline.now();
			const upSeconds = (at - world.bootAt) / 1000;
			const wave = (period: number): number => 0.03 * period / 1000 * (1 - Math.cos(at / period));
			const busy = containersSeconds() + (otherCores * upSeconds) + wave(5000) + wave(19_000);
			const wait = upSeconds * 0.006 * cores;
			const stolen = upSeconds * 0.001 * cores;
			const load = containersCores() + otherCores;
			const used = otherBytes + world.containers().reduce((sum, container) => sum + memoryBytes(world, container), 0);
			const swing = (share(world.seed, 'load', Math.floor(at / 5000)) - 0.5) * 0.12;
			return {
				ok: true,
				value: {
					atMs: now(),
					cpuBusySeconds: busy,
					cpuIdleSeconds: (upSeconds * cores) - busy - wait - stolen,
					cpuStolenSeconds: stolen,
					cpuWaitSeconds: wait,
					load: [Math.max(0, load + swing), load + 0.03, load + 0.05],
					memoryTotalBytes,
					memoryAvailableBytes: Math.round(memoryTotalBytes - used),
					swapTotalBytes: 2 * gibibyte,
					swapUsedBytes: 31 * mebibyte,
				},
			};
		},
		async disks() {
			const usedBytes = Math.round(world.usedDiskBytes());
			return {
				ok: true,
				value: {
					atMs: now(),
					disks: [
						{mount: '/', device: '/dev/vda1', type: 'ext4', totalBytes: Math.round(world.disk.totalBytes), usedBytes, availableBytes: Math.max(0, Math.round(world.disk.totalBytes) - usedBytes), inodes: 2_621_440, inodesFree: 2_183_011, readOnly: false},
						{mount: '/boot/efi', device: '/dev/vda15', type: 'vfat', totalBytes: 124 * mebibyte, usedBytes: 12 * mebibyte, availableBytes: 112 * mebibyte, inodes: 0, inodesFree: 0, readOnly: false},
					],
					silent: [],
				},
			};
		},
		async processes() {
			const all = [...daemons.map(daemon => ({pid: daemon.pid, name: ownText(daemon.name), cpuCores: daemon.cores, memoryBytes: daemon.bytes, containerId: null})), ...world.containers().flatMap(container => processesOf(world, container))];
			const top = (key: (process: ProcessReading) => number): readonly ProcessReading[] => [...all].sort((a, b) => key(b) - key(a) || a.pid - b.pid).slice(0, 5);
			return {ok: true, value: {atMs: now(), count: 118 + all.length, byCpu: top(process => process.cpuCores ?? 0), byMemory: top(process => process.memoryBytes)}};
		},
		async kernelKills() {
			return {ok: true, value: [...world.kernelKills]};
		},
		async processTree(pid) {
			const container = world.containers().find(other => other.pid === pid && pid !== 0);
			return container === undefined
				? {ok: false, failure: {code: 'not-found', detail: ownText(String(pid))}}
				: {ok: true, value: {count: container.plan.processes.length, stopped: 0, waiting: 0, files: null, listening: null}};
		},
		async portHolder(port) {
			const stranger = world.strangerOn(port);
			const isPublished = world.containers().some(({pid, plan}) => pid !== 0 && plan.hostPort === port);
			return {ok: true, value: stranger === null ? (isPublished ? {pid: proxyPid, name: ownText('docker-proxy')} : null) : {pid: stranger.pid, name: ownText(stranger.name)}};
		},
		composeRuns: async () => ({ok: true, value: []}),
	};
};

const processesOf = (world: World, container: SimulatedContainer): readonly ProcessReading[] => {
	if (container.pid === 0) {
		return [];
	}

	const count = container.plan.processes.length;
	return container.plan.processes.map((name, index) => {
		const part = count === 1 ? 1 : index === 0 ? 0.1 : 0.9 / (count - 1);
		const swing = 0.7 + (share(world.seed, container.service, index, Math.floor(world.timeline.now() / 3000)) * 0.6);
		return {pid: container.pid + index, name: makeSafe(name), cpuCores: container.cpu.cores * part * swing, memoryBytes: Math.round(memoryBytes(world, container) * (count === 1 ? 1 : index === 0 ? 0.2 : 0.8 / (count - 1))), containerId: container.id};
	});
};

/** The pretend machine's boot id. */
export const bootIdOf = (seed: number): string => {
	const digits = hexDigits(32, seed, 'boot');
	return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
};
