import test from 'ava';
import {blockOf, checkFor, checkIds, keptLines, markOf, presenceOf, publishedPort, readingOf, type CheckFacts, type CheckId} from '../../source/core/checks.ts';
import type {Listener} from '../../source/core/inspection.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import {emptyText, makeSafe} from '../../source/core/text.ts';
import {commandNames} from '../../source/messages/keys.ts';
import {newState, opened, stack} from '../helpers/facts.ts';

const situationOf = (changes: Parameters<typeof stack>[0] = {}) => opened(undefined, stack(changes)).state.situation;
const listener = (port: number, service: string | null, name: string | null, containerId: string | null = null, address = '0.0.0.0'): Listener =>
	({port, address, service, owner: name === null ? null : {pid: 7, name: makeSafe(name), containerId, sinceMs: 1}});

test('what is marked in the kernel\'s log is kept, however much was written since', t => {
	const line = (text: string) => ({atMs: 0, text: makeSafe(text)});
	const chatter = Array.from({length: 500}, (_, index) => line(`br-0: port ${index}(veth0) entered forwarding state`));
	const kept = keptLines([line('Out of memory: Killed process 7 (gunicorn)'), ...chatter], 200);
	t.is(kept.length, 201);
	t.regex(kept[0]!.text, /Killed process/);
	t.is(keptLines(chatter.slice(0, 10), 200).length, 10);
});

test('each command of the runbook that a check answers is known as that check', t => {
	const expected: ReadonlyArray<readonly [string, CheckId | null]> = [
		['netstat -tlnp | grep 5001', 'who-listens'], ['ss -tlnp', 'who-listens'], ['sudo lsof -i :5001', 'who-listens'],
		['ps aux | grep gunicorn', 'processes'], ['docker-compose top', 'processes'],
		['dmesg | tail', 'system-log'], ['journalctl -u docker -n 50', 'system-log'], ['sudo dmesg -T | grep -i oom', 'system-log'],
		['cat .env | grep -v PASSWORD', 'environment'], ['cat .env', 'environment'],
		['docker-compose exec db psql -U mestres_user -d mestres_cafe -c "SELECT 1;"', 'database'],
		['docker-compose exec nginx nginx -t', 'proxy-config'], ['docker compose exec -T nginx nginx -t', 'proxy-config'],
		['docker network inspect mestres-do-cafe_default', 'network'], ['docker-compose exec nginx curl http://api:5001/api/health', 'reach-api'], ['./scripts/health-check.sh', 'health-script'],
		['docker-compose up -d api', null], ['docker-compose restart nginx', null], ['docker-compose logs api', null], ['cat .env > x', null], ['dmesg; rm -rf /', null], ['ps aux | grep gunicorn && kill 1', null], ['curl http://localhost:5001/api/health', null], ['find /var/log -name "*.log" -mtime +7 -delete', null], ['', null],
	];
	t.deepEqual(expected.map(([line]) => [line, checkFor(line)]), expected.map(pair => [...pair]));
});

test('a stranger on the api\'s port is named, and so is nobody', t => {
	const situation = situationOf();
	const port = publishedPort(situation, defaultSettings)!;
	const inner = situation.containers.value!.find(({service}) => service === 'api')!.ports[0]!.containerPort;
	const read = (...listeners: readonly Listener[]) => readingOf('who-listens', {kind: 'listeners', listeners}, situation, defaultSettings);
	t.deepEqual(read(listener(port, null, 'nc')), {tone: 'bad', code: 'port-stranger', params: {port, name: makeSafe('nc'), pid: 7}});
	t.is(read(listener(port, null, 'docker-proxy'), listener(inner, 'api', 'gunicorn')).code, 'port-ours');
	t.is(read(listener(port, null, 'docker-proxy'), listener(inner, 'api', 'gunicorn', null, '127.0.0.1')).code, 'port-only-local');
	t.is(read(listener(port, null, 'docker-proxy'), listener(inner + 1, 'api', 'gunicorn')).code, 'port-nobody');
	t.is(read(listener(22, null, 'sshd')).code, 'port-nobody');
	t.is(read(listener(port, null, null)).code, 'port-hidden');
});

