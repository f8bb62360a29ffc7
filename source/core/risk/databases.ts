/**
What is said to a database: SQL by `psql`, `mysql` and `sqlite3`, and Redis commands. A statement reads only when its verb reads and every function
that it calls is known to; `SELECT pg_terminate_backend(…)` is no look.
*/

import {change, destructive, mayBeOption, nothing, splitOptions, type Judge, type Marks} from './judging.ts';
import type {Word} from './shell-words.ts';

// Functions, and words of SQL that may stand before a parenthesis.
const harmlessCalls = new Set(('count sum avg min max now version coalesce nullif greatest least age extract date_trunc date_part to_char to_timestamp to_date round ceil floor abs length lower upper trim substring substr left right '
	+ 'replace concat concat_ws format string_agg array_agg json_agg jsonb_agg row_to_json to_json to_jsonb json_build_object jsonb_build_object array_length unnest generate_series row_number rank dense_rank lag lead first_value '
	+ 'last_value percentile_cont percentile_disc current_setting current_database current_schema current_schemas current_user session_user inet_server_addr inet_server_port pg_size_pretty pg_database_size pg_relation_size '
	+ 'pg_total_relation_size pg_table_size pg_indexes_size pg_tablespace_size pg_is_in_recovery pg_backend_pid pg_blocking_pids pg_postmaster_start_time pg_conf_load_time pg_last_wal_receive_lsn pg_last_wal_replay_lsn '
	+ 'pg_last_xact_replay_timestamp pg_current_wal_lsn pg_wal_lsn_diff pg_get_viewdef pg_get_indexdef pg_get_constraintdef obj_description col_description has_table_privilege has_database_privilege to_regclass '
	+ 'in any all some exists over values filter within group as and or not on using cast array row table from where join select with when then else between like ilike is by order having interval numeric varchar char decimal timestamp '
	+ 'if ifnull database user schema connection_id bit_length char_length character_length md5').split(' '));

