/**
The archive port: every journal that lies on this machine, read after the fact. Hides the worker that reads, so that a disk which hangs holds up
a thread and not the command, and the form in which pages come from it.
*/

import type {ArchivedJournal, ArchiveExtent, JournalArchive, JournalArchivePort, VerifiedJournal} from '../../core/incident-archive.ts';
import type {Clock, Failure, JournalEntry, Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {unpack} from './packing.ts';
import type {FoundFile, JournalDirectories, RawFailure} from './protocol.ts';
import {createWorkerLine, type WorkerLine} from './worker-line.ts';

const deadlineMs = 5000;
// A million entries take some seconds.
const verifyWithinMs = 60_000;
const pageEntries = 10_000;
const closeTimes = {withinMs: 500, rescueAfterMs: 500};

export type ArchiveOptions = {
	readonly clock: Clock;
	readonly directories: JournalDirectories;
	/** The journal worker's file as a URL, or the text of its bundled script. */
	readonly workerSource: string | URL;
};

/** Creates the archive; nothing is touched before `read`. After a `timed-out` the thread may hang in the kernel: leave by SIGKILL. */
export const createJournalArchive = (options: ArchiveOptions): JournalArchivePort => {
	const {clock, directories} = options;
	const line = createWorkerLine({clock, source: options.workerSource, placed: () => undefined});
	return {
		async read(project, extent = 'whole') {
			const found = await line.ask({kind: 'survey', project, directories}, deadlineMs);
			if (!found.ok) {
				return {ok: false, failure: toFailure(found.failure, directories.own)};
			}

			return {ok: true, value: await readAll(line, found.value.files, directories, found.value.failures.map(failure => toFailure(failure, '')), extent)};
		},
		async verify(project, head) {
			const found = await line.ask({kind: 'survey', project, directories}, deadlineMs);
			if (!found.ok) {
				return {ok: false, failure: toFailure(found.failure, directories.own)};
			}

			const journals: VerifiedJournal[] = [];
			for (const {path, stem, waiting} of found.value.files) {
				const answer = await line.ask({kind: 'verify', path, memory: directories.memory, head}, verifyWithinMs);
				journals.push({project: makeSafe(stem), path, waiting, answer: answer.ok ? answer : {ok: false, failure: toFailure(answer.failure, path)}});
				if (!answer.ok && answer.failure.code === 'timed-out') {
					break;
				}
			}

			return {ok: true, value: {journals, failures: found.value.failures.map(failure => toFailure(failure, ''))}};
		},
		async close() {
			await line.close('', closeTimes, null);
		},
	};
};

type Read = {readonly file: FoundFile; readonly entries: readonly JournalEntry[]};

const readAll = async (line: WorkerLine, files: readonly FoundFile[], directories: JournalDirectories, known: readonly Failure[], extent: ArchiveExtent): Promise<JournalArchive> => {
	const failures = [...known];
	const read: Read[] = [];
	for (const file of files) {
		const entries = await readFile(line, file.path, directories.memory, extent);
		if (entries.ok) {
			read.push({file, entries: entries.value});
		} else {
			failures.push(entries.failure);
		}

		if (!entries.ok && entries.failure.code === 'timed-out') {
			// The thread hangs: what else lies there would wait behind it.
			break;
		}
	}

	return {journals: joined(read), failures};
};

const readFile = async (line: WorkerLine, path: string, memory: readonly string[], extent: ArchiveExtent): Promise<Outcome<readonly JournalEntry[]>> => {
	const entries: JournalEntry[] = [];
	const sieve = extent === 'whole' ? null : {from: [], first: true};
	const pageAfter = async (after: number) => line.ask({kind: 'pick', path, memory, after, limit: pageEntries, sieve}, deadlineMs);
	for (let asked: ReturnType<typeof pageAfter> | null = pageAfter(0); asked !== null;) {
		const page: Awaited<ReturnType<typeof pageAfter>> = await asked;
		if (!page.ok) {
			return {ok: false, failure: toFailure(page.failure, path)};
		}

		// The worker reads the next page while this one is unpacked.
		asked = page.value.count < pageEntries ? null : pageAfter(page.value.last);
		try {
			unpack(page.value, entries);
		} catch (error) {
			return {ok: false, failure: toFailure({code: 'malformed', rawDetail: (error as Error).message}, path)};
		}
	}

	return {ok: true, value: entries};
};

/** What waits is put behind the journal that it continues, with numbers that go on from there; without one it is a journal by itself. */
const joined = (read: readonly Read[]): readonly ArchivedJournal[] => {
	const homes = read.filter(({file}) => !file.waiting);
	const waiting = read.filter(({file}) => file.waiting);
	const stems = new Set([...homes, ...waiting].map(({file}) => file.stem));
	return [...stems].flatMap(stem => {
		const own = homes.filter(({file}) => file.stem === stem);
		const rest = waiting.filter(({file}) => file.stem === stem);
		const [first, ...others] = own.length > 0 ? own : rest;
		const added = own.length > 0 ? rest : others.splice(0);
		return [journalOf(first!, added.flatMap(({entries}) => entries)), ...others.map(other => journalOf(other, []))];
	});
};

const journalOf = ({file, entries}: Read, added: readonly JournalEntry[]): ArchivedJournal => {
	const last = entries.at(-1)?.sequence ?? 0;
	const all = added.length === 0 ? entries : [...entries, ...added.map((entry, index) => ({...entry, sequence: last + index + 1}))];
	return {project: (isPlain.test(file.stem) ? null : projectIn(all)) ?? makeSafe(file.stem), path: file.path, kind: file.kind, entries: all};
};

const isPlain = /^[a-z0-9_-]+$/;

/** A name that does not fit a file's name is only in the entries. */
const projectIn = (entries: readonly JournalEntry[]): string | null => {
	const named = entries.find(({type, data}) => type === 'action/confirmed' && typeof data['project'] === 'string')?.data['project'];
	return typeof named === 'string' && named !== '' ? makeSafe(named) : null;
};

const toFailure = (raw: RawFailure, path: string): Failure => ({code: raw.code, detail: makeSafe(raw.rawDetail), params: raw.params ?? (path === '' ? {} : {path, deadlineMs})});
