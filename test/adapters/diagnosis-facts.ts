/** The adapters' facts for the diagnosis: the checkout's past, Compose at work, a process tree, who holds a port, Redis's figures. */

import {execFileSync, spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createClock} from '../../source/adapters/clock.ts';
import {createFilesPort} from '../../source/adapters/files.ts';
import {createHealthPort} from '../../source/adapters/health.ts';
import {createHostPort} from '../../source/adapters/host.ts';
import {containerOf} from '../../source/adapters/docker/inspect-facts.ts';
import type {Outcome} from '../../source/core/ports.ts';
import {until} from '../helpers/until.ts';
import {realClock} from '../helpers/real-clock.ts';

const valueOf = <T>(t: ExecutionContext, outcome: Outcome<T>): T => {
	if (!outcome.ok) {
		t.fail(JSON.stringify(outcome.failure));
		throw new Error('no value');
	}

	return outcome.value;
};

const temporary = (t: ExecutionContext): string => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-facts-'));
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	return directory;
};

const clock = createClock();
const host = createHostPort({clock});

test('commits come with the instant at which they came onto the checkout, and what differs from them with its time', async t => {
	const directory = temporary(t);
	const git = (...words: readonly string[]): void => {
		execFileSync('git', ['-C', directory, '-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false', ...words], {stdio: 'ignore'});
	};

	git('init', '-q');
	writeFileSync(path.join(directory, 'app.py'), 'a = 1\n');
	writeFileSync(path.join(directory, 'docker-compose.yml'), 'services: {}\n');
	git('add', '.');
	git('commit', '-qm', 'feat: primeiro');
	writeFileSync(path.join(directory, 'app.py'), 'a = 2\n');
	git('commit', '-qam', 'fix: segundo\u001B[31m');
	writeFileSync(path.join(directory, '.env'), 'SECRET_KEY=x\n');
	writeFileSync(path.join(directory, 'app.py'), 'a = (\n');
	const facts = valueOf(t, await createFilesPort({clock: realClock}).deploys(directory, [path.join(directory, 'docker-compose.yml')]));
	t.is(facts.commits.length, 2);
	t.true(facts.commits[0]!.subject.startsWith('fix: segundo'));
	t.false(facts.commits[0]!.subject.includes('\u001B'));
	t.true(Math.abs(facts.commits[0]!.atMs - Date.now()) < 60_000);
	t.deepEqual(facts.edits.map(({path: name, kind}) => `${kind} ${name}`).toSorted(), ['code app.py', 'compose docker-compose.yml', 'environment .env']);
	t.false(JSON.stringify(facts).includes('SECRET_KEY'));
});

test('a directory without git has no commits, and one that is not there neither', async t => {
	const directory = temporary(t);
	writeFileSync(path.join(directory, '.env'), '');
	t.deepEqual(valueOf(t, await createFilesPort({clock: realClock}).deploys(directory, [])).commits, []);
	t.deepEqual(valueOf(t, await createFilesPort({clock: realClock}).deploys(path.join(directory, 'absent'), [])), {commits: [], edits: []});
});

test('a program that the repository\'s own configuration names is not started', async t => {
	const directory = temporary(t);
	const mark = path.join(directory, 'started');
	execFileSync('git', ['-C', directory, 'init', '-q'], {stdio: 'ignore'});
	writeFileSync(path.join(directory, 'spy.sh'), `#!/bin/sh\ntouch ${mark}\n`, {mode: 0o755});
	for (const name of ['core.fsmonitor', 'core.pager', 'diff.external', 'core.sshCommand']) {
		execFileSync('git', ['-C', directory, 'config', name, path.join(directory, 'spy.sh')]);
	}

	valueOf(t, await createFilesPort({clock: realClock}).deploys(directory, []));
	t.throws(() => execFileSync('stat', [mark], {stdio: 'ignore'}));
});

test('a stopped child is counted in its parent\'s tree', async t => {
	const parent = spawn('sh', ['-c', 'sleep 30 & sleep 30 & wait'], {stdio: 'ignore', detached: true});
	t.teardown(() => process.kill(-parent.pid!, 'SIGKILL'));
	await until(async () => valueOf(t, await host.processTree(parent.pid!)).count === 3);
	process.kill(-parent.pid!, 'SIGSTOP');
	await until(async () => valueOf(t, await host.processTree(parent.pid!)).stopped === 3);
	const gone = await host.processTree(2 ** 22 + 7);
	t.false(gone.ok);
});

