/**
SafeText: the only text that a pane accepts. Container logs, names, labels, HTTP bodies and command output are written by
strangers; a control sequence in them could move the cursor, set the clipboard (OSC 52) or turn text around (bidi). This file
hides how such text is made harmless, how wide it is on a terminal, and how it is cut.

The invariant that everything else leans on: a SafeText has no control, format, private or unpaired code point, no variation
selector and no joiner, so its width is the sum of its code points' widths, each 0, 1 or 2.
*/

declare const safe: unique symbol;
export type SafeText = string & {readonly [safe]: true};

/** The empty text, and a way to call our own literals safe. Never pass outside text here: that is `makeSafe`. */
export const emptyText = '' as SafeText;
export const ownText = (literal: string): SafeText => literal as SafeText;

// CSI, OSC/DCS/SOS/PM/APC strings and two-byte escapes, in their 7-bit and C1 forms. An unterminated string sequence is
// swallowed only up to the next escape or line end, so that a hostile line cannot hide the lines after it.
// eslint-disable-next-line no-control-regex
const sequences = /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]?|(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C\n\r]*(?:\u0007|\u001B\\|\u009C)?|\u001B[ -/]*[0-~]?/g;
// Nothing but printable ASCII and Latin-1 (a soft hyphen is none), tested first: almost every log line leaves here.
// eslint-disable-next-line no-control-regex
const plain = /^[\u0020-\u007E\u00A1-\u00AC\u00AE-\u00FF]*$/;
const tabStop = 4;

/**
Makes outside text safe to show: control sequences are removed, tabs become spaces, other control and format characters
(C0, C1, bidi, zero-width, private use, lone surrogates) go away or become `�`. Line breaks become `⏎`; split first where lines matter.
*/
export const makeSafe = (raw: string): SafeText => {
	if (plain.test(raw)) {
		return raw as SafeText;
	}

	const stripped = raw.replace(sequences, '');
	if (plain.test(stripped)) {
		return stripped as SafeText;
	}

	let out = '';
	let column = 0;
	for (const character of stripped) {
		const code = character.codePointAt(0)!;
		if (code >= 0x20 && code <= 0x7E) {
			out += character;
			column++;
		} else if (code === 0x09) {
			const spaces = tabStop - (column % tabStop);
			out += ' '.repeat(spaces);
			column += spaces;
		} else if (code === 0x0A) {
			out += '⏎';
			column++;
		} else {
			const kept = keepCodePoint(code, character);
			out += kept;
			column += kept === '' ? 0 : codePointWidth(kept.codePointAt(0)!);
		}
	}

	return out as SafeText;
};

/** Splits outside text into safe lines; CR LF, LF and a lone CR all end a line. */
export const makeSafeLines = (raw: string): readonly SafeText[] => raw.split(/\r\n|\n|\r/).map(line => makeSafe(line));

const dropped = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Me}\p{Zl}\p{Zp}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}\u{1F3FB}-\u{1F3FF}\u{115F}\u{1160}\u{3164}\u{FFA0}\u{34F}]/u;

const keepCodePoint = (code: number, character: string): string => {
	if (code >= 0xD8_00 && code <= 0xDF_FF) {
		return '\uFFFD';
	}

	// Regional indicators pair up into flags whose width terminals disagree on: shown as the letters they stand for.
	if (code >= 0x1_F1_E6 && code <= 0x1_F1_FF) {
		return String.fromCodePoint(code - 0x1_F1_E6 + 0x41);
	}

	return dropped.test(character) ? '' : character;
};

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const emojiPresentation = /^\p{Emoji_Presentation}$/u;

