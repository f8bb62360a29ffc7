/**
`update(state, event) → {state, effects}`: the one place where a state follows from an event. First the event's own area, then what follows for
runs, findings, incident and escalation from what is now known, in this one pure call. It never throws, whatever the event says.
*/

import {foldHistory, noHistory} from './action-history.ts';
import {noPreview} from './action-looks.ts';
import {nothingLasting} from './diagnosis/lasting.ts';
import {beginDrill, type DrillStart} from './drill-run.ts';
import {noIncidents, recall, recordEntries} from './incident.ts';
import {bindKeys, type CommandId} from './keys.ts';
import type {Size} from './layout.ts';
import {LogBook} from './log-book.ts';
import {plainComposer, type Composer} from './message-texts.ts';
import type {Actor, JournalEntry} from './ports.ts';
import {RunBook} from './run-book.ts';
import {layoutOf} from './screen.ts';
import {takeOver} from './kept-texts.ts';
import {Secrets} from './secrets.ts';
import type {Settings} from './settings.ts';
import {initialSituation, learn, shiftInstants, type SituationEvent} from './situation.ts';
import type {Event, PendingDraft, State, Updated} from './state.ts';
import {flash, presented, record, type Step, stepFrom, withState, withView} from './step.ts';
import {noRunbook} from './runbook-state.ts';
import {onKey, onPaste} from './update-keys.ts';
import {freezeRunbook, onRunbookRead, thawRunbook} from './update-runbook.ts';
import {onCheckEvent} from './update-checks.ts';
import {followDrill} from './update-drill.ts';
import {followFindings, recallChanges} from './update-findings.ts';
import {onMessagePainted} from './update-escalation.ts';
import {onSilenceEvent} from './update-alerts.ts';
import {followIncident} from './update-incident.ts';
import {followOutbox, onMessageEvent} from './update-outbox.ts';
import {adoptVerdicts, askCard, followRuns, onRunEvent} from './update-runs.ts';
import {endPreview} from './update-preview.ts';
import {onShellClosed} from './update-shell.ts';
import {onToolsFound} from './update-tools.ts';
import {initialView} from './view.ts';

export type InitialOptions = {
	readonly nowMs: number;
	readonly version: string;
	readonly consoleId: string;
	readonly settings: Settings;
	readonly actor: Actor;
	/** Ask once who acts: a shared account, and no `--as`. */
	readonly askActor: boolean;
	readonly readOnly: boolean;
	readonly drill: boolean;
	/** The drill's scenario and pace; null on a real server, and in tests of the screen alone. */
	readonly drillRun?: DrillStart | null;
	readonly userAgent: string;
	readonly size: {readonly columns: number; readonly rows: number};
	/** Says `screen/drawn` once its first frame is out. */
	readonly hasScreen?: boolean;
	readonly commandNames: Readonly<Partial<Record<CommandId, string>>>;
	readonly serviceActionNames?: Readonly<Partial<Record<'start' | 'restart', string>>>;
	readonly compose?: Composer;
	readonly canSend?: boolean;
};

