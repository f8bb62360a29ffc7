/** Log signatures on lines as the real programs write them, in case and locale; and what keeps a flood harmless. */

import test from 'ava';
import {createMatcher, matchLines, withMatches, type LogMatch, type SignatureKind} from '../../source/core/diagnosis/matcher.ts';
import {signatures} from '../../source/core/diagnosis/signatures.ts';

const lines: ReadonlyArray<readonly [SignatureKind, string, Readonly<Record<string, string>>?]> = [
	['missing-variable', 'mestres.config.ConfigError: variável de ambiente obrigatória ausente: SECRET_KEY', {name: 'SECRET_KEY'}],
	['missing-variable', 'KeyError: \'DATABASE_URL\'', {name: 'DATABASE_URL'}],
	['missing-variable', 'decouple.UndefinedValueError: REDIS_URL not found. Declare it as envvar or define a default value.', {name: 'REDIS_URL'}],
	['missing-variable', 'django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.', {name: 'SECRET_KEY'}],
	['missing-variable', 'Error: Environment variable JWT_SECRET is required', {name: 'JWT_SECRET'}],
	['syntax-error', 'SyntaxError: invalid syntax', {error: 'SyntaxError'}],
	['syntax-error', 'IndentationError: unexpected indent'],
	['dependency-error', 'ModuleNotFoundError: No module named \'flask_cors\'', {name: 'flask_cors'}],
	['dependency-error', 'ImportError: cannot import name \'Markup\' from \'jinja2\''],
	['dependency-error', 'Error: Cannot find module \'express\'', {name: 'express'}],
	['dependency-error', 'Error: Could not find or load main class br.com.mestres.Main', {name: 'br.com.mestres.Main'}],
	['dependency-error', 'psql: error while loading shared libraries: libpq.so.5: cannot open shared object file: No such file or directory', {name: 'libpq.so.5'}],
	['database-auth', 'FATAL:  password authentication failed for user "mestres_user"', {user: 'mestres_user'}],
	['database-auth', 'FATAL:  autenticação do tipo senha falhou para o usuário "mestres_user"', {usuario: 'mestres_user'}],
	['database-auth', 'FATAL:  papel "outro_user" não existe', {user: 'outro_user'}],
	['database-auth', 'FATAL:  no pg_hba.conf entry for host "172.18.0.5", user "x", database "y", no encryption'],
	['database-missing', 'FATAL:  database "mestres" does not exist', {database: 'mestres'}],
	['database-missing', 'FATAL:  banco de dados "mestres" não existe', {database: 'mestres'}],
	['connections', 'FATAL:  sorry, too many clients already'],
	['connections', 'FATAL:  desculpe, muitos clientes conectados'],
	['connections', 'FATAL:  remaining connection slots are reserved for non-replication superuser connections'],
	['connections', 'FATAL:  conexões restantes são reservadas a conexões de super-usuário'],
	['starting-up', 'FATAL:  the database system is starting up'],
	['starting-up', 'FATAL:  o sistema de banco de dados está iniciando'],
	['starting-up', 'FATAL:  o sistema de banco de dados está em modo de recuperação'],
	['no-space', 'ERROR:  could not extend file "base/16384/16402": No space left on device'],
	['no-space', 'ERRO:  não pôde estender arquivo "base/16384/16402": Não há espaço disponível no dispositivo'],
	['no-space', 'OSError: [Errno 28] No space left on device'],
	['no-space', 'Error: ENOSPC: no space left on device, write'],
	['migration-pending', 'psycopg2.errors.UndefinedTable: relation "produtos" does not exist', {table: 'produtos'}],
	['migration-pending', 'ERRO:  relação "produtos" não existe', {table: 'produtos'}],
	['migration-pending', 'psycopg2.errors.UndefinedColumn: column produtos.estoque does not exist', {column: 'produtos.estoque'}],
	['migration-pending', 'ERRO:  coluna "estoque" da relação "produtos" não existe', {column: 'estoque'}],
	['migration-broken', 'alembic.util.exc.CommandError: Can\'t locate revision identified by \'0003\'', {revision: '0003'}],
	['migration-broken', 'FAILED: Multiple head revisions are present for given argument \'head\''],
	['database-unreachable', 'connection to server at "db" (172.18.0.2), port 5432 failed: Connection refused'],
	['database-unreachable', 'could not translate host name "db" to address: Temporary failure in name resolution', {host: 'db'}],
	['database-unreachable', 'não pôde traduzir nome da máquina "db" para endereço: Nome ou serviço desconhecido', {maquina: 'db'}],
	['database-unreachable', 'Error: connect ECONNREFUSED 172.18.0.2:5432'],
	['database-unreachable', 'org.postgresql.util.PSQLException: Connection to db:5432 refused. Check that the hostname and port are correct'],
	['database-unreachable', 'dial tcp 172.18.0.2:5432: connect: connection refused'],
	['cache-unreachable', 'redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.', {host: 'redis'}],
	['cache-full', 'OOM command not allowed when used memory > \'maxmemory\'.'],
	['cache-cannot-save', 'MISCONF Redis is configured to save RDB snapshots, but it\'s currently unable to persist to disk.'],
	['cache-auth', 'NOAUTH Authentication required.'],
	['upstream-refused', '2026/11/25 22:36:57 [error] 7#7: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 172.18.0.1, server: _, request: "GET /api/health HTTP/1.1", upstream: "http://172.18.0.5:5000/api/health", host: "localhost:8080"', {address: '172.18.0.5', port: '5000'}],
	['upstream-refused', '2026/11/26 01:43:54 [error] 7#7: *76 connect() failed (113: No route to host) while connecting to upstream, client: 172.18.0.1, server: _, request: "GET /api/health HTTP/1.1", upstream: "http://172.18.0.6:5001/api/health", host: "localhost:8080"', {address: '172.18.0.6', port: '5001'}],
	['upstream-timeout', '2026/11/25 22:36:57 [error] 7#7: *1 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 172.18.0.1'],
	['upstream-unresolved', 'nginx: [emerg] host not found in upstream "api:5001" in /etc/nginx/conf.d/default.conf:2', {upstream: 'api:5001'}],
	['upstream-unresolved', '2026/11/26 01:48:44 [emerg] 1#1: host not found in upstream "api:5001" in /etc/nginx/conf.d/default.conf:2', {upstream: 'api:5001'}],
	['config-invalid', '2026/11/26 01:48:44 [emerg] 1#1: unexpected end of file, expecting "}" in /etc/nginx/conf.d/default.conf:9'],
	['port-in-use', '2026/11/26 01:48:44 [emerg] 1#1: bind() to 0.0.0.0:80 failed (98: Address already in use)'],
	['config-invalid', 'nginx: [emerg] unknown directive "sever" in /etc/nginx/conf.d/default.conf:5'],
	['port-in-use', 'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)'],
	['worker-killed', '[2026-01-18 03:04:06 +0000] [1] [ERROR] Worker (pid:17) was sent SIGKILL! Perhaps out of memory?', {pid: '17'}],
	['worker-timeout', '[2026-01-18 03:04:06 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:17)', {pid: '17'}],
	['out-of-memory', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
	['out-of-memory', 'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space'],
	['bad-command', 'exec /bad: exec format error'],
	['bad-command', 'sh: 1: exec: gunicornn: not found', {name: 'gunicornn'}],
	['permission', 'PermissionError: [Errno 13] Permission denied: \'/app/logs/api.log\'', {path: '/app/logs/api.log'}],
	['permission', 'touch: cannot touch \'/root/z\': Permissão negada', {path: '/root/z'}],
	['read-only', 'touch: cannot touch \'/app/uploads/x\': Read-only file system', {path: '/app/uploads/x'}],
	['too-many-files', 'accept4() failed (24: Too many open files)'],
	['too-many-processes', 'RuntimeError: can\'t start new thread'],
	['clock', 'jwt.exceptions.ImmatureSignatureError: The token is not yet valid (iat)'],
	['app-error', 'panic: runtime error: invalid memory address or nil pointer dereference'],
	['app-error', 'NameError: name \'cupons\' is not defined'],
];

for (const [kind, line, params = {}] of lines) {
	test(`${kind}: ${line.slice(0, 80)}`, t => {
		const hits = createMatcher([]).match(line, 'api');
		const hit = hits.find(other => other.kind === kind);
		t.truthy(hit, JSON.stringify(hits));
		t.deepEqual(Object.fromEntries(Object.keys(params).map(name => [name, hit?.params[name]])), params);
	});
}

const quiet = [
	'172.18.0.1 - - [18/Jan/2026:03:04:05 +0000] "GET /api/products HTTP/1.1" 200 1542 "-" "Mozilla/5.0 (X11; Linux x86_64)"',
	'2026-11-25 22:44:43.035 UTC [1] LOG:  database system is ready to accept connections',
	'[2026-01-18 03:04:05 +0000] [1] [INFO] Listening at: http://0.0.0.0:5001 (1)',
	'1:M 25 Nov 2026 22:44:43.001 * Ready to accept connections',
	'2026/11/25 22:36:57 [notice] 1#1: start worker process 29',
	'2026-11-25 22:44:43.035 UTC [27] LOG:  checkpoint complete: wrote 31 buffers (0.2%)',
	'KeyError: \'preco\'',
];

for (const line of quiet) {
	test(`says nothing: ${line.slice(0, 70)}`, t => {
		t.deepEqual(createMatcher([]).match(line, 'api').filter(({kind}) => kind !== 'app-error'), []);
	});
}

test('every signature passes its own prefilter, and no id stands twice', t => {
	t.is(new Set(signatures.map(({id}) => id)).size, signatures.length);
	for (const {id, hints} of signatures) {
		t.true(hints.length > 0 && hints.every(hint => hint === hint.toLowerCase() && hint.length >= 4), id);
	}
});

test('no pattern takes long on a long line of anything', t => {
	const matcher = createMatcher([]);
	for (const hint of signatures.flatMap(({hints}) => hints)) {
		const line = `${hint} ${'a1 "/_:'.repeat(280)}`.slice(0, 2000);
		const began = performance.now();
		matcher.match(line, 'api');
		t.true(performance.now() - began < 250, hint);
	}
});

test('a batch gives one match for each signature, with the newest line, the count, and no secret', t => {
	const texts = ['FATAL:  password authentication failed for user "a"', 'postgresql://u:hunter2@db/x password authentication failed for user "b"'];
	const [match, ...rest] = matchLines(createMatcher([]), {containerId: 'x', service: 'api'}, texts.map((rawText, index) => ({atMs: 1000 + index, rawText})));
	t.deepEqual(rest, []);
	t.deepEqual([match?.count, match?.firstAtMs, match?.lastAtMs, match?.params['user']], [2, 1000, 1001, 'b']);
	t.false(match!.line.includes('hunter2'));
});

test('the memory of matches is bounded and keeps the newest', t => {
	let memory: Readonly<Record<string, LogMatch>> = {};
	for (let index = 0; index < 1000; index++) {
		memory = withMatches(memory, [{signature: 'x', kind: 'app-error', params: {}, containerId: `c${index}`, service: 'api', count: 1, firstAtMs: index, lastAtMs: index, line: 'x' as LogMatch['line']}]);
	}

	t.is(Object.keys(memory).length, 400);
	t.true(Object.values(memory).some(({lastAtMs}) => lastAtMs === 999));
});

test('a team\'s pattern that is no expression is taken as it stands', t => {
	const matcher = createMatcher([{id: 'own', pattern: 'quota [exceeded', service: 'api', finding: 'x', scenario: null, actions: []}]);
	t.deepEqual(matcher.match('PIX: quota [exceeded', 'api').map(({signature}) => signature), ['own']);
	t.deepEqual(matcher.match('PIX: quota [exceeded', 'db'), []);
});
