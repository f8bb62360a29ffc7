/**
What is kept of drills, in files of their own in the user's state directory, apart from every journal: the debriefs of those that ended (`drills`, one JSON
document a line), and what was pressed in the one that goes on (`drill-open`), from which it can be resumed.
*/

import {appendFile, mkdir, readFile, rm} from 'node:fs/promises';
import path from 'node:path';
import type {Debrief} from '../../core/debrief.ts';
import type {DrillScenario} from '../../core/drill.ts';
import type {Event} from '../../core/state.ts';

/** From the outside into the drill: with these and the seed it can be lived through again. */
export type OutsideEvent = Extract<Event, {type: 'key/pressed' | 'text/pasted' | 'card/painted' | 'screen/resized'}>;

export type OpenDrill = {
	readonly version: string;
	readonly scenario: DrillScenario;
	readonly seed: number;
	readonly speed: number;
	readonly observed: boolean;
	/** Of the wall clock of the drill, at its opening. */
	readonly openedAtMs: number;
	readonly operator: string;
	readonly size: {readonly columns: number; readonly rows: number};
};

/** A step of the recording: when, since the opening, and what; null: only that so much time had gone by. */
export type OpenStep = {readonly afterMs: number; readonly event: OutsideEvent | null};

export type DrillRecords = {
	readonly path: string;
	/** Oldest first; a line that cannot be read is left out. */
	read(): Promise<readonly Debrief[]>;
	/** The reason why it could not be kept, or null. */
	keep(debrief: Debrief): Promise<string | null>;
	/** The drill that was interrupted, with what was pressed in it; null when there is none. */
	interrupted(): Promise<{readonly drill: OpenDrill; readonly steps: readonly OpenStep[]} | null>;
	begin(drill: OpenDrill): void;
	note(step: OpenStep): void;
	/** When everything that was noted is on the disk. */
	noted(): Promise<void>;
	drop(): Promise<void>;
};

const linesOf = (text: string): readonly unknown[] => text.split('\n').filter(line => line !== '').flatMap((line): readonly unknown[] => {
	try {
		return [JSON.parse(line)];
	} catch {
		// The last line of an interrupted write is none; the others count.
		return [];
	}
});

const textOf = async (file: string): Promise<string> => {
	try {
		return await readFile(file, 'utf8');
	} catch {
		// Nothing was kept, or it may not be read: there is nothing to compare with, and the drill goes on without.
		return '';
	}
};

export const createDrillRecords = (stateDirectory: string): DrillRecords => {
	const file = path.join(stateDirectory, 'drills');
	const open = path.join(stateDirectory, 'drill-open');
	// One after the other, and never waited for: a slow disk must not hold the screen.
	let writing: Promise<unknown> = Promise.resolve();
	const write = (target: string, document: unknown): void => {
		writing = writing.then(async () => {
			await mkdir(stateDirectory, {recursive: true, mode: 0o700});
			await appendFile(target, `${JSON.stringify(document)}\n`, {mode: 0o600});
		}).catch(() => undefined);
	};

	return {
		path: file,
		read: async () => linesOf(await textOf(file)).filter((document): document is Debrief => (document as Debrief)?.version === 2),
		async keep(debrief) {
			try {
				await mkdir(stateDirectory, {recursive: true, mode: 0o700});
				await appendFile(file, `${JSON.stringify(debrief)}\n`, {mode: 0o600});
				return null;
			} catch (error) {
				return (error as NodeJS.ErrnoException).code ?? String(error);
			}
		},
		async interrupted() {
			const [drill, ...steps] = linesOf(await textOf(open)) as readonly [Partial<OpenDrill>?, ...OpenStep[]];
			// Two drills of one user at a time share the file: the end of one may have taken the other's beginning.
			return drill?.scenario === undefined ? null : {drill: drill as OpenDrill, steps};
		},
		begin(drill) {
			writing = writing.then(async () => rm(open, {force: true})).catch(() => undefined);
			write(open, drill);
		},
		note(step) {
			write(open, step);
		},
		async noted() {
			await writing;
		},
		async drop() {
			await writing;
			await rm(open, {force: true}).catch(() => undefined);
		},
	};
};
