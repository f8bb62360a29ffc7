/**
Log signatures as data: the lines by which the usual programs say what is wrong, in the languages that they are run in. A signature names what
the line proves (`kind`); which finding follows from it is for the rules.

`hints` are literals of which one stands in every matching line (lower case): all of them together are the one prefilter.
*/

import type {SignatureKind} from './matcher.ts';

export type Signature = {
	readonly id: string;
	readonly kind: SignatureKind;
	readonly hints: readonly string[];
	/** Named groups become parameters. Case-insensitive. */
	readonly pattern: string;
};

const sign = (id: string, kind: SignatureKind, hints: readonly string[], pattern: string): Signature => ({id, kind, hints, pattern});

const python: readonly Signature[] = [
	sign('python-key-error-environ', 'missing-variable', ['keyerror:'], String.raw`\bKeyError: ['"](?<name>(?-i:[A-Z][A-Z0-9_]{2,}))['"]`),
	sign('config-variable-missing', 'missing-variable', ['environment variable', 'env var', 'variável de ambiente', 'variavel de ambiente'], String.raw`(?:environment variable|env var|vari[áa]vel de ambiente).{0,60}?\b(?<name>(?-i:[A-Z][A-Z0-9_]{2,}))\b`),
	sign('config-name-not-set', 'missing-variable', ['is not set', 'must be set', 'is required', 'não definida', 'não está definida'], String.raw`\b(?<name>(?-i:[A-Z][A-Z0-9]*_[A-Z0-9_]{2,}))\b.{0,30}\b(?:is not set|must be set|is required|n[ãa]o (?:est[áa] )?definida)`),
	sign('decouple-undefined', 'missing-variable', ['undefinedvalueerror'], String.raw`UndefinedValueError: (?<name>\w+) not found`),
	sign('django-improperly-configured', 'missing-variable', ['improperlyconfigured'], String.raw`ImproperlyConfigured: .*?\b(?<name>(?-i:[A-Z][A-Z0-9_]{3,}))\b`),
	sign('pydantic-field-required', 'missing-variable', ['field required'], String.raw`^(?:\s*(?<name>\w+)\s+)?field required`),
	sign('python-syntax', 'syntax-error', ['syntaxerror', 'indentationerror', 'taberror'], String.raw`\b(?<error>SyntaxError|IndentationError|TabError): (?<detail>.+)`),
	sign('python-module', 'dependency-error', ['modulenotfounderror', 'no module named'], String.raw`No module named ['"]?(?<name>[\w.]+)`),
	sign('python-import', 'dependency-error', ['importerror'], String.raw`\bImportError: (?<detail>.+)`),
	sign('python-requirement', 'dependency-error', ['distributionnotfound', 'versionconflict', 'packagenotfounderror'], String.raw`(?:DistributionNotFound|VersionConflict|PackageNotFoundError)\b(?<detail>.*)`),
	sign('python-shared-object', 'dependency-error', ['cannot open shared object file'], String.raw`(?<name>[\w.+-]+): cannot open shared object file`),
	sign('python-permission', 'permission', ['permissionerror'], String.raw`PermissionError: \[Errno 13\] [^:]*: ['"](?<path>[^'"]+)`),
	sign('python-errno-read-only', 'read-only', ['[errno 30]'], String.raw`\[Errno 30\] [^:]*(?:: ['"](?<path>[^'"]+))?`),
	sign('python-errno-no-space', 'no-space', ['[errno 28]'], String.raw`\[Errno 28\]`),
	sign('python-errno-files', 'too-many-files', ['[errno 24]'], String.raw`\[Errno 24\]`),
	sign('python-cannot-start-thread', 'too-many-processes', ['can\'t start new thread', '[errno 11]'], String.raw`can't start new thread|\[Errno 11\] Resource temporarily unavailable`),
	sign('python-memory-error', 'out-of-memory', ['memoryerror'], String.raw`\bMemoryError\b`),
	sign('gunicorn-worker-killed', 'worker-killed', ['was sent sigkill'], String.raw`Worker \(pid:\s?(?<pid>\d+)\) was sent SIGKILL! Perhaps out of memory`),
	sign('gunicorn-worker-timeout', 'worker-timeout', ['worker timeout'], String.raw`WORKER TIMEOUT \(pid:\s?(?<pid>\d+)\)`),
	sign('gunicorn-failed-boot', 'failed-boot', ['worker failed to boot'], 'Worker failed to boot'),
	sign('gunicorn-address-in-use', 'port-in-use', ['address already in use', 'address in use'], String.raw`address (?:already )?in use`),
	sign('gunicorn-no-app', 'app-error', ['failed to find attribute', 'failed to find application'], String.raw`Failed to (?:find|parse) (?<detail>.+)`),
	sign('alembic-cannot-locate', 'migration-broken', ['can\'t locate revision'], String.raw`Can't locate revision identified by ['"]?(?<revision>\w+)`),
	sign('alembic-multiple-heads', 'migration-broken', ['multiple head'], String.raw`Multiple head(?:s| revisions)`),
	sign('alembic-not-up-to-date', 'migration-pending', ['not up to date'], 'Target database is not up to date'),
	sign('django-unapplied', 'migration-pending', ['unapplied migration'], 'unapplied migration'),
	sign('sqlalchemy-pool', 'pool-exhausted', ['queuepool limit'], 'QueuePool limit of size'),
	sign('python-exception', 'app-error', ['error: ', 'exception: '], String.raw`^(?:\w+\.)*(?<error>(?-i:[A-Z]\w*(?:Error|Exception))): (?<detail>.+)`),
];

