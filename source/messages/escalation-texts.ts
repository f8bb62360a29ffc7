/**
What messages say: templates in both languages, for a page, for the team, for customers and for the issue afterwards, and how their fields are filled. A
team's own template stands in for the one of the same name. Text for customers names neither hosts nor causes.
*/

import type {Composer, MessageFacts, MessageText, TemplateField, TemplateName} from '../core/message-texts.ts';
import {actionTitleOf} from './action-titles.ts';
import {findingSentence, isFindingCode} from './finding-words.ts';
import {createFormatter, type Formatter} from './format.ts';
import type {Area, Language} from './language.ts';

export const templates: Area<Readonly<Record<TemplateName, string>>> = {
	en: {
		page: '{severity} {alert}: {service} of {project} is down for {down} (since {since}). {finding}',
		team: '{severity} {alert}: {service} on {host} is down since {since} ({down}).\nAcknowledged by: {acknowledged-by}\nDiagnosis: {finding}\nIncident {incident}',
		'team-acknowledged': '{acknowledged-by} has taken {incident} ({alert}).',
		'team-update': '{incident}: {service} is still down ({down}).\nDiagnosis: {finding}\nNext update by {next-update}.',
		'team-mitigated': '{incident}: {service} answers again after {down}; it is being watched.\nHelped: {action}',
		'team-resolved': '{incident} resolved: {service} was down for {down}. {reason}',
		'team-cancelled': '{incident} was a false alarm. {reason}',
		change: 'Rollback of {project}: {action} ({incident})',
		'public-title': 'Service unavailable',
		investigating: 'We are investigating a problem that makes the service unavailable since {since}. Next update by {next-update}.',
		identified: 'We know the cause of the problem and are working on the correction. Next update by {next-update}.',
		monitoring: 'The service is back. We keep watching it and will confirm that it is stable.',
		resolved: 'The problem is solved; the service was unavailable for {down}. We are sorry.',
		cancelled: 'This was reported by mistake: the service was available.',
		'issue-title': 'Prevent a recurrence of {incident} ({alert})',
		issue: 'Incident {incident}: {alert}, {service} of {project} was down for {down} from {since}.\n\nDiagnosis: {finding}\nWhat helped: {action}\n\nTo do:\n- [ ] Root cause\n- [ ] What prevents it next time\n- [ ] What would have shown it earlier',
	},
	'pt-BR': {
		page: '{severity} {alert}: {service} de {project} fora do ar há {down} (desde {since}). {finding}',
		team: '{severity} {alert}: {service} em {host} está fora do ar desde {since} ({down}).\nCom quem está: {acknowledged-by}\nDiagnóstico: {finding}\nIncidente {incident}',
		'team-acknowledged': '{acknowledged-by} assumiu {incident} ({alert}).',
		'team-update': '{incident}: {service} continua fora do ar ({down}).\nDiagnóstico: {finding}\nPróxima atualização até {next-update}.',
		'team-mitigated': '{incident}: {service} voltou a responder depois de {down}; está em observação.\nO que ajudou: {action}',
		'team-resolved': '{incident} resolvido: {service} ficou fora do ar por {down}. {reason}',
		'team-cancelled': '{incident} foi um alarme falso. {reason}',
		change: 'Rollback de {project}: {action} ({incident})',
		'public-title': 'Serviço indisponível',
		investigating: 'Estamos investigando um problema que deixa o serviço indisponível desde {since}. Próxima atualização até {next-update}.',
		identified: 'Identificamos a causa do problema e estamos trabalhando na correção. Próxima atualização até {next-update}.',
		monitoring: 'O serviço voltou. Seguimos acompanhando e vamos confirmar que está estável.',
		resolved: 'O problema foi resolvido; o serviço ficou indisponível por {down}. Pedimos desculpas.',
		cancelled: 'Este aviso foi um engano: o serviço esteve disponível.',
		'issue-title': 'Evitar que {incident} se repita ({alert})',
		issue: 'Incidente {incident}: {alert}, {service} de {project} ficou fora do ar por {down} desde {since}.\n\nDiagnóstico: {finding}\nO que ajudou: {action}\n\nA fazer:\n- [ ] Causa raiz\n- [ ] O que evita da próxima vez\n- [ ] O que teria mostrado antes',
	},
};

