/** How the entries of `escalation:` go together: templates with fields that are none, a Slack with no way in, a timer that could not read its secret. */

import {nearest} from '../core/nearest.ts';
import {templateFields, unknownFields} from '../core/message-texts.ts';
import {defaultSettings, usualEscalation} from '../core/settings.ts';
import type {FoundProblem} from './checks.ts';
import {parseDuration} from './units.ts';

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const own = (tree: unknown, key: string): unknown => isTree(tree) && Object.hasOwn(tree, key) ? tree[key] : undefined;

/** Everything that is wrong between the entries of `escalation:`. */
export const checkEscalation = (escalation: unknown): readonly FoundProblem[] => [
	...checkTemplates(own(escalation, 'templates')),
	...checkSlack(own(own(escalation, 'channels'), 'slack')),
	...checkUnattended(own(escalation, 'unattended'), own(escalation, 'channels')),
	...checkWarning(escalation),
];

const checkTemplates = (templates: unknown): readonly FoundProblem[] => !isTree(templates) ? [] : Object.entries(templates).flatMap(([name, template]) => typeof template !== 'string' ? [] : unknownFields(template).map(({name: field}): FoundProblem => {
	const suggestion = nearest(field, templateFields);
	return {code: 'unknown-field', path: ['escalation', 'templates', name], at: 'value', got: `{${field}}`, params: {known: templateFields.map(known => `{${known}}`).join(' ')}, ...suggestion !== null && {suggestion: `{${suggestion}}`}};
}));

const checkSlack = (slack: unknown): readonly FoundProblem[] => {
	const ways = ['webhook', 'token'].filter(key => own(slack, key) !== undefined);
	return isTree(slack) && ways.length !== 1 ? [{code: 'slack-needs-one', path: ['escalation', 'channels', 'slack'], at: 'key', got: ways.join(', ')}] : [];
};

const secretKeys: Readonly<Record<string, readonly string[]>> = {
	pagerduty: ['routing-key'], slack: ['webhook', 'token'], statuspage: ['api-key'], cachet: ['token'], hook: ['signing-key'], github: ['token'], command: [],
};

/** A timer of the system has nobody's environment: what it sends with must lie in a file. */
const checkUnattended = (unattended: unknown, channels: unknown): readonly FoundProblem[] => !Array.isArray(unattended) ? [] : unattended.flatMap((kind: unknown, index): readonly FoundProblem[] => {
	if (typeof kind !== 'string' || !Object.hasOwn(secretKeys, kind)) {
		return [];
	}

	const channel = own(channels, kind);
	if (channel === undefined) {
		return [{code: 'unattended-not-configured', path: ['escalation', 'unattended', index], at: 'value', got: kind}];
	}

	return secretKeys[kind]!.filter(key => own(own(channel, key), 'env') !== undefined).map(key => ({code: 'unattended-needs-file', path: ['escalation', 'channels', kind, key], at: 'value', hidden: true, params: {kind}}));
});

const checkWarning = (escalation: unknown): readonly FoundProblem[] => {
	const given = (key: string, usualMs: number): number | null => {
		const value = own(escalation, key);
		return value === undefined ? usualMs : (typeof value === 'string' ? parseDuration(value) : null);
	};

	// Only where it was written: a short deadline alone moves the warning by itself.
	const [warnMs, afterMs] = [given('warn', usualEscalation.warnMs), given('after', defaultSettings.escalation.afterMs)];
	return own(escalation, 'warn') !== undefined && warnMs !== null && afterMs !== null && warnMs >= afterMs
		? [{code: 'warn-after-prompt', path: ['escalation', 'warn'], at: 'value', got: own(escalation, 'warn')}]
		: [];
};
