/** What keeps a child from being started, each as Node really tells it. */

import {execFile, spawn} from 'node:child_process';
import {promisify} from 'node:util';
import test from 'ava';
import {runProgram, startChild} from '../../source/adapters/children.ts';

/** Longer than the kernel takes one word: Node throws, as it does where no memory is left. */
const tooLong = 'x'.repeat(200_000);

test('a child that cannot be started is an answer, whether Node throws or tells it later', async t => {
	t.throws(() => spawn('true', [tooLong]), {code: 'E2BIG'});
	t.like(await startChild(() => spawn('true', [tooLong])), {ok: false, error: {code: 'E2BIG'}});
	t.like(await startChild(() => spawn('/no/such/program')), {ok: false, error: {code: 'ENOENT'}});
	t.like(await startChild(() => spawn('true', {cwd: '/no/such/place'})), {ok: false, error: {code: 'ENOENT'}});
});

test('nothing that a child does at once is missed', async t => {
	const started = await startChild(() => spawn('sh', ['-c', 'echo told; exit 3'], {stdio: ['ignore', 'pipe', 'ignore']}));
	t.true(started.ok);
	if (started.ok) {
		let output = '';
		started.child.stdout.setEncoding('utf8').on('data', (text: string) => {
			output += text;
		});
		const code = await new Promise(resolve => {
			started.child.once('close', resolve);
		});
		t.deepEqual([output, code], ['told\n', 3]);
	}
});

test('a program that is run to its end answers, also when it could not be started', async t => {
	t.like(await runProgram('sh', ['-c', 'echo out; echo err >&2; exit 2'], {}), {error: {code: 2}, stdout: 'out\n', stderr: 'err\n'});
	t.like(await runProgram('true', [tooLong], {}), {error: {code: 'E2BIG'}, stdout: '', stderr: ''});
	t.like(await runProgram('/no/such/program', [], {}), {error: {code: 'ENOENT'}});
	t.like(await runProgram('sleep', ['60'], {timeout: 100, killSignal: 'SIGKILL'}), {error: {killed: true}});
});

test('without a file descriptor left, a child has no pipes and is an answer all the same', async t => {
	const script = `
		import {openSync} from 'node:fs';
		import {spawn} from 'node:child_process';
		import {runProgram, startChild} from './source/adapters/children.ts';
		const before = await startChild(() => spawn('true'));
		try { for (;;) openSync('/dev/null'); } catch {}
		const pipes = await startChild(() => spawn('true', {stdio: ['pipe', 'pipe', 'pipe']}));
		const program = await runProgram('true', [], {});
		console.log(JSON.stringify([before.ok, pipes.ok, pipes.error?.code, program.error?.code]));`;
	const {stdout} = await promisify(execFile)('sh', ['-c', 'ulimit -n 60; exec "$0" "$@"', process.execPath, '--import=tsx', '--input-type=module', '-e', script], {cwd: process.cwd()});
	t.deepEqual(JSON.parse(stdout), [true, false, 'EMFILE', 'EMFILE']);
});
