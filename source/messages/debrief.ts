/**
A debrief in words: sections of rows without a format, which the screen draws and Markdown renders, and a summary of a few lines. Worth reading aloud: what the
outage was, how long it took, what was tried and what came of it, what to take home.
*/

import type {Compared, Debrief, DebriefAttempt, EarlierDrill, UnusedHint} from '../core/debrief.ts';
import type {DebriefMoment} from '../core/debrief-story.ts';
import {makeSafe} from '../core/text.ts';
import {actionTitleOf} from './action-titles.ts';
import {momentText, phaseWords, questionTexts} from './debrief-story.ts';
import {difficultyWords, drillPageWords} from './drill.ts';
import type {Formatter} from './format.ts';
import {defineArea, type Area, type Language} from './language.ts';

export type DebriefTone = 'plain' | 'good' | 'bad' | 'warn' | 'dim';
/** `share` of the whole, for what draws a bar; `isItem`: one of a list to be gone through. */
export type DebriefRow = {readonly label: string; readonly text: string; readonly tone: DebriefTone; readonly share?: number; readonly isItem?: boolean};
export type DebriefSection = {readonly heading: string; readonly rows: readonly DebriefRow[]};
export type DebriefDocument = {readonly title: string; readonly verdict: {readonly text: string; readonly tone: DebriefTone}; readonly sections: readonly DebriefSection[]};

const words = defineArea({
	title: (scenario: string) => `Drill debrief: ${scenario}`,
	clean: 'Resolved the shortest good way.',
	resolved: 'Resolved.',
	resolvedDetour: (count: number) => count === 1 ? 'Resolved, after one action that did not belong here.' : `Resolved, after ${count} actions that did not belong here.`,
	handsOff: 'Right: there was nothing to change, and nothing was changed.',
	handsOn: 'Nothing had to be changed here, and something was.',
	watching: 'Health is back; the incident was not closed.',
	down: 'Left while customers were still hurt.',
	cancelled: 'Cancelled as a false alarm, and it was none.',
	nothing: 'No incident was open.',
	cause: 'What it was',
	times: 'Times',
	sinceOutage: 'since the outage began',
	detect: 'detected', acknowledge: 'acknowledged', mitigate: 'mitigated', resolve: 'resolved',
	never: 'never',
	sinceOpen: (span: string) => `${span} after opening the console`,
	down_: 'down',
	escalation: 'escalation',
	'not-due': 'was not due: health was back within the ten minutes, or it never came to that',
	'in-time': 'in time',
	late: 'too late: more than a minute after it was due',
	missed: 'was due and is not recorded: nobody was told',
	spent: 'Where the time went',
	course: 'How it went',
	courseFrom: 'from the opening of the console',
	rightNever: 'the cause never stood on the screen as expected',
	triedNothing: 'nothing was done',
	recovered: (seconds: string) => seconds === '' ? 'brought health back' : `brought health back in ${seconds}`,
	'not-recovered': 'did not bring health back', 'cannot-tell': 'its outcome could not be told', done: 'done', failed: 'failed', unfinished: 'not finished',
	ideal: 'The ideal path',
	idealStep: (within: string, took: string) => took === '' ? `within ${within}; not taken` : `within ${within}; taken after ${took}`,
	idealNone: 'look, tell the others, and wait',
	questions: 'For the team\'s meeting',
	before: 'Drills of this scenario before',
	beforeNone: 'this was the first',
	beforeBest: (best: string) => `health back after ${best} at best`,
	beforeOne: (healthy: string, detours: number, keys: number) => `${healthy === '' ? 'not healthy again' : `healthy after ${healthy}`} · ${detours === 0 ? 'no detour' : (detours === 1 ? '1 detour' : `${detours} detours`)} · ${keys === 1 ? '1 key' : `${keys} keys`}`,
	keys: 'keys pressed',
	keysMean: (mean: number) => `(usually ${mean})`,
	unused: 'Keys that would have helped',
	lesson: 'To take home',
	observed: 'solved by the console itself (--observe)',
	seed: (seed: number, speed: number) => `seed ${seed}${speed === 1 ? '' : `, ×${speed}`}`,
	by: 'by',
	pretended: 'A drill on a pretended server: no customer was hurt, and nobody was paged.',
}, {
	title: scenario => `Análise do simulado: ${scenario}`,
	clean: 'Resolvido pelo melhor caminho, o mais curto.',
	resolved: 'Resolvido.',
	resolvedDetour: count => count === 1 ? 'Resolvido, depois de uma ação que não cabia aqui.' : `Resolvido, depois de ${count} ações que não cabiam aqui.`,
	handsOff: 'Certo: não havia nada a mudar, e nada foi mudado.',
	handsOn: 'Aqui não era preciso mudar nada, e algo foi mudado.',
	watching: 'A saúde voltou; o incidente não foi encerrado.',
	down: 'Abandonado com os clientes ainda sofrendo.',
	cancelled: 'Cancelado como alarme falso, e não era.',
	nothing: 'Nenhum incidente esteve aberto.',
	cause: 'O que era',
	times: 'Tempos',
	sinceOutage: 'desde o início da queda',
	detect: 'detectado', acknowledge: 'assumido', mitigate: 'mitigado', resolve: 'resolvido',
	never: 'nunca',
	sinceOpen: span => `${span} depois de abrir o console`,
	down_: 'fora do ar',
	escalation: 'escalonamento',
	'not-due': 'não foi preciso: a saúde voltou dentro dos dez minutos, ou nem chegou a isso',
	'in-time': 'a tempo',
	late: 'tarde demais: mais de um minuto depois do prazo',
	missed: 'era devido e não há registro: ninguém foi avisado',
	spent: 'Para onde foi o tempo',
	course: 'Como foi',
	courseFrom: 'a partir da abertura do console',
	rightNever: 'a causa não chegou a aparecer como esperado',
	triedNothing: 'nada foi feito',
	recovered: seconds => seconds === '' ? 'trouxe a saúde de volta' : `trouxe a saúde de volta em ${seconds}`,
	'not-recovered': 'não trouxe a saúde de volta', 'cannot-tell': 'não deu para dizer o resultado', done: 'concluída', failed: 'falhou', unfinished: 'não terminou',
	ideal: 'O caminho ideal',
	idealStep: (within, took) => took === '' ? `em até ${within}; não foi feito` : `em até ${within}; feito após ${took}`,
	idealNone: 'olhar, avisar os outros e esperar',
	questions: 'Para a reunião da equipe',
	before: 'Simulados anteriores deste cenário',
	beforeNone: 'este foi o primeiro',
	beforeBest: best => `saúde de volta após ${best} no melhor deles`,
	beforeOne: (healthy, detours, keys) => `${healthy === '' ? 'a saúde não voltou' : `saúde de volta após ${healthy}`} · ${detours === 0 ? 'nenhum desvio' : (detours === 1 ? '1 desvio' : `${detours} desvios`)} · ${keys === 1 ? '1 tecla' : `${keys} teclas`}`,
	keys: 'teclas',
	keysMean: mean => `(em geral ${mean})`,
	unused: 'Teclas que teriam ajudado',
	lesson: 'Para levar',
	observed: 'resolvido pelo próprio console (--observe)',
	seed: (seed, speed) => `semente ${seed}${speed === 1 ? '' : `, ×${speed}`}`,
	by: 'por',
	pretended: 'Um simulado num servidor de mentira: nenhum cliente sofreu, e ninguém foi acionado.',
});

