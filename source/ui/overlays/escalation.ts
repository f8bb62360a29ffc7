/** The escalation as a list to be worked through: when it is due, what is to be done with how it stands, what could be told now. The text of an item is its own view. */

import {isPlaceholderNumber} from '../../core/contacts.ts';
import {isOpenItem, type Item} from '../../core/escalation-items.ts';
import type {Escalation} from '../../core/escalation.ts';
import type {Rectangle} from '../../core/layout.ts';
import {escalationNow} from '../../core/screen.ts';
import type {State} from '../../core/state.ts';
import {makeSafe} from '../../core/text.ts';
import {listedIncident, listedItems} from '../../core/update-escalation.ts';
import {windowStart} from '../../core/view.ts';
import {escalationWords, kindName, outcomeName, purposeName, refusalName, timerCause} from '../../messages/escalation.ts';
import {edges, space, span, type Line, type Span} from '../lines.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {drawBox, heading, paragraph, rowWidth, type Drawn} from './box.ts';

type Row = {readonly line: Line; readonly mark: Span};

const most = 100;

/** Draws the list over the body; the selected item's details stand at its foot. */
export const drawEscalation = (state: State, cursor: number, body: Rectangle, pen: Pen): Drawn => {
	const width = rowWidth(body, most);
	const items = listedItems(state);
	const incident = listedIncident(state);
	const rows: Row[] = items.flatMap((item, index) => [...headingBefore(item, items[index - 1], pen), itemRow(item, index === cursor, state, width, pen)]);
	rows.push(...contactRows(items, state, pen));
	const at = rows.findIndex(({mark}) => mark.text === '›');
	const foot = footOf(items[cursor], state, width, pen);
	const room = Math.max(1, body.height - 5 - foot.length);
	const start = windowStart(Math.max(0, at), rows.length, room);
	return drawBox({
		title: [span(pen.sayIncident.escalation, 'strong'), ...(incident === null ? [] : [span(` · ${incident.id}`, 'dim')])],
		head: [headOf(escalationNow(state), state, pen)],
		scroll: 0,
		rows: items.length === 0 ? idleRows(state, width, pen) : rows.slice(start, start + room),
		foot: items.length === 0 ? [] : foot,
	}, body, pen, most);
};

/** With no incident: the rule, and whom it would reach. */
const idleRows = (state: State, width: number, pen: Pen): readonly Line[] => {
	const {contacts, steps, afterMs} = state.settings.escalation;
	return [
		...paragraph(escalationWords[pen.language].rule(pen.format.span(afterMs)), width, 'dim'),
		[],
		heading(pen.sayIncident.steps),
		...steps.map((step, index): Line => [span(`  ${index + 1}. `, 'dim'), span(makeSafe(step))]),
		[],
		heading(pen.sayIncident.contacts),
		...contacts.map((contact): Line => [space(2), span(makeSafe(contact.role), 'dim'), space(2), span(makeSafe(contact.name)), space(2), span(makeSafe(contact.reach))]),
	];
};

const headOf = (escalation: Escalation | null, state: State, pen: Pen): Line => {
	const say = escalationWords[pen.language];
	const {format} = pen;
	if (escalation === null) {
		return [span(listedIncident(state) === null ? say.notDue : purposeName(pen.language, state.lastEnded?.state === 'cancelled' ? 'cancel' : (state.incident === null ? 'resolve' : 'mitigate')), 'dim')];
	}

	if (escalation.snoozedUntilMs !== null) {
		return [span(say.snoozed(format.stopwatch(escalation.snoozedUntilMs - state.nowMs + 999), format.time(escalation.snoozedUntilMs)), 'warn')];
	}

	if (escalation.handled) {
		return [span(say.handled, 'good')];
	}

	return escalation.due
		? [span('▲ ', 'bad'), span(say.dueNow(format.stopwatch(-escalation.remainingMs), format.moment(escalation.dueAtMs, state.nowMs)), 'badStrong'), ...(escalation.level > 1 ? [span(` · ${say.level(String(escalation.level))}`, 'dim')] : [])]
		: [span(say.dueIn(format.stopwatch(escalation.remainingMs + 999), format.time(escalation.dueAtMs)), 'strong'), span(`  ${say.early}`, 'dim')];
};

