/**
The state machine of the pretend server: containers, what runs in them, the engine's answers, and what follows from what. A change
here writes the log lines, tells the events and records the conditions that the real thing would; the ports only read it. How programs come up is
`boot.ts`, what faults do `fault-effects.ts`, what cures them `cures.ts`.

Invariants: a container's delayed happenings (boot, health check, restart) belong to one start of it and are void after the next
start or death; every change of a condition is in the timeline before anybody is told; subscribers are told later in the same turn of the
event loop, never from inside a change.
*/

import type {Clock, ContainerEvent, ContainerHealth, Failure, FailureCode, KernelKill, Stop} from '../core/ports.ts';
import {emptyText, makeSafe} from '../core/text.ts';
import {boot, leakAtStart} from './boot.ts';
import {createFaults} from './cures.ts';
import {breakFault, healFault, refusalOf, settleFaults} from './fault-effects.ts';
import {checkHealth} from './health-checks.ts';
import {databaseFull, type LogText, cacheFull, gunicornStopping, nginxStopping, postgresStopping, redisStopping} from './log-lines.ts';
import {createLogStore, type LogStore} from './log-store.ts';
import {hexDigits, share} from './random.ts';
import {type ServiceName, healthIntervalMs, healthStartPeriodMs, hostName, planOf, plans} from './stack.ts';
import {made, thingsOf} from './things.ts';
import {type AppCondition, type Conditions, createTimeline, type Timeline} from './timeline.ts';
import type {Disk, EngineCondition, Inside, Note, SimulatedContainer, World} from './world-types.ts';

export type {Disk, EngineCondition, Note, SimulatedContainer, World} from './world-types.ts';

const dayMs = 86_400_000;
const historyMs = 6 * 3_600_000;

export type WorldOptions = {readonly clock: Clock; readonly seed: number; readonly scenario: 'api-down' | 'healthy'};

const stoppingLines: Readonly<Record<ServiceName, (atMs: number) => readonly LogText[]>> = {
	api: gunicornStopping, db: postgresStopping, redis: redisStopping, nginx: nginxStopping,
};
const stoppingMs: Readonly<Record<ServiceName, number>> = {api: 420, db: 380, redis: 130, nginx: 110};

export const createWorld = ({clock, seed, scenario}: WorldOptions): World => {
	const beginning = Math.floor(clock.nowMs());
	const containers = new Map<ServiceName, SimulatedContainer>();
	const faults = createFaults(() => inside);
	const startedByHand = new Map<ServiceName, number>();
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

	// It begins with what is observed, and what is observed later is told with its time.
	let timeline: Timeline;

	const observe = (): Conditions => {
		const apps = {} as Record<ServiceName, AppCondition>;
		const startedAt = {} as Record<ServiceName, number>;
		for (const {service} of plans) {
			const container = containers.get(service);
			apps[service] = container === undefined ? 'absent' : container.state === 'paused' ? 'paused' : container.app;
			startedAt[service] = container?.startedAt ?? Number.POSITIVE_INFINITY;
		}

		return {
			apps, startedAt, diskFull,
			nginxUpstream: faults.has('nginx-wrong-port') ? 'wrong-port' : (faults.has('nginx-stale') ? 'stale' : 'right'),
			databaseError: faults.has('db-connections') ? databaseFull : null,
			cacheError: faults.has('redis-full') ? cacheFull : null,
			apiDelayMs: (faults.has('api-slow') ? faults.get('api-slow')?.delayMs ?? 1500 : 0) + leakDelayMs(containers.get('api'), timeline?.now() ?? 0),
			isCheckBroken: faults.has('api-health-check'),
		};
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
		error: '',
		leak: null,
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

	timeline = createTimeline(clock, observe());
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

	const run = (container: SimulatedContainer): void => {
		Object.assign(container, {
			state: 'running', generation: container.generation + 1, startedAt: timeline.now(), exitCode: 0, oomKilled: false, pid: nextPid += 61, health: 'starting', failingStreak: 0,
			error: '', leak: leakAtStart(inside, container),
		} satisfies Partial<SimulatedContainer>);
		setApp(container, 'starting', container.service === 'api' ? 0.42 : 0.08);
		emit(container, 'started');
		boot(inside, container);
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

	/** Answers with the engine's refusal; null when it started, or ran already. */
	const startNow = (service: ServiceName): string | null => {
		let container = containers.get(service);
		if (container === undefined) {
			container = newContainer(service, timeline.now());
			containers.set(service, container);
			made(thingsOf(world), container);
			emit(container, 'created');
		}

		if (container.state === 'paused') {
			container.state = 'running';
			emit(container, 'unpaused');
			record();
		} else if (container.pid === 0) {
			container.error = refusalOf(inside, service);
			if (container.error !== '') {
				record();
				return container.error;
			}

			container.backoffMs = 0;
			startedByHand.set(service, timeline.now());
			run(container);
			settleFaults(inside);
		}

		return null;
	};

	const start = async (service: ServiceName): Promise<string | null> => {
		await sleep(260 + Math.floor(share(seed, 'engine', timeline.now()) * 240));
		return startNow(service);
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

	for (const container of containers.values()) {
		later(container, healthIntervalMs - ((beginning - container.startedAt) % healthIntervalMs), () => {
			checkContainer(container);
		});
	}

	const world: World = {
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
			const refusal = await start(service);
			const container = containers.get(service);
			if (container !== undefined && refusal === null) {
				emit(container, 'restarted');
			}

			return refusal;
		},
		remove,
		sleep,
		after: plan,
		usedDiskBytes,
		free(bytes) {
			disk.usedBytes -= bytes + Math.max(0, disk.usedBytes + ((timeline.now() - disk.at) / 1000 * disk.bytesPerSecond) - disk.totalBytes);
			settleFaults(inside);
		},
		settle() {
			settleFaults(inside);
		},
		strangerOn: port => port === 5001 && faults.has('port-taken') ? {pid: 2291, name: 'python3'} : null,
		subscribe(told) {
			subscribers.add(told);
			return () => {
				subscribers.delete(told);
			};
		},
		break(fault) {
			breakFault(inside, fault);
		},
		heal(kind) {
			for (const active of kind === undefined ? faults.kinds() : [kind]) {
				healFault(inside, active);
			}
		},
		deployed() {
			remove('api');
			startNow('api');
		},
		close() {
			closed = true;
			subscribers.clear();
			for (const stopPlanned of [...planned]) {
				stopPlanned();
			}
		},
	};
	const inside: Inside = {
		seed, timeline, logs, disk, kernelKills, containers, faults, wallNow, record, tell, plan, later, write, emit, setApp, die, stopNow, remove, setEngine, usedDiskBytes,
		world: () => world,
		startNow(service) {
			startNow(service);
		},
		setDiskFull(isFull) {
			diskFull = isFull;
		},
		startedByHandAt: service => startedByHand.get(service) ?? Number.NEGATIVE_INFINITY,
	};
	if (scenario === 'api-down') {
		stopInThePast(containers.get('api')!, beginning - 171_000 - Math.floor(share(seed, 'down') * 18_000), timeline, logs, observe);
		faults.set({kind: 'api-stopped'});
	}

	return world;
};

/** The nearer to its limit, the longer it collects garbage. */
const leakDelayMs = (api: SimulatedContainer | undefined, now: number): number => {
	const grown = api?.leak === null || api?.leak === undefined ? 0 : (now - api.leak.since) / api.leak.lastsMs;
	return grown < 0.5 ? 0 : Math.round((grown - 0.5) * 2600);
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
