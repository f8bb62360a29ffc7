import test from 'ava';
import fc from 'fast-check';
import {channelKinds, isRepeatable, type ChannelKind, type Delivery} from '../../source/core/messengers.ts';
import {answerEntry, canApprove, claimLastsMs, emptyOutbox, moveOutbox, nextStep, triesAtMost, waitBefore, type Message, type Outbox} from '../../source/core/outbox.ts';
import type {Json, JournalEntry} from '../../source/core/ports.ts';
import {makeSafe} from '../../source/core/text.ts';
import {ana, startMs} from '../helpers/facts.ts';

let sequence = 0;
const entry = (type: string, data: {readonly [key: string]: Json}, atMs = startMs): JournalEntry => ({sequence: ++sequence, atMs, monotonicMs: 0, bootId: '', actor: ana, incident: 'INC-1', type, data});
const fold = (entries: readonly JournalEntry[], from: Outbox = emptyOutbox): Outbox => entries.reduce(moveOutbox, from);
const id = 'l1/slack';
const drafted = (channel: ChannelKind = 'slack', atMs = startMs): JournalEntry => entry('message/drafted', {message: id, channel, purpose: 'escalate', state: 'investigating', subject: '', lines: ['a', 'b'], expiresAtMs: startMs + 1_800_000, console: 'one'}, atMs);
const claimed = (attempt: number, console = 'one', atMs = startMs): JournalEntry => entry('message/claimed', {message: id, attempt, console}, atMs);
const messageAfter = (...entries: readonly JournalEntry[]): Message => fold(entries)[id]!;

test('a message goes from approved over claimed to sent, and stays sent', t => {
	const sent = entry('message/sent', {message: id, attempt: 1, words: 'ok', reference: 'C1 1.2', link: null});
	t.like(messageAfter(drafted()), {state: 'approved', lines: ['a', 'b'], attempt: 0, by: 'ana', console: 'one'});
	t.like(messageAfter(drafted(), claimed(1)), {state: 'claimed', attempt: 1, tries: 1});
	t.like(messageAfter(drafted(), claimed(1), sent), {state: 'sent', words: 'ok', reference: 'C1 1.2'});
	for (const later of [drafted(), claimed(2), entry('message/failed', {message: id, attempt: 1, code: 'rejected', words: ''}), entry('message/unknown', {message: id, attempt: 1}), entry('message/expired', {message: id}), entry('message/waived', {message: id, reason: 'x'})]) {
		t.is(messageAfter(drafted(), claimed(1), sent, later).state, 'sent', later.type);
	}
});

test('an attempt is claimed once, and an answer counts for its own attempt alone, but that it was sent always counts', t => {
	t.is(messageAfter(drafted(), claimed(1), claimed(1, 'two')).claim?.console, 'one');
	t.is(messageAfter(drafted(), claimed(2)).state, 'approved', 'no attempt is left out');
	const late = entry('message/failed', {message: id, attempt: 1, code: 'rejected', words: ''});
	t.is(messageAfter(drafted(), claimed(1), claimed(2, 'two'), late).state, 'claimed');
	t.is(messageAfter(drafted(), claimed(1), claimed(2, 'two'), entry('message/sent', {message: id, attempt: 1, words: ''})).state, 'sent');
});

test('what failed for good may be approved again, with a new attempt number and its tries from the beginning', t => {
	const failed = entry('message/failed', {message: id, attempt: 1, code: 'rejected', words: 'no_service', retryAtMs: null});
	const again = messageAfter(drafted(), claimed(1), failed, drafted());
	t.like(again, {state: 'approved', attempt: 1, tries: 0});
	t.is(messageAfter(drafted(), claimed(1), failed, drafted(), claimed(2)).state, 'claimed');
	t.false(canApprove(messageAfter(drafted(), claimed(1), entry('message/failed', {message: id, attempt: 1, code: 'rate-limited', words: '', retryAtMs: startMs + 5000}))), 'one that is tried again by itself is on its way');
});

