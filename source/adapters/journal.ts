/**
The journal port: an append-only table of events per project, in SQLite, behind a worker thread. Hides that disks fill, freeze and
fail: nothing here ever waits for a disk on the main thread.

Invariants: appends are written in the order in which they were asked for, each once, also when the worker is restarted or a write is
repeated; at most 10,000 drafts wait in memory; one request is under way at a time; every call ends within its deadline.

Sequence numbers belong to a place. Entries that are moved back from a stand-in may get other numbers there when a second console
wrote meanwhile: whoever keeps a position reads again from 0 when `place().path` has changed.
*/

import type {Actor, Clock, Failure, JournalEntry, JournalHistory, JournalLease, JournalPlace, JournalPort, Outcome} from '../core/ports.ts';
import {emptyText, makeSafe, ownText} from '../core/text.ts';
import {createWorkerLine} from './journal/worker-line.ts';
import type {WorkerLine} from './journal/worker-line.ts';
import {unpack} from './journal/packing.ts';
import type {Answers, JournalDirectories, LeaseClaim, RawFailure, RawPlace, Sieve, Span, StampedDraft} from './journal/protocol.ts';

const answerDeadlineMs = 2000;
const openDeadlineMs = 5000;
const returnEveryMs = 30_000;
const closeWithinMs = 1000;
const rescueAfterMs = 250;
const waitingDraftsAtMost = 10_000;
const pageEntries = 2000;
// An incident of three days with an entry every three seconds; what the worker skips on opening is the usual bound.
const readEntriesAtMost = 100_000;

export type JournalOptions = {
	readonly clock: Clock;
	readonly actor: Actor;
	/** `shared`: /var/lib/mdc-console; `own`: $XDG_STATE_HOME/mdc-console; `memory`: /run/mdc-console/journal, /dev/shm/mdc-console-<uid>. */
	readonly directories: JournalDirectories;
	/** Reads what is there, creates and writes nothing; `append` answers with `read-only`. */
	readonly readOnly?: boolean;
	/** The worker's file as a URL (TypeScript source, or `data:`), or the text of its bundled script. */
	readonly workerSource: string | URL;
};

/**
Creates the journal of one project; nothing is touched before `open`.

- `open` answers with the newest 20,000 entries, and with all since an open incident began, but for facts that only pass by. `unsupported`: written by a newer program, left alone. `timed-out`: the disk hangs; the
  opening goes on, appends wait in memory, and `since(0)` tells the history when it has come back.
- `append` leaves out drafts whose `onceKey` is there already, and an `incident/opened` while another incident is open. `timed-out`
  with `params.waiting`: kept in memory and written as soon as the disk answers: do not append it again. `busy`: 10,000 wait already, not kept.
- `since` answers with at most 100,000 entries, oldest first.
- `lease` is lost after 30 s without renewal, or at once when its holder's process is gone.
- `close` ends within a second. When `pendingSinceMs()` is not null after it, the worker hangs in the kernel and an ordinary exit would
  wait for it: leave by SIGKILL. What waited was put into memory-backed storage and is moved over at the next opening.
*/
export const createJournalPort = (options: JournalOptions): JournalPort => {
	const {clock, directories} = options;
	const readOnly = options.readOnly ?? false;
	// Not a secret, only never the same twice: taken without node:crypto, which takes 6 ms to load on the way to the first frame.
	const instance = `${process.pid}-${clock.nowMs()}-${Math.random().toString(36).slice(2)}`;
	let project: string | null = null;
	const sinceMs = clock.nowMs();
	let called = options.actor.name;
	let drafted = 0;
	let rawPlace: RawPlace | null = null;
	let stopReturning: (() => void) | null = null;

	const line = createWorkerLine({
		clock,
		source: options.workerSource,
		placed(place) {
			rawPlace = place ?? rawPlace;
			scheduleReturn();
		},
	});

	const scheduleReturn = (): void => {
		if (rawPlace?.spilled !== true || stopReturning !== null) {
			return;
		}

		stopReturning = clock.after(returnEveryMs, () => {
			void line.ask({kind: 'return', nowMs: clock.nowMs()}, returnEveryMs).then(() => {
				stopReturning = null;
				scheduleReturn();
			});
		});
	};

	const claim = (): LeaseClaim => {
		const actor = {...options.actor, name: called};
		return {holder: holderOf(actor), pid: process.pid, instance, actor, sinceMs, nowMs: clock.nowMs()};
	};

	const stamp = (draft: Parameters<JournalPort['append']>[0][number]): StampedDraft => ({
		atMs: draft.atMs,
		monotonicMs: draft.monotonicMs,
		incident: draft.incident,
		type: draft.type,
		data: draft.data,
		actor: draft.actor ?? options.actor,
		// Every draft has a key, so that writing it once more after a doubtful end changes nothing.
		onceKey: draft.onceKey ?? `${instance}/${++drafted}`,
	});

	return {
		async open(name) {
			project = name;
			const opened = await line.ask({kind: 'open', project: name, directories, readOnly, nowMs: clock.nowMs()}, openDeadlineMs);
			if (!opened.ok) {
				return failed(opened.failure);
			}

			const history = await readHistory(line, clock, opened.value);
			return history.ok ? {ok: true, value: {...history.value, place: placeOf(rawPlace, directories)}} : history;
		},
		async history() {
			const span = await line.ask({kind: 'span', nowMs: clock.nowMs()}, openDeadlineMs);
			return span.ok ? readHistory(line, clock, span.value) : failed(span.failure);
		},
		async append(drafts) {
			if (readOnly) {
				return failed({code: 'read-only', rawDetail: ''});
			}

			if (drafts.length === 0) {
				return {ok: true, value: []};
			}

			const waiting = line.waitingDrafts();
			if (waiting + drafts.length > waitingDraftsAtMost) {
				return failed({code: 'busy', rawDetail: '', params: {holder: 'disk', waiting}});
			}

			const answer = await line.ask({kind: 'append', drafts: drafts.map(draft => stamp(draft)), nowMs: clock.nowMs()}, answerDeadlineMs);
			return answer.ok ? {ok: true, value: answer.value.entries} : failed(answer.failure);
		},
		since: async sequence => readPages(line, clock, sequence, Number.MAX_SAFE_INTEGER),
		async lease(name) {
			called = name ?? called;
			const answer = await line.ask({kind: 'lease', claim: claim()}, answerDeadlineMs);
			return answer.ok ? {ok: true, value: safeLease(answer.value)} : failed(answer.failure);
		},
		async keepTyped(texts) {
			const answer = await line.ask({kind: 'typed', claim: claim(), texts}, answerDeadlineMs);
			return answer.ok ? {ok: true, value: null} : failed(answer.failure);
		},
		place: () => placeOf(rawPlace, directories),
		pendingSinceMs: () => line.pendingSinceMs(),
		async close() {
			stopReturning?.();
			// Nothing may schedule another return from now on.
			stopReturning = () => undefined;
			const rescue = {clock, source: options.workerSource, directories};
			await line.close(instance, {withinMs: closeWithinMs, rescueAfterMs}, project === null || readOnly ? null : async (of, drafts) => rescueDrafts({...rescue, project: of}, drafts));
		},
	};
};

