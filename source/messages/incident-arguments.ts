/** What `--help` says of `incidents` and its sub-commands. */

import {defineArea} from './language.ts';

export const incidentArguments = defineArea({
	describe: 'the incidents recorded on this machine, newest first',
	describeShow: 'one incident: its five times, actions and timeline',
	describeReport: 'the report of one incident, with what is left to people clearly marked',
	optionFormat: 'how it is written; html is one file without a script',
	optionOutput: 'where to write; without it, or with -, it is printed',
	optionForce: 'replace a file that is there',
	describeRow: 'show the row of an incident in the runbook\'s history as a diff; --write adds it',
	optionCause: 'the root cause, in your words',
	optionAction: 'what was done, in your words',
	optionWrite: 'write the row into the file',
	describeStats: 'how fast incidents were acknowledged, mitigated and resolved; downtime by month',
	optionMonths: 'how many months, 1 to 120',
	optionSla: 'the uptime that was promised, in percent',
	argumentId: 'the id, a part of it that no other has, or `last`',
	optionSince: 'only those that lasted into this span, such as 30d or 12h',
	optionState: 'open, mitigated, resolved, closed or cancelled',
}, {
	describe: 'os incidentes registrados nesta máquina, o mais novo primeiro',
	describeShow: 'um incidente: os cinco tempos, ações e linha do tempo',
	describeReport: 'o relatório de um incidente, com o que cabe às pessoas bem marcado',
	optionFormat: 'como é escrito; html é um só arquivo, sem script',
	optionOutput: 'onde escrever; sem isso, ou com -, é impresso',
	optionForce: 'substitui um arquivo que já existe',
	describeRow: 'mostra a linha de um incidente no histórico do runbook como diff; --write a acrescenta',
	optionCause: 'a causa raiz, em suas palavras',
	optionAction: 'o que foi feito, em suas palavras',
	optionWrite: 'escreve a linha no arquivo',
	describeStats: 'com que rapidez incidentes foram assumidos, mitigados e resolvidos; tempo fora do ar por mês',
	optionMonths: 'quantos meses, de 1 a 120',
	optionSla: 'a disponibilidade prometida, em porcento',
	argumentId: 'o id, uma parte dele que nenhum outro tem, ou `last`',
	optionSince: 'só os que duraram até este período, como 30d ou 12h',
	optionState: 'open, mitigated, resolved, closed ou cancelled',
});
