/**
A runbook read: from a document's blocks to sections, cards, facts and located problems. Pure; it never throws, whatever the document says, and what it
does not understand stays readable text.

Sections follow the headings: a scenario keeps what is under it, whatever deeper headings say; a heading that nobody knows belongs to the one above.
*/

import {makeSafe, type SafeText} from './text.ts';
import {readAttributes, type AttributeTrouble, type Attributes} from './runbook/attributes.ts';
import {cardsOfFence, nothingKnown, type CardDraft, type Fence, type KnownTexts} from './runbook/cards.ts';
import {plainOf, textLinesOf, type Block, type MarkdownDocument} from './runbook/document.ts';
import {factsOf, frontMatterKeys, labelledPair, type RoledBlock} from './runbook/facts.ts';
import {isShell} from './runbook/fence.ts';
import {inlineFences} from './runbook/inline-commands.ts';
import type {Runbook, RunbookCard, RunbookProblem, RunbookSection} from './runbook/model.ts';
import {togetherProblems} from './runbook/together.ts';
import {nearest} from './nearest.ts';
import {fold, isHintHeading, languageOfHeadings, numberOfHeading, roleOfHeading, slugOf, type RunbookRole} from './runbook/words.ts';

export type {CardKind, Contact, Runbook, RunbookCard, RunbookFacts, RunbookProblem, RunbookProblemCode, RunbookSection} from './runbook/model.ts';

/** Roles in which a command is meant to be run by whoever was paged. */
const actionable: ReadonlySet<RunbookRole> = new Set(['diagnosis', 'resolution', 'scenario', 'rollback', 'quick', 'after', 'escalation', 'prevention', 'other']);
/** Roles in which a fence without a language is taken for commands. */
const plainlyActionable: ReadonlySet<RunbookRole> = new Set(['diagnosis', 'resolution', 'scenario', 'rollback', 'quick']);

type OpenSection = {
	readonly level: number;
	readonly role: RunbookRole;
	readonly own: RunbookRole;
	scenario: number | null;
	readonly title: SafeText;
	readonly name: SafeText;
	readonly line: number;
	readonly heading: string;
	problem: SafeText | null;
	readonly hints: SafeText[];
	readonly drafts: CardDraft[];
	readonly blocks: Block[];
};

type Found = ReturnType<typeof roleOfHeading>;

const newSection = (level: number, heading: string, line: number, parent: OpenSection | null, found: Found): OpenSection => {
	const title = makeSafe(heading);
	const base = {level, own: found.role, title, line, heading, problem: null, hints: [], drafts: [], blocks: []};
	// Inside a scenario or the rollback everything is part of it, but another scenario's own number.
	const isOther = found.scenario !== null && found.scenario !== parent?.scenario;
	if (!isOther && parent !== null && (parent.role === 'scenario' || parent.role === 'rollback') && level > parent.level) {
		return {...base, role: parent.role, scenario: parent.scenario, name: title};
	}

	if (found.role === 'scenario' && parent?.role !== 'diagnosis') {
		return {...base, role: 'scenario', scenario: found.scenario, name: makeSafe(found.name)};
	}

	const isUnder = parent !== null && level > parent.level;
	if (isUnder && parent.role === 'resolution' && (found.role === 'other' || found.role === 'diagnosis' || found.role === 'resolution')) {
		return {...base, role: 'scenario', scenario: null, name: makeSafe(heading.replace(/^\s*\d+[).:]?\s*/, ''))};
	}

	const inherits = isUnder && parent.level > 1 && (found.role === 'other' || parent.role === 'diagnosis');
	const role = inherits ? parent.role : (found.role === 'scenario' ? 'other' : found.role);
	return {...base, role, scenario: role === 'rollback' ? 0 : null, name: title};
};

