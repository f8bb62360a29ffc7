/**
The matrix of faults on the real engine: what `status` says first is what is wrong, with the page of the runbook, and it is what it says first of the same fault on
the pretend server; and nothing on a healthy stack.
*/
import {once} from 'node:events';
import {createServer, type Server} from 'node:net';
import {isDeepStrictEqual} from 'node:util';
import type {CrashCause, Fault as SimulatedFault} from '../../source/simulator/faults.ts';
import {failedStart} from '../../source/simulator/log-lines.ts';
import {needs} from '../helpers/needs.ts';
import {configure, runProgram} from '../helpers/real-console.ts';
import {openStack, type Service, type Stack} from '../helpers/real-engine.ts';
import {simulatedFindings} from '../helpers/simulated-look.ts';
import {until} from '../helpers/until.ts';

const real = needs('engine', 'compose', 'busybox');

type Finding = {readonly id: string; readonly scenario: number | string; readonly service: string | null; readonly confidence: string; readonly summary: string; readonly evidence: readonly unknown[]; readonly actions: readonly string[]; readonly causedBy: string | null};

const look = async (stack: Stack): Promise<readonly Finding[]> => {
	const answer = await runProgram(['status', '--json', '--wait', '8', '--project', stack.project, '--language', 'en']);
	return (JSON.parse(answer.stdout) as {readonly findings: readonly Finding[]}).findings;
};

const isGood = async (url: string): Promise<boolean> => {
	try {
		return (await fetch(url, {signal: AbortSignal.timeout(2000)})).ok;
	} catch {
		// Not yet listening.
		return false;
	}
};

type Row = {
	readonly what: string;
	/** The same fault on the pretend server; null: nothing of it can be made there. */
	readonly simulated: SimulatedFault | null;
	/** How long the fault has lasted on the pretend server when it is looked at, where a moment is too short. */
	readonly forMs?: number;
	readonly id: string;
	readonly scenario: number | string;
	readonly service: string;
	readonly breaks: (stack: Stack) => unknown;
	readonly mends?: (stack: Stack) => unknown;
};

const stopped = (what: string, service: Service, kind: 'api-stopped' | 'db-stopped' | 'redis-stopped' | 'nginx-stopped', scenario: number | string): Row => ({
	what, simulated: {kind}, id: 'service-stopped', scenario, service,
	breaks: async stack => stack.docker('stop', '-t', '3', await stack.containerId(service)),
	mends: async stack => stack.start(service),
});

/** A start that ends with the lines that the program writes then. */
const failsToStart = (cause: CrashCause, id: string): Row => ({
	what: `the api dies at its start: ${cause}`, simulated: {kind: 'api-crash-loop', cause}, id, scenario: 2, service: 'api',
	async breaks(stack) {
		stack.says(failedStart(Date.now(), cause).lines.map(({text}) => `${text}\n`).join(''));
		stack.fault('api', 'exit');
		await stack.docker('restart', '-t', '0', await stack.containerId('api'));
	},
	mends: async stack => startsAgain(stack, 'api'),
});

/** The restart policy waits longer and longer. */
const startsAgain = async (stack: Stack, service: Service): Promise<unknown> => stack.docker('restart', '-t', '0', await stack.containerId(service));

const addressOf = async (stack: Stack, service: Service): Promise<string> => stack.inspect(service, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}');

let stranger: Server | null = null;

