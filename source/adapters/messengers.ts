/**
The messengers port: one message to one configured service. It hides which service wants what, where its secret lies, and how its answers are read. A secret is
read when it is used, so that one that was put right meanwhile works without a restart.
*/

import type {ChannelSettings, Delivery, Envelope, MessengersPort, SecretSource} from '../core/messengers.ts';
import type {AuthoritiesPort} from '../core/ports.ts';
import {emptyText, makeSafe, type SafeText} from '../core/text.ts';
import {sendByCommand} from './messengers/command.ts';
import type {SendContext} from './messengers/context.ts';
import {sendToCachet} from './messengers/cachet.ts';
import {sendToGithub} from './messengers/github.ts';
import {sendToHook} from './messengers/hook.ts';
import {sendToPagerDuty} from './messengers/pagerduty.ts';
import {readSecret} from './messengers/secrets.ts';
import {trustAuthorities} from './messengers/trust.ts';
import {sendToSlack} from './messengers/slack.ts';
import {sendToStatuspage} from './messengers/statuspage.ts';

const usualDeadlineMs = 10_000;

export type MessengersOptions = {
	readonly channels: () => readonly ChannelSettings[];
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly userAgent: string;
	readonly authorities?: AuthoritiesPort;
	/** For one request. */
	readonly deadlineMs?: number;
};

/** Where a channel's secret lies; null where it needs none. */
export const secretSourceOf = (channel: ChannelSettings): SecretSource | null => {
	switch (channel.kind) {
		case 'pagerduty': {
			return channel.routingKey;
		}

		case 'slack': {
			return channel.token ?? channel.webhook;
		}

		case 'statuspage': {
			return channel.apiKey;
		}

		case 'cachet':
		case 'github': {
			return channel.token;
		}

		case 'hook': {
			return channel.signingKey;
		}

		case 'command': {
			return null;
		}
	}
};

/** Whether a channel's secret is there, without sending anything; null where it needs none. */
export const checkSecret = async (channel: ChannelSettings, environment: MessengersOptions['environment']): Promise<{readonly ok: boolean; readonly words: SafeText} | null> => {
	const source = secretSourceOf(channel);
	if (source === null) {
		return null;
	}

	const answer = await readSecret(source, environment);
	return answer.ok ? {ok: true, words: emptyText} : {ok: false, words: answer.words};
};

/** What a program of the team's own may see: not what the other channels keep there. */
const withoutSecrets = ({channels, environment}: MessengersOptions): MessengersOptions['environment'] => {
	const names = new Set(channels().map(channel => secretSourceOf(channel)).flatMap(source => source !== null && 'env' in source ? [source.env] : []));
	return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.has(name)));
};

const refused = (code: 'not-configured' | 'no-secret', words: SafeText): Delivery => ({kind: 'refused', code, words, isTemporary: false, retryAfterMs: null});

export const createMessengers = (options: MessengersOptions): MessengersPort => ({
	async send(envelope) {
		const channel = options.channels().find(({kind}) => kind === envelope.channel);
		if (channel === undefined) {
			return refused('not-configured', emptyText);
		}

		const source = secretSourceOf(channel);
		const secret = source === null ? {ok: true, value: ''} as const : await readSecret(source, options.environment);
		if (!secret.ok) {
			return refused('no-secret', secret.words);
		}

		const untrusted = channel.kind === 'command' ? null : await trustAuthorities(options.authorities ?? null);
		const delivery = await dispatch(channel, envelope, {secret: secret.value, deadlineMs: options.deadlineMs ?? usualDeadlineMs, userAgent: options.userAgent, environment: withoutSecrets(options)});
		return untrusted !== null && delivery.kind === 'refused' && delivery.code === 'no-connection' ? {...delivery, words: makeSafe(`${delivery.words} (${untrusted})`)} : delivery;
	},
});

const dispatch = async (channel: ChannelSettings, envelope: Envelope, context: SendContext): Promise<Delivery> => {
	switch (channel.kind) {
		case 'pagerduty': {
			return sendToPagerDuty(channel, envelope, context);
		}

		case 'slack': {
			return sendToSlack(channel, envelope, context);
		}

		case 'statuspage': {
			return sendToStatuspage(channel, envelope, context);
		}

		case 'cachet': {
			return sendToCachet(channel, envelope, context);
		}

		case 'hook': {
			return sendToHook(channel, envelope, context);
		}

		case 'github': {
			return sendToGithub(channel, envelope, context);
		}

		case 'command': {
			return sendByCommand(channel, envelope, context);
		}
	}
};
