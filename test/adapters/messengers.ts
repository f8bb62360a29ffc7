/** The senders against real servers on loopback: what each is told, and what is made of right, slow, limited, broken, hostile and missing answers. */

import {chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createMessengers, checkSecret} from '../../source/adapters/messengers.ts';
import {signatureOf} from '../../source/adapters/messengers/hook.ts';
import {retryAfterOf} from '../../source/adapters/messengers/http.ts';
import {escapeMrkdwn} from '../../source/adapters/messengers/slack.ts';
import type {ChannelSettings, Delivery, Envelope} from '../../source/core/messengers.ts';
import {floods, hangs, resets, serveService, stalls, type Behaviour} from '../helpers/http-services.ts';
import {closedPort} from '../helpers/ping-servers.ts';

const secret = 'r0ut1ngk3yr0ut1ngk3yr0ut1ngk3y00';
const beganAtMs = Date.UTC(2026, 0, 18, 3, 4, 5);

const envelope = (changes: Partial<Envelope> = {}): Envelope => ({
	id: 'INC-20260118-030405/l1/pagerduty', channel: 'pagerduty', purpose: 'escalate', subject: 'Service unavailable', body: 'api is down <!channel> & more\nsecond line', state: 'investigating',
	incident: {id: 'INC-20260118-030405', alert: 'APIDown', severity: 'CRITICAL', service: 'api', project: 'mestres-do-cafe', host: 'production-server', beganAtMs}, reference: null, origin: 'production-server', atMs: beganAtMs + 600_000, ...changes,
});

const send = async (channel: ChannelSettings, message: Envelope, deadlineMs = 5000): Promise<Delivery> =>
	createMessengers({channels: () => [channel], environment: {KEY: secret, ...process.env}, userAgent: 'mdc-console/0', deadlineMs}).send(message);

const key = {env: 'KEY'};
const channelsAt = (url: string) => ({
	pagerduty: {kind: 'pagerduty', routingKey: key, url, dedupKey: null},
	webhook: {kind: 'slack', webhook: {env: 'HOOK'}, token: null, channel: '#incidents', url},
	bot: {kind: 'slack', webhook: null, token: key, channel: '#incidents', url},
	statuspage: {kind: 'statuspage', apiKey: key, page: 'p1', components: ['c1'], notify: true, url},
	cachet: {kind: 'cachet', token: key, url, components: [7], notify: false},
	hook: {kind: 'hook', url: `${url}/in`, signingKey: key},
	github: {kind: 'github', repository: 'mestres/cafe', token: key, labels: ['incident'], url, web: url},
}) as const satisfies Readonly<Record<string, ChannelSettings>>;

test('PagerDuty gets a trigger with its key, then acknowledge and resolve by the same key', async t => {
	const service = await serveService(t, {status: 202, body: '{"status":"success","message":"Event processed","dedup_key":"x"}'});
	const {pagerduty} = channelsAt(service.url);
	t.like(await send(pagerduty, envelope()), {kind: 'accepted', words: 'Event processed', reference: 'mdc:production-server:mestres-do-cafe:INC-20260118-030405'});
	t.is(service.asked[0]!.path, '/v2/enqueue');
	t.like(service.asked[0]!.json as object, {
		routing_key: secret, event_action: 'trigger', dedup_key: 'mdc:production-server:mestres-do-cafe:INC-20260118-030405', client: 'mdc-console',
		payload: {summary: 'api is down <!channel> & more second line', source: 'production-server', severity: 'critical', component: 'api', class: 'APIDown', timestamp: '2026-01-18T03:04:05.000Z'},
	});
	for (const [purpose, action] of [['acknowledge', 'acknowledge'], ['resolve', 'resolve'], ['cancel', 'resolve']] as const) {
		await send({...pagerduty, dedupKey: 'theirs'}, envelope({purpose}));
		t.deepEqual(service.asked.at(-1)!.json, {routing_key: secret, event_action: action, dedup_key: 'theirs'});
	}

	await send({...pagerduty, dedupKey: 'changed since'}, envelope({purpose: 'resolve', reference: 'the first'}));
	t.deepEqual(service.asked.at(-1)!.json, {routing_key: secret, event_action: 'resolve', dedup_key: 'the first'});
	await send(pagerduty, envelope({purpose: 'change', body: 'Rollback'}));
	t.is(service.asked.at(-1)!.path, '/v2/change/enqueue');
	t.like(service.asked.at(-1)!.json as object, {payload: {summary: 'Rollback', source: 'production-server'}});
});

