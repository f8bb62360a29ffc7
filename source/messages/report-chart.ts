/**
The incident over time as SVG: when it was down, which ping failed how long, when containers died, and each action from start to verdict, under the
five times. Made from what the journal holds; what it does not hold is not drawn.
*/

import type {Report} from '../core/incident-report.ts';
import type {Json} from '../core/ports.ts';
import {clip, makeSafe} from '../core/text.ts';
import {actionName, fiveTimes} from './incidents.ts';
import type {Language} from './language.ts';
import {escapeHtml} from './report-html.ts';
import {reportWords} from './report-words.ts';
import type {Stamp} from './stamp.ts';

const width = 960;
const left = 150;
const right = 20;
// Each of the five times has a row of its own for its name: two may be seconds apart.
const nameHeight = 13;
const top = (5 * nameHeight) + 12;
const rowHeight = 26;
const barHeight = 14;
const pingsAtMost = 8;
const actionsAtMost = 16;
const ticks = 6;

type Bar = {readonly fromMs: number; readonly toMs: number; readonly tone: 'bad' | 'good' | 'warn' | 'plain'; readonly label: string};
type Lane = {readonly name: string; readonly bars: readonly Bar[]};

const nameOf = (value: Json | undefined): string => typeof value === 'string' ? makeSafe(value) : '';

/** From each bad answer that was recorded to the next good one. */
const pingLanes = ({timeline}: Report, endMs: number): readonly Lane[] => {
	const lanes = new Map<string, Bar[]>();
	const failing = new Map<string, number>();
	const close = (name: string, toMs: number): void => {
		const fromMs = failing.get(name);
		if (fromMs !== undefined) {
			lanes.get(name)!.push({fromMs, toMs, tone: 'warn', label: ''});
			failing.delete(name);
		}
	};

	for (const {type, data, atMs} of timeline) {
		const name = nameOf(data['name']);
		if (type === 'ping/failed' && (lanes.has(name) || lanes.size < pingsAtMost)) {
			lanes.set(name, lanes.get(name) ?? []);
			failing.set(name, failing.get(name) ?? atMs);
		} else if (type === 'ping/recovered') {
			close(name, atMs);
		}
	}

	for (const name of [...failing.keys()]) {
		close(name, endMs);
	}

	return [...lanes].map(([name, bars]) => ({name: `ping ${name}`, bars}));
};

const toneOf = (verdict: string | null): Bar['tone'] => verdict === 'recovered' || verdict === 'done' ? 'good' : (verdict === 'not-recovered' || verdict === 'failed' ? 'bad' : 'plain');

const lanesOf = (language: Language, report: Report, endMs: number): readonly Lane[] => {
	const say = reportWords[language];
	const deaths = report.timeline.filter(({type}) => type === 'container/died').slice(0, 200);
	const actions = report.actions.slice(0, actionsAtMost).flatMap((action): readonly Lane[] => {
		const fromMs = action.startedAtMs ?? action.confirmedAtMs;
		return fromMs === null ? [] : [{name: actionName(language, action), bars: [{
			fromMs, toMs: Math.max(fromMs, action.verifiedAtMs ?? action.endedAtMs ?? fromMs), tone: toneOf(action.verdict),
			label: {good: '✔', bad: '✖', warn: '?', plain: '?'}[toneOf(action.verdict)],
		}]}];
	});
	return [
		{name: say.laneDown, bars: report.outages.map(({fromMs, toMs}) => ({fromMs, toMs: toMs ?? endMs, tone: 'bad' as const, label: ''}))},
		...pingLanes(report, endMs),
		...(deaths.length === 0 ? [] : [{name: say.laneDied, bars: deaths.map(({atMs}) => ({fromMs: atMs, toMs: atMs, tone: 'bad' as const, label: ''}))}]),
		...actions,
	];
};

/** The picture; every text in it is escaped. */
export const renderChart = (language: Language, report: Report, stamp: Stamp): string => {
	const endMs = Math.max(report.ended?.atMs ?? report.madeAtMs, ...report.actions.map(({verifiedAtMs}) => verifiedAtMs ?? -Infinity));
	const startMs = Math.min(report.impactBegan.atMs, report.detected.atMs, endMs);
	const spanMs = Math.max(1000, endMs - startMs);
	const x = (atMs: number): string => (left + (Math.max(0, Math.min(1, (atMs - startMs) / spanMs)) * (width - left - right))).toFixed(1);
	const lanes = lanesOf(language, report, endMs);
	const height = top + (lanes.length * rowHeight) + 30;
	const bottom = height - 24;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(reportWords[language].chart)}">`,
		...Array.from({length: ticks + 1}, (_, index) => {
			const atMs = startMs + ((spanMs * index) / ticks);
			return `<line class="grid" x1="${x(atMs)}" y1="${top}" x2="${x(atMs)}" y2="${bottom}"/><text class="dim" x="${x(atMs)}" y="${height - 8}" text-anchor="${index === ticks ? 'end' : 'middle'}">${escapeHtml(tickLabel(stamp, atMs, spanMs))}</text>`;
		}),
		...lanes.map((lane, index) => laneSvg(lane, top + (index * rowHeight), x)),
		...fiveTimes(language, report).flatMap(({name, atMs}, index) => atMs === null ? [] : [
			`<line class="mark" x1="${x(atMs)}" y1="${(index + 1) * nameHeight}" x2="${x(atMs)}" y2="${bottom}"><title>${escapeHtml(`${name}: ${stamp.local(atMs)}`)}</title></line>`,
			`<text x="${(Number(x(atMs)) + (Number(x(atMs)) > width * 0.85 ? -4 : 4)).toFixed(1)}" y="${(index + 1) * nameHeight}" text-anchor="${Number(x(atMs)) > width * 0.85 ? 'end' : 'start'}">${escapeHtml(name)}</text>`,
		]),
		'</svg>',
	].join('\n');
};

/** Over more than two days the date, else the time of day. */
const tickLabel = (stamp: Stamp, atMs: number, spanMs: number): string => {
	const local = stamp.local(atMs);
	return spanMs > 172_800_000 ? local.slice(5, 10) : (spanMs > 600_000 ? local.slice(11, 16) : local.slice(11, 19));
};

const laneSvg = ({name, bars}: Lane, y: number, x: (atMs: number) => string): string => [
	`<text x="${left - 8}" y="${y + barHeight - 2}" text-anchor="end">${escapeHtml(clip(name, 22))}</text>`,
	...bars.map(({fromMs, toMs, tone, label}) => {
		const barWidth = Math.max(3, Number(x(toMs)) - Number(x(fromMs)));
		const end = Number(x(fromMs)) + barWidth;
		const text = label === '' ? '' : (end > width - 30 ? `<text class="${tone}" x="${(Number(x(fromMs)) - 4).toFixed(1)}" y="${y + barHeight - 2}" text-anchor="end">${escapeHtml(label)}</text>` : `<text class="${tone}" x="${(end + 4).toFixed(1)}" y="${y + barHeight - 2}">${escapeHtml(label)}</text>`);
		return `<rect class="${tone}" x="${x(fromMs)}" y="${y}" width="${barWidth.toFixed(1)}" height="${barHeight}" rx="2"/>${text}`;
	}),
].join('');
