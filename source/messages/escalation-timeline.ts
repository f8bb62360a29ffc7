/** The escalation's entries of the timeline in words: what was sent to whom with which answer, what was done by hand, waived, put off. */

import type {Json} from '../core/ports.ts';
import {makeSafe} from '../core/text.ts';
import {channelName, outcomeName, purposeName, refusalName, timerCause} from './escalation.ts';
import type {Formatter} from './format.ts';
import type {Area, Language} from './language.ts';

type Data = Readonly<Record<string, Json>>;
type Sentence = (data: Data, format: Formatter) => string;

const text = (value: Json | undefined): string => typeof value === 'string' || typeof value === 'number' ? makeSafe(String(value)) : '';
const clock = (value: Json | undefined, format: Formatter): string => typeof value === 'number' && Math.abs(value) < 8.64e15 ? format.clock(value) : '?';
const time = (value: Json | undefined, format: Formatter): string => typeof value === 'number' && Math.abs(value) < 8.64e15 ? format.time(value) : '?';

/** `PagerDuty (escalation)`; of what a person does herself, the step's own words. */
const named = (language: Language, {channel, purpose, label}: Data): string => {
	const what = text(channel) === '' ? text(label) : channelName(language, text(channel));
	return text(purpose) === '' || text(channel) === '' ? what : `${what} (${purposeName(language, text(purpose))})`;
};

const after = (words: string): string => words === '' ? '' : `: ${words}`;

/** Entries by type; the types are those of `message/…` and `escalation/…`. */
export const escalationSentences: Area<Readonly<Record<string, Sentence>>> = {
	en: {
		'message/drafted': data => `${named('en', data)}: text approved`,
		'message/claimed': data => `${named('en', data)}: sending${Number(data['attempt']) > 1 ? `, attempt ${text(data['attempt'])}` : ''}`,
		'message/sent': data => `${named('en', data)}: accepted${after(text(data['words']))}`,
		'message/failed': (data, format) => `${named('en', data)}: not sent, ${refusalName('en', text(data['code']))}${after(text(data['words']))}${typeof data['retryAtMs'] === 'number' ? `; again at ${clock(data['retryAtMs'], format)}` : ''}`,
		'message/unknown': data => `${named('en', data)}: unknown whether it went out${after(text(data['words']))}`,
		'message/expired': data => `${named('en', data)}: too old, not sent`,
		'message/waived': data => `${named('en', data)}: waived${after(text(data['reason']))}`,
		'message/byHand': data => `${named('en', data)}: ${outcomeName('en', text(data['outcome']))}${after(text(data['note']))}`,
		'escalation/snoozed': (data, format) => `Escalation put off until ${time(data['untilMs'], format)}${after(text(data['reason']))}`,
		'escalation/armed': (data, format) => `A timer of the system is armed for ${time(data['atMs'], format)}`,
		'escalation/notArmed': data => `No timer of the system: with no console open nobody is paged${after(timerCause('en', text(data['code']), text(data['detail'])))}`,
		'escalation/disarmed': () => 'The timer of the system is let go',
	},
	'pt-BR': {
		'message/drafted': data => `${named('pt-BR', data)}: texto aprovado`,
		'message/claimed': data => `${named('pt-BR', data)}: enviando${Number(data['attempt']) > 1 ? `, tentativa ${text(data['attempt'])}` : ''}`,
		'message/sent': data => `${named('pt-BR', data)}: aceito${after(text(data['words']))}`,
		'message/failed': (data, format) => `${named('pt-BR', data)}: não enviado, ${refusalName('pt-BR', text(data['code']))}${after(text(data['words']))}${typeof data['retryAtMs'] === 'number' ? `; de novo às ${clock(data['retryAtMs'], format)}` : ''}`,
		'message/unknown': data => `${named('pt-BR', data)}: não se sabe se saiu${after(text(data['words']))}`,
		'message/expired': data => `${named('pt-BR', data)}: antigo demais, não enviado`,
		'message/waived': data => `${named('pt-BR', data)}: dispensado${after(text(data['reason']))}`,
		'message/byHand': data => `${named('pt-BR', data)}: ${outcomeName('pt-BR', text(data['outcome']))}${after(text(data['note']))}`,
		'escalation/snoozed': (data, format) => `Escalonamento adiado até ${time(data['untilMs'], format)}${after(text(data['reason']))}`,
		'escalation/armed': (data, format) => `Timer do sistema armado para ${time(data['atMs'], format)}`,
		'escalation/notArmed': data => `Sem timer do sistema: sem console aberto ninguém é acionado${after(timerCause('pt-BR', text(data['code']), text(data['detail'])))}`,
		'escalation/disarmed': () => 'Timer do sistema desarmado',
	},
};
