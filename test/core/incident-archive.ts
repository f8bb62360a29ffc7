/** Which entries belong to which incident, how one is named, and that the report's clocks are those of the console. */
import fc from 'fast-check';
import test from 'ava';
import {findIncident, incidentsOf, selectIncidents, type ArchivedJournal} from '../../source/core/incident-archive.ts';
import {reportOf, spansOf} from '../../source/core/incident-report.ts';
import {downMs, replay} from '../../source/core/incident.ts';
import type {JournalDraft, JournalEntry} from '../../source/core/ports.ts';
import {ana, asEntries, beganMs, outageDrafts, outageId} from '../fixtures/incident-entries.ts';

const journalOf = (entries: readonly JournalEntry[], project = 'shop'): ArchivedJournal => ({project, path: `/state/${project}.sqlite`, kind: 'own', entries});
const dayMs = 86_400_000;
const twice = (): readonly JournalEntry[] => asEntries([...outageDrafts(), ...outageDrafts('INC-20260119-061204', dayMs)]);

test('a journal is taken apart into its incidents, each with everything that was recorded for it', t => {
	const noise: JournalDraft = {atMs: beganMs, monotonicMs: 0, incident: null, type: 'console/opened', data: {}};
	const records = incidentsOf(journalOf(asEntries([noise, ...outageDrafts(), noise, ...outageDrafts('INC-20260119-061204', dayMs)])));
	t.deepEqual(records.map(({incident, entries}) => [incident.id, incident.state, entries.length]), [[outageId, 'resolved', 20], ['INC-20260119-061204', 'resolved', 20]]);
});

test('what another console recorded under an id of its own, opened in the same moment, belongs to the one that was kept', t => {
	const [opened, ...rest] = outageDrafts();
	const foreign = {...rest[4]!, incident: 'INC-20260118-061205', type: 'note/added', data: {text: 'from beside'}};
	const [record, ...others] = incidentsOf(journalOf(asEntries([opened!, foreign, ...rest])));
	t.is(others.length, 0);
	t.is(record!.entries.length, 21);
	t.is(record!.incident.state, 'resolved');
});

test('a verdict that comes after the end still belongs to its incident', t => {
	const late = {...outageDrafts()[17]!, atMs: beganMs + 1_300_000};
	const [record] = incidentsOf(journalOf(asEntries([...outageDrafts(), late])));
	t.is(record!.entries.length, 21);
	t.is(record!.incident.endedAtMs, beganMs + 1_213_000);
});

test('an incident is named by its id, by a part that no other has, or as the last', t => {
	const records = selectIncidents({journals: [journalOf(twice())], failures: []}, {sinceMs: null, state: null});
	const found = (name: string): string => {
		const named = findIncident(records, name);
		return named.found === 'one' ? named.record.incident.id : named.found;
	};

	t.is(found('last'), 'INC-20260119-061204');
	t.is(found(outageId), outageId);
	t.is(found('inc-20260118'), outageId);
	t.is(found('20260118'), outageId);
	t.is(found('INC-2026'), 'several');
	t.is(found('061204'), 'several');
	t.is(found(''), 'none');
	t.is(found('INC-1999'), 'none');
	const [same] = records;
	t.is(findIncident([same!, {...same!, project: 'other'}], same!.incident.id).found, 'several');
	t.is(findIncident([], 'last').found, 'none');
});

test('the list is the newest first, of what lasted into the span and is in the state', t => {
	const archive = {journals: [journalOf(twice()), journalOf(asEntries(outageDrafts('INC-20260120-061204', 2 * dayMs).slice(0, 4)), 'blog')], failures: []};
	const ids = (sinceMs: number | null, state: 'open' | 'resolved' | null): readonly string[] => selectIncidents(archive, {sinceMs, state}).map(({incident}) => incident.id.slice(4, 12));
	t.deepEqual(ids(null, null), ['20260120', '20260119', '20260118']);
	t.deepEqual(ids(null, 'resolved'), ['20260119', '20260118']);
	t.deepEqual(ids(beganMs + dayMs, null), ['20260120', '20260119']);
	t.deepEqual(ids(beganMs + (300 * dayMs), null), ['20260120'], 'it still lasts');
});

