/**
What a command of the runbook means to a console that watches the server already: a pane that shows it live, a check that it can answer, a shipped
action that does it safer, a wait, or just a command. Hides the spellings: `docker compose` and `docker-compose`, `sudo`, options in any order.
*/

import {withoutComment} from './quotes.ts';

export type PaneTarget =
	| {readonly pane: 'containers'; readonly service: string | null}
	| {readonly pane: 'log'; readonly service: string | null; readonly follow: boolean; /** Lines from the end; null is all. */ readonly depth: number | null}
	| {readonly pane: 'host'}
	| {readonly pane: 'health'; readonly url: string}
	/** `ssh`, `cd`: she is there already. */
	| {readonly pane: 'here'};

export type CheckTarget = {
	readonly check: 'port' | 'processes' | 'system-log' | 'environment' | 'database' | 'nginx-config' | 'network' | 'reach';
	/** The port, the name, the service, the URL that it is about. */
	readonly about: string;
};

export type Meaning =
	| {readonly kind: 'pane'; readonly pane: PaneTarget}
	| {readonly kind: 'check'; readonly check: CheckTarget}
	| {readonly kind: 'wait'; readonly waitMs: number}
	| {readonly kind: 'compose'; readonly verb: string; readonly service: string | null; readonly options: readonly string[]; readonly rest: readonly string[]}
	| {readonly kind: 'action'; readonly action: string}
	| {readonly kind: 'git'; readonly verb: string}
	| {readonly kind: 'other'};

