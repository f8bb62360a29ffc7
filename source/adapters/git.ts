/**
The checkout of a project's directory and its last commits, by small git commands, each with a deadline. It hides how git is kept from writing, waiting
or running anything of the repository's (optional locks, hooks, pager, file system monitor), and its refusal to read a directory of another user.
*/

import {stat} from 'node:fs/promises';
import type {CommandsPort, Failure, GitCommit, GitFacts, GitPort, Outcome} from '../core/ports.ts';
import {emptyText, makeSafe, type SafeText} from '../core/text.ts';

export type GitOptions = {
	/** Runs a read: bounded, in a clean environment. */
	readonly check: CommandsPort['check'];
	/** User id of this process. */
	readonly uid: number;
};

const deadlineMs = 5000;
const commitsShown = 15;
const dirtyShown = 5;
// A record begins with a character that no git output line of ours has otherwise.
const format = '%x01%H%x09%ct%x09%an%x09%s';

/** Directories and names under which web frameworks keep database migrations. */
const isMigration = (path: string): boolean => /(?:^|\/)(?:migrations?|alembic)\/(?:.*\/)?[^/]+\.(?:py|sql|rb|js|ts)$/i.test(path) && !/(?:^|\/)(?:env|__init__)\.py$/.test(path);

/** The git port of the real machine. */
export const createGitPort = ({check, uid}: GitOptions): GitPort => ({
	look: async directory => look(check, uid, directory),
});

type Call = (...words: readonly string[]) => Promise<Outcome<string>>;

const look = async (check: CommandsPort['check'], uid: number, directory: string): Promise<Outcome<GitFacts>> => {
	const foreign = await isForeign(directory, uid);
	if (foreign === null) {
		return {ok: false, failure: {code: 'not-found', detail: emptyText, params: {path: directory}}};
	}

	const git: Call = async (...words) => {
		const answer = await check(
			['git', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'core.quotePath=false', ...(foreign ? ['-c', `safe.directory=${directory}`] : []), ...words],
			{directory, environment: {GIT_OPTIONAL_LOCKS: '0', GIT_PAGER: 'cat', LC_ALL: 'C'}, deadlineMs},
		);
		return answer.ok ? said(answer.value, directory) : {ok: false, failure: answer.failure.code === 'not-found' ? {...answer.failure, params: {tool: 'git'}} : answer.failure};
	};

	const head = await git('rev-parse', '--verify', 'HEAD');
	if (!head.ok) {
		return head;
	}

	const hash = head.value.trim();
	const [branch, shallow, status, modules] = await Promise.all([
		git('symbolic-ref', '--quiet', '--short', 'HEAD'),
		git('rev-parse', '--is-shallow-repository'),
		git('status', '--porcelain', '--untracked-files=no', '--ignore-submodules=dirty'),
		git('ls-files', '--', '.gitmodules'),
	]);
	const name = branch.ok && branch.value.trim() !== '' ? branch.value.trim() : null;
	const commits = await git('log', '-m', '--first-parent', `--max-count=${commitsShown}`, '--name-only', `--format=${format}`, name ?? await branchWith(git, hash), '--');
	if (!commits.ok) {
		return commits;
	}

	if (!status.ok) {
		return status;
	}

	const dirty = status.value.split('\n').filter(line => line !== '').map(line => makeSafe(line.slice(3)));
	return {ok: true, value: {
		head: hash,
		branch: name === null ? null : makeSafe(name),
		commits: readCommits(commits.value),
		shallow: shallow.ok && shallow.value.trim() === 'true',
		dirtyCount: dirty.length,
		dirty: dirty.slice(0, dirtyShown),
		submodules: modules.ok && modules.value.trim() !== '',
		foreign,
	}};
};

/** The branch that a detached head lies on, so that the commits after it are listed too; the head itself where there is none. */
const branchWith = async (git: Call, head: string): Promise<string> => {
	const refs = await git('for-each-ref', '--contains', head, '--format=%(refname)', 'refs/heads');
	const names = refs.ok ? refs.value.split('\n').filter(line => line !== '') : [];
	return names.find(name => /\/(?:main|master)$/.test(name)) ?? names[0] ?? head;
};

/** Null when there is no such directory. */
const isForeign = async (directory: string, uid: number): Promise<boolean | null> => {
	try {
		const [own, inner] = await Promise.all([stat(directory), stat(`${directory}/.git`).catch(() => null)]);
		return own.uid !== uid || (inner !== null && inner.uid !== uid);
	} catch (error) {
		// What else is wrong with it git itself says in a moment.
		return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : false;
	}
};

const said = ({exitCode, stdout, stderr, timedOut}: {readonly exitCode: number | null; readonly stdout: string; readonly stderr: SafeText; readonly timedOut: boolean}, directory: string): Outcome<string> => {
	if (exitCode === 0) {
		return {ok: true, value: stdout};
	}

	const failure = (code: Failure['code']): Outcome<string> => ({ok: false, failure: {code, detail: makeSafe(stderr.slice(0, 300)), params: {path: directory}}});
	if (timedOut) {
		return {ok: false, failure: {code: 'timed-out', detail: emptyText, params: {path: directory, deadlineMs}}};
	}

	return failure(/not a git repository|needed a single revision|unknown revision/i.test(stderr) ? 'not-found' : (/dubious ownership|permission denied/i.test(stderr) ? 'denied' : 'failed'));
};

const readCommits = (text: string): readonly GitCommit[] => text.split('\u0001').filter(part => part.trim() !== '').map(part => {
	const [header = '', ...lines] = part.split('\n');
	const [hash = '', time = '', author = '', ...subject] = header.split('\t');
	const files = lines.filter(line => line !== '');
	return {
		hash, atMs: Number(time) * 1000, author: makeSafe(author), subject: makeSafe(subject.join(' ')), files: files.length,
		migrations: files.filter(path => isMigration(path)).map(path => makeSafe(path)),
	};
});
