/**
Who works on an incident: who is here now, who has the lead, and what a person was typing when her line was cut. Presence and typed text come and go; only
the lead is part of the record.
*/

import type {Incident} from './incident.ts';
import type {Presence} from './ports.ts';
import type {State} from './state.ts';
import {flash, record, withEffect, withView, type Step} from './step.ts';
import {makeSafe} from './text.ts';

/** The other people who look at this project now, each once, whoever came first. */
export const othersHere = (state: State): readonly Presence[] => {
	const others = state.journal.present.filter(({isMe, name}) => !isMe && name !== state.actor.name);
	return others.filter((one, index) => others.findIndex(({name}) => name === one.name) === index);
};

/** Who leads: who took it last, else who acknowledged. */
export const leadOf = (incident: Incident): string | null => incident.lead ?? incident.acknowledgedBy;

/** Takes the lead over; who has it already says so. On a shared account the person is asked for her name first. */
export const takeLead = (step: Step): Step => {
	const {incident, actorAsked, actor} = step.state;
	if (incident === null) {
		return flash(step, 'no-incident', {}, 'warning');
	}

	if (actorAsked) {
		return withView(step, {prompt: {purpose: 'lead-name', text: ''}});
	}

	const before = leadOf(incident);
	return before === actor.name ? flash(step, 'lead-mine') : flash(record(step, {type: 'lead/taken', data: {before: before ?? ''}}), 'lead-taken', {name: actor.name});
};

/** Opens the note: empty, or with what was being typed when the line was cut. */
export const typeNote = (step: Step): Step => withView(step, {prompt: {purpose: 'note', text: step.state.view.keptNote ?? ''}, keptNote: null});

/** A note that is being typed is kept outside, secrets removed, until it is written or given up. */
export const keepNote = (step: Step, text: string | null): Step =>
	withEffect(step, {type: 'note/keep', text: text === null || text.trim() === '' ? null : step.state.secrets.redact(makeSafe(text))});

/** What another console of this person left behind is offered once, and never over what she types now. */
export const offerNote = (step: Step, text: string): Step => {
	const {prompt, keptNote} = step.state.view;
	return keptNote !== null || prompt?.purpose === 'note' ? step : flash(withView(step, {keptNote: makeSafe(text)}), 'note-kept', {text: makeSafe(text).slice(0, 40)});
};
