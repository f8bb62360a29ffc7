/** The pretend server as its ports see it, and as its own parts do. Types only. */

import type {Clock, ContainerEvent, ContainerHealth, ContainerState, Failure, KernelKill, Stop} from '../core/ports.ts';
import type {Fault, FaultKind} from './faults.ts';
import type {LogText} from './log-lines.ts';
import type {LogStore} from './log-store.ts';
import type {ServiceName, ServicePlan} from './stack.ts';
import type {AppCondition, Conditions, Timeline} from './timeline.ts';

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
	/** Why the engine refused to start it; empty when it did. */
	error: string;
	restarts: number;
	backoffMs: number;
	pid: number;
	oomKills: number;
	/** Its memory climbs to the limit: since when, and how long that takes. Null: it does not. */
	leak: {readonly since: number; readonly lastsMs: number} | null;
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
	/** Brings a stopped or missing container up; resolves when the engine would answer, with its refusal or null. */
	start(service: ServiceName): Promise<string | null>;
	stop(service: ServiceName): Promise<void>;
	restart(service: ServiceName): Promise<string | null>;
	remove(service: ServiceName): void;
	/** Never resolves once the server is closed. */
	sleep(delayMs: number): Promise<void>;
	after(delayMs: number, run: () => void): Stop;
	usedDiskBytes(): number;
	/** Something was deleted. */
	free(bytes: number): void;
	/** Something was done that may cure: a migration, a checkout. */
	settle(): void;
	/** Who listens on a port of the host and is none of ours; null when nobody does. */
	strangerOn(port: number): {readonly pid: number; readonly name: string} | null;
	subscribe(told: (note: Note) => void): Stop;
	break(fault: Fault): void;
	/** Ends one standing fault, or all; what is stopped, removed or paused by one is started again. */
	heal(kind?: FaultKind): void;
	/** The api built and made anew from what is checked out now, as a deploy does it. */
	deployed(): void;
	/** Cancels everything planned. */
	close(): void;
};

/** What the parts of the world work with: its containers, and what may be done to them. */
export type Inside = {
	readonly seed: number;
	readonly timeline: Timeline;
	readonly logs: LogStore;
	readonly disk: Disk;
	readonly kernelKills: KernelKill[];
	readonly containers: Map<ServiceName, SimulatedContainer>;
	readonly faults: Faults;
	/** The finished world. */
	world(): World;
	wallNow(): number;
	record(): void;
	tell(note: Note): void;
	plan(delayMs: number, run: () => void): Stop;
	/** Plans something of this start of a container; void after its death. */
	later(container: SimulatedContainer, delayMs: number, run: () => void): void;
	write(container: SimulatedContainer, lines: readonly LogText[]): void;
	emit(container: SimulatedContainer, kind: ContainerEvent['kind'], more?: {readonly exitCode?: number; readonly health?: ContainerHealth}): void;
	setApp(container: SimulatedContainer, app: AppCondition, cores: number): void;
	die(container: SimulatedContainer, exitCode: number, how?: {readonly byHand?: boolean; readonly oom?: boolean}): void;
	stopNow(service: ServiceName): void;
	startNow(service: ServiceName): void;
	remove(service: ServiceName): void;
	setEngine(next: EngineCondition): void;
	setDiskFull(isFull: boolean): void;
	usedDiskBytes(): number;
	/** When somebody last started the service by hand; the restart policy's starts do not count. */
	startedByHandAt(service: ServiceName): number;
};

/** The faults that stand. */
export type Faults = {
	/** Stands, and nothing has cured it. */
	has(kind: FaultKind): boolean;
	get<Kind extends FaultKind>(kind: Kind): Extract<Fault, {readonly kind: Kind}> | undefined;
	set(fault: Fault): void;
	delete(kind: FaultKind): void;
	kinds(): readonly FaultKind[];
	/** The moment since which it stands, and the commit that was checked out then. */
	since(kind: FaultKind): {readonly at: number; readonly head: string} | null;
};
