/**
An SSH server of a test's own on loopback (own host key, own configuration, key login of this user only), terminals that are opened over it, and lines that are cut
as a bad network cuts them: both ends at once, nobody says goodbye.
*/
import {execFileSync, spawn} from 'node:child_process';
import {appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir, userInfo} from 'node:os';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import {closedPort} from './ping-servers.ts';
import {openTerminal, type Terminal, type TerminalOptions} from './terminal.ts';
import {until} from './until.ts';

export type Line = {readonly terminal: Terminal; readonly cut: () => void};

export type Sshd = {
	/** Runs a command over a line of its own, in a terminal; the environment is what is named, with a UTF-8 locale and the engine's address. */
	readonly open: (command: readonly string[], environment: Readonly<Record<string, string>>, size?: Pick<TerminalOptions, 'columns' | 'rows'>) => Promise<Line>;
};

const childrenOf = (pid: number): readonly number[] => {
	try {
		return execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], {encoding: 'utf8'}).split('\n').map(Number).filter(child => child > 0);
	} catch {
		// ps ends with 1 when there is none.
		return [];
	}
};

const kill = (pid: number): void => {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// Gone with the other end.
	}
};

/** Starts it; it ends with the test. */
export const openSshd = async (t: ExecutionContext): Promise<Sshd> => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-sshd-'));
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	for (const name of ['host', 'user']) {
		execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(directory, name)]);
	}

	const port = await closedPort();
	const log = path.join(directory, 'log');
	writeFileSync(path.join(directory, 'config'), [
		`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${directory}/host`, `AuthorizedKeysFile ${directory}/user.pub`, 'PidFile none', 'StrictModes no',
		'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'UsePAM no', 'PermitRootLogin prohibit-password', 'PrintMotd no', '',
	].join('\n'));
	if (process.getuid?.() === 0) {
		mkdirSync('/run/sshd', {recursive: true, mode: 0o755});
	}

	const program = execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v sshd'], {encoding: 'utf8'}).trim();
	const child = spawn(program, ['-D', '-e', '-f', path.join(directory, 'config')], {stdio: ['ignore', 'ignore', 'pipe']});
	child.stderr.on('data', (data: Buffer) => {
		appendFileSync(log, data);
	});
	t.teardown(() => {
		child.kill('SIGKILL');
	});
	await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('Server listening'), {describe: () => existsSync(log) ? readFileSync(log, 'utf8') : 'sshd says nothing'});

	return {
		async open(command, environment, size = {}) {
			const before = new Set(childrenOf(child.pid!));
			const named = {LANG: 'C.UTF-8', ...(process.env['DOCKER_HOST'] ? {DOCKER_HOST: process.env['DOCKER_HOST']} : {}), ...environment};
			const remote = ['env', ...Object.entries(named).map(([name, value]) => `${name}=${value}`), ...command].map(word => `'${word}'`).join(' ');
			const terminal = await openTerminal('ssh', [
				'-tt', '-F', 'none', '-i', path.join(directory, 'user'), '-p', String(port), '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', `${userInfo().username}@127.0.0.1`, remote,
			], size);
			t.teardown(terminal.close);
			// What the server has started for this line, and for no other.
			const session = await until(() => childrenOf(child.pid!).find(pid => !before.has(pid)), {describe: () => 'no session was opened'});
			return {
				terminal,
				cut() {
					kill(terminal.pid);
					for (const pid of [...childrenOf(session), session]) {
						kill(pid);
					}
				},
			};
		},
	};
};
