/**
The words of the read-only checks: their names, what an answer means, why one was not asked.
*/

import type {CheckBlock, CheckId, CheckReadingCode} from '../core/checks.ts';
import {makeSafe, type SafeText} from '../core/text.ts';
import type {Area, Language} from './language.ts';

type Params = Readonly<Record<string, string | number>>;

export type CheckWords = {
	readonly titles: Readonly<Record<CheckId, string>>;
	/** For the footer. */
	readonly shorts: Readonly<Record<CheckId, string>>;
	readonly readings: Readonly<Record<CheckReadingCode, (params: Params) => string>>;
	readonly blocks: Readonly<Record<CheckBlock, (service: string, words: string) => string>>;
	readonly running: string;
	readonly neverAsked: string;
	readonly lastAnswer: (ago: string) => string;
	readonly again: string;
	readonly readsOnly: string;
	readonly host: string;
	readonly hiddenOwner: string;
	readonly columnsPort: readonly [string, string, string, string];
	readonly columnsProcess: readonly [string, string, string, string, string];
	readonly kernel: string;
	readonly unit: string;
	readonly unitTroubles: Readonly<Record<'no-systemd' | 'denied' | 'failed', string>>;
	readonly kernelDenied: string;
	readonly marks: Readonly<Record<'oom' | 'io-error', string>>;
	readonly nothing: string;
	readonly characters: (count: number) => string;
	readonly emptyValue: string;
	readonly inFile: string;
	readonly elsewhere: (service: string, names: string) => string;
	readonly exit: (code: number | string, seconds: string) => string;
	readonly attached: string;
	readonly notKept: string;
};

