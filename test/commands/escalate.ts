/** What the system's timer runs: the built program, a journal of its own, a stand-in PagerDuty. And the arming, with a systemd-run that only writes down what it was asked. */

import {chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createSystemTimer, type SystemTimerOptions} from '../../source/adapters/system-timer.ts';
import type {Armed} from '../../source/core/messengers.ts';
import type {JournalDraft, Json} from '../../source/core/ports.ts';
import {resets, serveService, type Behaviour, type HttpService} from '../helpers/http-services.ts';
import {incidentHome, type IncidentHome, type Ran} from '../helpers/incident-home.ts';
import {readJournals} from '../helpers/real-console.ts';
import {realClock} from '../helpers/real-clock.ts';
import {starvedClock} from '../helpers/starved-clock.ts';

const project = 'mestres-do-cafe';
const id = 'INC-20260118-061204';
const right: Behaviour = {status: 202, body: '{"status":"success","message":"Event processed"}'};

const entry = (minutesAgo: number, type: string, data: {readonly [key: string]: Json} = {}): JournalDraft => ({atMs: Date.now() - minutesAgo * 60_000, monotonicMs: 0, incident: id, type, data});
const opening = (minutesAgo = 11): JournalDraft => entry(minutesAgo, 'incident/opened', {by: 'condition', alert: 'APIDown', severity: 'CRITICAL', sinceMs: Date.now() - minutesAgo * 60_000, source: 'ping', atLeast: false});

type World = {readonly home: IncidentHome; readonly service: HttpService; run(): Promise<Ran>; types(): readonly string[]};

const world = async (t: ExecutionContext, drafts: readonly JournalDraft[], behaviours: readonly Behaviour[] = [right], more = ''): Promise<World> => {
	const home = incidentHome(t);
	const service = await serveService(t, ...behaviours);
	home.journal(project, drafts);
	writeFileSync(path.join(home.directory, 'key'), 'r0ut1ngk3yr0ut1ngk3yr0ut1ngk3y00\n', {mode: 0o600});
	writeFileSync(path.join(home.directory, 'c.yaml'), `escalation:\n  unattended: [pagerduty]\n  channels:\n    pagerduty: {routing-key: {file: key}, url: "${service.url}"}\n${more}`, {mode: 0o600});
	return {
		home, service,
		run: async () => home.run(['escalate', '--incident', id, '--unattended', '--project', project, '--config', path.join(home.directory, 'c.yaml')]),
		types: () => readJournals(home.state).map(({type}) => type).filter(type => type.startsWith('message/')),
	};
};

test('an incident that nobody took is paged, once, in the team\'s words, and the journal has it', async t => {
	const {service, run, types} = await world(t, [opening()], [right], '  language: pt-BR\n');
	t.like(await run(), {code: 0, stdout: 'PagerDuty: accepted (Event processed)\n', stderr: ''});
	t.is(service.asked.length, 1);
	t.like(service.asked[0]!.json as {payload: object}, {event_action: 'trigger', routing_key: 'r0ut1ngk3yr0ut1ngk3yr0ut1ngk3y00'});
	t.regex((service.asked[0]!.json as {payload: {summary: string}}).payload.summary, /^CRITICAL APIDown: api de mestres-do-cafe fora do ar há 11 min/);
	t.deepEqual(types(), ['message/drafted', 'message/claimed', 'message/sent']);
	t.like(await run(), {code: 0, stdout: `${id} is escalated already: nothing is sent.\n`});
	t.is(service.asked.length, 1);
});

test('nothing is sent for what was taken, is over, was put off, or is not due', async t => {
	const table: ReadonlyArray<readonly [string, readonly JournalDraft[], RegExp]> = [
		['taken', [opening(), entry(3, 'incident/acknowledged')], /^ana has acknowledged/],
		['healthy again', [opening(), entry(3, 'incident/mitigated')], /is mitigated/],
		['over', [opening(), entry(3, 'incident/resolved', {reason: ''})], /is not open/],
		['put off', [opening(), entry(1, 'escalation/snoozed', {reason: 'x', untilMs: Date.now() + 600_000})], /was put off until/],
		['waived', [opening(), entry(1, 'message/waived', {message: 'l1/pagerduty', reason: 'x'})], /escalated already/],
		['early', [opening(5)], /not due yet/],
		['armed for later', [opening(), entry(9, 'escalation/armed', {name: 'unit', atMs: Date.now() + 300_000})], /not due yet/],
	];
	for (const [name, drafts, expected] of table) {
		const {service, run} = await world(t, drafts);
		const {code, stdout} = await run();
		t.is(code, 0, name);
		t.regex(stdout, expected, name);
		t.is(service.asked.length, 0, name);
	}
});

