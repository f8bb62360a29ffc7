/** Builders of facts for tests: a healthy stack of the runbook, and how it changes. */

import {defaultSettings, type Settings} from '../../source/core/settings.ts';
import type {Actor, ContainerDefinition, ContainerFacts, PingAnswer, ProjectFacts} from '../../source/core/ports.ts';
import type {Event, State} from '../../source/core/state.ts';
import {emptyText, ownText} from '../../source/core/text.ts';
import {initialState, update} from '../../source/core/update.ts';
import {matchLines} from '../../source/core/diagnosis/matcher.ts';
import {settingsMatcher} from '../../source/core/diagnosis/scene.ts';
import {probeKey, type ProbeKind} from '../../source/core/diagnosis/types.ts';

/** 2026-01-18 03:04:05 UTC, and the outages of the tests begin here. */
export const startMs = Date.UTC(2026, 0, 18, 3, 4, 5);

export const ana: Actor = {name: 'ana', user: 'ana', sudoUser: null, host: 'production-server', tty: '/dev/pts/0', from: '10.0.0.7'};

export const project: ProjectFacts = {
	name: 'mestres-do-cafe', directory: '/opt/mestres-do-cafe', configFiles: ['/opt/mestres-do-cafe/docker-compose.yml'], composeVersion: '1.29.2',
	services: ['api', 'db', 'nginx', 'redis'], containerCount: 4, runningCount: 4,
};

/** How a container was meant, where a test does not care. */
export const plainDefinition: ContainerDefinition = {
	command: emptyText, entrypoint: emptyText, restartPolicy: 'unless-stopped', healthStartPeriodMs: 20_000, healthIntervalMs: 30_000, pidsLimit: null, mounts: [], environment: {names: [], unset: []},
};

export const container = (service: string, changes: Partial<ContainerFacts> = {}): ContainerFacts => ({
	id: service.padEnd(64, '0'), name: `mestres-do-cafe_${service}_1`, project: project.name, service, number: 1, oneOff: false, image: `mdc-${service}`, imageId: 'sha256:1',
	state: 'running', health: 'healthy', healthOutput: emptyText, healthAtMs: startMs - 5000, healthFailingStreak: 0, healthCommand: emptyText,
	createdAtMs: startMs - 86_400_000, startedAtMs: startMs - 86_400_000, finishedAtMs: null, exitCode: 0, oomKilled: false, error: emptyText, restarts: 0, pid: 100,
	tty: false, logDriver: 'json-file', ports: service === 'api' ? [{containerPort: 5001, protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 5001}] : [],
	networks: [{name: 'mestres-do-cafe_default', address: '172.18.0.2', aliases: [service]}], memoryLimitBytes: 268_435_456, cpuLimitCores: 0.5,
	composeVersion: '1.29.2', configHash: `hash-${service}`, directory: project.directory, configFiles: project.configFiles, ...plainDefinition, ...changes,
});

export const stack = (changes: Readonly<Record<string, Partial<ContainerFacts>>> = {}): readonly ContainerFacts[] =>
	['api', 'db', 'nginx', 'redis'].map(service => container(service, changes[service]));

export const good = (atMs: number, latencyMs = 4): PingAnswer => ({ok: true, reason: null, detail: emptyText, status: 200, latencyMs, atMs});
export const bad = (atMs: number, reason: PingAnswer['reason'] = 'refused', detail = ''): PingAnswer => ({ok: false, reason, detail: ownText(detail), status: reason === 'status' ? 502 : null, latencyMs: 1, atMs});

export const newState = (changes: {readonly settings?: Partial<Settings>; readonly readOnly?: boolean; readonly askActor?: boolean} = {}): State => initialState({
	nowMs: startMs, version: '0.0.0', consoleId: 'test', settings: {...defaultSettings, ...changes.settings}, actor: ana, askActor: changes.askActor ?? false, readOnly: changes.readOnly ?? false,
	drill: false, canSend: true, userAgent: 'mdc-console/0', size: {columns: 120, rows: 40}, commandNames: {help: 'Help', note: 'Note', 'action-start-api': 'Start the api'},
});

/** A state driven by events, with the effects of the last one and of all of them. */
export const drive = (initial: State) => {
	let state = initial;
	const effects: Array<ReturnType<typeof update>['effects'][number]> = [];
	let last: ReturnType<typeof update>['effects'] = [];
	const drive = {
		get state() {
			return state;
		},
		get effects() {
			return effects;
		},
		get last() {
			return last;
		},
		send(...events: readonly Event[]) {
			for (const event of events) {
				const updated = update(state, event);
				({state} = updated);
				last = updated.effects;
				effects.push(...updated.effects);
			}

			return drive;
		},
		/** Presses keys one by one, each alone in its chunk, half a second apart. */
		press(...keys: readonly string[]) {
			for (const key of keys) {
				drive.send({type: 'key/pressed', key, alone: true, atMs: state.nowMs});
			}

			return drive;
		},
		/** Ticks every second up to an instant, with the given answers of the pings at each. */
		until(nowMs: number, answers: (name: string, atMs: number) => PingAnswer) {
			while (state.nowMs < nowMs) {
				const atMs = Math.min(nowMs, state.nowMs + 1000);
				drive.send({type: 'clock/ticked', nowMs: atMs});
				for (const {target} of state.situation.pings) {
					drive.send({type: 'ping/answered', name: target.name, answer: answers(target.name, atMs)});
				}
			}

			return drive;
		},
	};
	return drive;
};

/** A console that knows a project with a healthy stack, journal ready and recording. */
export const opened = (state = newState(), containers = stack()) => drive(state).send(
	{type: 'engine/reached', facts: {version: '20.10.24', apiVersion: '1.41', host: 'unix:///var/run/docker.sock', cgroupVersion: 1, cgroupDriver: 'cgroupfs', rootDirectory: '/var/lib/docker', hostName: 'production-server'}, atMs: startMs},
	{type: 'project/found', facts: project, candidates: [project]},
	{type: 'project/composeFileRead', outcome: {value: {name: null, services: [
		{name: 'api', image: null, dependsOn: ['db', 'redis'], replicas: 1, profiles: []},
		{name: 'db', image: 'mdc-postgres:15', dependsOn: [], replicas: 1, profiles: []},
		{name: 'nginx', image: 'mdc-nginx:1.22', dependsOn: ['api'], replicas: 1, profiles: []},
		{name: 'redis', image: 'mdc-redis:7', dependsOn: [], replicas: 1, profiles: []},
	]}, atMs: startMs, failure: null}},
	{type: 'containers/listed', containers, atMs: startMs},
	{type: 'tools/found', tools: {v1: '1.29.2', v2: null}},
	{type: 'journal/leased', mine: true, holder: null},
	{type: 'journal/opened', place: {path: '/var/lib/mdc-console/x.sqlite', kind: 'shared', failure: null}, entries: []},
);

/** Lines of a service's log as the streams tell them: those that bear a signature. */
export const logLines = (settings: Settings, service: string, texts: readonly string[], atMs: number): Event => ({
	type: 'log/matched', matches: matchLines(settingsMatcher(settings), {containerId: service.padEnd(64, '0'), service}, texts.map(rawText => ({atMs, rawText}))),
});

/** The answer of a deeper look into the running container of a service of the plain stack. */
export const probed = (kind: ProbeKind, service: string, target: string, facts: Readonly<Record<string, string | number>>): Event => ({
	type: 'diagnosis/probed', key: probeKey({kind, containerId: service.padEnd(64, '0'), startedAtMs: startMs - 86_400_000, target}), answer: {atMs: startMs, state: 'known', facts},
});
