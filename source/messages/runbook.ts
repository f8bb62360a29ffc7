/**
The words of the runbook: its pages, its reader, the live answers to its conditions, and what is wrong with it. The page's own sentences stay in the
language that its team wrote.
*/

import type {RunbookProblem, RunbookProblemCode} from '../core/runbook.ts';
import type {ConditionAnswer} from '../core/runbook/conditions.ts';
import type {ConditionKind} from '../core/runbook/words.ts';
import {makeSafe} from '../core/text.ts';
import type {Formatter} from './format.ts';
import {commandNames} from './keys.ts';
import {defineArea, type Area, type Language} from './language.ts';

export const runbookWords = defineArea({
	runbook: 'Runbook',
	rollback: 'Rollback',
	scenario: (number: number) => `Scenario ${number}`,
	pageOf: (at: number, count: number) => `page ${at} of ${count}`,
	noCards: 'No command stands under this heading.',
	lookFor: 'Look for:',
	problem: 'problem',

	paneContainers: 'pane: containers',
	paneLog: (service: string) => `log of ${service}`,
	paneLogAll: 'log of all',
	paneHost: 'pane: host',
	paneHealth: 'pane: health',
	paneHere: 'you are there',
	reads: 'reads',
	changes: 'changes',
	destructive: 'DESTRUCTIVE',
	waits: (span: string) => `waits ${span}`,
	verifies: 'by itself after every change',
	waitsNote: 'no need to wait: the check asks until it is green',
	alternativeTo: (letter: string) => `instead of ${letter}`,
	asks: (names: string) => `asks for ${names}`,
	conditionHolds: (fact: string) => fact === '' ? 'holds now' : `holds now: ${fact}`,
	conditionNot: (fact: string) => fact === '' ? 'does not hold' : `does not hold: ${fact}`,
	conditionUnknown: (how: string) => how === '' ? 'the console cannot tell' : `the console cannot tell: ${how}`,

	memory: (share: string) => `memory ${share}`,
	cpu: (share: string) => `CPU ${share}`,
	disk: (mount: string, share: string) => `disk ${mount} ${share}`,
	pingsFail: (names: string, count: number) => `${names} ${count === 1 ? 'fails' : 'fail'}`,
	pingsGood: (names: string, count: number) => `${names} ${count === 1 ? 'answers' : 'answer'}`,
	service: (service: string, state: string) => `${service} ${state}`,
	accepts: 'the database takes queries',
	refuses: 'the database refuses',
	logSays: 'the log says so',

	updated: (day: string, age: string) => `updated ${day}, ${age} ago`,
	updatedUnknown: 'does not say when it was updated',
	months: (count: number) => `${count} months`,
	version: (version: string) => `version ${version}`,
	owner: (name: string) => name,
	shipped: 'the edition that ships with the console',
	frozen: 'as it stood when the incident opened',
	problems: (count: number) => count === 1 ? '1 problem' : `${count} problems`,
	problemsHint: 'all: mdc-console runbook check',
	keyOpen: 'open card',
	keyNextCard: 'next card',
	keyPages: 'other pages',
	keyRead: 'read',
	keySearch: 'search',
	keyOther: 'other runbook',

	// command line
	noProblems: (file: string) => `${file}: no problems.`,
	suggestion: (text: string) => `write: ${text}`,
	note: 'note',
	warning: 'warning',
	shippedName: 'shipped',
	severity: 'Severity',
	condition: 'Condition',
	duration: 'Opens after',
	team: 'Team',
	escalation: 'Escalation after',
	contacts: 'Contacts',
	notCallable: 'a placeholder, not callable',
	age: 'Updated',
	cardsCount: (count: number) => count === 1 ? '1 card' : `${count} cards`,
	inUse: 'in use',
	noFile: (path: string) => `There is no runbook at ${path}.`,
}, {
	runbook: 'Runbook',
	rollback: 'Rollback',
	scenario: number => `Cenário ${number}`,
	pageOf: (at, count) => `página ${at} de ${count}`,
	noCards: 'Não há comando sob este título.',
	lookFor: 'O que procurar:',
	problem: 'problema',

	paneContainers: 'painel: containers',
	paneLog: service => `log de ${service}`,
	paneLogAll: 'log de todos',
	paneHost: 'painel: servidor',
	paneHealth: 'painel: saúde',
	paneHere: 'você já está lá',
	reads: 'só lê',
	changes: 'muda',
	destructive: 'DESTRUTIVO',
	waits: span => `espera ${span}`,
	verifies: 'sozinho depois de toda mudança',
	waitsNote: 'não precisa esperar: a verificação pergunta até ficar verde',
	alternativeTo: letter => `em vez de ${letter}`,
	asks: names => `pergunta: ${names}`,
	conditionHolds: fact => fact === '' ? 'vale agora' : `vale agora: ${fact}`,
	conditionNot: fact => fact === '' ? 'não vale' : `não vale: ${fact}`,
	conditionUnknown: how => how === '' ? 'o console não sabe dizer' : `o console não sabe dizer: ${how}`,

	memory: share => `memória ${share}`,
	cpu: share => `CPU ${share}`,
	disk: (mount, share) => `disco ${mount} ${share}`,
	pingsFail: (names, count) => `${names} ${count === 1 ? 'falha' : 'falham'}`,
	pingsGood: (names, count) => `${names} ${count === 1 ? 'responde' : 'respondem'}`,
	service: (service, state) => `${service} ${state}`,
	accepts: 'o banco aceita consultas',
	refuses: 'o banco recusa',
	logSays: 'o log diz isso',

	updated: (day, age) => `atualizado em ${day}, há ${age}`,
	updatedUnknown: 'não diz quando foi atualizado',
	months: count => `${count} meses`,
	version: version => `versão ${version}`,
	owner: name => name,
	shipped: 'a edição que vem com o console',
	frozen: 'como estava quando o incidente abriu',
	problems: count => count === 1 ? '1 problema' : `${count} problemas`,
	problemsHint: 'todos: mdc-console runbook check',
	keyOpen: 'abrir cartão',
	keyNextCard: 'próximo cartão',
	keyPages: 'outras páginas',
	keyRead: 'ler',
	keySearch: 'buscar',
	keyOther: 'outro runbook',

	noProblems: file => `${file}: nenhum problema.`,
	suggestion: text => `escreva: ${text}`,
	note: 'nota',
	warning: 'aviso',
	shippedName: 'embutido',
	severity: 'Severidade',
	condition: 'Condição',
	duration: 'Abre após',
	team: 'Equipe',
	escalation: 'Escalonamento após',
	contacts: 'Contatos',
	notCallable: 'número de exemplo, ninguém atende',
	age: 'Atualizado',
	cardsCount: count => count === 1 ? '1 cartão' : `${count} cartões`,
	inUse: 'em uso',
	noFile: path => `Não há runbook em ${path}.`,
});

