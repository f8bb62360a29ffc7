/**
Between lines of bytes and the port's batches. Hides when batches go out, and what happens in a flood.

Invariants: at most eight batches a second, the first one at once; above 5,000 lines (or 4 MB) in a second lines are only counted and
the newest kept as bytes, until a batch's time brings no more than a steady 5,000 a second would; `skipped` lies before the lines of its
batch; what is kept undecoded is bounded in lines and bytes.

History (lines from before the stream was opened) comes as fast as the engine can read it: while it is read, the newest 5,000 lines are
kept whole, so that a log opens without holes at its end.
*/

import type {Clock, RawLogLine} from '../../core/ports.ts';
import {createStampClock, stampLength} from './stamp.ts';

export type LogGate = {
	/** A line as `TakeLine` hands it over. */
	line(error: boolean, buffer: Buffer, start: number, end: number, cutBytes: number): void;
	/** True while lines are only counted: a good moment to read more slowly. */
	flooded(): boolean;
	/** Hands over what is left; nothing comes after it. */
	end(): void;
	/** Forgets what is left. */
	stop(): void;
};

export type GateOptions = {
	readonly clock: Clock;
	readonly deliver: (lines: readonly RawLogLine[], skipped: number) => void;
	/** Told with each batch's time of a flood: how many lines a second come, by their own stamps. */
	readonly flooding?: (linesPerSecond: number) => void;
	/** False for lines that were handed over before (a resumed stream). Sees decoded lines only. */
	readonly wanted: (line: RawLogLine) => boolean;
};

const batchIntervalMs = 125;
const firstBatchMs = 12;
const linesPerSecond = 5000;
const bytesPerSecond = 4 * 1024 * 1024;
const calmLinesPerBatch = linesPerSecond * batchIntervalMs / 1000;
const floodLinesPerBatch = 50;
const heldLines = linesPerSecond;
const heldBytesLimit = 4 * 1024 * 1024;
const historyPatienceMs = 3000;
// Programs write in bursts: over one second the rate is off by a fifth.
const rateOverMs = 3000;

/** Makes the gate of one stream. */
export const createLogGate = ({clock, deliver, flooding, wanted}: GateOptions): LogGate => {
	const openedAtMs = clock.nowMs();
	const openedMonotonicMs = clock.monotonicMs();
	const decode = createDecoder(clock);
	const held = createHeldLines();
	let batch: RawLogLine[] = [];
	let skipped = 0;
	let counting = false;
	let secondStartedMs = openedMonotonicMs;
	let linesOfSecond = 0;
	let bytesOfSecond = 0;
	let linesOfBatch = 0;
	let lastBatchMs = Number.NEGATIVE_INFINITY;
	let cancel: (() => void) | null = null;
	let historyRead = false;
	let linesSeen = 0;
	const rateOf = createRate();

	const schedule = (): void => {
		if (cancel === null) {
			const delayMs = Math.max(firstBatchMs, lastBatchMs + batchIntervalMs - clock.monotonicMs());
			cancel = clock.after(delayMs, tick);
		}
	};

	const accept = (line: RawLogLine): void => {
		if (wanted(line)) {
			batch.push(line);
		}
	};

	const send = (): void => {
		if (batch.length > 0 || skipped > 0) {
			const [lines, dropped] = [batch, skipped];
			batch = [];
			skipped = 0;
			lastBatchMs = clock.monotonicMs();
			deliver(lines, dropped);
		}
	};

	const release = (most: number): void => {
		skipped += held.dropAllBut(most);
		held.take((error, buffer, start, end, cutBytes) => {
			accept(decode(error, buffer, start, end, cutBytes));
		});
	};

	const inHistory = (): boolean => {
		if (clock.monotonicMs() - openedMonotonicMs > historyPatienceMs) {
			return false;
		}

		const atMs = newestAtMs();
		return atMs !== null && atMs < openedAtMs;
	};

	const newestAtMs = (): number | null => {
		const newest = held.newest();
		return newest === null ? null : decode(...newest).atMs;
	};

	const tick = (): void => {
		cancel = null;
		if (!counting) {
			linesOfBatch = 0;
			send();
			return;
		}

		if (batch.length > 0) {
			// Parsed before the flood: they go first, since what is skipped lies behind them.
			send();
			schedule();
			return;
		}

		const calm = linesOfBatch <= calmLinesPerBatch;
		if (!calm && !historyRead && inHistory()) {
			linesOfBatch = 0;
			lastBatchMs = clock.monotonicMs();
			schedule();
			return;
		}

		const rate = calm ? null : rateOf(linesSeen, newestAtMs());
		release(calm || !historyRead ? heldLines : floodLinesPerBatch);
		historyRead = true;
		linesOfBatch = 0;
		if (calm) {
			// What this second may still bring stays as it is: a stutter in a flood is not its end.
			counting = false;
		}

		send();
		if (rate !== null) {
			flooding?.(rate);
		}
	};

	const isFlood = (bytes: number): boolean => {
		linesOfSecond++;
		bytesOfSecond += bytes;
		if (linesOfSecond <= linesPerSecond && bytesOfSecond <= bytesPerSecond) {
			return false;
		}

		const nowMs = clock.monotonicMs();
		if (nowMs - secondStartedMs < 1000) {
			return true;
		}

		secondStartedMs = nowMs;
		linesOfSecond = 1;
		bytesOfSecond = bytes;
		return false;
	};

	return {
		line(error, buffer, start, end, cutBytes) {
			linesOfBatch++;
			linesSeen++;
			if (!counting) {
				counting = isFlood(end - start);
			}

			if (counting) {
				skipped += held.put(error, buffer, start, end, cutBytes);
			} else {
				accept(decode(error, buffer, start, end, cutBytes));
			}

			schedule();
		},
		flooded: () => counting,
		end() {
			cancel?.();
			cancel = null;
			if (counting && batch.length > 0) {
				const dropped = skipped;
				skipped = 0;
				send();
				skipped = dropped;
			}

			release(heldLines);
			send();
		},
		stop() {
			cancel?.();
			cancel = null;
			batch = [];
			skipped = 0;
			held.dropAllBut(0);
		},
	};
};

