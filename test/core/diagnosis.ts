/** The diagnosis as tables: a situation, and what a senior engineer would have said first. */

import test from 'ava';
import type {Finding} from '../../source/core/diagnosis.ts';
import type {ContainerEvent, ContainerFacts, Failure, PingAnswer} from '../../source/core/ports.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import type {Event} from '../../source/core/state.ts';
import {emptyText, ownText} from '../../source/core/text.ts';
import {bad, container, good, logLines, newState, opened, probed, stack, startMs} from '../helpers/facts.ts';

type Failing = Readonly<Record<string, {readonly reason: PingAnswer['reason']; readonly status?: number; readonly detail?: string}>>;

type Case = {
	readonly what: string;
	readonly changes?: Readonly<Record<string, Partial<ContainerFacts>>>;
	readonly without?: string;
	readonly failing?: Failing;
	/** Lines of a service's log, a second before the end. */
	readonly lines?: Readonly<Record<string, readonly string[]>>;
	readonly events?: readonly Event[];
	/** `code`, `service`, `scenario` or what lies outside, the first action. */
	readonly first: readonly [Finding['code'], string | null, number | string, string | undefined];
};

const exited = {state: 'exited', health: 'none', pid: 0, startedAtMs: startMs - 600_000, finishedAtMs: startMs - 60_000} as const;
const crashing = {state: 'restarting', health: 'none', pid: 0, restarts: 6, exitCode: 1, startedAtMs: startMs - 3000, finishedAtMs: startMs - 1000} as const;
const gone: Failing = {api: {reason: 'refused'}, nginx: {reason: 'status', status: 502}};
const unwell = (status: number, detail: string): Failing => ({api: {reason: 'status', status, detail}, nginx: {reason: 'status', status, detail}});
const happened = (kind: ContainerEvent['kind'], service: string, atMs = startMs): Event => ({type: 'container/happened', event: {kind, id: service.padEnd(64, '0'), service, oneOff: false, exitCode: null, health: null, atMs}});
const disk = (changes: object) => ({mount: '/', device: '/dev/vda', type: 'ext4', totalBytes: 1000, availableBytes: 500, usedBytes: 500, inodes: 100, inodesFree: 50, readOnly: false, ...changes});
const dbMount = {mounts: [{source: '/opt/mestres-do-cafe/data', destination: '/var/lib/postgresql/data', writable: true}]};
const upstream = (address: string) => `2026/01/18 03:04:06 [error] 29#29: *7 connect() failed (111: Connection refused) while connecting to upstream, client: 172.18.0.1, server: _, request: "GET /api/health HTTP/1.1", upstream: "http://${address}/api/health", host: "localhost"`;

const locked = {all: 3, limit: 50, pid: 4711, user: 'mestres_user', application: 'manutencao', address: '', state: 'idle in transaction', relation: 'produtos', heldMs: 240_000, stateMs: 200_000, waiting: 2, waitedMs: 9000, query: 'LOCK TABLE produtos'};

const stoppedCases: readonly Case[] = [
	{what: 'the api stopped by hand', changes: {api: {...exited, exitCode: 0}}, failing: gone, first: ['service-stopped', 'api', 1, 'start-api']},
	{what: 'the api ended by TERM', changes: {api: {...exited, exitCode: 143}}, failing: gone, first: ['service-stopped', 'api', 1, 'start-api']},
	{what: 'the api killed', changes: {api: {...exited, exitCode: 137}}, failing: gone, first: ['service-killed', 'api', 1, 'start-api']},
	{what: 'the api\'s container removed', without: 'api', failing: {api: {reason: 'not-running'}, nginx: {reason: 'status', status: 502}}, first: ['service-missing', 'api', 1, 'start-api']},
	{what: 'the api\'s container and image pruned', without: 'api', failing: {api: {reason: 'not-running'}, nginx: {reason: 'status', status: 502}}, events: [{type: 'diagnosis/probed', key: 'image  0 mestres-do-cafe_api', answer: {atMs: startMs, state: 'known', facts: {there: 0}}}], first: ['image-missing', 'api', 1, 'start-api']},
	{what: 'the api paused', changes: {api: {state: 'paused'}}, failing: {api: {reason: 'timed-out'}, nginx: {reason: 'timed-out'}}, first: ['service-paused', 'api', 1, 'restart-api']},
	{what: 'an api that ran for hours and died', changes: {api: {...exited, exitCode: 1, startedAtMs: startMs - 7_200_000, restartPolicy: 'no'}}, failing: gone, first: ['service-crashed', 'api', 1, 'start-api']},
	{what: 'a port that a stranger holds', changes: {api: {...exited, state: 'created', exitCode: 128, error: ownText('driver failed programming external connectivity: Bind for 0.0.0.0:5001 failed: port is already allocated')}}, failing: gone, first: ['port-taken', 'api', 1, 'start-api']},
	{what: 'a container that was made and never started', changes: {api: {...exited, state: 'created', startedAtMs: null, finishedAtMs: null, createdAtMs: startMs - 60_000}}, failing: gone, first: ['created-not-started', 'api', 1, 'start-api']},
	{what: 'a container that cannot be removed', changes: {api: {...exited, state: 'dead', exitCode: 137}}, failing: gone, first: ['service-dead', 'api', 1, 'start-api']},
	{what: 'nginx stopped', changes: {nginx: {...exited, exitCode: 0}}, failing: {nginx: {reason: 'refused'}}, first: ['service-stopped', 'nginx', 4, 'restart-nginx']},
	{what: 'the database stopped, and the api failing because of it', changes: {db: {...exited, exitCode: 0}}, failing: {...unwell(503, 'could not translate host name "db" to address'), db: {reason: 'not-running'}}, first: ['service-stopped', 'db', 'dependency', 'start-db']},
	{what: 'Redis stopped, and the api unhealthy because of it', changes: {redis: {...exited, exitCode: 0}}, failing: {...unwell(503, 'Error -2 connecting to redis:6379. Name or service not known.'), redis: {reason: 'not-running'}}, first: ['service-stopped', 'redis', 'dependency', 'start-redis']},
	{what: 'the database paused', changes: {db: {state: 'paused'}}, failing: {...unwell(503, 'timeout expired'), db: {reason: 'timed-out'}}, first: ['service-paused', 'db', 'dependency', 'restart-db']},
];

