/**
The chain over a journal's entries: each entry's seal is a hash over the seal before it and over everything that the entry says. Hides what is hashed
and how a break in the chain is read.

It shows careless edits, not a forger's: whoever can write to the file can seal it anew. What the chain alone cannot show, the end cut off, the
table's own counter shows, unless that was set back too.
*/

import {hash} from 'node:crypto';
import type {DatabaseSync} from 'node:sqlite';
import type {ChainBreak, ChainHead, Verified} from '../../core/incident-archive.ts';

/** All columns of an entry in the order in which they are sealed, but for its sequence: that may change when an entry is moved to another file. */
export type Sealed = readonly [atMs: number, monotonicMs: number, bootId: string, actor: string, incident: string | null, type: string, data: string, onceKey: string | null];

/** Before the first entry. */
export const chainStart = Buffer.alloc(0);

export const sealOf = (before: Uint8Array, entry: Sealed): Buffer => hash('sha256', `${Buffer.from(before).toString('hex')} ${JSON.stringify(entry)}`, 'buffer');

const sealedColumns = 'at_ms, monotonic_ms, boot_id, actor, incident, type, data, once_key';

type Row = {readonly sequence: number; readonly seal: Buffer | null; readonly entry: Sealed};

const rowOf = ([sequence, seal, ...entry]: readonly unknown[]): Row => ({sequence: Number(sequence), seal: seal instanceof Uint8Array ? Buffer.from(seal) : null, entry: entry as unknown as Sealed});

const eachRow = function * (database: DatabaseSync): Generator<Row> {
	const statement = database.prepare(`SELECT sequence, seal, ${sealedColumns} FROM events ORDER BY sequence`);
	statement.setReturnArrays(true);
	for (const row of statement.iterate()) {
		yield rowOf(row as unknown as readonly unknown[]);
	}
};

/** The seal that the next entry builds on. */
export const lastSeal = (database: DatabaseSync, start: Uint8Array): Uint8Array => {
	const seal = database.prepare('SELECT seal FROM events ORDER BY sequence DESC LIMIT 1').get()?.['seal'];
	return seal instanceof Uint8Array ? seal : start;
};

/** Seals entries that were written before there was a chain. Call inside a transaction, with the triggers out of the way. */
export const sealAll = (database: DatabaseSync): void => {
	const update = database.prepare('UPDATE events SET seal = ? WHERE sequence = ?');
	let before: Uint8Array = chainStart;
	for (const {sequence, entry} of [...eachRow(database)]) {
		before = sealOf(before, entry);
		update.run(before, sequence);
	}
};

const lookAhead = 500;

/**
Walks the whole chain and tells its first break. `start`: the entry that the file's first one comes after; `wanted`: an entry that must be in it. Numbers
are given without a gap, so that one tells of entries that were taken away from what was then the end.
*/
export const verifyChain = (database: DatabaseSync, start: {readonly seal: Uint8Array; readonly last: number}, wanted: ChainHead | null = null): Pick<Verified, 'entries' | 'head' | 'firstBreak' | 'hasHead'> => {
	let hasHead = wanted === null ? null : false;
	let before = start.seal;
	let {last} = start;
	let entries = 0;
	let ahead: Row[] | null = null;
	for (const row of eachRow(database)) {
		entries++;
		if (ahead !== null) {
			ahead.push(...(ahead.length < lookAhead ? [row] : []));
		} else if (row.sequence === last + 1 && row.seal !== null && sealOf(before, row.entry).equals(row.seal)) {
			before = row.seal;
			hasHead = wanted !== null && row.sequence === wanted.sequence ? row.seal.toString('hex').startsWith(wanted.seal) : hasHead;
		} else {
			ahead = [row];
		}

		last = ahead === null ? row.sequence : last;
	}

	const firstBreak = ahead === null ? null : readBreak(before, last, ahead);
	return {entries, head: firstBreak === null && entries > 0 ? {sequence: last, seal: Buffer.from(before).toString('hex')} : null, firstBreak, hasHead};
};

/** What a break most likely means: `rows` are the first that does not fit and those after it; `last` is the last entry that fits. */
const readBreak = (before: Uint8Array, last: number, rows: readonly Row[]): ChainBreak => {
	const [broken, ...after] = rows as readonly [Row, ...Row[]];
	const {sequence, seal} = broken;
	if (seal === null) {
		return {kind: 'unsealed', sequence, count: 1};
	}

	// The entry that belongs here may stand further on: then something was put before it, or it was moved.
	const later = after.findIndex(row => row.seal !== null && sealOf(before, row.entry).equals(row.seal));
	if (later >= 0) {
		const between = rows.slice(0, later + 1);
		const isMoved = between.some(row => rows.some(other => other.seal !== null && row.seal !== null && row !== other && sealOf(other.seal, row.entry).equals(row.seal) && !between.includes(other)));
		return {kind: isMoved ? 'reordered' : 'inserted', sequence, count: between.length};
	}

	return sequence > last + 1
		? {kind: 'removed', sequence: last + 1, count: sequence - last - 1}
		: {kind: 'changed', sequence, count: 1};
};
