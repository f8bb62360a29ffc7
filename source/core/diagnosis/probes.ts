/**
Deeper looks: which ones the situation calls for, and the answers that still count. A look is asked for once per start of the container, its
answer stands until it is asked anew; nothing is asked of a paused container or one near its memory limit.
*/

import {mayEnter} from '../entering.ts';
import type {ContainerFacts} from '../ports.ts';
import type {Situation} from '../situation.ts';
import {isStarting, type Scene, type Service} from './scene.ts';
import {probeKey, type ProbeAnswer, type ProbeKind, type ProbeWant} from './types.ts';

/** What costs the engine or the container is asked once a minute; a look at /proc or one ping more is nearly free. */
const goodForMs: Readonly<Record<ProbeKind, number>> = {processes: 5000, inside: 10_000, 'port-holder': 10_000, 'proxy-config': 60_000, 'proxy-lookup': 60_000, 'cache-info': 60_000, database: 60_000, sessions: 20_000, image: 10_000};
const atOnce = 2;

/** The answer of a look into this start of a container; null while there is none that counts. */
export const answerOf = (scene: {readonly situation: Situation; readonly nowMs: number}, container: ContainerFacts | null, kind: ProbeKind, target: string): ProbeAnswer | null =>
	container === null ? null : answerTo(scene, {kind, containerId: container.id, startedAtMs: container.startedAtMs ?? 0, target});

/** The answer to a want that counts; null while there is none. */
const answerTo = (scene: {readonly situation: Situation}, want: ProbeWant): ProbeAnswer | null => {
	const answer = scene.situation.probes[probeKey(want)];
	// While it is asked again the last answer stands.
	return answer !== undefined && answer.state !== 'failed' && Object.keys(answer.facts).length > 0 ? answer : null;
};

/** What the image of a service without a container is called: as the compose file says, else as Compose of that generation names what it builds. */
export const imageWant = (scene: Scene, service: string): ProbeWant | null => {
	const {facts, composeFile} = scene.situation.project;
	const declared = composeFile.value?.services.find(({name}) => name === service);
	// Which generation built it, nobody can tell once no container is left: then its name is not known either.
	if (facts === null || declared === undefined || (declared.image === null && facts.composeVersion === null)) {
		return null;
	}

	const built = `${facts.name}${facts.composeVersion?.startsWith('1.') === true ? '_' : '-'}${service}`;
	return {kind: 'image', containerId: '', startedAtMs: 0, target: declared.image ?? built};
};

/** Is the image of a service without a container gone, as far as that was asked? */
export const isImageGone = (scene: Scene, service: string): boolean => {
	const want = imageWant(scene, service);
	return want !== null && answerTo(scene, want)?.facts['there'] === 0;
};

/** Runs a program in the container: its memory, and the engine's time. */
const entersContainer = (kind: ProbeKind): boolean => kind === 'proxy-config' || kind === 'proxy-lookup' || kind === 'database' || kind === 'sessions';

/** The host's port that a start was refused for; null when that was not the reason. */
export const refusedPort = (container: ContainerFacts): string | null =>
	/port is already allocated|address already in use|failed to bind host port|bind for .* failed/i.test(container.error) ? /(?:0\.0\.0\.0|\[?::\]?|[\d.]+):(\d{1,5})\b/.exec(container.error)?.[1] ?? null : null;

/** Who waits for a database without an answer, or says that it waits for a lock or for room. */
const waitsForDatabase = (scene: Scene, database: Service): boolean => scene.services.some(other => other.dependsOn.includes(database.name) && other.main?.state === 'running' && !isStarting(other.main, scene.nowMs)
	&& (other.failing.some(({last}) => last?.reason === 'timed-out') || (other.failing.length > 0 && scene.clue(other, 'lock-wait', 'pool-exhausted', 'connections') !== null)));

