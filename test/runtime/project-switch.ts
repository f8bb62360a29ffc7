/** Another project and back: what runs, what is recorded and what the disk has not taken stay with the project that they belong to. */

import test from 'ava';
import type {JournalDraft, JournalEntry, JournalPort, Outcome} from '../../source/core/ports.ts';
import {bannersOf} from '../../source/core/screen.ts';
import {emptyText, ownText} from '../../source/core/text.ts';
import {drillConsole} from '../helpers/drill-console.ts';

const home = 'mestres-do-cafe';
const other = 'outra-loja';
const refused: Outcome<never> = {ok: false, failure: {code: 'no-space', detail: emptyText}};

/** The pretend server with a second stack beside the first, which has no containers; `wrap` stands between the console and its journal. */
const opened = async (wrap: (journal: JournalPort) => JournalPort = journal => journal) => {
	const drill = drillConsole({scenario: 'healthy'});
	const {simulator, clock} = drill;
	const {containers} = simulator;
	Object.assign(simulator, {containers: {...containers, async projects() {
		const found = await containers.projects();
		return found.ok ? {ok: true, value: [...found.value, {...found.value[0]!, name: ownText(other), directory: '/srv/outra-loja', services: [], containerCount: 0, runningCount: 0}]} : found;
	}}});
	const console = drill.open(simulator.identity, wrap(simulator.journal));
	const state = () => console.store.state();
	await clock.advance(6000);
	/** Without waiting for more than the engine's answer: what is asked for the project before may still be on its way. */
	const show = async (project: string): Promise<void> => {
		console.press('escape', 'p', ...(project === home ? ['up'] : ['down']), 'enter');
		for (let waitedMs = 0; state().situation.project.facts?.name !== project && waitedMs < 5000; waitedMs += 10) {
			await clock.advance(10);
		}

		if (state().situation.project.facts?.name !== project) {
			throw new Error(`${project} did not come on the screen`);
		}
	};

	/** What a project's journal holds. Only for the end of a test: it takes the port away. */
	const entriesOf = async (project: string): Promise<readonly JournalEntry[]> => {
		const answer = await simulator.journal.open(project);
		return answer.ok ? answer.value.entries : [];
	};

	return {...drill, console, state, show, entriesOf};
};

const textsOf = (entries: readonly JournalEntry[]): readonly unknown[] => entries.filter(({type}) => type === 'note/added').map(({data}) => data['text']);

const isNote = ({type}: JournalDraft): boolean => type === 'note/added';

test('an action that runs while another project is looked at is followed again on coming back: its output once, cancellable, to its verdict', async t => {
	const {console, state, show, clock, entriesOf} = await opened();
	await console.act('B', 'rebuild-api');
	await clock.advance(5000);
	const before = state().runs.find(({action}) => action === 'rebuild-api')!;
	t.is(before.phase, 'running');
	await show(other);
	await clock.advance(2000);
	t.deepEqual(state().runs, []);
	await show(home);
	await clock.advance(1000);
	const found = state().runs.find(({id}) => id === before.id)!;
	t.is(found.phase, 'running');
	t.true(found.own, 'it is still the one that was begun here');
	const {lines} = state().runBook.tail(found.id, 100);
	t.true(lines.length > 0);
	t.is(lines.filter(line => line === lines[0]).length, 1, 'what was read before is not shown twice');
	await clock.advance(120_000);
	t.is(state().runs.find(({id}) => id === before.id)?.verdict, 'recovered');
	await console.stop();
	t.false((await entriesOf(other)).some(({type}) => type.startsWith('action/')));
});

test('a run that was found again can be cancelled', async t => {
	const {console, state, show, clock} = await opened();
	await console.act('B', 'rebuild-api');
	await clock.advance(5000);
	await show(other);
	await show(home);
	await clock.advance(1000);
	console.press('B', 'C');
	await clock.advance(400);
	console.press('y');
	await clock.advance(10_000);
	t.true(state().runs.find(({action}) => action === 'rebuild-api')?.cancelled);
});

test('an action that ended while another project was looked at gets its end and its verdict on coming back, in its own journal', async t => {
	const {console, state, show, clock, entriesOf} = await opened();
	await console.act('B', 'rebuild-api');
	await clock.advance(2000);
	await show(other);
	await clock.advance(90_000);
	await show(home);
	await clock.advance(60_000);
	t.is(state().runs.find(({action}) => action === 'rebuild-api')?.verdict, 'recovered');
	await console.stop();
	t.deepEqual((await entriesOf(home)).map(({type}) => type).filter(type => type.startsWith('action/')), ['action/confirmed', 'action/started', 'action/ended', 'action/verified']);
	t.false((await entriesOf(other)).some(({type}) => type.startsWith('action/')));
});

