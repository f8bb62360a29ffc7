/**
The main thread's end of the line to the journal's worker: a queue with deadlines. Hides the worker's life: how it is started from
source or bundle, that it holds the process only while something waits, and that it is started anew when it broke.

Invariants: one request is under way at a time, in the order asked; an append stays in the queue after its deadline, until it is
written; a read or lease that nobody waits for any more is dropped; nothing that the worker prints reaches the terminal.
*/

import {Worker} from 'node:worker_threads';
import type {Clock, Stop} from '../../core/ports.ts';
import type {Answers, Envelope, Kind, RawFailure, RawPlace, Request, Response, StampedDraft} from './protocol.ts';

const printedKept = 2000;
const restartsAtMost = 3;

type Answer<T> = {readonly ok: true; readonly value: T} | {readonly ok: false; readonly failure: RawFailure};

type OpenRequest = Request & {readonly kind: 'open'};

type Job = {
	readonly id: number;
	readonly request: Request;
	readonly drafts: readonly StampedDraft[];
	/** What it was asked of: another project may have been opened since. */
	readonly opening: OpenRequest | null;
	readonly askedAtMonotonicMs: number;
	/** Null once the caller has been told, by answer or by deadline. */
	settle: ((answer: Answer<Answers[Kind]>) => void) | null;
	stopDeadline: Stop;
	sent: number;
};

export type WorkerLine = {
	/** Answers within `deadlineMs`; `timed-out` then, while an append goes on waiting for the disk. */
	ask<K extends Kind>(request: Request & {readonly kind: K}, deadlineMs: number): Promise<Answer<Answers[K]>>;
	/** Drafts that are not known to be written. */
	waitingDrafts(): number;
	/** When the oldest unfinished append was asked for, on the clock of now; null when there is none. */
	pendingSinceMs(): number | null;
	/** Ends the worker, after what waits was written or handed to `rescue`; never later than `withinMs`. */
	close(instance: string, times: {readonly withinMs: number; readonly rescueAfterMs: number}, rescue: ((project: string, drafts: readonly StampedDraft[]) => Promise<boolean>) | null): Promise<void>;
};

const draftsOf = (request: Request): readonly StampedDraft[] => request.kind === 'append' ? request.drafts : [];

