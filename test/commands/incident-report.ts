/** Reports as texts: golden ones in both languages and formats, hostile text, the repeated hour of daylight saving, and that no record is too odd. */

import {readFileSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import test from 'ava';
import {incidentsOf} from '../../source/core/incident-archive.ts';
import {reportOf, type Report} from '../../source/core/incident-report.ts';
import type {JournalDraft, JournalEntry} from '../../source/core/ports.ts';
import {createFormatter} from '../../source/messages/format.ts';
import {incidentLines, incidentListLines, shownTimeline} from '../../source/messages/incidents.ts';
import type {Language} from '../../source/messages/language.ts';
import {reportDocumentOf} from '../../source/messages/report.ts';
import {renderMetrics} from '../../source/messages/report-metrics.ts';
import {renderChart} from '../../source/messages/report-chart.ts';
import {renderHtml} from '../../source/messages/report-html.ts';
import {escapeMarkdown, renderMarkdown} from '../../source/messages/report-markdown.ts';
import {makeSafe} from '../../source/core/text.ts';
import {lastMonths} from '../../source/messages/months.ts';
import {createStamp} from '../../source/messages/stamp.ts';
import {ana, asEntries, beganMs, outageDrafts} from '../fixtures/incident-entries.ts';
import {golden, incidentHome} from '../helpers/incident-home.ts';

const zone = 'America/Sao_Paulo';
const madeAtMs = beganMs + 7_200_000;
const reported = (drafts: readonly JournalDraft[] | readonly JournalEntry[], project = 'mestres-do-cafe'): Report =>
	reportOf(incidentsOf({project, path: '/state/x.sqlite', kind: 'own', entries: 'sequence' in (drafts[0] ?? {}) ? drafts as readonly JournalEntry[] : asEntries(drafts)})[0]!, madeAtMs);
const markdown = (language: Language, report: Report, timeZone = zone): string => renderMarkdown(reportDocumentOf(language, report, createFormatter(language, timeZone), createStamp(timeZone)));
const html = (language: Language, report: Report, timeZone = zone): string => {
	const stamp = createStamp(timeZone);
	return renderHtml(reportDocumentOf(language, report, createFormatter(language, timeZone), stamp), {chart: renderChart(language, report, stamp), metrics: renderMetrics(language, report, stamp, createFormatter(language, timeZone))});
};

test('the report of an outage, in both languages and both formats', t => {
	const report = reported(outageDrafts());
	golden(t, 'report-en.md', markdown('en', report));
	golden(t, 'report-pt.md', markdown('pt-BR', report));
	golden(t, 'report-en.html', html('en', report));
	golden(t, 'report-pt.html', html('pt-BR', report));
});

test('the report of one that lasts, fell back, and began before anybody looked', t => {
	const [opened, ...rest] = outageDrafts();
	const drafts = [
		{...opened!, data: {...opened!.data, atLeast: true, by: 'key', source: 'ping'}}, ...rest.slice(0, 3),
		{...opened!, type: 'incident/mitigated', data: {}, atMs: beganMs + 300_000},
		{...opened!, type: 'incident/reopened', data: {}, atMs: beganMs + 400_000},
		{...opened!, type: 'clock/stepped', data: {byMs: -3_600_000}, atMs: beganMs + 410_000},
		{...opened!, type: 'newer/thing', data: {}, atMs: beganMs + 420_000},
	];
	golden(t, 'report-lasts-en.md', markdown('en', reported(drafts)));
});

/** The lines of a Markdown text outside its fences. */
const outsideFences = (text: string): readonly string[] => {
	let fence: string | null = null;
	return text.split('\n').filter(line => {
		const mark = /^(`{3,})/.exec(line)?.[1];
		if (mark === undefined || (fence !== null && mark.length < fence.length)) {
			return fence === null;
		}

		fence = fence === null ? mark : null;
		return false;
	});
};

/** Tags that are not closed in the order in which they were opened. */
const unbalanced = (page: string): readonly string[] => {
	const open: string[] = [];
	const wrong: string[] = [];
	for (const [, slash, name, rest] of page.matchAll(/<(\/?)(\w+)([^>]*)>/g)) {
		if (slash === '' && name !== 'meta' && !rest!.endsWith('/')) {
			open.push(name!);
		} else if (slash === '/' && open.pop() !== name) {
			wrong.push(name!);
		}
	}

	return [...wrong, ...open];
};

const hostile = '| x |\n# h\n```\n````\n<script>alert(1)</script> "\' onload= &amp; ![p](http://e/x.png) [l](javascript:1) http://evil www.evil @team #1 ` ~~s~~ $x$ <!-- \u202E\u0007\u001B[31m';

test('hostile text in every place makes no row, heading, link, tag or end of a fence', t => {
	const [opened] = outageDrafts();
	const evil = {...ana, name: hostile};
	const told = (type: string, data: JournalDraft['data']): JournalDraft => ({...opened!, type, data, actor: evil});
	const drafts = [
		told('incident/opened', {...opened!.data, alert: hostile, severity: hostile, findings: [{code: hostile, service: hostile, scenario: 1}]}),
		told('note/added', {text: hostile}), told('ping/failed', {name: hostile, reason: hostile}), told('ping/failed', {reason: '__proto__'}), told('finding/cleared', {reason: 'constructor'}), told('container/died', {service: hostile, exitCode: 1}), told(hostile, {}),
		told('action/confirmed', {run: hostile, action: hostile, command: hostile, original: 'x', directory: hostile}), told('action/refused', {run: 'q', code: hostile, holder: hostile}),
		told('action/ended', {run: hostile, signal: hostile}), told('action/verified', {run: hostile, verdict: hostile}),
		told('log/kept', {service: hostile, lines: [hostile, '`````', '# h']}), told('incident/resolved', {reason: hostile}),
	];
	const clean = [told('incident/opened', {...opened!.data, alert: 'a', severity: 'b', findings: [{code: 'c', service: 'd', scenario: 1}]}), ...drafts.slice(1)];
	for (const language of ['en', 'pt-BR'] as const) {
		const text = markdown(language, reported(drafts, hostile));
		const lines = outsideFences(text);
		const columns = (line: string): number => line.replaceAll(String.raw`\\`, '').replaceAll(String.raw`\|`, '').split('|').length;
		let head = 0;
		for (const line of lines) {
			head = line.startsWith('|') ? (head === 0 ? columns(line) : head) : 0;
			t.true(head === 0 || columns(line) === head, line);
		}

		t.is(lines.filter(line => /^#{1,6} /.test(line)).length, outsideFences(markdown(language, reported(clean))).filter(line => /^#{1,6} /.test(line)).length);
		t.notRegex(lines.join('\n'), /(?<!\\)<(?!!-- -->)|(?<!\\)\[(?! \])|(?<!\\)`|\bhttp:\/\/|@(?!<!-- -->)/);
		// eslint-disable-next-line no-control-regex
		t.notRegex(text, /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E]/);
		const page = html(language, reported(drafts, hostile));
		const tags = new Set([...page.matchAll(/<\/?([a-z\d]+)/g)].map(([, name]) => name));
		t.deepEqual([...tags].filter(name => !['html', 'head', 'meta', 'title', 'style', 'body', 'h1', 'h2', 'h3', 'section', 'p', 'dl', 'dt', 'dd', 'ul', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'pre', 'div', 'b', 'svg', 'line', 'text', 'rect'].includes(name!)), []);
		t.notRegex(page, /<[^>]*\son\w+=/i);
		t.deepEqual(unbalanced(page), []);
		t.notRegex(page, /\b(?:src|href)=|@import|url\(/);
	}
});

test('text at the beginning of a line is no list, no quote and no rule', t => {
	t.deepEqual(['- a', '+ a', '1. a', '12) a', '# a', '> a', '=== ', '---', ': x', 'plain 1. a'].map(text => escapeMarkdown(text)), [
		String.raw`\- a`, String.raw`\+ a`, String.raw`1\. a`, String.raw`12\) a`, String.raw`\# a`, String.raw`\> a`, String.raw`\=== `, String.raw`\---`, String.raw`\: x`, 'plain 1. a',
	]);
});

test('the hour that daylight saving repeats is told apart, and the one that it skips never appears', t => {
	const stamp = createStamp('Europe/Berlin');
	const backMs = Date.UTC(2026, 9, 25, 0, 30);
	t.deepEqual([stamp.local(backMs), stamp.local(backMs + 3_600_000)], ['2026-10-25 02:30:00 +02:00', '2026-10-25 02:30:00 +01:00']);
	t.deepEqual([stamp.local(Date.UTC(2026, 2, 29, 0, 59, 59)), stamp.local(Date.UTC(2026, 2, 29, 1))], ['2026-03-29 01:59:59 +01:00', '2026-03-29 03:00:00 +02:00']);
	const shift = backMs - beganMs;
	const text = markdown('en', reported(outageDrafts('INC-20261025-003000', shift)), 'Europe/Berlin');
	t.regex(text, /impact began \| 2026-10-25 02:30:00 \+02:00 \| 2026-10-25 00:30:00Z/);
	t.is(createStamp('Nowhere/Land').local(0), '1970-01-01 00:00:00 +00:00');
	t.is(createStamp('UTC').local(-62_198_755_200_000).length, createStamp('UTC').local(0).length, 'also before the year 1');
});

test('of 10,000 facts the report shows the first and the last, and says how many are left out; what people did is all there', t => {
	const [opened, , failed] = outageDrafts();
	const facts = Array.from({length: 10_000}, (_, index) => ({...failed!, atMs: beganMs + 1000 + (index * 50)}));
	const report = reported([opened!, ...facts.slice(0, 5000), outageDrafts()[5]!, ...facts.slice(5000)]);
	t.is(report.timeline.length, 10_002);
	const {items, leftOut} = shownTimeline(report);
	t.is(leftOut, 9800);
	t.is(items.filter(({type}) => type === 'note/added').length, 1);
	t.regex(markdown('en', report), /\| … \| {2}\| 9,800 more entries of facts in between/);
	t.true(html('en', report).length < 100_000);
});

const instants = fc.oneof(fc.integer({min: beganMs, max: beganMs + 5_000_000}), fc.constantFrom(0, -1e300, 1e300, 8.64e15, -8.64e15, Number.MAX_SAFE_INTEGER));
const types = ['message/drafted', 'message/claimed', 'message/sent', 'message/failed', 'message/unknown', 'message/byHand', 'message/waived', 'escalation/snoozed', 'escalation/armed', 'incident/acknowledged', 'incident/mitigated', 'incident/reopened', 'incident/resolved', 'incident/closed', 'incident/severityChanged', 'incident/cancelled', 'alert/fired', 'alert/cleared', 'alert/unknown', 'silence/created', 'silence/extended', 'silence/lifted', 'silence/failed', 'escalation/prompted', 'note/added', 'action/confirmed', 'action/started', 'action/refused', 'action/ended', 'action/verified', 'action/cancelAsked', 'log/kept', 'clock/stepped', 'ping/failed', 'ping/recovered', 'container/died', 'container/kept', 'state/before', 'finding/raised', 'finding/cleared', 'runbook/frozen', 'action/read', 'constructor', '__proto__'];
const value = fc.oneof(fc.jsonValue({maxDepth: 3}), instants, fc.constantFrom('l1/slack', 'slack', 'escalate', 'r1', 'start-api', 'recovered', '__proto__', 'constructor', hostile), fc.double({noNaN: true, noDefaultInfinity: true}));
const keys = ['sinceMs', 'source', 'by', 'alert', 'severity', 'findings', 'run', 'action', 'command', 'original', 'lines', 'verdict', 'seconds', 'exitCode', 'signal', 'reason', 'service', 'name', 'holder', 'code', 'lost', 'title', 'step', 'params', 'weight', 'state', 'version', 'values', 'message', 'channel', 'purpose', 'label', 'attempt', 'untilMs', 'retryAtMs', 'expiresAtMs', 'words', 'outcome', 'reference', 'link', 'console'];
const anyEntries = fc.array(fc.record({type: fc.constantFrom(...types), data: fc.dictionary(fc.constantFrom(...keys), value), atMs: instants, actor: fc.constantFrom(ana, {...ana, name: hostile})}), {maxLength: 25});

test('the list at 80 and at 120 columns: the finding is never crowded out', t => {
	const report = reported(outageDrafts());
	const lines = (columns: number, project: string): readonly string[] => incidentListLines('pt-BR', [report, {...report, project: makeSafe(project), ended: null}], {format: createFormatter('pt-BR', zone), stamp: createStamp(zone)}, columns);
	for (const columns of [80, 120]) {
		for (const project of ['mestres-do-cafe', 'outro']) {
			t.true(lines(columns, project).every(line => line.length <= columns));
		}
	}

	t.regex(lines(80, 'mestres-do-cafe')[1]!, / api está parado$/);
	t.regex(lines(120, 'outro')[1]!, /CRITICAL {4}api está parado$/);
});

test('messages are in the report as they ended, with the text that went out, escaped and without secrets', t => {
	const message = (seconds: number, type: string, data: JournalEntry['data']) => ({atMs: beganMs + seconds * 1000, monotonicMs: 0, incident: 'INC-20260118-061204', type, data});
	const opening = outageDrafts();
	const report = reported([...opening.slice(0, -1), ...[
		message(600, 'message/drafted', {message: 'l1/slack', channel: 'slack', purpose: 'escalate', label: 'Slack #incidents', subject: '', lines: ['api | down', '<script>alert(1)</script>', 'token=xoxb-123456789012-abcdefghijklmnop'], expiresAtMs: beganMs + 9e6, console: 'c'}),
		message(601, 'message/claimed', {message: 'l1/slack', attempt: 1, console: 'c'}), message(602, 'message/sent', {message: 'l1/slack', attempt: 1, words: 'ok'}),
		message(603, 'message/byHand', {message: 'l1/phone-1', channel: null, purpose: 'escalate', label: 'Tech Lead', outcome: 'no-answer', note: ''}),
		message(604, 'message/drafted', {message: 'l1/pagerduty', channel: 'pagerduty', purpose: 'escalate', label: '', subject: '', lines: ['never read'], expiresAtMs: beganMs + 9e6, console: 'c'}),
		message(605, 'message/claimed', {message: 'l1/pagerduty', attempt: 1, console: 'c'}), message(606, 'message/failed', {message: 'l1/pagerduty', attempt: 1, code: 'rejected', words: '400 invalid', retryAtMs: null}),
	]]);
	t.deepEqual(report.messages.map(({id, state, outcome, tries}) => [id, state, outcome, tries]), [['l1/slack', 'sent', null, 1], ['l1/phone-1', 'by-hand', 'no-answer', 0], ['l1/pagerduty', 'failed', null, 1]]);
	const english = markdown('en', report);
	t.regex(english, /## Messages\n/);
	t.regex(english, /\| Slack \(escalation\) \| accepted: ok \| ana \|/);
	t.regex(english, /\| Tech Lead \| no answer \| ana \|/);
	t.regex(english, /\| PagerDuty \(escalation\) \| not sent: refused, 400 invalid \| ana \|/);
	t.notRegex(english, /xoxb-1234|never read/);
	t.regex(markdown('pt-BR', report), /## Mensagens\n[^]*não atendeu/);
	t.notRegex(html('en', report), /<script>/);
});

test('no sequence of entries is too odd for a report', t => {
	fc.assert(fc.property(anyEntries, value, instants, (entries, since, nowMs) => {
		const all: readonly JournalEntry[] = [{type: 'incident/opened', data: {sinceMs: since as number}, atMs: beganMs, actor: ana}, ...entries]
			.map((entry, index) => ({...entry, data: entry.data as JournalEntry['data'], incident: 'INC-1', monotonicMs: 0, bootId: 'b', sequence: index + 1}));
		const report = reportOf(incidentsOf({project: 'x', path: '', kind: 'own', entries: all})[0]!, nowMs);
		for (const language of ['en', 'pt-BR'] as const) {
			t.true(markdown(language, report).endsWith('\n'));
			t.false(html(language, report).includes('NaN'));
			t.true(incidentLines(language, report, createFormatter(language, zone), createStamp(zone)).length > 10);
			t.is(incidentListLines(language, [report], {format: createFormatter(language, zone), stamp: createStamp(zone)}, 80).length, report.dutiesLeft > 0 ? 3 : 2);
		}
	}), {numRuns: 150});
});

test('the command prints a report, or writes it where nothing lies yet', async t => {
	const home = incidentHome(t);
	home.journal('mestres-do-cafe', outageDrafts());
	const printed = await home.run(['incidents', 'report', 'last']);
	t.is(printed.code, 0);
	t.regex(printed.stdout, /^# Post-mortem: INC-20260118-061204 · APIDown\n/);
	t.false(printed.stdout.includes('hunter2'));
	const file = path.join(home.directory, 'report.html');
	t.deepEqual(await home.run(['incidents', 'report', 'last', '--format', 'html', '--output', file]), {code: 0, stdout: `Written: ${file}\n`, stderr: ''});
	t.is(statSync(file).mode & 0o777, 0o600);
	t.regex(readFileSync(file, 'utf8'), /^<!DOCTYPE html>[^]*<\/html>\n$/);
	writeFileSync(file, 'my own words');
	const kept = await home.run(['incidents', 'report', 'last', '--output', file]);
	t.is(kept.code, 1);
	t.regex(kept.stderr, /is there already, perhaps with somebody's words in it/);
	t.is(readFileSync(file, 'utf8'), 'my own words');
	t.is((await home.run(['incidents', 'report', 'last', '--output', file, '--force', '--format', 'json'])).code, 0);
	t.like(JSON.parse(readFileSync(file, 'utf8')), {schemaVersion: 1, incident: {id: 'INC-20260118-061204'}});
	t.like(await home.run(['incidents', 'report', 'last', '--output', path.join(home.directory, 'none/x.md')]), {code: 1, stdout: ''});
	t.is((await home.run(['incidents', 'report', 'last', '--format', 'pdf'])).code, 64);
});

test('an hour that comes twice: local times bear their offset, spans are the true ones, and the month is an hour longer', t => {
	// In New York the clock goes back at 06:00 UTC on 2026-11-01: 01:50 is followed by 01:20 half an hour later.
	const atMs = Date.UTC(2026, 10, 1, 5, 50);
	const report = reported([
		{atMs, monotonicMs: 0, incident: 'INC-1', type: 'incident/opened', data: {sinceMs: atMs, source: 'ping', atLeast: false, alert: 'APIDown'}, actor: ana},
		{atMs: atMs + 1_800_000, monotonicMs: 0, incident: 'INC-1', type: 'incident/mitigated', data: {}, actor: ana},
		{atMs: atMs + 1_900_000, monotonicMs: 0, incident: 'INC-1', type: 'incident/resolved', data: {}, actor: ana},
	]);
	const text = markdown('en', report, 'America/New_York');
	t.regex(text, /2026-11-01 01:50:00 -04:00 .*2026-11-01 01:20:00 -05:00 .*30 min/);
	t.is(report.downMs, 1_800_000);
	const [october, november] = lastMonths(Date.UTC(2026, 10, 20), 2, createStamp('America/New_York'));
	t.is((october!.toMs - october!.fromMs) / 3_600_000, 31 * 24);
	t.is((november!.toMs - november!.fromMs) / 3_600_000, (30 * 24) + 1);
});

test('a note in the form of an attack is text in every form of the report', t => {
	const note = '\u001B[2J\u202E<img src=x onerror=alert(1)> | [click](javascript:alert(1)) `rm -rf /` \u0007\n# heading';
	const report = reported([...outageDrafts().slice(0, -1), {atMs: beganMs + 1000, monotonicMs: 0, incident: outageDrafts()[0]!.incident, type: 'note/added', data: {text: note}, actor: {...ana, name: '<b>\u001B[31m'}}]);
	for (const text of [markdown('en', report), html('pt-BR', report), incidentLines('en', report, createFormatter('en', zone), createStamp(zone)).join('\n')]) {
		// eslint-disable-next-line no-control-regex
		t.notRegex(text, /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
		t.notRegex(text, /^# heading/m);
	}

	t.notRegex(html('en', report), /<img|<b>\S*31m/);
	t.notRegex(markdown('en', report), /(?<!\\)<img|(?<!\\)\](?=\(javascript)/);
});

test('what was measured around the failure is a table and curves with gaps, and none where nothing was measured', t => {
	const [opening, ...rest] = outageDrafts();
	const {incident} = opening!;
	const of = (atMs: number, type: string, data: JournalDraft['data']): JournalDraft => ({atMs, monotonicMs: 0, incident, type, data, actor: ana});
	const sample = (cpu: number, api: number | null): JournalDraft['data'] => ({cpu, memory: 0.5, disk: 0.7, latency: {api}});
	const before = of(beganMs + 61_000, 'metrics/before', {samples: [{atMs: beganMs - 60_000, ...sample(0.1, 12)}, {atMs: beganMs - 30_000, ...sample(0.1, 14)}, {atMs: 'x'}, 7]});
	const report = reported([opening!, before, of(beganMs + 120_000, 'metrics/sampled', sample(0.93, null)), of(beganMs + 180_000, 'metrics/sampled', {cpu: 'x', latency: []}), of(beganMs + 960_000, 'metrics/sampled', sample(0.2, 17)), ...rest]);
	t.regex(markdown('en', report), /\| cpu \| 10% \| 93% \| 20% \|\n\| memory \| 50% \| 50% \| 50% \|\n\| fullest disk .*\n\| ping api \| 12 ms \| no answer \| 17 ms \|/);
	t.false(report.timeline.some(({type}) => type.startsWith('metrics/')));
	const svg = /<svg(?:(?!<\/svg>).)*class="curve".*?<\/svg>/s.exec(html('pt-BR', report))?.[0] ?? '';
	t.is(svg.match(/class="hurt"/g)?.length, 1);
	t.regex(svg, /<circle/);
	t.false(html('en', report).includes('NaN'));
	t.notRegex(html('en', reported(outageDrafts())), /Metrics around/);

	const silent = reported([opening!, of(beganMs + 61_000, 'metrics/sampled', sample(0.5, null)), of(beganMs + 121_000, 'metrics/sampled', sample(0.5, null)), ...rest]);
	t.regex(markdown('en', silent), /\| ping api \| not measured \| no answer \| no answer \|/);
	t.false(/<svg(?:(?!<\/svg>).)*class="curve".*?<\/svg>/s.exec(html('en', silent))?.[0].includes('ping api') ?? true, 'nothing to be drawn of it');
});
