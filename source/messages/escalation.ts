/** The words of the escalation: its list, the states of its items, the refusals of services, and what reminds of it. */

import type {ItemKind} from '../core/escalation-items.ts';
import type {ChannelKind, MessagePurpose, RefusalCode, TimerRefusal} from '../core/messengers.ts';
import type {HandOutcome} from '../core/outbox.ts';
import {makeSafe} from '../core/text.ts';
import {defineArea, entryOf, type Area, type Language} from './language.ts';

export const escalationWords = defineArea({
	dueNow: (span: string, time: string) => `due for ${span}, since ${time}`,
	dueIn: (span: string, time: string) => `due in ${span}, at ${time}`,
	level: (number: string) => `level ${number}`,
	snoozed: (span: string, time: string) => `put off for ${span}, until ${time}`,
	handled: 'all steps taken',
	notDue: 'No incident: nothing is due.',
	early: 'It may be started any time before.',
	rule: (span: string) => `The runbook: escalate when the outage has lasted ${span}.`,
	followUps: 'Proposed',
	levelHeading: (number: string, time: string) => `Level ${number}, from ${time}`,
	contacts: 'Contacts',
	placeholder: 'a placeholder: nobody can be called there. Put the real number into the configuration.',
	notConfigured: 'not configured here: do it by hand',
	notConfiguredHint: 'The console has no access to this service (escalation.channels in the configuration). The text is here to be copied with c.',
	callText: 'To say, when somebody answers',
	goesTo: (where: string) => `Goes to ${where}`,
	subject: 'subject',
	text: 'text',
	yours: 'This is your own text. u brings back the one that the console made.',
	exactly: 'Exactly this goes out, once, on y.',
	editing: 'Editing. Esc ends it.',
	drillOnly: 'DRILL: a pretended service; nothing leaves this machine.',
	openIssue: 'Without a token the console cannot create it. Open this, the text is filled in (c copies it):',
	serviceSays: 'answer',
	link: 'link',
	by: (name: string) => `by ${name}`,
	attempt: (number: string) => `attempt ${number}`,
	mayHaveGone: 'It may have gone out: the answer never came. Look there before you send it again with y.',
	acceptedNote: 'Accepted by the service; nobody is known to have read it.',

	// states
	pending: 'to do',
	noNumber: 'a placeholder, no number',
	proposed: 'proposed',
	due: (span: string) => `due ${span}`,
	from: (time: string) => `from ${time}`,
	sending: 'sending…',
	queued: 'waits to be sent',
	again: (span: string) => `again in ${span}`,
	sent: 'accepted',
	failed: 'not sent',
	unknown: 'unknown: may have gone out',
	expired: 'too old, not sent',
	waived: 'waived',

	// keys
	keyOpen: 'text',
	keySend: 'send',
	keyEdit: 'edit',
	keyWaive: 'waive',
	keySnooze: 'put off',
	keyBack: 'back',
	keyDoneEditing: 'done',

	// prompts
	promptSnooze: 'put off, 10 min or e.g. 20m; why?',
	promptWaive: 'waived; why?',

	// banners
	bannerSoon: (span: string) => `The runbook escalates in ${span}.`,
	bannerUpdate: (span: string) => `Customers wait for the next update (due for ${span}).`,
	bannerProposed: (count: number) => count === 1 ? 'One message could be sent now.' : `${count} messages could be sent now.`,
	bannerFailed: (count: number) => count === 1 ? 'A message of the escalation was not sent.' : `${count} messages of the escalation were not sent.`,
	bannerUnknown: 'A message may or may not have gone out.',
	bannerMixed: (count: number) => `${count} messages failed, or may not have gone out.`,
	bannerKey: (key: string) => `${key} shows it`,
	headerHandled: 'escalated',
	headerSnoozed: (span: string) => `put off ${span}`,

	// timer
	armed: (time: string) => `A timer of the system pages at ${time} if nobody has acknowledged by then.`,
	notArmed: (cause: string) => `With no console open nobody is paged: ${cause}.`,
	armedAgain: 'It is tried again every minute.',
}, {
	dueNow: (span, time) => `vencido há ${span}, desde ${time}`,
	dueIn: (span, time) => `vence em ${span}, às ${time}`,
	level: number => `nível ${number}`,
	snoozed: (span, time) => `adiado por ${span}, até ${time}`,
	handled: 'todos os passos dados',
	notDue: 'Nenhum incidente: nada a escalar.',
	early: 'Pode começar a qualquer momento antes.',
	rule: span => `O runbook: escalar quando a queda passar de ${span}.`,
	followUps: 'Propostas',
	levelHeading: (number, time) => `Nível ${number}, a partir de ${time}`,
	contacts: 'Contatos',
	placeholder: 'um número de exemplo: ninguém atende lá. Ponha o número real na configuração.',
	notConfigured: 'não configurado aqui: faça à mão',
	notConfiguredHint: 'O console não tem acesso a este serviço (escalation.channels na configuração). O texto está aqui para copiar com c.',
	callText: 'Para dizer, quando atenderem',
	goesTo: where => `Vai para ${where}`,
	subject: 'assunto',
	text: 'texto',
	yours: 'Este texto é seu. u traz de volta o do console.',
	exactly: 'É exatamente isto que sai, uma vez, com y.',
	editing: 'Editando. Esc termina.',
	drillOnly: 'SIMULADO: um serviço de mentira; nada sai desta máquina.',
	openIssue: 'Sem token o console não consegue criá-la. Abra este endereço, o texto já vem preenchido (c copia):',
	serviceSays: 'resposta',
	link: 'link',
	by: name => `por ${name}`,
	attempt: number => `tentativa ${number}`,
	mayHaveGone: 'Pode ter saído: a resposta não chegou. Olhe lá antes de mandar de novo com y.',
	acceptedNote: 'Aceito pelo serviço; não se sabe se alguém leu.',

	pending: 'a fazer',
	noNumber: 'número de exemplo',
	proposed: 'proposta',
	due: span => `vencida há ${span}`,
	from: time => `a partir de ${time}`,
	sending: 'enviando…',
	queued: 'na fila de envio',
	again: span => `de novo em ${span}`,
	sent: 'aceito',
	failed: 'não enviado',
	unknown: 'não se sabe se saiu',
	expired: 'antigo demais, não enviado',
	waived: 'dispensado',

	keyOpen: 'texto',
	keySend: 'enviar',
	keyEdit: 'editar',
	keyWaive: 'dispensar',
	keySnooze: 'adiar',
	keyBack: 'voltar',
	keyDoneEditing: 'pronto',

	promptSnooze: 'adiar, 10 min ou p. ex. 20m; por quê?',
	promptWaive: 'dispensado; por quê?',

	bannerSoon: span => `O runbook manda escalar em ${span}.`,
	bannerUpdate: span => `Os clientes esperam a próxima atualização (vencida há ${span}).`,
	bannerProposed: count => count === 1 ? 'Uma mensagem pode ser enviada agora.' : `${count} mensagens podem ser enviadas agora.`,
	bannerFailed: count => count === 1 ? 'Uma mensagem do escalonamento não foi enviada.' : `${count} mensagens do escalonamento não foram enviadas.`,
	bannerUnknown: 'Não se sabe se uma mensagem saiu.',
	bannerMixed: count => `${count} mensagens falharam ou talvez não tenham saído.`,
	bannerKey: key => `${key} mostra`,
	headerHandled: 'escalado',
	headerSnoozed: span => `adiado ${span}`,

	armed: time => `Um timer do sistema aciona às ${time} se até lá ninguém assumir.`,
	notArmed: cause => `Sem console aberto ninguém é acionado: ${cause}.`,
	armedAgain: 'Nova tentativa a cada minuto.',
});

