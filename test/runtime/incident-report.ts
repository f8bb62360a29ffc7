/** The report of an incident that a console recorded by itself: what it writes into the journal is what the report reads. */
import test from 'ava';
import {incidentsOf} from '../../source/core/incident-archive.ts';
import {reportOf} from '../../source/core/incident-report.ts';
import {createFormatter} from '../../source/messages/format.ts';
import {reportDocumentOf} from '../../source/messages/report.ts';
import {renderMarkdown} from '../../source/messages/report-markdown.ts';
import {createStamp} from '../../source/messages/stamp.ts';
import {drillConsole} from '../helpers/drill-console.ts';

test('an api that was started by key: five times, the action with its verdict, the finding in words, and no code of the program', async t => {
	const {clock, simulator, open} = drillConsole();
	const console = open();
	await clock.advance(70_000);
	await console.act('U', 'start-api');
	await clock.advance(20_000);
	// Its watching window, and a ping that fails after it, are not waited for: it is reported as it stands.
	const reader = simulator.secondJournal(console.store.state().actor);
	const opened = await reader.open('mestres-do-cafe');
	t.true(opened.ok);
	const [record, ...others] = incidentsOf({project: 'mestres-do-cafe', path: '', kind: 'memory', entries: opened.ok ? opened.value.entries : []});
	t.deepEqual(others, []);
	const report = reportOf(record!, clock.nowMs());
	t.like(report, {id: console.store.state().incident!.id, state: 'mitigated', scenario: 1, isDown: false, postMortemRequired: false});
	t.is(report.actions.length, 1);
	t.like(report.actions[0], {action: 'start-api', outcome: 'ended', exitCode: 0, verdict: 'recovered'});
	t.true(report.actions[0]!.recoveredInSeconds! > 0);
	t.true(report.mitigated!.atMs > report.impactBegan.atMs);
	t.is(report.outages.length, 1);
	for (const language of ['en', 'pt-BR'] as const) {
		const text = renderMarkdown(reportDocumentOf(language, report, createFormatter(language, 'America/Sao_Paulo'), createStamp('America/Sao_Paulo')));
		t.log(text.split('\n').filter(line => /[a-z]+\/[a-z]+[A-Z]?[a-z]+ \|/.test(line)).join('\n'));
		t.notRegex(text, /\| [a-z]+\/[a-zA-Z]+ \|/, 'every entry has a sentence');
		t.notRegex(text, /undefined|NaN|\[object/);
	}
});
