/** What `mdc-console escalate` says: what went out, or why nothing did. */

import {defineArea} from './language.ts';

export const escalateWords = defineArea({
	describe: 'what the system\'s timer runs: sends what may go out unattended, if nobody has taken the incident',
	optionIncident: 'the incident\'s id',
	optionUnattended: 'send what escalation.unattended names',
	needsBoth: 'escalate needs --incident ID and --unattended; from a console it is the key e.',
	needsProject: 'escalate needs --project NAME.',
	journalFailed: (project: string, detail: string) => `The journal of ${project} cannot be read: ${detail}`,
	notOpen: (id: string) => `${id} is not open: nothing is sent.`,
	healthy: (id: string) => `${id} is mitigated: nothing is sent.`,
	acknowledged: (id: string, name: string) => `${name} has acknowledged ${id}: nothing is sent.`,
	snoozed: (id: string, time: string) => `${id} was put off until ${time}: nothing is sent.`,
	nothingUnattended: 'The configuration lets nothing go out unattended (escalation.unattended).',
	done: (id: string) => `${id} is escalated already: nothing is sent.`,
	notDue: (id: string) => `The escalation of ${id} is not due yet: nothing is sent.`,
	sent: (channel: string, words: string) => `${channel}: accepted${words === '' ? '' : ` (${words})`}`,
	notSent: (channel: string, words: string) => `${channel}: NOT sent${words === '' ? '' : `: ${words}`}`,
}, {
	describe: 'o que o timer do sistema roda: envia o que pode sair sem ninguém, se o incidente não foi assumido',
	optionIncident: 'o id do incidente',
	optionUnattended: 'envia o que escalation.unattended lista',
	needsBoth: 'escalate precisa de --incident ID e --unattended; no console é a tecla e.',
	needsProject: 'escalate precisa de --project NOME.',
	journalFailed: (project, detail) => `Não foi possível ler o diário de ${project}: ${detail}`,
	notOpen: id => `${id} não está aberto: nada é enviado.`,
	healthy: id => `${id} está mitigado: nada é enviado.`,
	acknowledged: (id, name) => `${name} assumiu ${id}: nada é enviado.`,
	snoozed: (id, time) => `${id} foi adiado até ${time}: nada é enviado.`,
	nothingUnattended: 'A configuração não deixa nada sair sem ninguém (escalation.unattended).',
	done: id => `${id} já foi escalado: nada é enviado.`,
	notDue: id => `O escalonamento de ${id} ainda não venceu: nada é enviado.`,
	sent: (channel, words) => `${channel}: aceito${words === '' ? '' : ` (${words})`}`,
	notSent: (channel, words) => `${channel}: NÃO enviado${words === '' ? '' : `: ${words}`}`,
});
