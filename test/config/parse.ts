import test from 'ava';
import fc from 'fast-check';
import {stringify} from 'yaml';
import {parseConfiguration} from '../../source/config/parse.ts';
import type {ConfigurationProblem, Settings} from '../../source/core/settings.ts';
import {defaultSettings, usualEscalation} from '../../source/core/settings.ts';
import {configurationProblemLines, configurationProblemSentence} from '../../source/messages/config.ts';

const file = '/opt/shop/mdc-console.yaml';

const problems = (text: string): readonly ConfigurationProblem[] => {
	const result = parseConfiguration(text, file);
	return result.ok ? [] : result.problems;
};

const settings = (text: string): Settings => {
	const result = parseConfiguration(text, file);
	if (!result.ok) {
		throw new Error(configurationProblemLines('en', result.problems).join('\n'));
	}

	return result.settings;
};

const places = (text: string): readonly string[] => problems(text).map(({line, column, code, path}) => `${line}:${column} ${code} ${path}`);

test('a full file is read into settings, with human units', t => {
	const read = settings(`
project: shop
directory: .
language: pt-BR
time-zone: America/Sao_Paulo
runbook: docs/api-down.md
drills: drills
pings:
  - name: api
    http: http://localhost:8080/health
    service: api
    interval: 1m30s
    deadline: 500ms
    status: [200, 204]
    field: {path: checks.database, equals: true}
  - {name: db, postgres: db, service: db}
  - {name: cache, redis: "redis:6380", service: redis, decisive: true, via: published}
  - {name: queue, tcp: "[::1]:5672"}
services:
  migrate: {expected: once}
  chatty: {logs: on-request}
thresholds:
  cpu: {warn: 70%}
  disk: {warn: 0.5, critical: 90 %}
  ping-slow: 250ms
escalation:
  after: 15m
  contacts: [{role: On-Call, reach: "+55 11 5555-0100"}]
  steps: []
incident: {open-after: 30s, watch: 10m}
verify: {deadline: 2m, slow: 45s}
alert: {name: ShopDown}
backups: {directory: backups, warn-after: 36h}
tls: {ca: secrets/ca.pem}
keys:
  log-service: x
  action-start-api: [O, Y]
`);
	t.deepEqual(read, {
		project: 'shop', directory: '/opt/shop', language: 'pt-BR', timeZone: 'America/Sao_Paulo', runbook: '/opt/shop/docs/api-down.md', drills: '/opt/shop/drills', said: ['escalation.after', 'escalation.contacts', 'escalation.steps', 'incident.open-after', 'alert.name'],
		pings: [
			{name: 'api', kind: 'http', address: 'http://localhost:8080/health', service: 'api', via: 'address', intervalMs: 90_000, deadlineMs: 500, expectedStatus: [200, 204], expectedField: {path: 'checks.database', equals: 'true'}, decisive: true},
			{name: 'db', kind: 'postgres', address: 'db:5432', service: 'db', via: 'container', intervalMs: 2000, deadlineMs: 3000, expectedStatus: [], expectedField: null, decisive: false},
			{name: 'cache', kind: 'redis', address: 'redis:6380', service: 'redis', via: 'published', intervalMs: 2000, deadlineMs: 3000, expectedStatus: [], expectedField: null, decisive: true},
			{name: 'queue', kind: 'tcp', address: '[::1]:5672', service: null, via: 'address', intervalMs: 2000, deadlineMs: 3000, expectedStatus: [], expectedField: null, decisive: false},
		],
		services: {migrate: {expected: 'once', logs: 'follow'}, chatty: {expected: 'running', logs: 'on-request'}},
		thresholds: {cpu: {warn: 0.7, critical: 0.95}, memory: defaultSettings.thresholds.memory, disk: {warn: 0.5, critical: 0.9}, pingSlowMs: 250},
		escalation: {afterMs: 900_000, contacts: [{role: 'On-Call', name: '', reach: '+55 11 5555-0100'}], steps: [], ...usualEscalation},
		openAfterMs: 30_000, watchMs: 600_000, verifyDeadlineMs: 120_000, verifySlowMs: 45_000,
		keys: {'log-service': ['x'], 'action-start-api': ['O', 'Y']},
		alert: {...defaultSettings.alert, name: 'ShopDown'}, alerts: {prometheus: null, alertmanager: null}, severities: defaultSettings.severities,
		backups: {directory: '/opt/shop/backups', warnAfterMs: 129_600_000}, authorities: '/opt/shop/secrets/ca.pem', signatures: [],
	} as Settings);
});

