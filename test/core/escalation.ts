/** The policy as instants and a list, the keys of the list, and the outbox on its way through `update`. */

import test from 'ava';
import {kindOfStep} from '../../source/core/escalation-items.ts';
import type {Finding} from '../../source/core/diagnosis.ts';
import {escalationOf, parseSnooze} from '../../source/core/escalation.ts';
import {replay, type Incident} from '../../source/core/incident.ts';
import type {ChannelSettings, Delivery, TimerRefusal} from '../../source/core/messengers.ts';
import type {JournalEntry} from '../../source/core/ports.ts';
import {remindersOf} from '../../source/core/reminders.ts';
import {bannersOf, escalationNow} from '../../source/core/screen.ts';
import {defaultSettings, type EscalationSettings} from '../../source/core/settings.ts';
import type {Effect, PendingDraft} from '../../source/core/state.ts';
import {makeSafe} from '../../source/core/text.ts';
import {factsFor, issueLink, listedItems, paintNameOf} from '../../source/core/update-escalation.ts';
import {createComposer} from '../../source/messages/escalation-texts.ts';
import {ana, bad, good, newState, opened, startMs} from '../helpers/facts.ts';

const minute = 60_000;
const key = {env: 'KEY'};
const channels: readonly ChannelSettings[] = [
	{kind: 'pagerduty', routingKey: key, url: 'https://events.pagerduty.com', dedupKey: null}, {kind: 'slack', webhook: key, token: null, channel: '#incidents', url: 'https://slack.com'},
	{kind: 'statuspage', apiKey: key, page: 'p', components: [], notify: true, url: 'https://api.statuspage.io'}, {kind: 'github', repository: 'a/b', token: null, labels: ['incident'], url: 'https://api.github.com', web: 'https://github.com'},
];
const settings = (changes: Partial<EscalationSettings> = {}): EscalationSettings => ({...defaultSettings.escalation, channels, ...changes});
const apiDown = (name: string, atMs: number) => name === 'api' ? bad(atMs) : good(atMs);

let sequence = 0;
const entry = (type: string, data: JournalEntry['data'], atMs = startMs): JournalEntry => ({sequence: ++sequence, atMs, monotonicMs: 0, bootId: '', actor: ana, incident: 'INC-1', type, data});
const incidentOf = (...entries: readonly JournalEntry[]): Incident => {
	const {current, ended} = replay([entry('incident/opened', {sinceMs: startMs, source: 'ping', atLeast: false, by: 'condition', alert: 'APIDown', severity: 'CRITICAL'}, startMs + minute), ...entries].map((one, index) => ({...one, sequence: index + 1})));
	return current ?? ended[0]!;
};

const done = (message: string, atMs = startMs): JournalEntry => entry('message/byHand', {message, outcome: 'done'}, atMs);
const sentEntries = (message: string, channel: string, atMs: number, purpose = 'escalate'): readonly JournalEntry[] => [
	entry('message/drafted', {message, channel, purpose, lines: ['x'], console: 'c', expiresAtMs: atMs + minute}, atMs), entry('message/claimed', {message, attempt: 1, console: 'c'}, atMs), entry('message/sent', {message, attempt: 1, words: '', reference: 'ref'}, atMs),
];

test('each step of the runbook is taken for what it means, in Portuguese and English', t => {
	const table: ReadonlyArray<readonly [string, string]> = [
		['Notificar Tech Lead: +55 11 99999-9999', 'phone'], ['Acionar On-Call: via PagerDuty', 'pagerduty'], ['Comunicar ao time: Canal #incidents no Slack', 'slack'], ['Status Page: Atualizar status.mestres-do-cafe.com', 'statuspage'],
		['Tech Lead', 'phone'], ['On-Call', 'pagerduty'], ['Call the DevOps', 'phone'], ['status.mestres-do-cafe.com', 'statuspage'], ['hook', 'hook'], ['Tell the shop floor', 'other'], ['Página de status', 'statuspage'], ['pagerduty', 'pagerduty'],
	];
	for (const [step, kind] of table) {
		t.is(kindOfStep(step, settings()), kind as never, step);
	}

	t.is(kindOfStep('Status page', settings({channels: [{kind: 'cachet', token: key, url: 'https://s', components: [], notify: true}]})), 'cachet');
});

