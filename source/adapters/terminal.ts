/**
The one owner of the terminal. Hides that a terminal may be slow, stalled, resized fifty times a second or gone.

Invariants: no write ever blocks the loop (a terminal of our own, opened non-blocking, so that children who inherit ours still find
it blocking); one write is under way at most and what Ink writes meanwhile waits, whole and in order; nothing here throws because of
the terminal; the size is never zero. Who repaints asks `isDrained` first: that is what bounds the memory.

Listeners: `resize` and `error` of the given output, `error`, `end` and `close` of the given input. None on the process.
*/

import type {Readable, Writable} from 'node:stream';
import type {WriteStream} from 'node:tty';
import type {Clock, Stop, TerminalPort} from '../core/ports.ts';
import type {SafeText} from '../core/text.ts';
import {openChannel} from './terminal/channel.ts';
import {clipboardSequence} from './terminal/clipboard.ts';
import {createScreenStream} from './terminal/screen-stream.ts';

const resizeEveryMs = 100;
const defaultSize: TerminalSize = {columns: 80, rows: 24};
// End of a synchronized update, colours off, bracketed paste off, normal screen, cursor on.
const leaveSequence = '\u001B[?2026l\u001B[0m\u001B[?2004l\u001B[?1049l\u001B[?25h';

export type TerminalSize = {readonly columns: number; readonly rows: number};

export type TerminalOptions = {
	readonly stdout: WriteStream | Writable;
	readonly stdin: Readable;
	/** Only looked at on leaving: what others print there on exit must not hang on a stalled line. */
	readonly stderr?: WriteStream | Writable;
	readonly environment: {readonly TERM?: string | undefined; readonly TMUX?: string | undefined; readonly STY?: string | undefined};
	readonly clock: Clock;
};

export type Terminal = TerminalPort & {
	/** For Ink's `stdout` option. */
	readonly stdout: WriteStream;
	/** True when everything written has been taken by the terminal: only then may panes be told of news. */
	isDrained(): boolean;
	/** Told each time that the last waiting byte has gone out. */
	onDrained(listener: () => void): Stop;
	/** Since when (epoch ms) something has been waiting to go out; null when drained. */
	stalledSinceMs(): number | null;
	size(): TerminalSize;
	/** At most ten times a second, and only when drained; the last size is always told. */
	onResized(listener: (size: TerminalSize) => void): Stop;
	isGone(): boolean;
	/** Told once, when the other end has hung up; at once when it already has. */
	onGone(listener: () => void): Stop;
	/** For the owner of SIGHUP: the terminal is gone, whatever it answers. */
	hangUp(): void;
	/**
	Leaves the terminal as it was found, then prints `lastLine`. For every way out; a second call does nothing. Synchronous, and given up
	after 200 ms on a stalled line. What is written afterwards is dropped.
	*/
	restore(lastLine?: SafeText): void;
};

