/**
The busiest processes, from /proc/<pid>/stat. Read synchronously in slices of a few milliseconds: on this machine 330 processes cost 5 ms
of CPU that way against 35 ms through the thread pool, and a read of /proc never waits for a disk (proc(5): stat needs no memory lock).
Invariants: the loop is held for about three milliseconds at a time; a process is known by pid and start time, so a reused
pid never inherits CPU time; nothing is forked; only the processes in the answer are asked for their container.
*/

import {closeSync, openSync, readFileSync, readlinkSync, readSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {setImmediate as nextTurn} from 'node:timers/promises';
import type {Clock, Outcome, ProcessesReading, ProcessReading} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {failureOf} from './failure.ts';
import {containerIdIn, parsePageBytes, ticksPerSecond} from './figures.ts';

const sliceMs = 3;
const listed = 5;
// What Node 24 calls its main thread, and with it the process; the program's name is told by its executable (the command line could block).
const namelessNode = 'MainThread';

export type ProcessFigures = {
	readonly pid: number;
	readonly parentPid: number;
	readonly name: string;
	readonly cpuTicks: number;
	readonly startTicks: number;
	readonly residentPages: number;
};

type Sample = ProcessFigures & {readonly cpuCores: number | null};

/** One /proc/<pid>/stat; null when it is not one. The name may hold spaces and brackets: fields are counted from its last bracket. */
export const parseProcess = (stat: string): ProcessFigures | null => {
	const open = stat.indexOf('(');
	const close = stat.lastIndexOf(')');
	const fields = stat.slice(close + 2).split(' ');
	// Fields 14, 15 (utime, stime), 22 (starttime) and 24 (rss) of proc(5); the first one here is field 3.
	const [userTicks, systemTicks, startTicks, residentPages] = [fields[11], fields[12], fields[19], fields[21]].map(Number);
	if (open < 0 || close < open || !Number.isFinite(userTicks! + systemTicks! + startTicks! + residentPages!)) {
		return null;
	}

	return {
		pid: Number(stat.slice(0, open)),
		parentPid: Number(fields[1]),
		name: stat.slice(open + 1, close),
		cpuTicks: userTicks! + systemTicks!,
		startTicks: startTicks!,
		residentPages: residentPages!,
	};
};

/** Makes the reader; it remembers the CPU time of every process between two calls. */
export const createProcessReader = ({clock, procDirectory}: {readonly clock: Clock; readonly procDirectory: string}): (() => Promise<Outcome<ProcessesReading>>) => {
	let before: {readonly atMs: number; readonly ticks: ReadonlyMap<string, number>} | null = null;
	let pageBytes: number | null = null;
	return async () => {
		let figures: readonly ProcessFigures[];
		try {
			figures = await readAll(clock, procDirectory);
		} catch (error) {
			return failureOf(error);
		}

		pageBytes ??= readPageBytes(procDirectory);
		const monotonicMs = clock.monotonicMs();
		const elapsedSeconds = before === null ? 0 : (monotonicMs - before.atMs) / 1000;
		const samples = figures.map((process): Sample => ({
			...process,
			// One that was not there before has used all its CPU time since.
			cpuCores: before === null || elapsedSeconds <= 0 ? null : Math.max(0, process.cpuTicks - (before.ticks.get(keyOf(process)) ?? 0)) / ticksPerSecond / elapsedSeconds,
		}));
		before = {atMs: monotonicMs, ticks: new Map(figures.map(process => [keyOf(process), process.cpuTicks]))};

		const byMemory = top(samples, (a, b) => b.residentPages - a.residentPages);
		const byCpu = top(samples, (a, b) => (b.cpuCores ?? 0) - (a.cpuCores ?? 0) || b.cpuTicks - a.cpuTicks);
		const readings = new Map([...byCpu, ...byMemory].map(sample => [sample, toReading(sample, procDirectory, pageBytes!)]));
		return {
			ok: true,
			value: {
				atMs: clock.nowMs(),
				count: samples.length,
				byCpu: byCpu.map(sample => readings.get(sample)!),
				byMemory: byMemory.map(sample => readings.get(sample)!),
			},
		};
	};
};

const keyOf = ({pid, startTicks}: ProcessFigures): string => `${pid} ${startTicks}`;

const top = (samples: readonly Sample[], order: (a: Sample, b: Sample) => number): readonly Sample[] => samples.toSorted(order).slice(0, listed);

const toReading = (sample: Sample, procDirectory: string, pageBytes: number): ProcessReading => ({
	pid: sample.pid,
	name: makeSafe(sample.name === namelessNode ? readProgram(join(procDirectory, String(sample.pid), 'exe')) ?? sample.name : sample.name),
	cpuCores: sample.cpuCores,
	memoryBytes: sample.residentPages * pageBytes,
	containerId: readContainerId(join(procDirectory, String(sample.pid), 'cgroup')),
});

/** The figures of every process, read in slices. */
export const readAll = async (clock: Clock, procDirectory: string): Promise<readonly ProcessFigures[]> => {
	const names = await readdir(procDirectory);
	const buffer = Buffer.allocUnsafe(4096);
	const figures: ProcessFigures[] = [];
	let sliceStartMs = clock.monotonicMs();
	for (const name of names) {
		if (!/^\d+$/.test(name)) {
			continue;
		}

		const process = readProcess(join(procDirectory, name, 'stat'), buffer);
		if (process !== null) {
			figures.push(process);
		}

		if (clock.monotonicMs() - sliceStartMs >= sliceMs) {
			await nextTurn();
			sliceStartMs = clock.monotonicMs();
		}
	}

	return figures;
};

const readProcess = (path: string, buffer: Buffer): ProcessFigures | null => {
	let file: number;
	try {
		file = openSync(path, 'r');
	} catch {
		// It ended since the list was made, or hidepid hides it: it is not counted.
		return null;
	}

	try {
		return parseProcess(buffer.toString('utf8', 0, readSync(file, buffer)));
	} catch {
		// ESRCH: it ended between open and read.
		return null;
	} finally {
		closeSync(file);
	}
};

const readProgram = (path: string): string | null => {
	try {
		return basename(readlinkSync(path)).replace(/ \(deleted\)$/, '');
	} catch {
		// Another user's process, or it has ended: its thread name must do.
		return null;
	}
};

const readContainerId = (path: string): string | null => {
	try {
		return containerIdIn(readFileSync(path, 'utf8'));
	} catch {
		// It has ended since; its figures still stand, its container is no longer to be known.
		return null;
	}
};

const readPageBytes = (procDirectory: string): number => {
	try {
		return parsePageBytes(readFileSync(join(procDirectory, 'self/auxv')));
	} catch {
		// Not told (a pared-down /proc): the page size of nearly every server.
		return 4096;
	}
};
