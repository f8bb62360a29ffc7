/**
What a report of an incident says, worked out from its record: the five times with their sources, spans of downtime, findings, every action from its
confirmation to its verdict, the log lines that were kept. Hides the shape of the entries; a report is made of safe, redacted text and of codes.

Invariant: any record gives a report. What an entry does not say, or says in a way that makes no sense, is null here, never an error.
*/

import {dutiesOf, openDuties, postMortemAfterMs, type Duty} from './duties.ts';
import {downMs, moveIncident, type Incident, type IncidentState, type TimelineItem} from './incident.ts';
import type {IncidentRecord} from './incident-archive.ts';
import {emptyOutbox, moveOutbox, type MessageState} from './outbox.ts';
import {isMeasurement, samplesIn, type MetricsSample} from './metrics-sample.ts';
import type {Json, JournalEntry} from './ports.ts';
import {LineRedactor, redact} from './redaction.ts';
import {makeSafe, type SafeText} from './text.ts';

/** A span in which customers were hurt; `toMs` null: it lasts. */
export type OutageSpan = {readonly fromMs: number; readonly toMs: number | null};

export type ReportFinding = {
	readonly code: SafeText;
	readonly service: SafeText | null;
	readonly scenario: number | null;
	/** `outage` unless it was told to be a mere warning. */
	readonly weight: 'outage' | 'warning';
	readonly params: Readonly<Record<string, string | number>>;
};

export type ReportAction = {
	readonly run: SafeText;
	readonly action: SafeText;
	/** A runbook card's own; null where the program has one. */
	readonly title: SafeText | null;
	/** The step at which a command of several stopped. */
	readonly failedStep: SafeText | null;
	readonly by: SafeText;
	/** As it was run, and as the runbook has it where that is something else. */
	readonly command: readonly SafeText[];
	readonly original: readonly SafeText[];
	readonly directory: SafeText | null;
	readonly confirmedAtMs: number | null;
	readonly startedAtMs: number | null;
	readonly endedAtMs: number | null;
	readonly outcome: 'refused' | 'running' | 'ended' | 'cancelled' | 'timed-out' | 'lost';
	readonly refusal: {readonly code: SafeText; readonly holder: SafeText | null} | null;
	readonly exitCode: number | null;
	readonly signal: SafeText | null;
	readonly verdict: SafeText | null;
	readonly verifiedAtMs: number | null;
	/** From the end of the command to the first good answer. */
	readonly recoveredInSeconds: number | null;
};

/** A message as it ended up, with the text that went out. */
export type ReportMessage = {
	readonly id: SafeText;
	readonly channel: SafeText | null;
	readonly purpose: SafeText;
	readonly label: SafeText;
	readonly state: MessageState;
	readonly by: SafeText;
	/** When it came into this state. */
	readonly atMs: number;
	readonly tries: number;
	/** The service's, or the reason of a person. */
	readonly words: SafeText;
	readonly code: SafeText | null;
	readonly outcome: SafeText | null;
	readonly link: SafeText | null;
	readonly subject: SafeText;
	readonly lines: readonly SafeText[];
};

export type KeptLines = {readonly atMs: number; readonly service: SafeText; readonly lines: readonly SafeText[]};

