/** PagerDuty, Events API v2: trigger, acknowledge and resolve by one dedup key for each incident, and change events, which page nobody. 202 means accepted, not paged. */

import type {ChannelSettings, Delivery, Envelope} from '../../core/messengers.ts';
import {accepted, deliveryOf, fieldOf, strange, textOf} from './judge.ts';
import {send, wordsOf} from './http.ts';
import type {SendContext} from './context.ts';

type Settings = Extract<ChannelSettings, {kind: 'pagerduty'}>;

const summaryLongest = 1024;
const keyLongest = 255;

/** One open alert for each incident, whoever sends and however often; what was opened by a key is acknowledged and resolved by it. */
export const dedupKeyOf = ({dedupKey}: Settings, {incident, origin, reference}: Envelope): string => (reference ?? dedupKey ?? `mdc:${origin}:${incident.project}:${incident.id}`).slice(0, keyLongest);

const severityOf = (severity: string): string => {
	const known = /critical|error|warning|info/.exec(severity.toLowerCase())?.[0];
	// Unclear: the worse is assumed.
	return known ?? 'critical';
};

const actions: Readonly<Record<string, 'acknowledge' | 'resolve'>> = {acknowledge: 'acknowledge', resolve: 'resolve', cancel: 'resolve'};

const bodyOf = (settings: Settings, routingKey: string, envelope: Envelope): unknown => {
	const {incident, body, atMs} = envelope;
	const summary = body.replaceAll(/\s+/g, ' ').slice(0, summaryLongest);
	if (envelope.purpose === 'change') {
		return {routing_key: routingKey, payload: {summary, timestamp: new Date(atMs).toISOString(), source: incident.host, custom_details: {incident: incident.id, project: incident.project}}};
	}

	const action = actions[envelope.purpose] ?? 'trigger';
	return {
		routing_key: routingKey, event_action: action, dedup_key: dedupKeyOf(settings, envelope),
		...(action === 'trigger' ? {
			client: 'mdc-console',
			payload: {
				summary, source: incident.host, severity: severityOf(incident.severity), timestamp: new Date(incident.beganAtMs).toISOString(), component: incident.service, group: incident.project, class: incident.alert,
				custom_details: {incident: incident.id, text: body},
			},
		} : {}),
	};
};

export const sendToPagerDuty = async (settings: Settings, envelope: Envelope, {secret, deadlineMs, userAgent}: SendContext): Promise<Delivery> => {
	const answer = await send({
		method: 'POST', url: `${settings.url}/v2/${envelope.purpose === 'change' ? 'change/enqueue' : 'enqueue'}`, headers: {'Content-Type': 'application/json', 'User-Agent': userAgent},
		body: JSON.stringify(bodyOf(settings, secret, envelope)), deadlineMs, secrets: [secret],
	});
	return deliveryOf(answer, answered => fieldOf(answered.json, 'status') === 'success'
		? accepted(wordsOf(textOf(fieldOf(answered.json, 'message')), [secret]), envelope.purpose === 'change' ? null : dedupKeyOf(settings, envelope))
		: strange(answered));
};
