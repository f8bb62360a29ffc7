/**
What stands against an action, or is to be known before `y`: one rule each, from what is known of the server now. A trouble speaks in a code;
`messages` has the sentence.
*/

import {hasHiddenCharacters, isAnswer, locksConflict} from './action-words.ts';
import type {Action, ActionWorld, Drift} from './actions.ts';
import type {Item} from './action-looks.ts';
import type {ContainerFacts, SilentTool} from './ports.ts';
import type {Situation} from './situation.ts';

/** Something to know before `y`. `blocks`: the card cannot be run as things are. */
export type Trouble = {
	readonly code:
		| 'read-only' | 'engine-down' | 'no-project' | 'no-directory' | 'no-compose' | 'compose-silent' | 'unknown-service' | 'hidden-characters' | 'already-running' | 'still-looking'
		| 'other-compose' | 'would-recreate' | 'compare-failed' | 'comparing' | 'paused-not-healed' | 'nothing-to-restart' | 'already-healthy' | 'dependency-down'
		| 'variable-missing' | 'variable-refused' | 'variables-blanked' | 'variables-unset' | 'looking' | 'look-failed' | 'not-entered' | 'disk-tight'
		| 'replica-differs' | 'replica-blanked' | 'replica-unknown'
		| 'redis-kept' | 'redis-lost' | 'redis-unknown' | 'port-fixed' | 'ports-too-few' | 'ports-enough' | 'same-scale'
		| 'no-backup' | 'last-backup' | 'database-size' | 'backup-none' | 'backup-offered' | 'nothing-to-remove' | 'with-sudo' | 'needs-root' | 'full-elsewhere' | 'logs-proposed' | 'prune-keeps'
		| 'git-failed' | 'commit-here' | 'commit-unlisted' | 'migration-between' | 'tree-dirty' | 'head-detached' | 'history-shallow' | 'has-submodules' | 'foreign-owner'
		| 'image-unnamed' | 'image-here' | 'image-unsure' | 'nothing-recorded' | 'way-back' | 'card-gone';
	readonly blocks: boolean;
	readonly params: Readonly<Record<string, string>>;
};

/** What an action does, worked out for the server at hand. */
export type Plan = {
	readonly steps: readonly string[];
	/** Answers that the plan proposes, and variables that it worked out itself (named `MDC_…`). */
	readonly values: Readonly<Record<string, string>>;
	/** It calls `up`, so compose is asked what that would recreate. */
	readonly recreates: boolean;
	/** Its `up` leaves what is there and makes more containers of its service, by the definition of now: compose is asked how that differs. */
	readonly adds: boolean;
	/** Its `up` makes nothing anew that the service depends on (`--no-deps`, `--no-recreate`). */
	readonly alone: boolean;
	/** Services that it is there to recreate, besides its own: that they differ raises no risk. */
	readonly meant: readonly string[];
	readonly needsCompose: boolean;
	/** The word that arms it, where it is not the service or the project. */
	readonly target: string | null;
	readonly troubles: readonly Trouble[];
	/** What would go, or what is there; null while it is not known, or where there is nothing to show. */
	readonly preview: Shown | null;
	/** As things are it can lose data, though in general it does not. */
	readonly loses: boolean;
};

/** Things to show on a card: some of them, and how much they are in all. */
export type Shown = {readonly items: readonly Item[]; readonly bytes: number | null; readonly count?: number};

export const blank: Plan = {steps: [], values: {}, recreates: false, adds: false, alone: false, meant: [], needsCompose: true, target: null, troubles: [], preview: null, loses: false};

export const trouble = (code: Trouble['code'], blocks: boolean, params: Readonly<Record<string, string>> = {}): Trouble => ({code, blocks, params});

type World = ActionWorld & {
	readonly script: string;
	readonly directory: string;
	readonly words: readonly string[] | null;
	readonly other: boolean;
	readonly silent: SilentTool | null;
	readonly lock: string;
	readonly values: Readonly<Record<string, string>>;
	readonly recreates: boolean;
	readonly adds: boolean;
	readonly alone: boolean;
	readonly needsCompose: boolean;
	/** What the plan itself found. */
	readonly own: readonly Trouble[];
};

/** Everything that stands against the action or is to be known, what blocks first. */
export const troublesOf = (action: Action, world: World): readonly Trouble[] => {
	const {situation, tools, drift, readOnly, running, words, other, directory} = world;
	const facts = situation.project.facts;
	const isRead = action.risk === 'read';
	const holder = isRead ? undefined : running.find(run => locksConflict(run.lock, world.lock));
	const containers = (situation.containers.value ?? []).filter(container => container.service === action.service && !container.oneOff);
	const first: readonly Trouble[] = [
		...(readOnly && !isRead ? [trouble('read-only', true)] : []),
		...(situation.engine.state === 'down' && !isRead ? [trouble('engine-down', true)] : []),
		...(facts === null ? [trouble('no-project', true)] : []),
		...(facts !== null && directory === '' ? [trouble('no-directory', true)] : []),
		...(world.needsCompose && tools === null ? [trouble('still-looking', true)] : []),
		...(world.needsCompose && tools !== null && words === null ? [composeTrouble(world.silent)] : []),
		...(holder === undefined ? [] : [trouble('already-running', true, {actor: holder.actor})]),
		...(world.script === '' && world.own.length === 0 ? [trouble('card-gone', true)] : []),
		...(hasHiddenCharacters(world.script + directory) ? [trouble('hidden-characters', true)] : []),
		...questionTroubles(action, world.values),
		...(action.kind === 'card' ? [] : serviceTroubles(action, situation, containers)),
		...world.own,
	];
	// While something else is in the way compose is not asked: then nothing says that it is.
	const isAsked = (world.recreates || world.adds) && (drift.state === 'known' || drift.state === 'failed' || !first.some(({blocks}) => blocks));
	return [
		...first,
		...(isAsked ? (world.adds ? replicaTroubles(drift, action.service ?? '') : driftTroubles(drift)) : []),
		...(other && world.needsCompose ? [trouble('other-compose', false, {made: facts?.composeVersion ?? '?', command: (words ?? []).join(' '), reach: reachOf(action, world)})] : []),
	];
};

