/**
What a key does: in a prompt, in an overlay, on the main screen. Looking is free; nothing here changes the server except through a card's `y`
(update-runs.ts). Esc closes and never quits; Ctrl-C asks; a paste presses nothing.
*/

import {askCheck, checkOfCommand, checkRows, openCheck} from './update-checks.ts';
import {commandOf, type CommandId} from './keys.ts';
import {paneOrder, type PaneId} from './layout.ts';
import {actionOf, cardOf, matchCommands, paletteNames} from './palette.ts';
import {containerRows, layoutOf, logWindowOf} from './screen.ts';
import type {State} from './state.ts';
import {flash, record, withEffect, withState, withView, type Step} from './step.ts';
import type {SafeText} from './text.ts';
import {debriefLines, onDrillOverlayKey} from './update-drill.ts';
import {onFindingKey} from './update-finding-keys.ts';
import {onEditKey, onEditPaste, onEscalationKey, openEscalation, snooze, waive} from './update-escalation.ts';
import {askKept, keepText} from './kept-texts.ts';
import {takeLead} from './responders.ts';
import {copiedCommand, onDutiesKey, openDutyList, settleDuty} from './update-duties.ts';
import {onSilenceKey, openSilence, proposeSilence, resolveDoubt} from './update-alerts.ts';
import {endIncident, onSeverityKey, openIncident, openSeverity} from './update-incident.ts';
import {filterLog, jumpToError, logBottom, logRows, logTop, moveLog, nextSince, searchAgain, searchLog, withLog} from './update-log.ts';
import {onPageKey, onReaderKey, openCardById, openCardByKey, openPage, openReader, searchRunbook} from './update-runbook.ts';
import {onChoiceKey} from './update-preview.ts';
import {openShell} from './update-shell.ts';
import {actionNow, answerValue, askValue, confirmCard, openCard, resolvedNow} from './update-runs.ts';
import {actions} from './actions.ts';
import {makeSafe} from './text.ts';
import type {Overlay, Prompt, PromptPurpose} from './view.ts';

export type KeyPress = {readonly key: string; readonly alone: boolean; readonly atMs: number};

const promptLength = 500;

export const onKey = (step: Step, press: KeyPress): Step => {
	const {view} = step.state;
	const next = withView(step, {keyRevision: view.keyRevision + 1, keyAtMs: press.atMs, flash: null});
	if (press.key === 'ctrl-c') {
		return view.overlay?.kind === 'quit' ? quit(next) : withView(next, {overlay: {kind: 'quit'}, prompt: null});
	}

	if (press.key === 'ctrl-z') {
		return withEffect(next, {type: 'console/suspend'});
	}

	if (isTooSmall(step)) {
		// Keys change nothing that cannot be seen, neither in a card nor in a prompt; leaving is still possible.
		return press.key === 'q' ? quit(next) : next;
	}

	if (view.prompt !== null) {
		return onPromptKey(next, press);
	}

	return view.overlay === null ? onMainKey(next, press.key) : onOverlayKey(next, view.overlay, press);
};

const isTooSmall = (step: Step): boolean => layoutOf(step.state).kind === 'too-small';

const quit = (step: Step): Step => withEffect(withState(step, {leaving: true}), {type: 'console/quit'});

/** Pasted text goes into a prompt as text, and nowhere else. */
export const onPaste = (step: Step, text: string): Step => {
	const {prompt, overlay} = step.state.view;
	if (prompt === null && overlay?.kind === 'message' && overlay.editAt !== null && !isTooSmall(step)) {
		return onEditPaste(step, overlay, text);
	}

	if (prompt === null || isTooSmall(step)) {
		return flash(step, 'paste-ignored', {}, 'warning');
	}

	return withPrompt(step, prompt, prompt.text + makeSafe(text.replaceAll(/[\r\n]+/g, ' ')));
};

const withPrompt = (step: Step, prompt: Prompt, typed: string): Step => {
	const {view} = step.state;
	const overlay: Overlay | null = prompt.purpose === 'palette' ? {kind: 'palette', cursor: 0} : view.overlay;
	const text = typed.slice(0, promptLength);
	return keptPrompt(withView(step, {overlay, prompt: {...prompt, text}, keyRevision: view.keyRevision + 1}), prompt, text);
};

