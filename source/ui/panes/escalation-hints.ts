/** The keys of the escalation's list and of an item, as far as each does something now. */

import {isOpenItem} from '../../core/escalation-items.ts';
import {escalationNow} from '../../core/screen.ts';
import type {State} from '../../core/state.ts';
import {canEdit, handOutcomes, issueLink, listedItems} from '../../core/update-escalation.ts';
import type {Overlay} from '../../core/view.ts';
import {escalationWords, outcomeName} from '../../messages/escalation.ts';
import {commandShort} from '../../messages/keys.ts';
import type {Line} from '../lines.ts';
import {itemOfOverlay} from '../overlays/message.ts';
import type {Pen} from '../pen.ts';
import {commandHint, hint} from './key-hints.ts';

/** The hints, what matters most first. */
export const escalationHints = (overlay: Extract<Overlay, {kind: 'escalation' | 'message'}>, state: State, pen: Pen): readonly Line[] => {
	const say = escalationWords[pen.language];
	if (overlay.kind === 'escalation') {
		const item = listedItems(state)[overlay.cursor];
		const escalation = escalationNow(state);
		return [
			...(item === undefined ? [] : [hint('Enter', say.keyOpen)]),
			...(item !== undefined && isOpenItem(item) ? [hint('w', say.keyWaive)] : []),
			...(escalation === null || escalation.handled ? [] : [hint('s', say.keySnooze)]),
			commandHint(state, 'note', pen), commandHint(state, 'incident', pen), hint('Esc', pen.say.close),
		];
	}

	if (overlay.editAt !== null) {
		return [hint('Esc', say.keyDoneEditing)];
	}

	const item = itemOfOverlay(state, overlay);
	if (item === null) {
		return [hint('Esc', say.keyBack)];
	}

	const isSendable = canEdit(item) && !state.readOnly && (item.kind !== 'github' || issueLink(state, '', '') === null);
	return [
		...(isSendable ? [hint('y', say.keySend)] : []),
		...(canEdit(item) ? [hint('t', say.keyEdit)] : []),
		...(state.readOnly ? [] : Object.entries(handOutcomes(item)).map(([key, outcome]) => hint(key, outcomeName(pen.language, outcome)))),
		...(isOpenItem(item) ? [hint('w', say.keyWaive)] : []),
		hint('c', commandShort(pen.language, 'copy')), hint('Esc', say.keyBack),
	];
};
