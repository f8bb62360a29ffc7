/**
The actions that this console can do, and what a card resolves to on the server at hand: the exact command, where it runs, whom it touches,
what stands against it and how success is checked. Nothing here runs anything.

Actions are data: the shipped ones, starting and restarting any service of the project, and the cards of a runbook (`cardAction`).
Why the resolution is careful: `up -d api` by Compose v2 on a stack that v1 made recreates the database, Redis and the api (measured), so
the generation that made the containers is used; `up -d` does nothing for a paused api; variables and files come from the containers'
labels, never from where the operator stands.
*/

import {callsCompose, respell, scriptOf, stepsOf} from './action-words.ts';
import type {ActionHistory} from './action-history.ts';
import type {Preview} from './action-looks.ts';
import {planOf} from './action-plans.ts';
import {troublesOf, type Shown, type Trouble} from './action-troubles.ts';
import type {CommandId} from './keys.ts';
import {composeFor} from './compose-tools.ts';
import type {ComposeTools, Failure, GitFacts} from './ports.ts';
import type {Verification} from './run-verdict.ts';
import type {Situation} from './situation.ts';
import type {Risk} from './risk.ts';
import type {Settings} from './settings.ts';
import {compareNames} from './text.ts';

export {hasHiddenCharacters, isAnswer, locksConflict} from './action-words.ts';
export type {Trouble} from './action-troubles.ts';

/** `start-api`, `restart-worker`, `prune`, a runbook card's own. */
export type ActionId = string;

/** A value that a card asks for; it goes into the environment of the command, never into its text. */
export type Question = {
	/** The variable's name. */
	readonly name: string;
	/** How the card calls it; null where the program has its own words. */
	readonly label: string | null;
	/** Offered as it is; null: it must be answered before `y`. */
	readonly initial: string | null;
	/** An expression for the whole value; null: anything that is not empty. */
	readonly pattern: string | null;
};

export type ActionKind = 'start' | 'restart' | 'rebuild' | 'scale' | 'migrate' | 'backup' | 'delete-logs' | 'prune' | 'rollback-commit' | 'rollback-image' | 'rollback-back' | 'card';

export type Action = {
	readonly id: ActionId;
	/** The key's command; null: reached by palette, findings and runbook pages. */
	readonly command: CommandId | null;
	readonly kind: ActionKind;
	/** Null: the whole project, or the host. */
	readonly service: string | null;
	/** What it holds while it runs: its service, everything of the project, or something of the host that no service needs. */
	readonly scope: 'service' | 'project' | 'host';
	/** A card's own words; null: `messages` has them, by id. */
	readonly title: string | null;
	readonly effect: string | null;
	/** The runbook's own words. */
	readonly original: string;
	readonly risk: Risk;
	readonly questions: readonly Question[];
	readonly verification: Verification;
	readonly scenario: number | null;
	readonly deadlineMs: number;
	readonly hardLimitMs: number;
};

const minuteMs = 60_000;

const plain = {title: null, effect: null, risk: 'change', questions: [], scope: 'service', deadlineMs: 2 * minuteMs, hardLimitMs: 30 * minuteMs} as const;

const startOf = (service: string, command: CommandId | null = null, scenario: number | null = null): Action =>
	({...plain, id: `start-${service}`, command, kind: 'start', service, original: `docker-compose up -d ${service}`, scenario, verification: {by: 'pings', service, strict: false}});

const restartOf = (service: string, command: CommandId | null = null, scenario: number | null = null): Action =>
	({...plain, id: `restart-${service}`, command, kind: 'restart', service, original: `docker-compose restart ${service}`, scenario, verification: {by: 'pings', service, strict: false}});

const question = (name: string, initial: string | null, pattern: string): Question => ({name, label: null, initial, pattern});

const backupQuestions = [question('BACKUP_FIRST', null, 'yes|no'), question('BACKUP_DIRECTORY', null, '/.+')];

