/** The contract of CommandsPort: one runner per target, output from the beginning, outcomes that are true. */
import type {RunOutcome, RunRequest} from '../../source/core/ports.ts';
import {answerOf, factsOf, inWorld, pingTarget, valueOf, waitUntil, type ContractWorld, type MakeWorld, type Register} from './contract-world.ts';

let runs = 0;
const makeRequest = (world: ContractWorld, script: string, more: Partial<RunRequest> = {}): RunRequest => ({
	id: `contract-${process.pid}-${++runs}`, project: world.project, action: 'contract', lock: `${world.project}/contract-${runs}`, script, directory: world.directory,
	environment: {COMPOSE_PROJECT_NAME: world.project}, deadlineMs: 20_000, hardLimitMs: 60_000, actor: 'maria', ...more,
});

type Followed = {output: string; readonly ends: (RunOutcome | null)[]; stop(): void};

const follow = (world: ContractWorld, id: string): Followed => {
	const followed: Followed = {output: '', ends: [], stop: () => {
		stop();
	}};
	const stop = world.commands.follow(id, piece => {
		followed.output += piece.rawText;
	}, outcome => {
		followed.ends.push(outcome);
	});
	return followed;
};

const finish = async (world: ContractWorld, request: RunRequest): Promise<{readonly output: string; readonly outcome: RunOutcome}> => {
	valueOf(await answerOf(world, world.commands.start(request)));
	const followed = follow(world, request.id);
	await waitUntil(world, 'the end of the run', () => followed.ends.length > 0, 60_000);
	const [outcome] = followed.ends;
	if (!outcome) {
		throw new Error('the run was lost');
	}

	return {output: followed.output, outcome};
};

