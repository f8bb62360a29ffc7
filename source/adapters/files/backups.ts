/**
What lies in a directory of backups: names, sizes and times of its newest files. No file is opened, and a directory with very many entries is read to a bound: a backup
that runs every hour for years must not cost a server its memory. What may not be read, or is removed meanwhile, does not hide the rest.
*/

import type {Dirent, Stats} from 'node:fs';
import {lstat, opendir} from 'node:fs/promises';
import {join} from 'node:path';
import {isBackup} from '../../core/backup-files.ts';
import type {BackupFile, BackupListing, Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';

export type BackupReader = {
	readonly entries: (path: string) => Promise<AsyncIterable<Dirent>>;
	readonly facts: (path: string) => Promise<Stats>;
	readonly entriesRead: number;
};

const usualReader: BackupReader = {entries: opendir, facts: lstat, entriesRead: 20_000};
const filesTold = 20;
/** What a program is still writing, or keeps for itself. */
const unfinished = /^\.|\.(?:part|tmp|partial|lock)$/i;
/** Every ext4 disk has it at its top, for root alone. */
const ofTheDisk = 'lost+found';

/** See `FilesPort.backups`. Throws what the file system throws at the directory itself. */
export const readBackups = async (directory: string, prefix: string, {entries, facts, entriesRead}: BackupReader = usualReader): Promise<Outcome<BackupListing>> => {
	const found: BackupFile[] = [];
	let left = entriesRead;
	let isPartial = false;
	/** One entry that is gone (a rotation removed it) or not for us is passed over; only what may not be read can have been a backup. */
	const unlessRefused = async (look: () => Promise<void>): Promise<void> => {
		try {
			await look();
		} catch (error) {
			const {code} = error as NodeJS.ErrnoException;
			if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EPERM') {
				throw error;
			}

			isPartial ||= code !== 'ENOENT';
		}
	};

	const look = async (path: string, below: string, depth: number): Promise<void> => {
		for await (const entry of await entries(path)) {
			if (left <= 0) {
				isPartial = true;
				return;
			}

			left--;
			if (unfinished.test(entry.name) || entry.name === ofTheDisk) {
				continue;
			}

			// `pg_basebackup` and those who keep a directory a day.
			if (entry.isDirectory() && depth === 0 && prefix === '') {
				await unlessRefused(async () => look(join(path, entry.name), `${entry.name}/`, 1));
			} else if (entry.isFile() && entry.name.startsWith(prefix)) {
				await unlessRefused(async () => {
					const {size, mtimeMs} = await facts(join(path, entry.name));
					const file = {name: makeSafe(`${below}${entry.name}`), bytes: size, atMs: mtimeMs};
					if (isBackup(file)) {
						found.push(file);
					}
				});
			}
		}
	};

	await look(directory, '', 0);
	return {ok: true, value: {files: found.toSorted((a, b) => b.atMs - a.atMs).slice(0, filesTold), isPartial}};
};
