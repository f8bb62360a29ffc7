/**
The whole of what the program knows while it runs: State; what can happen: Event; what must be done about it: Effect. Both unions are
closed. `update` (in update.ts) is the only place where a state follows from an event.

Events state what happened (`area/fact`, past tense); effects are data that the runtime carries out.
*/

import type {ActionHistory} from './action-history.ts';
import type {Look, LookAnswer, Preview} from './action-looks.ts';
import type {SilenceEffect, SilenceEvent} from './alert-sources.ts';
import type {Action, ActionId, Drift} from './actions.ts';
import type {Run} from './run-verdict.ts';
import type {CheckFacts, CheckId, Checks, CheckState} from './checks.ts';
import type {Change, Finding, ProbeWant} from './diagnosis.ts';
import type {Remembered} from './diagnosis/changes.ts';
import type {Lasting} from './diagnosis/lasting.ts';
import type {DrillSituation} from './drill-run.ts';
import type {Incident, Incidents} from './incident.ts';
import type {CommandId, KeyBinding} from './keys.ts';
import type {LogBook} from './log-book.ts';
import type {Composer} from './message-texts.ts';
import type {Delivery, Envelope, TimerFailure} from './messengers.ts';
import type {MetricsSample} from './metrics-sample.ts';
import type {Actor, CancelHow, ComposeTools, Failure, GitFacts, JournalDraft, JournalEntry, JournalHistory, JournalPlace, KeptText, PingTarget, Presence, RunOutcome, RunRecord, RunRequest} from './ports.ts';
import type {RunBook} from './run-book.ts';
import type {Runbook} from './runbook.ts';
import type {RunbookSituation} from './runbook-state.ts';
import type {Secrets} from './secrets.ts';
import type {Settings} from './settings.ts';
import type {Situation, SituationEvent} from './situation.ts';
import type {SafeText} from './text.ts';
import type {ShellClosed, ShellPlace} from './update-shell.ts';
import type {View} from './view.ts';

export type JournalSituation = {
	readonly state: 'opening' | 'ready' | 'failed';
	readonly place: JournalPlace | null;
	readonly failure: Failure | null;
	/** The oldest write that has not been answered; a banner after two seconds. */
	readonly pendingSinceMs: number | null;
	/** True while this console records facts for all. */
	readonly recording: boolean;
	readonly recorder: string | null;
	/** Who has this journal open now, this console too. */
	readonly present: readonly Presence[];
};

/** A draft on its way into the journal; shown as if it were there already. */
export type PendingDraft = Omit<JournalDraft, 'monotonicMs'> & {readonly draftId: number};

/** An attempt that this console asked the journal for; `key` is the incident's and the message's names together. */
export type ClaimWait = {readonly incident: string; readonly message: string; readonly attempt: number; readonly sinceMs: number; /** The sending has begun. */ readonly isSent: boolean};

