/**
The faults that can be broken into the pretend server, as data: what a scenario file may name, with which parameters, and what ends each. What
they do to the server is the simulator's.
*/

export const drillServices = ['api', 'db', 'redis', 'nginx'] as const;
export type DrillService = typeof drillServices[number];

export const crashCauses = ['missing-variable', 'syntax-error', 'missing-module', 'database-auth', 'database-missing', 'migration-pending', 'app-error'] as const;
/** Why a program dies at its start, as its last lines say it. */
export type CrashCause = typeof crashCauses[number];

/**
What ends a standing fault, whoever does it by whichever command: a service started again; the api's container made anew; the api on code, or the checkout on a
commit, from before the fault; an image built since; the database migrated; room on the disk.
*/
export const cures = ['start-api', 'recreate-api', 'old-code', 'old-checkout', 'new-image', 'migrated', 'start-db', 'start-redis', 'start-nginx', 'space'] as const;
export type Cure = typeof cures[number];

/** Any of these ends it; without one only `heal` does, or what the kind itself says. */
type Until = {readonly until?: readonly Cure[]};

export type Fault =
	| {readonly kind: 'api-stopped'}
	| {readonly kind: 'api-missing'}
	| {readonly kind: 'api-paused'}
	/** Dies at every start; the restart policy tries again and again. The exit code is 1 for `missing-variable` (the default), else 3. */
	| {readonly kind: 'api-crash-loop'; readonly cause?: CrashCause} & Until
	/** Killed by the kernel at its memory limit, now and again 12 s after every start. `stays`: the engine does not start it again. */
	| {readonly kind: 'api-oom-killed'; readonly stays?: boolean} & Until
	/** Memory climbs to the limit in `growsMs` (three minutes), answers become slow, the kernel kills it; from its start on it climbs again. */
	| {readonly kind: 'api-leak'; readonly growsMs?: number} & Until
	/** Requests never end. A restart cures it unless it `persists`. */
	| {readonly kind: 'api-hangs'; readonly persists?: boolean} & Until
	| {readonly kind: 'api-500'} & Until
	/** Every answer takes so much longer. */
	| {readonly kind: 'api-slow'; readonly delayMs?: number} & Until
	/** The container's own health check cannot run; the api answers. */
	| {readonly kind: 'api-health-check'} & Until
	| {readonly kind: 'db-stopped'}
	/** Killed, and then in recovery for so long (two minutes) after each start; it ends by itself, and begins anew when somebody restarts the database. */
	| {readonly kind: 'db-recovery'; readonly lastsMs?: number}
	/** No session is left: the api's own pool holds them all. */
	| {readonly kind: 'db-connections'} & Until
	| {readonly kind: 'redis-stopped'}
	/** Maxmemory is reached, and nothing may be evicted. */
	| {readonly kind: 'redis-full'} & Until
	| {readonly kind: 'nginx-stopped'}
	| {readonly kind: 'nginx-wrong-port'} & Until
	/** Nginx goes on speaking to the address that the api had before. */
	| {readonly kind: 'nginx-stale'} & Until
	/** Its configuration cannot be read: it dies at every start. */
	| {readonly kind: 'nginx-bad-config'} & Until
	/** The api is stopped, and a stranger listens on its port: every start of the api is refused. */
	| {readonly kind: 'port-taken'}
	| {readonly kind: 'engine-gone'}
	| {readonly kind: 'engine-denied'}
	| {readonly kind: 'engine-hung'}
	| {readonly kind: 'log-flood'; readonly service: DrillService; readonly linesPerSecond: number}
	| {readonly kind: 'hostile-log'; readonly service: DrillService}
	/** The root disk fills at this rate; 0 bytes left is reached in about ten minutes when none is told. */
	| {readonly kind: 'disk-filling'; readonly bytesPerSecond?: number} & Until
	/** Full now: so many GiB of it are logs older than a week, so many build cache that nobody uses. */
	| {readonly kind: 'disk-full'; readonly logsGib?: number; readonly cacheGib?: number} & Until;

export type FaultKind = Fault['kind'];

/** The parameters that a scenario file may give each kind, beside when it happens. */
export const faultParameters: {readonly [Kind in FaultKind]: ReadonlyArray<Exclude<keyof Extract<Fault, {readonly kind: Kind}>, 'kind'>>} = {
	'api-stopped': [], 'api-missing': [], 'api-paused': [],
	'api-crash-loop': ['cause', 'until'], 'api-oom-killed': ['stays', 'until'], 'api-leak': ['growsMs', 'until'], 'api-hangs': ['persists', 'until'], 'api-500': ['until'],
	'api-slow': ['delayMs', 'until'], 'api-health-check': ['until'],
	'db-stopped': [], 'db-recovery': ['lastsMs'], 'db-connections': ['until'], 'redis-stopped': [], 'redis-full': ['until'],
	'nginx-stopped': [], 'nginx-wrong-port': ['until'], 'nginx-stale': ['until'], 'nginx-bad-config': ['until'], 'port-taken': [],
	'engine-gone': [], 'engine-denied': [], 'engine-hung': [], 'log-flood': ['service', 'linesPerSecond'], 'hostile-log': ['service'],
	'disk-filling': ['bytesPerSecond', 'until'], 'disk-full': ['logsGib', 'cacheGib', 'until'],
};

export const faultKinds = Object.keys(faultParameters) as readonly FaultKind[];

/** What ends a kind by its nature, where the scenario says nothing else. */
export const usualCures: Readonly<Partial<Record<FaultKind, readonly Cure[]>>> = {
	'api-hangs': ['start-api'], 'db-connections': ['start-api', 'start-db'], 'redis-full': ['start-redis'], 'nginx-stale': ['start-nginx'], 'disk-full': ['space'], 'api-slow': ['start-api'],
};
