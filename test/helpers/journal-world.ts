/** What the journal's tests share: temporary places, a clock that leaps, and short words for drafts and answers. */
import {chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {setTimeout as delay} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';
import {createJournalPort} from '../../source/adapters/journal.ts';
import type {JournalOptions} from '../../source/adapters/journal.ts';
import {realClock} from './real-clock.ts';
import type {Actor, Clock, JournalDraft, JournalEntry, JournalPort, Outcome} from '../../source/core/ports.ts';

export const workerUrl = new URL('../../source/adapters/journal-worker.ts', import.meta.url);
export const actor: Actor = {name: 'ana', user: 'deploy', sudoUser: null, host: 'production-server', tty: 'pts/3', from: '192.0.2.7'};

/** Real deadlines, but instants and the half-minute of the next try move only by `advance`. */
export const leapingClock = (): Clock & {advance(spanMs: number): void} => {
	const startedAtMs = Date.now();
	let leapt = 0;
	const long = new Set<{readonly atMs: number; readonly run: () => void}>();
	return {
		nowMs: () => startedAtMs + leapt,
		monotonicMs: () => performance.now() + leapt,
		after(delayMs, run) {
			if (delayMs < 20_000) {
				return realClock.after(delayMs, run);
			}

			const timer = {atMs: performance.now() + leapt + delayMs, run};
			long.add(timer);
			return () => {
				long.delete(timer);
			};
		},
		advance(spanMs) {
			leapt += spanMs;
			for (const timer of [...long].filter(({atMs}) => atMs <= performance.now() + leapt)) {
				long.delete(timer);
				timer.run();
			}
		},
	};
};

export type World = {
	readonly root: string;
	readonly directories: JournalOptions['directories'];
	journal(options?: Partial<JournalOptions>): JournalPort;
};

export const world = (t: ExecutionContext, kind: 'own' | 'shared' = 'own'): World => {
	const root = mkdtempSync(path.join(os.tmpdir(), 'journal-'));
	const memory = mkdtempSync('/dev/shm/journal-');
	const directories = {shared: path.join(root, 'shared'), own: path.join(root, 'state', 'mdc-console'), memory: [path.join(memory, 'missing', 'journal'), path.join(memory, 'journal')]};
	const opened: JournalPort[] = [];
	if (kind === 'shared') {
		mkdirSync(directories.shared);
		chmodSync(directories.shared, 0o2770);
	}

	t.teardown(async () => {
		await Promise.all(opened.map(async journal => journal.close()));
		rmSync(root, {recursive: true, force: true});
		rmSync(memory, {recursive: true, force: true});
	});
	return {
		root,
		directories,
		journal(options = {}) {
			const journal = createJournalPort({clock: realClock, actor, directories, workerSource: workerUrl, ...options});
			opened.push(journal);
			return journal;
		},
	};
};

export const draft = (type: string, more: Partial<JournalDraft> = {}): JournalDraft => ({atMs: 1_700_000_000_000, monotonicMs: 12.5, incident: null, type, data: {}, ...more});

export const valueOf = <T>(t: ExecutionContext, outcome: Outcome<T>): T => {
	if (!outcome.ok) {
		t.log(outcome.failure);
		throw new Error(`failed: ${outcome.failure.code}`);
	}

	return outcome.value;
};

export const typesOf = (entries: readonly JournalEntry[]): readonly string[] => entries.map(({type}) => type);
export const all = async (t: ExecutionContext, journal: JournalPort): Promise<readonly JournalEntry[]> => valueOf(t, await journal.since(0));

export const until = async (holds: () => boolean | Promise<boolean>, what: string, withinMs = 10_000): Promise<void> => {
	for (const deadline = Date.now() + withinMs; !await holds();) {
		if (Date.now() > deadline) {
			throw new Error(`never came: ${what}`);
		}

		await delay(10);
	}
};

/** A writer that has put half of its transaction into the file, and what lies on the disk if it is killed just then. */
export const killedInTransaction = (file: string): void => {
	const scratch = mkdtempSync(path.join(path.dirname(file), 'killed-'));
	const writer = new DatabaseSync(file);
	writer.exec('PRAGMA journal_mode = TRUNCATE; PRAGMA cache_size = 2; BEGIN IMMEDIATE');
	const insert = writer.prepare('INSERT INTO events (at_ms, monotonic_ms, boot_id, actor, type, data) VALUES (1, 1, \'\', \'{"name":"ana"}\', \'half\', json_object(\'weight\', ?))');
	for (let index = 0; index < 200; index++) {
		insert.run('w'.repeat(2000));
	}

	const companions = ['', '-journal'];
	for (const companion of companions) {
		copyFileSync(file + companion, path.join(scratch, `copy${companion}`));
	}

	writer.exec('ROLLBACK');
	writer.close();
	for (const companion of companions) {
		rmSync(file + companion);
		copyFileSync(path.join(scratch, `copy${companion}`), file + companion);
	}

	rmSync(scratch, {recursive: true});
};