const hints: Area<Readonly<Record<UnusedHint, string>>> = {
	en: {
		'not-acknowledged': 'a: nobody was told that somebody is at it',
		'evidence-unread': 'Enter on the diagnosis: the evidence, and what speaks against the other scenarios',
		'changes-unread': 'd: what changed shortly before',
		'runbook-unread': 'the digit of the scenario: the runbook\'s own page',
		'no-note': 'm: a note for whoever writes the post-mortem',
	},
	'pt-BR': {
		'not-acknowledged': 'a: ninguém soube que alguém estava cuidando',
		'evidence-unread': 'Enter no diagnóstico: as evidências, e o que fala contra os outros cenários',
		'changes-unread': 'd: o que mudou pouco antes',
		'runbook-unread': 'o dígito do cenário: a página do próprio runbook',
		'no-note': 'm: uma nota para quem escrever o post-mortem',
	},
};

/** The debrief as a document. */
export const debriefDocument = (language: Language, debrief: Debrief, compared: Compared, format: Formatter): DebriefDocument => {
	const say = words[language];
	const {scenario} = debrief;
	const questions = questionTexts(language, debrief, format);
	return {
		title: makeSafe(say.title(scenario.title[language])),
		verdict: verdictOf(language, debrief),
		sections: [
			{heading: say.cause, rows: [row('', scenario.cause[language])]},
			{heading: say.lesson, rows: [row('', scenario.lesson[language], 'good')]},
			{heading: `${say.times} (${say.sinceOutage})`, rows: timeRows(language, debrief, format)},
			...(debrief.phases.length === 0 ? [] : [{heading: say.spent, rows: phaseRows(language, debrief, format)}]),
			{heading: `${say.course} (${say.courseFrom})`, rows: courseRows(language, debrief, format)},
			{heading: say.ideal, rows: scenario.isHandsOff ? [row('', say.idealNone)] : debrief.ideal.map(({action, withinMs, tookMs}) =>
				row('', `${actionTitleOf(language, {id: action, title: null})}: ${say.idealStep(format.span(withinMs), tookMs === null ? '' : since(tookMs, format))}`, tookMs !== null && tookMs <= withinMs ? 'good' : 'warn'))},
			...(questions.length === 0 || debrief.observed ? [] : [{heading: say.questions, rows: questions.map((text): DebriefRow => ({...row('', text), isItem: true}))}]),
			{heading: say.before, rows: beforeRows(language, debrief, compared, format)},
			...(debrief.unused.length === 0 || debrief.observed ? [] : [{heading: say.unused, rows: debrief.unused.map(hint => row('', hints[language][hint]))}]),
			{heading: '', rows: [
				row('', [`${scenario.name} · ${drillPageWords(language, scenario.page)} · ${difficultyWords[language][scenario.difficulty]}`, say.seed(debrief.seed, debrief.speed), debrief.observed ? say.observed : `${say.by} ${debrief.operator}`].join(' · '), 'dim'),
				row('', say.pretended, 'dim'),
			]},
		],
	};
};

