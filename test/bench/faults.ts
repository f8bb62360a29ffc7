/**
`npm run bench:faults`: makes one fault after another on a running stack of the runbook's kind, with the console (without its screen) watching, and says what its first
finding was and how long it took: from the first sign (a failed ping, a death, an engine that is silent) to the first finding that is right. Afterwards `status --wait`
is asked, as somebody would who logs in then.

It breaks the stack on purpose: never on one that serves anybody.

    npm run bench:faults -- --directory DIR                  all of them
    npm run bench:faults -- --directory DIR --only 'nginx'   those whose name matches
    npm run bench:faults -- --directory DIR --part 1/2       every second one, where another bed takes the rest
    npm run bench:faults -- --directory DIR --output FILE    one JSON document a line, for a table
    npm run bench:faults -- --directory DIR --calm 600       no fault: so many seconds in which nothing may be found, then a deploy and restarts
    npm run bench:faults -- --table FILE                     the readme's table out of such a file

For the engine's own faults $ENGINE names a program that takes stop, start, freeze and thaw; without it they are left out.
*/

import {execFile, execFileSync} from 'node:child_process';
import {appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {fileURLToPath} from 'node:url';
import {surround} from '../../source/commands/surroundings.ts';
import {createRunbooks} from '../../source/commands/runbooks.ts';
import type {Finding} from '../../source/core/diagnosis.ts';
import type {State} from '../../source/core/state.ts';
import {initialState} from '../../source/core/update.ts';
import {findingSentence} from '../../source/messages/finding-words.ts';
import {createFormatter} from '../../source/messages/format.ts';
import {createIncidentConsole} from '../../source/runtime/console.ts';
import {benchFaults, type BenchFault} from './fault-list.ts';
import {tableOf, type FaultRow} from './fault-table.ts';

const {values} = parseArgs({options: {directory: {type: 'string'}, only: {type: 'string'}, part: {type: 'string', default: '1/1'}, output: {type: 'string'}, calm: {type: 'string'}, table: {type: 'string'}, project: {type: 'string', default: 'mestres-do-cafe'}}});
const launcher = fileURLToPath(new URL('../../bin/mdc-console.js', import.meta.url));
const work = mkdtempSync(path.join(tmpdir(), 'mdc-faults-'));
const say = (line: string): void => {
	process.stdout.write(`${line}\n`);
};

const pause = async (ms: number): Promise<void> => new Promise(resolve => {
	setTimeout(resolve, ms);
});

// ─── making and unmaking ─────────────────────────────────────────────────────

const prelude = String.raw`
cd "$DIR"
unset COMPOSE_FILE COMPOSE_PROJECT_NAME DOCKER_CONTEXT
export DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0 COMPOSE_INTERACTIVE_NO_CLI=1
dc() { (cd "$DIR" && docker-compose "$@"); }
cid() { docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$PROJECT" --filter "label=com.docker.compose.service=$1" | head -n1; }
pid() { docker inspect --format '{{.State.Pid}}' "$(cid "$1")"; }
address() { docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$(cid "$1")"; }
network() { docker network ls --format '{{.Name}}' --filter "label=com.docker.compose.project=$PROJECT" | head -n1; }
set_env() { grep -q "^$1=" "$DIR/.env" && sed -i "s|^$1=.*|$1=$2|" "$DIR/.env" || echo "$1=$2" >>"$DIR/.env"; }
override() { printf 'version: "3.8"\n%s\n' "$1" >"$DIR/docker-compose.override.yml"; }
sql() { docker exec "$(cid db)" sh -c 'psql -X -q -At -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "$0"' "$1"; }
inside() { local p; p=$(pid "$1"); shift; nsenter --target "$p" --net "$@"; }
keep() { setsid "$@" >/dev/null 2>&1 </dev/null & echo $! >>"$WORK/kept"; sleep 0.5; }
unkeep() { while read -r p; do kill "$p" 2>/dev/null; done <"$WORK/kept"; rm -f "$WORK/kept"; }
restore() { rm -f "$DIR/docker-compose.override.yml"; cp "$WORK/env" "$DIR/.env"; git -C "$DIR" reset -q --hard "$BASE"; dc up -d "$@"; }
engine() { "$ENGINE" "$1"; }
`;

type Bed = {readonly directory: string; readonly base: string};

const bash = async (bed: Bed, script: string): Promise<void> => new Promise(resolve => {
	execFile('bash', ['-c', `${prelude}\n${script}`], {env: {...process.env, DIR: bed.directory, PROJECT: values.project, WORK: work, BASE: bed.base}, timeout: 240_000, maxBuffer: 1 << 26}, (_error, stdout, stderr) => {
		appendFileSync(path.join(work, 'log'), `$ ${script}\n${stdout}${stderr}\n`);
		resolve();
	});
});

// ─── watching ────────────────────────────────────────────────────────────────

type Seen = {readonly atMs: number; readonly told: string; readonly sentence: string; readonly weight: Finding['weight']; readonly causedBy: string | null};

const toldAs = (finding: Finding): string => `${finding.code}/${finding.service ?? '-'}`;

/** The console without its screen, its own memory in a directory of the sweep. */
const openWatch = async (configuration: string | undefined) => {
	const environment = {...process.env, XDG_STATE_HOME: path.join(work, 'state'), XDG_CONFIG_HOME: path.join(work, 'none'), LANG: 'C.UTF-8'};
	const options = {config: configuration ?? null, project: values.project, runbook: null, language: 'en', readOnly: true, as: 'bench', ascii: false, colour: false} as const;
	const surroundings = surround('0', environment, options, true);
	const {docker, host, health, files, inspection, git, commands, clock} = surroundings;
	const [actor, configured] = await Promise.all([surroundings.actor, surroundings.configuration]);
	if (!configured.ok) {
		throw new Error(JSON.stringify(configured.problems));
	}

	const console = createIncidentConsole({
		ports: {containers: docker.containers, logs: docker.logs, metrics: docker.metrics, host, health, files, inspection, git, commands, clock, journal: surroundings.journalFor(actor, false), runbooks: createRunbooks({path: null, language: 'en'}), terminal: {bell() {}, copy: () => true}},
		initial: initialState({nowMs: clock.nowMs(), version: '0', consoleId: `bench${process.pid}${clock.nowMs()}`, settings: configured.settings, actor, askActor: false, readOnly: true, drill: false, userAgent: 'mdc-console/0', size: {columns: 120, rows: 40}, commandNames: {}}),
		wantedProject: values.project,
		canPaint: () => false,
		quit() {},
		suspend() {},
		broke(name, error) {
			say(`! ${name}: ${String(error)}`);
		},
	});
	console.start();
	return {
		state: (): State => console.store.state(),
		async close() {
			await console.stop();
			docker.close();
		},
	};
};

/** The first that shows that something is not as it was. */
const signOf = ({situation}: State): string | null => {
	const ping = situation.pings.find(({last}) => last?.ok === false);
	const container = situation.containers.value?.find(({state, oneOff, health}) => !oneOff && (state !== 'running' || health === 'unhealthy'));
	if (situation.engine.state === 'down') {
		return 'engine';
	}

	return ping === undefined ? (container === undefined ? null : `${container.service} ${container.state}`) : `ping ${ping.target.name}`;
};

/** A death by itself, after an instant. */
const hasDied = ({situation}: State, afterMs: number): boolean => situation.deaths.some(({atMs, exitCode, id}) => atMs > afterMs && exitCode !== 0 && exitCode !== 143 && !situation.happenings.some(event => event.kind === 'killed' && event.id === id && atMs - event.atMs < 15_000 && !situation.happenings.some(other => other.kind === 'started' && other.id === id && other.atMs > event.atMs && other.atMs < atMs)));

/** Past its start period, in which nothing is told of what only does not answer yet. */
const isSettled = ({situation}: State): boolean => (situation.containers.value ?? []).every(({startedAtMs, healthStartPeriodMs}) => Date.now() - (startedAtMs ?? 0) > Math.max(healthStartPeriodMs ?? 0, 15_000));

const recreates = /\bdc (?:up|restart|stop|start)|docker (?:restart|rm|kill|stop)/;

const isWell = (state: State): boolean => signOf(state) === null && state.situation.pings.every(({last}) => last?.ok === true) && (state.situation.containers.value ?? []).length > 3 && state.findings.every(finding => isOfTheMachine(finding));

const untilWell = async (state: () => State, seconds: number): Promise<boolean> => {
	for (const endMs = Date.now() + (seconds * 1000); Date.now() < endMs;) {
		if (isWell(state())) {
			return true;
		}

		await pause(200);
	}

	return false;
};

/** What the machine itself lacks while others use it is true, and not what is looked for here. */
const isOfTheMachine = ({code, params}: {readonly code: string; readonly params?: Finding['params']}): boolean =>
	/^(?:cpu-saturated|host-memory|host-rebooted)$/.test(code) || (/^(?:disk|inodes)-/.test(code) && typeof params?.['mount'] === 'string' && !params['mount'].startsWith(path.resolve(values.directory ?? '')));

const english = createFormatter('en', null);

/** Every change of the first finding, with its instant. */
const follow = (state: () => State, each: (seen: Seen) => void): (() => void) => {
	let last = '';
	const timer = setInterval(() => {
		const finding = state().findings.find(other => !isOfTheMachine(other));
		const told = finding === undefined ? '' : toldAs(finding);
		if (told !== last) {
			last = told;
			each({atMs: Date.now(), told, sentence: finding === undefined ? '' : findingSentence('en', finding, english), weight: finding?.weight ?? 'warning', causedBy: finding?.causedBy?.code ?? null});
		}
	}, 50);
	return () => {
		clearInterval(timer);
	};
};

type StatusFinding = {readonly id: string; readonly service: string | null; readonly summary: string; readonly params: Finding['params']};

const askStatus = async (configuration: string | undefined): Promise<{readonly told: string; readonly summary: string; readonly ms: number}> => new Promise(resolve => {
	const began = performance.now();
	execFile(process.execPath, [launcher, 'status', '--json', '--wait', '8', '--language', 'en', '--project', values.project, ...(configuration === undefined ? [] : ['--config', configuration])], {env: {...process.env, XDG_STATE_HOME: path.join(work, 'none')}, timeout: 60_000, maxBuffer: 1 << 24}, (_error, stdout) => {
		const ms = performance.now() - began;
		try {
			const first = (JSON.parse(stdout) as {readonly findings: readonly StatusFinding[]}).findings.find(({id, params}) => !isOfTheMachine({code: id, params}));
			resolve({told: first === undefined ? '' : `${first.id}/${first.service ?? '-'}`, summary: first?.summary ?? '', ms});
		} catch {
			resolve({told: 'no document', summary: stdout.slice(0, 200), ms});
		}
	});
});

const watched = async (bed: Bed, fault: BenchFault): Promise<FaultRow> => {
	const configuration = fault.configuration === undefined ? undefined : path.join(work, 'faults.yaml');
	if (configuration !== undefined) {
		writeFileSync(configuration, fault.configuration!, {mode: 0o600});
	}

	// Of a fault that brings its own pings the console is opened once they can answer anything.
	const early = fault.configuration === undefined;
	let watch = early ? await openWatch(configuration) : null;
	let startedWell = watch === null || await untilWell(watch.state, 40);
	if (watch !== null && !startedWell) {
		say(`  not well before ${fault.name} (${watch.state().findings.map(finding => toldAs(finding)).join(', ')}): everything anew`);
		await bash(bed, 'restore --build; dc restart; sleep 10; dc restart nginx');
		startedWell = await untilWell(watch.state, 40);
	}

	while (watch !== null && startedWell && !recreates.test(fault.breaks) && !isSettled(watch.state())) {
		await pause(200);
	}

	// A proof of health lies between what came before and this fault.
	await pause(early ? 4000 : 0);
	const brokeAtMs = Date.now();
	let signAtMs: number | null = null;
	let firstSignAtMs: number | null = null;
	const seen: Seen[] = [];
	const breaking = bash(bed, fault.breaks);
	if (watch === null) {
		await breaking;
		watch = await openWatch(configuration);
	}

	const {state} = watch;
	const stop = follow(state, one => {
		seen.push(one);
	});
	const until = Date.now() + ((fault.watchSeconds ?? 45) * 1000);
	let rightAtMs: number | null = null;
	// Four seconds more show whether it stays.
	while (Date.now() < (rightAtMs === null ? until : Math.min(until, rightAtMs + 4000))) {
		firstSignAtMs ??= signOf(state()) === null ? null : Date.now();
		signAtMs ??= (fault.dies === true ? hasDied(state(), brokeAtMs) : signOf(state()) !== null) ? Date.now() : null;
		const first = seen.at(-1);
		rightAtMs = first !== undefined && fault.first.test(first.told) ? rightAtMs ?? first.atMs : null;
		await pause(50);
	}

	// Told without a death: then the first sign counts.
	signAtMs = signAtMs !== null && (rightAtMs === null || signAtMs <= rightAtMs) ? signAtMs : firstSignAtMs;
	await breaking;
	stop();
	const status = await askStatus(configuration);
	await watch.close();
	const before = seen.filter(one => one.told !== '' && one.atMs < (rightAtMs ?? Infinity)).map(one => `${one.told} at ${((one.atMs - (signAtMs ?? brokeAtMs)) / 1000).toFixed(1)}`);
	return {
		name: fault.name, isExtra: fault.isExtra === true, startedWell,
		first: seen.at(-1)?.told ?? '', sentence: seen.at(-1)?.sentence ?? '', isRight: rightAtMs !== null,
		fromSignS: rightAtMs === null || signAtMs === null ? null : Math.max(0, (rightAtMs - signAtMs) / 1000), fromBreakS: rightAtMs === null ? null : (rightAtMs - brokeAtMs) / 1000,
		before, status: status.told, statusSentence: status.summary, statusRight: fault.first.test(status.told), statusMs: Math.round(status.ms), load: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]),
	};
};