test('where a process listens is told, and how many wait at its door', async t => {
	const server = createServer().listen(0, '127.0.0.1');
	await new Promise(resolve => {
		server.once('listening', resolve);
	});
	t.teardown(() => {
		server.close();
	});
	const {port} = server.address() as AddressInfo;
	t.deepEqual(valueOf(t, await host.processTree(process.pid)).listening?.find(other => other.port === port), {address: '127.0.0.1', port, queued: 0});
});

test('who listens on a port is named; on a free one nobody does', async t => {
	const server = createServer().listen(0, '127.0.0.1');
	await new Promise(resolve => {
		server.once('listening', resolve);
	});
	const {port} = server.address() as AddressInfo;
	t.is(valueOf(t, await host.portHolder(port))?.pid, process.pid);
	await new Promise(resolve => {
		server.close(resolve);
	});
	t.is(valueOf(t, await host.portHolder(port)), null);
});

test('Compose at work in the directory is seen with its words, elsewhere it is not', async t => {
	const directory = temporary(t);
	const tool = path.join(directory, 'docker-compose');
	writeFileSync(tool, '#!/bin/sh\nsleep 30\n', {mode: 0o755});
	mkdirSync(path.join(directory, 'sub'));
	const child = spawn(tool, ['up', '-d', '--build', 'api'], {cwd: directory, stdio: 'ignore', detached: true});
	const reader = spawn(tool, ['logs', '-f'], {cwd: directory, stdio: 'ignore', detached: true});
	t.teardown(() => {
		process.kill(-child.pid!, 'SIGKILL');
		process.kill(-reader.pid!, 'SIGKILL');
	});
	await until(async () => valueOf(t, await host.composeRuns(directory)).length > 0);
	const runs = valueOf(t, await host.composeRuns(directory));
	t.deepEqual(runs.map(({verb, words}) => [verb, words as string]), [['up', 'up -d --build api']]);
	t.true(Math.abs(runs[0]!.startedAtMs - Date.now()) < 30_000);
	t.deepEqual(valueOf(t, await host.composeRuns(path.join(directory, 'sub'))), []);
});

test('Redis\'s own figures are read over the wire; one that wants a password says so', async t => {
	const answers = {open: '$43\r\nused_memory:1024\r\nmaxmemory_policy:noeviction\r\n', closed: '-NOAUTH Authentication required.\r\n'};
	const health = createHealthPort({clock, userAgent: 'x'});
	for (const [name, answer] of Object.entries(answers)) {
		const server = createServer(socket => {
			socket.on('data', () => socket.write(answer));
		}).listen(0, '127.0.0.1');
		await new Promise(resolve => {
			server.once('listening', resolve);
		});
		const outcome = await health.cacheInfo(`127.0.0.1:${(server.address() as AddressInfo).port}`, 2000);
		t.is(outcome.ok ? outcome.value['maxmemory_policy'] : outcome.failure.code, name === 'open' ? 'noeviction' : 'denied');
		server.close();
	}
});

test('of a container\'s environment only names are told, and which are empty', t => {
	const facts = containerOf({Id: 'x', Config: {Env: ['SECRET_KEY=hunter2', 'REDIS_URL=', 'EMPTY'], Cmd: ['gunicorn', 'wsgi:app'], Entrypoint: null, Healthcheck: {StartPeriod: 20_000_000_000}}, HostConfig: {RestartPolicy: {Name: 'unless-stopped'}, PidsLimit: 100}, Mounts: [{Source: '/data', Destination: '/x', RW: false}]});
	t.deepEqual(facts.environment, {names: ['SECRET_KEY', 'REDIS_URL', 'EMPTY'], unset: ['REDIS_URL', 'EMPTY']} as never);
	t.deepEqual([facts.command, facts.restartPolicy, facts.healthStartPeriodMs, facts.pidsLimit, facts.mounts[0]?.writable], ['gunicorn wsgi:app', 'unless-stopped', 20_000, 100, false] as never);
	t.false(JSON.stringify(facts).includes('hunter2'));
});
