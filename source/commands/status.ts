/**
`mdc-console status`: looks once at everything, prints, and says how things stand by its exit code. It changes nothing and records nothing:
the journal is only read.

The JSON shape is documented in docs/status-json.md and stable: fields may be added, never renamed; `schemaVersion` rises if one goes.
*/

import {diagnose} from '../core/diagnosis.ts';
import {downMs, type Incident} from '../core/incident.ts';
import type {Clock, JournalPort} from '../core/ports.ts';
import {healthOf, servicesOf, type Situation} from '../core/situation.ts';
import type {State} from '../core/state.ts';
import {update} from '../core/update.ts';
import {createSources, type SourcePorts} from '../runtime/sources.ts';
import {createStore} from '../runtime/store.ts';

export type StatusExit = 0 | 1 | 2;

/** One look: the state when everything has answered or `deadlineMs` has passed. */
export const lookOnce = async (options: {readonly initial: State; readonly ports: SourcePorts; readonly journal: JournalPort; readonly clock: Clock; readonly project: string | null; readonly deadlineMs?: number}): Promise<State> => {
	const {initial, ports, journal, clock, project, deadlineMs = 6000} = options;
	// Effects are dropped: a look has none.
	const store = createStore({initial, update, perform() {}, clock, canPaint: () => false});
	const sources = createSources({store, ports, clock, wantedProject: project, hasten() {}});
	const source = (name: string) => sources.list.find(other => other.name === name);
	const look = async (name: string): Promise<void> => {
		await source(name)?.look();
	};

	const pings = async (): Promise<void> => {
		await Promise.all(store.state().settings.pings.map(async ({name}) => look(`ping:${name}`)));
	};

	const everything = async (): Promise<void> => {
		await Promise.all([look('host'), look('disks'), look('engine')]);
		await Promise.all([pings(), look('metrics'), readJournal(), sources.readComposeFile()]);
		// A second answer of each: rates need two readings, and one failed ping alone may be a hiccup.
		await new Promise(resolve => {
			setTimeout(resolve, 200);
		});
		await Promise.all([look('host'), pings(), look('metrics')]);
	};

	const readJournal = async (): Promise<void> => {
		const name = store.state().situation.project.facts?.name;
		const opened = name === undefined ? null : await journal.open(name);
		if (opened?.ok === true) {
			store.dispatch({type: 'journal/opened', place: opened.value.place, entries: opened.value.entries});
		}
	};

	let timer: NodeJS.Timeout | undefined;
	await Promise.race([everything(), new Promise(resolve => {
		timer = setTimeout(resolve, deadlineMs);
	})]);
	clearTimeout(timer);
	store.dispatch({type: 'clock/ticked', nowMs: clock.nowMs()});
	const state = store.state();
	sources.stop();
	store.close();
	await journal.close();
	return {...state, findings: diagnose(state.situation, state.settings, clock.nowMs())};
};

/** 0 healthy, 1 something is wrong, 2 cannot tell. Unknown is not healthy, and a silent engine is not a healthy one. */
export const exitCodeOf = (state: State): StatusExit => {
	const {situation, findings} = state;
	const health = healthOf(situation);
	if (situation.engine.state !== 'up' && situation.project.state !== 'found') {
		// Nobody told what should run here: that a guessed port refuses proves nothing.
		return 2;
	}

	const isBlind = situation.engine.state !== 'up' || situation.project.state !== 'found' || situation.containers.value === null;
	if (health === 'unhealthy' || (!isBlind && findings.some(finding => finding.weight === 'outage'))) {
		return 1;
	}

	return isBlind || health === 'unknown' ? 2 : 0;
};

const instant = (atMs: number | null): string | null => atMs === null ? null : new Date(atMs).toISOString();

const sinceOf = (situation: Situation, id: string): number | null => {
	const container = (situation.containers.value ?? []).find(other => other.id === id);
	return container === undefined ? null : (container.state === 'running' || container.state === 'paused' ? container.startedAtMs : container.finishedAtMs ?? container.createdAtMs);
};

type ContainerJson = Readonly<Record<string, string | number | boolean | null>>;

const containersJson = (situation: Situation): readonly ContainerJson[] => servicesOf(situation).flatMap((service): readonly ContainerJson[] => service.missing
	? [{service: service.name, name: null, state: 'missing', health: 'none', exitCode: null, oomKilled: false, restarts: 0, since: null, image: null, memoryBytes: null, memoryLimitBytes: null, cpuCores: null}]
	: service.containers.map(container => ({
		service: service.name,
		name: container.name,
		state: container.state,
		health: container.health,
		exitCode: container.state === 'running' || container.state === 'created' ? null : container.exitCode,
		oomKilled: container.oomKilled,
		restarts: container.restarts,
		since: instant(sinceOf(situation, container.id)),
		image: container.image,
		memoryBytes: situation.use[container.id]?.reading.memoryBytes ?? null,
		memoryLimitBytes: container.memoryLimitBytes,
		cpuCores: situation.use[container.id]?.cpuCores ?? null,
	})));

const incidentJson = (incident: Incident | null, nowMs: number) => incident === null ? null : {
	id: incident.id,
	state: incident.state,
	alert: incident.alert,
	severity: incident.severity,
	outageSince: instant(incident.outage.sinceMs),
	outageSource: incident.outage.source,
	atLeast: incident.outage.atLeast,
	openedAt: instant(incident.openedAtMs),
	acknowledgedBy: incident.acknowledgedBy,
	downSeconds: Math.round(downMs(incident, nowMs) / 1000),
};

/** The document of `status --json`. */
export const statusDocument = (state: State) => {
	const {situation} = state;
	const {engine, host} = situation;
	const code = exitCodeOf(state);
	return {
		schemaVersion: 1,
		at: instant(state.nowMs),
		version: state.version,
		healthy: code === 2 ? null : code === 0,
		project: situation.project.facts === null ? null : {name: situation.project.facts.name, directory: situation.project.facts.directory, composeVersion: situation.project.facts.composeVersion},
		engine: {state: engine.state, version: engine.facts?.version ?? null, host: engine.facts?.host ?? null, failure: engine.failure === null ? null : {code: engine.failure.code, detail: engine.failure.detail}},
		containers: containersJson(situation),
		pings: situation.pings.map(({target, last}) => ({
			name: target.name, ok: last?.ok ?? null, reason: last?.reason ?? null, status: last?.status ?? null, detail: last === null || last.ok ? null : last.detail,
			latencyMs: last === null || !last.ok ? null : last.latencyMs, at: instant(last?.atMs ?? null), decisive: target.decisive,
		})),
		host: {
			cpuShare: host.cpuShare,
			load: host.reading.value?.load ?? null,
			memoryTotalBytes: host.reading.value?.memoryTotalBytes ?? null,
			memoryAvailableBytes: host.reading.value?.memoryAvailableBytes ?? null,
			swapUsedBytes: host.reading.value?.swapUsedBytes ?? null,
			disks: (host.disks.value?.disks ?? []).map(({mount, totalBytes, availableBytes, inodes, inodesFree}) => ({mount, totalBytes, availableBytes, inodes, inodesFree})),
		},
		findings: state.findings.map(finding => ({
			code: finding.code, scenario: finding.scenario, service: finding.service, weight: finding.weight, actions: finding.actions,
			evidence: finding.evidence.map(item => ({code: item.code, params: item.params, at: instant(item.atMs)})),
		})),
		incident: incidentJson(state.incident, state.nowMs),
	};
};
