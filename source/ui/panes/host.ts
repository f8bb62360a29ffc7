/**
The host pane: CPU, memory and every disk as bars with what matters beside them; busiest processes and kernel kills when there is room;
enlarged, charts over time above all of it.
*/

import type {DiskReading, ProcessReading} from '../../core/ports.ts';
import {fullInMs, staleForMs} from '../../core/situation.ts';
import type {State} from '../../core/state.ts';
import {clip, widthOf} from '../../core/text.ts';
import type {ChartLines} from '../chart-cache.ts';
import {cell, edges, firstFitting, fitLine, fittingWords, framed, insideOf, space, span, type Line} from '../lines.ts';
import {bar, grouped, mean, sparkline, toneOf} from '../meters.ts';
import type {PaneSize, Pen} from '../pen.ts';

const readIntervalMs = 2000;
/** Below the warning the mean of the last readings is shown: a figure that stands still can be read, and costs nothing. */
const cpuReadings = 5;
const diskIntervalMs = 30_000;

/** Draws the pane: exactly the size asked for. `charts` is null while they are not shown or not drawn yet. */
export const drawHost = (state: State, size: PaneSize, pen: Pen, charts: ChartLines | null): readonly Line[] => {
	const {say, format} = pen;
	const {host} = state.situation;
	const inside = insideOf(size);
	const focused = state.view.focus === 'host';
	const identity = host.identity.value;
	const staleMs = host.reading.value === null ? null : staleForMs(host.reading.atMs, readIntervalMs, state.nowMs);
	const rows = charts === null
		? meterRows(state, inside, pen)
		: enlargedRows(state, inside, pen, charts);
	return framed({
		...size,
		focused,
		title: [span(say.host, focused ? 'strong' : 'plain'), ...(identity === null ? [] : [span(` · ${identity.hostName}`, 'dim')])],
		facts: staleMs === null ? [] : [span(say.old(format.span(staleMs, 10)), 'warn')],
		rows: rows.slice(0, inside.height).map(line => ({line})),
	});
};

const meterRows = (state: State, {width, height}: PaneSize, pen: Pen): readonly Line[] => {
	const disks = disksByNeed(state);
	const silent = state.situation.host.disks.value?.silent ?? [];
	const shown = disks.slice(0, Math.max(1, height - 2));
	const labelWidth = Math.max(3, widthOf(pen.say.topCpu), Math.max(0, ...shown.map(disk => widthOf(mountLabel(disk.mount)))));
	const shape = {labelWidth, barWidth: Math.max(6, Math.min(28, width - labelWidth - 35))};
	const meters = [cpuRow(state, width, shape, pen), memoryRow(state, width, shape, pen), ...shown.map(disk => diskRow(disk, state, width, shape, pen))];
	const more = [
		...silent.map((mount): Line => [cell(mount, shape.labelWidth, 'warn'), space(1), span(pen.say.silentMount, 'warn')]),
		...killRows(state, pen),
		...busiestRows(state, width, shape.labelWidth, pen),
	];
	return [...meters, ...more];
};

type Shape = {readonly labelWidth: number; readonly barWidth: number};

const meter = (label: string, gauge: Line, percent: string, tone: 'plain' | 'warn' | 'bad', facts: Line, width: number, shape: Shape): Line =>
	fitLine([cell(label, shape.labelWidth), space(1), ...gauge, space(1), cell(percent, 4, tone, 'end'), space(2), ...facts], width);

/** Columns right of a meter's percentage. */
const factsWidth = (width: number, {labelWidth, barWidth}: Shape): number => width - labelWidth - barWidth - 8;

const mountMost = 9;

/** A long mount point by its end, which tells it apart: `…/docker`. */
const mountLabel = (mount: string): string => {
	const last = `…/${mount.split('/').at(-1) ?? ''}`;
	return widthOf(mount) <= mountMost ? mount : clip(last, mountMost);
};

