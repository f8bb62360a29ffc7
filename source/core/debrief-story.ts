/**
The course of a drill for whoever was not there: everything that happened in one order, where the time went, and what is worth asking in the team's meeting.
Worked out from the debrief's own facts and the journal. Pure; codes only.
*/

import type {DebriefAttempt, DebriefFinding, DebriefSource} from './debrief.ts';
import type {Incident} from './incident.ts';
import type {Json} from './ports.ts';

/** What was looked at on the way. */
export const lookedKinds = ['finding', 'page', 'reader', 'changes', 'container', 'ping', 'incident', 'escalation', 'check', 'help'] as const;
export type LookedKind = typeof lookedKinds[number];

/** One thing that happened; `sinceOpenMs` is negative before the console opened. */
export type DebriefMoment = {readonly sinceOpenMs: number} & (
	| {readonly code: 'outage' | 'came' | 'opened' | 'acknowledged' | 'escalation-due' | 'escalated' | 'mitigated' | 'reopened' | 'resolved' | 'cancelled' | 'left'}
	| {readonly code: 'finding'; readonly finding: DebriefFinding}
	| {readonly code: 'looked'; readonly kind: LookedKind}
	| {readonly code: 'note'; readonly text: string}
	| {readonly code: 'attempt'; readonly attempt: DebriefAttempt}
);

/** Where the time of the outage went, in order. `down`: after the first action, and never healthy again. */
export type DebriefPhase = {readonly code: 'before' | 'searching' | 'deciding' | 'detours' | 'curing' | 'down' | 'watching'; readonly forMs: number};

/** What the meeting may talk about; the scenario's own questions come beside. */
export type DebriefQuestion =
	| {readonly code: 'wrong-action' | 'taken-again'; readonly action: string; readonly title: string}
	| {readonly code: 'acted-blind' | 'missed-escalation' | 'late-escalation' | 'not-acknowledged' | 'left-down'}
	| {readonly code: 'slow-to-act'; readonly forMs: number}
	| {readonly code: 'misled'; readonly finding: DebriefFinding}
	| {readonly code: 'fell-back'; readonly count: number}
	| {readonly code: 'longest'; readonly phase: DebriefPhase['code']; readonly forMs: number; readonly share: number}
	| {readonly code: 'runbook'};

export type StorySource = DebriefSource & {
	readonly incident: Incident | null;
	readonly attempts: readonly DebriefAttempt[];
	readonly findings: readonly DebriefFinding[];
	readonly escalation: 'not-due' | 'in-time' | 'late' | 'missed';
	readonly escalatedAtMs: number | null;
};

const text = (value: Json | undefined): string => typeof value === 'string' ? value : '';
const findingsAtMost = 10;

/** What comes and goes with every restart is told once. */
const firstOfEach = (findings: readonly DebriefFinding[]): readonly DebriefFinding[] =>
	findings.filter(({code, service}, index) => findings.findIndex(other => other.code === code && other.service === service) === index);

const momentCodes: Readonly<Record<string, 'opened' | 'acknowledged' | 'mitigated' | 'reopened' | 'resolved' | 'cancelled'>> = {
	'incident/opened': 'opened', 'incident/acknowledged': 'acknowledged', 'incident/mitigated': 'mitigated', 'incident/reopened': 'reopened', 'incident/resolved': 'resolved', 'incident/cancelled': 'cancelled',
};

const isLookedKind = (kind: string): kind is LookedKind => (lookedKinds as readonly string[]).includes(kind);

/** Everything in one order; of two things in the same moment the cause stands before what followed. */
export const momentsOf = (source: StorySource): readonly DebriefMoment[] => {
	const {incident, entries, openedAtMs, nowMs, escalateAfterMs} = source;
	const since = (atMs: number): number => atMs - openedAtMs;
	const dueMs = incident === null || source.escalation === 'not-due' ? null : since(incident.outage.sinceMs + escalateAfterMs);
	const moments: readonly DebriefMoment[] = [
		...(incident === null ? [] : [{sinceOpenMs: since(incident.outage.sinceMs), code: 'outage' as const}]),
		{sinceOpenMs: 0, code: 'came'},
		...firstOfEach(source.findings).slice(0, findingsAtMost).map((finding): DebriefMoment => ({sinceOpenMs: finding.sinceOpenMs, code: 'finding', finding})),
		...source.looked.flatMap(({kind, atMs}): readonly DebriefMoment[] => isLookedKind(kind) ? [{sinceOpenMs: since(atMs), code: 'looked', kind}] : []),
		...entries.flatMap((entry): readonly DebriefMoment[] => {
			const code = Object.hasOwn(momentCodes, entry.type) ? momentCodes[entry.type]! : null;
			if (entry.type === 'note/added') {
				return [{sinceOpenMs: since(entry.atMs), code: 'note', text: text(entry.data['text'])}];
			}

			return code === null ? [] : [{sinceOpenMs: since(entry.atMs), code}];
		}),
		...source.attempts.map((attempt): DebriefMoment => ({sinceOpenMs: attempt.sinceOpenMs, code: 'attempt', attempt})),
		...(dueMs === null ? [] : [{sinceOpenMs: dueMs, code: 'escalation-due' as const}]),
		// A note that says so stands there already.
		...(source.escalatedAtMs === null || entries.some(({type, atMs}) => type === 'note/added' && atMs === source.escalatedAtMs) ? [] : [{sinceOpenMs: since(source.escalatedAtMs), code: 'escalated' as const}]),
		...(incident !== null && incident.endedAtMs === null ? [{sinceOpenMs: since(nowMs), code: 'left' as const}] : []),
	];
	return moments.toSorted((a, b) => a.sinceOpenMs - b.sinceOpenMs);
};

