/**
Which generations of Compose can be run here, found out as cheaply as possible: docker-compose 1.29 takes up to 1.6 s to start, so it is
asked only where its files do not tell. Compose v1 is a python script (or one big executable), v2 a plugin of the docker command that may
also be installed under the name `docker-compose`.
*/

import {access, constants, open, stat} from 'node:fs/promises';
import {makeSafe} from '../../core/text.ts';
import type {CheckAnswer, ComposeTools, Failure, FailureCode, Outcome} from '../../core/ports.ts';

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

/** A version, none, or why a tool that is there did not tell it. */
type Answer = {readonly version: string | null; readonly failure: Failure | null};

const absent: Answer = {version: null, failure: null};

/**
See CommandsPort.composeTools: absent tools are null. One that answers, but not with its version, is broken and counts as absent; one that did not get to
answer is silent.
*/
export const findComposeTools = async (options: ComposeToolsOptions): Promise<ComposeTools> => {
	const [plugin, standalone] = await Promise.all([findPlugin(options), findStandalone(options)]);
	const isV1 = standalone.version?.startsWith('1.') ?? false;
	const own = standalone.version === null || isV1 ? null : {version: standalone.version, words: ['docker-compose']};
	return {
		v1: isV1 ? standalone.version : null,
		v2: plugin.version === null ? own : {version: plugin.version, words: ['docker', 'compose']},
		silent: [
			...(plugin.failure === null ? [] : [{tool: 'docker compose', failure: plugin.failure} as const]),
			...(standalone.failure === null ? [] : [{tool: 'docker-compose', failure: standalone.failure} as const]),
		],
	};
};

const findPlugin = async ({basePath, home, pluginDirectories, check}: ComposeToolsOptions): Promise<Answer> => {
	const candidates = [`${home}/.docker/cli-plugins`, ...pluginDirectories].map(directory => `${directory}/docker-compose`);
	const present = await Promise.all(candidates.map(async path => isExecutable(path)));
	return present.includes(true) && await findOnPath(basePath, 'docker') !== null
		? answerOf(await check(['docker', 'compose', 'version', '--short']))
		: absent;
};

const findStandalone = async ({basePath, check}: ComposeToolsOptions): Promise<Answer> => {
	const path = await findOnPath(basePath, 'docker-compose');
	if (path === null) {
		return absent;
	}

	const version = versionInScript(await readHead(path));
	return version === null ? answerOf(await check(['docker-compose', 'version', '--short'])) : {version, failure: null};
};

/** What these say of a program does not change by asking again: it is gone, not ours to run, or no program. */
const lasting: ReadonlySet<FailureCode> = new Set(['not-found', 'denied', 'malformed']);

const answerOf = (answer: Outcome<CheckAnswer>): Answer => {
	if (!answer.ok) {
		return lasting.has(answer.failure.code) ? absent : {version: null, failure: answer.failure};
	}

	const {exitCode, timedOut, stdout, stderr} = answer.value;
	if (timedOut || exitCode === null) {
		return {version: null, failure: {code: timedOut ? 'timed-out' : 'failed', detail: makeSafe(stderr.slice(0, 200))}};
	}

	return {version: exitCode === 0 ? versionOf(stdout) : null, failure: null};
};

/** The version that an entry script of python's setuptools names (`docker-compose==1.29.2`); null for any other file. */
export const versionInScript = (head: string): string | null =>
	/^#!.*python/.test(head) ? /^[^\n]*\n[^]*?\bdocker-compose==(\d+(?:\.\d+)+)/.exec(head)?.[1] ?? null : null;

/** The first version number that a `version --short` answered. */
const versionOf = (stdout: string): string | null => /^v?(\d+(?:\.\d+)+\S*)/m.exec(makeSafe(stdout.trim()))?.[1] ?? null;

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
