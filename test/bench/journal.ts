/**
What a long incident costs its reader: three days with 100,000 events, loaded from the disk and folded. Wall time by the clock and, since a shared machine
says little by it, the CPU time of the reading thread; the worker's thread adds its own.
*/

import {mkdtempSync, rmSync} from 'node:fs';
import path from 'node:path';
import {tmpdir} from 'node:os';
import {fileURLToPath} from 'node:url';
import {createJournalArchive} from '../../source/adapters/journal/archive.ts';
import {openJournalFile} from '../../source/adapters/journal/database.ts';
import {createJournalPort} from '../../source/adapters/journal.ts';
import {incidentsOf, type ArchivedJournal} from '../../source/core/incident-archive.ts';
import {reportOf} from '../../source/core/incident-report.ts';
import {passingKept, recall} from '../../source/core/incident.ts';
import {ana} from '../fixtures/incident-entries.ts';
import {build} from 'esbuild';
import {workerUrl} from '../helpers/journal-world.ts';
import {realClock} from '../helpers/real-clock.ts';

const events = 100_000;
const spanMs = 3 * 86_400_000;
const beganMs = Date.UTC(2026, 0, 18, 6);

const fill = (file: string): void => {
	const journal = openJournalFile(file, {readOnly: false, fileMode: 0o600});
	journal.append(Array.from({length: events}, (_, index) => ({
		atMs: beganMs + Math.round((index * spanMs) / events), monotonicMs: index, incident: 'INC-20260118-060000', actor: ana, onceKey: `k${index}`,
		type: index === 0 ? 'incident/opened' : (index % 2 === 1 ? 'ping/failed' : 'ping/recovered'),
		data: index === 0 ? {by: 'condition', alert: 'APIDown', severity: 'CRITICAL', sinceMs: beganMs, source: 'ping', atLeast: false} : {name: 'api', reason: 'refused', status: null, detail: 'connect ECONNREFUSED 127.0.0.1:5001', latencyMs: index % 97},
	})));
	journal.close();
};

/** As the program is built: of a worker's source Node would take the types out first. */
const builtWorker = async (): Promise<string> => {
	const {outputFiles} = await build({entryPoints: [fileURLToPath(workerUrl)], bundle: true, platform: 'node', target: 'node24', format: 'esm', minify: true, write: false});
	return outputFiles[0]!.text;
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
		const workerSource = await builtWorker();
		fill(path.join(root, 'shop.sqlite'));
		const list: Timed[] = [];
		const archive: Timed[] = [];
		const report: Timed[] = [];
		const console: Timed[] = [];
		for (let round = 0; round <= rounds; round++) {
			let journal: ArchivedJournal | undefined;
			list.push(await timed(async () => {
				const port = createJournalArchive({clock: realClock, directories, workerSource});
				const answer = await port.read(null, 'figures');
				if (!answer.ok || incidentsOf(answer.value.journals[0]!).length !== 1) {
					throw new Error('the incident was not read');
				}

				await port.close();
			}));
			archive.push(await timed(async () => {
				const port = createJournalArchive({clock: realClock, directories, workerSource});
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
				const port = createJournalPort({clock: realClock, actor: ana, readOnly: true, directories, workerSource});
				const answer = await port.open('shop');
				if (!answer.ok || recall(answer.value).current?.timelineDropped !== events - 1 - passingKept) {
					throw new Error('not all was read');
				}

				await port.close();
			}));
		}

		// The first round warms the caches.
		const told = (figures: readonly Timed[], key: keyof Timed): readonly number[] => figures.slice(1).map(figure => figure[key]);
		say('100,000 events, list and figures: read and folded', told(list, 'wallMs'));
		say('  CPU of the reading thread', told(list, 'cpuMs'));
		say('100,000 events, one incident with all of them', told(archive, 'wallMs'));
		say('  CPU of the reading thread', told(archive, 'cpuMs'));
		say('  the report of it, after that', told(report, 'wallMs'));
		say('100,000 events, console: opened and folded', told(console, 'wallMs'));
		say('  CPU of the main thread', told(console, 'cpuMs'));
	} finally {
		rmSync(root, {recursive: true, force: true});
	}
};
