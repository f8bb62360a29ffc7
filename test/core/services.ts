import test from 'ava';
import type {ContainerFacts} from '../../source/core/ports.ts';
import {defaultSettings, type ServiceSettings} from '../../source/core/settings.ts';
import {isAsExpected} from '../../source/core/situation.ts';
import {chooseStreams} from '../../source/runtime/log-streams.ts';
import {container, good, newState, opened, stack, startMs} from '../helpers/facts.ts';

const ended = (exitCode: number): ContainerFacts => container('job', {state: 'exited', health: 'none', exitCode, pid: 0, finishedAtMs: startMs - 60_000, ports: []});
const withJob = (expected: ServiceSettings['expected']) => ({...defaultSettings, services: {job: {expected, logs: 'follow'}}} as const);

for (const [what, containers, expected, well] of [
	['a job that ended with 0', [ended(0)], 'once', true],
	['a job that failed', [ended(1)], 'once', false],
	['a job that still runs', [container('job')], 'once', false],
	['an optional service that was killed', [ended(137)], 'optional', true],
	['an optional service that restarts for ever', [container('job', {state: 'restarting'})], 'optional', false],
	['an optional service without a container', [], 'optional', true],
	['a service that must run and ended with 0', [ended(0)], 'running', false],
] as const) {
	test(`${what} is ${well ? 'as expected' : 'not what was expected, or nothing out of the ordinary'}`, t => {
		t.is(isAsExpected({name: 'job', containers, missing: containers.length === 0}, withJob(expected)), well);
	});
}

test('a job that is done is no finding once the configuration says that it is a job, and one that failed is', t => {
	const codes = (expected: ServiceSettings['expected'], exitCode: number) => {
		const console = opened(newState({settings: withJob(expected)}), [...stack(), ended(exitCode)]);
		return console.until(startMs + 4000, (_name, atMs) => good(atMs)).state.findings.map(({service}) => service);
	};

	t.deepEqual(codes('running', 0), ['job']);
	t.deepEqual(codes('once', 0), []);
	t.deepEqual(codes('once', 1), ['job']);
	t.deepEqual(codes('optional', 137), []);
});

test('the log of a service that is wanted on request is followed only while it is selected or in trouble', t => {
	const settings = {services: {redis: {expected: 'running', logs: 'on-request'}}} as const;
	const followed = (containers: readonly ContainerFacts[], service: string | null = null): readonly string[] => {
		const {state} = opened(newState({settings}), containers);
		const streams = chooseStreams({...state, view: {...state.view, log: {...state.view.log, service}}});
		return [...streams.values()].filter(({follow}) => follow).map(chosen => chosen.container.service);
	};

	t.deepEqual(followed(stack()), ['api', 'db', 'nginx']);
	t.deepEqual(followed(stack(), 'redis'), ['api', 'db', 'nginx', 'redis']);
	t.deepEqual(followed(stack({redis: {health: 'unhealthy'}})), ['api', 'db', 'nginx', 'redis']);
});