/** Sections, each with its own blocks; what stands before the first heading belongs to a section without a title. */
const sectionsOf = (blocks: readonly Block[]): readonly OpenSection[] => {
	const sections: OpenSection[] = [newSection(0, '', 1, null, roleOfHeading(''))];
	const open: OpenSection[] = [];
	// Long pages are made of sections of the same names.
	const known = new Map<string, Found>();
	for (const block of blocks) {
		if (block.kind !== 'heading') {
			sections.at(-1)!.blocks.push(block);
			continue;
		}

		while (open.length > 0 && open.at(-1)!.level >= block.level) {
			open.pop();
		}

		const heading = plainOf(block.inlines);
		const found = known.get(heading) ?? roleOfHeading(heading);
		known.set(heading, found);
		const section = newSection(block.level, heading, block.line, open.at(-1) ?? null, found);
		open.push(section);
		sections.push(section);
	}

	return sections;
};

/** Scenarios without a number of their own get the next free one, in order. */
const numberScenarios = (sections: readonly OpenSection[]): void => {
	const heads = sections.filter(section => section.role === 'scenario' && (section.own === 'scenario' || section.scenario === null));
	const used = new Set(heads.map(({scenario}) => scenario).filter(scenario => scenario !== null));
	let parent: OpenSection | null = null;
	for (const section of sections.filter(({role}) => role === 'scenario')) {
		if (parent !== null && section.level > parent.level && section.line > parent.line && section.scenario === null) {
			section.scenario = parent.scenario;
			continue;
		}

		parent = section;
		if (section.scenario === null) {
			const wanted = numberOfHeading(section.heading);
			const free = wanted !== null && !used.has(wanted) ? wanted : nextFree(used);
			used.add(free);
			section.scenario = free;
		}
	}

	// A page that goes straight to the fix has one scenario.
	if (parent === null) {
		for (const section of sections.filter(({role}) => role === 'resolution')) {
			section.scenario = 1;
		}
	}
};

const nextFree = (used: ReadonlySet<number>): number => {
	for (let number = 1; ; number++) {
		if (!used.has(number)) {
			return number;
		}
	}
};

type Collecting = {label: SafeText | null; labelLine: string; above: Attributes; readonly problems: RunbookProblem[]; readonly scripts: Readonly<Record<string, string>>; readonly known: KnownTexts};

/** Walks a section's blocks: what is said before a fence is its label, a comment above it its attributes. */
const collect = (section: OpenSection, blocks: readonly Block[], state: Collecting, depth = 0): void => {
	for (const block of blocks) {
		switch (block.kind) {
			case 'comment': {
				state.above = attributesOf(block, state.problems);
				break;
			}

			case 'paragraph': {
				readProse(section, block, state);
				addInline(section, block, state);
				break;
			}

			case 'code': {
				addFences(section, [block], state);
				state.label = null;
				state.above = {};
				break;
			}

			case 'table': {
				addInline(section, block, state);
				break;
			}

			case 'quote': {
				if (depth < 8) {
					collect(section, block.blocks, state, depth + 1);
				}

				break;
			}

			case 'list': {
				readList(section, block, state, depth);
				break;
			}

			default: {
				break;
			}
		}
	}
};