/** The shipped actions, each with a key. */
export const actions: readonly Action[] = [
	startOf('api', 'action-start-api', 1),
	restartOf('api', 'action-restart-api', 1),
	restartOf('nginx', 'action-restart-nginx', 4),
	{...restartOf('redis', 'action-restart-redis', 3), original: 'docker-compose down redis; docker-compose up -d redis'},
	{
		...plain, id: 'rebuild-api', command: 'action-rebuild-api', kind: 'rebuild', service: 'api', original: 'docker-compose build --no-cache api; docker-compose up -d api', scenario: 2,
		verification: {by: 'pings', service: 'api', strict: true}, deadlineMs: 20 * minuteMs, hardLimitMs: 60 * minuteMs,
	},
	{
		...plain, id: 'migrate', command: 'action-migrate', kind: 'migrate', service: 'api', original: 'docker-compose exec api flask db upgrade', scenario: 2,
		questions: backupQuestions, verification: {by: 'exit'}, deadlineMs: 10 * minuteMs,
	},
	{
		...plain, id: 'backup-db', command: 'action-backup-db', kind: 'backup', service: 'db', original: 'pg_dump', scenario: null,
		questions: [question('BACKUP_DIRECTORY', null, '/.+')], verification: {by: 'exit'}, deadlineMs: 20 * minuteMs, hardLimitMs: 60 * minuteMs,
	},
	{
		...plain, id: 'delete-logs', command: 'action-delete-logs', kind: 'delete-logs', service: null, scope: 'host', risk: 'destructive', original: 'find /var/log -name "*.log" -mtime +7 -delete', scenario: 3,
		questions: [question('DIRECTORY', '/var/log', String.raw`/(?!.*\.\.(?:/|$))[^/].*`), question('NAME', '*.log', '[^/]+'), question('DAYS', '7', String.raw`\d{1,4}`)], verification: {by: 'exit'}, deadlineMs: 5 * minuteMs,
	},
	{
		...plain, id: 'prune', command: 'action-prune', kind: 'prune', service: null, scope: 'project', risk: 'destructive', original: 'docker system prune -a -f', scenario: 3,
		questions: [question('DAYS', '7', String.raw`\d{1,4}`)], verification: {by: 'exit'}, deadlineMs: 10 * minuteMs,
	},
	{
		...plain, id: 'rollback-commit', command: 'action-rollback-commit', kind: 'rollback-commit', service: null, scope: 'project', risk: 'destructive',
		original: 'git checkout <commit>; docker-compose down; docker-compose up -d --build', scenario: 0,
		questions: [question('COMMIT', null, '[0-9a-f]{7,64}'), ...backupQuestions], verification: {by: 'pings', service: null, strict: true}, deadlineMs: 20 * minuteMs, hardLimitMs: 60 * minuteMs,
	},
	{
		...plain, id: 'rollback-image', command: 'action-rollback-image', kind: 'rollback-image', service: 'api', original: 'docker-compose pull; docker-compose up -d api', scenario: 0,
		questions: [question('IMAGE', null, String.raw`sha256:[0-9a-f]{64}|[\w./:-]+@sha256:[0-9a-f]{64}`)], verification: {by: 'pings', service: 'api', strict: true}, deadlineMs: 10 * minuteMs,
	},
	{
		...plain, id: 'rollback-back', command: 'action-rollback-back', kind: 'rollback-back', service: null, scope: 'project', original: '', scenario: 0,
		verification: {by: 'pings', service: null, strict: true}, deadlineMs: 10 * minuteMs,
	},
	{
		...plain, id: 'scale-api', command: 'action-scale-api', kind: 'scale', service: 'api', original: '', scenario: null,
		questions: [question('REPLICAS', null, '[1-9][0-9]?')], verification: {by: 'pings', service: 'api', strict: true}, deadlineMs: 5 * minuteMs,
	},
];

/** What Compose accepts as a service's name; another one never reaches a script. */
const serviceName = /^[A-Za-z0-9][\w.-]*$/;

/** The action of an id: a shipped one, a card, or starting or restarting any service. */
export const actionById = (id: string, cards: readonly Action[] = []): Action | null => {
	const own = actions.find(action => action.id === id) ?? cards.find(action => action.id === id);
	if (own !== undefined) {
		return own;
	}

	const [, verb, service = ''] = /^(start|restart)-(.+)$/s.exec(id) ?? [];
	return verb === undefined || !serviceName.test(service) ? null : (verb === 'start' ? startOf(service) : restartOf(service));
};

