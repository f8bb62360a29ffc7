/**
What lies in a directory of backups: names, sizes and times of its newest files. No file is opened, and a directory with very many entries is read to a bound: a backup
that runs every hour for years must not cost a server its memory.
*/

import {lstat, opendir} from 'node:fs/promises';
import {join} from 'node:path';
import type {BackupFile, Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';

const entriesRead = 5000;
const filesTold = 20;
/** What a program is still writing, or keeps for itself. */
const unfinished = /^\.|\.(?:part|tmp|partial|lock)$/i;

/** See `FilesPort.backups`. Throws what the file system throws. */
export const readBackups = async (directory: string, prefix: string): Promise<Outcome<readonly BackupFile[]>> => {
	const found: BackupFile[] = [];
	let left = entriesRead;
	const look = async (path: string, below: string, depth: number): Promise<void> => {
		for await (const entry of await opendir(path)) {
			if (left <= 0) {
				return;
			}

			left--;
			if (unfinished.test(entry.name)) {
				continue;
			}

			// `pg_basebackup` and those who keep a directory a day.
			if (entry.isDirectory() && depth === 0 && prefix === '') {
				await look(join(path, entry.name), `${entry.name}/`, 1);
			} else if (entry.isFile() && entry.name.startsWith(prefix)) {
				const facts = await lstat(join(path, entry.name));
				found.push({name: makeSafe(`${below}${entry.name}`), bytes: facts.size, atMs: facts.mtimeMs});
			}
		}
	};

	await look(directory, '', 0);
	return {ok: true, value: found.toSorted((a, b) => b.atMs - a.atMs).slice(0, filesTold)};
};
