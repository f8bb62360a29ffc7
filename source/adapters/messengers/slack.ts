/**
Slack: an incoming webhook, which tells no id, so that every message stands alone; or a bot's token, with one thread for each incident. Text from logs is
escaped, so that nothing in it mentions anybody or becomes a link.
*/

import type {ChannelSettings, Delivery, Envelope} from '../../core/messengers.ts';
import {accepted, deliveryOf, fieldOf, rejected, strange, textOf} from './judge.ts';
import {send, wordsOf} from './http.ts';
import type {SendContext} from './context.ts';

type Settings = Extract<ChannelSettings, {kind: 'slack'}>;

const textLongest = 10_000;

/** The three characters that mean something to Slack. */
export const escapeMrkdwn = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Answers that pass by themselves. */
const passing = new Set(['ratelimited', 'rate_limited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'rollup_error']);

export const sendToSlack = async (settings: Settings, envelope: Envelope, context: SendContext): Promise<Delivery> => {
	const text = escapeMrkdwn(envelope.body).slice(0, textLongest);
	return settings.token === null ? byWebhook(text, context) : byBot(settings, text, envelope, context);
};

const byWebhook = async (text: string, {secret, deadlineMs, userAgent}: SendContext): Promise<Delivery> => {
	const answer = await send({method: 'POST', url: secret, headers: {'Content-Type': 'application/json', 'User-Agent': userAgent}, body: JSON.stringify({text}), deadlineMs, secrets: [secret, pathOf(secret)]});
	return deliveryOf(answer, answered => answered.rawText.trim() === 'ok' ? accepted(answered.words) : strange(answered));
};

const pathOf = (url: string): string => URL.parse(url)?.pathname ?? '';

/** `channel timestamp`: both are needed to write into a thread. */
const threadOf = (reference: string | null): {readonly channel: string; readonly ts: string} | null => {
	const [channel = '', ts = ''] = (reference ?? '').split(' ');
	return channel === '' || !/^\d+\.\d+$/.test(ts) ? null : {channel, ts};
};

const byBot = async (settings: Settings, text: string, envelope: Envelope, {secret, deadlineMs, userAgent}: SendContext): Promise<Delivery> => {
	const thread = threadOf(envelope.reference);
	const answer = await send({
		method: 'POST', url: `${settings.url}/api/chat.postMessage`, headers: {'Content-Type': 'application/json; charset=utf-8', Authorization: `Bearer ${secret}`, 'User-Agent': userAgent},
		body: JSON.stringify({
			channel: thread?.channel ?? settings.channel, text, unfurl_links: false, ...(thread === null ? {} : {thread_ts: thread.ts, reply_broadcast: envelope.purpose === 'resolve'}),
			metadata: {event_type: 'mdc_console', event_payload: {incident: envelope.incident.id, message: envelope.id}},
		}),
		deadlineMs, secrets: [secret],
	});
	return deliveryOf(answer, answered => {
		const ok = fieldOf(answered.json, 'ok');
		if (ok === true) {
			const [channel, ts] = [textOf(fieldOf(answered.json, 'channel')), textOf(fieldOf(answered.json, 'ts'))];
			return accepted(wordsOf(`ok ${ts}`, []), thread === null && channel !== '' && ts !== '' ? `${channel} ${ts}` : null);
		}

		const error = textOf(fieldOf(answered.json, 'error'));
		return ok !== false ? strange(answered) : (passing.has(error)
			? {kind: 'refused', code: 'service-down', words: wordsOf(error, [secret]), isTemporary: true, retryAfterMs: answered.retryAfterMs}
			: rejected(wordsOf(error, [secret])));
	});
};
