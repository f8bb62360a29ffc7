/**
Our pings against the pretend server: the same reasons, latencies and log lines that a real connection would have. A ping that reaches
the api or nginx stands in their access logs with our User-Agent.
*/

import type {HealthPort, PingAnswer, PingReason, PingTarget} from '../core/ports.ts';
import {emptyText, makeSafe, type SafeText} from '../core/text.ts';
import {behindAddress} from './containers-port.ts';
import {askApi, askNginx, phraseOf, type HttpAnswer} from './health-checks.ts';
import {nginxAccess, nginxUpstreamError} from './log-lines.ts';
import {healthAnswerLines, upstreamOf} from './log-store.ts';
import {share} from './random.ts';
import {gatewayAddress, planOf} from './stack.ts';
import type {SimulatedContainer, World} from './world.ts';

type Answer = Omit<PingAnswer, 'atMs' | 'latencyMs'> & {readonly tookMs: number};

const bad = (reason: PingReason, tookMs: number, detail: SafeText = emptyText, status: number | null = null): Answer => ({ok: false, reason, detail, status, tookMs});
const good = (tookMs: number, detail: SafeText = emptyText, status: number | null = null): Answer => ({ok: true, reason: null, detail, status, tookMs});

export const createHealthPort = (world: World, userAgent: string): HealthPort => ({
	async ping(target, resolvedAddress) {
		const answer = answerPing(world, target, resolvedAddress, userAgent);
		const tookMs = Math.min(answer.tookMs, target.deadlineMs);
		await world.sleep(tookMs);
		const {ok, reason, detail, status} = answer.tookMs > target.deadlineMs ? bad('timed-out', target.deadlineMs) : answer;
		return {ok, reason, detail, status, latencyMs: tookMs, atMs: world.clock.nowMs()};
	},
	cacheInfo: async () => ({ok: true, value: world.conditions().cacheError === null
		? {used_memory: '1048576', maxmemory: '0', maxmemory_policy: 'noeviction', connected_clients: '4'}
		: {used_memory: '50331104', maxmemory: '50331648', maxmemory_policy: 'noeviction', connected_clients: '6'}}),
});

/** As the adapter reads it: `host:port`, for http also a whole URL; empty stands for the address as configured. The path is the target's. */
const addressOf = (target: PingTarget, resolved: string): {readonly host: string; readonly port: number; readonly path: string} | null => {
	const address = resolved === '' ? target.address : resolved;
	const configuredPath = /^https?:\/\/[^/]+(?<path>\/.*)$/.exec(target.address)?.groups?.['path'] ?? '/';
	const match = /^(?:https?:\/\/)?(?<host>\[[^\]]+\]|[^:/]+)(?::(?<port>\d+))?(?<path>\/.*)?$/.exec(address);
	if (match === null) {
		return null;
	}

	const {host, port, path} = match.groups!;
	return {host: host!, port: port === undefined ? (target.kind === 'http' ? 80 : 0) : Number(port), path: path ?? configuredPath};
};

const answerPing = (world: World, target: PingTarget, resolvedAddress: string, userAgent: string): Answer => {
	if (resolvedAddress === '' && target.via === 'container') {
		return bad('no-address', 0, makeSafe(target.address));
	}

	const address = addressOf(target, resolvedAddress);
	if (address === null) {
		return bad('failed', 0, makeSafe(`not an address: ${resolvedAddress}`));
	}

	const behind = behindAddress(address.host, address.port);
	const never = target.deadlineMs + 1;
	if (behind === 'unknown-host') {
		return bad('dns', 12, makeSafe(`getaddrinfo ENOTFOUND ${address.host}`));
	}

	if (behind === 'elsewhere') {
		return bad('timed-out', never);
	}

	const container = behind === 'nobody' ? null : world.byService(behind);
	if (container === null || container.pid === 0) {
		return bad('refused', 1, makeSafe(`connect ECONNREFUSED ${address.host}:${address.port}`));
	}

	if (container.state === 'paused') {
		return bad('timed-out', never);
	}

	const jitter = share(world.seed, 'latency', world.timeline.now(), container.service);
	switch (target.kind) {
		case 'http': {
			return container.service === 'api' || container.service === 'nginx'
				? pingHttp(world, container, target, address.path, userAgent, jitter)
				: bad('protocol', 2);
		}

		case 'tcp': {
			return good(1 + Math.floor(jitter * 2));
		}

		case 'postgres': {
			return container.service === 'db' ? pingBackend(container, 2 + Math.floor(jitter * 3), 'starting-up', 'the database system is starting up') : bad('protocol', 2);
		}

		case 'redis': {
			return container.service === 'redis' ? pingBackend(container, 1 + Math.floor(jitter * 2), 'refused', 'connect ECONNREFUSED') : bad('protocol', 2);
		}
	}
};

