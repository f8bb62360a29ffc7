/**
Who listens and what runs, read from /proc when somebody asks. A container's sockets are read through its first process's network (/proc/<pid>/net),
so nothing enters the container and nothing is forked. Whose a socket is stands in the links of /proc/<pid>/fd, which only root may read of others:
what may not be read is told as an owner that is not known.

Invariants: the loop is held for about three milliseconds at a time; every answer is bounded.
*/

import {closeSync, constants, existsSync, openSync, readdirSync, readFileSync, readlinkSync, readSync} from 'node:fs';
import {join} from 'node:path';
import {setImmediate as nextTurn} from 'node:timers/promises';
import type {InspectionPort, Listener, ProcessDetail, SystemLogLine} from '../../core/inspection.ts';
import type {Clock, Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {failureOf} from './failure.ts';
import {containerIdIn, parsePageBytes, ticksPerSecond} from './figures.ts';
import {parseKernelRecord} from './kernel-log.ts';
import {parseProcess} from './processes.ts';
import {parseSockets, type Socket} from './sockets.ts';

const sliceMs = 3;
const listenersKept = 200;
const processesKept = 200;
const deadlineMs = 3000;
const recordBytes = 8192;

export type HostInspectionOptions = {readonly clock: Clock; readonly procDirectory?: string; readonly kernelLog?: string; readonly systemdDirectory?: string};

export type HostInspection = Pick<InspectionPort, 'listeners' | 'processesOf' | 'kernelLog' | 'hasSystemd'>;

/** Makes the part of the checks that /proc and the kernel's ring answer. */
export const createHostInspection = ({clock, procDirectory = '/proc', kernelLog = '/dev/kmsg', systemdDirectory = '/run/systemd/system'}: HostInspectionOptions): HostInspection => {
	const proc = (...parts: readonly string[]): string => join(procDirectory, ...parts);

	/** Runs over all processes in slices; false from `look` ends it, and so does the deadline. */
	const overProcesses = async (look: (pid: string) => void): Promise<void> => {
		const startedMs = clock.monotonicMs();
		let sliceStartMs = startedMs;
		for (const pid of readdirSync(procDirectory)) {
			if (!/^\d+$/.test(pid)) {
				continue;
			}

			look(pid);
			const nowMs = clock.monotonicMs();
			if (nowMs - startedMs > deadlineMs) {
				return;
			}

			if (nowMs - sliceStartMs >= sliceMs) {
				await nextTurn();
				sliceStartMs = clock.monotonicMs();
			}
		}
	};

	const bootAtMs = (): number => clock.nowMs() - Number(readFileSync(proc('uptime'), 'utf8').split(' ', 1)[0]) * 1000;

	const figuresOf = (pid: string) => {
		try {
			return parseProcess(readFileSync(proc(pid, 'stat'), 'utf8'));
		} catch {
			// It ended since the list was made.
			return null;
		}
	};

	const containerOf = (pid: string): string | null => {
		try {
			return containerIdIn(readFileSync(proc(pid, 'cgroup'), 'utf8'));
		} catch {
			// It ended since the list was made.
			return null;
		}
	};

	const socketsIn = (place: readonly string[]): readonly Socket[] => ['tcp', 'tcp6'].flatMap(table => {
		try {
			return parseSockets(readFileSync(proc(...place, 'net', table), 'utf8'));
		} catch (error) {
			// No IPv6 here, or the container stopped meanwhile; the host's own table must be there.
			if (place[0] === 'self' && table === 'tcp') {
				throw error;
			}

			return [];
		}
	});

	/** Who holds each of these sockets, as far as we may see. */
	const ownersOf = async (wanted: ReadonlySet<string>): Promise<ReadonlyMap<string, NonNullable<Listener['owner']>>> => {
		const owners = new Map<string, NonNullable<Listener['owner']>>();
		const bootMs = bootAtMs();
		await overProcesses(pid => {
			for (const link of linksOf(proc(pid, 'fd'))) {
				const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
				if (inode === undefined || !wanted.has(inode) || owners.has(inode)) {
					continue;
				}

				const figures = figuresOf(pid);
				if (figures !== null) {
					owners.set(inode, {pid: figures.pid, name: makeSafe(figures.name), containerId: containerOf(pid), sinceMs: Math.round(bootMs + (figures.startTicks / ticksPerSecond * 1000))});
				}
			}
		});
		return owners;
	};

	return {
		async listeners(containers) {
			try {
				const found = [
					...socketsIn(['self']).map(socket => ({...socket, service: null as string | null})),
					...containers.filter(({pid}) => pid > 0).flatMap(({service, pid}) => socketsIn([String(pid)]).map(socket => ({...socket, service}))),
				].slice(0, listenersKept);
				const owners = await ownersOf(new Set(found.map(({inode}) => inode)));
				const own = new Set(socketsIn(['self']).map(({inode}) => inode));
				return {
					ok: true,
					// A container on the host's own network has the host's sockets: they are told once.
					value: found.filter(({service, inode}) => service === null || !own.has(inode)).map(({port, address, service, inode}) => ({port, address, service, owner: owners.get(inode) ?? null})),
				};
			} catch (error) {
				return failureOf(error);
			}
		},
		async processesOf(containerIds) {
			try {
				const wanted = new Set(containerIds);
				const found: ProcessDetail[] = [];
				const bootMs = bootAtMs();
				const pageBytes = pageBytesOf(proc('self', 'auxv'));
				await overProcesses(pid => {
					const containerId = containerOf(pid);
					const figures = containerId !== null && wanted.has(containerId) && found.length < processesKept ? figuresOf(pid) : null;
					if (figures !== null) {
						const startedAtMs = Math.round(bootMs + (figures.startTicks / ticksPerSecond * 1000));
						const ageSeconds = Math.max(1, (clock.nowMs() - startedAtMs) / 1000);
						found.push({pid: figures.pid, parentPid: figures.parentPid, name: makeSafe(figures.name), containerId, startedAtMs, cpuCores: figures.cpuTicks / ticksPerSecond / ageSeconds, memoryBytes: figures.residentPages * pageBytes});
					}
				});
				return {ok: true, value: found};
			} catch (error) {
				return failureOf(error);
			}
		},
		kernelLog: async count => readKernelLog(kernelLog, count, bootAtMs),
		hasSystemd: async () => existsSync(systemdDirectory),
	};
};

const linksOf = (directory: string): readonly string[] => {
	try {
		return readdirSync(directory).flatMap(name => {
			try {
				return [readlinkSync(join(directory, name))];
			} catch {
				// Closed since it was listed.
				return [];
			}
		});
	} catch {
		// Another user's process, or it has ended: whose its sockets are stays unknown, and is told so.
		return [];
	}
};

const pageBytesOf = (path: string): number => {
	try {
		return parsePageBytes(readFileSync(path));
	} catch {
		// Not told (a pared-down /proc): the page size of nearly every server.
		return 4096;
	}
};

const readKernelLog = async (path: string, count: number, bootAtMs: () => number): Promise<Outcome<readonly SystemLogLine[]>> => {
	let file: number;
	try {
		file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	} catch (error) {
		return failureOf(error);
	}

	try {
		const bootMs = bootAtMs();
		const buffer = Buffer.allocUnsafe(recordBytes);
		const lines: SystemLogLine[] = [];
		let reads = 0;
		for (;;) {
			const length = readOne(file, buffer);
			if (length === 0) {
				return {ok: true, value: lines.slice(-count)};
			}

			const record = length < 0 ? null : parseKernelRecord(buffer.toString('utf8', 0, length));
			if (record !== null) {
				lines.push({atMs: Math.round(bootMs + (record.microseconds / 1000)), text: makeSafe(record.message.slice(0, 500))});
			}

			// A ring of a megabyte is some ten thousand records: the loop gets its turn in between.
			if (++reads % 500 === 0) {
				await nextTurn();
			}
		}
	} catch (error) {
		return failureOf(error);
	} finally {
		closeSync(file);
	}
};

/** Bytes of the next record; 0 at the end, below 0 when the ring was overwritten under us. */
const readOne = (file: number, buffer: Buffer): number => {
	try {
		return readSync(file, buffer, 0, buffer.length, null);
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'EAGAIN') {
			return 0;
		}

		if (code === 'EPIPE') {
			return -1;
		}

		throw error;
	}
};
