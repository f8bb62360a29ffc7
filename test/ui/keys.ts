import test from 'ava';
import {createKeyDecoder, type Decoded, type InkKey} from '../../source/ui/keys.ts';

const nothing: InkKey = {
	upArrow: false, downArrow: false, leftArrow: false, rightArrow: false, pageDown: false, pageUp: false, home: false, end: false,
	return: false, escape: false, ctrl: false, shift: false, tab: false, backspace: false, delete: false, meta: false,
};

const decode = (...pieces: ReadonlyArray<readonly [string, Partial<InkKey>?, number?]>): readonly Decoded[] => {
	const decoder = createKeyDecoder();
	for (const [text, key = {}, atMs = 0] of pieces) {
		decoder.input(text, {...nothing, ...key}, atMs);
	}

	return decoder.take();
};

const keysOf = (decoded: readonly Decoded[]): string => decoded.map(one => one.kind === 'key' ? `${one.key}${one.alone ? '!' : ''}` : `paste:${one.text}`).join(' ');

test('a key in a chunk of its own is alone', t => {
	t.is(keysOf(decode(['y'])), 'y!');
	t.is(keysOf(decode(['G', {shift: true}])), 'G!');
	t.is(keysOf(decode(['ã'])), 'ã!');
});

test('each character of a chunk is one key, and none of them is alone', t => {
	t.is(keysOf(decode(['1y'])), '1 y');
	t.is(keysOf(decode(['y'], ['', {upArrow: true}])), 'y up');
	t.is(keysOf(decode(['jjjjjjjjjjjjjjjj'])), 'j '.repeat(16).trim());
});

test('special keys have the names of the key table', t => {
	t.is(keysOf(decode(['', {tab: true}])), 'tab!');
	t.is(keysOf(decode(['', {tab: true, shift: true}])), 'shift-tab!');
	t.is(keysOf(decode(['\r', {return: true}])), 'enter!');
	t.is(keysOf(decode(['', {escape: true}])), 'escape!');
	t.is(keysOf(decode(['', {escape: true, meta: true}])), 'escape escape');
	t.is(keysOf(decode(['', {pageUp: true}])), 'page-up!');
	t.is(keysOf(decode(['', {backspace: true}])), 'backspace!');
	t.is(keysOf(decode(['c', {ctrl: true}])), 'ctrl-c!');
	t.is(keysOf(decode(['z', {ctrl: true}])), 'ctrl-z!');
	t.is(keysOf(decode(['j\u0015\r\t\u007F'])), 'j ctrl-u enter tab backspace');
});

test('Esc that a slow line joined with the next key is both keys, and neither is alone', t => {
	t.is(keysOf(decode(['y', {meta: true}])), 'escape y');
	t.is(keysOf(decode(['c', {meta: true, ctrl: true}])), 'escape ctrl-c');
});

test('arrows with Alt and key releases press nothing', t => {
	t.deepEqual(decode(['', {upArrow: true, meta: true}]), []);
	t.deepEqual(decode(['y', {eventType: 'release'}]), []);
});

test('an answer of the terminal to a query presses nothing, and what follows it does', t => {
	// OSC 11 with BEL, with ST, and a DCS answer: Ink hands the escape over as Alt with the next character.
	t.is(keysOf(decode([']', {meta: true}], ['11;rgb:0000/0000/0000\u0007y'])), 'y!');
	t.is(keysOf(decode([']', {meta: true}], ['52;c;cm0gLXJmIC8K'], ['\\', {meta: true}], ['q'])), 'q!');
	t.deepEqual(decode(['P', {meta: true}], ['>|xterm(390)'], ['\\', {meta: true}]), []);
	t.is(keysOf(decode([']', {meta: true}, 0], ['y', {}, 1000])), 'y!');
});

test('the rest of a broken escape sequence presses nothing', t => {
	t.deepEqual(decode(['[<0;12;7M']), []);
	t.deepEqual(decode(['[200']), []);
	t.is(keysOf(decode(['['])), '[!');
});

test('a long chunk of different characters is a paste, not keys', t => {
	t.is(keysOf(decode(['docker-compose down -v\r'])), 'paste:docker-compose down -v\r');
});

test('a bracketed paste is text', t => {
	const decoder = createKeyDecoder();
	decoder.paste('y');
	t.deepEqual(decoder.take(), [{kind: 'paste', text: 'y'}]);
	t.deepEqual(decoder.take(), []);
});
