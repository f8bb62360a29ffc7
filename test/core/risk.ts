import test from 'ava';
import fc from 'fast-check';
import {riskOf, type Risk} from '../../source/core/risk.ts';

/** A row a line; an empty line and what begins with `//` is skipped. `⏎` is a line break. */
const rows = (text: string): readonly string[] => text.split('\n').map(line => line.trim()).filter(line => line !== '' && !line.startsWith('//')).map(line => line.replaceAll('⏎', '\n'));

const reading = rows(String.raw`
docker-compose ps
docker-compose ps nginx
docker-compose logs --tail=100 api
docker-compose logs --tail=200 api
docker-compose logs -f api
docker-compose logs api
docker-compose config
docker-compose -f docker-compose.yml -p mestres config --services
docker compose ps -a
docker compose logs --since 10m api | tail -n 50
docker compose --project-name x top
docker ps
docker ps -a --format '{{.Names}} {{.Status}}'
docker inspect api
docker logs --tail 100 api 2>&1 | grep -i error
docker stats --no-stream
docker top api
docker port api
docker images
docker image ls
docker image inspect mestres/api:latest
docker network inspect mestres-do-cafe_default
docker network ls
docker volume ls
docker system df -v
docker info
docker version
docker events --since 10m --until 0m
docker history mestres/api
docker diff api
docker -H unix:///var/run/docker.sock ps
docker container ls -a
docker exec api ls -l /app
docker exec -it api cat /etc/hosts
docker exec -T -u root api ps aux
docker-compose exec -T db psql -U mestres_user -d mestres_cafe -c "SELECT 1;"
docker-compose exec db psql -U mestres_user -d mestres_cafe -c "SELECT count(*) FROM pg_stat_activity WHERE state = 'active';"
docker-compose exec db psql -U u -d d -Atc "select pid, state from pg_stat_activity"
docker-compose exec db psql -c "\dt"
docker-compose exec db pg_isready
docker-compose exec nginx nginx -t
docker-compose exec nginx curl http://api:5001/api/health
docker-compose exec redis redis-cli ping
docker compose exec -T broker rabbitmqctl -q list_queues name messages
docker-compose exec redis redis-cli -n 0 info memory
docker-compose exec api sh -c 'ls /app | wc -l'
docker-compose exec api flask db current
docker-compose exec api flask db history
docker cp api:/app/log.txt -
curl http://localhost:5001/api/health
curl -s -o /dev/null -w '%{http_code}' http://localhost:5001/api/health
curl -fsS -m 5 http://localhost:5001/api/health
curl -I https://example.com
curl --max-time 5 --retry 2 -H 'Accept: application/json' http://localhost/api/health | jq .status
curl -X GET http://localhost/
wget -qO- http://localhost:5001/api/health
wget --spider -q http://localhost/
netstat -tlnp | grep 5001
ss -tlnp
ps aux | grep gunicorn
ps -ef
pgrep -fa gunicorn
top
top -bn1 | head -20
htop
df -h
df -i /
du -sh /var/lib/docker
free -h
uptime
vmstat 1 5
iostat -x
dmesg | tail
dmesg -T | grep -i oom
journalctl -u docker -n 50
journalctl -u docker --since "1 hour ago" --no-pager
systemctl status docker
systemctl is-active docker
systemctl list-units --failed
service docker status
cat .env | grep -v PASSWORD
cat /proc/meminfo
grep -c ERROR /var/log/app.log
tail -n 100 /var/log/nginx/error.log
head -5 file; tail -5 file
ls -lah /var/log && df -h
find /var/log -name "*.log" -mtime +7
find /var/log -type f -size +100M -exec ls -lh {} \;
find . -name '*.py' -exec grep -l x {} +
find . -newer a -print0 | xargs -0 ls -l
git log --oneline -5
git log --oneline -5  # Ver últimos commits
git status
git diff HEAD~1 --stat
git show HEAD
git branch
git branch -a
git rev-parse HEAD
git -C /opt/app log -1
git --no-pager log -3
git remote -v
git tag -l
git stash list
git ls-files
git config --get remote.origin.url
cd /opt/mestres-do-cafe
cd /opt/mestres-do-cafe && docker-compose ps
sleep 30
echo "checking"
echo $?
printf '%s\n' done
date +%s
date -d yesterday +%F
whoami
id -un
hostname
uname -a
env
env LANG=C df -h
LANG=C df -h
A=1 B=2 ls
export LANG=C
export NAME=$1
f() { local name=$1; echo "$name"; }; f x
x=$(date +%s); echo "$x"
if docker ps | grep -q api; then echo up; else echo down; fi
for s in api db; do docker-compose logs --tail=5 $s; done
while read -r line; do echo "$line"; done < /etc/hosts
case "$x" in a|b) echo ab;; *) echo other;; esac
test -f .env && echo there
[ -f .env ] && wc -l < .env
[[ $a < 5 && -f .env ]] && echo yes
(( i = 1 + 2 )); echo $((i * 2))
f() { ls; }; f
{ df -h; free -h; } 2>&1 | tail
( cd /tmp; ls )
timeout 5 curl http://localhost/
nice -n 10 du -sh /var
sudo cat /var/log/syslog
sudo -n ss -tlnp
command -v docker
time docker ps
ssh deploy@production-server 'docker ps'
ssh -p 22 deploy@production-server uptime
watch -n 2 docker ps
bash -c 'docker ps | head'
sh -c "df -h"
bash -n script.sh
bash <<'EOF'⏎df -h⏎ls⏎EOF
cat <<EOF⏎hello⏎EOF
cat <<-EOF | grep h⏎	hello⏎	EOF
grep root <<< "root:x"
diff <(ls a) <(ls b)
ls > /dev/null 2>&1
ls 2>/dev/null
ls &> /dev/null
ls | tee /dev/null
awk '{print $1, $5}' file
awk '$5 > 80 {print $1}' file
df -h | awk 'NR>1 {print $5}' | sort -rn | head -1
sed -n '1,20p' file
sed 's/a/b/g' file
sed -e 's/x/y/' -e '/^#/d' file
sort -k2 -n file | uniq -c
tar tzf backup.tgz
ip addr
ip -s link show
ip route
lsof -i :5001
nc -zv localhost 5001
crontab -l
mount
sysctl vm.overcommit_memory
ls | xargs
nginx -t
kill -0 123
iptables -L -n
openssl s_client -connect localhost:443
dpkg -l | grep docker
pip list
psql -l
psql "$DATABASE_URL" -c 'SELECT now()'
psql -X -c "EXPLAIN SELECT * FROM orders"
mysql -u root -e 'SHOW PROCESSLIST'
redis-cli -h localhost info | grep used_memory
pg_dump -U u mestres | head -1
dig api
getent hosts api
c''at /etc/hosts
"ls" -l
/bin/ls
/usr/bin/docker ps
# only a comment
true
docker ps \⏎ -a
kubectl get pods -n x
`);

