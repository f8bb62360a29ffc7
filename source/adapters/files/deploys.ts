/**
What the checkout says of its own past: the reflog (when each commit came onto it), tracked files that differ from the commit, and the times of
`.env` and the compose files. Git is asked, twice, on opening and on change; where there is none, the file times remain.

Invariants: reads only (no lock is taken, no hook, file system monitor or pager is started, whatever the repository's own configuration says);
output and time are bounded; no file's content is read.
*/

import {stat} from 'node:fs/promises';
import {isAbsolute, join, relative} from 'node:path';
import type {DeployFacts, Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {runProgram} from '../children.ts';

const commitsRead = 30;
const editsRead = 40;
const separator = '\u001F';

/** See `FilesPort.deploys`. A directory that is no checkout has no commits; that is an answer. */
export const readDeploys = async (directory: string, files: readonly string[]): Promise<Outcome<DeployFacts>> => {
	const [reflog, changed] = await Promise.all([
		git(directory, ['log', '-g', `-n${commitsRead}`, '--date=unix', `--format=%H${separator}%gd${separator}%gs${separator}%s`]),
		git(directory, ['diff-files', '--name-only', '-z']),
	]);
	const known = [...(files.length === 0 ? ['docker-compose.yml', 'compose.yaml', 'compose.yml'] : files).map(path => ({path, kind: 'compose' as const})), {path: '.env', kind: 'environment' as const}];
	const code = (changed ?? '').split('\0').filter(path => path !== '' && !known.some(other => other.path === path || other.path === join(directory, path))).slice(0, editsRead).map(path => ({path, kind: 'code' as const}));
	const edits = await Promise.all([...known, ...code].map(async ({path, kind}) => ({path: makeSafe(isAbsolute(path) ? relative(directory, path) : path), kind, atMs: await changedAt(isAbsolute(path) ? path : join(directory, path))})));
	return {
		ok: true,
		value: {
			commits: (reflog ?? '').split('\n').flatMap(line => commitOf(line)),
			edits: edits.flatMap(edit => edit.atMs === null ? [] : [{...edit, atMs: edit.atMs}]).toSorted((a, b) => b.atMs - a.atMs),
		},
	};
};

const commitOf = (line: string): DeployFacts['commits'] => {
	const [hash = '', selector = '', how = '', subject = ''] = line.split(separator);
	const seconds = Number(/@\{(\d+)/.exec(selector)?.[1]);
	return /^[\da-f]{40,64}$/.test(hash) && Number.isFinite(seconds) ? [{hash, subject: makeSafe(subject.slice(0, 200)), how: makeSafe(how.slice(0, 200)), atMs: seconds * 1000}] : [];
};

const changedAt = async (path: string): Promise<number | null> => {
	try {
		return (await stat(path)).mtimeMs;
	} catch {
		// Not there, or not to be seen: it cannot have been edited.
		return null;
	}
};

/** The output of a git that changes nothing; null when there is no git, no checkout, or no answer in time. */
const git = async (directory: string, words: readonly string[]): Promise<string | null> => {
	// The checkout may belong to another user (`deploy`), and its configuration may name programs to start: neither must matter here.
	const options = ['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '--no-pager', '--no-optional-locks', '-C', directory];
	const {error, stdout} = await runProgram('git', [...options, ...words], {
		timeout: 3000, killSignal: 'SIGKILL', maxBuffer: 512 * 1024,
		env: {PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1'},
	});
	return error === null ? stdout : null;
};
