/*
The whole test suite: type check, build, then every test file in a process of its own. Finds out first what this machine can do
and tells the test files (see abilities.js); says at the end what it left out and why.

The last line of its output is always `N passed, N failed`, over everything; the exit code is 0 only when nothing failed.
No escape codes, no terminal needed. `npm test -- test/core test/ui/panes.tsx` runs only what lies there.
*/
import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {glob, readFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {abilities} from './abilities.js';
import {readTap} from './tap.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const ownNode = path.join(root, 'node_modules/node/bin/node');
const node = existsSync(ownNode) ? ownNode : process.execPath;
// Most files wait more than they compute (0.7 of two cores in use with one at a time): two at once, one of them on the engine. With three at once it
// was 10 minutes instead of 13, and what measures the program's own time began to waver.
const lanes = {files: 2, onEngine: 1};
const fileLimitMs = 15 * 60_000;

const running = new Set();

/** Runs a child in a process group of its own, so that nothing of it stays; answers with its output. */
const run = async (parameters, {environment = {}, limitMs = fileLimitMs} = {}) => new Promise(resolve => {
	const child = spawn(node, parameters, {
		cwd: root,
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {...process.env, NO_COLOR: '1', FORCE_COLOR: '0', PATH: `${path.dirname(node)}:${path.join(root, 'node_modules/.bin')}:${process.env.PATH}`, ...environment},
	});
	running.add(child);
	let stdout = '';
	let stderr = '';
	child.stdout.setEncoding('utf8').on('data', text => {
		stdout += text;
	});
	child.stderr.setEncoding('utf8').on('data', text => {
		stderr = (stderr + text).slice(-200_000);
	});
	let timedOut = false;
	const timer = setTimeout(() => {
		timedOut = true;
		endGroup(child);
	}, limitMs);
	child.on('error', error => {
		stderr += error.message;
	});
	child.on('close', (code, signal) => {
		clearTimeout(timer);
		running.delete(child);
		endGroup(child);
		resolve({code: code ?? 128, signal, stdout, stderr, timedOut});
	});
});

const endGroup = child => {
	try {
		process.kill(-child.pid, 'SIGKILL');
	} catch {
		// The group is gone, which is what was wanted.
	}
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => {
		for (const child of running) {
			endGroup(child);
		}

		say(`\nstopped by ${signal}`);
		finish();
		process.exit(1);
	});
}

const total = {passed: 0, failed: 0, leftOut: []};
const say = text => {
	process.stdout.write(`${text}\n`);
};

const finish = () => {
	say(`${total.passed} passed, ${total.failed} failed`);
};

