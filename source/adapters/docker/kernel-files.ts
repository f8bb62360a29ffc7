/**
Small files of the kernel that are read again and again. Hides that they stay open in between: opening and closing one each time were two of the three ways through
Node's threads that a read took (4 of the 16 ms that an idle console computes a second, measured with four containers).

Invariants: what is open is bounded, and what nobody asks for any more is closed; a file whose process or cgroup is gone answers an error and not what it once said, and the one that has
taken its name since is opened. Only for files of which the kernel makes the text at each read, and which hold nothing while they are open: an open `/proc/<pid>/net/dev` would hold the
network namespace of a container that is gone.
*/

import {close, open, read} from 'node:fs';

export type KernelFiles = {
	/** The file's text; it stays open. */
	kept(path: string): Promise<string>;
	/** The file's text; it is closed again. */
	once(path: string): Promise<string>;
	/** How many are open. */
	size(): number;
};

type Kept = {readonly file: number; readers: number; usedAt: number; isGivenUp: boolean; isClosed: boolean};

const kernelFileBytes = 8192;
// Files made of records come in pieces of nearly a page; those that are shorter are whole.
const surelyWholeBytes = 3000;

/** Makes the files. `limit`: how many stay open; above, files are closed as they are read. */
export const createKernelFiles = (limit = 128): KernelFiles => {
	const files = new Map<string, Kept>();
	// Counts reads: with it a file is told that was not asked for while all others were, without a clock.
	let reads = 0;

	/** By the last who reads it, and once: its number may be another file's a moment later. */
	const closeWhenDone = (kept: Kept): void => {
		if (kept.isGivenUp && kept.readers === 0 && !kept.isClosed) {
			kept.isClosed = true;
			closeQuietly(kept.file);
		}
	};

	const drop = (path: string, kept: Kept): void => {
		if (files.get(path) === kept) {
			files.delete(path);
		}

		kept.isGivenUp = true;
		closeWhenDone(kept);
	};

	const dropUnused = (): void => {
		for (const [path, kept] of files) {
			if (kept.readers === 0 && reads - kept.usedAt > limit * 4) {
				drop(path, kept);
			}
		}
	};

	const readKept = async (kept: Kept): Promise<string> => {
		kept.readers++;
		kept.usedAt = reads;
		try {
			return await readWhole(kept.file);
		} finally {
			kept.readers--;
			closeWhenDone(kept);
		}
	};

	const openAndKeep = async (path: string): Promise<string> => {
		const file = await openFile(path);
		dropUnused();
		if (files.size >= limit || files.has(path)) {
			return readAndClose(file);
		}

		const kept: Kept = {file, readers: 0, usedAt: reads, isGivenUp: false, isClosed: false};
		files.set(path, kept);
		try {
			return await readKept(kept);
		} catch (error) {
			drop(path, kept);
			throw error;
		}
	};

	return {
		async kept(path) {
			reads++;
			const kept = files.get(path);
			if (kept === undefined) {
				return openAndKeep(path);
			}

			try {
				return await readKept(kept);
			} catch {
				// A cgroup that was removed and made again has the same name: what is there now is asked.
				drop(path, kept);
				return openAndKeep(path);
			}
		},
		once: async path => readAndClose(await openFile(path)),
		size: () => files.size,
	};
};

const openFile = async (path: string): Promise<number> => new Promise((resolve, reject) => {
	open(path, 'r', (error, file) => {
		if (error === null) {
			resolve(file);
		} else {
			reject(error);
		}
	});
});

const closeQuietly = (file: number): void => {
	close(file, () => {
		// Nothing was written: there is nothing that closing could lose.
	});
};

const readAndClose = async (file: number): Promise<string> => readWhole(file).finally(() => {
	closeQuietly(file);
});

/** From the beginning, whatever was read before. With one read a container's files cost half of what readFile takes, which asks for the size first and reads once more at the end. */
const readWhole = async (file: number): Promise<string> => new Promise((resolve, reject) => {
	const readOn = (before: string, position: number): void => {
		read(file, Buffer.allocUnsafe(kernelFileBytes), 0, kernelFileBytes, position, (error, length, buffer) => {
			if (error !== null) {
				reject(error);
				return;
			}

			const content = before + buffer.toString('latin1', 0, length);
			if (length > surelyWholeBytes && content.length < kernelFileBytes * 16) {
				readOn(content, position + length);
			} else {
				resolve(content);
			}
		});
	};

	readOn('', 0);
});
