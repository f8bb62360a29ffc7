/**
The faults of the sweep as data: how each is made and unmade on a running stack of the runbook's kind (Compose v1; services api, db, redis, nginx), and what a
senior engineer would have said first. `npm run bench:faults` makes them one by one.

A fault is a piece of bash with these at hand: `$DIR` (the project), `dc` (docker-compose there), `cid SERVICE`, `pid SERVICE`, `set_env NAME VALUE`, `override YAML`,
`sql QUERY`, `inside SERVICE COMMAND…` (in the container's network) and `keep COMMAND…` (left running until the fault is unmade). Without `mends` it is unmade by
putting back `.env`, checkout and override file and `up -d`.
*/

export type BenchFault = {
	readonly name: string;
	/** `code/service` of the first finding that is right. */
	readonly first: RegExp;
	readonly breaks: string;
	readonly mends?: string;
	/** How long it is watched at most, where the usual 45 s are not enough. */
	readonly watchSeconds?: number;
	/** It changes what ships (a build, a commit): these come last, so that no commit of an earlier one lies shortly before a later failure. */
	readonly isDeploy?: true;
	/** The facts begin with the first death of a start, not with the recreate before it. */
	readonly dies?: true;
	/** Not among those that the issue lists. */
	readonly isExtra?: true;
	/** A configuration for it: pings that it needs. */
	readonly configuration?: string;
};

const up = 'dc up -d';
const conf = '"$DIR"/docker/nginx/conf.d/default.conf';
/** Edits nginx' mounted configuration and makes it count. */
const proxy = (edit: string): string => `${edit} ${conf}; dc restart -t 2 nginx`;
/** No machine has this address; some networks answer for it all the same. */
const swallow = 'swallow() { iptables "$1" FORWARD -d 10.255.255.1 -j DROP; }; swallow';
const api = (yaml: string): string => `override 'services: {api: {${yaml}}}'; ${up} api || true`;

const stopped: readonly BenchFault[] = [
	{name: 'api stopped', first: /^service-stopped\/api$/, breaks: 'dc stop api', mends: `${up} api`},
	{name: 'api killed', first: /^service-killed\/api$/, breaks: 'docker kill $(cid api)', mends: `${up} api`},
	{name: 'api removed', first: /^service-missing\/api$/, breaks: 'docker rm -f $(cid api)', mends: `${up} api`},
	{name: 'api paused', first: /^service-paused\/api$/, breaks: 'docker pause $(cid api)', mends: 'docker unpause $(cid api)'},
	{name: 'api created, never started', first: /^created-not-started\/api$/, breaks: 'docker rm -f $(cid api); dc up --no-start api', mends: `${up} api`},
	{name: 'api and its image removed', first: /^image-missing\/api$/, breaks: 'dc rm -sf api; docker rmi -f $(docker images -q --filter reference=mestres-do-cafe_api)', mends: 'dc up -d --build api'},
	{name: 'port taken by a stranger', first: /^port-taken\/api$/, breaks: `dc stop -t 2 api; keep python3 -m http.server 5001; ${up} api || true`, mends: 'unkeep; docker rm -f $(cid api); dc up -d api'},
];

