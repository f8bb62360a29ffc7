/**
What is known now, and how old each fact is: the engine, the Compose project, its containers, their use of resources, the host and
the health pings. It hides how readings become rates, how long a state has held and which address a ping goes to.

Invariants: a value that was once known stays, stamped with the instant it was true; a failure stands beside it and never replaces it.
Every list and series is bounded.
*/

import type {
	ComposeFileFacts, ContainerEvent, ContainerFacts, ContainerReading, DiskReading, DisksReading, EngineFacts, Failure, HostIdentity, HostReading,
	KernelKill, PingAnswer, PingTarget, ProcessesReading, ProjectFacts,
} from './ports.ts';
import {nothingAsked, type AlertsEvent, type AlertsSituation} from './alert-sources.ts';
import {alertStart, learnAlerts, shiftAlerts} from './alerts.ts';
import {initialBeyond, learnBeyond, withHappening, type Beyond, type BeyondEvent} from './beyond.ts';
import {redact} from './redaction.ts';
import {serviceSettings, type Settings} from './settings.ts';
import {compareNames, type SafeText} from './text.ts';

/** A value with the instant at which it was true, and the failure of the latest attempt if that went wrong. */
export type Aged<T> = {
	readonly value: T | null;
	readonly atMs: number | null;
	readonly failure: Failure | null;
};

export const unknown: Aged<never> = {value: null, atMs: null, failure: null};
const known = <T>(value: T, atMs: number): Aged<T> => ({value, atMs, failure: null});
const failed = <T>(before: Aged<T>, failure: Failure): Aged<T> => ({...before, failure});

/** Newest last; at most `seriesLength` points. */
export type Series = readonly number[];
const seriesLength = 120;
const appended = (series: Series, value: number): Series => [...series.slice(-(seriesLength - 1)), value];

export type EngineSituation = {
	readonly state: 'unknown' | 'up' | 'down';
	readonly facts: EngineFacts | null;
	readonly failure: Failure | null;
	/** When it went up or down. */
	readonly sinceMs: number | null;
	readonly answeredAtMs: number | null;
};

export type ProjectSituation = {
	readonly state: 'searching' | 'found' | 'ambiguous' | 'none';
	readonly facts: ProjectFacts | null;
	readonly candidates: readonly ProjectFacts[];
	/** What should run, from the compose files; its failure says why that is not known. */
	readonly composeFile: Aged<ComposeFileFacts>;
};

export type ContainerUse = {
	readonly reading: ContainerReading;
	/** Cores used between the last two readings; null after the first. */
	readonly cpuCores: number | null;
	readonly receivedPerSecond: number | null;
	readonly sentPerSecond: number | null;
	/** Share of the time in which its CPU limit held it back; null where that is not told. */
	readonly throttledShare: number | null;
	readonly cpuHistory: Series;
	readonly memoryHistory: Series;
	readonly failure: Failure | null;
};

export type Death = {readonly atMs: number; readonly service: string; readonly id: string; readonly exitCode: number | null; readonly oom: boolean};

export type HostSituation = {
	readonly identity: Aged<HostIdentity>;
	readonly reading: Aged<HostReading>;
	/** Shares of all cores from 0 to 1, between the last two readings. */
	readonly cpuShare: number | null;
	readonly waitShare: number | null;
	readonly stolenShare: number | null;
	readonly cpuHistory: Series;
	readonly memoryHistory: Series;
	readonly disks: Aged<DisksReading>;
	/** For each mount: used bytes over time, to tell when it will be full. */
	readonly diskHistory: Readonly<Record<string, readonly {readonly atMs: number; readonly usedBytes: number}[]>>;
	readonly processes: Aged<ProcessesReading>;
	readonly kernelKills: Aged<readonly KernelKill[]>;
};

export type PingPoint = {readonly ok: boolean; readonly latencyMs: number};

export type PingSituation = {
	readonly target: PingTarget;
	readonly last: PingAnswer | null;
	/** How long it has been good or bad, as far as this console saw: the first answer of the present run of equal ones. */
	readonly sinceMs: number | null;
	/** Equal answers in a row, good or bad. */
	readonly streak: number;
	readonly lastGoodAtMs: number | null;
	/** The first bad answer after the last good one; null while good. */
	readonly firstBadAtMs: number | null;
	/** The last few answers, newest last: what a verification counts. */
	readonly recent: readonly {readonly ok: boolean; readonly atMs: number}[];
	readonly history: readonly PingPoint[];
};