test('by whom, when and whether a message is sent next', t => {
	const table: ReadonlyArray<readonly [string, Message, number, boolean, string | undefined]> = [
		['ours, approved', messageAfter(drafted()), 0, true, 'claim'],
		['another\'s, just approved', messageAfter(drafted()), 5000, false, undefined],
		['left lying', messageAfter(drafted()), 10_000, false, 'claim'],
		['too old', messageAfter(drafted()), 1_800_000, true, 'expire'],
		['claimed just now', messageAfter(drafted(), claimed(1)), 10_000, false, undefined],
		['Slack, its console gone', messageAfter(drafted(), claimed(1)), claimLastsMs('slack'), false, 'doubt'],
		['PagerDuty, its console gone', messageAfter(drafted('pagerduty'), claimed(1)), claimLastsMs('pagerduty'), false, 'claim'],
		['PagerDuty, its console gone for an hour', messageAfter(drafted('pagerduty'), claimed(1)), 3_600_000, false, 'doubt'],
		['the clock was set back over a claim', messageAfter(drafted('pagerduty'), claimed(1)), -claimLastsMs('pagerduty'), false, 'claim'],
		['sent', messageAfter(drafted(), claimed(1), entry('message/sent', {message: id, attempt: 1, words: ''})), claimLastsMs('slack'), true, undefined],
		['unknown: a person decides', messageAfter(drafted(), claimed(1), entry('message/unknown', {message: id, attempt: 1})), 3_600_000, true, undefined],
		['again in five seconds', messageAfter(drafted(), claimed(1), entry('message/failed', {message: id, attempt: 1, code: 'rate-limited', retryAtMs: startMs + 5000})), 4999, true, undefined],
		['again now', messageAfter(drafted(), claimed(1), entry('message/failed', {message: id, attempt: 1, code: 'rate-limited', retryAtMs: startMs + 5000})), 5000, true, 'claim'],
	];
	for (const [name, message, afterMs, isOurs, expected] of table) {
		t.is(nextStep(message, startMs + afterMs, isOurs)?.kind, expected as never, name);
	}
});

test('the wait doubles, is capped, varies by chance and is never shorter than the service asked', t => {
	t.is(waitBefore(1, 1, null), 5000);
	t.is(waitBefore(1, 0, null), 2500);
	t.is(waitBefore(3, 1, null), 20_000);
	t.is(waitBefore(40, 1, null), 120_000);
	t.is(waitBefore(1, 0, 30_000), 30_000);
});

test('a timeout is tried again where a second one is recognised, and left open where it is not', t => {
	const unknown: Delivery = {kind: 'unknown', words: makeSafe('no answer within 10 s')};
	t.is(answerEntry(messageAfter(drafted('slack'), claimed(1)), unknown, startMs, 1).type, 'message/unknown');
	t.like(answerEntry(messageAfter(drafted('pagerduty'), claimed(1)), unknown, startMs, 1), {type: 'message/failed', data: {code: 'no-answer', retryAtMs: startMs + 5000}});
	const limited: Delivery = {kind: 'refused', code: 'rate-limited', words: makeSafe(''), isTemporary: true, retryAfterMs: 7_200_000};
	t.is(answerEntry(messageAfter(drafted(), claimed(1)), limited, startMs, 1).data['retryAtMs'], null, 'after its end it is not tried again');
	const tired = {...messageAfter(drafted(), claimed(1)), tries: triesAtMost};
	t.is(answerEntry(tired, {...limited, retryAfterMs: null}, startMs, 1).data['retryAtMs'], null, 'four times is enough');
	const cut: Delivery = {kind: 'refused', code: 'no-connection', words: makeSafe(''), isTemporary: true, retryAfterMs: null};
	t.is(answerEntry({...tired, tries: 9}, cut, startMs, 1).data['retryAtMs'], startMs + 120_000, 'without a connection it goes on until it is too old');
	t.is(answerEntry(tired, unknown, startMs, 1).type, 'message/unknown', 'given up, and it may have been heard');
	t.is(answerEntry({...tired, channel: 'pagerduty'}, unknown, startMs, 1).type, 'message/unknown');
});

