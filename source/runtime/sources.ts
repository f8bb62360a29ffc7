/**
Every source of facts, as the watch runs them: engine, containers and their events, metrics, host, pings. It hides the order of the first looks
(what the first frame needs comes first), the slow reconcile behind the event stream, and that a call in flight is never doubled.
*/

import {mayEnter} from '../core/entering.ts';
import type {Clock, ContainerEvent, ContainersPort, FilesPort, HealthPort, HostPort, MetricsPort, Outcome, PingAnswer, ProjectFacts, Stop} from '../core/ports.ts';
import {standing} from '../core/screen.ts';
import {resolvePing} from '../core/situation.ts';
import type {Event} from '../core/state.ts';
import {emptyText} from '../core/text.ts';
import type {Store} from './store.ts';
import type {Source} from './watch.ts';

export type SourcePorts = {
	readonly containers: ContainersPort;
	readonly metrics: MetricsPort;
	readonly host: HostPort;
	readonly health: HealthPort;
	readonly files: FilesPort;
};

export type Sources = {
	readonly list: readonly Source[];
	/** Chooses another project; the next look at the engine uses it. */
	choose(project: string): void;
	probeDatabase(): void;
	/** Reads what should run, for who looks only once; the watch does it by itself, a moment after its first look. */
	readComposeFile(): Promise<void>;
	stop(): void;
};

const reconcileMs = 15_000;
const composeFileAfterMs = 400;
const engineRetryMs = 2000;
const metricsMs = 2000;
const verifyPingMs = 500;
const databaseProbeMs = 60_000;
const killedBySignal9 = 137;
const kernelTellsAfterMs = 1500;
/** Reading every process is a tenth of what an idle screen costs: half as often while nothing is wrong. */
const processesMs = {watching: 5000, healthy: 10_000};

/** Which of several projects: the one named; the one in the configured directory and no other; the only one; the only one that runs. */
export const chooseProject = (projects: readonly ProjectFacts[], wanted: string | null, directory: string | null): ProjectFacts | null => {
	if (wanted !== null) {
		return projects.find(project => project.name === wanted) ?? null;
	}

	if (directory !== null) {
		// A stack that is down must not be taken for another one that happens to run here.
		const inDirectory = projects.filter(project => project.directory === directory);
		return inDirectory.length === 1 ? inDirectory[0]! : null;
	}

	const running = projects.filter(project => project.runningCount > 0);
	for (const candidates of [projects, running]) {
		if (candidates.length === 1) {
			return candidates[0]!;
		}
	}

	return null;
};

export type SourceOptions = {
	readonly store: Store;
	readonly ports: SourcePorts;
	readonly clock: Clock;
	readonly wantedProject: string | null;
	/** Makes a source of the list look now. */
	readonly hasten: (name: string) => void;
};