const headingBefore = (item: Item, before: Item | undefined, pen: Pen): readonly Row[] => {
	const say = escalationWords[pen.language];
	if (item.level === null) {
		return before === undefined || before.level !== null ? [plain([]), plain(heading(say.followUps))] : [];
	}

	return item.level > 1 && before?.level !== item.level ? [plain([]), plain(heading(say.levelHeading(String(item.level), pen.format.time(item.dueAtMs))))] : [];
};

/** Whom else one can call: contacts that are no item of the list. */
const contactRows = (items: readonly Item[], state: State, pen: Pen): readonly Row[] => {
	const others = state.settings.escalation.contacts.filter(({reach}) => !items.some(({contact}) => contact?.reach === reach));
	return others.length === 0 || items.length === 0 ? [] : [plain([]), plain(heading(pen.sayIncident.contacts)), ...others.map(({role, name, reach}) =>
		plain([span(`  ${makeSafe([role, name].filter(text => text !== '').join(' · '))}  `, 'dim'), span(makeSafe(reach)), ...(isPlaceholderNumber(reach) ? [span(`  ▲ ${escalationWords[pen.language].noNumber}`, 'warn')] : [])]))];
};

const plain = (line: Line): Row => ({line, mark: space(1)});

const marks: Readonly<Record<'todo' | 'going' | 'good' | 'bad' | 'past', readonly [string, Tone]>> = {
	todo: ['○', 'warn'], going: ['◐', 'accent'], good: ['●', 'good'], bad: ['✖', 'bad'], past: ['·', 'dim'],
};

/** The mark and the words of how an item stands. */
export const standingOf = (item: Item, nowMs: number, pen: Pen): {readonly mark: readonly [string, Tone]; readonly words: string; readonly tone: Tone} => {
	const say = escalationWords[pen.language];
	const {message} = item;
	if (message === null) {
		const words = item.level !== null ? say.pending : (nowMs >= item.dueAtMs ? (item.purpose === 'update' ? say.due(pen.format.span(nowMs - item.dueAtMs)) : say.proposed) : say.from(pen.format.time(item.dueAtMs)));
		const isLater = item.level === null && nowMs < item.dueAtMs;
		if (item.contact?.isPlaceholder === true && item.kind === 'phone') {
			return {mark: marks.todo, words: `▲ ${say.noNumber}`, tone: 'warn'};
		}

		return {mark: isLater ? marks.past : marks.todo, words, tone: isLater ? 'dim' : 'plain'};
	}

	const at = ` ${pen.format.time(message.atMs)}`;
	switch (message.state) {
		case 'approved': {
			return {mark: marks.going, words: say.queued, tone: 'plain'};
		}

		case 'claimed': {
			return {mark: marks.going, words: say.sending, tone: 'plain'};
		}

		case 'sent': {
			return {mark: marks.good, words: say.sent + at, tone: 'good'};
		}

		case 'failed': {
			const why = message.code === null ? '' : `: ${refusalName(pen.language, message.code)}`;
			return message.retryAtMs === null
				? {mark: marks.bad, words: `${say.failed}${why}`, tone: 'bad'}
				: {mark: marks.going, words: `${message.code === null ? say.failed : refusalName(pen.language, message.code)}, ${say.again(pen.format.span(Math.max(0, message.retryAtMs - nowMs) + 999))}`, tone: 'warn'};
		}

		case 'unknown': {
			return {mark: marks.bad, words: say.unknown, tone: 'warnStrong'};
		}

		case 'expired': {
			return {mark: marks.bad, words: say.expired, tone: 'warn'};
		}

		case 'by-hand': {
			return {mark: message.outcome === 'no-answer' ? marks.past : marks.good, words: outcomeName(pen.language, message.outcome ?? 'done') + at, tone: message.outcome === 'no-answer' ? 'warn' : 'good'};
		}

		case 'waived': {
			return {mark: marks.past, words: say.waived + at, tone: 'dim'};
		}
	}
};

