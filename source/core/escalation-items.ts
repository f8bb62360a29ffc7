/**
The escalation as a list of things to do: what the runbook's steps (and further levels) mean, whom each reaches, what follows once others were told
(acknowledged, mitigated, ended, the next update for customers), and how each stands. Worked out anew from the incident, never stored.
*/

import {isPlaceholderNumber, numberIn} from './contacts.ts';
import type {Incident} from './incident.ts';
import {channelKinds, type ChannelKind, type MessagePurpose, type PublicState} from './messengers.ts';
import type {Message, Outbox} from './outbox.ts';
import type {EscalationSettings} from './settings.ts';

/** `phone` and `other` are done by a person, who says so. */
export type ItemKind = ChannelKind | 'phone' | 'other';

export type Item = {
	/** Stable over consoles and restarts: what the journal calls it. */
	readonly id: string;
	readonly kind: ItemKind;
	readonly purpose: MessagePurpose;
	/** From 1; null for what follows a message. */
	readonly level: number | null;
	/** The step in the runbook's own words; empty for the console's own. */
	readonly label: string;
	readonly contact: {readonly role: string; readonly name: string; readonly reach: string; readonly isPlaceholder: boolean} | null;
	readonly dueAtMs: number;
	/** The console can send it. */
	readonly isConfigured: boolean;
	/** How a status page calls the state. */
	readonly publicState: PublicState;
	readonly message: Message | null;
	/** The run that a `change` is about. */
	readonly run: string | null;
};

/** Nobody has dealt with it yet, or it did not work: somebody has to. */
export const isOpenItem = ({message}: Item): boolean => message === null || message.state === 'unknown' || message.state === 'expired' || (message.state === 'failed' && message.retryAtMs === null);

export type Level = {readonly number: number; readonly atMs: number; readonly steps: readonly string[]};

/** The levels with their instants, the first one the runbook's own. */
export const levelsOf = (incident: Incident, settings: EscalationSettings): readonly Level[] =>
	[{afterMs: settings.afterMs, steps: settings.steps}, ...settings.levels.toSorted((a, b) => a.afterMs - b.afterMs)]
		.map(({afterMs, steps}, index) => ({number: index + 1, atMs: incident.outage.sinceMs + afterMs, steps}));

const isConfigured = (settings: EscalationSettings, kind: ItemKind): boolean => settings.channels.some(channel => channel.kind === kind);

const fold = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

const contactIn = (step: string, settings: EscalationSettings): EscalationSettings['contacts'][number] | null => {
	const plain = fold(step);
	return settings.contacts.find(({role, name}) => (role !== '' && plain.includes(fold(role))) || (name !== '' && plain.includes(fold(name)))) ?? null;
};

/** Read once for each settings: the list is asked for with every frame. */
const kindsRead = new WeakMap<EscalationSettings, Map<string, ItemKind>>();

/** Which service, or whom, a step of the runbook means. */
export const kindOfStep = (step: string, settings: EscalationSettings): ItemKind => {
	const read = kindsRead.get(settings) ?? new Map<string, ItemKind>();
	kindsRead.set(settings, read);
	const kind = read.get(step) ?? readStep(step, settings);
	read.set(step, kind);
	return kind;
};

const readStep = (step: string, settings: EscalationSettings): ItemKind => {
	const plain = fold(step);
	const named = channelKinds.find(kind => plain === kind);
	if (named !== undefined) {
		return named;
	}

	const contact = contactIn(step, settings);
	const all = `${plain} ${fold(contact?.reach ?? '')}`;
	if (/pager ?duty/.test(all)) {
		return 'pagerduty';
	}

	if (/\bslack\b|(?:^|\s)#[\w-]+/.test(all)) {
		return 'slack';
	}

	if (/status ?page|pagina de status|(?:^|[\s/])status\.[\w.-]+/.test(plain)) {
		return isConfigured(settings, 'cachet') && !isConfigured(settings, 'statuspage') ? 'cachet' : 'statuspage';
	}

	if (/\bgithub\b/.test(plain)) {
		return 'github';
	}

	return numberIn(step) !== null || numberIn(contact?.reach ?? '') !== null ? 'phone' : 'other';
};

