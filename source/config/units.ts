/**
Durations and shares as people write them: `2s`, `500ms`, `1m30s`; `80%` or `0.8`. Hides the notation; everything inside the
program is milliseconds and numbers from 0 to 1. A duration without a unit is refused, since nobody can say what it would mean.
*/

/** One or more counts with units, largest unit first by custom but in any order. */
export const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
export const sharePattern = /^\d+(?:\.\d+)?\s?%$/;

const unitMs: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};

/** Milliseconds of a duration, or null when it is none. */
export const parseDuration = (text: string): number | null => {
	const trimmed = text.trim();
	if (!durationPattern.test(trimmed)) {
		return null;
	}

	let sum = 0;
	for (const [, count, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
		sum += Number(count) * unitMs[unit!]!;
	}

	return Math.round(sum);
};

/** The shortest notation that reads back to the same milliseconds. */
export const formatDuration = (durationMs: number): string => {
	for (const unit of ['d', 'h', 'm', 's'] as const) {
		if (durationMs >= unitMs[unit]! && durationMs % unitMs[unit]! === 0) {
			return `${durationMs / unitMs[unit]!}${unit}`;
		}
	}

	return `${durationMs}ms`;
};

/** A share from 0 to 1, of `80%` or `0.8`; null when it is none. */
export const parseShare = (value: string | number): number | null => {
	if (typeof value === 'number') {
		return value >= 0 && value <= 1 ? value : null;
	}

	const trimmed = value.trim();
	if (!sharePattern.test(trimmed)) {
		return null;
	}

	const share = Number.parseFloat(trimmed) / 100;
	return share <= 1 ? share : null;
};
