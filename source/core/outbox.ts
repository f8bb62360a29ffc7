/**
The outbox as a fold over the journal: every message of an incident from the moment in which a person approved it to its end. It hides which entry may
follow which, so that any prefix of a journal, replayed by any console, gives the same answer to the one question that matters: may this be sent now?

Invariants: a message that was sent stays sent; one attempt has one claim (the database keeps it so, by the claim's key); an answer counts only for the
attempt that it belongs to, but "sent" counts whenever it comes.
*/

import {isRepeatable, type ChannelKind, type Delivery, type MessagePurpose, type PublicState, type RefusalCode} from './messengers.ts';
import type {Json, JournalEntry} from './ports.ts';

export type MessageState = 'approved' | 'claimed' | 'sent' | 'failed' | 'unknown' | 'expired' | 'by-hand' | 'waived';

/** What came of a call, or of another thing that a person did herself. */
export type HandOutcome = 'answered' | 'no-answer' | 'message-left' | 'done';

export type Message = {
	/** Its item's, such as `l1/pagerduty`. */
	readonly id: string;
	readonly channel: ChannelKind | null;
	readonly purpose: MessagePurpose;
	readonly publicState: PublicState;
	readonly subject: string;
	readonly lines: readonly string[];
	readonly approvedAtMs: number;
	readonly by: string;
	/** Too old to make sense from then on. */
	readonly expiresAtMs: number;
	readonly state: MessageState;
	/** Claims so far; each attempt has a number of its own. */
	readonly attempt: number;
	/** Claims since it was last approved. */
	readonly tries: number;
	readonly claim: {readonly console: string; readonly atMs: number} | null;
	/** The console that approved or claimed it last. */
	readonly console: string;
	/** Of a failure that is tried again by itself. */
	readonly retryAtMs: number | null;
	readonly code: RefusalCode | null;
	/** The service's own, or the reason of a person. */
	readonly words: string;
	readonly reference: string | null;
	readonly link: string | null;
	readonly outcome: HandOutcome | null;
	/** When it came into this state. */
	readonly atMs: number;
};

export type Outbox = Readonly<Record<string, Message>>;

export const emptyOutbox: Outbox = {};

const text = (value: Json | undefined): string => typeof value === 'string' ? value : '';
const numeric = (value: Json | undefined): number | null => typeof value === 'number' && Number.isFinite(value) ? value : null;
const textOrNull = (value: Json | undefined): string | null => typeof value === 'string' && value !== '' ? value : null;
const oneOf = <T extends string>(value: Json | undefined, options: readonly T[], otherwise: T): T => options.find(option => option === value) ?? otherwise;

const purposes: readonly MessagePurpose[] = ['escalate', 'acknowledge', 'update', 'mitigate', 'resolve', 'cancel', 'change', 'issue'];
const channels: readonly ChannelKind[] = ['pagerduty', 'slack', 'statuspage', 'cachet', 'hook', 'github', 'command'];
const states: readonly PublicState[] = ['investigating', 'identified', 'monitoring', 'resolved'];
const outcomes: readonly HandOutcome[] = ['answered', 'no-answer', 'message-left', 'done'];
const refusals: readonly RefusalCode[] = ['not-configured', 'no-secret', 'no-connection', 'rate-limited', 'service-down', 'rejected', 'redirected', 'no-answer', 'failed'];

const blank = (id: string, {data, actor, atMs}: JournalEntry): Message => ({
	id, channel: channels.find(channel => channel === data['channel']) ?? null, purpose: oneOf(data['purpose'], purposes, 'escalate'), publicState: oneOf(data['state'], states, 'investigating'),
	subject: text(data['subject']), lines: Array.isArray(data['lines']) ? (data['lines'] as readonly Json[]).map(line => text(line)) : [], approvedAtMs: atMs, by: actor.name,
	expiresAtMs: numeric(data['expiresAtMs']) ?? Infinity, state: 'approved', attempt: 0, tries: 0, claim: null, console: text(data['console']), retryAtMs: null, code: null, words: '', reference: null, link: null, outcome: null, atMs,
});

/** May it be approved (again)? What is on its way, or was sent, is not. */
export const canApprove = (message: Message | undefined): boolean => message === undefined || !(message.state === 'sent' || message.state === 'approved' || message.state === 'claimed' || message.retryAtMs !== null);

/** The outbox after one more entry. Entries that make no sense after what came before change nothing. */
export const moveOutbox = (outbox: Outbox, entry: JournalEntry): Outbox => {
	if (!entry.type.startsWith('message/')) {
		return outbox;
	}

	const id = text(entry.data['message']);
	const before = Object.hasOwn(outbox, id) ? outbox[id] : undefined;
	const after = id === '' || id === '__proto__' ? undefined : moved(before, id, entry);
	return after === undefined || after === before ? outbox : {...outbox, [id]: after};
};