const startCases: readonly Case[] = [
	{what: 'a variable that is missing (Portuguese)', changes: {api: crashing}, failing: gone, lines: {api: ['mestres.config.ConfigError: variável de ambiente obrigatória ausente: SECRET_KEY']}, first: ['missing-variable', 'api', 2, 'start-api']},
	{what: 'a variable that is missing (KeyError)', changes: {api: crashing}, failing: gone, lines: {api: ['    url = os.environ["DATABASE_URL"]', 'KeyError: \'DATABASE_URL\'']}, first: ['missing-variable', 'api', 2, 'start-api']},
	{what: 'a wrong password', changes: {api: crashing}, failing: gone, lines: {api: ['sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection to server at "db" (172.18.0.2), port 5432 failed: FATAL:  password authentication failed for user "mestres_user"']}, first: ['database-auth', 'api', 2, 'start-api']},
	{what: 'a wrong password, in Portuguese', changes: {api: crashing}, failing: gone, lines: {api: ['FATAL:  autenticação do tipo senha falhou para o usuário "mestres_user"']}, first: ['database-auth', 'api', 2, 'start-api']},
	{what: 'a host that is no database', changes: {api: crashing}, failing: gone, lines: {api: ['conexão com o banco falhou (3/3): could not translate host name "banco" to address: Name or service not known']}, first: ['database-unreachable', 'api', 2, 'start-api']},
	{what: 'a syntax error', changes: {api: {...crashing, exitCode: 3}}, failing: gone, lines: {api: ['SyntaxError: \'(\' was never closed', '[2026-01-18 03:04:05 +0000] [1] [INFO] Reason: Worker failed to boot.']}, first: ['syntax-error', 'api', 2, 'rebuild-api']},
	{what: 'a module that is missing', changes: {api: {...crashing, exitCode: 3}}, failing: gone, lines: {api: ['ModuleNotFoundError: No module named \'flask_cors\'']}, first: ['dependency-error', 'api', 2, 'rebuild-api']},
	{what: 'a module that is missing, since the variable that was missing before it was mended', changes: {api: {...crashing, exitCode: 3}}, failing: gone, events: [logLines(defaultSettings, 'api', ['KeyError: \'SECRET_KEY\''], startMs - 20_000)], lines: {api: ['ModuleNotFoundError: No module named \'flask_cors\'']}, first: ['dependency-error', 'api', 2, 'rebuild-api']},
	{what: 'a migration that is unknown', changes: {api: crashing}, failing: gone, lines: {api: ['alembic.util.exc.CommandError: Can\'t locate revision identified by \'a1b2c3\'']}, first: ['migration-broken', 'api', 2, 'rollback-commit']},
	{what: 'a command that is not there', changes: {api: {...crashing, exitCode: 127}}, failing: gone, lines: {api: ['sh: 1: exec: gunicornn: not found']}, first: ['bad-command', 'api', 2, 'rebuild-api']},
	{what: 'a program that may not be executed', changes: {api: {...crashing, exitCode: 126}}, failing: gone, first: ['bad-command', 'api', 2, 'rebuild-api']},
	{what: 'an argument that the program does not know', changes: {api: {...crashing, exitCode: 2}}, failing: gone, lines: {api: ['gunicorn: error: unrecognized arguments: --workres']}, first: ['bad-command', 'api', 2, 'rebuild-api']},
	{what: 'data of another Postgres', changes: {db: {...crashing, exitCode: 1}}, failing: {...unwell(503, 'could not translate host name "db" to address'), db: {reason: 'refused'}}, lines: {db: ['DETAIL:  The data directory was initialized by PostgreSQL version 14, which is not compatible with this version 15.20.']}, first: ['data-broken', 'db', 'dependency', undefined]},
	{what: 'a Redis that wants a password', changes: {}, failing: unwell(503, '{"database":"connected","redis":"error: Authentication required.","status":"unhealthy"}'), first: ['cache-unreachable', 'api', 2, 'start-api']},
	{what: 'a password that the database refuses, said by a life that runs again for a moment, seconds after a module was missing', changes: {api: {...crashing, state: 'running', pid: 1, startedAtMs: startMs - 300, finishedAtMs: startMs - 500}}, failing: gone, events: [happened('died', 'api', startMs - 500), logLines(defaultSettings, 'api', ['ModuleNotFoundError: No module named \'flask_cors\''], startMs - 2500)], lines: {api: ['FATAL:  password authentication failed for user "mestres_user"']}, first: ['database-auth', 'api', 2, 'start-api']},
	{what: 'a variable that is missing, when the life before had another reason', changes: {api: {...crashing, startedAtMs: startMs - 3000, finishedAtMs: startMs - 1000}}, failing: gone, lines: {api: ['KeyError: \'SECRET_KEY\'']}, events: [logLines(defaultSettings, 'api', ['SyntaxError: invalid syntax'], startMs - 20_000)], first: ['missing-variable', 'api', 2, 'start-api']},
	{what: 'a volume that may not be written', changes: {api: crashing}, failing: gone, lines: {api: ['PermissionError: [Errno 13] Permission denied: \'/app/logs/api.log\'']}, first: ['permission-denied', 'api', 2, 'restart-api']},
	{what: 'a crash that nothing explains', changes: {api: crashing}, failing: gone, first: ['crash-loop', 'api', 2, 'start-api']},
	{what: 'a crash loop that looks as if it ran', changes: {api: {...crashing, state: 'running', pid: 7, startedAtMs: startMs, health: 'starting'}}, failing: gone, lines: {api: ['ModuleNotFoundError: No module named \'flask\'']}, events: [{type: 'container/happened', event: {kind: 'died', id: 'api'.padEnd(64, '0'), service: 'api', oneOff: false, exitCode: 3, health: null, atMs: startMs - 1000}}], first: ['dependency-error', 'api', 2, 'rebuild-api']},
	{what: 'a health check that is wrong', changes: {api: {health: 'unhealthy', healthFailingStreak: 5, healthOutput: ownText('OCI runtime exec failed: exec: "wgett": executable file not found in $PATH')}}, first: ['bad-health-check', 'api', 2, 'start-api']},
	{what: 'nginx whose configuration is invalid', changes: {nginx: {...crashing, exitCode: 1}}, failing: {nginx: {reason: 'refused'}}, lines: {nginx: ['nginx: [emerg] unexpected end of file, expecting "}" in /etc/nginx/conf.d/x.conf:2']}, first: ['proxy-config-invalid', 'nginx', 4, 'restart-nginx']},
	{what: 'nginx whose upstream has no name', changes: {nginx: {...crashing, exitCode: 1}}, failing: {nginx: {reason: 'refused'}}, lines: {nginx: ['nginx: [emerg] host not found in upstream "apii:5001" in /etc/nginx/conf.d/default.conf:2']}, first: ['upstream-unresolved', 'nginx', 4, 'restart-nginx']},
];

