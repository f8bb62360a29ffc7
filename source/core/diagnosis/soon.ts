/** About to break: memory that climbs, restarts that add up, latency that drifts. Warnings, each with its numbers. */

import type {PingSituation} from '../situation.ts';
import {restartOf} from './actions-for.ts';
import {oldBackups} from './backups.ts';
import type {Scene, Service} from './scene.ts';
import {evidence, found, type Finding} from './types.ts';

const hourMs = 3_600_000;

/** A few restarts a day that each healed by itself. */
const restartsAddUp = (scene: Scene, service: Service): readonly Finding[] => {
	const deaths = scene.situation.deaths.filter(death => death.service === service.name && death.atMs > scene.nowMs - 24 * hourMs && death.exitCode !== 0 && death.exitCode !== 143);
	const {main} = service;
	const isUp = main?.state === 'running' && main.startedAtMs !== null && scene.nowMs - main.startedAtMs > 5 * 60_000;
	return !isUp || main.restarts < 3 || deaths.length < 2 ? [] : [found('restarts-adding-up', {
		scenario: 2, outside: null, service: service.name, weight: 'warning', evidence: [evidence('restarted-often', {service: service.name, restarts: main.restarts, exitCode: deaths.at(-1)?.exitCode ?? 0, lately: deaths.length}, deaths.at(-1)?.atMs ?? null, {kind: 'container', id: main.id})], confirm: ['read-log'],
	})];
};

/** Least squares over the history: bytes per reading, and how well the line fits. */
const slopeOf = (values: readonly number[]): {readonly perReading: number; readonly fit: number} => {
	const count = values.length;
	const meanX = (count - 1) / 2;
	const meanY = values.reduce((sum, value) => sum + value, 0) / count;
	let covariance = 0;
	let varianceX = 0;
	let varianceY = 0;
	for (const [index, value] of values.entries()) {
		covariance += (index - meanX) * (value - meanY);
		varianceX += (index - meanX) ** 2;
		varianceY += (value - meanY) ** 2;
	}

	return {perReading: varianceX === 0 ? 0 : covariance / varianceX, fit: varianceX === 0 || varianceY === 0 ? 0 : (covariance ** 2) / (varianceX * varianceY)};
};

const readingsMs = 2000;

/** Memory that climbs in a straight line and meets its limit within the hour. */
const memoryClimbs = (scene: Scene, service: Service): readonly Finding[] => {
	const {main} = service;
	const use = main === null ? undefined : scene.situation.use[main.id];
	const limit = main?.memoryLimitBytes ?? null;
	if (main === null || use === undefined || limit === null || use.memoryHistory.length < 60 || use.reading.memoryBytes < limit * 0.5) {
		return [];
	}

	const {perReading, fit} = slopeOf(use.memoryHistory);
	const fullInMs = perReading <= 0 ? Infinity : (limit - use.reading.memoryBytes) / perReading * readingsMs;
	return fit < 0.9 || fullInMs > hourMs ? [] : [found('memory-leak', {
		scenario: 3, outside: null, service: service.name, weight: 'warning', params: {fullInMs},
		evidence: [evidence('memory-climbs', {service: service.name, usedBytes: use.reading.memoryBytes, limitBytes: limit, fullInMs}, use.reading.atMs, {kind: 'container', id: main.id})], actions: restartOf(service),
	})];
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Below it nobody waits, whatever is usual. */
const trifleMs = 250;
const nowCount = 20;

/** Are the last answers slow at all? Counted, not sorted: asked at every look, and nearly always no. */
const isNoTrifle = ({history}: PingSituation): boolean => {
	let slow = 0;
	let seen = 0;
	for (let index = history.length - 1; index >= 0 && seen < nowCount; index--) {
		const {ok, latencyMs} = history[index]!;
		seen += ok ? 1 : 0;
		slow += ok && latencyMs >= trifleMs ? 1 : 0;
	}

	return slow >= nowCount / 2;
};

/** Three times its usual latency over a minute, and no trifle. */
const latencyDrifts = (scene: Scene, service: Service): readonly Finding[] => service.pings.flatMap((ping): readonly Finding[] => {
	if (ping.last?.ok !== true || !isNoTrifle(ping)) {
		return [];
	}

	const goods = ping.history.filter(point => point.ok).map(point => point.latencyMs);
	if (goods.length < 90) {
		return [];
	}

	const usualMs = median(goods.slice(0, 60));
	const nowMs = median(goods.slice(-nowCount));
	return nowMs < trifleMs || nowMs < usualMs * 3 || nowMs > scene.settings.thresholds.pingSlowMs ? [] : [found('latency-drifting', {
		service: service.name, weight: 'warning', confidence: 'possible', evidence: [evidence('ping-slow', {name: ping.target.name, latencyMs: nowMs, usualMs}, ping.last.atMs, {kind: 'ping', name: ping.target.name})], confirm: ['top', 'postgres-activity'],
	})];
});

export const aboutToBreak = (scene: Scene): readonly Finding[] =>
	[...scene.services.flatMap(service => [...memoryClimbs(scene, service), ...restartsAddUp(scene, service), ...latencyDrifts(scene, service)]), ...oldBackups(scene)];
