/**
The nearest known word to a mistyped one, for "did you mean". Hides the distance: spelling variants (`timeZone`, `time_zone`)
count as equal, a beginning that only one word has counts, else at most a third of the letters may differ.
*/

const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_\s]/g, '');

/** Edits (insert, delete, replace, swap of neighbours) from one word to the other. */
const distance = (left: string, right: string): number => {
	let before: number[] = [];
	let row = Array.from({length: right.length + 1}, (_, index) => index);
	for (let i = 1; i <= left.length; i++) {
		const next = [i];
		for (let j = 1; j <= right.length; j++) {
			const same = left[i - 1] === right[j - 1];
			let edits = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
			if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
				edits = Math.min(edits, before[j - 2]! + 1);
			}

			next.push(edits);
		}

		before = row;
		row = next;
	}

	return row[right.length]!;
};

/** The known word that `word` was most likely meant to be, or null when none is near. */
export const nearest = (word: string, known: readonly string[]): string | null => {
	if (word.length > 64) {
		return null;
	}

	const wanted = plain(word);
	const begun = known.filter(candidate => wanted.length >= 2 && plain(candidate).startsWith(wanted));
	if (begun.length === 1) {
		return begun[0]!;
	}

	let best: {readonly word: string; readonly edits: number} | null = null;
	for (const candidate of known) {
		const edits = distance(wanted, plain(candidate));
		if (best === null || edits < best.edits) {
			best = {word: candidate, edits};
		}
	}

	return best !== null && best.edits <= Math.max(1, Math.floor(wanted.length / 3)) && best.edits < wanted.length ? best.word : null;
};
