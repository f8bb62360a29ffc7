/** Characters that stand alone in a cell of their own, in code units, for a character class. */
export const plainCharacters: string;

import type {Plugin} from 'esbuild';

/** The plugins of a bundle; a worker's source text comes from `bundleWorker`. */
export const pluginsFor: (bundleWorker: (entry: string) => Promise<string>) => Plugin[];