const row = (label: string, text: string, tone: DebriefTone = 'plain'): DebriefRow => ({label, text: makeSafe(text), tone});

/** Whole seconds: nobody acts in tenths. */
const since = (ms: number, format: Formatter): string => ms < 59_500 ? `${Math.round(ms / 1000)} s` : format.seconds(ms);

/** Since the outage began, which is what customers felt, and since somebody was there, which is what can be practised. */
const timeRows = (language: Language, debrief: Debrief, format: Formatter): readonly DebriefRow[] => {
	const say = words[language];
	const {times, phases} = debrief;
	if (debrief.outcome === 'nothing') {
		return [row('', say.nothing, 'dim')];
	}

	const beforeMs = phases.find(({code}) => code === 'before')?.forMs ?? 0;
	const time = (label: string, ms: number | null): DebriefRow => {
		const own = ms === null || beforeMs === 0 ? '' : ` · ${say.sinceOpen(since(Math.max(0, ms - beforeMs), format))}`;
		return row(label, ms === null ? say.never : `${format.stopwatch(ms)}${own}`, ms === null ? 'warn' : 'plain');
	};

	return [
		time(say.detect, times.detectMs), time(say.acknowledge, times.acknowledgeMs), time(say.mitigate, times.mitigateMs), time(say.resolve, times.resolveMs),
		...(debrief.downMs === null ? [] : [row(say.down_, `${debrief.isAtLeast ? '≥ ' : ''}${format.stopwatch(debrief.downMs)}`)]),
		row(say.escalation, say[debrief.escalation], debrief.escalation === 'missed' || debrief.escalation === 'late' ? 'bad' : 'plain'),
	];
};

const phaseRows = (language: Language, {phases}: Debrief, format: Formatter): readonly DebriefRow[] => {
	const total = phases.reduce((sum, {forMs}) => sum + forMs, 0);
	return phases.map(({code, forMs}): DebriefRow => ({...row(format.stopwatch(forMs), phaseWords[language][code], code === 'detours' || code === 'down' ? 'bad' : (code === 'curing' ? 'good' : 'plain')), share: forMs / total}));
};

const momentTones: Readonly<Partial<Record<DebriefMoment['code'], DebriefTone>>> = {mitigated: 'good', resolved: 'good', reopened: 'bad', left: 'dim', looked: 'dim', outage: 'bad', 'escalation-due': 'warn'};

const courseRows = (language: Language, debrief: Debrief, format: Formatter): readonly DebriefRow[] => {
	const say = words[language];
	const clock = (ms: number): string => ms < 0 ? `−${format.stopwatch(-ms)}` : format.stopwatch(ms);
	return [
		...debrief.moments.map((moment): DebriefRow => moment.code === 'attempt'
			? attemptRow(language, moment.attempt, format)
			: row(clock(moment.sinceOpenMs), momentText(language, moment, debrief.operator, format), moment.code === 'finding' ? (moment.finding.isRight ? 'good' : 'dim') : momentTones[moment.code] ?? 'plain')),
		...(debrief.rightFindingMs === null ? [row('', say.rightNever, 'warn')] : []),
		...(debrief.attempts.length === 0 ? [row('', say.triedNothing, debrief.scenario.isHandsOff ? 'good' : 'warn')] : []),
	];
};

