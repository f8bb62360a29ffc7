/** A home with journals in it, and the built program run there with pipes, without an engine. */

import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import {openJournalFile} from '../../source/adapters/journal/database.ts';
import type {JournalDraft} from '../../source/core/ports.ts';
import {ana} from '../fixtures/incident-entries.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Ran = {readonly code: number | null; readonly stdout: string; readonly stderr: string};

export type IncidentHome = {
	readonly directory: string;
	readonly state: string;
	readonly journal: (project: string, drafts: readonly JournalDraft[]) => string;
	readonly run: (parameters: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<Ran>;
};

export const incidentHome = (t: ExecutionContext): IncidentHome => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-incidents-'));
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	const state = path.join(directory, 'mdc-console');
	mkdirSync(state, {mode: 0o700});
	let written = 0;
	return {
		directory,
		state,
		journal(project, drafts) {
			const file = path.join(state, `${project}.sqlite`);
			const journal = openJournalFile(file, {readOnly: false, fileMode: 0o600});
			journal.append(drafts.map(({actor = ana, onceKey: _, ...draft}) => ({...draft, actor, onceKey: `k${++written}`})));
			journal.close();
			return file;
		},
		async run(parameters, environment = {}) {
			const child = spawn(process.execPath, [path.join(root, 'bin/mdc-console.js'), ...parameters], {
				cwd: directory,
				env: {PATH: process.env['PATH'], HOME: directory, XDG_CONFIG_HOME: directory, XDG_STATE_HOME: directory, MDC_CONSOLE_MEMORY: path.join(directory, 'memory'), LANG: 'C.UTF-8', TERM: 'xterm-256color', TZ: 'America/Sao_Paulo', DOCKER_HOST: `unix://${directory}/none.sock`, ...environment},
				stdio: ['ignore', 'pipe', 'pipe'],
			});
			let stdout = '';
			let stderr = '';
			child.stdout.setEncoding('utf8').on('data', (text: string) => {
				stdout += text;
			});
			child.stderr.setEncoding('utf8').on('data', (text: string) => {
				stderr += text;
			});
			t.teardown(() => {
				child.kill('SIGKILL');
			});
			const code = await new Promise<number | null>(resolve => {
				child.on('close', resolve);
			});
			t.notRegex(stdout + stderr, /[\u001B\u009B]/, 'no escape codes into a pipe');
			t.notRegex(stdout + stderr, /\n\s+at .*:\d+/, 'no stack trace');
			return {code, stdout, stderr};
		},
	};
};

/** Compares with test/fixtures/incidents/NAME. UPDATE_GOLDEN=1 writes it anew; look at the difference before you keep it. */
export const golden = (t: ExecutionContext, name: string, text: string): void => {
	const file = new URL(`../fixtures/incidents/${name}`, import.meta.url);
	if (process.env['UPDATE_GOLDEN'] === '1') {
		mkdirSync(new URL('.', file), {recursive: true});
		writeFileSync(file, text);
	}

	t.is(text, readFileSync(file, 'utf8'));
};
