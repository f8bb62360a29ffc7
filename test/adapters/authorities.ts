/** A team's own certificate authority (`tls.ca`) against a real HTTPS server that it signed for: messages, alert sources and pings trust it, and nothing else gains by it. */

import {execFileSync} from 'node:child_process';
import {chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {tmpdir} from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import test from 'ava';
import {createAlertsPort} from '../../source/adapters/alerts.ts';
import {createAuthorities} from '../../source/adapters/authorities.ts';
import {createClock} from '../../source/adapters/clock.ts';
import {createHealthPort} from '../../source/adapters/health.ts';
import {createMessengers} from '../../source/adapters/messengers.ts';
import type {ChannelSettings, Delivery, Envelope} from '../../source/core/messengers.ts';
import type {AuthoritiesPort} from '../../source/core/ports.ts';
import {alertFailure} from '../../source/messages/alerts.ts';
import {createFakeClock} from '../helpers/fake-clock.ts';
import {rootCertificatePath, serveBody, serveTls} from '../helpers/ping-servers.ts';

const clock = createClock();
const authoritiesIn = (file: string | null): AuthoritiesPort => createAuthorities({file: () => file, clock});
const own = (): AuthoritiesPort => authoritiesIn(rootCertificatePath);

const scratch = mkdtempSync(path.join(tmpdir(), 'mdc-authorities-'));
test.after.always(() => {
	rmSync(scratch, {recursive: true, force: true});
});
const fileWith = (name: string, text: string): string => {
	writeFileSync(path.join(scratch, name), text);
	return path.join(scratch, name);
};

const envelope: Envelope = {
	id: 'INC-1/l1/slack', channel: 'slack', purpose: 'escalate', subject: '', body: 'api is down', state: 'investigating', reference: null, origin: 'production-server', atMs: 0,
	incident: {id: 'INC-1', alert: 'APIDown', severity: 'CRITICAL', service: 'api', project: 'shop', host: 'production-server', beganAtMs: 0},
};

const toSlack = async (url: string, authorities?: AuthoritiesPort): Promise<Delivery> => {
	const channel: ChannelSettings = {kind: 'slack', webhook: {env: 'HOOK'}, token: null, channel: '#incidents', url: ''};
	return createMessengers({channels: () => [channel], environment: {HOOK: `${url}/services/T/B/x`}, userAgent: 'mdc-console/0', ...(authorities === undefined ? {} : {authorities})}).send(envelope);
};

const fromAlertmanager = async (url: string, authorities?: AuthoritiesPort) => createAlertsPort({
	settings: {prometheus: null, alertmanager: {url, matchers: [], silence: 'ask', silenceMs: 1_800_000, login: null}}, clock, userAgent: 'mdc-console/0', environment: {}, ...(authorities === undefined ? {} : {authorities}),
}).alertmanager([]);

const ping = async (url: string, authorities: AuthoritiesPort) => createHealthPort({clock, userAgent: 'mdc-console/0', authorities}).ping({name: 'api', kind: 'http', address: url, service: null, via: 'address', intervalMs: 1000, deadlineMs: 5000, expectedStatus: [], expectedField: null, decisive: true}, '');

// In this order: what fetch trusts is widened for the whole process by the first message that needs it.
test.serial('without the authority nothing is sent to, nor asked of, a server that nobody vouches for', async t => {
	const [hook, alertmanager] = await Promise.all([serveTls(t, 'signed', 'ok'), serveTls(t, 'signed', '[]')]);
	t.like(await toSlack(hook.url), {kind: 'refused', code: 'no-connection', isTemporary: false});
	const asked = await fromAlertmanager(alertmanager.url);
	t.regex(asked.ok ? '' : asked.failure.detail, /unable to verify|local issuer/);
	t.like(await ping(alertmanager.url, authoritiesIn(null)), {ok: false, reason: 'tls'});
});

test.serial('a file of authorities that is none is named with the trouble that it makes, and holds back nothing that needs none', async t => {
	const [hook, plain] = await Promise.all([serveTls(t, 'signed', 'ok'), serveBody(t, 'ok')]);
	const rubbish = fileWith('rubbish.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
	for (const [file, why] of [[path.join(scratch, 'gone.pem'), 'not-found'], [rubbish, 'malformed'], [fileWith('empty.pem', ''), 'malformed']] as const) {
		const delivery = await toSlack(hook.url, authoritiesIn(file));
		t.like(delivery, {kind: 'refused', code: 'no-connection'});
		t.true(delivery.words.endsWith(`(tls.ca ${file}: ${why})`), delivery.words);
		t.like(await toSlack(plain.url, authoritiesIn(file)), {kind: 'accepted'});
		const asked = await fromAlertmanager(hook.url, authoritiesIn(file));
		t.like(asked.ok ? null : asked.failure, {code: why});
		t.regex(asked.ok ? '' : alertFailure('en', asked.failure), /own authorities in .*\.pem \(tls\.ca\) cannot be read/);
	}
});

test.serial('with it messages, alert sources and pings go through; a certificate that is expired or another\'s does not', async t => {
	const [hook, alertmanager, expired, elsewhere] = await Promise.all([serveTls(t, 'signed', 'ok'), serveTls(t, 'signed', '[]'), serveTls(t, 'expired', 'ok'), serveTls(t, 'elsewhere', 'ok')]);
	t.like(await toSlack(hook.url, own()), {kind: 'accepted'});
	t.like(await fromAlertmanager(alertmanager.url, own()), {ok: true});
	const authorities = own();
	await authorities.read();
	t.like(await ping(alertmanager.url, authorities), {ok: true});
	for (const {url} of [expired, elsewhere]) {
		t.like(await toSlack(url, own()), {kind: 'refused', code: 'no-connection', isTemporary: false});
		t.false((await fromAlertmanager(url, own())).ok);
	}
});

test.serial('a file that is put right works at the next message; one that was read is not read again', async t => {
	const hook = await serveTls(t, 'signed', 'ok');
	const file = fileWith('later.pem', 'nothing yet');
	const authorities = authoritiesIn(file);
	t.false((await authorities.read()).ok);
	const root = readFileSync(rootCertificatePath, 'utf8');
	writeFileSync(file, `# ours\n${root}\n${root}`);
	t.like(await toSlack(hook.url, authorities), {kind: 'accepted'});
	chmodSync(file, 0o000);
	rmSync(file);
	t.like(await toSlack(hook.url, authorities), {kind: 'accepted'});
	t.is(authorities.known().length, 2);
});

test.serial('what is no file is told at once: a FIFO, a directory', async t => {
	const fifo = path.join(scratch, 'fifo.pem');
	execFileSync('mkfifo', [fifo]);
	for (const file of [fifo, scratch]) {
		t.like(await authoritiesIn(file).read(), {ok: false, failure: {code: 'malformed'}});
	}
});

test.serial('a frozen disk is read once however often it is asked, nobody waits after the first two seconds, and what it answers at last counts', async t => {
	const fake = createFakeClock();
	const thaw: Array<(text: string) => void> = [];
	const authorities = createAuthorities({file: () => '/frozen/ca.pem', clock: fake, textOf: async () => new Promise(resolve => {
		thaw.push(resolve);
	})});
	const first = authorities.read();
	await fake.advance(1500);
	const second = authorities.read();
	await fake.advance(500);
	t.like(await first, {ok: false, failure: {code: 'timed-out'}});
	t.like(await second, {ok: false, failure: {code: 'timed-out'}});
	t.like(await authorities.read(), {ok: false, failure: {code: 'timed-out'}});
	t.deepEqual([thaw.length, fake.pending()], [1, 0]);
	const late = authorities.read();
	thaw[0]!(readFileSync(rootCertificatePath, 'utf8'));
	t.false((await late).ok);
	while (authorities.known().length === 0) {
		await fake.settle();
	}

	t.like(await authorities.read(), {ok: true});
	t.is(thaw.length, 1);
});

test.serial('what everybody trusts is made once for all questions while the own file is missing, and once more when it is there', async t => {
	const {url} = await serveTls(t, 'signed', '[]');
	const {createSecureContext} = tls;
	let made = 0;
	tls.createSecureContext = options => {
		made++;
		return createSecureContext(options);
	};

	syncBuiltinESMExports();
	t.teardown(() => {
		tls.createSecureContext = createSecureContext;
		syncBuiltinESMExports();
	});
	const file = path.join(scratch, 'comes.pem');
	const port = createAlertsPort({
		settings: {prometheus: null, alertmanager: {url, matchers: [], silence: 'ask', silenceMs: 1_800_000, login: null}}, clock, userAgent: 'mdc-console/0', environment: {}, authorities: authoritiesIn(file),
	});
	// Whether these go through is not the question: a message of an earlier test has widened what this process trusts.
	await port.alertmanager([]);
	t.is(made, 1);
	await port.alertmanager([]);
	t.is(made, 1);
	writeFileSync(file, readFileSync(rootCertificatePath, 'utf8'));
	t.like(await port.alertmanager([]), {ok: true});
	t.is(made, 2);
	t.like(await port.alertmanager([]), {ok: true});
	t.is(made, 2);
});
