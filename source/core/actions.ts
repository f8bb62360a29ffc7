/**
The actions of the runbook that this console can do, and what a card resolves to on the server at hand: the exact command, where it runs,
whom it touches, what stands against it and how success is checked. Nothing here runs anything.

Why the resolution is careful: `up -d api` by Compose v2 on a stack that v1 made recreates the database, Redis and the api (measured), so
the generation that made the containers is used; `up -d` does nothing for a paused api; variables and files come from the containers'
labels, never from where the operator stands.
*/

import type {CommandId} from './keys.ts';
import type {ComposeTools, ContainerFacts} from './ports.ts';
import type {Situation} from './situation.ts';
import type {Settings} from './settings.ts';

export type ActionId = 'start-api' | 'restart-api' | 'restart-nginx';
export type Risk = 'read' | 'change' | 'destructive';

export type Action = {
	readonly id: ActionId;
	readonly command: CommandId;
	readonly service: string;
	readonly verb: 'up' | 'restart';
	/** The runbook's own words. */
	readonly original: string;
	readonly scenario: number;
	readonly deadlineMs: number;
	readonly hardLimitMs: number;
};

const minuteMs = 60_000;

export const actions: readonly Action[] = [
	{id: 'start-api', command: 'action-start-api', service: 'api', verb: 'up', original: 'docker-compose up -d api', scenario: 1, deadlineMs: 2 * minuteMs, hardLimitMs: 30 * minuteMs},
	{id: 'restart-api', command: 'action-restart-api', service: 'api', verb: 'restart', original: 'docker-compose restart api', scenario: 1, deadlineMs: 2 * minuteMs, hardLimitMs: 30 * minuteMs},
	{id: 'restart-nginx', command: 'action-restart-nginx', service: 'nginx', verb: 'restart', original: 'docker-compose restart nginx', scenario: 4, deadlineMs: 2 * minuteMs, hardLimitMs: 30 * minuteMs},
];

export const actionById = (id: string): Action | null => actions.find(action => action.id === id) ?? null;

/** Something to know before `y`. `blocks`: the card cannot be run as things are. */
export type Trouble = {
	readonly code:
		| 'read-only' | 'engine-down' | 'no-project' | 'no-directory' | 'no-compose' | 'unknown-service' | 'hidden-characters' | 'already-running' | 'still-looking'
		| 'other-compose' | 'would-recreate' | 'compare-failed' | 'comparing' | 'paused-not-healed' | 'nothing-to-restart' | 'already-healthy' | 'dependency-down';
	readonly blocks: boolean;
	readonly params: Readonly<Record<string, string>>;
};

/** What `compose config --hash` said, compared with the containers' labels: the services that `up` would recreate. */
export type Drift = {readonly state: 'unknown' | 'asked'} | {readonly state: 'known'; readonly services: readonly string[]} | {readonly state: 'failed'; readonly detail: string};

export type ResolvedAction = {
	readonly action: Action;
	readonly risk: Risk;
	/** The text that bash gets, one line. */
	readonly script: string;
	/** True where the console spells compose otherwise than the runbook does. */
	readonly respelled: boolean;
	readonly directory: string;
	readonly environment: Readonly<Record<string, string>>;
	readonly project: string;
	readonly lock: string;
	readonly troubles: readonly Trouble[];
	/** Pings by which success is judged; empty: the container's own state is. */
	readonly checks: readonly string[];
	/** Which compose will be called; null when none can. */
	readonly composeWords: readonly string[] | null;
};

/** Control, bidirectional and invisible characters in a command block `y`: what is shown must be what runs. */
export const hasHiddenCharacters = (script: string): boolean => /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u.test(script.replaceAll('\n', '').replaceAll('\t', ''));

const trouble = (code: Trouble['code'], blocks: boolean, params: Readonly<Record<string, string>> = {}): Trouble => ({code, blocks, params});

const majorOf = (version: string | null): number | null => {
	const major = Number(/^v?(\d+)/.exec(version ?? '')?.[1]);
	return Number.isInteger(major) ? major : null;
};

