/**
The journal's worker thread: takes one request at a time from the main side and does it with blocking calls, which a stalled disk
may hold up here but nowhere else. Runs as TypeScript source and as a bundled script: only `node:` and its own files are imported.

An append never fails because somebody else holds the lock: it is tried again, in its place, until it is written or the journal closes.
*/

import {parentPort} from 'node:worker_threads';
import {createPlaces} from './journal/places.ts';
import type {Attempt, Places} from './journal/places.ts';
import type {Answers, Envelope, Kind, RawFailure, Request, Response, StampedDraft} from './journal/protocol.ts';

const lockPauseMs = 100;
const notOpen: RawFailure = {code: 'not-found', rawDetail: 'the journal is not open'};

const pause = async (delayMs: number): Promise<void> => new Promise(resolve => {
	setTimeout(resolve, delayMs);
});

const serve = (port: NonNullable<typeof parentPort>): void => {
	let places: Places | null = null;
	let readOnly = false;
	let closing = false;

	const append = async (drafts: readonly StampedDraft[], nowMs: number): Promise<Attempt<Answers['append']>> => {
		for (;;) {
			const answer = places?.append(drafts, nowMs) ?? {ok: false, failure: notOpen};
			if (answer.ok) {
				return {ok: true, value: {entries: answer.value}};
			}

			if (answer.failure.code !== 'busy' || closing) {
				return answer;
			}

			await pause(lockPauseMs);
		}
	};

	const lease = (request: Request & {readonly kind: 'lease'}): Attempt<Answers['lease']> => {
		const file = places?.current();
		if (file === undefined || file === null || readOnly) {
			return file === undefined ? {ok: false, failure: notOpen} : {ok: true, value: {mine: false, holder: null}};
		}

		return {ok: true, value: file.lease(request.claim)};
	};

	const close = (instance: string): Attempt<null> => {
		closing = true;
		if (!readOnly) {
			places?.current()?.releaseLease(instance);
		}

		places?.close();
		places = null;
		return {ok: true, value: null};
	};

	const answer = async (request: Request): Promise<Attempt<Answers[Kind]>> => {
		switch (request.kind) {
			case 'open': {
				places?.close();
				readOnly = request.readOnly;
				places = createPlaces(request.project, request.directories, readOnly);
				return places.open(request.nowMs);
			}

			case 'append': {
				return append(request.drafts, request.nowMs);
			}

			case 'read': {
				const entries = places?.read(request.after, request.limit) ?? {ok: false, failure: notOpen};
				return entries.ok ? {ok: true, value: {entries: entries.value, more: entries.value.length === request.limit}} : entries;
			}

			case 'lease': {
				return lease(request);
			}

			case 'return': {
				const moved = places?.returnHome(request.nowMs) ?? {ok: false, failure: notOpen};
				return moved.ok ? {ok: true, value: {moved: moved.value}} : moved;
			}

			case 'rescue': {
				const written = createPlaces(request.project, request.directories, false).rescue(request.drafts);
				return written.ok ? {ok: true, value: {written: written.value}} : written;
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

// A lock held by others arrives here from the lease; all else is a bug, told with its words.
const unexpected = (error: unknown): RawFailure => {
	const {message, errcode} = error as Error & {errcode?: number};
	return {code: errcode !== undefined && errcode % 256 === 5 ? 'busy' : 'failed', rawDetail: message};
};

if (parentPort !== null) {
	serve(parentPort);
}
