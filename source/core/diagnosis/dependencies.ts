/** Dependencies that run and do not serve: a database that refuses sessions, has none left or is still starting; a cache that is full. */

import {afterEdit, restartOf} from './actions-for.ts';
import {listensOf} from './network.ts';
import {answerOf} from './probes.ts';
import {isStarting, pingEvidence, type Clue, type Scene, type Service} from './scene.ts';
import {evidence, found, type Evidence, type Finding} from './types.ts';

const dependency = {scenario: null, outside: 'dependency'} as const;

/** The first clue of these kinds that any service has about `service`: it itself, or those that use it. */
const clueAbout = (scene: Scene, service: Service, ...kinds: Parameters<Scene['clue']>[1][]): Clue | null => {
	const users = scene.services.filter(other => other.dependsOn.includes(service.name));
	for (const source of [service, ...users]) {
		const clue = scene.clue(source, ...kinds);
		if (clue !== null) {
			return clue;
		}
	}

	return null;
};

const isHurt = (scene: Scene, service: Service): boolean =>
	service.failing.length > 0 || scene.services.some(other => other.failing.length > 0 && other.dependsOn.includes(service.name));

/** What is wrong with a database that runs. */
export const database = (scene: Scene, service: Service): Finding | null => {
	const {main} = service;
	if (main === null || main.state !== 'running' || !isHurt(scene, service)) {
		return null;
	}

	const probe = sessionsOf(scene, service);
	const failing = service.failing.slice(0, 1).map(ping => pingEvidence(ping));
	const base = {...dependency, service: service.name, actions: restartOf(service)};
	const clue = clueAbout(scene, service, 'connections');
	if (clue !== null && isRecent(scene, clue) && !hasAccepted(service, clue)) {
		return found('database-connections', {...base, confidence: 'certain', evidence: [clue.evidence, ...sessionsBy(scene, service), ...probe, ...failing], actions: ['restart-api', ...restartOf(service)], confirm: ['postgres-activity'], sinceMs: clue.atMs});
	}

	const renewed = madeAnew(scene, service);
	if (renewed !== null) {
		return renewed;
	}

	const locked = lockHeld(scene, service);
	if (locked !== null) {
		return locked;
	}

	const ping = service.failing[0];
	const starting = ping?.last?.reason === 'starting-up' ? null : clueAbout(scene, service, 'starting-up');
	if (ping?.last?.reason === 'starting-up' || (starting !== null && service.failing.length > 0 && isGoingOn(scene, starting))) {
		return isStarting(main, scene.nowMs) ? null : found('database-starting', {...base, confidence: 'certain', evidence: [...failing, ...(starting === null ? [] : [starting.evidence]), evidence('runs', {service: service.name}, main.startedAtMs, {kind: 'container', id: main.id})], actions: [], confirm: ['read-log'], sinceMs: main.startedAtMs});
	}

	const refusal = probe.find(({code}) => code === 'sessions-refused');
	return refusal === undefined || isStarting(main, scene.nowMs) ? null : found('database-refuses', {...base, confidence: 'certain', evidence: [refusal, ...failing], confirm: ['select-1', 'df'], sinceMs: refusal.atMs});
};

const sessionFactsOf = (scene: Scene, service: Service): ReturnType<typeof answerOf> => {
	const answer = answerOf(scene, service.main, 'sessions', '');
	return answer === null || scene.nowMs - answer.atMs > sessionsGoodForMs ? null : answer;
};

/** A column is missed where its table is there: that database is not empty, however new it is. */
const missesColumn = /UndefinedColumn|\bcolumn\b|\bcoluna\b/i;

/** It made its data directory at this start, and its users miss their tables: no migration is pending, the volume is another one. */
const madeAnew = (scene: Scene, service: Service): Finding | null => {
	const main = service.main!;
	const made = Object.values(scene.situation.matches).find(match => match.kind === 'data-new' && match.containerId === main.id && match.lastAtMs >= (main.startedAtMs ?? 0) - 1000);
	const user = scene.services.find(other => other.failing.length > 0 && other.dependsOn.includes(service.name) && scene.clue(other, 'migration-pending') !== null);
	const missed = user === undefined ? null : scene.clue(user, 'migration-pending');
	return made === undefined || user === undefined || missed === null || Object.values(missed.evidence.params).some(text => missesColumn.test(String(text))) ? null : found('database-new', {
		...dependency, service: service.name, confidence: 'likely', params: missed.params, actions: [], confirm: ['compare-volumes'], sinceMs: user.failing[0]!.firstBadAtMs,
		evidence: [
			evidence('log-line', {service: service.name, line: made.line.slice(0, 300), count: 1}, made.lastAtMs, {kind: 'log', containerId: made.containerId, service: service.name, atMs: made.lastAtMs, line: made.line}),
			missed.evidence, pingEvidence(user.failing[0]!),
		],
	});
};

