/**
Docker's multiplexed stream (API, "Attach to a container", stream format): frames of one byte stream type, three zero bytes, a
big-endian length and the payload. Hides that frames arrive in any pieces.

Invariants: a frame up to 64 kB is handed over whole, a larger one in pieces of which only the first is marked as its start; the ranges
handed over are never changed afterwards; memory held is at most one such frame and one chunk.
*/

export const frameStreams = {in: 0, out: 1, err: 2, system: 3} as const;

/** A range of a frame's payload. `atStart` is true for the frame's first range. */
export type TakeFrame = (stream: number, buffer: Buffer, start: number, end: number, atStart: boolean) => void;

export type FrameSplitter = {
	/** Takes the bytes from `start` to `end`; false when they are no frames, and nothing was or will be handed over any more. */
	feed(chunk: Buffer, start: number, end: number): boolean;
};

const headerBytes = 8;
const wholeLimitBytes = 64 * 1024;

/** Splits a multiplexed stream; TTY containers send none. */
export const createFrameSplitter = (take: TakeFrame): FrameSplitter => {
	let held: Buffer[] = [];
	let heldBytes = 0;
	let neededBytes = headerBytes;
	// A frame above the limit that is being handed over in pieces.
	let openStream = 0;
	let openBytes = 0;
	let openAtStart = false;
	let broken = false;

	const hold = (chunk: Buffer, start: number, end: number, needed: number): void => {
		if (start < end) {
			held.push(chunk.subarray(start, end));
			heldBytes += end - start;
		}

		neededBytes = needed;
	};

	const split = (chunk: Buffer, from: number, end: number): boolean => {
		let start = from;
		for (;;) {
			if (openBytes > 0) {
				const taken = Math.min(openBytes, end - start);
				if (taken > 0) {
					take(openStream, chunk, start, start + taken, openAtStart);
					openAtStart = false;
				}

				openBytes -= taken;
				start += taken;
				if (openBytes > 0) {
					return true;
				}
			}

			if (end - start < headerBytes) {
				hold(chunk, start, end, headerBytes);
				return true;
			}

			const stream = chunk[start]!;
			if (stream > 3 || chunk[start + 1] !== 0 || chunk[start + 2] !== 0 || chunk[start + 3] !== 0) {
				return false;
			}

			const length = chunk.readUInt32BE(start + 4);
			const payload = start + headerBytes;
			if (payload + length <= end) {
				if (length > 0) {
					take(stream, chunk, payload, payload + length, true);
				}

				start = payload + length;
			} else if (length <= wholeLimitBytes) {
				hold(chunk, start, end, headerBytes + length);
				return true;
			} else {
				openStream = stream;
				openBytes = length;
				openAtStart = true;
				start = payload;
			}
		}
	};

	return {
		feed(chunk, start, end) {
			if (broken) {
				return false;
			}

			if (heldBytes === 0) {
				broken = !split(chunk, start, end);
				return !broken;
			}

			held.push(chunk.subarray(start, end));
			heldBytes += end - start;
			if (heldBytes < neededBytes) {
				return true;
			}

			const whole = Buffer.concat(held, heldBytes);
			held = [];
			heldBytes = 0;
			broken = !split(whole, 0, whole.length);
			return !broken;
		},
	};
};
