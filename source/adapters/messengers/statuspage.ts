/**
Statuspage.io: one incident with its components, updates to it, its end. It knows no key of ours, so before anything is created or added it is asked whether
that is there already: our incident by its metadata, an update by its text.
*/

import type {ChannelSettings, Delivery, Envelope} from '../../core/messengers.ts';
import {accepted, deliveryOf, fieldOf, strange, textOf} from './judge.ts';
import {send, type Answer, type Request} from './http.ts';
import type {SendContext} from './context.ts';
import {emptyText} from '../../core/text.ts';

type Settings = Extract<ChannelSettings, {kind: 'statuspage'}>;

const bodyLongest = 25_000;
const nameLongest = 255;

/** Components are out as long as it lasts, and back with the end and while it is watched. */
const componentsOf = ({components}: Settings, {state}: Envelope): Readonly<Record<string, string>> =>
	Object.fromEntries(components.map(id => [id, state === 'resolved' || state === 'monitoring' ? 'operational' : 'major_outage']));

export const sendToStatuspage = async (settings: Settings, envelope: Envelope, context: SendContext): Promise<Delivery> => {
	const {secret, deadlineMs, userAgent} = context;
	const base = `${settings.url}/v1/pages/${settings.page}/incidents`;
	const call = async (method: Request['method'], path: string, body?: unknown): Promise<Answer> => send({
		method, url: `${base}${path}`, headers: {Authorization: `OAuth ${secret}`, 'Content-Type': 'application/json', 'User-Agent': userAgent}, deadlineMs, secrets: [secret], ...(body === undefined ? {} : {body: JSON.stringify(body)}),
	});

	const reference = envelope.reference ?? await findOurs(call, envelope);
	if (reference !== null && typeof reference !== 'string') {
		return reference.failed;
	}

	const incident = {
		status: envelope.state, body: envelope.body.slice(0, bodyLongest), deliver_notifications: envelope.purpose !== 'cancel' && settings.notify, ...(settings.components.length === 0 ? {} : {components: componentsOf(settings, envelope)}),
	};
	if (reference === null) {
		return envelope.state === 'resolved'
			? {kind: 'refused', code: 'rejected', words: emptyText, isTemporary: false, retryAfterMs: null}
			: judged(await call('POST', '', {incident: {...incident, name: envelope.subject.slice(0, nameLongest), ...(settings.components.length === 0 ? {} : {component_ids: settings.components}), metadata: {mdc: {incident: envelope.incident.id}}}}));
	}

	return await hasUpdate(call, reference, envelope) ? accepted(emptyText, reference) : judged(await call('PATCH', `/${encodeURIComponent(reference)}`, {incident}));
};

type Call = (method: Request['method'], path: string, body?: unknown) => Promise<Answer>;

const judged = (answer: Answer): Delivery => deliveryOf(answer, answered => {
	const id = textOf(fieldOf(answered.json, 'id'));
	const link = textOf(fieldOf(answered.json, 'shortlink'));
	return id === '' ? strange(answered) : accepted(emptyText, id, /^https?:\/\//.test(link) ? link : null);
});

/** Our incident among those that are open: made by an attempt whose answer was lost. */
const findOurs = async (call: Call, {incident}: Envelope): Promise<string | null | {readonly failed: Delivery}> => {
	const answer = await call('GET', '/unresolved');
	if (answer.kind !== 'answered' || answer.status !== 200 || !Array.isArray(answer.json)) {
		const failed = deliveryOf(answer, answered => strange(answered));
		// A question that was not answered has changed nothing: it is asked again.
		return {failed: failed.kind === 'unknown' ? {kind: 'refused', code: 'no-answer', words: failed.words, isTemporary: true, retryAfterMs: null} : failed};
	}

	const ours = (answer.json as readonly unknown[]).find(item => fieldOf(item, 'metadata', 'mdc', 'incident') === incident.id);
	return ours === undefined ? null : textOf(fieldOf(ours, 'id')) || null;
};

const hasUpdate = async (call: Call, reference: string, envelope: Envelope): Promise<boolean> => {
	const answer = await call('GET', `/${encodeURIComponent(reference)}`);
	const updates = answer.kind === 'answered' ? fieldOf(answer.json, 'incident_updates') : undefined;
	return Array.isArray(updates) && (updates as readonly unknown[]).some(update => fieldOf(update, 'status') === envelope.state && fieldOf(update, 'body') === envelope.body.slice(0, bodyLongest));
};
