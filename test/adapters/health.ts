import {execFile} from 'node:child_process';
import process from 'node:process';
import {promisify} from 'node:util';
import {createClock} from '../../source/adapters/clock.ts';
import test from 'ava';
import {createHealthPort} from '../../source/adapters/health.ts';
import type {Clock, PingAnswer, PingTarget} from '../../source/core/ports.ts';
import {closedPort, rootCertificatePath, serveBody, serveBytes, serveHttp, serveSocket, serveTls} from '../helpers/ping-servers.ts';

const clock = createClock();
const port = createHealthPort({clock, userAgent: 'mdc-console/0.1.0'});
const targetOf = (address: string, changes: Partial<PingTarget> = {}): PingTarget => ({
	name: 'ping', kind: 'http', address, service: null, via: 'address', intervalMs: 2000, deadlineMs: 400, expectedStatus: [], expectedField: null, decisive: true, ...changes,
});
const ping = async (address: string, changes: Partial<PingTarget> = {}, resolved = address): Promise<PingAnswer> => port.ping(targetOf(address, changes), resolved);
const statusField = {path: 'status', equals: 'healthy'};
const told = ({ok, reason, detail, status}: PingAnswer) => [ok, reason, detail as string, status];

test.serial('a healthy answer is ok, with its status, latency to a tenth and the instant', async t => {
	const server = await serveBody(t, '{"status":"healthy"}');
	const beforeMs = Date.now();
	const answer = await ping(server.url, {expectedField: statusField});
	t.deepEqual(told(answer), [true, null, '', 200]);
	t.true(answer.latencyMs > 0 && answer.latencyMs < 400);
	t.true(Math.abs(answer.latencyMs * 10 - Math.round(answer.latencyMs * 10)) < 1e-6);
	t.true(answer.atMs >= beforeMs && answer.atMs <= Date.now());
});

test.serial('the request is a plain GET with our name, on a connection of its own that is closed', async t => {
	const seen: unknown[] = [];
	const server = await serveHttp(t, (request, response) => {
		seen.push([request.method, request.url, request.headers['user-agent'], request.headers.connection, request.headers.host]);
		response.end('ok');
	});
	await ping(`${server.url}api/health?deep=1`);
	await ping(`${server.url}api/health?deep=1`);
	t.deepEqual(seen, Array.from({length: 2}, () => ['GET', '/api/health?deep=1', 'mdc-console/0.1.0', 'close', server.address]));
	t.is(server.accepted(), 2);
});

test.serial('a wrong status is told with what the health endpoint says of itself, but not with a proxy\'s page', async t => {
	const sick = await serveBody(t, '{\n  "status": "unhealthy",\n  "database": "\u001B[31mdown"\n}', 503, {'content-type': 'application/json'});
	t.deepEqual(told(await ping(sick.url)), [false, 'status', '503 Service Unavailable: { "status": "unhealthy", "database": "down" }', 503]);
	const proxy = await serveBody(t, '<html><h1>502 Bad Gateway</h1>', 502, {'content-type': 'text/html'});
	t.deepEqual(told(await ping(proxy.url)), [false, 'status', '502 Bad Gateway', 502]);
});

test.serial('expected statuses replace 200 to 299', async t => {
	const server = await serveBody(t, '', 401);
	t.true((await ping(server.url, {expectedStatus: [200, 401]})).ok);
	t.is((await ping(server.url, {expectedStatus: [200]})).reason, 'status');
	const created = await serveBody(t, '', 204);
	t.true((await ping(created.url)).ok);
	t.is((await ping(created.url, {expectedStatus: [200]})).reason, 'status');
});

test.serial('a redirect is not followed: it is told with where it leads, and ok only when it is expected', async t => {
	const goal = await serveBody(t, 'ok');
	const server = await serveBody(t, '', 302, {location: `${goal.url}login`});
	t.deepEqual(told(await ping(server.url)), [false, 'redirected', `${goal.url}login`, 302]);
	t.true((await ping(server.url, {expectedStatus: [302]})).ok);
	t.is(goal.accepted(), 0);
	const nowhere = await serveBody(t, '', 304);
	t.is((await ping(nowhere.url)).reason, 'status');
});

