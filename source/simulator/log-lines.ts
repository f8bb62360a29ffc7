/**
The lines as the real programs write them: gunicorn 20.1 with Flask, Postgres 15, Redis 7, nginx 1.25. Every function takes the wall
clock's instant and gives the text; nothing here knows when a line is due.
*/

import type {CrashCause} from './faults.ts';

export type LogText = {readonly stream: 'out' | 'err'; readonly text: string};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const out = (text: string): LogText => ({stream: 'out', text});
const err = (text: string): LogText => ({stream: 'err', text});

const isoOf = (atMs: number): string => new Date(atMs).toISOString();
/** `2026-11-23 06:12:04` */
const plainTime = (atMs: number): string => isoOf(atMs).slice(0, 19).replace('T', ' ');
/** `23/Nov/2026:06:12:04 +0000` */
const commonLogTime = (atMs: number): string => {
	const iso = isoOf(atMs);
	return `${iso.slice(8, 10)}/${months[Number(iso.slice(5, 7)) - 1]!}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
};

// ─── gunicorn and Flask ──────────────────────────────────────────────────────

export type Request = {
	readonly client: string;
	readonly method: string;
	readonly path: string;
	readonly agent: string;
	readonly referer: string;
};

export const gunicornAccess = (atMs: number, request: Request, protocol: string, status: number, bytes: number): LogText =>
	out(`${request.client} - - [${commonLogTime(atMs)}] "${request.method} ${request.path} ${protocol}" ${status} ${bytes} "${request.referer}" "${request.agent}"`);

export const gunicorn = (atMs: number, pid: number, level: string, message: string): LogText =>
	err(`[${plainTime(atMs)} +0000] [${pid}] [${level}] ${message}`);

export const flask = (atMs: number, level: string, message: string): LogText =>
	err(`[${plainTime(atMs)},${isoOf(atMs).slice(20, 23)}] ${level} mestres: ${message}`);

const packages = '/usr/local/lib/python3.11/site-packages';

export const databaseGone = 'could not translate host name "db" to address: Temporary failure in name resolution';
/** What Postgres answers while it comes up, and when no session is left; what Redis answers when it is full. */
export const databaseComingUp = 'FATAL:  the database system is starting up';
export const databaseFull = 'FATAL:  sorry, too many clients already';
export const cacheFull = 'OOM command not allowed when used memory > \'maxmemory\'.';
export const redisGone = 'Error -3 connecting to redis:6379. Temporary failure in name resolution.';
export const diskGone = '[Errno 28] No space left on device';

const traceback = (frames: ReadonlyArray<readonly [string, number, string, string]>, error: string): readonly LogText[] => [
	err('Traceback (most recent call last):'),
	...frames.flatMap(([file, line, name, code]) => [err(`  File "${file}", line ${line}, in ${name}`), err(`    ${code}`)]),
	err(error),
];

/** What Flask writes when a view throws: what the database said, or (null) a bug of its own. */
export const flaskException = (atMs: number, method: string, path: string, databaseSaid: string | null): readonly LogText[] => [
	flask(atMs, 'ERROR', `Exception on ${path} [${method}]`),
	...traceback([
		[`${packages}/flask/app.py`, 2190, 'wsgi_app', 'response = self.full_dispatch_request()'],
		[`${packages}/flask/app.py`, 1486, 'full_dispatch_request', 'rv = self.handle_user_exception(e)'],
		databaseSaid === null
			? ['/app/mestres/catalog.py', 17, 'list_products', 'return jsonify([p.as_dict(currency=price.currency) for p in produtos])']
			: ['/app/mestres/catalog.py', 14, 'list_products', 'produtos = db.session.query(Produto).order_by(Produto.nome).all()'],
	], databaseSaid === null
		? 'AttributeError: \'NoneType\' object has no attribute \'currency\''
		: `sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) ${databaseSaid === 'disk' ? 'could not extend file: No space left on device' : databaseSaid}`),
];

export const healthFailed = (atMs: number, checks: Readonly<Record<string, string>>): LogText =>
	flask(atMs, 'ERROR', `health check falhou: {${Object.entries(checks).map(([name, value]) => `'${name}': '${value}'`).join(', ')}}`);

const startErrors: Readonly<Record<Exclude<CrashCause, 'missing-variable'>, readonly LogText[]>> = {
	'syntax-error': [err('  File "/app/mestres/orders.py", line 14'), err('    def create_order('), err('                    ^'), err('SyntaxError: \'(\' was never closed')],
	'missing-module': [err('  File "/app/mestres/__init__.py", line 7, in <module>'), err('    from flask import Flask'), err('ModuleNotFoundError: No module named \'flask\'')],
	'database-auth': [err('  File "/app/mestres/db.py", line 21, in connect'), err('    return psycopg2.connect(url, connect_timeout=5)'), err('psycopg2.OperationalError: connection to server at "db" (172.18.0.2), port 5432 failed: FATAL:  password authentication failed for user "mestres_user"')],
	'database-missing': [err('  File "/app/mestres/db.py", line 21, in connect'), err('    return psycopg2.connect(url, connect_timeout=5)'), err('psycopg2.OperationalError: connection to server at "db" (172.18.0.2), port 5432 failed: FATAL:  database "mestres_cafes" does not exist')],
	'migration-pending': [err('  File "/app/mestres/loyalty.py", line 31, in load_levels'), err('    return db.session.query(Level).all()'), err('sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedTable) relation "niveis_fidelidade" does not exist')],
	'app-error': [err('  File "/app/mestres/payments.py", line 9, in <module>'), err('    RATES = load_rates()["brl"]["card"]'), err('TypeError: \'NoneType\' object is not subscriptable')],
};

/** Code from before a migration, on a database that has it. */
export const migrationUnknown = (atMs: number, revision: string): {readonly exitCode: number; readonly lines: readonly LogText[]} => ({
	exitCode: 1,
	lines: [
		gunicorn(atMs, 1, 'INFO', 'Starting gunicorn 20.1.0'),
		err('  File "/app/mestres/__init__.py", line 22, in create_app'),
		err('    migrate.check(app)'),
		err(`alembic.util.exc.CommandError: Can't locate revision identified by '${revision}'`),
	],
});