/** Whose sessions fill it. */
const sessionsBy = (scene: Scene, service: Service): readonly Evidence[] => {
	const answer = sessionFactsOf(scene, service);
	return answer === null || answer.facts['most'] === undefined ? [] : [evidence('sessions-by', {count: answer.facts['most'], client: answer.facts['mostBy'] ?? '', state: answer.facts['mostState'] ?? '', all: answer.facts['all'] ?? 0, limit: answer.facts['limit'] ?? 0}, answer.atMs)];
};

/** Shorter waits are everyday life. */
const heldLeastMs = 2000;

/**
A session holds a lock, others wait for it: who, since when, with which statement. Certain only where the waiting began before who depends on it fell silent. A statement
that still runs is left to whoever runs it; a service of the stack that sits in an open transaction and does nothing lets go by its restart.
*/
const lockHeld = (scene: Scene, service: Service): Finding | null => {
	const answer = sessionFactsOf(scene, service);
	const facts = answer?.facts ?? {};
	const waiting = Number(facts['waiting'] ?? 0);
	if (answer === null || waiting === 0 || Number(facts['waitedMs'] ?? 0) < heldLeastMs) {
		return null;
	}

	const hurt = scene.services.find(other => other.failing.length > 0 && other.dependsOn.includes(service.name)) ?? null;
	const address = String(facts['address'] ?? '');
	const client = address === '' ? null : scene.services.find(other => other.containers.some(({networks}) => networks.some(network => network.address === address))) ?? null;
	const heldMs = Number(facts['heldMs'] ?? 0);
	const hurtSinceMs = hurt?.failing[0]?.firstBadAtMs ?? null;
	const beganFirst = hurtSinceMs === null || answer.atMs - Number(facts['waitedMs'] ?? 0) <= hurtSinceMs + heldLeastMs;
	const isIdle = String(facts['state'] ?? '').startsWith('idle');
	const who = {pid: facts['pid'] ?? 0, name: String(facts['application'] ?? '') || String(facts['user'] ?? ''), client: client?.name ?? address};
	return found('database-locked', {
		...dependency, service: service.name, confidence: beganFirst ? 'certain' : 'possible', sinceMs: hurtSinceMs ?? answer.atMs - Number(facts['waitedMs'] ?? 0), params: {...who, relation: facts['relation'] ?? ''},
		evidence: [
			evidence('lock-held', {...who, relation: facts['relation'] ?? '', heldMs, waiting, waitedMs: facts['waitedMs'] ?? 0}, answer.atMs),
			evidence('lock-query', {state: facts['state'] ?? '', query: facts['query'] ?? '', stateMs: facts['stateMs'] ?? 0}, answer.atMs),
			...(hurt === null ? [] : [pingEvidence(hurt.failing[0]!)]),
		],
		// Somebody else's session would end with the database, and everybody's with it: that one is for its owner, or psql.
		actions: client === null || !isIdle ? [] : restartOf(client), confirm: ['end-session'],
	});
};

/** Our own ping opens a session as any client does: one that is let in after the word of no room says that there is room again. */
const hasAccepted = ({answers, pings}: Service, {atMs}: Clue): boolean => answers && atMs !== null && pings.some(ping => ping.target.kind === 'postgres' && (ping.sinceMs ?? Infinity) <= (ping.last?.atMs ?? 0) - 5000 && atMs < (ping.last?.atMs ?? 0) - 5000);

/** While it comes up everybody who asks is told so: a word of a while ago, and silence since, is another story. */
const isGoingOn = (scene: Scene, clue: Clue): boolean => clue.atMs === null || scene.nowMs - clue.atMs < 15_000;

const isRecent = (scene: Scene, clue: Clue): boolean => clue.atMs === null || scene.nowMs - clue.atMs < 90_000;

const sessionsGoodForMs = 45_000;
const ownGoodForMs = 75_000;
/** The panes ask on opening and by key only: their answer ages fast. */
const panesGoodForMs = 20_000;
const passing = /starting up|shutting down|recovery mode|iniciando|deslig|recupera[çc]/i;

