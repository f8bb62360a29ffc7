/**
Replaces a text file that people keep by one that differs from it by what was shown to them. Hides how that is made safe: read once, replaced whole by a
rename, only while it is still what was read; owner, group and mode stay.
*/

import {randomBytes} from 'node:crypto';
import {constants, type Stats} from 'node:fs';
import {access, lstat, open, readFile, realpath, rename, unlink} from 'node:fs/promises';
import {dirname} from 'node:path';

export type ReplaceProblem = 'missing' | 'denied' | 'symlink' | 'not-a-file' | 'hard-links' | 'too-large' | 'not-utf8' | 'changed' | 'owner' | 'no-space' | 'read-only' | 'failed';

export type ReadText = {readonly text: string; readonly bytes: Buffer};
export type Answer<T> = {readonly ok: true; readonly value: T} | {readonly ok: false; readonly code: ReplaceProblem; readonly rawDetail: string};

const largestBytes = 4_194_304;

const problemOf = (error: unknown): ReplaceProblem => {
	switch ((error as NodeJS.ErrnoException).code) {
		case 'ENOENT':
		case 'ENOTDIR': {
			return 'missing';
		}

		case 'EACCES':
		case 'EPERM': {
			return 'denied';
		}

		case 'EROFS': {
			return 'read-only';
		}

		case 'ENOSPC':
		case 'EDQUOT': {
			return 'no-space';
		}

		default: {
			return 'failed';
		}
	}
};

const refused = (code: ReplaceProblem, rawDetail = ''): Answer<never> => ({ok: false, code, rawDetail});

/** The facts of a file that may be replaced, or why not. A link leads elsewhere: replacing it would leave what it leads to as it was. */
const replaceable = async (path: string): Promise<Answer<Stats>> => {
	const facts = await lstat(path);
	if (facts.isSymbolicLink()) {
		return refused('symlink', await realpath(path));
	}

	if (!facts.isFile()) {
		return refused('not-a-file');
	}

	return facts.nlink > 1 ? refused('hard-links') : (facts.size > largestBytes ? refused('too-large') : {ok: true, value: facts});
};

/** The text of a file that could be replaced, exactly: what is not UTF-8 could not be given back byte for byte. */
export const readForReplacing = async (path: string): Promise<Answer<ReadText>> => {
	try {
		const facts = await replaceable(path);
		if (!facts.ok) {
			return facts;
		}

		const bytes = await readFile(path);
		const text = bytes.toString('utf8');
		return Buffer.from(text, 'utf8').equals(bytes) && !text.includes('\0') ? {ok: true, value: {text, bytes}} : refused('not-utf8');
	} catch (error) {
		return refused(problemOf(error), (error as Error).message);
	}
};

/** Replaces the file while it is still what was read. */
export const replaceText = async (path: string, read: ReadText, text: string): Promise<Answer<null>> => {
	const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
	try {
		const facts = await replaceable(path);
		if (!facts.ok) {
			return facts;
		}

		await access(path, constants.W_OK);
		const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
		try {
			await handle.writeFile(text);
			if (!await keepOwner(handle, facts.value)) {
				await unlink(temporary);
				return refused('owner');
			}

			await handle.chmod(facts.value.mode & 0o7777);
			await handle.sync();
		} finally {
			await handle.close();
		}

		if (!(await readFile(path)).equals(read.bytes) || (await lstat(path)).ino !== facts.value.ino) {
			await unlink(temporary);
			return refused('changed');
		}

		await rename(temporary, path);
		await syncDirectory(dirname(path));
		return {ok: true, value: null};
	} catch (error) {
		await unlink(temporary).catch(() => {
			// It was never made; the error that is told is the one that matters.
		});
		return refused(problemOf(error), (error as Error).message);
	}
};

const keepOwner = async (handle: Awaited<ReturnType<typeof open>>, {uid, gid}: Stats): Promise<boolean> => {
	const own = await handle.stat();
	if (own.uid === uid && own.gid === gid) {
		return true;
	}

	try {
		await handle.chown(uid, gid);
		return true;
	} catch {
		// The file is another user's: in her place it would become ours.
		return false;
	}
};

/** Makes what was renamed or created in a directory survive a power cut. */
export const syncDirectory = async (directory: string): Promise<void> => {
	const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
};
