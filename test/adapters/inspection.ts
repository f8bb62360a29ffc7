import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {createClock} from '../../source/adapters/clock.ts';
import {variablesOf} from '../../source/adapters/docker/inspection.ts';
import {createProjectFiles} from '../../source/adapters/files/project-files.ts';
import {createHostInspection} from '../../source/adapters/host/inspection.ts';
import {parseSockets} from '../../source/adapters/host/sockets.ts';
import {realClock} from '../helpers/real-clock.ts';

const clock = createClock();

const folder = (files: Readonly<Record<string, string>>): string => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-inspection-'));
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(directory, name)), {recursive: true});
		writeFileSync(path.join(directory, name), text);
	}

	return directory;
};

test('listening sockets are read out of the kernel\'s tables, others are left out', t => {
	const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
	t.deepEqual(parseSockets(`${head}   0: 0100007F:1389 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0\n   1: 0100007F:1389 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4243 1 0\n`),
		[{port: 5001, address: '127.0.0.1', inode: '4242', queued: 3}]);
	t.deepEqual(parseSockets(`${head}   0: 00000000000000000000000000000000:0050 0:0 0A 0 0 0 0 0 77 1\n   1: 00000000000000000000000001000000:0051 0:0 0A 0 0 0 0 0 78 1\n   2: 0000000000000000FFFF00000100007F:0052 0:0 0A 0 0 0 0 0 79 1\n`).map(({address}) => address), ['::', '::1', '127.0.0.1']);
	t.deepEqual(parseSockets(''), []);
	t.deepEqual(parseSockets('nonsense\n\n\u0000'), []);
});

test('who listens here is this very process', async t => {
	const server = createServer().listen(0, '127.0.0.1');
	t.teardown(() => server.close());
	await new Promise(resolve => server.once('listening', resolve));
	const {port} = server.address() as {port: number};
	const answer = await createHostInspection({clock}).listeners([]);
	const found = answer.ok ? answer.value.find(listener => listener.port === port) : undefined;
	t.is(found?.service, null);
	t.is(found?.address, '127.0.0.1');
	t.is(found?.owner?.pid, process.pid);
	t.true(Math.abs(found!.owner!.sinceMs! - (Date.now() - process.uptime() * 1000)) < 60_000);
});

test('a kernel log that may not be read and a /proc that is not there are failures', async t => {
	const directory = folder({});
	t.teardown(() => {
		rmSync(directory, {recursive: true});
	});
	const inspection = createHostInspection({clock, procDirectory: directory, kernelLog: path.join(directory, 'none'), systemdDirectory: path.join(directory, 'none')});
	for (const answer of [await inspection.listeners([]), await inspection.processesOf([]), await inspection.kernelLog(10)]) {
		t.false(answer.ok);
	}

	t.false(await inspection.hasSystemd());
});

test('the compose file\'s needs are what has no default, however it is written', async t => {
	const directory = folder({
		'docker-compose.yml': 'services:\n  api:\n    image: "x:${TAG:-1}"\n    environment:\n      - SECRET_KEY\n      - DATABASE_URL=postgres://u:${DB_PASSWORD}@db/x\n      - COST=$$5\n      - MAYBE=${OPTIONAL-}\n      - IF_SET=${OTHER:+x}\n      - NEEDED=${REQUIRED:?say it}\n  db:\n    environment:\n      POSTGRES_PASSWORD:\n      POSTGRES_USER: u\n    ports: ["$PORT:5432"] # ${NOT_IN_A_COMMENT}\n',
		'.env': 'DB_PASSWORD="a b"\n# NOT=this\nexport PORT=1\nEMPTY=\n',
		'scripts/health-check.sh': '#!/bin/sh\ntrue\n',
		'large.sh': 'x'.repeat(70_000),
	});
	t.teardown(() => {
		rmSync(directory, {recursive: true});
	});
	const files = createProjectFiles({clock: realClock});
	const needed = await files.neededVariables(directory, []);
	t.deepEqual(needed.ok ? needed.value : needed, ['DB_PASSWORD', 'PORT', 'POSTGRES_PASSWORD', 'REQUIRED', 'SECRET_KEY']);
	const environment = await files.environmentFile(directory);
	t.deepEqual(environment.ok ? environment.value.variables : environment, [{name: 'DB_PASSWORD', value: 'a b'}, {name: 'PORT', value: '1'}, {name: 'EMPTY', value: ''}]);
	t.deepEqual(await files.projectFile(directory, 'scripts/health-check.sh'), {ok: true, value: '#!/bin/sh\ntrue\n'});
	const large = await files.projectFile(directory, 'large.sh');
	t.is(large.ok ? null : large.failure.code, 'unsupported');
});

test('the engine\'s variables may hold equal signs, or nothing', t => {
	t.deepEqual(variablesOf(['A=b=c', 'B', 'C=', 7, null]), [{name: 'A', value: 'b=c'}, {name: 'B', value: ''}, {name: 'C', value: ''}]);
	t.deepEqual(variablesOf(undefined), []);
});
