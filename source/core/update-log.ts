/** Keys of the log pane: moving, searching, jumping to errors. The window is anchored at a line; nothing here copies lines. */

import {compilePattern, type LogLine, type LogPosition} from './log-book.ts';
import {layoutOf, logQueryOf} from './screen.ts';
import type {State} from './state.ts';
import {flash, withView, type Step} from './step.ts';
import type {LogView} from './view.ts';

export const withLog = (step: Step, changes: Partial<LogView>): Step => withView(step, {log: {...step.state.view.log, ...changes}});

/** Lines that fit into the log pane now. */
export const logRows = (state: State): number => Math.max(1, (layoutOf(state).panes.log?.height ?? 3) - 2);

const position = (line: LogLine | undefined | null): LogPosition | null => line === undefined || line === null ? null : {atMs: line.atMs, order: line.order};

const anchoredAt = (step: Step, anchor: LogPosition | null): Step => anchor === null ? step : withLog(step, {follow: false, anchor});

/** The position that makes the first page full. */
const firstPageEnd = (state: State): LogPosition | null => position(state.logBook.after(null, logQueryOf(state), logRows(state)).at(-1));

export const moveLog = (step: Step, rows: number): Step => {
	const {state} = step;
	const {follow, anchor} = state.view.log;
	const query = logQueryOf(state);
	if (rows > 0) {
		const newer = follow ? [] : state.logBook.after(anchor, query, rows);
		return newer.length < rows ? withLog(step, {follow: true, anchor: null}) : anchoredAt(step, position(newer.at(-1)));
	}

	const older = state.logBook.before(follow ? null : anchor, query, logRows(state) - rows);
	// Never above the first page: the window stays full.
	return older.length < logRows(state) - rows ? anchoredAt(step, firstPageEnd(state)) : anchoredAt(step, position(older.at(rows - 1)));
};

export const logTop = (step: Step): Step => anchoredAt(step, firstPageEnd(step.state));

export const logBottom = (step: Step): Step => withLog(step, {follow: true, anchor: null, hit: null});

/** Jumps to the nearest line for which `wanted` holds, and shows it in the middle. */
const jump = (step: Step, direction: 'older' | 'newer', wanted: (line: LogLine) => boolean, missing: 'no-match' | 'no-error-line', includeStart: boolean): Step => {
	const {state} = step;
	const {hit, follow, anchor} = state.view.log;
	const query = logQueryOf(state);
	const newest = state.logBook.before(follow ? null : anchor, query, 1).at(-1) ?? null;
	const from = hit ?? position(newest);
	const start = includeStart && newest !== null && wanted(newest) ? newest : null;
	const found = start ?? state.logBook.find(from, direction, query, wanted);
	if (found === null) {
		return flash(step, missing, {direction}, 'warning');
	}

	const below = state.logBook.after(found, query, Math.floor(logRows(state) / 2));
	return withLog(step, {hit: position(found), follow: false, anchor: position(below.at(-1) ?? found)});
};

/** Sets the search and lands on the newest match at or above the window's end; an empty one clears. */
export const searchLog = (step: Step, typed: string): Step => {
	const pattern = compilePattern(typed);
	return pattern === null
		? withLog(step, {search: null, hit: null})
		: jump(withLog(step, {search: typed, hit: null}), 'older', line => pattern.test(line.text), 'no-match', true);
};

export const searchAgain = (step: Step, direction: 'older' | 'newer'): Step => {
	const pattern = compilePattern(step.state.view.log.search ?? '');
	return pattern === null ? step : jump(step, direction, line => pattern.test(line.text), 'no-match', false);
};

export const jumpToError = (step: Step, direction: 'older' | 'newer'): Step =>
	jump(step, direction, line => line.kind === 'line' && step.state.logBook.level(line) === 'error', 'no-error-line', false);

/** `&pattern` keeps matching lines, `&!pattern` hides them, empty clears (as in less). */
export const filterLog = (step: Step, typed: string): Step => {
	const anew = {hit: null, follow: true, anchor: null};
	if (typed === '' || typed === '!') {
		return withLog(step, {filterIn: null, filterOut: null, ...anew});
	}

	return typed.startsWith('!') ? withLog(step, {filterOut: typed.slice(1), ...anew}) : withLog(step, {filterIn: typed, ...anew});
};

export const nextSince = {all: '1h', '1h': '5m', '5m': 'all'} as const;
