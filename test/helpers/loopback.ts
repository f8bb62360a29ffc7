/** A real server on loopback, closed with its connections when the test ends. */
import type {AddressInfo, Server, Socket} from 'node:net';
import type {ExecutionContext} from 'ava';

export type Loopback = {
	readonly port: number;
	/** Connections open now, and accepted since the start. */
	readonly open: () => number;
	readonly accepted: () => number;
	readonly close: () => Promise<void>;
};

/** Makes a server listen on a free port. */
export const listenOnLoopback = async (t: ExecutionContext, server: Server, host = '127.0.0.1'): Promise<Loopback> => {
	const sockets = new Set<Socket>();
	let accepted = 0;
	server.on('connection', (socket: Socket) => {
		accepted++;
		sockets.add(socket);
		socket.on('error', () => {
			// The far end may leave in any way.
		});
		socket.on('close', () => {
			sockets.delete(socket);
		});
	});
	await new Promise<void>(resolve => {
		server.listen(0, host, resolve);
	});
	const close = async (): Promise<void> => {
		for (const socket of sockets) {
			socket.destroy();
		}

		await new Promise<void>(resolve => {
			server.close(() => {
				resolve();
			});
		});
	};

	t.teardown(close);
	const {port} = server.address() as AddressInfo;
	return {port, open: () => sockets.size, accepted: () => accepted, close};
};