/** The spans between what began it and what ended it; those of no length are left out. */
export const phasesOf = ({incident, attempts, findings, openedAtMs, nowMs}: StorySource): readonly DebriefPhase[] => {
	if (incident === null) {
		return [];
	}

	const outageMs = incident.outage.sinceMs;
	const healthyMs = incident.mitigatedAtMs;
	const endMs = incident.endedAtMs ?? nowMs;
	const at = (sinceOpenMs: number | undefined): number | null => sinceOpenMs === undefined ? null : openedAtMs + sinceOpenMs;
	const until = healthyMs ?? endMs;
	const firstMs = at(attempts[0]?.sinceOpenMs);
	const rightMs = at(findings.find(({isRight}) => isRight)?.sinceOpenMs);
	const curedMs = healthyMs === null ? null : at(attempts.findLast(attempt => openedAtMs + attempt.sinceOpenMs <= healthyMs)?.sinceOpenMs);
	const actedMs = Math.min(firstMs ?? until, until);
	const marks: ReadonlyArray<readonly [DebriefPhase['code'], number]> = [
		['before', openedAtMs],
		['searching', Math.min(rightMs ?? actedMs, actedMs)],
		['deciding', actedMs],
		...(firstMs === null ? [] : [[curedMs === null ? 'down' : 'detours', curedMs ?? until] as const, ...(curedMs === null ? [] : [['curing', until] as const])]),
		...(healthyMs === null ? [] : [['watching', endMs] as const]),
	];
	let fromMs = outageMs;
	return marks.flatMap(([code, toMs]): readonly DebriefPhase[] => {
		const forMs = Math.max(0, toMs - fromMs);
		fromMs = Math.max(fromMs, toMs);
		return forMs < 500 ? [] : [{code, forMs}];
	});
};

const slowMs = 45_000;
const longShare = 0.5;
const longMs = 60_000;

/** What to ask, what weighs most first. */
export const questionsOf = (source: StorySource, phases: readonly DebriefPhase[]): readonly DebriefQuestion[] => {
	const {incident, attempts, findings, escalation, scenario} = source;
	const wrong = attempts.filter(({kind}, index) => kind === 'wrong' && attempts.findIndex(other => other.action === attempts[index]!.action) === index);
	const again = attempts.find(({kind, action}) => kind === 'other' && scenario.ideal.some(step => step.action === action));
	const right = findings.find(({isRight}) => isRight);
	const misled = findings.find(finding => !finding.isRight && (right === undefined || finding.sinceOpenMs < right.sinceOpenMs));
	const isBlind = attempts[0] !== undefined && (right === undefined || attempts[0].sinceOpenMs < right.sinceOpenMs);
	const deciding = phases.find(({code}) => code === 'deciding');
	const ours = phases.filter(({code}) => code !== 'before' && code !== 'watching');
	const total = ours.reduce((sum, {forMs}) => sum + forMs, 0);
	const longest = ours.toSorted((a, b) => b.forMs - a.forMs)[0];
	const falls = source.entries.filter(({type}) => type === 'incident/reopened').length;
	return [
		...wrong.slice(0, 2).map(({action, title}): DebriefQuestion => ({code: 'wrong-action', action, title})),
		...(again === undefined ? [] : [{code: 'taken-again', action: again.action, title: again.title} as const]),
		...(incident?.state === 'open' ? [{code: 'left-down'} as const] : []),
		...(isBlind ? [misled === undefined ? {code: 'acted-blind'} as const : {code: 'misled', finding: misled} as const] : []),
		...(escalation === 'missed' ? [{code: 'missed-escalation'} as const] : (escalation === 'late' ? [{code: 'late-escalation'} as const] : [])),
		...(falls === 0 ? [] : [{code: 'fell-back', count: falls} as const]),
		...(!isBlind && deciding !== undefined && deciding.forMs >= slowMs ? [{code: 'slow-to-act', forMs: deciding.forMs} as const]
			: (longest !== undefined && longest.forMs >= longMs && longest.forMs >= total * longShare ? [{code: 'longest', phase: longest.code, forMs: longest.forMs, share: longest.forMs / total} as const] : [])),
		...(incident !== null && incident.acknowledgedAtMs === null ? [{code: 'not-acknowledged'} as const] : []),
		...(scenario.page === 'none' || scenario.page === 'engine' ? [] : [{code: 'runbook'} as const]),
	];
};
