/** The pretend server's faults are found for what they are, also where there is no engine; that a real one gives the same findings is test/e2e/real-diagnosis.ts. */

import test from 'ava';
import type {Fault} from '../../source/simulator/faults.ts';
import {simulatedFindings} from '../helpers/simulated-look.ts';

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
		const findings = await simulatedFindings(fault);
		const [first] = findings;
		t.deepEqual([first?.id, first?.service, first?.scenario], [id, service, page] as never, JSON.stringify(findings));
	});
}
