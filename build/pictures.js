/** Writes the readme's pictures and the recording from a drill: `npm run pictures`. A test holds that they are current. */

import {mkdirSync, writeFileSync} from 'node:fs';
import {pictures} from '../test/fixtures/pictures.ts';

const directory = new URL('../docs/pictures/', import.meta.url);
mkdirSync(directory, {recursive: true});
for (const [name, text] of Object.entries(await pictures())) {
	writeFileSync(new URL(name, directory), text);
}
