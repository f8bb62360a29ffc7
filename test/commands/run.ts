import test from 'ava';
import {createRunbooks} from '../../source/commands/runbooks.ts';
import {actions} from '../../source/core/actions.ts';
import {leftAt, runAction, runDocument, runnableIds, waitForFacts, type RunActionOptions, type RunResult, type RunTeller} from '../../source/commands/run-action.ts';
import {drillConsole} from '../helpers/drill-console.ts';

const opened = async (scenario: 'api-down' | 'healthy' = 'healthy') => {
	const drill = drillConsole({scenario});
	const console = drill.open();
	const facts = waitForFacts(console, drill.clock);
	await drill.clock.advance(6000);
	const said: string[] = [];
	const teller = (answer: boolean | null = null): RunTeller => ({
		card(_state, resolved) {
			said.push(`card ${resolved.action.id}: ${resolved.script}`);
		},
		choices(_state, _resolved, variable, choices) {
			said.push(`choose ${variable}: ${choices.length}`);
		},
		output(lines) {
			said.push(...lines);
		},
		verifying(run) {
			said.push(`verifying ${run.checks.join(',')}`);
		},
		ask: answer === null ? null : async resolved => {
			said.push(`asked for ${resolved.target}`);
			return answer;
		},
	});
	return {
		...drill, console, said, facts,
		async run(action: string, changes: Partial<RunActionOptions> = {}, answer: boolean | null = null): Promise<RunResult> {
			const result = runAction(console, drill.clock, {action, values: {}, yes: false, confirm: null, dryRun: false, ...changes}, teller(answer));
			await drill.clock.advance(120_000);
			return result;
		},
	};
};

test('what a card needs is known before anything is asked', async t => {
	const {facts} = await opened();
	t.true(await facts);
});

test('a change with --yes runs, prints its output, is verified and recorded: 0', async t => {
	const {run, said, console} = await opened('api-down');
	const result = await run('start-api', {yes: true});
	t.like(result, {exit: 0, reason: 'done', run: {verdict: 'recovered'}});
	t.true(said.some(line => line.includes('Starting mestres-do-cafe_api_1')));
	t.true(said.includes('verifying api'));
	const types = console.store.state().incident?.timeline.map(({type}) => type) ?? [];
	for (const type of ['action/confirmed', 'action/started', 'action/ended', 'action/verified']) {
		t.is(types.filter(other => other === type).length, 1, type);
	}

	const document = JSON.parse(JSON.stringify(runDocument(result))) as Record<string, unknown>;
	t.like(document, {schemaVersion: 1, exit: 0, reason: 'done', action: {id: 'start-api', steps: ['docker-compose up -d api']}, run: {exitCode: 0, verdict: 'recovered'}});
});

test('who leaves early is told how far their own run has come, and nothing of what others run', async t => {
	const {console, clock} = await opened('api-down');
	const left = () => leftAt(console.store.state().runs);
	t.is(left(), 'declined');
	const told = new Set<string>();
	const stop = console.store.subscribe(() => {
		told.add(left());
	});
	const result = runAction(console, clock, {action: 'start-api', values: {}, yes: true, confirm: null, dryRun: false}, {card() {/* not read */}, choices() {/* none */}, output() {/* not read */}, verifying() {/* not read */}, ask: null});
	await clock.advance(120_000);
	stop();
	const {run} = await result;
	t.deepEqual([...told], ['declined', 'mayRun', 'stillRuns', 'notVerified']);
	t.is(leftAt([{...run!, own: false, phase: 'running'}]), 'declined');
	t.is(leftAt([{...run!, phase: 'refused'}]), 'declined');
});

test('a change without --yes and without a terminal is refused: 5', async t => {
	const {run, console} = await opened('api-down');
	t.like(await run('start-api'), {exit: 5, reason: 'needs-yes', run: null});
	t.is(console.store.state().runs.length, 0);
});

test('on a terminal it asks; no is no, yes runs', async t => {
	const {run, said} = await opened('api-down');
	t.like(await run('start-api', {}, false), {exit: 5, reason: 'declined', run: null});
	t.true(said.includes('asked for api'));
	t.like(await run('start-api', {}, true), {exit: 0});
});

