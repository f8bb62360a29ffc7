/**
The host as a port: figures from /proc, disks, processes, kernel kills, identity. What lies under `host/` hides the formats; this
file puts them together. Invariants: nothing is forked but the short-lived child that asks a mount which may hang;
nothing here can hold the caller for more than about a second; a call in flight is joined, never doubled.

Memory comes from systeminformation's `mem()`, the only call of that library that concerns a host and starts no program on Linux (seen with
strace on 5.33). Loading the whole library takes 57 ms and 11 MB, its memory file alone 7 ms: that one is loaded, a while after the
first reading. Until then, and where it cannot be loaded, /proc/meminfo is read here, which gives the same figures.
*/

import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Clock, HostIdentity, HostPort, HostReading, Outcome} from '../core/ports.ts';
import {emptyText} from '../core/text.ts';
import {afterFairly} from '../core/fair-deadline.ts';
import {askFileSystem, createDiskReader, type DiskOptions} from './host/disks.ts';
import {failureOf, malformed} from './host/failure.ts';
import {type MemoryFigures, parseCpu, parseLoad, parseMemory} from './host/figures.ts';
import {readIdentity} from './host/identity.ts';
import {createKernelKillReader} from './host/kernel-log.ts';
import {readComposeRuns} from './host/compose-runs.ts';
import {readPortHolder} from './host/port-holder.ts';
import {readProcessTree} from './host/process-tree.ts';
import {createProcessReader} from './host/processes.ts';

const loadLibraryAfterMs = 1500;
const readDeadlineMs = 1000;
// The disks keep a deadline of one second each by themselves; this one is for the mount table.
const disksDeadlineMs = 2000;
const processesDeadlineMs = 3000;

export type HostOptions = {
	readonly clock: Clock;
	readonly procDirectory?: string;
	readonly sysDirectory?: string;
	/** Where `etc/os-release` and its like lie. */
	readonly rootDirectory?: string;
	readonly kernelLog?: string;
	/** Answers as `stat -f -c FORMAT MOUNT` does. */
	readonly statCommand?: readonly string[];
	readonly statfs?: DiskOptions['statfs'];
};

/** Makes the host's port. It opens nothing and starts nothing before the first call. */
export const createHostPort = ({
	clock, procDirectory = '/proc', sysDirectory = '/sys', rootDirectory = '/', kernelLog = '/dev/kmsg', statCommand = ['stat'], statfs = askFileSystem,
}: HostOptions): HostPort => {
	const readMemory = createMemoryReader(clock, procDirectory);
	let identity: Promise<Outcome<HostIdentity>> | null = null;
	return {
		async identity() {
			identity ??= readIdentity({procDirectory, sysDirectory, rootDirectory});
			const answer = await identity;
			if (!answer.ok) {
				identity = null;
			}

			return answer;
		},
		read: bounded(clock, async () => readFigures(clock, procDirectory, readMemory), readDeadlineMs),
		disks: bounded(clock, createDiskReader({clock, procDirectory, statCommand, statfs}), disksDeadlineMs),
		processes: bounded(clock, createProcessReader({clock, procDirectory}), processesDeadlineMs),
		kernelKills: bounded(clock, createKernelKillReader({clock, kernelLog, procDirectory}), processesDeadlineMs),
		processTree: async pid => readProcessTree(procDirectory, pid),
		portHolder: async port => readPortHolder(procDirectory, port),
		composeRuns: async directory => readComposeRuns({clock, procDirectory, directory}),
	};
};

/** A caller that comes while a call is in flight gets that call's answer, and none waits longer than the deadline. */
const bounded = <T>(clock: Clock, run: () => Promise<Outcome<T>>, deadlineMs: number): (() => Promise<Outcome<T>>) => {
	let running: Promise<Outcome<T>> | null = null;
	return async () => {
		const answer = running ??= run().finally(() => {
			running = null;
		});
		// /proc never waits for a disk, but the thread pool that reads it may be full of calls that do.
		return new Promise((resolve, reject) => {
			const stop = afterFairly(clock, deadlineMs, () => {
				resolve({ok: false, failure: {code: 'timed-out', detail: emptyText}});
			});
			answer.finally(stop).then(resolve, reject);
		});
	};
};

const readFigures = async (clock: Clock, procDirectory: string, readMemory: () => Promise<MemoryFigures | null>): Promise<Outcome<HostReading>> => {
	try {
		const [stat, loadavg, memory] = await Promise.all([
			readFile(join(procDirectory, 'stat'), 'utf8'),
			readFile(join(procDirectory, 'loadavg'), 'utf8'),
			readMemory(),
		]);
		const cpu = parseCpu(stat);
		const load = parseLoad(loadavg);
		if (cpu === null || load === null || memory === null) {
			return malformed(join(procDirectory, cpu === null ? 'stat' : load === null ? 'loadavg' : 'meminfo'));
		}

		return {
			ok: true,
			value: {
				atMs: clock.nowMs(),
				cpuBusySeconds: cpu.busySeconds,
				cpuIdleSeconds: cpu.idleSeconds,
				cpuStolenSeconds: cpu.stolenSeconds,
				cpuWaitSeconds: cpu.waitSeconds,
				load,
				memoryTotalBytes: memory.totalBytes,
				memoryAvailableBytes: memory.availableBytes,
				swapTotalBytes: memory.swapTotalBytes,
				swapUsedBytes: memory.swapUsedBytes,
			},
		};
	} catch (error) {
		return failureOf(error);
	}
};

const createMemoryReader = (clock: Clock, procDirectory: string): (() => Promise<MemoryFigures | null>) => {
	let library: typeof import('systeminformation/lib/memory.js') | null = null;
	let asked = false;
	const load = async (): Promise<void> => {
		try {
			library = await import('systeminformation/lib/memory.js');
		} catch {
			// Left out of this build: our own reading of the same file goes on.
		}
	};

	return async () => {
		if (library !== null) {
			const {total, available, swaptotal, swapused} = await library.mem();
			return {totalBytes: total, availableBytes: available, swapTotalBytes: swaptotal, swapUsedBytes: swapused};
		}

		// The library knows no other place than /proc.
		if (!asked && procDirectory === '/proc') {
			asked = true;
			clock.after(loadLibraryAfterMs, () => {
				void load();
			});
		}

		return parseMemory(await readFile(join(procDirectory, 'meminfo'), 'utf8'));
	};
};