const changing = rows(String.raw`
docker-compose up -d api
docker-compose up -d
docker-compose up -d --build
docker-compose up -d --force-recreate api
docker-compose restart api
docker-compose restart nginx
docker-compose start api
docker-compose build --no-cache api
docker-compose build --no-cache api && docker-compose up -d api
docker-compose pull
docker-compose pull api
docker compose up -d --no-deps api
docker compose up -d --scale api=3
docker-compose scale api=2
docker-compose exec api flask db upgrade
docker-compose exec -T api flask db upgrade
docker-compose run --rm --no-deps -T api flask db upgrade
docker-compose unpause
docker start api
docker restart api
docker restart $(docker ps -q)
docker network connect mestres api
docker tag a b
docker pull alpine
docker build -t x .
docker run --rm alpine ls
docker update --memory 512m api
git fetch
git fetch origin
git add .
git commit -m "x"
git push origin main
git branch new-name
git tag v1.2.3
mkdir -p /tmp/x
touch /tmp/x
chmod 600 .env
chown app:app file
ln -s a b
echo x >> notes.txt
docker logs api | tee -a out.log
systemctl restart nginx
date 112503042026
sudo systemctl reload nginx
service nginx restart
nginx -s reload
curl -X POST http://localhost/hooks
curl -d 'a=1' http://localhost/hooks
wget http://example.com/file
apt-get install -y jq
pip install x
psql -c "INSERT INTO t VALUES (1)"
psql -c "VACUUM ANALYZE"
psql -c "CREATE INDEX i ON t (a)"
redis-cli bgsave
redis-cli expire k 10
sysctl -w vm.swappiness=10
date -s 12:00
ssh host 'docker restart api'
docker ps && docker-compose restart api
sleep 30; docker-compose up -d api; curl http://localhost:5001/api/health
`);

