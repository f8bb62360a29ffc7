/**
What a long incident costs its reader: three days with 100,000 events, loaded from the disk and folded. Wall time by the clock and, since a shared machine
says little by it, the CPU time of the reading thread; the worker's thread adds its own.
*/

import {mkdtempSync, rmSync} from 'node:fs';
import path from 'node:path';
import {tmpdir} from 'node:os';
import {createJournalArchive} from '../../source/adapters/journal/archive.ts';
import {openJournalFile} from '../../source/adapters/journal/database.ts';
import {createJournalPort} from '../../source/adapters/journal.ts';
import {incidentsOf, type ArchivedJournal} from '../../source/core/incident-archive.ts';
import {reportOf} from '../../source/core/incident-report.ts';
import {replay} from '../../source/core/incident.ts';
import {ana} from '../fixtures/incident-entries.ts';
import {realClock, workerUrl} from '../helpers/journal-world.ts';

const events = 100_000;
const spanMs = 3 * 86_400_000;
const beganMs = Date.UTC(2026, 0, 18, 6);

const fill = (file: string): void => {
	const journal = openJournalFile(file, {readOnly: false, fileMode: 0o600});
	journal.append(Array.from({length: events}, (_, index) => ({
		atMs: beganMs + Math.round((index * spanMs) / events), monotonicMs: index, incident: 'INC-20260118-060000', actor: ana, onceKey: `k${index}`,
		type: index === 0 ? 'incident/opened' : (index % 2 === 1 ? 'ping/failed' : 'ping/recovered'),
		data: index === 0 ? {by: 'condition', alert: 'APIDown', severity: 'CRITICAL', sinceMs: beganMs, source: 'ping', atLeast: false} : {name: 'api', reason: 'refused', status: null, detail: 'connect ECONNREFUSED 127.0.0.1:5001', latencyMs: 12},
	})));
	journal.close();
};

type Timed = {readonly wallMs: number; readonly cpuMs: number};

const timed = async (work: () => Promise<void>): Promise<Timed> => {
	const [wall, cpu] = [performance.now(), process.threadCpuUsage()];
	await work();
	const {user, system} = process.threadCpuUsage(cpu);
	return {wallMs: performance.now() - wall, cpuMs: (user + system) / 1000};
};

/** Figures of `rounds`, each told by `say`. */
export const benchJournal = async (rounds: number, say: (what: string, figures: readonly number[]) => void): Promise<void> => {
	const root = mkdtempSync(path.join(tmpdir(), 'mdc-bench-journal-'));
	const directories = {shared: path.join(root, 'none'), own: root, memory: []};
	try {
		fill(path.join(root, 'shop.sqlite'));
		const archive: Timed[] = [];
		const report: Timed[] = [];
		const console: Timed[] = [];
		for (let round = 0; round <= rounds; round++) {
			let journal: ArchivedJournal | undefined;
			archive.push(await timed(async () => {
				const port = createJournalArchive({clock: realClock, directories, workerSource: workerUrl});
				const answer = await port.read(null);
				if (!answer.ok || incidentsOf(answer.value.journals[0]!)[0]?.entries.length !== events) {
					throw new Error('not all was read');
				}

				[journal] = answer.value.journals;
				await port.close();
			}));
			report.push(await timed(async () => {
				reportOf(incidentsOf(journal!)[0]!, Date.now());
			}));
			console.push(await timed(async () => {
				const port = createJournalPort({clock: realClock, actor: ana, readOnly: true, directories, workerSource: workerUrl});
				const answer = await port.open('shop');
				if (!answer.ok || replay(answer.value.entries).current === null) {
					throw new Error('not all was read');
				}

				await port.close();
			}));
		}

		// The first round warms the caches.
		const told = (figures: readonly Timed[], key: keyof Timed): readonly number[] => figures.slice(1).map(figure => figure[key]);
		say('100,000 events, incidents: read and folded', told(archive, 'wallMs'));
		say('  CPU of the reading thread', told(archive, 'cpuMs'));
		say('  the report of it, after that', told(report, 'wallMs'));
		say('100,000 events, console: opened and folded', told(console, 'wallMs'));
		say('  CPU of the main thread', told(console, 'cpuMs'));
	} finally {
		rmSync(root, {recursive: true, force: true});
	}
};
