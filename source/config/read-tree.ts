/**
From a YAML file's text to what a schema makes of it, or to all that is wrong with it, each problem with its line and column. Hides the YAML library and
how an issue of the schema becomes a located problem; the configuration and a drill's scenario are read this way. Pure: reads nothing, and never
shows a value that may be a secret.
*/

import {isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument} from 'yaml';
import type {Document, Node, Pair, YAMLError} from 'yaml';
import type * as z from 'zod';
import type {Expectation, ConfigurationProblem} from '../core/settings.ts';
import {clip, makeSafe} from '../core/text.ts';
import type {FoundProblem, Path} from './checks.ts';
import {nearest} from '../core/nearest.ts';
import {knownKeys, namedKeys} from './schema.ts';
import {isSecretName} from './secret.ts';

export type ReadTree<Value> =
	/** `undefined`: there is nothing in the file. */
	| {readonly ok: true; readonly value: Value | undefined}
	| {readonly ok: false; readonly problems: readonly ConfigurationProblem[]};

/** Reads the text of a file. `together` says what is wrong between entries, of the raw tree, so that all problems are found in one go. */
export const readTree = <Schema extends z.ZodType>(text: string, file: string, schema: Schema, together: (tree: unknown) => readonly FoundProblem[]): ReadTree<z.output<Schema>> => {
	const lines = new LineCounter();
	const document = parseDocument(text, {lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true});
	if (document.errors.length > 0) {
		return {ok: false, problems: document.errors.map(error => yamlProblem(error, file, lines))};
	}

	let tree: unknown;
	try {
		tree = withoutEmpty(document.toJS({maxAliasCount: 100}));
	} catch {
		// The library throws only one thing here: aliases that multiply beyond the count. The problem says so.
		return {ok: false, problems: [{file, line: 1, column: 1, code: 'too-many-aliases', path: '', expected: null, got: ''}]};
	}

	if (tree === undefined) {
		return {ok: true, value: undefined};
	}

	const result = schema.safeParse(tree);
	const found = [
		...result.success ? [] : result.error.issues.flatMap(issue => schemaProblems(issue, tree, path => knownKeys(schema, path))),
		...together(tree),
	];
	return result.success && found.length === 0
		? {ok: true, value: result.data}
		: {ok: false, problems: order(unique(found).map(problem => locate(problem, file, document, lines)))};
};

/** Keys with nothing after them (everything under them commented out) count as left out. */
const withoutEmpty = (value: unknown): unknown => {
	if (value === null) {
		return undefined;
	}

	if (Array.isArray(value)) {
		return value.map((item: unknown) => item === null ? null : withoutEmpty(item));
	}

	if (typeof value !== 'object' || value === undefined) {
		return value;
	}

	// Null prototype and own entries only: a key named `__proto__` stays a key, and is then unknown.
	const kept = Object.create(null) as Record<string, unknown>;
	for (const [key, inner] of Object.entries(value)) {
		if (inner !== null) {
			kept[key] = withoutEmpty(inner);
		}
	}

	return kept;
};

const yamlProblem = (error: YAMLError, file: string, lines: LineCounter): ConfigurationProblem => {
	const {line, col} = lines.linePos(error.pos[0]);
	return {
		file, line, column: col, path: '', expected: null,
		code: error.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'syntax',
		got: '',
		params: {yaml: error.code},
	};
};

type Issue = {readonly code?: string | undefined; readonly path: readonly PropertyKey[]; readonly message: string; readonly keys?: readonly string[]};

const schemaProblems = (issue: Issue, tree: unknown, known: (path: Path) => readonly string[]): readonly FoundProblem[] => {
	const path = issue.path.map(step => typeof step === 'number' ? step : String(step));
	if (issue.code === 'unrecognized_keys') {
		return (issue.keys ?? []).map(key => {
			const suggestion = nearest(key, known(path));
			return {code: 'unknown-key', path: [...path, key], at: 'key', got: key, ...suggestion !== null && {suggestion}, params: {known: known(path).join(', ')}};
		});
	}

	const expected = JSON.parse(issue.message) as Expectation;
	const got = valueAt(tree, path);
	if (got === undefined) {
		return [{code: 'missing-key', path, at: 'value', expected, got: String(path.at(-1) ?? '')}];
	}

	const suggestion = suggest(expected, got);
	return [{code: 'wrong-value', path, at: 'value', expected, got, hidden: expected.kind === 'secret', ...suggestion !== null && {suggestion}}];
};