test('alert sources: what is left out has its default, and a relative file counts from the configuration', t => {
	t.deepEqual(settings('alerts:\n  prometheus: {url: "https://p.example.com/prometheus", token: {file: secrets/token}}\n  alertmanager: {url: "http://localhost:9093", user: ana, password: {env: AM_PASSWORD}}\n').alerts, {
		prometheus: {url: 'https://p.example.com/prometheus', query: 'up{job="api"}', rule: null, login: {kind: 'token', secret: {file: '/opt/shop/secrets/token'}}},
		alertmanager: {url: 'http://localhost:9093', matchers: [], silence: 'ask', silenceMs: 1_800_000, login: {kind: 'password', user: 'ana', secret: {env: 'AM_PASSWORD'}}},
	});
	t.like(settings('incident: {severities: [SEV1, SEV2]}\nalerts:\n  prometheus: {url: "http://p:9090", query: \'up{job="shop"}\', rule: ShopDown}\n  alertmanager: {url: "http://a:9093", matchers: [\'alertname="ShopDown"\', \'env!~"test|dev"\'], silence: never, duration: 1h}\n'), {
		severities: ['SEV1', 'SEV2'],
		alerts: {
			prometheus: {query: 'up{job="shop"}', rule: 'ShopDown', login: null},
			alertmanager: {matchers: [{name: 'alertname', value: 'ShopDown', isRegex: false, isEqual: true}, {name: 'env', value: 'test|dev', isRegex: true, isEqual: false}], silence: 'never', silenceMs: 3_600_000, login: null},
		},
	});
	t.deepEqual(settings('alerts: {}\n').alerts, {prometheus: null, alertmanager: null});
});

test('alert sources: a query that compares, matchers that name nothing, and secrets written out are refused at their place', t => {
	const compares = problems('alerts:\n  prometheus:\n    url: http://p:9090\n    query: up{job="api"} == 0\n');
	t.like(compares[0], {code: 'query-compares', line: 4, column: 12, suggestion: 'up{job="api"}'});
	t.deepEqual(places('alerts:\n  alertmanager: {url: "http://a:9093", matchers: [\'alertname=~".*"\']}\n'), ['2:50 matchers-too-wide alerts.alertmanager.matchers']);
	t.deepEqual(problems('alerts:\n  alertmanager: {url: "http://a:9093", matchers: [APIDown]}\n').map(({code, path}) => `${code} ${path}`), ['wrong-value alerts.alertmanager.matchers[0]']);
	const literal = problems('alerts:\n  prometheus: {url: "http://p:9090", token: abc-very-secret}\n  alertmanager: {url: "http://ana:pw-secret@a:9093"}\n');
	t.deepEqual(literal.map(({code, path}) => `${code} ${path}`), ['secret-literal alerts.prometheus.token', 'secret-in-address alerts.alertmanager.url']);
	t.false(JSON.stringify(literal).includes('secret@') || JSON.stringify(literal).includes('abc-very'));
	t.deepEqual(places('alerts:\n  prometheus: {url: "http://p:9090", user: ana}\n'), ['2:3 login-unclear alerts.prometheus']);
	t.deepEqual(places('alerts:\n  prometheus: {query: up}\n'), ['2:3 missing-key alerts.prometheus.url']);
});

test('what is wrong about a service is located, and a misspelt key is guessed', t => {
	t.deepEqual(places('services:\n  job: {expected: never}\n  web: {log: follow}\n'), ['2:19 wrong-value services.job.expected', '3:9 unknown-key services.web.log']);
	t.is(problems('services:\n  web: {log: follow}\n')[0]?.suggestion, 'logs');
	t.is(problems('services: [web]\n')[0]?.expected?.kind, 'mapping');
});

