import test from 'ava';
import fc from 'fast-check';
import {LogBook} from '../../source/core/log-book.ts';
import {redact, redactedMark} from '../../source/core/redaction.ts';
import {RunBook} from '../../source/core/run-book.ts';
import {Secrets} from '../../source/core/secrets.ts';
import {makeSafe} from '../../source/core/text.ts';
import {opened} from '../helpers/facts.ts';

// Put together here, so that no scanner takes this file for a leak. `word` is what must not be seen.
const hex = (count: number): string => '9f8e7d6c5b4a39281706f5e4d3c2b1a0'.repeat(4).slice(0, count);
const mixed = (count: number): string => 'Zx8Kq2Lm7Pv4Rt9Wy3Bn6Hj1Gf5DsAe0'.repeat(4).slice(0, count);
const word = 'Hunt3rXy9Q';

const shapes: readonly (readonly [line: string, secret: string])[] = [
	[`connecting to postgresql://mestres_user:${word}@db:5432/mestres_cafe`, word],
	[`redis://:${word}@redis:6379/0`, word],
	[`amqp://guest:${word}@mq:5672//`, word],
	[`mongodb+srv://app:${word}@cluster0.example.net/x`, word],
	[`https://deploy:${word}@git.example.com/app.git`, word],
	[`smtp://mail%40example.com:${word}@smtp:587`, word],
	[`DATABASE_URL=postgres://u:p%40${word}@db/x`, word],
	[`dsn root:${word}@tcp(db:3306)/shop`, word],
	[`jdbc:postgresql://db/x?user=u&password=${word}`, word],
	[`jdbc:oracle:thin:scott/${word}@db:1521:x`, word],
	[`Server=db;User Id=sa;Password=${word};Encrypt=true`, word],
	[`host=db user=u password=${word} dbname=x`, word],
	[`Server=db;Uid=u;Pwd=${word};`, word],
	[`DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${mixed(40)}==;EndpointSuffix=core.windows.net`, mixed(40)],
	[`Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=${mixed(40)}=`, mixed(40)],
	[`PGPASSWORD=${word} psql -h db`, word],
	[`POSTGRES_PASSWORD=${word},;&more`, `${word},;&more`],
	[`export DB_PASSWORD="${word} with spaces"`, `${word} with`],
	[`SECRET_KEY=${word}`, word],
	[`  - JWT_SECRET_KEY=${word}`, word],
	[`password: ${word}`, word],
	[`  password: "${word}"`, word],
	[`{"user":"u","password":"${word}"}`, word],
	[`{\\"password\\":\\"${word}\\"}`, word],
	[`{'db_password': '${word}', 'x': 1}`, word],
	[`config = {:password => '${word}'}`, word],
	[`dbPassword=${word}`, word],
	[`mysql -u root -p${word} shop`, word],
	[`mysql -u root -p'${word}' shop`, word],
	[`sshpass -p ${word} ssh host`, word],
	[`tool --password ${word} --verbose`, word],
	[`tool --password=${word}`, word],
	[`tool --api-key '${word}'`, word],
	[`tool --token ${word}`, word],
	[`docker login -u x -p ${word} registry`, word],
	[`redis-cli -h redis -a ${word} ping`, word],
	[`curl -u ana:${word} http://x`, word],
	[`ALTER USER u WITH PASSWORD '${word}'`, word],
	[`CREATE USER u IDENTIFIED BY '${word}'`, word],
	[`requirepass ${word}`, word],
	[`1700000000.1 [0 127.0.0.1:1] "AUTH" "${word}"`, word],
	[`machine x login y password ${word}`, word],
	[`db:5432:x:u:${word}`, word],
	[`<password>${word}</password>`, word],
	[`senha=${word}`, word],
	[`"senha_banco": "${word}"`, word],
	[`Senha: ${word}`, word],
	[`segredo: ${word}`, word],
	[`chave_api=${word}`, word],
	[`chave de acesso: ${word}`, word],
	[`Authorization: Bearer ${mixed(30)}`, mixed(30)],
	[`authorization: Basic ${mixed(20)}==`, mixed(20)],
	[`"Authorization": "Token ${mixed(20)}"`, mixed(20)],
	[`Authorization: Digest username="u", response="${hex(32)}"`, hex(32)],
	[`proxy sent Bearer ${mixed(24)}`, mixed(24)],
	[`X-Api-Key: ${word}`, word],
	[`X-Auth-Token: ${word}`, word],
	[`x-amz-security-token: ${mixed(60)}`, mixed(60)],
	[`Cookie: theme=dark; session=${mixed(30)}`, mixed(30)],
	[`Set-Cookie: sessionid=${mixed(32)}; Path=/; HttpOnly`, mixed(32)],
	[`GET /cb?access_token=${word}&x=1`, word],
	[`GET /x?sig=${mixed(30)}&se=2026`, mixed(30)],
	[`https://s3/x?X-Amz-Credential=${mixed(20)}&X-Amz-Signature=${hex(64)}`, hex(64)],
	[`PHPSESSID=${hex(26)}`, hex(26)],
	[`csrf_token=${mixed(20)}`, mixed(20)],
	[`otp: 483920`, '483920'],
	[`AWS AKIA${'ABCDEFGHIJ234567'}`, 'AKIAABCDEFGHIJ234567'],
	[`aws_secret_access_key = ${mixed(40)}`, mixed(40)],
	[`gcp ${'AIza'}${mixed(35)}`, mixed(35)],
	[`oauth ${'ya29.'}${mixed(30)}`, mixed(30)],
	[`client ${'GOCSPX-'}${mixed(28)}`, mixed(28)],
	[`github ${'ghp_'}${mixed(36)}`, mixed(36)],
	[`github ${'github_pat_'}${mixed(40)}`, mixed(40)],
	[`gitlab ${'glpat-'}${mixed(20)}`, mixed(20)],
	[`slack ${'xoxb-'}123456789012-${mixed(24)}`, mixed(24)],
	[`https://hooks.slack.com/services/T000/B000/${mixed(24)}`, mixed(24)],
	[`https://discord.com/api/webhooks/123456/${mixed(40)}`, mixed(40)],
	[`stripe ${'sk_live_'}${mixed(24)}`, mixed(24)],
	[`stripe ${'whsec_'}${mixed(32)}`, mixed(32)],
	[`twilio ${'SK'}${hex(32)}`, hex(32)],
	[`sendgrid ${'SG.'}${mixed(22)}.${mixed(43)}`, mixed(43)],
	[`mailgun ${'key-'}${hex(32)}`, hex(32)],
	[`npm ${'npm_'}${mixed(36)}`, mixed(36)],
	[`pypi ${'pypi-'}AgEIcHlwaS5vcmc${mixed(30)}`, mixed(30)],
	[`openai ${'sk-proj-'}${mixed(40)}`, mixed(40)],
	[`docker ${'dckr_pat_'}${mixed(27)}`, mixed(27)],
	[`vault ${'hvs.'}${mixed(24)}`, mixed(24)],
	[`digitalocean ${'dop_v1_'}${hex(64)}`, hex(64)],
	[`shopify ${'shpat_'}${hex(32)}`, hex(32)],
	[`telegram 123456789:AA${mixed(33)}`, mixed(33)],
	[`mercadopago ${'APP_USR-'}${mixed(30)}`, mixed(30)],
	[`jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${mixed(43)}`, mixed(43)],
	[`hash $2b$12$${mixed(53)}`, mixed(53)],
	[`hash pbkdf2:sha256:260000$${mixed(16)}$${hex(64)}`, hex(64)],
	[`-----BEGIN RSA PRIVATE KEY-----\n${mixed(64)}\n${mixed(40)}\n-----END RSA PRIVATE KEY-----`, mixed(40)],
	[`-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA${mixed(40)}\n-----END OPENSSH PRIVATE KEY-----`, mixed(40)],
	[`-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF${mixed(50)}\n-----END PGP PRIVATE KEY BLOCK-----`, mixed(50)],
	[`{"private_key": "-----BEGIN PRIVATE KEY-----\\n${mixed(64)}\\n-----END PRIVATE KEY-----\\n"}`, mixed(64)],
];