const pingBackend = (container: SimulatedContainer, tookMs: number, reason: PingReason, detail: string): Answer =>
	container.app === 'ready' ? good(tookMs) : bad(reason, tookMs, makeSafe(detail));

const pingHttp = (world: World, container: SimulatedContainer, target: PingTarget, path: string, agent: string, jitter: number): Answer => {
	const conditions = world.conditions();
	const wall = world.timeline.toWall(world.timeline.now());
	const request = {client: gatewayAddress, method: 'GET', path, agent, referer: '-'};
	const api = world.byService('api');
	const health = path.split('?')[0] === '/api/health';
	const status = (answer: HttpAnswer): HttpAnswer => health || answer.kind !== 'answer' || answer.status >= 500 ? answer : {...answer, status: 404, body: '<!doctype html>\n<title>404 Not Found</title>\n'};
	let answer: HttpAnswer;
	if (container.service === 'api') {
		answer = status(askApi(conditions, wall));
		if (answer.kind === 'answer') {
			world.write(container, healthAnswerLines(wall, gatewayAddress, agent, 'HTTP/1.1', answer.status, conditions, path));
		}
	} else {
		const through = askNginx(conditions, wall);
		answer = status(through.answer);
		if (answer.kind === 'answer') {
			const upstream = upstreamOf(conditions);
			const access = nginxAccess(wall, request, answer.status, answer.body.length);
			world.write(container, answer.status === 502 ? [nginxUpstreamError(wall, 1000 + (Math.floor(world.timeline.now() / 700) % 900_000), request, upstream, 'refused'), access] : [access]);
			if (through.reachedApi && api !== null) {
				world.write(api, healthAnswerLines(wall, planOf('nginx').address, agent, 'HTTP/1.0', answer.status, conditions, path));
			}
		}
	}

	return judge(answer, target, conditions.apiDelayMs + 6 + Math.floor((jitter ** 3) * 40) + (container.service === 'nginx' ? 1 : 0));
};

const judge = (answer: HttpAnswer, target: PingTarget, tookMs: number): Answer => {
	if (answer.kind !== 'answer') {
		return answer.kind === 'hang' ? bad('timed-out', target.deadlineMs + 1) : bad(answer.kind, 2, makeSafe(answer.kind === 'reset' ? 'read ECONNRESET' : 'connect ECONNREFUSED'));
	}

	const {status, body} = answer;
	const expected = target.expectedStatus.length === 0 ? status >= 200 && status <= 299 : target.expectedStatus.includes(status);
	if (!expected) {
		// A page made for browsers says nothing; what a health endpoint said is worth showing.
		const said = /^\s*</.test(body) ? '' : `: ${body.trim().slice(0, 200)}`;
		return bad('status', tookMs, makeSafe(`${status} ${phraseOf(status)}${said}`), status);
	}

	const field = target.expectedField;
	return field === null || fieldOf(body, field.path) === field.equals
		? good(tookMs, emptyText, status)
		: bad('body', tookMs, makeSafe(`${field.path} = ${fieldOf(body, field.path) ?? '?'}`), status);
};

/** The value at a dotted path of a JSON body, as text; null when it is not there. */
const fieldOf = (body: string, path: string): string | null => {
	let value: unknown;
	try {
		value = JSON.parse(body);
	} catch {
		// A body that is no JSON has no field: that is the answer.
		return null;
	}

	for (const name of path.split('.')) {
		value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
	}

	return value === undefined ? null : String(value);
};
