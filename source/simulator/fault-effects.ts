/** What each fault does to the world at the moment at which it is broken in, and what its end mends. Cause and effect from there on are the programs' own (boot.ts). */

import type {Fault, FaultKind} from './faults.ts';
import {beginLeak, killForMemory, portRefusal, writeTimeouts} from './boot.ts';
import {hostileLines, postgresKilled, postgresNoSpace} from './log-lines.ts';
import type {ServiceName} from './stack.ts';
import {thingsOf} from './things.ts';
import type {Inside, SimulatedContainer} from './world-types.ts';

const gibibyte = 1024 ** 3;
const usualUsedBytes = 24.6 * gibibyte;
const usualGrowth = 3100;

const whenRunning = (inside: Inside, service: ServiceName, change: (container: SimulatedContainer) => void): void => {
	const container = inside.containers.get(service);
	if (container !== undefined && container.pid !== 0) {
		change(container);
	}
};

/** Breaks something, at once. */
export const breakFault = (inside: Inside, fault: Fault): void => {
	inside.faults.set(fault);
	switch (fault.kind) {
		case 'api-stopped':
		case 'db-stopped':
		case 'redis-stopped':
		case 'nginx-stopped': {
			inside.stopNow(serviceOf(fault.kind));
			break;
		}

		case 'api-missing': {
			inside.remove('api');
			break;
		}

		case 'api-paused': {
			whenRunning(inside, 'api', api => {
				api.state = 'paused';
				inside.emit(api, 'paused');
			});
			break;
		}

		case 'api-crash-loop': {
			inside.stopNow('api');
			inside.startNow('api');
			break;
		}

		case 'api-oom-killed': {
			whenRunning(inside, 'api', api => {
				killForMemory(inside, api, fault.stays === true);
			});
			break;
		}

		case 'api-leak': {
			whenRunning(inside, 'api', api => {
				beginLeak(inside, api);
			});
			break;
		}

		case 'api-hangs':
		case 'api-500': {
			whenRunning(inside, 'api', api => {
				if (api.app === 'ready') {
					inside.setApp(api, fault.kind === 'api-500' ? 'failing' : 'hanging', fault.kind === 'api-500' ? api.plan.usualCores : 0.004);
					writeTimeouts(inside, api);
				}
			});
			break;
		}

		case 'db-recovery': {
			whenRunning(inside, 'db', db => {
				inside.write(db, postgresKilled(inside.wallNow()));
				inside.die(db, 137);
			});
			break;
		}

		case 'nginx-bad-config': {
			inside.stopNow('nginx');
			inside.startNow('nginx');
			break;
		}

		case 'port-taken': {
			inside.stopNow('api');
			inside.startNow('api');
			break;
		}

		case 'engine-gone':
		case 'engine-denied':
		case 'engine-hung': {
			inside.setEngine(fault.kind === 'engine-gone' ? 'gone' : fault.kind === 'engine-denied' ? 'denied' : 'hung');
			break;
		}

		case 'log-flood': {
			inside.logs.floods.push({service: fault.service, from: inside.timeline.now(), until: Number.POSITIVE_INFINITY, linesPerSecond: fault.linesPerSecond});
			inside.tell({kind: 'written', id: inside.containers.get(fault.service)?.id ?? ''});
			break;
		}

		case 'hostile-log': {
			const container = inside.containers.get(fault.service);
			if (container !== undefined) {
				inside.write(container, hostileLines());
			}

			break;
		}

		case 'disk-filling': {
			setDisk(inside, inside.usedDiskBytes(), fault.bytesPerSecond ?? (inside.disk.totalBytes - inside.usedDiskBytes()) / 600);
			watchDisk(inside);
			break;
		}

		case 'disk-full': {
			fillDisk(inside, fault);
			break;
		}

		case 'api-slow':
		case 'api-health-check':
		case 'db-connections':
		case 'redis-full':
		case 'nginx-stale':
		case 'nginx-wrong-port': {
			break;
		}
	}

	inside.record();
};

const serviceOf = (kind: 'api-stopped' | 'db-stopped' | 'redis-stopped' | 'nginx-stopped'): ServiceName => kind.slice(0, kind.indexOf('-')) as ServiceName;

