/**
The palette's search: every command by name, fuzzy and accent-insensitive (`inicializacao` finds `inicialização`). Hides the ranking: whole
words first, then beginnings of words, then letters in order.
*/

import type {CommandId} from './keys.ts';

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

/** The commands that match what was typed, best first. */
export const matchCommands = (names: Readonly<Partial<Record<CommandId, string>>>, typed: string): readonly CommandId[] => {
	const query = fold(typed.trim());
	return (Object.entries(names) as Array<[CommandId, string]>)
		.map(([command, name]) => ({command, name, score: scoreOf(fold(name), query)}))
		.filter((entry): entry is {command: CommandId; name: string; score: number} => entry.score !== null)
		.toSorted((a, b) => b.score - a.score || a.name.localeCompare(b.name))
		.map(({command}) => command);
};
