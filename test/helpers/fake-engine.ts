/**
A pretend Docker engine for odd answers: an HTTP server on a unix socket in a temporary directory, which speaks as much of the API as
the adapters ask for. Each route can be replaced by something that goes wrong. Real sockets, so that timing, resets and hangs are real.
*/

import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Socket} from 'node:net';
import {createClock} from '../../source/adapters/clock.ts';
import type {Clock} from '../../source/core/ports.ts';
import {createDockerPorts, type DockerPorts} from '../../source/adapters/docker/ports.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>;

/** Never answers. */
export const hang: Answer = () => undefined;
/** Drops the connection. */
export const reset: Answer = request => {
	request.socket.destroy();
};
/** JSON with a status. */
export const json = (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer => (_request, response) => {
	response.writeHead(status, {'content-type': 'application/json', ...headers});
	response.end(JSON.stringify(value));
};

/** Text as it stands, whatever it is. */
export const text = (content: string, status = 200): Answer => (_request, response) => {
	response.writeHead(status, {'content-type': 'application/json'});
	response.end(content);
};

/** The beginning of an answer, then the connection breaks. */
export const truncated = (content: string): Answer => (request, response) => {
	response.writeHead(200, {'content-type': 'application/json', 'content-length': String(content.length + 1000)});
	response.write(content, () => {
		request.socket.destroy();
	});
};

/** A frame of the multiplexed log stream; 1 is stdout, 2 is stderr. */
export const frame = (stream: number, content: string | Buffer): Buffer => {
	const payload = Buffer.from(content);
	const header = Buffer.alloc(8);
	header[0] = stream;
	header.writeUInt32BE(payload.length, 4);
	return Buffer.concat([header, payload]);
};

export type FakeEngine = {
	readonly socketPath: string;
	readonly ports: DockerPorts;
	/** Paths with query in the order of arrival, and how many connections were made. */
	readonly requests: readonly string[];
	connections(): number;
	/** Replaces the answer of `GET /path`: the longest route that the path starts with counts. */
	route(path: string, answer: Answer): void;
};

/** A clock on the machine's own time, as the program has one. */
export const machineClock: Clock = createClock();

/** The JSON of a list entry and of an inspect for a container of a project, to be overridden. */
export const fakeContainer = (index: number, overrides: {readonly state?: object; readonly config?: object; readonly labels?: Readonly<Record<string, string>>; readonly whole?: object} = {}): {readonly entry: object; readonly inspected: object; readonly id: string} => {
	const id = index.toString(16).padStart(64, 'a');
	const labels = {
		'com.docker.compose.project': 'shop',
		'com.docker.compose.service': `s${String(index).padStart(2, '0')}`,
		'com.docker.compose.container-number': '1',
		'com.docker.compose.oneoff': 'False',
		'com.docker.compose.project.working_dir': '/srv/shop',
		'com.docker.compose.project.config_files': 'docker-compose.yml',
		'com.docker.compose.version': '1.29.2',
		...overrides.labels,
	};
	return {
		id,
		entry: {Id: id, Names: [`/shop_${index}`], Labels: labels, State: 'running', Created: 1_700_000_000 + index},
		inspected: {
			Id: id,
			Name: `/shop_${index}`,
			Created: '2026-01-01T00:00:00.5Z',
			Image: 'sha256:00',
			RestartCount: 0,
			State: {Status: 'running', Running: true, Pid: 4000 + index, ExitCode: 0, OOMKilled: false, Error: '', StartedAt: '2026-01-01T00:00:01.123456789Z', FinishedAt: '0001-01-01T00:00:00Z', ...overrides.state},
			Config: {Image: 'shop', Labels: labels, Tty: false, ...overrides.config},
			HostConfig: {LogConfig: {Type: 'json-file'}},
			NetworkSettings: {Ports: {}, Networks: {}},
			...overrides.whole,
		},
	};
};

/** Makes the engine list and inspect these containers. */
export const serve = (engine: FakeEngine, containers: readonly {readonly entry: object; readonly inspected: object; readonly id: string}[]): void => {
	engine.route('/containers/json', json(containers.map(({entry}) => entry)));
	for (const {id, inspected} of containers) {
		engine.route(`/containers/${id}/json`, json(inspected));
	}
};

/** Starts an engine, hands it to `run` with ports that speak to it, and takes everything down again. */
export const withFakeEngine = async <T>(run: (engine: FakeEngine) => Promise<T>, clock: Clock = machineClock): Promise<T> => {
	const directory = await mkdtemp(join(tmpdir(), 'mdc-engine-'));
	const socketPath = join(directory, 'docker.sock');
	const routes = new Map<string, Answer>([
		['/version', json({Version: '26.1.0', ApiVersion: '1.45', MinAPIVersion: '1.24'})],
		['/info', json({CgroupVersion: '2', CgroupDriver: 'systemd', DockerRootDir: '/var/lib/docker', Name: 'production-server', MemTotal: 8e9})],
		['/containers/json', json([])],
	]);
	const requests: string[] = [];
	const sockets = new Set<Socket>();
	let connections = 0;
	const server = createServer((request, response) => {
		const url = new URL(request.url ?? '/', 'http://docker');
		requests.push(request.url ?? '/');
		const path = [...routes.keys()].filter(route => url.pathname.startsWith(route)).sort((a, b) => b.length - a.length)[0];
		void (path === undefined ? json({message: 'page not found'}, 404) : routes.get(path)!)(request, response, url);
	});
	server.on('connection', socket => {
		connections++;
		sockets.add(socket);
		socket.on('close', () => {
			sockets.delete(socket);
		});
		socket.on('error', () => {
			// The tests break connections on purpose.
		});
	});
	await new Promise<void>(resolve => {
		server.listen(socketPath, resolve);
	});
	const ports = createDockerPorts({dockerHost: `unix://${socketPath}`, clock, userAgent: 'mdc-console/test'});
	try {
		return await run({socketPath, ports, requests, connections: () => connections, route: (path, answer) => void routes.set(path, answer)});
	} finally {
		ports.close();
		for (const socket of sockets) {
			socket.destroy();
		}

		await new Promise(resolve => {
			server.close(resolve);
		});
		await rm(directory, {recursive: true, force: true});
	}
};

/** Waits until `look` answers with something, at most ten seconds. */
export const eventually = async <T>(look: () => T | undefined | null | false): Promise<T> => {
	const giveUpAt = performance.now() + 10_000;
	for (;;) {
		const seen = look();
		if (seen !== undefined && seen !== null && seen !== false) {
			return seen;
		}

		if (performance.now() > giveUpAt) {
			throw new Error('did not come to pass within ten seconds');
		}

		await new Promise(resolve => {
			setTimeout(resolve, 10);
		});
	}
};
