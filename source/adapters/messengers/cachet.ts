/** Cachet 3: an incident that everybody sees, with its components; updates to it; its end. It knows no key of ours: a lost answer stays open. */

import type {ChannelSettings, Delivery, Envelope, PublicState} from '../../core/messengers.ts';
import {accepted, deliveryOf, fieldOf, strange, textOf} from './judge.ts';
import {send, type Answer} from './http.ts';
import type {SendContext} from './context.ts';
import {emptyText} from '../../core/text.ts';

type Settings = Extract<ChannelSettings, {kind: 'cachet'}>;

const statuses: Readonly<Record<PublicState, number>> = {investigating: 1, identified: 2, monitoring: 3, resolved: 4};
const operational = 1;
const majorOutage = 4;
const nameLongest = 255;

export const sendToCachet = async (settings: Settings, envelope: Envelope, {secret, deadlineMs, userAgent}: SendContext): Promise<Delivery> => {
	const call = async (method: 'POST' | 'PATCH', path: string, body: unknown): Promise<Answer> => send({
		method, url: `${settings.url}/api${path}`, headers: {Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json', Accept: 'application/json', 'User-Agent': userAgent}, body: JSON.stringify(body), deadlineMs, secrets: [secret],
	});
	const status = statuses[envelope.state];
	const isBack = envelope.state === 'resolved' || envelope.state === 'monitoring';
	const {reference} = envelope;
	if (reference === null) {
		return envelope.state === 'resolved' ? {kind: 'refused', code: 'rejected', words: emptyText, isTemporary: false, retryAfterMs: null} : judged(await call('POST', '/incidents', {
			name: envelope.subject.slice(0, nameLongest), status, message: envelope.body, visible: true, notifications: settings.notify, occurred_at: new Date(envelope.incident.beganAtMs).toISOString(),
			...(settings.components.length === 0 ? {} : {components: settings.components.map(id => ({id, status: majorOutage}))}),
		}), null);
	}

	const updated = judged(await call('POST', `/incidents/${encodeURIComponent(reference)}/updates`, {status, message: envelope.body}), reference);
	if (updated.kind === 'accepted') {
		await Promise.all(settings.components.map(async id => call('PATCH', `/components/${id}`, {status: isBack ? operational : majorOutage})));
	}

	return updated;
};

const judged = (answer: Answer, reference: string | null): Delivery => deliveryOf(answer, answered => {
	const id = textOf(fieldOf(answered.json, 'data', 'id')) || textOf(fieldOf(answered.json, 'id'));
	return id === '' ? strange(answered) : accepted(emptyText, reference ?? id);
});
