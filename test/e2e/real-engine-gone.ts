/** An engine that goes away and comes back: a second dockerd of the test's own, which may be stopped and frozen. */
import {execFileSync, spawn, type ChildProcess} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {launcher, openRealConsole, runProgram} from '../helpers/real-console.ts';
import {needs} from '../helpers/needs.ts';
import {openTerminal} from '../helpers/terminal.ts';
import {until} from '../helpers/until.ts';

const real = needs('engine', 'busybox', 'root', 'pty');
const work = mkdtempSync(path.join(tmpdir(), 'mdc-engine-'));
const socket = path.join(work, 'docker.sock');
const host = `unix://${socket}`;
const project = `mdcgone${process.pid}`;
const image = `${project}-idle`;
let engine: ChildProcess | null = null;
/** Why no second engine can run here; null when it can. */
let whyNot: string | null = null;

const docker = (...parameters: readonly string[]): string => execFileSync('docker', ['-H', host, ...parameters], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000});

const startEngine = async (): Promise<void> => {
	const log = openSync(path.join(work, 'log'), 'a');
	// In a network namespace of its own: with `--bridge=none` dockerd removes docker0, and that one belongs to the machine's engine.
	engine = spawn('unshare', [
		'--net', 'dockerd', '--host', host, '--data-root', `${work}/data`, '--exec-root', `${work}/exec`, '--pidfile', `${work}/pid`, '--bridge=none', '--iptables=false', '--ip-masq=false',
		'--storage-driver=vfs', '--live-restore', '--group', '0', '--config-file', `${work}/none.json`,
	], {stdio: ['ignore', log, log], detached: true});
	engine.on('error', () => {});
	await until(() => {
		if (engine?.exitCode !== null) {
			throw new Error('dockerd ended');
		}

		return docker('version', '--format', '{{.Server.Version}}') !== '';
	}, {deadlineMs: 20_000, everyMs: 200, describe: () => readFileSync(path.join(work, 'log'), 'utf8').slice(-2000)});
};

const stopEngine = async (): Promise<void> => {
	if (engine === null || engine.exitCode !== null || engine.signalCode !== null) {
		return;
	}

	const ended = new Promise(resolve => {
		engine?.once('exit', resolve);
	});
	engine.kill('SIGCONT');
	engine.kill('SIGTERM');
	await ended;
};

test.before('a second engine', async t => {
	t.timeout(60_000);
	if (process.getuid?.() !== 0) {
		return;
	}

	try {
		writeFileSync(path.join(work, 'none.json'), '{}');
		await startEngine();
		const root = path.join(work, 'image');
		mkdirSync(path.join(root, 'bin'), {recursive: true});
		execFileSync('cp', ['/bin/busybox', path.join(root, 'bin/sleep')]);
		execFileSync('sh', ['-c', 'tar -C "$1" -c . | docker -H "$2" import - "$3"', 'sh', root, host, image], {stdio: 'ignore'});
		for (const service of ['api', 'db']) {
			docker(
				'run', '-d', '--network', 'none', '--name', `${project}_${service}_1`, '--label', `com.docker.compose.project=${project}`, '--label', `com.docker.compose.service=${service}`,
				'--label', 'com.docker.compose.container-number=1', '--label', 'com.docker.compose.oneoff=False', '--label', 'com.docker.compose.version=1.29.2', '--label', `com.docker.compose.project.working_dir=${work}`,
				image, '/bin/sleep', '100000',
			);
		}
	} catch (error) {
		whyNot = `no second dockerd can run here: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`;
	}
});

test.after.always('the second engine is taken down', async t => {
	t.timeout(60_000);
	try {
		if (engine !== null && whyNot === null) {
			engine.kill('SIGCONT');
			if (engine.exitCode !== null || engine.signalCode !== null) {
				await startEngine();
			}

			const ids = docker('ps', '-aq').split('\n').filter(Boolean);
			if (ids.length > 0) {
				docker('rm', '-f', ...ids);
			}
		}
	} finally {
		await stopEngine();
		for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
			const mount = line.split(' ')[1] ?? '';
			if (mount.startsWith(`${work}/`)) {
				execFileSync('umount', ['-l', mount]);
			}
		}

		rmSync(work, {recursive: true, force: true, maxRetries: 5, retryDelay: 200});
	}
});

const env = {DOCKER_HOST: host};

