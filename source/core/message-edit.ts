/** A text that is edited in place: where the cursor is, and what a key does to it. Several lines; no selection, no undo: it is a message of a few sentences. */

import {makeSafe} from './text.ts';

/** `at` counts UTF-16 units from the start, and never stands inside a pair. */
export type Edited = {readonly text: string; readonly at: number};

const longest = 8000;

const lineStart = ({text, at}: Edited): number => text.lastIndexOf('\n', at - 1) + 1;
const lineEnd = ({text, at}: Edited): number => {
	const end = text.indexOf('\n', at);
	return end < 0 ? text.length : end;
};

const before = ({text, at}: Edited): number => at === 0 ? 0 : at - (/[\uDC00-\uDFFF]/.test(text[at - 1]!) && at > 1 ? 2 : 1);
const after = ({text, at}: Edited): number => at >= text.length ? text.length : at + (/[\uD800-\uDBFF]/.test(text[at]!) && at + 1 < text.length ? 2 : 1);

/** The text with `typed` put in at the cursor, made safe; line breaks stay. */
export const insertText = (edited: Edited, typed: string): Edited => {
	const safe = typed.split(/\r\n|\n|\r/).map(line => makeSafe(line)).join('\n');
	return edited.text.length + safe.length > longest ? edited : {text: edited.text.slice(0, edited.at) + safe + edited.text.slice(edited.at), at: edited.at + safe.length};
};

const removed = ({text}: Edited, from: number, to: number): Edited => ({text: text.slice(0, from) + text.slice(to), at: from});

const vertically = (edited: Edited, by: -1 | 1): Edited => {
	const start = lineStart(edited);
	const column = edited.at - start;
	if (by === -1) {
		return start === 0 ? {...edited, at: 0} : placed(edited, lineStart({...edited, at: start - 1}), column);
	}

	const end = lineEnd(edited);
	return end === edited.text.length ? {...edited, at: end} : placed(edited, end + 1, column);
};

const placed = (edited: Edited, start: number, column: number): Edited => {
	const at = Math.min(start + column, lineEnd({...edited, at: start}));
	return {...edited, at: /[\uDC00-\uDFFF]/.test(edited.text[at] ?? '') ? at - 1 : at};
};

/** What a key does; null when it means nothing here. */
export const editKey = (edited: Edited, key: string): Edited | null => {
	switch (key) {
		case 'left': {
			return {...edited, at: before(edited)};
		}

		case 'right': {
			return {...edited, at: after(edited)};
		}

		case 'up':
		case 'down': {
			return vertically(edited, key === 'up' ? -1 : 1);
		}

		case 'home':
		case 'ctrl-a': {
			return {...edited, at: lineStart(edited)};
		}

		case 'end':
		case 'ctrl-e': {
			return {...edited, at: lineEnd(edited)};
		}

		case 'backspace': {
			return removed(edited, before(edited), edited.at);
		}

		case 'delete': {
			return removed(edited, edited.at, after(edited));
		}

		case 'ctrl-u': {
			return removed(edited, lineStart(edited), edited.at);
		}

		case 'ctrl-k': {
			return removed(edited, edited.at, lineEnd(edited));
		}

		case 'enter': {
			return insertText(edited, '\n');
		}

		default: {
			return [...key].length === 1 ? insertText(edited, key) : null;
		}
	}
};
