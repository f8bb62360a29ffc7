/**
Whether a Postgres server accepts sessions, asked without a password (PostgreSQL documentation, "Message Formats" and "Message Flow").

Which packet, and what it leaves in the server's log, was measured against PostgreSQL 15.20 with log settings as delivered:

| sent, then closed with FIN | says | log lines |
|---|---|---|
| start-up packet, password wanted (scram or md5) | asks for the password | none |
| start-up packet, `trust` or no entry in pg_hba.conf | role does not exist, no entry (28000) | 1 |
| the same while starting up, recovering, shutting down | 57P03 | 1 |
| the same with every connection taken | 53300 | 1 |
| SSLRequest, TLS off | `N`, also while starting up and when all connections are taken | none |
| SSLRequest, TLS on | `S`, then complains of the missing handshake | 1 |
| Terminate in answer to the request for a password, or a reset | – | 1 |

So: the start-up packet, everything read, and a plain close, which on a server with passwords is silent and tells every state. Where it
does leave a line although the server is well (`trust`), it is sent once a minute, and SSLRequest in between; any failure goes
back to the start-up packet at once. Not seen by either: a server whose last free connections are reserved for the superuser.
*/

import type {Socket} from 'node:net';
import type {Clock} from '../../core/ports.ts';
import {failed, passed, type Probe, startConnection, type Verdict} from './probe.ts';

const quietMs = 60_000;
const messageLimitBytes = 30_000;
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F]);
const terminate = Buffer.from([0x58, 0, 0, 0, 4]);

/** Whether the next pings of an address may be the silent ones. `never`: its TLS is on, SSLRequest would not be silent. */
type Quiet = {readonly untilMs: number} | 'never';

/** Makes the postgres ping; it remembers which servers a start-up packet makes talk. */
export const createPostgresProbe = (clock: Clock): Probe => {
	const quiet = new Map<string, Quiet>();
	return (input, settle) => {
		const {address} = input;
		const state = quiet.get(address);
		const silently = state !== undefined && state !== 'never' && clock.monotonicMs() < state.untilMs;
		let over = false;
		const finish = (verdict: Verdict, turnedAway = false): void => {
			// The end of the connection, which follows every verdict, says nothing more.
			if (over) {
				return;
			}

			over = true;
			if (!verdict.ok) {
				quiet.delete(address);
			} else if (turnedAway && quiet.get(address) !== 'never') {
				quiet.set(address, {untilMs: clock.monotonicMs() + quietMs});
			}

			settle(verdict);
		};

		const running = startConnection(input, finish, socket => {
			if (silently) {
				askForTls(socket, finish, () => {
					quiet.set(address, 'never');
				});
			} else {
				askForSession(socket, finish);
			}
		});
		return {
			...running,
			overdue() {
				quiet.delete(address);
				return running.overdue();
			},
		};
	};
};

const askForTls = (socket: Socket, finish: (verdict: Verdict) => void, offered: () => void): void => {
	socket.once('data', data => {
		const answer = data.toString('latin1');
		if (answer === 'S') {
			offered();
		}

		finish(answer === 'S' || answer === 'N' ? passed() : judgeFirst(Buffer.from(data)) ?? failed('protocol', answer));
	});
	socket.write(sslRequest);
};

// An error may stand where S or N should: a server that cannot start a process for us.
const judgeFirst = (data: Buffer): Verdict | null => {
	const message = takeMessage(data);
	return message !== null && message !== 'malformed' && message.type === 'E' ? judgeError(message.body).verdict : null;
};

const askForSession = (socket: Socket, finish: (verdict: Verdict, turnedAway?: boolean) => void): void => {
	let buffered = Buffer.alloc(0);
	socket.on('data', (data: Buffer) => {
		buffered = Buffer.concat([buffered, data]);
		for (;;) {
			const message = takeMessage(buffered);
			if (message === null) {
				return;
			}

			if (message === 'malformed') {
				finish(failed('protocol', buffered.toString('utf8', 0, 200)));
				return;
			}

			buffered = buffered.subarray(message.length);
			const done = judgeMessage(message, socket);
			if (done !== null) {
				finish(done.verdict, done.turnedAway);
				return;
			}
		}
	});
	socket.write(startUpPacket());
};

const startUpPacket = (): Buffer => {
	const protocol3 = 196_608;
	const parameters = Buffer.from('user\0mdc_console_ping\0database\0mdc_console_ping\0application_name\0mdc-console\0\0');
	const packet = Buffer.alloc(8 + parameters.length);
	packet.writeUInt32BE(packet.length, 0);
	packet.writeUInt32BE(protocol3, 4);
	parameters.copy(packet, 8);
	return packet;
};

type Message = {readonly type: string; readonly body: Buffer; readonly length: number};

/** The first message of what has come; null while it is not whole. */
const takeMessage = (data: Buffer): Message | 'malformed' | null => {
	if (data.length === 0) {
		return null;
	}

	const type = String.fromCodePoint(data[0]!);
	if (!/[RESNKvZ]/.test(type)) {
		return 'malformed';
	}

	if (data.length < 5) {
		return null;
	}

	const length = data.readUInt32BE(1) + 1;
	if (length > messageLimitBytes || length < 5) {
		return type === 'E' ? takeOldError(data) : 'malformed';
	}

	return data.length < length ? null : {type, body: data.subarray(5, length), length};
};

// A server that cannot fork answers as protocol 2 did: E and a text, without a length (libpq reads it the same way).
const takeOldError = (data: Buffer): Message | 'malformed' => {
	const end = data.indexOf(0);
	const text = data.toString('utf8', 1, end < 0 ? data.length : end);
	return /^[\t\n\r -~]+$/.test(text) ? {type: 'E', body: Buffer.from(`M${text}\0\0`), length: data.length} : 'malformed';
};

const judgeMessage = ({type, body}: Message, socket: Socket): {readonly verdict: Verdict; readonly turnedAway: boolean} | null => {
	switch (type) {
		case 'R':
			// 0 lets us in without a password; whether there is a session to be had is said by what follows.
			return body.length < 4 ? {verdict: failed('protocol'), turnedAway: false} : body.readUInt32BE(0) === 0 ? null : {verdict: passed(), turnedAway: false};
		case 'E':
			return judgeError(body);
		case 'Z':
			socket.write(terminate);
			return {verdict: passed(), turnedAway: false};
		default:
			return null;
	}
};

/** SQLSTATE classes: PostgreSQL documentation, appendix A. */
const judgeError = (body: Buffer): {readonly verdict: Verdict; readonly turnedAway: boolean} => {
	const fields = new Map(body.toString('utf8').split('\0').filter(field => field !== '').map(field => [field[0]!, field.slice(1)]));
	const code = fields.get('C') ?? '';
	const message = fields.get('M') ?? code;
	// 28: who we say we are is turned away, 3D000: no such database; pgbouncer says both with 08P01.
	if (code.startsWith('28') || code === '3D000' || (code === '08P01' && /no such (?:user|database)/i.test(message))) {
		return {verdict: passed(), turnedAway: true};
	}

	return {verdict: failed(code === '57P03' ? 'starting-up' : 'failed', message), turnedAway: false};
};