const rows: readonly Row[] = [
	stopped('api stopped', 'api', 'api-stopped', 1),
	{what: 'api paused', simulated: {kind: 'api-paused'}, id: 'service-paused', scenario: 1, service: 'api', breaks: async stack => stack.docker('pause', await stack.containerId('api')), mends: async stack => stack.docker('unpause', await stack.containerId('api'))},
	{what: 'a stranger on the api\'s port', simulated: {kind: 'port-taken'}, id: 'port-taken', scenario: 1, service: 'api', async breaks(stack) {
		await stack.docker('stop', '-t', '0', await stack.containerId('api'));
		stranger = createServer(socket => socket.destroy()).listen(stack.apiPort, '127.0.0.1');
		await once(stranger, 'listening');
		await stack.docker('start', await stack.containerId('api'));
	}, async mends(stack) {
		stranger?.close();
		await stack.start('api');
	}},
	stopped('database stopped', 'db', 'db-stopped', 'dependency'),
	stopped('redis stopped', 'redis', 'redis-stopped', 'dependency'),
	{what: 'redis full', simulated: {kind: 'redis-full'}, id: 'cache-full', scenario: 'dependency', service: 'redis', breaks(stack) {
		stack.fault('redis', 'full');
		stack.says('{"status":"unhealthy","checks":{"database":"connected","redis":"error: OOM command not allowed when used memory > \'maxmemory\'."}}');
		stack.fault('api', 'unhealthy');
	}},
	stopped('nginx stopped', 'nginx', 'nginx-stopped', 4),
	{what: 'nginx asks a port where nobody listens', simulated: {kind: 'nginx-wrong-port'}, id: 'proxy-wrong-port', scenario: 4, service: 'nginx', breaks(stack) {
		stack.fault('nginx', 'wrong-upstream');
	}},
	{what: 'nginx asks an address that is another container\'s now', simulated: {kind: 'nginx-stale'}, id: 'stale-upstream', scenario: 4, service: 'nginx', async breaks(stack) {
		// Old is what nginx learnt before the api began anew; one that began later has it from its configuration.
		await startsAgain(stack, 'api');
		await until(async () => isGood(stack.apiUrl), {deadlineMs: 20_000, describe: () => 'the api does not come back'});
		stack.fault('nginx', `old-address ${await addressOf(stack, 'db')}`);
	}},
	{what: 'nginx with a configuration that it cannot read', simulated: {kind: 'nginx-bad-config'}, id: 'proxy-config-invalid', scenario: 4, service: 'nginx', async breaks(stack) {
		stack.fault('nginx', 'bad-config');
		await startsAgain(stack, 'nginx');
	}, mends: async stack => startsAgain(stack, 'nginx')},
	// Not among the first: a database that was started within the last quarter of a minute is given its time.
	{what: 'database in recovery', simulated: {kind: 'db-recovery'}, forMs: 20_000, id: 'database-starting', scenario: 'dependency', service: 'db', breaks(stack) {
		stack.fault('db', 'starting');
		stack.says('{"status":"unhealthy","checks":{"database":"error: FATAL:  the database system is starting up","redis":"connected"}}');
		stack.fault('api', 'unhealthy');
	}},
	{what: 'database without a session left', simulated: {kind: 'db-connections'}, id: 'database-connections', scenario: 'dependency', service: 'db', breaks(stack) {
		stack.fault('db', 'too-many');
		stack.says('{"status":"unhealthy","checks":{"database":"error: FATAL:  sorry, too many clients already","redis":"connected"}}');
		stack.fault('api', 'unhealthy');
	}},
	{what: 'api answers 500', simulated: {kind: 'api-500'}, id: 'answers-500', scenario: 'none', service: 'api', breaks(stack) {
		stack.fault('api', 'error-500');
	}},
	{what: 'api hangs', simulated: {kind: 'api-hangs'}, id: 'service-hangs', scenario: 'none', service: 'api', breaks(stack) {
		stack.fault('api', 'hang');
	}},
	{what: 'a health check that cannot run', simulated: {kind: 'api-health-check'}, forMs: 120_000, id: 'bad-health-check', scenario: 2, service: 'api', async breaks(stack) {
		await stack.docker('exec', await stack.containerId('api'), '/bin/rm', '/bin/wget');
		await until(async () => await stack.inspect('api', '{{.State.Health.Status}}') === 'unhealthy', {deadlineMs: 20_000, everyMs: 300});
	}, mends: async stack => stack.docker('exec', await stack.containerId('api'), '/bin/ln', '-s', 'busybox', '/bin/wget')},
	{what: 'api cut off its network', simulated: null, id: 'detached-from-network', scenario: 4, service: 'api', breaks: async stack => stack.docker('network', 'disconnect', `${stack.project}_default`, await stack.containerId('api')), mends: async stack => stack.docker('network', 'connect', '--alias', 'api', `${stack.project}_default`, await stack.containerId('api'))},
	failsToStart('syntax-error', 'syntax-error'),
	failsToStart('missing-variable', 'missing-variable'),
	failsToStart('missing-module', 'dependency-error'),
	failsToStart('database-auth', 'database-auth'),
	failsToStart('migration-pending', 'migration-pending'),
	{what: 'api killed at its memory limit', simulated: {kind: 'api-oom-killed', stays: true}, id: 'out-of-memory', scenario: 3, service: 'api', async breaks(stack) {
		stack.fault('api', 'memory');
		await startsAgain(stack, 'api');
	}, mends: async stack => startsAgain(stack, 'api')},
	{what: 'api removed', simulated: {kind: 'api-missing'}, id: 'service-missing', scenario: 1, service: 'api', breaks: async stack => stack.docker('rm', '-f', await stack.containerId('api'))},
];

