/**
A debrief in words: sections of rows without a format, which the screen draws and Markdown renders, and a summary of a few lines. Worth reading aloud: what the
outage was, how long it took, what was tried and what came of it, what to take home.
*/

import type {Compared, Debrief, DebriefAttempt, UnusedHint} from '../core/debrief.ts';
import {makeSafe} from '../core/text.ts';
import {actionTitleOf} from './action-titles.ts';
import {difficultyWords, drillPageWords} from './drill.ts';
import {findingSentence, isFindingCode} from './finding-words.ts';
import type {Formatter} from './format.ts';
import {defineArea, type Area, type Language} from './language.ts';

export type DebriefTone = 'plain' | 'good' | 'bad' | 'warn' | 'dim';
export type DebriefRow = {readonly label: string; readonly text: string; readonly tone: DebriefTone};
export type DebriefSection = {readonly heading: string; readonly rows: readonly DebriefRow[]};
export type DebriefDocument = {readonly title: string; readonly verdict: {readonly text: string; readonly tone: DebriefTone}; readonly sections: readonly DebriefSection[]};

const words = defineArea({
	title: (scenario: string) => `Debrief: ${scenario}`,
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
	down_: 'down',
	escalation: 'escalation',
	'not-due': 'was not due: health was back within the ten minutes, or it never came to that',
	'in-time': 'in time',
	late: 'too late: more than a minute after it was due',
	missed: 'was due and is not recorded: nobody was told',
	evidence: 'What the evidence said',
	rightFirst: (after: string) => `the right cause was on the screen after ${after}`,
	rightNever: 'the cause never stood on the screen as expected',
	tried: 'What was tried',
	triedNothing: 'nothing',
	acted: (after: string, read: string) => `first action after ${after}${read === '' ? '' : `, ${read} after the cause was there`}`,
	recovered: (seconds: string) => seconds === '' ? 'brought health back' : `brought health back in ${seconds}`,
	'not-recovered': 'did not bring health back', 'cannot-tell': 'its outcome could not be told', done: 'done', failed: 'failed', unfinished: 'not finished',
	ideal: 'The ideal path',
	idealStep: (within: string, took: string) => took === '' ? `within ${within}; not taken` : `within ${within}; taken after ${took}`,
	idealNone: 'look, tell the others, and wait',
	before: 'Drills of this scenario before',
	beforeNone: 'this was the first',
	beforeCount: (count: number, best: string, last: string) => `${count}${best === '' ? '' : `; health back after ${best} at best`}${last === '' ? '' : `, ${last} the last time`}`,
	keys: 'keys pressed',
	keysMean: (mean: number) => `(usually ${mean})`,
	unused: 'Not used',
	lesson: 'To take home',
	observed: 'solved by the console itself (--observe)',
	seed: (seed: number, speed: number) => `seed ${seed}${speed === 1 ? '' : `, ×${speed}`}`,
	by: 'by',
}, {
	title: scenario => `Análise: ${scenario}`,
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
	detect: 'detectado', acknowledge: 'reconhecido', mitigate: 'mitigado', resolve: 'resolvido',
	never: 'nunca',
	down_: 'fora do ar',
	escalation: 'escalonamento',
	'not-due': 'não foi preciso: a saúde voltou dentro dos dez minutos, ou nem chegou a isso',
	'in-time': 'a tempo',
	late: 'tarde demais: mais de um minuto depois do prazo',
	missed: 'era devido e não há registro: ninguém foi avisado',
	evidence: 'O que as evidências diziam',
	rightFirst: after => `a causa certa estava na tela após ${after}`,
	rightNever: 'a causa não chegou a aparecer como esperado',
	tried: 'O que foi tentado',
	triedNothing: 'nada',
	acted: (after, read) => `primeira ação após ${after}${read === '' ? '' : `, ${read} depois de a causa estar lá`}`,
	recovered: seconds => seconds === '' ? 'trouxe a saúde de volta' : `trouxe a saúde de volta em ${seconds}`,
	'not-recovered': 'não trouxe a saúde de volta', 'cannot-tell': 'não deu para dizer o resultado', done: 'concluída', failed: 'falhou', unfinished: 'não terminou',
	ideal: 'O caminho ideal',
	idealStep: (within, took) => took === '' ? `em até ${within}; não foi feito` : `em até ${within}; feito após ${took}`,
	idealNone: 'olhar, avisar os outros e esperar',
	before: 'Simulados anteriores deste cenário',
	beforeNone: 'este foi o primeiro',
	beforeCount: (count, best, last) => `${count}${best === '' ? '' : `; saúde de volta após ${best} no melhor`}${last === '' ? '' : `, ${last} na última vez`}`,
	keys: 'teclas',
	keysMean: mean => `(em geral ${mean})`,
	unused: 'Não usado',
	lesson: 'Para levar',
	observed: 'resolvido pelo próprio console (--observe)',
	seed: (seed, speed) => `semente ${seed}${speed === 1 ? '' : `, ×${speed}`}`,
	by: 'por',
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
	const span = (ms: number): string => since(ms, format);
	const {scenario, times} = debrief;
	const row = (label: string, text: string, tone: DebriefTone = 'plain'): DebriefRow => ({label, text: makeSafe(text), tone});
	const time = (label: string, ms: number | null): DebriefRow => row(label, ms === null ? say.never : format.stopwatch(ms), ms === null ? 'warn' : 'plain');
	return {
		title: makeSafe(say.title(scenario.title[language])),
		verdict: verdictOf(language, debrief),
		sections: [
			{heading: say.cause, rows: [row('', scenario.cause[language])]},
			{heading: `${say.times} (${say.sinceOutage})`, rows: debrief.outcome === 'nothing' ? [row('', say.nothing, 'dim')] : [
				time(say.detect, times.detectMs), time(say.acknowledge, times.acknowledgeMs), time(say.mitigate, times.mitigateMs), time(say.resolve, times.resolveMs),
				...(debrief.downMs === null ? [] : [row(say.down_, `${debrief.isAtLeast ? '≥ ' : ''}${format.stopwatch(debrief.downMs)}`)]),
				row(say.escalation, say[debrief.escalation], debrief.escalation === 'missed' || debrief.escalation === 'late' ? 'bad' : 'plain'),
			]},
			{heading: say.evidence, rows: [
				row('', debrief.rightFindingMs === null ? say.rightNever : say.rightFirst(span(debrief.rightFindingMs)), debrief.rightFindingMs === null ? 'warn' : 'good'),
				...debrief.findings.slice(0, 6).map(finding => row(span(finding.sinceOpenMs), findingWords(language, finding, format), finding.isRight ? 'good' : 'dim')),
			]},
			{heading: say.tried, rows: debrief.attempts.length === 0 ? [row('', say.triedNothing, scenario.isHandsOff ? 'good' : 'warn')] : [
				...(debrief.firstActionMs === null ? [] : [row('', say.acted(span(debrief.firstActionMs), readMs(debrief) === null ? '' : span(readMs(debrief)!)), 'dim')]),
				...debrief.attempts.flatMap(attempt => attemptRows(language, attempt, format)),
			]},
			{heading: say.ideal, rows: scenario.isHandsOff ? [row('', say.idealNone)] : debrief.ideal.map(({action, withinMs, tookMs}) =>
				row('', `${actionTitleOf(language, {id: action, title: null})}: ${say.idealStep(format.span(withinMs), tookMs === null ? '' : span(tookMs))}`, tookMs !== null && tookMs <= withinMs ? 'good' : 'warn'))},
			{heading: say.before, rows: [
				row('', compared.count === 0 ? say.beforeNone : say.beforeCount(compared.count, compared.bestMs === null ? '' : span(compared.bestMs), compared.lastMs === null ? '' : span(compared.lastMs))),
				row(say.keys, `${debrief.keys} ${compared.meanKeys === null ? '' : say.keysMean(compared.meanKeys)}`.trim()),
			]},
			...(debrief.unused.length === 0 || debrief.observed ? [] : [{heading: say.unused, rows: debrief.unused.map(hint => row('', hints[language][hint], 'warn'))}]),
			{heading: say.lesson, rows: [row('', scenario.lesson[language], 'good')]},
			{heading: '', rows: [row('', [`${scenario.name} · ${drillPageWords(language, scenario.page)} · ${difficultyWords[language][scenario.difficulty]}`, say.seed(debrief.seed, debrief.speed), debrief.observed ? say.observed : `${say.by} ${debrief.operator}`].join(' · '), 'dim')]},
		],
	};
};

/** Whole seconds: nobody acts in tenths. */
const since = (ms: number, format: Formatter): string => ms < 59_500 ? `${Math.round(ms / 1000)} s` : format.seconds(ms);

/** Between the cause's standing on the screen and the first action; null where the action came first. */
const readMs = ({rightFindingMs, firstActionMs}: Debrief): number | null => rightFindingMs === null || firstActionMs === null || firstActionMs < rightFindingMs ? null : firstActionMs - rightFindingMs;

const verdictOf = (language: Language, debrief: Debrief): DebriefDocument['verdict'] => {
	const say = words[language];
	const strays = debrief.attempts.filter(({kind}) => kind !== 'ideal').length;
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

const findingWords = (language: Language, {code, service, params}: Debrief['findings'][number], format: Formatter): string =>
	isFindingCode(code) ? findingSentence(language, {code, service, params}, format) : code;

const attemptRows = (language: Language, attempt: DebriefAttempt, format: Formatter): readonly DebriefRow[] => {
	const say = words[language];
	const outcome = attempt.verdict === null ? say.unfinished : (attempt.verdict === 'recovered' ? say.recovered(attempt.seconds === null ? '' : format.seconds(attempt.seconds * 1000)) : say[attempt.verdict]);
	const isGood = attempt.verdict === 'recovered' || attempt.verdict === 'done';
	return [
		{label: since(attempt.sinceOpenMs, format), text: makeSafe(`${actionTitleOf(language, {id: attempt.action, title: attempt.title})}: ${outcome}`), tone: attempt.kind === 'wrong' ? 'bad' : (isGood ? 'good' : 'warn')},
		...(attempt.why === null ? [] : [{label: '', text: makeSafe(attempt.why[language]), tone: 'warn' as const}]),
	];
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
	...sections.flatMap(({heading, rows}) => ['', ...(heading === '' ? [] : [`## ${escaped(heading)}`, '']), ...rows.map(({label, text}) => `- ${label === '' ? '' : `${escaped(label)}: `}${escaped(text)}`)]),
	'',
].join('\n');
