import {spawnSync} from 'node:child_process';
import {chmodSync, chownSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {DatabaseSync} from 'node:sqlite';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
// One test after the other: each has deadlines of seconds, which thirty threads that start at once would use up on a busy machine.
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {build} from 'esbuild';
import type {JournalPort, Outcome} from '../../source/core/ports.ts';
import {startWriter} from '../helpers/journal-process.ts';
import {actor, all, draft, leapingClock, typesOf, until, valueOf, workerUrl, world} from '../helpers/journal-world.ts';

const isRoot = process.getuid?.() === 0;
const modeOf = (file: string): number => statSync(file).mode & 0o7777;

// ─── the file ───────────────────────────────────────────────────────────────

test.serial('without a shared directory the journal lies in the user\'s own, for nobody else to read, and says so', async t => {
	const {journal, directories} = world(t);
	const port = journal();
	const {place, entries} = valueOf(t, await port.open('mestres-do-cafe'));
	t.deepEqual(entries, []);
	t.is(place.kind, 'own');
	t.is(place.path, path.join(directories.own, 'mestres-do-cafe.sqlite'));
	t.is(place.failure?.code, 'not-found');
	await port.append([draft('a')]);
	t.is(modeOf(directories.own), 0o700);
	t.deepEqual(readdirSync(directories.own).sort().map(name => [name, modeOf(path.join(directories.own, name))]), [['mestres-do-cafe.sqlite', 0o600], ['mestres-do-cafe.sqlite-journal', 0o600]]);
});

test.serial('in the shared directory every file belongs to the group, whatever the umask', async t => {
	const {journal, directories} = world(t, 'shared');
	if (isRoot) {
		chownSync(directories.shared, 0, 4242);
		chmodSync(directories.shared, 0o2770);
	}

	const before = process.umask(0o077);
	const port = journal();
	const {place} = valueOf(t, await port.open('shop'));
	await port.append([draft('a')]);
	process.umask(before);
	t.is(place.kind, 'shared');
	t.is(place.failure, null);
	const files = readdirSync(directories.shared).sort().map(name => path.join(directories.shared, name));
	t.deepEqual(files.map(file => path.basename(file)), ['shop.sqlite', 'shop.sqlite-journal']);
	t.deepEqual(files.map(file => modeOf(file)), [0o660, 0o660]);
	if (isRoot) {
		t.deepEqual(files.map(file => statSync(file).gid), [4242, 4242]);
	}
});

test.serial('a directory that strangers can write to is not used', async t => {
	const {journal, directories} = world(t, 'shared');
	chmodSync(directories.shared, 0o777);
	const {place} = valueOf(t, await journal().open('shop'));
	t.is(place.kind, 'own');
	t.is(place.failure?.code, 'denied');
});

test.serial('a project\'s name cannot lead out of the directory, and two projects never share a file', async t => {
	const {journal, directories} = world(t);
	for (const project of ['../../etc/passwd', 'Shop', 'shop', '', '.', `a${'x'.repeat(300)}`, 'a/b', 'a b']) {
		const port = journal();
		const {place} = valueOf(t, await port.open(project));
		t.is(path.dirname(place.path), directories.own);
		t.deepEqual(await all(t, port), []);
		await port.append([draft('a')]);
		await port.close();
	}

	const names = readdirSync(directories.own);
	const databases = names.filter(name => name.endsWith('.sqlite'));
	t.is(databases.length, 8);
	t.deepEqual(names.sort(), databases.flatMap(name => [name, `${name}-journal`]).sort());
});

test.serial('entries come back as they were written, after closing and opening too', async t => {
	const {journal} = world(t);
	const first = journal();
	await first.open('shop');
	const other = {...actor, name: 'bia', tty: null};
	const stored = valueOf(t, await first.append([
		draft('note/added', {data: {text: 'olá \uD800 ⏎', list: [1, null, {deep: true}]}, incident: 'inc-1', atMs: 1_700_000_000_123, monotonicMs: 99.75}),
		draft('run/ended', {actor: other}),
	]));
	await first.close();
	const second = journal();
	const {entries} = valueOf(t, await second.open('shop'));
	t.deepEqual(entries, stored);
	t.deepEqual(entries.map(({sequence}) => sequence), [1, 2]);
	t.deepEqual(entries.map(each => each.actor.name), ['ana', 'bia']);
	t.is(entries[0]!.bootId, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
	t.deepEqual(entries[0]!.data, {text: 'olá \uD800 ⏎', list: [1, null, {deep: true}]});
	t.deepEqual(valueOf(t, await second.since(1)), [entries[1]!]);
});

test.serial('a key is written once per project, by whoever comes first', async t => {
	const {journal} = world(t);
	const [one, two] = [journal(), journal()];
	await one.open('shop');
	await two.open('shop');
	t.is(valueOf(t, await one.append([draft('run/ended', {onceKey: 'run-1/outcome'}), draft('b')])).length, 2);
	t.deepEqual(typesOf(valueOf(t, await two.append([draft('run/ended', {onceKey: 'run-1/outcome'}), draft('c')]))), ['c']);
	t.deepEqual(typesOf(await all(t, one)), ['run/ended', 'b', 'c']);
});

test.serial('at most one incident is open: the second opening is left out until the first is resolved or cancelled', async t => {
	const {journal} = world(t);
	const [one, two] = [journal(), journal()];
	await one.open('shop');
	await two.open('shop');
	t.is(valueOf(t, await one.append([draft('incident/opened', {incident: 'i1', onceKey: 'i1'})])).length, 1);
	t.deepEqual(typesOf(valueOf(t, await two.append([draft('a'), draft('incident/opened', {incident: 'i2'}), draft('b')]))), ['a', 'b']);
	t.is(valueOf(t, await one.append([draft('incident/resolved', {incident: 'another'}), draft('incident/opened', {incident: 'i3'})])).length, 1);
	t.is(valueOf(t, await two.append([draft('incident/cancelled', {incident: 'i1'}), draft('incident/opened', {incident: 'i4'})])).length, 2);
	t.is(valueOf(t, await two.append([draft('incident/resolved', {incident: 'i4'}), draft('incident/opened', {incident: 'i5'})])).length, 2);
	t.is(valueOf(t, await two.append([draft('incident/opened', {incident: 'i1', onceKey: 'i1'})])).length, 0);
});

test.serial('the file itself refuses changes, removals, replacements and a second open incident, from any program', async t => {
	const {journal} = world(t);
	const port = journal();
	const {place} = valueOf(t, await port.open('shop'));
	await port.append([draft('incident/opened', {incident: 'i1', onceKey: 'k'})]);
	const stranger = new DatabaseSync(place.path);
	const columns = '(at_ms, monotonic_ms, boot_id, actor, incident, type, data, once_key)';
	t.throws(() => stranger.exec('UPDATE events SET type = \'x\''), {message: /append-only/});
	t.throws(() => stranger.exec('DELETE FROM events'), {message: /append-only/});
	t.throws(() => stranger.exec(`INSERT INTO events ${columns} VALUES (1, 1, '', '{}', 'i2', 'incident/opened', '{}', 'other')`), {message: /another incident is open/});
	stranger.exec(`INSERT OR REPLACE INTO events ${columns} VALUES (1, 1, '', '{}', null, 'x', '{}', 'k')`);
	stranger.exec('INSERT OR REPLACE INTO events (sequence, at_ms, monotonic_ms, boot_id, actor, type, data) VALUES (1, 1, 1, \'\', \'{}\', \'x\', \'{}\')');
	stranger.close();
	t.deepEqual(typesOf(await all(t, port)), ['incident/opened']);
});

test.serial('a journal of a newer program is left alone and named', async t => {
	const {journal} = world(t);
	const first = journal();
	const {place} = valueOf(t, await first.open('shop'));
	await first.close();
	const newer = new DatabaseSync(place.path);
	newer.exec('PRAGMA user_version = 99');
	newer.close();
	const answer = await journal().open('shop');
	t.false(answer.ok);
	t.like(answer, {failure: {code: 'unsupported', params: {version: 99, path: place.path}}});
});

for (const [what, spoil] of [
	['is no database', (file: string) => {
		writeFileSync(file, 'not a database at all '.repeat(500));
	}],
	['has broken pages', (file: string) => {
		const bytes = readFileSync(file);
		bytes.fill(0x5A, 4096);
		writeFileSync(file, bytes);
	}],
] as const) {
	test.serial(`a file that ${what} is renamed and reported, never deleted`, async t => {
		const {journal, directories} = world(t);
		const first = journal();
		const {place} = valueOf(t, await first.open('shop'));
		await first.append(Array.from({length: 200}, (_, index) => draft('a', {data: {index}})));
		await first.close();
		spoil(place.path);
		const spoilt = readFileSync(place.path);
		const second = journal();
		const opened = valueOf(t, await second.open('shop'));
		t.is(opened.place.failure?.code, 'malformed');
		t.deepEqual(opened.entries, []);
		t.is(valueOf(t, await second.append([draft('b')])).length, 1);
		const aside = String(opened.place.failure?.params?.['movedTo']);
		t.is(path.dirname(aside), directories.own);
		t.deepEqual(readFileSync(aside), spoilt);
	});
}

test.serial('read-only writes nothing: no file, no directory, no entry, no lease', async t => {
	const {journal, directories} = world(t);
	const looking = journal({readOnly: true});
	t.deepEqual(valueOf(t, await looking.open('shop')).entries, []);
	t.false(existsSync(directories.own));
	const writing = journal();
	await writing.open('shop');
	await writing.append([draft('a')]);
	const later = journal({readOnly: true});
	t.deepEqual(typesOf(valueOf(t, await later.open('shop')).entries), ['a']);
	t.like(await later.append([draft('b')]), {ok: false, failure: {code: 'read-only'}});
	t.deepEqual(valueOf(t, await later.lease()).mine, false);
	t.deepEqual(typesOf(await all(t, later)), ['a']);
});

test.serial('opening answers with the newest 20,000 entries', async t => {
	const {journal} = world(t);
	const first = journal();
	await first.open('shop');
	for (let batch = 0; batch < 21; batch++) {
		valueOf(t, await first.append(Array.from({length: 1000}, (_, index) => draft('a', {data: {index}}))));
	}

	const {entries} = valueOf(t, await journal().open('shop'));
	t.is(entries.length, 20_000);
	t.is(entries[0]!.sequence, 1001);
	t.is(entries.at(-1)!.sequence, 21_000);
	// An open incident is never cut off: without its beginning it would be invisible, and bar every new one.
	valueOf(t, await first.append([draft('incident/opened', {incident: 'INC-1'})]));
	for (let batch = 0; batch < 21; batch++) {
		valueOf(t, await first.append(Array.from({length: 1000}, (_, index) => draft('a', {data: {index}}))));
	}

	const {entries: whole} = valueOf(t, await journal().open('shop'));
	t.is(whole[0]!.type, 'incident/opened');
	t.is(whole.length, 21_001);
});

// ─── several processes ──────────────────────────────────────────────────────

test.serial('three processes append a thousand events each: none is lost, none is doubled, nothing is printed', async t => {
	const here = world(t, 'shared');
	const children = ['a', 'b', 'c'].map(name => startWriter(t, here, {name, count: 1000, shared: 10}));
	t.deepEqual(await Promise.all(children.map(async child => child.ended)), [0, 0, 0], children.map(child => child.complaints()).join('\n'));
	t.deepEqual(children.map(child => child.complaints()), ['', '', '']);
	const {entries} = valueOf(t, await here.journal().open('shop'));
	t.is(entries.length, (3 * 990) + 10);
	t.deepEqual(entries.map(({sequence}) => sequence), entries.map((_, index) => index + 1));
	for (const name of ['a', 'b', 'c']) {
		const indexes = entries.filter(({data}) => data['writer'] === name).map(({data}) => Number(data['index'])).filter(index => index >= 10);
		t.deepEqual(indexes, Array.from({length: 990}, (_, index) => index + 10));
	}
});

test.serial('a console killed between any two events leaves a prefix, with everything that was answered', async t => {
	const here = world(t);
	let before = 0;
	for (const after of [1, 37, 120]) {
		const child = startWriter(t, here, {name: 'killed', count: -1});
		await until(() => child.lines().length > after, 'answers');
		child.process.kill('SIGKILL');
		await child.ended;
		const answered = child.lines().length - 1;
		const port = here.journal();
		const {entries} = valueOf(t, await port.open('shop'));
		const indexes = entries.slice(before).map(({data}) => data['index']);
		t.deepEqual(indexes, indexes.map((_, index) => index));
		t.true(indexes.length >= answered, `${indexes.length} < ${answered}`);
		t.is(new Set(entries.map(({sequence}) => sequence)).size, entries.length);
		before = entries.length;
		await port.close();
	}
});

test.serial('one console holds the lease; it passes on after thirty seconds of silence, and at once when given up', async t => {
	const here = world(t);
	const clock = leapingClock();
	const [one, two] = [here.journal({clock}), here.journal({clock, actor: {...actor, name: 'bia'}})];
	await one.open('shop');
	await two.open('shop');
	t.like(valueOf(t, await one.lease()), {mine: true, holder: 'ana (production-server, pts/3)'});
	t.like(valueOf(t, await two.lease()), {mine: false, holder: 'ana (production-server, pts/3)'});
	clock.advance(29_000);
	t.false(valueOf(t, await two.lease()).mine);
	t.true(valueOf(t, await one.lease()).mine);
	clock.advance(29_000);
	t.false(valueOf(t, await two.lease()).mine);
	clock.advance(1500);
	t.true(valueOf(t, await two.lease()).mine);
	t.false(valueOf(t, await one.lease()).mine);
	await two.close();
	t.true(valueOf(t, await one.lease()).mine);
});

test.serial('the lease of a process that is gone passes on at once', async t => {
	const here = world(t);
	const child = startWriter(t, here, {name: 'gone', count: 0, stay: true});
	await until(() => child.lines().includes('staying'), 'the other console');
	t.deepEqual(child.lines()[0], 'open own mine');
	const port = here.journal();
	await port.open('shop');
	t.like(valueOf(t, await port.lease()), {mine: false, holder: 'gone (production-server)'});
	child.process.kill('SIGKILL');
	await child.ended;
	t.true(valueOf(t, await port.lease()).mine);
});

// ─── bad disks ──────────────────────────────────────────────────────────────

const mountSmall = (t: ExecutionContext, directory: string): boolean => {
	if (!isRoot || spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=2770', 'journal-test', directory]).status !== 0) {
		t.log('left out: mounting a small disk needs root');
		t.pass();
		return false;
	}

	t.teardown(() => {
		spawnSync('umount', ['-l', directory]);
	});
	return true;
};

const fill = (directory: string): string => {
	const file = path.join(directory, 'ballast');
	let bytes = '';
	for (let kilobytes = 1024; kilobytes >= 1; kilobytes = Math.floor(kilobytes / 2)) {
		try {
			const next = bytes + 'x'.repeat(kilobytes * 1024);
			writeFileSync(file, next);
			bytes = next;
		} catch {
			// Too much: half of it is tried next. What is on the disk now is as much as went.
			writeFileSync(file, bytes);
		}
	}

	return file;
};

const appendUntilSpilled = async (t: ExecutionContext, port: JournalPort): Promise<number> => {
	let written = 0;
	while (port.place().kind !== 'memory' && written < 500) {
		t.is(valueOf(t, await port.append([draft('full', {atMs: 1_700_000_000_000 + written, data: {index: written, weight: 'w'.repeat(2000)}})])).length, 1);
		written++;
	}

	return written;
};

test.serial('a full disk: entries go to memory-backed storage, and back as they were when there is room', async t => {
	const here = world(t, 'shared');
	const {directories} = here;
	if (!mountSmall(t, directories.shared)) {
		return;
	}

	const clock = leapingClock();
	const onSmallDisk = {...directories, own: path.join(directories.shared, 'own')};
	const port = here.journal({clock, directories: onSmallDisk});
	await port.open('shop');
	await port.append([draft('incident/opened', {incident: 'i1'})]);
	const ballast = fill(directories.shared);
	const written = await appendUntilSpilled(t, port);
	t.is(port.place().kind, 'memory');
	t.is(port.place().failure?.code, 'no-space');
	t.is(port.place().path, path.join(directories.memory[1]!, 'shop.waiting.sqlite'));
	t.is(modeOf(port.place().path), 0o600);
	t.is(valueOf(t, await port.append([draft('incident/opened', {incident: 'i2'})])).length, 0);
	const before = await all(t, port);
	t.is(before.length, written + 1);
	t.deepEqual(before.map(({sequence}) => sequence), before.map((_, index) => index + 1));

	clock.advance(30_000);
	await delay(200);
	t.is(port.place().kind, 'memory');
	rmSync(ballast);
	await until(() => {
		clock.advance(30_000);
		return port.place().kind === 'shared';
	}, 'the real place again');
	t.is(port.place().failure, null);
	t.deepEqual(await all(t, port), before);
	t.deepEqual(readdirSync(directories.memory[1]!), []);
	t.is(valueOf(t, await port.append([draft('after')])).length, 1);
});

test.serial('what a killed console left in memory-backed storage is moved over at the next opening', async t => {
	const here = world(t, 'shared');
	const {directories} = here;
	if (!mountSmall(t, directories.shared)) {
		return;
	}

	const onSmallDisk = {...here, directories: {...directories, own: path.join(directories.shared, 'own')}};
	const ballast = fill(directories.shared);
	const child = startWriter(t, onSmallDisk, {name: 'left', count: 20, stay: true});
	await until(() => child.lines().includes('staying'), 'twenty entries');
	t.is(child.lines()[0], 'open memory mine');
	child.process.kill('SIGKILL');
	await child.ended;
	rmSync(ballast);
	const port = here.journal({directories: onSmallDisk.directories});
	const {place, entries} = valueOf(t, await port.open('shop'));
	t.is(place.kind, 'shared');
	t.deepEqual(entries.map(({data}) => data['index']), Array.from({length: 20}, (_, index) => index));
	t.deepEqual(readdirSync(directories.memory[1]!), []);
});

test.serial('two consoles on a full disk: one moves the entries of both, and the other follows to the real place', async t => {
	const here = world(t, 'shared');
	if (!mountSmall(t, here.directories.shared)) {
		return;
	}

	const directories = {...here.directories, own: path.join(here.directories.shared, 'own')};
	const [one, two] = [here.journal({directories}), here.journal({directories})];
	const ballast = fill(directories.shared);
	t.is(valueOf(t, await one.open('shop')).place.kind, 'memory');
	await two.open('shop');
	await one.append([draft('a', {onceKey: 'a'})]);
	await two.append([draft('b'), draft('a', {onceKey: 'a'})]);
	rmSync(ballast);
	const third = here.journal({directories});
	t.deepEqual(typesOf(valueOf(t, await third.open('shop')).entries), ['a', 'b']);
	t.deepEqual(typesOf(valueOf(t, await one.append([draft('c')]))), ['c']);
	t.deepEqual(typesOf(valueOf(t, await two.append([draft('d')]))), ['d']);
	t.deepEqual([one.place().kind, two.place().kind, one.place().failure], ['shared', 'shared', null]);
	t.deepEqual(typesOf(await all(t, third)), ['a', 'b', 'c', 'd']);
});

test.serial('a file system that turns read-only under the journal is left for another place, and nothing is lost', async t => {
	const here = world(t, 'shared');
	if (!mountSmall(t, here.directories.shared)) {
		return;
	}

	const clock = leapingClock();
	const port = here.journal({clock});
	await port.open('shop');
	await port.append([draft('before')]);
	spawnSync('mount', ['-o', 'remount,ro', here.directories.shared]);
	const readOnly = spawnSync('touch', [path.join(here.directories.shared, 'probe')]).status !== 0;
	if (!readOnly) {
		// A file open for writing keeps the mount writable: a fresh console then meets the read-only one.
		await port.close();
		spawnSync('mount', ['-o', 'remount,ro', here.directories.shared]);
	}

	const later = readOnly ? port : here.journal({clock});
	if (!readOnly) {
		await later.open('shop');
	}

	t.is(valueOf(t, await later.append([draft('during')])).length, 1);
	t.is(later.place().kind, 'own');
	t.is(later.place().failure?.code, 'read-only');
});

test.serial('a lock that another program holds: the write waits, is told as pending, and is written in its order', async t => {
	const {journal} = world(t);
	const port = journal();
	const {place} = valueOf(t, await port.open('shop'));
	const stranger = new DatabaseSync(place.path);
	stranger.exec('BEGIN IMMEDIATE');
	t.is(port.pendingSinceMs(), null);
	const startedAt = Date.now();
	const answers = Promise.all(['a', 'b', 'c'].map(async type => port.append([draft(type)])));
	const pending = port.pendingSinceMs();
	t.true(pending !== null && Math.abs(pending - startedAt) < 100);
	for (const answer of await answers) {
		t.like(answer, {ok: false, failure: {code: 'timed-out', params: {waiting: 3}}});
	}

	t.true(Date.now() - startedAt < 3000);
	stranger.exec('COMMIT');
	stranger.close();
	await until(() => port.pendingSinceMs() === null, 'the writes');
	t.deepEqual(typesOf(await all(t, port)), ['a', 'b', 'c']);
});

// ─── the bundled worker, and one that hangs or dies ─────────────────────────

const bundled = async (format: 'cjs' | 'esm', banner = ''): Promise<string> => {
	const result = await build({entryPoints: [fileURLToPath(workerUrl)], bundle: true, platform: 'node', target: 'node24', format, minify: true, write: false, banner: {js: banner}});
	return result.outputFiles[0]!.text;
};

for (const [name, source] of [
	['a CommonJS text', async () => bundled('cjs')],
	['an ES module text', async () => bundled('esm')],
	['a data: URL', async () => new URL(`data:text/javascript,${encodeURIComponent(await bundled('esm'))}`)],
] as const) {
	test.serial(`the worker runs from ${name}`, async t => {
		const port = world(t).journal({workerSource: await source()});
		await port.open('shop');
		t.is(valueOf(t, await port.append([draft('a')])).length, 1);
		t.is((await all(t, port)).length, 1);
	});
}

/** While the flag file is there, every statement of the worker sticks, as on a frozen disk. */
const frozenBanner = (flag: string): string => `{const {DatabaseSync} = require('node:sqlite'), {existsSync} = require('node:fs'), plain = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (sql) { while (existsSync(${JSON.stringify(flag)}) && !this.location().startsWith('/dev/shm')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20); return plain.call(this, sql); };}`;

test.serial('a frozen disk: the main thread goes on, at most 10,000 drafts wait, and all are written in order when it thaws', async t => {
	const here = world(t);
	const flag = path.join(here.root, 'frozen');
	const port = here.journal({workerSource: await bundled('cjs', frozenBanner(flag))});
	await port.open('shop');
	await port.append([draft('a', {data: {index: 0}})]);
	writeFileSync(flag, '');
	const waiting: Promise<unknown>[] = [];
	for (let batch = 0; batch < 10; batch++) {
		waiting.push(port.append(Array.from({length: 1000}, (_, index) => draft('a', {data: {index: 1 + (batch * 1000) + index}}))));
	}

	t.like(await port.append([draft('too many')]), {ok: false, failure: {code: 'busy', params: {waiting: 10_000}}});
	const looking = port.since(0);
	await delay(50);
	const answers = await Promise.all(waiting);
	t.true(answers.every(answer => !(answer as Outcome<unknown>).ok));
	t.like(await looking, {ok: false, failure: {code: 'timed-out'}});
	t.true(Date.now() - port.pendingSinceMs()! >= 1990);
	rmSync(flag);
	await until(() => port.pendingSinceMs() === null, 'the thaw');
	const entries = await all(t, port);
	t.deepEqual(entries.map(({data}) => data['index']), Array.from({length: 10_001}, (_, index) => index));
});

test.serial('closing on a frozen disk ends within a second, and what waited comes back at the next opening', async t => {
	const here = world(t);
	const flag = path.join(here.root, 'frozen');
	const port = here.journal({workerSource: await bundled('cjs', frozenBanner(flag))});
	await port.open('shop');
	await port.append([draft('before')]);
	writeFileSync(flag, '');
	void port.append([draft('x'), draft('y')]);
	void port.append([draft('z', {onceKey: 'z'})]);
	const startedAt = Date.now();
	await port.close();
	t.true(Date.now() - startedAt < 1300, `${Date.now() - startedAt}`);
	t.not(port.pendingSinceMs(), null);
	t.true(existsSync(path.join(here.directories.memory[1]!, 'shop.waiting.sqlite')));
	const later = here.journal();
	const {entries} = valueOf(t, await later.open('shop'));
	t.deepEqual(typesOf(entries), ['before', 'x', 'y', 'z']);
	rmSync(flag);
});

test.serial('closing on a frozen disk after another project was asked for puts what waited where it belongs', async t => {
	const here = world(t);
	const flag = path.join(here.root, 'frozen');
	const port = here.journal({workerSource: await bundled('cjs', frozenBanner(flag))});
	await port.open('shop');
	writeFileSync(flag, '');
	void port.append([draft('x')]);
	void port.open('market');
	void port.append([draft('y')]);
	await port.close();
	const later = here.journal();
	t.deepEqual(typesOf(valueOf(t, await later.open('shop')).entries), ['x']);
	t.deepEqual(typesOf(valueOf(t, await later.open('market')).entries), ['y']);
	rmSync(flag);
});

const deadlyBanner = (flag: string): string => `{const {DatabaseSync} = require('node:sqlite'), fs = require('node:fs'), plain = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (sql) { plain.call(this, sql); if (sql === 'COMMIT' && fs.existsSync(${JSON.stringify(flag)})) { fs.unlinkSync(${JSON.stringify(flag)}); console.error('this must not reach the terminal'); process.exit(9); } };}`;

test.serial('a worker that dies after the write and before its answer is started anew, and nothing is doubled', async t => {
	const here = world(t);
	const flag = path.join(here.root, 'deadly');
	const port = here.journal({workerSource: await bundled('cjs', deadlyBanner(flag))});
	await port.open('shop');
	await port.append([draft('a')]);
	writeFileSync(flag, '');
	const answers = await Promise.all([port.append([draft('b'), draft('c')]), port.append([draft('d')])]);
	t.true(answers.every(({ok}) => ok));
	t.deepEqual(typesOf(await all(t, port)), ['a', 'b', 'c', 'd']);
});

test.serial('a worker that dies while another project was asked for is started anew with the project that it died in', async t => {
	const here = world(t);
	const flag = path.join(here.root, 'deadly');
	const port = here.journal({workerSource: await bundled('cjs', deadlyBanner(flag))});
	await port.open('shop');
	writeFileSync(flag, '');
	const answers = await Promise.all([port.append([draft('a')]), port.append([draft('b')]), port.open('market'), port.append([draft('c')])]);
	t.true(answers.every(({ok}) => ok));
	t.deepEqual(typesOf(await all(t, port)), ['c']);
	await port.open('shop');
	t.deepEqual(typesOf(await all(t, port)), ['a', 'b']);
});

test.serial('a worker that cannot run at all is a failure, not an exception', async t => {
	const port = world(t).journal({workerSource: 'throw new Error("broken build")'});
	const opened = await port.open('shop');
	t.like(opened, {ok: false, failure: {code: 'failed'}});
	t.true(!opened.ok && opened.failure.detail.includes('broken build'));
	t.like(await port.append([draft('a')]), {ok: false, failure: {code: 'failed'}});
});
