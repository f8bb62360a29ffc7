/**
What a command of the page wants filled in, such as `<commit-anterior>` or `{{version}}`: a question, whose answer goes into an environment variable. It
hides the quoting: an answer is never pasted into the text, so nothing in it can become a command.
*/

import {makeSafe} from '../text.ts';
import type {Placeholder} from './model.ts';
import {readQuotes, type Inside} from './quotes.ts';
import {fold} from './words.ts';

const pattern = /<([\p{L}][\p{L}\p{N} _.-]{0,40}[\p{L}\p{N}]|[\p{L}])>|\{\{\s*([\p{L}][\p{L}\p{N}_ .-]{0,40}?)\s*\}\}/gu;

/** Variables that mean something to bash, compose, git or the loader: an answer must not become one of them. */
const reserved = /^(?:PATH|HOME|IFS|ENV|SHELL|SHELLOPTS|USER|LOGNAME|PWD|OLDPWD|UID|EUID|PPID|TERM|LANG|LANGUAGE|CDPATH|PS\d|TMPDIR|TZ|PAGER|EDITOR|HOSTNAME|RANDOM|SECONDS|LINENO|OPT\w+|PROMPT_COMMAND|(?:LC|LD|BASH|COMPOSE|DOCKER|BUILDKIT|GIT|MDC|PYTHON|NODE|NPM|SSH|XDG|PG)(?:_?\w*))$/;

/** `commit-anterior` is `COMMIT_ANTERIOR`. */
const variableOf = (name: string): string => {
	const variable = fold(name).replaceAll(/[^a-z\d]+/g, '_').replaceAll(/^[_\d]+|_+$/g, '').toUpperCase() || 'VALUE';
	return reserved.test(variable) ? `VALUE_${variable}` : variable;
};

/** The script with its placeholders as quoted variables, and what they are. */
export const withVariables = (script: string): {readonly script: string; readonly placeholders: readonly Placeholder[]} => {
	const found = new Map<string, Placeholder>();
	let out = '';
	let inside: Inside = '';
	let at = 0;
	for (const match of script.matchAll(pattern)) {
		// `<in.txt 2>err` redirects twice; nobody is asked anything.
		if (/\s\d$/.test(match[1] ?? '')) {
			continue;
		}

		const between = script.slice(at, match.index);
		// With the last character before it: a `#` right behind a placeholder begins no word.
		inside = readQuotes(script.slice(Math.max(0, at - 1), match.index), inside).end;
		// Words of a comment are nobody's question.
		if (inside === '#') {
			out += between;
			at = match.index;
			continue;
		}

		const name = match[1] ?? match[2] ?? '';
		const variable = variableOf(name);
		found.set(variable, {name: makeSafe(name), variable});
		out += between + (inside === '"' ? `\${${variable}}` : (inside === '\'' ? `'"\${${variable}}"'` : `"\${${variable}}"`));
		at = match.index + match[0].length;
	}

	return found.size === 0 ? {script, placeholders: []} : {script: out + script.slice(at), placeholders: [...found.values()]};
};
