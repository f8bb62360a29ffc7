/** Actions outlive the session, on a real engine: a cut SSH line, a killed console, two consoles at once. The stand-in for a slow Compose counts its calls. */
import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {configure, confirm, launcher, openRealConsole, readJournals, type JournalRow} from '../helpers/real-console.ts';
import {needs} from '../helpers/needs.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';
import {openSshd} from '../helpers/sshd.ts';
import type {Terminal} from '../helpers/terminal.ts';
import {until} from '../helpers/until.ts';

const real = needs('engine', 'compose', 'busybox', 'pty');
const realWithSsh = needs('engine', 'compose', 'busybox', 'pty', 'sshd');
let shared: Promise<Stack> | null = null;
const work = mkdtempSync(path.join(tmpdir(), 'mdc-sessions-'));

test.after.always('the stack is taken down', async () => {
	const stack = await shared?.catch(() => null);
	await stack?.close();
	rmSync(work, {recursive: true, force: true});
});

/** A directory for PATH with a docker-compose that takes its time for one of its verbs, and how often that was called. */
const slowCompose = (name: string, seconds: number, verb: 'up' | 'build' = 'up'): {readonly path: string; readonly calls: () => number; readonly state: string} => {
	const directory = path.join(work, name);
	mkdirSync(directory);
	const real = execFileSync('sh', ['-c', 'command -v docker-compose'], {encoding: 'utf8'}).trim();
	const calls = path.join(directory, 'calls');
	writeFileSync(path.join(directory, 'docker-compose'), `#!/bin/sh\n[ "$1" = ${verb} ] && { echo ${verb} >>${calls}; echo 'the slow part begins'; sleep ${seconds}; echo 'the slow part ended'; }\nexec ${real} "$@"\n`);
	chmodSync(path.join(directory, 'docker-compose'), 0o755);
	return {path: `${directory}:${process.env['PATH'] ?? ''}`, calls: () => existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').length - 1 : 0, state: path.join(directory, 'state')};
};

const stoppedApi = async (): Promise<Stack> => {
	shared ??= openStack();
	const stack = await shared;
	configure(stack, 'verify: {deadline: 20s, slow: 15s}\nincident: {open-after: 2s, watch: 10s}\n');
	await stack.compose('up', '-d', '--no-build');
	await stack.waitHealthy();
	await stack.stop('api');
	return stack;
};

const count = (journal: readonly JournalRow[], type: string): number => journal.filter(entry => entry.type === type).length;

const typesOfOneRun = ['action/confirmed', 'action/started', 'action/ended', 'action/verified'];

/** What must stand in the journal of a run that a cut did not harm: everything once, and the true end. */
const assertOneRun = (t: ExecutionContext, state: string, calls: number, action = 'start-api'): void => {
	const journal = readJournals(state).filter(({data}) => data['action'] === undefined || data['action'] === action);
	for (const type of [...(action === 'start-api' ? ['incident/opened'] : []), ...typesOfOneRun]) {
		t.is(count(journal, type), 1, `${type}: ${journal.map(entry => entry.type).join(' ')}`);
	}

	t.is(calls, 1);
	t.like(journal.find(entry => entry.type === 'action/ended')?.data, {exitCode: 0, lost: false, cancelled: false});
	t.like(journal.find(entry => entry.type === 'action/verified')?.data, {verdict: 'recovered'});
};

const verified = async (state: string, terminal: Terminal, action = 'start-api'): Promise<void> => {
	await until(() => readJournals(state).filter(({type, data}) => type === 'action/verified' && data['action'] === action).length === 1, {deadlineMs: 60_000, everyMs: 200, describe: () => terminal.screen()});
};

realWithSsh('an SSH line that is cut while an action runs: the action finishes, and the next console finds it, verifies it and journals it once', async t => {
	const stack = await stoppedApi();
	const sshd = await openSshd(t);
	const slow = slowCompose('cut', 5);
	const line = await sshd.open([process.execPath, launcher, '--project', stack.project, '--as', 'ana'], {PATH: slow.path, XDG_STATE_HOME: slow.state});
	const {terminal} = line;
	await terminal.until(/CRITICAL/, 20_000);
	await confirm(terminal, 'U');
	await terminal.until(/the slow part begins/, 10_000);
	line.cut();
	await until(async () => await stack.inspect('api', '{{.State.Running}}') === 'true', {deadlineMs: 20_000, everyMs: 200, describe: () => 'the action died with the line'});
	const again = await openRealConsole(t, stack, {env: {XDG_STATE_HOME: slow.state, PATH: slow.path}});
	await verified(slow.state, again);
	await again.press('i');
	t.regex(await again.until(/recovered/i), /Start api/);
	assertOneRun(t, slow.state, slow.calls());
});

/** A git checkout of two versions with the second one deployed; answers with the first one's commit. */
const twoVersions = async (stack: Stack): Promise<string> => {
	const git = (...words: readonly string[]): string => execFileSync('git', ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', ...words], {cwd: stack.directory, encoding: 'utf8', env: {...process.env, HOME: work}}).trim();
	const commit = (subject: string): string => {
		git('add', '-A');
		git('commit', '-q', '-m', subject);
		return git('rev-parse', 'HEAD');
	};

	writeFileSync(path.join(stack.directory, '.gitignore'), 'root/\nfaults/\n.env\nmdc-console.yaml\n.git/\n');
	git('init', '-q', '-b', 'main');
	const first = commit('first version');
	writeFileSync(path.join(stack.directory, 'services/version'), 'two\n');
	commit('second version');
	await stack.compose('up', '-d', '--build');
	await stack.waitHealthy();
	return first;
};

realWithSsh('an SSH line that is cut in the middle of a rollback: it goes on through its steps, and the next console verifies it and offers the way back', async t => {
	t.timeout(240_000);
	const stack = await stoppedApi();
	const first = await twoVersions(stack);
	const image = await stack.inspect('api', '{{.Image}}');
	const sshd = await openSshd(t);
	const slow = slowCompose('rollback', 4, 'build');
	const line = await sshd.open([process.execPath, launcher, '--project', stack.project, '--as', 'ana'], {PATH: slow.path, XDG_STATE_HOME: slow.state});
	const {terminal} = line;
	await terminal.until(/● healthy/, 20_000);
	await terminal.press('K');
	await terminal.until(/›.*first version/, 20_000);
	await terminal.press('enter');
	await until(async () => {
		const screen = terminal.screen();
		if (/type \S+ to confirm/.test(screen)) {
			await terminal.press(...stack.project, 'enter');
		} else if (/\by\b.*(?:runs it|asks you to type)/.test(screen) && !/Asking Compose|Still looking/.test(screen)) {
			await terminal.press('y');
		}

		return screen.includes('the slow part begins');
	}, {deadlineMs: 60_000, everyMs: 700, describe: () => terminal.screen()});
	// The checkout is done, the build is under way, nothing was swapped yet: here the line goes.
	line.cut();
	t.is(await stack.inspect('api', '{{.Image}}'), image);
	await until(async () => await stack.inspect('api', '{{.Image}}') !== image, {deadlineMs: 60_000, everyMs: 300, describe: () => 'the rollback died with the line'});
	const again = await openRealConsole(t, stack, {env: {XDG_STATE_HOME: slow.state, PATH: slow.path}});
	await verified(slow.state, again, 'rollback-commit');
	assertOneRun(t, slow.state, slow.calls(), 'rollback-commit');
	t.is(execFileSync('git', ['rev-parse', 'HEAD'], {cwd: stack.directory, encoding: 'utf8'}).trim(), first);
	await again.until(/● healthy/, 20_000);
	await again.press('Z');
	t.regex(await again.until(/ y +runs it/, 20_000), /git checkout "\$MDC_REF"/);
});

real('kill -9 of the console while an action runs: the next console sees it running, and its outcome is the true one', async t => {
	const stack = await stoppedApi();
	const slow = slowCompose('killed', 8);
	const first = await openRealConsole(t, stack, {env: {XDG_STATE_HOME: slow.state, PATH: slow.path}});
	await first.until(/CRITICAL/, 20_000);
	await confirm(first, 'U');
	await first.until(/the slow part begins/, 10_000);
	first.kill('SIGKILL');
	await first.exited;

	const second = await openRealConsole(t, stack, {env: {XDG_STATE_HOME: slow.state, PATH: slow.path}, parameters: ['--as', 'bia']});
	await second.until(/CRITICAL/, 20_000);
	await second.press('U');
	// The card that it would open gives way to what runs: its output, and by whom. Nothing on it starts anything.
	await second.until(screen => /Start api · api .* by ana/.test(screen) && screen.includes('the slow part begins'), 7000);
	await second.press('y', 'escape');
	await verified(slow.state, second);
	assertOneRun(t, slow.state, slow.calls());
	const ended = readJournals(slow.state).find(entry => entry.type === 'action/ended');
	const started = readJournals(slow.state).find(entry => entry.type === 'action/started');
	t.true(Number(ended?.atMs) - Number(started?.atMs) >= 7900, 'the end is the command\'s own');
});

real('a run that ends while nobody looks is found with its true times by the next console', async t => {
	const stack = await stoppedApi();
	const slow = slowCompose('alone', 2);
	const first = await openRealConsole(t, stack, {env: {XDG_STATE_HOME: slow.state, PATH: slow.path}});
	await first.until(/CRITICAL/, 20_000);
	await confirm(first, 'U');
	await first.until(/the slow part begins/, 10_000);
	first.kill('SIGKILL');
	await first.exited;
	await until(async () => await stack.inspect('api', '{{.State.Running}}') === 'true', {deadlineMs: 20_000, everyMs: 200});
	const startedAtMs = Date.parse(await stack.inspect('api', '{{.State.StartedAt}}'));
	await until(() => Date.now() - startedAtMs > 3000);

	const second = await openRealConsole(t, stack, {env: {XDG_STATE_HOME: slow.state, PATH: slow.path}});
	await verified(slow.state, second);
	assertOneRun(t, slow.state, slow.calls());
	const ended = readJournals(slow.state).find(entry => entry.type === 'action/ended');
	t.true(Math.abs(Number(ended?.atMs) - startedAtMs) < 2500, 'the end is when the command ended, not when it was found');
});

real('two consoles: the other one sees the run at once, and cannot start it a second time', async t => {
	const stack = await stoppedApi();
	const slow = slowCompose('two', 5);
	const env = {XDG_STATE_HOME: slow.state, PATH: slow.path};
	const ana = await openRealConsole(t, stack, {env});
	const bia = await openRealConsole(t, stack, {env, parameters: ['--as', 'bia']});
	await Promise.all([ana.until(/CRITICAL/, 20_000), bia.until(/CRITICAL/, 20_000)]);
	// Both cards stand open and take `y`; only one can win.
	await Promise.all([ana.press('U'), bia.press('U')]);
	const ready = (screen: string): boolean => /\by\b.*runs it/.test(screen);
	await Promise.all([ana.until(ready, 20_000), bia.until(ready, 20_000)]);
	await ana.settled(500);
	await Promise.all([ana.press('y'), bia.press('y')]);
	await until(() => slow.calls() >= 1);
	await until(() => [ana, bia].some(terminal => /Not started: (?:ana|bia) is already changing|Another command runs|found running; it is watched here/.test(terminal.screen())), {describe: () => `${ana.screen()}\n${bia.screen()}`});
	await verified(slow.state, ana);
	t.is(slow.calls(), 1);
	const journal = readJournals(slow.state);
	for (const type of ['incident/opened', 'action/started', 'action/ended', 'action/verified']) {
		t.is(count(journal, type), 1, journal.map(entry => entry.type).join(' '));
	}
});

real('two people see each other and who leads; a note being typed when the line drops is offered by the same person\'s next console, and to nobody else', async t => {
	await stoppedApi();
	const stack = await shared!;
	const env = {XDG_STATE_HOME: path.join(work, 'people')};
	const ana = await openRealConsole(t, stack, {env});
	await ana.until(/CRITICAL/, 20_000);
	const bia = await openRealConsole(t, stack, {env, parameters: ['--as', 'bia']});
	await bia.until(/CRITICAL.*ana here/, 20_000);
	await ana.until(/CRITICAL.*bia here/, 20_000);
	await ana.press('a');
	await ana.until(/ack ana/);
	await bia.press('i');
	await bia.until(screen => /ack .*ana/.test(screen) && /t takes it over/.test(screen));
	await bia.press('t');
	await ana.until(/lead bia/, 10_000);
	await ana.press('m');
	await ana.until(/note:/);
	await ana.press(...'the deploy of 03');
	await ana.until(/note: the deploy of 03/);
	// A line that drops hangs up twice: by the kernel, and by the shell.
	ana.kill('SIGHUP');
	ana.kill('SIGHUP');
	t.is((await ana.exited).exitCode, 129);
	await bia.until(screen => !/ana here|here +ana/.test(screen), 20_000);
	await bia.press('escape', 'm');
	t.regex(await bia.until(/note:/), /note: +Enter/);
	await bia.press('escape');
	const again = await openRealConsole(t, stack, {env});
	await again.until(/A note you were typing is kept; m goes on with it: the deploy of 03/, 20_000);
	await again.press('m');
	await again.until(/note: the deploy of 03/);
	await again.press(':', '0', '5', 'enter');
	await until(() => readJournals(env.XDG_STATE_HOME).some(({type, data}) => type === 'note/added' && data['text'] === 'the deploy of 03:05'), {describe: () => again.screen()});
});
