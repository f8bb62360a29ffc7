/**
One engine as a client: requests with deadlines that really end them, over connections that are kept and reused. Hides docker-modem
and what is missing in it:
- it never calls back when an answer is cut off in the middle, so every answer is taken as a stream and collected here;
- it follows redirects over the network, without an error handler; the engine has none to give, so they are answers like others;
- it inspects its options, agent and all, at every request.

Invariants: a request settles by its deadline whatever the engine does; bodies are bounded; paths carry no API version (the engine
then answers in its own), and every answer's `Api-Version` is held against the floor; after `close` nothing keeps the process alive.
*/

import {Agent, type AgentOptions, type ClientRequest, type IncomingMessage} from 'node:http';
import {Agent as TlsAgent} from 'node:https';
import {inspect} from 'node:util';
import Docker from 'dockerode';
import type {Clock, Failure, Outcome, Stop} from '../../core/ports.ts';
import {findEndpoint, type Endpoint, type EndpointOptions} from './endpoint.ts';
import {failure, failureOfError, failureOfShape, failureOfSilence, failureOfStatus, failureOfVersion} from './failures.ts';

export type EngineRequest = {
	readonly method?: 'GET' | 'POST';
	/** Without API version and without query. */
	readonly path: string;
	readonly query?: Readonly<Record<string, string>>;
	/** Sent as JSON; makes sense for POST only. */
	readonly body?: unknown;
	/** An instant of `clock.monotonicMs()` by which the answer (of a stream: its head) must be there. */
	readonly deadline: Deadline;
};

/** When a call must end, and how long it was given at the beginning (for the words). */
export type Deadline = {readonly atMonotonicMs: number; readonly totalMs: number};

export type EngineClient = {
	readonly clock: Clock;
	readonly userAgent: string;
	/** The engine that is spoken to. Looked for at each call until one has answered; then it stays. */
	endpoint(): Promise<Outcome<Endpoint>>;
	deadline(totalMs: number): Deadline;
	/** The parsed JSON of an answer with status 2xx. */
	json(request: EngineRequest): Promise<Outcome<unknown>>;
	/** An answer whose head has come with status 2xx; the caller reads or destroys the body. */
	stream(request: EngineRequest): Promise<Outcome<IncomingMessage>>;
	/** Called at `close`, unless stopped before: for connections that live outside of this client. */
	onClose(run: () => void): Stop;
	close(): void;
};

/** The oldest API whose answers we understand: Docker 1.12, of 2016. Docker 29 in turn refuses requests for anything below 1.44. */
export const apiFloor = '1.24';
const bodyLimitBytes = 32 * 1024 * 1024;
// Every status "is fine" for docker-modem: the bodies of refusals are read here, bounded.
const everyStatus: Readonly<Record<number, true>> = Object.fromEntries(Array.from({length: 500}, (_, index) => [100 + index, true]));

export type ClientOptions = EndpointOptions & {readonly clock: Clock; readonly userAgent: string};

type Opened = {readonly response: IncomingMessage; readonly endpoint: Endpoint};
type Connection = {readonly endpoint: Endpoint; readonly docker: Docker; readonly agent: Agent};

