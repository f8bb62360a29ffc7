/**
A journal in memory, with the rules of the real one: append-only, a key is there once per project, at most one incident is open. It lives
as long as its simulator; nothing of a drill reaches a real journal.
*/

import type {Actor, Clock, JournalDraft, JournalEntry, JournalPlace, JournalPort, Outcome} from '../core/ports.ts';
import {emptyText} from '../core/text.ts';

const openedEntries = 20_000;

type Book = {readonly entries: JournalEntry[]; readonly keys: Set<string>; openIncident: string | null};

/** `books` may be shared by several ports: two consoles on one journal. */
export const createMemoryJournal = (options: {readonly clock: Clock; readonly actor: Actor; readonly bootId: string; readonly books?: JournalBooks}): JournalPort => {
	const books = options.books ?? createJournalBooks();
	const instance = {};
	const place: JournalPlace = {path: ':memory:', kind: 'memory', failure: null};
	const noBook: Outcome<never> = {ok: false, failure: {code: 'not-found', detail: emptyText}};
	let book: Book | null = null;

	const write = (target: Book, draft: JournalDraft): readonly JournalEntry[] => {
		const {onceKey, actor, ...rest} = draft;
		if ((onceKey !== undefined && target.keys.has(onceKey)) || (draft.type === 'incident/opened' && target.openIncident !== null)) {
			return [];
		}

		if (onceKey !== undefined) {
			target.keys.add(onceKey);
		}

		if (draft.type === 'incident/opened') {
			target.openIncident = draft.incident ?? '';
		} else if (['incident/resolved', 'incident/cancelled'].includes(draft.type) && target.openIncident === (draft.incident ?? '')) {
			target.openIncident = null;
		}

		const entry: JournalEntry = {...rest, sequence: (target.entries.at(-1)?.sequence ?? 0) + 1, bootId: options.bootId, actor: actor ?? options.actor};
		target.entries.push(entry);
		return [entry];
	};

	return {
		async open(project) {
			book = books.of(project);
			return {ok: true, value: {place, entries: book.entries.slice(-openedEntries)}};
		},
		async history() {
			return book === null ? noBook : {ok: true, value: {entries: book.entries.slice(-openedEntries)}};
		},
		async append(drafts) {
			const target = book;
			return target === null ? noBook : {ok: true, value: drafts.flatMap(draft => write(target, draft))};
		},
		async since(sequence) {
			return book === null ? noBook : {ok: true, value: book.entries.filter(entry => entry.sequence > sequence)};
		},
		async lease() {
			if (book === null) {
				return noBook;
			}

			return {ok: true, value: books.lease(book, {instance, name: `${options.actor.name} (${options.actor.host})`, nowMs: options.clock.nowMs()})};
		},
		async keepTyped() {
			return {ok: true, value: null};
		},
		place: () => place,
		pendingSinceMs: () => null,
		async close() {
			if (book !== null) {
				books.release(book, instance);
			}

			book = null;
		},
	};
};

const leaseMs = 30_000;

export type JournalBooks = {
	of(project: string): Book;
	lease(book: Book, claim: {readonly instance: object; readonly name: string; readonly nowMs: number}): {readonly mine: boolean; readonly holder: string | null};
	release(book: Book, instance: object): void;
};

/** The journals of one pretend server, by project, and who holds the lease of each. */
export const createJournalBooks = (): JournalBooks => {
	const books = new Map<string, Book>();
	const leases = new Map<Book, {readonly instance: object; readonly name: string; readonly nowMs: number}>();
	return {
		of(project) {
			const book = books.get(project) ?? {entries: [], keys: new Set(), openIncident: null};
			books.set(project, book);
			return book;
		},
		lease(book, claim) {
			const held = leases.get(book);
			if (held !== undefined && held.instance !== claim.instance && Math.abs(claim.nowMs - held.nowMs) < leaseMs) {
				return {mine: false, holder: held.name};
			}

			leases.set(book, claim);
			return {mine: true, holder: claim.name};
		},
		release(book, instance) {
			if (leases.get(book)?.instance === instance) {
				leases.delete(book);
			}
		},
	};
};
