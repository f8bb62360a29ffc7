/** Every shipped card on the pretend server: opened by its key, looked up, confirmed, run, verified, journalled; and what it did. */

import test from 'ava';
import {actions} from '../../source/core/actions.ts';
import {emptyText} from '../../source/core/text.ts';
import {resolvedNow} from '../../source/core/update-runs.ts';
import {drillConsole} from '../helpers/drill-console.ts';

const opened = async (scenario: 'api-down' | 'healthy' = 'healthy') => {
	const drill = drillConsole({scenario});
	const console = drill.open();
	await drill.clock.advance(6000);
	const {clock} = drill;
	const paint = async (action: string): Promise<void> => {
		console.store.dispatch({type: 'card/painted', action, atMs: clock.nowMs()});
		await clock.advance(400);
	};

	return {
		...drill, console, state: () => console.store.state(),
		/** Opens the card by its key, waits for its looks, types the target where it is asked for, and confirms. */
		async run(key: string, action: string, before: readonly string[] = []) {
			console.press(key);
			await clock.advance(4000);
			console.press(...before);
			await clock.advance(4000);
			await paint(action);
			console.press('y');
			const {prompt} = console.store.state().view;
			if (prompt?.purpose === 'confirm-target') {
				console.press(...resolvedNow(console.store.state(), action).target, 'enter');
				await paint(action);
				console.press('y');
			}

			await clock.advance(90_000);
			return console.store.state().runs.findLast(run => run.action === action);
		},
	};
};

test('every shipped action has a key of its own and a scenario, service or project to stand on', t => {
	t.is(new Set(actions.map(({command}) => command)).size, actions.length);
	t.true(actions.every(({command}) => command !== null));
});

test('X restarts redis after its name was typed, since it loses what it has not saved', async t => {
	const {run, console} = await opened();
	console.press('X');
	const before = console.store.state();
	t.is(before.view.overlay?.kind, 'card');
	const done = await run('X', 'restart-redis');
	t.is(done?.verdict, 'recovered');
	t.is(done?.script, 'docker-compose restart redis');
});

test('B builds first and swaps then; the next card tells how long it took', async t => {
	const {run, state, simulator} = await opened();
	const before = state().situation.containers.value!.find(({service}) => service === 'api')!;
	const done = await run('B', 'rebuild-api');
	t.is(done?.verdict, 'recovered');
	const after = state().situation.containers.value!.find(({service}) => service === 'api')!;
	t.not(after.id, before.id);
	t.not(after.imageId, before.imageId);
	t.true(simulator.things.images.some(image => image.id === before.imageId), 'the image before stays');
	const [took] = state().history.took['rebuild-api']!;
	t.true(took!.tookMs > 20_000 && took!.tookMs < 60_000);
	t.true(state().history.images.some(image => image.service === 'api' && image.id === before.imageId));
});

test('M migrates in a container of its own, also while the api is down', async t => {
	const {run} = await opened('api-down');
	const done = await run('M', 'migrate');
	t.is(done?.verdict, 'done');
	t.is(done?.script, 'docker-compose run --rm --no-deps -T api flask db upgrade');
});

test('D backs the database up and reads the file back; the next card tells its age', async t => {
	const {run, simulator, console, state, clock} = await opened();
	const done = await run('D', 'backup-db');
	t.is(done?.verdict, 'done');
	t.is(simulator.things.backups.filter(({path}) => path.endsWith('.sql.gz')).length, 2);
	console.press('escape', 'D');
	await clock.advance(4000);
	const card = resolvedNow(state(), 'backup-db');
	t.true(card.troubles.some(({code}) => code === 'last-backup'));
	t.is(card.preview?.items.length, 2);
});

