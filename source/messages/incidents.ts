/**
Incidents after the fact, as lines for a person: the list, one incident, and why a journal could not be read. Nothing here knows the width of a
terminal beyond what it is given.
*/

import type {Duty} from '../core/duties.ts';
import type {IncidentState} from '../core/incident.ts';
import type {Report, ReportAction, ReportFinding} from '../core/incident-report.ts';
import type {Failure, FailureCode} from '../core/ports.ts';
import {clip, fit, makeSafe, widthOf} from '../core/text.ts';
import {actionTitleOf} from './action-titles.ts';
import {verdictWords} from './actions.ts';
import {dutyText, dutyWords} from './duties.ts';
import {againstOf, alertWords} from './alerts.ts';
import {findingSentence, isFindingCode} from './finding-words.ts';
import {failureSentence} from './failures.ts';
import type {Formatter} from './format.ts';
import {defineArea, entryOf, type Language} from './language.ts';
import {exitMeaning} from './screen.ts';
import type {Stamp} from './stamp.ts';
import {incidentWords, timelineSentence} from './timeline.ts';

export const incidents = defineArea({
	none: 'No incident is recorded here.',
	noneMatching: 'No incident fits.',
	notFound: (name: string) => `There is no incident called ${name}. See them all: mdc-console incidents`,
	severalFound: (name: string, ids: string) => `Several incidents fit ${name}: ${ids}. Give more of the id, or --project NAME.`,
	unreadable: (title: string, detail: string) => `${title}${detail === '' ? '' : ` (${detail})`}. What it holds is missing here.`,
	headId: 'id',
	headProject: 'project',
	headBegan: 'began',
	headDuration: 'duration',
	headDown: 'down',
	headState: 'state',
	headSeverity: 'severity',
	headActions: 'actions',
	headCause: 'finding',
	open: 'open',
	mitigated: 'mitigated',
	resolved: 'resolved',
	closed: 'closed',
	cancelled: 'false alarm',
	lasts: (span: string) => `${span}, lasts`,
	atLeast: (span: string) => `at least ${span}`,
	unknownCause: 'not known',
	impactBegan: 'impact began',
	detected: 'detected',
	acknowledged: 'acknowledged',
	mitigatedAt: 'mitigated',
	endedAt: 'resolved',
	cancelledAt: 'cancelled',
	never: 'not recorded',
	notYet: 'not yet',
	by: (name: string) => `by ${name}`,
	byWatch: 'by itself: the watching window was over',
	bySource: (source: string, atLeast: boolean) => `${source}${atLeast ? '; at the latest: nothing was seen healthy before it' : ''}`,
	checksGreen: 'every decisive ping green',
	afterBegan: (span: string) => `after ${span}`,
	downFor: 'down for',
	downReopened: (count: number) => count === 1 ? 'fell back once' : `fell back ${count} times`,
	findings: 'Findings',
	actions: 'Actions',
	timeline: 'Timeline',
	noActions: 'None was run from the console.',
	leftOut: (count: string) => `${count} more entries of facts in between: --json has them all`,
	runsStill: 'no end recorded',
	refused: (holder: string) => holder === '' ? 'not started' : `not started: ${holder} held the target`,
	exit: (code: string) => `exit ${code}`,
	signal: (name: string) => `ended by ${name}`,
	atStep: (step: string) => `at step ${step}`,
	lost: 'outcome lost',
	cancelledRun: 'cancelled',
	timedOut: 'killed at the hard limit',
	noVerdict: 'no verdict recorded',
	took: (span: string) => `took ${span}`,
	inSeconds: (span: string) => `in ${span}`,
	postMortem: 'Post-mortem required: more than 15 minutes down.',
	reportHint: (id: string) => `The report: mdc-console incidents report ${id}`,
	written: (path: string) => `Written: ${path}`,
	notWritten: (path: string, code: string) => `Not written: ${path} (${code}).`,
	existsAlready: (path: string) => `Not written: ${path} is there already, perhaps with somebody's words in it. --force replaces it.`,
	projectRows: (project: string) => `Project ${project}`,
}, {
	none: 'Nenhum incidente registrado aqui.',
	noneMatching: 'Nenhum incidente corresponde.',
	notFound: name => `Não há incidente chamado ${name}. Veja todos: mdc-console incidents`,
	severalFound: (name, ids) => `Vários incidentes correspondem a ${name}: ${ids}. Dê mais do id, ou --project NOME.`,
	unreadable: (title, detail) => `${title}${detail === '' ? '' : ` (${detail})`}. O que ele guarda falta aqui.`,
	headId: 'id',
	headProject: 'projeto',
	headBegan: 'começou',
	headDuration: 'duração',
	headDown: 'fora do ar',
	headState: 'estado',
	headSeverity: 'severidade',
	headActions: 'ações',
	headCause: 'achado',
	open: 'aberto',
	mitigated: 'mitigado',
	resolved: 'resolvido',
	closed: 'fechado',
	cancelled: 'alarme falso',
	lasts: span => `${span}, continua`,
	atLeast: span => `pelo menos ${span}`,
	unknownCause: 'não se sabe',
	impactBegan: 'impacto começou',
	detected: 'detectado',
	acknowledged: 'assumido',
	mitigatedAt: 'mitigado',
	endedAt: 'resolvido',
	cancelledAt: 'cancelado',
	never: 'não registrado',
	notYet: 'ainda não',
	by: name => `por ${name}`,
	byWatch: 'sozinho: a janela de observação terminou',
	bySource: (source, atLeast) => `${source}${atLeast ? '; no mais tardar: nada foi visto saudável antes' : ''}`,
	checksGreen: 'todos os pings decisivos verdes',
	afterBegan: span => `após ${span}`,
	downFor: 'fora do ar por',
	downReopened: count => count === 1 ? 'caiu de novo uma vez' : `caiu de novo ${count} vezes`,
	findings: 'Achados',
	actions: 'Ações',
	timeline: 'Linha do tempo',
	noActions: 'Nenhuma foi executada pelo console.',
	leftOut: count => `mais ${count} registros de fatos no meio: --json traz todos`,
	runsStill: 'fim não registrado',
	refused: holder => holder === '' ? 'não iniciada' : `não iniciada: ${holder} estava com o alvo`,
	exit: code => `saída ${code}`,
	signal: name => `encerrada por ${name}`,
	atStep: step => `no passo ${step}`,
	lost: 'resultado perdido',
	cancelledRun: 'cancelada',
	timedOut: 'morta no limite máximo',
	noVerdict: 'sem veredito registrado',
	took: span => `levou ${span}`,
	inSeconds: span => `em ${span}`,
	postMortem: 'Post-mortem obrigatório: mais de 15 minutos fora do ar.',
	reportHint: id => `O relatório: mdc-console incidents report ${id}`,
	written: path => `Escrito: ${path}`,
	notWritten: (path, code) => `Não foi escrito: ${path} (${code}).`,
	existsAlready: path => `Não foi escrito: ${path} já existe, talvez com palavras de alguém. --force substitui.`,
	projectRows: project => `Projeto ${project}`,
});

