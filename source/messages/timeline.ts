/**
The incident in words: its timeline, clocks and states, and the escalation. An entry of a type that this version does not know is shown by
its code, so that a newer console's journal stays readable.
*/

import type {TimelineItem} from '../core/incident.ts';
import type {Json} from '../core/ports.ts';
import {makeSafe} from '../core/text.ts';
import {actionTitleOf} from './action-titles.ts';
import {verdictWords} from './actions.ts';
import {dutyName, dutyWords} from './duties.ts';
import {againstOf, sourceName, troubleWords} from './alerts.ts';
import {escalationSentences} from './escalation-timeline.ts';
import {findingSentence, isFindingCode} from './finding-words.ts';
import type {Formatter} from './format.ts';
import {defineArea, entryOf, type Area, type Language} from './language.ts';
import {containerStates} from './runbook.ts';
import {exitMeaning, recordedReason} from './screen.ts';

export const incidentWords = defineArea({
	title: 'Incident',
	none: 'No incident is open.',
	noneHint: 'o opens one now; by itself it opens when the alert\'s condition has held for one minute.',
	last: 'Last one:',
	stateOpen: 'OPEN',
	stateMitigated: 'MITIGATED',
	stateResolved: 'RESOLVED',
	stateCancelled: 'FALSE ALARM',
	clocks: 'Clocks',
	outage: 'began',
	fromPing: 'first failed ping',
	fromContainer: 'first death of the container',
	fromAlert: 'the alert\'s own start',
	atLeast: 'at the latest: nothing was seen healthy before it',
	detected: 'detected',
	byCondition: 'by itself: the condition had held for a minute',
	byKey: 'by key',
	acknowledged: 'ack',
	notYet: 'not yet',
	mitigated: 'mitigated',
	ended: 'ended',
	downFor: 'down for',
	afterStart: (span: string) => `after ${span}`,
	timeline: 'Timeline',
	earlier: (count: string) => `${count} earlier entries are in the journal`,
	keysOpen: 'open now',
	keysResolve: 'resolve',
	keysCancel: 'false alarm',

	escalation: 'Escalation',
	contacts: 'Contacts',
	steps: 'In this order',
}, {
	title: 'Incidente',
	none: 'Nenhum incidente aberto.',
	noneHint: 'o abre um agora; sozinho ele abre quando a condição do alerta dura um minuto.',
	last: 'Último:',
	stateOpen: 'ABERTO',
	stateMitigated: 'MITIGADO',
	stateResolved: 'RESOLVIDO',
	stateCancelled: 'ALARME FALSO',
	clocks: 'Relógios',
	outage: 'começou',
	fromPing: 'primeiro ping com falha',
	fromContainer: 'primeira queda do container',
	fromAlert: 'início do próprio alerta',
	atLeast: 'no mais tardar: nada foi visto saudável antes',
	detected: 'detectado',
	byCondition: 'sozinho: a condição durou um minuto',
	byKey: 'por tecla',
	acknowledged: 'assumido',
	notYet: 'ainda não',
	mitigated: 'mitigado',
	ended: 'encerrado',
	downFor: 'fora do ar',
	afterStart: span => `após ${span}`,
	timeline: 'Linha do tempo',
	earlier: count => `${count} registros anteriores estão no diário`,
	keysOpen: 'abrir agora',
	keysResolve: 'resolver',
	keysCancel: 'alarme falso',

	escalation: 'Escalonamento',
	contacts: 'Contatos',
	steps: 'Nesta ordem',
});

export type IncidentWords = (typeof incidentWords)[Language];

type Data = {readonly [key: string]: Json};
type Sentence = (data: Data, format: Formatter) => string;

/** Journal data comes from disk, perhaps written by another version: made safe before it is shown. */
const text = (value: Json | undefined): string => typeof value === 'string' ? makeSafe(value) : typeof value === 'number' ? String(value) : '';
const numeric = (value: Json | undefined): number => typeof value === 'number' ? value : 0;
const titleOf = (language: Language, data: Data): string => actionTitleOf(language, {id: text(data['action']), title: text(data['title'])});
/** The steps of a command on one line. */
const commandOf = (data: Data): string => typeof data['command'] === 'string' ? data['command'].split(/[\n⏎]/).map(line => makeSafe(line)).join('; ') : '';
const stateOf = (language: Language, value: Json | undefined): string => entryOf<string>(containerStates[language], text(value)) ?? text(value);

