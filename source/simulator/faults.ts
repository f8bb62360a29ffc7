/**
The faults that can be broken into the pretend server. One-shot ones (stopped, removed, paused) are over as soon as somebody starts the
container; standing ones (a bug, a wrong port, a full disk) hold until `heal`, whatever is restarted.
*/

import type {CrashCause} from './log-lines.ts';
import type {ServiceName} from './stack.ts';

export type Fault =
	| {readonly kind: 'api-stopped'}
	| {readonly kind: 'api-missing'}
	| {readonly kind: 'api-paused'}
	/** Dies at every start; the restart policy tries again and again. The exit code is 1 for `missing-variable` (the default), else 3. */
	| {readonly kind: 'api-crash-loop'; readonly cause?: CrashCause}
	/** Killed by the kernel at its memory limit, now and again 12 s after every start. `stays`: the engine does not start it again. */
	| {readonly kind: 'api-oom-killed'; readonly stays?: boolean}
	/** Requests never end. A restart cures it unless it `persists`. */
	| {readonly kind: 'api-hangs'; readonly persists?: boolean}
	| {readonly kind: 'api-500'}
	| {readonly kind: 'db-stopped'}
	| {readonly kind: 'redis-stopped'}
	| {readonly kind: 'nginx-stopped'}
	| {readonly kind: 'nginx-wrong-port'}
	| {readonly kind: 'engine-gone'}
	| {readonly kind: 'engine-denied'}
	| {readonly kind: 'engine-hung'}
	| {readonly kind: 'log-flood'; readonly service: ServiceName; readonly linesPerSecond: number}
	| {readonly kind: 'hostile-log'; readonly service: ServiceName}
	/** The root disk fills at this rate; 0 bytes left is reached in about ten minutes when none is told. */
	| {readonly kind: 'disk-filling'; readonly bytesPerSecond?: number};

export type FaultKind = Fault['kind'];
