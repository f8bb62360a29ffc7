/** A drill's own overlays: the briefing below the panes, the tour beside the pane that it is about, the debrief over everything. */

import {compareDebriefs} from '../../core/debrief.ts';
import {tourSteps, type TourStep} from '../../core/drill-run.ts';
import type {Rectangle} from '../../core/layout.ts';
import {layoutOf} from '../../core/screen.ts';
import type {State} from '../../core/state.ts';
import {debriefNow} from '../../core/update-drill.ts';
import {debriefDocument, type DebriefRow, type DebriefTone} from '../../messages/debrief.ts';
import {difficultyWords, drillWords, tourTexts} from '../../messages/drill.ts';
import {wrap} from '../../core/text.ts';
import {cell, lineWidth, space, span, type Line} from '../lines.ts';
import {bar} from '../meters.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {drawBox, heading, overlayWidth, paragraph, rowWidth, type Drawn} from './box.ts';

/** Draws the briefing over the log, so that everything that it speaks of can be seen above it. */
export const drawBriefing = (state: State, body: Rectangle, pen: Pen): Drawn => {
	const drill = state.drillRun;
	const say = drillWords[pen.language];
	const width = rowWidth(body, 100);
	const rows: readonly Line[] = drill === null ? [] : [
		...paragraph(drill.scenario.briefing[pen.language], width, 'strong'),
		...paragraph(drill.observed ? say.howObserved : say.how, width),
		...(drill.isFirst && !drill.observed ? paragraph(say.firstTime, width, 'accent') : []),
	];
	return atEdge(drawBox({
		title: [span(say.briefing, 'strong'), span(drill === null ? '' : ` · ${drill.scenario.title[pen.language]}`)],
		facts: drill === null ? [] : [span(drill.speed === 1 ? difficultyWords[pen.language][drill.scenario.difficulty] : say.speed(String(drill.speed)), 'dim')],
		scroll: 0, rows,
	}, body, pen, 100), body, 'bottom');
};

/** A box at the upper or lower edge of the body. */
const atEdge = (drawn: Drawn, body: Rectangle, edge: 'top' | 'bottom'): Drawn =>
	({...drawn, rectangle: {...drawn.rectangle, top: edge === 'top' ? body.top : body.top + body.height - drawn.rectangle.height}});

const paneOf = (step: TourStep, state: State): Rectangle | undefined => {
	const {panes, header} = layoutOf(state);
	switch (step) {
		case 'header': {
			return header;
		}

		case 'containers':
		case 'health':
		case 'host':
		case 'diagnosis':
		case 'log': {
			return panes[step];
		}

		case 'card': {
			return panes.diagnosis;
		}

		default: {
			return undefined;
		}
	}
};

/** Draws a step of the tour: close to the part that it is about, and never over it where that can be helped. */
export const drawTour = (state: State, index: number, body: Rectangle, pen: Pen): Drawn => {
	const step = tourSteps[Math.min(index, tourSteps.length - 1)]!;
	const say = drillWords[pen.language];
	const {title, text} = tourTexts[pen.language][step];
	const most = Math.min(overlayWidth(body, 72), 72);
	const drawn = drawBox({
		title: [span(`${say.tourTitle} · `, 'dim'), span(title, 'strong')],
		facts: [span(`${index + 1}/${tourSteps.length}`, 'dim')],
		scroll: 0,
		rows: [...paragraph(text, most - 4), [], [span(' Enter ', 'tag'), span(`  ${say.tourNext}`), space(3), span('←', 'key'), span(` ${say.tourBack}`, 'dim'), space(3), span('Esc', 'key'), span(` ${say.tourEnds}`, 'dim')]],
	}, {...body, width: most}, pen, most);
	return beside(drawn, paneOf(step, state), body);
};

/** Below the pane where there is room, else above it, else at the body's lower edge. */
const beside = (drawn: Drawn, pane: Rectangle | undefined, body: Rectangle): Drawn => {
	const {width, height} = drawn.rectangle;
	const bottom = body.top + body.height;
	const below = pane === undefined ? body.top + Math.floor((body.height - height) / 2) : pane.top + pane.height;
	const above = (pane?.top ?? 0) - height;
	const top = below + height <= bottom ? below : (above >= body.top ? above : bottom - height);
	const left = pane === undefined ? body.left + Math.floor((body.width - width) / 2) : Math.max(body.left, Math.min(pane.left, body.left + body.width - width));
	return {...drawn, rectangle: {left, top, width, height}};
};

const tones: Readonly<Record<DebriefTone, Tone>> = {plain: 'plain', good: 'good', bad: 'bad', warn: 'warn', dim: 'dim'};

const labelColumns = 16;
const barColumns = 20;

const labelledRow = ({label, text, tone, share}: DebriefRow, width: number): readonly Line[] => {
	const drawn: Line = share === undefined ? [] : [...bar(share, width < 90 ? barColumns / 2 : barColumns, tones[tone]), space(2)];
	const indent = labelColumns + lineWidth(drawn);
	return wrap(text, Math.max(10, width - indent)).map((piece, index): Line => index === 0
		? [cell(`  ${label}`, labelColumns, 'dim'), ...drawn, span(piece, share === undefined ? tones[tone] : 'plain')]
		: [space(indent), span(piece, tones[tone])]);
};

const itemRow = (text: string, width: number): readonly Line[] =>
	wrap(text, Math.max(10, width - 4)).map((piece, index): Line => [span(index === 0 ? '  ? ' : '    ', 'accent'), span(piece)]);

const debriefRow = (row: DebriefRow, width: number): readonly Line[] =>
	row.isItem === true ? itemRow(row.text, width) : (row.label === '' ? paragraph(row.text, width, tones[row.tone], 2) : labelledRow(row, width));

/** Draws the debrief. */
export const drawDebrief = (state: State, scroll: number, body: Rectangle, pen: Pen): Drawn => {
	const debrief = debriefNow(state);
	const width = rowWidth(body, 100);
	if (debrief === null) {
		return drawBox({title: [], rows: [], scroll: 0}, body, pen);
	}

	const document = debriefDocument(pen.language, debrief, compareDebriefs(debrief, state.drillRun?.earlier ?? []), pen.format);
	return drawBox({
		title: [span(document.title, 'strong')],
		scroll,
		rows: [
			[span(document.verdict.text, document.verdict.tone === 'good' ? 'goodStrong' : (document.verdict.tone === 'bad' ? 'badStrong' : 'warnStrong'))],
			...document.sections.flatMap(({heading: words, rows}): readonly Line[] => [
				[],
				...(words === '' ? [] : [heading(words)]),
				...rows.flatMap(row => debriefRow(row, width)),
			]),
		],
	}, body, pen, 100);
};
