/**
What actions are called, what they do to customers and data, and what their questions are called. Shipped actions have their words here by id; any
service can be started and restarted; a runbook's card brings its own.
*/

import type {Action} from '../core/actions.ts';
import type {Area, Language} from './language.ts';

type Named = {readonly id: string; readonly title?: string | null};

const titles: Area<Readonly<Record<string, string>>> = {
	en: {},
	'pt-BR': {},
};

const verbs: Area<Readonly<Record<'start' | 'restart', (service: string) => string>>> = {
	en: {start: service => `Start ${service}`, restart: service => `Restart ${service}`},
	'pt-BR': {start: service => `Iniciar ${service}`, restart: service => `Reiniciar ${service}`},
};

/** An action as the title of its card, and in the timeline. An id that this version does not know is its own title. */
export const actionTitleOf = (language: Language, {id, title}: Named): string => {
	if (title !== null && title !== undefined && title !== '') {
		return title;
	}

	const known = Object.hasOwn(titles[language], id) ? titles[language][id] : undefined;
	const [, verb, service = ''] = /^(start|restart)-(.+)$/s.exec(id) ?? [];
	return known ?? (verb === 'start' || verb === 'restart' ? verbs[language][verb](service) : id);
};

const effects: Area<Readonly<Record<string, string>>> = {
	en: {
		'start-api': 'starts the api, and what it depends on where that is stopped; no data is touched',
		'restart-api': 'stops and starts the api: requests under way fail; no data is touched',
		'restart-nginx': 'stops and starts nginx: every connection is cut for about a second; no data is touched',
	},
	'pt-BR': {
		'start-api': 'inicia a api, e aquilo de que ela depende se estiver parado; não mexe em dados',
		'restart-api': 'para e inicia a api: requisições em andamento falham; não mexe em dados',
		'restart-nginx': 'para e inicia o nginx: todas as conexões caem por cerca de um segundo; não mexe em dados',
	},
};

const verbEffects: Area<Readonly<Record<'start' | 'restart' | 'card', (service: string) => string>>> = {
	en: {
		start: service => `starts ${service}, and what it depends on where that is stopped`,
		restart: service => `stops and starts ${service}: what it is doing fails, what it holds in memory is gone`,
		card: () => 'what its commands do; the runbook says no more',
	},
	'pt-BR': {
		start: service => `inicia ${service}, e aquilo de que depende se estiver parado`,
		restart: service => `para e inicia ${service}: o que ele está fazendo falha, o que está só na memória se perde`,
		card: () => 'o que os comandos fazem; o runbook não diz mais',
	},
};

/** What the action does to the customers and to data. */
export const actionEffectOf = (language: Language, action: Action): string => {
	const known = Object.hasOwn(effects[language], action.id) ? effects[language][action.id] : undefined;
	const verb = action.kind === 'start' || action.kind === 'restart' ? action.kind : 'card';
	return action.effect ?? known ?? verbEffects[language][verb](action.service ?? '');
};

const questionNames: Area<Readonly<Record<string, string>>> = {
	en: {},
	'pt-BR': {},
};

/** What a card's question is called. */
export const questionName = (language: Language, name: string, label: string | null = null): string =>
	label !== null && label !== '' ? label : (Object.hasOwn(questionNames[language], name) ? questionNames[language][name]! : name);

/** How starting and restarting any service is called in the palette. */
export const serviceActionNames: Area<Readonly<Record<'start' | 'restart', string>>> = {
	en: {start: 'start {service} (card)', restart: 'restart {service} (card)'},
	'pt-BR': {start: 'iniciar {service} (cartão)', restart: 'reiniciar {service} (cartão)'},
};
