/**
What the rules look at: the situation arranged by service, each with its role, its pings and what its log or its health check says. It hides
which service is the proxy, the database or the cache, which log line still counts, and what depends on what.

Made anew for each diagnosis; no rule changes it.
*/

import type {ContainerFacts} from '../ports.ts';
import {healthOf, servicesOf, type PingSituation, type Situation} from '../situation.ts';
import type {Settings} from '../settings.ts';
import type {SafeText} from '../text.ts';
import {createMatcher, type LogMatch, type Matcher, type SignatureKind} from './matcher.ts';
import {evidence, type Evidence, type Origin} from './types.ts';

export type Role = 'alert' | 'proxy' | 'database' | 'cache' | 'other';

export type Service = {
	readonly name: string;
	readonly role: Role;
	readonly missing: boolean;
	readonly containers: readonly ContainerFacts[];
	/** The one that tells most: what does not run before what does, the newest among equals. Null when missing. */
	readonly main: ContainerFacts | null;
	readonly pings: readonly PingSituation[];
	readonly failing: readonly PingSituation[];
	/** Every ping of it is good, and there is one. */
	readonly answers: boolean;
	readonly dependsOn: readonly string[];
};

/** Something that a program said of itself: a log line, its health check, what a ping got for an answer. */
export type Clue = {
	readonly kind: SignatureKind;
	readonly signature: string;
	readonly params: Readonly<Record<string, string>>;
	readonly count: number;
	readonly atMs: number | null;
	readonly evidence: Evidence;
};

export type Scene = {
	readonly situation: Situation;
	readonly settings: Settings;
	readonly nowMs: number;
	readonly services: readonly Service[];
	readonly health: 'healthy' | 'unhealthy' | 'unknown';
	readonly service: (name: string | null) => Service | null;
	readonly byRole: (role: Role) => readonly Service[];
	/** The newest clue of these kinds, the first kind first, that still counts. */
	readonly clue: (service: Service, ...kinds: readonly SignatureKind[]) => Clue | null;
	/** Everything that a service needs, directly or not. */
	readonly needs: (name: string) => ReadonlySet<string>;
	readonly oomKillsOf: (container: ContainerFacts) => readonly {readonly atMs: number; readonly process: string}[];
	readonly lastChangeOf: (service: string) => Change | null;
	readonly changes: readonly Change[];
};

export type Change = {
	readonly atMs: number;
	readonly kind: 'commit' | 'image' | 'container' | 'environment' | 'compose' | 'code' | 'reboot' | 'engine' | 'action';
	readonly service: string | null;
	readonly params: Readonly<Record<string, string>>;
};

const minuteMs = 60_000;
export const crashWindowMs = 5 * minuteMs;

const matcherOf = (() => {
	let last: {readonly signatures: unknown; readonly matcher: Matcher} | null = null;
	return (settings: Settings): Matcher => {
		if (last?.signatures !== settings.signatures) {
			last = {signatures: settings.signatures, matcher: createMatcher(settings.signatures)};
		}

		return last.matcher;
	};
})();

/** The matcher of these settings; the same one as long as its signatures are. */
export const settingsMatcher = (settings: Settings): Matcher => matcherOf(settings);

/** What a service is, by its image, its name and what pings it. */
export const imageRole = (service: {readonly name: string; readonly image: string}, situation: Situation): Role => {
	const pings = situation.pings.filter(ping => ping.target.service === service.name);
	const text = `${service.image} ${service.name}`.toLowerCase();
	if (pings.some(ping => ping.target.kind === 'postgres') || /postgres|postgis|timescale|mysql|mariadb|mongo|\bdb\b|database/.test(text)) {
		return 'database';
	}

	if (pings.some(ping => ping.target.kind === 'redis') || /redis|valkey|keydb|memcached|\bcache\b/.test(text)) {
		return 'cache';
	}

	return /nginx|traefik|haproxy|caddy|envoy|apache|httpd|\bproxy\b|gateway/.test(text) ? 'proxy' : 'other';
};

const stateOrder: Readonly<Record<string, number>> = {dead: 0, removing: 1, exited: 2, restarting: 3, created: 4, paused: 5, running: 6};

/** While Compose recreates one, and when that goes wrong, the old container stays beside the new one under another name: the newest of a number is meant. */
const newestOfEach = (containers: readonly ContainerFacts[]): readonly ContainerFacts[] => containers.filter(container =>
	!containers.some(other => other !== container && other.number === container.number && (other.createdAtMs ?? 0) > (container.createdAtMs ?? 0) && container.state !== 'running'));

const mainOf = (containers: readonly ContainerFacts[]): ContainerFacts | null => containers.toSorted((a, b) =>
	(stateOrder[a.state] ?? 6) - (stateOrder[b.state] ?? 6) || Number(b.health === 'unhealthy') - Number(a.health === 'unhealthy') || (b.startedAtMs ?? 0) - (a.startedAtMs ?? 0))[0] ?? null;

