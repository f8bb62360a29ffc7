/** Bad days of the record: consoles killed anywhere, two that write at once, a clock that is set back, places that are no places. One test after the other. */
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import test from 'ava';
import {openJournalFile} from '../../source/adapters/journal/database.ts';
import {replay} from '../../source/core/incident.ts';
import {outageDrafts} from '../fixtures/incident-entries.ts';
import {startWriter} from '../helpers/journal-process.ts';
import {all, draft, leapingClock, typesOf, until, valueOf, world} from '../helpers/journal-world.ts';

const isWhole = (file: string): boolean => {
	const journal = openJournalFile(file, {readOnly: true, fileMode: 0o600});
	try {
		const {firstBreak, cutOff} = journal.verify();
		return firstBreak === null && cutOff === 0;
	} finally {
		journal.close();
	}
};

test.serial('a console killed again and again in the middle of an incident: what is read is always a prefix, and in the end each event once', async t => {
	const here = world(t);
	const file = path.join(here.directories.own, 'shop.sqlite');
	const script = outageDrafts();
	const told = script.map(({type, atMs}) => `${type} ${atMs}`);
	let before = 0;
	// Where it is killed is drawn anew for each of them: after so many answers and a little more, between any two steps of a write.
	for (const [answers, moreMs] of [[1, 0], [3, 1], [6, 2], [11, 3], [17, 1]] as const) {
		const child = startWriter(t, here, {outage: true});
		await until(() => child.lines().length > answers, `answers ${child.complaints()}`, 60_000);
		await delay(moreMs + Math.random() * 2);
		child.process.kill('SIGKILL');
		await child.ended;
		const port = here.journal();
		const {entries} = valueOf(t, await port.open('shop'));
		const read = (await all(t, port)).map(({type, atMs}) => `${type} ${atMs}`);
		await port.close();
		t.deepEqual(read, told.slice(0, read.length));
		t.true(read.length >= Math.max(before, answers), `${read.length} of ${before}, ${answers}`);
		t.is(replay(entries).current?.state, read.length >= 20 ? undefined : (read.length >= 19 ? 'mitigated' : 'open'));
		t.true(isWhole(file));
		before = read.length;
	}

	const last = startWriter(t, here, {outage: true});
	t.is(await last.ended, 0, last.complaints());
	const port = here.journal();
	valueOf(t, await port.open('shop'));
	t.deepEqual((await all(t, port)).map(({type, atMs}) => `${type} ${atMs}`), told);
	t.true(isWhole(file));
});

test.serial('two consoles append ten thousand events: none is lost, none is doubled, each one\'s stand in its order, and the chain holds', async t => {
	const here = world(t, 'shared');
	const children = ['a', 'b'].map(name => startWriter(t, here, {name, count: 5000, batch: 50}));
	t.deepEqual(await Promise.all(children.map(async child => child.ended)), [0, 0], children.map(child => child.complaints()).join('\n'));
	const port = here.journal();
	const {entries} = valueOf(t, await port.open('shop'));
	t.is(entries.length, 10_000);
	t.deepEqual(entries.map(({sequence}) => sequence), entries.map((_, index) => index + 1));
	for (const name of ['a', 'b']) {
		t.deepEqual(entries.filter(({data}) => data['writer'] === name).map(({data}) => data['index']), Array.from({length: 5000}, (_, index) => index));
	}

	t.true(isWhole(path.join(here.directories.shared, 'shop.sqlite')));
});

test.serial('a clock that is set back an hour: what is written keeps its order, nobody loses the lease by it, and the chain holds', async t => {
	const here = world(t);
	const clock = leapingClock();
	const [one, two] = [here.journal({clock}), here.journal({clock, actor: {name: 'bia', user: 'deploy', sudoUser: null, host: 'h', tty: null, from: null}})];
	await one.open('shop');
	await two.open('shop');
	await one.append([draft('incident/opened', {incident: 'INC-1', atMs: clock.nowMs()})]);
	t.true(valueOf(t, await one.lease()).mine);
	await two.lease();
	clock.advance(-3_600_000);
	t.true(valueOf(t, await one.lease()).mine, 'renewed at once by who has it');
	t.false(valueOf(t, await two.lease()).mine);
	t.is(valueOf(t, await one.lease()).present?.length, 2);
	await two.append([draft('note/added', {incident: 'INC-1', atMs: clock.nowMs()})]);
	await one.append([draft('incident/resolved', {incident: 'INC-1', atMs: clock.nowMs()})]);
	const entries = await all(t, one);
	t.deepEqual(typesOf(entries), ['incident/opened', 'note/added', 'incident/resolved']);
	t.is(replay(entries).ended[0]?.state, 'resolved');
	t.true(isWhole(path.join(here.directories.own, 'shop.sqlite')));
});

test.serial('where no directory can be made the journal lies in memory, says why, and comes back when one can', async t => {
	const here = world(t);
	const state = path.join(here.root, 'state');
	// Nobody, root included, makes a directory in a file.
	writeFileSync(state, 'in the way');
	const port = here.journal();
	const {place} = valueOf(t, await port.open('shop'));
	t.is(place.kind, 'memory');
	t.is(place.failure?.code, 'not-found');
	t.is(valueOf(t, await port.append([draft('a')])).length, 1);
	await port.close();
	rmSync(state);
	mkdirSync(state);
	const later = here.journal();
	const opened = valueOf(t, await later.open('shop'));
	t.is(opened.place.kind, 'own');
	t.deepEqual(typesOf(opened.entries), ['a']);
	t.true(isWhole(path.join(here.directories.own, 'shop.sqlite')));
});

test.serial('half a database is put aside, said, and the console writes on beside it', async t => {
	const here = world(t);
	const file = path.join(here.directories.own, 'shop.sqlite');
	const first = here.journal();
	await first.open('shop');
	await first.append(Array.from({length: 400}, (_, index) => draft('note/added', {data: {index}})));
	await first.close();
	const half = readFileSync(file).subarray(0, 20_000);
	writeFileSync(file, half);
	const second = here.journal();
	const {place, entries} = valueOf(t, await second.open('shop'));
	t.deepEqual(entries, []);
	t.is(place.failure?.code, 'malformed');
	t.deepEqual(readFileSync(String(place.failure?.params?.['movedTo'])), half);
	t.is(valueOf(t, await second.append([draft('b')])).length, 1);
	t.true(isWhole(file));
});
