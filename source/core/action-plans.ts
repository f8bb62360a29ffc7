/**
What each kind of action does, as steps: the commands, in the order in which they hurt least. Pure; the words of compose are given, and what a
plan needs to know of the server was looked up before (`Preview`).
*/

import type {Action, ActionWorld} from './actions.ts';
import type {Trouble} from './action-troubles.ts';

/** What was looked up for a card. */
export type Preview = {readonly state: 'unknown' | 'asked'} | {readonly state: 'known'; readonly answers: Readonly<Record<string, PreviewAnswer>>};

/** What one look gave: its text, or why it gave none. */
export type PreviewAnswer = {readonly ok: true; readonly text: string} | {readonly ok: false; readonly detail: string};

export type Plan = {
	readonly steps: readonly string[];
	/** Variables that the plan itself worked out, named `MDC_…`. */
	readonly values: Readonly<Record<string, string>>;
	/** It calls `up`. */
	readonly recreates: boolean;
	readonly needsCompose: boolean;
	/** The word that arms it, where it is not the service or the project. */
	readonly target: string | null;
	readonly troubles: readonly Trouble[];
};

const blank: Plan = {steps: [], values: {}, recreates: false, needsCompose: true, target: null, troubles: []};

/** The plan of a shipped action; a card has its own text. */
export const planOf = (action: Action, world: ActionWorld & {readonly words: readonly string[]}): Plan => {
	const compose = world.words.join(' ');
	switch (action.kind) {
		case 'start': {
			return {...blank, steps: [`${compose} up -d ${action.service}`], recreates: true};
		}

		case 'restart': {
			return {...blank, steps: [`${compose} restart ${action.service}`]};
		}

		default: {
			return {...blank, needsCompose: false, recreates: /\bup\s/.test(action.original) && action.risk !== 'read'};
		}
	}
};