/** `Tech Lead · João Silva · +55 …`, or the step's own words. */
export const whatOf = (item: Item, pen: Pen): Line => {
	const purpose = item.level === null ? [span(` · ${purposeName(pen.language, item.purpose)}`, 'dim')] : [];
	const {contact} = item;
	if (contact !== null && item.kind === 'phone') {
		const named = [contact.role, contact.name].filter(text => text !== '').map(text => makeSafe(text)).join(' · ');
		// A number that no contact has: the step says whose it is.
		const who = named === '' ? makeSafe(item.label.replace(contact.reach, '').replace(/[\s:,;–-]+$/, '')) : named;
		return [span(kindName(pen.language, item.kind), 'strong'), span(`  ${who}${who === '' ? '' : '  '}`), span(makeSafe(contact.reach), contact.isPlaceholder ? 'dim' : 'strong')];
	}

	const label = item.label === '' || item.label.toLowerCase() === kindName(pen.language, item.kind).toLowerCase() ? '' : `  ${makeSafe(item.label)}`;
	return [span(kindName(pen.language, item.kind), 'strong'), span(label, 'dim'), ...purpose];
};

const itemRow = (item: Item, isChosen: boolean, state: State, width: number, pen: Pen): Row => {
	const {mark, words, tone} = standingOf(item, state.nowMs, pen);
	const [glyph, glyphTone] = mark;
	return {line: edges([span(`${glyph} `, glyphTone), ...whatOf(item, pen)], [span(words, tone)], width), mark: isChosen ? span('›', 'accentStrong') : space(1)};
};

/** Two rows about the selected item: what the service said, or what stands in the way. */
const footOf = (item: Item | undefined, state: State, width: number, pen: Pen): readonly Line[] => {
	const rows = (item === undefined ? [] : detailOf(item, pen)).filter(({text}) => text !== '').flatMap(({text, tone}) => paragraph(makeSafe(text), width, tone));
	return [[], rows[0] ?? [], rows[1] ?? [], ...timerRows(state, width, pen)];
};

const timerRows = (state: State, width: number, pen: Pen): readonly Line[] => {
	const say = escalationWords[pen.language];
	const {timer = null, acknowledgedAtMs = null} = state.incident ?? {};
	if (timer === null || acknowledgedAtMs !== null) {
		return [];
	}

	if (timer.name !== '') {
		return [[span(say.armed(pen.format.time(timer.atMs)), 'dim')]];
	}

	const again = timer.atMs > state.nowMs ? ` ${say.armedAgain}` : '';
	return paragraph(makeSafe(`${say.notArmed(timerCause(pen.language, timer.code, timer.detail))}${again}`), width, 'warn');
};

const detailOf = (item: Item, pen: Pen): readonly {readonly text: string; readonly tone: Tone}[] => {
	const say = escalationWords[pen.language];
	const {message} = item;
	const by = message === null || message.by === '' ? '' : say.by(message.by);
	if (message?.state === 'unknown') {
		return [{text: say.mayHaveGone, tone: 'warn'}, {text: message.words, tone: 'dim'}];
	}

	if (message?.state === 'sent') {
		return [{text: [by, message.link ?? message.words].filter(text => text !== '').join(' · '), tone: 'dim'}, {text: say.acceptedNote, tone: 'dim'}];
	}

	if (message !== null && (message.words !== '' || by !== '')) {
		const tries = message.state === 'failed' || message.state === 'claimed' ? [say.attempt(String(message.tries))] : [];
		return [{text: [message.words, by, ...tries].filter(text => text !== '').join(' · '), tone: message.state === 'failed' ? 'bad' : 'dim'}];
	}

	if (item.contact?.isPlaceholder === true) {
		return [{text: `▲ ${say.placeholder}`, tone: 'warn'}];
	}

	const isByHand = item.kind === 'phone' || item.kind === 'other';
	return !isByHand && !item.isConfigured && isOpenItem(item) ? [{text: say.notConfigured, tone: 'warn'}, ...(item.contact === null ? [] : [{text: `${item.contact.role} ${item.contact.reach}`, tone: 'dim' as const}])] : [];
};