export type State = {
	readonly nowMs: number;
	readonly monotonicMs: number | null;
	readonly openedAtMs: number;
	/** A screen is to come and has shown nothing yet: what the first frame can do without waits for it. */
	readonly awaitsFrame: boolean;
	readonly version: string;
	/** Tells this console's runs from others'. */
	readonly consoleId: string;
	/** It has the means to send messages: the others leave what was approved to it. */
	readonly canSend: boolean;
	/** Makes the words of a message, in the team's language. */
	readonly compose: Composer;
	/** Messages that this console approved and the journal has not granted to it yet: since when each waits. */
	readonly claims: Readonly<Record<string, ClaimWait>>;
	/** The commands by name in the operator's language: what the palette searches. */
	readonly commandNames: Readonly<Partial<Record<CommandId, string>>>;
	readonly settings: Settings;
	readonly bindings: readonly KeyBinding[];
	readonly readOnly: boolean;
	/** The server is simulated: marked on the screen all the time. */
	readonly drill: boolean;
	/** The drill that it is on; null on a real server. */
	readonly drillRun: DrillSituation | null;
	readonly actor: Actor;
	/** On a shared account, until the person said who she is. */
	readonly actorAsked: boolean;
	readonly situation: Situation;
	readonly findings: readonly Finding[];
	readonly findingsRevision: number;
	readonly findingsAtMs: number;
	/** What is shown and what still has to hold, so that no finding flickers. */
	readonly lasting: Lasting;
	/** What changed in the last day, newest first. */
	readonly changes: readonly Change[];
	/** What the journal told of changes when it was opened. */
	readonly remembered: readonly Remembered[];
	/** The first moment at which the alert's condition was seen to hold; null while it does not. */
	readonly suspectedSinceMs: number | null;
	/** As stored, and with what is still on its way. */
	readonly stored: Incidents;
	readonly pending: readonly PendingDraft[];
	/** By project: what was not on its disk when another one came on the screen. It is that journal's, and written when it is opened again or the console is left. */
	readonly leftBehind: Readonly<Record<string, readonly PendingDraft[]>>;
	readonly incident: Incident | null;
	readonly lastEnded: Incident | null;
	readonly nextDraftId: number;
	/** When a fact of a kind was last recorded, so that a crash loop does not fill the journal. */
	readonly recordedAtMs: Readonly<Record<string, number>>;
	/** The last ten minutes in numbers, and the incident whose record has those before it. */
	readonly samples: readonly MetricsSample[];
	readonly metricsFor: string | null;
	/** What the bell has rung for here: each thing once. */
	readonly rung: readonly string[];
	readonly journal: JournalSituation;
	readonly runs: readonly Run[];
	readonly tools: ComposeTools | null;
	readonly drift: {readonly action: ActionId | null; readonly drift: Drift};
	/** The page that drives the console. */
	readonly runbook: RunbookSituation;
	/** What was looked up for the open card. */
	readonly preview: {readonly action: ActionId | null; readonly preview: Preview};
	/** The checkout of the project's directory, as far as a rollback asked for it. */
	readonly git: {readonly directory: string | null; readonly asked: boolean; readonly facts: GitFacts | null; readonly failure: Failure | null};
	/** What the journal tells of earlier runs. */
	readonly history: ActionHistory;
	/** The runbook's cards, as actions. */
	readonly cards: readonly Action[];
	/** How starting and restarting any service is called in the palette: `{service}` stands for its name. */
	readonly serviceActionNames: Readonly<Partial<Record<'start' | 'restart', string>>>;
	readonly logBook: LogBook;
	/** The values that must not be shown; they do not show themselves either. */
	readonly secrets: Secrets;
	/** The read-only checks that were asked, with what they answered and when. */
	readonly checks: Checks;
	/** What the runs printed. */
	readonly runBook: RunBook;
	readonly logRevision: number;
	/** Lines a second, all services, health lines left out, over the last seconds. */
	readonly logRate: number;
	readonly logFailure: Failure | null;
	/** `view`-independent: rises with run output. */
	readonly outputRevision: number;
	readonly view: View;
	readonly leaving: boolean;
};

