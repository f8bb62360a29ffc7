/**
The scenarios that ship and those that a team brings along. Hides that the shipped ones lie inside the bundle, read and checked by the build: only the chosen
one is taken out, and nothing that reads YAML is loaded for it.
*/

import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {DrillScenario} from '../../core/drill.ts';
import {nearest} from '../../core/nearest.ts';
import type {ConfigurationProblem} from '../../core/settings.ts';

const shippedPlaces: Readonly<Record<string, URL>> = {
	'api-frozen': new URL('../../drills/api-frozen.yaml', import.meta.url),
	'api-removed': new URL('../../drills/api-removed.yaml', import.meta.url),
	'api-stopped': new URL('../../drills/api-stopped.yaml', import.meta.url),
	'bad-deploy-500': new URL('../../drills/bad-deploy-500.yaml', import.meta.url),
	'bad-deploy-after-migration': new URL('../../drills/bad-deploy-after-migration.yaml', import.meta.url),
	'bad-deploy-syntax': new URL('../../drills/bad-deploy-syntax.yaml', import.meta.url),
	'database-and-cache': new URL('../../drills/database-and-cache.yaml', import.meta.url),
	'database-connections': new URL('../../drills/database-connections.yaml', import.meta.url),
	'database-recovery': new URL('../../drills/database-recovery.yaml', import.meta.url),
	'database-stopped': new URL('../../drills/database-stopped.yaml', import.meta.url),
	'disk-and-deploy': new URL('../../drills/disk-and-deploy.yaml', import.meta.url),
	'disk-full': new URL('../../drills/disk-full.yaml', import.meta.url),
	'disk-full-builds': new URL('../../drills/disk-full-builds.yaml', import.meta.url),
	'memory-leak': new URL('../../drills/memory-leak.yaml', import.meta.url),
	'missing-module': new URL('../../drills/missing-module.yaml', import.meta.url),
	'missing-variable': new URL('../../drills/missing-variable.yaml', import.meta.url),
	'moved-machine': new URL('../../drills/moved-machine.yaml', import.meta.url),
	'nginx-bad-config': new URL('../../drills/nginx-bad-config.yaml', import.meta.url),
	'nginx-stale-address': new URL('../../drills/nginx-stale-address.yaml', import.meta.url),
	'nginx-stopped': new URL('../../drills/nginx-stopped.yaml', import.meta.url),
	'nginx-wrong-port': new URL('../../drills/nginx-wrong-port.yaml', import.meta.url),
	'oom-killer': new URL('../../drills/oom-killer.yaml', import.meta.url),
	'pending-migration': new URL('../../drills/pending-migration.yaml', import.meta.url),
	'port-taken': new URL('../../drills/port-taken.yaml', import.meta.url),
	'redis-full': new URL('../../drills/redis-full.yaml', import.meta.url),
	'redis-stopped': new URL('../../drills/redis-stopped.yaml', import.meta.url),
	'removed-and-proxy-down': new URL('../../drills/removed-and-proxy-down.yaml', import.meta.url),
	'slow-then-silent': new URL('../../drills/slow-then-silent.yaml', import.meta.url),
	'unhealthy-they-say': new URL('../../drills/unhealthy-they-say.yaml', import.meta.url),
	'workers-hang': new URL('../../drills/workers-hang.yaml', import.meta.url),
	'wrong-database-password': new URL('../../drills/wrong-database-password.yaml', import.meta.url),
};

/** A plain `drill`: one thing is wrong, and the first key helps. */
export const firstDrill = 'api-stopped';

export type FoundDrill =
	| {readonly kind: 'found'; readonly scenario: DrillScenario; readonly file: string | null}
	| {readonly kind: 'unknown'; readonly nearest: string | null}
	| {readonly kind: 'refused'; readonly problems: readonly ConfigurationProblem[]};

const fileProblem = (file: string, code: 'missing' | 'unreadable', error = ''): ConfigurationProblem => ({file, line: 0, column: 0, code, path: '', expected: null, got: '', params: {error}});

/** Reads a scenario from a file of the team's. */
export const readDrillFile = async (file: string): Promise<FoundDrill> => {
	let text: string;
	try {
		text = await readFile(file, 'utf8');
	} catch (error) {
		const {code = ''} = error as NodeJS.ErrnoException;
		return {kind: 'refused', problems: [fileProblem(file, code === 'ENOENT' ? 'missing' : 'unreadable', code)]};
	}

	const {parseDrill} = await import('../../config/drill-file.ts');
	const parsed = parseDrill(text, file, path.basename(file).replace(/\.ya?ml$/, ''));
	return parsed.ok ? {kind: 'found', scenario: parsed.scenario, file} : {kind: 'refused', problems: parsed.problems};
};

const shipped = async (name: string): Promise<FoundDrill> => {
	const place = shippedPlaces[name]!;
	if (place.protocol !== 'data:') {
		const found = await readDrillFile(fileURLToPath(place));
		return found.kind === 'found' ? {...found, file: null} : found;
	}

	// In the bundle the scenario is in the address, as the build read it.
	return {kind: 'found', scenario: JSON.parse(Buffer.from(place.href.slice(place.href.indexOf(',') + 1), 'base64').toString('utf8')) as DrillScenario, file: null};
};

/** The scenario files of a directory; none where there is no such directory. */
const filesIn = async (directory: string | null): Promise<readonly string[]> => {
	if (directory === null) {
		return [];
	}

	try {
		return (await readdir(directory)).filter(name => /\.ya?ml$/.test(name)).toSorted().map(name => path.join(directory, name));
	} catch {
		// A directory that is not there has no scenarios; `drill list` still has the shipped ones.
		return [];
	}
};

/** A file by its path (it has a slash or an ending), else a scenario by its name: the team's before the shipped. */
export const findDrill = async (name: string, directory: string | null): Promise<FoundDrill> => {
	if (/[/\\]|\.ya?ml$/.test(name)) {
		return readDrillFile(path.resolve(name));
	}

	const own = (await filesIn(directory)).find(file => path.basename(file).replace(/\.ya?ml$/, '') === name);
	if (own !== undefined) {
		return readDrillFile(own);
	}

	return Object.hasOwn(shippedPlaces, name) ? shipped(name) : {kind: 'unknown', nearest: nearest(name, [...Object.keys(shippedPlaces), 'random', 'list', 'report', 'tour'])};
};

/** Every scenario that there is, and what is wrong with the team's. */
export const allDrills = async (directory: string | null): Promise<{readonly scenarios: readonly DrillScenario[]; readonly problems: readonly ConfigurationProblem[]}> => {
	const found = await Promise.all([...Object.keys(shippedPlaces).map(async name => shipped(name)), ...(await filesIn(directory)).map(async file => readDrillFile(file))]);
	return {
		scenarios: found.flatMap(one => one.kind === 'found' ? [one.scenario] : []),
		problems: found.flatMap(one => one.kind === 'refused' ? one.problems : []),
	};
};

/** The names of the shipped scenarios. */
export const shippedDrills: readonly string[] = Object.keys(shippedPlaces);