// ─── nothing where nothing is ────────────────────────────────────────────────

const calm = async (bed: Bed, seconds: number): Promise<void> => {
	const watch = await openWatch(undefined);
	say(await untilWell(watch.state, 60) ? 'well, watching' : 'not well to begin with');
	let phase = 'at rest';
	const stop = follow(watch.state, one => {
		say(`${new Date(one.atMs).toISOString().slice(11, 19)} ${phase}: ${one.told === '' ? 'nothing' : `${one.told} · ${one.sentence}`}`);
	});
	await pause(seconds * 1000);
	for (const [name, script] of [['deploy', 'echo "# $(date)" >>"$DIR/apps/api/wsgi.py"; dc up -d --build api'], ['deploy without a change', 'dc up -d --build'], ['restart of the api', 'dc restart api'], ['restart of everything', 'dc restart'], ['down and up', 'dc down; dc up -d']] as const) {
		phase = name;
		await bash(bed, script);
		await pause(30_000);
	}

	stop();
	await watch.close();
	await bash(bed, 'restore --build');
	say('calm is over');
};

// ─── the whole ───────────────────────────────────────────────────────────────

const main = async (): Promise<void> => {
	if (values.table !== undefined) {
		say(tableOf(readFileSync(values.table, 'utf8').split('\n').filter(line => line !== '').map(line => JSON.parse(line) as FaultRow)));
		return;
	}

	if (values.directory === undefined || !existsSync(path.join(values.directory, 'docker-compose.yml'))) {
		throw new Error('--directory DIR: the project to break, one that serves nobody');
	}

	const bed: Bed = {directory: path.resolve(values.directory), base: execFileSync('git', ['-C', values.directory, 'rev-parse', 'HEAD'], {encoding: 'utf8'}).trim()};
	writeFileSync(path.join(work, 'env'), readFileSync(path.join(bed.directory, '.env')), {mode: 0o600});
	execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=bench', '-keyout', path.join(work, 'ca.key'), '-out', path.join(work, 'ca.pem')], {stdio: 'ignore'});
	process.env['SSL_CERT_FILE'] = path.join(work, 'ca.pem');
	if (values.calm !== undefined) {
		await calm(bed, Number(values.calm));
		return;
	}

	const only = new RegExp(values.only ?? '', 'i');
	const [part = 1, parts = 1] = values.part.split('/').map(Number);
	const chosen = benchFaults.filter(({name, breaks}, index) => only.test(name) && index % parts === part - 1 && (process.env['ENGINE'] !== undefined || !/\bengine (?:stop|freeze)/.test(breaks)));
	for (const fault of [...chosen.filter(({isDeploy}) => isDeploy !== true), ...chosen.filter(({isDeploy}) => isDeploy === true)]) {
		const row = await watched(bed, fault);
		await bash(bed, fault.mends ?? 'restore');
		say(`${row.isRight && row.before.length === 0 ? '✔' : (row.isRight ? '~' : '✖')} ${row.name}: ${row.first} · ${row.sentence} · ${row.fromSignS?.toFixed(1) ?? '—'} s (${row.fromBreakS?.toFixed(1) ?? '—'} from the break)${row.before.length === 0 ? '' : ` · before: ${row.before.join(', ')}`} · status ${row.statusRight ? '✔' : '✖'} ${row.status} ${row.statusSentence} (${row.statusMs} ms)${row.startedWell ? '' : ' · did not begin well'}`);
		if (values.output !== undefined) {
			appendFileSync(values.output, `${JSON.stringify(row)}\n`);
		}
	}
};

try {
	await main();
} finally {
	say(`log of the commands: ${path.join(work, 'log')}`);
	rmSync(path.join(work, 'env'), {force: true});
	rmSync(path.join(work, 'ca.key'), {force: true});
}

process.exit();