/** `4 min 12 s`, `1 h 07 min`, `3 d 4 h`: two units, since a report is read long after. */
export const longSpan = (spanMs: number): string => {
	const seconds = Math.max(0, Math.round(spanMs / 1000));
	const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
	if (minutes === 0) {
		return `${seconds} s`;
	}

	if (hours === 0) {
		return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
	}

	return days < 2 ? `${hours} h ${String(minutes % 60).padStart(2, '0')} min` : `${days} d ${hours % 24} h`;
};

export const stateName = (language: Language, state: IncidentState): string => incidents[language][state];

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** A finding in words; one of a newer console's by its code. */
export const findingWords = (language: Language, finding: ReportFinding, format: Formatter): string => {
	const {code, service} = finding;
	return isFindingCode(code) ? findingSentence(language, {...finding, code}, format) : `${code}${service === null ? '' : ` (${service})`}`;
};

/** What the console took for the cause: its first finding. */
export const causeWords = (language: Language, report: Pick<Report, 'findings'>, format: Formatter): string =>
	report.findings[0] === undefined ? incidents[language].unknownCause : findingWords(language, report.findings[0], format);

export const actionName = (language: Language, {action, title, run}: Pick<ReportAction, 'action' | 'title' | 'run'>): string =>
	action === '' && title === null ? run : actionTitleOf(language, {id: action, title});

