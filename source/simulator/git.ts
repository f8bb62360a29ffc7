/** The pretend checkout behind the git port, and the git commands that change it. */

import type {GitPort} from '../core/ports.ts';
import {makeSafe} from '../core/text.ts';
import type {Shell} from './interpreter.ts';
import {directory} from './stack.ts';
import {checkOut, thingsOf} from './things.ts';
import type {World} from './world.ts';

export const createGitPort = (world: World): GitPort => ({
	async look(wanted) {
		await world.sleep(40);
		if (wanted !== directory) {
			return {ok: false, failure: {code: 'not-found', detail: makeSafe('fatal: not a git repository'), params: {path: wanted}}};
		}

		const things = thingsOf(world);
		return {ok: true, value: {
			head: things.head,
			branch: things.branch === null ? null : makeSafe(things.branch),
			commits: things.commits.map(({hash, subject, author, ageMs, files}) => ({
				hash, subject: makeSafe(subject), author: makeSafe(author), atMs: things.beganAtMs - ageMs, files: files.length,
				migrations: files.filter(file => file.includes('/migrations/')).map(file => makeSafe(file)),
			})),
			shallow: false, dirtyCount: 0, dirty: [], submodules: false, foreign: false,
		}};
	},
});

/** `git checkout` and `git stash push`; null for what the drill does not have. */
export const runGit = async (shell: Shell, words: readonly string[]): Promise<number | null> => {
	const things = thingsOf(shell.world);
	const [command, ...rest] = words;
	await shell.sleep(60);
	if (command === 'stash') {
		shell.out('No local changes to save\n');
		return 0;
	}

	if (command === 'log') {
		shell.out(things.commits.slice(0, 5).map(({hash, subject}) => `${hash.slice(0, 7)} ${subject}\n`).join(''));
		return 0;
	}

	if (command !== 'checkout') {
		return null;
	}

	const wanted = rest.filter(word => !word.startsWith('-'))[0] ?? '';
	const hash = wanted === 'main' ? things.commits[0]!.hash : things.commits.find(commit => wanted.length >= 7 && commit.hash.startsWith(wanted))?.hash;
	const chosen = things.commits.find(commit => commit.hash === hash);
	if (chosen === undefined) {
		shell.err(`error: pathspec '${wanted}' did not match any file(s) known to git\n`);
		return 1;
	}

	checkOut(shell.world, chosen.hash, wanted === 'main' ? 'main' : null, 'checkout');
	shell.world.settle();
	shell.err(wanted === 'main' ? 'Switched to branch \'main\'\n' : `HEAD is now at ${chosen.hash.slice(0, 7)} ${chosen.subject}\n`);
	return 0;
};
