/**
An action from its card to its verdict: opened, confirmed, claimed or refused, running, ended, verified. Every rule about whether `y` may run
something is here; what a pure function cannot decide (a race between two consoles) goes out as a claim and comes back as a fact.
*/

import {actionById, checksOf, isAnswer, resolveAction, type Action, type ActionId, type ResolvedAction} from './actions.ts';
import {shownScript} from './action-words.ts';
import {goesOn, isVerdict, recoveryMs, verifyStep, type Run, type Verification} from './run-verdict.ts';
import type {RunOutcome, RunRecord, RunRequest} from './ports.ts';
import {confirmAfterMs} from './screen.ts';
import type {Event, State} from './state.ts';
import {flash, record, withEffect, withState, withView, type Step} from './step.ts';
import {healthOf} from './situation.ts';
import {keepEvidence} from './evidence-kept.ts';
import {makeSafe} from './text.ts';
import {openIncident} from './update-incident.ts';
import {askPreview, choiceVariable, lookedUp, onPreviewEvent, openChoice} from './update-preview.ts';

const runsKept = 20;

/** The action of an id as this console knows it now; a card of a runbook that was replaced since has none. */
export const actionNow = (state: State, id: ActionId): Action | null => actionById(id, state.cards);

const gone: Action = {
	id: '', command: null, kind: 'card', service: null, scope: 'project', title: null, effect: null, original: '', risk: 'change', questions: [], verification: {by: 'none'}, scenario: null,
	deadlineMs: 0, hardLimitMs: 0,
};

/** What the card of an action shows, as things are now. */
export const resolvedNow = (state: State, id: ActionId): ResolvedAction => resolveAction(actionNow(state, id) ?? {...gone, id}, {
	...lookedUp(state, id),
	values: state.view.overlay?.kind === 'card' && state.view.overlay.action === id ? state.view.overlay.values : {},
	situation: state.situation,
	settings: state.settings,
	tools: state.tools,
	drift: state.drift.action === id ? state.drift.drift : {state: 'unknown'},
	readOnly: state.readOnly,
	running: state.runs.filter(run => run.phase === 'claiming' || run.phase === 'running'),
});

/** Opens the card, and asks compose what an `up` would recreate unless that is known already. While the action runs or is being verified, its output instead. */
export const openCard = (step: Step, id: ActionId, values: Readonly<Record<string, string>> = {}): Step => {
	const run = step.state.runs.findLast(({action, phase}) => action === id && (phase === 'claiming' || phase === 'running' || phase === 'verifying'));
	const action = actionNow(step.state, id);
	if (run === undefined && action === null) {
		return step;
	}

	if (run === undefined) {
		const variable = choiceVariable(action!);
		// What is chosen from a list is chosen first; the card then shows the plan for it.
		return variable !== null && values[variable] === undefined
			? askCard(openChoice(step, id), id, true)
			: askCard(withView(step, {overlay: {kind: 'card', action: id, paintedAtMs: null, targetTyped: false, scroll: 0, values, asking: null}, prompt: null}), id, variable === null);
	}

	return withView(step, {overlay: {kind: 'run', id: run.id, scroll: 0, cancelAskedAtMs: null}, prompt: null});
};

/** Everything that a card needs to know and that only commands can tell. */
export const askCard = (step: Step, id: ActionId, again: boolean): Step => askPreview(askDrift(step, id, again), resolvedNow(step.state, id), again);

/** Compose is asked once for a card that is opened, and once ahead of time when the api is down: it takes a second or two. */
export const askDrift = (step: Step, id: ActionId, again: boolean): Step => {
	const {state} = step;
	const resolved = resolvedNow(state, id);
	const {action, composeWords, directory} = resolved;
	const isKnown = state.drift.action === id && (state.drift.drift.state === 'asked' || !again);
	if (!resolved.compares || isKnown || composeWords === null || directory === '' || state.situation.engine.state !== 'up') {
		return step;
	}

	// What was compared for an earlier card is forgotten: the compose file may have been edited since.
	return withEffect(
		withState(step, {drift: {action: id, drift: {state: 'asked'}}}),
		{type: 'compose/compare', action: id, service: action.service, alone: resolved.alone, words: composeWords, directory, environment: resolved.environment},
	);
};