const destroying = rows(String.raw`
rm file
rm -rf /
rmdir x
unlink x
\rm -rf x
r''m -rf x
r""m x
'rm' x
$'rm' x
$'\x72\x6d' x
$'\162m' x
"rm" x
/bin/rm x
/usr/bin/rm x
command rm x
env rm x
env A=1 rm x
env -i rm x
nice rm x
nice -n 5 rm x
ionice -c 3 rm x
timeout 5 rm x
timeout -k 1 5 rm x
nohup rm x &
setsid rm x
stdbuf -oL rm x
sudo rm -rf x
sudo -n rm x
sudo -u root rm x
sudo -i
sudo -s
sudo bash
sudo su
A=1 rm x
A=1 B=2 rm x
exec rm x
builtin eval 'rm x'
eval rm x
eval "r""m x"
eval 'ls'
time rm x
! rm x
true && rm x
false || rm x
ls; rm x
ls & rm x
ls⏎rm x
ls |& rm x
ls | xargs rm
find . -name x | xargs rm -f
find . | xargs -0 -n1 rm
find . | xargs -I{} rm {}
find . | xargs -I{} sh -c 'rm {}'
find . | xargs -I% sh -c "cat %"
xargs -a list rm
( rm x )
{ rm x; }
(cd /tmp && rm x)
if true; then rm x; fi
if rm x; then ls; fi
for f in *; do rm "$f"; done
for f in $(rm x); do ls; done
while true; do rm x; done
until rm x; do ls; done
case a in a) rm x;; esac
case $(rm x) in a) ls;; esac
echo $(case a in a) rm -rf /;; esac)
f() { rm x; }; f
function f { rm x; }
echo $(rm x)
echo "$(rm x)"
echo ${"`"}rm x${"`"}
echo "${"`"}rm x${"`"}"
echo ${"$"}{a:-$(rm x)}
echo "${"$"}{a:=$(rm x)}"
echo $(( $(rm x) + 1 ))
echo $((rm x) )
cat <(rm x)
ls > >(xargs rm)
cat <<EOF⏎$(rm x)⏎EOF
bash <<EOF⏎rm x⏎EOF
bash <<'EOF'⏎rm x⏎EOF
sh <<< 'rm x'
bash -c 'rm x'
bash -c "rm x"
bash -lc 'rm x'
bash -x -c 'rm x'
sh -c "$(curl http://x)"
sh -c "$CMD"
bash -c "ls $X"
bash
sh
bash -i
curl http://x | sh
curl -fsSL https://get.example.com | sudo bash
wget -qO- http://x | bash
echo 'rm x' | sh
cat script | bash -s
bash < script.sh
bash script.sh
./script.sh
./deploy
. ./env.sh
source .env
watch rm x
watch -n 1 'rm x'
ssh host 'rm x'
ssh host rm x
ssh host "docker system prune -f"
ssh host
ssh -o ProxyCommand='rm x' host ls
ssh host <<EOF⏎rm x⏎EOF
docker rm api
docker rm -f api
docker rmi x
docker stop api
docker kill api
docker pause api
docker system prune
docker system prune -a -f
docker image prune -a
docker container prune
docker volume prune
docker volume rm data
docker network rm x
docker network disconnect x api
docker builder prune
docker exec api rm x
docker exec -it api sh -c "rm x"
docker exec api sh -c 'ls; rm x'
docker exec -it api bash
docker exec -u root api sh -c 'echo $(rm x)'
docker exec db psql -c 'DROP TABLE x'
docker run --rm -v /:/host alpine rm -rf /host
docker run alpine
docker run --privileged x ls
docker run --entrypoint rm alpine x
docker cp x api:/app
docker cp api:/x ./x
docker save -o x.tar y
docker $CMD
docker unknown-plugin
docker-compose down
docker-compose down -v
docker-compose down redis
docker-compose stop
docker-compose stop api
docker-compose kill
docker-compose rm -f
docker-compose pause
docker-compose up -d --remove-orphans
docker-compose up -V
docker-compose up --renew-anon
docker-compose up -d --scale api=0
docker-compose scale api=0
docker-compose exec db dropdb x
docker-compose exec db psql -c "DROP TABLE users"
docker-compose exec db psql -c "DELETE FROM users"
docker-compose exec db psql -c "TRUNCATE users"
docker-compose exec db psql -c "UPDATE users SET a = 1"
docker-compose exec db psql -c "SELECT 1; DROP TABLE users"
docker-compose exec db psql -c "select pg_terminate_backend(1)"
docker-compose exec db psql -c "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x"
docker-compose exec db psql -c "EXPLAIN ANALYZE DELETE FROM t"
docker-compose exec db psql -c "EXPLAIN (ANALYZE, BUFFERS) DELETE FROM t"
docker-compose exec db psql -c "ALTER TABLE t DROP COLUMN a"
docker-compose exec db psql -c '\! rm x'
docker-compose exec db psql -c "COPY t TO PROGRAM 'rm x'"
docker-compose exec db psql -c "SELECT '--'; DROP TABLE t"
docker-compose exec db psql -c "SELECT cleanup_everything()"
docker-compose exec db psql
docker-compose exec db psql -f x.sql
docker-compose exec -T db psql <<EOF⏎SELECT 1⏎\! rm x⏎EOF
docker-compose exec -T db psql <<'EOF'⏎DROP TABLE x;⏎EOF
docker-compose exec api flask db downgrade
docker-compose exec api flask shell
docker-compose exec api python -c 'x'
docker-compose exec redis redis-cli flushall
docker-compose exec redis redis-cli FLUSHDB
docker-compose exec redis redis-cli del k
docker-compose exec redis redis-cli config set x y
docker-compose exec redis redis-cli shutdown
docker-compose exec redis redis-cli eval 'x' 0
docker-compose exec redis redis-cli
docker-compose run --rm api rm x
mysql -e 'DROP DATABASE x'
mysql -e 'SELECT 1 /*! ; DROP TABLE x */'
mysql -e "SELECT 1--1; DROP TABLE x"
mysql -e "SELECT 1 # ' ⏎; DROP TABLE x; # '"
sqlite3 db 'DELETE FROM x'
dropdb mestres
pg_restore -d x dump
git checkout main
git checkout -- .
git checkout abc123
git checkout "$COMMIT"
git checkout <commit-anterior>
git switch main
git restore .
git reset --hard
git reset --hard HEAD~1
git clean -fdx
git pull
git merge x
git rebase x
git stash
git stash pop
git stash drop
git revert HEAD
git cherry-pick x
git branch -D x
git branch --delete x
git tag -d x
git push --force
git push -f origin main
git push origin :main
git push origin +main
git commit --amend
git gc
git rm x
git -c core.pager='rm x' log
git -ccore.pager=x log
git log --output=x
git diff --outp=x
git config --global alias.x '!rm x'
git remote remove origin
git unknown
git submodule update --init
> file
ls > file
ls >| file
ls &> file
ls 2> errors
: > /var/log/app.log
cat /dev/null > x
ls > "$FILE"
ls <> file
echo x > /dev/sda
ls | tee file
ls | tee -a $FILES
echo x >> /dev/sda
truncate -s 0 x
shred x
dd if=/dev/zero of=/dev/sda
mkfs.ext4 /dev/sda
mkfs /dev/sda
wipefs -a /dev/sda
fdisk /dev/sda
swapoff -a
umount /data
kill 1
kill -9 1
pkill gunicorn
killall gunicorn
fuser -k 5001/tcp
ss -K dport = 5001
kill -s KILL 1
reboot
shutdown -h now
systemctl stop docker
systemctl restart docker
service docker restart
git fetch origin +main:main
git fetch origin main:main
git branch -u origin/main
systemctl disable docker
systemctl poweroff
service docker stop
nginx -s stop
nginx
iptables -F
iptables -L -F
ip link set eth0 down
ip addr flush dev eth0
ifconfig eth0 down
find . -delete
find /var/log -name "*.log" -mtime +7 -delete
find . -exec rm {} \;
find . -exec rm {} +
find . -execdir rm {} \;
find . -ok rm {} \;
find . -exec sh -c 'rm $1' _ {} \;
find . -fprint x
find . $OPTS
cp a b
mv a b
rsync -a a b
scp a host:b
install a b
tar xzf x.tgz
tar czf x.tgz dir
unzip x.zip
gzip x
sed -i 's/a/b/' file
sed --in-place=.bak 's/a/b/' file
sed -ni 'p' file
sed 'w out' file
sed 's/a/b/w out' file
sed '1e rm x' file
sed 's/a/rm x/e' file
awk 'BEGIN {system("rm x")}'
awk '{print > "out"}' file
awk '{print | "sh"}' file
awk -f x.awk file
awk "{print $X}" file
sort -o file file
sort --outp=file file
uniq a b
curl -o file http://x
curl -O http://x
curl -X DELETE http://x
curl -K conf
curl -sSLo file http://x
curl $OPTS http://x
wget -O file http://x
wget -e x http://x
journalctl --vacuum-size=100M
journalctl --vac=1d
journalctl --rotate
dmesg -C
dmesg -c
crontab -r
crontab file
logrotate -f /etc/logrotate.conf
chmod -R 777 /
ln -sf a b
apt-get remove x
apt-get purge -y x
apt-get upgrade
npm ci
npm run migrate
pip uninstall x
python script.py
node x.js
perl -e 'unlink "x"'
vim x
telnet localhost
nc -l 80
su -c 'rm x'
su -
chroot /x rm y
nsenter -t 1 -m rm x
busybox rm x
flock /tmp/l rm x
flock /tmp/l -c 'rm x'
trap 'rm x' EXIT
alias ls='rm x'
PATH=/tmp ls
export PATH=/tmp:$PATH; ls
LD_PRELOAD=x ls
export $X
export PATH=$X
declare PATH+=:/tmp
BASH_ENV=x bash -c ls
env PATH=/tmp ls
GIT_EXTERNAL_DIFF=x git diff
PAGER='rm x' git log
DOCKER_HOST=tcp://x docker ps
unknown-program
unknown-program --help
$CMD
"$CMD" x
$(which rm) x
{rm,x}
r? x
../ls
/tmp/ls
ls'
ls "
ls $(
ls ${"$"}{
echo )
ls ( x
cat <<EOF⏎never closed
if true; then ls; fi x
[[ 'a[$(rm x)]' -eq 0 ]]
test -v 'a[$(rm x)]'
let 'x=a[$(rm x)]'
a=( $(rm x) )
a[$(rm x)]=1
echo ${"$"}{x@P}
mapfile -C 'rm x' a
less '+!rm x'
hash -p /tmp/x ls
kubectl delete pod x
kubectl exec pod -- rm x
ls‮
ls​
rm x
`);