const unknownWords: Area<{readonly nobody: string; readonly finding: string; readonly action: string}> = {
	en: {nobody: 'nobody yet', finding: 'cause not known yet', action: 'no action of the console'},
	'pt-BR': {nobody: 'ninguém ainda', finding: 'causa ainda desconhecida', action: 'nenhuma ação do console'},
};

const findingIn = (language: Language, finding: MessageFacts['finding'], format: Formatter): string | null =>
	finding !== null && isFindingCode(finding.code) ? findingSentence(language, {code: finding.code, service: finding.service, params: finding.params}, format) : null;

/** Who reads a message, perhaps a customer, need not live in the server's zone: an hour goes with its own, such as `04:29 BRT`. */
const zoneOf = (language: Language, timeZone: string | null): (atMs: number) => string => {
	const format = new Intl.DateTimeFormat(language, {timeZoneName: 'short', ...(timeZone === null ? {} : {timeZone})});
	return atMs => format.formatToParts(atMs).find(({type}) => type === 'timeZoneName')?.value ?? '';
};

const fieldsOf = (language: Language, facts: MessageFacts, format: Formatter, zone: (atMs: number) => string): Readonly<Record<TemplateField, string>> => {
	const say = unknownWords[language];
	return {
		incident: facts.incident, alert: facts.alert, severity: facts.severity, service: facts.service, project: facts.project, host: facts.host,
		since: `${format.moment(facts.sinceMs, facts.nowMs)} ${zone(facts.sinceMs)}`,
		// Customers are told what is known, not how it is known.
		down: `${facts.atLeast && facts.channel !== 'statuspage' && facts.channel !== 'cachet' ? '≥ ' : ''}${format.span(Math.max(60_000, facts.downMs))}`,
		now: `${format.time(facts.nowMs)} ${zone(facts.nowMs)}`,
		'next-update': `${format.time(facts.nextUpdateMs)} ${zone(facts.nextUpdateMs)}`,
		'acknowledged-by': facts.acknowledgedBy ?? say.nobody,
		finding: findingIn(language, facts.finding, format) ?? say.finding,
		action: facts.action === null ? say.action : actionTitleOf(language, facts.action),
		reason: facts.reason,
	};
};

/** A field that a value has in braces is not filled again: values are data. */
const filled = (template: string, fields: Readonly<Record<string, string>>): string =>
	template.replaceAll(/\{([a-z-]+)\}/g, (whole, name: string) => Object.hasOwn(fields, name) ? fields[name]! : whole).split('\n').map(line => line.trimEnd()).join('\n').trim();

const templateFor = ({channel, purpose, state}: MessageFacts): {readonly subject: TemplateName | null; readonly body: TemplateName} => {
	if (channel === 'statuspage' || channel === 'cachet') {
		return {subject: 'public-title', body: purpose === 'cancel' ? 'cancelled' : state};
	}

	if (purpose === 'issue' || purpose === 'change') {
		return purpose === 'issue' ? {subject: 'issue-title', body: 'issue'} : {subject: null, body: 'change'};
	}

	const team = ({escalate: 'team', acknowledge: 'team-acknowledged', update: 'team-update', mitigate: 'team-mitigated', resolve: 'team-resolved', cancel: 'team-cancelled'} as const)[purpose];
	return {subject: null, body: channel === 'pagerduty' && purpose === 'escalate' ? 'page' : team};
};

/** Makes the words of messages, in a language and a time zone. */
export const createComposer = (language: Language, timeZone: string | null): Composer => {
	// Made with the first message: no frame waits for it.
	let format: Formatter | null = null;
	let zone: ((atMs: number) => string) | null = null;
	return (facts): MessageText => {
		format ??= createFormatter(language, timeZone);
		zone ??= zoneOf(language, timeZone);
		const fields = fieldsOf(language, facts, format, zone);
		const {subject, body} = templateFor(facts);
		const say = (name: TemplateName): string => filled(facts.templates[name] ?? templates[language][name], fields);
		return {subject: subject === null ? '' : say(subject).split('\n')[0]!, body: say(body)};
	};
};
