/**
What actions are called, what they do to customers and data, and what their questions are called. Shipped actions have their words here by id; any
service can be started and restarted; a runbook's card brings its own.
*/

import type {Item} from '../core/action-looks.ts';
import type {Action} from '../core/actions.ts';
import type {ImageChoice} from '../core/rollback-plans.ts';
import type {Area, Language} from './language.ts';

type Named = {readonly id: string; readonly title?: string | null};

const titles: Area<Readonly<Record<string, string>>> = {
	en: {
		'rebuild-api': 'Rebuild api', migrate: 'Run database migrations', 'backup-db': 'Back up the database', 'delete-logs': 'Delete old logs', prune: 'Free Docker space',
		'rollback-commit': 'Roll back to a commit', 'rollback-image': 'Roll api back to an image', 'rollback-back': 'Undo the rollback', 'scale-api': 'Scale api',
	},
	'pt-BR': {
		'rebuild-api': 'Refazer o build da api', migrate: 'Rodar as migrations do banco', 'backup-db': 'Fazer backup do banco', 'delete-logs': 'Apagar logs antigos', prune: 'Liberar espaço do Docker',
		'rollback-commit': 'Voltar para um commit', 'rollback-image': 'Voltar a api para uma imagem', 'rollback-back': 'Desfazer o rollback', 'scale-api': 'Escalar api',
	},
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
		'restart-redis': 'stops and starts Redis: what waits for it fails for a second or two',
		'rebuild-api': 'builds the image anew without a cache (minutes in which nothing gets better), then swaps the api; the old one runs until then',
		migrate: 'changes the database schema, in a container of its own, so that it works while the api restarts again and again',
		'backup-db': 'reads the whole database and writes a compressed file; the database goes on working, slower while it lasts',
		'delete-logs': 'deletes the files listed above; a process that still writes to one keeps its space until it is restarted',
		prune: 'removes stopped containers of other projects, images without a name and build cache, older than DAYS; nothing that runs',
		'rollback-commit': 'checks the commit out, builds, and only then swaps what changed; the database is not stopped and not rolled back',
		'rollback-image': 'gives the name of the service to the chosen image and swaps the api alone; the code on disk stays as it is',
		'rollback-back': 'the checkout and the images that were recorded before the rollback; nothing is built',
		'scale-api': 'starts or stops containers of the api until there are as many; those that run are not recreated',
	},
	'pt-BR': {
		'start-api': 'inicia a api, e aquilo de que ela depende se estiver parado; não mexe em dados',
		'restart-api': 'para e inicia a api: requisições em andamento falham; não mexe em dados',
		'restart-nginx': 'para e inicia o nginx: todas as conexões caem por cerca de um segundo; não mexe em dados',
		'restart-redis': 'para e inicia o Redis: o que espera por ele falha por um ou dois segundos',
		'rebuild-api': 'refaz a imagem sem cache (minutos em que nada melhora) e depois troca a api; a antiga roda até lá',
		migrate: 'muda o esquema do banco, num container próprio, para funcionar mesmo com a api reiniciando sem parar',
		'backup-db': 'lê o banco inteiro e grava um arquivo comprimido; o banco segue funcionando, mais lento enquanto dura',
		'delete-logs': 'apaga os arquivos listados acima; um processo que ainda escreve num deles segura o espaço até ser reiniciado',
		prune: 'remove containers parados de outros projetos, imagens sem nome e cache de build, mais antigos que DAYS; nada do que roda',
		'rollback-commit': 'coloca o commit no diretório, faz o build e só então troca o que mudou; o banco não para nem volta',
		'rollback-image': 'dá o nome do serviço à imagem escolhida e troca só a api; o código em disco fica como está',
		'rollback-back': 'o diretório e as imagens registrados antes do rollback; nada é refeito',
		'scale-api': 'inicia ou para containers da api até haver tantos; os que rodam não são recriados',
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

const lost: Area<Readonly<Record<string, string>>> = {
	en: {
		'start-api': 'nothing', 'restart-api': 'requests under way', 'restart-nginx': 'connections under way', 'restart-redis': 'what Redis holds and has not saved', 'rebuild-api': 'requests under way at the swap; the log of the old container (its end is kept)',
		migrate: 'depends on the migration: look at it before', 'backup-db': 'nothing', 'delete-logs': 'the files listed, for good', prune: 'what is listed, for good',
		'rollback-commit': 'what the newer commits brought; the logs of the swapped containers (their end is kept)', 'rollback-image': 'what the newer image brought; the log of the old container (its end is kept)',
		'rollback-back': 'the log of the swapped containers (its end is kept)', 'scale-api': 'requests under way in containers that stop',
	},
	'pt-BR': {
		'start-api': 'nada', 'restart-api': 'requisições em andamento', 'restart-nginx': 'conexões em andamento', 'restart-redis': 'o que o Redis tem e ainda não salvou', 'rebuild-api': 'requisições em andamento na troca; o log do container antigo (o fim é guardado)',
		migrate: 'depende da migration: olhe antes', 'backup-db': 'nada', 'delete-logs': 'os arquivos listados, de vez', prune: 'o que está listado, de vez',
		'rollback-commit': 'o que os commits novos trouxeram; os logs dos containers trocados (o fim é guardado)', 'rollback-image': 'o que a imagem nova trouxe; o log do container antigo (o fim é guardado)',
		'rollback-back': 'o log dos containers trocados (o fim é guardado)', 'scale-api': 'requisições em andamento nos containers que param',
	},
};

const undo: Area<Readonly<Record<string, string>>> = {
	en: {
		'start-api': 'stop it again', 'restart-api': 'not needed', 'restart-nginx': 'not needed', 'restart-redis': 'none for what was not saved', 'rebuild-api': 'the image before it stays: I rolls back to it',
		migrate: 'not by the console: a backup, or flask db downgrade by hand', 'backup-db': 'delete the file', 'delete-logs': 'none', prune: 'none: images must be pulled or built again',
		'rollback-commit': 'Z goes back to the state recorded now', 'rollback-image': 'Z goes back to the state recorded now', 'rollback-back': 'roll back again', 'scale-api': 'scale it back',
	},
	'pt-BR': {
		'start-api': 'parar de novo', 'restart-api': 'não precisa', 'restart-nginx': 'não precisa', 'restart-redis': 'não há, para o que não foi salvo', 'rebuild-api': 'a imagem anterior fica: I volta para ela',
		migrate: 'não pelo console: um backup, ou flask db downgrade à mão', 'backup-db': 'apagar o arquivo', 'delete-logs': 'não há', prune: 'não há: imagens teriam de ser baixadas ou refeitas',
		'rollback-commit': 'Z volta ao estado registrado agora', 'rollback-image': 'Z volta ao estado registrado agora', 'rollback-back': 'fazer o rollback de novo', 'scale-api': 'escalar de volta',
	},
};

const own = (words: Readonly<Record<string, string>>, id: string): string | null => Object.hasOwn(words, id) ? words[id]! : null;

/** What is lost by the action; null where nothing is known of it. */
export const actionLost = (language: Language, id: string): string | null => own(lost[language], id);

/** Whether and how it can be undone; null where nothing is known of it. */
export const actionUndo = (language: Language, id: string): string | null => own(undo[language], id);

const questionNames: Area<Readonly<Record<string, string>>> = {
	en: {
		COMMIT: 'the commit', IMAGE: 'the image', BACKUP_FIRST: 'back up the database first: yes or no', BACKUP_DIRECTORY: 'where backups go', DIRECTORY: 'below this directory', NAME: 'files named so', DAYS: 'older than so many days',
		REPLICAS: 'how many containers',
	},
	'pt-BR': {
		COMMIT: 'o commit', IMAGE: 'a imagem', BACKUP_FIRST: 'backup do banco antes: yes ou no', BACKUP_DIRECTORY: 'onde ficam os backups', DIRECTORY: 'abaixo deste diretório', NAME: 'arquivos com este nome', DAYS: 'com mais de tantos dias',
		REPLICAS: 'quantos containers',
	},
};

/** What a card's question is called. */
export const questionName = (language: Language, name: string, label: string | null = null): string =>
	label !== null && label !== '' ? label : (Object.hasOwn(questionNames[language], name) ? questionNames[language][name]! : name);

/** How starting and restarting any service is called in the palette. */
export const serviceActionNames: Area<Readonly<Record<'start' | 'restart', string>>> = {
	en: {start: 'start {service} (card)', restart: 'restart {service} (card)'},
	'pt-BR': {start: 'iniciar {service} (cartão)', restart: 'reiniciar {service} (cartão)'},
};

/** What kind of thing a card lists; empty where its name says it. */
export const itemKinds: Area<Readonly<Record<Item['kind'], string>>> = {
	en: {file: '', container: 'container', image: 'image', cache: 'build cache', backup: ''},
	'pt-BR': {file: '', container: 'container', image: 'imagem', cache: 'cache de build', backup: ''},
};

/** How it is known that an image belongs to a service. */
export const imageOrigins: Area<Readonly<Record<ImageChoice['origin'], string>>> = {
	en: {recorded: 'ran here before', named: 'has the name of the service', unnamed: 'no name any more; perhaps an earlier build', other: ''},
	'pt-BR': {recorded: 'já rodou aqui', named: 'tem o nome do serviço', unnamed: 'sem nome; talvez um build anterior', other: ''},
};
