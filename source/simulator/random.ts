/**
Randomness that a seed decides. Two kinds: `hash`, which has no state and so gives the same value for the same question
whenever it is asked (logs of any second can be made lazily, in any order), and `createRandom`, a sequence for what happens once.
*/

const mix = (state: number, value: number): number => {
	let mixed = Math.imul(state ^ value, 0x85_EB_CA_6B);
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xC2_B2_AE_35);
	return (mixed ^ (mixed >>> 16)) >>> 0;
};

/** A number from 0 to 2³²−1 that depends on all parts and on nothing else. */
export const hash = (...parts: ReadonlyArray<number | string>): number => {
	let state = 0x9E_37_79_B9;
	for (const part of parts) {
		if (typeof part === 'number') {
			state = mix(mix(state, part >>> 0), Math.floor(part / 0x1_00_00_00_00) >>> 0);
		} else {
			for (let index = 0; index < part.length; index++) {
				state = mix(state, part.charCodeAt(index) + 1);
			}
		}
	}

	return mix(state, parts.length);
};

/** As `hash`, as a share from 0 to 1 (1 excluded). */
export const share = (...parts: ReadonlyArray<number | string>): number => hash(...parts) / 0x1_00_00_00_00;

/** `length` hexadecimal digits that depend on all parts: container ids, image ids, hashes of configurations. */
export const hexDigits = (length: number, ...parts: ReadonlyArray<number | string>): string => {
	let digits = '';
	for (let index = 0; digits.length < length; index++) {
		digits += hash(...parts, index).toString(16).padStart(8, '0');
	}

	return digits.slice(0, length);
};

export type Random = {
	/** From 0 to 1, 1 excluded. */
	next(): number;
	/** A whole number from `low` to `high`, both included. */
	between(low: number, high: number): number;
	pick<T>(choices: readonly T[]): T;
};

export const createRandom = (seed: number, name: string | number): Random => {
	let count = 0;
	const next = (): number => share(seed, name, count++);
	return {
		next,
		between: (low, high) => low + Math.floor(next() * (high - low + 1)),
		pick: choices => choices[Math.floor(next() * choices.length)]!,
	};
};
