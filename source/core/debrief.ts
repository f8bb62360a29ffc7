/**
After a drill: what happened when, worked out from the drill's journal. Times to detect, acknowledge, mitigate and resolve, escalation, what was tried with
what outcome, what the evidence said and when, against the ideal path and the drills before. Pure; `messages/debrief.ts` has the words.
*/

import {momentsOf, phasesOf, questionsOf, type DebriefMoment, type DebriefPhase, type DebriefQuestion} from './debrief-story.ts';
import type {Bilingual, Difficulty, DrillPage, DrillScenario} from './drill.ts';
import {downMs, replay, type Incident} from './incident.ts';
import type {Json, JournalEntry} from './ports.ts';
import {isVerdict, type Verdict} from './run-verdict.ts';

/** What would have helped and was not looked at, or not done. */
export type UnusedHint = 'not-acknowledged' | 'evidence-unread' | 'changes-unread' | 'runbook-unread' | 'no-note';

export type DebriefAttempt = {
	readonly action: string;
	/** A card's own title; empty where `messages` has one. */
	readonly title: string;
	readonly sinceOpenMs: number;
	readonly verdict: Verdict | null;
	readonly seconds: number | null;
	/** A step of the ideal path; one that the scenario warns of; any other. */
	readonly kind: 'ideal' | 'wrong' | 'other';
	readonly why: Bilingual | null;
};

export type DebriefFinding = {readonly code: string; readonly service: string | null; readonly params: Readonly<Record<string, string | number>>; readonly sinceOpenMs: number; readonly isRight: boolean};

export type Debrief = {
	readonly version: 2;
	/** So that no document of a drill is ever taken for one of an incident. */
	readonly isDrill: true;
	readonly scenario: {readonly name: string; readonly title: Bilingual; readonly page: DrillPage; readonly difficulty: Difficulty; readonly cause: Bilingual; readonly lesson: Bilingual; readonly questions: readonly Bilingual[]; readonly isHandsOff: boolean};
	readonly seed: number;
	readonly speed: number;
	readonly observed: boolean;
	readonly operator: string;
	readonly openedAtMs: number;
	readonly endedAtMs: number;
	/** `watching`: health was back, and the incident was not closed. `nothing`: no incident was ever open. */
	readonly outcome: 'resolved' | 'cancelled' | 'watching' | 'down' | 'nothing';
	/** Since the outage began, as the incident has it; null: it never came to that. */
	readonly times: {readonly detectMs: number | null; readonly acknowledgeMs: number | null; readonly mitigateMs: number | null; readonly resolveMs: number | null};
	readonly downMs: number | null;
	readonly isAtLeast: boolean;
	/** Since the console opened. */
	readonly rightFindingMs: number | null;
	readonly firstActionMs: number | null;
	readonly healthyMs: number | null;
	readonly escalation: 'not-due' | 'in-time' | 'late' | 'missed';
	readonly findings: readonly DebriefFinding[];
	readonly attempts: readonly DebriefAttempt[];
	/** Attempts that were no step of the ideal path. */
	readonly detours: number;
	/** Everything in one order. */
	readonly moments: readonly DebriefMoment[];
	readonly phases: readonly DebriefPhase[];
	readonly questions: readonly DebriefQuestion[];
	readonly unused: readonly UnusedHint[];
	readonly keys: number;
	/** With when each was done, since the console opened; null where it was not. */
	readonly ideal: readonly {readonly action: string; readonly withinMs: number; readonly tookMs: number | null}[];
};

export type Looked = {readonly kind: string; readonly atMs: number};

export type DebriefSource = {
	readonly scenario: DrillScenario;
	readonly seed: number;
	readonly speed: number;
	readonly observed: boolean;
	readonly operator: string;
	readonly entries: readonly JournalEntry[];
	readonly openedAtMs: number;
	readonly nowMs: number;
	readonly keys: number;
	/** Kinds of overlays that were open at some time, and when first. */
	readonly looked: readonly Looked[];
	readonly escalateAfterMs: number;
};

const text = (value: Json | undefined): string => typeof value === 'string' ? value : '';

