/**
`mdc-console status`: looks once at everything, prints, and says how things stand by its exit code. It changes nothing and records nothing:
the journal is only read.

The JSON shape is documented in docs/status-json.md and stable: fields may be added, never renamed; `schemaVersion` rises if one goes.
*/

import {diagnoseWhole, type Evidence, type Finding} from '../core/diagnosis.ts';
import {isOfReadings, nothingLasting, settle} from '../core/diagnosis/lasting.ts';
import {keyOf} from '../core/diagnosis/types.ts';
import {downMs, type Incident} from '../core/incident.ts';
import type {AlertsPort} from '../core/alert-sources.ts';
import type {AlertView} from '../core/alerts.ts';
import type {Clock, JournalPort, LogsPort} from '../core/ports.ts';
import {healthOf, servicesOf, type Situation} from '../core/situation.ts';
import type {State} from '../core/state.ts';
import {update} from '../core/update.ts';
import {alertNowOf} from '../core/update-alerts.ts';
import {besideOf} from '../core/update-findings.ts';
import {createAlertSources} from '../runtime/alert-sources.ts';
import {createDiagnosisSources} from '../runtime/diagnosis-sources.ts';
import {createLogStreams} from '../runtime/log-streams.ts';
import {alertLine} from '../messages/alerts.ts';
import {confirmSentence, evidenceSentence} from '../messages/evidence.ts';
import {findingSentence} from '../messages/finding-words.ts';
import {createFormatter, type Formatter} from '../messages/format.ts';
import {createSources, type SourcePorts} from '../runtime/sources.ts';
import {createStore} from '../runtime/store.ts';

export type StatusExit = 0 | 1 | 2;

export type LookOptions = {
	readonly initial: State;
	readonly ports: SourcePorts & {readonly logs: LogsPort};
	readonly journal: JournalPort;
	readonly alerts?: AlertsPort | null;
	readonly clock: Clock;
	readonly project: string | null;
	readonly deadlineMs?: number;
	/** How long to go on looking at most while the first finding is not certain. */
	readonly waitMs?: number;
};

const againMs = 500;
const linesForMs = 400;
const leastLooksMs = 200;
const pollMs = 100;
const standsForMs = 3000;

const pause = async (spanMs: number): Promise<void> => new Promise(resolve => {
	setTimeout(resolve, spanMs);
});

/** One look: the state when everything has answered, and what fails is explained, or `deadlineMs` has passed. */
export const lookOnce = async (options: LookOptions): Promise<State> => {
	const {initial, ports, journal, clock, project, waitMs = 3000} = options;
	const deadlineMs = options.deadlineMs ?? 6000 + waitMs;
	// Effects are dropped, since a look has none; only what the diagnosis asks for is looked at.
	const store = createStore({initial, update, perform(effect) {
		if (effect.type === 'diagnosis/probe') {
			void diagnosis.probe(effect);
		}
	}, clock, canPaint: () => false});
	const sources = createSources({store, ports, clock, wantedProject: project, hasten() {}});
	const diagnosis = createDiagnosisSources({store, ports, clock});
	const streams = createLogStreams({store, logs: ports.logs, clock});
	const alertSources = createAlertSources({store, alerts: options.alerts ?? null});
	const source = (name: string) => sources.list.find(other => other.name === name);
	const look = async (name: string): Promise<void> => {
		await source(name)?.look();
	};

	const pings = async (): Promise<void> => {
		await Promise.all(store.state().settings.pings.map(async ({name}) => look(`ping:${name}`)));
	};

	const tick = (): void => {
		store.dispatch({type: 'clock/ticked', nowMs: clock.nowMs()});
	};

	const everything = async (): Promise<void> => {
		await Promise.all([look('host'), look('disks'), look('engine'), look('identity'), look('kernel')]);
		streams.reconcile();
		const journalRead = readJournal();
		// Only once the journal's place is known; and they may lie on a machine that is dead, which nobody waits for.
		const backups = journalRead.then(async () => diagnosis.lookAtBackups());
		await Promise.all([unlessProven(pings()), look('metrics'), journalRead, sources.readComposeFile(), diagnosis.look(), ...alertSources.list.map(async ({look: ask}) => ask())]);
		// A second answer of each: rates need two readings, and one failed ping alone may be a hiccup.
		await pause(leastLooksMs);
		await unlessProven(Promise.all([look('host'), pings(), look('metrics'), needsLines() ? pause(linesForMs) : Promise.resolve(), Promise.race([backups, pause(linesForMs)])]));
		const untilMs = clock.monotonicMs() + waitMs;
		let same = {key: '', sinceMs: 0};
		while (clock.monotonicMs() < untilMs) {
			const shown = settled(store.state(), clock.nowMs());
			const key = shown.findings[0] === undefined ? '' : keyOf(shown.findings[0]);
			same = key === same.key ? same : {key, sinceMs: clock.monotonicMs()};
			// What is likely and stays so while nothing is asked any more will not become surer.
			if (isSure(shown, store.state()) || (key !== '' && isQuiet(store.state(), clock.nowMs()) && clock.monotonicMs() - same.sinceMs > standsForMs)) {
				return;
			}

			await pause(againMs);
			await unlessProven(Promise.all([look('engine'), pings(), look('metrics'), look('disks'), look('kernel')]));
			streams.reconcile();
			tick();
		}
	};

	/** What is proven need not wait for a ping that hangs because of it. */
	const unlessProven = async (looks: Promise<unknown>): Promise<void> => {
		let isLooking = true;
		const looking = looks.then(() => {
			isLooking = false;
		});
		const proving = async (): Promise<void> => {
			await pause(linesForMs);
			while (isLooking && !isProven(settled(store.state(), clock.nowMs()), store.state())) {
				await pause(pollMs);
				tick();
			}
		};

		await Promise.race([looking, proving()]);
	};

	/** While all is well nobody needs to wait for the logs. */
	const needsLines = (): boolean => store.state().situation.pings.some(ping => ping.last?.ok === false) || (store.state().situation.containers.value ?? []).some(container => container.state !== 'running' || container.health === 'unhealthy');

	const readJournal = async (): Promise<void> => {
		const name = store.state().situation.project.facts?.name;
		const opened = name === undefined ? null : await journal.open(name);
		if (opened?.ok === true) {
			store.dispatch({type: 'journal/opened', ...opened.value});
		}
	};

	let timer: NodeJS.Timeout | undefined;
	await Promise.race([everything(), new Promise(resolve => {
		timer = setTimeout(resolve, deadlineMs);
	})]);
	clearTimeout(timer);
	tick();
	const state = store.state();
	streams.stop();
	sources.stop();
	store.close();
	await journal.close();
	return settled(state, clock.nowMs());
};

