/** Real servers on loopback that behave as well or as badly as a ping may find them. Each is closed, with its connections, when the test ends. */

import {readFileSync} from 'node:fs';
import {createServer as createHttpServer, type RequestListener} from 'node:http';
import {createServer as createTlsServer} from 'node:https';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import type {ExecutionContext} from 'ava';
import {listenOnLoopback} from './loopback.ts';

export type PingServer = {
	readonly port: number;
	/** `127.0.0.1:port` */
	readonly address: string;
	/** `http://127.0.0.1:port/` */
	readonly url: string;
	/** Connections open now. */
	open(): number;
	/** Connections accepted since the start. */
	accepted(): number;
	close(): Promise<void>;
};

const listen = async (t: ExecutionContext, server: Server, scheme: string, host: string): Promise<PingServer> => {
	const {port, ...loopback} = await listenOnLoopback(t, server, host);
	return {port, address: `127.0.0.1:${port}`, url: `${scheme}://127.0.0.1:${port}/`, ...loopback};
};

/** An HTTP server; what `answer` does is its behaviour. */
export const serveHttp = async (t: ExecutionContext, answer: RequestListener, host = '127.0.0.1'): Promise<PingServer> => listen(t, createHttpServer(answer), 'http', host);

/** An HTTP server that answers every request with one body. */
export const serveBody = async (t: ExecutionContext, body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Promise<PingServer> =>
	serveHttp(t, (_, response) => {
		response.writeHead(status, headers);
		response.end(body);
	});

/** A server of bytes: `connected` gets each connection. */
export const serveSocket = async (t: ExecutionContext, connected: (socket: Socket) => void): Promise<PingServer> => listen(t, createServer(connected), 'http', '127.0.0.1');

/** A server that answers the first bytes it hears with fixed bytes, then waits (or ends). */
export const serveBytes = async (t: ExecutionContext, bytes: string | Uint8Array, then: 'wait' | 'end' | 'reset' = 'wait'): Promise<PingServer> =>
	serveSocket(t, socket => {
		socket.once('data', () => {
			if (then === 'end') {
				socket.end(bytes);
			} else {
				socket.write(bytes, () => {
					if (then === 'reset') {
						socket.resetAndDestroy();
					}
				});
			}
		});
	});

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));

/** Where the root lies that signed the `signed`, `expired` and `elsewhere` certificates. */
export const rootCertificatePath = new URL('../fixtures/tls/root.pem', import.meta.url).pathname;

/** An HTTPS server with one of the certificates under test/fixtures/tls. */
export const serveTls = async (t: ExecutionContext, certificate: 'signed' | 'self-signed' | 'expired' | 'elsewhere', body = '{"status":"healthy"}'): Promise<PingServer> =>
	listen(t, createTlsServer({key: fixture('key'), cert: fixture(certificate)}, (_, response) => {
		response.end(body);
	}), 'https', '127.0.0.1');

/** A port on which nobody listens (it was free a moment ago). */
export const closedPort = async (): Promise<number> => {
	const server = createServer();
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const {port} = server.address() as AddressInfo;
	await new Promise(resolve => {
		server.close(resolve);
	});
	return port;
};

/** A message of the Postgres protocol: type, length, body. */
export const postgresMessage = (type: string, body: string | Uint8Array): Buffer => {
	const bytes = Buffer.from(body as string);
	const head = Buffer.alloc(5);
	head.write(type, 0, 'latin1');
	head.writeUInt32BE(bytes.length + 4, 1);
	return Buffer.concat([head, bytes]);
};

/** An ErrorResponse with SQLSTATE and message, as a server sends it. */
export const postgresError = (code: string, message: string): Buffer => postgresMessage('E', `SFATAL\0VFATAL\0C${code}\0M${message}\0Fpostmaster.c\0L1\0RX\0\0`);

/** Authentication requests: 0 is "ok", 10 names SASL mechanisms. */
export const postgresAuthentication = (kind: 0 | 10): Buffer => postgresMessage('R', kind === 0 ? Uint8Array.of(0, 0, 0, 0) : Buffer.concat([Uint8Array.of(0, 0, 0, 10), Buffer.from('SCRAM-SHA-256\0\0')]));
