/**
Carries out the read-only checks and learns what is secret. It hides which ports answer which check; a check that throws is told like one that failed,
so that none stays open. Values of variables go from the port into `Secrets` and nowhere else.
*/

import {checkTarget, databaseService, keptLines, presenceOf, proxyService, type CheckBlock, type CheckFacts, type CheckId} from '../core/checks.ts';
import type {InspectionPort} from '../core/inspection.ts';
import type {Clock, CommandsPort, ContainersPort, ContainerFacts, Outcome} from '../core/ports.ts';
import {riskOf} from '../core/risk.ts';
import type {Variable} from '../core/secrets.ts';
import {compareNames, makeSafe, type SafeText} from '../core/text.ts';
import type {Store} from './store.ts';
import type {Source} from './watch.ts';

export type Checks = {
	run(id: CheckId): void;
	/** Learns the containers' and `.env`'s secrets as they come to be known. */
	readonly source: Source;
};

type Answer = Outcome<CheckFacts> | {readonly ok: 'blocked'; readonly code: CheckBlock; readonly words: string};

const deadlineMs = 5000;
const scriptDeadlineMs = 30_000;
const linesKept = 200;
/** The whole ring of an ordinary kernel. */
const kernelLinesRead = 20_000;
const fileEveryMs = 30_000;
const healthScript = 'scripts/health-check.sh';

// With curl, with wget, or by hand. Host, port and path come as arguments: nothing of them is read as shell text. A wget that crashes (some static
// busybox does, when it looks up a name) has not said anything.
const reachScript = [
	'url="http://$1:$2$3"',
	'if command -v curl >/dev/null 2>&1; then exec curl -sS -f -m 4 -o /dev/null -w "HTTP %{http_code} in %{time_total} s" "$url"; fi',
	'if command -v wget >/dev/null 2>&1; then wget -q -T 4 -O - "$url" 2>&1; code=$?; [ "$code" -lt 126 ] && exit "$code"; fi',
	'command -v nc >/dev/null 2>&1 || exit 127',
	'answer=$(printf "GET %s HTTP/1.0\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" "$3" "$1" | nc -w 4 "$1" "$2" | head -n 1)',
	'echo "$answer"',
	'case "$answer" in *" 2"[0-9][0-9]*|*" 3"[0-9][0-9]*) exit 0 ;; *) exit 1 ;; esac',
].join('\n');

