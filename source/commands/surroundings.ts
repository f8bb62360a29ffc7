/**
What every command needs of the machine, made once: environment, language, real ports, configuration. It hides which adapter gets which part of
the environment, and the order that makes the first frame quick: the engine is asked before anything else is loaded.
*/

import {createAuthorities} from '../adapters/authorities.ts';
import {createClock} from '../adapters/clock.ts';
import {createCommandsPort, defaultRuntimeDirectories, type Commands} from '../adapters/commands.ts';
import {createDockerPorts, type DockerPorts} from '../adapters/docker/ports.ts';
import type {AlertsPort} from '../core/alert-sources.ts';
import type {InspectionPort} from '../core/inspection.ts';
import {createFilesPort} from '../adapters/files.ts';
import {createGitPort} from '../adapters/git.ts';
import {createProjectFiles} from '../adapters/files/project-files.ts';
import {createHostInspection} from '../adapters/host/inspection.ts';
import {createHealthPort} from '../adapters/health.ts';
import {createHostPort} from '../adapters/host.ts';
import {createIdentity, isSharedAccount} from '../adapters/identity.ts';
import {createJournalPort} from '../adapters/journal.ts';
import {createJournalArchive} from '../adapters/journal/archive.ts';
import {loadConfiguration, type ConfigurationResult} from '../config.ts';
import type {JournalArchivePort} from '../core/incident-archive.ts';
import type {Actor, AuthoritiesPort, Clock, FilesPort, GitPort, HealthPort, HostPort, JournalPort, Outcome, ProjectFacts} from '../core/ports.ts';
import {chooseProject} from '../runtime/sources.ts';
import {askedAhead, given} from './asked-ahead.ts';
import type {Settings} from '../core/settings.ts';
import {userAgentOf, type Environment, type GlobalOptions} from './invocation.ts';
import {journalDirectoriesOf, stateDirectories} from './state-places.ts';

export type Surroundings = {
	readonly version: string;
	readonly environment: Environment;
	readonly options: GlobalOptions;
	readonly clock: Clock;
	readonly docker: DockerPorts;
	/** Trusted by pings, alert sources and messages alike. */
	readonly authorities: AuthoritiesPort;
	readonly health: HealthPort;
	readonly host: HostPort;
	readonly files: FilesPort;
	readonly git: GitPort;
	readonly inspection: InspectionPort;
	readonly commands: Commands;
	/** Null where none is configured; what asks them is loaded with the first question. */
	readonly alertsFor: (settings: Settings) => AlertsPort | null;
	readonly actor: Promise<Actor>;
	readonly journalFor: (actor: Actor, readOnly: boolean) => JournalPort;
	/** All journals that lie here, to be read after an incident. */
	readonly archive: () => JournalArchivePort;
	/** The engine's projects, asked at once. */
	readonly projects: Promise<Outcome<readonly ProjectFacts[]>>;
	/** Loaded when the project's own directory is known. */
	readonly configuration: Promise<ConfigurationResult>;
	readonly directories: {readonly sharedState: string; readonly ownState: string};
	/** On an account that several people use, and without `--as` or sudo telling, the person is asked once. */
	readonly mustAskActor: (actor: Actor) => boolean;
};