/** `y` on a card. Alone in its chunk, 300 ms after the card was painted, nothing against it: then it is confirmed. */
export const confirmCard = (step: Step, alone: boolean, atMs: number): Step => {
	const {overlay} = step.state.view;
	if (overlay?.kind !== 'card') {
		return step;
	}

	const resolved = resolvedNow(step.state, overlay.action);
	const blocking = resolved.troubles.find(({blocks}) => blocks);
	if (blocking?.code === 'variable-missing' || blocking?.code === 'variable-refused') {
		return askValue(step, blocking.params['name'] ?? '');
	}

	if (blocking !== undefined) {
		return flash(step, blocking.code === 'read-only' ? 'read-only' : 'blocked', {...blocking.params, trouble: blocking.code}, 'warning');
	}

	if (!alone || overlay.paintedAtMs === null || atMs - overlay.paintedAtMs < confirmAfterMs) {
		return flash(step, 'not-yet', {}, 'warning');
	}

	if (resolved.risk === 'destructive' && !overlay.targetTyped) {
		return withView(step, {prompt: {purpose: 'confirm-target', text: ''}});
	}

	return confirmed(step, resolved);
};

// ─── questions ───────────────────────────────────────────────────────────────

/** Asks for a value of the open card: the named one, or the one after the last asked (the first again after the last). */
export const askValue = (step: Step, name: string | null): Step => {
	const {overlay} = step.state.view;
	if (overlay?.kind !== 'card') {
		return step;
	}

	const {action, values} = resolvedNow(step.state, overlay.action);
	const at = name === null ? (action.questions.findIndex(question => question.name === overlay.asking) + 1) % Math.max(1, action.questions.length) : action.questions.findIndex(question => question.name === name);
	const question = action.questions[at];
	return question === undefined
		? flash(step, 'no-questions', {}, 'warning')
		: withView(step, {overlay: {...overlay, asking: question.name}, prompt: {purpose: 'card-value', text: values[question.name] ?? ''}});
};

/** Takes the answer; the card is then another one, to be painted before `y` counts. What does not fit is asked again. */
export const answerValue = (step: Step, text: string): Step => {
	const {overlay} = step.state.view;
	if (overlay?.kind !== 'card' || overlay.asking === null) {
		return step;
	}

	const {action} = resolvedNow(step.state, overlay.action);
	const question = action.questions.find(({name}) => name === overlay.asking);
	if (question === undefined || !isAnswer(question, text)) {
		return flash(withView(step, {prompt: {purpose: 'card-value', text}}), 'value-refused', {name: overlay.asking}, 'warning');
	}

	const answered = withView(step, {overlay: {...overlay, values: {...overlay.values, [question.name]: text}, paintedAtMs: null, targetTyped: false}});
	const open = resolvedNow(answered.state, overlay.action).troubles.find(({code}) => code === 'variable-missing');
	return open === undefined ? askCard(answered, overlay.action, true) : askValue(answered, open.params['name'] ?? '');
};

