/**
The state machine of the pretend server: containers, what runs in them, the engine's answers, and what follows from what. A change
here writes the log lines, tells the events and records the conditions that the real thing would; the ports only read it.

Invariants: a container's delayed happenings (boot, health check, restart) belong to one start of it and are void after the next
start or death; every change of a condition is in the timeline before anybody is told; subscribers are told later in the same turn of the
event loop, never from inside a change.
*/

import type {Clock, ContainerEvent, ContainerHealth, ContainerState, Failure, FailureCode, KernelKill, Stop} from '../core/ports.ts';
import {emptyText, makeSafe, ownText} from '../core/text.ts';
import type {Fault, FaultKind} from './faults.ts';
import {checkHealth} from './health-checks.ts';
import {
	type LogText, databaseNotReached, failedStart, gunicorn, gunicornListening, gunicornStopping, hostileLines, nginxHostNotFound, nginxStarting,
	nginxStopping, postgresNoSpace, postgresReady, postgresStarting, postgresStopping, redisStarting, redisStopping, workerFailedToBoot,
} from './log-lines.ts';
import {createLogStore, type LogStore} from './log-store.ts';
import {hexDigits, share} from './random.ts';
import {type ServiceName, type ServicePlan, healthIntervalMs, healthStartPeriodMs, hostName, planOf, plans} from './stack.ts';
import {type AppCondition, type Conditions, createTimeline, type Timeline} from './timeline.ts';

const dayMs = 86_400_000;
const historyMs = 6 * 3_600_000;

export type SimulatedContainer = {
	readonly id: string;
	readonly service: ServiceName;
	readonly plan: ServicePlan;
	readonly createdAt: number;
	readonly logSince: number;
	state: ContainerState;
	app: AppCondition;
	health: ContainerHealth;
	healthOutput: string;
	healthAt: number | null;
	failingStreak: number;
	startedAt: number;
	finishedAt: number | null;
	exitCode: number;
	oomKilled: boolean;
	restarts: number;
	backoffMs: number;
	pid: number;
	oomKills: number;
	/** Since this start its memory climbs to the limit. */
	leaks: boolean;
	/** Counts starts and deaths: what was planned for an earlier one is void. */
	generation: number;
	cpu: {at: number; seconds: number; cores: number};
};

export type EngineCondition = 'answers' | 'gone' | 'denied' | 'hung';

export type Note =
	| {readonly kind: 'event'; readonly event: ContainerEvent}
	| {readonly kind: 'written' | 'stopped'; readonly id: string}
	| {readonly kind: 'engine'};

export type Disk = {at: number; usedBytes: number; bytesPerSecond: number; readonly totalBytes: number};

export type World = {
	readonly clock: Clock;
	readonly seed: number;
	readonly timeline: Timeline;
	readonly logs: LogStore;
	readonly disk: Disk;
	readonly kernelKills: readonly KernelKill[];
	readonly bootAt: number;
	engine(): EngineCondition;
	/** Why the engine does not answer now; null when it does. */
	engineFailure(): Failure | null;
	conditions(): Conditions;
	/** Those that exist, in the order in which Compose starts them. */
	containers(): readonly SimulatedContainer[];
	byService(service: ServiceName): SimulatedContainer | null;
	byId(id: string): SimulatedContainer | null;
	/** Writes to a container's log now. */
	write(container: SimulatedContainer, lines: readonly LogText[]): void;
	/** Brings a stopped or missing container up; resolves when the engine would answer. */
	start(service: ServiceName): Promise<void>;
	stop(service: ServiceName): Promise<void>;
	restart(service: ServiceName): Promise<void>;
	remove(service: ServiceName): void;
	/** Never resolves once the server is closed. */
	sleep(delayMs: number): Promise<void>;
	after(delayMs: number, run: () => void): Stop;
	usedDiskBytes(): number;
	subscribe(told: (note: Note) => void): Stop;
	break(fault: Fault): void;
	/** Ends one standing fault, or all; what is stopped, removed or paused by one is started again. */
	heal(kind?: FaultKind): void;
	/** Cancels everything planned. */
	close(): void;
};

export type WorldOptions = {readonly clock: Clock; readonly seed: number; readonly scenario: 'api-down' | 'healthy'};