/** What is typed in some prompts is kept for the case that the line is cut; `text` empty: it became something, or was given up. */
const keptPrompt = (step: Step, prompt: Prompt, text: string): Step => prompt.keptAs === undefined ? step : keepText(step, prompt.keptAs, text);

// ─── prompts ─────────────────────────────────────────────────────────────────

const onPromptKey = (step: Step, {key}: KeyPress): Step => {
	const {prompt, overlay} = step.state.view;
	if (prompt === null) {
		return step;
	}

	if (key === 'escape') {
		return keptPrompt(withView(step, {prompt: null, overlay: prompt.purpose === 'palette' ? null : overlay}), prompt, '');
	}

	if (key === 'enter') {
		return submitPrompt(keptPrompt(withView(step, {prompt: null}), prompt, ''), prompt.purpose, prompt.text);
	}

	if (key === 'backspace' || key === 'delete') {
		return withPrompt(step, prompt, [...prompt.text].slice(0, -1).join(''));
	}

	if (key === 'ctrl-u') {
		return withPrompt(step, prompt, '');
	}

	if (overlay?.kind === 'palette' && (key === 'up' || key === 'down')) {
		const count = matchCommands(paletteNames(step.state), prompt.text).length;
		const cursor = Math.max(0, Math.min(count - 1, overlay.cursor + (key === 'down' ? 1 : -1)));
		return withView(step, {overlay: {kind: 'palette', cursor}});
	}

	return [...key].length === 1 ? withPrompt(step, prompt, prompt.text + makeSafe(key)) : step;
};

const submitPrompt = (step: Step, purpose: PromptPurpose, typed: string): Step => {
	const text = typed.trim();
	switch (purpose) {
		case 'search': {
			return searchLog(step, typed);
		}

		case 'filter': {
			return filterLog(step, typed);
		}

		case 'note': {
			return text === '' ? step : flash(record(step, {type: 'note/added', data: {text}}), 'noted');
		}

		case 'actor': {
			return text === '' ? step : acknowledge(named(step, text));
		}

		case 'lead-name': {
			return text === '' ? step : takeLead(named(step, text));
		}

		case 'duty-note':
		case 'duty-reason': {
			return settleDuty(step, purpose === 'duty-note' ? 'done' : 'waived', text);
		}

		case 'resolve-reason': {
			return text === '' ? step : withView(endIncident(step, 'resolved', text), {overlay: null});
		}

		case 'cancel-reason': {
			return text === '' ? step : withView(endIncident(step, 'cancelled', text), {overlay: null});
		}

		case 'confirm-target': {
			return submitTarget(step, text);
		}

		case 'card-value': {
			return answerValue(step, text);
		}

		case 'runbook-search': {
			return searchRunbook(step, typed);
		}

		case 'snooze-reason': {
			return snooze(step, text);
		}

		case 'waive-reason': {
			return waive(step, text);
		}

		case 'palette': {
			const cursor = step.state.view.overlay?.kind === 'palette' ? step.state.view.overlay.cursor : 0;
			const command = matchCommands(paletteNames(step.state), typed)[cursor];
			const closed = withView(step, {overlay: null});
			const cardId = command === undefined ? null : cardOf(command);
			if (cardId !== null) {
				return openCardById(closed, cardId);
			}

			const actionId = command === undefined ? null : actionOf(command);
			return command === undefined ? closed : (actionId === null ? onCommand(closed, command as CommandId) : openCard(closed, actionId));
		}
	}
};

/** The name arms the card; it is still `y` that runs it. */
const submitTarget = (step: Step, text: string): Step => {
	const {overlay} = step.state.view;
	if (overlay?.kind !== 'card') {
		return step;
	}

	const {target} = resolvedNow(step.state, overlay.action);
	return text === target
		? withView(step, {overlay: {...overlay, targetTyped: true, paintedAtMs: null}})
		: flash(step, 'type-target', {target}, 'warning');
};

/** On a shared account the person says who she is, once. */
const named = (step: Step, name: string): Step => {
	const actor = {...step.state.actor, name};
	return record(withState(step, {actor, actorAsked: false}), {type: 'actor/named', incident: null, data: {name, user: actor.user, from: actor.from}, actor});
};

