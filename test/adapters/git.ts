import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {runCheck} from '../../source/adapters/commands/check.ts';
import {createGitPort} from '../../source/adapters/git.ts';
import type {GitFacts, Outcome} from '../../source/core/ports.ts';

const uid = process.getuid?.() ?? 0;

const portWith = (basePath = process.env['PATH'] ?? '', as = uid) => createGitPort({
	uid: as, check: async (command, options) => runCheck({basePath, home: '/nonexistent', user: 'tester', dockerHost: () => null}, command, options),
});

const directoryOf = (t: ExecutionContext): string => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-git-'));
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	return directory;
};

const git = (directory: string, ...words: readonly string[]): string => execFileSync('git', [...words], {
	cwd: directory, encoding: 'utf8',
	env: {PATH: process.env['PATH'], HOME: '/nonexistent', GIT_AUTHOR_NAME: 'Ana', GIT_AUTHOR_EMAIL: 'ana@example.com', GIT_COMMITTER_NAME: 'Ana', GIT_COMMITTER_EMAIL: 'ana@example.com', GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.file.allow', GIT_CONFIG_VALUE_0: 'always'},
	stdio: ['ignore', 'pipe', 'pipe'],
}).trim();

const commit = (directory: string, files: Readonly<Record<string, string>>, subject: string): string => {
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(directory, name)), {recursive: true});
		writeFileSync(path.join(directory, name), text);
	}

	git(directory, 'add', '-A');
	git(directory, 'commit', '-q', '-m', subject);
	return git(directory, 'rev-parse', 'HEAD');
};

/** Three commits: the second has a migration. */
const repository = (t: ExecutionContext): {readonly directory: string; readonly hashes: readonly string[]} => {
	const directory = directoryOf(t);
	git(directory, 'init', '-q', '-b', 'main');
	return {directory, hashes: [
		commit(directory, {'app.py': '1', 'docker-compose.yml': 'services: {}'}, 'first'),
		commit(directory, {'apps/api/migrations/versions/0002_orders.py': 'x', 'apps/api/migrations/env.py': 'x', 'app.py': '2'}, 'orders — ação'),
		commit(directory, {'app.py': '3'}, 'third\twith a tab'),
	]};
};

const factsOf = (outcome: Outcome<GitFacts>): GitFacts => {
	if (!outcome.ok) {
		throw new Error(`${outcome.failure.code}: ${outcome.failure.detail}`);
	}

	return outcome.value;
};

test('the last commits are told with author, age, number of files and migrations', async t => {
	const {directory, hashes} = repository(t);
	const facts = factsOf(await portWith().look(directory));
	t.is(facts.head, hashes[2]!);
	t.is(String(facts.branch), 'main');
	t.deepEqual(facts.commits.map(({hash}) => hash), hashes.toReversed());
	t.like(facts.commits[1], {subject: 'orders — ação', author: 'Ana', files: 3, migrations: ['apps/api/migrations/versions/0002_orders.py']});
	t.is(String(facts.commits[0]!.subject), 'third with a tab');
	t.true(Math.abs(facts.commits[0]!.atMs - Date.now()) < 60_000);
	t.like(facts, {shallow: false, dirtyCount: 0, submodules: false, foreign: false});
});

test('a detached head is told, with the commits of its branch that are newer', async t => {
	const {directory, hashes} = repository(t);
	git(directory, 'checkout', '-q', '--detach', hashes[0]!);
	const facts = factsOf(await portWith().look(directory));
	t.is(facts.branch, null);
	t.is(facts.head, hashes[0]!);
	t.deepEqual(facts.commits.map(({hash}) => hash), hashes.toReversed());
});

test('uncommitted changes of tracked files are told, untracked ones are not, and nothing is written', async t => {
	const {directory} = repository(t);
	const index = git(directory, 'ls-files', '--stage');
	writeFileSync(path.join(directory, 'app.py'), 'edited on the server');
	writeFileSync(path.join(directory, '.env'), 'SECRET=1');
	const facts = factsOf(await portWith().look(directory));
	t.is(facts.dirtyCount, 1);
	t.deepEqual(facts.dirty.map(String), ['app.py']);
	t.is(git(directory, 'ls-files', '--stage'), index);
});

test('a merge counts what it brought, along the first parents', async t => {
	const {directory} = repository(t);
	git(directory, 'checkout', '-q', '-b', 'side', 'HEAD~1');
	commit(directory, {'apps/api/migrations/versions/0003_side.py': 'x'}, 'side');
	git(directory, 'checkout', '-q', 'main');
	git(directory, 'merge', '-q', '--no-ff', '-m', 'merge side', 'side');
	const [merge] = factsOf(await portWith().look(directory)).commits;
	t.like(merge, {subject: 'merge side', migrations: ['apps/api/migrations/versions/0003_side.py']});
});

test('a shallow clone and submodules are told', async t => {
	const {directory} = repository(t);
	const shallow = directoryOf(t);
	git(tmpdir(), 'clone', '-q', '--depth', '1', `file://${directory}`, shallow);
	t.true(factsOf(await portWith().look(shallow)).shallow);
	git(directory, 'submodule', '--quiet', 'add', `file://${shallow}`, 'library');
	git(directory, 'commit', '-q', '-m', 'a submodule');
	t.true(factsOf(await portWith().look(directory)).submodules);
});

test('a directory of another user is read all the same, and told', async t => {
	const {directory} = repository(t);
	const facts = factsOf(await portWith(undefined, uid + 1).look(directory));
	t.true(facts.foreign);
	t.is(facts.commits.length, 3);
});

test('hooks and monitors of the repository do not run', async t => {
	const {directory} = repository(t);
	const mark = path.join(directory, 'ran');
	const hook = path.join(directory, 'evil');
	writeFileSync(hook, `#!/bin/sh\ntouch '${mark}'\n`);
	chmodSync(hook, 0o755);
	git(directory, 'config', 'core.fsmonitor', hook);
	git(directory, 'config', 'core.pager', hook);
	factsOf(await portWith().look(directory));
	t.false(existsSync(mark));
});

test('no repository, an empty one, a missing directory and a missing git are failures with a code', async t => {
	const directory = directoryOf(t);
	t.like(await portWith().look(directory), {ok: false, failure: {code: 'not-found', params: {path: directory}}});
	git(directory, 'init', '-q');
	t.like(await portWith().look(directory), {ok: false, failure: {code: 'not-found'}});
	t.like(await portWith().look(path.join(directory, 'nowhere')), {ok: false, failure: {code: 'not-found', params: {path: path.join(directory, 'nowhere')}}});
	t.like(await portWith('/nonexistent').look(directory), {ok: false, failure: {code: 'not-found', params: {tool: 'git'}}});
});