const classed: readonly (readonly [Risk, readonly string[]])[] = [['read', reading], ['change', changing], ['destructive', destroying]];

test('each command of the table is classed as it is', t => {
	t.true(reading.length + changing.length + destroying.length >= 250, String(reading.length + changing.length + destroying.length));
	t.log(`${reading.length} read, ${changing.length} change, ${destroying.length} destructive`);
	const wrong = classed.flatMap(([risk, scripts]) => scripts.flatMap(script => {
		const verdict = riskOf(script);
		return verdict.risk === risk ? [] : [`${script}: ${verdict.risk}, not ${risk} (${verdict.reasons.map(({code, words}) => `${code} "${words}"`).join('; ')})`];
	}));
	t.deepEqual(wrong, []);
});

const quoted = (script: string): string => `'${script.replaceAll(/'/g, '\'\\\'\'')}'`;

const wrappers: readonly ((script: string) => string)[] = [
	script => `sudo -n sh -c ${quoted(script)}`, script => `env A=1 sh -c ${quoted(script)}`, script => `nice sh -c ${quoted(script)}`, script => `timeout 9 sh -c ${quoted(script)}`, script => `ls | ${script}`, script => `${script} | tail`,
	script => `true && ${script}`, script => `false || ${script}`, script => `ls; ${script}`, script => `${script}; ls`, script => `ls\n${script}\nls`, script => `(true; ${script})`, script => `{ ${script}; }`,
	script => `echo "$(${script})"`, script => `if ${script}; then ls; fi`, script => `for x in a b; do ${script}; done`, script => `case a in a) ${script};; esac`, script => `f() { ${script}; }; f`,
	script => `A=1 ${script}`, script => `command sh -c ${quoted(script)}`, script => `bash -c ${quoted(script)}`, script => `ssh host ${quoted(script)}`, script => `docker exec api sh -c ${quoted(script)}`, script => `cat <<EOF\n$(${script})\nEOF`,
	script => `watch ${quoted(script)}`, script => `docker-compose exec -T api sh -c ${quoted(script)}`, script => `echo \`${script.replaceAll(/[\\$\`]/g, String.raw`\$&`)}\``, script => `cat <(${script})`,
];

