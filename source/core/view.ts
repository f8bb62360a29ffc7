/**
What the operator looks at: focus, selection, overlay, the log's window, what she is typing. Plain data, changed only by `update`, so that
every rule about keys is tested without a terminal.
*/

import type {ActionId} from './actions.ts';
import type {CheckId} from './checks.ts';
import type {PaneId, Size} from './layout.ts';
import type {LogPosition} from './log-book.ts';
import type {KeptText} from './ports.ts';

/** What a one-line input is for. */
export type PromptPurpose = 'search' | 'filter' | 'note' | 'actor' | 'resolve-reason' | 'cancel-reason' | 'confirm-target' | 'card-value' | 'palette' | 'runbook-search' | 'snooze-reason' | 'waive-reason' | 'lead-name' | 'duty-note' | 'duty-reason';

export type Overlay =
	| {readonly kind: 'help'; readonly scroll: number}
	| {readonly kind: 'palette'; readonly cursor: number}
	| {
		readonly kind: 'card';
		readonly action: ActionId;
		/** When it was first painted whole; `y` counts only 300 ms after. Null until then. */
		readonly paintedAtMs: number | null;
		/** The target's name was typed, for an action that can lose data. */
		readonly targetTyped: boolean;
		readonly scroll: number;
		/** Answers to the card's questions. */
		readonly values: Readonly<Record<string, string>>;
		/** The question that the prompt asks now. */
		readonly asking: string | null;
	}
	/** Commits or images to choose from, for a guided action. */
	/** The cursor is null until it was moved: it then stands on the first that does not run now. */
	| {readonly kind: 'choice'; readonly action: ActionId; readonly cursor: number | null}
	| {readonly kind: 'run'; readonly id: string; readonly scroll: number; readonly cancelAskedAtMs: number | null}
	| {readonly kind: 'container'; readonly id: string; readonly scroll: number}
	| {readonly kind: 'ping'; readonly name: string; readonly scroll: number}
	| {readonly kind: 'finding'; readonly index: number; readonly scroll: number; /** The piece of evidence that Enter opens. */ readonly cursor: number}
	| {readonly kind: 'changes'; readonly scroll: number}
	| {readonly kind: 'check'; readonly id: CheckId; readonly scroll: number}
	| {readonly kind: 'incident'; readonly scroll: number}
	/** What is to be done and was done, with a cursor. */
	| {readonly kind: 'escalation'; readonly cursor: number}
	| {
		/** One item of it: the exact text, or whom to call. */
		readonly kind: 'message';
		readonly incident: string;
		readonly item: string;
		readonly subject: string;
		readonly text: string;
		/** Where the text is edited; null while it is not. */
		readonly editAt: number | null;
		readonly paintedAtMs: number | null;
		readonly scroll: number;
	}
	/** What the runbook asks for after the incident. */
	| {readonly kind: 'duties'; readonly cursor: number}
	/** Asks for a silence in Alertmanager; `y` counts only a moment after it was asked. */
	| {readonly kind: 'silence'; readonly what: 'create' | 'extend' | 'lift'; readonly askedAtMs: number; readonly scroll: number}
	| {readonly kind: 'severity'; readonly cursor: number}
	| {readonly kind: 'projects'; readonly cursor: number}
	/** A page of the runbook's cards: `page` is its id, the cursor a card. */
	| {readonly kind: 'page'; readonly page: string; readonly cursor: number}
	/** The runbook's whole text. `hit` is the row of the last match. */
	| {readonly kind: 'reader'; readonly scroll: number; readonly search: string | null; readonly hit: number | null}
	/** How a drill begins, goes round the screen, and is talked about when it is over. */
	| {readonly kind: 'briefing'}
	| {readonly kind: 'tour'; readonly step: number}
	| {readonly kind: 'debrief'; readonly scroll: number}
	| {readonly kind: 'quit'};

/** `keptAs`: where its text is kept while it is typed (kept-texts.ts). */
export type Prompt = {readonly purpose: PromptPurpose; readonly text: string; readonly keptAs?: string};

export type SinceChoice = 'all' | '1h' | '5m';

export type LogView = {
	/** Null: all services merged. */
	readonly service: string | null;
	readonly follow: boolean;
	/** The line at the bottom of the window when not following. */
	readonly anchor: LogPosition | null;
	readonly wrap: boolean;
	readonly timestamps: boolean;
	readonly since: SinceChoice;
	readonly search: string | null;
	/** The line that the last search or error jump landed on. */
	readonly hit: LogPosition | null;
	readonly filterIn: string | null;
	readonly filterOut: string | null;
	readonly column: number;
};

/** A short message in the footer, in a code. */
export type Flash = {readonly code: FlashCode; readonly params: Readonly<Record<string, string | number>>; readonly level: 'info' | 'warning'; readonly untilMs: number};

export type FlashCode =
	| 'no-match' | 'no-error-line' | 'copied' | 'copy-too-large' | 'nothing-to-copy' | 'read-only' | 'not-yet' | 'blocked' | 'paste-ignored' | 'no-incident' | 'acknowledged' | 'noted'
	| 'already-running' | 'incident-opened' | 'incident-resolved' | 'incident-cancelled' | 'type-target' | 'scenario-none' | 'runbook-reading' | 'runbook-here' | 'runbook-waits' | 'runbook-only-one' | 'runbook-switched' | 'runbook-unread' | 'probing-database' | 'only-one-project' | 'cancel-asked' | 'not-cancelled' | 'clock-stepped' | 'value-refused' | 'no-questions' | 'shell-drill' | 'shell-not-running' | 'shell-failed'
	| 'message-sending' | 'message-sent' | 'message-again' | 'message-failed' | 'message-unknown' | 'message-nothing' | 'message-not-configured' | 'message-link' | 'message-by-hand' | 'message-waived' | 'message-done' | 'placeholder-number' | 'snoozed' | 'snooze-needs-reason' | 'nothing-due' | 'nobody-acknowledged'
	| 'lead-taken' | 'lead-mine' | 'text-kept' | 'duty-settled' | 'no-duties'
	| 'no-alertmanager' | 'silence-asked' | 'silenced' | 'silence-lifted' | 'silence-failed' | 'severity-changed';

export type View = {
	readonly size: Size;
	readonly focus: PaneId;
	readonly enlarged: boolean;
	/** Rows selected in the lists. */
	readonly containerCursor: number;
	readonly pingCursor: number;
	readonly findingCursor: number;
	readonly overlay: Overlay | null;
	readonly prompt: Prompt | null;
	readonly log: LogView;
	readonly flash: Flash | null;
	/** What was typed and became nothing yet, the newest first. */
	readonly kept: readonly KeptText[];
	/** Rises whenever a key changed something: the screen repaints at once. */
	readonly keyRevision: number;
	/** When the last key was pressed. */
	readonly keyAtMs: number;
};

export const initialView = (size: Size): View => ({
	size,
	focus: 'containers',
	enlarged: false,
	containerCursor: 0,
	pingCursor: 0,
	findingCursor: 0,
	overlay: null,
	prompt: null,
	log: {service: null, follow: true, anchor: null, wrap: false, timestamps: true, since: 'all', search: null, hit: null, filterIn: null, filterOut: null, column: 0},
	flash: null,
	kept: [],
	keyRevision: 0,
	keyAtMs: 0,
});

/** A list window of `rows` that keeps `cursor` in sight: index of its first row. */
export const windowStart = (cursor: number, count: number, rows: number): number =>
	count <= rows ? 0 : Math.max(0, Math.min(cursor - Math.floor(rows / 2), count - rows));
