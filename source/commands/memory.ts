/**
Gives back what is not needed. Loading and drawing first let V8's young generation grow to 16 MB a half and leave some 10 MB of garbage that nothing
collects on an idle screen (measured: 160 → 130 MB resident), and an idle screen then gathers 10 MB more a minute before V8 finds it worth its
while. On a host that may be out of memory this console should hold none of it.
*/

import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import type {Clock, Stop} from '../core/ports.ts';

type Collect = (options: {readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort'}) => void;

const settledAfterMs = 6000;
const everyMs = 60_000;

/**
Collects once when starting up has settled, and from then on every minute in which nobody typed (`keyRevision` stood still): it takes some 30 ms, which
a key must not wait for. The young generation stays small from the first collection on.
*/
export const keepMemorySmall = (clock: Clock, keyRevision: () => number): Stop => {
	let collect: Collect | null = null;
	let seen = -1;
	let stop: Stop = () => undefined;
	const tidy = (): void => {
		stop = clock.after(everyMs, tidy);
		if (collect === null) {
			setFlagsFromString('--semi-space-growth-factor=1');
			setFlagsFromString('--expose-gc');
			collect = runInNewContext('gc') as Collect;
			setFlagsFromString('--no-expose-gc');
		} else if (keyRevision() !== seen) {
			seen = keyRevision();
			return;
		}

		seen = keyRevision();
		collect({type: 'major', execution: 'sync', flavor: 'last-resort'});
	};

	stop = clock.after(settledAfterMs, tidy);
	return () => {
		stop();
	};
};
