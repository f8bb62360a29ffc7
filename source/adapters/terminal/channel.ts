/**
The way bytes reach the terminal. Hides that Node makes a terminal blocking, and that a non-blocking flag is shared by everyone who
inherited the same open file: so the terminal is opened once more, for us alone.

Where it cannot be opened (a terminal of another user and of another session), the shared one is made non-blocking until we leave,
and written to directly: libuv would wait in a loop there.
*/

import {constants, fstatSync, openSync, readFileSync, statSync, writeSync} from 'node:fs';
import process from 'node:process';
import type {Writable} from 'node:stream';
import {WriteStream} from 'node:tty';

const finishWithinMs = 200;
const finishPauseMs = 10;
const sharedRetryMs = 20;

export type Channel = {
	readonly isTerminal: boolean;
	/** `sent` is called once, when the bytes were taken or the terminal broke. */
	write(chunk: string, sent: () => void): void;
	onBroken(listener: () => void): void;
	/** The last bytes, synchronously, within 200 ms; then the channel is closed. `others` are kept from hanging at exit when the line is stalled. */
	finish(text: string, others: readonly (WriteStream | Writable | undefined)[], gone: boolean): void;
};

/** Node's own handle of a terminal; its `setBlocking` is what Node itself calls on opening one. */
type Handled = {readonly _handle?: {setBlocking?(blocking: boolean): number} | null};

const setBlocking = (stream: object | undefined, blocking: boolean): void => {
	(stream as Handled | undefined)?._handle?.setBlocking?.(blocking);
};

const isTerminalStream = (stream: WriteStream | Writable): stream is WriteStream => {
	const {isTTY, fd} = stream as Partial<WriteStream> & {readonly fd?: number};
	return isTTY === true && typeof fd === 'number';
};

export const openChannel = (stdout: WriteStream | Writable): Channel => {
	if (!isTerminalStream(stdout)) {
		return plainChannel(stdout, false);
	}

	const descriptor = openAgain((stdout as WriteStream & {readonly fd: number}).fd);
	if (descriptor === null) {
		return sharedChannel(stdout);
	}

	const own = new WriteStream(descriptor);
	setBlocking(own, false);
	const channel = plainChannel(own, true);
	// Our end must not hold a program that has nothing else to do.
	(own as WriteStream & {unref?(): void}).unref?.();
	stdout.on('error', () => undefined);
	return {
		...channel,
		finish(text, others, gone) {
			const complete = gone || writeBounded(descriptor, text);
			own.destroy();
			if (!complete || gone) {
				for (const other of others) {
					setBlocking(other, false);
				}
			}
		},
	};
};

const openAgain = (descriptor: number): number | null => {
	const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
	for (const path of [`/proc/self/fd/${descriptor}`, '/dev/tty']) {
		try {
			if (path === '/dev/tty' && !isControllingTerminal(descriptor)) {
				continue;
			}

			return openSync(path, flags);
		} catch {
			// Not ours to open, or no such path on this system: the next one, or the given stream as it is.
		}
	}

	return null;
};

const isControllingTerminal = (descriptor: number): boolean => {
	const device = fstatSync(descriptor).rdev;
	try {
		const stat = readFileSync('/proc/self/stat', 'utf8');
		const terminal = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4]);
		return terminal === device;
	} catch {
		// No /proc (macOS): the device files themselves have to tell.
		return statSync('/dev/tty').rdev === device;
	}
};

const sharedChannel = (stdout: WriteStream & {readonly fd?: number}): Channel => {
	const descriptor = stdout.fd ?? 1;
	const listeners = new Set<() => void>();
	setBlocking(stdout, false);
	const push = (bytes: Buffer, offset: number, sent: () => void): void => {
		const taken = tryWrite(descriptor, bytes, offset);
		if (taken === 'broken') {
			for (const listener of listeners) {
				listener();
			}
		}

		if (taken === 'broken' || offset + taken >= bytes.length) {
			process.nextTick(sent);
			return;
		}

		setTimeout(push, sharedRetryMs, bytes, offset + taken, sent).unref();
	};

	return {
		isTerminal: true,
		write(chunk, sent) {
			push(Buffer.from(chunk, 'utf8'), 0, sent);
		},
		onBroken(listener) {
			listeners.add(listener);
		},
		finish(text, _others, gone) {
			if (!gone) {
				writeBounded(descriptor, text);
			}

			// The shell that started us has this very open file.
			setBlocking(stdout, true);
		},
	};
};

const plainChannel = (stream: WriteStream | Writable, isTerminal: boolean): Channel => {
	let broken = false;
	const listeners = new Set<() => void>();
	const breakNow = (): void => {
		if (!broken) {
			broken = true;
			for (const listener of listeners) {
				listener();
			}
		}
	};

	stream.on('error', breakNow);
	return {
		isTerminal,
		write(chunk, sent) {
			if (broken || stream.destroyed) {
				breakNow();
				sent();
				return;
			}

			stream.write(chunk, error => {
				if (error !== null && error !== undefined) {
					breakNow();
				}

				sent();
			});
		},
		onBroken(listener) {
			listeners.add(listener);
		},
		finish(text, others, gone) {
			if (!gone && !stream.destroyed) {
				stream.write(text);
			}

			for (const other of isTerminal ? others : []) {
				setBlocking(other, false);
			}
		},
	};
};

/** True when all of it went out in time, or never can. Waiting is done asleep, not spinning. */
const writeBounded = (descriptor: number, text: string): boolean => {
	const sleeper = new Int32Array(new SharedArrayBuffer(4));
	const bytes = Buffer.from(text, 'utf8');
	let offset = 0;
	for (let waitedMs = 0; offset < bytes.length && waitedMs < finishWithinMs;) {
		const taken = tryWrite(descriptor, bytes, offset);
		if (taken === 'broken') {
			return true;
		}

		offset += taken;
		if (taken === 0) {
			Atomics.wait(sleeper, 0, 0, finishPauseMs);
			waitedMs += finishPauseMs;
		}
	}

	return offset === bytes.length;
};


const tryWrite = (descriptor: number, bytes: Buffer, offset: number): number | 'broken' => {
	try {
		return offset < bytes.length ? writeSync(descriptor, bytes, offset) : 0;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : 'broken';
	}
};