const moved = (before: Message | undefined, id: string, entry: JournalEntry): Message | undefined => {
	const {data, atMs, actor} = entry;
	if (entry.type === 'message/drafted') {
		// The numbers of attempts go on: a claim's key is never used twice.
		return canApprove(before) ? {...blank(id, entry), attempt: before?.attempt ?? 0, reference: before?.reference ?? null} : before;
	}

	if (entry.type === 'message/waived' || entry.type === 'message/byHand') {
		const isDone = before !== undefined && (before.state === 'sent' || before.state === 'claimed');
		const how = entry.type === 'message/waived' ? {state: 'waived', words: text(data['reason'])} as const : {state: 'by-hand', words: text(data['note']), outcome: oneOf(data['outcome'], outcomes, 'done')} as const;
		return isDone ? before : {...(before ?? blank(id, entry)), retryAtMs: null, code: null, by: actor.name, atMs, ...how};
	}

	if (before === undefined) {
		return undefined;
	}

	const attempt = numeric(data['attempt']) ?? before.attempt;
	const isCurrent = attempt === before.attempt && before.state === 'claimed';
	switch (entry.type) {
		case 'message/claimed': {
			const isNext = attempt === before.attempt + 1 && (before.state === 'approved' || before.state === 'claimed' || (before.state === 'failed' && before.retryAtMs !== null));
			return isNext ? {...before, state: 'claimed', attempt, tries: before.tries + 1, claim: {console: text(data['console']), atMs}, console: text(data['console']), retryAtMs: null, atMs} : before;
		}

		case 'message/sent': {
			return before.state === 'sent' ? before : {...before, state: 'sent', claim: null, retryAtMs: null, code: null, words: text(data['words']), reference: textOrNull(data['reference']) ?? before.reference, link: textOrNull(data['link']), atMs};
		}

		case 'message/failed': {
			return isCurrent ? {...before, state: 'failed', claim: null, retryAtMs: numeric(data['retryAtMs']), code: oneOf(data['code'], refusals, 'failed'), words: text(data['words']), atMs} : before;
		}

		case 'message/unknown': {
			return isCurrent ? {...before, state: 'unknown', claim: null, words: text(data['words']), atMs} : before;
		}

		case 'message/expired': {
			return before.state === 'approved' || before.state === 'failed' ? {...before, state: 'expired', retryAtMs: null, atMs} : before;
		}

		default: {
			return before;
		}
	}
};

// ─── when to send ────────────────────────────────────────────────────────────

/** Longer than any sending takes: who has not answered by then is gone. One request where that is all; several, or a command, where not. */
export const claimLastsMs = (channel: ChannelKind | null): number => channel === 'pagerduty' || channel === 'slack' || channel === 'hook' ? 20_000 : 45_000;
export const triesAtMost = 4;
const firstWaitMs = 5000;
const longestWaitMs = 120_000;
/** A console that approved sends at once; another one takes over what it left lying. */
export const leftLyingMs = 10_000;

/** The wait before the next attempt: doubling, capped, between half and all of it by chance, never less than the service asked for. */
export const waitBefore = (tries: number, share: number, retryAfterMs: number | null): number => {
	const full = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.max(0, tries - 1));
	return Math.max(retryAfterMs ?? 0, Math.round(full * (0.5 + share / 2)));
};

export type NextStep =
	| {readonly kind: 'claim'}
	| {readonly kind: 'expire'}
	/** Its console is gone, and sending it again might send it twice. */
	| {readonly kind: 'doubt'}
	| null;

/** What has to be done about a message now. `isOurs`: this console approved or claimed it last; the others look after what was left lying. */
export const nextStep = (message: Message, nowMs: number, isOurs: boolean): NextStep => {
	const isWaiting = message.state === 'approved' || (message.state === 'failed' && message.retryAtMs !== null);
	if (isWaiting && nowMs >= message.expiresAtMs) {
		return {kind: 'expire'};
	}

	switch (message.state) {
		case 'approved': {
			return isOurs || nowMs - message.approvedAtMs >= leftLyingMs ? {kind: 'claim'} : null;
		}

		case 'failed': {
			return message.retryAtMs !== null && nowMs >= message.retryAtMs + (isOurs ? 0 : leftLyingMs) ? {kind: 'claim'} : null;
		}

		case 'claimed': {
			const isGone = message.claim !== null && Math.abs(nowMs - message.claim.atMs) >= claimLastsMs(message.channel);
			const canRepeat = message.channel !== null && isRepeatable(message.channel, message.purpose);
			return isGone ? (canRepeat && nowMs < message.expiresAtMs ? {kind: 'claim'} : {kind: 'doubt'}) : null;
		}

		default: {
			return null;
		}
	}
};

/** The key that lets an attempt be claimed once, whoever tries. */
export const claimKey = (incident: string, message: string, attempt: number): string => `message/${incident}/${message}/${attempt}`;

export type AnswerEntry = {readonly type: 'message/sent' | 'message/failed' | 'message/unknown'; readonly data: {readonly [key: string]: Json}};

/** What goes into the journal for an answer. A timeout of a service that recognises a second one is tried again; of the others it stays open. */
export const answerEntry = (message: Message, delivery: Delivery, nowMs: number, share: number): AnswerEntry => {
	const common = {message: message.id, channel: message.channel, purpose: message.purpose, attempt: message.attempt, words: delivery.words};
	if (delivery.kind === 'accepted') {
		return {type: 'message/sent', data: {...common, reference: delivery.reference, link: delivery.link}};
	}

	if (delivery.kind === 'unknown' && !(message.channel !== null && isRepeatable(message.channel, message.purpose))) {
		return {type: 'message/unknown', data: common};
	}

	const retryAfterMs = delivery.kind === 'refused' ? delivery.retryAfterMs : null;
	const isTemporary = delivery.kind === 'unknown' || delivery.isTemporary;
	const retryAtMs = nowMs + waitBefore(message.tries, share, retryAfterMs);
	// While there is no way out of this server nobody is bothered by trying on; it goes as soon as there is one, unless it is too old by then.
	const isUnheard = delivery.kind === 'refused' && delivery.code === 'no-connection';
	const isTriedAgain = isTemporary && (isUnheard || message.tries < triesAtMost) && retryAtMs < message.expiresAtMs;
	if (delivery.kind === 'unknown' && !isTriedAgain) {
		// Given up, and one of the attempts may have been heard.
		return {type: 'message/unknown', data: common};
	}

	return {type: 'message/failed', data: {...common, code: delivery.kind === 'unknown' ? 'no-answer' : delivery.code, retryAtMs: isTriedAgain ? retryAtMs : null}};
};
