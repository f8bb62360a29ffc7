/** Several people on one journal: who is here, what was being typed when a console was killed, and a second user of the system. One test after the other. */
import {chmodSync, chownSync, mkdirSync, readdirSync, statSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {openJournalFile} from '../../source/adapters/journal/database.ts';
import type {JournalLease} from '../../source/core/ports.ts';
import {needs} from '../helpers/needs.ts';
import {startWriter} from '../helpers/journal-process.ts';
import {actor, draft, leapingClock, typesOf, until, valueOf, world, type World} from '../helpers/journal-world.ts';

const bia = {...actor, name: 'bia', tty: 'pts/4', from: '192.0.2.9'};

test.serial('each console sees who is here, and does not see who left, was killed or fell silent', async t => {
	const here = world(t, 'shared');
	const clock = leapingClock();
	const [one, two] = [here.journal({clock}), here.journal({clock, actor: bia})];
	await one.open('shop');
	t.like(valueOf(t, await one.lease()).present, [{name: 'ana', isMe: true, from: '192.0.2.7'}]);
	await two.open('shop');
	const told = ({present}: JournalLease): unknown => present?.map(({name, isMe}) => `${name} ${isMe}`).toSorted();
	t.deepEqual(told(valueOf(t, await two.lease('bia da silva'))), ['ana false', 'bia da silva true']);
	t.deepEqual(told(valueOf(t, await one.lease())), ['ana true', 'bia da silva false']);
	t.deepEqual(typesOf(valueOf(t, await one.since(0))), [], 'presence is no part of the record');
	await two.close();
	t.is(valueOf(t, await one.lease()).present?.length, 1);
	const three = here.journal({clock, actor: bia});
	await three.open('shop');
	await three.lease();
	clock.advance(31_000);
	t.is(valueOf(t, await one.lease()).present?.length, 1, 'silent for longer than a heartbeat lasts');
	t.is(valueOf(t, await three.lease()).present?.length, 2, 'and back');
});

test.serial('a note that was being typed when its console was killed comes to the same person\'s next one, once, and to nobody else', async t => {
	const here = world(t, 'shared');
	const child = startWriter(t, here, {name: 'ana', typed: 'it is the dep', stay: true});
	await until(() => child.lines().includes('staying'), `the other console ${child.complaints()}`, 30_000);
	const fromElsewhere = {...actor, name: 'ana', from: '198.51.100.1'};
	const beside = here.journal({actor: fromElsewhere});
	await beside.open('shop');
	t.deepEqual(valueOf(t, await beside.lease()).typed, [], 'it is still being typed');
	child.process.kill('SIGKILL');
	await child.ended;
	const stranger = here.journal({actor: {...bia, user: 'carla'}});
	await stranger.open('shop');
	t.deepEqual(valueOf(t, await stranger.lease()).typed, []);
	const colleague = here.journal({actor: {...actor, name: 'bia'}});
	await colleague.open('shop');
	t.deepEqual(valueOf(t, await colleague.lease()).typed, [], 'another person on the same account and from the same client');
	t.deepEqual(valueOf(t, await beside.lease()).typed, [{place: 'note', text: 'it is the dep'}]);
	t.deepEqual(valueOf(t, await beside.lease()).typed, []);
	const third = here.journal({actor: fromElsewhere});
	await third.open('shop');
	t.deepEqual(valueOf(t, await third.lease()).typed, [], 'the first to come has it');
	await beside.keepTyped([]);
	await beside.close();
	t.deepEqual(valueOf(t, await third.lease()).typed, [], 'written or given up');
});

const setpriv = ['setpriv', '--reuid=65534', '--clear-groups'];
const asAnother = needs('another-user');

/** As `init --state` makes it: root's, of a group. */
const shareWith = (here: World, gid: number): void => {
	chmodSync(here.root, 0o755);
	chownSync(here.directories.shared, 0, gid);
	chmodSync(here.directories.shared, 0o2770);
	mkdirSync(path.join(here.root, 'state'), {recursive: true});
	chmodSync(path.join(here.root, 'state'), 0o777);
};

asAnother('a second user of the group writes into the same journal, and both see each other', async t => {
	const here = world(t, 'shared');
	shareWith(here, 4242);
	const mine = here.journal();
	await mine.open('shop');
	await mine.append([draft('incident/opened', {incident: 'INC-1'})]);
	const child = startWriter(t, here, {name: 'bia', count: 5, stay: true}, [...setpriv, '--regid=4242']);
	await until(() => child.lines().includes('staying'), `the second user ${child.complaints()}`, 30_000);
	t.is(child.lines()[0], 'open shared mine');
	t.deepEqual(typesOf(valueOf(t, await mine.since(0))), ['incident/opened', ...Array.from({length: 5}, () => 'note/added')]);
	t.deepEqual(valueOf(t, await mine.lease()).present?.map(({name}) => name).toSorted(), ['ana', 'bia']);
	await mine.append([draft('incident/resolved', {incident: 'INC-1'})]);
	t.deepEqual(readdirSync(here.directories.shared).map(name => statSync(path.join(here.directories.shared, name))).map(({mode, gid}) => [mode & 0o777, gid]), [[0o660, 4242], [0o660, 4242]]);
	const file = openJournalFile(path.join(here.directories.shared, 'shop.sqlite'), {readOnly: true, fileMode: 0o600});
	t.is(file.verify().firstBreak, null);
	file.close();
});

asAnother('a user outside the group writes into a directory of her own, and says why', async t => {
	const here = world(t, 'shared');
	shareWith(here, 4242);
	const own = path.join(here.root, 'state', 'hers');
	const child = startWriter(t, {directories: {...here.directories, own}}, {name: 'carla', count: 2, stay: true}, [...setpriv, '--regid=65534']);
	await until(() => child.lines().includes('staying'), `her console ${child.complaints()}`, 30_000);
	t.is(child.lines()[0], 'open own mine denied');
	t.is(statSync(own).uid, 65_534);
	t.is(statSync(own).mode & 0o777, 0o700);
	t.deepEqual(readdirSync(here.directories.shared), []);
});
