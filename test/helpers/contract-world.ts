/**
What a port-contract suite needs of the world it runs in: the simulated server, or a small real stack. The suites (contract-*.ts) are
run by test/contract/simulator.ts and test/contract/real-engine.ts with the same assertions.
*/
import type {ExecutionContext} from 'ava';
import type {InspectionPort} from '../../source/core/inspection.ts';
import type {CommandsPort, ContainerFacts, ContainersPort, FilesPort, GitPort, HealthPort, HostPort, JournalPort, LogsPort, MetricsPort, Outcome, PingTarget} from '../../source/core/ports.ts';

export type ContractService = 'api' | 'db' | 'nginx' | 'redis';

export type ContractWorld = {
	readonly containers: ContainersPort;
	readonly logs: LogsPort;
	readonly metrics: MetricsPort;
	readonly health: HealthPort;
	readonly commands: CommandsPort;
	readonly files: FilesPort;
	readonly inspection: InspectionPort;
	readonly host: HostPort;
	/** On a checkout with a few commits, one of them with a migration. */
	readonly git: GitPort;
	/** A console of this name on the world's journals. */
	journalOf(name: string): JournalPort;
	readonly project: string;
	readonly directory: string;
	readonly apiUrl: string;
	readonly nginxUrl: string;
	/** Lets time pass: really, or on the fake clock. */
	elapse(ms: number): Promise<void>;
	/** As an operator's `docker-compose stop` and `up -d` would, without dependencies. */
	stopService(service: ContractService): Promise<void>;
	startService(service: ContractService): Promise<void>;
	close(): Promise<void>;
};

/** Makes a world whose whole stack is running and answering. */
export type MakeWorld = () => Promise<ContractWorld>;

/** A test function of AVA, or one that skips and says why. */
export type Register = (title: string, run: (t: ExecutionContext) => Promise<void>) => void;

/** Registers a test that gets a world of its own, closed whatever happens. */
export const inWorld = (register: Register, name: string, makeWorld: MakeWorld) => (title: string, run: (t: ExecutionContext, world: ContractWorld) => Promise<void>): void => {
	register(`${name}: ${title}`, async t => {
		const world = await makeWorld();
		try {
			await run(t, world);
		} finally {
			await world.close();
		}
	});
};

/** Asks until `condition` gives something; time passes in the world's own way. */
export const waitUntil = async <Value>(world: ContractWorld, what: string, condition: () => Promise<Value | null | false> | Value | null | false, deadlineMs = 30_000): Promise<Value> => {
	for (let passedMs = 0; passedMs <= deadlineMs; passedMs += 50) {
		const value = await condition();
		if (value !== null && value !== false) {
			return value;
		}

		await world.elapse(50);
	}

	throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
};

/** Waits for an answer while the world's time goes on: on a fake clock nothing else would make it come. */
export const answerOf = async <Value>(world: ContractWorld, promise: Promise<Value>, deadlineMs = 60_000): Promise<Value> => {
	const box: {answer?: {readonly value: Value}; error?: unknown} = {};
	void promise.then(value => {
		box.answer = {value};
	}, (error: unknown) => {
		box.error = error;
	});
	await waitUntil(world, 'an answer', () => 'answer' in box || 'error' in box, deadlineMs);
	if (box.answer === undefined) {
		throw box.error;
	}

	return box.answer.value;
};

/** The value of an outcome that must be good. */
export const valueOf = <Value>(outcome: Outcome<Value>): Value => {
	if (!outcome.ok) {
		throw new Error(`${outcome.failure.code}: ${outcome.failure.detail}`);
	}

	return outcome.value;
};

export const factsOf = async (world: ContractWorld, service: ContractService): Promise<ContainerFacts> => {
	const all = valueOf(await answerOf(world, world.containers.containers(world.project)));
	const found = all.find(container => container.service === service && !container.oneOff);
	if (found === undefined) {
		throw new Error(`no container of ${service}`);
	}

	return found;
};

export const pingTarget = (more: Partial<PingTarget> = {}): PingTarget => ({
	name: 'api', kind: 'http', address: '', service: 'api', via: 'address', intervalMs: 2000, deadlineMs: 3000, expectedStatus: [], expectedField: null, decisive: true, ...more,
});
