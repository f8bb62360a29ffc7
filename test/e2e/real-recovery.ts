/** The main job on a real engine: see what is down, start it by one key and `y`, be told that it helped, and find it all again in the timeline. */
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {configure, confirm, openRealConsole, readJournals, runProgram, stateOf} from '../helpers/real-console.ts';
import {needs} from '../helpers/needs.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';
import {until} from '../helpers/until.ts';

const real = needs('engine', 'compose', 'busybox', 'pty');
let shared: Promise<Stack> | null = null;

/** The file's own stack, healthy again whatever the test before did to it. */
const healthyStack = async (): Promise<Stack> => {
	shared ??= openStack();
	const stack = await shared;
	for (const service of ['api', 'nginx', 'db', 'redis'] as const) {
		stack.fault(service, null);
	}

	// Quick to open an incident and to give up on a check, for the tests' sake.
	configure(stack, 'verify: {deadline: 8s, slow: 5s}\nincident: {open-after: 3s, watch: 10s}\n');
	await stack.compose('up', '-d', '--no-build');
	await stack.waitHealthy();
	return stack;
};

test.after.always('the stack is taken down', async () => {
	const stack = await shared?.catch(() => null);
	await stack?.close();
});

real('a stopped api is on the screen within a second or so; U and y bring it back, and another console finds it all in the timeline', async t => {
	const stack = await healthyStack();
	// Longer than the engine may take to tell its containers on a busy machine: what opens before that knows of pings only, and says so as its source.
	configure(stack, 'verify: {deadline: 8s, slow: 5s}\nincident: {open-after: 8s, watch: 10s}\n');
	const stoppedAtMs = Date.now();
	await stack.stop('api');
	const openedAtMs = performance.now();
	const terminal = await openRealConsole(t, stack);
	await terminal.until(/[✖○] api(?: |\s)+exited 0/, 10_000);
	const shownMs = performance.now() - openedAtMs;
	t.log(`shown after ${Math.round(shownMs)} ms`);
	// A second on a quiet machine; this one may be busy with other tests.
	t.true(shownMs < 4000, `shown after ${shownMs} ms`);
	await terminal.until(/refused/);
	await terminal.until(/CRITICAL/, 20_000);

	await confirm(terminal, 'U');
	const verdict = await terminal.until(/RECOVERED in [\d.]+ s/, 30_000);
	t.regex(verdict, /docker-compose up -d api/);
	await terminal.press('escape');
	await terminal.until(/● api\s+up/);
	await terminal.until(/MITIGATED/, 20_000);
	await terminal.press('q');
	t.is((await terminal.exited).exitCode, 0);

	// The same state directory, another process.
	const again = await openRealConsole(t, stack, {env: {XDG_STATE_HOME: `${terminal.home}/.local/state`}});
	await again.until(/MITIGATED/, 10_000);
	await again.press('i');
	const timeline = await again.until(/Timeline/);
	t.regex(timeline, /Start api/);
	t.regex(timeline, /recovered/i);
	const journal = readJournals(`${terminal.home}/.local/state`);
	const types = journal.map(entry => entry.type);
	for (const type of ['incident/opened', 'action/confirmed', 'action/started', 'action/ended', 'action/verified', 'incident/mitigated']) {
		t.is(types.filter(other => other === type).length, 1, `${type} in ${types.join(' ')}`);
	}

	const opened = journal.find(entry => entry.type === 'incident/opened');
	t.is(opened?.data['source'], 'container', journal.map(({type, atMs, data}) => `${type} ${atMs} ${JSON.stringify(data).slice(0, 120)}`).join('\n'));
	t.true(Math.abs(Number(opened?.data['sinceMs']) - stoppedAtMs) < 3000, 'the outage began when the container stopped');
	t.is(journal.find(entry => entry.type === 'action/confirmed')?.actor, 'ana');
	t.like(journal.find(entry => entry.type === 'action/verified')?.data, {verdict: 'recovered'});
});

