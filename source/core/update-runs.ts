/**
An action from its card to its verdict: opened, confirmed, claimed or refused, running, ended, verified. Every rule about whether `y` may run
something is here; what a pure function cannot decide (a race between two consoles) goes out as a claim and comes back as a fact.
*/

import {actionById, recoveryMs, resolveAction, verifyStep, type Action, type ActionId, type ResolvedAction, type Run} from './actions.ts';
import type {RunOutcome, RunRecord} from './ports.ts';
import {confirmAfterMs} from './screen.ts';
import type {Event, State} from './state.ts';
import {flash, record, withEffect, withState, withView, type Step} from './step.ts';
import {healthOf} from './situation.ts';
import {makeSafe} from './text.ts';
import {openIncident} from './update-incident.ts';

const runsKept = 20;

/** What the card of an action shows, as things are now. */
export const resolvedNow = (state: State, id: ActionId): ResolvedAction => resolveAction(actionById(id)!, {
	situation: state.situation,
	settings: state.settings,
	tools: state.tools,
	drift: state.drift.action === id ? state.drift.drift : {state: 'unknown'},
	readOnly: state.readOnly,
	running: state.runs.filter(run => run.phase === 'claiming' || run.phase === 'running'),
});

/** Opens the card, and asks compose what an `up` would recreate unless that is known already. While the action runs or is being verified, its output instead. */
export const openCard = (step: Step, id: ActionId): Step => {
	const run = step.state.runs.findLast(({action, phase}) => action === id && (phase === 'claiming' || phase === 'running' || phase === 'verifying'));
	return run === undefined
		? askDrift(withView(step, {overlay: {kind: 'card', action: id, paintedAtMs: null, targetTyped: false, scroll: 0}, prompt: null}), id, true)
		: withView(step, {overlay: {kind: 'run', id: run.id, scroll: 0, cancelAskedAtMs: null}, prompt: null});
};

