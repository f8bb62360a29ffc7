/**
Between the state's drafts and the journal: opens it when the project is known, appends in order, renews the recording lease, fetches what other
consoles wrote, and notices a write that does not come back. It hides that the disk may be slow, full or frozen: the state never waits.
*/

import {inTime} from '../core/in-time.ts';
import type {Clock, JournalEntry, JournalPort, KeptText, Outcome, Stop} from '../core/ports.ts';
import type {PendingDraft} from '../core/state.ts';
import type {Store} from './store.ts';
import type {Source} from './watch.ts';

export type JournalPump = {
	append(drafts: readonly PendingDraft[]): void;
	/** What is being typed: written at most once a second, and with the last breath. */
	keepTyped(texts: readonly KeptText[]): void;
	/** Another project is on the screen: what is still asked for the one before is not told as this one's. */
	switched(): void;
	readonly sources: readonly Source[];
	close(): Promise<void>;
};

const leaseMs = 10_000;
const othersMs = 2000;
const stallLookMs = 1000;
const againMs = 10_000;
const typedEveryMs = 1000;
const leftWithinMs = 1000;

export const createJournalPump = (options: {readonly store: Store; readonly journal: JournalPort; readonly clock: Clock}): JournalPump => {
	const {store, journal, clock} = options;
	/** The project whose journal the state knows. */
	let opened: string | null = null;
	/** The project that the port writes to, also after another one came on the screen. */
	let atHand: string | null = null;
	let isOpening = false;
	/** Rises when the project changes, also there and back: an answer is told only within the turn in which it was asked for. */
	let turn = 0;
	const onTheWay = new Set<number>();
	const projectNow = (): string | null => store.state().situation.project.facts?.name ?? null;

	const put = async (drafts: readonly PendingDraft[]): Promise<Outcome<readonly JournalEntry[]>> => {
		const draftIds = drafts.map(({draftId}) => draftId);
		for (const id of draftIds) {
			onTheWay.add(id);
		}

		const stored = await journal.append(drafts.map(({draftId: _, ...draft}) => ({...draft, monotonicMs: clock.monotonicMs()})));
		for (const id of draftIds) {
			onTheWay.delete(id);
		}

		return stored;
	};

	const write = async (drafts: readonly PendingDraft[]): Promise<void> => {
		const asked = turn;
		const draftIds = drafts.map(({draftId}) => draftId);
		const stored = await put(drafts);
		// Told in the same turn of the loop where nothing is missing: while it waits, the next write would take this one for a gap, and tell it again.
		const entries = stored.ok && asked === turn ? (isGap(stored.value) ? await withOthers(stored.value) : stored.value) : [];
		if (asked !== turn) {
			// Its project is not on the screen any more: the entries are that journal's, and told when it is opened again.
			if (stored.ok) {
				store.dispatch({type: 'journal/caughtUp', draftIds});
			}

			return;
		}

		// Drafts that were refused stay in the state and on the screen; the banner says that they are not on disk.
		store.dispatch(stored.ok ? {type: 'journal/stored', entries, draftIds} : {type: 'journal/failed', failure: stored.failure});
		await notePlace();
	};

	/** Another console wrote in between: its entries come first, or the fold would pass them over. */
	const isGap = (written: readonly JournalEntry[]): boolean => written[0] !== undefined && written[0].sequence > store.state().stored.sequence + 1;

	const withOthers = async (written: readonly JournalEntry[]): Promise<readonly JournalEntry[]> => {
		const all = await journal.since(store.state().stored.sequence);
		return all.ok ? all.value : written;
	};

	/** What the project before has not on its disk is tried once more while its journal is still at hand; what is refused again waits for its next opening. */
	const catchUp = async (): Promise<void> => {
		const left = atHand === null ? [] : (store.state().leftBehind[atHand] ?? []).filter(({draftId}) => !onTheWay.has(draftId));
		if (left.length === 0 || journal.pendingSinceMs() !== null) {
			return;
		}

		const stored = await put(left);
		if (stored.ok) {
			store.dispatch({type: 'journal/caughtUp', draftIds: left.map(({draftId}) => draftId)});
		}
	};

	/** On leaving: into the journal that each belongs to. */
	const writeLeft = async (): Promise<void> => {
		for (const [project, drafts] of Object.entries(store.state().leftBehind)) {
			if (atHand === project || (await journal.open(project)).ok) {
				atHand = project;
				await put(drafts);
			}
		}
	};

	/** It moves to memory with a write that the disk refuses, and back by itself, with no write of ours. Numbers belong to a place: all is read again. */
	let isNoting = false;
	const notePlace = async (): Promise<void> => {
		if (isNoting || opened === null || journal.place().path === store.state().journal.place?.path) {
			return;
		}

		isNoting = true;
		const asked = turn;
		const history = await journal.history();
		if (asked === turn) {
			store.dispatch({type: 'journal/moved', place: journal.place(), history: history.ok ? history.value : null});
		}

		isNoting = false;
	};

	const open = async (): Promise<boolean> => {
		const project = projectNow();
		if (project === null || isOpening || opened === project) {
			return true;
		}

		isOpening = true;
		opened = null;
		const isTold = await openOf(project);
		isOpening = false;
		return isTold;
	};

	const openOf = async (project: string): Promise<boolean> => {
		const asked = turn;
		await catchUp();
		atHand = null;
		const answer = await journal.open(project);
		if (!answer.ok) {
			if (asked === turn) {
				store.dispatch({type: 'journal/failed', failure: answer.failure});
			}

			return false;
		}

		atHand = project;
		const lease = await journal.lease(store.state().actor.name);
		if (asked !== turn) {
			// The next look opens the one that is on the screen now.
			return true;
		}

		opened = project;
		// Who cannot tell whether she records does not: facts that nobody recorded come again, doubled ones stay.
		store.dispatch({type: 'journal/leased', mine: lease.ok && lease.value.mine, holder: lease.ok ? lease.value.holder : null, ...(lease.ok ? {present: lease.value.present ?? [], typed: lease.value.typed ?? []} : {})});
		// What happened before the journal was open goes first, in its order.
		const {pending} = store.state();
		if (pending.length > 0) {
			void write(pending);
		}

		store.dispatch({type: 'journal/opened', ...answer.value});
		return true;
	};

	/** What is still on the screen alone goes out again: every draft has a key, so that none is written twice. */
	let triedMs = -Infinity;
	const sendAgain = (): void => {
		const {pending} = store.state();
		if (opened !== null && opened === projectNow() && pending.length > 0 && onTheWay.size === 0 && journal.pendingSinceMs() === null && clock.monotonicMs() - triedMs >= againMs) {
			triedMs = clock.monotonicMs();
			void write(pending);
		}
	};

	const fetchOthers = async (): Promise<boolean> => {
		sendAgain();
		if (opened === null || store.state().journal.state !== 'ready' || onTheWay.size > 0) {
			return true;
		}

		const asked = turn;
		const entries = await journal.since(store.state().stored.sequence);
		if (entries.ok && entries.value.length > 0 && asked === turn) {
			store.dispatch({type: 'journal/stored', entries: entries.value, draftIds: []});
		}

		return entries.ok;
	};

	let typed: readonly KeptText[] | null = null;
	let typedFor: string | null = null;
	let stopTyping: Stop = () => undefined;
	const flushTyped = (): void => {
		stopTyping();
		if (typed !== null && opened !== null && (typedFor === null || typedFor === opened)) {
			// Not waited for: a note in the making is the least that a slow disk has to take.
			void journal.keepTyped(typed);
		}

		typed = null;
	};

	let wasStalled = false;
	const lookForStall = (): void => {
		const sinceMs = journal.pendingSinceMs();
		const isStalled = sinceMs !== null && clock.nowMs() - sinceMs >= 2000;
		if (isStalled !== wasStalled) {
			wasStalled = isStalled;
			store.dispatch({type: 'journal/stalled', sinceMs: isStalled ? sinceMs : null});
		}
	};

	return {
		append(drafts) {
			// Until its own project's journal is open a draft waits in the state.
			if (opened !== null && opened === projectNow()) {
				void write(drafts);
			}
		},
		sources: [
			// Its worker thread starts beside the first frame, not before it.
			{name: 'journal', intervalMs: () => opened === null ? 250 : 5000, firstAfterMs: 250, slowestMs: 5000, look: open},
			{name: 'journal-lease', intervalMs: () => leaseMs, firstAfterMs: leaseMs, async look() {
				if (opened === null) {
					return true;
				}

				const asked = turn;
				const lease = await journal.lease(store.state().actor.name);
				const {recording, recorder, present: before} = store.state().journal;
				if (!lease.ok || asked !== turn) {
					return lease.ok;
				}

				const {mine, holder, present = [], typed: found = []} = lease.value;
				if (mine !== recording || holder !== recorder || found.length > 0 || JSON.stringify(present) !== JSON.stringify(before)) {
					store.dispatch({type: 'journal/leased', mine, holder, present, typed: found});
				}

				return true;
			}},
			{name: 'journal-others', intervalMs: () => othersMs, firstAfterMs: othersMs, look: fetchOthers},
			{name: 'journal-stall', intervalMs: () => stallLookMs, firstAfterMs: stallLookMs, async look() {
				lookForStall();
				await notePlace();
				return true;
			}},
		],
		keepTyped(texts) {
			const project = projectNow();
			if (project !== typedFor) {
				flushTyped();
			}

			if (typed === null) {
				stopTyping = clock.after(typedEveryMs, flushTyped);
			}

			typed = texts;
			typedFor = project;
		},
		switched() {
			turn++;
			opened = null;
			wasStalled = false;
		},
		async close() {
			flushTyped();
			if (!store.state().readOnly && journal.pendingSinceMs() === null && Object.keys(store.state().leftBehind).length > 0) {
				// Nothing that is still being opened may be written to from now on.
				turn++;
				await inTime(clock, leftWithinMs, writeLeft(), undefined);
			}

			await journal.close();
		},
	};
};
