/**
A run from claim to verdict: what is known of it, and how its success is told. Pure; called with facts since the command's end only.
*/

import type {RunRecord} from './ports.ts';
import type {Situation} from './situation.ts';

/** By pings: recovered or not. By exit code: done or failed. Cannot tell: nothing answered, or the outcome was lost. */
export type Verdict = 'recovered' | 'not-recovered' | 'cannot-tell' | 'done' | 'failed';

/**
How success is told. By the pings of a service (null: every decisive one; without any, by its containers); `strict`: a command that failed is
not saved by pings that stayed green all along. By the exit code. Or not at all: a read.
*/
export type Verification =
	| {readonly by: 'pings'; readonly service: string | null; readonly strict: boolean}
	| {readonly by: 'exit'}
	| {readonly by: 'none'};

export const isVerdict = (value: unknown): value is Verdict =>
	value === 'recovered' || value === 'not-recovered' || value === 'cannot-tell' || value === 'done' || value === 'failed';

/** Does its command go on, whether or not its supervisor lives to tell the end? Its target is taken, and its files are needed. */
export const goesOn = ({state}: Pick<RunRecord, 'state'>): boolean => state === 'running' || state === 'orphaned';

export type Run = {
	readonly id: string;
	readonly action: string;
	/** A card's own title; null where `messages` has one. */
	readonly title: string | null;
	/** Empty: the whole project, or the host. */
	readonly service: string;
	readonly verification: Verification;
	readonly script: string;
	readonly lock: string;
	readonly actor: string;
	/** Started by this console, or found: somebody else's, or ours from before a cut. */
	readonly own: boolean;
	readonly phase: 'claiming' | 'refused' | 'running' | 'verifying' | 'done';
	/** Why it was refused; `detail` is the system's own words. */
	readonly refusal: {readonly code: string; readonly holder: string; readonly detail: string} | null;
	readonly confirmedAtMs: number;
	readonly startedAtMs: number | null;
	readonly endedAtMs: number | null;
	/** The check's deadline counts from here: the command's end, or the moment at which a console found it ended. */
	readonly verifyFromMs: number | null;
	readonly deadlineMs: number;
	readonly exitCode: number | null;
	readonly cancelled: boolean;
	readonly timedOut: boolean;
	/** Its supervisor is gone while its script goes on: no exit code will come, and nobody keeps the hard limit. */
	readonly orphaned: boolean;
	readonly lost: boolean;
	readonly leftRunning: readonly string[];
	readonly cancelAsked: boolean;
	/** Asked to stop between two steps, which may still be long away: it can be cancelled at once all the same. */
	readonly stopAsked: boolean;
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
	const {verification} = run;
	const own = verdictByExit(run);
	if (own !== null || verification.by !== 'pings') {
		return {...run, phase: 'done', verdict: own, verdictAtMs: nowMs};
	}

	const deaths = situation.deaths.filter(death => (verification.service === null || death.service === verification.service) && death.atMs > endedAtMs);
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

/** The verdict that needs no look at the services; null where they must be asked, or where nothing is to be judged. */
const verdictByExit = (run: Run): Verdict | null => {
	const isGood = run.exitCode === 0 && !run.cancelled && !run.timedOut;
	switch (run.verification.by) {
		case 'pings': {
			return run.verification.strict && !isGood && !run.lost ? 'failed' : null;
		}

		case 'exit': {
			return run.lost ? 'cannot-tell' : (isGood ? 'done' : 'failed');
		}

		case 'none': {
			return null;
		}
	}
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
	const containers = (situation.containers.value ?? []).filter(container => (run.service === '' || container.service === run.service) && !container.oneOff);
	const atMs = situation.containers.atMs ?? 0;
	if (atMs <= afterMs || containers.length === 0) {
		return {good: 0, answers: run.answers, firstGoodAtMs: null};
	}

	const isGood = containers.every(container => container.state === 'running' && (container.health === 'none' || container.health === 'healthy'));
	const kept = run.firstGoodAtMs !== null && run.firstGoodAtMs > afterMs ? run.firstGoodAtMs : atMs;
	const firstGoodAtMs = isGood ? kept : null;
	return {good: firstGoodAtMs === null ? 0 : Math.min(goodAnswersNeeded, 1 + Math.floor((atMs - firstGoodAtMs) / 1500)), answers: run.answers + 1, firstGoodAtMs};
};