export type RunbookWords = (typeof runbookWords)[Language];

/** The engine's states of a container as what is said of it. */
export const containerStates: Area<Readonly<Record<string, string>>> = {
	en: {running: 'is running', exited: 'has exited', paused: 'is paused', restarting: 'is restarting', created: 'was never started', dead: 'is dead', removing: 'is being removed', missing: 'has no container'},
	'pt-BR': {running: 'está rodando', exited: 'saiu', paused: 'está pausado', restarting: 'está reiniciando', created: 'nunca iniciou', dead: 'está morto', removing: 'está sendo removido', missing: 'não tem container'},
};

/** The fact behind a live answer: `memory 47%`. Empty where there is none. */
export const factWords = (language: Language, {fact}: ConditionAnswer, format: Formatter): string => {
	const say = runbookWords[language];
	switch (fact?.code) {
		case undefined: {
			return '';
		}

		case 'memory': {
			return say.memory(format.percent(fact.share));
		}

		case 'cpu': {
			return say.cpu(format.percent(fact.share));
		}

		case 'disk': {
			return say.disk(makeSafe(fact.mount), format.percent(fact.share));
		}

		case 'pings-fail': {
			return say.pingsFail(makeSafe(fact.names.join(', ')), fact.names.length);
		}

		case 'pings-good': {
			return say.pingsGood(makeSafe(fact.names.join(', ')), fact.names.length);
		}

		case 'service': {
			return say.service(makeSafe(fact.service), containerStates[language][fact.state] ?? makeSafe(fact.state));
		}

		case 'database': {
			return fact.accepts ? say.accepts : say.refuses;
		}

		case 'finding': {
			return say.logSays;
		}
	}
};

const dayMs = 86_400_000;

/** How old a page is: days, from two months on months. */
export const ageWords = (language: Language, ageMs: number, format: Formatter): string => {
	const days = Math.max(1, Math.floor(ageMs / dayMs));
	return days < 60 ? format.span(days * dayMs) : runbookWords[language].months(Math.floor(days / 30.4));
};

/** A live answer in words. */
export const answerWords = (language: Language, answer: ConditionAnswer, format: Formatter, kind?: ConditionKind): string => {
	const say = runbookWords[language];
	const fact = factWords(language, answer, format);
	return answer.holds === null ? say.conditionUnknown(kind === undefined ? '' : waysToTell[language][kind]) : (answer.holds ? say.conditionHolds(fact) : say.conditionNot(fact));
};