test('the deadline, the warning, the levels and the repeats are instants of the outage', t => {
	const policy = settings({levels: [{afterMs: 30 * minute, steps: ['DevOps', 'pagerduty']}]});
	const at = (minutes: number, ...entries: readonly JournalEntry[]) => escalationOf(incidentOf(...entries), policy, startMs + minutes * minute)!;
	const first = ['l1/phone-1', 'l1/pagerduty', 'l1/slack', 'l1/statuspage'].map(id => done(id));
	const table: ReadonlyArray<readonly [string, ReturnType<typeof at>, object]> = [
		['before', at(7.9), {due: false, warning: false, level: 1, remainingMs: 2.1 * minute, prompts: 0}],
		['announced at 8', at(8), {due: false, warning: true}],
		['due at 10', at(10), {due: true, warning: false, level: 1, open: 4, prompts: 1}],
		['again every five minutes', at(15), {prompts: 2}],
		['three times at most', at(600), {due: true, prompts: 4, remainingMs: -590 * minute}],
		['handled: the next level', at(20, ...first), {due: false, level: 2, remainingMs: 10 * minute, handled: false}],
		['announced before the second level as long as before the first', at(28, ...first), {warning: true}],
		['the second level', at(31, ...first), {due: true, level: 2, open: 2}],
		['everything', at(31, ...first, done('l2/phone-1'), done('l2/pagerduty')), {due: false, handled: true}],
		['put off', at(12, entry('escalation/snoozed', {reason: 'x', untilMs: startMs + 20 * minute})), {due: false, snoozedUntilMs: startMs + 20 * minute, remainingMs: 8 * minute}],
		['and its end', at(21, entry('escalation/snoozed', {reason: 'x', untilMs: startMs + 20 * minute})), {due: true, snoozedUntilMs: null, remainingMs: -11 * minute, prompts: 1}],
	];
	for (const [name, escalation, expected] of table) {
		t.like(escalation, expected, name);
	}

	t.is(escalationOf(incidentOf(entry('incident/mitigated', {})), policy, startMs + 11 * minute), null);
	t.like(escalationOf(incidentOf(), settings({afterMs: 5 * minute}), startMs + 4 * minute), {warning: true}, 'a shorter deadline than the warning: at four fifths');
	t.like(escalationOf(incidentOf(), settings({steps: [], channels: []}), startMs + 11 * minute), {due: true}, 'a runbook without steps still says when');
});

test('putting off wants a reason and has an end', t => {
	t.deepEqual(parseSnooze('waiting for the DNS'), {forMs: 10 * minute, reason: 'waiting for the DNS'});
	t.deepEqual(parseSnooze('20m the backup runs'), {forMs: 20 * minute, reason: 'the backup runs'});
	t.deepEqual(parseSnooze('5 min: quase lá'), {forMs: 5 * minute, reason: 'quase lá'});
	t.is(parseSnooze('900m x')?.forMs, 60 * minute);
	t.is(parseSnooze('20m'), null);
	t.is(parseSnooze('  '), null);
	t.is(parseSnooze('0m x'), null);
});

// ─── through update ──────────────────────────────────────────────────────────

const down = (changes: Partial<EscalationSettings> = {}, readOnly = false) => opened(newState({readOnly, settings: {escalation: settings(changes)}})).until(startMs + 90_000, apiDown);
type Console = ReturnType<typeof down>;

const draftsOf = (effects: readonly Effect[]): readonly PendingDraft[] => effects.flatMap(effect => effect.type === 'journal/append' ? effect.drafts : []);
const sends = (console: Console) => console.effects.filter(effect => effect.type === 'message/send');