/** When the outage began and how we know: the clock of the incident counts from here. */
export type Outage = {
	readonly sinceMs: number;
	readonly source: 'ping' | 'container' | 'alert';
	/** True when it may have begun earlier: nothing was seen healthy before it. */
	readonly atLeast: boolean;
};

export type Situation = {
	/** Rises with every change that a rule of the diagnosis could see. */
	readonly revision: number;
	readonly engine: EngineSituation;
	readonly project: ProjectSituation;
	readonly containers: Aged<readonly ContainerFacts[]>;
	readonly use: Readonly<Record<string, ContainerUse>>;
	/** Deaths seen or proven, oldest first. */
	readonly deaths: readonly Death[];
	readonly host: HostSituation;
	readonly pings: readonly PingSituation[];
	readonly database: Aged<{readonly accepts: boolean; readonly detail: string}>;
	/** The last instant at which every decisive ping was good. */
	readonly healthyAtMs: number | null;
	/** What Prometheus and Alertmanager said, where they are configured. */
	readonly alerts: AlertsSituation;
	/** The outage that lasts; null while nothing decisive fails. */
	readonly outage: Outage | null;
} & Beyond;

const blankPings = (targets: readonly PingTarget[]): readonly PingSituation[] =>
	targets.map(target => ({target, last: null, sinceMs: null, streak: 0, lastGoodAtMs: null, firstBadAtMs: null, recent: [], history: []}));

export const initialSituation = (pings: readonly PingTarget[]): Situation => ({
	revision: 0,
	engine: {state: 'unknown', facts: null, failure: null, sinceMs: null, answeredAtMs: null},
	project: {state: 'searching', facts: null, candidates: [], composeFile: unknown},
	containers: unknown,
	use: {},
	deaths: [],
	host: {
		identity: unknown, reading: unknown, cpuShare: null, waitShare: null, stolenShare: null, cpuHistory: [], memoryHistory: [],
		disks: unknown, diskHistory: {}, processes: unknown, kernelKills: unknown,
	},
	pings: blankPings(pings),
	database: unknown,
	healthyAtMs: null,
	alerts: nothingAsked,
	outage: null,
	...initialBeyond,
});

// ─── facts ───────────────────────────────────────────────────────────────────

/** A fact from a source, as the sources tell it. `failure` variants keep the last good value. */
export type SituationEvent =
	| BeyondEvent
	| AlertsEvent
	| {readonly type: 'engine/reached'; readonly facts: EngineFacts; readonly atMs: number}
	| {readonly type: 'engine/lost'; readonly failure: Failure; readonly atMs: number}
	| {readonly type: 'project/found'; readonly facts: ProjectFacts; readonly candidates: readonly ProjectFacts[]}
	| {readonly type: 'project/undecided'; readonly candidates: readonly ProjectFacts[]}
	| {readonly type: 'project/composeFileRead'; readonly outcome: Aged<ComposeFileFacts>}
	| {readonly type: 'containers/listed'; readonly containers: readonly ContainerFacts[]; readonly atMs: number}
	| {readonly type: 'containers/unlisted'; readonly failure: Failure}
	| {readonly type: 'container/happened'; readonly event: ContainerEvent}
	| {readonly type: 'container/inspected'; readonly container: ContainerFacts; readonly atMs: number}
	| {readonly type: 'container/vanished'; readonly id: string; readonly atMs: number}
	| {readonly type: 'containers/measured'; readonly readings: readonly {readonly id: string; readonly reading: ContainerReading}[]}
	| {readonly type: 'container/unmeasured'; readonly id: string; readonly failure: Failure}
	| {readonly type: 'host/identified'; readonly identity: HostIdentity; readonly atMs: number}
	| {readonly type: 'host/read'; readonly reading: HostReading}
	| {readonly type: 'host/unread'; readonly what: 'identity' | 'reading' | 'disks' | 'processes' | 'kernelKills'; readonly failure: Failure}
	| {readonly type: 'host/disksRead'; readonly reading: DisksReading}
	| {readonly type: 'host/processesRead'; readonly reading: ProcessesReading}
	| {readonly type: 'host/kernelKillsRead'; readonly kills: readonly KernelKill[]; readonly atMs: number}
	| {readonly type: 'ping/answered'; readonly name: string; readonly answer: PingAnswer}
	| {readonly type: 'database/probed'; readonly accepts: boolean; readonly detail: string; readonly atMs: number}
	| {readonly type: 'database/unprobed'; readonly failure: Failure};

