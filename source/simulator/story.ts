/** A scenario told to the world: each of its events at its moment, those before the console's opening at top speed. */

import type {DrillEvent, DrillScenario} from '../core/drill.ts';
import {leadMsOf} from '../core/drill.ts';
import {deploy, edit} from './things.ts';
import type {World} from './world-types.ts';

/** Plans every event. The world's clock must stand as far before the opening as the story begins (`storyLeadMs`). */
export const tellStory = (world: World, scenario: DrillScenario): void => {
	const lead = storyLeadMs(scenario);
	for (const event of scenario.events) {
		world.after(lead + event.atMs, () => {
			happen(world, event);
		});
	}
};

/** A moment of quiet before the first event. */
const quietMs = 60_000;

/** How long before the opening the world has to begin. */
export const storyLeadMs = (scenario: DrillScenario): number => leadMsOf(scenario) + quietMs;

const happen = (world: World, event: DrillEvent): void => {
	switch (event.type) {
		case 'fault': {
			world.break(event.fault);
			break;
		}

		case 'heal': {
			world.heal(event.kind);
			break;
		}

		case 'deploy': {
			deploy(world, event.deploy);
			break;
		}

		case 'edit': {
			edit(world, event.path);
			break;
		}
	}
};
