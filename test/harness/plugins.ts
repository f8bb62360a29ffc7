/** What the bundler changes in packages must not change what they answer. */
import test from 'ava';
import stringWidth from 'string-width';
import {plainCharacters} from '../../build/plugins.js';

test('every character with the short way to a width is one cell wide for string-width, alone and beside any other', t => {
	const plain = new RegExp(`^[${plainCharacters}]$`);
	const characters = Array.from({length: 0x1_00_00}, (_, code) => String.fromCharCode(code)).filter(character => plain.test(character));
	t.true(characters.length > 1000);
	t.deepEqual(characters.filter(character => stringWidth(character) !== 1), []);
	// One string of all of them, and one backwards: neighbours that made one grapheme would be missing.
	t.is(stringWidth(characters.join('')), characters.length);
	t.is(stringWidth(characters.toReversed().join('')), characters.length);
});