export type EscalationWords = (typeof escalationWords)[Language];

const kinds: Area<Readonly<Record<ItemKind, string>>> = {
	en: {phone: 'Phone', other: 'By hand', pagerduty: 'PagerDuty', slack: 'Slack', statuspage: 'Status page', cachet: 'Status page', hook: 'Webhook', github: 'GitHub issue', command: 'Own command'},
	'pt-BR': {phone: 'Telefone', other: 'À mão', pagerduty: 'PagerDuty', slack: 'Slack', statuspage: 'Status page', cachet: 'Status page', hook: 'Webhook', github: 'Issue no GitHub', command: 'Comando próprio'},
};

/** What a service, or a kind of step, is called. */
export const kindName = (language: Language, kind: ItemKind): string => kinds[language][kind];

/** The same for what a journal recorded, perhaps of a newer console. */
export const channelName = (language: Language, channel: string): string => entryOf<string>(kinds[language], channel) ?? makeSafe(channel);

export const purposeNames: Area<Readonly<Record<MessagePurpose, string>>> = {
	en: {escalate: 'escalation', acknowledge: 'acknowledged', update: 'next update', mitigate: 'back, being watched', resolve: 'resolved', cancel: 'false alarm', change: 'rollback marked', issue: 'so that it does not happen again'},
	'pt-BR': {escalate: 'escalonamento', acknowledge: 'assumido', update: 'próxima atualização', mitigate: 'voltou, em observação', resolve: 'resolvido', cancel: 'alarme falso', change: 'rollback marcado', issue: 'para que não se repita'},
};

