/**
Opens the screen on a terminal: Ink, the drawing and the store put together. It hides Ink altogether: nobody else knows how frames are made.

Invariants: a part is drawn at most once for each state; a card's `card/painted` is dispatched only after the frame with the whole card was
written; closing twice is harmless.
*/

import {render, type Instance} from 'ink';
import type {ChartsPort, Clock} from '../core/ports.ts';
import {layoutOf} from '../core/screen.ts';
import type {State} from '../core/state.ts';
import {paintNameOf} from '../core/update-escalation.ts';
import type {Store} from '../runtime/store.ts';
import type {Language} from '../messages/language.ts';
import {App, type LendTerminal, type Parts, type Snapshot} from './app.tsx';
import {createChartCache} from './chart-cache.ts';
import {createDrawing, type PartId} from './draw.ts';
import {createKeyDecoder} from './keys.ts';
import {createPen} from './pen.ts';
import type {Theme} from './theme.ts';

export type ScreenOptions = {
	readonly store: Store;
	readonly stdout: NodeJS.WriteStream;
	readonly stdin: NodeJS.ReadStream;
	readonly language: Language;
	/** IANA name; null is the machine's own. */
	readonly timeZone: string | null;
	readonly theme: Theme;
	readonly charts: ChartsPort;
	readonly clock: Pick<Clock, 'nowMs'>;
	/** Called after each frame was written, with the milliseconds that Ink took to make it. */
	readonly onPainted?: (renderMs: number) => void;
};

export type Screen = {
	/** Leaves the alternate screen and gives the terminal back. */
	close(): void;
	/** Lends the terminal: left as it was found while `meanwhile` runs, then taken again and repainted whole. One at a time: a second call does nothing. */
	suspend(meanwhile: () => void | Promise<void>): Promise<void>;
	readonly waitUntilExit: Promise<void>;
	/** Waits until everything drawn so far was handed to the terminal. */
	flushed(): Promise<void>;
};

const eraseScreen = '\u001B[2J';
const home = '\u001B[H';

/** Opens the screen. The size in the state is set from the terminal's, now and at every resize. */
export const openScreen = (options: ScreenOptions): Screen => {
	const {store, stdout, stdin, clock} = options;
	const pen = createPen(options.language, options.timeZone, options.theme);
	const chartListeners = new Set<() => void>();
	const charts = createChartCache(options.charts, !options.theme.unicode, () => {
		for (const listener of chartListeners) {
			listener();
		}
	});
	const drawing = createDrawing(pen, charts);
	const parts = createParts(store, (state, id) => drawing.text(state, id), charts.revision, chartListeners);

	const resized = (): void => {
		store.dispatch({type: 'screen/resized', columns: stdout.columns ?? 80, rows: stdout.rows ?? 24});
	};

	// Before Ink's own listener: its frame at a resize is then one of the new size already.
	stdout.on('resize', resized);
	const drawn = store.state().view.size;
	resized();
	const {columns, rows} = store.state().view.size;
	// Rows of the first frame would show where Ink's own are shorter: anywhere when the terminal was resized while Ink was loading, else, since the panes fill
	// their rows, in the header, the banners below it and the footer, which say more by now.
	stdout.write(columns !== drawn.columns || rows !== drawn.rows ? eraseScreen : [1, 2, 3, rows].map(row => `\u001B[${row};1H\u001B[K`).join('') + home);

	const decoder = createKeyDecoder();
	const typed = createDispatch(store, decoder, clock);
	let instance: Instance | null = null;
	let lend: LendTerminal | null = null;
	let isLent = false;
	const lender = (given: LendTerminal): void => {
		lend = given;
	};

	const paintMark = createPaintMark(store, parts, clock, async () => instance?.waitUntilRenderFlush());
	instance = render(<App parts={parts} decoder={decoder} nowMs={() => clock.nowMs()} typed={typed} lender={lender}/>, {
		stdout,
		stdin,
		alternateScreen: true,
		incrementalRendering: true,
		exitOnCtrlC: false,
		patchConsole: false,
		// The store coalesces facts; this bounds only how long a key may wait behind a frame just painted.
		maxFps: 60,
		interactive: true,
		isScreenReaderEnabled: false,
		onRender({renderTime}) {
			paintMark();
			options.onPainted?.(renderTime);
		},
	});
	let isClosed = false;
	return {
		close() {
			if (!isClosed) {
				isClosed = true;
				stdout.off('resize', resized);
				instance.unmount();
			}
		},
		async suspend(meanwhile) {
			if (lend === null || isLent || isClosed) {
				return;
			}

			isLent = true;
			try {
				await lend(async () => meanwhile());
			} finally {
				isLent = false;
			}
		},
		waitUntilExit: instance.waitUntilExit().then(() => undefined),
		flushed: async () => instance.waitUntilRenderFlush(),
	};
};