const resourceCases: readonly Case[] = [
	{what: 'the api out of memory', changes: {api: {...exited, exitCode: 137, oomKilled: true}}, failing: gone, first: ['out-of-memory', 'api', 3, 'restart-api']},
	{what: 'an api that was stopped after a worker of it had been killed for memory', changes: {api: {...exited, exitCode: 0, oomKilled: true}}, failing: gone, first: ['service-stopped', 'api', 1, 'start-api']},
	{what: 'an OOM loop that looks as if it ran', changes: {api: {state: 'running', restarts: 4, startedAtMs: startMs}}, failing: gone, events: [happened('oom', 'api', startMs - 1200), {type: 'container/happened', event: {kind: 'died', id: 'api'.padEnd(64, '0'), service: 'api', oneOff: false, exitCode: 137, health: null, atMs: startMs - 1000}}], first: ['out-of-memory', 'api', 3, 'restart-api']},
	{what: 'workers killed inside a living container', failing: {api: {reason: 'closed'}, nginx: {reason: 'status', status: 502}}, lines: {api: ['[2026-01-18 03:04:06 +0000] [1] [ERROR] Worker (pid:17) was sent SIGKILL! Perhaps out of memory?']}, events: [happened('oom', 'api', startMs)], first: ['worker-out-of-memory', 'api', 3, 'restart-api']},
	{what: 'a full disk, and everything on it', changes: {db: dbMount}, failing: unwell(503, '[Errno 28] No space left on device'), events: [{type: 'host/disksRead', reading: {atMs: startMs, disks: [disk({usedBytes: 1000, availableBytes: 0})], silent: []}}], first: ['disk-full', null, 3, 'delete-logs']},
	{what: 'inodes gone', changes: {db: dbMount}, failing: unwell(503, 'No space left on device'), events: [{type: 'host/disksRead', reading: {atMs: startMs, disks: [disk({inodesFree: 0})], silent: []}}], first: ['inodes-gone', null, 3, 'delete-logs']},
	{what: 'a volume that is read-only', failing: unwell(503, 'error: [Errno 30] Read-only file system: \'/app/uploads/.health-probe\''), first: ['disk-read-only', 'api', 3, 'restart-api']},
	{what: 'no file descriptors', failing: unwell(500, ''), lines: {api: ['OSError: [Errno 24] Too many open files']}, first: ['files-exhausted', 'api', 3, 'restart-api']},
];

