/** The debrief's course in words: each moment, where the time went, and the questions for the meeting. */

import type {Debrief} from '../core/debrief.ts';
import type {DebriefMoment, DebriefPhase, DebriefQuestion, LookedKind} from '../core/debrief-story.ts';
import {actionTitleOf} from './action-titles.ts';
import {drillPageWords} from './drill.ts';
import {findingSentence, isFindingCode} from './finding-words.ts';
import type {Formatter} from './format.ts';
import {defineArea, type Area, type Language} from './language.ts';

const plainMoments: Area<Readonly<Record<Exclude<DebriefMoment['code'], 'finding' | 'looked' | 'note' | 'attempt' | 'came' | 'left'>, string>>> = {
	en: {
		outage: 'the outage began', opened: 'the incident was opened', acknowledged: 'acknowledged', 'escalation-due': 'the escalation was due', escalated: 'somebody was told',
		mitigated: 'health was back', reopened: 'it fell back: the incident was reopened', resolved: 'resolved', cancelled: 'cancelled as a false alarm',
	},
	'pt-BR': {
		outage: 'a queda começou', opened: 'o incidente foi aberto', acknowledged: 'assumido', 'escalation-due': 'era hora de escalonar', escalated: 'alguém foi avisado',
		mitigated: 'a saúde voltou', reopened: 'recaiu: o incidente foi reaberto', resolved: 'resolvido', cancelled: 'cancelado como alarme falso',
	},
};

const lookedWords: Area<Readonly<Record<LookedKind, string>>> = {
	en: {
		finding: 'the evidence', page: 'the runbook\'s page', reader: 'the runbook', changes: 'what had changed', container: 'a container', ping: 'a ping', incident: 'the incident', escalation: 'the escalation', check: 'a check', help: 'the help',
	},
	'pt-BR': {
		finding: 'as evidências', page: 'a página do runbook', reader: 'o runbook', changes: 'o que mudou', container: 'um container', ping: 'um ping', incident: 'o incidente', escalation: 'o escalonamento', check: 'uma verificação', help: 'a ajuda',
	},
};

const momentWords = defineArea({
	right: (finding: string) => `the cause stood on the screen: ${finding}`,
	finding: (finding: string) => `on the screen: ${finding}`,
	looked: (what: string) => `looked at ${what}`,
	note: (text: string) => `note: ${text}`,
	came: (who: string) => `${who} opened the console`,
	left: (who: string) => `${who} left`,
}, {
	right: finding => `a causa apareceu na tela: ${finding}`,
	finding: finding => `na tela: ${finding}`,
	looked: what => `olhou ${what}`,
	note: text => `nota: ${text}`,
	came: who => `${who} abriu o console`,
	left: who => `${who} saiu`,
});

/** A finding's sentence; its code where it has none any more. */
export const findingWords = (language: Language, {code, service, params}: Debrief['findings'][number], format: Formatter): string =>
	isFindingCode(code) ? findingSentence(language, {code, service, params}, format) : code;

/** What happened, in a few words. An attempt is the caller's, who knows its outcome. */
export const momentText = (language: Language, moment: Exclude<DebriefMoment, {code: 'attempt'}>, operator: string, format: Formatter): string => {
	const say = momentWords[language];
	switch (moment.code) {
		case 'finding': {
			return say[moment.finding.isRight ? 'right' : 'finding'](findingWords(language, moment.finding, format));
		}

		case 'looked': {
			return say.looked(lookedWords[language][moment.kind]);
		}

		case 'note': {
			return say.note(moment.text);
		}

		case 'came':
		case 'left': {
			return say[moment.code](operator);
		}

		default: {
			return plainMoments[language][moment.code];
		}
	}
};

/** Where the time went, each span in a few words. */
export const phaseWords: Area<Readonly<Record<DebriefPhase['code'], string>>> = {
	en: {
		before: 'before the console was opened', searching: 'until the cause was on the screen', deciding: 'until the first action', detours: 'between the first action and the one that helped', curing: 'on the action that helped',
		down: 'after the first action, and still down',
		watching: 'watching, until it was ended',
	},
	'pt-BR': {
		before: 'antes de abrir o console', searching: 'até a causa aparecer na tela', deciding: 'até a primeira ação', detours: 'entre a primeira ação e a que ajudou', curing: 'na ação que ajudou',
		down: 'depois da primeira ação, e ainda fora do ar',
		watching: 'observando, até encerrar',
	},
};