export const initialState = (options: InitialOptions): State => {
	const secrets = new Secrets();
	const logBook = new LogBook(options.userAgent, secrets.redact);
	logBook.setHealthPaths(healthPaths(options.settings));
	return {
		nowMs: options.nowMs,
		monotonicMs: null,
		openedAtMs: options.nowMs,
		awaitsFrame: options.hasScreen ?? false,
		version: options.version,
		consoleId: options.consoleId,
		commandNames: options.commandNames,
		settings: options.settings,
		bindings: bindKeys(options.settings.keys).bindings,
		readOnly: options.readOnly,
		drill: options.drill,
		drillRun: options.drillRun == null ? null : beginDrill(options.drillRun, options.nowMs),
		actor: options.actor,
		actorAsked: options.askActor,
		situation: initialSituation(options.settings.pings),
		findings: [],
		findingsRevision: -1,
		findingsAtMs: 0,
		lasting: nothingLasting,
		changes: [],
		remembered: [],
		suspectedSinceMs: null,
		stored: noIncidents,
		pending: [],
		leftBehind: {},
		incident: null,
		lastEnded: null,
		nextDraftId: 1,
		recordedAtMs: {},
		samples: [],
		metricsFor: null,
		rung: [],
		canSend: options.canSend ?? false,
		compose: options.compose ?? plainComposer,
		claims: {},
		journal: {state: 'opening', place: null, failure: null, pendingSinceMs: null, recording: false, recorder: null, present: []},
		runs: [],
		tools: null,
		drift: {action: null, drift: {state: 'unknown'}},
		preview: {action: null, preview: noPreview},
		git: {directory: null, asked: false, facts: null, failure: null},
		history: noHistory,
		cards: [],
		runbook: noRunbook,
		serviceActionNames: options.serviceActionNames ?? {},
		logBook,
		secrets,
		checks: {},
		runBook: new RunBook(secrets),
		logRevision: 0,
		logRate: 0,
		logFailure: null,
		outputRevision: 0,
		view: options.drillRun == null ? initialView(options.size) : {...initialView(options.size), overlay: {kind: 'briefing'}},
		leaving: false,
	};
};