const clean = (text: string): string => redact(makeSafe(text));

const innocent: readonly string[] = `
password authentication failed for user "mestres_user"
FATAL:  password authentication failed for user "mestres_user"
FATAL:  database "mestres_cafe" does not exist
FATAL:  sorry, too many clients already
DETAIL:  Role "mestres_user" does not exist.
ERROR:  duplicate key value violates unique constraint "users_email_key"
DETAIL:  Key (email)=(ana@example.com) already exists.
ERROR:  relation "order_tokens" does not exist at character 15
LOG:  database system is ready to accept connections
LOG:  checkpoint complete: wrote 34 buffers (0.2%); 0 WAL file(s) added, 0 removed
2026-11-25 03:12:04 UTC [17] LOG:  listening on IPv4 address "0.0.0.0", port 5432
[2026-11-25 03:12:04 +0000] [1] [INFO] Starting gunicorn 21.2.0
[2026-11-25 03:12:04 +0000] [1] [INFO] Listening at: http://0.0.0.0:5001 (1)
[2026-11-25 03:12:04 +0000] [7] [ERROR] Worker (pid:17) was sent SIGKILL! Perhaps out of memory?
[2026-11-25 03:12:04 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:9)
172.18.0.1 - - [25/Nov/2026:03:12:04 +0000] "GET /api/health HTTP/1.1" 200 15 "-" "curl/7.88.1"
172.18.0.1 - - [25/Nov/2026:03:12:04 +0000] "POST /api/auth/login HTTP/1.1" 401 38 "https://mestres.example.com/login" "Mozilla/5.0 (X11; Linux x86_64)"
10.0.0.1 - - [25/Nov/2026:03:12:04 +0000] "GET /api/products?page=2&sort=name HTTP/1.1" 200 5120
10.0.0.1 "GET /static/key-visual.png HTTP/1.1" 304 0
10.0.0.1 "GET /account/password/reset HTTP/1.1" 200 812
nginx: [emerg] host not found in upstream "api:5001" in /etc/nginx/conf.d/default.conf:12
nginx: configuration file /etc/nginx/nginx.conf test is successful
2026/11/25 03:12:04 [error] 29#29: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 172.18.0.1, server: , request: "GET / HTTP/1.1", upstream: "http://172.18.0.4:5001/"
upstream timed out (110: Connection timed out) while reading response header from upstream
commit 9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c
9f8e7d6 Add a token bucket to the rate limiter
deploy 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed finished
sha256:9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0
image mestres/api@sha256:9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0
container 9f8e7d6c5b4a is unhealthy
Removing intermediate container 9f8e7d6c5b4a
Successfully built 9f8e7d6c5b4a
Step 4/12 : COPY requirements.txt .
Creating network "mestres-do-cafe_default" with the default driver
Recreating mestres-do-cafe_api_1 ... done
sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) could not connect to server: Connection refused
	Is the server running on host "db" (172.18.0.2) and accepting TCP/IP connections on port 5432?
redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.
KeyError: 'DATABASE_URL'
RuntimeError: SECRET_KEY is not set
ModuleNotFoundError: No module named 'flask_jwt_extended'
Traceback (most recent call last):
  File "/app/auth/token.py", line 12, in verify
INFO  [alembic.runtime.migration] Running upgrade 1a2b3c4d5e6f -> 6f5e4d3c2b1a, add password_hash to users
Error: Can't locate revision identified by '1a2b3c4d5e6f'
Out of memory: Killed process 1234 (gunicorn) total-vm:512000kB, anon-rss:256000kB
oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=9f8e7d6c5b4a
http://localhost:5001/api/health
https://api.example.com:8443/v1/orders/42?expand=items
postgresql://db:5432/mestres_cafe
POSTGRES_USER=mestres_user
POSTGRES_DB=mestres_cafe
WEB_CONCURRENCY=2
FLASK_ENV=production
LANG=C.UTF-8
TZ=America/Sao_Paulo
POSTGRES_PASSWORD_FILE=/run/secrets/db_password
PASSWORD_MIN_LENGTH=8
max_tokens=4096
password: required
token: expired
{"error":"invalid token"}
{"password":null,"token":""}
invalid token, please log in again
Basic authentication is not enabled
Bearer authentication required
passwd: password expiry information changed.
api_1    | Using secret from environment
session opened for user deploy(uid=1000) by (uid=0)
sshd[812]: Accepted publickey for deploy from 10.0.0.7 port 50514 ssh2
Usuário ou senha inválidos
A senha deve ter 8 caracteres
Sessão expirada
12:03:04.123 up 3 days, 4:05, 2 users, load average: 0.10, 0.20, 0.30
keyspace hits: 1204, keys=12,expires=3,avg_ttl=0
Background saving terminated with success
tests: pass=31 fail=0 skip=2
cwd: /opt/mestres-do-cafe pwd=/opt/mestres-do-cafe
author: Ana <ana@example.com>
GET http://registry:5000/v2/ "see docs@example.com"
mestres_user@mestres_cafe LOG:  duration: 1532.112 ms  statement: SELECT 1
`.split('\n').filter(line => line.trim() !== '');

