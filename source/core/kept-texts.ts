/**
What a person has typed and neither sent nor written yet: a note, a reason, the changed text of a message. It is kept beside the record, secrets removed, until
something became of it or she gave it up; where it was typed, in this console or her next one, it is there again.

A place says where: what the text is for, and what it is about (`note`, `waive-reason INC-… l1/slack`, `message INC-… l1/slack`).
*/

import type {KeptText} from './ports.ts';
import type {State} from './state.ts';
import {flash, withEffect, withView, type Step} from './step.ts';
import {makeSafe} from './text.ts';
import type {PromptPurpose} from './view.ts';

/** The oldest are let go: nobody has more than a few texts under way, and all of them are written again with each one. */
export const keptAtMost = 8;

/** The purposes whose text is worth keeping; `message` is the text of an item of the escalation. */
export const keptPurposes = ['note', 'resolve-reason', 'cancel-reason', 'snooze-reason', 'waive-reason', 'duty-note', 'duty-reason', 'message'] as const;

export type KeptPurpose = typeof keptPurposes[number];

/** The name of a place. */
export const placeFor = (purpose: KeptPurpose, ...about: readonly string[]): string => [purpose, ...about].join(' ');

/** What was typed there before; empty where nothing was. */
export const keptAt = (state: State, place: string): string => state.view.kept.find(one => one.place === place)?.text ?? '';

const redacted = (state: State, text: string): string => text.split('\n').map(line => state.secrets.redact(makeSafe(line))).join('\n');

/** Keeps what now stands there; an empty text is let go. */
export const keepText = (step: Step, place: string, text: string): Step => {
	const before = step.state.view.kept;
	const others = before.filter(one => one.place !== place);
	if (text.trim() === '') {
		return others.length === before.length ? step : stored(step, others);
	}

	return stored(step, [{place, text: redacted(step.state, text)}, ...others].slice(0, keptAtMost));
};

const stored = (step: Step, kept: readonly KeptText[]): Step => withEffect(withView(step, {kept}), {type: 'typed/keep', texts: kept});

/** Asks for a text that is kept while it is typed, beginning with what was typed there before. */
export const askKept = (step: Step, purpose: PromptPurpose & KeptPurpose, ...about: readonly string[]): Step => {
	const keptAs = placeFor(purpose, ...about);
	return withView(step, {prompt: {purpose, text: keptAt(step.state, keptAs), keptAs}});
};

const isPurpose = (word: string): word is KeptPurpose => (keptPurposes as readonly string[]).includes(word);

const placeNow = ({view: {prompt, overlay}}: State): string | null =>
	prompt?.keptAs ?? (overlay?.kind === 'message' && overlay.editAt !== null ? placeFor('message', overlay.incident, overlay.item) : null);

const purposeOf = (place: string): string => place.split(' ')[0]!;

/** Only a message has several lines. */
const safeText = (purpose: string, text: string): string => purpose === 'message' ? text.split('\n').map(line => makeSafe(line)).join('\n') : makeSafe(text.replaceAll('\n', ' '));

/** What another console of this person left behind is taken over and told once; never over what is typed here. */
export const takeOver = (step: Step, found: readonly KeptText[]): Step => {
	if (found.length === 0) {
		return step;
	}

	const {state} = step;
	const here = new Set([...state.view.kept.map(({place}) => place), placeNow(state)]);
	const taken = found.filter(({place}) => isPurpose(purposeOf(place)) && !here.has(place)).map(({place, text}) => ({place: makeSafe(place), text: safeText(purposeOf(place), text)}));
	const kept = [...state.view.kept, ...taken].slice(0, keptAtMost);
	// What lies on the disk now is what was found: without ours.
	const merged = state.view.kept.length === 0 ? withView(step, {kept}) : stored(step, kept);
	const [first] = taken;
	if (first === undefined) {
		return merged;
	}

	const [purpose = '', , item = ''] = first.place.split(' ');
	return flash(merged, 'text-kept', {purpose, channel: item.split('/').at(-1) ?? '', text: first.text.replaceAll('\n', ' ').slice(0, 40)});
};
