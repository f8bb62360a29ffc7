/** A drill's scenario with the console on it, at top speed on the drill's own clock over a clock that never moves. */

import {readdirSync, readFileSync} from 'node:fs';
import {parseDrill} from '../../source/config/drill-file.ts';
import type {DrillScenario} from '../../source/core/drill.ts';
import {pilotKeys, type PilotGoal} from '../../source/core/drill-pilot.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import type {State} from '../../source/core/state.ts';
import {initialState} from '../../source/core/update.ts';
import {createRunbooks} from '../../source/commands/runbooks.ts';
import {serviceActionNames} from '../../source/messages/action-titles.ts';
import {commandNames} from '../../source/messages/keys.ts';
import {createIncidentConsole} from '../../source/runtime/console.ts';
import {simulatedAlerts} from '../../source/simulator/alerts-port.ts';
import {createDrillClock} from '../../source/simulator/drill-clock.ts';
import {createSimulator} from '../../source/simulator/simulator.ts';
import {storyLeadMs} from '../../source/simulator/story.ts';
import {createFakeClock, defaultStartMs} from './fake-clock.ts';

const directory = new URL('../../source/drills/', import.meta.url);

export const shippedNames: readonly string[] = readdirSync(directory).map(name => name.replace('.yaml', '')).toSorted();

/** A scenario as it stands in its file. */
export const readScenario = (name: string): DrillScenario => {
	const parsed = parseDrill(readFileSync(new URL(`${name}.yaml`, directory), 'utf8'), `${name}.yaml`, name);
	if (!parsed.ok) {
		throw new Error(JSON.stringify(parsed.problems));
	}

	return parsed.scenario;
};

/** What the pilot types where a reason is asked for. */
export const pilotReasons = {resolved: 'health is back', cancelled: 'false alarm'};

const settle = async (): Promise<void> => new Promise(resolve => {
	setImmediate(resolve);
});

export const openScenario = async (scenario: DrillScenario, seed = 7, {isFirst = false, size = {columns: 120, rows: 40}}: {readonly isFirst?: boolean; readonly size?: {readonly columns: number; readonly rows: number}} = {}) => {
	const lead = storyLeadMs(scenario);
	const clock = createDrillClock({base: createFakeClock(), startMs: defaultStartMs - lead});
	const simulator = createSimulator({clock, seed, story: scenario, userAgent: 'mdc-console/0'});
	clock.catchUp(lead);
	const broken: unknown[] = [];
	const runbooks = createRunbooks({path: null, language: 'en'});
	// Reading the page is no part of the drill's time.
	const page = await runbooks.read(null);
	const console = createIncidentConsole({
		ports: {...simulator, clock, runbooks: {read: async () => page, parse: runbooks.parse}, terminal: {bell() {}, copy: () => true}},
		initial: initialState({
			nowMs: clock.nowMs(), version: '0', consoleId: 'drill', settings: {...defaultSettings, directory: simulator.directory, alerts: simulatedAlerts}, actor: simulator.identity, askActor: false,
			readOnly: false, drill: true, drillRun: {scenario, seed, speed: 1, observed: false, earlier: [], isFirst}, userAgent: 'mdc-console/0', size, commandNames: commandNames('en'), serviceActionNames: serviceActionNames.en,
		}),
		wantedProject: null,
		canPaint: () => true,
		quit() {},
		suspend() {},
		broke(_name, error) {
			broken.push(error);
		},
	});
	console.start();
	const state = (): State => console.store.state();
	const press = (...keys: readonly string[]): void => {
		for (const key of keys) {
			console.store.dispatch({type: 'key/pressed', key, alone: true, atMs: clock.nowMs()});
		}
	};

	/** The open card was painted. */
	const paint = (): void => {
		const {overlay} = state().view;
		if (overlay?.kind === 'card' && overlay.paintedAtMs === null) {
			console.store.dispatch({type: 'card/painted', action: overlay.action, atMs: clock.nowMs()});
		}
	};

	/** A step of a second: what the screen would paint is painted, and the pilot presses its keys. */
	const fly = async (goal: (now: State) => PilotGoal): Promise<void> => {
		paint();
		press(...pilotKeys(state(), goal(state()), pilotReasons));
		await clock.play(1000, settle);
	};

	return {
		clock, simulator, state, press, broken, fly, paint,
		resize(columns: number, rows: number): void {
			console.store.dispatch({type: 'screen/resized', columns, rows});
		},
		play: async (ms: number) => clock.play(ms, settle),
		entries: async () => {
			await simulator.journal.open(simulator.project);
			const all = await simulator.journal.since(0);
			return all.ok ? all.value : [];
		},
		async close() {
			await console.stop();
			simulator.close();
		},
	};
};