const suggest = ({kind, options}: Expectation, got: unknown): string | null => {
	if (kind === 'duration' && typeof got === 'number' && got > 0) {
		return `${got}s`;
	}

	if (kind === 'share' && typeof got === 'number' && got > 1 && got <= 100) {
		return `${got}%`;
	}

	if (kind === 'one-of' && options !== undefined && typeof got === 'string') {
		return nearest(got, options);
	}

	if (kind === 'key' && typeof got === 'string') {
		return nearest(got, namedKeys);
	}

	if (kind === 'yes-or-no' && typeof got === 'string') {
		return /^(?:yes|on|y|sim|1)$/i.test(got) ? 'true' : /^(?:no|off|n|não|nao|0)$/i.test(got) ? 'false' : null;
	}

	return kind === 'project-name' && typeof got === 'string' && /^[a-z\d][a-z\d_-]*$/.test(got.toLowerCase()) ? got.toLowerCase() : null;
};

const valueAt = (tree: unknown, path: Path): unknown => {
	let current = tree;
	for (const step of path) {
		current = typeof current === 'object' && current !== null && Object.hasOwn(current, step) ? (current as Record<string | number, unknown>)[step] : undefined;
	}

	return current;
};

const unique = (problems: readonly FoundProblem[]): readonly FoundProblem[] => {
	const seen = new Set<string>();
	// A secret that is written out is also no reference: the first says what to do.
	const literals = new Set(problems.filter(({code}) => code === 'secret-literal').map(({path}) => JSON.stringify(path)));
	return problems.filter(problem => {
		if (problem.code === 'wrong-value' && literals.has(JSON.stringify(problem.path))) {
			return false;
		}

		const key = JSON.stringify([problem.code, problem.path, problem.params]);
		const isNew = !seen.has(key);
		seen.add(key);
		return isNew;
	});
};

/** The place in the text: the key's or the value's start; for what is missing, the entry that lacks it. */
const locate = (problem: FoundProblem, file: string, document: Document, lines: LineCounter): ConfigurationProblem => {
	const offset = offsetOf(problem, document);
	const {line, col} = lines.linePos(offset);
	const isHidden = problem.hidden === true || problem.path.slice(0, -1).some(step => typeof step === 'string' && isSecretName(step));
	return {
		file, line, column: col,
		code: problem.code,
		path: formatPath(problem.path),
		expected: problem.expected ?? null,
		got: isHidden || problem.got === undefined ? '' : show(problem.got),
		...problem.suggestion !== undefined && {suggestion: makeSafe(problem.suggestion)},
		...problem.params !== undefined && {params: problem.params},
	};
};

const offsetOf = ({path, at}: FoundProblem, document: Document): number => {
	let node: Node | null = resolve(document.contents, document);
	let offset = node?.range?.[0] ?? 0;
	for (const [index, step] of path.entries()) {
		if (isMap(node)) {
			const pair = node.items.find(item => keyText(item) === String(step));
			if (pair === undefined) {
				break;
			}

			const keyOffset = isNode(pair.key) ? pair.key.range?.[0] : undefined;
			const value: unknown = pair.value;
			const valueOffset = isNode(value) ? value.range?.[0] : undefined;
			const isLast = index === path.length - 1;
			offset = (isLast && at === 'value' ? valueOffset ?? keyOffset : keyOffset) ?? offset;
			node = isNode(value) ? resolve(value, document) : null;
		} else if (isSeq(node)) {
			const item: unknown = node.items[Number(step)];
			offset = (isNode(item) ? item.range?.[0] : undefined) ?? offset;
			node = isNode(item) ? resolve(item, document) : null;
		} else {
			break;
		}
	}

	return offset;
};

const resolve = (node: Node | null, document: Document): Node | null => isAlias(node) ? node.resolve(document) ?? null : node;

const keyText = (pair: Pair): string => isScalar(pair.key) ? String(pair.key.value) : String(pair.key);

const formatPath = (path: Path): string => {
	let out = '';
	for (const step of path) {
		out += typeof step === 'number' ? `[${step}]` : (out === '' ? '' : '.') + makeSafe(step);
	}

	return clip(out, 120);
};

const show = (value: unknown): string => clip(makeSafe(typeof value === 'string' ? value : JSON.stringify(hideSecrets(value)) ?? ''), 60);

const hideSecrets = (value: unknown): unknown => {
	if (Array.isArray(value)) {
		return value.map(item => hideSecrets(item));
	}

	return typeof value === 'object' && value !== null
		? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, isSecretName(key) ? '***' : hideSecrets(inner)]))
		: value;
};

const order = (problems: readonly ConfigurationProblem[]): readonly ConfigurationProblem[] =>
	problems.toSorted((left, right) => left.line - right.line || left.column - right.column);
