/** The readme's table out of what a sweep wrote: faults, the first finding, seconds. */

export type FaultRow = {
	readonly name: string;
	readonly isExtra: boolean;
	/** Nothing was found before it was broken. */
	readonly startedWell: boolean;
	readonly first: string;
	readonly sentence: string;
	readonly isRight: boolean;
	readonly fromSignS: number | null;
	readonly fromBreakS: number | null;
	/** What stood first before the right one. */
	readonly before: readonly string[];
	readonly status: string;
	readonly statusSentence: string;
	readonly statusRight: boolean;
	readonly statusMs: number;
	readonly load: number;
};

/** A warning has no failed ping to count from: then it is counted from the break. */
const secondsOf = ({fromSignS, fromBreakS}: FaultRow): string => fromSignS === null ? (fromBreakS === null ? '—' : `${fromBreakS.toFixed(1)} ¹`) : fromSignS.toFixed(1);

const cell = (text: string): string => text.replaceAll('|', '\\|');

const rowOf = (row: FaultRow): string => {
	const first = row.isRight ? row.sentence : `✖ ${row.sentence || 'nothing'}`;
	const before = row.before.length === 0 ? '' : `; before it: ${row.before.map(text => text.replace(/ at (-?[\d.]+)$/, ' ($1 s)')).join(', ')}`;
	return `| ${cell(row.name)} | ${cell(first)}${before} | ${secondsOf(row)} | ${row.statusRight ? 'same' : cell(row.statusSentence) || 'nothing'} |`;
};

/** A Markdown table; of a fault that was made twice the last counts. */
export const tableOf = (rows: readonly FaultRow[]): string => {
	const last = [...new Map(rows.map(row => [row.name, row])).values()];
	const head = ['| fault | first finding | s | `status` |', '|---|---|---|---|'];
	return [...head, ...last.filter(({isExtra}) => !isExtra).map(row => rowOf(row)), '', 'Beyond the list that it began with (rules for several of these were written after they had been tried):', '', ...head, ...last.filter(({isExtra}) => isExtra).map(row => rowOf(row))].join('\n');
};
