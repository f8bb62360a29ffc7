/**
The log pane: the window of lines that the state asks for, each with time, service, stream and level; wrapped or clipped; what was cut, skipped,
hidden or searched is said. Reads only as many lines from the log book as there are rows.
*/

import type {LogLine} from '../../core/log-book.ts';
import {compilePattern} from '../../core/log-book.ts';
import {logQueryOf, logWindowOf} from '../../core/screen.ts';
import {servicesOf} from '../../core/situation.ts';
import type {State} from '../../core/state.ts';
import {takeColumns, widthOf} from '../../core/text.ts';
import {cell, clipLine, dropColumns, framed, insideOf, lineWidth, repeat, space, span, type Line, type Span} from '../lines.ts';
import type {PaneSize, Pen} from '../pen.ts';
import {serviceTone, type Tone} from '../theme.ts';

/** Beyond this many lines after the window it says "500+": counting more would cost more than it tells. */
const newerCounted = 500;

type Row = {readonly line: Line; readonly mark?: Span};

export type LogPane = (state: State, size: PaneSize, pen: Pen) => readonly Line[];

/** Creates the pane's drawing; it remembers what was redacted, so that a line is looked through once. */
export const createLogPane = (): LogPane => {
	let shown = new WeakMap<LogLine, string>();
	let revision = -1;
	const textOf = (state: State) => (line: LogLine): string => {
		if (revision !== state.secrets.revision) {
			// A line may have come before it was known what is secret.
			({revision} = state.secrets);
			shown = new WeakMap();
		}

		let text = shown.get(line);
		if (text === undefined) {
			text = state.secrets.redact(line.text);
			shown.set(line, text);
		}

		return text;
	};

	return (state, size, pen) => drawLog(state, size, pen, textOf(state));
};

const drawLog = (state: State, size: PaneSize, pen: Pen, textOf: (line: LogLine) => string): readonly Line[] => {
	const inside = insideOf(size);
	const focused = state.view.focus === 'log';
	const lines = logWindowOf(state, inside.height);
	const shape = shapeOf(state);
	const rows = lines.flatMap(line => rowsOf(line, state, inside.width, shape, pen, textOf));
	return framed({
		...size,
		focused,
		title: titleOf(state, focused, pen),
		facts: factsOf(state, size.width, pen),
		note: noteOf(state, pen),
		rows: rows.length === 0 ? [{line: [span(emptyWords(state, pen), 'dim')]}] : rows.slice(-inside.height),
	});
};

const emptyWords = (state: State, pen: Pen): string => {
	const {filterIn, filterOut} = state.view.log;
	return state.logFailure === null ? (filterIn === null && filterOut === null ? pen.say.logEmpty : pen.say.logEmptyFiltered) : pen.say.logBroken;
};

const titleOf = (state: State, focused: boolean, pen: Pen): Line => {
	const {say} = pen;
	const {log} = state.view;
	const marks = [
		...(log.search === null ? [] : [say.searchFor(log.search)]),
		...(log.filterIn === null ? [] : [say.filterIn(log.filterIn)]),
		...(log.filterOut === null ? [] : [say.filterOut(log.filterOut)]),
		...(log.since === 'all' ? [] : [say.sinceChoice(log.since === '1h' ? '1 h' : '5 min')]),
		...(log.wrap ? [say.wrapped] : []),
		...(log.column > 0 && !log.wrap ? [say.column(String(log.column + 1))] : []),
	];
	return [
		span(say.log, focused ? 'strong' : 'plain'), span(` · ${log.service ?? say.allServices}`, 'dim'),
		...(log.follow ? [span(` · ${say.following}`, 'dim')] : [span(` · ${say.stopped}`, 'warn')]),
		...marks.map(mark => span(` · ${mark}`, 'accent')),
	];
};

const factsOf = (state: State, width: number, pen: Pen): Line => {
	const {say, format} = pen;
	const services = logQueryOf(state).services;
	const {health, skipped, isEstimate} = state.logBook.totals(services);
	const hidden = health === 0 || state.view.log.filterIn !== null ? [] : [span(`${width >= 90 ? say.healthHidden(format.count(health)) : say.healthHiddenShort(format.count(health))} · `, 'dim')];
	const rate = say.perSecond(state.logRate >= 10 || state.logRate === 0 ? format.count(state.logRate) : format.decimal(state.logRate, 1));
	return [
		...(state.logFailure === null ? [] : [span(`${say.logBroken} · `, 'warn')]),
		// Its mark between the lines scrolls away with the flood itself.
		...(skipped === 0 ? [] : [span(`${say.skipped(skippedCount(skipped, isEstimate, pen))} · `, 'warn')]),
		...hidden, cell(rate, Math.max(6, rate.length), 'dim', 'end'),
	];
};