/** `looks`: the command is about to look at the project, so that the engine is asked for all of it at once. `patienceMs`: for the configuration's disk, where nobody waits before a screen. */
export const surround = (version: string, environment: Environment, options: GlobalOptions, looks = false, patienceMs: number | null = null): Surroundings => {
	const clock = createClock();
	const userAgent = userAgentOf(version);
	const home = environment['HOME'] ?? '/';
	const uid = process.getuid?.() ?? 0;
	const engine = createDockerPorts({
		dockerHost: environment['DOCKER_HOST'] || null,
		certPath: environment['DOCKER_CERT_PATH'] ?? null,
		tlsVerify: (environment['DOCKER_TLS_VERIFY'] ?? '') !== '',
		runtimeDirectory: environment['XDG_RUNTIME_DIR'] ?? null,
		homeDirectory: home,
		clock,
		userAgent,
	});
	const ahead = looks ? askedAhead(engine.containers, projects => chooseProject(projects, options.project, null)?.name ?? null) : engine.containers;
	const projects = ahead.projects();
	let dockerHost: string | null = environment['DOCKER_HOST'] || null;
	const docker: DockerPorts = {
		...engine,
		containers: {
			...ahead,
			projects: given(projects, ahead.projects),
			async engine() {
				const answer = await ahead.engine();
				// Children speak to the engine that is on the screen.
				dockerHost = answer.ok ? answer.value.host : dockerHost;
				return answer;
			},
		},
	};
	const actor = createIdentity({environment, as: options.as});
	const configuration = configure(projects, clock, environment, options, patienceMs);
	const authorities = trusting(configuration, clock);
	const {shared: sharedState, own: ownState} = stateDirectories(environment);
	const journalDirectories = journalDirectoriesOf(environment, uid);
	const workerSource = new URL('../adapters/journal-worker.ts', import.meta.url);
	const commands = createCommandsPort({
		clock,
		runtimeDirectories: defaultRuntimeDirectories(environment, uid),
		basePath: environment['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
		home,
		user: environment['USER'] ?? environment['LOGNAME'] ?? '',
		dockerHost: () => dockerHost,
	});
	return {
		version, environment, options, clock, docker, actor, projects, authorities,
		health: createHealthPort({clock, userAgent, authorities}),
		host: createHostPort({clock}),
		files: createFilesPort({clock}),
		git: createGitPort({check: commands.check, uid}),
		inspection: {...createHostInspection({clock}), ...engine.inspection, ...createProjectFiles({clock})},
		commands,
		alertsFor: settings => alertsOnNeed(settings, {clock, environment, userAgent, authorities}),
		journalFor: (who, readOnly) => createJournalPort({
			clock,
			actor: who,
			readOnly,
			directories: journalDirectories,
			workerSource,
		}),
		archive: () => createJournalArchive({clock, directories: journalDirectories, workerSource}),
		configuration,
		directories: {sharedState, ownState},
		mustAskActor: ({sudoUser, user}) => options.as === null && sudoUser === null && isSharedAccount(user),
	};
};

/** Read when the configuration names some, so that a ping, which cannot wait, has them too. */
const trusting = (configuration: Promise<ConfigurationResult>, clock: Clock): AuthoritiesPort => {
	let file: string | null = null;
	const authorities = createAuthorities({file: () => file, clock});
	void configuration.then(async result => {
		file = result.ok ? result.settings.authorities : null;
		// What is wrong with it is told by who asks for it.
		await authorities.read();
	});
	return authorities;
};

const alertsOnNeed = ({alerts: settings}: Settings, needs: {readonly clock: Clock; readonly environment: Environment; readonly userAgent: string; readonly authorities: AuthoritiesPort}): AlertsPort | null => {
	if (settings.prometheus === null && settings.alertmanager === null) {
		return null;
	}

	let loaded: Promise<AlertsPort> | null = null;
	const load = async (): Promise<AlertsPort> => {
		loaded ??= import('../adapters/alerts.ts').then(({createAlertsPort}) => createAlertsPort({settings, ...needs}));
		return loaded;
	};

	return {
		prometheus: async question => (await load()).prometheus(question),
		alertmanager: async matchers => (await load()).alertmanager(matchers),
		silence: async request => (await load()).silence(request),
		lift: async id => (await load()).lift(id),
	};
};

/** The project's own directory is asked of its labels, not of where the operator stands. */
const configure = async (projects: Promise<Outcome<readonly ProjectFacts[]>>, clock: Clock, environment: Environment, options: GlobalOptions, patienceMs: number | null): Promise<ConfigurationResult> => {
	const answer = options.config === null ? await projects : null;
	const project = answer?.ok === true ? chooseProject(answer.value, options.project, null) : null;
	return loadConfiguration({
		clock,
		explicitPath: options.config,
		projectDirectory: project?.directory ?? null,
		environment: {XDG_CONFIG_HOME: environment['XDG_CONFIG_HOME'], HOME: environment['HOME']},
		allowedOwners: [process.getuid?.() ?? 0],
		...(patienceMs === null ? {} : {deadlineMs: patienceMs}),
	});
};
