/**
`npm run bench`: what the console costs, on this machine, with the spread of each figure and the ratio where a peer runs beside it. Never part of the
tests: a stopwatch on a shared machine proves nothing about the code.

    npm run bench                       brings up its own small stack on the local engine
    npm run bench -- --project NAME     uses a running one, such as the runbook's
    npm run bench -- --only start,idle  some of: start idle follow flood keys heap sixty diagnosis journal drill runbook
*/

import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {parseArgs, stripVTControlCharacters} from 'node:util';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {consoleHour, drillStarts, worldHour} from './drill.ts';
import {benchJournal} from './journal.ts';
import {openTerminal, type Terminal} from '../helpers/terminal.ts';
import {openStack, type Stack} from '../helpers/real-engine.ts';
import {benchDiagnosis} from './diagnosis.ts';
import {readingCosts} from './runbook.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = path.join(root, 'bin/mdc-console.js');
const {values} = parseArgs({options: {project: {type: 'string'}, only: {type: 'string'}, runs: {type: 'string', default: '7'}, seconds: {type: 'string', default: '30'}}});
const wanted = values.only?.split(',') ?? ['start', 'idle', 'follow', 'flood', 'keys', 'heap', 'sixty', 'diagnosis', 'journal'];
const runs = Number(values.runs);
const seconds = Number(values.seconds);

const pause = async (ms: number): Promise<void> => new Promise(resolve => {
	setTimeout(resolve, ms);
});

const sorted = (numbers: readonly number[]): readonly number[] => numbers.toSorted((a, b) => a - b);
const quantile = (numbers: readonly number[], share: number): number => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? Number.NaN;
const spread = (numbers: readonly number[], unit: string, digits = 0): string =>
	`median ${quantile(numbers, 0.5).toFixed(digits)} ${unit} (${quantile(numbers, 0).toFixed(digits)}–${quantile(numbers, 1).toFixed(digits)})`;
const say = (what: string, figure: string): void => {
	process.stdout.write(`${what.padEnd(46)} ${figure}\n`);
};

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], {encoding: 'utf8'}));

/** CPU seconds of a process so far, its children that ended included. */
const cpuSecondsOf = (pid: number): number => {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
	return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
};

const residentMib = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

const engineCpuSeconds = (): number => {
	const pids = execFileSync('sh', ['-c', 'pgrep -x dockerd; pgrep -x containerd'], {encoding: 'utf8'}).split('\n').filter(line => line !== '').map(Number);
	return pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
};

/** A terminal's home is new each time; what Node compiled is kept beside it, as in the home of a person, or every start here would be a very first one. */
const cache = mkdtempSync(path.join(tmpdir(), 'mdc-bench-cache-'));
const openOn = async (project: string): Promise<Terminal> => openTerminal(program, ['--project', project, '--as', 'bench'], {columns: 120, rows: 40, env: {NODE_ENV: 'production', XDG_CACHE_HOME: cache}});

/** Containers with their states, pings with an answer, and the host: what the first look is for. */
const isUseful = (screen: string): boolean => /● \S*(?:api|nginx)\b.* up /.test(screen) && / (?:200|PONG|accepts) /.test(screen) && /\bcpu\b/.test(screen) && /\bmem\b.*%/.test(screen);

const benchStart = async (project: string): Promise<void> => {
	const ours: number[] = [];
	const composePs: number[] = [];
	const dockerPs: number[] = [];
	const timed = (command: string, parameters: readonly string[]): number => {
		const began = performance.now();
		execFileSync(command, parameters, {stdio: 'ignore', env: {...process.env, COMPOSE_PROJECT_NAME: project}, cwd: directoryOf(project)});
		return performance.now() - began;
	};

	// Left by its key once: only then Node keeps what it compiled, as it does for everybody's second start.
	const first = await openOn(project);
	await first.until(isUseful, 30_000);
	await pause(3000);
	await first.press('q');
	await first.exited;
	for (let run = 0; run <= runs; run++) {
		const began = performance.now();
		const terminal = await openOn(project);
		// By the bytes as they come: the emulator of the tests would add its own 100 ms to our side only.
		while (!isUseful(stripVTControlCharacters(terminal.received()).replaceAll('│', '\n'))) {
			await pause(5);
		}

		const took = performance.now() - began;
		await terminal.close();
		const ps = timed('docker-compose', ['ps']);
		const plain = timed('docker', ['ps']);
		// The first round warms the caches of both.
		if (run > 0) {
			ours.push(took);
			composePs.push(ps);
			dockerPs.push(plain);
		}
	}

	say('first useful frame', spread(ours, 'ms'));
	say('  docker-compose ps, in the same rounds', spread(composePs, 'ms'));
	say('  docker ps, in the same rounds', spread(dockerPs, 'ms'));
	say('  ratio to docker-compose ps', spread(ours.map((took, index) => took / composePs[index]!), '', 2));
};

