/**
Every scenario that ships, with the console on it at top speed: left alone it stays broken and the first finding is the right one; the ideal path, by the same
keys, brings health back in its time and the incident to its end.
*/
import test from 'ava';
import {pathGoal} from '../../source/core/drill-pilot.ts';
import {healthOf} from '../../source/core/situation.ts';
import {openScenario, readScenario, shippedNames} from '../helpers/scenario-console.ts';

/** These end by themselves, and the right thing is to wait. */
const endByThemselves = new Set(['database-recovery', 'moved-machine']);
/** No incident opens by itself: it is opened by hand, and cancelled as the false alarm that it is. */
const neverOpened = new Set(['unhealthy-they-say', 'moved-machine']);

for (const name of shippedNames) {
	test(`${name}: left alone it stays as it is, and the first finding is the right one`, async t => {
		const scenario = readScenario(name);
		const drill = await openScenario(scenario);
		await drill.play(12_000);
		const [first] = drill.state().findings;
		const seen = drill.state().findings.map(finding => [finding.code, finding.service, finding.weight]);
		t.deepEqual([first?.code, first?.service ?? null, first?.scenario ?? first?.outside], [scenario.expects.finding, scenario.expects.service, scenario.page] as never, JSON.stringify(seen));
		await drill.play(300_000);
		const health = healthOf(drill.state().situation);
		t.is(health, endByThemselves.has(name) || neverOpened.has(name) ? 'healthy' : 'unhealthy');
		t.deepEqual(drill.broken, []);
		await drill.close();
	});

	test(`${name}: the ideal path ends it in its time`, async t => {
		const scenario = readScenario(name);
		const drill = await openScenario(scenario);
		const path = scenario.ideal.map(({action}) => action);
		const openedAtMs = drill.clock.nowMs();
		let healthyAtMs = 0;
		const isFalse = neverOpened.has(name);
		for (let second = 0; second < 900 && drill.state().lastEnded === null; second++) {
			await drill.fly(state => isFalse && second > 40 ? {kind: 'cancel'} : (second < 6 ? {kind: 'look'} : pathGoal(state, path)));
			healthyAtMs = healthOf(drill.state().situation) === 'healthy' ? healthyAtMs || drill.clock.nowMs() : 0;
		}

		const ended = drill.state().lastEnded;
		t.is(ended?.state, isFalse ? 'cancelled' : 'resolved', JSON.stringify(drill.state().runs.map(run => [run.action, run.verdict, run.exitCode])));
		t.deepEqual([...new Set(drill.state().runs.map(({action}) => action))], path);
		const last = scenario.ideal.at(-1);
		t.true(last === undefined || healthyAtMs - openedAtMs <= last.withinMs, `${(healthyAtMs - openedAtMs) / 1000} s`);
		t.deepEqual(drill.broken, []);
		await drill.close();
	});
}