/** The words of a simple command; quotes bind, and are kept off. */
export const wordsOf = (command: string): readonly string[] => /["'\\]/.test(command) ? quotedWordsOf(command) : command.split(/\s+/).filter(word => word !== '');

const quotedWordsOf = (command: string): readonly string[] =>
	[...command.matchAll(/(?:"((?:\\.|[^"\\])*)"|'([^']*)'|((?:\\.|[^\s"'\\])+))(?=(\s|$)?)/g)]
		.reduce<{words: string[]; open: boolean}>(({words, open}, [, double, single, bare, end]) => {
			const piece = double ?? single ?? bare ?? '';
			if (open) {
				words[words.length - 1] += piece;
			} else {
				words.push(piece);
			}

			return {words, open: end === undefined};
		}, {words: [], open: false}).words;

const valueOptions = new Set(['-f', '--file', '-p', '--project-name', '--project-directory', '--env-file', '--profile', '--context', '-H']);

/** One spelling for all: no prompt, no `sudo`, no comment behind, single spaces, `docker-compose` whatever it was. */
export const normalise = (command: string): string => {
	const joined = command.includes('\\\n') ? command.replaceAll(/\\\n\s*/g, ' ') : command;
	const plain = withoutComment(joined).trim().replace(/^(?:\$|#|>)\s+/, '').replace(/^(?:sudo\s+(?:-\w+\s+)*)/, '');
	const single = /\s\s|[^\S ]/.test(plain) ? plain.replaceAll(/\s+/g, ' ') : plain;
	return single.replace(/^docker compose\b|^\S*\/docker-compose\b/, 'docker-compose');
};

const composeOf = (command: string): Extract<Meaning, {kind: 'compose'}> | null => {
	if (!command.startsWith('docker-compose ')) {
		return null;
	}

	const words = [...wordsOf(command)];
	words.shift();

	while (words[0]?.startsWith('-') === true) {
		const option = words.shift()!;
		if (valueOptions.has(option)) {
			words.shift();
		}
	}

	const verb = words.shift() ?? '';
	const options: string[] = [];
	const takesValue = verb === 'exec' || verb === 'run' ? new Set(['-u', '--user', '-w', '--workdir', '-e', '--env', '--index', '-v', '--name', '--entrypoint']) : new Set(['--tail', '-n', '-t', '--timeout', '--scale', '--since', '--until']);
	while (words[0]?.startsWith('-') === true) {
		const option = words.shift()!;
		options.push(takesValue.has(option) ? `${option}=${words.shift() ?? ''}` : option);
	}

	const service = words.shift() ?? null;
	return {kind: 'compose', verb, service, options: [...options, ...(verb === 'exec' || verb === 'run' ? [] : words.filter(word => word.startsWith('-')))], rest: verb === 'exec' || verb === 'run' ? words : words.filter(word => !word.startsWith('-'))};
};

const isHealthUrl = (url: string): boolean => /health|ready|live|ping|status/i.test(url);
const localUrl = /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?::\d+)?(?:\/|$)/;

/** The URL that a `curl` or `wget` asks; null when it does more than ask. */
export const askedUrl = (command: string): string | null => {
	if (!/^(?:curl|wget)\s/.test(command)) {
		return null;
	}

	const [program, ...words] = wordsOf(command);
	if (program !== 'curl' && program !== 'wget') {
		return null;
	}

	const sends = words.some(word => /^(?:-X|--request|-d|--data\S*|-T|--upload-file|-F|--form|--post-\S*)(?:=|$)/.test(word)) || /[|>;&`]|\$\(/.test(command.replaceAll(/"[^"]*"|'[^']*'/g, ''));
	const url = words.find(word => /^https?:\/\//.test(word)) ?? words.find(word => /^[\w.-]+(?::\d+)?(?:\/|$)/.test(word) && word.includes(':'));
	return sends || url === undefined ? null : url;
};

const meaningOfCompose = (compose: Extract<Meaning, {kind: 'compose'}>): Meaning => {
	const {verb, service, options, rest} = compose;
	switch (verb) {
		case 'ps': {
			return {kind: 'pane', pane: {pane: 'containers', service}};
		}

		case 'top':
		case 'stats': {
			return {kind: 'pane', pane: {pane: 'containers', service}};
		}

		case 'logs': {
			const tail = options.map(option => /^(?:--tail|-n)=?(\d+)$/.exec(option)?.[1]).find(found => found !== undefined);
			return {kind: 'pane', pane: {pane: 'log', service: rest.length > 0 ? null : service, follow: options.some(option => option === '--follow' || /^-\w*f\w*$/.test(option)), depth: tail === undefined ? null : Number(tail)}};
		}

		case 'exec': {
			return meaningInside(service ?? '', rest) ?? compose;
		}

		default: {
			return compose;
		}
	}
};

/** A command inside a container. */
const meaningInside = (service: string, words: readonly string[]): Meaning | null => {
	const [program, ...rest] = words;
	if (program === 'nginx' && rest.every(word => word === '-t' || word === '-T' || word === '-q')) {
		return {kind: 'check', check: {check: 'nginx-config', about: service}};
	}

	const statement = /^\s*select\s+(?:1|now\(\)|version\(\))\s*;?\s*$/i;
	if ((program === 'psql' && rest.some((word, index) => rest[index - 1] === '-c' && statement.test(word))) || program === 'pg_isready') {
		return {kind: 'check', check: {check: 'database', about: service}};
	}

	const url = askedUrl(words.join(' '));
	if (url !== null) {
		return localUrl.test(url) ? {kind: 'pane', pane: {pane: 'health', url}} : {kind: 'check', check: {check: 'reach', about: `${service} ${url}`}};
	}

	return null;
};

type Rule = readonly [programs: string, pattern: RegExp, make: (match: RegExpExecArray) => Meaning];

const rules: readonly Rule[] = [
	// With a command behind the host, `ssh` does something elsewhere: that is no place to be.
	['ssh mosh cd pushd popd su exit logout clear', /^(?:(?:ssh|mosh)(?: -[A-Za-z]+(?: (?!-)\S+(?= \S))?)* \S+|(?:cd|pushd|popd|su|exit|logout|clear)(?: [^;&|]*)?)$/, () => ({kind: 'pane', pane: {pane: 'here'}})],
	['sleep', /^sleep (\d+(?:\.\d+)?)([smh]?)$/, match => ({kind: 'wait', waitMs: Number(match[1]) * (match[2] === 'm' ? 60_000 : (match[2] === 'h' ? 3_600_000 : 1000))})],
	['top htop btop atop free df uptime vmstat iostat mpstat nproc w', /^(?:top|htop|btop|atop|free|df|uptime|vmstat|iostat|mpstat|nproc|w)(?: -{0,2}[\w=/]+)*(?: \| (?:head|tail|less|sort|grep)\b[^|;&>]*)?$/, () => ({kind: 'pane', pane: {pane: 'host'}})],
	['docker', /^docker (?:container )?(?:ps|ls|stats)(?: [^|;&>]*)?(?: \| (?:grep|head) [^|;&>]*)?$/, () => ({kind: 'pane', pane: {pane: 'containers', service: null}})],
	['docker', /^docker (?:container )?logs\b/, match => logsOf(match.input)],
	['netstat ss lsof fuser', /^(?:netstat|ss|lsof|fuser)\b[^;&>]*?(?::|\bgrep (?:-\w+ )?['":]*|\s-i ?:|\s)(\d{2,5})\b[^;&>]*$/, match => ({kind: 'check', check: {check: 'port', about: match[1]!}})],
	['netstat ss', /^(?:netstat|ss) [^|;&>]*$/, () => ({kind: 'check', check: {check: 'port', about: ''}})],
	['ps pgrep pidof', /^(?:ps|pgrep|pidof)\b[^;&>]*?(?:\| grep (?:-\w+ )?|pgrep (?:-\w+ )*|pidof )["'[]*([\w.-]+)[^;&>]*$/, match => ({kind: 'check', check: {check: 'processes', about: match[1]!}})],
	['ps', /^ps(?: [\w-]+)*$/, () => ({kind: 'pane', pane: {pane: 'host'}})],
	['dmesg', /^dmesg(?: [^;&>|]*)?(?: \| (?:tail|head|grep|less)[^;&>|]*)*$/, () => ({kind: 'check', check: {check: 'system-log', about: 'kernel'}})],
	['journalctl', /^journalctl\b[^;&>]*-u ?(?:docker|containerd)\b[^;&>]*$/, () => ({kind: 'check', check: {check: 'system-log', about: 'docker'}})],
	['cat less head grep cut sed awk', /^(?:cat|less|head|grep|cut|sed -n|awk)\b[^;&>]*\.env\b[^;&>]*$/, () => ({kind: 'check', check: {check: 'environment', about: '.env'}})],
	['docker', /^docker network inspect (\S+)$/, match => ({kind: 'check', check: {check: 'network', about: match[1]!}})],
	['docker', /^docker (?:system|image|container|volume|builder) prune\b/, match => match[0].startsWith('docker system') ? {kind: 'action', action: 'prune'} : {kind: 'other'}],
	['find', /^find \/var\/log\b[^;&|]*(?:-delete|-exec rm\b.*)$/, () => ({kind: 'action', action: 'delete-logs'})],
	['git', /^git (log|checkout|switch|reset|revert|status|show|diff|fetch|pull|stash)\b/, match => ({kind: 'git', verb: match[1]!})],
];

/** The rules by the program that a command begins with: most commands have one or none. */
const rulesOf = new Map<string, Rule[]>();
for (const rule of rules) {
	for (const program of rule[0].split(' ')) {
		rulesOf.set(program, [...(rulesOf.get(program) ?? []), rule]);
	}
}

const logsOf = (command: string): Meaning => {
	const words = wordsOf(command);
	const name = words.at(-1) ?? '';
	const tail = /(?:--tail|-n)[ =](\d+)/.exec(command)?.[1];
	return {kind: 'pane', pane: {pane: 'log', service: serviceOfContainer(name), follow: /\s(?:-\w*f\w*|--follow)\b/.test(command), depth: tail === undefined ? null : Number(tail)}};
};

/** `mestres-do-cafe_api_1` and `mestres-do-cafe-api-1` are api. */
const serviceOfContainer = (name: string): string | null => /^(?:.*[_-])?([\w.]+?)[_-]\d+$/.exec(name)?.[1] ?? (/^[\w.-]+$/.test(name) ? name : null);

/** What one command means. */
export const meaningOf = (command: string): Meaning => {
	const plain = normalise(command);
	// What is watched is on the screen all the time.
	const text = plain.startsWith('watch ') ? normalise(plain.replace(/^watch (?:-\w+(?: ?[\d.]+)? )*/, '').replace(/^(["'])(.*)\1$/, '$2')) : plain;
	const piped = /[|;&><`$]/.test(text) && /[|;&><`]|\$\(/.test(text.replaceAll(/"[^"]*"|'[^']*'|<[\p{L}][^<>]*>/gu, ''));
	const compose = composeOf(piped ? text.replace(/\s*\|\s*(?:grep|head|tail|less|cat|more)\b[^|;&>]*$/, '') : text);
	if (compose !== null) {
		const meaning = meaningOfCompose(compose);
		return meaning.kind === 'compose' && piped ? {kind: 'other'} : meaning;
	}

	const inside = /^docker exec (?:-\w+ )*(\S+) (.+)$/.exec(text);
	if (inside !== null && !piped) {
		return meaningInside(serviceOfContainer(inside[1]!) ?? inside[1]!, wordsOf(inside[2]!)) ?? {kind: 'other'};
	}

	// However its answer is made readable.
	const url = askedUrl(text.replace(/\s*\|\s*(?:jq|head|tail|less|more|cat|python3? -m json\.tool)\b[^|;&>]*$/, ''));
	if (url !== null) {
		return isHealthUrl(url) || localUrl.test(url) ? {kind: 'pane', pane: {pane: 'health', url}} : {kind: 'other'};
	}

	for (const [, pattern, make] of rulesOf.get(/^[a-z]*/.exec(text)![0]) ?? []) {
		const match = pattern.exec(text);
		if (match !== null) {
			return make(match);
		}
	}

	return {kind: 'other'};
};