/** How else to find out what the console cannot tell. */
const waysToTell: Area<Readonly<Record<ConditionKind, string>>> = {
	en: {
		'low-memory': 'the host has not been read yet; free -h says it',
		'disk-full': 'the disks have not been read yet; df -h says it',
		'high-cpu': 'the host has not been read yet; top says it',
		'no-answer': 'nothing has been asked yet',
		migrations: 'a missing table or column would stand in the log of the api or of the database',
		dependencies: 'a missing module would stand in the log, at the api\'s last start',
		database: 'no query has been answered yet; SELECT 1 tells',
		redis: 'Redis has not been asked yet; redis-cli ping tells',
		'container-paused': 'it runs and does not answer; docker ps says paused, ps says T when a signal stopped it',
		'container-stopped': 'the engine has not said yet',
		'no-return': 'nothing has been asked yet',
		other: '',
	},
	'pt-BR': {
		'low-memory': 'o servidor ainda não foi lido; free -h diz',
		'disk-full': 'os discos ainda não foram lidos; df -h diz',
		'high-cpu': 'o servidor ainda não foi lido; top diz',
		'no-answer': 'nada foi consultado ainda',
		migrations: 'uma tabela ou coluna que falta estaria no log da api ou do banco',
		dependencies: 'um módulo que falta estaria no log, na última partida da api',
		database: 'nenhuma consulta foi respondida ainda; SELECT 1 diz',
		redis: 'o Redis ainda não foi consultado; redis-cli ping diz',
		'container-paused': 'está rodando e não responde; docker ps diz paused, ps diz T quando um sinal o parou',
		'container-stopped': 'o Docker ainda não disse',
		'no-return': 'nada foi consultado ainda',
		other: '',
	},
};

type Params = RunbookProblem['params'];
const text = (value: string | number | undefined): string => makeSafe(String(value ?? ''));

/** A command of the console by its name, another card by its title. */
const ownerWords = (language: Language, owner: string | number | undefined): string => {
	const names: Readonly<Record<string, string>> = commandNames(language);
	return Object.hasOwn(names, String(owner)) ? names[String(owner)]! : text(owner);
};

