/**
Follows a run's output while its supervisor writes it, from any console that may read it, and tells its end.

Output lies in files named by the offset at which each begins (`out.0`, `out.1048576`, …); the supervisor drops old ones, which shows as a
gap between the reader's position and the next file. Where the output is not ours to read, only the end is told.
*/

import {watch, type FSWatcher} from 'node:fs';
import {open, readdir, type FileHandle} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {isAlive, readBootId} from './process.ts';
import {livingScript, readOutcome, readRequest, readStarted} from './run-files.ts';
import type {RunOutcome, RunOutput, Stop} from '../../core/ports.ts';

/** Bytes of one piece: what is handed over between two turns of the event loop. */
const pieceBytes = 65_536;
const pollMs = 200;

/** See CommandsPort.follow; `directory` is the run's. An unknown run ends at once as lost. */
export const followRun = (directory: string, advanced: (output: RunOutput) => void, ended: (outcome: RunOutcome | null) => void): Stop => {
	const state = {stopped: false, wake: () => {/* nobody waits yet */}};
	const stop = (): void => {
		state.stopped = true;
		state.wake();
	};

	const loop = async (): Promise<void> => {
		const watcher = watchQuietly(`${directory}/own`, () => {
			state.wake();
		});
		const outerWatcher = watchQuietly(directory, () => {
			state.wake();
		});
		try {
			const outcome = await untilEnd(directory, state, advanced);
			if (!state.stopped) {
				state.stopped = true;
				ended(outcome);
			}
		} finally {
			watcher?.close();
			outerWatcher?.close();
		}
	};

	void loop();
	return stop;
};

type FollowState = {stopped: boolean; wake: () => void};

const untilEnd = async (directory: string, state: FollowState, advanced: (output: RunOutput) => void): Promise<RunOutcome | null> => {
	const reader = createReader(`${directory}/own`, output => {
		if (!state.stopped) {
			advanced(output);
		}
	});
	const bootId = await readBootId();
	const [started, request] = await Promise.all([readStarted(directory), readRequest(directory)]);
	for (;;) {
		// The end is looked for before the output is read, so that what is read then is all there was.
		const outcome = await readOutcome(directory);
		// Where the supervisor was killed the run goes on as long as its script does.
		const alive = outcome === null && started !== null && (await isAlive(started.supervisor, bootId) || (request !== null && await livingScript(directory, request, bootId) !== null));
		await reader.read(() => state.stopped);
		if (outcome !== null || state.stopped) {
			reader.finish();
			return outcome;
		}

		if (!alive) {
			reader.finish();
			return readOutcome(directory);
		}

		await nextChange(state);
	}
};

/** Waits for a change of the files or the poll interval, but at least 20 ms: a flood must not make us list the files for every write. */
const nextChange = async (state: FollowState): Promise<void> => {
	let changed = false;
	let proceed = (): void => {
		changed = true;
	};

	state.wake = () => {
		proceed();
	};
	await delay(20);
	if (changed || state.stopped) {
		return;
	}

	await new Promise<void>(resolve => {
		const timer = setTimeout(resolve, pollMs - 20);
		proceed = () => {
			clearTimeout(timer);
			resolve();
		};
	});
};

const watchQuietly = (path: string, changed: () => void): FSWatcher | null => {
	try {
		const watcher = watch(path, {persistent: false}, changed);
		// Out of inotify instances, or the directory is gone: the poll does the work alone.
		watcher.on('error', () => {
			watcher.close();
		});
		return watcher;
	} catch {
		// As above.
		return null;
	}
};

type Reader = {read(isStopped: () => boolean): Promise<void>; finish(): void};

/** Reads on from where it stood; decodes UTF-8 across pieces and starts afresh, on a whole character, after a gap. */
const createReader = (own: string, advanced: (output: RunOutput) => void): Reader => {
	let position = 0;
	let skippedBytes = 0;
	let decoder = new TextDecoder();
	let afterGap = false;

	const hand = (bytes: Uint8Array): void => {
		let start = 0;
		// Up to three bytes that continue a character whose beginning is lost.
		while (afterGap && start < bytes.length && start < 3 && (bytes[start]! & 0xC0) === 0x80) {
			start++;
		}

		afterGap = false;
		skippedBytes += start;
		const rawText = decoder.decode(bytes.subarray(start), {stream: true});
		if (rawText !== '') {
			advanced({rawText, skippedBytes});
			skippedBytes = 0;
		}
	};

	const jump = (start: number): void => {
		skippedBytes += start - position;
		position = start;
		decoder = new TextDecoder();
		afterGap = true;
	};

	/** Bytes read to the file's present end; null when it was dropped since it was listed. */
	const readFrom = async (start: number, isStopped: () => boolean): Promise<number | null> => {
		const handle = await openIfThere(`${own}/out.${start}`);
		if (!handle) {
			return null;
		}

		try {
			const buffer = new Uint8Array(pieceBytes);
			let total = 0;
			while (!isStopped()) {
				const {bytesRead} = await handle.read(buffer, 0, pieceBytes, position - start);
				if (bytesRead === 0) {
					break;
				}

				total += bytesRead;
				position += bytesRead;
				hand(buffer.subarray(0, bytesRead));
			}

			return total;
		} finally {
			await handle.close();
		}
	};

	/** One look at the files; false when there is no more for now. */
	const advance = async (isStopped: () => boolean): Promise<boolean> => {
		const starts = (await listOutput(own)).toSorted((a, b) => a - b);
		const holding = starts.findLast(start => start <= position);
		const next = starts.find(start => start > position);
		const got = holding === undefined ? 0 : await readFrom(holding, isStopped);
		if (got === 0 && next !== undefined) {
			// Listed before it was read: the file was complete, so what lies between is lost.
			jump(next);
			return true;
		}

		return got !== 0;
	};

	return {
		async read(isStopped) {
			while (!isStopped() && await advance(isStopped)) {
				// Until there is no more.
			}
		},
		finish() {
			const rawText = decoder.decode();
			if (rawText !== '' || skippedBytes > 0) {
				advanced({rawText, skippedBytes});
			}
		},
	};
};

const openIfThere = async (path: string): Promise<FileHandle | null> => {
	try {
		return await open(path);
	} catch {
		// Dropped by the supervisor, or discarded.
		return null;
	}
};

const listOutput = async (own: string): Promise<readonly number[]> => {
	try {
		const names = await readdir(own);
		return names.filter(name => /^out\.\d{1,15}$/.test(name)).map(name => Number(name.slice('out.'.length)));
	} catch {
		// Not ours to read, or discarded: there is no output to show.
		return [];
	}
};
