/**
Fails at start: a container that dies by itself, once or again and again, and why its own last lines say so. Kills for want of memory are
`resources.ts`.
*/

import type {ContainerFacts} from '../ports.ts';
import {afterEdit, rebuildOf, restartOf} from './actions-for.ts';
import {crashWindowMs, pingEvidence, type Clue, type Scene, type Service} from './scene.ts';
import type {SignatureKind} from './matcher.ts';
import {isByHand, pageOf} from './stopped.ts';
import {evidence, found, type Evidence, type Finding, type FindingCode} from './types.ts';

const steadyMs = 30_000;

/** Deaths of a service in the last minutes that nobody asked for. */
export const crashesOf = (scene: Scene, service: Service): readonly {readonly atMs: number; readonly exitCode: number | null}[] =>
	scene.situation.deaths.filter(death => death.service === service.name && death.atMs > scene.nowMs - crashWindowMs && !wasAskedFor(scene, death));

const stopTakesMs = 15_000;

/** Somebody sent a signal to that very life: what was started after it dies by itself. */
const wasAskedFor = ({situation: {happenings}}: Scene, death: {readonly id: string; readonly atMs: number}): boolean => {
	const killed = happenings.findLast(event => event.kind === 'killed' && event.id === death.id && Math.abs(event.atMs - death.atMs) < stopTakesMs && event.atMs < death.atMs + 1000);
	return killed !== undefined && !happenings.some(event => event.kind === 'started' && event.id === death.id && event.atMs > killed.atMs && event.atMs < death.atMs);
};

/** Does it die by itself: between two lives now, down with an error, or up only since a moment after several deaths? */
export const isCrashing = (scene: Scene, service: Service, container: ContainerFacts): boolean => {
	if (container.state === 'restarting') {
		return true;
	}

	if (container.state === 'exited') {
		return !isByHand(container.exitCode) || (container.restarts > 0 && container.restartPolicy === 'on-failure');
	}

	const upMs = container.startedAtMs === null ? Infinity : scene.nowMs - container.startedAtMs;
	// A database that says that it is starting is what it says, unless it has died of that before.
	const excused = service.failing.some(({last}) => last?.reason === 'starting-up') ? 1 : 0;
	return container.state === 'running' && container.restarts > 0 && upMs < steadyMs && !service.answers && crashesOf(scene, service).length > excused;
};

type Cause = {
	readonly kind: SignatureKind;
	readonly code: FindingCode;
	readonly actions: (service: Service, scene: Scene) => readonly string[];
	readonly scenario?: number;
	readonly confirm?: Finding['confirm'];
	/** A defect of the code: with a new commit the deploy is to blame. */
	readonly ofCode?: boolean;
};

