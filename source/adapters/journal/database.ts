/**
One journal file: an SQLite database with an append-only table of events. Hides every statement on it.

Every entry is sealed when it is written (chain.ts), in the order in which the lock is had. Each function here is one transaction. Runs in the journal's worker, never on the main thread.

It is a rollback journal and not WAL, and nothing is mapped: WAL maps its `-shm`, and a thread that touches such a mapping while the
file system is frozen holds the process's memory map, so that every start of a child on the main thread waits for the thaw.
*/

import {DatabaseSync} from 'node:sqlite';
import {closeSync, fchmodSync, openSync, readFileSync, statSync} from 'node:fs';
import type {Actor, JournalEntry, JournalLease, KeptText} from '../../core/ports.ts';
import {passingKept} from '../../core/incident.ts';
import {chainStart, lastSeal, sealOf, verifyChain, type Sealed} from './chain.ts';
import {keepTyped, leave, takeLease} from './lease.ts';
import {columns, type PackedRow} from './packing.ts';
import type {ChainHead, Verified} from '../../core/incident-archive.ts';
import type {LeaseClaim, Sieve, Span, StampedDraft} from './protocol.ts';
import {countsRow, isPassingRow, openIncidentRefusal, prepareSchema, schemaVersion} from './schema.ts';

const busyTimeoutMs = 2000;
const proofTimeoutMs = 200;

/** The file was written by a newer console: it is left alone. */
export class NewerSchemaError extends Error {
	readonly version: number;
	constructor(version: number) {
		super(`journal has schema ${version}, this program knows ${schemaVersion}`);
		this.version = version;
	}
}

/** The file is not at its path any more, or its entries have been moved elsewhere: nothing may be added to it. */
export class MovedAwayError extends Error {}

export type FileEnding = {readonly last: number; readonly seal: Uint8Array; readonly openIncident: string | null};

export type JournalFile = {
	readonly path: string;
	/**
	One transaction; answers with what was stored, in order. What is there already, or would open a second incident, is left out. `moved`: they waited
	elsewhere, where their own chain was whole or not.
	*/
	append(drafts: readonly StampedDraft[], moved?: {readonly intact: boolean; readonly nowMs: number}): readonly JournalEntry[];
	/** Rows after `after`, oldest first; with a sieve only those that a history needs. */
	rows(after: number, limit: number, sieve: Sieve | null): readonly PackedRow[];
	/** Where a history of the newest `count` entries begins, passing facts not counted, and where it ends. */
	span(count: number): Span;
	/**
	False when another file, or none, lies at the path by now. Asked before every use: this connection would take the `-journal` of the
	other file for its own and roll it back.
	*/
	isCurrent(): boolean;
	lease(claim: LeaseClaim): JournalLease;
	keepTyped(claim: LeaseClaim, texts: readonly KeptText[]): void;
	leave(instance: string): void;
	/** An empty file continues the numbers, the chain and the open incident of the file that it stands in for. */
	continueFrom(ending: FileEnding): void;
	ending(): FileEnding;
	verify(head?: ChainHead | null): Verified;
	/**
	Hands all entries to `take`, and whether their chain is whole; then lets `remove` take the file away, all while nobody can add any. Who still has the
	file open cannot write to it afterwards.
	*/
	moveAway(take: (drafts: readonly StampedDraft[], intact: boolean) => void, remove: () => void): number;
	close(): void;
};

/**
Opens or creates a journal file; throws what SQLite or the file system throws, or `NewerSchemaError`.
Opened for writing, it has been written to, unless another console was writing: a full or read-only disk shows here and not at the first entry.
`unchecked`: for who reads every entry anyway, and so meets whatever is broken: the check beforehand reads all of the file too.
`fileMode` holds for the file and, because SQLite copies it, for its `-journal`: a worker cannot set its umask.
*/
export const openJournalFile = (path: string, options: {readonly readOnly: boolean; readonly fileMode: number; readonly unchecked?: boolean}): JournalFile => {
	if (!options.readOnly) {
		createWithMode(path, options.fileMode);
	}

	const database = new DatabaseSync(path, {readOnly: options.readOnly, timeout: busyTimeoutMs});
	try {
		prepareDatabase(database, options);
		return journalFile(path, database, readBootId());
	} catch (error) {
		database.close();
		throw error;
	}
};

const createWithMode = (path: string, fileMode: number): void => {
	try {
		const descriptor = openSync(path, 'ax', fileMode);
		fchmodSync(descriptor, fileMode);
		closeSync(descriptor);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
			throw error;
		}
	}
};

const versionOf = (database: DatabaseSync): number => Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);