const healthPaths = (settings: Settings): readonly string[] =>
	settings.pings.filter(ping => ping.kind === 'http').map(ping => /^https?:\/\/[^/]+(\/[^?#]*)/.exec(ping.address)?.[1] ?? '/').concat('/nginx-health');

export const update = (state: State, event: Event): Updated => {
	const own = onEvent(stepFrom(state), event);
	const known = changesFacts(event) ? freezeRunbook(followOutbox(followIncident(followCard(followFindings(followRuns(own), event)), event))) : own;
	const followed = followDrill(state, known, event);
	return {state: followed.state, effects: followed.effects};
};

/** Keys and paint marks cannot change what is known of the server. */
const changesFacts = (event: Event): boolean =>
	!event.type.startsWith('key/') && !event.type.startsWith('text/') && event.type !== 'screen/resized' && !event.type.startsWith('card/') && !event.type.startsWith('check/') && (!event.type.startsWith('log/') || event.type === 'log/matched');

const onEvent = (step: Step, event: Event): Step => {
	switch (event.type) {
		case 'clock/ticked': {
			const {flash} = step.state.view;
			const next = withClock(step, event.nowMs, event.monotonicMs ?? null);
			return flash !== null && event.nowMs >= flash.untilMs ? withView(next, {flash: null}) : next;
		}

		case 'key/pressed': {
			return onKey(step, event);
		}

		case 'text/pasted': {
			return onPaste(step, event.text);
		}

		case 'screen/resized': {
			return onResized(step, {columns: event.columns, rows: event.rows});
		}

		case 'screen/drawn': {
			return withState(step, {awaitsFrame: false});
		}

		case 'log/advanced': {
			return withState(step, {logRevision: event.revision, logRate: event.linesPerSecond});
		}

		case 'log/broken': {
			return withState(step, {logFailure: event.failure});
		}

		case 'copy/refused': {
			return withView(step, {flash: {code: 'copy-too-large', params: {}, level: 'warning', untilMs: event.atMs + 4000}});
		}

		case 'shell/closed': {
			return onShellClosed(step, event);
		}

		case 'tools/found': {
			return onToolsFound(step, event.tools);
		}

		case 'runbook/read': {
			return onRunbookRead(step, event);
		}

		case 'message/answered':
		case 'timer/armed':
		case 'timer/refused': {
			return onMessageEvent(step, event);
		}

		case 'compose/compared':
		case 'compose/notCompared':
		case 'preview/answered':
		case 'git/looked':
		case 'git/notLooked':
		case 'action/claimed':
		case 'action/refused':
		case 'run/printed':
		case 'run/orphaned':
		case 'run/ended':
		case 'run/notCancelled':
		case 'card/asked': {
			return onRunEvent(step, event);
		}

		case 'card/painted': {
			return step.state.view.overlay?.kind === 'message' ? onMessagePainted(step, event) : onRunEvent(step, event);
		}

		case 'check/answered':
		case 'check/failed':
		case 'check/blocked': {
			return onCheckEvent(step, event);
		}

		case 'silence/stored':
		case 'silence/expired':
		case 'silence/refused': {
			return onSilenceEvent(step, event);
		}

		case 'journal/opened':
		case 'journal/failed':
		case 'journal/stored':
		case 'journal/caughtUp':
		case 'journal/leased':
		case 'journal/stalled':
		case 'journal/moved': {
			return onJournal(step, event);
		}

		default: {
			return onFact(step, event);
		}
	}
};

/** A card that could not be seen for a while counts as painted anew: a `y` typed blindly must not find it ready. */
const onResized = (step: Step, size: Size): Step => {
	const {overlay, keyRevision} = step.state.view;
	const wasHidden = (overlay?.kind === 'card' || overlay?.kind === 'message') && layoutOf(step.state).kind === 'too-small';
	return withView(step, {size, overlay: wasHidden ? {...overlay, paintedAtMs: null} : overlay, keyRevision: keyRevision + 1});
};

const onFact = (step: Step, event: SituationEvent): Step => {
	const before = step.state.situation;
	const situation = learn(before, event, step.state.secrets.redact);
	if (situation === before) {
		return step;
	}

	const [left, name] = [before.project.facts?.name, situation.project.facts?.name];
	if (left !== undefined && name !== undefined && left !== name) {
		return afresh(withState(step, {situation}), left, name);
	}

	// Nothing can be shown before a project is chosen: asked once, and whoever leaves the question finds the key in the banner.
	const mustChoose = before.project.state === 'searching' && situation.project.state === 'ambiguous' && step.state.view.overlay === null && step.state.view.prompt === null;
	const next = withState(step, {situation});
	return mustChoose ? withView(next, {overlay: {kind: 'projects', cursor: 0}}) : next;
};

/** Another project: nothing that was known, opened or running for the one before may be taken for this one's. Its journal has it all, and what is not on its disk yet is kept for it. */
const afresh = (step: Step, left: string, name: string): Step => {
	const {state} = step;
	const {[name]: pending = [], ...leftBehind} = state.pending.length === 0 ? state.leftBehind : {...state.leftBehind, [left]: state.pending};
	return withView(withState(step, {
		findings: [], lasting: nothingLasting, changes: [], remembered: [], suspectedSinceMs: null, stored: noIncidents, pending, leftBehind, claims: {}, incident: null, lastEnded: null, samples: [], metricsFor: null, runs: [], recordedAtMs: {}, checks: {},
		drift: {action: null, drift: {state: 'unknown'}}, preview: {action: null, preview: noPreview}, git: {directory: null, asked: false, facts: null, failure: null}, history: noHistory,
		journal: {...state.journal, state: 'opening', failure: null, pendingSinceMs: null},
		runbook: {...state.runbook, frozenFor: null},
	}), {overlay: null, prompt: null, containerCursor: 0, log: {...state.view.log, service: null, follow: true, anchor: null, hit: null}});
};

const clockStepMs = 2000;

/** A step of the wall clock moves what this console saw along with it, and is recorded: spans stay what they were. */
const withClock = (step: Step, nowMs: number, monotonicMs: number | null): Step => {
	const {state} = step;
	const stepMs = state.monotonicMs === null || monotonicMs === null ? 0 : nowMs - state.nowMs - (monotonicMs - state.monotonicMs);
	const ticked = withState(step, {nowMs, monotonicMs});
	if (Math.abs(stepMs) < clockStepMs) {
		return ticked;
	}

	const shift = (atMs: number | null): number | null => atMs === null ? null : atMs + stepMs;
	const moved = withState(ticked, {
		situation: shiftInstants(state.situation, stepMs),
		runs: state.runs.map(run => ({...run, startedAtMs: shift(run.startedAtMs), endedAtMs: shift(run.endedAtMs), verifyFromMs: shift(run.verifyFromMs), firstGoodAtMs: shift(run.firstGoodAtMs)})),
	});
	return flash(record(moved, {type: 'clock/stepped', data: {byMs: Math.round(stepMs)}}), 'clock-stepped', {seconds: Math.round(stepMs / 1000)}, 'warning');
};

const onJournal = (step: Step, event: Extract<Event, {type: `journal/${string}`}>): Step => {
	const {state} = step;
	const {journal} = state;
	switch (event.type) {
		case 'journal/opened': {
			const stored = recall(event);
			// Written in the end though its answer never came here.
			const pending = state.pending.filter(draft => !event.entries.some(entry => isSameEntry(draft, entry)));
			const opened = withState(step, {stored, pending, remembered: recallChanges(event.entries, state.nowMs), history: event.entries.reduce(foldHistory, noHistory), journal: {...journal, state: 'ready', place: event.place, failure: event.place.failure}});
			const recalled = recallActor({...opened, state: presented(opened.state)}, event.entries);
			// What was verified while nobody could tidy up: its files may go now.
			const verified = event.entries.filter(entry => entry.type === 'action/verified').slice(-10);
			return record(adoptVerdicts(thawRunbook(recalled, event.entries), verified), {type: 'console/opened', data: {version: state.version, console: state.consoleId}});
		}

		case 'journal/failed': {
			return withState(step, {journal: {...journal, state: journal.state === 'ready' ? 'ready' : 'failed', failure: event.failure}});
		}

		case 'journal/stored': {
			const done = new Set(event.draftIds);
			const pending = state.pending.filter(draft => !done.has(draft.draftId) && !event.entries.some(entry => isSameEntry(draft, entry)));
			const stored = recordEntries(state.stored, event.entries);
			const next = presented({...state, pending, stored, history: event.entries.reduce(foldHistory, state.history), journal: {...journal, failure: null}});
			return adoptVerdicts({...step, state: next}, event.entries);
		}

		case 'journal/caughtUp': {
			const done = new Set(event.draftIds);
			const kept = (drafts: readonly PendingDraft[]): readonly PendingDraft[] => drafts.filter(({draftId}) => !done.has(draftId));
			const left = Object.entries(state.leftBehind).map(([project, drafts]) => [project, kept(drafts)] as const).filter(([, drafts]) => drafts.length > 0);
			return withState(step, {pending: kept(state.pending), leftBehind: Object.fromEntries(left)});
		}

		case 'journal/leased': {
			const leased = withState(step, {journal: {...journal, recording: event.mine, recorder: event.holder, present: event.present ?? journal.present}});
			return takeOver(leased, event.typed ?? []);
		}

		case 'journal/stalled': {
			return withState(step, {journal: {...journal, pendingSinceMs: event.sinceMs}});
		}

		case 'journal/moved': {
			const {history} = event;
			const moved: State = {...state, journal: {...journal, state: history === null ? journal.state : 'ready', place: event.place, failure: event.place.failure}};
			return {...step, state: history === null ? moved : presented({
				...moved,
				stored: recall(history),
				history: history.entries.reduce(foldHistory, noHistory),
				pending: state.pending.filter(draft => !history.entries.some(entry => isSameEntry(draft, entry))),
			})};
		}
	}
};

/** A write that was given up on as too slow comes back later as an entry like any other. */
const isSameEntry = (draft: PendingDraft, entry: JournalEntry): boolean =>
	draft.atMs === entry.atMs && draft.type === entry.type && draft.incident === entry.incident && JSON.stringify(draft.data) === JSON.stringify(entry.data);

/** Who said her name before, from this SSH client on this account, need not say it again. */
const recallActor = (step: Step, entries: readonly JournalEntry[]): Step => {
	const {actor, actorAsked} = step.state;
	const before = actorAsked ? entries.findLast(entry => entry.type === 'actor/named' && entry.data['user'] === actor.user && entry.data['from'] === actor.from) : undefined;
	const name = before?.data['name'];
	return typeof name === 'string' ? withState(step, {actor: {...actor, name}, actorAsked: false}) : step;
};

/** A card that was opened before it was known which Compose is here, or where: Compose is asked as soon as that is known. */
const followCard = (step: Step): Step => {
	const {overlay} = step.state.view;
	return overlay?.kind === 'card' || overlay?.kind === 'choice' ? askCard(step, overlay.action, false) : endPreview(step);
};
