/**
What is said in one line above the panes until it is dealt with, and rings at most once: the escalation that is near, a message that did not go out, customers
who wait for the next update, what could be told now, and that nobody has taken the incident.
*/

import {dueFollowUps, itemsOf} from './escalation-items.ts';
import type {Escalation} from './escalation.ts';
import type {Incident} from './incident.ts';
import type {EscalationSettings} from './settings.ts';

/** `bell` names what it rings for; null where it does not ring. */
export type Reminder =
	| {readonly code: 'messages-failed'; readonly count: number; readonly unknown: number; readonly bell: string}
	| {readonly code: 'escalation-soon'; readonly inMs: number; readonly bell: null}
	| {readonly code: 'update-due'; readonly overdueMs: number; readonly bell: string}
	| {readonly code: 'messages-proposed'; readonly count: number; readonly bell: null}
	| {readonly code: 'not-acknowledged'; readonly forMs: number; readonly bell: string};

/** So long nobody says that it is hers before the console asks. */
const acknowledgeWithinMs = 300_000;
/** What could be told is offered above the panes for so long; in the list it stays. */
const offeredMs = 600_000;
const offeredAfterEndMs = 3_600_000;

/** The reminders now, most urgent first: never two of one kind. */
export const remindersOf = (incident: Incident | null, lastEnded: Incident | null, escalation: Escalation | null, settings: EscalationSettings, nowMs: number): readonly Reminder[] => {
	const told = incident ?? (lastEnded !== null && nowMs - (lastEnded.endedAtMs ?? 0) < offeredAfterEndMs ? lastEnded : null);
	if (told === null) {
		return [];
	}

	const items = itemsOf(told, settings);
	const broken = items.filter(({message}) => (message?.state === 'failed' && message.retryAtMs === null) || message?.state === 'unknown');
	const due = dueFollowUps(items, nowMs);
	const updates = due.filter(({purpose}) => purpose === 'update');
	const proposed = due.filter(({purpose, dueAtMs}) => purpose !== 'update' && nowMs - dueAtMs < offeredMs).length;
	const lastUpdateMs = Math.max(...updates.map(({dueAtMs}) => dueAtMs));
	const isNear = escalation?.warning === true && escalation.snoozedUntilMs === null;
	const isUntaken = incident !== null && incident.state === 'open' && incident.acknowledgedAtMs === null && nowMs - incident.openedAtMs >= acknowledgeWithinMs && escalation?.due !== true && !isNear;
	return [
		...(broken.length === 0 ? [] : [{code: 'messages-failed' as const, count: broken.length, unknown: broken.filter(({message}) => message?.state === 'unknown').length, bell: `failed/${broken.map(({id, message}) => `${id}/${message?.attempt ?? 0}`).join(' ')}`}]),
		...(isNear ? [{code: 'escalation-soon' as const, inMs: escalation.remainingMs, bell: null}] : []),
		...(updates.length === 0 ? [] : [{code: 'update-due' as const, overdueMs: nowMs - lastUpdateMs, bell: `update/${told.id}/${updates[0]!.id}`}]),
		...(proposed === 0 ? [] : [{code: 'messages-proposed' as const, count: proposed, bell: null}]),
		...(isUntaken ? [{code: 'not-acknowledged' as const, forMs: nowMs - incident.openedAtMs, bell: `untaken/${incident.id}`}] : []),
	];
};
