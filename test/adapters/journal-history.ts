/** What a journal is opened with is not all that it holds, and yet gives the same incidents: random journals, real files. */
import {mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {openJournalFile, type JournalFile} from '../../source/adapters/journal/database.ts';
import {pack, unpack} from '../../source/adapters/journal/packing.ts';
import type {Sieve} from '../../source/adapters/journal/protocol.ts';
import {incidentsOf} from '../../source/core/incident-archive.ts';
import {noIncidents, passingKept, recall, recordEntries, replay, type Incidents} from '../../source/core/incident.ts';
import type {JournalEntry} from '../../source/core/ports.ts';
import {actor, draft} from '../helpers/journal-world.ts';

const entriesOf = (file: JournalFile, sieve: Sieve | null, after = 0): readonly JournalEntry[] => {
	const entries: JournalEntry[] = [];
	unpack(pack(file.rows(after, 1_000_000, sieve), after), entries);
	return entries;
};

/** Some entries, each many times: what fills a journal is what repeats. */
const journals = fc.array(fc.record({
	type: fc.constantFrom('incident/opened', 'incident/resolved', 'incident/cancelled', 'incident/mitigated', 'incident/reopened', 'incident/acknowledged', 'note/added', 'ping/failed', 'container/died', 'metrics/sampled', 'console/opened'),
	incident: fc.constantFrom(null, 'INC-1', 'INC-2', 'INC-3', 'INC-4'),
	times: fc.constantFrom(1, 1, 3, 200),
}), {minLength: 1, maxLength: 60});

const lastTwo = ({current, ended}: Incidents): unknown => current === null ? ended.slice(-1) : [current, ...ended.slice(-1)];

test('a journal opened without its passing facts gives the incidents of a whole replay, and the list the same incidents', t => {
	const root = mkdtempSync(path.join(os.tmpdir(), 'journal-history-'));
	let runs = 0;
	fc.assert(fc.property(journals, repeated => {
		const file = openJournalFile(path.join(root, `${++runs}.sqlite`), {readOnly: false, fileMode: 0o600});
		const drafts = repeated.flatMap(({type, incident, times}) => Array.from({length: type.includes('/opened') ? 1 : times}, (_, index) => draft(type, {incident, data: {index: index % 7}})));
		file.append(drafts.map((one, index) => ({...one, actor, onceKey: `k${index}`})));
		const {skipTo, last, from, leftOut} = file.span(20_000);
		const all = entriesOf(file, null);
		const history = recall({entries: entriesOf(file, {from, first: false}, skipTo), leftOut, last});
		const whole = replay(all);
		t.deepEqual(lastTwo(history), lastTwo(whole));
		t.is(history.sequence, whole.sequence);
		const figures = entriesOf(file, {from: [], first: true});
		t.is(figures[0]?.sequence, all[0]?.sequence);
		const without = ({incident}: {readonly incident: unknown}): unknown => incident;
		t.deepEqual(incidentsOf({project: 'p', path: '', kind: 'own', entries: figures}).map(record => without(record)), incidentsOf({project: 'p', path: '', kind: 'own', entries: all}).map(record => without(record)));
		file.close();
	}), {numRuns: 60});
	rmSync(root, {recursive: true});
	t.pass();
});

test('many entries at once are folded as one after the other', t => {
	fc.assert(fc.property(journals, repeated => {
		const entries = repeated.flatMap(({type, incident, times}) => Array.from({length: times}, () => ({type, incident}))).map(({type, incident}, index): JournalEntry =>
			({sequence: index + 1, atMs: index * 10, monotonicMs: 0, bootId: '', actor, incident, type, data: {}}));
		t.deepEqual(replay(entries), entries.reduce((incidents: Incidents, entry) => recordEntries(incidents, [entry]), noIncidents));
	}), {numRuns: 40});
	t.pass();
});

test('people\'s deeds are not pushed out of the timeline by facts that pass by', t => {
	const entries = ['incident/opened', 'note/added', ...Array.from({length: 5000}, () => 'ping/failed'), 'note/added'].map((type, index): JournalEntry =>
		({sequence: index + 1, atMs: index, monotonicMs: 0, bootId: '', actor, incident: 'INC-1', type, data: {}}));
	const incident = replay(entries).current!;
	t.is(incident.timeline.length, passingKept + 3);
	t.is(incident.timelineDropped, 5000 - passingKept);
	t.deepEqual(incident.timeline.slice(0, 2).map(({type}) => type), ['incident/opened', 'note/added']);
	t.deepEqual(incident.timeline.map(({sequence}) => sequence), incident.timeline.map(({sequence}) => sequence).toSorted((a, b) => a - b));
});

/** CPU time of this thread, the best of some rounds: what the machine does beside it counts for nothing. */
const cpuMs = (rounds: number, work: () => void): number => Math.min(...Array.from({length: rounds}, () => {
	const before = process.threadCpuUsage();
	work();
	const {user, system} = process.threadCpuUsage(before);
	return (user + system) / 1000;
}));

test('an incident of three days with 100,000 events is read and folded within 300 ms, as a console opens it and with every entry', t => {
	const root = mkdtempSync(path.join(os.tmpdir(), 'journal-long-'));
	const file = openJournalFile(path.join(root, 'long.sqlite'), {readOnly: false, fileMode: 0o600});
	const events = 100_000;
	file.append(Array.from({length: events}, (_, index) => ({
		...draft(index === 0 ? 'incident/opened' : (index % 2 === 1 ? 'ping/failed' : 'ping/recovered'), {incident: 'INC-1', data: {name: 'api', reason: 'refused', detail: 'connect ECONNREFUSED 127.0.0.1:5001', latencyMs: index % 97}}),
		actor, onceKey: `k${index}`, atMs: index * 2592,
	})));
	const asConsole = cpuMs(5, () => {
		const {skipTo, last, from, leftOut} = file.span(20_000);
		const {current} = recall({entries: entriesOf(file, {from, first: false}, skipTo), leftOut, last});
		t.is(current?.timelineDropped, events - 1 - passingKept);
	});
	const whole = cpuMs(5, () => {
		const entries: JournalEntry[] = [];
		for (let after = 0; after < events;) {
			const page = pack(file.rows(after, 10_000, null), after);
			unpack(page, entries);
			after = page.last;
		}

		t.is(incidentsOf({project: 'p', path: '', kind: 'own', entries})[0]?.entries.length, events);
	});
	file.close();
	rmSync(root, {recursive: true});
	t.log(`as a console opens it ${asConsole.toFixed(0)} ms, every entry ${whole.toFixed(0)} ms of CPU`);
	t.true(asConsole <= 300 && whole <= 300, `${asConsole} and ${whole} ms`);
});
