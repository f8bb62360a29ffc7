/**
The words of the diagnosis: what a finding says, its evidence, the runbook's scenarios, and what was checked when nothing is wrong.
*/

import type {Evidence, EvidenceCode, FindingCode} from '../core/diagnosis.ts';
import type {PingAnswer, PingReason} from '../core/ports.ts';
import {emptyText} from '../core/text.ts';
import type {Formatter} from './format.ts';
import {defineArea, type Area, type Language} from './language.ts';
import {exitMeaning, pingReason} from './screen.ts';

export const diagnosis = defineArea({
	scenario: (number: number) => `Scenario ${number}`,
	noScenario: 'Outside the runbook\'s scenarios',
	scenario1: 'container stopped',
	scenario2: 'fails at start',
	scenario3: 'out of resources',
	scenario4: 'network',
	opens: (digit: number) => `[${digit}]`,
	also: 'also',
	warning: 'warning',
	evidence: 'Evidence',
	tryFirst: 'Try',
	noAction: 'No key acts on this yet; the runbook says how.',
	nothing: 'Nothing is wrong here.',
	checked: 'Checked:',
	pingsGood: (good: string, all: string) => `${good} of ${all} pings answer`,
	containersGood: (good: string, all: string) => `${good} of ${all} services run`,
	disksGood: (share: string) => `fullest disk ${share}`,
	memoryGood: (share: string) => `memory ${share}`,
	unknown: 'Not known:',
	unknownContainers: 'containers',
	unknownPings: 'pings',
	unknownHost: 'host',
	unknownDisks: 'disks',
	unknownKills: 'kernel log (may not be read)',
	unknownCompose: 'compose file (what should run)',
	stillFailing: 'Something fails, and no scenario explains it yet.',
	stillAlerting: 'Customers say otherwise? Open the incident by hand: i, then o.',
	looking: 'Looking…',
	ago: (age: string) => `${age} ago`,
}, {
	scenario: number => `Cenário ${number}`,
	noScenario: 'Fora dos cenários do runbook',
	scenario1: 'container parado',
	scenario2: 'erro de inicialização',
	scenario3: 'falta de recursos',
	scenario4: 'rede',
	opens: digit => `[${digit}]`,
	also: 'também',
	warning: 'aviso',
	evidence: 'Evidências',
	tryFirst: 'Tente',
	noAction: 'Nenhuma tecla age nisso ainda; o runbook diz como.',
	nothing: 'Nada de errado aqui.',
	checked: 'Verificado:',
	pingsGood: (good, all) => `${good} de ${all} pings respondem`,
	containersGood: (good, all) => `${good} de ${all} serviços rodando`,
	disksGood: share => `disco mais cheio ${share}`,
	memoryGood: share => `memória ${share}`,
	unknown: 'Não se sabe:',
	unknownContainers: 'containers',
	unknownPings: 'pings',
	unknownHost: 'host',
	unknownDisks: 'discos',
	unknownKills: 'log do kernel (sem permissão)',
	unknownCompose: 'arquivo compose (o que deveria rodar)',
	stillFailing: 'Algo falha, e nenhum cenário explica ainda.',
	stillAlerting: 'Os clientes dizem o contrário? Abra o incidente à mão: i, depois o.',
	looking: 'Verificando…',
	ago: age => `há ${age}`,
});

export type DiagnosisWords = (typeof diagnosis)[Language];

/** A finding as a sentence; `service` is empty where there is none. */
export const findingSentence: Area<Readonly<Record<FindingCode, (service: string) => string>>> = {
	en: {
		'engine-down': () => 'The Docker engine does not answer',
		'service-missing': service => `${service} has no container`,
		'service-stopped': service => `${service} is stopped`,
		'service-paused': service => `${service} is paused`,
		'start-refused': service => `${service} could not be started`,
		'crash-loop': service => `${service} starts and dies at once`,
		'out-of-memory': service => `${service} runs out of memory`,
		'disk-full': () => 'A disk is nearly full',
		'host-memory': () => 'The host is short of memory',
		'proxy-cannot-reach': service => `${service} cannot reach the api, which answers by itself`,
		'service-unhealthy': service => `${service} runs, and its health check fails`,
		'ping-fails': service => service === '' ? 'A ping fails' : `${service} runs, and does not answer`,
		'database-refuses': () => 'The database refuses sessions',
	},
	'pt-BR': {
		'engine-down': () => 'O Docker não responde',
		'service-missing': service => `${service} não tem container`,
		'service-stopped': service => `${service} está parado`,
		'service-paused': service => `${service} está pausado`,
		'start-refused': service => `${service} não conseguiu iniciar`,
		'crash-loop': service => `${service} inicia e cai na hora`,
		'out-of-memory': service => `${service} fica sem memória`,
		'disk-full': () => 'Um disco está quase cheio',
		'host-memory': () => 'O host está com pouca memória',
		'proxy-cannot-reach': service => `${service} não alcança a api, que responde sozinha`,
		'service-unhealthy': service => `${service} está rodando, mas o health check falha`,
		'ping-fails': service => service === '' ? 'Um ping falha' : `${service} está rodando, mas não responde`,
		'database-refuses': () => 'O banco recusa sessões',
	},
};

const text = (value: string | number | undefined): string => value === undefined ? '' : String(value);
const number = (value: string | number | undefined): number => Number(value ?? 0);

