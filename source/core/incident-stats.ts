/**
How a project's incidents went, in numbers: times to detect, acknowledge, mitigate and resolve, by scenario, and downtime and uptime by month. Hides how
spans are cut at the borders of months, and that two outages at once hurt customers only once.

A false alarm counts in no figure but its own number.
*/

import type {Report} from './incident-report.ts';

/** A month in the reader's time zone; `label` such as `2026-01`. */
export type Month = {readonly label: string; readonly fromMs: number; readonly toMs: number};

export type Spread = {readonly count: number; readonly meanMs: number; readonly medianMs: number};

export type MonthFigures = {
	readonly label: string;
	readonly incidents: number;
	readonly falseAlarms: number;
	readonly downMs: number;
	/** Of the month so far, as the journal tells; null for a month of which it tells nothing. */
	readonly uptime: number | null;
	/** What the SLA allows in the whole month, and whether more than that was used. */
	readonly allowedMs: number;
	readonly isMissed: boolean;
};

export type Stats = {
	readonly project: string;
	/** When its journal begins; null where it is empty. */
	readonly recordedFromMs: number | null;
	readonly incidents: number;
	readonly falseAlarms: number;
	/** From the impact's beginning to being opened; from opened to acknowledged; from the impact's beginning to mitigated, and to resolved. */
	readonly detect: Spread | null;
	readonly acknowledge: Spread | null;
	readonly mitigate: Spread | null;
	readonly resolve: Spread | null;
	/** `scenario` null: outside the runbook's. Most frequent first. */
	readonly byScenario: readonly {readonly scenario: number | null; readonly incidents: number; readonly downMs: number}[];
	/** Oldest first. */
	readonly months: readonly MonthFigures[];
};

/** Mean and median; null of nothing. */
export const spreadOf = (spans: readonly number[]): Spread | null => {
	if (spans.length === 0) {
		return null;
	}

	const sorted = spans.toSorted((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	const medianMs = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
	return {count: sorted.length, meanMs: sorted.reduce((sum, span) => sum + span, 0) / sorted.length, medianMs};
};

type Span = {readonly fromMs: number; readonly toMs: number};

/** Spans that overlap as one. */
const united = (spans: readonly Span[]): readonly Span[] => {
	const out: Span[] = [];
	for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
		const last = out.at(-1);
		if (last === undefined || span.fromMs > last.toMs) {
			out.push(span);
		} else {
			out[out.length - 1] = {fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs)};
		}
	}

	return out;
};

const inMonth = ({fromMs, toMs}: Span, month: Month): number => Math.max(0, Math.min(toMs, month.toMs) - Math.max(fromMs, month.fromMs));

export type StatsTimes = {readonly months: readonly Month[]; readonly nowMs: number; readonly recordedFromMs: number | null};

/** The figures of one project; `months` are oldest first, `sla` is a share such as 0.999. */
export const statsOf = (project: string, reports: readonly Report[], times: StatsTimes, sla: number): Stats => {
	const {months, nowMs, recordedFromMs} = times;
	const real = reports.filter(({state}) => state !== 'cancelled');
	const fromBegan = (at: (report: Report) => number | undefined): readonly number[] => real.flatMap(report => {
		const atMs = at(report);
		return atMs === undefined ? [] : [Math.max(0, atMs - report.impactBegan.atMs)];
	});
	const outages = united(real.flatMap(report => report.outages.map(({fromMs, toMs}) => ({fromMs, toMs: toMs ?? nowMs}))));
	return {
		project,
		recordedFromMs,
		incidents: real.length,
		falseAlarms: reports.length - real.length,
		detect: spreadOf(fromBegan(({detected}) => detected.atMs)),
		acknowledge: spreadOf(real.flatMap(({acknowledged, detected}) => acknowledged === null ? [] : [Math.max(0, acknowledged.atMs - detected.atMs)])),
		mitigate: spreadOf(fromBegan(({mitigated}) => mitigated?.atMs)),
		resolve: spreadOf(fromBegan(({ended}) => ended?.atMs)),
		byScenario: scenariosOf(real),
		months: months.map(month => monthOf(month, reports, outages, sla, times)),
	};
};

const scenariosOf = (reports: readonly Report[]): Stats['byScenario'] => {
	const groups = Map.groupBy(reports, ({scenario}) => scenario);
	return [...groups].map(([scenario, of]) => ({scenario, incidents: of.length, downMs: of.reduce((sum, {downMs}) => sum + downMs, 0)}))
		.toSorted((a, b) => b.incidents - a.incidents || b.downMs - a.downMs);
};

const monthOf = (month: Month, reports: readonly Report[], outages: readonly Span[], sla: number, {nowMs, recordedFromMs}: StatsTimes): MonthFigures => {
	const began = reports.filter(({impactBegan}) => impactBegan.atMs >= month.fromMs && impactBegan.atMs < month.toMs);
	const downMs = outages.reduce((sum, outage) => sum + inMonth(outage, month), 0);
	const passedMs = Math.min(nowMs, month.toMs) - month.fromMs;
	const allowedMs = (1 - sla) * (month.toMs - month.fromMs);
	return {
		label: month.label,
		incidents: began.filter(({state}) => state !== 'cancelled').length,
		falseAlarms: began.filter(({state}) => state === 'cancelled').length,
		downMs,
		uptime: passedMs <= 0 || recordedFromMs === null || (recordedFromMs >= month.toMs && downMs === 0) ? null : 1 - Math.min(1, downMs / passedMs),
		allowedMs,
		isMissed: downMs > allowedMs,
	};
};
