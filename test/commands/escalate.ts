/** What the system's timer runs: the built program, a journal of its own, a stand-in PagerDuty. And the arming, with a systemd-run that only writes down what it was asked. */

import {chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createSystemTimer} from '../../source/adapters/system-timer.ts';
import type {JournalDraft, Json} from '../../source/core/ports.ts';
import {resets, serveService, type Behaviour, type HttpService} from '../helpers/http-services.ts';
import {incidentHome, type IncidentHome, type Ran} from '../helpers/incident-home.ts';
import {readJournals} from '../helpers/real-console.ts';

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

test('the timer is asked of systemd-run with the instant and this program, and no secret', async t => {
	const home = incidentHome(t);
	const bin = path.join(home.directory, 'bin');
	mkdirSync(bin);
	for (const program of ['systemd-run', 'systemctl']) {
		writeFileSync(path.join(bin, program), `#!/bin/sh\nfor word; do printf '%s\\n' "$word"; done > "${home.directory}/${program}.args"\n`);
		chmodSync(path.join(bin, program), 0o755);
	}

	const timer = createSystemTimer({uid: 1000, environment: {PATH: `${bin}:${process.env['PATH']}`, KEY: 'hidden'}, command: (incident, name) => ['/usr/bin/mdc-console', 'escalate', '--incident', incident, '--project', name]});
	const armed = await timer.arm({incident: id, project, atMs: Date.UTC(2026, 0, 18, 6, 22, 4)});
	t.true(armed.ok);
	const words = readFileSync(path.join(home.directory, 'systemd-run.args'), 'utf8').split('\n');
	t.deepEqual(words.slice(-7, -1), ['--', '/usr/bin/mdc-console', 'escalate', '--incident', id, '--project'].concat(project).slice(-6));
	t.true(words.includes('--user') && words.includes('--on-calendar=2026-01-18 06:22:04 UTC'));
	t.notRegex(words.join('\n'), /hidden/);
	await timer.disarm(armed.ok ? armed.value : '');
	t.is(readFileSync(path.join(home.directory, 'systemctl.args'), 'utf8'), `--user\nstop\n${armed.ok ? armed.value : ''}.timer\n`);
});

test('where there is no systemd that is the answer', async t => {
	const timer = createSystemTimer({uid: 0, environment: {PATH: '/nonexistent'}, command: () => []});
	t.like(await timer.arm({incident: id, project, atMs: 0}), {ok: false, failure: {code: 'unsupported'}});
	t.false(existsSync('/nonexistent'));
});
