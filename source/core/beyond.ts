/**
What is known beyond the panes, for the diagnosis alone: which log lines bore a signature, what happened to containers lately, what changed in the
checkout, when images were made, what Compose is doing, and what deeper looks answered. Every list is bounded.
*/

import {withMatches, type LogMatch} from './diagnosis/matcher.ts';
import {withProbe} from './diagnosis/probes.ts';
import type {ProbeAnswer} from './diagnosis/types.ts';
import type {SafeText} from './text.ts';
import type {BackupFile, ComposeRun, ContainerEvent, DeployFacts, Failure} from './ports.ts';

export type Beyond = {
	/** By container and signature: the last line and the count. */
	readonly matches: Readonly<Record<string, LogMatch>>;
	/** What the engine told of containers, oldest first; health checks and one-offs aside. */
	readonly happenings: readonly ContainerEvent[];
	readonly deploys: {readonly value: DeployFacts | null; readonly atMs: number | null; readonly failure: Failure | null};
	/** When each image was made, by id. */
	readonly imageTimes: Readonly<Record<string, number>>;
	readonly composeRuns: {readonly runs: readonly ComposeRun[]; readonly atMs: number | null};
	readonly probes: Readonly<Record<string, ProbeAnswer>>;
	/** What lies where backups should be; empty while nobody has looked. */
	readonly backups: readonly BackupPlace[];
};

/** A directory of backups: the team's, or where this console puts its own. */
export type BackupPlace = {readonly directory: string; readonly isOwn: boolean; /** Newest first. */ readonly files: readonly BackupFile[]; /** A newer one may lie where nobody could look. */ readonly isPartial: boolean; readonly failure: Failure | null; readonly atMs: number};

export type BeyondEvent =
	| {readonly type: 'log/matched'; readonly matches: readonly LogMatch[]}
	| {readonly type: 'project/deploysRead'; readonly facts: DeployFacts; readonly atMs: number}
	| {readonly type: 'project/deploysUnread'; readonly failure: Failure}
	| {readonly type: 'project/composeWatched'; readonly runs: readonly ComposeRun[]; readonly atMs: number}
	| {readonly type: 'images/timed'; readonly times: Readonly<Record<string, number>>}
	| {readonly type: 'backups/looked'; readonly places: readonly BackupPlace[]}
	| {readonly type: 'diagnosis/probed'; readonly key: string; readonly answer: ProbeAnswer};

export const initialBeyond: Beyond = {matches: {}, happenings: [], deploys: {value: null, atMs: null, failure: null}, imageTimes: {}, composeRuns: {runs: [], atMs: null}, probes: {}, backups: []};

const imagesKept = 200;

/** What is known after one more fact. Equal facts give the same object. */
export const learnBeyond = <T extends Beyond>(before: T, event: BeyondEvent, redactText: (text: SafeText) => SafeText): T => {
	const clean = <V extends string | number>(values: Readonly<Record<string, V>>): Readonly<Record<string, V>> =>
		Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? redactText(value as SafeText & V) as V & SafeText : value]));
	switch (event.type) {
		case 'log/matched': {
			return event.matches.length === 0 ? before : {...before, matches: withMatches(before.matches, event.matches.map(match => ({...match, line: redactText(match.line), params: clean(match.params)})))};
		}

		case 'project/deploysRead': {
			return {...before, deploys: {value: {...event.facts, commits: event.facts.commits.map(commit => ({...commit, subject: redactText(commit.subject), how: redactText(commit.how)}))}, atMs: event.atMs, failure: null}};
		}

		case 'project/deploysUnread': {
			return {...before, deploys: {...before.deploys, failure: event.failure}};
		}

		case 'project/composeWatched': {
			const isSame = event.runs.length === 0 && before.composeRuns.runs.length === 0 && before.composeRuns.atMs !== null;
			return isSame ? before : {...before, composeRuns: {runs: event.runs, atMs: event.atMs}};
		}

		case 'images/timed': {
			return {...before, imageTimes: Object.fromEntries([...Object.entries(before.imageTimes), ...Object.entries(event.times)].slice(-imagesKept))};
		}

		case 'backups/looked': {
			return {...before, backups: event.places};
		}

		case 'diagnosis/probed': {
			return {...before, probes: withProbe(before.probes, event.key, {...event.answer, facts: clean(event.answer.facts)})};
		}
	}
};

const happeningsKept = 120;

/** The happenings after one more; a health check's own are left out, they would fill the list in minutes. */
export const withHappening = (happenings: readonly ContainerEvent[], event: ContainerEvent): readonly ContainerEvent[] =>
	event.oneOff || event.kind === 'health' || event.kind === 'updated' || event.kind === 'renamed' ? happenings : [...happenings.slice(-(happeningsKept - 1)), event];
