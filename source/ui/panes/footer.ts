/**
The last row: what is being typed, else a short message, else the keys that matter now. Only keys that do something are shown, as the key
table has them.
*/

import {resolvedNow} from '../../core/update-runs.ts';
import {standing} from '../../core/screen.ts';
import {actions} from '../../core/actions.ts';
import type {CommandId} from '../../core/keys.ts';
import type {State} from '../../core/state.ts';
import {takeColumns, widthOf} from '../../core/text.ts';
import type {Overlay, Prompt} from '../../core/view.ts';
import {escalationWords} from '../../messages/escalation.ts';
import {leadOf} from '../../core/responders.ts';
import {dutyWords} from '../../messages/duties.ts';
import {responderWords} from '../../messages/responders.ts';
import {resolveDoubt} from '../../core/update-alerts.ts';
import {alertWords, doubtWords} from '../../messages/alerts.ts';
import {drillWords} from '../../messages/drill.ts';
import {checkWords} from '../../messages/checks.ts';
import {commandShort, keyName} from '../../messages/keys.ts';
import {questionName} from '../../messages/action-titles.ts';
import {runbookWords} from '../../messages/runbook.ts';
import {flashes} from '../../messages/screen.ts';
import {edges, fitLine, lineWidth, space, span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import {escalationHints} from './escalation-hints.ts';
import {actionHint, commandHint, hint, joinHints} from './key-hints.ts';

/** Draws the row: exactly `width` columns. */
export const drawFooter = (state: State, width: number, pen: Pen): Line => {
	const {prompt, flash, overlay} = state.view;
	if (prompt !== null) {
		return promptLine(prompt, state, width, pen);
	}

	if (flash !== null) {
		return fitLine([space(1), span(flashes[pen.language][flash.code](flash.params), flash.level === 'warning' ? 'warnStrong' : 'strong')], width);
	}

	const hints = overlay === null ? mainHints(state, pen) : overlayHints(overlay, state, pen);
	return fitLine([space(1), ...joinHints(hints, width - 2)], width);
};

const promptWords = (prompt: Prompt, state: State, pen: Pen): string => {
	const {say} = pen;
	switch (prompt.purpose) {
		case 'search': {
			return say.promptSearch;
		}

		case 'filter': {
			return say.promptFilter;
		}

		case 'note': {
			return `${say.promptNote}: `;
		}

		case 'actor': {
			return `${say.promptActor}: `;
		}

		case 'lead-name': {
			return `${responderWords[pen.language].promptLead}: `;
		}

		case 'duty-note': {
			return `${dutyWords[pen.language].promptDone} `;
		}

		case 'duty-reason': {
			return `${dutyWords[pen.language].promptWaive} `;
		}

		case 'resolve-reason': {
			return `${doubtWords(pen.language, resolveDoubt(state))} `;
		}

		case 'cancel-reason': {
			return `${say.promptCancel} `;
		}

		case 'confirm-target': {
			const {overlay} = state.view;
			return `${say.promptTarget(overlay?.kind === 'card' ? resolvedNow(state, overlay.action).target : '')}: `;
		}

		case 'card-value': {
			const {overlay} = state.view;
			const name = overlay?.kind === 'card' ? overlay.asking ?? '' : '';
			const question = overlay?.kind === 'card' ? resolvedNow(state, overlay.action).action.questions.find(other => other.name === name) : undefined;
			return `${questionName(pen.language, name, question?.label)}: `;
		}

		case 'palette': {
			return say.promptPalette;
		}

		case 'runbook-search': {
			return say.promptSearch;
		}

		case 'snooze-reason': {
			return `${escalationWords[pen.language].promptSnooze} `;
		}

		case 'waive-reason': {
			return `${escalationWords[pen.language].promptWaive} `;
		}
	}
};

/** The end of what was typed stays in sight, with the cursor after it. */
const promptLine = (prompt: Prompt, state: State, width: number, pen: Pen): Line => {
	const label: Line = [space(1), span(promptWords(prompt, state, pen), 'accentStrong')];
	const end: Line = width >= 70 ? [span(`${pen.say.promptHint} `, 'dim')] : [];
	const room = Math.max(4, width - lineWidth(label) - lineWidth(end) - 3);
	const over = widthOf(prompt.text) - room;
	const text = over > 0 ? takeColumns(prompt.text, over + 1).rest : prompt.text;
	return edges([...label, ...(over > 0 ? [span('…', 'dim')] : []), span(text), span(' ', 'cursor')], end, width);
};

const logCommands: readonly CommandId[] = ['search', 'filter', 'error-previous', 'follow', 'wrap', 'log-service', 'since'];

/** The main screen's keys: what acts on the likeliest finding first, then the incident's, then those of the focused pane. */
const mainHints = (state: State, pen: Pen): readonly Line[] => {
	const {findings, view, incident} = state;
	const suggested = findings[0]?.actions ?? [];
	const isOutage = standing(state) === 'outage' || standing(state) === 'suspected';
	const acting: readonly string[] = [...new Set([...suggested, ...(isOutage ? actions.map(action => action.id) : [])])];
	const actionHints = acting.map(id => actionHint(state, id, pen));
	const command = (id: CommandId): Line => commandHint(state, id, pen);
	const incidentHints = incident === null ? [command('incident')] : [...(incident.acknowledgedAtMs === null ? [command('acknowledge')] : []), command('escalate'), command('incident'), command('note')];
	const search = view.log.search === null ? [] : [command('search-next'), command('search-previous')];
	const pane = view.focus === 'log' ? [...search, ...logCommands.map(id => command(id))] : (view.focus === 'diagnosis' && findings.length === 0 ? [] : [command('open')]);
	return [
		command('help'),
		...(state.drillRun?.isDebriefed === true ? [command('back')] : []),
		...actionHints.slice(0, 3),
		...(incident === null ? [] : incidentHints),
		hint(keyOf(state, 'focus-next', pen), pen.say.tabPane),
		...pane,
		command('enlarge'),
		...(incident === null ? incidentHints : []),
		...(view.focus === 'log' ? [] : [command('search')]),
		command('palette'),
		...(state.situation.project.candidates.length > 1 ? [command('project')] : []),
		command('back'),
	];
};

const keyOf = (state: State, command: CommandId, pen: Pen): string => {
	const key = state.bindings.find(binding => binding.command === command)?.keys[0];
	return key === undefined ? '' : keyName(pen.language, key);
};

const overlayHints = (overlay: Overlay, state: State, pen: Pen): readonly Line[] => {
	const {say, sayAction, sayIncident} = pen;
	const close = hint('Esc', say.close);
	const scroll = hint('↑↓', commandScroll(pen));
	switch (overlay.kind) {
		case 'card': {
			const resolved = resolvedNow(state, overlay.action);
			const isBlocked = resolved.troubles.some(({blocks}) => blocks);
			return [...(isBlocked ? [] : [hint('y', sayAction.pressY)]), ...(resolved.action.questions.length === 0 ? [] : [hint('v', sayAction.changeValue)]), close, commandHint(state, 'copy', pen)];
		}

		case 'choice': {
			return [span2(sayAction.chooseKeys)];
		}

		case 'run': {
			const run = state.runs.find(other => other.id === overlay.id);
			const cancel = run?.phase === 'running' && (!run.cancelAsked || run.stopAsked) && !state.readOnly ? [hint('C', sayAction.cancelKey.replace(/^C /, ''))] : [];
			return [...cancel, close, scroll, commandHint(state, 'copy', pen)];
		}

		case 'incident': {
			return state.incident === null
				? [hint('o', sayIncident.keysOpen), ...(state.lastEnded === null ? [] : [hint('p', responderWords[pen.language].keyDuties)]), close]
				: [hint('x', sayIncident.keysResolve), hint('c', sayIncident.keysCancel), ...(state.incident.acknowledgedAtMs === null ? [commandHint(state, 'acknowledge', pen)] : []), ...(state.settings.alerts.alertmanager === null ? [] : [hint('s', alertWords[pen.language].silenceKey)]), hint('v', alertWords[pen.language].severityKey), commandHint(state, 'note', pen), commandHint(state, 'escalate', pen), ...(leadOf(state.incident) === null || leadOf(state.incident) === state.actor.name ? [] : [hint('t', responderWords[pen.language].keyLead)]), hint('p', responderWords[pen.language].keyDuties), close, scroll];
		}

		case 'duties': {
			const say = dutyWords[pen.language];
			return [hint('x', say.keyDone), hint('w', say.keyWaive), hint('c', say.keyCopy), close, hint('↑↓', commandScroll(pen))];
		}

		case 'silence': {
			const words = alertWords[pen.language];
			return [hint('y', words.silenceYes), ...(state.incident?.silence == null || overlay.what === 'lift' ? [] : [hint('u', words.silenceLiftKey)]), close];
		}

		case 'severity': {
			return [hint('Enter', alertWords[pen.language].severityTake), close, hint('↑↓', commandScroll(pen))];
		}

		case 'escalation':
		case 'message': {
			return escalationHints(overlay, state, pen);
		}

		case 'briefing': {
			const say = drillWords[pen.language];
			return [hint('Enter', say.begins), ...(state.findings[0]?.actions ?? []).slice(0, 1).map(id => actionHint(state, id, pen)), hint('t', say.tour)];
		}

		case 'debrief': {
			return [scroll, hint('q', commandShort(pen.language, 'back')), hint('Esc', drillWords[pen.language].backToScreen)];
		}

		case 'tour': {
			const say = drillWords[pen.language];
			return [hint('Enter', say.tourNext), hint('←', say.tourBack), hint('Esc', say.tourEnds)];
		}

		case 'quit': {
			return [hint('y', say.quitYes), span2(say.quitNo)];
		}

		case 'page':
		case 'reader': {
			return runbookHints(overlay, state, pen);
		}

		case 'projects': {
			return [hint('Enter', say.projectsHint.replace(/^Enter /, '')), close];
		}

		case 'finding': {
			return [...(state.findings[overlay.index]?.actions ?? []).map(id => actionHint(state, id, pen)), hint('Enter', pen.sayDiagnosis.openEvidence), close];
		}

		case 'check': {
			return [...(state.checks[overlay.id]?.state === 'running' ? [] : [hint('Enter', checkWords(pen.language).again)]), close, scroll];
		}

		case 'help':
		case 'palette':
		case 'changes':
		case 'container':
		case 'ping': {
			return [close, scroll];
		}
	}
};

/** Of a page or of the reader. */
const runbookHints = (overlay: Extract<Overlay, {kind: 'page' | 'reader'}>, state: State, pen: Pen): readonly Line[] => {
	const say = runbookWords[pen.language];
	const others = state.runbook.runbooks.length > 1 ? [hint('o', say.keyOther)] : [];
	const close = hint('Esc', pen.say.close);
	return overlay.kind === 'page'
		? [hint('Enter', say.keyOpen), hint('←→', say.keyPages), hint('r', say.keyRead), ...others, close, hint('↑↓', commandScroll(pen))]
		: [hint('/', say.keySearch), hint('Tab', say.keyNextCard), hint('Enter', say.keyOpen), ...others, close, hint('↑↓', commandScroll(pen))];
};

const span2 = (text: string): Line => [span(text, 'dim')];

const commandScroll = (pen: Pen): string => pen.language === 'en' ? 'scroll' : 'rolar';
