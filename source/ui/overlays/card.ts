/**
The card of an action: exactly what would run, where, on what, at which risk, how success is told, what stands against it, and what `y` does.
Nothing here decides: `update` does, from the same resolution.
*/

import type {ResolvedAction, Trouble} from '../../core/actions.ts';
import {goodAnswersNeeded} from '../../core/run-verdict.ts';
import type {Rectangle} from '../../core/layout.ts';
import {redact} from '../../core/redaction.ts';
import type {State} from '../../core/state.ts';
import type {SafeText} from '../../core/text.ts';
import {resolvedNow} from '../../core/update-runs.ts';
import type {Overlay} from '../../core/view.ts';
import {actionEffectOf, actionLost, actionTitleOf, actionUndo, itemKinds, questionName} from '../../messages/action-titles.ts';
import {riskWords} from '../../messages/actions.ts';
import {tellBy, troubleSentence, type Tell} from '../../messages/troubles.ts';
import {edges, space, span, wrapLine, type Line} from '../lines.ts';
import {stateWords} from '../panes/container-words.ts';
import type {Pen} from '../pen.ts';
import {drawBox, labelColumns, labelled, labelledLine, paragraph, rowWidth, type Drawn} from './box.ts';

type Card = Extract<Overlay, {kind: 'card'}>;

/** Draws the card over the body. */
export const drawCard = (state: State, card: Card, body: Rectangle, pen: Pen): Drawn => {
	const resolved = resolvedNow(state, card.action);
	const width = rowWidth(body, 96);
	const say = pen.sayAction;
	const blocking = resolved.troubles.filter(({blocks}) => blocks);
	const notes = resolved.troubles.filter(({blocks}) => !blocks);
	const destructive = resolved.risk === 'destructive';
	const tell = tellBy(pen.format, state.nowMs);
	const isRead = resolved.risk === 'read';
	const recreatesMore = destructive && resolved.action.risk !== 'destructive' && resolved.recreates;
	return drawBox({
		title: [span(actionTitleOf(pen.language, resolved.action), 'strong')],
		...(resolved.action.scenario === null || resolved.action.scenario === 0 ? {} : {facts: [span(pen.sayDiagnosis.scenario(resolved.action.scenario), 'dim')]}),
		border: destructive ? 'bad' : (blocking.length > 0 ? 'dim' : 'accent'),
		scroll: card.scroll,
		rows: [
			...commandRows(resolved, width, pen),
			...valueRows(resolved, width, pen),
			// What speaks against it and what would go stand before what is always so.
			...(blocking.length === 0 ? [] : [[], ...troubleRows(say.blocked, blocking, width, 'bad', pen, tell)]),
			...(notes.length === 0 ? [] : [[], ...troubleRows(say.note, notes, width, 'warn', pen, tell)]),
			...previewRows(resolved, state, width, pen),
			[],
			...labelled(say.risk, riskWords[pen.language][resolved.risk], width, destructive ? 'badStrong' : (isRead ? 'plain' : 'warn')),
			...labelled(say.affects, actionEffectOf(pen.language, resolved.action), width),
			...optional(say.loses, recreatesMore ? say.losesRecreated : actionLost(pen.language, card.action), width),
			...optional(say.undo, actionUndo(pen.language, card.action), width),
			...labelled(say.check, checkWords(state, resolved, pen), width),
			...optional(say.took, tookWords(state, card.action, pen), width),
			...labelled(say.target, resolved.action.scope === 'host' ? say.onHost(state.situation.host.identity.value?.hostName ?? '') : say.targetOf(resolved.action.service ?? '', resolved.project === '' ? '?' : resolved.project), width),
			...(resolved.action.scope === 'host' ? [] : nowRows(state, resolved, width, pen)),
			...labelled(say.inDirectory, resolved.directory === '' ? '?' : resolved.directory, width),
			...(resolved.composeWords === null || !/compose/.test(resolved.script) ? [] : labelled(say.compose, composeWords(state, pen), width)),
			...labelled(say.deadline, say.deadlineWords(pen.format.span(resolved.action.deadlineMs)), width),
		],
		foot: footOf(resolved, card, blocking, width, pen),
	}, body, pen, 96);
};

const optional = (label: string, words: string | null, width: number): readonly Line[] => words === null ? [] : labelled(label, words, width);

const tookWords = (state: State, action: string, pen: Pen): string | null => {
	const times = (state.history.took[action] ?? []).slice(0, 3).map(({tookMs}) => tookMs < 60_000 ? pen.format.seconds(tookMs) : pen.format.stopwatch(tookMs));
	return times.length === 0 ? null : (times.length === 1 ? pen.sayAction.tookTime(times[0]!) : pen.sayAction.tookTimes(times.join(', ')));
};

const itemsShown = 12;

/** What would go, or what is there: how much in all first, then the things themselves. */
const previewRows = (resolved: ResolvedAction, state: State, width: number, pen: Pen): readonly Line[] => {
	const {preview} = resolved;
	const say = pen.sayAction;
	if (preview === null || preview.items.length === 0) {
		return [];
	}

	const {format} = pen;
	const count = preview.count ?? preview.items.length;
	const isDestructive = resolved.risk === 'destructive';
	const label = isDestructive ? say.would : say.found;
	const total = preview.bytes === null ? format.count(count) : say.totalOf(format.count(count), format.bytes(preview.bytes));
	const shown = preview.items.slice(0, itemsShown);
	return [
		[],
		labelledLine(label, [span(total, isDestructive ? 'badStrong' : 'strong')]),
		...shown.map(item => edges(
			[space(labelColumns), span(`${itemKinds[pen.language][item.kind]}${itemKinds[pen.language][item.kind] === '' || item.name === '' ? '' : ' '}`, 'dim'), span(visible(item.name))],
			[span(item.atMs === null ? '' : format.ago(Math.max(0, state.nowMs - item.atMs)), 'dim'), span(item.bytes === null ? '' : `  ${format.bytes(item.bytes)}`)], width,
		)),
		...(count > shown.length ? [[space(labelColumns), span(say.andMore(format.count(count - shown.length)), 'dim')] as Line] : []),
	];
};

