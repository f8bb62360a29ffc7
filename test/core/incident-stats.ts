/** Figures of many incidents: means, medians, months with borders in the reader's time zone, and their picture. */
import fc from 'fast-check';
import test from 'ava';
import {incidentsOf} from '../../source/core/incident-archive.ts';
import {reportOf, type Report} from '../../source/core/incident-report.ts';
import {spreadOf, statsOf} from '../../source/core/incident-stats.ts';
import {createFormatter} from '../../source/messages/format.ts';
import {lastMonths} from '../../source/messages/months.ts';
import {createStamp} from '../../source/messages/stamp.ts';
import {statsLines, uptimeWords} from '../../source/messages/stats.ts';
import {toAscii} from '../../source/ui/theme.ts';
import {asEntries, beganMs, outageDrafts} from '../fixtures/incident-entries.ts';

const hourMs = 3_600_000;
const saoPaulo = createStamp('America/Sao_Paulo');
const iso = (atMs: number): string => new Date(atMs).toISOString();

/** An outage that began then and was down for so long. */
const outage = (fromMs: number, downMs: number, change: Partial<Report> = {}): Report => {
	const base = reportOf(incidentsOf({project: 'shop', path: '', kind: 'own', entries: asEntries(outageDrafts('INC-1', fromMs - beganMs))})[0]!, fromMs + 86_400_000);
	return {...base, downMs, outages: [{fromMs, toMs: fromMs + downMs}], mitigated: {atMs: fromMs + downMs, by: 'checks'}, ...change};
};

test('mean and median', t => {
	t.is(spreadOf([]), null);
	t.deepEqual(spreadOf([3000]), {count: 1, meanMs: 3000, medianMs: 3000});
	t.deepEqual(spreadOf([1000, 9000, 2000]), {count: 3, meanMs: 4000, medianMs: 2000});
	t.deepEqual(spreadOf([4000, 1000, 2000, 9000]), {count: 4, meanMs: 4000, medianMs: 3000});
});

test('months begin at local midnight, and one in which daylight saving begins is an hour short', t => {
	const months = lastMonths(Date.UTC(2026, 0, 18, 6), 2, saoPaulo);
	t.deepEqual(months.map(({label, fromMs, toMs}) => [label, iso(fromMs), iso(toMs)]), [
		['2025-12', '2025-12-01T03:00:00.000Z', '2026-01-01T03:00:00.000Z'], ['2026-01', '2026-01-01T03:00:00.000Z', '2026-02-01T03:00:00.000Z'],
	]);
	const [march] = lastMonths(Date.UTC(2026, 2, 15), 1, createStamp('Europe/Berlin'));
	t.is((march!.toMs - march!.fromMs) / hourMs, (31 * 24) - 1);
	const [october] = lastMonths(Date.UTC(2026, 9, 31, 23, 30), 1, createStamp('Europe/Berlin'));
	t.is(october!.label, '2026-11', 'local time counts');
	// Half past eleven at night of the last day, where it is still the old month.
	t.is(lastMonths(Date.UTC(2026, 1, 1, 2, 59, 59), 1, saoPaulo)[0]!.label, '2026-01');
});

test('months follow each other without a gap, in any zone at any instant', t => {
	const zones = ['UTC', 'America/Sao_Paulo', 'Europe/Berlin', 'Asia/Kathmandu', 'Pacific/Apia', 'Australia/Lord_Howe'].map(zone => createStamp(zone));
	fc.assert(fc.property(fc.constantFrom(...zones), fc.integer({min: Date.UTC(2010, 0), max: Date.UTC(2035, 0)}), (stamp, nowMs) => {
		const months = lastMonths(nowMs, 4, stamp);
		t.true(months.at(-1)!.fromMs <= nowMs && nowMs < months.at(-1)!.toMs);
		t.true(months.every(({label, fromMs, toMs}, index) => stamp.month(fromMs) === label && stamp.month(toMs - 1) === label && stamp.month(fromMs - 1) !== label && (index === 0 || months[index - 1]!.toMs === fromMs)));
	}), {numRuns: 60});
});

test('an outage over the border counts in both months, two at once only once, a false alarm in none', t => {
	const nowMs = Date.UTC(2026, 1, 10, 3);
	const border = Date.UTC(2026, 1, 1, 3);
	const months = lastMonths(nowMs, 3, saoPaulo);
	const reports = [
		outage(border - hourMs, 3 * hourMs),
		outage(border + hourMs, 2 * hourMs),
		outage(border + (50 * hourMs), hourMs, {state: 'cancelled', outages: []}),
		outage(border + (60 * hourMs), 0, {scenario: null, acknowledged: null, outages: []}),
	];
	const stats = statsOf('shop', reports, {months, nowMs, recordedFromMs: Date.UTC(2026, 0, 1, 3)}, 0.999);
	t.deepEqual(stats.months.map(({label, incidents, falseAlarms, downMs}) => [label, incidents, falseAlarms, downMs / hourMs]), [['2025-12', 0, 0, 0], ['2026-01', 1, 0, 1], ['2026-02', 2, 1, 3]]);
	t.deepEqual(stats.months.map(({uptime}) => uptime === null ? null : Number(uptime.toFixed(5))), [null, Number((1 - (1 / 744)).toFixed(5)), Number((1 - (3 / 216)).toFixed(5))]);
	t.deepEqual(stats.months.map(({isMissed}) => isMissed), [false, true, true]);
	t.like(stats, {incidents: 3, falseAlarms: 1, acknowledge: {count: 2, meanMs: 35_000}, detect: {count: 3, medianMs: 60_000}});
	t.deepEqual(stats.byScenario.map(({scenario, incidents}) => [scenario, incidents]), [[1, 2], [null, 1]]);
	const formatter = createFormatter('en', null);
	const lines = statsLines('en', stats, 0.999, formatter, saoPaulo);
	t.snapshot(lines.join('\n'));
	t.snapshot(statsLines('pt-BR', stats, 0.9995, createFormatter('pt-BR', null), saoPaulo).map(line => toAscii(line)).join('\n'));
	t.true(lines.every(line => line.length <= 80));
});

test('an uptime that is not 100 % is never told as 100 %', t => {
	t.is(uptimeWords(1, createFormatter('en', null)), '100.000 %');
	t.is(uptimeWords(0.999_999_9, createFormatter('en', null)), '99.999 %');
	t.is(uptimeWords(0.999, createFormatter('pt-BR', null)), '99,900 %');
});

test('without any incident there are figures all the same', t => {
	const months = lastMonths(beganMs, 1, saoPaulo);
	const stats = statsOf('shop', [], {months, nowMs: beganMs, recordedFromMs: null}, 1);
	t.like(stats, {incidents: 0, detect: null, recordedFromMs: null});
	t.true(statsLines('en', stats, 1, createFormatter('en', null), saoPaulo).length > 5);
});
