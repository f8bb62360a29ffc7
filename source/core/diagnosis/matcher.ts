/**
Finds signatures in text. It hides the two steps that keep a flood harmless: one alternation of literals over the line, and the single
expressions only for a line that passed it. The signatures that ship are compiled once; a team's own go along.
*/

import {redact} from '../redaction.ts';
import type {CustomSignature} from '../settings.ts';
import {makeSafe, type SafeText} from '../text.ts';
import {signatures, type Signature} from './signatures.ts';

/** What a line proves. */
export type SignatureKind =
	| 'missing-variable' | 'database-auth' | 'database-missing' | 'database-unreachable' | 'cache-unreachable' | 'cache-auth' | 'cache-full' | 'cache-cannot-save' | 'migration-pending' | 'migration-broken'
	| 'dependency-error' | 'syntax-error' | 'bad-command' | 'permission' | 'read-only' | 'no-space' | 'out-of-memory' | 'worker-killed' | 'worker-timeout' | 'too-many-files'
	| 'too-many-processes' | 'connections' | 'pool-exhausted' | 'lock-wait' | 'starting-up' | 'shutting-down' | 'data-broken' | 'data-new' | 'config-invalid' | 'upstream-unresolved' | 'upstream-refused'
	| 'upstream-connect-timeout' | 'upstream-timeout' | 'upstream-closed' | 'port-in-use' | 'certificate' | 'clock' | 'app-error' | 'failed-boot' | 'custom';

export type SignatureHit = {
	readonly signature: string;
	readonly kind: SignatureKind;
	readonly params: Readonly<Record<string, string>>;
};

/** The last line of a container that bore a signature, and how many did. */
export type LogMatch = SignatureHit & {
	readonly containerId: string;
	readonly service: string;
	readonly count: number;
	readonly firstAtMs: number;
	readonly lastAtMs: number;
	/** Safe and without secrets. */
	readonly line: SafeText;
};

type Compiled = {readonly id: string; readonly kind: SignatureKind; readonly service: string | null; readonly hints: readonly string[]; readonly pattern: RegExp};

export type Matcher = {
	/** Cheap: may the line bear any signature? */
	readonly mayMatch: (text: string) => boolean;
	/** Every signature in the line; `service` picks among a team's own. */
	readonly match: (text: string, service: string) => readonly SignatureHit[];
};

const escaped = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
const textKept = 2000;

const compile = ({id, kind, hints, pattern}: Signature): Compiled => ({id, kind, service: null, hints, pattern: new RegExp(pattern, 'i')});
const shipped = signatures.map(signature => compile(signature));

/** A matcher for the shipped signatures and a team's own. Patterns that are no expression are taken as plain text. */
export const createMatcher = (custom: readonly CustomSignature[]): Matcher => {
	const own = custom.map(({id, pattern, service}): Compiled => ({id, kind: 'custom', service, hints: [], pattern: patternOf(pattern)}));
	const compiled = [...shipped, ...own];
	const prefilter = new RegExp([...new Set(shipped.flatMap(({hints}) => hints))].map(hint => escaped(hint)).join('|'), 'i');
	const mayMatch = (text: string): boolean => prefilter.test(text) || own.some(({pattern}) => pattern.test(text));
	const look = (text: string, service: string): readonly SignatureHit[] => {
		if (!mayMatch(text)) {
			return [];
		}

		const lower = text.toLowerCase();
		return compiled.flatMap((one): readonly SignatureHit[] => {
			if ((one.service !== null && one.service !== service) || (one.hints.length > 0 && !one.hints.some(hint => lower.includes(hint)))) {
				return [];
			}

			const found = one.pattern.exec(text);
			return found === null ? [] : [{signature: one.id, kind: one.kind, params: groupsOf(found)}];
		});
	};

	return {mayMatch, match: remembering(look)};
};

/** The answers of failing pings and health checks: the same few texts are judged several times a second for as long as it lasts. */
const rememberedAtMost = 64;

const remembering = (look: Matcher['match']): Matcher['match'] => {
	const known = new Map<string, readonly SignatureHit[]>();
	return (text, service) => {
		const key = `${service}\n${text}`;
		const before = known.get(key);
		if (before !== undefined) {
			return before;
		}

		const hits = look(text, service);
		if (known.size >= rememberedAtMost) {
			known.delete(known.keys().next().value!);
		}

		known.set(key, hits);
		return hits;
	};
};

const patternOf = (pattern: string): RegExp => {
	try {
		return new RegExp(pattern, 'i');
	} catch {
		return new RegExp(escaped(pattern), 'i');
	}
};

const groupsOf = (found: RegExpExecArray): Readonly<Record<string, string>> =>
	Object.fromEntries(Object.entries(found.groups ?? {}).flatMap(([name, value]) => value === undefined || value === '' ? [] : [[name, redact(makeSafe(value.slice(0, 200)))]]));

/** Lines of one batch that are looked at closely; of more the newest are: the flood tells nothing new. */
const closelyAtMost = 200;

/** The matches in a batch of raw lines of one container, one for each signature. */
export const matchLines = (matcher: Matcher, source: {readonly containerId: string; readonly service: string}, lines: readonly {readonly atMs: number; readonly rawText: string}[]): readonly LogMatch[] => {
	const found = new Map<string, LogMatch>();
	let looked = 0;
	for (let index = lines.length - 1; index >= 0 && looked < closelyAtMost; index--) {
		const {atMs, rawText} = lines[index]!;
		const text = rawText.length > textKept ? rawText.slice(0, textKept) : rawText;
		if (!matcher.mayMatch(text)) {
			continue;
		}

		looked++;
		for (const hit of matcher.match(text, source.service)) {
			const before = found.get(hit.signature);
			found.set(hit.signature, before === undefined
				? {...hit, ...source, count: 1, firstAtMs: atMs, lastAtMs: atMs, line: redact(makeSafe(text.trim()))}
				: {...before, count: before.count + 1, firstAtMs: Math.min(before.firstAtMs, atMs)});
		}
	}

	return [...found.values()];
};

const matchesKept = 400;

/** The memory of matches after a batch: bounded, the last line and the count for each container and signature. */
export const withMatches = (memory: Readonly<Record<string, LogMatch>>, matches: readonly LogMatch[]): Readonly<Record<string, LogMatch>> => {
	const next: Record<string, LogMatch> = {...memory};
	for (const match of matches) {
		const key = `${match.containerId} ${match.signature}`;
		const before = next[key];
		next[key] = before === undefined || match.lastAtMs < before.lastAtMs
			? before === undefined ? match : {...before, count: before.count + match.count}
			: {...match, count: before.count + match.count, firstAtMs: before.firstAtMs};
	}

	const entries = Object.entries(next);
	return entries.length <= matchesKept ? next : Object.fromEntries(entries.toSorted(([, a], [, b]) => b.lastAtMs - a.lastAtMs).slice(0, matchesKept));
};
