/**
Gives back what starting up left behind. Loading and drawing first let V8's young generation grow to 16 MB a half and leave some 10 MB of garbage
that nothing collects on an idle screen; on a host that may be out of memory this console should not hold it (measured: 160 → 130 MB resident).
*/

import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';

/** One full collection, and from then on a young generation that stays small. Takes about 30 ms: call it when nobody is typing. */
export const giveBackMemory = (): void => {
	setFlagsFromString('--semi-space-growth-factor=1');
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as (options: {readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort'}) => void;
	collect({type: 'major', execution: 'sync', flavor: 'last-resort'});
	setFlagsFromString('--no-expose-gc');
};