test.serial('the field of the body is compared, and what was seen is told', async t => {
	const nested = await serveBody(t, '{"checks":[{"name":"db","up":true,"ms":3}]}');
	t.true((await ping(nested.url, {expectedField: {path: 'checks.0.up', equals: 'true'}})).ok);
	t.true((await ping(nested.url, {expectedField: {path: 'checks.0.ms', equals: '3'}})).ok);
	t.deepEqual(told(await ping(nested.url, {expectedField: {path: 'checks.0.name', equals: 'redis'}})), [false, 'body', 'checks.0.name: db', 200]);
	t.deepEqual(told(await ping(nested.url, {expectedField: {path: 'checks.1.up', equals: 'true'}})), [false, 'body', 'checks.1.up: —', 200]);
	t.is((await ping(nested.url, {expectedField: {path: '__proto__.constructor', equals: 'x'}})).detail as string, '__proto__.constructor: —');
	const page = await serveBody(t, '<html>maintenance\u0007</html>');
	t.deepEqual(told(await ping(page.url, {expectedField: statusField})), [false, 'body', '<html>maintenance</html>', 200]);
	const empty = await serveBody(t, '');
	t.is((await ping(empty.url, {expectedField: statusField})).detail as string, '(empty)');
	const invalid = await serveBody(t, '{"status":"healthy"');
	t.is((await ping(invalid.url, {expectedField: statusField})).reason, 'body');
});

test.serial('a body of 100 MB is left at 64 kB: the status suffices, unless a field was asked for', async t => {
	let sentBytes = 0;
	const server = await serveHttp(t, (_, response) => {
		const chunk = Buffer.alloc(64 * 1024, 'x');
		const send = (): void => {
			while (sentBytes < 100_000_000 && !response.destroyed) {
				sentBytes += chunk.length;
				if (!response.write(chunk)) {
					response.once('drain', send);
					return;
				}
			}

			response.end();
		};

		response.writeHead(200);
		send();
	});
	t.deepEqual(told(await ping(server.url)), [true, null, '', 200]);
	t.deepEqual(told(await ping(server.url, {expectedField: statusField})), [false, 'too-large', '> 64 kB', 200]);
	t.true(sentBytes < 50_000_000, `${sentBytes}`);
});

test.serial('a server that hangs is told with the phase, within the deadline', async t => {
	const mute = await serveSocket(t, socket => {
		socket.resume();
	});
	const startedMs = performance.now();
	t.deepEqual(told(await ping(mute.url)), [false, 'timed-out', 'answer', null]);
	t.true(performance.now() - startedMs < 700);
	const stalling = await serveBytes(t, 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc');
	t.deepEqual(told(await ping(stalling.url)), [false, 'timed-out', 'body', null]);
	const stallingSick = await serveBytes(t, 'HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nabc');
	t.deepEqual(told(await ping(stallingSick.url)), [false, 'status', '500 Oops', 500]);
	const mumbling = await serveBytes(t, 'HTTP/1.1 200 OK\r\nX-Slow: ');
	t.deepEqual(told(await ping(mumbling.url)), [false, 'timed-out', 'answer', null]);
	t.deepEqual(told(await ping(mute.url.replace('http', 'https'))), [false, 'timed-out', 'tls', null]);
	const endless = await serveBytes(t, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50));
	t.is((await ping(endless.url)).reason, 'timed-out');
});

test.serial('a slow but sound server is ok, and its latency says so', async t => {
	const server = await serveHttp(t, (_, response) => {
		setTimeout(() => {
			response.end('ok');
		}, 150);
	});
	const answer = await ping(server.url, {deadlineMs: 3000});
	t.true(answer.ok);
	t.true(answer.latencyMs >= 140 && answer.latencyMs < 1500, `${answer.latencyMs}`);
});