export const createWorkerLine = (options: {readonly clock: Clock; readonly source: string | URL; readonly placed: (place: RawPlace | null) => void}): WorkerLine => {
	const {clock} = options;
	const queue: Job[] = [];
	let worker: Worker | null = null;
	let opening: OpenRequest | null = null;
	let asked = 0;
	let restarts = 0;
	let closed = false;
	let drained: (() => void) | null = null;

	const jobOf = (request: Request, tell: Job['settle']): Job => ({
		id: ++asked,
		request,
		drafts: draftsOf(request),
		opening,
		askedAtMonotonicMs: clock.monotonicMs(),
		settle: tell,
		stopDeadline: () => undefined,
		sent: 0,
	});

	const settle = (job: Job, answer: Answer<Answers[Kind]>): void => {
		job.stopDeadline();
		job.settle?.(answer);
		job.settle = null;
	};

	const sendNext = (): void => {
		const first = queue[0];
		if (worker === null && first !== undefined && first.opening !== null && first.request.kind !== 'open') {
			// A new worker knows of no project: it opens the one of what waits before it takes that up. Keys make a repetition harmless.
			queue.unshift(jobOf(first.opening, null));
		}

		const job = queue[0];
		if (job === undefined) {
			worker?.unref();
			drained?.();
			return;
		}

		if (job.sent > 0) {
			return;
		}

		job.sent++;
		worker ??= start();
		worker.ref();
		worker.postMessage({id: job.id, request: job.request} satisfies Envelope);
	};

	const answered = (response: Response): void => {
		options.placed(response.place);
		const job = queue[0];
		if (job?.id !== response.id) {
			return;
		}

		restarts = 0;
		queue.shift();
		settle(job, response.outcome);
		sendNext();
	};

	const broke = (broken: Worker, words: string): void => {
		if (worker !== broken) {
			return;
		}

		worker = null;
		if (closed) {
			drained?.();
			return;
		}

		restarts++;
		if (restarts > restartsAtMost) {
			for (const job of queue.splice(0)) {
				settle(job, {ok: false, failure: {code: 'failed', rawDetail: words}});
			}

			restarts = 0;
			drained?.();
			return;
		}

		for (const job of queue) {
			job.sent = 0;
		}

		sendNext();
	};

	const start = (): Worker => {
		// No loader of the parent is inherited: Node reads the TypeScript by itself. The launcher's young generation is for frames; here it would hold 3 MB for nothing.
		const started = new Worker(options.source, {eval: typeof options.source === 'string', execArgv: [], stdout: true, stderr: true, resourceLimits: {maxYoungGenerationSizeMb: 2}});
		let printed = '';
		const keep = (chunk: unknown): void => {
			printed = (printed + String(chunk)).slice(-printedKept);
		};

		started.stdout.on('data', keep);
		started.stderr.on('data', keep);
		started.on('message', answered);
		started.on('error', error => {
			broke(started, `${error instanceof Error ? error.message : String(error)} ${printed}`.trim());
		});
		started.on('exit', code => {
			broke(started, `the journal's worker ended with ${code} ${printed}`.trim());
		});
		return started;
	};

	const overdue = (job: Job): void => {
		const isAppend = job.request.kind === 'append';
		settle(job, {ok: false, failure: {code: 'timed-out', rawDetail: '', ...(isAppend ? {params: {waiting: waitingDrafts()}} : {})}});
		if (!isAppend && job.request.kind !== 'open' && job.sent === 0) {
			queue.splice(queue.indexOf(job), 1);
		}
	};

	const waitingDrafts = (): number => queue.reduce((sum, job) => sum + job.drafts.length, 0);

	return {
		async ask<K extends Kind>(request: Request & {readonly kind: K}, deadlineMs: number): Promise<Answer<Answers[K]>> {
			if (closed) {
				return {ok: false, failure: {code: 'cancelled', rawDetail: ''}};
			}

			const wanted: Request = request;
			opening = wanted.kind === 'open' ? wanted : opening;
			return new Promise(resolve => {
				const job = jobOf(request, resolve as (answer: Answer<Answers[Kind]>) => void);
				job.stopDeadline = clock.after(deadlineMs, () => {
					overdue(job);
				});
				queue.push(job);
				sendNext();
			});
		},
		waitingDrafts,
		pendingSinceMs() {
			const oldest = queue.find(job => job.drafts.length > 0);
			return oldest === undefined ? null : clock.nowMs() - (clock.monotonicMs() - oldest.askedAtMonotonicMs);
		},
		async close(instance, times, rescue) {
			if (closed) {
				return;
			}

			closed = true;
			const ending = worker;
			if (ending === null) {
				return;
			}

			await new Promise<void>(resolve => {
				const stops: Stop[] = [];
				const finish = (): void => {
					for (const stop of stops) {
						stop();
					}

					drained = null;
					resolve();
				};

				// Timers of the real clock do not hold the process: the worker's reference does, until here.
				ending.ref();
				stops.push(clock.after(times.withinMs, finish));
				if (rescue !== null) {
					const waitedMs = clock.monotonicMs() - (queue.find(job => job.drafts.length > 0)?.askedAtMonotonicMs ?? clock.monotonicMs());
					stops.push(clock.after(Math.max(0, times.rescueAfterMs - waitedMs), () => {
						const waiting = Map.groupBy(queue.filter(({drafts}) => drafts.length > 0), job => job.opening?.project ?? '');
						if (waiting.size > 0) {
							void Promise.all([...waiting].map(async ([project, jobs]) => rescue(project, jobs.flatMap(({drafts}) => drafts)))).then(finish);
						}
					}));
				}

				drained = () => {
					ending.once('message', finish);
					drained = finish;
					ending.postMessage({id: ++asked, request: {kind: 'close', instance}} satisfies Envelope);
				};

				if (queue.length === 0) {
					drained();
				}
			});

			ending.unref();
			for (const job of queue) {
				settle(job, {ok: false, failure: {code: 'cancelled', rawDetail: ''}});
			}

			// Not awaited: a thread that hangs in the kernel ends when the kernel lets it.
			void ending.terminate();
		},
	};
};
