/** One item of the escalation: the exact text with where it goes and how it stands, edited in place; or whom to call and what to say. */

import {itemsOf, type Item} from '../../core/escalation-items.ts';
import type {Rectangle} from '../../core/layout.ts';
import type {ChannelSettings} from '../../core/messengers.ts';
import type {State} from '../../core/state.ts';
import {codePointWidth, makeSafe} from '../../core/text.ts';
import {canEdit, isEdited, issueLink} from '../../core/update-escalation.ts';
import {tellingIncidents} from '../../core/update-outbox.ts';
import type {Overlay} from '../../core/view.ts';
import {destinations, escalationWords, kindName} from '../../messages/escalation.ts';
import {span, space, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import {drawBox, heading, labelled, paragraph, rowWidth, type Drawn} from './box.ts';
import {standingOf, whatOf} from './escalation.ts';

type MessageOverlay = Extract<Overlay, {kind: 'message'}>;

const most = 100;

/** The item that the overlay is of; null when it is there no more. */
export const itemOfOverlay = (state: State, overlay: MessageOverlay): Item | null => {
	const incident = tellingIncidents(state).find(({id}) => id === overlay.incident);
	return incident === undefined ? null : itemsOf(incident, state.settings.escalation).find(({id}) => id === overlay.item) ?? null;
};

/** Draws the item over the body. */
export const drawMessage = (state: State, overlay: MessageOverlay, body: Rectangle, pen: Pen): Drawn => {
	const say = escalationWords[pen.language];
	const width = rowWidth(body, most);
	const item = itemOfOverlay(state, overlay);
	const isEditing = overlay.editAt !== null;
	const text = isEditing ? editedRows(overlay.text, overlay.editAt, width - 2) : overlay.text.split('\n').flatMap(line => paragraph(line, width, 'plain', 2));
	const above = item === null ? [] : aboveText(state, overlay, item, width, pen);
	const head = isEditing ? [] : above;
	return drawBox({
		title: [span(item === null ? pen.sayIncident.escalation : kindName(pen.language, item.kind), 'strong')],
		facts: item === null ? [] : [factsOf(item, state, pen)],
		scroll: isEditing ? scrollTo(text, body) : overlay.scroll,
		rows: [
			...head,
			heading(item?.kind === 'phone' ? say.callText : say.text),
			...text,
			...(isEditing || item === null ? [] : belowText(state, overlay, item, width, pen)),
		],
		foot: isEditing ? [[span(say.editing, 'accent')]] : (item !== null && canEdit(item) && state.drill ? [[span(say.drillOnly, 'warn')]] : []),
	}, body, pen, most);
};

const factsOf = (item: Item, state: State, pen: Pen) => {
	const {words, tone} = standingOf(item, state.nowMs, pen);
	return span(words, tone);
};

const hostOf = (url: string): string => /^https?:\/\/([^/]+)/.exec(url)?.[1] ?? url;

const placeOf = (channel: ChannelSettings): string => {
	switch (channel.kind) {
		case 'slack': {
			return channel.channel;
		}

		case 'github': {
			return channel.repository;
		}

		case 'command': {
			return channel.command.join(' ');
		}

		case 'statuspage': {
			return channel.page;
		}

		case 'pagerduty':
		case 'cachet':
		case 'hook': {
			return hostOf(channel.url);
		}
	}
};

const aboveText = (state: State, overlay: MessageOverlay, item: Item, width: number, pen: Pen): readonly Line[] => {
	const say = escalationWords[pen.language];
	const channel = state.settings.escalation.channels.find(({kind}) => kind === item.kind);
	const isByHand = item.kind === 'phone' || item.kind === 'other';
	return [
		whatOf(item, pen),
		...(item.contact?.isPlaceholder === true ? paragraph(`▲ ${say.placeholder}`, width, 'warn') : []),
		...(channel === undefined ? (isByHand ? [] : paragraph(`▲ ${say.notConfiguredHint}`, width, 'warn')) : paragraph(say.goesTo(destinations[pen.language][channel.kind](makeSafe(placeOf(channel)))), width, 'dim')),
		[],
		...(overlay.subject === '' ? [] : [...labelled(say.subject, overlay.subject, width, 'strong'), []]),
	];
};

const belowText = (state: State, overlay: MessageOverlay, item: Item, width: number, pen: Pen): readonly Line[] => {
	const say = escalationWords[pen.language];
	const link = item.kind === 'github' ? issueLink(state, overlay.subject, overlay.text) : null;
	const {message} = item;
	return [
		[],
		...(canEdit(item) && isEdited(state, overlay) ? paragraph(say.yours, width, 'accent') : []),
		...(link === null ? (canEdit(item) ? paragraph(say.exactly, width, 'dim') : []) : [...paragraph(say.openIssue, width, 'dim'), ...paragraph(link, width, 'accent')]),
		...(message?.state === 'unknown' ? paragraph(`▲ ${say.mayHaveGone}`, width, 'warn') : []),
		...(message === null || message.words === '' ? [] : labelled(say.serviceSays, makeSafe(message.words), width, message.state === 'failed' ? 'bad' : 'plain')),
		...(message?.link === null || message?.link === undefined ? [] : labelled(say.link, makeSafe(message.link), width, 'accent')),
		...(message?.state === 'sent' ? paragraph(say.acceptedNote, width, 'dim') : []),
	];
};

/** The text with the cursor in it, each line broken where it has to be. */
const editedRows = (text: string, at: number, width: number): readonly Line[] => {
	let start = 0;
	return text.split('\n').flatMap(line => {
		const from = start;
		start += line.length + 1;
		const cursor = at >= from && at <= from + line.length ? at - from : null;
		return brokenRows(line, cursor, width);
	});
};

/** Broken at the width alone: where words move while they are typed the eye loses its place. */
const brokenRows = (line: string, cursor: number | null, width: number): readonly Line[] => {
	const rows: Line[] = [];
	let row: Line = [space(2)];
	let used = 0;
	let index = 0;
	for (const character of line) {
		const columns = codePointWidth(character.codePointAt(0)!);
		if (used + columns > width) {
			rows.push(row);
			row = [space(2)];
			used = 0;
		}

		row = [...row, span(character, index === cursor ? 'cursor' : 'plain')];
		used += columns;
		index += character.length;
	}

	return [...rows, cursor === line.length ? [...row, span(' ', 'cursor')] : row];
};

/** So far that the row with the cursor is in sight. */
const scrollTo = (rows: readonly Line[], body: Rectangle): number => {
	const at = rows.findIndex(row => row.some(({tone}) => tone === 'cursor'));
	return Math.max(0, at + 2 - Math.max(1, body.height - 6));
};
