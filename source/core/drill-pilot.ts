/**
Whoever solves a drill by itself presses keys as a person does: which keys come next, from what is on the screen. Pure; used by `drill --observe`, which follows
the diagnosis' first action, and by the tests, which follow a scenario's ideal path.
*/

import {actions} from './actions.ts';
import {actionOf, matchCommands, paletteNames, type PaletteId} from './palette.ts';
import {keyOf} from './diagnosis/types.ts';
import {confirmAfterMs, standing} from './screen.ts';
import {healthOf} from './situation.ts';
import type {State} from './state.ts';
import {choiceCursor, choicesOf} from './update-preview.ts';
import {actionNow, resolvedNow} from './update-runs.ts';
import type {Overlay} from './view.ts';

/** What the pilot is after: an action, the end of the incident (healthy again, or a false alarm), or only to look on. */
export type PilotGoal = {readonly kind: 'action'; readonly action: string} | {readonly kind: 'resolve' | 'cancel' | 'look'};

const nothing: readonly string[] = [];

/** What is typed where a reason is asked for. */
export type PilotReasons = {readonly resolved: string; readonly cancelled: string};

/** The keys to press now, in order; empty: wait. */
export const pilotKeys = (state: State, goal: PilotGoal, reasons: PilotReasons): readonly string[] => {
	const {prompt, overlay} = state.view;
	if (prompt !== null) {
		return answerPrompt(state, reasons);
	}

	if (goal.kind === 'action') {
		return overlay === null ? openKeys(state, goal.action) : keysIn(state, overlay, goal.action);
	}

	if (goal.kind === 'look') {
		return overlay === null || overlay.kind === 'run' ? nothing : ['escape'];
	}

	if (overlay !== null && overlay.kind !== 'incident') {
		return ['escape'];
	}

	return overlay === null ? ['i'] : (state.incident === null ? (goal.kind === 'cancel' ? ['o'] : ['escape']) : [goal.kind === 'cancel' ? 'c' : 'x']);
};

const answerPrompt = (state: State, reasons: PilotReasons): readonly string[] => {
	const {prompt, overlay} = state.view;
	switch (prompt?.purpose) {
		case 'confirm-target': {
			return overlay?.kind === 'card' ? [...resolvedNow(state, overlay.action).target, 'enter'] : ['escape'];
		}

		case 'card-value': {
			return prompt.text === '' ? ['escape'] : ['enter'];
		}

		case 'resolve-reason': {
			return [...reasons.resolved, 'enter'];
		}

		case 'cancel-reason': {
			return [...reasons.cancelled, 'enter'];
		}

		case 'actor': {
			return [...state.actor.name, 'enter'];
		}

		default: {
			return ['escape'];
		}
	}
};

/** The action's key; by its name in the palette where it has none. */
const openKeys = (state: State, id: string): readonly string[] => {
	const command = actions.find(action => action.id === id)?.command ?? null;
	const key = command === null ? undefined : state.bindings.find(binding => binding.command === command)?.keys[0];
	if (key !== undefined) {
		return [key];
	}

	const names = paletteNames(state);
	const [palette, name = ''] = (Object.entries(names) as ReadonlyArray<readonly [PaletteId, string]>).find(([other]) => actionOf(other) === id || other === command) ?? [];
	return palette !== undefined && matchCommands(names, name)[0] === palette ? [':', ...name, 'enter'] : nothing;
};

const keysIn = (state: State, overlay: Overlay, wanted: string): readonly string[] => {
	switch (overlay.kind) {
		case 'choice': {
			return overlay.action === wanted ? chooseBefore(state, overlay) : ['escape'];
		}

		case 'card': {
			if (overlay.action !== wanted) {
				return ['escape'];
			}

			const blocking = resolvedNow(state, overlay.action).troubles.find(({blocks}) => blocks);
			const isReady = overlay.paintedAtMs !== null && state.nowMs - overlay.paintedAtMs >= confirmAfterMs + 1000;
			return (blocking === undefined && isReady) || blocking?.code === 'variable-missing' ? ['y'] : nothing;
		}

		case 'run': {
			const run = state.runs.find(({id}) => id === overlay.id);
			return run === undefined || run.phase === 'done' || run.phase === 'refused' ? ['escape'] : nothing;
		}

		default: {
			return ['escape'];
		}
	}
};

