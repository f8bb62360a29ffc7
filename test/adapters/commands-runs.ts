import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {createCommandsPort, type Commands} from '../../source/adapters/commands.ts';
import {scriptOf, stoppedExit} from '../../source/core/action-words.ts';
import {listStatuses, readStatus} from '../../source/adapters/commands/process.ts';
import type {Clock, Outcome, RunOutcome, RunRequest} from '../../source/core/ports.ts';
import {needs} from '../helpers/needs.ts';
import {until} from '../helpers/until.ts';

const clock: Clock = {nowMs: () => Date.now(), monotonicMs: () => performance.now(), after: () => () => {/* not used here */}};

type Bench = {readonly port: Commands; readonly directory: string; readonly runtime: string};

const portOn = (runtime: string): Commands => createCommandsPort({
	clock, runtimeDirectories: [runtime], dockerHost: () => 'unix:///run/elsewhere.sock', basePath: '/usr/local/bin:/usr/bin:/bin', home: '/root', user: 'tester', graceMs: 1000,
});

const bench = async (t: ExecutionContext): Promise<Bench> => {
	const directory = await mkdtemp(join(tmpdir(), 'mdc-runs-'));
	const runtime = join(directory, 'runtime');
	t.teardown(async () => {
		// Whatever a failed test left running goes with it.
		const port = portOn(runtime);
		const left = await port.runs('shop');
		for (const run of left.ok ? left.value.filter(({state}) => state === 'running' || state === 'orphaned') : []) {
			await port.cancel(run.request.id);
		}

		await rm(directory, {recursive: true, force: true, maxRetries: 5, retryDelay: 300});
	});
	return {port: portOn(runtime), directory, runtime};
};

const request = (bench: Bench, script: string, changes: Partial<RunRequest> = {}): RunRequest => ({
	id: `run${process.hrtime.bigint()}`, project: 'shop', action: 'start-api', lock: 'shop/api', script: `set -e\n${script}`, directory: bench.directory,
	environment: {}, deadlineMs: 1000, hardLimitMs: 60_000, actor: 'ana', ...changes,
});

const valueOf = <T>(outcome: Outcome<T>): T => {
	if (!outcome.ok) {
		throw new Error(`${outcome.failure.code}: ${outcome.failure.detail} ${JSON.stringify(outcome.failure.params)}`);
	}

	return outcome.value;
};

type Followed = {readonly text: string; readonly skippedBytes: number; readonly outcome: RunOutcome | null};

const follow = async (port: Commands, id: string, seen: (text: string) => void = () => {/* nobody asks */}): Promise<Followed> => new Promise(resolve => {
	let text = '';
	let skippedBytes = 0;
	port.follow(id, output => {
		text += output.rawText;
		skippedBytes += output.skippedBytes;
		seen(text);
	}, outcome => {
		resolve({text, skippedBytes, outcome});
	});
});

const run = async (bench: Bench, script: string, changes: Partial<RunRequest> = {}): Promise<Followed> => {
	const wanted = request(bench, script, changes);
	valueOf(await bench.port.start(wanted));
	return follow(bench.port, wanted.id);
};

// Not `ps` or `pgrep`: they read command lines, and those of a process that hangs in the kernel make them hang too.
const isRunning = async (pid: number): Promise<boolean> => {
	const status = await readStatus(pid);
	return status !== null && status.state !== 'Z';
};

const pidIn = async (path: string): Promise<number> => until(async () => Number(await readFile(path, 'utf8')));

test('a run tells its exit code, its output in the order written, and its times', async t => {
	const b = await bench(t);
	const before = Date.now();
	const {text, outcome, skippedBytes} = await run(b, 'echo one; echo two >&2; echo three; exit 3');
	t.is(text, 'one\ntwo\nthree\n');
	t.is(skippedBytes, 0);
	t.deepEqual({...outcome, startedAtMs: 0, endedAtMs: 0}, {exitCode: 3, signal: null, cancelled: false, timedOut: false, startedAtMs: 0, endedAtMs: 0, leftRunning: []});
	t.true(outcome!.startedAtMs >= before && outcome!.endedAtMs >= outcome!.startedAtMs && outcome!.endedAtMs <= Date.now());
});