/** Makes the client; nothing is connected before the first request. */
export const createEngineClient = (options: ClientOptions): EngineClient => {
	const {clock, userAgent} = options;
	const closing = new Set<() => void>();
	let connection: Connection | null = null;
	let answered = false;
	let closed = false;

	const connect = async (): Promise<Outcome<Connection>> => {
		if (connection !== null && answered) {
			return {ok: true, value: connection};
		}

		const found = await findEndpoint(options);
		if (!found.ok) {
			return found;
		}

		if (connection === null || connection.endpoint.host !== found.value.host) {
			connection?.agent.destroy();
			try {
				connection = openConnection(found.value, userAgent);
			} catch (error) {
				// docker-modem reads DOCKER_HOST and the certificates for itself, and throws on bad ones.
				return {ok: false, failure: failureOfError(error, found.value)};
			}
		}

		return {ok: true, value: connection};
	};

	const open = async (request: EngineRequest): Promise<Outcome<Opened>> => {
		const connected = await connect();
		if (!connected.ok) {
			return connected;
		}

		if (closed) {
			return {ok: false, failure: failure('cancelled', 'closed')};
		}

		const {endpoint} = connected.value;
		const outcome = await dial(connected.value, request, clock, closing);
		if (!outcome.ok) {
			return outcome;
		}

		answered = true;
		return refuseOld(outcome.value, endpoint)
			?? await refuseStatus(outcome.value, endpoint, request.deadline, clock)
			?? {ok: true, value: {response: outcome.value, endpoint}};
	};

	const json = async (request: EngineRequest, retry = true): Promise<Outcome<unknown>> => {
		const opened = await open(request);
		if (!opened.ok) {
			// A kept connection that the engine closed at this moment: once more, over a new one.
			const stale = retry && (request.method ?? 'GET') === 'GET' && opened.failure.params?.['error'] === 'ECONNRESET';
			return stale ? json(request, false) : opened;
		}

		const asked = opened.value.endpoint;
		const body = await readBody(opened.value.response, request.deadline, clock);
		if (body === 'silent') {
			return {ok: false, failure: failureOfSilence(asked, request.deadline.totalMs)};
		}

		if (!Buffer.isBuffer(body)) {
			return {ok: false, failure: failureOfShape(body.detail, asked)};
		}

		try {
			return {ok: true, value: JSON.parse(body.toString()) as unknown};
		} catch (error) {
			return {ok: false, failure: failureOfShape(error instanceof Error ? error.message : 'not JSON', asked)};
		}
	};

	return {
		clock,
		userAgent,
		async endpoint() {
			const connected = await connect();
			return connected.ok ? {ok: true, value: connected.value.endpoint} : connected;
		},
		deadline: totalMs => ({atMonotonicMs: clock.monotonicMs() + totalMs, totalMs}),
		json: async request => json(request),
		async stream(request) {
			const opened = await open(request);
			return opened.ok ? {ok: true, value: opened.value.response} : opened;
		},
		onClose(run) {
			closing.add(run);
			return () => {
				closing.delete(run);
			};
		},
		close() {
			closed = true;
			for (const run of closing) {
				run();
			}

			closing.clear();
			connection?.agent.destroy();
			connection = null;
		},
	};
};

const openConnection = (endpoint: Endpoint, userAgent: string): Connection => {
	const agent = createAgent(endpoint);
	const target = endpoint.kind === 'unix'
		? {socketPath: endpoint.socketPath, host: undefined, protocol: 'http' as const}
		: {
			host: endpoint.hostName,
			port: endpoint.port,
			socketPath: undefined,
			protocol: endpoint.tls === null ? 'http' as const : 'https' as const,
			...endpoint.tls,
		};
	// `host: undefined` must be there: else docker-modem takes it from DOCKER_HOST.
	const modemOptions = {...target, agent, headers: {'User-Agent': userAgent}};
	const docker = new Docker(modemOptions as Docker.DockerOptions);
	return {endpoint, docker, agent};
};

/** Without TLS nobody asks for a server's name; Node looks for one all the same, with an expression for IPv6 that takes 7 ms to compile. */
const withoutServerName = {servername: ''};

const createAgent = (endpoint: Endpoint): Agent => {
	const options: AgentOptions = {keepAlive: true, maxFreeSockets: 6};
	const agent = endpoint.kind === 'tcp' && endpoint.tls !== null ? new TlsAgent(options) : new Agent({...options, ...withoutServerName});
	Object.defineProperty(agent, inspect.custom, {value: () => 'Agent'});

	const withRequests = agent as Agent & {addRequest(request: ClientRequest, ...rest: readonly unknown[]): void};
	const addRequest = withRequests.addRequest.bind(agent);
	withRequests.addRequest = (request, ...rest) => {
		request.prependListener('response', (response: IncomingMessage) => {
			delete response.headers.location;
		});
		addRequest(request, ...rest);
	};

	return agent;
};