const verdictOf = (language: Language, value: Json | undefined): string => entryOf<string>(verdictWords[language], text(value)) ?? text(value);
const exitOf = (language: Language, value: Json | undefined): string => {
	const meaning = typeof value === 'number' ? exitMeaning(language, value) : '';
	return typeof value !== 'number' ? '' : ` (${value}${meaning === '' ? '' : `, ${meaning}`})`;
};

const reasonOf = (language: Language, data: Data): string => recordedReason(language, text(data['reason']), numeric(data['status']));

const againstIn = (language: Language, data: Data): string => againstOf(language, text(data['against'])) === '' ? '' : ` (${againstOf(language, text(data['against']))})`;

/** When the alert's condition began, or, where only that is known, when it fired. */
const startIn = ({activeAtMs, firedAtMs}: Data, format: Formatter, since: string, fired: string): string =>
	typeof activeAtMs === 'number' ? ` ${since} ${format.clock(activeAtMs)}` : (typeof firedAtMs === 'number' ? ` (${fired} ${format.clock(firedAtMs)})` : '');

const troubleIn = (language: Language, {trouble, detail}: Data): string => {
	const told = trouble === 'no-answer' || trouble === 'no-data' || trouble === 'no-rule' || trouble === 'rule-fails' ? `: ${troubleWords(language, trouble)}` : '';
	return `${told}${text(detail) === '' ? '' : ` (${text(detail)})`}`;
};

const endIn = ({endsAtMs}: Data, format: Formatter): string => typeof endsAtMs === 'number' ? format.clock(endsAtMs) : '?';