const postgres: readonly Signature[] = [
	sign('postgres-auth', 'database-auth', ['password authentication failed', 'falhou para o usuário', 'falhou para usuário', 'autenticação do tipo senha'], String.raw`password authentication failed for user "?(?<user>[\w-]+)|autentica[çc][ãa]o (?:do tipo )?(?:de |por )?senha falhou para (?:o )?usu[áa]rio "?(?<usuario>[\w-]+)`),
	sign('postgres-no-role', 'database-auth', ['role "', 'papel "', 'role “'], String.raw`(?:role|papel) "(?<user>[^"]+)" (?:does not exist|n[ãa]o existe|is not permitted)`),
	sign('postgres-hba', 'database-auth', ['pg_hba.conf'], String.raw`(?:no pg_hba\.conf entry|nenhuma entrada no pg_hba\.conf|pg_hba\.conf rejects)`),
	sign('postgres-no-password', 'database-auth', ['no password supplied', 'nenhuma senha foi fornecida'], 'no password supplied|nenhuma senha foi fornecida'),
	sign('postgres-no-database', 'database-missing', ['database "', 'banco de dados "'], String.raw`(?:database|banco de dados) "(?<database>[^"]+)" (?:does not exist|n[ãa]o existe)`),
	sign('postgres-connections', 'connections', ['too many clients', 'muitos clientes', 'remaining connection slots', 'too many connections', 'conexões restantes', 'muitas conexões'], String.raw`sorry, too many clients already|desculpe, muitos clientes|remaining connection slots are reserved|conex[õo]es restantes|too many connections|muitas conex[õo]es`),
	sign('postgres-starting', 'starting-up', ['is starting up', 'está iniciando', 'not yet accepting', 'esta iniciando'], String.raw`(?:the )?database system is (?:starting up|not yet accepting connections)|sistema de banco de dados est[áa] (?:sendo iniciado|iniciando)`),
	sign('postgres-recovering', 'starting-up', ['in recovery mode', 'modo de recuperação', 'was interrupted; last known up', 'redo starts at', 'foi interrompido'], String.raw`database system (?:is in recovery mode|was interrupted)|em modo de recupera[çc][ãa]o|redo starts at|sistema de banco de dados foi interrompido`),
	sign('postgres-shutting-down', 'shutting-down', ['is shutting down', 'está desligando', 'está em processo de desligamento', 'terminating connection due to administrator'], String.raw`database system is shutting down|est[áa] (?:em processo de )?deslig|terminating connection due to administrator command`),
	sign('postgres-no-space', 'no-space', ['no space left on device', 'não há espaço', 'nao ha espaco', 'não há mais espaço', 'espaço em disco insuficiente'], String.raw`no space left on device|n[ãa]o h[áa] (?:mais )?espa[çc]o|espa[çc]o em disco insuficiente`),
	sign('postgres-undefined-table', 'migration-pending', ['does not exist', 'não existe', 'undefinedtable', 'undefinedcolumn'], String.raw`(?:relation|rela[çc][ãa]o|table|tabela) "(?<table>[^"]+)" (?:does not exist|n[ãa]o existe)|(?:column|coluna) "?(?<column>[\w.]+)"?(?: (?:of relation|da rela[çc][ãa]o) "[^"]+")? (?:does not exist|n[ãa]o existe)`),
	sign('postgres-read-only-transaction', 'read-only', ['read-only transaction', 'somente leitura'], String.raw`in a read-only transaction|sistema de arquivos somente leitura|transa[çc][ãa]o somente leitura`),
	sign('postgres-out-of-memory', 'out-of-memory', ['out of memory', 'memória esgotada', 'falta de memória', 'cannot allocate memory'], String.raw`(?:^|\s)(?:out of memory|mem[óo]ria esgotada|falta de mem[óo]ria)|cannot allocate memory`),
	sign('postgres-init', 'data-new', ['postgresql init process complete', 'the files belonging to this database system will be owned by', 'os arquivos deste sistema de banco de dados pertencerão'], 'PostgreSQL init process complete|The files belonging to this database system will be owned by|Os arquivos deste sistema de banco de dados pertencer[ãa]o'),
	sign('postgres-version', 'data-broken', ['was initialized by postgresql version', 'foi inicializado pelo postgresql versão'], String.raw`was initialized by PostgreSQL version (?<data>[\d.]+), which is not compatible with this version (?<program>[\d.]+)|foi inicializado pelo PostgreSQL vers[ãa]o (?<dados>[\d.]+), que n[ãa]o [ée] compat[íi]vel com est[ae] vers[ãa]o (?<programa>[\d.]+)`),
	sign('postgres-corrupt', 'data-broken', ['invalid page', 'could not locate a valid checkpoint', 'invalid checkpoint', 'database files are incompatible', 'arquivos do banco de dados são incompatíveis', 'invalid primary checkpoint'], String.raw`invalid page in block|could not locate a valid checkpoint|invalid (?:primary )?checkpoint record|database files are incompatible|arquivos do banco de dados s[ãa]o incompat[íi]veis`),
	sign('postgres-data-permission', 'permission', ['data directory', 'diretório de dados'], String.raw`(?:data directory|diret[óo]rio de dados) "(?<path>[^"]+)" (?:has (?:invalid permissions|wrong ownership)|tem (?:permiss|dono))`),
	sign('postgres-lock', 'lock-wait', ['deadlock detected', 'lock timeout', 'statement timeout', 'impasse detectado'], 'deadlock detected|impasse detectado|canceling statement due to (?:lock|statement) timeout'),
	sign('database-refused', 'database-unreachable', ['connection refused', 'conexão recusada', 'conexao recusada'], String.raw`(?:connection to server at|could not connect to server|n[ãa]o p[ôo]de conectar|conex[ãa]o (?:com|ao) .*(?:banco|servidor)).*(?:connection refused|conex[ãa]o recusada)|(?:connect(?:ion)? ?refused|ECONNREFUSED)\D{0,40}\S*:5432\b|host.*5432.*refused`),
	sign('database-no-name', 'database-unreachable', ['could not translate host name', 'não pôde traduzir nome', 'nao pode traduzir'], String.raw`could not translate host name "(?<host>[^"]+)"|n[ãa]o p[ôo]de traduzir nome da m[áa]quina "(?<maquina>[^"]+)"`),
	sign('database-closed', 'database-unreachable', ['server closed the connection unexpectedly', 'servidor fechou a conexão'], String.raw`server closed the connection unexpectedly|servidor fechou a conex[ãa]o`),
	sign('database-timeout', 'database-unreachable', ['timeout expired', 'no route to host', 'tempo de espera'], String.raw`(?:connection to server at|psycopg2?|could not connect).*(?:timeout expired|no route to host)|connection to server at .* failed: (?:timeout expired|no route to host)`),
];