test('PagerDuty\'s summary and key are never longer than it takes', async t => {
	const service = await serveService(t, {status: 202, body: '{"status":"success","message":"ok"}'});
	await send({...channelsAt(service.url).pagerduty, dedupKey: 'k'.repeat(400)}, envelope({body: 'é'.repeat(5000)}));
	const {payload, dedup_key: dedupKey} = service.asked[0]!.json as {payload: {summary: string}; dedup_key: string};
	t.is(payload.summary.length, 1024);
	t.is(dedupKey.length, 255);
});

test('Slack\'s webhook says ok in plain text, and its markup is escaped', async t => {
	const service = await serveService(t, {status: 200, body: 'ok', headers: {'Content-Type': 'text/plain'}});
	const messengers = createMessengers({channels: () => [channelsAt(service.url).webhook], environment: {HOOK: `${service.url}/services/T0/B0/abcdef`}, userAgent: 'mdc-console/0'});
	t.like(await messengers.send(envelope({channel: 'slack'})), {kind: 'accepted', reference: null});
	t.is(service.asked[0]!.path, '/services/T0/B0/abcdef');
	t.deepEqual(service.asked[0]!.json, {text: 'api is down &lt;!channel&gt; &amp; more\nsecond line'});
	t.is(escapeMrkdwn('<@U1> & <https://x|y>'), '&lt;@U1&gt; &amp; &lt;https://x|y&gt;');
	service.answer({status: 404, body: 'no_service'});
	t.like(await messengers.send(envelope({channel: 'slack'})), {kind: 'refused', code: 'rejected', words: '404 no_service', isTemporary: false});
});

test('Slack\'s bot opens a thread and writes the rest into it', async t => {
	const service = await serveService(t, {status: 200, body: '{"ok":true,"channel":"C9","ts":"1700000000.000100"}'});
	const {bot} = channelsAt(service.url);
	t.like(await send(bot, envelope({channel: 'slack'})), {kind: 'accepted', reference: 'C9 1700000000.000100'});
	t.is(service.asked[0]!.headers.authorization, `Bearer ${secret}`);
	t.like(service.asked[0]!.json as object, {channel: '#incidents'});
	await send(bot, envelope({channel: 'slack', purpose: 'resolve', reference: 'C9 1700000000.000100'}));
	t.like(service.asked[1]!.json as object, {channel: 'C9', thread_ts: '1700000000.000100', reply_broadcast: true});
	service.answer({status: 200, body: '{"ok":false,"error":"channel_not_found"}'}, {status: 200, body: '{"ok":false,"error":"internal_error"}'}, {status: 200, body: '<html>portal</html>'});
	t.like(await send(bot, envelope({channel: 'slack'})), {kind: 'refused', code: 'rejected', words: 'channel_not_found', isTemporary: false});
	t.like(await send(bot, envelope({channel: 'slack'})), {kind: 'refused', isTemporary: true});
	t.like(await send(bot, envelope({channel: 'slack'})), {kind: 'unknown'});
});