type Draft = Omit<Item, 'message' | 'isConfigured'>;

const stepItem = (step: string, index: number, level: Level, settings: EscalationSettings): Draft => {
	const kind = kindOfStep(step, settings);
	const contact = contactIn(step, settings);
	const reach = numberIn(step) ?? contact?.reach ?? '';
	const isCall = kind === 'phone' || (contact !== null && numberIn(contact.reach) !== null);
	return {
		id: `l${level.number}/${kind === 'phone' || kind === 'other' ? `${kind}-${index + 1}` : kind}`, kind, purpose: 'escalate', level: level.number, label: step,
		contact: isCall && reach !== '' ? {role: contact?.role ?? '', name: contact?.name ?? '', reach, isPlaceholder: isPlaceholderNumber(reach)} : null,
		dueAtMs: level.atMs, publicState: 'investigating', run: null,
	};
};

/** The team's own channels that no step names still belong to the first level; an issue is for afterwards. */
const unnamed = (settings: EscalationSettings, level: Level, steps: readonly Draft[]): readonly Draft[] => settings.channels
	.filter(({kind}) => kind !== 'github' && !steps.some(step => step.kind === kind))
	.map(({kind}): Draft => ({id: `l${level.number}/${kind}`, kind, purpose: 'escalate', level: level.number, label: '', contact: null, dueAtMs: level.atMs, publicState: 'investigating', run: null}));

const withoutDoubles = (drafts: readonly Draft[]): readonly Draft[] => drafts.filter((draft, index) => drafts.findIndex(({id}) => id === draft.id) === index);

const levelItems = (incident: Incident, settings: EscalationSettings): readonly Draft[] => {
	const levels = levelsOf(incident, settings);
	const all = levels.map(level => level.steps.map((step, index) => stepItem(step, index, level, settings)));
	const named = all.flat();
	return withoutDoubles(levels.flatMap((level, index) => index === 0 ? [...all[0]!, ...unnamed(settings, level, named)] : all[index]!));
};

// ─── what follows ────────────────────────────────────────────────────────────

/** The services that know of the incident through this console, with when they were first and last told. */
const toldAt = (outbox: Outbox, kind: ItemKind): {readonly firstMs: number; readonly lastMs: number} | null => {
	const sent = Object.values(outbox).filter(message => message.channel === kind && (message.state === 'sent' || message.state === 'unknown') && message.purpose !== 'change').map(({atMs}) => atMs);
	return sent.length === 0 ? null : {firstMs: Math.min(...sent), lastMs: Math.max(...sent)};
};

const follow = (id: string, kind: ChannelKind, purpose: MessagePurpose, dueAtMs: number, publicState: PublicState): Draft => ({id: `${id}/${kind}`, kind, purpose, level: null, label: '', contact: null, dueAtMs, publicState, run: null});

const seconds = (atMs: number): string => Math.floor(atMs / 1000).toString(36);

const isPublic = (kind: ItemKind): boolean => kind === 'statuspage' || kind === 'cachet';

/** Customers are told again after a while, each time anew, as long as it lasts. */
const updateItems = (incident: Incident, outbox: Outbox, settings: EscalationSettings): readonly Draft[] => settings.channels.filter(({kind}) => isPublic(kind)).flatMap(({kind}): readonly Draft[] => {
	const told = toldAt(outbox, kind);
	if (told === null || incident.state !== 'open') {
		return [];
	}

	const before = Object.values(outbox).filter(message => message.purpose === 'update' && message.id.endsWith(`/${kind}`));
	const ended = before.filter(message => message.state === 'sent' || message.state === 'waived' || message.state === 'by-hand');
	const lastMs = Math.max(told.lastMs, ...ended.map(({atMs}) => atMs));
	const hasActed = incident.timeline.some(({type}) => type === 'action/started');
	return [follow(`update-${ended.length + 1}`, kind, 'update', lastMs + settings.updateEveryMs, hasActed ? 'identified' : 'investigating')];
});

