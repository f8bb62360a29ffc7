/** Journals read after the fact: in every place, beside an open console, half written, damaged; and never written to. One test after the other. */
import {chmodSync, mkdirSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {setTimeout as delay} from 'node:timers/promises';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {createJournalArchive} from '../../source/adapters/journal/archive.ts';
import type {JournalArchive} from '../../source/core/incident-archive.ts';
import {draft, killedInTransaction, typesOf, valueOf, workerUrl, world, type World} from '../helpers/journal-world.ts';
import {realClock} from '../helpers/real-clock.ts';

const readAll = async (t: ExecutionContext, {directories}: World, project: string | null = null): Promise<JournalArchive> => {
	const archive = createJournalArchive({clock: realClock, directories, workerSource: workerUrl});
	const answer = valueOf(t, await archive.read(project));
	await archive.close();
	return answer;
};

const told = ({journals}: JournalArchive): ReadonlyArray<readonly [string, string, readonly string[]]> => journals.map(({project, kind, entries}) => [project, kind, typesOf(entries)]);

/** Every file with its bytes and times: what a reading may not change. */
const marks = (directory: string): readonly string[] => readdirSync(directory).sort().map(name => {
	const {mtimeNs, size} = statSync(path.join(directory, name), {bigint: true});
	return `${name} ${size} ${mtimeNs}`;
});

test.serial('where nothing lies there is nothing to tell, and nothing is made', async t => {
	const it = world(t);
	t.deepEqual(await readAll(t, it), {journals: [], failures: []});
	t.deepEqual(readdirSync(it.root), []);
});

test.serial('every project in every place is read, also while its console writes on', async t => {
	const it = world(t, 'shared');
	const shop = it.journal();
	await shop.open('shop');
	await shop.append([draft('a'), draft('b')]);
	const own = it.journal({directories: {...it.directories, shared: path.join(it.root, 'none')}});
	await own.open('blog');
	await own.append([draft('c')]);
	const before = [marks(it.directories.shared), marks(it.directories.own)];
	const archive = await readAll(t, it);
	t.deepEqual(told(archive), [['shop', 'shared', ['a', 'b']], ['blog', 'own', ['c']]]);
	t.deepEqual(archive.failures, []);
	t.deepEqual([marks(it.directories.shared), marks(it.directories.own)], before, 'no file has changed and none has come');
	t.true(valueOf(t, await shop.lease()).mine, 'the lease is the console\'s');
	await shop.append([draft('d')]);
	t.deepEqual(told(await readAll(t, it, 'shop')), [['shop', 'shared', ['a', 'b', 'd']]]);
	t.deepEqual(told(await readAll(t, it, 'sho')), []);
});

test.serial('a project whose name fits no file name is told by its own name', async t => {
	const it = world(t);
	const port = it.journal();
	await port.open('Minha Loja');
	await port.append([draft('action/confirmed', {data: {project: 'Minha Loja', run: 'r'}})]);
	t.deepEqual(told(await readAll(t, it)), [['Minha Loja', 'own', ['action/confirmed']]]);
	t.deepEqual(told(await readAll(t, it, 'Minha Loja')).length, 1);
});

test.serial('what waits in memory for a full disk is told behind what it continues', async t => {
	const it = world(t);
	const port = it.journal();
	await port.open('shop');
	await port.append([draft('a')]);
	await port.close();
	const file = path.join(it.directories.own, 'shop.sqlite');
	const memory = it.directories.memory[1]!;
	mkdirSync(memory, {mode: 0o700});
	const waiting = it.journal({directories: {shared: it.directories.shared, own: memory, memory: []}});
	await waiting.open('shop');
	await waiting.append([draft('b'), draft('c')]);
	await waiting.close();
	writeFileSync(path.join(memory, 'shop.waiting.sqlite'), readFileSync(path.join(memory, 'shop.sqlite')));
	const archive = await readAll(t, {...it, directories: {...it.directories, memory: [memory]}});
	const merged = archive.journals.find(({path: lies}) => lies === file)!;
	t.deepEqual(typesOf(merged.entries), ['a', 'b', 'c']);
	t.deepEqual(merged.entries.map(({sequence}) => sequence), [1, 2, 3]);
});

test.serial('a damaged journal, a half one, one of a newer program and no journal at all: each is told, and the others are read', async t => {
	const it = world(t);
	for (const project of ['broken', 'half', 'newer', 'sound']) {
		const port = it.journal();
		await port.open(project);
		await port.append(Array.from({length: 200}, () => draft('a', {data: {text: 'x'.repeat(500)}})));
		await port.close();
	}

	const at = (name: string): string => path.join(it.directories.own, name);
	const bytes = readFileSync(at('broken.sqlite'));
	bytes.fill(0x5A, 4096, 40_960);
	writeFileSync(at('broken.sqlite'), bytes);
	truncateSync(at('half.sqlite'), 40_000);
	writeFileSync(at('words.sqlite'), 'no database at all');
	writeFileSync(at('empty.sqlite'), '');
	const newer = new DatabaseSync(at('newer.sqlite'));
	newer.exec('PRAGMA user_version = 99');
	newer.close();
	const before = marks(it.directories.own);
	const archive = await readAll(t, it);
	t.deepEqual(told(archive).map(([project, , types]) => [project, types.length]), [['empty', 0], ['sound', 200]]);
	t.deepEqual(archive.failures.map(({code, params}) => [code, path.basename(String(params?.['path']))]), [
		['malformed', 'broken.sqlite'], ['malformed', 'half.sqlite'], ['unsupported', 'newer.sqlite'], ['malformed', 'words.sqlite'],
	]);
	t.deepEqual(marks(it.directories.own), before);
});

test.serial('a writer that was killed in a transaction: what was there before it is told, and nothing is written', async t => {
	const it = world(t);
	const port = it.journal();
	const {place} = valueOf(t, await port.open('shop'));
	await port.append([draft('a'), draft('b')]);
	await port.close();
	killedInTransaction(place.path);
	const bytes = [place.path, `${place.path}-journal`].map(file => readFileSync(file));
	const archive = await readAll(t, it);
	t.deepEqual([told(archive), archive.failures], [[['shop', 'own', ['a', 'b']]], []]);
	t.deepEqual([place.path, `${place.path}-journal`].map(file => readFileSync(file)), bytes);
	t.deepEqual(readdirSync(it.directories.memory[1]!), []);
});

test.serial('a journal that somebody holds locked is told when the lock has passed', async t => {
	const it = world(t);
	const port = it.journal();
	const {place} = valueOf(t, await port.open('shop'));
	await port.append([draft('a')]);
	const stranger = new DatabaseSync(place.path);
	stranger.exec('BEGIN EXCLUSIVE');
	t.deepEqual((await readAll(t, it)).failures.map(({code}) => code), ['busy'], 'and as what it is where it does not pass');
	const reading = readAll(t, it);
	await delay(500);
	stranger.exec('COMMIT');
	stranger.close();
	t.deepEqual(told(await reading), [['shop', 'own', ['a']]]);
});

test.serial('entries that are JSON and yet not what a console writes break nothing', async t => {
	const it = world(t);
	const port = it.journal();
	await port.open('shop');
	await port.close();
	const database = new DatabaseSync(path.join(it.directories.own, 'shop.sqlite'));
	const insert = database.prepare('INSERT INTO events (at_ms, monotonic_ms, boot_id, actor, incident, type, data, once_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
	insert.run(1, 1, 'b"oot', 'null', 'a"b\u0000\n', 'type"\n', '[1]', 'k1');
	insert.run(2, 2, 'boot', '{"name":3}', null, 't', '{"é":"\\u0000"}', 'k2');
	database.close();
	const [journal] = (await readAll(t, it)).journals;
	t.like(journal!.entries[0], {bootId: 'b"oot', type: 'type"\n', data: {}, actor: {name: '?'}});
	t.like(journal!.entries[1], {incident: null, data: {é: '\0'}, actor: {name: '?'}});
});

test.serial('a directory that strangers can write to is not read, and said', async t => {
	const it = world(t);
	const port = it.journal();
	await port.open('shop');
	await port.append([draft('a')]);
	chmodSync(it.directories.own, 0o777);
	const archive = await readAll(t, it);
	t.deepEqual(archive.journals, []);
	t.deepEqual(archive.failures.map(({code, params}) => [code, params?.['path']]), [['denied', it.directories.own]]);
});

test.serial('a journal longer than a page comes whole and in order', async t => {
	const it = world(t);
	const port = it.journal();
	await port.open('shop');
	for (let page = 0; page < 5; page++) {
		await port.append(Array.from({length: 5000}, (_, index) => draft('n', {data: {index: (page * 5000) + index}})));
	}

	const [journal] = (await readAll(t, it)).journals;
	t.is(journal!.entries.length, 25_000);
	t.true(journal!.entries.every(({data, sequence}, index) => data['index'] === index && sequence === index + 1));
});
