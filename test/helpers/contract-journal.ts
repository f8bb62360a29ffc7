/** The contract of JournalPort: the rules of the record, whether it lies in a file or, in a drill, in memory. */
import type {JournalDraft, JournalPort} from '../../source/core/ports.ts';
import {answerOf, inWorld, valueOf, type ContractWorld, type MakeWorld, type Register} from './contract-world.ts';

const draft = (type: string, more: Partial<JournalDraft> = {}): JournalDraft => ({atMs: 1_700_000_000_000, monotonicMs: 1, incident: null, type, data: {}, ...more});

let projects = 0;

/** Two consoles on a journal of its own. */
const opened = async (world: ContractWorld): Promise<{readonly ana: JournalPort; readonly bruno: JournalPort}> => {
	const project = `contract${++projects}`;
	const ana = world.journalOf('ana');
	const bruno = world.journalOf('bruno');
	if (valueOf(await answerOf(world, ana.open(project))).entries.length > 0) {
		throw new Error('a new journal is not empty');
	}

	valueOf(await answerOf(world, bruno.open(project)));
	return {ana, bruno};
};

export const testJournalContract = (register: Register, name: string, makeWorld: MakeWorld): void => {
	const test = inWorld(register, name, makeWorld);

	test('what one console writes the other reads, in order, with who wrote it', async (t, world) => {
		const {ana, bruno} = await opened(world);
		const stored = valueOf(await answerOf(world, ana.append([draft('note/added', {data: {text: 'one'}}), draft('note/added', {data: {text: 'two'}})])));
		t.is(stored.length, 2);
		t.true(stored[1]!.sequence > stored[0]!.sequence);
		const seen = valueOf(await answerOf(world, bruno.since(0)));
		t.deepEqual(seen.map(({data, actor}) => [data['text'], actor.name]), [['one', 'ana'], ['two', 'ana']] as never);
		t.deepEqual(valueOf(await answerOf(world, bruno.since(seen[0]!.sequence))).map(({data}) => data['text']), ['two']);
		t.deepEqual(valueOf(await answerOf(world, bruno.history())).entries.map(({data}) => data['text']), ['one', 'two']);
	});

	test('a key is written once, whoever comes second', async (t, world) => {
		const {ana, bruno} = await opened(world);
		t.is(valueOf(await answerOf(world, ana.append([draft('action/ended', {onceKey: 'run-1/ended'})]))).length, 1);
		t.is(valueOf(await answerOf(world, bruno.append([draft('action/ended', {onceKey: 'run-1/ended'})]))).length, 0);
		t.is(valueOf(await answerOf(world, bruno.since(0))).length, 1);
	});

	test('at most one incident is open; after its end another may be', async (t, world) => {
		const {ana, bruno} = await opened(world);
		const data = {sinceMs: 1, source: 'ping', atLeast: false, by: 'key'};
		t.is(valueOf(await answerOf(world, ana.append([draft('incident/opened', {incident: 'INC-1', data})]))).length, 1);
		t.is(valueOf(await answerOf(world, bruno.append([draft('incident/opened', {incident: 'INC-2', data})]))).length, 0);
		valueOf(await answerOf(world, bruno.append([draft('incident/resolved', {incident: 'INC-1', data: {reason: ''}})])));
		t.is(valueOf(await answerOf(world, bruno.append([draft('incident/opened', {incident: 'INC-3', data})]))).length, 1);
	});

	test('one console at a time records facts, and the other takes over when it leaves', async (t, world) => {
		const {ana, bruno} = await opened(world);
		t.like(valueOf(await answerOf(world, ana.lease())), {mine: true});
		const second = valueOf(await answerOf(world, bruno.lease()));
		t.false(second.mine);
		t.regex(second.holder ?? '', /^ana \(.+\)$/, 'who, and on which machine');
		t.like(valueOf(await answerOf(world, ana.lease())), {mine: true});
		await answerOf(world, ana.close());
		t.like(valueOf(await answerOf(world, bruno.lease())), {mine: true});
	});
};
