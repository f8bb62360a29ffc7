/**
The text of commands: what of a runbook's script is spelled otherwise here, into which steps it falls, and what bash gets in the end. Pure text;
a value from outside never becomes part of a script, it goes in as a variable of the environment.
*/

/** Control, bidirectional and invisible characters in a command block `y`: what is shown must be what runs. */
export const hasHiddenCharacters = (script: string): boolean => /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u.test(script.replaceAll('\n', '').replaceAll('\t', ''));

// Where a command may begin: a line, after a separator, after a word that takes a command.
const commandStart = String.raw`(^|[;&|({]|\b(?:then|do|else|sudo(?:\s+-n)?|time|exec|nohup|if|while|until|!)\s)(\s*(?:[A-Za-z_]\w*=\S*\s+)*)`;
const composeCall = new RegExp(String.raw`${commandStart}(docker-compose|docker\s+compose)(?=\s|$)`, 'gm');
const globalWithValue = String.raw`(?:-f|--file|-p|--project-name|--project-directory|--env-file|--profile|--ansi|-c|--context)(?:\s+|=)\S+`;
const withValue = String.raw`(?:-[uewvpl]|--(?:user|env|workdir|index|volume|publish|name|entrypoint|label))\s+\S+`;
const needsNoTerminal = new RegExp(String.raw`\b(docker-compose|docker\s+compose)((?:\s+(?:${globalWithValue}|--\S+))*)\s+(exec|run)\b(?!(?:\s+(?:${withValue}|-\S+))*?\s+-T\b)`, 'g');

/** A script with compose spelled as it can be called here, and `-T` where a command inside a container would ask for a terminal that it does not get. */
export const respell = (script: string, words: readonly string[] | null): string => {
	const spelled = words === null ? script : script.replace(composeCall, (_call, start: string, space: string) => `${start}${space}${words.join(' ')}`);
	return spelled.replace(needsNoTerminal, '$1$2 $3 -T');
};

/** Does the script call compose at all? */
export const callsCompose = (script: string): boolean => script.search(composeCall) >= 0;

const opensMore = /^\s*(?:if|for|while|until|case|select|function|\{|\()(?:\s|$)|<<-?\s*['"\w]|\\$|^\s*\w+\s*\(\)|[&|]{1,2}\s*$/;

/** The commands of a script, one a line; a script whose lines belong together (loops, here-documents, open quotes) is one step. */
export const stepsOf = (script: string): readonly string[] => {
	const lines = script.split('\n').map(line => line.trimEnd()).filter(line => line.trim() !== '' && !line.trim().startsWith('#'));
	const isOne = lines.some(line => opensMore.test(line) || hasOpenQuote(line));
	return isOne ? [script.trim()] : lines.map(line => line.trim());
};

const hasOpenQuote = (line: string): boolean => {
	let open: string | null = null;
	for (let at = 0; at < line.length; at++) {
		const character = line[at]!;
		if (character === '\\' && open !== '\'') {
			at++;
		} else if (open === null && (character === '\'' || character === '"')) {
			open = character;
		} else if (character === open) {
			open = null;
		}
	}

	return open !== null;
};

/** A word as bash reads it back unchanged. */
export const quoted = (text: string): string => `'${text.replaceAll('\'', String.raw`'\''`)}'`;

const stepMark = /^== \[(\d+)\/(\d+)\] /;

/** The exit code of a script that was asked to stop between two steps. */
export const stoppedExit = 125;

// The supervisor makes this file when it is asked to stop the run after its step.
const stopCheck = `test -e "$MDC_CONSOLE_STOP" && exit ${stoppedExit}`;

/** What bash gets for a change: it stops at the first step that fails, each of several steps is named before it runs, and between two it can be stopped. */
export const scriptOf = (steps: readonly string[]): string => steps.length === 1
	? `set -e\n${steps[0]}\n`
	: `set -e\n${steps.map((step, index) => `${index === 0 ? '' : `${stopCheck}\n`}echo ${quoted(`== [${index + 1}/${steps.length}] ${firstLine(step)}`)}\n${step}\n`).join('')}`;

const firstLine = (step: string): string => step.split('\n')[0]!.slice(0, 300);

/** The steps as they were shown, from what bash got. */
export const shownScript = (script: string): string =>
	script.replace(/^set -e\n/, '').split('\n').filter(line => line !== stopCheck && !/^echo '== \[\d+\/\d+\] /.test(line)).join('\n').trimEnd();

/** The step that a line of output announces: its number, how many there are, its text. */
export const stepIn = (line: string): {readonly number: number; readonly count: number; readonly text: string} | null => {
	const match = stepMark.exec(line);
	return match === null ? null : {number: Number(match[1]), count: Number(match[2]), text: line.slice(match[0].length)};
};

/** Two changes that may not run at the same time: on one target, or one of them on the whole project. */
export const locksConflict = (one: string, other: string): boolean => {
	const wholeOf = (lock: string): string | null => lock.endsWith('/*') ? lock.slice(0, -1) : null;
	const [whole, otherWhole] = [wholeOf(one), wholeOf(other)];
	return one === other || (whole !== null && other.startsWith(whole)) || (otherWhole !== null && one.startsWith(otherWhole));
};

/** A value that the card may run with: what the question asks for, on one line unless the pattern says otherwise. */
export const isAnswer = (question: {readonly pattern: string | null}, value: string): boolean =>
	value !== '' && !value.includes('\0') && (question.pattern === null || new RegExp(`^(?:${question.pattern})$`, 'su').test(value)) && !(question.pattern !== null && hasHiddenCharacters(value));
