/**
The report of an incident as a document without a format: sections in the order of the usual post-mortem, made of a few kinds of block. Markdown and
HTML are made of it elsewhere. What only people know is a block of its own, so that no format can pass it off as written.
*/

import type {Report, ReportAction, ReportMessage} from '../core/incident-report.ts';
import {channelName, outcomeName, purposeName, refusalName} from './escalation.ts';
import {commandWords, reportMessageStates, reportWords} from './report-words.ts';
import type {Formatter} from './format.ts';
import {dutyText, dutyWords} from './duties.ts';
import {actionName, causeWords, downWords, findingWords, fiveTimes, incidents, longSpan, outcomeWords, shownTimeline, stateName, verdictOfAction} from './incidents.ts';
import type {Language} from './language.ts';
import {metricRows, metricsWords} from './report-metrics.ts';
import type {Stamp} from './stamp.ts';
import {timelineSentence} from './timeline.ts';

export type Block =
	| {readonly kind: 'text'; readonly text: string}
	| {readonly kind: 'strong'; readonly text: string}
	| {readonly kind: 'facts'; readonly rows: ReadonlyArray<readonly [name: string, value: string]>}
	| {readonly kind: 'table'; readonly head: readonly string[]; readonly rows: ReadonlyArray<readonly string[]>}
	| {readonly kind: 'list'; readonly items: readonly string[]}
	| {readonly kind: 'checks'; readonly items: readonly CheckItem[]}
	| {readonly kind: 'code'; readonly lines: readonly string[]}
	| {readonly kind: 'heading'; readonly text: string}
	/** Left to people: what is asked of them. */
	| {readonly kind: 'people'; readonly asks: readonly string[]}
	/** The picture of the incident, in formats that can have one; `metrics`: of what was measured around it. */
	| {readonly kind: 'chart' | 'metrics'};

export type CheckItem = {readonly text: string; /** `none`: it does not count here. */ readonly state: 'open' | 'done' | 'waived' | 'none'};

export type ReportDocument = {
	readonly language: Language;
	readonly title: string;
	readonly mark: string;
	readonly sections: readonly {readonly title: string | null; readonly blocks: readonly Block[]}[];
};

/** The document of a report; every text in it is safe, and none is escaped yet. */
export const reportDocumentOf = (language: Language, report: Report, format: Formatter, stamp: Stamp): ReportDocument => {
	const say = reportWords[language];
	const both = (atMs: number): string => `${stamp.local(atMs)} (${stamp.utc(atMs)})`;
	return {
		language,
		title: `${report.postMortemRequired ? say.titlePostMortem : say.titleReport}: ${report.id}${report.alert === '' ? '' : ` · ${report.alert}`}`,
		mark: say.toFillIn,
		sections: [
			{title: null, blocks: [{kind: 'facts', rows: headRows(language, report, stamp)}]},
			{title: say.summary, blocks: [...summaryOf(language, report, format, both), {kind: 'people', asks: [say.askSummary]}]},
			{title: say.impact, blocks: [...impactOf(language, report, both), {kind: 'people', asks: [say.askImpact]}]},
			{title: say.times, blocks: [...timesOf(language, report, stamp), {kind: 'chart'}]},
			...(report.metrics.length === 0 ? [] : [{title: metricsWords[language].title, blocks: metricsOf(language, report, format)}]),
			{title: say.rootCause, blocks: [...findingsOf(language, report, format), {kind: 'people', asks: [say.askRootCause, say.askTrigger]}]},
			{title: say.resolution, blocks: resolutionOf(language, report, format, stamp)},
			...(report.messages.length === 0 ? [] : [{title: say.messages, blocks: messagesOf(language, report, stamp)}]),
			{title: say.timeline, blocks: timelineOf(language, report, format, stamp)},
			{title: say.lessons, blocks: [{kind: 'people', asks: [say.askWell, say.askBadly, say.askLucky]}]},
			{title: say.followUps, blocks: [{kind: 'people', asks: [say.askFollowUps]}, {kind: 'checks', items: dutiesOf(language, report, stamp)}]},
			...(report.keptLines.length === 0 ? [] : [{title: say.keptLines, blocks: keptOf(language, report, stamp)}]),
			{title: null, blocks: [{kind: 'text', text: say.footer(stamp.local(report.madeAtMs), stamp.zone)}]},
		],
	};
};

