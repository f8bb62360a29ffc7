/**
One drill on the screen: the simulated server with its story, the drill's own clock, and who presses the keys: a person, the console itself, or a recording
that is lived through again at top speed. Hides how all of them become the same events.
*/

import type {DrillScenario} from '../../core/drill.ts';
import type {Clock} from '../../core/ports.ts';
import {observerGoal, pilotKeys, type PilotReasons} from '../../core/drill-pilot.ts';
import type {Event} from '../../core/state.ts';
import type {Store} from '../../runtime/store.ts';
import {createDrillClock, type DrillClock} from '../../simulator/drill-clock.ts';
import {createSimulator, type Simulator} from '../../simulator/simulator.ts';
import {storyLeadMs} from '../../simulator/story.ts';
import type {DrillRecords, OpenStep, OutsideEvent} from './records.ts';

export type DrillSession = {
	readonly clock: DrillClock;
	readonly simulator: Simulator;
	/** Sets the time going, after what was recorded has been lived through; the store that the screen works with. */
	begin(store: Store, steps: readonly OpenStep[]): Promise<Store>;
	/** Notes how far it has come, for whoever resumes it. */
	noteTime(): void;
	stop(): void;
};

export type SessionOptions = {
	readonly base: Clock;
	readonly scenario: DrillScenario;
	readonly seed: number;
	readonly speed: number;
	readonly openedAtMs: number;
	readonly observed: boolean;
	readonly userAgent: string;
	readonly records: DrillRecords;
	readonly reasons: PilotReasons;
};

const outside: ReadonlySet<Event['type']> = new Set<Event['type']>(['key/pressed', 'text/pasted', 'card/painted', 'screen/resized']);

const settle = async (): Promise<void> => new Promise(resolve => {
	setImmediate(resolve);
});

export const createDrillSession = (options: SessionOptions): DrillSession => {
	const {base, scenario, seed, speed, openedAtMs, userAgent, records} = options;
	const lead = storyLeadMs(scenario);
	const clock = createDrillClock({base, startMs: openedAtMs - lead});
	const simulator = createSimulator({clock, seed, story: scenario, userAgent});
	clock.catchUp(lead);
	let stopPilot = (): void => undefined;
	let stopBeat = (): void => undefined;

	const replay = async (store: Store, steps: readonly OpenStep[]): Promise<void> => {
		await runbookRead(store, base);
		// The frame of then was out when its keys were pressed.
		store.dispatch({type: 'screen/drawn'});
		for (const {afterMs, event} of steps) {
			await clock.play(Math.max(0, lead + afterMs - clock.elapsedMs()), settle);
			if (event !== null) {
				store.dispatch(event);
			}
		}

		await settle();
	};

	const noteTime = (): void => {
		records.note({afterMs: clock.elapsedMs() - lead, event: null});
	};

	return {
		clock,
		simulator,
		noteTime,
		async begin(store, steps) {
			if (steps.length > 0) {
				await replay(store, steps);
			}

			// Not before somebody can see it: at sixty times the pace, loading the screen would take half a minute of the drill.
			clock.run(1);
			const beat = (): void => {
				noteTime();
				stopBeat = base.after(beatMs, beat);
			};

			stopBeat = base.after(beatMs, beat);
			const recorded: Store = {
				...store,
				dispatch(event) {
					if (outside.has(event.type)) {
						records.note({afterMs: clock.elapsedMs() - lead, event: event as OutsideEvent});
					}

					store.dispatch(event);
					if (event.type === 'screen/drawn') {
						clock.run(speed);
					}
				},
			};
			stopPilot = options.observed ? fly(recorded, {base, clock, hasCure: scenario.ideal.length > 0, reasons: options.reasons}) : stopPilot;
			return recorded;
		},
		stop() {
			stopPilot();
			stopBeat();
			simulator.close();
		},
	};
};

/** How much of a drill that was killed may be lost; one whose line was lost notes its last moment. */
const beatMs = 1000;

const runbookWithinMs = 2000;

/** The page comes from the disk, in the machine's time: what was pressed on it needs it to be there. */
const runbookRead = async (store: Store, base: Clock): Promise<void> => {
	for (const endMs = base.monotonicMs() + runbookWithinMs; store.state().runbook.runbooks.length === 0 && base.monotonicMs() < endMs;) {
		await new Promise<void>(resolve => {
			base.after(5, resolve);
		});
	}
};

/** The time to read the briefing, between two keys, and between two letters. */
const briefingMs = 5000;
const keyMs = 700;
const letterMs = 90;

/** Presses the keys that the diagnosis suggests, at a pace at which one can follow. */
const fly = (store: Store, {base, clock, hasCure, reasons}: {readonly base: Clock; readonly clock: Clock; readonly hasCure: boolean; readonly reasons: PilotReasons}): (() => void) => {
	const queue: string[] = [];
	let stop = (): void => undefined;
	const step = (): void => {
		const state = store.state();
		if (state.lastEnded !== null || state.leaving) {
			return;
		}

		if (queue.length === 0) {
			queue.push(...pilotKeys(state, observerGoal(state, hasCure), reasons));
		}

		const key = queue.shift();
		if (key !== undefined) {
			store.dispatch({type: 'key/pressed', key, alone: true, atMs: clock.nowMs()});
		}

		stop = base.after(queue.length > 0 ? letterMs : keyMs, step);
	};

	stop = base.after(briefingMs, step);
	return () => {
		stop();
	};
};
