/**
The whole of an outage, as a new user meets it, on a real stack with the real Prometheus and Alertmanager, stand-in services and SSH lines on loopback: opened by the alert with
its true start, the line cut while a message is being written, the deadline passed with nobody there, overdue by its true instant on a colleague's console, escalated, resolved
from there, and a report and a history row that need only the human sentences.
*/
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import {startAlertServers, type AlertServers} from '../helpers/alert-servers.ts';
import {openItem, sendItem, sendText} from '../helpers/escalation-keys.ts';
import {serveService, type HttpService} from '../helpers/http-services.ts';
import {needs} from '../helpers/needs.ts';
import {configure, launcher, readJournals, runProgram, type JournalRow} from '../helpers/real-console.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';
import {openSshd, type Line} from '../helpers/sshd.ts';
import type {Terminal} from '../helpers/terminal.ts';
import {until} from '../helpers/until.ts';

const real = needs('engine', 'compose', 'busybox', 'pty', 'sshd', 'prometheus', 'alertmanager');
const afterMs = 15_000;
const page = fileURLToPath(new URL('../fixtures/runbooks/api-down.md', import.meta.url));

type World = {readonly stack: Stack; readonly servers: AlertServers; readonly pagerduty: HttpService; readonly slack: HttpService; readonly statuspage: HttpService; readonly state: string; readonly runbook: string; readonly console: (name: string) => Promise<Line>};

const openWorld = async (t: ExecutionContext): Promise<World> => {
	const [stack, servers, sshd, pagerduty, slack, statuspage] = await Promise.all([
		openStack(), startAlertServers(t), openSshd(t), serveService(t, {status: 202, body: '{"status":"success","message":"Event processed"}'}), serveService(t, {status: 200, body: '{"ok":true,"channel":"C1","ts":"1700000000.000100"}'}), serveService(t),
	]);
	t.teardown(stack.close);
	const home = mkdtempSync(path.join(tmpdir(), 'mdc-outage-'));
	t.teardown(() => {
		rmSync(home, {recursive: true, force: true});
	});
	const secret = (name: string): string => {
		writeFileSync(path.join(home, name), `s3cr3t-of-${name}-0123456789\n`, {mode: 0o600});
		return `{file: ${path.join(home, name)}}`;
	};

	statuspage.route({
		'GET /v1/pages/abcdef/incidents/unresolved': {status: 200, body: '[]'}, 'POST /v1/pages/abcdef/incidents': {status: 201, body: '{"id":"sp1","incident_updates":[]}'},
		'GET /v1/pages/abcdef/incidents/sp1': {status: 200, body: '{"id":"sp1","incident_updates":[]}'}, 'PATCH /v1/pages/abcdef/incidents/sp1': {status: 200, body: '{"id":"sp1","incident_updates":[]}'},
	});
	const runbook = path.join(home, 'api-down.md');
	writeFileSync(runbook, readFileSync(page));
	configure(stack, `incident: {open-after: 1h, watch: 10s}
alerts:
  prometheus: {url: "${servers.prometheusUrl}"}
  alertmanager: {url: "${servers.alertmanagerUrl}"}
escalation:
  after: ${afterMs / 1000}s
  channels:
    pagerduty: {routing-key: ${secret('pagerduty')}, url: "${pagerduty.url}"}
    slack: {token: ${secret('slack')}, url: "${slack.url}"}
    statuspage: {api-key: ${secret('statuspage')}, page: abcdef, url: "${statuspage.url}"}
`);
	const state = path.join(home, 'state');
	return {
		stack, servers, pagerduty, slack, statuspage, state, runbook,
		console: async name => sshd.open([process.execPath, launcher, '--project', stack.project, '--as', name, '--language', 'en'], {XDG_STATE_HOME: state, PATH: process.env['PATH'] ?? ''}, {columns: 120, rows: 40}),
	};
};