export type Report = {
	readonly id: SafeText;
	readonly project: SafeText;
	readonly state: IncidentState;
	readonly alert: SafeText;
	readonly severity: SafeText;
	readonly madeAtMs: number;
	readonly impactBegan: {readonly atMs: number; readonly source: 'ping' | 'container' | 'alert'; readonly atLeast: boolean};
	readonly detected: {readonly atMs: number; readonly by: Incident['openedBy']; readonly actor: SafeText};
	readonly acknowledged: {readonly atMs: number; readonly actor: SafeText} | null;
	readonly mitigated: {readonly atMs: number; readonly by: 'checks' | 'alert'} | null;
	/** `against`: what spoke against it, by its code; empty where nothing did. */
	readonly ended: {readonly atMs: number; readonly how: 'resolved' | 'cancelled'; readonly byWatch: boolean; readonly actor: SafeText; readonly reason: SafeText; readonly against: SafeText} | null;
	/** Everything to be done afterwards was done or waived. */
	readonly closedAtMs: number | null;
	/** From the beginning of the impact to the end, or to now while it lasts. */
	readonly durationMs: number;
	readonly downMs: number;
	readonly isDown: boolean;
	readonly outages: readonly OutageSpan[];
	readonly reopened: number;
	readonly scenario: number | null;
	readonly findings: readonly ReportFinding[];
	readonly actions: readonly ReportAction[];
	readonly messages: readonly ReportMessage[];
	readonly keptLines: readonly KeptLines[];
	readonly responders: readonly SafeText[];
	readonly timeline: readonly TimelineItem[];
	/** The machine's clock was set meanwhile: times across it are off by as much. */
	readonly clockSteps: number;
	/** By the runbook's rule: more than 15 minutes down, and no false alarm. */
	readonly postMortemRequired: boolean;
	/** What the runbook asks for afterwards, and what has become of it; none of a false alarm. */
	readonly duties: readonly Duty[];
	/** How many of them are open; 0 until it has ended. */
	readonly dutiesLeft: number;
	readonly lead: SafeText | null;
	/** Oldest first, from before the failure on; none of a summary. */
	readonly metrics: readonly MetricsSample[];
};

// What Date can hold, less a day for any time zone.
const lastInstantMs = 8.64e15 - 86_400_000;
const deepest = 20;

const numeric = (value: Json | undefined): number | null => typeof value === 'number' && Number.isFinite(value) ? value : null;
const safe = (value: Json | undefined): SafeText => redact(makeSafe(typeof value === 'string' ? value : ''));
const safeOrNull = (value: Json | undefined): SafeText | null => typeof value === 'string' && value !== '' ? safe(value) : null;
const linesOf = (value: Json | undefined): readonly SafeText[] => typeof value === 'string' && value !== '' ? redactLines(value.split(/\r\n|\n|\r/)) : [];
const redactLines = (lines: readonly string[]): readonly SafeText[] => {
	const redactor = new LineRedactor(redact);
	return lines.map(line => redactor.next(line));
};

/** Every text in the data safe and without secrets. Journal data was redacted on its way in; it passes the gate on its way out too. */
const cleanJson = (value: Json, depth: number): Json => {
	if (typeof value === 'string') {
		return redact(makeSafe(value));
	}

	if (typeof value !== 'object' || value === null) {
		return value;
	}

	if (depth >= deepest) {
		return null;
	}

	return Array.isArray(value)
		? value.map((item: Json) => cleanJson(item, depth + 1))
		: Object.fromEntries(Object.entries(value as {readonly [key: string]: Json}).map(([key, item]) => [redact(makeSafe(key)), cleanJson(item, depth + 1)]));
};

/** An entry's data as it may leave the machine. */
export const cleanData = (data: JournalEntry['data']): JournalEntry['data'] => cleanJson(data, 0) as JournalEntry['data'];

const clamped = (atMs: number): number => Number.isFinite(atMs) ? Math.max(-lastInstantMs, Math.min(lastInstantMs, atMs)) : 0;

/** Entries that say the same share their data and their actor (a hundred thousand pings say little): each is cleaned once. */
const createItems = (): ((entry: JournalEntry) => TimelineItem) => {
	const [cleanOf, nameOf, typeOf] = [new Map<unknown, TimelineItem['data']>(), new Map<unknown, SafeText>(), new Map<string, SafeText>()];
	const once = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
		const known = map.get(key) ?? make();
		map.set(key, known);
		return known;
	};

	return entry => {
		const {lines} = entry.data;
		// Log lines have a place of their own, and the frozen text of the runbook is no news.
		const counted = entry.type === 'log/kept' || entry.type === 'runbook/frozen' || entry.type === 'message/drafted' ? {...entry.data, lines: Array.isArray(lines) ? lines.length : 0} : null;
		return {
			sequence: entry.sequence, atMs: clamped(entry.atMs),
			actor: once(nameOf, entry.actor, () => safe(entry.actor.name)),
			type: once(typeOf, entry.type, () => makeSafe(entry.type)),
			data: counted === null ? once(cleanOf, entry.data, () => cleanData(entry.data)) : cleanData(counted),
		};
	};
};

