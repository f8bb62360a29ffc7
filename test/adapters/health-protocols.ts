import test from 'ava';
import {createHealthPort} from '../../source/adapters/health.ts';
import type {Clock, PingAnswer, PingKind, PingTarget} from '../../source/core/ports.ts';
import {postgresAuthentication, postgresError, postgresMessage, serveBytes, serveSocket} from '../helpers/ping-servers.ts';

let shiftMs = 0;
const clock: Clock = {
	nowMs: () => Date.now(),
	monotonicMs: () => performance.now() + shiftMs,
	after(delayMs, run) {
		const timer = setTimeout(run, delayMs);
		timer.unref();
		return () => {
			clearTimeout(timer);
		};
	},
};
const port = createHealthPort({clock, userAgent: 'mdc-console/0.1.0'});
const ping = async (kind: PingKind, address: string, deadlineMs = 400): Promise<PingAnswer> => {
	const target: PingTarget = {name: kind, kind, address, service: null, via: 'address', intervalMs: 2000, deadlineMs, expectedStatus: [], expectedField: null, decisive: false};
	return port.ping(target, address);
};

const told = ({ok, reason, detail}: PingAnswer) => [ok, reason, detail as string];

const redisAnswers: readonly (readonly [string, readonly [boolean, string | null, string]])[] = [
	['+PONG\r\n', [true, null, '']],
	['-NOAUTH Authentication required.\r\n', [true, null, '']],
	['-NOPERM this user has no permissions\r\n', [true, null, '']],
	['-LOADING Redis is loading the dataset in memory\r\n', [false, 'starting-up', 'LOADING Redis is loading the dataset in memory']],
	['-MASTERDOWN Link with MASTER is down\u001B[2J\r\n', [false, 'failed', 'MASTERDOWN Link with MASTER is down']],
	['-DENIED Redis is running in protected mode\r\n', [false, 'failed', 'DENIED Redis is running in protected mode']],
	['-ERR max number of clients reached\r\n', [false, 'failed', 'ERR max number of clients reached']],
	['+OK\r\n', [false, 'protocol', '+OK']],
	['HTTP/1.1 400 Bad Request\r\n', [false, 'protocol', 'HTTP/1.1 400 Bad Request']],
	['$4', [false, 'protocol', '$4']],
	[`+${'x'.repeat(9000)}`, [false, 'protocol', `+${'x'.repeat(238)}…`]],
	['+PO', [false, 'timed-out', 'answer']],
];

for (const [sent, expected] of redisAnswers) {
	test.serial(`redis that says ${JSON.stringify(sent.slice(0, 24))} is ${expected[0] ? 'ok' : expected[1]}`, async t => {
		t.deepEqual(told(await ping('redis', (await serveBytes(t, sent)).address)), [...expected]);
	});
}

test.serial('redis is asked with one PING, and an answer in pieces is put together', async t => {
	let heard = '';
	const server = await serveSocket(t, socket => {
		socket.on('data', data => {
			heard += data.toString();
			socket.write('+PO');
			setTimeout(() => {
				socket.write('NG\r\n');
			}, 20);
		});
	});
	t.true((await ping('redis', server.address)).ok);
	t.is(heard, '*1\r\n$4\r\nPING\r\n');
});

test.serial('redis that resets or leaves is told so', async t => {
	t.is((await ping('redis', (await serveBytes(t, '', 'end')).address)).reason, 'closed');
	t.is((await ping('redis', (await serveBytes(t, '+', 'reset')).address)).reason, 'reset');
});

