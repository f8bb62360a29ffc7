/** The chain over a journal's entries: what a careful console writes holds, and what somebody else's hand did to the file is told. */
import {copyFileSync, mkdirSync, readFileSync, truncateSync} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {openJournalFile} from '../../source/adapters/journal/database.ts';
import type {Verified} from '../../source/adapters/journal/protocol.ts';
import {draft, valueOf, world, type World} from '../helpers/journal-world.ts';

const fileOf = ({directories}: World): string => path.join(directories.own, 'shop.sqlite');

const written = async (t: ExecutionContext, count = 40): Promise<World> => {
	const it = world(t);
	const port = it.journal();
	await port.open('shop');
	await port.append(Array.from({length: count}, (_, index) => draft('note/added', {data: {index, text: `olá \uD800 ${index}`}, incident: index % 2 === 0 ? null : 'INC-1'})));
	await port.close();
	return it;
};

/** What somebody does who opens the file with another program and takes its guards away. */
const spoil = (it: World, statements: string): void => {
	const stranger = new DatabaseSync(fileOf(it));
	for (const name of ['changed', 'removed', 'replaced']) {
		stranger.exec(`DROP TRIGGER events_are_not_${name}`);
	}

	stranger.exec(statements);
	stranger.close();
};

const verify = (file: string): Verified => {
	const journal = openJournalFile(file, {readOnly: true, fileMode: 0o600, unchecked: true});
	try {
		return journal.verify();
	} finally {
		journal.close();
	}
};

test('what consoles write holds, also from two at once and after keys that were there already', async t => {
	const it = world(t);
	const [one, two] = [it.journal(), it.journal()];
	await one.open('shop');
	await two.open('shop');
	for (let round = 0; round < 10; round++) {
		await Promise.all([one.append([draft('a', {onceKey: `k${round}`}), draft('\u0000b\uD800')]), two.append([draft('a', {onceKey: `k${round}`}), draft('c', {incident: 'INC\u0000-1'})])]);
	}

	const {head, ...rest} = verify(fileOf(it));
	t.deepEqual(rest, {state: 'sealed', entries: 30, firstBreak: null, sealedUpTo: null, cutOff: 0, movedIn: []});
	t.is(head?.sequence, 30);
	t.regex(head!.seal, /^[\da-f]{64}$/);
});

const edits: ReadonlyArray<readonly [string, string, Partial<Verified>]> = [
	['a changed text', 'UPDATE events SET data = \'{"index":9,"text":"all was well"}\' WHERE sequence = 10', {firstBreak: {kind: 'changed', sequence: 10, count: 1}}],
	['a changed instant of the last entry', 'UPDATE events SET at_ms = at_ms + 1 WHERE sequence = 40', {firstBreak: {kind: 'changed', sequence: 40, count: 1}}],
	['another actor', 'UPDATE events SET actor = \'{"name":"bia"}\' WHERE sequence = 1', {firstBreak: {kind: 'changed', sequence: 1, count: 1}}],
	['removed entries', 'DELETE FROM events WHERE sequence IN (7, 8)', {firstBreak: {kind: 'removed', sequence: 7, count: 2}}],
	['the first entry removed', 'DELETE FROM events WHERE sequence = 1', {firstBreak: {kind: 'removed', sequence: 1, count: 1}}],
	['an entry from another hand', 'INSERT INTO events (at_ms, monotonic_ms, boot_id, actor, type, data) VALUES (1, 1, \'\', \'{}\', \'x\', \'{}\')', {firstBreak: {kind: 'unsealed', sequence: 41, count: 1}}],
	['an entry put between with a seal of its own', 'UPDATE events SET sequence = -sequence WHERE sequence > 20; UPDATE events SET sequence = 1 - sequence WHERE sequence < 0; INSERT INTO events (sequence, at_ms, monotonic_ms, boot_id, actor, type, data, seal) VALUES (21, 1, 1, \'\', \'{}\', \'x\', \'{}\', zeroblob(32))', {firstBreak: {kind: 'inserted', sequence: 21, count: 1}}],
	['two that changed places', 'UPDATE events SET sequence = -1 WHERE sequence = 15; UPDATE events SET sequence = 15 WHERE sequence = 16; UPDATE events SET sequence = 16 WHERE sequence = -1', {firstBreak: {kind: 'reordered', sequence: 15, count: 1}}],
	['the end cut off', 'DELETE FROM events WHERE sequence > 35', {firstBreak: null, cutOff: 5}],
	['all cut off', 'DELETE FROM events', {firstBreak: null, head: null, cutOff: 40}],
];

for (const [what, statements, expected] of edits) {
	test(`${what} is told`, async t => {
		const it = await written(t);
		t.is(verify(fileOf(it)).firstBreak, null);
		spoil(it, statements);
		t.like(verify(fileOf(it)), expected);
	});
}

test('a journal of the version before is sealed once, by whoever opens it for writing, and says up to where', async t => {
	const it = world(t);
	mkdirSync(it.directories.own, {recursive: true, mode: 0o700});
	copyFileSync(new URL('../fixtures/journals/version-1.sqlite', import.meta.url), fileOf(it));
	const before = verify(fileOf(it));
	t.is(before.state, 'unsealed');
	const reader = it.journal({readOnly: true});
	const old = valueOf(t, await reader.open('shop'));
	t.deepEqual(old.entries.map(({type}) => type), ['console/opened', 'note/added']);
	const [one, two] = [it.journal(), it.journal()];
	const [opened] = await Promise.all([one.open('shop'), two.open('shop')]);
	t.deepEqual(valueOf(t, opened).entries, old.entries);
	await Promise.all([one.append([draft('a')]), two.append([draft('b')])]);
	t.like(verify(fileOf(it)), {state: 'sealed', entries: 5, firstBreak: null, sealedUpTo: 3, cutOff: 0});
	const stranger = new DatabaseSync(fileOf(it));
	t.throws(() => stranger.exec('UPDATE events SET type = \'x\''), {message: /append-only/});
	stranger.close();
});

test('what waited in memory keeps the chain whole when it is moved back, and the file says so', async t => {
	const it = world(t);
	const port = it.journal();
	await port.open('shop');
	await port.append([draft('a')]);
	await port.close();
	const memory = it.directories.memory[1]!;
	mkdirSync(memory, {mode: 0o700});
	const home = openJournalFile(fileOf(it), {readOnly: true, fileMode: 0o600});
	const waiting = openJournalFile(path.join(memory, 'shop.waiting.sqlite'), {readOnly: false, fileMode: 0o600});
	waiting.continueFrom(home.ending());
	t.like(waiting.verify(), {entries: 0, firstBreak: null, cutOff: 0});
	waiting.append([draft('b'), draft('c')].map((one, index) => ({...one, actor: {name: 'ana', user: 'deploy', sudoUser: null, host: 'h', tty: null, from: null}, onceKey: `w${index}`})));
	t.like(waiting.verify(), {entries: 2, firstBreak: null, head: {sequence: 3}});
	waiting.close();
	home.close();
	const back = it.journal();
	await back.open('shop');
	const told = verify(fileOf(it));
	t.like(told, {entries: 3, firstBreak: null, cutOff: 0});
	t.like(told.movedIn, {length: 1});
	t.like(told.movedIn[0], {from: 2, to: 3, intact: true});
});

test('half a file cannot be verified, and that is an error and no verdict', async t => {
	const it = await written(t, 400);
	truncateSync(fileOf(it), Math.floor(readFileSync(fileOf(it)).length / 2));
	t.throws(() => verify(fileOf(it)), {message: /malformed|disk image/});
});
