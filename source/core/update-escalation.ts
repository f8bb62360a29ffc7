/**
The keys of the escalation: its list, an item with its exact text, the text edited in place. A key looks; `y` on the text that was painted sends it, alone in
its chunk and a moment after the painting, as on a card. What a person did herself is recorded by a key of its own.
*/

import {isOpenItem, itemsOf, type Item} from './escalation-items.ts';
import {escalationOf, parseSnooze} from './escalation.ts';
import {downMs, type Incident} from './incident.ts';
import {editKey, insertText, type Edited} from './message-edit.ts';
import type {MessageFacts, MessageText} from './message-texts.ts';
import {askKept, keepText, keptAt, placeFor} from './kept-texts.ts';
import {isRepeatable, type ChannelKind, type MessagePurpose} from './messengers.ts';
import {canApprove, type HandOutcome} from './outbox.ts';
import {confirmAfterMs} from './screen.ts';
import type {Event, State} from './state.ts';
import {flash, record, withEffect, withView, type Step} from './step.ts';
import {makeSafe, type SafeText} from './text.ts';
import {claimMessage, tellingIncidents} from './update-outbox.ts';
import type {Overlay} from './view.ts';

type MessageOverlay = Extract<Overlay, {kind: 'message'}>;
type Press = {readonly key: string; readonly alone: boolean; readonly atMs: number};

const followUpsForMs = 86_400_000;

/** The incident that the list is of: the one now, else the last one while something of it may still be told. */
export const listedIncident = (state: State): Incident | null => {
	const {incident, lastEnded, nowMs} = state;
	return incident ?? (lastEnded !== null && nowMs - (lastEnded.endedAtMs ?? 0) < followUpsForMs ? lastEnded : null);
};

/** The rows of the list. */
export const listedItems = (state: State): readonly Item[] => {
	const incident = listedIncident(state);
	return incident === null ? [] : itemsOf(incident, state.settings.escalation);
};

/** Opens the list on the first thing that is to be done. */
export const openEscalation = (step: Step): Step => withView(step, {overlay: {kind: 'escalation', cursor: Math.max(0, listedItems(step.state).findIndex(item => isOpenItem(item)))}, prompt: null});

// ─── texts ───────────────────────────────────────────────────────────────────

const channelOf = (item: Item): ChannelKind => item.kind === 'phone' || item.kind === 'other' ? 'slack' : item.kind;

const actionOf = (incident: Incident, item: Item): MessageFacts['action'] => {
	const started = item.run === null
		? incident.timeline.findLast(({type, data}) => type === 'action/verified' && data['verdict'] === 'recovered')
		: incident.timeline.find(({type, data}) => type === 'action/started' && data['run'] === item.run);
	const {action, title} = started?.data ?? {};
	return typeof action === 'string' ? {id: action, title: typeof title === 'string' ? title : null} : null;
};

const reasonOf = (incident: Incident): string => {
	const reason = incident.timeline.findLast(({type}) => type === 'incident/resolved' || type === 'incident/cancelled')?.data['reason'];
	return typeof reason === 'string' ? reason : '';
};

/** What broke: what is found now (never a mere warning beside it, which explains nothing), and once nothing is any more, or the incident is over, what its record names first, of a service before anything else. */
const findingOf = ({findings, incident: current}: State, incident: Incident): MessageFacts['finding'] => {
	const now = incident.id === current?.id && incident.state === 'open' ? findings.find(({weight, code}) => weight === 'outage' || code === 'nothing-wrong-here') : undefined;
	const raised = incident.timeline.filter(({type, data}) => type === 'finding/raised' && data['weight'] !== 'warning').map(({data}) => data);
	const {code, service, params} = now ?? raised.find(data => typeof data['service'] === 'string') ?? raised[0] ?? {};
	return typeof code === 'string' ? {code, service: typeof service === 'string' ? service : null, params: paramsIn(params)} : null;
};