const headRows = (language: Language, report: Report, stamp: Stamp): ReadonlyArray<readonly [string, string]> => {
	const say = reportWords[language];
	const words = incidents[language];
	const rows: ReadonlyArray<readonly [string, string]> = [
		[say.project, report.project],
		[words.headSeverity, report.severity],
		[words.headState, stateName(language, report.state)],
		[say.date, stamp.date(report.impactBegan.atMs)],
		[words.headDuration, report.ended === null ? words.lasts(longSpan(report.durationMs)) : longSpan(report.durationMs)],
		[words.headDown, downWords(language, report)],
		[say.responders, report.responders.join(', ')],
	];
	return rows.filter(([, value]) => value !== '');
};

const helped = (report: Report): ReportAction | undefined => report.actions.findLast(({verdict}) => verdict === 'recovered');

const summaryOf = (language: Language, report: Report, format: Formatter, both: (atMs: number) => string): readonly Block[] => {
	const say = reportWords[language];
	const mended = helped(report);
	const began = say.sumBegan(both(report.impactBegan.atMs), report.alert === '' ? report.id : report.alert, report.project, report.impactBegan.atLeast);
	const down = report.state === 'cancelled' ? say.sumFalseAlarm : say.sumDown(downWords(language, report));
	const cause = say.sumFinding(causeWords(language, report, format), report.scenario);
	const end = mended === undefined ? say.sumNoAction : say.sumAction(actionName(language, mended), verdictOfAction(language, mended, format));
	return [{kind: 'text', text: [began, down, cause, ...(report.state === 'cancelled' ? [] : [end])].join(' ')}];
};

const impactOf = (language: Language, report: Report, both: (atMs: number) => string): readonly Block[] => {
	const say = reportWords[language];
	const words = incidents[language];
	const rows = report.outages.map(({fromMs, toMs}) => [both(fromMs), toMs === null ? words.notYet : both(toMs), toMs === null ? '' : longSpan(toMs - fromMs)]);
	return [
		{kind: 'text', text: `${say.downtime}: ${downWords(language, report)}${report.reopened === 0 ? '' : ` (${words.downReopened(report.reopened)})`}.`},
		...(rows.length === 0 ? [] : [{kind: 'table' as const, head: [say.from, say.to, words.headDuration], rows}]),
		report.postMortemRequired ? {kind: 'strong', text: say.required} : {kind: 'text', text: say.notRequired},
	];
};

const timesOf = (language: Language, report: Report, stamp: Stamp): readonly Block[] => {
	const say = reportWords[language];
	return [
		{
			kind: 'table',
			head: [say.time, say.localTime(stamp.zone), 'UTC', say.afterStart, say.source],
			rows: fiveTimes(language, report).map(({name, atMs, source, afterMs}) => [name, atMs === null ? '' : stamp.local(atMs), atMs === null ? '' : stamp.utc(atMs), afterMs === null ? '' : longSpan(afterMs), source]),
		},
		...(report.clockSteps === 0 ? [] : [{kind: 'strong' as const, text: say.clockStepped(report.clockSteps)}]),
	];
};

const metricsOf = (language: Language, report: Report, format: Formatter): readonly Block[] => {
	const say = metricsWords[language];
	return [{kind: 'table', head: [say.what, say.before, say.worst, say.last], rows: metricRows(language, report, format)}, {kind: 'metrics'}];
};

const findingsOf = (language: Language, report: Report, format: Formatter): readonly Block[] => {
	const say = reportWords[language];
	return report.findings.length === 0
		? [{kind: 'text', text: say.noFindings}]
		: [{kind: 'text', text: say.findingsAre}, {kind: 'list', items: report.findings.map(finding => `${findingWords(language, finding, format)}${finding.scenario === null ? '' : ` (${say.scenario(finding.scenario)})`}`)}];
};

