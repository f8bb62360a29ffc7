/**
Stopped: no container, one that was never started, one that ended by hand or by a kill, one that is frozen, and a start that the engine refused.
What dies by itself again and again is `start.ts`.
*/

import type {ContainerFacts} from '../ports.ts';
import {startOf} from './actions-for.ts';
import {answerOf, imageWant, isImageGone, refusedPort} from './probes.ts';
import {pingEvidence, type Scene, type Service} from './scene.ts';
import {evidence, found, type Evidence, type Finding, type FindingCode} from './types.ts';

/** Which page of the runbook a stopped service is on: what the api needs is a dependency, the proxy is the network's. */
export const pageOf = (service: Service, usual: number): Pick<Finding, 'scenario' | 'outside'> => {
	if (service.role === 'database' || service.role === 'cache') {
		return {scenario: null, outside: 'dependency'};
	}

	return {scenario: service.role === 'proxy' ? 4 : usual, outside: null};
};

const failingEvidence = (service: Service): readonly Evidence[] => service.failing.slice(0, 2).map(ping => pingEvidence(ping));

/** Why a service does not run; null when it does, or dies by itself. */
export const stopped = (scene: Scene, service: Service): Finding | null => {
	if (service.missing) {
		return missing(scene, service);
	}

	const {main} = service;
	if (main === null || main.state === 'running' || main.state === 'restarting') {
		return null;
	}

	const base = {...pageOf(service, 1), service: service.name, confidence: 'certain' as const, actions: startOf(service)};
	const proof = (code: Evidence['code'], params = {}): readonly Evidence[] => [
		evidence(code, {service: service.name, exitCode: main.exitCode, ...params}, main.finishedAtMs ?? main.createdAtMs, {kind: 'container', id: main.id}), ...failingEvidence(service),
	];
	if (main.error !== '') {
		return refused(scene, service, main, base, proof);
	}

	switch (main.state) {
		case 'paused': {
			return found('service-paused', {...base, evidence: [evidence('paused', {service: service.name}, pausedAt(scene, main), {kind: 'container', id: main.id}), ...failingEvidence(service)], actions: [`restart-${service.name}`], sinceMs: pausedAt(scene, main)});
		}

		case 'created': {
			return found('created-not-started', {...base, evidence: proof('created-not-started'), sinceMs: main.createdAtMs});
		}

		case 'dead':
		case 'removing': {
			return found('service-dead', {...base, evidence: proof('dead', {state: main.state}), confirm: ['journal-docker'], sinceMs: main.finishedAtMs});
		}

		default: {
			return ended(scene, main, base, proof);
		}
	}
};

const pausedAt = (scene: Scene, container: ContainerFacts): number | null => scene.situation.happenings.findLast(event => event.kind === 'paused' && event.id === container.id)?.atMs ?? null;

const missing = (scene: Scene, service: Service): Finding | null => {
	if (scene.situation.containers.value === null) {
		return null;
	}

	const removedAtMs = scene.situation.happenings.findLast(event => event.kind === 'removed' && event.service === service.name)?.atMs ?? null;
	const base = {...pageOf(service, 1), service: service.name, confidence: 'certain' as const, sinceMs: removedAtMs};
	const gone = evidence('no-container', {service: service.name}, removedAtMs);
	// A prune took it along: starting it means to build it, or to fetch it.
	return isImageGone(scene, service.name)
		? found('image-missing', {...base, evidence: [gone, evidence('image-gone', {image: imageWant(scene, service.name)?.target ?? ''}), ...failingEvidence(service)], actions: [`start-${service.name}`, `rebuild-${service.name}`], confirm: ['images']})
		: found('service-missing', {...base, evidence: [gone, ...failingEvidence(service)], actions: [`start-${service.name}`]});
};

type Proof = (code: Evidence['code'], params?: Evidence['params']) => readonly Evidence[];
type Base = Pick<Finding, 'scenario' | 'outside' | 'service' | 'confidence' | 'actions'>;