/** How the command ended. */
export const outcomeWords = (language: Language, action: ReportAction): string => {
	const say = incidents[language];
	switch (action.outcome) {
		case 'refused': {
			return say.refused(action.refusal?.holder ?? '');
		}

		case 'running': {
			return say.runsStill;
		}

		case 'lost': {
			return say.lost;
		}

		case 'cancelled': {
			return say.cancelledRun;
		}

		case 'timed-out': {
			return say.timedOut;
		}

		case 'ended': {
			const {exitCode, signal} = action;
			const meaning = exitCode === null || exitCode === 0 ? '' : exitMeaning(language, exitCode);
			return exitCode === null ? say.signal(signal ?? '?') : `${say.exit(String(exitCode))}${meaning === '' ? '' : `, ${meaning}`}${action.failedStep === null ? '' : `, ${say.atStep(action.failedStep)}`}`;
		}
	}
};

/** Whether it helped, and how soon. */
export const verdictOfAction = (language: Language, action: ReportAction, format: Formatter): string => {
	const words: Readonly<Record<string, string>> = verdictWords[language];
	if (action.verdict === null) {
		return action.outcome === 'refused' ? '' : incidents[language].noVerdict;
	}

	const verdict = entryOf(words, action.verdict) ?? action.verdict;
	return action.recoveredInSeconds === null ? verdict : `${verdict} ${incidents[language].inSeconds(format.seconds(action.recoveredInSeconds * 1000))}`;
};

export type TimeRow = {readonly name: string; readonly atMs: number | null; readonly source: string; readonly afterMs: number | null};

/** The five times of an incident, each with where it is known from. */
export const fiveTimes = (language: Language, report: Report): readonly TimeRow[] => {
	const say = incidents[language];
	const words = incidentWords[language];
	const {impactBegan, detected, acknowledged, mitigated, ended} = report;
	const sources = {ping: words.fromPing, container: words.fromContainer, alert: words.fromAlert};
	const row = (name: string, atMs: number | null, source: string): TimeRow => ({name, atMs, source, afterMs: atMs === null ? null : Math.max(0, atMs - impactBegan.atMs)});
	const missing = ended === null ? say.notYet : say.never;
	return [
		{...row(say.impactBegan, impactBegan.atMs, say.bySource(sources[impactBegan.source], impactBegan.atLeast)), afterMs: null},
		row(say.detected, detected.atMs, detected.by === 'key' ? `${words.byKey}, ${say.by(detected.actor)}` : (detected.by === 'alert' ? alertWords[language].byAlert : words.byCondition)),
		row(say.acknowledged, acknowledged?.atMs ?? null, acknowledged === null ? missing : say.by(acknowledged.actor)),
		row(say.mitigatedAt, mitigated?.atMs ?? null, mitigated === null ? missing : (mitigated.by === 'alert' ? alertWords[language].mitigatedByAlert : say.checksGreen)),
		row(ended?.how === 'cancelled' ? say.cancelledAt : say.endedAt, ended?.atMs ?? null, ended === null ? say.notYet : `${ended.byWatch ? say.byWatch : say.by(ended.actor)}${ended.reason === '' ? '' : `: ${ended.reason}`}${againstOf(language, ended.against) === '' ? '' : ` (${againstOf(language, ended.against)})`}`),
	];
};