test('a key with nothing after it counts as left out', t => {
	t.deepEqual(settings('project:\nthresholds:\n  cpu:\npings:\n'), defaultSettings);
});

test('a file that is wrong in many places is told all of them at once, in the order of the file', t => {
	const text = `projekt: shop
language: pt
time-zone: America/Sao_Paolo
pings:
  - name: api
    http: localhost:5001
    interval: 2
  - name: api
    tcp: localhost:1
    redis: localhost:2
    status: 200
  - {nmae: db}
thresholds:
  cpu: {warn: 80}
  memory: {warn: 95%}
keys:
  log-service: q
  help: "5"
  action-start-api: u
  search: A
  wrap: crtl-w
routing_key: R0UT1NG
verify: {slow: 2m}
`;
	t.deepEqual(places(text), [
		'1:1 unknown-key projekt',
		'2:11 wrong-value language',
		'3:12 unknown-time-zone time-zone',
		'6:11 wrong-value pings[0].http',
		'7:15 wrong-value pings[0].interval',
		'8:11 duplicate-ping pings[1].name',
		'10:5 ping-kind-several pings[1].redis',
		'11:5 only-for-http pings[1].status',
		'12:5 missing-key pings[2].name',
		'12:5 ping-kind-missing pings[2]',
		'12:6 unknown-key pings[2].nmae',
		'14:15 wrong-value thresholds.cpu.warn',
		'15:18 warn-above-critical thresholds.memory.warn',
		'17:16 key-clash keys.log-service',
		'18:9 key-reserved keys.help',
		'19:21 key-needs-upper-case keys.action-start-api',
		'20:11 key-needs-lower-case keys.search',
		'21:9 wrong-value keys.wrap',
		'22:1 unknown-key routing_key',
		'22:14 secret-literal routing_key',
		'23:16 slow-above-deadline verify.slow',
	]);
	const suggestions = Object.fromEntries(problems(text).flatMap(({path, suggestion}) => suggestion === undefined ? [] : [[path, suggestion]]));
	t.deepEqual(suggestions, {
		projekt: 'project', language: 'pt-BR', 'time-zone': 'America/Sao_Paulo', 'pings[0].interval': '2s', 'pings[2].nmae': 'name',
		'thresholds.cpu.warn': '80%', 'keys.action-start-api': 'U', 'keys.search': 'a',
	});
	for (const language of ['en', 'pt-BR'] as const) {
		const lines = configurationProblemLines(language, problems(text));
		t.snapshot(lines, language);
		t.false(lines.some(line => /undefined|R0UT1NG|\?\?/.test(line)));
	}
});

test('YAML that cannot be read names its line and column, in words', t => {
	t.deepEqual(places('project: a\nproject: b\n'), ['2:1 duplicate-key ']);
	t.deepEqual(places('pings:\n\t- name: a\n'), ['2:1 syntax ']);
	t.deepEqual(places('alert: {name: "x\n'), ['2:1 syntax ', '2:1 syntax ']);
	t.deepEqual(places('project: a\n---\nproject: b\n'), ['2:1 syntax ']);
	t.deepEqual(places('project: a: b\n'), ['1:10 syntax ']);
	t.is(configurationProblemSentence('en', problems('pings:\n\t- name: a\n')[0]!), `${file}:2:1: not valid YAML: a tab indents here; use spaces`);
});

test('a file that is not a mapping, or is a bomb of aliases, is a problem and not an exception', t => {
	t.deepEqual(places('- a\n- b\n'), ['1:1 wrong-value ']);
	t.deepEqual(places('just text\n'), ['1:1 wrong-value ']);
	const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f'].map((name, index) => `${name}: &${name} [${Array.from({length: 9}, () => `*${'abcdef'[index]!}`).join(',')}]`).join('\n')}\n`;
	t.deepEqual(places(bomb), ['1:1 too-many-aliases ']);
});