const networkCases: readonly Case[] = [
	{what: 'nginx that asks the wrong port', failing: {nginx: {reason: 'status', status: 502}}, changes: {api: {networks: [{name: 'net', address: '172.18.0.5', aliases: ['api']}]}, nginx: {networks: [{name: 'net', address: '172.18.0.6', aliases: ['nginx']}]}}, lines: {nginx: [upstream('172.18.0.5:5000')]}, first: ['proxy-wrong-port', 'nginx', 4, 'restart-nginx']},
	{what: 'nginx that asks an old address', failing: {nginx: {reason: 'status', status: 502}}, lines: {nginx: [upstream('172.18.0.9:5001')]}, first: ['stale-upstream', 'nginx', 4, 'restart-nginx']},
	{what: 'nginx with an address in its configuration that was never the api\'s', failing: {nginx: {reason: 'status', status: 504}}, changes: {nginx: {startedAtMs: startMs - 60_000}}, lines: {nginx: [upstream('10.255.255.1:5001')]}, first: ['proxy-wrong-address', 'nginx', 4, 'restart-nginx']},
	{what: 'nginx that cannot reach an api that answers', failing: {nginx: {reason: 'status', status: 502}}, first: ['proxy-cannot-reach', 'nginx', 4, 'restart-nginx']},
	{what: 'nginx that is closed for maintenance', failing: {nginx: {reason: 'status', status: 503}}, first: ['proxy-answers-itself', 'nginx', 4, 'restart-nginx']},
	{what: 'nginx that denies', failing: {nginx: {reason: 'status', status: 403}}, first: ['proxy-answers-itself', 'nginx', 4, 'restart-nginx']},
	{what: 'nginx that sends elsewhere', failing: {nginx: {reason: 'redirected', status: 301}}, first: ['proxy-answers-itself', 'nginx', 4, 'restart-nginx']},
	{what: 'nginx without connections', failing: {nginx: {reason: 'closed'}}, lines: {nginx: ['2026/01/18 03:04:06 [alert] 29#29: 4 worker_connections are not enough']}, first: ['proxy-connections', 'nginx', 4, 'restart-nginx']},
	{what: 'nginx that waits in vain', failing: {nginx: {reason: 'status', status: 504}}, first: ['proxy-timeout', 'nginx', 4, 'restart-nginx']},
	{what: 'the api cut off its network', failing: {api: {reason: 'reset'}, nginx: {reason: 'status', status: 502}}, changes: {api: {networks: []}}, first: ['detached-from-network', 'api', 4, 'rebuild-api']},
	{what: 'the api on another network', failing: {nginx: {reason: 'status', status: 502}}, changes: {api: {networks: [{name: 'other', address: '172.19.0.2', aliases: ['api']}]}}, first: ['detached-from-network', 'nginx', 4, 'rebuild-nginx']},
	{what: 'an api without its name on the network, so that nginx cannot start', failing: {nginx: {reason: 'refused'}}, changes: {api: {networks: [{name: 'net', address: '172.18.0.5', aliases: ['3f2a9c']}]}, nginx: {...crashing, exitCode: 1, networks: [{name: 'net', address: '', aliases: ['nginx']}]}}, lines: {nginx: ['2026/11/26 01:48:44 [emerg] 1#1: host not found in upstream "api:5001" in /etc/nginx/conf.d/default.conf:2']}, first: ['alias-missing', 'api', 4, 'rebuild-api']},
	{what: 'a published port that leads nowhere', failing: {api: {reason: 'refused'}}, events: [probed('inside', 'api', 'api', {ok: 1, latencyMs: 3})], first: ['port-unreachable', 'api', 4, 'restart-api']},
	{what: 'a program that listens on 127.0.0.1 only', failing: {api: {reason: 'reset'}, nginx: {reason: 'status', status: 502}}, events: [probed('processes', 'api', '', {count: 3, stopped: 0, waiting: 0, listens: '127.0.0.1:5001 127.0.0.11:40123', queued: ''}), probed('inside', 'api', 'api', {ok: 0, reason: 'refused'})], first: ['not-listening', 'api', 2, 'start-api']},
	{what: 'a program that listens on another port', failing: {api: {reason: 'reset'}, nginx: {reason: 'status', status: 502}}, events: [probed('processes', 'api', '', {count: 3, stopped: 0, waiting: 0, listens: '0.0.0.0:5002', queued: ''}), probed('inside', 'api', 'api', {ok: 0, reason: 'refused'})], first: ['not-listening', 'api', 2, 'start-api']},
	{what: 'packets that something drops on their way', failing: {api: {reason: 'timed-out'}, nginx: {reason: 'timed-out'}}, events: [probed('processes', 'api', '', {count: 3, stopped: 0, waiting: 0, listens: '0.0.0.0:5001', queued: ''}), probed('inside', 'api', 'api', {ok: 0, reason: 'timed-out', detail: 'connect'})], first: ['packets-dropped', 'api', 4, undefined]},
	{what: 'a program that hangs with connections at its door', failing: {api: {reason: 'timed-out'}, nginx: {reason: 'timed-out'}}, events: [probed('processes', 'api', '', {count: 3, stopped: 0, waiting: 0, listens: '0.0.0.0:5001', queued: '5001=4'}), probed('inside', 'api', 'api', {ok: 0, reason: 'timed-out', detail: 'connect'})], first: ['service-hangs', 'api', 'none', 'restart-api']},
	{what: 'a program that does not listen', failing: gone, events: [probed('inside', 'api', 'api', {ok: 0})], first: ['not-listening', 'api', 2, 'restart-api']},
	{what: 'a certificate that is over', failing: {nginx: {reason: 'tls', detail: 'certificate has expired'}}, first: ['certificate-bad', 'nginx', 4, undefined]},
];

const dependencyCases: readonly Case[] = [
	{what: 'a database without connections', failing: unwell(503, 'FATAL:  sorry, too many clients already'), first: ['database-connections', 'db', 'dependency', 'restart-api']},
	{what: 'a database without connections (Portuguese)', failing: unwell(503, 'FATAL:  desculpe, muitos clientes conectados'), first: ['database-connections', 'db', 'dependency', 'restart-api']},
	{what: 'a database that recovers', failing: {...unwell(503, 'FATAL:  the database system is starting up'), db: {reason: 'starting-up', detail: 'the database system is starting up'}}, first: ['database-starting', 'db', 'dependency', undefined]},
	{what: 'a database that refuses sessions while its check is green', failing: unwell(503, ''), events: [probed('database', 'db', '', {ok: 0, detail: 'FATAL: could not write init file'})], first: ['database-refuses', 'db', 'dependency', 'restart-db']},
	{what: 'a table that a stranger\'s session locks', failing: {api: {reason: 'timed-out'}, nginx: {reason: 'timed-out'}}, events: [probed('sessions', 'db', '', locked)], first: ['database-locked', 'db', 'dependency', undefined]},
	{what: 'a table that a session of the stack\'s own locks', failing: {api: {reason: 'timed-out'}, nginx: {reason: 'timed-out'}}, events: [probed('sessions', 'db', '', {...locked, address: '172.18.0.2'})], first: ['database-locked', 'db', 'dependency', 'restart-api']},
	{what: 'a table that a statement of the stack\'s own locks while it runs', failing: {api: {reason: 'timed-out'}, nginx: {reason: 'timed-out'}}, events: [probed('sessions', 'db', '', {...locked, address: '172.18.0.2', state: 'active'})], first: ['database-locked', 'db', 'dependency', undefined]},
	{what: 'a lock of a moment beside an api that hangs', failing: {api: {reason: 'timed-out'}, nginx: {reason: 'timed-out'}}, events: [probed('sessions', 'db', '', {...locked, waitedMs: 300})], first: ['service-hangs', 'api', 'none', 'restart-api']},
	{what: 'a database that listens for itself only', failing: {...unwell(503, 'could not connect to server: Connection refused'), db: {reason: 'refused'}}, events: [probed('processes', 'db', '', {count: 6, stopped: 0, waiting: 0, listens: '127.0.0.1:5432', queued: ''})], first: ['not-listening', 'db', 'dependency', 'start-db']},
	{what: 'a database that said half a minute ago that it starts, and is silent since', failing: {...unwell(503, ''), db: {reason: 'refused'}}, events: [logLines(defaultSettings, 'db', ['FATAL:  the database system is starting up'], startMs - 30_000)], first: ['dependency-refuses', 'db', 'dependency', 'restart-db']},
	{what: 'a database that made its data anew, and an api that misses its tables', failing: unwell(500, ''), changes: {db: {startedAtMs: startMs - 60_000}}, lines: {api: ['psycopg2.errors.UndefinedTable: relation "produtos" does not exist']}, events: [logLines(defaultSettings, 'db', ['PostgreSQL init process complete; ready for start up.'], startMs - 50_000)], first: ['database-new', 'db', 'dependency', undefined]},
	{what: 'a database that made its data anew a minute ago, and an api that misses a column of a table that is there', failing: unwell(500, ''), changes: {db: {startedAtMs: startMs - 60_000}}, lines: {api: ['sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedColumn) column produtos.estoque does not exist']}, events: [logLines(defaultSettings, 'db', ['PostgreSQL init process complete; ready for start up.'], startMs - 50_000)], first: ['migration-pending', 'api', 2, 'migrate']},
	{what: 'Redis without room for clients', failing: {...unwell(503, ''), redis: {reason: 'failed', detail: 'ERR max number of clients reached'}}, first: ['dependency-refuses', 'redis', 'dependency', 'restart-redis']},
	{what: 'Redis that is full', failing: unwell(503, 'OOM command not allowed when used memory > \'maxmemory\'.'), first: ['cache-full', 'redis', 'dependency', 'restart-redis']},
];

