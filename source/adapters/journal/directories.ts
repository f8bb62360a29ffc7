/**
Where journal files may lie: names, directories, and why one cannot be used. Hides the file system's and SQLite's error codes.

A directory is trusted only when it belongs to this user or to root and strangers cannot write to it: `/dev/shm` is everybody's.
*/

import {createHash} from 'node:crypto';
import {accessSync, chmodSync, closeSync, constants, existsSync, linkSync, lstatSync, mkdirSync, openSync, renameSync, unlinkSync, writeSync} from 'node:fs';
import path from 'node:path';
import type {FailureCode} from '../../core/ports.ts';
import {NewerSchemaError} from './database.ts';
import {schemaVersion} from './schema.ts';
import type {RawFailure} from './protocol.ts';

const plainName = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const probeBytes = 65_536;
/** SQLITE_READONLY_DBMOVED: another file, or none, lies at the path. */
const movedCode = 1032;
// The last two are of earlier versions, which used WAL.
const companions = ['-journal', '-wal', '-shm'] as const;

/** File name without directory; two projects never share one, and no project name can lead out of the directory. */
export const journalFileName = (project: string, spill: boolean): string => {
	const suffix = spill ? '.waiting.sqlite' : '.sqlite';
	if (plainName.test(project)) {
		return project + suffix;
	}

	const readable = project.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '-').slice(0, 40);
	return `${readable}.${createHash('sha256').update(project).digest('hex').slice(0, 16)}${suffix}`;
};

/** Makes the directory if this user may; throws a file system error when it cannot be used. Answers with the mode for files in it. */
export const prepareDirectory = (directory: string, create: 'never' | 'with-parents' | 'last'): number => {
	if (create !== 'never' && !existsSync(directory)) {
		mkdirSync(directory, {recursive: create === 'with-parents', mode: 0o700});
		chmodSync(directory, 0o700);
	}

	const facts = lstatSync(directory);
	const foreign = facts.uid !== 0 && facts.uid !== process.getuid?.();
	if (!facts.isDirectory() || foreign || (facts.mode & 0o002) !== 0) {
		throw Object.assign(new Error(`${directory} is not a directory that only trusted users can write to`), {code: 'EPERM'});
	}

	return (facts.mode & 0o2020) === 0o2020 ? 0o660 : 0o600;
};

const codeOfErrno = (errno: string | undefined): FailureCode | null => {
	switch (errno) {
		case 'ENOSPC':
		case 'EDQUOT': {
			return 'no-space';
		}

		case 'EROFS': {
			return 'read-only';
		}

		case 'EACCES':
		case 'EPERM': {
			return 'denied';
		}

		case 'ENOENT':
		case 'ENOTDIR': {
			return 'not-found';
		}

		default: {
			return null;
		}
	}
};

// https://sqlite.org/rescode.html, primary codes.
const codeOfSqlite = (primary: number): FailureCode | null => {
	switch (primary) {
		case 5:
		case 6: {
			return 'busy';
		}

		case 11:
		case 26: {
			return 'malformed';
		}

		case 13: {
			return 'no-space';
		}

		default: {
			return null;
		}
	}
};

/**
Why a journal file cannot be used. SQLite often says only "I/O error": then the directory itself is asked, by a write beside the file, or with `mayWrite`
false by a look at the rights alone.
*/
export const failureOf = (error: unknown, filePath: string, mayWrite = true): RawFailure => {
	const {message, code, errcode} = error as Error & {code?: string; errcode?: number};
	if (error instanceof NewerSchemaError) {
		return {code: 'unsupported', rawDetail: message, params: {path: filePath, version: error.version, supported: schemaVersion}};
	}

	if (errcode === movedCode) {
		return {code: 'not-found', rawDetail: message, params: {path: filePath}};
	}

	const told = errcode === undefined ? codeOfErrno(code) : codeOfSqlite(errcode % 256);
	const failureCode = told ?? codeOfErrno(mayWrite ? probe(filePath) : readable(filePath)) ?? (errcode !== undefined && errcode % 256 === 8 ? 'read-only' : 'failed');
	return {code: failureCode, rawDetail: message, params: {path: filePath}};
};

/** What the file system says to a write beside the file; undefined when it takes it. */
const probe = (filePath: string): string | undefined => {
	const probePath = `${filePath}.probe-${process.pid}`;
	try {
		if (existsSync(filePath)) {
			// Not opened: closing it would drop the locks that this process holds on it.
			accessSync(filePath, constants.R_OK | constants.W_OK);
		}

		const descriptor = openSync(probePath, 'wx', 0o600);
		try {
			writeSync(descriptor, Buffer.alloc(probeBytes));
		} finally {
			closeSync(descriptor);
			unlinkSync(probePath);
		}

		return undefined;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code;
	}
};

const readable = (filePath: string): string | undefined => {
	try {
		accessSync(filePath, constants.R_OK);
		return undefined;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code;
	}
};

/** Renames an unreadable journal with its companions; answers with the new path. Nothing is ever deleted. */
export const moveAside = (filePath: string, nowMs: number): string => {
	const stamp = new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-');
	let aside = `${filePath}.unreadable-${stamp}`;
	for (let attempt = 2; existsSync(aside); attempt++) {
		aside = `${filePath}.unreadable-${stamp}-${attempt}`;
	}

	const present = ['', ...companions].filter(companion => existsSync(filePath + companion));
	if (linkAll(filePath, aside, present)) {
		for (const companion of present) {
			unlinkSync(filePath + companion);
		}
	} else {
		for (const companion of present) {
			renameSync(filePath + companion, aside + companion);
		}
	}

	return aside;
};

/** All have their new names before one loses its old one: a kill in between leaves no file without what is needed to read it. */
const linkAll = (filePath: string, aside: string, present: readonly string[]): boolean => {
	const linked: string[] = [];
	try {
		for (const companion of present) {
			linkSync(filePath + companion, aside + companion);
			linked.push(aside + companion);
		}

		return true;
	} catch {
		// No links on this file system, or not to another user's file: renaming has to do.
		for (const link of linked) {
			unlinkSync(link);
		}

		return false;
	}
};

/**
Removes a file whose entries all lie elsewhere now. Only for use while its lock is held, and before anything is written under it: its
`-journal` has nothing to roll back then, and goes first, since beside the next file of this name it would not be ours to remove.
*/
export const removeMoved = (filePath: string): void => {
	for (const companion of ['-journal', '', '-wal', '-shm']) {
		if (existsSync(filePath + companion)) {
			unlinkSync(filePath + companion);
		}
	}
};

/** The path of a journal file. */
export const journalPath = (directory: string, name: string): string => path.join(directory, name);