export const createSources = (options: SourceOptions): Sources => {
	const {store, ports, clock} = options;
	const dispatch = (event: Event): void => {
		store.dispatch(event);
	};

	const engine = createEngineWatch({...options, wantedProject: options.wantedProject ?? store.state().settings.project});
	let databaseProbedAtMs = -Infinity;
	let isProbing = false;

	const probeDatabase = async (): Promise<void> => {
		const container = (store.state().situation.containers.value ?? []).find(other => !other.oneOff && other.state === 'running' && store.state().situation.pings.some(ping => ping.target.kind === 'postgres' && ping.target.service === other.service));
		if (container === undefined || !mayEnter(container, store.state().situation) || isProbing || clock.monotonicMs() - databaseProbedAtMs < databaseProbeMs) {
			return;
		}

		isProbing = true;
		databaseProbedAtMs = clock.monotonicMs();
		// pg_isready is green while every session is refused (a full disk); only a query tells. User and database are the container's own.
		const outcome = await ports.containers.execute(container.id, ['sh', '-c', 'psql -X -q -At -U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-${POSTGRES_USER:-postgres}}" -c "SELECT 1" 2>&1'], 5000);
		isProbing = false;
		if (!outcome.ok) {
			dispatch({type: 'database/unprobed', failure: outcome.failure});
		} else if (outcome.value.exitCode !== 126 && outcome.value.exitCode !== 127) {
			// 126 and 127: no psql in this image, so this says nothing about the database.
			dispatch({type: 'database/probed', accepts: outcome.value.exitCode === 0, detail: outcome.value.output.slice(0, 300), atMs: clock.nowMs()});
		}
	};

	const hostSource = <T>(name: string, what: 'identity' | 'reading' | 'disks' | 'processes' | 'kernelKills', look: () => Promise<Outcome<T>>, intervalMs: number | (() => number), firstAfterMs: number, learnt: (value: T) => Event): Source => ({
		name,
		intervalMs: typeof intervalMs === 'number' ? () => intervalMs : intervalMs,
		firstAfterMs,
		slowestMs: 60_000,
		async look() {
			const outcome = await look();
			dispatch(outcome.ok ? learnt(outcome.value) : {type: 'host/unread', what, failure: outcome.failure});
			return outcome.ok;
		},
	});

	const takeTurn = createTurns(clock);
	const list: Source[] = [
		engine.source,
		{name: 'metrics', intervalMs: () => metricsMs, firstAfterMs: 150, look: async () => lookAtMetrics(store, ports.metrics)},
		hostSource('host', 'reading', async () => ports.host.read(), 2000, 0, reading => ({type: 'host/read', reading})),
		hostSource('disks', 'disks', async () => ports.host.disks(), 10_000, 20, reading => ({type: 'host/disksRead', reading})),
		hostSource('processes', 'processes', async () => ports.host.processes(), () => standing(store.state()) === 'healthy' ? processesMs.healthy : processesMs.watching, 700, reading => ({type: 'host/processesRead', reading})),
		hostSource('kernel', 'kernelKills', async () => ports.host.kernelKills(), 30_000, 1500, kills => ({type: 'host/kernelKillsRead', kills, atMs: clock.nowMs()})),
		hostSource('identity', 'identity', async () => ports.host.identity(), 3_600_000, 900, identity => ({type: 'host/identified', identity, atMs: clock.nowMs()})),
		...store.state().settings.pings.map(target => pingSource({name: target.name, store, health: ports.health, clock, takeTurn})),
		// Once, on opening. Afterwards a person asks, or the diagnosis: nothing goes into a container by the clock.
		{name: 'database', intervalMs: () => 3_600_000, firstAfterMs: 4000, async look() {
			if (databaseProbedAtMs === -Infinity) {
				await probeDatabase();
			}

			return true;
		}},
	];
	return {
		list,
		choose: engine.choose,
		probeDatabase() {
			void probeDatabase();
		},
		readComposeFile: engine.readComposeFile,
		stop: engine.stop,
	};
};

const lookAtMetrics = async (store: Store, metrics: MetricsPort): Promise<boolean> => {
	const running = (store.state().situation.containers.value ?? []).filter(container => container.state === 'running' && container.pid > 0);
	const outcomes = await Promise.all(running.map(async ({id, pid}) => ({id, outcome: await metrics.read({id, pid})})));
	const readings = outcomes.flatMap(({id, outcome}) => outcome.ok ? [{id, reading: outcome.value}] : []);
	if (readings.length > 0) {
		store.dispatch({type: 'containers/measured', readings});
	}

	for (const {id, outcome} of outcomes) {
		// `busy`: the engine's slow answer for another container is still under way; the last reading stands.
		if (!outcome.ok && outcome.failure.code !== 'busy' && outcome.failure.code !== 'not-found') {
			store.dispatch({type: 'container/unmeasured', id, failure: outcome.failure});
		}
	}

	return true;
};

const longestTurnMs = 50;

/**
One after the other: a turn begins when the one before it on the same lane is over, or after 50 ms, whichever is first, so that a target that hangs
holds nobody up.
*/
export const createTurns = (clock: Clock) => {
	const last = new Map<string, Promise<unknown>>();
	return async <Value>(lane: string, turn: () => Promise<Value>): Promise<Value> => {
		const before = last.get(lane);
		const mine = (async () => {
			if (before !== undefined) {
				await new Promise<void>(resolve => {
					const stop = clock.after(longestTurnMs, resolve);
					const isOver = (): void => {
						stop();
						resolve();
					};

					void before.then(isOver, isOver);
				});
			}

			return turn();
		})();
		last.set(lane, mine);
		try {
			return await mine;
		} finally {
			if (last.get(lane) === mine) {
				last.delete(lane);
			}
		}
	};
};