const sentences: Area<Readonly<Record<string, Sentence>>> = {
	en: {
		'incident/opened': ({alert, by}) => `Incident opened: ${text(alert)}${by === 'key' ? ', by key' : (by === 'alert' ? ', by the alert' : '')}`,
		'incident/acknowledged': () => 'Acknowledged',
		'incident/mitigated': ({by}) => by === 'alert' ? 'Mitigated: every decisive ping is green, and the alert is clear' : 'Mitigated: every decisive ping is green',
		'incident/reopened': ({by}) => by === 'alert' ? 'The alert fires: reopened' : 'Down again: reopened',
		'incident/resolved': data => `Resolved${text(data['reason']) === '' ? '' : `: ${text(data['reason'])}`}${againstIn('en', data)}`,
		'incident/severityChanged': ({from, to}) => `Severity changed${text(from) === '' ? '' : ` from ${text(from)}`} to ${text(to)}`,
		'alert/fired': (data, format) => `${sourceName(text(data['source']))}: the alert fires${startIn(data, format, 'since', 'fired')}${data['silenced'] === true ? ', silenced' : ''}${text(data['targetError']) === '' ? '' : `; target: ${text(data['targetError'])}`}`,
		'alert/cleared': ({source}) => `${sourceName(text(source))}: the alert is clear`,
		'alert/unknown': data => `${sourceName(text(data['source']))}: the alert is not known${troubleIn('en', data)}`,
		'silence/created': (data, format) => `Alert silenced until ${endIn(data, format)}: ${text(data['matchers'])}`,
		'silence/extended': (data, format) => `Silence extended until ${endIn(data, format)}`,
		'silence/lifted': () => 'Silence lifted',
		'silence/failed': data => `The silence could not be ${text(data['what']) === 'lift' ? 'lifted' : (text(data['what']) === 'extend' ? 'extended' : 'made')}${text(data['detail']) === '' ? '' : `: ${text(data['detail'])}`}`,
		'incident/cancelled': ({reason}) => `False alarm${text(reason) === '' ? '' : `: ${text(reason)}`}`,
		'escalation/prompted': () => 'Prompted to escalate',
		'container/created': ({service}) => `${text(service)} created`,
		'container/started': ({service}) => `${text(service)} started`,
		'container/died': ({service, exitCode}) => `${text(service)} died${exitOf('en', exitCode)}`,
		'container/oom': ({service}) => `${text(service)} hit its memory limit (OOM)`,
		'container/paused': ({service}) => `${text(service)} paused`,
		'container/unpaused': ({service}) => `${text(service)} resumed`,
		'container/removed': ({service}) => `${text(service)} removed`,
		'engine/lost': () => 'Docker engine lost',
		'engine/reached': () => 'Docker engine back',
		'ping/failed': data => `Ping ${text(data['name'])} fails: ${reasonOf('en', data)}`,
		'ping/recovered': ({name, latencyMs}, format) => `Ping ${text(name)} good again (${format.latency(numeric(latencyMs))})`,
		'note/added': ({text: note}) => `Note: ${text(note)}`,
		'shell/opened': ({service}) => text(service) === '' ? 'Shell on the host opened' : `Shell in ${text(service)} opened`,
		'shell/closed': ({service, spanMs}, format) => `${text(service) === '' ? 'Shell on the host' : `Shell in ${text(service)}`} left after ${format.seconds(numeric(spanMs))}`,
		'action/confirmed': data => `${titleOf('en', data)} confirmed: ${commandOf(data)}`,
		'action/started': data => `${titleOf('en', data)} started`,
		'action/refused': ({holder}) => `Not started${text(holder) === '' ? '' : `: ${text(holder)} holds the target`}`,
		'action/ended': data => `${titleOf('en', data)} ended${data['lost'] === true ? ', outcome lost' : exitOf('en', data['exitCode'])}${text(data['step']) === '' ? '' : `, at step ${text(data['step'])}`}`,
		'action/read': data => `${titleOf('en', data)} looked at${exitOf('en', data['exitCode'])}`,
		'action/verified': (data, format) => `${titleOf('en', data)}: ${verdictOf('en', data['verdict'])}${typeof data['seconds'] === 'number' ? ` in ${format.seconds(data['seconds'] * 1000)}` : ''}`,
		'action/cancelAsked': data => `${titleOf('en', data)}: cancel asked`,
		'log/kept': ({service, lines}) => `${typeof lines === 'number' ? lines : Array.isArray(lines) ? lines.length : 0} last log lines of ${text(service)} kept`,
		'finding/raised': (data, format) => `Diagnosis: ${findingOf('en', data, format)}`,
		'finding/cleared': (data, format) => `Diagnosis over (${entryOf(clearedWords.en, text(data['reason'])) ?? text(data['reason'])}): ${findingOf('en', data, format)}`,
		'runbook/frozen': ({title, version}) => `Runbook kept as it stands: ${text(title)}${text(version) === '' ? '' : ` (${text(version)})`}`,
		'container/kept': ({service, exitCode, state}) => `How ${text(service)} stood is kept: it ${stateOf('en', state)}${state === 'running' ? '' : exitOf('en', exitCode)}`,
		'state/before': ({commit, images}) => `State before the change recorded: ${text(commit) === '' ? '' : `commit ${text(commit).slice(0, 8)}, `}${Array.isArray(images) ? images.length : 0} images`,
		'console/opened': () => 'Console opened',
		'metrics/sampled': ({cpu, memory}, format) => `Measured: cpu ${format.percent(numeric(cpu))}, memory ${format.percent(numeric(memory))}`,
		'metrics/before': () => 'What was measured before is kept',
		'lead/taken': ({before}) => `Took the lead${text(before) === '' ? '' : ` from ${text(before)}`}`,
		'duty/done': ({duty, note}) => dutyWords.en.timelineDone(dutyName('en', text(duty)), text(note)),
		'duty/waived': ({duty, reason}) => dutyWords.en.timelineWaived(dutyName('en', text(duty)), text(reason)),
		'incident/closed': () => 'Closed: no duty is left',
		'clock/stepped': ({byMs}) => `The machine's clock was set by ${typeof byMs === 'number' ? Math.round(byMs / 1000) : '?'} s`,
		'actor/named': ({name}) => `${text(name)} took the keyboard`,
	},
	'pt-BR': {
		'incident/opened': ({alert, by}) => `Incidente aberto: ${text(alert)}${by === 'key' ? ', por tecla' : (by === 'alert' ? ', pelo alerta' : '')}`,
		'incident/acknowledged': () => 'Assumido',
		'incident/mitigated': ({by}) => by === 'alert' ? 'Mitigado: todos os pings decisivos verdes, e o alerta normal' : 'Mitigado: todos os pings decisivos verdes',
		'incident/reopened': ({by}) => by === 'alert' ? 'O alerta está disparado: reaberto' : 'Caiu de novo: reaberto',
		'incident/resolved': data => `Resolvido${text(data['reason']) === '' ? '' : `: ${text(data['reason'])}`}${againstIn('pt-BR', data)}`,
		'incident/severityChanged': ({from, to}) => `Severidade mudada${text(from) === '' ? '' : ` de ${text(from)}`} para ${text(to)}`,
		'alert/fired': (data, format) => `${sourceName(text(data['source']))}: alerta disparado${startIn(data, format, 'desde', 'em')}${data['silenced'] === true ? ', silenciado' : ''}${text(data['targetError']) === '' ? '' : `; alvo: ${text(data['targetError'])}`}`,
		'alert/cleared': ({source}) => `${sourceName(text(source))}: o alerta voltou ao normal`,
		'alert/unknown': data => `${sourceName(text(data['source']))}: não se sabe do alerta${troubleIn('pt-BR', data)}`,
		'silence/created': (data, format) => `Alerta silenciado até ${endIn(data, format)}: ${text(data['matchers'])}`,
		'silence/extended': (data, format) => `Silêncio prolongado até ${endIn(data, format)}`,
		'silence/lifted': () => 'Silêncio encerrado',
		'silence/failed': data => `O silêncio não pôde ser ${text(data['what']) === 'lift' ? 'encerrado' : (text(data['what']) === 'extend' ? 'prolongado' : 'criado')}${text(data['detail']) === '' ? '' : `: ${text(data['detail'])}`}`,
		'incident/cancelled': ({reason}) => `Alarme falso${text(reason) === '' ? '' : `: ${text(reason)}`}`,
		'escalation/prompted': () => 'Aviso para escalar',
		'container/created': ({service}) => `${text(service)} criado`,
		'container/started': ({service}) => `${text(service)} iniciado`,
		'container/died': ({service, exitCode}) => `${text(service)} caiu${exitOf('pt-BR', exitCode)}`,
		'container/oom': ({service}) => `${text(service)} bateu no limite de memória (OOM)`,
		'container/paused': ({service}) => `${text(service)} pausado`,
		'container/unpaused': ({service}) => `${text(service)} retomado`,
		'container/removed': ({service}) => `${text(service)} removido`,
		'engine/lost': () => 'Docker sem resposta',
		'engine/reached': () => 'Docker de volta',
		'ping/failed': data => `Ping ${text(data['name'])} falha: ${reasonOf('pt-BR', data)}`,
		'ping/recovered': ({name, latencyMs}, format) => `Ping ${text(name)} bom de novo (${format.latency(numeric(latencyMs))})`,
		'note/added': ({text: note}) => `Anotação: ${text(note)}`,
		'shell/opened': ({service}) => text(service) === '' ? 'Shell aberto no host' : `Shell aberto em ${text(service)}`,
		'shell/closed': ({service, spanMs}, format) => `${text(service) === '' ? 'Shell no host' : `Shell em ${text(service)}`} encerrado após ${format.seconds(numeric(spanMs))}`,
		'action/confirmed': data => `${titleOf('pt-BR', data)} confirmado: ${commandOf(data)}`,
		'action/started': data => `${titleOf('pt-BR', data)} começou`,
		'action/refused': ({holder}) => `Não iniciado${text(holder) === '' ? '' : `: ${text(holder)} está com o alvo`}`,
		'action/ended': data => `${titleOf('pt-BR', data)} terminou${data['lost'] === true ? ', resultado perdido' : exitOf('pt-BR', data['exitCode'])}${text(data['step']) === '' ? '' : `, no passo ${text(data['step'])}`}`,
		'action/read': data => `${titleOf('pt-BR', data)} consultado${exitOf('pt-BR', data['exitCode'])}`,
		'action/verified': (data, format) => `${titleOf('pt-BR', data)}: ${verdictOf('pt-BR', data['verdict'])}${typeof data['seconds'] === 'number' ? ` em ${format.seconds(data['seconds'] * 1000)}` : ''}`,
		'action/cancelAsked': data => `${titleOf('pt-BR', data)}: cancelamento pedido`,
		'log/kept': ({service, lines}) => `${typeof lines === 'number' ? lines : Array.isArray(lines) ? lines.length : 0} últimas linhas de log de ${text(service)} guardadas`,
		'finding/raised': (data, format) => `Diagnóstico: ${findingOf('pt-BR', data, format)}`,
		'finding/cleared': (data, format) => `Diagnóstico encerrado (${entryOf(clearedWords['pt-BR'], text(data['reason'])) ?? text(data['reason'])}): ${findingOf('pt-BR', data, format)}`,
		'runbook/frozen': ({title, version}) => `Runbook guardado como está: ${text(title)}${text(version) === '' ? '' : ` (${text(version)})`}`,
		'container/kept': ({service, exitCode, state}) => `Situação de ${text(service)} guardada: ${stateOf('pt-BR', state)}${state === 'running' ? '' : exitOf('pt-BR', exitCode)}`,
		'state/before': ({commit, images}) => `Estado antes da mudança registrado: ${text(commit) === '' ? '' : `commit ${text(commit).slice(0, 8)}, `}${Array.isArray(images) ? images.length : 0} imagens`,
		'console/opened': () => 'Console aberto',
		'metrics/sampled': ({cpu, memory}, format) => `Medido: cpu ${format.percent(numeric(cpu))}, memória ${format.percent(numeric(memory))}`,
		'metrics/before': () => 'O que se mediu antes foi guardado',
		'lead/taken': ({before}) => `Assumiu a condução${text(before) === '' ? '' : ` de ${text(before)}`}`,
		'duty/done': ({duty, note}) => dutyWords['pt-BR'].timelineDone(dutyName('pt-BR', text(duty)), text(note)),
		'duty/waived': ({duty, reason}) => dutyWords['pt-BR'].timelineWaived(dutyName('pt-BR', text(duty)), text(reason)),
		'incident/closed': () => 'Fechado: nada mais a fazer',
		'clock/stepped': ({byMs}) => `O relógio da máquina foi ajustado em ${typeof byMs === 'number' ? Math.round(byMs / 1000) : '?'} s`,
		'actor/named': ({name}) => `${text(name)} assumiu o teclado`,
	},
};

/** A finding as it was recorded; one of a newer console's keeps its code. */
const findingOf = (language: Language, data: Readonly<Record<string, Json>>, format: Formatter): string => {
	const {code, service, params} = data;
	return typeof code === 'string' && isFindingCode(code)
		? findingSentence(language, {code, service: typeof service === 'string' ? service : null, params: typeof params === 'object' && params !== null && !Array.isArray(params) ? params as Readonly<Record<string, string | number>> : {}}, format)
		: text(code);
};

const clearedWords: Area<Readonly<Record<string, string>>> = {
	en: {recovered: 'recovered', replaced: 'another one explains it', gone: 'no longer seen'},
	'pt-BR': {recovered: 'recuperado', replaced: 'outro o explica', gone: 'não se vê mais'},
};

/** An entry of the timeline in words, without its time and actor. */
export const timelineSentence = (language: Language, item: Pick<TimelineItem, 'type' | 'data'>, format: Formatter): string => {
	const sentence = entryOf(sentences[language], item.type) ?? entryOf(escalationSentences[language], item.type);
	return sentence === null ? makeSafe(item.type) : sentence(item.data, format);
};