/** One failed ping alone may be a hiccup. */
const isFailing = (ping: PingSituation): boolean => ping.last !== null && !ping.last.ok && ping.streak >= 2;

const arrange = (situation: Situation, settings: Settings): readonly Service[] => {
	const declared = situation.project.composeFile.value?.services ?? [];
	const listed = servicesOf(situation);
	const names = new Set(listed.map(({name}) => name));
	// Of a service that nobody listed a ping may still speak, once it is known what runs.
	const pinged = situation.containers.value === null ? [] : situation.pings.flatMap(({target}) => target.service === null || names.has(target.service) || target.via === 'address' ? [] : [target.service]);
	const bare = [...new Set(pinged)].map(name => ({name, containers: [], missing: true}));
	const all = [...listed, ...bare].map(service => {
		const image = service.containers[0]?.image ?? declared.find(({name}) => name === service.name)?.image ?? '';
		const role: Role = service.name === settings.alert.service ? 'alert' : imageRole({name: service.name, image}, situation);
		return {...service, containers: newestOfEach(service.containers), role};
	});
	const byRole = (...roles: readonly Role[]): readonly string[] => all.filter(({role}) => roles.includes(role)).map(({name}) => name);
	return all.map((service): Service => {
		const pings = situation.pings.filter(ping => ping.target.service === service.name);
		const told = declared.find(({name}) => name === service.name)?.dependsOn ?? [];
		const usual = service.role === 'alert' ? byRole('database', 'cache') : (service.role === 'proxy' ? byRole('alert') : []);
		return {
			...service,
			main: mainOf(service.containers),
			pings,
			failing: pings.filter(ping => isFailing(ping)),
			answers: pings.length > 0 && pings.every(ping => ping.last?.ok === true),
			dependsOn: [...new Set([...told, ...usual])].filter(name => name !== service.name),
		};
	});
};

const goodSlackMs = 5000;

/**
The last instant at which the service was seen well: by the pings that now fail, or by the engine's own HTTP check. What it said before that is no reason for
what it does now (seen: a full disk of half a minute ago taken for the reason of a lock). The check of a proxy or a database proves too little.
*/
const wellAtMs = (service: Service): number => {
	const {main} = service;
	const isTold = main !== null && (service.role === 'alert' || service.role === 'other') && main.state === 'running' && main.health === 'healthy' && main.healthFailingStreak === 0 && /\bhttps?:\/\//.test(main.healthCommand);
	return Math.max(isTold ? main.healthAtMs ?? -Infinity : -Infinity, ...service.failing.map(ping => ping.lastGoodAtMs ?? -Infinity)) - goodSlackMs;
};

type Counts = {
	/** The life that ended last, and what came after it. */
	readonly ofLastLifeMs: number;
	/** The minute before its end too. */
	readonly fromMs: number;
};

/** From when on a line of a container counts: its present life, and the end of the one before when it died lately. */
const countsFrom = (container: ContainerFacts, situation: Situation, nowMs: number): Counts => {
	const deaths = situation.deaths.filter(death => death.service === container.service && death.atMs > nowMs - crashWindowMs);
	const lastDeath = deaths.at(-1)?.atMs ?? container.finishedAtMs;
	const started = container.startedAtMs ?? 0;
	if (container.state !== 'running') {
		const fromMs = (lastDeath ?? started) - minuteMs;
		return {fromMs, ofLastLifeMs: Math.max(fromMs, started <= (lastDeath ?? 0) ? started - 1000 : -Infinity)};
	}

	if (deaths.length === 0) {
		const fromMs = Math.max(started - 1000, nowMs - 3 * minuteMs);
		return {fromMs, ofLastLifeMs: fromMs};
	}

	const endedMs = Math.min(started, lastDeath ?? started);
	const begunMs = situation.happenings.findLast(event => event.kind === 'started' && event.id === container.id && event.atMs <= endedMs)?.atMs;
	return {fromMs: endedMs - minuteMs, ofLastLifeMs: Math.max(endedMs - minuteMs, begunMs === undefined ? -Infinity : begunMs - 1000)};
};

