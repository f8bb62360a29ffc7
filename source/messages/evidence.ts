/** Evidence in words, and what would confirm a finding. */

import type {ConfirmCode, Evidence, EvidenceCode} from '../core/diagnosis.ts';
import type {Formatter} from './format.ts';
import {sourceName, targetErrorWords} from './alerts.ts';
import {entryOf, type Area, type Language} from './language.ts';
import {exitMeaning, recordedReason} from './screen.ts';

const text = (value: string | number | undefined): string => value === undefined ? '' : String(value);
const number = (value: string | number | undefined): number => Number(value ?? 0);
const after = (separator: string, value: string | number | undefined): string => text(value) === '' ? '' : `${separator}${text(value)}`;

const times = (language: Language, count: string | number | undefined): string => language === 'en' ? (number(count) === 1 ? 'once' : `${text(count)} times`) : (number(count) === 1 ? 'uma vez' : `${text(count)} vezes`);

const exitWords = (language: Language, code: string | number | undefined): string => {
	const meaning = exitMeaning(language, number(code));
	return meaning === '' ? text(code) : `${text(code)}, ${meaning}`;
};

const reasonWords = (language: Language, params: Evidence['params']): string => recordedReason(language, text(params['reason']), number(params['status']));

/** Of the others the reason says it all. */
const sayingReasons: ReadonlySet<string> = new Set(['status', 'body', 'tls', 'starting-up', 'protocol', 'failed', 'redirected']);

/** What the endpoint said of itself: its code stands in the reason already. */
const said = ({reason, detail}: Evidence['params']): string => sayingReasons.has(text(reason)) ? after(': ', text(detail).replace(/^\d{3}(?: [A-Z][A-Za-z ]+)?:? ?/, '')) : '';

/** What an error of Prometheus' means, for who does not read Go's words every day. */
const targetPoint = (language: Language, {kind}: Evidence['params']): string => after(' → ', entryOf<string>(targetErrorWords[language], text(kind)) ?? '');

type Sentence = (params: Evidence['params'], format: Formatter) => string;

