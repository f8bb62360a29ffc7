/**
Which file the journal is written to: the shared directory, else the user's own; and, when that file will not take an entry, a
memory-backed stand-in ("spill") whose entries are moved back later.

Invariants: entries in a stand-in are moved in their order, with their instants and keys, and a move that is cut off anywhere can be
repeated without doubling one. A journal of a newer program is never written to; an unreadable one is renamed, never deleted.
*/

import {existsSync} from 'node:fs';
import {failureOf, journalFileName, journalPath, moveAside, prepareDirectory, removeMoved} from './directories.ts';
import {MovedAwayError, openJournalFile} from './database.ts';
import type {JournalFile} from './database.ts';
import type {JournalEntry} from '../../core/ports.ts';
import type {JournalDirectories, RawFailure, RawPlace, StampedDraft} from './protocol.ts';

type Kind = RawPlace['kind'];
type Opened = {readonly file: JournalFile; readonly kind: Kind; readonly failure: RawFailure | null};

/** What an attempt comes to: a value, or the reason in the words of the outside. */
export type Attempt<T> = {readonly ok: true; readonly value: T} | {readonly ok: false; readonly failure: RawFailure};

export type Places = {
	open(nowMs: number): Attempt<{readonly skipTo: number; readonly last: number}>;
	append(drafts: readonly StampedDraft[], nowMs: number): Attempt<readonly JournalEntry[]>;
	/** Memory-backed storage only, whatever state the real place is in. */
	rescue(drafts: readonly StampedDraft[]): Attempt<number>;
	read(after: number, limit: number): Attempt<readonly JournalEntry[]>;
	/** The file that is written to now; null when there is none (read-only and nothing there). */
	current(): JournalFile | null;
	/** Tries the wanted place again and moves over what waits; answers with how many entries that were. */
	returnHome(nowMs: number): Attempt<number>;
	place(): RawPlace | null;
	close(): void;
};

export const createPlaces = (project: string, directories: JournalDirectories, readOnly: boolean): Places => {
	let home: Opened | null = null;
	let spill: Opened | null = null;

	const openHome = (nowMs: number): RawFailure | null => {
		const found = findHome(project, directories, readOnly, nowMs);
		home = found.opened;
		return found.failure;
	};

	const openSpill = (failure: RawFailure): Attempt<Opened> => {
		const opened = findSpill(project, directories, failure);
		if (opened.ok) {
			spill = opened.value;
			const {last, openIncident} = ending(home);
			spill.file.continueFrom(last, openIncident);
		}

		return opened;
	};

	const leaveSpill = (): void => {
		spill?.file.close();
		spill = null;
	};

	const closeHome = (): void => {
		home?.file.close();
		home = null;
	};

	const openAnywhere = (nowMs: number): RawFailure | null => {
		const failure = openHome(nowMs);
		if (failure === null || readOnly || failure.code === 'unsupported') {
			return readOnly && failure?.code === 'not-found' ? null : failure;
		}

		// A full disk can still be read: the history stays on screen, and the stand-in continues its numbers.
		home = findHome(project, directories, true, nowMs).opened;
		const opened = openSpill(failure);
		return opened.ok ? null : opened.failure;
	};

	const appendTo = (opened: Opened, drafts: readonly StampedDraft[]): Attempt<readonly JournalEntry[]> => {
		try {
			return {ok: true, value: opened.file.append(drafts)};
		} catch (error) {
			const moved = error instanceof MovedAwayError;
			return {ok: false, failure: moved ? {code: 'not-found', rawDetail: 'the file was moved'} : failureOf(error, opened.file.path)};
		}
	};

	const move = (): number => {
		const file = home?.file;
		return file === undefined ? 0 : spillPaths(project, directories).reduce((sum, path) => sum + moveInto(file, path), 0);
	};

	return {
		open(nowMs) {
			const failure = openAnywhere(nowMs);
			if (failure !== null) {
				return {ok: false, failure};
			}

			if (spill === null && !readOnly) {
				try {
					move();
				} catch (error) {
					// What waits is still in its file, and is moved at the next opening.
					home = home === null ? null : {...home, failure: home.failure ?? failureOf(error, home.file.path)};
				}
			}

			const history = home?.file.span(20_000) ?? {skipTo: 0, last: 0};
			return {ok: true, value: spill === null ? history : {skipTo: history.skipTo, last: Math.max(history.last, spill.file.span(0).last)}};
		},
		append(drafts, nowMs) {
			const first = spill ?? home;
			const answer = first === null ? null : appendTo(first, drafts);
			if (answer !== null && (answer.ok || !isOfThePlace(answer.failure))) {
				return answer;
			}

			// Opened afresh: the file may have been moved, removed or renamed by somebody else.
			leaveSpill();
			closeHome();
			const failure = openAnywhere(nowMs);
			const second = spill ?? home;
			if (failure !== null || second === null) {
				return {ok: false, failure: failure ?? {code: 'failed', rawDetail: 'no place for the journal'}};
			}

			const again = appendTo(second, drafts);
			if (again.ok || !isOfThePlace(again.failure) || spill !== null) {
				return again;
			}

			const opened = openSpill(again.failure);
			return opened.ok ? appendTo(opened.value, drafts) : opened;
		},
		rescue(drafts) {
			const opened = findSpill(project, {...directories, own: ''}, {code: 'timed-out', rawDetail: ''});
			if (!opened.ok) {
				return opened;
			}

			const written = appendTo(opened.value, drafts);
			opened.value.file.close();
			return written.ok ? {ok: true, value: written.value.length} : written;
		},
		read(after, limit) {
			const source = spill ?? home;
			try {
				const history = spill === null || home === null ? [] : home.file.read(after, limit);
				const own = source === null || history.length === limit ? [] : source.file.read(history.at(-1)?.sequence ?? after, limit - history.length);
				return {ok: true, value: [...history, ...own]};
			} catch (error) {
				return {ok: false, failure: failureOf(error, source?.file.path ?? '')};
			}
		},
		current: () => (spill ?? home)?.file ?? null,
		returnHome(nowMs) {
			if (spill === null) {
				return {ok: true, value: 0};
			}

			closeHome();
			const failure = openHome(nowMs);
			if (failure !== null) {
				home = findHome(project, directories, true, nowMs).opened;
				return {ok: false, failure};
			}

			try {
				const moved = move();
				leaveSpill();
				return {ok: true, value: moved};
			} catch (error) {
				return {ok: false, failure: failureOf(error, spill.file.path)};
			}
		},
		place() {
			const opened = spill ?? home;
			return opened === null ? null : {path: opened.file.path, kind: opened.kind, failure: opened.failure, spilled: spill !== null};
		},
		close() {
			leaveSpill();
			closeHome();
		},
	};
};

