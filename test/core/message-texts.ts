/** What messages say, whole, in both languages and for each state; and templates of a team's own. */

import test from 'ava';
import type {MessageFacts} from '../../source/core/message-texts.ts';
import {templateFields, templateNames, unknownFields} from '../../source/core/message-texts.ts';
import type {ChannelKind, MessagePurpose, PublicState} from '../../source/core/messengers.ts';
import {createComposer, templates} from '../../source/messages/escalation-texts.ts';
import {parseConfiguration} from '../../source/config/parse.ts';
import {configurationProblemSentence} from '../../source/messages/config.ts';

const nowMs = Date.UTC(2026, 0, 18, 6, 22, 4);

const facts = (changes: Partial<MessageFacts> = {}): MessageFacts => ({
	channel: 'slack', purpose: 'escalate', state: 'investigating', incident: 'INC-20260118-061204', alert: 'APIDown', severity: 'CRITICAL', service: 'api', project: 'mestres-do-cafe', host: 'production-server',
	sinceMs: nowMs - 660_000, atLeast: false, downMs: 660_000, nowMs, nextUpdateMs: nowMs + 1_200_000, acknowledgedBy: 'ana', finding: {code: 'out-of-memory', service: 'api', params: {limitBytes: 268_435_456}},
	action: {id: 'start-api', title: null}, reason: 'memory raised', templates: {}, ...changes,
});

const all: ReadonlyArray<readonly [ChannelKind, MessagePurpose, PublicState]> = [
	['pagerduty', 'escalate', 'investigating'], ['slack', 'escalate', 'investigating'], ['slack', 'acknowledge', 'investigating'], ['slack', 'update', 'identified'], ['slack', 'mitigate', 'monitoring'], ['slack', 'resolve', 'resolved'],
	['slack', 'cancel', 'resolved'], ['pagerduty', 'change', 'identified'], ['statuspage', 'escalate', 'investigating'], ['statuspage', 'update', 'identified'], ['statuspage', 'mitigate', 'monitoring'], ['cachet', 'resolve', 'resolved'],
	['statuspage', 'cancel', 'resolved'], ['github', 'issue', 'resolved'],
];

for (const language of ['en', 'pt-BR'] as const) {
	test(`every message in ${language}`, t => {
		const compose = createComposer(language, 'America/Sao_Paulo');
		t.snapshot(all.map(([channel, purpose, state]) => {
			const {subject, body} = compose(facts({channel, purpose, state}));
			return `${channel} ${purpose} ${state}\n${subject === '' ? '' : `[${subject}]\n`}${body}`;
		}).join('\n\n'));
	});

	test(`what is not known yet is said as such in ${language}`, t => {
		const compose = createComposer(language, 'America/Sao_Paulo');
		for (const [channel, purpose, state] of all) {
			const {subject, body} = compose(facts({channel, purpose, state, acknowledgedBy: null, finding: null, action: null, reason: '', atLeast: true}));
			t.notRegex(`${subject}${body}`, /undefined|null|NaN|[{}]/);
			t.notRegex(body, /(?:^|\n) | (?:\n|$)/);
		}
	});
}

test('customers read neither hosts, nor people, nor causes', t => {
	for (const language of ['en', 'pt-BR'] as const) {
		for (const state of ['investigating', 'identified', 'monitoring', 'resolved'] as const) {
			const {subject, body} = createComposer(language, null)(facts({channel: 'statuspage', purpose: 'update', state}));
			t.notRegex(`${subject}${body}`, /production-server|ana|memory|memória|api|mestres/);
		}
	}
});

test('a team\'s own template stands in, and what fills it is not filled again', t => {
	const compose = createComposer('pt-BR', 'America/Sao_Paulo');
	const own = facts({templates: {team: '{alert} em {host} há {down}: {reason}\nPróxima: {next-update}'}, reason: '{host} {severity}'});
	t.is(compose(own).body, 'APIDown em production-server há 11 min: {host} {severity}\nPróxima: 03:42 BRT');
});

test('the shipped templates know their fields, and every name has a text', t => {
	for (const language of ['en', 'pt-BR'] as const) {
		t.deepEqual(Object.keys(templates[language]).toSorted(), [...templateNames].toSorted());
		for (const [name, text] of Object.entries(templates[language])) {
			t.deepEqual(unknownFields(text), [], name);
		}
	}
});

// ─── in the configuration ────────────────────────────────────────────────────

const problemsOf = (text: string): readonly string[] => {
	const parsed = parseConfiguration(text, '/opt/shop/mdc-console.yaml');
	return parsed.ok ? [] : parsed.problems.map(problem => configurationProblemSentence('en', problem));
};