const confirmed = (step: Step, resolved: ResolvedAction): Step => {
	const {state} = step;
	const {action} = resolved;
	const id = `${state.consoleId}-${state.nowMs.toString(36)}-${state.runs.length}`;
	const request: RunRequest = {
		id,
		project: resolved.project,
		action: action.id,
		title: action.title,
		lock: resolved.lock,
		script: resolved.runScript,
		directory: resolved.directory,
		environment: resolved.environment,
		verification: action.verification,
		deadlineMs: action.deadlineMs,
		hardLimitMs: action.hardLimitMs,
		actor: state.actor.name,
	};
	const isRead = action.risk === 'read';
	const run: Run = {
		...blankRun(id, action, resolved), actor: state.actor.name, confirmedAtMs: state.nowMs,
		...(isRead ? {phase: 'running', startedAtMs: state.nowMs} : {}),
	};
	const recorded = isRead ? step : record(keepEvidence(withIncident(step), resolved, id), {
		type: 'action/confirmed',
		onceKey: `run:${id}:confirmed`,
		data: {
			run: id, action: action.id, ...titleData(action), command: resolved.script, original: action.original, directory: resolved.directory, project: resolved.project,
			...(Object.keys(resolved.values).length === 0 ? {} : {values: resolved.values}),
		},
	});
	const shown = withView(withState(recorded, {runs: [...state.runs, run].slice(-runsKept)}), {overlay: {kind: 'run', id, scroll: 0, cancelAskedAtMs: null}});
	return withEffect(shown, isRead ? {type: 'run/read', request} : {type: 'run/claim', request});
};

const titleData = ({title}: {readonly title: string | null}): {readonly title?: string} => title === null ? {} : {title};

/** A change against an outage that lasts is part of an incident, also within the minute in which it would open by itself: the record begins here. */
const withIncident = (step: Step): Step =>
	step.state.incident === null && healthOf(step.state.situation) === 'unhealthy' && step.state.suspectedSinceMs !== null ? openIncident(step, 'key') : step;

const blankRun = (id: string, action: {readonly id: string; readonly title: string | null; readonly service: string | null; readonly verification: Verification; readonly deadlineMs: number}, resolved: {readonly script: string; readonly lock: string; readonly checks: readonly string[]}): Run => ({
	id,
	action: action.id,
	title: action.title,
	service: action.service ?? '',
	verification: action.verification,
	script: resolved.script,
	lock: resolved.lock,
	actor: '',
	own: true,
	phase: 'claiming',
	refusal: null,
	confirmedAtMs: 0,
	startedAtMs: null,
	endedAtMs: null,
	verifyFromMs: null,
	deadlineMs: action.deadlineMs,
	exitCode: null,
	cancelled: false,
	timedOut: false,
	orphaned: false,
	lost: false,
	leftRunning: [],
	cancelAsked: false,
	stopAsked: false,
	checks: resolved.checks,
	good: 0,
	answers: 0,
	firstGoodAtMs: null,
	deathsAfter: 0,
	verdict: null,
	verdictAtMs: null,
});

const withRun = (step: Step, id: string, change: (run: Run) => Run): Step =>
	withState(step, {runs: step.state.runs.map(run => run.id === id ? change(run) : run)});

/** What the card says has changed: `y` counts again only after the new card was painted. */
export const repaint = (step: Step, action: ActionId): Step => {
	const {overlay} = step.state.view;
	return overlay?.kind === 'card' && overlay.action === action ? withView(step, {overlay: {...overlay, paintedAtMs: null, targetTyped: false}}) : step;
};

type RunEvent = Extract<Event, {type: `action/${string}` | `run/${string}` | `compose/${string}` | `card/${string}` | `preview/${string}` | `git/${string}`}>;

