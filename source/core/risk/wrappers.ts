/**
Programs that run what stands in their words: `sudo`, `env`, `timeout`, `xargs`, `ssh`, shells. It hides where the inner command begins; when that is
not clear the answer is destructive.
*/

import {destructive, mayBeOption, nothing, splitOptions, type Call, type Judge, type Marks} from './judging.ts';
import {redirectsProgram} from './assignments.ts';
import type {Word} from './shell-words.ts';

/** The words after its own options are a command; `operands` of them come before it. */
const runsRest = (flags: readonly string[], valued: readonly string[], operands = 0, alone: Marks = nothing): Judge => call => {
	const split = splitOptions(call.args, flags, valued);
	if (split === null) {
		return destructive('unknown-words');
	}

	const words = split.rest.slice(operands);
	return words.length === 0 ? alone : call.command(words);
};

const joined = (words: readonly Word[]): Word => ({text: words.map(word => word.text).join(' '), dynamic: words.some(word => word.dynamic), splits: words.some(word => word.splits), quoted: true});

const envJudge: Judge = call => {
	const split = splitOptions(call.args, ['-i', '-', '-0', '--ignore-environment', '--null', '-v', '--debug'], ['-u', '--unset', '-C', '--chdir']);
	if (split === null) {
		// `-S` splits a string into words of its own.
		return destructive('unknown-words');
	}

	const at = split.rest.findIndex(word => !/^[A-Za-z_]\w*=/.test(word.text));
	const set = (at < 0 ? split.rest : split.rest.slice(0, at)).map(word => word.text);
	if (set.some(text => redirectsProgram(text.split('=')[0]!, text.slice(text.indexOf('=') + 1)))) {
		return destructive('replaces-program');
	}

	return at < 0 ? nothing : call.command(split.rest.slice(at));
};

const sudoJudge: Judge = call => {
	const split = splitOptions(call.args, ['-n', '-E', '-H', '-S', '-P', '-b', '-A', '-B', '--non-interactive', '--preserve-env', '--set-home', '--stdin', '-l', '--list', '-v', '--validate', '-V', '--version'],
		['-u', '--user', '-g', '--group', '-p', '--prompt', '-h', '--host', '-T', '-C', '-D', '--chdir']);
	if (split === null) {
		return destructive('runs-text');
	}

	const isLook = split.options.some(word => /^-(?:l|v|V)$|^--(?:list|validate|version)$/.test(word.text));
	return split.rest.length === 0 ? (isLook ? nothing : destructive('runs-text')) : envJudge({...call, args: split.rest});
};

const timeoutJudge: Judge = call => runsRest(['--foreground', '--preserve-status', '-v', '--verbose'], ['-k', '--kill-after', '-s', '--signal'], 1)(call);

const xargsJudge: Judge = call => {
	const split = splitOptions(call.args, ['-0', '-r', '-t', '-x', '-p', '--null', '--no-run-if-empty', '--verbose', '--exit'],
		['-n', '-P', '-I', '-L', '-d', '-s', '-E', '-a', '--max-args', '--max-procs', '--max-lines', '--delimiter', '--arg-file', '--replace']);
	if (split === null) {
		return destructive('unknown-words');
	}

	const replaced = split.options.find((_, index) => split.options[index - 1]?.text === '-I')?.text ?? split.options.find(word => word.text.startsWith('-I'))?.text.slice(2);
	const words = split.rest.map(word => replaced !== undefined && word.text.includes(replaced) ? {...word, dynamic: true, splits: false} : word);
	// What comes in becomes more words at the end, options perhaps among them.
	const incoming: Word = {text: '$…', dynamic: true, splits: true, quoted: false};
	return words.length === 0 ? nothing : call.command(replaced === undefined ? [...words, incoming] : words);
};

const sshJudge: Judge = call => {
	const split = splitOptions(call.args, ['-4', '-6', '-A', '-a', '-C', '-f', '-G', '-g', '-K', '-k', '-M', '-N', '-n', '-q', '-s', '-T', '-t', '-V', '-v', '-X', '-x', '-Y', '-y'],
		['-B', '-b', '-c', '-D', '-E', '-e', '-F', '-I', '-i', '-J', '-L', '-l', '-m', '-O', '-o', '-p', '-Q', '-R', '-S', '-W', '-w']);
	if (split === null || split.options.some(word => /command|^-F|^-E|exec/i.test(word.text))) {
		return destructive('unknown-words');
	}

	const [, ...words] = split.rest;
	if (words.length > 0) {
		return call.shell(joined(words));
	}

	return call.input === null ? destructive('runs-text') : call.shell(call.input);
};

