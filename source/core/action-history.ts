/**
What the journal knows that a card should tell: how long an action took the last times, which images the services ran before they were changed,
and the state before the last rollback. A fold over the journal's entries, like the incident.
*/

import type {Json, JournalEntry} from './ports.ts';

export type Took = {readonly atMs: number; readonly tookMs: number};

export type KeptImage = {readonly service: string; readonly name: string; readonly id: string; readonly atMs: number};

/** What stood before a change of the whole: the way back leads here. */
export type StateBefore = {
	readonly run: string;
	readonly action: string;
	readonly atMs: number;
	readonly commit: string | null;
	readonly branch: string | null;
	readonly images: readonly KeptImage[];
};

export type ActionHistory = {
	/** By action, newest first. */
	readonly took: Readonly<Record<string, readonly Took[]>>;
	/** Starts whose end has not come. */
	readonly open: Readonly<Record<string, number>>;
	/** Images that services ran before a change, newest first, each once. */
	readonly images: readonly KeptImage[];
	/** Before the last rollback. */
	readonly before: StateBefore | null;
	/** Sequence of the last entry folded. */
	readonly sequence: number;
};

export const noHistory: ActionHistory = {took: {}, open: {}, images: [], before: null, sequence: 0};

const tookKept = 5;
const imagesKept = 40;
const openKept = 50;

const text = (value: Json | undefined): string => typeof value === 'string' ? value : '';

const imagesIn = (value: Json | undefined, atMs: number): readonly KeptImage[] => !Array.isArray(value) ? [] : (value as readonly Json[]).flatMap(item => {
	const {service, name, id} = (typeof item === 'object' && item !== null && !Array.isArray(item) ? item : {}) as {readonly [key: string]: Json};
	return text(id) === '' ? [] : [{service: text(service), name: text(name), id: text(id), atMs}];
});

/** The history after one more entry; one already folded changes nothing. */
export const foldHistory = (history: ActionHistory, entry: JournalEntry): ActionHistory => {
	if (entry.sequence <= history.sequence) {
		return history;
	}

	const next = {...history, sequence: entry.sequence};
	const run = text(entry.data['run']);
	switch (entry.type) {
		case 'action/started': {
			return {...next, open: Object.fromEntries([...Object.entries(history.open).slice(1 - openKept), [run, entry.atMs]])};
		}

		case 'action/ended': {
			const startedAtMs = history.open[run];
			const {[run]: _closed, ...open} = history.open;
			const action = text(entry.data['action']);
			const isWhole = startedAtMs !== undefined && entry.data['exitCode'] === 0 && entry.data['cancelled'] !== true;
			return isWhole ? {...next, open, took: {...history.took, [action]: [{atMs: entry.atMs, tookMs: Math.max(0, entry.atMs - startedAtMs)}, ...history.took[action] ?? []].slice(0, tookKept)}} : {...next, open};
		}

		case 'state/before': {
			const images = imagesIn(entry.data['images'], entry.atMs);
			const action = text(entry.data['action']);
			const known = history.images.filter(image => !images.some(other => other.id === image.id && other.service === image.service));
			const isRollback = action === 'rollback-commit' || action === 'rollback-image';
			return {
				...next,
				images: [...images, ...known].slice(0, imagesKept),
				before: isRollback ? {run, action, atMs: entry.atMs, commit: text(entry.data['commit']) || null, branch: text(entry.data['branch']) || null, images} : history.before,
			};
		}

		default: {
			return next;
		}
	}
};
