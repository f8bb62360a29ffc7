/**
The engine's time stamps before log lines (RFC 3339 with nanoseconds: `2026-01-01T00:00:00.123456789Z`, from Podman also with fewer
digits and an offset). Hides how they are found in bytes, compared, and turned into the API's `since`.

Invariant: pure; comparing keeps the nanoseconds that a JavaScript number would lose.
*/

const usualLength = 30;
const longestLength = 35;
const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const space = 0x20;
const dash = 0x2D;
const letterT = 0x54;
const letterZ = 0x5A;

/** How many bytes a stamp at `start` takes, without the space behind it; 0 when none stands there. */
export const stampLength = (buffer: Buffer, start: number, end: number): number => {
	if (end - start < 20 || buffer[start + 4] !== dash || buffer[start + 7] !== dash || buffer[start + 10] !== letterT) {
		return 0;
	}

	// Docker's own stamps all have the same length.
	const usualEnd = start + usualLength;
	if (buffer[usualEnd - 1] === letterZ && usualEnd <= end && (usualEnd === end || buffer[usualEnd] === space)) {
		return usualLength;
	}

	let at = start + 19;
	while (at < end && at - start <= longestLength && buffer[at] !== space) {
		at++;
	}

	return shape.test(buffer.toString('latin1', start, at)) ? at - start : 0;
};

/** A stamp as whole seconds (as epoch milliseconds) and the nanoseconds within; null when it is none. */
export const partsOf = (stamp: string): {readonly secondMs: number; readonly nanoseconds: number} | null => {
	if (!shape.test(stamp)) {
		return null;
	}

	const zone = stamp.endsWith('Z') ? 'Z' : stamp.slice(-6);
	const secondMs = Date.parse(stamp.slice(0, 19) + zone);
	const fraction = stamp[19] === '.' ? stamp.slice(20, stamp.length - zone.length) : '';
	return Number.isNaN(secondMs) ? null : {secondMs, nanoseconds: Number(fraction.padEnd(9, '0'))};
};

/** Below, equal or above zero, as for sorting. What is no stamp comes first. */
export const compareStamps = (a: string, b: string): number => {
	if (a === b) {
		return 0;
	}

	if (a.length === usualLength && b.length === usualLength && a.endsWith('Z') && b.endsWith('Z')) {
		return a < b ? -1 : 1;
	}

	const [left, right] = [partsOf(a), partsOf(b)];
	if (left === null || right === null) {
		return left === right ? 0 : left === null ? -1 : 1;
	}

	return left.secondMs - right.secondMs || left.nanoseconds - right.nanoseconds;
};

/** A stamp as the API's `since`: seconds with nine decimals. */
export const sinceOfStamp = (stamp: string): string | null => {
	const parts = partsOf(stamp);
	return parts === null ? null : `${parts.secondMs / 1000}.${String(parts.nanoseconds).padStart(9, '0')}`;
};

/** An instant as the API's `since`. */
export const sinceOfInstant = (atMs: number): string => (Math.max(0, atMs) / 1000).toFixed(3);

/** Makes a function from stamps to epoch milliseconds that parses each second once. */
export const createStampClock = (): ((stamp: string) => number | null) => {
	let knownSecond = '';
	let knownMs = 0;
	return stamp => {
		if (stamp.length === usualLength && stamp.startsWith(knownSecond) && knownSecond !== '') {
			return knownMs + Number(stamp.slice(20, 23));
		}

		const parts = partsOf(stamp);
		if (parts === null) {
			return null;
		}

		if (stamp.length === usualLength && stamp.endsWith('Z')) {
			knownSecond = stamp.slice(0, 20);
			knownMs = parts.secondMs;
		}

		return parts.secondMs + Math.floor(parts.nanoseconds / 1e6);
	};
};