/** What a runbook's card says; the rest has defaults. */
export type CardSource = {
	readonly id: string;
	readonly title: string;
	readonly script: string;
	readonly risk: Risk;
	/** Null: the whole project. */
	readonly service: string | null;
	readonly effect?: string | null;
	readonly questions?: readonly Question[];
	/** How success is told; by default the exit code. A read is not verified. */
	readonly verify?: Verification;
	readonly scenario?: number | null;
	readonly deadlineMs?: number;
	readonly hardLimitMs?: number;
};

/** A runbook's card as an action. */
export const cardAction = (source: CardSource): Action => ({
	id: source.id,
	command: null,
	kind: 'card',
	service: source.service,
	scope: source.service === null ? 'project' : 'service',
	title: source.title,
	effect: source.effect ?? null,
	original: source.script.trim(),
	risk: source.risk,
	questions: source.questions ?? [],
	verification: source.risk === 'read' ? {by: 'none'} : source.verify ?? {by: 'exit'},
	scenario: source.scenario ?? null,
	deadlineMs: source.deadlineMs ?? 2 * minuteMs,
	hardLimitMs: Math.max(source.hardLimitMs ?? 30 * minuteMs, source.deadlineMs ?? 0),
});

/**
What `compose config` said, compared with the containers: the services that `up` would recreate; variables that compose found unset; variables that have
a value in those containers and would be blank (null: that could not be found out).
*/
export type Drift =
	| {readonly state: 'unknown' | 'asked'}
	| {readonly state: 'known'; readonly services: readonly string[]; readonly unset?: readonly string[]; readonly blanked?: readonly string[] | null}
	| {readonly state: 'failed'; readonly detail: string};

export type ResolvedAction = {
	readonly action: Action;
	readonly risk: Risk;
	/** The steps as text, in order; a change stops at the first that fails. */
	readonly steps: readonly string[];
	/** All of them, one a line: what the card shows and `c` copies. */
	readonly script: string;
	/** What bash gets. */
	readonly runScript: string;
	/** True where the console spells something otherwise than the runbook does. */
	readonly respelled: boolean;
	readonly directory: string;
	readonly environment: Readonly<Record<string, string>>;
	/** The answers to the card's questions that go with it. */
	readonly values: Readonly<Record<string, string>>;
	readonly project: string;
	readonly lock: string;
	/** The word that arms a destructive card. */
	readonly target: string;
	readonly troubles: readonly Trouble[];
	/** Pings by which success is judged; empty: the container's own state is, or the exit code. */
	readonly checks: readonly string[];
	/** Which compose will be called; null when none can. */
	readonly composeWords: readonly string[] | null;
	/** It calls `up`, which may recreate what is there. */
	readonly recreates: boolean;
	/** It makes containers by the definition of now: compose is asked how that differs from those that are there. */
	readonly compares: boolean;
	/** Its `up` makes nothing anew that the service depends on. */
	readonly alone: boolean;
	/** What would go, or what is there. */
	readonly preview: Shown | null;
};

export type ActionWorld = {
	readonly situation: Situation;
	readonly settings: Settings;
	readonly tools: ComposeTools | null;
	readonly drift: Drift;
	readonly readOnly: boolean;
	readonly running: readonly {readonly lock: string; readonly actor: string}[];
	/** Answers to the card's questions so far. */
	readonly values?: Readonly<Record<string, string>>;
	/** What was looked up for this card: what would go, what is there. */
	readonly preview?: Preview;
	readonly git?: {readonly facts: GitFacts | null; readonly failure: Failure | null};
	readonly history?: ActionHistory;
	readonly nowMs?: number;
	/** Where backups go unless the operator says otherwise; null when no place is known. */
	readonly backupDirectory?: string | null;
};

const scopeLock = {service: '', project: '*', host: ':host'} as const;

