/** What the console knows of the drill that it is on: the scenario, the pace, what was pressed and looked at, and the journal that the debrief is made of. */

import type {Debrief, Looked} from './debrief.ts';
import type {DrillScenario} from './drill.ts';
import type {JournalEntry} from './ports.ts';

export type DrillSituation = {
	readonly scenario: DrillScenario;
	readonly seed: number;
	readonly speed: number;
	/** The console solves it by itself. */
	readonly observed: boolean;
	readonly openedAtMs: number;
	readonly keys: number;
	/** The last keys that were pressed by whoever solves it by itself: shown, so that it can be learnt from. */
	readonly shown: readonly string[];
	readonly looked: readonly Looked[];
	readonly entries: readonly JournalEntry[];
	readonly earlier: readonly Debrief[];
	readonly isDebriefed: boolean;
	/** Nobody has ever drilled here: the tour is offered. */
	readonly isFirst: boolean;
};

export type DrillStart = Pick<DrillSituation, 'scenario' | 'seed' | 'speed' | 'observed' | 'earlier' | 'isFirst'>;

export const beginDrill = (start: DrillStart, openedAtMs: number): DrillSituation => ({...start, openedAtMs, keys: 0, shown: [], looked: [], entries: [], isDebriefed: false});

/** The steps of the tour, each about one part of the screen. */
export const tourSteps = ['welcome', 'header', 'containers', 'health', 'host', 'diagnosis', 'log', 'card', 'incident', 'help'] as const;
export type TourStep = typeof tourSteps[number];
