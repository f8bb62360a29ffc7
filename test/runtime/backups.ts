/** The looks at the directory of backups, over a place that hangs: what it failed of stays known while the first look is still under way. */

import test from 'ava';
import {defaultSettings} from '../../source/core/settings.ts';
import {emptyText, ownText} from '../../source/core/text.ts';
import type {BackupListing, FilesPort, Outcome} from '../../source/core/ports.ts';
import {update} from '../../source/core/update.ts';
import {createDiagnosisSources, type DiagnosisPorts} from '../../source/runtime/diagnosis-sources.ts';
import {createStore} from '../../source/runtime/store.ts';
import {newState} from '../helpers/facts.ts';
import {createFakeClock} from '../helpers/fake-clock.ts';

const hourMs = 3_600_000;
const failed = (code: 'timed-out' | 'busy' | 'denied'): Outcome<BackupListing> => ({ok: false, failure: {code, detail: emptyText}});

test('a look that is refused because the one before hangs keeps its files and why it failed', async t => {
	const clock = createFakeClock();
	const answers: Array<Outcome<BackupListing>> = [
		{ok: true, value: {files: [{name: ownText('a.sql.gz'), bytes: 5000, atMs: 1}], isPartial: true}}, failed('timed-out'), failed('busy'), failed('denied'), failed('busy'),
	];
	const files: Pick<FilesPort, 'backups'> = {backups: async () => answers.shift()!};
	const settings = {...defaultSettings, backups: {directory: '/mnt/b', warnAfterMs: hourMs}};
	const store = createStore({initial: newState({settings}), update, perform() {}, clock, canPaint: () => false});
	const {lookAtBackups} = createDiagnosisSources({store, clock, ports: {files} as unknown as DiagnosisPorts});
	const seen: unknown[] = [];
	for (let look = 0; look < 5; look++) {
		await lookAtBackups();
		seen.push(...store.state().situation.backups.map(({files, failure, isPartial}) => [files.length, isPartial, failure?.code ?? null]));
		await clock.advance(hourMs);
	}

	t.deepEqual(seen, [[1, true, null], [1, true, 'timed-out'], [1, true, 'timed-out'], [1, true, 'denied'], [1, true, 'denied']]);
	store.close();
});