const composeTrouble = (silent: SilentTool | null): Trouble => silent === null
	? trouble('no-compose', true)
	: trouble('compose-silent', true, {tool: silent.tool, code: silent.failure.code, detail: silent.failure.detail});

/** What the other generation would make anew. */
const reachOf = ({service}: Action, {recreates, alone}: World): 'nothing' | 'service' | 'dependencies' | 'project' =>
	recreates ? (service === null ? 'project' : (alone ? 'service' : 'dependencies')) : 'nothing';

const questionTroubles = (action: Action, values: Readonly<Record<string, string>>): readonly Trouble[] => action.questions.flatMap(question => {
	const value = values[question.name];
	const params = {name: question.name, label: question.label ?? ''};
	return value === undefined || value === '' ? [trouble('variable-missing', true, params)] : (isAnswer(question, value) ? [] : [trouble('variable-refused', true, params)]);
});

const serviceTroubles = (action: Action, situation: Situation, containers: readonly ContainerFacts[]): readonly Trouble[] => {
	const {service} = action;
	if (situation.containers.value === null || service === null) {
		return [];
	}

	const isDeclared = situation.project.composeFile.value?.services.some(other => other.name === service) ?? false;
	if (containers.length === 0) {
		if (action.kind === 'restart') {
			return [trouble(isDeclared ? 'nothing-to-restart' : 'unknown-service', true, {service})];
		}

		return isDeclared || situation.project.composeFile.value === null ? [] : [trouble('unknown-service', true, {service})];
	}

	const dependencies = situation.project.composeFile.value?.services.find(other => other.name === service)?.dependsOn ?? [];
	const down = dependencies.filter(name => {
		const own = (situation.containers.value ?? []).filter(container => container.service === name && !container.oneOff);
		return own.length > 0 && own.every(container => container.state !== 'running');
	});
	const checks = situation.pings.filter(ping => ping.target.service === service);
	const isMending = action.kind === 'start' || action.kind === 'restart';
	return [
		...(action.kind === 'start' && containers.some(container => container.state === 'paused') ? [trouble('paused-not-healed', false, {service})] : []),
		...(down.length > 0 ? [trouble('dependency-down', false, {services: down.join(', ')})] : []),
		...(isMending && checks.length > 0 && checks.every(ping => ping.last?.ok === true) ? [trouble('already-healthy', false, {service})] : []),
	];
};

const driftTroubles = (drift: Drift): readonly Trouble[] => {
	switch (drift.state) {
		case 'unknown':
		case 'asked': {
			// It takes a second or two; `y` waits for it, since the card must name what would be recreated.
			return [trouble('comparing', true)];
		}

		case 'known': {
			const services = drift.services.join(', ');
			const blanked = drift.blanked ?? [];
			const unset = drift.unset ?? [];
			return [
				...(services === '' ? [] : [trouble('would-recreate', false, {services})]),
				// Made with a value that only the deployer's shell had: recreated now, the container would get a blank.
				...(blanked.length === 0 ? [] : [trouble('variables-blanked', true, {names: blanked.join(', '), services})]),
				...(services !== '' && drift.blanked === null && unset.length > 0 ? [trouble('variables-unset', false, {names: unset.join(', ')})] : []),
			];
		}

		case 'failed': {
			return [trouble('compare-failed', false, {detail: drift.detail})];
		}
	}
};

/** What a container that is added would have otherwise than those that run. */
const replicaTroubles = (drift: Drift, service: string): readonly Trouble[] => {
	switch (drift.state) {
		case 'unknown':
		case 'asked': {
			return [trouble('looking', true)];
		}

		case 'known': {
			const blanked = drift.blanked ?? [];
			const unset = drift.unset ?? [];
			return [
				...(drift.services.length === 0 ? [] : [trouble('replica-differs', false, {service})]),
				// Half of the requests would go to a container without the value that only the deployer's shell had.
				...(blanked.length === 0 ? [] : [trouble('replica-blanked', true, {names: blanked.join(', '), service})]),
				...(drift.services.length > 0 && drift.blanked === null && unset.length > 0 ? [trouble('variables-unset', false, {names: unset.join(', ')})] : []),
			];
		}

		case 'failed': {
			return [trouble('replica-unknown', false, {detail: drift.detail})];
		}
	}
};