/** Lines a second by the stamps of the lines, over the last three seconds' batches: also right for a stream that is read more slowly than it is written. Null until two of them lie apart. */
const createRate = (): ((linesSeen: number, atMs: number | null) => number | null) => {
	const marks: Array<{readonly lines: number; readonly atMs: number}> = [];
	return (lines, atMs) => {
		if (atMs === null) {
			return null;
		}

		marks.push({lines, atMs});
		marks.splice(0, marks.length - (rateOverMs / batchIntervalMs) - 1);
		const spanMs = atMs - marks[0]!.atMs;
		return spanMs < batchIntervalMs / 2 ? null : (lines - marks[0]!.lines) / spanMs * 1000;
	};
};

/** From a line's bytes to the port's line. A line without a stamp (no engine of ours sends one) takes the one before it. */
const createDecoder = (clock: Clock): ((error: boolean, buffer: Buffer, start: number, end: number, cutBytes: number) => RawLogLine) => {
	const instantOf = createStampClock();
	let lastAtMs: number | null = null;
	return (error, buffer, start, end, cutBytes) => {
		const length = stampLength(buffer, start, end);
		const stamp = length === 0 ? '' : buffer.toString('latin1', start, start + length);
		const textStart = length === 0 ? start : Math.min(end, start + length + 1);
		const textEnd = cutBytes > 0 ? wholeCharactersEnd(buffer, textStart, end) : end;
		lastAtMs = (stamp === '' ? null : instantOf(stamp)) ?? lastAtMs ?? clock.nowMs();
		return {
			stamp,
			atMs: lastAtMs,
			stream: error ? 'err' : 'out',
			rawText: buffer.toString('utf8', textStart, textEnd),
			cutBytes: cutBytes + end - textEnd,
		};
	};
};

/** Where a cut must be so that it does not go through a UTF-8 character. */
const wholeCharactersEnd = (buffer: Buffer, start: number, end: number): number => {
	let at = end;
	while (at > start && end - at < 4) {
		at--;
		const byte = buffer[at]!;
		if (byte < 0x80) {
			return end;
		}

		if (byte >= 0xC0) {
			const needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
			return end - at < needed ? at : end;
		}
	}

	return end;
};

type HeldLine = readonly [error: boolean, buffer: Buffer, start: number, end: number, cutBytes: number];

type HeldLines = {
	/** Keeps a line, and answers how many older ones had to go for it. */
	put(...line: HeldLine): number;
	newest(): HeldLine | null;
	/** Drops the oldest beyond `most`; answers how many. */
	dropAllBut(most: number): number;
	/** Hands over all that are held, oldest first, and forgets them. */
	take(each: (...line: HeldLine) => void): void;
};

/** The newest lines of a flood as byte ranges: a ring, bounded in lines and bytes. */
const createHeldLines = (): HeldLines => {
	const ring: (HeldLine | null)[] = [];
	let oldest = 0;
	let count = 0;
	let bytes = 0;

	const dropOldest = (): void => {
		const line = ring[oldest]!;
		bytes -= line[3] - line[2];
		ring[oldest] = null;
		oldest = (oldest + 1) % heldLines;
		count--;
	};

	const dropAllBut = (most: number): number => {
		let dropped = 0;
		while (count > most) {
			dropOldest();
			dropped++;
		}

		return dropped;
	};

	return {
		put(...line) {
			bytes += line[3] - line[2];
			let dropped = 0;
			while (count > 0 && (count >= heldLines || bytes > heldBytesLimit)) {
				dropOldest();
				dropped++;
			}

			ring[(oldest + count) % heldLines] = line;
			count++;
			return dropped;
		},
		newest: () => count === 0 ? null : ring[(oldest + count - 1) % heldLines] ?? null,
		dropAllBut,
		take(each) {
			while (count > 0) {
				const line = ring[oldest]!;
				dropOldest();
				each(...line);
			}
		},
	};
};