/** What the rules would like to know now, most telling first. */
const wantsOf = (scene: Scene): readonly ProbeWant[] => scene.services.flatMap((service): readonly ProbeWant[] => {
	const {main} = service;
	if (main === null || main.state !== 'running') {
		const image = service.missing ? imageWant(scene, service.name) : null;
		const port = main === null ? null : refusedPort(main);
		return main === null || port === null ? (image === null ? [] : [image]) : [{kind: 'port-holder', containerId: main.id, startedAtMs: main.startedAtMs ?? 0, target: port}];
	}

	const want = (kind: ProbeKind, target = ''): ProbeWant => ({kind, containerId: main.id, startedAtMs: main.startedAtMs ?? 0, target});
	const isSilentOnce = service.pings.some(({last}) => last?.ok === false && last.reason === 'timed-out') && !isStarting(main, scene.nowMs);
	const reason = service.failing[0]?.last?.reason ?? null;
	if (reason === null && isSilentOnce) {
		return [want('processes')];
	}

	if (reason === null) {
		// A database whose own check is green may still refuse every session; only a query tells.
		const isBlamed = service.role === 'database' && scene.services.some(other => other.failing.length > 0 && other.dependsOn.includes(service.name) && other.main?.state === 'running' && !isStarting(other.main, scene.nowMs));
		const isCacheBlamed = service.role === 'cache' && scene.services.some(other => scene.clue(other, 'cache-full') !== null);
		const isWaitedFor = service.role === 'database' && waitsForDatabase(scene, service);
		return [...(isWaitedFor ? [want('sessions')] : []), ...(isBlamed ? [want('database')] : []), ...(isCacheBlamed ? [want('cache-info')] : [])];
	}

	if (service.role === 'proxy') {
		const behind = scene.byRole('alert')[0];
		return behind?.answers === true ? [want('proxy-config'), want('proxy-lookup', behind.name)] : [];
	}

	const isSilent = reason !== 'status' && reason !== 'body' && reason !== 'redirected' && reason !== 'tls';
	const target = service.failing[0]!.target;
	// A ping more helps no program that hangs; where nothing waits at its door it may be that nothing gets there.
	const isIdle = reason !== 'timed-out' || answerOf(scene, main, 'processes', '')?.facts['queued'] === '';
	const canAskInside = target.via === 'published' && isSilent && isIdle && !isStarting(main, scene.nowMs);
	return [...(isSilent ? [want('processes')] : []), ...(canAskInside ? [want('inside', target.name)] : [])];
});

/** The looks to start now: at most two under way, none that is answered or was asked lately. */
export const probesToStart = (scene: Scene): readonly ProbeWant[] => {
	const {probes, containers} = scene.situation;
	const underWay = Object.values(probes).filter(({state, atMs}) => state === 'asked' && scene.nowMs - atMs < 15_000).length;
	const isDue = (want: ProbeWant): boolean => {
		const before = probes[probeKey(want)];
		return before === undefined || scene.nowMs - before.atMs >= goodForMs[want.kind];
	};

	const isAllowed = (want: ProbeWant): boolean => {
		if (want.containerId === '') {
			return true;
		}

		const container = containers.value?.find(({id}) => id === want.containerId);
		return container !== undefined && (!entersContainer(want.kind) || mayEnter(container, scene.situation));
	};

	return wantsOf(scene).filter(want => isDue(want) && isAllowed(want)).slice(0, Math.max(0, atOnce - underWay));
};

const answersKept = 60;

/** The answers after one more; old ones go. */
export const withProbe = (probes: Readonly<Record<string, ProbeAnswer>>, key: string, answer: ProbeAnswer): Readonly<Record<string, ProbeAnswer>> => {
	const next = {...probes, [key]: answer};
	const entries = Object.entries(next);
	return entries.length <= answersKept ? next : Object.fromEntries(entries.toSorted(([, a], [, b]) => b.atMs - a.atMs).slice(0, answersKept));
};