/** A world of consoles that die at any step, over one journal that keeps claims unique; what the service saw. */
const simulate = (channel: ChannelKind, choices: readonly number[]): {readonly entries: readonly JournalEntry[]; readonly posts: number; readonly final: Message} => {
	const entries: JournalEntry[] = [drafted(channel)];
	const keys = new Set<string>();
	let nowMs = startMs;
	let posts = 0;
	for (const choice of choices) {
		const message = fold(entries)[id]!;
		const name = ['one', 'two', 'three'][choice % 3]!;
		nowMs += [500, 4000, 12_000, 50_000][(choice >> 2) % 4]!;
		const step = nextStep(message, nowMs, message.console === name);
		if (step?.kind === 'expire' || step?.kind === 'doubt') {
			entries.push(entry(step.kind === 'expire' ? 'message/expired' : 'message/unknown', {message: id, attempt: message.attempt, words: ''}, nowMs));
		} else if (step?.kind === 'claim') {
			const key = `${message.attempt + 1}`;
			if (keys.has(key)) {
				continue;
			}

			keys.add(key);
			entries.push(claimed(message.attempt + 1, name, nowMs));
			// Killed before the post; after it; or it lives, with some answer.
			const fate = (choice >> 4) % 6;
			if (fate === 0) {
				continue;
			}

			posts++;
			if (fate > 1) {
				const deliveries: readonly Delivery[] = [
					{kind: 'accepted', words: makeSafe('ok'), reference: null, link: null}, {kind: 'unknown', words: makeSafe('')},
					{kind: 'refused', code: 'service-down', words: makeSafe(''), isTemporary: true, retryAfterMs: null}, {kind: 'refused', code: 'rejected', words: makeSafe(''), isTemporary: false, retryAfterMs: null},
				];
				const delivery = deliveries[fate - 2]!;
				posts -= delivery.kind === 'refused' ? 1 : 0;
				const told = answerEntry(fold(entries)[id]!, delivery, nowMs, 0.5);
				entries.push(entry(told.type, told.data, nowMs + 100));
			}
		}
	}

	return {entries, posts, final: fold(entries)[id]!};
};

test('consoles that die anywhere never post twice to a service that would not know it, and lose nothing', t => {
	fc.assert(fc.property(fc.constantFrom(...channelKinds), fc.array(fc.nat(255), {maxLength: 60}), (channel, choices) => {
		const {entries, posts, final} = simulate(channel, choices);
		if (!isRepeatable(channel, 'escalate')) {
			t.true(posts <= 1, `${posts} posts of ${channel}`);
		}

		// Any prefix, replayed by a new console after a long time, is sent, asked about or told as too old: never forgotten.
		for (let length = 1; length <= entries.length; length++) {
			const message = fold(entries.slice(0, length))[id]!;
			const isSettled = ['sent', 'unknown', 'expired'].includes(message.state) || (message.state === 'failed' && message.retryAtMs === null);
			t.true(isSettled || nextStep(message, startMs + 100 * 3_600_000, false) !== null, message.state);
		}

		t.deepEqual(fold(entries)[id], final);
	}), {numRuns: 500});
});

test('entries of any shape make no outbox throw', t => {
	const json = fc.jsonValue() as fc.Arbitrary<Json>;
	const data = fc.record({message: fc.oneof(fc.constantFrom(id, '__proto__', 'constructor', ''), json), channel: json, purpose: json, lines: json, attempt: fc.oneof(fc.nat(3), json), console: json, retryAtMs: json, expiresAtMs: json, words: json, code: json, outcome: json});
	const type = fc.constantFrom('message/drafted', 'message/claimed', 'message/sent', 'message/failed', 'message/unknown', 'message/expired', 'message/waived', 'message/byHand', 'message/new');
	fc.assert(fc.property(fc.array(fc.tuple(type, data), {maxLength: 12}), items => {
		for (const message of Object.values(fold(items.map(([name, fields]) => entry(name, fields as never))))) {
			t.true(Array.isArray(message.lines) && message.lines.every(line => typeof line === 'string'));
		}
	}));
});
