/** Secrets by reference: an environment variable or a file that only its owner (and a group) may read. Their values leave this adapter in requests only. */

import {open} from 'node:fs/promises';
import type {SecretSource} from '../../core/messengers.ts';
import {makeSafe, type SafeText} from '../../core/text.ts';

export type SecretAnswer = {readonly ok: true; readonly value: string} | {readonly ok: false; readonly words: SafeText};

const longestBytes = 16 * 1024;

/** Reads a secret. A file that everybody may read is refused, as ssh refuses such a key. */
export const readSecret = async (source: SecretSource, environment: Readonly<Record<string, string | undefined>>): Promise<SecretAnswer> => {
	if ('env' in source) {
		const value = (environment[source.env] ?? '').trim();
		return value === '' ? {ok: false, words: makeSafe(`$${source.env} is not set`)} : {ok: true, value};
	}

	try {
		const file = await open(source.file, 'r');
		try {
			const {mode, size} = await file.stat();
			if ((mode & 0o007) !== 0) {
				return {ok: false, words: makeSafe(`${source.file}: mode ${(mode & 0o777).toString(8)}, others can read it; chmod o= ${source.file}`)};
			}

			const value = size > longestBytes ? '' : (await file.readFile('utf8')).trim();
			return value === '' ? {ok: false, words: makeSafe(`${source.file}: empty or too large`)} : {ok: true, value};
		} finally {
			await file.close();
		}
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		return {ok: false, words: makeSafe(`${source.file}: ${code ?? message}`)};
	}
};
