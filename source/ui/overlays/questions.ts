/** The overlays that ask: which project, and whether to leave. */

import type {Rectangle} from '../../core/layout.ts';
import type {State} from '../../core/state.ts';
import {widthOf} from '../../core/text.ts';
import {cell, edges, space, span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import {drawBox, paragraph, rowWidth, type Drawn} from './box.ts';

/** Draws the projects of the engine with a cursor. */
export const drawProjects = (state: State, cursor: number, body: Rectangle, pen: Pen): Drawn => {
	const {candidates} = state.situation.project;
	const width = rowWidth(body, 84);
	const nameWidth = Math.max(8, Math.min(30, ...[Math.max(8, ...candidates.map(candidate => widthOf(candidate.name)))]));
	return drawBox({
		title: [span(pen.say.projectsTitle, 'strong')],
		scroll: Math.max(0, cursor - Math.max(1, body.height - 6)),
		rows: candidates.map((candidate, index) => ({
			line: edges(
				[cell(candidate.name, nameWidth, index === cursor ? 'strong' : 'plain'), space(2), span(candidate.directory ?? '', 'dim')],
				[span(pen.say.projectRunning(String(candidate.runningCount), String(candidate.containerCount)), candidate.runningCount < candidate.containerCount ? 'warn' : 'plain')],
				width,
			),
			mark: index === cursor ? span('›', 'accentStrong') : space(1),
		})),
	}, body, pen, 84);
};

/** Draws the question whether to leave, with what goes on without the console. */
export const drawQuit = (state: State, body: Rectangle, pen: Pen): Drawn => {
	const {say} = pen;
	const width = rowWidth(body, 64);
	const isRunning = state.runs.some(run => run.phase === 'running' || run.phase === 'claiming');
	const words = [...(isRunning ? [say.quitRunning] : []), ...(state.incident === null ? [] : [say.quitIncident])];
	return drawBox({
		title: [span(say.quitTitle, 'strong')],
		scroll: 0,
		rows: [
			[],
			...(words.length === 0 ? [say.quitPlain] : words).flatMap(text => paragraph(text, width)),
			[],
			[span(' y ', 'tag'), span(`  ${say.quitYes}`, 'strong'), span(`     ${say.quitNo}`, 'dim')] as Line,
		],
	}, body, pen, 64);
};
