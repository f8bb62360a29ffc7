/** The docker commands that the cards use, on the pretend server: what they list, remove and rename, in the tool's own words. */

import type {Shell} from './interpreter.ts';
import {containerName, plans, project} from './stack.ts';
import {pruneSystem} from './prune.ts';
import {imageOf, nameImage, thingsOf} from './things.ts';

const day = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;

const human = (bytes: number): string => bytes === 0 ? '0B' : (bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)}kB` : (bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)}MB` : `${(bytes / 1e9).toFixed(2)}GB`));

/** Runs a docker command; null for what the drill does not have. */
export const runDocker = async (shell: Shell, words: readonly string[]): Promise<number | null> => {
	const {world} = shell;
	const command = commands[words.slice(0, 2).join(' ')] ?? commands[words[0] ?? ''];
	if (command === undefined) {
		return null;
	}

	await shell.sleep(140);
	while (world.engine() === 'hung') {
		await shell.sleep(500);
	}

	if (world.engineFailure() !== null) {
		shell.err('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n');
		return 1;
	}

	return command(shell, words);
};

type Command = (shell: Shell, words: readonly string[]) => Promise<number | null>;

const list: Command = async (shell, words) => {
	if (!words.includes('--format')) {
		return null;
	}

	const {world} = shell;
	const now = (at: number): number => world.timeline.toWall(at);
	const own = world.containers().map(container => [container.id, container.plan.image, containerName(container.service), container.state, day(now(container.createdAt)), project]);
	const others = thingsOf(world).strangers.map(({id, image, name, atMs}) => [id, image, name, 'exited', day(atMs), '']);
	shell.out([...own, ...others].map(row => `${row.join('\t')}\n`).join(''));
	return 0;
};

const images: Command = async (shell, words) => {
	if (!words.includes('--format')) {
		return null;
	}

	shell.out(thingsOf(shell.world).images.map(({id, repository, tag, bytes, atMs}) => `${[id, repository, tag, human(bytes), day(atMs)].join('\t')}\n`).join(''));
	return 0;
};

const usage: Command = async shell => {
	await shell.sleep(900);
	const {images: stored, cacheBytes} = thingsOf(shell.world);
	const dangling = stored.filter(({repository}) => repository === '<none>').reduce((sum, {bytes}) => sum + bytes, 0);
	shell.out(`Images\t${human(dangling)}\nContainers\t0B\nLocal Volumes\t0B\nBuild Cache\t${human(cacheBytes)}\n`);
	return 0;
};

const remove: Command = async (shell, words) => {
	const things = thingsOf(shell.world);
	const wanted = words.slice(1).filter(word => !word.startsWith('-')).flatMap(word => word.split(' '));
	for (const id of wanted.filter(word => word !== '')) {
		const isThere = things.strangers.some(stranger => stranger.id === id);
		things.strangers = things.strangers.filter(stranger => stranger.id !== id);
		shell[isThere ? 'out' : 'err'](isThere ? `${id}\n` : `Error: No such container: ${id}\n`);
		if (!isThere) {
			return 1;
		}
	}

	return 0;
};

const removeImages: Command = async (shell, words) => {
	const things = thingsOf(shell.world);
	for (const id of words.slice(2).filter(word => !word.startsWith('-')).flatMap(word => word.split(' ')).filter(word => word !== '')) {
		const image = things.images.find(other => other.id === id);
		if (image === undefined || plans.some(({service}) => imageOf(things, service) === id)) {
			shell.err(image === undefined ? `Error: No such image: ${id}\n` : `Error response from daemon: conflict: unable to delete ${id.slice(7, 19)} (cannot be forced)\n`);
			return 1;
		}

		things.images = things.images.filter(other => other !== image);
		freeBytes(shell, image.bytes);
		shell.out(`Deleted: ${id}\n`);
		await shell.sleep(300);
	}

	return 0;
};

const freeBytes = (shell: Shell, bytes: number): void => {
	shell.world.free(bytes);
};

const pruneCache: Command = async shell => {
	const things = thingsOf(shell.world);
	await shell.sleep(1200);
	freeBytes(shell, things.cacheBytes);
	shell.out(`Total reclaimed space: ${human(things.cacheBytes)}\n`);
	things.cacheBytes = 0;
	return 0;
};

const tag: Command = async (shell, words) => {
	const [, id = '', name = ''] = words;
	if (nameImage(thingsOf(shell.world), id, name)) {
		return 0;
	}

	shell.err(`Error response from daemon: No such image: ${id}\n`);
	return 1;
};

const execute: Command = async (shell, words) => {
	const container = shell.world.byId(words[1] ?? '');
	if (container?.state !== 'running') {
		shell.err(container === null || container === undefined ? `Error: No such container: ${words[1] ?? ''}\n` : `Error response from daemon: Container ${container.id} is ${container.state}\n`);
		return 1;
	}

	const script = words.at(-1) ?? '';
	await shell.sleep(180);
	if (script.includes('redis-cli')) {
		shell.out('# Persistence\r\nloading:0\r\nrdb_changes_since_last_save:1893\r\naof_enabled:0\r\nsave\n\n1204\n');
		return 0;
	}

	if (script.includes('pg_database_size')) {
		shell.out('268435456\n');
		return 0;
	}

	return null;
};

const commands: Readonly<Record<string, Command>> = {
	ps: list, 'image ls': images, 'image rm': removeImages, 'system df': usage, rm: remove, 'builder prune': pruneCache, 'system prune': pruneSystem, tag, exec: execute,
};
