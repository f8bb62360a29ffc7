/** The Docker side against the engine of this machine, with containers made of nothing but busybox. Left out where there is none. */

import {execFile} from 'node:child_process';
import {accessSync, constants, copyFileSync, existsSync} from 'node:fs';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import test, {type ExecutionContext} from 'ava';
import type {ContainerEvent, ContainerFacts, Failure, LogRequest, Outcome, RawLogLine} from '../../source/core/ports.ts';
import {createDockerPorts} from '../../source/adapters/docker/ports.ts';
import {eventually, machineClock} from '../helpers/fake-engine.ts';

const run = promisify(execFile);
const socketPath = '/var/run/docker.sock';
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(path => existsSync(path));

const missing = ((): string | null => {
	try {
		accessSync(socketPath, constants.R_OK | constants.W_OK);
	} catch {
		return `no Docker engine at ${socketPath}`;
	}

	const found = (process.env['PATH'] ?? '').split(':').some(directory => existsSync(join(directory, 'docker')));
	return busybox === undefined ? 'no busybox' : found ? null : 'no docker command';
})();

const project = `mdc-test-${process.pid}`;
const image = `${project}:latest`;
const ports = createDockerPorts({dockerHost: `unix://${socketPath}`, clock: machineClock, userAgent: 'mdc-console/test'});
const docker = async (...words: readonly string[]): Promise<string> => (await run('docker', words, {maxBuffer: 16 * 1024 * 1024})).stdout.trim();

const start = async (service: string, script: string, options: readonly string[] = []): Promise<string> => docker(
	'run', '-d', '--network', 'none', '--name', `${project}_${service}_1`,
	'--label', `com.docker.compose.project=${project}`, '--label', `com.docker.compose.service=${service}`,
	'--label', 'com.docker.compose.oneoff=False', '--label', 'com.docker.compose.container-number=1',
	...options, image, '/bin/busybox', 'sh', '-c', script,
);

const valueOf = <T>(outcome: Outcome<T>): T => {
	if (!outcome.ok) {
		throw new Error(`${outcome.failure.code}: ${outcome.failure.detail}`);
	}

	return outcome.value;
};

const factsOf = async (id: string): Promise<ContainerFacts> => valueOf(await ports.containers.inspect(id));

const until = async (id: string, holds: (facts: ContainerFacts) => boolean): Promise<ContainerFacts> => {
	for (let attempt = 0; attempt < 300; attempt++) {
		const facts = await factsOf(id);
		if (holds(facts)) {
			return facts;
		}

		await new Promise(resolve => {
			setTimeout(resolve, 50);
		});
	}

	throw new Error('the container did not come to this state');
};

const readLog = async (containerId: string, request: Partial<LogRequest> = {}): Promise<readonly RawLogLine[]> => {
	const lines: RawLogLine[] = [];
	const ended: (Failure | null)[] = [];
	ports.logs.follow({containerId, tty: false, tail: Number.POSITIVE_INFINITY, sinceMs: null, after: null, follow: false, ...request}, batch => lines.push(...batch), failure => ended.push(failure));
	const why = (await eventually(() => ended.length > 0 && ended))[0];
	if (why !== null && why !== undefined) {
		throw new Error(why.code);
	}

	return lines;
};

const testReal = (title: string, body: (t: ExecutionContext) => Promise<void>): void => {
	if (missing === null) {
		test(title, body as never);
	} else {
		test.skip(`${title} (left out: ${missing})`, body as never);
	}
};

