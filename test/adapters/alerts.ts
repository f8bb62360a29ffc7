import {writeFileSync, mkdtempSync, rmSync} from 'node:fs';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import test from 'ava';
import type {ExecutionContext} from 'ava';
import {createAlertsPort} from '../../source/adapters/alerts.ts';
import {createClock} from '../../source/adapters/clock.ts';
import type {AlertSettings, AlertsPort, SecretPlace, SourceLogin} from '../../source/core/alert-sources.ts';
import type {Outcome} from '../../source/core/ports.ts';
import {closedPort, serveBytes, serveHttp, serveSocket, serveTls} from '../helpers/ping-servers.ts';

const clock = createClock();
const matchers = [{name: 'alertname', value: 'APIDown', isRegex: false, isEqual: true}];

type PortChanges = {readonly token?: SecretPlace; readonly login?: SourceLogin; readonly environment?: Readonly<Record<string, string>>; readonly deadlineMs?: number};

const portAt = (url: string, {token, login = token === undefined ? null : {kind: 'token', secret: token}, environment = {}, deadlineMs = 5000}: PortChanges = {}): AlertsPort => {
	const settings: AlertSettings = {
		prometheus: {url, query: 'up', rule: null, login},
		alertmanager: {url, matchers: [], silence: 'ask', silenceMs: 1_800_000, login},
	};
	return createAlertsPort({settings, clock, userAgent: 'mdc-console/0', environment, deadlineMs});
};

const failureOf = (outcome: Outcome<unknown>): readonly [string, string] => outcome.ok ? ['', ''] : [outcome.failure.code, outcome.failure.detail];

const success = (data: unknown): string => JSON.stringify({status: 'success', data});
const json = (response: ServerResponse, body: string, status = 200): void => {
	response.writeHead(status, {'content-type': 'application/json'});
	response.end(body);
};

const pages: Readonly<Record<string, unknown>> = {
	query: {resultType: 'vector', result: [{metric: {__name__: 'up', job: 'api', instance: 'api:5001'}, value: [1_768_705_000.1, '0']}, {metric: {job: 'api', instance: 'api:5002'}, value: [1_768_705_000.1, '1']}, {metric: {job: 'api', instance: 'odd'}, value: [1, 'NaN']}]},
	rules: {groups: [{name: 'g', rules: [
		{type: 'alerting', name: 'Other', duration: 1, alerts: []},
		{type: 'alerting', name: 'APIDown', duration: 60, lastError: '', health: 'ok', alerts: [
			{labels: {alertname: 'APIDown', job: 'api'}, state: 'firing', activeAt: '2026-01-18T00:04:05.123456789-03:00', value: '0e+00'},
			{labels: {alertname: 'APIDown', job: 'db'}, state: 'firing', activeAt: '2020-01-01T00:00:00Z'},
			{labels: {alertname: 'APIDown', job: 'api'}, state: 'firing', activeAt: '2026-01-18T03:00:00Z', keepFiringSince: '2026-01-18T03:02:00Z'},
			{labels: {job: 'api'}, state: 'inactive', activeAt: '0001-01-01T00:00:00Z'},
		]},
		{type: 'recording', name: 'APIDown', query: 'x'},
	]}]},
	targets: {activeTargets: [
		{labels: {job: 'api', instance: 'api:5001'}, health: 'down', lastError: 'connection\u001B[2J refused', scrapeUrl: 'http://api:5001/metrics'},
		{labels: {job: 'db', instance: 'db:9187'}, health: 'down', lastError: 'not ours'},
	]},
};

/** A server that answers Prometheus' three pages, below a path of its own. */
const answerPages = (changes: Readonly<Record<string, string>> = {}, seen: string[] = []) => (request: IncomingMessage, response: ServerResponse): void => {
	seen.push(`${request.url} ${request.headers.authorization ?? '-'} ${request.headers.connection}`);
	const page = /\/api\/v1\/(\w+)/.exec(request.url ?? '')?.[1] ?? '';
	json(response, changes[page] ?? success(pages[page]));
};