const redis: readonly Signature[] = [
	sign('redis-oom', 'cache-full', ['oom command not allowed'], String.raw`OOM command not allowed when used memory > ['"]?maxmemory`),
	sign('redis-misconf', 'cache-cannot-save', ['misconf redis'], 'MISCONF Redis is configured to save RDB snapshots'),
	sign('redis-read-only-replica', 'read-only', ['readonly you can'], `READONLY You can't write against a read only replica`),
	sign('redis-max-clients', 'connections', ['max number of clients reached'], 'max number of clients reached'),
	sign('redis-auth', 'cache-auth', ['authentication required', 'wrongpass', 'redis.exceptions.authenticationerror', 'username-password pair'], String.raw`(?<auth>NOAUTH Authentication required|WRONGPASS invalid username-password|invalid username-password pair|redis\.exceptions\.AuthenticationError|redis["']?: *["']?(?:error: )?Authentication required)`),
	sign('redis-loading', 'starting-up', ['loading redis is loading'], 'LOADING Redis is loading the dataset'),
	sign('redis-connecting', 'cache-unreachable', ['connecting to', 'redis.exceptions.', '6379'], String.raw`(?:redis\.exceptions\.\w+: )?Error -?\d+ (?:while )?connecting to (?<host>[\w.-]+):\d+|redis\.exceptions\.(?:Connection|Timeout)Error|(?:ECONNREFUSED|connection refused|getaddrinfo)\D{0,40}\S*:6379\b`),
	sign('redis-append-error', 'no-space', ['error writing to the aof', 'write error saving db on disk', 'failed opening the temp rdb'], String.raw`(?:Error writing to the AOF file|Write error saving DB on disk).*No space left`),
	sign('redis-bad-config', 'config-invalid', ['fatal config file error', 'bad directive'], String.raw`FATAL CONFIG FILE ERROR|Bad directive or wrong number of arguments`),
];

