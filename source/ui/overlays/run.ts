/**
A run from claim to verdict: the command, how long it has taken, its output as it comes, how the check goes, and the verdict, big and clear,
with what to do next when health did not come back.
*/

import {stoppedExit} from '../../core/action-words.ts';
import {actionById, actions} from '../../core/actions.ts';
import {goodAnswersNeeded, recoveryMs, type Run} from '../../core/run-verdict.ts';
import type {Rectangle} from '../../core/layout.ts';
import type {State} from '../../core/state.ts';
import type {Overlay} from '../../core/view.ts';
import {wrap} from '../../core/text.ts';
import {drillWords} from '../../messages/drill.ts';
import {actionTitleOf} from '../../messages/action-titles.ts';
import {exitMeaning} from '../../messages/screen.ts';
import {edges, fitLine, repeat, span, type Line} from '../lines.ts';
import {bar} from '../meters.ts';
import {stateWords} from '../panes/container-words.ts';
import {actionHint, hint, joinHints, keyFor} from '../panes/key-hints.ts';
import type {Pen} from '../pen.ts';
import {drawBox, paragraph, rowWidth, type Drawn} from './box.ts';

type RunOverlay = Extract<Overlay, {kind: 'run'}>;

/** Draws the run over the body. */
export const drawRun = (state: State, overlay: RunOverlay, body: Rectangle, pen: Pen): Drawn => {
	const run = state.runs.find(other => other.id === overlay.id);
	const width = rowWidth(body);
	const say = pen.sayAction;
	if (run === undefined) {
		return drawBox({title: [span(say.output, 'strong')], rows: paragraph(say.outputGone, width, 'dim'), scroll: 0}, body, pen);
	}

	const title = actionTitleOf(pen.language, {id: run.action, title: run.title});
	return drawBox({
		title: [span(title, 'strong'), ...(run.service === '' ? [] : [span(` · ${run.service}`, 'dim')])],
		facts: [span(say.startedBy(run.actor), 'dim')],
		border: borderOf(run),
		tall: true,
		anchor: 'end',
		scroll: 0,
		head: [...scriptRows(run, body), []],
		rows: outputRows(run, state, overlay.scroll, width, pen),
		foot: [
			[repeat('─', width, 'dim')],
			...progressRows(run, state, width, pen),
			...verdictRows(run, state, width, pen),
			...(overlay.cancelAskedAtMs === null || run.phase !== 'running' ? [] : paragraph(`${isUntouched(run, state) ? say.safeNow : say.cancelAsk}${run.script.includes('\n') ? ` ${say.stopKey}` : ''}`, width, 'warnStrong')),
		],
	}, body, pen);
};

/** While a rollback or a rebuild checks out, backs up or builds, what runs is still as it was. */
const isUntouched = (run: Run, state: State): boolean => {
	const step = state.runBook.stepOf(run.id);
	return step !== null && step.number < step.count && run.script.split('\n').length === step.count && run.script.split('\n').slice(0, step.number).every(line => !/\b(?:up|down|restart|stop|rm|kill|run)\b/.test(line));
};

/** The command; of several steps as many as leave room for the output. */
const scriptRows = (run: Run, body: Rectangle): readonly Line[] => {
	const lines = run.script.split('\n');
	const most = Math.max(1, Math.min(6, Math.floor(body.height / 5)));
	const shown = lines.length > most ? [...lines.slice(0, most - 1), `… (${lines.length})`] : lines;
	return shown.map((line, index): Line => [span(index === 0 ? '$ ' : '  ', 'dim'), span(line, 'strong')]);
};

const borderOf = (run: Run): 'accent' | 'good' | 'bad' | 'warn' => {
	switch (run.verdict) {
		case 'recovered':
		case 'done': {
			return 'good';
		}

		case 'not-recovered':
		case 'failed': {
			return 'bad';
		}

		case 'cannot-tell': {
			return 'warn';
		}

		case null: {
			return run.phase === 'refused' ? 'bad' : 'accent';
		}
	}
};

/** More than any terminal has rows; the box shows the end of it. */
const linesRead = 200;

const outputRows = (run: Run, state: State, scroll: number, width: number, pen: Pen): readonly Line[] => {
	const say = pen.sayAction;
	const {lines, above, below} = state.runBook.tail(run.id, linesRead, scroll);
	if (lines.length === 0) {
		return run.phase === 'claiming' || run.phase === 'refused' ? [] : [[span(run.phase === 'running' ? say.noOutput : say.noOutputAtAll, 'dim')]];
	}

	return [
		...(above > 0 ? [[span(say.linesAbove(pen.format.count(above)), 'dim')] as Line] : []),
		...lines.flatMap(line => wrap(line, width).map((text): Line => [span(text)])),
		...(below > 0 ? [[span(`↓ ${say.linesBelow(pen.format.count(below))}`, 'warn')] as Line] : []),
	];
};