test('Statuspage: created once, also when an earlier answer was lost; updated once; components out and back', async t => {
	const service = await serveService(t);
	const {statuspage} = channelsAt(service.url);
	const incidents = '/v1/pages/p1/incidents';
	service.route({[`GET ${incidents}/unresolved`]: {status: 200, body: '[]'}, [`POST ${incidents}`]: {status: 201, body: '{"id":"s1","shortlink":"https://stspg.io/s1"}'}});
	t.like(await send(statuspage, envelope({channel: 'statuspage'})), {kind: 'accepted', reference: 's1', link: 'https://stspg.io/s1'});
	t.is(service.asked[0]!.headers.authorization, `OAuth ${secret}`);
	t.like(service.asked[1]!.json as object, {incident: {name: 'Service unavailable', status: 'investigating', components: {c1: 'major_outage'}, metadata: {mdc: {incident: 'INC-20260118-030405'}}, deliver_notifications: true}});

	service.route({
		[`GET ${incidents}/unresolved`]: {status: 200, body: '[{"id":"other","metadata":{}},{"id":"s1","metadata":{"mdc":{"incident":"INC-20260118-030405"}}}]'},
		[`GET ${incidents}/s1`]: {status: 200, body: JSON.stringify({id: 's1', incident_updates: [{status: 'investigating', body: envelope().body}]})},
		[`PATCH ${incidents}/s1`]: {status: 200, body: '{"id":"s1"}'},
	});
	const before = service.asked.length;
	t.like(await send(statuspage, envelope({channel: 'statuspage'})), {kind: 'accepted', reference: 's1'});
	t.false(service.asked.slice(before).some(({method}) => method !== 'GET'), 'what is there already is not made again');

	t.like(await send(statuspage, envelope({channel: 'statuspage', purpose: 'resolve', state: 'resolved', reference: 's1', body: 'over'})), {kind: 'accepted'});
	t.like(service.asked.at(-1)!.json as object, {incident: {status: 'resolved', body: 'over', components: {c1: 'operational'}}});

	service.route({[`GET ${incidents}/unresolved`]: resets});
	t.like(await send(statuspage, envelope({channel: 'statuspage'})), {kind: 'refused', code: 'no-answer', isTemporary: true}, 'a question that failed has changed nothing');
});

test('Cachet: visible, with its components, updates by its number', async t => {
	const service = await serveService(t, {status: 201, body: '{"data":{"id":42}}'});
	const {cachet} = channelsAt(service.url);
	t.like(await send(cachet, envelope({channel: 'cachet'})), {kind: 'accepted', reference: '42'});
	t.like(service.asked[0]!.json as object, {name: 'Service unavailable', status: 1, visible: true, notifications: false, components: [{id: 7, status: 4}]});
	t.like(await send(cachet, envelope({channel: 'cachet', purpose: 'resolve', state: 'resolved', reference: '42'})), {kind: 'accepted', reference: '42'});
	t.deepEqual(service.asked.slice(1).map(({method, path: where, json}) => [method, where, (json as {status: number}).status]), [['POST', '/api/incidents/42/updates', 4], ['PATCH', '/api/components/7', 1]]);
});

test('the webhook is signed over time stamp and body, and keeps its id', async t => {
	const service = await serveService(t, {status: 204});
	t.like(await send(channelsAt(service.url).hook, envelope({channel: 'hook'})), {kind: 'accepted'});
	const {headers, body, json} = service.asked[0]!;
	t.is(headers['x-mdc-signature'], signatureOf(secret, String(headers['x-mdc-timestamp']), body));
	t.is(headers['x-mdc-delivery'], envelope().id);
	t.like(json as object, {schemaVersion: 1, purpose: 'escalate', text: envelope().body, incident: {id: 'INC-20260118-030405', beganAt: '2026-01-18T03:04:05.000Z'}});
});

test('GitHub: one issue for each incident, found again by its mark', async t => {
	const service = await serveService(t);
	const {github} = channelsAt(service.url);
	const list = 'GET /repos/mestres/cafe/issues?state=all&sort=created&direction=desc&per_page=20';
	service.route({[list]: {status: 200, body: '[]'}, 'POST /repos/mestres/cafe/issues': {status: 201, body: '{"number":7,"html_url":"https://github.com/mestres/cafe/issues/7"}'}});
	t.like(await send(github, envelope({channel: 'github', purpose: 'issue'})), {kind: 'accepted', reference: '7', link: 'https://github.com/mestres/cafe/issues/7'});
	const {body} = service.asked[1]!.json as {body: string};
	service.route({[list]: {status: 200, body: JSON.stringify([{number: 7, body, html_url: 'javascript:alert(1)'}])}});
	t.like(await send(github, envelope({channel: 'github', purpose: 'issue'})), {kind: 'accepted', reference: '7', link: null});
	service.route({[list]: {status: 200, body: '[]'}, 'POST /repos/mestres/cafe/issues': {status: 403, body: '{"message":"secondary rate limit"}', headers: {'Retry-After': '60'}}});
	t.like(await send(github, envelope({channel: 'github', purpose: 'issue'})), {kind: 'refused', code: 'rate-limited', isTemporary: true, retryAfterMs: 60_000});
});

const bad = async (t: ExecutionContext, behaviour: Behaviour, deadlineMs = 5000): Promise<Delivery> => {
	const service = await serveService(t, behaviour);
	return send(channelsAt(service.url).pagerduty, envelope(), deadlineMs);
};

