/** The escalation by its keys, as a person works through the list: an item is found by its name, opened, and its text sent. Each key waits for what the one before did. */
import type {Terminal} from './terminal.ts';

const isListOpen = (screen: string): boolean => screen.includes('▸ Escalation · INC-');

/** The selected row of the open list, by its name alone; how it stands may change meanwhile. */
const selected = (screen: string): string => isListOpen(screen) ? /│›.( {1,2}\S+(?: \S+)*)/.exec(screen.slice(screen.indexOf('▸ Escalation')))?.[1] ?? '' : '';

/** Opens an item of the list by its name, and waits for its text. A list that is open still is left first: which row of it is selected is an older story. */
export const openItem = async (terminal: Terminal, name: string): Promise<string> => {
	if (isListOpen(terminal.screen())) {
		await terminal.press('escape');
		await terminal.until(screen => !isListOpen(screen));
	}

	await terminal.press('e');
	await terminal.until(screen => selected(screen) !== '');
	for (let moves = 0; !selected(terminal.screen()).startsWith(` ${name}`); moves++) {
		if (moves > 20) {
			throw new Error(`no item ${name}:\n${terminal.screen()}`);
		}

		const before = selected(terminal.screen());
		await terminal.press(moves === 10 ? 'g' : 'j');
		// At the end of the list nothing moves.
		await terminal.until(screen => selected(screen) !== before && selected(screen) !== '', 5000).catch(() => undefined);
	}

	await terminal.press('enter');
	return terminal.until(/Exactly this goes out/);
};

/** Opens an item and sends its text. */
export const sendItem = async (terminal: Terminal, name: string): Promise<void> => {
	await openItem(terminal, name);
	await sendText(terminal);
};

/** Sends the text that is open. A `y` counts a moment after the text was painted: one that came too early says so, and is pressed again when that is read. */
export const sendText = async (terminal: Terminal): Promise<void> => {
	for (let tries = 0; tries < 3; tries++) {
		await terminal.press('y');
		const screen = await terminal.until(now => isListOpen(now) || now.includes('Not run:'));
		if (isListOpen(screen)) {
			return;
		}

		await terminal.until(now => !now.includes('Not run:'));
	}

	throw new Error(`the text was never sent:\n${terminal.screen()}`);
};
