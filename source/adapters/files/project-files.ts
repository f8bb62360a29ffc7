/**
Files of the project as the checks read them: `.env`, what the compose files want of it, and scripts. Bounded and with a deadline like all reads of a
team's checkout; values are handed to the caller for `Secrets` only.
*/

import {join} from 'node:path';
import type {EnvironmentFile, InspectionPort} from '../../core/inspection.ts';
import type {Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {asMapping, deadlinesOf, findDefaults, parseFile, readBounded, readNamed, variablesIn, type FilesOptions} from '../files.ts';

const scriptLength = 64 * 1024;

/** The project's files' part of the checks. */
export const createProjectFiles = (options: FilesOptions): Pick<InspectionPort, 'environmentFile' | 'neededVariables' | 'projectFile'> => {
	const deadlineMs = options.deadlineMs ?? 2000;
	const bounded = deadlinesOf(options);
	return {
		environmentFile: async directory => bounded(readEnvironment(join(directory, '.env')), deadlineMs, directory),
		neededVariables: async (directory, files) => bounded(readNeeded(directory, files), deadlineMs, directory),
		projectFile: async (directory, name) => bounded(readScript(join(directory, name)), deadlineMs, directory),
	};
};

const readEnvironment = async (path: string): Promise<Outcome<EnvironmentFile>> => {
	const file = await readBounded(path);
	return file.ok ? {ok: true, value: {path, variables: [...variablesIn(file.value.text)].map(([name, value]) => ({name, value}))}} : file;
};

const readScript = async (path: string): Promise<Outcome<string>> => {
	const file = await readBounded(path);
	if (!file.ok) {
		return file;
	}

	return file.value.text.length > scriptLength ? {ok: false, failure: {code: 'unsupported', detail: makeSafe(path), params: {path, limitBytes: scriptLength}}} : {ok: true, value: file.value.text};
};

const readNeeded = async (directory: string, files: readonly string[]): Promise<Outcome<readonly string[]>> => {
	const found = files.length === 0 ? await findDefaults(directory) : await readNamed(directory, files);
	if (!found.ok) {
		return found;
	}

	const names = new Set<string>();
	for (const file of found.value) {
		const document = await parseFile(file);
		if (!document.ok) {
			return document;
		}

		collect(document.value, names);
		for (const service of Object.values(asMapping(document.value['services']))) {
			for (const name of passedOn(asMapping(service)['environment'])) {
				names.add(name);
			}
		}
	}

	return {ok: true, value: [...names].sort()};
};

/** `$NAME` and `${NAME}` in any text of the file; `${NAME:-default}` and `${NAME+…}` do without. */
const collect = (value: unknown, names: Set<string>): void => {
	if (typeof value === 'string') {
		for (const [whole, bare, braced, sign] of value.matchAll(/\$\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(:?[-?+])?)/g)) {
			if (whole !== '$$' && (sign === undefined || sign.endsWith('?'))) {
				names.add(bare ?? braced!);
			}
		}
	} else if (typeof value === 'object' && value !== null) {
		for (const inner of Object.values(value)) {
			collect(inner, names);
		}
	}
};

/** Names under `environment` without a value: they are passed on from the shell or `.env`. */
const passedOn = (environment: unknown): readonly string[] => Array.isArray(environment)
	? environment.filter((entry): entry is string => typeof entry === 'string' && /^[A-Za-z_]\w*$/.test(entry))
	: Object.entries(asMapping(environment)).filter(([, value]) => value === null).map(([name]) => name);