const ending = (home: Opened | null): {readonly last: number; readonly openIncident: string | null} => {
	try {
		return {last: home?.file.span(0).last ?? 0, openIncident: home?.file.openIncident() ?? null};
	} catch {
		// The broken file cannot even be read: the stand-in then starts at one, which only its numbers show.
		return {last: 0, openIncident: null};
	}
};

/** True when another place may take what this one refused. A lock that others hold passes; a bad draft is bad everywhere. */
const isOfThePlace = (failure: RawFailure): boolean => failure.code !== 'busy' && !failure.rawDetail.includes('constraint failed');

const nextPlaceMayDo = (failure: RawFailure): boolean => failure.code === 'not-found' || failure.code === 'denied' || failure.code === 'read-only';

const findHome = (project: string, directories: JournalDirectories, readOnly: boolean, nowMs: number): {readonly opened: Opened | null; readonly failure: RawFailure | null} => {
	const candidates = [
		{kind: 'shared', directory: directories.shared, create: 'never'},
		{kind: 'own', directory: directories.own, create: readOnly ? 'never' : 'with-parents'},
	] as const;
	let refusal: RawFailure | null = null;
	for (const {kind, directory, create} of candidates) {
		const path = journalPath(directory, journalFileName(project, false));
		const attempt = openAt(path, kind, () => prepareDirectory(directory, create), readOnly, nowMs);
		if (attempt.ok) {
			return {opened: {...attempt.value, failure: attempt.value.failure ?? refusal}, failure: null};
		}

		// The first reason is the one to tell, unless that was only "not there".
		refusal = refusal === null || refusal.code === 'not-found' ? attempt.failure : refusal;
		if (!nextPlaceMayDo(attempt.failure)) {
			return {opened: null, failure: attempt.failure};
		}
	}

	return {opened: null, failure: refusal};
};

const openAt = (path: string, kind: Kind, prepare: () => number, readOnly: boolean, nowMs: number): Attempt<Opened> => {
	try {
		const fileMode = prepare();
		if (readOnly && !existsSync(path)) {
			return {ok: false, failure: {code: 'not-found', rawDetail: path, params: {path}}};
		}

		try {
			return {ok: true, value: {file: openJournalFile(path, {readOnly, fileMode}), kind, failure: null}};
		} catch (error) {
			const failure = failureOf(error, path);
			if (failure.code !== 'malformed' || readOnly) {
				return {ok: false, failure};
			}

			const aside = moveAside(path, nowMs);
			const told = {...failure, params: {...failure.params, movedTo: aside}};
			return {ok: true, value: {file: openJournalFile(path, {readOnly, fileMode}), kind, failure: told}};
		}
	} catch (error) {
		return {ok: false, failure: failureOf(error, path)};
	}
};

// The user's own directory comes first: it may be on another disk, and it survives a reboot.
const spillCandidates = (directories: JournalDirectories): readonly {readonly kind: Kind; readonly directory: string}[] => [
	...(directories.own === '' ? [] : [{kind: 'own' as const, directory: directories.own}]),
	...directories.memory.map(directory => ({kind: 'memory' as const, directory})),
];

const spillPaths = (project: string, directories: JournalDirectories): readonly string[] => spillCandidates(directories)
	.map(({directory}) => journalPath(directory, journalFileName(project, true)));

const findSpill = (project: string, directories: JournalDirectories, cause: RawFailure): Attempt<Opened> => {
	let failure = cause;
	for (const {kind, directory} of spillCandidates(directories)) {
		const path = journalPath(directory, journalFileName(project, true));
		const attempt = openAt(path, kind, () => prepareDirectory(directory, 'last'), false, 0);
		if (attempt.ok) {
			return {ok: true, value: {...attempt.value, failure: cause}};
		}

		failure = attempt.failure;
	}

	return {ok: false, failure};
};

const moveInto = (home: JournalFile, path: string): number => {
	if (!existsSync(path)) {
		return 0;
	}

	prepareDirectory(path.slice(0, path.lastIndexOf('/')), 'never');
	const waiting = openJournalFile(path, {readOnly: false, fileMode: 0o600});
	try {
		return waiting.moveAway(drafts => {
			home.append(drafts);
			removeMoved(path);
		});
	} finally {
		waiting.close();
	}
};
