/**
How the host and the pings did, in a few numbers: taken every half minute, remembered for the ten minutes before an incident, journalled with its opening
and once a minute while it lasts. What a report draws around the failure is made of these.
*/

import type {Json, JournalEntry} from './ports.ts';
import type {Situation} from './situation.ts';
import {markRecorded, mayRecord, record, withState, type Step} from './step.ts';

export type MetricsSample = {
	readonly atMs: number;
	/** Shares from 0 to 1; null while not known. `disk` is the fullest one's. */
	readonly cpu: number | null;
	readonly memory: number | null;
	readonly disk: number | null;
	/** By ping, in milliseconds; null while it fails. */
	readonly latency: Readonly<Record<string, number | null>>;
};

const everyMs = 30_000;
const kept = 20;
const recordedEveryMs = 60_000;
const pingsAtMost = 6;

const rounded = (value: number | null | undefined, digits: number): number | null => value === null || value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(digits));

const sampleOf = (situation: Situation, atMs: number): MetricsSample => ({
	atMs,
	cpu: rounded(situation.host.cpuShare, 3),
	memory: rounded(situation.host.memoryHistory.at(-1), 3),
	disk: rounded(Math.max(...(situation.host.disks.value?.disks ?? []).map(({usedBytes, availableBytes}) => usedBytes / Math.max(1, usedBytes + availableBytes))), 3),
	latency: Object.fromEntries(situation.pings.slice(0, pingsAtMost).map(({target, last}) => [target.name, last?.ok === true ? rounded(last.latencyMs, 0) : null])),
});

const dataOf = ({cpu, memory, disk, latency}: MetricsSample): {readonly [key: string]: Json} => ({cpu, memory, disk, latency});

/** Takes a sample when it is time; while an incident is open the console that records facts journals it, with the ones before it first. */
export const followMetrics = (step: Step, isRecorder: boolean): Step => {
	const {state} = step;
	const last = state.samples.at(-1);
	const isTime = last === undefined || Math.abs(state.nowMs - last.atMs) >= everyMs;
	const sampled = isTime ? withState(step, {samples: [...state.samples, sampleOf(state.situation, state.nowMs)].slice(-kept)}) : step;
	const {incident, samples, metricsFor} = sampled.state;
	if (incident === null || !isRecorder) {
		return sampled;
	}

	if (metricsFor !== incident.id) {
		// What was measured before could not be known any more afterwards.
		return record(withState(sampled, {metricsFor: incident.id}), {type: 'metrics/before', onceKey: `metrics:${incident.id}`, data: {samples: samples.map(sample => ({atMs: sample.atMs, ...dataOf(sample)}))}});
	}

	return isTime && mayRecord(sampled.state, 'metrics', recordedEveryMs) ? markRecorded(record(sampled, {type: 'metrics/sampled', data: dataOf(samples.at(-1)!)}), 'metrics') : sampled;
};

/** Entries that are measurements, and nothing that happened. */
export const isMeasurement = (type: string): boolean => type.startsWith('metrics/');

const share = (value: Json | undefined): number | null => typeof value === 'number' && value >= 0 && value <= 1 ? value : null;
const isObject = (value: Json | undefined): value is {readonly [key: string]: Json} => typeof value === 'object' && value !== null && !Array.isArray(value);

const sampleIn = (data: {readonly [key: string]: Json}, atMs: number): MetricsSample => ({
	atMs, cpu: share(data['cpu']), memory: share(data['memory']), disk: share(data['disk']),
	latency: Object.fromEntries(Object.entries(isObject(data['latency']) ? data['latency'] : {}).slice(0, pingsAtMost).map(([name, value]) => [name, typeof value === 'number' && value >= 0 ? value : null])),
});

/** The samples that a record holds, oldest first. */
export const samplesIn = (entries: readonly JournalEntry[]): readonly MetricsSample[] => entries.flatMap(({type, data, atMs}): readonly MetricsSample[] => {
	if (type === 'metrics/sampled') {
		return [sampleIn(data, atMs)];
	}

	const {samples} = data;
	return type === 'metrics/before' && Array.isArray(samples)
		? (samples as readonly Json[]).slice(0, kept).flatMap(sample => isObject(sample) && typeof sample['atMs'] === 'number' ? [sampleIn(sample, sample['atMs'])] : [])
		: [];
}).toSorted((a, b) => a.atMs - b.atMs);
