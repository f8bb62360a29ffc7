import test from 'ava';
import {defaultKeys} from '../source/core/keys.ts';
import {actionWords} from '../source/messages/actions.ts';
import {troubleSentence} from '../source/messages/troubles.ts';
import {diagnosis} from '../source/messages/diagnosis.ts';
import {escalateWords} from '../source/messages/escalate-command.ts';
import {escalationWords, outcomeNames, purposeNames, refusalWords} from '../source/messages/escalation.ts';
import {escalationSentences} from '../source/messages/escalation-timeline.ts';
import {createFormatter} from '../source/messages/format.ts';
import {commandName, commandNames, commandShort, keyName} from '../source/messages/keys.ts';
import {exitMeaning, flashes, pingReason, screen} from '../source/messages/screen.ts';
import {incidentWords, timelineSentence} from '../source/messages/timeline.ts';

const zone = 'America/Sao_Paulo';
const en = createFormatter('en', zone);
const pt = createFormatter('pt-BR', zone);

test('both languages have the same entries, all with words', t => {
	for (const area of [escalationWords, escalateWords, escalationSentences, refusalWords, purposeNames, outcomeNames, screen, actionWords, diagnosis, incidentWords, flashes, pingReason, troubleSentence]) {
		t.deepEqual(Object.keys(area.en).toSorted(), Object.keys(area['pt-BR']).toSorted());
		for (const language of ['en', 'pt-BR'] as const) {
			for (const [key, entry] of Object.entries(area[language])) {
				t.true(typeof entry === 'function' || (entry as string).length > 0, key);
			}
		}
	}
});

test('clock times stand in the configured zone', t => {
	const atMs = Date.UTC(2026, 0, 18, 6, 12, 4);
	t.is(en.clock(atMs), '03:12:04');
	t.is(pt.time(atMs), '03:12');
	t.is(en.moment(atMs - 86_400_000, atMs), '17 Jan 03:12');
	t.is(pt.moment(atMs - 86_400_000, atMs), '17 jan 03:12');
	t.is(createFormatter('en', 'Not/AZone').time(atMs).length, 5);
});

test('without a configured zone the machine\'s own is told as Intl would tell it, also over midnight and daylight saving', t => {
	const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
	for (const language of ['en', 'pt-BR'] as const) {
		const [here, named] = [createFormatter(language, null), createFormatter(language, own)];
		for (let hour = 0; hour < 24 * 366; hour += 7) {
			const atMs = Date.UTC(2026, 0, 18, 3, 12, 4) + (hour * 3_600_000);
			t.deepEqual([here.clock(atMs), here.time(atMs), here.moment(atMs, atMs + 80_000_000)], [named.clock(atMs), named.time(atMs), named.moment(atMs, atMs + 80_000_000)]);
		}
	}
});

test('spans are short and in the reader\'s units', t => {
	t.is(en.stopwatch(462_000), '07:42');
	t.is(en.stopwatch(4_062_000), '1:07:42');
	t.is(en.stopwatch(-5), '00:00');
	t.is(en.span(59_999), '59 s');
	t.is(en.span(17_000, 5), '15 s');
	t.is(en.span(3_599_000), '59 min');
	t.is(en.span(47 * 3_600_000), '47 h');
	t.is(en.span(3 * 86_400_000), '3 d');
	t.is(en.ago(240_000), '4 min ago');
	t.is(pt.ago(240_000), 'há 4 min');
	t.is(en.seconds(4234), '4.2 s');
	t.is(pt.seconds(4234), '4,2 s');
	t.is(en.seconds(72_000), '1 min 12 s');
	t.is(en.latency(0.4), '1 ms');
	t.is(en.latency(999.7), '1.0 s');
});

test('bytes are binary units, with a decimal comma in Portuguese', t => {
	const gibibyte = 1024 ** 3;
	t.is(en.bytes(0), '0 B');
	t.is(en.bytes(1023.6), '1 KiB');
	t.is(en.bytes(5.6 * gibibyte), '5.6 GiB');
	t.is(pt.bytes(5.6 * gibibyte), '5,6 GiB');
	t.is(en.bytes(210 * 1024 ** 2), '210 MiB');
	t.is(en.bytesPair(12 * 1024 ** 2, 64 * 1024 ** 2), '12 / 64 MiB');
	t.deepEqual(pt.bytesParts(5.6 * gibibyte, 7.8 * gibibyte), {used: '5,6', total: '7,8 GiB'});
	t.is(en.count(12_345), '12,345');
	t.is(pt.count(12_345), '12.345');
	t.is(en.percent(0.999), '99%');
	t.is(en.percent(1), '100%');
});

test('every command has a name and a short word in both languages, and no two commands of the palette share a name', t => {
	for (const language of ['en', 'pt-BR'] as const) {
		for (const {command} of defaultKeys) {
			t.true(commandName(language, command).length > 1);
			t.true(commandShort(language, command).length <= 15, command);
		}

		const names = Object.values(commandNames(language));
		t.is(new Set(names).size, names.length);
	}

	t.is(keyName('en', 'ctrl-u'), 'Ctrl-U');
	t.is(keyName('pt-BR', ' '), 'Espaço');
});

test('the timeline speaks both languages, and shows a type it does not know by its code', t => {
	t.is(timelineSentence('en', {type: 'container/died', data: {service: 'api', exitCode: 137}}, en), 'api died (137, killed)');
	t.is(timelineSentence('pt-BR', {type: 'action/verified', data: {action: 'start-api', verdict: 'recovered', seconds: 4.2}}, pt), 'Iniciar api: recuperado em 4,2 s');
	t.is(timelineSentence('en', {type: 'ping/failed', data: {name: 'nginx', reason: 'status', status: 502}}, en), 'Ping nginx fails: status 502');
	t.is(timelineSentence('en', {type: 'message/sent', data: {channel: 'slack', purpose: 'escalate', words: 'ok'}}, en), 'Slack (escalation): accepted: ok');
	t.is(timelineSentence('pt-BR', {type: 'message/failed', data: {channel: 'pagerduty', purpose: 'resolve', code: 'rate-limited', words: '429', retryAtMs: Date.UTC(2026, 0, 18, 6, 12, 4)}}, pt), 'PagerDuty (resolvido): não enviado, requisições demais: 429; de novo às 03:12:04');
	t.is(timelineSentence('en', {type: 'message/byHand', data: {channel: null, purpose: 'escalate', label: 'Tech Lead', outcome: 'no-answer', note: ''}}, en), 'Tech Lead: no answer');
	t.is(timelineSentence('en', {type: 'message/failed', data: {channel: '__proto__', purpose: 'constructor', code: 'toString', retryAtMs: 1e300}}, en), '__proto__ (constructor): not sent, toString; again at ?');
	t.is(timelineSentence('en', {type: 'slack/sent', data: {}}, en), 'slack/sent');
	t.is(timelineSentence('en', {type: 'constructor', data: {}}, en), 'constructor');
	t.is(timelineSentence('en', {type: 'note/added', data: {text: 'a\u001B[31mb\u202Ec'}}, en), 'Note: abc');
});

test('exit codes above 128 are signals', t => {
	t.is(exitMeaning('en', 137), 'killed');
	t.is(exitMeaning('en', 150), 'signal 22');
	t.is(exitMeaning('pt-BR', 150), 'sinal 22');
	t.is(exitMeaning('en', 42), '');
});