const sentences: Area<Readonly<Record<EvidenceCode, Sentence>>> = {
	en: {
		'engine-does-not-answer': () => 'the engine does not answer',
		'host-booted': () => 'the host booted',
		'no-container': ({service}) => `no container of ${text(service)} exists`,
		exited: ({service, exitCode}) => `${text(service)} exited (${exitWords('en', exitCode)})`,
		killed: ({service}) => `${text(service)} was killed (137); the engine saw no OOM`,
		'oom-killed': ({service, restarts, limitBytes}, format) => `${text(service)} OOM killed${number(restarts) > 0 ? ` ×${text(restarts)}` : ''}${number(limitBytes) > 0 ? `, limit ${format.bytes(number(limitBytes))}` : ''}`,
		'worker-oom': ({service, process, count}) => `kernel killed ${text(process) || 'a process'} of ${text(service)}${number(count) > 1 ? ` ×${text(count)}` : ''}`,
		paused: ({service}) => `${text(service)} is frozen; up -d does not wake it`,
		'created-not-started': ({service}) => `${text(service)} was created and never started`,
		dead: ({service, state}) => `${text(service)} is ${text(state) || 'dead'}`,
		'start-refused': ({detail}) => `engine: ${text(detail)}`,
		'restarted-often': ({service, restarts, exitCode}) => number(restarts) > 0 ? `${text(service)} restarted ${times('en', restarts)}, last exit ${exitWords('en', exitCode)}` : `${text(service)} died, exit ${exitWords('en', exitCode)}`,
		unhealthy: ({service, streak, detail}) => `health check of ${text(service)} failed ${times('en', streak)}${after(': ', detail)}`,
		'ping-fails': params => `ping ${text(params['name'])}: ${reasonWords('en', params)}${said(params)}`,
		'ping-good': ({name, latencyMs}, format) => `ping ${text(name)} answers in ${format.latency(number(latencyMs))}`,
		'ping-slow': ({name, latencyMs, usualMs}, format) => `ping ${text(name)} takes ${format.latency(number(latencyMs))}${number(usualMs) > 0 ? `, usually ${format.latency(number(usualMs))}` : ''}`,
		'log-line': ({service, line, count}) => `log ${text(service)}${number(count) > 1 ? ` ×${text(count)}` : ''}: ${text(line)}`,
		says: ({name, text: words}) => `${text(name)}: ${text(words)}`,
		'disk-nearly-full': ({mount, share, availableBytes, fullInMs}, format) => `${text(mount)} ${format.percent(number(share))} used, ${format.bytes(number(availableBytes))} free${number(fullInMs) > 0 ? `, full in ~${format.span(number(fullInMs))}` : ''}`,
		'inodes-nearly-gone': ({mount, share}, format) => `${text(mount)}: ${format.percent(number(share))} of the inodes used`,
		'disk-read-only': ({mount}) => `${text(mount)} is mounted read-only`,
		'disk-holds': ({mount, services}) => `${text(mount)} holds data of ${text(services)}`,
		'memory-nearly-full': ({share}, format) => `host memory ${format.percent(number(share))} used`,
		'swap-used': ({usedBytes, totalBytes}, format) => `swap ${format.bytesPair(number(usedBytes), number(totalBytes))}`,
		'container-memory': ({service, usedBytes, limitBytes}, format) => `${text(service)} holds ${format.bytesPair(number(usedBytes), number(limitBytes))}`,
		'memory-climbs': ({service, usedBytes, limitBytes, fullInMs}, format) => `${text(service)} climbs steadily, ${format.bytesPair(number(usedBytes), number(limitBytes))}, full in ~${format.span(number(fullInMs))}`,
		'cpu-busy': ({share, process}, format) => `host CPU ${format.percent(number(share))}${after(', busiest: ', process)}`,
		'cpu-throttled': ({service, share, cores}, format) => `${text(service)} held back ${format.percent(Math.min(1, number(share)))} of the time${number(cores) > 0 ? `, limit ${format.decimal(number(cores), 2)} cores` : ''}`,
		'processes-limit': ({service, count, limit}) => `${text(service)} has ${text(count)} of ${text(limit)} processes`,
		'sessions-refused': ({detail}) => `SELECT 1 refused${after(': ', detail)}`,
		'sessions-accepted': () => 'SELECT 1 is answered',
		runs: ({service}) => `${text(service)} runs`,
		'runs-healthy': ({service}) => `${text(service)} runs, healthy for the engine`,
		'processes-stopped': ({service, count, all}) => `${text(count)} of ${text(all)} processes of ${text(service)} are stopped (state T)`,
		'processes-wait': ({service, count}) => `${text(count)} processes of ${text(service)} wait for a disk (state D)`,
		'processes-alive': ({service, count, cpu}) => `${text(count)} processes of ${text(service)} are alive${cpu === undefined || number(cpu) < 0 ? '' : `, CPU ${text(cpu)}%`}`,
		'answers-inside': ({service, latencyMs}, format) => `${text(service)} answers at its own address in ${format.latency(number(latencyMs))}`,
		'silent-inside': ({service}) => `${text(service)} does not answer at its own address either`,
		'no-network': ({service}) => `${text(service)} is on no network`,
		'not-on-network': ({service, other, network}) => `${text(service)} is not on ${text(network)}, where ${text(other)} is`,
		'no-alias': ({service, network}) => `${text(network)} does not know the name ${text(service)}`,
		'upstream-address': ({address, other, now}) => `${text(address)} is not ${text(other)} any more; it is ${text(now)}`,
		'upstream-port': ({port, other, now}) => `nothing listens at ${text(port)}; ${text(other)} listens at ${text(now)}`,
		'config-test-fails': ({detail}) => `nginx -t: ${text(detail)}`,
		'config-test-good': () => 'nginx -t is good',
		'lookup-fails': ({name}) => `inside, the name ${text(name)} is not found`,
		'lookup-finds': ({name, address}) => `inside, ${text(name)} is ${text(address)}`,
		'cache-memory': ({usedBytes, limitBytes, policy}, format) => `Redis holds ${format.bytesPair(number(usedBytes), number(limitBytes))}${after(', ', policy)}`,
		'certificate-ends': ({name, leftMs}, format) => number(leftMs) > 0 ? `certificate of ${text(name)} ends in ${format.span(number(leftMs))}` : `certificate of ${text(name)} is over`,
		'changed-commit': ({hash, subject, beforeMs}, format) => `commit ${text(hash).slice(0, 7)} deployed ${format.span(number(beforeMs))} before it failed: ${text(subject)}`,
		'changed-image': ({image, beforeMs}, format) => `image ${text(image)} built ${format.span(number(beforeMs))} before`,
		'changed-container': ({service, beforeMs}, format) => `${text(service)} recreated ${format.span(number(beforeMs))} before`,
		'changed-file': ({path, beforeMs}, format) => `${text(path)} edited ${format.span(number(beforeMs))} before`,
		'no-change': ({hours}) => `no commit in ${text(hours)} h`,
		'actions-failed': ({count, actions}) => `${text(count)} actions did not help (${text(actions)}): the runbook rolls back now`,
		'not-running': ({service}) => `${text(service)} does not run`,
		'all-answer': ({count}) => `${text(count)} pings answer`,
		'variable-unset': ({name}) => `${text(name)} is empty`,
		'expected-by-action': ({action}) => `${text(action)} runs: this was to be expected`,
		'command-is': ({image, command}) => `image ${text(image)}, command: ${text(command) || 'the image\'s own'}`,
		'port-holder': ({port, process, pid}) => `port ${text(port)} is held by ${text(process)}${number(pid) > 0 ? ` (pid ${text(pid)})` : ''}`,
		'alert-says': ({source, name, state}) => `${sourceName(text(source))}: ${text(name)} ${state === 'pending' ? 'is pending' : 'fires'}`,
		'target-error': params => `scrape: ${text(params['detail'])}${targetPoint('en', params)}`,
		'alert-blind': ({trouble, query, rule, detail}) => trouble === 'no-data' ? `${text(query)} finds no series` : (trouble === 'no-rule' ? `no alerting rule ${text(rule)}` : `rule ${text(rule)}: ${text(detail)}`),
		'health-check-lacks-program': ({command}) => `the check's program is not in the image: ${text(command)}`,
	},
	'pt-BR': {
		'engine-does-not-answer': () => 'o Docker não responde',
		'host-booted': () => 'o host iniciou',
		'no-container': ({service}) => `não existe container de ${text(service)}`,
		exited: ({service, exitCode}) => `${text(service)} saiu (${exitWords('pt-BR', exitCode)})`,
		killed: ({service}) => `${text(service)} foi morto (137); o Docker não viu OOM`,
		'oom-killed': ({service, restarts, limitBytes}, format) => `${text(service)} morto por OOM${number(restarts) > 0 ? ` ×${text(restarts)}` : ''}${number(limitBytes) > 0 ? `, limite ${format.bytes(number(limitBytes))}` : ''}`,
		'worker-oom': ({service, process, count}) => `o kernel matou ${text(process) || 'um processo'} de ${text(service)}${number(count) > 1 ? ` ×${text(count)}` : ''}`,
		paused: ({service}) => `${text(service)} está congelado; up -d não o acorda`,
		'created-not-started': ({service}) => `${text(service)} foi criado e nunca iniciado`,
		dead: ({service, state}) => `${text(service)} está ${text(state) || 'morto'}`,
		'start-refused': ({detail}) => `Docker: ${text(detail)}`,
		'restarted-often': ({service, restarts, exitCode}) => number(restarts) > 0 ? `${text(service)} reiniciou ${times('pt-BR', restarts)}, última saída ${exitWords('pt-BR', exitCode)}` : `${text(service)} caiu, saída ${exitWords('pt-BR', exitCode)}`,
		unhealthy: ({service, streak, detail}) => `health check de ${text(service)} falhou ${times('pt-BR', streak)}${after(': ', detail)}`,
		'ping-fails': params => `ping ${text(params['name'])}: ${reasonWords('pt-BR', params)}${said(params)}`,
		'ping-good': ({name, latencyMs}, format) => `ping ${text(name)} responde em ${format.latency(number(latencyMs))}`,
		'ping-slow': ({name, latencyMs, usualMs}, format) => `ping ${text(name)} leva ${format.latency(number(latencyMs))}${number(usualMs) > 0 ? `, normal é ${format.latency(number(usualMs))}` : ''}`,
		'log-line': ({service, line, count}) => `log ${text(service)}${number(count) > 1 ? ` ×${text(count)}` : ''}: ${text(line)}`,
		says: ({name, text: words}) => `${text(name)}: ${text(words)}`,
		'disk-nearly-full': ({mount, share, availableBytes, fullInMs}, format) => `${text(mount)} ${format.percent(number(share))} usado, ${format.bytes(number(availableBytes))} livres${number(fullInMs) > 0 ? `, cheio em ~${format.span(number(fullInMs))}` : ''}`,
		'inodes-nearly-gone': ({mount, share}, format) => `${text(mount)}: ${format.percent(number(share))} dos inodes usados`,
		'disk-read-only': ({mount}) => `${text(mount)} está montado somente leitura`,
		'disk-holds': ({mount, services}) => `${text(mount)} guarda dados de ${text(services)}`,
		'memory-nearly-full': ({share}, format) => `memória do host ${format.percent(number(share))} usada`,
		'swap-used': ({usedBytes, totalBytes}, format) => `swap ${format.bytesPair(number(usedBytes), number(totalBytes))}`,
		'container-memory': ({service, usedBytes, limitBytes}, format) => `${text(service)} ocupa ${format.bytesPair(number(usedBytes), number(limitBytes))}`,
		'memory-climbs': ({service, usedBytes, limitBytes, fullInMs}, format) => `${text(service)} sobe sem parar, ${format.bytesPair(number(usedBytes), number(limitBytes))}, cheio em ~${format.span(number(fullInMs))}`,
		'cpu-busy': ({share, process}, format) => `CPU do host ${format.percent(number(share))}${after(', mais ativo: ', process)}`,
		'cpu-throttled': ({service, share, cores}, format) => `${text(service)} contido ${format.percent(Math.min(1, number(share)))} do tempo${number(cores) > 0 ? `, limite ${format.decimal(number(cores), 2)} núcleos` : ''}`,
		'processes-limit': ({service, count, limit}) => `${text(service)} tem ${text(count)} de ${text(limit)} processos`,
		'sessions-refused': ({detail}) => `SELECT 1 recusado${after(': ', detail)}`,
		'sessions-accepted': () => 'SELECT 1 é respondido',
		runs: ({service}) => `${text(service)} está rodando`,
		'runs-healthy': ({service}) => `${text(service)} está rodando, saudável para o Docker`,
		'processes-stopped': ({service, count, all}) => `${text(count)} de ${text(all)} processos de ${text(service)} estão parados (estado T)`,
		'processes-wait': ({service, count}) => `${text(count)} processos de ${text(service)} esperam o disco (estado D)`,
		'processes-alive': ({service, count, cpu}) => `${text(count)} processos de ${text(service)} estão vivos${cpu === undefined || number(cpu) < 0 ? '' : `, CPU ${text(cpu)}%`}`,
		'answers-inside': ({service, latencyMs}, format) => `${text(service)} responde no próprio endereço em ${format.latency(number(latencyMs))}`,
		'silent-inside': ({service}) => `${text(service)} também não responde no próprio endereço`,
		'no-network': ({service}) => `${text(service)} não está em nenhuma rede`,
		'not-on-network': ({service, other, network}) => `${text(service)} não está em ${text(network)}, onde está ${text(other)}`,
		'no-alias': ({service, network}) => `${text(network)} não conhece o nome ${text(service)}`,
		'upstream-address': ({address, other, now}) => `${text(address)} não é mais ${text(other)}; agora é ${text(now)}`,
		'upstream-port': ({port, other, now}) => `nada escuta na ${text(port)}; ${text(other)} escuta na ${text(now)}`,
		'config-test-fails': ({detail}) => `nginx -t: ${text(detail)}`,
		'config-test-good': () => 'nginx -t está bom',
		'lookup-fails': ({name}) => `lá dentro, o nome ${text(name)} não é encontrado`,
		'lookup-finds': ({name, address}) => `lá dentro, ${text(name)} é ${text(address)}`,
		'cache-memory': ({usedBytes, limitBytes, policy}, format) => `o Redis ocupa ${format.bytesPair(number(usedBytes), number(limitBytes))}${after(', ', policy)}`,
		'certificate-ends': ({name, leftMs}, format) => number(leftMs) > 0 ? `o certificado de ${text(name)} vence em ${format.span(number(leftMs))}` : `o certificado de ${text(name)} venceu`,
		'changed-commit': ({hash, subject, beforeMs}, format) => `commit ${text(hash).slice(0, 7)} implantado ${format.span(number(beforeMs))} antes da falha: ${text(subject)}`,
		'changed-image': ({image, beforeMs}, format) => `imagem ${text(image)} construída ${format.span(number(beforeMs))} antes`,
		'changed-container': ({service, beforeMs}, format) => `${text(service)} recriado ${format.span(number(beforeMs))} antes`,
		'changed-file': ({path, beforeMs}, format) => `${text(path)} editado ${format.span(number(beforeMs))} antes`,
		'no-change': ({hours}) => `nenhum commit em ${text(hours)} h`,
		'actions-failed': ({count, actions}) => `${text(count)} ações não ajudaram (${text(actions)}): o runbook manda fazer rollback`,
		'not-running': ({service}) => `${text(service)} não está rodando`,
		'all-answer': ({count}) => `${text(count)} pings respondem`,
		'variable-unset': ({name}) => `${text(name)} está vazia`,
		'expected-by-action': ({action}) => `${text(action)} está em curso: isto era esperado`,
		'command-is': ({image, command}) => `imagem ${text(image)}, comando: ${text(command) || 'o da própria imagem'}`,
		'port-holder': ({port, process, pid}) => `a porta ${text(port)} está com ${text(process)}${number(pid) > 0 ? ` (pid ${text(pid)})` : ''}`,
		'alert-says': ({source, name, state}) => `${sourceName(text(source))}: ${text(name)} ${state === 'pending' ? 'pendente' : 'disparado'}`,
		'target-error': params => `coleta: ${text(params['detail'])}${targetPoint('pt-BR', params)}`,
		'alert-blind': ({trouble, query, rule, detail}) => trouble === 'no-data' ? `${text(query)} não acha série nenhuma` : (trouble === 'no-rule' ? `não há regra de alerta ${text(rule)}` : `regra ${text(rule)}: ${text(detail)}`),
		'health-check-lacks-program': ({command}) => `o programa do check não está na imagem: ${text(command)}`,
	},
};

