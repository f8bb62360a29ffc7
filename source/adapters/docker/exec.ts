/**
One command inside a container. Hides exec create, start and inspect, and that Docker has no way to end an exec: at the deadline its
connection is closed, and the process inside is left to itself (so commands should bring a limit of their own).

Invariants: ends by its deadline; keeps at most the first 64 kB of output; the engine itself refuses a paused container (`failed`).
*/

import type {IncomingMessage} from 'node:http';
import type {ExecAnswer, Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import type {Deadline, EngineClient} from './client.ts';
import {failure} from './failures.ts';
import {createFrameSplitter} from './frames.ts';
import {recordOf, textOf} from './json.ts';

const outputLimitBytes = 64 * 1024;

/** Runs `command` (words, never a shell string) in the container; `timed-out` when it takes longer than `deadlineMs`. */
export const executeInside = async (client: EngineClient, id: string, command: readonly string[], deadlineMs: number): Promise<Outcome<ExecAnswer>> => {
	const {clock} = client;
	const startedMs = clock.monotonicMs();
	const deadline = client.deadline(deadlineMs);
	const created = await client.json({
		method: 'POST',
		path: `/containers/${encodeURIComponent(id)}/exec`,
		body: {AttachStdin: false, AttachStdout: true, AttachStderr: true, Tty: false, Cmd: command},
		deadline,
	});
	if (!created.ok) {
		return created;
	}

	const execId = textOf(recordOf(created.value)['Id']);
	if (execId === '') {
		return {ok: false, failure: failure('malformed', 'exec without an id')};
	}

	const started = await client.stream({method: 'POST', path: `/exec/${encodeURIComponent(execId)}/start`, body: {Detach: false, Tty: false}, deadline});
	if (!started.ok) {
		return started;
	}

	const output = await readOutput(client, started.value, deadline);
	if (output === null) {
		return {ok: false, failure: failure('timed-out', `no end within ${deadlineMs} ms`, {deadlineMs})};
	}

	const exitCode = await exitCodeOf(client, execId, deadline);
	return exitCode.ok
		? {ok: true, value: {exitCode: exitCode.value, output: makeSafe(output.toString().trimEnd()), durationMs: clock.monotonicMs() - startedMs}}
		: exitCode;
};

/** Both streams in the order in which they came; null at the deadline. */
const readOutput = async (client: EngineClient, response: IncomingMessage, deadline: Deadline): Promise<Buffer | null> => new Promise(resolve => {
	const kept: Buffer[] = [];
	let keptBytes = 0;
	const splitter = createFrameSplitter((_stream, buffer, start, end) => {
		const piece = buffer.subarray(start, Math.min(end, start + outputLimitBytes - keptBytes));
		if (piece.length > 0) {
			kept.push(piece);
			keptBytes += piece.length;
		}
	});
	const cancel = client.clock.after(Math.max(0, deadline.atMonotonicMs - client.clock.monotonicMs()), () => {
		resolve(null);
		response.destroy();
	});
	response.on('data', (chunk: Buffer) => {
		splitter.feed(chunk, 0, chunk.length);
	});
	response.on('close', () => {
		cancel();
		resolve(Buffer.concat(kept));
	});
});

const exitCodeOf = async (client: EngineClient, execId: string, deadline: Deadline): Promise<Outcome<number>> => {
	for (let attempt = 0; ; attempt++) {
		const answer = await client.json({path: `/exec/${encodeURIComponent(execId)}/json`, deadline});
		if (!answer.ok) {
			return answer;
		}

		const {ExitCode: exitCode, Running: running} = recordOf(answer.value);
		if (running !== true && typeof exitCode === 'number') {
			return {ok: true, value: exitCode};
		}

		// The stream may end a moment before the engine has noted the exit.
		if (attempt === 20) {
			return {ok: false, failure: failure('failed', 'the engine does not tell the exit code')};
		}

		await new Promise<void>(resolve => {
			client.clock.after(25, resolve);
		});
	}
};