export const onRunEvent = (step: Step, event: RunEvent): Step => {
	const {state} = step;
	switch (event.type) {
		case 'card/asked': {
			return openCard(step, event.action, event.values);
		}

		case 'card/painted': {
			const {overlay} = state.view;
			return overlay?.kind === 'card' && overlay.action === event.action && overlay.paintedAtMs === null
				? withView(step, {overlay: {...overlay, paintedAtMs: event.atMs}})
				: step;
		}

		case 'compose/compared': {
			return repaint(withState(step, {drift: {action: event.action, drift: {state: 'known', services: event.services, unset: event.unset ?? [], blanked: event.blanked === undefined ? [] : event.blanked}}}), event.action);
		}

		case 'compose/notCompared': {
			return repaint(withState(step, {drift: {action: event.action, drift: {state: 'failed', detail: step.state.secrets.redact(makeSafe(event.detail))}}}), event.action);
		}

		case 'preview/answered':
		case 'git/looked':
		case 'git/notLooked': {
			const found = onPreviewEvent(step, event);
			return found.changed === null ? found.step : repaint(found.step, found.changed);
		}

		case 'action/claimed': {
			return claimed(step, event.record, event.own);
		}

		case 'action/refused': {
			const refused = withRun(step, event.id, run => ({...run, phase: 'refused', refusal: {code: event.code, holder: event.holder, detail: state.secrets.redact(makeSafe(event.detail))}}));
			return record(refused, {type: 'action/refused', data: {run: event.id, code: event.code, holder: event.holder, detail: event.detail}, onceKey: `run:${event.id}:refused`});
		}

		case 'run/printed': {
			return withState(step, {outputRevision: state.outputRevision + 1});
		}

		case 'run/orphaned': {
			return withRun(step, event.id, run => run.phase === 'running' ? {...run, orphaned: true} : run);
		}

		case 'run/ended': {
			return ended(step, event.id, event.outcome);
		}

		case 'run/notCancelled': {
			return flash(withRun(step, event.id, run => ({...run, cancelAsked: false})), 'not-cancelled', {detail: step.state.secrets.redact(event.detail)}, 'warning');
		}
	}
};

const claimed = (step: Step, found: RunRecord, own: boolean): Step => {
	const {request, startedAtMs} = found;
	if (step.state.runs.some(run => run.id === request.id)) {
		return started(withRun(step, request.id, run => run.phase === 'claiming' ? {...run, phase: 'running', startedAtMs} : run), request.id, found);
	}

	// Another console's, or ours from before the line was cut.
	const action = actionNow(step.state, request.action);
	const target = request.lock.split('/').at(-1) ?? '';
	const service = target === '*' || target.startsWith(':') ? '' : target;
	// What the run itself says goes first: another console may have a runbook that this one has not.
	const verification = request.verification ?? action?.verification ?? {by: 'pings', service: service === '' ? null : service, strict: false};
	const script = shownScript(request.script);
	const checks = checksOf(verification, step.state.situation);
	const run: Run = {
		...blankRun(request.id, {id: request.action, title: request.title ?? action?.title ?? null, service, verification, deadlineMs: request.deadlineMs}, {script, lock: request.lock, checks}),
		actor: request.actor, own, phase: 'running', orphaned: found.state === 'orphaned', confirmedAtMs: startedAtMs, startedAtMs,
	};
	const {overlay} = step.state.view;
	const isSame = overlay?.kind === 'card' && overlay.action === request.action && goesOn(found);
	// Somebody is doing just what this card is about: its output is what there is to see now.
	const watched = isSame ? withView(step, {overlay: {kind: 'run', id: request.id, scroll: 0, cancelAskedAtMs: null}, prompt: null}) : step;
	return started(withState(recordConfirmed(watched, found, script), {runs: [...watched.state.runs, run].slice(-runsKept)}), request.id, found);
};

/** Whose console was killed before its disk had taken the entry: the run itself still says who wanted what. With the entry there, this one is dropped. */
const recordConfirmed = (step: Step, {request, startedAtMs}: RunRecord, script: string): Step => record(step, {
	type: 'action/confirmed',
	atMs: startedAtMs,
	onceKey: `run:${request.id}:confirmed`,
	actor: {...step.state.actor, name: request.actor, user: '', sudoUser: null, tty: null, from: null},
	data: {run: request.id, action: request.action, ...titleData({title: request.title ?? null}), command: script, directory: request.directory, project: request.project},
});

const started = (step: Step, id: string, found: RunRecord): Step =>
	record(step, {type: 'action/started', atMs: found.startedAtMs, data: {run: id, action: found.request.action, ...titleData({title: found.request.title ?? null})}, onceKey: `run:${id}:started`});