const composeFor = (tools: ComposeTools | null, made: string | null): {readonly words: readonly string[] | null; readonly other: boolean} => {
	if (tools === null) {
		return {words: null, other: false};
	}

	const first = majorOf(made);
	const v1 = tools.v1 === null ? null : ['docker-compose'];
	const v2 = tools.v2?.words ?? null;
	if (first === 1) {
		return v1 === null ? {words: v2, other: v2 !== null} : {words: v1, other: false};
	}

	// Made by v2 or later, or made by nothing yet: v2 first.
	return v2 === null ? {words: v1, other: v1 !== null && first !== null} : {words: v2, other: false};
};

/** What the card of an action shows and would run, given what is known now. */
export const resolveAction = (action: Action, world: {
	readonly situation: Situation;
	readonly settings: Settings;
	readonly tools: ComposeTools | null;
	readonly drift: Drift;
	readonly readOnly: boolean;
	readonly running: readonly {readonly lock: string; readonly actor: string}[];
}): ResolvedAction => {
	const {situation, settings, tools, drift, readOnly, running} = world;
	const facts = situation.project.facts;
	const project = facts?.name ?? '';
	const directory = facts?.directory ?? settings.directory ?? '';
	const containers = (situation.containers.value ?? []).filter(container => container.service === action.service && !container.oneOff);
	const {words, other} = composeFor(tools, facts?.composeVersion ?? null);
	const script = [...(words ?? ['docker-compose']), ...(action.verb === 'up' ? ['up', '-d', action.service] : ['restart', action.service])].join(' ');
	const lock = `${project}/${action.service}`;
	const holder = running.find(run => run.lock === lock);
	const first: readonly Trouble[] = [
		...(readOnly ? [trouble('read-only', true)] : []),
		...(situation.engine.state === 'down' ? [trouble('engine-down', true)] : []),
		...(facts === null ? [trouble('no-project', true)] : []),
		...(facts !== null && directory === '' ? [trouble('no-directory', true)] : []),
		...(tools === null ? [trouble('still-looking', true)] : []),
		...(tools !== null && words === null ? [trouble('no-compose', true)] : []),
		...(holder === undefined ? [] : [trouble('already-running', true, {actor: holder.actor})]),
		...(hasHiddenCharacters(script + directory) ? [trouble('hidden-characters', true)] : []),
		...serviceTroubles(action, situation, containers),
	];
	// While something else is in the way compose is not asked: then nothing says that it is.
	const isAsked = action.verb === 'up' && (drift.state === 'known' || drift.state === 'failed' || !first.some(({blocks}) => blocks));
	const troubles: readonly Trouble[] = [
		...first,
		...(isAsked ? driftTroubles(drift) : []),
		...(other ? [trouble('other-compose', false, {made: facts?.composeVersion ?? '?', command: (words ?? []).join(' ')})] : []),
	];
	const recreates = action.verb === 'up' && drift.state === 'known' && drift.services.some(service => service !== action.service);
	return {
		action,
		// The other generation recreates everything that `up` touches, the database included; so does a changed definition.
		// What could not be compared may recreate anything: unknown is not harmless.
		risk: action.verb === 'up' && (other || recreates || drift.state === 'failed') ? 'destructive' : 'change',
		script,
		respelled: script !== action.original,
		directory,
		environment: {
			COMPOSE_PROJECT_NAME: project,
			...(facts !== null && facts.configFiles.length > 0 ? {COMPOSE_FILE: facts.configFiles.join(':')} : {}),
		},
		project,
		lock,
		troubles,
		checks: situation.pings.filter(ping => ping.target.service === action.service).map(ping => ping.target.name),
		composeWords: words,
	};
};

const serviceTroubles = (action: Action, situation: Situation, containers: readonly ContainerFacts[]): readonly Trouble[] => {
	const isDeclared = situation.project.composeFile.value?.services.some(service => service.name === action.service) ?? false;
	if (situation.containers.value === null) {
		return [];
	}

	if (containers.length === 0) {
		if (action.verb === 'restart') {
			return [trouble(isDeclared ? 'nothing-to-restart' : 'unknown-service', true, {service: action.service})];
		}

		return isDeclared || situation.project.composeFile.value === null ? [] : [trouble('unknown-service', true, {service: action.service})];
	}

	const dependencies = situation.project.composeFile.value?.services.find(service => service.name === action.service)?.dependsOn ?? [];
	const down = dependencies.filter(name => {
		const own = (situation.containers.value ?? []).filter(container => container.service === name && !container.oneOff);
		return own.length > 0 && own.every(container => container.state !== 'running');
	});
	const checks = situation.pings.filter(ping => ping.target.service === action.service);
	return [
		...(action.verb === 'up' && containers.some(container => container.state === 'paused') ? [trouble('paused-not-healed', false, {service: action.service})] : []),
		...(down.length > 0 ? [trouble('dependency-down', false, {services: down.join(', ')})] : []),
		...(checks.length > 0 && checks.every(ping => ping.last?.ok === true) ? [trouble('already-healthy', false, {service: action.service})] : []),
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
			return drift.services.length === 0 ? [] : [trouble('would-recreate', false, {services: drift.services.join(', ')})];
		}

		case 'failed': {
			return [trouble('compare-failed', false, {detail: drift.detail})];
		}
	}
};