test('a signal and an exit with the same number are told apart', async t => {
	const b = await bench(t);
	t.like((await run(b, 'kill -9 $$')).outcome, {exitCode: null, signal: 'SIGKILL', cancelled: false});
	t.like((await run(b, 'exit 137')).outcome, {exitCode: 137, signal: null});
	t.like((await run(b, 'kill -TERM $$')).outcome, {exitCode: null, signal: 'SIGTERM', cancelled: false});
});

test('set -e of the script stops it at the first failing step, and cd holds', async t => {
	const b = await bench(t);
	const {text, outcome} = await run(b, 'mkdir sub; cd sub; pwd\nfalse\necho never');
	t.is(text, `${b.directory}/sub\n`);
	t.is(outcome!.exitCode, 1);
});

test('standard input is closed, the umask is the usual one, and nothing of the console is inherited', async t => {
	const b = await bench(t);
	const {text} = await run(b, 'cat; umask; ls -l /proc/self/fd | grep -c -- "->"; grep SigIgn /proc/self/status');
	t.is(text, '0022\n4\nSigIgn:\t0000000000000000\n');
});

test('what asks for input gets none, at once', async t => {
	const b = await bench(t);
	const {text, outcome} = await run(b, 'printf "Continue? [y/N] "; read -r answer || echo "got nothing"; exit 3');
	t.is(text, 'Continue? [y/N] got nothing\n');
	t.is(outcome!.exitCode, 3);
	t.true(outcome!.endedAtMs - outcome!.startedAtMs < 5000);
});

