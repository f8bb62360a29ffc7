/**
The secrets whose values are known: of `.env`, the containers' environments and the configuration. Mutable and closed over, like the log book: the
values can be learnt and taken out of text, and nothing gives them back; neither the state nor a dump of it shows them.

What counts as secret is decided here: a value whose name says so, or that looks random by its length and entropy; of a URL only the password. So `2`,
a user's name or a database's name stay readable.
*/

import {redact, redactedMark} from './redaction.ts';
import {isSecretName} from './secret-shapes.ts';
import type {SafeText} from './text.ts';

/** A variable as a process sees it. Its value never goes into the state. */
export type Variable = {readonly name: string; readonly value: string};

const valuesKept = 2000;
const shortest = 4;
/** Shorter ones are taken out only where they stand as a word of their own. */
const distinct = 8;

/** Names of values that look random and are none of anybody's business to hide: checksums, versions, places. */
const publicName = /(?:SHA\d*|SUM|DIGEST|VERSION|COMMIT|REVISION|HASHES|CHECKSUM|GPG_KEYS?|PUBLIC_KEY|PATH|DIR|HOST(?:NAME)?|UUID|BUILD_ID|PKG_RELEASE|ALGORITHMS?)$/i;
const harmlessValue = /^(?:true|false|null|none|undefined|yes|no|on|off|default|disabled|enabled|development|production|staging|testing|localhost|\d{1,5})$/i;

export class Secrets {
	/** Rises when something was learnt: what was looked through before may be looked through again. */
	revision = 0;
	readonly #values = new Set<string>();
	/** Values of variables that say they are no secret: a password that is also the database's name would blank that everywhere. */
	readonly #open = new Set<string>();
	#pattern: RegExp | null = null;

	/** Learns which of these values are secret. Answers with how many are known now. */
	learn(variables: readonly Variable[]): number {
		const before = this.#values.size + this.#open.size;
		for (const {name, value} of variables) {
			const found = secretsOf(name, value);
			for (const secret of found) {
				this.#add(secret);
			}

			if (found.length === 0 && value.length >= shortest) {
				this.#open.add(value);
			}
		}

		if (this.#values.size + this.#open.size !== before) {
			this.#pattern = patternOf([...this.#values].filter(value => !this.#open.has(value)));
			this.revision++;
		}

		return this.#values.size;
	}

	/** The text without known secrets and without what looks like one. */
	readonly redact = (text: SafeText): SafeText => redact(this.#withoutKnown(text));

	/** Where a text that is not finished may end in the beginning of a secret: so much of its end is not to be shown yet. */
	heldBack(text: string): number {
		const word = /\S+$/.exec(text)?.[0] ?? '';
		return word.length > 3 || (word !== '' && [...this.#values].some(value => value.startsWith(word))) ? word.length : 0;
	}

	#withoutKnown(text: SafeText): SafeText {
		return this.#pattern === null ? text : text.replace(this.#pattern, redactedMark) as SafeText;
	}

	#add(secret: string): void {
		if (this.#values.size >= valuesKept) {
			return;
		}

		this.#values.add(secret);
	}
}

/** The parts of a variable's value that are secret. */
const secretsOf = (name: string, value: string): readonly string[] => {
	const trimmed = value.trim();
	if (trimmed.length < shortest || harmlessValue.test(trimmed)) {
		return [];
	}

	const url = /^[a-z][a-z\d+.-]*:\/\/[^\s:/@]*:([^\s]+)@[^@\s]*$/i.exec(trimmed);
	if (url !== null) {
		return [url[1]!, decoded(url[1]!)].filter(password => password.length >= shortest && !harmlessValue.test(password));
	}

	const isNamed = isSecretName(name) && !publicName.test(name);
	if (/^[a-z][a-z\d+.-]*:\/\//i.test(trimmed) || (/^(?:\/|\.\/)/.test(trimmed) && !isNamed)) {
		return [];
	}

	if (isNamed || (!publicName.test(name) && looksRandom(trimmed))) {
		// A key over several lines is printed a line at a time.
		return trimmed.includes('\n') ? trimmed.split('\n').map(line => line.trim()).filter(line => line.length >= 16 && !line.startsWith('-----')) : [trimmed];
	}

	return [];
};

const decoded = (text: string): string => {
	try {
		return decodeURIComponent(text);
	} catch {
		// A lone percent sign: the password is not encoded, and stands as it is.
		return text;
	}
};

/** Long, of several kinds of characters, and with as much entropy as chance gives; words, lists, addresses and identifiers have less. */
const looksRandom = (value: string): boolean => {
	if (value.length < 20 || value.length > 512 || /[\s,;:]/.test(value) || /^[\da-f]{8}-[\da-f]{4}-/i.test(value)) {
		return false;
	}

	const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter(kind => kind.test(value)).length;
	const isHex = /^[\da-f]+$/i.test(value);
	return isHex ? value.length >= 32 && entropyOf(value) > 3 : kinds === 3 && entropyOf(value) > 3.7 && !/^[\w-]+(?:[./][\w-]+)+$/.test(value);
};

/** Bits a character. */
const entropyOf = (value: string): number => {
	const counts = new Map<string, number>();
	for (const character of value) {
		counts.set(character, (counts.get(character) ?? 0) + 1);
	}

	let bits = 0;
	for (const count of counts.values()) {
		const share = count / value.length;
		bits -= share * Math.log2(share);
	}

	return bits;
};

const escaped = (text: string): string => text.replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`);

/** One alternation of all forms: as it is, in a URL, in JSON, in base64. The longest first, since one may begin another. */
const patternOf = (values: readonly string[]): RegExp | null => {
	const forms = new Set<string>();
	for (const value of values) {
		const form = value.length < distinct ? String.raw`(?<![\w-])${escaped(value)}(?![\w-])` : escaped(value);
		forms.add(form);
		if (value.length >= distinct) {
			for (const other of [encodeURIComponent(value.toWellFormed()), JSON.stringify(value).slice(1, -1), base64Of(value)]) {
				forms.add(escaped(other));
			}
		}
	}

	return forms.size === 0 ? null : new RegExp([...forms].toSorted((a, b) => b.length - a.length).join('|'), 'g');
};

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The base64 of a text, without its last, padded group. */
const base64Of = (text: string): string => {
	const bytes = [...unescapedUtf8(text)];
	let out = '';
	for (let at = 0; at + 2 < bytes.length; at += 3) {
		const bits = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
		out += letters[bits >> 18]! + letters[(bits >> 12) & 63]! + letters[(bits >> 6) & 63]! + letters[bits & 63]!;
	}

	return out;
};

const unescapedUtf8 = function * (text: string): Generator<number> {
	const encoded = encodeURIComponent(text.toWellFormed());
	for (let at = 0; at < encoded.length; at++) {
		if (encoded[at] === '%') {
			yield Number.parseInt(encoded.slice(at + 1, at + 3), 16);
			at += 2;
		} else {
			yield encoded.charCodeAt(at);
		}
	}
};