const postgresAnswers: readonly (readonly [string, Uint8Array, readonly [boolean, string | null, string]])[] = [
	['asks for a password', postgresAuthentication(10), [true, null, '']],
	['lets us in and is ready', Buffer.concat([postgresAuthentication(0), postgresMessage('S', 'server_version\u000015\0'), postgresMessage('K', '12345678'), postgresMessage('Z', 'I')]), [true, null, '']],
	['turns our role away', postgresError('28000', 'role "mdc_console_ping" does not exist'), [true, null, '']],
	['turns our role away after letting it in', Buffer.concat([postgresAuthentication(0), postgresError('28000', 'role does not exist')]), [true, null, '']],
	['has no such database', postgresError('3D000', 'database does not exist'), [true, null, '']],
	['is a pool without such a user', postgresError('08P01', 'no such user: mdc_console_ping'), [true, null, '']],
	['negotiates the version first', Buffer.concat([postgresMessage('v', '\0\u0003\0\0\0\0\0\0'), postgresAuthentication(10)]), [true, null, '']],
	['is starting up', postgresError('57P03', 'the database system is starting up'), [false, 'starting-up', 'the database system is starting up']],
	['has no connection left', postgresError('53300', 'sorry, too many clients already'), [false, 'failed', 'sorry, too many clients already']],
	['has no connection left for ordinary roles', Buffer.concat([postgresAuthentication(0), postgresError('53300', 'remaining connection slots are reserved')]), [false, 'failed', 'remaining connection slots are reserved']],
	['has a full disk', postgresError('58030', 'could not write init file\u001B]0;x\u0007'), [false, 'failed', 'could not write init file']],
	['cannot fork', Buffer.from('Ecould not fork new process for connection: Cannot allocate memory\n\0'), [false, 'failed', 'could not fork new process for connection: Cannot allocate memory']],
	['is a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), [false, 'protocol', 'HTTP/1.1 400 Bad Request']],
	['sends junk with the right first letter', Uint8Array.of(0x52, 0xFF, 0xFF, 0xFF, 0xFF), [false, 'protocol', 'R����']],
	['stops in the middle', postgresError('57P03', 'the database system is starting up').subarray(0, 20), [false, 'timed-out', 'answer']],
];

for (const [title, sent, expected] of postgresAnswers) {
	test.serial(`postgres that ${title} is ${expected[0] ? 'ok' : expected[1]}`, async t => {
		t.deepEqual(told(await ping('postgres', (await serveBytes(t, sent)).address)), [...expected]);
	});
}

test.serial('postgres gets a start-up packet, reads the answer byte by byte and leaves without a reset', async t => {
	let heard = Buffer.alloc(0);
	let left: unknown = null;
	const server = await serveSocket(t, socket => {
		socket.on('data', data => {
			heard = Buffer.concat([heard, Buffer.from(data)]);
			let delayMs = 0;
			for (const byte of postgresAuthentication(10)) {
				setTimeout(() => {
					socket.write(Uint8Array.of(byte));
				}, delayMs += 2);
			}
		});
		socket.on('end', () => {
			left = 'end';
		});
		socket.on('error', error => {
			left = error;
		});
	});
	t.true((await ping('postgres', server.address, 2000)).ok);
	t.is(heard.readUInt32BE(0), heard.length);
	t.is(heard.readUInt32BE(4), 196_608);
	t.true(heard.toString('latin1', 8).startsWith('user\0mdc_console_ping\0database\0'));
	while (left === null) {
		await new Promise(resolve => {
			setTimeout(resolve, 5);
		});
	}

	t.is(left, 'end');
});

test.serial('a server that a start-up packet makes talk is asked silently for a minute, until it fails', async t => {
	const heard: string[] = [];
	let state: 'up' | 'starting' = 'up';
	const server = await serveSocket(t, socket => {
		socket.once('data', data => {
			const isSslRequest = data.length === 8;
			heard.push(isSslRequest ? 'ssl' : 'start');
			socket.end(isSslRequest ? (state === 'up' ? 'N' : '') : state === 'up' ? postgresError('28000', 'no pg_hba.conf entry') : postgresError('57P03', 'starting up'));
		});
	});
	for (let round = 0; round < 3; round++) {
		t.true((await ping('postgres', server.address)).ok);
	}

	shiftMs += 61_000;
	t.true((await ping('postgres', server.address)).ok);
	t.true((await ping('postgres', server.address)).ok);
	state = 'starting';
	t.is((await ping('postgres', server.address)).reason, 'closed');
	t.is((await ping('postgres', server.address)).reason, 'starting-up');
	t.deepEqual(heard, ['start', 'ssl', 'ssl', 'start', 'ssl', 'ssl', 'start']);
});

test.serial('where TLS is offered the silent question is not silent, so it is not asked again', async t => {
	const heard: string[] = [];
	const server = await serveSocket(t, socket => {
		socket.once('data', data => {
			heard.push(data.length === 8 ? 'ssl' : 'start');
			socket.end(data.length === 8 ? 'S' : postgresError('28000', 'no pg_hba.conf entry'));
		});
	});
	for (let round = 0; round < 4; round++) {
		t.true((await ping('postgres', server.address)).ok);
	}

	t.deepEqual(heard, ['start', 'ssl', 'start', 'start']);
});