let stored = 1000;
/** The journal takes what waits; `refuse` leaves out what another console was quicker with. */
const store = (console: Console, refuse: (draft: PendingDraft) => boolean = () => false): Console => {
	const {pending} = console.state;
	return console.send({type: 'journal/stored', draftIds: pending.map(({draftId}) => draftId), entries: pending.filter(draft => !refuse(draft)).map(({draftId: _, onceKey: _key, actor, ...draft}) => ({...draft, sequence: ++stored, monotonicMs: 0, bootId: '', actor: actor ?? ana}))});
};

const open = (console: Console, id: string): Console => {
	console.press('escape', 'escape', 'e', 'g', ...Array.from({length: listedItems(console.state).findIndex(item => item.id === id)}, () => 'j'), 'enter');
	const name = paintNameOf(console.state.view.overlay)!;
	return console.send({type: 'card/painted', action: name, atMs: console.state.nowMs});
};

const yes = (console: Console): Console => console.send({type: 'key/pressed', key: 'y', alone: true, atMs: console.state.nowMs + 400});
const answer = (console: Console, delivery: Delivery): Console => {
	const sending = sends(console).at(-1)!;
	return console.send({type: 'message/answered', incident: sending.incident, message: sending.message, attempt: sending.attempt, delivery, share: 0.5});
};

const accepted: Delivery = {kind: 'accepted', words: makeSafe('ok'), reference: 'ref', link: null};
const standing = (console: Console, id: string): string | undefined => listedItems(console.state).find(item => item.id === id)?.message?.state;

test('y on the painted text records it, claims it, and sends it when the journal has granted the claim', t => {
	const console = open(down(), 'l1/slack');
	t.is(sends(yes(console)).length, 0, 'not before the journal has it');
	t.deepEqual(draftsOf(console.effects).map(({type}) => type).slice(-2), ['message/drafted', 'message/claimed']);
	t.is(standing(store(console), 'l1/slack'), 'claimed');
	t.like(sends(console)[0]!.envelope, {channel: 'slack', purpose: 'escalate', incident: {alert: 'APIDown', host: 'production-server'}});
	t.is(standing(store(answer(console, accepted)), 'l1/slack'), 'sent');
	t.is(sends(console.until(startMs + 40 * minute, apiDown)).length, 1);
});

test('neither Enter, nor a paste, nor y beside other keys, nor y before the painting sends', t => {
	for (const press of [(console: Console) => console.press('enter'), (console: Console) => console.send({type: 'key/pressed', key: 'y', alone: false, atMs: startMs + 500_000}), (console: Console) => console.send({type: 'text/pasted', text: 'y', atMs: startMs})]) {
		t.is(draftsOf(store(press(open(down(), 'l1/slack'))).effects).filter(({type}) => type.startsWith('message/')).length, 0);
	}

	const unpainted = down();
	unpainted.press('e', 'g', 'j', 'j', 'enter', 'y');
	t.is(unpainted.state.view.flash?.code, 'not-yet');
	t.is(open(down({}, true), 'l1/slack').press('y').state.view.flash?.code, 'read-only');
});

test('what the journal gave to another console is not sent from here', t => {
	const console = store(yes(open(down(), 'l1/slack')), ({type}) => type === 'message/claimed');
	const drafted = console.state.stored.current!;
	console.send({type: 'journal/stored', draftIds: [], entries: [{sequence: ++stored, atMs: console.state.nowMs, monotonicMs: 0, bootId: '', actor: ana, incident: drafted.id, type: 'message/claimed', data: {message: 'l1/slack', attempt: 1, console: 'another'}}]});
	console.until(console.state.nowMs + 20_000, apiDown);
	t.is(sends(console).length, 0);
});

test('a disk that does not answer holds a page back for five seconds, no longer', t => {
	const console = yes(open(down(), 'l1/pagerduty'));
	console.until(console.state.nowMs + 4000, apiDown);
	t.is(sends(console).length, 0);
	console.until(console.state.nowMs + 2000, apiDown);
	t.is(sends(console).length, 1);
	console.until(console.state.nowMs + 20_000, apiDown);
	t.is(sends(console).length, 1);
});