/** A downtime that began before anything was seen is only "at least". */
export const downWords = (language: Language, report: Report): string => {
	const say = incidents[language];
	const span = longSpan(report.downMs);
	const honest = report.impactBegan.atLeast && report.downMs > 0 ? say.atLeast(span) : span;
	return report.isDown ? say.lasts(honest) : honest;
};

/** What is left to do after an incident that has ended. */
const dutiesCell = (language: Language, {dutiesLeft, closedAtMs}: Report): string => dutiesLeft > 0 ? dutyWords[language].headOpen(dutiesLeft) : (closedAtMs === null ? '-' : dutyWords[language].headClosed);

const findingColumns = 20;

/** The list, newest first: columns as wide as what stands in them. Where it is narrow the severity goes, then the number of actions; the finding alone is cut. */
export const incidentListLines = (language: Language, reports: readonly Report[], {format, stamp}: {readonly format: Formatter; readonly stamp: Stamp}, columns: number): readonly string[] => {
	const say = incidents[language];
	const owing = reports.filter(({dutiesLeft}) => dutiesLeft > 0);
	const several = new Set(reports.map(({project}) => project)).size > 1;
	const table: ReadonlyArray<readonly [head: string, cell: (report: Report) => string]> = [
		[say.headId, report => report.id],
		...(several ? [[say.headProject, (report: Report) => clip(report.project, 24)] as const] : []),
		[say.headBegan, report => stamp.local(report.impactBegan.atMs).slice(0, 16)],
		[say.headDuration, report => longSpan(report.durationMs)],
		[say.headState, report => stateName(language, report.state)],
		[say.headActions, report => String(report.actions.length)],
		[say.headSeverity, report => report.severity === '' ? '-' : clip(report.severity, 12)],
		...(owing.length > 0 ? [[dutyWords[language].head, (report: Report) => dutiesCell(language, report)] as const] : []),
	];
	const drawn = table.map(([head, cell]) => {
		const cells = [head, ...reports.map(report => cell(report))];
		const wide = cells.reduce((most, text) => Math.max(most, widthOf(text)), 0);
		return {cells: cells.map(text => fit(text, wide)), wide};
	});
	const fits = (count: number): boolean => drawn.slice(0, count).reduce((sum, {wide}) => sum + wide + 2, findingColumns) <= columns;
	const least = drawn.length - (owing.length > 0 ? 3 : 2);
	const shown = drawn.slice(0, [drawn.length, drawn.length - 1, drawn.length - 2].find(count => count > least && fits(count)) ?? least);
	const rows = [say.headCause, ...reports.map(report => causeWords(language, report, format))].map((cause, row) => clip([...shown.map(({cells}) => cells[row]!), cause].join('  ').trimEnd(), columns));
	// Where there is no room for the column, a line below says it.
	return owing.length === 0 || shown.length === drawn.length ? rows : [...rows, clip(dutyWords[language].owing(owing.map(({id, dutiesLeft}) => `${id} (${dutiesLeft})`).join(', ')), columns)];
};

const noise = /^(?:container|ping|engine)\//;
const noiseKept = 100;

/** All that people and the console did, and of the facts the first and the last hundred; `leftOut` stands where the rest was. */
export const shownTimeline = (report: Report): {readonly items: Report['timeline']; readonly leftOut: number; readonly gapAfter: number} => {
	const facts = report.timeline.filter(({type}) => noise.test(type));
	if (facts.length <= 2 * noiseKept) {
		return {items: report.timeline, leftOut: 0, gapAfter: -1};
	}

	const dropped = new Set(facts.slice(noiseKept, -noiseKept));
	const items = report.timeline.filter(item => !dropped.has(item));
	return {items, leftOut: dropped.size, gapAfter: items.indexOf(facts[noiseKept - 1]!)};
};

