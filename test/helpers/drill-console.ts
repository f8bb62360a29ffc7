/** The console without a screen, on the simulator and a clock that the test owns. */

import {defaultSettings} from '../../source/core/settings.ts';
import type {Actor, CommandsPort} from '../../source/core/ports.ts';
import {initialState} from '../../source/core/update.ts';
import {createRunbooks} from '../../source/commands/runbooks.ts';
import {commandNames} from '../../source/messages/keys.ts';
import {createIncidentConsole} from '../../source/runtime/console.ts';
import {createSimulator, simulatedAlerts, type Scenario} from '../../source/simulator/simulator.ts';
import {createFakeClock} from './fake-clock.ts';

export const drillConsole = (options: {readonly scenario?: Scenario; readonly seed?: number; /** With the pretend Prometheus and Alertmanager. */ readonly alerts?: boolean; readonly composeTools?: CommandsPort['composeTools']} = {}) => {
	const clock = createFakeClock();
	const simulator = createSimulator({clock, seed: options.seed ?? 7, scenario: options.scenario ?? 'api-down', userAgent: 'mdc-console/0'});
	const said: string[] = [];
	const broken: unknown[] = [];
	const open = (actor: Actor = simulator.identity, journal = simulator.journal) => {
		const console = createIncidentConsole({
			ports: {...simulator, commands: options.composeTools === undefined ? simulator.commands : {...simulator.commands, composeTools: options.composeTools}, journal, clock, runbooks: createRunbooks({path: null, language: 'en'}), terminal: {bell() {
				said.push('bell');
			}, copy: () => true}},
			initial: initialState({
				nowMs: clock.nowMs(), version: '0', consoleId: actor.name, settings: {...defaultSettings, directory: simulator.directory, ...(options.alerts === true ? {alerts: simulatedAlerts} : {})}, actor, askActor: false,
				readOnly: false, drill: true, userAgent: 'mdc-console/0', size: {columns: 120, rows: 40}, commandNames: commandNames('en'),
			}),
			wantedProject: null,
			canPaint: () => true,
			quit() {
				said.push('quit');
			},
			suspend() {},
			broke(_name, error) {
				broken.push(error);
			},
		});
		console.start();
		const press = (...keys: readonly string[]): void => {
			for (const key of keys) {
				console.store.dispatch({type: 'key/pressed', key, alone: true, atMs: clock.nowMs()});
			}
		};

		return {
			...console,
			press,
			/** Opens a card, lets it be painted, and confirms it. */
			async act(key: string, action: string) {
				press(key);
				// Compose says what it would recreate, the card changes, and is painted anew.
				await clock.advance(3000);
				console.store.dispatch({type: 'card/painted', action, atMs: clock.nowMs()});
				await clock.advance(400);
				press('y');
				await clock.settle();
			},
		};
	};

	return {clock, simulator, said, broken, open};
};
