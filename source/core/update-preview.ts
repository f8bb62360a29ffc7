/**
What is looked up while a card is open: what would go, what is there, the last commits. Looks are asked once for a card's values, end with the card, and
come back as facts; choosing among commits and images is here too, since it needs what was found.
*/

import {keyOf, looksOf, noPreview} from './action-looks.ts';
import type {Action, ActionId, ActionWorld} from './actions.ts';
import type {Event, State} from './state.ts';
import {imageChoices} from './rollback-plans.ts';
import {withEffect, withState, withView, type Step} from './step.ts';
import type {Overlay} from './view.ts';

/** Where backups go unless the operator says otherwise: beside the journal where that is on a disk, else in the project. */
export const backupDirectoryOf = (state: State): string | null => {
	const {place} = state.journal;
	const directory = state.situation.project.facts?.directory ?? state.settings.directory;
	const beside = place === null || place.kind === 'memory' ? null : place.path.slice(0, Math.max(0, place.path.lastIndexOf('/')));
	return beside !== null && beside !== '' ? `${beside}/backups` : (directory === null ? null : `${directory}/backups`);
};

/** The part of a card's world that was looked up. */
export const lookedUp = (state: State, id: ActionId): Pick<ActionWorld, 'preview' | 'git' | 'history' | 'nowMs' | 'backupDirectory'> => ({
	preview: state.preview.action === id ? state.preview.preview : noPreview,
	git: state.git,
	history: state.history,
	nowMs: state.nowMs,
	backupDirectory: backupDirectoryOf(state),
});

type Resolved = {readonly action: Action; readonly values: Readonly<Record<string, string>>; readonly directory: string; readonly environment: Readonly<Record<string, string>>};

/** Asks for what the card needs to know; what was asked for the same values is not asked twice unless `again`. */
export const askPreview = (step: Step, {action, values, directory, environment}: Resolved, again: boolean): Step => {
	const {state} = step;
	if (state.situation.engine.state !== 'up') {
		return step;
	}

	const looks = looksOf(action, values, state.situation);
	const key = keyOf(looks);
	const before = state.preview.action === action.id ? state.preview.preview : noPreview;
	const isKnown = before.state !== 'unknown' && before.key === key && (before.state === 'asked' || !again);
	const looking = looks.length === 0 || isKnown
		? step
		: withEffect(withState(step, {preview: {action: action.id, preview: {state: 'asked', key}}}), {type: 'preview/look', action: action.id, key, looks, directory, environment});
	return askGit(looking, action, directory, again);
};

const askGit = (step: Step, action: Action, directory: string, again: boolean): Step => {
	const {git} = step.state;
	const wants = action.kind === 'rollback-commit' || action.kind === 'rollback-back';
	const isKnown = git.directory === directory && (git.asked || (!again && (git.facts !== null || git.failure !== null)));
	return !wants || directory === '' || isKnown
		? step
		: withEffect(withState(step, {git: {directory, asked: true, facts: git.directory === directory ? git.facts : null, failure: null}}), {type: 'git/look', directory});
};

type PreviewEvent = Extract<Event, {type: `preview/${string}` | `git/${string}`}>;

/** The state with what was found; whether the card changed. */
export const onPreviewEvent = (step: Step, event: PreviewEvent): {readonly step: Step; readonly changed: ActionId | null} => {
	const {state} = step;
	switch (event.type) {
		case 'preview/answered': {
			const {action, preview} = state.preview;
			const isOurs = action === event.action && preview.state === 'asked' && preview.key === event.key;
			return isOurs ? {step: withState(step, {preview: {action, preview: {state: 'known', key: event.key, answers: event.answers}}}), changed: action} : {step, changed: null};
		}

		case 'git/looked':
		case 'git/notLooked': {
			if (state.git.directory !== event.directory) {
				return {step, changed: null};
			}

			const {overlay} = state.view;
			const git = {directory: event.directory, asked: false, facts: event.type === 'git/looked' ? event.facts : null, failure: event.type === 'git/looked' ? null : event.failure};
			return {step: withState(step, {git}), changed: overlay?.kind === 'card' ? overlay.action : null};
		}
	}
};

/** A look that nobody waits for any more is ended. */
export const endPreview = (step: Step): Step => {
	const {overlay} = step.state.view;
	const isOpen = (overlay?.kind === 'card' || overlay?.kind === 'choice') && overlay.action === step.state.preview.action;
	return step.state.preview.preview.state !== 'asked' || isOpen
		? step
		: withEffect(withState(step, {preview: {action: null, preview: noPreview}}), {type: 'preview/stop'});
};

// ─── choosing ────────────────────────────────────────────────────────────────

/** The variable that a guided action lets choose; null for the others. */
export const choiceVariable = (action: Action): 'COMMIT' | 'IMAGE' | null => action.kind === 'rollback-commit' ? 'COMMIT' : (action.kind === 'rollback-image' ? 'IMAGE' : null);

type Chooseable = {readonly id: string; readonly isHere: boolean};

/** What can be chosen, in the order of the list, and what of it is in use now. */
export const choicesOf = (state: State, action: Action): readonly Chooseable[] => action.kind === 'rollback-commit'
	? (state.git.facts?.commits ?? []).map(({hash}) => ({id: hash, isHere: hash === state.git.facts?.head}))
	: imageChoices(action, {...lookedUp(state, action.id), situation: state.situation, settings: state.settings, tools: state.tools, drift: {state: 'unknown'}, readOnly: state.readOnly, running: []}).choices.map(({id, current}) => ({id, isHere: current}));

type Choice = Extract<Overlay, {kind: 'choice'}>;

const cursorIn = (choices: readonly Chooseable[], {cursor}: Choice): number => cursor ?? Math.max(0, choices.findIndex(({isHere}) => !isHere));

/** Where the cursor of the list stands. */
export const choiceCursor = (state: State, overlay: Choice, action: Action): number => cursorIn(choicesOf(state, action), overlay);

/** The list of commits or images, with a cursor. */
export const openChoice = (step: Step, id: ActionId): Step => withView(step, {overlay: {kind: 'choice', action: id, cursor: null}, prompt: null});

/** Moves the cursor; Enter answers with what stands there. */
export const onChoiceKey = (step: Step, overlay: Choice, action: Action, key: string, by: number | undefined): {readonly step: Step; readonly chosen: string | null} => {
	const choices = choicesOf(step.state, action);
	const cursor = cursorIn(choices, overlay);
	if (key === 'enter') {
		return {step, chosen: choices[cursor]?.id ?? null};
	}

	return {step: by === undefined ? step : withView(step, {overlay: {...overlay, cursor: Math.max(0, Math.min(choices.length - 1, cursor + by))}}), chosen: null};
};