const readHistory = async (line: WorkerLine, clock: Clock, {skipTo, last, from, leftOut}: Span): Promise<Outcome<JournalHistory>> => {
	const entries = await readPages(line, clock, skipTo, last, {from, first: false});
	return entries.ok ? {ok: true, value: {entries: entries.value, leftOut, last}} : entries;
};

/** Page by page, so that unpacking 20,000 entries does not hold a key press for 100 ms. */
const readPages = async (line: WorkerLine, clock: Clock, after: number, last: number, sieve: Sieve | null = null): Promise<Outcome<readonly JournalEntry[]>> => {
	const entries: JournalEntry[] = [];
	let position = after;
	while (position < last && entries.length < readEntriesAtMost) {
		const page = await line.ask({kind: 'read', after: position, limit: pageEntries, sieve, nowMs: clock.nowMs()}, answerDeadlineMs);
		if (!page.ok) {
			return failed(page.failure);
		}

		try {
			unpack(page.value, entries);
		} catch (error) {
			return failed({code: 'malformed', rawDetail: (error as Error).message});
		}

		position = page.value.last;
		if (page.value.count < pageEntries) {
			break;
		}
	}

	return {ok: true, value: entries};
};

const rescueDrafts = async (
	options: {readonly clock: Clock; readonly source: string | URL; readonly project: string; readonly directories: JournalDirectories},
	drafts: readonly StampedDraft[],
): Promise<boolean> => {
	const line = createWorkerLine({clock: options.clock, source: options.source, placed: () => undefined});
	const request = {kind: 'rescue', project: options.project, directories: options.directories, drafts, nowMs: options.clock.nowMs()} as const;
	const answer: Outcome<Answers['rescue']> | {readonly ok: false} = await line.ask(request, closeWithinMs);
	await line.close('', {withinMs: closeWithinMs, rescueAfterMs}, null);
	return answer.ok;
};

const holderOf = (actor: Actor): string => actor.tty === null ? `${actor.name} (${actor.host})` : `${actor.name} (${actor.host}, ${actor.tty})`;

/** What stands in the file may be of anybody's hand. */
const safeLease = ({mine, holder, present = [], typed = []}: JournalLease): JournalLease => ({
	mine,
	holder: holder === null ? null : makeSafe(holder),
	present: present.map(({name, user, from, tty, ...rest}) => ({...rest, name: makeSafe(name), user: makeSafe(user), from: from === null ? null : makeSafe(from), tty: tty === null ? null : makeSafe(tty)})),
	typed: typed.map(({place, text}) => ({place: makeSafe(place), text: text.split('\n').map(line => makeSafe(line)).join('\n')})),
});

const toFailure = (raw: RawFailure): Failure => {
	const detail = makeSafe(raw.rawDetail);
	return raw.params === undefined ? {code: raw.code, detail} : {code: raw.code, detail, params: raw.params};
};

const failed = (raw: RawFailure): {readonly ok: false; readonly failure: Failure} => ({ok: false, failure: toFailure(raw)});

const placeOf = (raw: RawPlace | null, directories: JournalDirectories): JournalPlace => raw === null
	? {path: directories.shared, kind: 'shared', failure: {code: 'not-found', detail: ownText(emptyText)}}
	: {path: raw.path, kind: raw.kind, failure: raw.failure === null ? null : toFailure(raw.failure)};