const acknowledge = (step: Step): Step => {
	const {incident, actorAsked, actor} = step.state;
	if (incident === null) {
		return flash(step, 'no-incident', {}, 'warning');
	}

	if (actorAsked) {
		return withView(step, {prompt: {purpose: 'actor', text: ''}});
	}

	return incident.acknowledgedAtMs === null ? proposeSilence(flash(record(step, {type: 'incident/acknowledged', data: {}}), 'acknowledged', {name: actor.name})) : flash(step, 'acknowledged', {name: incident.acknowledgedBy ?? ''});
};

// ─── overlays ────────────────────────────────────────────────────────────────

const scrolls: Readonly<Record<string, number>> = {up: -1, k: -1, down: 1, j: 1, 'page-up': -10, 'page-down': 10, 'ctrl-u': -5, 'ctrl-d': 5, g: -100_000, home: -100_000, G: 100_000, end: 100_000};

/** About as many as the incident's card has: clocks, alert sources, who is here, and a timeline of which some entries take two rows. */
const incidentLines = ({incident, lastEnded, view, journal}: State): number =>
	22 + journal.present.length + Math.ceil(((incident ?? lastEnded)?.timeline.length ?? 0) * (view.size.columns < 100 ? 1.5 : 1.15));

/** About how far an overlay can be scrolled, so that the way back is not longer than the way there. */
const scrollLimitOf = (state: State, overlay: Overlay): number => {
	const rows = Math.max(1, layoutOf(state).body.height - 6);
	const counts: Readonly<Partial<Record<Overlay['kind'], number>>> = {help: state.bindings.length + 24, incident: incidentLines(state), ...(overlay.kind === 'debrief' ? {debrief: debriefLines(state)} : {})};
	const lines = overlay.kind === 'check' ? checkRows(state, overlay.id) : overlay.kind === 'run' ? state.runBook.tail(overlay.id, 1).above + 1 : (counts[overlay.kind] ?? 40) + 8;
	return Math.max(0, lines - rows);
};

const onOverlayKey = (step: Step, overlay: Overlay, press: KeyPress): Step => {
	const {key} = press;
	if (overlay.kind === 'briefing' || overlay.kind === 'tour') {
		// Whoever knows what to do need not put the briefing away first.
		return onDrillOverlayKey(step, overlay, key) ?? onKey(withView(step, {overlay: null}), press);
	}

	if (overlay.kind === 'message' && overlay.editAt !== null) {
		return onEditKey(step, overlay, key);
	}

	const escalating = onEscalationKey(step, overlay, press);
	if (escalating !== null) {
		return escalating;
	}

	// After a drill's debrief there is nothing left to do: q leaves, as its hint says.
	if (overlay.kind === 'debrief' && key === 'q') {
		return quit(step);
	}

	if (key === 'escape' || key === 'q') {
		return withView(step, {overlay: null});
	}

	if (overlay.kind === 'quit') {
		return key === 'y' && press.alone ? quit(step) : withView(step, {overlay: null});
	}

	if (overlay.kind === 'page' || overlay.kind === 'reader') {
		return (overlay.kind === 'page' ? onPageKey(step, overlay, key) : onReaderKey(step, overlay, key)) ?? onOverlayCommand(step, key);
	}

	if (overlay.kind === 'projects') {
		return onProjectKey(step, overlay.cursor, key);
	}

	if (overlay.kind === 'finding') {
		const next = onFindingKey(step, overlay, key);
		if (next !== null) {
			return next;
		}
	}

	if (overlay.kind === 'silence') {
		const next = onSilenceKey(step, overlay, press);
		if (next !== null) {
			return next;
		}
	}

	if (overlay.kind === 'severity') {
		return onSeverityKey(step, overlay.cursor, key, scrolls[key] ?? 0);
	}

	const by = scrolls[key];
	if (overlay.kind === 'choice') {
		const action = actionNow(step.state, overlay.action);
		const {step: next, chosen} = action === null ? {step, chosen: null} : onChoiceKey(step, overlay, action, key, by);
		return chosen === null ? next : openCard(next, overlay.action, {[action!.kind === 'rollback-commit' ? 'COMMIT' : 'IMAGE']: chosen});
	}

	if (overlay.kind === 'duties') {
		return onDutiesKey(step, overlay, key, by) ?? onOverlayCommand(step, key);
	}

	if (by !== undefined && 'scroll' in overlay) {
		// Output is read from its end: there `up` goes away from it.
		const scroll = overlay.scroll + (overlay.kind === 'run' ? -by : by);
		return withView(step, {overlay: {...overlay, scroll: Math.max(0, Math.min(scrollLimitOf(step.state, overlay), scroll))}});
	}

	if (overlay.kind === 'card' && key === 'y') {
		return confirmCard(step, press.alone, press.atMs);
	}

	if (overlay.kind === 'card' && key === 'v') {
		return askValue(step, null);
	}

	if (overlay.kind === 'run') {
		return onRunKey(step, overlay, press);
	}

	if (overlay.kind === 'check' && key === 'enter') {
		return askCheck(step, overlay.id);
	}

	if (overlay.kind === 'incident') {
		return onIncidentKey(step, key);
	}

	return onOverlayCommand(step, key);
};