export const createChecks = ({store, ports, clock}: {
	readonly store: Store;
	readonly ports: {readonly containers: ContainersPort; readonly commands: CommandsPort; readonly inspection: InspectionPort};
	readonly clock: Clock;
}): Checks => {
	const {inspection} = ports;
	const situation = () => store.state().situation;
	const own = (): readonly ContainerFacts[] => (situation().containers.value ?? []).filter(container => !container.oneOff);
	const place = () => {
		const {facts} = situation().project;
		return {directory: facts?.directory ?? store.state().settings.directory, files: facts?.configFiles ?? []};
	};

	const linesOf = (text: string): readonly SafeText[] => text.split(/[\n⏎]/).slice(-linesKept).map(line => store.state().secrets.redact(makeSafe(line.slice(0, 2000))));

	/** A command in the running container of a service; its words carry a limit of their own, since Docker cannot end an exec. */
	const inside = async (service: string | null, command: readonly string[]): Promise<Answer> => {
		const container = own().find(other => other.service === service && other.state === 'running');
		if (container === undefined || service === null) {
			return {ok: 'blocked', code: 'not-running', words: ''};
		}

		const startedMs = clock.monotonicMs();
		const outcome = await ports.containers.execute(container.id, command, deadlineMs);
		if (!outcome.ok) {
			return outcome.failure.code === 'timed-out'
				? {ok: true, value: {kind: 'output', service, exitCode: null, lines: [], durationMs: clock.monotonicMs() - startedMs, timedOut: true}}
				: outcome;
		}

		return {ok: true, value: {kind: 'output', service, exitCode: outcome.value.exitCode, lines: linesOf(outcome.value.output), durationMs: outcome.value.durationMs, timedOut: false}};
	};

	const systemLog = async (): Promise<Answer> => {
		const [kernel, hasSystemd] = await Promise.all([inspection.kernelLog(kernelLinesRead), inspection.hasSystemd()]);
		const redact = store.state().secrets.redact;
		const unit = hasSystemd ? await ports.commands.check(['journalctl', '-u', 'docker', '-n', '50', '--no-pager', '-o', 'short-iso'], {deadlineMs}) : null;
		const isAnswered = unit?.ok === true && unit.value.exitCode === 0;
		return {
			ok: true,
			value: {
				kind: 'system-log',
				kernel: kernel.ok ? keptLines(kernel.value, linesKept).map(line => ({...line, text: redact(line.text)})) : [],
				kernelFailure: kernel.ok ? null : kernel.failure,
				unit: isAnswered ? linesOf(unit.value.stdout.trimEnd()) : [],
				unitTrouble: unit === null ? 'no-systemd' : (isAnswered ? null : (unit.ok && /permission|not seeing messages/i.test(unit.value.stderr) ? 'denied' : 'failed')),
			},
		};
	};

	const environment = async (): Promise<Answer> => {
		const {directory, files} = place();
		if (directory === null) {
			return {ok: 'blocked', code: 'no-directory', words: ''};
		}

		const [file, needed] = await Promise.all([inspection.environmentFile(directory), inspection.neededVariables(directory, files)]);
		const known = file.ok ? file.value.variables : [];
		store.state().secrets.learn(known);
		const names = new Set(known.filter(({value}) => value !== '').map(({name}) => name));
		const missing = needed.ok ? needed.value.filter(name => !names.has(name)) : [];
		const elsewhere: {readonly service: string; readonly names: readonly string[]}[] = [];
		for (const container of own()) {
			const answer = await inspection.environment(container.id);
			const has = answer.ok ? missing.filter(name => answer.value.some(variable => variable.name === name && variable.value !== '')) : [];
			if (has.length > 0) {
				elsewhere.push({service: container.service, names: has});
			}
		}

		return {ok: true, value: {kind: 'environment', file: known.map(variable => presenceOf(variable)).toSorted((a, b) => compareNames(a.name, b.name)), fileFailure: file.ok ? null : file.failure, missing, elsewhere, needsFailure: needed.ok ? null : needed.failure}};
	};

	const network = async (): Promise<Answer> => {
		const name = own().flatMap(container => container.networks.map(joined => joined.name)).find(joined => joined.endsWith('_default')) ?? own().flatMap(container => container.networks)[0]?.name ?? `${situation().project.facts?.name ?? ''}_default`;
		const answer = await inspection.network(name);
		return answer.ok ? {ok: true, value: {kind: 'network', name, members: answer.value}} : answer;
	};

	/** As the runbook does it: from inside the proxy to the api, with whatever there is to ask with. */
	const reachApi = async (): Promise<Answer> => {
		const {service} = store.state().settings.alert;
		const target = situation().pings.find(ping => ping.target.service === service && ping.target.kind === 'http')?.target;
		const path = /^https?:\/\/[^/]+(\/[^?#]*)?/.exec(target?.address ?? '')?.[1] ?? '/';
		const port = own().find(container => container.service === service)?.ports[0]?.containerPort ?? Number(/:(\d+)/.exec(target?.address ?? '')?.[1] ?? 80);
		return inside(proxyService(situation()), ['sh', '-c', reachScript, 'sh', service, String(port), path]);
	};

	const runScript = async (): Promise<Answer> => {
		const {directory} = place();
		if (directory === null) {
			return {ok: 'blocked', code: 'no-directory', words: ''};
		}

		const text = await inspection.projectFile(directory, healthScript);
		if (!text.ok) {
			return text;
		}

		// A check reads. What its text says that it does besides stands against it; what cannot be told is the team's own word for it.
		const doubts = new Set(['unknown-program', 'unknown-words', 'runs-text']);
		const wrong = riskOf(text.value).reasons.find(reason => !doubts.has(reason.code));
		if (wrong !== undefined) {
			return {ok: 'blocked', code: 'changes-something', words: makeSafe(wrong.words)};
		}

		const {facts} = situation().project;
		const environment = facts === null ? {} : {COMPOSE_PROJECT_NAME: facts.name, ...(facts.configFiles.length > 0 ? {COMPOSE_FILE: facts.configFiles.join(':')} : {})};
		const answer = await ports.commands.check(['bash', `./${healthScript}`], {directory, environment, deadlineMs: scriptDeadlineMs});
		return answer.ok
			? {ok: true, value: {kind: 'output', service: '', exitCode: answer.value.exitCode, lines: linesOf([answer.value.stdout, answer.value.stderr].filter(part => part !== '').join('\n').trimEnd()), durationMs: answer.value.durationMs, timedOut: answer.value.timedOut}}
			: answer;
	};

	const look = async (id: CheckId): Promise<Answer> => {
		switch (id) {
			case 'who-listens': {
				const answer = await inspection.listeners(own().map(({service, pid}) => ({service, pid})));
				return answer.ok ? {ok: true, value: {kind: 'listeners', listeners: answer.value}} : answer;
			}

			case 'processes': {
				const answer = await inspection.processesOf(own().map(container => container.id));
				return answer.ok ? {ok: true, value: {kind: 'processes', processes: answer.value}} : answer;
			}

			case 'system-log': {
				return systemLog();
			}

			case 'environment': {
				return environment();
			}

			case 'database': {
				return inside(databaseService(situation()) ?? checkTarget(id, situation()), ['sh', '-c', 'psql -X -q -At -U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-${POSTGRES_USER:-postgres}}" -c "SELECT 1" 2>&1']);
			}

			case 'proxy-config': {
				return inside(checkTarget(id, situation()), ['nginx', '-t']);
			}

			case 'network': {
				return network();
			}

			case 'reach-api': {
				return reachApi();
			}

			case 'health-script': {
				return runScript();
			}
		}
	};

	const run = async (id: CheckId): Promise<void> => {
		try {
			const answer = await look(id);
			if (answer.ok === 'blocked') {
				store.dispatch({type: 'check/blocked', id, block: {code: answer.code, service: checkTarget(id, situation()) ?? '', words: answer.words}});
			} else {
				store.dispatch(answer.ok ? {type: 'check/answered', id, facts: answer.value, atMs: clock.nowMs()} : {type: 'check/failed', id, failure: {...answer.failure, detail: store.state().secrets.redact(answer.failure.detail)}});
			}
		} catch (error) {
			store.dispatch({type: 'check/failed', id, failure: {code: 'failed', detail: makeSafe(String(error))}});
			throw error;
		}
	};

	const learnt = new Set<string>();
	let fileDirectory: string | null = null;
	let fileReadMs = -Infinity;
	const learn = (variables: readonly Variable[]): void => {
		store.state().secrets.learn(variables);
	};

	/** Each container once: its environment is fixed at its creation. `.env` now and then, since somebody may edit it. */
	const learnSecrets = async (): Promise<boolean> => {
		for (const {id} of situation().containers.value ?? []) {
			if (learnt.has(id)) {
				continue;
			}

			const answer = await inspection.environment(id);
			if (answer.ok) {
				learn(answer.value);
			} else if (answer.failure.code !== 'not-found') {
				// An engine that does not answer is asked again, later and later; one that went away meanwhile has nothing more to tell.
				return false;
			}

			learnt.add(id);
		}

		const {directory} = place();
		const isDue = directory !== fileDirectory || clock.monotonicMs() - fileReadMs >= fileEveryMs;
		if (directory !== null && isDue) {
			fileDirectory = directory;
			fileReadMs = clock.monotonicMs();
			const file = await inspection.environmentFile(directory);
			learn(file.ok ? file.value.variables : []);
		}

		return true;
	};

	return {
		run(id) {
			void run(id);
		},
		source: {
			name: 'secrets',
			// A look costs nothing while no container is new.
			intervalMs: () => 2000,
			firstAfterMs: 250,
			slowestMs: 60_000,
			look: learnSecrets,
		},
	};
};
