/**
What a message says, before it has words: the facts that go into it, the names of the templates that a team may write of its own, and the fields that
those may name. The words are in `messages`; core gets them as a function, as it gets the commands' names.
*/

import type {Finding} from './diagnosis.ts';
import type {ChannelKind, MessagePurpose, PublicState} from './messengers.ts';

/** `page`: PagerDuty's summary. `team…`: Slack, the webhook, a command. The four states and `cancelled`: a status page. */
export const templateNames = [
	'page', 'team', 'team-acknowledged', 'team-update', 'team-mitigated', 'team-resolved', 'team-cancelled', 'change',
	'public-title', 'investigating', 'identified', 'monitoring', 'resolved', 'cancelled', 'issue-title', 'issue',
] as const;
export type TemplateName = typeof templateNames[number];

/** What a template may name in braces. */
export const templateFields = [
	'incident', 'alert', 'severity', 'service', 'project', 'host', 'since', 'down', 'now', 'next-update', 'acknowledged-by', 'finding', 'action', 'reason',
] as const;
export type TemplateField = typeof templateFields[number];

export type MessageFacts = {
	readonly channel: ChannelKind;
	readonly purpose: MessagePurpose;
	readonly state: PublicState;
	readonly incident: string;
	readonly alert: string;
	readonly severity: string;
	readonly service: string;
	readonly project: string;
	readonly host: string;
	readonly sinceMs: number;
	readonly atLeast: boolean;
	readonly downMs: number;
	readonly nowMs: number;
	readonly nextUpdateMs: number;
	readonly acknowledgedBy: string | null;
	/** The likeliest one. */
	/** Its code may be a newer console's, where it is taken from the record. */
	readonly finding: (Pick<Finding, 'service' | 'params'> & {readonly code: string}) | null;
	/** The rollback that a `change` is about, or the last action that helped. */
	readonly action: {readonly id: string; readonly title: string | null} | null;
	readonly reason: string;
	readonly templates: Readonly<Partial<Record<TemplateName, string>>>;
};

/** `subject` is empty where the service has no title. */
export type MessageText = {readonly subject: string; readonly body: string};

export type Composer = (facts: MessageFacts) => MessageText;

/** Without words: what a console says that was given none. */
export const plainComposer: Composer = ({incident, alert, purpose}) => ({subject: `${alert} ${incident}`, body: `${alert} ${incident} ${purpose}`});

const field = /\{([^{}\n]*)\}/g;

/** The names in braces that no field has, with where each begins. */
export const unknownFields = (template: string): readonly {readonly name: string; readonly at: number}[] =>
	[...template.matchAll(field)].map(match => ({name: match[1]!, at: match.index})).filter(({name}) => !(templateFields as readonly string[]).includes(name));
