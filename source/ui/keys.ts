/**
From what Ink hands over to the key names of the key table. Each character of a chunk is one key, and `alone` holds only for a chunk that was one
key: a paste or an echo that happens to contain `y` runs nothing.

It hides what terminals send that nobody pressed: answers to queries (OSC, DCS) and broken escape sequences. They press nothing.
A long run of different characters in one chunk is a paste of a terminal without bracketed paste, and is told as text.
*/

/** The fields of Ink's key that are read here. */
export type InkKey = {
	readonly upArrow: boolean; readonly downArrow: boolean; readonly leftArrow: boolean; readonly rightArrow: boolean;
	readonly pageDown: boolean; readonly pageUp: boolean; readonly home: boolean; readonly end: boolean;
	readonly return: boolean; readonly escape: boolean; readonly ctrl: boolean; readonly shift: boolean; readonly tab: boolean;
	readonly backspace: boolean; readonly delete: boolean; readonly meta: boolean;
	readonly eventType?: string | undefined;
};

export type Decoded = {readonly kind: 'key'; readonly key: string; readonly alone: boolean} | {readonly kind: 'paste'; readonly text: string};

export type KeyDecoder = {
	/** One piece of input, in order. */
	input(text: string, key: InkKey, atMs: number): void;
	paste(text: string): void;
	/** What the pieces since the last call mean; to be called when a chunk is through. */
	take(): readonly Decoded[];
};

/** A chunk with more characters than this, not all the same, was not typed. */
const typedAtOnce = 12;
/** A string sequence (OSC, DCS, APC, PM, SOS) that has not ended after this long is given up. */
const stringPatienceMs = 200;

const stringStarts = new Set([']', 'P', '^', '_', 'X']);

const special = (key: InkKey): string | null => {
	if (key.tab) {
		return key.shift ? 'shift-tab' : 'tab';
	}

	const names: ReadonlyArray<readonly [boolean, string]> = [
		[key.return, 'enter'], [key.escape, 'escape'], [key.upArrow, 'up'], [key.downArrow, 'down'], [key.leftArrow, 'left'], [key.rightArrow, 'right'],
		[key.pageUp, 'page-up'], [key.pageDown, 'page-down'], [key.home, 'home'], [key.end, 'end'], [key.backspace, 'backspace'], [key.delete, 'delete'],
	];
	return names.find(([isPressed]) => isPressed)?.[1] ?? null;
};

/** The name of one character: itself, or the control key that sends it; empty when it means nothing. */
const named = (character: string): string => {
	const code = character.codePointAt(0)!;
	if (code === 0x0D || code === 0x0A) {
		return 'enter';
	}

	if (code === 0x09) {
		return 'tab';
	}

	if (code === 0x7F || code === 0x08) {
		return 'backspace';
	}

	if (code === 0x1B) {
		return 'escape';
	}

	return code < 0x20 ? (code > 0 && code <= 26 ? `ctrl-${String.fromCodePoint(code + 96)}` : '') : (code >= 0x80 && code < 0xA0 ? '' : character);
};

/** Creates a decoder; it remembers only a string sequence under way. */
export const createKeyDecoder = (): KeyDecoder => {
	let decoded: Decoded[] = [];
	let stringSinceMs: number | null = null;

	const press = (key: string): void => {
		if (key !== '') {
			decoded.push({kind: 'key', key, alone: false});
		}
	};

	/** Drops what belongs to a string sequence; answers with what comes after its end. */
	const afterString = (text: string, key: InkKey, atMs: number): string | null => {
		if (stringSinceMs === null) {
			return text;
		}

		if (atMs - stringSinceMs > stringPatienceMs) {
			stringSinceMs = null;
			return text;
		}

		if (key.meta && text === '\\') {
			stringSinceMs = null;
			return null;
		}

		const bell = /[\u0007\u009C]/.exec(text);
		if (bell !== null || (key.ctrl && text === 'g')) {
			stringSinceMs = null;
			return bell === null ? null : text.slice(bell.index + 1);
		}

		return null;
	};

	return {
		input(text, key, atMs) {
			if (key.eventType === 'release') {
				return;
			}

			const rest = afterString(text, key, atMs);
			if (rest === null) {
				return;
			}

			const name = special(key);
			if (name !== null) {
				// Shift and Ctrl with arrows mean the plain key; Alt means nothing. Esc with Alt is Esc pressed twice that a slow line joined: taken for one, it left
				// open what the second was to close, and a `q` behind them closed that instead of leaving.
				for (let presses = key.meta ? (name === 'escape' ? 2 : 0) : 1; presses > 0; presses--) {
					press(name);
				}

				return;
			}

			if (key.meta) {
				stringSinceMs = stringStarts.has(rest) ? atMs : null;
				if (stringSinceMs !== null) {
					return;
				}

				// On a slow line Esc and the next key come in one piece, which looks like Alt with that key: neither may be lost, and neither is alone.
				press('escape');
			}

			if (key.ctrl) {
				press(/^[a-z]$/.test(rest) ? `ctrl-${rest}` : '');
				return;
			}

			// The rest of an escape sequence that a slow line cut in two: nobody types that at once.
			if (/^\[[\d;<>?]+[A-Za-z~]?$/.test(rest)) {
				return;
			}

			const characters = [...rest];
			if (characters.length > typedAtOnce && new Set(characters).size > 1) {
				decoded.push({kind: 'paste', text: rest});
				return;
			}

			for (const character of characters) {
				press(named(character));
			}
		},
		paste(text) {
			decoded.push({kind: 'paste', text});
		},
		take() {
			const all = decoded;
			decoded = [];
			return all.length === 1 && all[0]!.kind === 'key' ? [{...all[0]!, alone: true}] : all;
		},
	};
};
