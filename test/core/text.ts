import test from 'ava';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {clip, compareNames, fit, makeSafe, makeSafeLines, takeColumns, widthOf, wrap} from '../../source/core/text.ts';

for (const [raw, safe, why] of [
	['plain text', 'plain text', 'ASCII stays'],
	['\u001B[31mred\u001B[0m', 'red', 'colours go'],
	['a\u001B[2J\u001B[1;1Hb', 'ab', 'cursor moves go'],
	['x\u001B]52;c;aGk=\u0007y', 'xy', 'the clipboard is not set'],
	['x\u001B]0;title\u001B\\y', 'xy', 'the title is not set'],
	['x\u009B31my', 'xy', 'C1 sequences go'],
	['x\u001B]8;;http://evil\u0007link\u001B]8;;\u0007', 'xlink', 'links show their text'],
	['x\u001BPq#0\u001B\\y', 'xy', 'device strings go'],
	['a\u202Eb\u2066c', 'abc', 'bidi controls go'],
	['a\u200B\u200Db\uFEFF', 'ab', 'zero-width characters go'],
	['\u0000\u0007\u0008x\u007F', 'x', 'C0 and DEL go'],
	['a\tb', 'a   b', 'tabs become spaces'],
	['a\r\nb', 'a⏎b', 'a line break is shown'],
	['\uD800x', '\uFFFDx', 'a lone surrogate is marked'],
	['👩‍💻', '👩💻', 'joined emoji come apart'],
	['🇧🇷', 'BR', 'flags become their letters'],
	['café ação', 'café ação', 'accents stay'],
	['unterminated \u001B]52;c;zzz', 'unterminated ', 'an unterminated string goes'],
] as const) {
	test(`makeSafe: ${why}`, t => {
		t.is(makeSafe(raw), safe as never);
	});
}

test('an unterminated sequence does not hide the lines after it', t => {
	t.deepEqual(makeSafeLines('a\u001B]52;c;zz\nsecond\r\nthird'), ['a', 'second', 'third'] as never);
});

test('a safe text has no control or format character, and making it safe again changes nothing', t => {
	fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 80}), raw => {
		const safe = makeSafe(raw);
		return !/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u.test(safe) && makeSafe(safe) === safe;
	}), {numRuns: 2000});
	t.pass();
});

test('the width of a safe text is what the string-width package says', t => {
	for (const text of ['abc', 'ação', 'coração ☕', '日本語', 'ｆｕｌｌ', '한국어', '✖ ● ▓░ ▁▂▃ ─│╭╮', '⏱ 07:42', '👍 ok', '⚠ warn', 'e\u0301', '›‹…—', '✔✖▲■', '①②', 'Ω≈ç√', '⠿⣿']) {
		t.is(widthOf(makeSafe(text)), stringWidth(makeSafe(text)), text);
	}
});

test('fit gives exactly the columns asked for', t => {
	fc.assert(fc.property(fc.string({unit: 'grapheme', maxLength: 60}), fc.integer({min: 1, max: 50}), (raw, columns) => {
		const text = makeSafe(raw);
		return widthOf(fit(text, columns)) === columns && widthOf(fit(text, columns, 'end')) === columns && widthOf(clip(text, columns)) <= columns;
	}), {numRuns: 1000});
	t.pass();
});

test('takeColumns never splits a wide character and loses nothing', t => {
	t.deepEqual({...takeColumns('日本語', 3)}, {text: '日', width: 2, rest: '本語'} as never);
});

test('wrap breaks at spaces and gives pieces that fit', t => {
	t.deepEqual(wrap('connection refused by the database', 20), ['connection refused', 'by the database'] as never);
	for (const piece of wrap('x'.repeat(95), 20)) {
		t.true(widthOf(piece) <= 20);
	}
});

test('names are in the order of their characters, whatever the locale', t => {
	t.deepEqual(['worker', 'api', 'db', 'api', 'Api', 'api-2'].toSorted(compareNames), ['Api', 'api', 'api', 'api-2', 'db', 'worker']);
});
