import test from 'ava';
import {defaultPings} from '../../source/core/settings.ts';
import {fullInMs, healthOf, initialSituation, learn, outageOf, resolvePing, servicesOf, staleForMs, type SituationEvent} from '../../source/core/situation.ts';
import type {ContainerReading, HostReading} from '../../source/core/ports.ts';
import {emptyText, ownText} from '../../source/core/text.ts';
import {bad, container, good, opened, project, stack, startMs} from '../helpers/facts.ts';

const after = (...events: readonly SituationEvent[]) => events.reduce((situation, event) => learn(situation, event), initialSituation(defaultPings));
const reading = (atMs: number, cpuSeconds: number, changes: Partial<ContainerReading> = {}): ContainerReading =>
	({atMs, cpuSeconds, throttledSeconds: 0, memoryBytes: 1000, memoryLimitBytes: null, receivedBytes: 0, sentBytes: 0, oomKills: 0, processes: 1, source: 'cgroup', ...changes});
const host = (atMs: number, busy: number, idle: number): HostReading =>
	({atMs, cpuBusySeconds: busy, cpuIdleSeconds: idle, cpuStolenSeconds: 0, cpuWaitSeconds: 0, load: [0, 0, 0], memoryTotalBytes: 100, memoryAvailableBytes: 40, swapTotalBytes: 0, swapUsedBytes: 0});

test('unknown is not healthy: before every decisive ping has answered nothing is said', t => {
	t.is(healthOf(after()), 'unknown');
	t.is(healthOf(after({type: 'ping/answered', name: 'api', answer: good(1)})), 'unknown');
	t.is(healthOf(after({type: 'ping/answered', name: 'api', answer: good(1)}, {type: 'ping/answered', name: 'nginx', answer: good(1)})), 'healthy');
	t.is(healthOf(after({type: 'ping/answered', name: 'api', answer: bad(1)})), 'unhealthy');
});

test('a failure keeps the last good value beside it', t => {
	const {containers} = after({type: 'containers/listed', containers: stack(), atMs: 5}, {type: 'containers/unlisted', failure: {code: 'timed-out', detail: emptyText}});
	t.is(containers.value?.length, 4);
	t.is(containers.atMs, 5);
	t.is(containers.failure?.code, 'timed-out');
});

test('rates come from two readings; the first, and a counter that began anew, give none', t => {
	const measured = (...readings: readonly ContainerReading[]) => after(...readings.map(one => ({type: 'containers/measured', readings: [{id: 'x', reading: one}]} as const))).use['x'];
	t.is(measured(reading(0, 10))?.cpuCores, null);
	t.is(measured(reading(0, 10), reading(2000, 11))?.cpuCores, 0.5);
	t.is(measured(reading(0, 10), reading(2000, 1))?.cpuCores, null);
	t.is(measured(reading(0, 0, {receivedBytes: 0}), reading(1000, 0, {receivedBytes: 500}))?.receivedPerSecond, 500);
});

test('host CPU is the busy share between two readings', t => {
	t.is(after({type: 'host/read', reading: host(0, 10, 90)}).host.cpuShare, null);
	t.is(after({type: 'host/read', reading: host(0, 10, 90)}, {type: 'host/read', reading: host(2000, 11, 93)}).host.cpuShare, 0.25);
});

test('series are bounded', t => {
	let situation = after();
	for (let second = 0; second < 500; second++) {
		situation = learn(situation, {type: 'host/read', reading: host(second, second, second * 2)});
		situation = learn(situation, {type: 'ping/answered', name: 'api', answer: good(second)});
	}

	t.is(situation.host.cpuHistory.length, 120);
	t.is(situation.pings[0]?.history.length, 120);
});

test('a clock that was set back does not blind the console: the next answer counts', t => {
	const situation = after({type: 'ping/answered', name: 'api', answer: good(3_600_000)}, {type: 'ping/answered', name: 'api', answer: bad(1000)});
	t.is(situation.pings[0]?.last?.ok, false);
	t.not(staleForMs(3_600_000, 2000, 1000), null);
});

test('a leftover replica of last week is no start of today\'s outage, and in a crash loop the last death is only "at least"', t => {
	const replica = container('api', {id: 'old', number: 2, state: 'exited', finishedAtMs: startMs - 259_200_000});
	const failing = (containers: ReturnType<typeof stack>) => learn(opened(undefined, containers).state.situation, {type: 'ping/answered', name: 'api', answer: bad(startMs + 1000)});
	t.deepEqual(outageOf(failing([...stack(), replica])), {sinceMs: startMs + 1000, source: 'ping', atLeast: true});
	t.deepEqual(outageOf(failing(stack({api: {state: 'restarting', restarts: 47, finishedAtMs: startMs - 5000}}))), {sinceMs: startMs - 5000, source: 'container', atLeast: true});
});