/**
Reads `compose config --hash '*'` (a line each: service, hash) against the containers' labels.
Answers with the services, among `service` and what it depends on, that `up` would recreate because their definition changed.
*/
export const compareHashes = (output: string, service: string, situation: Situation): readonly string[] => {
	const declared = situation.project.composeFile.value?.services ?? [];
	const touched = new Set<string>([service]);
	for (const name of touched) {
		for (const dependency of declared.find(other => other.name === name)?.dependsOn ?? []) {
			touched.add(dependency);
		}
	}

	const hashes = new Map(output.split('\n').map(line => line.trim().split(/\s+/)).filter(words => words.length === 2).map(([name, hash]) => [name!, hash!]));
	const containers = (situation.containers.value ?? []).filter(container => !container.oneOff);
	return [...touched].filter(name => {
		const hash = hashes.get(name);
		return hash !== undefined && containers.some(container => container.service === name && container.configHash !== null && container.configHash !== hash);
	}).toSorted((a, b) => a.localeCompare(b));
};

// ─── a run, from claim to verdict ────────────────────────────────────────────

export type Verdict = 'recovered' | 'not-recovered' | 'cannot-tell';

export type Run = {
	readonly id: string;
	readonly action: string;
	readonly service: string;
	readonly script: string;
	readonly lock: string;
	readonly actor: string;
	/** Started by this console, or found: somebody else's, or ours from before a cut. */
	readonly own: boolean;
	readonly phase: 'claiming' | 'refused' | 'running' | 'verifying' | 'done';
	/** Why it was refused. */
	readonly refusal: {readonly code: string; readonly holder: string} | null;
	readonly confirmedAtMs: number;
	readonly startedAtMs: number | null;
	readonly endedAtMs: number | null;
	/** The check's deadline counts from here: the command's end, or the moment at which a console found it ended. */
	readonly verifyFromMs: number | null;
	readonly deadlineMs: number;
	readonly exitCode: number | null;
	readonly cancelled: boolean;
	readonly timedOut: boolean;
	readonly lost: boolean;
	readonly leftRunning: readonly string[];
	readonly cancelAsked: boolean;
	readonly checks: readonly string[];
	/** Good answers in a row of every check since the command's end, or since the last death after it. */
	readonly good: number;
	readonly answers: number;
	readonly firstGoodAtMs: number | null;
	readonly deathsAfter: number;
	readonly verdict: Verdict | null;
	readonly verdictAtMs: number | null;
};

export const goodAnswersNeeded = 3;

/** Seconds from the start of the command to the first of the good answers: how long it took to bring health back. */
export const recoveryMs = (run: Run, verifyDeadlineMs = Infinity): number | null =>
	run.verdict === 'recovered' && run.firstGoodAtMs !== null && run.startedAtMs !== null && !isFoundLate(run, verifyDeadlineMs) ? run.firstGoodAtMs - run.startedAtMs : null;

/** Found so long after its end that nobody can say what it did: it is neither blamed nor timed. */
const isFoundLate = (run: Run, verifyDeadlineMs: number): boolean => run.endedAtMs !== null && run.verifyFromMs !== null && run.verifyFromMs - run.endedAtMs > verifyDeadlineMs;

/** An answer older than this at the deadline is no answer to judge by: this console was stopped, or the clock was set. */
const freshMs = 8000;
const lateAtMostMs = 120_000;

