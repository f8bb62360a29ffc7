/**
The recording lease: one row that says which console records facts. Hides how a holder is known to be alive.

It is lost after 30 s without a heartbeat, after a reboot, and at once when the holder's process is gone. Call inside a transaction.
*/

import {readFileSync} from 'node:fs';
import process from 'node:process';
import type {DatabaseSync} from 'node:sqlite';
import type {JournalLease} from '../../core/ports.ts';
import type {LeaseClaim} from './protocol.ts';

const leaseMs = 30_000;

type Row = Readonly<Record<string, unknown>>;

/** Takes or renews the lease, or tells who has it. */
export const takeLease = (database: DatabaseSync, claim: LeaseClaim, bootId: string): JournalLease => {
	const row = database.prepare('SELECT * FROM lease').get();
	if (row !== undefined && row['instance'] !== claim.instance && isHeld(row, claim.nowMs, bootId)) {
		return {mine: false, holder: String(row['holder'])};
	}

	database.prepare('INSERT OR REPLACE INTO lease (slot, holder, pid, process_start, instance, boot_id, heartbeat_ms) VALUES (1, ?, ?, ?, ?, ?, ?)')
		.run(claim.holder, claim.pid, processStart(claim.pid) ?? '', claim.instance, bootId, claim.nowMs);
	return {mine: true, holder: claim.holder};
};

// A heartbeat far in the future comes from a clock that was set back since: it proves nothing.
const isHeld = (row: Row, nowMs: number, bootId: string): boolean => {
	const fresh = Math.abs(nowMs - Number(row['heartbeat_ms'])) < leaseMs;
	return fresh && row['boot_id'] === bootId && isAlive(Number(row['pid']), String(row['process_start']));
};

const isAlive = (pid: number, start: string): boolean => {
	try {
		process.kill(pid, 0);
	} catch (error) {
		// EPERM means that it lives and belongs to somebody else.
		if ((error as NodeJS.ErrnoException).code === 'ESRCH') {
			return false;
		}
	}

	const now = processStart(pid);
	return now === null || start === '' || now === start;
};

/** Start time in clock ticks since boot, proc(5) field 22; null where it may not be read. A pid alone is used again by others. */
const processStart = (pid: number): string | null => {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
	} catch {
		// No /proc, or hidden from us: then the pid alone has to do.
		return null;
	}
};
