/**
Carries out what a card looks up: bounded reads one after the other, so that a sick host is asked one thing at a time, ended as soon as the card is
closed; and the look at the checkout.
*/

import type {LookAnswer} from '../core/action-looks.ts';
import type {CommandsPort, GitPort} from '../core/ports.ts';
import {redact} from '../core/redaction.ts';
import type {Effect} from '../core/state.ts';
import {makeSafe} from '../core/text.ts';
import type {Store} from './store.ts';

export type Previews = {
	look(effect: Extract<Effect, {type: 'preview/look'}>): void;
	lookAtGit(directory: string): void;
	/** Ends the looks of the card that was closed. */
	stop(): void;
};

const detailLength = 300;

export const createPreviews = (options: {readonly store: Store; readonly commands: CommandsPort; readonly git: GitPort}): Previews => {
	const {store, commands, git} = options;
	let current: AbortController | null = null;

	const look = async ({action, key, looks, environment}: Extract<Effect, {type: 'preview/look'}>): Promise<void> => {
		current?.abort();
		const abort = new AbortController();
		current = abort;
		const answers: Record<string, LookAnswer> = {};
		for (const {name, command, deadlineMs} of looks) {
			if (abort.signal.aborted) {
				return;
			}

			answers[name] = await answerOf(commands, command, environment, deadlineMs, abort.signal);
		}

		if (!abort.signal.aborted) {
			store.dispatch({type: 'preview/answered', action, key, answers});
		}
	};

	return {
		look(effect) {
			void look(effect);
		},
		lookAtGit(directory) {
			void git.look(directory).then(outcome => {
				store.dispatch(outcome.ok ? {type: 'git/looked', directory, facts: outcome.value} : {type: 'git/notLooked', directory, failure: outcome.failure});
			});
		},
		stop() {
			current?.abort();
			current = null;
		},
	};
};

const answerOf = async (commands: CommandsPort, command: readonly string[], environment: Readonly<Record<string, string>>, deadlineMs: number, signal: AbortSignal): Promise<LookAnswer> => {
	const answer = await commands.check(command, {environment, deadlineMs, signal});
	if (!answer.ok) {
		return {ok: false, detail: answer.failure.detail === '' ? answer.failure.code : answer.failure.detail};
	}

	const {exitCode, stdout, stderr, timedOut} = answer.value;
	// A search that could not enter one directory has still found the rest.
	return exitCode === 0 || (exitCode === 1 && stdout !== '')
		? {ok: true, text: stdout.split('\n').map(line => line.split('\t').map(cell => redact(makeSafe(cell))).join('\t')).join('\n')}
		: {ok: false, detail: timedOut ? `${command[0] ?? ''}: > ${Math.round(deadlineMs / 1000)} s` : redact(makeSafe(stderr.slice(0, detailLength)))};
};