test('what can lose data wants its target named, also with --yes', async t => {
	const {run, simulator} = await opened();
	t.like(await run('delete-logs', {yes: true}), {exit: 5, reason: 'needs-confirm', run: null});
	t.like(await run('delete-logs', {yes: true, confirm: '/var/logs'}), {exit: 5, reason: 'wrong-confirm', run: null});
	t.is(simulator.things.logs.length, 5);
	t.like(await run('delete-logs', {yes: true, confirm: '/var/log', values: {DAYS: '14'}}), {exit: 0, run: {verdict: 'done'}});
	t.is(simulator.things.logs.length, 2);
});

test('--dry-run shows the card and runs nothing: 0, or 4 where it is blocked', async t => {
	const {run, said, console, simulator} = await opened();
	t.like(await run('prune', {dryRun: true}), {exit: 0, reason: 'dry-run', resolved: {preview: {count: 5}}});
	t.like(await run('delete-logs', {dryRun: true, values: {NAME: '*.nothing'}}), {exit: 4, reason: 'blocked'});
	t.true(said.some(line => line.startsWith('card prune: docker rm')));
	t.is(console.store.state().runs.length, 0);
	t.is(simulator.things.images.length, 7);
});

test('a command that fails is 1, with the step at which it stopped', async t => {
	const {run, simulator} = await opened();
	simulator.break({kind: 'db-stopped'});
	const result = await run('migrate', {yes: true});
	t.like(result, {exit: 1, reason: 'failed', run: {verdict: 'failed', exitCode: 1}});
});

test('a change that ran and did not bring health back is 3', async t => {
	const {run, simulator} = await opened();
	simulator.break({kind: 'api-500'});
	t.like(await run('restart-api', {yes: true}), {exit: 3, reason: 'not-verified', run: {verdict: 'not-recovered', exitCode: 0}});
});

test('a rollback wants its commit named, and takes it', async t => {
	const {run, said, simulator} = await opened();
	t.like(await run('rollback-commit', {yes: true, confirm: 'mestres-do-cafe'}), {exit: 64, reason: 'choose', name: 'COMMIT'});
	t.true(said.includes('choose COMMIT: 5'));
	// Not further: code from before the last migration does not start on the database that has it.
	const hash = simulator.things.commits[1]!.hash;
	t.like(await run('rollback-commit', {yes: true, confirm: 'mestres-do-cafe', values: {COMMIT: hash}}), {exit: 0});
	t.is(simulator.things.head, hash);
});

test('an unknown action and an unknown variable are wrong usage: 64', async t => {
	const {run} = await opened();
	t.like(await run('reboot', {yes: true}), {exit: 64, reason: 'unknown-action'});
	t.like(await run('restart-api', {yes: true, values: {X: '1'}}), {exit: 64, reason: 'unknown-variable', name: 'X'});
});

test('a target that somebody else is changing is refused: 4', async t => {
	const {run, console, simulator, clock} = await opened('api-down');
	await simulator.commands.start({
		id: 'other', project: 'mestres-do-cafe', action: 'rollback-commit', lock: 'mestres-do-cafe/*', script: 'sleep 600', directory: '/opt/mestres-do-cafe', environment: {}, deadlineMs: 1000, hardLimitMs: 900_000, actor: 'bia',
	});
	// Before this console has seen it, and after.
	t.like(await run('start-api', {yes: true}), {exit: 4});
	await clock.advance(5000);
	t.like(await run('start-api', {yes: true}), {exit: 4, reason: 'blocked'});
	t.false(console.store.state().runs.some(other => other.action === 'start-api' && other.phase === 'running'));
});

test('a read of a runbook runs without being asked for anything, and its exit code is told', async t => {
	const {run, console, said} = await opened();
	const runbook = await createRunbooks({path: null, language: 'en'}).parse('# Runbook\n\n## Quick commands\n\n```bash {id=look}\n# Look\necho hello\nfalse\n```\n', 'page.md', null);
	console.store.dispatch({type: 'runbook/read', runbooks: [runbook], frozen: false});
	t.true(runnableIds(console.store.state()).includes('look'));
	t.like(await run('look'), {exit: 1, reason: 'failed', run: {exitCode: 1, verdict: null}});
	t.true(said.includes('hello'));
});

test('every shipped action, every service and every card can be run by name', async t => {
	const {console} = await opened();
	const ids = runnableIds(console.store.state());
	t.true(actions.every(({id}) => ids.includes(id)));
	t.true(['start-db', 'restart-redis', 'restart-db'].every(id => ids.includes(id)));
	t.is(new Set(ids).size, ids.length);
});
