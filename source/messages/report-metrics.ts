/**
What was measured around the failure: a table of a few numbers, and small curves over one axis of time, with the spans in which customers were hurt behind
them. What was not measured is a gap, never a line.
*/

import type {Report} from '../core/incident-report.ts';
import {clip} from '../core/text.ts';
import type {Formatter} from './format.ts';
import {defineArea, type Language} from './language.ts';
import {escapeHtml} from './report-html.ts';
import type {Stamp} from './stamp.ts';

export const metricsWords = defineArea({
	title: 'Metrics around the failure',
	what: 'what',
	before: 'before',
	worst: 'worst during',
	last: 'at the end',
	cpu: 'cpu',
	memory: 'memory',
	disk: 'fullest disk',
	ping: (name: string) => `ping ${name}`,
	noAnswer: 'no answer',
	notMeasured: 'not measured',
	picture: 'What was measured before and during the incident; the shaded spans are the downtime',
	milliseconds: (value: string) => `${value} ms`,
}, {
	title: 'Métricas em torno da falha',
	what: 'o quê',
	before: 'antes',
	worst: 'o pior durante',
	last: 'no fim',
	cpu: 'cpu',
	memory: 'memória',
	disk: 'disco mais cheio',
	ping: name => `ping ${name}`,
	noAnswer: 'sem resposta',
	notMeasured: 'não medido',
	picture: 'O que se mediu antes e durante o incidente; as faixas sombreadas são o tempo fora do ar',
	milliseconds: value => `${value} ms`,
});

type Point = {readonly atMs: number; readonly value: number | null};
type Curve = {readonly name: string; readonly points: readonly Point[]; readonly isShare: boolean};

const isDrawn = (points: readonly Point[]): boolean => points.some(({value}) => value !== null);

const curvesOf = (language: Language, {metrics}: Report): readonly Curve[] => {
	const say = metricsWords[language];
	const pings = [...new Set(metrics.flatMap(({latency}) => Object.keys(latency)))];
	const shares = [[say.cpu, 'cpu'], [say.memory, 'memory'], [say.disk, 'disk']] as const;
	return [
		...shares.map(([name, key]): Curve => ({name, isShare: true, points: metrics.map(sample => ({atMs: sample.atMs, value: sample[key]}))})),
		...pings.map((ping): Curve => ({name: say.ping(ping), isShare: false, points: metrics.flatMap(({atMs, latency}) => Object.hasOwn(latency, ping) ? [{atMs, value: latency[ping]!}] : [])})),
		// A ping that never answered was measured too: its row says so, and it has no curve.
	].filter(({points, isShare}) => isShare ? isDrawn(points) : points.length > 0);
};

const median = (values: readonly number[]): number | null => values.length === 0 ? null : values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;

/** Before the impact, the worst from then on, and the last. A ping that did not answer is worse than any that was slow. */
export const metricRows = (language: Language, report: Report, format: Formatter): ReadonlyArray<readonly string[]> => {
	const say = metricsWords[language];
	const beganMs = report.impactBegan.atMs;
	return curvesOf(language, report).map(({name, points, isShare}) => {
		const words = (value: number | null): string => value === null ? say.notMeasured : (isShare ? format.percent(value) : say.milliseconds(format.count(value)));
		const before = points.filter(({atMs}) => atMs < beganMs).flatMap(({value}) => value === null ? [] : [value]);
		const during = points.filter(({atMs}) => atMs >= beganMs);
		const wasSilent = !isShare && during.some(({value}) => value === null);
		const known = during.flatMap(({value}) => value === null ? [] : [value]);
		const last = points.at(-1)?.value ?? null;
		return [name, words(median(before)), wasSilent ? say.noAnswer : words(known.length === 0 ? null : Math.max(...known)), last === null && !isShare ? say.noAnswer : words(last)];
	});
};

const width = 960;
const left = 150;
const right = 70;
const panelHeight = 46;
const rowHeight = 62;
const top = 8;
const ticks = 6;
/** Longer without a sample than this, and nothing was measured in between. */
const gapMs = 150_000;