/** In any overlay: what copies, and what opens another one. */
const onOverlayCommand = (step: Step, key: string): Step => {
	const command = commandOf(step.state.bindings, key);
	return command === 'copy' ? copy(step) : (command === null || !opensOverlay(command) ? step : onCommand(step, command));
};

const opensOverlay = (command: CommandId): boolean =>
	command === 'help' || command === 'palette' || command === 'changes' || command === 'duties' || command === 'incident' || command === 'escalate' || command === 'acknowledge' || command === 'note' || command === 'runbook' || command.startsWith('action-') || command.startsWith('check-');

const onProjectKey = (step: Step, cursor: number, key: string): Step => {
	const {candidates} = step.state.situation.project;
	if (key === 'enter') {
		const chosen = candidates[cursor];
		return chosen === undefined ? withView(step, {overlay: null}) : withEffect(withView(step, {overlay: null, containerCursor: 0}), {type: 'project/choose', name: chosen.name});
	}

	const by = scrolls[key] ?? 0;
	return withView(step, {overlay: {kind: 'projects', cursor: Math.max(0, Math.min(candidates.length - 1, cursor + by))}});
};

/** Cancelling a run is a change: `C` asks, `y` within ten seconds does it, `s` between two of its steps. Only a run that still runs can be cancelled. */
const onRunKey = (step: Step, overlay: Extract<Overlay, {kind: 'run'}>, press: KeyPress): Step => {
	const run = step.state.runs.find(other => other.id === overlay.id);
	if (press.key === 'C' && run?.phase === 'running' && (!run.cancelAsked || run.stopAsked)) {
		return step.state.readOnly ? flash(step, 'read-only', {}, 'warning') : withView(step, {overlay: {...overlay, cancelAskedAtMs: press.atMs}});
	}

	const askedMs = overlay.cancelAskedAtMs === null ? null : press.atMs - overlay.cancelAskedAtMs;
	const how = press.key === 'y' ? 'now' : (press.key === 's' && run !== undefined && run.script.includes('\n') ? 'after-step' : null);
	if (how !== null && press.alone && askedMs !== null && askedMs >= 300 && askedMs < 10_000 && run?.phase === 'running') {
		const asked = withState(withView(step, {overlay: {...overlay, cancelAskedAtMs: null}}), {runs: step.state.runs.map(other => other.id === run.id ? {...other, cancelAsked: true, stopAsked: how === 'after-step'} : other)});
		return withEffect(flash(record(asked, {type: 'action/cancelAsked', data: {run: run.id, action: run.action, how}}), 'cancel-asked'), {type: 'run/cancel', id: run.id, how});
	}

	return onOverlayCommand(step, press.key);
};

/** In a drill nobody has to wait for the watching window, or for the next scrape to see that all is green. */
const isBeyondDoubt = (state: State): boolean => {
	const doubt = resolveDoubt(state);
	return doubt === null || (state.drillRun !== null && state.incident?.state === 'mitigated' && (doubt === 'watching' || doubt === 'alert'));
};

const onIncidentKey = (step: Step, key: string): Step => {
	const {incident} = step.state;
	if (key === 'o') {
		return incident === null ? flash(openIncident(step, 'key'), 'incident-opened') : step;
	}

	if (key === 'p') {
		return openDutyList(step);
	}

	if (key === 't' && incident !== null) {
		return takeLead(step);
	}

	if (incident !== null && key === 's') {
		return openSilence(step);
	}

	if (incident !== null && key === 'v') {
		return openSeverity(step, incident);
	}

	if (incident === null || (key !== 'x' && key !== 'c')) {
		return onOverlayCommand(step, key);
	}

	if (key === 'c') {
		return askKept(step, 'cancel-reason', incident.id);
	}

	// Resolving while something speaks against it wants a reason in words.
	return isBeyondDoubt(step.state) ? withView(endIncident(step, 'resolved', ''), {overlay: null}) : askKept(step, 'resolve-reason', incident.id);
};

