/**
The pretend server's shell: runs the steps of a script with the effects, durations and words that the real commands have. What it
does not know answers as an unknown command, so that a drill never pretends to have done something.
*/

import {runCompose} from './compose.ts';
import {curlFailure, askApi, askNginx} from './health-checks.ts';
import {behindAddress} from './containers-port.ts';
import {runDocker} from './docker.ts';
import {runFileCommand, runFind, runPipe} from './files.ts';
import {runGit} from './git.ts';
import {runHostCommand} from './host-commands.ts';
import {parseScript} from './shell.ts';
import {hostName} from './stack.ts';
import type {World} from './world.ts';

/** Where a command writes to and waits. A run that was killed never comes back from `sleep`. */
export type Shell = {
	readonly world: World;
	readonly environment: Readonly<Record<string, string>>;
	directory: string;
	/** Somebody asked the run to stop between two steps. */
	isStopAsked?(): boolean;
	out(text: string): void;
	err(text: string): void;
	sleep(delayMs: number): Promise<void>;
};

/** Runs a script as one bash would, `set -e` included where the script says so; answers with its exit code. */
export const runScript = async (shell: Shell, script: string): Promise<number> => {
	let exitCode = 0;
	let stopsAtFailure = false;
	const steps = parseScript(script, shell.environment);
	for (const [index, step] of steps.entries()) {
		if ((step.when === 'after-success' && exitCode !== 0) || (step.when === 'after-failure' && exitCode === 0)) {
			continue;
		}

		if (step.words[0] === 'exit') {
			return Number(step.words[1] ?? exitCode) & 0xFF;
		}

		if (step.words[0] === 'set') {
			stopsAtFailure = step.words.some(word => /^-[a-z]*e/.test(word) || word === 'errexit') || (stopsAtFailure && !step.words.includes('+e'));
		}

		exitCode = await runWords(shell, step.words);
		// As in bash: only the last of a chain of && and || ends the script.
		if (stopsAtFailure && exitCode !== 0 && (steps[index + 1]?.when ?? 'always') === 'always') {
			return exitCode;
		}
	}

	return exitCode;
};

const unknown = (shell: Shell, name: string): number => {
	shell.err(`bash: ${name}: command not found in the drill\n`);
	return 127;
};

/** Runs one command given as words; answers with its exit code. */
export const runWords = async (shell: Shell, words: readonly string[]): Promise<number> => {
	const [name = '', ...rest] = words;
	// Pipes, redirections and jobs would change what a command means: better not run than run wrongly.
	const special = words.find(word => /^(?:[|&<>]|\d?>)/.test(word));
	if (special !== undefined) {
		return await runPipe(shell, words) ?? unknown(shell, words.join(' '));
	}

	switch (name) {
		case 'docker-compose': {
			return await runCompose(shell, rest) ?? unknown(shell, words.join(' '));
		}

		case 'docker': {
			return await (rest[0] === 'compose' ? runCompose(shell, rest.slice(1)) : runDocker(shell, rest)) ?? unknown(shell, words.join(' '));
		}

		case 'git': {
			return await runGit(shell, rest) ?? unknown(shell, words.join(' '));
		}

		case 'find': {
			return await runFind(shell, rest) ?? unknown(shell, words.join(' '));
		}

		case 'sudo': {
			return rest[0] === '-n' && rest[1] !== undefined ? runWords(shell, rest.slice(1)) : unknown(shell, name);
		}

		case 'bash': {
			return rest[0] === './scripts/health-check.sh' ? runHealthScript(shell) : (rest[0] === '-c' ? runScript(shell, rest[1] ?? '') : unknown(shell, words.join(' ')));
		}

		case 'mv':
		case 'ls': {
			return runFileCommand(shell, name, rest);
		}

		case 'mkdir':
		case 'umask': {
			return 0;
		}

		case 'cd': {
			shell.directory = rest[0]?.startsWith('/') === true ? rest[0] : `${shell.directory}/${rest[0] ?? ''}`;
			return 0;
		}

		case 'echo': {
			shell.out(`${(rest[0] === '-n' ? rest.slice(1) : rest).join(' ')}${rest[0] === '-n' ? '' : '\n'}`);
			return 0;
		}

		case 'sleep': {
			await shell.sleep((Number.parseFloat(rest[0] ?? '0') || 0) * 1000);
			return 0;
		}

		case 'pwd': {
			shell.out(`${shell.directory}\n`);
			return 0;
		}

		case 'test': {
			// Between two steps: was the run asked to stop?
			return rest[0] === '-e' && shell.isStopAsked?.() === true ? 0 : 1;
		}

		case 'true':
		case ':':
		case 'set': {
			return 0;
		}

		case 'false': {
			return 1;
		}

		case 'journalctl': {
			const at = (agoMs: number): string => new Date(shell.world.clock.nowMs() - agoMs).toISOString().replace(/\.\d+Z$/, '+0000');
			shell.out(`${at(259_201_000)} ${hostName} dockerd[702]: Docker daemon version 20.10.24\n${at(259_200_000)} ${hostName} dockerd[702]: API listen on /var/run/docker.sock\n`);
			return 0;
		}

		case 'df':
		case 'free':
		case 'dmesg': {
			return runHostCommand(shell, name) ?? unknown(shell, name);
		}

		case 'curl': {
			return runCurl(shell, rest);
		}

		default: {
			return unknown(shell, name);
		}
	}
};

/** The project's own script: it lists the containers and asks the api. */
const runHealthScript = async (shell: Shell): Promise<number> => {
	await runWords(shell, ['docker-compose', 'ps']);
	return runWords(shell, ['curl', '-f', 'http://localhost:5001/api/health']);
};

const runCurl = async (shell: Shell, rest: readonly string[]): Promise<number> => {
	const {world} = shell;
	const match = /^(?:http:\/\/)?(?<host>[^:/]+)(?::(?<port>\d+))?(?<path>\/.*)?$/.exec(rest.find(word => !word.startsWith('-') && /[./:]/.test(word)) ?? '');
	const {host = '', port = '80', path = '/'} = match?.groups ?? {};
	const behind = behindAddress(host, Number(port));
	await shell.sleep(30);
	if (behind === 'unknown-host' || path !== '/api/health') {
		shell.err(behind === 'unknown-host' ? `curl: (6) Could not resolve host: ${host}\n` : curlFailure({kind: 'answer', status: 404, body: ''}, Number(port)));
		return behind === 'unknown-host' ? 6 : 22;
	}

	const wall = world.timeline.toWall(world.timeline.now());
	const answer = behind === 'api' ? askApi(world.conditions(), wall) : behind === 'nginx' ? askNginx(world.conditions(), wall).answer : {kind: 'refused' as const};
	if (answer.kind === 'answer') {
		const fails = rest.some(word => /^-[a-zA-Z]*f|^--fail/.test(word)) && answer.status >= 400;
		shell[fails ? 'err' : 'out'](fails ? curlFailure(answer, Number(port)) : answer.body);
		return fails ? 22 : 0;
	}

	await shell.sleep(answer.kind === 'hang' ? 4000 : 0);
	shell.err(curlFailure(answer, Number(port)));
	return {hang: 28, reset: 56, refused: 7}[answer.kind];
};
