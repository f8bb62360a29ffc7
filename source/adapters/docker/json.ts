/**
Reading the engine's JSON without believing it: every reader answers with a usable value whatever stands there, so that an odd
engine (an old one, Podman, a broken proxy) gives poor facts instead of an exception. Nothing here throws.
*/

export type JsonRecord = Readonly<Record<string, unknown>>;

const emptyRecord: JsonRecord = Object.freeze({});

/** The value as an object; an empty one for everything else, arrays included. */
export const recordOf = (value: unknown): JsonRecord =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? value as JsonRecord : emptyRecord;

/** The value as an array; an empty one for everything else. */
export const listOf = (value: unknown): readonly unknown[] => Array.isArray(value) ? value : [];

/** The value as a text; empty for everything else. */
export const textOf = (value: unknown): string => typeof value === 'string' ? value : '';

/** The texts in an array. */
export const textsOf = (value: unknown): readonly string[] => listOf(value).filter(item => typeof item === 'string');

/** The value as a finite number; `fallback` for everything else. */
export const numberOf = (value: unknown, fallback = 0): number => typeof value === 'number' && Number.isFinite(value) ? value : fallback;

/** Labels: string values only, in an object without a prototype, since a label may be named like anything. */
export const labelsOf = (value: unknown): Readonly<Record<string, string>> => {
	const labels: Record<string, string> = Object.create(null) as Record<string, string>;
	for (const [name, content] of Object.entries(recordOf(value))) {
		if (typeof content === 'string') {
			labels[name] = content;
		}
	}

	return labels;
};

/**
The engine's instants as epoch milliseconds. Go's zero time (`0001-01-01T00:00:00Z`) means "never" and answers null, as does
whatever is not an instant.
*/
export const instantOf = (value: unknown): number | null => {
	const text = textOf(value);
	if (text === '' || text.startsWith('0001-')) {
		return null;
	}

	const at = Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
	return Number.isNaN(at) ? null : at;
};
