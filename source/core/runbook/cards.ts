/**
From a fence to cards. Hides the rules of the page: a comment and what is under it is a card; *Se …* is its condition, *Ou …* an alternative; a list of
comments is a hint; several fixes under one comment become one card each; a health `curl` after a change is its verification.
*/

import {riskOf, type RiskVerdict} from '../risk.ts';
import {makeSafe, type SafeText} from '../text.ts';
import {readAttributes, spanOf, type Attributes} from './attributes.ts';
import type {Meaning} from './commands.ts';
import type {Block} from './document.ts';
import {actionOf} from './equals.ts';
import {piecesOf, type Command, type KnownMeanings, type Piece} from './fence.ts';
import type {CardKind, RunbookCard, RunbookProblem} from './model.ts';
import {withVariables} from './placeholders.ts';
import {withoutComment} from './quotes.ts';
import {trapsOf, trapsTogether} from './traps.ts';
import {conditionKind, conditionOf, isAlternative, type RunbookRole} from './words.ts';

/** A card before it has its id and its place, and what it wants of them. */
export type CardDraft = {readonly card: Omit<RunbookCard, 'id' | 'section' | 'scenario' | 'alternativeTo'>; readonly wantedId: string | null; readonly wantedScenario: number | null; readonly isAlternative: boolean};

export type Fence = Extract<Block, {kind: 'code'}>;

export type FenceContext = {
	readonly role: RunbookRole;
	/** What the page says right before the fence; the title where there is no comment. */
	readonly label: SafeText | null;
	/** Attributes from an HTML comment above it. */
	readonly above: Attributes;
	/** Something above it in its section changes the server. */
	readonly changesBefore: boolean;
	/** Texts of the scripts that commands call, by the path as they spell it. */
	readonly scripts: Readonly<Record<string, string>>;
	readonly known: KnownTexts;
};

/** What was found out about texts of the same page: long ones say the same command again and again. */
export type KnownTexts = {readonly meanings: KnownMeanings; readonly verdicts: Map<string, RiskVerdict>};

export const nothingKnown = (): KnownTexts => ({meanings: new Map(), verdicts: new Map()});

type Part = {readonly commands: readonly Command[]; readonly meanings: readonly Meaning[]; readonly action: string | null};

const isHere = (meaning: Meaning): boolean => meaning.kind === 'pane' && meaning.pane.pane === 'here';

const isKnown = (meaning: Meaning): boolean => meaning.kind === 'pane' || meaning.kind === 'check' || meaning.kind === 'wait' || actionOf([meaning]) !== null;

const targetOf = (meaning: Meaning): string => meaning.kind === 'pane' ? JSON.stringify(meaning.pane) : (meaning.kind === 'check' ? `check ${meaning.check.check}` : '');

const together = (first: Meaning, second: Meaning): Meaning => first.kind === 'check' && second.kind === 'check' && first.check.about !== second.check.about
	? {kind: 'check', check: {...first.check, about: `${first.check.about} ${second.check.about}`.trim()}}
	: first;

/** One comment's commands as parts that each do one thing the console knows, or all together where it does not know one of them. */
const partsOf = (commands: readonly Command[]): readonly Part[] => {
	const [only] = commands;
	if (only !== undefined && commands.length === 1) {
		return [{commands, meanings: [only.meaning], action: actionOf([only.meaning])}];
	}

	const all = commands.map(command => ({command, meaning: command.meaning}));
	const useful = all.filter(({meaning}) => !isHere(meaning));
	if (useful.length === 0) {
		return [{commands, meanings: all.slice(0, 1).map(({meaning}) => meaning), action: null}];
	}

	const whole = actionOf(useful.map(({meaning}) => meaning));
	if (whole !== null || !useful.every(({meaning}) => isKnown(meaning))) {
		// A `cd` before it holds: it is one bash.
		const kept = whole === null ? all.filter(({command, meaning}) => !isHere(meaning) || /^\s*(?:cd|pushd|popd)\b/.test(command.text)) : useful;
		return [{commands: kept.map(({command}) => command), meanings: useful.map(({meaning}) => meaning), action: whole}];
	}

	const parts: Part[] = [];
	for (let index = 0; index < useful.length; index++) {
		const {command, meaning} = useful[index]!;
		const two = index + 1 < useful.length ? actionOf([meaning, useful[index + 1]!.meaning]) : null;
		const last = parts.at(-1);
		if (two !== null) {
			parts.push({commands: [command, useful[index + 1]!.command], meanings: [meaning, useful[index + 1]!.meaning], action: two});
			index++;
		} else if (last !== undefined && targetOf(meaning) !== '' && targetOf(last.meanings[0]!) === targetOf(meaning)) {
			// `dmesg` and `journalctl` are one look at the system's log.
			parts[parts.length - 1] = {...last, commands: [...last.commands, command], meanings: [together(last.meanings[0]!, meaning)]};
		} else {
			parts.push({commands: [command], meanings: [meaning], action: actionOf([meaning])});
		}
	}

	return parts;
};

