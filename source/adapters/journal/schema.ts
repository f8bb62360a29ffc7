/**
What a journal file holds, and how an older one is brought up to it. Hides every statement that makes a table.

The file itself holds the invariants, whoever writes to it: an event is never changed or removed, a key is there once, and at most one incident is open.
*/

import type {DatabaseSync} from 'node:sqlite';
import {passingTypes} from '../../core/incident.ts';
import {sealAll} from './chain.ts';

export const schemaVersion = 2;
export const openIncidentRefusal = 'another incident is open';

/** What a history leaves out, as a condition. Where the list has changed since a file was made the index goes unused, and all is still right. */
export const isPassingRow = `type IN (${passingTypes.map(type => `'${type}'`).join(', ')})`;
export const countsRow = isPassingRow.replace('type IN', 'type NOT IN');

const unchanging = `
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
`;

// Who is here and what is being typed come and go: they are no part of the record.
const comings = `
CREATE TABLE presence (
	instance TEXT PRIMARY KEY, name TEXT NOT NULL, actor TEXT NOT NULL, pid INTEGER NOT NULL, process_start TEXT NOT NULL,
	boot_id TEXT NOT NULL, since_ms INTEGER NOT NULL, heartbeat_ms INTEGER NOT NULL
);
CREATE TABLE typed (
	instance TEXT PRIMARY KEY, actor TEXT NOT NULL, pid INTEGER NOT NULL, process_start TEXT NOT NULL, boot_id TEXT NOT NULL,
	purpose TEXT NOT NULL, text TEXT NOT NULL, at_ms INTEGER NOT NULL
);
CREATE INDEX events_that_open ON events (sequence, incident) WHERE type = 'incident/opened';
CREATE INDEX events_that_count ON events (sequence, incident) WHERE ${countsRow};
`;

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
	once_key TEXT UNIQUE,
	seal BLOB
);
CREATE INDEX events_of_incident ON events (incident, sequence) WHERE incident IS NOT NULL;
CREATE TABLE open_incident (slot INTEGER PRIMARY KEY CHECK (slot = 1), incident TEXT NOT NULL);
CREATE TABLE lease (
	slot INTEGER PRIMARY KEY CHECK (slot = 1),
	holder TEXT NOT NULL, pid INTEGER NOT NULL, process_start TEXT NOT NULL, instance TEXT NOT NULL,
	boot_id TEXT NOT NULL, heartbeat_ms INTEGER NOT NULL
);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
${comings}${unchanging}
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

/** Makes an empty file a journal, brings an older one up to date, and writes to one that is, as the proof that its disk takes a write. In a transaction. */
export const prepareSchema = (database: DatabaseSync, version: number): void => {
	if (version === 0) {
		database.exec(schema);
		return;
	}

	if (version === 1) {
		database.exec('DROP TRIGGER events_are_not_changed; ALTER TABLE events ADD COLUMN seal BLOB');
		sealAll(database);
		database.exec(`${unchanging}${comings}`);
		// What was changed before there was a seal cannot be seen.
		database.exec('INSERT INTO facts (name, value) SELECT \'sealed-up-to\', coalesce(max(sequence), 0) FROM events');
	}

	// The same number written once more is the proof that this disk takes a write.
	database.exec(`PRAGMA user_version = ${schemaVersion}`);
};
