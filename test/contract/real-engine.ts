/** The port contracts on a real engine: the real adapters against a small stack of busybox images. One stack serves all tests of this file. */
import {mkdtempSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {createCommandsPort} from '../../source/adapters/commands.ts';
import {createDockerPorts} from '../../source/adapters/docker/ports.ts';
import {createFilesPort} from '../../source/adapters/files.ts';
import {createProjectFiles} from '../../source/adapters/files/project-files.ts';
import {createHealthPort} from '../../source/adapters/health.ts';
import {createHostInspection} from '../../source/adapters/host/inspection.ts';
import {testCommandsContract} from '../helpers/contract-commands.ts';
import {testContainersContract} from '../helpers/contract-containers.ts';
import {testHealthContract} from '../helpers/contract-health.ts';
import {testInspectionContract} from '../helpers/contract-inspection.ts';
import {testLogsContract} from '../helpers/contract-logs.ts';
import type {ContractWorld} from '../helpers/contract-world.ts';
import {needs} from '../helpers/needs.ts';
import {createClock} from '../../source/adapters/clock.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';

const clock = createClock();

const userAgent = 'mdc-console/test';
const runtimeDirectory = mkdtempSync(path.join(tmpdir(), 'mdc-contract-'));
let shared: Promise<Stack> | null = null;

const makeWorld = async (): Promise<ContractWorld> => {
	shared ??= openStack();
	const stack = await shared;
	// What a failed test left stopped must not fail the next one.
	for (const service of ['db', 'redis', 'api', 'nginx'] as const) {
		if (await stack.inspect(service, '{{.State.Running}}') !== 'true') {
			await stack.start(service);
		}
	}

	await stack.waitHealthy();
	const docker = createDockerPorts({dockerHost: null, clock, userAgent});
	return {
		containers: docker.containers,
		logs: docker.logs,
		metrics: docker.metrics,
		health: createHealthPort({clock, userAgent}),
		commands: createCommandsPort({clock, runtimeDirectories: [runtimeDirectory], graceMs: 1000, basePath: process.env['PATH'] ?? '', home: process.env['HOME'] ?? '/root', user: 'root', dockerHost: () => null}),
		files: createFilesPort(),
		inspection: {...createHostInspection({clock}), ...docker.inspection, ...createProjectFiles()},
		project: stack.project,
		directory: realpathSync(stack.directory),
		apiUrl: stack.apiUrl,
		nginxUrl: stack.nginxUrl,
		elapse: async ms => {
			await sleep(ms);
		},
		stopService: async service => stack.stop(service),
		startService: async service => stack.start(service),
		async close() {
			docker.close();
		},
	};
};

test.after.always('the stack is taken down', async () => {
	const stack = await shared?.catch(() => null);
	await stack?.close();
	rmSync(runtimeDirectory, {recursive: true, force: true});
});

for (const contract of [testContainersContract, testLogsContract, testHealthContract, testCommandsContract, testInspectionContract]) {
	contract(needs('engine', 'compose', 'busybox'), 'real engine', makeWorld);
}