const types = ['incident/opened', 'incident/acknowledged', 'incident/mitigated', 'incident/reopened', 'incident/resolved', 'incident/closed', 'incident/severityChanged', 'incident/cancelled', 'alert/fired', 'silence/created', 'silence/lifted', 'note/added', 'action/confirmed', 'action/ended', 'action/verified', 'log/kept', 'clock/stepped', 'newer/thing'];
const json = fc.jsonValue({maxDepth: 3});
const data = fc.oneof(
	fc.constant({}),
	fc.dictionary(fc.constantFrom('sinceMs', 'source', 'by', 'alert', 'severity', 'findings', 'run', 'action', 'command', 'lines', 'verdict', 'seconds', 'exitCode', 'reason', '__proto__'), fc.oneof(json, fc.double(), fc.constant('r1'), fc.constant(1e300))),
);
const entries = fc.array(fc.record({
	type: fc.constantFrom(...types), incident: fc.constantFrom('a', 'b', 'c', null), data, at: fc.oneof(fc.integer({min: 0, max: 5000}), fc.constantFrom(-1e300, 1e300, 8.64e15)),
}), {maxLength: 40}).map(drafts => drafts.map(({at, ...draft}, index): JournalEntry => ({...draft, data: draft.data as JournalEntry['data'], atMs: at, monotonicMs: index, sequence: index + 1, bootId: 'x', actor: ana})));

test('whatever the entries are, the incidents are those that the console folds, and every one has a report', t => {
	fc.assert(fc.property(entries, all => {
		const folded = replay(all);
		const expected = [...folded.ended, ...folded.current === null ? [] : [folded.current]].map(({timeline: _, timelineDropped: __, ...incident}) => incident);
		const records = incidentsOf(journalOf(all));
		t.deepEqual(records.slice(-expected.length).map(({incident: {timeline: _, timelineDropped: __, ...incident}}) => incident), expected.slice(-records.length));
		for (const record of records) {
			const report = reportOf(record, 9000);
			t.notThrows(() => new Date(report.impactBegan.atMs).toISOString());
		}
	}), {numRuns: 300});
});

test('downtime by spans is the downtime of the console\'s clock', t => {
	fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('incident/mitigated', 'incident/reopened', 'incident/resolved', 'note/added'), fc.integer({min: 1, max: 500})), {maxLength: 12}), moves => {
		let atMs = 1000;
		const drafts = moves.map(([type, waitMs]): JournalDraft => ({atMs: atMs += waitMs, monotonicMs: 0, incident: 'a', type, data: {}}));
		const [record] = incidentsOf(journalOf(asEntries([{atMs: 1000, monotonicMs: 0, incident: 'a', type: 'incident/opened', data: {sinceMs: 900}}, ...drafts])));
		const {outages} = spansOf(record!);
		t.is(outages.reduce((sum, {fromMs, toMs}) => sum + (toMs ?? 99_000) - fromMs, 0), downMs(record!.incident, 99_000));
	}));
});

test('the report holds the five times, the actions from card to verdict, and no secret', t => {
	const report = reportOf(incidentsOf(journalOf(asEntries(outageDrafts()), 'mestres-do-cafe'))[0]!, beganMs + dayMs);
	t.like(report, {state: 'resolved', scenario: 1, reopened: 0, downMs: 913_000, durationMs: 1_213_000, postMortemRequired: true, isDown: false, responders: ['ana', 'bruno']});
	t.deepEqual([report.impactBegan.atMs, report.detected.atMs, report.acknowledged!.atMs, report.mitigated!.atMs, report.ended!.atMs].map(atMs => (atMs - beganMs) / 1000), [0, 60, 95, 913, 1213]);
	t.deepEqual(report.actions.map(({action, by, outcome, exitCode, verdict, recoveredInSeconds}) => [action, by, outcome, exitCode, verdict, recoveredInSeconds]), [
		['restart-api', 'ana', 'ended', 0, 'not-recovered', null],
		['start-api', 'bruno', 'ended', 0, 'recovered', 6.4],
	]);
	t.deepEqual(report.actions.map(({original}) => original), [[], ['docker-compose up -d api']]);
	t.false(JSON.stringify(report).includes('hunter2'));
});

test('a false alarm was never down, and fifteen minutes exactly need no post-mortem', t => {
	const [opened] = outageDrafts();
	const ended = (type: string, afterMs: number) => reportOf(incidentsOf(journalOf(asEntries([opened!, {...opened!, type, data: {}, atMs: beganMs + afterMs}])))[0]!, beganMs + dayMs);
	t.like(ended('incident/cancelled', 2_000_000), {downMs: 0, postMortemRequired: false, outages: []});
	t.false(ended('incident/resolved', 900_000).postMortemRequired);
	t.true(ended('incident/resolved', 900_001).postMortemRequired);
});