const ended = (step: Step, id: string, outcome: RunOutcome | null): Step => {
	const {state} = step;
	const run = state.runs.find(other => other.id === id);
	if (run === undefined || (run.phase !== 'running' && run.phase !== 'claiming')) {
		return step;
	}

	const endedAtMs = outcome?.endedAtMs ?? state.nowMs;
	const next = withRun(step, id, before => ({
		...before,
		phase: 'verifying',
		orphaned: false,
		startedAtMs: outcome?.startedAtMs ?? before.startedAtMs,
		endedAtMs,
		verifyFromMs: state.nowMs,
		exitCode: outcome?.exitCode ?? null,
		cancelled: outcome?.cancelled ?? false,
		timedOut: outcome?.timedOut ?? false,
		lost: outcome === null,
		leftRunning: outcome?.leftRunning ?? [],
	}));
	if (run.verification.by === 'none') {
		// A read changed nothing: that it was made is enough.
		return record(next, {type: 'action/read', atMs: endedAtMs, onceKey: `run:${id}:ended`, data: {run: id, action: run.action, ...titleData(run), exitCode: outcome?.exitCode ?? null}});
	}

	const failedStep = outcome?.exitCode === 0 ? null : state.runBook.stepOf(id);
	const recorded = record(next, {
		type: 'action/ended',
		atMs: endedAtMs,
		onceKey: `run:${id}:ended`,
		data: {
			run: id, action: run.action, ...titleData(run), ...(failedStep === null ? {} : {step: `${failedStep.number}/${failedStep.count} ${failedStep.text}`}), lost: outcome === null, exitCode: outcome?.exitCode ?? null, signal: outcome?.signal ?? null,
			cancelled: outcome?.cancelled ?? false, timedOut: outcome?.timedOut ?? false, leftRunning: [...(outcome?.leftRunning ?? [])],
		},
	});
	return withEffect(recorded, {type: 'containers/refresh'}, {type: 'pings/hasten'});
};

/** Moves every verification on with what is known now; a verdict goes into the journal, and then the run's files may go. */
export const followRuns = (step: Step): Step => {
	let next = step;
	for (const run of step.state.runs) {
		if (run.phase !== 'verifying') {
			continue;
		}

		const after = verifyStep(run, step.state.situation, step.state.nowMs, step.state.settings.verifyDeadlineMs);
		if (after === run) {
			continue;
		}

		next = withRun(next, run.id, () => after);
		if (after.phase === 'done' && after.verdict !== null) {
			const recoveredMs = recoveryMs(after, step.state.settings.verifyDeadlineMs);
			next = record(next, {
				type: 'action/verified',
				onceKey: `run:${run.id}:verdict`,
				data: {run: run.id, action: run.action, ...titleData(run), verdict: after.verdict, seconds: after.verdict === 'recovered' && recoveredMs !== null ? Math.round(recoveredMs / 100) / 10 : null, deaths: after.deathsAfter},
			});
		}
	}

	return next;
};

/** A verdict that is in the journal, whoever recorded it, ends the watching of that run, and only now may the run's files go: until then they are the only record. */
export const adoptVerdicts = (step: Step, entries: readonly {readonly type: string; readonly data: Readonly<Record<string, unknown>>; readonly atMs: number}[]): Step => {
	let next = step;
	for (const entry of entries) {
		const verdict = entry.data['verdict'];
		if (entry.type === 'action/verified' && isVerdict(verdict)) {
			next = withState(next, {runs: next.state.runs.map(run => run.id === entry.data['run'] && run.phase !== 'done' ? {...run, phase: 'done', verdict, verdictAtMs: entry.atMs} : run)});
			const run = entry.data['run'];
			next = typeof run === 'string' ? withEffect(next, {type: 'run/discard', id: run}) : next;
		}
	}

	return next;
};