test('the environment is the clean one, the engine on the screen, and what was asked for', async t => {
	process.env['DOCKER_CONTEXT'] = 'elsewhere';
	process.env['COMPOSE_FILE'] = 'wrong.yml';
	const b = await bench(t);
	const odd = 'a b\n\'"$(touch pwned)`touch pwned`';
	const {text} = await run(b, 'env -0', {environment: {ODD: odd, PAGER: 'more', mdc_run: '/', 'not a name': 'x', UID: '5', IFS: ','}});
	const variables = new Map(text.split('\0').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
	t.is(variables.get('ODD'), odd);
	t.is(variables.get('DOCKER_HOST'), 'unix:///run/elsewhere.sock');
	t.is(variables.get('PAGER'), 'more');
	t.is(variables.get('BUILDKIT_PROGRESS'), 'plain');
	t.is(variables.get('LANG'), 'C.UTF-8');
	for (const absent of ['DOCKER_CONTEXT', 'COMPOSE_FILE', 'mdc_run', 'not a name', 'UID', 'LC_ALL', 'XDG_RUNTIME_DIR', 'SSH_CONNECTION']) {
		t.false(variables.has(absent), absent);
	}

	t.false(existsSync(join(b.directory, 'pwned')));
});

test('names with quotes and substitutions are only names', async t => {
	const b = await bench(t);
	const odd = join(b.directory, 'a b$(touch pwned)\'";touch pwned');
	await mkdir(odd);
	const {text, outcome} = await run(b, 'pwd; touch here', {directory: odd, lock: '../../$(touch pwned)/..', actor: '"};touch pwned'});
	t.is(text, `${odd}\n`);
	t.is(outcome!.exitCode, 0);
	t.deepEqual(await readdir(odd), ['here']);
	t.deepEqual((await readdir(b.directory)).filter(name => name === 'pwned'), []);
});

test('a missing working directory and a script that bash cannot read are outcomes with bash\'s own words', async t => {
	const b = await bench(t);
	const gone = await run(b, 'echo never', {directory: join(b.directory, 'gone')});
	t.is(gone.outcome!.exitCode, 1);
	t.regex(gone.text, /gone: No such file or directory/);
	const broken = await run(b, 'if true; then echo');
	t.not(broken.outcome!.exitCode, 0);
	t.regex(broken.text, /syntax error/);
});

test('output arrives while the run goes on, and a character that arrives in two pieces stays whole', async t => {
	const b = await bench(t);
	const wanted = request(b, String.raw`printf 'caf\xc3'; until [ -e more ]; do sleep 0.05; done; printf '\xa9 \xf0\x9f'; sleep 0.2; printf '\x90\xb3\xff'`);
	valueOf(await b.port.start(wanted));
	const followed = follow(b.port, wanted.id, text => {
		if (text === 'caf') {
			void writeFile(join(b.directory, 'more'), '');
		}
	});
	t.is((await followed).text, 'café 🐳\uFFFD');
});

test('100 MB of output are kept as head and tail, and the writer is neither killed nor held', async t => {
	const b = await bench(t);
	const wanted = request(b, 'echo BEGIN; head -c 100000000 /dev/zero | tr "\\0" "\\n" | nl -w 9 -b a | head -c 100000000; echo; echo END');
	valueOf(await b.port.start(wanted));
	let largest = 0;
	const own = join(b.runtime, `run-${wanted.id}`, 'own');
	const size = async (): Promise<number> => {
		const sizes = await Promise.all((await readdir(own)).map(async name => (await stat(join(own, name)).catch(() => null))?.size ?? 0));
		return sizes.reduce((sum, next) => sum + next, 0);
	};

	const ended = await until(async () => {
		largest = Math.max(largest, await size());
		const [found] = valueOf(await b.port.runs('shop'));
		return found?.state === 'ended' ? found : null;
	}, {deadlineMs: 60_000});
	t.is(ended.outcome!.exitCode, 0);
	t.true(largest < 3_300_000, `${largest} bytes on the memory-backed file system`);
	const {text, skippedBytes} = await follow(b.port, wanted.id);
	t.true(text.startsWith('BEGIN\n        1\t\n        2\t\n'));
	t.true(text.endsWith('\nEND\n'));
	t.is(Buffer.byteLength(text) + skippedBytes, 100_000_011);
	t.true(skippedBytes > 95_000_000 && Buffer.byteLength(text) >= 2_000_000);
});

test('a cancel ends what ignores TERM, and everything that the script started, with KILL', async t => {
	const b = await bench(t);
	const wanted = request(b, 'trap "" TERM; (trap "" TERM; exec sleep 61) & echo $! > inner; setsid sleep 62 & echo $! > escaped; timeout 63 sleep 63 & echo $! > grouped; echo ready; sleep 64');
	valueOf(await b.port.start(wanted));
	const followed = follow(b.port, wanted.id);
	const pids = await Promise.all(['inner', 'escaped', 'grouped'].map(async name => pidIn(join(b.directory, name))));
	await until(async () => (await readFile(join(b.runtime, `run-${wanted.id}`, 'own', 'out.0'), 'utf8')).includes('ready'));
	t.deepEqual(await b.port.cancel(wanted.id), {ok: true, value: null});
	const {outcome} = await followed;
	t.like(outcome, {cancelled: true, timedOut: false, exitCode: null, signal: 'SIGKILL', leftRunning: []});
	t.true(outcome!.endedAtMs - outcome!.startedAtMs >= 900);
	t.deepEqual(await Promise.all(pids.map(async pid => isRunning(pid))), [false, false, false]);
	t.like(await b.port.cancel(wanted.id), {ok: false, failure: {code: 'not-found'}});
});

test('a script that tidies up on TERM has the time for it', async t => {
	const b = await bench(t);
	const wanted = request(b, 'trap "sleep 0.3; echo tidied; exit 9" TERM; echo ready; while :; do sleep 0.05; done');
	valueOf(await b.port.start(wanted));
	const {text, outcome} = await follow(b.port, wanted.id, seen => {
		if (seen.endsWith('ready\n')) {
			void b.port.cancel(wanted.id);
		}
	});
	t.regex(text, /tidied\n$/);
	t.like(outcome, {cancelled: true, exitCode: 9, signal: null});
});

test('a cancel that reaches the supervisor in two pieces, as on a machine that stands still in between, is not lost', async t => {
	const b = await bench(t);
	const wanted = request(b, 'echo ready; sleep 60', {hardLimitMs: 20_000});
	valueOf(await b.port.start(wanted));
	const control = join(b.runtime, `run-${wanted.id}`, 'control');
	const {outcome} = await follow(b.port, wanted.id, seen => {
		if (seen.endsWith('ready\n')) {
			void (async () => {
				await appendFile(control, 'can');
				await sleep(700);
				await appendFile(control, 'cel\n');
			})();
		}
	});
	t.like(outcome, {cancelled: true, timedOut: false});
});

test('a run past its deadline goes on; at the hard limit it is ended and says so', async t => {
	const b = await bench(t);
	t.like((await run(b, 'sleep 0.5; echo late', {deadlineMs: 100})).outcome, {exitCode: 0, timedOut: false});
	const limited = await run(b, 'sleep 60', {hardLimitMs: 1000});
	t.like(limited.outcome, {exitCode: null, signal: 'SIGTERM', timedOut: true, cancelled: false});
});

test('what is left running is named, lives on, can still write, and holds no lock', async t => {
	const b = await bench(t);
	const first = await run(b, '(until [ -e go ]; do echo still; sleep 0.1; done; touch alive) & setsid sh -c "touch away; exec sleep 30" & while ! [ -e away ]; do sleep 0.05; done; sleep 0.2; echo done');
	t.is(first.outcome!.exitCode, 0);
	t.true(first.outcome!.leftRunning.some(name => /^bash \(\d+\)$/.test(name)), first.outcome!.leftRunning.join());
	t.true(first.outcome!.leftRunning.some(name => /^sleep \(\d+\)$/.test(name)), first.outcome!.leftRunning.join());
	t.teardown(() => {
		for (const pid of first.outcome!.leftRunning.flatMap(name => /\((\d+)\)$/.exec(name)?.[1] ?? [])) {
			try {
				process.kill(Number(pid), 'SIGKILL');
			} catch {
				// One of the short ones, which ended by itself.
			}
		}
	});
	t.true(first.outcome!.endedAtMs - first.outcome!.startedAtMs < 20_000, 'the time is the script\'s own, not that of what it left');
	for (const {request: {id}} of valueOf(await b.port.runs('shop'))) {
		valueOf(await b.port.discard(id));
	}

	t.is((await run(b, 'echo next')).text, 'next\n');
	t.false(existsSync(join(b.directory, 'alive')));
	await writeFile(join(b.directory, 'go'), '');
	await until(() => existsSync(join(b.directory, 'alive')));
});

test('a run that is asked to stop after its step finishes the step and begins no other', async t => {
	const b = await bench(t);
	// The step ends when the test has asked.
	const wanted = request(b, '', {script: scriptOf(['echo first; until [ -e go ]; do sleep 0.05; done; echo done', 'echo second', 'echo third'])});
	valueOf(await b.port.start(wanted));
	const followed = follow(b.port, wanted.id);
	valueOf(await b.port.cancel(wanted.id, 'after-step'));
	await until(() => existsSync(join(b.runtime, `run-${wanted.id}`, 'own/stop')));
	await writeFile(join(b.directory, 'go'), '');
	const {text, outcome} = await followed;
	t.is(outcome?.exitCode, stoppedExit);
	t.is(outcome?.cancelled, false);
	t.true(text.includes('done') && !text.includes('second'), text);
	t.is((await run(b, '', {script: scriptOf(['echo one', 'false', 'echo three'])})).text, "== [1/3] echo one\none\n== [2/3] false\n");
});

test('a second start on the target is busy and says with whom, what and since when; another target is free', async t => {
	const b = await bench(t);
	const wanted = request(b, 'echo ready; sleep 60');
	const record = valueOf(await b.port.start(wanted));
	const other = portOn(b.runtime);
	const refused = await other.start(request(b, 'echo no', {actor: 'bia'}));
	t.like(refused, {ok: false, failure: {code: 'busy', params: {holder: 'ana', action: 'start-api', id: wanted.id}}});
	t.true(!refused.ok && Math.abs(Number(refused.failure.params!['sinceMs']) - record.startedAtMs) < 2000);
	t.is((await run(b, 'echo yes', {lock: 'shop/db'})).text, 'yes\n');
	t.is(valueOf(await other.runs('shop')).filter(({state}) => state === 'running').length, 1);
	t.deepEqual(valueOf(await other.runs('elsewhere')), []);
	t.deepEqual(valueOf(await other.runs('shop')).map(({request}) => request.id), valueOf(await b.port.runs('shop')).map(({request}) => request.id), 'also after another project was asked for');
	valueOf(await other.cancel(wanted.id));
	await follow(other, wanted.id);
	t.is((await run(b, 'echo free')).text, 'free\n');
});

test('a change of the whole project runs beside nothing of the project, and nothing of it beside that; another project is free', async t => {
	const b = await bench(t);
	const whole = {lock: 'shop/*', action: 'rollback-commit'};
	const one = request(b, 'echo ready; sleep 60');
	valueOf(await b.port.start(one));
	t.like(await portOn(b.runtime).start(request(b, 'echo no', {...whole, actor: 'bia'})), {ok: false, failure: {code: 'busy', params: {holder: 'ana', action: 'start-api', id: one.id}}});
	t.is((await run(b, 'echo yes', {lock: 'other/*', project: 'other'})).text, 'yes\n');
	valueOf(await b.port.cancel(one.id));
	await follow(b.port, one.id);
	const all = request(b, 'echo ready; sleep 60', whole);
	valueOf(await b.port.start(all));
	t.like(await portOn(b.runtime).start(request(b, 'echo no', {lock: 'shop/db', actor: 'bia'})), {ok: false, failure: {code: 'busy', params: {holder: 'ana', action: 'rollback-commit', id: all.id}}});
	t.like(await portOn(b.runtime).start(request(b, 'echo no', whole)), {ok: false, failure: {code: 'busy'}});
	valueOf(await b.port.cancel(all.id));
	await follow(b.port, all.id);
	t.is((await run(b, 'echo free', {lock: 'shop/db'})).text, 'free\n');
});

test('while the script of a killed supervisor lives, neither the whole project nor its target is free', async t => {
	const b = await bench(t);
	const one = request(b, 'echo ready; sleep 60');
	valueOf(await b.port.start(one));
	const [supervisor] = (await readFile(join(b.runtime, `run-${one.id}`, 'started'), 'utf8')).split(' ');
	await until(async () => (await readFile(join(b.runtime, (await readdir(b.runtime)).find(name => name.startsWith('lock-shop_api'))!), 'utf8')).split('\n').filter(line => line !== '').length === 3);
	process.kill(Number(supervisor), 'SIGKILL');
	await until(async () => valueOf(await b.port.runs('shop'))[0]?.state === 'orphaned');
	t.like(await b.port.discard(one.id), {ok: false, failure: {code: 'busy'}});
	t.like(await b.port.start(request(b, 'echo no', {lock: 'shop/*'})), {ok: false, failure: {code: 'busy', params: {holder: 'ana', id: one.id}}});
	valueOf(await b.port.cancel(one.id));
	await until(async () => (await b.port.start(request(b, 'true', {lock: 'shop/*'}))).ok);
});

test('of two starts in the same moment exactly one wins, twenty times', async t => {
	const b = await bench(t);
	for (let round = 0; round < 20; round++) {
		const pair = [request(b, 'echo x >> count; sleep 0.02', {id: `a${round}`}), request(b, 'echo x >> count; sleep 0.02', {id: `b${round}`, actor: 'bia'})] as const;
		const answers = await Promise.all([b.port.start(pair[0]), portOn(b.runtime).start(pair[1])]);
		const winners = answers.filter(({ok}) => ok).length;
		// A run of 20 ms may be over before the other one starts; never may both hold the target.
		const records = valueOf(await b.port.runs('shop'));
		t.true(winners >= 1);
		for (const [index, answer] of answers.entries()) {
			if (answer.ok) {
				await follow(b.port, pair[index]!.id);
			} else {
				t.is(answer.failure.code, 'busy');
				t.is(records.some(({request: {id}}) => id === pair[index]!.id), false);
			}
		}

		const times = valueOf(await b.port.runs('shop')).map(({outcome}) => outcome!).toSorted((x, y) => x.startedAtMs - y.startedAtMs);
		t.true(times.every((outcome, index) => index === 0 || outcome.startedAtMs >= times[index - 1]!.endedAtMs));
		for (const {request: {id}} of valueOf(await b.port.runs('shop'))) {
			valueOf(await b.port.discard(id));
		}
	}
});

test('of many starts at once on a long run exactly one wins', async t => {
	const b = await bench(t);
	const answers = await Promise.all(Array.from({length: 8}, async (_, index) => portOn(b.runtime).start(request(b, 'echo x >> count; sleep 30', {id: `many${index}`, actor: `operator ${index}`}))));
	const winner = answers.findIndex(({ok}) => ok);
	t.is(answers.filter(({ok}) => ok).length, 1);
	for (const answer of answers) {
		if (!answer.ok) {
			t.like(answer.failure, {code: 'busy', params: {holder: `operator ${winner}`}});
		}
	}

	valueOf(await b.port.cancel(`many${winner}`));
	await follow(b.port, `many${winner}`);
	t.is(await readFile(join(b.directory, 'count'), 'utf8'), 'x\n');
	t.deepEqual((await readdir(b.runtime)).filter(name => name.startsWith('run-')), [`run-many${winner}`]);
});

test('the lock is free as soon as the outcome is there', async t => {
	const b = await bench(t);
	for (let round = 0; round < 10; round++) {
		t.is((await run(b, `echo ${round}`)).text, `${round}\n`);
	}
});

test('discard removes an ended run and nothing else; a running one is kept', async t => {
	const b = await bench(t);
	const wanted = request(b, 'sleep 60');
	valueOf(await b.port.start(wanted));
	t.like(await b.port.discard(wanted.id), {ok: false, failure: {code: 'busy'}});
	valueOf(await b.port.cancel(wanted.id));
	await follow(b.port, wanted.id);
	t.deepEqual(await b.port.discard(wanted.id), {ok: true, value: null});
	t.deepEqual(valueOf(await b.port.runs('shop')), []);
	t.false(existsSync(join(b.runtime, `run-${wanted.id}`)));
	t.like(await b.port.discard(wanted.id), {ok: false, failure: {code: 'not-found'}});
	t.like(await b.port.discard('../../etc'), {ok: false, failure: {code: 'not-found'}});
});

test('an id serves once, and an odd one not at all', async t => {
	const b = await bench(t);
	await run(b, 'true', {id: 'once'});
	t.like(await b.port.start(request(b, 'true', {id: 'once'})), {ok: false, failure: {code: 'failed'}});
	t.is(valueOf(await b.port.runs('shop')).length, 1);
	t.like(await b.port.start(request(b, 'true', {id: '../x'})), {ok: false, failure: {code: 'malformed'}});
	t.like(await b.port.start(request(b, 'a\0b')), {ok: false, failure: {code: 'malformed'}});
});

test('a supervisor that the host cannot start is a failure and leaves nothing behind, and the next one starts', async t => {
	const b = await bench(t);
	// Longer than the kernel takes one word: Node throws, as it does where no memory is left.
	const outcome = await b.port.start(request(b, 'true', {id: 'refused', directory: `/${'x'.repeat(200_000)}`}));
	t.like(outcome, {ok: false, failure: {code: 'failed', detail: 'spawn E2BIG'}});
	t.false(existsSync(join(b.runtime, 'run-refused')));
	t.like((await run(b, 'echo there')).outcome, {exitCode: 0});
});

test('the end of an unknown run is told as lost', async t => {
	const b = await bench(t);
	t.deepEqual(await follow(b.port, 'nothing'), {text: '', skippedBytes: 0, outcome: null});
});

/** Runs `script`, whose first line writes its pid, and kills its supervisor once the lock names it. */
const orphan = async (b: Bench, wanted: RunRequest): Promise<number> => {
	valueOf(await b.port.start(wanted));
	const script = await pidIn(join(b.directory, 'script'));
	const supervisor = Number((await readFile(join(b.runtime, `run-${wanted.id}`, 'started'), 'utf8')).split(' ')[0]);
	// The lock's second line names the script: what a later start looks at when the holder is gone.
	await until(async () => {
		const lock = (await readdir(b.runtime)).find(name => name.startsWith('lock-shop_api'));
		return lock !== undefined && (await readFile(join(b.runtime, lock), 'utf8')).split('\n')[1] !== '';
	});
	process.kill(supervisor, 'SIGKILL');
	await until(async () => !await isRunning(supervisor));
	return script;
};

test('a run whose supervisor was killed goes on with its script: followed, not discarded, its target taken, and it can be cancelled', async t => {
	const b = await bench(t);
	const wanted = request(b, 'echo $$ > script; echo before; while [ ! -e go ]; do sleep 0.05; done; echo after; exec sleep 60');
	let text = '';
	let outcome: RunOutcome | null | undefined;
	const script = await orphan(b, wanted);
	b.port.follow(wanted.id, output => {
		text += output.rawText;
	}, end => {
		outcome = end;
	});
	t.is(valueOf(await b.port.runs('shop'))[0]!.state, 'orphaned');
	t.like(await b.port.discard(wanted.id), {ok: false, failure: {code: 'busy', params: {holder: 'ana', id: wanted.id}}});
	t.like(await b.port.start(request(b, 'echo no')), {ok: false, failure: {code: 'busy', params: {holder: 'ana'}}});
	await writeFile(join(b.directory, 'go'), '');
	await until(() => text === 'before\nafter\n');
	t.true(await isRunning(script));
	t.is(outcome, undefined, 'it has not ended');
	// Any console may: this one did not start it.
	valueOf(await portOn(b.runtime).cancel(wanted.id));
	await until(async () => !await isRunning(script));
	await until(() => outcome !== undefined);
	t.is(outcome, null);
	t.is(valueOf(await b.port.runs('shop'))[0]!.state, 'lost');
	t.like(await b.port.cancel(wanted.id), {ok: false, failure: {code: 'not-found'}});
	t.deepEqual(await b.port.discard(wanted.id), {ok: true, value: null});
	t.is((await run(b, 'echo free')).text, 'free\n');
});

test('a run whose supervisor was killed can still be stopped between two of its steps', async t => {
	const b = await bench(t);
	const wanted = request(b, '', {script: scriptOf(['echo $$ > script', 'while [ ! -e go ]; do sleep 0.05; done', 'touch never'])});
	const script = await orphan(b, wanted);
	valueOf(await b.port.cancel(wanted.id, 'after-step'));
	await writeFile(join(b.directory, 'go'), '');
	await until(async () => !await isRunning(script));
	t.false(existsSync(join(b.directory, 'never')));
});

test('a lost run whose target another one took since is not taken for alive', async t => {
	const b = await bench(t);
	const wanted = request(b, 'echo $$ > script; exec sleep 60');
	const script = await orphan(b, wanted);
	process.kill(script, 'SIGKILL');
	await until(async () => !await isRunning(script));
	const next = request(b, 'exec sleep 60');
	valueOf(await b.port.start(next));
	const states = new Map(valueOf(await b.port.runs('shop')).map(({request: {id}, state}) => [id, state]));
	t.is(states.get(wanted.id), 'lost');
	t.is(states.get(next.id), 'running');
	valueOf(await b.port.cancel(next.id));
	await follow(b.port, next.id);
});

test('a pid that was given to another process, or a boot ago, does not make a run alive', async t => {
	const b = await bench(t);
	await run(b, 'true', {id: 'old'});
	const directory = join(b.runtime, 'run-old');
	await rm(join(directory, 'outcome'));
	const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
	await writeFile(join(directory, 'started'), `${process.pid} 1 ${bootId}\n1000\nend\n`);
	t.is(valueOf(await b.port.runs('shop'))[0]!.state, 'lost');
	const startTicks = (await readFile('/proc/self/stat', 'utf8')).split(') ').at(-1)!.split(' ')[19];
	await writeFile(join(directory, 'started'), `${process.pid} ${startTicks} ${bootId}\n1000\nend\n`);
	t.is(valueOf(await b.port.runs('shop'))[0]!.state, 'running');
	await writeFile(join(directory, 'started'), `${process.pid} ${startTicks} 00000000-0000-0000-0000-000000000000\n1000\nend\n`);
	t.is(valueOf(await b.port.runs('shop'))[0]!.state, 'lost');
});

test('cut-off and foreign files among the runs are passed over', async t => {
	const b = await bench(t);
	await run(b, 'true', {id: 'good'});
	await mkdir(join(b.runtime, 'run-empty'));
	await mkdir(join(b.runtime, 'run-cut'));
	await writeFile(join(b.runtime, 'run-cut', 'request.json'), '{"id": "cut", "pro');
	await writeFile(join(b.runtime, 'run-cut', 'started'), '12');
	await writeFile(join(b.runtime, 'something'), '');
	t.deepEqual(valueOf(await b.port.runs('shop')).map(({request: {id}}) => id), ['good']);
});

/** A console of its own: starts a run and then waits to be killed. */
const starter = (b: Bench, wanted: RunRequest): readonly string[] => {
	const code = `import {createCommandsPort} from ${JSON.stringify(new URL('../../source/adapters/commands.ts', import.meta.url).href)};
const clock = {nowMs: () => Date.now(), monotonicMs: () => performance.now(), after: () => () => {}};
const port = createCommandsPort({clock, runtimeDirectories: [${JSON.stringify(b.runtime)}], dockerHost: () => null, basePath: '/usr/bin:/bin', home: '/root', user: 'root'});
const answer = await port.start(${JSON.stringify(wanted)});
console.log(answer.ok ? 'started' : JSON.stringify(answer.failure));
setInterval(() => {}, 1000);`;
	return [process.execPath, '--import=tsx', '--input-type=module', '-e', code];
};

test('a run outlives kill -9 of the console, and the next console finds it, follows it and has its outcome', async t => {
	const b = await bench(t);
	const wanted = request(b, 'echo before; until [ -e go ]; do sleep 0.05; done; echo after; exit 4');
	const [node, ...words] = starter(b, wanted);
	const child = spawn(node!, words, {stdio: ['ignore', 'pipe', 'inherit']});
	t.is(String((await once(child.stdout, 'data') as [Buffer])[0]), 'started\n');
	child.kill('SIGKILL');
	await once(child, 'exit');
	const [found] = valueOf(await b.port.runs('shop'));
	t.is(found!.state, 'running');
	t.deepEqual(found!.request, wanted);
	await writeFile(join(b.directory, 'go'), '');
	const {text, outcome} = await follow(b.port, wanted.id);
	t.is(text, 'before\nafter\n');
	t.is(outcome!.exitCode, 4);
});

test('a run outlives the hang-up of the terminal it was started from', async t => {
	const b = await bench(t);
	const wanted = request(b, 'until [ -e go ]; do sleep 0.05; done; echo after');
	const quoted = starter(b, wanted).map(word => `'${word.replaceAll('\'', String.raw`'\''`)}'`).join(' ');
	const terminal = spawn('script', ['-qec', quoted, '/dev/null'], {stdio: ['ignore', 'pipe', 'inherit']});
	t.regex(String((await once(terminal.stdout, 'data') as [Buffer])[0]), /started/);
	// The master side of the terminal goes away: the kernel sends SIGHUP to the session on it.
	terminal.kill('SIGKILL');
	await once(terminal, 'exit');
	await writeFile(join(b.directory, 'go'), '');
	const {text, outcome} = await follow(b.port, wanted.id);
	t.is(text, 'after\n');
	t.is(outcome!.exitCode, 0);
});

test('the supervisor and its reader of output cost a few megabytes', async t => {
	const b = await bench(t);
	const wanted = request(b, 'echo $$ > script; exec sleep 60');
	valueOf(await b.port.start(wanted));
	const script = await pidIn(join(b.directory, 'script'));
	const supervisor = Number((await readFile(join(b.runtime, `run-${wanted.id}`, 'started'), 'utf8')).split(' ')[0]);
	const session = (await listStatuses()).filter(status => status.session === supervisor).map(({pid}) => pid);
	t.false(session.includes(script));
	t.true(session.length > 0);
	let kilobytes = 0;
	for (const pid of session) {
		kilobytes += Number(/^Pss:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]);
	}

	t.log(`${session.length} processes, ${kilobytes} kB`);
	t.true(kilobytes < 8000);
});

