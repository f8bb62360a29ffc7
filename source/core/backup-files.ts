/** Which files of a directory of backups are backups, and which of them counts: the one place that the diagnosis, doctor and the look at the directory decide by. */

import type {BackupFile} from './ports.ts';

/** `pg_dump | gzip` leaves this little when pg_dump fails: the pipe ends well, and so does the job. */
const emptyBytes = 100;
/** It may still be written. */
const writingMs = 15 * 60_000;
/** Checksums, signatures and marks that a job leaves beside its dump: they are small, newer than it, and none of them is a backup. */
const besideDump = /\.(?:md5|sha\d+|sig|asc|txt|log|json|done|ok)$/i;

/** A small file without an extension (`SUCCESS`) is a mark as well; a large one is a dump that somebody named so. */
export const isBackup = ({name, bytes}: Pick<BackupFile, 'name' | 'bytes'>): boolean => {
	const own = name.slice(name.lastIndexOf('/') + 1);
	return !besideDump.test(own) && (own.includes('.') || bytes >= emptyBytes);
};

/** The newest backup with something in it, and the newest of those without anything that came after it; null where there is none. */
export const judgeBackups = <F extends BackupFile>(files: readonly F[], nowMs: number): {readonly newest: F | null; readonly empty: F | null} => {
	const backups = files.filter(file => isBackup(file)).toSorted((a, b) => b.atMs - a.atMs);
	const newest = backups.find(({bytes}) => bytes >= emptyBytes) ?? null;
	const empty = backups.find(({bytes, atMs}) => bytes < emptyBytes && nowMs - atMs > writingMs && atMs > (newest?.atMs ?? 0)) ?? null;
	return {newest, empty};
};
