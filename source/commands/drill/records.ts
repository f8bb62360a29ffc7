/**
What is kept of drills, in files of their own in the user's state directory, apart from every journal: the debriefs of those that ended (`drills`, one JSON
document a line), and what was pressed in each that goes on (`drill-open`, with the identity of its process), from which it can be resumed. Hides how a drill that
was interrupted is told from one that goes on in another terminal, and that no drill touches another's memory.
*/

import {appendFile, mkdir, readFile, readdir, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {isAlive, parseIdentity, readOwnIdentity, type ProcessIdentity} from '../../adapters/commands/process.ts';
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

/** A drill whose process is gone, and where its memory lies. */
export type InterruptedDrill = {readonly file: string; readonly drill: OpenDrill; readonly steps: readonly OpenStep[]};

export type DrillRecords = {
	readonly path: string;
	/** Oldest first; a line that cannot be read is left out. */
	read(): Promise<readonly Debrief[]>;
	/** The reason why it could not be kept, or null. */
	keep(debrief: Debrief): Promise<string | null>;
	/** The drills that were interrupted, with what was pressed in them, the one begun last first. What goes on in another console is none of them. */
	interrupted(): Promise<readonly InterruptedDrill[]>;
	/** Makes the memory of an interrupted drill that of this one; false when another console has resumed or dropped it meanwhile. */
	adopt(interrupted: InterruptedDrill): Promise<boolean>;
	forget(interrupted: InterruptedDrill): Promise<void>;
	begin(drill: OpenDrill): void;
	note(step: OpenStep): void;
	/** When everything that was noted is on the disk. */
	noted(): Promise<void>;
	/** This drill has come to its end: there is nothing to resume. */
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

const textOf = async (file: string): Promise<string | null> => {
	try {
		return await readFile(file, 'utf8');
	} catch {
		// Nothing was kept, or it may not be read: there is nothing to compare with, and the drill goes on without.
		return null;
	}
};

const openName = 'drill-open';

const nameOf = ({pid, startTicks, bootId}: ProcessIdentity): string => `${openName}.${pid}.${startTicks}.${bootId}`;

/** Whose memory a file is, by its name; null: of a version that did not tell. */
const ownerOf = (name: string): ProcessIdentity | null => parseIdentity(name.slice(openName.length + 1).replaceAll('.', ' '));

const openNames = async (directory: string): Promise<readonly string[]> => {
	try {
		return (await readdir(directory)).filter(name => name === openName || name.startsWith(`${openName}.`));
	} catch {
		// No such directory yet, or one that may not be read: nothing to resume.
		return [];
	}
};

/** The drill that lies in a file which no process writes any more; what nobody could ever resume goes. */
const readInterrupted = async (file: string): Promise<readonly InterruptedDrill[]> => {
	const text = await textOf(file);
	const [drill, ...steps] = linesOf(text ?? '') as readonly [Partial<OpenDrill>?, ...OpenStep[]];
	if (drill?.scenario !== undefined) {
		return [{file, drill: drill as OpenDrill, steps}];
	}

	if (text !== null) {
		await rm(file, {force: true}).catch(() => undefined);
	}

	return [];
};

export const createDrillRecords = (stateDirectory: string, whoIsThis: () => Promise<ProcessIdentity> = readOwnIdentity): DrillRecords => {
	const file = path.join(stateDirectory, 'drills');
	let known: Promise<ProcessIdentity> | null = null;
	const me = async (): Promise<ProcessIdentity> => known ??= whoIsThis();
	const own = async (): Promise<string> => path.join(stateDirectory, nameOf(await me()));
	// One after the other, and never waited for: a slow disk must not hold the screen.
	let writing: Promise<unknown> = Promise.resolve();
	const write = (document: OpenDrill | OpenStep): void => {
		writing = writing.then(async () => {
			await mkdir(stateDirectory, {recursive: true, mode: 0o700});
			await appendFile(await own(), `${JSON.stringify(document)}\n`, {mode: 0o600});
		}).catch(() => undefined);
	};

	return {
		path: file,
		read: async () => linesOf(await textOf(file) ?? '').filter((document): document is Debrief => (document as Debrief)?.version === 2),
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
			const [names, {bootId}] = await Promise.all([openNames(stateDirectory), me()]);
			const found = await Promise.all(names.map(async name => {
				const owner = ownerOf(name);
				return owner !== null && await isAlive(owner, bootId) ? [] : readInterrupted(path.join(stateDirectory, name));
			}));
			return found.flat().toSorted((one, other) => other.drill.openedAtMs - one.drill.openedAtMs);
		},
		async adopt(interrupted) {
			try {
				await rename(interrupted.file, await own());
				return true;
			} catch (error) {
				// On a disk that takes nothing any more it is resumed all the same, and nothing further is noted.
				return (error as NodeJS.ErrnoException).code !== 'ENOENT';
			}
		},
		async forget(interrupted) {
			await rm(interrupted.file, {force: true}).catch(() => undefined);
		},
		begin(drill) {
			write(drill);
		},
		note(step) {
			write(step);
		},
		async noted() {
			await writing;
		},
		async drop() {
			await writing;
			await rm(await own(), {force: true}).catch(() => undefined);
		},
	};
};
