/**
The incident as a fold over its journal: state, clocks, timeline, who acknowledged, what was run. Replaying an incident's entries gives
the same incident, whoever recorded them and however often the console was closed in between.

It hides which entries matter to what. Entries of unknown types are kept in the timeline by their code, so that a newer console's
journal can be read by an older one.
*/

import {dutyTextsIn, markDuty, type DutyMarks} from './duties.ts';
import {emptyOutbox, moveOutbox, type Outbox} from './outbox.ts';
import type {Json, JournalEntry, JournalHistory} from './ports.ts';
import type {Outage} from './situation.ts';

/** `closed`: resolved, and what had to be done afterwards is done or waived. Before `open` an incident is only suspected, and has no record. */
export type IncidentState = 'open' | 'mitigated' | 'resolved' | 'closed' | 'cancelled';

/** A line of the record: the code and its parameters; the words are made in `messages`. */
export type TimelineItem = {
	readonly sequence: number;
	readonly atMs: number;
	readonly actor: string;
	readonly type: string;
	readonly data: {readonly [key: string]: Json};
};

export type Incident = {
	readonly id: string;
	readonly state: IncidentState;
	readonly alert: string;
	readonly severity: string;
	readonly outage: Outage;
	readonly openedAtMs: number;
	readonly openedBy: 'condition' | 'key' | 'alert';
	/** When somebody could know: the alert may have fired, and paged, long before a console was there to open it. */
	readonly detected: {readonly atMs: number; readonly by: 'condition' | 'key' | 'alert'};
	/** Our own pings were green when somebody who knows better said that it is down: that they are green since before is then no recovery. */
	readonly doubted: {readonly by: 'key' | 'alert'; readonly atMs: number} | null;
	readonly acknowledgedBy: string | null;
	readonly acknowledgedAtMs: number | null;
	readonly mitigatedAtMs: number | null;
	readonly mitigatedBy: 'checks' | 'alert' | null;
	readonly endedAtMs: number | null;
	/** Who ended it; `watch`: it ended by itself, after the watching window. */
	readonly endedBy: string | null;
	readonly endReason: string;
	readonly closedAtMs: number | null;
	/** In Alertmanager, for as long as it is worked on. */
	readonly silence: {readonly id: string; readonly sinceMs: number; readonly untilMs: number; readonly by: string} | null;
	/** Time between being mitigated and falling back: no customer was hurt then. */
	readonly greenMs: number;
	readonly promptedAtMs: number | null;
	/** Put off by a person, with a reason. */
	readonly snoozedUntilMs: number | null;
	/** The system's timer that sends what may go unattended; where there is none an empty name, and why. */
	readonly timer: {readonly name: string; readonly atMs: number; readonly code: string; readonly detail: string} | null;
	/** What was sent, is to be sent, or was done by hand. */
	readonly outbox: Outbox;
	/** Who took the lead; until somebody does it is who acknowledged. */
	readonly lead: string | null;
	/** The runbook's duties as they stood when it opened; null for the shipped ones. */
	readonly dutyTexts: readonly string[] | null;
	readonly duties: DutyMarks;
	readonly timeline: readonly TimelineItem[];
	/** Timeline items that no longer fit; the journal has them. */
	readonly timelineDropped: number;
};

/**
Types of facts that only pass by: they stand in the timeline and change nothing else, and a crash loop makes a hundred thousand of them in three days. The
newest are enough for a screen, so a journal is opened without the rest (`JournalHistory`).
*/
export const passingTypes: readonly string[] = [
	'ping/failed', 'ping/recovered', 'container/died', 'container/started', 'container/oom', 'container/paused', 'container/unpaused', 'container/removed', 'engine/lost', 'metrics/sampled',
];

const passing: ReadonlySet<string> = new Set(passingTypes);

export const isPassing = (type: string): boolean => passing.has(type);

/** How many passing facts a timeline keeps, and how many of all else. */
export const passingKept = 250;
const deedsKept = 500;

const text = (value: Json | undefined): string => typeof value === 'string' ? value : '';
const instant = (value: Json | undefined): number | null => typeof value === 'number' && Number.isFinite(value) ? value : null;

/** The incident that an `incident/opened` begins, with an empty timeline. */
export const beginIncident = (entry: JournalEntry, id: string): Incident => {
	const {sinceMs, source, atLeast, by, alert, severity} = entry.data;
	const openedBy = by === 'key' || by === 'alert' ? by : 'condition';
	return {
		id,
		state: 'open',
		alert: text(alert),
		severity: text(severity),
		outage: {
			sinceMs: instant(sinceMs) ?? entry.atMs,
			source: source === 'container' || source === 'alert' ? source : 'ping',
			atLeast: atLeast !== false,
		},
		openedAtMs: entry.atMs,
		openedBy,
		detected: {atMs: entry.atMs, by: openedBy},
		doubted: by === 'key' || by === 'alert' ? {by, atMs: entry.atMs} : null,
		acknowledgedBy: null,
		acknowledgedAtMs: null,
		mitigatedAtMs: null,
		mitigatedBy: null,
		endedAtMs: null,
		endedBy: null,
		endReason: '',
		closedAtMs: null,
		silence: null,
		greenMs: 0,
		promptedAtMs: null,
		snoozedUntilMs: null,
		timer: null,
		outbox: emptyOutbox,
		lead: null,
		dutyTexts: null,
		duties: {},
		timeline: [],
		timelineDropped: 0,
	};
};

