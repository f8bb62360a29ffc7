/**
What stands in a container's log. Most of it is never stored: lines of traffic, health checks, checkpoints and floods are made when
somebody reads them, from the seed and the timeline, so a history of hours costs nothing until it is scrolled. Only what an event wrote
(a boot, a shutdown, a ping of ours) is kept.

Invariants: lines are ordered by (at, nanos); the same window always gives the same lines; nothing lies at or after the moment of asking.
*/

import type {RawLogLine} from '../core/ports.ts';
import {
	type LogText, databaseComingUp, databaseGone, diskGone, flask, flaskException, gunicornAccess, healthFailed, nginxAccess, nginxUpstreamError, postgres,
	postgresCheckpoint, redisGone, redisSaved, redisSaving,
} from './log-lines.ts';
import {hash, share} from './random.ts';
import {type ServiceName, healthIntervalMs, planOf} from './stack.ts';
import type {Conditions, Timeline} from './timeline.ts';
import {createTraffic, type Visit, visitBlockMs} from './traffic.ts';

export type LogLine = LogText & {readonly at: number; readonly nanos: number; readonly cutBytes: number};

/** A container as far as its log goes. Nothing was logged before `logSince`: rotated away, or not yet created. */
export type Logging = {readonly id: string; readonly service: ServiceName; readonly logSince: number};

export type Flood = {readonly service: ServiceName; readonly from: number; until: number; readonly linesPerSecond: number};

/** `lines` are the newest of the window; `skipped` counts older ones that were not made, since a flood was more than `mostLines`. */
export type LogWindow = {readonly lines: readonly LogLine[]; readonly skipped: number};

export type LogStore = {
	/** Writes now. Long lines are cut at 16 kB, as the port says. */
	write(container: Logging, at: number, lines: readonly LogText[]): void;
	/** Lines with `from` ≤ at < `until`. */
	between(container: Logging, from: number, until: number, mostLines: number): LogWindow;
	/** The last `count` lines before `until` that are not older than `from`. */
	last(container: Logging, count: number, from: number, until: number): readonly LogLine[];
	/** When the next line after `at` will be there if nothing changes, at most 2 s ahead. */
	nextAt(container: Logging, at: number): number;
	floods: Flood[];
	toRaw(line: LogLine): RawLogLine;
};

const keptWrittenLines = 20_000;
const longestLine = 16 * 1024;
const longestAnswerMs = 15_000;
const checkpointEveryMs = 300_000;
const healthAgent = 'curl/7.88.1';
const healthBytes = 189;

const byTime = (a: LogLine, b: LogLine): number => a.at - b.at || a.nanos - b.nanos;