const nginx: readonly Signature[] = [
	sign('nginx-host-not-found', 'upstream-unresolved', ['host not found in upstream', 'could not be resolved'], String.raw`host not found in upstream "(?<upstream>[^"]+)"|(?<name>[\w.-]+) could not be resolved`),
	sign('nginx-refused', 'upstream-refused', ['connection refused) while connecting to upstream', 'host is unreachable) while connecting', 'no route to host) while connecting', 'no live upstreams', 'network is unreachable) while connecting'], String.raw`(?:\(111: Connection refused\)|\(113: [^)]*\)|\(101: [^)]*\)|no live upstreams) while connecting to upstream.*?(?:upstream: "\w+://(?<address>[\d.]+|\[[\da-f:]+\]|[\w.-]+?)(?::(?<port>\d+))?[/"])`),
	sign('nginx-timeout-connect', 'upstream-connect-timeout', ['while connecting to upstream'], String.raw`upstream timed out .* while connecting to upstream.*upstream: "\w+://(?<address>[\d.]+|\[[\da-f:]+\]|[\w.-]+?)(?::(?<port>\d+))?[/"]`),
	sign('nginx-timeout-read', 'upstream-timeout', ['upstream timed out'], String.raw`upstream timed out .* while reading response header from upstream`),
	sign('nginx-premature', 'upstream-closed', ['upstream prematurely closed', 'while reading response header from upstream', 'while reading upstream'], String.raw`upstream prematurely closed connection|recv\(\) failed .* while reading (?:response header from )?upstream`),
	sign('nginx-emerg', 'config-invalid', ['[emerg]'], String.raw`\[emerg\] (?!(?:\d+#\d+: )?(?:host not found in upstream|bind\(\)))(?:\d+#\d+: )?(?<detail>.+)`),
	sign('nginx-bind', 'port-in-use', ['bind() to'], String.raw`\[emerg\].*bind\(\) to (?<address>\S+) failed`),
	sign('nginx-worker-connections', 'connections', ['worker_connections are not enough'], 'worker_connections are not enough'),
	sign('nginx-ssl', 'certificate', ['ssl_do_handshake() failed', 'certificate has expired', 'cannot load certificate'], 'SSL_do_handshake\\(\\) failed|cannot load certificate'),
];