/** The report of a record, as things are at `nowMs`. A `summary` has neither timeline nor log lines: a list of long incidents needs none of theirs. */
export const reportOf = (record: IncidentRecord, nowMs: number, extent: 'whole' | 'summary' = 'whole'): Report => {
	const {incident, entries} = record;
	const spans = spansOf(record);
	const end = endOf(record);
	const beganMs = clamped(incident.outage.sinceMs);
	const down = incident.state === 'cancelled' ? 0 : downMs(incident, nowMs);
	const findings = findingsOf(entries);
	const opening = entries[0];
	const told = extent === 'whole' ? entries : [];
	const duties = incident.state === 'cancelled' ? [] : dutiesOf(incident.dutyTexts, incident.duties, down).map(duty => cleanDuty(duty));
	return {
		id: safe(incident.id), project: safe(record.project), state: incident.state, alert: safe(incident.alert), severity: safe(incident.severity), madeAtMs: clamped(nowMs),
		impactBegan: {atMs: beganMs, source: incident.outage.source, atLeast: incident.outage.atLeast},
		detected: {atMs: clamped(incident.detected.atMs), by: incident.detected.by, actor: safe(opening?.actor.name)},
		acknowledged: incident.acknowledgedAtMs === null ? null : {atMs: clamped(incident.acknowledgedAtMs), actor: safe(incident.acknowledgedBy)},
		mitigated: incident.mitigatedAtMs === null ? null : {atMs: clamped(incident.mitigatedAtMs), by: incident.mitigatedBy ?? 'checks'},
		ended: end,
		closedAtMs: incident.closedAtMs === null ? null : clamped(incident.closedAtMs),
		durationMs: Math.max(0, (end?.atMs ?? clamped(nowMs)) - beganMs),
		downMs: clamped(down),
		isDown: incident.state === 'open',
		outages: spans.outages,
		reopened: spans.reopened,
		scenario: findings.find(({scenario}) => scenario !== null)?.scenario ?? null,
		findings,
		actions: actionsOf(entries),
		messages: messagesOf(entries),
		keptLines: told.filter(({type}) => type === 'log/kept').map(entry => keptOf(entry)),
		responders: [...new Set(entries.filter(isByPerson).map(({actor}) => safe(actor.name)))].filter(name => name !== ''),
		metrics: samplesIn(told).map(sample => ({...sample, atMs: clamped(sample.atMs), latency: Object.fromEntries(Object.entries(sample.latency).map(([name, value]) => [safe(name), value]))})),
		timeline: told.filter(({type}) => !isMeasurement(type)).map(createItems()).toSorted((a, b) => a.atMs - b.atMs || a.sequence - b.sequence),
		clockSteps: entries.filter(({type}) => type === 'clock/stepped').length,
		postMortemRequired: down > postMortemAfterMs,
		duties,
		dutiesLeft: end === null ? 0 : openDuties(duties).length,
		lead: incident.lead === null ? null : safe(incident.lead),
	};
};

const cleanDuty = (duty: Duty): Duty => ({
	...duty, text: duty.text === null ? null : safe(duty.text),
	mark: duty.mark === null ? null : {...duty.mark, by: safe(duty.mark.by), atMs: clamped(duty.mark.atMs), note: safe(duty.mark.note)},
});

