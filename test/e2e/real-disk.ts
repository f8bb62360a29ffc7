/** The disk of the journal full or frozen, on a real file system: the incident is recorded all the same, and the screen never waits for it. */
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {configure, confirm, launcher, openRealConsole, readJournals, runProgram} from '../helpers/real-console.ts';
import {needs} from '../helpers/needs.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';
import {openTerminal} from '../helpers/terminal.ts';
import {until} from '../helpers/until.ts';

const real = needs('engine', 'compose', 'busybox', 'pty', 'root');
const work = mkdtempSync(path.join(tmpdir(), 'mdc-disk-'));
const mounted = new Set<string>();
let shared: Promise<Stack> | null = null;

const sh = (script: string, ...parameters: readonly string[]): void => {
	execFileSync('sh', ['-ec', `PATH=$PATH:/usr/sbin:/sbin; ${script}`, 'sh', ...parameters], {stdio: ['ignore', 'ignore', 'pipe'], timeout: 20_000});
};

const unmount = (mount: string): void => {
	try {
		sh('fsfreeze -u "$1"', mount);
	} catch {
		// Not frozen, or not a file system that can be: which is how it should be left.
	}

	try {
		sh('umount "$1" || umount -l "$1"', mount);
	} finally {
		mounted.delete(mount);
	}
};

test.after.always('nothing stays mounted or frozen, and the stack is taken down', async () => {
	for (const mount of mounted) {
		unmount(mount);
	}

	const stack = await shared?.catch(() => null);
	await stack?.close();
	rmSync(work, {recursive: true, force: true});
});

const stoppedApi = async (): Promise<Stack> => {
	shared ??= openStack();
	const stack = await shared;
	configure(stack, 'incident: {open-after: 2s, watch: 10s}\n');
	await stack.compose('up', '-d', '--no-build');
	await stack.waitHealthy();
	await stack.stop('api');
	return stack;
};

real('a full disk: the journal goes to memory, a banner says so, and it is moved back in order when there is room', async t => {
	const mount = path.join(work, 'full');
	mkdirSync(mount);
	try {
		sh('mount -t tmpfs -o size=256k none "$1"', mount);
	} catch (error) {
		t.log(`left out: no tmpfs can be mounted here (${String(error).slice(0, 200)})`);
		t.pass();
		return;
	}

	mounted.add(mount);
	try {
		writeFileSync(path.join(mount, 'ballast'), Buffer.alloc(300_000));
	} catch {
		// Full, as it should be.
	}

	const stack = await stoppedApi();
	const terminal = await openRealConsole(t, stack, {env: {XDG_STATE_HOME: mount}});
	await terminal.until(/CRITICAL/, 20_000);
	await terminal.until(/journal lies in memory/i, 15_000);
	await confirm(terminal, 'U');
	await terminal.until(/RECOVERED in/, 30_000);
	await terminal.press('escape');
	sh('rm "$1"; mount -o remount,size=8m "$2"', path.join(mount, 'ballast'), mount);
	await terminal.until(screen => !/journal lies in memory/i.test(screen), 60_000);
	const types = readJournals(mount).map(entry => entry.type);
	for (const type of ['incident/opened', 'action/confirmed', 'action/ended', 'action/verified']) {
		t.is(types.filter(other => other === type).length, 1, types.join(' '));
	}

	t.true(types.indexOf('incident/opened') < types.indexOf('action/verified'));
	await terminal.close();
	unmount(mount);
});

real('a frozen disk: the screen, the pings and the action go on, the banner says that the journal waits, and it is written when the disk thaws', async t => {
	const mount = path.join(work, 'frozen');
	mkdirSync(mount);
	try {
		sh('truncate -s 32M "$1.img"; mkfs.ext4 -q -F "$1.img"; mount -o loop "$1.img" "$1"; fsfreeze -f "$1"; fsfreeze -u "$1"', mount);
	} catch (error) {
		t.log(`left out: no file system can be frozen here (${String(error).slice(0, 200)})`);
		t.pass();
		return;
	}

	mounted.add(mount);
	const stack = await stoppedApi();
	const terminal = await openRealConsole(t, stack, {env: {XDG_STATE_HOME: mount}});
	await terminal.until(/CRITICAL/, 20_000);
	await until(() => readJournals(mount).some(entry => entry.type === 'incident/opened'), {everyMs: 200});
	sh('fsfreeze -f "$1"', mount);
	try {
		await confirm(terminal, 'U');
		await terminal.until(/RECOVERED in/, 30_000);
		await terminal.press('escape');
		await terminal.until(/disk has not taken the journal|journal lies in memory/i, 30_000);
		t.regex(await terminal.until(/● api\s+200/, 15_000), /● nginx\s+/);
		// A command that looks once says what it knows, and is not held by the thread that waits for the disk.
		const status = await runProgram(['status', '--json', '--project', stack.project], {XDG_STATE_HOME: mount}, 25_000);
		t.is((JSON.parse(status.stdout) as {schemaVersion: number}).schemaVersion, 1);
		t.not(status.exitCode, 125, status.stderr);
		const run = await openTerminal(process.execPath, [launcher, 'run', 'restart-api', '--dry-run', '--project', stack.project], {env: {XDG_STATE_HOME: mount}});
		t.teardown(run.close);
		await run.until(/does not answer holds this process[^]*would have been 0/, 40_000);
	} finally {
		sh('fsfreeze -u "$1"', mount);
	}

	await terminal.until(screen => !/disk has not taken the journal|journal lies in memory/i.test(screen), 60_000);
	await until(() => readJournals(mount).some(entry => entry.type === 'action/verified'), {deadlineMs: 60_000, everyMs: 300, describe: () => readJournals(mount).map(entry => entry.type).join(' ')});
	const types = readJournals(mount).map(entry => entry.type);
	for (const type of ['incident/opened', 'action/confirmed', 'action/started', 'action/ended', 'action/verified']) {
		t.is(types.filter(other => other === type).length, 1, types.join(' '));
	}

	await terminal.close();
	unmount(mount);
});