export const outcomeNames: Area<Readonly<Record<HandOutcome, string>>> = {
	en: {answered: 'answered', 'no-answer': 'no answer', 'message-left': 'message left', done: 'done by hand'},
	'pt-BR': {answered: 'atendeu', 'no-answer': 'não atendeu', 'message-left': 'deixado recado', done: 'feito à mão'},
};

export const refusalWords: Area<Readonly<Record<RefusalCode, string>>> = {
	en: {
		'not-configured': 'not configured', 'no-secret': 'its secret cannot be read', 'no-connection': 'no connection', 'rate-limited': 'too many requests', 'service-down': 'the service has a trouble of its own',
		rejected: 'refused', redirected: 'answers with a redirect: the address is wrong', 'no-answer': 'no answer', failed: 'failed',
	},
	'pt-BR': {
		'not-configured': 'não configurado', 'no-secret': 'o segredo não pôde ser lido', 'no-connection': 'sem conexão', 'rate-limited': 'requisições demais', 'service-down': 'o serviço está com problema',
		rejected: 'recusado', redirected: 'responde com redirecionamento: o endereço está errado', 'no-answer': 'sem resposta', failed: 'falhou',
	},
};

const inBrackets = (words: string): string => words === '' ? '' : ` (${words})`;

const timerRefusals: Area<Readonly<Record<TimerRefusal, (detail: string) => string>>> = {
	en: {
		unsupported: () => 'no systemd runs here', 'no-linger': remedy => `this user's timers end with the last session (mend it with: ${remedy})`,
		'timed-out': () => 'the system did not answer in time', failed: detail => `systemd refused the timer${inBrackets(detail)}`,
	},
	'pt-BR': {
		unsupported: () => 'aqui não roda systemd', 'no-linger': remedy => `os timers deste usuário acabam com a última sessão (corrija com: ${remedy})`,
		'timed-out': () => 'o sistema não respondeu a tempo', failed: detail => `o systemd recusou o timer${inBrackets(detail)}`,
	},
};

/** Why no timer of the system waits, as a journal recorded it. */
export const timerCause = (language: Language, code: string, detail: string): string =>
	(entryOf<(detail: string) => string>(timerRefusals[language], code) ?? timerRefusals[language].failed)(makeSafe(detail));

/** Why a message was not sent, as a journal recorded it. */
export const refusalName = (language: Language, code: string): string => entryOf<string>(refusalWords[language], code) ?? makeSafe(code);

export const purposeName = (language: Language, purpose: string): string => entryOf<string>(purposeNames[language], purpose) ?? makeSafe(purpose);
export const outcomeName = (language: Language, outcome: string): string => entryOf<string>(outcomeNames[language], outcome) ?? makeSafe(outcome);

/** Where a message goes, in the words of the service. */
export const destinations: Area<Readonly<Record<ChannelKind, (where: string) => string>>> = {
	en: {pagerduty: where => `PagerDuty (${where})`, slack: where => `Slack ${where}`, statuspage: where => `the public status page (${where}): customers read it`, cachet: where => `the public status page (${where}): customers read it`, hook: where => where, github: where => `GitHub ${where}`, command: where => where},
	'pt-BR': {pagerduty: where => `o PagerDuty (${where})`, slack: where => `o Slack ${where}`, statuspage: where => `a status page pública (${where}): clientes leem`, cachet: where => `a status page pública (${where}): clientes leem`, hook: where => where, github: where => `o GitHub ${where}`, command: where => where},
};