const kindOf = (part: Part, risk: RunbookCard['risk']): CardKind => {
	const [first] = part.meanings;
	if (part.action !== null) {
		return 'change';
	}

	if (part.meanings.length === 1 && first !== undefined && (first.kind === 'pane' || first.kind === 'check' || first.kind === 'wait')) {
		return first.kind;
	}

	return risk === 'read' ? 'check' : 'change';
};

const cleanTitle = (comment: string): string => comment.replace(/[:：]\s*$/, '').trim();

const bullet = /^[-*•–]\s+/;

const hintDraft = (comments: readonly string[], line: number): CardDraft | null => {
	const [title = '', ...rest] = comments.filter(comment => /[\p{L}\p{N}]/u.test(comment));
	return title === '' ? null : {
		wantedId: null, wantedScenario: null, isAlternative: false,
		card: {
			title: makeSafe(cleanTitle(title.replace(bullet, ''))), kind: 'hint', hints: rest.map(comment => makeSafe(comment.replace(bullet, ''))), line,
			rawLines: [], script: '', risk: 'read', riskReasons: [], pane: null, check: null, action: null, key: null,
			condition: null, placeholders: [], waitMs: null, target: null, verify: null, timeoutMs: null,
		},
	};
};

const nothingDone: RiskVerdict = {risk: 'read', reasons: []};
const riskOrder = {read: 0, change: 1, destructive: 2} as const;

