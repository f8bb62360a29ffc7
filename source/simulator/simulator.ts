/**
A whole pretend server behind the ports: the runbook's stack "Mestres do Café", its traffic, its engine and its shell, for `mdc-console drill`
and for tests. All time comes from the given clock and all chance from the seed, so the same seed and the same keys give the same drill.
*/

import type {AlertsPort} from '../core/alert-sources.ts';
import type {InspectionPort} from '../core/inspection.ts';
import type {Actor, Clock, CommandsPort, ContainersPort, FilesPort, GitPort, HealthPort, HostPort, JournalPort, LogsPort, MetricsPort} from '../core/ports.ts';
import type {DrillScenario} from '../core/drill.ts';
import {makeSafe} from '../core/text.ts';
import {createAlertsPort} from './alerts-port.ts';
import {createCommandsPort} from './commands-port.ts';
import {createContainersPort} from './containers-port.ts';
import type {Fault, FaultKind} from './faults.ts';
import {createGitPort} from './git.ts';
import {createHealthPort} from './health-port.ts';
import {createInspectionPort} from './inspection-port.ts';
import {createJournalBooks, createMemoryJournal} from './journal-port.ts';
import {createLogsPort} from './logs-port.ts';
import {bootIdOf, createHostPort, createMetricsPort} from './measures.ts';
import {configFile, directory, hostName, plans, project} from './stack.ts';
import {tellStory} from './story.ts';
import {thingsOf, type Things} from './things.ts';
import {createWorld, type World} from './world.ts';

export {simulatedAlerts} from './alerts-port.ts';
export type {Fault, FaultKind} from './faults.ts';

export type Scenario = 'api-down' | 'healthy';

export type SimulatorOptions = {
	readonly clock: Clock;
	readonly seed: number;
	/** `api-down`: the api was stopped about three minutes ago and nobody has looked yet. `healthy`: nothing is wrong. */
	readonly scenario?: Scenario;
	/** A drill's own story on a healthy server; the clock must stand `storyLeadMs` before the opening and be caught up by then. */
	readonly story?: DrillScenario;
	/** As the health adapter sends it, so that our own lines can be folded the same way. */
	readonly userAgent?: string;
};

export type Simulator = {
	readonly containers: ContainersPort;
	readonly logs: LogsPort;
	readonly metrics: MetricsPort;
	readonly host: HostPort;
	readonly health: HealthPort;
	readonly commands: CommandsPort;
	readonly files: FilesPort;
	readonly git: GitPort;
	readonly inspection: InspectionPort;
	readonly alerts: AlertsPort;
	readonly journal: JournalPort;
	readonly identity: Actor;
	readonly project: string;
	readonly directory: string;
	/** Images, logs, backups, the checkout. */
	readonly things: Things;
	/** A second console on the same journal. */
	secondJournal(actor: Actor): JournalPort;
	/** Breaks something, at once. */
	break(fault: Fault): void;
	/** Ends one fault, or all: what it stopped, paused or removed is started again. */
	heal(kind?: FaultKind): void;
	/** Ends everything: no callback comes after it. */
	close(): void;
};

const actor: Actor = {name: 'deploy', user: 'deploy', sudoUser: null, host: hostName, tty: 'pts/0', from: null};

const filesOf = (world: World): FilesPort => ({
	async deploys() {
		const {reflog, edits} = thingsOf(world);
		return {ok: true, value: {
			commits: reflog.map(({hash, subject, how, atMs}) => ({hash, subject: makeSafe(subject), how: makeSafe(how), atMs})),
			edits: edits.map(({path, atMs, kind}) => ({path: makeSafe(path), atMs, kind})),
		}};
	},
	async backups(wanted, prefix) {
		const below = `${wanted.replace(/\/+$/, '')}/`;
		return {ok: true, value: {isPartial: false, files: thingsOf(world).backups.filter(({path}) => path.startsWith(`${below}${prefix}`)).map(({path, bytes, atMs}) => ({name: makeSafe(path.slice(below.length)), bytes, atMs})).toSorted((a, b) => b.atMs - a.atMs)}};
	},
	async composeFiles(wanted, names) {
		if (wanted.replace(/\/+$/, '') !== directory || names.some(name => name !== configFile && name !== 'docker-compose.yml')) {
			return {ok: false, failure: {code: 'not-found', detail: makeSafe(names[0] ?? wanted), params: {path: names[0] ?? `${wanted}/docker-compose.yml`}}};
		}

		return {
			ok: true,
			value: {
				name: project,
				services: plans.map(({service, image, dependsOn}) => ({name: service, image: service === 'api' ? null : image, dependsOn, replicas: 1, profiles: []})),
			},
		};
	},
});

/** Makes a server; costs about a millisecond, since nothing of its past is made before somebody reads it. */
export const createSimulator = (options: SimulatorOptions): Simulator => {
	const {clock, seed, story, scenario = story === undefined ? 'api-down' : 'healthy', userAgent = 'mdc-console'} = options;
	const world = createWorld({clock, seed, scenario});
	if (story !== undefined) {
		tellStory(world, story);
	}

	const books = createJournalBooks();
	const bootId = bootIdOf(seed);
	return {
		containers: createContainersPort(world),
		logs: createLogsPort(world),
		metrics: createMetricsPort(world),
		host: createHostPort(world),
		health: createHealthPort(world, userAgent),
		commands: createCommandsPort(world),
		files: filesOf(world),
		git: createGitPort(world),
		inspection: createInspectionPort(world),
		alerts: createAlertsPort(world),
		journal: createMemoryJournal({clock, actor, bootId, books}),
		identity: actor,
		project,
		directory,
		things: thingsOf(world),
		secondJournal: second => createMemoryJournal({clock, actor: second, bootId, books}),
		break: world.break,
		heal: world.heal,
		close: world.close,
	};
};
