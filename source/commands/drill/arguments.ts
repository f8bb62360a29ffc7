/** The arguments of `mdc-console drill`. */

import {InvalidArgumentError, Option, type Command} from 'commander';
import type {cli} from '../../messages/cli.ts';
import type {drillCli} from '../../messages/drill-cli.ts';

export type DrillOptions = {readonly seed?: number; readonly speed?: number; readonly observe?: boolean; readonly json?: boolean};

export type DrillWiring = {
	readonly say: (typeof drillCli)['en'];
	readonly sayCli: (typeof cli)['en'];
	readonly withGlobalOptions: (command: Command) => Command;
	readonly wholeNumber: (text: string) => number;
	readonly run: (flags: object, words: readonly string[]) => void;
};

const fastest = 60;

const speed = (text: string): number => {
	const value = Number(text);
	if (!/^\d{1,2}$/.test(text) || value < 1 || value > fastest) {
		throw new InvalidArgumentError('');
	}

	return value;
};

/** Adds the command. */
export const addDrill = (root: Command, {say, sayCli, withGlobalOptions, wholeNumber, run}: DrillWiring): void => {
	withGlobalOptions(root.command('drill')).description(sayCli.describeDrill).argument('[scenario]', say.argument).argument('[which]', say.argumentWhich)
		.option('--read-only', sayCli.optionReadOnly)
		.addOption(new Option('--seed <number>', sayCli.optionSeed).argParser(wholeNumber))
		.addOption(new Option('--speed <number>', say.optionSpeed).argParser(speed))
		.option('--observe', say.optionObserve)
		.option('--json', sayCli.optionJson)
		.action((scenario: string | undefined, which: string | undefined, flags: object) => {
			run(flags, [scenario, which].filter(word => word !== undefined));
		});
};