test('bad answers, each told as what it is', async t => {
	t.like(await bad(t, {status: 429, headers: {'Retry-After': '17'}, body: 'slow down'}), {kind: 'refused', code: 'rate-limited', isTemporary: true, retryAfterMs: 17_000, words: '429 slow down'});
	t.like(await bad(t, {status: 500, body: 'oops'}), {kind: 'refused', code: 'service-down', isTemporary: true});
	t.like(await bad(t, {status: 503, headers: {'Retry-After': 'Sun, 18 Jan 2026 03:05:00 GMT', Date: 'Sun, 18 Jan 2026 03:04:30 GMT'}}), {kind: 'refused', code: 'service-down', retryAfterMs: 30_000});
	t.like(await bad(t, {status: 502, body: 'bad gateway'}), {kind: 'unknown'});
	t.like(await bad(t, {status: 400, body: '{"status":"invalid event","errors":["x"]}'}), {kind: 'refused', code: 'rejected', isTemporary: false});
	t.like(await bad(t, {status: 202, body: '<html>a portal</html>'}), {kind: 'unknown'});
	t.like(await bad(t, {status: 202, body: '{"status":7}'}), {kind: 'unknown'});
	t.like(await bad(t, resets), {kind: 'unknown'});
});

test('what hangs or never ends is given up at the deadline, and a flood is cut', async t => {
	for (const behaviour of [hangs, stalls]) {
		const beganMs = performance.now();
		t.like(await bad(t, behaviour, 400), {kind: 'unknown', words: 'no answer within 0.4 s'});
		t.true(performance.now() - beganMs < 10_000);
	}

	t.like(await bad(t, floods, 20_000), {kind: 'unknown'});
	t.like(await bad(t, {status: 202, body: '{"status":"success","message":"late"}', afterMs: 300}, 20_000), {kind: 'accepted', words: 'late'});
});

test('a redirect is not followed, and nothing of ours goes elsewhere', async t => {
	const elsewhere = await serveService(t);
	const service = await serveService(t, {status: 307, headers: {Location: `${elsewhere.url}/steal`}});
	t.like(await send(channelsAt(service.url).pagerduty, envelope()), {kind: 'refused', code: 'redirected', isTemporary: false, words: `307 ${elsewhere.url}/steal`});
	t.is(elsewhere.asked.length, 0);
});

test('where nobody listens it surely did not go out', async t => {
	t.like(await send(channelsAt(`http://127.0.0.1:${await closedPort()}`).pagerduty, envelope()), {kind: 'refused', code: 'no-connection', isTemporary: true});
});

test('words of a service are one harmless line without our secret', async t => {
	const hostile = await bad(t, {status: 400, body: `\u001B]52;c;AAAA\u0007\u001B[2J\u202Eevil\r\n\u0000key ${secret} ${'y'.repeat(5000)}`, headers: {'Content-Type': 'text/plain; charset=utf-8'}});
	t.is(hostile.kind, 'refused');
	t.regex(hostile.words, /^400 evil key \*\*\* y+…$/);
	t.true(hostile.words.length <= 210);
	// eslint-disable-next-line no-control-regex
	t.notRegex(hostile.words, /[\u0000-\u001F\u007F-\u009F\u202E]/);
});

test('a secret comes from the environment or from a file that not everybody may read', async t => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-secret-'));
	t.teardown(() => {
		rmSync(directory, {recursive: true});
	});
	const file = path.join(directory, 'key');
	writeFileSync(file, `${secret}\n`, {mode: 0o600});
	const channel = (source: {file: string} | {env: string}): ChannelSettings => ({kind: 'pagerduty', routingKey: source, url: 'http://127.0.0.1:9', dedupKey: null});
	t.is((await checkSecret(channel({file}), {}))?.ok, true);
	chmodSync(file, 0o644);
	t.like(await checkSecret(channel({file}), {}), {ok: false});
	t.like(await send(channel({file}), envelope()), {kind: 'refused', code: 'no-secret', isTemporary: false});
	t.like(await checkSecret(channel({file: path.join(directory, 'none')}), {}), {ok: false, words: `${path.join(directory, 'none')}: ENOENT`});
	t.like(await checkSecret(channel({env: 'NOT_THERE_AT_ALL'}), {}), {ok: false, words: '$NOT_THERE_AT_ALL is not set'});
	t.is(await checkSecret({kind: 'command', command: ['true'], deadlineMs: 1000}, {}), null);
});