test('a claim that is answered after the project changed is not taken for a run of the new one, and found on coming back', async t => {
	const {console, simulator, state, show, clock, entriesOf} = await opened();
	const {commands} = simulator;
	const {start} = commands;
	Object.assign(commands, {async start(request: Parameters<typeof start>[0]) {
		const answer = await start(request);
		await new Promise<void>(resolve => {
			clock.after(3000, resolve);
		});
		return answer;
	}});
	await console.act('B', 'rebuild-api');
	await show(other);
	await clock.advance(6000);
	t.deepEqual(state().runs, []);
	await show(home);
	await clock.advance(1000);
	t.like(state().runs.find(({action}) => action === 'rebuild-api'), {phase: 'running', own: true});
	await console.stop();
	t.false((await entriesOf(other)).some(({type}) => type.startsWith('action/')));
});

test('what the disk refused stays with its project, is said meanwhile, and is written once on coming back', async t => {
	let isFull = false;
	const {console, state, show, clock, entriesOf} = await opened(journal => ({...journal, append: async drafts => isFull && drafts.some(draft => isNote(draft)) ? refused : journal.append(drafts)}));
	isFull = true;
	console.press('m', 'a', 'enter');
	await clock.advance(1000);
	await show(other);
	await clock.advance(4000);
	t.deepEqual(state().pending, []);
	t.deepEqual(bannersOf(state()).find(({code}) => code === 'journal-left'), {code: 'journal-left', project: home, count: 1});
	isFull = false;
	await show(home);
	await clock.advance(15_000);
	t.deepEqual(state().pending, []);
	t.deepEqual(state().leftBehind, {});
	await console.stop();
	t.deepEqual(textsOf(await entriesOf(other)), []);
	t.deepEqual(textsOf(await entriesOf(home)), ['a']);
});

test('what the disk refused is tried once more before the next journal opens', async t => {
	let refusals = 1;
	const {console, state, show, clock, entriesOf} = await opened(journal => ({...journal, append: async drafts => drafts.some(draft => isNote(draft)) && refusals-- > 0 ? refused : journal.append(drafts)}));
	console.press('m', 'a', 'enter');
	await show(other);
	await clock.advance(1000);
	t.deepEqual(state().leftBehind, {});
	await console.stop();
	t.deepEqual(textsOf(await entriesOf(home)), ['a']);
	t.deepEqual(textsOf(await entriesOf(other)), []);
});

test('what is still not on the disk of another project is tried on leaving', async t => {
	let isFull = true;
	const {console, show, clock, entriesOf} = await opened(journal => ({...journal, append: async drafts => isFull && drafts.some(draft => isNote(draft)) ? refused : journal.append(drafts)}));
	console.press('m', 'a', 'enter');
	await show(other);
	await clock.advance(1000);
	isFull = false;
	await console.stop();
	t.deepEqual(textsOf(await entriesOf(home)), ['a']);
	t.deepEqual(textsOf(await entriesOf(other)), []);
});

test('a write whose answer comes when another project is on the screen is not told as that one\'s', async t => {
	let isSlow = false;
	const harness: {clock?: Awaited<ReturnType<typeof opened>>['clock']} = {};
	const {console, state, show, clock, entriesOf} = await opened(journal => ({...journal, async append(drafts) {
		const answer = await journal.append(drafts);
		if (isSlow && drafts.some(draft => isNote(draft))) {
			await new Promise<void>(resolve => {
				harness.clock?.after(3000, resolve);
			});
		}

		return answer;
	}}));
	harness.clock = clock;
	isSlow = true;
	console.press('m', 'a', 'enter');
	await show(other);
	t.is(state().leftBehind[home]?.length, 1);
	await clock.advance(6000);
	t.deepEqual(state().leftBehind, {});
	t.is(state().journal.state, 'ready');
	const newest = state().stored.sequence;
	await console.stop();
	t.deepEqual(textsOf(await entriesOf(home)), ['a']);
	t.is((await entriesOf(other)).at(-1)?.sequence, newest);
});

test('a journal that opens after the project changed is neither shown as the new one\'s nor given its drafts', async t => {
	let slow: string | null = null;
	const harness: {clock?: Awaited<ReturnType<typeof opened>>['clock']} = {};
	const {console, state, show, clock, entriesOf} = await opened(journal => ({...journal, async open(project) {
		const answer = await journal.open(project);
		if (project === slow) {
			await new Promise<void>(resolve => {
				harness.clock?.after(3000, resolve);
			});
		}

		return answer;
	}}));
	harness.clock = clock;
	slow = other;
	await show(other);
	console.press('m', 'b', 'enter');
	await clock.advance(300);
	await show(home);
	console.press('m', 'a', 'enter');
	await clock.advance(10_000);
	t.is(state().journal.state, 'ready');
	t.deepEqual(state().leftBehind, {});
	await console.stop();
	t.deepEqual(textsOf(await entriesOf(home)), ['a']);
	t.deepEqual(textsOf(await entriesOf(other)), ['b']);
});

test('there and back before the other journal was opened, the first one is read again', async t => {
	const {console, state, show, clock} = await opened();
	console.press('m', 'a', 'enter');
	await clock.advance(1000);
	const {sequence} = state().stored;
	await show(other);
	await show(home);
	await clock.advance(5000);
	t.is(state().journal.state, 'ready');
	t.true(state().stored.sequence > sequence);
});