/** What a container says of itself may hold a connection string: it loses its secrets before anything shows or stores it. */
const withoutSecrets = (container: ContainerFacts, redactText: Redact): ContainerFacts =>
	({...container, error: redactText(container.error), healthOutput: redactText(container.healthOutput), healthCommand: redactText(container.healthCommand), command: redactText(container.command), entrypoint: redactText(container.entrypoint)});

/** Takes the secrets out of a text; by shape alone where no values are known. */
type Redact = (text: SafeText) => SafeText;

/** The situation after the wall clock was set: what this console saw moves along, so that spans stay what they were. */
export const shiftInstants = (situation: Situation, byMs: number): Situation => {
	const moved = (atMs: number | null): number | null => atMs === null ? null : atMs + byMs;
	return {
		...situation,
		healthyAtMs: moved(situation.healthyAtMs),
		alerts: shiftAlerts(situation.alerts, byMs),
		outage: situation.outage === null ? null : {...situation.outage, sinceMs: situation.outage.sinceMs + byMs},
		pings: situation.pings.map(ping => ({
			...ping,
			last: ping.last === null ? null : {...ping.last, atMs: ping.last.atMs + byMs},
			sinceMs: moved(ping.sinceMs),
			lastGoodAtMs: moved(ping.lastGoodAtMs),
			firstBadAtMs: moved(ping.firstBadAtMs),
			recent: ping.recent.map(answer => ({...answer, atMs: answer.atMs + byMs})),
		})),
	};
};

/** The situation after a fact. Equal facts give the same object, so that nothing repaints for them. */
export const learn = (situation: Situation, event: SituationEvent, redactText: Redact = redact): Situation => {
	const next = learned(situation, event, redactText);
	return next === situation ? situation : {...next, revision: situation.revision + 1, outage: outageAfter(next)};
};

/**
The outage that lasted before stays the one that lasts, unless an earlier start is proven: a container that somebody started again is no longer down, but
that it died is still when the outage began.
*/
const outageAfter = (situation: Situation): Outage | null => {
	const proven = provenOutage(situation);
	const {outage} = situation;
	return proven === null || outage === null || proven.sinceMs < outage.sinceMs ? proven : outage;
};

const learned = (situation: Situation, event: SituationEvent, redactText: Redact): Situation => {
	switch (event.type) {
		case 'engine/reached':
		case 'engine/lost': {
			return {...situation, engine: engineAfter(situation.engine, event)};
		}

		case 'project/found': {
			const isOther = situation.project.facts !== null && situation.project.facts.name !== event.facts.name;
			const project: ProjectSituation = {...situation.project, state: 'found', facts: event.facts, candidates: event.candidates};
			return isOther
				? {...situation, project: {...project, composeFile: unknown}, containers: unknown, use: {}, deaths: [], database: unknown, pings: blankPings(situation.pings.map(({target}) => target)), healthyAtMs: null, outage: null, ...initialBeyond}
				: {...situation, project};
		}

		case 'project/undecided': {
			return {...situation, project: {...situation.project, state: event.candidates.length === 0 ? 'none' : 'ambiguous', facts: null, candidates: event.candidates}};
		}

		case 'project/composeFileRead': {
			return {...situation, project: {...situation.project, composeFile: event.outcome}};
		}

		case 'containers/listed':
		case 'containers/unlisted':
		case 'container/happened':
		case 'container/inspected':
		case 'container/vanished':
		case 'containers/measured':
		case 'container/unmeasured': {
			return containersAfter(situation, event, redactText);
		}

		case 'host/identified':
		case 'host/read':
		case 'host/unread':
		case 'host/disksRead':
		case 'host/processesRead':
		case 'host/kernelKillsRead': {
			return {...situation, host: hostAfter(situation.host, event)};
		}

		case 'ping/answered': {
			return pingsAfter(situation, event.name, {...event.answer, detail: redactText(event.answer.detail)});
		}

		case 'database/probed': {
			return {...situation, database: known({accepts: event.accepts, detail: redactText(event.detail as SafeText)}, event.atMs)};
		}

		case 'database/unprobed': {
			return {...situation, database: failed(situation.database, event.failure)};
		}

		case 'alerts/prometheusRead':
		case 'alerts/prometheusUnread':
		case 'alerts/alertmanagerRead':
		case 'alerts/alertmanagerUnread': {
			return {...situation, alerts: learnAlerts(situation.alerts, event, redactText)};
		}

		case 'log/matched':
		case 'project/deploysRead':
		case 'project/deploysUnread':
		case 'project/composeWatched':
		case 'images/timed':
		case 'backups/looked':
		case 'diagnosis/probed': {
			return learnBeyond(situation, event, redactText);
		}
	}
};