test('the text is shown without secrets, edited in place, and goes out as it was edited', t => {
	const console = down();
	console.state.secrets.learn([{name: 'DB_PASSWORD', value: 'hunter2hunter2'}]);
	open(console, 'l1/slack');
	console.press('t', ...' q y hunter2hunter2', 'enter', 'z').send({type: 'text/pasted', text: 'two\u001B[2J\nlines', atMs: startMs});
	t.is(sends(console).length, 0);
	console.press('y', 'backspace', 'escape').send({type: 'card/painted', action: paintNameOf(console.state.view.overlay)!, atMs: console.state.nowMs});
	store(yes(console));
	const {body} = sends(console)[0]!.envelope;
	t.regex(body, / q y .*\nztwo\nlines$/);
	t.notRegex(body, /hunter2/);
	t.notRegex(JSON.stringify(draftsOf(console.effects)), /hunter2/);
});

test('a service that asks to wait is asked again after that, four times at most', t => {
	const console = store(yes(open(down(), 'l1/pagerduty')));
	const limited: Delivery = {kind: 'refused', code: 'rate-limited', words: makeSafe('429'), isTemporary: true, retryAfterMs: 30_000};
	for (let attempt = 1; attempt <= 4; attempt++) {
		t.is(sends(console).length, attempt);
		store(answer(console, limited));
		console.until(console.state.nowMs + 29_000, apiDown);
		t.is(sends(console).length, attempt, 'not before');
		store(console.until(console.state.nowMs + 3000, apiDown));
	}

	t.is(sends(console).length, 4);
	t.is(standing(console, 'l1/pagerduty'), 'failed');
	t.true(bannersOf(console.state).some(({code}) => code === 'messages-failed'));
	store(yes(open(console, 'l1/pagerduty')));
	t.is(sends(console).length, 5, 'a person may try again');
});

test('a console that died while sending: PagerDuty is sent again, Slack is asked about', t => {
	for (const [id, channel, expected] of [['l1/pagerduty', 'pagerduty', 'claimed'], ['l1/slack', 'slack', 'unknown']] as const) {
		const console = store(yes(open(down(), id)));
		t.is(sends(console).at(-1)?.envelope.channel, channel);
		const entries = draftsOf(console.effects).map((draft, index): JournalEntry => ({sequence: index + 1, atMs: draft.atMs, monotonicMs: 0, bootId: '', actor: ana, incident: draft.incident, type: draft.type, data: draft.data}));
		const later = {...newState({settings: {escalation: settings()}}), consoleId: 'second', nowMs: console.state.nowMs + 5000};
		const next = opened(later);
		next.send({type: 'journal/opened', place: {path: '/x', kind: 'own', failure: null}, entries});
		next.until(console.state.nowMs + 15_000, apiDown);
		t.is(standing(next, id), 'claimed', 'it may still be answering');
		store(next.until(console.state.nowMs + 25_000, apiDown));
		t.is(standing(next, id), expected);
		t.is(sends(next).length, expected === 'claimed' ? 1 : 0);
		t.is(sends(next)[0]?.attempt, expected === 'claimed' ? 2 : undefined);
	}
});

test('approved and never claimed: the next console sends it, unless it is too old by then', t => {
	for (const [afterMs, count] of [[2 * minute, 1], [40 * minute, 0]] as const) {
		const console = yes(open(down(), 'l1/slack'));
		const entries = draftsOf(console.effects).filter(({type}) => type !== 'message/claimed').map((draft, index): JournalEntry => ({sequence: index + 1, atMs: draft.atMs, monotonicMs: 0, bootId: '', actor: ana, incident: draft.incident, type: draft.type, data: draft.data}));
		const next = opened({...newState({settings: {escalation: settings()}}), consoleId: 'second', nowMs: console.state.nowMs + afterMs});
		next.send({type: 'journal/opened', place: {path: '/x', kind: 'own', failure: null}, entries});
		store(next.until(console.state.nowMs + afterMs + 5000, apiDown));
		t.is(sends(next).length, count);
		t.is(standing(next, 'l1/slack'), count === 1 ? 'claimed' : 'expired');
	}
});

