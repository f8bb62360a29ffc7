/** Which actions help, best first. Ids only: whether this console has such an action is for the action table to say. */

import type {Scene, Service} from './scene.ts';

/** Brings up what does not run; a paused or hanging one needs more than `up`. */
export const startOf = (service: Service): readonly string[] => service.role === 'proxy' && !service.missing
	? [`restart-${service.name}`, `start-${service.name}`]
	: [`start-${service.name}`, ...(service.missing ? [] : [`restart-${service.name}`])];

export const restartOf = (service: Service): readonly string[] => [`restart-${service.name}`];

/** New code or dependencies: built anew, or the version before. */
export const rebuildOf = (service: Service, scene: Scene): readonly string[] => hasNewCommit(scene)
	? ['rollback-commit', 'rollback-image', `rebuild-${service.name}`]
	: [`rebuild-${service.name}`, 'rollback-commit'];

/** What only an edit cures: the action is what makes the edit count. */
export const afterEdit = (service: Service): readonly string[] => [`start-${service.name}`];

/** An error of its own: back to the version before when there is a new one, else a restart may help. */
export const afterError = (service: Service, scene: Scene): readonly string[] => hasNewCommit(scene)
	? ['rollback-commit', 'rollback-image', ...restartOf(service)]
	: [...restartOf(service), 'rollback-commit'];

const recentMs = 6 * 3_600_000;

const hasNewCommit = (scene: Scene): boolean => scene.changes.some(change => change.kind === 'commit' && scene.nowMs - change.atMs < recentMs);
