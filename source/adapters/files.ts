/**
Reads compose files: what *should* run, without running compose. Enough of the format for names, images, dependencies, replicas and
profiles; what it does not need (`extends`, `include`, anchors aside) is tolerated, not followed.

The file system may be frozen: every call ends after its deadline, though the read behind it may hang on. Files come from a team's checkout:
they are bounded in size, and aliases cannot blow them up.
*/

import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import {isAbsolute, join} from 'node:path';
import {fairly} from '../core/fair-deadline.ts';
import {inTime} from '../core/in-time.ts';
import {emptyText, makeSafe, ownText} from '../core/text.ts';
import {readDeploys} from './files/deploys.ts';
import type {BackupListing, Clock, ComposeFileFacts, Failure, FailureCode, FilesPort, Outcome} from '../core/ports.ts';

/** Compose's own order of the default names; the first that exists counts, with its override (compose-spec 03-compose-file). */
export const defaultComposeFiles: readonly string[] = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

// As docker compose 2.26 looks for them: the first that exists, whatever the main file is called.
const overrideFiles = ['compose.override.yml', 'compose.override.yaml', 'docker-compose.override.yml', 'docker-compose.override.yaml'];

export type FilesOptions = {
	readonly clock: Clock;
	/** After which a frozen file system is told as `timed-out`; 2 s. */
	readonly deadlineMs?: number;
	/** The same for the checkout's past, for which git is asked; 5 s. */
	readonly deploysDeadlineMs?: number;
};

const sizeLimitBytes = 1_048_576;

/** The files port of the real machine. Failures: `not-found`, `malformed` (params path, line, column), `denied`, `timed-out`, `unsupported` (too large, no regular file). */
export const createFilesPort = (options: FilesOptions): FilesPort => {
	const bounded = deadlinesOf(options);
	// Backups often lie on another machine: a look that hangs holds a thread, so there is never a second one.
	const underWay = new Set<string>();
	const backups = async (directory: string, prefix: string): Promise<Outcome<BackupListing>> => {
		try {
			const {readBackups} = await import('./files/backups.ts');
			return await readBackups(directory, prefix);
		} catch (error) {
			return fail(codeOf(error as NodeJS.ErrnoException), directory, {path: directory});
		} finally {
			underWay.delete(directory);
		}
	};

	return {
		composeFiles: async (directory, files) => bounded(readCompose(directory, files), options.deadlineMs ?? 2000, directory),
		deploys: async (directory, files) => bounded(readDeploys(directory, files), options.deploysDeadlineMs ?? 5000, directory),
		async backups(directory, prefix) {
			if (underWay.has(directory)) {
				return fail('busy', directory, {path: directory});
			}

			underWay.add(directory);
			return bounded(backups(directory, prefix), options.deploysDeadlineMs ?? 5000, directory);
		},
	};
};

const readCompose = async (directory: string, files: readonly string[]): Promise<Outcome<ComposeFileFacts>> => {
	const found = files.length === 0 ? await findDefaults(directory) : await readNamed(directory, files);
	if (!found.ok) {
		return found;
	}

	const documents: Mapping[] = [];
	for (const file of found.value) {
		const document = await parseFile(file);
		if (!document.ok) {
			return document;
		}

		documents.push(document.value);
	}

	const variables = await readVariables(directory);
	return {ok: true, value: merge(documents, variables)};
};

export type Mapping = Readonly<Record<string, unknown>>;

export const asMapping = (value: unknown): Mapping => typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Mapping : {};

