/** The alert sources on a real stack, against the real Prometheus and Alertmanager: opened by the alert with its own start, silenced, lifted at the end. */
import test from 'ava';
import {startAlertServers} from '../helpers/alert-servers.ts';
import {needs} from '../helpers/needs.ts';
import {configure, openRealConsole, readJournals, runProgram, stateOf} from '../helpers/real-console.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';
import {until} from '../helpers/until.ts';

const real = needs('engine', 'compose', 'busybox', 'pty', 'prometheus', 'alertmanager');
let shared: Promise<Stack> | null = null;

test.after.always('the stack is taken down', async () => {
	const stack = await shared?.catch(() => null);
	await stack?.close();
});

type RuleAnswer = {readonly data: {readonly groups: ReadonlyArray<{readonly rules: ReadonlyArray<{readonly alerts: ReadonlyArray<{readonly state: string; readonly activeAt: string}>}>}>}};
type SilenceAnswer = ReadonlyArray<{readonly comment: string; readonly createdBy: string; readonly status: {readonly state: string}}>;

real('the alert opens the incident with its true start, the silence lasts as long as the work, and what is over is resolved without a doubt', async t => {
	t.timeout(240_000);
	const [servers, stack] = await Promise.all([startAlertServers(t), shared ??= openStack()]);
	configure(stack, `incident: {open-after: 1h, watch: 10s}
alerts:
  prometheus: {url: "${servers.prometheusUrl}"}
  alertmanager: {url: "${servers.alertmanagerUrl}"}
`);
	stack.fault('api', 'error-500');
	servers.down(true);
	const activeAtMs = await until(async () => {
		const {data} = await servers.json(`${servers.prometheusUrl}/api/v1/rules`) as RuleAnswer;
		const alert = data.groups[0]?.rules[0]?.alerts[0];
		return alert?.state === 'firing' ? Date.parse(alert.activeAt) : null;
	}, {everyMs: 200, deadlineMs: 30_000});

	const terminal = await openRealConsole(t, stack, {columns: 120, rows: 40});
	const journal = () => readJournals(stateOf(terminal));
	const entry = async (type: string) => until(() => journal().find(row => row.type === type), {everyMs: 200, deadlineMs: 60_000, describe: () => `${type}: ${journal().map(row => row.type).join(' ')}\n${terminal.screen()}`});
	const opened = await entry('incident/opened');
	t.like(opened.data, {by: 'alert', source: 'alert', atLeast: false});
	t.is(opened.data['sinceMs'], activeAtMs);
	await terminal.until('CRITICAL');

	await until(async () => {
		await terminal.press('a');
		return terminal.screen().includes('Silence the alert?');
	}, {everyMs: 500, describe: () => terminal.screen()});
	await until(async () => {
		await terminal.press('y');
		return !terminal.screen().includes('Silence the alert?');
	}, {everyMs: 500, describe: () => terminal.screen()});
	await entry('silence/created');
	const silences = async () => await servers.json(`${servers.alertmanagerUrl}/api/v2/silences`) as SilenceAnswer;
	t.deepEqual((await silences()).map(({comment, createdBy, status}) => [comment, createdBy, status.state]), [[`${opened.incident} · ana · mdc-console`, 'ana', 'active']]);

	const {stdout} = await runProgram(['status', '--json', '--project', stack.project], {HOME: terminal.home, XDG_CONFIG_HOME: undefined, XDG_STATE_HOME: undefined});
	t.like(JSON.parse(stdout), {alerts: [{source: 'prometheus', state: 'firing', since: new Date(activeAtMs).toISOString()}, {source: 'alertmanager', state: 'firing', silenced: true}]});
	t.regex(String((JSON.parse(stdout) as {readonly alerts: ReadonlyArray<{readonly targetError: string}>}).alerts[0]?.targetError), /HTTP status 503/);

	stack.fault('api', null);
	servers.down(false);
	await entry('incident/mitigated');
	await terminal.until(/i then x resolves/, 90_000);
	await terminal.press('i');
	await terminal.until('Alert sources');
	await terminal.press('x');
	t.is((await entry('incident/resolved')).data['against'], undefined);
	await entry('silence/lifted');
	t.deepEqual((await silences()).map(({status}) => status.state), ['expired']);
	t.deepEqual(['alert/fired', 'incident/opened'].map(type => journal().filter(row => row.type === type).length), [2, 1]);
});

real('doctor tells of sources that do not answer, have no data, or no such rule', async t => {
	t.timeout(180_000);
	const [servers, stack] = await Promise.all([startAlertServers(t, {rule: 'Another'}), shared ??= openStack()]);
	configure(stack, `alerts:\n  prometheus: {url: "${servers.prometheusUrl}", query: 'up{job="nobody"}'}\n  alertmanager: {url: "http://127.0.0.1:1"}\n`);
	const {stdout} = await runProgram(['doctor', '--json', '--project', stack.project]);
	const {checks} = JSON.parse(stdout) as {readonly checks: ReadonlyArray<{readonly area: string; readonly status: string; readonly code: string}>};
	t.deepEqual(checks.filter(({area}) => area === 'alerts').map(({status, code}) => `${status} ${code}`), ['warn alerts-no-data', 'warn alerts-no-rule', 'bad alerts-failed']);
});
