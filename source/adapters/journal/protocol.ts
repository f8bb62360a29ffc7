/**
What the journal's main side and its worker say to each other. Types only.

The main side has one request under way at a time, so the worker never sees two at once; `close` alone may overtake.
*/

import type {Actor, FailureCode, JournalDraft, JournalEntry, JournalLease, KeptText} from '../../core/ports.ts';
import type {ChainHead, Verified} from '../../core/incident-archive.ts';
import type {PackedPage} from './packing.ts';

/** Directories in the order in which they are tried. `memory` are memory-backed ones. */
export type JournalDirectories = {
	readonly shared: string;
	readonly own: string;
	readonly memory: readonly string[];
};

/** A draft as the worker stores it: who and a key are always there, so that writing it a second time changes nothing. */
export type StampedDraft = Omit<JournalDraft, 'actor' | 'onceKey'> & {
	readonly actor: Actor;
	readonly onceKey: string;
	/** Kept when an entry is moved from one file to another; else the running system's. */
	readonly bootId?: string;
};

/** A failure before its text is made safe, which is the main side's work. */
export type RawFailure = {
	readonly code: FailureCode;
	readonly rawDetail: string;
	readonly params?: Readonly<Record<string, string | number>>;
};

export type RawPlace = {
	readonly path: string;
	readonly kind: 'shared' | 'own' | 'memory';
	readonly failure: RawFailure | null;
	/** True when the wanted place did not take the entries and they wait elsewhere to be moved over. */
	readonly spilled: boolean;
};

/** Who asks for the lease. `instance` tells two journals of one process apart. */
export type LeaseClaim = {
	readonly holder: string;
	readonly pid: number;
	readonly instance: string;
	/** As she is called by now, and since when her console is open. */
	readonly actor: Actor;
	readonly sinceMs: number;
	readonly nowMs: number;
};

/** Leaves out passing facts, but for those `from` a sequence on of an incident, and the `first` entry of all. */
export type Sieve = {readonly from: ReadonlyArray<{readonly incident: string; readonly sequence: number}>; readonly first: boolean};

/** `skipTo`: the sequence after which a history begins; `last`: the newest of all; `leftOut`: how many facts of an incident lie before its `from`. */
export type Span = {readonly skipTo: number; readonly last: number; readonly from: Sieve['from']; readonly leftOut: Readonly<Record<string, number>>};

export type Request =
	| {readonly kind: 'open'; readonly project: string; readonly directories: JournalDirectories; readonly readOnly: boolean; readonly nowMs: number}
	| {readonly kind: 'append'; readonly drafts: readonly StampedDraft[]; readonly nowMs: number}
	| {readonly kind: 'span'; readonly nowMs: number}
	| {readonly kind: 'read'; readonly after: number; readonly limit: number; readonly sieve: Sieve | null; readonly nowMs: number}
	| {readonly kind: 'lease'; readonly claim: LeaseClaim}
	| {readonly kind: 'typed'; readonly claim: LeaseClaim; readonly texts: readonly KeptText[]}
	/** The wanted place is tried again; on success what waits elsewhere is moved over. */
	| {readonly kind: 'return'; readonly nowMs: number}
	/** Writes to the memory-backed directory and nowhere else: what a closing console could not write to a hung disk. */
	| {readonly kind: 'rescue'; readonly project: string; readonly directories: JournalDirectories; readonly drafts: readonly StampedDraft[]; readonly nowMs: number}
	/** Which journals lie in the directories, by their names alone. `project` null: of all. */
	| {readonly kind: 'survey'; readonly project: string | null; readonly directories: JournalDirectories}
	/** Entries of any journal file, which is opened for reading alone and stays so until another is asked for. */
	| {readonly kind: 'pick'; readonly path: string; readonly memory: readonly string[]; readonly after: number; readonly limit: number; readonly sieve: Sieve | null}
	| {readonly kind: 'verify'; readonly path: string; readonly memory: readonly string[]; readonly head: ChainHead | null}
	| {readonly kind: 'close'; readonly instance: string};

/** What each request is answered with. */
export type Answers = {
	readonly open: Span;
	readonly span: Span;
	readonly append: {readonly entries: readonly JournalEntry[]};
	readonly read: PackedPage;
	readonly lease: JournalLease;
	readonly typed: null;
	readonly return: {readonly moved: number};
	readonly rescue: {readonly written: number};
	readonly survey: {readonly files: readonly FoundFile[]; readonly failures: readonly RawFailure[]};
	readonly pick: PackedPage;
	readonly verify: Verified;
	readonly close: null;
};

/** A journal file as its name tells. `waiting`: a stand-in, whose entries continue the journal of the same stem. */
export type FoundFile = {
	readonly path: string;
	readonly kind: RawPlace['kind'];
	/** The project's name, or what of it can be read from the file's name. */
	readonly stem: string;
	readonly waiting: boolean;
};

export type Kind = Request['kind'];

/** Every answer carries the place, so that the main side can tell it without asking. */
export type Response = {
	readonly id: number;
	readonly place: RawPlace | null;
	readonly outcome: {readonly ok: true; readonly value: Answers[Kind]} | {readonly ok: false; readonly failure: RawFailure};
};

export type Envelope = {readonly id: number; readonly request: Request};
