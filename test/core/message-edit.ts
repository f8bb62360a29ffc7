import test from 'ava';
import fc from 'fast-check';
import {editKey, insertText, type Edited} from '../../source/core/message-edit.ts';

const typed = (start: Edited, ...keys: readonly string[]): Edited => keys.reduce((edited, key) => editKey(edited, key) ?? edited, start);

test('keys move and change a text of several lines as an editor does', t => {
	const table: ReadonlyArray<readonly [string, Edited, readonly string[], string, number]> = [
		['typing', {text: 'ab', at: 1}, ['x', 'enter', 'y'], 'ax\nyb', 4],
		['backspace over a line break', {text: 'a\nb', at: 2}, ['backspace'], 'ab', 1],
		['delete at the end does nothing', {text: 'a', at: 1}, ['delete'], 'a', 1],
		['backspace at the start does nothing', {text: 'a', at: 0}, ['backspace'], 'a', 0],
		['home and end are of the line', {text: 'ab\ncd\nef', at: 4}, ['home', 'X', 'end', 'Y'], 'ab\nXcdY\nef', 7],
		['up and down keep the column where they can', {text: 'abcd\nx\nabcd', at: 10}, ['up', 'up'], 'abcd\nx\nabcd', 1],
		['down from a longer line', {text: 'abcd\nx', at: 3}, ['down', '!'], 'abcd\nx!', 7],
		['up from the first line goes to its start', {text: 'abcd', at: 3}, ['up'], 'abcd', 0],
		['ctrl-u and ctrl-k', {text: 'ab\ncd', at: 4}, ['ctrl-u', 'ctrl-k'], 'ab\n', 3],
		['an emoji is one step', {text: 'a🚒b', at: 3}, ['left', 'delete'], 'ab', 1],
		['keys that mean nothing', {text: 'a', at: 1}, ['tab', 'f1', 'page-up'], 'a', 1],
	];
	for (const [name, start, keys, text, at] of table) {
		t.deepEqual(typed(start, ...keys), {text, at}, name);
	}
});

test('what is put in is harmless, and a text has an end', t => {
	t.deepEqual(insertText({text: '', at: 0}, 'a\u001B[2Jb\r\nc\u202Ed'), {text: 'ab\ncd', at: 5});
	const full = {text: 'x'.repeat(7999), at: 0};
	t.is(insertText(full, 'yy'), full);
});

test('whatever is pressed, the cursor stands in the text and never inside a pair', t => {
	const key = fc.constantFrom('left', 'right', 'up', 'down', 'home', 'end', 'backspace', 'delete', 'ctrl-u', 'ctrl-k', 'enter', 'a', '🚒', 'é');
	fc.assert(fc.property(fc.array(key, {maxLength: 80}), keys => {
		const {text, at} = typed({text: '🚒 a\n\n🚒🚒', at: 0}, ...keys);
		t.true(at >= 0 && at <= text.length);
		t.false(/[\uD800-\uDBFF]/.test(text[at - 1] ?? '') && /[\uDC00-\uDFFF]/.test(text[at] ?? ''));
		t.true(text.isWellFormed());
	}));
});