/**
A ping at its own interval; every half second while a run that it judges is being verified. Pings of a kind take turns, since two of them often end
at the same server: one whose health check writes a probe file and removes it failed now and then when the api's ping and the one through nginx came at once.
*/
const pingSource = ({name, store, health, clock, takeTurn}: {readonly name: string; readonly store: Store; readonly health: HealthPort; readonly clock: Clock; readonly takeTurn: ReturnType<typeof createTurns>}): Source => {
	const targetOf = () => store.state().situation.pings.find(ping => ping.target.name === name)?.target;
	return {
		name: `ping:${name}`,
		intervalMs() {
			const isVerifying = store.state().runs.some(run => run.phase === 'verifying' && run.checks.includes(name));
			return isVerifying ? verifyPingMs : targetOf()?.intervalMs ?? 2000;
		},
		// Those that need a container's address come when the containers are known; asked by hasten.
		firstAfterMs: targetOf()?.via === 'address' ? 0 : 60,
		async look() {
			const target = targetOf();
			const {containers, engine} = store.state().situation;
			const isUntold = containers.value === null && target?.via !== 'address';
			// With the engine gone nobody knows whether the container runs: its last address is worth a try, none is not worth a verdict.
			if (target === undefined || (isUntold && (engine.state === 'unknown' || target.via === 'container'))) {
				return true;
			}

			const resolved = resolvePing(target, containers.value);
			const answer: PingAnswer = 'address' in resolved
				? await takeTurn(target.kind, async () => health.ping(target, resolved.address))
				: {ok: false, reason: resolved.trouble, detail: emptyText, status: null, latencyMs: 0, atMs: clock.nowMs()};
			// The port is the container's, so on this host it is a guess, and a guess that nobody answers is no outage. The alert's own ping is the runbook's, as it stands.
			if (isUntold && !answer.ok && target.service !== store.state().settings.alert.service) {
				return true;
			}

			store.dispatch({type: 'ping/answered', name, answer});
			return true;
		},
	};
};

