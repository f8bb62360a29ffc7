#!/bin/sh
':' //; MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072 exec node --min-semi-space-size=4 "$0" "$@"
/*
The launcher: sets production mode before anything is imported, makes sure that Node is new enough, and hands over to the
built program. Its syntax must parse on any Node from 12 on, or an old Node would show a syntax error instead of a sentence.

The shell reads the second line and starts Node on this very file; for Node that line is a string and a comment. The detour (1 ms) is for
these three, which have no other way in. A young generation of 4 MB holds the garbage of a frame: with the 1 MB that it shrinks to on an idle screen each frame
is collected some fifteen times (a tenth of what the idle screen costs). With the other two glibc gives back what Node's compiler threads freed instead of keeping a heap for each thread, some
15 of 140 MB on a host that may be out of memory.

With a Node below 24 it hands over to the development Node of this checkout when there is one, and else says in one sentence
what is needed and exits with 69 ("a needed service is unavailable", sysexits.h).
*/
process.env.NODE_ENV = 'production';

const neededMajor = 24;
const unavailable = 69;
const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '';
const portuguese = /^pt/i.test(locale);

const giveUp = (english, inPortuguese) => {
	process.stderr.write('mdc-console: ' + (portuguese ? inPortuguese : english) + '\n');
	process.exitCode = unavailable;
};

// What only an old Node needs is imported only there: on the way to the first screen each import counts.
const handOver = async node => {
	const {spawn} = await import('node:child_process');
	const {constants} = await import('node:os');
	const {fileURLToPath} = await import('node:url');
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

const withOldNode = async () => {
	const {existsSync} = await import('node:fs');
	const {fileURLToPath} = await import('node:url');
	const developmentNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
	if (existsSync(developmentNode)) {
		await handOver(developmentNode);
		return;
	}

	giveUp(
		'needs Node ' + neededMajor + ' or newer, and this is ' + process.version + '; install it, or use the single executable.',
		'precisa do Node ' + neededMajor + ' ou mais novo, e este é o ' + process.version + '; instale-o ou use o executável único.',
	);
};

/*
Lets Node keep the compiled program from one start to the next (a sixth of what the way to the first screen computes). Only in a
directory of our own that nobody else can write to: who can put compiled code there could run it as us. `sudo` that keeps another
user's HOME is such a case. Nothing depends on it: a full disk or a missing HOME means compiling again.
*/
const keepCompiled = () => {
	const {mkdirSync, statSync} = process.getBuiltinModule('node:fs');
	const {HOME: home, XDG_CACHE_HOME: cache} = process.env;
	const parent = cache || home;
	const isOurs = directory => {
		const {uid, mode} = statSync(directory);
		return uid === process.getuid() && (mode & 0o022) === 0;
	};

	try {
		if (parent && parent.startsWith('/') && isOurs(parent)) {
			const directory = parent + (cache ? '' : '/.cache') + '/mdc-console';
			mkdirSync(directory, {recursive: true, mode: 0o700});
			if (isOurs(directory)) {
				const {enableCompileCache, flushCompileCache} = process.getBuiltinModule('node:module');
				enableCompileCache(directory);
				// Written at the exit by itself; a console whose line is cut and that is killed has no exit.
				setTimeout(flushCompileCache, 10000).unref();
			}
		}
	} catch {
		// Read-only, full, or not there: the program is compiled as if there were no cache.
	}
};

const start = async () => {
	if (Number(process.versions.node.split('.')[0]) < neededMajor) {
		await withOldNode();
		return;
	}

	// It was for this process; commands that we start have their own ways with memory.
	delete process.env.MALLOC_ARENA_MAX;
	delete process.env.MALLOC_TRIM_THRESHOLD_;
	keepCompiled();
	const program = new URL('../dist/cli.js', import.meta.url).href;
	try {
		await import(program);
	} catch (error) {
		if (error && error.code === 'ERR_MODULE_NOT_FOUND' && error.url === program) {
			giveUp('the program is not built yet: run `npm run build` first.', 'o programa ainda não foi compilado: rode `npm run build` antes.');
			return;
		}

		process.stderr.write(String((error && error.stack) || error) + '\n');
		process.exitCode = 70;
	}
};

start();