/** The debrief of a drill so far. */
export const debriefOf = (source: DebriefSource): Debrief => {
	const {scenario, entries, openedAtMs, nowMs} = source;
	const {current, ended} = replay(entries);
	const incident = current ?? ended.at(-1) ?? null;
	const attempts = attemptsOf(source);
	const findings = findingsOf(source);
	const story = {...source, incident, attempts, findings, ...escalationIn(source, incident)};
	const phases = phasesOf(story);
	const since = (atMs: number | null | undefined): number | null => atMs === null || atMs === undefined ? null : Math.max(0, atMs - openedAtMs);
	const ofOutage = (atMs: number | null): number | null => incident === null || atMs === null ? null : Math.max(0, atMs - incident.outage.sinceMs);
	return {
		version: 2,
		isDrill: true,
		scenario: {name: scenario.name, title: scenario.title, page: scenario.page, difficulty: scenario.difficulty, cause: scenario.cause, lesson: scenario.lesson, questions: scenario.questions, isHandsOff: scenario.ideal.length === 0},
		seed: source.seed, speed: source.speed, observed: source.observed, operator: source.operator,
		openedAtMs,
		endedAtMs: incident?.endedAtMs ?? nowMs,
		outcome: outcomeOf(incident),
		times: {detectMs: ofOutage(incident?.openedAtMs ?? null), acknowledgeMs: ofOutage(incident?.acknowledgedAtMs ?? null), mitigateMs: ofOutage(incident?.mitigatedAtMs ?? null), resolveMs: incident?.state === 'resolved' ? ofOutage(incident.endedAtMs) : null},
		downMs: incident === null || incident.state === 'cancelled' ? null : downMs(incident, nowMs),
		isAtLeast: incident?.outage.atLeast ?? false,
		rightFindingMs: findings.find(({isRight}) => isRight)?.sinceOpenMs ?? null,
		firstActionMs: attempts[0]?.sinceOpenMs ?? null,
		healthyMs: since(incident?.mitigatedAtMs),
		escalation: story.escalation,
		findings,
		attempts,
		detours: attempts.filter(({kind}) => kind !== 'ideal').length,
		moments: momentsOf(story),
		phases,
		questions: questionsOf(story, phases),
		unused: unusedIn(source, incident),
		keys: source.keys,
		ideal: scenario.ideal.map(({action, withinMs}, index) => ({action, withinMs, tookMs: tookOf(attempts, scenario, index)})),
	};
};

const outcomeOf = (incident: Incident | null): Debrief['outcome'] => {
	switch (incident?.state) {
		case undefined: {
			return 'nothing';
		}

		case 'mitigated': {
			return 'watching';
		}

		case 'open': {
			return 'down';
		}

		default: {
			return incident!.state as 'resolved' | 'cancelled';
		}
	}
};

const attemptsOf = ({scenario, entries, openedAtMs}: DebriefSource): readonly DebriefAttempt[] => entries.filter(({type}) => type === 'action/confirmed').map((entry, index, confirmed): DebriefAttempt => {
	const verified = entries.find(other => other.type === 'action/verified' && other.data['run'] === entry.data['run']);
	const action = text(entry.data['action']);
	const verdict = verified?.data['verdict'];
	const seconds = verified?.data['seconds'];
	const wrong = scenario.wrong.find(one => one.action === action);
	return {
		action, title: text(entry.data['title']), sinceOpenMs: Math.max(0, entry.atMs - openedAtMs), verdict: isVerdict(verdict) ? verdict : null, seconds: typeof seconds === 'number' ? seconds : null,
		kind: wrong === undefined ? (isOfPath(scenario, action, confirmed.slice(index + 1).map(later => text(later.data['action']))) ? 'ideal' : 'other') : 'wrong', why: wrong?.why ?? null,
	};
});

/** Of an action that was taken more often than the path has it, the last ones are its steps: a rollback that went too far was none. */
const isOfPath = ({ideal}: DrillScenario, action: string, later: readonly string[]): boolean =>
	later.filter(other => other === action).length < ideal.filter(step => step.action === action).length;

const scalars = (value: Json | undefined): Readonly<Record<string, string | number>> => value === null || typeof value !== 'object' || Array.isArray(value)
	? {}
	: Object.fromEntries(Object.entries(value).filter((pair): pair is [string, string | number] => typeof pair[1] === 'string' || typeof pair[1] === 'number'));

