/**
A timer of systemd that runs one command at an instant, also when nobody is logged in. It hides which manager takes it (the system's for root, else the user's),
that neither may be there, and that the user's ends with her last session unless she lingers. No secret is in its arguments: the command reads its
configuration itself.
*/

import {access, constants} from 'node:fs/promises';
import {fairly} from '../core/fair-deadline.ts';
import {inTime} from '../core/in-time.ts';
import {lingers, systemdMark} from '../core/lingering.ts';
import type {TimerFailure, TimerPort} from '../core/messengers.ts';
import type {Clock} from '../core/ports.ts';
import {emptyText, makeSafe} from '../core/text.ts';
import {runProgram} from './children.ts';

const deadlineMs = 5000;

export type SystemTimerOptions = {
	readonly clock: Clock;
	readonly uid: number;
	/** The login user, by whose name logind knows who lingers. */
	readonly user: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** The command that is run, for an incident of a project. */
	readonly command: (incident: string, project: string) => readonly string[];
	/** Below which /run and /var are looked at; the real root by default. */
	readonly root?: string;
	/** How a file is looked for: false only for what is surely not there. May hang with its disk. */
	readonly mayExist?: (path: string) => Promise<boolean>;
};

type Asked = {readonly ok: true} | {readonly ok: false; readonly failure: TimerFailure};

const ask = async (program: string, parameters: readonly string[], environment: SystemTimerOptions['environment']): Promise<Asked> => {
	const {error, stderr} = await runProgram(program, parameters, {env: {...environment, LC_ALL: 'C'}, timeout: deadlineMs, maxBuffer: 64 * 1024});
	// A name says the incident and the instant: what is there already was asked for before, by a systemd-run whose answer came too late.
	if (error === null || /\balready (?:exists|loaded)\b/.test(stderr)) {
		return {ok: true};
	}

	const isAbsent = error.code === 'ENOENT' as unknown || /\bnot been booted with systemd\b/.test(stderr);
	const code = isAbsent ? 'unsupported' : (error.killed === true ? 'timed-out' : 'failed');
	return {ok: false, failure: {code, detail: makeSafe((stderr.trim() || error.message).split('\n')[0]!.slice(0, 200))}};
};

const looksFor = async (path: string): Promise<boolean> => {
	try {
		await access(path, constants.F_OK);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code !== 'ENOENT';
	}
};

/** `2026-01-18 03:14:05 UTC`: an instant as systemd reads it, whatever the machine's time zone. */
const calendarOf = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** What the command needs to find the same places and words; nothing that may carry a secret. */
const passedOn = ['HOME', 'XDG_STATE_HOME', 'XDG_CONFIG_HOME', 'LANG', 'LC_ALL', 'TZ'] as const;

export const createSystemTimer = ({clock, uid, user, environment, command, root = '', mayExist = looksFor}: SystemTimerOptions): TimerPort => {
	const manager = uid === 0 ? '--system' : '--user';
	const lookForObstacle = async (): Promise<TimerFailure | null> => {
		if (await lingers({isRoot: uid === 0, user}, async path => mayExist(`${root}${path}`))) {
			return null;
		}

		// Nobody lingers on a machine that was not started by systemd.
		return await mayExist(`${root}${systemdMark}`) ? {code: 'no-linger', detail: makeSafe(`sudo loginctl enable-linger ${user}`)} : {code: 'unsupported', detail: emptyText};
	};

	let looking: Promise<TimerFailure | null> | null = null;
	/** A disk that hangs holds one thread for one question, however often it is tried again. */
	const obstacle = async (): Promise<TimerFailure | null> => {
		looking ??= lookForObstacle().finally(() => {
			looking = null;
		});
		return inTime<TimerFailure | null>(fairly(clock), deadlineMs, looking, {code: 'timed-out', detail: emptyText});
	};

	return {
		async arm({incident, project, atMs}) {
			const failure = await obstacle();
			if (failure !== null) {
				return {ok: false, failure};
			}

			const name = `mdc-console-${incident.toLowerCase().replaceAll(/[^a-z\d-]/g, '-')}-${Math.floor(atMs / 1000).toString(36)}`;
			const armed = await ask('systemd-run', [manager, '--quiet', '--collect', `--unit=${name}`, `--on-calendar=${calendarOf(atMs)}`, '--timer-property=AccuracySec=1s', ...passedOn.flatMap(variable => environment[variable] === undefined ? [] : [`--setenv=${variable}=${environment[variable]}`]), '--', ...command(incident, project)], environment);
			return armed.ok ? {ok: true, value: name} : armed;
		},
		async disarm(name) {
			const stopped = await ask('systemctl', [manager, 'stop', `${name}.timer`], environment);
			return stopped.ok ? {ok: true, value: null} : stopped;
		},
	};
};
