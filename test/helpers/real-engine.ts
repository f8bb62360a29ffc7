/**
A small Compose stack on the real engine: the runbook's api, nginx, db and redis, played by busybox scripts in images built from nothing
(test/fixtures/stack). Each stack has a project name, host ports and a directory of its own, so that several can stand beside
each other and beside the machine's own containers.

Invariants: whatever a test does, `close` takes the stack down and removes its images and directory; nothing is pulled.
*/
import {execFile} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import {until} from './until.ts';

export type Service = 'api' | 'nginx' | 'db' | 'redis';

/** One line for a service's fault file; see test/fixtures/stack/services. `once` behind it: the next start heals it. */
export type Fault =
	| 'exit' | 'memory' | 'hang' | 'error-500' | 'unhealthy' | 'wrong-body' | 'escapes' | 'invalid-utf8' | 'long-line' | `slow ${number}` | `lines ${number}` | `flood ${number}`
	| 'wrong-upstream' | `old-address ${string}` | 'bad-config' | 'stale once' | 'hang once' | 'error-500 once' | 'starting' | 'full' | 'too-many' | 'loading' | 'auth';

export type CommandAnswer = {readonly exitCode: number; readonly stdout: string; readonly stderr: string};

export type Stack = {
	readonly project: string;
	/** The project directory, with docker-compose.yml, .env and faults/. */
	readonly directory: string;
	readonly apiPort: number;
	readonly nginxPort: number;
	readonly apiUrl: string;
	readonly nginxUrl: string;
	/** Runs Compose in the project directory. Never throws: look at the exit code. */
	compose(...parameters: readonly string[]): Promise<CommandAnswer>;
	docker(...parameters: readonly string[]): Promise<CommandAnswer>;
	/** Full id of the service's container; throws when it has none. */
	containerId(service: Service): Promise<string>;
	/** One field of the service's container, by a `docker inspect` template such as `{{.State.Status}}`. */
	inspect(service: Service, template: string): Promise<string>;
	start(service: Service): Promise<void>;
	stop(service: Service): Promise<void>;
	restart(service: Service): Promise<void>;
	/** Sets or (null) removes a fault. `exit` and `memory` act at the service's next start, the others at once. */
	fault(service: Service, fault: Fault | null): void;
	/** What the api says of itself with the fault `exit` or `unhealthy` instead of the usual; null: the usual. */
	says(text: string | null): void;
	/** Waits until these answer (api and nginx by HTTP 200, the others by their own health check). */
	waitHealthy(services?: readonly Service[], deadlineMs?: number): Promise<void>;
	close(): Promise<void>;
};

/** Every project of the tests begins so, and all of one run of .ci/run alike: what is left after a crash can be found by it. */
export const projectPrefix = `mdctest${process.env['MDC_TEST_RUN'] ?? ''}`;
const fixture = fileURLToPath(new URL('../fixtures/stack', import.meta.url));
const allServices: readonly Service[] = ['api', 'nginx', 'db', 'redis'];

const run = async (command: string, parameters: readonly string[], directory?: string): Promise<CommandAnswer> => new Promise(resolve => {
	const environment = {...process.env};
	for (const name of ['COMPOSE_PROJECT_NAME', 'COMPOSE_FILE', 'DOCKER_CONTEXT']) {
		delete environment[name];
	}

	execFile(command, [...parameters], {cwd: directory, env: environment, maxBuffer: 64 * 1024 * 1024, timeout: 120_000}, (error, stdout, stderr) => {
		const exitCode = error ? (typeof error.code === 'number' ? error.code : 125) : 0;
		resolve({exitCode, stdout, stderr: error && stderr === '' ? error.message : stderr});
	});
});

const mustRun = async (command: string, parameters: readonly string[], directory?: string): Promise<string> => {
	const answer = await run(command, parameters, directory);
	if (answer.exitCode !== 0) {
		throw new Error(`${command} ${parameters.join(' ')} ended with ${answer.exitCode}:\n${answer.stderr}\n${answer.stdout}`);
	}

	return answer.stdout;
};

