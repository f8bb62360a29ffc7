/**
What is special about a drill: its briefing and its tour, keys counted, the debrief when the incident ends or the operator leaves. Follows after everything else;
a console on a real server never comes here.
*/

import {debriefOf, type Debrief} from './debrief.ts';
import {tourSteps, type DrillSituation} from './drill-run.ts';
import type {PaneId} from './layout.ts';
import {layoutOf} from './screen.ts';
import type {Event, State} from './state.ts';
import {withState, withView, type Step} from './step.ts';
import type {Overlay} from './view.ts';

const shownKeys = 6;

/** The drill after an event: what was pressed, looked at and recorded, and whether it is time for the debrief. */
export const followDrill = (before: State, step: Step, event: Event): Step => {
	const {drillRun} = step.state;
	if (drillRun === null) {
		return step;
	}

	const noted = withState(step, {drillRun: noteEvent(drillRun, step.state, event)});
	const hasEnded = before.lastEnded?.id !== step.state.lastEnded?.id && step.state.lastEnded !== null;
	// Who was asked whether to leave, and said yes, has the debrief on the normal screen.
	const isAsked = before.view.overlay?.kind === 'quit';
	// On a terminal that is too small it could not be seen here either.
	const isLeavingUntold = step.state.leaving && !before.leaving && !isAsked && !drillRun.isDebriefed && layoutOf(step.state).kind !== 'too-small' && isWorthDebrief(noted.state);
	if (!hasEnded && !isLeavingUntold) {
		return noted;
	}

	const shown = withView(withState(noted, {leaving: false, drillRun: {...noted.state.drillRun!, isDebriefed: true}}), {overlay: {kind: 'debrief', scroll: 0}, prompt: null, flash: null});
	return isLeavingUntold ? {...shown, effects: shown.effects.filter(({type}) => type !== 'console/quit')} : shown;
};

/** To have looked for so long and to have left everything as it was is an answer, where it is the right one. */
const lookedMs = 15_000;

/** Something was done, or something ended, or rightly nothing was: there is something to talk about. */
export const isWorthDebrief = ({runs, lastEnded, drillRun, nowMs}: State): boolean =>
	drillRun !== null && (runs.length > 0 || lastEnded !== null || (drillRun.scenario.ideal.length === 0 && nowMs - drillRun.openedAtMs >= lookedMs));

const noteEvent = (drill: DrillSituation, state: State, event: Event): DrillSituation => {
	const kind = state.view.overlay?.kind;
	const looked = kind === undefined || drill.looked.some(one => one.kind === kind) ? drill.looked : [...drill.looked, {kind, atMs: state.nowMs}];
	switch (event.type) {
		case 'key/pressed': {
			return {...drill, looked, keys: drill.keys + 1, shown: drill.observed ? [...drill.shown, event.key].slice(-shownKeys) : drill.shown};
		}

		case 'journal/stored': {
			return {...drill, looked, entries: [...drill.entries, ...event.entries]};
		}

		default: {
			return looked === drill.looked ? drill : {...drill, looked};
		}
	}
};

/** The debrief as things are; null outside a drill. */
export const debriefNow = (state: State): Debrief | null => {
	const drill = state.drillRun;
	if (drill === null) {
		return null;
	}

	const pending = state.pending.map((draft, index) => ({sequence: Number.MAX_SAFE_INTEGER - state.pending.length + index, atMs: draft.atMs, monotonicMs: 0, bootId: '', actor: draft.actor ?? state.actor, incident: draft.incident, type: draft.type, data: draft.data}));
	const {scenario, seed, speed, observed, openedAtMs, keys, looked, entries} = drill;
	return debriefOf({scenario, seed, speed, observed, openedAtMs, keys, looked, entries: [...entries, ...pending], operator: state.actor.name, nowMs: state.nowMs, escalateAfterMs: state.settings.escalation.afterMs});
};

/** About how many lines the debrief takes, with its headings and what is wrapped. */
export const debriefLines = (state: State): number => {
	const debrief = debriefNow(state);
	const isNarrow = state.view.size.columns < 100;
	if (debrief === null) {
		return 0;
	}

	const {moments, attempts, questions, scenario, phases, ideal, unused} = debrief;
	const told = moments.length + (attempts.filter(({why}) => why !== null).length * 2);
	return Math.ceil(((isNarrow ? 40 : 34) + phases.length + ideal.length + ((told + unused.length) * (isNarrow ? 1.2 : 1)) + ((questions.length + scenario.questions.length) * (isNarrow ? 2.2 : 1.6))));
};

type DrillOverlay = Extract<Overlay, {kind: 'briefing' | 'tour'}>;

/** A key on the briefing or in the tour; null: it is meant for the screen below. */
export const onDrillOverlayKey = (step: Step, overlay: DrillOverlay, key: string): Step | null => {
	if (overlay.kind === 'briefing') {
		const closed = withView(step, {overlay: null});
		return key === 't' ? showTour(closed, 0) : (key === 'escape' || key === 'enter' || key === ' ' ? closed : null);
	}

	if (key === 'escape' || key === 'q') {
		return withView(step, {overlay: null, focus: 'containers'});
	}

	const by = key === 'left' || key === 'backspace' || key === 'k' || key === 'up' ? -1 : 1;
	const next = overlay.step + by;
	return next >= tourSteps.length ? withView(step, {overlay: null, focus: 'containers'}) : showTour(step, Math.max(0, next));
};

const focusOf: Readonly<Partial<Record<typeof tourSteps[number], PaneId>>> = {containers: 'containers', health: 'health', host: 'host', diagnosis: 'diagnosis', log: 'log', card: 'diagnosis'};

const showTour = (step: Step, index: number): Step =>
	withView(step, {overlay: {kind: 'tour', step: index}, focus: focusOf[tourSteps[index]!] ?? 'containers', enlarged: false});