/** A start that fails at once, with the exit code that the program then has. */
export const failedStart = (atMs: number, cause: CrashCause): {readonly exitCode: number; readonly lines: readonly LogText[]} => {
	if (cause === 'missing-variable') {
		return {
			exitCode: 1,
			lines: [
				err('Failed to read config file: gunicorn.conf.py'),
				...traceback([
					[`${packages}/gunicorn/app/base.py`, 111, 'get_config_from_filename', 'spec.loader.exec_module(mod)'],
					['/app/gunicorn.conf.py', 3, '<module>', 'load_config()'],
					['/app/mestres/config.py', 17, 'load_config', '"SECRET_KEY": required("SECRET_KEY"),'],
					['/app/mestres/config.py', 11, 'required', 'raise ConfigError(f"variável de ambiente obrigatória ausente: {name}")'],
				], 'mestres.config.ConfigError: variável de ambiente obrigatória ausente: SECRET_KEY'),
			],
		};
	}

	const error = startErrors[cause];
	return {
		exitCode: 3,
		lines: [
			...gunicornListening(atMs),
			gunicorn(atMs, 7, 'INFO', 'Booting worker with pid: 7'),
			gunicorn(atMs, 7, 'ERROR', 'Exception in worker process'),
			err('Traceback (most recent call last):'),
			err(`  File "${packages}/gunicorn/arbiter.py", line 589, in spawn_worker`),
			err('    worker.init_process()'),
			err('  File "/app/wsgi.py", line 1, in <module>'),
			err('    from mestres import create_app'),
			...error,
			gunicorn(atMs, 7, 'INFO', 'Worker exiting (pid: 7)'),
			...workerFailedToBoot(atMs),
		],
	};
};

export const workerFailedToBoot = (atMs: number): readonly LogText[] => [
	gunicorn(atMs, 1, 'ERROR', 'Worker (pid:7) exited with code 3.'),
	gunicorn(atMs, 1, 'INFO', 'Shutting down: Master'),
	gunicorn(atMs, 1, 'INFO', 'Reason: Worker failed to boot.'),
];

export const gunicornListening = (atMs: number): readonly LogText[] => [
	gunicorn(atMs, 1, 'INFO', 'Starting gunicorn 20.1.0'),
	gunicorn(atMs, 1, 'INFO', 'Listening at: http://0.0.0.0:5001 (1)'),
	gunicorn(atMs, 1, 'INFO', 'Using worker: sync'),
];

export const gunicornStopping = (atMs: number): readonly LogText[] => [
	gunicorn(atMs, 1, 'INFO', 'Handling signal: term'),
	gunicorn(atMs, 8, 'INFO', 'Worker exiting (pid: 8)'),
	gunicorn(atMs, 7, 'INFO', 'Worker exiting (pid: 7)'),
	gunicorn(atMs, 1, 'INFO', 'Shutting down: Master'),
];

export const databaseNotReached = (atMs: number, attempt: number, isComingUp = false): LogText =>
	flask(atMs, 'ERROR', `conexão com o banco falhou (${attempt}/3): ${isComingUp ? databaseComingUp : databaseGone}`);

// ─── nginx ───────────────────────────────────────────────────────────────────