test('a console that has no means to send, as that of `run`, leaves what was approved to those that do', t => {
	const console = yes(open(down(), 'l1/slack'));
	const entries = draftsOf(console.effects).filter(({type}) => type !== 'message/claimed').map((draft, index): JournalEntry => ({sequence: index + 1, atMs: draft.atMs, monotonicMs: 0, bootId: '', actor: ana, incident: draft.incident, type: draft.type, data: draft.data}));
	const next = opened({...newState({settings: {escalation: settings()}}), consoleId: 'run', canSend: false, nowMs: console.state.nowMs + minute});
	next.send({type: 'journal/opened', place: {path: '/x', kind: 'own', failure: null}, entries});
	store(next.until(console.state.nowMs + 3 * minute, apiDown));
	t.is(standing(next, 'l1/slack'), 'approved');
	t.is(sends(next).length, 0);
});

test('an answer that comes after another project was opened is not taken for that one\'s', t => {
	const console = store(yes(open(down(), 'l1/slack')));
	const before = draftsOf(console.effects).length;
	console.send({type: 'message/answered', incident: 'INC-OF-ANOTHER', message: 'l1/slack', attempt: 1, delivery: accepted, share: 0});
	t.is(draftsOf(console.effects).length, before);
	t.is(standing(console, 'l1/slack'), 'claimed');
});

test('a call is recorded as it ended; a placeholder is never offered as one', t => {
	const console = open(down(), 'l1/phone-1');
	t.is(console.press('y').state.view.flash?.code, 'message-not-configured');
	console.press('n');
	t.like(draftsOf(console.last)[0], {type: 'message/byHand', data: {message: 'l1/phone-1', outcome: 'no-answer', label: 'Tech Lead'}});
	t.is(open(console, 'l1/phone-1').press('a').state.incident?.outbox['l1/phone-1']?.outcome, 'answered', 'called again');
	const placeholder = open(down({contacts: [{role: 'Tech Lead', name: '', reach: '+1-XXX-XXX-XXXX'}]}), 'l1/phone-1').press('a');
	t.is(placeholder.state.incident?.outbox['l1/phone-1'], undefined);
});

test('waiving and putting off want a reason', t => {
	const console = down().press('e', 'g', 'w', 'enter');
	t.is(console.state.incident?.outbox['l1/phone-1'], undefined);
	console.press('w', ...'asleep', 'enter');
	t.like(console.state.incident?.outbox['l1/phone-1'], {state: 'waived', words: 'asleep'});
	console.until(startMs + 11 * minute, apiDown);
	t.true(escalationNow(console.state)?.due);
	console.press('s', ...'20m backup', 'enter');
	t.false(escalationNow(console.state)?.due);
	t.false(bannersOf(console.state).some(({code}) => code === 'escalation-due'));
	t.is(console.effects.filter(({type}) => type === 'terminal/bell').length, 1);
	console.until(startMs + 32 * minute, apiDown);
	t.true(escalationNow(console.state)?.due);
	t.is(console.effects.filter(({type}) => type === 'terminal/bell').length, 2);
});

