/**
Which process listens on a TCP port of this host, from /proc: the socket's inode in net/tcp, then the process that holds it. For a deeper look only.
Invariants: nothing is forked; at most `processesAtMost` processes are asked; one whose descriptors may not be seen is not named.
*/

import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import {setImmediate as nextTurn} from 'node:timers/promises';
import type {Outcome, PortHolder} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {failureOf} from './failure.ts';

const processesAtMost = 2000;
const listening = '0A';
const sliceOf = 50;

/** See `HostPort.portHolder`. Null: nobody listens there; a pid of 0: somebody whom we may not see. */
export const readPortHolder = async (procDirectory: string, port: number): Promise<Outcome<PortHolder | null>> => {
	try {
		const inodes = new Set(['net/tcp', 'net/tcp6'].flatMap(name => inodesOf(join(procDirectory, name), port)));
		if (inodes.size === 0) {
			return {ok: true, value: null};
		}

		const pids = readdirSync(procDirectory).filter(name => /^\d+$/.test(name)).slice(0, processesAtMost);
		for (const [index, pid] of pids.entries()) {
			if (index % sliceOf === 0) {
				await nextTurn();
			}

			if (holds(join(procDirectory, pid, 'fd'), inodes)) {
				return {ok: true, value: {pid: Number(pid), name: makeSafe(readFileSync(join(procDirectory, pid, 'comm'), 'utf8').trim())}};
			}
		}

		return {ok: true, value: {pid: 0, name: makeSafe('')}};
	} catch (error) {
		return failureOf(error);
	}
};

/** Fields of proc_pid_net(5): local address is the second, the state the fourth, the inode the tenth. */
const inodesOf = (path: string, port: number): readonly string[] => {
	const wanted = port.toString(16).toUpperCase().padStart(4, '0');
	try {
		return readFileSync(path, 'utf8').split('\n').slice(1).flatMap(line => {
			const fields = line.trim().split(/\s+/);
			return fields[3] === listening && fields[1]?.endsWith(`:${wanted}`) === true ? [fields[9] ?? ''] : [];
		});
	} catch {
		// A kernel without IPv6 has no tcp6.
		return [];
	}
};

const holds = (directory: string, inodes: ReadonlySet<string>): boolean => {
	try {
		return readdirSync(directory).some(name => inodes.has(/^socket:\[(\d+)\]$/.exec(linkOf(join(directory, name)))?.[1] ?? ''));
	} catch {
		// Another user's, or it has ended: it cannot be told.
		return false;
	}
};

const linkOf = (path: string): string => {
	try {
		return readlinkSync(path);
	} catch {
		// Closed since it was listed.
		return '';
	}
};