/** Compose is asked once for a card that is opened, and once ahead of time when the api is down: it takes a second or two. */
export const askDrift = (step: Step, id: ActionId, again: boolean): Step => {
	const {state} = step;
	const resolved = resolvedNow(state, id);
	const {action, composeWords, directory} = resolved;
	const isKnown = state.drift.action === id && (state.drift.drift.state === 'asked' || !again);
	if (action.verb !== 'up' || isKnown || composeWords === null || directory === '' || state.situation.engine.state !== 'up') {
		return step;
	}

	// What was compared for an earlier card is forgotten: the compose file may have been edited since.
	return withEffect(
		withState(step, {drift: {action: id, drift: {state: 'asked'}}}),
		{type: 'compose/compare', action: id, service: action.service, words: composeWords, directory, environment: resolved.environment},
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

const confirmed = (step: Step, resolved: ResolvedAction): Step => {
	const {state} = step;
	const {action} = resolved;
	const id = `${state.consoleId}-${state.nowMs.toString(36)}-${state.runs.length}`;
	const run: Run = {...blankRun(id, action, resolved), actor: state.actor.name, confirmedAtMs: state.nowMs};
	const kept = keepEvidence(withIncident(step), action);
	const recorded = record(kept, {
		type: 'action/confirmed',
		data: {run: id, action: action.id, command: resolved.script, original: action.original, directory: resolved.directory, project: resolved.project},
	});
	return withEffect(
		withView(withState(recorded, {runs: [...state.runs, run].slice(-runsKept)}), {overlay: {kind: 'run', id, scroll: 0, cancelAskedAtMs: null}}),
		{
			type: 'run/claim',
			request: {
				id,
				project: resolved.project,
				action: action.id,
				lock: resolved.lock,
				script: `set -e\n${resolved.script}\n`,
				directory: resolved.directory,
				environment: resolved.environment,
				deadlineMs: action.deadlineMs,
				hardLimitMs: action.hardLimitMs,
				actor: state.actor.name,
			},
		},
	);
};

/** A change against an outage that lasts is part of an incident, also within the minute in which it would open by itself: the record begins here. */
const withIncident = (step: Step): Step =>
	step.state.incident === null && healthOf(step.state.situation) === 'unhealthy' && step.state.suspectedSinceMs !== null ? openIncident(step, 'key') : step;

const evidenceLines = 60;

/** `up` may recreate the container, and its log goes with it: the last lines are kept with the incident. */
const keepEvidence = (step: Step, action: Action): Step => {
	const lines = (step.state.situation.containers.value ?? [])
		.filter(container => container.service === action.service && !container.oneOff)
		.flatMap(container => step.state.logBook.tail(container.id, evidenceLines).map(line => step.state.secrets.redact(line)));
	return lines.length === 0 ? step : record(step, {type: 'log/kept', data: {service: action.service, lines}});
};

const blankRun = (id: string, action: {readonly id: string; readonly service: string; readonly deadlineMs: number}, resolved: {readonly script: string; readonly lock: string; readonly checks: readonly string[]}): Run => ({
	id,
	action: action.id,
	service: action.service,
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
	lost: false,
	leftRunning: [],
	cancelAsked: false,
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
const repaint = (step: Step, action: ActionId): Step => {
	const {overlay} = step.state.view;
	return overlay?.kind === 'card' && overlay.action === action ? withView(step, {overlay: {...overlay, paintedAtMs: null, targetTyped: false}}) : step;
};

type RunEvent = Extract<Event, {type: `action/${string}` | `run/${string}` | `compose/${string}` | `card/${string}`}>;

export const onRunEvent = (step: Step, event: RunEvent): Step => {
	const {state} = step;
	switch (event.type) {
		case 'card/painted': {
			const {overlay} = state.view;
			return overlay?.kind === 'card' && overlay.action === event.action && overlay.paintedAtMs === null
				? withView(step, {overlay: {...overlay, paintedAtMs: event.atMs}})
				: step;
		}

		case 'compose/compared': {
			return repaint(withState(step, {drift: {action: event.action, drift: {state: 'known', services: event.services}}}), event.action);
		}

		case 'compose/notCompared': {
			return repaint(withState(step, {drift: {action: event.action, drift: {state: 'failed', detail: step.state.secrets.redact(makeSafe(event.detail))}}}), event.action);
		}

		case 'action/claimed': {
			return claimed(step, event.record, event.own);
		}

		case 'action/refused': {
			const refused = withRun(step, event.id, run => ({...run, phase: 'refused', refusal: {code: event.code, holder: event.holder}}));
			return record(refused, {type: 'action/refused', data: {run: event.id, code: event.code, holder: event.holder, detail: event.detail}, onceKey: `run:${event.id}:refused`});
		}

		case 'run/printed': {
			return withState(step, {outputRevision: state.outputRevision + 1});
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
	const action = actionById(request.action);
	const service = request.lock.split('/').at(-1) ?? '';
	const script = request.script.replace(/^set -e\n/, '').trimEnd();
	const checks = step.state.situation.pings.filter(ping => ping.target.service === service).map(ping => ping.target.name);
	const run: Run = {
		...blankRun(request.id, {id: action?.id ?? request.action, service, deadlineMs: request.deadlineMs}, {script, lock: request.lock, checks}),
		actor: request.actor, own, phase: 'running', confirmedAtMs: startedAtMs, startedAtMs,
	};
	return started(withState(step, {runs: [...step.state.runs, run].slice(-runsKept)}), request.id, found);
};

const started = (step: Step, id: string, found: RunRecord): Step =>
	record(step, {type: 'action/started', atMs: found.startedAtMs, data: {run: id, action: found.request.action}, onceKey: `run:${id}:started`});

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
		startedAtMs: outcome?.startedAtMs ?? before.startedAtMs,
		endedAtMs,
		verifyFromMs: state.nowMs,
		exitCode: outcome?.exitCode ?? null,
		cancelled: outcome?.cancelled ?? false,
		timedOut: outcome?.timedOut ?? false,
		lost: outcome === null,
		leftRunning: outcome?.leftRunning ?? [],
	}));
	const recorded = record(next, {
		type: 'action/ended',
		atMs: endedAtMs,
		onceKey: `run:${id}:ended`,
		data: {
			run: id, action: run.action, lost: outcome === null, exitCode: outcome?.exitCode ?? null, signal: outcome?.signal ?? null,
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
				data: {run: run.id, action: run.action, verdict: after.verdict, seconds: after.verdict === 'recovered' && recoveredMs !== null ? Math.round(recoveredMs / 100) / 10 : null, deaths: after.deathsAfter},
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
		if (entry.type === 'action/verified' && (verdict === 'recovered' || verdict === 'not-recovered' || verdict === 'cannot-tell')) {
			next = withState(next, {runs: next.state.runs.map(run => run.id === entry.data['run'] && run.phase !== 'done' ? {...run, phase: 'done', verdict, verdictAtMs: entry.atMs} : run)});
			const run = entry.data['run'];
			next = typeof run === 'string' ? withEffect(next, {type: 'run/discard', id: run}) : next;
		}
	}

	return next;
};