// ─── main screen ─────────────────────────────────────────────────────────────

const onMainKey = (step: Step, key: string): Step => {
	if (/^[\d]$/.test(key)) {
		return openPage(step, Number(key));
	}

	const command = commandOf(step.state.bindings, key);
	return command === null ? openCardByKey(step, key) : onCommand(step, command);
};

const onCommand = (step: Step, command: CommandId): Step => {
	const {view} = step.state;
	const action = actions.find(other => other.command === command);
	if (action !== undefined) {
		return openCard(step, action.id);
	}

	const check = checkOfCommand(command);
	if (check !== null) {
		return openCheck(step, check);
	}

	switch (command) {
		case 'help': {
			return withView(step, {overlay: {kind: 'help', scroll: 0}});
		}

		case 'palette': {
			return withView(step, {overlay: {kind: 'palette', cursor: 0}, prompt: {purpose: 'palette', text: ''}});
		}

		case 'quit': {
			return withView(step, {overlay: {kind: 'quit'}});
		}

		case 'back': {
			return view.enlarged ? withView(step, {enlarged: false}) : quit(step);
		}

		case 'close': {
			return closeAll(step);
		}

		case 'focus-next':
		case 'focus-previous': {
			const at = paneOrder.indexOf(view.focus) + (command === 'focus-next' ? 1 : -1);
			return withView(step, {focus: paneOrder.at(at % paneOrder.length)!});
		}

		case 'enlarge': {
			return withView(step, {enlarged: !view.enlarged});
		}

		case 'open': {
			return openFocused(step, view.focus);
		}

		case 'copy': {
			return copy(step);
		}

		case 'project': {
			return step.state.situation.project.candidates.length > 1
				? withView(step, {overlay: {kind: 'projects', cursor: 0}})
				: flash(step, 'only-one-project');
		}

		case 'changes': {
			return withView(step, {overlay: {kind: 'changes', scroll: 0}});
		}

		case 'shell': {
			return openShell(step);
		}

		case 'runbook': {
			return openReader(step);
		}

		case 'incident': {
			return withView(step, {overlay: {kind: 'incident', scroll: 0}});
		}

		case 'escalate': {
			return openEscalation(step);
		}

		case 'acknowledge': {
			return acknowledge(step);
		}

		case 'note': {
			return askKept(step, 'note');
		}

		case 'duties': {
			return openDutyList(step);
		}

		default: {
			return onMoveCommand(step, command);
		}
	}
};

/** Esc: first the search and filters, then the enlarged pane. */
const closeAll = (step: Step): Step => {
	const {log, enlarged} = step.state.view;
	if (log.search !== null || log.filterIn !== null || log.filterOut !== null) {
		return withLog(step, {search: null, hit: null, filterIn: null, filterOut: null});
	}

	return enlarged ? withView(step, {enlarged: false}) : step;
};

const onMoveCommand = (step: Step, command: CommandId): Step => {
	const {state} = step;
	const {log} = state.view;
	switch (command) {
		case 'up': {
			return move(step, -1);
		}

		case 'down': {
			return move(step, 1);
		}

		case 'page-up': {
			return move(step, -pageRows(state));
		}

		case 'page-down': {
			return move(step, pageRows(state));
		}

		case 'half-page-up': {
			return move(step, -Math.ceil(pageRows(state) / 2));
		}

		case 'half-page-down': {
			return move(step, Math.ceil(pageRows(state) / 2));
		}

		case 'left':
		case 'right': {
			return withLog(step, {column: Math.max(0, log.column + (command === 'left' ? -20 : 20))});
		}

		case 'top': {
			return state.view.focus === 'log' ? logTop(step) : move(step, -100_000);
		}

		case 'bottom': {
			return state.view.focus === 'log' ? logBottom(step) : move(step, 100_000);
		}

		default: {
			return onLogCommand(step, command);
		}
	}
};

