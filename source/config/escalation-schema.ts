/** The shape of `escalation:` in the configuration: policy, channels, templates. The pieces that every part of the file is made of come from the schema. */

import * as z from 'zod';
import {channelKinds} from '../core/messengers.ts';
import {templateFields, templateNames, type TemplateName} from '../core/message-texts.ts';
import type {Expectation} from '../core/settings.ts';
import {makeSafe} from '../core/text.ts';
import {duration, expecting, flag, list, mapping, oneOf, text} from './pieces.ts';

const secret = () => z.union([
	z.strictObject({env: z.string(expecting({kind: 'secret'})).regex(/^[A-Za-z_]\w*$/, expecting({kind: 'secret'}))}),
	z.strictObject({file: text('path', 4000)}),
], expecting({kind: 'secret'}));

const isPlainAddress = (value: string): boolean => {
	const url = URL.parse(value);
	return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === '';
};

const address = (usual: string | null) => {
	const expectation: Expectation = {kind: 'url'};
	const one = z.string(expecting(expectation)).refine(isPlainAddress, expecting(expectation)).transform(value => value.replace(/\/+$/, ''));
	return usual === null ? one : one.optional().describe(`Default ${usual}.`);
};

const contact = () => mapping({
	role: text('text', 60).describe('Such as Tech Lead or On-Call.'),
	name: z.string(expecting({kind: 'text'})).max(100, expecting({kind: 'text', most: '100'})).transform(value => makeSafe(value).trim()).optional().describe('Who; may be left out.'),
	reach: text('text', 200).describe('Telephone number, channel or address.'),
});

const wholeNumber = (least: number, most: number) => {
	const expectation = expecting({kind: 'scalar', least: String(least), most: String(most)});
	return z.number(expectation).int(expectation).min(least, expectation).max(most, expectation);
};

const template = (name: TemplateName) => z.string(expecting({kind: 'text'})).min(1, expecting({kind: 'text'})).max(5000, expecting({kind: 'text', most: '5000'})).optional()
	.describe(`Text of "${name}". Fields: ${templateFields.map(field => `{${field}}`).join(' ')}`);

const channels = () => mapping({
	pagerduty: mapping({
		'routing-key': secret().describe('Integration key of the service (Events API v2).'),
		url: address('https://events.pagerduty.com').describe('Accounts in the EU have another host. Default https://events.pagerduty.com.'),
		'dedup-key': text('text', 255).optional().describe('Where the alert pages through another way already: the key that it uses. Default: one of the console\'s own for each incident.'),
	}).optional().describe('PagerDuty, Events API v2.'),
	slack: mapping({
		webhook: secret().optional().describe('Address of an incoming webhook.'),
		token: secret().optional().describe('Token of a bot (chat:write): then one thread for each incident.'),
		channel: text('text', 100).optional().describe('Where a bot posts. Default #incidents.'),
		url: address('https://slack.com'),
	}).optional().describe('Slack: a webhook or a bot.'),
	statuspage: mapping({
		'api-key': secret().describe('API key.'),
		page: z.string(expecting({kind: 'text'})).regex(/^\w{1,60}$/, expecting({kind: 'text'})).describe('Id of the page.'),
		components: list(z.string(expecting({kind: 'text'})).regex(/^\w{1,60}$/, expecting({kind: 'text'}))).optional().describe('Ids of the components that are out while it lasts.'),
		notify: flag().optional().describe('Whether subscribers get a mail. Default true.'),
		url: address('https://api.statuspage.io'),
	}).optional().describe('Statuspage.io.'),
	cachet: mapping({
		token: secret().describe('API token.'),
		url: address(null).describe('Address of the page, without /api.'),
		components: list(wholeNumber(1, 1_000_000_000)).optional().describe('Numbers of the components that are out while it lasts.'),
		notify: flag().optional().describe('Whether subscribers get a mail. Default true.'),
	}).optional().describe('Cachet 3.'),
	hook: mapping({
		url: address(null).describe('Where the signed JSON is posted.'),
		'signing-key': secret().describe('Key of the HMAC-SHA256 in X-MDC-Signature.'),
	}).optional().describe('A webhook of the team\'s own, signed.'),
	github: mapping({
		repository: z.string(expecting({kind: 'text'})).regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, expecting({kind: 'text'})).describe('owner/name.'),
		token: secret().optional().describe('May create issues. Without it the console shows the address with everything filled in.'),
		labels: list(text('text', 50)).optional().describe('Default: incident.'),
		url: address('https://api.github.com'),
		web: address('https://github.com'),
	}).optional().describe('The issue that prevents it next time.'),
	command: mapping({
		run: list(z.string(expecting({kind: 'text'})).min(1, expecting({kind: 'text'})).max(1000, expecting({kind: 'text', most: '1000'}))).min(1, expecting({kind: 'list'})).describe('Program and arguments, run without a shell; the text comes on standard input.'),
		deadline: duration('1s', '30s').optional().describe('Ended after so long. Default 10s.'),
	}).optional().describe('A program of the team\'s own.'),
});

/** `escalation:`. Every key may be left out. */
export const escalationSchema = () => mapping({
	after: duration('10s', '1d').optional().describe('From the start of the outage until the prompt to escalate. Default 10m.'),
	warn: duration('10s', '1d').optional().describe('From the start of the outage until it is announced. Default 8m.'),
	contacts: list(contact()).optional().describe('Whom to call. A list here replaces the default one.'),
	steps: list(text('text', 200)).optional().describe('What to do, in this order. A list here replaces the default one.'),
	levels: list(mapping({
		after: duration('1m', '7d').describe('From the start of the outage.'),
		steps: list(text('text', 200)).min(1, expecting({kind: 'list'})).describe('As above: a contact\'s role, or a channel\'s name.'),
	})).max(9, expecting({kind: 'list', most: '9'})).optional().describe('Further levels, beyond the first.'),
	repeat: mapping({
		every: duration('1m', '1d').optional().describe('Default 5m.'),
		most: wholeNumber(0, 20).optional().describe('Default 3.'),
	}).optional().describe('How often the prompt rings again while something of it is open.'),
	'update-every': duration('5m', '1d').optional().describe('When customers should hear again. Default 20m.'),
	expire: duration('5m', '1d').optional().describe('A message that could not be sent for so long is not sent any more. Default 30m.'),
	language: oneOf(['auto', 'en', 'pt-BR']).optional().describe('Language of the messages. Default: the console\'s.'),
	unattended: list(oneOf(channelKinds as readonly [typeof channelKinds[number], ...typeof channelKinds])).optional()
		.describe('Sent by a timer of the system (systemd) when the deadline comes and nobody has acknowledged, also with no console open. Default: none.'),
	channels: channels().optional().describe('Services that the console may send to; nothing is sent without a y.'),
	templates: mapping(Object.fromEntries(templateNames.map(name => [name, template(name)])) as Record<TemplateName, ReturnType<typeof template>>).optional()
		.describe('Texts of the team\'s own, with fields in braces.'),
}).optional().describe('When to escalate, to whom, and how.');

export type EscalationInput = z.output<ReturnType<typeof escalationSchema>>;