const attributesOf = (comment: Extract<Block, {kind: 'comment'}>, problems: RunbookProblem[]): Attributes => {
	if (!/^\s*\{/.test(comment.text)) {
		return {};
	}

	const {attributes, troubles} = readAttributes(comment.text);
	problems.push(...troubles.map((trouble): RunbookProblem => problemOf(trouble, comment)));
	return attributes;
};

const problemOf = ({code, at, params, suggestion}: AttributeTrouble, place: {readonly text: string; readonly line: number; readonly column: number}): RunbookProblem => {
	const before = place.text.slice(0, at).split('\n');
	return {code, params, suggestion, level: 'warning', line: place.line + before.length - 1, column: before.length === 1 ? place.column + at : before.at(-1)!.length + 1};
};

const readProse = (section: OpenSection, block: Extract<Block, {kind: 'paragraph'}>, state: Collecting): void => {
	for (const line of textLinesOf(block)) {
		const text = plainOf(line);
		const pair = labelledPair(text);
		if (pair !== null && /^(?:problema|problem|sintoma|symptom|quando|when)$/.test(pair.label)) {
			section.problem ??= makeSafe(pair.value);
		}
	}

	const last = plainOf(textLinesOf(block).at(-1) ?? []);
	state.labelLine = last;
	const bare = last.replace(/[:：]\s*$/, '').trim();
	state.label = /[:：]\s*$/.test(last) && bare.length <= 80 && !/^(?:acao|action|acoes|actions|comandos?|commands?|passos|steps|solucao|solution|fix)$/.test(fold(bare)) ? makeSafe(bare) : null;
};

const readList = (section: OpenSection, block: Extract<Block, {kind: 'list'}>, state: Collecting, depth: number): void => {
	const isHints = isHintHeading(state.labelLine);
	for (const item of block.items) {
		const first = item.blocks[0];
		const text = first?.kind === 'paragraph' ? plainOf(first.inlines) : '';
		const hasFence = item.blocks.some(inner => inner.kind === 'code') || item.blocks.flatMap(inner => inlineFences(inner)).length > 0;
		if (isHints && !hasFence) {
			section.hints.push(...item.blocks.flatMap(inner => textLinesOf(inner)).map(line => makeSafe(plainOf(line))).filter(line => line !== ''));
		} else if (depth < 8) {
			const inner: Collecting = {...state, label: text === '' ? state.label : makeSafe(text.replace(/[:：]\s*$/, '').slice(0, 80)), labelLine: text};
			for (const one of item.blocks) {
				if (one.kind === 'paragraph') {
					addInline(section, one, inner);
				} else {
					collect(section, [one], inner, depth + 1);
				}
			}
		}
	}
};

const addInline = (section: OpenSection, block: Block, state: Collecting): void => {
	for (const {fence, label} of inlineFences(block)) {
		addFences(section, [fence], label === null ? state : {...state, label});
	}
};

const addFences = (section: OpenSection, fences: readonly Fence[], state: Collecting): void => {
	for (const fence of fences) {
		if (!fence.closed) {
			state.problems.push({code: 'unclosed-fence', line: fence.line, column: fence.column, params: {}, suggestion: '```', level: 'warning'});
		}

		const isCommands = isShell(fence.info) && (fence.info.trim() === '' || /^\s*\{/.test(fence.info) ? plainlyActionable.has(section.role) : actionable.has(section.role));
		if (isCommands) {
			const {drafts, problems} = cardsOfFence(fence, {role: section.role, label: state.label, above: state.above, changesBefore: section.drafts.some(({card}) => card.kind === 'change'), scripts: state.scripts, known: state.known});
			section.drafts.push(...drafts);
			state.problems.push(...problems);
		}
	}
};

/** By role, the first of its role; the others by their titles too, so that a section put in between renames none. */
const sectionId = (section: OpenSection, taken: Names): string => {
	const base = section.role === 'scenario' ? `scenario-${section.scenario ?? 0}` : (section.role === 'other' ? taken.slug(section.title) : section.role);
	const wanted = taken.has(base) && section.role !== 'other' ? `${base}-${taken.slug(section.title.replace(/^\s*[\d.]+[).:]?\s*/, ''))}` : base;
	return taken.free(wanted);
};

/** Names that are given once; the second is `name-2`. Remembers where it was with each, so that a thousand equal ones are no million questions. */
class Names {
	/** The names given, each with the number that was tried last behind it. */
	readonly #counts = new Map<string, number>();
	readonly #slugs = new Map<string, string>();

	/** What a text is called where a name has to be made of it. */
	slug(text: string): string {
		const slug = this.#slugs.get(text) ?? slugOf(text);
		this.#slugs.set(text, slug);
		return slug;
	}

	has(name: string): boolean {
		return this.#counts.has(name);
	}

	free(wanted: string): string {
		let count = this.#counts.get(wanted);
		if (count === undefined) {
			this.#counts.set(wanted, 1);
			return wanted;
		}

		let name = wanted;
		while (this.#counts.has(name)) {
			count++;
			name = `${wanted}-${count}`;
		}

		this.#counts.set(wanted, count);
		this.#counts.set(name, 1);
		return name;
	}
}

const placed = (section: OpenSection, id: string, taken: Names, problems: RunbookProblem[]): readonly RunbookCard[] => {
	let before: string | null = null;
	return section.drafts.map(draft => {
		const {card: read, wantedId, wantedScenario, isAlternative} = draft;
		const wanted = wantedId ?? `${id}/${taken.slug(read.title)}`;
		const own = taken.free(wanted);
		if (wantedId !== null && own !== wanted && !section.drafts.some(other => other !== draft && other.wantedId === wantedId)) {
			problems.push({code: 'id-clash', line: read.line, column: 1, params: {id: wanted}, suggestion: own, level: 'warning'});
		}

		const card: RunbookCard = {...read, id: own, section: id, scenario: wantedScenario ?? section.scenario, alternativeTo: isAlternative ? before : null};
		before = read.kind === 'hint' ? before : own;
		return card;
	});
};

const fileProblems = (document: MarkdownDocument): readonly RunbookProblem[] => [
	...document.troubles.map((trouble): RunbookProblem => ({code: trouble.code, line: trouble.line, column: trouble.column, params: trouble.code === 'front-matter' ? {detail: trouble.detail} : {}, suggestion: null, level: 'warning'})),
	...Object.keys(document.frontMatter?.data ?? {}).filter(key => !(frontMatterKeys as readonly string[]).includes(key)).map((key): RunbookProblem =>
		({code: 'unknown-front-matter', line: document.frontMatter?.lines[key] ?? 1, column: 1, params: {name: makeSafe(key).slice(0, 40)}, suggestion: nearest(key, frontMatterKeys), level: 'note'})),
];

/** A page's language is told by its first headings. */
const languageHeadings = 100;

export type ReadOptions = {
	readonly path: string | null;
	readonly rawText: string;
	/** What was wrong with the file itself. */
	readonly before?: readonly RunbookProblem[];
	/** Texts of the scripts that its commands call, by the path as they spell it: such a command is classed by what the script does. */
	readonly scripts?: Readonly<Record<string, string>>;
};

/** The scripts that the commands of a page call by a relative path, as they spell it. */
export const scriptsIn = (rawText: string): readonly string[] =>
	[...new Set([...rawText.matchAll(/(?:^|`)[ \t]*(?:\$[ \t]+)?(?:(?:ba|da)?sh[ \t]+)?(\.?\/?(?:[\w.-]+\/)*[\w.-]+\.(?:ba)?sh)\b/gm)].map(match => match[1]!))].filter(path => !path.startsWith('/') && !path.includes('..'));

/** Reads a document as a runbook. */
export const readRunbook = (document: MarkdownDocument, options: ReadOptions): Runbook => {
	const open = sectionsOf(document.blocks);
	numberScenarios(open);
	const problems: RunbookProblem[] = [...(options.before ?? []), ...fileProblems(document)];
	const taken = new Names();
	const sections: RunbookSection[] = [];
	const cards: RunbookCard[] = [];
	const ids = new Names();
	const known = nothingKnown();
	for (const section of open) {
		collect(section, section.blocks, {label: null, labelLine: '', above: {}, problems, scripts: options.scripts ?? {}, known});
		const id = sectionId(section, ids);
		const own = placed(section, id, taken, problems);
		cards.push(...own);
		if (section.title !== '' || own.length > 0) {
			sections.push({id, role: section.role, scenario: section.scenario, title: section.title, name: section.name, line: section.line, problem: section.problem, hints: section.hints, cards: own.map(card => card.id)});
		}
	}

	const roled: readonly RoledBlock[] = open.flatMap(section => section.blocks.map(block => ({role: section.role, block})));
	const facts = factsOf(document, roled);
	const title = document.frontMatter?.data['title'] ?? open.find(section => section.level === 1)?.title ?? open.find(section => section.title !== '')?.title ?? '';
	const language = document.frontMatter?.data['language'];
	return {
		path: options.path,
		title: makeSafe(String(title)),
		language: language === 'en' || language === 'pt-BR' ? language : languageOfHeadings(sections.slice(0, languageHeadings).map(section => section.title)),
		sections, cards, facts,
		problems: [...problems, ...togetherProblems(sections, cards, facts, document)].toSorted((a, b) => a.line - b.line || a.column - b.column),
		blocks: document.blocks,
		rawText: options.rawText,
	};
};
