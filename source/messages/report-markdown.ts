/**
A report as Markdown that GitHub and every CommonMark reader show alike. Invariant: text from outside is text in the result. It makes no heading,
link, picture, HTML, table cell or end of a fence, whatever stands in it.
*/

import type {Block, ReportDocument} from './report.ts';

/** Text for a place within a line. Nothing in it is markup afterwards, and no line in it begins with something that would be. */
export const escapeMarkdown = (text: string): string => text
	.replaceAll(/[\r\n]+/g, ' ')
	.replaceAll(/[\\`*_[\]<>|~&#!$]/g, String.raw`\$&`)
	.replace(/^(\s*)([-+=:]|\d+(?=[.)]))/, (_, space: string, start: string) => /^\d/.test(start) ? `${space}${start}\\` : `${space}\\${start}`)
	// What GitHub would turn into a link, or into a message to a person.
	.replaceAll(/(?<=\bhttps?|\bftp):(?=\/\/)/gi, String.raw`\:`)
	.replaceAll(/\bwww\.(?=\S)/gi, String.raw`www\.`)
	.replaceAll('@', '@<!-- -->');

const fenceOf = (lines: readonly string[]): string => {
	const longest = lines.flatMap(line => line.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
	return '`'.repeat(longest + 1);
};

const row = (cells: readonly string[]): string => `| ${cells.map(cell => escapeMarkdown(cell)).join(' | ')} |`;

const linesOf = (block: Block, mark: string): readonly string[] => {
	switch (block.kind) {
		case 'text': {
			return [escapeMarkdown(block.text)];
		}

		case 'strong': {
			return [`**${escapeMarkdown(block.text)}**`];
		}

		case 'facts': {
			return block.rows.map(([name, value]) => `- **${escapeMarkdown(name)}**: ${escapeMarkdown(value)}`);
		}

		case 'table': {
			return [row(block.head), `|${block.head.map(() => '---|').join('')}`, ...block.rows.map(cells => row(cells))];
		}

		case 'list': {
			return block.items.map(item => `- ${escapeMarkdown(item)}`);
		}

		case 'checks': {
			return block.items.map(({text, state}) => `- ${{open: '[ ] ', done: '[x] ', waived: '[x] ', none: ''}[state]}${escapeMarkdown(text)}`);
		}

		case 'code': {
			const fence = fenceOf(block.lines);
			return [`${fence}text`, ...block.lines.map(line => line.replaceAll(/[\r\n]+/g, ' ')), fence];
		}

		case 'heading': {
			return [`### ${escapeMarkdown(block.text)}`];
		}

		case 'people': {
			return block.asks.flatMap((ask, index) => [...(index === 0 ? [] : ['']), `> ✍ **${mark}:** ${escapeMarkdown(ask)}`, '>', '> …']);
		}

		case 'chart':
		case 'metrics': {
			// Markdown has no picture of its own.
			return [];
		}
	}
};

/** The whole report, ending in one line break. */
export const renderMarkdown = ({title, mark, sections}: ReportDocument): string => {
	const parts = [
		[`# ${escapeMarkdown(title)}`],
		...sections.flatMap(section => [
			...(section.title === null ? [] : [[`## ${escapeMarkdown(section.title)}`]]),
			...section.blocks.map(block => linesOf(block, mark)),
		]),
	];
	return `${parts.filter(lines => lines.length > 0).map(lines => lines.join('\n')).join('\n\n')}\n`;
};