const questionWords = defineArea({
	'wrong-action': (action: string) => `“${action}” was tried and could not help here. What on the screen said so, and how would the next one see it?`,
	'taken-again': (action: string) => `“${action}” had to be taken again. What was chosen the first time, and what on the card spoke against it?`,
	'acted-blind': 'The first action came before the cause was known. Was it a guess? When is a guess right, and when does it make things worse?',
	misled: (finding: string) => `The first action followed “${finding}”, which was not the cause. What would have told the two apart?`,
	'missed-escalation': 'The escalation was due and nobody was told. Who would have been called, by which number, and what keeps one from calling?',
	'late-escalation': 'The escalation came late. What was waited for?',
	'not-acknowledged': 'Nobody acknowledged it. How do the others know on a real night that somebody is at it?',
	'left-down': 'It was left while it was down. On a real night: who takes over, and what does one hand on?',
	'slow-to-act': (span: string) => `The cause stood on the screen for ${span} before anything was done. What was missing to act: knowledge, permission, trust?`,
	'fell-back': (count: number) => `Health came back and went again${count === 1 ? '' : ` (${count} times)`}. How long do we watch before we say that it is over?`,
	longest: (share: string, phase: string) => `The longest stretch (${share} of the time): ${phase}. What would halve it?`,
	runbook: (page: string) => `Would our runbook (${page}) alone have led here? What should it say that it does not?`,
}, {
	'wrong-action': action => `“${action}” foi tentado e não podia ajudar aqui. O que na tela dizia isso, e como o próximo veria?`,
	'taken-again': action => `“${action}” teve de ser feito de novo. O que foi escolhido na primeira vez, e o que no cartão falava contra?`,
	'acted-blind': 'A primeira ação veio antes de se saber a causa. Foi um palpite? Quando um palpite vale a pena, e quando piora tudo?',
	misled: finding => `A primeira ação seguiu “${finding}”, que não era a causa. O que teria separado as duas coisas?`,
	'missed-escalation': 'Era hora de escalonar e ninguém foi avisado. Quem seria chamado, em que número, e o que impede a gente de ligar?',
	'late-escalation': 'O escalonamento veio tarde. O que se estava esperando?',
	'not-acknowledged': 'Ninguém assumiu o incidente. Numa noite de verdade, como os outros sabem que alguém está cuidando?',
	'left-down': 'Foi abandonado ainda fora do ar. Numa noite de verdade: quem assume, e o que se passa adiante?',
	'slow-to-act': span => `A causa ficou na tela por ${span} antes de qualquer ação. O que faltou para agir: conhecimento, permissão, confiança?`,
	'fell-back': count => `A saúde voltou e caiu de novo${count === 1 ? '' : ` (${count} vezes)`}. Por quanto tempo observamos antes de dizer que acabou?`,
	longest: (share, phase) => `O trecho mais longo (${share} do tempo): ${phase}. O que cortaria isso pela metade?`,
	runbook: page => `Só o nosso runbook (${page}) teria levado até aqui? O que falta dizer nele?`,
});

/** The questions for the meeting: what this drill gives reason to ask, then the scenario's own. */
export const questionTexts = (language: Language, debrief: Debrief, format: Formatter): readonly string[] => {
	const say = questionWords[language];
	const asked = debrief.questions.map((question: DebriefQuestion): string => {
		switch (question.code) {
			case 'wrong-action':
			case 'taken-again': {
				return say[question.code](actionTitleOf(language, {id: question.action, title: question.title}));
			}

			case 'misled': {
				return say.misled(findingWords(language, question.finding, format));
			}

			case 'slow-to-act': {
				return say['slow-to-act'](format.span(question.forMs));
			}

			case 'fell-back': {
				return say['fell-back'](question.count);
			}

			case 'longest': {
				return say.longest(format.percent(question.share), phaseWords[language][question.phase]);
			}

			case 'runbook': {
				return say.runbook(drillPageWords(language, debrief.scenario.page));
			}

			default: {
				return say[question.code];
			}
		}
	});
	const own = debrief.scenario.questions.map(text => text[language]);
	// The scenario's own stand before the one that every drill ends with.
	return debrief.questions.at(-1)?.code === 'runbook' ? [...asked.slice(0, -1), ...own, ...asked.slice(-1)] : [...asked, ...own];
};
