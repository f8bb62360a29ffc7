/**
What a database says of its sessions when a rule asks: who holds a lock that others wait for, and whose sessions fill it. One read-only statement with a limit of its own,
answered as one line of JSON; here are the statement and how its answer is read.

Literals are taken out of the holder's statement: they are customers' data.
*/

import type {Params} from './diagnosis/types.ts';
import {makeSafe} from './text.ts';

/**
Of the sessions for which others wait, and which wait for nobody themselves, the one that most wait for. `pg_blocking_pids` looks at the lock table for a moment, so
it is asked only for those that wait.
*/
const statement = `WITH waiting AS (SELECT pid, query_start, unnest(pg_blocking_pids(pid)) AS blocker FROM pg_stat_activity WHERE wait_event_type = 'Lock'),
root AS (SELECT blocker, count(DISTINCT pid) AS waiting, max(extract(epoch FROM clock_timestamp() - query_start)) AS waited FROM waiting WHERE blocker NOT IN (SELECT pid FROM waiting) GROUP BY 1 ORDER BY 2 DESC, 3 DESC LIMIT 1),
holder AS (SELECT a.pid, a.usename AS user, a.application_name AS application, host(a.client_addr) AS address, a.state, round(extract(epoch FROM clock_timestamp() - a.xact_start) * 1000) AS "heldMs",
round(extract(epoch FROM clock_timestamp() - a.state_change) * 1000) AS "stateMs", r.waiting, round(r.waited * 1000) AS "waitedMs", left(a.query, 400) AS query,
(SELECT c.relname FROM pg_locks w JOIN pg_locks h ON h.pid = a.pid AND h.granted AND h.relation = w.relation JOIN pg_class c ON c.oid = w.relation WHERE NOT w.granted LIMIT 1) AS relation
FROM root r JOIN pg_stat_activity a ON a.pid = r.blocker),
most AS (SELECT count(*) AS most, application_name AS "mostBy", state AS "mostState" FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 2, 3 ORDER BY 1 DESC LIMIT 1)
SELECT json_build_object('holder', (SELECT row_to_json(h) FROM holder h), 'most', (SELECT row_to_json(m) FROM most m),
'all', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), 'limit', current_setting('max_connections')::int)`.replaceAll('\n', ' ');

/** The words to run inside the container; the statement goes as a word of its own, never into a shell's text. */
export const sessionsCommand: readonly string[] = ['sh', '-c', 'export PGOPTIONS="-c statement_timeout=3000 -c lock_timeout=1000 -c default_transaction_read_only=on" PGCONNECT_TIMEOUT=3; exec psql -X -q -At -U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-${POSTGRES_USER:-postgres}}" -c "$0" 2>&1', statement];

const withoutLiterals = (query: string): string => query.replaceAll(/'(?:[^']|'')*'?/g, '\'…\'').replaceAll(/\$(\w*)\$.*?\$\1\$/gs, '\'…\'').replaceAll(/\b\d{4,}\b/g, '…').replaceAll(/\s+/g, ' ').trim();

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown, length: number): string => typeof value === 'string' ? makeSafe(value.slice(0, length)) : '';
const numberOf = (value: unknown): number => typeof value === 'number' && Number.isFinite(value) ? value : 0;

/** The answer as facts; null when it is none (an old server, an error, no psql). */
export const sessionsIn = (output: string): Params | null => {
	let parsed: unknown;
	try {
		parsed = JSON.parse(output.split('\n').find(line => line.startsWith('{')) ?? '');
	} catch {
		return null;
	}

	if (!isRecord(parsed)) {
		return null;
	}

	const {holder, most} = parsed;
	return {
		all: numberOf(parsed['all']), limit: numberOf(parsed['limit']),
		...(isRecord(most) ? {most: numberOf(most['most']), mostBy: textOf(most['mostBy'], 60), mostState: textOf(most['mostState'], 40)} : {}),
		...(isRecord(holder) ? {
			pid: numberOf(holder['pid']), user: textOf(holder['user'], 60), application: textOf(holder['application'], 60), address: textOf(holder['address'], 45), state: textOf(holder['state'], 40), relation: textOf(holder['relation'], 60),
			heldMs: numberOf(holder['heldMs']), stateMs: numberOf(holder['stateMs']), waiting: numberOf(holder['waiting']), waitedMs: numberOf(holder['waitedMs']), query: makeSafe(withoutLiterals(textOf(holder['query'], 400)).slice(0, 200)),
		} : {}),
	};
};
