/**
How each program of the stack comes up, and what becomes of it then: the lines of its start, the moment at which it serves, the deaths that a standing fault
has in store for it.
*/

import {makeSafe, ownText} from '../core/text.ts';
import {
	databaseNotReached, failedStart, gunicorn, gunicornListening, migrationUnknown, nginxBadConfig, nginxHostNotFound, nginxStarting, postgresReady, postgresRecovering, postgresStarting,
	redisStarting, workerFailedToBoot,
} from './log-lines.ts';
import {share} from './random.ts';
import {codeOf, imageOfContainer, newestRevision, revisionNeeded, thingsOf} from './things.ts';
import type {Inside, SimulatedContainer} from './world-types.ts';

const usualLeakMs = 180_000;
/** The kernel's kill comes this long after each start. */
const killedAfterMs = 12_000;
/** A little longer than boot and leak together, so that the limit is reached just before the kill. */
const climbMs = 15_000;

/** Begins a program of a container that has just started. */
export const boot = (inside: Inside, container: SimulatedContainer): void => {
	const {later, wallNow, write, faults} = inside;
	const ready = (): void => {
		inside.setApp(container, 'ready', container.plan.usualCores);
	};

	switch (container.service) {
		case 'api': {
			bootApi(inside, container);
			break;
		}

		case 'db': {
			const recovery = faults.get('db-recovery');
			write(container, recovery === undefined ? postgresStarting(wallNow()) : postgresRecovering(wallNow()));
			later(container, recovery === undefined ? 1400 : recovery.lastsMs ?? 120_000, () => {
				faults.delete('db-recovery');
				write(container, [postgresReady(wallNow())]);
				ready();
			});
			break;
		}

		case 'redis': {
			later(container, 120, () => {
				write(container, redisStarting(wallNow()));
				ready();
			});
			break;
		}

		case 'nginx': {
			later(container, 160, () => {
				const isBroken = faults.has('nginx-bad-config');
				// A stopped container has no address, so its name is unknown and nginx refuses to start.
				if (isBroken || (inside.containers.get('api')?.pid ?? 0) === 0) {
					write(container, isBroken ? nginxBadConfig(wallNow()) : nginxHostNotFound(wallNow()));
					inside.die(container, 1);
				} else {
					write(container, nginxStarting(wallNow()));
					ready();
				}
			});
			break;
		}
	}
};

const bootApi = (inside: Inside, container: SimulatedContainer): void => {
	const {later, wallNow, write, faults} = inside;
	later(container, 650, () => {
		const loop = faults.has('api-crash-loop') ? faults.get('api-crash-loop') : undefined;
		const things = thingsOf(inside.world());
		const isTooOld = things.schema > revisionNeeded(things, codeOf(things, imageOfContainer(things, container)));
		if (loop !== undefined || isTooOld) {
			later(container, 200, () => {
				// Code from before a migration does not know the revision that the database is at.
				const {exitCode, lines} = loop === undefined ? migrationUnknown(wallNow(), newestRevision(things)) : failedStart(wallNow(), loop.cause ?? 'missing-variable');
				write(container, lines);
				inside.die(container, exitCode);
			});
			return;
		}

		later(container, 50, () => {
			write(container, gunicornListening(wallNow()));
		});
		later(container, 130, () => {
			write(container, [gunicorn(wallNow(), 7, 'INFO', 'Booting worker with pid: 7'), gunicorn(wallNow(), 8, 'INFO', 'Booting worker with pid: 8')]);
		});
		later(container, 2250 + Math.floor(share(inside.seed, 'boot', container.generation) * 500), () => {
			reachDatabase(inside, container, 1);
		});
	});
};

const reachDatabase = (inside: Inside, container: SimulatedContainer, attempt: number): void => {
	const {later, wallNow, write, faults} = inside;
	if (inside.containers.get('db')?.app !== 'ready') {
		write(container, [databaseNotReached(wallNow(), attempt, inside.containers.get('db')?.app === 'starting')]);
		later(container, attempt === 3 ? 60 : 1000, () => {
			if (attempt === 3) {
				write(container, workerFailedToBoot(wallNow()));
				inside.die(container, 3);
			} else {
				reachDatabase(inside, container, attempt + 1);
			}
		});
		return;
	}

	inside.setApp(container, faults.has('api-500') ? 'failing' : faults.has('api-hangs') ? 'hanging' : 'ready', container.plan.usualCores);
	beginLeak(inside, container);
	writeTimeouts(inside, container);
};

/** The memory of this start of the api climbs, and at its limit the kernel kills it. */
export const beginLeak = (inside: Inside, container: SimulatedContainer): void => {
	const {faults, later, timeline} = inside;
	const oom = faults.has('api-oom-killed') ? faults.get('api-oom-killed') : undefined;
	if (oom !== undefined) {
		later(container, killedAfterMs, () => {
			if (faults.has('api-oom-killed')) {
				killForMemory(inside, container, oom.stays === true);
			}
		});
	}

	const slow = faults.has('api-leak') ? faults.get('api-leak') : undefined;
	if (slow !== undefined) {
		const lastsMs = slow.growsMs ?? usualLeakMs;
		container.leak = {since: timeline.now(), lastsMs};
		later(container, lastsMs, () => {
			if (faults.has('api-leak')) {
				killForMemory(inside, container, false);
			} else {
				container.leak = null;
			}
		});
	}
};

/** How a start's memory will behave, from its first moment on. */
export const leakAtStart = (inside: Inside, container: SimulatedContainer): SimulatedContainer['leak'] =>
	container.service === 'api' && inside.faults.has('api-oom-killed') ? {since: inside.timeline.now(), lastsMs: climbMs} : null;

/** The kernel kills the api at its limit. `stays`: the engine does not start it again. */
export const killForMemory = (inside: Inside, container: SimulatedContainer, stays: boolean): void => {
	const atMs = inside.wallNow();
	inside.write(container, [gunicorn(atMs, 1, 'ERROR', 'Worker (pid:8) was sent SIGKILL! Perhaps out of memory?')]);
	container.oomKills++;
	inside.kernelKills.push({atMs, pid: container.pid, name: ownText('gunicorn'), containerId: container.id, byLimit: true});
	inside.emit(container, 'oom');
	inside.die(container, 137, {byHand: stays, oom: true});
};

/** While it hangs, gunicorn's master kills a worker every half minute and says so. */
export const writeTimeouts = (inside: Inside, container: SimulatedContainer): void => {
	if (container.app === 'hanging') {
		inside.later(container, 30_000, () => {
			if (container.app === 'hanging') {
				const atMs = inside.wallNow();
				const pid = 9 + (Math.floor(inside.timeline.now() / 30_000) % 40);
				inside.write(container, [gunicorn(atMs, 1, 'CRITICAL', `WORKER TIMEOUT (pid:${pid})`), gunicorn(atMs, pid, 'INFO', `Worker exiting (pid: ${pid})`), gunicorn(atMs, pid + 1, 'INFO', `Booting worker with pid: ${pid + 1}`)]);
				writeTimeouts(inside, container);
			}
		});
	}
};

/** What the engine says when somebody else has the port. */
export const portRefusal = (port: number): string =>
	makeSafe(`driver failed programming external connectivity on endpoint mestres-do-cafe_api_1: Error starting userland proxy: listen tcp4 0.0.0.0:${port}: bind: address already in use`);