// East Asian Wide and Fullwidth, by block. Checked against the string-width package in the tests.
const isWideBlock = (code: number): boolean =>
	code >= 0x11_00 && (
		code <= 0x11_5F
		|| (code >= 0x2E_80 && code <= 0x30_3E)
		|| (code >= 0x30_41 && code <= 0x33_FF)
		|| (code >= 0x34_00 && code <= 0x4D_BF)
		|| (code >= 0x4E_00 && code <= 0x9F_FF)
		|| (code >= 0xA0_00 && code <= 0xA4_CF)
		|| (code >= 0xA9_60 && code <= 0xA9_7C)
		|| (code >= 0xAC_00 && code <= 0xD7_A3)
		|| (code >= 0xF9_00 && code <= 0xFA_FF)
		|| (code >= 0xFE_10 && code <= 0xFE_19)
		|| (code >= 0xFE_30 && code <= 0xFE_6B)
		|| (code >= 0xFF_01 && code <= 0xFF_60)
		|| (code >= 0xFF_E0 && code <= 0xFF_E6)
		|| (code >= 0x1_6F_E0 && code <= 0x1_B2_FF)
		|| (code >= 0x1_F2_00 && code <= 0x1_F2_65)
		|| (code >= 0x2_00_00 && code <= 0x3_FF_FD)
	);

/** Columns that one code point of a SafeText takes: 0 (combining), 1 or 2 (wide, emoji). */
export const codePointWidth = (code: number): 0 | 1 | 2 => {
	if (code < 0x3_00) {
		return 1;
	}

	// Box drawing, blocks, braille, arrows: what our own screens are made of.
	if (code >= 0x21_90 && code <= 0x28_FF && !(code >= 0x23_1A && code <= 0x27_BF)) {
		return 1;
	}

	const character = String.fromCodePoint(code);
	if (zeroWidth.test(character)) {
		return 0;
	}

	return isWideBlock(code) || emojiPresentation.test(character) ? 2 : 1;
};

/** Columns that a safe text takes. */
export const widthOf = (text: string): number => {
	if (plain.test(text)) {
		return text.length;
	}

	let width = 0;
	for (const character of text) {
		width += codePointWidth(character.codePointAt(0)!);
	}

	return width;
};

/** The part of `text` that fits into `columns`, and how many columns it takes. Never splits a wide character. */
export const takeColumns = (text: string, columns: number): {readonly text: SafeText; readonly width: number; readonly rest: SafeText} => {
	if (plain.test(text)) {
		const kept = text.slice(0, Math.max(0, columns));
		return {text: kept as SafeText, width: kept.length, rest: text.slice(kept.length) as SafeText};
	}

	let width = 0;
	let end = 0;
	for (const character of text) {
		const next = codePointWidth(character.codePointAt(0)!);
		if (width + next > columns) {
			break;
		}

		width += next;
		end += character.length;
	}

	return {text: text.slice(0, end) as SafeText, width, rest: text.slice(end) as SafeText};
};

/** Cuts to `columns`, marking the cut with `mark` (which counts as one column). */
export const clip = (text: string, columns: number, mark = '…'): SafeText => {
	if (columns <= 0) {
		return emptyText;
	}

	return widthOf(text) <= columns ? text as SafeText : (takeColumns(text, columns - 1).text + mark) as SafeText;
};

/** Exactly `columns` wide: cut with a mark, or filled with spaces on the right (`start`: on the left). */
export const fit = (text: string, columns: number, align: 'start' | 'end' = 'start'): SafeText => {
	const clipped = clip(text, columns);
	const fill = ' '.repeat(Math.max(0, columns - widthOf(clipped)));
	return (align === 'start' ? clipped + fill : fill + clipped) as SafeText;
};

/** Breaks a text into pieces of at most `columns`, at spaces where there are some in the last third. */
export const wrap = (text: string, columns: number): readonly SafeText[] => {
	if (columns <= 0) {
		return [];
	}

	const pieces: SafeText[] = [];
	let rest = text;
	while (widthOf(rest) > columns) {
		const head = takeColumns(rest, columns);
		if (head.text === '') {
			break;
		}

		const space = head.rest.startsWith(' ') ? head.text.length : head.text.lastIndexOf(' ');
		const end = space > head.text.length * 2 / 3 ? space : head.text.length;
		pieces.push(rest.slice(0, end).trimEnd() as SafeText);
		rest = rest.slice(end).replace(/^ /, '');
	}

	pieces.push(rest as SafeText);
	return pieces;
};

/**
Orders two names (services, variables, files) by their characters' codes, the same in every locale. Not `localeCompare`: its first call loads the collation
tables, 9 to 12 ms on the way to the first frame.
*/
export const compareNames = (a: string, b: string): number => a < b ? -1 : (a > b ? 1 : 0);
