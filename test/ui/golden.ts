/** Golden screens: whole frames at fixed sizes with a fixed clock. UPDATE_GOLDEN=1 writes them anew; look at the difference before you keep it. */

import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setImmediate as nextTurn} from 'node:timers/promises';
import test from 'ava';
import type {Language} from '../../source/messages/language.ts';
import {alertStates} from '../fixtures/alert-states.ts';
import {composeScreen} from '../fixtures/compose-screen.ts';
import {pages, runbookRead} from '../fixtures/runbook-pages.ts';
import {states} from '../fixtures/screen-states.ts';

type Golden = {readonly name: string; readonly state: string; readonly size: readonly [number, number]; readonly language?: Language; readonly keys?: readonly string[]; readonly ascii?: boolean; readonly runbook?: keyof typeof pages};

const goldens: readonly Golden[] = [
	{name: 'opening-80x24', state: 'opening', size: [80, 24]},
	{name: 'healthy-120x40', state: 'healthy', size: [120, 40]},
	{name: 'healthy-80x24', state: 'healthy', size: [80, 24]},
	{name: 'healthy-60x15-pt', state: 'healthy', size: [60, 15], language: 'pt-BR'},
	{name: 'api-stopped-100x30', state: 'apiStopped', size: [100, 30]},
	{name: 'incident-open-120x40', state: 'incidentOpen', size: [120, 40]},
	{name: 'incident-open-80x24-pt', state: 'incidentOpen', size: [80, 24], language: 'pt-BR'},
	{name: 'escalation-due-100x30', state: 'escalationDue', size: [100, 30]},
	{name: 'escalation-contacts-80x24-pt', state: 'escalationDue', size: [80, 24], language: 'pt-BR', keys: ['e']},
	{name: 'escalation-list-80x24', state: 'escalationSent', size: [80, 24], keys: ['e']},
	{name: 'escalation-list-120x40-pt', state: 'escalationSent', size: [120, 40], language: 'pt-BR', keys: ['e']},
	{name: 'escalation-text-80x24', state: 'escalationSent', size: [80, 24], keys: ['e', 'g', 'j', 'j', 'j', 'enter']},
	{name: 'escalation-text-120x40-pt', state: 'escalationSent', size: [120, 40], language: 'pt-BR', keys: ['e', 'g', 'j', 'enter']},
	{name: 'escalation-edit-80x24-pt', state: 'escalationSent', size: [80, 24], language: 'pt-BR', keys: ['e', 'g', 'j', 'j', 'j', 'enter', 't', 'up', '!']},
	{name: 'escalation-call-80x24-pt', state: 'escalationSent', size: [80, 24], language: 'pt-BR', keys: ['e', 'g', 'enter']},
	{name: 'engine-down-100x30', state: 'engineDown', size: [100, 30]},
	{name: 'engine-down-80x24-pt', state: 'engineDown', size: [80, 24], language: 'pt-BR'},
	{name: 'crash-loop-100x30-ascii', state: 'crashLoop', size: [100, 30], ascii: true},
	{name: 'crash-loop-200x60', state: 'crashLoop', size: [200, 60]},
	{name: 'bad-deploy-120x40', state: 'badDeploy', size: [120, 40]},
	{name: 'bad-deploy-80x24-pt', state: 'badDeploy', size: [80, 24], language: 'pt-BR'},
	{name: 'finding-120x40', state: 'badDeploy', size: [120, 40], keys: ['tab', 'tab', 'tab', 'enter', 'j']},
	{name: 'finding-80x24-pt', state: 'badDeploy', size: [80, 24], language: 'pt-BR', keys: ['tab', 'tab', 'tab', 'enter']},
	{name: 'changes-100x30', state: 'badDeploy', size: [100, 30], keys: ['d']},
	{name: 'changes-80x24-pt', state: 'badDeploy', size: [80, 24], language: 'pt-BR', keys: ['d']},
	{name: 'sixty-100x30', state: 'sixty', size: [100, 30], keys: ['j', 'j', 'j']},
	{name: 'sixty-enlarged-120x40', state: 'sixty', size: [120, 40], keys: ['z', 'page-down']},
	{name: 'card-100x30', state: 'card', size: [100, 30]},
	{name: 'card-destructive-80x24-pt', state: 'destructiveCard', size: [80, 24], language: 'pt-BR'},
	{name: 'running-120x40', state: 'running', size: [120, 40]},
	{name: 'verifying-100x30', state: 'verifying', size: [100, 30]},
	{name: 'recovered-100x30', state: 'recovered', size: [100, 30]},
	{name: 'not-recovered-80x24-pt', state: 'notRecovered', size: [80, 24], language: 'pt-BR'},
	{name: 'timeline-120x40', state: 'recovered', size: [120, 40], keys: ['escape', 'i']},
	{name: 'two-people-80x24-pt', state: 'twoPeople', size: [80, 24], language: 'pt-BR'},
	{name: 'two-people-120x40', state: 'twoPeople', size: [120, 40]},
	{name: 'duties-80x24', state: 'duties', size: [80, 24]},
	{name: 'duties-120x40-pt', state: 'duties', size: [120, 40], language: 'pt-BR'},
	{name: 'duties-open-100x30', state: 'duties', size: [100, 30], keys: ['escape']},
	{name: 'help-120x40', state: 'healthy', size: [120, 40], keys: ['?']},
	{name: 'palette-80x24-pt', state: 'healthy', size: [80, 24], language: 'pt-BR', keys: [':', 'l', 'o']},
	{name: 'search-100x30', state: 'incidentOpen', size: [100, 30], keys: ['/', 'c', 'a', 'r', 't', 'enter']},
	{name: 'container-100x30', state: 'crashLoop', size: [100, 30], keys: ['enter']},
	{name: 'ping-100x30', state: 'crashLoop', size: [100, 30], keys: ['tab', 'enter']},
	{name: 'quit-80x24', state: 'running', size: [80, 24], keys: ['ctrl-c']},
	{name: 'page-80x24-pt', state: 'apiStopped', size: [80, 24], language: 'pt-BR', runbook: 'original', keys: ['3']},
	{name: 'page-120x40', state: 'incidentOpen', size: [120, 40], runbook: 'en', keys: ['2', 'j', 'j', 'j']},
	{name: 'page-rollback-80x24', state: 'crashLoop', size: [80, 24], runbook: 'original', keys: ['0']},
	{name: 'page-diagnosis-120x40-pt', state: 'incidentOpen', size: [120, 40], language: 'pt-BR', runbook: 'pt-BR', keys: ['1', 'left']},
	{name: 'reader-80x24', state: 'apiStopped', size: [80, 24], runbook: 'en', keys: ['r']},
	{name: 'reader-120x40-pt', state: 'crashLoop', size: [120, 40], language: 'pt-BR', runbook: 'original', keys: ['r', '/', 'h', 'e', 'a', 'l', 't', 'h', 'enter']},
	{name: 'reader-table-80x24-pt', state: 'healthy', size: [80, 24], language: 'pt-BR', runbook: 'original', keys: ['r', 'G']},
	{name: 'check-ports-80x24', state: 'portCheck', size: [80, 24]},
	{name: 'check-ports-120x40-pt', state: 'portCheck', size: [120, 40], language: 'pt-BR'},
	{name: 'check-environment-120x40', state: 'environmentCheck', size: [120, 40]},
	{name: 'check-environment-80x24-pt', state: 'environmentCheck', size: [80, 24], language: 'pt-BR'},
	{name: 'rollback-list-80x24', state: 'rollbackList', size: [80, 24]},
	{name: 'rollback-list-80x24-pt', state: 'rollbackList', size: [80, 24], language: 'pt-BR'},
	{name: 'rollback-list-120x40', state: 'rollbackList', size: [120, 40]},
	{name: 'rollback-list-120x40-pt', state: 'rollbackList', size: [120, 40], language: 'pt-BR'},
	{name: 'rollback-plan-80x24', state: 'rollbackPlan', size: [80, 24]},
	{name: 'rollback-plan-80x24-pt', state: 'rollbackPlan', size: [80, 24], language: 'pt-BR'},
	{name: 'rollback-plan-120x40', state: 'rollbackPlan', size: [120, 40]},
	{name: 'rollback-plan-120x40-pt', state: 'rollbackPlan', size: [120, 40], language: 'pt-BR'},
	{name: 'rollback-failed-80x24', state: 'rollbackFailed', size: [80, 24]},
	{name: 'rollback-failed-80x24-pt', state: 'rollbackFailed', size: [80, 24], language: 'pt-BR'},
	{name: 'rollback-failed-120x40', state: 'rollbackFailed', size: [120, 40]},
	{name: 'rollback-failed-120x40-pt', state: 'rollbackFailed', size: [120, 40], language: 'pt-BR'},
	{name: 'delete-logs-80x24', state: 'deleteLogs', size: [80, 24]},
	{name: 'delete-logs-80x24-pt', state: 'deleteLogs', size: [80, 24], language: 'pt-BR'},
	{name: 'delete-logs-120x40', state: 'deleteLogs', size: [120, 40]},
	{name: 'delete-logs-120x40-pt', state: 'deleteLogs', size: [120, 40], language: 'pt-BR'},
	{name: 'prune-80x24', state: 'pruneCard', size: [80, 24]},
	{name: 'prune-80x24-pt', state: 'pruneCard', size: [80, 24], language: 'pt-BR'},
	{name: 'prune-120x40', state: 'pruneCard', size: [120, 40]},
	{name: 'prune-120x40-pt', state: 'pruneCard', size: [120, 40], language: 'pt-BR'},
	{name: 'alert-says-80x24', state: 'alertSays', size: [80, 24]},
	{name: 'alert-says-120x40-pt', state: 'alertSays', size: [120, 40], language: 'pt-BR'},
	{name: 'alert-says-incident-120x40', state: 'alertSays', size: [120, 40], keys: ['i']},
	{name: 'alert-says-incident-80x24-pt', state: 'alertSays', size: [80, 24], language: 'pt-BR', keys: ['i']},
	{name: 'silence-80x24-pt', state: 'silenceAsked', size: [80, 24], language: 'pt-BR'},
	{name: 'silence-extend-100x30', state: 'alertWatched', size: [100, 30], keys: ['i', 's']},
	{name: 'severity-80x24', state: 'alertSays', size: [80, 24], keys: ['i', 'v', 'j']},
	{name: 'alert-watched-80x24', state: 'alertWatched', size: [80, 24]},
	{name: 'alert-watched-incident-120x40-pt', state: 'alertWatched', size: [120, 40], language: 'pt-BR', keys: ['i', 'x']},
	{name: 'resolve-offered-80x24', state: 'resolveOffered', size: [80, 24]},
	{name: 'resolve-offered-120x40-pt', state: 'resolveOffered', size: [120, 40], language: 'pt-BR'},
	{name: 'resolved-120x40', state: 'resolveOffered', size: [120, 40], keys: ['i', 'x', 'i']},
	{name: 'alert-blind-80x24', state: 'alertBlind', size: [80, 24]},
	{name: 'alert-blind-incident-120x40-pt', state: 'alertBlind', size: [120, 40], language: 'pt-BR', keys: ['i']},
	{name: 'too-small-40x10', state: 'incidentOpen', size: [40, 10]},
];

const directory = path.join(import.meta.dirname, 'golden');

for (const {name, state, size, language = 'en', keys = [], ascii = false, runbook} of goldens) {
	// One after the other, with a turn for the runner in between: without, a busy machine hears of no result for so long that it gives the file up.
	test.serial(`the screen ${name} looks as it was judged`, async t => {
		await nextTurn();
		const world = (states[state] ?? alertStates[state])!({language, columns: size[0], rows: size[1]});
		world.send(...(runbook === undefined ? [] : [runbookRead(pages[runbook])])).press(...keys);
		const drawn = `${composeScreen(world.state(), language, ascii).map(row => row.trimEnd()).join('\n')}\n`;
		const file = path.join(directory, `${name}.txt`);
		if (process.env['UPDATE_GOLDEN'] === '1') {
			mkdirSync(directory, {recursive: true});
			writeFileSync(file, drawn);
		}

		t.is(drawn, readFileSync(file, 'utf8'));
	});
}
