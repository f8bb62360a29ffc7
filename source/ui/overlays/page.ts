/**
A page of the runbook: the cards of one scenario with their letters, what each would run, at which risk, and the live answers to the page's conditions.
Opening one shows its card or its pane; nothing runs from here.
*/

import type {Rectangle} from '../../core/layout.ts';
import type {Runbook, RunbookCard} from '../../core/runbook.ts';
import {answerOf, answersToHint, type ConditionAnswer} from '../../core/runbook/conditions.ts';
import {withoutComment} from '../../core/runbook/quotes.ts';
import type {ConditionKind} from '../../core/runbook/words.ts';
import {pageById, pagesOf, type PageCard, type RunbookPage} from '../../core/runbook/pages.ts';
import {runbookOf, shippedActionOf, shippedCheckOf, unreadOf} from '../../core/runbook-state.ts';
import type {State} from '../../core/state.ts';
import {makeSafe} from '../../core/text.ts';
import type {Overlay} from '../../core/view.ts';
import {answerWords, runbookWords, type RunbookWords} from '../../messages/runbook.ts';
import {clipLine, edges, lineWidth, space, span, type Line, type Span} from '../lines.ts';
import {keyFor} from '../panes/key-hints.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {drawBox, paragraph, rowWidth, type Drawn} from './box.ts';

type PageOverlay = Extract<Overlay, {kind: 'page'}>;
type Row = {readonly line: Line; readonly mark: Span};

const most = 108;

/** Draws a page over the body. */
export const drawPage = (state: State, overlay: PageOverlay, body: Rectangle, pen: Pen): Drawn => {
	const say = runbookWords[pen.language];
	const runbook = runbookOf(state);
	const page = runbook === null ? null : pageById(runbook, overlay.page);
	if (runbook === null || page === null) {
		return drawBox({title: [span(say.runbook, 'strong')], rows: [[span(say.noCards, 'dim')]], scroll: 0}, body, pen, most);
	}

	const width = rowWidth(body, most);
	const groups = page.cards.map((entry, index) => [...sectionRow(page, index), ...cardRows(entry, page, state, index === overlay.cursor, width, pen)]);
	const top = introRows(page, state, width, pen);
	const rows = [...top, ...(groups.length === 0 ? [{line: [span(say.noCards, 'dim')], mark: space(1)} satisfies Row] : groups.flat())];
	const before = top.length + groups.slice(0, overlay.cursor).reduce((sum, own) => sum + own.length, 0);
	const room = Math.max(1, body.height - (body.height >= 24 ? 4 : 2));
	// The selected card is seen whole, with a little of what comes before it.
	const scroll = overlay.cursor === 0 ? 0 : Math.max(0, Math.min(before - 2, before + (groups[overlay.cursor]?.length ?? 1) + 2 - room));
	return drawBox({title: titleOf(page, say), facts: factsOf(runbook, page, state, pen), rows, scroll}, body, pen, most);
};

/** On a page of several headings each stands above its first card. */
const sectionRow = (page: RunbookPage, index: number): readonly Row[] => {
	const own = page.cards[index]?.card.section;
	const section = page.sections.length < 2 || own === page.cards[index - 1]?.card.section ? undefined : page.sections.find(({id}) => id === own);
	return section === undefined ? [] : [...(index === 0 ? [] : [{line: [], mark: space(1)}]), {line: [span(section.name, 'accentStrong')], mark: space(1)}];
};

const titleOf = (page: RunbookPage, say: RunbookWords): Line => {
	const {name} = page;
	if (page.digit === null) {
		return [span(name, 'strong')];
	}

	const title = page.digit === 0 ? say.rollback : say.scenario(page.digit);
	return [span(title, 'strong'), ...(name === '' || name === title ? [] : [span(` · ${name}`, 'strong')])];
};

const factsOf = (runbook: Runbook, page: RunbookPage, state: State, pen: Pen): Line => {
	const say = runbookWords[pen.language];
	const pages = pagesOf(runbook);
	const warnings = (runbook.path === null ? 0 : runbook.problems.filter(({level}) => level === 'warning').length) + unreadOf(state).length;
	return [...(warnings === 0 ? [] : [span(`▲ ${warnings} `, 'warn')]), span(say.pageOf(pages.indexOf(page) + 1, pages.length), 'dim')];
};

/** What the page says above its commands, each point with the console's own answer where it has one. */
const introRows = (page: RunbookPage, state: State, width: number, pen: Pen): readonly Row[] => {
	const say = runbookWords[pen.language];
	const problems = page.sections.flatMap(({problem}) => problem === null ? [] : paragraph(state.secrets.redact(problem), width, 'plain'));
	const hints = page.sections.flatMap(section => section.hints);
	const lines: readonly Line[] = [
		...problems,
		...(hints.length === 0 ? [] : [[span(say.lookFor, 'dim')] as Line, ...hints.flatMap(hint => hintRows(state.secrets.redact(hint), state, width, pen))]),
	];
	return lines.length === 0 ? [] : [...lines, []].map(line => ({line, mark: space(1)}));
};

