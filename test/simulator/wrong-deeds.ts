/** Commands of the runbook keep their real effects where they are the wrong ones: what they destroy is gone, what they do not cure goes on. */
import test from 'ava';
import type {DrillScenario} from '../../source/core/drill.ts';
import {healthOf} from '../../source/core/situation.ts';
import {openScenario, readScenario} from '../helpers/scenario-console.ts';

let runs = 0;

type Drill = Awaited<ReturnType<typeof openScenario>>;

const run = async ({simulator, play}: Drill, script: string, ms = 60_000): Promise<{readonly output: string; readonly exitCode: number | null}> => {
	const id = `run-${++runs}`;
	await simulator.commands.start({id, project: simulator.project, action: 'test', lock: id, script, directory: simulator.directory, environment: {}, deadlineMs: 60_000, hardLimitMs: 600_000, actor: 'maria'});
	let output = '';
	let exitCode: number | null = null;
	simulator.commands.follow(id, piece => {
		output += piece.rawText;
	}, outcome => {
		exitCode = outcome?.exitCode ?? null;
	});
	await play(ms);
	return {output, exitCode};
};

const health = (drill: Drill): string => healthOf(drill.state().situation);
const opened = async (name: string): Promise<{readonly drill: Drill; readonly scenario: DrillScenario}> => {
	const scenario = readScenario(name);
	const drill = await openScenario(scenario);
	await drill.play(5000);
	return {drill, scenario};
};

test('prune -a takes the image that the rollback needs, and the stopped api with its own', async t => {
	const {drill} = await opened('bad-deploy-500');
	const {things} = drill.simulator;
	const before = things.images.filter(({repository}) => repository === '<none>').length;
	t.true(before >= 3, 'the image before the deploy has lost its name, and is there');
	const {output, exitCode} = await run(drill, 'docker system prune -a -f');
	t.is(exitCode, 0);
	t.regex(output, /Total reclaimed space/);
	t.is(things.images.filter(({repository}) => repository === '<none>').length, 0);
	await drill.close();

	const {drill: other} = await opened('api-stopped');
	await run(other, 'docker system prune -a -f');
	t.is(other.state().situation.containers.value?.some(({service}) => service === 'api'), false, 'a stopped container is a container that nobody uses');
	t.is(other.state().findings[0]?.code, 'image-missing');
	await other.close();
});

test('a restart does not bring a missing variable, a new container does', async t => {
	const {drill} = await opened('missing-variable');
	t.is((await run(drill, 'docker-compose restart api')).exitCode, 0);
	t.is(health(drill), 'unhealthy');
	t.regex((await run(drill, 'docker-compose up -d api')).output, /Recreating mestres-do-cafe_api_1/);
	t.is(health(drill), 'healthy');
	await drill.close();
});

test('one commit back is right, two are past a migration: the code cannot find the database\'s revision', async t => {
	const {drill} = await opened('bad-deploy-after-migration');
	const [, before, older] = drill.simulator.things.commits;
	await run(drill, `git checkout --detach ${older!.hash}; docker-compose build; docker-compose up -d`, 90_000);
	t.is(health(drill), 'unhealthy');
	t.is(drill.state().findings[0]?.code, 'migration-broken');
	t.regex(drill.state().findings[0]?.evidence.map(({params}) => String(params['line'] ?? '')).join(' ') ?? '', /Can't locate revision|revision/);
	await run(drill, `git checkout --detach ${before!.hash}; docker-compose build; docker-compose up -d`, 90_000);
	t.is(health(drill), 'healthy');
	await drill.close();
});

test('down takes the database along, and of one service it is no command', async t => {
	const {drill} = await opened('api-stopped');
	t.is((await run(drill, 'docker-compose down redis')).exitCode, 1);
	t.regex((await run(drill, 'docker-compose down')).output, /Removing mestres-do-cafe_db_1 \.\.\. done[\s\S]*Removing network/);
	t.deepEqual(drill.state().situation.containers.value, []);
	t.is((await run(drill, 'docker-compose up -d --build', 120_000)).exitCode, 0);
	t.is(health(drill), 'healthy');
	await drill.close();
});

test('a container that restarts again and again cannot be entered; a database in recovery begins anew when it is restarted', async t => {
	const {drill} = await opened('pending-migration');
	t.is((await run(drill, 'docker-compose exec -T api flask db upgrade', 8000)).exitCode, 1);
	await drill.close();

	const {drill: other} = await opened('database-recovery');
	await other.play(120_000);
	t.is(health(other), 'unhealthy');
	await run(other, 'docker-compose restart db', 30_000);
	t.is(health(other), 'unhealthy', 'without the restart it would be over by now');
	await other.play(200_000);
	t.is(health(other), 'healthy');
	await other.close();
});

test('what is asked of the host is answered', async t => {
	const {drill} = await opened('disk-full');
	t.regex((await run(drill, 'df -h')).output, /100% \//);
	t.regex((await run(drill, 'free -h')).output, /^Mem:/m);
	t.regex((await run(drill, 'git log --oneline -5')).output, /v1\.4\.1/);
	t.regex((await run(drill, 'docker-compose logs --tail=20 db')).output, /No space left on device/);
	t.is((await run(drill, 'docker-compose pull')).exitCode, 1);
	await drill.close();
});