const sessionsOf = (scene: Scene, service: Service): readonly Evidence[] => {
	const own = answerOf(scene, service.main, 'database', '');
	const panes = scene.situation.database;
	const accepts = own === null ? panes.value?.accepts ?? null : own.facts['ok'] === 1;
	const atMs = own?.atMs ?? panes.atMs;
	const detail = own === null ? panes.value?.detail ?? '' : String(own.facts['detail'] ?? '');
	const isOld = atMs === null || scene.nowMs - atMs > (own === null ? panesGoodForMs : ownGoodForMs) || (service.main?.startedAtMs ?? 0) > atMs;
	// What it said while it came up is over as soon as its ping is good.
	const isOver = passing.test(detail) && service.answers;
	if (accepts === null || isOld || isOver) {
		return [];
	}

	return [evidence(accepts ? 'sessions-accepted' : 'sessions-refused', {detail: accepts ? '' : detail.slice(0, 200)}, atMs, {kind: 'container', id: service.main?.id ?? ''})];
};

/** What is wrong with a cache that runs: full, out of clients, still loading. PING is answered all the same. */
export const cache = (scene: Scene, service: Service): Finding | null => {
	const {main} = service;
	if (main === null || main.state !== 'running' || !isHurt(scene, service)) {
		return null;
	}

	const base = {...dependency, service: service.name, actions: restartOf(service), confirm: ['redis-info'] as const};
	const failing = service.failing.slice(0, 1).map(ping => pingEvidence(ping));
	const full = clueAbout(scene, service, 'cache-full', 'cache-cannot-save');
	const info = answerOf(scene, main, 'cache-info', '');
	if (full !== null && isRecent(scene, full) && !hasRoom(info, full)) {
		const memory = info === null ? [] : [evidence('cache-memory', {usedBytes: Number(info.facts['used'] ?? 0), limitBytes: Number(info.facts['max'] ?? 0), policy: String(info.facts['policy'] ?? '')}, info.atMs)];
		return found('cache-full', {...base, confidence: 'certain', evidence: [full.evidence, ...memory, ...failing], sinceMs: full.atMs});
	}

	// An error for an answer: out of clients, busy with a script, protected. It says so itself.
	const ping = service.failing[0];
	return ping?.last?.reason === 'failed' && ping.last.detail !== '' && !isStarting(main, scene.nowMs)
		? found('dependency-refuses', {...base, confidence: 'certain', evidence: failing, params: {detail: ping.last.detail.slice(0, 80)}, sinceMs: ping.firstBadAtMs})
		: null;
};

/** What the cache says of itself afterwards goes before what a client said of it. */
const hasRoom = (info: ReturnType<typeof answerOf>, {kind, atMs}: Clue): boolean => {
	const limitBytes = Number(info?.facts['max'] ?? 0);
	return kind === 'cache-full' && info !== null && atMs !== null && info.atMs > atMs && (limitBytes === 0 || Number(info.facts['used'] ?? 0) < 0.9 * limitBytes);
};

/** A dependency that runs and whose own ping fails, with nothing that says why. */
export const silentDependency = (scene: Scene, service: Service): Finding | null => {
	const ping = service.failing[0];
	const {main} = service;
	if (ping === undefined || main === null || main.state !== 'running' || isStarting(main, scene.nowMs) || ping.last?.reason === 'not-running') {
		return null;
	}

	const listens = listensOf(scene, service, ping);
	if (listens !== null && !listens.isOpen && ping.last?.reason === 'refused') {
		return found('not-listening', {
			...dependency, service: service.name, confidence: 'certain', params: {port: listens.port, at: listens.all, local: listens.isLocal ? 1 : 0}, sinceMs: ping.firstBadAtMs, actions: afterEdit(service), confirm: ['read-log', 'git-log'],
			evidence: [pingEvidence(ping), evidence('listens-at', {service: service.name, port: listens.port, at: listens.all}, listens.atMs), evidence('runs', {service: service.name}, main.startedAtMs, {kind: 'container', id: main.id})],
		});
	}

	const tree = answerOf(scene, main, 'processes', '');
	const processes = tree === null ? [] : [evidence('processes-alive', {service: service.name, count: Number(tree.facts['count'] ?? 0)}, tree.atMs)];
	return found('dependency-refuses', {
		...dependency, service: service.name, confidence: 'likely', evidence: [pingEvidence(ping), ...processes, evidence('runs', {service: service.name}, main.startedAtMs, {kind: 'container', id: main.id})],
		actions: restartOf(service), confirm: ['read-log'], sinceMs: ping.firstBadAtMs,
	});
};