export type Event =
	| SituationEvent
	| SilenceEvent
	/** With the monotonic instant a step of the wall clock is noticed. */
	| {readonly type: 'clock/ticked'; readonly nowMs: number; readonly monotonicMs?: number}
	| {readonly type: 'log/advanced'; readonly revision: number; readonly linesPerSecond: number; readonly isVisible: boolean}
	| {readonly type: 'log/broken'; readonly failure: Failure | null}
	/** `frozen`: from the journal of the open incident. */
	| {readonly type: 'runbook/read'; readonly runbooks: readonly Runbook[]; readonly frozen: boolean}
	| {readonly type: 'tools/found'; readonly tools: ComposeTools}
	| {readonly type: 'compose/compared'; readonly action: ActionId; readonly services: readonly string[]; readonly unset?: readonly string[]; readonly blanked?: readonly string[] | null}
	| {readonly type: 'compose/notCompared'; readonly action: ActionId; readonly detail: string}
	| {readonly type: 'preview/answered'; readonly action: ActionId; readonly key: string; readonly answers: Readonly<Record<string, LookAnswer>>}
	| {readonly type: 'git/looked'; readonly directory: string; readonly facts: GitFacts}
	| {readonly type: 'git/notLooked'; readonly directory: string; readonly failure: Failure}
	| {readonly type: 'action/claimed'; readonly record: RunRecord; readonly own: boolean}
	| {readonly type: 'action/refused'; readonly id: string; readonly code: string; readonly holder: string; readonly detail: string}
	| {readonly type: 'run/printed'; readonly id: string}
	| {readonly type: 'run/orphaned'; readonly id: string}
	| {readonly type: 'run/notCancelled'; readonly id: string; readonly detail: SafeText}
	| {readonly type: 'run/ended'; readonly id: string; readonly outcome: RunOutcome | null}
	| {readonly type: 'journal/opened'; readonly place: JournalPlace} & JournalHistory
	| {readonly type: 'journal/failed'; readonly failure: Failure}
	| {readonly type: 'journal/stored'; readonly entries: readonly JournalEntry[]; readonly draftIds: readonly number[]}
	/** Drafts of a project that has left the screen are on its disk. */
	| {readonly type: 'journal/caughtUp'; readonly draftIds: readonly number[]}
	| {readonly type: 'journal/leased'; readonly mine: boolean; readonly holder: string | null; readonly present?: readonly Presence[]; readonly typed?: readonly KeptText[]}
	| {readonly type: 'journal/stalled'; readonly sinceMs: number | null}
	/** `history` null: it could not be read. */
	| {readonly type: 'journal/moved'; readonly place: JournalPlace; readonly history: JournalHistory | null}
	| {readonly type: 'key/pressed'; readonly key: string; readonly alone: boolean; readonly atMs: number}
	| {readonly type: 'text/pasted'; readonly text: string; readonly atMs: number}
	| {readonly type: 'screen/resized'; readonly columns: number; readonly rows: number}
	/** The first frame is on its way to the terminal. */
	| {readonly type: 'screen/drawn'}
	/** A card was written to the terminal whole, for the first time. */
	/** A card was asked for by name, with answers: by the command line, by a page of the runbook. */
	| {readonly type: 'card/asked'; readonly action: ActionId; readonly values: Readonly<Record<string, string>>}
	| {readonly type: 'card/painted'; readonly action: ActionId; readonly atMs: number}
	| {readonly type: 'check/answered'; readonly id: CheckId; readonly facts: CheckFacts; readonly atMs: number}
	| {readonly type: 'check/failed'; readonly id: CheckId; readonly failure: Failure}
	| {readonly type: 'check/blocked'; readonly id: CheckId; readonly block: NonNullable<CheckState['block']>}
	| {readonly type: 'message/answered'; readonly incident: string; readonly message: string; readonly attempt: number; readonly delivery: Delivery; /** By chance, from 0 to 1. */ readonly share: number}
	| {readonly type: 'timer/armed'; readonly incident: string; readonly atMs: number; readonly name: string}
	| {readonly type: 'timer/refused'; readonly incident: string; readonly atMs: number; readonly failure: TimerFailure}
	| {readonly type: 'copy/refused'; readonly atMs: number}
	| ShellClosed;

export type Effect =
	| {readonly type: 'journal/append'; readonly drafts: readonly PendingDraft[]}
	| {readonly type: 'run/claim'; readonly request: RunRequest}
	| {readonly type: 'run/cancel'; readonly id: string; readonly how: CancelHow}
	| {readonly type: 'run/discard'; readonly id: string}
	/** A read: run by the console itself, bounded; its output and exit code come back as a run's. */
	| {readonly type: 'run/read'; readonly request: RunRequest}
	| {readonly type: 'compose/compare'; readonly action: ActionId; readonly service: string | null; readonly alone: boolean; readonly words: readonly string[]; readonly directory: string; readonly environment: Readonly<Record<string, string>>}
	| {readonly type: 'preview/look'; readonly action: ActionId; readonly key: string; readonly looks: readonly Look[]; readonly directory: string; readonly environment: Readonly<Record<string, string>>}
	| {readonly type: 'preview/stop'}
	| {readonly type: 'git/look'; readonly directory: string}
	| {readonly type: 'containers/refresh'}
	| {readonly type: 'disks/refresh'}
	| {readonly type: 'pings/hasten'}
	| SilenceEffect
	| {readonly type: 'database/probe'}
	| {readonly type: 'diagnosis/probe'; readonly want: ProbeWant; readonly pid: number; readonly target: PingTarget | null; readonly address: string}
	| {readonly type: 'check/run'; readonly id: CheckId}
	| {readonly type: 'log/deepen'}
	| {readonly type: 'message/send'; readonly incident: string; readonly message: string; readonly attempt: number; readonly envelope: Envelope}
	| {readonly type: 'timer/arm'; readonly incident: string; readonly project: string; readonly atMs: number}
	| {readonly type: 'timer/disarm'; readonly name: string}
	| {readonly type: 'runbook/thaw'; readonly path: string; readonly text: string}
	| {readonly type: 'project/choose'; readonly name: string}
	/** All that is being typed, kept for the case that the line is cut. */
	| {readonly type: 'typed/keep'; readonly texts: readonly KeptText[]}
	| {readonly type: 'terminal/bell'}
	| {readonly type: 'terminal/copy'; readonly text: SafeText}
	| {readonly type: 'console/quit'}
	| {readonly type: 'console/suspend'}
	| {readonly type: 'console/shell'; readonly place: ShellPlace};

export type Updated = {readonly state: State; readonly effects: readonly Effect[]};
