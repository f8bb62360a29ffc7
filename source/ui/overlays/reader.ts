/** The runbook's whole text, rendered: where it comes from and how old it is in the head, what is wrong with it, search hits marked, cards to open. */

import type {Rectangle} from '../../core/layout.ts';
import {compilePattern} from '../../core/log-book.ts';
import type {Runbook} from '../../core/runbook.ts';
import {readerRows, type ReaderRow, type ReaderStyle} from '../../core/runbook/reader-rows.ts';
import {runbookOf, unreadOf} from '../../core/runbook-state.ts';
import type {State} from '../../core/state.ts';
import {makeSafe, type SafeText} from '../../core/text.ts';
import {readerCard, readerSize} from '../../core/update-runbook.ts';
import type {Overlay} from '../../core/view.ts';
import {ageWords, problemSentence, runbookWords} from '../../messages/runbook.ts';
import {clipLine, fittingWords, space, span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {drawBox, type Drawn} from './box.ts';

type ReaderOverlay = Extract<Overlay, {kind: 'reader'}>;

const tones: Readonly<Record<ReaderStyle, Tone>> = {
	plain: 'plain', strong: 'strong', emphasis: 'dim', code: 'accent', link: 'accent', struck: 'dim', title: 'strong', heading: 'accentStrong', mark: 'dim', frame: 'dim',
};

/** Draws the reader over the whole body. */
export const drawReader = (state: State, overlay: ReaderOverlay, body: Rectangle, pen: Pen): Drawn => {
	const runbook = runbookOf(state);
	const say = runbookWords[pen.language];
	if (runbook === null) {
		return drawBox({title: [span(say.runbook, 'strong')], rows: [], scroll: 0}, body, pen);
	}

	const {width} = readerSize(state);
	const card = readerCard(state, overlay);
	const pattern = overlay.search === null ? null : compilePattern(withoutAccents(overlay.search));
	return drawBox({
		title: [span(runbook.title === '' ? say.runbook : runbook.title, 'strong')],
		facts: [span(runbook.path === null ? say.shipped : makeSafe(runbook.path.split('/').at(-1) ?? ''), 'dim')],
		head: [ageLine(runbook, state, width, pen), problemLine(runbook, state, width, pen)],
		rows: readerRows(runbook, width).map((row, index) => ({
			line: rowLine(row, pattern, state.secrets.redact),
			mark: index === overlay.hit ? span('›', 'warnStrong') : (index === card?.row ? span('›', 'accentStrong') : (row.card === null ? space(1) : span('·', 'accent'))),
		})),
		scroll: overlay.scroll,
		tall: true,
	}, body, pen, body.width);
};

const withoutAccents = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '');

const ageLine = (runbook: Runbook, state: State, width: number, pen: Pen): Line => {
	const say = runbookWords[pen.language];
	const {updated, version, owner} = runbook.facts;
	const age = updated === null ? Number.NaN : state.nowMs - Date.parse(`${updated}T00:00:00Z`);
	const words = [
		...(state.runbook.frozen && state.runbook.chosen === 0 ? [say.frozen] : []),
		updated === null || Number.isNaN(age) ? say.updatedUnknown : say.updated(updated, ageWords(pen.language, age, pen.format)),
		...(version === null ? [] : [say.version(makeSafe(version))]),
		...(owner === null ? [] : [say.owner(makeSafe(owner))]),
	];
	return fittingWords(words, width, 'dim');
};

/** The problems are counted, and the first is told; the command line has them all. */
const problemLine = (runbook: Runbook, state: State, width: number, pen: Pen): Line => {
	const say = runbookWords[pen.language];
	const [unread] = unreadOf(state);
	if (unread !== undefined) {
		return clipLine([span(`▲ ${makeSafe(unread.path ?? '')}: `, 'warnStrong'), span(unread.problems.map(problem => problemSentence(pen.language, problem)).join(' '), 'warn')], width);
	}

	const problems = runbook.path === null ? [] : runbook.problems.filter(({level}) => level === 'warning');
	const [first] = problems;
	return first === undefined
		? []
		: clipLine([span(`▲ ${say.problems(problems.length)} `, 'warnStrong'), span(`${first.line === 0 ? '' : `${first.line}:${first.column} `}${problemSentence(pen.language, first)} ${problems.length > 1 ? say.problemsHint : ''}`.trimEnd(), 'warn')], width);
};

const rowLine = (row: ReaderRow, pattern: RegExp | null, redact: (text: SafeText) => SafeText): Line => row.spans.flatMap(({text, style}): Line => {
	const safe = redact(text);
	const bare = withoutAccents(safe);
	// Accents are ignored; where taking them off changes the length, the row is marked only at its border.
	const match = pattern === null || bare.length !== safe.length ? null : pattern.exec(bare);
	return match === null || match[0] === ''
		? [span(safe, tones[style])]
		: [span(safe.slice(0, match.index), tones[style]), span(safe.slice(match.index, match.index + match[0].length), 'hit'), span(safe.slice(match.index + match[0].length), tones[style])];
});
