/** Is a real incident open on this machine? Asked before a drill; where no journal lies there is none, and nothing is loaded to find that out. */

import {readdir} from 'node:fs/promises';
import {createClock} from '../../adapters/clock.ts';
import {incidentsOf} from '../../core/incident-archive.ts';
import {downMs} from '../../core/incident.ts';
import {inTime} from '../../core/in-time.ts';
import type {Environment} from '../invocation.ts';
import {journalDirectoriesOf} from '../state-places.ts';

/** A disk that does not answer must not keep anybody from practising. */
const usualMs = 3000;

const hasJournal = async (directory: string): Promise<boolean> => {
	try {
		return (await readdir(directory)).some(name => name.endsWith('.sqlite'));
	} catch {
		// No such directory, or one that may not be read: nothing there that this user could be told of.
		return false;
	}
};

export const openRealIncident = async (environment: Environment, withinMs = usualMs): Promise<{readonly id: string; readonly project: string; readonly downMs: number} | null> => {
	const directories = journalDirectoriesOf(environment, process.getuid?.() ?? 0);
	const places = [directories.shared, directories.own, ...directories.memory];
	if (!(await Promise.all(places.map(async place => hasJournal(place)))).includes(true)) {
		return null;
	}

	const {createJournalArchive} = await import('../../adapters/journal/archive.ts');
	const clock = createClock();
	const archive = createJournalArchive({clock, directories, workerSource: new URL('../../adapters/journal-worker.ts', import.meta.url)});
	const answer = await inTime(clock, withinMs, archive.read(null), null);
	await archive.close();
	const open = answer?.ok === true ? answer.value.journals.flatMap(journal => incidentsOf(journal)).find(({incident}) => incident.state === 'open' || incident.state === 'mitigated') : undefined;
	return open === undefined ? null : {id: open.incident.id, project: open.project, downMs: downMs(open.incident, clock.nowMs())};
};
