/**
A drill's scenario as data: what happened before, what breaks when, what cures it, and what is worth talking about afterwards. The shape of a scenario file after
reading; the file's own notation is `config/drill-schema.ts`.
*/

import {actions} from './actions.ts';
import {drillServices, type Fault, type FaultKind} from './drill-faults.ts';
import type {FindingCode, OutsideScenario} from './diagnosis/types.ts';
import {compareNames} from './text.ts';

export type Bilingual = {readonly en: string; readonly 'pt-BR': string};

/** A commit that was deployed: built, and the api made anew from it. */
export type Deploy = {
	readonly subject: string;
	readonly author: string;
	readonly files: readonly string[];
	/** It brings a database migration: already applied, or forgotten. */
	readonly migration: 'none' | 'applied' | 'pending';
};

/** What happens when. `atMs` counts from the moment at which the console opens; before it, it is negative. */
export type DrillEvent = {readonly atMs: number} & (
	| {readonly type: 'fault'; readonly fault: Fault}
	| {readonly type: 'heal'; readonly kind: FaultKind}
	| {readonly type: 'deploy'; readonly deploy: Deploy}
	/** `.env` or the compose file was edited; containers keep what they were made with. */
	| {readonly type: 'edit'; readonly path: string}
);

/** One step of the shortest good way. */
export type IdealStep = {
	readonly action: string;
	/** From the opening of the console to its verdict, at the pace of somebody who knows. */
	readonly withinMs: number;
};

/** The runbook's page that it is about: a scenario's number, or what lies beside them. */
export type DrillPage = number | OutsideScenario;

export type Difficulty = 'easy' | 'medium' | 'hard';

export type DrillScenario = {
	readonly name: string;
	readonly title: Bilingual;
	/** What the operator is told at the beginning: never the cause. */
	readonly briefing: Bilingual;
	readonly page: DrillPage;
	readonly difficulty: Difficulty;
	readonly events: readonly DrillEvent[];
	/** The finding that the evidence proves first. */
	readonly expects: {readonly finding: FindingCode; readonly service: string | null};
	/** Empty: nothing is to be changed, only looked at. */
	readonly ideal: readonly IdealStep[];
	/** Actions that do harm or nothing here, and why: told in the debrief to whoever took one. */
	readonly wrong: readonly {readonly action: string; readonly why: Bilingual}[];
	/** Told in the debrief only. */
	readonly cause: Bilingual;
	readonly lesson: Bilingual;
	/** For the team's meeting: what this scenario is worth talking about, beside what the drill itself gives reason to ask. */
	readonly questions: readonly Bilingual[];
};

/** The order of the list: the runbook's pages first, then what lies beside them; easy before hard. */
export const drillOrder = (a: DrillScenario, b: DrillScenario): number =>
	pageRank(a.page) - pageRank(b.page) || difficultyRank[a.difficulty] - difficultyRank[b.difficulty] || compareNames(a.name, b.name);

/** The order in which to practise them: easy before hard, then as in the list. */
export const byDifficulty = (a: DrillScenario, b: DrillScenario): number => difficultyRank[a.difficulty] - difficultyRank[b.difficulty] || drillOrder(a, b);

const outsideOrder: readonly OutsideScenario[] = ['rollback', 'dependency', 'engine', 'none'];
const pageRank = (page: DrillPage): number => typeof page === 'number' ? page : 10 + outsideOrder.indexOf(page);
const difficultyRank: Readonly<Record<Difficulty, number>> = {easy: 0, medium: 1, hard: 2};

/** How far before the console's opening the story begins. */
export const leadMsOf = ({events}: DrillScenario): number => Math.max(0, ...events.map(({atMs}) => -atMs));

/** What a scenario may say that the evidence proves. */
export const findingCodes = [
	'service-missing', 'service-stopped', 'service-killed', 'service-crashed', 'service-paused', 'created-not-started', 'service-dead', 'image-missing', 'port-taken',
	'start-refused', 'missing-variable', 'database-auth', 'database-missing', 'database-unreachable', 'cache-unreachable', 'migration-pending', 'migration-broken',
	'dependency-error', 'syntax-error', 'bad-command', 'command-ends', 'permission-denied', 'bad-health-check', 'crash-loop', 'out-of-memory', 'worker-out-of-memory',
	'memory-near-limit', 'host-memory', 'disk-full', 'inodes-gone', 'disk-read-only', 'cpu-saturated', 'cpu-throttled', 'files-exhausted', 'processes-exhausted',
	'clock-off', 'proxy-config-invalid', 'proxy-wrong-port', 'upstream-unresolved', 'stale-upstream', 'proxy-cannot-reach', 'proxy-timeout', 'detached-from-network',
	'alias-missing', 'port-unreachable', 'certificate-bad', 'not-listening', 'database-refuses', 'database-connections', 'database-starting', 'cache-full',
	'dependency-refuses', 'service-hangs', 'workers-stopped', 'answers-500', 'answers-unhealthy', 'service-unhealthy', 'service-slow', 'engine-down', 'host-rebooted',
	'memory-leak', 'disk-filling', 'certificate-soon', 'restarts-adding-up', 'latency-drifting', 'bad-deploy', 'nothing-wrong-here', 'cannot-tell',
] as const satisfies readonly FindingCode[];

/** The actions that a scenario may speak of: those with a key, and starting or restarting one service. */
export const drillActions: readonly string[] = [...new Set([...actions.map(({id}) => id), ...drillServices.flatMap(service => [`start-${service}`, `restart-${service}`])])];
