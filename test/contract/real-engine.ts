/** The port contracts on a real engine: the real adapters against a small stack of busybox images. One stack serves all tests of this file. */
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {createCommandsPort} from '../../source/adapters/commands.ts';
import {createDockerPorts} from '../../source/adapters/docker/ports.ts';
import {createFilesPort} from '../../source/adapters/files.ts';
import {createProjectFiles} from '../../source/adapters/files/project-files.ts';
import {createGitPort} from '../../source/adapters/git.ts';
import {createHealthPort} from '../../source/adapters/health.ts';
import {createHostPort} from '../../source/adapters/host.ts';
import {createJournalPort} from '../../source/adapters/journal.ts';
import type {JournalPort} from '../../source/core/ports.ts';
import {makeSafe} from '../../source/core/text.ts';
import {createHostInspection} from '../../source/adapters/host/inspection.ts';
import {testCommandsContract} from '../helpers/contract-commands.ts';
import {testContainersContract} from '../helpers/contract-containers.ts';
import {testGitContract} from '../helpers/contract-git.ts';
import {testHealthContract} from '../helpers/contract-health.ts';
import {testHostContract} from '../helpers/contract-host.ts';
import {testInspectionContract} from '../helpers/contract-inspection.ts';
import {testJournalContract} from '../helpers/contract-journal.ts';
import {testLogsContract} from '../helpers/contract-logs.ts';
import type {ContractWorld} from '../helpers/contract-world.ts';
import {workerUrl} from '../helpers/journal-world.ts';
import {needs} from '../helpers/needs.ts';
import {createClock} from '../../source/adapters/clock.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';

const clock = createClock();

const userAgent = 'mdc-console/test';
const runtimeDirectory = mkdtempSync(path.join(tmpdir(), 'mdc-contract-'));
const journals = mkdtempSync(path.join(tmpdir(), 'mdc-journals-'));
let shared: Promise<Stack> | null = null;

/** The stack's directory as a checkout of two commits, the first of them with a migration. */
const checkOut = (directory: string): void => {
	const git = (...words: readonly string[]): void => {
		execFileSync('git', words, {cwd: directory, stdio: 'ignore', env: {PATH: process.env['PATH'], HOME: '/nonexistent', GIT_AUTHOR_NAME: 'Ana', GIT_AUTHOR_EMAIL: 'ana@example.com', GIT_COMMITTER_NAME: 'Ana', GIT_COMMITTER_EMAIL: 'ana@example.com'}});
	};

	mkdirSync(path.join(directory, 'api/migrations/versions'), {recursive: true});
	writeFileSync(path.join(directory, 'api/migrations/versions/0001_orders.py'), 'revision = 1\n');
	git('init', '-q', '-b', 'main');
	git('add', 'api');
	git('commit', '-q', '-m', 'feat: orders');
	git('add', 'docker-compose.yml');
	git('commit', '-q', '-m', 'chore: compose');
};

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
	if (!existsSync(path.join(stack.directory, '.git'))) {
		checkOut(stack.directory);
	}

	const docker = createDockerPorts({dockerHost: null, clock, userAgent});
	const commands = createCommandsPort({clock, runtimeDirectories: [runtimeDirectory], graceMs: 1000, basePath: process.env['PATH'] ?? '', home: process.env['HOME'] ?? '/root', user: 'root', dockerHost: () => null});
	const opened: JournalPort[] = [];
	return {
		containers: docker.containers,
		logs: docker.logs,
		metrics: docker.metrics,
		health: createHealthPort({clock, userAgent}),
		commands,
		files: createFilesPort({clock}),
		inspection: {...createHostInspection({clock}), ...docker.inspection, ...createProjectFiles({clock})},
		host: createHostPort({clock}),
		git: createGitPort({check: commands.check, uid: process.getuid?.() ?? 0}),
		journalOf(name) {
			const journal = createJournalPort({clock, actor: {name: makeSafe(name), user: name, sudoUser: null, host: 'here', tty: null, from: null}, directories: {shared: path.join(journals, 'shared'), own: path.join(journals, 'own'), memory: []}, workerSource: workerUrl});
			opened.push(journal);
			return journal;
		},
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
			await Promise.all(opened.map(async journal => journal.close()));
			docker.close();
		},
	};
};

test.after.always('the stack is taken down', async () => {
	const stack = await shared?.catch(() => null);
	await stack?.close();
	rmSync(runtimeDirectory, {recursive: true, force: true});
	rmSync(journals, {recursive: true, force: true});
});

for (const contract of [testContainersContract, testLogsContract, testHealthContract, testCommandsContract, testInspectionContract, testHostContract, testGitContract, testJournalContract]) {
	contract(needs('engine', 'compose', 'busybox'), 'real engine', makeWorld);
}
