/**
What is known to go wrong with commands that runbooks often have (seen on real engines), told at their place with what to write instead. A trap does not
stop a card: the card that takes the command's place knows better.
*/

import {normalise} from './commands.ts';
import type {Block} from './document.ts';
import type {Command} from './fence.ts';
import type {RunbookProblem, RunbookProblemCode} from './model.ts';

// Control, bidirectional and invisible characters; a tab is none.
// eslint-disable-next-line no-control-regex
const plainAscii = /^[\t\u0020-\u007E]*$/;
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u;

/** What goes wrong with commands together: the stack is taken down before it is known whether the build works. */
export const trapsTogether = (commands: readonly Command[], fence: Extract<Block, {kind: 'code'}>): readonly RunbookProblem[] => {
	const meanings = commands.map(({meaning}) => meaning);
	const at = meanings.findIndex(meaning => meaning.kind === 'compose' && meaning.verb === 'down' && meaning.service === null);
	const builds = meanings.findIndex((meaning, index) => index > at && meaning.kind === 'compose' && (meaning.verb === 'build' || meaning.options.includes('--build')));
	return at < 0 || builds < 0 ? [] : [{code: 'trap-down-before-build', line: fence.firstLine + commands[at]!.line, column: fence.column, params: {}, suggestion: null, level: 'warning'}];
};

/** Words without which no trap is one. */
const suspicious = /\bdown\b|\bprune\b|\.env\b|\bexec\b/;

/** The problems of one command. */
export const trapsOf = (command: Command, fence: Extract<Block, {kind: 'code'}>): readonly RunbookProblem[] => {
	const problems: RunbookProblem[] = [];
	const add = (code: RunbookProblemCode, params: RunbookProblem['params'], suggestion: string | null, row = 0, column = 0): void => {
		problems.push({code, line: fence.firstLine + command.line + row, column: fence.column + column, params, suggestion, level: 'warning'});
	};

	for (const [row, line] of command.rawLines.entries()) {
		const found = plainAscii.test(line) ? null : hidden.exec(line.replaceAll('\t', ' '));
		if (found !== null) {
			add('hidden-characters', {code: `U+${found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`}, null, row, found.index);
		}
	}

	if (!suspicious.test(command.text)) {
		return problems;
	}

	const text = normalise(command.text);
	const down = /^docker-compose(?: -\S+(?: \S+)?)*? down (?:-\S+ )*([\w.-]+)$/.exec(text);
	if (down !== null) {
		add('trap-down-service', {service: down[1]!}, `docker-compose restart ${down[1]!}`);
	}

	if (/^docker system prune\b.*(?:-\w*a|--all)/.test(text)) {
		add('trap-prune', {}, null);
	}

	if (/\.env\b.*grep\s+(?:-\w*v|--invert-match)\b/.test(text)) {
		add('trap-environment', {}, 'cut -d= -f1 .env');
	}

	const {meaning} = command;
	if (meaning.kind === 'compose' && meaning.verb === 'exec' && !meaning.options.some(option => option === '-T' || option === '--no-TTY') && /flask db|alembic|migrate/.test(meaning.rest.join(' '))) {
		add('trap-exec-terminal', {service: meaning.service ?? ''}, `docker-compose run --rm --no-deps -T ${meaning.service ?? ''} ${meaning.rest.join(' ')}`);
	}

	return problems;
};
