/**
Which file the journal is written to: the shared directory, else the user's own; and, when that file will not take an entry, a
memory-backed stand-in ("spill") whose entries are moved back later.

Invariants: entries in a stand-in are moved in their order, with their instants and keys, and a move that is cut off anywhere can be
repeated without doubling one. A journal of a newer program is never written to; an unreadable one is renamed, never deleted.
*/

import {chainStart} from './chain.ts';
import {MovedAwayError} from './database.ts';
import type {FileEnding, JournalFile} from './database.ts';
import {failureOf} from './directories.ts';
import {findHome, findSpill, moveInto, spillPaths} from './opening.ts';
import type {Attempt, Opened} from './opening.ts';
import {needsRollback} from './snapshot.ts';
import type {JournalEntry, JournalLease, KeptText} from '../../core/ports.ts';
import type {PackedRow} from './packing.ts';
import type {JournalDirectories, LeaseClaim, RawFailure, RawPlace, Sieve, Span, StampedDraft} from './protocol.ts';

const historyEntries = 20_000;

export type Places = {
	open(nowMs: number): Attempt<Span>;
	/** What a history spans, of the files as they lie now. */
	span(nowMs: number): Attempt<Span>;
	append(drafts: readonly StampedDraft[], nowMs: number): Attempt<readonly JournalEntry[]>;
	/** Memory-backed storage only, whatever state the real place is in. */
	rescue(drafts: readonly StampedDraft[]): Attempt<number>;
	read(after: number, limit: number, sieve: Sieve | null, nowMs: number): Attempt<readonly PackedRow[]>;
	lease(claim: LeaseClaim): Attempt<JournalLease>;
	keepTyped(claim: LeaseClaim, texts: readonly KeptText[]): Attempt<null>;
	/** The file that is written to now; null when there is none (read-only and nothing there). */
	current(): JournalFile | null;
	/** Tries the wanted place again and moves over what waits; answers with how many entries that were. */
	returnHome(nowMs: number): Attempt<number>;
	place(): RawPlace | null;
	close(): void;
};