test('the corpora are as large as they should be', t => {
	t.true(shapes.length >= 60, String(shapes.length));
	t.true(innocent.length >= 60, String(innocent.length));
	t.log(`${shapes.length} secret shapes, ${innocent.length} innocent lines`);
});

test('no secret passes by its shape, and what stands around it stays', t => {
	t.deepEqual(shapes.filter(([line, secret]) => redact(makeSafe(line)).includes(secret) || !redact(makeSafe(line)).includes(redactedMark)).map(([line]) => [line, redact(makeSafe(line))]), []);
	t.is(clean((shapes[0]![0])), `connecting to postgresql://mestres_user:${redactedMark}@db:5432/mestres_cafe`);
	t.is(clean(('{"user":"u","password":"x1y2z3"}')), `{"user":"u","password":${redactedMark}}`);
	t.is(clean(('PGPASSWORD=x1y2z3 psql -h db')), `PGPASSWORD=${redactedMark}`);
});

test('innocent lines stay as they are, byte for byte', t => {
	t.deepEqual(innocent.filter(line => redact(makeSafe(line)) !== makeSafe(line)).map(line => [line, redact(makeSafe(line))]), []);
});

test('redacting twice changes nothing more', t => {
	t.deepEqual(shapes.map(([line]) => redact(makeSafe(line))).filter(once => redact(once) !== once).map(once => [once, redact(once)]), []);
});

