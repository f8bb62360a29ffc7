/**
How entries of the configuration go together: names that repeat, a ping of two kinds, keys that clash, secrets written out.
Works on the raw tree and not on the schema's result, so that these problems are found together with all others, in one go.
*/

import {isNaming, parseMatcher, withoutComparison} from '../core/alerts.ts';
import {bindKeys} from '../core/keys.ts';
import type {CommandId, KeyTrouble} from '../core/keys.ts';
import {defaultSettings} from '../core/settings.ts';
import type {ConfigurationProblem} from '../core/settings.ts';
import {nearest} from '../core/nearest.ts';
import {checkEscalation} from './escalation-checks.ts';
import {hasSecretInAddress, isSecretName, isSecretReference} from './secret.ts';
import {parseDuration, parseShare} from './units.ts';

export type Path = readonly (string | number)[];

/** A problem without its place; `at` says whether the key or the value is pointed at. */
export type FoundProblem = Pick<ConfigurationProblem, 'code' | 'suggestion' | 'params'> & {
	readonly path: Path;
	readonly at: 'key' | 'value';
	readonly expected?: ConfigurationProblem['expected'];
	readonly got?: unknown;
	/** True where the value may be a secret and is never shown. */
	readonly hidden?: boolean;
};

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

const child = (value: unknown, ...path: readonly string[]): unknown => {
	let current = value;
	for (const key of path) {
		current = isTree(current) && Object.hasOwn(current, key) ? current[key] : undefined;
	}

	return current;
};

const pingKinds = ['http', 'tcp', 'postgres', 'redis'] as const;

/** Everything that is wrong between entries. */
export const checkTogether = (tree: unknown): readonly FoundProblem[] => [
	...checkPings(child(tree, 'pings')),
	...checkLimits(tree),
	...checkTimeZone(child(tree, 'time-zone')),
	...checkAlerts(child(tree, 'alerts')),
	...checkKeys(child(tree, 'keys')),
	...checkEscalation(child(tree, 'escalation')),
	...checkSecrets(tree, []),
];

const checkPings = (pings: unknown): readonly FoundProblem[] => {
	if (!Array.isArray(pings)) {
		return [];
	}

	const problems: FoundProblem[] = [];
	const names = new Map<string, number>();
	for (const [index, ping] of pings.entries()) {
		if (!isTree(ping)) {
			continue;
		}

		const name = typeof ping['name'] === 'string' ? ping['name'].trim() : undefined;
		const first = name === undefined ? undefined : names.get(name);
		if (first !== undefined) {
			problems.push({code: 'duplicate-ping', path: ['pings', index, 'name'], at: 'value', got: name, params: {first: first + 1}});
		} else if (name !== undefined) {
			names.set(name, index);
		}

		problems.push(...checkPing(ping, ['pings', index]));
	}

	return problems;
};

const checkPing = (ping: Tree, path: Path): readonly FoundProblem[] => {
	const problems: FoundProblem[] = [];
	const kinds = pingKinds.filter(kind => Object.hasOwn(ping, kind));
	if (kinds.length === 0) {
		problems.push({code: 'ping-kind-missing', path, at: 'value', params: {kinds: pingKinds.join(', ')}});
	} else if (kinds.length > 1) {
		problems.push({code: 'ping-kind-several', path: [...path, kinds[1]!], at: 'key', got: kinds.join(', ')});
	}

	if (kinds.length > 0 && !kinds.includes('http')) {
		for (const key of ['status', 'field'].filter(key => Object.hasOwn(ping, key))) {
			problems.push({code: 'only-for-http', path: [...path, key], at: 'key', got: key, params: {kind: kinds[0]!}});
		}
	}

	if ((ping['via'] === 'container' || ping['via'] === 'published') && ping['service'] === undefined) {
		problems.push({code: 'ping-needs-service', path: [...path, 'via'], at: 'value', got: ping['via']});
	}

	if (typeof ping['http'] === 'string' && hasSecretInAddress(ping['http'])) {
		problems.push({code: 'secret-in-address', path: [...path, 'http'], at: 'value', hidden: true});
	}

	return problems;
};

const checkLimits = (tree: unknown): readonly FoundProblem[] => {
	const problems: FoundProblem[] = [];
	for (const what of ['cpu', 'memory', 'disk'] as const) {
		const usual = defaultSettings.thresholds[what];
		const [warn, critical] = (['warn', 'critical'] as const).map(level => {
			const value = child(tree, 'thresholds', what, level);
			return typeof value === 'string' || typeof value === 'number' ? parseShare(value) : value === undefined ? usual[level] : null;
		});
		if (typeof warn === 'number' && typeof critical === 'number' && warn > critical) {
			const given = child(tree, 'thresholds', what, 'warn') === undefined ? 'critical' : 'warn';
			problems.push({
				code: 'warn-above-critical', path: ['thresholds', what, given], at: 'value', got: child(tree, 'thresholds', what, given),
				params: {warn: `${Math.round(warn * 1000) / 10}%`, critical: `${Math.round(critical * 1000) / 10}%`},
			});
		}
	}

	const [slowMs, deadlineMs] = ([['slow', defaultSettings.verifySlowMs], ['deadline', defaultSettings.verifyDeadlineMs]] as const).map(([key, usualMs]) => {
		const value = child(tree, 'verify', key);
		return typeof value === 'string' ? parseDuration(value) : value === undefined ? usualMs : null;
	});
	if (typeof slowMs === 'number' && typeof deadlineMs === 'number' && slowMs > deadlineMs) {
		const given = child(tree, 'verify', 'slow') === undefined ? 'deadline' : 'slow';
		problems.push({code: 'slow-above-deadline', path: ['verify', given], at: 'value', got: child(tree, 'verify', given), params: {slowSeconds: slowMs / 1000, deadlineSeconds: deadlineMs / 1000}});
	}

	return problems;
};