const directoryOf = (project: string): string => {
	const label = execFileSync('docker', ['ps', '-a', '--filter', `label=com.docker.compose.project=${project}`, '--format', '{{.Label "com.docker.compose.project.working_dir"}}'], {encoding: 'utf8'});
	return label.split('\n')[0] || '/';
};

type Measured = {readonly bytesPerSecond: number; readonly cpuShare: number; readonly rssMib: number};

const measure = async (terminal: Terminal, spanSeconds: number): Promise<Measured> => {
	const bytes = terminal.bytes();
	const cpu = cpuSecondsOf(terminal.pid);
	const began = performance.now();
	await pause(spanSeconds * 1000);
	const took = (performance.now() - began) / 1000;
	return {bytesPerSecond: (terminal.bytes() - bytes) / took, cpuShare: (cpuSecondsOf(terminal.pid) - cpu) / took, rssMib: residentMib(terminal.pid)};
};

const benchIdle = async (project: string): Promise<void> => {
	await pause(2000);
	const engineBefore = engineCpuSeconds();
	await pause(seconds * 1000);
	const engineAlone = (engineCpuSeconds() - engineBefore) / seconds;
	const terminal = await openOn(project);
	await terminal.until(isUseful, 30_000);
	const bare = await openTerminal(process.execPath, [path.join(root, 'test/bench/bare-ink.js')], {columns: 120, rows: 40, env: {NODE_ENV: 'production'}});
	// Opening costs come first: loading, the first logs, one look into the database.
	await pause(15_000);
	const engineWith = engineCpuSeconds();
	const figures: Measured[] = [];
	const bareFigures: Measured[] = [];
	for (let round = 0; round < 3; round++) {
		const [figure, bareFigure] = await Promise.all([measure(terminal, seconds), measure(bare, seconds)]);
		figures.push(figure);
		bareFigures.push(bareFigure);
	}

	const engineShare = (engineCpuSeconds() - engineWith) / (3 * seconds);
	await Promise.all([terminal.close(), bare.close()]);
	say('idle, healthy, 120×40: to the terminal', spread(figures.map(figure => figure.bytesPerSecond), 'bytes/s'));
	say('  CPU of the console', spread(figures.map(figure => figure.cpuShare * 100), '% of a core', 2));
	say('  resident memory', spread(figures.map(figure => figure.rssMib), 'MiB', 1));
	say('  a bare Ink screen with a clock, beside it', `${spread(bareFigures.map(figure => figure.cpuShare * 100), '% of a core', 2)}, ${spread(bareFigures.map(figure => figure.rssMib), 'MiB', 1)}`);
	say('  CPU of dockerd and containerd', `${(engineAlone * 100).toFixed(2)} % without, ${(engineShare * 100).toFixed(2)} % with the console`);
};

const benchLines = async (what: 'follow' | 'flood', stack: Stack): Promise<void> => {
	stack.fault('api', what === 'follow' ? 'lines 5' : 'flood 50000');
	const terminal = await openOn(stack.project);
	await terminal.until(isUseful, 30_000);
	await pause(10_000);
	const figures: Measured[] = [];
	for (let round = 0; round < 3; round++) {
		figures.push(await measure(terminal, Math.min(seconds, 15)));
	}

	say(what === 'follow' ? 'following 5 lines/s: to the terminal' : 'in a flood: to the terminal', spread(figures.map(figure => figure.bytesPerSecond), 'bytes/s'));
	say('  CPU of the console', spread(figures.map(figure => figure.cpuShare * 100), '% of a core', 1));
	say('  resident memory', spread(figures.map(figure => figure.rssMib), 'MiB', 1));
	if (what === 'flood') {
		say('  lines a second, as the pane says', /([\d.,k ]+)\/s/.exec(terminal.screen())?.[1]?.trim() ?? 'not shown');
	}

	await terminal.close();
	stack.fault('api', null);
};

const benchKeys = async (stack: Stack): Promise<void> => {
	stack.fault('api', 'flood 50000');
	const terminal = await openOn(stack.project);
	await terminal.until(isUseful, 30_000);
	await pause(5000);
	const times: number[] = [];
	await terminal.press('m');
	let typed = '';
	let seed = 7;
	for (let press = 0; press < 200; press++) {
		// No run of eight letters comes twice, so that what is seen is the key just pressed.
		seed = ((seed * 1_103_515_245) + 12_345) % 2_147_483_648;
		const letter = String.fromCodePoint(97 + (Math.floor(seed / 65_536) % 26));
		typed = (typed + letter).slice(-8);
		const expected = typed;
		const began = performance.now();
		terminal.write(letter);
		await terminal.until(screen => screen.includes(expected), 10_000);
		times.push(performance.now() - began);
		// Not in step with the frames.
		await pause(37 + ((press * 53) % 101));
	}

	await terminal.press('escape');
	await terminal.close();
	stack.fault('api', null);
	say('key to paint in a flood, 200 keys', `p50 ${quantile(times, 0.5).toFixed(0)} ms, p90 ${quantile(times, 0.9).toFixed(0)} ms, p99 ${quantile(times, 0.99).toFixed(0)} ms`);
};