/** As the record has them; what is neither a number nor a text is left out. */
const paramsIn = (params: unknown): Readonly<Record<string, string | number>> =>
	Object.fromEntries(Object.entries(typeof params === 'object' && params !== null ? params : {}).filter((entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number'));

/** What the text of an item is made of. */
export const factsFor = (state: State, incident: Incident, item: Item): MessageFacts => {
	const {settings, situation, nowMs} = state;
	const finding = findingOf(state, incident);
	return {
		channel: channelOf(item), purpose: item.purpose, state: item.publicState, incident: incident.id, alert: incident.alert, severity: incident.severity, service: settings.alert.service,
		project: situation.project.facts?.name ?? settings.project ?? '', host: situation.host.identity.value?.hostName ?? situation.engine.facts?.hostName ?? state.actor.host,
		sinceMs: incident.outage.sinceMs, atLeast: incident.outage.atLeast, downMs: downMs(incident, nowMs), nowMs, nextUpdateMs: nowMs + settings.escalation.updateEveryMs,
		acknowledgedBy: incident.acknowledgedBy, finding,
		action: actionOf(incident, item), reason: reasonOf(incident), templates: settings.escalation.templates,
	};
};

/** The gate to the network: what is shown is what goes out, so it loses its secrets before it is shown. */
const redacted = (state: State, text: string): string => text.split(/\r\n|\n|\r/).map(line => state.secrets.redact(makeSafe(line))).join('\n');

/** The text of an item: what was approved already, else made of what is known now; what was too old then is made anew. */
export const textFor = (state: State, incident: Incident, item: Item): MessageText => {
	const {message} = item;
	const written = message !== null && message.lines.length > 0 && message.state !== 'expired' ? {subject: message.subject, body: message.lines.join('\n')} : state.compose(factsFor(state, incident, item));
	return {subject: redacted(state, written.subject).replaceAll('\n', ' '), body: redacted(state, written.body)};
};

// ─── the list ────────────────────────────────────────────────────────────────

const scrolls: Readonly<Record<string, number>> = {up: -1, k: -1, down: 1, j: 1, 'page-up': -10, 'page-down': 10, g: -1000, home: -1000, G: 1000, end: 1000};

/** A key in the list or in an item; null where it means nothing of the escalation's own. */
export const onEscalationKey = (step: Step, overlay: Overlay, press: Press): Step | null => {
	if (overlay.kind === 'escalation') {
		return onListKey(step, overlay.cursor, press.key);
	}

	return overlay.kind === 'message' ? onMessageKey(step, overlay, press) : null;
};

const onListKey = (step: Step, cursor: number, key: string): Step | null => {
	const items = listedItems(step.state);
	const by = scrolls[key];
	if (by !== undefined) {
		return withView(step, {overlay: {kind: 'escalation', cursor: Math.max(0, Math.min(items.length - 1, cursor + by))}});
	}

	const item = items[cursor];
	switch (key) {
		case 'enter':
		case 'right':
		case 'y': {
			return item === undefined ? step : openItem(step, item);
		}

		case 's': {
			return askSnooze(step);
		}

		case 'w': {
			return item === undefined ? step : askWaive(step, item);
		}

		default: {
			return null;
		}
	}
};

const openItem = (step: Step, item: Item): Step => {
	const incident = listedIncident(step.state);
	if (incident === null) {
		return step;
	}

	const {subject, body} = textFor(step.state, incident, item);
	const kept = canEdit(item) ? keptAt(step.state, placeFor('message', incident.id, item.id)) : '';
	return withView(step, {overlay: {kind: 'message', incident: incident.id, item: item.id, subject, text: kept === '' ? body : kept, editAt: null, paintedAtMs: null, scroll: 0}, prompt: null});
};

const askSnooze = (step: Step): Step => {
	const {state} = step;
	const escalation = escalationOf(state.incident, state.settings.escalation, state.nowMs);
	return escalation === null || escalation.handled ? flash(step, 'nothing-due', {}, 'warning') : askKept(step, 'snooze-reason', state.incident?.id ?? '');
};

const askWaive = (step: Step, item: Item): Step => isOpenItem(item) ? askKept(step, 'waive-reason', listedIncident(step.state)?.id ?? '', item.id) : flash(step, 'message-done', {}, 'warning');

/** Puts the prompt off, with a reason and an end. */
export const snooze = (step: Step, text: string): Step => {
	const {state} = step;
	const parsed = parseSnooze(text);
	if (state.incident === null || parsed === null) {
		return flash(step, state.incident === null ? 'no-incident' : 'snooze-needs-reason', {}, 'warning');
	}

	const untilMs = state.nowMs + parsed.forMs;
	return flash(record(step, {type: 'escalation/snoozed', data: {reason: parsed.reason, untilMs}}), 'snoozed', {minutes: Math.round(parsed.forMs / 60_000)});
};

const selectedItem = (state: State): {readonly incident: Incident; readonly item: Item} | null => {
	const {overlay} = state.view;
	const incident = overlay?.kind === 'message' ? tellingIncidents(state).find(({id}) => id === overlay.incident) ?? null : listedIncident(state);
	if (incident === null || overlay === null) {
		return null;
	}

	const items = itemsOf(incident, state.settings.escalation);
	const item = overlay.kind === 'message' ? items.find(({id}) => id === overlay.item) : (overlay.kind === 'escalation' ? items[overlay.cursor] : undefined);
	return item === undefined ? null : {incident, item};
};

/** Nobody does it, and this is why. */
export const waive = (step: Step, reason: string): Step => {
	const selected = selectedItem(step.state);
	return selected === null || reason === '' || !isOpenItem(selected.item)
		? step
		: backToList(flash(record(step, {type: 'message/waived', incident: selected.incident.id, data: {...naming(selected.item), reason}}), 'message-waived'));
};

const naming = (item: Item): {readonly message: string; readonly channel: string | null; readonly purpose: MessagePurpose; readonly label: string} =>
	({message: item.id, channel: item.kind === 'phone' || item.kind === 'other' ? null : item.kind, purpose: item.purpose, label: item.label});

const backToList = (step: Step): Step => {
	const {overlay} = step.state.view;
	if (overlay?.kind !== 'message') {
		return step;
	}

	return withView(step, {overlay: {kind: 'escalation', cursor: Math.max(0, listedItems(step.state).findIndex(({id}) => id === overlay.item))}, prompt: null});
};

// ─── one item ────────────────────────────────────────────────────────────────

const handKeys: Readonly<Record<string, HandOutcome>> = {a: 'answered', n: 'no-answer', l: 'message-left', d: 'done'};

/** Which keys record what a person did: for a call how it ended; for the rest, where the console cannot send it, that it is done. */
export const handOutcomes = (item: Item): Readonly<Record<string, HandOutcome>> => {
	if (item.kind === 'phone') {
		return item.contact?.isPlaceholder === true ? {} : {a: 'answered', n: 'no-answer', l: 'message-left'};
	}

	return item.message?.state === 'sent' || item.message?.state === 'claimed' ? {} : {d: 'done'};
};

const onMessageKey = (step: Step, overlay: MessageOverlay, press: Press): Step | null => {
	const {key} = press;
	const selected = selectedItem(step.state);
	if (key === 'escape' || key === 'q' || key === 'left' || selected === null) {
		return backToList(step);
	}

	const {item} = selected;
	const by = scrolls[key];
	if (by !== undefined) {
		return withView(step, {overlay: {...overlay, scroll: Math.max(0, Math.min(overlay.text.split('\n').length + 12, overlay.scroll + by))}});
	}

	const outcome = Object.hasOwn(handOutcomes(item), key) ? handKeys[key] : undefined;
	if (outcome !== undefined) {
		return step.state.readOnly ? flash(step, 'read-only', {}, 'warning') : backToList(flash(record(step, {type: 'message/byHand', incident: selected.incident.id, data: {...naming(item), outcome, note: ''}}), 'message-by-hand'));
	}

	switch (key) {
		case 'y': {
			return sendItem(step, overlay, selected, press);
		}

		case 't': {
			return canEdit(item) ? withView(step, {overlay: {...overlay, editAt: overlay.text.length}}) : flash(step, 'message-done', {}, 'warning');
		}

		case 'u': {
			return openItem(letGo(step, overlay), item);
		}

		case 'w': {
			return askWaive(step, item);
		}

		case 'c': {
			const text = item.message?.link ?? (item.kind === 'github' ? issueLink(step.state, overlay.subject, overlay.text) : null) ?? overlay.text;
			return flash(withEffect(step, {type: 'terminal/copy', text: text as SafeText}), 'copied', {characters: text.length});
		}

		default: {
			return null;
		}
	}
};

/** A text that is still to go out; a call has one too, to be read aloud, which nobody needs to change. */
export const canEdit = (item: Item): boolean => item.isConfigured && canApprove(item.message ?? undefined);

const linkLongest = 6000;

/** Where an issue can be opened with its text filled in, for who has no token; null with one, or without a repository. */
export const issueLink = (state: State, subject: string, body: string): string | null => {
	const github = state.settings.escalation.channels.find(channel => channel.kind === 'github');
	if (github === undefined || github.token !== null) {
		return null;
	}

	const base = `${github.web.replace(/\/+$/, '')}/${github.repository}/issues/new?title=${encodeURIComponent(subject)}${github.labels.length === 0 ? '' : `&labels=${encodeURIComponent(github.labels.join(','))}`}&body=`;
	let kept = body.toWellFormed();
	while (base.length + encodeURIComponent(kept).length > linkLongest && kept !== '') {
		kept = kept.slice(0, Math.floor(kept.length * 0.9)).toWellFormed();
	}

	return base + encodeURIComponent(kept);
};

const sendItem = (step: Step, overlay: MessageOverlay, {incident, item}: {readonly incident: Incident; readonly item: Item}, press: Press): Step => {
	const {state} = step;
	if (state.readOnly) {
		return flash(step, 'read-only', {}, 'warning');
	}

	if (item.contact?.isPlaceholder === true && item.kind === 'phone') {
		return flash(step, 'placeholder-number', {}, 'warning');
	}

	if (item.kind === 'phone' || item.kind === 'other' || !item.isConfigured) {
		return flash(step, 'message-not-configured', {}, 'warning');
	}

	if (issueLink(state, '', '') !== null && item.kind === 'github') {
		return flash(step, 'message-link', {}, 'warning');
	}

	if (!canApprove(item.message ?? undefined)) {
		return flash(step, 'message-done', {}, 'warning');
	}

	if (overlay.text.trim() === '') {
		return flash(step, 'message-nothing', {}, 'warning');
	}

	if (!press.alone || overlay.paintedAtMs === null || press.atMs - overlay.paintedAtMs < confirmAfterMs) {
		return flash(step, 'not-yet', {}, 'warning');
	}

	return flash(backToList(approve(letGo(step, overlay), incident, item, {subject: overlay.subject, body: overlay.text})), 'message-sending', {channel: item.kind});
};

const dayMs = 86_400_000;

const expiryOf = (state: State, purpose: MessagePurpose): number => {
	const {expireMs, updateEveryMs} = state.settings.escalation;
	return state.nowMs + (purpose === 'resolve' || purpose === 'cancel' || purpose === 'issue' ? dayMs : (purpose === 'update' ? Math.min(expireMs, updateEveryMs) : expireMs));
};

/** Into the outbox, and at once the first attempt: from here on it goes out once, whatever becomes of this console. */
export const approve = (step: Step, incident: Incident, item: Item, text: MessageText): Step => {
	const {state} = step;
	const drafted = record(step, {
		type: 'message/drafted', incident: incident.id,
		data: {...naming(item), state: item.publicState, subject: text.subject, lines: text.body.split('\n'), expiresAtMs: expiryOf(state, item.purpose), console: state.consoleId, again: item.kind !== 'phone' && item.kind !== 'other' && isRepeatable(item.kind, item.purpose)},
	});
	const message = tellingIncidents(drafted.state).find(({id}) => id === incident.id)?.outbox[item.id];
	return message === undefined ? drafted : claimMessage(drafted, incident.id, message);
};

// ─── editing and painting ────────────────────────────────────────────────────

/** While the text is edited every key is the text's; Esc ends it, and what was typed loses its secrets before it is shown as what goes out. */
export const onEditKey = (step: Step, overlay: MessageOverlay, key: string): Step => {
	if (key === 'escape') {
		return withView(step, {overlay: {...overlay, text: redacted(step.state, overlay.text), editAt: null, paintedAtMs: null}});
	}

	const edited = editKey({text: overlay.text, at: overlay.editAt ?? overlay.text.length}, key);
	return edited === null ? step : withEdited(step, overlay, edited);
};

export const onEditPaste = (step: Step, overlay: MessageOverlay, text: string): Step => {
	const edited = insertText({text: overlay.text, at: overlay.editAt ?? overlay.text.length}, text);
	return withView(withEdited(step, overlay, edited), {keyRevision: step.state.view.keyRevision + 1});
};

/** A text that was changed is kept until it is sent, or the one that the console made is wanted back: nothing typed is lost by leaving the item, or with the line. */
const withEdited = (step: Step, overlay: MessageOverlay, {text, at}: Edited): Step => {
	const next = withView(step, {overlay: {...overlay, text, editAt: at, paintedAtMs: null}});
	return text === overlay.text ? next : keepText(next, placeFor('message', overlay.incident, overlay.item), text);
};

const letGo = (step: Step, {incident, item}: MessageOverlay): Step => keepText(step, placeFor('message', incident, item), '');

/** Whether the text is a person's own by now. */
export const isEdited = (state: State, {incident, item}: MessageOverlay): boolean => keptAt(state, placeFor('message', incident, item)) !== '';

/** What a painted text is called, so that `y` counts for that text alone. */
export const paintNameOf = (overlay: Overlay | null): string | null =>
	overlay?.kind === 'card' ? overlay.action : (overlay?.kind === 'message' && overlay.editAt === null ? `message ${overlay.incident} ${overlay.item}` : null);

export const onMessagePainted = (step: Step, event: Extract<Event, {type: 'card/painted'}>): Step => {
	const {overlay} = step.state.view;
	return overlay?.kind === 'message' && overlay.paintedAtMs === null && paintNameOf(overlay) === event.action ? withView(step, {overlay: {...overlay, paintedAtMs: event.atMs}}) : step;
};