const hangCases: readonly Case[] = [
	{what: 'an api that hangs', failing: {api: {reason: 'timed-out'}, nginx: {reason: 'timed-out'}}, events: [probed('processes', 'api', '', {count: 3, stopped: 0, waiting: 0})], first: ['service-hangs', 'api', 'none', 'restart-api']},
	{what: 'an api that hangs after a disk that was full half a minute ago', failing: {api: {reason: 'timed-out'}, nginx: {reason: 'timed-out'}}, events: [logLines(defaultSettings, 'api', ['ERROR mestres: [Errno 28] No space left on device: \'/app/uploads/.health-probe\''], startMs - 30_000)], first: ['service-hangs', 'api', 'none', 'restart-api']},
	{what: 'an api that is not well, and whose check was good after its last word on the disk', changes: {api: {health: 'healthy', healthFailingStreak: 0, healthAtMs: startMs - 10_000, healthCommand: ownText('CMD curl -fsS http://localhost:5001/api/health')}}, failing: unwell(503, ''), events: [logLines(defaultSettings, 'api', ['ERROR mestres: [Errno 28] No space left on device: \'/app/uploads/.health-probe\''], startMs - 30_000)], first: ['answers-unhealthy', 'api', 'none', 'restart-api']},
	{what: 'an api that hangs after Redis was full, which has room again', failing: {api: {reason: 'timed-out'}, nginx: {reason: 'timed-out'}}, events: [logLines(defaultSettings, 'api', ['redis.exceptions.ResponseError: OOM command not allowed when used memory > \'maxmemory\'.'], startMs - 1000), probed('cache-info', 'redis', '', {used: 1_000_000, max: 0, policy: 'noeviction'})], first: ['service-hangs', 'api', 'none', 'restart-api']},
	{what: 'workers that are stopped', failing: {api: {reason: 'timed-out'}, nginx: {reason: 'timed-out'}}, events: [probed('processes', 'api', '', {count: 3, stopped: 2, waiting: 0})], first: ['workers-stopped', 'api', 'none', 'restart-api']},
	{what: 'a 500 of its own', failing: unwell(500, ''), lines: {api: ['AttributeError: \'NoneType\' object has no attribute \'currency\'']}, first: ['answers-500', 'api', 'none', 'restart-api']},
	{what: 'a table that is missing', failing: unwell(500, ''), lines: {api: ['sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedColumn) column produtos.estoque does not exist']}, first: ['migration-pending', 'api', 2, 'migrate']},
	{what: 'an api that says it is not well, and not why', failing: unwell(503, ''), first: ['answers-unhealthy', 'api', 'none', 'restart-api']},
	{what: 'an unhealthy service without a ping', changes: {api: {health: 'unhealthy', healthFailingStreak: 3}}, failing: {}, first: ['bad-health-check', 'api', 2, 'start-api']},
];

/** A console that saw the case for five seconds. */
const seen = ({changes = {}, without, failing = {}, lines = {}, events = []}: Case) => {
	const console = opened(undefined, stack(changes).filter(one => one.service !== without));
	for (const [service, texts] of Object.entries(lines)) {
		console.send(logLines(defaultSettings, service, texts, startMs));
	}

	console.send(...events);
	return console.until(startMs + 5000, (name, atMs) => {
		const trouble = failing[name];
		return trouble === undefined ? good(atMs) : {...bad(atMs, trouble.reason, trouble.detail ?? ''), status: trouble.status ?? null};
	});
};

const pageOf = (finding: Finding | undefined): number | string | null => finding?.scenario ?? finding?.outside ?? null;

for (const [group, cases] of Object.entries({stopped: stoppedCases, start: startCases, resources: resourceCases, network: networkCases, dependencies: dependencyCases, hangs: hangCases})) {
	for (const one of cases) {
		test(`${group}: ${one.what} is ${one.first[0]} of ${one.first[1] ?? 'the host'}`, t => {
			const {findings} = seen(one).state;
			const [first] = findings;
			t.deepEqual([first?.code, first?.service, pageOf(first), first?.actions[0]], [...one.first], JSON.stringify(findings.map(({code, service, causedBy}) => [code, service, causedBy])));
			t.true((first?.evidence.length ?? 0) > 0);
			t.is(first?.causedBy, null);
		});
	}
}

