/** What a database said of its sessions, read: only facts, no customer's data, nothing that could reach the terminal. */

import test from 'ava';
import {sessionsCommand, sessionsIn} from '../../source/core/database-sessions.ts';

const answer = (holder: object | null, most: object | null = null): string => JSON.stringify({holder, most, all: 12, limit: 50});
const holder = {pid: 4711, user: 'mestres_user', application: 'manutencao', address: null, state: 'idle in transaction', heldMs: 240_500, stateMs: 200_100, waiting: 2, waitedMs: 9100, query: 'UPDATE pedidos SET cartao = \'4111 1111\' WHERE id = 123456', relation: 'pedidos'};

test('the holder of a lock is told, with its statement and without the values in it', t => {
	const facts = sessionsIn(`${answer(holder)}\n`);
	t.like(facts, {pid: 4711, application: 'manutencao', address: '', relation: 'pedidos', heldMs: 240_500, waiting: 2, query: 'UPDATE pedidos SET cartao = \'…\' WHERE id = …'});
	t.is(sessionsIn(answer({...holder, query: 'ALTER USER x PASSWORD \'unfinished and cut'}))?.['query'], 'ALTER USER x PASSWORD \'…\'');
	t.is(sessionsIn(answer({...holder, query: 'SELECT $tag$secret$tag$, $$other$$'}))?.['query'], 'SELECT \'…\', \'…\'');
});

test('whose sessions fill it is told without a lock', t => {
	t.deepEqual(sessionsIn(answer(null, {most: 46, mostBy: 'psql', mostState: 'active'})), {all: 12, limit: 50, most: 46, mostBy: 'psql', mostState: 'active'});
});

test('what is no answer, or not of the shape, is none; control sequences do not survive', t => {
	for (const text of ['', 'psql: error: connection refused', '{', '[]', 'null', '{"holder": 3}']) {
		t.notThrows(() => sessionsIn(text));
	}

	t.is(sessionsIn('ERROR:  canceling statement due to statement timeout'), null);
	t.false(JSON.stringify(sessionsIn(answer({...holder, application: '\u001B[2Jx', query: '\u001B]52;c;x\u0007'}))).includes('u001b'));
});

test('the statement is a word of its own, one line, and the session may only read, for a moment', t => {
	t.is(sessionsCommand.length, 4);
	t.false(sessionsCommand[3]!.includes('\n'));
	t.regex(sessionsCommand[2]!, /default_transaction_read_only=on/);
	t.regex(sessionsCommand[2]!, /statement_timeout=3000/);
});
