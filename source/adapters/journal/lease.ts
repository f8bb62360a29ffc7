/**
Who is here: the recording lease, one row that says which console records facts; a row for each console that is open; and what a person is typing. Hides how
a console is known to be alive.

It is gone after 30 s without a heartbeat, after a reboot, and at once when its process is gone. Call inside a transaction.
*/

import {readFileSync} from 'node:fs';
import process from 'node:process';
import type {DatabaseSync} from 'node:sqlite';
import type {Actor, JournalLease, KeptText, Presence} from '../../core/ports.ts';
import type {LeaseClaim} from './protocol.ts';

const leaseMs = 30_000;
// What nobody came back for in a week is let go.
const typedKeptMs = 7 * 86_400_000;
const typedPurpose = 'texts';

type Row = Readonly<Record<string, unknown>>;

/** Takes or renews the lease, or tells who has it; says that this console is here, and who else is. */
export const takeLease = (database: DatabaseSync, claim: LeaseClaim, bootId: string): JournalLease => {
	const start = processStart(claim.pid) ?? '';
	const row = database.prepare('SELECT * FROM lease').get();
	const isOthers = row !== undefined && row['instance'] !== claim.instance && isAlive(row, claim.nowMs, bootId);
	if (!isOthers) {
		database.prepare('INSERT OR REPLACE INTO lease (slot, holder, pid, process_start, instance, boot_id, heartbeat_ms) VALUES (1, ?, ?, ?, ?, ?, ?)')
			.run(claim.holder, claim.pid, start, claim.instance, bootId, claim.nowMs);
	}

	database.prepare('INSERT OR REPLACE INTO presence (instance, name, actor, pid, process_start, boot_id, since_ms, heartbeat_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
		.run(claim.instance, claim.actor.name, JSON.stringify(claim.actor), claim.pid, start, bootId, claim.sinceMs, claim.nowMs);
	return {
		mine: !isOthers, holder: isOthers ? String(row['holder']) : claim.holder,
		present: presentNow(database, claim, bootId),
		typed: adoptTyped(database, claim, bootId, start),
	};
};

/** The console leaves: its lease and its presence go, what was being typed stays for the next one. */
export const leave = (database: DatabaseSync, instance: string): void => {
	database.prepare('DELETE FROM lease WHERE instance = ?').run(instance);
	database.prepare('DELETE FROM presence WHERE instance = ?').run(instance);
};

/** Keeps all that is being typed in this console, as one row. */
export const keepTyped = (database: DatabaseSync, claim: LeaseClaim, texts: readonly KeptText[], bootId: string): void => {
	if (texts.length === 0) {
		database.prepare('DELETE FROM typed WHERE instance = ?').run(claim.instance);
	} else {
		database.prepare('INSERT OR REPLACE INTO typed (instance, actor, pid, process_start, boot_id, purpose, text, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
			.run(claim.instance, JSON.stringify(claim.actor), claim.pid, processStart(claim.pid) ?? '', bootId, typedPurpose, JSON.stringify(texts), claim.nowMs);
	}
};

const presentNow = (database: DatabaseSync, claim: LeaseClaim, bootId: string): readonly Presence[] =>
	database.prepare('SELECT * FROM presence ORDER BY since_ms, instance').all().flatMap((row): readonly Presence[] => {
		const isMe = row['instance'] === claim.instance;
		if (!isMe && !isAlive(row, claim.nowMs, bootId)) {
			database.prepare('DELETE FROM presence WHERE instance = ?').run(row['instance'] as string);
			return [];
		}

		const {user, from, tty} = actorOf(row);
		return [{name: String(row['name']), user, from, tty, sinceMs: Number(row['since_ms']), isMe}];
	});

/** On a shared account a person may not have said her name yet: then the client that she comes from has to do. */
const isSamePerson = (one: Actor, other: Actor): boolean => {
	const isNamed = ({name, user}: Actor): boolean => name !== user;
	return one.user === other.user && (one.name === other.name || (one.from === other.from && !(isNamed(one) && isNamed(other))));
};

/** What she left is taken over, the newest first, so that no second console is offered it. */
const adoptTyped = (database: DatabaseSync, claim: LeaseClaim, bootId: string, start: string): readonly KeptText[] => {
	database.prepare('DELETE FROM typed WHERE at_ms < ?').run(claim.nowMs - typedKeptMs);
	for (const row of database.prepare('SELECT * FROM typed WHERE instance <> ? ORDER BY at_ms DESC').all(claim.instance)) {
		if (isSamePerson(actorOf(row), claim.actor) && !isRunning(row, bootId)) {
			database.prepare('DELETE FROM typed WHERE instance = ?').run(claim.instance);
			database.prepare('UPDATE typed SET instance = ?, pid = ?, process_start = ?, boot_id = ? WHERE instance = ?').run(claim.instance, claim.pid, start, bootId, row['instance'] as string);
			return textsIn(row);
		}
	}

	return [];
};

/** An earlier version kept nothing but a note. What another hand spoilt is nothing. */
const textsIn = (row: Row): readonly KeptText[] => {
	if (row['purpose'] !== typedPurpose) {
		return [{place: 'note', text: String(row['text'])}];
	}

	try {
		const texts: unknown = JSON.parse(String(row['text']));
		return (Array.isArray(texts) ? texts as readonly unknown[] : []).flatMap((one): readonly KeptText[] => {
			const {place, text} = (typeof one === 'object' && one !== null ? one : {}) as {readonly place?: unknown; readonly text?: unknown};
			return typeof place === 'string' && typeof text === 'string' ? [{place, text}] : [];
		});
	} catch {
		return [];
	}
};

/** A row that another hand spoilt is nobody's, and in nobody's way. */
const actorOf = (row: Row): Actor => {
	const nobody: Actor = {name: '', user: '', sudoUser: null, host: '', tty: null, from: null};
	try {
		return {...nobody, ...JSON.parse(String(row['actor'])) as Actor};
	} catch {
		return nobody;
	}
};

// A heartbeat far in the future comes from a clock that was set back since: it proves nothing.
const isAlive = (row: Row, nowMs: number, bootId: string): boolean => Math.abs(nowMs - Number(row['heartbeat_ms'])) < leaseMs && isRunning(row, bootId);

const isRunning = (row: Row, bootId: string): boolean => row['boot_id'] === bootId && isProcess(Number(row['pid']), String(row['process_start']));

const isProcess = (pid: number, start: string): boolean => {
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
