/**
Loaded before every test file: property tests draw the same cases each time, so that a change is judged by what it did and not by the draw. To look for
new cases: `MDC_CONSOLE_SEED=random npm test -- test/core` (or a number, to repeat one); fast-check prints the seed of a failure.
*/

import fc from 'fast-check';

const asked = process.env['MDC_CONSOLE_SEED'] ?? '';
if (asked !== 'random') {
	fc.configureGlobal({...fc.readConfigureGlobal(), seed: asked === '' ? 20_260_118 : Number(asked)});
}