/** What a person did herself; facts are recorded in the name of whoever's console saw them. */
const isByPerson = ({type, data}: JournalEntry): boolean =>
	type === 'message/drafted' || type === 'message/byHand' || type === 'message/waived' || type === 'escalation/snoozed'
	|| type === 'incident/acknowledged' || type === 'lead/taken' || type.startsWith('duty/') || type === 'note/added' || type === 'action/confirmed' || type === 'incident/cancelled'
	|| type === 'incident/severityChanged' || type === 'silence/created'
	|| (type === 'incident/opened' && data['by'] === 'key') || (type === 'incident/resolved' && data['by'] !== 'watch');

const endOf = ({incident, entries}: IncidentRecord): Report['ended'] => {
	if (incident.endedAtMs === null) {
		return null;
	}

	const how = incident.state === 'cancelled' ? 'cancelled' : 'resolved';
	const entry = entries.find(({type}) => type === `incident/${how}`);
	return {atMs: clamped(incident.endedAtMs), how, byWatch: entry?.data['by'] === 'watch', actor: safe(entry?.actor.name), reason: safe(entry?.data['reason']), against: safe(entry?.data['against'])};
};

/** When it was down: from the outage's start to being mitigated, and again from each falling back. A false alarm was never down. */
export const spansOf = ({incident, entries}: Pick<IncidentRecord, 'incident' | 'entries'>): {readonly outages: readonly OutageSpan[]; readonly reopened: number} => {
	const [first, ...rest] = entries;
	const outages: OutageSpan[] = [];
	let reopened = 0;
	let fromMs: number | null = clamped(incident.outage.sinceMs);
	let state: Incident = {...incident, state: 'open', mitigatedAtMs: null, endedAtMs: null, closedAtMs: null, greenMs: 0};
	for (const entry of first === undefined ? [] : rest) {
		const next: Incident = state.endedAtMs === null && entry.incident === incident.id ? moveIncident(state, entry) : state;
		if (next.state !== state.state && next.state === 'open') {
			reopened++;
			fromMs = clamped(entry.atMs);
		} else if (next.state !== state.state && fromMs !== null) {
			outages.push({fromMs, toMs: Math.max(fromMs, clamped(entry.atMs))});
			fromMs = null;
		}

		state = next;
	}

	const all = fromMs === null ? outages : [...outages, {fromMs, toMs: null}];
	return {outages: incident.state === 'cancelled' ? [] : all, reopened};
};

/** As told when it opened, then what was raised later; what explains an outage comes before what only warns. */
const findingsOf = (entries: readonly JournalEntry[]): readonly ReportFinding[] => {
	const found = new Map<string, ReportFinding>();
	for (const item of entries.flatMap(entry => toldBy(entry))) {
		const finding = findingOf(item);
		const key = `${finding.code}/${finding.service ?? ''}`;
		const before = found.get(key);
		if (finding.code !== '') {
			// The opening names a finding; the numbers in its sentence come with its own entry.
			found.set(key, before === undefined ? finding : {...before, weight: finding.weight, params: {...before.params, ...finding.params}});
		}
	}

	return [...found.values()].toSorted((a, b) => Number(a.weight === 'warning') - Number(b.weight === 'warning'));
};

type JsonObject = {readonly [key: string]: Json};
const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

const toldBy = ({type, data}: JournalEntry): readonly JsonObject[] => {
	if (type === 'finding/raised') {
		return [data];
	}

	return Array.isArray(data['findings']) ? (data['findings'] as readonly Json[]).filter(item => isObject(item)) : [];
};

const findingOf = ({code, service, scenario, weight, params}: JsonObject): ReportFinding => ({
	code: safe(code),
	service: safeOrNull(service),
	scenario: numeric(scenario),
	weight: weight === 'warning' ? 'warning' : 'outage',
	params: Object.fromEntries((isObject(params) ? Object.entries(params) : []).flatMap(([name, value]): ReadonlyArray<readonly [string, string | number]> => typeof value === 'string' ? [[name, safe(value)]] : (numeric(value) === null ? [] : [[name, numeric(value)!]]))),
});

