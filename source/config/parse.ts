/**
From the file's text to settings, or to all that is wrong with it, each problem with its line and column. Hides the YAML and the
schema library; loaded only when there is a file. Pure: reads nothing, and never shows a value that may be a secret.
*/

import type {ConfigurationProblem, Settings} from '../core/settings.ts';
import {checkTogether} from './checks.ts';
import {readTree} from './read-tree.ts';
import {createConfigurationSchema} from './schema.ts';
import {configurationToSettings} from './to-settings.ts';

export type ParsedConfiguration =
	| {readonly ok: true; readonly settings: Settings}
	| {readonly ok: false; readonly problems: readonly ConfigurationProblem[]};

/** Made once, when there is a file: making it costs more than reading with it. */
let schemaMade: ReturnType<typeof createConfigurationSchema> | null = null;

/** Reads the text of a configuration file. `file` names it in problems and is where relative paths count from; it should be absolute. */
export const parseConfiguration = (text: string, file: string): ParsedConfiguration => {
	schemaMade ??= createConfigurationSchema();
	const tree = readTree(text, file, schemaMade, checkTogether);
	return tree.ok ? {ok: true, settings: configurationToSettings(tree.value ?? {}, file)} : tree;
};