test('a check never goes into a container that is paused, gone or nearly out of memory', t => {
	t.is(blockOf('proxy-config', situationOf({nginx: {state: 'paused'}}))?.code, 'paused');
	t.is(blockOf('database', situationOf({db: {state: 'exited'}}))?.code, 'not-running');
	t.is(blockOf('proxy-config', situationOf()), null);
	const console = opened(undefined, stack({nginx: {memoryLimitBytes: 100}}));
	const {id} = console.state.situation.containers.value!.find(({service}) => service === 'nginx')!;
	console.send({type: 'containers/measured', readings: [{id, reading: {atMs: console.state.nowMs, cpuSeconds: 1, throttledSeconds: null, memoryBytes: 95, memoryLimitBytes: 100, receivedBytes: null, sentBytes: null, oomKills: null, processes: 1, source: 'cgroup'}}]});
	t.is(blockOf('reach-api', console.state.situation)?.code, 'near-limit');
	t.is(blockOf('who-listens', console.state.situation), null);
});

test('nginx that fails for want of the api is told apart from a wrong configuration', t => {
	const facts: CheckFacts = {kind: 'output', service: 'nginx', exitCode: 1, lines: [makeSafe('nginx: [emerg] host not found in upstream "api:5001" in /etc/nginx/conf.d/default.conf:2')], durationMs: 1, timedOut: false};
	t.is(readingOf('proxy-config', facts, situationOf({api: {state: 'exited'}}), defaultSettings).code, 'proxy-needs-api');
	t.is(readingOf('proxy-config', facts, situationOf(), defaultSettings).code, 'proxy-bad');
	t.is(readingOf('proxy-config', {...facts, exitCode: 127}, situationOf(), defaultSettings).code, 'tool-missing');
});

test('kernel lines about memory and disks are marked, others are not', t => {
	t.is(markOf('Memory cgroup out of memory: Killed process 12 (gunicorn)'), 'oom');
	t.is(markOf('blk_update_request: I/O error, dev sda, sector 1'), 'io-error');
	t.is(markOf('EXT4-fs error (device sda1): ext4_find_entry'), 'io-error');
	t.is(markOf('docker0: port 1(veth) entered forwarding state'), null);
});

test('of a variable only the length is shown, but for a harmless few', t => {
	t.deepEqual(presenceOf({name: 'SECRET_KEY', value: 'abc'}), {name: 'SECRET_KEY', length: 3, value: null});
	t.deepEqual(presenceOf({name: 'DATABASE_URL', value: 'postgres://a:b@c/d'}), {name: 'DATABASE_URL', length: 18, value: null});
	t.is(presenceOf({name: 'TZ', value: 'America/Sao_Paulo'}).value, 'America/Sao_Paulo');
	t.is(presenceOf({name: 'PORT', value: 'x y; rm'}).value, null);
});

test('two checks run at a time, a third waits to be asked again; an answer that nobody waits for is dropped', t => {
	const console = opened({...newState(), commandNames: commandNames('en')});
	const ask = (id: CheckId) => console.press(':').send({type: 'text/pasted', text: `check: ${{'who-listens': 'who listens', processes: 'processes', network: 'Docker network'}[id as string]!}`, atMs: console.state.nowMs}).press('enter');
	ask('who-listens').press('escape');
	ask('processes').press('escape');
	ask('network');
	t.is(console.state.checks['network']?.block?.code, 'two-run');
	console.send({type: 'check/failed', id: 'processes', failure: {code: 'denied', detail: emptyText}});
	console.press('enter');
	t.is(console.state.checks['network']?.state, 'running');
	console.send({type: 'check/answered', id: 'network', facts: {kind: 'network', name: 'n', members: []}, atMs: console.state.nowMs});
	t.is(console.state.checks['network']?.state, 'answered');
	console.send({type: 'check/answered', id: 'database', facts: {kind: 'network', name: 'n', members: []}, atMs: 1});
	t.is(console.state.checks['database'], undefined);
	t.true(checkIds.length === 9);
});
