/** The escalation by the whole program on a real engine, against stand-in services: sent on `y`, a console killed between claim and answer, and the next one that takes over. */
import {chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {execFile} from 'node:child_process';
import test from 'ava';
import {sendItem} from '../helpers/escalation-keys.ts';
import {hangs, serveService, type HttpService} from '../helpers/http-services.ts';
import {needs} from '../helpers/needs.ts';
import {configure, openRealConsole, readJournals, stateOf} from '../helpers/real-console.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';
import type {Terminal} from '../helpers/terminal.ts';
import {until} from '../helpers/until.ts';

const real = needs('engine', 'compose', 'busybox', 'pty');
let shared: Promise<Stack> | null = null;

const downStack = async (): Promise<Stack> => {
	shared ??= openStack();
	const stack = await shared;
	await stack.stop('api');
	return stack;
};

test.after.always('the stack is taken down', async () => {
	const stack = await shared?.catch(() => null);
	await stack?.close();
});

const routingKey = 'r0ut1ngk3yr0ut1ngk3yr0ut1ngk3y00';
const accepted = {status: 202, body: '{"status":"success","message":"Event processed"}'};

const configured = (stack: Stack, pagerduty: HttpService, slack: HttpService, more = '', after = '30m'): void => {
	writeFileSync(path.join(stack.directory, 'pagerduty.key'), `${routingKey}\n`, {mode: 0o600});
	configure(stack, [
		'incident: {open-after: 1s}', 'escalation:', `  after: ${after}`, ...(more === '' ? [] : [more]), '  channels:', `    pagerduty: {routing-key: {file: pagerduty.key}, url: "${pagerduty.url}"}`, `    slack: {token: {env: SLACK_TOKEN}, url: "${slack.url}"}`, '',
	].join('\n'));
};

const messageTypes = (terminal: Terminal): readonly string[] => readJournals(stateOf(terminal)).filter(({type}) => type.startsWith('message/')).map(({type, data}) => `${type} ${String(data['message'])} ${data['attempt'] === undefined ? '' : String(data['attempt'])}`.trim());

real('a page and a thread go out on y, and the services\' answers come back to the list and into the journal', async t => {
	const [stack, pagerduty, slack] = await Promise.all([downStack(), serveService(t, accepted), serveService(t, {status: 200, body: '{"ok":true,"channel":"C1","ts":"1700000000.000100"}'})]);
	configured(stack, pagerduty, slack);
	const terminal = await openRealConsole(t, stack, {columns: 80, rows: 24, env: {SLACK_TOKEN: 'xoxb-test-token'}});
	await terminal.until(/CRITICAL/, 30_000);
	await sendItem(terminal, 'PagerDuty');
	await terminal.until(/● PagerDuty .*accepted/, 15_000);
	await sendItem(terminal, 'Slack');
	await terminal.until(/● Slack .*accepted/, 15_000);
	t.like(pagerduty.asked[0]!.json as object, {event_action: 'trigger', routing_key: routingKey});
	t.is(slack.asked[0]!.headers.authorization, 'Bearer xoxb-test-token');
	await until(() => messageTypes(terminal).includes('message/sent l1/slack 1'));
	const journal = JSON.stringify(readJournals(stateOf(terminal)));
	t.false(journal.includes(routingKey) || journal.includes('xoxb-test-token'), 'no secret in the journal');

	// Taken afterwards: what follows is proposed, and goes into the same thread.
	await terminal.press('escape', 'a');
	await terminal.until(/2 messages could be sent now/, 15_000);
	await sendItem(terminal, 'Slack · acknowledged');
	await until(() => slack.asked.length === 2);
	t.like(slack.asked[1]!.json as object, {channel: 'C1', thread_ts: '1700000000.000100'});
	await terminal.press('escape', 'i');
	await terminal.until(/PagerDuty \(escalation\): accepted/);
});

real('killed between claim and answer: the next console pages again by the same key, and asks about Slack instead of posting twice', async t => {
	const [stack, pagerduty, slack] = await Promise.all([downStack(), serveService(t, hangs), serveService(t, hangs)]);
	configured(stack, pagerduty, slack);
	const first = await openRealConsole(t, stack, {env: {SLACK_TOKEN: 'xoxb-test-token'}});
	await first.until(/CRITICAL/, 30_000);
	await sendItem(first, 'PagerDuty');
	await sendItem(first, 'Slack');
	// The page may have waited its time by now, and gone out again under its key.
	await until(() => pagerduty.asked.length >= 1 && slack.asked.length === 1 && messageTypes(first).filter(type => type.startsWith('message/claimed')).length >= 2, {deadlineMs: 40_000, describe: () => messageTypes(first).join('\n')});
	first.kill('SIGKILL');
	await first.exited;
	t.false(messageTypes(first).some(type => type.startsWith('message/sent') || type.endsWith('slack 1') && /unknown|failed/.test(type)));

	pagerduty.answer(accepted);
	const next = await openRealConsole(t, stack, {env: {XDG_STATE_HOME: stateOf(first), SLACK_TOKEN: 'xoxb-test-token'}});
	await next.until(/CRITICAL/, 30_000);
	await next.press('e');
	await next.until(/● PagerDuty .*accepted/, 60_000);
	await next.until(/✖ Slack .*may have gone out/, 60_000);
	t.true(pagerduty.asked.length >= 2);
	t.is(new Set(pagerduty.asked.map(({json}) => (json as {dedup_key: string}).dedup_key)).size, 1);
	t.is(slack.asked.length, 1, 'never twice by itself');
	await until(() => messageTypes(first).includes('message/unknown l1/slack 1'));

	slack.answer({status: 200, body: '{"ok":true,"channel":"C1","ts":"1700000000.000200"}'});
	await sendItem(next, 'Slack');
	await next.until(/● Slack .*accepted/, 20_000);
	t.is(slack.asked.length, 2, 'by a person it is');
});

real('with no console open the system\'s timer pages, by the very command that was armed', async t => {
	const [stack, pagerduty, slack] = await Promise.all([downStack(), serveService(t, accepted), serveService(t, {status: 500})]);
	// An outage that has just begun: its deadline lies a minute ahead.
	await stack.start('api');
	await stack.waitHealthy();
	await stack.stop('api');
	configured(stack, pagerduty, slack, '  unattended: [pagerduty]', '1m');
	const bin = path.join(stack.directory, 'bin');
	const armed = path.join(stack.directory, 'armed');
	mkdirSync(bin, {recursive: true});
	writeFileSync(path.join(bin, 'systemd-run'), `#!/bin/sh\nfor word; do printf '%s\\n' "$word"; done > "${armed}.new"\nmv "${armed}.new" "${armed}"\n`);
	chmodSync(path.join(bin, 'systemd-run'), 0o755);
	const terminal = await openRealConsole(t, stack, {env: {PATH: `${bin}:${process.env['PATH']}`, SLACK_TOKEN: 'xoxb-test-token'}});
	await terminal.until(/CRITICAL/, 30_000);
	await until(() => existsSync(armed));
	await terminal.press('e');
	await terminal.until(/A timer of the system pages at/);
	terminal.kill('SIGKILL');
	await terminal.exited;

	const words = readFileSync(armed, 'utf8').split('\n').slice(0, -1);
	const [program = '', ...parameters] = words.slice(words.indexOf('--') + 1);
	await until(() => readJournals(stateOf(terminal)).some(({type, atMs}) => type === 'incident/opened' && Date.now() - atMs > 61_000), {deadlineMs: 80_000});
	const said = await new Promise<string>((resolve, reject) => {
		execFile(program, parameters, {env: {PATH: process.env['PATH'], HOME: terminal.home, XDG_STATE_HOME: stateOf(terminal), LANG: 'C.UTF-8'}}, (error, stdout, stderr) => {
			if (error === null) {
				resolve(stdout);
			} else {
				reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
			}
		});
	});
	t.is(said, 'PagerDuty: accepted (Event processed)\n');
	t.is(pagerduty.asked.length, 1);
	t.deepEqual(messageTypes(terminal), ['message/drafted l1/pagerduty', 'message/claimed l1/pagerduty 1', 'message/sent l1/pagerduty 1']);
});