const engineAfter = (engine: EngineSituation, event: Extract<SituationEvent, {type: `engine/${string}`}>): EngineSituation =>
	event.type === 'engine/reached'
		? {state: 'up', facts: event.facts, failure: null, sinceMs: engine.state === 'up' ? engine.sinceMs : event.atMs, answeredAtMs: event.atMs}
		: {...engine, state: 'down', failure: event.failure, sinceMs: engine.state === 'down' ? engine.sinceMs : event.atMs};

const deathsKept = 200;

const withDeath = (deaths: readonly Death[], death: Death): readonly Death[] =>
	deaths.some(other => other.id === death.id && Math.abs(other.atMs - death.atMs) < 1500)
		? deaths
		: [...deaths, death].toSorted((a, b) => a.atMs - b.atMs).slice(-deathsKept);

/** The engine's event stream keeps nothing from before we came: a stopped container's own finish is the proof of that death. */
const provenDeath = (container: ContainerFacts): Death | null =>
	container.finishedAtMs === null || container.oneOff || (container.startedAtMs !== null && container.finishedAtMs < container.startedAtMs && container.restarts === 0)
		? null
		: {atMs: container.finishedAtMs, service: container.service, id: container.id, exitCode: container.state === 'running' ? null : container.exitCode, oom: container.oomKilled};

const containersAfter = (situation: Situation, event: Extract<SituationEvent, {type: `container${string}`}>, redactText: Redact): Situation => {
	switch (event.type) {
		case 'containers/listed': {
			let {deaths} = situation;
			const containers = event.containers.map(container => withoutSecrets(container, redactText));
			for (const container of containers) {
				const death = provenDeath(container);
				deaths = death === null ? deaths : withDeath(deaths, death);
			}

			const ids = new Set(event.containers.map(container => container.id));
			const use = Object.fromEntries(Object.entries(situation.use).filter(([id]) => ids.has(id)));
			return {...situation, containers: known(containers, event.atMs), deaths, use};
		}

		case 'containers/unlisted': {
			return {...situation, containers: failed(situation.containers, event.failure)};
		}

		case 'container/happened': {
			const {kind, id, service, exitCode, atMs} = event.event;
			const happenings = withHappening(situation.happenings, event.event);
			if (kind !== 'died' || event.event.oneOff) {
				return happenings === situation.happenings ? situation : {...situation, happenings};
			}

			return {...situation, happenings, deaths: withDeath(situation.deaths, {atMs, service, id, exitCode, oom: false})};
		}

		case 'container/inspected': {
			const container = withoutSecrets(event.container, redactText);
			if (situation.containers.value === null || container.project !== situation.project.facts?.name) {
				// One container's news is not the list, and a late answer about another project is none of this one's.
				return situation;
			}

			const others = (situation.containers.value ?? []).filter(other => other.id !== container.id);
			const death = provenDeath(container);
			return {
				...situation,
				// The age stays the list's own: the others were not looked at.
				containers: {...situation.containers, value: sortContainers([...others, container])},
				deaths: death === null ? situation.deaths : withDeath(situation.deaths, death),
			};
		}

		case 'container/vanished': {
			if (situation.containers.value === null) {
				return situation;
			}

			const {[event.id]: _gone, ...use} = situation.use;
			return {...situation, containers: {...situation.containers, value: situation.containers.value.filter(container => container.id !== event.id)}, use};
		}

		case 'containers/measured': {
			const measured = event.readings.map(({id, reading}) => [id, useAfter(situation.use[id], reading)]);
			return {...situation, use: {...situation.use, ...Object.fromEntries(measured)}};
		}

		case 'container/unmeasured': {
			const use = situation.use[event.id];
			return use === undefined ? situation : {...situation, use: {...situation.use, [event.id]: {...use, failure: event.failure}}};
		}
	}
};

