/**
Programs that are given a program of their own in a word: `find`, `awk`, `sed`, `curl`, `wget`. It hides what in such a text writes, deletes or runs.
*/

import {change, destructive, mayBeOption, nothing, spells, type Judge, type Marks} from './judging.ts';
import type {Word} from './shell-words.ts';

/** `find`: looks, unless an action deletes, writes or runs something. */
export const findJudge: Judge = ({args, command}) => {
	const marks: Marks[] = [];
	for (let at = 0; at < args.length; at++) {
		const {text} = args[at]!;
		if (mayBeOption(args[at]!)) {
			marks.push(destructive('unknown-words'));
		} else if (text === '-delete') {
			marks.push(destructive('deletes'));
		} else if (/^-f(?:print|ls)/.test(text)) {
			marks.push(destructive('overwrites'));
		} else if (/^-(?:exec|ok)/.test(text)) {
			const from = at + 1;
			while (at < args.length && args[at]!.text !== ';' && !(args[at]!.text === '+' && args[at - 1]!.text === '{}')) {
				at++;
			}

			marks.push(command(args.slice(from, at).map(word => word.text.includes('{}') ? {...word, dynamic: true} : word)));
		}
	}

	return marks.flat();
};

/** `awk`: a text that neither runs a program nor writes a file. `$5 > 80` compares; `print > "x"` writes. */
export const awkJudge: Judge = ({args}) => {
	let at = 0;
	while (at < args.length && /^-./.test(args[at]!.text)) {
		if (!/^-[Fv]/.test(args[at]!.text) || mayBeOption(args[at]!)) {
			return destructive('unknown-words');
		}

		at += args[at]!.text.length === 2 ? 2 : 1;
	}

	const text = args[at];
	if (text === undefined || text.dynamic || mayBeOption(text)) {
		return destructive('unknown-words');
	}

	const bare = text.text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
	if (/\bsystem\s*\(|(?<!\|)\|(?!\|)|@(?:load|include|\w+\s*\()/.test(bare)) {
		return destructive('runs-text');
	}

	return /\bprintf?\b[^;}\n]*>|\bclose\b|>>/.test(bare) ? destructive('overwrites') : nothing;
};

// Addresses and the commands that only print, skip and substitute. `w`, `e`, `r`, `a`, `s///e`, `s///w` are not among them.
const sedAddress = String.raw`(?:\d+|\$|\/(?:[^/\\]|\\.)*\/I?)`;
const sedCommand = String.raw`(?:[pdDPnNgGhHxl=]|[qQ]\d*|[btT:]\s*\w*|s([^\w\s\\])(?:(?!\1)[^\\]|\\[^])*\1(?:(?!\1)[^\\]|\\[^])*\1[gpiIm\d]*|y([^\w\s\\])(?:(?!\2)[^\\]|\\[^])*\2(?:(?!\2)[^\\]|\\[^])*\2|[{}])`;
const sedPiece = new RegExp(String.raw`\s*(?:${sedAddress}(?:,\s*(?:[+~]?${sedAddress}))?(?:~\d+)?)?\s*!?\s*${sedCommand}\s*(?:;|\n|(?=\})|$)|\s*[{};]\s*`, 'y');

const isHarmlessSed = (text: string): boolean => {
	let at = 0;
	while (at < text.length) {
		sedPiece.lastIndex = at;
		const match = sedPiece.exec(text);
		if (match === null || match[0] === '') {
			return false;
		}

		at += match[0].length;
	}

	return true;
};

export const sedJudge: Judge = ({args}) => {
	const texts: Word[] = [];
	const operands: Word[] = [];
	for (let at = 0; at < args.length; at++) {
		const word = args[at]!;
		if (mayBeOption(word)) {
			return destructive('unknown-words');
		}

		if (spells(word, ['--in-place']) || /^-[a-zA-Z]*i/.test(word.text)) {
			return destructive('overwrites');
		}

		if (/^-[nErsuz]*e$/.test(word.text) || word.text === '--expression') {
			texts.push(...args.slice(++at, at + 1));
		} else if (word.text.startsWith('--expression=')) {
			texts.push({...word, text: word.text.slice('--expression='.length)});
		} else if (/^-[nErsuz]+$/.test(word.text) || /^--(?:quiet|silent|regexp-extended|unbuffered|separate|null-data|posix)$/.test(word.text)) {
			continue;
		} else if (/^-./.test(word.text)) {
			return destructive('unknown-words');
		} else {
			operands.push(word);
		}
	}

	const scripts = texts.length > 0 ? texts : operands.slice(0, 1);
	return scripts.length > 0 && scripts.every(word => !word.dynamic && isHarmlessSed(word.text)) ? nothing : destructive('unknown-words');
};

const isNowhere = (target: string): boolean => target === '-' || target === '/dev/null' || target === '/dev/stdout' || target === '/dev/stderr';

const curlFlags = new Set(('-s -S -f -L -k -I -i -v -g -N -q -4 -6 -a -# -0 -n -G -j -l --silent --show-error --fail --fail-with-body --location --insecure --head --include --verbose --globoff --no-buffer --ipv4 --ipv6 --compressed --http1.1 --http2 --http1.0 --get '
	+ '--no-progress-meter --progress-bar --tcp-nodelay --no-keepalive --path-as-is --raw --version -V --help').split(' '));
const curlValued = new Set(('-m -H -A -u -e -b -x -w -r -y -Y -z -E --max-time --connect-timeout --header --user-agent --user --referer --cookie --proxy --write-out --range --retry --retry-delay --retry-max-time --resolve --connect-to --interface '
	+ '--cacert --capath --cert --key --unix-socket --noproxy --limit-rate --max-redirs --url --speed-limit --speed-time --keepalive-time').split(' '));
const curlBodies = new Set('-d -F -T --data --data-raw --data-binary --data-ascii --data-urlencode --form --form-string --upload-file --json'.split(' '));
const curlFiles = new Set('-o -D -c --output --dump-header --cookie-jar --trace --trace-ascii --stderr --output-dir'.split(' '));

/** `curl`: a GET is a look; a body or another method changes what lies behind it; a file may be overwritten. */
export const curlJudge: Judge = ({args}) => {
	const marks: Marks[] = [];
	const isGet = args.some(word => word.text === '-G' || word.text === '--get');
	const valueOf = (word: Word, next: Word | undefined, attached: string): Word => attached === '' ? next ?? {...word, text: ''} : {...word, text: attached};
	for (let at = 0; at < args.length; at++) {
		const word = args[at]!;
		if (mayBeOption(word)) {
			return destructive('unknown-words');
		}

		if (!/^-./.test(word.text)) {
			continue;
		}

		const split = optionOf(word.text);
		if (split === null) {
			return destructive('unknown-words');
		}

		const {name, attached, takesValue} = split;
		const value = valueOf(word, args[at + 1], attached);
		at += takesValue && attached === '' ? 1 : 0;
		if (curlFiles.has(name)) {
			marks.push(isNowhere(value.text) && !value.dynamic ? nothing : destructive('overwrites'));
		} else if (curlBodies.has(name)) {
			marks.push(isGet ? nothing : change('sends'));
		} else if (name === '-X' || name === '--request') {
			marks.push(methodMarks(value));
		}
	}

	return marks.flat();
};

const methodMarks = (value: Word): Marks => {
	if (value.dynamic) {
		return destructive('unknown-words');
	}

	return /^(?:GET|HEAD|OPTIONS)$/i.test(value.text) ? nothing : (/^(?:POST|PUT|PATCH)$/i.test(value.text) ? change('sends') : destructive('deletes'));
};

/** The option of a word that decides: the one that takes a value, in a bundle the last one. Null when one is not known. */
const optionOf = (text: string): {readonly name: string; readonly attached: string; readonly takesValue: boolean} | null => {
	const takes = (name: string): boolean => curlValued.has(name) || curlBodies.has(name) || curlFiles.has(name) || name === '-X' || name === '--request';
	if (text.startsWith('--')) {
		return takes(text) || curlFlags.has(text) ? {name: text, attached: '', takesValue: takes(text)} : null;
	}

	for (const [index, letter] of [...text.slice(1)].entries()) {
		const name = `-${letter}`;
		if (takes(name)) {
			return {name, attached: text.slice(index + 2), takesValue: true};
		}

		if (!curlFlags.has(name)) {
			return null;
		}
	}

	return {name: text, attached: '', takesValue: false};
};

/** `wget`: writes a file beside itself unless told otherwise. */
export const wgetJudge: Judge = ({args}) => {
	if (args.some(word => mayBeOption(word))) {
		return destructive('unknown-words');
	}

	let writes = true;
	for (let at = 0; at < args.length; at++) {
		const {text} = args[at]!;
		const output = /^(?:-[qSvc]*O|--output-document=)(.*)$/.exec(text);
		if (output !== null || text === '--output-document') {
			const target = (output?.[1] ?? '') === '' ? args[++at] : {...args[at]!, text: output![1]!};
			if (target === undefined || target.dynamic || !isNowhere(target.text)) {
				return destructive('overwrites');
			}

			writes = false;
		} else if (text === '--spider' || text === '--version') {
			writes = false;
		} else if (/^--(?:post-data|post-file|body-data|method)(?:=|$)/.test(text)) {
			return /=(?:GET|HEAD)$/.test(text) ? nothing : (/DELETE/i.test(text) ? destructive('deletes') : change('sends'));
		} else if (/^-[Tt]$/.test(text)) {
			at++;
		} else if (/^-./.test(text) && !/^-(?:[qSv46]|nv|[Tt]\d+)+$|^--(?:quiet|server-response|no-verbose|timeout=\d+|tries=\d+|no-check-certificate|header=.*|user-agent=.*|max-redirect=\d+|content-on-error)$/.test(text)) {
			return destructive('unknown-words');
		}
	}

	return writes ? change('writes') : nothing;
};