export const createPlaces = (project: string, directories: JournalDirectories, readOnly: boolean): Places => {
	let home: Opened | null = null;
	let spill: Opened | null = null;

	const openHome = (nowMs: number): RawFailure | null => {
		const found = findHome(project, directories, readOnly, nowMs);
		home = found.opened;
		return found.failure;
	};

	const openSpill = (failure: RawFailure): Attempt<Opened> => {
		const opened = findSpill(project, directories, failure);
		if (opened.ok) {
			spill = opened.value;
			spill.file.continueFrom(endingOf(home));
		}

		return opened;
	};

	const leaveSpill = (): void => {
		spill?.file.close();
		spill = null;
	};

	const closeHome = (): void => {
		home?.file.close();
		home = null;
	};

	const openAnywhere = (nowMs: number): RawFailure | null => {
		const failure = openHome(nowMs);
		// A lock passes: nothing goes elsewhere because of it.
		if (failure === null || readOnly || failure.code === 'unsupported' || failure.code === 'busy') {
			return readOnly && failure?.code === 'not-found' ? null : failure;
		}

		// A full disk can still be read: the history stays on screen, and the stand-in continues its numbers.
		home = findHome(project, directories, true, nowMs).opened;
		const opened = openSpill(failure);
		return opened.ok ? null : opened.failure;
	};

	const appendTo = (opened: Opened, drafts: readonly StampedDraft[]): Attempt<readonly JournalEntry[]> => {
		try {
			return opened.file.isCurrent() ? {ok: true, value: opened.file.append(drafts)} : {ok: false, failure: movedAway};
		} catch (error) {
			const moved = error instanceof MovedAwayError;
			return {ok: false, failure: moved ? movedAway : failureOf(error, opened.file.path)};
		}
	};

	const reopen = (nowMs: number): RawFailure | null => {
		leaveSpill();
		closeHome();
		return openAnywhere(nowMs);
	};

	/** Beside a sound stand-in only the history is opened afresh: what waits in the stand-in stays in sight until it is moved. */
	const refresh = (nowMs: number): RawFailure | null => {
		if (spill?.file.isCurrent() !== true) {
			return reopen(nowMs);
		}

		closeHome();
		home = findHome(project, directories, true, nowMs).opened;
		return null;
	};

	/** Opens afresh where another file lies at the path by now. */
	const ensureCurrent = (nowMs: number): RawFailure | null => [spill, home].every(opened => opened?.file.isCurrent() ?? true) ? null : refresh(nowMs);

	const readFiles = (after: number, limit: number, sieve: Sieve | null): readonly PackedRow[] => {
		const source = spill ?? home;
		const history = spill === null || home === null ? [] : home.file.rows(after, limit, sieve);
		// What waits elsewhere is short: of that all is told.
		const own = source === null || history.length === limit ? [] : source.file.rows(history.at(-1)?.[0] ?? after, limit - history.length, spill === null ? sieve : null);
		return history.length === 0 ? own : [...history, ...own];
	};

	const spanNow = (): Span => {
		const history = home?.file.span(historyEntries) ?? {skipTo: 0, last: 0, from: [], leftOut: {}};
		return spill === null ? history : {...history, last: Math.max(history.last, spill.file.span(0).last)};
	};

	/** What only this moment needs is written where the journal is written now. */
	const beside = <T>(nowMs: number, write: (file: JournalFile) => T): Attempt<T> => {
		try {
			const failure = ensureCurrent(nowMs);
			const file = (spill ?? home)?.file;
			return failure !== null || file === undefined ? {ok: false, failure: failure ?? notThere} : {ok: true, value: write(file)};
		} catch (error) {
			return {ok: false, failure: failureOf(error, (spill ?? home)?.file.path ?? '')};
		}
	};

	/** Reads, also what a writer that was killed has left half written: what only reads goes over to a copy. */
	const readSafely = <T>(nowMs: number, reading: () => T): Attempt<T> => {
		try {
			const failure = ensureCurrent(nowMs);
			if (failure !== null) {
				return {ok: false, failure};
			}

			try {
				return {ok: true, value: reading()};
			} catch (error) {
				const refusal = needsRollback(error) ? refresh(nowMs) : failureOf(error, (spill ?? home)?.file.path ?? '');
				return refusal === null ? {ok: true, value: reading()} : {ok: false, failure: refusal};
			}
		} catch (error) {
			return {ok: false, failure: failureOf(error, (spill ?? home)?.file.path ?? '')};
		}
	};

	const move = (nowMs: number): number => {
		const file = home?.file;
		return file === undefined ? 0 : spillPaths(project, directories).reduce((sum, path) => sum + moveInto(file, path, nowMs), 0);
	};

	return {
		open(nowMs) {
			const failure = reopen(nowMs);
			if (failure !== null) {
				return {ok: false, failure};
			}

			if (spill === null && !readOnly) {
				try {
					move(nowMs);
				} catch (error) {
					// What waits is still in its file, and is moved at the next opening.
					home = home === null ? null : {...home, failure: home.failure ?? failureOf(error, home.file.path)};
				}
			}

			return {ok: true, value: spanNow()};
		},
		span: nowMs => readSafely(nowMs, spanNow),
		append(drafts, nowMs) {
			const first = spill ?? home;
			const answer = first === null ? null : appendTo(first, drafts);
			if (answer !== null && (answer.ok || !isOfThePlace(answer.failure))) {
				return answer;
			}

			// Opened afresh: the file may have been moved, removed or renamed by somebody else.
			const failure = reopen(nowMs);
			const second = spill ?? home;
			if (failure !== null || second === null) {
				return {ok: false, failure: failure ?? {code: 'failed', rawDetail: 'no place for the journal'}};
			}

			const again = appendTo(second, drafts);
			if (again.ok || !isOfThePlace(again.failure) || spill !== null) {
				return again;
			}

			const opened = openSpill(again.failure);
			return opened.ok ? appendTo(opened.value, drafts) : opened;
		},
		rescue(drafts) {
			const opened = findSpill(project, {...directories, own: ''}, {code: 'timed-out', rawDetail: ''});
			if (!opened.ok) {
				return opened;
			}

			const written = appendTo(opened.value, drafts);
			opened.value.file.close();
			return written.ok ? {ok: true, value: written.value.length} : written;
		},
		read: (after, limit, sieve, nowMs) => readSafely(nowMs, () => readFiles(after, limit, sieve)),
		lease: claim => beside(claim.nowMs, file => file.lease(claim)),
		keepTyped: (claim, texts) => beside(claim.nowMs, file => {
			file.keepTyped(claim, texts);
			return null;
		}),
		current: () => (spill ?? home)?.file ?? null,
		returnHome(nowMs) {
			if (spill === null) {
				return {ok: true, value: 0};
			}

			closeHome();
			const failure = openHome(nowMs);
			if (failure !== null) {
				home = findHome(project, directories, true, nowMs).opened;
				return {ok: false, failure};
			}

			try {
				const moved = move(nowMs);
				leaveSpill();
				return {ok: true, value: moved};
			} catch (error) {
				return {ok: false, failure: failureOf(error, spill.file.path)};
			}
		},
		place() {
			const opened = spill ?? home;
			return opened === null ? null : {path: opened.file.path, kind: opened.kind, failure: opened.failure, spilled: spill !== null};
		},
		close() {
			leaveSpill();
			closeHome();
		},
	};
};

const movedAway: RawFailure = {code: 'not-found', rawDetail: 'the file was moved'};
const notThere: RawFailure = {code: 'not-found', rawDetail: 'there is no journal to write to'};

const endingOf = (home: Opened | null): FileEnding => {
	const nothing: FileEnding = {last: 0, seal: chainStart, openIncident: null};
	try {
		return home?.file.ending() ?? nothing;
	} catch {
		// The broken file cannot even be read: the stand-in then starts at one, which only its numbers show.
		return nothing;
	}
};

/** True when another place may take what this one refused. A lock that others hold passes; a bad draft is bad everywhere. */
const isOfThePlace = (failure: RawFailure): boolean => failure.code !== 'busy' && !failure.rawDetail.includes('constraint failed');
