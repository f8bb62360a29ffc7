/**
The stream that Ink takes for standard output. Hides how its writes are gathered: those of one turn, and all that come while a
write is under way, go out as one piece. Nothing is dropped or reordered, because Ink sends differences.
*/

import {Writable} from 'node:stream';
import type {WriteStream} from 'node:tty';
import {tighten} from './tighten.ts';

export type ScreenStream = {
	readonly output: WriteStream;
	isDrained(): boolean;
	/** Lets go of what waits: its writers are told that it is done, and nothing is sent any more. */
	discard(): void;
};

export type ScreenStreamOptions = {
	readonly isTerminal: boolean;
	readonly size: () => {readonly columns: number; readonly rows: number};
	/** Sends one piece; `sent` is called once, when it has been taken or can never be. */
	readonly send: (chunk: string, sent: () => void) => void;
	readonly drained: () => void;
};

export const createScreenStream = ({isTerminal, size, send, drained}: ScreenStreamOptions): ScreenStream => {
	let discarded = false;
	let release: (() => void) | null = null;
	const pass = (chunk: string, done: () => void): void => {
		if (discarded) {
			done();
			return;
		}

		let open = true;
		const once = (): void => {
			if (open) {
				open = false;
				release = null;
				done();
			}
		};

		release = once;
		send(tighten(chunk), once);
	};

	let told = true;
	const afterwards = (): void => {
		// Node counts a piece as gone only after its callback.
		process.nextTick(() => {
			if (stream.writableLength === 0 && !told) {
				told = true;
				drained();
			}
		});
	};

	const stream = new Writable({
		decodeStrings: false,
		defaultEncoding: 'utf8',
		write(chunk: unknown, _encoding, done) {
			pass(textOf(chunk), () => {
				done();
				afterwards();
			});
		},
		writev(chunks, done) {
			pass(chunks.map(({chunk}) => textOf(chunk)).join(''), () => {
				done();
				afterwards();
			});
		},
	});

	const plainWrite = stream.write.bind(stream) as (...parameters: readonly unknown[]) => boolean;
	let gathering = false;
	const output = Object.defineProperties(stream, {
		isTTY: {value: isTerminal, enumerable: true},
		columns: {get: () => size().columns, enumerable: true},
		rows: {get: () => size().rows, enumerable: true},
		getWindowSize: {value: () => [size().columns, size().rows]},
		write: {
			value(...parameters: readonly unknown[]): boolean {
				told = false;
				if (!gathering) {
					gathering = true;
					stream.cork();
					process.nextTick(() => {
						gathering = false;
						stream.uncork();
					});
				}

				return plainWrite(...parameters);
			},
		},
	}) as unknown as WriteStream;

	return {
		output,
		isDrained: () => stream.writableLength === 0,
		discard() {
			discarded = true;
			release?.();
		},
	};
};

const textOf = (chunk: unknown): string => typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
