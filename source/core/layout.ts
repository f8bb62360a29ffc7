/**
Where each pane lies for a terminal of a given size: rectangles that tile the screen and never exceed it. Pure arithmetic; `update` needs it
for page sizes, the panes for drawing.

Three layouts (80×24, 100×30, 120×40 and up), one compact form down to 60×15, and below that a sentence.
*/

export type PaneId = 'containers' | 'health' | 'host' | 'diagnosis' | 'log';

export type Rectangle = {readonly left: number; readonly top: number; readonly width: number; readonly height: number};

export type Size = {readonly columns: number; readonly rows: number};

export type Layout = {
	readonly kind: 'wide' | 'medium' | 'narrow' | 'compact' | 'too-small';
	readonly header: Rectangle;
	/** Null when there is nothing to warn of. */
	readonly banner: Rectangle | null;
	readonly footer: Rectangle;
	readonly panes: Readonly<Partial<Record<PaneId, Rectangle>>>;
	/** What an overlay may cover: everything between header and footer. */
	readonly body: Rectangle;
};

export type LayoutWants = {
	readonly containers: number;
	readonly pings: number;
	readonly disks: number;
	readonly findings: number;
	readonly bannerRows: number;
	readonly focus: PaneId;
	readonly enlarged: boolean;
};

/** The order in which Tab walks. */
export const paneOrder: readonly PaneId[] = ['containers', 'health', 'host', 'diagnosis', 'log'];

export const smallest: Size = {columns: 60, rows: 15};

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** The layout for a size. A pane that is absent in a small layout is reached by enlarging (Tab, then `z`). */
export const layoutFor = (size: Size, wants: LayoutWants): Layout => {
	const {columns, rows} = size;
	const header = {left: 0, top: 0, width: columns, height: 1};
	const footer = {left: 0, top: Math.max(0, rows - 1), width: columns, height: 1};
	const bannerRows = Math.min(wants.bannerRows, 2);
	const banner = bannerRows === 0 ? null : {left: 0, top: 1, width: columns, height: bannerRows};
	const body = {left: 0, top: 1 + bannerRows, width: columns, height: Math.max(0, rows - 2 - bannerRows)};
	const frame = {header, banner, footer, body};
	if (columns < smallest.columns || rows < smallest.rows) {
		return {kind: 'too-small', ...frame, panes: {}};
	}

	if (wants.enlarged) {
		return {kind: kindFor(size), ...frame, panes: {[wants.focus]: body}};
	}

	const kind = kindFor(size);
	return kind === 'compact' ? {kind, ...frame, panes: compactPanes(body, wants)} : {kind, ...frame, panes: columnPanes(body, wants, kind)};
};

const kindFor = ({columns, rows}: Size): 'wide' | 'medium' | 'narrow' | 'compact' => {
	if (columns >= 120 && rows >= 34) {
		return 'wide';
	}

	if (columns >= 100 && rows >= 28) {
		return 'medium';
	}

	return columns >= 80 && rows >= 22 ? 'narrow' : 'compact';
};

/** Two columns above, the log below at full width: log lines need the columns more than anything else. */
const columnPanes = (body: Rectangle, wants: LayoutWants, kind: 'wide' | 'medium' | 'narrow'): Layout['panes'] => {
	const leftWidth = Math.round(body.width * (kind === 'narrow' ? 0.56 : 0.54));
	const rightWidth = body.width - leftWidth;
	const logLeast = kind === 'wide' ? Math.floor(body.height * 0.35) : Math.floor(body.height * 0.36);
	const above = body.height - logLeast;
	const list = Math.max(wants.containers, wants.pings) + 2;
	const hostWanted = 4 + clamp(wants.disks, 1, kind === 'wide' ? 4 : 2);
	const diagnosisWanted = kind === 'wide' ? 9 : (kind === 'medium' ? 7 : 5);
	const lowerWanted = kind === 'narrow' ? 5 : Math.max(hostWanted, diagnosisWanted);
	const upperHeight = clamp(list, 3, Math.max(5, above - lowerWanted));
	const lowerHeight = clamp(lowerWanted, 3, above - upperHeight);
	const lowerTop = body.top + upperHeight;
	const logTop = lowerTop + lowerHeight;
	const right = body.left + leftWidth;
	return {
		containers: {left: body.left, top: body.top, width: leftWidth, height: upperHeight},
		health: {left: right, top: body.top, width: rightWidth, height: upperHeight},
		host: {left: body.left, top: lowerTop, width: leftWidth, height: lowerHeight},
		diagnosis: {left: right, top: lowerTop, width: rightWidth, height: lowerHeight},
		log: {left: body.left, top: logTop, width: body.width, height: body.top + body.height - logTop},
	};
};

/** One column: the focused pane above the log; with the log in focus, the containers. */
const compactPanes = (body: Rectangle, wants: LayoutWants): Layout['panes'] => {
	const upper: PaneId = wants.focus === 'log' ? 'containers' : wants.focus;
	const rowsOf: Readonly<Record<PaneId, number>> = {containers: wants.containers, health: wants.pings, host: 3 + wants.disks, diagnosis: 5, log: 0};
	const upperHeight = clamp(rowsOf[upper] + 2, 3, Math.floor(body.height * 0.6));
	return {
		[upper]: {left: body.left, top: body.top, width: body.width, height: upperHeight},
		log: {left: body.left, top: body.top + upperHeight, width: body.width, height: body.height - upperHeight},
	};
};