/** Rows of the focused pane, inside its border. */
const pageRows = (state: State): number => state.view.focus === 'log' ? logRows(state) : Math.max(1, (layoutOf(state).panes[state.view.focus]?.height ?? 3) - 2);

const clampTo = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));

const move = (step: Step, rows: number): Step => {
	const {state} = step;
	const {view} = state;
	switch (view.focus) {
		case 'containers': {
			const containers = containerRows(state);
			const containerCursor = clampTo(view.containerCursor + rows, containers.length);
			const moved = withView(step, {containerCursor});
			const service = containers[containerCursor]?.service;
			// A log of one service goes along with the selection.
			return view.log.service !== null && service !== undefined && service !== view.log.service ? withLog(moved, {service, follow: true, anchor: null, hit: null}) : moved;
		}

		case 'health': {
			return withView(step, {pingCursor: clampTo(view.pingCursor + rows, state.situation.pings.length)});
		}

		case 'diagnosis': {
			return withView(step, {findingCursor: clampTo(view.findingCursor + rows, state.findings.length)});
		}

		case 'host': {
			return step;
		}

		case 'log': {
			return moveLog(step, rows);
		}
	}
};

const onLogCommand = (step: Step, command: CommandId): Step => {
	const {log} = step.state.view;
	switch (command) {
		case 'log-service': {
			const service = containerRows(step.state)[step.state.view.containerCursor]?.service ?? null;
			return withLog(step, {service: log.service === null ? service : null, follow: true, anchor: null, hit: null});
		}

		case 'search': {
			return withView(step, {prompt: {purpose: 'search', text: ''}});
		}

		case 'filter': {
			return withView(step, {prompt: {purpose: 'filter', text: ''}});
		}

		case 'search-next': {
			return searchAgain(step, 'newer');
		}

		case 'search-previous': {
			return searchAgain(step, 'older');
		}

		case 'error-next': {
			return jumpToError(step, 'newer');
		}

		case 'error-previous': {
			return jumpToError(step, 'older');
		}

		case 'follow': {
			return log.follow ? moveLog(step, 0) : logBottom(step);
		}

		case 'wrap': {
			return withLog(step, {wrap: !log.wrap, column: 0});
		}

		case 'timestamps': {
			return withLog(step, {timestamps: !log.timestamps});
		}

		case 'since': {
			const since = nextSince[log.since];
			const next = withLog(step, {since, follow: true, anchor: null, hit: null});
			return withEffect(next, {type: 'log/deepen'});
		}

		default: {
			return step;
		}
	}
};

const openFocused = (step: Step, focus: PaneId): Step => {
	const {state} = step;
	switch (focus) {
		case 'containers': {
			const id = containerRows(state)[state.view.containerCursor]?.containerId;
			return id === undefined || id === null ? step : withView(step, {overlay: {kind: 'container', id, scroll: 0}});
		}

		case 'health': {
			const ping = state.situation.pings[state.view.pingCursor];
			const next = ping === undefined ? step : withView(step, {overlay: {kind: 'ping', name: ping.target.name, scroll: 0}});
			return ping?.target.kind === 'postgres' ? withEffect(next, {type: 'database/probe'}) : next;
		}

		case 'diagnosis': {
			return state.findings[state.view.findingCursor] === undefined ? step : withView(step, {overlay: {kind: 'finding', index: state.view.findingCursor, scroll: 0, cursor: 0}});
		}

		case 'host':
		case 'log': {
			return withView(step, {enlarged: !state.view.enlarged});
		}
	}
};

/** What `c` copies: the command of a card, the output's command, else the lines that the log pane shows. */
const copy = (step: Step): Step => {
	const {state} = step;
	const {overlay} = state.view;
	const text = overlay?.kind === 'card'
		? resolvedNow(state, overlay.action).script
		: (overlay?.kind === 'run'
			? state.runs.find(run => run.id === overlay.id)?.script ?? ''
			: overlay?.kind === 'duties' ? copiedCommand(state, overlay) : logWindowOf(state, logRows(state)).map(line => line.text).join('\n'));
	return text === '' ? flash(step, 'nothing-to-copy', {}, 'warning') : flash(withEffect(step, {type: 'terminal/copy', text: text.split('\n').map(line => state.secrets.redact(line as SafeText)).join('\n') as SafeText}), 'copied', {characters: text.length});
};