/** Statements of a text, without its strings and comments, in upper case. What is a comment differs: `--1` is none in MySQL, `#` is one only there. */
const statementsOf = (sql: string, comments: string): readonly string[] => sql
	.replaceAll(new RegExp(String.raw`'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[^]*?\$\1\$|\/\*[^]*?\*\/${comments}`, 'g'), piece => /^["'$]/.test(piece) ? '\'\'' : ' ')
	.split(/;|(?:^|\n)[ \t]*(?=\\)/)
	.flatMap(statement => statement.startsWith('\\') ? [statement.split('\n')[0]!, statement.split('\n').slice(1).join('\n')] : [statement])
	.map(statement => statement.trim())
	.map(statement => statement.startsWith('\\') ? statement : statement.toUpperCase())
	.filter(statement => statement !== '');

const readingMeta = /^\\(?:[dlzx?q]\S*|timing|conninfo|pset|echo|t|a|encoding|s?v)(?:\s[^\\`|]*)?$/i;

const judgeStatement = (statement: string): Marks => {
	if (statement.startsWith('\\')) {
		return readingMeta.test(statement) ? nothing : destructive('runs-text');
	}

	if (/\\(?!GX?$)/.test(statement)) {
		return destructive('runs-text');
	}

	const verb = /^\(*\s*([A-Z]+)/.exec(statement)?.[1] ?? '';
	switch (verb) {
		case 'SELECT':
		case 'WITH':
		case 'TABLE':
		case 'VALUES': {
			return judgeSelect(statement);
		}

		case 'EXPLAIN':
		case 'DESCRIBE':
		case 'DESC': {
			const isRun = /^EXPLAIN\s+(?:\([^)]*ANALY[SZ]E|ANALY[SZ]E)/.test(statement);
			return isRun ? judgeStatement(statement.replace(/^EXPLAIN\s+(?:\([^)]*\)|(?:ANALY[SZ]E|VERBOSE)\s+)*/, '').replace(/^(?:VERBOSE)\s+/, '')) : nothing;
		}

		case 'SHOW':
		case 'SET':
		case 'RESET':
		case 'BEGIN':
		case 'START':
		case 'COMMIT':
		case 'END':
		case 'ROLLBACK':
		case 'USE': {
			return /^SET\s+(?:GLOBAL|PERSIST)/.test(statement) ? change() : nothing;
		}

		case 'COPY': {
			return /\bTO\s+STDOUT\b/.test(statement) && !/\bPROGRAM\b/.test(statement) ? judgeSelect(statement.replace(/^COPY\s*/, '')) : destructive('overwrites');
		}

		case 'INSERT': {
			return /\bON\s+(?:CONFLICT|DUPLICATE)\b/.test(statement) ? destructive('drops-data') : [...change(), ...judgeSelect(statement)];
		}

		case 'CREATE': {
			return /\bOR\s+REPLACE\b|\bAS\b/.test(statement) ? destructive('drops-data') : change();
		}

		case 'ALTER': {
			return /\b(?:DROP|TYPE|RENAME|PASSWORD|DETACH|DISABLE)\b/.test(statement) ? destructive('drops-data') : change();
		}

		case 'GRANT':
		case 'COMMENT':
		case 'VACUUM':
		case 'ANALYZE':
		case 'ANALYSE':
		case 'REINDEX':
		case 'CHECKPOINT':
		case 'CHECK': {
			return change();
		}

		default: {
			return destructive('drops-data');
		}
	}
};

const judgeSelect = (statement: string): Marks => {
	if (/\b(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE|DROP)\b/.test(statement.replace(/^INSERT\b/, '').replaceAll(/\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b/g, ''))) {
		return destructive('drops-data');
	}

	if (/\bINTO\s+(?:OUTFILE|DUMPFILE)\b/.test(statement)) {
		return destructive('overwrites');
	}

	const calls = [...statement.matchAll(/([\w.]+|'')\s*\(/g)].map(match => match[1]!.toLowerCase().replace(/^pg_catalog\./, ''));
	const strange = calls.find(name => !harmlessCalls.has(name) && !/^\d+$/.test(name));
	if (strange !== undefined && !/^INSERT\b/.test(statement)) {
		return destructive(/terminate|cancel/.test(strange) ? 'kills' : 'unknown-program', strange);
	}

	return /\bINTO\b/.test(statement.replace(/^INSERT\s+INTO\b/, '')) ? change() : nothing;
};

/** Judges a text of SQL. */
export const judgeSql = (text: Word, dialect: 'standard' | 'mysql' = 'standard'): Marks => {
	// Escaped quotes and comments that MySQL runs read differently in each database.
	if (text.dynamic || /\\['"]|\/\*!/.test(text.text)) {
		return destructive('unknown-words');
	}

	const comments = dialect === 'standard' ? [String.raw`|--[^\n]*`] : ['', String.raw`|--[^\n]*`, String.raw`|#[^\n]*`, String.raw`|(?:--|#)[^\n]*`];
	return comments.flatMap(comment => statementsOf(text.text, comment)).flatMap(statement => judgeStatement(statement));
};

/** A client that is given its SQL by an option; without one it would read it from somewhere that is not in the text. */
const sqlClient = (flags: readonly string[], valued: readonly string[], texts: readonly string[], looks: readonly string[], dialect: 'standard' | 'mysql'): Judge => ({args, input}) => {
	const found: Word[] = [];
	for (let at = 0; at < args.length; at++) {
		const word = args[at]!;
		const [name = ''] = word.text.split('=');
		const short = word.text.slice(0, 2);
		if (mayBeOption(word) && !texts.includes(args[at - 1]?.text ?? '')) {
			return destructive('unknown-words');
		}

		if (!/^-./.test(word.text)) {
			continue;
		}

		if (looks.includes(word.text)) {
			return nothing;
		}

		if (texts.includes(word.text)) {
			found.push(...args.slice(++at, at + 1));
		} else if (texts.includes(name) && word.text.includes('=')) {
			found.push({...word, text: word.text.slice(name.length + 1)});
		} else if (!word.text.startsWith('--') && texts.includes(short)) {
			found.push({...word, text: word.text.slice(2)});
		} else if (valued.includes(word.text)) {
			at++;
		} else {
			const isBundled = !word.text.startsWith('--') && (valued.includes(short) || [...word.text.slice(1)].every(letter => flags.includes(`-${letter}`)));
			const bundle = word.text.startsWith('--') ? null : /^-([A-Za-z]+)$/.exec(word.text);
			const last = bundle === null ? '' : `-${bundle[1]!.at(-1)!}`;
			if (bundle !== null && texts.includes(last) && [...bundle[1]!.slice(0, -1)].every(letter => flags.includes(`-${letter}`))) {
				found.push(...args.slice(++at, at + 1));
			} else if (!flags.includes(word.text) && !(word.text.includes('=') && valued.includes(name)) && !isBundled) {
				return destructive('unknown-words');
			}
		}
	}

	if (input !== null) {
		found.push(input);
	}

	return found.length === 0 ? destructive('runs-text') : found.flatMap(text => judgeSql(text, dialect));
};

export const psqlJudge = sqlClient(
	['-X', '-q', '-A', '-t', '-x', '-1', '-w', '-W', '-a', '-b', '-e', '-E', '-z', '-0', '-H', '--no-psqlrc', '--quiet', '--no-align', '--tuples-only', '--expanded', '--single-transaction', '--no-password', '--csv', '--html', '--echo-all', '--echo-errors'],
	['-U', '--username', '-d', '--dbname', '-h', '--host', '-p', '--port', '-v', '--set', '--variable', '-P', '--pset', '-F', '--field-separator', '-R', '-T'],
	['-c', '--command'],
	['-l', '--list', '-V', '--version', '--help'],
	'standard',
);

export const mysqlJudge = sqlClient(
	['-N', '-B', '-s', '-t', '-v', '-r', '-H', '--batch', '--silent', '--table', '--skip-column-names', '--raw', '-p'],
	['-u', '--user', '-h', '--host', '-P', '--port', '-D', '--database', '--password', '-S', '--socket'],
	['-e', '--execute'],
	['-V', '--version', '--help'],
	'mysql',
);

export const sqliteJudge: Judge = ({args, input}) => {
	const operands = args.filter(word => !/^-(?:readonly|header|csv|json|line|column|batch|bail|noheader)$/.test(word.text));
	if (operands.some(word => word.text.startsWith('-') || word.text.startsWith('.'))) {
		return destructive('unknown-words');
	}

	const texts = [...operands.slice(1), ...(input === null ? [] : [input])];
	return texts.length === 0 ? destructive('runs-text') : texts.flatMap(text => judgeSql(text));
};

const redisReads = new Set('ping info get mget keys scan ttl pttl type exists dbsize strlen getrange llen lrange lindex hget hgetall hkeys hvals hlen hexists hmget smembers scard sismember sscan hscan zscan zrange zrangebyscore zcard zscore zrank zcount xlen xrange xinfo bitcount monitor lastsave time role echo randomkey command'.split(' '));
const redisSubReads = /^(?:config get|memory (?:usage|doctor|stats)|client (?:list|info|getname|id)|slowlog (?:get|len)|latency (?:latest|doctor|history)|object (?:encoding|idletime|freq|refcount)|cluster (?:info|nodes|slots)|acl (?:list|whoami|users)|pubsub \S+)$/;
const redisChanges = new Set('expire persist incr decr incrby lpush rpush sadd hincrby zadd bgsave save bgrewriteaof publish setnx select'.split(' '));

export const redisJudge: Judge = ({args, input}) => {
	const split = splitOptions(args, ['--raw', '--no-raw', '--csv', '--json', '-3', '--no-auth-warning', '--tls', '--insecure', '--scan', '--bigkeys', '--memkeys', '--hotkeys', '--stat', '--latency', '--version', '-v'],
		['-h', '-p', '-a', '-n', '-u', '-s', '-r', '-i', '-t', '--user', '--pass', '--pattern', '--count', '--cacert', '--cert', '--key']);
	if (split === null || input !== null) {
		return destructive('unknown-words');
	}

	if (split.rest.length === 0) {
		return split.options.some(word => /^--(?:scan|bigkeys|memkeys|hotkeys|stat|latency|version)$|^-v$/.test(word.text)) ? nothing : destructive('runs-text');
	}

	const [verb, ...rest] = split.rest;
	const name = verb!.text.toLowerCase();
	if (verb!.dynamic) {
		return destructive('unknown-words');
	}

	if (redisReads.has(name) || redisSubReads.test(`${name} ${rest[0]?.dynamic === false ? rest[0].text.toLowerCase() : ''}`)) {
		return nothing;
	}

	return redisChanges.has(name) ? change() : destructive('drops-data');
};
