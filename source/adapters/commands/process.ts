/**
A process as it can be told from every other one, also after its pid was given away again and after a reboot: pid, start time, boot id.
Reads only `/proc/<pid>/stat`, which does not hang on a process that hangs.
*/

import {readFile, readdir} from 'node:fs/promises';

export type ProcessIdentity = {readonly pid: number; readonly startTicks: number; readonly bootId: string};

/** One line of `/proc/<pid>/stat`: state letter, parent, process group, session, start time in clock ticks since boot (proc(5), fields 3 to 6 and 22). */
export type ProcessStatus = {readonly pid: number; readonly state: string; readonly group: number; readonly session: number; readonly startTicks: number};

/** Reads the identity as the supervisor writes it, `<pid> <start> <boot id>`; null when it is none. */
export const parseIdentity = (line: string): ProcessIdentity | null => {
	const match = /^(\d{1,10}) (\d{1,20}) ([\da-f-]{8,64})$/.exec(line.trim());
	return match ? {pid: Number(match[1]), startTicks: Number(match[2]), bootId: match[3]!} : null;
};

/** The status of a process, or null when there is none that we may see. */
export const readStatus = async (pid: number): Promise<ProcessStatus | null> => {
	try {
		const text = await readFile(`/proc/${pid}/stat`, 'latin1');
		const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ');
		return {pid, state: fields[0] ?? '', group: Number(fields[2]), session: Number(fields[3]), startTicks: Number(fields[19])};
	} catch {
		// Gone is an answer here, not a failure.
		return null;
	}
};

/** Whether exactly this process still lives. A zombie does not. */
export const isAlive = async (identity: ProcessIdentity, bootId: string): Promise<boolean> => {
	if (identity.bootId !== bootId) {
		return false;
	}

	const status = await readStatus(identity.pid);
	if (status) {
		return status.startTicks === identity.startTicks && status.state !== 'Z' && status.state !== 'X';
	}

	// With hidepid the kernel hides others' processes from /proc, but a signal still tells them from absent ones.
	try {
		process.kill(identity.pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
};

/** Every process that we can see. */
export const listStatuses = async (): Promise<readonly ProcessStatus[]> => {
	const names = await readdir('/proc');
	const statuses = await Promise.all(names.filter(name => /^\d+$/.test(name)).map(async name => readStatus(Number(name))));
	return statuses.filter(status => status !== null);
};

/** The kernel's id of this boot. */
export const readBootId = async (): Promise<string> => (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim();

/** This process. Where the kernel tells of none (no /proc) its pid alone has to do. */
export const readOwnIdentity = async (): Promise<ProcessIdentity> => {
	const [status, bootId] = await Promise.all([readStatus(process.pid), readBootId().catch(() => unknownBoot)]);
	return {pid: process.pid, startTicks: status?.startTicks ?? 0, bootId};
};

const unknownBoot = '00000000';
