/**
The configuration file's shape, as a zod schema: what may stand where, in words that editors show. Heavy to load, so only
imported when a file exists. It judges each entry by itself; how entries go together is `checks.ts`.

Every error message is an `Expectation` as JSON: the sentence is made in `messages`, in the reader's language.
*/

import * as z from 'zod';
import {parseMatcher} from '../core/alerts.ts';
import {defaultKeys} from '../core/keys.ts';
import type {CommandId} from '../core/keys.ts';
import {escalationSchema} from './escalation-schema.ts';
import {duration, expecting, flag, list, mapping, oneOf, share, text} from './pieces.ts';

const isWebAddress = (value: string): boolean => /^https?:\/\/[^\s/]/i.test(value) && URL.canParse(value);

/** `host:port`, the port optional where the protocol has a usual one; IPv6 in brackets. */
const hostAndPortPattern = /^(?:\[[\da-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/;
const hostAndPort = (usualPort: number | null) => {
	const expectation = expecting({kind: 'host-and-port'});
	return z.string(expectation).refine(value => {
		const match = hostAndPortPattern.exec(value);
		return match !== null && (match[1] === undefined ? usualPort !== null : Number(match[1]) >= 1 && Number(match[1]) <= 65_535);
	}, expectation).transform(value => hostAndPortPattern.exec(value)![1] === undefined ? `${value}:${usualPort}` : value);
};

const status = () => {
	const expectation = expecting({kind: 'status', least: '100', most: '599'});
	const one = z.number(expectation).int(expectation).min(100, expectation).max(599, expectation);
	return z.union([one, z.array(one, expectation).min(1, expectation)], expectation).transform(value => Array.isArray(value) ? value : [value]);
};

const scalar = () => z.union([z.string(), z.number(), z.boolean()], expecting({kind: 'scalar'})).transform(value => String(value));

/** The names of keys that are more than one character; `ctrl-a` to `ctrl-z` and `f1` to `f12` go beside them. */
export const namedKeys = ['tab', 'shift-tab', 'enter', 'escape', 'space', 'backspace', 'delete', 'insert', 'up', 'down', 'left', 'right', 'page-up', 'page-down', 'home', 'end'] as const;
const keyPattern = new RegExp(String.raw`^(?:[^\s\p{C}]|${namedKeys.join('|')}|ctrl-[a-z]|f(?:[1-9]|1[0-2]))$`, 'u');

const keyName = () => {
	const expectation = expecting({kind: 'key'});
	return z.union([
		z.string(expectation).regex(keyPattern, expectation),
		z.number(expectation).int(expectation).min(0, expectation).max(9, expectation),
	], expectation).transform(value => String(value));
};

const keys = () => z.union([keyName(), z.array(keyName(), expecting({kind: 'key'})).min(1, expecting({kind: 'key'}))], expecting({kind: 'key'}))
	.transform(value => Array.isArray(value) ? value : [value]);

const keyShape = Object.fromEntries(defaultKeys.map(({command, keys: usual}) =>
	[command, keys().optional().describe(`Key or keys for "${command}". Default: ${usual.length === 0 ? 'none' : usual.join(', ')}`)])) as {readonly [Command in CommandId]: z.ZodOptional<ReturnType<typeof keys>>};

const ping = () => mapping({
	name: text('text', 32).describe('How the screen calls it. Must differ from every other ping\'s name.'),
	http: z.string(expecting({kind: 'url'})).refine(isWebAddress, expecting({kind: 'url'})).optional()
		.describe('URL for a GET request, http or https. Exactly one of http, tcp, postgres and redis.'),
	tcp: hostAndPort(null).optional().describe('host:port to connect to.'),
	postgres: hostAndPort(5432).optional().describe('host:port or service:port that must answer a PostgreSQL start-up packet. Default port 5432.'),
	redis: hostAndPort(6379).optional().describe('host:port or service:port that must answer PING. Default port 6379.'),
	service: text('text', 100).optional().describe('The Compose service that this ping speaks for.'),
	interval: duration('500ms', '1h').optional().describe('Time between two pings, such as 2s, 500ms or 1m. Default 2s.'),
	deadline: duration('100ms', '1m').optional().describe('How long an answer may take. Default 3s.'),
	status: status().optional().describe('Acceptable status codes, one or a list. Only for http. Default: 200 to 299; a redirect is a failure.'),
	field: mapping({
		path: text('text', 200).describe('Dotted path in the JSON body, such as checks.database.'),
		equals: scalar().describe('The value that it must have.'),
	}).optional().describe('A field of the JSON body that must have a value. Only for http.'),
	decisive: flag().optional().describe('Whether its failure is the outage; otherwise it only warns. Default: true for http, false for the others.'),
	via: oneOf(['address', 'container', 'published']).optional()
		.describe('How the address is meant. address: as it stands. container: the host part is replaced by the address of the service\'s container. published: the port is the container\'s, replaced by the one published on this host. Default: container when the host part is the service\'s name, else address.'),
});

/** Where a token is found; what is written out is refused by `checks.ts`, without being shown. */
const secretPlace = () => {
	const expectation = expecting({kind: 'secret'});
	return z.union([
		z.strictObject({env: z.string(expectation).regex(/^[A-Za-z_]\w*$/, expectation)}, expectation),
		z.strictObject({file: z.string(expectation).min(1, expectation).max(4000, expectation)}, expectation),
	], expectation);
};

const webAddress = () => z.string(expecting({kind: 'url'})).refine(isWebAddress, expecting({kind: 'url'}));

const matcher = () => z.string(expecting({kind: 'matcher'})).max(500, expecting({kind: 'matcher'})).refine(value => parseMatcher(value) !== null, expecting({kind: 'matcher'})).transform(value => parseMatcher(value)!);

const alertSources = () => mapping({
	prometheus: mapping({
		url: webAddress().describe('Such as http://localhost:9090; a path before /api is kept.'),
		query: text('text', 500).optional().describe('What tells whether the service is up, without a comparison. Default: the runbook\'s condition without its comparison, else up{job="api"}.'),
		rule: text('text', 200).optional().describe('Name of the alerting rule. Default: the alert\'s name.'),
		token: secretPlace().optional().describe('Bearer token, as {env: NAME} or {file: /path}.'),
		user: text('text', 100).optional().describe('For basic authentication, together with password.'),
		password: secretPlace().optional().describe('As {env: NAME} or {file: /path}.'),
	}).optional().describe('Prometheus: the alert\'s true start, and the last error of its target.'),
	alertmanager: mapping({
		url: webAddress().describe('Such as http://localhost:9093; a path before /api is kept.'),
		matchers: list(matcher()).min(1, expecting({kind: 'list'})).max(20, expecting({kind: 'list', most: '20'})).optional().describe('Which alerts are meant, and what a silence silences, such as alertname="APIDown". Default: the alert\'s name.'),
		silence: oneOf(['ask', 'never']).optional().describe('ask: who acknowledges is asked whether to silence the alert meanwhile. Default ask.'),
		duration: duration('5m', '4h').optional().describe('How long a silence lasts; it is extended while the incident is worked on. Default 30m.'),
		token: secretPlace().optional().describe('Bearer token, as {env: NAME} or {file: /path}.'),
		user: text('text', 100).optional().describe('For basic authentication, together with password.'),
		password: secretPlace().optional().describe('As {env: NAME} or {file: /path}.'),
	}).optional().describe('Alertmanager: whether people were paged, and silences while they work.'),
}).optional().describe('Where alerts come from beside the pings. Asked every 15 s, never through a proxy.');

const limits = (what: string, warn: number, critical: number) => mapping({
	warn: share().optional().describe(`From here it is coloured. Default ${warn}%.`),
	critical: share().optional().describe(`From here it is a finding. Default ${critical}%.`),
}).optional().describe(`${what}, as 80% or 0.8.`);

/** The whole file. Every key may be left out. */
export const createConfigurationSchema = () => mapping({
	project: z.string(expecting({kind: 'project-name'})).regex(/^[a-z\d][a-z\d_-]*$/, expecting({kind: 'project-name'})).optional()
		.describe('Compose project to watch. Default: the only one on the engine.'),
	directory: text('path', 4000).optional().describe('The project\'s directory, used when no container tells. A relative path counts from this file\'s directory.'),
	language: oneOf(['auto', 'en', 'pt-BR']).optional().describe('Language of the screen. Default auto: by the locale.'),
	'time-zone': text('time-zone', 100).optional().describe('IANA name, such as America/Sao_Paulo. Default: the machine\'s.'),
	runbook: text('path', 4000).optional().describe('The team\'s own runbook (Markdown). A relative path counts from this file\'s directory.'),
	drills: text('path', 4000).optional().describe('A directory of the team\'s own drill scenarios (YAML; docs/drills.md). A relative path counts from this file\'s directory.'),
	pings: list(ping()).max(100, expecting({kind: 'list', most: '100'})).optional().describe('Health pings. A list here replaces the default one.'),
	services: z.record(text('text', 100), mapping({
		expected: oneOf(['running', 'once', 'optional']).optional()
			.describe('running: it must run. once: a job; ended with 0 it is well. optional: whether it runs is nobody\'s concern. Default running.'),
		logs: oneOf(['follow', 'on-request']).optional()
			.describe('on-request: its log is followed only while it is selected or in trouble. Default follow.'),
	}), expecting({kind: 'mapping'})).optional().describe('What is special about a Compose service, by its name.'),
	thresholds: mapping({
		cpu: limits('CPU of the host', 80, 95),
		memory: limits('Memory of the host and of containers with a limit', 80, 92),
		disk: limits('Every disk', 80, 92),
		'ping-slow': duration('10ms', '1m').optional().describe('An answer slower than this is shown as slow. Default 1s.'),
	}).optional().describe('From when values are coloured, and when they are findings.'),
	escalation: escalationSchema(),
	incident: mapping({
		'open-after': duration('1s', '1h').optional().describe('How long the health condition must hold before an incident opens by itself. Default 1m.'),
		watch: duration('10s', '1d').optional().describe('How long everything must stay green before resolving is offered. Default 5m.'),
		severities: list(text('text', 30)).min(1, expecting({kind: 'list'})).max(9, expecting({kind: 'list', most: '9'})).optional().describe('To choose from when an incident turns out to be worse, or less; worst first. Default CRITICAL, HIGH, MEDIUM, LOW.'),
	}).optional().describe('When an incident opens, and when it may be resolved.'),
	verify: mapping({
		deadline: duration('5s', '1h').optional().describe('How long an action\'s check may take after its command ended. Default 1m.'),
		slow: duration('1s', '1h').optional().describe('From here the recovery is called slow. Default 30s.'),
	}).optional().describe('The check after an action.'),
	alert: mapping({
		name: text('text', 60).optional().describe('Default APIDown.'),
		severity: text('text', 30).optional().describe('Default CRITICAL.'),
		team: text('text', 60).optional().describe('Default Backend.'),
		service: text('text', 100).optional().describe('The service that the alert is about. Default api.'),
	}).optional().describe('The alert that this console is opened for.'),
	alerts: alertSources(),
	backups: mapping({
		directory: text('path', 4000).describe('Where backups of the database land; files in it and one level below count. A relative path counts from this file\'s directory.'),
		'warn-after': duration('1h', '90d').optional().describe('Older than this the newest is worth a warning. Default 26h.'),
	}).optional().describe('Warns when no backup came for too long. Looked at once an hour: names, sizes and times only.'),
	tls: mapping({
		ca: text('path', 4000).optional().describe('File of PEM certificates: authorities of your own, trusted beside those that Node and the system know, by pings, alert sources and channels. A relative path counts from this file\'s directory.'),
	}).optional().describe('Whom https connections trust.'),
	signatures: list(mapping({
		id: z.string(expecting({kind: 'text'})).regex(/^[a-z\d][a-z\d-]{0,40}$/, expecting({kind: 'text'})).describe('Lower case, digits and hyphens; appears in status --json.'),
		pattern: z.string(expecting({kind: 'text'})).min(3, expecting({kind: 'text'})).max(300, expecting({kind: 'text', most: '300'})).describe('Regular expression (JavaScript), case-insensitive, that a log line bears.'),
		service: text('text', 100).optional().describe('Only in this service\'s log. Default: any.'),
		finding: text('text', 120).describe('What it means, as the sentence that the diagnosis shows.'),
		scenario: z.number(expecting({kind: 'scalar'})).int(expecting({kind: 'scalar'})).min(1, expecting({kind: 'scalar'})).max(9, expecting({kind: 'scalar'})).optional().describe('Number of the runbook\'s scenario.'),
		actions: list(text('text', 60)).optional().describe('What helps, best first: start-<service>, restart-<service>, rebuild-<service>, migrate, delete-logs, rollback-commit…'),
	})).max(50, expecting({kind: 'list', most: '50'})).optional().describe('Log lines that the team knows, and what they mean.'),
	keys: mapping(keyShape).optional().describe('Other keys for commands: command to a key or a list of keys. Upper case opens an action\'s card, but for G and N. No lower-case key, digit or sign changes the server by itself; a and m write into the incident\'s record, and $ opens a shell, in which you can. y and the digits are taken.'),
});

export type ConfigurationInput = z.output<ReturnType<typeof createConfigurationSchema>>;

/** The known keys of every mapping, by its path with `[]` for list positions: for "did you mean". */
export const knownKeys = (schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] => {
	let current: unknown = schema;
	for (const step of path) {
		current = unwrap(current);
		if (current instanceof z.ZodArray) {
			current = current.element;
		} else if (current instanceof z.ZodRecord) {
			current = current.valueType;
		} else if (current instanceof z.ZodObject) {
			current = (current.shape as Record<string, unknown>)[String(step)];
		} else {
			return [];
		}
	}

	current = unwrap(current);
	return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
};

const unwrap = (schema: unknown): unknown => schema instanceof z.ZodOptional ? unwrap(schema.unwrap()) : schema;

/** The JSON Schema for editors (draft 7, which the YAML language server reads best). */
export const configurationJsonSchema = (): Record<string, unknown> => ({
	...z.toJSONSchema(createConfigurationSchema(), {io: 'input', target: 'draft-7'}),
	title: 'mdc-console.yaml',
	description: 'Configuration of mdc-console. Every key may be left out.',
});
