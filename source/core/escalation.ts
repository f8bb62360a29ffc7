/**
When to escalate: the runbook's rule (after ten minutes) and further levels as instants computed from the incident, never a timer that must be kept
alive. What is overdue when a console opens is overdue at once, by its true deadline.
*/

import {isOpenItem, itemsOf, levelsOf} from './escalation-items.ts';
import type {Incident} from './incident.ts';
import type {EscalationSettings} from './settings.ts';

export type Escalation = {
	/** Of the level that is due, else of the next one. */
	readonly dueAtMs: number;
	/** Positive: still to go. Negative: overdue by so much. */
	readonly remainingMs: number;
	/** A level's time has come, something of it is open, and nobody put it off. */
	readonly due: boolean;
	/** Soon: within the warning time before the next level. */
	readonly warning: boolean;
	/** The level that `dueAtMs` is of. */
	readonly level: number;
	readonly open: number;
	/** Everything of the levels that were reached is dealt with, and none comes after. */
	readonly handled: boolean;
	readonly snoozedUntilMs: number | null;
	readonly prompted: boolean;
	/** How often the prompt has come by now, at most as often as it may: 0 before it is due. */
	readonly prompts: number;
};

/** The state of the escalation of an open incident; null when it is mitigated or there is none. */
export const escalationOf = (incident: Incident | null, settings: EscalationSettings, nowMs: number): Escalation | null => {
	if (incident === null || incident.state !== 'open') {
		return null;
	}

	const levels = levelsOf(incident, settings);
	const open = itemsOf(incident, settings).filter(item => item.level !== null && isOpenItem(item));
	const reached = levels.filter(({atMs}) => nowMs >= atMs);
	// A runbook that names no step at all still says when: then it is due until the incident changes.
	const pressing = reached.find(({number, steps}) => steps.length === 0 ? levels.length === 1 && !Object.keys(incident.outbox).length : open.some(({level}) => level === number));
	const next = levels.find(({atMs, number}) => nowMs < atMs && open.some(({level}) => level === number)) ?? (reached.length === 0 ? levels[0] : undefined);
	const current = pressing ?? next ?? levels.at(-1)!;
	const snoozedUntilMs = incident.snoozedUntilMs !== null && incident.snoozedUntilMs > nowMs ? incident.snoozedUntilMs : null;
	const isDue = pressing !== undefined && snoozedUntilMs === null;
	const promptedFromMs = Math.max(current.atMs, incident.snoozedUntilMs ?? -Infinity);
	return {
		dueAtMs: current.atMs,
		remainingMs: (snoozedUntilMs ?? current.atMs) - nowMs,
		due: isDue,
		warning: pressing === undefined && next !== undefined && nowMs >= incident.outage.sinceMs + warnAfterMs(settings, next.atMs - incident.outage.sinceMs),
		level: current.number,
		open: open.filter(({level}) => level === current.number).length,
		handled: pressing === undefined && next === undefined,
		snoozedUntilMs: pressing === undefined ? null : snoozedUntilMs,
		prompted: incident.promptedAtMs !== null,
		prompts: isDue ? 1 + Math.min(settings.repeat.most, Math.floor((nowMs - promptedFromMs) / settings.repeat.everyMs)) : 0,
	};
};

/** The warning comes as long before every level as before the first; where the runbook leaves no room for it, at four fifths of the time. */
const warnAfterMs = (settings: EscalationSettings, levelAfterMs: number): number => {
	const leadMs = settings.afterMs - settings.warnMs;
	return leadMs > 0 ? Math.max(0, levelAfterMs - leadMs) : levelAfterMs * 0.8;
};

export const snoozeUsualMs = 600_000;
export const snoozeMostMs = 3_600_000;

/** `15m waiting for the DNS`: how long, and why. Without a time ten minutes; never more than an hour. Null without a reason. */
export const parseSnooze = (text: string): {readonly forMs: number; readonly reason: string} | null => {
	const match = /^(?:(\d{1,4})\s*(?:m|min)\b[\s,:;-]*)?(.*)$/su.exec(text.trim());
	const reason = (match?.[2] ?? '').trim();
	const minutes = match?.[1] === undefined ? snoozeUsualMs / 60_000 : Number(match[1]);
	return reason === '' || minutes === 0 ? null : {forMs: Math.min(snoozeMostMs, minutes * 60_000), reason};
};
