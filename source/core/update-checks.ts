/**
When a check may be asked, and what its answer changes. Two at a time, only on request, never into a paused container or one near its memory limit; an
answer is good for a minute, then opening the view asks again.
*/

import {blockOf, type CheckId, type CheckState} from './checks.ts';
import type {CheckCommand} from './checks.ts';
import type {Event, State} from './state.ts';
import {withEffect, withState, withView, type Step} from './step.ts';

const goodForMs = 60_000;
const atOnce = 2;

/** The check that a command of the palette asks for, or null. */
export const checkOfCommand = (command: string): CheckId | null => command.startsWith('check-') ? command.slice('check-'.length) as CheckId : null;

export const commandOfCheck = (id: CheckId): CheckCommand => `check-${id}`;

/** Opens a check's view, and asks when there is no fresh answer. */
export const openCheck = (step: Step, id: CheckId): Step => {
	const opened = withView(step, {overlay: {kind: 'check', id, scroll: 0}, prompt: null});
	const known = step.state.checks[id];
	const isFresh = known?.state === 'answered' && step.state.nowMs - (known.answeredAtMs ?? 0) < goodForMs;
	return isFresh ? opened : askCheck(opened, id);
};

/** Asks a check, unless it runs already or something stands against it. */
export const askCheck = (step: Step, id: CheckId): Step => {
	const {state} = step;
	const known = state.checks[id];
	if (known?.state === 'running') {
		return step;
	}

	const running = Object.values(state.checks).filter(check => check.state === 'running').length;
	const block = running >= atOnce ? {code: 'two-run' as const, service: '', words: ''} : blockOf(id, state.situation);
	const asked: CheckState = {state: block === null ? 'running' : 'blocked', askedAtMs: state.nowMs, answeredAtMs: known?.answeredAtMs ?? null, facts: known?.facts ?? null, failure: null, block};
	const next = withState(step, {checks: {...state.checks, [id]: asked}});
	return block === null ? withEffect(next, {type: 'check/run', id}) : next;
};

/** An answer came: it counts only while it is waited for. */
export const onCheckEvent = (step: Step, event: Extract<Event, {type: `check/${string}`}>): Step => {
	const known = step.state.checks[event.id];
	if (known?.state !== 'running') {
		return step;
	}

	return withState(step, {checks: {...step.state.checks, [event.id]: answered(known, event)}});
};

const answered = (known: CheckState, event: Extract<Event, {type: `check/${string}`}>): CheckState => {
	switch (event.type) {
		case 'check/answered': {
			return {...known, state: 'answered', answeredAtMs: event.atMs, facts: event.facts, failure: null, block: null};
		}

		case 'check/failed': {
			// The last good answer stays, with its age.
			return {...known, state: 'failed', failure: event.failure};
		}

		case 'check/blocked': {
			return {...known, state: 'blocked', block: event.block};
		}
	}
};

/** Rows that a check's view may have, for scrolling. */
export const checkRows = (state: State, id: CheckId): number => {
	const facts = state.checks[id]?.facts ?? null;
	switch (facts?.kind) {
		case 'listeners': {
			return facts.listeners.length + 8;
		}

		case 'processes': {
			return facts.processes.length + 8;
		}

		case 'system-log': {
			return facts.kernel.length + facts.unit.length + 10;
		}

		case 'environment': {
			return facts.file.length + facts.elsewhere.length + 12;
		}

		case 'network': {
			return facts.members.length + 8;
		}

		case 'output': {
			return facts.lines.length + 8;
		}

		case undefined: {
			return 8;
		}
	}
};
