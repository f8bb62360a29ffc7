/** The journal's file under locks, after a writer was killed in a transaction, and as earlier versions left it. One test after the other. */
import {existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {setTimeout as delay} from 'node:timers/promises';
import test from 'ava';
import {all, draft, killedInTransaction, typesOf, until, valueOf, world} from '../helpers/journal-world.ts';

test.serial('a file that is locked for reading too: opening and reading wait for it, and no failure is told', async t => {
	const {journal} = world(t);
	const port = journal();
	const {place} = valueOf(t, await port.open('shop'));
	await port.append([draft('a')]);
	const stranger = new DatabaseSync(place.path);
	stranger.exec('BEGIN EXCLUSIVE');
	const looking = journal({readOnly: true});
	const [opening, writing] = [looking.open('shop'), journal().open('shop')];
	// Longer than SQLite itself waits for a lock.
	await delay(2300);
	const reading = port.since(0);
	await delay(300);
	stranger.exec('COMMIT');
	stranger.close();
	t.deepEqual(typesOf(valueOf(t, await opening).entries), ['a']);
	const other = valueOf(t, await writing);
	t.deepEqual([other.place.path, other.entries.length], [place.path, 1]);
	t.deepEqual(typesOf(valueOf(t, await reading)), ['a']);
});

test.serial('a file that another program is writing to: the history is there at once for who comes now', async t => {
	const {journal} = world(t);
	const first = journal();
	const {place} = valueOf(t, await first.open('shop'));
	await first.append([draft('a')]);
	const stranger = new DatabaseSync(place.path);
	stranger.exec('BEGIN IMMEDIATE; PRAGMA user_version = 1');
	t.deepEqual(typesOf(valueOf(t, await journal({readOnly: true}).open('shop')).entries), ['a']);
	t.deepEqual(typesOf(await all(t, first)), ['a']);
	const opened = valueOf(t, await journal().open('shop'));
	t.deepEqual([opened.place.path, ...typesOf(opened.entries)], [place.path, 'a']);
	stranger.exec('ROLLBACK');
	stranger.close();
});

test.serial('a lock that outlasts the opening: nothing goes elsewhere because of it, and what was appended meanwhile is written', async t => {
	const {journal, directories} = world(t);
	const first = journal();
	const {place} = valueOf(t, await first.open('shop'));
	await first.append([draft('a')]);
	const stranger = new DatabaseSync(place.path);
	stranger.exec('BEGIN EXCLUSIVE');
	const port = journal();
	t.like(await port.open('shop'), {ok: false, failure: {code: 'timed-out'}});
	t.like(await port.append([draft('b')]), {ok: false, failure: {code: 'timed-out'}});
	stranger.exec('COMMIT');
	stranger.close();
	await until(() => port.pendingSinceMs() === null, 'the write');
	t.is(port.place().path, place.path);
	t.deepEqual(typesOf(await all(t, port)), ['a', 'b']);
	t.false(existsSync(directories.memory[1]!));
});

// ─── a rollback journal, and files of earlier versions ──────────────────────

test.serial('a writer killed in a transaction: who only reads sees what was there before it and writes nothing; the next writer takes it back', async t => {
	const {journal, directories} = world(t);
	const first = journal();
	const {place} = valueOf(t, await first.open('shop'));
	await first.append([draft('a'), draft('b')]);
	await first.close();
	killedInTransaction(place.path);
	const bytes = [place.path, `${place.path}-journal`].map(file => readFileSync(file));
	t.throws(() => new DatabaseSync(place.path, {readOnly: true}).prepare('SELECT * FROM events').all(), {message: /readonly/});

	const looking = journal({readOnly: true});
	t.deepEqual(typesOf(valueOf(t, await looking.open('shop')).entries), ['a', 'b']);
	t.deepEqual(typesOf(await all(t, looking)), ['a', 'b']);
	t.is(looking.place().path, place.path);
	t.deepEqual([place.path, `${place.path}-journal`].map(file => readFileSync(file)), bytes);
	t.deepEqual(readdirSync(directories.memory[1]!), []);

	const port = journal();
	t.deepEqual(typesOf(valueOf(t, await port.open('shop')).entries), ['a', 'b']);
	await port.append([draft('c')]);
	t.deepEqual(typesOf(await all(t, looking)), ['a', 'b', 'c']);
});

test.serial('a writer killed while another console only looks: looking goes on', async t => {
	const {journal} = world(t);
	const first = journal();
	const {place} = valueOf(t, await first.open('shop'));
	await first.append([draft('a')]);
	await first.close();
	const looking = journal({readOnly: true});
	await looking.open('shop');
	killedInTransaction(place.path);
	t.deepEqual(typesOf(await all(t, looking)), ['a']);
});

test.serial('an unreadable file is renamed together with its rollback journal', async t => {
	const {journal, directories} = world(t);
	mkdirSync(directories.own, {recursive: true, mode: 0o700});
	const file = path.join(directories.own, 'shop.sqlite');
	writeFileSync(file, 'not a database at all '.repeat(500));
	writeFileSync(`${file}-journal`, '\0'.repeat(600));
	const {place} = valueOf(t, await journal().open('shop'));
	const aside = String(place.failure?.params?.['movedTo']);
	t.is(place.failure?.code, 'malformed');
	t.is(readFileSync(`${aside}-journal`, 'utf8'), '\0'.repeat(600));
});

test.serial('a file of an earlier version, in WAL, is taken over with all its entries', async t => {
	const {journal, directories} = world(t);
	const first = journal();
	const {place} = valueOf(t, await first.open('shop'));
	await first.append([draft('a')]);
	await first.close();
	const earlier = new DatabaseSync(place.path);
	earlier.exec('PRAGMA journal_mode = WAL');
	earlier.exec('INSERT INTO events (at_ms, monotonic_ms, boot_id, actor, type, data) VALUES (1, 1, \'\', \'{"name":"bia"}\', \'b\', \'{}\')');
	// As it was killed: its companions stay.
	const left = ['', '-wal'].map(companion => [place.path + companion, readFileSync(place.path + companion)] as const);
	earlier.close();
	for (const [file, bytes] of left) {
		writeFileSync(file, bytes);
	}

	const looking = journal({readOnly: true});
	t.deepEqual(typesOf(valueOf(t, await looking.open('shop')).entries), ['a', 'b']);
	t.true(existsSync(`${place.path}-wal`));
	await looking.close();
	const port = journal();
	t.deepEqual(typesOf(valueOf(t, await port.open('shop')).entries), ['a', 'b']);
	await port.append([draft('c')]);
	t.deepEqual(readdirSync(directories.own).sort(), ['shop.sqlite', 'shop.sqlite-journal']);
	t.deepEqual(typesOf(await all(t, port)), ['a', 'b', 'c']);
});

test.serial('a file that an earlier version has open in WAL is shared with it, and left to the rollback journal afterwards', async t => {
	const {journal, directories} = world(t);
	const first = journal();
	const {place} = valueOf(t, await first.open('shop'));
	await first.append([draft('a')]);
	const earlier = new DatabaseSync(place.path, {timeout: 2000});
	earlier.exec('PRAGMA journal_mode = WAL');
	const insert = earlier.prepare('INSERT INTO events (at_ms, monotonic_ms, boot_id, actor, type, data) VALUES (1, 1, \'\', \'{"name":"bia"}\', ?, \'{}\')');
	insert.run('b');
	// The console that was there goes along, and so does one that comes now.
	t.is(valueOf(t, await first.append([draft('c')])).length, 1);
	const second = journal();
	t.deepEqual(typesOf(valueOf(t, await second.open('shop')).entries), ['a', 'b', 'c']);
	t.is(second.place().failure?.code, 'not-found');
	t.is(valueOf(t, await second.append([draft('d')])).length, 1);
	insert.run('e');
	t.deepEqual(typesOf(await all(t, first)), ['a', 'b', 'c', 'd', 'e']);
	earlier.close();
	await first.close();
	await second.close();
	const third = journal();
	t.deepEqual(typesOf(valueOf(t, await third.open('shop')).entries), ['a', 'b', 'c', 'd', 'e']);
	t.deepEqual(readdirSync(directories.own).sort(), ['shop.sqlite', 'shop.sqlite-journal']);
});

test.serial('a file replaced by another under an open console: it writes to and reads from the one that lies there', async t => {
	const {journal} = world(t);
	const port = journal();
	const {place} = valueOf(t, await port.open('shop'));
	await port.append([draft('a')]);
	for (const companion of ['', '-journal']) {
		renameSync(place.path + companion, `${place.path}.elsewhere${companion}`);
	}

	const other = journal();
	await other.open('shop');
	await other.append([draft('b')]);
	t.deepEqual(typesOf(await all(t, port)), ['b']);
	t.is(valueOf(t, await port.append([draft('c')])).length, 1);
	t.true(valueOf(t, await port.lease()).mine);
	t.deepEqual(typesOf(await all(t, other)), ['b', 'c']);
});