/** What a console that has just been opened would show now. */
const settled = (state: State, nowMs: number): State => {
	const {findings, changes} = diagnoseWhole(state.situation, state.settings, nowMs, besideOf(state));
	return {...state, changes, findings: settle({...nothingLasting, pending: state.lasting.pending, raised: state.lasting.raised}, findings, {situation: state.situation, nowMs, runs: state.runs}).shown};
};

/** No look is under way or due, and nothing is about to be told. */
const isQuiet = (state: State, nowMs: number): boolean =>
	!Object.values(state.situation.probes).some(probe => probe.state === 'asked') && !Object.keys(state.lasting.pending).some(key => !isOfReadings(key)) && diagnoseWhole(state.situation, state.settings, nowMs, besideOf(state)).wants.length === 0;

/** Something is down, and why is certain: more looks would say the same. */
const isProven = (shown: State, state: State): boolean => shown.findings[0]?.weight === 'outage' && shown.findings[0].confidence === 'certain' && isSure(shown, state);

/** Healthy without a doubt, or something fails and the first finding is proven. */
const isSure = ({findings, situation, nowMs}: State, state: State): boolean => {
	const first = findings[0];
	if (!isQuiet(state, nowMs)) {
		return false;
	}

	// Slow once may be a hiccup; slow again and again has a reason.
	const isSlow = situation.pings.some(({last}) => last?.ok === true && last.latencyMs > state.settings.thresholds.pingSlowMs);
	return first === undefined ? healthOf(situation) !== 'unhealthy' && !isSlow : first.confidence === 'certain' || (first.weight === 'warning' && healthOf(situation) === 'healthy');
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

const alertJson = (view: AlertView, format: Formatter, nowMs: number) => ({
	source: view.source,
	state: view.state,
	trouble: view.trouble,
	since: instant(view.sinceMs),
	silenced: view.silenced,
	inhibited: view.inhibited,
	targetError: view.targetError === '' ? null : view.targetError,
	failure: view.failure === null ? null : {code: view.failure.code, detail: view.failure.detail},
	at: instant(view.atMs),
	text: alertLine(format.language, view, format, nowMs),
});

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

const evidenceJson = ({code, params, atMs, origin}: Evidence, format: Formatter) => ({
	code, params, at: instant(atMs), text: evidenceSentence(format.language, {code, params}, format),
	source: origin === null ? null : (origin.kind === 'log' ? {kind: 'log', service: origin.service, container: origin.containerId} : {...origin}),
});

const findingJson = (finding: Finding, format: Formatter) => ({
	id: finding.code,
	scenario: finding.scenario ?? finding.outside ?? 'none',
	service: finding.service,
	confidence: finding.confidence,
	summary: findingSentence(format.language, finding, format),
	evidence: finding.evidence.map(item => evidenceJson(item, format)),
	against: finding.against.map(item => evidenceJson(item, format)),
	confirm: finding.confirm.map(code => ({code, text: confirmSentence[format.language][code]})),
	actions: finding.actions,
	causedBy: finding.causedBy?.code ?? null,
	causedByService: finding.causedBy?.service ?? null,
	weight: finding.weight,
	since: instant(finding.sinceMs),
	params: finding.params,
	expectedBy: finding.expectedBy,
	// The name that this field had first; the same as `id`.
	code: finding.code,
});

/** The document of `status --json`; sentences in it are those of `format`'s language. */
export const statusDocument = (state: State, format: Formatter = createFormatter('en', state.settings.timeZone)) => {
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
		findings: state.findings.map(finding => findingJson(finding, format)),
		changes: state.changes.slice(0, 20).map(({kind, service, params, atMs}) => ({kind, service, params, at: instant(atMs)})),
		alerts: alertNowOf(state).views.map(view => alertJson(view, format, state.nowMs)),
		incident: incidentJson(state.incident, state.nowMs),
	};
};
