/**
A process and all below it, from /proc: how many are stopped, how many wait for a disk, how many files the first one holds,
where it listens. For a deeper look only.
Invariants: at most `processesAtMost` are read; nothing is forked; what may not be read is left out.
*/

import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Outcome, ProcessTree} from '../../core/ports.ts';
import {failureOf} from './failure.ts';
import {parseSockets} from './sockets.ts';

const processesAtMost = 300;

/** See `HostPort.processTree`. */
export const readProcessTree = async (procDirectory: string, pid: number): Promise<Outcome<ProcessTree>> => {
	try {
		stateOf(procDirectory, pid);
	} catch (error) {
		return failureOf(error);
	}

	const states: string[] = [];
	const waiting = [pid];
	for (const next of waiting) {
		try {
			states.push(stateOf(procDirectory, next));
			waiting.push(...childrenOf(procDirectory, next).slice(0, processesAtMost - waiting.length));
		} catch {
			// It has ended since: then it is no longer part of the tree.
		}
	}

	return {ok: true, value: {count: states.length, stopped: states.filter(state => state === 'T' || state === 't').length, waiting: states.filter(state => state === 'D').length, files: filesOf(procDirectory, pid), listening: listeningOf(procDirectory, pid)}};
};

const listenersAtMost = 30;

/** Read through the process: its network is the container's. */
const listeningOf = (procDirectory: string, pid: number): ProcessTree['listening'] => {
	try {
		const tables = ['tcp', 'tcp6'].filter(name => name === 'tcp' || existsSync(join(procDirectory, String(pid), 'net', name)));
		return tables.flatMap(name => parseSockets(readFileSync(join(procDirectory, String(pid), 'net', name), 'utf8'))).slice(0, listenersAtMost).map(({address, port, queued}) => ({address, port, queued}));
	} catch {
		// Not ours to see, or it has ended.
		return null;
	}
};

/** The letter after the bracketed name, see proc(5). */
const stateOf = (procDirectory: string, pid: number): string => {
	const stat = readFileSync(join(procDirectory, String(pid), 'stat'), 'utf8');
	return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
};

const childrenOf = (procDirectory: string, pid: number): readonly number[] => {
	const tasks = readdirSync(join(procDirectory, String(pid), 'task')).slice(0, 64);
	return tasks.flatMap(task => {
		try {
			return readFileSync(join(procDirectory, String(pid), 'task', task, 'children'), 'utf8').trim().split(' ').filter(text => text !== '').map(Number);
		} catch {
			// A thread that has ended, or a kernel without this file.
			return [];
		}
	});
};

const filesOf = (procDirectory: string, pid: number): ProcessTree['files'] => {
	try {
		const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync(join(procDirectory, String(pid), 'limits'), 'utf8'))?.[1]);
		return Number.isFinite(limit) ? {open: readdirSync(join(procDirectory, String(pid), 'fd')).length, limit} : null;
	} catch {
		// Another user's process: its descriptors are not ours to count.
		return null;
	}
};