/** The steps; words that the runbook spells otherwise are marked, and its own text stands below. */
const commandRows = (resolved: ResolvedAction, width: number, pen: Pen): readonly Line[] => {
	const say = pen.sayAction;
	const lines = resolved.script.split('\n');
	const numbered = lines.length > 1 ? 2 : 0;
	const known = new Set(resolved.action.original.split(/\s+/));
	const words = (line: string): Line => line.split(' ').flatMap((word, index): Line => [...(index === 0 ? [] : [span(' ')]), span(visible(word), !resolved.respelled || known.has(word) ? 'strong' : 'accentStrong')]);
	const original = resolved.action.original.split('\n').map(line => visible(line)).join('; ');
	return [
		...lines.flatMap((line, index) => wrapLine(words(line), width - labelColumns - numbered).map((piece, part) => labelledLine(index === 0 && part === 0 ? say.runs : '', [span(numbered === 0 ? '' : (part === 0 ? `${index + 1} ` : '  '), 'dim'), ...piece]))),
		...(resolved.respelled && resolved.action.original !== '' ? labelled(say.runbookSays, `${original} (${isOwn(resolved) ? say.replaced : say.respelled})`, width, 'dim') : []),
	];
};

/** A shipped action with steps of its own: the runbook's text is not what runs. */
const isOwn = ({action, composeWords}: ResolvedAction): boolean => action.kind !== 'card' && action.kind !== 'start' && (action.kind !== 'restart' || !action.original.includes(' restart ')) && composeWords !== null;

/** Control and invisible characters as their code: what is shown must be what runs. */
const visible = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, character => `\\u{${character.codePointAt(0)!.toString(16)}}`);

/** The answers to what the card asks. */
const valueRows = (resolved: ResolvedAction, width: number, pen: Pen): readonly Line[] => resolved.action.questions.flatMap(({name, label}, index) => {
	const value = resolved.values[name];
	return labelled(index === 0 ? pen.sayAction.asks : '', `${name} = ${value === undefined ? '?' : visible(redact(value as SafeText))}  ${questionName(pen.language, name, label)}`, width, value === undefined ? 'warn' : 'plain');
});

const nowRows = (state: State, resolved: ResolvedAction, width: number, pen: Pen): readonly Line[] => {
	const containers = (state.situation.containers.value ?? []).filter(container => (resolved.action.service === null || container.service === resolved.action.service) && !container.oneOff);
	if (resolved.action.service === null) {
		return containers.length === 0 ? [] : labelled(pen.say.state, containers.map(container => `${container.service} ${stateWords(container, state.nowMs, pen).words[0] ?? ''}`).join(', '), width);
	}

	const words = containers.length === 0 ? [pen.say.missing] : containers.map(container => stateWords(container, state.nowMs, pen).words.join(' · '));
	return labelled(pen.say.state, words.join(', '), width);
};

const composeWords = (state: State, pen: Pen): string => {
	const made = state.situation.project.facts?.composeVersion;
	return made === null || made === undefined ? pen.sayAction.composeNone : pen.sayAction.composeMade(made);
};

const checkWords = (state: State, resolved: ResolvedAction, pen: Pen): string => {
	const say = pen.sayAction;
	const within = pen.format.span(state.settings.verifyDeadlineMs);
	const {verification, service} = resolved.action;
	switch (verification.by) {
		case 'none': {
			return say.checkNone;
		}

		case 'exit': {
			return say.checkExit;
		}

		case 'pings': {
			const words = resolved.checks.length === 0 ? say.checkContainer(service ?? resolved.project, within) : say.checkPings(resolved.checks.join(', '), goodAnswersNeeded, within);
			return verification.strict ? `${say.checkStrict}${words}` : words;
		}
	}
};

const troubleRows = (title: string, troubles: readonly Trouble[], width: number, tone: 'warn' | 'bad', pen: Pen, tell: Tell): readonly Line[] => [
	[span(title, tone === 'bad' ? 'badStrong' : 'warnStrong')],
	...troubles.flatMap(trouble => paragraph(troubleSentence[pen.language][trouble.code](trouble.params, tell), width - 4, tone)
		.map((line, index): Line => [span(index === 0 ? (tone === 'bad' ? '  ✖ ' : '  ▲ ') : '    ', tone), ...line])),
];

const footOf = (resolved: ResolvedAction, card: Card, blocking: readonly Trouble[], width: number, pen: Pen): readonly Line[] => {
	const say = pen.sayAction;
	if (blocking.length > 0) {
		// What only waits for an answer is asked by `y`.
		const asks = blocking.every(({code}) => code === 'variable-missing' || code === 'variable-refused');
		return [[...(asks ? [span(' y ', 'tag'), span('  ')] : []), span(asks ? say.yAsks : say.escCloses, 'dim')]];
	}

	const {target} = resolved;
	const yes = resolved.risk !== 'destructive' ? say.pressY : (card.targetTyped ? say.targetTyped(target) : say.pressYType(target));
	const lines = paragraph(yes, width - 5, 'strong');
	return [...lines.map((line, index): Line => [index === 0 ? span(' y ', resolved.risk === 'destructive' ? 'alarm' : 'tag') : span('   '), span('  '), ...line]), [span(say.otherKeys, 'dim')]];
};