const cpuRow = (state: State, width: number, shape: Shape, pen: Pen): Line => {
	const {say, format} = pen;
	const {host} = state.situation;
	const reading = host.reading.value;
	if (reading === null) {
		return [cell(say.cpu, shape.labelWidth), space(1), span(say.notYet, 'dim')];
	}

	const newest = host.cpuShare ?? 0;
	const share = newest >= state.settings.thresholds.cpu.warn ? newest : mean(host.cpuHistory.slice(-cpuReadings));
	const tone = toneOf(share, state.settings.thresholds.cpu) as 'plain' | 'warn' | 'bad';
	const load = reading.load.map(value => format.decimal(value, value < 10 ? 1 : 0)).join(' ');
	const extra: Line = [
		...((host.waitShare ?? 0) > 0.1 ? [span(` · ${say.waiting(format.percent(host.waitShare ?? 0))}`, 'warn')] : []),
		...((host.stolenShare ?? 0) > 0.1 ? [span(` · ${say.stolen(format.percent(host.stolenShare ?? 0))}`, 'warn')] : []),
	];
	const gauge = [sparkline(grouped(host.cpuHistory, reading.atMs, readIntervalMs).map(values => mean(values)), shape.barWidth, tone === 'plain' ? 'dim' : tone)];
	return meter(say.cpu, gauge, host.cpuShare === null ? '' : format.percent(share), tone, [span(say.load(load), 'dim'), ...extra], width, shape);
};

const memoryRow = (state: State, width: number, shape: Shape, pen: Pen): Line => {
	const {say, format} = pen;
	const reading = state.situation.host.reading.value;
	if (reading === null) {
		return [cell(say.memory, shape.labelWidth), space(1), span(say.notYet, 'dim')];
	}

	const used = reading.memoryTotalBytes - reading.memoryAvailableBytes;
	const share = used / Math.max(1, reading.memoryTotalBytes);
	const tone = toneOf(share, state.settings.thresholds.memory) as 'plain' | 'warn' | 'bad';
	const parts = format.bytesParts(used, reading.memoryTotalBytes);
	const swapShare = reading.swapUsedBytes / Math.max(1, reading.swapTotalBytes);
	const swaps = reading.swapTotalBytes === 0
		? [say.swapNone]
		: (reading.swapUsedBytes === 0 ? [say.swapZero] : [say.swapUsed(format.bytes(reading.swapUsedBytes), format.bytes(reading.swapTotalBytes)), `${say.swap} ${format.bytes(reading.swapUsedBytes)}`]);
	const usedWords = span(say.usedOf(parts.used, parts.total), 'dim');
	const facts = firstFitting([...swaps.map((swap): Line => [usedWords, span(`  ${swap}`, swapShare > 0.5 && reading.swapTotalBytes > 0 ? 'warn' : 'dim')]), [usedWords]], factsWidth(width, shape));
	return meter(say.memory, bar(share, shape.barWidth, tone === 'plain' ? 'dim' : tone), format.percent(share), tone, facts, width, shape);
};

const shareOf = (disk: DiskReading): number => disk.usedBytes / Math.max(1, disk.usedBytes + disk.availableBytes);
const inodeShareOf = (disk: DiskReading): number => disk.inodes === 0 ? 0 : 1 - (disk.inodesFree / disk.inodes);

/** Fullest first: with one row for disks it is the one that matters. */
const disksByNeed = (state: State): readonly DiskReading[] =>
	(state.situation.host.disks.value?.disks ?? []).toSorted((a, b) => Math.max(shareOf(b), inodeShareOf(b)) - Math.max(shareOf(a), inodeShareOf(a)));

const diskRow = (disk: DiskReading, state: State, width: number, shape: Shape, pen: Pen): Line => {
	const {say, format} = pen;
	const {host} = state.situation;
	const share = shareOf(disk);
	const inodeShare = inodeShareOf(disk);
	const thresholds = state.settings.thresholds.disk;
	const tone = toneOf(share, thresholds) as 'plain' | 'warn' | 'bad';
	const fullMs = fullInMs(disk, host.diskHistory[disk.mount] ?? []);
	const staleMs = staleForMs(host.disks.atMs, diskIntervalMs, state.nowMs);
	return meter(mountLabel(disk.mount), bar(share, shape.barWidth, tone === 'plain' ? 'dim' : tone), format.percent(share), tone, [
		...(inodeShare >= thresholds.warn ? [span(`${say.inodes(format.percent(inodeShare))} `, toneOf(inodeShare, thresholds))] : []),
		span(say.free(format.bytes(disk.availableBytes)), tone === 'plain' ? 'dim' : tone),
		...(fullMs !== null && fullMs < 86_400_000 ? [span(`, ${say.fullIn(format.span(fullMs))}`, fullMs < 3_600_000 ? 'bad' : 'warn')] : []),
		...(disk.readOnly ? [span(` · ${say.readOnlyDisk}`, 'dim')] : []),
		...(staleMs === null ? [] : [span(` · ${say.old(format.span(staleMs, 10))}`, 'warn')]),
	], width, shape);
};