const draftOf = (part: Part, piece: Piece, index: number, fence: Fence, context: FenceContext, attributes: Attributes): CardDraft => {
	const rawLines = part.commands.flatMap(command => command.rawLines);
	const {script, placeholders} = withVariables(rawLines.join('\n'));
	const [first] = part.meanings;
	// What the console answers by itself only reads, whatever the command inside the container might have done.
	const isOwnAnswer = attributes['action'] === undefined && part.action === null && part.meanings.length === 1 && (first?.kind === 'pane' || first?.kind === 'wait' || first?.kind === 'check');
	const judged: RiskVerdict = isOwnAnswer ? nothingDone : verdictOf(script, context);
	const risk = isOwnAnswer ? 'read' : riskWith(attributes['risk'] as RunbookCard['risk'] | undefined, judged);
	const firstLines = part.commands.map(command => lineOne(command.text));
	const firstLine = lineOne(withoutComment(part.commands[0]?.text ?? ''));
	const comment = piece.comments[0];
	// Several fixes under one comment: the second is called by its own command.
	const title = cleanTitle(attributes['name'] ?? (comment === undefined ? (index === 0 ? context.label ?? firstLine : firstLine) : (index === 0 ? comment : `${cleanTitle(comment)} · ${firstLine}`)));
	const condition = attributes['when'] ?? (comment === undefined ? conditionOf(context.label ?? '') : conditionOf(comment));
	const behind = firstLines.filter(line => line.includes('#')).map(line => line.slice(withoutComment(line).length).trim().replace(/^#\s*/, '')).filter(words => words !== '');
	const kind = attributes['action'] === undefined ? kindOf(part, risk) : 'change';
	const card: CardDraft['card'] = {
		title: makeSafe(title === '' ? firstLine : title),
		rawLines,
		script,
		risk,
		riskReasons: risk !== judged.risk ? [] : [...new Set(judged.reasons.map(({code}) => code))],
		kind,
		pane: first?.kind === 'pane' && kind === 'pane' ? first.pane : null,
		check: first?.kind === 'check' && kind === 'check' && part.meanings.length === 1 ? first.check : null,
		action: attributes['action'] ?? part.action,
		key: attributes['key'] ?? null,
		condition: condition === null ? null : {kind: conditionKind(condition), text: makeSafe(condition)},
		placeholders,
		waitMs: first?.kind === 'wait' && kind === 'wait' ? first.waitMs : null,
		hints: index === 0 ? [...piece.comments.slice(1).map(words => makeSafe(words.replace(bullet, ''))), ...behind.map(words => makeSafe(words))] : behind.map(words => makeSafe(words)),
		target: attributes['target'] ?? null,
		verify: attributes['verify'] ?? null,
		timeoutMs: attributes['timeout'] === undefined ? null : spanOf(attributes['timeout']),
		line: fence.firstLine + (index === 0 ? piece.line : part.commands[0]?.line ?? piece.line),
	};
	return {
		card,
		wantedId: attributes['id'] ?? null,
		wantedScenario: attributes['scenario'] === undefined ? null : Number(attributes['scenario']),
		isAlternative: comment !== undefined && isAlternative(comment),
	};
};

const verdictOf = (script: string, {known, scripts}: FenceContext): RiskVerdict => {
	const verdict = known.verdicts.get(script) ?? riskOf(script, {scripts});
	known.verdicts.set(script, verdict);
	return verdict;
};

const lineOne = (text: string): string => {
	const end = text.indexOf('\n');
	return end < 0 ? text : text.slice(0, end);
};

/**
An attribute may say more than the commands do; less, only where they are no more than unknown: who wrote the page may know a script that we do not, but
`rm` stays `rm`.
*/
const riskWith = (stated: RunbookCard['risk'] | undefined, judged: RiskVerdict): RunbookCard['risk'] => {
	if (stated === undefined || riskOrder[stated] >= riskOrder[judged.risk]) {
		return stated ?? judged.risk;
	}

	const known = judged.reasons.filter(({code}) => code !== 'unknown-program' && code !== 'unknown-words').map(({risk}) => risk);
	const least = known.includes('destructive') ? 'destructive' : (known.length > 0 ? 'change' : 'read');
	return riskOrder[stated] >= riskOrder[least] ? stated : least;
};

const changingRoles: ReadonlySet<RunbookRole> = new Set(['scenario', 'resolution', 'rollback']);

/** A health look that closes a fence is, where something was changed before it, what the console does by itself after every change. */
const withVerification = (drafts: readonly CardDraft[], context: FenceContext): readonly CardDraft[] => {
	const last = drafts.at(-1);
	const follows = context.changesBefore || drafts.some(({card}) => card.kind === 'change');
	return last?.card.pane?.pane === 'health' && follows && changingRoles.has(context.role) ? [...drafts.slice(0, -1), {...last, card: {...last.card, kind: 'verification'}}] : drafts;
};

/** The cards of a fence, in order, and what is wrong with it. */
export const cardsOfFence = (fence: Fence, context: FenceContext): {readonly drafts: readonly CardDraft[]; readonly problems: readonly RunbookProblem[]} => {
	const own = readAttributes(fence.info);
	const attributes = {...context.above, ...own.attributes};
	const pieces = attributes['whole'] === 'true' ? wholeOf(fence, context.known) : piecesOf(fence.rawLines, context.known.meanings);
	const problems: RunbookProblem[] = own.troubles.map(({code, at, params, suggestion}) => ({code, params, suggestion, line: fence.line, column: fence.infoColumn + at, level: 'warning'}));
	const drafts = pieces.flatMap((piece): readonly CardDraft[] => {
		if (piece.commands.length === 0) {
			const hint = hintDraft(piece.comments, fence.firstLine + piece.line);
			return hint === null ? [] : [hint];
		}

		problems.push(...piece.commands.flatMap(command => trapsOf(command, fence)), ...trapsTogether(piece.commands, fence));
		const parts = attributes['whole'] === 'true'
			? [{commands: piece.commands, meanings: piece.commands.map(({meaning}) => meaning), action: actionOf(piece.commands.map(({meaning}) => meaning))}]
			: partsOf(piece.commands);
		return parts.map((part, index) => draftOf(part, piece, index, fence, context, attributes));
	});
	problems.push(...drafts.flatMap(({card}) => riskProblem(card, attributes['risk'], fence)));
	return {drafts: withVerification(keyedOnce(drafts), context), problems};
};

const wholeOf = (fence: Fence, known: KnownTexts): readonly Piece[] => {
	const pieces = piecesOf(fence.rawLines, known.meanings);
	return [{comments: pieces.flatMap(piece => piece.comments), commands: pieces.flatMap(piece => piece.commands), line: pieces[0]?.line ?? 0}];
};

/** A key belongs to one card: the first that changes something, else the first. */
const keyedOnce = (drafts: readonly CardDraft[]): readonly CardDraft[] => {
	const owner = drafts.find(({card}) => card.kind === 'change') ?? drafts.find(({card}) => card.kind !== 'hint');
	return drafts.map(draft => draft === owner || draft.card.key === null ? draft : {...draft, card: {...draft.card, key: null}});
};

/** Where an attribute says less than the commands plainly are, that is told. */
const riskProblem = (card: CardDraft['card'], stated: string | undefined, fence: Fence): readonly RunbookProblem[] =>
	stated === undefined || card.rawLines.length === 0 || stated === card.risk || card.kind === 'pane' || card.kind === 'wait' || card.kind === 'verification' || card.check !== null
		? []
		: [{code: 'risk-too-low', line: card.line, column: fence.column, params: {stated, judged: card.risk}, suggestion: `risk=${card.risk}`, level: 'warning'}];
