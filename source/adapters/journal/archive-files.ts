/**
Journal files as what they are after an incident: files that lie somewhere, read one by one. Hides how they are found by name, and that one whose
last writer was killed is read from a copy.

Invariant: nothing is created, written, renamed or locked beyond the moment of a read; a console that has the file open goes on undisturbed.
*/

import {readdirSync} from 'node:fs';
import path from 'node:path';
import {openJournalFile} from './database.ts';
import type {JournalFile} from './database.ts';
import {failureOf, journalFileName, prepareDirectory} from './directories.ts';
import {pack} from './packing.ts';
import {needsRollback, openSnapshot} from './snapshot.ts';
import type {Attempt} from './opening.ts';
import type {Answers, FoundFile, JournalDirectories, RawFailure, Request} from './protocol.ts';

const journalName = /^(?<stem>.+?)(?<waiting>\.waiting)?\.sqlite$/;

/** The journals of a project, or of all, in the order in which a console would try their directories. A directory that is not there holds none. */
export const survey = (project: string | null, directories: JournalDirectories): Answers['survey'] => {
	const places: ReadonlyArray<{readonly kind: FoundFile['kind']; readonly directory: string}> = [
		{kind: 'shared', directory: directories.shared},
		{kind: 'own', directory: directories.own},
		...directories.memory.map(directory => ({kind: 'memory' as const, directory})),
	];
	const files: FoundFile[] = [];
	const failures: RawFailure[] = [];
	for (const {kind, directory} of places) {
		try {
			prepareDirectory(directory, 'never');
			files.push(...readdirSync(directory).sort().flatMap(name => foundFile(name, kind, directory, project)));
		} catch (error) {
			const failure = failureOf(error, directory, false);
			// Memory-backed storage of another user: her own console moves over what waits there.
			if (failure.code !== 'not-found' && !(kind === 'memory' && failure.code === 'denied')) {
				failures.push(failure);
			}
		}
	}

	return {files, failures};
};

const foundFile = (name: string, kind: FoundFile['kind'], directory: string, project: string | null): readonly FoundFile[] => {
	const groups = journalName.exec(name)?.groups;
	const isWanted = project === null || name === journalFileName(project, false) || name === journalFileName(project, true);
	return groups === undefined || !isWanted
		? []
		: [{path: path.join(directory, name), kind, stem: project ?? groups['stem']!, waiting: groups['waiting'] !== undefined}];
};

export type Picker = {
	pick(request: Request & {readonly kind: 'pick'}): Attempt<Answers['pick']>;
	verify(request: Request & {readonly kind: 'verify'}): Attempt<Answers['verify']>;
	close(): void;
};

/** Reads page after page of one file; the file stays open between two pages of it. */
export const createPicker = (): Picker => {
	let open: JournalFile | null = null;

	const close = (): void => {
		open?.close();
		open = null;
	};

	const opened = (filePath: string, memory: readonly string[]): JournalFile => {
		if (open?.path === filePath && open.isCurrent()) {
			return open;
		}

		close();
		try {
			open = openJournalFile(filePath, {readOnly: true, fileMode: 0o600, unchecked: true});
		} catch (error) {
			if (!needsRollback(error)) {
				throw error;
			}

			open = openSnapshot(filePath, memory);
		}

		return open;
	};

	const reading = <T>(filePath: string, memory: readonly string[], read: (file: JournalFile) => T): Attempt<T> => {
		try {
			return {ok: true, value: read(opened(filePath, memory))};
		} catch (error) {
			// A writer that was killed since: the file is opened anew, as a copy.
			const isHalf = needsRollback(error) && open !== null;
			close();
			return isHalf ? {ok: false, failure: {code: 'busy', rawDetail: 'the journal changed while it was read'}} : {ok: false, failure: failureOf(error, filePath, false)};
		}
	};

	return {
		pick: ({path: filePath, memory, after, limit, sieve}) => reading(filePath, memory, file => pack(file.rows(after, limit, sieve), after)),
		verify: ({path: filePath, memory, head}) => reading(filePath, memory, file => file.verify(head)),
		close,
	};
};
