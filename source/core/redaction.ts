/**
What must not pass a gate (screen, disk, clipboard, network): secrets in outside text. Recognised by shape: passwords in URLs, bearer
tokens, private keys, well-known token forms, and values assigned to a name that says it is secret. Of a URL only the password goes.
*/

import type {SafeText} from './text.ts';

export const redactedMark = '‹redacted›';

const secretName = String.raw`[A-Za-z0-9_.-]*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|senha|segredo)[A-Za-z0-9_.-]*`;

const rules: readonly (readonly [RegExp, string])[] = [
	[/(\b[a-z][a-z\d+.-]*:\/\/[^\s:/@]*:)[^\s@/]+(?=@)/gi, `$1${redactedMark}`],
	[/\b(Bearer|Basic)\s+[\w+/=.~-]{8,}/gi, `$1 ${redactedMark}`],
	[/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs, redactedMark],
	[/\b(?:xox[abeoprs]-[\w-]{8,}|gh[oprsu]_\w{20,}|github_pat_\w{20,}|AKIA[\dA-Z]{16}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|sk-[\w-]{20,}|AIza[\w-]{30,})/g, redactedMark],
	[new RegExp(String.raw`("?'?\b${secretName}"?'?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&}\]]+)`, 'gi'), `$1${redactedMark}`],
];

/** The text without its secrets. */
export const redact = (text: SafeText): SafeText => {
	let out: string = text;
	for (const [pattern, replacement] of rules) {
		out = out.replace(pattern, replacement);
	}

	return out as SafeText;
};
