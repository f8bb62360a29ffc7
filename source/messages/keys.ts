/**
The commands' names (palette, help), their short words (footer), and how keys are called. Complete for every command by the compiler.
*/

import type {CheckCommand, CheckId} from '../core/checks.ts';
import type {CommandId} from '../core/keys.ts';
import {checkWords} from './checks.ts';
import type {Area, Language} from './language.ts';

type Words = {readonly name: string; readonly short: string};

/** The checks are called in the palette as their views are. */
const checksIn = (language: Language): Readonly<Record<CheckCommand, Words>> =>
	Object.fromEntries(Object.entries(checkWords(language).titles).map(([id, name]) => [`check-${id}`, {name, short: checkWords(language).shorts[id as CheckId]}])) as Record<CheckCommand, Words>;

const commands: Area<Readonly<Record<CommandId, Words>>> = {
	en: {
		help: {name: 'help', short: 'help'},
		back: {name: 'back; on the main screen quit', short: 'quit'},
		close: {name: 'close, clear search and filters', short: 'close'},
		quit: {name: 'quit, after asking', short: 'quit'},
		palette: {name: 'every command by name', short: 'palette'},
		'focus-next': {name: 'next pane', short: 'pane'},
		'focus-previous': {name: 'previous pane', short: 'pane'},
		enlarge: {name: 'enlarge the pane, or back', short: 'enlarge'},
		open: {name: 'open the selected thing', short: 'open'},
		copy: {name: 'copy the log lines or the command shown', short: 'copy'},
		project: {name: 'choose the project', short: 'project'},
		changes: {name: 'what changed in the last day', short: 'changes'},
		shell: {name: 'shell in the selected container; from the host pane, on the host', short: 'shell'},
		up: {name: 'up', short: 'up'},
		down: {name: 'down', short: 'down'},
		left: {name: 'log: 20 columns left', short: 'left'},
		right: {name: 'log: 20 columns right', short: 'right'},
		'page-up': {name: 'page up', short: 'page up'},
		'page-down': {name: 'page down', short: 'page down'},
		'half-page-up': {name: 'half a page up', short: '½ up'},
		'half-page-down': {name: 'half a page down', short: '½ down'},
		top: {name: 'to the beginning', short: 'top'},
		bottom: {name: 'to the end', short: 'end'},
		search: {name: 'log: search', short: 'search'},
		'search-next': {name: 'log: next match', short: 'next'},
		'search-previous': {name: 'log: previous match', short: 'previous'},
		filter: {name: 'log: keep matching lines; ! hides them', short: 'filter'},
		'error-next': {name: 'log: next error line', short: 'next error'},
		'error-previous': {name: 'log: previous error line', short: 'error'},
		follow: {name: 'log: follow, or stop here', short: 'follow'},
		wrap: {name: 'log: wrap long lines', short: 'wrap'},
		timestamps: {name: 'log: time stamps', short: 'times'},
		since: {name: 'log: since 1 h, 5 min, all', short: 'since'},
		'log-service': {name: 'log: of the selected service, or all', short: 'one/all'},
		incident: {name: 'incident: clocks and timeline', short: 'incident'},
		acknowledge: {name: 'incident: acknowledge', short: 'acknowledge'},
		note: {name: 'incident: note', short: 'note'},
		escalate: {name: 'incident: escalate, contacts', short: 'escalate'},
		duties: {name: 'incident: duties after it (post-incident)', short: 'post-incident'},
		runbook: {name: 'read the runbook', short: 'runbook'},
		'action-start-api': {name: 'start api (card)', short: 'start api'},
		'action-restart-api': {name: 'restart api (card)', short: 'restart api'},
		'action-restart-nginx': {name: 'restart nginx (card)', short: 'restart nginx'},
		'action-restart-redis': {name: 'restart redis (card)', short: 'restart redis'},
		'action-rebuild-api': {name: 'rebuild api without cache (card)', short: 'rebuild api'},
		'action-migrate': {name: 'run database migrations (card)', short: 'migrate'},
		'action-backup-db': {name: 'back up the database (card)', short: 'back up'},
		'action-delete-logs': {name: 'delete old logs (card)', short: 'delete logs'},
		'action-prune': {name: 'prune: free Docker space (card)', short: 'prune'},
		'action-rollback-commit': {name: 'roll back to a commit (list, card)', short: 'roll back'},
		'action-rollback-image': {name: 'roll api back to an image (list, card)', short: 'image'},
		'action-rollback-back': {name: 'undo the rollback (card)', short: 'undo rollback'},
		'action-scale-api': {name: 'scale api (card)', short: 'scale api'},
		...checksIn('en'),
	},
	'pt-BR': {
		help: {name: 'ajuda', short: 'ajuda'},
		back: {name: 'voltar; na tela principal, sair', short: 'sair'},
		close: {name: 'fechar, limpar busca e filtros', short: 'fechar'},
		quit: {name: 'sair, com pergunta', short: 'sair'},
		palette: {name: 'todos os comandos pelo nome', short: 'comandos'},
		'focus-next': {name: 'próximo painel', short: 'painel'},
		'focus-previous': {name: 'painel anterior', short: 'painel'},
		enlarge: {name: 'ampliar o painel, ou voltar', short: 'ampliar'},
		open: {name: 'abrir o que está selecionado', short: 'abrir'},
		copy: {name: 'copiar as linhas do log ou o comando', short: 'copiar'},
		project: {name: 'escolher o projeto', short: 'projeto'},
		changes: {name: 'o que mudou no último dia', short: 'mudanças'},
		shell: {name: 'shell no container selecionado; no painel do host, no host', short: 'shell'},
		up: {name: 'para cima', short: 'cima'},
		down: {name: 'para baixo', short: 'baixo'},
		left: {name: 'log: 20 colunas à esquerda', short: 'esquerda'},
		right: {name: 'log: 20 colunas à direita', short: 'direita'},
		'page-up': {name: 'página acima', short: 'pág. acima'},
		'page-down': {name: 'página abaixo', short: 'pág. abaixo'},
		'half-page-up': {name: 'meia página acima', short: '½ acima'},
		'half-page-down': {name: 'meia página abaixo', short: '½ abaixo'},
		top: {name: 'para o início', short: 'início'},
		bottom: {name: 'para o fim', short: 'fim'},
		search: {name: 'log: buscar', short: 'buscar'},
		'search-next': {name: 'log: próxima ocorrência', short: 'próxima'},
		'search-previous': {name: 'log: ocorrência anterior', short: 'anterior'},
		filter: {name: 'log: só linhas que casam; ! oculta', short: 'filtrar'},
		'error-next': {name: 'log: próxima linha de erro', short: 'próx. erro'},
		'error-previous': {name: 'log: linha de erro anterior', short: 'erro'},
		follow: {name: 'log: acompanhar, ou parar aqui', short: 'ao vivo'},
		wrap: {name: 'log: quebrar linhas longas', short: 'quebrar'},
		timestamps: {name: 'log: horários', short: 'horários'},
		since: {name: 'log: desde 1 h, 5 min, tudo', short: 'desde'},
		'log-service': {name: 'log: do serviço selecionado, ou de todos', short: 'um/todos'},
		incident: {name: 'incidente: relógios e linha do tempo', short: 'incidente'},
		acknowledge: {name: 'incidente: assumir', short: 'assumir'},
		note: {name: 'incidente: anotar', short: 'anotar'},
		escalate: {name: 'incidente: escalar, contatos', short: 'escalar'},
		duties: {name: 'incidente: pendências depois dele (pós-incidente)', short: 'pendências'},
		runbook: {name: 'ler o runbook', short: 'runbook'},
		'action-start-api': {name: 'iniciar api (cartão)', short: 'iniciar api'},
		'action-restart-api': {name: 'reiniciar api (cartão)', short: 'reiniciar api'},
		'action-restart-nginx': {name: 'reiniciar nginx (cartão)', short: 'reiniciar nginx'},
		'action-restart-redis': {name: 'reiniciar redis (cartão)', short: 'reiniciar redis'},
		'action-rebuild-api': {name: 'refazer o build da api sem cache (cartão)', short: 'build da api'},
		'action-migrate': {name: 'rodar as migrations do banco (cartão)', short: 'migrations'},
		'action-backup-db': {name: 'fazer backup do banco (cartão)', short: 'backup'},
		'action-delete-logs': {name: 'apagar logs antigos (cartão)', short: 'apagar logs'},
		'action-prune': {name: 'prune: liberar espaço do Docker (cartão)', short: 'prune'},
		'action-rollback-commit': {name: 'rollback para um commit (lista, cartão)', short: 'rollback'},
		'action-rollback-image': {name: 'voltar a api para uma imagem (lista, cartão)', short: 'imagem'},
		'action-rollback-back': {name: 'desfazer o rollback (cartão)', short: 'desfazer'},
		'action-scale-api': {name: 'escalar api (cartão)', short: 'escalar api'},
		...checksIn('pt-BR'),
	},
};

