/** The months of a time zone as spans of instants: they begin at local midnight, also where daylight saving makes one of their days longer. */

import type {Month} from '../core/incident-stats.ts';
import type {Stamp} from './stamp.ts';

const dayMs = 86_400_000;

/** When the local month that holds `atMs` began, to the second: found by halving, since no zone's rules are known here. */
const beginningOf = (atMs: number, stamp: Stamp): number => {
	const label = stamp.month(atMs);
	let before = atMs - (32 * dayMs);
	let within = atMs;
	while (within - before > 1) {
		const middle = Math.floor((before + within) / 2);
		if (stamp.month(middle) === label) {
			within = middle;
		} else {
			before = middle;
		}
	}

	return within;
};

/** The last `count` months, the one of `nowMs` included, oldest first. */
export const lastMonths = (nowMs: number, count: number, stamp: Stamp): readonly Month[] => {
	const months: Month[] = [];
	let toMs = beginningOf(beginningOf(nowMs, stamp) + (40 * dayMs), stamp);
	for (let index = 0; index < count; index++) {
		const fromMs = beginningOf(toMs - 1, stamp);
		months.unshift({label: stamp.month(fromMs), fromMs, toMs});
		toMs = fromMs;
	}

	return months;
};