const rollbacks: ReadonlySet<unknown> = new Set(['rollback-commit', 'rollback-image', 'rollback-back']);

const changeItems = (incident: Incident, settings: EscalationSettings): readonly Draft[] => !isConfigured(settings, 'pagerduty') ? [] : incident.timeline
	.filter(({type, data}) => type === 'action/started' && rollbacks.has(data['action']) && typeof data['run'] === 'string')
	.map(({atMs, data}): Draft => ({...follow(`change-${String(data['run'])}`, 'pagerduty', 'change', atMs, 'identified'), run: String(data['run'])}));

const followItems = (incident: Incident, settings: EscalationSettings): readonly Draft[] => {
	const {outbox, acknowledgedAtMs, mitigatedAtMs, endedAtMs, state} = incident;
	const drafts: Draft[] = [];
	for (const {kind} of settings.channels) {
		const told = toldAt(outbox, kind);
		if (told === null || kind === 'github') {
			continue;
		}

		// Who was called after somebody had taken it is to come too: acknowledging there would stop just that.
		if (acknowledgedAtMs !== null && acknowledgedAtMs >= told.firstMs && endedAtMs === null && (kind === 'pagerduty' || kind === 'slack')) {
			drafts.push(follow('ack', kind, 'acknowledge', acknowledgedAtMs, 'investigating'));
		}

		if (state === 'mitigated' && mitigatedAtMs !== null && kind !== 'pagerduty') {
			drafts.push(follow(`mitigated-${seconds(mitigatedAtMs)}`, kind, 'mitigate', mitigatedAtMs, 'monitoring'));
		}

		if (endedAtMs !== null) {
			drafts.push(follow('end', kind, state === 'cancelled' ? 'cancel' : 'resolve', endedAtMs, 'resolved'));
		}
	}

	const issue = endedAtMs !== null && state !== 'cancelled' && isConfigured(settings, 'github') ? [follow('end', 'github', 'issue', endedAtMs, 'resolved')] : [];
	return [...drafts, ...updateItems(incident, outbox, settings), ...changeItems(incident, settings), ...issue];
};

/** What of an update that was overtaken by the next, or by the end, is still in the journal. */
const leftOver = (incident: Incident, drafts: readonly Draft[]): readonly Draft[] => Object.values(incident.outbox)
	.filter(message => !drafts.some(({id}) => id === message.id))
	.map((message): Draft => ({
		id: message.id, kind: message.channel ?? 'other', purpose: message.purpose, level: null, label: '', contact: null, dueAtMs: message.approvedAtMs, publicState: message.publicState, run: null,
	}));

/** Of each incident as it is: worked out once for the settings, and asked for after every event and with every frame. */
const worked = new WeakMap<Incident, {readonly settings: EscalationSettings; readonly items: readonly Item[]}>();

/** Everything there is to do and was done for an incident, in the order of the list. */
export const itemsOf = (incident: Incident, settings: EscalationSettings): readonly Item[] => {
	const known = worked.get(incident);
	if (known?.settings === settings) {
		return known.items;
	}

	const items = workOut(incident, settings);
	worked.set(incident, {settings, items});
	return items;
};

const workOut = (incident: Incident, settings: EscalationSettings): readonly Item[] => {
	const levels = levelItems(incident, settings);
	const isOver = incident.endedAtMs !== null;
	// When it is over nobody is called any more; what was said stays in sight.
	const shown = isOver ? levels.filter(({id}) => Object.hasOwn(incident.outbox, id)) : levels;
	const drafts = [...shown, ...followItems(incident, settings)];
	return [...drafts, ...leftOver(incident, drafts)].map((draft): Item => ({
		...draft,
		isConfigured: isConfigured(settings, draft.kind),
		message: Object.hasOwn(incident.outbox, draft.id) ? incident.outbox[draft.id]! : null,
	}));
};

/** What follows a message and is due: proposed, never sent by itself. */
export const dueFollowUps = (items: readonly Item[], nowMs: number): readonly Item[] => items.filter(item => item.level === null && isOpenItem(item) && item.message === null && nowMs >= item.dueAtMs);