if (missing === null) {
	test.before(async () => {
		const directory = await mkdtemp(join(tmpdir(), 'mdc-image-'));
		copyFileSync(busybox!, join(directory, 'busybox'));
		await writeFile(join(directory, 'Dockerfile'), 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n');
		await docker('build', '-q', '-t', image, directory);
		await rm(directory, {recursive: true});
	});

	test.after.always(async () => {
		ports.close();
		const ids = (await docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${project}`)).split('\n').filter(id => id !== '');
		if (ids.length > 0) {
			await docker('rm', '-f', ...ids);
		}

		await docker('rmi', '-f', image);
	});
}

testReal('the engine tells who it is', async t => {
	const engine = valueOf(await ports.containers.engine());
	t.is(engine.host, `unix://${socketPath}`);
	t.is(engine.apiVersion, await docker('version', '-f', '{{.Server.APIVersion}}'));
	t.true(engine.cgroupVersion === 1 || engine.cgroupVersion === 2);
});

testReal('health, with what the check said', async t => {
	const id = await start('healthy', 'sleep 600', ['--health-cmd', 'echo accepting connections; test -e /tmp-ok', '--health-interval', '1s', '--health-retries', '1']);
	const broken = await until(id, ({health}) => health === 'unhealthy');
	t.is(broken.healthOutput, 'accepting connections' as never);
	t.is(broken.healthCommand, 'echo accepting connections; test -e /tmp-ok' as never);
	t.true(broken.healthAtMs! > Date.now() - 60_000);
	const healed = valueOf(await ports.containers.execute(id, ['/bin/busybox', 'touch', '/tmp-ok'], 5000));
	t.is(healed.exitCode, 0);
	t.is((await until(id, ({health}) => health === 'healthy')).healthFailingStreak, 0);
});

testReal('exit codes, events and a recreated container', async t => {
	const events: ContainerEvent[] = [];
	const stop = ports.containers.watch(project, event => {
		if (event.service === 'crash') {
			events.push(event);
		}
	}, () => undefined);
	const first = await start('crash', 'exit 3');
	const facts = await until(first, ({state}) => state === 'exited');
	t.is(facts.exitCode, 3);
	t.is(facts.pid, 0);
	t.true(Math.abs(facts.finishedAtMs! - facts.startedAtMs!) < 10_000);
	await docker('rm', first);
	const second = await start('crash', 'sleep 600');
	await docker('kill', second);
	const killed = await until(second, ({state}) => state === 'exited');
	t.is(killed.exitCode, 137);
	t.like(await ports.containers.inspect(first), {ok: false, failure: {code: 'not-found'}});
	t.deepEqual(valueOf(await ports.containers.containers(project)).filter(({service}) => service === 'crash').map(({id}) => id), [second]);
	await eventually(() => events.filter(({kind}) => kind === 'died').length === 2);
	stop();
	t.deepEqual(events.filter(({kind}) => kind === 'died').map(({id, exitCode}) => [id, exitCode]), [[first, 3], [second, 137]]);
	t.deepEqual(events.filter(({id}) => id === first).map(({kind}) => kind), ['created', 'started', 'died', 'removed']);
});

testReal('a command inside tells both streams and its exit code, and never goes into a paused container', async t => {
	const id = await start('inside', 'sleep 600');
	const answer = valueOf(await ports.containers.execute(id, ['/bin/busybox', 'sh', '-c', 'echo out; echo err >&2; exit 7'], 5000));
	t.is(answer.exitCode, 7);
	t.deepEqual(answer.output.split('⏎').toSorted(), ['err', 'out']);
	// In a container of its own: what is still on its way in when a container is paused is frozen half way, and the engine waits for it for ever (20.10).
	t.like(await ports.containers.execute(await start('slowly', 'sleep 600'), ['/bin/busybox', 'sleep', '2'], 300), {ok: false, failure: {code: 'timed-out'}});
	await docker('pause', id);
	t.like(await ports.containers.execute(id, ['/bin/busybox', 'true'], 5000), {ok: false, failure: {code: 'failed'}});
	t.is((await factsOf(id)).state, 'paused');
});

const chatter = 'echo one; echo two >&2; head -c 1000000 /dev/zero | tr "\\0" x; echo; printf "caf\\303\\251 \\377\\n"; printf last';

testReal('logs of both streams, with a line of a megabyte, broken UTF-8 and no line break at the end', async t => {
	const id = await start('chatter', chatter);
	await until(id, ({state}) => state === 'exited');
	const lines = await readLog(id, {follow: true});
	t.deepEqual(
		lines.map(({stream, rawText, cutBytes}) => [stream, rawText.slice(0, 8), rawText.length, cutBytes]).toSorted((a, b) => String(a[1]) < String(b[1]) ? -1 : 1),
		[['out', 'café \uFFFD', 6, 0], ['out', 'last', 4, 0], ['out', 'one', 3, 0], ['err', 'two', 3, 0], ['out', 'xxxxxxxx', 16_384, 983_616]],
	);
	t.is((await readLog(id, {tail: 1}))[0]?.rawText, 'last');
	await docker('rm', id);
	await t.throwsAsync(readLog(id), {message: 'not-found'});
});

testReal('logs of a TTY', async t => {
	const id = await start('terminal', chatter, ['-t']);
	await until(id, ({state}) => state === 'exited');
	const lines = await readLog(id, {tty: true});
	t.deepEqual(lines.map(({stream, rawText, cutBytes}) => [stream, rawText.slice(0, 8), rawText.length, cutBytes]), [
		['out', 'one', 3, 0], ['out', 'two', 3, 0], ['out', 'xxxxxxxx', 16_384, 983_616], ['out', 'café \uFFFD', 6, 0], ['out', 'last', 4, 0],
	]);
});

testReal('a log is resumed after a restart without a lost or doubled line', async t => {
	const id = await start('counter', 'test -e /n || echo 0 > /n; i=$(cat /n); while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i; echo $i > /n; [ $((i % 1000)) = 0 ] && exit 1; done; echo end');
	const lines: RawLogLine[] = [];
	for (let part = 0; part < 4; part++) {
		const last = lines.at(-1)?.stamp ?? null;
		const after = last === null ? null : {stamp: last, count: lines.filter(({stamp}) => stamp === last).length};
		lines.push(...await readLog(id, {follow: true, after}));
		await docker('start', id);
	}

	await until(id, ({state}) => state === 'exited');
	const last = lines.at(-1)!.stamp;
	lines.push(...await readLog(id, {after: {stamp: last, count: lines.filter(({stamp}) => stamp === last).length}}));
	t.deepEqual(lines.map(({rawText}) => rawText).filter(line => line !== 'end'), Array.from({length: 3000}, (_, index) => `line ${index + 1}`));
});

testReal('figures are those of docker stats', async t => {
	const id = await start('worker', 'head -c 30000000 /dev/zero > /dev/shm/x; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo ready; sleep 600', ['--memory', '128m']);
	const facts = await until(id, ({pid}) => pid > 0);
	for (let log: readonly RawLogLine[] = []; log.length === 0; log = await readLog(id)) {
		await until(id, ({state}) => state === 'running');
	}

	const reading = valueOf(await ports.metrics.read(facts));
	t.is(reading.source, 'cgroup');
	t.is(reading.memoryLimitBytes, 134_217_728);
	t.is(facts.memoryLimitBytes, 134_217_728);
	t.true(reading.memoryBytes >= 30_000_000 && reading.memoryBytes < 40_000_000, `${reading.memoryBytes} bytes`);
	t.true(reading.cpuSeconds > 0.02 && reading.cpuSeconds < 60, `${reading.cpuSeconds} s`);
	t.true(reading.processes! >= 1);
	t.is(reading.oomKills, 0);

	// The same by the engine's stats, from a console that sees no files.
	const remote = createDockerPorts({dockerHost: `unix://${socketPath}`, clock: machineClock, userAgent: 'mdc-console/test', fileSystemRoot: '/nonexistent'});
	const other = await remote.metrics.read(facts);
	remote.close();
	const {MemUsage: told} = JSON.parse(await docker('stats', '--no-stream', '--format', '{{json .}}', id)) as {MemUsage: string};
	if (told.startsWith('0B / 0B')) {
		t.log('this engine has no figures of its own: docker stats shows zeros');
		t.like(other, {ok: false, failure: {code: 'unsupported'}});
		return;
	}

	const [, amount = '', unit = ''] = /^([\d.]+)(\w+)/.exec(told) ?? [];
	const toldBytes = Number(amount) * ({B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30}[unit] ?? Number.NaN);
	t.true(Math.abs(reading.memoryBytes - toldBytes) < 2 ** 20, `${reading.memoryBytes} and ${told}`);
	t.is(valueOf(other).source, 'engine');
	t.is(valueOf(other).memoryLimitBytes, reading.memoryLimitBytes);
	t.true(Math.abs(valueOf(other).memoryBytes - reading.memoryBytes) < 2 ** 20);
	t.true(Math.abs(valueOf(other).cpuSeconds - reading.cpuSeconds) < 0.2);
});
