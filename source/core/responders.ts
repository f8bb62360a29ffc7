/**
Who works on an incident: who is here now, and who has the lead. Presence comes and goes; only the lead is part of the record.
*/

import type {Incident} from './incident.ts';
import type {Presence} from './ports.ts';
import type {State} from './state.ts';
import {flash, record, withView, type Step} from './step.ts';

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
