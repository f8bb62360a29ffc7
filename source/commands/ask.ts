/** A question on the terminal, outside the console's screen. It hides that readline tells Ctrl-C and Ctrl-D by an exception, which read as a crash of ours. */
import {createInterface} from 'node:readline/promises';

/** The answer, without spaces around it; null when it was left by Ctrl-C or Ctrl-D. */
export const askLine = async (question: string, streams: {readonly stdin: NodeJS.ReadableStream; readonly stdout: NodeJS.WritableStream}): Promise<string | null> => {
	const lines = createInterface({input: streams.stdin, output: streams.stdout});
	try {
		return (await lines.question(question)).trim();
	} catch (problem) {
		if ((problem as Error).name === 'AbortError') {
			streams.stdout.write('\n');
			return null;
		}

		throw problem;
	} finally {
		lines.close();
	}
};