const findingsOf = ({scenario, entries, openedAtMs}: DebriefSource): readonly DebriefFinding[] => entries.filter(({type}) => type === 'finding/raised').map((entry): DebriefFinding => {
	const code = text(entry.data['code']);
	const service = typeof entry.data['service'] === 'string' ? entry.data['service'] : null;
	return {code, service, params: scalars(entry.data['params']), sinceOpenMs: Math.max(0, entry.atMs - openedAtMs), isRight: code === scenario.expects.finding && service === scenario.expects.service};
});

/** When the step's action was taken; the same action twice in the path counts twice. */
const tookOf = (attempts: readonly DebriefAttempt[], {ideal}: DrillScenario, index: number): number | null => {
	const {action} = ideal[index]!;
	const earlier = ideal.slice(0, index).filter(step => step.action === action).length;
	return attempts.filter(attempt => attempt.action === action && attempt.kind === 'ideal')[earlier]?.sinceOpenMs ?? null;
};

/** A call, a message, or a note that says that somebody was told: what a drill can know of an escalation. */
const isEscalation = (entry: JournalEntry): boolean => entry.type === 'message/sent' || entry.type === 'message/byHand' || (entry.type === 'note/added' && /escal|call|ligu|aviso|avis|tech lead|on-?call|plant/i.test(text(entry.data['text'])));

const graceMs = 60_000;

const escalationIn = ({entries, escalateAfterMs, nowMs}: DebriefSource, incident: Incident | null): {readonly escalation: Debrief['escalation']; readonly escalatedAtMs: number | null} => {
	const dueAtMs = (incident?.outage.sinceMs ?? Infinity) + escalateAfterMs;
	const escalatedAtMs = entries.find(entry => isEscalation(entry))?.atMs ?? null;
	if (dueAtMs > (incident?.mitigatedAtMs ?? incident?.endedAtMs ?? nowMs)) {
		return {escalation: 'not-due', escalatedAtMs};
	}

	return {escalation: escalatedAtMs === null ? 'missed' : (escalatedAtMs <= dueAtMs + graceMs ? 'in-time' : 'late'), escalatedAtMs};
};

const unusedIn = ({scenario, entries, looked}: DebriefSource, incident: Incident | null): readonly UnusedHint[] => {
	const hasLooked = (...kinds: readonly string[]): boolean => looked.some(({kind}) => kinds.includes(kind));
	const hasChanged = scenario.events.some(({type}) => type === 'deploy' || type === 'edit');
	return [
		...(incident !== null && incident.acknowledgedAtMs === null ? ['not-acknowledged' as const] : []),
		...(hasLooked('finding') ? [] : ['evidence-unread' as const]),
		...(!hasChanged || hasLooked('changes') ? [] : ['changes-unread' as const]),
		...(hasLooked('page', 'reader') ? [] : ['runbook-unread' as const]),
		...(entries.some(({type}) => type === 'note/added') ? [] : ['no-note' as const]),
	];
};

/** One drill of the same scenario before, as far as it can be compared. */
export type EarlierDrill = {readonly atMs: number; readonly operator: string; readonly healthyMs: number | null; readonly detours: number; readonly keys: number};

/** Against the drills of the same scenario before, by the time from the console's opening until health was back; `last` are the newest, newest first. */
export type Compared = {readonly count: number; readonly bestMs: number | null; readonly meanKeys: number | null; readonly last: readonly EarlierDrill[]};

const comparedAtMost = 5;

export const compareDebriefs = (debrief: Debrief, earlier: readonly Debrief[]): Compared => {
	const same = earlier.filter(other => other.scenario.name === debrief.scenario.name && !other.observed);
	const times = same.flatMap(({healthyMs}) => healthyMs === null ? [] : [healthyMs]);
	return {
		count: same.length,
		bestMs: times.length === 0 ? null : Math.min(...times),
		meanKeys: same.length === 0 ? null : Math.round(same.reduce((sum, {keys}) => sum + keys, 0) / same.length),
		last: same.slice(-comparedAtMost).toReversed().map(other => ({atMs: other.openedAtMs, operator: other.operator, healthyMs: other.healthyMs, detours: other.detours, keys: other.keys})),
	};
};