const hintRows = (hint: string, state: State, width: number, pen: Pen): readonly Line[] => {
	const words: Line = answersToHint(state, hint).flatMap((answer, index) => [...(index === 0 ? [] : [space(2)]), span(answerFact(answer, pen), answer.holds === true ? 'warnStrong' : 'good')]);
	const lines = paragraph(hint, width - 2, 'dim').map((line, index): Line => [span(index === 0 ? '• ' : '  ', 'dim'), ...line]);
	const last = lines.at(-1) ?? [];
	// Beside the question where there is room, else below it.
	return words.length === 0 ? lines : (lineWidth(last) + lineWidth(words) + 2 <= width ? [...lines.slice(0, -1), [...last, space(2), ...words]] : [...lines, [space(2), ...words]]);
};

const answerFact = (answer: ConditionAnswer, pen: Pen): string => `${answer.holds === true ? '▲' : '✔'} ${answerWords(pen.language, answer, pen.format).replace(/^[^:]*: /, '')}`;

const cardRows = ({card, letter}: PageCard, page: RunbookPage, state: State, chosen: boolean, width: number, pen: Pen): readonly Row[] => {
	const say = runbookWords[pen.language];
	const tag = tagOf(card, state, pen);
	const title: Line = [span(letter === null ? '•  ' : `${letter}  `, letter === null ? 'dim' : 'key'), span(state.secrets.redact(card.title), card.kind === 'hint' ? 'dim' : (chosen ? 'strong' : 'plain'))];
	const indent = space(3);
	const answer = card.condition === null ? null : answerOf(state, card.condition.kind);
	const alternative = page.cards.find(other => other.card.id === card.alternativeTo)?.letter ?? null;
	const notes = [
		...(alternative === null ? [] : [say.alternativeTo(alternative)]),
		...(card.placeholders.length === 0 ? [] : [say.asks(card.placeholders.map(({name}) => name).join(', '))]),
		...(card.kind === 'wait' ? [say.waitsNote] : []),
	];
	const lines: readonly Line[] = [
		edges(title, tag, width),
		...(answer === null ? [] : answerLines(answer, card.condition?.kind ?? 'other', width - 3, pen).map((line): Line => [indent, ...line])),
		...(card.rawLines.length === 0 ? [] : [clipLine([indent, span(state.secrets.redact(makeSafe(card.rawLines.map(line => withoutComment(line).trim()).join('; '))), 'dim')], width)]),
		...(notes.length === 0 ? [] : [clipLine([indent, span(notes.join(' · '), 'dim')], width)]),
		...card.hints.flatMap(hint => paragraph(state.secrets.redact(hint), width - 5, 'dim').map((line, index): Line => [indent, span(index === 0 ? '· ' : '  ', 'dim'), ...line])),
	];
	return lines.map((line, index) => ({line, mark: chosen && index === 0 ? span('›', 'accentStrong') : space(1)}));
};

const answerLines = (answer: ConditionAnswer, kind: ConditionKind, width: number, pen: Pen): readonly Line[] => {
	const words = answerWords(pen.language, answer, pen.format, kind);
	return answer.holds === null ? paragraph(`? ${words}`, width, 'dim') : [answer.holds ? [span(`▲ ${words}`, 'warnStrong')] : [span(`○ ${words}`, 'good')]];
};

const riskTone: Readonly<Record<RunbookCard['risk'], Tone>> = {read: 'dim', change: 'warn', destructive: 'badStrong'};

/** What pressing its letter leads to, at the row's end. */
const tagOf = (card: RunbookCard, state: State, pen: Pen): Line => {
	const say = runbookWords[pen.language];
	switch (card.kind) {
		case 'hint': {
			return [];
		}

		case 'wait': {
			return [span(say.waits(pen.format.span(card.waitMs ?? 0)), 'dim')];
		}

		case 'verification': {
			return [span(say.verifies, 'dim')];
		}

		case 'pane': {
			return [span(`→ ${paneWords(card, say)}`, 'accent')];
		}

		default: {
			// What the console would run is what counts, not how the page spells it.
			const shipped = shippedActionOf(card);
			const command = shipped?.command ?? null;
			const risk = shipped?.risk ?? card.risk;
			const key = command === null ? '' : keyFor(state, command, pen);
			const isCheck = shippedCheckOf(state, card) !== null;
			const words = {read: say.reads, change: say.changes, destructive: say.destructive}[isCheck ? 'read' : risk];
			return [span(words, riskTone[isCheck ? 'read' : risk]), ...(key === '' ? [] : [span(`  ${key}`, 'key')])];
		}
	}
};

const paneWords = ({pane}: RunbookCard, say: RunbookWords): string => {
	switch (pane?.pane) {
		case 'containers': {
			return say.paneContainers;
		}

		case 'log': {
			return pane.service === null ? say.paneLogAll : say.paneLog(makeSafe(pane.service));
		}

		case 'host': {
			return say.paneHost;
		}

		case 'health': {
			return say.paneHealth;
		}

		default: {
			return say.paneHere;
		}
	}
};