/** Ports that nobody listens on now; held open together so that they differ. */
const freePorts = async (count: number): Promise<readonly number[]> => {
	const servers = await Promise.all(Array.from({length: count}, async () => new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
		const server = createServer().once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			resolve(server);
		});
	})));
	const ports = servers.map(server => (server.address() as AddressInfo).port);
	await Promise.all(servers.map(async server => new Promise(resolve => {
		server.close(resolve);
	})));
	return ports;
};

/** A root file system of one static busybox, called by all its names. */
const makeRoot = async (directory: string): Promise<void> => {
	const bin = path.join(directory, 'root/bin');
	mkdirSync(bin, {recursive: true});
	mkdirSync(path.join(directory, 'root/tmp'));
	copyFileSync('/bin/busybox', path.join(bin, 'busybox'));
	chmodSync(path.join(bin, 'busybox'), 0o755);
	const names = await mustRun('/bin/busybox', ['--list']);
	for (const name of names.split('\n').filter(one => one !== '' && one !== 'busybox')) {
		symlinkSync('busybox', path.join(bin, name));
	}
};

const makeProject = async (project: string): Promise<{readonly directory: string; readonly apiPort: number; readonly nginxPort: number}> => {
	const directory = mkdtempSync(path.join(tmpdir(), `${project}-`));
	chmodSync(directory, 0o755);
	cpSync(fixture, directory, {recursive: true});
	await makeRoot(directory);
	mkdirSync(path.join(directory, 'faults'));
	const [apiPort = 0, nginxPort = 0] = await freePorts(2);
	writeFileSync(path.join(directory, '.env'), `COMPOSE_PROJECT_NAME=${project}\nAPI_PORT=${apiPort}\nNGINX_PORT=${nginxPort}\n`);
	return {directory, apiPort, nginxPort};
};

const respondsWell = async (url: string): Promise<boolean> => {
	try {
		const response = await fetch(url, {signal: AbortSignal.timeout(2000)});
		await response.text();
		return response.ok;
	} catch {
		// Not there yet: whoever waits asks again.
		return false;
	}
};

export type StackOptions = {
	/** Compose v1 (`docker-compose`) or v2 (`docker compose`); v1 where it is there. */
	readonly generation?: 'v1' | 'v2';
	/** Only these are started; all when left out. */
	readonly services?: readonly Service[];
	/** More lines for .env: API_MEMORY, API_RESTART, API_WORKERS. */
	readonly env?: Readonly<Record<string, string>>;
};

