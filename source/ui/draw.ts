/**
The whole screen as drawings, each for a rectangle: header, banners, panes, overlay, footer. Pure but for what the log pane and the charts
remember. Used by the components and by the tests alike, so that a golden screen is the screen.
*/

import type {PaneId, Rectangle} from '../core/layout.ts';
import {paneOrder} from '../core/layout.ts';
import {layoutOf} from '../core/screen.ts';
import type {State} from '../core/state.ts';
import {wrap} from '../core/text.ts';
import type {ChartCache} from './chart-cache.ts';
import {fitLine, insideOf, span, type Line} from './lines.ts';
import {drawOverlay} from './overlays/overlay.ts';
import {drawBanners} from './panes/banner.ts';
import {drawContainers} from './panes/containers.ts';
import {drawDiagnosis} from './panes/diagnosis.ts';
import {drawFooter} from './panes/footer.ts';
import {drawHeader} from './panes/header.ts';
import {drawHealth} from './panes/health.ts';
import {chartSize, drawHost} from './panes/host.ts';
import {createLogPane} from './panes/log.ts';
import {ink, type Pen} from './pen.ts';

export type PartId = 'header' | 'banner' | PaneId | 'overlay' | 'footer';

/** In painting order: what comes later covers. */
export const partOrder: readonly PartId[] = ['header', 'banner', ...paneOrder, 'footer', 'overlay'];

export type Part = {readonly rectangle: Rectangle; readonly lines: readonly Line[]};

export type Drawing = {
	/** A part as it is now; null when the layout has no place for it. */
	part(state: State, id: PartId): Part | null;
	/** The same as terminal text, with its rectangle. */
	text(state: State, id: PartId): {readonly rectangle: Rectangle; readonly text: string} | null;
};

/** Creates the drawing of a screen. Without a chart cache the enlarged host pane shows no charts. */
export const createDrawing = (pen: Pen, charts: ChartCache | null): Drawing => {
	const drawLog = createLogPane();

	const pane = (state: State, id: PaneId, rectangle: Rectangle): readonly Line[] => {
		switch (id) {
			case 'containers': {
				return drawContainers(state, rectangle, pen);
			}

			case 'health': {
				return drawHealth(state, rectangle, pen);
			}

			case 'host': {
				const isLarge = state.view.enlarged && rectangle.height >= 18;
				return drawHost(state, rectangle, pen, isLarge && charts !== null ? charts.chartsFor(state, chartSize(insideOf(rectangle))) : null);
			}

			case 'diagnosis': {
				return drawDiagnosis(state, rectangle, pen);
			}

			case 'log': {
				return drawLog(state, rectangle, pen);
			}
		}
	};

	const part = (state: State, id: PartId): Part | null => {
		const layout = layoutOf(state);
		if (layout.kind === 'too-small') {
			return id === 'header' ? tooSmall(state, pen) : null;
		}

		switch (id) {
			case 'header': {
				return {rectangle: layout.header, lines: [drawHeader(state, layout.header.width, pen)]};
			}

			case 'footer': {
				return {rectangle: layout.footer, lines: [drawFooter(state, layout.footer.width, pen)]};
			}

			case 'banner': {
				return layout.banner === null ? null : {rectangle: layout.banner, lines: drawBanners(state, layout.banner, pen)};
			}

			case 'overlay': {
				return drawOverlay(state, layout.body, pen);
			}

			default: {
				const rectangle = layout.panes[id];
				return rectangle === undefined ? null : {rectangle, lines: pane(state, id, rectangle)};
			}
		}
	};

	return {
		part,
		text(state, id) {
			const drawn = part(state, id);
			return drawn === null ? null : {rectangle: drawn.rectangle, text: ink(drawn.lines, pen)};
		},
	};
};

/** One sentence over whatever there is; nothing else. */
const tooSmall = (state: State, pen: Pen): Part => {
	const {columns, rows} = state.view.size;
	const width = Math.max(1, columns);
	const height = Math.max(1, rows);
	const mark = state.drill ? pen.say.drill : '';
	const words = columns >= 20
		? wrap(`${mark === '' ? '' : `${mark}: `}${pen.say.tooSmall(columns, rows)}`, width)
		: [...(mark === '' ? [] : wrap(mark, width)), ...wrap(pen.say.tooSmallShort, width)];
	return {
		rectangle: {left: 0, top: 0, width, height},
		lines: Array.from({length: height}, (_unused, index) => fitLine([span(words[index] ?? '')], width)),
	};
};
