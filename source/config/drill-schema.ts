/**
A scenario file's shape, as a zod schema: what may stand where, in words that editors show. It judges each entry by itself; how entries go together is
`drill-file.ts`. Loaded only for a team's own file, for the list of the team's scenarios and by the build.
*/

import * as z from 'zod';
import {crashCauses, cures, drillServices, faultKinds, type FaultKind} from '../core/drill-faults.ts';
import {drillActions, findingCodes} from '../core/drill.ts';
import {duration, expecting, flag, list, mapping, oneOf, text} from './pieces.ts';

/** In both languages, or one text for both. */
const bilingual = (what: string) => z.union([
	z.string(expecting({kind: 'text'})).regex(/\S/, expecting({kind: 'text'})).max(2000, expecting({kind: 'text', most: '2000'})),
	mapping({en: text('text', 2000), 'pt-BR': text('text', 2000)}),
], expecting({kind: 'text'})).transform(value => typeof value === 'string' ? {en: value.trim(), 'pt-BR': value.trim()} : value).describe(`${what}. A text, or one for each language: {en: …, pt-BR: …}.`);

const oneOfNames = (names: readonly string[]) => oneOf(names as readonly [string, ...string[]]);

const number = (least: number, most: number) => {
	const expectation = expecting({kind: 'scalar', least: String(least), most: String(most)});
	return z.number(expectation).min(least, expectation).max(most, expectation);
};

const event = () => mapping({
	ago: duration('0s', '2h').optional().describe('How long before the console opens. Default: neither ago nor at, which is the moment of opening.'),
	at: duration('0s', '2h').optional().describe('How long after the console opened.'),
	fault: oneOf(faultKinds as readonly [FaultKind, ...FaultKind[]]).optional().describe('Something breaks. Exactly one of fault, heal, deploy and edit.'),
	heal: oneOf(faultKinds as readonly [FaultKind, ...FaultKind[]]).optional().describe('A fault ends by itself.'),
	deploy: mapping({
		subject: text('text', 100).describe('The commit\'s first line.'),
		author: text('text', 60).describe('Who committed it.'),
		files: list(text('path', 200)).min(1, expecting({kind: 'list'})).describe('The files that it changed.'),
		migration: oneOf(['none', 'applied', 'pending']).optional().describe('It brings a database migration: applied with the deploy, or forgotten. Default none.'),
	}).optional().describe('A commit is built and the api made anew from it.'),
	edit: text('path', 200).optional().describe('.env or docker-compose.yml was edited; containers keep what they were made with until they are made anew.'),
	until: list(oneOf(cures)).optional().describe('What ends the fault, any of these: a service started again (start-…), the api\'s container made anew, the api on older code, the checkout on an older commit, an image built since, the database migrated, room on the disk.'),
	cause: oneOf(crashCauses).optional().describe('Of api-crash-loop: why it dies at its start.'),
	stays: flag().optional().describe('Of api-oom-killed: the engine does not start it again.'),
	persists: flag().optional().describe('Of api-hangs: also after a restart.'),
	grows: duration('2s', '1h').optional().describe('Of api-leak: how long until its memory limit. Default 3m.'),
	delay: duration('100ms', '30s').optional().describe('Of api-slow: how much longer each answer takes. Default 1500ms.'),
	lasts: duration('10s', '1h').optional().describe('Of db-recovery: how long it takes. Default 2m.'),
	service: oneOf(drillServices).optional().describe('Of log-flood and hostile-log: whose log.'),
	'lines-per-second': number(1, 100_000).optional().describe('Of log-flood.'),
	'mib-per-second': number(0.001, 10_000).optional().describe('Of disk-filling. Default: full in ten minutes.'),
	'logs-gib': number(0, 14).optional().describe('Of disk-full: how much of it are logs older than a week.'),
	'cache-gib': number(0, 14).optional().describe('Of disk-full: how much of it is build cache.'),
});

/** The whole file. */
export const createDrillSchema = () => mapping({
	title: bilingual('The scenario in a few words, without its cause'),
	briefing: bilingual('What the operator is told at the beginning: how she was paged, what is known; never the cause'),
	page: z.union([
		z.number(expecting({kind: 'scalar'})).int(expecting({kind: 'scalar'})).min(1, expecting({kind: 'scalar'})).max(9, expecting({kind: 'scalar'})),
		oneOf(['rollback', 'dependency', 'engine', 'none']),
	], expecting({kind: 'one-of', options: ['1', '2', '3', '4', 'rollback', 'dependency', 'engine', 'none']})).describe('Number of the runbook\'s scenario, or rollback, dependency, engine, none.'),
	difficulty: oneOf(['easy', 'medium', 'hard']).describe('easy: the first key helps. medium: the evidence must be read. hard: the obvious key makes it worse, or more than one thing is wrong.'),
	events: list(event()).min(1, expecting({kind: 'list'})).max(50, expecting({kind: 'list', most: '50'})).describe('What happens when, before the console opens and after.'),
	expects: mapping({
		finding: oneOf(findingCodes).describe('The finding that the evidence proves first.'),
		service: text('text', 60).optional().describe('Its service; left out where it is the host\'s or the engine\'s.'),
	}).describe('The right diagnosis.'),
	ideal: list(mapping({
		action: oneOfNames(drillActions).describe('The action.'),
		within: duration('1s', '2h').describe('From the console\'s opening to its verdict, for somebody who knows.'),
	})).describe('The shortest good way, in order. Empty: nothing is to be changed.'),
	wrong: list(mapping({
		action: oneOfNames(drillActions).describe('An action that does harm or nothing here.'),
		why: bilingual('Why, told in the debrief to whoever took it'),
	})).optional().describe('What not to do.'),
	cause: bilingual('The root cause; told in the debrief'),
	lesson: bilingual('What to take home; told in the debrief'),
	questions: list(bilingual('What to talk about in the team\'s meeting')).max(5, expecting({kind: 'list', most: '5'})).optional().describe('What this scenario is worth talking about; the debrief asks it beside what the drill itself gives reason to ask.'),
});

export type DrillInput = z.output<ReturnType<typeof createDrillSchema>>;

/** The JSON Schema for editors. */
export const drillJsonSchema = (): Record<string, unknown> => ({
	...z.toJSONSchema(createDrillSchema(), {io: 'input', target: 'draft-7'}),
	title: 'mdc-console drill scenario',
	description: 'A scenario of mdc-console drill.',
});