const dutyLine = (language: Language, duty: Duty, stamp: Stamp): string => {
	const say = dutyWords[language];
	const {mark, required} = duty;
	const how = mark === null ? (required ? say.open : say.notRequired) : (mark.state === 'done' ? say.sectionDone : say.sectionWaived)(mark.by, stamp.local(mark.atMs).slice(0, 16), mark.note);
	return `${mark?.state === 'done' ? '✔' : (required && mark === null ? '○' : '–')} ${dutyText(language, duty)}: ${how}`;
};

/** One incident, for a terminal. */
export const incidentLines = (language: Language, report: Report, format: Formatter, stamp: Stamp): readonly string[] => {
	const say = incidents[language];
	const times = fiveTimes(language, report);
	const nameColumns = Math.max(widthOf(say.downFor), ...times.map(({name}) => widthOf(name)));
	const {items, leftOut, gapAfter} = shownTimeline(report);
	return [
		`${report.id}  ${report.alert}  ${report.severity}  ${stateName(language, report.state)}  ${report.project}`.trimEnd(),
		'',
		...times.map(({name, atMs, source, afterMs}) => `${fit(name, nameColumns)}  ${atMs === null ? source : `${stamp.local(atMs)}  ${afterMs === null ? '' : `${say.afterBegan(longSpan(afterMs))}  `}${source}`}`),
		`${fit(say.downFor, nameColumns)}  ${downWords(language, report)}${report.reopened === 0 ? '' : `; ${say.downReopened(report.reopened)}`}`,
		...(report.postMortemRequired ? ['', say.postMortem] : []),
		...(report.ended === null || report.duties.length === 0 ? [] : ['', dutyWords[language].section, ...report.duties.map(duty => `  ${dutyLine(language, duty, stamp)}`)]),
		'',
		say.findings,
		...(report.findings.length === 0 ? [`  ${capital(say.unknownCause)}`] : report.findings.map(finding => `  ${findingWords(language, finding, format)}`)),
		'',
		say.actions,
		...(report.actions.length === 0 ? [`  ${say.noActions}`] : report.actions.flatMap(action => actionLines(language, action, format, stamp))),
		'',
		say.timeline,
		...items.flatMap((item, index) => [
			`  ${stamp.local(item.atMs)}  ${timelineSentence(language, item, format)}${item.actor === '' ? '' : `  · ${item.actor}`}`,
			...(index === gapAfter ? [`  … ${say.leftOut(format.count(leftOut))}`] : []),
		]),
		'',
		say.reportHint(report.id),
	];
};

const actionLines = (language: Language, action: ReportAction, format: Formatter, stamp: Stamp): readonly string[] => {
	const atMs = action.confirmedAtMs ?? action.startedAtMs ?? action.endedAtMs;
	const told = [outcomeWords(language, action), verdictOfAction(language, action, format)].filter(text => text !== '').join('; ');
	return [
		`  ${atMs === null ? '' : `${stamp.local(atMs)}  `}${actionName(language, action)}${action.by === '' ? '' : `  · ${action.by}`}`,
		...action.command.map(line => `      ${line}`),
		`      → ${told}`,
	];
};

/** Why a journal, or a directory, is missing from the answer. */
export const unreadableLine = (language: Language, failure: Failure): string => {
	// What stands there is a journal: the general sentence speaks of an answer.
	const path = failure.params?.['path'];
	const own = journalTrouble[language][failure.code];
	const title = own === undefined ? failureSentence(language, failure).title : own(String(path ?? ''));
	return makeSafe(incidents[language].unreadable(title, failure.detail));
};

const journalTrouble: Readonly<Record<Language, Readonly<Partial<Record<FailureCode, (path: string) => string>>>>> = {
	en: {
		malformed: path => `The journal ${path} is damaged`,
		busy: path => `The journal ${path} is locked by another program; try again`,
		'timed-out': path => `The disk under ${path} does not answer`,
	},
	'pt-BR': {
		malformed: path => `O diário ${path} está danificado`,
		busy: path => `O diário ${path} está travado por outro programa; tente de novo`,
		'timed-out': path => `O disco de ${path} não responde`,
	},
};