test('L shows the files before it deletes them, and a narrower search deletes only those', async t => {
	const {run, simulator, console, clock, state} = await opened();
	console.press('L');
	await clock.advance(3000);
	const wide = resolvedNow(state(), 'delete-logs');
	t.is(wide.preview?.count, 5);
	t.true((wide.preview?.bytes ?? 0) > 1e9);
	// v asks for one value after the other: directory, name, days.
	console.press('v', 'enter', 'v', 'enter', 'v', 'ctrl-u', '1', '4', 'enter');
	await clock.advance(3000);
	const narrow = resolvedNow(state(), 'delete-logs');
	t.is(narrow.values['DAYS'], '14');
	t.is(narrow.preview?.count, 3);
	console.store.dispatch({type: 'card/painted', action: 'delete-logs', atMs: clock.nowMs()});
	await clock.advance(400);
	console.press('y', ...'/var/log', 'enter');
	console.store.dispatch({type: 'card/painted', action: 'delete-logs', atMs: clock.nowMs()});
	await clock.advance(400);
	console.press('y');
	await clock.advance(10_000);
	t.is(state().runs.at(-1)?.verdict, 'done');
	t.is(simulator.things.logs.length, 2);
	t.is(await run('L', 'delete-logs').then(run => run?.verdict), 'done');
});

test('P removes what is old and of nobody, and keeps what the project or a rollback needs', async t => {
	const {run, simulator, console, clock, state} = await opened('api-down');
	console.press('P');
	await clock.advance(5000);
	const card = resolvedNow(state(), 'prune');
	t.true(card.troubles.some(({code}) => code === 'prune-keeps'));
	t.deepEqual(card.preview?.items.map(({kind}) => kind), ['container', 'container', 'image', 'image', 'cache']);
	console.press('escape');
	const done = await run('P', 'prune');
	t.is(done?.verdict, 'done');
	const things = simulator.things;
	t.is(things.strangers.length, 0);
	t.is(things.cacheBytes, 0);
	t.true(things.images.some(({repository}) => repository === 'mestres-do-cafe_api'));
	t.truthy(state().situation.containers.value!.find(({service}) => service === 'api'), 'the stopped api is still there');
});

test('S is refused where a fixed port of the host can be held by one container only', async t => {
	const {console, clock, state} = await opened();
	console.press('S');
	await clock.advance(3000);
	console.press('v', 'ctrl-u', '3', 'enter');
	await clock.advance(3000);
	t.true(resolvedNow(state(), 'scale-api').troubles.some(({code, blocks}) => code === 'port-fixed' && blocks));
});

test('K lists commits, shows the plan, builds before it swaps, and Z goes back to what was recorded', async t => {
	const {run, state, simulator} = await opened('api-down');
	const things = simulator.things;
	const image = state().situation.containers.value!.find(({service}) => service === 'api')!.imageId;
	const done = await run('K', 'rollback-commit', ['enter']);
	t.is(done?.verdict, 'recovered');
	t.deepEqual(done?.script.split('\n'), ['git checkout --detach "$COMMIT"', 'docker-compose build', 'docker-compose up -d']);
	t.is(things.head, things.commits[1]!.hash);
	t.like(state().history.before, {action: 'rollback-commit', branch: 'main', commit: things.commits[0]!.hash});
	t.true(state().incident!.timeline.some(({type}) => type === 'state/before'));
	t.true(state().incident!.timeline.some(({type}) => type === 'container/kept'));
	const back = await run('Z', 'rollback-back');
	t.is(back?.verdict, 'recovered');
	t.is(things.head, things.commits[0]!.hash);
	t.is(things.branch, 'main');
	t.is(state().situation.containers.value!.find(({service}) => service === 'api')!.imageId, image);
});