/** What may still move an incident that is over. */
const afterTheEnd: ReadonlySet<string> = new Set(['incident/closed', 'silence/created', 'silence/extended', 'silence/lifted', 'escalation/disarmed', 'duty/done', 'duty/waived']);

/** State and clocks after one more entry of the incident; its timeline stays as it is. */
export const moveIncident = (incident: Incident, entry: JournalEntry): Incident => {
	// That it is over is told to others too, and that belongs to it.
	if (incident.endedAtMs !== null && !afterTheEnd.has(entry.type) && !entry.type.startsWith('message/')) {
		return incident;
	}

	switch (entry.type) {
		case 'incident/acknowledged': {
			return incident.acknowledgedAtMs === null ? {...incident, acknowledgedAtMs: entry.atMs, acknowledgedBy: entry.actor.name} : incident;
		}

		case 'incident/mitigated': {
			return incident.state === 'open' ? {...incident, state: 'mitigated', mitigatedAtMs: entry.atMs, mitigatedBy: entry.data['by'] === 'alert' ? 'alert' : 'checks'} : incident;
		}

		case 'incident/reopened': {
			return incident.state === 'mitigated' ? reopened(incident, entry) : incident;
		}

		case 'incident/resolved':
		case 'incident/cancelled': {
			const state = entry.type === 'incident/resolved' ? 'resolved' : 'cancelled';
			return {...incident, state, endedAtMs: entry.atMs, endedBy: entry.data['by'] === 'watch' ? 'watch' : entry.actor.name, endReason: text(entry.data['reason'])};
		}

		case 'incident/closed': {
			return incident.state === 'resolved' ? {...incident, state: 'closed', closedAtMs: entry.atMs} : incident;
		}

		case 'incident/severityChanged': {
			return text(entry.data['to']) === '' ? incident : {...incident, severity: text(entry.data['to'])};
		}

		case 'alert/fired': {
			return detectedBy(withAlertStart(incident, instant(entry.data['activeAtMs'])), instant(entry.data['firedAtMs']));
		}

		case 'silence/created':
		case 'silence/extended': {
			const untilMs = instant(entry.data['endsAtMs']);
			return untilMs === null ? incident : {...incident, silence: {id: text(entry.data['id']), sinceMs: incident.silence?.sinceMs ?? entry.atMs, untilMs, by: incident.silence?.by ?? entry.actor.name}};
		}

		case 'silence/lifted': {
			return {...incident, silence: null};
		}

		case 'escalation/prompted': {
			return {...incident, promptedAtMs: incident.promptedAtMs ?? entry.atMs};
		}

		case 'escalation/snoozed': {
			return {...incident, snoozedUntilMs: instant(entry.data['untilMs'])};
		}

		case 'escalation/armed':
		case 'escalation/notArmed': {
			return {...incident, timer: {name: text(entry.data['name']), atMs: instant(entry.data['atMs']) ?? entry.atMs, code: text(entry.data['code']), detail: text(entry.data['detail'])}};
		}

		case 'escalation/disarmed': {
			return {...incident, timer: null};
		}

		case 'duty/done':
		case 'duty/waived': {
			return {...incident, duties: markDuty(incident.duties, entry)};
		}

		case 'lead/taken': {
			return {...incident, lead: entry.actor.name};
		}

		case 'runbook/frozen': {
			return {...incident, dutyTexts: incident.dutyTexts ?? dutyTextsIn(entry.data)};
		}

		default: {
			return withOutbox(incident, entry);
		}
	}
};

const withOutbox = (incident: Incident, entry: JournalEntry): Incident => {
	const outbox = moveOutbox(incident.outbox, entry);
	return outbox === incident.outbox ? incident : {...incident, outbox};
};

const reopened = (incident: Incident, entry: JournalEntry): Incident => ({
	...incident,
	state: 'open',
	mitigatedAtMs: null,
	mitigatedBy: null,
	doubted: entry.data['by'] === 'alert' ? {by: 'alert', atMs: entry.atMs} : incident.doubted,
	greenMs: incident.greenMs + Math.max(0, entry.atMs - (incident.mitigatedAtMs ?? entry.atMs)),
});

/** What was only known as "at least since" begins where the alert proves it, when that is told later. */
const withAlertStart = (incident: Incident, activeAtMs: number | null): Incident =>
	activeAtMs !== null && incident.outage.atLeast && activeAtMs < incident.outage.sinceMs ? {...incident, outage: {sinceMs: activeAtMs, source: 'alert', atLeast: false}} : incident;

/** The alert of this outage that fired before the incident was opened detected it; one that fired before the outage is another's. */
const detectedBy = (incident: Incident, firedAtMs: number | null): Incident =>
	firedAtMs !== null && firedAtMs >= incident.outage.sinceMs && firedAtMs < incident.detected.atMs ? {...incident, detected: {atMs: firedAtMs, by: 'alert'}} : incident;