const problemSentences: Area<Readonly<Record<RunbookProblemCode, (params: Params) => string>>> = {
	en: {
		missing: () => 'there is no such file.',
		unreadable: ({error}) => `it cannot be read (${text(error)}).`,
		'not-a-file': () => 'this is no regular file.',
		'too-large': ({bytes, limitBytes}) => `${text(bytes)} bytes are more than the ${text(limitBytes)} that are read: no page that a person reads is that long.`,
		binary: () => 'this is binary, not Markdown.',
		'not-utf8': () => 'the text is not UTF-8.',
		'timed-out': ({seconds}) => `the disk did not answer within ${text(seconds)} s.`,
		'byte-order-mark': () => 'the file begins with a byte order mark; it is ignored.',
		'carriage-return': () => 'the lines end as on Windows (CR LF); the CR is ignored.',
		'line-too-long': () => 'the line is cut here: longer than 4,000 characters.',
		'too-deep': () => 'lists or quotes are nested too deep to mean anything; shown as text.',
		empty: () => 'there is nothing in it.',
		'front-matter': ({detail}) => `the front matter cannot be read: ${text(detail)}. The page is read without it.`,
		'unknown-front-matter': ({name}) => `nothing is known about “${text(name)}” in the front matter.`,
		'unclosed-fence': () => 'this fence is never closed: everything below it is taken for commands.',
		'unknown-attribute': ({name}) => `there is no attribute “${text(name)}”.`,
		'attribute-value': ({name, value, expected}) => `“${text(value)}” does not fit ${text(name)}; expected: ${text(expected)}.`,
		'attribute-syntax': ({found}) => `“${text(found)}” is no attribute: they are written {name=value}.`,
		'hidden-characters': ({code}) => `there is an invisible character (${text(code)}) in this command; it cannot be run.`,
		'key-clash': ({key, other}) => `the key ${text(key)} belongs to “${ownerWords('en', other)}” already; this card is reached by its letter.`,
		'id-clash': ({id}) => `the id “${text(id)}” is taken already.`,
		'scenario-clash': ({number}) => `there are two scenarios ${text(number)}; they share a page.`,
		'scenario-range': ({number}) => `scenario ${text(number)} has no digit to open it (1 to 9); it is reached through its neighbours and by name.`,
		'empty-scenario': ({title}) => `“${text(title)}” has no command under it.`,
		'no-scenario': () => 'no heading is a scenario, a resolution or a rollback: no digit opens anything.',
		'no-card': () => 'no commands were found under a heading such as Diagnosis, Resolution, Scenario 1, Rollback.',
		'risk-too-low': ({stated, judged}) => `the attribute says risk=${text(stated)}, but its commands look like ${text(judged)}.`,
		'placeholder-number': ({role, reach}) => `${text(reach)} (${text(role)}) is a placeholder: nobody can be called there.`,
		'trap-down-service': ({service}) => `“down ${text(service)}” restarts nothing: Compose v1 prints its help, v2 removes the container.`,
		'trap-prune': () => '“system prune -a” also takes stopped containers with their logs, and the image that a rollback would need.',
		'trap-environment': () => 'leaving out PASSWORD still prints DATABASE_URL, SECRET_KEY and tokens: ask for the names only.',
		'trap-exec-terminal': ({service}) => `“exec” cannot enter ${text(service)} while it restarts, and without a terminal it needs -T.`,
		'trap-down-before-build': () => '“down” before the build: if the build fails nothing runs any more, the database included. Build first.',
	},
	'pt-BR': {
		missing: () => 'este arquivo não existe.',
		unreadable: ({error}) => `não dá para ler (${text(error)}).`,
		'not-a-file': () => 'não é um arquivo comum.',
		'too-large': ({bytes, limitBytes}) => `${text(bytes)} bytes são mais que os ${text(limitBytes)} que são lidos: nenhuma página para pessoas é tão longa.`,
		binary: () => 'isto é binário, não Markdown.',
		'not-utf8': () => 'o texto não está em UTF-8.',
		'timed-out': ({seconds}) => `o disco não respondeu em ${text(seconds)} s.`,
		'byte-order-mark': () => 'o arquivo começa com uma marca de ordem de bytes (BOM); ela é ignorada.',
		'carriage-return': () => 'as linhas terminam como no Windows (CR LF); o CR é ignorado.',
		'line-too-long': () => 'a linha foi cortada aqui: mais de 4.000 caracteres.',
		'too-deep': () => 'listas ou citações aninhadas fundo demais para dizer algo; mostradas como texto.',
		empty: () => 'não há nada nele.',
		'front-matter': ({detail}) => `não dá para ler o front matter: ${text(detail)}. A página foi lida sem ele.`,
		'unknown-front-matter': ({name}) => `nada se sabe sobre “${text(name)}” no front matter.`,
		'unclosed-fence': () => 'este bloco nunca é fechado: tudo abaixo é tomado como comando.',
		'unknown-attribute': ({name}) => `não existe o atributo “${text(name)}”.`,
		'attribute-value': ({name, value, expected}) => `“${text(value)}” não serve para ${text(name)}; esperado: ${text(expected)}.`,
		'attribute-syntax': ({found}) => `“${text(found)}” não é um atributo: escreve-se {nome=valor}.`,
		'hidden-characters': ({code}) => `há um caractere invisível (${text(code)}) neste comando; ele não pode ser executado.`,
		'key-clash': ({key, other}) => `a tecla ${text(key)} já é de “${ownerWords('pt-BR', other)}”; este cartão abre pela letra dele.`,
		'id-clash': ({id}) => `o id “${text(id)}” já está em uso.`,
		'scenario-clash': ({number}) => `há dois cenários ${text(number)}; eles dividem uma página.`,
		'scenario-range': ({number}) => `o cenário ${text(number)} não tem dígito que o abra (1 a 9); chega-se a ele pelas páginas vizinhas e pelo nome.`,
		'empty-scenario': ({title}) => `“${text(title)}” não tem nenhum comando.`,
		'no-scenario': () => 'nenhum título é cenário, resolução ou rollback: nenhum dígito abre nada.',
		'no-card': () => 'nenhum comando sob um título como Diagnóstico, Resolução, Cenário 1, Rollback.',
		'risk-too-low': ({stated, judged}) => `o atributo diz risk=${text(stated)}, mas os comandos parecem ${text(judged)}.`,
		'placeholder-number': ({role, reach}) => `${text(reach)} (${text(role)}) é um número de exemplo: ninguém atende.`,
		'trap-down-service': ({service}) => `“down ${text(service)}” não reinicia nada: o Compose v1 mostra a ajuda, o v2 remove o container.`,
		'trap-prune': () => '“system prune -a” leva também os containers parados com seus logs, e a imagem de que um rollback precisaria.',
		'trap-environment': () => 'tirar PASSWORD ainda mostra DATABASE_URL, SECRET_KEY e tokens: peça só os nomes.',
		'trap-exec-terminal': ({service}) => `“exec” não entra em ${text(service)} enquanto ele reinicia, e sem terminal precisa de -T.`,
		'trap-down-before-build': () => '“down” antes do build: se o build falhar, nada mais roda, nem o banco. Construa primeiro.',
	},
};

/** A problem as a sentence. */
export const problemSentence = (language: Language, problem: RunbookProblem): string => problemSentences[language][problem.code](problem.params);
