/**
What must not pass a gate (screen, disk, clipboard, network): secrets in outside text. Here they are recognised by shape: passwords in URLs, headers
and cookies, private keys, well-known token forms, and values assigned to a name that says it is secret. Of a URL only the password goes.
Secrets whose value is known are secrets.ts's part.

One prefilter looks at each text first: nearly every log line leaves there.
*/

import {assignedPattern, environmentLine, flagPattern, isNoSecret, isSecretName, tokenPattern, webhookPattern} from './secret-shapes.ts';
import {makeSafe, ownText, type SafeText} from './text.ts';

export const redactedMark = '‹redacted›';

// Three letters, rare ones, of each thing that a rule looks for. One table look-up a character: three hundred alternatives in one expression cost ten times that.
const anchors = ('pas pwd ecr tok key enh egr cha ede aut bea asi coo ses sid srf otp cvv ig= gna sal epp tif '
	+ ':// @tc @un :th --- $2a $2b $2x $2y $ar $1$ $5$ $6$ $ap pbk ryp ysq mar s-c 32: :*: '
	+ 'xox xap hp_ ho_ hr_ hs_ hu_ b_p glp glc oas gls gld glr gla gli glf kia sia bia cca roa ida eyj sk- sk_ rk_ whs aiz ya2 ocs 1// sg. -us pm_ ypi byg op_ oo_ or_ hrk n_a tn_ hpa hpc hps sq0 '
	+ ':aa snt rak hvs hvb hvr tla ckr dap hf_ mak tt3 aac ge- pp_ xke igd sbp psc dp. tsk ks. ebh').split(' ');

/** Three letters as one number below 2²¹, upper case as lower. */
const packed = (first: number, second: number, third: number): number => (((first | 32) & 127) << 14) | (((second | 32) & 127) << 7) | ((third | 32) & 127);

/** One bit for each three letters there can be. */
const anchored = ((): Uint32Array => {
	const bits = new Uint32Array(1 << 16);
	// Twilio's tokens are two letters, then hexadecimal digits.
	const twilio = ['sk', 'ac'].flatMap(first => [...'0123456789abcdef'].map(digit => first + digit));
	for (const anchor of [...anchors, ...twilio, 'rl ', 'r l']) {
		const index = packed(anchor.charCodeAt(0), anchor.charCodeAt(1), anchor.charCodeAt(2));
		bits[index >> 5]! |= 1 << (index & 31);
	}

	return bits;
})();

/** May there be a secret at all? Nearly every log line says no. */
const isSuspect = (text: string): boolean => {
	let first = 0;
	let second = 0;
	for (let at = 0; at < text.length; at++) {
		const third = text.charCodeAt(at);
		const index = packed(first, second, third);
		if ((anchored[index >> 5]! & (1 << (index & 31))) !== 0 && (first !== 0x3A || second !== 0x2F || holdsUser(text, at + 1))) {
			return true;
		}

		first = second;
		second = third;
	}

	return false;
};

/** After `://`: does a user, and with her perhaps a password, stand before the host? */
const holdsUser = (text: string, from: number): boolean => {
	for (let at = from; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === 0x40 || code <= 0x20 || code === 0x2F) {
			return code === 0x40;
		}
	}

	return false;
};

type Rule = readonly [RegExp, string | ((...groups: readonly string[]) => string)];

const keyBlock = /-----BEGIN [A-Z\d ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z\d ]*PRIVATE KEY(?: BLOCK)?-----|$)/gs;

