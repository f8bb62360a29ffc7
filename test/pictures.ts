/** The pictures and the recording in the repository are what the program draws now. */

import {readdirSync, readFileSync} from 'node:fs';
import test from 'ava';
import {pictures} from './fixtures/pictures.ts';

const directory = new URL('../docs/pictures/', import.meta.url);

test('every picture shows what the program draws; after a change: npm run pictures, and look at them', async t => {
	const drawn = await pictures();
	t.deepEqual(Object.keys(drawn).toSorted(), ['card.svg', 'debrief.svg', 'drill.cast', 'outage.svg', 'recovered.svg']);
	t.deepEqual(readdirSync(directory).toSorted(), Object.keys(drawn).toSorted());
	for (const [name, text] of Object.entries(drawn)) {
		t.true(readFileSync(new URL(name, directory), 'utf8') === text, `${name} is not what the program draws now: npm run pictures`);
	}
});
