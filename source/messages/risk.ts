/**
Why a command is no mere look, in words: for cards and for `runbook check`.
*/

import type {ReasonCode, Risk} from '../core/risk.ts';
import {makeSafe, type SafeText} from '../core/text.ts';
import type {Area, Language} from './language.ts';

const reasons: Area<Readonly<Record<ReasonCode, string>>> = {
	en: {
		deletes: 'deletes something',
		overwrites: 'overwrites files',
		'takes-down': 'takes something down',
		'rewrites-checkout': 'rewrites the checkout',
		kills: 'kills processes',
		formats: 'formats or repartitions a disk',
		'drops-data': 'may lose data of a database',
		'runs-text': 'runs text that is not known here',
		'replaces-program': 'changes which program a name stands for',
		'unknown-program': 'it is not known what this program does',
		'unknown-words': 'it is not known what these words make of it',
		unreadable: 'cannot be read as a shell would read it',
		'hidden-characters': 'holds characters that do not show',
		changes: 'changes something',
		starts: 'starts or restarts something',
		writes: 'writes files',
		sends: 'sends something elsewhere',
	},
	'pt-BR': {
		deletes: 'apaga alguma coisa',
		overwrites: 'sobrescreve arquivos',
		'takes-down': 'derruba alguma coisa',
		'rewrites-checkout': 'reescreve o checkout',
		kills: 'mata processos',
		formats: 'formata ou reparticiona um disco',
		'drops-data': 'pode perder dados de um banco',
		'runs-text': 'executa um texto que não se conhece aqui',
		'replaces-program': 'muda qual programa um nome chama',
		'unknown-program': 'não se sabe o que este programa faz',
		'unknown-words': 'não se sabe o que estas palavras fazem dele',
		unreadable: 'não dá para ler como um shell leria',
		'hidden-characters': 'tem caracteres que não aparecem',
		changes: 'altera alguma coisa',
		starts: 'inicia ou reinicia alguma coisa',
		writes: 'grava arquivos',
		sends: 'envia alguma coisa para fora',
	},
};

const risks: Area<Readonly<Record<Risk, string>>> = {
	en: {read: 'only looks', change: 'changes something', destructive: 'destructive'},
	'pt-BR': {read: 'só olha', change: 'altera alguma coisa', destructive: 'destrutivo'},
};

/** A class of risk in words. */
export const riskWord = (language: Language, risk: Risk): string => risks[language][risk];

/** One reason with the words that caused it: `deletes something: docker system prune -a -f`. */
export const riskSentence = (language: Language, reason: {readonly code: ReasonCode; readonly words: string}): SafeText =>
	makeSafe(`${reasons[language][reason.code]}: ${reason.words}`);
