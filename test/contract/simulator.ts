/** The port contracts on the simulated server, with a clock that the test owns. */
import test from 'ava';
import {makeSafe} from '../../source/core/text.ts';
import {createSimulator} from '../../source/simulator/simulator.ts';
import {testCommandsContract} from '../helpers/contract-commands.ts';
import {testContainersContract} from '../helpers/contract-containers.ts';
import {testGitContract} from '../helpers/contract-git.ts';
import {testHealthContract} from '../helpers/contract-health.ts';
import {testHostContract} from '../helpers/contract-host.ts';
import {testInspectionContract} from '../helpers/contract-inspection.ts';
import {testJournalContract} from '../helpers/contract-journal.ts';
import {testLogsContract} from '../helpers/contract-logs.ts';
import {answerOf, type ContractService, type ContractWorld, pingTarget, waitUntil} from '../helpers/contract-world.ts';
import {createFakeClock} from '../helpers/fake-clock.ts';

let operations = 0;

const makeWorld = async (): Promise<ContractWorld> => {
	const clock = createFakeClock();
	const simulator = createSimulator({clock, seed: 1, scenario: 'healthy', userAgent: 'mdc-console/test'});
	const operate = async (words: string): Promise<void> => {
		const id = `operator-${++operations}`;
		await simulator.commands.start({
			id, project: 'operator', action: words, lock: id, script: `docker-compose ${words}`, directory: simulator.directory, environment: {}, deadlineMs: 60_000, hardLimitMs: 60_000, actor: 'operator',
		});
		let ended = false;
		simulator.commands.follow(id, () => {/* its words do not matter here */}, () => {
			ended = true;
		});
		await waitUntil(world, words, () => ended);
	};

	const world: ContractWorld = {
		...simulator,
		journalOf: name => simulator.secondJournal({...simulator.identity, name: makeSafe(name)}),
		apiUrl: 'http://127.0.0.1:5001/api/health',
		nginxUrl: 'http://127.0.0.1:8080/api/health',
		elapse: async ms => clock.advance(ms),
		stopService: async (service: ContractService) => operate(`stop ${service}`),
		async startService(service: ContractService) {
			await operate(`up -d --no-deps ${service}`);
		},
		async close() {
			simulator.close();
		},
	};
	await waitUntil(world, 'health', async () => (await answerOf(world, simulator.health.ping(pingTarget(), world.apiUrl))).ok);
	return world;
};

for (const contract of [testContainersContract, testLogsContract, testHealthContract, testCommandsContract, testInspectionContract, testHostContract, testGitContract, testJournalContract]) {
	contract(test, 'simulator', makeWorld);
}
