/** The built program's drill in a real terminal, as a person starts it: the launcher, the bundle, a fixed seed. */

import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import {openTerminal, type Terminal, type TerminalOptions} from './terminal.ts';

export const launcher = fileURLToPath(new URL('../../bin/mdc-console.js', import.meta.url));

export type DrillOptions = TerminalOptions & {readonly parameters?: readonly string[]};

/** Starts the drill; its end belongs to the test. */
export const startDrill = async (t: ExecutionContext, options: DrillOptions = {}): Promise<Terminal> => {
	const terminal = await openTerminal(process.execPath, [launcher, 'drill', '--seed', '7', ...(options.parameters ?? [])], options);
	t.teardown(terminal.close);
	return terminal;
};

/** Starts the drill and waits until it shows what is wrong, in any language, and that the incident is open. */
export const openDrill = async (t: ExecutionContext, options: DrillOptions = {}): Promise<Terminal> => {
	const terminal = await startDrill(t, options);
	await terminal.until(/APIDown/, 40_000);
	return terminal;
};

/** Frames that were painted from nothing: what a program does that does not know what is on the screen. */
export const fullClears = (received: string): number => received.split(/\u001B\[[23]J/).length - 1;