const progressRows = (run: Run, state: State, width: number, pen: Pen): readonly Line[] => {
	const say = pen.sayAction;
	const {format} = pen;
	switch (run.phase) {
		case 'claiming': {
			return [[span('◐ ', 'accent'), span(say.claiming)]];
		}

		case 'refused': {
			const busy = run.refusal?.code === 'busy' || run.refusal?.code === 'already-running';
			return busy
				? paragraph(say.refusedBusy(run.refusal?.holder ?? ''), width, 'badStrong')
				: [...paragraph(say.refused(run.refusal?.code ?? '?'), width, 'badStrong'), ...(run.refusal === null || run.refusal.detail === '' ? [] : paragraph(run.refusal.detail, width))];
		}

		case 'running': {
			const elapsedMs = state.nowMs - (run.startedAtMs ?? run.confirmedAtMs);
			const over = elapsedMs - run.deadlineMs;
			const words = run.stopAsked ? say.stopAsked : run.cancelAsked ? say.cancelAsked : (run.own ? say.running : say.followed);
			const right: Line = [
				...bar(elapsedMs / run.deadlineMs, 16, over > 0 ? 'bad' : 'accent'),
				span(`  ${over > 0 ? say.overdue(format.stopwatch(over)) : say.elapsed(format.stopwatch(elapsedMs), format.stopwatch(run.deadlineMs))}`, over > 0 ? 'badStrong' : 'plain'),
			];
			const step = state.runBook.stepOf(run.id);
			return [
				...(step === null ? [] : [fitLine([span('  '), span(say.stepNow(step.number, step.count, step.text), 'dim')], width)]),
				edges([span('◐ ', 'accent'), span(words)], right, width),
				...(run.orphaned ? paragraph(`▲ ${say.orphaned}`, width, 'warn') : []),
			];
		}

		case 'verifying':
		case 'done': {
			const step = run.exitCode === 0 || run.lost ? null : state.runBook.stepOf(run.id);
			return [...(step === null ? [] : [fitLine([span('  '), span((run.exitCode === stoppedExit ? say.stoppedAfter : say.failedAt)(step.number, step.count, step.text), 'bad')], width)]), edges(endWords(run, pen), run.endedAtMs === null || run.startedAtMs === null ? [] : [span(format.seconds(run.endedAtMs - run.startedAtMs), 'dim')], width), ...inputRows(run, state, width, pen), ...checkRows(run, state, width, pen)];
		}
	}
};

const endWords = (run: Run, pen: Pen): Line => {
	const say = pen.sayAction;
	if (run.lost) {
		return [span('▲ ', 'warn'), span(say.lost, 'warn')];
	}

	const meaning = run.exitCode === null ? '' : exitMeaning(pen.language, run.exitCode);
	const code = run.exitCode === null ? say.exitSignal : say.exit(String(run.exitCode));
	const isGood = run.exitCode === 0;
	const marks = [...(run.cancelled ? [say.cancelled] : []), ...(run.timedOut ? [say.timedOut] : []), ...(run.leftRunning.length > 0 ? [say.leftRunning(run.leftRunning.join(', '))] : [])];
	return [
		span(isGood ? '✔ ' : '✖ ', isGood ? 'good' : 'bad'),
		span(`${say.ended}, ${code}${isGood || meaning === '' ? '' : ` (${meaning})`}`, isGood ? 'plain' : 'bad'), ...marks.map(mark => span(` · ${mark}`, 'warn')),
	];
};

/** Why a command ended that asked something: nobody can answer it here. */
const inputRows = (run: Run, state: State, width: number, pen: Pen): readonly Line[] =>
	run.lost || !state.runBook.wantedInput(run.id, run.script, run.exitCode !== 0) ? [] : paragraph(`▲ ${pen.sayAction.wantedInput}`, width, 'warn');

/** While it is checked: good answers as marks that fill up, and the time left. */
const checkRows = (run: Run, state: State, width: number, pen: Pen): readonly Line[] => {
	if (run.phase !== 'verifying') {
		return [];
	}

	const say = pen.sayAction;
	const leftMs = (run.verifyFromMs ?? run.endedAtMs ?? state.nowMs) + state.settings.verifyDeadlineMs - state.nowMs;
	const marks = Array.from({length: goodAnswersNeeded}, (_unused, index) => index < run.good ? span('● ', 'good') : span('○ ', 'dim'));
	const deaths: Line = run.deathsAfter > 0 ? [span(`  ${say.deathsAfter(run.deathsAfter)}`, 'bad')] : [];
	return [edges([...marks, span(say.goodAnswers(run.good, goodAnswersNeeded)), ...(run.checks.length === 0 ? [] : [span(` (${run.checks.join(', ')})`, 'dim')]), ...deaths], [span(say.secondsLeft(pen.format.span(Math.max(0, leftMs))), 'dim')], width)];
};

