/**
What is kept before a change takes it away: the last lines of the containers' logs, how the containers stood, and the state that a way back leads to.
It goes into the journal with the incident; values of environments are never part of it.
*/

import type {Action, ResolvedAction} from './actions.ts';
import type {ContainerFacts, Json} from './ports.ts';
import {record, type Step} from './step.ts';

const evidenceLines = 60;

/** `up` may recreate the container, and its log goes with it: the last lines and its facts are kept with the incident. */
export const keepEvidence = (step: Step, resolved: ResolvedAction, run: string): Step => {
	const {action} = resolved;
	const containers = (step.state.situation.containers.value ?? []).filter(container => (action.scope !== 'service' || container.service === action.service) && !container.oneOff);
	const touched = action.scope === 'host' ? [] : containers;
	const kept = touched.reduce((next, container) => {
		const lines = next.state.logBook.tail(container.id, evidenceLines).map(line => next.state.secrets.redact(line));
		const withLog = lines.length === 0 ? next : record(next, {type: 'log/kept', data: {service: container.service, lines}});
		return takesAway(action) ? record(withLog, {type: 'container/kept', data: factsOf(container)}) : withLog;
	}, step);
	return takesAway(action) ? recordBefore(kept, resolved, run) : kept;
};

/** After a restart the container is still there with its log and its facts; after these it may not be. */
const takesAway = (action: Action): boolean => action.kind !== 'restart' && action.kind !== 'backup' && action.kind !== 'delete-logs' && action.kind !== 'migrate';

/** What `docker inspect` told of it, without its environment. */
const factsOf = (container: ContainerFacts): {readonly [key: string]: Json} => {
	const {id, name, service, image, imageId, state, health, healthOutput, exitCode, oomKilled, error, restarts, createdAtMs, startedAtMs, finishedAtMs, memoryLimitBytes, cpuLimitCores, configHash, ports, networks} = container;
	return {
		id, name, service, image, imageId, state, health, healthOutput, exitCode, oomKilled, error, restarts, createdAtMs, startedAtMs, finishedAtMs, memoryLimitBytes, cpuLimitCores, configHash,
		ports: ports.map(port => ({...port})), networks: networks.map(network => ({name: network.name, address: network.address})),
	};
};

/** Commit, branch, images and definitions as they are now: where the way back leads. */
const recordBefore = (step: Step, {action}: ResolvedAction, run: string): Step => {
	const {git, situation} = step.state;
	const services = (situation.containers.value ?? []).filter(container => !container.oneOff && container.number <= 1);
	return record(step, {
		type: 'state/before',
		data: {
			run, action: action.id, commit: git.facts?.head ?? null, branch: git.facts?.branch ?? null,
			images: services.map(({service, image, imageId}) => ({service, name: image, id: imageId})),
			configHashes: Object.fromEntries(services.map(({service, configHash}) => [service, configHash])),
		},
	});
};