/** The commit before the one that is checked out; the newest image that is not the one that runs. */
const chooseBefore = (state: State, overlay: Extract<Overlay, {kind: 'choice'}>): readonly string[] => {
	const action = actionNow(state, overlay.action);
	const choices = action === null ? [] : choicesOf(state, action);
	const here = choices.findIndex(({isHere}) => isHere);
	const at = action?.kind === 'rollback-commit' ? here + 1 : choices.findIndex(({isHere}) => !isHere);
	if (action === null || choices.length < 2 || at < 0 || (action.kind === 'rollback-commit' && here < 0)) {
		return nothing;
	}

	const by = at - choiceCursor(state, overlay, action);
	return [...Array.from({length: Math.abs(by)}, () => by > 0 ? 'j' : 'k'), 'enter'];
};

const isActive = (state: State): boolean => state.runs.some(({phase}) => phase === 'claiming' || phase === 'running' || phase === 'verifying');

/** How long a finding is looked at before something is done about it, and how long an action that is verified by its exit code may take to help. */
const readMs = 4000;
const helpMs = 15_000;
/** After so long a look at a healthy server the alarm was a false one. */
const lookedMs = 45_000;

/** What follows the diagnosis: the first action of the first finding that was not tried in vain; when all is well again, the end. */
export const observerGoal = (state: State, hasCure: boolean): PilotGoal => {
	const isWell = standing(state) === 'watching' && state.suspectedSinceMs === null;
	if (isActive(state)) {
		return {kind: 'look'};
	}

	if (isWell) {
		return {kind: 'resolve'};
	}

	const isFalse = !hasCure && standing(state) !== 'suspected' && (state.incident?.openedBy === 'key' || (state.incident === null && healthOf(state.situation) === 'healthy' && state.nowMs - state.openedAtMs > lookedMs));
	if (isFalse) {
		return {kind: 'cancel'};
	}

	const last = state.runs.at(-1);
	const [first] = state.findings;
	const isRead = first !== undefined && state.nowMs - (state.lasting.raised[keyOf(first)]?.raisedAtMs ?? state.openedAtMs) >= readMs;
	const isWaiting = last?.verdict === 'done' && state.nowMs - (last.verdictAtMs ?? 0) < helpMs;
	if (!hasCure || first === undefined || first.weight !== 'outage' || !isRead || isWaiting) {
		return {kind: 'look'};
	}

	const tried = new Set(state.runs.filter(({verdict}) => verdict !== null && verdict !== 'recovered').map(({action}) => action));
	const action = first.actions.find(id => !tried.has(id) && actionNow(state, id) !== null);
	return action === undefined ? {kind: 'look'} : {kind: 'action', action};
};

const againAfterMs = 30_000;

/** What follows a path: its actions one after the other, then the end. */
export const pathGoal = (state: State, path: readonly string[]): PilotGoal => {
	if (isActive(state)) {
		return {kind: 'look'};
	}

	const isWell = standing(state) === 'watching' && state.suspectedSinceMs === null;
	const done = state.runs.filter(({phase}) => phase === 'done').length;
	// The last step is taken again when it did not help: what stood in its way may be over by then.
	const isDue = done < path.length || state.nowMs - (state.runs.at(-1)?.verdictAtMs ?? 0) >= againAfterMs;
	const next = isDue ? path[Math.min(done, path.length - 1)] : undefined;
	return isWell ? {kind: 'resolve'} : (next === undefined ? {kind: 'look'} : {kind: 'action', action: next});
};
