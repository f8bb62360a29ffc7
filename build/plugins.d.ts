/** Characters that stand alone in a cell of their own, in code units, for a character class. */
export const plainCharacters: string;

/** The text of ansi-tokenize's `tokenize.js` with a short way for plain lines; throws when it is not the text that is known. */
export const withPlainTokens: (text: string, file: string) => string;

/** The same for Ink's `sanitize-ansi.js`. */
export const withPlainTexts: (text: string, file: string) => string;

import type {Plugin} from 'esbuild';

/** The plugins of a bundle; a worker's source text comes from `bundleWorker`. */
export const pluginsFor: (bundleWorker: (entry: string) => Promise<string>) => Plugin[];
