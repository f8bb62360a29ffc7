/** Keys as they are shown: from the key table, so that a remapped key is shown as it is and a command without a key is not shown at all. */

import {actionById} from '../../core/actions.ts';
import type {CommandId} from '../../core/keys.ts';
import type {State} from '../../core/state.ts';
import {actionTitleOf} from '../../messages/action-titles.ts';
import {commandShort, keyName} from '../../messages/keys.ts';
import {span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';

/** The first key of a command as it is called; empty when it has none. */
export const keyFor = (state: State, command: CommandId, pen: Pen): string => {
	const key = state.bindings.find(binding => binding.command === command)?.keys[0];
	return key === undefined ? '' : keyName(pen.language, key);
};

/** `U start api`; empty when the command has no key. */
export const hint = (key: string, words: string): Line => key === '' ? [] : [span(key, 'key'), span(` ${words}`, 'dim')];

export const commandHint = (state: State, command: CommandId, pen: Pen): Line => hint(keyFor(state, command, pen), commandShort(pen.language, command));

/** The key and name of an action: `U start api`. */
export const actionHint = (state: State, id: string, pen: Pen): Line => {
	const command = actionById(id)?.command ?? null;
	const key = command === null ? '' : keyFor(state, command, pen);
	return command === null || key === '' ? [] : [span(key, 'key'), span(` ${commandShort(pen.language, command)}`)];
};

/** An action without a key of its own, by the palette that finds it: `: Start db`. Empty for one that is none of the console's. */
export const paletteHint = (state: State, id: string, pen: Pen): Line =>
	actionById(id) === null ? [] : hint(keyFor(state, 'palette', pen), actionTitleOf(pen.language, {id}));

/** Several hints on one line, as many as fit; the first ones matter most. */
export const joinHints = (hints: readonly Line[], columns: number, gap = 2): Line => {
	const line: Array<Line[number]> = [];
	let width = 0;
	for (const parts of hints) {
		const partWidth = parts.reduce((sum, part) => sum + part.width, 0);
		const needed = partWidth + (width === 0 ? 0 : gap);
		if (partWidth === 0 || width + needed > columns) {
			continue;
		}

		line.push(...(width === 0 ? [] : [span(' '.repeat(gap))]), ...parts);
		width += needed;
	}

	return line;
};
