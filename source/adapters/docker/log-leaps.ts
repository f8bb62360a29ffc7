/**
A flood that is looked at instead of read. Hides when a log is no longer followed, how its newest lines are looked at meanwhile, and when it is followed again.

Why: the engine writes a followed log line by line. At 50,000 lines a second that took 28 % of a core in dockerd beside what writing them takes, 25 % in the console,
and on a server of two cores the pane was seconds behind all the same (20.10, measured). Nobody reads that. Its newest lines four times a second cost next to nothing.

Invariants: nothing is handed over twice, and nothing is left out without being told: exactly where the newest lines reach back to those before, else by the rate that was measured when
the log was last followed (`isEstimate`). It is followed again as soon as the newest lines reach back or lie far enough apart for a second, and every minute for a moment, to measure it anew.
*/

import type {Clock, LogRequest, RawLogLine} from '../../core/ports.ts';
import {partsOf} from './stamp.ts';

export type ResumePoint = NonNullable<LogRequest['after']>;

export type Leaps = {
	/** The lines that follow, with what lies between them and those before where that was not read; to be told in this order. */
	passed(lines: readonly RawLogLine[], skipped: number): {readonly skipped: number; readonly isEstimate: boolean};
	/** How many lines a second a flooded stream brings, by their own stamps. */
	flooding(linesPerSecond: number): void;
	/** What is followed does not begin where the lines before it ended. */
	torn(): void;
	stop(): void;
};

export type LeapOptions = {
	readonly clock: Clock;
	/** Hands over what the stream still holds, and closes it. */
	readonly leave: () => void;
	/** Reads the newest `count` lines once, those at or before `after` left out. */
	readonly look: (after: ResumePoint, count: number, looked: (lines: readonly RawLogLine[]) => void) => void;
	/** Follows again from there. */
	readonly follow: (after: ResumePoint) => void;
	readonly deliver: (lines: readonly RawLogLine[], skipped: number, isEstimate: boolean) => void;
};

const leapAbove = 10_000;
const patienceMs = {first: 3000, again: 1000};
const everyMs = 250;
const followAgainMs = 60_000;
const calmLooks = 4;
const lookedLines = 200;
const shownLines = 50;

const secondsBetween = (stamp: string, later: string): number => {
	const [before, behind] = [partsOf(stamp), partsOf(later)];
	return before === null || behind === null ? 0 : (behind.secondMs - before.secondMs) / 1000 + (behind.nanoseconds - before.nanoseconds) / 1e9;
};

/** Makes the leaps of one log. */
export const createLeaps = ({clock, leave, look, follow, deliver}: LeapOptions): Leaps => {
	let point: ResumePoint | null = null;
	let linesPerSecond = 0;
	let floodedSinceMs: number | null = null;
	let followAgainAtMs = 0;
	let isKnownFlood = false;
	let isTorn = false;
	let calm = 0;
	let cancel: (() => void) | null = null;

	const remember = (lines: readonly RawLogLine[]): void => {
		for (const {stamp} of lines) {
			point = {stamp, count: point?.stamp === stamp ? point.count + 1 : 1};
		}
	};

	/** About how many lines lie between those before and this one. */
	const gapBefore = (line: RawLogLine): number => Math.max(1, Math.round(linesPerSecond * secondsBetween(point?.stamp ?? '', line.stamp)));

	const followAgain = (isFlood: boolean): void => {
		isKnownFlood = isFlood;
		floodedSinceMs = null;
		calm = 0;
		follow(point!);
	};

	const looked = (lines: readonly RawLogLine[]): void => {
		const reachesBack = lines.length < lookedLines;
		const gap = reachesBack ? 0 : gapBefore(lines[0]!);
		const shown = lines.slice(-shownLines);
		remember(lines);
		deliver(shown, lines.length - shown.length + gap, gap > 0);
		if (reachesBack) {
			followAgain(false);
			return;
		}

		// In bursts they lie close together whatever comes in a second: only the other way round it tells something.
		calm = lines.length / secondsBetween(lines[0]!.stamp, lines.at(-1)!.stamp) < leapAbove ? calm + 1 : 0;
		if (calm >= calmLooks || clock.monotonicMs() >= followAgainAtMs) {
			followAgain(true);
		} else {
			cancel = clock.after(everyMs, lookOnce);
		}
	};

	const lookOnce = (): void => {
		cancel = null;
		look(point!, lookedLines, looked);
	};

	return {
		passed(lines, skipped) {
			const gap = isTorn && lines.length > 0 ? gapBefore(lines[0]!) : 0;
			isTorn = isTorn && lines.length === 0;
			remember(lines);
			return {skipped: skipped + gap, isEstimate: gap > 0};
		},
		flooding(rate) {
			if (rate < leapAbove || point === null || point.stamp === '') {
				floodedSinceMs = null;
				return;
			}

			const nowMs = clock.monotonicMs();
			floodedSinceMs ??= nowMs;
			if (nowMs - floodedSinceMs >= (isKnownFlood ? patienceMs.again : patienceMs.first)) {
				// Measured again for a second only: half of what was known stays.
				linesPerSecond = isKnownFlood ? (linesPerSecond + rate) / 2 : rate;
				floodedSinceMs = null;
				followAgainAtMs = nowMs + followAgainMs;
				leave();
				lookOnce();
			}
		},
		torn() {
			isTorn = true;
		},
		stop() {
			cancel?.();
			cancel = null;
		},
	};
};
