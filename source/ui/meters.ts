/**
Bars and sparklines in text: a share as a bar with eighths, a series as one glyph for each point.
*/

import {repeat, span, type Line, type Span} from './lines.ts';
import type {Tone} from './theme.ts';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const levels = '▁▂▃▄▅▆▇█';

/** A bar of exactly `columns`: filled in `tone`, the rest a dim track. `share` from 0 to 1. */
export const bar = (share: number, columns: number, tone: Tone): Line => {
	const clamped = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0));
	const steps = Math.round(clamped * columns * 8);
	const full = Math.floor(steps / 8);
	const part = eighths[steps % 8]!;
	return [repeat('█', full, tone), span(part, tone), repeat('░', columns - full - part.length, 'dim')];
};

/** Shares from 0 to 1 as glyphs, newest right, in exactly `columns`; what is not there yet is blank. */
export const sparkline = (shares: readonly number[], columns: number, tone: Tone = 'accent'): Span => {
	const shown = shares.slice(-columns);
	const text = shown.map(share => levels[Math.max(0, Math.min(7, Math.floor(share * 8)))]!).join('');
	return span(' '.repeat(Math.max(0, columns - shown.length)) + text, tone);
};

export type PingMark = {readonly ok: boolean; readonly latencyMs: number};

const slowestMs = 3000;

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