const dial = async (connection: Connection, request: EngineRequest, clock: Clock, closing: Set<() => void>): Promise<Outcome<IncomingMessage>> => {
	const {endpoint, docker} = connection;
	const remainingMs = request.deadline.atMonotonicMs - clock.monotonicMs();
	if (remainingMs <= 0) {
		return {ok: false, failure: failureOfSilence(endpoint, request.deadline.totalMs)};
	}

	const aborter = new AbortController();
	const abort = (): void => {
		aborter.abort();
	};

	return new Promise(resolve => {
		const cancel = clock.after(remainingMs, () => {
			settle({ok: false, failure: failureOfSilence(endpoint, request.deadline.totalMs)});
			abort();
		});
		const settle = (outcome: Outcome<IncomingMessage>): void => {
			cancel();
			if (!outcome.ok) {
				closing.delete(abort);
			}

			resolve(outcome);
		};

		closing.add(abort);
		(docker.modem as Modem).dial(dialOptions(request, aborter.signal), (error, response) => {
			if (error !== null) {
				settle({ok: false, failure: aborter.signal.aborted ? failure('cancelled', 'closed') : failureOfError(error, endpoint)});
				return;
			}

			response.once('close', () => {
				closing.delete(abort);
			});
			// Without a listener an answer that is cut off would vanish in silence, or end the process.
			response.on('error', () => {
				// Told by whoever reads the body, through 'close' before 'end'.
			});
			settle({ok: true, value: response});
		});
	});
};

/** What is used of docker-modem, which dockerode's types leave open. */
type Modem = {
	dial(options: DialOptions, answered: (error: Error | null, result: IncomingMessage) => void): void;
};

type DialOptions = {
	readonly method: string;
	readonly path: string;
	readonly options: {readonly _query?: object; readonly _body?: unknown};
	readonly isStream: true;
	readonly statusCodes: Readonly<Record<number, true>>;
	readonly abortSignal: AbortSignal;
};

// docker-modem puts `_query` behind a path that ends in `?`, and `_body` into a POST.
const dialOptions = (request: EngineRequest, abortSignal: AbortSignal): DialOptions => {
	const {method = 'GET', path, query, body} = request;
	const hasQuery = query !== undefined && Object.keys(query).length > 0;
	return {
		method,
		path: hasQuery ? `${path}?` : path,
		options: {...(hasQuery && {_query: query}), ...(body !== undefined && {_body: body})},
		isStream: true,
		statusCodes: everyStatus,
		abortSignal,
	};
};

const refuseOld = (response: IncomingMessage, endpoint: Endpoint): {readonly ok: false; readonly failure: Failure} | null => {
	const apiVersion = response.headers['api-version'];
	if (typeof apiVersion !== 'string' || !isOlder(apiVersion, apiFloor)) {
		return null;
	}

	response.destroy();
	return {ok: false, failure: failureOfVersion(apiVersion, apiFloor, endpoint)};
};

/** Compares API versions such as `1.9` and `1.24`, number by number. */
export const isOlder = (version: string, floor: string): boolean => {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	const [floorMajor = 0, floorMinor = 0] = floor.split('.').map(Number);
	return major < floorMajor || (major === floorMajor && minor < floorMinor);
};

const refuseStatus = async (response: IncomingMessage, endpoint: Endpoint, deadline: Deadline, clock: Clock): Promise<{readonly ok: false; readonly failure: Failure} | null> => {
	const status = response.statusCode ?? 0;
	if (status >= 200 && status < 300) {
		return null;
	}

	const body = await readBody(response, deadline, clock);
	return {ok: false, failure: failureOfStatus(status, Buffer.isBuffer(body) ? body : Buffer.alloc(0), endpoint)};
};

/** The whole body; `silent` at the deadline, or why it is not whole. */
const readBody = async (response: IncomingMessage, deadline: Deadline, clock: Clock): Promise<Buffer | 'silent' | {readonly detail: string}> => new Promise(resolve => {
	const chunks: Buffer[] = [];
	let length = 0;
	const settle = (outcome: Buffer | 'silent' | {readonly detail: string}): void => {
		cancel();
		resolve(outcome);
		if (!Buffer.isBuffer(outcome)) {
			response.destroy();
		}
	};

	const cancel = clock.after(Math.max(0, deadline.atMonotonicMs - clock.monotonicMs()), () => {
		settle('silent');
	});
	response.on('data', (chunk: Buffer) => {
		length += chunk.length;
		if (length > bodyLimitBytes) {
			settle({detail: `answer above ${bodyLimitBytes} bytes`});
			return;
		}

		chunks.push(chunk);
	});
	response.on('end', () => {
		settle(Buffer.concat(chunks));
	});
	response.on('close', () => {
		settle({detail: 'answer cut off'});
	});
});