/** Runs of points that belong together. */
const runsOf = (points: readonly Point[]): ReadonlyArray<readonly {readonly atMs: number; readonly value: number}[]> => {
	const runs: {readonly atMs: number; readonly value: number}[][] = [];
	let beforeMs = -Infinity;
	for (const {atMs, value} of points) {
		if (value === null) {
			beforeMs = -Infinity;
			continue;
		}

		if (atMs - beforeMs > gapMs) {
			runs.push([]);
		}

		runs.at(-1)!.push({atMs, value});
		beforeMs = atMs;
	}

	return runs;
};

/** The curves; empty when nothing was measured. Every text in it is escaped. */
export const renderMetrics = (language: Language, report: Report, stamp: Stamp, format: Formatter): string => {
	const curves = curvesOf(language, report).filter(({points}) => isDrawn(points));
	const [first] = report.metrics;
	if (curves.length === 0 || first === undefined) {
		return '';
	}

	const startMs = Math.min(first.atMs, report.impactBegan.atMs);
	const endMs = Math.max(report.metrics.at(-1)!.atMs, report.ended?.atMs ?? 0, startMs + 60_000);
	const x = (atMs: number): number => left + (Math.max(0, Math.min(1, (atMs - startMs) / (endMs - startMs))) * (width - left - right));
	const bottom = top + (curves.length * rowHeight) - (rowHeight - panelHeight);
	const height = bottom + 26;
	const spanMs = endMs - startMs;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(metricsWords[language].picture)}">`,
		...report.outages.map(({fromMs, toMs}) => `<rect class="hurt" x="${fixed(x(fromMs))}" y="${top}" width="${fixed(Math.max(1, x(toMs ?? endMs) - x(fromMs)))}" height="${bottom - top}"/>`),
		...Array.from({length: ticks + 1}, (_, index) => {
			const atMs = startMs + ((spanMs * index) / ticks);
			const local = stamp.local(atMs);
			return `<line class="grid" x1="${fixed(x(atMs))}" y1="${top}" x2="${fixed(x(atMs))}" y2="${bottom}"/><text class="dim" x="${fixed(x(atMs))}" y="${height - 8}" text-anchor="middle">${escapeHtml(spanMs > 172_800_000 ? local.slice(5, 10) : (spanMs > 600_000 ? local.slice(11, 16) : local.slice(11, 19)))}</text>`;
		}),
		...curves.map((curve, index) => panelSvg(language, curve, top + (index * rowHeight), x, format)),
		`<line class="mark" x1="${fixed(x(report.impactBegan.atMs))}" y1="${top}" x2="${fixed(x(report.impactBegan.atMs))}" y2="${bottom}"/>`,
		'</svg>',
	].join('\n');
};

const fixed = (value: number): string => value.toFixed(1);

const panelSvg = (language: Language, {name, points, isShare}: Curve, y: number, x: (atMs: number) => number, format: Formatter): string => {
	const most = isShare ? 1 : niceAbove(1.1 * Math.max(...points.map(({value}) => value ?? 0)));
	const at = (value: number): number => y + panelHeight - (Math.min(1, value / most) * panelHeight);
	const scale = isShare ? format.percent(1) : metricsWords[language].milliseconds(format.count(most));
	const runs = runsOf(points);
	return [
		`<rect class="frame" x="${left}" y="${y}" width="${width - left - right}" height="${panelHeight}"/>`,
		`<text x="${left - 8}" y="${y + (panelHeight / 2) + 4}" text-anchor="end">${escapeHtml(clip(name, 20))}</text>`,
		`<text class="dim" x="${width - right + 6}" y="${y + 10}">${escapeHtml(scale)}</text><text class="dim" x="${width - right + 6}" y="${y + panelHeight}">0</text>`,
		...runs.map(run => {
			const line = run.map(({atMs, value}) => `${fixed(x(atMs))},${fixed(at(value))}`).join(' ');
			return run.length === 1
				? `<circle cx="${fixed(x(run[0]!.atMs))}" cy="${fixed(at(run[0]!.value))}" r="2"/>`
				: `<polygon class="area" points="${fixed(x(run[0]!.atMs))},${y + panelHeight} ${line} ${fixed(x(run.at(-1)!.atMs))},${y + panelHeight}"/><polyline class="curve" points="${line}"/>`;
		}),
	].join('');
};

/** 1, 2 or 5 with noughts, at or above the value. */
const niceAbove = (value: number): number => {
	const base = 10 ** Math.floor(Math.log10(Math.max(1, value)));
	return [1, 2, 5, 10].map(factor => factor * base).find(nice => nice >= value) ?? base * 10;
};
