/**
From a scenario file's text to the scenario, or to all that is wrong with it, each problem with its line and column. Hides the file's notation: durations,
`ago` and `at`, one event one thing, which parameters belong to which fault.
*/

import {faultParameters, type Fault, type FaultKind} from '../core/drill-faults.ts';
import type {DrillEvent, DrillScenario} from '../core/drill.ts';
import {nearest} from '../core/nearest.ts';
import type {ConfigurationProblem} from '../core/settings.ts';
import type {FoundProblem} from './checks.ts';
import {createDrillSchema, type DrillInput} from './drill-schema.ts';
import {readTree} from './read-tree.ts';

export type ParsedDrill =
	| {readonly ok: true; readonly scenario: DrillScenario}
	| {readonly ok: false; readonly problems: readonly ConfigurationProblem[]};

/** Reads a scenario; `name` is how it is called, its file's name without the ending. */
export const parseDrill = (text: string, file: string, name: string): ParsedDrill => {
	const tree = readTree(text, file, createDrillSchema(), checkEvents);
	if (!tree.ok) {
		return tree;
	}

	return tree.value === undefined
		? {ok: false, problems: [{file, line: 1, column: 1, code: 'missing-key', path: 'title', expected: {kind: 'text'}, got: ''}]}
		: {ok: true, scenario: toScenario(tree.value, name)};
};

type InputEvent = DrillInput['events'][number];

/** How a parameter of a fault is written in the file. */
const written: Readonly<Record<string, keyof InputEvent>> = {
	cause: 'cause', stays: 'stays', persists: 'persists', until: 'until', service: 'service', growsMs: 'grows', delayMs: 'delay', lastsMs: 'lasts', linesPerSecond: 'lines-per-second', bytesPerSecond: 'mib-per-second',
	logsGib: 'logs-gib', cacheGib: 'cache-gib',
};

const whats = ['fault', 'heal', 'deploy', 'edit'] as const;

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong between the entries of an event. */
const checkEvents = (tree: unknown): readonly FoundProblem[] => {
	const events = isTree(tree) ? tree['events'] : undefined;
	return !Array.isArray(events) ? [] : events.flatMap((event: unknown, index) => isTree(event) ? checkEvent(event, index) : []);
};

const checkEvent = (event: Readonly<Record<string, unknown>>, index: number): readonly FoundProblem[] => {
	const path = ['events', index];
	const said = whats.filter(what => what in event);
	const kind = event['fault'];
	const allowed = typeof kind === 'string' && Object.hasOwn(faultParameters, kind) ? faultParameters[kind as FaultKind].map(parameter => written[parameter] as string) : null;
	const stray = allowed === null && kind !== undefined ? [] : Object.keys(event).filter(key => Object.values(written).includes(key as keyof InputEvent) && !(allowed ?? []).includes(key));
	const needs = kind === 'log-flood' ? ['service', 'lines-per-second'] : (kind === 'hostile-log' ? ['service'] : []);
	return [
		...(said.length === 0 ? [{code: 'event-says-nothing', path, at: 'value', params: {kinds: whats.join(', ')}} as const] : []),
		...(said.length > 1 ? [{code: 'event-says-several', path, at: 'value', got: said.join(', ')} as const] : []),
		...('ago' in event && 'at' in event ? [{code: 'event-two-times', path, at: 'value'} as const] : []),
		...stray.map((key): FoundProblem => {
			const suggestion = nearest(key, allowed ?? []);
			return {code: 'unknown-key', path: [...path, key], at: 'key', got: key, ...suggestion !== null && {suggestion}, params: {known: ['ago', 'at', ...whats, ...(allowed ?? [])].join(', ')}};
		}),
		...needs.filter(key => !(key in event)).map((key): FoundProblem => ({code: 'missing-key', path: [...path, key], at: 'value', expected: {kind: 'text'}, got: key})),
	];
};

const toScenario = (input: DrillInput, name: string): DrillScenario => ({
	name,
	title: input.title,
	briefing: input.briefing,
	page: input.page,
	difficulty: input.difficulty,
	events: input.events.map(event => toEvent(event)),
	expects: {finding: input.expects.finding, service: input.expects.service ?? null},
	ideal: input.ideal.map(({action, within}) => ({action, withinMs: within})),
	wrong: input.wrong ?? [],
	cause: input.cause,
	lesson: input.lesson,
	questions: input.questions ?? [],
});

const toEvent = (event: InputEvent): DrillEvent => {
	const atMs = event.at ?? -(event.ago ?? 0);
	if (event.fault !== undefined) {
		return {atMs, type: 'fault', fault: toFault(event.fault, event)};
	}

	if (event.deploy !== undefined) {
		return {atMs, type: 'deploy', deploy: {...event.deploy, migration: event.deploy.migration ?? 'none'}};
	}

	return event.heal === undefined ? {atMs, type: 'edit', path: event.edit ?? ''} : {atMs, type: 'heal', kind: event.heal};
};

/** The parameters that belong to the kind and were given; the checks hold that no other was. */
const toFault = (kind: FaultKind, event: InputEvent): Fault => {
	const given = faultParameters[kind].flatMap((parameter: string) => {
		const value = event[written[parameter]!];
		return value === undefined ? [] : [[parameter, parameter === 'bytesPerSecond' ? Number(value) * 1024 ** 2 : value]];
	});
	return {kind, ...Object.fromEntries(given) as object} as Fault;
};
