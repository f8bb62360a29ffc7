/** The row of an incident in the runbook's history: its words, the difference that it makes, and why it cannot be written. */

import type {HistoryCells, HistoryProblem, Splice} from '../core/history-row.ts';
import type {Report} from '../core/incident-report.ts';
import {makeSafe} from '../core/text.ts';
import {actionName, causeWords} from './incidents.ts';
import type {Formatter} from './format.ts';
import {defineArea, type Language} from './language.ts';
import type {Stamp} from './stamp.ts';

type FileProblem = 'missing' | 'denied' | 'symlink' | 'not-a-file' | 'hard-links' | 'too-large' | 'not-utf8' | 'changed' | 'owner' | 'no-space' | 'read-only' | 'failed';

export const history = defineArea({
	toConfirm: (cause: string) => `${cause} (to be confirmed)`,
	noAction: 'No action from the console',
	shownOnly: 'Nothing was written. With --write it is.',
	humanWords: 'The cause is the console\'s finding: say the root cause with --cause TEXT.',
	noRunbook: 'Which runbook? Name it with --runbook FILE, or in the configuration (runbook:).',
	written: (path: string, line: number) => `Written: ${path}, line ${line}.`,
	notEnded: (id: string) => `${id} is not over: its row would have no duration. Resolve it first.`,
	falseAlarm: (id: string) => `${id} was a false alarm: it does not belong into the history.`,
	'no-heading': (path: string) => `${path} has no heading for the incident history. Add one, such as: ## Incident history`,
	'no-table': (path: string) => `Under the heading of the incident history in ${path} there is no table. Add one: | Date | Duration | Root cause | Action |`,
	'unknown-columns': (path: string) => `The history's table in ${path} has no columns for date and duration.`,
	'already-there': (path: string) => `A row of that date and duration is in ${path} already: nothing to do.`,
	missing: (path: string) => `${path} is not there.`,
	denied: (path: string) => `${path} may not be read or written by this user. Use one who may, or sudo.`,
	symlink: (path: string, detail: string) => `${path} is a link to ${detail}: name that file itself.`,
	'not-a-file': (path: string) => `${path} is no file.`,
	'hard-links': (path: string) => `${path} has another name as well (a hard link), which would keep the old text. Not written.`,
	'too-large': (path: string) => `${path} is larger than 4 MiB: that is no runbook.`,
	'not-utf8': (path: string) => `${path} is not UTF-8 text, and could not be given back byte for byte. Not written.`,
	changed: (path: string) => `${path} was changed meanwhile. Nothing was written; look at the difference again.`,
	owner: (path: string) => `${path} belongs to another user, and would become yours. Not written: run it as that user, or with sudo.`,
	'no-space': (path: string) => `No space left for ${path}. Nothing was written.`,
	'read-only': (path: string) => `${path} lies on a file system that is read-only. Nothing was written.`,
	failed: (path: string, detail: string) => `${path} could not be read or written: ${detail}`,
}, {
	toConfirm: cause => `${cause} (a confirmar)`,
	noAction: 'Nenhuma ação pelo console',
	shownOnly: 'Nada foi escrito. Com --write será.',
	humanWords: 'A causa é o achado do console: diga a causa raiz com --cause TEXTO.',
	noRunbook: 'Qual runbook? Indique com --runbook ARQUIVO, ou na configuração (runbook:).',
	written: (path, line) => `Escrito: ${path}, linha ${line}.`,
	notEnded: id => `${id} não terminou: a linha ficaria sem duração. Resolva antes.`,
	falseAlarm: id => `${id} foi um alarme falso: não cabe no histórico.`,
	'no-heading': path => `${path} não tem um título para o histórico de incidentes. Acrescente um, como: ## Histórico de Incidentes`,
	'no-table': path => `Sob o título do histórico de incidentes em ${path} não há tabela. Acrescente uma: | Data | Duração | Causa Raiz | Ação Tomada |`,
	'unknown-columns': path => `A tabela do histórico em ${path} não tem colunas de data e duração.`,
	'already-there': path => `Já existe uma linha com essa data e duração em ${path}: nada a fazer.`,
	missing: path => `${path} não existe.`,
	denied: path => `${path} não pode ser lido ou escrito por este usuário. Use um que possa, ou sudo.`,
	symlink: (path, detail) => `${path} é um link para ${detail}: indique esse arquivo.`,
	'not-a-file': path => `${path} não é um arquivo.`,
	'hard-links': path => `${path} também tem outro nome (hard link), que ficaria com o texto antigo. Não foi escrito.`,
	'too-large': path => `${path} tem mais de 4 MiB: isso não é um runbook.`,
	'not-utf8': path => `${path} não é texto UTF-8 e não poderia ser devolvido byte a byte. Não foi escrito.`,
	changed: path => `${path} foi alterado nesse meio-tempo. Nada foi escrito; veja a diferença de novo.`,
	owner: path => `${path} é de outro usuário e passaria a ser seu. Não foi escrito: rode como esse usuário, ou com sudo.`,
	'no-space': path => `Sem espaço para ${path}. Nada foi escrito.`,
	'read-only': path => `${path} está num sistema de arquivos somente leitura. Nada foi escrito.`,
	failed: (path, detail) => `${path} não pôde ser lido ou escrito: ${detail}`,
});

export const historyProblem = (language: Language, code: HistoryProblem | FileProblem, path: string, detail = ''): string => history[language][code](makeSafe(path), makeSafe(detail));

/** `45s`, `5min`, `1h07min`: as the runbook's own rows write it. */
const shortDuration = (spanMs: number): string => {
	const seconds = Math.round(spanMs / 1000);
	const minutes = Math.round(seconds / 60);
	return seconds < 60 ? `${seconds}s` : (minutes < 60 ? `${minutes}min` : `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}min`);
};

/** What the row says. `words` null: what the journal knows, marked as to be confirmed where that is not the last word. */
export const historyCells = (language: Language, report: Report, {format, stamp}: {readonly format: Formatter; readonly stamp: Stamp}, words: {readonly cause: string | null; readonly action: string | null}): HistoryCells => {
	const say = history[language];
	const helped = report.actions.filter(({verdict}) => verdict === 'recovered');
	const done = helped.length > 0 ? helped : report.actions.filter(({outcome, exitCode}) => outcome === 'ended' && exitCode === 0);
	const names = [...new Set(done.map(action => actionName(language, action)))];
	return {
		date: stamp.date(report.impactBegan.atMs),
		duration: shortDuration(report.downMs),
		cause: makeSafe(words.cause ?? say.toConfirm(causeWords(language, report, format))),
		action: makeSafe(words.action ?? (names.length === 0 ? say.noAction : names.join(', '))),
	};
};

const context = 3;

/** The difference in the notation of `diff -u`. */
export const diffLines = (path: string, before: string, splice: Splice): readonly string[] => {
	const lines = before.replace(/\r?\n$/, '').split(/\r\n|\n|\r/);
	const at = splice.line - 1;
	const from = Math.max(0, at - context);
	const to = Math.min(lines.length, at + context);
	return [
		`--- ${path}`,
		`+++ ${path}`,
		`@@ -${from + 1},${to - from} +${from + 1},${to - from + 1} @@`,
		...lines.slice(from, at).map(line => ` ${line}`),
		`+${splice.row}`,
		...lines.slice(at, to).map(line => ` ${line}`),
	].map(line => makeSafe(line));
};
