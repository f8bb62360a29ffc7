/**
Reads the team's runbooks: one file, or a directory of them. Hides what may stand where a page is expected (a pipe, gigabytes, something binary, a dead
mount), the encodings that editors leave behind, and the parser, which is loaded on first use.

A bad page never stops anybody: it comes back as a runbook without cards, with the problem that it has, at its place.
*/

import {isUtf8} from 'node:buffer';
import {constants} from 'node:fs';
import {open, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {fairly} from '../core/fair-deadline.ts';
import {inTime} from '../core/in-time.ts';
import type {Clock} from '../core/ports.ts';
import {readRunbook, scriptsIn, type Runbook, type RunbookProblem, type RunbookProblemCode} from '../core/runbook.ts';
import {compareNames} from '../core/text.ts';

export type RunbooksOptions = {
	readonly clock: Clock;
	/** The project's, where the scripts lie that the pages call; null while it is not known. */
	readonly directory?: string | null;
	/** After which a frozen file system is told as `timed-out`; 2 s. */
	readonly deadlineMs?: number;
};

/** A page that is larger is not read: no team wrote it by hand. */
export const runbookLimitBytes = 1_048_576;
const directoryLimit = 100;
const usualMs = 2000;

/** The runbook of a file, or those of a directory's `*.md` files, by name. */
export const readRunbooks = async (path: string, options: RunbooksOptions): Promise<readonly Runbook[]> => {
	const {deadlineMs = usualMs, clock} = options;
	const names = await inTime<readonly string[] | null, 'late'>(fairly(clock), deadlineMs, directoryOf(path), 'late');
	if (names === 'late') {
		return [failed(path, 'timed-out', {seconds: deadlineMs / 1000})];
	}

	if (names === null) {
		return [await readOne(path, options)];
	}

	return Promise.all(names.slice(0, directoryLimit).map(async name => readOne(join(path, name), options)));
};

/** The `*.md` of a directory; null when it is none. */
const directoryOf = async (path: string): Promise<readonly string[] | null> => {
	try {
		const entries = await readdir(path, {withFileTypes: true});
		return entries.filter(entry => /\.(?:md|markdown)$/i.test(entry.name) && !entry.isDirectory()).map(entry => entry.name).toSorted(compareNames);
	} catch {
		// No directory, or none that may be listed: reading it as a file says which.
		return null;
	}
};

type Text = {readonly ok: true; readonly bytes: Buffer} | {readonly ok: false; readonly code: RunbookProblemCode; readonly params: RunbookProblem['params']};

const readOne = async (path: string, options: RunbooksOptions): Promise<Runbook> => {
	const {deadlineMs = usualMs, clock} = options;
	const answer = await inTime<Text>(fairly(clock), deadlineMs, readBytes(path), {ok: false, code: 'timed-out', params: {seconds: deadlineMs / 1000}});
	return answer.ok ? parseRunbook(answer.bytes, path, options) : failed(path, answer.code, answer.params);
};

const failed = (path: string, code: RunbookProblemCode, params: RunbookProblem['params'] = {}): Runbook => {
	const runbook = readRunbook({blocks: [], frontMatter: null, troubles: [], lineCount: 0}, {path, rawText: ''});
	return {...runbook, problems: [{code, line: 0, column: 0, params, suggestion: null, level: 'warning'}]};
};

/** The runbook that bytes are, as if they stood in `path`. */
export const parseRunbook = async (bytes: Buffer, path: string | null, options: RunbooksOptions): Promise<Runbook> => {
	if (bytes.includes(0)) {
		return {...failed(path ?? '', 'binary'), path};
	}

	if (!isUtf8(bytes)) {
		return {...failed(path ?? '', 'not-utf8'), path};
	}

	return parseRunbookText(bytes.toString('utf8'), path, options);
};

/** The runbook that a text is; without options it is judged by itself, whatever scripts it calls. */
export const parseRunbookText = async (text: string, path: string | null, options: RunbooksOptions | null = null): Promise<Runbook> => {
	const {parseMarkdown} = await import('./runbooks/markdown.ts');
	const before: RunbookProblem[] = [];
	const note = (code: RunbookProblemCode): void => {
		before.push({code, line: 1, column: 1, params: {}, suggestion: null, level: 'note'});
	};

	const bare = text.startsWith('\uFEFF') ? text.slice(1) : text;
	if (bare !== text) {
		note('byte-order-mark');
	}

	const rawText = bare.includes('\r') ? bare.replaceAll(/\r\n?/g, '\n') : bare;
	if (rawText !== bare) {
		note('carriage-return');
	}

	const directory = options?.directory ?? null;
	const scripts = options === null || directory === null ? {} : await inTime(fairly(options.clock), options.deadlineMs ?? usualMs, readScripts(directory, scriptsIn(rawText)), {});
	return readRunbook(parseMarkdown(rawText), {path, rawText, before, scripts});
};

const scriptLimitBytes = 65_536;
const scriptsLimit = 20;

/** Scripts that the page calls from the project's directory: known, they are judged by what they do. What cannot be read stays unknown. */
const readScripts = async (directory: string, paths: readonly string[]): Promise<Readonly<Record<string, string>>> => {
	const texts = await Promise.all(paths.slice(0, scriptsLimit).map(async (path): Promise<readonly [string, string] | null> => {
		const answer = await readBytes(join(directory, path));
		return answer.ok && answer.bytes.length <= scriptLimitBytes && isUtf8(answer.bytes) ? [path, answer.bytes.toString('utf8')] : null;
	}));
	return Object.fromEntries(texts.filter(text => text !== null));
};

/** The bytes of a regular file. Opened without waiting, so that a pipe of that name cannot hold us. */
const readBytes = async (path: string): Promise<Text> => {
	try {
		const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
		try {
			const facts = await handle.stat();
			if (!facts.isFile()) {
				return {ok: false, code: 'not-a-file', params: {}};
			}

			if (facts.size > runbookLimitBytes) {
				return {ok: false, code: 'too-large', params: {bytes: facts.size, limitBytes: runbookLimitBytes}};
			}

			const buffer = Buffer.alloc(runbookLimitBytes + 1);
			let length = 0;
			for (;;) {
				const {bytesRead} = await handle.read(buffer, length, buffer.length - length, length);
				length += bytesRead;
				if (bytesRead === 0 || length === buffer.length) {
					break;
				}
			}

			return length > runbookLimitBytes ? {ok: false, code: 'too-large', params: {bytes: length, limitBytes: runbookLimitBytes}} : {ok: true, bytes: buffer.subarray(0, length)};
		} finally {
			await handle.close();
		}
	} catch (error) {
		const {code = 'unknown'} = error as NodeJS.ErrnoException;
		return {ok: false, code: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : (code === 'ENXIO' || code === 'EISDIR' ? 'not-a-file' : 'unreadable'), params: {error: code}};
	}
};