const starts: readonly BenchFault[] = [
	{name: 'variable missing', dies: true, first: /^missing-variable\/api$/, breaks: `set_env SECRET_KEY ''; ${up} api`},
	{name: 'wrong database password', dies: true, first: /^database-auth\/api$/, breaks: `set_env DATABASE_URL postgresql://mestres_user:antiga@db:5432/mestres_cafe; ${up} api`},
	{name: 'database host wrong', dies: true, first: /^database-unreachable\/api$/, breaks: `set_env DATABASE_URL postgresql://mestres_user:x@banco:5432/mestres_cafe; ${up} api`},
	{name: 'database name wrong', dies: true, first: /^database-missing\/api$/, breaks: `set_env DATABASE_URL "$(grep ^DATABASE_URL= "$DIR/.env" | cut -d= -f2- | sed s/mestres_cafe/mestres_velho/)"; ${up} api`},
	{name: 'migration pending', first: /^migration-pending\/api$/, breaks: 'sql "ALTER TABLE produtos RENAME COLUMN estoque TO estoque_velho"', mends: 'sql "ALTER TABLE produtos RENAME COLUMN estoque_velho TO estoque"'},
	{name: 'migration broken', dies: true, first: /^migration-broken\/api$/, breaks: `sql "UPDATE alembic_version SET version_num = 'a1b2c3'"; ${api('command: sh -c "flask db upgrade && exec gunicorn --config gunicorn.conf.py wsgi:app"')}`, mends: `sql "UPDATE alembic_version SET version_num = '0003'"; restore`},
	{name: 'command not there (127 by the engine)', first: /^bad-command\/api$/, breaks: api('command: gunicornn wsgi:app')},
	{name: 'command not there (127 by the shell)', dies: true, first: /^bad-command\/api$/, breaks: api('command: sh -c "gunicornn wsgi:app"')},
	{name: 'entrypoint not executable (126)', first: /^bad-command\/api$/, breaks: api('entrypoint: /app/wsgi.py')},
	{name: 'program ends at once', dies: true, first: /^command-ends\/api$/, breaks: api('command: "true"')},
	{name: 'no permission on a volume', dies: true, first: /^permission-denied\/api$/, breaks: api('user: "1000:1000"')},
	{name: 'health check wrong, the api answers', first: /^bad-health-check\/api$/, breaks: api('healthcheck: {test: ["CMD", "wgett", "localhost"], interval: 2s, start_period: 1s, retries: 3}'), watchSeconds: 60},
];

