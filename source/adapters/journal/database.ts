/**
One journal file: an SQLite database with an append-only table of events. Hides the schema and every statement.

The file itself holds the invariants, whoever writes to it: an event is never changed or removed, a key is there once, and at
most one incident is open. Each function here is one transaction. Runs in the journal's worker, never on the main thread.

It is a rollback journal and not WAL, and nothing is mapped: WAL maps its `-shm`, and a thread that touches such a mapping while the
file system is frozen holds the process's memory map, so that every start of a child on the main thread waits for the thaw.
*/

import {DatabaseSync} from 'node:sqlite';
import {closeSync, fchmodSync, openSync, readFileSync, statSync} from 'node:fs';
import type {Actor, JournalEntry, JournalLease} from '../../core/ports.ts';
import {takeLease} from './lease.ts';
import type {LeaseClaim, StampedDraft} from './protocol.ts';

export const schemaVersion = 1;
const busyTimeoutMs = 2000;
const proofTimeoutMs = 200;
const openIncidentRefusal = 'another incident is open';

const schema = `
CREATE TABLE events (
	sequence INTEGER PRIMARY KEY AUTOINCREMENT,
	at_ms INTEGER NOT NULL,
	monotonic_ms REAL NOT NULL,
	boot_id TEXT NOT NULL,
	actor TEXT NOT NULL CHECK (json_valid(actor)),
	incident TEXT,
	type TEXT NOT NULL,
	data TEXT NOT NULL CHECK (json_valid(data)),
	once_key TEXT UNIQUE
);
CREATE INDEX events_of_incident ON events (incident, sequence) WHERE incident IS NOT NULL;
CREATE TABLE open_incident (slot INTEGER PRIMARY KEY CHECK (slot = 1), incident TEXT NOT NULL);
CREATE TABLE lease (
	slot INTEGER PRIMARY KEY CHECK (slot = 1),
	holder TEXT NOT NULL, pid INTEGER NOT NULL, process_start TEXT NOT NULL, instance TEXT NOT NULL,
	boot_id TEXT NOT NULL, heartbeat_ms INTEGER NOT NULL
);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE sequence = NEW.sequence OR once_key = NEW.once_key)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER one_open_incident BEFORE INSERT ON events
WHEN NEW.type = 'incident/opened' AND EXISTS (SELECT 1 FROM open_incident)
	AND NOT EXISTS (SELECT 1 FROM events WHERE once_key = NEW.once_key)
BEGIN SELECT RAISE(ABORT, '${openIncidentRefusal}'); END;
CREATE TRIGGER incident_opens AFTER INSERT ON events WHEN NEW.type = 'incident/opened'
BEGIN INSERT INTO open_incident (slot, incident) VALUES (1, coalesce(NEW.incident, '')); END;
CREATE TRIGGER incident_ends AFTER INSERT ON events WHEN NEW.type IN ('incident/resolved', 'incident/cancelled')
BEGIN DELETE FROM open_incident WHERE incident = coalesce(NEW.incident, ''); END;
PRAGMA user_version = ${schemaVersion};
`;

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

