/**
A step of `update`: the state so far and the effects so far. It hides how a draft for the journal becomes part of the state at once (shown as
if stored) and goes out as an effect, so that a slow disk never delays the clock on the screen.
*/

import {recordEntries} from './incident.ts';
import type {Actor, Json, JournalEntry} from './ports.ts';
import type {Effect, PendingDraft, State} from './state.ts';
import {makeSafe, type SafeText} from './text.ts';
import type {Flash, FlashCode, View} from './view.ts';

export type Step = {readonly state: State; readonly effects: readonly Effect[]};

export const stepFrom = (state: State): Step => ({state, effects: []});

/** The step with parts of the state replaced. */
export const withState = (step: Step, changes: Partial<State>): Step => ({...step, state: {...step.state, ...changes}});

export const withView = (step: Step, changes: Partial<View>): Step => withState(step, {view: {...step.state.view, ...changes}});

export const withEffect = (step: Step, ...effects: readonly Effect[]): Step => ({...step, effects: [...step.effects, ...effects]});

const rungKept = 50;

/** The bell, once for each thing that it rings for. */
export const ringOnce = (step: Step, key: string): Step =>
	step.state.rung.includes(key) ? step : withEffect(withState(step, {rung: [...step.state.rung, key].slice(-rungKept)}), {type: 'terminal/bell'});

const flashMs = 4000;

/** A short message in the footer. */
export const flash = (step: Step, code: FlashCode, params: Flash['params'] = {}, level: Flash['level'] = 'info'): Step =>
	withView(step, {flash: {code, params, level, untilMs: step.state.nowMs + flashMs}});

export type Recording = {
	readonly type: string;
	readonly data: {readonly [key: string]: Json};
	/** Default: the current incident, or none. */
	readonly incident?: string | null;
	readonly atMs?: number;
	readonly onceKey?: string;
	readonly actor?: Actor;
};

/** The gate to the disk: every text that goes into the journal is made safe and loses its secrets here. */
const redactedJson = (value: Json, redact: (text: SafeText) => SafeText): Json => {
	if (typeof value === 'string') {
		return redact(makeSafe(value));
	}

	if (Array.isArray(value)) {
		return value.map(item => redactedJson(item as Json, redact));
	}

	return value !== null && typeof value === 'object' ? redactedData(value as {readonly [key: string]: Json}, redact) : value;
};

const redactedData = (data: {readonly [key: string]: Json}, redact: (text: SafeText) => SafeText): {readonly [key: string]: Json} =>
	Object.fromEntries(Object.entries(data).map(([key, value]) => [key, redactedJson(value, redact)]));

const pendingKept = 10_000;

/** Adds an entry to the journal: part of the state at once, on disk by effect. */
export const record = (step: Step, recording: Recording): Step => {
	const {state} = step;
	const draft: PendingDraft = {
		draftId: state.nextDraftId,
		atMs: recording.atMs ?? state.nowMs,
		incident: recording.incident === undefined ? state.incident?.id ?? null : recording.incident,
		type: recording.type,
		data: redactedData(recording.data, state.secrets.redact),
		// A draft of its own kind has a key too: sent again after a failure it is still written once.
		onceKey: recording.onceKey ?? `${state.consoleId}/${state.openedAtMs.toString(36)}/${state.nextDraftId}`,
		...(recording.actor === undefined ? {} : {actor: recording.actor}),
	};
	const pending = [...state.pending, draft].slice(-pendingKept);
	return withEffect({...step, state: presented({...state, pending, nextDraftId: state.nextDraftId + 1})}, {type: 'journal/append', drafts: [draft]});
};

/** The incident as it is with what is still on its way to the disk. */
export const presented = (state: State): State => {
	const entries = state.pending.map((draft, index): JournalEntry => ({
		sequence: state.stored.sequence + index + 1, atMs: draft.atMs, monotonicMs: 0, bootId: '', actor: draft.actor ?? state.actor, incident: draft.incident, type: draft.type, data: draft.data,
	}));
	const folded = recordEntries(state.stored, entries);
	return {...state, incident: folded.current, lastEnded: folded.ended.at(-1) ?? null};
};

/** May this kind of fact be recorded again? At most once every two seconds for each kind. */
export const mayRecord = (state: State, kind: string, everyMs = 2000): boolean => state.nowMs - (state.recordedAtMs[kind] ?? -Infinity) >= everyMs;

export const markRecorded = (step: Step, kind: string): Step => withState(step, {recordedAtMs: {...step.state.recordedAtMs, [kind]: step.state.nowMs}});