test('a field that there is none is an error at its place, with what was meant', t => {
	const [problem, ...others] = problemsOf('escalation:\n  templates:\n    team: "x {alert} {sevrity} {down}"\n');
	t.deepEqual(others, []);
	t.regex(problem!, /^\/opt\/shop\/mdc-console\.yaml:3:11: "escalation\.templates\.team": there is no field \{sevrity\}; known: \{incident\}.*Did you mean \{severity\}\?/);
	t.deepEqual(problemsOf(`escalation:\n  templates:\n    team: "${templateFields.map(field => `{${field}}`).join(' ')}"\n`), []);
	t.regex(problemsOf('escalation:\n  templates:\n    temа: x\n')[0]!, /unknown key/);
});

test('what does not go together in the escalation is told at its place', t => {
	const table: ReadonlyArray<readonly [string, RegExp]> = [
		['channels: {slack: {channel: "#x"}}', /slack" needs exactly one of/],
		['channels: {slack: {webhook: {env: A}, token: {env: B}}}', /slack" needs exactly one of/],
		['unattended: [pagerduty]', /pagerduty is not among "channels"/],
		['channels: {pagerduty: {routing-key: {env: A}}}\n  unattended: [pagerduty]', /routing-key": a timer of the system has no environment/],
		['channels: {pagerduty: {routing-key: abc}}', /looks like a secret/],
		['channels: {pagerduty: {routing-key: {env: A, file: B}}}', /looks like a secret/],
		['warn: 12m', /12m is not before "after"/],
		['channels: {hook: {url: "https://user:pass@x", signing-key: {env: A}}}', /hook\.url": expected an? (?:URL|address)/],
		['channels: {hook: {url: "ftp://x", signing-key: {env: A}}}', /hook\.url"/],
		['channels: {github: {repository: "no slash"}}', /repository"/],
		['levels: [{after: 30m, steps: []}]', /levels\[0\]\.steps"/],
		['channels: {command: {run: []}}', /command\.run"/],
	];
	for (const [text, expected] of table) {
		const problems = problemsOf(`escalation:\n  ${text}\n`);
		t.true(problems.some(problem => expected.test(problem)), `${text}: ${problems.join(' | ')}`);
		t.notRegex(problems.join(), /\babc\b/, 'a secret written out is not shown');
	}
});

test('a whole configuration of the escalation is taken as it is meant', t => {
	const parsed = parseConfiguration(`escalation:
  after: 10m
  warn: 8m
  repeat: {every: 2m, most: 5}
  levels: [{after: 30m, steps: [DevOps, pagerduty]}]
  update-every: 15m
  language: pt-BR
  unattended: [pagerduty]
  channels:
    pagerduty: {routing-key: {file: keys/pd}, url: https://events.eu.pagerduty.com/}
    slack: {token: {env: SLACK_TOKEN}}
    statuspage: {api-key: {env: SP}, page: abc, components: [c1], notify: false}
    cachet: {token: {env: CT}, url: "https://status.x/"}
    hook: {url: "https://x/y", signing-key: {env: HK}}
    github: {repository: a/b}
    command: {run: [notify-send, "-u", critical], deadline: 5s}
`, '/opt/shop/mdc-console.yaml');
	t.true(parsed.ok, JSON.stringify(parsed));
	t.like(parsed.ok ? parsed.settings.escalation : {}, {
		warnMs: 480_000, repeat: {everyMs: 120_000, most: 5}, levels: [{afterMs: 1_800_000, steps: ['DevOps', 'pagerduty']}], updateEveryMs: 900_000, language: 'pt-BR', unattended: ['pagerduty'],
		channels: [
			{kind: 'pagerduty', routingKey: {file: '/opt/shop/keys/pd'}, url: 'https://events.eu.pagerduty.com', dedupKey: null}, {kind: 'slack', webhook: null, token: {env: 'SLACK_TOKEN'}, channel: '#incidents', url: 'https://slack.com'},
			{kind: 'statuspage', apiKey: {env: 'SP'}, page: 'abc', components: ['c1'], notify: false, url: 'https://api.statuspage.io'}, {kind: 'cachet', token: {env: 'CT'}, url: 'https://status.x', components: [], notify: true},
			{kind: 'hook', url: 'https://x/y', signingKey: {env: 'HK'}}, {kind: 'github', repository: 'a/b', token: null, labels: ['incident'], url: 'https://api.github.com', web: 'https://github.com'},
			{kind: 'command', command: ['notify-send', '-u', 'critical'], deadlineMs: 5000},
		],
	});
});
