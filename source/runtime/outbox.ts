/**
Messages on their way to the outside and the system's timer, for the effects that ask for them. It hides that the senders are loaded on first use, and gives
each answer its share of chance, so that two consoles do not try again in the same moment.
*/

import type {MessengersPort, RandomPort, TimerPort} from '../core/messengers.ts';
import type {Effect} from '../core/state.ts';
import {emptyText} from '../core/text.ts';
import type {Store} from './store.ts';

export type Outbox = {
	perform(effect: Extract<Effect, {type: 'message/send' | `timer/${string}`}>): void;
};

export type OutboxPorts = {
	readonly messengers: MessengersPort;
	readonly timer: TimerPort;
	readonly random: RandomPort;
};

/** Where nothing can be sent: `status`, and tests that are about something else. */
export const noOutboxPorts: OutboxPorts = {
	messengers: {send: async () => ({kind: 'refused', code: 'not-configured', words: emptyText, isTemporary: false, retryAfterMs: null})},
	timer: {
		arm: async () => ({ok: false, failure: {code: 'unsupported', detail: emptyText}}),
		disarm: async () => ({ok: true, value: null}),
	},
	random: {share: () => 0.5},
};

export const createOutbox = ({store, ports, broke}: {readonly store: Store; readonly ports: OutboxPorts; readonly broke: (name: string, error: unknown) => void}): Outbox => {
	const send = async ({incident, message, attempt, envelope}: Extract<Effect, {type: 'message/send'}>): Promise<void> => {
		const delivery = await ports.messengers.send(envelope);
		store.dispatch({type: 'message/answered', incident, message, attempt, delivery, share: ports.random.share()});
	};

	const arm = async ({incident, project, atMs}: Extract<Effect, {type: 'timer/arm'}>): Promise<void> => {
		const armed = await ports.timer.arm({incident, project, atMs});
		store.dispatch(armed.ok ? {type: 'timer/armed', incident, atMs, name: armed.value} : {type: 'timer/refused', incident, atMs, failure: armed.failure});
	};

	const watched = (name: string, work: Promise<unknown>): void => {
		void work.catch((error: unknown) => {
			broke(name, error);
		});
	};

	return {
		perform(effect) {
			if (effect.type === 'message/send') {
				watched('message', send(effect));
			} else if (effect.type === 'timer/arm') {
				watched('timer', arm(effect));
			} else {
				watched('timer', ports.timer.disarm(effect.name));
			}
		},
	};
};
