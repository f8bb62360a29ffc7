/*
Ink takes every frame apart anew, cell by cell, and forgets with the frame what it learnt: 10 ms for 120×40, nine tenths of what an idle screen costs, and three
quarters of the garbage. From one frame to the next most lines stand still. This changes the text of Ink's `output.js` so that

- what is known of a line (its cells, its width, its text in Ink's spelling) is kept for the next frame, as long as it is not too much;
- a text whose lines each end their own styles is taken apart by lines, so that one changed line does not cost all of them;
- where a text stands is worked out once, for as long as it stands there;
- a row is painted only when what is written on it is not what was written on it in the frame before.

Invariant: every frame is, byte for byte, the one of Ink's own `output.js`. A test holds the two against each other.
*/

import {mustReplace} from './must-replace.js';

// What is kept between frames. A screen is some 10,000 cells, once by parts and once by rows; a cell takes about 100 bytes.
const kept = `
let caches = new OutputCaches();
const keptCaches = () => {
	if (caches.cells > 40_000) {
		caches = new OutputCaches();
	}

	return caches;
};

const behind = {type: 'char', value: 'x', fullWidth: false};
const emptyCell = Object.freeze({type: 'char', value: ' ', fullWidth: false, styles: Object.freeze([])});

/* By row: the width of the frame, what was written (column, cells, column, cells…), and the text that came of it. */
let rows = [];
const isSameRow = (row, width, writes) => row !== undefined && row.width === width && row.writes.length === writes.length && row.writes.every((write, index) => write === writes[index]);
const keepRow = (y, width, writes, text) => {
	rows[y] = {width, writes, text};
	return text;
};
`;

// Within OutputCaches: every line by itself. A line ends its own styles when a character behind it has none; a system command (OSC) may reach beyond the line, and CR LF is one character.
const cachesMembers = String.raw`
	cells = 0;
	normal = new Map();
	slices = new Map();
	places = new Map();
	normalLine(line) {
		let known = this.normal.get(line);
		if (known === undefined) {
			const cells = styledCharsFromTokens([...tokenize(line), behind]);
			const standsAlone = cells.pop().styles.length === 0 && !/\u001B]|\u009D|\r$/.test(line);
			known = standsAlone ? styledCharsToString(cells.filter(isVisible)) : null;
			this.normal.set(line, known);
		}

		return known;
	}
	normalLines(text) {
		const lines = [];
		for (const line of text.split('\n')) {
			const known = this.normalLine(line);
			if (known === null) {
				return null;
			}

			lines.push(known);
		}

		return lines;
	}
`;

// Within Output. `place` is the first half of Ink's applyWriteOperation, `paint` the second half of its loop.
const placedOnce = `
	applyWriteOperation(output, operation, clip) {
		const {transformers, text} = operation;
		const known = this.caches.places.get(text);
		const isKnown = known !== undefined && known.x === operation.x && known.y === operation.y && (known.clip === clip || (known.clip !== undefined && clip !== undefined && known.clip.x1 === clip.x1 && known.clip.x2 === clip.x2 && known.clip.y1 === clip.y1 && known.clip.y2 === clip.y2));
		const place = isKnown ? known.place : this.place(operation, clip);
		if (!isKnown) {
			this.caches.cells += Math.ceil(text.length / 50);
			this.caches.places.set(text, {x: operation.x, y: operation.y, clip, place});
		}

		if (place === undefined) {
			return;
		}

		const {lines, x, y} = place;
`;

const takesApart = / {8}\/\/ Preserve styles across explicit newlines[\s\S]*?let lines = (characterLines\.map\(line => styledCharsToString\(line\)\);)/;

const filtersVisible = /\.filter\((character => !.*\.test\(character\.value\))\);/;

/** The text of Ink's `output.js` in `file`, changed as this file says. Throws when it is not the text that is known here. */
export const withKeptFrames = (text, file) => [
	['caches = new OutputCaches();', 'caches = keptCaches();'],
	['styledChars = new Map();', `styledChars = new Map();${cachesMembers}`],
	['this.styledChars.set(line, cached);', 'this.styledChars.set(line, cached); this.cells += cached.length;'],
	[filtersVisible, '.filter(isVisible);'],
	[/ {4}applyWriteOperation\(output, operation, clip\) \{\s*const \{ text, transformers \} = operation;/, '    place(operation, clip) {\n        const { text } = operation;'],
	[takesApart, '        let lines = this.caches.normalLines(text) ?? this.wholeLines(text);'],
	['for (let [index, line] of lines.entries()) {', `return {lines, x, y};
	}
	wholeLines(text) {
${takesApart.exec(text)?.[0].replace('let lines = ', 'return ')}
	}
${placedOnce}
		for (let [index, line] of lines.entries()) {`],
	['let offsetX = x;', `currentLine.push(x, characters);
		}
	}
	paint(currentLine, x, characters) {
		{
			let offsetX = x;`],
	['    sliceLineToColumns(line, from, to) {', `	sliceLineToColumns(line, from, to) {
		const known = this.caches.slices.get(line);
		if (known !== undefined && known.from === from && known.to === to) {
			return known.slice;
		}

		const slice = this.sliceAnew(line, from, to);
		this.caches.slices.set(line, {from, to, slice});
		return slice;
	}
	sliceAnew(line, from, to) {`],
	[/const output = \[];\s*for \(let y = 0; y < this\.height; y\+\+\) \{\s*const row = \[];[\s\S]*?output\.push\(row\);\s*\}/, 'const output = Array.from({length: Math.max(0, Math.ceil(this.height))}, () => []);'],
	['.map(line => {\n            // See', `.map((writes, y) => {
            if (isSameRow(rows[y], this.width, writes)) {
                return rows[y].text;
            }

            const line = Array(Math.max(0, Math.ceil(this.width))).fill(emptyCell);
            for (let index = 0; index < writes.length; index += 2) {
                this.paint(line, writes[index], writes[index + 1]);
            }

            // See`],
	['return styledCharsToString(lineWithoutEmptyItems).trimEnd();', 'return keepRow(y, this.width, writes, styledCharsToString(lineWithoutEmptyItems).trimEnd());'],
].reduce((changed, [from, to]) => mustReplace(changed, from, to, file), text) + `\nconst isVisible = ${filtersVisible.exec(text)[1]};${kept}`;