/** What a command is called in full: in the help and the palette. */
export const commandName = (language: Language, command: CommandId): string => commands[language][command].name;

/** What a command is called in the footer. */
export const commandShort = (language: Language, command: CommandId): string => commands[language][command].short;

/** Commands that make no sense to choose from a list: moving, closing, the list itself. */
const unlisted: ReadonlySet<CommandId> = new Set(['palette', 'close', 'up', 'down', 'left', 'right', 'page-up', 'page-down', 'half-page-up', 'half-page-down', 'back']);

/** The names that the palette searches, in a language. */
export const commandNames = (language: Language): Readonly<Partial<Record<CommandId, string>>> =>
	Object.fromEntries((Object.entries(commands[language]) as ReadonlyArray<[CommandId, Words]>).filter(([command]) => !unlisted.has(command)).map(([command, {name}]) => [command, name]));

const keyNames: Area<Readonly<Record<string, string>>> = {
	en: {tab: 'Tab', 'shift-tab': 'Shift-Tab', enter: 'Enter', escape: 'Esc', up: '↑', down: '↓', left: '←', right: '→', 'page-up': 'PgUp', 'page-down': 'PgDn', home: 'Home', end: 'End', backspace: 'Backspace', delete: 'Del', ' ': 'Space'},
	'pt-BR': {tab: 'Tab', 'shift-tab': 'Shift-Tab', enter: 'Enter', escape: 'Esc', up: '↑', down: '↓', left: '←', right: '→', 'page-up': 'PgUp', 'page-down': 'PgDn', home: 'Home', end: 'End', backspace: 'Backspace', delete: 'Del', ' ': 'Espaço'},
};

/** A key as the reader calls it: `Tab`, `Ctrl-U`, `G`. */
export const keyName = (language: Language, key: string): string =>
	keyNames[language][key] ?? (key.startsWith('ctrl-') ? `Ctrl-${key.slice(5).toUpperCase()}` : key);