/** Cuts a text into pieces at chance places. */
const chunksOf = (text: string, cuts: readonly number[]): readonly string[] => {
	const places = [...new Set(cuts.map(cut => cut % (text.length + 1)))].toSorted((a, b) => a - b);
	return [...places, text.length].map((end, index) => text.slice(places[index - 1] ?? 0, end));
};

test('no secret shows at any moment, however the output is cut into chunks', t => {
	const known = new Secrets();
	known.learn([{name: 'APP_SECRET', value: 'correct-horse-battery'}, {name: 'DATABASE_URL', value: `postgres://u:p4ss-w0rd-known@db/x`}]);
	const lines: readonly (readonly [string, string])[] = [...shapes, ['the app said correct-horse-battery to us', 'correct-horse'], ['failed with p4ss-w0rd-known here', 'p4ss-w0rd-known']];
	const checked = fc.check(fc.property(fc.constantFrom(...lines), fc.array(fc.nat(), {maxLength: 12}), fc.boolean(), ([line, secret], cuts, ends) => {
		const book = new RunBook(known);
		for (const chunk of chunksOf(`before\n${line}${ends ? '\nafter\n' : ''}`, cuts)) {
			book.append('r', chunk, 0);
			const shown = book.tail('r', 50).lines.join('\n');
			// Not the secret, and not the greater part of it either.
			if (shown.includes(secret) || (secret.length >= 16 && shown.includes(secret.slice(0, Math.ceil(secret.length * 0.7))))) {
				return false;
			}
		}

		return true;
	}), {numRuns: 20_000});
	t.false(checked.failed, JSON.stringify(checked.counterexample));
});

test('a private key in a log is hidden line by line, and what comes after it is not', t => {
	const book = new LogBook('mdc-console/1');
	const raw = ['start', '-----BEGIN PRIVATE KEY-----', mixed(64), mixed(60), '-----END PRIVATE KEY-----', 'ready', '-----BEGIN RSA PRIVATE KEY-----', mixed(64), '[ERROR] cut off: the rest is gone (see above)', 'still here'];
	book.append('api', 'a', raw.map((rawText, index) => ({stamp: String(index), atMs: index, stream: 'out' as const, rawText, cutBytes: 0})), 0);
	t.deepEqual(book.tail('a', 20).map(String), ['start', redactedMark, redactedMark, redactedMark, redactedMark, 'ready', redactedMark, redactedMark, '[ERROR] cut off: the rest is gone (see above)', 'still here']);
});

