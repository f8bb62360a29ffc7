/** Where the program keeps its state on a machine, and where journals lie. */

import {join} from 'node:path';
import type {Environment} from './invocation.ts';

/** Where state lies: shared by all operators, and the user's own. */
export const stateDirectories = (environment: Environment): {readonly shared: string; readonly own: string} => ({
	shared: '/var/lib/mdc-console',
	own: join(environment['XDG_STATE_HOME']?.startsWith('/') ? environment['XDG_STATE_HOME'] : join(environment['HOME'] ?? '/', '.local/state'), 'mdc-console'),
});

/** Where journals lie, and where they wait for a disk. */
export const journalDirectoriesOf = (environment: Environment, uid: number): {readonly shared: string; readonly own: string; readonly memory: readonly string[]} => {
	// The one place of its kind on a machine: a test that reads all journals names one of its own.
	const memoryState = environment['MDC_CONSOLE_MEMORY'];
	return {...stateDirectories(environment), memory: memoryState === undefined || memoryState === '' ? ['/run/mdc-console/journal', `/dev/shm/mdc-console-${uid}-journal`] : [memoryState]};
};
