#!/usr/bin/env node
/*
The launcher: sets production mode before anything is imported, makes sure that Node is new enough, and hands over to the
built program. Its syntax must parse on any Node from 12 on, or an old Node would show a syntax error instead of a sentence.

With a Node below 24 it hands over to the development Node of this checkout when there is one, and else says in one sentence
what is needed and exits with 69 ("a needed service is unavailable", sysexits.h).
*/
import {existsSync} from 'node:fs';
import {spawn} from 'node:child_process';
import {constants} from 'node:os';
import {fileURLToPath} from 'node:url';

process.env.NODE_ENV = 'production';

const neededMajor = 24;
const unavailable = 69;
const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '';
const portuguese = /^pt/i.test(locale);
const pathBeside = relative => fileURLToPath(new URL(relative, import.meta.url));

const giveUp = (english, inPortuguese) => {
	process.stderr.write('mdc-console: ' + (portuguese ? inPortuguese : english) + '\n');
	process.exitCode = unavailable;
};

const handOver = node => {
	const child = spawn(node, [fileURLToPath(import.meta.url)].concat(process.argv.slice(2)), {stdio: 'inherit'});
	// The terminal sends Ctrl-C, Ctrl-\ and a hang-up to both of us: only what is meant for one process is passed on.
	['SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGHUP'].forEach(signal => {
		process.on(signal, () => child.kill(signal));
	});
	['SIGINT', 'SIGQUIT'].forEach(signal => {
		process.on(signal, () => undefined);
	});
	child.on('error', error => {
		giveUp(
			'the Node of this checkout cannot be started (' + error.message + ').',
			'o Node deste diretório não pôde ser iniciado (' + error.message + ').',
		);
	});
	child.on('exit', (code, signal) => {
		process.exit(signal ? 128 + (constants.signals[signal] || 0) : code);
	});
};

const start = () => {
	if (Number(process.versions.node.split('.')[0]) < neededMajor) {
		const developmentNode = pathBeside('../node_modules/node/bin/node');
		if (existsSync(developmentNode)) {
			handOver(developmentNode);
			return;
		}

		giveUp(
			'needs Node ' + neededMajor + ' or newer, and this is ' + process.version + '; install it, or use the single executable.',
			'precisa do Node ' + neededMajor + ' ou mais novo, e este é o ' + process.version + '; instale-o ou use o executável único.',
		);
		return;
	}

	const program = new URL('../dist/cli.js', import.meta.url);
	if (!existsSync(fileURLToPath(program))) {
		giveUp('the program is not built yet: run `npm run build` first.', 'o programa ainda não foi compilado: rode `npm run build` antes.');
		return;
	}

	import(program.href).catch(error => {
		process.stderr.write(String((error && error.stack) || error) + '\n');
		process.exitCode = 70;
	});
};

start();