/** Builds and starts a stack and waits until it is healthy. The caller must `close` it, best in `test.after.always`. */
export const openStack = async (options: StackOptions = {}): Promise<Stack> => {
	const project = `${projectPrefix}${randomBytes(4).toString('hex')}`;
	const {directory, apiPort, nginxPort} = await makeProject(project);
	for (const [name, value] of Object.entries(options.env ?? {})) {
		writeFileSync(path.join(directory, '.env'), `${name}=${value}\n`, {flag: 'a'});
	}

	const standalone = (await run('docker-compose', ['version', '--short'])).exitCode === 0;
	const words = options.generation === 'v2' || (options.generation === undefined && !standalone) ? ['docker', 'compose'] : ['docker-compose'];
	const compose = async (...parameters: readonly string[]): Promise<CommandAnswer> => run(words[0]!, [...words.slice(1), ...parameters], directory);
	const containerId = async (service: Service): Promise<string> => {
		const ids = await mustRun('docker', ['ps', '-aq', '--no-trunc', '--filter', `label=com.docker.compose.project=${project}`, '--filter', `label=com.docker.compose.service=${service}`]);
		const [id] = ids.trim().split('\n');
		if (!id) {
			throw new Error(`the service ${service} of ${project} has no container`);
		}

		return id;
	};

	const inspect = async (service: Service, template: string): Promise<string> => (await mustRun('docker', ['inspect', '--format', template, await containerId(service)])).trim();
	const urls = {apiUrl: `http://127.0.0.1:${apiPort}/api/health`, nginxUrl: `http://127.0.0.1:${nginxPort}/api/health`};
	const isHealthy = async (service: Service): Promise<boolean> => {
		if (service === 'api' || service === 'nginx') {
			return respondsWell(service === 'api' ? urls.apiUrl : urls.nginxUrl);
		}

		return await inspect(service, '{{.State.Health.Status}}') === 'healthy';
	};

	const must = async (...parameters: readonly string[]): Promise<void> => {
		await mustRun(words[0]!, [...words.slice(1), ...parameters], directory);
	};

	const stack: Stack = {
		project, directory, apiPort, nginxPort, ...urls, compose, containerId, inspect,
		docker: async (...parameters) => run('docker', parameters, directory),
		start: async service => must('up', '-d', '--no-build', '--no-deps', service),
		stop: async service => must('stop', '-t', '2', service),
		restart: async service => must('restart', '-t', '2', service),
		fault(service, fault) {
			const file = path.join(directory, 'faults', service);
			if (fault === null) {
				rmSync(file, {force: true});
			} else {
				// Renamed into place: a service may be reading it.
				writeFileSync(`${file}.new`, `${fault}\n`);
				renameSync(`${file}.new`, file);
			}
		},
		says(text) {
			const file = path.join(directory, 'faults/api-says');
			if (text === null) {
				rmSync(file, {force: true});
			} else {
				writeFileSync(file, text);
			}
		},
		async waitHealthy(services = options.services ?? allServices, deadlineMs = 30_000) {
			const waiting = new Set(services);
			await until(async () => {
				for (const service of waiting) {
					if (await isHealthy(service)) {
						waiting.delete(service);
					}
				}

				return waiting.size === 0;
			}, {deadlineMs, everyMs: 100, describe: () => `not healthy: ${[...waiting].join(', ')}`});
		},
		close: async () => removeStack(project, directory),
	};

	try {
		await must('up', '-d', '--build', ...(options.services ?? []));
		await stack.waitHealthy();
		return stack;
	} catch (error) {
		const log = await compose('logs', '--tail', '30');
		await stack.close();
		throw new Error(`the stack did not come up:\n${log.stdout}`, {cause: error});
	}
};

/** Removes everything of a project by its labels, so that it works whatever Compose or the test made of it. */
const removeStack = async (project: string, directory: string): Promise<void> => {
	const label = `label=com.docker.compose.project=${project}`;
	const list = async (...parameters: readonly string[]): Promise<readonly string[]> => (await mustRun('docker', [...parameters, '--filter', label])).split('\n').filter(Boolean);
	const containers = await list('ps', '-aq');
	if (containers.length > 0) {
		await run('docker', ['rm', '-f', '-v', ...containers]);
	}

	for (const kind of ['network', 'volume']) {
		const names = await list(kind, 'ls', '-q');
		if (names.length > 0) {
			await run('docker', [kind, 'rm', ...names]);
		}
	}

	const images = (await mustRun('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}'])).split('\n').filter(name => name.startsWith(`${project}_`) || name.startsWith(`${project}-`));
	if (images.length > 0) {
		await run('docker', ['rmi', '-f', ...images]);
	}

	// The containers wrote nothing outside faults/, which is ours.
	rmSync(directory, {recursive: true, force: true});
};

/** Opens a stack, hands it to the test and always takes it away again. */
export const withStack = async (t: ExecutionContext, use: (stack: Stack) => Promise<void>, options: StackOptions = {}): Promise<void> => {
	t.timeout(180_000);
	const stack = await openStack(options);
	try {
		await use(stack);
	} finally {
		await stack.close();
	}
};