const others: readonly Signature[] = [
	sign('node-module', 'dependency-error', ['cannot find module', 'err_module_not_found'], String.raw`Cannot find (?:module|package) ['"](?<name>[^'"]+)`),
	sign('node-unhandled', 'app-error', ['unhandledpromiserejection', 'uncaughtexception', 'uncaught exception'], '(?:Unhandled ?Promise ?Rejection|uncaught ?exception)(?<detail>.*)'),
	sign('node-heap', 'out-of-memory', ['heap out of memory', 'reached heap limit'], 'JavaScript heap out of memory|Reached heap limit'),
	sign('node-in-use', 'port-in-use', ['eaddrinuse'], String.raw`EADDRINUSE.*?(?<port>\d+)?$`),
	sign('node-files', 'too-many-files', ['emfile', 'enfile'], String.raw`\b(?:EMFILE|ENFILE)\b`),
	sign('node-space', 'no-space', ['enospc'], String.raw`\bENOSPC\b`),
	sign('node-permission', 'permission', ['eacces'], String.raw`\bEACCES\b.*?(?:['"](?<path>/[^'"]+))?`),
	sign('node-refused', 'database-unreachable', ['econnrefused'], String.raw`ECONNREFUSED \S*:(?:5432|3306|27017)\b`),
	sign('java-class', 'dependency-error', ['classnotfoundexception', 'noclassdeffounderror', 'unsupportedclassversionerror', 'could not find or load main class'], String.raw`(?:ClassNotFoundException|NoClassDefFoundError|UnsupportedClassVersionError|Could not find or load main class):? (?<name>[\w./$]+)`),
	sign('java-memory', 'out-of-memory', ['java.lang.outofmemoryerror'], String.raw`java\.lang\.OutOfMemoryError: (?<detail>.+)`),
	sign('java-hikari', 'pool-exhausted', ['connection is not available, request timed out'], 'Connection is not available, request timed out'),
	sign('java-refused', 'database-unreachable', ['connection to ', 'communications link failure'], String.raw`PSQLException: Connection to \S+ refused|Communications link failure`),
	sign('java-jar', 'bad-command', ['unable to access jarfile'], String.raw`Unable to access jarfile (?<path>\S+)`),
	sign('go-panic', 'app-error', ['panic: '], String.raw`^panic: (?<detail>.+)`),
	sign('go-refused', 'database-unreachable', ['connect: connection refused'], String.raw`dial tcp \S*:(?:5432|3306)\S*: connect: connection refused`),
	sign('argument-unknown', 'bad-command', ['unrecognized argument', 'invalid choice:', 'arguments are required', 'unrecognized option', 'invalid option', 'unknown option', 'bad option:', 'flag provided but not defined', 'unknown flag', 'unrecognized configuration parameter', 'no such option'], String.raw`(?:error: )?(?:unrecognized arguments?: (?<argument>.+)|argument (?<option>\S+): invalid choice.*|the following arguments are required: (?<required>.+)|(?:unrecognized|invalid|unknown|bad) option:?(?: --)? ['"]?(?<word>[^'"\s]+)|flag provided but not defined: (?<flag>\S+)|unknown flag: (?<other>\S+)|unrecognized configuration parameter "(?<parameter>[^"]+)"|no such option: (?<none>\S+))`),
	sign('exec-format', 'bad-command', ['exec format error'], 'exec format error'),
	sign('exec-not-found', 'bad-command', ['executable file not found', 'no such file or directory', ': not found', 'command not found'], String.raw`exec:? (?:"(?<program>[^"]+)": )?(?:executable file not found|stat .*: no such file)|(?:^|: )exec: (?<name>\S+): not found|exec (?<path>\S+): no such file or directory|: command not found$|env: [^:]+: No such file or directory|can't open file '(?<script>[^']+)': \[Errno 2\]`),
	sign('entrypoint-permission', 'bad-command', ['permission denied'], String.raw`exec:? "?(?<path>[^":]+)"?: permission denied|(?:exec|standard_init_linux).*permission denied`),
	sign('permission-denied', 'permission', ['permission denied', 'permissão negada', 'operation not permitted'], String.raw`(?:['"](?<path>/[^'"]+)['"]?|(?<file>/[\w./-]+)):? *(?:\(13: )?(?:permission denied|permiss[ãa]o negada)|(?:permission denied|permiss[ãa]o negada)(?:: ?| )['"]?(?<target>/[\w./-]+)|\(13: permission denied\)`),
	sign('read-only-fs', 'read-only', ['read-only file system'], String.raw`(?:['"]?(?<path>/[\w./-]+)['"]?:? *)?read-only file system`),
	sign('no-space', 'no-space', ['no space left on device', 'disk quota exceeded'], 'no space left on device|disk quota exceeded'),
	sign('too-many-files', 'too-many-files', ['too many open files', 'muitos arquivos abertos'], 'too many open files|muitos arquivos abertos'),
	sign('fork-failed', 'too-many-processes', ['resource temporarily unavailable', 'cannot fork', 'fork: retry', 'unable to create native thread', 'pthread_create failed'], String.raw`(?:fork|clone|thread|pthread_create).*resource temporarily unavailable|cannot fork|fork: retry|unable to create (?:new )?native thread|pthread_create failed`),
	sign('tls-expired', 'certificate', ['certificate has expired', 'certificate verify failed', 'x509: certificate'], 'certificate has expired|certificate verify failed|x509: certificate (?:has expired|is not valid|signed by unknown)'),
	sign('clock-skew', 'clock', ['not yet valid', 'issued in the future', 'clock skew', 'requesttimetooskewed', 'immaturesignatureerror', 'token used before issued'], 'not yet valid|issued in the future|clock skew|RequestTimeTooSkewed|ImmatureSignatureError|token used before issued'),
	sign('kernel-oom', 'out-of-memory', ['out of memory: kill', 'oom-kill:', 'memory cgroup out of memory'], 'Out of memory: Kill|oom-kill:|Memory cgroup out of memory'),
	sign('mysql-connections', 'connections', ['er_con_count_error'], 'ER_CON_COUNT_ERROR|Too many connections'),
];

/** All that ship; a team's own come from the configuration. */
export const signatures: readonly Signature[] = [...python, ...postgres, ...redis, ...nginx, ...others];