/** What the card of an action shows and would run, given what is known now. */
export const resolveAction = (action: Action, world: ActionWorld): ResolvedAction => {
	const {situation, settings, tools, drift} = world;
	const facts = situation.project.facts;
	const project = facts?.name ?? '';
	const {words, other, silent} = composeFor(tools, facts?.composeVersion ?? null);
	const plan = planOf(action, {...world, words: words ?? ['docker-compose']});
	const steps = action.kind === 'card' ? stepsOf(respell(action.original, words)) : plan.steps;
	const script = steps.join('\n');
	const values = valuesOf(action, plan.values, world.values ?? {});
	const lock = `${project}/${action.scope === 'service' ? action.service ?? '*' : scopeLock[action.scope]}`;
	const {recreates, adds, alone} = plan;
	const compares = recreates || adds;
	const directory = facts?.directory ?? settings.directory ?? '';
	const troubles = troublesOf(action, {...world, script, directory, words, other, silent, lock, values, recreates, adds, alone, needsCompose: plan.needsCompose || callsCompose(script), own: plan.troubles});
	const recreatesMore = recreates && drift.state === 'known' && drift.services.some(service => service !== action.service && !plan.meant.includes(service));
	return {
		action,
		// The other generation recreates everything that `up` touches, the database included; so does a changed definition.
		// What could not be compared may recreate anything: unknown is not harmless.
		risk: plan.loses ? 'destructive' : action.risk !== 'read' && ((recreates && (other || recreatesMore)) || (compares && drift.state === 'failed')) ? 'destructive' : action.risk,
		steps,
		script,
		runScript: action.risk === 'read' ? `${script}\n` : scriptOf(steps),
		respelled: script !== action.original,
		directory,
		environment: {
			...values,
			COMPOSE_PROJECT_NAME: project,
			...(facts !== null && facts.configFiles.length > 0 ? {COMPOSE_FILE: facts.configFiles.join(':')} : {}),
		},
		values,
		project,
		lock,
		target: plan.target ?? action.service ?? project,
		troubles,
		checks: checksOf(action.verification, situation),
		composeWords: words,
		recreates,
		compares,
		alone,
		preview: plan.preview,
	};
};

/** The pings that judge: those of the service, or every decisive one. */
export const checksOf = (verification: Verification, situation: Situation): readonly string[] => verification.by !== 'pings' ? [] : situation.pings
	.filter(({target}) => verification.service === null ? target.decisive : target.service === verification.service)
	.map(({target}) => target.name);

/** The answers to the card's questions (given, else proposed by the plan, else offered), and what the plan worked out. Nothing else gets in. */
const valuesOf = (action: Action, proposed: Readonly<Record<string, string>>, given: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
	const asked = action.questions.map(({name, initial}): readonly [string, string | null] => [name, given[name] ?? proposed[name] ?? initial]);
	const own = Object.entries(proposed).filter(([name]) => name.startsWith('MDC_'));
	return Object.fromEntries([...own, ...asked.filter((entry): entry is readonly [string, string] => entry[1] !== null)]);
};

/**
Reads `compose config --hash '*'` (a line each: service, hash) against the containers' labels.
Answers with the services, among `service` (null: all) and what it depends on (`alone`: not that), that `up` would recreate because their definition changed.
*/
export const compareHashes = (output: string, service: string | null, situation: Situation, alone = false): readonly string[] => {
	const declared = situation.project.composeFile.value?.services ?? [];
	const hashes = new Map(output.split('\n').map(line => line.trim().split(/\s+/)).filter(words => words.length === 2).map(([name, hash]) => [name!, hash!]));
	const touched = new Set<string>(service === null ? hashes.keys() : [service]);
	for (const name of alone ? [] : touched) {
		for (const dependency of declared.find(other => other.name === name)?.dependsOn ?? []) {
			touched.add(dependency);
		}
	}

	const containers = (situation.containers.value ?? []).filter(container => !container.oneOff);
	return [...touched].filter(name => {
		const hash = hashes.get(name);
		return hash !== undefined && containers.some(container => container.service === name && container.configHash !== null && container.configHash !== hash);
	}).toSorted(compareNames);
};

/** The variables that compose found unset, from its warnings: `up` would hand blanks to the containers. */
export const unsetVariables = (warnings: string): readonly string[] =>
	[...new Set([...warnings.matchAll(/The \\?"?(\w+)\\?"? variable is not set/g)].map(match => match[1]!))].toSorted(compareNames);