const textClues = (service: Service, matcher: Matcher): readonly Clue[] => {
	const texts: readonly {readonly text: SafeText; readonly atMs: number | null; readonly origin: Origin}[] = [
		...service.failing.flatMap(ping => ping.last === null || ping.last.detail === '' ? [] : [{text: ping.last.detail, atMs: ping.last.atMs, origin: {kind: 'ping' as const, name: ping.target.name}}]),
		...(service.main === null || (service.main.health !== 'unhealthy' && service.failing.length === 0) || service.main.healthFailingStreak === 0 || service.main.healthOutput === ''
			? []
			: [{text: service.main.healthOutput, atMs: service.main.healthAtMs, origin: {kind: 'container' as const, id: service.main.id}}]),
		...(service.main === null || service.main.error === '' || service.main.state === 'running' ? [] : [{text: service.main.error, atMs: service.main.finishedAtMs, origin: {kind: 'container' as const, id: service.main.id}}]),
	];
	return texts.flatMap(({text, atMs, origin}) => matcher.match(text.slice(0, 2000), service.name).map(hit => ({
		...hit, count: 1, atMs, evidence: evidence('says', {text: text.slice(0, 300), name: origin.kind === 'ping' ? origin.name : service.name}, atMs, origin),
	})));
};

const logClue = (match: LogMatch): Clue => ({
	kind: match.kind, signature: match.signature, params: match.params, count: match.count, atMs: match.lastAtMs,
	evidence: evidence('log-line', {service: match.service, line: match.line.slice(0, 300), count: match.count}, match.lastAtMs, {kind: 'log', containerId: match.containerId, service: match.service, atMs: match.lastAtMs, line: match.line}),
});

const cluesOf = (service: Service, situation: Situation, matcher: Matcher, nowMs: number): readonly Clue[] => {
	const wellMs = wellAtMs(service);
	const from = new Map(service.containers.map(container => [container.id, countsFrom(container, situation, nowMs)]));
	const since = (which: keyof Counts): readonly LogMatch[] => Object.values(situation.matches).filter(match => match.lastAtMs >= Math.max(wellMs, from.get(match.containerId)?.[which] ?? Infinity));
	// What the last life said goes before what one before it did, which may have been mended; while it has said nothing yet, that stands.
	const ofLastLife = since('ofLastLifeMs');
	const lines = (ofLastLife.length > 0 ? ofLastLife : since('fromMs')).toSorted((a, b) => b.lastAtMs - a.lastAtMs);
	return [...textClues(service, matcher), ...lines.map(match => logClue(match))];
};

/** The scene of a situation. */
export const createScene = (situation: Situation, settings: Settings, nowMs: number, changes: readonly Change[]): Scene => {
	const services = arrange(situation, settings);
	const byName = new Map(services.map(service => [service.name, service]));
	const matcher = matcherOf(settings);
	const clues = new Map<string, readonly Clue[]>();
	const cluesFor = (service: Service): readonly Clue[] => {
		const known = clues.get(service.name) ?? cluesOf(service, situation, matcher, nowMs);
		clues.set(service.name, known);
		return known;
	};

	return {
		situation, settings, nowMs, services, changes,
		health: healthOf(situation),
		service: name => name === null ? null : byName.get(name) ?? null,
		byRole: role => services.filter(service => service.role === role),
		clue(service, ...kinds) {
			const all = cluesFor(service);
			for (const kind of kinds) {
				const clue = all.find(other => other.kind === kind);
				if (clue !== undefined) {
					return clue;
				}
			}

			return null;
		},
		needs(name) {
			const needed = new Set<string>(byName.get(name)?.dependsOn ?? []);
			for (const next of needed) {
				for (const further of byName.get(next)?.dependsOn ?? []) {
					needed.add(further);
				}
			}

			return needed;
		},
		oomKillsOf(container) {
			const events = situation.happenings.filter(event => event.kind === 'oom' && event.id === container.id).map(event => ({atMs: event.atMs, process: ''}));
			const kills = (situation.host.kernelKills.value ?? []).filter(kill => kill.containerId === container.id).map(kill => ({atMs: kill.atMs, process: String(kill.name)}));
			return (kills.length > 0 ? kills : events).toSorted((a, b) => a.atMs - b.atMs);
		},
		lastChangeOf: service => changes.find(change => change.service === null || change.service === service) ?? null,
	};
};

/** The evidence that a ping gives, good or bad. */
export const pingEvidence = (ping: PingSituation): Evidence => ping.last?.ok === true
	? evidence('ping-good', {name: ping.target.name, latencyMs: ping.last.latencyMs}, ping.last.atMs, {kind: 'ping', name: ping.target.name})
	: evidence('ping-fails', {name: ping.target.name, reason: ping.last?.reason ?? 'failed', status: ping.last?.status ?? 0, detail: ping.last?.detail ?? ''}, ping.firstBadAtMs, {kind: 'ping', name: ping.target.name});

/** Up for so short a time that silence is no trouble yet: within its start period, or a few seconds without one. */
export const isStarting = (container: ContainerFacts, nowMs: number): boolean => {
	const upMs = container.startedAtMs === null ? Infinity : nowMs - container.startedAtMs;
	return container.state === 'running' && upMs < Math.max(container.healthStartPeriodMs ?? 0, container.health === 'none' ? 10_000 : 15_000) && container.health !== 'unhealthy';
};
