/**
docker-compose 1.29.2 as the pretend server has it: what it does to the containers, how long it takes, and its own words, as it writes
them without a terminal.
*/

import {build, isOutdated, run} from './compose-build.ts';
import {down, exec, logs, pull} from './compose-more.ts';
import type {Shell} from './interpreter.ts';
import {type ServiceName, composeVersion, containerName, directory, isServiceName, planOf, plans, withDependencies} from './stack.ts';
import {definitionNow, thingsOf} from './things.ts';
import type {SimulatedContainer} from './world.ts';

const startUpMs = 620;
const globalsWithValue = new Set(['-f', '--file', '-p', '--project-name', '--project-directory', '--env-file', '--profile', '-c', '--context', '--ansi', '--log-level', '-H', '--host']);
const engineGone = 'Couldn\'t connect to Docker daemon at http+docker://localhost - is it running?\n\nIf it\'s at a non-standard location, specify the URL with the DOCKER_HOST environment variable.\n';

export type Call = {readonly command: string; readonly options: readonly string[]; readonly names: readonly string[]; readonly file: boolean};

const readCall = (words: readonly string[]): Call => {
	let index = 0;
	let file = false;
	while (index < words.length && words[index]!.startsWith('-') && !['--version', '-v', '--help', '-h'].includes(words[index]!)) {
		const word = words[index]!;
		file ||= /^(?:-f|--file|--project-directory)/.test(word);
		index += globalsWithValue.has(word) ? 2 : 1;
	}

	const options: string[] = [];
	const names: string[] = [];
	const rest = words.slice(index + 1);
	const entersOne = words[index] === 'exec' || words[index] === 'run';
	for (let at = 0; at < rest.length; at++) {
		const word = rest[at]!;
		if (!word.startsWith('-') || (entersOne && names.length > 0)) {
			names.push(word);
		} else if (['-t', '--timeout', '--hash', '--scale'].includes(word)) {
			options.push(`${word}=${rest[++at] ?? ''}`);
		} else {
			options.push(word);
		}
	}

	return {command: words[index] ?? 'help', options, names, file};
};

/** Runs one call of docker-compose; null for what the drill does not have. */
export const runCompose = async (shell: Shell, words: readonly string[]): Promise<number | null> => {
	const call = readCall(words);
	const command = commands[call.command];
	if (command === undefined) {
		return null;
	}

	await shell.sleep(startUpMs);
	if (call.command === 'version' || call.command === '--version' || call.command === '-v') {
		return command(shell, call, []);
	}

	if (!call.file && shell.environment['COMPOSE_FILE'] === undefined && shell.directory !== directory && !shell.directory.startsWith(`${directory}/`)) {
		shell.err('ERROR: \n        Can\'t find a suitable configuration file in this directory or any\n        parent. Are you in the right directory?\n\n        Supported filenames: docker-compose.yml, docker-compose.yaml, compose.yml, compose.yaml\n        \n');
		return 1;
	}

	// What follows the service of `run` and `exec` is a command.
	const stranger = (call.command === 'run' || call.command === 'exec' ? call.names.slice(0, 1) : call.names).find(name => !isServiceName(name));
	if (stranger !== undefined) {
		shell.err(`ERROR: No such service: ${stranger}\n`);
		return 1;
	}

	if (call.command !== 'config') {
		await engineBack(shell);
		if (shell.world.engineFailure() !== null) {
			shell.err(engineGone);
			return 1;
		}
	}

	return command(shell, call, call.names.filter(name => isServiceName(name)));
};

/** A hung engine holds docker-compose for as long as it hangs. */
const engineBack = async (shell: Shell): Promise<void> => {
	while (shell.world.engine() === 'hung') {
		await shell.sleep(500);
	}
};

/** One line of progress; false, with the engine's words, when the work was refused. */
const progress = async (shell: Shell, verb: string, label: string, work: () => Promise<string | null | void>): Promise<boolean> => {
	shell.err(`${verb} ${label} ... \r\n`);
	const refusal = await work();
	const isDone = typeof refusal !== 'string';
	shell.err(isDone ? `${verb} ${label} ... done\r\n` : `${verb} ${label} ... error\r\n\nERROR: for ${label}  Cannot start service: ${refusal}\nERROR: Encountered errors while bringing up the project.\n`);
	return isDone;
};

export type Command = (shell: Shell, call: Call, services: readonly ServiceName[]) => Promise<number | null>;

const orAll = (services: readonly ServiceName[]): readonly ServiceName[] => services.length === 0 ? plans.map(plan => plan.service) : services;

/** Waits for a dependency with `condition: service_healthy`; false when it will not be. */
const untilHealthy = async (shell: Shell, service: ServiceName): Promise<boolean> => {
	for (;;) {
		const container = shell.world.byService(service);
		if (container?.health === 'healthy' && container.state === 'running') {
			return true;
		}

		if (container?.health === 'unhealthy') {
			shell.err(`\nERROR: for api  Container "${container.id.slice(0, 12)}" is unhealthy.\nERROR: Encountered errors while bringing up the project.\n`);
			return false;
		}

		await shell.sleep(500);
	}
};