const exitWords = (language: Language, code: string | number | undefined): string => {
	const meaning = exitMeaning(language, number(code));
	return meaning === '' ? text(code) : `${text(code)}, ${meaning}`;
};

const reasonWords = (language: Language, params: Evidence['params']): string => {
	const reason = text(params['reason']) as PingReason;
	const answer: PingAnswer = {ok: false, reason, detail: emptyText, status: number(params['status']), latencyMs: 0, atMs: 0};
	return (pingReason[language][reason] ?? pingReason[language].failed)(answer);
};

const after = (separator: string, value: string | number | undefined): string => text(value) === '' ? '' : `${separator}${text(value)}`;

type Sentence = (params: Evidence['params'], format: Formatter) => string;

const sentences: Area<Readonly<Record<EvidenceCode, Sentence>>> = {
	en: {
		'engine-does-not-answer': () => 'the engine does not answer',
		'no-container': ({service}) => `no container of ${text(service)} exists`,
		exited: ({service, exitCode}) => `${text(service)} exited (${exitWords('en', exitCode)})`,
		killed: ({service}) => `${text(service)} was killed (137)`,
		'oom-killed': ({service, restarts, limitBytes}, format) => `${text(service)} OOM killed${number(restarts) > 0 ? ` ×${text(restarts)}` : ''}${number(limitBytes) > 0 ? `, limit ${format.bytes(number(limitBytes))}` : ''}`,
		paused: ({service}) => `${text(service)} is frozen; up -d does not wake it`,
		'created-not-started': ({service}) => `${text(service)} was created and never started`,
		dead: ({service}) => `${text(service)} is dead`,
		'start-refused': ({detail}) => `engine: ${text(detail)}`,
		'restarted-often': ({service, restarts, exitCode}) => `${text(service)} restarted ${text(restarts)} times, last exit ${exitWords('en', exitCode)}`,
		unhealthy: ({service, streak, detail}) => `health check of ${text(service)} failed ${text(streak)} times${after(': ', detail)}`,
		'ping-fails': params => `ping ${text(params['name'])}: ${reasonWords('en', params)}`,
		'ping-good': ({name, latencyMs}, format) => `ping ${text(name)} answers in ${format.latency(number(latencyMs))}`,
		'disk-nearly-full': ({mount, share, availableBytes, fullInMs}, format) => `${text(mount)} ${format.percent(number(share))} used, ${format.bytes(number(availableBytes))} free${number(fullInMs) > 0 ? `, full in ~${format.span(number(fullInMs))}` : ''}`,
		'inodes-nearly-gone': ({mount, share}, format) => `${text(mount)}: ${format.percent(number(share))} of the inodes used`,
		'memory-nearly-full': ({share}, format) => `host memory ${format.percent(number(share))} used`,
		'container-memory-near-limit': ({service, usedBytes, limitBytes}, format) => `${text(service)} holds ${format.bytesPair(number(usedBytes), number(limitBytes))}`,
		'sessions-refused': ({detail}) => `SELECT 1: ${text(detail)}`,
	},
	'pt-BR': {
		'engine-does-not-answer': () => 'o Docker não responde',
		'no-container': ({service}) => `não existe container de ${text(service)}`,
		exited: ({service, exitCode}) => `${text(service)} saiu (${exitWords('pt-BR', exitCode)})`,
		killed: ({service}) => `${text(service)} foi morto (137)`,
		'oom-killed': ({service, restarts, limitBytes}, format) => `${text(service)} morto por OOM${number(restarts) > 0 ? ` ×${text(restarts)}` : ''}${number(limitBytes) > 0 ? `, limite ${format.bytes(number(limitBytes))}` : ''}`,
		paused: ({service}) => `${text(service)} está congelado; up -d não o acorda`,
		'created-not-started': ({service}) => `${text(service)} foi criado e nunca iniciado`,
		dead: ({service}) => `${text(service)} está morto`,
		'start-refused': ({detail}) => `Docker: ${text(detail)}`,
		'restarted-often': ({service, restarts, exitCode}) => `${text(service)} reiniciou ${text(restarts)} vezes, última saída ${exitWords('pt-BR', exitCode)}`,
		unhealthy: ({service, streak, detail}) => `health check de ${text(service)} falhou ${text(streak)} vezes${after(': ', detail)}`,
		'ping-fails': params => `ping ${text(params['name'])}: ${reasonWords('pt-BR', params)}`,
		'ping-good': ({name, latencyMs}, format) => `ping ${text(name)} responde em ${format.latency(number(latencyMs))}`,
		'disk-nearly-full': ({mount, share, availableBytes, fullInMs}, format) => `${text(mount)} ${format.percent(number(share))} usado, ${format.bytes(number(availableBytes))} livres${number(fullInMs) > 0 ? `, cheio em ~${format.span(number(fullInMs))}` : ''}`,
		'inodes-nearly-gone': ({mount, share}, format) => `${text(mount)}: ${format.percent(number(share))} dos inodes usados`,
		'memory-nearly-full': ({share}, format) => `memória do host ${format.percent(number(share))} usada`,
		'container-memory-near-limit': ({service, usedBytes, limitBytes}, format) => `${text(service)} ocupa ${format.bytesPair(number(usedBytes), number(limitBytes))}`,
		'sessions-refused': ({detail}) => `SELECT 1: ${text(detail)}`,
	},
};

/** A piece of evidence in words, without its age. */
export const evidenceSentence = (language: Language, evidence: Evidence, format: Formatter): string => sentences[language][evidence.code](evidence.params, format);
