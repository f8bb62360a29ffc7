/**
The incident as a fold over its journal: state, clocks, timeline, who acknowledged, what was run. Replaying an incident's entries gives
the same incident, whoever recorded them and however often the console was closed in between.

It hides which entries matter to what. Entries of unknown types are kept in the timeline by their code, so that a newer console's
journal can be read by an older one.
*/

import {emptyOutbox, moveOutbox, type Outbox} from './outbox.ts';
import type {Json, JournalEntry} from './ports.ts';
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
	/** The system's timer that sends what may go unattended; an empty name where there is none. */
	readonly timer: {readonly name: string; readonly atMs: number} | null;
	/** What was sent, is to be sent, or was done by hand. */
	readonly outbox: Outbox;
	readonly timeline: readonly TimelineItem[];
	/** Timeline items that no longer fit; the journal has them. */
	readonly timelineDropped: number;
};

const timelineKept = 500;

const text = (value: Json | undefined): string => typeof value === 'string' ? value : '';
const instant = (value: Json | undefined): number | null => typeof value === 'number' && Number.isFinite(value) ? value : null;

/** The incident that an `incident/opened` begins, with an empty timeline. */
export const beginIncident = (entry: JournalEntry, id: string): Incident => {
	const {sinceMs, source, atLeast, by, alert, severity} = entry.data;
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
		openedBy: by === 'key' || by === 'alert' ? by : 'condition',
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
		timeline: [],
		timelineDropped: 0,
	};
};

/** What may still move an incident that is over. */
const afterTheEnd: ReadonlySet<string> = new Set(['incident/closed', 'silence/created', 'silence/extended', 'silence/lifted', 'escalation/disarmed']);

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
			return withAlertStart(incident, instant(entry.data['activeAtMs']));
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
			return {...incident, timer: {name: text(entry.data['name']), atMs: instant(entry.data['atMs']) ?? entry.atMs}};
		}

		case 'escalation/disarmed': {
			return {...incident, timer: null};
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

const noted = (incident: Incident, entry: JournalEntry): Incident => {
	// Kept log lines stay in the journal: in memory and on the screen their number is enough.
	const {lines} = entry.data;
	const data = entry.type === 'log/kept' || entry.type === 'message/drafted' ? {...entry.data, lines: Array.isArray(lines) ? lines.length : 0} : entry.data;
	const item: TimelineItem = {sequence: entry.sequence, atMs: entry.atMs, actor: entry.actor.name, type: entry.type, data};
	const timeline = [...incident.timeline, item];
	const dropped = Math.max(0, timeline.length - timelineKept);
	return {...incident, timeline: timeline.slice(dropped), timelineDropped: incident.timelineDropped + dropped};
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

/** The incidents after one more entry. Entries already folded (by sequence) change nothing. */
export const recordEntry = (incidents: Incidents, entry: JournalEntry): Incidents => {
	if (entry.sequence <= incidents.sequence) {
		return incidents;
	}

	const {sequence} = entry;
	if (entry.incident === null) {
		return {...incidents, sequence};
	}

	const {current} = incidents;
	if (entry.type === 'incident/opened' && current === null) {
		return {...incidents, sequence, current: noted(beginIncident(entry, entry.incident), entry)};
	}

	const isKnown = current?.id === entry.incident || incidents.ended.some(incident => incident.id === entry.incident);
	if (current !== null && !isKnown && entry.type !== 'incident/opened') {
		// Two consoles opened an incident in the same moment, and the database kept one: what the other recorded under its own belongs to it.
		return {...incidents, sequence, current: noted(current, entry)};
	}

	if (current === null || current.id !== entry.incident) {
		const ended = incidents.ended.map(incident => incident.id === entry.incident ? noted(moveIncident(incident, entry), entry) : incident);
		return {...incidents, sequence, ended};
	}

	const next = noted(moveIncident(current, entry), entry);
	return next.state === 'resolved' || next.state === 'cancelled'
		? {current: null, ended: [...incidents.ended, next].slice(-20), sequence}
		: {...incidents, sequence, current: next};
};

/** Folds a whole journal. */
export const replay = (entries: readonly JournalEntry[]): Incidents => entries.reduce(recordEntry, noIncidents);

/** How long customers have been hurt: from the outage's start to its end, or to now while it lasts. */
export const downMs = (incident: Incident, nowMs: number): number =>
	Math.max(0, (incident.mitigatedAtMs ?? incident.endedAtMs ?? nowMs) - incident.outage.sinceMs - incident.greenMs);
