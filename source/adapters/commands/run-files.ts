/**
The files of a run, and how they are read back. In the runtime directory:

	lock-<target>        who runs on a target: `<supervisor>`, `<script>` (each `pid start boot-id`), then one line of JSON (Holder). Empty when nobody does.
	run-<id>/            readable by the group
		request.json     the request without script and environment, which may carry secrets
		prepared         reserved for the supervisor; renamed to `started` (`<supervisor>`, instant, `end`) when the script is about to run
		control          a FIFO that takes `cancel` and `stop` (between two steps)
		reserved         space for the outcome; renamed to `outcome` (lines `name=value`, then `end`)
		own/             the owner's alone: full request, script, environment, out.<offset> (the output)

A run is what `started` says; a directory without it was never run. Everything read here is checked: it may be cut off, or not ours.
*/

import {createHash} from 'node:crypto';
import {mkdir, readFile, readdir, rm, stat, writeFile, chmod} from 'node:fs/promises';
import {dirname} from 'node:path';
import {makeSafe} from '../../core/text.ts';
import {isAlive, parseIdentity, type ProcessIdentity} from './process.ts';
import {supervisorText} from './supervisor.ts';
import type {RunOutcome, RunRecord, RunRequest} from '../../core/ports.ts';
import type {Verification} from '../../core/run-verdict.ts';

export type Holder = {readonly id: string; readonly action: string; readonly actor: string; readonly sinceMs: number};

/** What a run's `started` file says. */
export type Started = {readonly supervisor: ProcessIdentity; readonly startedAtMs: number};

/** Enough for the outcome, with forty names of left-over processes. */
const reservedBytes = 4096;

/** A run id becomes a file name; nothing else is accepted. */
export const isRunId = (id: string): boolean => /^[A-Za-z0-9][\w.-]{0,99}$/.test(id);

export const runDirectory = (place: string, id: string): string => `${place}/run-${id}`;

/** One lock file per target, whatever characters its name has. */
export const lockFile = (place: string, target: string): string =>
	`${place}/lock-${target.replaceAll(/[^\w.-]/g, '_').slice(0, 80)}-${createHash('sha256').update(target).digest('hex').slice(0, 16)}`;

/** The part of a target that names the whole project: `<project>/*` for `<project>/api`; null where it is that itself, or names no project. */
export const wholeTarget = (target: string): string | null => target.endsWith('/*') || !target.includes('/') ? null : `${target.slice(0, target.lastIndexOf('/'))}/*`;

/** How the lock files of everything in the project of `<project>/*` begin; it may match another project's too, which only makes us more careful. */
export const siblingPrefix = (target: string): string => `lock-${target.slice(0, -1).replaceAll(/[^\w.-]/g, '_').slice(0, 80)}`;

/** Writes everything that the supervisor needs; throws what the file system throws (EEXIST when the id was used before). */
export const writeRun = async (directory: string, request: RunRequest, environment: Readonly<Record<string, string>>, nowMs: number): Promise<void> => {
	const own = `${directory}/own`;
	await mkdir(directory, {mode: 0o750});
	// The group of the runtime directory must reach the FIFO and the outcome, whatever the umask.
	await chmod(directory, 0o2750);
	await mkdir(own, {mode: 0o700});
	await chmod(own, 0o700);
	const holder: Holder = {id: request.id, action: request.action, actor: request.actor, sinceMs: nowMs};
	const entries = Object.entries(environment).map(([name, value]) => `${name}=${value}\0`).join('');
	await Promise.all([
		writeFile(`${own}/request.json`, JSON.stringify(request), {mode: 0o600}),
		writeFile(`${own}/script`, request.script, {mode: 0o600}),
		writeFile(`${own}/environment`, entries, {mode: 0o600}),
		writeFile(`${own}/holder`, JSON.stringify(holder), {mode: 0o600}),
		writeFile(`${own}/supervisor`, supervisorText, {mode: 0o600}),
		writeShared(`${directory}/request.json`, JSON.stringify({...request, script: '', environment: {}})),
		writeShared(`${directory}/prepared`, ' '.repeat(200)),
		writeShared(`${directory}/reserved`, ' '.repeat(reservedBytes)),
	]);
};

const writeShared = async (path: string, text: string): Promise<void> => {
	await writeFile(path, text, {mode: 0o640});
	await chmod(path, 0o640);
};

export const removeRun = async (directory: string): Promise<void> => rm(directory, {recursive: true, force: true, maxRetries: 2});

/** Null when the run was never started (or the file cannot be read). */
export const readStarted = async (directory: string): Promise<Started | null> => {
	const lines = (await readIfThere(`${directory}/started`))?.split('\n');
	const supervisor = parseIdentity(lines?.[0] ?? '');
	const startedAtMs = Number(lines?.[1]);
	return supervisor && lines?.[2] === 'end' && Number.isSafeInteger(startedAtMs) ? {supervisor, startedAtMs} : null;
};

/** Null while the run goes on, and when it was lost. */
export const readOutcome = async (directory: string): Promise<RunOutcome | null> => {
	const text = await readIfThere(`${directory}/outcome`);
	return text === null ? null : parseOutcome(text);
};

