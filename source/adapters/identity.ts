/**
Who acts: the login user, the person behind `sudo`, the terminal and where she came from. Read from the process once, at the start; nothing
is run and nothing can block. What the environment says is only a claim: it is shown and recorded, never used to allow anything.
*/

import {readlink} from 'node:fs/promises';
import {hostname, userInfo} from 'node:os';
import {makeSafe} from '../core/text.ts';
import type {Actor} from '../core/ports.ts';

export type IdentityOptions = {
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** `--as NAME`: what the person says of herself; null when she did not. */
	readonly as: string | null;
};

/** Accounts that images and habits hand to several people: root, cloud images' first users, deployment and service accounts. */
const sharedAccounts: ReadonlySet<string> = new Set([
	'root', 'toor', 'admin', 'administrator', 'deploy', 'deployer', 'deployment', 'ubuntu', 'debian', 'ec2-user', 'centos', 'fedora', 'rocky', 'almalinux',
	'opensuse', 'alpine', 'arch', 'core', 'cloud-user', 'cloud', 'azureuser', 'opc', 'bitnami', 'vagrant', 'pi', 'user', 'ops', 'devops', 'sysadmin', 'docker',
	'app', 'web', 'www', 'www-data', 'service', 'ci', 'jenkins', 'gitlab-runner', 'runner', 'ansible', 'nobody', 'guest', 'operator', 'support',
]);

/** True when a login name says nothing about the person: then the console asks who acts. */
export const isSharedAccount = (user: string): boolean => sharedAccounts.has(user.toLowerCase()) || /^(?:deploy|svc|service)[-_]|[-_](?:deploy|svc)$/.test(user.toLowerCase());

/**
The actor of this console. `name` is `--as`, else the person behind sudo, else the login user. An SSH client's address comes from
SSH_CONNECTION (`client-ip client-port server-ip server-port`, sshd(8)), the terminal from standard input.
*/
export const createIdentity = async ({environment, as}: IdentityOptions): Promise<Actor> => {
	const user = userName(environment);
	const sudo = environment['SUDO_USER'];
	const sudoUser = sudo && sudo !== user ? clean(sudo) : null;
	return {
		name: (as === null ? '' : clean(as)) || sudoUser || user,
		user,
		sudoUser,
		host: clean(hostname()),
		tty: await terminalPath(),
		from: clean(environment['SSH_CONNECTION']?.trim().split(/\s+/)[0] ?? '') || null,
	};
};

/** One short line of harmless text: it goes to the screen, the journal and lock files. */
const clean = (raw: string): string => makeSafe(raw.trim().slice(0, 200)).trim().slice(0, 80);

const userName = (environment: IdentityOptions['environment']): string => {
	try {
		return clean(userInfo().username);
	} catch {
		// A uid without an entry in the user database, as in a container: then the environment, then the number.
		return clean(environment['USER'] ?? environment['LOGNAME'] ?? '') || `uid ${process.getuid?.() ?? 0}`;
	}
};

const terminalPath = async (): Promise<string | null> => {
	try {
		const path = await readlink('/proc/self/fd/0');
		return /^\/dev\/(?:pts\/\d+|tty\w*|console|hvc\d+)$/.test(path) ? path : null;
	} catch {
		// Closed, or no /proc: no terminal that could be named.
		return null;
	}
};
