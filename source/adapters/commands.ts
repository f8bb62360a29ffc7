/**
Runs commands: changes under a supervisor that outlives the console, reads in-process and bounded.

Everything about a run is in its files (see commands/run-files.ts); this port keeps nothing in memory, so any console of the same
machine can list, follow, cancel and discard what another one started.
*/

import {goesOn} from '../core/run-verdict.ts';
import {emptyText, ownText} from '../core/text.ts';
import {cancelRun} from './commands/cancel.ts';
import {runCheck} from './commands/check.ts';
import {findComposeTools, systemPluginDirectories} from './commands/compose-tools.ts';
import {followRun} from './commands/follow.ts';
import {readLogoutFacts, type LogoutFacts} from './commands/logout.ts';
import {existingPlaces, fileFailure, findPlace, type Place} from './commands/places.ts';
import {readBootId} from './commands/process.ts';
import {ageMs, isRunId, listRuns, readRun, readStarted, removeRun, runDirectory} from './commands/run-files.ts';
import {startRun} from './commands/start.ts';
import type {EnvironmentBase} from './commands/environment.ts';
import type {Clock, CommandsPort, ComposeTools, Outcome, RunRecord, Stop} from '../core/ports.ts';

export {defaultRuntimeDirectories, type Place} from './commands/places.ts';
export type {LogoutFacts} from './commands/logout.ts';

export type CommandsOptions = EnvironmentBase & {
	readonly clock: Clock;
	/** Where run files may lie, best first; see `defaultRuntimeDirectories`. */
	readonly runtimeDirectories: readonly string[];
	/** Between TERM and KILL when a run is cancelled or reaches its hard limit; 5 s. */
	readonly graceMs?: number;
	/** Where the docker command's plugins lie, besides the home directory. */
	readonly pluginDirectories?: readonly string[];
	/** Within which a Compose has to tell its version; 10 s. */
	readonly composeDeadlineMs?: number;
	/** Below which systemd's configuration is looked for; the real root by default. */
	readonly systemRoot?: string;
};

export type Commands = CommandsPort & {
	/** Whether a run outlives the logout of this user, and the remedy if not. */
	survivesLogout(): Promise<Outcome<LogoutFacts>>;
	/** Where run files are kept; made if need be. */
	place(): Promise<Outcome<Place>>;
};

/** A start that did not get as far as a script is tidied away after this time. */
const abandonedMs = 60_000;

/** The commands port of the real machine. Nothing is touched before the first call. */
export const createCommandsPort = (options: CommandsOptions): Commands => {
	const graceMs = options.graceMs ?? 5000;
	let logout: Promise<LogoutFacts> | null = null;
	let toolsUnderWay: Promise<ComposeTools> | null = null;
	const projects: ProjectsOfRuns = new Map();

	const logoutFacts = async (): Promise<LogoutFacts> => {
		logout ??= readLogoutFacts({root: options.systemRoot ?? '', user: options.user, uid: process.getuid?.() ?? 0, basePath: options.basePath});
		return logout;
	};

	const check: CommandsPort['check'] = async (command, checkOptions) => runCheck(options, command, checkOptions);

	/** The directory of a run, in whichever place it lies. */
	const find = async (id: string): Promise<string | null> => {
		if (!isRunId(id)) {
			return null;
		}

		for (const place of await existingPlaces(options.runtimeDirectories)) {
			if (await readStarted(runDirectory(place, id))) {
				return runDirectory(place, id);
			}
		}

		return null;
	};

	return {
		start: async request => startRun({...options, graceMs, launcher: async () => (await logoutFacts()).launcher}, request),
		follow: (id, advanced, ended) => followFound(async () => find(id), advanced, ended),
		runs: async project => listAll(options, project, projects),
		async cancel(id, how = 'now') {
			const found = await find(id);
			return found
				? cancelRun(found, graceMs, how)
				: {ok: false, failure: {code: 'not-found', detail: emptyText, params: {id}}};
		},
		async discard(id) {
			const found = await find(id);
			return found ? discardRun(found) : {ok: false, failure: {code: 'not-found', detail: emptyText, params: {id}}};
		},
		check,
		async composeTools() {
			// Shared while it is under way, never kept: a tool may be installed, updated, or just have been slow.
			toolsUnderWay ??= findComposeTools({
				basePath: options.basePath,
				home: options.home,
				pluginDirectories: options.pluginDirectories ?? systemPluginDirectories,
				check: async command => check(command, {deadlineMs: options.composeDeadlineMs ?? 10_000}),
			}).finally(() => {
				toolsUnderWay = null;
			});
			return toolsUnderWay;
		},
		survivesLogout: async () => ({ok: true, value: await logoutFacts()}),
		place: async () => findPlace(options.runtimeDirectories),
	};
};

const followFound = (find: () => Promise<string | null>, advanced: Parameters<CommandsPort['follow']>[1], ended: Parameters<CommandsPort['follow']>[2]): Stop => {
	let stopped = false;
	let stop: Stop = () => {
		stopped = true;
	};

	const begin = async (): Promise<void> => {
		const directory = await find();
		if (stopped) {
			return;
		}

		if (directory === null) {
			ended(null);
			return;
		}

		stop = followRun(directory, advanced, ended);
	};

	void begin();
	return () => {
		stop();
	};
};

/** Which project a run's directory is of: written once, before the run starts. What other projects left is read once, not every few seconds for as long as a console is open. */
type ProjectsOfRuns = Map<string, string>;

const projectsRemembered = 1000;

const listAll = async (options: CommandsOptions, project: string, projects: ProjectsOfRuns): Promise<Outcome<readonly RunRecord[]>> => {
	const records: RunRecord[] = [];
	try {
		const bootId = await readBootId();
		for (const place of await existingPlaces(options.runtimeDirectories)) {
			for (const id of await listRuns(place)) {
				const directory = runDirectory(place, id);
				if ((projects.get(directory) ?? project) !== project) {
					continue;
				}

				const record = await readRun(directory, bootId);
				if (record === null) {
					await tidy(directory, options.clock.nowMs());
					continue;
				}

				if (projects.size >= projectsRemembered) {
					projects.clear();
				}

				projects.set(directory, record.request.project);
				if (record.request.project === project) {
					records.push(record);
				}
			}
		}

		return {ok: true, value: records.toSorted((a, b) => a.startedAtMs - b.startedAtMs)};
	} catch (error) {
		return {ok: false, failure: fileFailure(error, options.runtimeDirectories[0] ?? '')};
	}
};

/** Removes what a console left that was killed before its run had started; nothing ran, so nothing is lost. */
const tidy = async (directory: string, nowMs: number): Promise<void> => {
	try {
		if (await readStarted(directory) === null && await ageMs(directory, nowMs) > abandonedMs) {
			await removeRun(directory);
		}
	} catch {
		// Not ours to remove, or just gone: another look comes with the next listing.
	}
};

const discardRun = async (directory: string): Promise<Outcome<null>> => {
	try {
		const record = await readRun(directory, await readBootId());
		if (record !== null && goesOn(record)) {
			return {ok: false, failure: {code: 'busy', detail: ownText('the run goes on'), params: {holder: record.request.actor, action: record.request.action, id: record.request.id, sinceMs: record.startedAtMs}}};
		}

		await removeRun(directory);
		return {ok: true, value: null};
	} catch (error) {
		return {ok: false, failure: fileFailure(error, directory)};
	}
};
