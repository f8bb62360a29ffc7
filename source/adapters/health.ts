/**
Health pings as a port: HTTP, TCP, Postgres and Redis. What lies under `health/` hides the protocols; this file holds the deadline.
Invariants: each ping has a connection of its own and uses no proxy; it ends within its deadline (counted fairly, see `afterFairly`) with exactly one
answer, and its socket, timer and listeners end with it; nothing it hears is shown before it is made safe.
*/

import {afterFairly} from '../core/fair-deadline.ts';
import type {AuthoritiesPort, Clock, HealthPort, PingAnswer, PingKind, PingTarget} from '../core/ports.ts';
import {createHttpProbe} from './health/http.ts';
import {createPostgresProbe} from './health/postgres.ts';
import {createNameLookup, failed, passed, type Probe, type Running, startConnection, type Verdict} from './health/probe.ts';
import {readCacheInfo} from './health/redis-info.ts';
import {probeRedis} from './health/redis.ts';

const probeTcp: Probe = (input, settle) => startConnection(input, settle, () => {
	settle(passed());
});

/**
Makes the port. `resolvedAddress` of a ping is `host:port`; for http it may also be the whole URL. Empty stands for the address as configured.
The answer's `atMs` is when the verdict was had, `latencyMs` the time until then to a tenth. The detail by reason: `status`: code, phrase and
what a health endpoint said; `redirected`: the location; `timed-out`: the phase it hung in (connect, tls, answer, body); `dns`: the host or
the resolver's code; `tls`, `protocol`, `failed`, `starting-up`: the other side's words; `body`: the field as seen.
*/
export const createHealthPort = ({clock, userAgent, authorities}: {readonly clock: Clock; readonly userAgent: string; readonly authorities?: AuthoritiesPort}): HealthPort => {
	const names = createNameLookup();
	const probes: Readonly<Record<PingKind, Probe>> = {
		http: createHttpProbe(() => authorities?.known() ?? []),
		tcp: probeTcp,
		postgres: createPostgresProbe(clock),
		redis: probeRedis,
	};
	return {
		async ping(target, resolvedAddress) {
			// A container's address that is not known has no substitute: the service's name means nothing to this host.
			if (resolvedAddress === '' && target.via === 'container') {
				return {...failed('no-address', target.address), latencyMs: 0, atMs: clock.nowMs()};
			}

			const address = resolvedAddress === '' ? target.address : resolvedAddress;
			return runProbe(clock, target, settle => probes[target.kind]({target, address, userAgent, names}, settle));
		},
		cacheInfo: async (address, deadlineMs) => readCacheInfo(address, deadlineMs),
	};
};

const runProbe = async (clock: Clock, {deadlineMs}: PingTarget, start: (settle: (verdict: Verdict) => void) => Running): Promise<PingAnswer> => new Promise(resolve => {
	const startedMs = clock.monotonicMs();
	let running: Running | null = null;
	let settled = false;
	const settle = (verdict: Verdict): void => {
		if (settled) {
			return;
		}

		settled = true;
		stopDeadline();
		running?.destroy();
		resolve({...verdict, latencyMs: Math.round((clock.monotonicMs() - startedMs) * 10) / 10, atMs: clock.nowMs()});
	};

	const stopDeadline = afterFairly(clock, deadlineMs, () => {
		settle(running?.overdue() ?? failed('timed-out'));
	});
	try {
		running = start(settle);
	} catch (error) {
		// What Node refuses to send, such as a path with a line break.
		settle(failed('failed', error instanceof Error ? error.message : String(error)));
	}

	if (settled) {
		running?.destroy();
	}
});
