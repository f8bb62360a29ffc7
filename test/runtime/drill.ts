/** A whole drill through the console: the same seed and keys give the same journal; what was pressed can be lived through again; the debrief comes by itself. */

import test from 'ava';
import {pathGoal} from '../../source/core/drill-pilot.ts';
import type {JournalEntry} from '../../source/core/ports.ts';
import {debriefNow} from '../../source/core/update-drill.ts';
import {openScenario, readScenario} from '../helpers/scenario-console.ts';

const played = async (name: string, seed: number): Promise<readonly JournalEntry[]> => {
	const scenario = readScenario(name);
	const drill = await openScenario(scenario, seed);
	for (let second = 0; second < 300 && drill.state().lastEnded === null; second++) {
		await drill.fly(state => second < 6 ? {kind: 'look'} : pathGoal(state, scenario.ideal.map(({action}) => action)));
	}

	await drill.play(3000);
	const entries = await drill.entries();
	await drill.close();
	return entries;
};

for (const name of ['pending-migration', 'bad-deploy-syntax', 'memory-leak']) {
	test(`${name}: the same seed and keys give the same journal, another seed another one`, async t => {
		const first = await played(name, 11);
		t.true(first.length > 8);
		t.deepEqual(await played(name, 11), first);
		t.notDeepEqual(await played(name, 12), first);
	});
}

test('the briefing lets every key through, is put away by Enter and Esc, and leads to the tour', async t => {
	const drill = await openScenario(readScenario('api-stopped'), 7, {isFirst: true});
	t.is(drill.state().view.overlay?.kind, 'briefing');
	await drill.play(3000);
	drill.press('U');
	t.is(drill.state().view.overlay?.kind, 'card', 'whoever knows what to do need not put the briefing away first');
	await drill.close();

	const other = await openScenario(readScenario('api-stopped'));
	other.press('t');
	t.deepEqual(other.state().view.overlay, {kind: 'tour', step: 0});
	other.press('enter', 'enter', 'right', 'left');
	t.deepEqual(other.state().view.overlay, {kind: 'tour', step: 2});
	t.is(other.state().view.focus, 'containers');
	other.press('enter', 'U');
	t.deepEqual(other.state().view.overlay, {kind: 'tour', step: 4}, 'no key of the tour does anything else');
	other.press('escape');
	t.is(other.state().view.overlay, null);
	t.is(other.state().runs.length, 0);
	await other.close();
});

test('the tour ends after its last step', async t => {
	const drill = await openScenario(readScenario('api-stopped'));
	drill.press('t', ...Array.from({length: 10}, () => 'enter'));
	t.is(drill.state().view.overlay, null);
	await drill.close();
});

test('the debrief opens when the incident is resolved, and tells the keys, the attempts and the cause\'s first appearance', async t => {
	const scenario = readScenario('api-stopped');
	const drill = await openScenario(scenario);
	for (let second = 0; second < 120 && drill.state().lastEnded === null; second++) {
		await drill.fly(state => second < 6 ? {kind: 'look'} : pathGoal(state, ['start-api']));
	}

	t.is(drill.state().view.overlay?.kind, 'debrief');
	const debrief = debriefNow(drill.state())!;
	t.is(debrief.outcome, 'resolved');
	t.deepEqual(debrief.attempts.map(({action, verdict, kind}) => [action, verdict, kind]), [['start-api', 'recovered', 'ideal']]);
	t.true(debrief.rightFindingMs !== null && debrief.rightFindingMs < 5000);
	t.true(debrief.keys >= 5);
	t.true(debrief.unused.includes('not-acknowledged'));
	await drill.close();
});

test('leaving after something was done shows the debrief first, and leaves at the second q; leaving at once just leaves', async t => {
	const drill = await openScenario(readScenario('missing-module'));
	await drill.play(3000);
	for (let second = 0; second < 20 && drill.state().runs.length === 0; second++) {
		await drill.fly(() => ({kind: 'action', action: 'start-api'}));
	}

	await drill.play(3000);
	drill.press('escape');
	drill.press('q');
	t.is(drill.state().view.overlay?.kind, 'debrief');
	t.false(drill.state().leaving);
	t.is(debriefNow(drill.state())!.outcome, 'down');
	t.is(debriefNow(drill.state())!.attempts[0]?.kind, 'wrong');
	drill.press('q', 'q');
	t.true(drill.state().leaving);
	await drill.close();

	const other = await openScenario(readScenario('missing-module'));
	await other.play(3000);
	other.press('q');
	t.true(other.state().leaving);
	await other.close();

	const looked = await openScenario(readScenario('unhealthy-they-say'));
	await looked.play(20_000);
	looked.press('q');
	t.is(looked.state().view.overlay?.kind, 'debrief', 'to have looked and changed nothing was the answer');
	t.is(debriefNow(looked.state())!.attempts.length, 0);
	await looked.close();

	const asked = await openScenario(readScenario('missing-module'));
	await asked.play(3000);
	for (let second = 0; second < 20 && asked.state().runs.length === 0; second++) {
		await asked.fly(() => ({kind: 'action', action: 'start-api'}));
	}

	asked.press('ctrl-c', 'y');
	t.true(asked.state().leaving, 'who says yes to leaving leaves');
	await asked.close();
});
