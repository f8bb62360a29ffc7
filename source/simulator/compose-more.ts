/** The commands of docker-compose that a runbook has beside the console's own: down, pull, exec, logs. With their real effects, also where they are the wrong thing to do. */

import type {Command} from './compose.ts';
import {migrate} from './compose-build.ts';
import {insideContainer} from './containers-port.ts';
import type {Shell} from './interpreter.ts';
import {containerName, networkName, plans, type ServiceName} from './stack.ts';

const done = async (shell: Shell, verb: string, service: ServiceName, work: () => Promise<void> | void): Promise<void> => {
	shell.err(`${verb} ${containerName(service)} ... \r\n`);
	await work();
	shell.err(`${verb} ${containerName(service)} ... done\r\n`);
};

/** Takes everything down, the database too. Of one service it is no command of this generation. */
export const down: Command = async (shell, {names}) => {
	if (names.length > 0) {
		shell.err('Stops containers and removes containers, networks, volumes, and images\ncreated by `up`.\n\nUsage: down [options]\n');
		return 1;
	}

	const {world} = shell;
	const services = [...world.containers()].reverse().map(({service}) => service);
	for (const service of services) {
		await done(shell, 'Stopping', service, async () => world.stop(service));
	}

	for (const service of services) {
		await done(shell, 'Removing', service, async () => {
			await shell.sleep(90);
			world.remove(service);
		});
	}

	shell.err(`Removing network ${networkName}\n`);
	return 0;
};

/** The api's image is built here and lies in no registry. */
export const pull: Command = async (shell, _call, services) => {
	const wanted = services.length === 0 ? plans.map(({service}) => service) : services;
	for (const service of wanted.filter(name => name !== 'api')) {
		shell.err(`Pulling ${service} ... \r\n`);
		await shell.sleep(1200);
		shell.err(`Pulling ${service} ... done\r\n`);
	}

	if (!wanted.includes('api')) {
		return 0;
	}

	await shell.sleep(700);
	shell.err('Pulling api ... error\r\n\nERROR: for api  pull access denied for mestres-do-cafe_api, repository does not exist or may require \'docker login\'\nERROR: pull access denied for mestres-do-cafe_api, repository does not exist or may require \'docker login\'\n');
	return 1;
};

/** Nothing can be entered that does not run, or restarts again and again. */
export const exec: Command = async (shell, {names}, [service]) => {
	const container = service === undefined ? null : shell.world.byService(service);
	const command = names.slice(1);
	if (container === null || container.state !== 'running') {
		shell.err(container?.state === 'restarting' ? `Error response from daemon: Container ${container.id} is restarting, wait until the container is running\n` : `ERROR: No container found for ${service ?? ''}_1\n`);
		return 1;
	}

	if (command.join(' ') === 'flask db upgrade') {
		return migrate(shell);
	}

	const answer = insideContainer(shell.world, container, command);
	if (answer === 'hangs') {
		await shell.sleep(600_000);
		return 124;
	}

	await shell.sleep(answer.tookMs);
	shell.out(answer.output);
	return answer.exitCode;
};

export const logs: Command = async (shell, {options}, services) => {
	const {world} = shell;
	const count = Number(options.find(option => option.startsWith('--tail'))?.split('=')[1] ?? 100) || 100;
	for (const {service} of plans.filter(plan => services.length === 0 || services.includes(plan.service))) {
		const container = world.byService(service);
		const lines = container === null ? [] : world.logs.last(container, Math.min(count, 500), container.logSince, world.timeline.now() + 1);
		shell.out(lines.map(({text}) => `${service}_1  | ${text}\n`).join(''));
	}

	return 0;
};
