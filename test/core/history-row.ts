/** The runbook's history row: one line more, and not one byte else. */
import fc from 'fast-check';
import test from 'ava';
import {findHistory, spliceHistory, type HistoryCells} from '../../source/core/history-row.ts';

const cells: HistoryCells = {date: '2026-01-18', duration: '15min', cause: 'OOM | killer', action: 'Start `api`'};
const table = ['| Data | Duração | Causa Raiz | Ação Tomada |', '|------|---------|------------|-------------|', '| 2025-01-15 | 5min | OOM Killer | Memória |', '| 2025-01-10 | 12min | Disco cheio | Logs |'];
const runbook = (...parts: readonly string[]): string => ['# Runbook', '', ...parts].join('\n');
const spliced = (text: string, more: Partial<HistoryCells> = {}): string => {
	const answer = spliceHistory(text, {...cells, ...more});
	return answer.ok ? answer.splice.text : answer.code;
};

test('the row comes on top where the newest is on top, and at the end where it is there', t => {
	const text = runbook('## Histórico de Incidentes', '', ...table, '', '## Prevenção', '');
	const row = String.raw`| 2026-01-18 | 15min | OOM \| killer | Start \`api\` |`;
	t.is(spliced(text), runbook('## Histórico de Incidentes', '', ...table.slice(0, 2), row, ...table.slice(2), '', '## Prevenção', ''));
	const grows = runbook('## 7. 📜 Incident history', '', '| Date | Duration | Root cause | Action |', '|:--|--:|---|---|', table[3]!, table[2]!, '', 'after');
	t.is(spliced(grows), runbook('## 7. 📜 Incident history', '', '| Date | Duration | Root cause | Action |', '|:--|--:|---|---|', table[3]!, table[2]!, row, '', 'after'));
});

test('an empty table, one at the end of the file without a line break, and one with CR LF take it too', t => {
	const empty = runbook('## Histórico', ...table.slice(0, 2));
	t.is(spliced(empty), `${empty}\n${String.raw`| 2026-01-18 | 15min | OOM \| killer | Start \`api\` |`}`);
	const crlf = runbook('## Histórico', ...table, 'x').replaceAll('\n', '\r\n');
	t.is(spliced(crlf).split('\r\n').length, crlf.split('\r\n').length + 1);
	t.notRegex(spliced(crlf), /[^\r]\n/);
});

test('columns are found by their names, in any order, others stay empty, and dates are written as the others', t => {
	const text = runbook('### Incident history', '| Severity | Root cause | Duration | Action taken | Date |', '|---|---|---|---|---|', '| P1 | x | 5 min | y | 15/01/2025 |', '');
	t.is(spliced(text, {cause: 'c', action: 'a'}).split('\n')[5], '|  | c | 15min | a | 18/01/2026 |');
});

test('without a heading, a table or its columns it says so; fences and comments are no headings', t => {
	t.is(spliced(runbook('## Other', ...table)), 'no-heading');
	t.is(spliced(runbook('```', '## Histórico', ...table, '```')), 'no-heading');
	t.is(spliced(runbook('<!--', '## Histórico', ...table, '-->')), 'no-heading');
	t.is(spliced(runbook('## Histórico', 'no table', '## Prevenção', ...table)), 'no-table');
	t.is(spliced(runbook('## Histórico', '```', ...table, '```')), 'no-table');
	t.is(spliced(runbook('## Histórico', '| a | b |', '|---|---|')), 'unknown-columns');
	t.is(spliced(''), 'no-heading');
	const twice = spliced(runbook('## Histórico', ...table, ''));
	t.is(spliced(twice), 'already-there');
	t.is(spliced(twice, {cause: 'another'}), 'already-there');
});

test('the heading tells the language of the row', t => {
	const language = (title: string): string => {
		const found = findHistory(runbook(title, ...table));
		return found.ok ? found.table.language : found.code;
	};

	t.deepEqual(['## Histórico de Incidentes', '## HISTORICO ##', '# Incident History'].map(title => language(title)), ['pt-BR', 'pt-BR', 'en']);
});

test('whatever the text and the cells are: without the new line it is the old text, byte for byte', t => {
	const line = fc.constantFrom('## Histórico', '# Incident history', '| Data | Duração |', '|---|---|', '| 2025-01-15 | 5min |', '| 2025-01-20 | 5min', '', 'x', '```', '~~~', '<!--', '-->', '   ', '| \\| | b', '\u2028', '# T');
	const end = fc.constantFrom('\n', '\r\n', '\r');
	const text = fc.tuple(fc.array(fc.tuple(line, end), {maxLength: 20}), fc.constantFrom('', 'end', '|---|---|')).map(([lines, last]) => lines.map(pair => pair.join('')).join('') + last);
	let found = 0;
	fc.assert(fc.property(fc.oneof(text, text.map(other => `## Histórico\n| Data | Duração |\n|---|---|\n${other}`)), fc.string(), fc.string(), (whole, cause, action) => {
		const answer = spliceHistory(whole, {...cells, cause, action});
		if (!answer.ok) {
			return;
		}

		found++;
		const {splice} = answer;
		t.is(splice.text.split(/\r\n|\n|\r/).length, whole.split(/\r\n|\n|\r/).length + 1);
		const at = splice.text.indexOf(splice.row);
		const rest = [splice.text.slice(0, at), splice.text.slice(at + splice.row.length)];
		const candidates = ['\r\n', '\n', '\r'].flatMap(lineBreak => [
			rest[1]!.startsWith(lineBreak) ? rest[0]! + rest[1]!.slice(lineBreak.length) : null,
			rest[0]!.endsWith(lineBreak) ? rest[0]!.slice(0, -lineBreak.length) + rest[1]! : null,
		]);
		t.true(candidates.includes(whole));
		t.true(splice.text.split(/\r\n|\n|\r/)[splice.line - 1] === splice.row);
	}), {numRuns: 500});
	t.true(found > 50);
});
