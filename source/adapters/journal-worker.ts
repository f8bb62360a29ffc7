/**
The journal's worker thread: takes one request at a time from the main side and does it with blocking calls, which a stalled disk
may hold up here but nowhere else. Runs as TypeScript source and as a bundled script: only `node:`, its own files and core are imported.

Nothing fails because somebody else holds the lock: it is tried again, in its place, until it is done or the journal closes.
*/

import {parentPort} from 'node:worker_threads';
import {createPicker, survey} from './journal/archive-files.ts';
import {pack} from './journal/packing.ts';
import {createPlaces} from './journal/places.ts';
import type {Places} from './journal/places.ts';
import type {Attempt} from './journal/opening.ts';
import type {Answers, Envelope, Kind, RawFailure, Request, Response, StampedDraft} from './journal/protocol.ts';

const lockPauseMs = 100;
// Before the reader's own deadline: a lock is told as one, and only a disk that hangs as a time-out.
const pickWithinMs = 2500;
const notOpen: RawFailure = {code: 'not-found', rawDetail: 'the journal is not open'};

const pause = async (delayMs: number): Promise<void> => new Promise(resolve => {
	setTimeout(resolve, delayMs);
});

const serve = (port: NonNullable<typeof parentPort>): void => {
	let places: Places | null = null;
	let readOnly = false;
	let closing = false;

	const picker = createPicker();

	const untilFree = async <T>(attempt: (opened: Places) => Attempt<T>): Promise<Attempt<T>> =>
		repeated(() => places === null ? {ok: false, failure: notOpen} : tried(attempt, places));

	/** Again and again while others hold the lock. */
	const repeated = async <T>(attempt: () => Attempt<T>, giveUpAfterMs = Infinity): Promise<Attempt<T>> => {
		const beganMs = performance.now();
		for (;;) {
			const answer = attempt();
			if (answer.ok || answer.failure.code !== 'busy' || closing || performance.now() - beganMs > giveUpAfterMs) {
				return answer;
			}

			await pause(lockPauseMs);
		}
	};

	const append = async (drafts: readonly StampedDraft[], nowMs: number): Promise<Attempt<Answers['append']>> => {
		const answer = await untilFree(opened => opened.append(drafts, nowMs));
		return answer.ok ? {ok: true, value: {entries: answer.value}} : answer;
	};

	const lease = async (request: Request & {readonly kind: 'lease'}): Promise<Attempt<Answers['lease']>> => {
		if (places !== null && (readOnly || places.current() === null)) {
			return {ok: true, value: {mine: false, holder: null}};
		}

		// Not repeated: the next heartbeat does that, and a claim carries its instant.
		return places === null ? {ok: false, failure: notOpen} : places.lease(request.claim);
	};

	const read = async (request: Request & {readonly kind: 'read'}): Promise<Attempt<Answers['read']>> => {
		const rows = await untilFree(opened => opened.read(request.after, request.limit, request.sieve, request.nowMs));
		return rows.ok ? {ok: true, value: pack(rows.value, request.after)} : rows;
	};

	const close = (instance: string): Attempt<null> => {
		closing = true;
		try {
			const file = places?.current() ?? null;
			if (!readOnly && file?.isCurrent() === true) {
				file.leave(instance);
			}
		} finally {
			picker.close();
			places?.close();
			places = null;
		}

		return {ok: true, value: null};
	};

	const answer = async (request: Request): Promise<Attempt<Answers[Kind]>> => {
		switch (request.kind) {
			case 'open': {
				places?.close();
				readOnly = request.readOnly;
				places = createPlaces(request.project, request.directories, readOnly);
				return untilFree(opened => opened.open(request.nowMs));
			}

			case 'append': {
				return append(request.drafts, request.nowMs);
			}

			case 'span': {
				return untilFree(opened => opened.span(request.nowMs));
			}

			case 'read': {
				return read(request);
			}

			case 'lease': {
				return lease(request);
			}

			case 'typed': {
				return places === null || readOnly ? {ok: true, value: null} : places.keepTyped(request.claim, request.texts);
			}

			case 'return': {
				const moved = places?.returnHome(request.nowMs) ?? {ok: false, failure: notOpen};
				return moved.ok ? {ok: true, value: {moved: moved.value}} : moved;
			}

			case 'rescue': {
				const written = createPlaces(request.project, request.directories, false).rescue(request.drafts);
				return written.ok ? {ok: true, value: {written: written.value}} : written;
			}

			case 'survey': {
				return {ok: true, value: survey(request.project, request.directories)};
			}

			case 'pick': {
				return repeated(() => picker.pick(request), pickWithinMs);
			}

			case 'verify': {
				return repeated(() => picker.verify(request), pickWithinMs);
			}

			case 'close': {
				return close(request.instance);
			}
		}
	};

	port.on('message', ({id, request}: Envelope) => {
		closing ||= request.kind === 'close';
		void answer(request)
			.catch((error: unknown): Attempt<Answers[Kind]> => ({ok: false, failure: unexpected(error)}))
			.then(outcome => {
				port.postMessage({id, place: places?.place() ?? null, outcome} satisfies Response);
			});
	});
};

const tried = <T>(attempt: (opened: Places) => Attempt<T>, places: Places): Attempt<T> => {
	try {
		return attempt(places);
	} catch (error) {
		return {ok: false, failure: unexpected(error)};
	}
};

// A lock held by others may show at any statement; all else is a bug, told with its words.
const unexpected = (error: unknown): RawFailure => {
	const {message, errcode} = error as Error & {errcode?: number};
	return {code: errcode !== undefined && errcode % 256 === 5 ? 'busy' : 'failed', rawDetail: message};
};

if (parentPort !== null) {
	serve(parentPort);
}
