/** The list from which a rollback is chosen: the last commits with what each changed, or the images of a service. Looking only: Enter shows the plan. */

import type {Rectangle} from '../../core/layout.ts';
import type {GitCommit} from '../../core/ports.ts';
import {imageChoices, type ImageChoice} from '../../core/rollback-plans.ts';
import type {State} from '../../core/state.ts';
import {choiceCursor, lookedUp} from '../../core/update-preview.ts';
import {actionNow} from '../../core/update-runs.ts';
import {windowStart, type Overlay} from '../../core/view.ts';
import {actionTitleOf, imageOrigins} from '../../messages/action-titles.ts';
import {tellBy, troubleSentence} from '../../messages/troubles.ts';
import {edges, space, span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import {drawBox, paragraph, rowWidth, type Drawn} from './box.ts';

type Choice = Extract<Overlay, {kind: 'choice'}>;

/** Draws the list over the body. */
export const drawChoice = (state: State, overlay: Choice, body: Rectangle, pen: Pen): Drawn => {
	const width = rowWidth(body, 96);
	const say = pen.sayAction;
	const action = actionNow(state, overlay.action);
	const isCommit = action?.kind === 'rollback-commit';
	const cursor = action === null ? 0 : choiceCursor(state, overlay, action);
	const rows = action === null ? [] : (isCommit ? commitRows(state, cursor, width, pen) : imageRows(state, overlay.action, cursor, width, pen));
	const perChoice = 2;
	const room = Math.max(perChoice, body.height - 6);
	const start = windowStart(cursor * perChoice, rows.length, room);
	return drawBox({
		title: [span(isCommit ? say.chooseCommit : say.chooseImage, 'strong')],
		facts: [span(actionTitleOf(pen.language, {id: overlay.action}), 'dim')],
		scroll: 0,
		rows: rows.length === 0 ? emptyRows(state, isCommit, width, pen) : rows.slice(start, start + room),
		foot: [[span(say.chooseKeys, 'dim')]],
	}, body, pen, 96);
};

const emptyRows = (state: State, isCommit: boolean, width: number, pen: Pen): readonly Line[] => {
	const say = pen.sayAction;
	const {git, preview} = state;
	if (isCommit && git.failure !== null) {
		const params = {code: git.failure.code, tool: String(git.failure.params?.['tool'] ?? ''), detail: git.failure.detail, path: String(git.failure.params?.['path'] ?? '')};
		return paragraph(troubleSentence[pen.language]['git-failed'](params, tellBy(pen.format, state.nowMs)), width, 'bad');
	}

	const isLooking = isCommit ? git.facts === null : preview.preview.state !== 'known';
	return [[span(isLooking ? say.lookingUp : say.nothingToChoose, 'dim')]];
};

const mark = (isChosen: boolean) => isChosen ? span('›', 'accentStrong') : space(1);

type Row = {readonly line: Line; readonly mark: ReturnType<typeof span>};

const commitRows = (state: State, cursor: number, width: number, pen: Pen): readonly Row[] => {
	const facts = state.git.facts;
	return facts === null ? [] : facts.commits.flatMap((commit, index) => commitRow(commit, commit.hash === facts.head, index === cursor, state.nowMs, width, pen));
};

const commitRow = (commit: GitCommit, isHere: boolean, isChosen: boolean, nowMs: number, width: number, pen: Pen): readonly Row[] => {
	const say = pen.sayAction;
	return [
		{
			line: edges([span(`${commit.hash.slice(0, 8)}  `, 'accent'), span(commit.subject, isChosen ? 'strong' : 'plain')], isHere ? [span(say.isHere, 'good')] : [], width),
			mark: mark(isChosen),
		},
		{
			line: edges(
				[space(10), span(`${say.byAuthor(commit.author)} · ${say.filesChanged(commit.files)}`, 'dim'), ...(commit.migrations.length === 0 ? [] : [span(` · ${say.migrationsIn(commit.migrations.length)}`, 'warnStrong')])],
				[span(pen.format.ago(Math.max(0, nowMs - commit.atMs)), 'dim')], width,
			),
			mark: space(1),
		},
	];
};

const imageRows = (state: State, id: string, cursor: number, width: number, pen: Pen): readonly Row[] => {
	const action = actionNow(state, id)!;
	const world = {...lookedUp(state, id), situation: state.situation, settings: state.settings, tools: state.tools, drift: {state: 'unknown'} as const, readOnly: state.readOnly, running: []};
	return imageChoices(action, world).choices.flatMap((choice, index) => imageRow(choice, index === cursor, state.nowMs, width, pen));
};

const imageRow = (choice: ImageChoice, isChosen: boolean, nowMs: number, width: number, pen: Pen): readonly Row[] => {
	const say = pen.sayAction;
	const name = choice.repository === '<none>' ? '' : `${choice.repository}${choice.tag === '<none>' ? '' : `:${choice.tag}`}`;
	return [
		{
			line: edges([span(`${choice.id.replace(/^sha256:/, '').slice(0, 12)}  `, 'accent'), span(name, isChosen ? 'strong' : 'plain')], choice.current ? [span(say.isRunning, 'good')] : [], width),
			mark: mark(isChosen),
		},
		{
			line: edges(
				[space(14), span(imageOrigins[pen.language][choice.origin], choice.origin === 'unnamed' ? 'warn' : 'dim')],
				[span(choice.atMs === null ? '' : pen.format.ago(Math.max(0, nowMs - choice.atMs)), 'dim'), span(choice.bytes === null ? '' : `  ${pen.format.bytes(choice.bytes)}`, 'dim')], width,
			),
			mark: space(1),
		},
	];
};