/** Reads the lines of an outcome file; null when they do not reach to their `end`. */
export const parseOutcome = (text: string): RunOutcome | null => {
	const lines = text.split('\n');
	const end = lines.indexOf('end');
	if (end === -1) {
		return null;
	}

	const pairs = lines.slice(0, end).map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
	const values = new Map(pairs);
	const signal = values.get('signal') ?? '';
	return {
		exitCode: /^\d+$/.test(values.get('exit') ?? '') ? Number(values.get('exit')) : null,
		signal: /^[A-Z\d+-]+$/.test(signal) ? `SIG${signal}` : null,
		cancelled: values.get('cancelled') === '1',
		timedOut: values.get('timedOut') === '1',
		startedAtMs: Number(values.get('startedAtMs')) || 0,
		endedAtMs: Number(values.get('endedAtMs')) || 0,
		leftRunning: pairs.filter(([name]) => name === 'left').map(([, value]) => makeSafe(value)),
	};
};

/** The full request where it is ours to read, else what the group may know of it; null when there is none. */
export const readRequest = async (directory: string): Promise<RunRequest | null> =>
	parseRequest(await readIfThere(`${directory}/own/request.json`)) ?? parseRequest(await readIfThere(`${directory}/request.json`));

const parseRequest = (text: string | null): RunRequest | null => {
	const value = parseObject(text);
	if (!value) {
		return null;
	}

	const word = (name: string): string => typeof value[name] === 'string' ? makeSafe(value[name]) : '';
	const raw = (name: string): string => typeof value[name] === 'string' ? value[name] : '';
	const number = (name: string): number => typeof value[name] === 'number' ? value[name] : 0;
	const environment = parseEnvironment(value['environment']);
	return {
		...(typeof value['title'] === 'string' ? {title: word('title')} : {}),
		...(isVerification(value['verification']) ? {verification: value['verification']} : {}),
		id: word('id'), project: word('project'), action: word('action'), lock: word('lock'), script: raw('script'), directory: raw('directory'),
		environment, deadlineMs: number('deadlineMs'), hardLimitMs: number('hardLimitMs'), actor: word('actor'),
	};
};

const isVerification = (value: unknown): value is Verification => {
	const {by, service, strict} = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
	return by === 'exit' || by === 'none' || (by === 'pings' && (service === null || typeof service === 'string') && typeof strict === 'boolean');
};

const parseEnvironment = (value: unknown): Readonly<Record<string, string>> =>
	typeof value === 'object' && value !== null
		? Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
		: {};

/** A run as its files tell it; null when it was never started or its request cannot be read. */
export const readRun = async (directory: string, bootId: string): Promise<RunRecord | null> => {
	const [request, started] = await Promise.all([readRequest(directory), readStarted(directory)]);
	if (!request || !started) {
		return null;
	}

	const ended = await readOutcome(directory);
	if (ended) {
		return {request, state: 'ended', startedAtMs: started.startedAtMs, outcome: ended};
	}

	if (await isAlive(started.supervisor, bootId)) {
		return {request, state: 'running', startedAtMs: started.startedAtMs, outcome: null};
	}

	// It may have ended between the two looks.
	const late = await readOutcome(directory);
	const state = late ? 'ended' : (await livingScript(directory, request, bootId) ? 'orphaned' : 'lost');
	return {request, state, startedAtMs: started.startedAtMs, outcome: late};
};

/** The script of a run whose supervisor is gone, by the lock that it leaves taken; null when the lock is another's by now, or the script is gone too. */
export const livingScript = async (directory: string, {id, lock}: Pick<RunRequest, 'id' | 'lock'>, bootId: string): Promise<ProcessIdentity | null> => {
	const held = await readLock(lockFile(dirname(directory), lock));
	return held?.script && held.holder?.id === id && await isAlive(held.script, bootId) ? held.script : null;
};

/** What a lock file says: the supervisor, the script's own process once it runs, and who it is for. */
export const readLock = async (path: string): Promise<{readonly supervisor: ProcessIdentity | null; readonly script: ProcessIdentity | null; readonly holder: Holder | null} | null> => {
	const lines = (await readIfThere(path))?.split('\n');
	if (!lines) {
		return null;
	}

	const value = parseObject(lines[2] ?? null);
	const holder = value && {
		id: makeSafe(String(value['id'])), action: makeSafe(String(value['action'])), actor: makeSafe(String(value['actor'])), sinceMs: Number(value['sinceMs']) || 0,
	};
	return {supervisor: parseIdentity(lines[0] ?? ''), script: parseIdentity(lines[1] ?? ''), holder};
};

/** The ids of the runs in a place; those whose directory is not a run's are left out. */
export const listRuns = async (place: string): Promise<readonly string[]> => {
	const names = await readdir(place);
	return names.filter(name => name.startsWith('run-')).map(name => name.slice('run-'.length)).filter(id => isRunId(id));
};

/** Milliseconds since the run's directory last changed. */
export const ageMs = async (directory: string, nowMs: number): Promise<number> => nowMs - (await stat(directory)).mtimeMs;

const parseObject = (text: string | null): Readonly<Record<string, unknown>> | null => {
	try {
		const value: unknown = JSON.parse(text ?? 'null');
		return typeof value === 'object' && value !== null ? value as Readonly<Record<string, unknown>> : null;
	} catch {
		// Cut off or not ours: the same as not there.
		return null;
	}
};

const readIfThere = async (path: string): Promise<string | null> => {
	try {
		return await readFile(path, 'utf8');
	} catch {
		// Not there yet, gone, or not for us to read: each means that this file tells nothing.
		return null;
	}
};
