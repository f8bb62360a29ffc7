/**
Between the state's drafts and the journal: opens it when the project is known, appends in order, renews the recording lease, fetches what other
consoles wrote, and notices a write that does not come back. It hides that the disk may be slow, full or frozen: the state never waits.
*/

import type {Clock, JournalPort, KeptText, Stop} from '../core/ports.ts';
import type {PendingDraft} from '../core/state.ts';
import type {Store} from './store.ts';
import type {Source} from './watch.ts';

export type JournalPump = {
	append(drafts: readonly PendingDraft[]): void;
	/** What is being typed: written at most once a second, and with the last breath. */
	keepTyped(texts: readonly KeptText[]): void;
	readonly sources: readonly Source[];
	close(): Promise<void>;
};

const leaseMs = 10_000;
const othersMs = 2000;
const stallLookMs = 1000;
const againMs = 10_000;
const typedEveryMs = 1000;

export const createJournalPump = (options: {readonly store: Store; readonly journal: JournalPort; readonly clock: Clock}): JournalPump => {
	const {store, journal, clock} = options;
	let opened: string | null = null;
	let isOpening = false;
	const onTheWay = new Set<number>();
	const projectNow = (): string | null => store.state().situation.project.facts?.name ?? null;

	const write = async (drafts: readonly PendingDraft[]): Promise<void> => {
		const draftIds = drafts.map(({draftId}) => draftId);
		for (const id of draftIds) {
			onTheWay.add(id);
		}

		const stored = await journal.append(drafts.map(({draftId: _, ...draft}) => ({...draft, monotonicMs: clock.monotonicMs()})));
		for (const id of draftIds) {
			onTheWay.delete(id);
		}

		if (stored.ok) {
			// Another console wrote in between: its entries come first, or the fold would pass them over.
			const {sequence} = store.state().stored;
			const hasGap = stored.value[0] !== undefined && stored.value[0].sequence > sequence + 1;
			const all = hasGap ? await journal.since(sequence) : stored;
			store.dispatch({type: 'journal/stored', entries: all.ok ? all.value : stored.value, draftIds});
		} else {
			// The drafts stay in the state and on the screen; the banner says that they are not on disk.
			store.dispatch({type: 'journal/failed', failure: stored.failure});
		}

		await notePlace();
	};

	/** It moves to memory with a write that the disk refuses, and back by itself, with no write of ours. Numbers belong to a place: all is read again. */
	let isNoting = false;
	const notePlace = async (): Promise<void> => {
		if (isNoting || opened === null || journal.place().path === store.state().journal.place?.path) {
			return;
		}

		isNoting = true;
		const history = await journal.history();
		store.dispatch({type: 'journal/moved', place: journal.place(), history: history.ok ? history.value : null});
		isNoting = false;
	};

	const open = async (): Promise<boolean> => {
		const project = projectNow();
		if (project === null || isOpening || opened === project) {
			return true;
		}

		isOpening = true;
		opened = null;
		const answer = await journal.open(project);
		if (!answer.ok) {
			isOpening = false;
			store.dispatch({type: 'journal/failed', failure: answer.failure});
			return false;
		}

		const lease = await journal.lease(store.state().actor.name);
		isOpening = false;
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

		const entries = await journal.since(store.state().stored.sequence);
		if (entries.ok && entries.value.length > 0) {
			store.dispatch({type: 'journal/stored', entries: entries.value, draftIds: []});
		}

		return entries.ok;
	};

	let typed: readonly KeptText[] | null = null;
	let stopTyping: Stop = () => undefined;
	const flushTyped = (): void => {
		stopTyping();
		if (typed !== null && opened !== null) {
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

				const lease = await journal.lease(store.state().actor.name);
				const {recording, recorder, present: before} = store.state().journal;
				if (!lease.ok) {
					return false;
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
			if (typed === null) {
				stopTyping = clock.after(typedEveryMs, flushTyped);
			}

			typed = texts;
		},
		async close() {
			flushTyped();
			await journal.close();
		},
	};
};