test('a healthy stack has no finding', t => {
	t.deepEqual(opened().until(startMs + 5000, (_name, atMs) => good(atMs)).state.findings, []);
});

test('an api so slow that the proxy before it gives up is the outage, and the proxy its consequence', t => {
	const {findings} = opened().until(startMs + 5000, (name, atMs) => name === 'nginx' ? bad(atMs, 'timed-out') : good(atMs, name === 'api' ? 1800 : 4)).state;
	t.deepEqual(findings.map(({code, service, weight, causedBy}) => [code, service, weight, causedBy]), [['service-slow', 'api', 'outage', null], ['proxy-timeout', 'nginx', 'outage', {code: 'service-slow', service: 'api'}]]);
	t.is(findings[0]!.evidence[0]!.code, 'ping-slow');
});

test('a consequence names its cause and never comes first', t => {
	const {findings} = seen(stoppedCases.find(({what}) => what.startsWith('the database stopped'))!).state;
	t.true(findings.slice(1).filter(({weight}) => weight === 'outage').every(({causedBy}) => causedBy !== null));
	t.deepEqual(findings.find(({service}) => service === 'api')?.causedBy, {code: 'service-stopped', service: 'db'});
});

test('an engine that is gone is the finding, and the containers are not called stopped', t => {
	const {state} = opened().send({type: 'engine/lost', failure: {code: 'engine-not-running', detail: emptyText}, atMs: startMs});
	t.deepEqual(state.findings.map(({code, outside}) => [code, outside]), [['engine-down', 'engine']]);
});

test('a full disk that holds nothing of ours is only worth a warning', t => {
	const full = disk({mount: '/srv/other', availableBytes: 0, usedBytes: 1000});
	const console = opened().until(startMs + 3000, (name, atMs) => name === 'redis' || name === 'db' ? good(atMs) : bad(atMs, 'status')).send({type: 'host/disksRead', reading: {atMs: startMs + 3000, disks: [disk({}), full], silent: []}});
	console.until(startMs + 6000, (name, atMs) => name === 'redis' || name === 'db' ? good(atMs) : bad(atMs, 'status'));
	t.is(console.state.findings.find(({code}) => code === 'disk-full')?.weight, 'warning');
	t.not(console.state.findings[0]?.code, 'disk-full');
});

test('a disk that is nearly full is a warning with its numbers, never dressed up as the outage', t => {
	const console = opened().until(startMs + 3000, (_name, atMs) => good(atMs)).send({type: 'host/disksRead', reading: {atMs: startMs + 3000, disks: [disk({availableBytes: 50, usedBytes: 950})], silent: []}}, {type: 'clock/ticked', nowMs: startMs + 5000});
	t.deepEqual(console.state.findings.map(({code, weight}) => [code, weight]), [['disk-full', 'warning']]);
});

test('a new commit under a defect of the code is a bad deploy, and going back comes first', t => {
	const deploys: Event = {type: 'project/deploysRead', atMs: startMs, facts: {edits: [], commits: [{hash: 'b'.repeat(40), subject: ownText('feat: cupons (v1.5.0)'), how: ownText('commit: x'), atMs: startMs - 120_000}, {hash: 'a'.repeat(40), subject: ownText('before'), how: ownText('commit'), atMs: startMs - 86_400_000}]}};
	const {findings} = seen({what: '', changes: {api: {...crashing, createdAtMs: startMs - 60_000}}, failing: gone, lines: {api: ['NameError: name \'cupons\' is not defined']}, events: [deploys], first: ['bad-deploy', 'api', 'rollback', undefined]}).state;
	t.deepEqual([findings[0]?.code, findings[0]?.outside, findings[0]?.actions[0], findings[0]?.params['subject']], ['bad-deploy', 'rollback', 'rollback-commit', 'feat: cupons (v1.5.0)'] as never);
});

test('an edit on the server after the commit came is to blame, not the commit', t => {
	const deploys: Event = {type: 'project/deploysRead', atMs: startMs, facts: {edits: [{path: ownText('apps/api/gunicorn.conf.py'), atMs: startMs - 90_000, kind: 'code'}], commits: [{hash: 'b'.repeat(40), subject: ownText('fix'), how: ownText('reset'), atMs: startMs - 300_000}, {hash: 'a'.repeat(40), subject: ownText('before'), how: ownText('commit'), atMs: startMs - 86_400_000}]}};
	const {findings} = seen({what: '', changes: {api: {...crashing, createdAtMs: startMs - 60_000}}, failing: gone, lines: {api: ['NameError: name \'thirty\' is not defined']}, events: [deploys], first: ['crash-loop', 'api', 2, undefined]}).state;
	t.is(findings[0]?.code, 'crash-loop');
	t.true(findings[0]?.evidence.some(({code, params}) => code === 'changed-file' && params['path'] === 'apps/api/gunicorn.conf.py'));
});

test('a 500 after an edit of .env that came long after the commit is not called that commit\'s', t => {
	const deploys = (editedMs: number): Event => ({type: 'project/deploysRead', atMs: startMs, facts: {edits: [{path: ownText('.env'), atMs: startMs - editedMs, kind: 'environment'}], commits: [{hash: 'b'.repeat(40), subject: ownText('fix'), how: ownText('pull'), atMs: startMs - 1_200_000}, {hash: 'a'.repeat(40), subject: ownText('before'), how: ownText('commit'), atMs: startMs - 86_400_000}]}});
	const first = (editedMs: number) => seen({what: '', changes: {api: {createdAtMs: startMs - 60_000, startedAtMs: startMs - 60_000}}, failing: unwell(500, ''), events: [deploys(editedMs)], first: ['answers-500', 'api', 'none', undefined]}).state.findings[0];
	t.is(first(90_000)?.code, 'answers-500');
	t.true(first(90_000)?.evidence.some(({code, params}) => code === 'changed-file' && params['path'] === '.env'));
	t.is(first(1_190_000)?.code, 'bad-deploy');
});

