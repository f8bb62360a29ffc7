/**
How the screen's tones become terminal codes, and its glyphs plain ASCII: the only place where an escape sequence is made.

Invariants: sixteen colours at most, so that every SSH terminal shows them; without colour nothing is lost but the colour (bold, dim and
inverse stay); in ASCII mode a glyph keeps its width, so that no column moves.
*/

import {codePointWidth} from '../core/text.ts';

export type Tone =
	| 'plain' | 'dim' | 'strong' | 'bad' | 'badStrong' | 'warn' | 'warnStrong' | 'good' | 'goodStrong' | 'accent' | 'accentStrong'
	/** Tags: an open incident, a warning, a quiet one; a key that can be pressed; a search hit; the typing cursor. */
	| 'alarm' | 'caution' | 'success' | 'tag' | 'key' | 'hit' | 'cursor'
	| 'service0' | 'service1' | 'service2' | 'service3' | 'service4' | 'service5';

export type Theme = {readonly unicode: boolean; readonly colour: boolean};

const plainTerminals = new Set(['', 'dumb', 'unknown', 'vt52', 'vt100', 'vt102', 'vt220']);

/**
The theme that suits a terminal, from the environment's variables: Unicode where the locale is UTF-8 and the terminal has the glyphs (the Linux
console's font lacks most of them), colour unless NO_COLOR is set or the terminal has none.
*/
export const themeFor = (environment: Readonly<Record<string, string | undefined>>): Theme => {
	const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
	const terminal = environment['TERM'] ?? '';
	const isPlain = plainTerminals.has(terminal);
	return {unicode: /utf-?8/i.test(locale) && !isPlain && terminal !== 'linux', colour: !isPlain && !terminal.endsWith('-m') && (environment['NO_COLOR'] ?? '') === ''};
};

/** Codes of the tones with colour. Blue is avoided: on black it cannot be read. */
const coloured: Readonly<Record<Tone, string>> = {
	plain: '', dim: '2', strong: '1', bad: '31', badStrong: '1;31', warn: '33', warnStrong: '1;33', good: '32', goodStrong: '1;32', accent: '36', accentStrong: '1;36',
	alarm: '1;37;41', caution: '30;43', success: '1;30;42', tag: '7', key: '1;36', hit: '30;43', cursor: '7',
	service0: '36', service1: '35', service2: '32', service3: '94', service4: '96', service5: '95',
};

const colourless: Readonly<Record<Tone, string>> = {
	plain: '', dim: '2', strong: '1', bad: '', badStrong: '1', warn: '', warnStrong: '1', good: '', goodStrong: '1', accent: '', accentStrong: '1',
	alarm: '1;7', caution: '7', success: '1;7', tag: '7', key: '1', hit: '7', cursor: '7',
	service0: '', service1: '', service2: '', service3: '', service4: '', service5: '',
};

const serviceTones: readonly Tone[] = ['service0', 'service1', 'service2', 'service3', 'service4', 'service5'];

/** The tone of the nth service: neighbours differ. */
export const serviceTone = (index: number): Tone => serviceTones[((index % serviceTones.length) + serviceTones.length) % serviceTones.length]!;

const plainAscii = /^[ -~]*$/;

const glyphs = new Map<string, string>([
	['─', '-'], ['│', '|'], ['┃', '!'], ['╭', '+'], ['╮', '+'], ['╰', '+'], ['╯', '+'], ['├', '+'], ['┤', '+'], ['━', '='],
	['●', '*'], ['✖', 'x'], ['◐', '~'], ['▲', '!'], ['‖', '='], ['○', 'o'], ['▸', '>'], ['›', '>'], ['→', '>'], ['✔', 'v'], ['↑', '^'], ['↓', 'v'], ['←', '<'], ['½', 'h'], ['•', '*'],
	['▁', '_'], ['▂', '.'], ['▃', '-'], ['▄', ':'], ['▅', '='], ['▆', '+'], ['▇', '*'], ['█', '#'], ['░', '.'], ['▏', '.'], ['▎', '.'], ['▍', ':'], ['▌', ':'], ['▋', '+'], ['▊', '+'], ['▉', '#'],
	['·', '-'], ['…', '~'], ['—', '-'], ['–', '-'], ['×', 'x'], ['≥', '>'], ['≈', '~'], ['“', '"'], ['”', '"'], ['‘', '\''], ['’', '\''], ['«', '"'], ['»', '"'], ['⏎', ' '], ['⏱', ' '], ['º', 'o'], ['ª', 'a'],
]);

const asciiGlyph = (character: string): string => {
	const known = glyphs.get(character);
	if (known !== undefined) {
		return known;
	}

	const width = codePointWidth(character.codePointAt(0)!);
	const bare = character.normalize('NFD').replace(/\p{M}/gu, '');
	return width === 1 && plainAscii.test(bare) && bare.length === 1 ? bare : '?'.repeat(width);
};

/** The text in ASCII, as wide as it was: accents fall off, glyphs have stand-ins, the rest becomes `?`. */
export const toAscii = (text: string): string => plainAscii.test(text) ? text : [...text].map(character => character <= '~' ? character : asciiGlyph(character)).join('');

/** The SGR code that starts a tone; empty for plain text. */
export const codeOf = (tone: Tone, theme: Theme): string => (theme.colour ? coloured : colourless)[tone];
