/**
How the program was called: options, environment, terminal, and what follows from them for language and look. Small, so that it is there before anything else
is loaded.
*/

import type {LanguageChoice} from '../core/settings.ts';
import type {Language} from '../messages/language.ts';
import {themeFor} from '../ui/theme.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type GlobalOptions = {
	readonly config: string | null;
	readonly project: string | null;
	/** `--runbook`: goes before the configuration's. */
	readonly runbook: string | null;
	readonly language: LanguageChoice;
	readonly readOnly: boolean;
	readonly as: string | null;
	readonly ascii: boolean;
	readonly colour: boolean;
};

/** The locale that the user set, such as `pt_BR.UTF-8`; empty when none. */
export const localeOf = (environment: Environment): string => environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';

/** An explicit choice wins, then the configuration, then the locale. */
export const languageOf = (environment: Environment, ...choices: readonly LanguageChoice[]): Language => {
	const chosen = choices.find(choice => choice !== 'auto');
	return chosen === 'en' || chosen === 'pt-BR' ? chosen : (/^pt/i.test(localeOf(environment)) ? 'pt-BR' : 'en');
};

/** May more than ASCII be drawn? By the character set of the locale and by a terminal that is known to lack it. */
export const isUnicode = (environment: Environment): boolean => themeFor(environment).unicode;

/** Colours unless they are not wanted, by an option or by NO_COLOR (no-color.org), or the terminal has none. */
export const hasColour = (environment: Environment, wanted: boolean): boolean => wanted && themeFor(environment).colour;

export const userAgentOf = (version: string): string => `mdc-console/${version}`;

export type ScreenStreams = {readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream};

/** Is there a terminal on both sides that a person sits at? A CI job has none, whatever its streams look like. */
export const hasTerminal = (streams: ScreenStreams, environment: Environment): boolean => {
	const inCi = environment['CI'];
	return streams.stdin.isTTY && streams.stdout.isTTY && (inCi === undefined || inCi === '' || inCi === '0' || inCi === 'false');
};

/** Tells this console from every other one of the machine: no two processes have the same number in the same millisecond. */
export const consoleIdOf = (pid: number, nowMs: number): string => `${pid.toString(16).padStart(6, '0')}${nowMs.toString(16).padStart(11, '0')}`;
