/** Finding, deleting and backing up on the pretend server: the few commands about files that the cards use. */

import type {Shell} from './interpreter.ts';
import {thingsOf} from './things.ts';

const dayMs = 86_400_000;

const matches = (name: string, pattern: string): boolean => new RegExp(`^${pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(name);

const optionOf = (words: readonly string[], name: string): string | null => words.includes(name) ? words[words.indexOf(name) + 1] ?? '' : null;

/** `find` for logs and backups; null for what the drill does not have. */
export const runFind = async (shell: Shell, words: readonly string[]): Promise<number | null> => {
	const [directory = ''] = words;
	const things = thingsOf(shell.world);
	await shell.sleep(60);
	if (words.includes('-type') && optionOf(words, '-type') === 'd') {
		// Everything is writable for the user of the drill.
		return 0;
	}

	const name = optionOf(words, '-name') ?? '*';
	const now = shell.world.timeline.toWall(shell.world.timeline.now());
	const days = Number((optionOf(words, '-mtime') ?? '+-1').slice(1));
	const isBackup = words.includes('-maxdepth');
	const files = (isBackup ? things.backups : things.logs).filter(({path, atMs}) => path.startsWith(`${directory}/`) && matches(path.slice(path.lastIndexOf('/') + 1), name) && now - atMs > (days + 1) * dayMs - (isBackup ? dayMs : 0));
	if (words.includes('-delete')) {
		for (const {path, bytes} of files) {
			shell.out(`${path}\n`);
			shell.world.free(bytes);
			await shell.sleep(20);
		}

		things.logs = things.logs.filter(file => !files.includes(file));
		return 0;
	}

	shell.out(files.map(({path, bytes, atMs}) => `${(atMs / 1000).toFixed(3)}\t${bytes}\t${isBackup ? path.slice(path.lastIndexOf('/') + 1) : path}\n`).join(''));
	return 0;
};

/** The pipes of a backup: dump and compress, read back. Null for every other pipe. */
export const runPipe = async (shell: Shell, words: readonly string[]): Promise<number | null> => {
	const things = thingsOf(shell.world);
	const target = words.at(-1) ?? '';
	if (words.some(word => word.includes('pg_dump')) && words.includes('gzip') && words.includes('>')) {
		const database = shell.world.byService('db');
		await shell.sleep(1400);
		if (database?.state !== 'running') {
			shell.err('ERROR: No container found for db_1\n');
			return 1;
		}

		await shell.sleep(3600);
		things.backups.push({path: target, bytes: 41.6 * 1024 ** 2, atMs: shell.world.timeline.toWall(shell.world.timeline.now())});
		return 0;
	}

	if (words[0] === 'gzip' && words.includes('grep')) {
		await shell.sleep(500);
		const isThere = things.backups.some(({path}) => path === words[2]);
		shell[isThere ? 'out' : 'err'](isThere ? '-- PostgreSQL database dump complete\n' : `gzip: ${words[2] ?? ''}: No such file or directory\n`);
		return isThere ? 0 : 1;
	}

	return null;
};

/** `mv` and `ls -l` of a backup. */
export const runFileCommand = async (shell: Shell, name: string, words: readonly string[]): Promise<number> => {
	const things = thingsOf(shell.world);
	const path = words.find(word => word.startsWith('/')) ?? '';
	const file = things.backups.find(other => other.path === path);
	if (file === undefined) {
		shell.err(`${name}: cannot stat '${path}': No such file or directory\n`);
		return 1;
	}

	if (name === 'mv') {
		file.path = words.at(-1) ?? path;
	} else {
		shell.out(`-rw------- 1 deploy deploy ${file.bytes} ${new Date(file.atMs).toISOString().slice(0, 16).replace('T', ' ')} ${file.path}\n`);
	}

	return 0;
};
