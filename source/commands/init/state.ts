/**
`init --state`: the directory where all who can use the engine share incidents. Invariant: what exists is only taken over when it is
a real directory that is root's or empty; owner and mode are set on the open directory, so nothing can be put in its place meanwhile.
*/

import {execFile} from 'node:child_process';
import {constants} from 'node:fs';
import type {Stats} from 'node:fs';
import {lstat, mkdir, open, readdir, readFile, writeFile} from 'node:fs/promises';
import {promisify} from 'node:util';
import type {Language} from '../../messages/language.ts';
import {initMessages} from '../../messages/init.ts';

export type InitStateInput = {
	/** Default `/var/lib/mdc-console`. */
	readonly directory?: string;
	/** Default `docker`. */
	readonly group?: string;
	readonly language: Language;
	readonly uid: number;
	readonly out: (line: string) => void;
	readonly err: (line: string) => void;
	/**
	Where running changes and their locks lie until the next boot (`/run/mdc-console`), made in the same way; null leaves it alone. Without it operators
	who are not root each fall back to a directory of their own, and a lock would bind only their own consoles.
	*/
	readonly runtimeDirectory?: string | null;
	/** Where systemd is told to make that directory at every boot (`/etc/tmpfiles.d`, tmpfiles.d(5)); nothing is written when it does not exist. */
	readonly tmpfilesDirectory?: string | null;
	/** How to run this as root, shown to those who are not. */
	readonly sudoCommand?: string;
};

const wantedMode = 0o2770;

/** Makes or repairs the shared state directory; doing it twice is harmless. 0 when it is as it should be, 1 when not. */
export const initState = async (input: InitStateInput): Promise<0 | 1> => {
	const {directory = '/var/lib/mdc-console', group = 'docker', runtimeDirectory = null, tmpfilesDirectory = null, language, uid, out, err, sudoCommand = 'sudo mdc-console init --state'} = input;
	const say = initMessages[language];
	if (uid !== 0) {
		err(say.stateNeedsRoot(sudoCommand));
		return 1;
	}

	const gid = await groupId(group);
	if (gid === null) {
		err(say.stateNoGroup(group));
		return 1;
	}

	const made = await makeShared(directory, gid, {group, language, out, err});
	if (made !== 0 || runtimeDirectory === null) {
		return made;
	}

	const ran = await makeShared(runtimeDirectory, gid, {group, language, out, err});
	return ran === 0 && tmpfilesDirectory !== null ? keepAtBoot(tmpfilesDirectory, runtimeDirectory, {group, language, out, err}) : ran;
};

type Saying = {readonly group: string; readonly language: Language; readonly out: (line: string) => void; readonly err: (line: string) => void};

const makeShared = async (directory: string, gid: number, {group, language, out, err}: Saying): Promise<0 | 1> => {
	const say = initMessages[language];
	try {
		const before = await present(directory);
		const refusal = before === null ? null : await refuse(directory, before, language);
		if (refusal !== null) {
			err(refusal);
			return 1;
		}

		if (before === null) {
			await mkdir(directory, {mode: 0o700});
		}

		await own(directory, gid);
		if (before === null) {
			out(say.stateMade(directory, group));
		} else if (before.uid === 0 && before.gid === gid && (before.mode & 0o7777) === wantedMode) {
			out(say.stateRight(directory, group));
		} else {
			out(say.stateRepaired(directory, `${(before.mode & 0o7777).toString(8).padStart(4, '0')}, ${before.uid}:${before.gid}`, group));
		}

		return 0;
	} catch (error) {
		err(say.stateFailed(directory, error instanceof Error ? error.message : String(error)));
		return 1;
	}
};

const keepAtBoot = async (tmpfilesDirectory: string, runtimeDirectory: string, {group, language, err}: Saying): Promise<0 | 1> => {
	if (await present(tmpfilesDirectory) === null) {
		return 0;
	}

	const path = `${tmpfilesDirectory}/mdc-console.conf`;
	try {
		await writeFile(path, `# Runs and locks of mdc-console, common to all who can use the engine.\nd ${runtimeDirectory} ${wantedMode.toString(8)} root ${group} -\n`, {mode: 0o644});
		return 0;
	} catch (error) {
		err(initMessages[language].stateFailed(path, error instanceof Error ? error.message : String(error)));
		return 1;
	}
};

const present = async (directory: string): Promise<Stats | null> => {
	try {
		return await lstat(directory);
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
			return null;
		}

		throw error;
	}
};

const refuse = async (directory: string, facts: Stats, language: Language): Promise<string | null> => {
	const say = initMessages[language];
	if (facts.isSymbolicLink()) {
		return say.stateLink(directory);
	}

	if (!facts.isDirectory()) {
		return say.stateNoDirectory(directory);
	}

	return facts.uid !== 0 && (await readdir(directory)).length > 0 ? say.stateOwner(directory, facts.uid) : null;
};

const own = async (directory: string, gid: number): Promise<void> => {
	const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
	try {
		// In this order: a change of owner takes the set-group-id bit away.
		await handle.chown(0, gid);
		await handle.chmod(wantedMode);
	} finally {
		await handle.close();
	}
};

/** From /etc/group, else from wherever the machine keeps its groups (getent). */
const groupId = async (group: string): Promise<number | null> => {
	const find = (text: string): number | null => {
		const fields = text.split('\n').map(line => line.split(':')).find(([name]) => name === group);
		return fields?.[2] === undefined || !/^\d+$/.test(fields[2]) ? null : Number(fields[2]);
	};

	try {
		const local = find(await readFile('/etc/group', 'utf8'));
		return local ?? find((await promisify(execFile)('getent', ['group', group], {timeout: 5000})).stdout);
	} catch {
		// getent ends with an error when there is no such group: that is the answer.
		return null;
	}
};