const beforeRows = (language: Language, debrief: Debrief, compared: Compared, format: Formatter): readonly DebriefRow[] => {
	const say = words[language];
	const one = ({atMs, operator, healthyMs, detours, keys}: EarlierDrill): DebriefRow =>
		row(format.moment(atMs, debrief.openedAtMs), `${operator} · ${say.beforeOne(healthyMs === null ? '' : since(healthyMs, format), detours, keys)}`);
	return [
		...(compared.count === 0 ? [row('', say.beforeNone)] : [row('', `${compared.count}${compared.bestMs === null ? '' : `; ${say.beforeBest(since(compared.bestMs, format))}`}`), ...compared.last.map(drill => one(drill))]),
		row(say.keys, `${debrief.keys} ${compared.meanKeys === null ? '' : say.keysMean(compared.meanKeys)}`.trim()),
	];
};

const verdictOf = (language: Language, debrief: Debrief): DebriefDocument['verdict'] => {
	const say = words[language];
	const strays = debrief.detours;
	if (debrief.outcome === 'down') {
		return {text: say.down, tone: 'bad'};
	}

	if (debrief.scenario.isHandsOff) {
		return debrief.attempts.length === 0 ? {text: say.handsOff, tone: 'good'} : {text: say.handsOn, tone: 'warn'};
	}

	if (debrief.outcome === 'cancelled') {
		return {text: say.cancelled, tone: 'bad'};
	}

	if (debrief.outcome !== 'resolved') {
		return debrief.outcome === 'watching' ? {text: say.watching, tone: 'warn'} : {text: say.nothing, tone: 'dim'};
	}

	const isClean = strays === 0 && debrief.ideal.every(({tookMs}) => tookMs !== null);
	return isClean ? {text: say.clean, tone: 'good'} : {text: strays === 0 ? say.resolved : say.resolvedDetour(strays), tone: strays === 0 ? 'good' : 'warn'};
};

const attemptRow = (language: Language, attempt: DebriefAttempt, format: Formatter): DebriefRow => {
	const say = words[language];
	const outcome = attempt.verdict === null ? say.unfinished : (attempt.verdict === 'recovered' ? say.recovered(attempt.seconds === null ? '' : format.seconds(attempt.seconds * 1000)) : say[attempt.verdict]);
	const isGood = attempt.verdict === 'recovered' || attempt.verdict === 'done';
	const why = attempt.why === null ? '' : `. ${attempt.why[language]}`;
	return row(format.stopwatch(attempt.sinceOpenMs), `${actionTitleOf(language, {id: attempt.action, title: attempt.title})}: ${outcome}${why}`, attempt.kind === 'wrong' ? 'bad' : (isGood ? 'good' : 'warn'));
};

/** What stands on the normal screen after leaving: few enough lines for the smallest terminal. */
export const debriefSummary = (language: Language, debrief: Debrief, format: Formatter): readonly string[] => {
	const say = words[language];
	const {times, scenario} = debrief;
	const span = (label: string, ms: number | null): string => `${label} ${ms === null ? say.never : format.stopwatch(ms)}`;
	return [
		makeSafe(`${say.title(scenario.title[language])}. ${verdictOf(language, debrief).text}`),
		...(debrief.outcome === 'nothing' ? [] : [`  ${[span(say.detect, times.detectMs), span(say.acknowledge, times.acknowledgeMs), span(say.mitigate, times.mitigateMs), span(say.resolve, times.resolveMs)].join(' · ')}`]),
		makeSafe(`  ${say.cause}: ${scenario.cause[language]}`),
		makeSafe(`  ${say.lesson}: ${scenario.lesson[language]}`),
	];
};

/** Characters that would mean something to Markdown, where they come from outside. */
const escaped = (text: string): string => text.replaceAll(/[\\`*_[\]<>|#]/g, String.raw`\$&`);

/** The debrief as Markdown. */
export const debriefMarkdown = ({title, verdict, sections}: DebriefDocument): string => [
	`# ${escaped(title)}`, '', `**${escaped(verdict.text)}**`,
	...sections.flatMap(({heading, rows}) => ['', ...(heading === '' ? ['---', ''] : [`## ${escaped(heading)}`, '']), ...rowsMarkdown(rows)]),
	'',
].join('\n');

/** Rows with labels are a table, questions a list to be ticked off, and the rest a list. */
const rowsMarkdown = (rows: readonly DebriefRow[]): readonly string[] => {
	const hasLabels = rows.some(({label}) => label !== '');
	if (!hasLabels) {
		return rows.map(({text, isItem}) => `- ${isItem === true ? '[ ] ' : ''}${escaped(text)}`);
	}

	return ['| | |', '|---|---|', ...rows.map(({label, text, share}) => `| ${escaped(label)} | ${escaped(text)}${share === undefined ? '' : ` (${Math.round(share * 100)}%)`} |`)];
};