const up: Command = async (shell, {options}, services) => {
	if (!options.some(option => option === '-d' || option === '--detach')) {
		return null;
	}

	if (options.includes('--build')) {
		await build(shell, {command: 'build', options: [], names: [], file: true}, []);
	}

	const {world} = shell;
	const wanted = options.includes('--no-deps') ? orAll(services) : withDependencies(orAll(services));
	const recreates = options.includes('--force-recreate');
	for (const service of wanted) {
		const container = world.byService(service);
		if (service === 'api' && container?.pid !== undefined && (container.pid === 0 || recreates) && !options.includes('--no-deps')) {
			for (const dependency of planOf('api').dependsOn) {
				if (!await untilHealthy(shell, dependency)) {
					return 1;
				}
			}
		}

		const isOld = container !== null && isOutdated(world, container) && !options.includes('--no-recreate');
		let isUp = true;
		if (container === null) {
			isUp = await progress(shell, 'Creating', containerName(service), async () => world.start(service));
		} else if ((recreates && orAll(services).includes(service)) || isOld) {
			isUp = await progress(shell, 'Recreating', containerName(service), async () => {
				await world.stop(service);
				world.remove(service);
				return world.start(service);
			});
		} else if (container.pid !== 0 || container.state === 'restarting') {
			shell.err(`${containerName(service)} is up-to-date\n`);
		} else {
			isUp = await progress(shell, 'Starting', containerName(service), async () => world.start(service));
		}

		if (!isUp) {
			return 1;
		}
	}

	return 0;
};

const existing = (shell: Shell, services: readonly ServiceName[]): readonly SimulatedContainer[] => orAll(services).flatMap(service => shell.world.byService(service) ?? []);

const restart: Command = async (shell, _call, services) => {
	const containers = existing(shell, services);
	if (containers.length === 0) {
		shell.err('ERROR: No containers to restart\n');
		return 1;
	}

	for (const {service} of containers) {
		if (!await progress(shell, 'Restarting', containerName(service), async () => shell.world.restart(service))) {
			return 1;
		}
	}

	return 0;
};

const stop: Command = async (shell, _call, services) => {
	for (const {service} of [...existing(shell, services)].reverse().filter(({state}) => state === 'running' || state === 'restarting' || state === 'paused')) {
		await progress(shell, 'Stopping', containerName(service), async () => shell.world.stop(service));
	}

	return 0;
};

const start: Command = async (shell, _call, services) => {
	const containers = existing(shell, services);
	if (containers.length === 0) {
		shell.err('ERROR: No containers to start\n');
		return 1;
	}

	for (const {service} of containers) {
		if (!await progress(shell, 'Starting', service, async () => shell.world.start(service))) {
			return 1;
		}
	}

	return 0;
};

const stateOf = (container: SimulatedContainer): string => {
	switch (container.state) {
		case 'running': {
			return container.health === 'starting' ? 'Up (health: starting)' : `Up (${container.health})`;
		}

		case 'paused': {
			return 'Paused';
		}

		case 'restarting': {
			return 'Restarting';
		}

		default: {
			return `Exit ${container.exitCode}`;
		}
	}
};

const ps: Command = async (shell, {options}, services) => {
	const rows = [...existing(shell, services)].sort((a, b) => a.service < b.service ? -1 : 1);
	if (options.includes('-q')) {
		shell.out(rows.map(row => `${row.id}\n`).join(''));
		return 0;
	}

	const cells = rows.map(row => [
		containerName(row.service),
		row.plan.command,
		stateOf(row),
		row.pid === 0 ? '' : row.plan.hostPort === null ? `${row.plan.containerPort}/tcp` : `0.0.0.0:${row.plan.hostPort}->${row.plan.containerPort}/tcp`,
	]);
	const heads = ['Name', 'Command', 'State', 'Ports'];
	const widths = heads.map((head, column) => Math.max(head.length, ...cells.map(cell => cell[column]!.length)));
	const centred = heads.map((head, column) => {
		const space = widths[column]! - head.length;
		return `${' '.repeat(Math.floor(space / 2))}${head}${' '.repeat(Math.ceil(space / 2))}`;
	});
	shell.out(`${centred.join('   ')}\n${'-'.repeat(widths.reduce((sum, width) => sum + width, 9))}\n`);
	shell.out(cells.map(cell => `${cell.map((text, column) => text.padEnd(widths[column]!)).join('   ')}\n`).join(''));
	return 0;
};

const config: Command = async (shell, {options}) => {
	const hashOf = options.find(option => option.startsWith('--hash'));
	if (hashOf !== undefined) {
		const wanted = hashOf.slice('--hash='.length).replaceAll(/['"]/g, '');
		const known = wanted === '*' || wanted === '' ? plans : plans.filter(plan => wanted.split(',').includes(plan.service));
		shell.out(known.map(plan => `${plan.service} ${definitionNow(thingsOf(shell.world), plan.service)}\n`).join(''));
	} else if (options.includes('--services')) {
		shell.out(plans.map(plan => `${plan.service}\n`).join(''));
	} else if (!options.includes('-q') && !options.includes('--quiet')) {
		return null;
	}

	return 0;
};

const version: Command = async (shell, {options}) => {
	shell.out(options.includes('--short') ? `${composeVersion}\n` : `docker-compose version ${composeVersion}, build 5becea4c\ndocker-py version: 5.0.0\nCPython version: 3.7.10\nOpenSSL version: OpenSSL 1.1.0l  10 Sep 2019\n`);
	return 0;
};

const commands: Readonly<Record<string, Command>> = {
	up,
	build,
	run,
	restart,
	stop,
	start,
	ps,
	down,
	pull,
	exec,
	logs,
	config,
	version,
	'--version': async shell => {
		shell.out(`docker-compose version ${composeVersion}, build 5becea4c\n`);
		return 0;
	},
};