/** `bash -c '…'`, `bash script`, `bash <<EOF`; with none of these it would run whatever comes in. */
const shellJudge: Judge = call => {
	const {args} = call;
	for (let at = 0; at < args.length; at++) {
		const word = args[at]!;
		if (mayBeOption(word)) {
			return destructive('runs-text');
		}

		if (/^-[a-z]*c$/.test(word.text)) {
			const text = args[at + 1];
			return text === undefined ? destructive('runs-text') : call.shell(text);
		}

		if (word.text === '-n' || word.text === '--version') {
			return nothing;
		}

		if (word.text === '-o' || word.text === '+o') {
			at++;
		} else if (!/^[-+]/.test(word.text)) {
			return call.file(word);
		} else if (!/^[-+](?:[eEuvxlp]+|-(?:norc|noprofile|login|posix))$/.test(word.text)) {
			return destructive('unknown-words');
		}
	}

	return call.input === null ? destructive('runs-text') : call.shell(call.input);
};

const suJudge: Judge = call => {
	const at = call.args.findIndex(word => word.text === '-c' || word.text === '--command');
	return at < 0 || call.args[at + 1] === undefined ? destructive('runs-text') : call.shell(call.args[at + 1]!);
};

const flockJudge: Judge = call => {
	const split = splitOptions(call.args, ['-n', '-x', '-s', '-u', '-o', '-e', '-F', '--nonblock', '--exclusive', '--shared', '--close', '--no-fork'], ['-w', '--timeout', '-E']);
	if (split === null) {
		return destructive('unknown-words');
	}

	const words = split.rest.slice(1);
	return words[0]?.text === '-c' ? (words[1] === undefined ? destructive('runs-text') : call.shell(words[1])) : (words.length === 0 ? nothing : call.command(words));
};

const watchJudge: Judge = call => {
	const split = splitOptions(call.args, ['-d', '-t', '-g', '-e', '-b', '-c', '-x', '-p', '--differences', '--no-title', '--chgexit', '--errexit', '--color', '--exec', '--precise'], ['-n', '--interval']);
	return split === null || split.rest.length === 0 ? destructive('unknown-words') : call.shell(joined(split.rest));
};

const commandJudge: Judge = call => /^-[vV]$/.test(call.args[0]?.text ?? '') ? nothing : runsRest(['-p'], [])(call);

const niceJudge: Judge = call => runsRest([], ['-n', '--adjustment'])({...call, args: /^-\d+$/.test(call.args[0]?.text ?? '') ? call.args.slice(1) : call.args});

const trapJudge: Judge = (call: Call) => call.args[0] === undefined || /^-[lp]$/.test(call.args[0].text) ? nothing : (call.args[0].text === '-' ? nothing : call.shell(call.args[0]));

/** Each program that runs another, by its name. */
export const wrappers: Readonly<Record<string, Judge>> = {
	sudo: sudoJudge,
	doas: runsRest(['-n'], ['-u'], 0, destructive('runs-text')),
	env: envJudge,
	command: commandJudge,
	builtin: runsRest([], []),
	exec: runsRest(['-c', '-l'], ['-a']),
	nice: niceJudge,
	ionice: runsRest(['-t'], ['-c', '-n', '--class', '--classdata']),
	timeout: timeoutJudge,
	nohup: runsRest([], []),
	setsid: runsRest(['-c', '-f', '-w', '--fork', '--wait', '--ctty'], []),
	stdbuf: runsRest([], ['-i', '-o', '-e', '--input', '--output', '--error']),
	unbuffer: runsRest(['-p'], []),
	chroot: runsRest([], ['--userspec', '--groups'], 1, destructive('runs-text')),
	nsenter: runsRest(['-a', '-m', '-u', '-i', '-n', '-p', '-U', '-C', '--mount', '--uts', '--ipc', '--net', '--pid', '--all'], ['-t', '--target'], 0, destructive('runs-text')),
	busybox: runsRest([], []),
	taskset: runsRest([], [], 1),
	xargs: xargsJudge,
	ssh: sshJudge,
	su: suJudge,
	flock: flockJudge,
	watch: watchJudge,
	trap: trapJudge,
	source: call => call.args[0] === undefined ? destructive('runs-text') : call.file(call.args[0]),
	'.': call => call.args[0] === undefined ? destructive('runs-text') : call.file(call.args[0]),
	eval: () => destructive('runs-text'),
	...Object.fromEntries(['bash', 'sh', 'dash', 'ash', 'zsh', 'ksh'].map(name => [name, shellJudge])),
};