/** A compose file as plain values: a mapping whose `services`, if any, is one too. */
export const parseFile = async ({path, text}: FoundFile): Promise<Outcome<Mapping>> => {
	const {parseDocument, LineCounter, isMap, isNode, isScalar} = await import('yaml');
	const lineCounter = new LineCounter();
	const document = parseDocument(text, {lineCounter, prettyErrors: false, merge: true, logLevel: 'silent', customTags: tags => [...tags, ...composeTags]});
	const wrong = (problem: string, offset: number): Outcome<Mapping> => {
		const {line, col} = lineCounter.linePos(offset);
		return fail('malformed', problem, {path, line, column: col});
	};

	const [error] = document.errors;
	if (error) {
		return wrong(error.message, error.pos[0]);
	}

	if (document.contents !== null && !isMap(document.contents)) {
		return wrong('a mapping was expected', document.contents.range[0]);
	}

	const services: unknown = document.get('services', true);
	if (services !== undefined && !isMap(services) && !(isScalar(services) && services.value === null)) {
		return wrong('services: a mapping was expected', isNode(services) ? services.range?.[0] ?? 0 : 0);
	}

	try {
		return {ok: true, value: asMapping(document.toJS({maxAliasCount: 1000}))};
	} catch (error_) {
		return wrong((error_ as Error).message, 0);
	}
};

type Variables = ReadonlyMap<string, string>;

/** Several files as compose merges them, as far as ComposeFileFacts goes: the later file wins, lists are joined. */
const merge = (documents: readonly Mapping[], variables: Variables): ComposeFileFacts => {
	const name = documents.findLast(document => typeof document['name'] === 'string')?.['name'] as string | undefined;
	const services = new Map<string, Mapping[]>();
	for (const [service, layer] of documents.flatMap(document => Object.entries(asMapping(document['services'])))) {
		services.set(service, [...services.get(service) ?? [], asMapping(layer)]);
	}

	return {
		// An environment variable, which `.env` gives too, goes before the file's own name.
		name: variables.get('COMPOSE_PROJECT_NAME') || (name === undefined ? null : interpolate(name, variables)) || null,
		services: [...services].map(([service, layers]) => ({name: makeSafe(service), ...mergeService(layers, variables)})),
	};
};

const mergeService = (layers: readonly Mapping[], variables: Variables): Omit<ComposeFileFacts['services'][number], 'name'> => {
	const last = (read: (layer: Mapping) => unknown): string | null => {
		const value = layers.map(layer => read(layer)).findLast(found => typeof found === 'string' || typeof found === 'number');
		return value === undefined ? null : interpolate(String(value), variables);
	};

	const replicas = last(layer => layer['scale']) ?? last(layer => asMapping(layer['deploy'])['replicas']) ?? '1';
	return {
		image: last(layer => layer['image']),
		dependsOn: unique(layers.flatMap(layer => namesIn(layer['depends_on']))),
		replicas: /^\d{1,6}$/.test(replicas) ? Number(replicas) : 1,
		profiles: unique(layers.flatMap(layer => namesIn(layer['profiles']))),
	};
};

/** The names of a list, of a mapping's keys, or of a single word. */
const namesIn = (value: unknown): readonly string[] => {
	if (typeof value === 'string') {
		return [makeSafe(value)];
	}

	const names: readonly unknown[] = Array.isArray(value) ? value : Object.keys(asMapping(value));
	return names.filter(name => typeof name === 'string').map(name => makeSafe(name));
};

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];

/** `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}` from the variables; what is unknown and has no default stays as it stands. */
const interpolate = (text: string, variables: Variables): string =>
	makeSafe(text.replaceAll(/\$\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?-)([^}]*))?\})/g, (whole, bare?: string, braced?: string, sign?: string, fallback?: string) => {
		if (whole === '$$') {
			return '$';
		}

		const value = variables.get(bare ?? braced ?? '');
		return value === undefined || (value === '' && sign === ':-') ? fallback ?? whole : value;
	}));

/** Tags of the compose specification that say how to merge; their content is what counts here. */
const composeTags = ['!reset', '!override'].flatMap(tag => [
	{tag, collection: 'map' as const},
	{tag, collection: 'seq' as const},
	{tag, resolve: (value: string) => value},
]);

type FoundFile = {readonly path: string; readonly text: string};

