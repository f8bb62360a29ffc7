/**
What changed in the last hours: containers recreated, images built, commits, edited files, reboots, engine restarts, our own actions. The engine
keeps only its last 256 events, and health checks fill them in two minutes: inspect, the reflog, file times and the journal remember longer.
*/

import type {Situation} from '../situation.ts';
import type {Change} from './scene.ts';

const spanMs = 24 * 3_600_000;
/** A start of everything at once is the engine's, or the machine's. */
const togetherMs = 20_000;

/** What the journal remembers beyond the situation. */
export type Remembered = {readonly atMs: number; readonly kind: 'action' | 'engine' | 'container'; readonly service: string | null; readonly params: Readonly<Record<string, string>>};

/** Newest first, those of the last day. */
export const changesOf = (situation: Situation, nowMs: number, remembered: readonly Remembered[] = []): readonly Change[] => {
	const found = [...ofDeploys(situation), ...ofContainers(situation), ...ofHost(situation), ...remembered.map((entry): Change => entry)];
	return found.filter(change => change.atMs > nowMs - spanMs && change.atMs <= nowMs + 60_000).toSorted((a, b) => b.atMs - a.atMs);
};

const ofDeploys = (situation: Situation): readonly Change[] => {
	const facts = situation.deploys.value;
	return facts === null ? [] : [
		...facts.commits.slice(0, 20).flatMap((commit, index): readonly Change[] => {
			// The same commit again (an entry of the reflog that changed nothing) is no change.
			const before = facts.commits[index + 1];
			return before !== undefined && before.hash === commit.hash ? [] : [{atMs: commit.atMs, kind: 'commit', service: null, params: {hash: commit.hash.slice(0, 9), subject: commit.subject, how: commit.how, before: before?.hash.slice(0, 9) ?? ''}}];
		}),
		...facts.edits.map((edit): Change => ({atMs: edit.atMs, kind: edit.kind, service: null, params: {path: edit.path}})),
	];
};

const ofContainers = (situation: Situation): readonly Change[] => {
	const containers = (situation.containers.value ?? []).filter(container => !container.oneOff);
	const oldest = Math.min(...containers.map(container => container.createdAtMs ?? Infinity));
	return containers.flatMap((container): readonly Change[] => {
		const imageAtMs = situation.imageTimes[container.imageId];
		const createdAtMs = container.createdAtMs;
		return [
			// Those that came up with the whole stack are its beginning, not a change of one.
			...(createdAtMs !== null && createdAtMs > oldest + 60_000 ? [{atMs: createdAtMs, kind: 'container' as const, service: container.service, params: {service: container.service, name: container.name}}] : []),
			...(imageAtMs === undefined || createdAtMs === null || createdAtMs - imageAtMs > 6 * 3_600_000 ? [] : [{atMs: imageAtMs, kind: 'image' as const, service: container.service, params: {service: container.service, image: container.image}}]),
		];
	});
};

const ofHost = (situation: Situation): readonly Change[] => {
	const bootAtMs = situation.host.identity.value?.bootAtMs ?? null;
	const running = (situation.containers.value ?? []).filter(container => container.state === 'running' && !container.oneOff && container.startedAtMs !== null);
	const starts = running.map(container => container.startedAtMs!).toSorted((a, b) => a - b);
	const first = starts[0];
	const created = Math.max(...running.map(container => container.createdAtMs ?? 0));
	// All of them started together, long after they were made: the engine came back.
	const isTogether = starts.length >= 3 && first !== undefined && starts.at(-1)! - first < togetherMs && first - created > 60_000;
	const afterBoot = bootAtMs !== null && first !== undefined && first - bootAtMs < 5 * 60_000;
	return [
		...(bootAtMs === null ? [] : [{atMs: bootAtMs, kind: 'reboot' as const, service: null, params: {}}]),
		...(isTogether && !afterBoot ? [{atMs: first!, kind: 'engine' as const, service: null, params: {}}] : []),
	];
};