test('Prometheus: every page is read, below the path of the URL, with the token and without a connection that stays', async t => {
	const seen: string[] = [];
	const server = await serveHttp(t, answerPages({}, seen));
	const answer = await portAt(`${server.url}prometheus/`, {token: {env: 'P_TOKEN'}, environment: {P_TOKEN: ' s3cret-token\n'}}).prometheus({query: 'up{job="api"}', rule: 'APIDown'});
	t.like(answer, {ok: true, value: {
		series: {ok: true, value: [{instance: 'api:5001', up: false}, {instance: 'api:5002', up: true}]},
		rule: {ok: true, value: {forMs: 60_000, lastError: '', alerts: [
			{state: 'firing', activeAtMs: Date.UTC(2026, 0, 18, 3, 4, 5, 123), keepFiringSinceMs: null},
			{state: 'firing', activeAtMs: Date.UTC(2026, 0, 18, 3, 0, 0), keepFiringSinceMs: Date.UTC(2026, 0, 18, 3, 2, 0)},
		]}},
		targets: {ok: true, value: [{instance: 'api:5001', health: 'down'}]},
	}});
	t.false(JSON.stringify(answer).includes('\\u001b'), 'no control character comes through');
	t.deepEqual(seen.toSorted(), [
		'/prometheus/api/v1/query?query=up%7Bjob%3D%22api%22%7D Bearer s3cret-token close',
		'/prometheus/api/v1/rules?type=alert&rule_name%5B%5D=APIDown Bearer s3cret-token close',
		'/prometheus/api/v1/targets?state=active Bearer s3cret-token close',
	]);
	t.is(server.open(), 0);
});

test('Prometheus: what fails of it fails by itself, and an empty answer is empty', async t => {
	const server = await serveHttp(t, answerPages({
		query: success({resultType: 'vector', result: []}),
		rules: JSON.stringify({status: 'success', data: {groups: 'none'}}),
		targets: '<html>no such page</html>',
	}));
	const answer = await portAt(server.url).prometheus({query: 'up{job="api"}', rule: 'APIDown'});
	t.true(answer.ok);
	t.deepEqual(answer.ok && answer.value.series, {ok: true, value: []});
	t.is(answer.ok ? failureOf(answer.value.rule)[0] : '', 'malformed');
	t.is(answer.ok ? failureOf(answer.value.targets)[0] : '', 'malformed');
	const scalar = await serveHttp(t, answerPages({query: success({resultType: 'scalar', result: [1, '1']})}));
	const told = await portAt(scalar.url).prometheus({query: 'up{job="api"}', rule: 'Nobody'});
	t.like(told, {ok: true, value: {series: {ok: true, value: [{up: true}]}, rule: {ok: true, value: null}}});
});

