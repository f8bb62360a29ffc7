/**
How full each disk is, without ever being held by one. Invariants:
- A local file system is asked by statfs on the thread pool, once at a time each; one that did not answer within a second is told as
  silent and not asked again before the pending call has returned.
- At most two pool threads can be lost to such calls (the pool has four, shared with name look-ups and every file read): while
  two hang, the others are asked in a child process.
- A remote file system is asked only in a child process (`stat -f`), at most once a minute; the child is killed after two seconds and, when
  even that does not help (uninterruptible sleep), left alone: nothing waits for it, and its mount is not asked again before it is gone.

What cannot be helped here: Node joins its pool threads when it ends, so while a local statfs hangs, process.exit() hangs too
(measured). Whoever ends the program must be ready to end it by a signal.
*/

import {spawn, type ChildProcessByStdio} from 'node:child_process';
import {readFile, statfs} from 'node:fs/promises';
import {join} from 'node:path';
import type {Readable} from 'node:stream';
import type {Clock, DiskReading, DisksReading, Outcome} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import {afterFairly} from '../../core/fair-deadline.ts';
import {startChild} from '../children.ts';
import {failureOf} from './failure.ts';
import {chooseMounts, type Mount} from './mounts.ts';

const deadlineMs = 1000;
const childDeadlineMs = 2000;
const childIntervalMs = 60_000;
const lostThreadsAllowed = 2;
const threadWaitMs = 300;

/** Figures of one file system, or why there are none: it hangs or fails (`silent`), or it is not ours to look at (`hidden`). */
type Space = {
	readonly blockBytes: number;
	readonly blocks: number;
	readonly blocksFree: number;
	readonly blocksAvailable: number;
	readonly inodes: number;
	readonly inodesFree: number;
};
type SpaceAnswer = Space | 'silent' | 'hidden';

export type DiskOptions = {
	readonly clock: Clock;
	readonly procDirectory: string;
	/** The program and its first words that answer as `stat -f -c FORMAT MOUNT` does (coreutils, busybox). */
	readonly statCommand: readonly string[];
	/** How a local file system is asked; `statfs` of node:fs/promises. */
	readonly statfs: (path: string) => Promise<{readonly bsize: number; readonly blocks: number; readonly bfree: number; readonly bavail: number; readonly files: number; readonly ffree: number}>;
};

/** `statfs` of Node, as `DiskOptions` wants it. */
export const askFileSystem: DiskOptions['statfs'] = async path => statfs(path);

/** Makes the reader of all disks. Each call answers within about a second. Fails only when the mount table cannot be read. */
export const createDiskReader = (options: DiskOptions): (() => Promise<Outcome<DisksReading>>) => {
	const askRemote = createRemoteAsker(options);
	const askLocal = createLocalAsker(options, askRemote);
	return async () => {
		let mounts: readonly Mount[];
		try {
			mounts = chooseMounts(await readFile(join(options.procDirectory, 'self/mountinfo'), 'utf8'));
		} catch (error) {
			return failureOf(error);
		}

		const atMs = options.clock.nowMs();
		const answers = await Promise.all(mounts.map(async mount => ({
			mount,
			answer: await within(options.clock, mount.remote ? askRemote(mount.mount) : askLocal(mount.mount)),
		})));
		return {
			ok: true,
			value: {
				atMs,
				disks: answers.flatMap(({mount, answer}) => typeof answer === 'string' || answer.blocks === 0 ? [] : [toReading(mount, answer)]),
				silent: answers.flatMap(({mount, answer}) => answer === 'silent' ? [makeSafe(mount.mount)] : []),
			},
		};
	};
};

const toReading = (mount: Mount, space: Space): DiskReading => ({
	mount: makeSafe(mount.mount),
	device: makeSafe(mount.device),
	type: makeSafe(mount.type),
	totalBytes: space.blocks * space.blockBytes,
	availableBytes: space.blocksAvailable * space.blockBytes,
	usedBytes: (space.blocks - space.blocksFree) * space.blockBytes,
	inodes: space.inodes,
	inodesFree: space.inodesFree,
	readOnly: mount.readOnly,
});

const within = async (clock: Clock, answer: Promise<SpaceAnswer>): Promise<SpaceAnswer> => new Promise(resolve => {
	const stop = afterFairly(clock, deadlineMs, () => {
		resolve('silent');
	});
	// Askers never reject.
	void answer.then(value => {
		stop();
		resolve(value);
	});
});

type LocalCall = {startedAtMs: number | null; answer: Promise<SpaceAnswer>};