/** Takes over the terminal behind `stdout`. Anything else (a pipe, a test's stream) is written to as it is. */
export const createTerminal = (options: TerminalOptions): Terminal => {
	const {clock, environment} = options;
	const channel = openChannel(options.stdout);
	const drainedListeners = new Set<() => void>();
	const resizedListeners = new Set<(size: TerminalSize) => void>();
	const goneListeners = new Set<() => void>();
	const sizes = createSizes(options.stdout);
	let gone = false;
	let restored = false;
	let bellWaits = false;
	let busySinceMonotonicMs: number | null = null;

	const hangUp = (): void => {
		if (gone) {
			return;
		}

		gone = true;
		screen.discard();
		for (const listener of [...goneListeners]) {
			listener();
		}
	};

	const screen = createScreenStream({
		isTerminal: channel.isTerminal,
		size: () => sizes.announced(),
		send(chunk, sent) {
			if (gone || restored) {
				sent();
				return;
			}

			busySinceMonotonicMs ??= clock.monotonicMs();
			channel.write(chunk, sent);
		},
		drained() {
			bellWaits = false;
			busySinceMonotonicMs = null;
			for (const listener of [...drainedListeners]) {
				listener();
			}
		},
	});

	const stopResizing = coalesceResizes({
		clock,
		sizes,
		output: options.stdout,
		isDrained: () => screen.isDrained(),
		onDrained: listener => subscribe(drainedListeners, listener),
		tell(size) {
			screen.output.emit('resize');
			for (const listener of [...resizedListeners]) {
				listener(size);
			}
		},
	});

	channel.onBroken(hangUp);
	const stopInput = watchInput(options.stdin, hangUp);

	return {
		stdout: screen.output,
		bell() {
			// One bell waiting is enough: a stalled line must not ring a hundred times when it comes back.
			if (!bellWaits && !gone && !restored) {
				bellWaits = !screen.isDrained();
				screen.output.write('\u0007');
			}
		},
		copy(text) {
			const sequence = clipboardSequence(text, environment);
			if (sequence === null) {
				return false;
			}

			screen.output.write(sequence);
			return true;
		},
		isDrained: () => screen.isDrained(),
		onDrained: listener => subscribe(drainedListeners, listener),
		stalledSinceMs: () => busySinceMonotonicMs === null || screen.isDrained() ? null : clock.nowMs() - (clock.monotonicMs() - busySinceMonotonicMs),
		size: () => sizes.announced(),
		onResized: listener => subscribe(resizedListeners, listener),
		isGone: () => gone,
		onGone(listener) {
			if (gone) {
				listener();
			}

			return subscribe(goneListeners, listener);
		},
		hangUp,
		restore(lastLine) {
			if (restored) {
				return;
			}

			restored = true;
			stopResizing();
			stopInput();
			screen.discard();
			if (channel.isTerminal) {
				leaveRawMode(options.stdin);
				channel.finish(leaveSequence + (lastLine === undefined ? '' : `${lastLine}\r\n`), [options.stdout, options.stderr], gone);
			} else if (lastLine !== undefined) {
				channel.finish(`${lastLine}\n`, [], gone);
			}
		},
	};
};

const subscribe = <T>(listeners: Set<T>, listener: T): Stop => {
	listeners.add(listener);
	return () => {
		listeners.delete(listener);
	};
};

type Sizes = {
	/** What the terminal says now; a zero means that it does not know, and then the last known size holds. */
	refresh(): boolean;
	announced(): TerminalSize;
};

const createSizes = (output: WriteStream | Writable): Sizes => {
	const read = (known: TerminalSize): TerminalSize => {
		const {columns, rows} = output as Partial<WriteStream>;
		return columns !== undefined && rows !== undefined && columns > 0 && rows > 0 ? {columns, rows} : known;
	};

	let size = read(defaultSize);
	return {
		refresh() {
			const before = size;
			size = read(before);
			return before.columns !== size.columns || before.rows !== size.rows;
		},
		announced: () => size,
	};
};

type ResizeOptions = {
	readonly clock: Clock;
	readonly sizes: Sizes;
	readonly output: WriteStream | Writable;
	readonly isDrained: () => boolean;
	readonly onDrained: (listener: () => void) => Stop;
	readonly tell: (size: TerminalSize) => void;
};

// Ink repaints the whole frame at each resize, so a stalled terminal is told only when it takes bytes again.
const coalesceResizes = ({clock, sizes, output, isDrained, onDrained, tell}: ResizeOptions): Stop => {
	let resting: Stop | null = null;
	let waits = false;
	const announce = (): void => {
		if (resting !== null || !isDrained()) {
			waits = true;
			return;
		}

		waits = false;
		if (!sizes.refresh()) {
			return;
		}

		resting = clock.after(resizeEveryMs, () => {
			resting = null;
			if (waits) {
				announce();
			}
		});
		tell(sizes.announced());
	};

	const stopDrained = onDrained(() => {
		if (waits) {
			announce();
		}
	});
	output.on('resize', announce);
	return () => {
		output.off('resize', announce);
		stopDrained();
		resting?.();
	};
};

const watchInput = (input: Readable & {readonly isTTY?: boolean}, hangUp: () => void): Stop => {
	// A pipe may end while the terminal lives; a terminal's input ends only with the terminal.
	if (input.isTTY !== true) {
		return () => undefined;
	}

	for (const event of ['error', 'end', 'close']) {
		input.on(event, hangUp);
	}

	return () => {
		// The listener for errors stays: an error after leaving must not bring the process down.
		input.off('end', hangUp);
		input.off('close', hangUp);
	};
};

const leaveRawMode = (input: Readable & {readonly isRaw?: boolean; setRawMode?(raw: boolean): unknown}): void => {
	if (input.isRaw === true) {
		try {
			input.setRawMode?.(false);
		} catch {
			// The terminal is gone: there is nothing left to set.
		}
	}
};
