/**
The journal's file system frozen, as a snapshot of a volume does it: a file system of the test's own, on an image file, frozen for seconds.
Nothing is frozen that is not certainly that mount, and a process apart from the test thaws it after ten seconds, whatever happens here.
*/
import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, truncateSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {performance} from 'node:perf_hooks';
import {setTimeout as sleep} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';
import {createJournalPort} from '../../source/adapters/journal.ts';
import {actor, draft, workerUrl} from '../helpers/journal-world.ts';
import {realClock} from '../helpers/real-clock.ts';
import {needs} from '../helpers/needs.ts';
import {until} from '../helpers/until.ts';

const environment = {...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`};
const run = (program: string, ...parameters: readonly string[]): string => execFileSync(program, parameters, {encoding: 'utf8', env: environment, timeout: 15_000, stdio: ['ignore', 'pipe', 'pipe']}).trim();

type Disk = {readonly mount: string; freeze(): void; thaw(): void};

/** A small ext4 on a loop device; thawed, unmounted and removed after the test. */
const ownDisk = (t: ExecutionContext): Disk => {
	const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'mdc-freeze-')));
	const [image, mount] = [path.join(directory, 'image'), path.join(directory, 'mount')];
	closeSync(openSync(image, 'w'));
	truncateSync(image, 32 * 1024 * 1024);
	run('mkfs.ext4', '-q', '-F', image);
	mkdirSync(mount);
	run('mount', '-o', 'loop', image, mount);
	const thaw = (): void => {
		// Fails where it is thawed already, which is what is wanted.
		spawnSync('fsfreeze', ['--unfreeze', mount], {env: environment});
	};

	t.teardown(() => {
		thaw();
		if (spawnSync('umount', [mount], {env: environment}).status !== 0) {
			spawnSync('umount', ['--lazy', mount], {env: environment});
		}

		rmSync(directory, {recursive: true, force: true, maxRetries: 3});
	});
	return {
		mount,
		freeze() {
			spawn('sh', ['-c', 'sleep 10; exec fsfreeze --unfreeze "$1"', 'sh', mount], {detached: true, stdio: 'ignore', env: environment}).unref();
			const [target, device = ''] = run('findmnt', '--noheadings', '--raw', '--output', 'TARGET,SOURCE', '--mountpoint', mount).split(' ');
			const backing = device.startsWith('/dev/loop') ? run('losetup', '--noheadings', '--output', 'BACK-FILE', device) : '';
			if (target !== mount || backing !== image) {
				throw new Error(`${mount} is not this test's own mount: nothing is frozen`);
			}

			run('fsfreeze', '--freeze', mount);
		},
		thaw,
	};
};

/** The longest time for which the main thread did not come round, in milliseconds. */
const watchMainThread = (): (() => number) => {
	let last = performance.now();
	let longestMs = 0;
	const look = (): number => {
		longestMs = Math.max(longestMs, performance.now() - last);
		last = performance.now();
		return longestMs;
	};

	const timer = setInterval(look, 10);
	return () => {
		clearInterval(timer);
		return look();
	};
};

needs('freezing')('a frozen file system: children start and the main thread goes on while an append hangs in it, and all is written after the thaw', async t => {
	const disk = ownDisk(t);
	const journal = createJournalPort({
		clock: realClock,
		actor,
		directories: {shared: path.join(disk.mount, 'none'), own: path.join(disk.mount, 'state'), memory: []},
		workerSource: workerUrl,
	});
	t.teardown(async () => {
		// Thawed first, else closing would only put away what waits.
		disk.thaw();
		await journal.close();
	});
	t.true((await journal.open('shop')).ok);
	for (let index = 0; index < 20; index++) {
		t.true((await journal.append([draft('note/added', {data: {index}})])).ok);
	}

	disk.freeze();
	const frozenAtMs = performance.now();
	const longest = watchMainThread();
	const hanging = journal.append([draft('note/added', {data: {index: 20}})]);
	await sleep(200);
	t.not(journal.pendingSinceMs(), null);
	for (let child = 0; child < 5; child++) {
		const code = await new Promise(resolve => {
			spawn('true').on('close', resolve).on('error', resolve);
		});
		t.is(code, 0);
	}

	const childrenTookMs = performance.now() - frozenAtMs;
	t.like(await hanging, {ok: false, failure: {code: 'timed-out', params: {waiting: 1}}});
	const lagMs = longest();
	disk.thaw();
	t.log(`five children within ${Math.round(childrenTookMs)} ms of the freeze, longest lag ${Math.round(lagMs)} ms`);
	// The freeze lasted two seconds and more: who waited for the thaw shows as much.
	t.true(lagMs < 1000, `the main thread stood still for ${Math.round(lagMs)} ms`);
	await until(() => journal.pendingSinceMs() === null);
	const entries = await journal.since(0);
	t.deepEqual(entries.ok && entries.value.map(({data}) => data['index']), Array.from({length: 21}, (_, index) => index));
});