const stoppingLines: Readonly<Record<ServiceName, (atMs: number) => readonly LogText[]>> = {
	api: gunicornStopping, db: postgresStopping, redis: redisStopping, nginx: nginxStopping,
};
const stoppingMs: Readonly<Record<ServiceName, number>> = {api: 420, db: 380, redis: 130, nginx: 110};

export const createWorld = ({clock, seed, scenario}: WorldOptions): World => {
	const beginning = Math.floor(clock.nowMs());
	const containers = new Map<ServiceName, SimulatedContainer>();
	const faults = new Map<FaultKind, Fault>();
	const subscribers = new Set<(note: Note) => void>();
	const planned = new Set<Stop>();
	const kernelKills: KernelKill[] = [];
	const disk: Disk = {at: beginning, usedBytes: 24.6 * 1024 ** 3, bytesPerSecond: 3100, totalBytes: 39.2 * 1024 ** 3};
	let engine: EngineCondition = 'answers';
	let nextPid = 41_200;
	let created = 0;
	let diskFull = false;
	let closed = false;

	const usedDiskBytes = (): number => Math.min(disk.totalBytes, disk.usedBytes + ((timeline.now() - disk.at) / 1000 * disk.bytesPerSecond));

	const observe = (): Conditions => {
		const apps = {} as Record<ServiceName, AppCondition>;
		const startedAt = {} as Record<ServiceName, number>;
		for (const {service} of plans) {
			const container = containers.get(service);
			apps[service] = container === undefined ? 'absent' : container.state === 'paused' ? 'paused' : container.app;
			startedAt[service] = container?.startedAt ?? Number.POSITIVE_INFINITY;
		}

		return {apps, startedAt, nginxWrongPort: faults.has('nginx-wrong-port'), diskFull};
	};

	const newContainer = (service: ServiceName, createdAt: number): SimulatedContainer => ({
		id: hexDigits(64, seed, service, created++),
		service,
		plan: planOf(service),
		createdAt,
		logSince: Math.max(createdAt, beginning - historyMs),
		state: 'created',
		app: 'absent',
		health: 'starting',
		healthOutput: '',
		healthAt: null,
		failingStreak: 0,
		startedAt: Number.POSITIVE_INFINITY,
		finishedAt: null,
		exitCode: 0,
		oomKilled: false,
		restarts: 0,
		backoffMs: 0,
		pid: 0,
		oomKills: 0,
		leaks: false,
		generation: 0,
		cpu: {at: createdAt, seconds: 0, cores: 0},
	});

	// The stack has run for three days when the simulation begins.
	for (const {service, usualCores, dependsOn} of plans) {
		const startedAt = beginning - (3 * dayMs) - Math.floor(share(seed, 'start', service) * 40_000) - (dependsOn.length === 0 ? 60_000 : 0);
		const container = newContainer(service, startedAt - 900);
		const lastCheck = beginning - ((beginning - startedAt) % healthIntervalMs);
		Object.assign(container, {
			state: 'running', app: 'ready', health: 'healthy', startedAt, healthAt: lastCheck, pid: nextPid += 137, generation: 1,
			cpu: {at: beginning, seconds: usualCores * 3 * dayMs / 1000, cores: usualCores},
		} satisfies Partial<SimulatedContainer>);
		containers.set(service, container);
	}

	const timeline = createTimeline(clock, observe());
	const logs = createLogStore(seed, timeline);
	const wallNow = (): number => timeline.toWall(timeline.now());

	const tell = (note: Note): void => {
		void Promise.resolve().then(() => {
			for (const told of subscribers) {
				told(note);
			}
		});
	};

	const record = (): void => {
		timeline.record(timeline.now(), observe());
	};

	const plan = (delayMs: number, run: () => void): Stop => {
		if (closed) {
			return () => {/* nothing was planned */};
		}

		const cancel = clock.after(delayMs, () => {
			planned.delete(stop);
			run();
		});
		const stop = (): void => {
			planned.delete(stop);
			cancel();
		};

		planned.add(stop);
		return stop;
	};

	const sleep = async (delayMs: number): Promise<void> => new Promise(resolve => {
		plan(delayMs, resolve);
	});

	/** Plans something of this start of a container; void after its death. */
	const later = (container: SimulatedContainer, delayMs: number, run: () => void): void => {
		const {generation} = container;
		plan(delayMs, () => {
			if (container.generation === generation) {
				run();
			}
		});
	};

	const write = (container: SimulatedContainer, lines: readonly LogText[]): void => {
		logs.write(container, timeline.now(), lines);
		tell({kind: 'written', id: container.id});
	};

	const emit = (container: SimulatedContainer, kind: ContainerEvent['kind'], more: {readonly exitCode?: number; readonly health?: ContainerHealth} = {}): void => {
		tell({kind: 'event', event: {kind, id: container.id, service: container.service, oneOff: false, exitCode: more.exitCode ?? null, health: more.health ?? null, atMs: wallNow()}});
	};

	const setApp = (container: SimulatedContainer, app: AppCondition, cores: number): void => {
		const now = timeline.now();
		container.cpu = {at: now, seconds: container.cpu.seconds + (Math.max(0, now - container.cpu.at) / 1000 * container.cpu.cores), cores};
		container.app = app;
		record();
	};

	const setHealth = (container: SimulatedContainer, health: ContainerHealth): void => {
		if (container.health !== health) {
			container.health = health;
			emit(container, 'health', {health});
		}
	};

	const checkContainer = (container: SimulatedContainer): void => {
		if (container.state === 'running') {
			const {ok, output} = checkHealth(container.service, observe(), wallNow());
			container.healthOutput = output;
			container.healthAt = timeline.now();
			const counts = timeline.now() - container.startedAt >= healthStartPeriodMs || container.health !== 'starting';
			container.failingStreak = ok || !counts ? 0 : container.failingStreak + 1;
			if (ok) {
				setHealth(container, 'healthy');
			} else if (container.failingStreak >= container.plan.healthRetries) {
				setHealth(container, 'unhealthy');
			}
		}

		later(container, healthIntervalMs, () => {
			checkContainer(container);
		});
	};

	const die = (container: SimulatedContainer, exitCode: number, {byHand = false, oom = false} = {}): void => {
		const now = timeline.now();
		const ranMs = now - container.startedAt;
		setApp(container, 'absent', 0);
		Object.assign(container, {state: 'exited', generation: container.generation + 1, finishedAt: now, exitCode, oomKilled: oom, pid: 0} satisfies Partial<SimulatedContainer>);
		emit(container, 'died', {exitCode});
		tell({kind: 'stopped', id: container.id});
		if (!byHand) {
			container.state = 'restarting';
			container.backoffMs = ranMs > 10_000 ? 100 : Math.min(60_000, Math.max(100, container.backoffMs * 2));
			later(container, container.backoffMs, () => {
				container.restarts++;
				run(container);
			});
		}

		record();
	};

	const kill = (container: SimulatedContainer, stays: boolean): void => {
		const wall = wallNow();
		container.oomKills++;
		kernelKills.push({atMs: wall, pid: container.pid, name: ownText('gunicorn'), containerId: container.id, byLimit: true});
		emit(container, 'oom');
		die(container, 137, {byHand: stays, oom: true});
	};

	const bootApi = (container: SimulatedContainer): void => {
		const loop = faults.get('api-crash-loop');
		const bootMs = 2900 + Math.floor(share(seed, 'boot', container.generation) * 500);
		if (loop?.kind === 'api-crash-loop') {
			later(container, 850, () => {
				const {exitCode, lines} = failedStart(wallNow(), loop.cause ?? 'missing-variable');
				write(container, lines);
				die(container, exitCode);
			});
			return;
		}

		later(container, 700, () => {
			write(container, gunicornListening(wallNow()));
		});
		later(container, 780, () => {
			write(container, [gunicorn(wallNow(), 7, 'INFO', 'Booting worker with pid: 7'), gunicorn(wallNow(), 8, 'INFO', 'Booting worker with pid: 8')]);
		});
		later(container, bootMs, () => {
			reachDatabase(container, 1);
		});
	};

	const reachDatabase = (container: SimulatedContainer, attempt: number): void => {
		if (containers.get('db')?.app !== 'ready') {
			write(container, [databaseNotReached(wallNow(), attempt)]);
			later(container, attempt === 3 ? 60 : 1000, () => {
				if (attempt === 3) {
					write(container, workerFailedToBoot(wallNow()));
					die(container, 3);
				} else {
					reachDatabase(container, attempt + 1);
				}
			});
			return;
		}

		setApp(container, faults.has('api-500') ? 'failing' : faults.has('api-hangs') ? 'hanging' : 'ready', container.plan.usualCores);
		leak(container);
		writeTimeouts(container);
	};

	const leak = (container: SimulatedContainer): void => {
		const fault = faults.get('api-oom-killed');
		if (fault?.kind === 'api-oom-killed') {
			later(container, 12_000, () => {
				if (faults.has('api-oom-killed')) {
					write(container, [gunicorn(wallNow(), 1, 'ERROR', 'Worker (pid:8) was sent SIGKILL! Perhaps out of memory?')]);
					kill(container, fault.stays === true);
				}
			});
		}
	};

	const writeTimeouts = (container: SimulatedContainer): void => {
		if (container.app === 'hanging') {
			later(container, 30_000, () => {
				if (container.app === 'hanging') {
					const pid = 9 + (Math.floor(timeline.now() / 30_000) % 40);
					write(container, [gunicorn(wallNow(), 1, 'CRITICAL', `WORKER TIMEOUT (pid:${pid})`), gunicorn(wallNow(), pid, 'INFO', `Worker exiting (pid: ${pid})`), gunicorn(wallNow(), pid + 1, 'INFO', `Booting worker with pid: ${pid + 1}`)]);
					writeTimeouts(container);
				}
			});
		}
	};

	const boot = (container: SimulatedContainer): void => {
		const ready = (): void => {
			setApp(container, 'ready', container.plan.usualCores);
		};

		switch (container.service) {
			case 'api': {
				bootApi(container);
				break;
			}

			case 'db': {
				write(container, postgresStarting(wallNow()));
				later(container, 1400, () => {
					write(container, [postgresReady(wallNow())]);
					ready();
				});
				break;
			}

			case 'redis': {
				later(container, 120, () => {
					write(container, redisStarting(wallNow()));
					ready();
				});
				break;
			}

			case 'nginx': {
				later(container, 160, () => {
					// A stopped container has no address, so its name is unknown and nginx refuses to start.
					if ((containers.get('api')?.pid ?? 0) === 0) {
						write(container, nginxHostNotFound(wallNow()));
						die(container, 1);
					} else {
						write(container, nginxStarting(wallNow()));
						ready();
					}
				});
				break;
			}
		}
	};

	const run = (container: SimulatedContainer): void => {
		Object.assign(container, {
			state: 'running', generation: container.generation + 1, startedAt: timeline.now(), exitCode: 0, oomKilled: false, pid: nextPid += 61, health: 'starting', failingStreak: 0,
			leaks: container.service === 'api' && faults.has('api-oom-killed'),
		} satisfies Partial<SimulatedContainer>);
		setApp(container, 'starting', container.service === 'api' ? 0.42 : 0.08);
		emit(container, 'started');
		boot(container);
		later(container, healthIntervalMs, () => {
			checkContainer(container);
		});
	};

	const beginStop = (container: SimulatedContainer): number => {
		const wasHanging = container.app === 'hanging';
		emit(container, 'killed');
		if (container.state === 'paused') {
			container.state = 'running';
			emit(container, 'unpaused');
		}

		write(container, stoppingLines[container.service](wallNow()));
		return wasHanging ? 5200 : stoppingMs[container.service];
	};

	const finishStop = (container: SimulatedContainer): void => {
		const hang = faults.get('api-hangs');
		if (container.service === 'api' && hang?.kind === 'api-hangs' && hang.persists !== true) {
			faults.delete('api-hangs');
		}

		die(container, 0, {byHand: true});
		emit(container, 'stopped');
	};

	const stopNow = (service: ServiceName): void => {
		const container = containers.get(service);
		if (container !== undefined && container.pid !== 0) {
			beginStop(container);
			finishStop(container);
		}
	};

	const stop = async (service: ServiceName): Promise<void> => {
		const container = containers.get(service);
		if (container === undefined) {
			return;
		}

		if (container.pid === 0) {
			// Waiting for its next restart: stopping ends that.
			container.generation++;
			container.state = container.state === 'restarting' ? 'exited' : container.state;
			return;
		}

		const {generation} = container;
		await sleep(beginStop(container));
		if (container.generation === generation) {
			finishStop(container);
		}
	};

	const startNow = (service: ServiceName): void => {
		let container = containers.get(service);
		if (container === undefined) {
			container = newContainer(service, timeline.now());
			containers.set(service, container);
			emit(container, 'created');
		}

		if (container.state === 'paused') {
			container.state = 'running';
			emit(container, 'unpaused');
			record();
		} else if (container.pid === 0) {
			container.backoffMs = 0;
			run(container);
		}
	};

	const start = async (service: ServiceName): Promise<void> => {
		await sleep(260 + Math.floor(share(seed, 'engine', timeline.now()) * 240));
		startNow(service);
	};

	const remove = (service: ServiceName): void => {
		const container = containers.get(service);
		if (container !== undefined) {
			if (container.pid !== 0) {
				emit(container, 'killed');
				die(container, 137, {byHand: true});
			}

			container.generation++;
			containers.delete(service);
			emit(container, 'removed');
			tell({kind: 'stopped', id: container.id});
			record();
		}
	};

	const setEngine = (next: EngineCondition): void => {
		engine = next;
		tell({kind: 'engine'});
	};

	const watchDisk = (): void => {
		if (usedDiskBytes() < disk.totalBytes) {
			plan((disk.totalBytes - usedDiskBytes()) / disk.bytesPerSecond * 1000 + 1, watchDisk);
			return;
		}

		if (faults.has('disk-filling')) {
			diskFull = true;
			record();
			const db = containers.get('db');
			if (db?.app === 'ready') {
				write(db, postgresNoSpace(wallNow()));
			}

			plan(20_000, watchDisk);
		}
	};

	const setDisk = (usedBytes: number, bytesPerSecond: number): void => {
		Object.assign(disk, {at: timeline.now(), usedBytes, bytesPerSecond});
	};

	const changeApi = (change: (container: SimulatedContainer) => void): void => {
		const api = containers.get('api');
		if (api !== undefined && api.pid !== 0) {
			change(api);
		}
	};

	const breakFault = (fault: Fault): void => {
		faults.set(fault.kind, fault);
		switch (fault.kind) {
			case 'api-stopped': {
				stopNow('api');
				break;
			}

			case 'db-stopped': {
				stopNow('db');
				break;
			}

			case 'redis-stopped': {
				stopNow('redis');
				break;
			}

			case 'nginx-stopped': {
				stopNow('nginx');
				break;
			}

			case 'api-missing': {
				remove('api');
				break;
			}

			case 'api-paused': {
				changeApi(api => {
					api.state = 'paused';
					emit(api, 'paused');
				});
				break;
			}

			case 'api-crash-loop': {
				stopNow('api');
				startNow('api');
				break;
			}

			case 'api-oom-killed': {
				changeApi(api => {
					write(api, [gunicorn(wallNow(), 1, 'ERROR', 'Worker (pid:8) was sent SIGKILL! Perhaps out of memory?')]);
					kill(api, fault.stays === true);
				});
				break;
			}

			case 'api-hangs':
			case 'api-500': {
				changeApi(api => {
					if (api.app === 'ready') {
						setApp(api, fault.kind === 'api-500' ? 'failing' : 'hanging', fault.kind === 'api-500' ? api.plan.usualCores : 0.004);
						writeTimeouts(api);
					}
				});
				break;
			}

			case 'engine-gone':
			case 'engine-denied':
			case 'engine-hung': {
				setEngine(fault.kind === 'engine-gone' ? 'gone' : fault.kind === 'engine-denied' ? 'denied' : 'hung');
				break;
			}

			case 'log-flood': {
				logs.floods.push({service: fault.service, from: timeline.now(), until: Number.POSITIVE_INFINITY, linesPerSecond: fault.linesPerSecond});
				tell({kind: 'written', id: containers.get(fault.service)?.id ?? ''});
				break;
			}

			case 'hostile-log': {
				const container = containers.get(fault.service);
				if (container !== undefined) {
					write(container, hostileLines());
				}

				break;
			}

			case 'disk-filling': {
				setDisk(usedDiskBytes(), fault.bytesPerSecond ?? (disk.totalBytes - usedDiskBytes()) / 600);
				watchDisk();
				break;
			}

			case 'nginx-wrong-port': {
				break;
			}
		}

		record();
	};

	const healFault = (kind: FaultKind): void => {
		faults.delete(kind);
		switch (kind) {
			case 'db-stopped':
			case 'redis-stopped':
			case 'nginx-stopped': {
				startNow(kind.slice(0, kind.indexOf('-')) as ServiceName);
				break;
			}

			case 'api-stopped':
			case 'api-missing':
			case 'api-paused':
			case 'api-oom-killed':
			case 'api-crash-loop': {
				startNow('api');
				break;
			}

			case 'api-hangs':
			case 'api-500': {
				changeApi(api => {
					if (api.app === 'hanging' || api.app === 'failing') {
						setApp(api, 'ready', api.plan.usualCores);
					}
				});
				break;
			}

			case 'engine-gone':
			case 'engine-denied':
			case 'engine-hung': {
				setEngine('answers');
				break;
			}

			case 'log-flood': {
				for (const flood of logs.floods) {
					flood.until = Math.min(flood.until, timeline.now());
				}

				break;
			}

			case 'disk-filling': {
				setDisk(24.6 * 1024 ** 3, 3100);
				diskFull = false;
				break;
			}

			case 'hostile-log':
			case 'nginx-wrong-port': {
				break;
			}
		}

		record();
	};

	for (const container of containers.values()) {
		later(container, healthIntervalMs - ((beginning - container.startedAt) % healthIntervalMs), () => {
			checkContainer(container);
		});
	}

	if (scenario === 'api-down') {
		stopInThePast(containers.get('api')!, beginning - 171_000 - Math.floor(share(seed, 'down') * 18_000), timeline, logs, observe);
		faults.set('api-stopped', {kind: 'api-stopped'});
	}

	return {
		clock,
		seed,
		timeline,
		logs,
		disk,
		kernelKills,
		bootAt: beginning - (23 * dayMs) - 4_242_000,
		engine: () => engine,
		engineFailure: () => engine === 'answers' ? null : engineFailures[engine],
		conditions: observe,
		containers: () => plans.flatMap(({service}) => containers.get(service) ?? []),
		byService: service => containers.get(service) ?? null,
		byId: id => [...containers.values()].find(container => container.id === id) ?? null,
		write,
		start,
		stop,
		async restart(service) {
			await stop(service);
			await start(service);
			const container = containers.get(service);
			if (container !== undefined) {
				emit(container, 'restarted');
			}
		},
		remove,
		sleep,
		after: plan,
		usedDiskBytes,
		subscribe(told) {
			subscribers.add(told);
			return () => {
				subscribers.delete(told);
			};
		},
		break: breakFault,
		heal(kind) {
			for (const active of kind === undefined ? [...faults.keys()] : [kind]) {
				healFault(active);
			}
		},
		close() {
			closed = true;
			subscribers.clear();
			for (const stopPlanned of [...planned]) {
				stopPlanned();
			}
		},
	};
};

/** The default drill begins some minutes late: the api was stopped, nobody was watching. */
const stopInThePast = (api: SimulatedContainer, at: number, timeline: Timeline, logs: LogStore, observe: () => Conditions): void => {
	logs.write(api, at - 420, gunicornStopping(timeline.toWall(at - 420)));
	Object.assign(api, {
		state: 'exited', app: 'absent', generation: api.generation + 1, finishedAt: at, exitCode: 0, pid: 0,
		healthAt: at - ((at - api.startedAt) % healthIntervalMs), cpu: {...api.cpu, cores: 0},
	} satisfies Partial<SimulatedContainer>);
	timeline.record(at, observe());
};

const engineFailure = (code: FailureCode, detail: string): Failure => ({code, detail: makeSafe(detail), params: {host: `unix:///var/run/docker.sock`, server: hostName}});

const engineFailures: Readonly<Record<Exclude<EngineCondition, 'answers'>, Failure>> = {
	gone: engineFailure('engine-not-running', 'connect ECONNREFUSED /var/run/docker.sock'),
	denied: engineFailure('engine-denied', 'connect EACCES /var/run/docker.sock'),
	hung: {...engineFailure('engine-hung', ''), detail: emptyText},
};