/** Engine, project, containers and the event stream behind them. */
const createEngineWatch = (options: SourceOptions): {readonly source: Source; choose(project: string): void; readComposeFile(): Promise<void>; stop(): void} => {
	const {store, ports, clock, hasten} = options;
	let wanted = options.wantedProject;
	let watched: {readonly project: string; readonly stop: Stop} | null = null;
	let isStopped = false;
	let hasAnswered = false;
	const inspecting = new Map<string, 'once' | 'again'>();

	const inspect = async (id: string): Promise<void> => {
		if (inspecting.has(id)) {
			inspecting.set(id, 'again');
			return;
		}

		inspecting.set(id, 'once');
		const outcome = await ports.containers.inspect(id);
		const again = inspecting.get(id) === 'again';
		inspecting.delete(id);
		if (isStopped) {
			return;
		}

		if (outcome.ok) {
			store.dispatch({type: 'container/inspected', container: outcome.value, atMs: clock.nowMs()});
		} else if (outcome.failure.code === 'not-found') {
			store.dispatch({type: 'container/vanished', id, atMs: clock.nowMs()});
		}

		if (again) {
			await inspect(id);
		}
	};

	const happened = (event: ContainerEvent): void => {
		store.dispatch({type: 'container/happened', event});
		if (event.kind === 'died' && event.exitCode === killedBySignal9) {
			// Whether the kernel did it stands in its log, and not yet at this instant.
			clock.after(kernelTellsAfterMs, () => {
				if (!isStopped) {
					hasten('kernel');
				}
			});
		}

		if (event.kind === 'removed') {
			store.dispatch({type: 'container/vanished', id: event.id, atMs: clock.nowMs()});
		} else {
			void inspect(event.id);
		}
	};

	const watchEvents = (project: string): void => {
		if (watched?.project === project) {
			return;
		}

		watched?.stop();
		const stop = ports.containers.watch(project, happened, failure => {
			// The next look at the engine opens it again; what was missed meanwhile comes with that look's list.
			watched = null;
			if (!isStopped && failure.code.startsWith('engine-')) {
				store.dispatch({type: 'engine/lost', failure, atMs: clock.nowMs()});
			}

			hasten('engine');
		});
		watched = {project, stop};
	};

	const lost = (outcome: Extract<Outcome<unknown>, {ok: false}>): false => {
		const isEngine = outcome.failure.code.startsWith('engine-');
		store.dispatch(isEngine ? {type: 'engine/lost', failure: outcome.failure, atMs: clock.nowMs()} : {type: 'containers/unlisted', failure: outcome.failure});
		return false;
	};

	const lookAtProject = async (): Promise<ProjectFacts | null | false> => {
		const projects = await ports.containers.projects();
		if (!projects.ok) {
			return lost(projects);
		}

		const chosen = chooseProject(projects.value, wanted, store.state().settings.directory) ?? stillChosen(wanted);
		if (chosen === null) {
			store.dispatch({type: 'project/undecided', candidates: projects.value});
			return chooseConfigured(projects.value);
		}

		// Once on the screen it stays, also when another stack comes up beside it.
		wanted = chosen.name;
		store.dispatch({type: 'project/found', facts: chosen, candidates: projects.value});
		return chosen;
	};

	/** The project that was on the screen and has lost its last container: everything of it is missing, and it is not forgotten. */
	const stillChosen = (name: string | null): ProjectFacts | null => {
		const {facts} = store.state().situation.project;
		return facts !== null && facts.name === name ? {...facts, containerCount: 0, runningCount: 0} : null;
	};

	/** With nothing running the configured directory says what should: its containers are then missing, not forgotten. */
	const chooseConfigured = async (candidates: readonly ProjectFacts[]): Promise<ProjectFacts | null> => {
		const {directory} = store.state().settings;
		if (directory === null) {
			return null;
		}

		const read = await ports.files.composeFiles(directory, []);
		if (!read.ok) {
			store.dispatch({type: 'project/composeFileRead', outcome: {value: null, atMs: null, failure: read.failure}});
			return null;
		}

		const name = wanted ?? read.value.name ?? directory.split('/').at(-1)?.toLowerCase().replaceAll(/[^\w-]/g, '') ?? '';
		// Chosen for good: later looks find it by its name, and need neither the file again nor the word that nothing was found.
		wanted = name;
		const facts: ProjectFacts = {name, directory, configFiles: [], composeVersion: null, services: [], containerCount: 0, runningCount: 0};
		store.dispatch({type: 'project/found', facts, candidates: [...candidates, facts]});
		store.dispatch({type: 'project/composeFileRead', outcome: {value: read.value, atMs: clock.nowMs(), failure: null}});
		return facts;
	};

	let composeFileKey = '';
	const readComposeFile = async (project: ProjectFacts): Promise<void> => {
		const key = `${project.name} ${project.directory ?? ''} ${project.configFiles.join(' ')}`;
		if (project.directory === null || key === composeFileKey) {
			return;
		}

		const outcome = await ports.files.composeFiles(project.directory, project.configFiles);
		composeFileKey = outcome.ok ? key : '';
		store.dispatch({type: 'project/composeFileRead', outcome: outcome.ok ? {value: outcome.value, atMs: clock.nowMs(), failure: null} : {value: null, atMs: null, failure: outcome.failure}});
	};

	const source: Source = {
		name: 'engine',
		intervalMs: () => store.state().situation.engine.state === 'up' && watched !== null ? reconcileMs : engineRetryMs,
		slowestMs: 5000,
		async look() {
			// The first time everything is asked at once: the first frame waits for it. Later the engine must answer first.
			const engineAnswer = ports.containers.engine();
			if (hasAnswered) {
				const engine = await engineAnswer;
				if (!engine.ok) {
					return lost(engine);
				}
			}

			const project = await lookAtProject();
			const engine = await engineAnswer;
			if (!engine.ok) {
				return lost(engine);
			}

			hasAnswered = true;
			store.dispatch({type: 'engine/reached', facts: engine.value, atMs: clock.nowMs()});
			if (project === false || project === null) {
				return project === null;
			}

			// Opened before the list is read, so that nothing falls between the two.
			watchEvents(project.name);
			const containers = await ports.containers.containers(project.name);
			if (!containers.ok) {
				return lost(containers);
			}

			const isFirst = store.state().situation.containers.value === null;
			store.dispatch({type: 'containers/listed', containers: containers.value, atMs: clock.nowMs()});
			if (isFirst) {
				// Addresses and pids are known now: what waited for them need not wait for its interval.
				for (const {target} of store.state().situation.pings) {
					hasten(`ping:${target.name}`);
				}

				hasten('metrics');
			}

			// Reading YAML takes 40 ms of loading: after the first frame. The first list may have been asked for before the event stream was open: once more.
			if (isFirst) {
				clock.after(composeFileAfterMs, () => {
					void readComposeFile(project);
					hasten('engine');
				});
			} else {
				void readComposeFile(project);
			}

			return true;
		},
	};
	return {
		source,
		choose(project) {
			wanted = project;
			composeFileKey = '';
		},
		async readComposeFile() {
			const {facts} = store.state().situation.project;
			if (facts !== null) {
				await readComposeFile(facts);
			}
		},
		stop() {
			isStopped = true;
			watched?.stop();
		},
	};
};