real('$ is a shell in the selected container; after exit the console is there again, takes keys, and its record says who was in there', async t => {
	const stack = await healthyStack();
	const terminal = await openRealConsole(t, stack);
	await terminal.until(/› ?● api\s+up/, 15_000);
	await terminal.press('$');
	await terminal.until(/a shell in api/, 10_000);
	await terminal.until(/[#$] *$/m, 10_000);
	terminal.write('echo in-$((6*7))-$(cat /proc/1/comm)\r');
	await terminal.until(/in-42-\w/, 10_000);
	terminal.write('exit\r');
	await terminal.until(/● api\s+up/, 15_000);
	await terminal.press('i');
	await terminal.until(/Incident/);
	await until(async () => readJournals(stateOf(terminal)).some(entry => entry.type === 'shell/closed' && entry.data['service'] === 'api' && entry.actor === 'ana'), {describe: () => JSON.stringify(readJournals(stateOf(terminal)).map(({type}) => type))});
	t.deepEqual(readJournals(stateOf(terminal)).map(({type}) => type).filter(type => type.startsWith('shell/')), ['shell/opened', 'shell/closed']);
});

real('restarting the api and nginx: each is a new start of the same container, checked by its own ping', async t => {
	const stack = await healthyStack();
	const terminal = await openRealConsole(t, stack);
	await terminal.until(/● healthy/, 15_000);
	const before = {api: await stack.inspect('api', '{{.Id}} {{.State.StartedAt}}'), nginx: await stack.inspect('nginx', '{{.Id}} {{.State.StartedAt}}')};
	await confirm(terminal, 'R');
	t.regex(await terminal.until(/RECOVERED in/, 30_000), /docker-compose restart api/);
	await terminal.press('escape');
	// What a restart heals: nginx that has kept the old address of the api.
	stack.fault('nginx', 'stale once');
	await terminal.until(/✖ nginx\s+status 502/, 15_000);
	await confirm(terminal, 'W');
	t.regex(await terminal.until(/RECOVERED in/, 30_000), /docker-compose restart nginx/);
	for (const service of ['api', 'nginx'] as const) {
		const [id, startedAt] = before[service].split(' ');
		const [idAfter, startedAfter] = (await stack.inspect(service, '{{.Id}} {{.State.StartedAt}}')).split(' ');
		t.is(idAfter, id);
		t.not(startedAfter, startedAt);
	}
});

real('an api that cannot start is "not recovered", with its exit and how often it died; the crash loop is named', async t => {
	const stack = await healthyStack();
	await stack.stop('api');
	stack.fault('api', 'exit');
	const terminal = await openRealConsole(t, stack);
	await terminal.until(/[✖○] api(?: |\s)+exited 0/, 15_000);
	await confirm(terminal, 'U');
	const verdict = await terminal.until(/NOT RECOVERED/, 40_000);
	t.regex(verdict, /died (?:again|\d+ times)/);
	await terminal.press('escape');
	t.regex(await terminal.until(/✖ api\s+restarting/, 20_000), /SyntaxError/);
	stack.fault('api', null);
	await confirm(terminal, 'R');
	await terminal.until(screen => /RECOVERED in/.test(screen), 40_000);
	const journal = readJournals(`${terminal.home}/.local/state`);
	t.deepEqual(journal.filter(entry => entry.type === 'action/verified').map(entry => entry.data['verdict']), ['not-recovered', 'recovered']);
});

real('an api that takes too much memory is shown as killed, with what its code means', async t => {
	const stack = await healthyStack();
	await stack.stop('api');
	stack.fault('api', 'memory');
	await stack.start('api');
	const terminal = await openRealConsole(t, stack);
	await terminal.until(/✖ api.*(?:OOM|137)/, 40_000);
	const {stdout, exitCode} = await runProgram(['status', '--json', '--project', stack.project]);
	t.is(exitCode, 1);
	const api = (JSON.parse(stdout) as {containers: {service: string; exitCode: number | null; restarts: number}[]}).containers.find(container => container.service === 'api');
	t.true((api?.restarts ?? 0) >= 1 || api?.exitCode === 137, JSON.stringify(api));
});

real('a removed container is missing, not forgotten, and U makes it again; nobody else on its port passes for it', async t => {
	const stack = await healthyStack();
	const terminal = await openRealConsole(t, stack);
	await terminal.until(/● healthy/, 15_000);
	await stack.docker('rm', '-f', await stack.containerId('api'));
	await terminal.until(/✖ api\s+missing/, 15_000);
	await terminal.until(/✖ api\s+not running/i, 15_000);
	const {stdout, exitCode} = await runProgram(['status', '--json', '--project', stack.project]);
	t.is(exitCode, 1);
	t.is((JSON.parse(stdout) as {containers: {service: string; state: string}[]}).containers.find(container => container.service === 'api')?.state, 'missing');
	await confirm(terminal, 'U');
	t.regex(await terminal.until(/RECOVERED in/, 40_000), /docker-compose up -d api/);
	await terminal.press('escape');
	await terminal.until(/● api\s+up/);
	const fresh = await openRealConsole(t, stack);
	await fresh.until(/● healthy/, 15_000);
});

real('a scaled service has a row for each container; a one-off container is shown apart and is not the service', async t => {
	const stack = await healthyStack();
	t.is((await stack.compose('up', '-d', '--no-build', '--scale', 'redis=3', 'redis')).exitCode, 0);
	const oneOff = await stack.compose('run', '-d', '--no-deps', '--entrypoint', '/bin/sleep', 'api', '300');
	t.is(oneOff.exitCode, 0, oneOff.stderr);
	const terminal = await openRealConsole(t, stack);
	const screen = await terminal.until(shown => (shown.match(/● redis/g)?.length ?? 0) >= 3 && /one-off/.test(shown), 15_000);
	t.regex(screen, /● api\s+up/);
	await stack.stop('api');
	await terminal.until(/[✖○] api(?: |\s)+exited 0/, 15_000);
	const {stdout} = await runProgram(['status', '--json', '--project', stack.project]);
	const containers = (JSON.parse(stdout) as {containers: {service: string; state: string}[]}).containers;
	t.is(containers.filter(container => container.service === 'redis').length, 3);
	t.deepEqual(containers.filter(container => container.service === 'api').map(container => container.state), ['exited']);
	await stack.docker('rm', '-f', oneOff.stdout.trim().split('\n').at(-1)!);
	await stack.compose('up', '-d', '--no-build', '--scale', 'redis=1', 'redis');
});

real('status says how things stand by its exit code, and leaves no trace on the engine or the disk', async t => {
	const stack = await healthyStack();
	const since = Math.floor(Date.now() / 1000);
	await sleep(1100);
	const home = stack.directory;
	const environment = {HOME: home, XDG_STATE_HOME: `${home}/state`};
	const healthy = await runProgram(['status', '--project', stack.project], environment);
	t.is(healthy.exitCode, 0, healthy.stdout + healthy.stderr);
	t.false(healthy.stdout.includes('\u001B'));
	t.deepEqual(readJournals(`${home}/state`), []);
	const events = await stack.docker('events', '--since', String(since), '--until', String(Math.floor(Date.now() / 1000)), '--filter', `label=com.docker.compose.project=${stack.project}`, '--format', '{{.Action}}');
	// The containers' own health checks are execs too; ours would be of psql.
	t.false(/exec_create: sh -c psql/.test(events.stdout), events.stdout);

	await stack.stop('api');
	const stopped = await runProgram(['status', '--project', stack.project], environment);
	t.is(stopped.exitCode, 1, stopped.stdout);
	t.regex(stopped.stdout, /api/);
	// Of what nobody can be asked about, nothing is said; a guessed port that refuses is no proof of an outage.
	const blind = await runProgram(['status', '--json', '--project', stack.project], {...environment, DOCKER_HOST: `unix://${home}/none.sock`});
	const {pings} = JSON.parse(blind.stdout) as {pings: {name: string; ok: boolean | null}[]};
	t.is(blind.exitCode, 2, blind.stdout);
	t.deepEqual(pings.filter(ping => ping.name === 'db' || ping.name === 'redis').map(ping => ping.ok), [null, null]);
	const unknown = await runProgram(['status', '--project', 'no-such-project-here'], environment);
	t.is(unknown.exitCode, 64);
	t.regex(unknown.stderr, /no-such-project-here/);
});

real('the api is followed from death to death without an exec: the console starts nothing in the containers but one query', async t => {
	const stack = await healthyStack();
	const since = Math.floor(Date.now() / 1000);
	const terminal = await openRealConsole(t, stack);
	await terminal.until(/● healthy/, 15_000);
	await sleep(9000);
	const events = await stack.docker('events', '--since', String(since), '--until', String(Math.floor(Date.now() / 1000)), '--filter', `label=com.docker.compose.project=${stack.project}`, '--filter', 'event=exec_create', '--format', '{{.Action}}');
	const own = events.stdout.split('\n').filter(line => line !== '' && !/wget|pg_isready|redis-cli/.test(line));
	t.is(own.length, 1, own.join('\n'));
	t.regex(own[0]!, /psql/);
	await until(() => terminal.screen().includes('accepts'), {describe: () => terminal.screen()});
});