test('known values are taken out in every form; a user, a database and a small number stay', t => {
	const secrets = new Secrets();
	secrets.learn([
		{name: 'POSTGRES_USER', value: 'mestres_user'}, {name: 'POSTGRES_DB', value: 'mestres_cafe'}, {name: 'POSTGRES_PASSWORD', value: 'um caf&é "forte"'}, {name: 'WORKERS', value: '2'}, {name: 'DB_PASSWORD', value: '2'},
		{name: 'REDIS_URL', value: 'redis://:s%40lt-and-pepper@redis:6379/0'}, {name: 'MAGIC', value: mixed(32)}, {name: 'PYTHON_SHA256', value: hex(64)}, {name: 'GPG_KEY', value: hex(40)}, {name: 'PATH', value: '/usr/local/bin:/usr/bin'},
		{name: 'ADMIN_PASSWORD', value: 'mestres_cafe'}, {name: 'PIN_TOKEN', value: 'ab12x'}, {name: 'TLS_KEY', value: `-----BEGIN PRIVATE KEY-----\n${mixed(60)}\n-----END PRIVATE KEY-----`}, {name: 'HOSTNAME', value: hex(12)}, {name: 'AUTH_USER', value: 'barista_ana'},
	]);
	const seen = (text: string): string => secrets.redact(makeSafe(text));
	t.is(seen('x um caf&é "forte" y'), `x ${redactedMark} y`);
	t.is(seen(`x ${encodeURIComponent('um caf&é "forte"')} y`), `x ${redactedMark} y`);
	t.false(seen(`x ${Buffer.from('um caf&é "forte"').toString('base64')} y`).includes(Buffer.from('um caf&é "forte"').toString('base64').slice(0, 16)));
	t.is(seen('{"v": "um caf&é \\"forte\\""}'), `{"v": "${redactedMark}"}`);
	t.is(seen('got s@lt-and-pepper and s%40lt-and-pepper'), `got ${redactedMark} and ${redactedMark}`);
	t.is(seen(`got ${mixed(32)}`), `got ${redactedMark}`);
	t.is(seen(mixed(60)), redactedMark);
	t.is(seen('ab12x but not ab12xy'), `${redactedMark} but not ab12xy`);
	for (const text of ['2 workers for mestres_user and barista_ana on mestres_cafe', hex(64), hex(40), hex(12), '/usr/local/bin:/usr/bin']) {
		t.is(seen(text), text);
	}
});

test('known values pass neither the journal nor the clipboard', t => {
	const console = opened();
	console.state.secrets.learn([{name: 'APP_TOKEN', value: 'prensa-francesa-9'}, {name: 'DB_URL', value: 'postgres://u:coador-de-pano@db/x'}]);
	console.send({type: 'journal/leased', mine: true, holder: null}).press('m').send({type: 'text/pasted', text: 'found prensa-francesa-9 and coador-de-pano in the log', atMs: 0}).press('enter');
	const written = JSON.stringify(console.effects.filter(effect => effect.type === 'journal/append'));
	t.true(written.includes('in the log'));
	t.false(/prensa-francesa|coador-de-pano/.test(written));
	t.false(JSON.stringify(console.state).includes('coador-de-pano'));
	const {id} = console.state.situation.containers.value![0]!;
	// The line came before it was known what is secret.
	console.state.logBook.append('api', id, [{stamp: '1', atMs: 1, stream: 'out', rawText: 'booting with grao-verde-77', cutBytes: 0}], 0);
	console.state.secrets.learn([{name: 'APP_SECRET', value: 'grao-verde-77'}]);
	console.press('c');
	const copied = console.effects.find(effect => effect.type === 'terminal/copy');
	t.true(copied?.type === 'terminal/copy' && copied.text.includes('booting with') && !copied.text.includes('grao-verde'));
});

test('known values do not show in a dump of what holds them', t => {
	const secrets = new Secrets();
	secrets.learn([{name: 'A_SECRET', value: 'never-seen-anywhere'}]);
	t.false(JSON.stringify({secrets}).includes('never-seen'));
	t.false(Object.values(secrets).map(String).join(' ').includes('never-seen'));
});

test('any text is looked through quickly, whatever it is', t => {
	for (const text of ['a'.repeat(4096), 'password='.repeat(450), 'a.'.repeat(2000), 'token '.repeat(700), '"'.repeat(4000), 'key_'.repeat(1000), 'curl '.repeat(800), 'mysql a '.repeat(500), '\\"'.repeat(2000), 'eyJ'.repeat(1300), '://'.repeat(1300), ':1:a:'.repeat(800), '-----BEGIN '.repeat(370), 'login x password '.repeat(240)]) {
		const startedAt = performance.now();
		redact(makeSafe(text));
		t.true(performance.now() - startedAt < 3000, `${text.slice(0, 20)}: ${performance.now() - startedAt} ms`);
	}
});
