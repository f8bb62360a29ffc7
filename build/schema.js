/** Writes mdc-console.schema.json from the configuration's schema: `node build/schema.js`. A test holds that the file is current. */

import {writeFileSync} from 'node:fs';
import {configurationJsonSchema} from '../source/config/schema.ts';

writeFileSync(new URL('../mdc-console.schema.json', import.meta.url), `${JSON.stringify(configurationJsonSchema(), null, '\t')}\n`);
