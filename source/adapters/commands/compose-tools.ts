/**
Which generations of Compose can be run here, found out as cheaply as possible: docker-compose 1.29 takes up to 1.6 s to start, so it is
asked only where its files do not tell. Compose v1 is a python script (or one big executable), v2 a plugin of the docker command that may
also be installed under the name `docker-compose`.
*/

import {access, constants, open, stat} from 'node:fs/promises';
import {makeSafe} from '../../core/text.ts';
import type {CheckAnswer, ComposeTools, Outcome} from '../../core/ports.ts';

export type ComposeToolsOptions = {
	readonly basePath: string;
	readonly home: string;
	/** Where the docker command looks for plugins besides the user's own directory. */
	readonly pluginDirectories: readonly string[];
	readonly check: (command: readonly string[]) => Promise<Outcome<CheckAnswer>>;
};

/** The docker command's own list (cli-plugins/manager, Docker 20.10 and later). */
export const systemPluginDirectories: readonly string[] = [
	'/usr/local/lib/docker/cli-plugins', '/usr/local/libexec/docker/cli-plugins', '/usr/lib/docker/cli-plugins', '/usr/libexec/docker/cli-plugins',
];

/** See CommandsPort.composeTools: absent tools are null; a tool that is there but does not answer counts as absent. */
export const findComposeTools = async (options: ComposeToolsOptions): Promise<Outcome<ComposeTools>> => {
	const [plugin, standalone] = await Promise.all([findPlugin(options), findStandalone(options)]);
	return {
		ok: true,
		value: {
			v1: standalone?.startsWith('1.') ? standalone : null,
			v2: plugin === null
				? (standalone === null || standalone.startsWith('1.') ? null : {version: standalone, words: ['docker-compose']})
				: {version: plugin, words: ['docker', 'compose']},
		},
	};
};

const findPlugin = async ({basePath, home, pluginDirectories, check}: ComposeToolsOptions): Promise<string | null> => {
	const candidates = [`${home}/.docker/cli-plugins`, ...pluginDirectories].map(directory => `${directory}/docker-compose`);
	const present = await Promise.all(candidates.map(async path => isExecutable(path)));
	return present.includes(true) && await findOnPath(basePath, 'docker') !== null
		? versionOf(await check(['docker', 'compose', 'version', '--short']))
		: null;
};

const findStandalone = async ({basePath, check}: ComposeToolsOptions): Promise<string | null> => {
	const path = await findOnPath(basePath, 'docker-compose');
	if (path === null) {
		return null;
	}

	return versionInScript(await readHead(path)) ?? versionOf(await check(['docker-compose', 'version', '--short']));
};

/** The version that an entry script of python's setuptools names (`docker-compose==1.29.2`); null for any other file. */
export const versionInScript = (head: string): string | null =>
	/^#!.*python/.test(head) ? /^[^\n]*\n[^]*?\bdocker-compose==(\d+(?:\.\d+)+)/.exec(head)?.[1] ?? null : null;

/** The first version number that a `version --short` answered. */
const versionOf = (answer: Outcome<CheckAnswer>): string | null =>
	answer.ok && answer.value.exitCode === 0 ? /^v?(\d+(?:\.\d+)+\S*)/m.exec(makeSafe(answer.value.stdout.trim()))?.[1] ?? null : null;

const findOnPath = async (path: string, name: string): Promise<string | null> => {
	for (const directory of path.split(':').filter(entry => entry.startsWith('/'))) {
		if (await isExecutable(`${directory}/${name}`)) {
			return `${directory}/${name}`;
		}
	}

	return null;
};

const isExecutable = async (path: string): Promise<boolean> => {
	try {
		await access(path, constants.X_OK);
		return (await stat(path)).isFile();
	} catch {
		// Not there or not for us to run: the same here.
		return false;
	}
};

const readHead = async (path: string): Promise<string> => {
	try {
		const handle = await open(path);
		try {
			const {buffer, bytesRead} = await handle.read(Buffer.alloc(1024), 0, 1024, 0);
			return buffer.toString('latin1', 0, bytesRead);
		} finally {
			await handle.close();
		}
	} catch {
		// Executable but not readable: then it has to be asked.
		return '';
	}
};
