/**
The charts port: line charts as plain text, drawn off-screen by blessed-contrib.

Invariants: every answer has exactly `height` rows of exactly `width` columns, without colour; the library is loaded at the
first draw and never before; the same hidden screen serves every draw. Number labels stand left of the y axis when there is
room; titles and units are the pane's.
*/

import type {ChartsPort} from '../core/ports.ts';
import {makeSafe} from '../core/text.ts';
import type {SafeText} from '../core/text.ts';
import {canvasLayout, openCanvas} from './charts/hidden-screen.ts';
import type {Canvas} from './charts/hidden-screen.ts';
import {asciiOf, axisLabel, gapColumns, scaled, scaleTop, spread} from './charts/plot.ts';

type Series = Parameters<ChartsPort['draw']>[0];
type Size = Parameters<ChartsPort['draw']>[1];
type Range = Parameters<ChartsPort['draw']>[2];

/** Below these there is no room for number labels, or for a base line. */
const labelledWidth = 24;
const baselineHeight = 3;

/** Creates the charts port. Drawing never fails for bad numbers: they count as unknown; it rejects only when the library cannot be loaded. */
export const createChartsPort = (): ChartsPort => {
	let opening: Promise<Canvas> | null = null;

	return {
		async draw(series, size, range, ascii) {
			if (size.width <= 0 || size.height <= 0) {
				return [];
			}

			opening ??= openCanvas();
			const canvas = await opening;
			return drawOn(canvas, series, size, range, ascii);
		},
	};
};

const drawOn = (canvas: Canvas, series: Series, size: Size, range: Range, ascii: boolean): readonly SafeText[] => {
	const shown = range.max > range.min ? range : {min: range.min, max: range.min + 1};
	const labels = size.width >= labelledWidth && size.height > baselineHeight ? rowLabels(shown, size.height - 1) : null;
	const labelColumns = labels ? Math.max(...labels.map(label => label.length)) : 0;
	const withBaseline = size.height >= baselineHeight;
	const axisColumns = size.width - labelColumns > 1 ? 1 : 0;
	const plotColumns = size.width - labelColumns - axisColumns;
	const plotRows = withBaseline ? size.height - 1 : size.height;

	const picture = plot(canvas, series, {columns: plotColumns, rows: plotRows}, shown)
		.map(row => ascii ? [...row].map(character => asciiOf(character)).join('') : row);
	const line = ascii ? {vertical: '|', horizontal: '-', corner: '+'} : {vertical: '│', horizontal: '─', corner: '└'};
	const axis = axisColumns === 1 ? line.vertical : '';
	const rows = picture.map((row, index) => (labels?.[index] ?? '').padStart(labelColumns) + axis + row);
	if (withBaseline) {
		rows.push((labels?.[plotRows] ?? '').padStart(labelColumns) + (axisColumns === 1 ? line.corner : '') + line.horizontal.repeat(plotColumns));
	}

	return rows.map(row => makeSafe(row));
};

/** The rows of the plot alone, without axes: `rows` strings of `columns` characters. */
const plot = (canvas: Canvas, series: Series, size: {readonly columns: number; readonly rows: number}, range: Range): readonly string[] => {
	const dots = size.columns * 2;
	const values = series.map(({values: readings}) => spread(readings, dots));
	const gaps = gapColumns(values, size.columns);
	if (gaps.every(Boolean)) {
		return Array.from({length: size.rows}, () => ' '.repeat(size.columns));
	}

	const first = canvasLayout.columnsBeforeAxis + (canvasLayout.dotsAfterAxis / 2);
	const rows = canvas.draw(
		values.filter(one => one.some(value => value !== null)).map(one => scaled(one, range)),
		{columns: first + size.columns, rows: size.rows + 1 + canvasLayout.rowsUnderBaseline, slots: dots + canvasLayout.dotsAfterAxis},
		stretchedTop(size.rows),
	);
	return rows.slice(0, size.rows).map(row => {
		const characters = [...row.replaceAll(colour, '')].slice(first, first + size.columns);
		return Array.from({length: size.columns}, (_, column) => gaps[column] ? ' ' : characters[column] ?? ' ').join('');
	});
};

// eslint-disable-next-line no-control-regex
const colour = /\u001B\[[\d;]*m/g;

/**
The library puts the highest value two dots above its canvas (it lifts every line off the base line). Stretching the scale by
that share, and half a dot more for what rounding takes, brings it back into the top row.
*/
const stretchedTop = (rows: number): number => {
	const dots = (rows * 4) + 1;
	return scaleTop * dots / (dots - 2.5);
};

/** Labels for the top, the bottom and, with five rows or more, the middle row. */
const rowLabels = (range: Range, lastRow: number): readonly string[] => {
	const labels = Array.from({length: lastRow + 1}, () => '');
	labels[0] = axisLabel(range.max);
	labels[lastRow] = axisLabel(range.min);
	if (lastRow >= 4 && lastRow % 2 === 0) {
		labels[lastRow / 2] = axisLabel((range.min + range.max) / 2);
	}

	return labels;
};
