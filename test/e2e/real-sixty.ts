/** A project of sixty containers: the list scrolls, nothing is left out, and nothing is forked to keep it fresh. */
import {execFile, execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {randomBytes} from 'node:crypto';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {promisify} from 'node:util';
import test from 'ava';
import {openRealConsole, runProgram} from '../helpers/real-console.ts';
import {needs} from '../helpers/needs.ts';
import {projectPrefix} from '../helpers/real-engine.ts';

const real = needs('engine', 'busybox', 'pty');
const project = `${projectPrefix}${randomBytes(4).toString('hex')}`;
const directory = mkdtempSync(path.join(tmpdir(), `${project}-`));
const count = 60;
const serviceName = (index: number): string => `worker${String(index).padStart(2, '0')}`;
const docker = (...parameters: readonly string[]): string => execFileSync('docker', [...parameters], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], cwd: directory});

test.after.always('the project is taken down', t => {
	t.timeout(60_000);
	try {
		const ids = docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${project}`).split('\n').filter(Boolean);
		if (ids.length > 0) {
			docker('rm', '-f', ...ids);
		}

		docker('rmi', '-f', `${project}_idle`);
	} catch {
		// Without an engine, or with the image never built, there is nothing to take down.
	}

	rmSync(directory, {recursive: true, force: true});
});

/** As Compose would make them, but six at a time. */
const start = async (): Promise<void> => {
	const waiting = Array.from({length: count}, (_, index) => serviceName(index));
	const labels = {project, 'project.working_dir': directory, 'project.config_files': 'docker-compose.yml', 'container-number': '1', oneoff: 'False', version: '1.29.2'};
	const parameters = Object.entries(labels).flatMap(([name, value]) => ['--label', `com.docker.compose.${name}=${value}`]);
	await Promise.all(Array.from({length: 6}, async () => {
		for (let service = waiting.shift(); service !== undefined; service = waiting.shift()) {
			await promisify(execFile)('docker', ['run', '-d', '--network', 'none', '--name', `${project}_${service}_1`, ...parameters, '--label', `com.docker.compose.service=${service}`, `${project}_idle`, '/bin/sleep', '100000']);
		}
	}));
};

real('sixty containers: all in the list and in the JSON, the one that is down stands out, and the list scrolls to the last', async t => {
	t.timeout(150_000);
	mkdirSync(path.join(directory, 'bin'));
	execFileSync('cp', ['/bin/busybox', path.join(directory, 'bin/sleep')]);
	execFileSync('sh', ['-c', 'tar -C "$1" -c bin | docker import - "$2"', 'sh', directory, `${project}_idle`], {stdio: 'ignore'});
	const services = Array.from({length: count}, (_, index) => `  ${serviceName(index)}: {image: ${project}_idle, command: [/bin/sleep, '100000'], network_mode: none, stop_grace_period: 1s}`);
	writeFileSync(path.join(directory, 'docker-compose.yml'), `version: '3.8'\nservices:\n${services.join('\n')}\n`);
	writeFileSync(path.join(directory, '.env'), `COMPOSE_PROJECT_NAME=${project}\n`);
	writeFileSync(path.join(directory, 'mdc-console.yaml'), `pings: [{name: ssh, tcp: 'localhost:1', interval: 10s, decisive: false}]\n`);
	await start();
	const openedAtMs = performance.now();
	const terminal = await openRealConsole(t, {project});
	await terminal.until(/● worker00/, 15_000);
	t.log(`sixty containers shown after ${Math.round(performance.now() - openedAtMs)} ms`);
	docker('kill', `${project}_${serviceName(57)}_1`);
	await terminal.press('G');
	await terminal.until(/worker59/, 10_000);
	await terminal.until(/✖ worker57\s+/, 10_000);
	await terminal.press('g');
	await terminal.until(/worker00/, 10_000);
	const {stdout} = await runProgram(['status', '--json', '--project', project]);
	const {containers} = JSON.parse(stdout) as {containers: {service: string; state: string; exitCode: number | null}[]};
	t.is(containers.length, count);
	t.deepEqual(containers.filter(container => container.state !== 'running').map(({service, exitCode}) => [service, exitCode]), [[serviceName(57), 137]]);
	docker('start', `${project}_${serviceName(57)}_1`);
	await terminal.press('G');
	await terminal.until(/● worker57\s+up/, 10_000);

	// Fifteen seconds of nothing: not one program started.
	const strace = ['/usr/bin/strace', '/usr/local/bin/strace'].find(file => existsSync(file));
	if (strace === undefined) {
		t.log('left out counting what is forked: strace is not installed (Debian: strace)');
		return;
	}

	await terminal.settled(900, 15_000).catch(() => '');
	const trace = path.join(directory, 'trace');
	const tracer = spawn(strace, ['-f', '-qq', '-e', 'trace=execve,fork,vfork', '-o', trace, '-p', String(terminal.pid)], {stdio: 'ignore'});
	const ended = new Promise(resolve => {
		tracer.once('exit', resolve);
	});
	await sleep(15_000);
	tracer.kill('SIGINT');
	await ended;
	t.deepEqual(readFileSync(trace, 'utf8').split('\n').filter(line => /execve|fork/.test(line)), []);
});
