/*
What this machine can do for the tests: each ability answers `yes` or with the reason why not. Shared by the test runner, which
asks once and tells the test files, and by test files that are run by themselves.
*/
import {execFileSync, spawnSync} from 'node:child_process';
import {accessSync, constants, existsSync, mkdtempSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** Stands in the title of a test that was left out, between the title itself and the reason. */
export const leftOutMark = ' — left out: ';

const onPath = name => [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].some(directory => {
	try {
		accessSync(path.join(directory, name), constants.X_OK);
		return directory !== '';
	} catch {
		// Not here: the next directory is asked.
		return false;
	}
});

const program = (name, packageName) => () => onPath(name) ? 'yes' : `${name} is not installed (Debian: ${packageName})`;

const engine = () => {
	if (!onPath('docker')) {
		return 'no Docker engine: docker is not installed (Debian: docker.io)';
	}

	const answer = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {encoding: 'utf8', timeout: 10_000});
	return answer.status === 0 && answer.stdout.trim() !== '' ? 'yes' : 'no Docker engine answers here';
};

const staticBusybox = () => {
	for (const file of ['/bin/busybox', '/usr/bin/busybox']) {
		if (existsSync(file)) {
			// A dynamic one cannot run in an image made from nothing.
			const answer = spawnSync('ldd', [file], {encoding: 'utf8'});
			return answer.status === 0 ? 'busybox is not static (Debian: busybox-static)' : 'yes';
		}
	}

	return 'busybox is not installed (Debian: busybox-static)';
};

const pty = () => {
	try {
		createRequire(import.meta.url)('@lydell/node-pty');
		return 'yes';
	} catch (error) {
		return `node-pty does not load here (${error.message.split('\n')[0]})`;
	}
};

const portugueseLocale = () => {
	try {
		return /^pt_BR\.utf-?8$/im.test(execFileSync('locale', ['-a'], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']})) ? 'yes' : 'the system has no locale pt_BR.UTF-8';
	} catch {
		return 'the system does not tell its locales';
	}
};

/** A small file system on an image file, mounted and taken away again: nothing is frozen here. */
const freezing = () => {
	if (process.getuid?.() !== 0) {
		return 'not run as root';
	}

	for (const name of ['mkfs.ext4', 'fsfreeze', 'findmnt', 'losetup']) {
		if (!onPath(name)) {
			return `${name} is not installed (Debian: ${name === 'mkfs.ext4' ? 'e2fsprogs' : 'util-linux'})`;
		}
	}

	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-able-'));
	const script = 'PATH=$PATH:/usr/sbin:/sbin; cd "$1"; mkdir mount; truncate -s 4M image; mkfs.ext4 -q -F image; mount -o loop image mount; umount mount';
	try {
		return spawnSync('sh', ['-ec', script, 'sh', directory], {stdio: 'ignore', timeout: 10_000}).status === 0 ? 'yes' : 'no file system can be mounted from an image file here';
	} finally {
		rmSync(directory, {recursive: true, force: true});
	}
};

/** Node run as nobody in particular: where it lies below a directory that only root may enter, no other user can start it. */
const anotherUser = () => process.getuid?.() === 0 && spawnSync('setpriv', ['--reuid=65534', '--clear-groups', '--regid=65534', process.execPath, '-e', '']).status === 0
	? 'yes'
	: 'nothing can be run as another user (needs root, setpriv of util-linux, and a Node that others may run)';

/** @type {Readonly<Record<'engine' | 'compose' | 'compose-v2' | 'busybox' | 'root' | 'pty' | 'tmux' | 'screen' | 'sshd' | 'cgroups' | 'locale-pt' | 'git' | 'iproute' | 'freezing' | 'another-user' | 'prometheus' | 'alertmanager', () => string>>} */
export const abilities = {
	engine,
	compose: () => onPath('docker-compose') || spawnSync('docker', ['compose', 'version'], {timeout: 10_000}).status === 0 ? 'yes' : 'no Docker Compose (Debian: docker-compose)',
	'compose-v2': () => spawnSync('docker', ['compose', 'version'], {timeout: 10_000}).status === 0 ? 'yes' : 'no Docker Compose v2 (the docker compose plugin)',
	busybox: staticBusybox,
	root: () => process.getuid?.() === 0 ? 'yes' : 'not run as root',
	pty,
	tmux: program('tmux', 'tmux'),
	screen: program('screen', 'screen'),
	sshd: () => onPath('sshd') && onPath('ssh') ? 'yes' : 'no SSH server and client (Debian: openssh-server, openssh-client)',
	cgroups: () => existsSync('/sys/fs/cgroup/memory') || existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'yes' : 'no cgroup files under /sys/fs/cgroup',
	'locale-pt': portugueseLocale,
	git: program('git', 'git'),
	iproute: program('ip', 'iproute2'),
	freezing,
	'another-user': anotherUser,
	prometheus: program('prometheus', 'prometheus'),
	alertmanager: program('prometheus-alertmanager', 'prometheus-alertmanager'),
};
