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
