/** The chain over a journal's entries: what a careful console writes holds, and what somebody else's hand did to the file is told. */
import {copyFileSync, mkdirSync, readFileSync, truncateSync} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {openJournalFile, type JournalFile} from '../../source/adapters/journal/database.ts';
import {moveInto} from '../../source/adapters/journal/opening.ts';
import type {StampedDraft} from '../../source/adapters/journal/protocol.ts';
import type {Verified} from '../../source/core/incident-archive.ts';
import type {JournalDraft} from '../../source/core/ports.ts';
import {actor, draft, valueOf, world, type World} from '../helpers/journal-world.ts';

const fileOf = ({directories}: World): string => path.join(directories.own, 'shop.sqlite');

let keys = 0;
const stamped = (drafts: readonly JournalDraft[]): readonly StampedDraft[] => drafts.map(one => ({...one, actor, onceKey: one.onceKey ?? `own-${++keys}`}));

/** Written by the file itself: on a busy machine a worker would meet its deadlines. */
const opened = (it: World): JournalFile => {
	mkdirSync(it.directories.own, {recursive: true, mode: 0o700});
	return openJournalFile(fileOf(it), {readOnly: false, fileMode: 0o600});
};

const written = (t: ExecutionContext, count = 40): World => {
	const it = world(t);
	const file = opened(it);
	file.append(stamped(Array.from({length: count}, (_, index) => draft('note/added', {data: {index, text: `olá \uD800 ${index}`}, incident: index % 2 === 0 ? null : 'INC-1'}))));
	file.close();
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

test('what consoles write holds, also from two in turn and after keys that were there already', t => {
	const it = world(t);
	const [one, two] = [opened(it), opened(it)];
	for (let round = 0; round < 10; round++) {
		one.append(stamped([draft('a', {onceKey: `k${round}`}), draft('\u0000b\uD800')]));
		two.append(stamped([draft('a', {onceKey: `k${round}`}), draft('c', {incident: 'INC\u0000-1'})]));
	}

	one.close();
	two.close();

	const {head, ...rest} = verify(fileOf(it));
	t.deepEqual(rest, {state: 'sealed', entries: 30, firstBreak: null, sealedUpTo: null, cutOff: 0, movedIn: [], hasHead: null});
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
	test(`${what} is told`, t => {
		const it = written(t);
		t.is(verify(fileOf(it)).firstBreak, null);
		spoil(it, statements);
		t.like(verify(fileOf(it)), expected);
	});
}

test('the end cut off before a console wrote on is told too', t => {
	const it = written(t);
	spoil(it, 'DELETE FROM events WHERE sequence > 35');
	const file = opened(it);
	file.append(stamped([draft('a'), draft('b')]));
	file.close();
	t.like(verify(fileOf(it)), {firstBreak: {kind: 'removed', sequence: 36, count: 5}});
});

test.serial('a journal of the version before is sealed once, by whoever opens it for writing, and says up to where', async t => {
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

test('what waited in memory keeps the chain whole when it is moved back, and the file says so', t => {
	const it = written(t, 1);
	const memory = path.join(it.root, 'memory');
	mkdirSync(memory, {mode: 0o700});
	const home = opened(it);
	const waitingPath = path.join(memory, 'shop.waiting.sqlite');
	const waiting = openJournalFile(waitingPath, {readOnly: false, fileMode: 0o600});
	waiting.continueFrom(home.ending());
	t.like(waiting.verify(), {entries: 0, firstBreak: null, cutOff: 0});
	waiting.append(stamped([draft('b'), draft('c')]));
	t.like(waiting.verify(), {entries: 2, firstBreak: null, head: {sequence: 3}});
	waiting.close();
	t.is(moveInto(home, waitingPath, 1_700_000_000_000), 2);
	home.close();
	t.like(verify(fileOf(it)), {entries: 3, firstBreak: null, cutOff: 0, movedIn: [{from: 2, to: 3, atMs: 1_700_000_000_000, intact: true}]});
});

test('half a file cannot be verified, and that is an error and no verdict', t => {
	const it = written(t, 400);
	truncateSync(fileOf(it), Math.floor(readFileSync(fileOf(it)).length / 2));
	t.throws(() => verify(fileOf(it)), {message: /malformed|disk image/});
});
