/**
Generated pages: reading one never throws and always ends, and what comes out holds together. MDC_FUZZ_RUNS sets how many (10,000 in the suite; 100,000 were
run once when this was written).
*/

import {readFileSync} from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import {parseMarkdown} from '../../source/adapters/runbooks/markdown.ts';
import {readRunbook} from '../../source/core/runbook.ts';
import {pagesOf} from '../../source/core/runbook/pages.ts';
import {readerRows} from '../../source/core/runbook/reader-rows.ts';
import {runnableCards} from '../../source/core/runbook-state.ts';
import {widthOf, makeSafe} from '../../source/core/text.ts';

const runs = Number(process.env['MDC_FUZZ_RUNS'] ?? 10_000);

const page = readFileSync(new URL('../fixtures/runbooks/api-down.md', import.meta.url), 'utf8');
const pageLines = page.split('\n');

const word = fc.constantFrom('Se', 'If', 'Ou', 'docker-compose', 'up', '-d', 'api', '#', '##', '"', '\'', '`', '```', '~~~', '\\', '$(', ')', '<x>', '<commit-anterior>', '{{v}}', '{id=a', 'key=U}', 'risk=read', '{', '}', '|', '---', '>', '-', '1.', '*', '**', '<!--', '-->', 'sleep 30', 'Cenário 3:', 'Rollback', 'for x in y; do', 'done', '<<EOF', 'EOF', '\u202E', '\u{1F525}', '\t', '+55 11 99999-9999', 'XXX-XXXX', '2025-01-18', '10 minutos', ':', '：');
const line = fc.oneof(
	{weight: 4, arbitrary: fc.constantFrom(...pageLines)},
	{weight: 4, arbitrary: fc.array(word, {maxLength: 8}).map(words => words.join(' '))},
	{weight: 1, arbitrary: fc.string({maxLength: 40})},
	{weight: 1, arbitrary: fc.string({unit: 'binary', maxLength: 20})},
	{weight: 1, arbitrary: fc.tuple(fc.constantFrom('> ', '- ', '  ', '    ', '1. ', '# ', '| a '), fc.nat({max: 30}), word).map(([mark, count, text]) => mark.repeat(count) + text)},
);
const text = fc.array(line, {maxLength: 40}).map(lines => lines.join('\n'));

test('no generated page breaks the reading of it', t => {
	t.timeout(Math.max(60_000, runs * 30));
	fc.assert(fc.property(text, fc.integer({min: 1, max: 160}), (content, width) => {
		const runbook = readRunbook(parseMarkdown(content), {path: 'x.md', rawText: content});
		const ids = new Set(runbook.cards.map(({id}) => id));
		if (ids.size !== runbook.cards.length) {
			throw new Error('two cards share an id');
		}

		for (const card of runbook.cards) {
			if (card.alternativeTo !== null && !ids.has(card.alternativeTo)) {
				throw new Error('an alternative to nothing');
			}

			if ((card.kind === 'hint') !== (card.rawLines.length === 0)) {
				throw new Error('a hint with commands, or a card without');
			}
		}

		const lineCount = content.split('\n').length;
		for (const problem of runbook.problems) {
			if (problem.line < 0 || problem.line > lineCount + 1 || problem.column < 0) {
				throw new Error(`a problem at ${problem.line}:${problem.column} of ${lineCount} lines`);
			}
		}

		pagesOf(runbook);
		runnableCards(runbook);
		for (const row of readerRows(runbook, width)) {
			const columns = row.spans.reduce((sum, {text: piece}) => sum + widthOf(piece), 0);
			// Nested lists and quotes keep a least width of their own, which the frame clips.
			if (width >= 60 && columns > width + 80) {
				throw new Error(`a row of ${columns} columns at ${width}`);
			}
		}
	}), {numRuns: runs, seed: 20_260_118});
	t.pass();
});

test('hostile texts are read in a time that their length explains', t => {
	const size = 100_000;
	const hostile: Readonly<Record<string, string>> = {
		quotes: '>'.repeat(size), brackets: '['.repeat(size), stars: '*a '.repeat(size / 3), ticks: '`'.repeat(size), fences: '```\n'.repeat(size / 4), headings: '# a\n'.repeat(size / 4),
		lists: Array.from({length: 400}, (_unused, index) => `${' '.repeat(index * 2)}- a`).join('\n'), table: `|a|\n|-|\n${'|x|\n'.repeat(size / 4)}`, comments: '# Fix\n\n```bash\n' + '# a\n\n'.repeat(size / 5), commands: `## Fix\n\n\`\`\`bash\n${'docker compose restart api\n'.repeat(size / 27)}\`\`\`\n`,
		openQuotes: `## Fix\n\n\`\`\`bash\n${'echo "\n'.repeat(size / 7)}\`\`\`\n`, heredocs: `## Fix\n\n\`\`\`bash\n${'cat <<EOF\n'.repeat(size / 10)}\`\`\`\n`, loops: `## Fix\n\n\`\`\`bash\n${'for x in y; do\n'.repeat(size / 15)}\`\`\`\n`,
		attributes: `\`\`\`bash {${'a=b '.repeat(900)}`, labels: `${'a:'.repeat(1900)}\n`.repeat(70), digits: `${'1'.repeat(3900)}\n`.repeat(70), phones: `## Contatos\n\n${`- ${'(11) '.repeat(700)}\n`.repeat(70)}`, entities: '&'.repeat(size),
	};
	for (const [name, content] of Object.entries(hostile)) {
		const began = performance.now();
		const runbook = readRunbook(parseMarkdown(content), {path: 'x.md', rawText: content});
		readerRows(runbook, 76);
		const took = performance.now() - began;
		t.log(`${name}: ${took.toFixed(0)} ms`);
		t.true(took < 15_000, `${name} took ${took.toFixed(0)} ms`);
	}

	t.is(makeSafe(''), '' as never);
});
