/** Golden screens of a drill's own overlays, of a drill on a clock that stands still. UPDATE_GOLDEN=1 writes them anew; look at the difference before you keep it. */

import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {pathGoal} from '../../source/core/drill-pilot.ts';
import type {Language} from '../../source/messages/language.ts';
import {composeScreen} from '../fixtures/compose-screen.ts';
import {openScenario, readScenario} from '../helpers/scenario-console.ts';

type Golden = {readonly name: string; readonly size: readonly [number, number]; readonly language: Language; readonly show: 'briefing' | 'tour' | 'debrief'; readonly step?: number};

const goldens: readonly Golden[] = [
	{name: 'drill-briefing-80x24-pt', size: [80, 24], language: 'pt-BR', show: 'briefing'},
	{name: 'drill-briefing-120x40', size: [120, 40], language: 'en', show: 'briefing'},
	{name: 'drill-briefing-60x15', size: [60, 15], language: 'en', show: 'briefing'},
	{name: 'drill-tour-diagnosis-80x24-pt', size: [80, 24], language: 'pt-BR', show: 'tour', step: 5},
	{name: 'drill-tour-log-120x40', size: [120, 40], language: 'en', show: 'tour', step: 6},
	{name: 'drill-tour-header-60x15-pt', size: [60, 15], language: 'pt-BR', show: 'tour', step: 1},
	{name: 'drill-debrief-80x24-pt', size: [80, 24], language: 'pt-BR', show: 'debrief'},
	{name: 'drill-debrief-120x40', size: [120, 40], language: 'en', show: 'debrief'},
];

for (const {name, size: [columns, rows], language, show, step = 0} of goldens) {
	test(`the screen ${name} looks as it was judged`, async t => {
		const drill = await openScenario(readScenario('api-stopped'), 7, {isFirst: true, size: {columns, rows}});
		await drill.play(5000);
		if (show === 'tour') {
			drill.press('t', ...Array.from({length: step}, () => 'enter'));
		}

		for (let second = 0; show === 'debrief' && second < 120 && drill.state().lastEnded === null; second++) {
			await drill.fly(state => pathGoal(state, ['start-api']));
		}

		const drawn = `${composeScreen(drill.state(), language).map(row => row.trimEnd()).join('\n')}\n`;
		await drill.close();
		const file = path.join(import.meta.dirname, 'golden', `${name}.txt`);
		if (process.env['UPDATE_GOLDEN'] === '1') {
			writeFileSync(file, drawn);
		}

		t.is(drawn, readFileSync(file, 'utf8'));
	});
}

/** Keys that put something over the screen or enlarge a pane, each from the main screen. */
const ways: ReadonlyArray<readonly string[]> = [
	[], ['?'], [':'], ['i'], ['e'], ['e', 'j', 'enter'], ['d'], ['r'], ['1'], ['0'], ['U'], ['K'], ['enter'], ['m'], ['/'], ['z'], ['tab', 'z'], ['tab', 'tab', 'z'], ['tab', 'tab', 'tab', 'enter'], ['tab', 'tab', 'tab', 'tab', 'z'], ['t'], ['ctrl-c'], ['i', 'v'], ['i', 'p'], ['a', 's'],
];

for (const [columns, rows] of [[120, 40], [80, 24], [60, 15]] as const) {
	test(`at ${columns}×${rows} every screen of a drill says that it is one, whatever lies over it`, async t => {
		const drill = await openScenario(readScenario('bad-deploy-500'), 7, {size: {columns, rows}});
		await drill.play(3000);
		for (const keys of ways) {
			drill.press('escape', 'escape', 'escape');
			drill.press(...keys);
			await drill.play(500);
			for (const [language, mark] of [['en', ' DRILL '], ['pt-BR', ' SIMULADO ']] as const) {
				t.true(composeScreen(drill.state(), language)[0]!.startsWith(mark), `${keys.join(' ')}: ${composeScreen(drill.state(), language)[0]!}`);
			}
		}

		await drill.close();
	});
}

test('where the terminal is too small the sentence says that it is a drill, and q leaves at once', async t => {
	for (const [columns, rows, en, portuguese] of [[50, 10, 'DRILL: The terminal is 50×10', 'SIMULADO: O terminal tem 50×10'], [12, 4, 'DRILL ', 'SIMULADO ']] as const) {
		const drill = await openScenario(readScenario('api-stopped'), 7, {size: {columns: 80, rows: 24}});
		await drill.play(3000);
		for (let second = 0; second < 30 && drill.state().runs.length === 0; second++) {
			await drill.fly(() => ({kind: 'action', action: 'start-api'}));
		}

		drill.resize(columns, rows);
		t.true(composeScreen(drill.state(), 'en')[0]!.startsWith(en), composeScreen(drill.state(), 'en').join('\n'));
		t.true(composeScreen(drill.state(), 'pt-BR')[0]!.startsWith(portuguese));
		drill.press('U', 'y');
		t.is(drill.state().runs.length, 1, 'a key that cannot be seen does nothing');
		drill.press('q');
		t.true(drill.state().leaving, 'a debrief that could not be read here is told on the normal screen');
		await drill.close();
	}
});