const checkAlerts = (alerts: unknown): readonly FoundProblem[] => {
	const ofSources = (['prometheus', 'alertmanager'] as const).flatMap((source): readonly FoundProblem[] => {
		const url = child(alerts, source, 'url');
		const [token, user, password] = ['token', 'user', 'password'].map(key => child(alerts, source, key) !== undefined);
		return [
			...(typeof url === 'string' && hasSecretInAddress(url) ? [{code: 'secret-in-address' as const, path: ['alerts', source, 'url'], at: 'value' as const, hidden: true}] : []),
			...(user !== password || (token && password) ? [{code: 'login-unclear' as const, path: ['alerts', source], at: 'key' as const}] : []),
		];
	});
	const query = child(alerts, 'prometheus', 'query');
	const plain = typeof query === 'string' ? withoutComparison(query) : null;
	const matchers = child(alerts, 'alertmanager', 'matchers');
	const parsed = Array.isArray(matchers) ? matchers.map(text => typeof text === 'string' ? parseMatcher(text) : null) : [];
	return [
		...ofSources,
		...(plain === null ? [] : [{code: 'query-compares' as const, path: ['alerts', 'prometheus', 'query'], at: 'value' as const, got: query, suggestion: plain}]),
		...(parsed.length > 0 && parsed.every(matcher => matcher !== null) && !parsed.some(matcher => isNaming(matcher)) ? [{code: 'matchers-too-wide' as const, path: ['alerts', 'alertmanager', 'matchers'], at: 'value' as const}] : []),
	];
};

const isTimeZone = (name: string): boolean => {
	try {
		return new Intl.DateTimeFormat('en', {timeZone: name}).resolvedOptions().timeZone !== '';
	} catch {
		// A RangeError is how Intl says that it does not know the name; there is no other question to ask it.
		return false;
	}
};

const checkTimeZone = (zone: unknown): readonly FoundProblem[] => {
	if (typeof zone !== 'string' || zone === '' || isTimeZone(zone)) {
		return [];
	}

	const zones = Intl.supportedValuesOf('timeZone');
	const city = (name: string): string => name.split('/').at(-1)!;
	const near = nearest(zone, zones) ?? zones.find(name => city(name) === nearest(city(zone), zones.map(known => city(known)))) ?? null;
	return [{code: 'unknown-time-zone', path: ['time-zone'], at: 'value', got: zone, ...near !== null && {suggestion: near}}];
};

const checkKeys = (keys: unknown): readonly FoundProblem[] => {
	if (!isTree(keys)) {
		return [];
	}

	const map = Object.fromEntries(Object.entries(keys).flatMap(([command, value]) => {
		const list = (Array.isArray(value) ? value : [value]).filter(key => typeof key === 'string' || typeof key === 'number').map(String);
		return list.length > 0 ? [[command, list]] : [];
	}));
	return bindKeys(map).troubles.map(trouble => describeKeyTrouble(trouble, map));
};

const describeKeyTrouble = (trouble: KeyTrouble, map: Readonly<Record<string, unknown>>): FoundProblem => {
	if (trouble.kind === 'clash') {
		const [first, second] = trouble.commands;
		const [mine, other]: readonly [CommandId, CommandId] = Object.hasOwn(map, second) ? [second, first] : [first, second];
		return {code: 'key-clash', path: ['keys', mine], at: 'value', got: trouble.key, params: {other}};
	}

	const path = ['keys', trouble.command];
	switch (trouble.kind) {
		case 'reserved': {
			return {code: 'key-reserved', path, at: 'value', got: trouble.key};
		}

		case 'action-needs-upper-case': {
			return {code: 'key-needs-upper-case', path, at: 'value', got: trouble.key, ...upperSuggestion(trouble.key, key => key.toUpperCase())};
		}

		case 'look-needs-lower-case': {
			return {code: 'key-needs-lower-case', path, at: 'value', got: trouble.key, ...upperSuggestion(trouble.key, key => key.toLowerCase())};
		}
	}
};

const upperSuggestion = (key: string, turn: (key: string) => string): {readonly suggestion?: string} =>
	turn(key) !== key && [...key].length === 1 ? {suggestion: turn(key)} : {};

/** Values under names that are known to carry secrets must be references, wherever they stand. */
const checkSecrets = (value: unknown, path: Path): readonly FoundProblem[] => {
	if (Array.isArray(value)) {
		return value.flatMap((item, index) => checkSecrets(item, [...path, index]));
	}

	if (!isTree(value)) {
		return [];
	}

	return Object.entries(value).flatMap(([key, inner]): readonly FoundProblem[] => {
		const innerPath = [...path, key];
		if (!isSecretName(key)) {
			return checkSecrets(inner, innerPath);
		}

		return isSecretReference(inner) ? [] : [{code: 'secret-literal', path: innerPath, at: 'value', expected: {kind: 'secret'}, hidden: true, params: {name: environmentName(key)}}];
	});
};

const environmentName = (key: string): string => key.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase().replaceAll(/[^A-Z\d]+/g, '_');
