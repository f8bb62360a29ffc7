/** The contract of HealthPort: what each kind of trouble is called. */
import {answerOf, factsOf, inWorld, pingTarget, waitUntil, type MakeWorld, type Register} from './contract-world.ts';

export const testHealthContract = (register: Register, name: string, makeWorld: MakeWorld): void => {
	const test = inWorld(register, name, makeWorld);

	test('a healthy service answers, directly and through nginx', async (t, world) => {
		for (const url of [world.apiUrl, world.nginxUrl]) {
			const answer = await answerOf(world, world.health.ping(pingTarget(), url));
			t.like(answer, {ok: true, reason: null, status: 200});
			t.true(answer.latencyMs >= 0 && answer.latencyMs < 3000);
		}
	});

	test('database and cache are asked in their own protocols at the container\'s address', async (t, world) => {
		const db = await factsOf(world, 'db');
		const redis = await factsOf(world, 'redis');
		t.like(await answerOf(world, world.health.ping(pingTarget({name: 'db', kind: 'postgres', service: 'db'}), `${db.networks[0]!.address}:5432`)), {ok: true, reason: null});
		t.like(await answerOf(world, world.health.ping(pingTarget({name: 'redis', kind: 'redis', service: 'redis'}), `${redis.networks[0]!.address}:6379`)), {ok: true, reason: null});
		t.like(await answerOf(world, world.health.ping(pingTarget({name: 'tcp', kind: 'tcp', service: 'redis'}), `${redis.networks[0]!.address}:6379`)), {ok: true, reason: null});
	});

	test('a stopped api refuses, and nginx answers 502 for it', async (t, world) => {
		await world.stopService('api');
		t.like(await answerOf(world, world.health.ping(pingTarget(), world.apiUrl)), {ok: false, reason: 'refused', status: null});
		t.like(await answerOf(world, world.health.ping(pingTarget({deadlineMs: 8000}), world.nginxUrl)), {ok: false, reason: 'status', status: 502});
		await world.startService('api');
		const healthy = await waitUntil(world, 'health', async () => {
			const answer = await answerOf(world, world.health.ping(pingTarget(), world.apiUrl));
			return answer.ok ? answer : null;
		});
		t.is(healthy.status, 200);
	});

	test('an answer that is not the expected one is told as such', async (t, world) => {
		t.like(await answerOf(world, world.health.ping(pingTarget({expectedStatus: [204]}), world.apiUrl)), {ok: false, reason: 'status', status: 200});
		t.like(await answerOf(world, world.health.ping(pingTarget({expectedField: {path: 'status', equals: 'healthy'}}), world.apiUrl)), {ok: true});
		t.like(await answerOf(world, world.health.ping(pingTarget({expectedField: {path: 'status', equals: 'perfect'}}), world.apiUrl)), {ok: false, reason: 'body', status: 200});
	});

	test('a closed port refuses and an unknown name is a matter of DNS', async (t, world) => {
		t.is((await answerOf(world, world.health.ping(pingTarget({kind: 'tcp'}), '127.0.0.1:1'))).reason, 'refused');
		t.is((await answerOf(world, world.health.ping(pingTarget(), 'http://no-such-host.invalid/'))).reason, 'dns');
	});
};