const indented = text => text.split('\n').map(line => `    ${line}`.trimEnd()).join('\n');
const seconds = startedAtMs => `${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`;
// eslint-disable-next-line no-control-regex
const plain = text => text.replaceAll(/\u001B\[[\d;?]*[A-Za-z]/g, '').trim();

/** A step that is one check: the type check, the build. */
const step = async (name, parameters) => {
	const startedAtMs = performance.now();
	const {code, stdout, stderr} = await run(parameters);
	total[code === 0 ? 'passed' : 'failed']++;
	say(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name} (${seconds(startedAtMs)})`);
	if (code !== 0) {
		say(indented(plain(`${stdout}\n${stderr}`).slice(-8000)));
	}
};

const runFile = async (file, environment) => {
	const startedAtMs = performance.now();
	const {code, signal, stdout, stderr, timedOut} = await run(['node_modules/ava/entrypoints/cli.js', '--tap', file], {environment});
	const {passed, failures, leftOut} = readTap(stdout);
	if (code !== 0 && failures.length === 0) {
		const reason = timedOut ? `ended after ${fileLimitMs / 60_000} minutes` : (/Cannot set properties of undefined \(setting 'stack'\)/.test(stderr) ? 'a test did not end in time' : `the test process ended with ${signal ?? code}`);
		failures.push({title: reason, details: plain(stderr).slice(-4000)});
	}

	total.passed += passed;
	total.failed += failures.length;
	total.leftOut.push(...leftOut.map(one => ({...one, file})));
	const counts = [`${passed} passed`, failures.length > 0 && `${failures.length} FAILED`, leftOut.length > 0 && `${leftOut.length} left out`].filter(Boolean).join(', ');
	say(`${failures.length > 0 ? 'FAILED' : 'ok    '}  ${file}: ${counts} (${seconds(startedAtMs)})`);
	for (const {title, details} of failures) {
		say(`\n  ✘ ${title}\n${indented(details)}\n`);
	}
};

/** Runs `work` on every file, some at once: those on the engine first, since they are the longest, and only so many of them together. */
const inLanes = async (files, work) => {
	const waiting = files.toSorted((a, b) => Number(b.onEngine) - Number(a.onEngine));
	let onEngine = 0;
	const next = () => {
		const index = waiting.findIndex(file => !file.onEngine || onEngine < lanes.onEngine);
		return index === -1 ? undefined : waiting.splice(index, 1)[0];
	};

	await Promise.all(Array.from({length: lanes.files}, async () => {
		for (let file = next(); file !== undefined; file = next()) {
			onEngine += Number(file.onEngine);
			await work(file.name);
			onEngine -= Number(file.onEngine);
		}
	}));
};

/** Files that work on the one engine of this machine. */
const isOnEngine = async file => /helpers\/real-engine|helpers\/real-console|needs\([^)]*'(?:engine|sshd)'/.test(await readFile(path.join(root, file), 'utf8'));

/** Files that write dist/, which all others read; those that list the journals in the memory-backed place, and the test with a full disk, which leaves one there that every drill meanwhile would ask about. */
const isAlone = async file => file.startsWith('test/packaging') || file.startsWith('test/e2e/real-disk') || (await readFile(path.join(root, file), 'utf8')).includes('helpers/incident-home');

const testFiles = async wanted => {
	const files = [];
	for await (const file of glob(['test/**/*.ts', 'test/**/*.tsx'], {cwd: root, exclude: ['test/helpers/**', 'test/fixtures/**', 'test/bench/**']})) {
		if (!file.endsWith('.d.ts') && (wanted.length === 0 || wanted.some(one => file === one || file.startsWith(`${one}/`)))) {
			files.push(file);
		}
	}

	return files.sort();
};

const abilitiesHere = () => Object.fromEntries(Object.entries(abilities).map(([name, ask]) => [`MDC_TEST_${name.toUpperCase().replaceAll('-', '_')}`, ask()]));

const tellLeftOut = () => {
	if (total.leftOut.length === 0) {
		say('Left out: nothing.');
		return;
	}

	say(`Left out: ${total.leftOut.length} tests.`);
	const byReason = Map.groupBy(total.leftOut, ({reason}) => reason);
	for (const [reason, tests] of byReason) {
		say(`  ${reason}: ${tests.length}`);
		for (const {file, title} of tests) {
			say(`    ${file}: ${title}`);
		}
	}
};

const main = async () => {
	const wanted = process.argv.slice(2).map(one => path.relative(root, path.resolve(one))).filter(one => one !== '');
	const version = await run(['--version']);
	say(`Node ${plain(version.stdout)}`);
	await step('type check', ['node_modules/typescript/bin/tsc', '-p', '.']);
	await step('build', ['build/bundle.js']);

	const environment = abilitiesHere();
	if (process.env.MDC_REQUIRE_ENGINE === '1' && environment.MDC_TEST_ENGINE !== 'yes') {
		total.failed++;
		say(`FAILED  the engine is required here (MDC_REQUIRE_ENGINE): ${environment.MDC_TEST_ENGINE}`);
	}

	const files = await testFiles(wanted);
	const work = async file => runFile(file, environment);
	const known = await Promise.all(files.map(async name => ({name, alone: await isAlone(name), onEngine: await isOnEngine(name)})));
	await inLanes(known.filter(({alone}) => !alone), work);
	for (const {name} of known.filter(({alone}) => alone)) {
		await work(name);
	}

	if (files.length === 0) {
		total.failed++;
		say(`FAILED  no test file lies at ${wanted.join(', ')}`);
	}

	say('');
	tellLeftOut();
};

try {
	await main();
} catch (error) {
	total.failed++;
	say(`FAILED  the test runner itself: ${error.stack}`);
}

process.exitCode = total.failed === 0 ? 0 : 1;
finish();
