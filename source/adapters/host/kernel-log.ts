/**
Kills by the kernel's out-of-memory killer, from /dev/kmsg (Documentation/ABI/testing/dev-kmsg). The ring is read without
blocking, one record a read, and each record once: the file stays open between calls, so an unchanged ring costs one read, and
a kill keeps its instant even when the clock is set. Nothing is forked. Only records of the kernel itself count: a
program that writes to /dev/kmsg cannot make one up.
*/

import {closeSync, constants, openSync, readFileSync, readSync} from 'node:fs';
import {join} from 'node:path';
import {setImmediate as nextTurn} from 'node:timers/promises';
import type {Clock, KernelKill, Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {failureOf} from './failure.ts';
import {containerIdIn} from './figures.ts';

const keptKills = 100;
const sliceMs = 3;
// The kernel's own limit for a record (CONSOLE_EXT_LOG_MAX); a smaller buffer is answered with EINVAL.
const recordBytes = 8192;

export type KernelRecord = {readonly microseconds: number; readonly message: string};

/** One record, `priority,sequence,µs,flags;message`; null when it was not the kernel that wrote it, or it is none. */
export const parseKernelRecord = (record: string): KernelRecord | null => {
	const parts = /^(\d+),\d+,(\d+),[^;]*;([^\n]*)/.exec(record);
	// The lower three bits are the level; above them stands the facility, 0 for the kernel.
	return parts === null || Number(parts[1]) > 7 ? null : {microseconds: Number(parts[2]), message: parts[3]!};
};

/** Follows records in their order and answers with a kill when one is complete; `atMs` is left to the caller. */
export const createKillRecognizer = (): ((record: KernelRecord) => Omit<KernelKill, 'atMs'> | null) => {
	// What the lines before said of the kill that is about to be told; a kill takes well under a second.
	let context: {readonly microseconds: number; readonly byLimit: boolean; readonly containerId: string | null} | null = null;
	return ({microseconds, message}) => {
		const announced = parseAnnouncement(message);
		if (announced !== null) {
			context = {microseconds, ...announced};
			return null;
		}

		// 4.19 and older say "Kill process" first; "Killed process" is the deed itself in every version.
		const killed = /\bKilled process (\d+) \((.*)\)(?=,? |$)/.exec(message.replace(/ total-vm:.*$/, ''));
		if (killed === null) {
			return null;
		}

		const fresh = context !== null && microseconds - context.microseconds < 1_000_000 ? context : null;
		return {
			pid: Number(killed[1]),
			name: makeSafe(killed[2]!),
			containerId: fresh?.containerId ?? null,
			byLimit: message.startsWith('Memory cgroup out of memory') || (fresh?.byLimit ?? false),
		};
	};
};

/** The line before the kill: `oom-kill:constraint=…` since 5.0, `Task in /docker/… killed as a result of limit of …` before, `Tasks in …` for a whole group. */
const parseAnnouncement = (message: string): {readonly byLimit: boolean; readonly containerId: string | null} | null => {
	if (message.startsWith('oom-kill:')) {
		return {
			byLimit: message.includes('constraint=CONSTRAINT_MEMCG'),
			containerId: containerIdIn(/task_memcg=([^,]*)/.exec(message)?.[1] ?? ''),
		};
	}

	const older = /^Tasks? in (\S+) (?:killed as a result of limit of|are going to be killed due to memory\.oom\.group)/.exec(message);
	return older === null ? null : {byLimit: true, containerId: containerIdIn(older[1]!)};
};

/** Makes the reader of the kernel's kills, newest last, the newest hundred. Fails with `denied` where the log may not be read. */
export const createKernelKillReader = ({clock, kernelLog, procDirectory}: {readonly clock: Clock; readonly kernelLog: string; readonly procDirectory: string}): (() => Promise<Outcome<readonly KernelKill[]>>) => {
	const recognize = createKillRecognizer();
	let kills: readonly KernelKill[] = [];
	let file: number | null = null;
	const collect = (record: string, bootAtMs: number): void => {
		const parsed = parseKernelRecord(record);
		const kill = parsed === null ? null : recognize(parsed);
		if (kill !== null) {
			kills = [...kills, {atMs: Math.round(bootAtMs + parsed!.microseconds / 1000), ...kill}].slice(-keptKills);
		}
	};

	return async (): Promise<Outcome<readonly KernelKill[]>> => {
		try {
			file ??= openSync(kernelLog, constants.O_RDONLY | constants.O_NONBLOCK);
			await readRecords(file, clock, readBootAtMs(clock, procDirectory), collect);
			return {ok: true, value: kills};
		} catch (error) {
			if (file !== null) {
				closeSync(file);
				file = null;
				// It is opened anew next time, from its beginning.
				kills = [];
			}

			return failureOf(error);
		}
	};
};

const readRecords = async (file: number, clock: Clock, bootAtMs: number, collect: (record: string, bootAtMs: number) => void): Promise<void> => {
	const buffer = Buffer.allocUnsafe(recordBytes);
	let sliceStartMs = clock.monotonicMs();
	for (;;) {
		const length = readRecord(file, buffer);
		if (length === 'end') {
			return;
		}

		if (length !== 'skipped') {
			collect(buffer.toString('utf8', 0, length), bootAtMs);
		}

		if (clock.monotonicMs() - sliceStartMs >= sliceMs) {
			await nextTurn();
			sliceStartMs = clock.monotonicMs();
		}
	}
};

const readRecord = (file: number, buffer: Buffer): number | 'end' | 'skipped' => {
	try {
		const length = readSync(file, buffer, 0, buffer.length, null);
		return length === 0 ? 'end' : length;
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code === 'EAGAIN') {
			return 'end';
		}

		// The ring was overwritten under us: the next read gives the oldest record that is left.
		if (code === 'EPIPE') {
			return 'skipped';
		}

		throw error;
	}
};

// /proc/uptime is finer than btime; the stamps of the log count from the same instant.
const readBootAtMs = (clock: Clock, procDirectory: string): number =>
	clock.nowMs() - Number(readFileSync(join(procDirectory, 'uptime'), 'utf8').split(' ', 1)[0]) * 1000;
