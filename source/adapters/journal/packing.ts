/**
Rows of the table on their way from the worker to the main thread: numbers as numbers, and every text that occurs once. Hides the form; a hundred
thousand entries cost the reader's thread some tens of milliseconds so, and half a second and more as objects that are copied from thread to thread.
*/

import type {Actor, JournalEntry} from '../../core/ports.ts';

/** The columns of a row in the order in which they are read. */
export const columns = 'sequence, at_ms, monotonic_ms, boot_id, actor, incident, type, data';

export type PackedRow = readonly [sequence: number, atMs: number, monotonicMs: number, bootId: string, actor: string, incident: string | null, type: string, data: string];

export type PackedPage = {
	readonly count: number;
	/** Three numbers of each row. */
	readonly numbers: Float64Array;
	/** Five places of each row in the list of values. */
	readonly places: Uint32Array;
	/** The values as one JSON text. */
	readonly rawText: string;
	/** The newest sequence; of an empty page the one that was asked from. */
	readonly last: number;
};

const numbersOfRow = 3;
const placesOfRow = 5;

/** Packs rows; `after` is where they were asked from. What is stored as JSON is JSON by the table's own checks. */
export const pack = (rows: readonly PackedRow[], after: number): PackedPage => {
	const numbers = new Float64Array(rows.length * numbersOfRow);
	const places = new Uint32Array(rows.length * placesOfRow);
	const texts: string[] = [];
	const [known, knownJson] = [new Map<string | null, number>(), new Map<string, number>()];
	const placeOf = <T extends string | null>(map: Map<T, number>, text: T, asJson: (value: T) => string): number => {
		const place = map.get(text);
		if (place !== undefined) {
			return place;
		}

		map.set(text, texts.length);
		return texts.push(asJson(text)) - 1;
	};

	const plain = (text: string | null): number => placeOf(known, text, value => JSON.stringify(value));
	const json = (text: string): number => placeOf(knownJson, text, value => value);
	for (const [index, row] of rows.entries()) {
		const before = rows[index - 1];
		numbers[index * numbersOfRow] = row[0];
		numbers[(index * numbersOfRow) + 1] = row[1];
		numbers[(index * numbersOfRow) + 2] = row[2];
		const at = index * placesOfRow;
		// Boot, person and incident seldom change.
		places[at] = row[3] === before?.[3] ? places[at - placesOfRow]! : plain(row[3]);
		places[at + 1] = row[4] === before?.[4] ? places[at + 1 - placesOfRow]! : json(row[4]);
		places[at + 2] = row[5] === before?.[5] ? places[at + 2 - placesOfRow]! : plain(row[5]);
		places[at + 3] = plain(row[6]);
		places[at + 4] = json(row[7]);
	}

	return {count: rows.length, numbers, places, rawText: `[${texts.join(',')}]`, last: rows.at(-1)?.[0] ?? after};
};

const nobody: Actor = {name: '?', user: '?', sudoUser: null, host: '?', tty: null, from: null};
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const actorOf = (value: unknown): Actor => isObject(value) && typeof (value as Actor).name === 'string' ? value as Actor : nobody;
const dataOf = (value: unknown): JournalEntry['data'] => isObject(value) ? value as JournalEntry['data'] : {};
const textOf = (value: unknown): string => typeof value === 'string' ? value : '';

/** The entries of a page, added to `entries`. The table proves that actor and data are JSON, not that they are what a console writes. */
export const unpack = ({count, numbers, places, rawText}: PackedPage, entries: JournalEntry[]): void => {
	const values = JSON.parse(rawText) as readonly unknown[];
	for (let index = 0; index < count; index++) {
		const at = index * placesOfRow;
		const incident = values[places[at + 2]!];
		entries.push({
			sequence: numbers[index * numbersOfRow]!,
			atMs: numbers[(index * numbersOfRow) + 1]!,
			monotonicMs: numbers[(index * numbersOfRow) + 2]!,
			bootId: textOf(values[places[at]!]),
			actor: actorOf(values[places[at + 1]!]),
			incident: typeof incident === 'string' ? incident : null,
			type: textOf(values[places[at + 3]!]),
			data: dataOf(values[places[at + 4]!]),
		});
	}
};
