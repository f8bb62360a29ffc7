/**
`mdc-console init`: writes a commented configuration from the running project. Hides where the project's facts come from (its
containers, else its compose file, else nothing) and makes sure that what is written is accepted by the reader of the configuration.
*/

import {dirname, join, resolve} from 'node:path';
import {createClock} from '../adapters/clock.ts';
import {configurationFileName, loadConfiguration, parseText} from '../config.ts';
import type {ContainerFacts, ContainersPort, FilesPort, ProjectFacts} from '../core/ports.ts';
import {defaultPings} from '../core/settings.ts';
import type {Settings} from '../core/settings.ts';
import {compareNames, emptyText} from '../core/text.ts';
import {configurationProblemLines} from '../messages/config.ts';
import {failureSentence} from '../messages/failures.ts';
import type {Language} from '../messages/language.ts';
import {initMessages} from '../messages/init.ts';
import {renderConfiguration} from './init/render.ts';
import {suggestPings} from './init/suggest-pings.ts';
import type {ServiceOutline} from './init/suggest-pings.ts';
import {writeFileWhole} from './init/write-file.ts';

export {initState} from './init/state.ts';
export type {InitStateInput} from './init/state.ts';

export type InitInput = {
	readonly settings: Pick<Settings, 'project' | 'directory'>;
	readonly containers: Pick<ContainersPort, 'projects' | 'containers'>;
	readonly files: Pick<FilesPort, 'composeFiles'>;
	/** Each call is one line, without its line break. */
	readonly out: (line: string) => void;
	readonly err: (line: string) => void;
	readonly language: Language;
	/** Where to write; `-` prints instead; null is `mdc-console.yaml` in the project's directory. */
	readonly path: string | null;
	readonly force: boolean;
	readonly timeZone: string | null;
	/** The installed `mdc-console.schema.json`, absolute; null when it is not there (a single executable). */
	readonly schemaPath: string | null;
	readonly uid: number;
};

type Found = {readonly project: string | null; readonly directory: string | null; readonly outlines: readonly ServiceOutline[]};
type Search = {readonly ok: true; readonly found: Found} | {readonly ok: false; readonly exitCode: 1 | 2 | 64};

/** 0 written; 1 not written; 2 the engine could not be asked; 64 several projects and none named; 70 our own text did not load. */
export const runInit = async (input: InitInput): Promise<0 | 1 | 2 | 64 | 70> => {
	const {language, out, err, force, timeZone, schemaPath, uid} = input;
	const say = initMessages[language];
	const search = await findProject(input);
	if (!search.ok) {
		return search.exitCode;
	}

	const {project, directory, outlines} = search.found;
	if (input.path === null && directory === null) {
		err(say.noDirectory());
		return 64;
	}

	const path = input.path === '-' ? null : resolve(input.path ?? join(directory!, configurationFileName));
	const pings = suggestPings(outlines, defaultPings);
	const text = renderConfiguration(language, {project, directory, services: [...new Set(outlines.map(({service}) => service))], pings, timeZone, schemaPath});
	const checked = await parseText(text, path ?? configurationFileName);
	if (!checked.ok) {
		for (const line of configurationProblemLines(language, checked.problems)) {
			err(line);
		}

		return 70;
	}

	if (path === null) {
		out(text.trimEnd());
		return 0;
	}

	const answer = await writeFileWhole(path, text, force);
	if (!answer.ok) {
		err(whyNotWritten(language, path, answer.error));
		return 1;
	}

	out(say.written(path, checked.settings.pings.length));
	const loaded = await loadConfiguration({clock: createClock(), explicitPath: path, projectDirectory: directory, environment: {}, allowedOwners: [uid]});
	if (!loaded.ok) {
		err(say.wouldBeRefused());
		for (const line of configurationProblemLines(language, loaded.problems).slice(1)) {
			err(line);
		}
	}

	return 0;
};

const whyNotWritten = (language: Language, path: string, error: string): string => {
	const say = initMessages[language];
	switch (error) {
		case 'EEXIST': {
			return say.exists(path);
		}

		case 'EACCES':
		case 'EPERM': {
			return say.notWrittenDenied(path);
		}

		case 'ENOENT':
		case 'ENOTDIR': {
			return say.notWrittenDirectory(dirname(path));
		}

		case 'ENOSPC':
		case 'EDQUOT': {
			return say.noSpace(path);
		}

		default: {
			return say.notWritten(path, error);
		}
	}
};

const findProject = async (input: InitInput): Promise<Search> => {
	const {settings, containers, language, err} = input;
	const say = initMessages[language];
	const projects = await containers.projects();
	if (!projects.ok) {
		const {title, remedy} = failureSentence(language, projects.failure);
		err(`${title}. ${remedy}`);
		return {ok: false, exitCode: 2};
	}

	const names = projects.value.map(({name}) => name).join(', ');
	const chosen = settings.project === null ? onlyOne(projects.value) : projects.value.find(({name}) => name === settings.project) ?? null;
	if (chosen !== null) {
		return describe(chosen, input);
	}

	if (settings.project === null && projects.value.length > 1) {
		err(say.severalProjects(names));
		return {ok: false, exitCode: 64};
	}

	if (settings.directory !== null) {
		const compose = await input.files.composeFiles(settings.directory, []);
		if (compose.ok) {
			err(say.fromComposeFile(settings.directory));
			const outlines = compose.value.services.map(({name, image}) => ({service: name, image: image ?? '', ports: [], healthCommand: emptyText}));
			return {ok: true, found: {project: settings.project ?? compose.value.name, directory: settings.directory, outlines}};
		}

		const {title, remedy} = failureSentence(language, compose.failure);
		err(`${title}. ${remedy}`);
		return {ok: false, exitCode: 1};
	}

	if (settings.project !== null) {
		err(say.unknownProject(settings.project, names));
		return {ok: false, exitCode: 1};
	}

	err(say.noProject());
	return {ok: true, found: {project: null, directory: null, outlines: []}};
};

/** The only project with something running, else the only one at all. */
const onlyOne = (projects: readonly ProjectFacts[]): ProjectFacts | null => {
	const running = projects.filter(({runningCount}) => runningCount > 0);
	return projects.length === 1 ? projects[0]! : running.length === 1 ? running[0]! : null;
};

const describe = async (project: ProjectFacts, {containers, settings, language, err}: InitInput): Promise<Search> => {
	const answer = await containers.containers(project.name);
	if (!answer.ok) {
		const {title, remedy} = failureSentence(language, answer.failure);
		err(`${title}. ${remedy}`);
		return {ok: false, exitCode: 2};
	}

	// A stopped container publishes nothing at the moment: of a scaled service the one that runs tells more.
	const outlines = answer.value.filter(({oneOff}) => !oneOff).toSorted((left: ContainerFacts, right: ContainerFacts) =>
		compareNames(left.service, right.service) || right.ports.length - left.ports.length || left.number - right.number);
	return {ok: true, found: {project: project.name, directory: project.directory ?? settings.directory, outlines}};
};
