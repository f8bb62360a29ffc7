/** The escalation by its keys, as a person works through the list: an item is found by its name, opened, and its text sent. */
import type {Terminal} from './terminal.ts';
import {until} from './until.ts';

/** The selected row of the list, from its name on; how it stands may change meanwhile. */
const selected = (screen: string): string => /│›.( {1,2}\S+(?: \S+)*)/.exec(screen.slice(Math.max(0, screen.indexOf('▸ Escalation'))))?.[1] ?? '';

/** Opens an item of the list by its name, and waits for its text. */
export const openItem = async (terminal: Terminal, name: string): Promise<string> => {
	await terminal.press('e');
	await terminal.until(screen => screen.includes('▸ Escalation · INC-') && selected(screen) !== '');
	for (let moves = 0; !selected(terminal.screen()).startsWith(` ${name}`); moves++) {
		if (moves > 20) {
			throw new Error(`no item ${name}:\n${terminal.screen()}`);
		}

		const before = selected(terminal.screen());
		await terminal.press(moves === 10 ? 'g' : 'j');
		// At the end of the list nothing moves.
		await terminal.until(screen => selected(screen) !== before && selected(screen) !== '', 5000).catch(() => undefined);
	}

	await terminal.until(screen => selected(screen).startsWith(` ${name}`));
	await terminal.press('enter');
	return terminal.until(/Exactly this goes out/);
};

/** Opens an item and sends its text. */
export const sendItem = async (terminal: Terminal, name: string): Promise<void> => {
	await openItem(terminal, name);
	await sendText(terminal);
};

/** Sends the text that is open: `y` counts a moment after it was painted. */
export const sendText = async (terminal: Terminal): Promise<void> => {
	await until(async () => {
		await terminal.press('y');
		return terminal.until(/Escalation · INC-/, 1500).then(() => true, () => false);
	}, {everyMs: 400, deadlineMs: 20_000, describe: () => terminal.screen()});
};
