/** Commands that stand in a sentence, a list or a table instead of a fence: `` Run `docker compose restart api` ``. Hides which words are taken for a command. */

import type {SafeText} from '../text.ts';
import {makeSafe} from '../text.ts';
import type {Fence} from './cards.ts';
import {plainOf, type Block, type Inline} from './document.ts';

export type InlineFence = {readonly fence: Fence; /** What a table says in the row's first cell. */ readonly label: SafeText | null};

const programs = /^(?:sudo |\.\/)?(?:docker(?:-compose)?|systemctl|journalctl|dmesg|curl|wget|psql|redis-cli|nginx|git|find|df|free|top|ps|netstat|ss|kubectl|flask|python3?|make|bash|sh|tail|grep|cat)\s+\S|^\.\/[\w./-]+\.sh\b/;

const fencesIn = (inlines: readonly Inline[], line: number): readonly Fence[] =>
	inlines.filter(({text, style}) => style === 'code' && programs.test(text))
		.map(({text}) => ({kind: 'code', info: 'sh', infoColumn: 1, rawLines: [text], line, firstLine: line, column: 1, fenced: false, closed: true}));

/** The commands of a paragraph or a table, each as a fence of its own. */
export const inlineFences = (block: Block): readonly InlineFence[] => {
	switch (block.kind) {
		case 'paragraph': {
			return fencesIn(block.inlines, block.line).map(fence => ({fence, label: null}));
		}

		case 'table': {
			return block.rows.flatMap((row, index) => row.flatMap((cell, column) => fencesIn(cell, block.line + 2 + index).map((fence): InlineFence => {
				const first = column === 0 ? '' : plainOf(row[0] ?? []);
				return {fence, label: first === '' ? null : makeSafe(first)};
			})));
		}

		default: {
			return [];
		}
	}
};