const verdictRows = (run: Run, state: State, width: number, pen: Pen): readonly Line[] => {
	const say = pen.sayAction;
	switch (run.verdict) {
		case null: {
			return run.phase === 'refused' ? nextRows(run, state, width, pen) : [];
		}

		case 'recovered': {
			const tookMs = recoveryMs(run);
			const isSlow = tookMs !== null && tookMs > state.settings.verifySlowMs;
			const words = tookMs === null ? say.recoveredPlain : say.recovered(pen.format.seconds(tookMs));
			return [[], band(`✔ ${words}`, isSlow ? say.slower(pen.format.span(state.settings.verifySlowMs)) : '', 'success', width), ...resolveRows(state, width, pen)];
		}

		case 'done': {
			return [[], band(`✔ ${say.done}`, run.endedAtMs === null || run.startedAtMs === null ? '' : pen.format.seconds(run.endedAtMs - run.startedAtMs), 'success', width)];
		}

		case 'failed': {
			return [[], band(`✖ ${say.failed}`, '', 'alarm', width), [], ...standingRows(run, state, width, pen), ...nextRows(run, state, width, pen)];
		}

		case 'not-recovered': {
			return [[], band(`✖ ${say.notRecovered}`, run.deathsAfter > 0 ? say.deathsAfter(run.deathsAfter) : '', 'alarm', width), [], ...nextRows(run, state, width, pen)];
		}

		case 'cannot-tell': {
			return [[], band(`▲ ${say.cannotTell}`, '', 'caution', width), [], ...(run.lost ? [] : paragraph(say.cannotTellWhy, width)), ...nextRows(run, state, width, pen)];
		}
	}
};

/** Green is not over: the incident is resolved by hand, when it has stayed so. */
const resolveRows = (state: State, width: number, pen: Pen): readonly Line[] => {
	const key = keyFor(state, 'incident', pen);
	return state.incident === null || key === '' ? [] : paragraph(state.drillRun === null ? pen.sayAction.nextResolve(pen.format.span(state.settings.watchMs), key) : drillWords[pen.language].nextResolve(key), width, 'dim');
};

/** A verdict across the whole row: it is seen from across the room. */
const band = (words: string, end: string, tone: 'success' | 'alarm' | 'caution', width: number): Line =>
	edges([span(`  ${words}`, tone)], end === '' ? [] : [span(`${end}  `, tone)], width).map(part => ({...part, tone}));

/** After a change that stopped half way: what runs now, and the way back where one was recorded. */
const standingRows = (run: Run, state: State, width: number, pen: Pen): readonly Line[] => {
	if (run.service !== '' && run.action !== 'rollback-image' && run.action !== 'rebuild-api') {
		return [];
	}

	const containers = (state.situation.containers.value ?? []).filter(container => !container.oneOff && (run.service === '' || container.service === run.service));
	const words = containers.map(container => `${container.service} ${stateWords(container, state.nowMs, pen).words.slice(0, 2).join(' ')}`).join(', ');
	const key = keyFor(state, 'action-rollback-back', pen);
	const isRollback = run.action === 'rollback-commit' || run.action === 'rollback-image';
	return [
		...(words === '' ? [] : paragraph(`${pen.sayAction.runningNow} ${words}`, width)),
		...(isRollback && state.history.before?.run === run.id && key !== '' ? [hint(key, pen.sayAction.wayBack)] : []),
	];
};

/** What to try when it did not help: the other actions on the same service, the log, the phone. */
const nextRows = (run: Run, state: State, width: number, pen: Pen): readonly Line[] => {
	const say = pen.sayAction;
	const service = actionById(run.action)?.service ?? run.service;
	const mends = actions.filter(({kind}) => kind === 'start' || kind === 'restart');
	const others = mends.filter(action => action.id !== run.action && (action.service === service || state.findings.some(finding => finding.actions.includes(action.id)))).slice(0, 2);
	// When the attempts have not helped the runbook rolls back, and escalates.
	const rollback = run.action.startsWith('rollback-') ? [] : [actionHint(state, 'rollback-commit', pen)];
	const escalate = keyFor(state, 'escalate', pen);
	return [
		joinHints([[span(say.nextHeading, 'strong')], ...others.map(action => actionHint(state, action.id, pen)), ...rollback, hint(escalate, say.nextEscalate)], width, 3),
		[span(say.nextLog, 'dim')],
	];
};