/** The run after the check's pings answered, or a death, or time passing. Pure; called with facts since the command's end only. */
export const verifyStep = (run: Run, situation: Situation, nowMs: number, verifyDeadlineMs: number): Run => {
	if (run.phase !== 'verifying' || run.endedAtMs === null) {
		return run;
	}

	const endedAtMs = run.endedAtMs;
	const deaths = situation.deaths.filter(death => death.service === run.service && death.atMs > endedAtMs);
	const lastDeathAtMs = Math.max(endedAtMs, ...deaths.map(death => death.atMs));
	const judged = run.checks.length > 0 ? judgeByPings(run, situation, lastDeathAtMs) : judgeByContainers(run, situation, lastDeathAtMs);
	const next: Run = {...run, ...judged, deathsAfter: deaths.length};
	if (next.good >= goodAnswersNeeded) {
		return {...next, phase: 'done', verdict: 'recovered', verdictAtMs: nowMs};
	}

	if (nowMs - (run.verifyFromMs ?? endedAtMs) >= verifyDeadlineMs) {
		const overdueMs = nowMs - (run.verifyFromMs ?? endedAtMs) - verifyDeadlineMs;
		const newestAtMs = Math.max(...situation.pings.filter(ping => run.checks.includes(ping.target.name)).map(ping => ping.last?.atMs ?? -Infinity));
		const isStale = run.checks.length > 0 && next.answers > 0 && nowMs - newestAtMs > freshMs;
		if ((next.good > 0 || isStale) && overdueMs < lateAtMostMs) {
			return next;
		}

		const isUnknown = next.answers === 0 || isStale || isFoundLate(run, verifyDeadlineMs);
		return {...next, phase: 'done', verdict: isUnknown ? 'cannot-tell' : 'not-recovered', verdictAtMs: nowMs};
	}

	return next.good === run.good && next.answers === run.answers && next.deathsAfter === run.deathsAfter && next.firstGoodAtMs === run.firstGoodAtMs ? run : next;
};

type Judged = Pick<Run, 'good' | 'answers' | 'firstGoodAtMs'>;

const judgeByPings = (run: Run, situation: Situation, afterMs: number): Judged => {
	const pings = situation.pings.filter(ping => run.checks.includes(ping.target.name));
	const answered = pings.filter(ping => ping.last !== null && ping.last.atMs > afterMs);
	// `streak` may have begun before the command's end (a restart quicker than a ping): only what came after counts.
	const goods = pings.map(ping => ping.last !== null && ping.last.ok && ping.last.atMs > afterMs ? goodsAfter(ping, afterMs) : {count: 0, firstAtMs: null});
	const good = goods.length === 0 ? 0 : Math.min(...goods.map(({count}) => count));
	const firsts = goods.map(({firstAtMs}) => firstAtMs);
	return {
		good,
		answers: answered.length > 0 ? Math.max(run.answers, 1) : run.answers,
		firstGoodAtMs: good > 0 && firsts.every(first => first !== null) ? Math.max(...firsts) : null,
	};
};

const goodsAfter = (ping: {readonly recent: readonly {readonly ok: boolean; readonly atMs: number}[]}, afterMs: number): {readonly count: number; readonly firstAtMs: number | null} => {
	let count = 0;
	let firstAtMs: number | null = null;
	for (const answer of ping.recent.toReversed()) {
		if (!answer.ok || answer.atMs <= afterMs) {
			break;
		}

		count++;
		firstAtMs = answer.atMs;
	}

	return {count, firstAtMs};
};

/** Without a ping the container's own word counts: running, and healthy if it says, for three looks three seconds apart in all. */
const judgeByContainers = (run: Run, situation: Situation, afterMs: number): Judged => {
	const containers = (situation.containers.value ?? []).filter(container => container.service === run.service && !container.oneOff);
	const atMs = situation.containers.atMs ?? 0;
	if (atMs <= afterMs || containers.length === 0) {
		return {good: 0, answers: run.answers, firstGoodAtMs: null};
	}

	const isGood = containers.every(container => container.state === 'running' && (container.health === 'none' || container.health === 'healthy'));
	const kept = run.firstGoodAtMs !== null && run.firstGoodAtMs > afterMs ? run.firstGoodAtMs : atMs;
	const firstGoodAtMs = isGood ? kept : null;
	return {good: firstGoodAtMs === null ? 0 : Math.min(goodAnswersNeeded, 1 + Math.floor((atMs - firstGoodAtMs) / 1500)), answers: run.answers + 1, firstGoodAtMs};
};
