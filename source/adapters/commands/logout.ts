/**
Whether a run outlives the logout of who started it. A session of its own is enough everywhere but where logind kills all processes of a
user at logout (`KillUserProcesses=yes`): there a run has to be put into a scope of its own by `systemd-run`.
*/

import {access, constants, readFile, readdir} from 'node:fs/promises';
import {lingers, systemdMark} from '../../core/lingering.ts';

export type LogoutFacts = {
	/** systemd is the init of this machine. */
	readonly systemd: boolean;
	/** logind kills what this user leaves running at logout. */
	readonly kills: boolean;
	/** A run survives a logout, as it is started here. */
	readonly survives: boolean;
	/** Words before the command of a run; empty where none are needed or none help. */
	readonly launcher: readonly string[];
	/** The remedy where it does not survive: `linger` (`loginctl enable-linger`), `systemd-run` is missing, or null. */
	readonly remedy: 'linger' | 'systemd-run' | null;
	/** logind removes this user's files in /dev/shm and /run/user when her last session ends: an outcome may be lost (`RemoveIPC`). */
	readonly removesFiles: boolean;
};

export type LogoutOptions = {
	/** Below which /etc and /run are looked for; empty for the real ones. */
	readonly root: string;
	readonly user: string;
	readonly uid: number;
	readonly basePath: string;
};

/** Reads logind's configuration and whether systemd runs. What cannot be read counts as the default of the distributions (`no`). */
export const readLogoutFacts = async ({root, user, uid, basePath}: LogoutOptions): Promise<LogoutFacts> => {
	const systemd = await exists(`${root}${systemdMark}`);
	if (!systemd) {
		return {systemd, kills: false, survives: true, launcher: [], remedy: null, removesFiles: false};
	}

	const settings = parseLogind(await readLogind(root));
	const kills = settings.killUserProcesses && !settings.excluded.includes(user) && (settings.only.length === 0 || settings.only.includes(user));
	const removesFiles = settings.removeIpc && uid >= 1000;
	if (!kills) {
		return {systemd, kills, survives: true, launcher: [], remedy: null, removesFiles};
	}

	const has = (await Promise.all(basePath.split(':').map(async directory => exists(`${directory}/systemd-run`)))).includes(true);
	const isKept = await lingers({isRoot: uid === 0, user}, async path => exists(`${root}${path}`));
	const scope = ['systemd-run', ...(uid === 0 ? [] : ['--user']), '--scope', '--quiet', '--collect', '--no-ask-password', '--'];
	return {
		systemd, kills, removesFiles,
		survives: has && isKept,
		launcher: has && isKept ? scope : [],
		remedy: has ? (isKept ? null : 'linger') : 'systemd-run',
	};
};

export type LogindSettings = {readonly killUserProcesses: boolean; readonly only: readonly string[]; readonly excluded: readonly string[]; readonly removeIpc: boolean};

/**
Reads logind.conf texts in the order in which they apply. A commented `#KillUserProcesses=` in the main file shows the default that this
systemd was built with, and counts until something sets it (logind.conf(5)).
*/
export const parseLogind = (texts: readonly string[]): LogindSettings => {
	const values = new Map<string, string>();
	for (const commented of [true, false]) {
		for (const line of texts.flatMap(text => text.split('\n'))) {
			const match = /^(#?)\s*(KillUserProcesses|KillOnlyUsers|KillExcludeUsers|RemoveIPC)\s*=\s*(.*?)\s*$/.exec(line);
			if (match && (match[1] === '#') === commented) {
				values.set(match[2]!, match[3]!);
			}
		}
	}

	const isOn = (name: string, fallback: string): boolean => /^(?:1|yes|y|true|t|on)$/i.test(values.get(name) ?? fallback);
	const words = (name: string, fallback: string): readonly string[] => (values.get(name) ?? fallback).split(/\s+/).filter(word => word !== '');
	return {
		killUserProcesses: isOn('KillUserProcesses', 'no'),
		only: words('KillOnlyUsers', ''),
		excluded: words('KillExcludeUsers', 'root'),
		removeIpc: isOn('RemoveIPC', 'yes'),
	};
};

/** The main file of the highest directory, then the drop-ins by name; one of a higher directory hides its namesake below. */
const readLogind = async (root: string): Promise<readonly string[]> => {
	const directories = ['usr/lib/systemd', 'usr/local/lib/systemd', 'run/systemd', 'etc/systemd'].map(name => `${root}/${name}`);
	const mains = (await Promise.all(directories.map(async directory => readIfThere(`${directory}/logind.conf`)))).filter(text => text !== null);
	const dropIns = new Map<string, string>();
	for (const directory of directories) {
		for (const name of await listIfThere(`${directory}/logind.conf.d`)) {
			dropIns.set(name, `${directory}/logind.conf.d/${name}`);
		}
	}

	const sorted = [...dropIns].filter(([name]) => name.endsWith('.conf')).toSorted(([a], [b]) => (a < b ? -1 : 1));
	const texts = await Promise.all(sorted.map(async ([, path]) => readIfThere(path)));
	return [...mains.slice(-1), ...texts.filter(text => text !== null)];
};

const exists = async (path: string): Promise<boolean> => {
	try {
		await access(path, constants.F_OK);
		return true;
	} catch {
		// Not there is the answer.
		return false;
	}
};

const readIfThere = async (path: string): Promise<string | null> => {
	try {
		return await readFile(path, 'utf8');
	} catch {
		// Every one of these files is optional.
		return null;
	}
};

const listIfThere = async (path: string): Promise<readonly string[]> => {
	try {
		return await readdir(path);
	} catch {
		// Every one of these directories is optional.
		return [];
	}
};