export const nginxAccess = (atMs: number, request: Request, status: number, bytes: number): LogText =>
	out(`${request.client} - - [${commonLogTime(atMs)}] "${request.method} ${request.path} HTTP/1.1" ${status} ${bytes} "${request.referer}" "${request.agent}"`);

export const nginxError = (atMs: number, level: string, message: string, worker = true): LogText =>
	err(`${plainTime(atMs).replaceAll('-', '/')} [${level}] ${worker ? '29#29' : '1#1'}: ${message}`);

export const nginxUpstreamError = (atMs: number, connection: number, request: Request, upstream: string, cause: 'refused' | 'timed-out'): LogText =>
	nginxError(atMs, 'error', `*${connection} ${cause === 'refused' ? 'connect() failed (111: Connection refused) while connecting to upstream' : 'upstream timed out (110: Connection timed out) while reading response header from upstream'}, client: ${request.client}, server: _, request: "${request.method} ${request.path} HTTP/1.1", upstream: "http://${upstream}${request.path}", host: "mestres-do-cafe.com"`);

export const nginxHostNotFound = (atMs: number): readonly LogText[] => [
	out('/docker-entrypoint.sh: Configuration complete; ready for start up'),
	nginxError(atMs, 'emerg', 'host not found in upstream "api:5001" in /etc/nginx/conf.d/default.conf:2', false),
	err('nginx: [emerg] host not found in upstream "api:5001" in /etc/nginx/conf.d/default.conf:2'),
];

export const nginxBadConfig = (atMs: number): readonly LogText[] => [
	out('/docker-entrypoint.sh: Configuration complete; ready for start up'),
	nginxError(atMs, 'emerg', 'invalid number of arguments in "proxy_read_timeout" directive in /etc/nginx/conf.d/default.conf:9', false),
	err('nginx: [emerg] invalid number of arguments in "proxy_read_timeout" directive in /etc/nginx/conf.d/default.conf:9'),
];

export const nginxStarting = (atMs: number): readonly LogText[] => [
	out('/docker-entrypoint.sh: Configuration complete; ready for start up'),
	nginxError(atMs, 'notice', 'using the "epoll" event method', false),
	nginxError(atMs, 'notice', 'nginx/1.25.5', false),
	nginxError(atMs, 'notice', 'start worker processes', false),
	nginxError(atMs, 'notice', 'start worker process 29', false),
];

export const nginxStopping = (atMs: number): readonly LogText[] => [
	nginxError(atMs, 'notice', 'signal 3 (SIGQUIT) received, shutting down', false),
	nginxError(atMs, 'notice', 'gracefully shutting down'),
	nginxError(atMs, 'notice', 'worker process 29 exited with code 0', false),
	nginxError(atMs, 'notice', 'exit', false),
];

// ─── Postgres ────────────────────────────────────────────────────────────────

export const postgres = (atMs: number, pid: number, message: string): LogText =>
	err(`${plainTime(atMs)}.${isoOf(atMs).slice(20, 23)} UTC [${pid}] ${message}`);

export const postgresStarting = (atMs: number): readonly LogText[] => [
	postgres(atMs, 1, 'LOG:  starting PostgreSQL 15.10 on x86_64-pc-linux-musl, compiled by gcc (Alpine 14.2.0) 14.2.0, 64-bit'),
	postgres(atMs, 1, 'LOG:  listening on IPv4 address "0.0.0.0", port 5432'),
	postgres(atMs, 1, 'LOG:  listening on Unix socket "/var/run/postgresql/.s.PGSQL.5432"'),
	postgres(atMs, 28, `LOG:  database system was shut down at ${plainTime(atMs - 1000)} UTC`),
];

/** A server process was killed: the postmaster ends all of them. */
export const postgresKilled = (atMs: number): readonly LogText[] => [
	postgres(atMs, 1, 'LOG:  server process (PID 412) was terminated by signal 9: Killed'),
	postgres(atMs, 1, 'LOG:  terminating any other active server processes'),
];

export const postgresRecovering = (atMs: number): readonly LogText[] => [
	postgres(atMs, 1, 'LOG:  starting PostgreSQL 15.10 on x86_64-pc-linux-musl, compiled by gcc (Alpine 14.2.0) 14.2.0, 64-bit'),
	postgres(atMs, 1, 'LOG:  listening on IPv4 address "0.0.0.0", port 5432'),
	postgres(atMs, 28, `LOG:  database system was interrupted; last known up at ${plainTime(atMs - 60_000)} UTC`),
	postgres(atMs, 28, 'LOG:  database system was not properly shut down; automatic recovery in progress'),
	postgres(atMs, 28, 'LOG:  redo starts at 0/4A2C8F10'),
];