/** The outage, and since when Prometheus knows of it; the alert has fired by then. */
const breakIt = async ({stack, servers}: World): Promise<number> => {
	stack.fault('api', 'error-500');
	servers.down(true);
	type Rules = {readonly data: {readonly groups: ReadonlyArray<{readonly rules: ReadonlyArray<{readonly alerts: ReadonlyArray<{readonly state: string; readonly activeAt: string}>}>}>}};
	return until(async () => {
		const {data} = await servers.json(`${servers.prometheusUrl}/api/v1/rules`) as Rules;
		const alert = data.groups[0]?.rules[0]?.alerts[0];
		return alert?.state === 'firing' ? Date.parse(alert.activeAt) : null;
	}, {everyMs: 200, deadlineMs: 30_000});
};

const pressUntil = async (terminal: Terminal, key: string, holds: (screen: string) => boolean): Promise<void> => {
	await until(async () => {
		await terminal.press(key);
		return holds(terminal.screen());
	}, {everyMs: 500, describe: () => terminal.screen()});
};

const entriesOf = ({state}: World, type: string): readonly JournalRow[] => readJournals(state).filter(row => row.type === type);
const entry = async (world: World, type: string): Promise<JournalRow> => until(() => entriesOf(world, type)[0], {everyMs: 200, deadlineMs: 60_000, describe: () => `${type}: ${readJournals(world.state).map(row => row.type).join(' ')}`});

const reportOf = async ({stack, state}: World, ...parameters: readonly string[]): Promise<string> => (await runProgram(['incidents', ...parameters, '--project', stack.project], {XDG_STATE_HOME: state, TZ: 'America/Sao_Paulo'})).stdout;

type ReportJson = {readonly incident: {readonly impactBegan: object; readonly detected: object; readonly acknowledged: object; readonly ended: object}};

real('an outage from the alert to the history row, over a line that was cut', async t => {
	t.timeout(240_000);
	const world = await openWorld(t);
	const {stack, servers, pagerduty, slack, statuspage} = world;
	const activeAtMs = await breakIt(world);

	// Ana is paged, logs in, takes it, silences the alert, and her line is cut while she writes to the team.
	const ana = await world.console('ana');
	await ana.terminal.until(/CRITICAL/, 30_000);
	t.like((await entry(world, 'incident/opened')).data, {by: 'alert', source: 'alert', sinceMs: activeAtMs, atLeast: false});
	await pressUntil(ana.terminal, 'a', screen => screen.includes('Silence the alert?'));
	await pressUntil(ana.terminal, 'y', screen => !screen.includes('Silence the alert?'));
	await entry(world, 'silence/created');
	await openItem(ana.terminal, 'Slack');
	await ana.terminal.press('t');
	await ana.terminal.until(/Editing/);
	await ana.terminal.press(...' since the deploy');
	await ana.terminal.until(/since the deploy/);
	// Kept at most a second behind the keys.
	await new Promise(resolve => {
		setTimeout(resolve, 1300);
	});
	ana.cut();

	// The deadline comes with nobody there: nothing is sent, nothing is forgotten.
	await until(() => Date.now() > activeAtMs + afterMs + 1000, {deadlineMs: afterMs + 5000});
	t.deepEqual([pagerduty, slack, statuspage].map(({asked}) => asked.length), [0, 0, 0]);

	const bia = await world.console('bia');
	await bia.terminal.until(/ESCALATE \+00:/, 30_000);
	t.is((await entry(world, 'escalation/prompted')).data['dueAtMs'], activeAtMs + afterMs);
	await sendItem(bia.terminal, 'PagerDuty');
	await bia.terminal.until(/● PagerDuty .*accepted/, 20_000);
	await sendItem(bia.terminal, 'Status page');
	await bia.terminal.until(/● Status page .*accepted/, 20_000);
	t.like(pagerduty.asked[0]!.json as object, {event_action: 'trigger', payload: {timestamp: new Date(activeAtMs).toISOString()}});

	// Ana is back: what she was writing is there again, and goes out as she wrote it.
	const again = await world.console('ana');
	await again.terminal.until(/CRITICAL.*bia here/, 30_000);
	t.regex(await openItem(again.terminal, 'Slack'), /since the deploy/);
	await sendText(again.terminal);
	await again.terminal.until(/● Slack .*accepted/, 20_000);
	t.regex(String((slack.asked[0]!.json as {readonly text: string}).text), /since the deploy$/);

	// It is healed, and resolved by the colleague.
	stack.fault('api', null);
	servers.down(false);
	await entry(world, 'incident/mitigated');
	await bia.terminal.until(/i then x resolves/, 60_000);
	await pressUntil(bia.terminal, 'escape', screen => !screen.includes('▸ Escalation'));
	await bia.terminal.press('i');
	await bia.terminal.until(/▸ Incident/);
	await bia.terminal.press('x');
	const resolved = await entry(world, 'incident/resolved');
	t.like(resolved, {actor: 'bia'});
	t.is(resolved.data['against'], undefined);
	await entry(world, 'silence/lifted');
	await sendItem(bia.terminal, 'PagerDuty · resolved');
	await until(() => pagerduty.asked.length === 2);
	t.like(pagerduty.asked[1]!.json as object, {event_action: 'resolve', dedup_key: (pagerduty.asked[0]!.json as {readonly dedup_key: string}).dedup_key});
	t.deepEqual(['incident/opened', 'incident/acknowledged', 'escalation/prompted', 'incident/resolved'].map(type => entriesOf(world, type).length), [1, 1, 1, 1]);

	await assertRecord(t, world, activeAtMs);
});

