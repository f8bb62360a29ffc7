/**
Where runbooks come from for every command: the team's file or directory, by option or configuration, else the edition that ships with the program in the
reader's language. Hides that the shipped text lies inside the bundle.
*/

import {readFile} from 'node:fs/promises';
import {createClock} from '../adapters/clock.ts';
import {parseRunbookText, readRunbooks, type RunbooksOptions} from '../adapters/runbooks.ts';
import type {RunbooksPort} from '../core/ports.ts';
import type {Runbook} from '../core/runbook.ts';
import type {Language} from '../messages/language.ts';

const shippedPlaces: Readonly<Record<Language, URL>> = {
	en: new URL('../runbooks/api-down.en.md', import.meta.url),
	'pt-BR': new URL('../runbooks/api-down.pt-BR.md', import.meta.url),
};

/** The text of the shipped edition. */
export const shippedText = async (language: Language): Promise<string> => {
	const place = shippedPlaces[language];
	// In the bundle the text is in the address.
	return place.protocol === 'data:' ? Buffer.from(place.href.slice(place.href.indexOf(',') + 1), 'base64').toString('utf8') : readFile(place, 'utf8');
};

/** Pages and scripts lie on the machine's disk, and are waited for in its time, in a drill too. */
const onDisk = (directory: string | null): RunbooksOptions => ({clock: createClock(), directory});

/** The shipped runbook. */
export const shippedRunbook = async (language: Language, directory: string | null = null): Promise<Runbook> => parseRunbookText(await shippedText(language), null, onDisk(directory));

/** The runbooks of a console: `path` is what the option or the configuration names; null is the shipped one. */
export const createRunbooks = ({path, language}: {readonly path: string | null; readonly language: Language}): RunbooksPort => ({
	async read(directory) {
		const own = path === null ? [] : await readRunbooks(path, onDisk(directory));
		return own.some(runbook => runbook.cards.length > 0) ? own : [...own, await shippedRunbook(language, directory)];
	},
	parse: async (text, from, directory) => parseRunbookText(text, from, onDisk(directory)),
});