/** A page of 200 kB: the first reading of a process, and with everything warm. */
const benchRunbook = async (): Promise<void> => {
	const costs = await readingCosts(path.join(root, 'test/fixtures/runbooks/api-down.md'));
	for (const [name, {bytes, times}] of Object.entries(costs)) {
		say(`a runbook of ${Math.round(bytes / 1000)} kB (${name}), CPU`, `first ${times[0]!.toFixed(0)} ms, then ${spread(times.slice(5), 'ms', 1)}`);
	}
};

const benchHeap = (): void => {
	const output = execFileSync(process.execPath, ['--expose-gc', '--import=tsx', path.join(root, 'test/bench/heap.ts')], {cwd: root, encoding: 'utf8', env: {...process.env, NODE_ENV: 'production'}});
	say('heap over 2,000 updates of the whole screen', output.trim());
};

const benchSixty = async (): Promise<void> => {
	const shares: Record<number, number> = {};
	for (const count of [6, 60]) {
		const project = `mdcbench${count}`;
		const ids = startMany(project, count);
		try {
			const terminal = await openOn(project);
			await terminal.until(screen => screen.includes('svc01'), 30_000);
			await pause(15_000);
			const figure = await measure(terminal, seconds);
			shares[count] = figure.cpuShare;
			say(`${count} containers: CPU of the console`, `${(figure.cpuShare * 100).toFixed(2)} % of a core, ${figure.bytesPerSecond.toFixed(0)} bytes/s, ${figure.rssMib.toFixed(0)} MiB`);
			await terminal.close();
		} finally {
			execFileSync('docker', ['rm', '-f', ...ids], {stdio: 'ignore'});
			execFileSync('docker', ['rmi', '-f', `${project}:x`], {stdio: 'ignore'});
		}
	}

	say('  sixty to six', ((shares[60] ?? 0) / (shares[6] ?? 1)).toFixed(2));
};

/** Containers of one static busybox with the labels that Compose gives. */
const startMany = (project: string, count: number): readonly string[] => {
	execFileSync('sh', ['-c', `d=$(mktemp -d) && cp /bin/busybox "$d/busybox" && printf 'FROM scratch\\nCOPY busybox /busybox\\nENTRYPOINT ["/busybox","sleep","86400"]\\n' > "$d/Dockerfile" && docker build -q -t ${project}:x "$d" >/dev/null; rm -rf "$d"`], {env: {...process.env, DOCKER_BUILDKIT: '0'}});
	return Array.from({length: count}, (_, index) => {
		const service = `svc${String(index + 1).padStart(2, '0')}`;
		const labels = {project, service, 'container-number': '1', oneoff: 'False', version: '1.29.2', 'project.working_dir': '/nowhere', 'project.config_files': 'docker-compose.yml', 'config-hash': 'x'};
		return execFileSync('docker', ['run', '-d', ...Object.entries(labels).flatMap(([name, value]) => ['--label', `com.docker.compose.${name}=${value}`]), `${project}:x`], {encoding: 'utf8'}).trim();
	});
};

const needsNone = wanted.every(one => one === 'runbook' || one === 'journal' || one === 'drill');
const needsStack = !needsNone && (values.project === undefined || wanted.some(one => one === 'follow' || one === 'flood' || one === 'keys'));
const stack = needsStack ? await openStack() : null;
try {
	if (stack !== null) {
		await stack.waitHealthy();
	}

	const project = values.project ?? stack?.project ?? '';
	const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
	say('machine', `${execFileSync('nproc', {encoding: 'utf8'}).trim()} cores, load ${load}, Node ${process.version}, project ${project}`);
	const benches: Readonly<Record<string, () => Promise<void> | void>> = {
		start: async () => benchStart(project),
		idle: async () => benchIdle(project),
		follow: async () => benchLines('follow', stack!),
		flood: async () => benchLines('flood', stack!),
		keys: async () => benchKeys(stack!),
		heap: benchHeap,
		sixty: benchSixty,
		journal: async () => benchJournal(runs, (what, figures) => {
			say(what, spread(figures, 'ms'));
		}),
		diagnosis() {
			benchDiagnosis(say);
		},
		runbook: benchRunbook,
		async drill() {
			say('drill: start to its first frame', spread(await drillStarts(runs), 'ms'));
			for (const name of ['api-stopped', 'memory-leak', 'disk-and-deploy']) {
				say(`drill: an hour of ${name}, the world`, spread([worldHour(name), worldHour(name), worldHour(name)], 'ms'));
				say(`drill: an hour of ${name}, with the console`, spread([await consoleHour(name)], 'ms'));
			}
		},
	};
	for (const one of wanted) {
		await benches[one]?.();
	}
} finally {
	await stack?.close();
	rmSync(cache, {recursive: true, force: true});
}