const rules: readonly Rule[] = [
	[keyBlock, redactedMark],
	[/(\b[a-z][a-z\d+.-]*:\/\/[^\s:/@"'<>]*:)[^\s/"'<>]+(?=@)/gi, `$1${redactedMark}`],
	[/([\w.-]+:)[^\s@/:]+(?=@(?:tcp|unix)\()/g, `$1${redactedMark}`],
	[/(:thin:\w+\/)[^@\s]+(?=@)/g, `$1${redactedMark}`],
	[/((?:set-)?cookie2?["'\\]{0,3}\s*[:=]\s*["'\\]{0,3})[^"'\\⏎\s][^"'\\⏎]*/gi, `$1${redactedMark}`],
	[/((?:proxy-)?authorization["'\\]{0,3}\s*[:=]\s*digest\s+)(?!‹)[^⏎]+/gi, `$1${redactedMark}`],
	[/((?:proxy-)?authorization["'\\]{0,3}\s*[:=]\s*["'\\]{0,3}(?!\w+\s+‹)(?:(?:bearer|basic|digest|token|apikey|negotiate|aws4-hmac-sha256)\s+)?)(?![\s‹])[^"'\\⏎]+/gi, `$1${redactedMark}`],
	[/\b(bearer|basic|token)\s+(?=[\w+/.~-]*[\d=])[\w+/=.~-]{8,}/gi, `$1 ${redactedMark}`],
	[environmentLine, (whole, kept, name, value) => isSecretName(name!) && !isNoSecret(value!, name!) && !/^[a-z][a-z\d+.-]*:\/\//i.test(value!) ? `${kept!}${redactedMark}` : whole!],
	[webhookPattern, `$1${redactedMark}`],
	[tokenPattern, redactedMark],
	[flagPattern, `$1${redactedMark}`],
	[assignedPattern, (whole, kept, value) => isNoSecret(value!, kept!) ? whole! : `${kept!}${redactedMark}`],
	[/(\b(?:mysql\w*|mariadb[\w-]*|sshpass)\b(?:\s+\S+)*?\s-p\s?)(?:'[^']*'|"[^"]*"|(?!-)\S+)/g, `$1${redactedMark}`],
	[/(\bdocker login\b(?:\s+\S+)*?\s-p\s*)(?:'[^']*'|"[^"]*"|\S+)/g, `$1${redactedMark}`],
	[/(\bredis-cli\b(?:\s+\S+)*?\s(?:-a|--pass)\s*)(?:'[^']*'|"[^"]*"|\S+)/g, `$1${redactedMark}`],
	[/(\bcurl\b(?:\s+\S+)*?\s(?:-u|--user|--proxy-user)[\s=]*["']?[^\s:"']+:)[^\s"']+/g, `$1${redactedMark}`],
	[/((?<!revision )\b(?:password|identified\s+(?:with\s+\S+\s+)?by(?:\s+password)?)\s+)(?:'(?:[^']|'')*'|"[^"]*")/gi, `$1${redactedMark}`],
	[/(\blogin\s+\S+\s+password\s+)\S+/gi, `$1${redactedMark}`],
	[/((?:^|["'\s])(?:auth|requirepass|masterauth)["']?\s+)(?:"[^"]+"|'[^']+'|(?=\S*[\d\W_])\S{6,})/gi, `$1${redactedMark}`],
	[/(<([\w:-]*(?:password|passwd|secret|token|senha|api-?key)[\w:-]*)(?:\s[^>]*)?>)[^<]+(?=<\/)/gi, `$1${redactedMark}`],
	[/^([\w.*-]+:(?:\d{2,5}|\*):[\w*-]+:[\w*-]+:)\S+$/, `$1${redactedMark}`],
];

/** The text without the secrets that can be told by their shape. */
export const redact = (text: SafeText): SafeText => {
	if (!isSuspect(text)) {
		return text;
	}

	let out: string = text;
	for (const [pattern, replacement] of rules) {
		out = typeof replacement === 'string' ? out.replace(pattern, replacement) : out.replace(pattern, (...groups) => replacement(...groups as string[]));
	}

	return out as SafeText;
};

const keyLinesAtMost = 200;

/** Lines of one stream, in their order: a private key spans many, of which only the first and the last say so. */
export class LineRedactor {
	#keyLines = 0;
	readonly #redact: (text: SafeText) => SafeText;

	constructor(redactText: (text: SafeText) => SafeText) {
		this.#redact = redactText;
	}

	/** The next line without its secrets. */
	next(rawText: string): SafeText {
		const line = makeSafe(rawText);
		if (this.#keyLines > 0) {
			const isEnd = line.includes('-----END ');
			// What cannot be part of a key ends it, so that a stray first line never hides what comes after.
			if (isEnd || !/^[^\w+/=-]*(?:\S{1,30}\s*\|\s*)?[\w+/=: ,-]*$/.test(line) || this.#keyLines > keyLinesAtMost) {
				this.#keyLines = 0;
			} else {
				this.#keyLines++;
				return ownText(redactedMark);
			}

			if (isEnd) {
				return ownText(redactedMark);
			}
		}

		if (line.includes('-----BEGIN ') && /-----BEGIN [A-Z\d ]*PRIVATE KEY/.test(line) && !line.includes('-----END ')) {
			this.#keyLines = 1;
		}

		return this.#redact(line);
	}
}
