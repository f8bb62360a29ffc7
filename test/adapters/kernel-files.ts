/** Files that stay open between reads. */
import {readdirSync, readlinkSync} from 'node:fs';
import {mkdtemp, rename, rm, writeFile} from 'node:fs/promises';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createKernelFiles} from '../../source/adapters/docker/kernel-files.ts';
import {until} from '../helpers/until.ts';

const directoryFor = async (t: ExecutionContext): Promise<string> => {
	const directory = await mkdtemp(join(tmpdir(), 'mdc-kernel-files-'));
	t.teardown(async () => rm(directory, {recursive: true, force: true}));
	return directory;
};

/** How many files below a directory this process holds open. */
const openBelow = (directory: string): number => readdirSync('/proc/self/fd').filter(file => {
	try {
		return readlinkSync(`/proc/self/fd/${file}`).startsWith(directory);
	} catch {
		// Closed between the two looks.
		return false;
	}
}).length;

test.serial('a file stays open, and is read from its beginning each time', async t => {
	const directory = await directoryFor(t);
	const path = join(directory, 'cpu');
	const files = createKernelFiles();
	for (const text of ['1\n', '22\n', '3\n', `${'x'.repeat(20_000)}\n`]) {
		await writeFile(path, text);
		t.is(await files.kept(path), text);
		t.is(openBelow(directory), 1);
	}

	t.is(await files.once(path), `${'x'.repeat(20_000)}\n`);
	await until(() => openBelow(directory) === 1);
});

test.serial('many who read one file at once share it, whatever happens to it', async t => {
	const directory = await directoryFor(t);
	const path = join(directory, 'cpu');
	await writeFile(path, '7\n');
	const files = createKernelFiles();
	t.deepEqual(await Promise.all([1, 2, 3, 4].map(async () => files.kept(path))), ['7\n', '7\n', '7\n', '7\n']);
	t.is(files.size(), 1);
	await until(() => openBelow(directory) === 1);
});

test.serial('above the limit files are closed as they are read, and what nobody asks for makes room', async t => {
	const directory = await directoryFor(t);
	const paths = Array.from({length: 6}, (_, index) => join(directory, String(index)));
	await Promise.all(paths.map(async (path, index) => writeFile(path, `${index}\n`)));
	const files = createKernelFiles(3);
	for (const [index, path] of paths.entries()) {
		t.is(await files.kept(path), `${index}\n`);
	}

	t.is(files.size(), 3);
	await until(() => openBelow(directory) === 3);
	// The first three are gone from what is asked; the others take their place.
	for (let round = 0; round < 10; round++) {
		for (const path of paths.slice(3)) {
			await files.kept(path);
		}
	}

	t.is(files.size(), 3);
	await rm(paths[3]!);
	t.is(await files.kept(paths[3]!), '3\n', 'open: not opened again');
	await t.throwsAsync(files.kept(paths[0]!.replace(/0$/, 'none')), {code: 'ENOENT'});
	await until(() => openBelow(directory) === 3);
});

test.serial('what has gone is an error, and what has taken its name is read', async t => {
	const child = spawn('sleep', ['60']);
	const path = `/proc/${child.pid}/cgroup`;
	const files = createKernelFiles();
	t.regex(await files.kept(path), /:/);
	child.kill('SIGKILL');
	await once(child, 'exit');
	await t.throwsAsync(Promise.all([files.kept(path), files.kept(path), files.kept(path)]), {code: 'ENOENT'});
	t.is(files.size(), 0);
	await until(() => openBelow(path) === 0);
	const directory = await directoryFor(t);
	await writeFile(join(directory, 'new'), 'new\n');
	await rename(join(directory, 'new'), join(directory, 'name'));
	t.is(await files.kept(join(directory, 'name')), 'new\n');
});
