/**
The pretend engine as ContainersPort: facts as list and inspect would give them, one event stream, and commands inside a container.
A gone or denied engine fails at once and ends the stream; a hung one answers after its deadline and tells its events when it is back.
*/

import type {ContainerEvent, ContainerFacts, ContainersPort, ExecAnswer, Outcome} from '../core/ports.ts';
import {emptyText, makeSafe, ownText} from '../core/text.ts';
import {askApi, curlFailure} from './health-checks.ts';
import {gatewayAddress, composeVersion, configFile, containerName, directory, hostName, networkName, plans, project, healthIntervalMs, healthStartPeriodMs} from './stack.ts';
import {definitionOfContainer, imageOfContainer, thingsOf} from './things.ts';
import type {SimulatedContainer, World} from './world.ts';

const engineDeadlineMs = 3000;

/** Runs `answer` unless the engine is broken; a hung one holds the caller for its deadline. */
export const askEngine = async <T>(world: World, answer: () => Outcome<T>): Promise<Outcome<T>> => {
	if (world.engine() === 'hung') {
		await world.sleep(engineDeadlineMs);
	}

	const failure = world.engineFailure();
	return failure === null ? answer() : {ok: false, failure};
};

const notFound = (id: string): Outcome<never> => ({ok: false, failure: {code: 'not-found', detail: makeSafe(`No such container: ${id}`)}});

export const factsOf = (world: World, container: SimulatedContainer): ContainerFacts => {
	const {plan, service} = container;
	const wall = (at: number | null): number | null => at === null || !Number.isFinite(at) ? null : world.timeline.toWall(at);
	const runs = container.pid !== 0;
	return {
		id: container.id,
		name: containerName(service),
		project,
		service,
		number: 1,
		oneOff: false,
		image: plan.image,
		imageId: imageOfContainer(thingsOf(world), container),
		state: container.state,
		health: container.health,
		healthOutput: makeSafe(container.healthOutput.trimEnd()),
		healthAtMs: wall(container.healthAt),
		healthFailingStreak: container.failingStreak,
		healthCommand: ownText(plan.healthCommand),
		createdAtMs: wall(container.createdAt),
		startedAtMs: wall(container.startedAt),
		finishedAtMs: wall(container.finishedAt),
		exitCode: container.exitCode,
		oomKilled: container.oomKilled,
		error: makeSafe(container.error),
		restarts: container.restarts,
		pid: container.pid,
		tty: false,
		logDriver: 'json-file',
		// A stopped container holds no ports; then its configuration tells which it would publish.
		ports: runs || plan.hostPort !== null ? [
			{containerPort: plan.containerPort, protocol: 'tcp', hostAddress: plan.hostPort !== null && runs ? '0.0.0.0' : null, hostPort: plan.hostPort},
		] : [],
		networks: [{name: networkName, address: runs ? plan.address : '', aliases: [service, container.id.slice(0, 12)]}],
		memoryLimitBytes: plan.memoryLimitBytes,
		cpuLimitCores: plan.cpuLimitCores,
		composeVersion,
		configHash: definitionOfContainer(thingsOf(world), container),
		directory,
		configFiles: [configFile],
		command: ownText(plan.command),
		entrypoint: emptyText,
		restartPolicy: 'unless-stopped',
		healthStartPeriodMs,
		healthIntervalMs,
		pidsLimit: null,
		mounts: service === 'db' ? [{source: '/var/lib/docker/volumes/mestres-do-cafe_pgdata/_data', destination: '/var/lib/postgresql/data', writable: true}] : [],
		environment: {names: [], unset: []},
	};
};

export const createContainersPort = (world: World): ContainersPort => ({
	engine: async () => askEngine(world, () => ({
		ok: true,
		value: {version: '20.10.24', apiVersion: '1.41', host: 'unix:///var/run/docker.sock', cgroupVersion: 2, cgroupDriver: 'systemd', rootDirectory: '/var/lib/docker', hostName},
	})),
	projects: async () => askEngine(world, () => {
		const containers = world.containers();
		return {
			ok: true,
			value: containers.length === 0 ? [] : [{
				name: project,
				directory,
				configFiles: [configFile],
				composeVersion,
				services: containers.map(container => container.service).sort(),
				containerCount: containers.length,
				runningCount: containers.filter(container => container.state === 'running').length,
			}],
		};
	}),
	containers: async wanted => askEngine(world, () => ({
		ok: true,
		value: wanted === project ? world.containers().map(container => factsOf(world, container)).sort((a, b) => a.service < b.service ? -1 : 1) : [],
	})),
	inspect: async id => askEngine<ContainerFacts>(world, () => {
		const container = world.byId(id);
		return container === null ? notFound(id) : {ok: true, value: factsOf(world, container)};
	}),
	watch: (wanted, happened, ended) => watchEvents(world, wanted, happened, ended),
	hasImage: async name => askEngine(world, () => {
		const [repository = '', tag = 'latest'] = name.split(':');
		return {ok: true, value: world.containers().some(container => container.plan.image === name) || plans.some(plan => plan.image === name && plan.service !== 'api') || thingsOf(world).images.some(image => image.repository === repository && image.tag === tag)};
	}),
	imageTimes: async ids => askEngine(world, () => ({
		ok: true,
		value: Object.fromEntries(world.containers().map(container => ({container, id: imageOfContainer(thingsOf(world), container)})).filter(({id}) => ids.includes(id)).map(({container, id}) =>
			[id, id === container.plan.imageId ? world.timeline.toWall(container.createdAt) - 60_000 : thingsOf(world).images.find(image => image.id === id)?.atMs ?? world.timeline.toWall(container.createdAt)])),
	})),
	async execute(id, command, deadlineMs) {
		const asked = await askEngine<SimulatedContainer>(world, () => {
			const container = world.byId(id);
			return container === null ? notFound(id) : {ok: true, value: container};
		});
		return asked.ok ? executeInside(world, asked.value, command, deadlineMs) : asked;
	},
});