/** Draws a part at most once for each state, and keeps the snapshot's identity while its text is the same. */
const createParts = (store: Store, draw: (state: State, id: PartId) => Snapshot | null, chartRevision: () => number, chartListeners: Set<() => void>): Parts => {
	const kept = new Map<PartId, {readonly state: State; readonly charts: number; readonly logRevision: number; readonly output: number; readonly snapshot: Snapshot | null}>();
	return {
		subscribe(listener) {
			const stop = store.subscribe(listener);
			chartListeners.add(listener);
			return () => {
				stop();
				chartListeners.delete(listener);
			};
		},
		snapshot(id) {
			const state = store.state();
			const before = kept.get(id);
			const chartsNow = chartRevision();
			if (before !== undefined && before.state === state && before.charts === chartsNow && before.logRevision === state.logBook.revision && before.output === state.runBook.revision) {
				return before.snapshot;
			}

			const drawn = draw(state, id);
			const isSame = before !== undefined && drawn !== null && before.snapshot !== null && before.snapshot.text === drawn.text && sameRectangle(before.snapshot, drawn);
			const snapshot = isSame ? before.snapshot : drawn;
			kept.set(id, {state, charts: chartsNow, logRevision: state.logBook.revision, output: state.runBook.revision, snapshot});
			return snapshot;
		},
		drawnFrom: id => kept.get(id)?.state ?? null,
		size() {
			const {columns, rows} = store.state().view.size;
			return `${Math.max(1, columns)}x${Math.max(1, rows)}`;
		},
	};
};

const sameRectangle = (a: Snapshot, b: Snapshot): boolean =>
	a.rectangle.left === b.rectangle.left && a.rectangle.top === b.rectangle.top && a.rectangle.width === b.rectangle.width && a.rectangle.height === b.rectangle.height;

/** Keys go out when the chunk that they came in is through, since only then it is known whether one was alone. */
const createDispatch = (store: Store, decoder: ReturnType<typeof createKeyDecoder>, clock: Pick<Clock, 'nowMs'>): (() => void) => {
	let isWaiting = false;
	return () => {
		if (isWaiting) {
			return;
		}

		isWaiting = true;
		queueMicrotask(() => {
			isWaiting = false;
			for (const decoded of decoder.take()) {
				store.dispatch(decoded.kind === 'key'
					? {type: 'key/pressed', key: decoded.key, alone: decoded.alone, atMs: clock.nowMs()}
					: {type: 'text/pasted', text: decoded.text, atMs: clock.nowMs()});
			}
		});
	};
};

/** Tells the store once when a card stands on the terminal: drawn from a state with this card, and the frame handed over. */
const createPaintMark = (store: Store, parts: Parts, clock: Pick<Clock, 'nowMs'>, flushed: () => Promise<void>): (() => void) => {
	let asked: string | null = null;
	const isDrawn = (name: string): boolean => {
		const drawn = parts.drawnFrom('overlay');
		return drawn !== null && paintNameOf(drawn.view.overlay) === name && layoutOf(drawn).kind !== 'too-small';
	};

	/** What waits to be told as painted: a card, or the text of a message. */
	const waiting = (): string | null => {
		const {overlay} = store.state().view;
		return (overlay?.kind === 'card' || overlay?.kind === 'message') && overlay.paintedAtMs === null ? paintNameOf(overlay) : null;
	};

	return () => {
		const name = waiting();
		if (name === null) {
			asked = null;
			return;
		}

		if (asked === name || !isDrawn(name)) {
			return;
		}

		asked = name;
		void flushed().then(() => {
			asked = null;
			if (waiting() === name) {
				store.dispatch({type: 'card/painted', action: name, atMs: clock.nowMs()});
			}
		});
	};
};
