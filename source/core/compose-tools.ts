/**
Which Compose is called: the generation that made the stack. Hides what is made of a tool that is there and could not be asked: it is neither absent nor
the other one's turn, and what it answered before holds on.
*/

import type {ComposeTools, SilentTool} from './ports.ts';

const majorOf = (version: string | null): number | null => {
	const major = Number(/^v?(\d+)/.exec(version ?? '')?.[1]);
	return Number.isInteger(major) ? major : null;
};

export type ComposeChoice = {
	readonly words: readonly string[] | null;
	/** Only the other generation is here. */
	readonly other: boolean;
	/** The tool that would have to answer first; `words` is null then. */
	readonly silent: SilentTool | null;
};

const none: ComposeChoice = {words: null, other: false, silent: null};

/** Which compose is called for a stack that `made` made. */
export const composeFor = (tools: ComposeTools | null, made: string | null): ComposeChoice => {
	if (tools === null) {
		return none;
	}

	const first = majorOf(made);
	const v1 = tools.v1 === null ? null : ['docker-compose'];
	const v2 = tools.v2?.words ?? null;
	// Made by v2 or later, or made by nothing yet: v2 first.
	const [right, wrong] = first === 1 ? [v1, v2] : [v2, v1];
	if (right !== null) {
		return {...none, words: right};
	}

	const silent = tools.silent ?? [];
	// `docker-compose` may be either generation, the plugin is never v1: while one that may be the right one is silent, the other one's turn has not come.
	const awaited = silent.find(({tool}) => first !== 1 || tool === 'docker-compose') ?? (wrong === null ? silent[0] : undefined);
	return awaited === undefined ? {...none, words: wrong, other: wrong !== null && first !== null} : {...none, silent: awaited};
};

/** What is known now: a tool that could not be asked this time is what it said last time. */
export const keepTools = (before: ComposeTools | null, found: ComposeTools): ComposeTools => {
	const isSilent = (name: SilentTool['tool']): boolean => (found.silent ?? []).some(({tool}) => tool === name);
	const v2Before = before?.v2 ?? null;
	return {
		...found,
		v1: found.v1 ?? (isSilent('docker-compose') ? before?.v1 ?? null : null),
		v2: found.v2 ?? (v2Before !== null && isSilent(v2Before.words.length === 1 ? 'docker-compose' : 'docker compose') ? v2Before : null),
	};
};

/** Nothing needs to be asked again soon. */
export const isAnswered = (tools: ComposeTools | null): boolean => tools !== null && (tools.silent ?? []).length === 0;
