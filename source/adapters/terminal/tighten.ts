/**
Makes a frame shorter without changing what it draws. Ink steps over each unchanged row by itself (`ESC [ E`, 3 bytes a row, about 110 in a frame of
120×40) and repeats, where it resumes a changed row, every colour that the skipped part had switched on and off. On an idle screen these were half
of all bytes on the line.

Invariants: the same text lands in the same cells in the same style; what is not recognised passes as it came.
*/

// eslint-disable-next-line no-control-regex
const steps = /(?:\u001B\[E){2,}/g;
// Where a row is resumed Ink goes to the column and erases the rest; the style is plain there, since each row ends plain.
// eslint-disable-next-line no-control-regex
const resumed = /(\u001B\[\d+G\u001B\[K)((?:\u001B\[[\d;]*m){2,})/g;

/** The frame with repeated steps joined and the styles at the start of a resumed row reduced to those that hold. */
export const tighten = (frame: string): string => frame
	.replace(steps, run => `\u001B[${run.length / 3}E`)
	.replace(resumed, (_whole, start: string, styles: string) => start + netStyle(styles));

/** What a run of SGR codes amounts to, from plain. */
const netStyle = (styles: string): string => {
	const codes = [...styles.matchAll(/\[([\d;]*)m/g)].flatMap(([, list = '']) => list.split(';').map(Number));
	// Extended colours take parameters of their own: left as they came.
	if (codes.some(code => code === 38 || code === 48 || code === 58)) {
		return styles;
	}

	const held = new Map<string, number>();
	for (const code of codes) {
		apply(held, code);
	}

	return held.size === 0 ? '' : `\u001B[${[...held.values()].join(';')}m`;
};

const ends: Readonly<Record<number, readonly string[]>> = {22: ['1', '2'], 23: ['3'], 24: ['4'], 25: ['5'], 27: ['7'], 28: ['8'], 29: ['9'], 39: ['fg'], 49: ['bg']};

const apply = (held: Map<string, number>, code: number): void => {
	if (code === 0) {
		held.clear();
	} else if (ends[code] !== undefined) {
		for (const name of ends[code]) {
			held.delete(name);
		}
	} else {
		const isForeground = (code >= 30 && code <= 37) || (code >= 90 && code <= 97);
		const isBackground = (code >= 40 && code <= 47) || (code >= 100 && code <= 107);
		held.set(isForeground ? 'fg' : (isBackground ? 'bg' : String(code)), code);
	}
};