/** How a server misbehaves, and what is said of it. */
const misbehaviours: ReadonlyArray<readonly [what: string, serve: (t: ExecutionContext) => Promise<{readonly url: string}>, code: string, detail: RegExp]> = [
	['refuses', async () => ({url: `http://127.0.0.1:${await closedPort()}/`}), 'refused', /ECONNREFUSED/],
	['accepts and says nothing', async t => serveSocket(t, () => undefined), 'timed-out', /^$/],
	['drips a byte now and then', async t => serveHttp(t, (_request, response) => {
		const timer = setInterval(() => response.write(' '), 50);
		response.on('close', () => {
			clearInterval(timer);
		});
	}), 'timed-out', /^$/],
	['resets', async t => serveSocket(t, socket => {
		socket.once('data', () => {
			socket.resetAndDestroy();
		});
	}), 'failed', /ECONNRESET|socket hang up/],
	['closes in the middle', async t => serveBytes(t, 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[', 'end'), 'failed', /./],
	['speaks something else', async t => serveBytes(t, 'SSH-2.0-OpenSSH_9.2\r\n', 'end'), 'failed', /Parse Error|HTTP/],
	['answers 500', async t => serveHttp(t, (_request, response) => {
		json(response, JSON.stringify({status: 'error', errorType: 'internal', error: 'TSDB is on fire'}), 500);
	}), 'failed', /TSDB is on fire/],
	['answers 503 with a page', async t => serveHttp(t, (_request, response) => {
		response.writeHead(503, {'content-type': 'text/html'});
		response.end('<html>Service Unavailable</html>');
	}), 'failed', /^$/],
	['wants a token', async t => serveHttp(t, (_request, response) => {
		json(response, '{"message":"Unauthorized"}', 401);
	}), 'denied', /Unauthorized/],
	['is somewhere else', async t => serveHttp(t, (_request, response) => {
		json(response, '{}', 404);
	}), 'not-found', /^$/],
	['redirects to a sign-in', async t => serveHttp(t, (_request, response) => {
		response.writeHead(302, {location: 'https://login.example.com/?next=x'});
		response.end();
	}), 'unsupported', /login\.example\.com/],
	['answers with a page', async t => serveHttp(t, (_request, response) => {
		response.end('<html>Welcome</html>');
	}), 'malformed', /Welcome/],
	['answers nothing at all', async t => serveHttp(t, (_request, response) => {
		response.end();
	}), 'malformed', /expected/i],
	['answers with wrong JSON', async t => serveHttp(t, (_request, response) => {
		json(response, '{"status":"success","data":{"result":7}}');
	}), 'malformed', /./],
	['never stops answering', async t => serveHttp(t, (_request, response) => {
		const chunk = Buffer.alloc(256 * 1024, ' ');
		const more = (): void => {
			while (!response.destroyed && response.write(chunk)) {
				// On until it is full.
			}
		};

		response.on('drain', more);
		more();
	}), 'malformed', /4 MiB/],
	['has a certificate that nobody knows', async t => serveTls(t, 'self-signed'), 'failed', /certificate/i],
];

for (const [what, serve, code, detail] of misbehaviours) {
	test(`a source that ${what} is told as ${code}, in time`, async t => {
		const server = await serve(t);
		const port = portAt(server.url, {deadlineMs: code === 'timed-out' ? 300 : 10_000});
		for (const outcome of [await port.prometheus({query: 'up{job="api"}', rule: 'APIDown'}), await port.alertmanager(matchers)]) {
			t.is(failureOf(outcome)[0], code);
			t.regex(failureOf(outcome)[1], detail);
		}
	});
}

test('a token that is missing, unreadable or none is said, not sent; what the server repeats of it is taken out', async t => {
	let asked = 0;
	const server = await serveHttp(t, (request, response) => {
		asked++;
		json(response, JSON.stringify(`bad token ${request.headers.authorization?.slice(7)} for you`), 403);
	});
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-token-'));
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	const file = path.join(directory, 'token');
	for (const [token, params] of [[{env: 'NOBODY'}, {variable: 'NOBODY'}], [{file}, {path: file}]] as const) {
		t.like(await portAt(server.url, {token}).alertmanager(matchers), {ok: false, failure: {code: 'denied', params}});
	}

	writeFileSync(file, 'two\nlines');
	t.like(await portAt(server.url, {token: {file}}).alertmanager(matchers), {ok: false, failure: {code: 'denied', params: {path: file}}});
	t.is(asked, 0);
	writeFileSync(file, 'aB3-token-9\n');
	t.like(await portAt(server.url, {token: {file}}).alertmanager(matchers), {ok: false, failure: {code: 'denied', detail: 'bad token ••• for you', params: {status: 403}}});
});

test('a user and a password go as basic authentication, and come back in no answer', async t => {
	const server = await serveHttp(t, (request, response) => {
		json(response, JSON.stringify(`${request.headers.authorization} is not s3nha-forte`), 401);
	});
	t.like(await portAt(server.url, {login: {kind: 'password', user: 'ana', secret: {env: 'P'}}, environment: {P: 's3nha-forte'}}).prometheus({query: 'up{job="api"}', rule: 'x'}), {ok: false, failure: {code: 'denied', detail: 'Basic ••• is not •••'}});
});

test('instants of a clock that is off are told by ours, and a silence is asked for by its', async t => {
	const aheadMs = 3_600_000;
	const bodies: Array<{readonly startsAt: string; readonly endsAt: string}> = [];
	const server = await serveHttp(t, (request, response) => {
		void (async () => {
			let body = '';
			for await (const chunk of request) {
				body += String(chunk);
			}

			response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString());
			if (request.method === 'POST') {
				bodies.push(JSON.parse(body) as typeof bodies[number]);
				json(response, '{"silenceID":"s"}');
			} else if (request.url?.includes('/api/v2/')) {
				json(response, request.url.includes('silences') ? '[]' : JSON.stringify([{startsAt: new Date(Date.now() + aheadMs - 30_000).toISOString(), status: {state: 'active'}}]));
			} else {
				json(response, success(request.url?.includes('rules') ? {groups: [{rules: [{name: 'APIDown', alerts: [{labels: {}, state: 'firing', activeAt: new Date(Date.now() + aheadMs - 90_000).toISOString()}]}]}]} : pages['query']));
			}
		})();
	});
	const near = (atMs: number | undefined, wantedMs: number): boolean => atMs !== undefined && Math.abs(atMs - wantedMs) < 10_000;
	const port = portAt(server.url);
	const answer = await port.prometheus({query: 'up{job="api"}', rule: 'APIDown'});
	t.true(answer.ok && near(answer.value.skewMs, aheadMs) && answer.value.rule.ok && near(answer.value.rule.value?.alerts[0]?.activeAtMs, Date.now() - 90_000));
	const alerts = await port.alertmanager(matchers);
	t.true(alerts.ok && near(alerts.value.alerts[0]?.startsAtMs, Date.now() - 30_000));
	const endsAtMs = Date.now() + 1_800_000;
	t.like(await port.silence({incident: 'INC-1', matchers, endsAtMs, createdBy: 'ana', id: null}), {ok: true, value: {endsAtMs}});
	t.true(near(Date.parse(bodies[0]!.endsAt), endsAtMs + aheadMs) && near(Date.parse(bodies[0]!.startsAt), Date.now() + aheadMs));
});

test('no proxy is used, whatever the environment says', async t => {
	const server = await serveHttp(t, answerPages());
	const proxy = await serveHttp(t, (_request, response) => {
		response.writeHead(502);
		response.end('through the proxy');
	});
	const script = `
		import {createAlertsPort} from ${JSON.stringify(new URL('../../source/adapters/alerts.ts', import.meta.url).href)};
		import {createClock} from ${JSON.stringify(new URL('../../source/adapters/clock.ts', import.meta.url).href)};
		const settings = {prometheus: {url: ${JSON.stringify(server.url)}, query: 'up', rule: null, login: null}, alertmanager: null};
		const hold = setInterval(() => undefined, 1000);
		const answer = await createAlertsPort({settings, clock: createClock(), userAgent: 'x', environment: {}}).prometheus({query: 'up{job="api"}', rule: 'APIDown'});
		console.log(answer.ok && answer.value.series.ok);
		clearInterval(hold);
	`;
	const {stdout} = await promisify(execFile)(process.execPath, ['--import=tsx', '--input-type=module', '-e', script], {
		cwd: fileURLToPath(new URL('../..', import.meta.url)), env: {...process.env, HTTP_PROXY: proxy.url, http_proxy: proxy.url, NODE_USE_ENV_PROXY: '1', NO_PROXY: '', no_proxy: ''},
	});
	t.is(stdout.trim(), 'true');
	t.is(proxy.accepted(), 0);
});

test('Alertmanager: the filters are the matchers, and a silence is made once per incident', async t => {
	const seen: string[] = [];
	const silences: Array<Record<string, unknown>> = [];
	const server = await serveHttp(t, (request, response) => {
		void (async () => {
			let body = '';
			for await (const chunk of request) {
				body += String(chunk);
			}

			seen.push(`${request.method} ${decodeURIComponent(request.url ?? '').replaceAll('+', ' ')}`);
			if (request.method === 'POST') {
				const silence = JSON.parse(body) as Record<string, unknown>;
				if (silence['id'] === undefined) {
					silences.push({...silence, id: `s-${silences.length + 1}`, status: {state: 'active'}});
				}

				json(response, JSON.stringify({silenceID: silence['id'] ?? silences.at(-1)!['id']}));
			} else if (request.method === 'DELETE') {
				json(response, JSON.stringify(`silence ${request.url} already expired`), 500);
			} else {
				json(response, JSON.stringify(request.url?.includes('silences') ? silences : [{startsAt: '2026-01-18T03:05:05Z', labels: {}, status: {state: 'suppressed', silencedBy: ['s-9'], inhibitedBy: null}}]));
			}
		})();
	});
	const port = portAt(server.url);
	const many = [...matchers, {name: 'env', value: 'a"b', isRegex: true, isEqual: false}];
	t.like(await port.alertmanager(many), {ok: true, value: {alerts: [{startsAtMs: Date.UTC(2026, 0, 18, 3, 5, 5), isSuppressed: true, silencedBy: ['s-9'], inhibitedBy: []}]}});
	t.is(seen[0], String.raw`GET /api/v2/alerts?filter=alertname="APIDown"&filter=env!~"a\"b"`);
	const request = {incident: 'INC-1', matchers, endsAtMs: Date.now() + 60_000, createdBy: 'ana', id: null};
	t.like(await port.silence(request), {ok: true, value: {id: 's-1', endsAtMs: request.endsAtMs}});
	t.like(await port.silence(request), {ok: true, value: {id: 's-1'}});
	t.like(await port.silence({...request, incident: 'INC-10'}), {ok: true, value: {id: 's-2'}}, 'an id that begins alike is another incident');
	t.is(silences.length, 2);
	t.like(silences[0], {comment: 'INC-1 · ana · mdc-console', createdBy: 'ana', matchers: [{name: 'alertname', value: 'APIDown', isRegex: false, isEqual: true}]});
	t.deepEqual(await port.lift('s-1'), {ok: true, value: null});
});

test('what is not configured is not asked', async t => {
	const port = createAlertsPort({settings: {prometheus: null, alertmanager: null}, clock, userAgent: 'x', environment: {}});
	t.is(failureOf(await port.prometheus({query: 'up{job="api"}', rule: 'x'}))[0], 'unsupported');
	t.is(failureOf(await port.alertmanager([]))[0], 'unsupported');
	t.is(failureOf(await port.lift('x'))[0], 'unsupported');
	t.is(failureOf(await port.silence({incident: 'i', matchers: [], endsAtMs: 0, createdBy: '', id: null}))[0], 'unsupported');
});
