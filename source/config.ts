/**
The configuration: where it is looked for, whom it may come from, and what it says. Hides the look-up order, the distrust of files
that others can write, and the libraries that read and check it, which are loaded only when there is a file. The answer is either
complete settings or every problem at once, each with its place.
*/

import {stat} from 'node:fs/promises';
import {homedir} from 'node:os';
import {isAbsolute, join, resolve} from 'node:path';
import {fairly} from './core/fair-deadline.ts';
import {inTime} from './core/in-time.ts';
import type {Clock} from './core/ports.ts';
import {defaultSettings} from './core/settings.ts';
import type {ConfigurationProblem, Settings} from './core/settings.ts';
import {fileProblem, readConfigurationFile} from './config/read-file.ts';
import {systemAccountFiles} from './config/trust.ts';
import type {AccountFiles} from './config/trust.ts';

export type {ConfigurationProblem} from './core/settings.ts';

export const configurationFileName = 'mdc-console.yaml';

export type ConfigurationRequest = {
	/** `--config`: must exist, and nothing else is looked at. */
	readonly explicitPath: string | null;
	/** The project's own directory, from the containers' labels; null while it is not known. */
	readonly projectDirectory: string | null;
	readonly environment: {readonly XDG_CONFIG_HOME?: string | undefined; readonly HOME?: string | undefined};
	/** Default `/etc/mdc-console`. */
	readonly etcDirectory?: string;
	/** Who may own the file and be able to write it: the user. Root and the project directory's owner are always added. */
	readonly allowedOwners: readonly number[];
	readonly clock: Clock;
	/** For tests; default the machine's own. */
	readonly accountFiles?: AccountFiles;
	readonly deadlineMs?: number;
};

export type ConfigurationResult =
	| {
		readonly ok: true;
		readonly settings: Settings;
		/** The file that was read; null when there is none and everything is default. */
		readonly path: string | null;
		readonly problems: readonly [];
		/** Places where it could not be told whether there is a file (a directory that may not be entered). */
		readonly hidden: readonly string[];
	}
	| {readonly ok: false; readonly path: string; readonly problems: readonly ConfigurationProblem[]; readonly hidden: readonly string[]};

/** The places that are looked at, in order; the first that has a file wins. A relative XDG_CONFIG_HOME is ignored, as its specification says. */
export const configurationPlaces = ({explicitPath, projectDirectory, environment, etcDirectory = '/etc/mdc-console'}: Omit<ConfigurationRequest, 'allowedOwners' | 'clock'>): readonly string[] => {
	if (explicitPath !== null) {
		return [resolve(explicitPath)];
	}

	const {XDG_CONFIG_HOME: xdg, HOME: home} = environment;
	const own = xdg !== undefined && isAbsolute(xdg) ? xdg : join(home !== undefined && isAbsolute(home) ? home : homedir(), '.config');
	return [
		...projectDirectory === null || !isAbsolute(projectDirectory) ? [] : [join(projectDirectory, configurationFileName)],
		join(own, 'mdc-console', configurationFileName),
		join(etcDirectory, configurationFileName),
	];
};

const ownerOf = async (directory: string | null, clock: Clock, deadlineMs: number): Promise<readonly number[]> => {
	if (directory === null) {
		return [];
	}

	try {
		const facts = await inTime(fairly(clock), deadlineMs, stat(directory), null);
		return facts === null ? [] : [facts.uid];
	} catch {
		// A directory that is gone or closed has no owner to trust; whoever reads the file in it says so with its path.
		return [];
	}
};

/** Finds, reads and checks the configuration. Never throws for what is on the disk; without a file the answer is the defaults. */
export const loadConfiguration = async (request: ConfigurationRequest): Promise<ConfigurationResult> => {
	const {explicitPath, projectDirectory, clock, accountFiles = systemAccountFiles, deadlineMs = 2000} = request;
	const allowed = new Set([0, ...request.allowedOwners, ...await ownerOf(projectDirectory, clock, deadlineMs)]);
	const hidden: string[] = [];
	for (const path of configurationPlaces(request)) {
		const answer = await readConfigurationFile(path, allowed, accountFiles, {clock, deadlineMs});
		switch (answer.kind) {
			case 'text': {
				const result = await parseText(answer.text, path);
				return result.ok ? {ok: true, settings: result.settings, path, problems: [], hidden} : {ok: false, path, problems: result.problems, hidden};
			}

			case 'problem': {
				return {ok: false, path, problems: [answer.problem], hidden};
			}

			case 'hidden': {
				hidden.push(path);
				if (explicitPath !== null) {
					return {ok: false, path, problems: [fileProblem(path, 'unreadable', {error: 'EACCES'})], hidden};
				}

				break;
			}

			case 'absent': {
				if (explicitPath !== null) {
					return {ok: false, path, problems: [fileProblem(path, 'missing')], hidden};
				}

				break;
			}
		}
	}

	return {ok: true, settings: defaultSettings, path: null, problems: [], hidden};
};

/** Checks the text of a configuration as if it stood in `path`. */
export const parseText = async (text: string, path: string): Promise<{readonly ok: true; readonly settings: Settings} | {readonly ok: false; readonly problems: readonly ConfigurationProblem[]}> => {
	const {parseConfiguration} = await import('./config/parse.ts');
	return parseConfiguration(text, path);
};
