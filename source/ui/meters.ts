/**
Bars and sparklines in text: a share as a bar, a series as one glyph for each ten seconds. Groups are aligned to the clock, so that a line moves
once in ten seconds and a steady one sends nothing.
*/

import {repeat, span, type Line, type Span} from './lines.ts';
import type {Tone} from './theme.ts';

const levels = '▁▂▃▄▅▆▇█';

/** A bar of exactly `columns`: filled in `tone`, the rest a dim track. `share` from 0 to 1. */
export const bar = (share: number, columns: number, tone: Tone): Line => {
	const clamped = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0));
	// Half columns are fine enough: with eighths a bar would be sent anew at every reading.
	const steps = Math.round(clamped * columns * 2);
	const full = Math.floor(steps / 2);
	const part = steps % 2 === 0 ? '' : '▌';
	return [repeat('█', full, tone), span(part, tone), repeat('░', columns - full - part.length, 'dim')];
};

const groupMs = 10_000;

/** Points in groups of ten seconds, oldest first; the newest point was at `lastAtMs`, the others `intervalMs` apart. */
export const grouped = <T>(points: readonly T[], lastAtMs: number, intervalMs: number): ReadonlyArray<readonly T[]> => {
	const groups: T[][] = [];
	let current = NaN;
	for (const [index, point] of points.entries()) {
		const group = Math.floor((lastAtMs - ((points.length - 1 - index) * intervalMs)) / groupMs);
		if (group === current) {
			groups.at(-1)!.push(point);
		} else {
			groups.push([point]);
			current = group;
		}
	}

	return groups;
};

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Shares from 0 to 1 as glyphs, newest right, in exactly `columns`; what is not there yet is blank. */
export const sparkline = (shares: readonly number[], columns: number, tone: Tone = 'accent'): Span => {
	const shown = shares.slice(-columns);
	const text = shown.map(share => levels[Math.max(0, Math.min(7, Math.floor(share * 8)))]!).join('');
	return span(' '.repeat(Math.max(0, columns - shown.length)) + text, tone);
};

export type PingMark = {readonly ok: boolean; readonly latencyMs: number};

const slowestMs = 3000;

/** The worst of a group of answers: a failure, else the slowest. */
export const worstOf = (points: readonly PingMark[]): PingMark => points.find(point => !point.ok) ?? points.reduce((worst, point) => point.latencyMs > worst.latencyMs ? point : worst);

/** Latencies on a logarithmic scale (a healthy line is flat and stays so), failures as crosses. */
export const pingline = (points: readonly PingMark[], columns: number): Line => {
	const shown = points.slice(-columns);
	const spans: Span[] = [];
	let text = ' '.repeat(Math.max(0, columns - shown.length));
	let isBad = false;
	for (const {ok, latencyMs} of shown) {
		if (ok === isBad) {
			spans.push(span(text, isBad ? 'bad' : 'dim'));
			text = '';
			isBad = !ok;
		}

		text += ok ? levels[Math.max(0, Math.min(7, Math.floor(Math.log(Math.max(1, latencyMs / 2)) / Math.log(slowestMs / 2) * 8)))]! : '✖';
	}

	return [...spans, span(text, isBad ? 'bad' : 'dim')];
};

/** The tone of a share against its thresholds. */
export const toneOf = (share: number, thresholds: {readonly warn: number; readonly critical: number}): Tone =>
	share >= thresholds.critical ? 'bad' : share >= thresholds.warn ? 'warn' : 'plain';
