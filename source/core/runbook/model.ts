/** A runbook as the console uses it: sections, cards, facts, problems. Data only; how it is read is in the files beside this one. */

import type {Risk} from '../risk.ts';
import type {SafeText} from '../text.ts';
import type {CheckTarget, PaneTarget} from './commands.ts';
import type {Block} from './document.ts';
import type {ConditionKind, RunbookRole} from './words.ts';

/**
What a card is: a live pane takes the command's place; a check reads; a change changes; a wait is the console's own patience; a hint is only read; a
verification is what the console does by itself after every change.
*/
export type CardKind = 'pane' | 'check' | 'change' | 'wait' | 'hint' | 'verification';

/** Something that the command wants filled in: a question to the operator, passed as the environment variable `variable`. */
export type Placeholder = {readonly name: SafeText; readonly variable: string};

export type RunbookCard = {
	/** Stable as long as section and title are: what the journal and the palette call it. */
	readonly id: string;
	/** The `id` of its section. */
	readonly section: string;
	/** 1 to 9; 0 is the rollback; null for the rest (diagnosis, quick commands). */
	readonly scenario: number | null;
	readonly title: SafeText;
	/** The commands as they stand on the page, without the comments. */
	readonly rawLines: readonly string[];
	/** What bash would get: placeholders are variables. */
	readonly script: string;
	readonly risk: Risk;
	/** Why it has this risk, as codes of the classification; empty when an attribute says so. */
	readonly riskReasons: readonly string[];
	readonly kind: CardKind;
	/** The pane that shows it live. */
	readonly pane: PaneTarget | null;
	/** The check that answers it. */
	readonly check: CheckTarget | null;
	/** The shipped action that it equals, such as `start-api`. */
	readonly action: string | null;
	/** Asked for by an attribute. */
	readonly key: string | null;
	readonly condition: {readonly kind: ConditionKind; readonly text: SafeText} | null;
	/** The card that it is an alternative to. */
	readonly alternativeTo: string | null;
	readonly placeholders: readonly Placeholder[];
	readonly waitMs: number | null;
	/** Remarks that belong to it: further comment lines, a comment behind a command, the points of a list. */
	readonly hints: readonly SafeText[];
	/** From the attributes: the service it acts on, how it is verified, how long it may take. */
	readonly target: string | null;
	readonly verify: string | null;
	readonly timeoutMs: number | null;
	/** Of the first line that it was made from. */
	readonly line: number;
};

export type RunbookSection = {
	readonly id: string;
	readonly role: RunbookRole;
	readonly scenario: number | null;
	/** The heading as it stands; `name` is what comes after `Cenário 3:`. */
	readonly title: SafeText;
	readonly name: SafeText;
	readonly line: number;
	/** The sentence behind *Problema* / *Problem*. */
	readonly problem: SafeText | null;
	/** *What to look for*, common problems, and what else is to be read beside the cards. */
	readonly hints: readonly SafeText[];
	readonly cards: readonly string[];
};

export type Contact = {readonly role: string; readonly name: string; readonly reach: string; /** A template's number that nobody can call. */ readonly placeholder: boolean};

export type RunbookFacts = {
	readonly alert: string | null;
	readonly severity: string | null;
	readonly expression: string | null;
	readonly durationMs: number | null;
	readonly team: string | null;
	readonly service: string | null;
	readonly impact: readonly SafeText[];
	readonly contacts: readonly Contact[];
	readonly escalateAfterMs: number | null;
	readonly escalationSteps: readonly SafeText[];
	readonly duties: readonly SafeText[];
	readonly history: {readonly head: readonly SafeText[]; readonly rows: readonly (readonly SafeText[])[]};
	/** As in the footer: a day such as `2025-01-18` (null when it is no date), version, owner. */
	readonly updated: string | null;
	readonly version: string | null;
	readonly owner: string | null;
};

export type RunbookProblemCode =
	// with the file
	| 'missing' | 'unreadable' | 'not-a-file' | 'too-large' | 'binary' | 'not-utf8' | 'timed-out' | 'byte-order-mark' | 'carriage-return' | 'line-too-long' | 'too-deep' | 'empty'
	// with its Markdown and attributes
	| 'front-matter' | 'unknown-front-matter' | 'unclosed-fence' | 'unknown-attribute' | 'attribute-value' | 'attribute-syntax' | 'hidden-characters'
	// with how things go together
	| 'key-clash' | 'id-clash' | 'scenario-clash' | 'scenario-range' | 'empty-scenario' | 'no-scenario' | 'no-card' | 'risk-too-low'
	// with what the page says
	| 'placeholder-number' | 'trap-down-service' | 'trap-prune' | 'trap-environment' | 'trap-exec-terminal' | 'trap-down-before-build';

export type RunbookProblem = {
	readonly code: RunbookProblemCode;
	/** From 1; 0 when it is the file as a whole. */
	readonly line: number;
	readonly column: number;
	readonly params: Readonly<Record<string, string | number>>;
	/** What to write instead, where there is such a thing. */
	readonly suggestion: string | null;
	/** `note`: it works, and was put right while reading. */
	readonly level: 'warning' | 'note';
};

export type RunbookLanguage = 'en' | 'pt-BR';

export type Runbook = {
	/** The file; null for the edition that ships with the program. */
	readonly path: string | null;
	readonly title: SafeText;
	readonly language: RunbookLanguage | null;
	readonly sections: readonly RunbookSection[];
	readonly cards: readonly RunbookCard[];
	readonly facts: RunbookFacts;
	readonly problems: readonly RunbookProblem[];
	/** The whole text, for the reader. */
	readonly blocks: readonly Block[];
	/** As it was read, line by line: what the journal freezes when an incident opens. */
	readonly rawText: string;
};