/** What was counted, or `~` and what is about right. */
const skippedCount = (count: number, isEstimate: boolean, {format}: Pen): string => `${isEstimate ? '~' : ''}${format.count(count)}`;

const noteOf = (state: State, pen: Pen): Line => {
	const {follow, anchor} = state.view.log;
	if (follow || anchor === null) {
		return [];
	}

	const count = state.logBook.after(anchor, logQueryOf(state), newerCounted).length;
	return count === 0 ? [] : [span(`↓ ${pen.say.newer(count >= newerCounted ? `${newerCounted}+` : String(count))}`, 'warn')];
};

type Shape = {readonly serviceWidth: number; readonly tones: ReadonlyMap<string, Tone>; readonly pattern: RegExp | null};

const shapeOf = (state: State): Shape => {
	const names = servicesOf(state.situation).map(service => service.name);
	const pattern = state.view.log.search === null ? null : compilePattern(state.view.log.search);
	return {
		serviceWidth: state.view.log.service === null ? Math.max(3, Math.min(14, Math.max(0, ...names.map(name => widthOf(name))))) : 0,
		tones: new Map(names.map((name, index) => [name, serviceTone(index)])),
		pattern: pattern === null ? null : new RegExp(pattern.source, `${pattern.flags}g`),
	};
};

const rowsOf = (line: LogLine, state: State, width: number, shape: Shape, pen: Pen, textOf: (line: LogLine) => string): readonly Row[] => {
	const {log} = state.view;
	if (line.kind !== 'line') {
		const words = line.kind === 'skipped' ? pen.say.skipped(skippedCount(line.count, line.isEstimate ?? false, pen)) : pen.say.began(line.service);
		return [{line: ruled(words, width, line.kind === 'skipped' ? 'warn' : 'dim')}];
	}

	const isHit = log.hit !== null && log.hit.order === line.order && log.hit.atMs === line.atMs;
	const level = state.logBook.level(line);
	const tone: Tone = level === 'error' ? 'bad' : level === 'warning' ? 'warn' : 'plain';
	const serviceToneNow = shape.tones.get(line.service) ?? serviceTone(line.service.length);
	const prefix: Line = [
		...(log.timestamps ? [span(pen.format.clock(line.atMs), 'dim'), space(1)] : []),
		...(shape.serviceWidth === 0 ? [] : [cell(line.service, shape.serviceWidth, serviceToneNow), space(1)]),
		line.stream === 'err' ? span('┃ ', 'dim') : span('│ ', 'dim'),
	];
	const cut: Line = line.cutBytes > 0 ? [span(` …${pen.say.cut(pen.format.bytes(line.cutBytes))}`, 'warn')] : [];
	const body: Line = [...highlighted(textOf(line), tone, shape.pattern), ...cut];
	const room = Math.max(1, width - lineWidth(prefix));
	const mark = isHit ? {mark: span('›', 'accentStrong')} : {};
	if (!log.wrap) {
		return [{line: [...prefix, ...clipLine(dropColumns(body, log.column), room)], ...mark}];
	}

	return wrapped(body, room).map((part, index): Row => index === 0 ? {line: [...prefix, ...part], ...mark} : {line: [space(lineWidth(prefix) - 2), span('  ', 'dim'), ...part]});
};

const ruled = (words: string, width: number, tone: Tone): Line => {
	const rule = Math.max(0, width - widthOf(words) - 2);
	const before = Math.min(4, rule);
	return [repeat('─', before, tone), span(` ${words} `, tone), repeat('─', rule - before, tone)];
};

const matchesShown = 50;

/** The text in spans: what the search found stands out, also without colour. */
export const highlighted = (text: string, tone: Tone, pattern: RegExp | null): Line => {
	if (pattern === null) {
		return [span(text, tone)];
	}

	const spans: Span[] = [];
	let end = 0;
	let count = 0;
	for (const match of text.matchAll(pattern)) {
		if (match[0] !== '' && count < matchesShown) {
			spans.push(span(text.slice(end, match.index), tone), span(match[0], 'hit'));
			end = match.index + match[0].length;
			count++;
		}
	}

	return [...spans, span(text.slice(end), tone)];
};

/** A line broken hard at the width: log lines are copied from the screen, so no blank is lost. */
const wrapped = (line: Line, columns: number): readonly Line[] => {
	const rows: Span[][] = [[]];
	let room = columns;
	for (const part of line) {
		let rest = part.text;
		while (rest !== '') {
			const head = takeColumns(rest, room);
			if (head.text === '') {
				if (room === columns) {
					break;
				}

				rows.push([]);
				room = columns;
				continue;
			}

			rows.at(-1)!.push({text: head.text, width: head.width, tone: part.tone});
			room -= head.width;
			rest = head.rest;
			if (room === 0 && rest !== '') {
				rows.push([]);
				room = columns;
			}
		}
	}

	return rows;
};