test('__proto__ and constructor are unknown keys like any other', t => {
	t.deepEqual(places('__proto__: {project: x}\nconstructor: 1\n'), ['1:1 unknown-key __proto__', '2:1 unknown-key constructor']);
});

test('a secret is never shown, wherever it stands', t => {
	const text = `
escalation:
  slack: {webhook: https://hooks.example.com/S3CRET, token: {env: SLACK_TOKEN}}
  contacts:
    - {role: a, reach: b, password: S3CRET}
pings:
  - {name: a, http: "https://ana:S3CRET@localhost/x"}
  - {name: b, http: "http://localhost/x?token=S3CRET&a=1"}
  - [{password: S3CRET}]
`;
	const found = problems(text);
	t.false(JSON.stringify(found).includes('S3CRET'));
	t.deepEqual(places(text).filter(place => place.includes('secret')), [
		'3:20 secret-literal escalation.slack.webhook',
		'5:37 secret-literal escalation.contacts[0].password',
		'7:21 secret-in-address pings[0].http',
		'8:21 secret-in-address pings[1].http',
		'9:17 secret-literal pings[2][0].password',
	]);
});

test('control characters never reach the settings or a sentence', t => {
	t.is(settings('alert: {name: "a\\e]52;c;eA==\\ab\\u202Ec"}').alert.name, 'abc');
	const [problem] = problems('"pro\\e[2Jject": 1\n');
	t.is(problem?.got, 'project');
});

test('an unusual address is refused, a usual one without port gets the usual port', t => {
	for (const address of ['db:0', 'db:70000', 'db:x', 'a b:1', 'http://db:1', ':1']) {
		t.deepEqual(problems(`pings: [{name: a, postgres: "${address}"}]`).map(({code}) => code), ['wrong-value'], address);
	}

	t.deepEqual(problems('pings: [{name: a, tcp: db}]').map(({code}) => code), ['wrong-value']);
	t.is(settings('pings: [{name: a, redis: cache}]').pings[0]!.address, 'cache:6379');
});

test('a ping through a container needs to say whose', t => {
	t.deepEqual(places('pings: [{name: a, tcp: "x:1", via: container}]'), ['1:36 ping-needs-service pings[0].via']);
});

test('whatever stands in the file, the answer is settings or located problems with sentences, never an exception', t => {
	const word = fc.constantFrom('pings', 'http', 'tcp', 'name', 'status', 'field', 'path', 'equals', 'via', 'service', 'interval', 'thresholds', 'cpu', 'warn', 'critical', 'verify', 'slow', 'deadline', 'keys', 'help', 'quit',
		'escalation', 'contacts', 'steps', 'alert', 'language', 'time-zone', 'token', 'project', '__proto__', 'toString', '<<');
	const leaf = fc.oneof(word, fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constantFrom('2s', '80%', 'X', 'http://x', 'db:1', '[]'));
	const {tree} = fc.letrec<{tree: unknown}>(tie => ({
		tree: fc.oneof({depthSize: 'small', withCrossShrink: true}, leaf, fc.array(tie('tree'), {maxLength: 3}), fc.dictionary(word, tie('tree'), {maxKeys: 5})),
	}));
	const check = (text: string): void => {
		const lines = text.split('\n').length;
		for (const problem of problems(text)) {
			for (const language of ['en', 'pt-BR'] as const) {
				t.notRegex(configurationProblemSentence(language, problem), /undefined|\[object/);
			}

			t.true(problem.line >= 1 && problem.line <= lines && problem.column >= 1, text);
		}
	};

	fc.assert(fc.property(fc.dictionary(word, tree, {maxKeys: 6}), value => {
		check(stringify(value));
	}), {numRuns: 1500});
	fc.assert(fc.property(fc.string({unit: fc.constantFrom('pings', ':', ' ', '\n', '-', '"', '{', '}', '[', ']', '&a', '*a', '!!x', '#', '\t', '|', '>', '?', 'a', '%', '---', "'")}), text => {
		check(text);
	}), {numRuns: 1500});
});