test('an api that somebody starts before the incident opens still went down when it died, as long as it does not answer', t => {
	const stopped = container('api', {state: 'exited', finishedAtMs: startMs - 5000, startedAtMs: startMs - 60_000});
	const down = learn(opened(undefined, stack({api: stopped})).state.situation, {type: 'ping/answered', name: 'api', answer: bad(startMs + 1000)});
	const proven = {sinceMs: startMs - 5000, source: 'container', atLeast: false} as const;
	t.deepEqual(outageOf(down), proven);
	const started = learn(down, {type: 'containers/listed', containers: stack({api: {...stopped, state: 'running', startedAtMs: startMs + 2000}}), atMs: startMs + 2500});
	t.deepEqual(outageOf(learn(started, {type: 'ping/answered', name: 'api', answer: bad(startMs + 3000)})), proven);
	t.is(outageOf(learn(started, {type: 'ping/answered', name: 'api', answer: good(startMs + 3000)})), null);
});

test('one container\'s news is not the list, and another project\'s is none of this one\'s', t => {
	t.is(after({type: 'container/vanished', id: 'x', atMs: 1}).containers.value, null);
	t.is(after({type: 'container/inspected', container: container('api'), atMs: 1}).containers.value, null);
	const {situation} = opened().state;
	t.is(learn(situation, {type: 'container/inspected', container: container('api', {id: 'z', project: 'other'}), atMs: startMs}), situation);
});

test('what a container or a ping says loses its secrets before anything keeps it', t => {
	const secret = ownText('FATAL: postgresql://shop:hunter2@db/shop');
	const situation = learn(after({type: 'containers/listed', containers: [container('api', {error: secret, healthOutput: secret})], atMs: 1}), {type: 'ping/answered', name: 'api', answer: {...bad(2), detail: secret}});
	t.notRegex(JSON.stringify(situation), /hunter2/);
});

test('a service that should run and has no container is missing, not forgotten', t => {
	const {situation} = opened(undefined, stack().filter(({service}) => service !== 'api')).state;
	t.deepEqual(servicesOf(situation).map(({name, missing}) => [name, missing]), [['api', true], ['db', false], ['nginx', false], ['redis', false]]);
});

test('scaled services count each container, one-offs none', t => {
	const {situation} = opened(undefined, [...stack(), container('api', {id: 'api2', number: 2}), container('api', {id: 'once', oneOff: true})]).state;
	t.is(servicesOf(situation)[0]?.containers.length, 2);
});

test('another project forgets the containers of the one before', t => {
	const {state} = opened().send({type: 'project/found', facts: {...project, name: 'other'}, candidates: []});
	t.is(state.situation.containers.value, null);
});

const ping = (changes: Partial<(typeof defaultPings)[number]>) => ({...defaultPings[0]!, ...changes});

test('a ping to a published port goes to where the engine publishes it', t => {
	const elsewhere = stack({api: {ports: [{containerPort: 5001, protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 15_001}]}});
	t.deepEqual(resolvePing(ping({}), elsewhere), {address: 'http://localhost:15001/api/health'});
	t.deepEqual(resolvePing(ping({}), null), {address: 'http://localhost:5001/api/health'});
	// Another project's api may publish that very port: it must not pass for ours.
	t.deepEqual(resolvePing(ping({}), []), {trouble: 'not-running'});
	t.deepEqual(resolvePing(ping({}), stack({api: {state: 'restarting', ports: []}})), {trouble: 'not-running'});
	t.deepEqual(resolvePing(ping({}), stack({api: {ports: []}})), {trouble: 'no-address'});
	t.deepEqual(resolvePing(ping({}), stack({api: {ports: [], networks: [{name: 'host', address: '', aliases: []}]}})), {address: 'http://localhost:5001/api/health'});
	t.deepEqual(resolvePing(ping({address: 'https://shop.example/x?y=1', via: 'address'}), elsewhere), {address: 'https://shop.example/x?y=1'});
});

test('a ping to a container goes to its address, and says when there is none', t => {
	const db = defaultPings[2]!;
	t.deepEqual(resolvePing(db, stack()), {address: '172.18.0.2:5432'});
	t.deepEqual(resolvePing(db, stack({db: {networks: [{name: 'n', address: 'fd00::2', aliases: []}]}})), {address: '[fd00::2]:5432'});
	t.deepEqual(resolvePing(db, []), {trouble: 'not-running'});
	t.deepEqual(resolvePing(db, stack({db: {networks: []}})), {trouble: 'no-address'});
});

test('a disk is full in the time that its growth says, and noise is no growth', t => {
	const disk = {mount: '/', device: 'd', type: 'ext4', totalBytes: 1e9, availableBytes: 1e8, usedBytes: 9e8, inodes: 0, inodesFree: 0, readOnly: false};
	t.is(fullInMs(disk, [{atMs: 0, usedBytes: 8e8}, {atMs: 100_000, usedBytes: 9e8}]), 100_000);
	t.is(fullInMs(disk, [{atMs: 0, usedBytes: 9e8}, {atMs: 100_000, usedBytes: 9e8}]), null);
	t.is(fullInMs(disk, [{atMs: 0, usedBytes: 9e8}]), null);
});

test('an age is told only beyond twice the interval', t => {
	t.is(staleForMs(startMs, 2000, startMs + 4000), null);
	t.is(staleForMs(startMs, 2000, startMs + 9000), 9000);
});
