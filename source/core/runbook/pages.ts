/**
A runbook as pages of cards: one for each scenario and the rollback, reached by its digit; the diagnosis, the quick commands and whatever else has cards
lie beside them. Hides which letter a card has.
*/

import {emptyText, type SafeText} from '../text.ts';
import type {Runbook, RunbookCard, RunbookSection} from './model.ts';

export type RunbookPage = {
	readonly id: string;
	/** The key that opens it; null: by the arrows, from its neighbour. */
	readonly digit: number | null;
	/** What follows the scenario's number; the heading, where there is none. */
	readonly name: SafeText;
	readonly sections: readonly RunbookSection[];
	readonly cards: readonly PageCard[];
};

export type PageCard = {readonly card: RunbookCard; /** Null for what cannot be opened: a hint. */ readonly letter: string | null};

// Not: what moves and closes in every list (g, j, k, q), what copies (c), the reader (r), the other runbook (o), and y, which confirms only.
const letters = [...'abdefhilmnpstuvwxz'];

const pageOf = (section: RunbookSection): string => section.scenario === null ? (section.role === 'other' ? section.id : section.role) : String(section.scenario);

const built = new WeakMap<Runbook, readonly RunbookPage[]>();

/** The pages in the order of the text; those without any card are left out, scenarios aside. */
export const pagesOf = (runbook: Runbook): readonly RunbookPage[] => {
	const known = built.get(runbook);
	if (known !== undefined) {
		return known;
	}

	const groups = new Map<string, RunbookSection[]>();
	for (const section of runbook.sections.filter(({cards, role}) => cards.length > 0 || role === 'scenario' || role === 'rollback')) {
		groups.set(pageOf(section), [...(groups.get(pageOf(section)) ?? []), section]);
	}

	const pages = [...groups].map(([id, sections]): RunbookPage => {
		const digit = sections[0]?.scenario ?? null;
		// An attribute may put a card into another scenario than the one it is written in.
		const cards = runbook.cards.filter(card => digit === null ? card.scenario === null && sections.some(section => section.id === card.section) : card.scenario === digit);
		// A heading that only gathers others has no card of its own, and still is the page's name.
		const head = digit === null ? runbook.sections.find(section => pageOf(section) === id) ?? sections[0] : sections[0];
		return {id, digit: digit !== null && digit <= 9 ? digit : null, name: head?.name ?? emptyText, sections, cards: withLetters(cards)};
	});
	built.set(runbook, pages);
	return pages;
};

const withLetters = (cards: readonly RunbookCard[]): readonly PageCard[] => {
	let next = 0;
	return cards.map(card => ({card, letter: card.kind === 'hint' ? null : letters[next++] ?? null}));
};

/** The page that a digit opens; null when the runbook has none. */
export const pageOfDigit = (runbook: Runbook, digit: number): RunbookPage | null => pagesOf(runbook).find(page => page.digit === digit) ?? null;

export const pageById = (runbook: Runbook, id: string): RunbookPage | null => pagesOf(runbook).find(page => page.id === id) ?? null;