const prepareDatabase = (database: DatabaseSync, {readOnly, unchecked = false}: {readonly readOnly: boolean; readonly unchecked?: boolean}): void => {
	database.exec('PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY');
	const version = versionOf(database);
	if (version > schemaVersion) {
		throw new NewerSchemaError(version);
	}

	const soundness = unchecked ? 'ok' : database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
	if (soundness !== 'ok') {
		throw Object.assign(new Error(`database disk image is malformed: ${String(soundness)}`), {errcode: 11});
	}

	if (readOnly) {
		return;
	}

	leaveWal(database);
	// Nothing of a transaction goes into the file before its end: until then others can read.
	database.exec('PRAGMA synchronous = FULL; PRAGMA recursive_triggers = ON; PRAGMA cache_spill = OFF');
	try {
		// Briefly: beside busy writers the opening is not to wait for its turn.
		database.exec(`PRAGMA busy_timeout = ${proofTimeoutMs}`);
		proveWritable(database);
	} catch (error) {
		// Who holds the lock is writing just now, and the history can be read meanwhile.
		if (version < schemaVersion || !isBusy(error)) {
			throw error;
		}
	} finally {
		database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
	}
};

const proveWritable = (database: DatabaseSync): void => {
	inTransaction(database, () => {
		// Another console may have created it, or brought it to a newer schema, while this one waited for the lock.
		const now = versionOf(database);
		if (now > schemaVersion) {
			throw new NewerSchemaError(now);
		}

		prepareSchema(database, now);
	});
};

/** Earlier versions used WAL. One that still has the file open keeps it so: then this console goes along until a later opening. */
const leaveWal = (database: DatabaseSync): void => {
	try {
		database.exec('PRAGMA journal_mode = TRUNCATE');
	} catch (error) {
		if (modeOf(database) !== 'wal' || !isBusy(error)) {
			throw error;
		}
	}
};

const isBusy = (error: unknown): boolean => Number((error as {errcode?: number}).errcode) % 256 === 5;

const modeOf = (database: DatabaseSync): string => String(database.prepare('PRAGMA journal_mode').get()?.['journal_mode']);

const inTransaction = <T>(database: DatabaseSync, work: () => T): T => {
	database.exec('BEGIN IMMEDIATE');
	try {
		const answer = work();
		database.exec('COMMIT');
		return answer;
	} catch (error) {
		if (database.isTransaction) {
			database.exec('ROLLBACK');
		}

		throw error;
	}
};

const opened = 'SELECT incident FROM events WHERE type = \'incident/opened\' AND incident IS NOT NULL';

/**
Each part finds its rows by an index. Passing facts under an id that was never opened belong to whichever incident is open: those few are always told.
*/
const sieved = ({from, first}: Sieve): string => [
	countsRow,
	`${isPassingRow} AND incident IN (SELECT DISTINCT incident FROM events WHERE incident IS NOT NULL EXCEPT ${opened})`,
	...from.map(() => `${isPassingRow} AND incident = ?`),
	...(first ? [`${isPassingRow} AND (incident IS NULL OR incident IN (${opened})) AND sequence = (SELECT min(sequence) FROM events)`] : []),
].map(part => `SELECT ${columns} FROM events WHERE sequence > ? AND ${part}`).join(' UNION ALL ');

const rowsOf = (database: DatabaseSync, after: number, limit: number, sieve: Sieve | null): readonly PackedRow[] => {
	const parts = sieve === null ? `SELECT ${columns} FROM events WHERE sequence > ?` : sieved(sieve);
	const statement = database.prepare(`${parts} ORDER BY sequence LIMIT ?`);
	statement.setReturnArrays(true);
	const values = sieve === null ? [after] : [after, after, ...sieve.from.flatMap(({incident, sequence}) => [Math.max(after, sequence - 1), incident]), ...(sieve.first ? [after] : [])];
	return statement.all(...values, limit) as unknown as readonly PackedRow[];
};

/** The newest passing facts of the last two incidents: from which sequence on, and how many lie before. */
const newestFacts = (database: DatabaseSync): Pick<Span, 'from' | 'leftOut'> => {
	const ids = database.prepare(`${opened} ORDER BY sequence DESC LIMIT 2`).all().map(row => String(row['incident']));
	const valueOf = (statement: string, ...values: readonly (string | number)[]): number => Number(database.prepare(statement).get(...values)?.['value'] ?? 0);
	const from = ids.map(incident => ({incident, sequence: valueOf(`SELECT sequence AS value FROM events WHERE incident = ? AND ${isPassingRow} ORDER BY sequence DESC LIMIT 1 OFFSET ?`, incident, passingKept - 1)}));
	const before = 'SELECT count(*) AS value FROM events WHERE incident = ? AND sequence < ?';
	// The `+` keeps SQLite from the longer index: what counts is few.
	const counting = `${before.replace('incident', '+incident')} AND ${countsRow}`;
	return {from, leftOut: Object.fromEntries(from.map(({incident, sequence}) => [incident, valueOf(before, incident, sequence) - valueOf(counting, incident, sequence)]))};
};

