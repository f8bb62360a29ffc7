/** What is wrong with a runbook only when its parts are looked at together: keys claimed twice, scenarios without a command, a number nobody can call. */

import {commandOf, defaultKeys} from '../keys.ts';
import type {Block, MarkdownDocument} from './document.ts';
import {plainOf, textLinesOf} from './document.ts';
import type {RunbookCard, RunbookFacts, RunbookProblem, RunbookSection} from './model.ts';

const problem = (code: RunbookProblem['code'], line: number, params: RunbookProblem['params'] = {}, suggestion: string | null = null, level: RunbookProblem['level'] = 'warning'): RunbookProblem =>
	({code, line, column: line === 0 ? 0 : 1, params, suggestion, level});

const keyProblems = (cards: readonly RunbookCard[]): readonly RunbookProblem[] => {
	const owners = new Map<string, RunbookCard>();
	return cards.flatMap(card => {
		if (card.key === null) {
			return [];
		}

		const shipped = commandOf(defaultKeys, card.key);
		const owner = owners.get(card.key);
		owners.set(card.key, owner ?? card);
		if (owner !== undefined) {
			return [problem('key-clash', card.line, {key: card.key, other: owner.title}, freeKey(owners))];
		}

		// A card that is a shipped action takes its key; another one may not.
		return shipped === null || (card.action !== null && shipped === `action-${card.action}`) ? [] : [problem('key-clash', card.line, {key: card.key, other: shipped}, freeKey(owners))];
	});
};

const freeKey = (owners: ReadonlyMap<string, unknown>): string | null => {
	const free = [...'AEFHJOQTVYZ'].find(key => !owners.has(key) && commandOf(defaultKeys, key) === null);
	return free === undefined ? null : `key=${free}`;
};

const isHead = (section: RunbookSection, sections: readonly RunbookSection[]): boolean => sections.find(other => other.scenario === section.scenario && other.role === section.role) === section;

const scenarioProblems = (sections: readonly RunbookSection[], cards: readonly RunbookCard[]): readonly RunbookProblem[] => {
	const scenarios = sections.filter(section => section.role === 'scenario' || section.role === 'rollback');
	return [
		...scenarios.filter(section => isHead(section, sections)).flatMap(section => [
			...(cards.some(card => card.scenario === section.scenario && card.kind !== 'hint') ? [] : [problem('empty-scenario', section.line, {title: section.title})]),
			...((section.scenario ?? 0) > 9 ? [problem('scenario-range', section.line, {number: section.scenario ?? 0})] : []),
		]),
		// Twice the same number, said by the headings themselves.
		...scenarios.filter(section => section.role === 'scenario' && !isHead(section, sections) && section.name !== section.title).map(section => problem('scenario-clash', section.line, {number: section.scenario ?? 0})),
	];
};

/** The line that a text stands on, as exactly as the blocks tell; 0 when it is nowhere. */
const lineOfText = (blocks: readonly Block[], text: string): number => {
	for (const block of blocks) {
		const line = lineInBlock(block, text);
		if (line > 0) {
			return line;
		}
	}

	return 0;
};

const lineInBlock = (block: Block, text: string): number => {
	switch (block.kind) {
		case 'list': {
			return lineOfText(block.items.flatMap(item => item.blocks), text);
		}

		case 'quote': {
			return lineOfText(block.blocks, text);
		}

		case 'table': {
			const row = block.rows.findIndex(cells => cells.some(cell => plainOf(cell).includes(text)));
			return row < 0 ? 0 : block.line + 2 + row;
		}

		default: {
			const at = textLinesOf(block).findIndex(line => plainOf(line).includes(text));
			return at < 0 ? 0 : block.line + at;
		}
	}
};

/** The problems of the whole. */
export const togetherProblems = (sections: readonly RunbookSection[], cards: readonly RunbookCard[], facts: RunbookFacts, document: MarkdownDocument): readonly RunbookProblem[] => {
	if (document.blocks.length === 0) {
		return [problem('empty', 0)];
	}

	const hasCards = cards.some(card => card.kind !== 'hint');
	return [
		...keyProblems(cards),
		...scenarioProblems(sections, cards),
		...(hasCards ? [] : [problem('no-card', 0)]),
		...(hasCards && !cards.some(card => card.scenario !== null) ? [problem('no-scenario', 0, {}, '### 1. …')] : []),
		...facts.contacts.filter(contact => contact.placeholder).map(contact => problem('placeholder-number', lineOfText(document.blocks, contact.reach), {role: contact.role, reach: contact.reach})),
	];
};
