/** The health pane: one row for each ping, its reason in words, its history, its latency at the row's end. */

import {staleForMs, type PingSituation} from '../../core/situation.ts';
import type {State} from '../../core/state.ts';
import {widthOf} from '../../core/text.ts';
import {windowStart} from '../../core/view.ts';
import {cell, firstFitting, fitLine, framed, insideOf, space, span, type Line} from '../lines.ts';
import {grouped, pingline, worstOf, type PingMark} from '../meters.ts';
import type {PaneSize, Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {pingWords, type PingWords} from './ping-words.ts';

/** Latency, the number of bad answers in a row, or the age of a stale answer. */
const endWidth = 7;
const leastHistory = 5;

/** Draws the pane: exactly the size asked for. */
export const drawHealth = (state: State, size: PaneSize, pen: Pen): readonly Line[] => {
	const {say} = pen;
	const {pings} = state.situation;
	const {view} = state;
	const inside = insideOf(size);
	const focused = view.focus === 'health';
	const start = windowStart(view.pingCursor, pings.length, inside.height);
	const words = pings.map(ping => pingWords(ping, state.nowMs, pen));
	const nameWidth = Math.max(4, Math.min(14, Math.max(0, ...pings.map(ping => widthOf(ping.target.name)))));
	const free = inside.width - 2 - nameWidth - 2 - endWidth - 1;
	const wanted = Math.max(8, ...words.map(({words: text, since}) => widthOf(text) + (since === '' ? 0 : widthOf(since) + 1)));
	const wordsWidth = free - Math.min(wanted, free) - 1 >= leastHistory ? Math.min(wanted, free) : free;
	const historyWidth = Math.min(40, Math.max(0, free - wordsWidth - 1));
	return framed({
		...size,
		focused,
		title: [span(say.health, focused ? 'strong' : 'plain')],
		note: pings.length > inside.height ? [span(say.of(String(view.pingCursor + 1), String(pings.length)), 'dim')] : [],
		rows: pings.length === 0
			? [{line: [span(say.noPings, 'dim')]}]
			: pings.slice(start, start + inside.height).map((ping, index) => {
				const isSelected = focused && start + index === view.pingCursor;
				return {
					line: drawRow(ping, words[start + index]!, state, {nameWidth, wordsWidth: free - historyWidth - (historyWidth === 0 ? 0 : 1), historyWidth, selected: isSelected}, pen),
					mark: isSelected ? span('›', 'accentStrong') : space(1),
				};
			}),
	});
};

type RowShape = {readonly nameWidth: number; readonly wordsWidth: number; readonly historyWidth: number; readonly selected: boolean};

const drawRow = (ping: PingSituation, {glyph, tone, words, since}: PingWords, state: State, shape: RowShape, pen: Pen): Line => {
	const end = endOf(ping, state, pen);
	const reason = span(words, tone === 'good' ? 'plain' : tone);
	const said = firstFitting([...(since === '' ? [] : [[reason, span(` ${since}`, 'dim')], [reason, span(` ${since.split(' ').at(-1)!}`, 'dim')]]), [reason]], shape.wordsWidth);
	return [
		span(`${glyph} `, tone), cell(ping.target.name, shape.nameWidth, shape.selected ? 'strong' : 'plain'), space(2),
		...fitLine(said, shape.wordsWidth),
		...(shape.historyWidth === 0 ? [] : [space(1), ...pingline(historyOf(ping), shape.historyWidth)]),
		space(1), cell(end.text, endWidth, end.tone, 'end'),
	];
};

/** A mark for each ten seconds. */
const historyOf = (ping: PingSituation): readonly PingMark[] =>
	grouped(ping.history, ping.last?.atMs ?? 0, ping.target.intervalMs).map(points => worstOf(points));

const latenciesRead = 5;

/** The middle of the last good answers: one slow answer is seen in the line beside it, and a steady figure stands still. */
const usualLatency = (ping: PingSituation): number => {
	const good = ping.history.slice(-latenciesRead).filter(point => point.ok).map(point => point.latencyMs).toSorted((a, b) => a - b);
	return good[Math.floor(good.length / 2)] ?? ping.last?.latencyMs ?? 0;
};

const endOf = (ping: PingSituation, state: State, pen: Pen): {readonly text: string; readonly tone: Tone} => {
	if (ping.last === null) {
		return {text: '', tone: 'dim'};
	}

	const staleMs = staleForMs(ping.last.atMs, ping.target.intervalMs + ping.target.deadlineMs, state.nowMs);
	if (staleMs !== null) {
		return {text: `! ${pen.format.span(staleMs, 10)}`, tone: 'warn'};
	}

	const isSlow = ping.last.latencyMs >= state.settings.thresholds.pingSlowMs;
	return ping.last.ok
		? {text: pen.format.latency(isSlow ? ping.last.latencyMs : usualLatency(ping)), tone: isSlow ? 'warn' : 'plain'}
		: {text: `×${Math.min(9999, ping.streak)}`, tone: 'bad'};
};