/** What the last lines may prove, the most telling first. */
const causes: readonly Cause[] = [
	{kind: 'no-space', code: 'disk-full', scenario: 3, actions: () => ['delete-logs', 'prune'], confirm: ['df']},
	{kind: 'config-invalid', code: 'proxy-config-invalid', actions: restartOf, confirm: ['nginx-t', 'git-log']},
	{kind: 'upstream-unresolved', code: 'upstream-unresolved', actions: restartOf, confirm: ['inspect-network']},
	{kind: 'missing-variable', code: 'missing-variable', actions: afterEdit, confirm: ['compare-env']},
	{kind: 'syntax-error', code: 'syntax-error', actions: rebuildOf, confirm: ['git-log'], ofCode: true},
	{kind: 'dependency-error', code: 'dependency-error', actions: rebuildOf, confirm: ['git-log'], ofCode: true},
	{kind: 'database-auth', code: 'database-auth', actions: afterEdit, confirm: ['select-1', 'compare-env']},
	{kind: 'database-missing', code: 'database-missing', actions: afterEdit, confirm: ['select-1', 'compare-env']},
	{kind: 'connections', code: 'database-connections', actions: restartOf, confirm: ['postgres-activity']},
	{kind: 'migration-broken', code: 'migration-broken', actions: () => ['rollback-commit', 'migrate'], confirm: ['alembic-current']},
	{kind: 'migration-pending', code: 'migration-pending', actions: () => ['migrate', 'rollback-commit'], confirm: ['alembic-current']},
	{kind: 'read-only', code: 'disk-read-only', scenario: 3, actions: restartOf, confirm: ['kernel-log', 'df']},
	{kind: 'bad-command', code: 'bad-command', actions: service => [`rebuild-${service.name}`, `start-${service.name}`], confirm: ['images']},
	{kind: 'data-broken', code: 'data-broken', actions: () => [], confirm: ['images', 'read-log']},
	{kind: 'permission', code: 'permission-denied', actions: service => [`restart-${service.name}`], confirm: ['read-log']},
	{kind: 'too-many-files', code: 'files-exhausted', scenario: 3, actions: restartOf},
	{kind: 'too-many-processes', code: 'processes-exhausted', scenario: 3, actions: restartOf},
	{kind: 'cache-auth', code: 'cache-unreachable', actions: afterEdit, confirm: ['compare-env']},
	{kind: 'database-unreachable', code: 'database-unreachable', actions: afterEdit, confirm: ['select-1', 'inspect-network']},
	{kind: 'cache-unreachable', code: 'cache-unreachable', actions: afterEdit, confirm: ['redis-info', 'inspect-network']},
	{kind: 'starting-up', code: 'database-starting', actions: restartOf},
	{kind: 'app-error', code: 'crash-loop', actions: rebuildOf, confirm: ['read-log'], ofCode: true},
	{kind: 'failed-boot', code: 'crash-loop', actions: rebuildOf, confirm: ['read-log'], ofCode: true},
];

/** Why a service dies at its start; null when it does not. */
export const failsAtStart = (scene: Scene, service: Service): Finding | null => {
	const {main} = service;
	if (main === null || !isCrashing(scene, service, main)) {
		return null;
	}

	const shown: readonly Evidence[] = [crashEvidence(scene, service, main), ...service.failing.slice(0, 1).map(ping => pingEvidence(ping))];
	const sinceMs = crashesOf(scene, service)[0]?.atMs ?? main.finishedAtMs;
	const base = {service: service.name, sinceMs};
	const best = bestCause(scene, service);
	if (best === null) {
		return unexplained(scene, service, main, shown, base);
	}

	const {cause, clue} = best;
	// Somebody holds the port that it wants to listen on, inside: another process of its own.
	return found(cause.code, {
		...(cause.scenario === undefined ? pageOf(service, 2) : {scenario: cause.scenario, outside: null}), ...base, confidence: cause.kind === 'app-error' || cause.kind === 'failed-boot' ? 'likely' : 'certain',
		params: clue.params, evidence: [shown[0]!, clue.evidence, ...unsetEvidence(main, clue), ...shown.slice(1)], actions: cause.actions(service, scene), confirm: cause.confirm ?? [],
	});
};

/** The container's own definition confirms it: the variable is there, and empty. */
const unsetEvidence = (main: ContainerFacts, clue: Clue): readonly Evidence[] => {
	const name = clue.kind === 'missing-variable' ? clue.params['name'] : undefined;
	return name !== undefined && main.environment.unset.includes(name) ? [evidence('variable-unset', {name}, main.createdAtMs, {kind: 'container', id: main.id})] : [];
};

/** What only says that it died, not of what. */
const vague: ReadonlySet<SignatureKind> = new Set(['app-error', 'failed-boot']);
/** Where nobody saw when the last life began: what was said shortly before the newest word is of the same one. */
const oneLifeMs = 1500;

/** When the life began that the newest word is of; what stands in the log from before is another's. */
const lastLifeMs = (scene: Scene, main: ContainerFacts | null, newestMs: number): number => {
	if (main !== null && main.state !== 'running' && main.startedAtMs !== null) {
		return Math.min(main.startedAtMs - 1000, newestMs);
	}

	// It runs again and has said something since.
	if (main?.startedAtMs != null && newestMs >= main.startedAtMs) {
		return main.startedAtMs;
	}

	// It runs again and is still silent: its last life lies between its last two deaths.
	const deathBefore = scene.situation.deaths.filter(({id}) => id === main?.id).at(-2);
	return deathBefore === undefined ? newestMs - oneLifeMs : Math.min(deathBefore.atMs, newestMs);
};

