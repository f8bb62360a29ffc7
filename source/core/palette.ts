/**
The palette's search: every command by name, fuzzy and accent-insensitive (`inicializacao` finds `inicialização`). Hides the ranking: whole
words first, then beginnings of words, then letters in order.
*/

import {actions} from './actions.ts';
import type {CommandId} from './keys.ts';
import {runbookOf} from './runbook-state.ts';
import {servicesOf} from './situation.ts';
import type {State} from './state.ts';

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Higher is better; null is no match. */
const scoreOf = (name: string, query: string): number | null => {
	if (query === '') {
		return 0;
	}

	const at = name.indexOf(query);
	if (at >= 0) {
		return 100 - at + (at === 0 || name[at - 1] === ' ' ? 50 : 0);
	}

	let position = -1;
	let gaps = 0;
	for (const letter of query.replaceAll(' ', '')) {
		const next = name.indexOf(letter, position + 1);
		if (next < 0) {
			return null;
		}

		gaps += position >= 0 ? next - position - 1 : 0;
		position = next;
	}

	return 40 - gaps;
};

/** A command, an action that has none, or a card of the runbook. */
export type PaletteId = CommandId | `action:${string}` | `card:${string}`;

/** The action behind an entry that is no command; null for a command. */
export const actionOf = (id: PaletteId): string | null => id.startsWith('action:') ? id.slice('action:'.length) : null;

/** The runbook's card behind an entry; null for all else. */
export const cardOf = (id: PaletteId): string | null => id.startsWith('card:') ? id.slice('card:'.length) : null;

/** Everything that the palette can find, by name: the commands, starting and restarting every service, the runbook's cards. */
export const paletteNames = (state: State): Readonly<Partial<Record<PaletteId, string>>> => {
	const names: Partial<Record<PaletteId, string>> = {...state.commandNames};
	for (const verb of ['start', 'restart'] as const) {
		const template = state.serviceActionNames[verb];
		for (const {name} of template === undefined ? [] : servicesOf(state.situation)) {
			if (!actions.some(action => action.id === `${verb}-${name}`)) {
				names[`action:${verb}-${name}`] = template!.replace('{service}', () => name);
			}
		}
	}

	for (const card of runbookOf(state)?.cards ?? []) {
		if (card.kind !== 'hint') {
			names[`card:${card.id}`] = card.title;
		}
	}

	return names;
};

/** The commands that match what was typed, best first. */
export const matchCommands = (names: Readonly<Partial<Record<PaletteId, string>>>, typed: string): readonly PaletteId[] => {
	const query = fold(typed.trim());
	return (Object.entries(names) as Array<[PaletteId, string]>)
		.map(([command, name]) => ({command, name, score: scoreOf(fold(name), query)}))
		.filter((entry): entry is {command: PaletteId; name: string; score: number} => entry.score !== null)
		.toSorted((a, b) => b.score - a.score || a.name.localeCompare(b.name))
		.map(({command}) => command);
};