/** Ends a fault: what it stopped, removed or paused is started again. */
export const healFault = (inside: Inside, kind: FaultKind): void => {
	inside.faults.delete(kind);
	switch (kind) {
		case 'db-stopped':
		case 'redis-stopped':
		case 'nginx-stopped': {
			inside.startNow(serviceOf(kind));
			break;
		}

		case 'api-stopped':
		case 'api-missing':
		case 'api-paused':
		case 'api-oom-killed':
		case 'api-crash-loop': {
			inside.startNow('api');
			break;
		}

		case 'nginx-bad-config': {
			inside.startNow('nginx');
			break;
		}

		case 'engine-gone':
		case 'engine-denied':
		case 'engine-hung': {
			inside.setEngine('answers');
			break;
		}

		case 'log-flood': {
			for (const flood of inside.logs.floods) {
				flood.until = Math.min(flood.until, inside.timeline.now());
			}

			break;
		}

		case 'disk-filling':
		case 'disk-full': {
			setDisk(inside, usualUsedBytes, usualGrowth);
			inside.setDiskFull(false);
			break;
		}

		case 'db-recovery': {
			whenRunning(inside, 'db', db => {
				inside.setApp(db, 'ready', db.plan.usualCores);
			});
			break;
		}

		default: {
			mend(inside, kind);
		}
	}

	inside.record();
};

/** What ends with the fault in a program that runs on. */
const mend = (inside: Inside, kind: FaultKind): void => {
	if (kind === 'api-hangs' || kind === 'api-500') {
		whenRunning(inside, 'api', api => {
			if (api.app === 'hanging' || api.app === 'failing') {
				inside.setApp(api, 'ready', api.plan.usualCores);
			}
		});
	} else if (kind === 'api-leak') {
		whenRunning(inside, 'api', api => {
			api.leak = null;
		});
	}
};

/** After anything that may cure: faults that are cured are over, and what shows of them in running programs ends with them. */
export const settleFaults = (inside: Inside): void => {
	for (const kind of inside.faults.kinds()) {
		if (!inside.faults.has(kind)) {
			inside.faults.delete(kind);
			mend(inside, kind);
		}
	}

	const isFull = (inside.faults.has('disk-filling') || inside.faults.has('disk-full')) && inside.usedDiskBytes() >= inside.disk.totalBytes;
	inside.setDiskFull(isFull);
	inside.record();
};

const setDisk = (inside: Inside, usedBytes: number, bytesPerSecond: number): void => {
	Object.assign(inside.disk, {at: inside.timeline.now(), usedBytes, bytesPerSecond});
};

const dayMs = 86_400_000;

/** The disk is full of what somebody forgot: rotated logs, layers of old builds. */
const fillDisk = (inside: Inside, {logsGib = 0, cacheGib = 0}: Extract<Fault, {readonly kind: 'disk-full'}>): void => {
	const things = thingsOf(inside.world());
	const now = inside.wallNow();
	const count = Math.ceil(logsGib);
	things.logs = [...things.logs, ...Array.from({length: count}, (_, index) => ({path: `/var/log/mestres/api-debug.${index + 1}.log`, bytes: Math.round(logsGib * gibibyte / count), atMs: now - ((8 + index) * dayMs)}))];
	things.cacheBytes += cacheGib * gibibyte;
	setDisk(inside, inside.disk.totalBytes, usualGrowth);
	watchDisk(inside);
};

/** Says when the disk is full, and again every twenty seconds while it is. */
const watchDisk = (inside: Inside): void => {
	const {disk} = inside;
	const left = disk.totalBytes - inside.usedDiskBytes();
	if (!inside.faults.has('disk-filling') && !inside.faults.has('disk-full')) {
		return;
	}

	if (left > 0) {
		inside.plan((left / disk.bytesPerSecond * 1000) + 1, () => {
			watchDisk(inside);
		});
		return;
	}

	inside.setDiskFull(true);
	inside.record();
	const db = inside.containers.get('db');
	if (db?.app === 'ready') {
		inside.write(db, postgresNoSpace(inside.wallNow()));
	}

	inside.plan(20_000, () => {
		watchDisk(inside);
	});
};

/** May the engine start it? The refusal, as the engine says it; empty when it may. */
export const refusalOf = (inside: Inside, service: ServiceName): string => service === 'api' && inside.faults.has('port-taken') ? portRefusal(5001) : '';
