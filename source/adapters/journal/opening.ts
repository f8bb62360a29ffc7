/**
Finds and opens the files of a journal: the wanted one, and stand-ins for it. Hides the order of the candidates, and what is done with
a file that is unreadable (renamed) or, for readers, half written (read from a copy).
*/

import {existsSync} from 'node:fs';
import {openJournalFile} from './database.ts';
import type {JournalFile} from './database.ts';
import {failureOf, journalFileName, journalPath, moveAside, prepareDirectory, removeMoved} from './directories.ts';
import {needsRollback, openSnapshot} from './snapshot.ts';
import type {JournalDirectories, RawFailure, RawPlace} from './protocol.ts';

type Kind = RawPlace['kind'];

export type Opened = {readonly file: JournalFile; readonly kind: Kind; readonly failure: RawFailure | null};

/** What an attempt comes to: a value, or the reason in the words of the outside. */
export type Attempt<T> = {readonly ok: true; readonly value: T} | {readonly ok: false; readonly failure: RawFailure};

const nextPlaceMayDo = (failure: RawFailure): boolean => failure.code === 'not-found' || failure.code === 'denied' || failure.code === 'read-only';

/** The shared file, else the user's own; `failure` is why the wanted one is not it. */
export const findHome = (project: string, directories: JournalDirectories, readOnly: boolean, nowMs: number): {readonly opened: Opened | null; readonly failure: RawFailure | null} => {
	const candidates = [
		{kind: 'shared', directory: directories.shared, create: 'never'},
		{kind: 'own', directory: directories.own, create: readOnly ? 'never' : 'with-parents'},
	] as const;
	let refusal: RawFailure | null = null;
	for (const {kind, directory, create} of candidates) {
		const path = journalPath(directory, journalFileName(project, false));
		const attempt = openAt(path, kind, () => prepareDirectory(directory, create), readOnly ? {memory: directories.memory} : null, nowMs);
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

/** `reading` is null to open for writing; else it says where a copy may lie, for a file that cannot be read as it is. */
const openAt = (path: string, kind: Kind, prepare: () => number, reading: {readonly memory: readonly string[]} | null, nowMs: number): Attempt<Opened> => {
	const readOnly = reading !== null;
	try {
		const fileMode = prepare();
		if (readOnly && !existsSync(path)) {
			return {ok: false, failure: {code: 'not-found', rawDetail: path, params: {path}}};
		}

		try {
			return {ok: true, value: {file: openJournalFile(path, {readOnly, fileMode}), kind, failure: null}};
		} catch (error) {
			if (readOnly && needsRollback(error)) {
				return {ok: true, value: {file: openSnapshot(path, reading.memory), kind, failure: null}};
			}

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

/** Where entries of this project may wait. */
export const spillPaths = (project: string, directories: JournalDirectories): readonly string[] => spillCandidates(directories)
	.map(({directory}) => journalPath(directory, journalFileName(project, true)));

/** The first stand-in that opens; it carries `cause`, for which it was needed. */
export const findSpill = (project: string, directories: JournalDirectories, cause: RawFailure): Attempt<Opened> => {
	let failure = cause;
	for (const {kind, directory} of spillCandidates(directories)) {
		const path = journalPath(directory, journalFileName(project, true));
		const attempt = openAt(path, kind, () => prepareDirectory(directory, 'last'), null, 0);
		if (attempt.ok) {
			return {ok: true, value: {...attempt.value, failure: cause}};
		}

		failure = attempt.failure;
	}

	return {ok: false, failure};
};

/** Moves what waits at `path` into `home` and removes the file; answers with how many entries that were. Throws what SQLite throws. */
export const moveInto = (home: JournalFile, path: string, nowMs: number): number => {
	if (!existsSync(path)) {
		return 0;
	}

	prepareDirectory(path.slice(0, path.lastIndexOf('/')), 'never');
	const waiting = openJournalFile(path, {readOnly: false, fileMode: 0o600});
	try {
		return waiting.moveAway((drafts, intact) => {
			home.append(drafts, {intact, nowMs});
		}, () => {
			removeMoved(path);
		});
	} finally {
		waiting.close();
	}
};