const sortContainers = (containers: readonly ContainerFacts[]): readonly ContainerFacts[] =>
	containers.toSorted((a, b) => compareNames(a.service, b.service) || Number(a.oneOff) - Number(b.oneOff) || a.number - b.number);

/** A counter's growth per second between two instants; null when there is nothing to compare or the counter began anew. */
const rate = (before: number | null | undefined, after: number | null, spanMs: number): number | null =>
	before === null || before === undefined || after === null || spanMs <= 0 || after < before ? null : (after - before) / (spanMs / 1000);

const useAfter = (before: ContainerUse | undefined, reading: ContainerReading): ContainerUse => {
	// The engine's slow answers come again as they were until there is a new one.
	if (before !== undefined && before.reading.atMs === reading.atMs) {
		return before;
	}

	const spanMs = before === undefined ? 0 : reading.atMs - before.reading.atMs;
	const cpuCores = rate(before?.reading.cpuSeconds, reading.cpuSeconds, spanMs);
	return {
		reading,
		cpuCores,
		receivedPerSecond: rate(before?.reading.receivedBytes, reading.receivedBytes, spanMs),
		sentPerSecond: rate(before?.reading.sentBytes, reading.sentBytes, spanMs),
		throttledShare: rate(before?.reading.throttledSeconds, reading.throttledSeconds, spanMs),
		cpuHistory: cpuCores === null ? before?.cpuHistory ?? [] : appended(before?.cpuHistory ?? [], cpuCores),
		memoryHistory: appended(before?.memoryHistory ?? [], reading.memoryBytes),
		failure: null,
	};
};

const diskHistoryLength = 180;

const hostAfter = (host: HostSituation, event: Extract<SituationEvent, {type: `host/${string}`}>): HostSituation => {
	switch (event.type) {
		case 'host/identified': {
			return {...host, identity: known(event.identity, event.atMs)};
		}

		case 'host/read': {
			return hostReadAfter(host, event.reading);
		}

		case 'host/unread': {
			return {...host, [event.what]: {...host[event.what], failure: event.failure}};
		}

		case 'host/disksRead': {
			const {reading} = event;
			const diskHistory = Object.fromEntries(reading.disks.map(({mount, usedBytes}) =>
				[mount, [...(host.diskHistory[mount] ?? []).slice(-(diskHistoryLength - 1)), {atMs: reading.atMs, usedBytes}]]));
			return {...host, disks: known(reading, reading.atMs), diskHistory};
		}

		case 'host/processesRead': {
			return {...host, processes: known(event.reading, event.reading.atMs)};
		}

		case 'host/kernelKillsRead': {
			return {...host, kernelKills: known(event.kills.slice(-50), event.atMs)};
		}
	}
};

const hostReadAfter = (host: HostSituation, reading: HostReading): HostSituation => {
	const before = host.reading.value;
	const busy = before === null ? 0 : reading.cpuBusySeconds - before.cpuBusySeconds;
	const idle = before === null ? 0 : reading.cpuIdleSeconds - before.cpuIdleSeconds;
	const total = busy + idle;
	const share = (part: number): number | null => before === null || total <= 0 ? null : Math.min(1, Math.max(0, part / total));
	const cpuShare = share(busy);
	return {
		...host,
		reading: known(reading, reading.atMs),
		cpuShare,
		waitShare: share(reading.cpuWaitSeconds - (before?.cpuWaitSeconds ?? 0)),
		stolenShare: share(reading.cpuStolenSeconds - (before?.cpuStolenSeconds ?? 0)),
		cpuHistory: cpuShare === null ? host.cpuHistory : appended(host.cpuHistory, cpuShare),
		memoryHistory: appended(host.memoryHistory, 1 - (reading.memoryAvailableBytes / Math.max(1, reading.memoryTotalBytes))),
	};
};

const pingsAfter = (situation: Situation, name: string, answer: PingAnswer): Situation => {
	const index = situation.pings.findIndex(ping => ping.target.name === name);
	const before = situation.pings[index];
	if (before === undefined) {
		return situation;
	}

	const same = before.last !== null && before.last.ok === answer.ok;
	const after: PingSituation = {
		target: before.target,
		last: answer,
		sinceMs: same ? before.sinceMs : answer.atMs,
		streak: same ? before.streak + 1 : 1,
		lastGoodAtMs: answer.ok ? answer.atMs : before.lastGoodAtMs,
		firstBadAtMs: answer.ok ? null : before.firstBadAtMs ?? answer.atMs,
		recent: [...before.recent.slice(-9), {ok: answer.ok, atMs: answer.atMs}],
		history: [...before.history.slice(-(seriesLength - 1)), {ok: answer.ok, latencyMs: answer.latencyMs}],
	};
	const pings = situation.pings.with(index, after);
	const decisive = pings.filter(ping => ping.target.decisive);
	const allGood = decisive.length > 0 && decisive.every(ping => ping.last?.ok === true);
	return {...situation, pings, healthyAtMs: allGood ? answer.atMs : situation.healthyAtMs};
};

