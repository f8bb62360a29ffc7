/** The figures of a project's incidents as lines for a terminal, with a bar for each month's downtime against what the SLA allows. */

import type {MonthFigures, Spread, Stats} from '../core/incident-stats.ts';
import {fit, widthOf, wrap} from '../core/text.ts';
import type {Formatter} from './format.ts';
import {incidents, longSpan} from './incidents.ts';
import {defineArea, type Language} from './language.ts';
import type {Stamp} from './stamp.ts';

export const statsWords = defineArea({
	incidents: (count: number) => count === 1 ? '1 incident' : `${count} incidents`,
	falseAlarms: (count: number) => count === 0 ? '' : (count === 1 ? ', 1 false alarm' : `, ${count} false alarms`),
	mean: 'mean',
	median: 'median',
	of: 'of',
	detect: 'to detect',
	acknowledge: 'to acknowledge',
	mitigate: 'to mitigate',
	resolve: 'to resolve',
	detectFrom: 'impact → opened',
	acknowledgeFrom: 'opened → acknowledged',
	mitigateFrom: 'impact → mitigated',
	resolveFrom: 'impact → resolved',
	byScenario: 'By scenario',
	scenario: (number: number) => `scenario ${number}`,
	noScenario: 'outside the runbook',
	byMonth: (sla: string) => `By month, against ${sla}`,
	headMonth: 'month',
	headCount: 'n',
	headDown: 'down',
	headUptime: 'uptime',
	missed: 'missed',
	barIs: (span: string) => `The bar's length is what the SLA allows in a month (about ${span}); what stands behind it is beyond the SLA.`,
	honest: (date: string) => `The journal begins on ${date}; what no console saw is not in these figures.`,
}, {
	incidents: count => count === 1 ? '1 incidente' : `${count} incidentes`,
	falseAlarms: count => count === 0 ? '' : (count === 1 ? ', 1 alarme falso' : `, ${count} alarmes falsos`),
	mean: 'média',
	median: 'mediana',
	of: 'de',
	detect: 'para detectar',
	acknowledge: 'para assumir',
	mitigate: 'para mitigar',
	resolve: 'para resolver',
	detectFrom: 'impacto → aberto',
	acknowledgeFrom: 'aberto → assumido',
	mitigateFrom: 'impacto → mitigado',
	resolveFrom: 'impacto → resolvido',
	byScenario: 'Por cenário',
	scenario: number => `cenário ${number}`,
	noScenario: 'fora do runbook',
	byMonth: sla => `Por mês, contra ${sla}`,
	headMonth: 'mês',
	headCount: 'n',
	headDown: 'fora do ar',
	headUptime: 'no ar',
	missed: 'não cumprido',
	barIs: span => `O comprimento da barra é o que o SLA permite num mês (cerca de ${span}); o que está depois dela passa do SLA.`,
	honest: date => `O diário começa em ${date}; o que nenhum console viu não está nestes números.`,
});

// All of it fits into 80 columns, in both languages.
const barColumns = 16;
const overColumns = 4;
const textColumns = 78;

/** Downtime of a month: full is what is allowed, and what goes beyond it stands behind the border. */
const bar = ({downMs, allowedMs}: MonthFigures): string => {
	const share = allowedMs <= 0 ? (downMs > 0 ? Infinity : 0) : downMs / allowedMs;
	const within = downMs === 0 ? 0 : Math.max(1, Math.round(Math.min(1, share) * barColumns));
	const over = share > 1 ? Math.max(1, Math.min(overColumns, Math.round((share - 1) * barColumns))) : 0;
	return `${'█'.repeat(within)}${'░'.repeat(barColumns - within)}│${'█'.repeat(over)}${over === overColumns ? '→' : ''}`;
};

/** Never rounded up to 100 %, nor to the SLA that it misses. */
export const uptimeWords = (uptime: number, format: Formatter): string => `${format.decimal(Math.floor(uptime * 100_000) / 1000, 3)} %`;

const end = (text: string, columns: number): string => fit(text, columns, 'end');
const start = (text: string, columns: number): string => fit(text, columns);

const timeRows = (language: Language, stats: Stats): readonly string[] => {
	const say = statsWords[language];
	const rows: ReadonlyArray<readonly [string, string, Spread | null]> = [
		[say.detect, say.detectFrom, stats.detect], [say.acknowledge, say.acknowledgeFrom, stats.acknowledge], [say.mitigate, say.mitigateFrom, stats.mitigate], [say.resolve, say.resolveFrom, stats.resolve],
	];
	const names = Math.max(...rows.map(([name]) => widthOf(name)));
	const sources = Math.max(...rows.map(([, source]) => widthOf(source)));
	const cells = (spread: Spread | null): string => spread === null ? `${end('-', 12)}${end('-', 12)}` : `${end(longSpan(spread.meanMs), 12)}${end(longSpan(spread.medianMs), 12)}   ${say.of} ${spread.count}`;
	return [
		`${' '.repeat(names + sources + 4)}${end(say.mean, 12)}${end(say.median, 12)}`,
		...rows.map(([name, source, spread]) => `  ${start(name, names)}  ${start(source, sources)}${cells(spread)}`),
	];
};

const monthRows = (language: Language, stats: Stats, format: Formatter): readonly string[] => {
	const say = statsWords[language];
	return [
		`  ${start(say.headMonth, 8)}${end(say.headCount, 4)}${end(say.headDown, 13)}${end(say.headUptime, 12)}`,
		...stats.months.map(month => {
			const uptime = month.uptime === null ? '-' : uptimeWords(month.uptime, format);
			return `  ${start(month.label, 8)}${end(String(month.incidents), 4)}${end(month.downMs === 0 ? '-' : longSpan(month.downMs), 13)}${end(uptime, 12)}  ${month.uptime === null ? '' : bar(month)} ${month.isMissed ? say.missed : ''}`.trimEnd();
		}),
	];
};

/** The figures of one project. */
export const statsLines = (language: Language, stats: Stats, sla: number, format: Formatter, stamp: Stamp): readonly string[] => {
	const say = statsWords[language];
	const percent = `${format.decimal(sla * 100, 3).replace(/(?<=[.,]\d*)0+$/, '').replace(/[.,]$/, '')} %`;
	const allowedMs = stats.months.at(-1)?.allowedMs ?? 0;
	return [
		`${incidents[language].projectRows(stats.project)}: ${say.incidents(stats.incidents)}${say.falseAlarms(stats.falseAlarms)}`,
		'',
		...timeRows(language, stats),
		'',
		...(stats.byScenario.length === 0 ? [] : [
			say.byScenario,
			...stats.byScenario.map(({scenario, incidents: count, downMs}) => `  ${start(scenario === null ? say.noScenario : say.scenario(scenario), 20)}${end(String(count), 4)}${end(longSpan(downMs), 13)}`),
			'',
		]),
		say.byMonth(percent),
		...monthRows(language, stats, format),
		'',
		...wrap(say.barIs(longSpan(allowedMs)), textColumns),
		...(stats.recordedFromMs === null ? [] : wrap(say.honest(stamp.date(stats.recordedFromMs)), textColumns)),
	];
};