const keptOf = ({atMs, data}: JournalEntry): KeptLines => {
	const lines = Array.isArray(data['lines']) ? data['lines'] as readonly Json[] : [];
	return {atMs: clamped(atMs), service: safe(data['service']), lines: redactLines(lines.map(line => typeof line === 'string' ? line : ''))};
};

const blankAction = (run: string): ReportAction => ({
	run: safe(run), action: safe(''), title: null, failedStep: null, by: safe(''), command: [], original: [], directory: null, confirmedAtMs: null, startedAtMs: null, endedAtMs: null,
	outcome: 'running', refusal: null, exitCode: null, signal: null, verdict: null, verifiedAtMs: null, recoveredInSeconds: null,
});

/** One for each run, in the order in which they were confirmed. */
const actionsOf = (entries: readonly JournalEntry[]): readonly ReportAction[] => {
	const runs = new Map<string, ReportAction>();
	for (const entry of entries) {
		const {run} = entry.data;
		// A card that only looked changed nothing: it stands in the timeline.
		if (typeof run === 'string' && entry.type.startsWith('action/') && entry.type !== 'action/read') {
			runs.set(run, withEntry(runs.get(run) ?? blankAction(run), entry));
		}
	}

	return [...runs.values()];
};

const withEntry = (before: ReportAction, {type, data, atMs: rawAtMs, actor}: JournalEntry): ReportAction => {
	const atMs = clamped(rawAtMs);
	const action = {...before, action: safeOrNull(data['action']) ?? before.action, title: safeOrNull(data['title']) ?? before.title};
	switch (type) {
		case 'action/confirmed': {
			const [command, original] = [linesOf(data['command']), linesOf(data['original'])];
			return {...action, by: safe(actor.name), command, original: original.join('\n') === command.join('\n') ? [] : original, directory: safeOrNull(data['directory']), confirmedAtMs: atMs};
		}

		case 'action/refused': {
			return {...action, outcome: 'refused', refusal: {code: safe(data['code']), holder: safeOrNull(data['holder'])}};
		}

		case 'action/started': {
			return {...action, startedAtMs: atMs, by: action.by === '' ? safe(actor.name) : action.by};
		}

		case 'action/ended': {
			const outcome = data['lost'] === true ? 'lost' : (data['timedOut'] === true ? 'timed-out' : (data['cancelled'] === true ? 'cancelled' : 'ended'));
			return {...action, outcome, endedAtMs: atMs, exitCode: numeric(data['exitCode']), signal: safeOrNull(data['signal']), failedStep: safeOrNull(data['step'])};
		}

		case 'action/verified': {
			return {...action, verdict: safeOrNull(data['verdict']), verifiedAtMs: atMs, recoveredInSeconds: numeric(data['seconds'])};
		}

		default: {
			return action;
		}
	}
};

/** One for each that was sent, tried or done by hand, in the order of their end. */
const messagesOf = (entries: readonly JournalEntry[]): readonly ReportMessage[] => {
	const labels = new Map(entries.filter(({type}) => type.startsWith('message/')).map(({data}) => [data['message'], safe(data['label'])] as const).filter(([, label]) => label !== ''));
	return Object.values(entries.reduce(moveOutbox, emptyOutbox)).map((message): ReportMessage => ({
		id: safe(message.id), channel: safeOrNull(message.channel), purpose: safe(message.purpose), label: labels.get(message.id) ?? safe(''), state: message.state, by: safe(message.by), atMs: clamped(message.atMs), tries: message.tries,
		words: safe(message.words), code: safeOrNull(message.code), outcome: safeOrNull(message.outcome), link: safeOrNull(message.link), subject: safe(message.subject), lines: redactLines(message.lines),
	})).toSorted((a, b) => a.atMs - b.atMs);
};