export type JournalFile = {
	readonly path: string;
	/** One transaction; answers with what was stored, in order. What is there already, or would open a second incident, is left out. */
	append(drafts: readonly StampedDraft[]): readonly JournalEntry[];
	/** Entries after `after`, oldest first. */
	read(after: number, limit: number): readonly JournalEntry[];
	/**
	Entries after `after` as one JSON text, a list of rows as in `PackedColumns`: 100,000 of them cost the reader's thread a tenth of a second so, and half a
	second and more as objects that are copied from thread to thread.
	*/
	pack(after: number, limit: number): {readonly rawText: string; readonly count: number; readonly last: number};
	/** The newest sequence, and the one after which the newest `count` begin. */
	span(count: number): {readonly skipTo: number; readonly last: number};
	openIncident(): string | null;
	/**
	False when another file, or none, lies at the path by now. Asked before every use: this connection would take the `-journal` of the
	other file for its own and roll it back.
	*/
	isCurrent(): boolean;
	lease(claim: LeaseClaim): JournalLease;
	releaseLease(instance: string): void;
	/** An empty file continues the numbers, and the open incident, of the file that it stands in for. */
	continueFrom(last: number, openIncident: string | null): void;
	/**
	Hands all entries to `take`, then lets `remove` take the file away, all while nobody can add any. Who still has the file open
	cannot write to it afterwards.
	*/
	moveAway(take: (drafts: readonly StampedDraft[]) => void, remove: () => void): number;
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
		if (version === 0 || !isBusy(error)) {
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

		// The same number written once more is the proof that this disk takes a write.
		database.exec(now === 0 ? schema : `PRAGMA user_version = ${schemaVersion}`);
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

type PackedColumns = readonly [sequence: number, atMs: number, monotonicMs: number, bootId: string, actor: string, incident: string | null, type: string, data: string];

/** `0` stands for "as in the row before": boot, actor and incident seldom change. What is stored as JSON is JSON by the table's own checks. */
const packed = (rows: readonly PackedColumns[]): string => {
	let before: PackedColumns | null = null;
	const items = rows.map(row => {
		const [sequence, atMs, monotonicMs, bootId, actor, incident, type, data] = row;
		const boot = bootId === before?.[3] ? '0' : JSON.stringify(bootId);
		const who = actor === before?.[4] ? '0' : actor;
		const of = before !== null && incident === before[5] ? '0' : JSON.stringify(incident);
		before = row;
		return `[${sequence},${atMs},${monotonicMs},${boot},${who},${of},${JSON.stringify(type)},${data}]`;
	});
	return `[${items.join(',')}]`;
};

type Row = Readonly<Record<string, null | number | bigint | string | Uint8Array>>;

const journalFile = (path: string, database: DatabaseSync, bootId: string): JournalFile => {
	const empty = versionOf(database) === 0;
	const writes = preparedWrites(database, empty);
	const inode = inodeOf(path);
	return {
		path,
		isCurrent: () => inodeOf(path) === inode,
		append: drafts => inTransaction(database, () => {
			if (factOf(database, 'moved') !== null) {
				throw new MovedAwayError(path);
			}

			return insertAll(writes.insert, drafts, bootId);
		}),
		read: (after, limit) => empty ? [] : database.prepare('SELECT * FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?').all(after, limit).map(row => entryOf(row)),
		pack(after, limit) {
			if (empty) {
				return {rawText: '[]', count: 0, last: after};
			}

			const statement = database.prepare('SELECT sequence, at_ms, monotonic_ms, boot_id, actor, incident, type, data FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?');
			statement.setReturnArrays(true);
			const rows = statement.all(after, limit) as unknown as readonly PackedColumns[];
			return {rawText: packed(rows), count: rows.length, last: rows.at(-1)?.[0] ?? after};
		},
		span(count) {
			if (empty) {
				return {skipTo: 0, last: 0};
			}

			const last = database.prepare('SELECT max(sequence) AS value FROM events').get();
			const skipTo = database.prepare('SELECT sequence AS value FROM events ORDER BY sequence DESC LIMIT 1 OFFSET ?').get(count);
			// An incident that is open began somewhere: without its beginning it would be invisible, and yet bar every new one.
			const opening = database.prepare('SELECT min(sequence) AS value FROM events WHERE incident = (SELECT incident FROM open_incident)').get()?.['value'];
			const skip = Math.min(Number(skipTo?.['value'] ?? 0), typeof opening === 'number' ? opening - 1 : Infinity);
			return {skipTo: skip, last: Number(last?.['value'] ?? 0)};
		},
		openIncident: () => empty ? null : textOrNull(database.prepare('SELECT incident AS value FROM open_incident').get()?.['value']),
		lease: claim => inTransaction(database, () => takeLease(database, claim, bootId)),
		releaseLease(instance) {
			database.prepare('DELETE FROM lease WHERE instance = ?').run(instance);
		},
		continueFrom(last, openIncident) {
			inTransaction(database, () => continueNumbers(database, last, openIncident));
		},
		moveAway: (take, remove) => inTransaction(database, () => {
			if (factOf(database, 'moved') !== null) {
				return 0;
			}

			const drafts = database.prepare('SELECT * FROM events ORDER BY sequence').all().map(row => draftOf(row));
			take(drafts);
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

const preparedWrites = (database: DatabaseSync, empty: boolean): {readonly insert: Statement} => ({
	insert: database.prepare(empty
		? 'SELECT 1'
		: 'INSERT OR IGNORE INTO events (at_ms, monotonic_ms, boot_id, actor, incident, type, data, once_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *'),
});

const insertAll = (insert: Statement, drafts: readonly StampedDraft[], bootId: string): readonly JournalEntry[] => {
	const entries: JournalEntry[] = [];
	for (const draft of drafts) {
		try {
			const row = insert.get(draft.atMs, draft.monotonicMs, draft.bootId ?? bootId, JSON.stringify(draft.actor), draft.incident, draft.type, JSON.stringify(draft.data), draft.onceKey);
			if (row !== undefined) {
				entries.push(entryOf(row));
			}
		} catch (error) {
			if (!(error as Error).message.includes(openIncidentRefusal)) {
				throw error;
			}
		}
	}

	return entries;
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

const continueNumbers = (database: DatabaseSync, last: number, openIncident: string | null): void => {
	const used = database.prepare('SELECT 1 FROM sqlite_sequence WHERE name = \'events\'').get();
	if (used !== undefined) {
		return;
	}

	database.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (\'events\', ?)').run(last);
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
