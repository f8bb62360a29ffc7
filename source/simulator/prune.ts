/**
`docker system prune -a -f` as the runbook has it: it takes every stopped container, the project's own too, every image that no container uses, the one that a
rollback needs among them, and the build cache.
*/

import type {Shell} from './interpreter.ts';
import {imageOfContainer, thingsOf} from './things.ts';

export const pruneSystem = async (shell: Shell, words: readonly string[]): Promise<number | null> => {
	if (!words.includes('-f') && !words.includes('--force') && !words.includes('-af') && !words.includes('-fa')) {
		return null;
	}

	const {world} = shell;
	const things = thingsOf(world);
	const isAll = words.some(word => word === '-a' || word === '--all' || word === '-af' || word === '-fa');
	await shell.sleep(1800);
	const stopped = world.containers().filter(({pid, state}) => pid === 0 && state !== 'restarting');
	shell.out('Deleted Containers:\n');
	for (const {id, service} of stopped) {
		shell.out(`${id}\n`);
		world.remove(service);
	}

	shell.out(things.strangers.map(({id}) => `${id}\n`).join(''));
	things.strangers = [];
	const used = new Set(world.containers().map(container => imageOfContainer(things, container)));
	const going = things.images.filter(({id, repository}) => !used.has(id) && (isAll || repository === '<none>'));
	shell.out(going.length === 0 ? '' : `\nDeleted Images:\n${going.map(({id}) => `deleted: ${id}\n`).join('')}`);
	things.images = things.images.filter(image => !going.includes(image));
	const bytes = going.reduce((sum, image) => sum + image.bytes, 0) + things.cacheBytes;
	things.cacheBytes = 0;
	world.free(bytes);
	shell.out(`\nTotal reclaimed space: ${(bytes / 1e9).toFixed(2)}GB\n`);
	return 0;
};
