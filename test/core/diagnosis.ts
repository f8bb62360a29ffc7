import test from 'ava';
import type {ContainerFacts} from '../../source/core/ports.ts';
import {ownText} from '../../source/core/text.ts';
import {bad, good, opened, stack, startMs} from '../helpers/facts.ts';

type Case = {
	readonly what: string;
	readonly changes?: Readonly<Record<string, Partial<ContainerFacts>>>;
	readonly without?: string;
	readonly bad: readonly string[];
	readonly reason?: 'status' | 'refused';
	readonly code: string;
	readonly service: string | null;
	readonly scenario: number | null;
	readonly action: string | undefined;
};

const exited = {state: 'exited', health: 'none', pid: 0, finishedAtMs: startMs - 60_000} as const;

const cases: readonly Case[] = [
	{what: 'the api stopped by hand', changes: {api: {...exited, exitCode: 0}}, bad: ['api', 'nginx'], code: 'service-stopped', service: 'api', scenario: 1, action: 'start-api'},
	{what: 'the api killed', changes: {api: {...exited, exitCode: 137}}, bad: ['api', 'nginx'], code: 'service-stopped', service: 'api', scenario: 1, action: 'start-api'},
	{what: 'the api\'s container removed', without: 'api', bad: ['api', 'nginx'], code: 'service-missing', service: 'api', scenario: 1, action: 'start-api'},
	{what: 'the api paused', changes: {api: {state: 'paused'}}, bad: ['api', 'nginx'], code: 'service-paused', service: 'api', scenario: 1, action: 'restart-api'},
	{what: 'the api restarting for ever', changes: {api: {state: 'restarting', restarts: 6, exitCode: 1, finishedAtMs: startMs - 1000}}, bad: ['api', 'nginx'], code: 'crash-loop', service: 'api', scenario: 2, action: 'start-api'},
	{what: 'the api out of memory', changes: {api: {...exited, exitCode: 137, oomKilled: true}}, bad: ['api', 'nginx'], code: 'out-of-memory', service: 'api', scenario: 3, action: 'restart-api'},
	{what: 'a port that is taken', changes: {api: {...exited, state: 'created', error: ownText('port is already allocated')}}, bad: ['api', 'nginx'], code: 'start-refused', service: 'api', scenario: 1, action: 'start-api'},
	{what: 'nginx that cannot reach an api that answers', bad: ['nginx'], code: 'proxy-cannot-reach', service: 'nginx', scenario: 4, action: 'restart-nginx'},
	{what: 'the database stopped, and the api failing because of it', changes: {db: {...exited, exitCode: 0}}, bad: ['api', 'nginx', 'db'], reason: 'status', code: 'service-stopped', service: 'db', scenario: 1, action: undefined},
	{what: 'an unhealthy api', changes: {api: {health: 'unhealthy', healthFailingStreak: 3}}, bad: ['api', 'nginx'], code: 'service-unhealthy', service: 'api', scenario: null, action: 'restart-api'},
	{what: 'an api that refuses though its container looks well', bad: ['api', 'nginx'], code: 'ping-fails', service: 'api', scenario: null, action: 'restart-api'},
];

for (const {what, changes = {}, without, bad: failing, reason = 'refused', code, service, scenario, action} of cases) {
	test(`the first finding for ${what} is ${code} of ${service ?? 'nobody'}`, t => {
		const console = opened(undefined, stack(changes).filter(container => container.service !== without));
		console.until(startMs + 4000, (name, atMs) => failing.includes(name) ? bad(atMs, name === 'nginx' ? 'status' : reason) : good(atMs));
		const [first] = console.state.findings;
		t.deepEqual([first?.code, first?.service, first?.scenario, first?.actions[0], first?.weight], [code, service, scenario, action, 'outage'] as never);
		t.true((first?.evidence.length ?? 0) > 0);
	});
}

test('a healthy stack has no finding', t => {
	t.deepEqual(opened().until(startMs + 5000, (_name, atMs) => good(atMs)).state.findings, []);
});

test('an engine that is gone is the finding, and the containers are not called stopped', t => {
	const {state} = opened().send({type: 'engine/lost', failure: {code: 'engine-not-running', detail: ownText('')}, atMs: startMs});
	t.deepEqual(state.findings.map(({code}) => code), ['engine-down']);
});

test('a disk that is nearly full is a warning with its numbers, never dressed up as the outage', t => {
	const disk = {mount: '/', device: '/dev/vda', type: 'ext4', totalBytes: 1000, availableBytes: 50, usedBytes: 950, inodes: 100, inodesFree: 50, readOnly: false};
	const console = opened().until(startMs + 3000, (_name, atMs) => good(atMs)).send({type: 'host/disksRead', reading: {atMs: startMs + 3000, disks: [disk], silent: []}}, {type: 'clock/ticked', nowMs: startMs + 5000});
	t.deepEqual(console.state.findings.map(({code, weight}) => [code, weight]), [['disk-full', 'warning']]);
});
