/**
The duties after an incident, on the screen: which incident they are of, marking one done or waived, and closing the incident when nothing is left.
They outlive the incident: as long as one is open, the console says so in one quiet line.
*/

import {dutiesOf, dutyCommand, openDuties, type Duty} from './duties.ts';
import {downMs, type Incident} from './incident.ts';
import {askKept} from './kept-texts.ts';
import {runbookOf} from './runbook-state.ts';
import type {State} from './state.ts';
import {flash, record, withView, type Step} from './step.ts';
import type {Overlay} from './view.ts';

/** Whose duties are looked at: the open incident's, else the last one's. A false alarm leaves none. */
export const dutyIncident = (state: State): Incident | null => {
	const incident = state.incident ?? state.lastEnded;
	return incident === null || incident.state === 'cancelled' ? null : incident;
};

export const dutiesNow = (state: State): readonly Duty[] => {
	const incident = dutyIncident(state);
	return incident === null ? [] : dutiesOf(incident.dutyTexts, incident.duties, downMs(incident, state.nowMs));
};

// After two weeks nobody is reminded any more: the list of incidents still says it.
const remindedForMs = 14 * 86_400_000;

/** How many duties of the last incident are open, for the reminder; 0 while an incident is open, and when it was long ago. */
export const dutiesToRemind = (state: State): number => {
	const {incident, lastEnded, nowMs} = state;
	return incident !== null || lastEnded === null || lastEnded.closedAtMs !== null || nowMs - (lastEnded.endedAtMs ?? 0) > remindedForMs ? 0 : openDuties(dutiesNow(state)).length;
};

type DutiesOverlay = Extract<Overlay, {kind: 'duties'}>;

export const openDutyList = (step: Step): Step => dutyIncident(step.state) === null
	? flash(step, 'no-duties')
	: withView(step, {overlay: {kind: 'duties', cursor: Math.max(0, dutiesNow(step.state).findIndex(({required, mark}) => required && mark === null))}});

const selected = (state: State, overlay: DutiesOverlay): Duty | null => dutiesNow(state)[overlay.cursor] ?? null;

/** The page that the command for the history has to be told: the shipped one has no file, so the team's own stands open. */
export const runbookToName = (state: State): string | null => state.settings.runbook === null ? runbookOf(state)?.path ?? 'FILE' : null;

/** The command that helps with the selected duty: what `c` copies. */
export const copiedCommand = (state: State, overlay: DutiesOverlay): string => {
	const [incident, duty] = [dutyIncident(state), selected(state, overlay)];
	return incident === null || duty === null ? '' : dutyCommand(duty.kind, incident.id, runbookToName(state)) ?? '';
};

/** A key in the list; null where it means nothing here. */
export const onDutiesKey = (step: Step, overlay: DutiesOverlay, key: string, by: number | undefined): Step | null => {
	const duty = selected(step.state, overlay);
	if (by !== undefined) {
		return withView(step, {overlay: {...overlay, cursor: Math.max(0, Math.min(dutiesNow(step.state).length - 1, overlay.cursor + by))}});
	}

	if (duty === null || (key !== 'x' && key !== 'w')) {
		return null;
	}

	if (duty.mark?.state === 'done' || (key === 'w' && duty.mark !== null)) {
		return flash(step, 'duty-settled', {name: duty.mark.by});
	}

	return askKept(step, key === 'x' ? 'duty-note' : 'duty-reason', dutyIncident(step.state)?.id ?? '', duty.id);
};

/** Journals what the person said. Done needs no words; waiving needs a reason. */
export const settleDuty = (step: Step, how: 'done' | 'waived', text: string): Step => {
	const {overlay} = step.state.view;
	const incident = dutyIncident(step.state);
	const duty = overlay?.kind === 'duties' ? selected(step.state, overlay) : null;
	if (incident === null || duty === null || (how === 'waived' && text === '')) {
		return step;
	}

	return record(step, {type: `duty/${how}`, incident: incident.id, data: how === 'done' ? {duty: duty.id, note: text} : {duty: duty.id, reason: text}});
};

/** An incident is closed when it has ended and nothing is left to do; the console that records facts says so, once. */
export const closeSettled = (step: Step): Step => {
	const {lastEnded} = step.state;
	if (lastEnded === null || lastEnded.state !== 'resolved' || lastEnded.closedAtMs !== null || Object.keys(lastEnded.duties).length === 0) {
		return step;
	}

	return openDuties(dutiesOf(lastEnded.dutyTexts, lastEnded.duties, downMs(lastEnded, step.state.nowMs))).length > 0
		? step
		: record(step, {type: 'incident/closed', incident: lastEnded.id, onceKey: `closed:${lastEnded.id}`, data: {}});
};
