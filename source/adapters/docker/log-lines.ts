/**
From the bytes of a log stream to whole lines, still as bytes. Hides that Docker cuts a long line into messages of 16 kB, each with a
stamp of its own (the first one's, seen on 20.10) and, without a TTY, in a frame of its own; only the last one ends in a line break.

Invariants: a line's range starts with its stamp when it has one; at most 16 kB of a line's text are kept and the rest is counted; the
ranges handed over are never changed afterwards; without a TTY the streams are told apart, with one everything is `out`.
*/

import {createFrameSplitter, frameStreams} from './frames.ts';
import {stampLength} from './stamp.ts';

/** A line without its line break. `error` tells the stream; `cutBytes` of its text are missing at the end. */
export type TakeLine = (error: boolean, buffer: Buffer, start: number, end: number, cutBytes: number) => void;

export type LineReader = {
	/** Takes raw bytes; null, or why the stream cannot be read on: the engine's own words, or empty when it is not what it should be. */
	feed(chunk: Buffer, start: number, end: number): string | null;
	/** The stream is at its end: a line without line break is handed over too. */
	end(): void;
};

export const keptTextBytes = 16 * 1024;
const lineBreak = 0x0A;
const carriageReturn = 0x0D;
const pieceBytes = 16 * 1024;

type Assembler = {
	piece(buffer: Buffer, start: number, end: number, atMessageStart: boolean): void;
	end(): void;
};

/** Reads lines out of a container's log stream; `tty` as in the container's configuration. */
export const createLineReader = (tty: boolean, take: TakeLine): LineReader => {
	const out = createAssembler(tty, false, take);
	const error = createAssembler(tty, true, take);
	let systemError: string | null = null;
	const frames = createFrameSplitter((stream, buffer, start, end, atStart) => {
		if (stream === frameStreams.system) {
			systemError = buffer.toString('utf8', start, Math.min(end, start + 500));
		} else {
			(stream === frameStreams.err ? error : out).piece(buffer, start, end, atStart);
		}
	});

	return {
		feed(chunk, start, end) {
			if (tty) {
				out.piece(chunk, start, end, false);
				return null;
			}

			return frames.feed(chunk, start, end) ? systemError : '';
		},
		end() {
			out.end();
			error.end();
		},
	};
};

const createAssembler = (tty: boolean, error: boolean, take: TakeLine): Assembler => {
	// A line whose end has not come yet: its stamp and the kept part of its text, and how many bytes it had in all.
	let open: Buffer | null = null;
	let openBytes = 0;
	let openStamp = 0;
	let wholeBytes = 0;
	let endsWithReturn = false;

	const append = (buffer: Buffer, start: number, end: number): void => {
		if (open === null) {
			openStamp = stampLength(buffer, start, end);
			open = Buffer.allocUnsafe(64 + keptTextBytes);
			openBytes = 0;
			wholeBytes = 0;
			endsWithReturn = false;
		}

		const room = open.length - openBytes;
		const copied = Math.min(room, end - start);
		buffer.copy(open, openBytes, start, start + copied);
		openBytes += copied;
		wholeBytes += end - start;
		if (end > start) {
			endsWithReturn = buffer[end - 1] === carriageReturn;
		}
	};

	const finish = (): void => {
		if (open === null) {
			return;
		}

		// With a TTY the stamp may have come in two chunks.
		const stamp = openStamp || stampLength(open, 0, openBytes);
		const prefix = stamp === 0 ? 0 : stamp + 1;
		const lineBytes = endsWithReturn ? wholeBytes - 1 : wholeBytes;
		const kept = Math.min(openBytes, lineBytes, prefix + keptTextBytes);
		// With a TTY, the stamps of this line's other messages stand among its bytes.
		const stampBytes = tty && lineBytes > kept ? prefix * Math.floor((lineBytes - 1) / (pieceBytes + prefix)) : 0;
		take(error, open, 0, kept, Math.max(0, lineBytes - kept - stampBytes));
		open = null;
	};

	const whole = (buffer: Buffer, start: number, end: number): void => {
		const last = end > start && buffer[end - 1] === carriageReturn ? end - 1 : end;
		if (last - start <= keptTextBytes) {
			take(error, buffer, start, last, 0);
			return;
		}

		const stamp = stampLength(buffer, start, last);
		const kept = Math.min(last - start, keptTextBytes + (stamp === 0 ? 0 : stamp + 1));
		take(error, buffer, start, start + kept, last - start - kept);
	};

	return {
		piece(buffer, from, end, atMessageStart) {
			let start = from;
			if (open !== null) {
				if (atMessageStart) {
					const stamp = stampLength(buffer, start, end);
					start += stamp === 0 ? 0 : Math.min(end - start, stamp + 1);
				}

				const at = buffer.indexOf(lineBreak, start);
				if (at === -1 || at >= end) {
					append(buffer, start, end);
					return;
				}

				append(buffer, start, at);
				finish();
				start = at + 1;
			}

			while (start < end) {
				const at = buffer.indexOf(lineBreak, start);
				if (at === -1 || at >= end) {
					append(buffer, start, end);
					return;
				}

				whole(buffer, start, at);
				start = at + 1;
			}
		},
		end: finish,
	};
};