/** The line of the timeline for an entry. */
const itemOf = (entry: JournalEntry): TimelineItem => {
	// Kept log lines, and the runbook's text, stay in the journal: in memory and on the screen their number is enough.
	const {lines} = entry.data;
	const data = entry.type === 'log/kept' || entry.type === 'runbook/frozen' || entry.type === 'message/drafted' ? {...entry.data, lines: Array.isArray(lines) ? lines.length : 0} : entry.data;
	return {sequence: entry.sequence, atMs: entry.atMs, actor: entry.actor.name, type: entry.type, data};
};

/** An incident while entries are folded into it: its timeline is taken apart when the first one comes, grows in place, and is cut when all are in. */
type Growing = {incident: Incident; readonly lists: {readonly deeds: TimelineItem[]; readonly facts: TimelineItem[]} | null; dropped: number};

const growing = (incident: Incident): Growing => ({incident, lists: null, dropped: incident.timelineDropped});

const cut = (items: TimelineItem[], kept: number): number => items.splice(0, Math.max(0, items.length - kept)).length;

/** The incident with one more entry in its timeline. */
const noted = (before: Growing, entry: JournalEntry): Growing => {
	const {timeline} = before.incident;
	const lists = before.lists ?? {deeds: timeline.filter(({type}) => !isPassing(type)), facts: timeline.filter(({type}) => isPassing(type))};
	const [items, kept] = isPassing(entry.type) ? [lists.facts, passingKept] : [lists.deeds, deedsKept];
	items.push(itemOf(entry));
	// Cut in lumps: what every entry moved would be moved a hundred thousand times.
	const dropped = before.dropped + (items.length >= 2 * kept ? cut(items, kept) : 0);
	return before.lists === null ? {incident: before.incident, lists, dropped} : Object.assign(before, {dropped});
};

const grown = ({incident, lists, dropped}: Growing): Incident => {
	if (lists === null) {
		return incident;
	}

	const more = cut(lists.deeds, deedsKept) + cut(lists.facts, passingKept);
	return {...incident, timeline: [...lists.deeds, ...lists.facts].toSorted((a, b) => a.sequence - b.sequence), timelineDropped: dropped + more};
};

export type Incidents = {
	/** The one that is open or mitigated, if any: the database allows only one. */
	readonly current: Incident | null;
	/** Ended ones, newest last, at most 20. */
	readonly ended: readonly Incident[];
	/** Sequence of the last entry folded. */
	readonly sequence: number;
};

export const noIncidents: Incidents = {current: null, ended: [], sequence: 0};

const endedKept = 20;

/** The incidents after more entries, oldest first (those already folded, by sequence, change nothing): the same as one after the other, at a cost that does not grow with the timeline. */
export const recordEntries = (incidents: Incidents, entries: readonly JournalEntry[]): Incidents => {
	let current = incidents.current === null ? null : growing(incidents.current);
	let ended = incidents.ended.map(incident => growing(incident));
	let {sequence} = incidents;
	for (const entry of entries) {
		if (entry.sequence <= sequence) {
			continue;
		}

		sequence = entry.sequence;
		if (entry.incident === null) {
			continue;
		}

		if (entry.type === 'incident/opened' && current === null) {
			current = noted(growing(beginIncident(entry, entry.incident)), entry);
		} else if (current?.incident.id === entry.incident) {
			const moved = noted(current, entry);
			moved.incident = moveIncident(moved.incident, entry);
			const isOver = moved.incident.state === 'resolved' || moved.incident.state === 'cancelled';
			ended = isOver ? [...ended, moved].slice(-endedKept) : ended;
			current = isOver ? null : moved;
		} else if (current !== null && entry.type !== 'incident/opened' && !ended.some(({incident}) => incident.id === entry.incident)) {
			// Two consoles opened an incident in the same moment, and the database kept one: what the other recorded under its own belongs to it.
			current = noted(current, entry);
		} else {
			ended = ended.map(late => late.incident.id === entry.incident ? Object.assign(noted(late, entry), {incident: moveIncident(late.incident, entry)}) : late);
		}
	}

	return {current: current === null ? null : grown(current), ended: ended.map(one => grown(one)), sequence};
};

/** Folds a whole journal. */
export const replay = (entries: readonly JournalEntry[]): Incidents => recordEntries(noIncidents, entries);

/** Folds what a journal was opened with. */
export const recall = ({entries, leftOut = {}, last = 0}: JournalHistory): Incidents => {
	const {current, ended, sequence} = replay(entries);
	const whole = (incident: Incident): Incident => ({...incident, timelineDropped: incident.timelineDropped + (leftOut[incident.id] ?? 0)});
	return {current: current === null ? null : whole(current), ended: ended.map(incident => whole(incident)), sequence: Math.max(sequence, last)};
};

/** How long customers have been hurt: from the outage's start to its end, or to now while it lasts. */
export const downMs = (incident: Incident, nowMs: number): number =>
	Math.max(0, (incident.mitigatedAtMs ?? incident.endedAtMs ?? nowMs) - incident.outage.sinceMs - incident.greenMs);
