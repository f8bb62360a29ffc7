/**
Hides blessed: one screen that nobody sees, and line charts drawn on it by blessed-contrib, read back as text.

Invariants: blessed never gets the real input or output; it never installs a listener on `process` (its handlers would call
`process.exit`) and never starts a child (inside tmux it would run `tmux -V`).
*/

import {PassThrough, Writable} from 'node:stream';
import type {LineChart} from 'blessed-contrib/lib/widget/charts/line.js';

/** Where blessed-contrib puts things, in its own units: two dots a column, four a row. */
export const canvasLayout = {
	/** Columns of the widget that its canvas does not have. */
	widgetColumnsLost: 6,
	/** Rows of the widget that its canvas does not have. */
	widgetRowsLost: 2,
	/** Rows at the canvas's bottom, under the base line: labels of the x axis, and an empty one. */
	rowsUnderBaseline: 2,
	/** Columns left of the y axis; its number labels stand there. */
	columnsBeforeAxis: 8,
	/** Dots between the y axis and the first value. */
	dotsAfterAxis: 2,
} as const;

export type Canvas = {
	/**
	Draws one poly-line a series on a canvas of `columns` × `rows`, on a scale from 0 to `top`, and answers with its rows of braille, still coloured.
	Value k of `lines` stands k dots right of the first; `slots` is the number of dots from the axis to the canvas's end.
	*/
	draw(lines: ReadonlyArray<readonly number[]>, size: {readonly columns: number; readonly rows: number; readonly slots: number}, top: number): readonly string[];
};

/** Makes the hidden screen; loads both packages (about 110 ms) on the way. */
export const openCanvas = async (): Promise<Canvas> => {
	const [{default: blessed}, {default: line}] = await Promise.all([
		import('blessed'),
		import('blessed-contrib/lib/widget/charts/line.js'),
	]);
	// With these marks set, blessed believes that its exit, signal and exception handlers are installed already.
	blessed.Program._bound = true;
	blessed.Screen._bound = true;
	const screen = withoutTmux(() => blessed.screen({
		input: new PassThrough(),
		output: Object.assign(new Writable({write(_chunk, _encoding, written) {
			written();
		}}), {columns: 200, rows: 60, isTTY: true}),
		terminal: 'xterm',
		forceUnicode: true,
		fullUnicode: true,
	}));

	return {
		draw(lines, size, top) {
			const chart: LineChart = line({
				screen,
				width: size.columns + canvasLayout.widgetColumnsLost,
				height: size.rows + canvasLayout.widgetRowsLost,
				xPadding: canvasLayout.columnsBeforeAxis * 2,
				xLabelPadding: 1,
				numYLabels: 1,
				abbreviate: true,
				minY: 0,
				maxY: top,
			});
			screen.append(chart);
			try {
				const labels = Array.from({length: size.slots}, () => ' ');
				chart.setData(lines.map(values => ({x: labels, y: values})));
				return chart.ctx._canvas.frame().split('\n').slice(0, size.rows);
			} finally {
				screen.remove(chart);
			}
		},
	};
};

/** blessed runs `tmux -V` when it sees this variable, in the middle of the constructor; nothing else runs meanwhile. */
const withoutTmux = <Result>(run: () => Result): Result => {
	const tmux = process.env['TMUX'];
	delete process.env['TMUX'];
	try {
		return run();
	} finally {
		if (tmux !== undefined) {
			process.env['TMUX'] = tmux;
		}
	}
};
