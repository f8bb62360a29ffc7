import test from 'ava';
import type {JournalPort} from '../../source/core/ports.ts';
import {emptyText} from '../../source/core/text.ts';
import {drillConsole} from '../helpers/drill-console.ts';

test('what was typed before the journal opened is written first, once, in its order', async t => {
	const {clock, simulator, open} = drillConsole({scenario: 'healthy'});
	let opens = 0;
	const late: JournalPort = {...simulator.journal, async open(project) {
		opens++;
		return opens < 4 ? {ok: false, failure: {code: 'timed-out', detail: emptyText}} : simulator.journal.open(project);
	}};
	const console = open(simulator.identity, late);
	await clock.advance(1000);
	console.press('m', 'a', 'enter', 'm', 'b', 'enter');
	await clock.advance(60_000);
	const {state} = console.store;
	t.is(state().journal.state, 'ready');
	t.deepEqual(state().pending, []);
	const stored = await simulator.journal.since(0);
	const types = stored.ok ? stored.value.map(({type, data}) => `${type} ${String(data['text'] ?? '')}`.trim()) : [];
	t.deepEqual(types.slice(0, 3), ['note/added a', 'note/added b', 'console/opened']);
});

test('an append that was refused is sent again, and written once', async t => {
	const {clock, simulator, open} = drillConsole({scenario: 'healthy'});
	let refusals = 0;
	const moody: JournalPort = {...simulator.journal, async append(drafts) {
		refusals++;
		return refusals < 4 ? {ok: false, failure: {code: 'no-space', detail: emptyText}} : simulator.journal.append(drafts);
	}};
	const console = open(simulator.identity, moody);
	await clock.advance(3000);
	console.press('m', 'a', 'enter');
	await clock.advance(60_000);
	t.deepEqual(console.store.state().pending, []);
	const stored = await simulator.journal.since(0);
	t.is(stored.ok ? stored.value.filter(({type}) => type === 'note/added').length : -1, 1);
});
