/** Every shipped change on a real engine and real git, by `mdc-console run`: what it did, what it left alone, and what it says when it cannot. */
import {execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {configure, launcher, readJournals, runProgram} from '../helpers/real-console.ts';
import {needs} from '../helpers/needs.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';
import {until} from '../helpers/until.ts';

const real = needs('engine', 'compose', 'busybox');
const work = mkdtempSync(path.join(tmpdir(), 'mdc-actions-'));
let shared: Promise<Stack> | null = null;

test.after.always('the stack is taken down', async () => {
	const stack = await shared?.catch(() => null);
	await stack?.close();
	rmSync(work, {recursive: true, force: true});
});

const git = (directory: string, ...words: readonly string[]): string => execFileSync('git', [...words], {
	cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'],
	env: {PATH: process.env['PATH'], HOME: work, GIT_AUTHOR_NAME: 'Ana', GIT_AUTHOR_EMAIL: 'ana@example.com', GIT_COMMITTER_NAME: 'Ana', GIT_COMMITTER_EMAIL: 'ana@example.com'},
}).trim();

/** The healthy stack as a git checkout with its first commit. */
const healthyStack = async (): Promise<Stack> => {
	const isNew = shared === null;
	shared ??= openStack();
	const stack = await shared;
	if (isNew) {
		writeFileSync(path.join(stack.directory, '.gitignore'), 'root/\nfaults/\n.env\nmdc-console.yaml\n');
		git(stack.directory, 'init', '-q', '-b', 'main');
		git(stack.directory, 'add', '-A');
		git(stack.directory, 'commit', '-q', '-m', 'first version');
		configure(stack, `pings:\n  - {name: api, http: 'http://127.0.0.1:${stack.apiPort}/api/health', service: api, interval: 500ms, decisive: true}\n  - {name: nginx, http: 'http://127.0.0.1:${stack.nginxPort}/api/health', service: nginx, interval: 500ms, decisive: true}\nverify: {deadline: 20s, slow: 15s}\n`);
	}

	await stack.compose('up', '-d', '--no-build');
	await stack.waitHealthy();
	return stack;
};

const state = path.join(work, 'state');

const run = async (stack: Stack, ...parameters: readonly string[]) => runProgram(['run', ...parameters, '--project', stack.project, '--as', 'ana'], {XDG_STATE_HOME: state}, 120_000);

type Document = {
	readonly exit: number; readonly reason: string;
	readonly action: {readonly steps: readonly string[]; readonly target: string; readonly troubles: readonly {readonly code: string; readonly blocks: boolean; readonly params: Readonly<Record<string, string>>}[]; readonly preview: {readonly count: number; readonly bytes: number | null} | null} | null;
	readonly run: {readonly exitCode: number | null; readonly verdict: string; readonly step: {readonly number: number; readonly text: string} | null; readonly output: readonly string[]} | null;
};

const json = async (stack: Stack, ...parameters: readonly string[]): Promise<Document> => {
	const {stdout, stderr} = await run(stack, ...parameters, '--json');
	try {
		return JSON.parse(stdout) as Document;
	} catch {
		throw new Error(`no document:\n${stdout}\n${stderr}`);
	}
};

const imageOf = async (stack: Stack): Promise<string> => stack.inspect('api', '{{.Image}}');

/** Changes the code of the api and commits it; answers with the commit before. */
const commitChange = (stack: Stack, file: string, text: string, subject: string): string => {
	const before = git(stack.directory, 'rev-parse', 'HEAD');
	writeFileSync(path.join(stack.directory, file), text);
	git(stack.directory, 'add', '-A');
	git(stack.directory, 'commit', '-q', '-m', subject);
	return before;
};

real('X restarts redis, B rebuilds the api before it swaps it, and both are verified', async t => {
	t.timeout(240_000);
	const stack = await healthyStack();
	const startedAt = await stack.inspect('redis', '{{.State.StartedAt}}');
	const target = (await json(stack, 'restart-redis', '--dry-run')).action!.target;
	t.like(await json(stack, 'restart-redis', '--yes', '--confirm', target), {exit: 0, run: {verdict: 'recovered'}});
	t.not(await stack.inspect('redis', '{{.State.StartedAt}}'), startedAt);
	const image = await imageOf(stack);
	writeFileSync(path.join(stack.directory, 'services/version'), 'one\n');
	const rebuilt = await json(stack, 'rebuild-api', '--yes');
	t.like(rebuilt, {exit: 0, run: {verdict: 'recovered', exitCode: 0}});
	t.not(await imageOf(stack), image);
	t.true(rebuilt.run!.output.some(line => /^== \[1\/2\] docker-compose build --no-cache api/.test(line)));
	t.true(readJournals(state).some(entry => entry.type === 'state/before' && JSON.stringify(entry.data).includes(image)));
	rmSync(path.join(stack.directory, 'services/version'));
});

real('M migrates in a container of its own without input, also while the api is down; a failing migration is a failure', async t => {
	t.timeout(120_000);
	const stack = await healthyStack();
	await stack.stop('api');
	const migrated = await json(stack, 'migrate', '--yes');
	t.like(migrated, {exit: 0, run: {verdict: 'done'}});
	t.true(migrated.run!.output.some(line => line.includes('no input')) && migrated.run!.output.some(line => line.includes('0002 -> 0003')), migrated.run!.output.join('\n'));
	writeFileSync(path.join(stack.directory, 'faults/migration'), '');
	t.like(await json(stack, 'migrate', '--yes'), {exit: 1, run: {verdict: 'failed', exitCode: 1}});
	rmSync(path.join(stack.directory, 'faults/migration'));
	t.is((await stack.docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${stack.project}`, '--filter', 'label=com.docker.compose.oneoff=True')).stdout, '');
});

real('D writes a whole, private, readable backup; a dump that was cut short and a database that refuses are failures and leave no backup', async t => {
	t.timeout(120_000);
	const stack = await healthyStack();
	const directory = path.join(work, 'backups with $(id) "quotes"');
	const done = await json(stack, 'backup-db', '--yes', '--var', `BACKUP_DIRECTORY=${directory}`);
	t.like(done, {exit: 0, run: {verdict: 'done'}});
	const [file] = readdirSync(directory);
	t.regex(file!, new RegExp(String.raw`^${stack.project}-\d{8}T\d{6}Z\.sql\.gz$`));
	t.regex(execFileSync('gzip', ['-dc', path.join(directory, file!)], {encoding: 'utf8'}), /CREATE TABLE orders/);
	t.is(execFileSync('stat', ['-c', '%a', path.join(directory, file!)], {encoding: 'utf8'}).trim(), '600');
	t.true((await json(stack, 'backup-db', '--dry-run', '--var', `BACKUP_DIRECTORY=${directory}`)).action!.troubles.some(({code}) => code === 'last-backup'));
	writeFileSync(path.join(stack.directory, 'faults/cut-dump'), '');
	t.like(await json(stack, 'backup-db', '--yes', '--var', `BACKUP_DIRECTORY=${directory}`), {exit: 1, run: {step: {number: 3}}});
	rmSync(path.join(stack.directory, 'faults/cut-dump'));
	stack.fault('db', 'full');
	t.like(await json(stack, 'backup-db', '--yes', '--var', `BACKUP_DIRECTORY=${directory}`), {exit: 1, run: {step: {number: 2}}});
	stack.fault('db', null);
	t.deepEqual(readdirSync(directory).filter(name => name.endsWith('.gz')), [file]);
	await stack.docker('pause', await stack.containerId('db'));
	t.like(await json(stack, 'backup-db', '--yes', '--var', `BACKUP_DIRECTORY=${directory}`), {exit: 4, reason: 'blocked'});
	await stack.docker('unpause', await stack.containerId('db'));
});

real('L shows what it would delete and deletes exactly that', async t => {
	const stack = await healthyStack();
	const logs = path.join(work, 'logs');
	mkdirSync(path.join(logs, 'deep'), {recursive: true});
	for (const [name, days] of [['old.log', 20], ['deep/older.log', 30], ['young.log', 1], ['old.txt', 30]] as const) {
		writeFileSync(path.join(logs, name), 'x'.repeat(1000));
		utimesSync(path.join(logs, name), Date.now() / 1000, (Date.now() / 1000) - (days * 86_400));
	}

	const shown = await json(stack, 'delete-logs', '--dry-run', '--var', `DIRECTORY=${logs}`);
	t.like(shown.action!.preview, {count: 2, bytes: 2000});
	t.like(await json(stack, 'delete-logs', '--yes', '--var', `DIRECTORY=${logs}`), {exit: 5});
	t.like(await json(stack, 'delete-logs', '--yes', '--confirm', logs, '--var', `DIRECTORY=${logs}`), {exit: 0, run: {verdict: 'done'}});
	t.deepEqual(readdirSync(logs, {recursive: true}).toSorted(), ['deep', 'old.txt', 'young.log']);
});

real('P shows what would go, and nothing of the project is among it, also while the api is stopped', async t => {
	const stack = await healthyStack();
	await stack.stop('api');
	const ours = [await stack.containerId('api'), await imageOf(stack)];
	// Shown only: the engine is shared with other tests, whose things are not ours to prune.
	const {stdout} = await run(stack, 'prune', '--dry-run', '--json', '--var', 'DAYS=0');
	const document = JSON.parse(stdout) as {action: {steps: readonly string[]; preview: {items: readonly {id: string}[]} | null}};
	t.false((document.action.preview?.items ?? []).some(({id}) => ours.includes(id)));
	t.false(document.action.steps.some(step => / -a\b/.test(step)));
});

real('S scales the api where its ports allow it', async t => {
	const stack = await healthyStack();
	const answer = await json(stack, 'scale-api', '--yes', '--var', 'REPLICAS=2');
	t.like(answer, {exit: 4, reason: 'blocked'});
	t.true(answer.action!.troubles.some(({code}) => code === 'port-fixed'));

	// With a range there is room for as many as it has free ports: not nine.
	const file = path.join(stack.directory, 'docker-compose.yml');
	const text = readFileSync(file, 'utf8');
	writeFileSync(file, text
		.replace('"127.0.0.1:${API_PORT}:5001"', `"127.0.0.1:${stack.apiPort}-${stack.apiPort + 3}:5001"`)
		.replace('environment: {WORKERS: "${API_WORKERS:-2}"}', 'environment: {WORKERS: "${API_WORKERS:-2}", SECRET_KEY: "${SECRET_KEY}"}'));
	const variables = path.join(stack.directory, '.env');
	const before = readFileSync(variables, 'utf8');
	t.teardown(async () => {
		writeFileSync(file, text);
		writeFileSync(variables, before);
		await stack.compose('up', '-d', '--no-build', '--scale', 'api=1', 'api');
	});
	execFileSync('docker-compose', ['up', '-d', '--no-build', 'api'], {cwd: stack.directory, env: {...process.env, SECRET_KEY: 'from-the-shell'}, stdio: 'ignore'});
	await stack.waitHealthy(['api']);
	// A second one would not get what only the deployer's shell had.
	const blanked = await json(stack, 'scale-api', '--yes', '--var', 'REPLICAS=2');
	t.like(blanked, {exit: 4, reason: 'blocked'});
	t.is(blanked.action!.troubles.find(({code}) => code === 'replica-blanked')?.params['names'], 'SECRET_KEY');
	writeFileSync(variables, 'SECRET_KEY=from-the-shell\n', {flag: 'a'});
	t.like(await json(stack, 'scale-api', '--yes', '--var', 'REPLICAS=9'), {exit: 4, reason: 'blocked'});
	t.like(await json(stack, 'scale-api', '--yes', '--var', 'REPLICAS=2'), {exit: 0, run: {verdict: 'recovered'}});
	const {stdout} = await stack.compose('ps', '-q', 'api');
	t.is(stdout.trim().split('\n').length, 2);
	t.like(await json(stack, 'scale-api', '--yes', '--var', 'REPLICAS=1'), {exit: 0});
});

real('K rolls back to a commit, and Z undoes it without a build', async t => {
	t.timeout(240_000);
	const stack = await healthyStack();
	const before = commitChange(stack, 'services/version', 'two\n', 'second version');
	const after = git(stack.directory, 'rev-parse', 'HEAD');
	await stack.compose('up', '-d', '--build');
	await stack.waitHealthy();
	const image = await imageOf(stack);
	const database = await stack.containerId('db');
	t.like(await json(stack, 'rollback-commit', '--dry-run'), {exit: 64, reason: 'choose'});
	const rolled = await json(stack, 'rollback-commit', '--yes', '--confirm', stack.project, '--var', `COMMIT=${before}`);
	t.like(rolled, {exit: 0, run: {verdict: 'recovered'}});
	t.is(git(stack.directory, 'rev-parse', 'HEAD'), before);
	t.not(await imageOf(stack), image);
	t.is(await stack.inspect('db', '{{.State.Running}}'), 'true');
	const back = await json(stack, 'rollback-back', '--yes');
	t.like(back, {exit: 0, run: {verdict: 'recovered'}});
	t.is(git(stack.directory, 'rev-parse', '--abbrev-ref', 'HEAD'), 'main');
	t.is(git(stack.directory, 'rev-parse', 'HEAD'), after);
	t.is(await imageOf(stack), image);
	t.false(back.action!.steps.some(step => step.includes('compose build')));
	t.truthy(database);
});

real('a rollback whose build fails touches nothing that runs, says where it stopped, and the way back is one action', async t => {
	t.timeout(240_000);
	const stack = await healthyStack();
	const good = readFileSync(path.join(stack.directory, 'Dockerfile'), 'utf8');
	commitChange(stack, 'Dockerfile', `${good}RUN exit 7\n`, 'a build that fails');
	const broken = git(stack.directory, 'rev-parse', 'HEAD');
	commitChange(stack, 'Dockerfile', good, 'mended');
	const containers = await Promise.all((['api', 'db', 'nginx', 'redis'] as const).map(async service => stack.containerId(service)));
	writeFileSync(path.join(stack.directory, 'services/redis'), `${readFileSync(path.join(stack.directory, 'services/redis'), 'utf8')}# edited on the server\n`);
	const failed = await json(stack, 'rollback-commit', '--yes', '--confirm', stack.project, '--var', `COMMIT=${broken}`);
	t.like(failed, {exit: 1, reason: 'failed', run: {verdict: 'failed', step: {number: 3}}});
	t.deepEqual(failed.action!.steps.map(step => step.split(' ').slice(0, 2).join(' ')), ['git stash', 'git checkout', 'docker-compose build', 'docker-compose up']);
	t.deepEqual(await Promise.all((['api', 'db', 'nginx', 'redis'] as const).map(async service => stack.containerId(service))), containers);
	t.is(git(stack.directory, 'rev-parse', 'HEAD'), broken);
	t.like(await json(stack, 'rollback-back', '--yes'), {exit: 0, run: {verdict: 'recovered'}});
	t.is(git(stack.directory, 'rev-parse', '--abbrev-ref', 'HEAD'), 'main');
	git(stack.directory, 'stash', 'pop');
	t.regex(git(stack.directory, 'status', '--porcelain'), /services\/redis/);
	git(stack.directory, 'checkout', '--', 'services/redis');
});

real('I rolls the api back to the image that it ran before, alone', async t => {
	t.timeout(180_000);
	const stack = await healthyStack();
	const image = await imageOf(stack);
	commitChange(stack, 'services/version', `${Date.now()}\n`, 'yet another version');
	t.like(await json(stack, 'rebuild-api', '--yes'), {exit: 0});
	t.not(await imageOf(stack), image);
	const database = await stack.containerId('db');
	t.like(await json(stack, 'rollback-image', '--yes', '--var', `IMAGE=${image}`), {exit: 0, run: {verdict: 'recovered'}});
	t.is(await imageOf(stack), image);
	t.is(await stack.containerId('db'), database);
});

real('the project has no git, or git is missing: a sentence, not a stack trace', async t => {
	const stack = await healthyStack();
	const {PATH} = process.env;
	const bin = path.join(work, 'no-git');
	mkdirSync(bin, {recursive: true});
	for (const directory of (PATH ?? '').split(':').filter(name => existsSync(name))) {
		for (const name of readdirSync(directory).filter(other => other !== 'git' && !existsSync(path.join(bin, other)))) {
			execFileSync('ln', ['-s', path.join(directory, name), path.join(bin, name)]);
		}
	}

	const answer = await runProgram(['run', 'rollback-commit', '--dry-run', '--var', 'COMMIT=abcdef0', '--project', stack.project], {XDG_STATE_HOME: state, PATH: bin}, 60_000);
	t.is(answer.exitCode, 4);
	t.regex(answer.stdout, /git is not installed here/);
	t.false(/ at .*\.js:\d+/.test(answer.stdout + answer.stderr));
});

real('a variable that only the deployer\'s shell had stops what would recreate the container with a blank', async t => {
	t.timeout(120_000);
	const stack = await healthyStack();
	const file = path.join(stack.directory, 'docker-compose.yml');
	const text = readFileSync(file, 'utf8');
	writeFileSync(file, text.replace('environment: {WORKERS: "${API_WORKERS:-2}"}', 'environment: {WORKERS: "${API_WORKERS:-2}", SECRET_KEY: "${SECRET_KEY}", PASSED: , NEVER: "${NEVER}"}'));
	execFileSync('docker-compose', ['up', '-d', '--no-build', 'api'], {cwd: stack.directory, env: {...process.env, SECRET_KEY: 'from-the-shell', PASSED: 'too'}, stdio: 'ignore'});
	await stack.waitHealthy();
	const answer = await json(stack, 'start-api', '--yes');
	t.like(answer, {exit: 4, reason: 'blocked'});
	// What was blank before is not among them.
	t.deepEqual(answer.action!.troubles.find(({code}) => code === 'variables-blanked')?.params['names']?.split(', ').toSorted(), ['PASSED', 'SECRET_KEY']);
	const swap = await json(stack, 'rollback-image', '--yes', '--var', `IMAGE=${await imageOf(stack)}`);
	t.like(swap, {exit: 4, reason: 'blocked'});
	t.deepEqual(swap.action!.troubles.filter(({blocks}) => blocks).map(({code}) => code), ['variables-blanked']);
	writeFileSync(path.join(stack.directory, '.env'), 'SECRET_KEY=x\nPASSED=y\n', {flag: 'a'});
	t.false((await json(stack, 'start-api', '--dry-run')).action!.troubles.some(({blocks}) => blocks));
	writeFileSync(file, text);
	await stack.compose('up', '-d', '--no-build', 'api');
});

real('of two that start the same action in the same second one wins, and the other one says who', async t => {
	t.timeout(120_000);
	const stack = await healthyStack();
	// On a busy machine one of them may be through before the other has read its card: then they did not meet, and try again.
	for (let attempt = 1; ; attempt++) {
		const exits = (await Promise.all([json(stack, 'rebuild-api', '--yes'), json(stack, 'rebuild-api', '--yes')])).map(({exit}) => exit).toSorted((a, b) => a - b);
		if (attempt === 4 || exits[1] !== 0) {
			t.deepEqual(exits, [0, 4]);
			break;
		}
	}

	await stack.waitHealthy();
});

real('a run that was killed with its console in the middle goes on, and is verified and journalled by whoever comes next', async t => {
	t.timeout(180_000);
	const stack = await healthyStack();
	const before = git(stack.directory, 'rev-parse', 'HEAD~1');
	const own = path.join(work, 'killed');
	const child = spawn(process.execPath, [launcher, 'run', 'rollback-commit', '--yes', '--confirm', stack.project, '--var', `COMMIT=${before}`, '--project', stack.project, '--as', 'ana'], {env: {...process.env, XDG_STATE_HOME: own, LANG: 'C.UTF-8'}, stdio: ['ignore', 'pipe', 'ignore']});
	let said = '';
	child.stdout.on('data', (data: Buffer) => {
		said += data.toString();
	});
	await until(() => said.includes('== [2/3]'), {deadlineMs: 60_000, everyMs: 20, describe: () => said});
	child.kill('SIGKILL');
	// Another action of the project is refused as long as it goes on; afterwards the verdict is in the journal.
	await until(async () => {
		await runProgram(['run', 'scale-api', '--dry-run', '--project', stack.project, '--as', 'bia'], {XDG_STATE_HOME: own}, 60_000);
		return readJournals(own).some(entry => entry.type === 'action/ended' && entry.data['action'] === 'rollback-commit');
	}, {deadlineMs: 90_000, everyMs: 1000, describe: () => JSON.stringify(readJournals(own).map(({type}) => type))});
	const ended = readJournals(own).filter(entry => entry.type === 'action/ended');
	t.is(ended.length, 1);
	t.like(ended[0]!.data, {exitCode: 0, lost: false});
	t.is(git(stack.directory, 'rev-parse', 'HEAD'), before);
	git(stack.directory, 'checkout', '-q', 'main');
});