export const createLogStore = (seed: number, timeline: Timeline): LogStore => {
	const traffic = createTraffic(seed);
	const written = new Map<string, LogLine[]>();
	const floods: Flood[] = [];

	const window = (container: Logging, from: number, until: number): readonly LogLine[] => {
		const start = Math.max(from, container.logSince);
		const lines = writtenBetween(written.get(container.id) ?? [], start, until);
		const made: LogLine[] = [];
		// What lies outside the window is not even written down: a following log asks for seconds, and its visits reach back a quarter of a minute.
		const timed: Timed = (at, nanos, texts) => at < start || at >= until
			? []
			: texts().map((text, index) => ({...text, at, nanos: Math.min(999_999, nanos + (index * 997)), cutBytes: 0}));

		if (container.service === 'api' || container.service === 'nginx') {
			for (let block = Math.floor((start - longestAnswerMs) / visitBlockMs); block * visitBlockMs < until; block++) {
				for (const visit of traffic(block)) {
					if (visit.at < until) {
						made.push(...visitLines(container.service, visit, timeline, timed).filter(line => outlived(container.service, visit.at, line.at, timeline)));
					}
				}
			}

			made.push(...healthCheckLines(container.service, start, until, timeline, timed));
		} else {
			made.push(...routineLines(seed, container.service, start, until, timeline, timed));
		}

		return [...lines, ...made].sort(byTime);
	};

	const floodLines = (service: ServiceName, from: number, until: number, mostLines: number): LogWindow => {
		const lines: LogLine[] = [];
		let skipped = 0;
		for (const flood of floods) {
			const perMs = flood.linesPerSecond / 1000;
			const first = Math.ceil(Math.max(0, Math.max(from, flood.from) - flood.from) * perMs);
			const end = Math.ceil(Math.max(0, Math.min(until, flood.until) - flood.from) * perMs);
			if (flood.service !== service || end <= first) {
				continue;
			}

			const kept = Math.max(first, end - mostLines);
			skipped += kept - first;
			for (let index = kept; index < end; index++) {
				const exact = index / perMs;
				const at = flood.from + Math.floor(exact);
				lines.push({at, nanos: Math.floor((exact % 1) * 999_999), cutBytes: 0, ...flask(timeline.toWall(at), 'DEBUG', `retry ${index} of cache refresh, key=product:${index % 48}`)});
			}
		}

		return {lines, skipped};
	};

	const between: LogStore['between'] = (container, from, until, mostLines) => {
		const ordinary = window(container, from, until);
		const flood = floodLines(container.service, Math.max(from, container.logSince), until, mostLines);
		if (flood.lines.length === 0) {
			return {lines: ordinary, skipped: 0};
		}

		const all = [...ordinary, ...flood.lines].sort(byTime);
		const extra = Math.max(0, all.length - mostLines);
		return {lines: all.slice(extra), skipped: flood.skipped + extra};
	};

	return {
		floods,
		between,
		write(container, at, texts) {
			const lines = written.get(container.id) ?? [];
			const previous = lines.at(-1);
			let nanos = previous !== undefined && previous.at === at ? previous.nanos + 1 : hash(seed, at) % 900_000;
			for (const {stream, text} of texts) {
				const cut = text.length > longestLine ? text.slice(0, longestLine) : text;
				lines.push({stream, text: cut, at, nanos: Math.min(999_999, nanos), cutBytes: text.length - cut.length});
				nanos += 1 + (hash(seed, at, nanos) % 90);
			}

			if (lines.length > keptWrittenLines) {
				lines.splice(0, lines.length - keptWrittenLines);
			}

			written.set(container.id, lines);
		},
		last(container, count, from, until) {
			if (count === Number.POSITIVE_INFINITY) {
				return between(container, from, until, Number.POSITIVE_INFINITY).lines;
			}

			let lines: readonly LogLine[] = [];
			let end = until;
			let span = visitBlockMs;
			const earliest = Math.max(from, container.logSince);
			while (lines.length < count && end > earliest) {
				const start = Math.max(earliest, end - span);
				lines = [...between(container, start, end, count).lines, ...lines];
				end = start;
				span = Math.min(span * 2, 3_600_000);
			}

			return count === 0 ? [] : lines.slice(-count);
		},
		nextAt(container, at) {
			const latest = at + 2000;
			if (floods.some(flood => flood.service === container.service && flood.until > at)) {
				return at + 1;
			}

			return window(container, at, latest)[0]?.at ?? latest;
		},
		toRaw(line) {
			const atMs = timeline.toWall(line.at);
			return {
				stamp: `${new Date(atMs).toISOString().slice(0, 23)}${String(line.nanos).padStart(6, '0')}Z`,
				atMs,
				stream: line.stream,
				rawText: line.text,
				cutBytes: line.cutBytes,
			};
		},
	};
};

const firstAt = (lines: readonly LogLine[], at: number): number => {
	let low = 0;
	let high = lines.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (lines[middle]!.at < at) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}

	return low;
};

const writtenBetween = (lines: readonly LogLine[], from: number, until: number): readonly LogLine[] => lines.slice(firstAt(lines, from), firstAt(lines, until));

/** Lines of one moment, if it lies in the window that was asked for. */
type Timed = (at: number, nanos: number, texts: () => readonly LogText[]) => readonly LogLine[];

/** Who answers later than a program lived is not in its log. */
const outlived = (service: ServiceName, from: number, at: number, timeline: Timeline): boolean => {
	const then = timeline.conditionsAt(at);
	return then.apps[service] !== 'absent' && then.startedAt[service] === timeline.conditionsAt(from).startedAt[service];
};

