/** The stand-in stack itself: each part answers as the real one does, each fault shows as the real one would, and nothing of it stays. */
import {existsSync} from 'node:fs';
import {connect} from 'node:net';
import {projectPrefix, withStack} from '../helpers/real-engine.ts';
import type {Stack} from '../helpers/real-engine.ts';
import {needs} from '../helpers/needs.ts';
import {until} from '../helpers/until.ts';

const test = needs('engine', 'compose', 'busybox');

const status = async (url: string, deadlineMs = 3000): Promise<number> => {
	try {
		const response = await fetch(url, {signal: AbortSignal.timeout(deadlineMs), headers: {'user-agent': 'harness/1'}});
		await response.text();
		return response.status;
	} catch {
		// Nobody there, or no answer in time: both are "no status" to these tests.
		return 0;
	}
};

/** Sends bytes to a port of a container and gives back what comes within a moment. */
const exchange = async (stack: Stack, service: 'db' | 'redis', port: number, messages: readonly Buffer[]): Promise<Buffer> => {
	const address = await stack.inspect(service, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}');
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		const rest = [...messages];
		const socket = connect(port, address);
		const next = (): void => {
			const message = rest.shift();
			if (message) {
				socket.write(message);
			} else {
				socket.end();
			}
		};

		socket.setTimeout(5000, () => {
			socket.destroy(new Error('no answer'));
		});
		socket.on('connect', next).on('error', reject).on('close', () => {
			resolve(Buffer.concat(chunks));
		});
		socket.on('data', chunk => {
			chunks.push(chunk);
			next();
		});
	});
};

const sslRequest = Buffer.from('0000000804d2162f', 'hex');
const startUp = Buffer.concat([Buffer.from('0000001300030000', 'hex'), Buffer.from('user\0health'.slice(0, 11))]);
const logOf = async (stack: Stack, service: string): Promise<string> => {
	const {stdout, stderr} = await stack.docker('logs', await stack.containerId(service as 'api'));
	return stdout + stderr;
};

test('the stack answers as the real one does, and every fault shows', async t => {
	let gone: Stack | null = null;
	await withStack(t, async stack => {
		gone = stack;
		t.true(stack.project.startsWith(projectPrefix));
		t.is(await status(stack.nginxUrl), 200);
		t.regex(await logOf(stack, 'api'), /"GET \/api\/health HTTP\/1\.1" 200 \d+ "-" "harness\/1"/);
		await until(async () => await stack.inspect('api', '{{.State.Health.Status}}') === 'healthy');

		t.is((await exchange(stack, 'redis', 6379, [Buffer.from('*1\r\n$4\r\nPING\r\n')])).toString(), '+PONG\r\n');
		const postgres = await exchange(stack, 'db', 5432, [sslRequest, startUp]);
		t.is(postgres.toString('latin1'), 'NR\0\0\0\u0017\0\0\0\nSCRAM-SHA-256\0\0');
		stack.fault('db', 'starting');
		const starting = await exchange(stack, 'db', 5432, [startUp]);
		t.regex(starting.toString('latin1'), /^E\0\0\0.SFATAL\0C57P03\0Mthe database system is starting up\0\0$/s);
		t.is(starting.readInt32BE(1), starting.length - 1);

		stack.fault('api', 'error-500');
		t.is(await status(stack.apiUrl), 500);
		stack.fault('api', 'unhealthy');
		t.is(await status(stack.nginxUrl), 503);
		stack.fault('api', 'hang');
		t.is(await status(stack.apiUrl, 500), 0);
		stack.fault('api', 'escapes');
		await until(async () => (await logOf(stack, 'api')).includes('\u001B]52;c;'));
		stack.fault('api', 'invalid-utf8');
		await until(async () => (await logOf(stack, 'api')).includes('invalid \uFFFD'));
		stack.fault('api', 'long-line');
		await until(async () => (await logOf(stack, 'api')).includes(' end of the long line'));
		stack.fault('api', 'flood 20000');
		await until(async () => (await logOf(stack, 'api')).includes('flood line 10000 '));
		stack.fault('api', null);

		stack.fault('nginx', 'stale once');
		t.is(await status(stack.nginxUrl), 502);
		t.is(await status(stack.apiUrl), 200);
		await stack.restart('nginx');
		await stack.waitHealthy(['nginx']);
	});
	const {project, directory, docker} = gone! as Stack;
	t.false(existsSync(directory));
	for (const kind of [['ps', '-a'], ['images'], ['network', 'ls']]) {
		t.false((await docker(...kind)).stdout.includes(project), kind.join(' '));
	}
});

test('a service that is told to stop goes at once; one that cannot start, or takes too much memory, dies again and again', async t => {
	await withStack(t, async stack => {
		const startedAtMs = performance.now();
		await stack.stop('api');
		t.true(performance.now() - startedAtMs < 2900, 'stop had to wait for its own deadline');
		t.is(await stack.inspect('api', '{{.State.ExitCode}}'), '0');
		t.is(await status(stack.nginxUrl), 502);

		stack.fault('api', 'exit');
		await stack.start('api');
		await until(async () => Number(await stack.inspect('api', '{{.RestartCount}}')) >= 1, {deadlineMs: 40_000, describe: () => 'the api was never restarted'});
		t.regex(await logOf(stack, 'api'), /SyntaxError: invalid syntax/);

		// Stopped first: the engine waits longer before each restart of its own.
		await stack.stop('api');
		stack.fault('api', 'memory');
		await stack.start('api');
		// Whether the engine also hears of the cause (`OOMKilled`) differs from one run to the next on cgroup v1: it is told, not held.
		await until(async () => await stack.inspect('api', '{{.State.ExitCode}}') === '137', {deadlineMs: 40_000, describe: () => 'the api was never killed for its memory'});
		t.log(`OOMKilled: ${await stack.inspect('api', '{{.State.OOMKilled}}')}`);
		await stack.stop('api');
		stack.fault('api', null);
		await stack.start('api');
		await stack.waitHealthy();
		t.is(await stack.inspect('api', '{{.State.Status}}'), 'running');
	});
});
