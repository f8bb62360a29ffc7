/**
Reads a configuration file as text, or says why not. Hides what may stand where a file is expected: a directory, a pipe that would
block, a file of gigabytes, something binary, a dead network mount. Everything is asked of the one open handle, so nothing can be
swapped between check and reading.
*/

import {isUtf8} from 'node:buffer';
import {constants} from 'node:fs';
import type {FileHandle} from 'node:fs/promises';
import {lstat, open} from 'node:fs/promises';
import {fairly} from '../core/fair-deadline.ts';
import {inTime} from '../core/in-time.ts';
import type {Clock} from '../core/ports.ts';
import type {ConfigurationProblem, ConfigurationProblemCode} from '../core/settings.ts';
import {makeSafe} from '../core/text.ts';
import {findDistrust} from './trust.ts';
import type {AccountFiles} from './trust.ts';

export const sizeLimitBytes = 1_048_576;

export type FileText =
	| {readonly kind: 'text'; readonly text: string}
	| {readonly kind: 'absent'}
	/** A directory on the way may not be entered: whether there is a file cannot be told. */
	| {readonly kind: 'hidden'}
	| {readonly kind: 'problem'; readonly problem: ConfigurationProblem};

/** A problem with the file as a whole. */
export const fileProblem = (file: string, code: ConfigurationProblemCode, params: Readonly<Record<string, string | number>> = {}, place = {line: 0, column: 0}): ConfigurationProblem =>
	({file, ...place, code, path: '', expected: null, got: '', params});

/** Answers within `deadlineMs`, whatever the disk does. */
export const readConfigurationFile = async (path: string, allowed: ReadonlySet<number>, accounts: AccountFiles, {clock, deadlineMs}: {readonly clock: Clock; readonly deadlineMs: number}): Promise<FileText> =>
	inTime(fairly(clock), deadlineMs, readNow(path, allowed, accounts), {kind: 'problem', problem: fileProblem(path, 'timed-out', {seconds: deadlineMs / 1000})});

const errorCode = (error: unknown): string => error instanceof Error && 'code' in error ? String(error.code) : 'unknown';

const readNow = async (path: string, allowed: ReadonlySet<number>, accounts: AccountFiles): Promise<FileText> => {
	let handle: FileHandle;
	try {
		// Without O_NONBLOCK the opening of a pipe would wait for a writer.
		handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	} catch (error) {
		const code = errorCode(error);
		if (code === 'ENOENT' || code === 'ENOTDIR') {
			return {kind: 'absent'};
		}

		if (code === 'EACCES' && !await isVisible(path)) {
			return {kind: 'hidden'};
		}

		return {kind: 'problem', problem: fileProblem(path, code === 'ENXIO' ? 'not-a-file' : 'unreadable', {error: code})};
	}

	try {
		return await readHandle(path, handle, allowed, accounts);
	} catch (error) {
		return {kind: 'problem', problem: fileProblem(path, 'unreadable', {error: errorCode(error)})};
	} finally {
		await handle.close();
	}
};

const isVisible = async (path: string): Promise<boolean> => {
	try {
		await lstat(path);
		return true;
	} catch {
		// The question is whether it can be seen, and an error is the answer: it cannot.
		return false;
	}
};

const readHandle = async (path: string, handle: FileHandle, allowed: ReadonlySet<number>, accounts: AccountFiles): Promise<FileText> => {
	const facts = await handle.stat();
	if (!facts.isFile()) {
		return {kind: 'problem', problem: fileProblem(path, 'not-a-file')};
	}

	const distrust = await findDistrust(path, facts, allowed, accounts);
	if (distrust !== null) {
		const {code, path: place, uid, mode} = distrust;
		return {kind: 'problem', problem: fileProblem(path, code, {place: makeSafe(place), uid, mode: mode.toString(8).padStart(4, '0')})};
	}

	if (facts.size > sizeLimitBytes) {
		return {kind: 'problem', problem: fileProblem(path, 'too-large', {bytes: facts.size, limitBytes: sizeLimitBytes})};
	}

	const buffer = Buffer.alloc(sizeLimitBytes + 1);
	let length = 0;
	for (;;) {
		const {bytesRead} = await handle.read(buffer, length, buffer.length - length, length);
		length += bytesRead;
		if (bytesRead === 0 || length === buffer.length) {
			break;
		}
	}

	return length > sizeLimitBytes
		? {kind: 'problem', problem: fileProblem(path, 'too-large', {bytes: length, limitBytes: sizeLimitBytes})}
		: decode(path, buffer.subarray(0, length));
};

const decode = (path: string, bytes: Buffer): FileText => {
	if (bytes.includes(0)) {
		return {kind: 'problem', problem: fileProblem(path, 'binary')};
	}

	if (!isUtf8(bytes)) {
		return {kind: 'problem', problem: fileProblem(path, 'not-utf8', {}, firstBadByte(bytes))};
	}

	const text = bytes.toString('utf8');
	return {kind: 'text', text: text.startsWith('\uFEFF') ? text.slice(1) : text};
};

const firstBadByte = (bytes: Buffer): {readonly line: number; readonly column: number} => {
	let line = 1;
	for (let start = 0; start <= bytes.length;) {
		const newline = bytes.indexOf(0x0A, start);
		const end = newline === -1 ? bytes.length : newline;
		const row = bytes.subarray(start, end);
		if (!isUtf8(row)) {
			const at = row.toString('utf8').indexOf('\uFFFD');
			return {line, column: at + 1};
		}

		line++;
		start = end + 1;
	}

	return {line: 1, column: 1};
};