test('what follows is proposed, never sent by itself: acknowledged, next update, mitigated, resolved, the issue', t => {
	const told = [...sentEntries('l1/pagerduty', 'pagerduty', startMs + 10 * minute), ...sentEntries('l1/slack', 'slack', startMs + 10 * minute), ...sentEntries('l1/statuspage', 'statuspage', startMs + 10 * minute)];
	const reminders = (minutes: number, ...entries: readonly JournalEntry[]) => {
		const incident = incidentOf(...told, ...entries);
		const current = incident.endedAtMs === null ? incident : null;
		return remindersOf(current, current === null ? incident : null, null, settings(), startMs + minutes * minute).map(reminder => [reminder.code, 'count' in reminder ? reminder.count : null]);
	};

	t.deepEqual(reminders(12, entry('incident/acknowledged', {}, startMs + 2 * minute)), [], 'who was called after somebody had taken it is to come');
	t.deepEqual(reminders(12, entry('incident/acknowledged', {}, startMs + 11 * minute)), [['messages-proposed', 2]]);
	t.deepEqual(reminders(30, entry('incident/acknowledged', {}, startMs + minute)), [['update-due', null]]);
	t.deepEqual(reminders(31, entry('incident/acknowledged', {}, startMs + minute), entry('incident/mitigated', {}, startMs + 30 * minute)), [['messages-proposed', 2]]);
	t.deepEqual(reminders(40, entry('incident/resolved', {reason: ''}, startMs + 39 * minute)), [['messages-proposed', 4]]);
	t.deepEqual(reminders(140, entry('incident/resolved', {reason: ''}, startMs + 39 * minute)), [], 'not for ever');
});

test('when it is over nobody is called any more, and the end can still be told', t => {
	const console = store(answer(store(yes(open(down(), 'l1/pagerduty'))), accepted));
	store(console);
	store(yes(open(console, 'l1/slack')), ({type}) => type === 'message/claimed');
	console.press('escape', 'escape', 'i', 'x', ...'fixed', 'enter');
	store(console);
	t.is(console.state.incident, null);
	console.until(console.state.nowMs + 3000, (_name, atMs) => good(atMs));
	t.is(console.state.lastEnded?.outbox['l1/slack']?.state === 'sent', false);
	store(yes(open(console, 'end/pagerduty')));
	t.like(sends(console).at(-1)!.envelope, {purpose: 'resolve', state: 'resolved', reference: 'ref'});
	store(answer(console, accepted));
	t.is(console.state.lastEnded?.outbox['end/pagerduty']?.state, 'sent');
});

test('what is told afterwards names what broke, as it was recorded, and not what is found meanwhile', t => {
	const raised = (code: string, service: string | null, weight: string): JournalEntry => entry('finding/raised', {code, service, scenario: 1, weight, params: {exitCode: 137}}, startMs + minute);
	const {state} = down();
	const [item] = listedItems(state);
	const ended = incidentOf(raised('disk-high', null, 'warning'), raised('disk-full', null, 'outage'), raised('service-stopped', 'api', 'outage'), entry('incident/resolved', {reason: ''}, startMs + 5 * minute));
	t.deepEqual(factsFor(state, ended, item!).finding, {code: 'service-stopped', service: 'api', params: {exitCode: 137}});
	t.is(factsFor(state, incidentOf(entry('incident/resolved', {reason: ''}, startMs + 5 * minute)), item!).finding, null);
	// Nor, while it lasts, a warning that stands there alone.
	const open = {...state.incident!, state: 'open' as const};
	const backupOld: Finding = {...state.findings[0]!, code: 'backup-old', service: 'db', weight: 'warning'};
	t.is(factsFor({...state, incident: open, findings: [backupOld]}, open, item!).finding?.code === 'backup-old', false);
	t.is(factsFor({...state, incident: open, findings: [backupOld, {...backupOld, code: 'nothing-wrong-here'}]}, open, item!).finding?.code, 'nothing-wrong-here');
	t.is(factsFor({...state, incident: open, findings: [backupOld, {...backupOld, code: 'service-stopped', weight: 'outage'}]}, open, item!).finding?.code, 'service-stopped');
	const newer = incidentOf(raised('of-a-newer-console', 'api', 'outage'), entry('incident/resolved', {reason: ''}, startMs + 5 * minute));
	t.regex(createComposer('en', 'America/Sao_Paulo')({...factsFor(state, newer, item!), channel: 'github', purpose: 'issue'}).body, /Diagnosis: cause not known yet/);
});