needs('root')('a colleague of the group sees the run and can cancel it, but reads neither its output nor its script', async t => {
	const group = Number(/^docker:[^:]*:(\d+):/m.exec(await readFile('/etc/group', 'utf8'))?.[1]);
	if (!group) {
		t.pass('no group docker here');
		return;
	}

	const b = await bench(t);
	await chmod(b.directory, 0o755);
	const wanted = request(b, 'echo secret; sleep 60', {environment: {PASSWORD: 'x'}});
	valueOf(await b.port.start(wanted));
	const own = {uid: process.geteuid!(), gid: process.getegid!()};
	process.setegid!(group);
	process.seteuid!(65_534);
	try {
		const other = portOn(b.runtime);
		const [seen] = valueOf(await other.runs('shop'));
		t.is(seen!.state, 'running');
		t.is(seen!.request.actor, 'ana');
		t.is(seen!.request.script, '');
		t.deepEqual(seen!.request.environment, {});
		const followed = follow(other, wanted.id);
		valueOf(await other.cancel(wanted.id));
		const {text, outcome} = await followed;
		t.is(text, '');
		t.is(outcome!.cancelled, true);
	} finally {
		process.seteuid!(own.uid);
		process.setegid!(own.gid);
	}
});

needs('root')('an outcome is recorded though the run filled the file system that its files lie on', async t => {
	const b = await bench(t);
	const mount = join(b.directory, 'small');
	await mkdir(mount);
	if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=755', 'tmpfs', mount]).status !== 0) {
		t.pass('mounting is not allowed here');
		return;
	}

	t.teardown(() => {
		spawnSync('umount', ['-l', mount]);
	});
	const port = portOn(join(mount, 'runtime'));
	const wanted = request(b, 'echo BEGIN; head -c 3000000 /dev/zero; touch wrote-all; exit 5');
	valueOf(await port.start(wanted));
	const {text, outcome} = await follow(port, wanted.id);
	t.true(text.startsWith('BEGIN\n'));
	t.is(outcome!.exitCode, 5);
	t.true(existsSync(join(b.directory, 'wrote-all')));
	const full = await port.start(request(b, 'true'));
	t.true(full.ok || full.failure.code === 'no-space');
});