const resolutionOf = (language: Language, report: Report, format: Formatter, stamp: Stamp): readonly Block[] => {
	const words = incidents[language];
	const say = commandWords[language];
	if (report.actions.length === 0) {
		return [{kind: 'text', text: words.noActions}];
	}

	return report.actions.flatMap((action, index): readonly Block[] => {
		const tookMs = action.startedAtMs === null || action.endedAtMs === null ? null : Math.max(0, action.endedAtMs - action.startedAtMs);
		const atMs = action.confirmedAtMs ?? action.startedAtMs ?? action.endedAtMs;
		const rows: ReadonlyArray<readonly [string, string]> = [
			[say.when, atMs === null ? '' : `${stamp.local(atMs)} (${stamp.utc(atMs)})`],
			[say.who, action.by],
			[say.outcome, `${outcomeWords(language, action)}${tookMs === null ? '' : `, ${words.took(format.seconds(tookMs))}`}`],
			[say.verdict, verdictOfAction(language, action, format)],
			[say.directory, action.directory ?? ''],
		];
		return [
			{kind: 'heading', text: `${index + 1} · ${actionName(language, action)}`},
			{kind: 'facts', rows: rows.filter(([, value]) => value !== '')},
			...(action.command.length === 0 ? [] : [{kind: 'code' as const, lines: action.command}]),
			...(action.original.length === 0 ? [] : [{kind: 'text' as const, text: say.original}, {kind: 'code' as const, lines: action.original}]),
		];
	});
};

const timelineOf = (language: Language, report: Report, format: Formatter, stamp: Stamp): readonly Block[] => {
	const say = reportWords[language];
	const {items, leftOut, gapAfter} = shownTimeline(report);
	return [{
		kind: 'table',
		head: [say.localTime(stamp.zone), 'UTC', say.what, say.recordedBy],
		rows: items.flatMap((item, index) => [
			[stamp.local(item.atMs), stamp.utc(item.atMs), timelineSentence(language, item, format), item.actor],
			...(index === gapAfter ? [['…', '', incidents[language].leftOut(format.count(leftOut)), '']] : []),
		]),
	}];
};

/** Each duty with what has become of it; the shipped post-mortem says whether this incident needs one. */
const dutiesOf = (language: Language, report: Report, stamp: Stamp): readonly CheckItem[] => report.duties.map(({kind, text, required, mark}): CheckItem => {
	const [say, words] = [reportWords[language], dutyWords[language]];
	const name = kind === 'post-mortem' && text === null ? (required ? say.dutyPostMortem : say.dutyNoPostMortem) : dutyText(language, {kind, text});
	if (mark === null) {
		return {text: required || text === null ? name : `${name} (${words.notRequired})`, state: required ? 'open' : 'none'};
	}

	const how = (mark.state === 'done' ? words.sectionDone : words.sectionWaived)(mark.by, stamp.local(mark.atMs).slice(0, 16), mark.note);
	return {text: `${name} (${how})`, state: mark.state};
});

const keptOf = (language: Language, report: Report, stamp: Stamp): readonly Block[] => report.keptLines.flatMap(({atMs, service, lines}) => [
	{kind: 'text' as const, text: reportWords[language].keptBefore(service, stamp.local(atMs))},
	{kind: 'code' as const, lines},
]);

const messagesOf = (language: Language, report: Report, stamp: Stamp): readonly Block[] => {
	const say = reportWords[language];
	return [
		{
			kind: 'table',
			head: [say.localTime(stamp.zone), say.message, say.messageState, say.recordedBy],
			rows: report.messages.map(message => [stamp.local(message.atMs), messageName(language, message), messageStanding(language, message), message.by]),
		},
		{kind: 'text', text: say.acceptedOnly},
		...report.messages.filter(({lines, state}) => lines.length > 0 && (state === 'sent' || state === 'unknown')).flatMap((message): readonly Block[] => [
			{kind: 'text', text: `${messageName(language, message)}${message.subject === '' ? '' : ` · ${message.subject}`}`},
			{kind: 'code', lines: message.lines},
		]),
	];
};

const messageName = (language: Language, {channel, purpose, label}: ReportMessage): string =>
	channel === null ? label : `${channelName(language, channel)} (${purposeName(language, purpose)})`;

const messageStanding = (language: Language, {state, outcome, words, code, link}: ReportMessage): string => {
	const name = reportMessageStates[language][state];
	const detail = outcome !== null ? outcomeName(language, outcome) : [code === null ? '' : refusalName(language, code), words, link ?? ''].filter(text => text !== '').join(', ');
	return state === 'by-hand' ? detail : `${name}${detail === '' ? '' : `: ${detail}`}`;
};
