/** Writes the schemas of the configuration and of a drill's scenario: `node build/schema.js`. A test holds that the files are current. */

import {writeFileSync} from 'node:fs';
import {drillJsonSchema} from '../source/config/drill-schema.ts';
import {configurationJsonSchema} from '../source/config/schema.ts';

for (const [name, schema] of [['mdc-console', configurationJsonSchema()], ['mdc-console-drill', drillJsonSchema()]]) {
	writeFileSync(new URL(`../${name}.schema.json`, import.meta.url), `${JSON.stringify(schema, null, '\t')}\n`);
}
