/**
Deeper looks: which ones the situation calls for, and the answers that still count. A look is asked for once per start of the container, its
answer stands until it is asked anew; nothing is asked of a paused container or one near its memory limit.
*/

import type {ContainerFacts} from '../ports.ts';
import type {Situation} from '../situation.ts';
import {isStarting, type Scene} from './scene.ts';
import {probeKey, type ProbeAnswer, type ProbeKind, type ProbeWant} from './types.ts';

/** What costs the engine or the container is asked once a minute; a look at /proc or one ping more is nearly free. */
const goodForMs: Readonly<Record<ProbeKind, number>> = {processes: 5000, inside: 10_000, 'port-holder': 10_000, 'proxy-config': 60_000, 'proxy-lookup': 60_000, 'cache-info': 60_000, database: 60_000};
const atOnce = 2;
const nearLimit = 0.9;

/** The answer of a look into this start of a container; null while there is none that counts. */
export const answerOf = (scene: {readonly situation: Situation; readonly nowMs: number}, container: ContainerFacts | null, kind: ProbeKind, target: string): ProbeAnswer | null => {
	if (container === null) {
		return null;
	}

	const answer = scene.situation.probes[probeKey({kind, containerId: container.id, startedAtMs: container.startedAtMs ?? 0, target})];
	// While it is asked again the last answer stands.
	return answer !== undefined && answer.state !== 'failed' && Object.keys(answer.facts).length > 0 ? answer : null;
};

/** Runs a program in the container: its memory, and the engine's time. */
const entersContainer = (kind: ProbeKind): boolean => kind === 'proxy-config' || kind === 'proxy-lookup' || kind === 'database';

const mayEnter = (container: ContainerFacts, situation: Situation): boolean => {
	const used = situation.use[container.id]?.reading.memoryBytes ?? 0;
	return container.state === 'running' && (container.memoryLimitBytes === null || used / container.memoryLimitBytes < nearLimit);
};

/** The host's port that a start was refused for; null when that was not the reason. */
export const refusedPort = (container: ContainerFacts): string | null =>
	/port is already allocated|address already in use|failed to bind host port|bind for .* failed/i.test(container.error) ? /(?:0\.0\.0\.0|\[?::\]?|[\d.]+):(\d{1,5})\b/.exec(container.error)?.[1] ?? null : null;

/** What the rules would like to know now, most telling first. */
const wantsOf = (scene: Scene): readonly ProbeWant[] => scene.services.flatMap((service): readonly ProbeWant[] => {
	const {main} = service;
	if (main === null || main.state !== 'running') {
		const port = main === null ? null : refusedPort(main);
		return main === null || port === null ? [] : [{kind: 'port-holder', containerId: main.id, startedAtMs: main.startedAtMs ?? 0, target: port}];
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
		return [...(isBlamed ? [want('database')] : []), ...(isCacheBlamed ? [want('cache-info')] : [])];
	}

	if (service.role === 'proxy') {
		const behind = scene.byRole('alert')[0];
		return behind?.answers === true ? [want('proxy-config'), want('proxy-lookup', behind.name)] : [];
	}

	const isSilent = reason === 'timed-out' || reason === 'reset' || reason === 'closed';
	const target = service.failing[0]!.target;
	const canAskInside = target.via === 'published' && (reason !== 'timed-out') && !isStarting(main, scene.nowMs) && reason !== 'status' && reason !== 'body';
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