real('dockerd stopped and started again while the console is open: a banner with the remedy, the rest goes on, and it comes back by itself', async t => {
	if (whyNot !== null) {
		t.log(whyNot);
		t.pass();
		return;
	}

	const terminal = await openRealConsole(t, {project}, {env});
	await terminal.until(/● db\s+up/, 15_000);
	await stopEngine();
	const gone = await terminal.until(/systemctl start docker/, 15_000);
	t.regex(gone, /● db\s+up/, 'the last facts stay');
	await terminal.press('U');
	t.regex(await terminal.until(/It cannot run now/), /The Docker engine does not answer/);
	await terminal.press('escape');
	// The host's own figures go on: the second hand of the screen is the header's clock or an age that grows.
	await startEngine();
	await terminal.until(screen => !/systemctl start docker/.test(screen) && /● db\s+up/.test(screen), 20_000);
	docker('stop', '-t', '0', `${project}_db_1`);
	await terminal.until(/db\s+exited/, 10_000);
	docker('start', `${project}_db_1`);
	await terminal.until(/● db\s+up/, 10_000);
});

real('dockerd frozen: said within seconds, keys work, and it goes on when it is thawed', async t => {
	if (whyNot !== null) {
		t.log(whyNot);
		t.pass();
		return;
	}

	const terminal = await openRealConsole(t, {project}, {env});
	await terminal.until(/● db\s+up/, 15_000);
	t.teardown(() => {
		engine?.kill('SIGCONT');
	});
	engine!.kill('SIGSTOP');
	await terminal.until(/Docker engine does not answer/, 40_000);
	await terminal.press('?');
	await terminal.until(/Upper case|Lower case/, 3000);
	await terminal.press('escape');

	// Opened on a frozen engine: a screen with the host, and the reason.
	const late = await openTerminal(process.execPath, [launcher, '--project', project], {env});
	t.teardown(late.close);
	await late.until(screen => /mem\s+[█▌░▎▍▊▉▋▏]/.test(screen) && /Docker engine does not answer/.test(screen), 20_000);
	const status = await runProgram(['status', '--project', project], env);
	t.true(status.exitCode === 2 || status.exitCode === 1, status.stdout);
	engine!.kill('SIGCONT');
	await Promise.all([terminal, late].map(async one => one.until(screen => /● db\s+up/.test(screen) && !/Docker engine does not answer/.test(screen), 25_000)));
});

real('no socket, and one that this user may not open: each says its own remedy; the socket that appears is found', async t => {
	if (whyNot !== null) {
		t.log(whyNot);
		t.pass();
		return;
	}

	const missing = await openTerminal(process.execPath, [launcher], {env: {DOCKER_HOST: `unix://${work}/later.sock`}});
	t.teardown(missing.close);
	await missing.until(/later\.sock/, 10_000);
	execFileSync('ln', ['-s', socket, path.join(work, 'later.sock')]);
	await missing.until(/● db\s+up/, 20_000);

	// The program, its Node and its home must be open to everybody; where they are not, there is nothing to try.
	chmodSync(work, 0o755);
	const reachable = spawnable();
	if (reachable !== null) {
		t.log(`left out the denied socket: ${reachable}`);
		return;
	}

	chmodSync(socket, 0o660);
	const home = mkdtempSync(path.join(tmpdir(), 'mdc-nobody-'));
	chmodSync(home, 0o777);
	t.teardown(() => {
		rmSync(home, {recursive: true, force: true});
	});
	const denied = await openTerminal('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, launcher, '--project', project], {
		directory: '/', env: {...env, HOME: home, XDG_STATE_HOME: `${home}/state`, XDG_RUNTIME_DIR: undefined, XDG_CONFIG_HOME: `${home}/config`, USER: 'nobody'},
	});
	t.teardown(denied.close);
	const screen = await denied.until(/docker group|group docker|usermod/, 15_000);
	t.regex(screen, /mem\s/);
	chmodSync(socket, 0o666);
	await denied.until(/● db\s+up/, 20_000);
	chmodSync(socket, 0o660);
});

/** Null when user nobody can start the program; else why not. */
const spawnable = (): string | null => {
	try {
		execFileSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, launcher, '--version'], {stdio: 'ignore', timeout: 20_000, cwd: '/'});
		return existsSync(launcher) ? null : 'the program is not built';
	} catch {
		return 'user nobody cannot start the program from where it lies';
	}
};
