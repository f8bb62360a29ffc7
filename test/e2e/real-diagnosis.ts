/** The matrix of faults on the real engine: what `status` says first is what is wrong, with the page of the runbook; and nothing on a healthy stack. */
import {needs} from '../helpers/needs.ts';
import {configure, runProgram} from '../helpers/real-console.ts';
import {openStack, type Service, type Stack} from '../helpers/real-engine.ts';
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
	readonly id: string | RegExp;
	readonly scenario: number | string;
	readonly service: string;
	readonly breaks: (stack: Stack) => unknown;
	readonly mends?: (stack: Stack) => unknown;
};

const started = (service: Service) => async (stack: Stack): Promise<unknown> => stack.start(service);

const rows: readonly Row[] = [
	{what: 'api stopped', id: /^service-(?:stopped|killed)$/, scenario: 1, service: 'api', breaks: async stack => stack.docker('stop', '-t', '0', await stack.containerId('api')), mends: started('api')},
	{what: 'api paused', id: 'service-paused', scenario: 1, service: 'api', breaks: async stack => stack.docker('pause', await stack.containerId('api')), mends: async stack => stack.docker('unpause', await stack.containerId('api'))},
	{what: 'database stopped', id: /^service-(?:stopped|killed)$/, scenario: 'dependency', service: 'db', breaks: async stack => stack.docker('stop', '-t', '0', await stack.containerId('db')), mends: started('db')},
	{what: 'nginx stopped', id: /^service-(?:stopped|killed)$/, scenario: 4, service: 'nginx', breaks: async stack => stack.docker('stop', '-t', '0', await stack.containerId('nginx')), mends: started('nginx')},
	{what: 'nginx with a wrong upstream', id: /^(?:proxy-|stale-upstream|upstream-)/, scenario: 4, service: 'nginx', breaks(stack) {
		stack.fault('nginx', 'wrong-upstream');
	}},
	{what: 'api answers 500', id: 'answers-500', scenario: 'none', service: 'api', breaks(stack) {
		stack.fault('api', 'error-500');
	}},
	{what: 'api cut off its network', id: 'detached-from-network', scenario: 4, service: 'api', breaks: async stack => stack.docker('network', 'disconnect', `${stack.project}_default`, await stack.containerId('api')), mends: async stack => stack.docker('network', 'connect', '--alias', 'api', `${stack.project}_default`, await stack.containerId('api'))},
	{what: 'a syntax error at the start', id: 'syntax-error', scenario: 2, service: 'api', async breaks(stack) {
		stack.fault('api', 'exit');
		await stack.docker('restart', '-t', '0', await stack.containerId('api'));
	}},
	{what: 'api killed at its memory limit', id: 'out-of-memory', scenario: 3, service: 'api', async breaks(stack) {
		stack.fault('api', 'memory');
		await stack.docker('restart', '-t', '0', await stack.containerId('api'));
	}},
	{what: 'api removed', id: 'service-missing', scenario: 1, service: 'api', breaks: async stack => stack.docker('rm', '-f', await stack.containerId('api'))},
];

real('each fault is the first finding, and a healthy stack has none', async t => {
	t.timeout(240_000);
	const stack = await openStack();
	t.teardown(async () => stack.close());
	configure(stack, `pings:\n  - {name: api, http: "http://localhost:5001/api/health", service: api, via: published}\n  - {name: nginx, http: "http://localhost:80/api/health", service: nginx, via: published}\n  - {name: db, postgres: "db:5432", service: db}\n  - {name: redis, redis: "redis:6379", service: redis}\n`);
	await stack.waitHealthy();
	t.deepEqual((await look(stack)).filter(({id}) => !/^(?:cpu|host|disk|inodes)-/.test(id)), []);
	for (const {what, id, scenario, service, breaks, mends} of rows) {
		await breaks(stack);
		const findings = await look(stack);
		const [first] = findings;
		const told = JSON.stringify(findings.map(finding => [finding.id, finding.service, finding.scenario, finding.causedBy]));
		t.true(typeof id === 'string' ? first?.id === id : id.test(first?.id ?? ''), `${what}: ${told}`);
		t.deepEqual([first?.service, first?.scenario, first?.causedBy], [service, scenario, null], `${what}: ${told}`);
		t.true((first?.evidence.length ?? 0) > 0 && first?.summary !== '', what);
		for (const one of ['api', 'nginx'] as const) {
			stack.fault(one, null);
		}

		await mends?.(stack);
		if (what !== rows.at(-1)?.what) {
			await until(async () => (await Promise.all([stack.apiUrl, stack.nginxUrl].map(async url => isGood(url)))).every(Boolean), {deadlineMs: 40_000, describe: () => `not healthy again after: ${what}`});
		}
	}
});