test('a rollback can be stopped between two steps: nothing that runs is touched, and it says where', async t => {
	const {console, clock, state} = await opened();
	const before = state().situation.containers.value!.map(({id}) => id);
	console.press('K');
	await clock.advance(2000);
	console.press('enter');
	await clock.advance(2000);
	console.store.dispatch({type: 'card/painted', action: 'rollback-commit', atMs: clock.nowMs()});
	await clock.advance(400);
	console.press('y', ...'mestres-do-cafe', 'enter');
	console.store.dispatch({type: 'card/painted', action: 'rollback-commit', atMs: clock.nowMs()});
	await clock.advance(400);
	console.press('y');
	await clock.advance(800);
	console.press('C');
	await clock.advance(400);
	console.press('s');
	t.true(state().runs.at(-1)!.stopAsked);
	await clock.advance(30_000);
	t.like(state().runs.at(-1), {verdict: 'failed', exitCode: 125});
	t.is(state().runBook.stepOf(state().runs.at(-1)!.id)?.number, 2);
	t.deepEqual(state().situation.containers.value!.map(({id}) => id), before);
	t.is(state().history.before?.action, 'rollback-commit');
});

test('I lists the images that the service ran, and swaps that service alone', async t => {
	const {run, state} = await opened();
	const image = state().situation.containers.value!.find(({service}) => service === 'api')!.imageId;
	await run('B', 'rebuild-api');
	const databaseId = state().situation.containers.value!.find(({service}) => service === 'db')!.id;
	const choice = state().history.images.findIndex(({id, service}) => id === image && service === 'api');
	t.true(choice >= 0);
	const done = await run('I', 'rollback-image', ['enter']);
	t.is(done?.verdict, 'recovered');
	t.is(state().situation.containers.value!.find(({service}) => service === 'api')!.imageId, image);
	t.is(state().situation.containers.value!.find(({service}) => service === 'db')!.id, databaseId);
});

test('a look ends when its card is closed', async t => {
	const {console, clock, state} = await opened();
	console.press('P');
	await clock.advance(100);
	t.is(state().preview.preview.state, 'asked');
	console.press('escape');
	await clock.advance(1500);
	t.is(state().preview.preview.state, 'unknown');
});

test('a run whose supervisor is killed while it is followed is told as such, and followed on to its end', async t => {
	const {console, simulator, clock, state} = await opened('healthy');
	const {commands} = simulator;
	const {runs} = commands;
	let isKilled = false;
	Object.assign(commands, {async runs(project: string) {
		const found = await runs(project);
		return found.ok && isKilled ? {ok: true, value: found.value.map(record => record.state === 'running' ? {...record, state: 'orphaned'} : record)} : found;
	}});
	await console.act('B', 'rebuild-api');
	await clock.advance(4000);
	t.like(state().runs.at(-1), {phase: 'running', orphaned: false});
	isKilled = true;
	await clock.advance(4000);
	t.like(state().runs.at(-1), {phase: 'running', orphaned: true});
	await clock.advance(90_000);
	t.like(state().runs.at(-1), {phase: 'done', orphaned: false});
});

test('a Compose that hangs once is asked again after half a minute, and one that answers once an hour', async t => {
	const here = {v1: '1.29.2', v2: null};
	const silent = {v1: null, v2: null, silent: [{tool: 'docker-compose', failure: {code: 'timed-out', detail: emptyText}}]} as const;
	const answers: Array<typeof here | typeof silent> = [silent, here, here, silent];
	const askedAtMs: number[] = [];
	const {clock, open} = drillConsole({scenario: 'healthy', async composeTools() {
		askedAtMs.push(clock.nowMs());
		return answers[askedAtMs.length - 1] ?? here;
	}});
	const console = open();
	await clock.advance(6000);
	console.press('U');
	await clock.advance(1000);
	const codes = () => resolvedNow(console.store.state(), 'start-api').troubles.filter(({blocks}) => blocks).map(({code}) => code);
	t.deepEqual(codes(), ['compose-silent']);
	await clock.advance(30_000);
	t.deepEqual(codes(), []);
	t.is(askedAtMs.length, 2);
	await clock.advance((2 * 3_600_000) + 60_000);
	// What it was holds on when it is silent for once.
	t.is(console.store.state().tools?.v1, '1.29.2');
	t.deepEqual(askedAtMs.slice(1, 5).map((atMs, index) => atMs - askedAtMs[index]!), [30_000, 3_600_000, 3_600_000, 30_000]);
	await console.stop();
});