test('the deadline is the one that the timer was armed for, or the team\'s own page says, and so are the names', async t => {
	const armed = await world(t, [opening(6), entry(5, 'escalation/armed', {name: 'unit', atMs: Date.now() - 1000})]);
	t.like(await armed.run(), {code: 0, stdout: 'PagerDuty: accepted (Event processed)\n'});
	const page = await world(t, [opening(6)]);
	writeFileSync(path.join(page.home.directory, 'page.md'), '---\nescalate-after: 5m\nservice: checkout\n---\n# Down\n\n## Escalation\n\n1. On-Call: PagerDuty\n\n## Resolution\n\n### Scenario 1: stopped\n\n```bash\ndocker-compose up -d checkout\n```\n');
	writeFileSync(path.join(page.home.directory, 'c.yaml'), `runbook: page.md\n${readFileSync(path.join(page.home.directory, 'c.yaml'), 'utf8')}`);
	t.like(await page.run(), {code: 0, stdout: 'PagerDuty: accepted (Event processed)\n'});
	t.like((page.service.asked[0]!.json as {payload: object}).payload, {component: 'checkout'});
});

test('two timers in the same moment page once', async t => {
	const {service, run, types} = await world(t, [opening()]);
	const ran = await Promise.all([run(), run(), run()]);
	t.true(ran.every(({code}) => code === 0), JSON.stringify(ran));
	t.is(service.asked.length, 1);
	t.is(types().filter(type => type === 'message/sent').length, 1);
});

test('a service that is down for a moment is asked again, one that refuses is told as such', async t => {
	const weak = await world(t, [opening()], [{status: 503}, resets, right]);
	t.like(await weak.run(), {code: 0});
	t.is(weak.service.asked.length, 3);
	t.is(new Set(weak.service.asked.map(({json}) => (json as {dedup_key: string}).dedup_key)).size, 1);
	const refusing = await world(t, [opening()], [{status: 400, body: '{"status":"invalid event","message":"Event object is invalid"}'}]);
	const {code, stdout} = await refusing.run();
	t.is(code, 1);
	t.regex(stdout, /^PagerDuty: NOT sent: 400 .*invalid/);
});

test('without what it needs it says so', async t => {
	const home = incidentHome(t);
	t.like(await home.run(['escalate', '--incident', id]), {code: 64});
	t.regex((await home.run(['escalate', '--incident', id, '--unattended'])).stderr, /--project/);
	const {run} = await world(t, [opening()], [right], '  after: 10m\n');
	t.is((await run()).code, 0);
});

// ─── arming ──────────────────────────────────────────────────────────────────

type Bench = {readonly directory: string; arm(changes?: Partial<SystemTimerOptions>): Promise<Armed>; disarm(name: string): Promise<unknown>; words(program: string): readonly string[]};

/** A root with or without systemd and a lingering ana, and stand-ins for systemd's programs: they write down their words and do what `body` says. */
const systemd = (t: ExecutionContext, {runs = true, lingers = true, body = ''}: {readonly runs?: boolean; readonly lingers?: boolean; readonly body?: string} = {}): Bench => {
	const {directory} = incidentHome(t);
	const bin = path.join(directory, 'bin');
	mkdirSync(bin);
	for (const program of ['systemd-run', 'systemctl']) {
		writeFileSync(path.join(bin, program), `#!/bin/sh\nfor word; do printf '%s\\n' "$word"; done > "${directory}/${program}.args"\n${body}\n`);
		chmodSync(path.join(bin, program), 0o755);
	}

	for (const place of [...runs ? ['run/systemd/system'] : [], 'var/lib/systemd/linger']) {
		mkdirSync(path.join(directory, place), {recursive: true});
	}

	if (lingers) {
		writeFileSync(path.join(directory, 'var/lib/systemd/linger/ana'), '');
	}

	const timer = (changes: Partial<SystemTimerOptions>) => createSystemTimer({
		clock: realClock, uid: 1000, user: 'ana', root: directory, environment: {PATH: `${bin}:${process.env['PATH']}`, KEY: 'hidden'},
		command: (incident, name) => ['/usr/bin/mdc-console', 'escalate', '--incident', incident, '--project', name], ...changes,
	});
	return {
		directory,
		arm: async (changes = {}) => timer(changes).arm({incident: id, project, atMs: Date.UTC(2026, 0, 18, 6, 22, 4)}),
		disarm: async name => timer({}).disarm(name),
		words: program => existsSync(path.join(directory, `${program}.args`)) ? readFileSync(path.join(directory, `${program}.args`), 'utf8').split('\n').slice(0, -1) : [],
	};
};

