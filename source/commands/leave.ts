/** Leaving while a thread hangs in a disk that does not answer: Node joins its threads, and an ordinary exit waits for the thaw (measured: `process.exit` never returns). */

/** What was said is out first; then the process ends itself, by signal 9 (137 for a shell), since nothing else ends it. */
export const leaveHangingThread = async (): Promise<void> => {
	await Promise.all([process.stdout, process.stderr].map(async stream => new Promise(resolve => {
		stream.write('', resolve);
	})));
	process.kill(process.pid, 'SIGKILL');
};

const exitWithinMs = 3000;

/** After the last word of a command: what still holds the process by then is such a thread. Does not hold the process itself. */
export const leaveInTime = (beforeEnd: () => void): void => {
	setTimeout(() => {
		beforeEnd();
		void leaveHangingThread();
	}, exitWithinMs).unref();
};