const refusals: readonly (readonly [RegExp, FindingCode])[] = [
	[/port is already allocated|address already in use|failed to bind host port|bind for .* failed/i, 'port-taken'],
	[/no such image|image .* not found|pull access denied|manifest unknown/i, 'image-missing'],
	[/executable file not found|exec format error|no such file or directory.*(?:exec|init)|exec: .*(?:no such file|permission denied)|permission denied: unknown|is a directory: unknown/i, 'bad-command'],
];

/** The engine itself would not start it, and says why. */
const refused = (scene: Scene, service: Service, main: ContainerFacts, base: Base, proof: Proof): Finding => {
	const code = refusals.find(([pattern]) => pattern.test(main.error))?.[1] ?? 'start-refused';
	const port = refusedPort(main) ?? '';
	const refusal = proof('start-refused', {detail: main.error.slice(0, 300)});
	const common = {...base, evidence: refusal, sinceMs: main.finishedAtMs ?? main.createdAtMs};
	switch (code) {
		case 'port-taken': {
			const holder = answerOf(scene, main, 'port-holder', port);
			const held = holder === null || holder.facts['pid'] === undefined ? [] : [evidence('port-holder', {port, process: holder.facts['name'] ?? '', pid: holder.facts['pid']}, holder.atMs)];
			return found(code, {...common, params: {port}, evidence: [refusal[0]!, ...held, ...refusal.slice(1)], confirm: ['who-holds-port']});
		}

		case 'bad-command': {
			return found(code, {...common, ...pageOf(service, 2), confirm: ['images'], actions: [`rebuild-${service.name}`, `start-${service.name}`], params: {command: `${main.entrypoint} ${main.command}`.trim()}});
		}

		default: {
			return found(code, {...common, confirm: code === 'image-missing' ? ['images'] : ['journal-docker'], actions: code === 'image-missing' ? [`rebuild-${service.name}`, ...base.actions] : base.actions});
		}
	}
};

/** Sent a signal by somebody, not by its own fault: the engine's stop, kill, or a shell. */
export const isByHand = (exitCode: number): boolean => exitCode === 0 || exitCode === 143 || exitCode === 130 || exitCode === 129;

/** The kernel's log, read after the death, knows of no want of memory, also none that it could not assign to a container; or the engine itself was told to kill. */
const isMemoryRuledOut = (scene: Scene, {finishedAtMs}: ContainerFacts, wasTold: boolean): boolean => {
	const {value, atMs} = scene.situation.host.kernelKills;
	return wasTold || (value !== null && finishedAtMs !== null && (atMs ?? 0) > finishedAtMs + 1000 && !value.some(kill => kill.containerId === null && Math.abs(kill.atMs - finishedAtMs) < 5000));
};

const ended = (scene: Scene, main: ContainerFacts, base: Base, proof: Proof): Finding | null => {
	if (main.oomKilled && !isByHand(main.exitCode)) {
		return null;
	}

	const killed = main.exitCode === 137;
	const wasTold = scene.situation.happenings.some(event => event.kind === 'killed' && event.id === main.id && main.finishedAtMs !== null && Math.abs(event.atMs - main.finishedAtMs) < 30_000);
	if (killed && scene.oomKillsOf(main).some(kill => main.finishedAtMs !== null && Math.abs(kill.atMs - main.finishedAtMs) < 5000)) {
		return null;
	}

	if (killed || isByHand(main.exitCode) || wasTold) {
		const code = killed ? 'service-killed' : 'service-stopped';
		return found(code, {
			...base, evidence: proof(killed ? 'killed' : 'exited'), sinceMs: main.finishedAtMs,
			...(killed && !isMemoryRuledOut(scene, main, wasTold) ? {confidence: 'likely' as const, confirm: ['kernel-log'] as const} : {}),
		});
	}

	return null;
};