const killsShownMs = 24 * 3_600_000;

const killRows = (state: State, pen: Pen): readonly Line[] => {
	const kills = (state.situation.host.kernelKills.value ?? []).filter(kill => kill.atMs > state.nowMs - killsShownMs);
	const last = kills.at(-1);
	return last === undefined
		? []
		: [[span('▲ ', 'warn'), span(kills.length === 1 ? pen.say.lastKill(last.name, pen.format.moment(last.atMs, state.nowMs)) : `${pen.say.oomKills(String(kills.length))} · ${pen.say.lastKill(last.name, pen.format.moment(last.atMs, state.nowMs))}`, 'warn')]];
};

const serviceOf = (state: State, process: ProcessReading): string => {
	const service = process.containerId === null ? undefined : state.situation.containers.value?.find(container => container.id === process.containerId)?.service;
	return service === undefined ? process.name : `${process.name} (${service})`;
};

/** Two busiest by CPU and by memory, on a row each: enough to see who it is. */
const busiestRows = (state: State, width: number, labelWidth: number, pen: Pen): readonly Line[] => {
	const processes = state.situation.host.processes.value;
	if (processes === null) {
		return [];
	}

	const count = width >= 60 ? 3 : 2;
	const byCpu = processes.byCpu.filter(process => (process.cpuCores ?? 0) >= 0.01).slice(0, count).map(process => `${serviceOf(state, process)} ${Math.round((process.cpuCores ?? 0) * 100)}%`);
	const byMemory = processes.byMemory.slice(0, count).map(process => `${serviceOf(state, process)} ${pen.format.bytes(process.memoryBytes)}`);
	const row = (label: string, items: readonly string[]): Line => [cell(label, labelWidth, 'dim'), space(1), ...fittingWords(items, width - labelWidth - 1, 'dim')];
	return [...(byCpu.length === 0 ? [] : [row(pen.say.topCpu, byCpu)]), ...(byMemory.length === 0 ? [] : [row(pen.say.topMemory, byMemory)])];
};

/** Rows that the charts may take: at most half of the pane, two charts with a title each. */
export const chartSize = (inside: PaneSize): PaneSize => ({width: inside.width, height: Math.max(3, Math.min(14, Math.floor(inside.height * 0.28)))});

const enlargedRows = (state: State, inside: PaneSize, pen: Pen, charts: ChartLines): readonly Line[] => {
	const {say, format} = pen;
	const meters = meterRows(state, {width: inside.width, height: 2 + Math.max(1, disksByNeed(state).length)}, pen);
	const processes = state.situation.host.processes.value;
	const table: readonly Line[] = processes === null
		? []
		: processes.byCpu.map((process, index): Line => {
			const other = processes.byMemory[index];
			const half = Math.floor((inside.width - 2) / 2);
			return [
				...edges([span(serviceOf(state, process))], [span(`${Math.round((process.cpuCores ?? 0) * 100)}%`)], half), space(2),
				...(other === undefined ? [] : edges([span(serviceOf(state, other))], [span(format.bytes(other.memoryBytes))], half)),
			];
		});
	const heading = (text: string): Line => [span(text, 'strong')];
	return [
		...meters,
		[],
		heading(say.cpuChart),
		...charts.cpu.map((text): Line => [span(text, 'accent')]),
		heading(say.memoryChart),
		...charts.memory.map((text): Line => [span(text, 'accent')]),
		...(table.length === 0 ? [] : [[], edges([span(`${say.busiest} · ${say.cpu}`, 'strong')], [span(say.processesCount(format.count(processes?.count ?? 0)), 'dim')], inside.width), ...table]),
	];
};
