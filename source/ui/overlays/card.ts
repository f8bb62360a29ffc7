/**
The card of an action: exactly what would run, where, on what, at which risk, how success is told, what stands against it, and what `y` does.
Nothing here decides: `update` does, from the same resolution.
*/

import {goodAnswersNeeded, type ResolvedAction, type Trouble} from '../../core/actions.ts';
import type {Rectangle} from '../../core/layout.ts';
import type {State} from '../../core/state.ts';
import {resolvedNow} from '../../core/update-runs.ts';
import type {Overlay} from '../../core/view.ts';
import {actionEffect, actionTitle, riskWords, troubleSentence} from '../../messages/actions.ts';
import {span, type Line} from '../lines.ts';
import {stateWords} from '../panes/container-words.ts';
import type {Pen} from '../pen.ts';
import {drawBox, labelled, labelledLine, paragraph, rowWidth, type Drawn} from './box.ts';

type Card = Extract<Overlay, {kind: 'card'}>;

/** Draws the card over the body. */
export const drawCard = (state: State, card: Card, body: Rectangle, pen: Pen): Drawn => {
	const resolved = resolvedNow(state, card.action);
	const width = rowWidth(body, 96);
	const say = pen.sayAction;
	const blocking = resolved.troubles.filter(({blocks}) => blocks);
	const notes = resolved.troubles.filter(({blocks}) => !blocks);
	const destructive = resolved.risk === 'destructive';
	return drawBox({
		title: [span(actionTitle[pen.language][card.action], 'strong')],
		facts: [span(pen.sayDiagnosis.scenario(resolved.action.scenario), 'dim')],
		border: destructive ? 'bad' : (blocking.length > 0 ? 'dim' : 'accent'),
		scroll: card.scroll,
		rows: [
			[],
			...commandRows(resolved, width, pen),
			...labelled(say.inDirectory, resolved.directory === '' ? '?' : resolved.directory, width),
			...labelled(say.target, say.targetOf(resolved.action.service, resolved.project === '' ? '?' : resolved.project), width),
			...nowRows(state, resolved, width, pen),
			...labelled(say.compose, composeWords(state, pen), width),
			...labelled(say.risk, riskWords[pen.language][resolved.risk], width, destructive ? 'badStrong' : 'warn'),
			...labelled(say.affects, actionEffect[pen.language][card.action], width),
			...labelled(say.check, checkWords(state, resolved, pen), width),
			...labelled(say.deadline, say.deadlineWords(pen.format.span(resolved.action.deadlineMs)), width),
			...(notes.length === 0 ? [] : [[], ...troubleRows(say.note, notes, width, 'warn', pen)]),
			...(blocking.length === 0 ? [] : [[], ...troubleRows(say.blocked, blocking, width, 'bad', pen)]),
			[],
		],
		foot: footOf(resolved, card, blocking, width, pen),
	}, body, pen, 96);
};

/** The command; words that the runbook spells otherwise are marked, and its own text stands below. */
const commandRows = (resolved: ResolvedAction, width: number, pen: Pen): readonly Line[] => {
	const say = pen.sayAction;
	if (!resolved.respelled) {
		return labelled(say.runs, resolved.script, width, 'strong');
	}

	const known = new Set(resolved.action.original.split(' '));
	const words = resolved.script.split(' ').flatMap((word, index): Line => [...(index === 0 ? [] : [span(' ')]), span(word, known.has(word) ? 'strong' : 'accentStrong')]);
	return [labelledLine(say.runs, words), ...labelled(say.runbookSays, `${resolved.action.original} (${say.respelled})`, width, 'dim')];
};

const nowRows = (state: State, resolved: ResolvedAction, width: number, pen: Pen): readonly Line[] => {
	const containers = (state.situation.containers.value ?? []).filter(container => container.service === resolved.action.service && !container.oneOff);
	const words = containers.length === 0 ? [pen.say.missing] : containers.map(container => stateWords(container, state.nowMs, pen).words.join(' · '));
	return labelled(pen.say.state, words.join(', '), width);
};

const composeWords = (state: State, pen: Pen): string => {
	const made = state.situation.project.facts?.composeVersion;
	return made === null || made === undefined ? pen.sayAction.composeNone : pen.sayAction.composeMade(made);
};

const checkWords = (state: State, resolved: ResolvedAction, pen: Pen): string => {
	const within = pen.format.span(state.settings.verifyDeadlineMs);
	return resolved.checks.length === 0 ? pen.sayAction.checkContainer(resolved.action.service, within) : pen.sayAction.checkPings(resolved.checks.join(', '), goodAnswersNeeded, within);
};

const troubleRows = (title: string, troubles: readonly Trouble[], width: number, tone: 'warn' | 'bad', pen: Pen): readonly Line[] => [
	[span(title, tone === 'bad' ? 'badStrong' : 'warnStrong')],
	...troubles.flatMap(trouble => paragraph(troubleSentence[pen.language][trouble.code](trouble.params), width - 4, tone)
		.map((line, index): Line => [span(index === 0 ? (tone === 'bad' ? '  ✖ ' : '  ▲ ') : '    ', tone), ...line])),
];

const footOf = (resolved: ResolvedAction, card: Card, blocking: readonly Trouble[], width: number, pen: Pen): readonly Line[] => {
	const say = pen.sayAction;
	if (blocking.length > 0) {
		return [[span(say.escCloses, 'dim')]];
	}

	const target = resolved.action.service;
	const yes = resolved.risk !== 'destructive' ? say.pressY : (card.targetTyped ? say.targetTyped(target) : say.pressYType(target));
	const lines = paragraph(yes, width - 5, 'strong');
	return [...lines.map((line, index): Line => [index === 0 ? span(' y ', resolved.risk === 'destructive' ? 'alarm' : 'tag') : span('   '), span('  '), ...line]), [span(say.otherKeys, 'dim')]];
};
