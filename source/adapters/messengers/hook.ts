/** A webhook of the team's own: JSON, signed with HMAC-SHA256 over `timestamp.body`, with an id that stays the same when it is sent again. */

import {createHmac} from 'node:crypto';
import type {ChannelSettings, Delivery, Envelope} from '../../core/messengers.ts';
import {accepted, deliveryOf} from './judge.ts';
import {send} from './http.ts';
import type {SendContext} from './context.ts';

type Settings = Extract<ChannelSettings, {kind: 'hook'}>;

/** What the receiver checks: `sha256=` and the hexadecimal HMAC of the time stamp, a dot and the body as it came. */
export const signatureOf = (key: string, timestamp: string, body: string): string => `sha256=${createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')}`;

export const sendToHook = async (settings: Settings, envelope: Envelope, {secret, deadlineMs, userAgent}: SendContext, nowMs = Date.now()): Promise<Delivery> => {
	const {id, purpose, subject, body: text, state, incident, atMs} = envelope;
	const body = JSON.stringify({schemaVersion: 1, id, purpose, state, subject, text, incident: {...incident, beganAt: new Date(incident.beganAtMs).toISOString()}, at: new Date(atMs).toISOString()});
	const timestamp = String(Math.floor(nowMs / 1000));
	const answer = await send({
		method: 'POST', url: settings.url, deadlineMs, secrets: [secret], body,
		headers: {'Content-Type': 'application/json', 'User-Agent': userAgent, 'X-MDC-Delivery': id, 'X-MDC-Timestamp': timestamp, 'X-MDC-Signature': signatureOf(secret, timestamp, body)},
	});
	return deliveryOf(answer, ({words}) => accepted(words));
};