const resources: readonly BenchFault[] = [
	{name: 'memory limit too low', dies: true, first: /^out-of-memory\/api$/, breaks: `set_env API_MEM_LIMIT 16m; ${up} api`},
	{name: 'a process of the api killed for memory', first: /^worker-out-of-memory\/api$/, breaks: 'docker exec $(cid api) python3 -c "x = b\'a\' * 400_000_000" || true', mends: 'dc up -d --force-recreate --no-deps api; dc restart nginx'},
	{name: 'disk full', first: /^disk-full\/-$/, breaks: 'fallocate -l 60M "$DIR/data/logs/api-old-9.log"; head -c 400000000 /dev/zero >"$DIR/data/logs/api-old-8.log" || true', mends: 'rm -f "$DIR"/data/logs/api-old-*; dc restart db'},
	{name: 'inodes gone', first: /^inodes-gone\/-$/, breaks: 'mkdir -p "$DIR/data/logs/many"; (cd "$DIR/data/logs/many" && seq 1 200000 | xargs touch) || true', mends: 'rm -rf "$DIR/data/logs/many"'},
	{name: 'volume read-only', first: /^disk-read-only\//, breaks: 'sync; mount -o remount,ro "$DIR/data" || mount -o remount,ro,bind "$DIR/data"', mends: 'mount -o remount,rw "$DIR/data"; dc restart -t 5 db api'},
	{name: 'CPU limit 0.01', first: /^(?:cpu-throttled|service-slow|bad-health-check)\/api$/, breaks: 'docker update --cpus 0.01 $(cid api)', mends: 'docker update --cpus 0.5 $(cid api)', watchSeconds: 90},
	{name: 'file descriptors used up', first: /^files-exhausted\/api$/, breaks: 'for p in $(pid api) $(pgrep -P $(pid api)); do prlimit --pid $p --nofile=9:9; done', mends: 'dc restart -t 2 api'},
	{name: 'processes used up', first: /^processes-exhausted\/api$/, breaks: 'docker update --pids-limit 12 $(cid api); for i in $(seq 1 12); do docker exec -d $(cid api) sleep 600 || true; done', mends: 'docker update --pids-limit -1 $(cid api); dc restart -t 2 api'},
];

const network: readonly BenchFault[] = [
	{name: 'nginx stopped', first: /^service-stopped\/nginx$/, breaks: 'dc stop -t 2 nginx', mends: `${up} nginx`},
	{name: 'nginx configuration invalid', first: /^proxy-config-invalid\/nginx$/, breaks: proxy(String.raw`sed -i 's/^    listen 80;/    listne 80;/'`), mends: 'restore; dc restart -t 2 nginx'},
	{name: 'nginx asks the wrong port', first: /^proxy-wrong-port\/nginx$/, breaks: proxy('sed -i s/api:5001/api:5000/'), mends: 'restore; dc restart -t 2 nginx'},
	{name: 'nginx cannot resolve its upstream', dies: true, first: /^upstream-unresolved\/nginx$/, breaks: proxy('sed -i s/api:5001/apii:5001/'), mends: 'restore; dc restart -t 2 nginx'},
	{name: 'api at a new address, nginx asks the old one', first: /^stale-upstream\/nginx$/, breaks: 'old=$(cid api); docker stop -t 2 $old; docker run -d --name squatter --label mdc-bench=1 --network $(network) --entrypoint sleep mdc-redis:7 600; docker start $old', mends: 'docker rm -f squatter; dc restart -t 2 nginx'},
	{name: 'nginx asks an address that swallows packets', first: /^proxy-wrong-address\/nginx$/, breaks: `${swallow} -I; ${proxy('sed -i s/api:5001/10.255.255.1:5001/')}`, mends: `${swallow} -D; restore; dc restart -t 2 nginx`},
	{name: 'api cut off the network', first: /^detached-from-network\/api$/, breaks: 'docker network disconnect $(network) $(cid api)', mends: 'docker network connect --alias api $(network) $(cid api); dc restart -t 2 nginx'},
	{name: 'api without its name on the network', first: /^alias-missing\/api$/, breaks: 'docker network disconnect $(network) $(cid api); docker network connect $(network) $(cid api); dc restart -t 2 nginx', mends: 'dc up -d --force-recreate --no-deps api; dc restart -t 2 nginx'},
	{name: 'published port leads nowhere', first: /^port-unreachable\/api$/, breaks: 'for p in $(pgrep -f "docker-proxy.*-host-port 5001.*$(address api)"); do [ "$(readlink /proc/$p/ns/net)" = "$(readlink /proc/self/ns/net)" ] && kill $p; done', mends: 'dc restart -t 2 api; sleep 2; dc restart -t 2 nginx'},
];

/** A certificate of the sweep's own authority (`$WORK/ca.pem`, which the console trusts) for nginx, valid for so many days from now. */
const tls = (days: number): string => `mkdir -p "$DIR/docker/nginx/conf.d/tls"; cd "$DIR/docker/nginx/conf.d/tls"
openssl req -new -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out request.pem 2>/dev/null
openssl x509 -req -in request.pem -CA "$WORK/ca.pem" -CAkey "$WORK/ca.key" -CAcreateserial -days ${days} -extfile <(echo subjectAltName=DNS:localhost) -out cert.pem 2>/dev/null
cat >"$DIR/docker/nginx/conf.d/tls.conf" <<'END'
server { listen 443 ssl; ssl_certificate /etc/nginx/conf.d/tls/cert.pem; ssl_certificate_key /etc/nginx/conf.d/tls/key.pem; location / { proxy_pass http://api_backend; } }
END
override 'services: {nginx: {ports: ["8443:443"]}}'; ${up} nginx; dc restart -t 2 nginx`;
const tlsPings = `pings:
  - {name: api, http: "http://localhost:5001/api/health", service: api, via: published}
  - {name: https, http: "https://localhost:443/api/health", service: nginx, via: published}
`;

const certificates: readonly BenchFault[] = [
	{name: 'certificate over', first: /^certificate-bad\/nginx$/, breaks: tls(-1), configuration: tlsPings, mends: 'rm -rf "$DIR"/docker/nginx/conf.d/tls*; restore; dc restart -t 2 nginx'},
	{name: 'certificate ends in three days', first: /^certificate-/, breaks: tls(3), configuration: tlsPings, mends: 'rm -rf "$DIR"/docker/nginx/conf.d/tls*; restore; dc restart -t 2 nginx'},
];

const dependencies: readonly BenchFault[] = [
	{name: 'database stopped', first: /^service-stopped\/db$/, breaks: 'dc stop -t 5 db', mends: `${up} db; ${up} api`},
	{name: 'database killed', first: /^service-killed\/db$/, breaks: 'docker kill $(cid db)', mends: `${up} db; ${up} api`},
	{name: 'database paused', first: /^service-paused\/db$/, breaks: 'docker pause $(cid db)', mends: 'docker unpause $(cid db)'},
	{name: 'database listens for itself only', first: /^not-listening\/db$/, breaks: `override 'services: {db: {command: postgres -c listen_addresses=localhost -c max_connections=50}}'; ${up} db`},
	{name: 'database without connections', first: /^database-connections\/db$/, breaks: 'for i in $(seq 1 50); do docker exec -d $(cid db) psql -U mestres_user -d mestres_cafe -c "SELECT pg_sleep(600)"; done; dc restart -t 2 api', mends: 'dc restart db'},
	{name: 'a table locked by a session', first: /^database-locked\/db$/, breaks: 'docker exec -d -e PGAPPNAME=manutencao $(cid db) psql -U mestres_user -d mestres_cafe -c "BEGIN; LOCK TABLE produtos; SELECT pg_sleep(600)"', mends: 'sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = \'manutencao\'"; dc restart -t 2 api'},
	{name: 'Redis stopped', first: /^service-stopped\/redis$/, breaks: 'dc stop -t 2 redis', mends: `${up} redis`},
	{name: 'Redis paused', first: /^service-paused\/redis$/, breaks: 'docker pause $(cid redis)', mends: 'docker unpause $(cid redis)'},
	{name: 'Redis full', first: /^cache-full\/redis$/, breaks: 'docker exec $(cid redis) redis-cli CONFIG SET maxmemory 1', mends: 'docker exec $(cid redis) redis-cli CONFIG SET maxmemory 24mb'},
];

const hangs: readonly BenchFault[] = [
	{name: 'workers stopped by a signal', first: /^workers-stopped\/api$/, breaks: 'kill -STOP $(pgrep -P $(pid api))', mends: 'kill -CONT $(pgrep -P $(pid api))'},
	{name: 'api stopped by a signal, whole', first: /^workers-stopped\/api$/, breaks: 'kill -STOP $(pid api) $(pgrep -P $(pid api))', mends: 'kill -CONT $(pid api) $(pgrep -P $(pid api))'},
	{name: 'api answers 500 (.env edited)', first: /^answers-500\/api$/, breaks: `set_env CACHE_TTL abc; ${up} api`, watchSeconds: 60},
	{name: 'api slow (1.5 s an answer)', first: /^service-slow\/api$/, isDeploy: true, breaks: `sed -i 's/^def health():/&\\n    import time; time.sleep(1.5)/' "$DIR/apps/api/mestres/health.py"; ${up} --build api`, mends: 'restore --build', watchSeconds: 90},
	{name: 'engine down', first: /^engine-down\/-$/, breaks: 'engine stop', mends: 'engine start; dc up -d'},
	{name: 'engine hangs', first: /^engine-down\/-$/, breaks: 'engine freeze', mends: 'engine thaw'},
	{name: 'database and nginx stopped', first: /^service-stopped\/db$/, breaks: 'dc stop -t 2 nginx db', mends: up},
	{name: 'database and Redis stopped, api restarted', first: /^service-stopped\/db$/, breaks: 'dc stop -t 2 redis db; docker restart -t 2 $(cid api)', mends: up},
	{name: 'disk full, then the database restarts', first: /^disk-full\/-$/, breaks: 'head -c 400000000 /dev/zero >"$DIR/data/logs/api-old-8.log" || true; docker restart -t 3 $(cid db)', mends: 'rm -f "$DIR"/data/logs/api-old-*; dc restart db'},
];

const deploys: readonly BenchFault[] = [
	{name: 'syntax error by a hot edit', dies: true, first: /^syntax-error\/api$/, isDeploy: true, breaks: `sed -i 's/^def products():/def products(:/' "$DIR/apps/api/mestres/catalog.py"; ${up} --build api`, mends: 'restore --build'},
	{name: 'import error by a hot edit', dies: true, first: /^dependency-error\/api$/, isDeploy: true, breaks: `sed -i '1i import flask_cors' "$DIR/apps/api/wsgi.py"; ${up} --build api`, mends: 'restore --build'},
	{name: 'wrong image by an edit of the compose file', dies: true, first: /^(?:command-ends|bad-command|crash-loop|start-refused)\/api$/, isDeploy: true, breaks: `sed -i 's|^    build:|    image: mdc-base:bookworm|; /context: .\\/apps\\/api/d' "$DIR/docker-compose.yml"; ${up} api`, mends: 'restore --build'},
	{name: 'bad commit, dies at start', dies: true, first: /^bad-deploy\/api$/, isDeploy: true, breaks: `sed -i 's/^    app.register_blueprint(orders.bp)/&\\n    app.register_blueprint(cupons.bp)/' "$DIR/apps/api/mestres/__init__.py"; git -C "$DIR" commit -qam "feat(api): cupons"; ${up} --build api`, mends: 'restore --build'},
	{name: 'bad commit, answers 500', first: /^bad-deploy\/api$/, isDeploy: true, breaks: `sed -i 's/^def health():/&\\n    raise RuntimeError("cupom")/' "$DIR/apps/api/mestres/health.py"; git -C "$DIR" commit -qam "feat(api): saude"; ${up} --build api`, mends: 'restore --build', watchSeconds: 60},
];

/** What the issue does not list. */
const extras: readonly BenchFault[] = [
	{name: 'listens on 127.0.0.1 inside the container', first: /^not-listening\/api$/, breaks: `set_env GUNICORN_CMD_ARGS "--bind 127.0.0.1:5001"; ${up} api`},
	{name: 'listens on another port', first: /^not-listening\/api$/, breaks: `set_env GUNICORN_CMD_ARGS "--bind 0.0.0.0:5002"; ${up} api`, watchSeconds: 60},
	{name: 'packets to the api are dropped', first: /^packets-dropped\/api$/, breaks: 'inside api iptables -A INPUT -p tcp --dport 5001 ! -i lo -j DROP', mends: 'inside api iptables -F INPUT'},
	{name: 'name service in the container broken', first: /^database-unreachable\/api$/, breaks: 'docker exec $(cid api) sh -c "echo nameserver 10.255.255.1 >/etc/resolv.conf"; sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = \'mestres-api\'"', mends: 'dc restart -t 2 api'},
	{name: 'gunicorn configuration with a typo', dies: true, first: /^crash-loop\/api$/, isDeploy: true, breaks: `sed -i 's/^timeout = 30/timeout = thirty/' "$DIR/apps/api/gunicorn.conf.py"; ${up} --build api`, mends: 'restore --build'},
	{name: 'gunicorn with an argument it does not know', dies: true, first: /^bad-command\/api$/, breaks: api('command: gunicorn --workres 4 wsgi:app')},
	{name: 'Postgres data of another version', dies: true, first: /^data-broken\/db$/, breaks: 'dc stop -t 5 db; echo 14 >"$DIR/data/postgres/PG_VERSION"; docker start $(cid db)', mends: 'dc stop -t 5 db; echo 15 >"$DIR/data/postgres/PG_VERSION"; dc up -d db; dc up -d api'},
	{name: 'pg_hba.conf rejects the api', dies: true, first: /^database-auth\/api$/, breaks: String.raw`sed -i 's/^host all all all.*/host all all all reject/' "$DIR/data/postgres/pg_hba.conf"; sql "SELECT pg_reload_conf()"; docker restart -t 2 $(cid api)`, mends: 'sed -i "s/^host all all all.*/host all all all scram-sha-256/" "$DIR/data/postgres/pg_hba.conf"; sql "SELECT pg_reload_conf()"'},
	{name: 'Redis wants a password', first: /^cache-unreachable\/api$/, breaks: 'docker exec $(cid redis) redis-cli CONFIG SET requirepass segredo; dc restart -t 2 api', mends: 'docker exec $(cid redis) redis-cli -a segredo CONFIG SET requirepass ""'},
	{name: 'Redis busy with one script', first: /^(?:dependency-refuses|service-hangs)\/redis$/, breaks: 'docker exec -d $(cid redis) redis-cli EVAL "while true do end" 0', mends: 'docker exec $(cid redis) redis-cli SCRIPT KILL; dc restart -t 2 redis'},
	{name: 'Redis without clients left', first: /^dependency-refuses\/redis$/, breaks: 'docker exec $(cid redis) redis-cli CONFIG SET maxclients 1; dc restart -t 2 api', mends: 'dc restart -t 2 redis'},
	{name: 'REDIS_URL names a host that is not there', first: /^cache-unreachable\/api$/, breaks: `set_env REDIS_URL redis://cache:6379/0; ${up} api`, watchSeconds: 60},
	{name: 'nginx answers 503 by itself', first: /^proxy-\S+\/nginx$/, breaks: proxy(String.raw`sed -i 's|^    location / {|    location / { return 503;|'`), mends: 'restore; dc restart -t 2 nginx'},
	{name: 'nginx denies (403)', first: /^proxy-\S+\/nginx$/, breaks: proxy(String.raw`sed -i 's|^    location / {|    location / { deny all;|'`), mends: 'restore; dc restart -t 2 nginx'},
	{name: 'nginx redirects to itself', first: /^proxy-\S+\/nginx$/, breaks: proxy(String.raw`sed -i 's|^    location / {|    location / { return 301 http://$host:8080$request_uri;|'`), mends: 'restore; dc restart -t 2 nginx'},
	{name: 'database volume gone, a new one made', first: /^database-new\/db$/, breaks: 'dc stop -t 5 db; mv "$DIR/data/postgres" "$DIR/data/postgres.kept"; mkdir "$DIR/data/postgres"; docker start $(cid db); sleep 6; docker restart -t 2 $(cid api)', mends: 'dc stop -t 5 db; rm -rf "$DIR/data/postgres"; mv "$DIR/data/postgres.kept" "$DIR/data/postgres"; dc up -d db; dc up -d api', watchSeconds: 60},
	{name: 'restart policy "no", and the engine restarts', first: /^service-stopped\/api$|^service-killed\/api$|^service-crashed\/api$/, breaks: 'docker update --restart no $(cid api); engine stop; sleep 2; engine start', mends: 'docker update --restart unless-stopped $(cid api); dc up -d'},
	{name: 'a hang in the code (outside call)', first: /^service-hangs\/api$|^bad-deploy\/api$/, isDeploy: true, breaks: `sed -i 's/^def health():/&\\n    import socket; socket.create_connection(("10.255.255.1", 80), 60)/' "$DIR/apps/api/mestres/health.py"; git -C "$DIR" commit -qam "feat(api): estoque externo"; ${swallow} -I; ${up} --build api`, mends: `${swallow} -D; restore --build`, watchSeconds: 60},
	{name: 'database volume not writable for it', dies: true, first: /^permission-denied\/db$|^crash-loop\/db$/, breaks: 'dc stop -t 5 db; chmod 777 "$DIR/data/postgres"; override \'services: {db: {user: "12345:12345"}}\'; dc up -d db || true', mends: 'restore; dc up -d'},
];

export const benchFaults: readonly BenchFault[] = [...stopped, ...starts, ...resources, ...network, ...certificates, ...dependencies, ...hangs, ...deploys, ...extras.map(fault => ({...fault, isExtra: true as const}))];