const isOfTheMachine = ({id}: {readonly id: string}): boolean => /^(?:cpu|host|disk|inodes)-/.test(id);

const head = (finding: {readonly id: string; readonly service: string | null; readonly scenario: number | string; readonly causedBy: string | null; readonly actions: readonly string[]} | undefined) =>
	finding && {id: finding.id, service: finding.service, scenario: finding.scenario, causedBy: finding.causedBy, action: finding.actions[0] ?? null};

real('each fault is the first finding, the same with the same first action as on the pretend server, and a healthy stack has none', async t => {
	t.timeout(480_000);
	const stack = await openStack();
	t.teardown(async () => stack.close());
	t.teardown(() => stranger?.close());
	configure(stack, `pings:\n  - {name: api, http: "http://localhost:5001/api/health", service: api, via: published}\n  - {name: nginx, http: "http://localhost:80/api/health", service: nginx, via: published}\n  - {name: db, postgres: "db:5432", service: db}\n  - {name: redis, redis: "redis:6379", service: redis}\n`);
	await stack.waitHealthy();
	t.deepEqual((await look(stack)).filter(finding => !isOfTheMachine(finding)), []);
	const wrong: string[] = [];
	for (const {what, simulated, forMs, id, scenario, service, breaks, mends} of rows) {
		await breaks(stack);
		const [all, twins] = await Promise.all([look(stack), simulated === null ? null : simulatedFindings(simulated, forMs)]);
		// What the machine of the tests itself lacks is told too, and is nobody's fault here.
		const findings = all.filter(finding => !isOfTheMachine(finding));
		const [first] = findings;
		const isRight = isDeepStrictEqual(head(first), {id, service, scenario, causedBy: null, action: first?.actions[0] ?? null});
		const isAlike = twins === null || isDeepStrictEqual(head(first), head(twins[0]));
		if (!isRight || !isAlike || first?.evidence.length === 0 || first?.summary === '') {
			wrong.push(`${what}: ${JSON.stringify(findings.map(head))} and on the pretend server ${JSON.stringify(twins?.map(head))}`);
		}

		for (const one of ['api', 'nginx', 'db', 'redis'] as const) {
			stack.fault(one, null);
		}

		stack.says(null);
		await mends?.(stack);
		if (what !== rows.at(-1)?.what) {
			await until(async () => (await Promise.all([stack.apiUrl, stack.nginxUrl].map(async url => isGood(url)))).every(Boolean), {deadlineMs: 40_000, describe: () => `not healthy again after: ${what}`});
		}
	}

	t.deepEqual(wrong, []);
});
