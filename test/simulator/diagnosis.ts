/** The pretend server's faults give the same first finding as the same faults on a real engine (test/e2e/real-diagnosis.ts and the readme's table). */

import test from 'ava';
import {createClock} from '../../source/adapters/clock.ts';
import {lookOnce} from '../../source/commands/status.ts';
import {defaultSettings} from '../../source/core/settings.ts';
import {initialState} from '../../source/core/update.ts';
import type {Fault} from '../../source/simulator/faults.ts';
import {createSimulator} from '../../source/simulator/simulator.ts';

type Row = readonly [fault: Fault, id: string, service: string | null, page: number | string];

const rows: readonly Row[] = [
	[{kind: 'api-stopped'}, 'service-stopped', 'api', 1],
	[{kind: 'api-missing'}, 'service-missing', 'api', 1],
	[{kind: 'api-paused'}, 'service-paused', 'api', 1],
	[{kind: 'api-crash-loop', cause: 'missing-variable'}, 'missing-variable', 'api', 2],
	[{kind: 'api-crash-loop', cause: 'syntax-error'}, 'syntax-error', 'api', 2],
	[{kind: 'api-crash-loop', cause: 'missing-module'}, 'dependency-error', 'api', 2],
	[{kind: 'api-oom-killed', stays: true}, 'out-of-memory', 'api', 3],
	[{kind: 'api-hangs'}, 'service-hangs', 'api', 'none'],
	[{kind: 'api-500'}, 'answers-500', 'api', 'none'],
	[{kind: 'db-stopped'}, 'service-stopped', 'db', 'dependency'],
	[{kind: 'redis-stopped'}, 'service-stopped', 'redis', 'dependency'],
	[{kind: 'nginx-stopped'}, 'service-stopped', 'nginx', 4],
	[{kind: 'nginx-wrong-port'}, 'proxy-wrong-port', 'nginx', 4],
	[{kind: 'engine-gone'}, 'engine-down', null, 'engine'],
];

for (const [fault, id, service, page] of rows) {
	test(`${fault.kind}${'cause' in fault ? ` by a ${fault.cause}` : ''} is ${id}`, async t => {
		const clock = createClock();
		const simulator = createSimulator({clock, seed: 7, scenario: 'healthy', userAgent: 'mdc-console/0'});
		t.teardown(simulator.close);
		simulator.break(fault);
		await new Promise(resolve => {
			setTimeout(resolve, 1500);
		});
		const state = await lookOnce({
			initial: initialState({
				nowMs: clock.nowMs(), version: '0', consoleId: 'status', settings: {...defaultSettings, directory: simulator.directory}, actor: simulator.identity, askActor: false,
				readOnly: true, drill: false, userAgent: 'mdc-console/0', size: {columns: 100, rows: 40}, commandNames: {},
			}),
			ports: simulator, journal: simulator.journal, clock, project: null, deadlineMs: 30_000, waitMs: 15_000,
		});
		const [first] = state.findings;
		t.deepEqual([first?.code, first?.service, first?.scenario ?? first?.outside], [id, service, page] as never, JSON.stringify(state.findings.map(finding => [finding.code, finding.service, finding.causedBy])));
	});
}