test('the timer is asked of systemd-run with the instant and this program, and no secret', async t => {
	const {arm, disarm, words} = systemd(t);
	const armed = await arm();
	t.true(armed.ok);
	const asked = words('systemd-run');
	t.deepEqual(asked.slice(-7), ['--', '/usr/bin/mdc-console', 'escalate', '--incident', id, '--project', project]);
	t.true(asked.includes('--user') && asked.includes('--on-calendar=2026-01-18 06:22:04 UTC'));
	t.notRegex(asked.join('\n'), /hidden/);
	await disarm(armed.ok ? armed.value : '');
	t.deepEqual(words('systemctl'), ['--user', 'stop', `${armed.ok ? armed.value : ''}.timer`]);
});

test('where there is no systemd that is the answer', async t => {
	const without = systemd(t, {runs: false, lingers: false});
	t.like(await without.arm(), {ok: false, failure: {code: 'unsupported'}});
	t.deepEqual(without.words('systemd-run'), []);
	t.like(await systemd(t).arm({environment: {PATH: '/nonexistent'}}), {ok: false, failure: {code: 'unsupported'}});
	const body = 'echo "System has not been booted with systemd as init system (PID 1). Can\'t operate." >&2; exit 1';
	t.like(await systemd(t, {body}).arm({uid: 0, user: 'root'}), {ok: false, failure: {code: 'unsupported'}});
});

test('a timer that would end with the last session is refused with the remedy; root\'s does not', async t => {
	const {arm, words} = systemd(t, {lingers: false});
	t.deepEqual(await arm() as unknown, {ok: false, failure: {code: 'no-linger', detail: 'sudo loginctl enable-linger ana'}});
	t.deepEqual(words('systemd-run'), []);
	t.like(await arm({uid: 0, user: 'root'}), {ok: true});
	t.true(words('systemd-run').includes('--system'));
});

test('a program that was starved does not take the disk for silent', async t => {
	t.like(await systemd(t).arm({clock: starvedClock()}), {ok: true});
});

test('a refusal is told in systemd\'s words, what is armed already is armed, and what the host cannot start is a failure', async t => {
	t.like(await systemd(t, {body: 'echo "Failed to connect to bus: No medium found" >&2; exit 1'}).arm(), {ok: false, failure: {code: 'failed', detail: 'Failed to connect to bus: No medium found'}});
	for (const words of ['Unit x.timer already exists.', 'Unit x.timer was already loaded or has a fragment file.']) {
		t.like(await systemd(t, {body: `echo "Failed to start transient timer unit: ${words}" >&2; exit 1`}).arm(), {ok: true}, words);
	}

	// Longer than the kernel takes one word: Node throws, as it does where no memory is left.
	t.like(await systemd(t).arm({command: () => ['x'.repeat(200_000)]}), {ok: false, failure: {code: 'failed', detail: 'spawn E2BIG'}});
});

test('a systemd that does not answer within five seconds is told as that', async t => {
	t.like(await systemd(t, {body: 'exec sleep 60'}).arm(), {ok: false, failure: {code: 'timed-out'}});
});

test('a disk that hangs is told as no answer, and is asked one thing however often it is tried', async t => {
	const {directory, words} = systemd(t);
	const asked: string[] = [];
	const timer = createSystemTimer({
		clock: realClock, uid: 1000, user: 'ana', root: directory, environment: {PATH: '/nonexistent'}, command: () => [],
		mayExist: async path => {
			asked.push(path);
			return path.includes('/run/') || new Promise<never>(() => {});
		},
	});
	const request = {incident: id, project, atMs: 0};
	t.deepEqual(await Promise.all([timer.arm(request), timer.arm(request)]) as unknown, Array.from({length: 2}, () => ({ok: false, failure: {code: 'timed-out', detail: ''}})));
	t.like(await timer.arm(request), {ok: false, failure: {code: 'timed-out'}});
	t.deepEqual(asked, [`${directory}/var/lib/systemd/linger/ana`]);
	t.deepEqual(words('systemd-run'), []);
});