const humanSentences = [
	'What happened, in two sentences, for somebody who was not there.', 'Who was hurt and how much: customers, orders, revenue, SLA.', 'The root cause: why could this happen at all?', 'The trigger: what was different this time?',
	'What went well?', 'What went badly: detection, runbook, tools, communication?', 'Where were we lucky?', 'Each with an owner and a date.',
];

/** What is written afterwards: the facts are all there, and what is left are the human sentences. */
const assertRecord = async (t: ExecutionContext, world: World, activeAtMs: number): Promise<void> => {
	const [text, html, json] = await Promise.all([reportOf(world, 'report', 'last', '--language', 'en'), reportOf(world, 'report', 'last', '--language', 'en', '--format', 'html'), reportOf(world, 'report', 'last', '--format', 'json')]);
	t.like((JSON.parse(json) as ReportJson).incident, {impactBegan: {at: new Date(activeAtMs).toISOString(), source: 'alert', atLeast: false}, detected: {by: 'alert'}, acknowledged: {actor: 'ana'}, ended: {actor: 'bia'}});
	t.regex(text, /\*\*responders\*\*: ana, bia/);
	t.regex(text, /Slack \(escalation\)[\s\S]*since the deploy/);
	t.deepEqual([...text.matchAll(/TO FILL IN:\*\* (.*)/g)].map(match => match[1]), humanSentences);
	t.true(html.includes('<svg') && !/<script|\son\w+=|javascript:/i.test(html));
	for (const written of [text, html, json, JSON.stringify(readJournals(world.state))]) {
		t.false(written.includes('s3cr3t-of-'), 'no secret is written down');
	}

	const before = readFileSync(world.runbook, 'utf8');
	t.regex(await reportOf(world, 'history-row', 'last', '--runbook', world.runbook), /^\+\| \d{4}-\d{2}-\d{2} \| .* \|$/m);
	t.is(readFileSync(world.runbook, 'utf8'), before, 'shown first');
	await reportOf(world, 'history-row', 'last', '--runbook', world.runbook, '--cause', 'Deploy das 03h', '--action', 'Desfeito', '--write');
	const [added, ...more] = readFileSync(world.runbook, 'utf8').split('\n').filter(line => !before.split('\n').includes(line));
	t.regex(added ?? '', /^\| \d{4}-\d{2}-\d{2} \| \d+(?:s|min) \| Deploy das 03h \| Desfeito \|$/);
	t.deepEqual(more, []);
	t.is(readFileSync(world.runbook, 'utf8').replace(`${added ?? ''}\n`, ''), before, 'byte for byte as it was');
	t.regex(await reportOf(world, 'verify'), /^intact/);
};
