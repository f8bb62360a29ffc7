/**
The enlarged host pane's charts: drawn by the charts port off-screen, kept until ten seconds are over or the size changes, asked for only while
they are shown. It hides that drawing is asynchronous: `chartsFor` answers at once with what there is and calls `arrived` when there is more.
*/

import type {ChartsPort} from '../core/ports.ts';
import type {State} from '../core/state.ts';
import type {SafeText} from '../core/text.ts';
import type {PaneSize} from './pen.ts';

export type ChartLines = {readonly cpu: readonly SafeText[]; readonly memory: readonly SafeText[]};

export type ChartCache = {
	/** Charts of exactly this size, or blank ones until they are there. */
	chartsFor(state: State, size: PaneSize): ChartLines;
	/** Rises when new charts have arrived. */
	revision(): number;
};

const redrawMs = 10_000;

/** Creates the cache. `arrived` is called when charts asked for are there. */
export const createChartCache = (charts: ChartsPort, ascii: boolean, arrived: () => void): ChartCache => {
	let kept: {readonly key: string; readonly atMs: number; readonly lines: ChartLines} | null = null;
	let isDrawing = false;
	let revision = 0;

	const blank = (size: PaneSize): ChartLines => {
		const rows = Array.from({length: size.height}, () => '' as SafeText);
		return {cpu: rows, memory: rows};
	};

	const redraw = async (state: State, size: PaneSize, key: string): Promise<void> => {
		const {host} = state.situation;
		const percent = (values: readonly number[]): readonly number[] => values.map(value => value * 100);
		const cpu = await charts.draw([{title: 'cpu', values: percent(host.cpuHistory)}], size, {min: 0, max: 100}, ascii);
		const memory = await charts.draw([{title: 'memory', values: percent(host.memoryHistory)}], size, {min: 0, max: 100}, ascii);
		kept = {key, atMs: state.nowMs, lines: {cpu, memory}};
	};

	return {
		chartsFor(state, size) {
			const key = `${size.width}x${size.height}`;
			const isFresh = kept !== null && kept.key === key && state.nowMs - kept.atMs < redrawMs && state.nowMs >= kept.atMs;
			if (!isFresh && !isDrawing && size.width > 10) {
				isDrawing = true;
				redraw(state, size, key).catch(() => {
					// The library could not be loaded: blank charts stay, the meters above them tell the same.
					kept = {key, atMs: state.nowMs, lines: blank(size)};
				}).finally(() => {
					isDrawing = false;
					revision++;
					arrived();
				});
			}

			return kept !== null && kept.key === key ? kept.lines : blank(size);
		},
		revision: () => revision,
	};
};