test('without a token the issue is an address with everything filled in, to be copied and not sent', t => {
	const console = store(down().press('i', 'x', ...'fixed it', 'enter'));
	open(console, 'end/github');
	t.is(yes(console).state.view.flash?.code, 'message-link');
	t.is(sends(console).length, 0);
	const link = issueLink(console.state, 'T & t', 'é'.repeat(20_000))!;
	t.true(link.startsWith('https://github.com/a/b/issues/new?title=T%20%26%20t&labels=incident&body=%C3%A9') && link.length <= 6000);
	console.press('c');
	t.regex(JSON.stringify(console.last), /terminal\/copy.*https:\/\/github\.com\/a\/b\/issues\/new/);
	console.press('d');
	t.is(console.state.lastEnded?.outbox['end/github']?.outcome, 'done');
});

test('the timer is armed for the deadline by the console that records, moved by putting off, and let go by whoever takes it', t => {
	const timers = (console: Console) => console.effects.filter(effect => effect.type.startsWith('timer/'));
	const console = down({unattended: ['pagerduty']});
	const id = console.state.incident!.id;
	const sinceMs = console.state.incident!.outage.sinceMs;
	t.deepEqual(timers(console), [{type: 'timer/arm', incident: id, project: 'mestres-do-cafe', atMs: sinceMs + 10 * minute}]);
	console.send({type: 'timer/armed', incident: id, atMs: sinceMs + 10 * minute, name: 'unit-1'});
	console.until(startMs + 11 * minute, apiDown).press('e', 's', ...'20m x', 'enter').until(startMs + 11.1 * minute, apiDown);
	t.is(timers(console).length, 3);
	t.deepEqual(timers(console)[1], {type: 'timer/disarm', name: 'unit-1'});
	console.send({type: 'timer/armed', incident: id, atMs: startMs + 31 * minute, name: 'unit-2'}).press('escape', 'a').until(startMs + 12 * minute, apiDown);
	t.deepEqual(timers(console).at(-1), {type: 'timer/disarm', name: 'unit-2'});
	t.deepEqual(timers(down()), [], 'unless it is asked for there is none');
});

test('a timer that was refused is tried again each minute until its instant, and each reason is recorded once', t => {
	const arms = (console: Console) => console.effects.filter(effect => effect.type === 'timer/arm').length;
	const refusals = (console: Console) => console.state.incident?.timeline.filter(({type}) => type === 'escalation/notArmed').map(({data}) => data['code']);
	const console = down({unattended: ['pagerduty']});
	const incident = console.state.incident!.id;
	const atMs = console.state.incident!.outage.sinceMs + 10 * minute;
	const refuse = (code: TimerRefusal, detail = ''): Console => console.send({type: 'timer/refused', incident, atMs, failure: {code, detail: makeSafe(detail)}});
	const armedAtMs = console.state.recordedAtMs[`timer/${atMs}`]!;
	refuse('timed-out');
	t.deepEqual(console.state.incident?.timer, {name: '', atMs, code: 'timed-out', detail: ''});
	t.is(arms(console.until(armedAtMs + minute - 5000, apiDown)), 1, 'not at once');
	t.is(arms(console.until(armedAtMs + minute + 5000, apiDown)), 2);
	refuse('timed-out');
	t.is(arms(console.until(armedAtMs + 2.2 * minute, apiDown)), 3);
	refuse('no-linger', 'sudo loginctl enable-linger ana');
	t.deepEqual(refusals(console), ['timed-out', 'no-linger']);
	t.is(arms(console.until(armedAtMs + 3.4 * minute, apiDown)), 4);
	console.send({type: 'timer/armed', incident, atMs, name: 'unit-1'});
	t.is(arms(console.until(atMs - minute, apiDown)), 4, 'what is armed stays');

	const late = down({unattended: ['pagerduty']});
	for (let at = 2; at < 15; at++) {
		late.send({type: 'timer/refused', incident: late.state.incident!.id, atMs, failure: {code: 'unsupported', detail: makeSafe('')}}).until(startMs + at * minute, apiDown);
	}

	t.deepEqual(refusals(late), ['unsupported']);
	const tried = arms(late);
	t.true(tried >= 7 && tried <= 9, `${tried}`);
	t.is(arms(late.until(startMs + 20 * minute, apiDown)), tried, 'an instant that has passed is no timer\'s');
});