export const findDefaults = async (directory: string): Promise<Outcome<readonly FoundFile[]>> => {
	for (const name of defaultComposeFiles) {
		const file = await readBounded(join(directory, name));
		if (!file.ok) {
			if (file.failure.code === 'not-found') {
				continue;
			}

			return file;
		}

		return withOverride(directory, file.value);
	}

	const looked = defaultComposeFiles.map(name => join(directory, name)).join(', ');
	return fail('not-found', looked, {path: directory});
};

const withOverride = async (directory: string, main: FoundFile): Promise<Outcome<readonly FoundFile[]>> => {
	for (const name of overrideFiles) {
		const override = await readBounded(join(directory, name));
		if (override.ok) {
			return {ok: true, value: [main, override.value]};
		}

		if (override.failure.code !== 'not-found') {
			return override;
		}
	}

	return {ok: true, value: [main]};
};

export const readNamed = async (directory: string, files: readonly string[]): Promise<Outcome<readonly FoundFile[]>> => {
	const found: FoundFile[] = [];
	for (const name of files) {
		const file = await readBounded(isAbsolute(name) ? name : join(directory, name));
		if (!file.ok) {
			return file;
		}

		found.push(file.value);
	}

	return {ok: true, value: found};
};

/** The whole text of a regular file. Opened without waiting, so that a FIFO of that name cannot hold us. */
export const readBounded = async (path: string): Promise<Outcome<FoundFile>> => {
	try {
		const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
		try {
			const facts = await handle.stat();
			if (!facts.isFile()) {
				return fail('unsupported', `${path}: not a regular file`, {path});
			}

			if (facts.size > sizeLimitBytes) {
				return fail('unsupported', `${path}: larger than 1 MB`, {path, limitBytes: sizeLimitBytes, sizeBytes: facts.size});
			}

			const buffer = Buffer.alloc(sizeLimitBytes);
			const {bytesRead} = await handle.read(buffer, 0, sizeLimitBytes, 0);
			return {ok: true, value: {path, text: buffer.toString('utf8', 0, bytesRead)}};
		} finally {
			await handle.close();
		}
	} catch (error) {
		return fail(codeOf(error as NodeJS.ErrnoException), path, {path});
	}
};

const codeOf = ({code}: NodeJS.ErrnoException): FailureCode => {
	switch (code) {
		case 'ENOENT':
		case 'ENOTDIR': {
			return 'not-found';
		}

		case 'EACCES':
		case 'EPERM': {
			return 'denied';
		}

		default: {
			return 'failed';
		}
	}
};

/** The variables of the directory's `.env`: `NAME=value`, quoted or not, comments aside. None where it cannot be read. */
const readVariables = async (directory: string): Promise<Variables> => {
	const file = await readBounded(join(directory, '.env'));
	if (!file.ok) {
		return new Map();
	}

	return variablesIn(file.value.text);
};

/** The variables that a text of `NAME=value` lines sets, quoted or not, comments aside. */
export const variablesIn = (text: string): Variables => {
	const lines = text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\n]*?))[ \t]*(?:(?<=[ \t])#[^\n]*)?\r?$/gm);
	return new Map([...lines].map(([, name, double, single, plain]) => [name!, makeSafe(double ?? single ?? plain ?? '')]));
};

const fail = (code: FailureCode, detail: string, params: NonNullable<Failure['params']>): {readonly ok: false; readonly failure: Failure} =>
	({ok: false, failure: {code, detail: makeSafe(detail), params}});

/** Reads of one port: each with its deadline, and whatever goes wrong is an answer. */
export const deadlinesOf = ({clock}: Pick<FilesOptions, 'clock'>) => async <T>(work: Promise<Outcome<T>>, deadlineMs: number, path: string): Promise<Outcome<T>> => {
	try {
		return await inTime<Outcome<T>>(fairly(clock), deadlineMs, work, {ok: false, failure: {code: 'timed-out', detail: ownText(''), params: {path, deadlineMs}}});
	} catch (error) {
		return {ok: false, failure: {code: 'failed', detail: error instanceof Error ? makeSafe(error.message) : emptyText, params: {path}}};
	}
};