// ─── questions ───────────────────────────────────────────────────────────────

/** Is the alert's condition true? `unknown` until every decisive ping has answered once, or when there is none. */
export const healthOf = (situation: Situation): 'healthy' | 'unhealthy' | 'unknown' => {
	const decisive = situation.pings.filter(ping => ping.target.decisive);
	if (decisive.some(ping => ping.last !== null && !ping.last.ok)) {
		return 'unhealthy';
	}

	return decisive.length > 0 && decisive.every(ping => ping.last?.ok === true) ? 'healthy' : 'unknown';
};

/** When the present outage began, and by which proof; null while nothing decisive fails. */
export const outageOf = (situation: Situation): Outage | null => situation.outage;

/**
The earliest instant that a source proves now after the last proof of health, which is a death of the service of a failing ping that still
lasts, the start of the alert, or else its first failed ping.
*/
const provenOutage = (situation: Situation): Outage | null => {
	const failing = situation.pings.filter(ping => ping.target.decisive && ping.last !== null && !ping.last.ok);
	const firstBadAtMs = Math.min(...failing.map(ping => ping.firstBadAtMs ?? Infinity));
	if (!Number.isFinite(firstBadAtMs)) {
		return null;
	}

	const lastGoodAtMs = Math.max(situation.healthyAtMs ?? -Infinity, ...failing.map(ping => ping.lastGoodAtMs ?? -Infinity));
	const services = new Set(failing.map(ping => ping.target.service));
	// Without a proof of health a death counts only while the whole service is down: a replica left over from last week proves nothing.
	const containers = (situation.containers.value ?? []).filter(container => !container.oneOff);
	const isDown = (service: string): boolean => containers.some(container => container.service === service) && containers.every(container => container.service !== service || container.state !== 'running');
	const deaths = situation.deaths.filter(death =>
		services.has(death.service) && death.atMs <= firstBadAtMs && death.atMs > lastGoodAtMs && (lastGoodAtMs > -Infinity || isDown(death.service)));
	const first = deaths.reduce<Death | null>((earliest, death) => earliest === null || death.atMs < earliest.atMs ? death : earliest, null);
	// In a crash loop only the last death is told: the first one lies before it.
	const isLoop = first !== null && lastGoodAtMs === -Infinity && containers.some(container => container.id === first.id && container.restarts > 0);
	const seen: Outage = first !== null
		? {sinceMs: first.atMs, source: 'container', atLeast: isLoop}
		: {sinceMs: firstBadAtMs, source: 'ping', atLeast: lastGoodAtMs === -Infinity};
	const alert = alertStart(situation.alerts);
	return alert !== null && alert.sinceMs < seen.sinceMs && alert.sinceMs > lastGoodAtMs ? {...alert, source: 'alert'} : seen;
};

/** The outage that the alert sources alone tell of, while our own pings are green. */
export const alertOutageOf = ({alerts}: Situation): Outage | null => {
	const alert = alertStart(alerts);
	return alert === null ? null : {...alert, source: 'alert'};
};

/** A service as the operator thinks of it: what should run, what does, and what is missing. */
export type ServiceSituation = {
	readonly name: string;
	/** Without one-offs; several when scaled; empty when missing. */
	readonly containers: readonly ContainerFacts[];
	readonly missing: boolean;
};

/** Every service of the project, also those without a container, in the order that names sort; one-offs come last under their own name. */
export const servicesOf = (situation: Situation): readonly ServiceSituation[] => {
	const containers = situation.containers.value ?? [];
	const names = new Set<string>(containers.filter(container => !container.oneOff).map(container => container.service));
	for (const service of situation.project.composeFile.value?.services ?? []) {
		if (service.profiles.length === 0) {
			names.add(service.name);
		}
	}

	return [...names].toSorted(compareNames).map(name => {
		const own = containers.filter(container => container.service === name && !container.oneOff);
		return {name, containers: own, missing: own.length === 0};
	});
};

