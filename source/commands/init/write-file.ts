/**
Writes a file whole or not at all: a temporary one beside it, synced, then moved into place. Without `replace` an existing file
stays as it is, also one that appears in the last moment.
*/

import {randomBytes} from 'node:crypto';
import {constants} from 'node:fs';
import {link, open, realpath, rename, unlink} from 'node:fs/promises';
import {dirname} from 'node:path';
import {syncDirectory} from '../../adapters/files/replace.ts';

export type WriteAnswer = {readonly ok: true} | {readonly ok: false; readonly error: string};

const codeOf = (error: unknown): string => error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** With the mode whatever the umask. `error` is the system's code, such as EEXIST, EACCES, ENOENT or ENOSPC. */
export const writeFileWhole = async (path: string, text: string, replace: boolean, mode = 0o644): Promise<WriteAnswer> => {
	const target = replace ? await realTarget(path) : path;
	const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
	try {
		const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
		try {
			await handle.writeFile(text);
			await handle.chmod(mode);
			await handle.sync();
		} finally {
			await handle.close();
		}

		if (replace) {
			await rename(temporary, target);
		} else {
			// Unlike a rename, a link never replaces what is already there.
			await link(temporary, target);
			await unlink(temporary);
		}

		await syncDirectory(dirname(target));
		return {ok: true};
	} catch (error) {
		await unlink(temporary).catch(() => {
			// It was never made, or is already in its place; the error that is told is the one that matters.
		});
		return {ok: false, error: codeOf(error)};
	}
};

/** Behind a link the file it leads to is replaced, and the link stays. */
const realTarget = async (path: string): Promise<string> => {
	try {
		return await realpath(path);
	} catch {
		// Nothing is there yet: the path itself is the target, and writing tells what is wrong with it.
		return path;
	}
};
