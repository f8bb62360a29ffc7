/** What a drill costs: from the program's start to its first frame, and an hour of a scenario at top speed, the world by itself and with the whole console on it. */

import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {stripVTControlCharacters} from 'node:util';
import {createDrillClock} from '../../source/simulator/drill-clock.ts';
import {createSimulator} from '../../source/simulator/simulator.ts';
import {storyLeadMs} from '../../source/simulator/story.ts';
import {createFakeClock, defaultStartMs} from '../helpers/fake-clock.ts';
import {openScenario, readScenario} from '../helpers/scenario-console.ts';
import {openTerminal} from '../helpers/terminal.ts';

const program = path.join(fileURLToPath(new URL('../..', import.meta.url)), 'bin/mdc-console.js');
const hourMs = 3_600_000;
const pause = async (ms: number): Promise<void> => new Promise(resolve => {
	setTimeout(resolve, ms);
});

/** Milliseconds of each start, the first (which fills Node's cache of compiled code) left out. */
export const drillStarts = async (runs: number): Promise<readonly number[]> => {
	const found: number[] = [];
	for (let run = 0; run <= runs; run++) {
		const began = performance.now();
		const terminal = await openTerminal(process.execPath, [program, 'drill', 'bad-deploy-500', '--seed', '7'], {columns: 120, rows: 40, env: {NODE_ENV: 'production', NODE_COMPILE_CACHE: undefined}});
		while (!/DRILL[\s\S]*status 500[\s\S]*You were paged/.test(stripVTControlCharacters(terminal.received()))) {
			await pause(3);
		}

		if (run > 0) {
			found.push(performance.now() - began);
		}

		await pause(1500);
		await terminal.press('q');
		await terminal.exited;
		await terminal.close();
	}

	return found;
};

/** The hour of the pretend server, every service's log read as it comes. */
export const worldHour = (name: string): number => {
	const scenario = readScenario(name);
	const lead = storyLeadMs(scenario);
	const clock = createDrillClock({base: createFakeClock(), startMs: defaultStartMs - lead});
	const simulator = createSimulator({clock, seed: 7, story: scenario});
	const began = performance.now();
	clock.catchUp(lead + hourMs);
	const took = performance.now() - began;
	simulator.close();
	return took;
};

/** The same with the console looking on: pings every two seconds, metrics, logs, diagnosis. */
export const consoleHour = async (name: string): Promise<number> => {
	const drill = await openScenario(readScenario(name));
	const began = performance.now();
	await drill.play(hourMs);
	const took = performance.now() - began;
	await drill.close();
	return took;
};