const command = (deadlineMs: number, ...words: readonly string[]): ChannelSettings => ({kind: 'command', command: words, deadlineMs});
const byCommand = envelope({channel: 'command', subject: '', body: 'x; $(touch /tmp/never) "quoted"'});

test('a command gets the text on its standard input, without a shell', async t => {
	t.like(await send(command(10_000, 'cat'), byCommand), {kind: 'accepted', words: 'x; $(touch /tmp/never) "quoted"'});
	t.like(await send(command(10_000, 'sh', '-c', 'printf %s "$MDC_INCIDENT"'), byCommand), {kind: 'accepted', words: 'INC-20260118-030405'});
	t.like(await send(command(10_000, 'sh', '-c', 'printf "[%s%s]" "$KEY" "$HOME"'), byCommand), {kind: 'accepted', words: `[${secret}${process.env['HOME'] ?? ''}]`});
	const beside = createMessengers({channels: () => [command(10_000, 'sh', '-c', 'printf "[%s]" "$KEY"'), channelsAt('http://127.0.0.1:9').pagerduty], environment: {KEY: secret, ...process.env}, userAgent: 'x'});
	t.like(await beside.send(byCommand), {kind: 'accepted', words: '[]'}, 'secrets of other channels are none of its business');
	t.like(await send(command(10_000, 'sh', '-c', 'echo no route >&2; exit 3'), byCommand), {kind: 'refused', code: 'failed', words: 'exit 3 no route', isTemporary: false});
	const beganMs = performance.now();
	t.like(await send(command(10_000, 'sh', '-c', 'echo told; sleep 4 &'), byCommand), {kind: 'accepted', words: 'told'}, 'what it leaves behind holds the pipe, and nobody waits for that');
	t.true(performance.now() - beganMs < 3500);
	t.like(await send(command(10_000, '/no/such/program'), byCommand), {kind: 'refused', code: 'failed', words: '/no/such/program: ENOENT'});
	t.like(await send(command(10_000, 'true'), {...byCommand, body: 'y'.repeat(2_000_000)}), {kind: 'accepted'});
});

test('a command that hangs is ended with everything that it started', async t => {
	const beganMs = performance.now();
	t.like(await send(command(500, 'sh', '-c', 'sleep 300 & sleep 300'), byCommand), {kind: 'unknown'});
	t.true(performance.now() - beganMs < 20_000);
	t.like(await send(command(20_000, 'sh', '-c', 'sleep 300 & echo done'), byCommand), {kind: 'accepted', words: 'done'}, 'what it leaves behind is not waited for');
});

test('a command that the host cannot start is refused', async t => {
	// Longer than the kernel takes one word: Node throws, as it does where no memory is left.
	t.like(await send(command(10_000, 'true', 'x'.repeat(200_000)), byCommand), {kind: 'refused', code: 'failed', words: 'true: E2BIG', isTemporary: false});
});

test.serial('a command that is another user\'s by its deadline, as with sudo, may have gone out, and is left alone', async t => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-kill-'));
	const {kill} = process;
	// What the kernel says to who is not root.
	process.kill = () => {
		throw Object.assign(new Error('kill EPERM'), {code: 'EPERM'});
	};

	t.teardown(() => {
		kill(-Number(readFileSync(path.join(directory, 'pid'), 'utf8')), 'SIGKILL');
		rmSync(directory, {recursive: true});
	});
	try {
		t.like(await send(command(500, 'sh', '-c', `echo $$ > ${directory}/pid; sleep 300`), byCommand), {kind: 'unknown', words: 'could not be ended after 0.5 s'});
	} finally {
		process.kill = kill;
	}
});

test('Retry-After is seconds or a date, never absurd', t => {
	t.is(retryAfterOf('5', null), 5000);
	t.is(retryAfterOf('999999999', null), 3_600_000);
	t.is(retryAfterOf('soon', null), null);
	t.is(retryAfterOf(null, null), null);
	t.is(retryAfterOf('Sun, 18 Jan 2026 03:04:00 GMT', 'Sun, 18 Jan 2026 03:05:00 GMT'), 0);
});