export const testCommandsContract = (register: Register, name: string, makeWorld: MakeWorld): void => {
	const test = inWorld(register, name, makeWorld);

	test('a run tells its output and its end, also to who comes late', async (t, world) => {
		const request = makeRequest(world, 'echo one\necho "two words" && pwd');
		const {output, outcome} = await finish(world, request);
		t.is(output, `one\ntwo words\n${world.directory}\n`);
		t.like(outcome, {exitCode: 0, signal: null, cancelled: false, timedOut: false, leftRunning: []});
		t.true(outcome.endedAtMs >= outcome.startedAtMs);
		const late = follow(world, request.id);
		await waitUntil(world, 'the end again', () => late.ends.length > 0);
		t.is(late.output, output);
		t.deepEqual(late.ends[0], outcome);
		valueOf(await answerOf(world, world.commands.discard(request.id)));
	});

	test('a script with set -e stops at its first failing step, one without goes on', async (t, world) => {
		const careless = makeRequest(world, 'echo before\nfalse\necho after');
		t.like(await finish(world, careless), {output: 'before\nafter\n', outcome: {exitCode: 0}});
		valueOf(await answerOf(world, world.commands.discard(careless.id)));
		const request = makeRequest(world, 'set -e\necho before\nfalse || echo saved\nfalse && echo never\nfalse\necho after');
		const {output, outcome} = await finish(world, request);
		t.is(output, 'before\nsaved\n');
		t.is(outcome.exitCode, 1);
		valueOf(await answerOf(world, world.commands.discard(request.id)));
	});

	test('a script\'s own exit code and unknown commands come through', async (t, world) => {
		const exits = makeRequest(world, 'exit 3');
		t.is((await finish(world, exits)).outcome.exitCode, 3);
		const unknown = makeRequest(world, 'no-such-command-here --now');
		const {output, outcome} = await finish(world, unknown);
		t.is(outcome.exitCode, 127);
		t.regex(output, /no-such-command-here: command not found/);
		for (const {id} of [exits, unknown]) {
			valueOf(await answerOf(world, world.commands.discard(id)));
		}
	});

	test('a target has one runner at a time, and the refusal names it', async (t, world) => {
		const first = makeRequest(world, 'sleep 30', {action: 'restart-api', lock: `${world.project}/api`});
		valueOf(await answerOf(world, world.commands.start(first)));
		const second = await answerOf(world, world.commands.start(makeRequest(world, 'echo second', {lock: `${world.project}/api`, actor: 'joão'})));
		t.is(second.ok ? null : second.failure.code, 'busy');
		t.like(second.ok ? null : second.failure.params, {holder: 'maria', action: 'restart-api', id: first.id});
		const elsewhere = makeRequest(world, 'echo elsewhere', {lock: `${world.project}/nginx`});
		t.is((await finish(world, elsewhere)).outcome.exitCode, 0);
		const notYet = await answerOf(world, world.commands.discard(first.id));
		t.is(notYet.ok ? null : notYet.failure.code, 'busy');

		const listed = valueOf(await answerOf(world, world.commands.runs(world.project)));
		t.is(listed.find(run => run.request.id === first.id)?.state, 'running');
		t.is(listed.find(run => run.request.id === elsewhere.id)?.state, 'ended');

		const followed = follow(world, first.id);
		valueOf(await answerOf(world, world.commands.cancel(first.id)));
		await waitUntil(world, 'the end of the cancelled run', () => followed.ends.length > 0);
		t.like(followed.ends[0], {cancelled: true, timedOut: false});
		t.not(followed.ends[0]!.exitCode, 0);
		const again = makeRequest(world, 'echo again', {lock: `${world.project}/api`});
		t.is((await finish(world, again)).outcome.exitCode, 0);
		for (const {id} of [first, elsewhere, again]) {
			valueOf(await answerOf(world, world.commands.discard(id)));
		}

		t.false(valueOf(await answerOf(world, world.commands.runs(world.project))).some(run => run.request.id === first.id));
	});

	test('a run is killed at its hard limit, and one that has ended cannot be cancelled', async (t, world) => {
		const request = makeRequest(world, 'sleep 30', {deadlineMs: 500, hardLimitMs: 1000});
		const {outcome} = await finish(world, request);
		t.like(outcome, {timedOut: true, cancelled: false});
		t.true(outcome.endedAtMs - outcome.startedAtMs < 10_000);
		const cancelled = await answerOf(world, world.commands.cancel(request.id));
		t.is(cancelled.ok ? null : cancelled.failure.code, 'not-found');
		valueOf(await answerOf(world, world.commands.discard(request.id)));
		const gone = await answerOf(world, world.commands.discard(request.id));
		t.is(gone.ok ? null : gone.failure.code, 'not-found');
		const lost = follow(world, request.id);
		await waitUntil(world, 'the end of an unknown run', () => lost.ends.length > 0);
		t.deepEqual(lost.ends, [null]);
	});

	test('a check answers with what it read, or that it took too long', async (t, world) => {
		const hashes = valueOf(await answerOf(world, world.commands.check(['docker-compose', 'config', '--hash', '*'], {directory: world.directory, deadlineMs: 20_000})));
		t.is(hashes.exitCode, 0);
		t.false(hashes.timedOut);
		const api = await factsOf(world, 'api');
		t.true(hashes.stdout.split('\n').includes(`api ${api.configHash}`), hashes.stdout);
		const slow = valueOf(await answerOf(world, world.commands.check(['sleep', '30'], {deadlineMs: 300})));
		t.true(slow.timedOut);
		t.true(slow.durationMs < 5000);
		const unknown = await answerOf(world, world.commands.check(['no-such-command-here'], {deadlineMs: 1000}));
		t.is(unknown.ok ? null : unknown.failure.code, 'not-found');
		const tools = await answerOf(world, world.commands.composeTools());
		t.true(tools.v1 !== null || tools.v2 !== null);
	});

	test('docker-compose brings a stopped api back, and says so', async (t, world) => {
		await world.stopService('api');
		const up = makeRequest(world, 'docker-compose up -d api');
		const {output, outcome} = await finish(world, up);
		t.is(outcome.exitCode, 0, output);
		t.regex(output, /(?:Starting|Started|Creating|Recreating).*api|api.*(?:Started|Running)/);
		await waitUntil(world, 'health', async () => (await answerOf(world, world.health.ping(pingTarget(), world.apiUrl))).ok);
		t.is((await factsOf(world, 'api')).state, 'running');

		const before = await factsOf(world, 'nginx');
		const restart = makeRequest(world, 'docker-compose restart nginx');
		t.is((await finish(world, restart)).outcome.exitCode, 0);
		t.true(((await factsOf(world, 'nginx')).startedAtMs ?? 0) > (before.startedAtMs ?? 0));
		await waitUntil(world, 'health through nginx', async () => (await answerOf(world, world.health.ping(pingTarget(), world.nginxUrl))).ok);
		for (const {id} of [up, restart]) {
			valueOf(await answerOf(world, world.commands.discard(id)));
		}
	});
};