/** A piece of evidence in words, without its age. */
export const evidenceSentence = (language: Language, evidence: Pick<Evidence, 'code' | 'params'>, format: Formatter): string => sentences[language][evidence.code](evidence.params, format);

/** What would confirm it, or the next check to make. */
export const confirmSentence: Area<Readonly<Record<ConfirmCode, string>>> = {
	en: {
		'read-log': 'read the last lines of its log (l)',
		'select-1': 'docker-compose exec db psql -c "SELECT 1;" with the user that the api has',
		'nginx-t': 'docker-compose exec nginx nginx -t',
		'curl-inside': 'docker-compose exec nginx curl http://api:5001/api/health',
		'inspect-network': 'docker network inspect of the project\'s network: is it on it, under its name?',
		'kernel-log': 'dmesg: who was killed, and by which limit?',
		'compare-env': 'compare .env with .env.example and with the last good deploy',
		'git-log': 'git log --oneline -5 and git status: what came last?',
		df: 'df -h and df -i: what fills it?',
		top: 'top: who takes CPU and memory?',
		'redis-info': 'docker-compose exec redis redis-cli INFO memory',
		'postgres-activity': 'SELECT state, count(*) FROM pg_stat_activity GROUP BY 1',
		'who-holds-port': 'ss -tlnp: who holds the port?',
		'alembic-current': 'docker-compose exec api flask db current, and flask db heads',
		'run-health-command': 'run the health check\'s command inside the container',
		'prometheus-target': 'Prometheus, Status → Targets: the last error of job="api"',
		dns: 'the public name: does DNS still lead to this server?',
		firewall: 'firewall and load balancer: is the port open from outside?',
		'probe-path': 'the probe\'s own path: ask from where it asks',
		'journal-docker': 'journalctl -u docker -n 50',
		openssl: 'openssl s_client -connect: which certificate is shown?',
		images: 'docker images: is the image there, for this architecture?',
		'connect-network': 'docker network connect --alias SERVICE NETWORK CONTAINER puts it back; up -d and restart do not',
	},
	'pt-BR': {
		'read-log': 'leia as últimas linhas do log (l)',
		'select-1': 'docker-compose exec db psql -c "SELECT 1;" com o usuário que a api usa',
		'nginx-t': 'docker-compose exec nginx nginx -t',
		'curl-inside': 'docker-compose exec nginx curl http://api:5001/api/health',
		'inspect-network': 'docker network inspect da rede do projeto: ele está nela, com o nome certo?',
		'kernel-log': 'dmesg: quem foi morto, e por qual limite?',
		'compare-env': 'compare o .env com o .env.example e com o último deploy bom',
		'git-log': 'git log --oneline -5 e git status: o que chegou por último?',
		df: 'df -h e df -i: o que está enchendo?',
		top: 'top: quem ocupa CPU e memória?',
		'redis-info': 'docker-compose exec redis redis-cli INFO memory',
		'postgres-activity': 'SELECT state, count(*) FROM pg_stat_activity GROUP BY 1',
		'who-holds-port': 'ss -tlnp: quem ocupa a porta?',
		'alembic-current': 'docker-compose exec api flask db current, e flask db heads',
		'run-health-command': 'rode o comando do health check dentro do container',
		'prometheus-target': 'Prometheus, Status → Targets: o último erro de job="api"',
		dns: 'o nome público: o DNS ainda leva a este servidor?',
		firewall: 'firewall e balanceador: a porta está aberta por fora?',
		'probe-path': 'o caminho da própria sonda: pergunte de onde ela pergunta',
		'journal-docker': 'journalctl -u docker -n 50',
		openssl: 'openssl s_client -connect: qual certificado é mostrado?',
		images: 'docker images: a imagem está aqui, para esta arquitetura?',
		'connect-network': 'docker network connect --alias SERVIÇO REDE CONTAINER o devolve à rede; up -d e restart não',
	},
};