test('whatever a destructive command is wrapped in, it stays destructive', t => {
	// Quotes and syntax of their own would make some wrappings another text; these are plain.
	const plain = destroying.filter(script => /^[\w ./*=:+-]+$/.test(script));
	t.true(plain.length > 100, String(plain.length));
	const holds = fc.check(fc.property(fc.constantFrom(...plain), fc.array(fc.constantFrom(...wrappers), {minLength: 1, maxLength: 4}), (script, chain) => {
		let wrapped = script;
		for (const wrap of chain) {
			wrapped = wrap(wrapped);
		}

		return riskOf(wrapped).risk === 'destructive';
	}), {numRuns: 5000});
	const [script = '', chain = []] = holds.counterexample ?? [];
	t.false(holds.failed, chain.reduce((text, wrap) => wrap(text), script));
});

test('any text is classed, in the end and without a throw', t => {
	const pieces = fc.constantFrom(...'\'"`\\$(){}[]<>|&;#=! \n\t', '$(', '${', '$((', '<<EOF\n', 'EOF', '<<<', 'case', 'esac', 'in', 'if', 'fi', 'for', 'do', 'done', '[[', ']]', 'rm', 'ls', 'docker', 'bash -c', '2>&1', 'x=', ';;');
	fc.assert(fc.property(fc.oneof(fc.string({unit: 'binary'}), fc.array(pieces, {maxLength: 60}).map(all => all.join('')), fc.array(pieces, {maxLength: 60}).map(all => all.join(' '))), script => {
		const {risk} = riskOf(script);
		return risk === 'read' || risk === 'change' || risk === 'destructive';
	}), {numRuns: 20_000});
	for (const deep of ['$('.repeat(30_000), '(('.repeat(30_000), '"$('.repeat(20_000), '{ '.repeat(30_000), `${'bash -c '.repeat(5000)}ls`, `${'sudo '.repeat(10_000)}ls`, '<<E '.repeat(15_000), 'case x in '.repeat(5000), '\\'.repeat(60_000), `echo ${'a'.repeat(60_000)}`]) {
		const startedAt = performance.now();
		riskOf(deep);
		t.true(performance.now() - startedAt < 3000, deep.slice(0, 10));
	}
});

test('a harmless line beside a destructive one does not make it milder', t => {
	const plain = destroying.filter(script => /^[\w -]+$/.test(script));
	const milder = plain.filter((script, index) => {
		const harmless = reading[index % reading.length]!;
		return riskOf(`${harmless}\n${script}`).risk !== 'destructive' || riskOf(`${script}\n${harmless}`).risk !== 'destructive';
	});
	t.deepEqual(milder, []);
});

test('a readable script is classed by its own commands, one that is not known or no shell script is destructive', t => {
	const scripts = {'./scripts/health-check.sh': '#!/bin/bash\nset -e\ncurl -fsS http://localhost:5001/api/health\ndocker-compose ps\n', './scripts/clean.sh': '#!/bin/sh\nrm -rf tmp\n', './tool': '#!/usr/bin/env python3\nprint(1)\n', './a.sh': './b.sh', './b.sh': './a.sh\nls'};
	t.is(riskOf('./scripts/health-check.sh', {scripts}).risk, 'read');
	t.is(riskOf('bash ./scripts/health-check.sh', {scripts}).risk, 'read');
	t.is(riskOf('./scripts/clean.sh', {scripts}).risk, 'destructive');
	t.is(riskOf('./tool', {scripts}).risk, 'destructive');
	t.is(riskOf('./a.sh', {scripts}).risk, 'read');
	t.is(riskOf('./other.sh', {scripts}).risk, 'destructive');
	t.is(riskOf('toString').risk, 'destructive');
});

test('a verdict names the words that caused it, the worst first', t => {
	const {risk, reasons} = riskOf('docker-compose restart api && docker system prune -a -f');
	t.is(risk, 'destructive');
	t.deepEqual(reasons.map(({code, words}) => [code, words]), [['deletes', 'docker system prune -a -f'], ['starts', 'docker-compose restart api']]);
	t.deepEqual(riskOf('docker ps').reasons, []);
});
