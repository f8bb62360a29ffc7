/**
A stand-in for a service of the outside: a real HTTP server on loopback that keeps what it was asked and answers as it is told, well or badly, request by
request. Closed, with its connections, when the test ends.
*/

import {createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse} from 'node:http';
import type {Socket} from 'node:net';
import type {ExecutionContext} from 'ava';
import {listenOnLoopback} from './loopback.ts';

export type Asked = {readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string; readonly json: unknown; readonly atMs: number};

/** What one request gets. A function answers by itself and may leave the connection open, reset it, or never answer. */
export type Behaviour =
	| {readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>>; readonly afterMs?: number}
	| ((request: Asked, response: ServerResponse) => void);

export type HttpService = {
	readonly url: string;
	readonly port: number;
	/** Everything that was asked, in order. */
	readonly asked: readonly Asked[];
	/** What the next requests get, in order; the last one goes on. */
	answer(...behaviours: readonly Behaviour[]): void;
	/** By method and path instead; what is not named gets the behaviours in order. */
	route(routes: Readonly<Record<string, Behaviour>>): void;
	close(): Promise<void>;
};

/** Behaviours that services have on bad days. */
export const hangs: Behaviour = () => {
	// Nothing is answered, and the connection stays.
};
export const resets: Behaviour = (_asked, response) => {
	(response.socket as Socket | null)?.resetAndDestroy();
};
/** Says that it begins, and never ends. */
export const stalls: Behaviour = (_asked, response) => {
	response.writeHead(200, {'Content-Type': 'application/json'});
	response.write('{"status":');
};
export const floods: Behaviour = (_asked, response) => {
	response.writeHead(200);
	const block = 'x'.repeat(64 * 1024);
	const more = (): void => {
		while (!response.destroyed && response.write(block)) {
			// As fast as it is taken.
		}
	};

	response.on('drain', more);
	response.on('error', () => undefined);
	more();
};

/** Starts one; it answers 200 and `{}` until told otherwise. */
export const serveService = async (t: ExecutionContext, ...behaviours: readonly Behaviour[]): Promise<HttpService> => {
	const asked: Asked[] = [];
	let script: readonly Behaviour[] = behaviours.length === 0 ? [{status: 200, body: '{}'}] : behaviours;
	let routes: Readonly<Record<string, Behaviour>> = {};
	let scripted = 0;

	const respond = (request: Asked, response: ServerResponse): void => {
		const routed = routes[`${request.method} ${request.path}`];
		const behaviour = routed ?? script[Math.min(scripted, script.length - 1)]!;
		scripted += routed === undefined ? 1 : 0;
		if (typeof behaviour === 'function') {
			behaviour(request, response);
			return;
		}

		setTimeout(() => {
			response.writeHead(behaviour.status, behaviour.headers ?? {'Content-Type': 'application/json'});
			response.end(behaviour.body ?? '');
		}, behaviour.afterMs ?? 0);
	};

	const server = createServer((incoming: IncomingMessage, response) => {
		let body = '';
		incoming.setEncoding('utf8').on('data', (text: string) => {
			body += text;
		});
		incoming.on('error', () => undefined);
		incoming.on('end', () => {
			let json: unknown;
			try {
				json = JSON.parse(body);
			} catch {
				// Not every request has one.
				json = undefined;
			}

			const request: Asked = {method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, body, json, atMs: Date.now()};
			asked.push(request);
			respond(request, response);
		});
	});
	const {port, close} = await listenOnLoopback(t, server);
	return {
		url: `http://127.0.0.1:${port}`, port, asked, close,
		answer(...next) {
			script = next;
			scripted = 0;
		},
		route(next) {
			routes = next;
		},
	};
};
