/**
What `git` does to a checkout. Reading history is free; whatever moves HEAD, the index or files of the working tree counts as rewriting the checkout.
*/

import {bySubcommand, change, changes, changesBut, destructive, each, mayBeOption, operandsOf, reads, readsBut, spells, splitOptions, type Judge} from './judging.ts';

const rewrites: Judge = () => destructive('rewrites-checkout');
const removes: Judge = () => destructive('deletes');
/** These write a file, or run a program, wherever git shows a difference. */
const shows = readsBut(['--output', '--ext-diff', '--textconv'], destructive('overwrites'));

/** Lists without operands (or when asked to list), deletes or moves with its options, makes one otherwise. */
const lists = (deleting: readonly string[], listing: readonly string[]): Judge => ({args}) => {
	if (args.some(word => spells(word, deleting))) {
		return destructive('deletes');
	}

	if (args.some(word => mayBeOption(word))) {
		return destructive('unknown-words');
	}

	return operandsOf(args).length === 0 || args.some(word => listing.includes(word.text.split('=')[0]!)) ? [] : change();
};

const pushes: Judge = ({args}) => {
	if (args.some(word => spells(word, ['--force', '-f', '--force-with-lease', '--force-if-includes', '--delete', '-d', '--mirror', '--prune', '--receive-pack', '--exec'])) || args.some(word => /^[+:]/.test(word.text))) {
		return destructive('deletes');
	}

	return args.some(word => mayBeOption(word)) ? destructive('unknown-words') : change('sends');
};

const config: Judge = ({args}) => {
	if (args.some(word => spells(word, ['--unset', '--unset-all', '--remove-section', '--rename-section', '--replace-all', '--edit', '-e']) && !spells(word, ['--get', '--get-all', '--list']))) {
		return destructive('deletes');
	}

	if (args.some(word => word.dynamic)) {
		return destructive('unknown-words');
	}

	// A setting may name a program that git runs later (core.pager, alias, hooks): nobody can tell from here what it will do.
	return args.some(word => /^(?:--get|--get-all|--get-regexp|--list|-l|get|list)$/.test(word.text)) || operandsOf(args).length === 1 ? [] : destructive('replaces-program');
};

const table: Readonly<Record<string, Judge>> = {
	...each('status rev-parse rev-list describe ls-files ls-tree cat-file blame annotate shortlog fsck count-objects merge-base name-rev for-each-ref show-ref show-branch cherry version whatchanged range-diff var check-ignore help', reads),
	...each('log show diff diff-tree diff-index diff-files', shows),
	grep: readsBut(['--open-files-in-pager', '-O', '--ext-grep'], destructive('runs-text')),
	'ls-remote': readsBut(['--upload-pack', '--exec'], destructive('runs-text')),
	archive: readsBut(['--output', '-o', '--exec', '--remote'], destructive('overwrites')),
	branch: lists(['--delete', '-d', '-D', '--move', '-m', '-M', '--force', '-f', '--copy', '-c', '-C', '--edit-description', '--set-upstream-to', '-u', '--unset-upstream'], ['--list', '-l', '--contains', '--no-contains', '--merged', '--no-merged', '--points-at', '-a', '--all', '-r', '--remotes', '--show-current']),
	tag: lists(['--delete', '-d', '--force', '-f'], ['--list', '-l', '--contains', '--merged', '--points-at', '-n', '-v', '--verify']),
	remote: bySubcommand({...each('show get-url', reads), add: changes, ...each('remove rm prune', removes), 'set-url': () => destructive('replaces-program')}, ['-v', '--verbose']),
	reflog: bySubcommand({...each('show exists', reads), ...each('expire delete', removes)}),
	stash: bySubcommand(each('list show', reads), [], [], rewrites),
	submodule: bySubcommand(each('status summary', reads), ['--quiet', '-q']),
	worktree: bySubcommand({list: reads, add: changes, ...each('remove prune', removes)}),
	bundle: bySubcommand(each('verify list-heads', reads)),
	config,
	fetch: call => call.args.some(word => /^\+|^[^/:]+:[^/]/.test(word.text) && !word.text.includes('@')) ? destructive('rewrites-checkout') : changesBut(['--prune', '-p', '-P', '--prune-tags', '--force', '-f', '--upload-pack', '--update-head-ok', '-u'], destructive('deletes'))(call),
	clone: changesBut(['--config', '-c', '--upload-pack', '-u', '--template'], destructive('runs-text')),
	commit: changesBut(['--amend'], destructive('rewrites-checkout')),
	...each('add init', changes),
	push: pushes,
	...each('checkout switch restore reset rebase merge pull revert cherry-pick am apply bisect read-tree checkout-index', rewrites),
	...each('clean rm gc prune mv filter-branch update-ref replace', removes),
};

const harmlessSetting = /^(?:color\.[\w.]+|core\.(?:quotepath|abbrev)|safe\.directory|log\.\w+|advice\.\w+)=/i;

const flags = ['--no-pager', '-P', '-p', '--paginate', '--bare', '--no-optional-locks', '--version', '--help'];
const valued = ['-C', '-c', '--git-dir', '--work-tree'];

/** `git …`. A setting given with `-c` may name a program to run. */
export const gitJudge: Judge = call => {
	const options = splitOptions(call.args, flags, valued)?.options ?? [];
	const isStrange = options.some((word, index) => /^-c./.test(word.text) || (options[index - 1]?.text === '-c' && (word.dynamic || !harmlessSetting.test(word.text))));
	return isStrange ? destructive('replaces-program') : bySubcommand(table, flags, valued)(call);
};