const spanOf = (database: DatabaseSync, count: number): Span => {
	const last = database.prepare('SELECT max(sequence) AS value FROM events').get();
	const skipTo = database.prepare(`SELECT sequence AS value FROM events WHERE ${countsRow} ORDER BY sequence DESC LIMIT 1 OFFSET ?`).get(count);
	// An incident that is open began somewhere: without its beginning it would be invisible, and yet bar every new one.
	const opening = database.prepare('SELECT min(sequence) AS value FROM events WHERE incident = (SELECT incident FROM open_incident)').get()?.['value'];
	const skip = Math.min(Number(skipTo?.['value'] ?? 0), typeof opening === 'number' ? opening - 1 : Infinity);
	return {skipTo: skip, last: Number(last?.['value'] ?? 0), ...newestFacts(database)};
};

type Row = Readonly<Record<string, null | number | bigint | string | Uint8Array>>;

const journalFile = (path: string, database: DatabaseSync, bootId: string): JournalFile => {
	const empty = versionOf(database) === 0;
	const writes = preparedWrites(database, versionOf(database) < schemaVersion);
	const inode = inodeOf(path);
	return {
		path,
		isCurrent: () => inodeOf(path) === inode,
		append: (drafts, moved) => inTransaction(database, () => {
			if (factOf(database, 'moved') !== null) {
				throw new MovedAwayError(path);
			}

			const entries = insertAll(database, writes.insert, drafts, bootId);
			if (moved !== undefined && entries.length > 0) {
				const [from, to] = [entries[0]!.sequence, entries.at(-1)!.sequence];
				database.prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)').run(`${movedInPrefix}${from}`, JSON.stringify({from, to, atMs: moved.nowMs, intact: moved.intact}));
			}

			return entries;
		}),
		rows: (after, limit, sieve) => empty ? [] : rowsOf(database, after, limit, sieve),
		span: count => empty ? {skipTo: 0, last: 0, from: [], leftOut: {}} : spanOf(database, count),
		ending: () => empty ? {last: 0, seal: chainStart, openIncident: null} : {
			last: Number(database.prepare('SELECT max(sequence) AS value FROM events').get()?.['value'] ?? 0),
			seal: lastSeal(database, startOf(database).seal),
			openIncident: textOrNull(database.prepare('SELECT incident AS value FROM open_incident').get()?.['value']),
		},
		verify: (head = null) => verifyFile(database, head),
		lease: claim => inTransaction(database, () => takeLease(database, claim, bootId)),
		keepTyped(claim, texts) {
			inTransaction(database, () => {
				keepTyped(database, claim, texts, bootId);
			});
		},
		leave(instance) {
			inTransaction(database, () => {
				leave(database, instance);
			});
		},
		continueFrom(ending) {
			inTransaction(database, () => continueNumbers(database, ending));
		},
		moveAway: (take, remove) => inTransaction(database, () => {
			if (factOf(database, 'moved') !== null) {
				return 0;
			}

			const drafts = database.prepare('SELECT * FROM events ORDER BY sequence').all().map(row => draftOf(row));
			take(drafts, verifyChain(database, startOf(database)).firstBreak === null);
			remove();
			// SQLite refuses to write to a removed file, but not in WAL: there a mark tells those who still have it open.
			if (modeOf(database) === 'wal') {
				database.prepare('INSERT INTO facts (name, value) VALUES (\'moved\', \'1\')').run();
			}

			return drafts.length;
		}),
		close: () => {
			database.close();
		},
	};
};

const inodeOf = (path: string): number | null => statSync(path, {throwIfNoEntry: false})?.ino ?? null;

type Statement = ReturnType<DatabaseSync['prepare']>;

/** A file of an older version is only read here: its tables take no entry of this one. */
const preparedWrites = (database: DatabaseSync, isOlder: boolean): {readonly insert: Statement} => ({
	insert: database.prepare(isOlder
		? 'SELECT 1'
		: 'INSERT OR IGNORE INTO events (at_ms, monotonic_ms, boot_id, actor, incident, type, data, once_key, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *'),
});

