/**
Pretended services for a drill: they accept after a moment, as real ones do, and say that they are none. Nothing is sent anywhere, and no timer is armed.
*/

import type {Delivery, MessengersPort, RandomPort, TimerPort} from '../core/messengers.ts';
import type {ChannelSettings} from '../core/messengers.ts';
import type {Clock} from '../core/ports.ts';
import {emptyText, makeSafe} from '../core/text.ts';
import {createRandom} from './random.ts';

const answersAfterMs = 1200;

export const createPretendMessengers = ({clock, seed}: {readonly clock: Clock; readonly seed: number}): {readonly messengers: MessengersPort; readonly timer: TimerPort; readonly random: RandomPort} => {
	const random = createRandom(seed, 'messages');
	let count = 0;
	return {
		messengers: {
			send: async envelope => new Promise<Delivery>(resolve => {
				clock.after(answersAfterMs, () => {
					count++;
					resolve({kind: 'accepted', words: makeSafe(`drill: pretended, nothing was sent (${envelope.channel})`), reference: envelope.channel === 'hook' || envelope.channel === 'command' ? null : `drill-${count}`, link: null});
				});
			}),
		},
		timer: {
			arm: async () => ({ok: false, failure: {code: 'unsupported', detail: emptyText}}),
			disarm: async () => ({ok: true, value: null}),
		},
		random: {share: random.next},
	};
};

const pretended = {env: 'DRILL'};

/** What is configured in a drill: one of each that the runbook names. The addresses lead nowhere (RFC 2606), and nothing asks them. */
export const pretendChannels: readonly ChannelSettings[] = [
	{kind: 'pagerduty', routingKey: pretended, url: 'https://pagerduty.drill.invalid', dedupKey: null},
	{kind: 'slack', webhook: null, token: pretended, channel: '#incidents', url: 'https://slack.drill.invalid'},
	{kind: 'statuspage', apiKey: pretended, page: 'drill', components: [], notify: false, url: 'https://statuspage.drill.invalid'},
];