/**
The first of the causes that a line of its last life proves: who mended one thing and now dies of the next is told the next. A word on the database that some
other cause explains does not count for more than that.
*/
const bestCause = (scene: Scene, service: Service): {readonly cause: Cause; readonly clue: Clue} | null => {
	const told = causes.flatMap(cause => {
		const clue = scene.clue(service, cause.kind);
		return clue !== null && isItsOwn(service, cause) ? [{cause, clue}] : [];
	});
	const newestMs = Math.max(...told.filter(({cause}) => !vague.has(cause.kind)).map(({clue}) => clue.atMs ?? -Infinity));
	const beganMs = lastLifeMs(scene, service.main, newestMs);
	return told.find(({cause, clue}) => vague.has(cause.kind) || clue.atMs === null || clue.atMs >= beganMs) ?? null;
};

/** A database speaks of roles and missing tables all day: of its clients' mistakes. What stops it itself is other things. */
const isItsOwn = (service: Service, {kind}: Cause): boolean =>
	service.role !== 'database' || kind === 'no-space' || kind === 'data-broken' || kind === 'permission' || kind === 'read-only' || kind === 'bad-command' || kind === 'too-many-files' || kind === 'dependency-error';

/** A defect of the code, of which a deploy may be the reason. */
export const isOfCode = (code: FindingCode): boolean => code === 'crash-loop' || code === 'answers-500' || causes.some(cause => cause.code === code && cause.ofCode === true);

const crashEvidence = (scene: Scene, service: Service, main: ContainerFacts): Evidence => {
	const crashes = crashesOf(scene, service);
	const last = crashes.at(-1);
	const exitCode = main.state === 'running' ? last?.exitCode ?? main.exitCode : main.exitCode;
	return evidence('restarted-often', {service: service.name, restarts: main.restarts, exitCode, lately: crashes.length}, last?.atMs ?? main.finishedAtMs, {kind: 'container', id: main.id});
};

const unexplained = (scene: Scene, service: Service, main: ContainerFacts, shown: readonly Evidence[], base: Pick<Finding, 'service' | 'sinceMs'>): Finding | null => {
	// Of a death that was only read from the facts of the next life the code is not known, and that is not 0.
	const exitCode = main.state === 'running' ? crashesOf(scene, service).at(-1)?.exitCode ?? null : main.exitCode;
	if (exitCode === 126 || exitCode === 127) {
		return found('bad-command', {...pageOf(service, 2), ...base, confidence: 'certain', params: {command: `${main.entrypoint} ${main.command}`.trim()}, evidence: shown, actions: [`rebuild-${service.name}`, `start-${service.name}`], confirm: ['read-log']});
	}

	if (exitCode === 0 && (main.restarts > 0 || main.state === 'restarting')) {
		return found('command-ends', {...pageOf(service, 2), ...base, evidence: [...shown, evidence('command-is', {image: main.image, command: `${main.entrypoint} ${main.command}`.trim()}, main.createdAtMs, {kind: 'container', id: main.id})], actions: [`start-${service.name}`, `rebuild-${service.name}`], confirm: ['images', 'git-log']});
	}

	const ranMs = main.startedAtMs === null || main.finishedAtMs === null ? 0 : main.finishedAtMs - main.startedAtMs;
	if (main.state === 'exited' && main.restarts === 0 && ranMs > 120_000) {
		return found('service-crashed', {...pageOf(service, 1), ...base, confidence: 'certain', evidence: shown, actions: [`start-${service.name}`], confirm: ['read-log']});
	}

	return found('crash-loop', {...pageOf(service, 2), ...base, confidence: 'likely', evidence: shown, actions: [`start-${service.name}`, 'rollback-commit'], confirm: ['read-log']});
};