/** A service of which the configuration says that not running is well: a job that is done, or one that nobody waits for. */
export const isAsExpected = (service: ServiceSituation, settings: Settings): boolean => {
	const {expected} = serviceSettings(settings, service.name);
	const rests = service.containers.every(container => container.state === 'exited' || container.state === 'created');
	return expected === 'optional' ? rests : expected === 'once' && rests && service.containers.every(container => container.exitCode === 0);
};

/** One-off containers (`docker compose run`) that still run. */
export const oneOffsOf = (situation: Situation): readonly ContainerFacts[] =>
	(situation.containers.value ?? []).filter(container => container.oneOff && container.state === 'running');

/** Time until a disk is full at the pace of the last half hour; null when it does not grow. */
export const fullInMs = (disk: DiskReading, history: readonly {readonly atMs: number; readonly usedBytes: number}[]): number | null => {
	const last = history.at(-1);
	const first = last === undefined ? undefined : history.find(point => point.atMs >= last.atMs - 1_800_000);
	if (last === undefined || first === undefined || last.atMs - first.atMs < 20_000) {
		return null;
	}

	const bytesPerMs = (last.usedBytes - first.usedBytes) / (last.atMs - first.atMs);
	// Below 1 kB/s it is noise: logs rotate, and "full in 90 days" helps nobody at 03:12.
	return bytesPerMs * 1000 < 1024 ? null : disk.availableBytes / bytesPerMs;
};

/**
The address that a ping goes to now, or why it can't go anywhere. `containers` is null while nobody has told them: then a published port is
the one that the target names. Once they are known and the service has none, nothing of ours publishes that port: whoever answers there
(another project on the same host) must not pass for it.
*/
export const resolvePing = (target: PingTarget, containers: readonly ContainerFacts[] | null): {readonly address: string} | {readonly trouble: 'no-address' | 'not-running'} => {
	if (target.via === 'address' || target.service === null || (target.via === 'published' && containers === null)) {
		return {address: target.address};
	}

	const own = (containers ?? []).filter(container => container.service === target.service && !container.oneOff);
	const running = own.find(container => container.state === 'running') ?? own[0];
	if (target.via === 'published') {
		const published = running === undefined ? null : publishedAddress(target, running);
		return published === null ? {trouble: running?.state === 'running' ? 'no-address' : 'not-running'} : {address: published};
	}

	const address = running?.networks.find(network => network.address !== '')?.address;
	if (address === undefined) {
		return {trouble: running === undefined || running.state !== 'running' ? 'not-running' : 'no-address'};
	}

	const port = /:(\d+)$/.exec(target.address)?.[1] ?? '';
	return {address: target.kind === 'http' ? withHost(target.address, address) : `${address.includes(':') ? `[${address}]` : address}:${port}`};
};

const withHost = (url: string, host: string): string => url.replace(/^(https?:\/\/)(\[[^\]]*\]|[^/:?#]+)/, (_whole, scheme: string) => scheme + (host.includes(':') ? `[${host}]` : host));

/** Where this host publishes the target's port; null where it does not. On the host's own network the port is the container's. */
const publishedAddress = (target: PingTarget, container: ContainerFacts): string | null => {
	const match = /^(?<head>(?:(?<scheme>https?):\/\/)?(?:\[[^\]]*\]|[^/:?#]+))(?::(?<port>\d+))?(?<rest>.*)$/s.exec(target.address);
	const {head = '', scheme, port, rest = ''} = match?.groups ?? {};
	const containerPort = Number(port ?? (scheme === 'https' ? 443 : 80));
	const hostPort = container.ports.find(published => published.containerPort === containerPort && published.hostPort !== null)?.hostPort ?? null;
	if (match === null || hostPort === null) {
		return container.networks.some(({name}) => name === 'host') ? target.address : null;
	}

	return `${head}:${hostPort}${rest}`;
};

/** Is a fact older than twice the interval at which it should come? Then its age is shown. */
export const staleForMs = (atMs: number | null, intervalMs: number, nowMs: number): number | null => {
	// A clock that was set back makes ages negative: far off is not fresh.
	const ageMs = atMs === null ? Infinity : Math.abs(nowMs - atMs);
	return ageMs > 2 * intervalMs + 500 ? ageMs : null;
};
