/** The issue that prevents it next time. GitHub knows no key of ours: a mark in the text is looked for among the latest issues before one is made. */

import type {ChannelSettings, Delivery, Envelope} from '../../core/messengers.ts';
import {accepted, deliveryOf, fieldOf, strange, textOf} from './judge.ts';
import {send, type Answer} from './http.ts';
import type {SendContext} from './context.ts';
import {emptyText} from '../../core/text.ts';

type Settings = Extract<ChannelSettings, {kind: 'github'}>;

const apiVersion = '2022-11-28';

const markOf = ({incident}: Envelope): string => `<!-- mdc-incident: ${incident.id} -->`;

export const sendToGithub = async (settings: Settings, envelope: Envelope, {secret, deadlineMs, userAgent}: SendContext): Promise<Delivery> => {
	const base = `${settings.url}/repos/${settings.repository}/issues`;
	const call = async (method: 'GET' | 'POST', query: string, body?: unknown): Promise<Answer> => send({
		method, url: `${base}${query}`, deadlineMs, secrets: [secret], ...(body === undefined ? {} : {body: JSON.stringify(body)}),
		headers: {Authorization: `Bearer ${secret}`, Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': apiVersion, 'Content-Type': 'application/json', 'User-Agent': userAgent},
	});
	const known = await call('GET', '?state=all&sort=created&direction=desc&per_page=20');
	if (known.kind !== 'answered' || known.status !== 200 || !Array.isArray(known.json)) {
		const failed = deliveryOf(known, answered => strange(answered));
		return failed.kind === 'unknown' ? {kind: 'refused', code: 'no-answer', words: failed.words, isTemporary: true, retryAfterMs: null} : failed;
	}

	const ours = (known.json as readonly unknown[]).find(issue => textOf(fieldOf(issue, 'body')).includes(markOf(envelope)));
	return ours === undefined
		? judged(await call('POST', '', {title: envelope.subject, body: `${envelope.body}\n\n${markOf(envelope)}`, labels: settings.labels}))
		: accepted(emptyText, textOf(fieldOf(ours, 'number')) || null, linkOf(ours));
};

const linkOf = (issue: unknown): string | null => {
	const link = textOf(fieldOf(issue, 'html_url'));
	return /^https?:\/\//.test(link) ? link : null;
};

const judged = (answer: Answer): Delivery => {
	const delivery = deliveryOf(answer, answered => {
		const number = textOf(fieldOf(answered.json, 'number'));
		return number === '' ? strange(answered) : accepted(emptyText, number, linkOf(answered.json));
	});
	// Its secondary limits come as 403 with a time to wait.
	return delivery.kind === 'refused' && answer.kind === 'answered' && answer.status === 403 && answer.retryAfterMs !== null ? {...delivery, code: 'rate-limited', isTemporary: true} : delivery;
};