const words: Area<CheckWords> = {
	en: {
		titles: {
			'who-listens': 'check: who listens on which port', processes: 'check: processes of the containers', 'system-log': 'check: system log, kernel and Docker', environment: 'check: variables of .env, without values', database: 'check: database, SELECT 1',
			'proxy-config': 'check: nginx configuration', network: 'check: Docker network, who is attached', 'reach-api': 'check: from nginx to the api', 'health-script': 'check: scripts/health-check.sh',
		},
		shorts: {'who-listens': 'ports', processes: 'processes', 'system-log': 'system log', environment: 'variables', database: 'database', 'proxy-config': 'nginx -t', network: 'network', 'reach-api': 'nginx → api', 'health-script': 'health script'},
		readings: {
			'port-ours': ({port, service}) => `${service} holds port ${port}, as it should.`,
			'port-stranger': ({port, name, pid}) => `A stranger holds port ${port}: ${name} (pid ${pid}) is none of this project's containers.`,
			'port-nobody': ({port, service}) => `Nobody listens on port ${port}, which is ${service}'s.`,
			'port-only-local': ({port, service}) => `${service} listens on port ${port} only for itself (127.0.0.1): nothing outside its container reaches it.`,
			'port-hidden': ({port}) => `Somebody listens on port ${port}; who may only be seen by root. Run mdc-console with sudo to see it.`,
			'port-none': ({service}) => `It is not known which port ${service} should hold.`,
			workers: ({service, count}) => `${service} has its master and ${count} workers.`,
			'master-only': ({service, count}) => `${service} has ${count === 1 ? 'one process' : `${count} processes`} and no worker.`,
			'no-processes': ({service}) => `${service} has no process at all.`,
			'log-quiet': () => 'Nothing in it speaks of memory kills or disk errors.',
			'log-oom': ({count}) => `${count} ${count === 1 ? 'line speaks' : 'lines speak'} of a process killed for want of memory.`,
			'log-io': ({count}) => `${count} ${count === 1 ? 'line speaks' : 'lines speak'} of disk errors. Free space and the disk itself come first.`,
			'log-denied': () => 'The kernel log may not be read here.',
			'environment-complete': ({count}) => `Nothing is missing: ${count} variables, and all that the compose file needs is there.`,
			'environment-missing': ({names}) => `The compose file needs what .env does not have: ${names}.`,
			'environment-elsewhere': ({names}) => `Containers have what .env lacks: ${names}. The next up would blank it.`,
			'environment-unreadable': () => 'It cannot be told: .env or the compose file could not be read.',
			'database-accepts': ({service}) => `${service} answers a query.`,
			'database-refuses': ({service}) => `${service} refuses the query.`,
			'tool-missing': ({service}) => `${service === '' ? 'The script' : service} has no program to check with: this says nothing about its health.`,
			'tool-broke': ({code}) => `What should check was ended by a signal (exit ${code}): this says nothing about its health.`,
			'proxy-good': ({service}) => `The configuration of ${service} is good.`,
			'proxy-bad': ({service}) => `The configuration of ${service} is wrong.`,
			'proxy-needs-api': ({service, api}) => `${service} cannot find the name ${api}, since ${api} does not run. The configuration may be perfectly good: start ${api} first.`,
			'network-whole': ({count}) => `All who should be on the network are: ${count}.`,
			'network-lacks': ({services}) => `Not on the network: ${services}.`,
			'api-reached': ({service, api}) => `${service} reaches ${api}.`,
			'api-not-reached': ({service, api}) => `${service} does not reach ${api}.`,
			'script-good': () => 'The script says that all is well (exit 0).',
			'script-bad': ({code}) => `The script found something wrong (exit ${code}).`,
			'timed-out': ({seconds}) => `No answer within ${seconds} s.`,
		},
		blocks: {
			'no-container': service => `Not asked: ${service} has no container.`,
			'not-running': service => `Not asked: ${service} does not run.`,
			paused: service => `Not asked: ${service} is paused, a command in it would hang.`,
			'near-limit': service => `Not asked: ${service} is near its memory limit, one more process could be the one too many.`,
			'no-project': () => 'Not asked: no project is known yet.',
			'no-directory': () => 'Not asked: no container tells where the project lies.',
			'changes-something': (_service, text) => `Not run: it does more than look: ${text}`,
			'two-run': () => 'Not asked: two checks run already. Enter asks again.',
		},
		running: 'asking…',
		neverAsked: 'not asked yet',
		lastAnswer: ago => `answered ${ago}`,
		again: 'ask again',
		readsOnly: 'A check only looks; it changes nothing.',
		host: 'host',
		hiddenOwner: 'only root may see who',
		columnsPort: ['port', 'where', 'process', 'since'],
		columnsProcess: ['pid', 'process', 'age', 'cpu', 'memory'],
		kernel: 'Kernel',
		unit: 'Docker unit',
		unitTroubles: {'no-systemd': 'This host has no systemd: the Docker daemon keeps its own log (often /var/log/docker.log).', denied: 'The journal may not be read: join the group systemd-journal or adm.', failed: 'journalctl gave no answer.'},
		kernelDenied: 'It may not be read: run mdc-console with sudo, or read `sudo dmesg`.',
		marks: {oom: 'memory', 'io-error': 'disk'},
		nothing: 'nothing',
		characters: count => `${count} ${count === 1 ? 'character' : 'characters'}`,
		emptyValue: 'empty',
		inFile: 'In .env',
		elsewhere: (service, names) => `${service} still has ${names}, from somewhere else: the next up would blank it`,
		exit: (code, seconds) => `exit ${code} after ${seconds}`,
		attached: 'Attached',
		notKept: 'no output',
	},
	'pt-BR': {
		titles: {
			'who-listens': 'checagem: quem escuta em cada porta', processes: 'checagem: processos dos containers', 'system-log': 'checagem: log do sistema, kernel e Docker', environment: 'checagem: variáveis do .env, sem valores', database: 'checagem: banco de dados, SELECT 1',
			'proxy-config': 'checagem: configuração do nginx', network: 'checagem: rede do Docker, quem está ligado', 'reach-api': 'checagem: do nginx até a api', 'health-script': 'checagem: scripts/health-check.sh',
		},
		shorts: {'who-listens': 'portas', processes: 'processos', 'system-log': 'log do sistema', environment: 'variáveis', database: 'banco', 'proxy-config': 'nginx -t', network: 'rede', 'reach-api': 'nginx → api', 'health-script': 'script de saúde'},
		readings: {
			'port-ours': ({port, service}) => `${service} ocupa a porta ${port}, como deve ser.`,
			'port-stranger': ({port, name, pid}) => `Um estranho ocupa a porta ${port}: ${name} (pid ${pid}) não é de nenhum container deste projeto.`,
			'port-nobody': ({port, service}) => `Ninguém escuta na porta ${port}, que é de ${service}.`,
			'port-only-local': ({port, service}) => `${service} escuta na porta ${port} só para si (127.0.0.1): nada de fora do container chega até lá.`,
			'port-hidden': ({port}) => `Alguém escuta na porta ${port}; só o root pode ver quem. Rode o mdc-console com sudo para ver.`,
			'port-none': ({service}) => `Não se sabe qual porta ${service} deveria ocupar.`,
			workers: ({service, count}) => `${service} tem o processo mestre e ${count} workers.`,
			'master-only': ({service, count}) => `${service} tem ${count === 1 ? 'um processo' : `${count} processos`} e nenhum worker.`,
			'no-processes': ({service}) => `${service} não tem nenhum processo.`,
			'log-quiet': () => 'Nada nele fala de falta de memória nem de erros de disco.',
			'log-oom': ({count}) => `${count} ${count === 1 ? 'linha fala' : 'linhas falam'} de processo morto por falta de memória.`,
			'log-io': ({count}) => `${count} ${count === 1 ? 'linha fala' : 'linhas falam'} de erros de disco. O espaço livre e o próprio disco vêm primeiro.`,
			'log-denied': () => 'O log do kernel não pode ser lido aqui.',
			'environment-complete': ({count}) => `Não falta nada: ${count} variáveis, e tudo o que o compose pede está lá.`,
			'environment-missing': ({names}) => `O compose pede o que o .env não tem: ${names}.`,
			'environment-elsewhere': ({names}) => `Há containers com o que falta no .env: ${names}. O próximo up deixaria em branco.`,
			'environment-unreadable': () => 'Não dá para dizer: não foi possível ler o .env ou o arquivo do compose.',
			'database-accepts': ({service}) => `${service} responde a uma consulta.`,
			'database-refuses': ({service}) => `${service} recusa a consulta.`,
			'tool-missing': ({service}) => `${service === '' ? 'O script' : service} não tem um programa com que checar: isso não diz nada sobre a saúde.`,
			'tool-broke': ({code}) => `O que deveria checar foi encerrado por um sinal (saída ${code}): isso não diz nada sobre a saúde.`,
			'proxy-good': ({service}) => `A configuração de ${service} está boa.`,
			'proxy-bad': ({service}) => `A configuração de ${service} está errada.`,
			'proxy-needs-api': ({service, api}) => `${service} não encontra o nome ${api}, porque ${api} não está rodando. A configuração pode estar perfeita: inicie ${api} primeiro.`,
			'network-whole': ({count}) => `Todos os que deveriam estar na rede estão: ${count}.`,
			'network-lacks': ({services}) => `Fora da rede: ${services}.`,
			'api-reached': ({service, api}) => `${service} alcança ${api}.`,
			'api-not-reached': ({service, api}) => `${service} não alcança ${api}.`,
			'script-good': () => 'O script diz que está tudo bem (saída 0).',
			'script-bad': ({code}) => `O script encontrou algo errado (saída ${code}).`,
			'timed-out': ({seconds}) => `Sem resposta em ${seconds} s.`,
		},
		blocks: {
			'no-container': service => `Não perguntado: ${service} não tem container.`,
			'not-running': service => `Não perguntado: ${service} não está rodando.`,
			paused: service => `Não perguntado: ${service} está pausado, um comando ali ficaria preso.`,
			'near-limit': service => `Não perguntado: ${service} está perto do limite de memória, mais um processo poderia ser demais.`,
			'no-project': () => 'Não perguntado: ainda não se conhece nenhum projeto.',
			'no-directory': () => 'Não perguntado: nenhum container diz onde fica o projeto.',
			'changes-something': (_service, text) => `Não executado: faz mais do que olhar: ${text}`,
			'two-run': () => 'Não perguntado: já há duas checagens em andamento. Enter pergunta de novo.',
		},
		running: 'perguntando…',
		neverAsked: 'ainda não perguntado',
		lastAnswer: ago => `respondido ${ago}`,
		again: 'perguntar de novo',
		readsOnly: 'Uma checagem só olha; não muda nada.',
		host: 'servidor',
		hiddenOwner: 'só o root vê quem',
		columnsPort: ['porta', 'onde', 'processo', 'desde'],
		columnsProcess: ['pid', 'processo', 'idade', 'cpu', 'memória'],
		kernel: 'Kernel',
		unit: 'Unidade do Docker',
		unitTroubles: {'no-systemd': 'Este servidor não usa systemd: o daemon do Docker tem o próprio log (em geral /var/log/docker.log).', denied: 'O journal não pode ser lido: entre no grupo systemd-journal ou adm.', failed: 'O journalctl não respondeu.'},
		kernelDenied: 'Não pode ser lido: rode o mdc-console com sudo, ou leia `sudo dmesg`.',
		marks: {oom: 'memória', 'io-error': 'disco'},
		nothing: 'nada',
		characters: count => `${count} ${count === 1 ? 'caractere' : 'caracteres'}`,
		emptyValue: 'vazia',
		inFile: 'No .env',
		elsewhere: (service, names) => `${service} ainda tem ${names}, de outro lugar: o próximo up deixaria em branco`,
		exit: (code, seconds) => `saída ${code} depois de ${seconds}`,
		attached: 'Ligados',
		notKept: 'sem saída',
	},
};

/** The words of checks in a language. */
export const checkWords = (language: Language): CheckWords => words[language];

/** A sentence with names from outside in it, safe to show. */
export const checkSentence = (language: Language, code: CheckReadingCode, params: Params): SafeText => makeSafe(words[language].readings[code](params));