test('a variable that an edit took away is scenario 2 with the edit as evidence, whatever was committed', t => {
	const deploys: Event = {type: 'project/deploysRead', atMs: startMs, facts: {edits: [{path: ownText('.env'), atMs: startMs - 90_000, kind: 'environment'}], commits: []}};
	const {findings} = seen({what: '', changes: {api: {...crashing, createdAtMs: startMs - 60_000}}, failing: gone, lines: {api: ['KeyError: \'SECRET_KEY\'']}, events: [deploys], first: ['missing-variable', 'api', 2, undefined]}).state;
	t.is(findings[0]?.code, 'missing-variable');
	t.true(findings[0]?.evidence.some(({code, params}) => code === 'changed-file' && params['path'] === '.env'));
});

test('the team\'s own signature gives the team\'s own finding', t => {
	const settings = {signatures: [{id: 'gateway-quota', pattern: 'PIX gateway: quota exceeded', service: 'api', finding: 'A cota do PIX acabou', scenario: 2, actions: ['restart-api']}]};
	const console = opened(newState({settings})).send(logLines({...defaultSettings, ...settings}, 'api', ['WARN PIX gateway: quota exceeded for merchant'], startMs)).until(startMs + 3000, (_name, atMs) => good(atMs));
	t.deepEqual(console.state.findings.map(({code, params, scenario, actions}) => [code, params['text'], scenario, actions[0]]), [['custom', 'A cota do PIX acabou', 2, 'restart-api']]);
});

test('a service that nobody who is hurt needs is a warning beside the outage', t => {
	const containers = [...stack({db: {...exited, exitCode: 0}}), container('mailer', {...exited, exitCode: 0})];
	const {findings} = opened(undefined, containers).until(startMs + 5000, (name, atMs) => name === 'redis' ? good(atMs) : bad(atMs, 'status')).state;
	t.is(findings[0]?.service, 'db');
	t.is(findings.find(({service}) => service === 'mailer')?.weight, 'warning');
});

const backup = (name: string, hoursAgo: number, bytes = 41_000_000) => ({name: ownText(name), bytes, atMs: startMs - (hoursAgo * 3_600_000)});
const backupsLooked = (files: readonly ReturnType<typeof backup>[], isOwn = false, unseen: {readonly failure?: Failure; readonly isPartial?: boolean} = {}): Event =>
	({type: 'backups/looked', places: [{directory: '/var/backups/shop', isOwn, files, isPartial: false, failure: null, atMs: startMs, ...unseen}]});
const nightly = {backups: {directory: '/var/backups/shop', warnAfterMs: 26 * 3_600_000}};

const backupCases: ReadonlyArray<readonly [string, Partial<typeof defaultSettings>, Event, string | null]> = [
	['one of last night', nightly, backupsLooked([backup('a.sql.gz', 20)]), null],
	['none since the night before last', nightly, backupsLooked([backup('a.sql.gz', 30)]), 'old'],
	['none at all', nightly, backupsLooked([]), 'none'],
	['one of last night that a failed dump left empty', nightly, backupsLooked([backup('b.sql.gz', 2, 20), backup('a.sql.gz', 25)]), 'empty'],
	['one of last night, with its checksum and marks', nightly, backupsLooked([backup('b.sql.gz.sha256', 2, 64), backup('SUCCESS', 2, 0), backup('latest.txt', 2, 20), backup('a.sql.gz', 20)]), null],
	['one without an extension', nightly, backupsLooked([backup('2026-01-18/shop', 20)]), null],
	['nothing but marks', nightly, backupsLooked([backup('a.sql.gz.md5', 2), backup('DONE', 2, 3)]), 'none'],
	['one that is being written', nightly, backupsLooked([backup('b.sql.gz', 0.1, 0), backup('a.sql.gz', 25)]), null],
	['without configuration, and none was ever made here', {}, backupsLooked([], true), null],
	['without configuration, one of three days ago made here', {}, backupsLooked([backup('shop-1.sql.gz', 72)], true), null],
	['without configuration, one of nine days ago made here', {}, backupsLooked([backup('shop-1.sql.gz', 216)], true), 'old'],
];

for (const [what, settings, event, kind] of backupCases) {
	test(`backups: ${what} ${kind === null ? 'is nobody\'s concern' : `is a warning (${kind})`}`, t => {
		const {findings} = opened(newState({settings})).send(event).until(startMs + 3000, (_name, atMs) => good(atMs)).state;
		t.deepEqual(findings.map(({code, weight, params, actions}) => [code, weight, params['kind'], actions[0]]), kind === null ? [] : [['backup-old', 'warning', kind, 'backup-db'] as never]);
	});
}

for (const [what, unseen, reason] of [
	['does not answer', {failure: {code: 'timed-out', detail: emptyText}}, 'timed-out'], ['hangs in an earlier look', {failure: {code: 'busy', detail: emptyText}}, 'busy'], ['could not be looked at whole', {isPartial: true}, 'partial'],
] as const) {
	test(`backups: a directory that ${what} proves nothing`, t => {
		for (const files of [[], [backup('a.sql.gz', 30)]]) {
			const [finding] = opened(newState({settings: nightly})).send(backupsLooked(files, false, unseen)).until(startMs + 3000, (_name, atMs) => good(atMs)).state.findings;
			t.like(finding, {code: 'backup-old', confidence: 'possible'});
			t.is(finding?.evidence.at(-1)?.params['reason'], reason);
		}
	});
}

