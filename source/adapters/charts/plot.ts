/**
The arithmetic of a chart: readings become one value per dot, braille becomes ASCII, numbers become short labels.
Pure; knows nothing of the library that draws.
*/

type Value = number | null;

/**
Readings, oldest first, spread over `dots` positions. More readings than dots: each dot shows the highest of its share, so
that a spike never disappears. Fewer: the way between two neighbours is straight. A single one stands at the right end.
A dot is null where the nearest reading is missing.
*/
export const spread = (values: readonly Value[], dots: number): readonly Value[] => {
	if (values.length === 0 || dots <= 0) {
		return Array.from({length: Math.max(0, dots)}, () => null);
	}

	if (values.length === 1) {
		return [...Array.from({length: dots - 1}, () => null), isKnown(values[0] ?? null) ? values[0]! : null];
	}

	return values.length > dots ? condensed(values, dots) : interpolated(values, dots);
};

const condensed = (values: readonly Value[], dots: number): readonly Value[] => Array.from({length: dots}, (_, dot) => {
	const from = Math.floor(dot * values.length / dots);
	const to = Math.max(from + 1, Math.floor((dot + 1) * values.length / dots));
	const known = values.slice(from, to).filter(value => isKnown(value));
	return known.length === 0 ? null : Math.max(...known);
});

const interpolated = (values: readonly Value[], dots: number): readonly Value[] => Array.from({length: dots}, (_, dot) => {
	const position = dots === 1 ? values.length - 1 : dot * (values.length - 1) / (dots - 1);
	const below = Math.floor(position);
	const left = values[below] ?? null;
	const right = values[Math.min(values.length - 1, below + 1)] ?? null;
	if (isKnown(left) && isKnown(right)) {
		return left + ((right - left) * (position - below));
	}

	const nearest = position - below < 0.5 ? left : right;
	return isKnown(nearest) ? nearest : null;
});

const isKnown = (value: Value): value is number => value !== null && Number.isFinite(value);

/** The scale that values are drawn on, whatever their own is: the library's arithmetic is safe there. */
export const scaleTop = 1000;

/**
Values on the scale 0–`scaleTop`, without gaps and within the range, for a library that can draw neither; the gaps are cut out
of its picture afterwards. They are bridged by a straight line, so that no step shows at their ends.
*/
export const scaled = (values: readonly Value[], range: {readonly min: number; readonly max: number}): readonly number[] => {
	const known = values.flatMap((value, position) => value === null ? [] : [{position, value: share(value, range) * scaleTop}]);
	let next = 0;
	return values.map((_, position) => {
		while (next < known.length - 1 && known[next]!.position < position) {
			next++;
		}

		const after = known[next];
		const before = known[next - 1];
		return before && after && after.position > position
			? before.value + ((after.value - before.value) * (position - before.position) / (after.position - before.position))
			: after?.value ?? 0;
	});
};

const share = (value: number, range: {readonly min: number; readonly max: number}): number => {
	const part = (value - range.min) / (range.max - range.min);
	return Number.isFinite(part) ? Math.min(1, Math.max(0, part)) : 0;
};

/** For each column of two dots: true when no series knows a value there. */
export const gapColumns = (series: ReadonlyArray<readonly Value[]>, columns: number): readonly boolean[] => Array.from({length: columns}, (_, column) =>
	series.every(values => (values[column * 2] ?? null) === null && (values[(column * 2) + 1] ?? null) === null));

// The dots of a braille cell, as bits, in rows from the top: left column and right column.
const rowBits = [0x09, 0x12, 0x24, 0xC0] as const;

/** The ASCII character that is closest to a braille one; other characters stay as they are. */
export const asciiOf = (character: string): string => {
	const bits = character.codePointAt(0)! - 0x28_00;
	if (bits < 0 || bits > 0xFF) {
		return character;
	}

	const rows = rowBits.map(mask => (bits & mask) !== 0);
	const count = rows.filter(Boolean).length;
	if (count === 0) {
		return ' ';
	}

	if (count >= 3) {
		return '|';
	}

	const top = rows[0]! || rows[1]!;
	const bottom = rows[2]! || rows[3]!;
	if (top && bottom) {
		return rows[1] && rows[2] ? '-' : ':';
	}

	return top ? (rows[0] ? '\'' : '-') : (rows[3] ? '.' : '-');
};

const units = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const;

/** A number of the y axis in at most five characters: `0.25`, `80`, `1.5k`, `12G`. */
export const axisLabel = (value: number): string => {
	const unit = units.find(([size]) => Math.abs(value) >= size);
	const scaled = unit ? value / unit[0] : value;
	const decimals = Number.isInteger(scaled) || Math.abs(scaled) >= 100 ? 0 : (Math.abs(scaled) >= 1 ? 1 : 2);
	return scaled.toFixed(decimals).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') + (unit?.[1] ?? '');
};
