/**
Who can write a file that steers this console? Hides the rule: a configuration counts only when nobody but the user, root and the
project's owner could have written it, which is asked of the file, of the link that leads to it and of every directory above.
A group that has no members but those (a user's private group, or root's) does not count as others.
*/

import type {Stats} from 'node:fs';
import {lstat, readFile, realpath} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {ConfigurationProblemCode} from '../core/settings.ts';

export type Distrust = {
	readonly code: Extract<ConfigurationProblemCode, 'owner' | 'writable-by-others' | 'directory-owner' | 'directory-writable-by-others'>;
	readonly path: string;
	readonly uid: number;
	readonly mode: number;
};

/** `names` and `groups` are the paths of passwd and group; tests bring their own. */
export type AccountFiles = {readonly passwd: string; readonly group: string};

export const systemAccountFiles: AccountFiles = {passwd: '/etc/passwd', group: '/etc/group'};

/** Who of a group is not in `allowed`; true also when that cannot be told. Group 0 is root's. */
export const hasOtherMembers = async (gid: number, allowed: ReadonlySet<number>, accounts: AccountFiles): Promise<boolean> => {
	if (gid === 0) {
		return false;
	}

	try {
		const [passwd, groups] = await Promise.all([readFile(accounts.passwd, 'utf8'), readFile(accounts.group, 'utf8')]);
		const users = passwd.split('\n').map(line => line.split(':')).filter(fields => fields.length >= 4);
		const group = groups.split('\n').map(line => line.split(':')).find(fields => fields[2] === String(gid));
		if (group === undefined) {
			return true;
		}

		const listed = (group[3] ?? '').split(',').filter(name => name !== '');
		const uids = listed.map(name => users.find(fields => fields[0] === name)?.[2]);
		const primary = users.filter(fields => fields[3] === String(gid)).map(fields => fields[2]);
		return [...uids, ...primary].some(uid => uid === undefined || !allowed.has(Number(uid)));
	} catch {
		// Unreadable account files mean that the group's members are not known: then it is not trusted, which is the answer.
		return true;
	}
};

/** What makes the file untrustworthy, or null. `path` is as given (perhaps a link), `file` the open file's own facts. */
export const findDistrust = async (path: string, file: Stats, allowed: ReadonlySet<number>, accounts: AccountFiles): Promise<Distrust | null> => {
	const real = await realpath(path);
	const canOthersWrite = async ({mode, gid}: Stats): Promise<boolean> =>
		(mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && await hasOtherMembers(gid, allowed, accounts));

	if (!allowed.has(file.uid)) {
		return {code: 'owner', path: real, uid: file.uid, mode: file.mode & 0o7777};
	}

	if (await canOthersWrite(file)) {
		return {code: 'writable-by-others', path: real, uid: file.uid, mode: file.mode & 0o7777};
	}

	for (const directory of directoriesAbove(path, real)) {
		const facts = await lstat(directory);
		if (facts.isSymbolicLink()) {
			continue;
		}

		if (!allowed.has(facts.uid)) {
			return {code: 'directory-owner', path: directory, uid: facts.uid, mode: facts.mode & 0o7777};
		}

		// In a sticky directory such as /tmp nobody can replace what is not theirs.
		if ((facts.mode & 0o1000) === 0 && await canOthersWrite(facts)) {
			return {code: 'directory-writable-by-others', path: directory, uid: facts.uid, mode: facts.mode & 0o7777};
		}
	}

	return null;
};

/** Nearest first, of the path as given and of the real one, each once. */
const directoriesAbove = (path: string, real: string): ReadonlySet<string> => {
	const found = new Set<string>();
	for (const start of [real, path]) {
		for (let directory = dirname(start); !found.has(directory); directory = dirname(directory)) {
			found.add(directory);
		}
	}

	return found;
};