test.serial('refused, reset, closed, half an answer and junk are told apart', async t => {
	const closed = await closedPort();
	t.deepEqual(told(await ping(`http://127.0.0.1:${closed}/`)), [false, 'refused', '', null]);
	const resetting = await serveSocket(t, socket => {
		socket.once('data', () => {
			socket.resetAndDestroy();
		});
	});
	t.is((await ping(resetting.url)).reason, 'reset');
	const leaving = await serveSocket(t, socket => {
		socket.once('data', () => {
			socket.end();
		});
	});
	t.is((await ping(leaving.url)).reason, 'closed');
	t.is((await ping((await serveBytes(t, 'HTTP/1.1 200', 'end')).url)).reason, 'closed');
	t.deepEqual(told(await ping((await serveBytes(t, 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc', 'end')).url)), [false, 'closed', 'body', null]);
	t.is((await ping((await serveBytes(t, Uint8Array.of(0, 1, 2, 0xFF, 0xFE, 10, 13), 'end')).url)).reason, 'protocol');
	t.is((await ping((await serveBytes(t, 'SSH-2.0-OpenSSH_9.2\r\n')).url)).reason, 'protocol');
	t.is((await ping((await serveBytes(t, `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`)).url)).reason, 'too-large');
	t.is((await ping((await serveBytes(t, 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n')).url)).reason, 'status');
});

test.serial('localhost that refuses on both its addresses is refused, at once', async t => {
	const answer = await ping(`http://localhost:${await closedPort()}/`);
	t.deepEqual(told(answer), [false, 'refused', '', null]);
	t.true(answer.latencyMs < 200, `${answer.latencyMs}`);
});

test.serial('localhost is reached whichever of its addresses listens', async t => {
	const four = await serveBody(t, 'ok');
	const answer = await ping(`http://localhost:${four.port}/`);
	t.true(answer.ok && answer.latencyMs < 200);
	try {
		const six = await serveHttp(t, (_, response) => {
			response.end('ok');
		}, '::1');
		const answerSix = await ping(`http://localhost:${six.port}/`);
		t.true(answerSix.ok && answerSix.latencyMs < 200);
		t.true((await ping(`http://[::1]:${six.port}/`)).ok);
	} catch (error) {
		t.log(`IPv6 left out: ${String(error)}`);
	}
});

test.serial('a name that does not resolve is a DNS failure', async t => {
	const answer = await ping('http://no-such-host.invalid/', {deadlineMs: 3000});
	t.is(answer.reason, 'dns');
	t.is((await ping('no-such-host.invalid:5432', {kind: 'tcp', deadlineMs: 3000})).reason, 'dns');
});

test.serial('certificates: self-signed, expired, another\'s, and no TLS at all', async t => {
	const deadlineMs = 3000;
	t.deepEqual(told(await ping((await serveTls(t, 'self-signed')).url, {deadlineMs})), [false, 'tls', 'self-signed certificate', null]);
	t.is((await ping((await serveTls(t, 'signed')).url, {deadlineMs})).reason, 'tls');
	const plain = await serveBody(t, 'ok');
	const answer = await ping(plain.url.replace('http', 'https'), {deadlineMs});
	t.is(answer.reason, 'tls');
	t.regex(answer.detail, /wrong version number|packet length too long/);
});

const run = promisify(execFile);
const pingInChild = async (url: string, environment: Readonly<Record<string, string>>): Promise<Pick<PingAnswer, 'ok' | 'reason' | 'detail'>> => {
	const script = `import {createHealthPort} from ${JSON.stringify(new URL('../../source/adapters/health.ts', import.meta.url).href)};
		const clock = {nowMs: Date.now, monotonicMs: () => performance.now(), after: (ms, run) => { const timer = setTimeout(run, ms); return () => clearTimeout(timer); }};
		const answer = await createHealthPort({clock, userAgent: 'x'}).ping(${JSON.stringify(targetOf(url, {deadlineMs: 5000}))}, '');
		console.log(JSON.stringify(answer));`;
	const {stdout} = await run(process.execPath, ['--import=tsx', '--input-type=module', '-e', script], {env: {...process.env, ...environment}});
	return JSON.parse(stdout) as PingAnswer;
};

test.serial('a root that the system trusts is trusted; an expired or another\'s certificate is told in words', async t => {
	const trusting = {SSL_CERT_FILE: rootCertificatePath};
	const [signed, expired, elsewhere] = await Promise.all((['signed', 'expired', 'elsewhere'] as const).map(async name => pingInChild((await serveTls(t, name)).url, trusting)));
	t.true(signed?.ok, JSON.stringify(signed));
	t.deepEqual([expired?.reason, expired?.detail as string], ['tls', 'certificate has expired']);
	t.is(elsewhere?.reason, 'tls');
	t.regex(elsewhere?.detail ?? '', /altnames|does not match/);
});

test.serial('no proxy is used, whatever the environment says', async t => {
	const server = await serveBody(t, 'ok');
	const proxy = await serveBody(t, 'proxied', 418);
	const answer = await pingInChild(server.url, {HTTP_PROXY: proxy.url, http_proxy: proxy.url, ALL_PROXY: proxy.url, NODE_USE_ENV_PROXY: '1', NO_PROXY: '', no_proxy: ''});
	t.true(answer.ok);
	t.is(proxy.accepted(), 0);
});

test.serial('an address that stands for the target is connected to, and the host name of the URL is still sent', async t => {
	let host: string | undefined;
	const server = await serveHttp(t, (request, response) => {
		host = request.headers.host;
		response.end('ok');
	});
	t.true((await ping('http://api:5001/api/health', {}, server.address)).ok);
	t.is(host, 'api:5001');
});

test.serial('an address that is unknown or nonsense is an answer, not an exception', async t => {
	t.is((await ping('db:5432', {kind: 'postgres', via: 'container'}, '')).reason, 'no-address');
	t.is((await ping('nonsense', {kind: 'tcp'})).reason, 'no-address');
	t.is((await ping('[12]:70000', {kind: 'redis'})).reason, 'no-address');
	t.is((await ping('ftp://127.0.0.1/x', {})).reason, 'failed');
	t.is((await ping('not a url', {})).reason, 'failed');
	t.is((await port.ping(targetOf('http://127.0.0.1/\u{D800}', {}), 'http://127.0.0.1:99999/')).ok, false);
});

test.serial('tcp is ok on connect and leaves at once', async t => {
	const server = await serveSocket(t, () => {});
	t.deepEqual(told(await ping(server.address, {kind: 'tcp'})), [true, null, '', null]);
	t.is((await ping(`127.0.0.1:${await closedPort()}`, {kind: 'tcp'})).reason, 'refused');
	t.is((await ping(`localhost:${server.port}`, {kind: 'tcp'})).ok, true);
});

test.serial('two hundred pings at once, good and bad, leave no connection, handle or timer behind', async t => {
	const good = await serveBody(t, 'ok');
	const mute = await serveSocket(t, socket => {
		socket.resume();
	});
	const resetting = await serveSocket(t, socket => {
		socket.resetAndDestroy();
	});
	const closed = await closedPort();
	const resources = (): number => process.getActiveResourcesInfo().filter(kind => /TCPSocket|TCPConnect|TLS|GetAddrInfo/.test(kind)).length;
	const before = resources();
	const answers = await Promise.all(Array.from({length: 50}, () => [
		ping(good.url, {deadlineMs: 5000}), ping(mute.url), ping(resetting.url, {deadlineMs: 5000}), ping(`127.0.0.1:${closed}`, {kind: 'tcp'}),
		ping(mute.address, {kind: 'redis'}), ping(mute.address, {kind: 'postgres'}),
	]).flat());
	const count = (reason: string | null): number => answers.filter(answer => answer.reason === reason).length;
	t.deepEqual([count(null), count('timed-out'), count('reset') + count('closed'), count('refused')], [50, 150, 50, 50]);
	const startedMs = performance.now();
	while ((good.open() + mute.open() > 0 || resources() > before) && performance.now() - startedMs < 5000) {
		await new Promise(resolve => {
			setTimeout(resolve, 20);
		});
	}

	t.is(good.open() + mute.open(), 0);
	t.true(resources() <= before, `${resources()} > ${before}`);
});

test.serial('a console that was itself held up past the deadline still takes the answer that lies there', async t => {
	const server = await serveSocket(t, socket => {
		socket.once('data', () => {
			socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
		});
	});
	const answer = ping(server.url, {deadlineMs: 100});
	const heldUntilMs = performance.now() + 300;
	while (performance.now() < heldUntilMs) {
		// Nothing else runs meanwhile.
	}

	t.true((await answer).ok);
});

test.serial('a stopped deadline leaves no timer', async t => {
	let pending = 0;
	const counting: Clock = {
		...clock,
		after(delayMs, run) {
			pending++;
			let over = false;
			const end = (): void => {
				if (!over) {
					over = true;
					pending--;
				}
			};

			const stop = clock.after(delayMs, () => {
				end();
				run();
			});
			return () => {
				end();
				stop();
			};
		},
	};
	const counted = createHealthPort({clock: counting, userAgent: 'x'});
	const server = await serveBody(t, 'ok');
	await counted.ping(targetOf(server.url), server.url);
	await counted.ping(targetOf('http://127.0.0.1:1/'), '');
	await counted.ping(targetOf('nonsense', {kind: 'tcp'}), '');
	t.is(pending, 0);
});

test.serial('after the answer nothing that the server still does is heard', async t => {
	const server = await serveSocket(t, socket => {
		socket.once('data', () => {
			socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
			setImmediate(() => {
				socket.resetAndDestroy();
			});
		});
	});
	const warned: unknown[] = [];
	const listen = (warning: unknown): void => {
		warned.push(warning);
	};

	process.on('warning', listen);
	for (let round = 0; round < 20; round++) {
		const answer = await ping(server.url);
		t.true(answer.ok || answer.reason === 'reset' || answer.reason === 'closed');
	}

	// A connection of the server that has ended has told its client everything.
	while (server.open() > 0) {
		await new Promise(resolve => {
			setTimeout(resolve, 5);
		});
	}

	process.off('warning', listen);
	t.deepEqual(warned, []);
});