/** What one visit leaves in the log of nginx or of the api, as the stack was when it came. */
const visitLines = (service: 'api' | 'nginx', visit: Visit, timeline: Timeline, timed: Timed): readonly LogLine[] => {
	const conditions = timeline.conditionsAt(visit.at);
	if (conditions.apps.nginx !== 'ready') {
		return [];
	}

	const api = conditions.nginxUpstream !== 'right' ? 'absent' : conditions.apps.api;
	if (service === 'api') {
		return apiVisitLines(visit, api, conditions, timeline, timed);
	}

	const connection = 1000 + (Math.floor(visit.at / 700) % 900_000);
	const upstream = upstreamOf(conditions);
	if (api === 'absent' || api === 'starting') {
		const wall = timeline.toWall(visit.at + 1);
		return timed(visit.at + 1, visit.nanos, () => [nginxUpstreamError(wall, connection, visit, upstream, 'refused'), nginxAccess(wall, visit, 502, 157)]);
	}

	if (api === 'hanging' || api === 'paused') {
		const at = visit.at + longestAnswerMs;
		const wall = timeline.toWall(at);
		return timed(at, visit.nanos, () => [nginxUpstreamError(wall, connection, visit, upstream, 'timed-out'), nginxAccess(wall, visit, 504, 167)]);
	}

	const at = visit.at + visit.tookMs + conditions.apiDelayMs + 1;
	const status = statusOf(visit, api, conditions);
	return timed(at, visit.nanos, () => [nginxAccess(timeline.toWall(at), visit, status, status === 500 ? 265 : visit.bytes)]);
};

const statusOf = (visit: Visit, api: string, conditions: Conditions): number =>
	visit.status !== 404 && (api === 'failing' || databaseErrorOf(conditions) !== null || (conditions.diskFull && visit.method === 'POST')) ? 500 : visit.status;

const apiVisitLines = (visit: Visit, api: string, conditions: Conditions, timeline: Timeline, timed: Timed): readonly LogLine[] => {
	if (api !== 'ready' && api !== 'failing') {
		return [];
	}

	const at = visit.at + visit.tookMs + conditions.apiDelayMs;
	const wall = timeline.toWall(at);
	const status = statusOf(visit, api, conditions);
	const access = (): LogText => gunicornAccess(wall, {...visit, client: planOf('nginx').address}, 'HTTP/1.0', status, status === 500 ? 265 : visit.bytes);
	if (status === 500) {
		return timed(at, visit.nanos, () => [...flaskException(wall, visit.method, visit.path.split('?')[0]!, api === 'failing' ? null : databaseErrorOf(conditions) ?? 'disk'), access()]);
	}

	return timed(at, visit.nanos, () => visit.path === '/api/orders' ? [flask(wall, 'INFO', `pedido ${18_000 + (Math.floor(visit.at / 60_000) % 9000)} recebido`), access()] : [access()]);
};

/** What the api writes when its health is asked: the access line, and the reason when it is not well. */
export const healthAnswerLines = (wall: number, client: string, agent: string, protocol: string, status: number, conditions: Conditions, path = '/api/health'): readonly LogText[] => {
	const access = gunicornAccess(wall, {client, agent, method: 'GET', path, referer: '-'}, protocol, status, status === 500 ? 265 : healthBytes);
	if (status === 503) {
		return [healthFailed(wall, healthChecks(conditions)), access];
	}

	return status === 500 ? [...flaskException(wall, 'GET', '/api/health', null), access] : [access];
};

/** What a query gets; null when it is answered. */
const databaseErrorOf = (conditions: Conditions): string | null =>
	conditions.apps.db === 'ready' ? conditions.databaseError : (conditions.apps.db === 'starting' ? databaseComingUp : databaseGone);

/** Where nginx sends what is for the api: a wrong port, or an address that was another container's. */
export const upstreamOf = ({nginxUpstream}: Conditions): string =>
	nginxUpstream === 'stale' ? '172.18.0.9:5001' : `${planOf('api').address}:${nginxUpstream === 'wrong-port' ? 5000 : 5001}`;

