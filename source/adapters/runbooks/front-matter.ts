/** The YAML between two `---` lines at the top of a page. Hides YAML: broken front matter is a located trouble, and the page is read without it. */

import {parseDocument, LineCounter, isMap, isScalar} from 'yaml';
import type {Json} from '../../core/ports.ts';
import type {DocumentTrouble, MarkdownDocument} from '../../core/runbook/document.ts';
import {makeSafe} from '../../core/text.ts';

type Split = {readonly frontMatter: MarkdownDocument['frontMatter']; /** The page's lines; those of the front matter are empty, so that all others keep their numbers. */ readonly lines: readonly string[]; readonly trouble: DocumentTrouble | null};

const limitLines = 400;

/** Takes the front matter off a page. */
export const splitFrontMatter = (lines: readonly string[]): Split => {
	const end = lines[0]?.trimEnd() === '---' ? lines.findIndex((line, index) => index > 0 && index < limitLines && /^(?:---|\.\.\.)\s*$/.test(line)) : -1;
	// A rule at the top, with prose under it, is no front matter.
	if (end < 0 || !lines.slice(1, end).some(line => /^[\w"'-]+\s*:/.test(line))) {
		return {frontMatter: null, lines, trouble: null};
	}

	const counter = new LineCounter();
	const document = parseDocument(lines.slice(1, end).join('\n'), {lineCounter: counter, prettyErrors: false, logLevel: 'silent', stringKeys: true});
	const rest = lines.map((line, index) => index <= end ? '' : line);
	const [error] = document.errors;
	if (error !== undefined || !isMap(document.contents)) {
		const {line, col} = counter.linePos(error?.pos[0] ?? 0);
		return {frontMatter: null, lines: rest, trouble: {code: 'front-matter', detail: makeSafe(error?.message ?? 'a mapping was expected'), line: line + 1, column: col}};
	}

	const places = document.contents.items.flatMap(({key}) => isScalar(key) && key.range ? [[String(key.value), counter.linePos(key.range[0]).line + 1] as const] : []);
	try {
		return {frontMatter: {data: document.toJS({maxAliasCount: 50}) as {readonly [key: string]: Json}, lines: Object.fromEntries(places)}, lines: rest, trouble: null};
	} catch (error_) {
		// Aliases that would grow without bound.
		return {frontMatter: null, lines: rest, trouble: {code: 'front-matter', detail: makeSafe((error_ as Error).message), line: 2, column: 1}};
	}
};