test('an old backup is never the outage, and stands behind it', t => {
	const {findings} = opened(newState({settings: nightly}), stack({db: {...exited, exitCode: 0}})).send(backupsLooked([])).until(startMs + 5000, (name, atMs) => name === 'redis' ? good(atMs) : bad(atMs, 'status')).state;
	t.is(findings[0]?.code, 'service-stopped');
	t.is(findings.at(-1)?.code, 'backup-old');
});

test('that somebody killed a container is certain only where the kernel\'s log was read after its death and knows of no want of memory', t => {
	const killed = stack({api: {...exited, exitCode: 137}});
	const told = (...events: readonly Event[]) => opened(newState(), killed).send(...events).until(startMs + 5000, (name, atMs) => name === 'api' || name === 'nginx' ? bad(atMs) : good(atMs)).state.findings.find(({code}) => code === 'service-killed');
	const read = (atMs: number, kills: readonly object[] = []): Event => ({type: 'host/kernelKillsRead', kills, atMs} as unknown as Event);
	const of = (...events: readonly Event[]) => [told(...events)?.confidence, told(...events)?.confirm.includes('kernel-log')];
	t.deepEqual(of(), ['likely', true]);
	t.deepEqual(of(read(exited.finishedAtMs - 5000)), ['likely', true]);
	t.deepEqual(of(read(startMs)), ['certain', false]);
	t.deepEqual(of(read(startMs, [{atMs: exited.finishedAtMs + 200, name: 'gunicorn', pid: 7, containerId: null}])), ['likely', true]);
});

test('a port of the host that a ping asks is looked for inside under the number that the container has it', t => {
	const listening = (address: string) => probed('processes', 'api', '', {states: 'S', listens: address});
	const {settings} = newState();
	const asStands = {...settings, pings: settings.pings.map(ping => ping.name === 'api' ? {...ping, via: 'address' as const, address: 'http://localhost:8080/api/health'} : ping)};
	const told = (address: string) => opened(newState({settings: asStands}), stack({api: {ports: [{containerPort: 5000, hostPort: 8080, hostAddress: '0.0.0.0', protocol: 'tcp'}]}})).send(listening(address))
		.until(startMs + 20_000, (name, atMs) => name === 'api' ? bad(atMs) : (name === 'nginx' ? bad(atMs, 'status') : good(atMs))).state.findings.find(({code}) => code === 'not-listening');
	t.is(told('0.0.0.0:5000')?.evidence.some(({code}) => code === 'listens-at') ?? false, false);
	t.is(told('127.0.0.1:5000')?.evidence.some(({code}) => code === 'listens-at'), true);
});

test('a clock that the alert sources both contradict is likely off; one of them alone may be wrong itself', t => {
	const read = (skewMs: number): Event => ({type: 'alerts/prometheusRead', reading: {atMs: startMs, skewMs, series: {ok: true, value: []}, rule: {ok: true, value: null}, targets: {ok: true, value: []}}});
	const of = (...events: readonly Event[]) => opened().send(...events).until(startMs + 3000, (_name, atMs) => good(atMs)).state.findings.filter(({code}) => code === 'clock-off').map(({confidence, weight}) => [confidence, weight]);
	t.deepEqual(of(read(20_000)), []);
	t.deepEqual(of(read(-240_000)), [['possible', 'warning']]);
	t.deepEqual(of(read(-240_000), {type: 'alerts/alertmanagerRead', reading: {atMs: startMs, skewMs: -241_000, alerts: []}}), [['likely', 'warning']]);
});

test('an api that is slow because its CPU limit holds it back is told so, not merely slow', t => {
	const reading = (atMs: number, throttledSeconds: number): Event => ({type: 'containers/measured', readings: [{id: 'api'.padEnd(64, '0'), reading: {atMs, cpuSeconds: 1, throttledSeconds, memoryBytes: 1, memoryLimitBytes: 100, receivedBytes: 0, sentBytes: 0, oomKills: 0, processes: 3, source: 'cgroup'}}]});
	const slowly = (name: string, atMs: number) => good(atMs, name === 'api' ? 1800 : 4);
	const console = opened().send(reading(startMs, 0)).until(startMs + 4000, slowly);
	for (let step = 2; step <= 7; step++) {
		console.send(reading(startMs + (step * 2000), step * 1.8)).until(startMs + (step * 2000) + 2000, slowly);
	}

	t.deepEqual(console.state.findings.map(({code, weight}) => [code, weight]), [['cpu-throttled', 'warning']]);
});

test('a limit of processes is reached when it is; one below it only together with the log and a failing ping', t => {
	const of = (processes: number, limit: number, ...lines: readonly string[]) => {
		const reading: Event = {type: 'containers/measured', readings: [{id: 'api'.padEnd(64, '0'), reading: {atMs: startMs, cpuSeconds: 1, throttledSeconds: 0, memoryBytes: 1, memoryLimitBytes: 100, receivedBytes: 0, sentBytes: 0, oomKills: 0, processes, source: 'cgroup'}}]};
		const console = opened(undefined, stack({api: {pidsLimit: limit}})).send(reading);
		const isFailing = lines.length > 0;
		return console.send(...(isFailing ? [logLines(defaultSettings, 'api', lines, startMs + 1000)] : []))
			.until(startMs + 4000, (name, atMs) => isFailing && name === 'api' ? bad(atMs, 'timed-out') : good(atMs)).state.findings.filter(({code}) => code === 'processes-exhausted').map(finding => finding.evidence.map(({code}) => code));
	};

	t.deepEqual([of(9, 10), of(97, 100)], [[], []]);
	t.deepEqual([of(10, 10), of(98, 100)], [[['processes-limit']], [['processes-limit']]]);
	const refused = 'sh: fork: retry: Resource temporarily unavailable';
	t.deepEqual([of(9, 10, refused), of(10, 10, refused)], [[['log-line', 'processes-limit', 'ping-fails']], [['log-line', 'processes-limit', 'ping-fails']]]);
	t.deepEqual(of(8, 10, refused), [['log-line', 'ping-fails']]);
});
