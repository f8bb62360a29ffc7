/**
A timer of systemd that runs one command at an instant, also when nobody is logged in. It hides which manager takes it (the system's for root, else the user's)
and that neither may be there. No secret is in its arguments: the command reads its configuration itself.
*/

import {execFile} from 'node:child_process';
import type {TimerPort} from '../core/messengers.ts';
import type {Failure} from '../core/ports.ts';
import {makeSafe} from '../core/text.ts';

const deadlineMs = 5000;

export type SystemTimerOptions = {
	readonly uid: number;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** The command that is run, for an incident of a project. */
	readonly command: (incident: string, project: string) => readonly string[];
};

type Ran = {readonly ok: true} | {readonly ok: false; readonly failure: Failure};

const run = async (program: string, parameters: readonly string[], environment: SystemTimerOptions['environment']): Promise<Ran> => new Promise(resolve => {
	execFile(program, [...parameters], {env: {...environment, LC_ALL: 'C'}, timeout: deadlineMs, maxBuffer: 64 * 1024}, (error, _stdout, stderr) => {
		if (error === null) {
			resolve({ok: true});
			return;
		}

		const isMissing = error.code === 'ENOENT' as unknown;
		resolve({ok: false, failure: {code: isMissing ? 'unsupported' : 'failed', detail: makeSafe((stderr.trim() || error.message).split('\n')[0]!.slice(0, 200))}});
	});
});

/** `2026-01-18 03:14:05 UTC`: an instant as systemd reads it, whatever the machine's time zone. */
const calendarOf = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** What the command needs to find the same places and words; nothing that may carry a secret. */
const passedOn = ['HOME', 'XDG_STATE_HOME', 'XDG_CONFIG_HOME', 'LANG', 'LC_ALL', 'TZ'] as const;

export const createSystemTimer = ({uid, environment, command}: SystemTimerOptions): TimerPort => {
	const manager = uid === 0 ? '--system' : '--user';
	return {
		async arm({incident, project, atMs}) {
			const name = `mdc-console-${incident.toLowerCase().replaceAll(/[^a-z\d-]/g, '-')}-${Math.floor(atMs / 1000).toString(36)}`;
			const armed = await run('systemd-run', [manager, '--quiet', '--collect', `--unit=${name}`, `--on-calendar=${calendarOf(atMs)}`, '--timer-property=AccuracySec=1s', ...passedOn.flatMap(variable => environment[variable] === undefined ? [] : [`--setenv=${variable}=${environment[variable]}`]), '--', ...command(incident, project)], environment);
			return armed.ok ? {ok: true, value: name} : armed;
		},
		async disarm(name) {
			const stopped = await run('systemctl', [manager, 'stop', `${name}.timer`], environment);
			return stopped.ok ? {ok: true, value: null} : stopped;
		},
	};
};
