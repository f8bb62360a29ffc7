/**
What the runbook asks for after an incident: the duties as they stood when it opened, which of them count for this one, and what has become of each. Hides
how a duty is known by its words, so that each edition and language of a runbook gets the right help.
*/

import type {Json, JournalEntry} from './ports.ts';
import {makeSafe, type SafeText} from './text.ts';

export type DutyKind = 'cause' | 'runbook' | 'issue' | 'review' | 'post-mortem' | 'other';

export type DutyMark = {readonly state: 'done' | 'waived'; readonly by: string; readonly atMs: number; /** What was done, or why not. */ readonly note: string};

/** What has become of the duties so far, by their ids. */
export type DutyMarks = Readonly<Record<string, DutyMark>>;

export type Duty = {
	readonly id: string;
	readonly kind: DutyKind;
	/** The runbook's own words; null for the shipped duty of its kind. */
	readonly text: SafeText | null;
	/** False: this incident was too short for it. */
	readonly required: boolean;
	/** What it is required after, where that depends on the downtime. */
	readonly afterMs: number | null;
	readonly mark: DutyMark | null;
};

/** The runbook that ships with the program: a post-mortem if customers were hurt for longer. */
export const postMortemAfterMs = 900_000;

const shipped: readonly DutyKind[] = ['cause', 'runbook', 'issue', 'review', 'post-mortem'];

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

const kinds: ReadonlyArray<readonly [DutyKind, RegExp]> = [
	['post-mortem', /post ?-?mortem|retrospectiv|blameless/],
	['issue', /\b(?:issues?|tickets?|chamados?|backlog)\b/],
	['cause', /causa[- ]raiz|root[- ]cause|\brca\b/],
	['runbook', /\b(?:runbook|playbook)\b/],
	['review', /\b(?:logs?|metricas?|metrics?|dashboards?|graficos?)\b/],
];

const kindOf = (text: string): DutyKind => kinds.find(([, words]) => words.test(fold(text)))?.[0] ?? 'other';

/** `se downtime > 15min`, `if down for more than 1 h`; null where nothing is said. A span to do it in (`within 48 h`) is no condition. */
const afterOf = (text: string): number | null => {
	const match = /(?:>=?|≥|\b(?:mais de|mais que|acima de|maior que|exced\w*|more than|longer than|over|above|exceed\w*))\s*(\d{1,4})\s*(min|m\b|h)/.exec(fold(text));
	return match === null ? null : Number(match[1]) * (match[2] === 'h' ? 3_600_000 : 60_000);
};

/** The duties of an incident that was down for so long: `texts` are the runbook's own, null or none for the shipped ones. */
export const dutiesOf = (texts: readonly string[] | null, marks: DutyMarks, downMs: number): readonly Duty[] => {
	const known = (texts ?? []).length > 0 ? texts! : null;
	const used = new Set<string>();
	return (known ?? shipped).map((text, index): Duty => {
		const kind = known === null ? text as DutyKind : kindOf(text);
		// By what it is, so that a mark is still its own where the page is read by another version.
		const id = kind === 'other' || used.has(kind) ? `${kind}-${index + 1}` : kind;
		used.add(kind);
		const afterMs = kind !== 'post-mortem' ? null : (known === null ? postMortemAfterMs : afterOf(text));
		return {id, kind, text: known === null ? null : makeSafe(text), required: afterMs === null || downMs > afterMs, afterMs, mark: Object.hasOwn(marks, id) ? marks[id]! : null};
	});
};

/** What still has to be done. */
export const openDuties = (duties: readonly Duty[]): readonly Duty[] => duties.filter(({required, mark}) => required && mark === null);

/** As a word of a shell. */
const shellWord = (text: string): string => /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll('\'', String.raw`'\''`)}'`;

/** The command that helps with a duty, where there is one. `runbook`: the page that must be named to it; null where the configuration names one. */
export const dutyCommand = (kind: DutyKind, incident: string, runbook: string | null): string | null => {
	switch (kind) {
		case 'cause': {
			return `mdc-console incidents history-row ${incident}${runbook === null ? '' : ` --runbook ${shellWord(runbook)}`} --cause "..." --write`;
		}

		case 'review': {
			return `mdc-console incidents report ${incident} --format html --output ${incident}.html`;
		}

		case 'post-mortem': {
			return `mdc-console incidents report ${incident} --output ${incident}.md`;
		}

		case 'runbook':
		case 'issue':
		case 'other': {
			return null;
		}
	}
};

const text = (value: Json | undefined): string => typeof value === 'string' ? value : '';

/** The marks after one more entry; what was done stays done, and what was waived may be done after all. */
export const markDuty = (marks: DutyMarks, {type, data, actor, atMs}: JournalEntry): DutyMarks => {
	const id = text(data['duty']);
	const state = type === 'duty/done' ? 'done' : 'waived';
	const before = Object.hasOwn(marks, id) ? marks[id] : undefined;
	return id === '' || before?.state === 'done' ? marks : {...marks, [id]: {state, by: actor.name, atMs, note: text(data[state === 'done' ? 'note' : 'reason'])}};
};

/** The duties' words in a `runbook/frozen`; null where it has none. */
export const dutyTextsIn = (data: JournalEntry['data']): readonly string[] | null => {
	const {duties} = data;
	const texts = Array.isArray(duties) ? (duties as readonly Json[]).filter(item => typeof item === 'string' && item !== '') as readonly string[] : [];
	return texts.length === 0 ? null : texts;
};
