/** The pieces that the schema of the configuration is made of: texts, durations, shares, lists, each with what would have been right as its error. */

import * as z from 'zod';
import type {Expectation} from '../core/settings.ts';
import {makeSafe} from '../core/text.ts';
import {durationPattern, parseDuration, parseShare, sharePattern} from './units.ts';

/** What would have been right, as the error message: a sentence is made of it in `messages`. */
export const expecting = (expectation: Expectation) => ({error: () => JSON.stringify(expectation)});

export const text = (kind: Expectation['kind'] = 'text', longest = 500) =>
	z.string(expecting({kind})).regex(/\S/, expecting({kind})).max(longest, expecting({kind, most: String(longest)})).transform(value => makeSafe(value).trim());

export const duration = (least: string, most: string) => {
	const expectation = expecting({kind: 'duration', least, most});
	return z.string(expectation)
		.refine(value => {
			const durationMs = parseDuration(value);
			return durationMs !== null && durationMs >= parseDuration(least)! && durationMs <= parseDuration(most)!;
		}, expectation)
		.meta({pattern: durationPattern.source, examples: [least, most]})
		.transform(value => parseDuration(value)!);
};

export const share = () => {
	const expectation = expecting({kind: 'share'});
	return z.union([
		z.number(expectation).min(0, expectation).max(1, expectation),
		z.string(expectation).refine(value => parseShare(value) !== null, expectation).meta({pattern: sharePattern.source}),
	], expectation).transform(value => parseShare(value)!);
};

export const flag = () => z.boolean(expecting({kind: 'yes-or-no'}));

export const mapping = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject(shape, expecting({kind: 'mapping'}));

export const list = <Item extends z.ZodType>(item: Item) => z.array(item, expecting({kind: 'list'}));

export const oneOf = <const Options extends readonly [string, ...string[]]>(options: Options) => z.enum(options, expecting({kind: 'one-of', options}));