const insertAll = (database: DatabaseSync, insert: Statement, drafts: readonly StampedDraft[], bootId: string): readonly JournalEntry[] => {
	const entries: JournalEntry[] = [];
	let seal = lastSeal(database, startOf(database).seal);
	for (const draft of drafts) {
		const sealed = sealedOf(draft, bootId);
		const next = sealOf(seal, sealed);
		try {
			const row = insert.get(...sealed, next);
			if (row !== undefined) {
				entries.push(entryOf(row));
				seal = next;
			}
		} catch (error) {
			if (!(error as Error).message.includes(openIncidentRefusal)) {
				throw error;
			}
		}
	}

	return entries;
};

/** As it will be read again: SQLite keeps no half of a surrogate pair, and ends a text at its first NUL. */
const kept = (text: string): string => text.replaceAll('\0', '').toWellFormed();
const keptOrNull = (text: string | null): string | null => text === null ? null : kept(text);

const sealedOf = (draft: StampedDraft, bootId: string): Sealed => [
	draft.atMs, draft.monotonicMs, kept(draft.bootId ?? bootId), JSON.stringify(draft.actor), keptOrNull(draft.incident), kept(draft.type), JSON.stringify(draft.data), keptOrNull(draft.onceKey),
];

/** What the file's first entry comes after: nothing, or the end of the file that this one stands in for. */
const startOf = (database: DatabaseSync): {readonly seal: Uint8Array; readonly last: number} => ({
	seal: Buffer.from(factOf(database, 'chain-start') ?? '', 'hex'), last: Number(factOf(database, 'continues') ?? 0),
});

const movedInPrefix = 'moved-in/';

/** `to`: the newest entry that was ever there, by the table's own counter. */
const verifyFile = (database: DatabaseSync, head: ChainHead | null): Verified => {
	if (versionOf(database) < 2) {
		return {state: 'unsealed', entries: 0, head: null, firstBreak: null, sealedUpTo: null, cutOff: 0, movedIn: [], hasHead: null};
	}

	const start = startOf(database);
	const chain = verifyChain(database, start, head);
	const counter = Number(database.prepare('SELECT seq AS value FROM sqlite_sequence WHERE name = \'events\'').get()?.['value'] ?? 0);
	const last = Math.max(Number(database.prepare('SELECT max(sequence) AS value FROM events').get()?.['value'] ?? 0), start.last);
	const sealedUpTo = Number(factOf(database, 'sealed-up-to') ?? 0);
	const movedIn = database.prepare('SELECT value FROM facts WHERE name LIKE ? ORDER BY rowid').all(`${movedInPrefix}%`).map(row => JSON.parse(String(row['value'])) as Verified['movedIn'][number]);
	return {state: 'sealed', ...chain, sealedUpTo: sealedUpTo === 0 ? null : sealedUpTo, cutOff: Math.max(0, counter - last), movedIn};
};

const textOrNull = (value: unknown): string | null => typeof value === 'string' ? value : null;

const entryOf = (row: Row): JournalEntry => ({
	sequence: Number(row['sequence']),
	atMs: Number(row['at_ms']),
	monotonicMs: Number(row['monotonic_ms']),
	bootId: String(row['boot_id']),
	actor: JSON.parse(String(row['actor'])) as Actor,
	incident: textOrNull(row['incident']),
	type: String(row['type']),
	data: JSON.parse(String(row['data'])) as JournalEntry['data'],
});

const draftOf = (row: Row): StampedDraft => {
	const {sequence, ...rest} = entryOf(row);
	return {...rest, onceKey: textOrNull(row['once_key']) ?? `moved/${rest.bootId}/${sequence}/${rest.atMs}`};
};

const factOf = (database: DatabaseSync, name: string): string | null => textOrNull(database.prepare('SELECT value FROM facts WHERE name = ?').get(name)?.['value']);

const continueNumbers = (database: DatabaseSync, {last, seal, openIncident}: FileEnding): void => {
	const used = database.prepare('SELECT 1 FROM sqlite_sequence WHERE name = \'events\'').get();
	if (used !== undefined) {
		return;
	}

	database.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (\'events\', ?)').run(last);
	const keep = database.prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)');
	keep.run('continues', String(last));
	keep.run('chain-start', Buffer.from(seal).toString('hex'));
	if (openIncident !== null) {
		database.prepare('INSERT OR IGNORE INTO open_incident (slot, incident) VALUES (1, ?)').run(openIncident);
	}
};

const readBootId = (): string => {
	try {
		return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
	} catch {
		// A kernel without it: every entry then looks like one boot, which only weakens the check of monotonic instants.
		return 'unknown';
	}
};
