/**
Where run files and locks lie: a memory-backed directory that all who can use the engine share, or else the user's own.

Hides who may be trusted with such a directory. What lies in it is believed (a lock's holder, an outcome), so a directory that somebody
else made, a link, or one that strangers can write is refused, not repaired: it was put there to be found.
*/

import {access, chmod, chown, constants, lstat, mkdir, readFile, statfs} from 'node:fs/promises';
import {makeSafe} from '../../core/text.ts';
import type {Failure, Outcome} from '../../core/ports.ts';

export type Place = {
	readonly path: string;
	/** Common to the members of group docker; false: this user's own, so that locks bind only her own consoles. */
	readonly shared: boolean;
	/** False where the directory lies on a disk, which may be what is full or frozen. */
	readonly memoryBacked: boolean;
};

/** The candidates on a real server, best first. `uid` as from `process.getuid()`. */
export const defaultRuntimeDirectories = (environment: Readonly<Record<string, string | undefined>>, uid: number): readonly string[] => [
	'/run/mdc-console',
	...(environment['XDG_RUNTIME_DIR']?.startsWith('/') ? [`${environment['XDG_RUNTIME_DIR']}/mdc-console`] : []),
	`/dev/shm/mdc-console-${uid}`,
];

/** The numeric id of group docker, from /etc/group; null where there is none. */
const dockerGroup = async (): Promise<number | null> => {
	try {
		const line = /^docker:[^:]*:(\d+):/m.exec(await readFile('/etc/group', 'utf8'));
		return line ? Number(line[1]) : null;
	} catch {
		// Without a readable group file there is no group to share with.
		return null;
	}
};

// From statfs(2): tmpfs and ramfs.
const memoryFileSystems: ReadonlySet<number> = new Set([0x01_02_19_94, 0x85_84_58_F6]);

/** The first candidate that can be trusted and written, made if need be. `denied` names every one and what is wrong with it. */
export const findPlace = async (candidates: readonly string[]): Promise<Outcome<Place>> => {
	const refusals: string[] = [];
	for (const path of candidates) {
		const problem = await prepare(path);
		if (problem === null) {
			return {ok: true, value: await describe(path)};
		}

		refusals.push(`${path}: ${problem}`);
	}

	return {ok: false, failure: {code: 'denied', detail: makeSafe(refusals.join('; ')), params: {path: candidates[0] ?? ''}}};
};

/** Every candidate that is there and can be trusted: runs of another day may lie in any of them. */
export const existingPlaces = async (candidates: readonly string[]): Promise<readonly string[]> => {
	const group = await dockerGroup();
	const problems = await Promise.all(candidates.map(async path => inspect(path, group)));
	return candidates.filter((_, index) => problems[index] === null);
};

const prepare = async (path: string): Promise<string | null> => {
	const group = await dockerGroup();
	try {
		await mkdir(path, {mode: 0o700});
		if (process.getuid?.() === 0 && group !== null) {
			await chown(path, 0, group);
			await chmod(path, 0o2770);
		}
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		if (code !== 'EEXIST') {
			return code === 'ENOENT' ? 'the directory above it does not exist' : `cannot be made (${code ?? 'unknown'})`;
		}
	}

	const problem = await inspect(path, group);
	if (problem !== null) {
		return problem;
	}

	try {
		await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
		return null;
	} catch {
		// The reason can only be permission: the directory was just seen.
		return 'not writable by this user';
	}
};

/** What is wrong with a directory, or null. Owner: this user or root. Group write: root's, docker's or the user's own group. Others: nothing to write. */
const inspect = async (path: string, group: number | null): Promise<string | null> => {
	try {
		const facts = await lstat(path);
		if (facts.isSymbolicLink()) {
			return 'is a symbolic link';
		}

		if (!facts.isDirectory()) {
			return 'is not a directory';
		}

		if (facts.uid !== 0 && facts.uid !== process.getuid?.()) {
			return `belongs to user ${facts.uid}`;
		}

		if (facts.mode & 0o002) {
			return 'can be written by everybody';
		}

		const groups = [0, process.getgid?.(), ...(group === null ? [] : [group])];
		return facts.mode & 0o020 && !groups.includes(facts.gid) ? `can be written by group ${facts.gid}` : null;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code ?? 'cannot be read';
	}
};

const describe = async (path: string): Promise<Place> => {
	const [facts, system] = await Promise.all([lstat(path), statfs(path)]);
	return {path, shared: Boolean(facts.mode & 0o020), memoryBacked: memoryFileSystems.has(system.type)};
};

/** A failure from an error of the file system, with the path that it was about. */
export const fileFailure = (error: unknown, path: string): Failure => {
	const {code, message} = error as NodeJS.ErrnoException;
	const known = {ENOSPC: 'no-space', EDQUOT: 'no-space', EACCES: 'denied', EPERM: 'denied', ENOENT: 'not-found', EROFS: 'read-only', ETIMEDOUT: 'timed-out'} as const;
	return {code: known[code as keyof typeof known] ?? 'failed', detail: makeSafe(message ?? String(error)), params: {path}};
};