const watchEvents: (world: World, ...parameters: Parameters<ContainersPort['watch']>) => () => void = (world, wanted, happened, ended) => {
	const held: ContainerEvent[] = [];
	let open = true;
	const endIfBroken = (): void => {
		const failure = world.engineFailure();
		if (open && failure !== null && world.engine() !== 'hung') {
			open = false;
			unsubscribe();
			ended(failure);
		}
	};

	const unsubscribe = world.subscribe(note => {
		if (!open || wanted !== project) {
			return;
		}

		if (note.kind === 'engine') {
			endIfBroken();
			for (const event of world.engine() === 'answers' ? held.splice(0) : []) {
				happened(event);
			}
		} else if (note.kind === 'event') {
			if (world.engine() === 'answers') {
				happened(note.event);
			} else {
				held.push(note.event);
			}
		}
	});
	void Promise.resolve().then(endIfBroken);
	return () => {
		open = false;
		unsubscribe();
	};
};

type Inside = {readonly exitCode: number; readonly output: string; readonly tookMs: number} | 'hangs';

const executeInside = async (world: World, container: SimulatedContainer, command: readonly string[], deadlineMs: number): Promise<Outcome<ExecAnswer>> => {
	if (container.state !== 'running') {
		const detail = container.state === 'paused' ? `Container ${container.id} is paused, unpause the container before exec` : `Container ${container.id} is not running`;
		return {ok: false, failure: {code: 'failed', detail: makeSafe(detail)}};
	}

	const answer = insideContainer(world, container, command);
	if (answer === 'hangs' || answer.tookMs > deadlineMs) {
		await world.sleep(deadlineMs);
		return {ok: false, failure: {code: 'timed-out', detail: emptyText, params: {deadlineMs}}};
	}

	await world.sleep(answer.tookMs);
	return {ok: true, value: {exitCode: answer.exitCode, output: makeSafe(answer.output.trimEnd()), durationMs: answer.tookMs}};
};

/** What a program in a container answers, and how long it takes. */
export const insideContainer = (world: World, container: SimulatedContainer, command: readonly string[]): Inside => {
	const conditions = world.conditions();
	const program = command[0]!;
	const line = command.join(' ');
	const is = (name: string, service: SimulatedContainer['service']): boolean => container.service === service && (program === name || (program === 'sh' && line.includes(name)));
	if (is('psql', 'db')) {
		const {databaseError} = conditions;
		if (databaseError !== null) {
			return {exitCode: 2, output: `psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: ${databaseError}\n`, tookMs: 180};
		}

		return container.app === 'ready'
			? {exitCode: 0, output: ' ?column? \n----------\n        1\n(1 row)\n', tookMs: 190}
			: {exitCode: 2, output: 'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL:  the database system is starting up\n', tookMs: 180};
	}

	if (is('pg_isready', 'db')) {
		return {exitCode: container.app === 'ready' ? 0 : 1, output: `/var/run/postgresql:5432 - ${container.app === 'ready' ? 'accepting' : 'rejecting'} connections\n`, tookMs: 175};
	}

	if (is('redis-cli', 'redis')) {
		return {exitCode: 0, output: 'PONG\n', tookMs: 172};
	}

	if (is('nginx', 'nginx')) {
		return world.containers().some(({service, pid}) => service === 'api' && pid !== 0)
			? {exitCode: 0, output: 'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n', tookMs: 184}
			: {exitCode: 1, output: 'nginx: [emerg] host not found in upstream "api:5001" in /etc/nginx/conf.d/default.conf:2\nnginx: configuration file /etc/nginx/nginx.conf test failed\n', tookMs: 188};
	}

	if ((program === 'curl' || (program === 'sh' && line.includes('command -v curl'))) && (container.service === 'api' || container.service === 'nginx')) {
		const answer = askApi(conditions, world.timeline.toWall(world.timeline.now()));
		if (answer.kind === 'answer' && answer.status < 400) {
			return {exitCode: 0, output: answer.body, tookMs: 195};
		}

		return answer.kind === 'hang' ? 'hangs' : {exitCode: answer.kind === 'answer' ? 22 : 7, output: curlFailure(answer, 5001), tookMs: 195};
	}

	return ['true', 'echo'].includes(program)
		? {exitCode: 0, output: program === 'echo' ? `${command.slice(1).join(' ')}\n` : '', tookMs: 170}
		: {exitCode: 127, output: `OCI runtime exec failed: exec failed: unable to start container process: exec: "${program}": executable file not found in $PATH: unknown`, tookMs: 171};
};

/** Who stands behind an address of the pretend server: a service's published port, its own address, or nobody. */
export const behindAddress = (host: string, port: number): SimulatedContainer['service'] | 'nobody' | 'unknown-host' | 'elsewhere' => {
	const local = ['localhost', '127.0.0.1', '[::1]', '0.0.0.0', hostName, gatewayAddress].includes(host);
	const plan = local ? plans.find(candidate => candidate.hostPort === port) : plans.find(candidate => candidate.address === host);
	if (plan !== undefined) {
		return local || plan.containerPort === port ? plan.service : 'nobody';
	}

	return local ? 'nobody' : /^[\d.]+$/.test(host) ? 'elsewhere' : 'unknown-host';
};
