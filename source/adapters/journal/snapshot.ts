/**
Reads a journal whose last writer was killed in the middle, without writing to it: such a file is whole only after its `-journal` was
rolled back, which a reader may not do. Hides that this happens in a copy, in memory-backed storage, whose names are gone at once.

Invariant: the copy is of one instant; when the file changed meanwhile the reading is `busy` and is tried again.
*/

import {copyFileSync, mkdtempSync, rmSync, statSync} from 'node:fs';
import path from 'node:path';
import {openJournalFile} from './database.ts';
import type {JournalFile} from './database.ts';
import {prepareDirectory} from './directories.ts';

const readOnlyRollbackCode = 776;
const busyCode = 5;

/** True for SQLite's refusal to read because somebody has to roll back first (SQLITE_READONLY_ROLLBACK). */
export const needsRollback = (error: unknown): boolean => (error as {errcode?: number}).errcode === readOnlyRollbackCode;

/** Opens what `filePath` holds after a rollback; it is current until that file changes. Throws what copying or opening throws. */
export const openSnapshot = (filePath: string, memory: readonly string[]): JournalFile => {
	const before = marksOf(filePath);
	const directory = mkdtempSync(path.join(usable(memory), 'reading-'));
	try {
		const copy = path.join(directory, 'copy.sqlite');
		copyPair(filePath, copy, before);
		const file = openJournalFile(copy, {readOnly: false, fileMode: 0o600});
		return {...file, path: filePath, isCurrent: () => marksOf(filePath) === before};
	} finally {
		rmSync(directory, {recursive: true, force: true});
	}
};

const copyPair = (filePath: string, copy: string, marks: string): void => {
	try {
		copyFileSync(filePath, copy);
		copyFileSync(`${filePath}-journal`, `${copy}-journal`);
	} catch (error) {
		if (marksOf(filePath) === marks) {
			throw error;
		}
	}

	if (marksOf(filePath) !== marks) {
		throw Object.assign(new Error('the journal changed while it was read'), {errcode: busyCode});
	}
};

const usable = (memory: readonly string[]): string => {
	let refusal: unknown = new Error('no memory-backed directory');
	for (const directory of memory) {
		try {
			prepareDirectory(directory, 'last');
			return directory;
		} catch (error) {
			refusal = error;
		}
	}

	throw refusal;
};

const marksOf = (filePath: string): string => [filePath, `${filePath}-journal`].map(name => {
	const facts = statSync(name, {bigint: true, throwIfNoEntry: false});
	return facts === undefined ? '' : `${facts.ino}/${facts.size}/${facts.mtimeNs}/${facts.ctimeNs}`;
}).join(' ');