const createLocalAsker = (options: DiskOptions, askElsewhere: (mount: string) => Promise<SpaceAnswer>): ((mount: string) => Promise<SpaceAnswer>) => {
	const {clock} = options;
	const calls = new Map<string, LocalCall>();
	const isHanging = ({startedAtMs}: LocalCall): boolean => startedAtMs !== null && clock.monotonicMs() - startedAtMs >= deadlineMs;
	const threads = createThreads(clock, () => [...calls.values()].filter(call => isHanging(call)).length >= lostThreadsAllowed);
	const ask = async (mount: string, call: LocalCall): Promise<SpaceAnswer> => {
		if (!(await threads.take())) {
			calls.delete(mount);
			return askElsewhere(mount);
		}

		call.startedAtMs = clock.monotonicMs();
		try {
			const {bsize, blocks, bfree, bavail, files, ffree} = await options.statfs(mount);
			return {blockBytes: bsize, blocks, blocksFree: bfree, blocksAvailable: bavail, inodes: files, inodesFree: ffree};
		} catch (error) {
			return isHiding(error) ? 'hidden' : 'silent';
		} finally {
			calls.delete(mount);
			threads.giveBack();
		}
	};

	return async mount => {
		const known = calls.get(mount);
		if (known !== undefined) {
			return isHanging(known) ? 'silent' : known.answer;
		}

		const call: LocalCall = {startedAtMs: null, answer: Promise.resolve('silent')};
		calls.set(mount, call);
		call.answer = ask(mount, call);
		return call.answer;
	};
};

/** The pool threads that may be risked. `take` answers false when none comes free soon. */
const createThreads = (clock: Clock, areLost: () => boolean): {take(): Promise<boolean>; giveBack(): void} => {
	const waiting = new Set<() => void>();
	let taken = 0;
	return {
		async take() {
			if (taken < lostThreadsAllowed) {
				taken++;
				return true;
			}

			return areLost() ? false : new Promise(resolve => {
				const stop = clock.after(threadWaitMs, () => {
					waiting.delete(proceed);
					resolve(false);
				});
				const proceed = (): void => {
					stop();
					resolve(true);
				};

				waiting.add(proceed);
			});
		},
		giveBack() {
			const [next] = waiting;
			if (next === undefined) {
				taken--;
			} else {
				waiting.delete(next);
				next();
			}
		},
	};
};

// Gone since the table was read, or another user's mount: nothing that the operator could mend.
const isHiding = (error: unknown): boolean => ['ENOENT', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');

type RemoteState = {askedAtMs: number; answer: Promise<SpaceAnswer>; childLives: boolean};

const createRemoteAsker = (options: DiskOptions): ((mount: string) => Promise<SpaceAnswer>) => {
	const states = new Map<string, RemoteState>();
	return async mount => {
		const nowMs = options.clock.monotonicMs();
		const known = states.get(mount);
		if (known !== undefined && (known.childLives || nowMs - known.askedAtMs < childIntervalMs)) {
			return known.answer;
		}

		const state: RemoteState = {askedAtMs: nowMs, answer: Promise.resolve('silent'), childLives: true};
		state.answer = askChild(options, mount, () => {
			state.childLives = false;
		});
		states.set(mount, state);
		return state.answer;
	};
};

/** Asks one short-lived child; settles after two seconds at the latest. `gone` is told when the child no longer exists, which may be never. */
const askChild = async ({clock, statCommand}: DiskOptions, mount: string, gone: () => void): Promise<SpaceAnswer> => {
	const [program, ...words] = statCommand;
	const started = await startChild(() => spawn(program!, [...words, '-f', '-c', '%S %b %f %a %c %d', mount], {
		stdio: ['ignore', 'pipe', 'pipe'],
		cwd: '/',
		env: {PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C'},
	}));
	if (started.ok) {
		return answerOf(started.child, clock, gone);
	}

	// No such program, or no process to be had: the mount stays unknown, which is what silent means.
	gone();
	return 'silent';
};

const answerOf = async (child: ChildProcessByStdio<null, Readable, Readable>, clock: Clock, gone: () => void): Promise<SpaceAnswer> => new Promise(resolve => {
	// A child that cannot die must not keep the program from ending.
	child.unref();
	let output = '';
	let complaint = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		output = (output + text).slice(0, 1000);
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		complaint = (complaint + text).slice(0, 1000);
	});
	const stop = afterFairly(clock, childDeadlineMs, () => {
		child.kill('SIGKILL');
		child.stdout.destroy();
		child.stderr.destroy();
		resolve('silent');
	});
	child.on('exit', gone);
	child.on('error', () => {
		// It could not be killed: nothing waits for it, and it is asked nothing more before it is gone.
	});
	child.on('close', () => {
		stop();
		resolve(parseChild(output) ?? (/Permission denied|No such file/.test(complaint) ? 'hidden' : 'silent'));
	});
});

const parseChild = (output: string): Space | null => {
	const figures = output.trim().split(' ').map(Number);
	if (figures.length !== 6 || figures.some(figure => !Number.isFinite(figure))) {
		return null;
	}

	const [blockBytes, blocks, blocksFree, blocksAvailable, inodes, inodesFree] = figures as [number, number, number, number, number, number];
	return {blockBytes, blocks, blocksFree, blocksAvailable, inodes, inodesFree};
};
