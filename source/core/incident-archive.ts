/**
The journals as they lie there, and the incidents in them: which entries belong to which incident, and how one is named by a person. Hides the rule
by which entries find their incident, which is the one by which a console folds them.
*/

import {beginIncident, moveIncident, type Incident, type IncidentState} from './incident.ts';
import type {Failure, JournalEntry, JournalPlace, Outcome} from './ports.ts';

/** A journal and what waits elsewhere to be moved into it, as one. */
export type ArchivedJournal = {
	readonly project: string;
	readonly path: string;
	readonly kind: JournalPlace['kind'];
	readonly entries: readonly JournalEntry[];
};

export type JournalArchive = {
	readonly journals: readonly ArchivedJournal[];
	/** Journals and directories that could not be read: what is told is then not all. */
	readonly failures: readonly Failure[];
};

/** The first place where the chain of a journal does not hold. `unsealed`: written by something else, or by an older version beside this one. */
export type ChainBreak = {readonly kind: 'changed' | 'removed' | 'inserted' | 'reordered' | 'unsealed'; readonly sequence: number; readonly count: number};

/** An entry with its seal, as somebody may have noted it. */
export type ChainHead = {readonly sequence: number; readonly seal: string};

/** What a journal file says of itself. `state` unsealed: it has no chain yet, an older version wrote it. */
export type Verified = {
	readonly state: 'sealed' | 'unsealed';
	readonly entries: number;
	/** The newest entry, where the whole chain holds. */
	readonly head: ChainHead | null;
	readonly firstBreak: ChainBreak | null;
	/** Entries up to here were sealed later than they were written. */
	readonly sealedUpTo: number | null;
	/** So many entries are missing at the end. */
	readonly cutOff: number;
	/** Entries that waited elsewhere, and whether their chain there was whole. */
	readonly movedIn: ReadonlyArray<{readonly from: number; readonly to: number; readonly atMs: number; readonly intact: boolean}>;
	/** Whether the entry that was asked for is in the chain; null when none was. */
	readonly hasHead: boolean | null;
};

export type VerifiedJournal = {readonly project: string; readonly path: string; readonly waiting: boolean; readonly answer: Outcome<Verified>};

/** `figures`: without the facts that only pass by (`passingTypes`), which no list and no figure needs. */
export type ArchiveExtent = 'whole' | 'figures';

export type JournalArchivePort = {
	/** Every journal that this user can read, of one project or of all. Writes nothing, takes no lease, and ends within its deadline. */
	read(project: string | null, extent?: ArchiveExtent): Promise<Outcome<JournalArchive>>;
	/** Walks the chain of every journal. `head`: an entry whose seal was noted elsewhere. */
	verify(project: string | null, head: ChainHead | null): Promise<Outcome<{readonly journals: readonly VerifiedJournal[]; readonly failures: readonly Failure[]}>>;
	close(): Promise<void>;
};

/** One incident with everything that was recorded for it. Its own `timeline` is empty: that is in `entries`, all of it. */
export type IncidentRecord = {
	readonly project: string;
	readonly path: string;
	readonly incident: Incident;
	readonly entries: readonly JournalEntry[];
};

type Growing = {incident: Incident; readonly entries: JournalEntry[]};

/** The incidents of a journal, oldest first. */
export const incidentsOf = (journal: ArchivedJournal): readonly IncidentRecord[] => {
	const records: Growing[] = [];
	const byId = new Map<string, Growing>();
	let current: Growing | null = null;
	for (const entry of journal.entries) {
		if (entry.incident === null) {
			continue;
		}

		const known = byId.get(entry.incident);
		if (entry.type === 'incident/opened' && current === null) {
			current = {incident: beginIncident(entry, entry.incident), entries: [entry]};
			byId.set(entry.incident, current);
			records.push(current);
		} else if (current !== null && (known === current || (known === undefined && entry.type !== 'incident/opened'))) {
			// Under an id of its own: two consoles opened one in the same moment, and the database kept the other.
			current.incident = known === current ? moveIncident(current.incident, entry) : current.incident;
			current.entries.push(entry);
			current = current.incident.endedAtMs === null ? current : null;
		} else if (known !== undefined) {
			// Closed, or a silence lifted, after its end.
			known.incident = moveIncident(known.incident, entry);
			known.entries.push(entry);
		}
	}

	return records.map(({incident, entries}) => ({project: journal.project, path: journal.path, incident, entries}));
};

export type IncidentFilter = {
	/** Those that began, or still lasted, at or after this instant. */
	readonly sinceMs: number | null;
	readonly state: IncidentState | null;
};

/** The incidents of all journals, newest first. */
export const selectIncidents = (archive: JournalArchive, filter: IncidentFilter): readonly IncidentRecord[] => archive.journals
	.flatMap(journal => incidentsOf(journal))
	.filter(({incident}) => (filter.state === null || incident.state === filter.state) && (filter.sinceMs === null || (incident.endedAtMs ?? Infinity) >= filter.sinceMs))
	.toSorted((a, b) => b.incident.openedAtMs - a.incident.openedAtMs || (a.incident.id < b.incident.id ? 1 : -1));

export type Named =
	| {readonly found: 'one'; readonly record: IncidentRecord}
	| {readonly found: 'none'}
	| {readonly found: 'several'; readonly records: readonly IncidentRecord[]};

/** The incident that a person means: its id, a part of it that no other has, or `last`. `records` are newest first. */
export const findIncident = (records: readonly IncidentRecord[], name: string): Named => {
	const wanted = name.trim().toLowerCase();
	const [newest] = records;
	if (wanted === 'last') {
		return newest === undefined ? {found: 'none'} : {found: 'one', record: newest};
	}

	const idOf = ({incident}: IncidentRecord): string => incident.id.toLowerCase();
	const exact = records.filter(record => idOf(record) === wanted);
	const matching = exact.length > 0 ? exact : records.filter(record => wanted !== '' && (idOf(record).startsWith(wanted) || idOf(record).replace(/^inc-/, '').startsWith(wanted) || idOf(record).endsWith(wanted)));
	return matching.length === 1 ? {found: 'one', record: matching[0]!} : (matching.length === 0 ? {found: 'none'} : {found: 'several', records: matching});
};
