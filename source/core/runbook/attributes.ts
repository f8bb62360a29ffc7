/**
Attributes that refine a fence, in the notation that Runme users know: `` ```bash {id=start-api key=U risk=change} `` or, above the fence,
`<!-- {id=start-api} -->`. Runme's JSON form is read too. Hides the grammar; what is not known is told with its column and the word that was meant.
*/

import {nearest} from '../nearest.ts';

export type Attributes = Readonly<Record<string, string>>;

export type AttributeTrouble = {
	readonly code: 'unknown-attribute' | 'attribute-value' | 'attribute-syntax';
	/** From 0, counted in the text that was read. */
	readonly at: number;
	readonly params: Readonly<Record<string, string>>;
	readonly suggestion: string | null;
};

/** What an attribute means to the console; the rest are Runme's own, which are known and have no meaning here. */
export const knownAttributes = ['id', 'name', 'key', 'risk', 'target', 'verify', 'timeout', 'when', 'action', 'whole', 'scenario', 'cwd', 'shell'] as const;
const runmeAttributes = ['background', 'interactive', 'closeTerminalOnSuccess', 'mimeType', 'promptEnv', 'excludeFromRunAll', 'category', 'tag', 'terminalRows', 'transform', 'interpreter', 'openTerminalOnError', 'ignore', 'language'];

const allowedValues: Readonly<Record<string, RegExp>> = {
	id: /^[\w.-]{1,60}$/,
	key: /^\p{Lu}$/u,
	risk: /^(?:read|change|destructive)$/,
	action: /^[\w.-]{1,60}$/,
	target: /^[\w.-]{1,100}$/,
	verify: /^[\w.,:-]{1,100}$/,
	timeout: /^\d{1,5}(?:\.\d+)?(?:ms|s|m|min|h)$/,
	whole: /^(?:true|false)$/,
	scenario: /^\d$/,
};

const expected: Readonly<Record<string, string>> = {
	id: 'a-z 0-9 . - _', key: 'A–Z', risk: 'read, change, destructive', target: 'service', verify: 'health', timeout: '30s, 2m, 1h', whole: 'true, false', scenario: '0–9',
};

const pair = /\s*([^\s={}]+?)\s*(?:=\s*("(?:\\.|[^"\\])*"|'[^']*'|[^\s{}]*)|:\s*("(?:\\.|[^"\\])*"|[^\s,{}]+)\s*,?)(?=\s|,|$)\s*,?/y;

const unquoted = (value: string): string =>
	/^".*"$/s.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : (/^'.*'$/s.test(value) ? value.slice(1, -1) : value);

/** Reads the attributes in the first pair of braces of a text; none where there are no braces. */
export const readAttributes = (text: string): {readonly attributes: Attributes; readonly troubles: readonly AttributeTrouble[]} => {
	const open = text.indexOf('{');
	if (open < 0) {
		return {attributes: {}, troubles: []};
	}

	const close = text.lastIndexOf('}');
	const inside = text.slice(open + 1, close > open ? close : undefined);
	const troubles: AttributeTrouble[] = close > open ? [] : [{code: 'attribute-syntax', at: open, params: {found: text.slice(open, open + 40)}, suggestion: `${text.slice(open).trim()}}`}];
	const attributes: Record<string, string> = {};
	pair.lastIndex = 0;
	let at = 0;
	while (at < inside.length && inside.slice(at).trim() !== '') {
		pair.lastIndex = at;
		const match = pair.exec(inside);
		if (match === null) {
			const word = /\s*\S+/y;
			word.lastIndex = at;
			const skipped = word.exec(inside)![0];
			troubles.push({code: 'attribute-syntax', at: open + 1 + at + (skipped.length - skipped.trimStart().length), params: {found: skipped.trim().slice(0, 40)}, suggestion: 'name=value'});
			at += skipped.length;
			continue;
		}

		const name = unquoted(match[1]!);
		const value = unquoted(match[2] ?? match[3] ?? '');
		const place = open + 1 + at + (match[0].length - match[0].trimStart().length);
		troubles.push(...troublesOf(name, value, place));
		if (Object.hasOwn(allowedValues, name) ? allowedValues[name]!.test(value) : true) {
			Object.defineProperty(attributes, name, {value, enumerable: true, configurable: true, writable: true});
		}

		at += Math.max(1, match[0].length);
	}

	return {attributes, troubles};
};

const troublesOf = (name: string, value: string, at: number): readonly AttributeTrouble[] => {
	if (!(knownAttributes as readonly string[]).includes(name)) {
		return runmeAttributes.includes(name) ? [] : [{code: 'unknown-attribute', at, params: {name: name.slice(0, 40)}, suggestion: nearest(name, knownAttributes)}];
	}

	const allowed = Object.hasOwn(allowedValues, name) ? allowedValues[name]! : null;
	return allowed === null || allowed.test(value) ? [] : [{code: 'attribute-value', at, params: {name, value: value.slice(0, 40), expected: expected[name] ?? ''}, suggestion: null}];
};

/** A span such as `2m`, `90s`, `10 minutos`, `1 hour` in milliseconds; null when it is none. */
export const spanOf = (text: string): number | null => {
	const match = /(\d{1,6}(?:[.,]\d+)?)\s*(ms|s|seg\w*|sec\w*|m|min\w*|h|hora\w*|hour\w*|hr\w*)\b/i.exec(text);
	if (match === null) {
		return null;
	}

	const unit = match[2]!.toLowerCase();
	const factor = unit === 'ms' ? 1 : (unit.startsWith('s') ? 1000 : (unit.startsWith('m') ? 60_000 : 3_600_000));
	return Math.round(Number(match[1]!.replace(',', '.')) * factor);
};