export const postgresReady = (atMs: number): LogText => postgres(atMs, 1, 'LOG:  database system is ready to accept connections');

export const postgresStopping = (atMs: number): readonly LogText[] => [
	postgres(atMs, 1, 'LOG:  received fast shutdown request'),
	postgres(atMs, 1, 'LOG:  aborting any active transactions'),
	postgres(atMs, 1, 'LOG:  background worker "logical replication launcher" (PID 32) exited with exit code 1'),
	postgres(atMs, 27, 'LOG:  shutting down'),
	postgres(atMs, 27, 'LOG:  checkpoint starting: shutdown immediate'),
	postgres(atMs, 1, 'LOG:  database system is shut down'),
];

export const postgresCheckpoint = (atMs: number, buffers: number): LogText => {
	const seconds = (buffers / 10).toFixed(3);
	return postgres(atMs, 27, `LOG:  checkpoint complete: wrote ${buffers} buffers (${(buffers / 40.96).toFixed(1)}%); 0 WAL file(s) added, 0 removed, 0 recycled; write=${seconds} s, sync=0.004 s, total=${(buffers / 10 + 0.02).toFixed(3)} s; sync files=${Math.ceil(buffers / 3)}, longest=0.002 s, average=0.001 s; distance=${buffers * 6} kB, estimate=${buffers * 9} kB`);
};

export const postgresNoSpace = (atMs: number): readonly LogText[] => [
	postgres(atMs, 412, 'ERROR:  could not extend file "base/16384/16402": No space left on device'),
	postgres(atMs, 412, 'HINT:  Check free disk space.'),
	postgres(atMs, 412, 'STATEMENT:  INSERT INTO pedidos (cliente, total) VALUES ($1, $2) RETURNING pedidos.id'),
];

// ─── Redis ───────────────────────────────────────────────────────────────────

export const redis = (atMs: number, role: string, mark: string, message: string): LogText => {
	const iso = isoOf(atMs);
	return out(`${role} ${iso.slice(8, 10)} ${months[Number(iso.slice(5, 7)) - 1]!} ${iso.slice(0, 4)} ${iso.slice(11, 23)} ${mark} ${message}`);
};

export const redisStarting = (atMs: number): readonly LogText[] => [
	redis(atMs, '1:C', '*', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo'),
	redis(atMs, '1:C', '*', 'Redis version=7.2.6, bits=64, commit=00000000, modified=0, pid=1, just started'),
	redis(atMs, '1:M', '*', 'Running mode=standalone, port=6379.'),
	redis(atMs, '1:M', '*', 'Server initialized'),
	redis(atMs, '1:M', '*', 'Ready to accept connections tcp'),
];

export const redisStopping = (atMs: number): readonly LogText[] => [
	redis(atMs, '1:signal-handler', '#', 'Received SIGTERM scheduling shutdown...'),
	redis(atMs, '1:M', '#', 'User requested shutdown...'),
	redis(atMs, '1:M', '*', 'Saving the final RDB snapshot before exiting.'),
	redis(atMs, '1:M', '*', 'DB saved on disk'),
	redis(atMs, '1:M', '#', 'Redis is now ready to exit, bye bye...'),
];

export const redisSaving = (atMs: number, child: number): readonly LogText[] => [
	redis(atMs, '1:M', '*', '100 changes in 300 seconds. Saving...'),
	redis(atMs, '1:M', '*', `Background saving started by pid ${child}`),
];

export const redisSaved = (atMs: number, child: number): readonly LogText[] => [
	redis(atMs, `${child}:C`, '*', 'DB saved on disk'),
	redis(atMs, `${child}:C`, '*', 'Fork CoW for RDB: current 0 MB, peak 0 MB, average 0 MB'),
	redis(atMs, '1:M', '*', 'Background saving terminated with success'),
];

/** Lines as an attacker, or a broken program, would write them. */
export const hostileLines = (): readonly LogText[] => [
	out('\u001B[2J\u001B[H\u001B[31mscreen cleared?\u001B[0m'),
	out('\u001B]0;pwned\u0007title changed?'),
	out('\u001B]52;c;cm0gLXJmIC8=\u0007clipboard set?'),
	err('user \u202Enimda\u202C logged in'),
	out('\u009B2J\u009D0;c1\u009C C1 controls'),
	out('unterminated \u001B]8;;http://example.com/'),
	out('carriage\rreturn and \u0008\u0008backspace and \u0000nul'),
	out('not UTF-8: \uFFFD\uFFFD\uFFFD'),
	out('wide ☕ 漢字 🇧🇷 👩‍💻 e\u0301'),
	out(`long ${'x'.repeat(1024 * 1024)}`),
	err('\u001B[1;1H\u001B[?1049h\u001B[?1000h mouse and screen'),
];
