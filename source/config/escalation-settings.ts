/** From the checked `escalation:` to its settings: the defaults, and which channels there are. */

import type {ChannelSettings, SecretSource} from '../core/messengers.ts';
import {defaultSettings, usualEscalation, type EscalationSettings} from '../core/settings.ts';
import type {EscalationInput} from './escalation-schema.ts';

type ChannelsInput = NonNullable<NonNullable<EscalationInput>['channels']>;

/** `place` resolves a path against the file's directory. */
export const escalationToSettings = (input: EscalationInput, place: (path: string) => string | null): EscalationSettings => {
	const usual = defaultSettings.escalation;
	const {repeat} = usualEscalation;
	return {
		afterMs: input?.after ?? usual.afterMs,
		contacts: input?.contacts?.map(({role, name, reach}) => ({role, name: name ?? '', reach})) ?? usual.contacts,
		steps: input?.steps ?? usual.steps,
		warnMs: input?.warn ?? usualEscalation.warnMs,
		repeat: {everyMs: input?.repeat?.every ?? repeat.everyMs, most: input?.repeat?.most ?? repeat.most},
		levels: input?.levels?.map(({after, steps}) => ({afterMs: after, steps})) ?? usualEscalation.levels,
		updateEveryMs: input?.['update-every'] ?? usualEscalation.updateEveryMs,
		expireMs: input?.expire ?? usualEscalation.expireMs,
		unattended: input?.unattended ?? usualEscalation.unattended,
		language: input?.language ?? usualEscalation.language,
		templates: Object.fromEntries(Object.entries(input?.templates ?? {}).filter(([, text]) => text !== undefined)),
		channels: input?.channels === undefined ? [] : channelsOf(input.channels, secret => 'file' in secret ? {file: place(secret.file) ?? secret.file} : secret),
	};
};

const channelsOf = (input: ChannelsInput, source: (secret: SecretSource) => SecretSource): readonly ChannelSettings[] => {
	const {pagerduty, slack, statuspage, cachet, hook, github, command} = input;
	const optional = (secret: SecretSource | undefined): SecretSource | null => secret === undefined ? null : source(secret);
	return [
		...(pagerduty === undefined ? [] : [{kind: 'pagerduty' as const, routingKey: source(pagerduty['routing-key']), url: pagerduty.url ?? 'https://events.pagerduty.com', dedupKey: pagerduty['dedup-key'] ?? null}]),
		...(slack === undefined ? [] : [{kind: 'slack' as const, webhook: optional(slack.webhook), token: optional(slack.token), channel: slack.channel ?? '#incidents', url: slack.url ?? 'https://slack.com'}]),
		...(statuspage === undefined ? [] : [{kind: 'statuspage' as const, apiKey: source(statuspage['api-key']), page: statuspage.page, components: statuspage.components ?? [], notify: statuspage.notify ?? true, url: statuspage.url ?? 'https://api.statuspage.io'}]),
		...(cachet === undefined ? [] : [{kind: 'cachet' as const, token: source(cachet.token), url: cachet.url ?? '', components: cachet.components ?? [], notify: cachet.notify ?? true}]),
		...(hook === undefined ? [] : [{kind: 'hook' as const, url: hook.url ?? '', signingKey: source(hook['signing-key'])}]),
		...(github === undefined ? [] : [{kind: 'github' as const, repository: github.repository, token: optional(github.token), labels: github.labels ?? ['incident'], url: github.url ?? 'https://api.github.com', web: github.web ?? 'https://github.com'}]),
		...(command === undefined ? [] : [{kind: 'command' as const, command: command.run, deadlineMs: command.deadline ?? 10_000}]),
	];
};