/** The body of the health endpoint, part by part. */
export const healthChecks = (conditions: Conditions): Readonly<Record<string, string>> => ({
	database: databaseErrorOf(conditions) === null ? 'connected' : `error: ${databaseErrorOf(conditions)}`,
	redis: conditions.apps.redis !== 'ready' ? `error: ${redisGone}` : (conditions.cacheError === null ? 'connected' : `error: ${conditions.cacheError}`),
	storage: conditions.diskFull ? `error: ${diskGone}` : 'ok',
});

/** The status that the health endpoint answers with; null when it does not answer at all. */
export const healthStatus = (conditions: Conditions): number | null => {
	if (conditions.apps.api === 'failing') {
		return 500;
	}

	if (conditions.apps.api !== 'ready') {
		return null;
	}

	return Object.values(healthChecks(conditions)).some(check => check.startsWith('error')) ? 503 : 200;
};

/** Docker's own checks run every 30 s, counted from the container's start. */
const healthCheckLines = (service: 'api' | 'nginx', from: number, until: number, timeline: Timeline, timed: Timed): readonly LogLine[] => {
	const lines: LogLine[] = [];
	let cursor = from - healthIntervalMs;
	while (cursor < until) {
		const {startedAt} = timeline.conditionsAt(cursor);
		const checks = Math.max(1, Math.ceil((cursor - startedAt[service] + 1) / healthIntervalMs));
		const at = startedAt[service] + (checks * healthIntervalMs) + 60;
		const conditions = timeline.conditionsAt(at);
		if (conditions.startedAt[service] === startedAt[service] && at < until && at >= from) {
			const wall = timeline.toWall(at);
			const status = service === 'api' ? healthStatus(conditions) : conditions.apps.nginx === 'ready' ? 200 : null;
			const nanos = hash(at, service) % 900_000;
			if (status !== null) {
				lines.push(...timed(at, nanos, () => service === 'api'
					? healthAnswerLines(wall, '127.0.0.1', healthAgent, 'HTTP/1.1', status, conditions)
					: [nginxAccess(wall, {client: '127.0.0.1', method: 'GET', path: '/nginx-health', agent: healthAgent, referer: '-'}, 200, 3)]));
			}
		}

		cursor += healthIntervalMs;
	}

	return lines;
};

/** Checkpoints, snapshots and now and then a slow statement: what the database and Redis write by themselves. */
const routineLines = (seed: number, service: 'db' | 'redis', from: number, until: number, timeline: Timeline, timed: Timed): readonly LogLine[] => {
	const lines: LogLine[] = [];
	for (let round = Math.floor(from / checkpointEveryMs) - 1; round * checkpointEveryMs < until; round++) {
		const phase = service === 'db' ? 41_000 : 97_000;
		const start = (round * checkpointEveryMs) + phase + (hash(seed, service, round) % 20_000);
		if (timeline.conditionsAt(start).apps[service] !== 'ready') {
			continue;
		}

		const nanos = hash(seed, start) % 900_000;
		if (service === 'db') {
			const buffers = 12 + (hash(seed, 'buffers', round) % 60);
			const end = start + (buffers * 100);
			lines.push(...timed(start, nanos, () => [postgres(timeline.toWall(start), 27, 'LOG:  checkpoint starting: time')]));
			if (timeline.conditionsAt(end).apps.db === 'ready') {
				lines.push(...timed(end, nanos, () => [postgresCheckpoint(timeline.toWall(end), buffers)]));
			}

			if (share(seed, 'slow', round) < 0.2) {
				const slow = start + 60_000;
				lines.push(...timed(slow, nanos, () => [postgres(timeline.toWall(slow), 388, `LOG:  duration: ${1000 + (hash(seed, slow) % 1500)}.${hash(seed, round) % 1000} ms  statement: SELECT produtos.id, count(pedidos.id) FROM produtos LEFT JOIN pedidos ON pedidos.produto_id = produtos.id GROUP BY produtos.id`)]));
			}
		} else if (share(seed, 'save', round) < 0.5) {
			const child = 700 + (round % 9000);
			lines.push(...timed(start, nanos, () => redisSaving(timeline.toWall(start), child)), ...timed(start + 104, nanos, () => redisSaved(timeline.toWall(start + 104), child)));
		}
	}

	return lines;
};
